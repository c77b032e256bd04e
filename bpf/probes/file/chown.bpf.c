/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* chown, lchown, fchown, fchownat. */
#ifdef __TARGET_ARCH_x86
LNR_CALL(chown)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_CHOWN_X(&e);
	lnr_put_SYSCALL_CHOWN_X_res(&e, ret);
	lnr_begin_param_SYSCALL_CHOWN_X_path(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_CHOWN_X_uid(&e, lnr_arg(regs, 1));
	lnr_put_SYSCALL_CHOWN_X_gid(&e, lnr_arg(regs, 2));
	lnr_end_SYSCALL_CHOWN_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
#endif

#ifdef __TARGET_ARCH_x86
LNR_CALL(lchown)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_LCHOWN_X(&e);
	lnr_put_SYSCALL_LCHOWN_X_res(&e, ret);
	lnr_begin_param_SYSCALL_LCHOWN_X_path(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_LCHOWN_X_uid(&e, lnr_arg(regs, 1));
	lnr_put_SYSCALL_LCHOWN_X_gid(&e, lnr_arg(regs, 2));
	lnr_end_SYSCALL_LCHOWN_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
#endif

LNR_CALL(fchown)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 24), LNR_COUNT_DROP_DIR_FILE))
		return 0;
	lnr_begin_SYSCALL_FCHOWN_X(&e);
	lnr_put_SYSCALL_FCHOWN_X_res(&e, ret);
	lnr_put_SYSCALL_FCHOWN_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_FCHOWN_X_uid(&e, lnr_arg(regs, 1));
	lnr_put_SYSCALL_FCHOWN_X_gid(&e, lnr_arg(regs, 2));
	lnr_end_SYSCALL_FCHOWN_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(fchownat)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_FCHOWNAT_X(&e);
	lnr_put_SYSCALL_FCHOWNAT_X_res(&e, ret);
	lnr_put_SYSCALL_FCHOWNAT_X_dirfd(&e, lnr_arg_fd(regs, 0));
	lnr_begin_param_SYSCALL_FCHOWNAT_X_pathname(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_FCHOWNAT_X_uid(&e, lnr_arg(regs, 2));
	lnr_put_SYSCALL_FCHOWNAT_X_gid(&e, lnr_arg(regs, 3));
	lnr_put_SYSCALL_FCHOWNAT_X_flags(&e, lnr_fchownat_flags(lnr_arg(regs, 4)));
	lnr_end_SYSCALL_FCHOWNAT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
