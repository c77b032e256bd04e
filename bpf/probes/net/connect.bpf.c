/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* connect: the tuple as the kernel has it, when it has one; the address as the caller gave it. */
#define LNR_EINPROGRESS 115

LNR_CALL(connect)
{
	struct lnr_emit e;
	s64 fd = lnr_arg_fd(regs, 0);
	u64 addr = lnr_arg(regs, 1);
	u16 len = lnr_arg(regs, 2);
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SOCKET_CONNECT_X(&e);
	lnr_put_SOCKET_CONNECT_X_res(&e, ret);
	if (ret == 0 || ret == -LNR_EINPROGRESS) {
		lnr_begin_param_SOCKET_CONNECT_X_tuple(&e);
		lnr_emit_tuple(&e, fd, addr, len, LNR_OUTBOUND);
	} else {
		lnr_skip_SOCKET_CONNECT_X_tuple(&e);
	}
	lnr_put_SOCKET_CONNECT_X_fd(&e, fd);
	lnr_begin_param_SOCKET_CONNECT_X_addr(&e);
	lnr_emit_addr(&e, addr, len);
	lnr_end_SOCKET_CONNECT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_CONNECT);
	return 0;
}
