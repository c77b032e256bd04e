/* SPDX-License-Identifier: Apache-2.0 */
/* What is done with a parse tree: measure, print, walk, replace macros. */
#include "rules/ast.h"

#include "rules/parse_priv.h"
#include "schema/limits.h"

void lnr_ast_measure(struct lnr_ast *n)
{
	uint64_t nodes = 1;

	n->depth = 1;
	for (uint32_t i = 0; i < n->n_kids; i++) {
		const struct lnr_ast *kid = n->kids[i];

		nodes += kid->nodes;
		n->has_macro |= kid->has_macro;
		if (n->depth <= kid->depth)
			n->depth = kid->depth + 1;
	}
	n->nodes = nodes > UINT32_MAX ? UINT32_MAX : (uint32_t)nodes;
}

/* --- printing (spec 6.3) ------------------------------------------------------------------- */

static bool needs_quotes(struct lnr_str s)
{
	static const char special[] = " =\\\"'\b\f\n\r\t";

	for (size_t i = 0; i < s.len; i++) {
		if (memchr(special, s.ptr[i], sizeof(special))) /* its NUL belongs to the set */
			return true;
	}
	return false;
}

static void print_text(struct lnr_buf *out, struct lnr_str s)
{
	static const char from[] = "\b\f\n\r\t\\\"", to[] = "bfnrt\\\"";

	if (!needs_quotes(s)) {
		lnr_buf_str(out, s);
		return;
	}
	lnr_buf_chr(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		const char *f = s.ptr[i] ? strchr(from, s.ptr[i]) : NULL;

		if (f) {
			lnr_buf_chr(out, '\\');
			lnr_buf_chr(out, to[f - from]);
		} else if (!s.ptr[i]) {
			lnr_buf_cstr(out, "\\x00");
		} else {
			lnr_buf_chr(out, s.ptr[i]);
		}
	}
	lnr_buf_chr(out, '"');
}

static void print_argument(struct lnr_buf *out, const struct lnr_ast *n)
{
	if (!n->has_arg)
		return;
	lnr_buf_chr(out, '[');
	if (n->arg.len)
		print_text(out, n->arg);
	else
		lnr_buf_cstr(out, "\"\"");
	lnr_buf_chr(out, ']');
}

static void print_joined(struct lnr_buf *out, const struct lnr_ast *n, const char *between)
{
	lnr_buf_chr(out, '(');
	for (uint32_t i = 0; i < n->n_kids; i++) {
		if (i)
			lnr_buf_cstr(out, between);
		/* A list inside a transformer is as tight as the transformer. */
		if (n->kids[i]->kind == LNR_AST_LIST)
			print_joined(out, n->kids[i], ",");
		else
			lnr_ast_print(out, n->kids[i]);
	}
	lnr_buf_chr(out, ')');
}

void lnr_ast_print(struct lnr_buf *out, const struct lnr_ast *n)
{
	switch ((enum lnr_ast_kind)n->kind) {
	case LNR_AST_NONE:
		break;
	case LNR_AST_AND:
		print_joined(out, n, " and ");
		break;
	case LNR_AST_OR:
		print_joined(out, n, " or ");
		break;
	case LNR_AST_NOT:
		lnr_buf_cstr(out, "not ");
		lnr_ast_print(out, n->kids[0]);
		break;
	case LNR_AST_MACRO:
		lnr_buf_str(out, n->text);
		break;
	case LNR_AST_CHECK:
		lnr_ast_print(out, n->kids[0]);
		lnr_buf_chr(out, ' ');
		lnr_buf_str(out, n->op);
		if (n->mod.len) {
			lnr_buf_chr(out, ' ');
			lnr_buf_str(out, n->mod);
		}
		if (n->n_kids > 1) {
			lnr_buf_chr(out, ' ');
			lnr_ast_print(out, n->kids[1]);
		}
		break;
	case LNR_AST_FIELD:
		lnr_buf_str(out, n->value);
		print_argument(out, n);
		break;
	case LNR_AST_TRANSFORMER:
		lnr_buf_str(out, n->text);
		print_joined(out, n, ",");
		print_argument(out, n);
		break;
	case LNR_AST_LIST:
		print_joined(out, n, ", ");
		break;
	case LNR_AST_CONST:
		print_text(out, n->value);
		break;
	}
}

/* --- walking ------------------------------------------------------------------------------- */

static int walk(const struct lnr_ast *n, const struct lnr_ast *parent,
	int (*visit)(const struct lnr_ast *, const struct lnr_ast *, void *), void *user)
{
	int r = visit(n, parent, user);

	for (uint32_t i = 0; !r && i < n->n_kids; i++)
		r = walk(n->kids[i], n, visit, user);
	return r;
}

int lnr_ast_walk(const struct lnr_ast *ast,
	int (*visit)(const struct lnr_ast *node, const struct lnr_ast *parent, void *user),
	void *user)
{
	return walk(ast, NULL, visit, user);
}

/* --- macros -------------------------------------------------------------------------------- */

struct expander {
	struct lnr_arena *arena;
	const struct lnr_ast *(*find)(struct lnr_str name, void *user);
	void *user;
	const struct lnr_ast **ret_unknown;
};

static int expand(const struct expander *x, const struct lnr_ast *n, uint32_t level,
	const struct lnr_ast **ret)
{
	if (!n->has_macro) {
		*ret = n;
		return level + n->depth > LNR_COND_TREE_DEPTH ? -E2BIG : 0;
	}
	if (n->kind == LNR_AST_MACRO) {
		const struct lnr_ast *body = x->find(n->text, x->user);

		if (!body || level + body->depth > LNR_COND_TREE_DEPTH) {
			*x->ret_unknown = n;
			return body ? -E2BIG : -ENOENT;
		}
		*ret = body;
		return 0;
	}

	struct lnr_ast *copy = lnr_arena_new(x->arena, struct lnr_ast);
	if (!copy)
		return -ENOMEM;
	*copy = *n;
	copy->kids = lnr_arena_calloc(x->arena, n->n_kids, sizeof(copy->kids[0]));
	if (!copy->kids)
		return -ENOMEM;
	for (uint32_t i = 0; i < n->n_kids; i++) {
		int r = expand(x, n->kids[i], level + 1, &copy->kids[i]);

		if (r)
			return r;
	}
	copy->has_macro = false;
	lnr_ast_measure(copy);
	if (copy->nodes > LNR_COND_NODES) {
		*x->ret_unknown = n;
		return -E2BIG;
	}
	*ret = copy;
	return 0;
}

int lnr_ast_expand(struct lnr_arena *arena, const struct lnr_ast *ast,
	const struct lnr_ast *(*find)(struct lnr_str name, void *user), void *user,
	const struct lnr_ast **ret, const struct lnr_ast **ret_unknown)
{
	const struct lnr_ast *unused;
	const struct expander x = {arena, find, user, ret_unknown ? ret_unknown : &unused};

	*x.ret_unknown = ast;
	return expand(&x, ast, 0, ret);
}
