/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* dup, dup2, dup3, fcntl, close_range: descriptors copied, changed, closed in bulk. */
LNR_CALL(dup)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 16), LNR_COUNT_DROP_DIR_FILE))
		return 0;
	lnr_begin_SYSCALL_DUP_1_X(&e);
	lnr_put_SYSCALL_DUP_1_X_res(&e, ret);
	lnr_put_SYSCALL_DUP_1_X_oldfd(&e, lnr_arg_fd(regs, 0));
	lnr_end_SYSCALL_DUP_1_X(&e);
	lnr_submit(&e);
	return 0;
}

#ifdef __TARGET_ARCH_x86
LNR_CALL(dup2)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 24), LNR_COUNT_DROP_DIR_FILE))
		return 0;
	lnr_begin_SYSCALL_DUP2_X(&e);
	lnr_put_SYSCALL_DUP2_X_res(&e, ret);
	lnr_put_SYSCALL_DUP2_X_oldfd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_DUP2_X_newfd(&e, lnr_arg_fd(regs, 1));
	lnr_end_SYSCALL_DUP2_X(&e);
	lnr_submit(&e);
	return 0;
}
#endif

LNR_CALL(dup3)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 28), LNR_COUNT_DROP_DIR_FILE))
		return 0;
	lnr_begin_SYSCALL_DUP3_X(&e);
	lnr_put_SYSCALL_DUP3_X_res(&e, ret);
	lnr_put_SYSCALL_DUP3_X_oldfd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_DUP3_X_newfd(&e, lnr_arg_fd(regs, 1));
	lnr_put_SYSCALL_DUP3_X_flags(&e, LNR_MAP(lnr_arg(regs, 2), NAT_O_CLOEXEC, LNR_O_CLOEXEC));
	lnr_end_SYSCALL_DUP3_X(&e);
	lnr_submit(&e);
	return 0;
}

/* Native fcntl commands (include/uapi/asm-generic/fcntl.h, linux/fcntl.h), by their place. */
static __always_inline u8 lnr_fcntl_cmd(u32 cmd)
{
	switch (cmd) {
	case 0 ... 4: /* F_DUPFD … F_SETFL */
		return LNR_FCNTL_F_DUPFD + cmd;
	case 5:
		return LNR_FCNTL_F_GETLK;
	case 6 ... 7:
		return LNR_FCNTL_F_SETLK + (cmd - 6);
	case 8:
		return LNR_FCNTL_F_SETOWN;
	case 9 ... 10:
		return LNR_FCNTL_F_GETOWN + (cmd - 9);
	case 11:
		return LNR_FCNTL_F_GETSIG;
	case 12 ... 14:
		return LNR_FCNTL_F_GETLK64 + (cmd - 12);
	case 15 ... 16:
		return LNR_FCNTL_F_SETOWN_EX + (cmd - 15);
	case 36 ... 38:
		return LNR_FCNTL_F_OFD_GETLK + (cmd - 36);
	case 1024 ... 1025:
		return LNR_FCNTL_F_SETLEASE + (cmd - 1024);
	case 1026:
		return LNR_FCNTL_F_NOTIFY;
	case 1029 ... 1030:
		return LNR_FCNTL_F_CANCELLK + (cmd - 1029);
	case 1031 ... 1032:
		return LNR_FCNTL_F_SETPIPE_SZ + (cmd - 1031);
	default:
		return LNR_FCNTL_UNKNOWN;
	}
}

/* Wanted for state alone, commands matter that make a descriptor or change what exec does to one.
 */
LNR_CALL(fcntl)
{
	struct lnr_emit e;
	u8 cmd = lnr_fcntl_cmd(lnr_arg(regs, 1));
	bool state = cmd == LNR_FCNTL_F_DUPFD || cmd == LNR_FCNTL_F_DUPFD_CLOEXEC ||
		     cmd == LNR_FCNTL_F_SETFD;
	if ((!state && lnr_state_only(regs)) ||
		!lnr_reserve(&e, LNR_RECORD_SIZE(4, 25), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_FCNTL_X(&e);
	lnr_put_SYSCALL_FCNTL_X_res(&e, ret);
	lnr_put_SYSCALL_FCNTL_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_FCNTL_X_cmd(&e, cmd);
	lnr_put_SYSCALL_FCNTL_X_arg(&e, lnr_arg(regs, 2));
	lnr_end_SYSCALL_FCNTL_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(close_range)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 20), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_CLOSE_RANGE_X(&e);
	lnr_put_SYSCALL_CLOSE_RANGE_X_res(&e, ret);
	lnr_put_SYSCALL_CLOSE_RANGE_X_first(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_CLOSE_RANGE_X_last(&e, lnr_arg(regs, 1));
	/* Both flags have their native values. */
	lnr_put_SYSCALL_CLOSE_RANGE_X_flags(
		&e, lnr_arg(regs, 2) & (LNR_CLOSE_RANGE_UNSHARE | LNR_CLOSE_RANGE_CLOEXEC));
	lnr_end_SYSCALL_CLOSE_RANGE_X(&e);
	lnr_submit(&e);
	return 0;
}
