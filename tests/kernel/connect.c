/* SPDX-License-Identifier: Apache-2.0 */
/* connect and, at the other end, accept. */
#include "net.h"

#include <fcntl.h>

struct ends {
	int server, client, accepted, second;
	uint16_t port, client_port, accepted_port;
};

static void connect_inet(struct ends *x, int family)
{
	union net_addr a;
	x->server = net_bound(family, SOCK_STREAM, &x->port);
	lnr_kt_check(listen(x->server, 4) == 0);
	x->client = net_socket(family, SOCK_STREAM);
	socklen_t len = net_loopback(&a, family, x->port);
	lnr_kt_check(connect(x->client, &a.sa, len) == 0);
	x->client_port = net_port(x->client);
	/* A second one waits in the queue while the first is taken. */
	x->second = net_socket(family, SOCK_STREAM);
	lnr_kt_check(connect(x->second, &a.sa, len) == 0);
	/* Mostly the first, but that is up to the kernel. */
	len = sizeof(a);
	x->accepted = accept(x->server, &a.sa, &len);
	lnr_kt_check(x->accepted >= 0);
	x->accepted_port = ntohs(family == AF_INET ? a.in.sin_port : a.in6.sin6_port);
}

static void connect_inet4(void *out)
{
	connect_inet(out, AF_INET);
}

static void connect_inet6(void *out)
{
	connect_inet(out, AF_INET6);
}

static void check_inet(struct lnr_kt *k, const struct ends *x, const char *ip)
{
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_CONNECT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_tuple(e, "tuple", ip, x->client_port, ip, x->port);
	assert_param_s64(e, "fd", x->client);
	assert_param_addr(e, "addr", ip, x->port);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_ACCEPT_5_X, 0);
	assert_param_s64(e, "fd", x->accepted);
	assert_param_tuple(e, "tuple", ip, x->accepted_port, ip, x->port);
	assert_param_u64(e, "queuepct", 25);
	assert_param_u64(e, "queuelen", 1);
	assert_param_u64(e, "queuemax", 4);
	assert_all_params(e);
}

static void inet4(void **state)
{
	struct lnr_kt *k = *state;
	check_inet(k, lnr_kt_act(k, connect_inet4), "127.0.0.1");
}

static void inet6(void **state)
{
	struct lnr_kt *k = *state;
	check_inet(k, lnr_kt_act(k, connect_inet6), "::1");
}

static void connect_later(void *out)
{
	struct ends *x = out;
	union net_addr a;
	x->server = net_bound(AF_INET, SOCK_STREAM, &x->port);
	lnr_kt_check(listen(x->server, 4) == 0);
	x->client = net_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
	lnr_kt_check(connect(x->client, &a.sa, net_loopback(&a, AF_INET, x->port)) < 0 &&
		     errno == EINPROGRESS);
	x->client_port = net_port(x->client);
}

static void in_progress(void **state)
{
	struct lnr_kt *k = *state;
	const struct ends *x = lnr_kt_act(k, connect_later);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_CONNECT_X, 0);
	assert_param_s64(e, "res", -EINPROGRESS);
	assert_param_tuple(e, "tuple", "127.0.0.1", x->client_port, "127.0.0.1", x->port);
	assert_param_s64(e, "fd", x->client);
	assert_param_addr(e, "addr", "127.0.0.1", x->port);
	assert_all_params(e);
}

static void connect_nowhere(void *out)
{
	struct ends *x = out;
	union net_addr a;
	/* Bound and not listening: nobody else can listen there. */
	net_bound(AF_INET, SOCK_STREAM, &x->port);
	x->client = net_socket(AF_INET, SOCK_STREAM);
	lnr_kt_check(connect(x->client, &a.sa, net_loopback(&a, AF_INET, x->port)) < 0 &&
		     errno == ECONNREFUSED);
	lnr_kt_check(connect(x->client, NULL, 0) < 0);
	lnr_kt_check(connect(-1, &a.sa, net_loopback(&a, AF_INET6, 7)) < 0 && errno == EBADF);
	/* A datagram socket only remembers. */
	x->second = net_socket(AF_INET, SOCK_DGRAM);
	lnr_kt_check(connect(x->second, &a.sa, net_loopback(&a, AF_INET, x->port)) == 0);
	x->client_port = net_port(x->second);
	/* Netlink has addresses, but none that an event could tell. */
	struct sockaddr_storage nl = {.ss_family = AF_NETLINK};
	x->server = net_socket(AF_NETLINK, SOCK_RAW);
	lnr_kt_check(connect(x->server, (struct sockaddr *)&nl, 12) == 0);
}

static void refused(void **state)
{
	struct lnr_kt *k = *state;
	const struct ends *x = lnr_kt_act(k, connect_nowhere);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_CONNECT_X, 0);
	assert_param_s64(e, "res", -ECONNREFUSED);
	assert_param_absent(e, "tuple");
	assert_param_s64(e, "fd", x->client);
	assert_param_addr(e, "addr", "127.0.0.1", x->port);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_CONNECT_X, 1);
	assert_param_absent(e, "addr");
	e = lnr_kt_event(k, LNR_EV_SOCKET_CONNECT_X, 2);
	assert_param_s64(e, "res", -EBADF);
	assert_param_absent(e, "tuple");
	assert_param_s64(e, "fd", -1);
	assert_param_addr(e, "addr", "::1", 7);
	e = lnr_kt_event(k, LNR_EV_SOCKET_CONNECT_X, 3);
	assert_param_s64(e, "res", 0);
	assert_param_tuple(e, "tuple", "127.0.0.1", x->client_port, "127.0.0.1", x->port);
	assert_param_s64(e, "fd", x->second);
	e = lnr_kt_event(k, LNR_EV_SOCKET_CONNECT_X, 4);
	assert_param_s64(e, "res", 0);
	assert_param_absent(e, "tuple");
	assert_param_s64(e, "fd", x->server);
	assert_param_absent(e, "addr");
}

static void connect_unix(struct ends *x, const char *name)
{
	union net_addr a;
	socklen_t len = net_unix(&a, name);
	x->server = net_socket(AF_UNIX, SOCK_STREAM);
	lnr_kt_check(bind(x->server, &a.sa, len) == 0);
	lnr_kt_check(listen(x->server, 0) == 0);
	x->client = net_socket(AF_UNIX, SOCK_STREAM);
	lnr_kt_check(connect(x->client, &a.sa, len) == 0);
	x->accepted = accept4(x->server, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	lnr_kt_check(x->accepted >= 0);
}

static struct lnr_test_dir dir;

static void connect_path(void *out)
{
	lnr_kt_check(chdir(dir.path) == 0);
	connect_unix(out, "a socket");
}

static void connect_abstract(void *out)
{
	connect_unix(out, "@lanner connect test");
}

static void check_unix(struct lnr_kt *k, const struct ends *x, const char *name)
{
	uint64_t source, dest, source2, dest2;
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_CONNECT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_tuple_unix(e, "tuple", name, &source, &dest);
	assert_param_s64(e, "fd", x->client);
	assert_param_addr_unix(e, "addr", name);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_ACCEPT4_6_X, 0);
	assert_param_s64(e, "fd", x->accepted);
	assert_param_tuple_unix(e, "tuple", name, &source2, &dest2);
	assert_param_u64(e, "queuepct", 0);
	assert_param_u64(e, "queuelen", 0);
	assert_param_u64(e, "queuemax", 0);
	assert_param_u64(e, "flags", LNR_O_CLOEXEC | LNR_O_NONBLOCK);
	assert_all_params(e);
	/* Both ends name the server's object first. */
	assert_true(source && dest && source != dest);
	assert_int_equal(source, source2);
	assert_int_equal(dest, dest2);
}

static void unix_path(void **state)
{
	struct lnr_kt *k = *state;
	lnr_test_dir_init(&dir);
	check_unix(k, lnr_kt_act(k, connect_path), "a socket");
	lnr_test_dir_done(&dir);
}

static void unix_abstract(void **state)
{
	struct lnr_kt *k = *state;
	check_unix(k, lnr_kt_act(k, connect_abstract), "lanner connect test");
}

static void accept_nothing(void *out)
{
	struct ends *x = out;
	x->server = net_bound(AF_INET, SOCK_STREAM, &x->port);
	lnr_kt_check(accept(x->server, NULL, NULL) < 0 && errno == EINVAL);
	lnr_kt_check(listen(x->server, 5) == 0);
	lnr_kt_check(fcntl(x->server, F_SETFL, O_NONBLOCK) == 0);
	lnr_kt_check(accept4(x->server, NULL, NULL, SOCK_CLOEXEC) < 0 && errno == EAGAIN);
}

static void no_accept(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, accept_nothing);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_ACCEPT_5_X, 0);
	assert_param_s64(e, "fd", -EINVAL);
	assert_param_absent(e, "tuple");
	assert_param_u64(e, "queuepct", 0);
	assert_param_u64(e, "queuelen", 0);
	assert_param_u64(e, "queuemax", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_ACCEPT4_6_X, 0);
	assert_param_s64(e, "fd", -EAGAIN);
	assert_param_absent(e, "tuple");
	assert_param_u64(e, "queuepct", 0);
	assert_param_u64(e, "queuelen", 0);
	assert_param_u64(e, "queuemax", 0);
	assert_param_u64(e, "flags", LNR_O_CLOEXEC);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "connect accept accept4"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inet4),
		cmocka_unit_test(inet6),
		cmocka_unit_test(in_progress),
		cmocka_unit_test(refused),
		cmocka_unit_test(unix_path),
		cmocka_unit_test(unix_abstract),
		cmocka_unit_test(no_accept),
	};
	return cmocka_run_group_tests_name("connect", tests, setup, lnr_kt_teardown);
}
