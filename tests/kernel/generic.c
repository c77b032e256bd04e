/* SPDX-License-Identifier: Apache-2.0 */
/* Calls without an event of their own: which one it was. */
#include "lib/ring.h"

#include <sys/syscall.h>
#include <unistd.h>
#include "decode/schema.h"

static void ask(void *out)
{
	(void)out;
	syscall(SYS_getppid);
	syscall(SYS_sched_yield);
	syscall(SYS_getpid); /* not wanted */
	syscall(SYS_getpriority, -1, 0);
}

static void assert_call(struct lnr_kt *k, unsigned n, const char *name, uint64_t nr)
{
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_GENERIC_X, n);
	assert_param_u64(e, "ID", lnr_syscall_by_name(lnr_str_c(name))->code);
	assert_param_u64(e, "nativeID", nr);
	assert_all_params(e);
}

static void test_generic(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, ask);
	assert_call(k, 0, "getppid", SYS_getppid);
	assert_call(k, 1, "sched_yield", SYS_sched_yield);
	assert_call(k, 2, "getpriority", SYS_getpriority);
	assert_int_equal(lnr_kt_count(k, LNR_EV_GENERIC_X), 3);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "getppid sched_yield "
								  "getpriority"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generic),
	};
	return cmocka_run_group_tests_name("generic", tests, setup, lnr_kt_teardown);
}
