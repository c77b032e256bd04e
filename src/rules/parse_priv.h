/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser gives to the rest of this folder beside ast.h. */
#ifndef LNR_RULES_PARSE_PRIV_H
#define LNR_RULES_PARSE_PRIV_H

#include "rules/ast.h"

/* Set depth, nodes and has_macro of `n` from its children. */
void lnr_ast_measure(struct lnr_ast *n);
/*
 * The field or transformer that `text` begins with; *ret_len = its bytes. -EINVAL with *err when it
 * begins with none, or a field name is longer than `name_max`.
 */
int lnr_cond_parse_expr(struct lnr_arena *arena, struct lnr_str text, size_t name_max,
	const struct lnr_ast **ret, size_t *ret_len, struct lnr_cond_err *err);

#endif
