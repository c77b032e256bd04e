/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors copied, closed, and without names (spec events-and-state 7.4, 8.4). */
#include "state_test.h"

static void closing(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_openat(&r, 100, 5, "x");
	/* Rules still see it. */
	rig_close_enter(&r, 100, 5, 0);
	assert_name(r.ev.fd, "/srv/x");
	assert_int_equal(r.ev.fdnum, 5);
	assert_false(r.ev.name_changed);
	rig_leave(&r);
	assert_null(rig_fd(&r, 100, 5));
	/* A failure closes nothing. */
	rig_close_enter(&r, 100, 2, -5);
	assert_non_null(r.ev.fd);
	rig_leave(&r);
	assert_non_null(rig_fd(&r, 100, 2));
	uint64_t failed = rig_counter(&r, "n_failed_fd_lookups");
	rig_close_enter(&r, 100, 77, -9);
	rig_leave(&r);
	assert_int_equal(rig_counter(&r, "n_failed_fd_lookups"), failed);
	rig_close(&r, 100, 77);
	assert_true(rig_counter(&r, "n_failed_fd_lookups") > failed);
	rig_done(&r);
}

/* A thread of which only events were seen keeps what it opens to itself. */
static void of_a_stranger(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_openat(&r, 700, 3, "/x");
	assert_true(rig_thread(&r, 700)->flags & LNR_TF_PLACEHOLDER);
	assert_name(rig_fd(&r, 700, 3), "/x");
	rig_openat(&r, 701, 4, "/y");
	assert_null(rig_fd(&r, 701, 3));
	assert_name(rig_fd(&r, 701, 4), "/y");
	assert_int_equal(lnr_state_fd_count(r.st, rig_thread(&r, 700)), 1);
	rig_close(&r, 700, 3);
	assert_null(rig_fd(&r, 700, 3));
	rig_done(&r);
}

static void close_range(struct rig *r, uint32_t first, uint32_t last, int flags, int64_t res)
{
	rig_begin(r, LNR_EV_SYSCALL_CLOSE_RANGE_X, 100);
	rig_num(r, LNR_P_SYSCALL_CLOSE_RANGE_X_res, res);
	rig_num(r, LNR_P_SYSCALL_CLOSE_RANGE_X_first, first);
	rig_num(r, LNR_P_SYSCALL_CLOSE_RANGE_X_last, last);
	rig_num(r, LNR_P_SYSCALL_CLOSE_RANGE_X_flags, flags);
	rig_step(r);
}

static void ranges(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (int fd = 3; fd < 40; fd++)
		rig_openat(&r, 100, fd, "f");
	close_range(&r, 10, 20, 0, -22);
	assert_non_null(rig_fd(&r, 100, 15));
	close_range(&r, 10, 20, LNR_CLOSE_RANGE_CLOEXEC, 0);
	assert_false(rig_fd(&r, 100, 9)->open_flags & LNR_O_CLOEXEC);
	assert_true(rig_fd(&r, 100, 10)->open_flags & LNR_O_CLOEXEC);
	assert_true(rig_fd(&r, 100, 20)->open_flags & LNR_O_CLOEXEC);
	assert_false(rig_fd(&r, 100, 21)->open_flags & LNR_O_CLOEXEC);
	close_range(&r, 30, UINT32_MAX, LNR_CLOSE_RANGE_UNSHARE, 0);
	assert_non_null(rig_fd(&r, 100, 29));
	assert_null(rig_fd(&r, 100, 30));
	assert_null(rig_fd(&r, 100, 39));
	assert_int_equal(lnr_state_fd_count(r.st, rig_thread(&r, 100)), 30);
	close_range(&r, 5, 4, 0, 0);
	assert_int_equal(lnr_state_fd_count(r.st, rig_thread(&r, 100)), 30);
	rig_done(&r);
}

static void dup_call(struct rig *r, unsigned type, int64_t res, int64_t oldfd, uint32_t flags)
{
	rig_begin(r, type, 100);
	rig_num(r, LNR_P_SYSCALL_DUP3_X_res, res);
	rig_num(r, LNR_P_SYSCALL_DUP3_X_oldfd, oldfd);
	if (type != LNR_EV_SYSCALL_DUP_1_X)
		rig_num(r, LNR_P_SYSCALL_DUP3_X_newfd, res);
	if (type == LNR_EV_SYSCALL_DUP3_X)
		rig_num(r, LNR_P_SYSCALL_DUP3_X_flags, flags);
	rig_enter(r);
}

static void dups(void **state)
{
	static const unsigned types[] = {
		LNR_EV_SYSCALL_DUP_1_X, LNR_EV_SYSCALL_DUP2_X, LNR_EV_SYSCALL_DUP3_X};
	struct rig r;
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		rig_init(&r);
		rig_populate(&r);
		struct lnr_thread *t = rig_thread(&r, 100);
		rig_openat(&r, 100, 5, "x");
		rig_fd(&r, 100, 5)->open_flags |= LNR_O_CLOEXEC;
		dup_call(&r, types[i], 9, 5, 0);
		assert_int_equal(r.ev.fdnum, 9);
		assert_ptr_equal(r.ev.fd, rig_fd(&r, 100, 9));
		assert_name(r.ev.fd, "/srv/x");
		assert_blob(r.ev.fd->raw, "x");
		assert_int_equal(r.ev.fd->ino, 77);
		assert_false(r.ev.fd->open_flags & LNR_O_CLOEXEC);
		assert_false(r.ev.name_changed);
		rig_leave(&r);
		assert_true(rig_fd(&r, 100, 5)->open_flags & LNR_O_CLOEXEC);
		/* In place of another. */
		dup_call(&r, types[i], 2, 5, LNR_O_CLOEXEC);
		assert_name(rig_fd(&r, 100, 2), "/srv/x");
		assert_int_equal(!!(r.ev.fd->open_flags & LNR_O_CLOEXEC), i == 2);
		rig_leave(&r);
		assert_false(t->flags & (LNR_TF_PIPE_SRC | LNR_TF_PIPE_DST));
		dup_call(&r, types[i], 0, 5, 0);
		rig_leave(&r);
		assert_true(t->flags & LNR_TF_PIPE_DST);
		dup_call(&r, types[i], 1, 5, 0);
		rig_leave(&r);
		assert_true(t->flags & LNR_TF_PIPE_SRC);
		/* Onto itself. */
		dup_call(&r, types[i], 5, 5, 0);
		assert_name(r.ev.fd, "/srv/x");
		rig_leave(&r);
		assert_false(rig_fd(&r, 100, 5)->open_flags & LNR_O_CLOEXEC);
		/* Failure; unknown source. */
		dup_call(&r, types[i], -9, 5, 0);
		rig_leave(&r);
		dup_call(&r, types[i], 30, 99, 0);
		assert_null(r.ev.fd);
		rig_leave(&r);
		assert_null(rig_fd(&r, 100, 30));
		assert_int_equal(lnr_state_fd_count(r.st, t), 5);
		rig_done(&r);
	}
}

static void fcntl_call(struct rig *r, int64_t res, int64_t fd, int cmd, uint64_t arg)
{
	rig_begin(r, LNR_EV_SYSCALL_FCNTL_X, 100);
	rig_num(r, LNR_P_SYSCALL_FCNTL_X_res, res);
	rig_num(r, LNR_P_SYSCALL_FCNTL_X_fd, fd);
	rig_num(r, LNR_P_SYSCALL_FCNTL_X_cmd, cmd);
	rig_num(r, LNR_P_SYSCALL_FCNTL_X_arg, (int64_t)arg);
	rig_step(r);
}

static void fcntls(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_openat(&r, 100, 5, "x");
	fcntl_call(&r, 0, 5, LNR_FCNTL_F_SETFD, 1);
	assert_true(rig_fd(&r, 100, 5)->open_flags & LNR_O_CLOEXEC);
	fcntl_call(&r, 20, 5, LNR_FCNTL_F_DUPFD, 20);
	assert_name(rig_fd(&r, 100, 20), "/srv/x");
	assert_false(rig_fd(&r, 100, 20)->open_flags & LNR_O_CLOEXEC);
	fcntl_call(&r, 21, 5, LNR_FCNTL_F_DUPFD_CLOEXEC, 20);
	assert_true(rig_fd(&r, 100, 21)->open_flags & LNR_O_CLOEXEC);
	fcntl_call(&r, 0, 5, LNR_FCNTL_F_SETFD, 0);
	assert_false(rig_fd(&r, 100, 5)->open_flags & LNR_O_CLOEXEC);
	fcntl_call(&r, -22, 5, LNR_FCNTL_F_SETFD, 1);
	assert_false(rig_fd(&r, 100, 5)->open_flags & LNR_O_CLOEXEC);
	fcntl_call(&r, -24, 5, LNR_FCNTL_F_DUPFD, 0);
	fcntl_call(&r, 2, 5, LNR_FCNTL_F_GETFL, 0);
	assert_name(rig_fd(&r, 100, 2), "/dev/tty1");
	fcntl_call(&r, 22, 99, LNR_FCNTL_F_DUPFD, 0);
	assert_null(rig_fd(&r, 100, 22));
	/* A flag set in a child is not set in its parent. */
	rig_fork(&r, 100, 200);
	rig_begin(&r, LNR_EV_SYSCALL_FCNTL_X, 200);
	rig_num(&r, LNR_P_SYSCALL_FCNTL_X_res, 0);
	rig_num(&r, LNR_P_SYSCALL_FCNTL_X_fd, 5);
	rig_num(&r, LNR_P_SYSCALL_FCNTL_X_cmd, LNR_FCNTL_F_SETFD);
	rig_num(&r, LNR_P_SYSCALL_FCNTL_X_arg, 1);
	rig_enter(&r);
	assert_ptr_equal(r.ev.fd, rig_fd(&r, 200, 5));
	rig_leave(&r);
	assert_true(rig_fd(&r, 200, 5)->open_flags & LNR_O_CLOEXEC);
	assert_false(rig_fd(&r, 100, 5)->open_flags & LNR_O_CLOEXEC);
	rig_done(&r);
}

static void pipes(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (int v2 = 0; v2 <= 1; v2++) {
		rig_begin(&r, v2 ? LNR_EV_SYSCALL_PIPE2_X : LNR_EV_SYSCALL_PIPE_X, 100);
		rig_num(&r, LNR_P_SYSCALL_PIPE2_X_res, 0);
		rig_num(&r, LNR_P_SYSCALL_PIPE2_X_fd1, 5);
		rig_num(&r, LNR_P_SYSCALL_PIPE2_X_fd2, 6);
		rig_num(&r, LNR_P_SYSCALL_PIPE2_X_ino, 4711);
		if (v2)
			rig_num(&r, LNR_P_SYSCALL_PIPE2_X_flags, LNR_O_CLOEXEC);
		rig_enter(&r);
		assert_ptr_equal(r.ev.fd, rig_fd(&r, 100, 6));
		rig_leave(&r);
		for (int fd = 5; fd <= 6; fd++) {
			assert_int_equal(rig_fd(&r, 100, fd)->type, LNR_FD_FIFO);
			assert_int_equal(rig_fd(&r, 100, fd)->ino, 4711);
			assert_int_equal(rig_fd(&r, 100, fd)->open_flags, v2 ? LNR_O_CLOEXEC : 0);
			assert_name(rig_fd(&r, 100, fd), "");
		}
		rig_begin(&r, v2 ? LNR_EV_SYSCALL_PIPE2_X : LNR_EV_SYSCALL_PIPE_X, 100);
		rig_num(&r, LNR_P_SYSCALL_PIPE2_X_res, -24);
		rig_num(&r, LNR_P_SYSCALL_PIPE2_X_fd1, 7);
		rig_num(&r, LNR_P_SYSCALL_PIPE2_X_fd2, 8);
		rig_step(&r);
		assert_null(rig_fd(&r, 100, 7));
	}
	rig_done(&r);
}

static void anonymous(void **state)
{
	static const struct {
		unsigned type;
		int kind;
		int flags_at;
		uint32_t flags, want;
	} calls[] = {
		{LNR_EV_SYSCALL_EVENTFD_X, LNR_FD_EVENT, -1, 0, 0},
		{LNR_EV_SYSCALL_EVENTFD2_X, LNR_FD_EVENT, LNR_P_SYSCALL_EVENTFD2_X_flags,
			LNR_O_CLOEXEC, LNR_O_CLOEXEC},
		{LNR_EV_SYSCALL_SIGNALFD_X, LNR_FD_SIGNALFD, -1, 0, 0},
		{LNR_EV_SYSCALL_SIGNALFD4_X, LNR_FD_SIGNALFD, LNR_P_SYSCALL_SIGNALFD4_X_flags,
			LNR_O_NONBLOCK, LNR_O_NONBLOCK},
		{LNR_EV_SYSCALL_TIMERFD_CREATE_X, LNR_FD_TIMERFD,
			LNR_P_SYSCALL_TIMERFD_CREATE_X_flags, LNR_O_NONBLOCK, LNR_O_NONBLOCK},
		{LNR_EV_SYSCALL_INOTIFY_INIT_X, LNR_FD_INOTIFY, -1, 0, 0},
		{LNR_EV_SYSCALL_INOTIFY_INIT1_X, LNR_FD_INOTIFY,
			LNR_P_SYSCALL_INOTIFY_INIT1_X_flags, LNR_O_CLOEXEC, LNR_O_CLOEXEC},
		{LNR_EV_SYSCALL_BPF_2_X, LNR_FD_BPF, -1, 0, 0},
		{LNR_EV_SYSCALL_USERFAULTFD_X, LNR_FD_USERFAULTFD, -1, 0, 0},
		{LNR_EV_SYSCALL_IO_URING_SETUP_X, LNR_FD_IOURING, -1, 0, 0},
		{LNR_EV_SYSCALL_EPOLL_CREATE_X, LNR_FD_EVENTPOLL, -1, 0, 0},
		{LNR_EV_SYSCALL_EPOLL_CREATE1_X, LNR_FD_EVENTPOLL,
			LNR_P_SYSCALL_EPOLL_CREATE1_X_flags, LNR_EPOLL_CLOEXEC, LNR_O_CLOEXEC},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(calls); i++) {
		int64_t num = 10 + (int64_t)i;
		rig_begin(&r, calls[i].type, 100);
		rig_num(&r, 0, num);
		if (calls[i].flags_at >= 0)
			rig_num(&r, (unsigned)calls[i].flags_at, calls[i].flags);
		assert_true(rig_enter(&r));
		assert_ptr_equal(r.ev.fd, rig_fd(&r, 100, num));
		assert_int_equal(r.ev.fdnum, num);
		assert_int_equal(r.ev.fd->type, calls[i].kind);
		assert_int_equal(r.ev.fd->open_flags, calls[i].want);
		assert_name(r.ev.fd, "");
		assert_false(r.ev.name_changed);
		rig_leave(&r);
		rig_begin(&r, calls[i].type, 100);
		rig_num(&r, 0, -1);
		rig_enter(&r);
		assert_null(r.ev.fd);
		rig_leave(&r);
	}
	assert_int_equal(lnr_state_fd_count(r.st, rig_thread(&r, 100)), 3 + LNR_ARRAY_SIZE(calls));
	rig_done(&r);
}

static void memfd(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_begin(&r, LNR_EV_SYSCALL_MEMFD_CREATE_X, 100);
	rig_num(&r, LNR_P_SYSCALL_MEMFD_CREATE_X_fd, 4);
	rig_str(&r, LNR_P_SYSCALL_MEMFD_CREATE_X_name, "code");
	rig_num(&r, LNR_P_SYSCALL_MEMFD_CREATE_X_flags, LNR_MFD_CLOEXEC);
	rig_enter(&r);
	assert_int_equal(r.ev.fd->type, LNR_FD_MEMFD);
	assert_name(r.ev.fd, "code");
	assert_int_equal(r.ev.fd->open_flags, LNR_MFD_CLOEXEC);
	assert_true(r.ev.name_changed);
	rig_leave(&r);
	/* What the reference leaves behind after a failure. */
	rig_begin(&r, LNR_EV_SYSCALL_MEMFD_CREATE_X, 100);
	rig_num(&r, LNR_P_SYSCALL_MEMFD_CREATE_X_fd, -22);
	rig_str(&r, LNR_P_SYSCALL_MEMFD_CREATE_X_name, "x");
	rig_enter(&r);
	assert_int_equal(r.ev.fdnum, -22);
	assert_int_equal(r.ev.fd->type, LNR_FD_UNINITIALIZED);
	assert_name(r.ev.fd, "");
	assert_int_equal(lnr_fd_typechar(r.ev.fd->type), '?');
	rig_leave(&r);
	assert_int_equal(lnr_state_fd_count(r.st, rig_thread(&r, 100)), 5);
	assert_null(rig_fd(&r, 100, -22)); /* nobody can ask for it */
	rig_done(&r);
}

static void pidfd_open(struct rig *r, int64_t res, int64_t pid)
{
	rig_begin(r, LNR_EV_SYSCALL_PIDFD_OPEN_X, 100);
	rig_num(r, LNR_P_SYSCALL_PIDFD_OPEN_X_fd, res);
	rig_num(r, LNR_P_SYSCALL_PIDFD_OPEN_X_pid, pid);
	rig_num(r, LNR_P_SYSCALL_PIDFD_OPEN_X_flags, 0);
	rig_step(r);
}

static void pidfd_getfd(struct rig *r, int64_t res, int64_t pidfd, int64_t target)
{
	rig_begin(r, LNR_EV_SYSCALL_PIDFD_GETFD_X, 100);
	rig_num(r, LNR_P_SYSCALL_PIDFD_GETFD_X_fd, res);
	rig_num(r, LNR_P_SYSCALL_PIDFD_GETFD_X_pid_fd, pidfd);
	rig_num(r, LNR_P_SYSCALL_PIDFD_GETFD_X_target_fd, target);
	rig_step(r);
}

static void pidfds(void **state)
{
	struct rig r;
	(void)state;
	rig_init_opts(&r, (struct lnr_state_opts){.host_root = "/host"});
	rig_populate(&r);
	rig_fork(&r, 100, 200);
	rig_openat(&r, 200, 8, "/secret");
	pidfd_open(&r, 5, 200);
	assert_int_equal(rig_fd(&r, 100, 5)->type, LNR_FD_PIDFD);
	assert_int_equal(rig_fd(&r, 100, 5)->pid, 200);
	assert_name(rig_fd(&r, 100, 5), "/host/proc/200");
	pidfd_open(&r, -3, 4000);
	pidfd_getfd(&r, 6, 5, 8);
	assert_name(rig_fd(&r, 100, 6), "/secret");
	assert_true(rig_fd(&r, 100, 6)->open_flags & LNR_O_CLOEXEC);
	pidfd_getfd(&r, -1, 5, 8); /* refused */
	pidfd_getfd(&r, 7, 5, 99); /* unknown there */
	pidfd_getfd(&r, 7, 99, 8); /* unknown here */
	pidfd_getfd(&r, 7, 2, 8);  /* not a pidfd */
	pidfd_open(&r, 9, 4000);
	pidfd_getfd(&r, 7, 9, 8); /* unknown process */
	assert_null(rig_fd(&r, 100, 7));
	rig_done(&r);
}

/* --- tables --- */

static void budget(void **state)
{
	struct rig r;
	(void)state;
	rig_init_opts(&r, (struct lnr_state_opts){.max_fds_per_process = 10});
	rig_populate(&r);
	for (int fd = 3; fd < 20; fd++)
		rig_openat(&r, 100, fd, "x");
	assert_int_equal(lnr_state_fd_count(r.st, rig_thread(&r, 100)), 10);
	assert_null(rig_fd(&r, 100, 15));
	assert_int_equal(rig_counter(&r, "n_drops_full_fdtable"), 10);
	/* Replacing one needs no room. */
	rig_openat(&r, 100, 5, "y");
	assert_name(rig_fd(&r, 100, 5), "/srv/y");
	rig_close(&r, 100, 5);
	rig_openat(&r, 100, 15, "z");
	assert_name(rig_fd(&r, 100, 15), "/srv/z");
	assert_int_equal(rig_counter(&r, "n_fds"), 10);
	rig_done(&r);
}

/* Numbers that are no descriptors. */
static void strange_numbers(void **state)
{
	static const int64_t nums[] = {INT64_MAX, INT64_MIN + 1, (int64_t)INT32_MAX + 1, INT32_MAX};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(nums); i++) {
		rig_openat(&r, 100, nums[i], "x");
		rig_close(&r, 100, nums[i]);
		dup_call(&r, LNR_EV_SYSCALL_DUP2_X, nums[i], 2, 0);
		rig_leave(&r);
	}
	assert_non_null(rig_fd(&r, 100, INT32_MAX));
	assert_null(rig_fd(&r, 100, (int64_t)INT32_MAX + 1));
	rig_done(&r);
}

/* A fork shares what neither changes. */
static void sharing(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (int fd = 3; fd < 30; fd++)
		rig_openat(&r, 100, fd, "shared");
	rig_fork(&r, 100, 200);
	rig_fork(&r, 200, 300);
	assert_ptr_equal(rig_thread(&r, 100)->fds, rig_thread(&r, 300)->fds);
	assert_ptr_equal(rig_fd(&r, 100, 5), rig_fd(&r, 300, 5));
	/* Reading changes nothing. */
	rig_begin(&r, LNR_EV_SYSCALL_READ_X, 300);
	rig_num(&r, LNR_P_SYSCALL_READ_X_res, 10);
	rig_num(&r, LNR_P_SYSCALL_READ_X_fd, 5);
	rig_step(&r);
	assert_ptr_equal(rig_thread(&r, 100)->fds, rig_thread(&r, 300)->fds);
	/* The middle one changes, then the last, then the first. */
	rig_close(&r, 200, 5);
	assert_null(rig_fd(&r, 200, 5));
	assert_name(rig_fd(&r, 100, 5), "/srv/shared");
	assert_name(rig_fd(&r, 300, 5), "/srv/shared");
	rig_openat(&r, 300, 5, "own");
	assert_name(rig_fd(&r, 300, 5), "/srv/own");
	assert_name(rig_fd(&r, 100, 5), "/srv/shared");
	assert_true(rig_fd(&r, 300, 6)->flags & LNR_FDF_CLONED);
	rig_close(&r, 100, 6);
	assert_null(rig_fd(&r, 100, 6));
	assert_name(rig_fd(&r, 200, 6), "/srv/shared");
	assert_name(rig_fd(&r, 300, 6), "/srv/shared");
	rig_exit(&r, 200);
	rig_exit(&r, 100);
	assert_name(rig_fd(&r, 300, 7), "/srv/shared");
	rig_done(&r);
}

/* Forks upon forks that touch no descriptor. */
static void deep_sharing(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	int64_t pid = 100;
	for (int i = 0; i < 600; i++, pid++)
		rig_clone(&r,
			(struct clone_call){.tid = pid + 1, .res = 0, .pid = pid + 1, .ptid = pid});
	size_t pos = 0, n = 0;
	while (lnr_state_fd_next(r.st, rig_thread(&r, pid), &pos))
		n++;
	assert_int_equal(n, 3);
	rig_done(&r);
}

static void kinds(void **state)
{
	static const char chars[] = "ofd4646pueXslitnfburmP";
	(void)state;
	for (int type = 0; type <= LNR_FD_PIDFD; type++)
		assert_int_equal(lnr_fd_typechar(type), chars[type]);
	assert_int_equal(lnr_fd_typechar(LNR_FD_UNINITIALIZED), '?');
	assert_int_equal(lnr_fd_typechar(100), '?');
	assert_string_equal(lnr_fd_type_name(LNR_FD_IPV6_SERVSOCK), "ipv6");
	assert_string_equal(lnr_fd_type_name(LNR_FD_UNINITIALIZED), "<NA>");
	assert_string_equal(lnr_fd_type_name(100), "<NA>");
	assert_string_equal(lnr_l4_name(LNR_L4_TCP), "tcp");
	assert_string_equal(lnr_l4_name(LNR_L4_NA), "<NA>");
	assert_string_equal(lnr_l4_name(77), "<NA>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing),
		cmocka_unit_test(of_a_stranger),
		cmocka_unit_test(ranges),
		cmocka_unit_test(dups),
		cmocka_unit_test(fcntls),
		cmocka_unit_test(pipes),
		cmocka_unit_test(anonymous),
		cmocka_unit_test(memfd),
		cmocka_unit_test(pidfds),
		cmocka_unit_test(budget),
		cmocka_unit_test(strange_numbers),
		cmocka_unit_test(sharing),
		cmocka_unit_test(deep_sharing),
		cmocka_unit_test(kinds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
