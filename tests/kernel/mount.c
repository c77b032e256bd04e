/* SPDX-License-Identifier: Apache-2.0 */
/* mount, umount2, in a mount namespace that ends with the act. */
#include "lib/ring.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What callers from before 2.4 put there; it is cut off. */
#define MAGIC 0xC0ED0000ul

static void change(void *out)
{
	(void)out;
	lnr_kt_check(unshare(CLONE_NEWNS) == 0);
	syscall(SYS_mount, "none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mkdir("at", 0700);
	syscall(SYS_mount, "source", "at", "tmpfs", MAGIC | MS_NOSUID | MS_NODEV, "size=1m");
	syscall(SYS_umount2, "at", MNT_DETACH);
	syscall(SYS_mount, "source", "missing", "tmpfs", 0ul, NULL);
	syscall(SYS_umount2, "at", MNT_FORCE | MNT_EXPIRE | UMOUNT_NOFOLLOW);
	syscall(SYS_umount2, NULL, 0);
	rmdir("at");
}

static void test_mount(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_MOUNT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "dev", "none");
	assert_param_str(e, "dir", "/");
	assert_param_absent(e, "type");
	assert_param_u64(e, "flags", MS_REC | MS_PRIVATE);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_MOUNT_X, 1);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "dev", "source");
	assert_param_str(e, "dir", "at");
	assert_param_str(e, "type", "tmpfs");
	assert_param_u64(e, "flags", MS_NOSUID | MS_NODEV);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_MOUNT_X, 2);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_str(e, "dev", "source");
	assert_param_str(e, "dir", "missing");
	assert_param_str(e, "type", "tmpfs");
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
}

static void test_umount(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_UMOUNT2_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_str(e, "name", "at");
	assert_param_u64(e, "flags", MNT_DETACH);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_UMOUNT2_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_str(e, "name", "at");
	assert_param_u64(e, "flags", MNT_FORCE | MNT_EXPIRE | UMOUNT_NOFOLLOW);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_UMOUNT2_X, 2);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_absent(e, "name");
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "mount umount2", .dir = true});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mount),
		cmocka_unit_test(test_umount),
	};
	return cmocka_run_group_tests_name("mount", tests, setup, lnr_kt_teardown);
}
