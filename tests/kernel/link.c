/* SPDX-License-Identifier: Apache-2.0 */
/* link, linkat, symlink, symlinkat. */
#include "lib/ring.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void make_links(void *out)
{
	int *dir = out;
	int fd = open("file", O_CREAT | O_RDWR, 0600);
	*dir = open(".", O_RDONLY | O_DIRECTORY);
	lnr_kt_check(fd >= 0 && *dir >= 0);
	unlink("hard");
	unlink("hard2");
	unlink("soft");
	unlink("soft2");
#ifdef SYS_link
	syscall(SYS_link, "file", "hard");
	syscall(SYS_link, "missing", "other");
	syscall(SYS_symlink, "target", "soft");
	syscall(SYS_symlink, "target", NULL);
#endif
	syscall(SYS_linkat, *dir, "file", AT_FDCWD, "hard2", AT_SYMLINK_FOLLOW);
	syscall(SYS_linkat, -1, "file", 1000, "hard3", AT_EMPTY_PATH | 1);
	syscall(SYS_symlinkat, "target", *dir, "soft2");
	syscall(SYS_symlinkat, "", -1, "soft3");
}

#ifdef SYS_link
static void by_path(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, make_links);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_LINK_2_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "oldpath", "file");
	assert_param_str(e, "newpath", "hard");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_LINK_2_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_str(e, "oldpath", "missing");
	assert_param_str(e, "newpath", "other");
	assert_all_params(e);

	e = lnr_kt_event(k, LNR_EV_SYSCALL_SYMLINK_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "target", "target");
	assert_param_str(e, "linkpath", "soft");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SYMLINK_X, 1);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_str(e, "target", "target");
	assert_param_absent(e, "linkpath");
	assert_all_params(e);
}
#endif

static void test_linkat(void **state)
{
	struct lnr_kt *k = *state;
	const int *dir = lnr_kt_act(k, make_links);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_LINKAT_2_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "olddir", *dir);
	assert_param_str(e, "oldpath", "file");
	assert_param_s64(e, "newdir", AT_FDCWD);
	assert_param_str(e, "newpath", "hard2");
	assert_param_u64(e, "flags", LNR_AT_SYMLINK_FOLLOW);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_LINKAT_2_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "olddir", -1);
	assert_param_str(e, "oldpath", "file");
	assert_param_s64(e, "newdir", 1000);
	assert_param_str(e, "newpath", "hard3");
	assert_param_u64(e, "flags", LNR_AT_EMPTY_PATH);
	assert_all_params(e);
}

static void test_symlinkat(void **state)
{
	struct lnr_kt *k = *state;
	const int *dir = lnr_kt_act(k, make_links);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_SYMLINKAT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "target", "target");
	assert_param_s64(e, "linkdirfd", *dir);
	assert_param_str(e, "linkpath", "soft2");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SYMLINKAT_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_str(e, "target", "");
	assert_param_s64(e, "linkdirfd", -1);
	assert_param_str(e, "linkpath", "soft3");
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state,
		&(struct lnr_kt_opts){.calls = "link linkat symlink symlinkat", .dir = true});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef SYS_link
		cmocka_unit_test(by_path),
#endif
		cmocka_unit_test(test_linkat),
		cmocka_unit_test(test_symlinkat),
	};
	return cmocka_run_group_tests_name("link", tests, setup, lnr_kt_teardown);
}
