/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* poll, ppoll, select, epoll_wait: waiting for descriptors. */
#define LNR_POLL_MAX 16 /* spec events-and-state 4 */
#define LNR_NS_PER_S 1000000000ULL

struct lnr_pollfd {
	s32 fd;
	u16 events, revents;
};

/* POLLIN, POLLPRI, POLLOUT keep their bits, the others make room for POLLRDHUP. */
static __always_inline u16 lnr_poll_flags(u16 f)
{
	return (f & 0x7) | (f & 0x1f8) << 1 | (f & 0x200) << 1 | (f & 0x2000 ? LNR_POLLRDHUP : 0);
}

/* FDLIST with what was found; a list that cannot be read has no entry. */
__noinline int lnr_write_fdlist(u32 at, u64 user, u32 n)
{
	struct lnr_scratch *s = lnr_scratch_get();
	if (!s)
		return 0;
	if (n > LNR_POLL_MAX)
		n = LNR_POLL_MAX;
	struct lnr_pollfd *f = (void *)(s->b + LNR_SCRATCH_WORK);
	u32 size = n * sizeof(*f);
	asm volatile("%0 &= 0xff" : "+r"(size));
	if (bpf_probe_read_user(f, size, (void *)user))
		n = 0;
	asm volatile("%0 &= 0xffff" : "+r"(at));
	u8 *p = s->b + at;
	*(u16 *)p = n;
	for (u32 i = 0; i < LNR_POLL_MAX; i++) {
		if (i >= n)
			break;
		*(s64 *)(p + 2 + 10 * i) = f[i].fd;
		*(u16 *)(p + 10 + 10 * i) = lnr_poll_flags(f[i].revents);
	}
	return 2 + 10 * n;
}

static __always_inline void lnr_emit_fdlist(struct lnr_emit *e, u64 user, u32 n)
{
	u32 len = lnr_write_fdlist(e->at, user, n);
	asm volatile("%0 &= 0xff" : "+r"(len));
	lnr_emit_done(e, len);
}

#ifdef __TARGET_ARCH_x86
LNR_CALL(poll)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_POLL_X(&e);
	lnr_put_SYSCALL_POLL_X_res(&e, ret);
	lnr_begin_param_SYSCALL_POLL_X_fds(&e);
	lnr_emit_fdlist(&e, lnr_arg(regs, 0), lnr_arg(regs, 1));
	lnr_put_SYSCALL_POLL_X_timeout(&e, (s32)lnr_arg(regs, 2));
	lnr_end_SYSCALL_POLL_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(select)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(1, 8), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_SELECT_X(&e);
	lnr_put_SYSCALL_SELECT_X_res(&e, ret);
	lnr_end_SYSCALL_SELECT_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(epoll_wait)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 16), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_EPOLLWAIT_X(&e);
	lnr_put_SYSCALL_EPOLLWAIT_X_res(&e, ret);
	lnr_put_SYSCALL_EPOLLWAIT_X_maxevents(&e, (s32)lnr_arg(regs, 2));
	lnr_end_SYSCALL_EPOLLWAIT_X(&e);
	lnr_submit(&e);
	return 0;
}
#endif

/* A timespec in user memory, ns; the kernel has written back what is left of it. */
static __always_inline u64 lnr_user_timespec(const void *user, bool narrow)
{
	s64 t[2] = {0};
	if (narrow) {
		s32 c[2] = {0};
		bpf_probe_read_user(c, sizeof(c), user);
		t[0] = c[0];
		t[1] = c[1];
	} else {
		bpf_probe_read_user(t, sizeof(t), user);
	}
	return t[0] * LNR_NS_PER_S + t[1];
}

LNR_CALL(ppoll)
{
	struct lnr_emit e;
	u32 mask = 0;
	const void *timeout = lnr_arg_ptr(regs, 2);
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_PPOLL_X(&e);
	lnr_put_SYSCALL_PPOLL_X_res(&e, ret);
	lnr_begin_param_SYSCALL_PPOLL_X_fds(&e);
	lnr_emit_fdlist(&e, lnr_arg(regs, 0), lnr_arg(regs, 1));
	lnr_put_SYSCALL_PPOLL_X_timeout(&e, lnr_user_timespec(timeout, lnr_is_compat()));
	bpf_probe_read_user(&mask, sizeof(mask), lnr_arg_ptr(regs, 3));
	lnr_put_SYSCALL_PPOLL_X_sigmask(&e, mask);
	lnr_end_SYSCALL_PPOLL_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}
