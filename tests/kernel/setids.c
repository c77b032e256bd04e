/* SPDX-License-Identifier: Apache-2.0 */
/* setuid, setgid, setreuid, setregid, setresuid, setresgid: the ids asked for. */
#include "lib/ring.h"

#include <sys/syscall.h>
#include <unistd.h>

#define KEEP UINT32_MAX

/* Groups first: without the user's privilege they cannot be changed. */
static void change(void *out)
{
	(void)out;
	syscall(SYS_setresgid, 1, 2, 3);
	syscall(SYS_setregid, 4, KEEP);
	syscall(SYS_setgid, 5);
	syscall(SYS_setresuid, 1000, KEEP, 1001);
	syscall(SYS_setreuid, KEEP, 1000);
	syscall(SYS_setuid, 1001);
	syscall(SYS_setuid, 7);
	syscall(SYS_setreuid, 7, 8);
	syscall(SYS_setresuid, 7, 8, 9);
	syscall(SYS_setgid, 6);
	syscall(SYS_setregid, 6, 7);
	syscall(SYS_setresgid, 6, 7, 8);
}

static void assert_one(
	struct lnr_kt *k, unsigned type, unsigned n, int64_t res, const char *name, uint32_t id)
{
	struct lnr_kt_event *e = lnr_kt_event(k, type, n);
	assert_param_s64(e, "res", res);
	assert_param_u64(e, name, id);
	assert_all_params(e);
}

static void assert_two(struct lnr_kt *k, unsigned type, unsigned n, int64_t res, const char *kind,
	uint32_t real, uint32_t effective)
{
	struct lnr_kt_event *e = lnr_kt_event(k, type, n);
	assert_param_s64(e, "res", res);
	assert_param_u64(e, kind[0] == 'u' ? "ruid" : "rgid", real);
	assert_param_u64(e, kind[0] == 'u' ? "euid" : "egid", effective);
	assert_all_params(e);
}

static void assert_three(struct lnr_kt *k, unsigned type, unsigned n, int64_t res, const char *kind,
	uint32_t real, uint32_t effective, uint32_t saved)
{
	struct lnr_kt_event *e = lnr_kt_event(k, type, n);
	assert_param_s64(e, "res", res);
	assert_param_u64(e, kind[0] == 'u' ? "ruid" : "rgid", real);
	assert_param_u64(e, kind[0] == 'u' ? "euid" : "egid", effective);
	assert_param_u64(e, kind[0] == 'u' ? "suid" : "sgid", saved);
	assert_all_params(e);
}

static void users(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, change);
	assert_three(k, LNR_EV_SYSCALL_SETRESUID_X, 0, 0, "user", 1000, KEEP, 1001);
	/* The effective id is still 0, which may all. */
	assert_two(k, LNR_EV_SYSCALL_SETREUID_X, 0, 0, "user", KEEP, 1000);
	assert_one(k, LNR_EV_SYSCALL_SETUID_X, 0, 0, "uid", 1001);
	assert_one(k, LNR_EV_SYSCALL_SETUID_X, 1, -EPERM, "uid", 7);
	assert_two(k, LNR_EV_SYSCALL_SETREUID_X, 1, -EPERM, "user", 7, 8);
	assert_three(k, LNR_EV_SYSCALL_SETRESUID_X, 1, -EPERM, "user", 7, 8, 9);
}

static void groups(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, change);
	assert_three(k, LNR_EV_SYSCALL_SETRESGID_X, 0, 0, "group", 1, 2, 3);
	assert_two(k, LNR_EV_SYSCALL_SETREGID_X, 0, 0, "group", 4, KEEP);
	assert_one(k, LNR_EV_SYSCALL_SETGID_X, 0, 0, "gid", 5);
	assert_one(k, LNR_EV_SYSCALL_SETGID_X, 1, -EPERM, "gid", 6);
	assert_two(k, LNR_EV_SYSCALL_SETREGID_X, 1, -EPERM, "group", 6, 7);
	assert_three(k, LNR_EV_SYSCALL_SETRESGID_X, 1, -EPERM, "group", 6, 7, 8);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "setuid setgid setreuid setregid "
								  "setresuid setresgid"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users),
		cmocka_unit_test(groups),
	};
	return cmocka_run_group_tests_name("setids", tests, setup, lnr_kt_teardown);
}
