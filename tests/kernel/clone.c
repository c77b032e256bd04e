/* SPDX-License-Identifier: Apache-2.0 */
/* clone, clone3, fork, vfork: what the caller and what the child reports. */
#include "task.h"

#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

struct born {
	struct task_facts parent, child;
	pid_t pid, in_namespace;
	uint64_t before_ns, after_ns; /* CLOCK_MONOTONIC around the birth */
	int unsupported;
};

/*
 * Of the records of the act's first thread, the one of a call that it made: its own birth may have
 * been by the same call.
 */
static struct lnr_kt_event *by_caller(struct lnr_kt *k, unsigned type, unsigned n)
{
	struct lnr_kt_event *e = lnr_kt_event(k, type, 0);
	return param_u64(e, "res") == 0 ? lnr_kt_event(k, type, n + 1) : lnr_kt_event(k, type, n);
}

static char name[16]; /* of this program, as the kernel cuts it */
static char exe[4096];

static uint64_t monotonic(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The rest of either side, when the call returned. */
static void both(struct born *b, long r)
{
	lnr_kt_check(r >= 0);
	if (r == 0) {
		task_facts(&b->child);
		_exit(0);
	}
	b->pid = (pid_t)r;
	lnr_kt_check(waitpid((pid_t)r, NULL, __WALL) == (pid_t)r);
}

static void assert_side(struct lnr_kt_event *e, const struct task_facts *f, int64_t res,
	uint32_t flags, pid_t vtid, pid_t vpid)
{
	assert_param_s64(e, "res", res);
	assert_task(e, f, exe, name);
	assert_param_absent(e, "args");
	assert_param_u64(e, "flags", flags);
	assert_param_s64(e, "vtid", vtid);
	assert_param_s64(e, "vpid", vpid);
}

/* Both records, of processes in the first pid namespace. */
static void assert_birth(struct lnr_kt *k, const struct born *b, unsigned type, uint32_t flags)
{
	struct lnr_kt_event *e = by_caller(k, type, 0);
	assert_side(e, &b->parent, b->pid, flags, b->parent.tid, b->parent.pid);
	assert_param_u64(e, "pidns_init_start_ts", 0);
	assert_all_params(e);
	e = lnr_kt_event_of(k, b->pid, type, 0);
	assert_side(e, &b->child, 0, flags, b->pid, b->pid);
	/* The start of init, which came before us. */
	assert_true(param_u64(e, "pidns_init_start_ts") < b->before_ns);
	assert_all_params(e);
}

#ifdef SYS_fork
static void do_fork(void *out)
{
	struct born *b = out;
	task_facts(&b->parent);
	b->before_ns = monotonic();
	both(b, syscall(SYS_fork));
}

static void test_fork(void **state)
{
	struct lnr_kt *k = *state;
	const struct born *b = lnr_kt_act(k, do_fork);
	assert_birth(k, b, LNR_EV_SYSCALL_FORK_20_X, 0);
}

static void do_vfork(void *out)
{
	struct born *b = out;
	task_facts(&b->parent);
	b->before_ns = monotonic();
	/* Not the library's: the address to return to would be overwritten by the child. */
	pid_t p = vfork();
	if (p == 0) {
		task_facts(&b->child);
		_exit(0);
	}
	b->pid = p;
	lnr_kt_check(p > 0 && waitpid(p, NULL, 0) == p);
}

static void test_vfork(void **state)
{
	struct lnr_kt *k = *state;
	const struct born *b = lnr_kt_act(k, do_vfork);
	assert_birth(k, b, LNR_EV_SYSCALL_VFORK_20_X, 0);
}
#endif

static void do_clone(void *out)
{
	struct born *b = out;
	task_facts(&b->parent);
	b->before_ns = monotonic();
	both(b, syscall(SYS_clone, CLONE_FS | CLONE_FILES | CLONE_NEWUTS | SIGCHLD, 0L, NULL, NULL,
			0L));
}

static void test_clone(void **state)
{
	struct lnr_kt *k = *state;
	const struct born *b = lnr_kt_act(k, do_clone);
	assert_birth(k, b, LNR_EV_SYSCALL_CLONE_20_X,
		LNR_CL_CLONE_FS | LNR_CL_CLONE_FILES | LNR_CL_CLONE_NEWUTS);
}

static void do_clone3(void *out)
{
	struct born *b = out;
	struct clone_args a = {.flags = CLONE_FILES | CLONE_PARENT_SETTID, .exit_signal = SIGCHLD};
	pid_t tid;
	a.parent_tid = (uint64_t)(uintptr_t)&tid;
	task_facts(&b->parent);
	b->before_ns = monotonic();
	both(b, syscall(SYS_clone3, &a, sizeof(a)));
}

static void test_clone3(void **state)
{
	struct lnr_kt *k = *state;
	const struct born *b = lnr_kt_act(k, do_clone3);
	assert_birth(
		k, b, LNR_EV_SYSCALL_CLONE3_X, LNR_CL_CLONE_FILES | LNR_CL_CLONE_PARENT_SETTID);
}

/* --- threads --- */

static void *in_thread(void *arg)
{
	struct born *b = arg;
	task_facts(&b->child);
	b->pid = b->child.tid;
	return NULL;
}

static void make_thread(void *out)
{
	struct born *b = out;
	pthread_t t;
	task_facts(&b->parent);
	b->before_ns = monotonic();
	lnr_kt_check(pthread_create(&t, NULL, in_thread, b) == 0);
	pthread_join(t, NULL);
}

/* A library takes the one or the other call. */
static void thread(void **state)
{
	struct lnr_kt *k = *state;
	const struct born *b = lnr_kt_act(k, make_thread);
	unsigned type = lnr_kt_count(k, LNR_EV_SYSCALL_CLONE3_X) ? LNR_EV_SYSCALL_CLONE3_X
								 : LNR_EV_SYSCALL_CLONE_20_X;
	struct lnr_kt_event *e = by_caller(k, type, 0);
	uint32_t flags = (uint32_t)param_u64(e, "flags");
	const uint32_t some = LNR_CL_CLONE_THREAD | LNR_CL_CLONE_VM | LNR_CL_CLONE_FILES |
			      LNR_CL_CLONE_SIGHAND | LNR_CL_CLONE_FS;
	assert_int_equal(flags & some, some);
	assert_side(e, &b->parent, b->pid, flags, b->parent.tid, b->parent.pid);
	e = lnr_kt_event_of(k, b->pid, type, 0);
	/* Whoever made the process is the parent of its threads, too. */
	assert_int_equal(b->child.pid, b->parent.pid);
	/* Its maker may have overwritten the other flags before they could be read. */
	assert_int_equal(param_u64(e, "flags") & some & ~LNR_CL_CLONE_FS, some & ~LNR_CL_CLONE_FS);
	assert_side(e, &b->child, 0, (uint32_t)param_u64(e, "flags"), b->pid, b->parent.pid);
	assert_true(param_u64(e, "pidns_init_start_ts") < b->before_ns);
	assert_all_params(e);
}

/* --- pid namespaces --- */

static void first_of_namespace(void *out)
{
	struct born *b = out;
	task_facts(&b->parent);
	b->before_ns = monotonic();
	both(b, syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0L, NULL, NULL, 0L));
	b->after_ns = monotonic();
}

static void new_namespace(void **state)
{
	struct lnr_kt *k = *state;
	const struct born *b = lnr_kt_act(k, first_of_namespace);
	struct lnr_kt_event *e = by_caller(k, LNR_EV_SYSCALL_CLONE_20_X, 0);
	assert_side(e, &b->parent, b->pid, LNR_CL_CLONE_NEWPID, b->parent.tid, b->parent.pid);
	assert_param_u64(e, "pidns_init_start_ts", 0);
	assert_all_params(e);
	e = lnr_kt_event_of(k, b->pid, LNR_EV_SYSCALL_CLONE_20_X, 0);
	struct task_facts f = b->child;
	assert_int_equal(f.pid, 1); /* as the child sees itself, and the record does not */
	f.tid = f.pid = b->pid;
	f.parent = b->parent.pid;
	assert_side(e, &f, 0, LNR_CL_CLONE_NEWPID | LNR_CL_CHILD_IN_PIDNS, 1, 1);
	uint64_t start = param_u64(e, "pidns_init_start_ts");
	assert_in_range(start, b->before_ns, b->after_ns);
	assert_all_params(e);
}

static void for_children_only(void *out)
{
	struct born *b = out;
	lnr_kt_check(unshare(CLONE_NEWPID) == 0);
	task_facts(&b->parent);
	both(b, syscall(SYS_clone, SIGCHLD, 0L, NULL, NULL, 0L));
}

/* The caller stays where it is, but says where its children go. */
static void children_elsewhere(void **state)
{
	struct lnr_kt *k = *state;
	const struct born *b = lnr_kt_act(k, for_children_only);
	struct lnr_kt_event *e = by_caller(k, LNR_EV_SYSCALL_CLONE_20_X, 0);
	assert_side(e, &b->parent, b->pid, LNR_CL_CHILD_IN_PIDNS, b->parent.tid, b->parent.pid);
	e = lnr_kt_event_of(k, b->pid, LNR_EV_SYSCALL_CLONE_20_X, 0);
	assert_param_u64(e, "flags", LNR_CL_CHILD_IN_PIDNS);
	assert_param_s64(e, "vtid", 1);
	assert_param_s64(e, "tid", b->pid);
}

/* --- failure --- */

static void fail_to_clone(void *out)
{
	struct born *b = out;
	struct clone_args a = {.flags = CLONE_SIGHAND};
	task_facts(&b->parent);
	lnr_kt_check(syscall(SYS_clone, CLONE_THREAD, 0L, NULL, NULL, 0L) < 0);
	lnr_kt_check(syscall(SYS_clone3, &a, sizeof(a)) < 0);
	lnr_kt_check(syscall(SYS_clone3, NULL, 0) < 0);
}

static void failure(void **state)
{
	struct lnr_kt *k = *state;
	const struct born *b = lnr_kt_act(k, fail_to_clone);
	const pid_t tid = b->parent.tid, pid = b->parent.pid;
	struct lnr_kt_event *e = by_caller(k, LNR_EV_SYSCALL_CLONE_20_X, 0);
	assert_side(e, &b->parent, -EINVAL, LNR_CL_CLONE_THREAD, tid, pid);
	assert_param_u64(e, "pidns_init_start_ts", 0);
	assert_all_params(e);
	e = by_caller(k, LNR_EV_SYSCALL_CLONE3_X, 0);
	assert_side(e, &b->parent, -EINVAL, LNR_CL_CLONE_SIGHAND, tid, pid);
	assert_param_u64(e, "pidns_init_start_ts", 0);
	assert_all_params(e);
	e = by_caller(k, LNR_EV_SYSCALL_CLONE3_X, 1);
	assert_param_u64(e, "flags", 0);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "clone clone3 fork vfork"});
}

int main(int argc, char **argv)
{
	(void)argc;
	const char *slash = strrchr(argv[0], '/');
	snprintf(exe, sizeof(exe), "%s", argv[0]);
	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : argv[0]);
	const struct CMUnitTest tests[] = {
#ifdef SYS_fork
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_vfork),
#endif
		cmocka_unit_test(test_clone),
		cmocka_unit_test(test_clone3),
		cmocka_unit_test(thread),
		cmocka_unit_test(new_namespace),
		cmocka_unit_test(children_elsewhere),
		cmocka_unit_test(failure),
	};
	return cmocka_run_group_tests_name("clone", tests, setup, lnr_kt_teardown);
}
