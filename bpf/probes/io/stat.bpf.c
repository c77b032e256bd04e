/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* stat, lstat, fstat, newfstatat, access, getcwd: questions about files. */
#ifdef __TARGET_ARCH_x86
LNR_CALL(stat)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_STAT_X(&e);
	lnr_put_SYSCALL_STAT_X_res(&e, ret);
	lnr_begin_param_SYSCALL_STAT_X_path(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_end_SYSCALL_STAT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(lstat)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_LSTAT_X(&e);
	lnr_put_SYSCALL_LSTAT_X_res(&e, ret);
	lnr_begin_param_SYSCALL_LSTAT_X_path(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_end_SYSCALL_LSTAT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(access)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_ACCESS_X(&e);
	lnr_put_SYSCALL_ACCESS_X_res(&e, ret);
	lnr_begin_param_SYSCALL_ACCESS_X_name(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	/* X_OK, W_OK and R_OK have their native values. */
	lnr_put_SYSCALL_ACCESS_X_mode(&e, lnr_arg(regs, 1) & (LNR_X_OK | LNR_W_OK | LNR_R_OK));
	lnr_end_SYSCALL_ACCESS_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}
#endif

LNR_CALL(fstat)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 16), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_FSTAT_X(&e);
	lnr_put_SYSCALL_FSTAT_X_res(&e, ret);
	lnr_put_SYSCALL_FSTAT_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_end_SYSCALL_FSTAT_X(&e);
	lnr_submit(&e);
	return 0;
}

/* These flags have their native values. */
#define LNR_FSTATAT_FLAGS (LNR_AT_SYMLINK_NOFOLLOW | LNR_AT_NO_AUTOMOUNT | LNR_AT_EMPTY_PATH)

LNR_CALL(newfstatat)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_NEWFSTATAT_X(&e);
	lnr_put_SYSCALL_NEWFSTATAT_X_res(&e, ret);
	lnr_put_SYSCALL_NEWFSTATAT_X_dirfd(&e, lnr_arg_fd(regs, 0));
	lnr_begin_param_SYSCALL_NEWFSTATAT_X_path(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_NEWFSTATAT_X_flags(&e, lnr_arg(regs, 3) & LNR_FSTATAT_FLAGS);
	lnr_end_SYSCALL_NEWFSTATAT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(getcwd)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_GETCWD_X(&e);
	lnr_put_SYSCALL_GETCWD_X_res(&e, ret);
	if (ret >= 0) {
		lnr_begin_param_SYSCALL_GETCWD_X_path(&e);
		lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	} else {
		lnr_skip_SYSCALL_GETCWD_X_path(&e);
	}
	lnr_end_SYSCALL_GETCWD_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}
