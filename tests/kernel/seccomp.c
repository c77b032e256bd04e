/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ring.h"

#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

static void ask(void *out)
{
	uint32_t *action = out;
	*action = SECCOMP_RET_ERRNO;
	syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, action);
	syscall(SYS_seccomp, 0x100000077L, 0x500000006L, NULL);
}

static void test_seccomp(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, ask);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_SECCOMP_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_u64(e, "op", SECCOMP_GET_ACTION_AVAIL);
	assert_param_u64(e, "flags", 0);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SECCOMP_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "op", 0x100000077);
	assert_param_u64(e, "flags", 6); /* the kernel looks at 32 bits */
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "seccomp"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seccomp),
	};
	return cmocka_run_group_tests_name("seccomp", tests, setup, lnr_kt_teardown);
}
