/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets made, bound, connected and accepted (spec events-and-state 7.4, fields 6.2). */
#include <errno.h>
#include <netinet/in.h>

#include "socket_test.h"

#define ROLES	  (LNR_FDF_ROLE_CLIENT | LNR_FDF_ROLE_SERVER)
#define CONN_BITS (LNR_FDF_CONNECTED | LNR_FDF_CONN_PENDING | LNR_FDF_CONN_FAILED)

static void kinds_of_sockets(void **state)
{
	static const struct {
		uint32_t domain, type, proto;
		int kind, l4;
	} rows[] = {
		{LNR_AF_INET, SOCK_STREAM, 0, LNR_FD_IPV4_SOCK, LNR_L4_TCP},
		{LNR_AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0, LNR_FD_IPV4_SOCK, LNR_L4_TCP},
		{LNR_AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0, LNR_FD_IPV4_SOCK, LNR_L4_UDP},
		{LNR_AF_INET, SOCK_STREAM, IPPROTO_TCP, LNR_FD_IPV4_SOCK, LNR_L4_TCP},
		{LNR_AF_INET, SOCK_DGRAM, IPPROTO_UDP, LNR_FD_IPV4_SOCK, LNR_L4_UDP},
		{LNR_AF_INET, SOCK_DGRAM, IPPROTO_ICMP, LNR_FD_IPV4_SOCK, LNR_L4_ICMP},
		{LNR_AF_INET, SOCK_RAW, IPPROTO_TCP, LNR_FD_IPV4_SOCK, LNR_L4_RAW},
		{LNR_AF_INET, SOCK_RAW, IPPROTO_UDP, LNR_FD_IPV4_SOCK, LNR_L4_RAW},
		{LNR_AF_INET, SOCK_RAW, IPPROTO_ICMP, LNR_FD_IPV4_SOCK, LNR_L4_RAW},
		/* The whole type is compared, flags and all. */
		{LNR_AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP, LNR_FD_IPV4_SOCK, LNR_L4_ICMP},
		{LNR_AF_INET, SOCK_RAW, IPPROTO_RAW, LNR_FD_IPV4_SOCK, LNR_L4_RAW},
		{LNR_AF_INET, SOCK_RAW, 0, LNR_FD_IPV4_SOCK, LNR_L4_UNKNOWN},
		{LNR_AF_INET, SOCK_STREAM, IPPROTO_SCTP, LNR_FD_IPV4_SOCK, LNR_L4_UNKNOWN},
		{LNR_AF_INET6, SOCK_STREAM, 0, LNR_FD_IPV6_SOCK, LNR_L4_TCP},
		{LNR_AF_INET6, SOCK_DGRAM, 0, LNR_FD_IPV6_SOCK, LNR_L4_UDP},
		{LNR_AF_UNIX, SOCK_STREAM, 0, LNR_FD_UNIX_SOCK, LNR_L4_UNKNOWN},
		{LNR_AF_NETLINK, SOCK_RAW, 15, LNR_FD_NETLINK, LNR_L4_UNKNOWN},
		{LNR_AF_PACKET, SOCK_RAW, 3, LNR_FD_UNKNOWN, LNR_L4_UNKNOWN},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		rig_socket_enter(&r, 5, rows[i].domain, rows[i].type, rows[i].proto);
		assert_non_null(r.ev.fd);
		if (r.ev.fd->type != rows[i].kind || r.ev.fd->l4 != rows[i].l4)
			fail_msg("row %zu: kind %d l4 %u", i, r.ev.fd->type, r.ev.fd->l4);
		assert_name(r.ev.fd, "");
		assert_int_equal(r.ev.fd->flags & (ROLES | CONN_BITS), 0);
		rig_leave(&r);
	}
	uint32_t count = lnr_state_fd_count(r.st, rig_thread(&r, 100));
	rig_socket_enter(&r, -97, LNR_AF_INET, SOCK_STREAM, 0);
	assert_null(r.ev.fd);
	rig_leave(&r);
	assert_int_equal(lnr_state_fd_count(r.st, rig_thread(&r, 100)), count);
	/* Flags as told beside the type. */
	rig_begin(&r, LNR_EV_SOCKET_SOCKET_X, 100);
	rig_num(&r, LNR_P_SOCKET_SOCKET_X_fd, 6);
	rig_num(&r, LNR_P_SOCKET_SOCKET_X_flags, LNR_O_CLOEXEC);
	rig_step(&r);
	assert_int_equal(rig_fd(&r, 100, 6)->open_flags, LNR_O_CLOEXEC);
	assert_int_equal(rig_fd(&r, 100, 6)->type, LNR_FD_UNKNOWN);
	rig_done(&r);
}

static void pair(struct rig *r, int64_t res, int64_t fd1, int64_t fd2)
{
	rig_begin(r, LNR_EV_SOCKET_SOCKETPAIR_X, 100);
	rig_num(r, LNR_P_SOCKET_SOCKETPAIR_X_res, res);
	rig_num(r, LNR_P_SOCKET_SOCKETPAIR_X_fd1, fd1);
	rig_num(r, LNR_P_SOCKET_SOCKETPAIR_X_fd2, fd2);
	rig_num(r, LNR_P_SOCKET_SOCKETPAIR_X_source, 0xabc);
	rig_num(r, LNR_P_SOCKET_SOCKETPAIR_X_peer, 0xdef);
	rig_enter(r);
}

static void pairs(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	pair(&r, 0, 5, 6);
	assert_ptr_equal(r.ev.fd, rig_fd(&r, 100, 5));
	rig_leave(&r);
	for (int n = 5; n <= 6; n++) {
		struct lnr_fd *fd = rig_fd(&r, 100, n);
		assert_int_equal(fd->type, LNR_FD_UNIX_SOCK);
		assert_int_equal(fd->source, 0xabc);
		assert_int_equal(fd->dest, 0xdef);
		assert_rendered(&r, fd, "abc->def");
		assert_name(fd, "");
	}
	pair(&r, 0, 7, 7);
	rig_leave(&r);
	assert_null(rig_fd(&r, 100, 7));
	pair(&r, -24, 8, 9);
	rig_leave(&r);
	assert_null(rig_fd(&r, 100, 8));
	rig_done(&r);
}

static void binding(void **state)
{
	static const struct {
		uint32_t domain;
		const char *addr;
		int kind;
		const char *name;
		bool server;
	} rows[] = {
		{LNR_AF_INET, "0.0.0.0:80", LNR_FD_IPV4_SERVSOCK, "0.0.0.0:80", true},
		{LNR_AF_INET, "127.0.0.1:0", LNR_FD_IPV4_SOCK, "127.0.0.1:0", false},
		{LNR_AF_INET6, ":::443", LNR_FD_IPV4_SERVSOCK, ":::443", true},
		{LNR_AF_INET6, "::1:443", LNR_FD_IPV6_SERVSOCK, "::1:443", true},
		{LNR_AF_INET6, "::ffff:10.0.0.1:443", LNR_FD_IPV4_SERVSOCK, "::ffff:10.0.0.1:443",
			true},
		{LNR_AF_INET6, "2001:db8::1:0", LNR_FD_IPV6_SOCK, "2001:db8::1:0", false},
		{LNR_AF_UNIX, "/run/x", LNR_FD_UNIX_SOCK, "/run/x", false},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		rig_socket(&r, 5, rows[i].domain, SOCK_STREAM, 0);
		rig_bind_enter(&r, 0, 5, rows[i].addr);
		assert_int_equal(r.ev.fd->type, rows[i].kind);
		assert_int_equal(!!(r.ev.fd->flags & LNR_FDF_ROLE_SERVER), rows[i].server);
		assert_name(r.ev.fd, rows[i].name);
		assert_true(r.ev.name_changed);
		if (rows[i].server)
			assert_int_equal(r.ev.fd->l4, LNR_L4_TCP);
		rig_leave(&r);
	}
	assert_int_equal(rig_fd(&r, 100, 5)->type, LNR_FD_UNIX_SOCK);
	/* Any: the mapped zero address counts as IPv4. */
	rig_socket(&r, 5, LNR_AF_INET6, SOCK_DGRAM, 0);
	rig_bind(&r, 0, 5, ":::53");
	assert_rendered(&r, rig_fd(&r, 100, 5), "0.0.0.0:53");
	assert_int_equal(rig_fd(&r, 100, 5)->l4, LNR_L4_UDP);
	/* Failures, unknown descriptors and absent addresses change nothing. */
	rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
	rig_bind(&r, -98, 5, "0.0.0.0:80");
	assert_int_equal(rig_fd(&r, 100, 5)->type, LNR_FD_IPV4_SOCK);
	assert_name(rig_fd(&r, 100, 5), "");
	rig_bind(&r, 0, 5, NULL);
	assert_int_equal(rig_fd(&r, 100, 5)->type, LNR_FD_IPV4_SOCK);
	rig_bind(&r, 0, 77, "0.0.0.0:80");
	assert_null(rig_fd(&r, 100, 77));
	/* A family without a printed form. */
	rig_begin(&r, LNR_EV_SOCKET_BIND_X, 100);
	rig_num(&r, LNR_P_SOCKET_BIND_X_res, 0);
	rig_num(&r, LNR_P_SOCKET_BIND_X_fd, 5);
	rig_bytes(&r, LNR_P_SOCKET_BIND_X_addr, "\x11", 1);
	rig_step(&r);
	assert_name(rig_fd(&r, 100, 5), "family 17");
	rig_done(&r);
}

static void connecting(void **state)
{
	static const struct {
		uint32_t domain, type;
		const char *source, *dest, *name;
		int kind;
	} rows[] = {
		{LNR_AF_INET, SOCK_STREAM, "10.0.0.1:4000", "10.0.0.2:80",
			"10.0.0.1:4000->10.0.0.2:80", LNR_FD_IPV4_SOCK},
		{LNR_AF_INET, SOCK_DGRAM, "10.0.0.1:4000", "10.0.0.2:53",
			"10.0.0.1:4000->10.0.0.2:53", LNR_FD_IPV4_SOCK},
		{LNR_AF_INET6, SOCK_STREAM, "2001:db8::1:4000", "2001:db8::2:80",
			"2001:db8::1:4000->2001:db8::2:80", LNR_FD_IPV6_SOCK},
		/* The protocol stays where IPv6 sockets have it: spec fields 6.2. */
		{LNR_AF_INET6, SOCK_STREAM, "::ffff:10.0.0.1:4000", "::ffff:10.0.0.2:80",
			"<unknown>", LNR_FD_IPV4_SOCK},
		{LNR_AF_INET, SOCK_RAW, "10.0.0.1:0", "10.0.0.2:0", "<unknown>", LNR_FD_IPV4_SOCK},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		rig_socket(&r, 5, rows[i].domain, rows[i].type, 0);
		rig_connect_enter(&r, i & 1 ? -EINPROGRESS : 0, 5, rows[i].source, rows[i].dest,
			rows[i].dest);
		assert_name(r.ev.fd, rows[i].name);
		assert_int_equal(r.ev.fd->type, rows[i].kind);
		assert_int_equal(r.ev.fd->flags & ROLES, LNR_FDF_ROLE_CLIENT);
		assert_int_equal(r.ev.fd->flags & CONN_BITS, LNR_FDF_CONNECTED);
		assert_true(r.ev.name_changed);
		rig_leave(&r);
	}
	/* A raw socket of a known protocol has no ports to show. */
	rig_socket(&r, 5, LNR_AF_INET, SOCK_RAW, IPPROTO_ICMP);
	rig_connect(&r, 0, 5, "10.0.0.1:0", "10.0.0.2:0");
	assert_name(rig_fd(&r, 100, 5), "10.0.0.1->10.0.0.2");
	/* Again, elsewhere: source and destination are new. */
	rig_socket(&r, 5, LNR_AF_INET, SOCK_DGRAM, 0);
	rig_connect(&r, 0, 5, "10.0.0.1:4000", "10.0.0.2:53");
	rig_connect(&r, 0, 5, "10.0.0.1:4001", "10.0.0.3:53");
	assert_name(rig_fd(&r, 100, 5), "10.0.0.1:4001->10.0.0.3:53");
	/* Failure. */
	rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
	rig_connect_enter(&r, -111, 5, "10.0.0.1:4000", "10.0.0.2:80", "10.0.0.2:80");
	assert_name(r.ev.fd, "");
	assert_int_equal(r.ev.fd->flags & (ROLES | CONN_BITS), 0);
	rig_leave(&r);
	/* A bound datagram socket that connects stays a server: its ends are turned round. */
	rig_socket(&r, 5, LNR_AF_INET, SOCK_DGRAM, 0);
	rig_bind(&r, 0, 5, "10.0.0.1:514");
	assert_int_equal(rig_fd(&r, 100, 5)->type, LNR_FD_IPV4_SERVSOCK);
	rig_connect(&r, 0, 5, "10.0.0.1:514", "10.0.0.2:9999");
	assert_int_equal(rig_fd(&r, 100, 5)->flags & ROLES, LNR_FDF_ROLE_SERVER);
	rig_done(&r);
}

static void connecting_unix(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_socket(&r, 5, LNR_AF_UNIX, SOCK_STREAM, 0);
	rig_begin(&r, LNR_EV_SOCKET_CONNECT_X, 100);
	rig_num(&r, LNR_P_SOCKET_CONNECT_X_res, 0);
	rig_num(&r, LNR_P_SOCKET_CONNECT_X_fd, 5);
	rig_unix_tuple(&r, LNR_P_SOCKET_CONNECT_X_tuple, 0xab, 0xcd, "/run/log");
	rig_enter(&r);
	assert_name(r.ev.fd, "ab->cd /run/log");
	assert_int_equal(r.ev.fd->flags & ROLES, LNR_FDF_ROLE_CLIENT);
	rig_leave(&r);
	/* The tuple of another family than the socket's. */
	rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
	rig_begin(&r, LNR_EV_SOCKET_CONNECT_X, 100);
	rig_num(&r, LNR_P_SOCKET_CONNECT_X_res, 0);
	rig_num(&r, LNR_P_SOCKET_CONNECT_X_fd, 5);
	rig_unix_tuple(&r, LNR_P_SOCKET_CONNECT_X_tuple, 0xab, 0xcd, "/run/log");
	rig_step(&r);
	assert_name(rig_fd(&r, 100, 5), "");
	assert_int_equal(rig_fd(&r, 100, 5)->flags & ROLES, 0);
	rig_done(&r);
}

static void enter_address(struct rig *r, int64_t fd, const char *addr)
{
	rig_begin(r, LNR_EV_SOCKET_CONNECT_E, 100);
	rig_num(r, LNR_P_SOCKET_CONNECT_E_fd, fd);
	if (addr)
		rig_addr(r, LNR_P_SOCKET_CONNECT_E_addr, addr);
	assert_false(rig_enter(r)); /* keeps state only */
	rig_leave(r);
}

/* User memory may be rewritten between the call and the probe's second look at it. */
static void connect_prefers_enter(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	/* The tuple's destination is what the exit read from user memory: not to be trusted. */
	rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
	enter_address(&r, 5, "10.0.0.2:80");
	rig_connect(&r, -EINPROGRESS, 5, "10.0.0.1:4000", "10.6.6.6:80");
	assert_name(rig_fd(&r, 100, 5), "10.0.0.1:4000->10.0.0.2:80");
	/* The kernel knows another destination than user memory says now. */
	rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
	enter_address(&r, 5, "10.0.0.2:80");
	rig_connect_enter(&r, 0, 5, "10.0.0.1:4000", "10.0.0.3:80", "10.6.6.6:80");
	assert_name(r.ev.fd, "10.0.0.1:4000->10.0.0.3:80");
	rig_leave(&r);
	/* The exit event has no copy. */
	rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
	enter_address(&r, 5, "10.0.0.2:80");
	rig_connect_enter(&r, 0, 5, "10.0.0.1:4000", "10.0.0.3:80", NULL);
	assert_name(r.ev.fd, "10.0.0.1:4000->10.0.0.3:80");
	rig_leave(&r);
	/* Another family. */
	rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
	enter_address(&r, 5, "::1:80");
	rig_connect(&r, 0, 5, "10.0.0.1:4000", "10.0.0.3:80");
	assert_name(rig_fd(&r, 100, 5), "10.0.0.1:4000->10.0.0.3:80");
	/* The enter event's descriptor is the event's, also when the exit tells none. */
	rig_socket(&r, 6, LNR_AF_INET6, SOCK_STREAM, 0);
	enter_address(&r, 6, "2001:db8::2:80");
	rig_begin(&r, LNR_EV_SOCKET_CONNECT_X, 100);
	rig_num(&r, LNR_P_SOCKET_CONNECT_X_res, 0);
	rig_tuple(&r, LNR_P_SOCKET_CONNECT_X_tuple, "2001:db8::1:9", "2001:db8::66:80");
	rig_addr(&r, LNR_P_SOCKET_CONNECT_X_addr, "2001:db8::66:80");
	rig_step(&r);
	assert_name(rig_fd(&r, 100, 6), "2001:db8::1:9->2001:db8::2:80");
	rig_done(&r);
}

/* No tuple: only the enter event's address is known. */
static void connect_without_tuple(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
	enter_address(&r, 5, "10.0.0.2:80");
	rig_connect_enter(&r, -EINPROGRESS, 5, NULL, NULL, NULL);
	assert_name(r.ev.fd, "");
	assert_rendered(&r, r.ev.fd, "0.0.0.0:0->10.0.0.2:80");
	assert_int_equal(r.ev.fd->flags & ROLES, 0);
	rig_leave(&r);
	rig_socket(&r, 5, LNR_AF_INET6, SOCK_STREAM, 0);
	enter_address(&r, 5, "::ffff:10.0.0.2:80");
	rig_connect_enter(&r, 0, 5, NULL, NULL, NULL);
	assert_int_equal(r.ev.fd->type, LNR_FD_IPV4_SOCK);
	rig_leave(&r);
	rig_socket(&r, 5, LNR_AF_INET6, SOCK_STREAM, 0);
	enter_address(&r, 5, "2001:db8::2:80");
	rig_connect_enter(&r, 0, 5, NULL, NULL, NULL);
	assert_int_equal(r.ev.fd->type, LNR_FD_IPV6_SOCK);
	assert_rendered(&r, r.ev.fd, ":::0->2001:db8::2:80");
	rig_leave(&r);
	rig_socket(&r, 5, LNR_AF_UNIX, SOCK_STREAM, 0);
	enter_address(&r, 5, "/run/log");
	rig_connect_enter(&r, 0, 5, NULL, NULL, NULL);
	assert_name(r.ev.fd, "NULL");
	rig_leave(&r);
	rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
	rig_connect_enter(&r, 0, 5, NULL, NULL, NULL);
	assert_name(r.ev.fd, "");
	assert_int_equal(r.ev.fd->flags & CONN_BITS, LNR_FDF_CONNECTED);
	rig_leave(&r);
	rig_done(&r);
}

static void so_error(struct rig *r, int64_t fd, int64_t error, unsigned optname)
{
	uint8_t val[9] = {0};
	memcpy(val + 1, &error, 8);
	rig_begin(r, LNR_EV_SOCKET_GETSOCKOPT_X, 100);
	rig_num(r, LNR_P_SOCKET_GETSOCKOPT_X_res, 0);
	rig_num(r, LNR_P_SOCKET_GETSOCKOPT_X_fd, fd);
	rig_num(r, LNR_P_SOCKET_GETSOCKOPT_X_level, LNR_SOCKOPT_LEVEL_SOL_SOCKET);
	rig_num(r, LNR_P_SOCKET_GETSOCKOPT_X_optname, optname);
	rig_bytes(r, LNR_P_SOCKET_GETSOCKOPT_X_val, val, sizeof(val));
	rig_step(r);
}

static int status(struct rig *r)
{
	return rig_fd(r, 100, 5)->flags & CONN_BITS;
}

static void connection_status(void **state)
{
	struct rig r;
	(void)state;
	rig_init_opts(&r, (struct lnr_state_opts){.track_connections = true});
	rig_populate(&r);
	rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
	rig_connect(&r, -EINPROGRESS, 5, "10.0.0.1:4000", "10.0.0.2:80");
	assert_int_equal(status(&r), LNR_FDF_CONN_PENDING);
	assert_name(rig_fd(&r, 100, 5), "10.0.0.1:4000->10.0.0.2:80");
	so_error(&r, 5, -111, 99);
	assert_int_equal(status(&r), LNR_FDF_CONN_PENDING);
	so_error(&r, 5, -111, LNR_SOCKOPT_SO_ERROR);
	assert_int_equal(status(&r), LNR_FDF_CONN_FAILED);
	so_error(&r, 5, 0, LNR_SOCKOPT_SO_ERROR);
	assert_int_equal(status(&r), LNR_FDF_CONNECTED);
	rig_connect(&r, -111, 5, "10.0.0.1:4000", "10.0.0.3:80");
	assert_int_equal(status(&r), LNR_FDF_CONN_FAILED);
	assert_name(rig_fd(&r, 100, 5), "10.0.0.1:4000->10.0.0.3:80");
	rig_connect(&r, 0, 5, "10.0.0.1:4000", "10.0.0.3:80");
	assert_int_equal(status(&r), LNR_FDF_CONNECTED);
	rig_recvfrom_enter(&r, -104, 5, NULL, NULL);
	rig_leave(&r);
	assert_int_equal(status(&r), LNR_FDF_CONN_FAILED);
	rig_sendto_enter(&r, 3, 5, NULL, NULL);
	rig_leave(&r);
	assert_int_equal(status(&r), LNR_FDF_CONNECTED);
	/* A value that is none, and a descriptor that is none. */
	rig_begin(&r, LNR_EV_SOCKET_GETSOCKOPT_X, 100);
	rig_num(&r, LNR_P_SOCKET_GETSOCKOPT_X_res, 0);
	rig_num(&r, LNR_P_SOCKET_GETSOCKOPT_X_fd, 5);
	rig_num(&r, LNR_P_SOCKET_GETSOCKOPT_X_level, LNR_SOCKOPT_LEVEL_SOL_SOCKET);
	rig_num(&r, LNR_P_SOCKET_GETSOCKOPT_X_optname, LNR_SOCKOPT_SO_ERROR);
	rig_bytes(&r, LNR_P_SOCKET_GETSOCKOPT_X_val, "\0\xff\xff", 3);
	rig_step(&r);
	assert_int_equal(status(&r), LNR_FDF_CONNECTED);
	so_error(&r, 77, -111, LNR_SOCKOPT_SO_ERROR);
	rig_done(&r);
	/* Without the option nothing but success is told. */
	rig_init(&r);
	rig_populate(&r);
	rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
	rig_connect(&r, -EINPROGRESS, 5, "10.0.0.1:4000", "10.0.0.2:80");
	assert_int_equal(status(&r), LNR_FDF_CONNECTED);
	so_error(&r, 5, -111, LNR_SOCKOPT_SO_ERROR);
	assert_int_equal(status(&r), LNR_FDF_CONNECTED);
	rig_recvfrom_enter(&r, -104, 5, NULL, NULL);
	rig_leave(&r);
	assert_int_equal(status(&r), LNR_FDF_CONNECTED);
	rig_done(&r);
}

static void accept_begin(struct rig *r, unsigned type, int64_t res, uint32_t flags)
{
	rig_begin(r, type, 100);
	rig_num(r, LNR_P_SOCKET_ACCEPT4_6_X_fd, res);
	if (type == LNR_EV_SOCKET_ACCEPT4_6_X)
		rig_num(r, LNR_P_SOCKET_ACCEPT4_6_X_flags, flags);
}

static void accepting(void **state)
{
	static const unsigned types[] = {LNR_EV_SOCKET_ACCEPT_5_X, LNR_EV_SOCKET_ACCEPT4_6_X};
	static const struct {
		const char *source, *dest, *name;
		int kind;
	} rows[] = {
		{"10.0.0.2:4000", "10.0.0.1:80", "10.0.0.2:4000->10.0.0.1:80", LNR_FD_IPV4_SOCK},
		{"2001:db8::2:4000", "2001:db8::1:80", "2001:db8::2:4000->2001:db8::1:80",
			LNR_FD_IPV6_SOCK},
		{"::ffff:10.0.0.2:4000", "::ffff:10.0.0.1:80", "10.0.0.2:4000->10.0.0.1:80",
			LNR_FD_IPV4_SOCK},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		for (size_t k = 0; k < LNR_ARRAY_SIZE(rows); k++) {
			accept_begin(&r, types[i], 7, LNR_O_CLOEXEC | LNR_O_NONBLOCK);
			rig_tuple(&r, LNR_P_SOCKET_ACCEPT4_6_X_tuple, rows[k].source, rows[k].dest);
			rig_enter(&r);
			assert_int_equal(r.ev.fdnum, 7);
			assert_name(r.ev.fd, rows[k].name);
			assert_rendered(&r, r.ev.fd, rows[k].name);
			assert_int_equal(r.ev.fd->type, rows[k].kind);
			assert_int_equal(r.ev.fd->l4, LNR_L4_TCP);
			assert_int_equal(r.ev.fd->flags & ROLES, LNR_FDF_ROLE_SERVER);
			assert_int_equal(r.ev.fd->flags & CONN_BITS, LNR_FDF_CONNECTED);
			assert_int_equal(r.ev.fd->open_flags, i ? LNR_O_CLOEXEC : 0);
			rig_leave(&r);
		}
		accept_begin(&r, types[i], 8, 0);
		rig_unix_tuple(&r, LNR_P_SOCKET_ACCEPT4_6_X_tuple, 0xab, 0xcd, "/run/log");
		rig_enter(&r);
		assert_name(r.ev.fd, "ab->cd /run/log");
		assert_int_equal(r.ev.fd->type, LNR_FD_UNIX_SOCK);
		assert_int_equal(r.ev.fd->flags & ROLES, LNR_FDF_ROLE_SERVER);
		rig_leave(&r);
		/* Nothing known of the peer. */
		accept_begin(&r, types[i], 9, 0);
		rig_enter(&r);
		assert_int_equal(r.ev.fdnum, 9);
		assert_null(r.ev.fd);
		rig_leave(&r);
		assert_null(rig_fd(&r, 100, 9));
		accept_begin(&r, types[i], -11, 0);
		rig_tuple(&r, LNR_P_SOCKET_ACCEPT4_6_X_tuple, "1.2.3.4:5", "1.2.3.4:6");
		rig_step(&r);
		assert_null(rig_fd(&r, 100, -11));
	}
	rig_done(&r);
}

/* Sockets of other families pass by. */
static void strange_families(void **state)
{
	static const uint8_t tuple[] = {LNR_AF_NETLINK, 1, 2, 3};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	accept_begin(&r, LNR_EV_SOCKET_ACCEPT4_6_X, 9, 0);
	rig_bytes(&r, LNR_P_SOCKET_ACCEPT4_6_X_tuple, tuple, sizeof(tuple));
	rig_step(&r);
	assert_null(rig_fd(&r, 100, 9));
	rig_socket(&r, 5, LNR_AF_NETLINK, SOCK_RAW, 15);
	rig_begin(&r, LNR_EV_SOCKET_CONNECT_X, 100);
	rig_num(&r, LNR_P_SOCKET_CONNECT_X_res, 0);
	rig_num(&r, LNR_P_SOCKET_CONNECT_X_fd, 5);
	rig_bytes(&r, LNR_P_SOCKET_CONNECT_X_tuple, tuple, sizeof(tuple));
	rig_step(&r);
	assert_int_equal(rig_fd(&r, 100, 5)->type, LNR_FD_NETLINK);
	/* Cut short. */
	accept_begin(&r, LNR_EV_SOCKET_ACCEPT4_6_X, 9, 0);
	rig_bytes(&r, LNR_P_SOCKET_ACCEPT4_6_X_tuple, "\x02\x01\x02", 3);
	rig_step(&r);
	assert_null(rig_fd(&r, 100, 9));
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_of_sockets),
		cmocka_unit_test(pairs),
		cmocka_unit_test(binding),
		cmocka_unit_test(connecting),
		cmocka_unit_test(connecting_unix),
		cmocka_unit_test(connect_prefers_enter),
		cmocka_unit_test(connect_without_tuple),
		cmocka_unit_test(connection_status),
		cmocka_unit_test(accepting),
		cmocka_unit_test(strange_families),
	};
	return cmocka_run_group_tests_name("state/socket", tests, NULL, NULL);
}
