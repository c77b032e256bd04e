/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * read, write and their relatives. Of what came in the data are those that came; of what should go
 * out they are told of a failure, too.
 */

/* File position: one argument, two 32-bit ones for compat callers. */
static __always_inline u64 lnr_arg_pos(const struct pt_regs *regs)
{
	u64 pos = lnr_arg(regs, 3);
	return lnr_is_compat() ? pos | lnr_arg(regs, 4) << 32 : pos;
}

#define LNR_EMIT_IN(EV, e, regs, ret)                                                      \
	do {                                                                               \
		lnr_begin_##EV(e);                                                         \
		lnr_put_##EV##_res(e, ret);                                                \
		lnr_begin_param_##EV##_data(e);                                            \
		lnr_emit_user_bytes(e, lnr_arg_ptr(regs, 1), ret > 0 ? lnr_snap(ret) : 0); \
		lnr_put_##EV##_fd(e, lnr_arg_fd(regs, 0));                                 \
		lnr_put_##EV##_size(e, lnr_arg(regs, 2));                                  \
	} while (0)

#define LNR_EMIT_OUT(EV, e, regs, ret)                                                             \
	do {                                                                                       \
		lnr_begin_##EV(e);                                                                 \
		lnr_put_##EV##_res(e, ret);                                                        \
		lnr_begin_param_##EV##_data(e);                                                    \
		lnr_emit_user_bytes(e, lnr_arg_ptr(regs, 1), lnr_snap_out(ret, lnr_arg(regs, 2))); \
		lnr_put_##EV##_fd(e, lnr_arg_fd(regs, 0));                                         \
		lnr_put_##EV##_size(e, lnr_arg(regs, 2));                                          \
	} while (0)

#define LNR_EMIT_IN_VECTORS(EV, e, regs, ret)                                                   \
	do {                                                                                    \
		lnr_begin_##EV(e);                                                              \
		lnr_put_##EV##_res(e, ret);                                                     \
		lnr_put_##EV##_size(e, ret > 0 ? ret : 0);                                      \
		if (ret > 0) {                                                                  \
			lnr_begin_param_##EV##_data(e);                                         \
			lnr_emit_iov(                                                           \
				e, lnr_arg_ptr(regs, 1), (u32)lnr_arg(regs, 2), lnr_snap(ret)); \
		} else {                                                                        \
			lnr_skip_##EV##_data(e);                                                \
		}                                                                               \
		lnr_put_##EV##_fd(e, lnr_arg_fd(regs, 0));                                      \
	} while (0)

#define LNR_EMIT_OUT_VECTORS(EV, e, regs, ret)                                          \
	do {                                                                            \
		lnr_begin_##EV(e);                                                      \
		lnr_put_##EV##_res(e, ret);                                             \
		lnr_begin_param_##EV##_data(e);                                         \
		u32 sum_ = lnr_emit_iov(e, lnr_arg_ptr(regs, 1), (u32)lnr_arg(regs, 2), \
			lnr_snap_out(ret, lnr_snaplen));                                \
		lnr_put_##EV##_fd(e, lnr_arg_fd(regs, 0));                              \
		lnr_put_##EV##_size(e, sum_);                                           \
	} while (0)

LNR_CALL(read)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_IN(SYSCALL_READ_X, &e, regs, ret);
	lnr_end_SYSCALL_READ_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(pread64)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_IN(SYSCALL_PREAD_X, &e, regs, ret);
	lnr_put_SYSCALL_PREAD_X_pos(&e, lnr_arg_pos(regs));
	lnr_end_SYSCALL_PREAD_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(write)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_OUT(SYSCALL_WRITE_X, &e, regs, ret);
	lnr_end_SYSCALL_WRITE_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(pwrite64)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_OUT(SYSCALL_PWRITE_X, &e, regs, ret);
	lnr_put_SYSCALL_PWRITE_X_pos(&e, lnr_arg_pos(regs));
	lnr_end_SYSCALL_PWRITE_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(readv)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_IN_VECTORS(SYSCALL_READV_X, &e, regs, ret);
	lnr_end_SYSCALL_READV_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(preadv)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_IN_VECTORS(SYSCALL_PREADV_X, &e, regs, ret);
	lnr_put_SYSCALL_PREADV_X_pos(&e, lnr_arg_pos(regs));
	lnr_end_SYSCALL_PREADV_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(writev)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_OUT_VECTORS(SYSCALL_WRITEV_X, &e, regs, ret);
	lnr_end_SYSCALL_WRITEV_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(pwritev)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_OUT_VECTORS(SYSCALL_PWRITEV_X, &e, regs, ret);
	lnr_put_SYSCALL_PWRITEV_X_pos(&e, lnr_arg_pos(regs));
	lnr_end_SYSCALL_PWRITEV_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}
