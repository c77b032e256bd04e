/* SPDX-License-Identifier: Apache-2.0 */
/* unlink, unlinkat. */
#include "lib/ring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void delete (void *out)
{
	int *dir = out;
	*dir = open(".", O_RDONLY | O_DIRECTORY);
	lnr_kt_check(*dir >= 0);
	lnr_kt_check(open("a", O_CREAT | O_RDWR, 0600) >= 0);
	lnr_kt_check(open("b", O_CREAT | O_RDWR, 0600) >= 0);
	lnr_kt_check(mkdir("d", 0700) == 0);
#ifdef SYS_unlink
	syscall(SYS_unlink, "a");
	syscall(SYS_unlink, "a");
	syscall(SYS_unlink, (char *)1);
#endif
	syscall(SYS_unlinkat, AT_FDCWD, "b", 0);
	syscall(SYS_unlinkat, *dir, "d", AT_REMOVEDIR);
	syscall(SYS_unlinkat, -1, "c", AT_REMOVEDIR | AT_SYMLINK_FOLLOW);
}

#ifdef SYS_unlink
static void test_unlink(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, delete);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_UNLINK_2_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "path", "a");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_UNLINK_2_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_str(e, "path", "a");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_UNLINK_2_X, 2);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_absent(e, "path");
	assert_all_params(e);
}
#endif

static void test_unlinkat(void **state)
{
	struct lnr_kt *k = *state;
	const int *dir = lnr_kt_act(k, delete);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_UNLINKAT_2_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "dirfd", AT_FDCWD);
	assert_param_str(e, "name", "b");
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_UNLINKAT_2_X, 1);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "dirfd", *dir);
	assert_param_str(e, "name", "d");
	assert_param_u64(e, "flags", LNR_AT_REMOVEDIR);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_UNLINKAT_2_X, 2);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "dirfd", -1);
	assert_param_str(e, "name", "c");
	assert_param_u64(e, "flags", LNR_AT_REMOVEDIR);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "unlink unlinkat", .dir = true});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef SYS_unlink
		cmocka_unit_test(test_unlink),
#endif
		cmocka_unit_test(test_unlinkat),
	};
	return cmocka_run_group_tests_name("unlink", tests, setup, lnr_kt_teardown);
}
