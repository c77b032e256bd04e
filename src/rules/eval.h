/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluation with and without remembering values. For this folder: the reference evaluator of
 * cond.h and the compiled network share what is here, so that they can differ only in which checks
 * they ask and in what order.
 */
#ifndef LNR_RULES_EVAL_H
#define LNR_RULES_EVAL_H

#include "rules/cond.h"

/* Values of one event by expression id. A slot is valid when its gen is the cache's. */
struct lnr_expr_slot {
	uint32_t gen;
	bool present;
	struct lnr_val v;
};
struct lnr_expr_cache {
	struct lnr_expr_slot *slots;
	uint32_t gen; /* never 0 */
};

/*
 * Value of an expression, or NULL when absent. It is in the cache or in *tmp. `cache` may be NULL;
 * expressions without id are always computed.
 */
const struct lnr_val *lnr_expr_get(const struct lnr_expr *e, struct lnr_field_ctx *ctx,
	struct lnr_expr_cache *cache, struct lnr_val *tmp);
/* A whole check. */
bool lnr_check_eval(
	const struct lnr_node *n, struct lnr_field_ctx *ctx, struct lnr_expr_cache *cache);
/*
 * The comparison of a check alone, for a left value that is there and a right one when it has a
 * field on the right.
 */
bool lnr_check_compare(const struct lnr_node *n, struct lnr_field_ctx *ctx,
	const struct lnr_val *lhs, const struct lnr_val *rhs);
/* Flags of the field on the left, 0 when there is something else. */
static inline uint32_t lnr_check_flags(const struct lnr_node *n)
{
	return n->lhs->kind == LNR_EXPR_FIELD ? n->lhs->field.def->flags : 0;
}

#endif
