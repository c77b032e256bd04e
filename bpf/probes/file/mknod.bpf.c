/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* mknod, mknodat. */
#ifdef __TARGET_ARCH_x86
LNR_CALL(mknod)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_MKNOD_X(&e);
	lnr_put_SYSCALL_MKNOD_X_res(&e, ret);
	lnr_begin_param_SYSCALL_MKNOD_X_path(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_MKNOD_X_mode(&e, lnr_mknod_mode(lnr_arg(regs, 1)));
	lnr_put_SYSCALL_MKNOD_X_dev(&e, lnr_user_dev(lnr_arg(regs, 2)));
	lnr_end_SYSCALL_MKNOD_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
#endif

LNR_CALL(mknodat)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_MKNODAT_X(&e);
	lnr_put_SYSCALL_MKNODAT_X_res(&e, ret);
	lnr_put_SYSCALL_MKNODAT_X_dirfd(&e, lnr_arg_fd(regs, 0));
	lnr_begin_param_SYSCALL_MKNODAT_X_path(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_MKNODAT_X_mode(&e, lnr_mknod_mode(lnr_arg(regs, 2)));
	lnr_put_SYSCALL_MKNODAT_X_dev(&e, lnr_user_dev(lnr_arg(regs, 3)));
	lnr_end_SYSCALL_MKNODAT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
