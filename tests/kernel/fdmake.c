/* SPDX-License-Identifier: Apache-2.0 */
/* Makers of descriptors of things that are no files. Calls are made by number: libc has its own
 * idea of which of a pair to use. */
#include "lib/ring.h"

#include <fcntl.h>
#include <linux/memfd.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CLOEXEC_NONBLOCK (O_CLOEXEC | O_NONBLOCK)
static const uint64_t both = LNR_O_CLOEXEC | LNR_O_NONBLOCK;
static uint64_t mask = 1u << (SIGUSR1 - 1);

static void make_events(void *out)
{
	long *fd = out;
	fd[0] = syscall(SYS_eventfd2, 7, CLOEXEC_NONBLOCK);
	fd[1] = syscall(SYS_signalfd4, -1, &mask, 8, O_CLOEXEC);
	fd[2] = syscall(SYS_timerfd_create, CLOCK_MONOTONIC, CLOEXEC_NONBLOCK);
	lnr_kt_check(fd[0] >= 0 && fd[1] >= 0 && fd[2] >= 0);
	lnr_kt_check(syscall(SYS_eventfd2, -1, -1) < 0);
	lnr_kt_check(syscall(SYS_signalfd4, 1000, NULL, 8, -1) < 0);
	lnr_kt_check(syscall(SYS_timerfd_create, 300, -1) < 0);
}

static void events(void **state)
{
	struct lnr_kt *k = *state;
	const long *fd = lnr_kt_act(k, make_events);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EVENTFD2_X, 0);
	assert_param_s64(e, "res", fd[0]);
	assert_param_u64(e, "flags", both);
	assert_param_u64(e, "initval", 7);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_EVENTFD2_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "flags", 0);
	assert_param_u64(e, "initval", UINT32_MAX);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SIGNALFD4_X, 0);
	assert_param_s64(e, "res", fd[1]);
	assert_param_u64(e, "flags", LNR_O_CLOEXEC);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "mask", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SIGNALFD4_X, 1);
	assert_true((int64_t)param_u64(e, "res") < 0);
	assert_param_u64(e, "flags", 0);
	assert_param_s64(e, "fd", 1000);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_TIMERFD_CREATE_X, 0);
	assert_param_s64(e, "res", fd[2]);
	assert_param_u64(e, "clockid", CLOCK_MONOTONIC);
	assert_param_u64(e, "flags", LNR_O_NONBLOCK);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_TIMERFD_CREATE_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "clockid", 300 & 0xff);
	assert_param_u64(e, "flags", 0);
}

static void make_watches(void *out)
{
	long *fd = out;
	fd[0] = syscall(SYS_epoll_create1, O_CLOEXEC);
	fd[1] = syscall(SYS_inotify_init1, CLOEXEC_NONBLOCK);
	lnr_kt_check(fd[0] >= 0 && fd[1] >= 0);
	lnr_kt_check(syscall(SYS_epoll_create1, 1) < 0);
	lnr_kt_check(syscall(SYS_inotify_init1, -1) < 0);
	fd[2] = syscall(SYS_userfaultfd, O_CLOEXEC); /* may be forbidden */
	fd[3] = fd[2] < 0 ? -errno : fd[2];
	lnr_kt_check(syscall(SYS_userfaultfd, 0x5000) < 0);
}

static void watches(void **state)
{
	struct lnr_kt *k = *state;
	const long *fd = lnr_kt_act(k, make_watches);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EPOLL_CREATE1_X, 0);
	assert_param_s64(e, "res", fd[0]);
	assert_param_u64(e, "flags", LNR_EPOLL_CLOEXEC);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_EPOLL_CREATE1_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "flags", 0);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_INOTIFY_INIT1_X, 0);
	assert_param_s64(e, "res", fd[1]);
	assert_param_u64(e, "flags", both);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_INOTIFY_INIT1_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "flags", 0);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_USERFAULTFD_X, 0);
	assert_param_s64(e, "res", fd[3]);
	assert_param_u64(e, "flags", O_CLOEXEC);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_USERFAULTFD_X, 1);
	assert_true((int64_t)param_u64(e, "res") < 0);
	assert_param_u64(e, "flags", 0x5000);
}

#ifdef SYS_eventfd
static void make_old(void *out)
{
	long *fd = out;
	fd[0] = syscall(SYS_eventfd, 0x123456789);
	fd[1] = syscall(SYS_signalfd, -1, &mask, 8);
	fd[2] = syscall(SYS_epoll_create, 9);
	fd[3] = syscall(SYS_inotify_init);
	lnr_kt_check(fd[0] >= 0 && fd[1] >= 0 && fd[2] >= 0 && fd[3] >= 0);
	lnr_kt_check(syscall(SYS_signalfd, 1000, NULL, 8) < 0);
	lnr_kt_check(syscall(SYS_epoll_create, -2) < 0);
}

static void old(void **state)
{
	struct lnr_kt *k = *state;
	const long *fd = lnr_kt_act(k, make_old);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EVENTFD_X, 0);
	assert_param_s64(e, "res", fd[0]);
	assert_param_u64(e, "initval", 0x123456789);
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SIGNALFD_X, 0);
	assert_param_s64(e, "res", fd[1]);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "mask", 0);
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
	assert_param_s64(lnr_kt_event(k, LNR_EV_SYSCALL_SIGNALFD_X, 1), "fd", 1000);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_EPOLL_CREATE_X, 0);
	assert_param_s64(e, "res", fd[2]);
	assert_param_s64(e, "size", 9);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_EPOLL_CREATE_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "size", -2);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_INOTIFY_INIT_X, 0);
	assert_param_s64(e, "res", fd[3]);
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
}
#else
static void old(void **state)
{
	(void)state; /* this machine never had them */
}
#endif

static void make_others(void *out)
{
	long *fd = out;
	fd[0] = syscall(SYS_pidfd_open, getpid(), O_NONBLOCK);
	fd[1] = syscall(SYS_pidfd_getfd, fd[0], fd[0], 0);
	fd[2] = syscall(SYS_memfd_create, "a name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	lnr_kt_check(fd[0] >= 0 && fd[1] >= 0 && fd[2] >= 0);
	lnr_kt_check(syscall(SYS_pidfd_open, -9, 1) < 0);
	lnr_kt_check(syscall(SYS_pidfd_getfd, -1, 5, 3) < 0);
	lnr_kt_check(syscall(SYS_memfd_create, NULL, 0x100 | MFD_HUGETLB) < 0);
}

static void processes_and_memory(void **state)
{
	struct lnr_kt *k = *state;
	const long *fd = lnr_kt_act(k, make_others);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_PIDFD_OPEN_X, 0);
	assert_param_s64(e, "fd", fd[0]);
	assert_param_s64(e, "pid", lnr_kt_pid(k));
	assert_param_u64(e, "flags", LNR_PIDFD_NONBLOCK);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PIDFD_OPEN_X, 1);
	assert_param_s64(e, "fd", -EINVAL);
	assert_param_s64(e, "pid", -9);
	assert_param_u64(e, "flags", 0);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PIDFD_GETFD_X, 0);
	assert_param_s64(e, "fd", fd[1]);
	assert_param_s64(e, "pid_fd", fd[0]);
	assert_param_s64(e, "target_fd", fd[0]);
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PIDFD_GETFD_X, 1);
	assert_true((int64_t)param_u64(e, "fd") < 0);
	assert_param_s64(e, "pid_fd", -1);
	assert_param_s64(e, "target_fd", 5);
	assert_param_u64(e, "flags", 3);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_MEMFD_CREATE_X, 0);
	assert_param_s64(e, "fd", fd[2]);
	assert_param_str(e, "name", "a name");
	assert_param_u64(e, "flags", LNR_MFD_CLOEXEC | LNR_MFD_ALLOW_SEALING);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_MEMFD_CREATE_X, 1);
	assert_true((int64_t)param_u64(e, "fd") < 0);
	assert_param_absent(e, "name");
	assert_param_u64(e, "flags", LNR_MFD_HUGETLB);
}

static int setup(void **state)
{
	return lnr_kt_setup(state,
		&(struct lnr_kt_opts){
			.calls = "eventfd eventfd2 signalfd signalfd4 timerfd_create epoll_create "
				 "epoll_create1 inotify_init inotify_init1 userfaultfd pidfd_open "
				 "pidfd_getfd memfd_create",
		});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events),
		cmocka_unit_test(watches),
		cmocka_unit_test(old),
		cmocka_unit_test(processes_and_memory),
	};
	return cmocka_run_group_tests_name("fdmake", tests, setup, lnr_kt_teardown);
}
