/* SPDX-License-Identifier: Apache-2.0 */
/* capset: the sets as they are after the call, not those asked for. */
#include "lib/ring.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

struct sets {
	struct __user_cap_header_struct h;
	struct __user_cap_data_struct d[2];
};

static void lower(void *out)
{
	struct sets *s = out;
	s->h.version = _LINUX_CAPABILITY_VERSION_3;
	lnr_kt_check(syscall(SYS_capget, &s->h, s->d) == 0);
	s->d[0].effective &= ~(1u << CAP_CHOWN);
	s->d[0].permitted &= ~(1u << CAP_KILL);
	s->d[0].effective &= ~(1u << CAP_KILL);
	s->d[0].inheritable = 1u << CAP_SETUID;
	syscall(SYS_capset, &s->h, s->d);
	struct sets more = *s;
	more.d[0].permitted |= 1u << CAP_KILL;
	syscall(SYS_capset, &more.h, more.d);
}

static uint64_t both(uint32_t low, uint32_t high)
{
	return ((uint64_t)high << 32 | low) & ((UINT64_C(1) << LNR_CAP_COUNT) - 1);
}

static void test_capset(void **state)
{
	struct lnr_kt *k = *state;
	const struct sets *s = lnr_kt_act(k, lower);
	static const int64_t results[] = {0, -EPERM};
	for (unsigned i = 0; i < 2; i++) {
		struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_CAPSET_X, i);
		assert_param_s64(e, "res", results[i]);
		assert_param_u64(e, "cap_inheritable", 1u << CAP_SETUID);
		assert_param_u64(e, "cap_permitted", both(s->d[0].permitted, s->d[1].permitted));
		assert_param_u64(e, "cap_effective", both(s->d[0].effective, s->d[1].effective));
		assert_all_params(e);
	}
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "capset"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capset),
	};
	return cmocka_run_group_tests_name("capset", tests, setup, lnr_kt_teardown);
}
