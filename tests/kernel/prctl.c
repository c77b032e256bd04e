/* SPDX-License-Identifier: Apache-2.0 */
/* prctl: the argument as text or as a number. */
#include "lib/ring.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void ask(void *out)
{
	char name[16];
	int reaper = -1;
	(void)out;
	syscall(SYS_prctl, PR_SET_NAME, "a name that is too long");
	syscall(SYS_prctl, PR_GET_NAME, name);
	syscall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1);
	syscall(SYS_prctl, PR_GET_CHILD_SUBREAPER, &reaper);
	syscall(SYS_prctl, PR_SET_DUMPABLE, 77L);
	syscall(SYS_prctl, -1, -2L);
	syscall(SYS_prctl, PR_SET_NAME, NULL);
}

static void assert_number(
	struct lnr_kt *k, unsigned n, int64_t res, uint32_t option, int64_t number)
{
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_PRCTL_X, n);
	assert_param_s64(e, "res", res);
	assert_param_u64(e, "option", option);
	assert_param_absent(e, "arg2_str");
	assert_param_s64(e, "arg2_int", number);
	assert_all_params(e);
}

static void test_prctl(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, ask);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_PRCTL_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_u64(e, "option", PR_SET_NAME);
	assert_param_str(e, "arg2_str", "a name that is too long");
	assert_param_s64(e, "arg2_int", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PRCTL_X, 1);
	assert_param_s64(e, "res", 0);
	assert_param_u64(e, "option", PR_GET_NAME);
	assert_param_str(e, "arg2_str", "a name that is ");
	assert_param_s64(e, "arg2_int", 0);
	assert_all_params(e);
	assert_number(k, 2, 0, PR_SET_CHILD_SUBREAPER, 1);
	assert_number(k, 3, 0, PR_GET_CHILD_SUBREAPER, 1); /* what the call returned */
	assert_number(k, 4, -EINVAL, PR_SET_DUMPABLE, 77);
	assert_number(k, 5, -EINVAL, (uint32_t)-1, -2);
	assert_number(k, 6, -EFAULT, PR_SET_NAME, 0);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "prctl"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prctl),
	};
	return cmocka_run_group_tests_name("prctl", tests, setup, lnr_kt_teardown);
}
