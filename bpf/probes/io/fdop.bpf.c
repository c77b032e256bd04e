/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* ioctl, lseek, flock, getdents: calls on a descriptor that move no data. */
LNR_CALL(ioctl)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 32), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_IOCTL_3_X(&e);
	lnr_put_SYSCALL_IOCTL_3_X_res(&e, ret);
	lnr_put_SYSCALL_IOCTL_3_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_IOCTL_3_X_request(&e, lnr_arg(regs, 1));
	lnr_put_SYSCALL_IOCTL_3_X_argument(&e, lnr_arg(regs, 2));
	lnr_end_SYSCALL_IOCTL_3_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(lseek)
{
	struct lnr_emit e;
	u64 whence = lnr_arg(regs, 2);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 25), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_LSEEK_X(&e);
	lnr_put_SYSCALL_LSEEK_X_res(&e, ret);
	lnr_put_SYSCALL_LSEEK_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_LSEEK_X_offset(&e, lnr_arg(regs, 1));
	/* The three known ones have their native values. */
	lnr_put_SYSCALL_LSEEK_X_whence(&e, whence <= LNR_SEEK_END ? whence : 0);
	lnr_end_SYSCALL_LSEEK_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(flock)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 20), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_FLOCK_X(&e);
	lnr_put_SYSCALL_FLOCK_X_res(&e, ret);
	lnr_put_SYSCALL_FLOCK_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_FLOCK_X_operation(
		&e, lnr_arg(regs, 1) & (LNR_LOCK_SH | LNR_LOCK_EX | LNR_LOCK_NB | LNR_LOCK_UN));
	lnr_end_SYSCALL_FLOCK_X(&e);
	lnr_submit(&e);
	return 0;
}

#ifdef __TARGET_ARCH_x86
LNR_CALL(getdents)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 16), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_GETDENTS_X(&e);
	lnr_put_SYSCALL_GETDENTS_X_res(&e, ret);
	lnr_put_SYSCALL_GETDENTS_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_end_SYSCALL_GETDENTS_X(&e);
	lnr_submit(&e);
	return 0;
}
#endif

LNR_CALL(getdents64)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 16), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_GETDENTS64_X(&e);
	lnr_put_SYSCALL_GETDENTS64_X_res(&e, ret);
	lnr_put_SYSCALL_GETDENTS64_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_end_SYSCALL_GETDENTS64_X(&e);
	lnr_submit(&e);
	return 0;
}
