/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* capset: the three sets as they are after the call. */
LNR_CALL(capset)
{
	struct lnr_emit e;
	struct task_struct *t = lnr_task();
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 32), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_CAPSET_X(&e);
	lnr_put_SYSCALL_CAPSET_X_res(&e, ret);
	lnr_put_SYSCALL_CAPSET_X_cap_inheritable(
		&e, lnr_task_cred(t, cap_inheritable.val) & LNR_CAPS_KNOWN);
	lnr_put_SYSCALL_CAPSET_X_cap_permitted(
		&e, lnr_task_cred(t, cap_permitted.val) & LNR_CAPS_KNOWN);
	lnr_put_SYSCALL_CAPSET_X_cap_effective(
		&e, lnr_task_cred(t, cap_effective.val) & LNR_CAPS_KNOWN);
	lnr_end_SYSCALL_CAPSET_X(&e);
	lnr_submit(&e);
	return 0;
}
