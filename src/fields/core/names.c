/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cache of host names. It is as small as the names in the rules are few, lives as long as the
 * engine, and never forgets a name: a rule that mentions one will ask again.
 */
#include "fields/core/names.h"

#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include "base/hash.h"
#include "schema/limits.h"

/* One name of a rule and what the resolver said about it last. */
struct name {
	struct name *next; /* all names, newest first */
	uint64_t asked_ns;
	/* How many of ip[]; 0 also when the look-up failed, which is remembered as well. */
	unsigned n;
	struct lnr_ip ip[LNR_NAME_ADDRESSES_MAX];
	size_t len;
	/* NUL-terminated for the resolver; `len` does without it. */
	char text[];
};

/* Two ways in: by text for comparisons, all of them for the name of an address. */
struct lnr_names {
	lnr_names_lookup_fn *lookup;
	void *user;
	const struct lnr_clock *clock;
	struct lnr_strmap by_text;
	struct name *all;
};

struct lnr_names *lnr_names_new(
	lnr_names_lookup_fn *lookup, void *user, const struct lnr_clock *clock)
{
	struct lnr_names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	names->lookup = lookup;
	names->user = user;
	names->clock = clock;
	lnr_strmap_init(&names->by_text);
	return names;
}

struct lnr_names *lnr_names_free(struct lnr_names *names)
{
	if (!names)
		return NULL;
	for (struct name *n = names->all, *next; n; n = next) {
		next = n->next;
		free(n);
	}
	lnr_strmap_done(&names->by_text);
	free(names);
	return NULL;
}

/* IPv4 addresses fill four bytes and the rest is zero, so that all can be compared. */
static bool same_ip(const struct lnr_ip *a, const struct lnr_ip *b)
{
	return a->family == b->family && memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

/*
 * Blocks for as long as the resolver takes. A failure leaves no address: the name does not match.
 */
static void ask(struct lnr_names *names, struct name *n)
{
	int got = names->lookup(names->user, n->text, n->ip, LNR_NAME_ADDRESSES_MAX);

	n->n = got > 0 ? (unsigned)got : 0;
	n->asked_ns = lnr_mono_ns(names->clock);
}

/* The table only grows: its names come from rules, and beyond the limit a name never matches. */
static struct name *add(struct lnr_names *names, struct lnr_str text)
{
	if (names->by_text.len >= LNR_NAMES_MAX || memchr(text.ptr, 0, text.len))
		return NULL;
	struct name *n = calloc(1, sizeof(*n) + text.len + 1);
	if (!n)
		return NULL;
	memcpy(n->text, text.ptr, text.len);
	n->len = text.len;
	if (lnr_strmap_set(&names->by_text, (struct lnr_str){n->text, n->len}, n, NULL) < 0) {
		free(n);
		return NULL;
	}
	n->next = names->all;
	names->all = n;
	ask(names, n);
	return n;
}

static bool has_ip(const struct name *n, const struct lnr_ip *ip)
{
	for (unsigned i = 0; i < n->n; i++)
		if (same_ip(&n->ip[i], ip))
			return true;
	return false;
}

bool lnr_names_match(struct lnr_names *names, struct lnr_str name, const struct lnr_ip *ip)
{
	if (!names || name.len == 0)
		return false;
	struct name *n = lnr_strmap_get(&names->by_text, name);

	/* The first comparison pays for the look-up, so that rules load without a network. */
	if (!n)
		n = add(names, name);
	else if (lnr_mono_ns(names->clock) - n->asked_ns >= LNR_NAMES_KEEP_NS)
		ask(names, n);
	return n && has_ip(n, ip);
}

/* Linear over the names of the rules, a handful; called for outputs only, never by a condition. */
struct lnr_str lnr_names_of(const struct lnr_names *names, const struct lnr_ip *ip)
{
	if (names)
		for (const struct name *n = names->all; n; n = n->next)
			if (has_ip(n, ip))
				return (struct lnr_str){n->text, n->len};
	return (struct lnr_str){"", 0};
}

/* One socket type, or every address would come once per type. */
int lnr_names_getaddrinfo(void *user, const char *name, struct lnr_ip *ret, unsigned max)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
	unsigned n = 0;

	(void)user;
	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return -ENOENT;
	for (const struct addrinfo *a = list; a && n < max; a = a->ai_next) {
		struct lnr_ip *ip = &ret[n];
		memset(ip, 0, sizeof(*ip));
		if (a->ai_family == AF_INET) {
			const struct sockaddr_in *in = (const void *)a->ai_addr;
			ip->family = LNR_AF_INET;
			memcpy(ip->addr, &in->sin_addr, 4);
		} else if (a->ai_family == AF_INET6) {
			const struct sockaddr_in6 *in = (const void *)a->ai_addr;
			ip->family = LNR_AF_INET6;
			memcpy(ip->addr, &in->sin6_addr, 16);
		} else {
			continue;
		}
		n++;
	}
	freeaddrinfo(list);
	return (int)n;
}
