/* SPDX-License-Identifier: Apache-2.0 */
/* stat, lstat, fstat, newfstatat, access, getcwd. */
#include "lib/ring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOWHERE "/nowhere/lanner-stat"

struct found {
	int fd;
	char cwd[4096];
};

static void ask(void *out)
{
	struct found *x = out;
	char st[512];
	x->fd = open("/", O_RDONLY | O_DIRECTORY);
	lnr_kt_check(x->fd >= 0);
#ifdef SYS_stat
	lnr_kt_check(syscall(SYS_stat, "/", st) == 0);
	lnr_kt_check(syscall(SYS_stat, NULL, st) < 0);
	lnr_kt_check(syscall(SYS_lstat, NOWHERE, st) < 0);
	lnr_kt_check(syscall(SYS_access, "/", 0) == 0);
	lnr_kt_check(syscall(SYS_access, NOWHERE, R_OK | X_OK) < 0);
	lnr_kt_check(syscall(SYS_access, NOWHERE, 0xf0 | W_OK) < 0);
#endif
	lnr_kt_check(syscall(SYS_fstat, x->fd, st) == 0);
	lnr_kt_check(syscall(SYS_fstat, -1, st) < 0);
	lnr_kt_check(syscall(SYS_newfstatat, x->fd, ".", st, AT_SYMLINK_NOFOLLOW) == 0);
	lnr_kt_check(syscall(SYS_newfstatat, AT_FDCWD, NOWHERE, st,
			     AT_EMPTY_PATH | AT_NO_AUTOMOUNT) < 0);
	lnr_kt_check(syscall(SYS_getcwd, x->cwd, sizeof(x->cwd)) > 0);
	lnr_kt_check(syscall(SYS_getcwd, x->cwd, 0) < 0);
}

static void by_name(void **state)
{
#ifdef SYS_stat
	struct lnr_kt *k = *state;
	lnr_kt_act(k, ask);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_STAT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "path", "/");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_STAT_X, 1);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_absent(e, "path");
	e = lnr_kt_event(k, LNR_EV_SYSCALL_LSTAT_X, 0);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_str(e, "path", NOWHERE);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_ACCESS_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "name", "/");
	assert_param_u64(e, "mode", LNR_F_OK);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_ACCESS_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_str(e, "name", NOWHERE);
	assert_param_u64(e, "mode", LNR_R_OK | LNR_X_OK);
	assert_param_u64(lnr_kt_event(k, LNR_EV_SYSCALL_ACCESS_X, 2), "mode", LNR_W_OK);
#else
	(void)state;
#endif
}

static void by_descriptor(void **state)
{
	struct lnr_kt *k = *state;
	const struct found *x = lnr_kt_act(k, ask);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_FSTAT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd", x->fd);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_FSTAT_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fd", -1);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_NEWFSTATAT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "dirfd", x->fd);
	assert_param_str(e, "path", ".");
	assert_param_u64(e, "flags", LNR_AT_SYMLINK_NOFOLLOW);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_NEWFSTATAT_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_s64(e, "dirfd", LNR_AT_FDCWD);
	assert_param_str(e, "path", NOWHERE);
	assert_param_u64(e, "flags", LNR_AT_EMPTY_PATH | LNR_AT_NO_AUTOMOUNT);
}

static void directory(void **state)
{
	struct lnr_kt *k = *state;
	const struct found *x = lnr_kt_act(k, ask);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_GETCWD_X, 0);
	assert_param_s64(e, "res", (int64_t)strlen(x->cwd) + 1);
	assert_param_str(e, "path", x->cwd);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_GETCWD_X, 1);
	assert_param_s64(e, "res", -ERANGE);
	assert_param_absent(e, "path");
}

static int setup(void **state)
{
	return lnr_kt_setup(
		state, &(struct lnr_kt_opts){.calls = "stat lstat fstat newfstatat access getcwd"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_name),
		cmocka_unit_test(by_descriptor),
		cmocka_unit_test(directory),
	};
	return cmocka_run_group_tests_name("stat", tests, setup, lnr_kt_teardown);
}
