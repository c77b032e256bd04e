/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The probe: one translation unit, so that maps and globals exist once without a linking step. The
 * build lists probes/, one file per hook; programs for system calls are named call_<system call>
 * and reached by tail call from the dispatcher, hooks of their own are named hook_<what>.
 */
#include "base/maps.h"
#include "emit/emit.h"
#include "extract/exec.h"
#include "extract/flags.h"
#include "extract/passed.h"
#include "extract/sock.h"
#include "extract/sockopt.h"
#include "extract/iov.h"
#include "filter/filter.h"

char lnr_license[] SEC("license") = "Dual BSD/GPL";

#define LNR_CALL(name)                                                                   \
	static __always_inline int body_##name(                                          \
		unsigned long long *ctx, struct pt_regs *regs, long ret);                \
	SEC("tp_btf/sys_exit") int BPF_PROG(call_##name, struct pt_regs *regs, long ret) \
	{                                                                                \
		LNR_ASK_TASK();                                                          \
		return body_##name(ctx, regs, ret);                                      \
	}                                                                                \
	static __always_inline int body_##name(                                          \
		unsigned long long *ctx, struct pt_regs *regs, long ret)

/* Numbers of frequent calls (arch/x86/entry/syscalls/syscall_64.tbl, asm-generic/unistd.h). */
#ifdef __TARGET_ARCH_x86
#define LNR_NR_CLOSE   3
#define LNR_NR_DUP     32
#define LNR_NR_SOCKET  41
#define LNR_NR_CONNECT 42
#define LNR_NR_FCNTL   72
#define LNR_NR_OPENAT  257
#else
#define LNR_NR_DUP     23
#define LNR_NR_FCNTL   25
#define LNR_NR_OPENAT  56
#define LNR_NR_CLOSE   57
#define LNR_NR_SOCKET  198
#define LNR_NR_CONNECT 203
#endif

/*
 * The kernel turns a tail call by a constant into a jump, which costs less than one by a variable:
 * 17 ns instead of 28 where indirect jumps are guarded.
 */
#define LNR_JUMP(number)                                         \
	if (nr == (number)) {                                    \
		bpf_tail_call_static(ctx, &lnr_calls, (number)); \
		return 0;                                        \
	}

/*
 * Every system call of the machine returns through here, so the first lines are what an unwanted
 * call costs: one load of its number, one byte of a table. What follows is in the order of what
 * drops most for least.
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(dispatch, struct pt_regs *regs, long ret)
{
	u32 nr = lnr_call_nr(regs);
	if (nr >= LNR_SYSCALLS_MAX || !lnr_looked_at[nr])
		return 0;
	/* Without a function between: some kernels do not mix them with tail calls. */
	bool compat = lnr_compat_of(LNR_HAS_TASK_BTF ? bpf_get_current_task_btf() : NULL);
	nr = lnr_native_nr_of(regs, compat);
	asm volatile("" : "+r"(nr)); /* the verifier forgets what the compiler knows of it */
	if (nr >= LNR_SYSCALLS_MAX)
		return 0;
	u8 want = lnr_wanted[nr];
	if (!want || (lnr_drop_failed && ret < 0))
		return 0;
	if (ret < 0 && want & LNR_WANT_SUCCESS) {
		lnr_count(LNR_COUNT_UNWANTED);
		return 0;
	}
	if (nr == LNR_NR_CLOSE && want & LNR_WANT_STATE && (s32)lnr_arg_of(regs, 0, compat) > 2)
		return 0;
	if (!lnr_in_family())
		return 0;
	LNR_JUMP(LNR_NR_OPENAT)
	LNR_JUMP(LNR_NR_DUP)
	LNR_JUMP(LNR_NR_FCNTL)
	LNR_JUMP(LNR_NR_SOCKET)
	LNR_JUMP(LNR_NR_CONNECT)
	bpf_tail_call(ctx, &lnr_calls, nr);
	return 0;
}

#include "probes.inc"
