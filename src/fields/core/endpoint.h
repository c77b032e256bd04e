/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ends of a connection (spec fields.md 6.3). Private to fields/.
 *
 * State keeps source (client) and destination (server) of a connection; a server socket has its
 * bound address as source. Without a role nobody knows which end is which, so there is no value.
 * The local end is the one whose address belongs to this machine, the source if both do.
 */
#ifndef LNR_FIELDS_ENDPOINT_H
#define LNR_FIELDS_ENDPOINT_H

#include "fields/core/get.h"

enum lnr_end { LNR_END_CLIENT, LNR_END_SERVER, LNR_END_LOCAL, LNR_END_REMOTE };

struct lnr_endpoint {
	struct lnr_ip ip;
	uint16_t port;
};

static inline bool lnr_fd_has_role(const struct lnr_fd *fd)
{
	return fd->flags & (LNR_FDF_ROLE_CLIENT | LNR_FDF_ROLE_SERVER);
}

/* Connections, not server sockets. */
static inline bool lnr_fd_is_inet_conn(const struct lnr_fd *fd)
{
	return fd->type == LNR_FD_IPV4_SOCK || fd->type == LNR_FD_IPV6_SOCK;
}

/* The family is the descriptor's: an address that is not known yet shows as all zero. */
static inline struct lnr_ip lnr_fd_ip(const struct lnr_fd *fd, const struct lnr_ip *ip)
{
	bool v4 = fd->type == LNR_FD_IPV4_SOCK || fd->type == LNR_FD_IPV4_SERVSOCK;
	struct lnr_ip out = *ip;

	out.family = v4 ? LNR_AF_INET : LNR_AF_INET6;
	return out;
}

/* False: the descriptor has no such end. `fd` is not NULL. */
static inline bool lnr_fd_endpoint(struct lnr_field_ctx *ctx, const struct lnr_fd *fd,
	enum lnr_end end, struct lnr_endpoint *ret)
{
	bool source = end == LNR_END_CLIENT;

	if (!lnr_fd_has_role(fd))
		return false;
	if (lnr_fd_is_server_sock(fd)) {
		if (end != LNR_END_SERVER)
			return false;
		source = true;
	} else if (!lnr_fd_is_inet_conn(fd)) {
		return false;
	} else if (end == LNR_END_LOCAL || end == LNR_END_REMOTE) {
		struct lnr_ip sip = lnr_fd_ip(fd, &fd->sip);
		bool local = lnr_state_is_local_ip(ctx->state, ctx->ev->thread, &sip);
		source = local == (end == LNR_END_LOCAL);
	}
	ret->ip = lnr_fd_ip(fd, source ? &fd->sip : &fd->dip);
	ret->port = source ? fd->sport : fd->dport;
	return true;
}

#endif
