/* SPDX-License-Identifier: Apache-2.0 */
/* rename, renameat, renameat2. */
#include "lib/ring.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOREPLACE 1 /* include/uapi/linux/fs.h */

static void change(void *out)
{
	int *dir = out;
	*dir = open(".", O_RDONLY | O_DIRECTORY);
	lnr_kt_check(*dir >= 0 && open("a", O_CREAT | O_RDWR, 0600) >= 0);
#ifdef SYS_rename
	syscall(SYS_rename, "a", "b");
	syscall(SYS_rename, "a", "b");
	syscall(SYS_rename, "b", "a");
#endif
#ifdef SYS_renameat
	syscall(SYS_renameat, *dir, "a", AT_FDCWD, "b");
	syscall(SYS_renameat, -1, "a", 1000, "c");
	syscall(SYS_renameat, AT_FDCWD, "b", *dir, "a");
#endif
	syscall(SYS_renameat2, *dir, "a", AT_FDCWD, "b", NOREPLACE);
	syscall(SYS_renameat2, AT_FDCWD, "b", *dir, "b", 0x80000000u | NOREPLACE);
	unlink("b");
}

#ifdef SYS_rename
static void test_rename(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_RENAME_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "oldpath", "a");
	assert_param_str(e, "newpath", "b");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_RENAME_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_str(e, "oldpath", "a");
	assert_param_str(e, "newpath", "b");
	assert_all_params(e);
}
#endif

#ifdef SYS_renameat
static void test_renameat(void **state)
{
	struct lnr_kt *k = *state;
	const int *dir = lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_RENAMEAT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "olddirfd", *dir);
	assert_param_str(e, "oldpath", "a");
	assert_param_s64(e, "newdirfd", AT_FDCWD);
	assert_param_str(e, "newpath", "b");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_RENAMEAT_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "olddirfd", -1);
	assert_param_str(e, "oldpath", "a");
	assert_param_s64(e, "newdirfd", 1000);
	assert_param_str(e, "newpath", "c");
	assert_all_params(e);
}
#endif

static void test_renameat2(void **state)
{
	struct lnr_kt *k = *state;
	const int *dir = lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_RENAMEAT2_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "olddirfd", *dir);
	assert_param_str(e, "oldpath", "a");
	assert_param_s64(e, "newdirfd", AT_FDCWD);
	assert_param_str(e, "newpath", "b");
	assert_param_u64(e, "flags", NOREPLACE);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_RENAMEAT2_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "olddirfd", AT_FDCWD);
	assert_param_str(e, "oldpath", "b");
	assert_param_s64(e, "newdirfd", *dir);
	assert_param_str(e, "newpath", "b");
	assert_param_u64(e, "flags", 0x80000000u | NOREPLACE); /* raw */
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(
		state, &(struct lnr_kt_opts){.calls = "rename renameat renameat2", .dir = true});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef SYS_rename
		cmocka_unit_test(test_rename),
#endif
#ifdef SYS_renameat
		cmocka_unit_test(test_renameat),
#endif
		cmocka_unit_test(test_renameat2),
	};
	return cmocka_run_group_tests_name("rename", tests, setup, lnr_kt_teardown);
}
