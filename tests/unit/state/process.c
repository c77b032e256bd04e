/* SPDX-License-Identifier: Apache-2.0 */
/* Birth and death (spec events-and-state 7.4, 8.1). */
#include "schema/limits.h"
#include "state_test.h"

#define CLONE_FLAGS_THREAD                                                              \
	(LNR_CL_CLONE_THREAD | LNR_CL_CLONE_VM | LNR_CL_CLONE_FS | LNR_CL_CLONE_FILES | \
		LNR_CL_CLONE_SIGHAND)

static void assert_child_of_sh(struct rig *r, int64_t child)
{
	struct lnr_thread *t = rig_thread(r, child);
	assert_non_null(t);
	assert_int_equal(t->pid, child);
	assert_int_equal(t->ptid, 100);
	assert_int_equal(t->vtid, child);
	assert_int_equal(t->vpid, child);
	assert_int_equal(t->sid, 100);
	assert_int_equal(t->pgid, 100);
	assert_int_equal(t->uid, 1000);
	assert_int_equal(t->fdlimit, 1024);
	assert_int_equal(t->vm_size, 500);
	assert_int_equal(t->vm_rss, 60);
	assert_int_equal(t->vm_swap, 7);
	assert_int_equal(t->pf_major, 3);
	assert_int_equal(t->pf_minor, 4);
	assert_int_equal(t->nthreads, 1);
	assert_int_equal(t->pidns_init_start_ts, BOOT_TS);
	assert_blob(t->comm, "sh");
	assert_bytes(lnr_blob_str(t->args), LNR_STR("-c\0true\0"));
	assert_bytes(lnr_blob_str(t->cgroups), LNR_STR("cpu=/\0"));
	assert_str(lnr_state_cwd(r->st, t), "/srv/");
	assert_int_equal(lnr_state_fd_count(r->st, t), 3);
	assert_name(lnr_state_fd(r->st, t, 2), "/dev/tty1");
	assert_ptr_equal(lnr_state_parent(r->st, t), rig_thread(r, 100));
}

static void caller_first(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_clone(&r, (struct clone_call){.tid = 100, .res = 200, .pid = 100, .ptid = 1});
	uint64_t born = rig_thread(&r, 200)->clone_ts;
	assert_int_equal(born, r.ts - 1000);
	assert_child_of_sh(&r, 200);
	assert_false(rig_thread(&r, 200)->flags & LNR_TF_CLONE_INVERTED);
	/* The child's own event finds it made. */
	struct clone_call child = {.tid = 200, .res = 0, .pid = 200, .ptid = 100};
	rig_clone_enter(&r, &child);
	assert_true(r.visible);
	assert_ptr_equal(r.ev.thread, rig_thread(&r, 200));
	rig_leave(&r);
	assert_int_equal(rig_thread(&r, 200)->clone_ts, born);
	rig_done(&r);
}

static void child_first(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct clone_call child = {.tid = 200, .res = 0, .pid = 200, .ptid = 100};
	rig_clone_enter(&r, &child);
	assert_ptr_equal(r.ev.thread, rig_thread(&r, 200));
	rig_leave(&r);
	assert_child_of_sh(&r, 200);
	uint64_t born = rig_thread(&r, 200)->clone_ts;
	assert_true(rig_thread(&r, 200)->flags & LNR_TF_CLONE_INVERTED);
	/* The caller's finds it made. */
	rig_clone(&r, (struct clone_call){.tid = 100, .res = 200, .pid = 100, .ptid = 1});
	assert_int_equal(rig_thread(&r, 200)->clone_ts, born);
	assert_int_equal(rig_thread(&r, 200)->nthreads, 1);
	rig_done(&r);
}

/* The exit of an earlier thread of that id was lost. */
static void stale_entry(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_fork(&r, 100, 200);
	rig_openat(&r, 200, 9, "/tmp/old");
	r.ts += 3 * LNR_NS_PER_SEC;
	rig_clone(&r, (struct clone_call){.tid = 200, .res = 0, .pid = 200, .ptid = 100});
	assert_child_of_sh(&r, 200);
	assert_null(rig_fd(&r, 200, 9));
	/* Made by a caller's event, so the next caller's makes it anew. */
	rig_clone(&r, (struct clone_call){.tid = 100, .res = 201, .pid = 100, .ptid = 1});
	rig_openat(&r, 201, 9, "/tmp/old");
	rig_clone(&r, (struct clone_call){.tid = 100, .res = 201, .pid = 100, .ptid = 1});
	assert_child_of_sh(&r, 201);
	assert_null(rig_fd(&r, 201, 9));
	rig_done(&r);
}

/* Cases in which the caller's event does not make the child. */
static void caller_leaves_it_to_the_child(void **state)
{
	static const struct {
		uint32_t flags;
		unsigned type;
	} cases[] = {
		{LNR_CL_CHILD_IN_PIDNS, 0},
		{LNR_CL_CLONE_NEWPID, 0},
		{LNR_CL_CLONE_PARENT, 0},
		{LNR_CL_CLONE_VFORK, LNR_EV_SYSCALL_CLONE3_X},
		{0, LNR_EV_SYSCALL_VFORK_20_X},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		rig_clone(&r, (struct clone_call){.type = cases[i].type,
				      .tid = 100,
				      .res = 300 + (int64_t)i,
				      .pid = 100,
				      .ptid = 1,
				      .flags = cases[i].flags});
		assert_null(rig_thread(&r, 300 + (int64_t)i));
	}
	/* A caller in a namespace, told by its ids only. */
	rig_clone(&r, (struct clone_call){.tid = 400,
			      .res = 0,
			      .pid = 400,
			      .ptid = 100,
			      .vtid = 4,
			      .vpid = 4,
			      .pidns_start = 5});
	assert_int_equal(rig_thread(&r, 400)->pidns_init_start_ts, BOOT_TS + 5);
	rig_clone(&r, (struct clone_call){.tid = 400, .res = 401, .pid = 400, .ptid = 100});
	assert_null(rig_thread(&r, 401));
	rig_done(&r);
}

/* fork and clone3, each with both sides, failure too. */
static void all_calls(void **state)
{
	static const unsigned types[] = {LNR_EV_SYSCALL_CLONE_20_X, LNR_EV_SYSCALL_FORK_20_X,
		LNR_EV_SYSCALL_VFORK_20_X, LNR_EV_SYSCALL_CLONE3_X};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		int64_t child = 200 + (int64_t)i;
		struct clone_call call = {
			.type = types[i], .tid = 100, .res = -11, .pid = 100, .ptid = 1};
		rig_clone_enter(&r, &call);
		assert_true(r.visible);
		assert_true(r.ev.has_res);
		assert_int_equal(r.ev.res, -11);
		assert_ptr_equal(r.ev.thread, rig_thread(&r, 100));
		rig_leave(&r);
		rig_clone(&r, (struct clone_call){.type = types[i],
				      .tid = child,
				      .res = 0,
				      .pid = child,
				      .ptid = 100});
		assert_child_of_sh(&r, child);
		rig_clone(&r,
			(struct clone_call){
				.type = types[i], .tid = 100, .res = child, .pid = 100, .ptid = 1});
		assert_child_of_sh(&r, child);
	}
	rig_done(&r);
}

static void threads(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	/* By the caller. */
	rig_clone(&r, (struct clone_call){.tid = 100,
			      .res = 101,
			      .pid = 100,
			      .ptid = 1,
			      .flags = CLONE_FLAGS_THREAD});
	/* By itself. */
	rig_clone(&r,
		(struct clone_call){
			.tid = 102, .res = 0, .pid = 100, .ptid = 1, .flags = CLONE_FLAGS_THREAD});
	struct lnr_thread *leader = rig_thread(&r, 100);
	for (int64_t tid = 101; tid <= 102; tid++) {
		struct lnr_thread *t = rig_thread(&r, tid);
		assert_non_null(t);
		assert_int_equal(t->pid, 100);
		assert_int_equal(t->ptid, 1);
		assert_true(t->flags & LNR_TF_SHARED_FILES);
		assert_false(lnr_thread_is_main(t));
		assert_ptr_equal(lnr_state_leader(r.st, t), leader);
		assert_null(t->fds);
		assert_null(t->cwd);
		assert_str(lnr_state_cwd(r.st, t), "/srv/");
		assert_int_equal(lnr_state_fd_count(r.st, t), 3);
		assert_int_equal(lnr_state_nthreads(r.st, t), 3);
	}
	assert_int_equal(leader->nthreads, 3);
	/* Descriptors are common. */
	rig_openat(&r, 101, 5, "a");
	assert_name(rig_fd(&r, 102, 5), "/srv/a");
	assert_name(rig_fd(&r, 100, 5), "/srv/a");
	/* A thread goes, the rest stays. */
	rig_exit(&r, 101);
	assert_null(rig_thread(&r, 101));
	assert_int_equal(leader->nthreads, 2);
	/* The leader goes: it stays, dead, for the other. */
	rig_exit(&r, 100);
	assert_ptr_equal(rig_thread(&r, 100), leader);
	assert_true(leader->flags & LNR_TF_DEAD);
	assert_int_equal(leader->nthreads, 1);
	assert_name(rig_fd(&r, 102, 5), "/srv/a");
	/* The last one takes it along. */
	rig_exit(&r, 102);
	assert_null(rig_thread(&r, 102));
	assert_null(rig_thread(&r, 100));
	rig_done(&r);
}

/* Neither side of what made the caller was seen. */
static void unknown_caller(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct clone_call call = {.tid = 700, .res = 701, .pid = 700, .ptid = 100, .comm = "cc"};
	rig_clone_enter(&r, &call);
	assert_non_null(r.ev.thread);
	rig_leave(&r);
	struct lnr_thread *t = rig_thread(&r, 700);
	assert_int_equal(t->pid, 700);
	assert_int_equal(t->ptid, 100);
	assert_int_equal(t->vpid, 700);
	assert_blob(t->comm, "cc");
	assert_false(t->flags & LNR_TF_PLACEHOLDER);
	assert_int_equal(lnr_state_nthreads(r.st, t), 1);
	t = rig_thread(&r, 701);
	assert_int_equal(t->ptid, 700);
	/* Nothing could be inherited. */
	assert_int_equal(lnr_state_fd_count(r.st, t), 0);
	assert_str(lnr_state_cwd(r.st, t), "");
	/* Ids left out by an old producer. */
	rig_clone(&r,
		(struct clone_call){.tid = 710, .res = 711, .pid = 710, .ptid = 100, .vpid = -2});
	assert_int_equal(rig_thread(&r, 710)->vpid, -1);
	assert_int_equal(rig_thread(&r, 710)->vtid, 710);
	assert_non_null(rig_thread(&r, 711));
	rig_done(&r);
}

/* The leader of a thread that shows itself is made known from the thread. */
static void unknown_leader(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_clone(&r, (struct clone_call){.tid = 801,
			      .res = 0,
			      .pid = 800,
			      .ptid = 100,
			      .comm = "srv",
			      .flags = CLONE_FLAGS_THREAD});
	struct lnr_thread *leader = rig_thread(&r, 800), *t = rig_thread(&r, 801);
	assert_ptr_equal(lnr_state_leader(r.st, t), leader);
	assert_int_equal(leader->pid, 800);
	assert_int_equal(leader->ptid, 100);
	assert_int_equal(leader->vtid, 800);
	assert_blob(leader->comm, "srv");
	assert_int_equal(leader->nthreads, 2);
	/* A process whose parent nobody knows has none; the parent gets a placeholder. */
	rig_clone(&r, (struct clone_call){.tid = 900, .res = 0, .pid = 900, .ptid = 899});
	assert_int_equal(rig_thread(&r, 900)->ptid, 0);
	assert_true(rig_thread(&r, 899)->flags & LNR_TF_PLACEHOLDER);
	assert_blob(rig_thread(&r, 899)->comm, "<NA>");
	assert_null(lnr_state_parent(r.st, rig_thread(&r, 900)));
	rig_done(&r);
}

/* procexit came before the caller's return: the child must not come back. */
static void recently_exited(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_clone(&r, (struct clone_call){.tid = 200, .res = 0, .pid = 200, .ptid = 100});
	rig_exit(&r, 200);
	assert_null(rig_thread(&r, 200));
	rig_clone(&r, (struct clone_call){.tid = 100, .res = 200, .pid = 100, .ptid = 1});
	assert_null(rig_thread(&r, 200));
	/* After two seconds the id may be used again. */
	r.ts += 2 * LNR_NS_PER_SEC;
	rig_clone(&r, (struct clone_call){.tid = 100, .res = 200, .pid = 100, .ptid = 1});
	assert_non_null(rig_thread(&r, 200));
	/* Another parent's child of the same id is another. */
	rig_exit(&r, 200);
	rig_fork(&r, 100, 150);
	rig_clone(&r, (struct clone_call){.tid = 150, .res = 200, .pid = 150, .ptid = 100});
	assert_int_equal(rig_thread(&r, 200)->ptid, 150);
	rig_done(&r);
}

/* --- whose orphans --- */

static void prctl(struct rig *r, int64_t tid, int option, int64_t arg, int64_t res)
{
	rig_begin(r, LNR_EV_SYSCALL_PRCTL_X, tid);
	rig_num(r, LNR_P_SYSCALL_PRCTL_X_res, res);
	rig_num(r, LNR_P_SYSCALL_PRCTL_X_option, option);
	rig_num(r, LNR_P_SYSCALL_PRCTL_X_arg2_int, arg);
	rig_step(r);
}

/* More exits than are remembered: the oldest are forgotten, the others found. */
static void many_exited(void **state)
{
	const int64_t n = LNR_EXITED_RING + 100, first = 1000;
	static const int64_t ages[] = {1, 2, 100, LNR_EXITED_RING - 1, LNR_EXITED_RING,
		LNR_EXITED_RING + 1, LNR_EXITED_RING + 100};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (int64_t i = 0; i < n; i++) {
		struct clone_call own = {.tid = first + i, .res = 0, .ptid = 100};
		own.pid = own.tid;
		rig_clone_enter(&r, &own);
		lnr_state_leave(r.st, &r.ev);
		rig_begin(&r, LNR_EV_PROCEXIT_1_E, own.tid);
		rig_num(&r, LNR_P_PROCEXIT_1_E_status, 0);
		rig_enter(&r);
		lnr_state_leave(r.st, &r.ev);
		lnr_arena_reset(&r.scratch);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(ages); i++) {
		int64_t child = first + n - ages[i];
		rig_clone(&r, (struct clone_call){.tid = 100, .res = child, .pid = 100, .ptid = 1});
		assert_int_equal(rig_thread(&r, child) != NULL, ages[i] > LNR_EXITED_RING);
	}
	rig_done(&r);
}

static void orphans(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	/* 1 ← 100 ← 200 ← 300, 301, 302, 303, 304 */
	rig_fork(&r, 100, 200);
	for (int64_t pid = 300; pid < 305; pid++)
		rig_fork(&r, 200, pid);
	assert_ptr_equal(lnr_state_ancestor(r.st, rig_thread(&r, 300), 3), rig_thread(&r, 1));
	/* The kernel says who. */
	rig_fork(&r, 300, 400);
	rig_exit_to(&r, 300, 100);
	assert_int_equal(rig_thread(&r, 400)->ptid, 100);
	assert_true(rig_thread(&r, 100)->flags & LNR_TF_REAPER);
	prctl(&r, 100, LNR_PR_SET_CHILD_SUBREAPER, 0, 0);
	assert_false(rig_thread(&r, 100)->flags & LNR_TF_REAPER);
	/* It does not: init, as nobody nearer reaps. */
	rig_fork(&r, 301, 401);
	rig_exit_to(&r, 301, 0);
	assert_int_equal(rig_thread(&r, 401)->ptid, 1);
	/* Somebody nearer, marked by prctl; failures do not mark. */
	prctl(&r, 200, LNR_PR_SET_CHILD_SUBREAPER, 1, -22);
	assert_false(rig_thread(&r, 200)->flags & LNR_TF_REAPER);
	prctl(&r, 200, LNR_PR_SET_NAME, 1, 0);
	assert_false(rig_thread(&r, 200)->flags & LNR_TF_REAPER);
	prctl(&r, 200, LNR_PR_GET_CHILD_SUBREAPER, 1, 0);
	assert_true(rig_thread(&r, 200)->flags & LNR_TF_REAPER);
	rig_fork(&r, 302, 402);
	rig_exit_to(&r, 302, -1);
	assert_int_equal(rig_thread(&r, 402)->ptid, 200);
	/* Another thread of the same process before anyone else. */
	rig_clone(&r, (struct clone_call){.tid = 303,
			      .res = 313,
			      .pid = 303,
			      .ptid = 200,
			      .flags = CLONE_FLAGS_THREAD});
	rig_fork(&r, 303, 403);
	rig_exit_to(&r, 303, 0);
	assert_int_equal(rig_thread(&r, 403)->ptid, 313);
	/* A reaper that is not in the table becomes one that is: found by the walk. */
	rig_fork(&r, 304, 404);
	rig_exit_to(&r, 304, 5555);
	assert_int_equal(rig_thread(&r, 404)->ptid, 200);
	rig_done(&r);
}

/* Children of a process in a pid namespace do not leave it. */
static void orphans_in_namespaces(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_clone(&r, (struct clone_call){.tid = 500,
			      .res = 0,
			      .pid = 500,
			      .ptid = 100,
			      .vtid = 1,
			      .vpid = 1,
			      .flags = LNR_CL_CLONE_NEWPID});
	assert_true(rig_thread(&r, 500)->flags & LNR_TF_REAPER);
	for (int64_t n = 1; n <= 2; n++)
		rig_clone(&r, (struct clone_call){.tid = 500 + n,
				      .res = 0,
				      .pid = 500 + n,
				      .ptid = 499 + n,
				      .vtid = 1 + n,
				      .vpid = 1 + n,
				      .flags = LNR_CL_CHILD_IN_PIDNS});
	rig_exit(&r, 501);
	assert_int_equal(rig_thread(&r, 502)->ptid, 500);
	rig_exit(&r, 500);
	/* The walk ends at the border: nobody. */
	assert_int_equal(rig_thread(&r, 502)->ptid, 0);
	rig_done(&r);
}

/* Rules on procexit see what went away. */
static void exit_is_put_off(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_fork(&r, 100, 200);
	rig_begin(&r, LNR_EV_PROCEXIT_1_E, 200);
	rig_num(&r, LNR_P_PROCEXIT_1_E_status, 256);
	assert_true(rig_enter(&r));
	assert_non_null(r.ev.thread);
	assert_blob(r.ev.thread->comm, "sh");
	assert_true(r.ev.thread->flags & LNR_TF_DEAD);
	assert_false(r.ev.has_res);
	assert_name(lnr_state_fd(r.st, r.ev.thread, 1), "/dev/tty1");
	rig_leave(&r);
	assert_null(rig_thread(&r, 200));
	/* Unknown: seen, no thread, no placeholder. */
	rig_begin(&r, LNR_EV_PROCEXIT_1_E, 999);
	assert_true(rig_enter(&r));
	assert_null(r.ev.thread);
	rig_leave(&r);
	assert_null(rig_thread(&r, 999));
	rig_done(&r);
}

/* --- what the kernel counts --- */

static void switches(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_clone(&r, (struct clone_call){.tid = 100,
			      .res = 101,
			      .pid = 100,
			      .ptid = 1,
			      .flags = CLONE_FLAGS_THREAD});
	for (int i = 0; i < 3; i++) {
		rig_begin(&r, LNR_EV_SCHEDSWITCH_6_E, 101);
		rig_num(&r, LNR_P_SCHEDSWITCH_6_E_next, 7);
		rig_num(&r, LNR_P_SCHEDSWITCH_6_E_pgft_maj, 10);
		rig_num(&r, LNR_P_SCHEDSWITCH_6_E_pgft_min, 20);
		rig_num(&r, LNR_P_SCHEDSWITCH_6_E_vm_size, 30);
		rig_num(&r, LNR_P_SCHEDSWITCH_6_E_vm_rss, 40);
		rig_num(&r, LNR_P_SCHEDSWITCH_6_E_vm_swap, 50);
		assert_true(rig_enter(&r));
		assert_int_equal(r.ev.exectime_ns, i ? 1000 : 0);
		rig_leave(&r);
	}
	struct lnr_thread *t = rig_thread(&r, 101), *leader = rig_thread(&r, 100);
	assert_int_equal(t->totexectime_ns, 2000);
	assert_int_equal(t->pf_major, 10);
	assert_int_equal(t->pf_minor, 20);
	assert_int_equal(t->vm_size, 500); /* its own, as born */
	assert_int_equal(leader->vm_size, 30);
	assert_int_equal(leader->vm_rss, 40);
	assert_int_equal(leader->vm_swap, 50);
	/* Other CPUs have their own clock; the idle thread has no entry. */
	r.cpu = 200;
	rig_begin(&r, LNR_EV_SCHEDSWITCH_6_E, 0);
	assert_true(rig_enter(&r));
	assert_null(r.ev.thread);
	assert_int_equal(r.ev.exectime_ns, 0);
	rig_leave(&r);
	/* A CPU number from a broken file. */
	r.cpu = UINT16_MAX;
	rig_begin(&r, LNR_EV_SCHEDSWITCH_6_E, 101);
	rig_step(&r);
	assert_int_equal(leader->vm_size, 30); /* old producers leave the counters out */
	rig_done(&r);
}

/* Events of the machine rather than of the thread: rules may ask for it, but it remembers none. */
static void bystanders(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_openat(&r, 100, 5, "x");
	struct lnr_thread *t = rig_thread(&r, 100);
	uint64_t before = t->last_event_ts;
	rig_begin(&r, LNR_EV_PAGE_FAULT_E, 100);
	assert_true(rig_enter(&r));
	assert_ptr_equal(r.ev.thread, t);
	assert_null(r.ev.fd);
	rig_leave(&r);
	assert_int_equal(t->last_event_ts, before);
	assert_int_equal(t->last_event_type, LNR_EV_SYSCALL_OPENAT_2_X);
	/* No placeholder for one that nobody knows. */
	rig_begin(&r, LNR_EV_PAGE_FAULT_E, 4711);
	assert_true(rig_enter(&r));
	assert_null(r.ev.thread);
	rig_leave(&r);
	assert_null(rig_thread(&r, 4711));
	/* The report of used CPU time is the thread's own; readers see the one before. */
	for (unsigned i = 0; i < 2; i++) {
		rig_begin(&r, LNR_EV_PROCINFO_E, 100);
		rig_num(&r, LNR_P_PROCINFO_E_cpu_usr, 10 + i);
		rig_num(&r, LNR_P_PROCINFO_E_cpu_sys, 20 + i);
		assert_true(rig_enter(&r));
		assert_ptr_equal(r.ev.thread, t);
		assert_int_equal(t->cpu_usr, i ? 10 : 0);
		assert_int_equal(t->cpu_sys, i ? 20 : 0);
		rig_leave(&r);
	}
	assert_int_equal(t->last_event_type, LNR_EV_PROCINFO_E);
	rig_done(&r);
}

/* The thread that forked is on the way of listings, its leader is the parent process. */
static void parents(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_clone(&r, (struct clone_call){.tid = 100,
			      .res = 101,
			      .pid = 100,
			      .ptid = 1,
			      .flags = CLONE_FLAGS_THREAD});
	rig_clone(&r, (struct clone_call){.tid = 101, .res = 200, .pid = 100, .ptid = 1});
	struct lnr_thread *child = rig_thread(&r, 200);
	assert_int_equal(child->ptid, 101);
	assert_ptr_equal(lnr_state_parent_thread(r.st, child), rig_thread(&r, 101));
	assert_ptr_equal(lnr_state_parent(r.st, child), rig_thread(&r, 100));
	assert_ptr_equal(lnr_state_parent_thread(r.st, rig_thread(&r, 101)), rig_thread(&r, 1));
	assert_null(lnr_state_parent_thread(r.st, rig_thread(&r, 1)));
	assert_null(lnr_state_parent_thread(r.st, NULL));
	rig_done(&r);
}

/* What old producers leave out. */
static void absent_texts(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_clone(&r, (struct clone_call){.tid = 100, .res = 101, .pid = 100, .ptid = 1});
	assert_non_null(rig_thread(&r, 101)->cgroups);
	rig_begin(&r, LNR_EV_SYSCALL_CLONE_20_X, 101);
	rig_num(&r, LNR_P_SYSCALL_CLONE_20_X_res, 102);
	rig_step(&r);
	struct lnr_thread *t = rig_thread(&r, 102);
	assert_non_null(t);
	assert_blob(t->exe, "<NA>");
	assert_blob(t->comm, "<NA>");
	assert_null(t->cgroups);
	rig_begin(&r, LNR_EV_SYSCALL_CLONE_20_X, 101);
	rig_num(&r, LNR_P_SYSCALL_CLONE_20_X_res, 103);
	rig_str(&r, LNR_P_SYSCALL_CLONE_20_X_exe, "(NULL)");
	rig_step(&r);
	assert_blob(rig_thread(&r, 103)->exe, "<NA>");
	rig_done(&r);
}

static void memory(void **state)
{
	static const unsigned types[] = {LNR_EV_SYSCALL_BRK_4_X, LNR_EV_SYSCALL_MMAP_X,
		LNR_EV_SYSCALL_MMAP2_X, LNR_EV_SYSCALL_MUNMAP_X};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_thread *t = rig_thread(&r, 100);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		uint32_t n = 100 * (uint32_t)(i + 1);
		rig_begin(&r, types[i], 100);
		rig_num(&r, LNR_P_SYSCALL_MMAP_X_res, -12);
		rig_num(&r, LNR_P_SYSCALL_MMAP_X_vm_size, n);
		rig_num(&r, LNR_P_SYSCALL_MMAP_X_vm_rss, n + 1);
		rig_num(&r, LNR_P_SYSCALL_MMAP_X_vm_swap, n + 2);
		rig_step(&r);
		assert_int_equal(t->vm_size, n);
		assert_int_equal(t->vm_rss, n + 1);
		assert_int_equal(t->vm_swap, n + 2);
		/* Only what is there. */
		rig_begin(&r, types[i], 100);
		rig_num(&r, LNR_P_SYSCALL_MMAP_X_res, 0);
		rig_num(&r, LNR_P_SYSCALL_MMAP_X_vm_size, 5);
		rig_step(&r);
		assert_int_equal(t->vm_size, 5);
		assert_int_equal(t->vm_rss, n + 1);
	}
	rig_done(&r);
}

static void hotplug(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_begin(&r, LNR_EV_CPU_HOTPLUG_E, 0);
	rig_num(&r, LNR_P_CPU_HOTPLUG_E_cpu, 3);
	assert_true(rig_enter(&r));
	rig_leave(&r);
	assert_false(lnr_state_cpus_changed(r.st)); /* a file's CPUs are past */
	rig_done(&r);
}

/* --- the table --- */

static void placeholders(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_openat_enter(&r, 600, 3, "x");
	assert_non_null(r.ev.thread);
	assert_true(r.ev.thread->flags & LNR_TF_PLACEHOLDER);
	assert_blob(r.ev.thread->comm, "<NA>");
	assert_blob(r.ev.thread->exe, "<NA>");
	assert_int_equal(r.ev.thread->pid, -1);
	assert_int_equal(r.ev.thread->uid, UINT32_MAX);
	assert_null(lnr_state_leader(r.st, r.ev.thread));
	assert_str(lnr_state_cwd(r.st, r.ev.thread), "./");
	assert_non_null(r.ev.fd); /* in a table of its own */
	rig_leave(&r);
	assert_null(rig_thread(&r, 601));
	rig_done(&r);
}

static void table_full(void **state)
{
	struct rig r;
	(void)state;
	rig_init_opts(&r, (struct lnr_state_opts){.max_threads = 4});
	rig_populate(&r);
	rig_fork(&r, 100, 200);
	rig_fork(&r, 100, 201);
	assert_int_equal(rig_counter(&r, "n_threads"), 4);
	rig_clone(&r, (struct clone_call){.tid = 100, .res = 202, .pid = 100, .ptid = 1});
	assert_null(rig_thread(&r, 202));
	assert_int_equal(rig_counter(&r, "n_drops_full_threadtable"), 1);
	rig_openat_enter(&r, 202, 3, "x");
	assert_null(r.ev.thread);
	rig_leave(&r);
	rig_exit(&r, 201);
	rig_clone(&r, (struct clone_call){.tid = 100, .res = 202, .pid = 100, .ptid = 1});
	assert_non_null(rig_thread(&r, 202));
	assert_null(lnr_state_add_thread(r.st, 203, 203));
	rig_done(&r);
}

/* Ids that make a family of its own child. */
static void loops(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	/* 10 → 11 → 12 → 10, and 20 its own parent. */
	rig_process(&r, 10, 12, "a");
	rig_process(&r, 11, 10, "b");
	rig_process(&r, 12, 11, "c");
	rig_process(&r, 20, 20, "d");
	lnr_state_added(r.st);
	struct lnr_thread *t = rig_thread(&r, 10);
	assert_ptr_equal(lnr_state_ancestor(r.st, t, 0), t);
	assert_ptr_equal(lnr_state_ancestor(r.st, t, 1), rig_thread(&r, 12));
	assert_null(lnr_state_ancestor(r.st, t, 1000000));
	t->sid = 77;
	for (int64_t pid = 11; pid <= 12; pid++)
		rig_thread(&r, pid)->sid = 77;
	assert_non_null(lnr_state_sid_leader(r.st, t)); /* any of them, but it ends */
	assert_int_equal(rig_thread(&r, 20)->ptid, 0);
	rig_exit(&r, 10);
	rig_exit(&r, 11);
	rig_exit(&r, 12);
	/* A thread that is its own child, and one that is its own leader's thread. */
	rig_clone(&r, (struct clone_call){.tid = 20, .res = 20, .pid = 20, .ptid = 20});
	rig_clone(&r, (struct clone_call){.tid = 30, .res = 0, .pid = 30, .ptid = 30});
	rig_clone(&r,
		(struct clone_call){
			.tid = 31, .res = 0, .pid = 31, .ptid = 31, .flags = CLONE_FLAGS_THREAD});
	rig_done(&r);
}

static void leaders(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_fork(&r, 100, 200);
	rig_fork(&r, 200, 300);
	struct lnr_thread *t = rig_thread(&r, 300);
	assert_ptr_equal(lnr_state_sid_leader(r.st, t), rig_thread(&r, 100));
	assert_ptr_equal(lnr_state_pgid_leader(r.st, t), rig_thread(&r, 100));
	/* The leader has gone: the oldest that carries its id. */
	t->sid = rig_thread(&r, 200)->sid = 55;
	assert_ptr_equal(lnr_state_sid_leader(r.st, t), rig_thread(&r, 200));
	t->sid = 56;
	assert_null(lnr_state_sid_leader(r.st, t));
	t->sid = -1;
	assert_null(lnr_state_sid_leader(r.st, t));
	/* Virtual ids say nothing about the table inside a namespace. */
	t->vtid = t->vpid = 3;
	t->vpgid = 1;
	assert_null(lnr_state_vpgid_leader(r.st, t));
	t->pgid = 1;
	assert_ptr_equal(lnr_state_pgid_leader(r.st, t), rig_thread(&r, 1));
	assert_null(lnr_state_ancestor(r.st, NULL, 1));
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(caller_first),
		cmocka_unit_test(child_first),
		cmocka_unit_test(stale_entry),
		cmocka_unit_test(caller_leaves_it_to_the_child),
		cmocka_unit_test(all_calls),
		cmocka_unit_test(threads),
		cmocka_unit_test(unknown_caller),
		cmocka_unit_test(unknown_leader),
		cmocka_unit_test(recently_exited),
		cmocka_unit_test(many_exited),
		cmocka_unit_test(orphans),
		cmocka_unit_test(orphans_in_namespaces),
		cmocka_unit_test(exit_is_put_off),
		cmocka_unit_test(switches),
		cmocka_unit_test(bystanders),
		cmocka_unit_test(parents),
		cmocka_unit_test(absent_texts),
		cmocka_unit_test(memory),
		cmocka_unit_test(hotplug),
		cmocka_unit_test(placeholders),
		cmocka_unit_test(table_full),
		cmocka_unit_test(loops),
		cmocka_unit_test(leaders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
