/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the caller passed, read before the kernel does (extract/passed.h says why and where it goes;
 * the consumer's side is spec events-and-state 2.4, 7.4). Classic tracepoints of single calls, so
 * that no other call pays.
 *
 * Callers of the 32-bit interface do not come through these tracepoints.
 */
struct lnr_sys_enter { /* struct syscall_trace_enter of kernel/trace/trace.h, as programs see it */
	u64 common;
	u64 nr;
	u64 args[6];
};

#define LNR_ENTER(name)                             \
	SEC("tracepoint/syscalls/sys_enter_" #name) \
	int enter_##name(struct lnr_sys_enter *call)

#ifdef __TARGET_ARCH_x86
LNR_ENTER(open)
{
	struct lnr_emit e;
	if (!lnr_in_family() || lnr_passed_keep(call->nr, (void *)call->args[0], NULL) ||
		!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_OPEN_E(&e);
	lnr_begin_param_SYSCALL_OPEN_E_name(&e);
	lnr_emit_user_str(&e, (void *)call->args[0], LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_OPEN_E_flags(&e, lnr_open_flags(call->args[1]));
	lnr_put_SYSCALL_OPEN_E_mode(&e, lnr_open_mode(call->args[1], call->args[2]));
	lnr_end_SYSCALL_OPEN_E(&e);
	lnr_output(&e, LNR_COUNT_DROP_OPEN_ENTER);
	return 0;
}

LNR_ENTER(creat)
{
	struct lnr_emit e;
	if (!lnr_in_family() || lnr_passed_keep(call->nr, (void *)call->args[0], NULL) ||
		!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_CREAT_E(&e);
	lnr_begin_param_SYSCALL_CREAT_E_name(&e);
	lnr_emit_user_str(&e, (void *)call->args[0], LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_CREAT_E_mode(&e, lnr_open_mode(NAT_O_CREAT, call->args[1]));
	lnr_end_SYSCALL_CREAT_E(&e);
	lnr_output(&e, LNR_COUNT_DROP_OPEN_ENTER);
	return 0;
}
#endif

LNR_ENTER(openat)
{
	struct lnr_emit e;
	if (!lnr_in_family() || lnr_passed_keep(call->nr, (void *)call->args[1], NULL) ||
		!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_OPENAT_2_E(&e);
	lnr_put_SYSCALL_OPENAT_2_E_dirfd(&e, (s32)call->args[0]);
	lnr_begin_param_SYSCALL_OPENAT_2_E_name(&e);
	lnr_emit_user_str(&e, (void *)call->args[1], LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_OPENAT_2_E_flags(&e, lnr_open_flags(call->args[2]));
	lnr_put_SYSCALL_OPENAT_2_E_mode(&e, lnr_open_mode(call->args[2], call->args[3]));
	lnr_end_SYSCALL_OPENAT_2_E(&e);
	lnr_output(&e, LNR_COUNT_DROP_OPEN_ENTER);
	return 0;
}

LNR_ENTER(openat2)
{
	struct lnr_emit e;
	struct lnr_open_how how = {0};
	if (!lnr_in_family())
		return 0;
	bpf_probe_read_user(&how, sizeof(how), (void *)call->args[2]);
	if (lnr_passed_keep(call->nr, (void *)call->args[1], &how) || !lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_OPENAT2_E(&e);
	lnr_put_SYSCALL_OPENAT2_E_dirfd(&e, (s32)call->args[0]);
	lnr_begin_param_SYSCALL_OPENAT2_E_name(&e);
	lnr_emit_user_str(&e, (void *)call->args[1], LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_OPENAT2_E_flags(&e, lnr_open_flags(how.flags));
	lnr_put_SYSCALL_OPENAT2_E_mode(&e, lnr_open_mode(how.flags, how.mode));
	lnr_put_SYSCALL_OPENAT2_E_resolve(&e, lnr_resolve_flags(how.resolve));
	lnr_end_SYSCALL_OPENAT2_E(&e);
	lnr_output(&e, LNR_COUNT_DROP_OPEN_ENTER);
	return 0;
}

LNR_ENTER(connect)
{
	struct lnr_emit e;
	if (!lnr_in_family() || !lnr_open(&e))
		return 0;
	lnr_begin_SOCKET_CONNECT_E(&e);
	lnr_put_SOCKET_CONNECT_E_fd(&e, (s32)call->args[0]);
	lnr_begin_param_SOCKET_CONNECT_E_addr(&e);
	lnr_emit_addr(&e, call->args[1], (u16)call->args[2]);
	lnr_end_SOCKET_CONNECT_E(&e);
	lnr_output(&e, LNR_COUNT_DROP_CONNECT_ENTER);
	return 0;
}
