/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses to listen on and who may connect. Shared by everything that serves; makes sockets and
 * compares addresses, speaks no protocol.
 */
#ifndef LNR_NET_LISTEN_H
#define LNR_NET_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include "base/err.h"

/* GnuTLS: what it takes for safe, without versions before 1.2. */
#define LNR_NET_TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* A numeric address with a port. 0 or -EINVAL. */
int lnr_net_address(const char *text, uint16_t port, struct sockaddr_storage *ret);

/* Sockets that one name stands for: "localhost" is two. */
#define LNR_NET_LISTEN_MAX 4
struct lnr_net_listener {
	int fds[LNR_NET_LISTEN_MAX];
	unsigned n;
	uint16_t port; /* the one chosen, when 0 was asked for */
};
/*
 * Listen on a numeric address or a name; "" = all addresses of both families. The sockets do not
 * block and are closed on exec.
 */
int lnr_net_listen(
	const char *host, uint16_t port, struct lnr_net_listener *ret, struct lnr_err *err);
/* Takes a zeroed listener. */
void lnr_net_listener_done(struct lnr_net_listener *l);

/* An address as 16 bytes, IPv4 as ::ffff:a.b.c.d; anything else is all zeros. */
struct lnr_net_ip {
	uint8_t b[16];
};
void lnr_net_ip_of(const struct sockaddr *sa, struct lnr_net_ip *ret);
/* Whom the address stands for when connections are counted: an IPv6 host owns a /64. */
struct lnr_net_ip lnr_net_ip_owner(const struct lnr_net_ip *ip);
/* "192.0.2.1", "2001:db8::1"; at least 46 bytes (INET6_ADDRSTRLEN). Returns buf. */
const char *lnr_net_ip_text(const struct lnr_net_ip *ip, char *buf, size_t size);

/* Networks, any of which may connect. */
struct lnr_net_allow;
/* Addresses and networks ("192.0.2.0/24") between commas and blanks. */
int lnr_net_allow_parse(const char *text, struct lnr_net_allow **ret, struct lnr_err *err);
/* NULL allows everybody. */
bool lnr_net_allowed(const struct lnr_net_allow *a, const struct lnr_net_ip *ip);
struct lnr_net_allow *lnr_net_allow_free(struct lnr_net_allow *a); /* takes NULL; returns NULL */

#endif
