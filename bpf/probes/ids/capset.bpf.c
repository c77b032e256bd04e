/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* capset: the three sets as they are after the call. */
LNR_CALL(capset)
{
	struct lnr_emit e;
	const struct cred *c = BPF_CORE_READ(lnr_task(), cred);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 32), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_CAPSET_X(&e);
	lnr_put_SYSCALL_CAPSET_X_res(&e, ret);
	lnr_put_SYSCALL_CAPSET_X_cap_inheritable(&e, lnr_cred_caps(c, cap_inheritable));
	lnr_put_SYSCALL_CAPSET_X_cap_permitted(&e, lnr_cred_caps(c, cap_permitted));
	lnr_put_SYSCALL_CAPSET_X_cap_effective(&e, lnr_cred_caps(c, cap_effective));
	lnr_end_SYSCALL_CAPSET_X(&e);
	lnr_submit(&e);
	return 0;
}
