/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a TLS server is: certificate chain and key from one PEM file, and the authorities whose
 * clients it takes. The files are read again when they change, so that renewed certificates need
 * no restart; while a new one cannot be used, the old one stays.
 *
 * A struct lnr_net_tls belongs to one thread. An identity is counted and belongs to that thread
 * too; it outlives the files it came from for as long as a connection uses it.
 */
#ifndef LNR_NET_TLS_H
#define LNR_NET_TLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

/*
 * One file with certificates and their key, in any order, into a heap string owned by the caller.
 * Refuses one that lacks either.
 */
int lnr_net_read_pem(const char *path, char **ret, struct lnr_err *err);

struct lnr_net_tls;
struct lnr_net_identity;

/* `client_ca` NULL: clients need no certificate. Texts are copied. */
int lnr_net_tls_new(const char *pem, const char *client_ca, struct lnr_log *log,
	const struct lnr_clock *clock, struct lnr_net_tls **ret, struct lnr_err *err);
struct lnr_net_tls *lnr_net_tls_free(struct lnr_net_tls *t); /* takes NULL; returns NULL */
/* Whether the calling thread may read the files again. */
bool lnr_net_tls_readable(const struct lnr_net_tls *t);
/* The one for a new connection, to be given back with unref. Looks at the files once a second. */
struct lnr_net_identity *lnr_net_tls_identity(struct lnr_net_tls *t);

struct lnr_net_identity *lnr_net_identity_unref(struct lnr_net_identity *id);
/* What the handshake presents; borrowed from `id`. */
void lnr_net_identity_present(
	struct lnr_net_identity *id, gnutls_pcert_st **chain, unsigned *n, gnutls_privkey_t *key);
/* Whether the peer of a handshake showed a certificate that one of the authorities signed. */
int lnr_net_identity_verify(const struct lnr_net_identity *id, gnutls_session_t session);

#endif
