/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* sendto, sendmsg, sendmmsg: data out, and where to. */
LNR_CALL(sendto)
{
	struct lnr_emit e;
	s64 fd = lnr_arg_fd(regs, 0);
	u64 size = lnr_arg(regs, 2);
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SOCKET_SENDTO_X(&e);
	lnr_put_SOCKET_SENDTO_X_res(&e, ret);
	lnr_begin_param_SOCKET_SENDTO_X_data(&e);
	lnr_emit_user_bytes(&e, lnr_arg_ptr(regs, 1), lnr_snap_out(ret, size));
	lnr_put_SOCKET_SENDTO_X_fd(&e, fd);
	lnr_put_SOCKET_SENDTO_X_size(&e, size);
	if (ret >= 0) {
		lnr_begin_param_SOCKET_SENDTO_X_tuple(&e);
		lnr_emit_tuple(&e, fd, lnr_arg(regs, 4), lnr_arg(regs, 5), LNR_OUTBOUND);
	} else {
		lnr_skip_SOCKET_SENDTO_X_tuple(&e);
	}
	lnr_end_SOCKET_SENDTO_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(sendmsg)
{
	struct lnr_emit e;
	struct lnr_msghdr m = {0};
	s64 fd = lnr_arg_fd(regs, 0);
	bool readable = lnr_read_msghdr(&m, lnr_arg(regs, 1));
	u32 size = 0;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SOCKET_SENDMSG_X(&e);
	lnr_put_SOCKET_SENDMSG_X_res(&e, ret);
	lnr_begin_param_SOCKET_SENDMSG_X_data(&e);
	size = lnr_emit_iov(&e, (void *)m.iov, m.iovlen, lnr_snap_out(ret, lnr_snaplen));
	lnr_put_SOCKET_SENDMSG_X_fd(&e, fd);
	if (readable)
		lnr_put_SOCKET_SENDMSG_X_size(&e, size);
	else
		lnr_skip_SOCKET_SENDMSG_X_size(&e);
	if (ret >= 0) {
		lnr_begin_param_SOCKET_SENDMSG_X_tuple(&e);
		lnr_emit_tuple(&e, fd, m.name, m.namelen, LNR_OUTBOUND);
	} else {
		lnr_skip_SOCKET_SENDMSG_X_tuple(&e);
	}
	lnr_end_SOCKET_SENDMSG_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

/* One record for one message of sendmmsg. */
__noinline int lnr_emit_sent(u64 msg, s32 fd)
{
	struct lnr_emit e;
	struct lnr_msghdr m = {0};
	u32 sent = lnr_read_mmsghdr(&m, msg);
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SOCKET_SENDMMSG_X(&e);
	lnr_put_SOCKET_SENDMMSG_X_res(&e, sent);
	lnr_put_SOCKET_SENDMMSG_X_fd(&e, fd);
	/* The sum is known when the data are there, one place behind it. */
	u64 r = lnr_gather(e.at + sizeof(u32), m.iov, m.iovlen, lnr_snap(sent));
	u32 n = r >> 32;
	asm volatile("%0 &= 0xffff" : "+r"(n));
	lnr_put_SOCKET_SENDMMSG_X_size(&e, r);
	lnr_begin_param_SOCKET_SENDMMSG_X_data(&e);
	lnr_emit_done(&e, n);
	lnr_begin_param_SOCKET_SENDMMSG_X_tuple(&e);
	lnr_emit_tuple(&e, fd, m.name, m.namelen, LNR_OUTBOUND);
	lnr_end_SOCKET_SENDMMSG_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(sendmmsg)
{
	struct lnr_emit e;
	s32 fd = lnr_arg_fd(regs, 0);
	u64 msgs = lnr_arg(regs, 1);
	if (ret > 0) {
		for (u32 i = 0; i < LNR_MMSG_MAX && i < ret; i++)
			lnr_emit_sent(msgs + i * lnr_mmsghdr_size(), fd);
		return 0;
	}
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(5, 20), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SOCKET_SENDMMSG_X(&e);
	lnr_put_SOCKET_SENDMMSG_X_res(&e, ret);
	lnr_put_SOCKET_SENDMMSG_X_fd(&e, fd);
	lnr_put_SOCKET_SENDMMSG_X_size(&e, 0);
	lnr_skip_SOCKET_SENDMMSG_X_data(&e);
	lnr_skip_SOCKET_SENDMMSG_X_tuple(&e);
	lnr_end_SOCKET_SENDMMSG_X(&e);
	lnr_submit(&e);
	return 0;
}
