/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the caller of the call under way passed, copied at its entry: at the return another thread
 * may have written something harmless over it. The copy is kept with the thread until the call
 * returns and stands in the exit's record, as if it had been read then.
 *
 * A page that is not in memory cannot be read at entry: nothing is kept then, and the exit reads
 * what is there. A text that has no room here, and every one on kernels without storage per task,
 * is sent to the consumer at once as an enter event, which the consumer prefers to the exit's.
 */
#ifndef LNR_BPF_EXTRACT_PASSED_H
#define LNR_BPF_EXTRACT_PASSED_H

#include "emit/emit.h"
#include "extract/call.h"
#include "extract/file.h"

/* At entry. False: nothing could be kept, send an enter event. */
static __always_inline bool lnr_passed_keep(
	u64 nr, const void *text, const struct lnr_open_how *how)
{
	if (!lnr_keeps_passed)
		return false;
	struct lnr_passed *p = bpf_task_storage_get(
		&lnr_passed, lnr_task_btf(), NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!p)
		return false;
	p->nr = 0;
	long n = lnr_read_user_str(p->text, sizeof(p->text), text);
	if (n < 0)
		return true;
	/* A text that fills the place may go on. */
	if (n >= LNR_PASSED_BYTES)
		return false;
	if (how) {
		p->how[0] = how->flags;
		p->how[1] = how->mode;
		p->how[2] = how->resolve;
	}
	p->len = n;
	p->nr = nr + 1;
	return true;
}

/* At the return: what was kept of this call, or NULL. It is good once. */
static __always_inline struct lnr_passed *lnr_passed_take(const struct pt_regs *regs)
{
	if (!lnr_keeps_passed || lnr_is_compat())
		return NULL;
	struct lnr_passed *p = bpf_task_storage_get(&lnr_passed, lnr_task_btf(), NULL, 0);
	if (!p || p->nr != lnr_call_nr(regs) + 1)
		return NULL;
	p->nr = 0;
	return p;
}

#define LNR_PASSED_SHORT 64

/* Has it room in a record of constant size? */
static __always_inline bool lnr_passed_short(const struct lnr_passed *p)
{
	return p && p->len < LNR_PASSED_SHORT;
}

/*
 * The text that was kept, else what is at `user` now. In a record of constant size the kept one
 * must be a short one; what follows it has room for LNR_PASSED_SHORT bytes more than it takes.
 */
static __always_inline void lnr_emit_passed_str(
	struct lnr_emit *e, struct lnr_passed *p, const void *user)
{
	if (e->fixed) {
		u32 n = p->len;
		asm volatile("%0 &= 63" : "+r"(n)); /* for the verifier */
		__builtin_memcpy(lnr_emit_here(e), p->text, LNR_PASSED_SHORT);
		lnr_emit_done(e, n);
		return;
	}
	if (!p) {
		lnr_emit_user_str(e, user, LNR_PATH_BYTES_MAX);
		return;
	}
	/* Constant sizes, more than there is: moves in a row cost less than a call that counts. */
	u8 *to = lnr_emit_here(e);
	u32 len = p->len;
	__builtin_memcpy(to, p->text, LNR_PASSED_SHORT);
	if (len > LNR_PASSED_SHORT)
		__builtin_memcpy(to + LNR_PASSED_SHORT, p->text + LNR_PASSED_SHORT,
			LNR_PASSED_BYTES - LNR_PASSED_SHORT);
	lnr_emit_done(e, len);
}

#endif
