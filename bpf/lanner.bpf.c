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

#define LNR_CALL(name) \
	SEC("tp_btf/sys_exit") int BPF_PROG(call_##name, struct pt_regs *regs, long ret)

/*
 * Every system call of the machine returns through here, so the first lines are what an unwanted
 * call costs: one load of its number, one byte of a table.
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(dispatch, struct pt_regs *regs, long ret)
{
	u32 nr = lnr_call_nr(regs);
	if (nr >= LNR_SYSCALLS_MAX)
		return 0;
#ifdef __TARGET_ARCH_x86
	if (!lnr_wanted[nr] && !lnr_wanted_ia32[nr])
		return 0;
	nr = lnr_native_nr(regs);
#endif
	if (nr >= LNR_SYSCALLS_MAX || !lnr_wanted[nr])
		return 0;
	if (lnr_drop_failed && ret < 0)
		return 0;
	if (!lnr_in_family())
		return 0;
	bpf_tail_call(ctx, &lnr_calls, nr);
	return 0;
}

#include "probes.inc"
