/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* accept, accept4: who connected, and how full the queue of the listening socket is. */
struct lnr_queue {
	u32 len, max;
	u8 pct;
};

static __always_inline void lnr_accept_queue(s64 ret, s32 fd, struct lnr_queue *q)
{
	struct sock *sk = ret >= 0 ? lnr_sock(fd) : NULL;
	q->len = BPF_CORE_READ(sk, sk_ack_backlog);
	q->max = BPF_CORE_READ(sk, sk_max_ack_backlog);
	q->pct = q->len && q->max ? (u64)q->len * 100 / q->max : 0;
}

#define LNR_EMIT_ACCEPT(EV, e, ret, fd)                            \
	do {                                                       \
		struct lnr_queue q;                                \
		lnr_accept_queue(ret, fd, &q);                     \
		lnr_begin_##EV(e);                                 \
		lnr_put_##EV##_fd(e, ret);                         \
		if (ret >= 0) {                                    \
			lnr_begin_param_##EV##_tuple(e);           \
			lnr_emit_tuple(e, ret, 0, 0, LNR_INBOUND); \
		} else {                                           \
			lnr_skip_##EV##_tuple(e);                  \
		}                                                  \
		lnr_put_##EV##_queuepct(e, q.pct);                 \
		lnr_put_##EV##_queuelen(e, q.len);                 \
		lnr_put_##EV##_queuemax(e, q.max);                 \
	} while (0)

LNR_CALL(accept)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_ACCEPT(SOCKET_ACCEPT_5_X, &e, ret, lnr_arg_fd(regs, 0));
	lnr_end_SOCKET_ACCEPT_5_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(accept4)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_ACCEPT(SOCKET_ACCEPT4_6_X, &e, ret, lnr_arg_fd(regs, 0));
	lnr_put_SOCKET_ACCEPT4_6_X_flags(&e, lnr_sock_flags(lnr_arg(regs, 3)));
	lnr_end_SOCKET_ACCEPT4_6_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}
