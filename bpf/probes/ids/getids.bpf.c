/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Getters of ids: the result is the id. */
LNR_CALL(getuid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(1, 4), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_GETUID_X(&e);
	lnr_put_SYSCALL_GETUID_X_uid(&e, ret);
	lnr_end_SYSCALL_GETUID_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(geteuid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(1, 4), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_GETEUID_X(&e);
	lnr_put_SYSCALL_GETEUID_X_euid(&e, ret);
	lnr_end_SYSCALL_GETEUID_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(getgid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(1, 4), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_GETGID_X(&e);
	lnr_put_SYSCALL_GETGID_X_gid(&e, ret);
	lnr_end_SYSCALL_GETGID_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(getegid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(1, 4), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_GETEGID_X(&e);
	lnr_put_SYSCALL_GETEGID_X_egid(&e, ret);
	lnr_end_SYSCALL_GETEGID_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(getresuid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 20), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_GETRESUID_X(&e);
	lnr_put_SYSCALL_GETRESUID_X_res(&e, ret);
	lnr_put_SYSCALL_GETRESUID_X_ruid(&e, lnr_user_u32(lnr_arg_ptr(regs, 0)));
	lnr_put_SYSCALL_GETRESUID_X_euid(&e, lnr_user_u32(lnr_arg_ptr(regs, 1)));
	lnr_put_SYSCALL_GETRESUID_X_suid(&e, lnr_user_u32(lnr_arg_ptr(regs, 2)));
	lnr_end_SYSCALL_GETRESUID_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(getresgid)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 20), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_GETRESGID_X(&e);
	lnr_put_SYSCALL_GETRESGID_X_res(&e, ret);
	lnr_put_SYSCALL_GETRESGID_X_rgid(&e, lnr_user_u32(lnr_arg_ptr(regs, 0)));
	lnr_put_SYSCALL_GETRESGID_X_egid(&e, lnr_user_u32(lnr_arg_ptr(regs, 1)));
	lnr_put_SYSCALL_GETRESGID_X_sgid(&e, lnr_user_u32(lnr_arg_ptr(regs, 2)));
	lnr_end_SYSCALL_GETRESGID_X(&e);
	lnr_submit(&e);
	return 0;
}
