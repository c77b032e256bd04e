/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* setns, unshare. */
LNR_CALL(setns)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 20), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_SETNS_X(&e);
	lnr_put_SYSCALL_SETNS_X_res(&e, ret);
	lnr_put_SYSCALL_SETNS_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_SETNS_X_nstype(&e, lnr_clone_flags(lnr_arg(regs, 1)));
	lnr_end_SYSCALL_SETNS_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(unshare)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 12), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_UNSHARE_X(&e);
	lnr_put_SYSCALL_UNSHARE_X_res(&e, ret);
	lnr_put_SYSCALL_UNSHARE_X_flags(&e, lnr_clone_flags(lnr_arg(regs, 0)));
	lnr_end_SYSCALL_UNSHARE_X(&e);
	lnr_submit(&e);
	return 0;
}
