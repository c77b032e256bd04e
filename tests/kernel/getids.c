/* SPDX-License-Identifier: Apache-2.0 */
/* getuid, geteuid, getgid, getegid, getresuid, getresgid. */
#include "lib/ring.h"

#include <sys/syscall.h>
#include <unistd.h>

static void ask(void *out)
{
	uint32_t a, b, c;
	(void)out;
	lnr_kt_check(syscall(SYS_setresgid, 11, 12, 13) == 0);
	lnr_kt_check(syscall(SYS_setresuid, 1, 2, 3) == 0);
	syscall(SYS_getuid);
	syscall(SYS_geteuid);
	syscall(SYS_getgid);
	syscall(SYS_getegid);
	syscall(SYS_getresuid, &a, &b, &c);
	syscall(SYS_getresgid, &a, &b, &c);
	syscall(SYS_getresuid, &a, NULL, &c);
	syscall(SYS_getresgid, NULL, &b, &c);
}

static void single(void **state)
{
	struct lnr_kt *k = *state;
	static const struct {
		unsigned type;
		const char *name;
		uint32_t want;
	} rows[] = {
		{LNR_EV_SYSCALL_GETUID_X, "uid", 1},
		{LNR_EV_SYSCALL_GETEUID_X, "euid", 2},
		{LNR_EV_SYSCALL_GETGID_X, "gid", 11},
		{LNR_EV_SYSCALL_GETEGID_X, "egid", 12},
	};
	lnr_kt_act(k, ask);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lnr_kt_event *e = lnr_kt_event(k, rows[i].type, 0);
		assert_param_u64(e, rows[i].name, rows[i].want);
		assert_all_params(e);
	}
}

static void triples(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, ask);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_GETRESUID_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_u64(e, "ruid", 1);
	assert_param_u64(e, "euid", 2);
	assert_param_u64(e, "suid", 3);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_GETRESGID_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_u64(e, "rgid", 11);
	assert_param_u64(e, "egid", 12);
	assert_param_u64(e, "sgid", 13);
	assert_all_params(e);
	/* What cannot be read is 0. */
	e = lnr_kt_event(k, LNR_EV_SYSCALL_GETRESUID_X, 1);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_u64(e, "ruid", 1);
	assert_param_u64(e, "euid", 0);
	ignore_param(e, "suid");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_GETRESGID_X, 1);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_u64(e, "rgid", 0);
	ignore_param(e, "egid");
	ignore_param(e, "sgid");
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "getuid geteuid getgid getegid "
								  "getresuid getresgid"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single),
		cmocka_unit_test(triples),
	};
	return cmocka_run_group_tests_name("getids", tests, setup, lnr_kt_teardown);
}
