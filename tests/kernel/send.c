/* SPDX-License-Identifier: Apache-2.0 */
/* sendto, sendmsg, sendmmsg: data out and where to. */
#include "net.h"

#include <sys/mman.h>
#include <sys/uio.h>

#define SNAPLEN 16
static const char text[] = "0123456789abcdefghij";

struct ends {
	int from, to;
	uint16_t port, from_port;
};

/* A connected pair of streams. */
static void join(struct ends *x)
{
	union net_addr a;
	int server = net_bound(AF_INET, SOCK_STREAM, &x->port);
	lnr_kt_check(listen(server, 1) == 0);
	x->from = net_socket(AF_INET, SOCK_STREAM);
	lnr_kt_check(connect(x->from, &a.sa, net_loopback(&a, AF_INET, x->port)) == 0);
	x->to = accept(server, NULL, NULL);
	lnr_kt_check(x->to >= 0);
	x->from_port = net_port(x->from);
}

static void send_stream(void *out)
{
	struct ends *x = out;
	join(x);
	lnr_kt_check(send(x->from, text, 20, 0) == 20);
	lnr_kt_check(send(x->from, text, 5, 0) == 5);
	lnr_kt_check(send(-1, text, 7, 0) < 0 && errno == EBADF);
	lnr_kt_check(send(x->from, NULL, 7, 0) < 0 && errno == EFAULT);
}

static void stream(void **state)
{
	struct lnr_kt *k = *state;
	const struct ends *x = lnr_kt_act(k, send_stream);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SENDTO_X, 0);
	assert_param_s64(e, "res", 20);
	assert_param_bytes(e, "data", text, SNAPLEN);
	assert_param_s64(e, "fd", x->from);
	assert_param_u64(e, "size", 20);
	assert_param_tuple(e, "tuple", "127.0.0.1", x->from_port, "127.0.0.1", x->port);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDTO_X, 1);
	assert_param_s64(e, "res", 5);
	assert_param_bytes(e, "data", text, 5);
	assert_param_u64(e, "size", 5);
	/* What was to be sent is told of a failure, too. */
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDTO_X, 2);
	assert_param_s64(e, "res", -EBADF);
	assert_param_bytes(e, "data", text, 7);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "size", 7);
	assert_param_absent(e, "tuple");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDTO_X, 3);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_absent(e, "data");
	assert_param_absent(e, "tuple");
}

static void send_datagrams(void *out)
{
	struct ends *x = out;
	union net_addr a;
	for (int i = 0; i < 2; i++) {
		int family = i ? AF_INET6 : AF_INET;
		x[i].to = net_bound(family, SOCK_DGRAM, &x[i].port);
		x[i].from = net_socket(family, SOCK_DGRAM);
		socklen_t len = net_loopback(&a, family, x[i].port);
		lnr_kt_check(sendto(x[i].from, text, 3, 0, &a.sa, len) == 3);
		x[i].from_port = net_port(x[i].from);
	}
	/* IPv6 socket, IPv4 address. */
	x[2].from = net_socket(AF_INET6, SOCK_DGRAM);
	socklen_t len = net_loopback(&a, AF_INET, x[0].port);
	lnr_kt_check(sendto(x[2].from, text, 3, 0, &a.sa, len) == 3);
	x[2].from_port = net_port(x[2].from);
	/* No length, no address. */
	lnr_kt_check(sendto(x[0].from, text, 3, 0, &a.sa, 3) < 0);
}

static void datagrams(void **state)
{
	struct lnr_kt *k = *state;
	const struct ends *x = lnr_kt_act(k, send_datagrams);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SENDTO_X, 0);
	assert_param_s64(e, "res", 3);
	assert_param_bytes(e, "data", text, 3);
	assert_param_s64(e, "fd", x[0].from);
	assert_param_u64(e, "size", 3);
	assert_param_tuple(e, "tuple", "0.0.0.0", x[0].from_port, "127.0.0.1", x[0].port);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDTO_X, 1);
	assert_param_s64(e, "fd", x[1].from);
	assert_param_tuple(e, "tuple", "::", x[1].from_port, "::1", x[1].port);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDTO_X, 2);
	assert_param_s64(e, "fd", x[2].from);
	assert_param_tuple(e, "tuple", "::", x[2].from_port, "::ffff:127.0.0.1", x[0].port);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDTO_X, 3);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_absent(e, "tuple");
}

static void send_unix(void *out)
{
	union net_addr a;
	(void)out;
	int to = net_socket(AF_UNIX, SOCK_DGRAM), from = net_socket(AF_UNIX, SOCK_DGRAM);
	socklen_t len = net_unix(&a, "@lanner send test");
	lnr_kt_check(bind(to, &a.sa, len) == 0);
	lnr_kt_check(sendto(from, text, 2, 0, &a.sa, len) == 2);
	lnr_kt_check(connect(from, &a.sa, len) == 0);
	lnr_kt_check(send(from, text, 2, 0) == 2);
}

static void unix_datagrams(void **state)
{
	struct lnr_kt *k = *state;
	uint64_t source, dest, source2, dest2;
	lnr_kt_act(k, send_unix);
	/* Without a connection the caller's address is all there is. */
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SENDTO_X, 0);
	assert_param_tuple_unix(e, "tuple", "lanner send test", &source, &dest);
	assert_int_equal(source, 0);
	assert_true(dest);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDTO_X, 1);
	assert_param_tuple_unix(e, "tuple", "lanner send test", &source2, &dest2);
	assert_true(source2 && source2 != dest2);
	assert_int_equal(dest2, dest);
}

static struct iovec part(const char *p, size_t len)
{
	return (struct iovec){.iov_base = (void *)(uintptr_t)p, .iov_len = len};
}

static void send_vectors(void *out)
{
	struct ends *x = out;
	join(x);
	struct iovec v[40] = {part(text, 2), part(NULL, 0), part(text + 2, 9), part(text + 11, 9)};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 4};
	lnr_kt_check(sendmsg(x->from, &m, 0) == 20);
	m.msg_iovlen = 1;
	lnr_kt_check(sendmsg(x->from, &m, 0) == 2);
	/* Failures: nothing readable, no vector, more vectors than are looked at. */
	lnr_kt_check(sendmsg(x->from, NULL, 0) < 0 && errno == EFAULT);
	lnr_kt_check(sendmsg(-1, &(struct msghdr){0}, 0) < 0 && errno == EBADF);
	for (int i = 0; i < 40; i++)
		v[i] = part(text, 1);
	m.msg_iovlen = 40;
	lnr_kt_check(sendmsg(x->from, &m, 0) == 40);
	v[1].iov_base = NULL;
	m.msg_iovlen = 3;
	lnr_kt_check(sendmsg(-1, &m, 0) < 0);
}

static void vectors(void **state)
{
	struct lnr_kt *k = *state;
	const struct ends *x = lnr_kt_act(k, send_vectors);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SENDMSG_X, 0);
	assert_param_s64(e, "res", 20);
	assert_param_bytes(e, "data", text, SNAPLEN);
	assert_param_s64(e, "fd", x->from);
	assert_param_u64(e, "size", 20);
	assert_param_tuple(e, "tuple", "127.0.0.1", x->from_port, "127.0.0.1", x->port);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDMSG_X, 1);
	assert_param_bytes(e, "data", text, 2);
	assert_param_u64(e, "size", 2);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDMSG_X, 2);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_absent(e, "data");
	assert_param_s64(e, "fd", x->from);
	assert_param_absent(e, "size");
	assert_param_absent(e, "tuple");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDMSG_X, 3);
	assert_param_absent(e, "data");
	assert_param_u64(e, "size", 0);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDMSG_X, 4);
	assert_param_s64(e, "res", 40);
	assert_param_bytes(e, "data", "0000000000000000", SNAPLEN);
	assert_param_u64(e, "size", 32);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDMSG_X, 5);
	assert_param_bytes(e, "data", "0", 1);
	assert_param_u64(e, "size", 3);
}

static void send_datagram_vector(void *out)
{
	struct ends *x = out;
	union net_addr a;
	x->to = net_bound(AF_INET6, SOCK_DGRAM, &x->port);
	x->from = net_socket(AF_INET6, SOCK_DGRAM);
	struct iovec v = part(text, 4);
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_name = &a};
	m.msg_namelen = net_loopback(&a, AF_INET6, x->port);
	lnr_kt_check(sendmsg(x->from, &m, 0) == 4);
	x->from_port = net_port(x->from);
}

static void named_vector(void **state)
{
	struct lnr_kt *k = *state;
	const struct ends *x = lnr_kt_act(k, send_datagram_vector);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SENDMSG_X, 0);
	assert_param_tuple(e, "tuple", "::", x->from_port, "::1", x->port);
}

#define MESSAGES 20
static void send_many(void *out)
{
	struct ends *x = out;
	union net_addr a;
	struct mmsghdr m[MESSAGES] = {0};
	struct iovec v[MESSAGES][2];
	x->to = net_bound(AF_INET, SOCK_DGRAM, &x->port);
	x->from = net_socket(AF_INET, SOCK_DGRAM);
	for (int i = 0; i < MESSAGES; i++) {
		v[i][0] = part(text + i, 1);
		v[i][1] = part(text, (size_t)i);
		m[i].msg_hdr.msg_iov = v[i];
		m[i].msg_hdr.msg_iovlen = 2;
		m[i].msg_hdr.msg_name = &a;
		m[i].msg_hdr.msg_namelen = net_loopback(&a, AF_INET, x->port);
	}
	lnr_kt_check(sendmmsg(x->from, m, MESSAGES, 0) == MESSAGES);
	x->from_port = net_port(x->from);
	lnr_kt_check(sendmmsg(-1, m, MESSAGES, 0) < 0 && errno == EBADF);
}

static void many(void **state)
{
	struct lnr_kt *k = *state;
	const struct ends *x = lnr_kt_act(k, send_many);
	/* At most sixteen records for one call, and the one of the failure. */
	assert_int_equal(lnr_kt_count(k, LNR_EV_SOCKET_SENDMMSG_X), 16 + 1);
	for (unsigned i = 0; i < 16; i++) {
		struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SENDMMSG_X, i);
		char data[MESSAGES + 1] = {text[i]};
		memcpy(data + 1, text, i);
		assert_param_s64(e, "res", i + 1);
		assert_param_s64(e, "fd", x->from);
		assert_param_u64(e, "size", i + 1);
		assert_param_bytes(e, "data", data, i + 1);
		assert_param_tuple(e, "tuple", "0.0.0.0", x->from_port, "127.0.0.1", x->port);
		assert_all_params(e);
	}
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SENDMMSG_X, 16);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "size", 0);
	assert_param_absent(e, "data");
	assert_param_absent(e, "tuple");
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){
					   .calls = "sendto sendmsg sendmmsg",
					   .snaplen = SNAPLEN,
				   });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stream),
		cmocka_unit_test(datagrams),
		cmocka_unit_test(unix_datagrams),
		cmocka_unit_test(vectors),
		cmocka_unit_test(named_vector),
		cmocka_unit_test(many),
	};
	return cmocka_run_group_tests_name("send", tests, setup, lnr_kt_teardown);
}
