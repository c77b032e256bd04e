/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Test aid: children of watched processes are watched. Loaded only with lnr_only_tgid. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(hook_family, struct task_struct *parent, struct task_struct *child)
{
	if (lnr_in_family())
		lnr_join_family(BPF_CORE_READ(child, tgid));
	return 0;
}
