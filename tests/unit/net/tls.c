/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates from files, and their renewal. What a handshake makes of them: capture/audit_web. */
#include "net/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "lib/pki.h"
#include "lib/test.h"

struct bench {
	struct lnr_test_dir dir;
	struct lnr_test_cert ca, one, two;
	struct lnr_clock_fake clock;
	unsigned warnings;
	struct lnr_log log;
};

static void count(struct lnr_log *log, enum lnr_log_level level, const char *msg)
{
	struct bench *b = log->user;
	(void)msg;
	b->warnings += level == LNR_LOG_WARNING;
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	lnr_test_dir_init(&b->dir);
	lnr_test_cert_init(&b->ca, "authority", LNR_TEST_AUTHORITY, NULL);
	lnr_test_cert_init(&b->one, "one", LNR_TEST_SERVER, &b->ca);
	lnr_test_cert_init(&b->two, "two", LNR_TEST_SERVER, &b->ca);
	lnr_clock_fake_init(&b->clock, 1, 1);
	b->log = (struct lnr_log){LNR_LOG_DEBUG, count, b};
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;
	lnr_test_cert_done(&b->ca);
	lnr_test_cert_done(&b->one);
	lnr_test_cert_done(&b->two);
	lnr_test_dir_done(&b->dir);
	free(b);
	return 0;
}

/* A file of these texts one after the other; its path is to be freed. */
static char *file(struct bench *b, const char *name, const char *one, const char *two)
{
	char text[8192];
	snprintf(text, sizeof(text), "%s%s", one, two);
	return lnr_test_file(&b->dir, name, lnr_str_c(text));
}

/* Whether the certificate now presented is this one. */
static void assert_presents(struct lnr_net_tls *t, const struct lnr_test_cert *want)
{
	struct lnr_net_identity *id = lnr_net_tls_identity(t);
	gnutls_pcert_st *chain;
	gnutls_privkey_t key;
	gnutls_datum_t der;
	unsigned n;
	lnr_net_identity_present(id, &chain, &n, &key);
	assert_int_equal(gnutls_x509_crt_export2(want->crt, GNUTLS_X509_FMT_DER, &der), 0);
	assert_bytes(((struct lnr_str){(char *)chain[0].cert.data, chain[0].cert.size}),
		((struct lnr_str){(char *)der.data, der.size}));
	gnutls_free(der.data);
	lnr_net_identity_unref(id);
}

static void takes_either_order(void **state)
{
	struct bench *b = *state;
	char *files[] = {file(b, "a", b->one.key_pem, b->one.crt_pem),
		file(b, "b", b->one.crt_pem, b->one.key_pem),
		/* What openssl ecparam writes before its key. */
		file(b, "c",
			"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC "
			"PARAMETERS-----\n",
			b->one.key_pem)};
	struct lnr_err err = {0};
	struct lnr_net_tls *t;
	for (size_t i = 0; i < 2; i++) {
		assert_ok(lnr_net_tls_new(files[i], NULL, NULL, &b->clock.clock, &t, &err), &err);
		assert_presents(t, &b->one);
		lnr_net_tls_free(t);
	}
	assert_code(lnr_net_tls_new(files[2], NULL, NULL, &b->clock.clock, &t, &err), -EINVAL);
	assert_has(err.msg, "holds no certificate");
	FILE *f = fopen(files[2], "a");
	fputs(b->one.crt_pem, f);
	fclose(f);
	assert_ok(lnr_net_tls_new(files[2], NULL, NULL, &b->clock.clock, &t, &err), &err);
	assert_presents(t, &b->one);
	lnr_net_tls_free(t);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(files); i++)
		free(files[i]);
}

static void sorts_a_chain(void **state)
{
	struct bench *b = *state;
	struct lnr_net_tls *t;
	struct lnr_err err = {0};
	char both[8192];
	snprintf(both, sizeof(both), "%s%s", b->ca.crt_pem, b->one.crt_pem);
	char *path = file(b, "chain", b->one.key_pem, both);
	assert_ok(lnr_net_tls_new(path, NULL, NULL, &b->clock.clock, &t, &err), &err);
	assert_presents(t, &b->one);
	lnr_net_tls_free(t);
	free(path);
}

static void refuses_what_cannot_serve(void **state)
{
	struct bench *b = *state;
	char broken[4096];
	snprintf(broken, sizeof(broken), "%s", b->one.crt_pem);
	broken[100] = '!';
	const struct {
		const char *one, *two, *why;
	} cases[] = {
		{b->one.crt_pem, "", "no private key"},
		{"", "", "no private key"},
		{b->one.key_pem, "", "no certificate"},
		{b->one.key_pem, b->two.crt_pem, "does not belong"},
		{b->one.key_pem, broken, "certificate"},
		{"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b->one.crt_pem,
			"private key"},
		{"-----BEGIN PRIVATE KEY-----\n", b->one.crt_pem, ""},
	};
	struct lnr_net_tls *t;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		struct lnr_err err = {0};
		char *path = file(b, "bad", cases[i].one, cases[i].two);
		assert_code(lnr_net_tls_new(path, NULL, NULL, &b->clock.clock, &t, &err), -EINVAL);
		assert_has(err.msg, cases[i].why);
		assert_has(err.msg, path);
		free(path);
	}
	struct lnr_err err = {0};
	char *good = file(b, "good", b->one.key_pem, b->one.crt_pem);
	char *empty = file(b, "empty", "", "");
	assert_code(
		lnr_net_tls_new("/no/such/file", NULL, NULL, &b->clock.clock, &t, &err), -ENOENT);
	assert_code(
		lnr_net_tls_new(good, "/no/such/file", NULL, &b->clock.clock, &t, &err), -ENOENT);
	assert_true(lnr_net_tls_new(good, empty, NULL, &b->clock.clock, &t, &err) < 0);
	assert_has(err.msg, empty);
	free(good);
	free(empty);
}

static void reads_again_what_changed(void **state)
{
	struct bench *b = *state;
	struct lnr_net_tls *t;
	struct lnr_err err = {0};
	char *path = file(b, "server.pem", b->one.key_pem, b->one.crt_pem);
	assert_ok(lnr_net_tls_new(path, NULL, &b->log, &b->clock.clock, &t, &err), &err);
	assert_presents(t, &b->one);
	struct lnr_net_identity *old = lnr_net_tls_identity(t);
	/* Written halfway: the old one stays, and that is said once. */
	free(file(b, "server.pem", b->two.key_pem, ""));
	for (int i = 0; i < 3; i++) {
		lnr_clock_fake_advance(&b->clock, LNR_NS_PER_SEC);
		assert_presents(t, &b->one);
	}
	assert_int_equal(b->warnings, 1);
	free(file(b, "server.pem", b->two.key_pem, b->two.crt_pem));
	/* Not looked at more than once a second. */
	assert_presents(t, &b->one);
	lnr_clock_fake_advance(&b->clock, LNR_NS_PER_SEC);
	assert_presents(t, &b->two);
	/* Renamed over it, as certificate managers do. */
	char *next = file(b, "next", b->one.key_pem, b->one.crt_pem);
	assert_int_equal(rename(next, path), 0);
	lnr_clock_fake_advance(&b->clock, LNR_NS_PER_SEC);
	assert_presents(t, &b->one);
	/* What a connection uses outlives all that. */
	gnutls_pcert_st *chain;
	gnutls_privkey_t key;
	unsigned n;
	lnr_net_identity_present(old, &chain, &n, &key);
	assert_int_equal(n, 1);
	lnr_net_identity_unref(old);
	lnr_net_tls_free(t);
	free(path);
	free(next);
}

static int load_once(void *arg)
{
	char *const *files = arg;
	struct lnr_net_tls *t = NULL;
	int r = lnr_net_tls_new(files[0], files[1], NULL, lnr_clock_system(), &t, NULL);
	lnr_net_tls_free(t);
	return r;
}

static void survives_failing_allocations(void **state)
{
	struct bench *b = *state;
	char *files[] = {
		file(b, "own", b->one.key_pem, b->one.crt_pem), file(b, "ca", b->ca.crt_pem, "")};
	lnr_test_each_alloc_fails(load_once, files);
	free(files[0]);
	free(files[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes_either_order, setup, teardown),
		cmocka_unit_test_setup_teardown(sorts_a_chain, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_cannot_serve, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_again_what_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(survives_failing_allocations, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
