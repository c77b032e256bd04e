/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* chdir, fchdir, chroot: where relative paths begin. */
LNR_CALL(chdir)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_CHDIR_X(&e);
	lnr_put_SYSCALL_CHDIR_X_res(&e, ret);
	lnr_begin_param_SYSCALL_CHDIR_X_path(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_end_SYSCALL_CHDIR_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(fchdir)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 16), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_FCHDIR_X(&e);
	lnr_put_SYSCALL_FCHDIR_X_res(&e, ret);
	lnr_put_SYSCALL_FCHDIR_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_end_SYSCALL_FCHDIR_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(chroot)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_CHROOT_X(&e);
	lnr_put_SYSCALL_CHROOT_X_res(&e, ret);
	lnr_begin_param_SYSCALL_CHROOT_X_path(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_end_SYSCALL_CHROOT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}
