/* SPDX-License-Identifier: Apache-2.0 */
/* dup, dup2, dup3, fcntl, close_range, pipe, pipe2. */
#include "lib/ring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/util.h"

static void copy(void *out)
{
	int *fd = out;
	fd[0] = open("/dev/null", O_RDONLY);
	fd[1] = dup(fd[0]);
	lnr_kt_check(fd[0] >= 0 && fd[1] >= 0);
	lnr_kt_check(dup(-1) < 0);
#ifdef SYS_dup2
	lnr_kt_check(syscall(SYS_dup2, fd[0], 77) == 77);
	lnr_kt_check(syscall(SYS_dup2, -1, 77) < 0);
#endif
	lnr_kt_check(dup3(fd[0], 78, O_CLOEXEC) == 78);
	lnr_kt_check(dup3(fd[0], fd[0], O_NONBLOCK) < 0);
}

static void dups(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, copy);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_DUP_1_X, 0);
	assert_param_s64(e, "res", fd[1]);
	assert_param_s64(e, "oldfd", fd[0]);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_DUP_1_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "oldfd", -1);
#ifdef SYS_dup2
	e = lnr_kt_event(k, LNR_EV_SYSCALL_DUP2_X, 0);
	assert_param_s64(e, "res", 77);
	assert_param_s64(e, "oldfd", fd[0]);
	assert_param_s64(e, "newfd", 77);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_DUP2_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "oldfd", -1);
	assert_param_s64(e, "newfd", 77);
#endif
	e = lnr_kt_event(k, LNR_EV_SYSCALL_DUP3_X, 0);
	assert_param_s64(e, "res", 78);
	assert_param_s64(e, "oldfd", fd[0]);
	assert_param_s64(e, "newfd", 78);
	assert_param_u64(e, "flags", LNR_O_CLOEXEC);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_DUP3_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "flags", 0);
}

/* Every command of the table, by its native number, with the name it gets. */
static const struct {
	unsigned native;
	uint8_t want;
} commands[] = {
	{0, LNR_FCNTL_F_DUPFD},
	{1, LNR_FCNTL_F_GETFD},
	{2, LNR_FCNTL_F_SETFD},
	{3, LNR_FCNTL_F_GETFL},
	{4, LNR_FCNTL_F_SETFL},
	{5, LNR_FCNTL_F_GETLK},
	{6, LNR_FCNTL_F_SETLK},
	{7, LNR_FCNTL_F_SETLKW},
	{8, LNR_FCNTL_F_SETOWN},
	{9, LNR_FCNTL_F_GETOWN},
	{10, LNR_FCNTL_F_SETSIG},
	{11, LNR_FCNTL_F_GETSIG},
	{12, LNR_FCNTL_F_GETLK64},
	{13, LNR_FCNTL_F_SETLK64},
	{14, LNR_FCNTL_F_SETLKW64},
	{15, LNR_FCNTL_F_SETOWN_EX},
	{16, LNR_FCNTL_F_GETOWN_EX},
	{36, LNR_FCNTL_F_OFD_GETLK},
	{37, LNR_FCNTL_F_OFD_SETLK},
	{38, LNR_FCNTL_F_OFD_SETLKW},
	{1024, LNR_FCNTL_F_SETLEASE},
	{1025, LNR_FCNTL_F_GETLEASE},
	{1026, LNR_FCNTL_F_NOTIFY},
	{1029, LNR_FCNTL_F_CANCELLK},
	{1030, LNR_FCNTL_F_DUPFD_CLOEXEC},
	{1031, LNR_FCNTL_F_SETPIPE_SZ},
	{1032, LNR_FCNTL_F_GETPIPE_SZ},
	{1033, LNR_FCNTL_UNKNOWN}, /* F_ADD_SEALS */
	{17, LNR_FCNTL_UNKNOWN},
	{0x80000000u, LNR_FCNTL_UNKNOWN},
};

static void command(void *out)
{
	int *fd = out;
	*fd = open("/dev/null", O_RDONLY);
	lnr_kt_check(fcntl(*fd, F_SETFD, FD_CLOEXEC) == 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(commands); i++)
		lnr_kt_check(syscall(SYS_fcntl, -1, commands[i].native, 0x123456789a) < 0);
	lnr_kt_check(fcntl(*fd, F_DUPFD_CLOEXEC, 90) == 90);
}

static void fcntls(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, command);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_FCNTL_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "cmd", LNR_FCNTL_F_SETFD);
	assert_param_u64(e, "arg", FD_CLOEXEC);
	assert_all_params(e);
	for (unsigned i = 0; i < LNR_ARRAY_SIZE(commands); i++) {
		e = lnr_kt_event(k, LNR_EV_SYSCALL_FCNTL_X, 1 + i);
		assert_param_s64(e, "res", -EBADF);
		assert_param_s64(e, "fd", -1);
		assert_param_u64(e, "cmd", commands[i].want);
		assert_param_u64(e, "arg", 0x123456789a);
		assert_all_params(e);
	}
}

static void for_state(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, command);
	/* Three that matter, each once in vain; SETFD and DUPFD_CLOEXEC with success. */
	assert_int_equal(lnr_kt_count(k, LNR_EV_SYSCALL_FCNTL_X), 5);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_FCNTL_X, 4);
	assert_param_s64(e, "res", 90);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "cmd", LNR_FCNTL_F_DUPFD_CLOEXEC);
}

static void close_many(void *out)
{
	(void)out;
	lnr_kt_check(syscall(SYS_close_range, 90, ~0u, 0) == 0);
	syscall(SYS_close_range, 90, 91, 4 | 2); /* before 5.11 it knows no CLOEXEC */
	lnr_kt_check(syscall(SYS_close_range, 9, 3, 0x10) < 0);
}

static void close_ranges(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, close_many);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_CLOSE_RANGE_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_u64(e, "first", 90);
	assert_param_u64(e, "last", UINT32_MAX);
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_CLOSE_RANGE_X, 1);
	assert_param_u64(e, "flags", LNR_CLOSE_RANGE_UNSHARE | LNR_CLOSE_RANGE_CLOEXEC);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_CLOSE_RANGE_X, 2);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "first", 9);
	assert_param_u64(e, "last", 3);
	assert_param_u64(e, "flags", 0);
}

struct pipes {
	int one[2], two[2];
	uint64_t ino_one, ino_two;
};

static uint64_t inode(int fd)
{
	struct stat st;
	lnr_kt_check(fstat(fd, &st) == 0);
	return st.st_ino;
}

static void make_pipes(void *out)
{
	struct pipes *x = out;
#ifdef SYS_pipe
	lnr_kt_check(syscall(SYS_pipe, x->one) == 0);
	x->ino_one = inode(x->one[0]);
	lnr_kt_check(syscall(SYS_pipe, NULL) < 0);
#endif
	lnr_kt_check(pipe2(x->two, O_CLOEXEC | O_NONBLOCK | O_DIRECT) == 0);
	x->ino_two = inode(x->two[0]);
	lnr_kt_check(syscall(SYS_pipe2, NULL, -1) < 0);
}

static void pipes(void **state)
{
	struct lnr_kt *k = *state;
	const struct pipes *x = lnr_kt_act(k, make_pipes);
	struct lnr_kt_event *e;
#ifdef SYS_pipe
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PIPE_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd1", x->one[0]);
	assert_param_s64(e, "fd2", x->one[1]);
	assert_param_u64(e, "ino", x->ino_one);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PIPE_X, 1);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_s64(e, "fd1", -1);
	assert_param_s64(e, "fd2", -1);
	assert_param_u64(e, "ino", 0);
#endif
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PIPE2_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd1", x->two[0]);
	assert_param_s64(e, "fd2", x->two[1]);
	assert_param_u64(e, "ino", x->ino_two);
	assert_param_u64(e, "flags", LNR_O_CLOEXEC | LNR_O_NONBLOCK | LNR_O_DIRECT);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PIPE2_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "fd1", -1);
	assert_param_u64(e, "flags", 0);
}

static int setup(void **state)
{
	return lnr_kt_setup(state,
		&(struct lnr_kt_opts){.calls = "dup dup2 dup3 fcntl close_range pipe pipe2"});
}

static int setup_state_only(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.state_only = "fcntl"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dups),
		cmocka_unit_test(fcntls),
		cmocka_unit_test(close_ranges),
		cmocka_unit_test(pipes),
	};
	const struct CMUnitTest state_tests[] = {
		cmocka_unit_test(for_state),
	};
	int r = cmocka_run_group_tests_name("dup", tests, setup, lnr_kt_teardown);
	return r + cmocka_run_group_tests_name(
			   "dup, state only", state_tests, setup_state_only, lnr_kt_teardown);
}
