/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* execveat that failed; success is hook_exec. */
LNR_CALL(execveat)
{
	struct lnr_emit e;
	if (ret >= 0 || !lnr_open(&e))
		return 0;
	struct task_struct *t = lnr_task();
	struct mm_struct *mm = BPF_CORE_READ(t, mm);
	struct file *exe = BPF_CORE_READ(mm, exe_file);
	struct inode *inode = BPF_CORE_READ(exe, f_inode);
	const u32 width = lnr_is_compat() ? 4 : 8;
	lnr_begin_SYSCALL_EXECVEAT_X(&e);
	lnr_put_SYSCALL_EXECVEAT_X_res(&e, ret);
	LNR_PUT_ARGV(SYSCALL_EXECVEAT_X, &e, lnr_arg_ptr(regs, 2), width);
	LNR_PUT_IDS(SYSCALL_EXECVEAT_X, &e, t);
	LNR_PUT_USAGE(SYSCALL_EXECVEAT_X, &e, t, mm);
	lnr_begin_param_SYSCALL_EXECVEAT_X_cgroups(&e);
	lnr_emit_cgroups(&e, t);
	lnr_begin_param_SYSCALL_EXECVEAT_X_env(&e);
	lnr_emit_user_strings(&e, lnr_arg_ptr(regs, 3), 0, width);
	LNR_PUT_IDENTITY(SYSCALL_EXECVEAT_X, &e, t, exe, inode);
	lnr_end_SYSCALL_EXECVEAT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_EXEC);
	return 0;
}
