/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/valset.h"

/* Below this a loop is faster than hashing. */
#define FEW 4

/* --- values -------------------------------------------------------------------------------- */

static int cmp_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int cmp_double(double a, double b, bool *ret_ok)
{
	*ret_ok = a == a && b == b; /* a NaN compares with nothing */
	return a < b ? -1 : a > b;
}

/* A value of type DOUBLE against any number. */
static double as_double(const struct lnr_val *v, enum lnr_val_kind kind)
{
	return kind == LNR_VK_DOUBLE ? v->d : kind == LNR_VK_S64 ? (double)v->s64 : (double)v->u64;
}

int lnr_val_cmp(const struct lnr_val *a, const struct lnr_val *b, bool *ret_ok)
{
	enum lnr_val_kind ka = lnr_pt_kind(a->type), kb = lnr_pt_kind(b->type);

	*ret_ok = true;
	if (ka == LNR_VK_STR && kb == LNR_VK_STR)
		return lnr_str_cmp(a->str, b->str);
	if (ka == LNR_VK_IP && kb == LNR_VK_IP)
		return !lnr_ip_eq(&a->ip, &b->ip);
	if (ka == LNR_VK_NONE || kb == LNR_VK_NONE || ka == LNR_VK_STR || kb == LNR_VK_STR ||
		ka == LNR_VK_IP || kb == LNR_VK_IP) {
		*ret_ok = false;
		return 1;
	}
	if (ka == LNR_VK_DOUBLE || kb == LNR_VK_DOUBLE)
		return cmp_double(as_double(a, ka), as_double(b, kb), ret_ok);
	if (ka == LNR_VK_S64 && kb == LNR_VK_S64)
		return a->s64 < b->s64 ? -1 : a->s64 > b->s64;
	/* Signs differ only for evt.rawarg, whose type is the event's: by value then. */
	if (ka == LNR_VK_S64 && a->s64 < 0)
		return -1;
	if (kb == LNR_VK_S64 && b->s64 < 0)
		return 1;
	return cmp_u64(a->u64, b->u64);
}

bool lnr_val_eq(const struct lnr_val *a, const struct lnr_val *b)
{
	bool ok;

	return lnr_val_cmp(a, b, &ok) == 0 && ok;
}

uint64_t lnr_val_hash(const struct lnr_val *v)
{
	switch (lnr_pt_kind(v->type)) {
	case LNR_VK_STR:
		return lnr_str_hash(v->str, 0);
	case LNR_VK_IP:
		return lnr_str_hash(
			(struct lnr_str){(const char *)v->ip.addr, lnr_ip_len(&v->ip)}, 0);
	case LNR_VK_DOUBLE:
		/* Equal to a whole number means the same hash as that number. */
		if (v->d >= -9e18 && v->d <= 9e18 && v->d == (double)(int64_t)v->d)
			return lnr_u64_hash((uint64_t)(int64_t)v->d);
		return 0;
	case LNR_VK_S64:
	case LNR_VK_U64:
		return lnr_u64_hash(v->u64);
	case LNR_VK_NONE:
		break;
	}
	return 0;
}

/* Slots for n entries, at most half full. */
static uint32_t slots_for(uint32_t n)
{
	uint32_t slots = 8;

	while (slots < n * 2)
		slots *= 2;
	return slots;
}

/* --- equal values -------------------------------------------------------------------------- */

int lnr_valset_init(
	struct lnr_valset *s, struct lnr_arena *arena, const struct lnr_val *vals, uint32_t n)
{
	uint32_t *at;

	*s = (struct lnr_valset){.vals = vals, .n = n, .texts = true};
	for (uint32_t i = 0; i < n; i++)
		s->texts &= lnr_pt_kind(vals[i].type) == LNR_VK_STR;
	if (n <= FEW)
		return 0;
	s->mask = slots_for(n) - 1;
	s->at = at = lnr_arena_calloc(arena, (size_t)s->mask + 1, sizeof(*at));
	if (!at)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t slot = (uint32_t)lnr_val_hash(&vals[i]) & s->mask;

		while (at[slot] && !lnr_val_eq(&vals[at[slot] - 1], &vals[i]))
			slot = (slot + 1) & s->mask;
		if (!at[slot])
			at[slot] = i + 1;
	}
	return 0;
}

static int64_t find_text(const struct lnr_valset *s, struct lnr_str text)
{
	uint32_t slot;

	if (!s->mask) {
		for (uint32_t i = 0; i < s->n; i++) {
			if (lnr_str_eq(s->vals[i].str, text))
				return i;
		}
		return -1;
	}
	slot = (uint32_t)lnr_str_hash(text, 0) & s->mask;
	for (; s->at[slot]; slot = (slot + 1) & s->mask) {
		if (lnr_str_eq(s->vals[s->at[slot] - 1].str, text))
			return s->at[slot] - 1;
	}
	return -1;
}

int64_t lnr_valset_find(const struct lnr_valset *s, const struct lnr_val *v)
{
	if (s->texts && lnr_pt_kind(v->type) == LNR_VK_STR)
		return find_text(s, v->str);
	if (!s->mask) {
		for (uint32_t i = 0; i < s->n; i++) {
			if (lnr_val_eq(&s->vals[i], v))
				return i;
		}
		return -1;
	}

	uint32_t slot = (uint32_t)lnr_val_hash(v) & s->mask;
	for (; s->at[slot]; slot = (slot + 1) & s->mask) {
		if (lnr_val_eq(&s->vals[s->at[slot] - 1], v))
			return s->at[slot] - 1;
	}
	return -1;
}

/* --- networks ------------------------------------------------------------------------------ */

static uint64_t net_hash(const struct lnr_ip *ip, uint8_t bits)
{
	uint8_t addr[16] = {0};
	unsigned whole = bits / 8, part = bits % 8;

	memcpy(addr, ip->addr, whole);
	if (part)
		addr[whole] = ip->addr[whole] & (uint8_t)(0xff << (8 - part));
	return lnr_str_hash((struct lnr_str){(const char *)addr, sizeof(addr)}, bits);
}

static int group_init(struct lnr_netset *s, struct lnr_arena *arena, uint8_t family, uint8_t bits)
{
	struct lnr_netset_group *g = &s->groups[s->n_groups];
	uint32_t n = 0, *at;

	for (uint32_t i = 0; i < s->n; i++)
		n += s->nets[i].net.ip.family == family && s->nets[i].net.bits == bits;
	if (!n)
		return 0;
	*g = (struct lnr_netset_group){.family = family, .bits = bits, .mask = slots_for(n) - 1};
	g->at = at = lnr_arena_calloc(arena, (size_t)g->mask + 1, sizeof(*at));
	if (!at)
		return -ENOMEM;
	s->n_groups++;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct lnr_net *net = &s->nets[i].net;
		uint32_t slot = (uint32_t)net_hash(&net->ip, bits) & g->mask;

		if (net->ip.family != family || net->bits != bits)
			continue;
		while (at[slot])
			slot = (slot + 1) & g->mask;
		at[slot] = i + 1;
	}
	return 0;
}

int lnr_netset_init(
	struct lnr_netset *s, struct lnr_arena *arena, const struct lnr_val *nets, uint32_t n)
{
	int r = 0;
	bool used[2][129] = {0};
	uint32_t groups = 0;

	*s = (struct lnr_netset){.nets = nets, .n = n};
	for (uint32_t i = 0; i < n; i++) {
		bool *u = &used[nets[i].net.ip.family == LNR_AF_INET6][nets[i].net.bits];

		groups += !*u;
		*u = true;
	}
	s->groups = lnr_arena_calloc(arena, groups ? groups : 1, sizeof(*s->groups));
	if (!s->groups)
		return -ENOMEM;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		for (unsigned bits = 0; !r && bits <= 128; bits++) {
			if (used[v6][bits])
				r = group_init(
					s, arena, v6 ? LNR_AF_INET6 : LNR_AF_INET, (uint8_t)bits);
		}
	}
	return r;
}

bool lnr_netset_find(const struct lnr_netset *s, const struct lnr_ip *ip,
	bool (*hit)(void *user, uint32_t index), void *user)
{
	for (uint32_t k = 0; k < s->n_groups; k++) {
		const struct lnr_netset_group *g = &s->groups[k];

		if (g->family != ip->family)
			continue;
		for (uint32_t slot = (uint32_t)net_hash(ip, g->bits) & g->mask; g->at[slot];
			slot = (slot + 1) & g->mask) {
			uint32_t i = g->at[slot] - 1;

			if (lnr_net_has(&s->nets[i].net, ip) && (!hit || hit(user, i)))
				return true;
		}
	}
	return false;
}
