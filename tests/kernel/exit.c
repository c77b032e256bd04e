/* SPDX-License-Identifier: Apache-2.0 */
/* The end of threads and processes, and who inherits their children. */
#include "lib/ring.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Written by processes that share it; each writes its own members. */
struct ended {
	volatile pid_t pid, tid, other;
	volatile int status;
};

static void assert_exit(struct lnr_kt *k, pid_t tid, int status, int64_t reaper)
{
	struct lnr_kt_event *e = lnr_kt_event_of(k, tid, LNR_EV_PROCEXIT_1_E, 0);
	assert_param_s64(e, "status", status);
	assert_param_s64(e, "ret", WIFEXITED(status) ? WEXITSTATUS(status) : 0);
	assert_param_u64(e, "sig", WIFSIGNALED(status) ? (unsigned)WTERMSIG(status) : 0);
	assert_param_u64(e, "core", WIFSIGNALED(status) && WCOREDUMP(status) ? 1 : 0);
	assert_param_s64(e, "reaper_tid", reaper);
	assert_all_params(e);
}

static void wait_for(struct ended *x, pid_t pid)
{
	int status = 0;
	x->pid = pid;
	lnr_kt_check(waitpid(pid, &status, 0) == pid);
	x->status = status;
}

/* --- how --- */

static void with_code(void *out)
{
	pid_t p = fork();
	lnr_kt_check(p >= 0);
	if (p == 0)
		_exit(0x1ab);
	wait_for(out, p);
}

static void code(void **state)
{
	struct lnr_kt *k = *state;
	const struct ended *x = lnr_kt_act(k, with_code);
	assert_int_equal(WEXITSTATUS(x->status), 0xab);
	assert_exit(k, x->pid, x->status, 0);
	assert_exit(k, lnr_kt_pid(k), 0, 0);
}

static void by_signal(void *out)
{
	pid_t p = fork();
	lnr_kt_check(p >= 0);
	if (p == 0) {
		raise(SIGKILL);
		_exit(1);
	}
	wait_for(out, p);
}

static void killed(void **state)
{
	struct lnr_kt *k = *state;
	const struct ended *x = lnr_kt_act(k, by_signal);
	assert_true(WIFSIGNALED(x->status) && WTERMSIG(x->status) == SIGKILL);
	assert_exit(k, x->pid, x->status, 0);
}

/* Whether there is a core is up to the machine; record and parent have to agree. */
static void with_core(void *out)
{
	pid_t p = fork();
	lnr_kt_check(p >= 0);
	if (p == 0) {
		struct rlimit r = {RLIM_INFINITY, RLIM_INFINITY};
		setrlimit(RLIMIT_CORE, &r);
		signal(SIGABRT, SIG_DFL);
		raise(SIGABRT);
		_exit(1);
	}
	wait_for(out, p);
}

static void core(void **state)
{
	struct lnr_kt *k = *state;
	const struct ended *x = lnr_kt_act(k, with_core);
	assert_true(WIFSIGNALED(x->status) && WTERMSIG(x->status) == SIGABRT);
	assert_exit(k, x->pid, x->status, 0);
}

static void *end_thread(void *arg)
{
	struct ended *x = arg;
	x->tid = (pid_t)syscall(SYS_gettid);
	return NULL;
}

static void thread_ends(void *out)
{
	pthread_t t;
	lnr_kt_check(pthread_create(&t, NULL, end_thread, out) == 0);
	pthread_join(t, NULL);
}

static void thread(void **state)
{
	struct lnr_kt *k = *state;
	const struct ended *x = lnr_kt_act(k, thread_ends);
	assert_exit(k, x->tid, 0, 0);
}

/* --- who inherits --- */

/* A process that ends before its child; the child goes to whoever is the reaper. */
static void leave_child(struct ended *x)
{
	int p[2];
	lnr_kt_check(pipe(p) == 0);
	pid_t middle = fork();
	lnr_kt_check(middle >= 0);
	if (middle == 0) {
		pid_t orphan = fork();
		lnr_kt_check(orphan >= 0);
		if (orphan == 0) {
			char c;
			close(p[1]);
			_exit(read(p[0], &c, 1) == 0 ? 0 : 1);
		}
		x->other = orphan;
		_exit(0);
	}
	wait_for(x, middle);
	close(p[1]); /* lets the orphan end */
}

static void to_subreaper(void *out)
{
	struct ended *x = out;
	lnr_kt_check(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	leave_child(x);
	lnr_kt_check(waitpid(x->other, NULL, 0) == x->other);
}

static void subreaper(void **state)
{
	struct lnr_kt *k = *state;
	const struct ended *x = lnr_kt_act(k, to_subreaper);
	assert_exit(k, x->pid, 0, lnr_kt_pid(k));
	assert_exit(k, x->other, 0, 0);
}

/*
 * In a pid namespace of its own: its first process inherits although there is a subreaper outside,
 * and when that one ends nobody does.
 */
static void to_init(void *out)
{
	struct ended *x = out;
	lnr_kt_check(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	pid_t first = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0L, NULL, NULL, 0L);
	lnr_kt_check(first >= 0);
	if (first == 0) {
		struct ended inner = {0};
		leave_child(&inner);
		_exit(0);
	}
	x->tid = first;
	lnr_kt_check(waitpid(first, NULL, 0) == first);
}

static void init(void **state)
{
	struct lnr_kt *k = *state;
	const struct ended *x = lnr_kt_act(k, to_init);
	struct lnr_kt_event *e = NULL;
	unsigned n = 0, others = 0;
	/* Its processes have ids here that nobody was told: all but the two that are known. */
	while (others < 1) {
		e = lnr_kt_event_of(k, 0, LNR_EV_PROCEXIT_1_E, n++);
		others += e->ev.tid != x->tid && e->ev.tid != lnr_kt_pid(k);
	}
	assert_param_s64(e, "reaper_tid", x->tid);
	e = lnr_kt_event_of(k, x->tid, LNR_EV_PROCEXIT_1_E, 0);
	assert_param_s64(e, "reaper_tid", 0);
}

/* A thread has a child and ends: another one of its process inherits. */
struct threads {
	struct ended e;
	int hold[2];
};

static void *have_child(void *arg)
{
	struct threads *t = arg;
	pid_t p = fork();
	lnr_kt_check(p >= 0);
	if (p == 0) {
		char c;
		close(t->hold[1]);
		_exit(read(t->hold[0], &c, 1) == 0 ? 0 : 1);
	}
	t->e.pid = p;
	t->e.tid = (pid_t)syscall(SYS_gettid);
	return NULL;
}

static void thread_with_child(void *out)
{
	struct threads *t = out;
	pthread_t id;
	lnr_kt_check(pipe(t->hold) == 0);
	lnr_kt_check(pthread_create(&id, NULL, have_child, t) == 0);
	pthread_join(id, NULL);
	close(t->hold[1]);
	lnr_kt_check(waitpid(t->e.pid, NULL, 0) == t->e.pid);
}

static void sibling(void **state)
{
	struct lnr_kt *k = *state;
	const struct threads *t = lnr_kt_act(k, thread_with_child);
	assert_exit(k, t->e.tid, 0, lnr_kt_pid(k));
	assert_exit(k, t->e.pid, 0, 0);
}

static int setup(void **state)
{
	return lnr_kt_setup(
		state, &(struct lnr_kt_opts){.calls = "sched_process_exit", .dir = true});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code),
		cmocka_unit_test(killed),
		cmocka_unit_test(core),
		cmocka_unit_test(thread),
		cmocka_unit_test(subreaper),
		cmocka_unit_test(init),
		cmocka_unit_test(sibling),
	};
	return cmocka_run_group_tests_name("exit", tests, setup, lnr_kt_teardown);
}
