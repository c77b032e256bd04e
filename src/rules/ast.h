/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parse tree of a condition: text with positions, macros still by name, nothing typed.
 * Grammar: spec rules-language.md 6. Nodes live in the caller's arena and point into the text that
 * was parsed, which must live as long. Never changed after parsing; lnr_ast_expand() shares
 * subtrees.
 */
#ifndef LNR_RULES_AST_H
#define LNR_RULES_AST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum lnr_ast_kind {
	LNR_AST_NONE,
	LNR_AST_AND,	     /* kids: two or more */
	LNR_AST_OR,	     /* kids: two or more */
	LNR_AST_NOT,	     /* kids: one */
	LNR_AST_MACRO,	     /* text: the name */
	LNR_AST_CHECK,	     /* kids[0] left side, kids[1] right side (none for exists); op, mod */
	LNR_AST_FIELD,	     /* text: name with argument as written, "proc.aname[2]" */
	LNR_AST_TRANSFORMER, /* text: name ("val" too); kids: arguments; arg: bracket text */
	LNR_AST_LIST,	     /* kids: constants (or fields, transformers inside transformers) */
	LNR_AST_CONST,	     /* value: unescaped text */
};

struct lnr_ast {
	uint8_t kind;	/* enum lnr_ast_kind */
	bool quoted;	/* CONST: was in quotes */
	bool has_arg;	/* FIELD, TRANSFORMER: had [argument] */
	bool has_macro; /* a MACRO is in this subtree */
	uint32_t n_kids;
	uint32_t depth; /* levels of this subtree, 1 for a leaf */
	uint32_t nodes; /* nodes of it with shared subtrees counted each time; saturates */
	uint32_t offset, line, column; /* in the text; line and column 1-based */
	struct lnr_str text;	       /* as written */
	struct lnr_str value;	       /* CONST: unescaped; FIELD: name without argument */
	struct lnr_str arg;	       /* FIELD, TRANSFORMER: unquoted argument */
	struct lnr_str op;	       /* CHECK: "=", "in", … canonical spelling as written */
	struct lnr_str mod;	       /* CHECK: "", "oneof", "allof", "anyof" */
	const struct lnr_ast **kids;
};

/* Where and why parsing stopped. */
struct lnr_cond_err {
	uint32_t offset, line, column; /* in the text; line and column 1-based */
	const struct lnr_ast *node;    /* what it is about, when parsing had succeeded; or NULL */
	char msg[512];
};

/*
 * Parse a whole condition. `max_depth` counts recursive productions (5 per parenthesis); 0 = the
 * default of LNR_COND_DEPTH. 0, -EINVAL with *err, or -ENOMEM. Iterative enough that the limit, not
 * the stack, ends a hostile text.
 */
int lnr_cond_parse(struct lnr_arena *arena, struct lnr_str text, unsigned max_depth,
	const struct lnr_ast **ret, struct lnr_cond_err *err);
/* Canonical text, spec 6.3. */
void lnr_ast_print(struct lnr_buf *out, const struct lnr_ast *ast);
/* Visit every node, parents first; stops and returns the visitor's first non-zero result. */
int lnr_ast_walk(const struct lnr_ast *ast,
	int (*visit)(const struct lnr_ast *node, const struct lnr_ast *parent, void *user),
	void *user);
/*
 * Replace macros: `find` returns the (already expanded) tree of a macro or NULL. -ENOENT with the
 * first unknown one in *ret_unknown. -E2BIG when the result would be over LNR_COND_NODES or
 * LNR_COND_TREE_DEPTH, with the macro that was one too many. Subtrees without macros are shared
 * with the input.
 */
int lnr_ast_expand(struct lnr_arena *arena, const struct lnr_ast *ast,
	const struct lnr_ast *(*find)(struct lnr_str name, void *user), void *user,
	const struct lnr_ast **ret, const struct lnr_ast **ret_unknown);

#endif
