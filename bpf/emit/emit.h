/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Writing a record. Two ways, the same typed setters (schema/setters.h):
 *
 *	fixed size	struct lnr_emit e;
 *			if (!lnr_reserve(&e, LNR_RECORD_SIZE(SYSCALL_CLOSE_X, 16), …)) return 0;
 *			lnr_begin_SYSCALL_CLOSE_X(&e); lnr_put_…; lnr_end_SYSCALL_CLOSE_X(&e);
 *			lnr_submit(&e);
 *	variable size	lnr_open(&e) … lnr_end_X(&e); lnr_output(&e, LNR_COUNT_DROP_OPEN);
 *
 *	 0        26              26+2n
 *	 | header | lengths (u16) | parameters back to back
 *	                            ^ e.at
 *
 * struct lnr_emit is local and everything is inlined, so positions of fixed parts fold to
 *constants.
 */
#ifndef LNR_BPF_EMIT_EMIT_H
#define LNR_BPF_EMIT_EMIT_H

#include "base/maps.h"
#include "base/task.h"

struct lnr_emit {
	u8 *buf;
	u32 at;	  /* where the next parameter goes */
	u32 next; /* its index; checked against the order of setters */
	bool fixed;
	u64 ts, tid;
};

void lnr_emit_out_of_order(void) __attribute__((error("event parameter out of order")));
#define LNR_EMIT_AT(e, index)                    \
	do {                                     \
		if ((e)->next != (index))        \
			lnr_emit_out_of_order(); \
		(e)->next = (index) + 1;         \
	} while (0)

/*
 * The place of the next parameter. The barrier keeps the compiler from proving the mask away, which
 * the verifier needs to see; positions of fixed records are constants and need none.
 */
static __always_inline u8 *lnr_emit_here(struct lnr_emit *e)
{
	u32 at = e->at;
	if (e->fixed)
		return e->buf + at;
	asm volatile("%0 &= 0xffff" : "+r"(at));
	return e->buf + at;
}

static __always_inline void lnr_emit_len(struct lnr_emit *e, unsigned index, u16 len)
{
	*(u16 *)(e->buf + sizeof(struct lnr_record) + 2 * index) = len;
}

static __always_inline void lnr_emit_begin(
	struct lnr_emit *e, unsigned type, unsigned nparams, bool large)
{
	*(u64 *)(e->buf) = e->ts;
	*(u64 *)(e->buf + 8) = e->tid;
	*(u16 *)(e->buf + 20) = type;
	*(u32 *)(e->buf + 22) = nparams;
	e->at = sizeof(struct lnr_record) + 2 * nparams;
	e->next = 0;
}

#define LNR_EMIT_INT(bits)                                     \
	static __always_inline void lnr_emit_u##bits(          \
		struct lnr_emit *e, unsigned index, u##bits v) \
	{                                                      \
		*(u##bits *)lnr_emit_here(e) = v;              \
		lnr_emit_len(e, index, bits / 8);              \
		e->at += bits / 8;                             \
	}
LNR_EMIT_INT(8)
LNR_EMIT_INT(16)
LNR_EMIT_INT(32)
LNR_EMIT_INT(64)

static __always_inline void lnr_emit_empty(struct lnr_emit *e, unsigned index)
{
	lnr_emit_len(e, index, 0);
}

/* A parameter of variable size begins; its writer below sets the length. */
static __always_inline void lnr_emit_variable(struct lnr_emit *e, unsigned index)
{
}

static __always_inline void lnr_emit_end(struct lnr_emit *e, unsigned type, unsigned nparams)
{
	*(u32 *)(e->buf + 16) = e->at;
}

#include "schema/setters.h"

/* --- beginning and handing over --- */

static __always_inline void lnr_stamp(struct lnr_emit *e)
{
	e->ts = lnr_boot_offset + bpf_ktime_get_boot_ns();
	e->tid = LNR_HAS_TASK_BTF ? (u32)lnr_task_btf()->pid : (u32)bpf_get_current_pid_tgid();
}

/* Size of a record whose parameters together have `bytes`. */
#define LNR_RECORD_SIZE(nparams, bytes) (sizeof(struct lnr_record) + 2 * (nparams) + (bytes))

/*
 * A CPU that has come online since the rings were made has none: tell the consumer on the first
 * one, which then asks for a new start.
 */
__noinline int lnr_report_cpu(u32 cpu)
{
	u32 first = 0;
	struct lnr_emit e = {.fixed = true};
	void *ring = bpf_map_lookup_elem(&lnr_rings, &first);
	if (!ring)
		return 0;
	e.buf = bpf_ringbuf_reserve(ring, LNR_RECORD_SIZE(2, 8), 0);
	if (!e.buf)
		return 0;
	lnr_stamp(&e);
	lnr_begin_CPU_HOTPLUG_E(&e);
	lnr_put_CPU_HOTPLUG_E_cpu(&e, cpu);
	lnr_put_CPU_HOTPLUG_E_action(&e, 0);
	lnr_end_CPU_HOTPLUG_E(&e);
	bpf_ringbuf_submit(e.buf, BPF_RB_FORCE_WAKEUP);
	return 0;
}

/* Room in the ring for a record of constant size; counts and fails when the ring is full. */
static __always_inline bool lnr_reserve(struct lnr_emit *e, const u32 size, u32 drop)
{
	void *ring = lnr_ring();
	if (!ring) {
		lnr_report_cpu(bpf_get_smp_processor_id());
		return false;
	}
	e->buf = bpf_ringbuf_reserve(ring, size, 0);
	e->fixed = true;
	if (!e->buf) {
		lnr_count(drop);
		return false;
	}
	lnr_stamp(e);
	return true;
}

static __always_inline void lnr_submit(struct lnr_emit *e)
{
	lnr_count(LNR_COUNT_EVENTS);
	bpf_ringbuf_submit(e->buf, BPF_RB_NO_WAKEUP);
	lnr_wake_if_asleep();
}

/* Scratch memory for a record of variable size. */
static __always_inline bool lnr_open(struct lnr_emit *e)
{
	struct lnr_scratch *s = lnr_scratch_get();
	if (!s)
		return false;
	e->buf = s->b;
	e->fixed = false;
	lnr_stamp(e);
	return true;
}

static __always_inline void lnr_output(struct lnr_emit *e, u32 drop)
{
	void *ring = lnr_ring();
	u32 len = e->at;
	if (!ring) {
		lnr_report_cpu(bpf_get_smp_processor_id());
		return;
	}
	if (len > LNR_RECORD_MAX - 1) {
		lnr_count(LNR_COUNT_DROP_SCRATCH);
		return;
	}
	asm volatile("%0 &= 0xffff" : "+r"(len));
	if (bpf_ringbuf_output(ring, e->buf, len, BPF_RB_NO_WAKEUP)) {
		lnr_count(drop);
		return;
	}
	lnr_count(LNR_COUNT_EVENTS);
	lnr_wake_if_asleep();
}

/* --- values of variable size; each follows its lnr_begin_param_ --- */

/* Set the length of the parameter begun last, and step over it. */
static __always_inline void lnr_emit_done(struct lnr_emit *e, u32 len)
{
	lnr_emit_len(e, e->next - 1, len);
	e->at += len;
}

/* The helper, with the NUL counted of an empty string, too: older kernels (5.10) return 0 there. */
static __always_inline long lnr_read_user_str(void *to, const u32 max, const void *user)
{
	long n = bpf_probe_read_user_str(to, max, user);
	return n == 0 ? 1 : n;
}

/* A user string with its NUL, cut at `max`; absent when unreadable. */
static __always_inline void lnr_emit_user_str(struct lnr_emit *e, const void *user, const u32 max)
{
	long n = user ? lnr_read_user_str(lnr_emit_here(e), max, user) : 0;
	if (n < 0) {
		lnr_count(LNR_COUNT_UNREADABLE);
		n = 0;
	}
	lnr_emit_done(e, n);
}

static __always_inline void lnr_emit_kernel_str(struct lnr_emit *e, const void *ptr, const u32 max)
{
	long n = bpf_probe_read_kernel_str(lnr_emit_here(e), max, ptr);
	lnr_emit_done(e, n < 0 ? 0 : n);
}

/* `len` bytes of user memory, at most 65535; absent when unreadable. */
static __always_inline void lnr_emit_user_bytes(struct lnr_emit *e, const void *user, u32 len)
{
	asm volatile("%0 &= 0xffff" : "+r"(len));
	if (!len || !user || bpf_probe_read_user(lnr_emit_here(e), len, user))
		len = 0;
	lnr_emit_done(e, len);
}

/* The empty string: one NUL. */
static __always_inline void lnr_emit_empty_str(struct lnr_emit *e)
{
	*lnr_emit_here(e) = 0;
	lnr_emit_done(e, 1);
}

/* DYN: index of the alternative, then its value. */
static __always_inline void lnr_emit_dyn_u64(struct lnr_emit *e, u8 alternative, u64 v)
{
	u8 *p = lnr_emit_here(e);
	p[0] = alternative;
	*(u64 *)(p + 1) = v;
	lnr_emit_done(e, 9);
}

static __always_inline void lnr_emit_dyn_u8(struct lnr_emit *e, u8 alternative, u8 v)
{
	u8 *p = lnr_emit_here(e);
	p[0] = alternative;
	p[1] = v;
	lnr_emit_done(e, 2);
}

static __always_inline void lnr_emit_dyn_u32(struct lnr_emit *e, u8 alternative, u32 v)
{
	u8 *p = lnr_emit_here(e);
	p[0] = alternative;
	*(u32 *)(p + 1) = v;
	lnr_emit_done(e, 5);
}

#endif
