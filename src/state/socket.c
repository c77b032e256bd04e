/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets: who talks to whom, and who began (spec 7.4). */
#include "state/sockmem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include "state/state_priv.h"

/* IPPROTO_ and SOCK_ numbers are the kernel's, in records as on every architecture but MIPS. */

static bool is_inet_sock(const struct lnr_fd *fd)
{
	return fd->type == LNR_FD_IPV4_SOCK || fd->type == LNR_FD_IPV6_SOCK;
}

/* --- connection status --- */

#define CONN_BITS (LNR_FDF_CONNECTED | LNR_FDF_CONN_PENDING | LNR_FDF_CONN_FAILED)

/* The event's descriptor with that status; a fork's copy stays as it is. NULL = no memory. */
static struct lnr_fd *set_status(struct lnr_state *st, struct lnr_event *ev, uint16_t status)
{
	if ((ev->fd->flags & CONN_BITS) == status)
		return ev->fd;
	struct lnr_fd *fd = lnr_event_fd_edit(st, ev);
	if (fd)
		fd->flags = (uint16_t)((fd->flags & ~CONN_BITS) | status);
	return fd;
}

/* --- socket, socketpair --- */

/* The protocol as rules see it (fields 6.1): what the call asked for, or the type's usual one. */
static uint8_t l4_of(uint32_t type, uint32_t proto)
{
	bool raw = type == SOCK_RAW; /* with its flags: so the reference compares */
	switch (proto) {
	case IPPROTO_TCP:
		return raw ? LNR_L4_RAW : LNR_L4_TCP;
	case IPPROTO_UDP:
		return raw ? LNR_L4_RAW : LNR_L4_UDP;
	case IPPROTO_ICMP:
		return raw ? LNR_L4_RAW : LNR_L4_ICMP;
	case IPPROTO_RAW:
		return LNR_L4_RAW;
	case IPPROTO_IP: /* 0: the type's usual one */
		if ((type & 0xff) == SOCK_STREAM)
			return LNR_L4_TCP;
		if ((type & 0xff) == SOCK_DGRAM)
			return LNR_L4_UDP;
	}
	return LNR_L4_UNKNOWN;
}

/* Families without a kind of their own make an entry all the same, so that the descriptor is known.
 */
static void add_socket(struct lnr_state *st, struct lnr_event *ev, int64_t num, uint64_t domain,
	uint32_t type, uint32_t proto, uint32_t flags)
{
	struct lnr_fd *fd = lnr_event_fd_add(st, ev, num);
	if (!fd)
		return;
	fd->type = domain == LNR_AF_UNIX      ? LNR_FD_UNIX_SOCK
		   : domain == LNR_AF_INET    ? LNR_FD_IPV4_SOCK
		   : domain == LNR_AF_INET6   ? LNR_FD_IPV6_SOCK
		   : domain == LNR_AF_NETLINK ? LNR_FD_NETLINK
					      : LNR_FD_UNKNOWN;
	fd->open_flags = flags;
	lnr_sock_clear(fd);
	lnr_sock_set_l4(fd, l4_of(type, proto));
	lnr_sock_show(fd);
}

void lnr_parse_socket(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->has_res || ev->res < 0)
		return;
	add_socket(st, ev, ev->res, lnr_param_u64_or(ev, LNR_P_SOCKET_SOCKET_X_domain, 0),
		(uint32_t)lnr_param_u64_or(ev, LNR_P_SOCKET_SOCKET_X_type, 0),
		(uint32_t)lnr_param_u64_or(ev, LNR_P_SOCKET_SOCKET_X_proto, 0),
		(uint32_t)lnr_param_u64_or(ev, LNR_P_SOCKET_SOCKET_X_flags, 0));
}

static void set_pair_end(struct lnr_fd *fd, uint64_t source, uint64_t peer)
{
	if (!fd)
		return;
	fd->type = LNR_FD_UNIX_SOCK;
	lnr_sock_clear(fd);
	lnr_sock_set_unix(fd, source, peer);
	lnr_sock_show(fd);
}

void lnr_parse_socketpair(struct lnr_state *st, struct lnr_event *ev)
{
	int64_t fd1, fd2;
	if (!ev->thread || !ev->has_res || ev->res < 0 ||
		!lnr_param_s64(ev, LNR_P_SOCKET_SOCKETPAIR_X_fd1, &fd1) ||
		!lnr_param_s64(ev, LNR_P_SOCKET_SOCKETPAIR_X_fd2, &fd2) || fd1 == fd2)
		return;
	uint64_t source = lnr_param_u64_or(ev, LNR_P_SOCKET_SOCKETPAIR_X_source, 0);
	uint64_t peer = lnr_param_u64_or(ev, LNR_P_SOCKET_SOCKETPAIR_X_peer, 0);
	/* Both ends show the same pair, and the first one is the event's. */
	set_pair_end(lnr_event_fd_add(st, ev, fd1), source, peer);
	set_pair_end(lnr_task_fd_add(st, lnr_task_of(ev->thread), fd2), source, peer);
}

/* --- bind --- */

/* As the parameter is printed; "family N" for what has no printed form. */
static struct lnr_str addr_text(struct lnr_arena *scratch, const struct lnr_sockaddr *a)
{
	char ip[INET6_ADDRSTRLEN];
	char *r;
	switch (a->family) {
	case LNR_AF_UNIX:
		return a->path.ptr ? a->path : LNR_STR("");
	case LNR_AF_INET:
	case LNR_AF_INET6:
		inet_ntop(
			a->family == LNR_AF_INET ? AF_INET : AF_INET6, a->ip.addr, ip, sizeof(ip));
		r = lnr_arena_printf(scratch, "%s:%u", ip, a->port);
		break;
	default:
		r = lnr_arena_printf(scratch, "family %u", a->family);
	}
	return lnr_str_c(r ? r : "");
}

void lnr_parse_bind(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_sockaddr a;
	if (!ev->thread || !ev->fd || !ev->has_res || ev->res < 0 ||
		!lnr_param_sockaddr(ev, LNR_P_SOCKET_BIND_X_addr, &a))
		return;
	struct lnr_fd *fd = lnr_event_fd_edit(st, ev);
	if (!fd)
		return;
	bool v6 = a.family == LNR_AF_INET6, inet = v6 || a.family == LNR_AF_INET;
	/* Port 0: the kernel chooses one, for a client as a rule. */
	if (inet && a.port) {
		bool mapped = v6 && lnr_ip_is_mapped(a.ip.addr);
		int kind = v6 && !mapped ? LNR_FD_IPV6_SERVSOCK : LNR_FD_IPV4_SERVSOCK;
		lnr_sock_load(fd);
		lnr_sock_carry_l4(fd, v6 ? LNR_FD_IPV6_SOCK : LNR_FD_IPV4_SOCK, kind);
		fd->type = (int8_t)kind;
		lnr_sock_set_server(fd, mapped ? a.ip.addr + 12 : a.ip.addr, a.port);
		lnr_sock_show(fd);
		fd->flags |= LNR_FDF_ROLE_SERVER;
	}
	lnr_event_fd_name(st, ev, fd, addr_text(lnr_state_scratch(st, ev), &a));
}

/* --- connect --- */

/* Whether an address is the tuple's destination. */
static bool same_end(const struct lnr_tuple *t, const struct lnr_sockaddr *a)
{
	switch (t->family) {
	case LNR_AF_INET:
		return t->dport == a->port && !memcmp(t->dip.addr, a->ip.addr, 4);
	case LNR_AF_INET6:
		return t->dport == a->port && !memcmp(t->dip.addr, a->ip.addr, 16);
	}
	return lnr_str_eq(t->path, a->path);
}

/*
 * When the exit event's address is also the tuple's destination, the kernel did not know one and
 * the probe read it from user memory, which may have been rewritten since. The enter event's copy
 * is what the kernel saw.
 */
static void prefer_enter_address(struct lnr_tuple *t, const struct lnr_sockaddr *exit_addr,
	const struct lnr_sockaddr *enter_addr)
{
	if (!exit_addr || !enter_addr || exit_addr->family != t->family ||
		enter_addr->family != t->family || !same_end(t, exit_addr))
		return;
	t->dip = enter_addr->ip;
	t->dport = enter_addr->port;
	t->path = enter_addr->path;
}

/* The kind follows the tuple, not the socket: an IPv6 socket may talk to IPv4-mapped addresses. */
static void connect_inet(
	struct lnr_state *st, struct lnr_event *ev, struct lnr_fd *fd, const struct lnr_tuple *t)
{
	bool v6 = t->family == LNR_AF_INET6;
	bool mapped = v6 && lnr_ip_is_mapped(t->sip.addr) && lnr_ip_is_mapped(t->dip.addr);
	unsigned skip = mapped ? 12 : 0;
	lnr_sock_load(fd);
	fd->type = v6 && !mapped ? LNR_FD_IPV6_SOCK : LNR_FD_IPV4_SOCK;
	bool changed = lnr_sock_set_ends(
		fd, v6 && !mapped, t->sip.addr + skip, t->sport, t->dip.addr + skip, t->dport);
	lnr_sock_show(fd);
	/* A datagram server that connects is still the server. */
	if (changed && fd->flags & LNR_FDF_ROLE_SERVER && lnr_sock_is_udp4(fd)) {
		lnr_sock_swap(fd);
		lnr_sock_show(fd);
	}
	lnr_event_fd_name(st, ev, fd, lnr_fd_render_name(lnr_state_scratch(st, ev), fd));
}

static struct lnr_str unix_text(
	struct lnr_arena *scratch, uint64_t source, uint64_t dest, struct lnr_str path)
{
	char *r = lnr_arena_printf(scratch, "%llx->%llx %.*s", (unsigned long long)source,
		(unsigned long long)dest, LNR_STR_ARG(path));
	return lnr_str_c(r ? r : "");
}

/* Only the enter event knows the address: destination and kind, nothing else. */
static void connect_by_address(
	struct lnr_state *st, struct lnr_event *ev, struct lnr_fd *fd, const struct lnr_sockaddr *a)
{
	bool v6 = a->family == LNR_AF_INET6;
	if (!v6 && a->family != LNR_AF_INET) {
		lnr_event_fd_name(st, ev, fd, LNR_STR("NULL")); /* the missing tuple, printed */
		return;
	}
	bool mapped = v6 && lnr_ip_is_mapped(a->ip.addr);
	lnr_sock_load(fd);
	fd->type = v6 && !mapped ? LNR_FD_IPV6_SOCK : LNR_FD_IPV4_SOCK;
	lnr_sock_set_dest(fd, v6 && !mapped, a->ip.addr + (mapped ? 12 : 0), a->port);
	lnr_sock_show(fd);
}

static void connected(struct lnr_state *st, struct lnr_event *ev, struct lnr_fd *fd)
{
	struct lnr_event *enter = lnr_state_take_enter(st, ev);
	struct lnr_sockaddr enter_addr, exit_addr;
	bool has_enter = enter &&
			 lnr_param_sockaddr(enter, LNR_P_SOCKET_CONNECT_E_addr, &enter_addr);
	if (!lnr_param_present(ev, LNR_P_SOCKET_CONNECT_X_tuple)) {
		if (has_enter)
			connect_by_address(st, ev, fd, &enter_addr);
		return;
	}
	struct lnr_tuple t;
	if (!lnr_param_tuple(ev, LNR_P_SOCKET_CONNECT_X_tuple, &t))
		return;
	bool has_exit = lnr_param_sockaddr(ev, LNR_P_SOCKET_CONNECT_X_addr, &exit_addr);
	prefer_enter_address(&t, has_exit ? &exit_addr : NULL, has_enter ? &enter_addr : NULL);
	if (t.family == LNR_AF_INET || t.family == LNR_AF_INET6) {
		connect_inet(st, ev, fd, &t);
	} else {
		if (fd->type != LNR_FD_UNIX_SOCK || t.family != LNR_AF_UNIX)
			return;
		lnr_sock_load(fd);
		lnr_sock_set_unix(fd, t.source, t.dest);
		lnr_sock_show(fd);
		lnr_event_fd_name(
			st, ev, fd, unix_text(lnr_state_scratch(st, ev), t.source, t.dest, t.path));
	}
	if (!(fd->flags & (LNR_FDF_ROLE_CLIENT | LNR_FDF_ROLE_SERVER)))
		fd->flags |= LNR_FDF_ROLE_CLIENT;
}

/* A connection that is under way counts as made: what follows on it is traffic (spec 7.4). */
void lnr_parse_connect(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->fd || !ev->has_res)
		return;
	uint16_t status = LNR_FDF_CONNECTED;
	if (st->opts.track_connections)
		status = ev->res == -EINPROGRESS ? LNR_FDF_CONN_PENDING
			 : ev->res < 0		 ? LNR_FDF_CONN_FAILED
						 : LNR_FDF_CONNECTED;
	else if (ev->res < 0 && ev->res != -EINPROGRESS)
		return;
	if (!set_status(st, ev, status))
		return;
	struct lnr_fd *fd = lnr_event_fd_edit(st, ev);
	if (fd)
		connected(st, ev, fd);
}

/* --- accept --- */

/* As the parameter is printed: IPv4-mapped ends as IPv4. */
static struct lnr_str tuple_text(struct lnr_arena *scratch, const struct lnr_tuple *t)
{
	if (t->family == LNR_AF_UNIX)
		return unix_text(scratch, t->source, t->dest, t->path);
	bool v6 = t->family == LNR_AF_INET6;
	if (!v6 && t->family != LNR_AF_INET) {
		char *r = lnr_arena_printf(scratch, "family %u", t->family);
		return lnr_str_c(r ? r : "");
	}
	unsigned skip = v6 && lnr_ip_is_mapped(t->sip.addr) && lnr_ip_is_mapped(t->dip.addr) ? 12
											     : 0;
	int family = v6 && !skip ? AF_INET6 : AF_INET;
	char s[INET6_ADDRSTRLEN], d[INET6_ADDRSTRLEN];
	inet_ntop(family, t->sip.addr + skip, s, sizeof(s));
	inet_ntop(family, t->dip.addr + skip, d, sizeof(d));
	char *r = lnr_arena_printf(scratch, "%s:%u->%s:%u", s, t->sport, d, t->dport);
	return lnr_str_c(r ? r : "");
}

/*
 * The accepting side is the server. Without a tuple the peer is not known, and then the descriptor
 * is not either.
 */
void lnr_parse_accept(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->has_res || ev->res < 0)
		return;
	ev->thread->last_fd = ev->res;
	struct lnr_tuple t;
	if (!lnr_param_tuple(ev, LNR_P_SOCKET_ACCEPT4_6_X_tuple, &t))
		return;
	bool v6 = t.family == LNR_AF_INET6;
	if (!v6 && t.family != LNR_AF_INET && t.family != LNR_AF_UNIX)
		return;
	struct lnr_fd *fd = lnr_event_fd_add(st, ev, ev->res);
	if (!fd)
		return;
	lnr_sock_clear(fd);
	if (t.family == LNR_AF_UNIX) {
		fd->type = LNR_FD_UNIX_SOCK;
		lnr_sock_set_unix(fd, t.source, t.dest);
	} else {
		bool mapped = v6 && lnr_ip_is_mapped(t.sip.addr) && lnr_ip_is_mapped(t.dip.addr);
		unsigned skip = mapped ? 12 : 0;
		lnr_sock_set_ends(
			fd, v6 && !mapped, t.sip.addr + skip, t.sport, t.dip.addr + skip, t.dport);
		fd->type = v6 && !mapped ? LNR_FD_IPV6_SOCK : LNR_FD_IPV4_SOCK;
		lnr_sock_set_l4(fd, LNR_L4_TCP);
	}
	lnr_sock_show(fd);
	if (ev->type == LNR_EV_SOCKET_ACCEPT4_6_X)
		fd->open_flags = (uint32_t)lnr_param_u64_or(ev, LNR_P_SOCKET_ACCEPT4_6_X_flags, 0) &
				 LNR_O_CLOEXEC;
	fd->flags |= LNR_FDF_ROLE_SERVER | LNR_FDF_CONNECTED;
	lnr_event_fd_name(st, ev, fd, tuple_text(lnr_state_scratch(st, ev), &t));
}

/* --- reading and writing --- */

/* Whether an IPv4 descriptor of the process has this port, as servers or as clients have theirs. */
static bool process_has_port(struct lnr_task *k, uint16_t port, bool server)
{
	struct lnr_task *owner = lnr_task_fds_owner(k);
	if (!owner || !owner->t.fds)
		return false;
	for (struct lnr_fd_node *n = lnr_fds_first(owner->t.fds); n; n = lnr_fds_next(n)) {
		const struct lnr_fd *fd = &n->fd;
		if (fd->type == LNR_FD_IPV4_SOCK && (server ? fd->dport : fd->sport) == port)
			return true;
		if (server && fd->type == LNR_FD_IPV4_SERVSOCK && fd->sport == port)
			return true;
	}
	return false;
}

/*
 * Ports are read where IPv4 sockets keep them, for IPv6 sockets too: their roles depend on bytes of
 * their address in the reference, and so here.
 */
static void guess_role(struct lnr_task *k, struct lnr_fd *fd, bool reading)
{
	bool server = reading;
	if (!process_has_port(k, lnr_sock_u16(fd, 10), true))
		server = false;
	else if (!process_has_port(k, lnr_sock_u16(fd, 8), false))
		server = true;
	fd->flags |= server ? LNR_FDF_ROLE_SERVER : LNR_FDF_ROLE_CLIENT;
}

/* The tuple into the descriptor. False: nothing changed that a name would show. */
static bool apply_tuple(struct lnr_state *st, struct lnr_fd *fd, const struct lnr_tuple *t)
{
	bool v6 = t->family == LNR_AF_INET6;
	lnr_sock_load(fd);
	if (t->family == LNR_AF_UNIX) {
		fd->type = LNR_FD_UNIX_SOCK;
		lnr_sock_set_unix(fd, t->source, t->dest);
		lnr_sock_show(fd);
		return true;
	}
	bool changed = true;
	if (t->family == LNR_AF_INET) {
		if (fd->type == LNR_FD_IPV4_SERVSOCK)
			lnr_sock_carry_l4(fd, LNR_FD_IPV4_SERVSOCK, LNR_FD_IPV4_SOCK);
		fd->type = LNR_FD_IPV4_SOCK;
		changed = lnr_sock_set_ends(
			fd, false, t->sip.addr, t->sport, t->dip.addr, t->dport);
	} else if (v6 && lnr_ip_is_mapped(t->sip.addr) && lnr_ip_is_mapped(t->dip.addr)) {
		fd->type = LNR_FD_IPV4_SOCK;
		changed = lnr_sock_set_ends(
			fd, false, t->sip.addr + 12, t->sport, t->dip.addr + 12, t->dport);
	} else if (v6) {
		/* The kind stays: a bound socket goes on reading its memory as one. */
		changed = lnr_sock_set_ends(fd, true, t->sip.addr, t->sport, t->dip.addr, t->dport);
	}
	if (changed) {
		lnr_sock_show(fd);
		/* Taken from the place where the new kind keeps it, so a protocol may be lost here.
		 */
		/* Streams do not change their ends, so this is a datagram socket. */
		if (is_inet_sock(fd) && fd->l4 == LNR_L4_UNKNOWN)
			lnr_sock_set_l4(fd, LNR_L4_UDP);
		lnr_sock_complete(st, fd);
	}
	lnr_sock_show(fd);
	return changed;
}

/* A message's tuple, for sockets that are not bound to one peer or whose start was missed. */
static void take_tuple(struct lnr_state *st, struct lnr_event *ev, unsigned param, bool reading)
{
	struct lnr_tuple t;
	if ((ev->fd->name && ev->fd->name->len && lnr_sock_is_tcp4(ev->fd)) ||
		!lnr_param_tuple(ev, param, &t))
		return;
	struct lnr_fd *fd = lnr_event_fd_edit(st, ev);
	if (!fd || !apply_tuple(st, fd, &t))
		return;
	struct lnr_arena *scratch = lnr_state_scratch(st, ev);
	if (!is_inet_sock(fd)) {
		lnr_event_fd_name(st, ev, fd, tuple_text(scratch, &t));
		return;
	}
	if (!(fd->flags & (LNR_FDF_ROLE_CLIENT | LNR_FDF_ROLE_SERVER)))
		guess_role(lnr_task_of(ev->thread), fd, reading);
	/* What a client receives comes from the server, what a server sends goes to the client. */
	if (fd->flags & (reading ? LNR_FDF_ROLE_CLIENT : LNR_FDF_ROLE_SERVER)) {
		lnr_sock_swap(fd);
		lnr_sock_show(fd);
	}
	lnr_event_fd_name(st, ev, fd, lnr_fd_render_name(scratch, fd));
}

/* Descriptors that came with a message (SCM_RIGHTS, unix(7)); their kind is only in /proc. */
static void take_rights(struct lnr_state *st, struct lnr_event *ev, unsigned param)
{
	struct lnr_str ctl = lnr_param_bytes(ev, param);
	struct cmsghdr h;
	while (ctl.len >= sizeof(h)) {
		memcpy(&h, ctl.ptr, sizeof(h));
		if (h.cmsg_len < sizeof(h) || h.cmsg_len > ctl.len)
			return;
		size_t bytes = h.cmsg_len - CMSG_LEN(0);
		if (h.cmsg_level == SOL_SOCKET && h.cmsg_type == SCM_RIGHTS) {
			if (bytes % sizeof(int) || bytes / sizeof(int) > LNR_SCM_FDS_MAX)
				return;
			for (size_t i = 0; i < bytes; i += sizeof(int)) {
				int num;
				memcpy(&num, ctl.ptr + CMSG_LEN(0) + i, sizeof(num));
				lnr_proc_fetch_fd(st, lnr_task_of(ev->thread), num);
			}
		}
		size_t step = CMSG_ALIGN(h.cmsg_len);
		if (step >= ctl.len)
			return;
		ctl.ptr += step;
		ctl.len -= step;
	}
}

/* Status after an I/O call; false when there is nothing more to learn from it. */
static bool io_status(struct lnr_state *st, struct lnr_event *ev)
{
	bool inet = is_inet_sock(ev->fd);
	if (ev->res < 0) {
		if (inet && st->opts.track_connections)
			set_status(st, ev, LNR_FDF_CONN_FAILED);
		return false;
	}
	return !inet || set_status(st, ev, LNR_FDF_CONNECTED);
}

/* The parameters stand at different places, so each call is told apart. */
void lnr_parse_read(struct lnr_state *st, struct lnr_event *ev)
{
	int tuple = -1, control = -1;
	switch (ev->type) {
	case LNR_EV_SOCKET_RECVFROM_X:
		tuple = LNR_P_SOCKET_RECVFROM_X_tuple;
		break;
	case LNR_EV_SOCKET_RECV_X:
		tuple = LNR_P_SOCKET_RECV_X_tuple;
		break;
	case LNR_EV_SOCKET_RECVMSG_X:
		tuple = LNR_P_SOCKET_RECVMSG_X_tuple;
		control = LNR_P_SOCKET_RECVMSG_X_msgcontrol;
		break;
	case LNR_EV_SOCKET_RECVMMSG_X:
		tuple = LNR_P_SOCKET_RECVMMSG_X_tuple;
		control = LNR_P_SOCKET_RECVMMSG_X_msgcontrol;
		break;
	}
	if (!ev->fd || !ev->has_res || !io_status(st, ev))
		return;
	if (tuple >= 0)
		take_tuple(st, ev, (unsigned)tuple, true);
	if (control >= 0 && st->proc && ev->fd && ev->fd->type == LNR_FD_UNIX_SOCK)
		take_rights(st, ev, (unsigned)control);
}

/* A datagram through a descriptor nobody knew: its socket call was missed. */
static void invent_socket(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_tuple t;
	int64_t num;
	if (!ev->thread || ev->res < 0 || !lnr_param_tuple(ev, LNR_P_SOCKET_SENDTO_X_tuple, &t) ||
		!lnr_param_s64(ev, LNR_P_SOCKET_SENDTO_X_fd, &num))
		return;
	if (t.family == LNR_AF_INET || t.family == LNR_AF_INET6)
		add_socket(st, ev, num, t.family, SOCK_DGRAM, IPPROTO_UDP, 0);
}

_Static_assert((int)LNR_P_SOCKET_SENDTO_X_tuple == (int)LNR_P_SOCKET_SEND_X_tuple &&
		       (int)LNR_P_SOCKET_SENDTO_X_tuple == (int)LNR_P_SOCKET_SENDMSG_X_tuple &&
		       (int)LNR_P_SOCKET_SENDTO_X_tuple == (int)LNR_P_SOCKET_SENDMMSG_X_tuple &&
		       (int)LNR_P_SOCKET_SENDTO_X_fd == (int)LNR_P_SOCKET_SENDMSG_X_fd &&
		       (int)LNR_P_SOCKET_SENDTO_X_fd == (int)LNR_P_SOCKET_SEND_X_fd,
	"one parser for all");

void lnr_parse_write(struct lnr_state *st, struct lnr_event *ev)
{
	bool sends = false;
	switch (ev->type) {
	case LNR_EV_SOCKET_SEND_X:
	case LNR_EV_SOCKET_SENDTO_X:
	case LNR_EV_SOCKET_SENDMSG_X:
		if (!ev->fd && ev->has_res)
			invent_socket(st, ev);
		sends = true;
		break;
	case LNR_EV_SOCKET_SENDMMSG_X:
		sends = true;
		break;
	}
	if (!ev->fd || !ev->has_res || !io_status(st, ev))
		return;
	if (sends)
		take_tuple(st, ev, LNR_P_SOCKET_SENDTO_X_tuple, false);
}

/* --- getsockopt --- */

/* How a connection that was pending ended. The value is u8 index, s64 negative errno (spec 5.4). */
void lnr_parse_getsockopt(struct lnr_state *st, struct lnr_event *ev)
{
	if (!st->opts.track_connections || !ev->thread || !ev->fd || !ev->has_res || ev->res < 0 ||
		lnr_param_u64_or(ev, LNR_P_SOCKET_GETSOCKOPT_X_level, 0) !=
			LNR_SOCKOPT_LEVEL_SOL_SOCKET ||
		lnr_param_u64_or(ev, LNR_P_SOCKET_GETSOCKOPT_X_optname, 0) != LNR_SOCKOPT_SO_ERROR)
		return;
	struct lnr_str val = lnr_param_bytes(ev, LNR_P_SOCKET_GETSOCKOPT_X_val);
	int64_t error;
	if (val.len != 1 + sizeof(error))
		return;
	memcpy(&error, val.ptr + 1, sizeof(error));
	set_status(st, ev, error < 0 ? LNR_FDF_CONN_FAILED : LNR_FDF_CONNECTED);
}
