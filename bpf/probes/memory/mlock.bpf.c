/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* mlock and its kin. */
LNR_CALL(mlock)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 24), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_MLOCK_X(&e);
	lnr_put_SYSCALL_MLOCK_X_res(&e, ret);
	lnr_put_SYSCALL_MLOCK_X_addr(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_MLOCK_X_len(&e, lnr_arg(regs, 1));
	lnr_end_SYSCALL_MLOCK_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(munlock)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 24), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_MUNLOCK_X(&e);
	lnr_put_SYSCALL_MUNLOCK_X_res(&e, ret);
	lnr_put_SYSCALL_MUNLOCK_X_addr(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_MUNLOCK_X_len(&e, lnr_arg(regs, 1));
	lnr_end_SYSCALL_MUNLOCK_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(mlock2)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 28), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_MLOCK2_X(&e);
	lnr_put_SYSCALL_MLOCK2_X_res(&e, ret);
	lnr_put_SYSCALL_MLOCK2_X_addr(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_MLOCK2_X_len(&e, lnr_arg(regs, 1));
	lnr_put_SYSCALL_MLOCK2_X_flags(&e, lnr_arg(regs, 2) & 1 ? LNR_MLOCK_ONFAULT : 0);
	lnr_end_SYSCALL_MLOCK2_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(mlockall)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 12), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_MLOCKALL_X(&e);
	lnr_put_SYSCALL_MLOCKALL_X_res(&e, ret);
	lnr_put_SYSCALL_MLOCKALL_X_flags(&e, lnr_arg(regs, 0) & 7);
	lnr_end_SYSCALL_MLOCKALL_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(munlockall)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(1, 8), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_MUNLOCKALL_X(&e);
	lnr_put_SYSCALL_MUNLOCKALL_X_res(&e, ret);
	lnr_end_SYSCALL_MUNLOCKALL_X(&e);
	lnr_submit(&e);
	return 0;
}
