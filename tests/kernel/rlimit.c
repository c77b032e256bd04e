/* SPDX-License-Identifier: Apache-2.0 */
/* getrlimit, setrlimit, prlimit64. */
#include "lib/ring.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

struct limits {
	struct rlimit before, lower;
	pid_t pid;
};

static void change(void *out)
{
	struct limits *l = out;
	l->pid = getpid();
	lnr_kt_check(syscall(SYS_getrlimit, RLIMIT_NOFILE, &l->before) == 0);
	l->lower = (struct rlimit){l->before.rlim_cur / 2, l->before.rlim_max};
	struct rlimit got, wrong = {2, 1};
	syscall(SYS_setrlimit, RLIMIT_NOFILE, &l->lower);
	syscall(SYS_prlimit64, l->pid, RLIMIT_NOFILE, &l->before, &got);
	syscall(SYS_prlimit64, 0, RLIMIT_CPU, NULL, NULL);
	syscall(SYS_getrlimit, 99, &got);
	syscall(SYS_setrlimit, RLIMIT_CORE, &wrong);
	syscall(SYS_prlimit64, -1, 99, &wrong, &got); /* looks for the process first */
}

static void test_getrlimit(void **state)
{
	struct lnr_kt *k = *state;
	const struct limits *l = lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_GETRLIMIT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "cur", (int64_t)l->before.rlim_cur);
	assert_param_s64(e, "max", (int64_t)l->before.rlim_max);
	assert_param_u64(e, "resource", LNR_RLIMIT_NOFILE);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_GETRLIMIT_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "cur", -1);
	assert_param_s64(e, "max", -1);
	assert_param_u64(e, "resource", LNR_RLIMIT_UNKNOWN);
	assert_all_params(e);
}

static void test_setrlimit(void **state)
{
	struct lnr_kt *k = *state;
	const struct limits *l = lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_SETRLIMIT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "cur", (int64_t)l->lower.rlim_cur);
	assert_param_s64(e, "max", (int64_t)l->lower.rlim_max);
	assert_param_u64(e, "resource", LNR_RLIMIT_NOFILE);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SETRLIMIT_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "cur", 2);
	assert_param_s64(e, "max", 1);
	assert_param_u64(e, "resource", LNR_RLIMIT_CORE);
	assert_all_params(e);
}

static void test_prlimit(void **state)
{
	struct lnr_kt *k = *state;
	const struct limits *l = lnr_kt_act(k, change);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_PRLIMIT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "newcur", (int64_t)l->before.rlim_cur);
	assert_param_s64(e, "newmax", (int64_t)l->before.rlim_max);
	assert_param_s64(e, "oldcur", (int64_t)l->lower.rlim_cur);
	assert_param_s64(e, "oldmax", (int64_t)l->lower.rlim_max);
	assert_param_s64(e, "pid", l->pid);
	assert_param_u64(e, "resource", LNR_RLIMIT_NOFILE);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PRLIMIT_X, 1);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "newcur", 0);
	assert_param_s64(e, "newmax", 0);
	ignore_param(e, "oldcur"); /* no place to read it from */
	ignore_param(e, "oldmax");
	assert_param_s64(e, "pid", 0);
	assert_param_u64(e, "resource", LNR_RLIMIT_CPU);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PRLIMIT_X, 2);
	assert_param_s64(e, "res", -ESRCH);
	assert_param_s64(e, "newcur", 2);
	assert_param_s64(e, "newmax", 1);
	assert_param_s64(e, "oldcur", -1);
	assert_param_s64(e, "oldmax", -1);
	assert_param_s64(e, "pid", -1);
	assert_param_u64(e, "resource", LNR_RLIMIT_UNKNOWN);
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "getrlimit setrlimit prlimit64"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_getrlimit),
		cmocka_unit_test(test_setrlimit),
		cmocka_unit_test(test_prlimit),
	};
	return cmocka_run_group_tests_name("rlimit", tests, setup, lnr_kt_teardown);
}
