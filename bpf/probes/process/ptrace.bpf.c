/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* ptrace: request, target, and what its data argument means for that request. */
static __always_inline void lnr_emit_ptrace_data(
	struct lnr_emit *e, const struct pt_regs *regs, long ret, u8 request)
{
	u64 data = lnr_arg(regs, 3), word = 0;
	switch (ret < 0 ? LNR_PTRACE_UNKNOWN : request) {
	case LNR_PTRACE_PEEKTEXT:
	case LNR_PTRACE_PEEKDATA:
	case LNR_PTRACE_PEEKUSR:
		bpf_probe_read_user(&word, sizeof(word), (void *)data);
		lnr_emit_dyn_u64(e, LNR_PTRACE_IDX_UINT64, word);
		return;
	case LNR_PTRACE_CONT:
	case LNR_PTRACE_SINGLESTEP:
	case LNR_PTRACE_DETACH:
	case LNR_PTRACE_SYSCALL:
		lnr_emit_dyn_u8(e, LNR_PTRACE_IDX_SIGTYPE, data);
		return;
	default:
		lnr_emit_dyn_u64(e, LNR_PTRACE_IDX_UINT64, ret < 0 ? 0 : data);
	}
}

LNR_CALL(ptrace)
{
	struct lnr_emit e;
	u8 request = lnr_ptrace_request(lnr_arg(regs, 0));
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_PTRACE_X(&e);
	lnr_put_SYSCALL_PTRACE_X_res(&e, ret);
	lnr_begin_param_SYSCALL_PTRACE_X_addr(&e);
	lnr_emit_dyn_u64(&e, LNR_PTRACE_IDX_UINT64, ret < 0 ? 0 : lnr_arg(regs, 2));
	lnr_begin_param_SYSCALL_PTRACE_X_data(&e);
	lnr_emit_ptrace_data(&e, regs, ret, request);
	lnr_put_SYSCALL_PTRACE_X_request(&e, request);
	lnr_put_SYSCALL_PTRACE_X_pid(&e, lnr_arg_fd(regs, 1));
	lnr_end_SYSCALL_PTRACE_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_OTHER_INTEREST);
	return 0;
}
