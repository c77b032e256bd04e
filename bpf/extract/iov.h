/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* I/O vectors and message headers in user memory, of 64-bit and of compat callers. */
#ifndef LNR_BPF_EXTRACT_IOV_H
#define LNR_BPF_EXTRACT_IOV_H

#include "emit/emit.h"
#include "extract/call.h"
#include "extract/flags.h"

/* Spec events-and-state 4. */
#define LNR_IOV_MAX  32
#define LNR_MMSG_MAX 16

struct lnr_iovec {
	u64 base, len;
};
struct lnr_iovec32 {
	u32 base, len;
};

/* struct user_msghdr and struct compat_msghdr (include/linux/socket.h, include/net/compat.h) */
struct lnr_msghdr {
	u64 name;
	u32 namelen, pad;
	u64 iov, iovlen, control, controllen, flags;
};
struct lnr_msghdr32 {
	u32 name, namelen, iov, iovlen, control, controllen, flags;
};
/* Elements of the arrays of sendmmsg and recvmmsg. */
struct lnr_mmsghdr {
	struct lnr_msghdr hdr;
	u32 len, pad;
};
struct lnr_mmsghdr32 {
	struct lnr_msghdr32 hdr;
	u32 len;
};

/* Message header, in the 64-bit form; false when unreadable. */
static __always_inline bool lnr_read_msghdr(struct lnr_msghdr *m, u64 user)
{
	if (lnr_is_compat()) {
		struct lnr_msghdr32 c;
		if (bpf_probe_read_user(&c, sizeof(c), (void *)user))
			return false;
		m->name = c.name;
		m->namelen = c.namelen;
		m->iov = c.iov;
		m->iovlen = c.iovlen;
		m->control = c.control;
		m->controllen = c.controllen;
		return true;
	}
	return !bpf_probe_read_user(m, sizeof(*m), (void *)user);
}

static __always_inline u32 lnr_mmsghdr_size(void)
{
	return lnr_is_compat() ? sizeof(struct lnr_mmsghdr32) : sizeof(struct lnr_mmsghdr);
}

/* Element of an array of messages; returns its bytes transferred. */
static __always_inline u32 lnr_read_mmsghdr(struct lnr_msghdr *m, u64 user)
{
	u32 len = 0;
	u64 at = user + (lnr_is_compat() ? sizeof(struct lnr_msghdr32) : sizeof(struct lnr_msghdr));
	lnr_read_msghdr(m, user);
	bpf_probe_read_user(&len, sizeof(len), (void *)at);
	return len;
}

/*
 * Vector i of those in the work area: copy at most `left` of its bytes to `at` in the record that
 * is being built on this CPU. Returns its length in the lower 32 bits, how many were copied in the
 * next 16 and LNR_VECTOR_BAD when it is unreadable. Apart from its loop: there the verifier would
 * follow every combination of what 32 vectors can be.
 */
#define LNR_VECTOR_BAD (1ULL << 63)
__noinline u64 lnr_take_vector(u32 at, u32 i, u32 left)
{
	struct lnr_scratch *s = lnr_scratch_get();
	u64 base, len;
	if (!s)
		return 0;
	if (lnr_is_compat()) {
		struct lnr_iovec32 *v = (void *)(s->b + LNR_SCRATCH_WORK);
		base = v[i & (LNR_IOV_MAX - 1)].base;
		len = v[i & (LNR_IOV_MAX - 1)].len;
	} else {
		struct lnr_iovec *v = (void *)(s->b + LNR_SCRATCH_WORK);
		base = v[i & (LNR_IOV_MAX - 1)].base;
		len = v[i & (LNR_IOV_MAX - 1)].len;
	}
	u32 take = lnr_min(len, left);
	asm volatile("%0 &= 0xffff" : "+r"(at));
	asm volatile("%0 &= 0xffff" : "+r"(take));
	if (take && bpf_probe_read_user(s->b + at, take, (void *)base))
		return LNR_VECTOR_BAD | (u32)len;
	return (u64)take << 32 | (u32)len;
}

/*
 * Gather the first `max` bytes (at most 65535) behind `count` vectors into the record. Returns how
 * many in the upper 32 bits, and in the lower ones the sum of all lengths. Vectors beyond the limit
 * do not count; an unreadable one ends the data, not the sum.
 */
__noinline u64 lnr_gather(u32 at, u64 iov, u64 count, u32 max)
{
	struct lnr_scratch *s = lnr_scratch_get();
	u32 n = lnr_min(count, LNR_IOV_MAX), got = 0, sum = 0;
	u32 size = n * (lnr_is_compat() ? sizeof(struct lnr_iovec32) : sizeof(struct lnr_iovec));
	asm volatile("%0 &= 0x3ff" : "+r"(size));
	if (!s || bpf_probe_read_user(s->b + LNR_SCRATCH_WORK, size, (void *)iov))
		return 0;
	for (u32 i = 0; i < LNR_IOV_MAX; i++) {
		if (i >= n)
			break;
		u64 r = lnr_take_vector(at + got, i, max - got);
		sum += r;
		got += r >> 32 & 0xffff;
		if (r & LNR_VECTOR_BAD)
			max = got;
	}
	return (u64)got << 32 | sum;
}

/* Parameter begun last: data behind vectors. Returns the sum of their lengths. */
static __always_inline u32 lnr_emit_iov(struct lnr_emit *e, const void *iov, u64 count, u64 max)
{
	u64 r = lnr_gather(e->at, (u64)iov, count, lnr_min(max, LNR_PARAM_MAX));
	u32 n = r >> 32;
	asm volatile("%0 &= 0xffff" : "+r"(n));
	lnr_emit_done(e, n);
	return r;
}

/* Bytes of data to keep of a transfer of `size` bytes. */
static __always_inline u32 lnr_snap(u64 size)
{
	return lnr_min(size, lnr_snaplen);
}

/* What a call of the write family was about to transfer: all of it when it failed. */
static __always_inline u32 lnr_snap_out(s64 ret, u64 size)
{
	return lnr_snap(ret > 0 ? ret : size);
}

#endif
