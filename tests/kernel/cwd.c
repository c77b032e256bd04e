/* SPDX-License-Identifier: Apache-2.0 */
/* chdir, fchdir, chroot. */
#include "lib/ring.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void move(void *out)
{
	int *fd = out;
	char longest[4096];
	*fd = open("/", O_RDONLY | O_DIRECTORY);
	lnr_kt_check(*fd >= 0);
	/* As long as a path can be, and its end outside of the limit. */
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	syscall(SYS_chdir, "/dev");
	syscall(SYS_chdir, "missing");
	syscall(SYS_chdir, longest);
	syscall(SYS_fchdir, *fd);
	syscall(SYS_fchdir, -1);
	syscall(SYS_chroot, "/dev");
	syscall(SYS_chroot, "/missing");
}

static void test_chdir(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, move);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_CHDIR_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "path", "/dev");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_CHDIR_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_str(e, "path", "missing");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_CHDIR_X, 2);
	assert_param_s64(e, "res", -ENAMETOOLONG);
	assert_int_equal(e->ev.param[1].len, 4096);
	assert_int_equal(lnr_param_str(&e->ev, 1).len, 4095);
}

static void test_fchdir(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, move);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_FCHDIR_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd", *fd);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_FCHDIR_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fd", -1);
	assert_all_params(e);
}

static void test_chroot(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, move);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_CHROOT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "path", "/dev");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_CHROOT_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_str(e, "path", "/missing");
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "chdir fchdir chroot"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chdir),
		cmocka_unit_test(test_fchdir),
		cmocka_unit_test(test_chroot),
	};
	return cmocka_run_group_tests_name("cwd", tests, setup, lnr_kt_teardown);
}
