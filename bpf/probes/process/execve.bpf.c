/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* execve that failed; success is hook_exec. The image described is the caller's own. */
LNR_CALL(execve)
{
	struct lnr_emit e;
	if (ret >= 0 || !lnr_open(&e))
		return 0;
	struct task_struct *t = lnr_task();
	struct mm_struct *mm = BPF_CORE_READ(t, mm);
	struct file *exe = BPF_CORE_READ(mm, exe_file);
	struct inode *inode = BPF_CORE_READ(exe, f_inode);
	const u32 width = lnr_is_compat() ? 4 : 8;
	lnr_begin_SYSCALL_EXECVE_19_X(&e);
	lnr_put_SYSCALL_EXECVE_19_X_res(&e, ret);
	LNR_PUT_ARGV(SYSCALL_EXECVE_19_X, &e, lnr_arg_ptr(regs, 1), width);
	LNR_PUT_IDS(SYSCALL_EXECVE_19_X, &e, t);
	LNR_PUT_USAGE(SYSCALL_EXECVE_19_X, &e, t, mm);
	lnr_begin_param_SYSCALL_EXECVE_19_X_cgroups(&e);
	lnr_emit_cgroups(&e, t);
	lnr_begin_param_SYSCALL_EXECVE_19_X_env(&e);
	lnr_emit_user_strings(&e, lnr_arg_ptr(regs, 2), 0, width);
	LNR_PUT_IDENTITY(SYSCALL_EXECVE_19_X, &e, t, exe, inode);
	lnr_begin_param_SYSCALL_EXECVE_19_X_filename(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_end_SYSCALL_EXECVE_19_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_EXEC);
	return 0;
}
