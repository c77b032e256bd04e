/* SPDX-License-Identifier: Apache-2.0 */
/* setsid, setpgid. */
#include "lib/ring.h"

#include <sys/syscall.h>
#include <unistd.h>

static void change(void *out)
{
	(void)out;
	syscall(SYS_setsid);
	syscall(SYS_setsid); /* a leader cannot */
	syscall(SYS_setpgid, 0, -1);
}

static void test_setsid(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_SETSID_X, 0);
	assert_param_s64(e, "res", lnr_kt_pid(k));
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SETSID_X, 1);
	assert_param_s64(e, "res", -EPERM);
	assert_all_params(e);
}

static void lead(void *out)
{
	pid_t *pid = out;
	*pid = getpid();
	syscall(SYS_setpgid, *pid, 0);
	syscall(SYS_setpgid, -5, *pid);
}

static void test_setpgid(void **state)
{
	struct lnr_kt *k = *state;
	const pid_t *pid = lnr_kt_act(k, lead);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_SETPGID_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "pid", *pid);
	assert_param_s64(e, "pgid", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SETPGID_X, 1);
	assert_param_s64(e, "res", -ESRCH);
	assert_param_s64(e, "pid", -5);
	assert_param_s64(e, "pgid", *pid);
	assert_all_params(e);
	lnr_kt_act(k, change);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SETPGID_X, 0);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "pid", 0);
	assert_param_s64(e, "pgid", -1);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "setsid setpgid"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_setsid),
		cmocka_unit_test(test_setpgid),
	};
	return cmocka_run_group_tests_name("session", tests, setup, lnr_kt_teardown);
}
