/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Condition text to parse tree (spec rules-language.md 6). Recursive descent without backtracking:
 * every choice is made by looking at what comes next, so the time is linear in the text.
 *
 * A failure is sticky: the functions return NULL and p->lx.rc says why.
 */
#include "rules/parse_priv.h"

#include <stdlib.h>
#include "rules/lex_priv.h"
#include "rules/ops.h"
#include "rules/transform.h"
#include "schema/limits.h"

struct parser {
	struct lnr_lex lx;
	unsigned depth, max_depth;
	/* Children of the nodes that are being read; each node takes its own off the end. */
	const struct lnr_ast **kids;
	size_t n_kids, cap_kids;
};

static const char *const modifiers[] = {"oneof", "anyof", "allof"};

static const struct lnr_ast *parse_or(struct parser *p);
static const struct lnr_ast *parse_transformer(struct parser *p);

/* --- nodes --------------------------------------------------------------------------------- */

static struct lnr_ast *node_new(struct parser *p, enum lnr_ast_kind kind, struct lnr_place at)
{
	struct lnr_ast *n = lnr_arena_new(p->lx.arena, struct lnr_ast);

	if (!n) {
		lnr_lex_no_memory(&p->lx);
		return NULL;
	}
	n->kind = (uint8_t)kind;
	n->offset = at.offset;
	n->line = at.line;
	n->column = at.column;
	n->depth = 1;
	n->nodes = 1;
	return n;
}

static bool push(struct parser *p, const struct lnr_ast *kid)
{
	if (!kid)
		return false;
	if (p->n_kids == p->cap_kids) {
		size_t cap = p->cap_kids ? p->cap_kids * 2 : 32;
		void *kids = reallocarray(p->kids, cap, sizeof(struct lnr_ast *));

		if (!kids) {
			lnr_lex_no_memory(&p->lx);
			return false;
		}
		p->kids = kids;
		p->cap_kids = cap;
	}
	p->kids[p->n_kids++] = kid;
	return true;
}

/* Give `n` the children pushed since there were `base`. */
static const struct lnr_ast *adopt(struct parser *p, struct lnr_ast *n, size_t base)
{
	size_t count = p->n_kids - base;

	if (!n)
		return NULL;
	n->kids = lnr_arena_calloc(p->lx.arena, count ? count : 1, sizeof(struct lnr_ast *));
	if (!n->kids)
		return lnr_lex_no_memory(&p->lx);
	n->n_kids = (uint32_t)count;
	for (size_t i = 0; i < count; i++)
		n->kids[i] = p->kids[base + i];
	lnr_ast_measure(n);
	p->n_kids = base;
	if (n->nodes > LNR_COND_NODES)
		return lnr_lex_fail(&p->lx, (struct lnr_place){n->offset, n->line, n->column},
			"too many elements: a condition may have %u", LNR_COND_NODES);
	return n;
}

static bool enter(struct parser *p, unsigned levels)
{
	p->depth += levels;
	if (p->depth <= p->max_depth)
		return true;
	lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx), "nested too deeply: the limit is %u parentheses",
		p->max_depth / 5);
	return false;
}

/* --- tokens -------------------------------------------------------------------------------- */

/* Length of the transformer name here if its '(' follows, 0 = none. */
static size_t transformer_name_len(const struct parser *p)
{
	size_t n = lnr_lex_identifier(&p->lx, p->lx.at);

	if (!n || lnr_lex_peek(&p->lx, n) != '(')
		return 0;
	return lnr_transformer_find(lnr_str_sub(lnr_lex_rest(&p->lx), 0, n)) ? n : 0;
}

static const struct lnr_ast *take_const(struct parser *p, size_t len, bool quoted)
{
	struct lnr_ast *n = node_new(p, LNR_AST_CONST, lnr_lex_here(&p->lx));

	if (!n)
		return NULL;
	n->quoted = quoted;
	n->text = (struct lnr_str){p->lx.text.ptr + p->lx.at, len};
	n->value = n->text;
	if (!quoted)
		lnr_lex_advance(&p->lx, len);
	else if (!lnr_lex_take_quoted(&p->lx, len, &n->value))
		return NULL;
	return n;
}

/* A quoted or bare text, or NULL without failure when there is none. */
static const struct lnr_ast *take_str(struct parser *p)
{
	size_t n = lnr_lex_quoted(&p->lx);

	if (n)
		return take_const(p, n, true);
	while (lnr_lex_peek(&p->lx, n) >= 0 && lnr_is_bare((unsigned char)lnr_lex_peek(&p->lx, n)))
		n++;
	return n ? take_const(p, n, false) : NULL;
}

/* --- fields and transformers --------------------------------------------------------------- */

static const struct lnr_ast *parse_field(struct parser *p)
{
	size_t start = p->lx.at, len = lnr_lex_field(&p->lx);
	struct lnr_ast *n = node_new(p, LNR_AST_FIELD, lnr_lex_here(&p->lx));

	if (!n)
		return NULL;
	n->value = (struct lnr_str){p->lx.text.ptr + start, len};
	lnr_lex_advance(&p->lx, len);
	if (lnr_lex_peek(&p->lx, 0) == '[') {
		n->has_arg = true;
		if (!lnr_lex_take_argument(&p->lx, &n->arg))
			return NULL;
	}
	n->text = (struct lnr_str){p->lx.text.ptr + start, p->lx.at - start};
	return n;
}

/* One argument of a transformer or, with in_list, one element of a list in it. NULL = failed. */
static const struct lnr_ast *parse_targ(struct parser *p, bool in_list)
{
	size_t n;

	if ((n = lnr_lex_number(&p->lx)))
		return take_const(p, n, false);
	if ((n = lnr_lex_quoted(&p->lx)))
		return take_const(p, n, true);
	if (transformer_name_len(p))
		return parse_transformer(p);
	if (lnr_lex_field(&p->lx))
		return parse_field(p);
	if (in_list || lnr_lex_peek(&p->lx, 0) != '(')
		return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx),
			"expected a field, a transformer, a quoted text%s",
			in_list ? " or a number" : ", a number or a list");

	struct lnr_ast *list = node_new(p, LNR_AST_LIST, lnr_lex_here(&p->lx));
	size_t base = p->n_kids;
	lnr_lex_advance(&p->lx, 1);
	lnr_lex_blanks(&p->lx);
	if (lnr_lex_peek(&p->lx, 0) != ')') {
		for (;;) {
			if (!push(p, parse_targ(p, true)))
				return NULL;
			lnr_lex_blanks(&p->lx);
			if (lnr_lex_peek(&p->lx, 0) != ',')
				break;
			lnr_lex_advance(&p->lx, 1);
			lnr_lex_blanks(&p->lx);
		}
	}
	if (lnr_lex_peek(&p->lx, 0) != ')')
		return lnr_lex_fail(
			&p->lx, lnr_lex_here(&p->lx), "expected ',' or ')' in the list");
	lnr_lex_advance(&p->lx, 1);
	return adopt(p, list, base);
}

/* name(argument, …)[bracket], here on the name. */
static const struct lnr_ast *parse_transformer(struct parser *p)
{
	size_t len = transformer_name_len(p), base = p->n_kids;
	struct lnr_ast *n = node_new(p, LNR_AST_TRANSFORMER, lnr_lex_here(&p->lx));

	if (!n || !enter(p, 1))
		return NULL;
	n->text = (struct lnr_str){p->lx.text.ptr + p->lx.at, len};
	lnr_lex_advance(&p->lx, len + 1);
	for (;;) {
		lnr_lex_blanks(&p->lx);
		if (!push(p, parse_targ(p, false)))
			return NULL;
		lnr_lex_blanks(&p->lx);
		if (lnr_lex_peek(&p->lx, 0) != ',')
			break;
		lnr_lex_advance(&p->lx, 1);
	}
	if (lnr_lex_peek(&p->lx, 0) != ')')
		return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx),
			"expected ',' or ')' after an argument of '%.*s'", LNR_STR_ARG(n->text));
	lnr_lex_advance(&p->lx, 1);
	if (lnr_lex_peek(&p->lx, 0) == '[') {
		n->has_arg = true;
		if (!lnr_lex_take_argument(&p->lx, &n->arg))
			return NULL;
	}
	p->depth--;
	return adopt(p, n, base);
}

static bool at_rhs_field(const struct parser *p)
{
	return lnr_lex_at(&p->lx, "val(") || transformer_name_len(p);
}

/* val(field) or a transformer, on the right of an operator. */
static const struct lnr_ast *parse_rhs_field(struct parser *p)
{
	if (!lnr_lex_at(&p->lx, "val("))
		return parse_transformer(p);

	struct lnr_ast *n = node_new(p, LNR_AST_TRANSFORMER, lnr_lex_here(&p->lx));
	size_t base = p->n_kids;
	if (!n)
		return NULL;
	n->text = (struct lnr_str){p->lx.text.ptr + p->lx.at, 3};
	lnr_lex_advance(&p->lx, 4);
	lnr_lex_blanks(&p->lx);
	if (!lnr_lex_field(&p->lx))
		return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx), "expected a field in 'val(…)'");
	if (!push(p, parse_field(p)))
		return NULL;
	lnr_lex_blanks(&p->lx);
	if (lnr_lex_peek(&p->lx, 0) != ')')
		return lnr_lex_fail(
			&p->lx, lnr_lex_here(&p->lx), "expected ')' after the one field of 'val'");
	lnr_lex_advance(&p->lx, 1);
	if (lnr_lex_peek(&p->lx, 0) == '[') {
		n->has_arg = true;
		if (!lnr_lex_take_argument(&p->lx, &n->arg))
			return NULL;
	}
	return adopt(p, n, base);
}

/* --- checks -------------------------------------------------------------------------------- */

/* (text, …), here on the '('. */
static const struct lnr_ast *parse_list(struct parser *p)
{
	struct lnr_ast *list = node_new(p, LNR_AST_LIST, lnr_lex_here(&p->lx));
	size_t base = p->n_kids;
	const struct lnr_ast *item;

	lnr_lex_advance(&p->lx, 1);
	lnr_lex_blanks(&p->lx);
	item = take_str(p);
	while (item) {
		if (!push(p, item))
			return NULL;
		lnr_lex_blanks(&p->lx);
		if (lnr_lex_peek(&p->lx, 0) != ',')
			break;
		lnr_lex_advance(&p->lx, 1);
		lnr_lex_blanks(&p->lx);
		item = take_str(p);
		if (!item)
			return lnr_lex_fail(
				&p->lx, lnr_lex_here(&p->lx), "expected a text after the ','");
	}
	if (p->lx.rc)
		return NULL;
	if (lnr_lex_peek(&p->lx, 0) != ')')
		return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx), "expected %s in the list",
			p->n_kids == base ? "a text or ')'" : "',' or ')'");
	lnr_lex_advance(&p->lx, 1);
	return adopt(p, list, base);
}

/* The word after an operator is a modifier when a list follows it; see spec 6.2. */
static size_t modifier_len(const struct parser *p)
{
	static const char *const keywords[] = {"and", "or", "not"};
	size_t n = 0, at;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(modifiers) && !n; i++) {
		if (lnr_lex_at(&p->lx, modifiers[i]))
			n = strlen(modifiers[i]);
	}
	if (!n || lnr_lex_peek(&p->lx, n) < 0 ||
		!lnr_is_blank((unsigned char)lnr_lex_peek(&p->lx, n)))
		return 0;

	at = p->lx.at + n;
	while (at < p->lx.text.len && lnr_is_blank((unsigned char)p->lx.text.ptr[at]))
		at++;
	if (at < p->lx.text.len && p->lx.text.ptr[at] == '(')
		return n;
	if (!lnr_lex_identifier(&p->lx, at))
		return 0;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(keywords); i++) {
		size_t len = strlen(keywords[i]);
		struct lnr_str word = lnr_str_sub(p->lx.text, at, at + len);
		int next = at + len < p->lx.text.len ? (unsigned char)p->lx.text.ptr[at + len]
						     : ' ';

		if (lnr_str_eq(word, lnr_str_c(keywords[i])) &&
			!lnr_is_alpha((unsigned char)next) && !lnr_is_digit((unsigned char)next))
			return 0;
	}
	return n;
}

/* Length of the operator of this form that stands here, 0 = none. */
static size_t op_here(const struct parser *p, enum lnr_op_form form)
{
	const struct lnr_op *op;

	for (size_t i = 0; (op = lnr_op_row(i)); i++) {
		size_t len = strlen(op->name);
		int next;

		if (op->form != form || !lnr_lex_at(&p->lx, op->name))
			continue;
		next = lnr_lex_peek(&p->lx, len);
		if (form != LNR_OPF_WORD || (next >= 0 && lnr_is_blank((unsigned char)next)))
			return len;
	}
	return 0;
}

static const struct lnr_ast *no_operator(struct parser *p)
{
	const char *names[32], *near;
	size_t n = 0;
	const struct lnr_op *op;
	char buf[64];

	for (size_t i = 0; (op = lnr_op_row(i)); i++) {
		struct lnr_str name = lnr_str_c(op->name);

		if (op->form == LNR_OPF_WORD && lnr_lex_at(&p->lx, op->name))
			return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx),
				"'%s' must be followed by a blank", op->name);
		if (lnr_str_ieq(lnr_str_sub(lnr_lex_rest(&p->lx), 0, name.len), name))
			return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx),
				"operators are lower case: write '%s'", op->name);
		if (lnr_is_alpha((unsigned char)op->name[0]) && n < LNR_ARRAY_SIZE(names))
			names[n++] = op->name;
	}
	near = lnr_lex_nearest(&p->lx, names, n);
	if (near)
		return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx),
			"expected an operator but found %s; did you mean '%s'?",
			lnr_lex_found(&p->lx, buf, sizeof(buf)), near);
	return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx),
		"expected an operator (= != < <= > >= in contains startswith endswith glob regex "
		"pmatch intersects exists …) but found %s%s",
		lnr_lex_found(&p->lx, buf, sizeof(buf)), lnr_lex_slip(&p->lx));
}

/* The right side of an operator that takes a text. */
static const struct lnr_ast *parse_str_operand(struct parser *p, struct lnr_ast *check, bool blank)
{
	size_t n = blank ? modifier_len(p) : 0;
	char buf[64];

	if (n) {
		check->mod = (struct lnr_str){p->lx.text.ptr + p->lx.at, n};
		lnr_lex_advance(&p->lx, n);
		lnr_lex_blanks(&p->lx);
		return lnr_lex_peek(&p->lx, 0) == '('
			       ? parse_list(p)
			       : take_const(p, lnr_lex_identifier(&p->lx, p->lx.at), false);
	}
	if (at_rhs_field(p))
		return parse_rhs_field(p);

	const struct lnr_ast *str = take_str(p);
	if (str || p->lx.rc)
		return str;
	if (lnr_lex_peek(&p->lx, 0) == '"' || lnr_lex_peek(&p->lx, 0) == '\'')
		return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx), "this quote is not closed");
	return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx),
		"expected a text, val(field) or a transformer after '%.*s' but "
		"found %s%s",
		LNR_STR_ARG(check->op), lnr_lex_found(&p->lx, buf, sizeof(buf)),
		lnr_lex_peek(&p->lx, 0) == '('
			? "; a list needs 'in', or oneof, anyof, allof before it"
			: "");
}

static const struct lnr_ast *parse_operand(struct parser *p, struct lnr_ast *check)
{
	size_t n;
	char buf[64];

	if ((n = op_here(p, LNR_OPF_NUMBER))) {
		check->op = (struct lnr_str){p->lx.text.ptr + p->lx.at, n};
		lnr_lex_advance(&p->lx, n);
		lnr_lex_blanks(&p->lx);
		if (at_rhs_field(p))
			return parse_rhs_field(p);
		if ((n = lnr_lex_number(&p->lx)))
			return take_const(p, n, false);
		return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx),
			"expected a number, val(field) or a transformer after '%.*s' but found %s",
			LNR_STR_ARG(check->op), lnr_lex_found(&p->lx, buf, sizeof(buf)));
	}
	if ((n = op_here(p, LNR_OPF_SYMBOL)) || (n = op_here(p, LNR_OPF_WORD))) {
		check->op = (struct lnr_str){p->lx.text.ptr + p->lx.at, n};
		lnr_lex_advance(&p->lx, n);

		size_t before = p->lx.at;
		lnr_lex_blanks(&p->lx);
		return parse_str_operand(p, check, p->lx.at > before);
	}
	if ((n = op_here(p, LNR_OPF_LIST))) {
		check->op = (struct lnr_str){p->lx.text.ptr + p->lx.at, n};
		lnr_lex_advance(&p->lx, n);
		lnr_lex_blanks(&p->lx);
		if (lnr_lex_peek(&p->lx, 0) == '(')
			return parse_list(p);
		if (at_rhs_field(p))
			return parse_rhs_field(p);
		if ((n = lnr_lex_identifier(&p->lx, p->lx.at)))
			return take_const(p, n, false);
		return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx),
			"expected a list in parentheses, a list name or val(field) after '%.*s' "
			"but found %s",
			LNR_STR_ARG(check->op), lnr_lex_found(&p->lx, buf, sizeof(buf)));
	}
	return no_operator(p);
}

static const struct lnr_ast *parse_check(struct parser *p)
{
	struct lnr_ast *check = node_new(p, LNR_AST_CHECK, lnr_lex_here(&p->lx));
	size_t base = p->n_kids, start = p->lx.at, n;

	if (!check)
		return NULL;
	if (!push(p, transformer_name_len(p) ? parse_transformer(p) : parse_field(p)))
		return NULL;
	lnr_lex_blanks(&p->lx);
	if ((n = op_here(p, LNR_OPF_ALONE))) {
		check->op = (struct lnr_str){p->lx.text.ptr + p->lx.at, n};
		lnr_lex_advance(&p->lx, n);
	} else if (!push(p, parse_operand(p, check))) {
		return NULL;
	}
	check->text = (struct lnr_str){p->lx.text.ptr + start, p->lx.at - start};
	return adopt(p, check, base);
}

/* --- and, or, not -------------------------------------------------------------------------- */

/* ( condition ), here on the '('. */
static const struct lnr_ast *parse_group(struct parser *p)
{
	struct lnr_place at = lnr_lex_here(&p->lx);

	/* Five productions of the grammar lie between a parenthesis and the next one. */
	if (!enter(p, 5))
		return NULL;
	lnr_lex_advance(&p->lx, 1);

	const struct lnr_ast *n = parse_or(p);
	if (!n)
		return NULL;
	lnr_lex_blanks(&p->lx);
	if (lnr_lex_peek(&p->lx, 0) != ')') {
		char buf[64];

		return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx),
			"expected ')' for the '(' at line %u, column %u but found %s%s", at.line,
			at.column, lnr_lex_found(&p->lx, buf, sizeof(buf)), lnr_lex_slip(&p->lx));
	}
	lnr_lex_advance(&p->lx, 1);
	p->depth -= 5;
	return n;
}

static const struct lnr_ast *parse_primary(struct parser *p)
{
	size_t n;

	if (lnr_lex_peek(&p->lx, 0) == '(')
		return parse_group(p);
	if (lnr_lex_field(&p->lx) || transformer_name_len(p))
		return parse_check(p);
	if ((n = lnr_lex_identifier(&p->lx, p->lx.at))) {
		struct lnr_ast *macro = node_new(p, LNR_AST_MACRO, lnr_lex_here(&p->lx));

		if (!macro)
			return NULL;
		macro->text = macro->value = (struct lnr_str){p->lx.text.ptr + p->lx.at, n};
		macro->has_macro = true;
		lnr_lex_advance(&p->lx, n);
		return macro;
	}

	char buf[64];
	return lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx),
		"expected a field, a macro or '(' but found %s",
		lnr_lex_found(&p->lx, buf, sizeof(buf)));
}

static const struct lnr_ast *parse_not(struct parser *p)
{
	bool negate = false;

	lnr_lex_blanks(&p->lx);

	struct lnr_place at = lnr_lex_here(&p->lx);
	while (lnr_lex_at(&p->lx, "not") && lnr_lex_peek(&p->lx, 3) >= 0 &&
		lnr_is_blank((unsigned char)lnr_lex_peek(&p->lx, 3))) {
		negate = !negate;
		lnr_lex_advance(&p->lx, 3);
		lnr_lex_blanks(&p->lx);
	}

	const struct lnr_ast *n;
	if (lnr_lex_at(&p->lx, "not(")) {
		negate = !negate;
		lnr_lex_advance(&p->lx, 3);
		n = parse_group(p);
	} else {
		n = parse_primary(p);
	}
	if (!n || !negate)
		return n;

	struct lnr_ast *not_ = node_new(p, LNR_AST_NOT, at);
	size_t base = p->n_kids;
	return not_ && push(p, n) ? adopt(p, not_, base) : NULL;
}

/* Operands joined by `word`; a single one stands for itself. */
static const struct lnr_ast *parse_chain(struct parser *p, enum lnr_ast_kind kind, const char *word,
	const struct lnr_ast *(*operand)(struct parser *))
{
	size_t base = p->n_kids;

	lnr_lex_blanks(&p->lx);

	struct lnr_place at = lnr_lex_here(&p->lx);
	if (!push(p, operand(p)))
		return NULL;
	for (;;) {
		lnr_lex_blanks(&p->lx);
		if (!lnr_lex_at(&p->lx, word))
			break;
		lnr_lex_advance(&p->lx, strlen(word));

		const struct lnr_ast *n;
		if (lnr_lex_peek(&p->lx, 0) == '(')
			n = parse_group(p); /* alone: "or(a) and b" is refused, spec 6.2 */
		else if (lnr_lex_peek(&p->lx, 0) >= 0 &&
			 lnr_is_blank((unsigned char)lnr_lex_peek(&p->lx, 0)))
			n = operand(p);
		else
			n = lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx),
				"expected a blank or '(' after '%s'", word);
		if (!push(p, n))
			return NULL;
	}
	if (p->n_kids == base + 1)
		return p->kids[--p->n_kids];
	return adopt(p, node_new(p, kind, at), base);
}

static const struct lnr_ast *parse_and(struct parser *p)
{
	return parse_chain(p, LNR_AST_AND, "and", parse_not);
}

static const struct lnr_ast *parse_or(struct parser *p)
{
	return parse_chain(p, LNR_AST_OR, "or", parse_and);
}

/* --- entry --------------------------------------------------------------------------------- */

static int parser_init(struct parser *p, struct lnr_arena *arena, struct lnr_str text,
	unsigned max_depth, struct lnr_cond_err *err)
{
	*p = (struct parser){
		.lx = {.arena = arena,
			.text = {text.ptr ? text.ptr : "", text.len},
			.line = 1,
			.err = err},
		.max_depth = max_depth ? max_depth : LNR_COND_DEPTH,
	};
	if (err)
		*err = (struct lnr_cond_err){.line = 1, .column = 1};
	if (text.len > LNR_COND_BYTES)
		lnr_lex_fail(&p->lx, lnr_lex_here(&p->lx), "the condition is longer than %u bytes",
			LNR_COND_BYTES);
	return p->lx.rc;
}

int lnr_cond_parse(struct lnr_arena *arena, struct lnr_str text, unsigned max_depth,
	const struct lnr_ast **ret, struct lnr_cond_err *err)
{
	struct parser p;
	int r = parser_init(&p, arena, text, max_depth, err);

	if (r)
		return r;

	const struct lnr_ast *n = parse_or(&p);
	lnr_lex_blanks(&p.lx);
	if (n && p.lx.at < p.lx.text.len) {
		char buf[64];

		lnr_lex_fail(&p.lx, lnr_lex_here(&p.lx),
			"expected 'and', 'or' or the end but found %s%s",
			lnr_lex_found(&p.lx, buf, sizeof(buf)), lnr_lex_slip(&p.lx));
	}
	free(p.kids);
	if (!p.lx.rc)
		*ret = n;
	return p.lx.rc;
}

int lnr_cond_parse_expr(struct lnr_arena *arena, struct lnr_str text, size_t name_max,
	const struct lnr_ast **ret, size_t *ret_len, struct lnr_cond_err *err)
{
	struct parser p;
	int r = parser_init(&p, arena, text, 0, err);
	const struct lnr_ast *n;

	if (r)
		return r;
	if (transformer_name_len(&p)) {
		n = parse_transformer(&p);
	} else if (lnr_lex_field(&p.lx) && lnr_lex_field(&p.lx) <= name_max) {
		n = parse_field(&p);
	} else {
		n = lnr_lex_fail(&p.lx, lnr_lex_here(&p.lx), "expected a field or a transformer");
	}
	free(p.kids);
	if (!p.lx.rc) {
		*ret = n;
		*ret_len = p.lx.at;
	}
	return p.lx.rc;
}
