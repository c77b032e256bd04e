/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/eval.h"

#include "rules/ops.h"
#include "rules/transform.h"

/* --- expressions --------------------------------------------------------------------------- */

/* Elements of a list literal one after the other; a list among them adds its elements. */
static bool eval_list(const struct lnr_expr *e, const struct lnr_val *args,
	struct lnr_arena *scratch, struct lnr_val *ret)
{
	size_t n = 0, at = 0;
	struct lnr_val *items;

	for (uint32_t i = 0; i < e->n_args; i++)
		n += args[i].is_list ? args[i].list.n : 1;
	items = lnr_arena_calloc(scratch, n + 1, sizeof(*items));
	if (!items)
		return false;
	for (uint32_t i = 0; i < e->n_args; i++) {
		if (!args[i].is_list) {
			items[at++] = args[i];
			continue;
		}
		memcpy(items + at, args[i].list.items, args[i].list.n * sizeof(*items));
		at += args[i].list.n;
	}
	*ret = (struct lnr_val){.type = e->type, .is_list = true};
	ret->list.items = items;
	ret->list.n = n;
	return true;
}

static bool compute(const struct lnr_expr *e, struct lnr_field_ctx *ctx,
	struct lnr_expr_cache *cache, struct lnr_val *ret)
{
	struct lnr_val few[4], *args = few, tmp;

	if (e->kind == LNR_EXPR_FIELD)
		return lnr_field_get(ctx, &e->field, ret);
	if (e->kind == LNR_EXPR_CONST) {
		*ret = e->value;
		return true;
	}
	if (e->n_args > LNR_ARRAY_SIZE(few)) {
		args = lnr_arena_calloc(ctx->ev->scratch, e->n_args, sizeof(*args));
		if (!args)
			return false;
	}
	for (uint32_t i = 0; i < e->n_args; i++) {
		const struct lnr_val *v = lnr_expr_get(e->args[i], ctx, cache, &tmp);

		if (!v)
			return false;
		args[i] = *v;
	}
	if (e->kind == LNR_EXPR_LIST)
		return eval_list(e, args, ctx->ev->scratch, ret);
	return e->fn->eval(ctx, e, args, ret);
}

const struct lnr_val *lnr_expr_get(const struct lnr_expr *e, struct lnr_field_ctx *ctx,
	struct lnr_expr_cache *cache, struct lnr_val *tmp)
{
	struct lnr_expr_slot *s;

	if (!cache || e->id == UINT32_MAX)
		return compute(e, ctx, cache, tmp) ? tmp : NULL;
	s = &cache->slots[e->id];
	if (s->gen != cache->gen) {
		s->present = compute(e, ctx, cache, &s->v);
		s->gen = cache->gen;
	}
	return s->present ? &s->v : NULL;
}

bool lnr_expr_eval(const struct lnr_expr *e, struct lnr_field_ctx *ctx, struct lnr_val *ret)
{
	return compute(e, ctx, NULL, ret);
}

/* --- checks -------------------------------------------------------------------------------- */

/*
 * The operator for one constant (or all of them, for the list form) and a value that may be more
 * than one:
 *
 *	ancestors		one of them is enough
 *	ends of a connection	one is enough, but for `!=` all, and there must be one
 *	list value		every element for `in`, one for `intersects`
 */
static bool base(const struct lnr_node *n, struct lnr_field_ctx *ctx, const struct lnr_val *v,
	const struct lnr_val *c, const void *prep)
{
	uint32_t flags;
	bool all, empty = false;

	if (!v->is_list)
		return n->op->eval(ctx, v, c, prep);
	flags = lnr_check_flags(n);
	if (flags & LNR_FIELD_ANY) {
		all = false;
	} else if (flags & LNR_FIELD_ENDPOINTS) {
		all = n->op->flags & LNR_OP_NEEDS_ALL;
	} else {
		all = n->op->flags & LNR_OP_EVERY;
		empty = all;
	}
	if (v->list.n == 0)
		return empty;
	for (size_t i = 0; i < v->list.n; i++) {
		if (n->op->eval(ctx, &v->list.items[i], c, prep) != all)
			return !all;
	}
	return all;
}

/*
 * A number was written because the first event with an argument of that name has one; this event
 * has a text. The reference then takes the number's bytes for a text, and rules see that: mount's
 * "type" is greater than 2050, the byte 2 followed by the byte 8.
 */
static const struct lnr_val *retyped(
	const struct lnr_val *v, const struct lnr_val *c, struct lnr_val *tmp)
{
	enum lnr_val_kind kind = lnr_pt_kind(c->type);

	if (lnr_pt_kind(v->type) != LNR_VK_STR || (kind != LNR_VK_S64 && kind != LNR_VK_U64))
		return c;
	*tmp = (struct lnr_val){.type = v->type};
	tmp->str.ptr = (const char *)&c->u64; /* both platforms are little-endian */
	tmp->str.len = strnlen(tmp->str.ptr, lnr_pt_size(c->type));
	return tmp;
}

/* How many of `n` results are wanted. */
static bool modified(enum lnr_mod mod, uint32_t n, uint32_t hits)
{
	switch (mod) {
	case LNR_MOD_ONEOF:
		return hits == 1;
	case LNR_MOD_ANYOF:
		return hits > 0;
	case LNR_MOD_ALLOF:
		return n > 0 && hits == n;
	case LNR_MOD_NONE:
		break;
	}
	return false;
}

bool lnr_check_compare(const struct lnr_node *n, struct lnr_field_ctx *ctx,
	const struct lnr_val *lhs, const struct lnr_val *rhs)
{
	const void *const *preps = n->prep;
	uint32_t hits = 0;
	struct lnr_val tmp;

	if (n->op->form == LNR_OPF_ALONE)
		return true;
	if (rhs)
		return base(n, ctx, lhs, rhs, NULL);
	if (n->op->form == LNR_OPF_LIST)
		return base(n, ctx, lhs, NULL, n->prep);
	for (uint32_t i = 0; i < n->n_consts; i++) {
		const struct lnr_val *c = &n->consts[i];
		bool hit = base(n, ctx, lhs, n->retypes ? retyped(lhs, c, &tmp) : c,
			preps ? preps[i] : NULL);

		if (n->mod == LNR_MOD_NONE)
			return hit;
		hits += hit;
		if (n->mod == LNR_MOD_ANYOF ? hit : n->mod == LNR_MOD_ALLOF ? !hit : hits > 1)
			break;
	}
	return modified((enum lnr_mod)n->mod, n->n_consts, hits);
}

/* Fields that compare themselves: 1, 0, or -1 when it is the usual comparison after all. */
static int compare_own(const struct lnr_node *n, struct lnr_field_ctx *ctx)
{
	const struct lnr_field_ref *ref = &n->lhs->field;
	uint32_t hits = 0;

	if (n->op->form == LNR_OPF_ALONE)
		return ref->def->compare(ctx, ref, n->op->name, LNR_STR(""));
	for (uint32_t i = 0; i < n->n_consts; i++) {
		int r = ref->def->compare(ctx, ref, n->op->name, n->texts[i]);

		if (r < 0)
			return -1;
		hits += r > 0;
	}
	if (n->mod == LNR_MOD_NONE)
		return hits > 0; /* one constant, or a list of which one is enough */
	return modified((enum lnr_mod)n->mod, n->n_consts, hits);
}

/* Texts compare up to their NUL, except that `in` takes all bytes (spec fields.md 1). */
static const struct lnr_val *cut_nul(const struct lnr_val *v, struct lnr_val *tmp)
{
	if (v->is_list || v->type == LNR_PT_BYTEBUF)
		return v;
	*tmp = *v;
	tmp->str.len = strnlen(v->str.ptr, v->str.len);
	return tmp;
}

bool lnr_check_eval(
	const struct lnr_node *n, struct lnr_field_ctx *ctx, struct lnr_expr_cache *cache)
{
	struct lnr_val tmp, rtmp;
	const struct lnr_val *lhs, *rhs = NULL;

	if (n->texts && !n->rhs) {
		int r = compare_own(n, ctx);

		if (r >= 0)
			return r;
	}
	lhs = lnr_expr_get(n->lhs, ctx, cache, &tmp);
	if (!lhs)
		return false;
	if (n->rhs) {
		rhs = lnr_expr_get(n->rhs, ctx, cache, &rtmp);
		if (!rhs)
			return false;
	}
	if (n->lhs->may_nul && n->op->form != LNR_OPF_LIST)
		lhs = cut_nul(lhs, &tmp);
	if (rhs && n->rhs->may_nul && n->op->form != LNR_OPF_LIST)
		rhs = cut_nul(rhs, &rtmp);
	return lnr_check_compare(n, ctx, lhs, rhs);
}

/* --- trees --------------------------------------------------------------------------------- */

bool lnr_node_eval(const struct lnr_node *n, struct lnr_field_ctx *ctx)
{
	switch ((enum lnr_node_kind)n->kind) {
	case LNR_NODE_TRUE:
		return true;
	case LNR_NODE_FALSE:
		return false;
	case LNR_NODE_AND:
		for (uint32_t i = 0; i < n->n_kids; i++) {
			if (!lnr_node_eval(n->kids[i], ctx))
				return false;
		}
		return true;
	case LNR_NODE_OR:
		for (uint32_t i = 0; i < n->n_kids; i++) {
			if (lnr_node_eval(n->kids[i], ctx))
				return true;
		}
		return false;
	case LNR_NODE_NOT:
		return !lnr_node_eval(n->kids[0], ctx);
	case LNR_NODE_CHECK:
		return lnr_check_eval(n, ctx, NULL);
	}
	return false;
}
