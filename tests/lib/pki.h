/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates for tests of TLS: an authority, servers and clients, made anew each time. */
#ifndef LNR_TESTS_LIB_PKI_H
#define LNR_TESTS_LIB_PKI_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

enum lnr_test_use {
	LNR_TEST_AUTHORITY = 1,
	LNR_TEST_SERVER, /* of localhost and 127.0.0.1 */
	LNR_TEST_CLIENT,
};

struct lnr_test_cert {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
	char *crt_pem, *key_pem;
};

/* `issuer` NULL: signs itself. */
void lnr_test_cert_init(struct lnr_test_cert *c, const char *name, enum lnr_test_use use,
	const struct lnr_test_cert *issuer);
void lnr_test_cert_done(struct lnr_test_cert *c);

/* TLS as a client over a connected socket, which stays the caller's. */
struct lnr_test_tls {
	gnutls_session_t session;
	gnutls_certificate_credentials_t cred;
};
/*
 * Any server will do; `own` may be NULL. `versions` as GnuTLS writes them: "+VERS-TLS1.2". 0, or
 * what the handshake says.
 */
int lnr_test_tls_init(
	struct lnr_test_tls *t, int fd, const char *versions, const struct lnr_test_cert *own);
void lnr_test_tls_done(struct lnr_test_tls *t);

#endif
