/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Another task gets the CPU: which one, and the state of the one that leaves it. */
SEC("tp_btf/sched_switch")
int BPF_PROG(hook_switch, bool preempt, struct task_struct *from, struct task_struct *to)
{
	struct lnr_emit e;
	struct mm_struct *mm = BPF_CORE_READ(from, mm);
	if (!lnr_in_family() || !lnr_reserve(&e, LNR_RECORD_SIZE(6, 36), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SCHEDSWITCH_6_E(&e);
	lnr_put_SCHEDSWITCH_6_E_next(&e, lnr_task_tid(to));
	lnr_put_SCHEDSWITCH_6_E_pgft_maj(&e, BPF_CORE_READ(from, maj_flt));
	lnr_put_SCHEDSWITCH_6_E_pgft_min(&e, BPF_CORE_READ(from, min_flt));
	lnr_put_SCHEDSWITCH_6_E_vm_size(&e, mm ? lnr_mm_size(mm) : 0);
	lnr_put_SCHEDSWITCH_6_E_vm_rss(&e, mm ? lnr_mm_rss(mm) : 0);
	lnr_put_SCHEDSWITCH_6_E_vm_swap(&e, mm ? lnr_mm_swap(mm) : 0);
	lnr_end_SCHEDSWITCH_6_E(&e);
	lnr_submit(&e);
	return 0;
}
