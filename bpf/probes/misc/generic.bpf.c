/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Every wanted call without an event of its own: which one it was. */
LNR_CALL(generic)
{
	struct lnr_emit e;
	u32 nr = lnr_native_nr(regs);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 4), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_GENERIC_X(&e);
	lnr_put_GENERIC_X_ID(&e, lnr_codes[nr & (LNR_SYSCALLS_MAX - 1)]);
	lnr_put_GENERIC_X_nativeID(&e, nr);
	lnr_end_GENERIC_X(&e);
	lnr_submit(&e);
	return 0;
}
