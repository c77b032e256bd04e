/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Socket options: numbers and values (spec events-and-state 5.1, 5.4). */
#ifndef LNR_BPF_EXTRACT_SOCKOPT_H
#define LNR_BPF_EXTRACT_SOCKOPT_H

#include "emit/emit.h"
#include "extract/call.h"

/* Native numbers (include/uapi/asm-generic/socket.h), where they are not those of events. */
#define NAT_SOL_SOCKET	    1
#define NAT_SOL_TCP	    6
#define NAT_SO_MEMINFO	    55
#define NAT_SO_COOKIE	    57
#define NAT_SO_PEERGROUPS   59
#define NAT_SO_RCVTIMEO_NEW 66
#define NAT_SO_SNDTIMEO_NEW 67

#define LNR_BIT(option) (1ULL << LNR_SOCKOPT_##option)
/*
 * Options below 50 whose value is told as an integer: those that are one, and three that the
 * reference takes for one (SO_BINDTODEVICE, SO_DETACH_FILTER, SO_PEERSEC).
 */
#define LNR_SO_INTEGERS                                                                         \
	(((1ULL << 50) - 2) & ~(LNR_BIT(SO_ERROR) | LNR_BIT(SO_LINGER) | LNR_BIT(SO_PEERCRED) | \
				      LNR_BIT(SO_RCVTIMEO) | LNR_BIT(SO_SNDTIMEO) |             \
				      LNR_BIT(SO_ATTACH_FILTER) | LNR_BIT(SO_PEERNAME)))

static __always_inline u8 lnr_sockopt_level(s32 level)
{
	return level == NAT_SOL_SOCKET ? LNR_SOCKOPT_LEVEL_SOL_SOCKET
	       : level == NAT_SOL_TCP  ? LNR_SOCKOPT_LEVEL_SOL_TCP
				       : LNR_SOCKOPT_LEVEL_UNKNOWN;
}

static __always_inline u8 lnr_sockopt_name(s32 level, s32 name)
{
	if (level != NAT_SOL_SOCKET)
		return LNR_SOCKOPT_UNKNOWN;
	if (name > 0 && name <= LNR_SOCKOPT_SO_ATTACH_BPF)
		return name;
	switch (name) {
	case NAT_SO_PEERGROUPS:
		return LNR_SOCKOPT_SO_PEERGROUPS;
	case NAT_SO_MEMINFO:
		return LNR_SOCKOPT_SO_MEMINFO;
	case NAT_SO_COOKIE:
		return LNR_SOCKOPT_SO_COOKIE;
	case NAT_SO_RCVTIMEO_NEW:
		return LNR_SOCKOPT_SO_RCVTIMEO;
	case NAT_SO_SNDTIMEO_NEW:
		return LNR_SOCKOPT_SO_SNDTIMEO;
	default:
		return LNR_SOCKOPT_UNKNOWN;
	}
}

/* struct timeval at `user` in ns; two 32-bit numbers for the old options of compat callers. */
static __always_inline u64 lnr_user_timeval(u64 user, bool compat)
{
	if (compat) {
		s32 c[2] = {0};
		bpf_probe_read_user(c, sizeof(c), (void *)user);
		return c[0] * 1000000000LL + c[1] * 1000LL;
	}
	s64 v[2] = {0};
	bpf_probe_read_user(v, sizeof(v), (void *)user);
	return v[0] * 1000000000LL + v[1] * 1000LL;
}

/* Index 0 and the bytes as they are. */
static __always_inline void lnr_emit_raw_option(struct lnr_emit *e, u64 user, u16 len)
{
	u32 n = len == 0xffff ? 0xfffe : len; /* the index is part of the parameter */
	u8 *p = lnr_emit_here(e);
	p[0] = LNR_SOCKOPT_IDX_UNKNOWN;
	asm volatile("%0 &= 0xffff" : "+r"(n));
	if (!n || bpf_probe_read_user(p + 1, n, (void *)user))
		n = 0;
	lnr_emit_done(e, 1 + n);
}

static __always_inline void lnr_emit_sockopt(
	struct lnr_emit *e, s32 level, s32 name, u64 user, u16 len)
{
	u8 option = lnr_sockopt_name(level, name);
	u64 v = 0;
	switch (option) {
	case LNR_SOCKOPT_SO_ERROR:
		bpf_probe_read_user(&v, 4, (void *)user);
		lnr_emit_dyn_u64(e, LNR_SOCKOPT_IDX_ERRNO, -(s64)(s32)v);
		return;
	case LNR_SOCKOPT_SO_RCVTIMEO:
	case LNR_SOCKOPT_SO_SNDTIMEO:
		v = lnr_user_timeval(user, name == option && lnr_is_compat());
		lnr_emit_dyn_u64(e, LNR_SOCKOPT_IDX_TIMEVAL, v);
		return;
	case LNR_SOCKOPT_SO_COOKIE:
		bpf_probe_read_user(&v, 8, (void *)user);
		lnr_emit_dyn_u64(e, LNR_SOCKOPT_IDX_UINT64, v);
		return;
	default:
		break;
	}
	if (option < 50 && LNR_SO_INTEGERS >> option & 1) {
		bpf_probe_read_user(&v, 4, (void *)user);
		lnr_emit_dyn_u32(e, LNR_SOCKOPT_IDX_UINT32, v);
		return;
	}
	lnr_emit_raw_option(e, user, len);
}

#endif
