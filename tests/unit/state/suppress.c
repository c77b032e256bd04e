/* SPDX-License-Identifier: Apache-2.0 */
/* Processes whose events nobody wants (spec events-and-state 8.6). */
#include "lib/failalloc.h"
#include "state_test.h"

static bool shown(struct rig *r, int64_t tid)
{
	rig_openat_enter(r, tid, 5, "x");
	rig_leave(r);
	return r->visible;
}

static void by_name(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	assert_int_equal(lnr_state_suppress_comm(r.st, LNR_STR("noisy")), 0);
	assert_int_equal(lnr_state_suppress_comm(r.st, LNR_STR("noisy")), 0);
	rig_populate(&r);
	assert_true(shown(&r, 100));
	rig_fork(&r, 100, 200);
	assert_true(shown(&r, 200));
	/* It becomes one of them by exec; the state goes on. */
	rig_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 200);
	rig_num(&r, LNR_P_SYSCALL_EXECVE_19_X_res, 0);
	rig_str(&r, LNR_P_SYSCALL_EXECVE_19_X_comm, "noisy");
	rig_str(&r, LNR_P_SYSCALL_EXECVE_19_X_exe, "noisy");
	rig_num(&r, LNR_P_SYSCALL_EXECVE_19_X_ptid, 100);
	assert_false(rig_enter(&r));
	rig_leave(&r);
	assert_blob(rig_thread(&r, 200)->comm, "noisy");
	assert_false(shown(&r, 200));
	assert_non_null(rig_fd(&r, 200, 5));
	assert_true(shown(&r, 100));
	/* Children, whatever they are called. */
	rig_clone(&r, (struct clone_call){.tid = 300, .res = 0, .pid = 300, .ptid = 200});
	assert_false(r.visible);
	assert_non_null(rig_thread(&r, 300));
	assert_false(shown(&r, 300));
	rig_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 300);
	rig_num(&r, LNR_P_SYSCALL_EXECVE_19_X_res, 0);
	rig_str(&r, LNR_P_SYSCALL_EXECVE_19_X_comm, "quiet");
	rig_num(&r, LNR_P_SYSCALL_EXECVE_19_X_ptid, 200);
	assert_false(rig_enter(&r));
	rig_leave(&r);
	assert_false(shown(&r, 300));
	assert_true(rig_counter(&r, "n_suppressed_evts") >= 5);
	/* The end is told, and the number is free for another. */
	rig_begin(&r, LNR_EV_PROCEXIT_1_E, 300);
	rig_num(&r, LNR_P_PROCEXIT_1_E_status, 0);
	assert_true(rig_enter(&r));
	rig_leave(&r);
	rig_clone(&r, (struct clone_call){.tid = 300, .res = 0, .pid = 300, .ptid = 100});
	assert_true(r.visible);
	assert_true(shown(&r, 300));
	rig_done(&r);
}

static void by_thread(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_fork(&r, 100, 200);
	rig_clone(&r, (struct clone_call){.tid = 300, .res = 0, .pid = 300, .ptid = 200});
	rig_fork(&r, 1, 400);
	assert_int_equal(lnr_state_suppress_tid(r.st, 100), 0);
	assert_false(shown(&r, 100));
	assert_false(shown(&r, 200));
	assert_false(shown(&r, 300));
	assert_true(shown(&r, 1));
	assert_true(shown(&r, 400));
	assert_true(rig_thread(&r, 300)->flags & LNR_TF_SUPPRESSED);
	/* One that is not known yet. */
	assert_int_equal(lnr_state_suppress_tid(r.st, 500), 0);
	rig_clone(&r, (struct clone_call){.tid = 500, .res = 0, .pid = 500, .ptid = 1});
	assert_false(r.visible);
	assert_false(shown(&r, 500));
	rig_done(&r);
}

/* Those that are there at the start. */
static void scanned(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	assert_int_equal(lnr_state_suppress_comm(r.st, LNR_STR("noisy")), 0);
	rig_process(&r, 1, 0, "init");
	rig_process(&r, 300, 200, "grandchild");
	rig_process(&r, 200, 50, "child");
	rig_process(&r, 50, 1, "noisy");
	rig_process(&r, 60, 1, "other");
	lnr_state_added(r.st);
	assert_false(shown(&r, 50));
	assert_false(shown(&r, 200));
	assert_false(shown(&r, 300));
	assert_true(shown(&r, 60));
	assert_true(shown(&r, 1));
	rig_done(&r);
}

static int each_alloc(void *arg)
{
	struct lnr_state_opts opts = {.size = sizeof(opts)};
	struct lnr_state *st = NULL;
	(void)arg;
	int r = lnr_state_new(&opts, &st, NULL);
	if (!r)
		r = lnr_state_suppress_comm(st, LNR_STR("a"));
	if (!r)
		r = lnr_state_suppress_tid(st, 7);
	lnr_state_free(st);
	return r;
}

static void allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(each_alloc, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_name),
		cmocka_unit_test(by_thread),
		cmocka_unit_test(scanned),
		cmocka_unit_test(allocations),
	};
	return cmocka_run_group_tests_name("state/suppress", tests, NULL, NULL);
}
