/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* seccomp. */
LNR_CALL(seccomp)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 24), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_SECCOMP_X(&e);
	lnr_put_SYSCALL_SECCOMP_X_res(&e, ret);
	lnr_put_SYSCALL_SECCOMP_X_op(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_SECCOMP_X_flags(&e, (u32)lnr_arg(regs, 1));
	lnr_end_SYSCALL_SECCOMP_X(&e);
	lnr_submit(&e);
	return 0;
}
