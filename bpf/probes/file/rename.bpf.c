/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* rename, renameat, renameat2: both names as given, directories of the *at forms. */
#ifdef __TARGET_ARCH_x86
LNR_CALL(rename)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_RENAME_X(&e);
	lnr_put_SYSCALL_RENAME_X_res(&e, ret);
	lnr_begin_param_SYSCALL_RENAME_X_oldpath(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_begin_param_SYSCALL_RENAME_X_newpath(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_end_SYSCALL_RENAME_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
#endif

LNR_CALL(renameat)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_RENAMEAT_X(&e);
	lnr_put_SYSCALL_RENAMEAT_X_res(&e, ret);
	lnr_put_SYSCALL_RENAMEAT_X_olddirfd(&e, lnr_arg_fd(regs, 0));
	lnr_begin_param_SYSCALL_RENAMEAT_X_oldpath(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_RENAMEAT_X_newdirfd(&e, lnr_arg_fd(regs, 2));
	lnr_begin_param_SYSCALL_RENAMEAT_X_newpath(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 3), LNR_PATH_BYTES_MAX);
	lnr_end_SYSCALL_RENAMEAT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}

LNR_CALL(renameat2)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_RENAMEAT2_X(&e);
	lnr_put_SYSCALL_RENAMEAT2_X_res(&e, ret);
	lnr_put_SYSCALL_RENAMEAT2_X_olddirfd(&e, lnr_arg_fd(regs, 0));
	lnr_begin_param_SYSCALL_RENAMEAT2_X_oldpath(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_RENAMEAT2_X_newdirfd(&e, lnr_arg_fd(regs, 2));
	lnr_begin_param_SYSCALL_RENAMEAT2_X_newpath(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 3), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_RENAMEAT2_X_flags(&e, lnr_arg(regs, 4));
	lnr_end_SYSCALL_RENAMEAT2_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
