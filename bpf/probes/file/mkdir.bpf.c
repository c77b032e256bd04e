/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* mkdir, mkdirat: the mode is given raw. */
#ifdef __TARGET_ARCH_x86
LNR_CALL(mkdir)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_MKDIR_2_X(&e);
	lnr_put_SYSCALL_MKDIR_2_X_res(&e, ret);
	lnr_begin_param_SYSCALL_MKDIR_2_X_path(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_MKDIR_2_X_mode(&e, lnr_arg(regs, 1));
	lnr_end_SYSCALL_MKDIR_2_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
#endif

LNR_CALL(mkdirat)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_MKDIRAT_X(&e);
	lnr_put_SYSCALL_MKDIRAT_X_res(&e, ret);
	lnr_put_SYSCALL_MKDIRAT_X_dirfd(&e, lnr_arg_fd(regs, 0));
	lnr_begin_param_SYSCALL_MKDIRAT_X_path(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_MKDIRAT_X_mode(&e, lnr_arg(regs, 2));
	lnr_end_SYSCALL_MKDIRAT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
