/* SPDX-License-Identifier: Apache-2.0 */
/* The webhook over TLS (spec k8s-audit.md 2, 10.10, 10.11, 11.7). Its threads: see audit_web.c. */
#include "audit_web_test.h"
#include "lib/pki.h"

static const char good[] = "POST /k8s-audit HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
			   "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
static const char *const versions[] = {"+VERS-TLS1.2", "+VERS-TLS1.3"};

/* Two authorities and what they signed. */
struct pki {
	struct lnr_test_dir dir;
	struct lnr_test_cert ca, server, renewed, client, other_ca, other_client;
	char *pem, *client_ca; /* paths */
	struct lnr_audit_web_opts opts;
};

static char *write_pem(struct pki *p, const char *one, const char *two)
{
	char text[8192];
	snprintf(text, sizeof(text), "%s%s", one, two);
	return lnr_test_file(&p->dir, "server.pem", lnr_str_c(text));
}

static int setup(void **state)
{
	struct pki *p = calloc(1, sizeof(*p));
	lnr_test_dir_init(&p->dir);
	lnr_test_cert_init(&p->ca, "authority", LNR_TEST_AUTHORITY, NULL);
	lnr_test_cert_init(&p->server, "server", LNR_TEST_SERVER, &p->ca);
	lnr_test_cert_init(&p->renewed, "renewed", LNR_TEST_SERVER, &p->ca);
	lnr_test_cert_init(&p->client, "apiserver", LNR_TEST_CLIENT, &p->ca);
	lnr_test_cert_init(&p->other_ca, "other", LNR_TEST_AUTHORITY, NULL);
	lnr_test_cert_init(&p->other_client, "apiserver", LNR_TEST_CLIENT, &p->other_ca);
	p->pem = write_pem(p, p->server.key_pem, p->server.crt_pem);
	p->client_ca = lnr_test_file(&p->dir, "ca.pem", lnr_str_c(p->ca.crt_pem));
	p->opts = bench_opts;
	p->opts.url = "https://127.0.0.1:0/k8s-audit";
	p->opts.certificate = p->pem;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pki *p = *state;
	struct lnr_test_cert *certs[] = {
		&p->ca, &p->server, &p->renewed, &p->client, &p->other_ca, &p->other_client};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(certs); i++)
		lnr_test_cert_done(certs[i]);
	lnr_test_dir_done(&p->dir);
	free(p->pem);
	free(p->client_ca);
	free(p);
	return 0;
}

/*
 * Status of a good request, or the negative result of the handshake or the first read: with TLS 1.3
 * a client learns only then that its certificate is refused. Whose certificate it was goes to
 * `ret_name`, if any.
 */
static int ask_tls(const struct bench *b, const char *version, const struct lnr_test_cert *own,
	char ret_name[64])
{
	struct lnr_test_tls t;
	char buf[1024];
	int fd = dial(b);
	int r = lnr_test_tls_init(&t, fd, version, own);
	if (r == 0 && ret_name) {
		unsigned n;
		size_t len = 64;
		gnutls_x509_crt_t crt;
		const gnutls_datum_t *der = gnutls_certificate_get_peers(t.session, &n);
		assert_true(der && n >= 1);
		gnutls_x509_crt_init(&crt);
		gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER);
		gnutls_x509_crt_get_dn_by_oid(
			crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, ret_name, &len);
		gnutls_x509_crt_deinit(crt);
	}
	if (r == 0) {
		ssize_t n = gnutls_record_send(t.session, good, sizeof(good) - 1);
		do {
			if (n > 0)
				n = gnutls_record_recv(t.session, buf, sizeof(buf) - 1);
		} while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
		buf[n > 0 ? n : 0] = '\0';
		r = n < 0 ? (int)n : n < 12 ? -1 : atoi(buf + 9);
	}
	lnr_test_tls_done(&t);
	close(fd);
	return r;
}

static void serves_either_order(void **state)
{
	struct pki *p = *state;
	char name[64];
	for (size_t i = 0; i < 4; i++) {
		struct bench b;
		free(i % 2 ? write_pem(p, p->server.key_pem, p->server.crt_pem)
			   : write_pem(p, p->server.crt_pem, p->server.key_pem));
		bench_start(&b, &p->opts, 10);
		assert_int_equal(ask_tls(&b, versions[i / 2], NULL, name), 200);
		assert_string_equal(name, "server");
		assert_queued(&b, "{}");
		bench_stop(&b);
	}
}

static void refuses_what_is_not_safe(void **state)
{
	struct pki *p = *state;
	struct bench b;
	struct lnr_buf out;
	bench_start(&b, &p->opts, 10);
	assert_true(ask_tls(&b, "+VERS-TLS1.1", NULL, NULL) < 0);
	wait_until(stats(&b).refused_bad == 1);
	assert_true(ask_tls(&b, "+VERS-TLS1.0", NULL, NULL) < 0);
	wait_until(stats(&b).refused_bad == 2);
	/* And whoever does not speak TLS at all. */
	lnr_buf_init(&out, 0);
	int fd = dial(&b);
	say(fd, good);
	hear_all(fd, &out);
	close(fd);
	lnr_buf_done(&out);
	wait_until(stats(&b).refused_bad == 3);
	assert_int_equal(stats(&b).requests, 0);
	assert_int_equal(ask_tls(&b, "+VERS-TLS1.2", NULL, NULL), 200);
	bench_stop(&b);
}

static void renews_its_certificate(void **state)
{
	struct pki *p = *state;
	struct bench b;
	char name[64];
	bench_start(&b, &p->opts, 10);
	assert_int_equal(ask_tls(&b, versions[1], NULL, name), 200);
	assert_string_equal(name, "server");
	/* A connection that is open stays so. */
	struct lnr_test_tls t;
	int fd = dial(&b);
	assert_int_equal(lnr_test_tls_init(&t, fd, versions[1], NULL), 0);
	free(write_pem(p, p->renewed.crt_pem, p->renewed.key_pem));
	__atomic_add_fetch(&b.ahead_ns, 2 * LNR_NS_PER_SEC, __ATOMIC_RELAXED);
	assert_int_equal(ask_tls(&b, versions[1], NULL, name), 200);
	assert_string_equal(name, "renewed");
	free(write_pem(p, "nothing", ""));
	__atomic_add_fetch(&b.ahead_ns, 2 * LNR_NS_PER_SEC, __ATOMIC_RELAXED);
	assert_int_equal(ask_tls(&b, versions[0], NULL, name), 200);
	assert_string_equal(name, "renewed");
	assert_true(gnutls_record_send(t.session, good, sizeof(good) - 1) > 0);
	char buf[256];
	ssize_t n;
	do
		n = gnutls_record_recv(t.session, buf, sizeof(buf));
	while (n == GNUTLS_E_AGAIN);
	assert_true(n > 12 && memcmp(buf, "HTTP/1.1 200", 12) == 0);
	lnr_test_tls_done(&t);
	close(fd);
	bench_stop(&b);
	assert_has(b.last, "new certificate not used");
}

static void wants_client_certificates(void **state)
{
	struct pki *p = *state;
	struct bench b;
	uint64_t refused = 0;
	p->opts.client_ca = p->client_ca;
	bench_start(&b, &p->opts, 10);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(versions); i++) {
		/* None; of another authority; one that is for servers. */
		const struct lnr_test_cert *wrong[] = {NULL, &p->other_client, &p->server};
		for (size_t k = 0; k < LNR_ARRAY_SIZE(wrong); k++) {
			int r = ask_tls(&b, versions[i], wrong[k], NULL);
			if (r >= 0)
				fail_msg("%s, certificate %zu: %d", versions[i], k, r);
			refused++;
			wait_until(stats(&b).refused_auth == refused);
		}
		assert_int_equal(ask_tls(&b, versions[i], &p->client, NULL), 200);
		assert_queued(&b, "{}");
	}
	assert_none_queued(&b);
	assert_int_equal(stats(&b).requests, 2);
	assert_int_equal(stats(&b).refused_auth, refused);
	assert_int_equal(stats(&b).refused_bad, 0);
	/* The authority can be exchanged too. */
	free(lnr_test_file(&p->dir, "ca.pem", lnr_str_c(p->other_ca.crt_pem)));
	__atomic_add_fetch(&b.ahead_ns, 2 * LNR_NS_PER_SEC, __ATOMIC_RELAXED);
	assert_true(ask_tls(&b, versions[1], &p->client, NULL) < 0);
	assert_int_equal(ask_tls(&b, versions[1], &p->other_client, NULL), 200);
	bench_stop(&b);
}

static void does_not_wait_for_half_handshakes(void **state)
{
	struct pki *p = *state;
	struct bench b;
	struct lnr_buf out;
	/* The beginning of a hello that promises 512 bytes. */
	static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
	bench_start(&b, &p->opts, 10);
	lnr_buf_init(&out, 0);
	int half = dial(&b), done = dial(&b);
	struct lnr_test_tls t;
	say_bytes(half, hello, sizeof(hello) - 1);
	assert_int_equal(lnr_test_tls_init(&t, done, versions[1], NULL), 0);
	/* Until the end of the handshake has been read too. */
	usleep(2 * LNR_AUDIT_WEB_LOOK_MS * 1000);
	wait_until(stats(&b).open == 2);
	pass(&b, LNR_AUDIT_WEB_HEADER_S - 4);
	say(half, "x");
	wait_until(stats(&b).open == 2);
	pass(&b, 5);
	hear_all(half, &out);
	hear_all(done, &out);
	wait_until(stats(&b).open == 0);
	/* Who was only opened ahead is no refusal. */
	assert_int_equal(stats(&b).refused_limit, 1);
	assert_int_equal(stats(&b).refused_bad, 0);
	lnr_test_tls_done(&t);
	close(half);
	close(done);
	assert_int_equal(ask_tls(&b, versions[1], NULL, NULL), 200);
	lnr_buf_done(&out);
	bench_stop(&b);
}

static void lets_api_servers_open_ahead(void **state)
{
	struct pki *p = *state;
	struct bench b;
	p->opts.client_ca = p->client_ca;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(versions); i++) {
		struct lnr_test_tls t;
		char buf[256];
		ssize_t n;
		bench_start(&b, &p->opts, 10);
		int fd = dial(&b);
		assert_int_equal(lnr_test_tls_init(&t, fd, versions[i], &p->client), 0);
		/* Until the end of the handshake has been read too. */
		usleep(2 * LNR_AUDIT_WEB_LOOK_MS * 1000);
		pass(&b, LNR_AUDIT_WEB_IDLE_S - 10);
		assert_int_equal(ask_tls(&b, versions[i], &p->client, NULL), 200);
		assert_true(gnutls_record_send(t.session, good, sizeof(good) - 1) > 0);
		do
			n = gnutls_record_recv(t.session, buf, sizeof(buf));
		while (n == GNUTLS_E_AGAIN);
		assert_true(n > 12 && memcmp(buf, "HTTP/1.1 200", 12) == 0);
		lnr_test_tls_done(&t);
		close(fd);
		/* Another one is never used. */
		fd = dial(&b);
		assert_int_equal(lnr_test_tls_init(&t, fd, versions[i], &p->client), 0);
		usleep(2 * LNR_AUDIT_WEB_LOOK_MS * 1000);
		pass(&b, LNR_AUDIT_WEB_IDLE_S + 1);
		wait_until(stats(&b).open == 0);
		assert_int_equal(stats(&b).refused_limit, 0);
		lnr_test_tls_done(&t);
		close(fd);
		bench_stop(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(serves_either_order, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_is_not_safe, setup, teardown),
		cmocka_unit_test_setup_teardown(renews_its_certificate, setup, teardown),
		cmocka_unit_test_setup_teardown(wants_client_certificates, setup, teardown),
		cmocka_unit_test_setup_teardown(does_not_wait_for_half_handshakes, setup, teardown),
		cmocka_unit_test_setup_teardown(lets_api_servers_open_ahead, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
