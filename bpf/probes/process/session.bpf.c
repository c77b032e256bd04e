/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* setsid, setpgid. */
LNR_CALL(setsid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(1, 8), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_SETSID_X(&e);
	lnr_put_SYSCALL_SETSID_X_res(&e, ret);
	lnr_end_SYSCALL_SETSID_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(setpgid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 24), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_SETPGID_X(&e);
	lnr_put_SYSCALL_SETPGID_X_res(&e, ret);
	lnr_put_SYSCALL_SETPGID_X_pid(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_SETPGID_X_pgid(&e, lnr_arg_fd(regs, 1));
	lnr_end_SYSCALL_SETPGID_X(&e);
	lnr_submit(&e);
	return 0;
}
