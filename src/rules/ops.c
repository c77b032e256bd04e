/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ops.h"

#include "rules/glob.h"
#include "rules/intern.h"
#include "rules/pathtrie.h"
#include "rules/regex.h"
#include "rules/valset.h"

#define EVAL(fn)                                                           \
	static bool fn(struct lnr_field_ctx *ctx, const struct lnr_val *v, \
		const struct lnr_val *c, const void *prep)
#define PREPARE(fn)                                                                         \
	static int fn(const struct lnr_op_env *env, const struct lnr_val *consts, size_t n, \
		const void **ret)

static bool is_str(const struct lnr_val *v)
{
	return lnr_pt_kind(v->type) == LNR_VK_STR;
}

static int no_memory(const struct lnr_op_env *env)
{
	return lnr_fail(env->err, -ENOMEM, "out of memory");
}

/* --- equality and order -------------------------------------------------------------------- */

/* An address is "equal" to a network that holds it. */
static bool equals(const struct lnr_val *v, const struct lnr_val *c)
{
	if (c->type == LNR_PT_IPNET && lnr_pt_kind(v->type) == LNR_VK_IP)
		return lnr_net_has(&c->net, &v->ip);
	return lnr_val_eq(v, c);
}

EVAL(eval_exists)
{
	(void)ctx;
	(void)v;
	(void)c;
	(void)prep;
	return true; /* there is a value */
}

EVAL(eval_eq)
{
	(void)ctx;
	(void)prep;
	return equals(v, c);
}

/* Values that cannot be compared are not unequal either (types of evt.rawarg vary by event). */
EVAL(eval_ne)
{
	bool ok = true;

	(void)ctx;
	(void)prep;
	if (c->type == LNR_PT_IPNET)
		return lnr_pt_kind(v->type) == LNR_VK_IP && !lnr_net_has(&c->net, &v->ip);
	return lnr_val_cmp(v, c, &ok) != 0 && ok;
}

EVAL(eval_lt)
{
	bool ok;

	(void)ctx;
	(void)prep;
	return lnr_val_cmp(v, c, &ok) < 0 && ok;
}

EVAL(eval_le)
{
	bool ok;

	(void)ctx;
	(void)prep;
	return lnr_val_cmp(v, c, &ok) <= 0 && ok;
}

EVAL(eval_gt)
{
	bool ok;

	(void)ctx;
	(void)prep;
	return lnr_val_cmp(v, c, &ok) > 0 && ok;
}

EVAL(eval_ge)
{
	bool ok;

	(void)ctx;
	(void)prep;
	return lnr_val_cmp(v, c, &ok) >= 0 && ok;
}

/* --- texts --------------------------------------------------------------------------------- */

EVAL(eval_contains)
{
	(void)ctx;
	(void)prep;
	return is_str(v) && is_str(c) && lnr_str_find(v->str, c->str) >= 0;
}

EVAL(eval_icontains)
{
	(void)ctx;
	(void)prep;
	return is_str(v) && is_str(c) && lnr_str_ifind(v->str, c->str) >= 0;
}

EVAL(eval_startswith)
{
	(void)ctx;
	(void)prep;
	return is_str(v) && is_str(c) && lnr_str_starts(v->str, c->str);
}

EVAL(eval_endswith)
{
	(void)ctx;
	(void)prep;
	return is_str(v) && is_str(c) && lnr_str_ends(v->str, c->str);
}

static int prepare_glob(
	const struct lnr_op_env *env, const struct lnr_val *c, bool fold, const void **ret)
{
	const struct lnr_glob *g;

	if (lnr_glob_new(env->arena, c->str, fold, &g))
		return no_memory(env);
	*ret = g;
	return 0;
}

/* Without a prepared pattern it comes from a field: compile it for this event. */
static bool glob(struct lnr_field_ctx *ctx, const struct lnr_val *v, const struct lnr_val *c,
	const struct lnr_glob *g, bool fold)
{
	if (!is_str(v))
		return false;
	if (!g && (!is_str(c) || lnr_glob_new(ctx->ev->scratch, c->str, fold, &g)))
		return false;
	return lnr_glob_match(g, ctx->ev->scratch, v->str);
}

PREPARE(prepare_cglob)
{
	(void)n;
	return prepare_glob(env, consts, false, ret);
}

PREPARE(prepare_iglob)
{
	(void)n;
	return prepare_glob(env, consts, true, ret);
}

EVAL(eval_cglob)
{
	return glob(ctx, v, c, prep, false);
}

EVAL(eval_iglob)
{
	return glob(ctx, v, c, prep, true);
}

PREPARE(prepare_regex)
{
	const struct lnr_regex *re;

	(void)n;
	/* Machine code has to be freed by somebody. */
	int r = lnr_regex_new(env->arena, consts->str, env->interner != NULL, &re, env->err);
	if (r)
		return r;
	if (env->interner && lnr_interner_own(env->interner, re)) {
		lnr_regex_free(re);
		return no_memory(env);
	}
	*ret = re;
	return 0;
}

EVAL(eval_regex)
{
	(void)c;
	return is_str(v) && lnr_regex_match(prep, ctx->ev->scratch, v->str);
}

/* --- lists --------------------------------------------------------------------------------- */

PREPARE(prepare_set)
{
	if (env->type == LNR_PT_IPNET) {
		struct lnr_netset *nets = lnr_arena_new(env->arena, struct lnr_netset);

		if (!nets || lnr_netset_init(nets, env->arena, consts, (uint32_t)n))
			return no_memory(env);
		*ret = nets;
		return 0;
	}

	struct lnr_valset *vals = lnr_arena_new(env->arena, struct lnr_valset);
	if (!vals || lnr_valset_init(vals, env->arena, consts, (uint32_t)n))
		return no_memory(env);
	*ret = vals;
	return 0;
}

/* One value in the constants, or equal to the other field's value or to one of its list. */
EVAL(eval_set)
{
	(void)ctx;
	if (prep && v->type == LNR_PT_IPNET)
		return lnr_netset_find(prep, &v->ip, NULL, NULL);
	if (prep)
		return lnr_valset_find(prep, v) >= 0;
	if (!c->is_list)
		return equals(v, c);
	for (size_t i = 0; i < c->list.n; i++) {
		if (equals(v, &c->list.items[i]))
			return true;
	}
	return false;
}

PREPARE(prepare_pmatch)
{
	const struct lnr_pathtrie *t;
	struct lnr_str *paths = lnr_arena_calloc(env->arena, n + 1, sizeof(*paths));

	if (!paths)
		return no_memory(env);
	for (size_t i = 0; i < n; i++)
		paths[i] = consts[i].str;
	if (lnr_pathtrie_new(env->arena, paths, (uint32_t)n, &t))
		return no_memory(env);
	*ret = t;
	return 0;
}

EVAL(eval_pmatch)
{
	(void)c;
	return is_str(v) && lnr_pathtrie_match(prep, ctx->ev->scratch, v->str, NULL, NULL);
}

/* --- the table ----------------------------------------------------------------------------- */

#define ORDERED	 (LNR_TC_NUMBER | LNR_TC_STRING)
#define TEXTUAL	 (LNR_TC_STRING | LNR_TC_BYTES)
#define PATTERNS LNR_TC_STRING

/* Longer spellings before their beginnings: they are recognised as prefixes. */
static const struct lnr_op rows[] = {
	{"exists", LNR_OPF_ALONE, LNR_TC_ALL, LNR_OP_NO_RHS, NULL, eval_exists},
	{"<=", LNR_OPF_NUMBER, ORDERED, 0, NULL, eval_le},
	{"<", LNR_OPF_NUMBER, ORDERED, 0, NULL, eval_lt},
	{">=", LNR_OPF_NUMBER, ORDERED, 0, NULL, eval_ge},
	{">", LNR_OPF_NUMBER, ORDERED, 0, NULL, eval_gt},
	{"==", LNR_OPF_SYMBOL, LNR_TC_SCALAR, 0, NULL, eval_eq},
	{"=", LNR_OPF_SYMBOL, LNR_TC_SCALAR, 0, NULL, eval_eq},
	{"!=", LNR_OPF_SYMBOL, LNR_TC_SCALAR, LNR_OP_NEEDS_ALL, NULL, eval_ne},
	{"glob", LNR_OPF_WORD, PATTERNS, 0, prepare_cglob, eval_cglob},
	{"iglob", LNR_OPF_WORD, PATTERNS, 0, prepare_iglob, eval_iglob},
	{"contains", LNR_OPF_WORD, TEXTUAL, 0, NULL, eval_contains},
	{"icontains", LNR_OPF_WORD, PATTERNS, 0, NULL, eval_icontains},
	{"bcontains", LNR_OPF_WORD, LNR_TC_BYTES, LNR_OP_HEX, NULL, eval_contains},
	{"startswith", LNR_OPF_WORD, TEXTUAL, 0, NULL, eval_startswith},
	{"bstartswith", LNR_OPF_WORD, LNR_TC_BYTES, LNR_OP_HEX, NULL, eval_startswith},
	{"endswith", LNR_OPF_WORD, TEXTUAL, 0, NULL, eval_endswith},
	{"regex", LNR_OPF_WORD, PATTERNS, LNR_OP_NO_RHS, prepare_regex, eval_regex},
	{"intersects", LNR_OPF_LIST, LNR_TC_ALL, 0, prepare_set, eval_set},
	{"in", LNR_OPF_LIST, LNR_TC_ALL, LNR_OP_EVERY, prepare_set, eval_set},
	{"pmatch", LNR_OPF_LIST, PATTERNS, LNR_OP_NO_RHS, prepare_pmatch, eval_pmatch},
};

const struct lnr_op *lnr_op_row(size_t i)
{
	return i < LNR_ARRAY_SIZE(rows) ? &rows[i] : NULL;
}

const struct lnr_op *lnr_op_find(struct lnr_str name)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		if (lnr_str_eq(name, lnr_str_c(rows[i].name)))
			return &rows[i];
	}
	return NULL;
}

const struct lnr_op *lnr_op_canonical(const struct lnr_op *op)
{
	return op->eval == eval_eq ? lnr_op_find(LNR_STR("=")) : op;
}
