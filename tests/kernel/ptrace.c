/* SPDX-License-Identifier: Apache-2.0 */
/* ptrace: what its data argument means depends on the request. The tracee is a child of the act. */
#include "lib/ring.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct traced {
	pid_t child;
	volatile long word; /* of the tracee, at the same address in both */
	long peeked;
};

static long request(long what, pid_t pid, long addr, void *data)
{
	return lnr_kt_result(syscall(SYS_ptrace, what, (long)pid, addr, data));
}

static void trace(void *out)
{
	struct traced *t = out;
	t->word = 0x1122334455667788;
	pid_t child = fork();
	lnr_kt_check(child >= 0);
	if (child == 0) {
		request(PTRACE_TRACEME, 0, 3, (void *)4);
		raise(SIGSTOP);
		_exit(0);
	}
	t->child = child; /* not by fork() itself: the child has the same memory */
	lnr_kt_check(waitpid(t->child, NULL, 0) == t->child);
	lnr_kt_check(request(PTRACE_PEEKDATA, t->child, (long)&t->word, &t->peeked) == 0);
	lnr_kt_check(request(PTRACE_POKEDATA, t->child, (long)&t->word, (void *)77) == 0);
	lnr_kt_check(request(PTRACE_CONT, t->child, 0, (void *)SIGTERM) == 0);
	waitpid(t->child, NULL, 0);
	request(PTRACE_CONT, 0x7fffffff, 5, (void *)SIGTERM);
	request(0x7777, t->child, 5, (void *)6);
}

static void assert_request(struct lnr_kt_event *e, int64_t res, unsigned code, int64_t pid)
{
	assert_param_s64(e, "res", res);
	assert_param_u64(e, "request", code);
	assert_param_s64(e, "pid", pid);
	assert_all_params(e);
}

static void test_ptrace(void **state)
{
	struct lnr_kt *k = *state;
	const struct traced *t = lnr_kt_act(k, trace);
	struct lnr_kt_event *e = lnr_kt_event_of(k, t->child, LNR_EV_SYSCALL_PTRACE_X, 0);
	assert_param_dyn(e, "addr", LNR_PTRACE_IDX_UINT64, 3);
	assert_param_dyn(e, "data", LNR_PTRACE_IDX_UINT64, 4);
	assert_request(e, 0, LNR_PTRACE_TRACEME, 0);

	e = lnr_kt_event(k, LNR_EV_SYSCALL_PTRACE_X, 0);
	assert_param_dyn(e, "addr", LNR_PTRACE_IDX_UINT64, (uint64_t)(uintptr_t)&t->word);
	assert_param_dyn(e, "data", LNR_PTRACE_IDX_UINT64, 0x1122334455667788);
	assert_request(e, 0, LNR_PTRACE_PEEKDATA, t->child);

	e = lnr_kt_event(k, LNR_EV_SYSCALL_PTRACE_X, 1);
	assert_param_dyn(e, "addr", LNR_PTRACE_IDX_UINT64, (uint64_t)(uintptr_t)&t->word);
	assert_param_dyn(e, "data", LNR_PTRACE_IDX_UINT64, 77);
	assert_request(e, 0, LNR_PTRACE_POKEDATA, t->child);

	e = lnr_kt_event(k, LNR_EV_SYSCALL_PTRACE_X, 2);
	assert_param_dyn(e, "addr", LNR_PTRACE_IDX_UINT64, 0);
	assert_param_dyn(e, "data", LNR_PTRACE_IDX_SIGTYPE, SIGTERM);
	assert_request(e, 0, LNR_PTRACE_CONT, t->child);
}

static void failure(void **state)
{
	struct lnr_kt *k = *state;
	const struct traced *t = lnr_kt_act(k, trace);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_PTRACE_X, 3);
	assert_param_dyn(e, "addr", LNR_PTRACE_IDX_UINT64, 0);
	assert_param_dyn(e, "data", LNR_PTRACE_IDX_UINT64, 0);
	assert_request(e, -ESRCH, LNR_PTRACE_CONT, 0x7fffffff);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PTRACE_X, 4);
	assert_param_dyn(e, "addr", LNR_PTRACE_IDX_UINT64, 0);
	assert_param_dyn(e, "data", LNR_PTRACE_IDX_UINT64, 0);
	assert_request(e, -ESRCH, LNR_PTRACE_UNKNOWN, t->child);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "ptrace"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ptrace),
		cmocka_unit_test(failure),
	};
	return cmocka_run_group_tests_name("ptrace", tests, setup, lnr_kt_teardown);
}
