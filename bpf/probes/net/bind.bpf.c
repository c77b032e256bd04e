/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* bind, listen, shutdown. */
LNR_CALL(bind)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SOCKET_BIND_X(&e);
	lnr_put_SOCKET_BIND_X_res(&e, ret);
	lnr_begin_param_SOCKET_BIND_X_addr(&e);
	lnr_emit_addr(&e, lnr_arg(regs, 1), (u16)lnr_arg(regs, 2));
	lnr_put_SOCKET_BIND_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_end_SOCKET_BIND_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(listen)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 20), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SOCKET_LISTEN_X(&e);
	lnr_put_SOCKET_LISTEN_X_res(&e, ret);
	lnr_put_SOCKET_LISTEN_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SOCKET_LISTEN_X_backlog(&e, lnr_arg(regs, 1));
	lnr_end_SOCKET_LISTEN_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(shutdown)
{
	struct lnr_emit e;
	u64 how = lnr_arg(regs, 1);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 17), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SOCKET_SHUTDOWN_X(&e);
	lnr_put_SOCKET_SHUTDOWN_X_res(&e, ret);
	lnr_put_SOCKET_SHUTDOWN_X_fd(&e, lnr_arg_fd(regs, 0));
	/* The three known ones have their native numbers; LNR_SHUT_UNKNOWN is cut to 8 bits. */
	lnr_put_SOCKET_SHUTDOWN_X_how(&e, how <= LNR_SHUT_RDWR ? how : (u8)LNR_SHUT_UNKNOWN);
	lnr_end_SOCKET_SHUTDOWN_X(&e);
	lnr_submit(&e);
	return 0;
}
