/* SPDX-License-Identifier: Apache-2.0 */
/* Users, sessions, capabilities and limits of threads (spec events-and-state 7.4). */
#include "state_test.h"

#define ALL_CAPS ((UINT64_C(1) << LNR_CAP_COUNT) - 1)

/* A call with result and up to three ids. */
static void id_call(struct rig *r, unsigned type, int64_t res, int64_t a, int64_t b, int64_t c)
{
	const struct lnr_event_info *info = lnr_event_info(type);
	int64_t v[] = {res, a, b, c};
	rig_begin(r, type, 100);
	for (unsigned i = 0; i < info->nparams; i++)
		rig_num(r, i, v[i]);
	rig_step(r);
}

static void users(void **state)
{
	static const struct {
		unsigned type;
		unsigned at; /* of the effective id, 1 = first */
		bool group;
	} rows[] = {
		{LNR_EV_SYSCALL_SETUID_X, 1, false},
		{LNR_EV_SYSCALL_SETREUID_X, 2, false},
		{LNR_EV_SYSCALL_SETRESUID_X, 2, false},
		{LNR_EV_SYSCALL_SETGID_X, 1, true},
		{LNR_EV_SYSCALL_SETREGID_X, 2, true},
		{LNR_EV_SYSCALL_SETRESGID_X, 2, true},
	};
	(void)state;
	for (int live = 0; live < 2; live++) {
		struct rig r;
		rig_init_opts(&r, (struct lnr_state_opts){.live = live});
		rig_populate(&r);
		struct lnr_thread *t = rig_thread(&r, 100);
		for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
			uint32_t *id = rows[i].group ? &t->gid : &t->uid;
			uint32_t *other = rows[i].group ? &t->uid : &t->gid;
			int64_t v[3] = {11, 11, 11};
			*id = *other = 1000;
			v[rows[i].at - 1] = 22;
			id_call(&r, rows[i].type, 0, v[0], v[1], v[2]);
			assert_int_equal(*id, 22);
			assert_int_equal(*other, 1000);
			id_call(&r, rows[i].type, -1, 33, 33, 33);
			assert_int_equal(*id, 22);
			/* "As it is", which files keep as told. */
			id_call(&r, rows[i].type, 0, -1, -1, -1);
			assert_int_equal(*id, live ? 22 : UINT32_MAX);
		}
		/* An argument that is not there. */
		t->uid = 5;
		rig_begin(&r, LNR_EV_SYSCALL_SETUID_X, 100);
		rig_num(&r, LNR_P_SYSCALL_SETUID_X_res, 0);
		rig_step(&r);
		assert_int_equal(t->uid, 5);
		rig_done(&r);
	}
}

static void sessions(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_thread *t = rig_thread(&r, 100);
	rig_begin(&r, LNR_EV_SYSCALL_SETSID_X, 100);
	rig_num(&r, LNR_P_SYSCALL_SETSID_X_res, -1);
	rig_step(&r);
	assert_int_equal(t->sid, 100);
	rig_begin(&r, LNR_EV_SYSCALL_SETSID_X, 100);
	rig_num(&r, LNR_P_SYSCALL_SETSID_X_res, 7);
	rig_step(&r);
	assert_int_equal(t->sid, 7);
	rig_done(&r);
}

static void capset(struct rig *r, int64_t res)
{
	rig_begin(r, LNR_EV_SYSCALL_CAPSET_X, 100);
	rig_num(r, LNR_P_SYSCALL_CAPSET_X_res, res);
	rig_num(r, LNR_P_SYSCALL_CAPSET_X_cap_inheritable, 1);
	rig_num(r, LNR_P_SYSCALL_CAPSET_X_cap_permitted, 2);
	rig_num(r, LNR_P_SYSCALL_CAPSET_X_cap_effective, 4);
	rig_step(r);
}

static void capabilities(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_thread *t = rig_thread(&r, 100);
	t->cap_effective = 9;
	capset(&r, -1);
	assert_int_equal(t->cap_effective, 9);
	capset(&r, 0);
	assert_int_equal(t->cap_inheritable, 1);
	assert_int_equal(t->cap_permitted, 2);
	assert_int_equal(t->cap_effective, 4);
	rig_done(&r);
}

static void namespaces(void **state)
{
	static const unsigned types[] = {LNR_EV_SYSCALL_UNSHARE_X, LNR_EV_SYSCALL_SETNS_X};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_thread *t = rig_thread(&r, 100);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		static const struct {
			int64_t res;
			uint32_t flags;
			bool gains;
		} rows[] = {
			{0, LNR_CL_CLONE_NEWNS, false},
			{-1, LNR_CL_CLONE_NEWUSER, false},
			{0, LNR_CL_CLONE_NEWUSER, true},
		};
		for (size_t k = 0; k < LNR_ARRAY_SIZE(rows); k++) {
			t->cap_effective = t->cap_permitted = t->cap_inheritable = 0;
			rig_begin(&r, types[i], 100);
			rig_num(&r, 0, rows[k].res);
			if (i)
				rig_num(&r, LNR_P_SYSCALL_SETNS_X_fd, 1);
			rig_num(&r,
				i ? LNR_P_SYSCALL_SETNS_X_nstype : LNR_P_SYSCALL_UNSHARE_X_flags,
				rows[k].flags);
			rig_step(&r);
			uint64_t want = rows[k].gains ? ALL_CAPS : 0;
			assert_true(t->cap_effective == want && t->cap_permitted == want &&
				    t->cap_inheritable == want);
		}
	}
	rig_done(&r);
}

static void rlimit(struct rig *r, unsigned type, int64_t res, int64_t cur, unsigned resource)
{
	rig_begin(r, type, 101);
	rig_num(r, LNR_P_SYSCALL_SETRLIMIT_X_res, res);
	rig_num(r, LNR_P_SYSCALL_SETRLIMIT_X_cur, cur);
	rig_num(r, LNR_P_SYSCALL_SETRLIMIT_X_max, cur);
	rig_num(r, LNR_P_SYSCALL_SETRLIMIT_X_resource, resource);
	rig_step(r);
}

static void prlimit(struct rig *r, int64_t res, int64_t pid, int64_t cur)
{
	rig_begin(r, LNR_EV_SYSCALL_PRLIMIT_X, 101);
	rig_num(r, LNR_P_SYSCALL_PRLIMIT_X_res, res);
	rig_num(r, LNR_P_SYSCALL_PRLIMIT_X_newcur, cur);
	rig_num(r, LNR_P_SYSCALL_PRLIMIT_X_pid, pid);
	rig_num(r, LNR_P_SYSCALL_PRLIMIT_X_resource, LNR_RLIMIT_NOFILE);
	rig_step(r);
}

/* The limit is the process's, whichever thread asks. */
static void limits(void **state)
{
	static const unsigned types[] = {LNR_EV_SYSCALL_GETRLIMIT_X, LNR_EV_SYSCALL_SETRLIMIT_X};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_clone(&r, (struct clone_call){.tid = 100,
			      .res = 101,
			      .pid = 100,
			      .ptid = 1,
			      .flags = LNR_CL_CLONE_THREAD | LNR_CL_CLONE_FILES | LNR_CL_CLONE_FS});
	struct lnr_thread *t = rig_thread(&r, 100);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		t->fdlimit = 5;
		rlimit(&r, types[i], -22, 77, LNR_RLIMIT_NOFILE);
		rlimit(&r, types[i], 0, 77, LNR_RLIMIT_CPU);
		rlimit(&r, types[i], 0, -1, LNR_RLIMIT_NOFILE);
		assert_int_equal(t->fdlimit, 5);
		rlimit(&r, types[i], 0, 77, LNR_RLIMIT_NOFILE);
		assert_int_equal(t->fdlimit, 77);
	}
	prlimit(&r, -1, 0, 88);
	prlimit(&r, 1, 0, 88);
	prlimit(&r, 0, 0, -1);
	assert_int_equal(t->fdlimit, 77);
	prlimit(&r, 0, 0, 88);
	assert_int_equal(t->fdlimit, 88);
	prlimit(&r, 0, 1, 99);
	assert_int_equal(t->fdlimit, 88);
	assert_int_equal(rig_thread(&r, 1)->fdlimit, 99);
	prlimit(&r, 0, 4711, 99); /* nobody */
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users),
		cmocka_unit_test(sessions),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(namespaces),
		cmocka_unit_test(limits),
	};
	return cmocka_run_group_tests_name("state/ids", tests, NULL, NULL);
}
