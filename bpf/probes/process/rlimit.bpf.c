/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* getrlimit, setrlimit, prlimit64. */
struct lnr_user_rlimit {
	s64 cur, max;
};

static __always_inline struct lnr_user_rlimit lnr_read_rlimit(const void *user, s64 unset)
{
	struct lnr_user_rlimit l = {unset, unset};
	if (user && bpf_probe_read_user(&l, sizeof(l), user))
		l.cur = l.max = unset;
	return l;
}

LNR_CALL(getrlimit)
{
	struct lnr_emit e;
	struct lnr_user_rlimit l = lnr_read_rlimit(ret ? NULL : lnr_arg_ptr(regs, 1), -1);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 25), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_GETRLIMIT_X(&e);
	lnr_put_SYSCALL_GETRLIMIT_X_res(&e, ret);
	lnr_put_SYSCALL_GETRLIMIT_X_cur(&e, l.cur);
	lnr_put_SYSCALL_GETRLIMIT_X_max(&e, l.max);
	lnr_put_SYSCALL_GETRLIMIT_X_resource(&e, lnr_rlimit(lnr_arg(regs, 0)));
	lnr_end_SYSCALL_GETRLIMIT_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(setrlimit)
{
	struct lnr_emit e;
	struct lnr_user_rlimit l = lnr_read_rlimit(lnr_arg_ptr(regs, 1), 0);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 25), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_SETRLIMIT_X(&e);
	lnr_put_SYSCALL_SETRLIMIT_X_res(&e, ret);
	lnr_put_SYSCALL_SETRLIMIT_X_cur(&e, l.cur);
	lnr_put_SYSCALL_SETRLIMIT_X_max(&e, l.max);
	lnr_put_SYSCALL_SETRLIMIT_X_resource(&e, lnr_rlimit(lnr_arg(regs, 0)));
	lnr_end_SYSCALL_SETRLIMIT_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(prlimit64)
{
	struct lnr_emit e;
	struct lnr_user_rlimit n = lnr_read_rlimit(lnr_arg_ptr(regs, 2), 0);
	struct lnr_user_rlimit o = lnr_read_rlimit(ret ? NULL : lnr_arg_ptr(regs, 3), -1);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(7, 49), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_PRLIMIT_X(&e);
	lnr_put_SYSCALL_PRLIMIT_X_res(&e, ret);
	lnr_put_SYSCALL_PRLIMIT_X_newcur(&e, n.cur);
	lnr_put_SYSCALL_PRLIMIT_X_newmax(&e, n.max);
	lnr_put_SYSCALL_PRLIMIT_X_oldcur(&e, o.cur);
	lnr_put_SYSCALL_PRLIMIT_X_oldmax(&e, o.max);
	lnr_put_SYSCALL_PRLIMIT_X_pid(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_PRLIMIT_X_resource(&e, lnr_rlimit(lnr_arg(regs, 1)));
	lnr_end_SYSCALL_PRLIMIT_X(&e);
	lnr_submit(&e);
	return 0;
}
