/* SPDX-License-Identifier: Apache-2.0 */
/* setns, unshare. */
#include "lib/ring.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

static void move(void *out)
{
	int *fd = out;
	*fd = open("/proc/self/ns/uts", O_RDONLY);
	lnr_kt_check(*fd >= 0);
	syscall(SYS_unshare, CLONE_NEWUTS | CLONE_FS);
	syscall(SYS_unshare, 0xff);
	syscall(SYS_setns, *fd, CLONE_NEWUTS);
	syscall(SYS_setns, -1, CLONE_NEWNET | CLONE_NEWNS);
}

static void test_unshare(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, move);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_UNSHARE_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_u64(e, "flags", LNR_CL_CLONE_NEWUTS | LNR_CL_CLONE_FS);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_UNSHARE_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
}

static void test_setns(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, move);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_SETNS_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "nstype", LNR_CL_CLONE_NEWUTS);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SETNS_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "nstype", LNR_CL_CLONE_NEWNET | LNR_CL_CLONE_NEWNS);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "setns unshare"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unshare),
		cmocka_unit_test(test_setns),
	};
	return cmocka_run_group_tests_name("namespace", tests, setup, lnr_kt_teardown);
}
