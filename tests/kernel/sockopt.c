/* SPDX-License-Identifier: Apache-2.0 */
#include "net.h"

#include <netinet/tcp.h>
#include <sys/time.h>

#ifndef SO_RCVTIMEO_NEW
#define SO_RCVTIMEO_NEW 66
#endif
#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

static const struct timeval five = {.tv_sec = 5, .tv_usec = 7};
static const struct linger lingering = {.l_onoff = 1, .l_linger = 3};

static void set_options(void *out)
{
	int *fd = out, one = 1;
	*fd = net_socket(AF_INET, SOCK_STREAM);
	lnr_kt_check(setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
	lnr_kt_check(setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &five, sizeof(five)) == 0);
	lnr_kt_check(setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO_NEW, &five, sizeof(five)) == 0);
	lnr_kt_check(setsockopt(*fd, SOL_SOCKET, SO_LINGER, &lingering, sizeof(lingering)) == 0);
	lnr_kt_check(setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0);
	lnr_kt_check(setsockopt(*fd, IPPROTO_IP, 1000, &one, sizeof(one)) < 0);
	lnr_kt_check(setsockopt(-1, SOL_SOCKET, 1000, NULL, 0) < 0 && errno == EBADF);
}

static struct lnr_kt_event *option(struct lnr_kt *k, unsigned type, unsigned n, int64_t res,
	unsigned level, unsigned name, unsigned len)
{
	struct lnr_kt_event *e = lnr_kt_event(k, type, n);
	assert_param_s64(e, "res", res);
	assert_param_u64(e, "level", level);
	assert_param_u64(e, "optname", name);
	assert_param_u64(e, "optlen", len);
	return e;
}

static struct lnr_kt_event *set(
	struct lnr_kt *k, unsigned n, int64_t res, unsigned level, unsigned name, unsigned len)
{
	return option(k, LNR_EV_SOCKET_SETSOCKOPT_X, n, res, level, name, len);
}

static struct lnr_kt_event *got(
	struct lnr_kt *k, unsigned n, int64_t res, unsigned level, unsigned name, unsigned len)
{
	return option(k, LNR_EV_SOCKET_GETSOCKOPT_X, n, res, level, name, len);
}

/* An alternative's number, then bytes as they were. */
static void check_raw(struct lnr_kt_event *e, const void *want, size_t len)
{
	char bytes[64] = {LNR_SOCKOPT_IDX_UNKNOWN};
	if (len)
		memcpy(bytes + 1, want, len);
	assert_param_bytes(e, "val", bytes, 1 + len);
}

static void setting(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, set_options), one = 1;
	const unsigned sock = LNR_SOCKOPT_LEVEL_SOL_SOCKET;
	struct lnr_kt_event *e = set(k, 0, 0, sock, LNR_SOCKOPT_SO_REUSEADDR, 4);
	assert_param_s64(e, "fd", *fd);
	assert_param_dyn(e, "val", LNR_SOCKOPT_IDX_UINT32, 1);
	assert_all_params(e);
	for (unsigned i = 1; i < 3; i++) {
		e = set(k, i, 0, sock, LNR_SOCKOPT_SO_RCVTIMEO, sizeof(five));
		assert_param_s64(e, "fd", *fd);
		assert_param_dyn(e, "val", LNR_SOCKOPT_IDX_TIMEVAL, 5000007000);
		assert_all_params(e);
	}
	e = set(k, 3, 0, sock, LNR_SOCKOPT_SO_LINGER, sizeof(lingering));
	check_raw(e, &lingering, sizeof(lingering));
	e = set(k, 4, 0, LNR_SOCKOPT_LEVEL_SOL_TCP, LNR_SOCKOPT_UNKNOWN, 4);
	check_raw(e, &one, sizeof(one));
	e = set(k, 5, -ENOPROTOOPT, LNR_SOCKOPT_LEVEL_UNKNOWN, LNR_SOCKOPT_UNKNOWN, 4);
	check_raw(e, &one, sizeof(one));
	e = set(k, 6, -EBADF, sock, LNR_SOCKOPT_UNKNOWN, 0);
	assert_param_s64(e, "fd", -1);
	check_raw(e, NULL, 0);
	assert_all_params(e);
}

struct got {
	int fd;
	uint64_t cookie;
	struct ucred cred;
};

static void get_options(void *out)
{
	struct got *x = out;
	union net_addr a;
	struct timeval t;
	uint16_t port;
	int v;
	socklen_t len = sizeof(v);
	x->fd = net_socket(AF_INET, SOCK_STREAM);
	lnr_kt_check(getsockopt(x->fd, SOL_SOCKET, SO_TYPE, &v, &len) == 0);
	/* A refused connection is told by SO_ERROR, when nobody waited for it. */
	net_bound(AF_INET, SOCK_STREAM, &port);
	int fd = net_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
	connect(fd, &a.sa, net_loopback(&a, AF_INET, port));
	len = sizeof(v);
	lnr_kt_check(getsockopt(fd, SOL_SOCKET, SO_ERROR, &v, &len) == 0 && v == ECONNREFUSED);
	lnr_kt_check(setsockopt(x->fd, SOL_SOCKET, SO_SNDTIMEO, &five, sizeof(five)) == 0);
	len = sizeof(t);
	lnr_kt_check(getsockopt(x->fd, SOL_SOCKET, SO_SNDTIMEO, &t, &len) == 0);
	len = sizeof(x->cookie);
	lnr_kt_check(getsockopt(x->fd, SOL_SOCKET, SO_COOKIE, &x->cookie, &len) == 0);
	len = sizeof(x->cred);
	lnr_kt_check(getsockopt(x->fd, SOL_SOCKET, SO_PEERCRED, &x->cred, &len) == 0);
	lnr_kt_check(getsockopt(x->fd, SOL_SOCKET, SO_TYPE, &v, NULL) < 0 && errno == EFAULT);
}

static void getting(void **state)
{
	struct lnr_kt *k = *state;
	const struct got *x = lnr_kt_act(k, get_options);
	const unsigned sock = LNR_SOCKOPT_LEVEL_SOL_SOCKET;
	struct lnr_kt_event *e = got(k, 0, 0, sock, LNR_SOCKOPT_SO_TYPE, 4);
	assert_param_s64(e, "fd", x->fd);
	assert_param_dyn(e, "val", LNR_SOCKOPT_IDX_UINT32, SOCK_STREAM);
	assert_all_params(e);
	e = got(k, 1, 0, sock, LNR_SOCKOPT_SO_ERROR, 4);
	assert_param_dyn(e, "val", LNR_SOCKOPT_IDX_ERRNO, (uint64_t)-ECONNREFUSED);
	e = got(k, 2, 0, sock, LNR_SOCKOPT_SO_SNDTIMEO, sizeof(five));
	assert_true(lnr_kt_count(k, LNR_EV_SOCKET_GETSOCKOPT_X) == 6);
	/* The kernel rounds to its ticks; whole seconds are exact. */
	struct lnr_str val = lnr_param_bytes(&e->ev, 4);
	uint64_t ns;
	assert_int_equal(val.len, 9);
	assert_int_equal(val.ptr[0], LNR_SOCKOPT_IDX_TIMEVAL);
	memcpy(&ns, val.ptr + 1, sizeof(ns));
	assert_int_equal(ns / 1000000000, 5);
	e = got(k, 3, 0, sock, LNR_SOCKOPT_SO_COOKIE, 8);
	assert_param_dyn(e, "val", LNR_SOCKOPT_IDX_UINT64, x->cookie);
	e = got(k, 4, 0, sock, LNR_SOCKOPT_SO_PEERCRED, sizeof(x->cred));
	check_raw(e, &x->cred, sizeof(x->cred));
	e = got(k, 5, -EFAULT, sock, LNR_SOCKOPT_SO_TYPE, 0);
	assert_param_s64(e, "fd", x->fd);
	ignore_param(e, "val"); /* what the caller's variable held */
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "setsockopt getsockopt"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting),
		cmocka_unit_test(getting),
	};
	return cmocka_run_group_tests_name("sockopt", tests, setup, lnr_kt_teardown);
}
