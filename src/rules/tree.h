/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The typed tree of a condition: fields resolved, operators chosen, constants converted. It is what
 * the reference evaluator walks, what the network (network.h) and the kernel predicate are compiled
 * from. Immutable; lives in the rule set's arena.
 */
#ifndef LNR_RULES_TREE_H
#define LNR_RULES_TREE_H

#include "fields/core/field.h"
#include "rules/ast.h"

enum lnr_node_kind {
	LNR_NODE_TRUE,
	LNR_NODE_FALSE,
	LNR_NODE_AND,
	LNR_NODE_OR,
	LNR_NODE_NOT,
	LNR_NODE_CHECK
};
enum lnr_mod { LNR_MOD_NONE, LNR_MOD_ONEOF, LNR_MOD_ANYOF, LNR_MOD_ALLOF };

/* A value to compute: a field, a constant, or a transformer over expressions. */
struct lnr_expr {
	enum { LNR_EXPR_FIELD, LNR_EXPR_CONST, LNR_EXPR_TRANSFORM, LNR_EXPR_LIST } kind;
	uint8_t type; /* enum lnr_pt of the result (or of its elements) */
	bool is_list;
	/*
	 * Equal expressions of a rule set share an id: index of its per-event cache. UINT32_MAX:
	 * never cached, because it differs at each evaluation (LNR_FIELD_VOLATILE in it) or there
	 * is no interner.
	 */
	uint32_t id;
	bool is_volatile;
	bool may_nul;			  /* a text that may hold NUL bytes: it was decoded */
	struct lnr_field_ref field;	  /* FIELD */
	struct lnr_val value;		  /* CONST */
	const struct lnr_transformer *fn; /* TRANSFORM: row of the transformer table */
	bool has_arg;			  /* TRANSFORM: had [argument] */
	struct lnr_str fn_arg;		  /* TRANSFORM: bracket text (getopt) */
	const struct lnr_expr **args;	  /* TRANSFORM, LIST */
	uint32_t n_args;
	struct lnr_str text; /* canonical, "toupper(proc.name)" */
};

struct lnr_node {
	uint8_t kind; /* enum lnr_node_kind */
	uint8_t mod;  /* enum lnr_mod */
	bool retypes; /* CHECK: evt.rawarg, whose type is that of the event's parameter */
	uint32_t id;  /* CHECK: equal checks of a rule set share an id */
	uint32_t n_kids;
	const struct lnr_node **kids;
	/* CHECK */
	const struct lnr_op *op; /* row of the operator table (ops.h) */
	const struct lnr_expr *lhs;
	const struct lnr_expr *rhs;   /* field-to-field; else NULL */
	const struct lnr_val *consts; /* converted constants; one for plain operators */
	uint32_t n_consts;
	const struct lnr_str *texts; /* constants as written, for fields that compare themselves */
	/*
	 * Of the operator: value set, path trie … for the list form; else an array with one entry
	 * per constant (compiled pattern, or NULL), NULL when the operator prepares nothing.
	 */
	const void *prep;
};

#endif
