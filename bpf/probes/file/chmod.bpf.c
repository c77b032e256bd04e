/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* chmod, fchmod, fchmodat. */
#ifdef __TARGET_ARCH_x86
LNR_CALL(chmod)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_CHMOD_X(&e);
	lnr_put_SYSCALL_CHMOD_X_res(&e, ret);
	lnr_begin_param_SYSCALL_CHMOD_X_filename(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_CHMOD_X_mode(&e, lnr_mode(lnr_arg(regs, 1)));
	lnr_end_SYSCALL_CHMOD_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
#endif

LNR_CALL(fchmod)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 20), LNR_COUNT_DROP_DIR_FILE))
		return 0;
	lnr_begin_SYSCALL_FCHMOD_X(&e);
	lnr_put_SYSCALL_FCHMOD_X_res(&e, ret);
	lnr_put_SYSCALL_FCHMOD_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_FCHMOD_X_mode(&e, lnr_mode(lnr_arg(regs, 1)));
	lnr_end_SYSCALL_FCHMOD_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(fchmodat)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_FCHMODAT_X(&e);
	lnr_put_SYSCALL_FCHMODAT_X_res(&e, ret);
	lnr_put_SYSCALL_FCHMODAT_X_dirfd(&e, lnr_arg_fd(regs, 0));
	lnr_begin_param_SYSCALL_FCHMODAT_X_filename(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_FCHMODAT_X_mode(&e, lnr_mode(lnr_arg(regs, 2)));
	lnr_end_SYSCALL_FCHMODAT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
