/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fd.*: addresses, ports and protocols of sockets (spec fields.md 6, 6.3).
 */
#include "fields/core/endpoint.h"

/* def->user is enum lnr_end. */
static bool end_of(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref,
	struct lnr_fd **ret_fd, struct lnr_endpoint *ret)
{
	return lnr_get_fd(ctx, ret_fd) && *ret_fd &&
	       lnr_fd_endpoint(ctx, *ret_fd, (enum lnr_end)ref->def->user, ret);
}

LNR_GETTER(get_ip)
{
	struct lnr_endpoint e;
	struct lnr_fd *fd;

	return end_of(ctx, ref, &fd, &e) && lnr_give_ip(ret, ref, &e.ip);
}

/* 0 is a port: of a socket that is not bound. */
LNR_GETTER(get_port)
{
	struct lnr_endpoint e;
	struct lnr_fd *fd;

	return end_of(ctx, ref, &fd, &e) && lnr_give_u64(ret, ref, e.port);
}

/* A server socket tells its port without a role. */
LNR_GETTER(get_server_port)
{
	struct lnr_fd *fd;

	if (lnr_get_fd(ctx, &fd) && fd && lnr_fd_is_server_sock(fd))
		return lnr_give_u64(ret, ref, fd->sport);
	return get_port(ctx, ref, ret);
}

static bool give_port_text(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref,
	uint16_t port, struct lnr_val *ret)
{
	struct lnr_text t;

	if (!lnr_text_begin(&t, ctx->ev->scratch, LNR_DEC_MAX))
		return lnr_give_nomem(ctx);
	lnr_text_u64(&t, port);
	return lnr_give_str(ret, ref, lnr_text_end(&t));
}

/*
 * Ports as text. The reference has an empty text where a descriptor with a role has no such port:
 * the client's of anything but a connection, the server's of a server socket.
 */
LNR_GETTER(get_proto)
{
	int end = ref->def->user;
	struct lnr_endpoint e;
	struct lnr_fd *fd;

	if (!lnr_get_fd(ctx, &fd) || !fd)
		return false;
	if (end == LNR_END_SERVER && lnr_fd_is_server_sock(fd))
		return lnr_give_str(ret, ref, LNR_STR(""));
	if (lnr_fd_endpoint(ctx, fd, (enum lnr_end)end, &e))
		return give_port_text(ctx, ref, e.port, ret);
	return end == LNR_END_CLIENT && lnr_fd_has_role(fd) && lnr_give_str(ret, ref, LNR_STR(""));
}

/* --- both ends at once, for comparison only; no role needed --- */

/* The two ends of a connection, the one of a server socket, or none. */
static size_t both_ends(const struct lnr_fd *fd, struct lnr_endpoint e[2])
{
	if (!lnr_fd_is_inet(fd))
		return 0;
	e[0] = (struct lnr_endpoint){lnr_fd_ip(fd, &fd->sip), fd->sport};
	if (lnr_fd_is_server_sock(fd))
		return 1;
	e[1] = (struct lnr_endpoint){lnr_fd_ip(fd, &fd->dip), fd->dport};
	return 2;
}

/* As many as a connection has ends. */
static struct lnr_val *two_values(struct lnr_field_ctx *ctx)
{
	struct lnr_val *items = lnr_arena_alloc(ctx->ev->scratch, 2 * sizeof(*items));

	if (!items)
		ctx->n_nomem++;
	return items;
}

/* Any descriptor has a value, be it an empty list: `fd.ip exists` is true for files as well. */
LNR_GETTER(get_ips)
{
	struct lnr_endpoint e[2];
	struct lnr_val *items;
	struct lnr_fd *fd;

	if (!lnr_get_fd(ctx, &fd) || !fd || !(items = two_values(ctx)))
		return false;
	size_t n = both_ends(fd, e);
	for (size_t i = 0; i < n; i++)
		lnr_give_ip(&items[i], ref, &e[i].ip);
	return lnr_give_list(ret, ref, items, n);
}

LNR_GETTER(get_ports)
{
	struct lnr_endpoint e[2];
	struct lnr_val *items;
	struct lnr_fd *fd;

	if (!lnr_get_fd(ctx, &fd) || !fd || !(items = two_values(ctx)))
		return false;
	size_t n = both_ends(fd, e);
	for (size_t i = 0; i < n; i++)
		lnr_give_u64(&items[i], ref, e[i].port);
	return lnr_give_list(ret, ref, items, n);
}

/* --- kinds --- */

LNR_GETTER(get_l4proto)
{
	struct lnr_fd *fd;

	return lnr_get_fd(ctx, &fd) && fd &&
	       lnr_give_cstr(ret, ref, lnr_l4_name((int)lnr_fd_l4(fd)));
}

/* Netlink and other families have no value. */
LNR_GETTER(get_sockfamily)
{
	struct lnr_fd *fd;

	if (!lnr_get_fd(ctx, &fd) || !fd)
		return false;
	if (lnr_fd_is_inet(fd))
		return lnr_give_str(ret, ref, LNR_STR("ip"));
	return fd->type == LNR_FD_UNIX_SOCK && lnr_give_str(ret, ref, LNR_STR("unix"));
}

/* Of a connection: whether it leads to an address of this host, which then was called. */
LNR_GETTER(get_is_server)
{
	struct lnr_fd *fd;
	bool is = false;

	if (!lnr_get_fd(ctx, &fd) || !fd)
		return false;
	if (lnr_fd_is_server_sock(fd)) {
		is = true;
	} else if (lnr_fd_is_inet_conn(fd)) {
		struct lnr_ip dip = lnr_fd_ip(fd, &fd->dip);
		is = lnr_state_is_local_ip(ctx->state, ctx->ev->thread, &dip);
	}
	return lnr_give_u64(ret, ref, is);
}

/* --- rows --- */

#define FILTER	  (LNR_FIELD_NO_RHS | LNR_FIELD_NO_TRANSFORM | LNR_FIELD_FILTER_ONLY)
#define ENDPOINTS (FILTER | LNR_FIELD_ENDPOINTS)

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("fd.ip", IPADDR, NA, ENDPOINTS, get_ips,
		"Compares with either address of a connection; != wants both to differ."),
	LNR_FIELD_ROW(
		"fd.cip", IPADDR, NA, 0, get_ip, "Address of the client.", .user = LNR_END_CLIENT),
	LNR_FIELD_ROW("fd.sip", IPADDR, NA, 0, get_ip,
		"Address of the server; of a server socket the one it is bound to.",
		.user = LNR_END_SERVER),
	LNR_FIELD_ROW("fd.lip", IPADDR, NA, 0, get_ip, "Address of this machine's end.",
		.user = LNR_END_LOCAL),
	LNR_FIELD_ROW("fd.rip", IPADDR, NA, 0, get_ip, "Address of the other machine's end.",
		.user = LNR_END_REMOTE),
	LNR_FIELD_ROW("fd.port", PORT, DEC, ENDPOINTS, get_ports,
		"Compares with either port of a connection; != wants both to differ."),
	LNR_FIELD_ROW(
		"fd.cport", PORT, DEC, 0, get_port, "Port of the client.", .user = LNR_END_CLIENT),
	LNR_FIELD_ROW("fd.sport", PORT, DEC, 0, get_server_port, "Port of the server.",
		.user = LNR_END_SERVER),
	LNR_FIELD_ROW("fd.lport", PORT, DEC, 0, get_port, "Port of this machine's end.",
		.user = LNR_END_LOCAL),
	LNR_FIELD_ROW("fd.rport", PORT, DEC, 0, get_port, "Port of the other machine's end.",
		.user = LNR_END_REMOTE),
	LNR_FIELD_ROW("fd.l4proto", CHARBUF, NA, 0, get_l4proto,
		"Protocol of a socket: tcp, udp, icmp, raw; <NA> for anything else."),
	LNR_FIELD_ROW("fd.sockfamily", CHARBUF, NA, 0, get_sockfamily,
		"ip or unix. No value for other descriptors."),
	LNR_FIELD_ROW("fd.is_server", BOOL, NA, 0, get_is_server,
		"True when the process is the server end of the socket."),
	LNR_FIELD_ROW("fd.proto", PORT, NA, ENDPOINTS, get_ports,
		"As fd.port; rules usually name the service: https, ssh."),
	LNR_FIELD_ROW("fd.cproto", CHARBUF, NA, 0, get_proto, "Port of the client as text.",
		.user = LNR_END_CLIENT),
	LNR_FIELD_ROW("fd.sproto", CHARBUF, NA, 0, get_proto, "Port of the server as text.",
		.user = LNR_END_SERVER),
	LNR_FIELD_ROW("fd.lproto", CHARBUF, NA, 0, get_proto, "Port of this machine's end as text.",
		.user = LNR_END_LOCAL),
	LNR_FIELD_ROW("fd.rproto", CHARBUF, NA, 0, get_proto,
		"Port of the other machine's end as text.", .user = LNR_END_REMOTE),
	LNR_FIELD_ROW("fd.net", IPNET, NA, ENDPOINTS, get_ips,
		"Asks whether either address of a connection is in a network; != wants neither."),
	LNR_FIELD_ROW("fd.cnet", IPNET, NA, FILTER, get_ip,
		"Asks whether the client's address is in a network.", .user = LNR_END_CLIENT),
	LNR_FIELD_ROW("fd.snet", IPNET, NA, FILTER, get_ip,
		"Asks whether the server's address is in a network.", .user = LNR_END_SERVER),
	LNR_FIELD_ROW("fd.lnet", IPNET, NA, FILTER, get_ip,
		"Asks whether this machine's address is in a network.", .user = LNR_END_LOCAL),
	LNR_FIELD_ROW("fd.rnet", IPNET, NA, FILTER, get_ip,
		"Asks whether the other machine's address is in a network.",
		.user = LNR_END_REMOTE),
	{},
};

const struct lnr_field_class lnr_field_class_fd_net = {
	.name = "fd",
	.short_desc = "",
	.desc = "",
	.source = "syscall",
	.order = 61,
	.fields = fields,
};
