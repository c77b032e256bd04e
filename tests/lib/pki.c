/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/pki.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "lib/test.h"

static char *text(const gnutls_datum_t *d)
{
	char *s = malloc(d->size + 1u);
	assert_non_null(s);
	memcpy(s, d->data, d->size);
	s[d->size] = '\0';
	gnutls_free(d->data);
	return s;
}

void lnr_test_cert_init(struct lnr_test_cert *c, const char *name, enum lnr_test_use use,
	const struct lnr_test_cert *issuer)
{
	static const unsigned char loopback[] = {127, 0, 0, 1};
	unsigned char serial[8];
	gnutls_datum_t out;
	assert_int_equal(gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial)), 0);
	serial[0] &= 0x7f;
	assert_int_equal(gnutls_x509_privkey_init(&c->key), 0);
	assert_int_equal(gnutls_x509_privkey_generate(c->key, GNUTLS_PK_ECDSA,
				 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
		0);
	assert_int_equal(gnutls_x509_crt_init(&c->crt), 0);
	gnutls_x509_crt_set_version(c->crt, 3);
	gnutls_x509_crt_set_serial(c->crt, serial, sizeof(serial));
	gnutls_x509_crt_set_dn_by_oid(
		c->crt, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name));
	gnutls_x509_crt_set_activation_time(c->crt, time(NULL) - 3600);
	gnutls_x509_crt_set_expiration_time(c->crt, time(NULL) + 86400);
	gnutls_x509_crt_set_basic_constraints(c->crt, use == LNR_TEST_AUTHORITY, -1);
	if (use == LNR_TEST_AUTHORITY)
		gnutls_x509_crt_set_key_usage(c->crt, GNUTLS_KEY_KEY_CERT_SIGN);
	else
		gnutls_x509_crt_set_key_purpose_oid(c->crt,
			use == LNR_TEST_SERVER ? GNUTLS_KP_TLS_WWW_SERVER
					       : GNUTLS_KP_TLS_WWW_CLIENT,
			0);
	if (use == LNR_TEST_SERVER) {
		gnutls_x509_crt_set_subject_alt_name(
			c->crt, GNUTLS_SAN_DNSNAME, "localhost", 9, GNUTLS_FSAN_SET);
		gnutls_x509_crt_set_subject_alt_name(c->crt, GNUTLS_SAN_IPADDRESS, loopback,
			sizeof(loopback), GNUTLS_FSAN_APPEND);
	}
	gnutls_x509_crt_set_key(c->crt, c->key);
	assert_int_equal(gnutls_x509_crt_sign2(c->crt, issuer ? issuer->crt : c->crt,
				 issuer ? issuer->key : c->key, GNUTLS_DIG_SHA256, 0),
		0);
	assert_int_equal(gnutls_x509_crt_export2(c->crt, GNUTLS_X509_FMT_PEM, &out), 0);
	c->crt_pem = text(&out);
	assert_int_equal(gnutls_x509_privkey_export2(c->key, GNUTLS_X509_FMT_PEM, &out), 0);
	c->key_pem = text(&out);
}

void lnr_test_cert_done(struct lnr_test_cert *c)
{
	gnutls_x509_crt_deinit(c->crt);
	gnutls_x509_privkey_deinit(c->key);
	free(c->crt_pem);
	free(c->key_pem);
}

int lnr_test_tls_init(
	struct lnr_test_tls *t, int fd, const char *versions, const struct lnr_test_cert *own)
{
	char priorities[128];
	gnutls_x509_crt_t crt = own ? own->crt : NULL;
	snprintf(priorities, sizeof(priorities), "NORMAL:-VERS-ALL:%s:%%COMPAT", versions);
	assert_int_equal(gnutls_certificate_allocate_credentials(&t->cred), 0);
	if (own)
		assert_int_equal(gnutls_certificate_set_x509_key(t->cred, &crt, 1, own->key), 0);
	assert_int_equal(gnutls_init(&t->session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL), 0);
	assert_int_equal(gnutls_priority_set_direct(t->session, priorities, NULL), 0);
	gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, t->cred);
	gnutls_transport_set_int(t->session, fd);
	gnutls_handshake_set_timeout(t->session, 10000);
	int r;
	do {
		r = gnutls_handshake(t->session);
	} while (r < 0 && !gnutls_error_is_fatal(r));
	return r;
}

void lnr_test_tls_done(struct lnr_test_tls *t)
{
	gnutls_deinit(t->session);
	gnutls_certificate_free_credentials(t->cred);
}
