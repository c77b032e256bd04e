/* SPDX-License-Identifier: Apache-2.0 */
#include "net.h"

#include <sys/stat.h>

static void make_sockets(void *out)
{
	int *fd = out;
	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	fd[1] = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	fd[2] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	lnr_kt_check(fd[0] >= 0 && fd[1] >= 0 && fd[2] >= 0);
}

static void sockets(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, make_sockets);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SOCKET_X, 0);
	assert_param_s64(e, "fd", fd[0]);
	assert_param_u64(e, "domain", LNR_AF_INET);
	assert_param_u64(e, "type", SOCK_STREAM);
	assert_param_u64(e, "proto", 0);
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SOCKET_X, 1);
	assert_param_s64(e, "fd", fd[1]);
	assert_param_u64(e, "domain", LNR_AF_INET6);
	assert_param_u64(e, "type", SOCK_DGRAM | SOCK_CLOEXEC);
	assert_param_u64(e, "proto", IPPROTO_UDP);
	assert_param_u64(e, "flags", LNR_O_CLOEXEC);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SOCKET_X, 2);
	assert_param_s64(e, "fd", fd[2]);
	assert_param_u64(e, "domain", LNR_AF_UNIX);
	assert_param_u64(e, "type", SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_param_u64(e, "proto", 0);
	assert_param_u64(e, "flags", LNR_O_CLOEXEC | LNR_O_NONBLOCK);
	assert_all_params(e);
}

static void make_none(void *out)
{
	(void)out;
	lnr_kt_check(socket(AF_INET, 77, 3) < 0 && errno == EINVAL);
	/* A family that the table lacks, and one that no kernel has. */
	lnr_kt_check(socket(28, SOCK_STREAM, 0) < 0);
	lnr_kt_check(socket(250, SOCK_STREAM, 0) < 0 && errno == EAFNOSUPPORT);
}

static void no_socket(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, make_none);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SOCKET_X, 0);
	assert_param_s64(e, "fd", -EINVAL);
	assert_param_u64(e, "domain", LNR_AF_INET);
	assert_param_u64(e, "type", 77);
	assert_param_u64(e, "proto", 3);
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
	assert_param_u64(lnr_kt_event(k, LNR_EV_SOCKET_SOCKET_X, 1), "domain", LNR_AF_UNSPEC);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SOCKET_X, 2);
	assert_param_s64(e, "fd", -EAFNOSUPPORT);
	assert_param_u64(e, "domain", LNR_AF_UNSPEC);
}

static void make_pair(void *out)
{
	int *fd = out;
	lnr_kt_check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
	/* The first of them writes: its tuple tells the same objects. */
	lnr_kt_check(send(fd[0], "x", 1, 0) == 1);
}

static void pair(void **state)
{
	struct lnr_kt *k = *state;
	uint64_t source, dest;
	const int *fd = lnr_kt_act(k, make_pair);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SOCKETPAIR_X, 0);
	struct lnr_kt_event *sent = lnr_kt_event(k, LNR_EV_SOCKET_SENDTO_X, 0);
	assert_param_tuple_unix(sent, "tuple", "", &source, &dest);
	assert_true(source && dest && source != dest);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd1", fd[0]);
	assert_param_s64(e, "fd2", fd[1]);
	assert_param_u64(e, "source", dest);
	assert_param_u64(e, "peer", source);
	assert_param_u64(e, "domain", LNR_AF_UNIX);
	assert_param_u64(e, "type", SOCK_STREAM | SOCK_CLOEXEC);
	assert_param_u64(e, "proto", 0);
	assert_all_params(e);
}

static void make_no_pair(void *out)
{
	int *fd = out;
	lnr_kt_check(socketpair(AF_INET, SOCK_STREAM, IPPROTO_TCP, fd) < 0);
}

static void no_pair(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, make_no_pair);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SOCKETPAIR_X, 0);
	assert_param_s64(e, "res", -EOPNOTSUPP);
	assert_param_s64(e, "fd1", -1);
	assert_param_s64(e, "fd2", -1);
	assert_param_u64(e, "source", 0);
	assert_param_u64(e, "peer", 0);
	assert_param_u64(e, "domain", LNR_AF_INET);
	assert_param_u64(e, "type", SOCK_STREAM);
	assert_param_u64(e, "proto", IPPROTO_TCP);
	assert_all_params(e);
}

static void ask_names(void *out)
{
	uint16_t *port = out;
	union net_addr a;
	socklen_t len = sizeof(a);
	int fd = net_bound(AF_INET, SOCK_STREAM, port);
	lnr_kt_check(getpeername(fd, &a.sa, &len) < 0 && errno == ENOTCONN);
}

static void names(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, ask_names);
	assert_all_params(lnr_kt_event(k, LNR_EV_SOCKET_GETSOCKNAME_X, 0));
	assert_all_params(lnr_kt_event(k, LNR_EV_SOCKET_GETPEERNAME_X, 0));
}

static int setup(void **state)
{
	return lnr_kt_setup(state,
		&(struct lnr_kt_opts){.calls = "socket socketpair sendto getsockname getpeername"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets),
		cmocka_unit_test(no_socket),
		cmocka_unit_test(pair),
		cmocka_unit_test(no_pair),
		cmocka_unit_test(names),
	};
	return cmocka_run_group_tests_name("socket", tests, setup, lnr_kt_teardown);
}
