/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/intern.h"

#include <stdlib.h>
#include "base/hash.h"
#include "rules/ops.h"
#include "rules/regex.h"
#include "rules/transform.h"
#include "rules/valset.h"

/* An entry of a chain of equal hashes. */
struct entry {
	const void *what; /* struct lnr_expr or struct lnr_node */
	struct entry *next;
};

struct lnr_interner {
	struct lnr_arena *arena;
	struct lnr_idmap exprs, checks; /* hash to struct entry */
	uint32_t n_exprs, n_checks, n_slots;
	const struct lnr_regex **regexes;
	size_t n_regexes, cap_regexes;
};

struct lnr_interner *lnr_interner_new(struct lnr_arena *arena)
{
	struct lnr_interner *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->arena = arena;
	lnr_idmap_init(&in->exprs);
	lnr_idmap_init(&in->checks);
	return in;
}

struct lnr_interner *lnr_interner_free(struct lnr_interner *in)
{
	if (!in)
		return NULL;
	for (size_t i = 0; i < in->n_regexes; i++)
		lnr_regex_free(in->regexes[i]);
	free(in->regexes);
	lnr_idmap_done(&in->exprs);
	lnr_idmap_done(&in->checks);
	free(in);
	return NULL;
}

uint32_t lnr_interner_exprs(const struct lnr_interner *in)
{
	return in->n_exprs;
}

uint32_t lnr_interner_checks(const struct lnr_interner *in)
{
	return in->n_checks;
}

uint32_t lnr_interner_slots(const struct lnr_interner *in)
{
	return in->n_slots;
}

uint32_t lnr_interner_slot(struct lnr_interner *in)
{
	return in->n_slots++;
}

int lnr_interner_own(struct lnr_interner *in, const struct lnr_regex *re)
{
	if (in->n_regexes == in->cap_regexes) {
		size_t cap = in->cap_regexes ? in->cap_regexes * 2 : 16;
		void *p = reallocarray(in->regexes, cap, sizeof(struct lnr_regex *));

		if (!p)
			return -ENOMEM;
		in->regexes = p;
		in->cap_regexes = cap;
	}
	in->regexes[in->n_regexes++] = re;
	return 0;
}

uint64_t lnr_interner_gave_up(const struct lnr_interner *in)
{
	uint64_t n = 0;

	for (size_t i = 0; i < in->n_regexes; i++)
		n += lnr_regex_gave_up(in->regexes[i]);
	return n;
}

/* --- hashing ------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t h, uint64_t v)
{
	return lnr_u64_hash(h ^ lnr_u64_hash(v));
}

static uint64_t mix_ptr(uint64_t h, const void *p)
{
	return mix(h, (uint64_t)(uintptr_t)p);
}

static uint64_t mix_str(uint64_t h, struct lnr_str s)
{
	return lnr_str_hash(s, h);
}

/* Exactly the same value, of the same type. */
static bool same_val(const struct lnr_val *a, const struct lnr_val *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == LNR_PT_IPNET)
		return a->net.bits == b->net.bits && lnr_ip_eq(&a->net.ip, &b->net.ip);
	return lnr_val_eq(a, b);
}

static uint64_t mix_val(uint64_t h, const struct lnr_val *v)
{
	if (v->type == LNR_PT_IPNET) {
		struct lnr_val ip = {.type = LNR_PT_IPADDR, .ip = v->net.ip};

		return mix(mix(h, v->net.bits), lnr_val_hash(&ip));
	}
	return mix(mix(h, v->type), lnr_val_hash(v));
}

/* --- expressions --------------------------------------------------------------------------- */

static uint64_t hash_expr(const struct lnr_expr *e)
{
	uint64_t h = mix(mix(0, e->kind), e->type * 2u + e->is_list);

	switch (e->kind) {
	case LNR_EXPR_FIELD:
		h = mix_str(mix_ptr(h, e->field.def), e->field.text);
		break;
	case LNR_EXPR_CONST:
		h = mix_val(h, &e->value);
		break;
	case LNR_EXPR_TRANSFORM:
		h = mix_str(mix(mix_ptr(h, e->fn), e->has_arg), e->fn_arg);
		break;
	case LNR_EXPR_LIST:
		break;
	}
	for (uint32_t i = 0; i < e->n_args; i++)
		h = mix(h, e->args[i]->id);
	return h;
}

static bool same_expr(const struct lnr_expr *a, const struct lnr_expr *b)
{
	if (a->kind != b->kind || a->type != b->type || a->is_list != b->is_list ||
		a->n_args != b->n_args)
		return false;
	switch (a->kind) {
	case LNR_EXPR_FIELD:
		/* The class differs between two plugins that share a row table. */
		if (a->field.def != b->field.def || a->field.cls != b->field.cls ||
			!lnr_str_eq(a->field.text, b->field.text))
			return false;
		break;
	case LNR_EXPR_CONST:
		if (!same_val(&a->value, &b->value))
			return false;
		break;
	case LNR_EXPR_TRANSFORM:
		if (a->fn != b->fn || a->has_arg != b->has_arg || !lnr_str_eq(a->fn_arg, b->fn_arg))
			return false;
		break;
	case LNR_EXPR_LIST:
		break;
	}
	for (uint32_t i = 0; i < a->n_args; i++) {
		if (a->args[i]->id != b->args[i]->id)
			return false;
	}
	return true;
}

const struct lnr_expr *lnr_interner_find_expr(
	const struct lnr_interner *in, const struct lnr_expr *e, uint64_t *ret_hash)
{
	*ret_hash = 0;
	if (e->is_volatile)
		return NULL;
	*ret_hash = hash_expr(e);
	for (const struct entry *x = lnr_idmap_get(&in->exprs, *ret_hash); x; x = x->next) {
		if (same_expr(x->what, e))
			return x->what;
	}
	return NULL;
}

static int add(struct lnr_interner *in, struct lnr_idmap *map, const void *what, uint64_t hash)
{
	struct entry *x = lnr_arena_new(in->arena, struct entry);

	if (!x)
		return -ENOMEM;
	x->what = what;
	x->next = lnr_idmap_get(map, hash);
	return lnr_idmap_set(map, hash, x, NULL);
}

int lnr_interner_add_expr(struct lnr_interner *in, struct lnr_expr *e, uint64_t hash)
{
	e->id = UINT32_MAX;
	if (e->is_volatile)
		return 0;
	if (add(in, &in->exprs, e, hash))
		return -ENOMEM;
	e->id = in->n_exprs++;
	return 0;
}

/* --- checks -------------------------------------------------------------------------------- */

static bool is_volatile(const struct lnr_node *n)
{
	return n->lhs->is_volatile || (n->rhs && n->rhs->is_volatile);
}

static uint64_t hash_check(const struct lnr_node *n)
{
	uint64_t h = mix_ptr(mix(0, n->mod), lnr_op_canonical(n->op));

	h = mix(mix(h, n->lhs->id), n->rhs ? n->rhs->id + UINT64_C(1) : 0);
	h = mix(h, n->n_consts);
	for (uint32_t i = 0; i < n->n_consts; i++)
		h = mix_val(h, &n->consts[i]);
	return h;
}

static bool same_check(const struct lnr_node *a, const struct lnr_node *b)
{
	if (a->mod != b->mod || lnr_op_canonical(a->op) != lnr_op_canonical(b->op) ||
		a->lhs->id != b->lhs->id || !a->rhs != !b->rhs ||
		(a->rhs && a->rhs->id != b->rhs->id) || a->n_consts != b->n_consts)
		return false;
	for (uint32_t i = 0; i < a->n_consts; i++) {
		if (!same_val(&a->consts[i], &b->consts[i]))
			return false;
	}
	return true;
}

const struct lnr_node *lnr_interner_find_check(
	const struct lnr_interner *in, const struct lnr_node *n, uint64_t *ret_hash)
{
	*ret_hash = 0;
	if (is_volatile(n))
		return NULL;
	*ret_hash = hash_check(n);
	for (const struct entry *x = lnr_idmap_get(&in->checks, *ret_hash); x; x = x->next) {
		if (same_check(x->what, n))
			return x->what;
	}
	return NULL;
}

int lnr_interner_add_check(struct lnr_interner *in, struct lnr_node *n, uint64_t hash)
{
	if (!is_volatile(n) && add(in, &in->checks, n, hash))
		return -ENOMEM;
	n->id = in->n_checks++;
	return 0;
}
