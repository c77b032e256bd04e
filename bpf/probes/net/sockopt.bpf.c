/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* setsockopt, getsockopt: which option, and its value. */
LNR_CALL(setsockopt)
{
	struct lnr_emit e;
	s32 level = lnr_arg(regs, 1), name = lnr_arg(regs, 2);
	u16 len = lnr_arg(regs, 4);
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SOCKET_SETSOCKOPT_X(&e);
	lnr_put_SOCKET_SETSOCKOPT_X_res(&e, ret);
	lnr_put_SOCKET_SETSOCKOPT_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SOCKET_SETSOCKOPT_X_level(&e, lnr_sockopt_level(level));
	lnr_put_SOCKET_SETSOCKOPT_X_optname(&e, lnr_sockopt_name(level, name));
	lnr_begin_param_SOCKET_SETSOCKOPT_X_val(&e);
	lnr_emit_sockopt(&e, level, name, lnr_arg(regs, 3), len);
	lnr_put_SOCKET_SETSOCKOPT_X_optlen(&e, len);
	lnr_end_SOCKET_SETSOCKOPT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(getsockopt)
{
	struct lnr_emit e;
	s32 level = lnr_arg(regs, 1), name = lnr_arg(regs, 2);
	u32 len = 0;
	if (!lnr_open(&e))
		return 0;
	bpf_probe_read_user(&len, sizeof(len), lnr_arg_ptr(regs, 4));
	lnr_begin_SOCKET_GETSOCKOPT_X(&e);
	lnr_put_SOCKET_GETSOCKOPT_X_res(&e, ret);
	lnr_put_SOCKET_GETSOCKOPT_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SOCKET_GETSOCKOPT_X_level(&e, lnr_sockopt_level(level));
	lnr_put_SOCKET_GETSOCKOPT_X_optname(&e, lnr_sockopt_name(level, name));
	lnr_begin_param_SOCKET_GETSOCKOPT_X_val(&e);
	lnr_emit_sockopt(&e, level, name, lnr_arg(regs, 3), len);
	lnr_put_SOCKET_GETSOCKOPT_X_optlen(&e, len);
	lnr_end_SOCKET_GETSOCKOPT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}
