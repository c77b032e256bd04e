/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * recvfrom, recvmsg, recvmmsg: data in, and where from. Wanted for state alone, messages matter
 * that brought control data: descriptors come that way.
 */
LNR_CALL(recvfrom)
{
	struct lnr_emit e;
	s64 fd = lnr_arg_fd(regs, 0);
	u32 addr_len = 0;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SOCKET_RECVFROM_X(&e);
	lnr_put_SOCKET_RECVFROM_X_res(&e, ret);
	if (ret >= 0) {
		lnr_begin_param_SOCKET_RECVFROM_X_data(&e);
		lnr_emit_user_bytes(&e, lnr_arg_ptr(regs, 1), lnr_snap(ret));
		lnr_begin_param_SOCKET_RECVFROM_X_tuple(&e);
		bpf_probe_read_user(&addr_len, sizeof(addr_len), lnr_arg_ptr(regs, 5));
		lnr_emit_tuple(&e, fd, lnr_arg(regs, 4), addr_len, LNR_INBOUND);
	} else {
		lnr_skip_SOCKET_RECVFROM_X_data(&e);
		lnr_skip_SOCKET_RECVFROM_X_tuple(&e);
	}
	lnr_put_SOCKET_RECVFROM_X_fd(&e, fd);
	lnr_put_SOCKET_RECVFROM_X_size(&e, lnr_arg(regs, 2));
	lnr_end_SOCKET_RECVFROM_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

/* Length of the control data of a message; 0 when there are none or too many for a parameter. */
static __always_inline u32 lnr_control_len(const struct lnr_msghdr *m)
{
	return m->control && m->controllen <= LNR_PARAM_MAX ? m->controllen : 0;
}

LNR_CALL(recvmsg)
{
	struct lnr_emit e;
	struct lnr_msghdr m = {0};
	s64 fd = lnr_arg_fd(regs, 0);
	if (ret >= 0)
		lnr_read_msghdr(&m, lnr_arg(regs, 1));
	u32 control = lnr_control_len(&m);
	if ((!control && lnr_state_only(regs)) || !lnr_open(&e))
		return 0;
	lnr_begin_SOCKET_RECVMSG_X(&e);
	lnr_put_SOCKET_RECVMSG_X_res(&e, ret);
	lnr_put_SOCKET_RECVMSG_X_size(&e, ret >= 0 ? ret : 0);
	if (ret >= 0) {
		lnr_begin_param_SOCKET_RECVMSG_X_data(&e);
		lnr_emit_iov(&e, (void *)m.iov, m.iovlen, lnr_snap(ret));
		lnr_begin_param_SOCKET_RECVMSG_X_tuple(&e);
		lnr_emit_tuple(&e, fd, m.name, m.namelen, LNR_INBOUND);
		lnr_begin_param_SOCKET_RECVMSG_X_msgcontrol(&e);
		lnr_emit_user_bytes(&e, (void *)m.control, control);
	} else {
		lnr_skip_SOCKET_RECVMSG_X_data(&e);
		lnr_skip_SOCKET_RECVMSG_X_tuple(&e);
		lnr_skip_SOCKET_RECVMSG_X_msgcontrol(&e);
	}
	lnr_put_SOCKET_RECVMSG_X_fd(&e, fd);
	lnr_end_SOCKET_RECVMSG_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

/* One record for one message of recvmmsg. */
__noinline int lnr_emit_received(u64 msg, s32 fd, u32 state_only)
{
	struct lnr_emit e;
	struct lnr_msghdr m = {0};
	u32 got = lnr_read_mmsghdr(&m, msg), control = lnr_control_len(&m);
	if ((!control && state_only) || !lnr_open(&e))
		return 0;
	lnr_begin_SOCKET_RECVMMSG_X(&e);
	lnr_put_SOCKET_RECVMMSG_X_res(&e, got);
	lnr_put_SOCKET_RECVMMSG_X_fd(&e, fd);
	lnr_put_SOCKET_RECVMMSG_X_size(&e, got);
	lnr_begin_param_SOCKET_RECVMMSG_X_data(&e);
	lnr_emit_iov(&e, (void *)m.iov, m.iovlen, lnr_snap(got));
	lnr_begin_param_SOCKET_RECVMMSG_X_tuple(&e);
	lnr_emit_tuple(&e, fd, m.name, m.namelen, LNR_INBOUND);
	lnr_begin_param_SOCKET_RECVMMSG_X_msgcontrol(&e);
	lnr_emit_user_bytes(&e, (void *)m.control, control);
	lnr_end_SOCKET_RECVMMSG_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(recvmmsg)
{
	struct lnr_emit e;
	s32 fd = lnr_arg_fd(regs, 0);
	u64 msgs = lnr_arg(regs, 1);
	bool state_only = lnr_state_only(regs);
	if (ret > 0) {
		for (u32 i = 0; i < LNR_MMSG_MAX && i < ret; i++)
			lnr_emit_received(msgs + i * lnr_mmsghdr_size(), fd, state_only);
		return 0;
	}
	if (state_only || !lnr_reserve(&e, LNR_RECORD_SIZE(6, 20), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SOCKET_RECVMMSG_X(&e);
	lnr_put_SOCKET_RECVMMSG_X_res(&e, ret);
	lnr_put_SOCKET_RECVMMSG_X_fd(&e, fd);
	lnr_put_SOCKET_RECVMMSG_X_size(&e, 0);
	lnr_skip_SOCKET_RECVMMSG_X_data(&e);
	lnr_skip_SOCKET_RECVMMSG_X_tuple(&e);
	lnr_skip_SOCKET_RECVMMSG_X_msgcontrol(&e);
	lnr_end_SOCKET_RECVMMSG_X(&e);
	lnr_submit(&e);
	return 0;
}
