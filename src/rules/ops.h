/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators: one row each. The parser reads names and forms, the compiler what is allowed, the
 * evaluators how to compare (spec rules-language.md 6, 8). A new operator is a row and its function
 * in ops.c and a test.
 */
#ifndef LNR_RULES_OPS_H
#define LNR_RULES_OPS_H

#include "rules/tree.h"
#include "rules/types.h"

/* How an operator is written and what follows it. */
enum lnr_op_form {
	LNR_OPF_ALONE,	/* exists */
	LNR_OPF_NUMBER, /* < 5 */
	LNR_OPF_SYMBOL, /* = text, = anyof (text, …) */
	LNR_OPF_WORD,	/* contains text; a blank must follow */
	LNR_OPF_LIST,	/* in (text, …) */
};

enum {
	/* Of several ends of a connection all must agree: `!=` (tree.h, LNR_FIELD_ENDPOINTS). */
	LNR_OP_NEEDS_ALL = 1 << 0,
	/* No field on the right. */
	LNR_OP_NO_RHS = 1 << 1,
	/* Constants are texts of hexadecimal digits. */
	LNR_OP_HEX = 1 << 2,
	/* Of a list value every element must satisfy it: `in`. */
	LNR_OP_EVERY = 1 << 3,
};

/* What a row's prepare() may use. */
struct lnr_op_env {
	unsigned type; /* enum lnr_pt of the constants, of which there may be none */
	struct lnr_arena *arena;
	struct lnr_interner *interner; /* owns what the arena cannot free; or NULL */
	struct lnr_err *err;
};

struct lnr_op {
	const char *name;
	uint8_t form;	 /* enum lnr_op_form */
	uint8_t classes; /* LNR_TC_ that it can compare */
	uint8_t flags;	 /* LNR_OP_ */
	/*
	 * Compile constants: one for most operators (modifiers call it for each), all of them for
	 * the list form. Optional; *ret NULL = nothing to prepare.
	 */
	int (*prepare)(const struct lnr_op_env *env, const struct lnr_val *consts, size_t n,
		const void **ret);
	/*
	 * Compare a scalar value with a constant or, with prep NULL, with another field's value (a
	 * list for the list form). The list form gets its constants by prep alone.
	 */
	bool (*eval)(struct lnr_field_ctx *ctx, const struct lnr_val *v, const struct lnr_val *c,
		const void *prep);
};

/* Rows in the order in which they are recognised; NULL past the end. */
const struct lnr_op *lnr_op_row(size_t i);
/* Row of a spelling, or NULL. "==" has a row of its own with the same functions as "=". */
const struct lnr_op *lnr_op_find(struct lnr_str name);
/* The row that stands for all spellings of the same operator: "=" for "==". */
const struct lnr_op *lnr_op_canonical(const struct lnr_op *op);

#endif
