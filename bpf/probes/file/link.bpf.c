/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* link, linkat, symlink, symlinkat. */
#ifdef __TARGET_ARCH_x86
LNR_CALL(link)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_LINK_2_X(&e);
	lnr_put_SYSCALL_LINK_2_X_res(&e, ret);
	lnr_begin_param_SYSCALL_LINK_2_X_oldpath(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_begin_param_SYSCALL_LINK_2_X_newpath(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_end_SYSCALL_LINK_2_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
#endif

LNR_CALL(linkat)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_LINKAT_2_X(&e);
	lnr_put_SYSCALL_LINKAT_2_X_res(&e, ret);
	lnr_put_SYSCALL_LINKAT_2_X_olddir(&e, lnr_arg_fd(regs, 0));
	lnr_begin_param_SYSCALL_LINKAT_2_X_oldpath(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_LINKAT_2_X_newdir(&e, lnr_arg_fd(regs, 2));
	lnr_begin_param_SYSCALL_LINKAT_2_X_newpath(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 3), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_LINKAT_2_X_flags(&e, lnr_linkat_flags(lnr_arg(regs, 4)));
	lnr_end_SYSCALL_LINKAT_2_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}

#ifdef __TARGET_ARCH_x86
LNR_CALL(symlink)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_SYMLINK_X(&e);
	lnr_put_SYSCALL_SYMLINK_X_res(&e, ret);
	lnr_begin_param_SYSCALL_SYMLINK_X_target(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_begin_param_SYSCALL_SYMLINK_X_linkpath(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_end_SYSCALL_SYMLINK_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
#endif

LNR_CALL(symlinkat)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_SYMLINKAT_X(&e);
	lnr_put_SYSCALL_SYMLINKAT_X_res(&e, ret);
	lnr_begin_param_SYSCALL_SYMLINKAT_X_target(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_SYMLINKAT_X_linkdirfd(&e, lnr_arg_fd(regs, 1));
	lnr_begin_param_SYSCALL_SYMLINKAT_X_linkpath(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 2), LNR_PATH_BYTES_MAX);
	lnr_end_SYSCALL_SYMLINKAT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
