/* SPDX-License-Identifier: Apache-2.0 */
/* chmod, fchmod, fchmodat. */
#include "lib/ring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALL_BITS 07777

static void change(void *out)
{
	int *fd = out;
	*fd = open("file", O_CREAT | O_RDWR, 0600);
	lnr_kt_check(*fd >= 0);
#ifdef SYS_chmod
	syscall(SYS_chmod, "file", 0170000 | ALL_BITS);
	syscall(SYS_chmod, "missing", 0);
#endif
	syscall(SYS_fchmod, *fd, 04751);
	syscall(SYS_fchmod, -1, 0);
	syscall(SYS_fchmodat, AT_FDCWD, "file", 0640);
	syscall(SYS_fchmodat, 1000, "file", 0);
	syscall(SYS_fchmodat, AT_FDCWD, NULL, 0);
}

#ifdef SYS_chmod
static void test_chmod(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_CHMOD_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "filename", "file");
	assert_param_u64(e, "mode", ALL_BITS);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_CHMOD_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_str(e, "filename", "missing");
	assert_param_u64(e, "mode", 0);
	assert_all_params(e);
}
#endif

static void test_fchmod(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_FCHMOD_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "mode", 04751);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_FCHMOD_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "mode", 0);
	assert_all_params(e);
}

static void test_fchmodat(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_FCHMODAT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "dirfd", AT_FDCWD);
	assert_param_str(e, "filename", "file");
	assert_param_u64(e, "mode", 0640);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_FCHMODAT_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "dirfd", 1000);
	assert_param_str(e, "filename", "file");
	assert_param_u64(e, "mode", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_FCHMODAT_X, 2);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_absent(e, "filename");
}

static int setup(void **state)
{
	return lnr_kt_setup(
		state, &(struct lnr_kt_opts){.calls = "chmod fchmod fchmodat", .dir = true});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef SYS_chmod
		cmocka_unit_test(test_chmod),
#endif
		cmocka_unit_test(test_fchmod),
		cmocka_unit_test(test_fchmodat),
	};
	return cmocka_run_group_tests_name("chmod", tests, setup, lnr_kt_teardown);
}
