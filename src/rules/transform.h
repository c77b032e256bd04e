/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transformers: one row each (spec rules-language.md 10). A new one is a row and its functions in
 * transform.c and a test; the parser reads the names here.
 */
#ifndef LNR_RULES_TRANSFORM_H
#define LNR_RULES_TRANSFORM_H

#include "base/err.h"
#include "rules/tree.h"

struct lnr_transformer {
	const char *name;
	uint16_t min_args, max_args;
	bool bracket; /* may be followed by [argument] */
	/* Check the arguments' types and set e->type, e->is_list. -EINVAL with a reason. */
	int (*check)(struct lnr_expr *e, struct lnr_err *err);
	/* All arguments have a value. False = the result is absent. Memory from ev->scratch. */
	bool (*eval)(struct lnr_field_ctx *ctx, const struct lnr_expr *e,
		const struct lnr_val *args, struct lnr_val *ret);
};

/* Rows in order; NULL past the end. "val" is not among them: it changes nothing. */
const struct lnr_transformer *lnr_transformer_row(size_t i);
const struct lnr_transformer *lnr_transformer_find(struct lnr_str name);

#endif
