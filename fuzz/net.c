/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of networks, and files with certificates. The first byte chooses: 'n' a list, anything else
 * a file. An address that is allowed is so in the list's own words too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/str.h"
#include "net/listen.h"
#include "net/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EXPECT(cond)                                              \
	do {                                                      \
		if (!(cond)) {                                    \
			fprintf(stderr, "not true: %s\n", #cond); \
			abort();                                  \
		}                                                 \
	} while (0)

/* The first word, when it is a plain address, must be allowed by its own list. */
static void check_list(const char *text)
{
	struct lnr_net_allow *a;
	struct sockaddr_storage addr;
	struct lnr_net_ip ip;
	char word[64], shown[64], again[64];
	if (lnr_net_allow_parse(text, &a, NULL))
		return;
	if (sscanf(text, "%63[^, \t\r\n]", word) == 1 && !lnr_net_address(word, 1, &addr)) {
		lnr_net_ip_of((struct sockaddr *)&addr, &ip);
		EXPECT(lnr_net_allowed(a, &ip));
		/* An address reads back as it is shown. */
		lnr_net_ip_text(&ip, shown, sizeof(shown));
		EXPECT(!lnr_net_address(shown, 1, &addr));
		lnr_net_ip_of((struct sockaddr *)&addr, &ip);
		EXPECT(strcmp(lnr_net_ip_text(&ip, again, sizeof(again)), shown) == 0);
	}
	lnr_net_allow_free(a);
}

static void check_file(const uint8_t *data, size_t size)
{
	char path[32];
	struct lnr_net_tls *t;
	int fd = memfd_create("pem", MFD_CLOEXEC);
	EXPECT(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/* The same file as what clients must be signed by. */
	if (!lnr_net_tls_new(path, path, NULL, lnr_clock_system(), &t, NULL)) {
		struct lnr_net_identity *id = lnr_net_tls_identity(t);
		gnutls_pcert_st *chain;
		gnutls_privkey_t key;
		unsigned n;
		lnr_net_identity_present(id, &chain, &n, &key);
		EXPECT(n > 0 && key);
		lnr_net_identity_unref(id);
		lnr_net_tls_free(t);
	}
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] != 'n') {
		check_file(data, size);
		return 0;
	}
	char *text = lnr_str_dup((struct lnr_str){(const char *)data + 1, size - 1});
	EXPECT(text);
	check_list(text);
	free(text);
	return 0;
}
