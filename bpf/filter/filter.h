/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Early drop: what needs no record. */
#ifndef LNR_BPF_FILTER_FILTER_H
#define LNR_BPF_FILTER_FILTER_H

#include "extract/call.h"

/* Test aid: with lnr_only_tgid set, is this process one of those to look at? */
static __always_inline bool lnr_in_family(void)
{
	if (!lnr_only_tgid)
		return true;
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	if (tgid == lnr_only_tgid)
		return true;
	return bpf_map_lookup_elem(&lnr_family, &tgid);
}

/* Remember a child of the family; a child's own tgid is known when it runs for the first time. */
static __always_inline void lnr_join_family(u32 tgid)
{
	u8 one = 1;
	if (lnr_only_tgid)
		bpf_map_update_elem(&lnr_family, &tgid, &one, BPF_ANY);
}

/* Is the call wanted only as far as it changes state? */
static __always_inline bool lnr_state_only(const struct pt_regs *regs)
{
	return lnr_wanted[lnr_native_nr(regs) & (LNR_SYSCALLS_MAX - 1)] & LNR_WANT_STATE;
}

#endif
