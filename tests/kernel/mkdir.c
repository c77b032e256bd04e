/* SPDX-License-Identifier: Apache-2.0 */
/* mkdir, mkdirat, rmdir. */
#include "lib/ring.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void make(void *out)
{
	int *dir = out;
	*dir = open(".", O_RDONLY | O_DIRECTORY);
	lnr_kt_check(*dir >= 0);
#ifdef SYS_mkdir
	syscall(SYS_mkdir, "new", 0170751); /* the mode is raw */
	syscall(SYS_mkdir, "new", 0700);
	syscall(SYS_rmdir, "new");
	syscall(SYS_rmdir, "new");
#endif
	syscall(SYS_mkdirat, *dir, "new2", 0750);
	syscall(SYS_mkdirat, -1, "new2", 0);
	unlinkat(AT_FDCWD, "new2", AT_REMOVEDIR);
}

#ifdef SYS_mkdir
static void test_mkdir(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, make);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_MKDIR_2_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "path", "new");
	assert_param_u64(e, "mode", 0170751);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_MKDIR_2_X, 1);
	assert_param_s64(e, "res", -EEXIST);
	assert_param_str(e, "path", "new");
	assert_param_u64(e, "mode", 0700);
	assert_all_params(e);
}

static void test_rmdir(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, make);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_RMDIR_2_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "path", "new");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_RMDIR_2_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_str(e, "path", "new");
	assert_all_params(e);
}
#endif

static void test_mkdirat(void **state)
{
	struct lnr_kt *k = *state;
	const int *dir = lnr_kt_act(k, make);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_MKDIRAT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "dirfd", *dir);
	assert_param_str(e, "path", "new2");
	assert_param_u64(e, "mode", 0750);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_MKDIRAT_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "dirfd", -1);
	assert_param_str(e, "path", "new2");
	assert_param_u64(e, "mode", 0);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(
		state, &(struct lnr_kt_opts){.calls = "mkdir mkdirat rmdir", .dir = true});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef SYS_mkdir
		cmocka_unit_test(test_mkdir),
		cmocka_unit_test(test_rmdir),
#endif
		cmocka_unit_test(test_mkdirat),
	};
	return cmocka_run_group_tests_name("mkdir", tests, setup, lnr_kt_teardown);
}
