/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * A thread ends. It makes no system call that could be seen, hence the scheduler's hook. reaper_tid
 * is who inherits its children, found as the kernel will find it (kernel/exit.c
 * find_new_reaper), with bounded searches: -1 when a bound was hit (spec events-and-state 5.6).
 */
#define LNR_REAPER_THREADS   30
#define LNR_REAPER_ANCESTORS 60
#define LNR_PF_EXITING	     0x00000004 /* include/linux/sched.h */

static __always_inline struct task_struct *lnr_thread_of_node(u64 node)
{
	return (void *)(node - bpf_core_field_offset(struct task_struct, thread_node));
}

/* A thread of the group that is not about to die; 0 = none, -1 = too many to look at. */
__noinline s64 lnr_live_thread(u64 task)
{
	struct task_struct *t = (void *)task;
	u64 head = (u64)BPF_CORE_READ(t, signal) +
		   bpf_core_field_offset(struct signal_struct, thread_head);
	u64 node = (u64)BPF_CORE_READ((struct list_head *)head, next);
	for (int i = 0; i < LNR_REAPER_THREADS; i++) {
		if (!node || node == head)
			return 0;
		struct task_struct *o = lnr_thread_of_node(node);
		if (!(BPF_CORE_READ(o, flags) & LNR_PF_EXITING))
			return BPF_CORE_READ(o, pid);
		node = (u64)BPF_CORE_READ((struct list_head *)node, next);
	}
	return -1;
}

__noinline s64 lnr_find_reaper(u64 task)
{
	struct task_struct *t = (void *)task;
	struct list_head *kids = (void *)(task +
					  bpf_core_field_offset(struct task_struct, children));
	if (BPF_CORE_READ(kids, next) == kids)
		return 0; /* nobody to hand over */
	s64 live = lnr_live_thread(task);
	if (live)
		return live;
	struct pid_namespace *ns = lnr_task_pidns(t);
	struct task_struct *init = BPF_CORE_READ(ns, child_reaper);
	if (BPF_CORE_READ(init, pid) == BPF_CORE_READ(t, pid))
		return 0; /* the whole namespace goes */
	struct signal_struct *sig = BPF_CORE_READ(t, signal);
	if (!BPF_CORE_READ_BITFIELD_PROBED(sig, has_child_subreaper))
		return BPF_CORE_READ(init, pid);
	u32 level = BPF_CORE_READ(t, thread_pid, level);
	for (int i = 0; i < LNR_REAPER_ANCESTORS; i++) {
		t = BPF_CORE_READ(t, real_parent);
		if (t == init || BPF_CORE_READ(t, pid) == 0 ||
			BPF_CORE_READ(t, thread_pid, level) != level)
			return BPF_CORE_READ(init, pid);
		sig = BPF_CORE_READ(t, signal);
		if (!BPF_CORE_READ_BITFIELD_PROBED(sig, is_child_subreaper))
			continue;
		live = lnr_live_thread((u64)t);
		if (live)
			return live;
	}
	return -1;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(hook_exit, struct task_struct *p)
{
	struct lnr_emit e;
	struct task_struct *t = lnr_task();
	/* Kernel threads have no events. They are not told by mm: older kernels have given up that
	 * of any task when they come here. */
	if (!lnr_in_family() || BPF_CORE_READ(t, flags) & LNR_PF_KTHREAD ||
		!lnr_reserve(&e, LNR_RECORD_SIZE(5, 26), LNR_COUNT_DROP_PROC))
		return 0;
	u32 code = BPF_CORE_READ(t, exit_code), sig = code & 0x7f;
	lnr_begin_PROCEXIT_1_E(&e);
	lnr_put_PROCEXIT_1_E_status(&e, code);
	lnr_put_PROCEXIT_1_E_ret(&e, sig ? 0 : code >> 8 & 0xff);
	lnr_put_PROCEXIT_1_E_sig(&e, sig);
	lnr_put_PROCEXIT_1_E_core(&e, code & 0x80 ? 1 : 0);
	lnr_put_PROCEXIT_1_E_reaper_tid(&e, lnr_find_reaper((u64)t));
	lnr_end_PROCEXIT_1_E(&e);
	lnr_submit(&e);
	return 0;
}
