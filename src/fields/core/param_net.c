/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses, connection tuples and descriptor lists as text (spec fields.md 3.1).
 */
#include <stdio.h>
#include "fields/core/param_priv.h"

/* "family 16" for what has no form of its own, <NA> for bytes that do not hold their family. */
static struct lnr_str unknown_family(struct lnr_render *r)
{
	unsigned family = r->p.ptr[0];

	if (family == LNR_AF_UNIX || family == LNR_AF_INET || family == LNR_AF_INET6)
		return LNR_STR("<NA>");
	return lnr_scratch_printf(r->ctx, "family %u", family);
}

void lnr_render_sockaddr(struct lnr_render *r)
{
	struct lnr_sockaddr sa;
	char ip[LNR_IP_TEXT_MAX];

	if (!lnr_param_sockaddr(r->ctx->ev, r->index, &sa)) {
		r->plain = unknown_family(r);
	} else if (sa.family == LNR_AF_UNIX) {
		r->plain = sa.path;
	} else if (sa.family == LNR_AF_INET || sa.family == LNR_AF_INET6) {
		lnr_ip_format(ip, &sa.ip);
		r->plain = lnr_scratch_printf(r->ctx, "%s:%u", ip, sa.port);
	} else {
		r->plain = unknown_family(r);
	}
}

/* IPv4 inside IPv6, or all zero, which the reference takes for the same. */
static bool holds_ipv4(const struct lnr_ip *ip)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t zero[16];

	return memcmp(ip->addr, mapped, sizeof(mapped)) == 0 ||
	       memcmp(ip->addr, zero, sizeof(zero)) == 0;
}

static void unmap(struct lnr_ip *ip)
{
	ip->family = LNR_AF_INET;
	memmove(ip->addr, ip->addr + 12, 4);
}

static struct lnr_str unix_tuple(struct lnr_render *r, const struct lnr_tuple *tu)
{
	struct lnr_str ends = lnr_scratch_printf(r->ctx, "%llx->%llx ",
		(unsigned long long)tu->source, (unsigned long long)tu->dest);
	struct lnr_text t;

	if (!ends.ptr || !lnr_text_begin(&t, r->ctx->ev->scratch, ends.len + tu->path.len))
		return ends;
	lnr_text_add(&t, ends);
	lnr_text_add(&t, tu->path);
	return lnr_text_end(&t);
}

void lnr_render_tuple(struct lnr_render *r)
{
	struct lnr_tuple tu;
	char sip[LNR_IP_TEXT_MAX], dip[LNR_IP_TEXT_MAX];

	if (!lnr_param_tuple(r->ctx->ev, r->index, &tu)) {
		r->plain = unknown_family(r);
		return;
	}
	switch (tu.family) {
	case LNR_AF_UNIX:
		r->plain = unix_tuple(r, &tu);
		break;
	case LNR_AF_INET6:
		if (holds_ipv4(&tu.sip) && holds_ipv4(&tu.dip)) {
			unmap(&tu.sip);
			unmap(&tu.dip);
		}
		/* fall through */
	case LNR_AF_INET:
		lnr_ip_format(sip, &tu.sip);
		lnr_ip_format(dip, &tu.dip);
		r->plain = lnr_scratch_printf(r->ctx, "%s:%u->%s:%u", sip, tu.sport, dip, tu.dport);
		break;
	default:
		r->plain = unknown_family(r);
	}
}

/* --- descriptor lists --- */

bool lnr_fdlist_next(struct lnr_fdlist *l, int64_t *ret_fd, int16_t *ret_events)
{
	if (l->left == 0 || l->end - l->at < LNR_FDLIST_ITEM)
		return false;
	memcpy(ret_fd, l->at, 8);
	memcpy(ret_events, l->at + 8, 2);
	l->at += LNR_FDLIST_ITEM;
	l->left--;
	return true;
}

bool lnr_fdlist_begin(struct lnr_fdlist *l, const struct lnr_param *p)
{
	uint16_t n;

	if (p->len < sizeof(n))
		return false;
	memcpy(&n, p->ptr, sizeof(n));
	l->at = p->ptr + sizeof(n);
	l->end = p->ptr + p->len;
	l->left = n;
	return true;
}

/* "3:f5 4:41 …": number, type of the descriptor, events in hexadecimal. */
void lnr_render_fdlist(struct lnr_render *r)
{
	struct lnr_event *ev = r->ctx->ev;
	struct lnr_fdlist l;
	struct lnr_text t;
	int64_t num;
	int16_t events;

	if (!lnr_fdlist_begin(&l, &r->p))
		return;
	/* Number, ':', type, eight hexadecimal digits, blank. */
	if (!lnr_text_begin(&t, ev->scratch, (size_t)l.left * (LNR_DEC_MAX + 11))) {
		r->ctx->n_nomem++;
		return;
	}
	while (lnr_fdlist_next(&l, &num, &events)) {
		const struct lnr_fd *fd = ev->thread ? lnr_state_fd(r->ctx->state, ev->thread, num)
						     : NULL;
		char hex[12];
		if (t.len)
			lnr_text_chr(&t, ' ');
		/* A negative number, which poll ignores, is shown unsigned as the reference does.
		 */
		lnr_text_u64(&t, (uint64_t)num);
		lnr_text_chr(&t, ':');
		lnr_text_chr(&t, fd ? lnr_fd_typechar(fd->type) : '?');
		int n = snprintf(hex, sizeof(hex), "%x", (unsigned)(int)events);
		lnr_text_add(&t, (struct lnr_str){hex, (size_t)n});
	}
	r->plain = lnr_text_end(&t);
}
