/* SPDX-License-Identifier: Apache-2.0 */
/* poll, ppoll, select, epoll_wait. */
#include "lib/ring.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void poll_some(void *out)
{
	int *pair = out;
	struct pollfd p[20] = {0};
	lnr_kt_check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	lnr_kt_check(write(pair[1], "x", 1) == 1 && close(pair[1]) == 0);
	p[0].fd = pair[0];
	p[0].events = POLLIN | POLLRDHUP | POLLRDNORM | POLLOUT | POLLWRBAND | POLLWRNORM;
	p[1].fd = 1000000;
	p[2].fd = -7;
	lnr_kt_check(syscall(SYS_ppoll, p, 3, NULL, NULL, 8) == 2);
	lnr_kt_check(p[0].revents == (POLLIN | POLLRDHUP | POLLRDNORM | POLLHUP | POLLOUT |
					     POLLWRNORM | POLLWRBAND));
#ifdef SYS_poll
	lnr_kt_check(syscall(SYS_poll, p, 3, -5) == 2);
	lnr_kt_check(syscall(SYS_poll, NULL, 2, 0) < 0);
	for (int i = 0; i < 20; i++)
		p[i].fd = -1 - i;
	lnr_kt_check(syscall(SYS_poll, p, 20, 0) == 0);
#endif
}

static size_t put(uint8_t *at, int64_t fd, uint16_t flags)
{
	memcpy(at, &fd, sizeof(fd));
	memcpy(at + sizeof(fd), &flags, sizeof(flags));
	return sizeof(fd) + sizeof(flags);
}

static size_t three(uint8_t *list, int fd)
{
	size_t n = 2;
	list[0] = 3;
	list[1] = 0;
	n += put(list + n, fd,
		LNR_POLLIN | LNR_POLLRDHUP | LNR_POLLHUP | LNR_POLLRDNORM | LNR_POLLOUT |
			LNR_POLLWRNORM | LNR_POLLWRBAND);
	n += put(list + n, 1000000, LNR_POLLNVAL);
	return n + put(list + n, -7, 0);
}

static void polls(void **state)
{
#ifdef SYS_poll
	struct lnr_kt *k = *state;
	const int *pair = lnr_kt_act(k, poll_some);
	uint8_t list[256] = {0};
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_POLL_X, 0);
	assert_param_s64(e, "res", 2);
	assert_param_bytes(e, "fds", list, three(list, pair[0]));
	assert_param_s64(e, "timeout", -5);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_POLL_X, 1);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_bytes(e, "fds", "\0\0", 2);
	assert_param_s64(e, "timeout", 0);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_POLL_X, 2);
	size_t n = 2;
	list[0] = 16; /* of twenty */
	for (int i = 0; i < 16; i++)
		n += put(list + n, -1 - i, 0);
	assert_param_bytes(e, "fds", list, n);
#else
	(void)state;
#endif
}

static void ppoll_some(void *out)
{
	struct timespec t = {.tv_sec = 0, .tv_nsec = 0};
	struct timespec late = {.tv_sec = 3, .tv_nsec = 5};
	uint64_t mask = UINT64_C(1) << 40 | 1u << (SIGUSR1 - 1);
	poll_some(out);
	lnr_kt_check(syscall(SYS_ppoll, NULL, 0, &t, &mask, 8) == 0);
	lnr_kt_check(syscall(SYS_ppoll, NULL, 1, &late, NULL, 8) < 0);
}

static void ppolls(void **state)
{
	struct lnr_kt *k = *state;
	const int *pair = lnr_kt_act(k, ppoll_some);
	uint8_t list[64] = {0};
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_PPOLL_X, 0);
	assert_param_s64(e, "res", 2);
	assert_param_bytes(e, "fds", list, three(list, pair[0]));
	assert_param_u64(e, "timeout", 0);
	assert_param_u64(e, "sigmask", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PPOLL_X, 1);
	assert_param_s64(e, "res", 0);
	assert_param_bytes(e, "fds", "\0\0", 2);
	assert_param_u64(e, "sigmask", 1u << (SIGUSR1 - 1));
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PPOLL_X, 2);
	assert_param_s64(e, "res", -EFAULT);
	/* The kernel writes back what is left of the time. */
	uint64_t left = param_u64(e, "timeout");
	assert_true(left > 2000000000 && left <= 3000000005);
}

static void wait_otherwise(void *out)
{
	int *fd = out;
	struct epoll_event ev;
	fd_set none;
	FD_ZERO(&none);
	*fd = epoll_create1(0);
	lnr_kt_check(*fd >= 0);
#ifdef SYS_select
	struct timeval t = {0};
	lnr_kt_check(syscall(SYS_select, 0, &none, NULL, NULL, &t) == 0);
	lnr_kt_check(syscall(SYS_select, -1, NULL, NULL, NULL, &t) < 0);
	lnr_kt_check(syscall(SYS_epoll_wait, *fd, &ev, 1, 0) == 0);
	lnr_kt_check(syscall(SYS_epoll_wait, *fd, &ev, -3, 0) < 0);
#endif
}

static void others(void **state)
{
#ifdef SYS_select
	struct lnr_kt *k = *state;
	lnr_kt_act(k, wait_otherwise);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_SELECT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_all_params(e);
	assert_param_s64(lnr_kt_event(k, LNR_EV_SYSCALL_SELECT_X, 1), "res", -EINVAL);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_EPOLLWAIT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "maxevents", 1);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_EPOLLWAIT_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "maxevents", -3);
#else
	(void)state;
	(void)wait_otherwise;
#endif
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "poll ppoll select epoll_wait"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(polls),
		cmocka_unit_test(ppolls),
		cmocka_unit_test(others),
	};
	return cmocka_run_group_tests_name("poll", tests, setup, lnr_kt_teardown);
}
