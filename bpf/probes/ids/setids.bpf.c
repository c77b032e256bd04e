/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The setuid and setgid families: the ids asked for. */
LNR_CALL(setuid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 12), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_SETUID_X(&e);
	lnr_put_SYSCALL_SETUID_X_res(&e, ret);
	lnr_put_SYSCALL_SETUID_X_uid(&e, lnr_arg(regs, 0));
	lnr_end_SYSCALL_SETUID_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(setgid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 12), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_SETGID_X(&e);
	lnr_put_SYSCALL_SETGID_X_res(&e, ret);
	lnr_put_SYSCALL_SETGID_X_gid(&e, lnr_arg(regs, 0));
	lnr_end_SYSCALL_SETGID_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(setreuid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 16), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_SETREUID_X(&e);
	lnr_put_SYSCALL_SETREUID_X_res(&e, ret);
	lnr_put_SYSCALL_SETREUID_X_ruid(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_SETREUID_X_euid(&e, lnr_arg(regs, 1));
	lnr_end_SYSCALL_SETREUID_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(setregid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 16), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_SETREGID_X(&e);
	lnr_put_SYSCALL_SETREGID_X_res(&e, ret);
	lnr_put_SYSCALL_SETREGID_X_rgid(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_SETREGID_X_egid(&e, lnr_arg(regs, 1));
	lnr_end_SYSCALL_SETREGID_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(setresuid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 20), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_SETRESUID_X(&e);
	lnr_put_SYSCALL_SETRESUID_X_res(&e, ret);
	lnr_put_SYSCALL_SETRESUID_X_ruid(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_SETRESUID_X_euid(&e, lnr_arg(regs, 1));
	lnr_put_SYSCALL_SETRESUID_X_suid(&e, lnr_arg(regs, 2));
	lnr_end_SYSCALL_SETRESUID_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(setresgid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 20), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_SETRESGID_X(&e);
	lnr_put_SYSCALL_SETRESGID_X_res(&e, ret);
	lnr_put_SYSCALL_SETRESGID_X_rgid(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_SETRESGID_X_egid(&e, lnr_arg(regs, 1));
	lnr_put_SYSCALL_SETRESGID_X_sgid(&e, lnr_arg(regs, 2));
	lnr_end_SYSCALL_SETRESGID_X(&e);
	lnr_submit(&e);
	return 0;
}
