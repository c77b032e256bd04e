/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls.h"

#include <fcntl.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/util.h"
#include "net/file_mark.h"
#include "schema/limits.h"

struct lnr_net_identity {
	unsigned refs;
	unsigned n;
	gnutls_pcert_st chain[LNR_TLS_CHAIN_MAX];
	gnutls_privkey_t key;
	gnutls_x509_trust_list_t clients; /* NULL = none needed */
};

struct lnr_net_tls {
	char *pem, *client_ca;
	struct lnr_log *log;
	const struct lnr_clock *clock;
	struct lnr_net_identity *now;
	struct lnr_file_mark pem_mark, ca_mark; /* of what `now` was made from */
	uint64_t look_ns;			/* not before */
	bool complained;			/* about files that cannot be used */
};

/* --- PEM --- */

/* The next block "-----BEGIN LABEL-----" … "-----END LABEL-----" in *s, which is moved behind it.
 */
static bool next_block(struct lnr_str *s, struct lnr_str *ret_label, struct lnr_str *ret)
{
	static const struct lnr_str begin = LNR_STR("-----BEGIN "), end = LNR_STR("-----END "),
				    dashes = LNR_STR("-----");
	ptrdiff_t from = lnr_str_find(*s, begin);
	if (from < 0)
		return false;
	struct lnr_str rest = lnr_str_sub(*s, (size_t)from, s->len);
	struct lnr_str label = lnr_str_sub(rest, begin.len, rest.len);
	ptrdiff_t label_len = lnr_str_find(label, dashes);
	ptrdiff_t to = lnr_str_find(rest, end);
	if (label_len < 0 || to < 0)
		return false;
	struct lnr_str tail = lnr_str_sub(rest, (size_t)to + end.len, rest.len);
	ptrdiff_t close = lnr_str_find(tail, dashes);
	if (close < 0)
		return false;
	size_t len = (size_t)to + end.len + (size_t)close + dashes.len;
	*ret_label = lnr_str_sub(label, 0, (size_t)label_len);
	*ret = lnr_str_sub(rest, 0, len);
	*s = lnr_str_sub(rest, len, rest.len);
	return true;
}

/* GnuTLS wants the key's block alone: other blocks (EC parameters) may stand before it. */
static bool find_key(const char *pem, struct lnr_str *ret)
{
	struct lnr_str s = lnr_str_c(pem), label, block;
	while (next_block(&s, &label, &block)) {
		if (lnr_str_ends(label, LNR_STR("PRIVATE KEY"))) {
			*ret = block;
			return true;
		}
	}
	return false;
}

static bool has_certificate(const char *pem)
{
	struct lnr_str s = lnr_str_c(pem), label, block;
	while (next_block(&s, &label, &block)) {
		if (lnr_str_ends(label, LNR_STR("CERTIFICATE")))
			return true;
	}
	return false;
}

int lnr_net_read_pem(const char *path, char **ret, struct lnr_err *err)
{
	LNR_AUTO_FREE char *pem = NULL;
	struct lnr_str key;
	int r = lnr_read_file(path, LNR_PEM_BYTES, &pem, NULL, err);
	if (r)
		return r;
	if (!find_key(pem, &key))
		return lnr_fail(err, -EINVAL, "%s holds no private key", path);
	if (!has_certificate(pem))
		return lnr_fail(err, -EINVAL, "%s holds no certificate", path);
	*ret = lnr_take(pem);
	return 0;
}

static gnutls_datum_t datum(struct lnr_str s)
{
	return (gnutls_datum_t){(unsigned char *)(uintptr_t)s.ptr, (unsigned)s.len};
}

/* --- one identity --- */

struct lnr_net_identity *lnr_net_identity_unref(struct lnr_net_identity *id)
{
	if (!id || --id->refs)
		return NULL;
	for (unsigned i = 0; i < id->n; i++)
		gnutls_pcert_deinit(&id->chain[i]);
	if (id->key)
		gnutls_privkey_deinit(id->key);
	if (id->clients)
		gnutls_x509_trust_list_deinit(id->clients, 1);
	free(id);
	return NULL;
}

/* SHA-256 of the public part of the key. */
static int key_id(gnutls_privkey_t key, unsigned char ret[32])
{
	gnutls_pubkey_t public;
	size_t len = 32;
	int r = gnutls_pubkey_init(&public);
	if (r < 0)
		return r;
	r = gnutls_pubkey_import_privkey(public, key, 0, 0);
	if (r >= 0)
		r = gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA256, ret, &len);
	gnutls_pubkey_deinit(public);
	return r;
}

/* The one that belongs to the key comes first, whatever the order of the file. */
static bool put_own_first(gnutls_x509_crt_t *list, unsigned n, const unsigned char want[32])
{
	for (unsigned i = 0; i < n; i++) {
		unsigned char id[32];
		size_t len = sizeof(id);
		if (gnutls_x509_crt_get_key_id(list[i], GNUTLS_KEYID_USE_SHA256, id, &len) < 0 ||
			memcmp(id, want, sizeof(id)) != 0)
			continue;
		gnutls_x509_crt_t own = list[i];
		list[i] = list[0];
		list[0] = own;
		return true;
	}
	return false;
}

static int load_chain(
	struct lnr_net_identity *id, const char *path, gnutls_datum_t *pem, struct lnr_err *err)
{
	gnutls_x509_crt_t *list;
	unsigned n, kept;
	unsigned char own[32];
	int r = gnutls_x509_crt_list_import2(&list, &n, pem, GNUTLS_X509_FMT_PEM, 0);
	if (r < 0)
		return lnr_fail(err, -EINVAL, "%s: certificate: %s", path, gnutls_strerror(r));
	kept = n;
	r = key_id(id->key, own);
	if (r < 0) {
		r = lnr_fail(err, -EINVAL, "%s: private key: %s", path, gnutls_strerror(r));
	} else if (n > LNR_TLS_CHAIN_MAX) {
		r = lnr_fail(err, -EINVAL, "%s holds %u certificates, where %d may be", path, n,
			LNR_TLS_CHAIN_MAX);
	} else if (!put_own_first(list, n, own)) {
		/* Each handshake would fail instead. */
		r = lnr_fail(err, -EINVAL, "%s: the key does not belong to the certificate", path);
	} else {
		r = gnutls_pcert_import_x509_list(
			id->chain, list, &kept, GNUTLS_X509_CRT_LIST_SORT);
		id->n = r < 0 ? 0 : kept;
		if (r < 0)
			r = lnr_fail(err, -EINVAL, "%s: certificate: %s", path, gnutls_strerror(r));
	}
	for (unsigned i = 0; i < n; i++)
		gnutls_x509_crt_deinit(list[i]);
	gnutls_free(list);
	return r;
}

static int load_own(struct lnr_net_identity *id, const char *path, struct lnr_err *err)
{
	LNR_AUTO_FREE char *pem = NULL;
	struct lnr_str key;
	int r = lnr_net_read_pem(path, &pem, err);
	if (r)
		return r;
	(void)find_key(pem, &key); /* lnr_net_read_pem() saw it */
	gnutls_datum_t all = datum(lnr_str_c(pem)), one = datum(key);
	r = gnutls_privkey_init(&id->key);
	if (r >= 0)
		r = gnutls_privkey_import_x509_raw(id->key, &one, GNUTLS_X509_FMT_PEM, NULL, 0);
	r = r < 0 ? lnr_fail(err, -EINVAL, "%s: private key: %s", path, gnutls_strerror(r))
		  : load_chain(id, path, &all, err);
	/* The text of the key is of no more use. */
	gnutls_memset(pem, 0, all.size);
	return r;
}

static int load_clients(struct lnr_net_identity *id, const char *path, struct lnr_err *err)
{
	LNR_AUTO_FREE char *pem = NULL;
	int r = lnr_read_file(path, LNR_PEM_BYTES, &pem, NULL, err);
	if (r)
		return r;
	gnutls_datum_t all = datum(lnr_str_c(pem));
	r = gnutls_x509_trust_list_init(&id->clients, 0);
	if (r >= 0)
		r = gnutls_x509_trust_list_add_trust_mem(
			id->clients, &all, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
	if (r < 0)
		return lnr_fail(err, -EINVAL, "%s: %s", path, gnutls_strerror(r));
	return r ? 0 : lnr_fail(err, -EINVAL, "%s holds no certificate", path);
}

static int load(const struct lnr_net_tls *t, struct lnr_net_identity **ret, struct lnr_err *err)
{
	struct lnr_net_identity *id = calloc(1, sizeof(*id));
	if (!id)
		return lnr_fail(err, -ENOMEM, "out of memory");
	id->refs = 1;
	int r = load_own(id, t->pem, err);
	if (!r && t->client_ca)
		r = load_clients(id, t->client_ca, err);
	if (r) {
		lnr_net_identity_unref(id);
		return r;
	}
	*ret = id;
	return 0;
}

void lnr_net_identity_present(
	struct lnr_net_identity *id, gnutls_pcert_st **chain, unsigned *n, gnutls_privkey_t *key)
{
	*chain = id->chain;
	*n = id->n;
	*key = id->key;
}

int lnr_net_identity_verify(const struct lnr_net_identity *id, gnutls_session_t session)
{
	/* A certificate that says what it may be used for must say clients. */
	gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT};
	gnutls_x509_crt_t chain[LNR_TLS_CHAIN_MAX];
	unsigned n = 0, made = 0, status = GNUTLS_CERT_INVALID;
	const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &n);
	if (!shown || n == 0 || n > LNR_TLS_CHAIN_MAX)
		return -EACCES;
	for (; made < n; made++) {
		if (gnutls_x509_crt_init(&chain[made]) < 0)
			break;
		if (gnutls_x509_crt_import(chain[made], &shown[made], GNUTLS_X509_FMT_DER) < 0) {
			gnutls_x509_crt_deinit(chain[made]);
			break;
		}
	}
	int r = -1;
	if (made == n)
		r = gnutls_x509_trust_list_verify_crt2(
			id->clients, chain, n, &purpose, 1, 0, &status, NULL);
	while (made)
		gnutls_x509_crt_deinit(chain[--made]);
	return r >= 0 && status == 0 ? 0 : -EACCES;
}

/* --- both files, kept up to date --- */

int lnr_net_tls_new(const char *pem, const char *client_ca, struct lnr_log *log,
	const struct lnr_clock *clock, struct lnr_net_tls **ret, struct lnr_err *err)
{
	struct lnr_net_tls *t = calloc(1, sizeof(*t));
	if (!t)
		return lnr_fail(err, -ENOMEM, "out of memory");
	t->log = log;
	t->clock = clock;
	t->pem = strdup(pem);
	t->client_ca = client_ca ? strdup(client_ca) : NULL;
	int r = -ENOMEM;
	if (t->pem && (t->client_ca || !client_ca)) {
		t->pem_mark = lnr_file_mark(pem);
		if (client_ca)
			t->ca_mark = lnr_file_mark(client_ca);
		r = load(t, &t->now, err);
	} else {
		lnr_fail(err, r, "out of memory");
	}
	if (r) {
		lnr_net_tls_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

struct lnr_net_tls *lnr_net_tls_free(struct lnr_net_tls *t)
{
	if (!t)
		return NULL;
	lnr_net_identity_unref(t->now);
	free(t->pem);
	free(t->client_ca);
	free(t);
	return NULL;
}

bool lnr_net_tls_readable(const struct lnr_net_tls *t)
{
	return !faccessat(AT_FDCWD, t->pem, R_OK, AT_EACCESS) &&
	       (!t->client_ca || !faccessat(AT_FDCWD, t->client_ca, R_OK, AT_EACCESS));
}

static void renew(struct lnr_net_tls *t)
{
	struct lnr_file_mark pem = lnr_file_mark(t->pem), ca = t->ca_mark;
	struct lnr_net_identity *id;
	struct lnr_err err = {0};
	if (t->client_ca)
		ca = lnr_file_mark(t->client_ca);
	if (lnr_file_mark_eq(&pem, &t->pem_mark) && lnr_file_mark_eq(&ca, &t->ca_mark)) {
		t->complained = false;
		return;
	}
	if (load(t, &id, &err)) {
		/* Files that are being exchanged do not fit for a moment: the next look tells. */
		if (!t->complained)
			lnr_log(t->log, LNR_LOG_WARNING,
				"new certificate not used, the old one stays: %s", err.msg);
		t->complained = true;
		return;
	}
	lnr_net_identity_unref(t->now);
	t->now = id;
	t->pem_mark = pem;
	t->ca_mark = ca;
	t->complained = false;
	lnr_log(t->log, LNR_LOG_INFO, "certificate %s read again", t->pem);
}

struct lnr_net_identity *lnr_net_tls_identity(struct lnr_net_tls *t)
{
	uint64_t now = lnr_mono_ns(t->clock);
	if (now >= t->look_ns) {
		renew(t);
		t->look_ns = now + LNR_NS_PER_SEC;
	}
	t->now->refs++;
	return t->now;
}
