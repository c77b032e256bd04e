/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* A signal reaches a thread, and who sent it where that is known (spec events-and-state 5.6). */
#define LNR_SIGHUP   1
#define LNR_SIGINT   2
#define LNR_SIGQUIT  3
#define LNR_SIGKILL  9
#define LNR_SIGTERM  15
#define LNR_SIGCHLD  17
#define LNR_SIGTSTP  20
#define LNR_SIGRTMIN 32 /* of the kernel; a library keeps some of them to itself */

static __always_inline s64 lnr_signal_sender(int sig, struct kernel_siginfo *info)
{
	if (!info)
		return 0;
	if (sig >= LNR_SIGRTMIN)
		return BPF_CORE_READ(info, _sifields._rt._pid);
	switch (sig) {
	case LNR_SIGKILL:
		return BPF_CORE_READ(info, _sifields._kill._pid);
	case LNR_SIGTERM:
	case LNR_SIGHUP:
	case LNR_SIGINT:
	case LNR_SIGTSTP:
	case LNR_SIGQUIT:
		/* SI_USER is 0, SI_QUEUE and its kin are below; what the kernel sends is above. */
		return BPF_CORE_READ(info, si_code) <= 0 ? BPF_CORE_READ(info, _sifields._kill._pid)
							 : 0;
	case LNR_SIGCHLD:
		return BPF_CORE_READ(info, _sifields._sigchld._pid);
	default:
		return 0;
	}
}

SEC("tp_btf/signal_deliver")
int BPF_PROG(hook_signal, int sig, struct kernel_siginfo *info)
{
	struct lnr_emit e;
	if (!lnr_in_family() || !lnr_reserve(&e, LNR_RECORD_SIZE(3, 17), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SIGNALDELIVER_E(&e);
	lnr_put_SIGNALDELIVER_E_spid(&e, lnr_signal_sender(sig, info));
	lnr_put_SIGNALDELIVER_E_dpid(&e, (u32)e.tid);
	lnr_put_SIGNALDELIVER_E_sig(&e, sig);
	lnr_end_SIGNALDELIVER_E(&e);
	lnr_submit(&e);
	return 0;
}
