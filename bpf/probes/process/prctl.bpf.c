/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* prctl: the option raw, its argument as text or number. */
LNR_CALL(prctl)
{
	struct lnr_emit e;
	u32 option = lnr_arg(regs, 0);
	bool name = option == LNR_PR_SET_NAME || option == LNR_PR_GET_NAME;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_PRCTL_X(&e);
	lnr_put_SYSCALL_PRCTL_X_res(&e, ret);
	lnr_put_SYSCALL_PRCTL_X_option(&e, option);
	lnr_begin_param_SYSCALL_PRCTL_X_arg2_str(&e);
	lnr_emit_user_str(&e, name ? lnr_arg_ptr(regs, 1) : NULL, LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_PRCTL_X_arg2_int(&e, name ? 0
					     : option == LNR_PR_GET_CHILD_SUBREAPER
						     ? (s64)(s32)lnr_user_u32(lnr_arg_ptr(regs, 1))
						     : (s64)lnr_arg(regs, 1));
	lnr_end_SYSCALL_PRCTL_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}
