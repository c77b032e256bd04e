/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* close. Wanted for state alone, only descriptors 0 to 2 matter (capture.h says why); the
 * dispatcher knows. */
LNR_CALL(close)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 16), LNR_COUNT_DROP_CLOSE))
		return 0;
	lnr_begin_SYSCALL_CLOSE_X(&e);
	lnr_put_SYSCALL_CLOSE_X_res(&e, ret);
	lnr_put_SYSCALL_CLOSE_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_end_SYSCALL_CLOSE_X(&e);
	lnr_submit(&e);
	return 0;
}
