/* SPDX-License-Identifier: Apache-2.0 */
/* kill, tkill, tgkill. Signal 0 reaches nobody; the others go to the sender itself. */
#include "lib/ring.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static void send(void *out)
{
	pid_t *pid = out;
	*pid = getpid();
	signal(SIGUSR1, SIG_IGN);
	syscall(SYS_kill, *pid, SIGUSR1);
	syscall(SYS_kill, *pid, 0x1ff);
	syscall(SYS_tkill, *pid, SIGUSR1);
	syscall(SYS_tkill, -7, 0);
	syscall(SYS_tgkill, *pid, *pid, SIGUSR1);
	syscall(SYS_tgkill, *pid, 0, SIGUSR1);
}

static void test_kill(void **state)
{
	struct lnr_kt *k = *state;
	const pid_t *pid = lnr_kt_act(k, send);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_KILL_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "pid", *pid);
	assert_param_u64(e, "sig", SIGUSR1);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_KILL_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "pid", *pid);
	assert_param_u64(e, "sig", 0xff);
	assert_all_params(e);
}

static void test_tkill(void **state)
{
	struct lnr_kt *k = *state;
	const pid_t *pid = lnr_kt_act(k, send);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_TKILL_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "tid", *pid);
	assert_param_u64(e, "sig", SIGUSR1);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_TKILL_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "tid", -7);
	assert_param_u64(e, "sig", 0);
	assert_all_params(e);
}

static void test_tgkill(void **state)
{
	struct lnr_kt *k = *state;
	const pid_t *pid = lnr_kt_act(k, send);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_TGKILL_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "pid", *pid);
	assert_param_s64(e, "tid", *pid);
	assert_param_u64(e, "sig", SIGUSR1);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_TGKILL_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "pid", *pid);
	assert_param_s64(e, "tid", 0);
	assert_param_u64(e, "sig", SIGUSR1);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "kill tkill tgkill"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_tkill),
		cmocka_unit_test(test_tgkill),
	};
	return cmocka_run_group_tests_name("signal", tests, setup, lnr_kt_teardown);
}
