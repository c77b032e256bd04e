/* SPDX-License-Identifier: Apache-2.0 */
/* mknod, mknodat. */
#include "lib/ring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As the call takes it: minor bits 0 to 7, major, the rest of minor. */
#define DEVICE 0x12345678u

static void make(void *out)
{
	(void)out;
#ifdef SYS_mknod
	syscall(SYS_mknod, "fifo", S_IFIFO | 04640, 0);
	/* No type means a regular file. */
	syscall(SYS_mknod, "file", 0600, DEVICE);
	syscall(SYS_mknod, "file", S_IFSOCK | 0777, 7);
	unlink("fifo");
	unlink("file");
#endif
	syscall(SYS_mknodat, AT_FDCWD, "fifo", S_IFIFO | 0640, 0);
	syscall(SYS_mknodat, -1, "disk", S_IFBLK | 0660, DEVICE);
	unlink("fifo");
}

#ifdef SYS_mknod
static void test_mknod(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, make);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_MKNOD_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "path", "fifo");
	assert_param_u64(e, "mode", S_IFIFO | 04640);
	assert_param_u64(e, "dev", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_MKNOD_X, 1);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "path", "file");
	assert_param_u64(e, "mode", S_IFREG | 0600);
	assert_param_u64(e, "dev", DEVICE);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_MKNOD_X, 2);
	assert_param_s64(e, "res", -EEXIST);
	assert_param_str(e, "path", "file");
	assert_param_u64(e, "mode", S_IFSOCK | 0777);
	assert_param_u64(e, "dev", 7);
	assert_all_params(e);
}
#endif

static void test_mknodat(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, make);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_MKNODAT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "dirfd", AT_FDCWD);
	assert_param_str(e, "path", "fifo");
	assert_param_u64(e, "mode", S_IFIFO | 0640);
	assert_param_u64(e, "dev", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_MKNODAT_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "dirfd", -1);
	assert_param_str(e, "path", "disk");
	assert_param_u64(e, "mode", S_IFBLK | 0660);
	assert_param_u64(e, "dev", DEVICE);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "mknod mknodat", .dir = true});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef SYS_mknod
		cmocka_unit_test(test_mknod),
#endif
		cmocka_unit_test(test_mknodat),
	};
	return cmocka_run_group_tests_name("mknod", tests, setup, lnr_kt_teardown);
}
