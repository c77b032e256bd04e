/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* socket, socketpair: a new endpoint. */
LNR_CALL(socket)
{
	struct lnr_emit e;
	u64 type = lnr_arg(regs, 1);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(5, 24), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SOCKET_SOCKET_X(&e);
	lnr_put_SOCKET_SOCKET_X_fd(&e, ret);
	lnr_put_SOCKET_SOCKET_X_domain(&e, lnr_family_of(lnr_arg(regs, 0)));
	lnr_put_SOCKET_SOCKET_X_type(&e, type);
	lnr_put_SOCKET_SOCKET_X_proto(&e, lnr_arg(regs, 2));
	lnr_put_SOCKET_SOCKET_X_flags(&e, lnr_sock_flags(type));
	lnr_end_SOCKET_SOCKET_X(&e);
	lnr_submit(&e);
	return 0;
}

/* The sockets' own addresses name both ends wherever a unix tuple occurs. */
LNR_CALL(socketpair)
{
	struct lnr_emit e;
	s32 fds[2] = {-1, -1};
	struct unix_sock *one = NULL;
	struct sock *other = NULL;
	if (ret == 0) {
		bpf_probe_read_user(fds, sizeof(fds), lnr_arg_ptr(regs, 3));
		one = (void *)lnr_sock(fds[0]);
		if (BPF_CORE_READ((struct sock *)one, __sk_common.skc_family) == LNR_AF_UNIX)
			other = BPF_CORE_READ(one, peer);
	}
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(8, 52), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SOCKET_SOCKETPAIR_X(&e);
	lnr_put_SOCKET_SOCKETPAIR_X_res(&e, ret);
	lnr_put_SOCKET_SOCKETPAIR_X_fd1(&e, fds[0]);
	lnr_put_SOCKET_SOCKETPAIR_X_fd2(&e, fds[1]);
	lnr_put_SOCKET_SOCKETPAIR_X_source(&e, (u64)one);
	lnr_put_SOCKET_SOCKETPAIR_X_peer(&e, (u64)other);
	lnr_put_SOCKET_SOCKETPAIR_X_domain(&e, lnr_family_of(lnr_arg(regs, 0)));
	lnr_put_SOCKET_SOCKETPAIR_X_type(&e, lnr_arg(regs, 1));
	lnr_put_SOCKET_SOCKETPAIR_X_proto(&e, lnr_arg(regs, 2));
	lnr_end_SOCKET_SOCKETPAIR_X(&e);
	lnr_submit(&e);
	return 0;
}
