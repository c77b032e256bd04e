/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* pipe, pipe2: two ends of one inode. */
struct lnr_pipe {
	s32 fds[2];
	u64 ino;
};

static __always_inline void lnr_pipe(const struct pt_regs *regs, s64 ret, struct lnr_pipe *p)
{
	struct file *f;
	p->ino = 0;
	if (bpf_probe_read_user(p->fds, sizeof(p->fds), lnr_arg_ptr(regs, 0)))
		p->fds[0] = p->fds[1] = -1;
	if (ret == 0) {
		f = lnr_file(p->fds[0]);
		p->ino = BPF_CORE_READ(f, f_inode, i_ino);
	}
}

#ifdef __TARGET_ARCH_x86
LNR_CALL(pipe)
{
	struct lnr_emit e;
	struct lnr_pipe p;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 32), LNR_COUNT_DROP_REST))
		return 0;
	lnr_pipe(regs, ret, &p);
	lnr_begin_SYSCALL_PIPE_X(&e);
	lnr_put_SYSCALL_PIPE_X_res(&e, ret);
	lnr_put_SYSCALL_PIPE_X_fd1(&e, p.fds[0]);
	lnr_put_SYSCALL_PIPE_X_fd2(&e, p.fds[1]);
	lnr_put_SYSCALL_PIPE_X_ino(&e, p.ino);
	lnr_end_SYSCALL_PIPE_X(&e);
	lnr_submit(&e);
	return 0;
}
#endif

LNR_CALL(pipe2)
{
	struct lnr_emit e;
	struct lnr_pipe p;
	s32 flags = lnr_arg(regs, 1);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(5, 36), LNR_COUNT_DROP_REST))
		return 0;
	lnr_pipe(regs, ret, &p);
	lnr_begin_SYSCALL_PIPE2_X(&e);
	lnr_put_SYSCALL_PIPE2_X_res(&e, ret);
	lnr_put_SYSCALL_PIPE2_X_fd1(&e, p.fds[0]);
	lnr_put_SYSCALL_PIPE2_X_fd2(&e, p.fds[1]);
	lnr_put_SYSCALL_PIPE2_X_ino(&e, p.ino);
	lnr_put_SYSCALL_PIPE2_X_flags(&e,
		lnr_fd_flags(flags) | (flags < 0 ? 0 : LNR_MAP(flags, NAT_O_DIRECT, LNR_O_DIRECT)));
	lnr_end_SYSCALL_PIPE2_X(&e);
	lnr_submit(&e);
	return 0;
}
