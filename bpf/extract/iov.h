/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Data gathered from a vector of buffers (spec events-and-state 5.1 "iov"). */
#ifndef LNR_BPF_EXTRACT_IOV_H
#define LNR_BPF_EXTRACT_IOV_H

#include "emit/emit.h"
#include "extract/call.h"

#define LNR_IOV_MAX 32

struct lnr_iovec {
	u64 base, len;
};

/* Entry i of a user's vector; compat tasks have 32-bit members. */
static __always_inline bool lnr_read_iovec(
	const void *vec, u32 i, bool compat, struct lnr_iovec *ret)
{
	if (compat) {
		u32 v[2];
		if (bpf_probe_read_user(v, sizeof(v), vec + i * sizeof(v)))
			return false;
		ret->base = v[0];
		ret->len = v[1];
		return true;
	}
	return !bpf_probe_read_user(ret, sizeof(*ret), vec + i * sizeof(*ret));
}

/*
 * Gather at most `want` bytes into the record at `at`; how many there were. A global function, and
 * every variable of the loop is masked in each round: the verifier then finds one round like the
 * other and need not walk all their combinations.
 */
__noinline int lnr_gather(u64 vec, u32 count, u32 at, u32 want)
{
	struct lnr_scratch *s = lnr_scratch_get();
	bool compat = lnr_is_compat();
	u32 total = 0;
	if (!s)
		return 0;
	for (u32 i = 0; i < LNR_IOV_MAX; i++) {
		struct lnr_iovec v = {0};
		asm volatile("%0 &= 0xffff" : "+r"(total));
		if (i >= count || total >= want || !lnr_read_iovec((void *)vec, i, compat, &v))
			break;
		u32 room = want - total, to = at + total;
		u32 n = v.len < room ? (u32)v.len : room;
		asm volatile("%0 &= 0xffff" : "+r"(n));
		asm volatile("%0 &= 0xffff" : "+r"(to));
		if (n && bpf_probe_read_user(s->b + to, n, (void *)v.base))
			break;
		total += n;
	}
	return total & 0xffff;
}

/* The first `want` bytes of the vector, at most 65535; absent when nothing could be read. */
static __always_inline void lnr_emit_iov(
	struct lnr_emit *e, const void *vec, u64 count, u64 want)
{
	if (want > LNR_PARAM_MAX)
		want = LNR_PARAM_MAX;
	lnr_emit_done(e, want ? lnr_gather((u64)vec, count, e->at, want) : 0);
}

#endif
