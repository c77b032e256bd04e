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

/* The first `want` bytes of the vector, at most 65535; absent when nothing could be read. */
static __always_inline void lnr_emit_iov(struct lnr_emit *e, const void *vec, u64 count, u64 want)
{
	bool compat = lnr_is_compat();
	u32 total = 0, index = e->next - 1;
	if (want > LNR_PARAM_MAX)
		want = LNR_PARAM_MAX;
	for (u32 i = 0; i < LNR_IOV_MAX; i++) {
		struct lnr_iovec v = {0};
		if (i >= count || total >= want || !lnr_read_iovec(vec, i, compat, &v))
			break;
		u32 n = v.len < want - total ? v.len : want - total;
		asm volatile("%0 &= 0xffff" : "+r"(n));
		if (n && bpf_probe_read_user(lnr_emit_here(e), n, (void *)v.base))
			break;
		e->at += n;
		total += n;
	}
	lnr_emit_len(e, index, total);
}

#endif
