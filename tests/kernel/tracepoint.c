/* SPDX-License-Identifier: Apache-2.0 */
/* Events that no system call makes: switches of tasks, delivered signals, page faults. */
#include "lib/ring.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct made {
	pid_t pid, child;
	char *page;
};

/* Without a handler the kernel makes SIGKILL of it, which nobody has sent. */
static void end(int sig)
{
	(void)sig;
	_exit(0);
}

static void act(void *out)
{
	struct made *m = out;
	m->pid = getpid();
	signal(SIGTERM, end);
	pid_t child = fork();
	lnr_kt_check(child >= 0);
	if (child == 0) {
		for (;;)
			pause();
	}
	m->child = child;
	poll(NULL, 0, 5); /* gives up the CPU */
	kill(child, SIGTERM);
	lnr_kt_check(waitpid(child, NULL, 0) == child);
	m->page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	lnr_kt_check(m->page != MAP_FAILED);
	*(volatile char *)m->page = 1;
}

static void switches(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, act);
	/* A child may lose the CPU before it touches any page. */
	unsigned n = 0;
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SCHEDSWITCH_6_E, n);
	while (!param_u64(e, "pgft_min"))
		e = lnr_kt_event(k, LNR_EV_SCHEDSWITCH_6_E, ++n);
	assert_true(param_u64(e, "next") != (uint64_t)lnr_kt_pid(k));
	ignore_param(e, "pgft_maj");
	assert_true(param_u64(e, "vm_size") > 0);
	assert_true(param_u64(e, "vm_rss") <= param_u64(e, "vm_size"));
	ignore_param(e, "vm_swap");
	assert_all_params(e);
}

static void signals(void **state)
{
	struct lnr_kt *k = *state;
	const struct made *m = lnr_kt_act(k, act);
	struct lnr_kt_event *e = lnr_kt_event_of(k, m->child, LNR_EV_SIGNALDELIVER_E, 0);
	assert_param_s64(e, "spid", m->pid);
	assert_param_s64(e, "dpid", m->child);
	assert_param_u64(e, "sig", SIGTERM);
	assert_all_params(e);
}

#ifdef __x86_64__
static void faults(void **state)
{
	struct lnr_kt *k = *state;
	const struct made *m = lnr_kt_act(k, act);
	struct lnr_kt_event *e = NULL;
	for (unsigned i = 0; i < lnr_kt_count(k, LNR_EV_PAGE_FAULT_E); i++) {
		struct lnr_kt_event *f = lnr_kt_event(k, LNR_EV_PAGE_FAULT_E, i);
		if (param_u64(f, "addr") == (uintptr_t)m->page)
			e = f;
	}
	assert_non_null(e);
	assert_true(param_u64(e, "ip") - (uintptr_t)act < 4096); /* in the act */
	assert_param_u64(
		e, "error", LNR_PF_PAGE_NOT_PRESENT | LNR_PF_WRITE_ACCESS | LNR_PF_USER_FAULT);
	assert_all_params(e);
}
#endif

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "sched_switch signal_deliver "
								  "page_fault_user"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(switches),
		cmocka_unit_test(signals),
#ifdef __x86_64__
		cmocka_unit_test(faults),
#endif
	};
	return cmocka_run_group_tests_name("tracepoint", tests, setup, lnr_kt_teardown);
}
