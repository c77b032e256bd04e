/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * A successful exec, where the scheduler's tracepoint sees it: at sys_exit the arguments are gone,
 * and an exec from a thread has taken over the leader's id. execveat arrives here, too, and is
 * reported as execve like in the reference (spec events-and-state 5.7).
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(hook_exec, struct task_struct *p, int old_pid, struct linux_binprm *bprm)
{
	struct lnr_emit e;
	if (!lnr_in_family() || !lnr_open(&e))
		return 0;
	struct task_struct *t = lnr_task();
	struct mm_struct *mm = BPF_CORE_READ(t, mm);
	struct file *exe = BPF_CORE_READ(mm, exe_file);
	struct inode *inode = BPF_CORE_READ(exe, f_inode);
	lnr_begin_SYSCALL_EXECVE_19_X(&e);
	lnr_put_SYSCALL_EXECVE_19_X_res(&e, 0);
	lnr_begin_param_SYSCALL_EXECVE_19_X_exe(&e);
	lnr_begin_param_SYSCALL_EXECVE_19_X_args(&e);
	lnr_emit_exe_args(&e, mm);
	LNR_PUT_IDS(SYSCALL_EXECVE_19_X, &e, t);
	LNR_PUT_USAGE(SYSCALL_EXECVE_19_X, &e, t, mm);
	lnr_begin_param_SYSCALL_EXECVE_19_X_cgroups(&e);
	lnr_emit_cgroups(&e, t);
	lnr_begin_param_SYSCALL_EXECVE_19_X_env(&e);
	lnr_emit_env(&e, mm);
	LNR_PUT_IDENTITY(SYSCALL_EXECVE_19_X, &e, t, exe, inode);
	lnr_begin_param_SYSCALL_EXECVE_19_X_filename(&e);
	lnr_emit_kernel_str(&e, BPF_CORE_READ(bprm, filename), LNR_PATH_BYTES_MAX);
	lnr_end_SYSCALL_EXECVE_19_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_EXEC);
	return 0;
}
