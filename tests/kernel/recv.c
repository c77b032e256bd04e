/* SPDX-License-Identifier: Apache-2.0 */
/* recvfrom, recvmsg, recvmmsg: data in and where from. */
#include "net.h"

#include <sys/uio.h>

#define SNAPLEN 16
static const char text[] = "0123456789abcdefghij";

struct ends {
	int from, to;
	uint16_t port, from_port;
	char control[64];
	size_t control_len;
};

/* Two datagram sockets; `from` has sent its text and is bound, so that its address is told. */
static void send_one(struct ends *x, int family, size_t len)
{
	union net_addr a;
	if (!x->to) {
		x->to = net_bound(family, SOCK_DGRAM, &x->port);
		x->from = net_bound(family, SOCK_DGRAM, &x->from_port);
	}
	socklen_t addr_len = net_loopback(&a, family, x->port);
	lnr_kt_check(sendto(x->from, text, len, 0, &a.sa, addr_len) == (ssize_t)len);
}

static void receive(void *out)
{
	struct ends *x = out;
	char buf[100];
	union net_addr a;
	for (int i = 0; i < 2; i++) {
		socklen_t len = sizeof(a);
		send_one(&x[i], i ? AF_INET6 : AF_INET, 20);
		lnr_kt_check(recvfrom(x[i].to, buf, sizeof(buf), 0, &a.sa, &len) == 20);
	}
	/* The caller does not want to know who it was, and the kernel does not remember. */
	send_one(x, AF_INET, 3);
	lnr_kt_check(recv(x->to, buf, sizeof(buf), 0) == 3);
	send_one(x, AF_INET, 0);
	lnr_kt_check(recv(x->to, buf, sizeof(buf), 0) == 0);
	lnr_kt_check(recv(x->to, buf, sizeof(buf), MSG_DONTWAIT) < 0 && errno == EAGAIN);
}

static void datagrams(void **state)
{
	struct lnr_kt *k = *state;
	const struct ends *x = lnr_kt_act(k, receive);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_RECVFROM_X, 0);
	assert_param_s64(e, "res", 20);
	assert_param_bytes(e, "data", text, SNAPLEN);
	assert_param_tuple(e, "tuple", "127.0.0.1", x->from_port, "127.0.0.1", x->port);
	assert_param_s64(e, "fd", x->to);
	assert_param_u64(e, "size", 100);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SOCKET_RECVFROM_X, 1);
	assert_param_tuple(e, "tuple", "::1", x[1].from_port, "::1", x[1].port);
	assert_param_s64(e, "fd", x[1].to);
	e = lnr_kt_event(k, LNR_EV_SOCKET_RECVFROM_X, 2);
	assert_param_s64(e, "res", 3);
	assert_param_bytes(e, "data", text, 3);
	assert_param_tuple(e, "tuple", "0.0.0.0", 0, "127.0.0.1", x->port);
	e = lnr_kt_event(k, LNR_EV_SOCKET_RECVFROM_X, 3);
	assert_param_s64(e, "res", 0);
	assert_param_absent(e, "data");
	e = lnr_kt_event(k, LNR_EV_SOCKET_RECVFROM_X, 4);
	assert_param_s64(e, "res", -EAGAIN);
	assert_param_absent(e, "data");
	assert_param_absent(e, "tuple");
	assert_param_s64(e, "fd", x->to);
	assert_param_u64(e, "size", 100);
	assert_all_params(e);
}

static struct iovec part(char *p, size_t len)
{
	return (struct iovec){.iov_base = p, .iov_len = len};
}

static void receive_vectors(void *out)
{
	struct ends *x = out;
	char buf[100];
	union net_addr a;
	struct iovec v[3] = {part(buf, 3), part(buf + 50, 8), part(buf + 20, 30)};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 3, .msg_name = &a, .msg_namelen = sizeof(a)};
	send_one(x, AF_INET, 20);
	lnr_kt_check(recvmsg(x->to, &m, 0) == 20);
	lnr_kt_check(recvmsg(x->to, &m, MSG_DONTWAIT) < 0 && errno == EAGAIN);
	lnr_kt_check(recvmsg(x->to, NULL, MSG_DONTWAIT) < 0 && errno == EFAULT);
}

static void vectors(void **state)
{
	struct lnr_kt *k = *state;
	const struct ends *x = lnr_kt_act(k, receive_vectors);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_RECVMSG_X, 0);
	assert_param_s64(e, "res", 20);
	assert_param_u64(e, "size", 20);
	assert_param_bytes(e, "data", text, SNAPLEN);
	assert_param_tuple(e, "tuple", "127.0.0.1", x->from_port, "127.0.0.1", x->port);
	assert_param_absent(e, "msgcontrol");
	assert_param_s64(e, "fd", x->to);
	assert_all_params(e);
	for (unsigned i = 1; i < 3; i++) {
		e = lnr_kt_event(k, LNR_EV_SOCKET_RECVMSG_X, i);
		assert_param_s64(e, "res", i == 1 ? -EAGAIN : -EFAULT);
		assert_param_u64(e, "size", 0);
		assert_param_absent(e, "data");
		assert_param_absent(e, "tuple");
		assert_param_absent(e, "msgcontrol");
		assert_param_s64(e, "fd", x->to);
		assert_all_params(e);
	}
}

/* Send a descriptor over a unix socket; receive once without and once with one. */
static void pass_descriptor(struct ends *x, struct msghdr *in)
{
	int pair[2];
	char one = 'x', control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec v = part(&one, 1);
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	lnr_kt_check(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	lnr_kt_check(sendmsg(pair[0], &m, 0) == 1);
	m.msg_control = control;
	m.msg_controllen = sizeof(control);
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &pair[0], sizeof(int));
	lnr_kt_check(sendmsg(pair[0], &m, 0) == 1);
	x->to = pair[1];
	in->msg_control = x->control;
	in->msg_controllen = sizeof(x->control);
}

static void receive_descriptor(void *out)
{
	struct ends *x = out;
	char buf[4];
	struct iovec v = part(buf, sizeof(buf));
	struct msghdr in = {.msg_iov = &v, .msg_iovlen = 1};
	pass_descriptor(x, &in);
	lnr_kt_check(recvmsg(x->to, &in, 0) == 1 && in.msg_controllen == 0);
	in.msg_controllen = sizeof(x->control);
	lnr_kt_check(recvmsg(x->to, &in, 0) == 1);
	x->control_len = in.msg_controllen;
}

static void control_data(void **state)
{
	struct lnr_kt *k = *state;
	uint64_t source, dest;
	const struct ends *x = lnr_kt_act(k, receive_descriptor);
	assert_param_absent(lnr_kt_event(k, LNR_EV_SOCKET_RECVMSG_X, 0), "msgcontrol");
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_RECVMSG_X, 1);
	assert_param_s64(e, "res", 1);
	assert_param_u64(e, "size", 1);
	assert_param_bytes(e, "data", "x", 1);
	assert_param_tuple_unix(e, "tuple", "", &source, &dest);
	assert_true(source && dest);
	assert_true(x->control_len >= CMSG_LEN(sizeof(int)));
	assert_param_bytes(e, "msgcontrol", x->control, x->control_len);
	assert_param_s64(e, "fd", x->to);
	assert_all_params(e);
}

#define MESSAGES 18
static void receive_many(void *out)
{
	struct ends *x = out;
	char buf[MESSAGES][32];
	union net_addr a[MESSAGES];
	struct mmsghdr m[MESSAGES] = {0};
	struct iovec v[MESSAGES];
	for (unsigned i = 0; i < MESSAGES; i++) {
		send_one(x, AF_INET, i + 1);
		v[i] = part(buf[i], sizeof(buf[i]));
		m[i].msg_hdr.msg_iov = &v[i];
		m[i].msg_hdr.msg_iovlen = 1;
		m[i].msg_hdr.msg_name = &a[i];
		m[i].msg_hdr.msg_namelen = sizeof(a[i]);
	}
	lnr_kt_check(recvmmsg(x->to, m, MESSAGES, 0, NULL) == MESSAGES);
	lnr_kt_check(recvmmsg(x->to, m, MESSAGES, MSG_DONTWAIT, NULL) < 0 && errno == EAGAIN);
}

static void many(void **state)
{
	struct lnr_kt *k = *state;
	const struct ends *x = lnr_kt_act(k, receive_many);
	assert_int_equal(lnr_kt_count(k, LNR_EV_SOCKET_RECVMMSG_X), 16 + 1);
	for (unsigned i = 0; i < 16; i++) {
		struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_RECVMMSG_X, i);
		assert_param_s64(e, "res", i + 1);
		assert_param_s64(e, "fd", x->to);
		assert_param_u64(e, "size", i + 1);
		assert_param_bytes(e, "data", text, i + 1);
		assert_param_tuple(e, "tuple", "127.0.0.1", x->from_port, "127.0.0.1", x->port);
		assert_param_absent(e, "msgcontrol");
		assert_all_params(e);
	}
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_RECVMMSG_X, 16);
	assert_param_s64(e, "res", -EAGAIN);
	assert_param_s64(e, "fd", x->to);
	assert_param_u64(e, "size", 0);
	assert_param_absent(e, "data");
	assert_param_absent(e, "tuple");
	assert_param_absent(e, "msgcontrol");
	assert_all_params(e);
}

static void receive_many_descriptors(void *out)
{
	struct ends *x = out;
	char buf[2][4];
	struct iovec v[2] = {part(buf[0], 4), part(buf[1], 4)};
	struct mmsghdr m[2] = {0};
	receive_descriptor(out);
	for (unsigned i = 0; i < 2; i++) {
		m[i].msg_hdr.msg_iov = &v[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	pass_descriptor(x, &m[1].msg_hdr);
	m[0].msg_hdr = m[1].msg_hdr;
	m[0].msg_hdr.msg_iov = &v[0];
	m[0].msg_hdr.msg_control = x->control + sizeof(x->control) / 2;
	m[0].msg_hdr.msg_controllen = m[1].msg_hdr.msg_controllen = sizeof(x->control) / 2;
	lnr_kt_check(recvmmsg(x->to, m, 2, 0, NULL) == 2);
	x->control_len = m[1].msg_hdr.msg_controllen;
	lnr_kt_check(recvmmsg(x->to, m, 2, MSG_DONTWAIT, NULL) < 0);
}

/* For state alone, messages with control data matter only. */
static void for_state(void **state)
{
	struct lnr_kt *k = *state;
	const struct ends *x = lnr_kt_act(k, receive_many_descriptors);
	assert_int_equal(lnr_kt_count(k, LNR_EV_SOCKET_RECVMSG_X), 1);
	assert_int_equal(lnr_kt_count(k, LNR_EV_SOCKET_RECVMMSG_X), 1);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_RECVMMSG_X, 0);
	assert_param_s64(e, "res", 1);
	assert_param_s64(e, "fd", x->to);
	assert_param_u64(e, "size", 1);
	assert_param_bytes(e, "data", "x", 1);
	assert_param_tuple_unix(e, "tuple", "", NULL, NULL);
	assert_param_bytes(e, "msgcontrol", x->control, x->control_len);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){
					   .calls = "recvfrom recvmsg recvmmsg",
					   .snaplen = SNAPLEN,
				   });
}

static int setup_state_only(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.state_only = "recvmsg recvmmsg"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagrams),
		cmocka_unit_test(vectors),
		cmocka_unit_test(control_data),
		cmocka_unit_test(many),
	};
	const struct CMUnitTest state_tests[] = {
		cmocka_unit_test(for_state),
	};
	int r = cmocka_run_group_tests_name("recv", tests, setup, lnr_kt_teardown);
	return r + cmocka_run_group_tests_name(
			   "recv, state only", state_tests, setup_state_only, lnr_kt_teardown);
}
