/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* kill, tkill, tgkill: who is to get which signal. */
LNR_CALL(kill)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 17), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_KILL_X(&e);
	lnr_put_SYSCALL_KILL_X_res(&e, ret);
	lnr_put_SYSCALL_KILL_X_pid(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_KILL_X_sig(&e, lnr_arg(regs, 1));
	lnr_end_SYSCALL_KILL_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(tkill)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 17), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_TKILL_X(&e);
	lnr_put_SYSCALL_TKILL_X_res(&e, ret);
	lnr_put_SYSCALL_TKILL_X_tid(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_TKILL_X_sig(&e, lnr_arg(regs, 1));
	lnr_end_SYSCALL_TKILL_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(tgkill)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 25), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_TGKILL_X(&e);
	lnr_put_SYSCALL_TGKILL_X_res(&e, ret);
	lnr_put_SYSCALL_TGKILL_X_pid(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_TGKILL_X_tid(&e, lnr_arg_fd(regs, 1));
	lnr_put_SYSCALL_TGKILL_X_sig(&e, lnr_arg(regs, 2));
	lnr_end_SYSCALL_TGKILL_X(&e);
	lnr_submit(&e);
	return 0;
}
