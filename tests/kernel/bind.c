/* SPDX-License-Identifier: Apache-2.0 */
#include "net.h"

static void bind_inet(void *out)
{
	uint16_t *port = out;
	union net_addr a;
	net_bound(AF_INET, SOCK_STREAM, &port[0]);
	int fd = net_socket(AF_INET6, SOCK_DGRAM);
	port[1] = 0;
	lnr_kt_check(bind(fd, &a.sa, net_loopback(&a, AF_INET6, 0)) == 0);
	/* Taken: the address is told all the same. */
	fd = net_socket(AF_INET, SOCK_STREAM);
	lnr_kt_check(bind(fd, &a.sa, net_loopback(&a, AF_INET, port[0])) < 0);
	port[2] = (uint16_t)fd;
}

static void inet(void **state)
{
	struct lnr_kt *k = *state;
	const uint16_t *port = lnr_kt_act(k, bind_inet);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_BIND_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_addr(e, "addr", "127.0.0.1", 0);
	assert_param_s64(e, "fd", port[2] - 2);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_BIND_X, 1);
	assert_param_s64(e, "res", 0);
	assert_param_addr(e, "addr", "::1", 0);
	assert_param_s64(e, "fd", port[2] - 1);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_BIND_X, 2);
	assert_param_s64(e, "res", -EADDRINUSE);
	assert_param_addr(e, "addr", "127.0.0.1", port[0]);
	assert_param_s64(e, "fd", port[2]);
	assert_all_params(e);
}

static char path_at_most[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];

static void bind_unix(void *out)
{
	union net_addr a;
	(void)out;
	int fd = net_socket(AF_UNIX, SOCK_STREAM);
	lnr_kt_check(bind(fd, &a.sa, net_unix(&a, "/nowhere/at/all")) < 0 && errno == ENOENT);
	lnr_kt_check(bind(fd, &a.sa, net_unix(&a, "@lanner kernel test")) == 0);
	/* All 108 bytes are name, nothing ends it. */
	memset(a.un.sun_path, 'p', sizeof(a.un.sun_path));
	a.un.sun_path[0] = '/';
	a.un.sun_path[2] = '/';
	lnr_kt_check(bind(fd, &a.sa, sizeof(a.un)) < 0);
	/* No name at all: the kernel chooses one, or refuses. */
	bind(fd, &a.sa, sizeof(sa_family_t));
}

static void unix_names(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, bind_unix);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_BIND_X, 0);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_addr_unix(e, "addr", "/nowhere/at/all");
	ignore_param(e, "fd");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_BIND_X, 1);
	assert_param_s64(e, "res", 0);
	assert_param_addr_unix(e, "addr", "lanner kernel test");
	memset(path_at_most, 'p', sizeof(path_at_most) - 1);
	path_at_most[0] = '/';
	path_at_most[2] = '/';
	e = lnr_kt_event(k, LNR_EV_SOCKET_BIND_X, 2);
	assert_param_addr_unix(e, "addr", path_at_most);
	e = lnr_kt_event(k, LNR_EV_SOCKET_BIND_X, 3);
	assert_param_addr_unix(e, "addr", "");
}

static void bind_wrongly(void *out)
{
	union net_addr a;
	(void)out;
	int fd = net_socket(AF_INET, SOCK_STREAM);
	lnr_kt_check(bind(fd, NULL, 16) < 0 && errno == EFAULT);
	net_loopback(&a, AF_INET, 80);
	lnr_kt_check(bind(fd, &a.sa, 4) < 0 && errno == EINVAL);
	a.sa.sa_family = AF_NETLINK;
	lnr_kt_check(bind(fd, &a.sa, sizeof(a.in)) < 0);
	lnr_kt_check(bind(-1, &a.sa, net_loopback(&a, AF_INET, 80)) < 0 && errno == EBADF);
}

/* Addresses that cannot be read, are too short or of a family without a form of its own. */
static void wrong(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, bind_wrongly);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_BIND_X, 0);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_absent(e, "addr");
	assert_param_absent(lnr_kt_event(k, LNR_EV_SOCKET_BIND_X, 1), "addr");
	assert_param_absent(lnr_kt_event(k, LNR_EV_SOCKET_BIND_X, 2), "addr");
	e = lnr_kt_event(k, LNR_EV_SOCKET_BIND_X, 3);
	assert_param_s64(e, "res", -EBADF);
	assert_param_addr(e, "addr", "127.0.0.1", 80);
	assert_param_s64(e, "fd", -1);
	assert_all_params(e);
}

static void listen_and_stop(void *out)
{
	uint16_t port;
	int *fd = out;
	*fd = net_bound(AF_INET, SOCK_STREAM, &port);
	lnr_kt_check(listen(*fd, 7) == 0);
	lnr_kt_check(listen(-1, -5) < 0);
	lnr_kt_check(shutdown(*fd, SHUT_RD) == 0);
	lnr_kt_check(shutdown(*fd, SHUT_RDWR) < 0 && errno == ENOTCONN);
	lnr_kt_check(shutdown(*fd, 9) < 0 && errno == EINVAL);
}

static void listening(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, listen_and_stop);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_LISTEN_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd", *fd);
	assert_param_s64(e, "backlog", 7);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_LISTEN_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fd", -1);
	assert_param_s64(e, "backlog", -5);
	assert_all_params(e);
}

static void stopping(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, listen_and_stop);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SHUTDOWN_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "how", LNR_SHUT_RD);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SHUTDOWN_X, 1);
	assert_param_s64(e, "res", -ENOTCONN);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "how", LNR_SHUT_RDWR);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SHUTDOWN_X, 2);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "how", (uint8_t)LNR_SHUT_UNKNOWN);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "bind listen shutdown"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inet),
		cmocka_unit_test(unix_names),
		cmocka_unit_test(wrong),
		cmocka_unit_test(listening),
		cmocka_unit_test(stopping),
	};
	return cmocka_run_group_tests_name("bind", tests, setup, lnr_kt_teardown);
}
