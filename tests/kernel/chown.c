/* SPDX-License-Identifier: Apache-2.0 */
/* chown, lchown, fchown, fchownat. */
#include "lib/ring.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEEP ((uid_t)-1)

static void change(void *out)
{
	int *fd = out;
	*fd = open("file", O_CREAT | O_RDWR, 0600);
	lnr_kt_check(*fd >= 0);
#ifdef SYS_chown
	syscall(SYS_chown, "file", 1000, 1001);
	syscall(SYS_chown, "missing", 1000, KEEP);
	syscall(SYS_lchown, "file", KEEP, 0);
	syscall(SYS_lchown, NULL, 1, 2);
#endif
	syscall(SYS_fchown, *fd, 1002, 1003);
	syscall(SYS_fchown, -1, 0, 0);
	syscall(SYS_fchownat, *fd, "", 0, 1, AT_EMPTY_PATH);
	syscall(SYS_fchownat, AT_FDCWD, "missing", 2, 3, AT_SYMLINK_NOFOLLOW);
	/* Not a flag of this call, but the one that the event shows. */
	syscall(SYS_fchownat, AT_FDCWD, "file", 4, 5, AT_SYMLINK_FOLLOW);
}

#ifdef SYS_chown
static void by_path(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_CHOWN_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "path", "file");
	assert_param_u64(e, "uid", 1000);
	assert_param_u64(e, "gid", 1001);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_CHOWN_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_str(e, "path", "missing");
	assert_param_u64(e, "uid", 1000);
	assert_param_u64(e, "gid", KEEP);
	assert_all_params(e);

	e = lnr_kt_event(k, LNR_EV_SYSCALL_LCHOWN_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "path", "file");
	assert_param_u64(e, "uid", KEEP);
	assert_param_u64(e, "gid", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_LCHOWN_X, 1);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_absent(e, "path");
	assert_param_u64(e, "uid", 1);
	assert_param_u64(e, "gid", 2);
	assert_all_params(e);
}
#endif

static void by_descriptor(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_FCHOWN_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "uid", 1002);
	assert_param_u64(e, "gid", 1003);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_FCHOWN_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "uid", 0);
	assert_param_u64(e, "gid", 0);
	assert_all_params(e);
}

static void at(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_FCHOWNAT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "dirfd", *fd);
	assert_param_str(e, "pathname", "");
	assert_param_u64(e, "uid", 0);
	assert_param_u64(e, "gid", 1);
	assert_param_u64(e, "flags", LNR_AT_EMPTY_PATH);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_FCHOWNAT_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_s64(e, "dirfd", AT_FDCWD);
	assert_param_str(e, "pathname", "missing");
	assert_param_u64(e, "uid", 2);
	assert_param_u64(e, "gid", 3);
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_FCHOWNAT_X, 2);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "flags", LNR_AT_SYMLINK_FOLLOW);
}

static int setup(void **state)
{
	return lnr_kt_setup(
		state, &(struct lnr_kt_opts){.calls = "chown lchown fchown fchownat", .dir = true});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef SYS_chown
		cmocka_unit_test(by_path),
#endif
		cmocka_unit_test(by_descriptor),
		cmocka_unit_test(at),
	};
	return cmocka_run_group_tests_name("chown", tests, setup, lnr_kt_teardown);
}
