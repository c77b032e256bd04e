/* SPDX-License-Identifier: Apache-2.0 */
/* What sending and receiving tell of a socket (spec events-and-state 7.4, fields 6.3). */
#include "socket_test.h"

#define ROLES (LNR_FDF_ROLE_CLIENT | LNR_FDF_ROLE_SERVER)

static void rig_udp(struct rig *r)
{
	rig_init(r);
	rig_populate(r);
	rig_ifaces(r);
	rig_socket(r, 5, LNR_AF_INET, SOCK_DGRAM, 0);
}

/* --- every call that carries a tuple --- */

struct call {
	unsigned type, res, fd, tuple;
};

#define CALL(name)                                                                                 \
	{                                                                                          \
		LNR_EV_SOCKET_##name##_X, LNR_P_SOCKET_##name##_X_res, LNR_P_SOCKET_##name##_X_fd, \
			LNR_P_SOCKET_##name##_X_tuple                                              \
	}

static const struct call receives[] = {CALL(RECV), CALL(RECVFROM), CALL(RECVMSG), CALL(RECVMMSG)};
static const struct call sends[] = {CALL(SEND), CALL(SENDTO), CALL(SENDMSG), CALL(SENDMMSG)};

static void call(
	struct rig *r, const struct call *c, int64_t res, const char *source, const char *dest)
{
	rig_begin(r, c->type, 100);
	rig_num(r, c->res, res);
	rig_num(r, c->fd, 5);
	if (source)
		rig_tuple(r, c->tuple, source, dest);
	rig_enter(r);
}

static void receiving(void **state)
{
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(receives); i++) {
		struct rig r;
		rig_udp(&r);
		/* Bound to any address: the one that is reached is found among the machine's. */
		rig_bind(&r, 0, 5, "0.0.0.0:514");
		call(&r, &receives[i], 10, "127.0.0.1:58610", "0.0.0.0:514");
		assert_name(r.ev.fd, "127.0.0.1:58610->127.0.0.1:514");
		assert_int_equal(r.ev.fd->type, LNR_FD_IPV4_SOCK);
		assert_int_equal(r.ev.fd->l4, LNR_L4_UDP);
		assert_int_equal(r.ev.fd->flags & ROLES, LNR_FDF_ROLE_SERVER);
		assert_true(r.ev.name_changed);
		rig_leave(&r);
		call(&r, &receives[i], 10, "10.30.0.77:1000", "0.0.0.0:514");
		assert_name(r.ev.fd, "10.30.0.77:1000->10.30.0.5:514");
		assert_true(r.ev.fd->flags & LNR_FDF_CONNECTED);
		rig_leave(&r);
		/* Not of any network: the first that is not loopback. */
		call(&r, &receives[i], 10, "192.0.2.1:1000", "0.0.0.0:514");
		assert_name(r.ev.fd, "192.0.2.1:1000->10.30.0.5:514");
		assert_true(r.ev.name_changed);
		rig_leave(&r);
		/* The same again is no change. */
		call(&r, &receives[i], 10, "192.0.2.1:1000", "10.30.0.5:514");
		assert_false(r.ev.name_changed);
		rig_leave(&r);
		/* Nor are an error and an answer without tuple. */
		call(&r, &receives[i], -11, "192.0.2.9:1000", "10.30.0.5:514");
		assert_name(r.ev.fd, "192.0.2.1:1000->10.30.0.5:514");
		rig_leave(&r);
		call(&r, &receives[i], 5, NULL, NULL);
		assert_name(r.ev.fd, "192.0.2.1:1000->10.30.0.5:514");
		rig_leave(&r);
		rig_done(&r);
	}
}

static void sending(void **state)
{
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(sends); i++) {
		struct rig r;
		rig_udp(&r);
		call(&r, &sends[i], 10, "0.0.0.0:4000", "10.30.0.9:53");
		assert_name(r.ev.fd, "10.30.0.5:4000->10.30.0.9:53");
		assert_int_equal(r.ev.fd->flags & ROLES, LNR_FDF_ROLE_CLIENT);
		rig_leave(&r);
		/* The answer comes the other way; the client stays in front. */
		rig_recvfrom_enter(&r, 20, 5, "10.30.0.9:53", "10.30.0.5:4000");
		assert_name(r.ev.fd, "10.30.0.5:4000->10.30.0.9:53");
		assert_false(r.ev.name_changed);
		rig_leave(&r);
		/* Another peer. */
		call(&r, &sends[i], 10, "0.0.0.0:4000", "10.30.0.10:53");
		assert_name(r.ev.fd, "10.30.0.5:4000->10.30.0.10:53");
		rig_leave(&r);
		rig_recvfrom_enter(&r, 20, 5, "10.30.0.11:53", "10.30.0.5:4000");
		assert_name(r.ev.fd, "10.30.0.5:4000->10.30.0.11:53");
		assert_true(r.ev.name_changed);
		rig_leave(&r);
		call(&r, &sends[i], -1, "0.0.0.0:4000", "10.30.0.12:53");
		assert_name(r.ev.fd, "10.30.0.5:4000->10.30.0.11:53");
		rig_leave(&r);
		rig_done(&r);
	}
}

/* Unknown descriptors: all but sendmmsg make one up. */
static void inventing(void **state)
{
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(sends); i++) {
		struct rig r;
		bool invents = sends[i].type != LNR_EV_SOCKET_SENDMMSG_X;
		rig_init(&r);
		rig_populate(&r);
		rig_ifaces(&r);
		call(&r, &sends[i], -1, "10.30.0.5:4000", "10.30.0.9:53");
		assert_null(r.ev.fd);
		rig_leave(&r);
		call(&r, &sends[i], 3, "10.30.0.5:4000", "10.30.0.9:53");
		assert_int_equal(r.ev.fd != NULL, invents);
		if (invents) {
			assert_name(r.ev.fd, "10.30.0.5:4000->10.30.0.9:53");
			assert_int_equal(r.ev.fd->l4, LNR_L4_UDP);
			assert_int_equal(r.ev.fd->flags & ROLES, LNR_FDF_ROLE_CLIENT);
		}
		rig_leave(&r);
		rig_done(&r);
		rig_init(&r);
		rig_populate(&r);
		call(&r, &sends[i], 3, "2001:db8::1:4000", "2001:db8::2:53");
		assert_int_equal(r.ev.fd != NULL, invents);
		if (invents)
			assert_int_equal(r.ev.fd->type, LNR_FD_IPV6_SOCK);
		rig_leave(&r);
		rig_done(&r);
	}
}

/* Receiving through an unknown descriptor tells nothing. */
static void unknown_descriptor(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_recvfrom_enter(&r, 3, 5, "10.30.0.5:4000", "10.30.0.9:53");
	assert_null(r.ev.fd);
	rig_leave(&r);
	rig_sendto_enter(&r, 3, 6, NULL, NULL);
	assert_null(r.ev.fd);
	rig_leave(&r);
	rig_done(&r);
}

/* A connected stream does not change its ends, whatever a record says. */
static void streams_stay(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
	rig_connect(&r, 0, 5, "10.30.0.5:4000", "10.30.0.9:80");
	rig_recvfrom_enter(&r, 3, 5, "1.1.1.1:1", "2.2.2.2:2");
	assert_name(r.ev.fd, "10.30.0.5:4000->10.30.0.9:80");
	assert_false(r.ev.name_changed);
	rig_leave(&r);
	/* One without a name takes what comes. */
	rig_socket(&r, 6, LNR_AF_INET, SOCK_STREAM, 0);
	rig_recvfrom_enter(&r, 3, 6, "10.30.0.9:80", "10.30.0.5:4000");
	assert_int_equal(r.ev.fd->l4, LNR_L4_TCP);
	assert_true(r.ev.fd->name->len > 0);
	rig_leave(&r);
	rig_done(&r);
}

static void reading_and_writing(void **state)
{
	static const unsigned types[] = {LNR_EV_SYSCALL_READ_X, LNR_EV_SYSCALL_WRITE_X};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		rig_socket(&r, 5, LNR_AF_INET, SOCK_STREAM, 0);
		rig_begin(&r, types[i], 100);
		rig_num(&r, LNR_P_SYSCALL_READ_X_res, -11);
		rig_num(&r, LNR_P_SYSCALL_READ_X_fd, 5);
		rig_step(&r);
		assert_false(rig_fd(&r, 100, 5)->flags & LNR_FDF_CONNECTED);
		rig_begin(&r, types[i], 100);
		rig_num(&r, LNR_P_SYSCALL_READ_X_res, 0);
		rig_num(&r, LNR_P_SYSCALL_READ_X_fd, 5);
		rig_step(&r);
		assert_true(rig_fd(&r, 100, 5)->flags & LNR_FDF_CONNECTED);
		/* Files are not connected. */
		rig_begin(&r, types[i], 100);
		rig_num(&r, LNR_P_SYSCALL_READ_X_res, 1);
		rig_num(&r, LNR_P_SYSCALL_READ_X_fd, 1);
		rig_step(&r);
		assert_false(rig_fd(&r, 100, 1)->flags & LNR_FDF_CONNECTED);
	}
	rig_done(&r);
}

/* --- roles that nobody told --- */

static void set_other(struct rig *r, int64_t num, int kind, uint16_t sport, uint16_t dport)
{
	struct lnr_fd *fd = lnr_state_add_fd(r->st, rig_thread(r, 100), num);
	assert_non_null(fd);
	fd->type = (int8_t)kind;
	fd->l4 = LNR_L4_UDP;
	fd->sip = fd->dip = ip_of("10.30.0.5");
	fd->sport = sport;
	fd->dport = dport;
	lnr_state_added(r->st);
}

static void role_guess(void **state)
{
	struct rig r;
	(void)state;
	/* No other socket says anything, and this one has both ports by now: by what it does. */
	rig_udp(&r);
	rig_recvfrom_enter(&r, 3, 5, "10.30.0.9:53", "10.30.0.5:4000");
	assert_int_equal(r.ev.fd->flags & ROLES, LNR_FDF_ROLE_SERVER);
	rig_leave(&r);
	rig_done(&r);
	rig_udp(&r);
	rig_sendto_enter(&r, 3, 5, "10.30.0.5:4000", "10.30.0.9:53");
	assert_int_equal(r.ev.fd->flags & ROLES, LNR_FDF_ROLE_CLIENT);
	rig_leave(&r);
	rig_done(&r);
	/* Another socket of the process serves the port: reading makes a server. */
	rig_udp(&r);
	set_other(&r, 9, LNR_FD_IPV4_SERVSOCK, 53, 0);
	rig_recvfrom_enter(&r, 3, 5, "10.30.0.9:4000", "10.30.0.5:53");
	assert_int_equal(r.ev.fd->flags & ROLES, LNR_FDF_ROLE_SERVER);
	assert_name(r.ev.fd, "10.30.0.9:4000->10.30.0.5:53");
	rig_leave(&r);
	rig_done(&r);
}

/* --- IPv6 --- */

static void ipv6(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_ifaces(&r);
	rig_socket(&r, 5, LNR_AF_INET6, SOCK_DGRAM, 0);
	rig_sendto_enter(&r, 3, 5, ":::4000", "2001:db8::9:53");
	assert_name(r.ev.fd, "fd12:30::5:4000->2001:db8::9:53");
	rig_leave(&r);
	/* The subnet is 64 bits. */
	rig_socket(&r, 5, LNR_AF_INET6, SOCK_DGRAM, 0);
	rig_sendto_enter(&r, 3, 5, ":::4000", "fd12:30::9:53");
	assert_name(r.ev.fd, "fd12:30::5:4000->fd12:30::9:53");
	rig_leave(&r);
	/* Mapped addresses make it an IPv4 socket, whose protocol stands elsewhere: taken as UDP.
	 */
	rig_socket(&r, 5, LNR_AF_INET6, SOCK_DGRAM, 0);
	rig_sendto_enter(&r, 3, 5, "::ffff:10.30.0.5:4000", "::ffff:10.30.0.9:53");
	assert_int_equal(r.ev.fd->type, LNR_FD_IPV4_SOCK);
	assert_name(r.ev.fd, "10.30.0.5:4000->10.30.0.9:53");
	rig_leave(&r);
	/* A bound one keeps its kind and reads its memory as before. */
	rig_socket(&r, 5, LNR_AF_INET6, SOCK_DGRAM, 0);
	rig_bind(&r, 0, 5, "fd12:30::5:4500");
	assert_int_equal(rig_fd(&r, 100, 5)->type, LNR_FD_IPV6_SERVSOCK);
	rig_recvfrom_enter(&r, 3, 5, "fd12:30::9:1000", "fd12:30::5:4500");
	assert_int_equal(r.ev.fd->type, LNR_FD_IPV6_SERVSOCK);
	assert_name(r.ev.fd, "fd12:30::9:1000->fd12:30::5:4500");
	rig_leave(&r);
	rig_done(&r);
}

/*
 * Values seen in the reference's replays: a socket bound to :: is an IPv4 one, and what comes from
 * IPv6 is read through IPv4 eyes.
 */
static void misread_memory(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_ifaces(&r);
	rig_socket(&r, 5, LNR_AF_INET6, SOCK_DGRAM, 0);
	rig_connect_enter(&r, 0, 5, "::ffff:1.2.3.4:1", "::ffff:1.2.3.4:2", NULL);
	rig_leave(&r);
	assert_int_equal(rig_fd(&r, 100, 5)->type, LNR_FD_IPV4_SOCK);
	rig_sendto_enter(&r, 7, 5, ":::47982", "2001:db8::77:4500");
	assert_name(r.ev.fd, "10.30.0.5:0->0.0.0.0:0");
	rig_leave(&r);
	rig_done(&r);
}

/* --- unix --- */

static void unix_tuples(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_socket(&r, 5, LNR_AF_UNIX, SOCK_DGRAM, 0);
	rig_begin(&r, LNR_EV_SOCKET_SENDTO_X, 100);
	rig_num(&r, LNR_P_SOCKET_SENDTO_X_res, 3);
	rig_num(&r, LNR_P_SOCKET_SENDTO_X_fd, 5);
	rig_unix_tuple(&r, LNR_P_SOCKET_SENDTO_X_tuple, 0xab, 0xcd, "/dev/log");
	rig_enter(&r);
	assert_name(r.ev.fd, "ab->cd /dev/log");
	assert_int_equal(r.ev.fd->source, 0xab);
	assert_int_equal(r.ev.fd->dest, 0xcd);
	assert_false(r.ev.fd->flags & LNR_FDF_CONNECTED);
	rig_leave(&r);
	rig_done(&r);
}

/* Descriptors in a message: in a file nobody can be asked what they are, and all forms are safe. */
static void rights(void **state)
{
	static const struct {
		uint8_t bytes[32];
		size_t len;
	} rows[] = {
		{{20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0}, 20},
		{{20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0}, 19},
		{{19, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0}, 19},
		{{0}, 16},
		{{255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0, 1, 0, 0, 0}, 16},
		{{16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1}, 17},
		{{1}, 1},
	};
	(void)state;
	for (int live = 0; live < 2; live++) {
		struct rig r;
		rig_init_opts(&r, (struct lnr_state_opts){.live = live});
		rig_process(&r, 100, 0, "sh");
		lnr_state_added(r.st);
		rig_socket(&r, 5, LNR_AF_UNIX, SOCK_STREAM, 0);
		uint32_t count = lnr_state_fd_count(r.st, rig_thread(&r, 100));
		/* The well-formed one, first of the table, only where it must not be asked about.
		 */
		for (size_t i = 1; i < LNR_ARRAY_SIZE(rows) + (live ? 0 : 1); i++) {
			size_t row = i % LNR_ARRAY_SIZE(rows);
			rig_begin(&r, LNR_EV_SOCKET_RECVMSG_X, 100);
			rig_num(&r, LNR_P_SOCKET_RECVMSG_X_res, 1);
			rig_num(&r, LNR_P_SOCKET_RECVMSG_X_fd, 5);
			rig_bytes(&r, LNR_P_SOCKET_RECVMSG_X_msgcontrol, rows[row].bytes,
				rows[row].len);
			rig_step(&r);
		}
		assert_int_equal(lnr_state_fd_count(r.st, rig_thread(&r, 100)), count);
		rig_done(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(receiving),
		cmocka_unit_test(sending),
		cmocka_unit_test(inventing),
		cmocka_unit_test(unknown_descriptor),
		cmocka_unit_test(streams_stay),
		cmocka_unit_test(reading_and_writing),
		cmocka_unit_test(role_guess),
		cmocka_unit_test(ipv6),
		cmocka_unit_test(misread_memory),
		cmocka_unit_test(unix_tuples),
		cmocka_unit_test(rights),
	};
	return cmocka_run_group_tests_name("state/traffic", tests, NULL, NULL);
}
