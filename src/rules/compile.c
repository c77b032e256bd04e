/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From parse tree to typed tree. A failure is sticky in none of the functions: they return its code
 * and c->why has the words; refuse() adds the place, which is always that of the whole check, as in
 * the reference.
 */
#include "rules/cond.h"

#include <stdio.h>
#include <stdlib.h>
#include "rules/hints.h"
#include "rules/intern.h"
#include "rules/lex_priv.h"
#include "rules/ops.h"
#include "rules/parse_priv.h"
#include "rules/transform.h"
#include "schema/limits.h"

struct warning {
	const struct lnr_ast *node;
	const char *msg;
	struct warning *next;
};

struct compiler {
	const struct lnr_cond_opts *o;
	struct lnr_cond_err *err;
	struct lnr_err why;
	const struct lnr_ast *operand; /* whose constants are being looked at, for warnings */
	struct lnr_arena work;	       /* for hints */
	/* Given out at the end: a condition that is refused has no hints. */
	struct warning *warnings, **last;
};

static int compile_expr(
	struct compiler *c, const struct lnr_ast *ast, bool inside, const struct lnr_expr **ret);

static int no_memory(struct compiler *c)
{
	return lnr_fail(&c->why, -ENOMEM, "out of memory");
}

static int refuse(struct compiler *c, const struct lnr_ast *at, int code)
{
	if (c->err) {
		c->err->offset = at->offset;
		c->err->line = at->line;
		c->err->column = at->column;
		c->err->node = at;
		snprintf(c->err->msg, sizeof(c->err->msg), "%.*s", (int)sizeof(c->err->msg) - 1,
			c->why.msg);
	}
	return code;
}

static bool keep(struct compiler *c, struct lnr_str *s)
{
	*s = lnr_arena_str(c->o->arena, s->ptr ? *s : (struct lnr_str){"", 0});
	return s->ptr;
}

/* --- expressions --------------------------------------------------------------------------- */

/* The expression equal to *e, or a copy of it in the arena. Its args are borrowed until then. */
static int finish_expr(struct compiler *c, const struct lnr_expr *e, const struct lnr_expr **ret)
{
	struct lnr_interner *in = c->o->interner;
	struct lnr_expr *copy;
	uint64_t hash = 0;

	if (in) {
		const struct lnr_expr *same = lnr_interner_find_expr(in, e, &hash);

		if (same) {
			*ret = same;
			return 0;
		}
	}
	copy = lnr_arena_new(c->o->arena, struct lnr_expr);
	if (!copy)
		return no_memory(c);
	*copy = *e;
	copy->id = UINT32_MAX;
	if (e->n_args) {
		copy->args = lnr_arena_calloc(c->o->arena, e->n_args, sizeof(*copy->args));
		if (!copy->args)
			return no_memory(c);
		memcpy(copy->args, e->args, e->n_args * sizeof(*copy->args));
	}
	if (e->kind != LNR_EXPR_FIELD && (!keep(c, &copy->text) || !keep(c, &copy->fn_arg)))
		return no_memory(c);
	if (e->kind == LNR_EXPR_CONST && !keep(c, &copy->value.str))
		return no_memory(c);
	if (in && lnr_interner_add_expr(in, copy, hash))
		return no_memory(c);
	*ret = copy;
	return 0;
}

static int compile_field(
	struct compiler *c, const struct lnr_ast *ast, bool inside, const struct lnr_expr **ret)
{
	struct lnr_expr e = {.kind = LNR_EXPR_FIELD};
	uint32_t flags;
	int r = lnr_field_resolve(c->o->fields, ast->text, c->o->arena, &e.field, &c->why);

	if (r)
		return r;
	flags = e.field.def->flags;
	if (inside && (flags & LNR_FIELD_NO_TRANSFORM))
		return lnr_fail(&c->why, -EINVAL, "field '%s' does not work inside a transformer",
			e.field.def->name);
	e.type = e.field.type;
	e.is_list = e.field.is_list && !(flags & (LNR_FIELD_ANY | LNR_FIELD_ENDPOINTS));
	e.text = e.field.text;
	e.is_volatile = flags & (LNR_FIELD_VOLATILE | LNR_FIELD_SLOT);
	e.field.slot = UINT32_MAX;
	if ((flags & LNR_FIELD_SLOT) && c->o->interner)
		e.field.slot = lnr_interner_slot(c->o->interner);
	return finish_expr(c, &e, ret);
}

/* Arguments of a transformer or elements of a list; the array is the caller's to free. */
static int compile_args(struct compiler *c, const struct lnr_ast *ast, struct lnr_expr *e)
{
	e->args = calloc(ast->n_kids ? ast->n_kids : 1, sizeof(*e->args));
	if (!e->args)
		return no_memory(c);
	e->n_args = ast->n_kids;
	for (uint32_t i = 0; i < ast->n_kids; i++) {
		int r = compile_expr(c, ast->kids[i], true, &e->args[i]);

		if (r)
			return r;
		e->is_volatile |= e->args[i]->is_volatile;
		e->may_nul |= e->args[i]->may_nul;
	}
	return 0;
}

/* Elements of one type make a list of that type; different ones can only be counted or joined. */
static void type_list(struct lnr_expr *e)
{
	e->is_list = true;
	e->type = e->n_args ? e->args[0]->type : LNR_PT_CHARBUF;
	for (uint32_t i = 1; i < e->n_args; i++) {
		if (e->args[i]->type != e->type)
			e->type = LNR_PT_NONE;
	}
}

static int type_transformer(struct compiler *c, const struct lnr_ast *ast, struct lnr_expr *e)
{
	const struct lnr_transformer *fn = lnr_transformer_find(ast->text);

	if (!fn)
		return lnr_fail(
			&c->why, -EINVAL, "no transformer is named '%.*s'", LNR_STR_ARG(ast->text));
	e->fn = fn;
	e->has_arg = ast->has_arg;
	e->fn_arg = ast->arg;
	if (e->n_args < fn->min_args || e->n_args > fn->max_args)
		return lnr_fail(&c->why, -EINVAL, "'%s' takes %u argument%s%s, not %u", fn->name,
			fn->min_args, fn->min_args == 1 ? "" : "s",
			fn->max_args > fn->min_args ? " or more" : "", e->n_args);
	if (e->has_arg && !fn->bracket)
		return lnr_fail(
			&c->why, -EINVAL, "'%s(…)' takes no [argument] behind it", fn->name);
	if (lnr_str_eq(ast->text, LNR_STR("b64")))
		e->may_nul = true;
	return fn->check(e, &c->why);
}

static int compile_call(struct compiler *c, const struct lnr_ast *ast, const struct lnr_expr **ret)
{
	struct lnr_expr e = {
		.kind = ast->kind == LNR_AST_LIST ? LNR_EXPR_LIST : LNR_EXPR_TRANSFORM};
	struct lnr_buf text;
	int r = compile_args(c, ast, &e);

	lnr_buf_init(&text, 0);
	if (!r && e.kind == LNR_EXPR_LIST)
		type_list(&e);
	else if (!r)
		r = type_transformer(c, ast, &e);
	if (!r) {
		lnr_ast_print(&text, ast);
		e.text = lnr_buf_view(&text);
		r = text.failed ? no_memory(c) : finish_expr(c, &e, ret);
	}
	lnr_buf_done(&text);
	free(e.args);
	return r;
}

/* `inside`: as an argument of a transformer. */
static int compile_expr(
	struct compiler *c, const struct lnr_ast *ast, bool inside, const struct lnr_expr **ret)
{
	if (ast->kind == LNR_AST_FIELD)
		return compile_field(c, ast, inside, ret);
	if (ast->kind == LNR_AST_CONST) {
		struct lnr_expr e = {.kind = LNR_EXPR_CONST,
			.type = LNR_PT_CHARBUF,
			.text = ast->text,
			.value = {.type = LNR_PT_CHARBUF, .str = ast->value}};

		return finish_expr(c, &e, ret);
	}
	return compile_call(c, ast, ret);
}

/* --- the right side is a field ------------------------------------------------------------- */

/* The field that a chain of one-argument transformers ends in, or NULL. */
static const struct lnr_field *field_of(const struct lnr_expr *e)
{
	while (e->kind == LNR_EXPR_TRANSFORM && e->n_args == 1)
		e = e->args[0];
	return e->kind == LNR_EXPR_FIELD ? e->field.def : NULL;
}

static int compile_rhs(struct compiler *c, const struct lnr_ast *ast, const struct lnr_node *n,
	const struct lnr_expr **ret)
{
	const struct lnr_field *left = field_of(n->lhs), *right;
	const struct lnr_expr *rhs;
	int r;

	if (n->op->flags & LNR_OP_NO_RHS)
		return lnr_fail(&c->why, -EINVAL, "'%s' needs constants, not a field, on the right",
			n->op->name);
	if (n->lhs->type == LNR_PT_IPNET)
		return lnr_fail(&c->why, -EINVAL, "%.*s can only be compared with networks",
			LNR_STR_ARG(n->lhs->text));
	if (left && (left->flags & LNR_FIELD_NO_RHS))
		return lnr_fail(&c->why, -EINVAL,
			"field '%s' cannot be compared with another field", left->name);
	if (lnr_str_eq(ast->text, LNR_STR("val"))) {
		if (ast->has_arg)
			return lnr_fail(&c->why, -EINVAL, "'val(…)' takes no [argument] behind it");
		r = compile_expr(c, ast->kids[0], false, &rhs);
	} else {
		r = compile_expr(c, ast, false, &rhs);
	}
	if (r)
		return r;

	right = field_of(rhs);
	if (right && (right->flags & LNR_FIELD_NO_RHS))
		return lnr_fail(&c->why, -EINVAL,
			"field '%s' cannot stand on the right of an operator", right->name);
	if (rhs->type != n->lhs->type || rhs->is_list != n->lhs->is_list)
		return lnr_fail(&c->why, -EINVAL,
			"%.*s has type %s%s, but %.*s has type %s%s: both sides must agree",
			LNR_STR_ARG(n->lhs->text), n->lhs->is_list ? "list of " : "",
			lnr_pt_name(n->lhs->type), LNR_STR_ARG(rhs->text),
			rhs->is_list ? "list of " : "", lnr_pt_name(rhs->type));
	*ret = rhs;
	return 0;
}

/* --- constants ----------------------------------------------------------------------------- */

static int decode_hex(struct compiler *c, const struct lnr_op *op, struct lnr_str *s)
{
	char *out = lnr_arena_alloc(c->o->arena, s->len / 2 + 1);

	if (!out)
		return no_memory(c);
	for (size_t i = 0; i < s->len; i += 2) {
		int hi = lnr_hex_value(s->ptr[i]),
		    lo = i + 1 < s->len ? lnr_hex_value(s->ptr[i + 1]) : -1;

		if (hi < 0 || lo < 0)
			return lnr_fail(&c->why, -EINVAL,
				"'%s' takes an even number of hexadecimal digits, not '%.*s'",
				op->name, LNR_STR_ARG(*s));
		out[i / 2] = (char)(hi * 16 + lo);
	}
	*s = (struct lnr_str){out, s->len / 2};
	return 0;
}

static bool is_async_name(const struct lnr_cond_opts *o, struct lnr_str s)
{
	for (size_t i = 0; i < o->n_async_names; i++) {
		if (lnr_str_eq(o->async_names[i], s))
			return true;
	}
	return false;
}

/* What the field itself has to say about a constant. */
static int ask_field(struct compiler *c, const struct lnr_expr *lhs, struct lnr_str text)
{
	const struct lnr_field *def = lhs->kind == LNR_EXPR_FIELD ? lhs->field.def : NULL;
	struct lnr_str name = lnr_str_c(def ? def->name : "");
	bool evt_type = lnr_str_eq(name, LNR_STR("evt.type"));
	int r;

	/* The reference cannot read constants for raw byte arguments (spec 8.1). */
	if (lnr_str_eq(name, LNR_STR("evt.rawarg")) && lhs->type == LNR_PT_BYTEBUF)
		return lnr_fail(&c->why, -EINVAL,
			"%.*s is raw bytes; only 'exists' works, evt.arg and evt.buffer compare",
			LNR_STR_ARG(lhs->text));
	if (!def || !def->check_const || (evt_type && is_async_name(c->o, text)))
		return 0;
	r = def->check_const(&lhs->field, text, &c->why);
	/* An unknown event type is what skip-if-unknown-filter covers. */
	return r && r != -ENOMEM && evt_type ? -ENOENT : r;
}

static int convert(struct compiler *c, const struct lnr_node *n, const struct lnr_ast *ast,
	struct lnr_val *ret)
{
	struct lnr_str text = ast->value;
	int r = ask_field(c, n->lhs, text);

	if (r)
		return r;
	if (n->op->flags & LNR_OP_HEX) {
		r = decode_hex(c, n->op, &text);
		if (r)
			return r;
	}
	/* A NUL byte in the text itself just ends it; one that was written on purpose is refused.
	 */
	if (lnr_type_class(n->lhs->type, false) == LNR_TC_STRING && lnr_str_chr(text, '\0') >= 0 &&
		lnr_str_chr(ast->text, '\0') < 0)
		return lnr_fail(&c->why, -EINVAL, "a text cannot have a NUL in it: '%.*s'",
			LNR_STR_ARG(ast->text));
	return lnr_const_parse(n->lhs->type, text, ret, &c->why);
}

static int add_warning(void *user, const char *msg)
{
	struct compiler *c = user;
	struct warning *w = lnr_arena_new(c->o->arena, struct warning);

	if (!w || !(w->msg = lnr_arena_strdup(c->o->arena, lnr_str_c(msg))))
		return no_memory(c);
	w->node = c->operand;
	*c->last = w;
	c->last = &w->next;
	return 0;
}

/* Constants of `operand` into a new heap array, n->consts. */
static int convert_all(struct compiler *c, const struct lnr_ast *operand, struct lnr_node *n)
{
	bool list = operand->kind == LNR_AST_LIST;
	uint32_t count = list ? operand->n_kids : 1;
	struct lnr_val *vals = calloc(count ? count : 1, sizeof(*vals));
	int r = 0;

	n->consts = vals;
	if (!vals)
		return no_memory(c);
	c->operand = operand;
	for (uint32_t i = 0; !r && i < count; i++) {
		const struct lnr_ast *ast = list ? operand->kids[i] : operand;

		r = convert(c, n, ast, &vals[i]);
		if (!r && c->o->warn)
			r = lnr_hints(n->op, ast->value, c->o->fields, &c->work, add_warning, c);
	}
	n->n_consts = count;
	return r;
}

/* Does the field compare itself? Then the check says so by having texts, `exists` too. */
static bool compares_itself(const struct lnr_expr *lhs)
{
	return lhs->kind == LNR_EXPR_FIELD && lhs->field.def->compare;
}

/* Move the constants of a new check into the arena, their texts in one piece. */
static int keep_consts(struct compiler *c, const struct lnr_ast *operand, struct lnr_node *n)
{
	bool list = operand->kind == LNR_AST_LIST;
	bool own = compares_itself(n->lhs);
	size_t len = 0;
	struct lnr_val *vals = lnr_arena_calloc(
		c->o->arena, n->n_consts ? n->n_consts : 1, sizeof(*vals));
	struct lnr_str *texts = NULL;
	char *bytes;

	for (uint32_t i = 0; i < n->n_consts; i++) {
		if (lnr_pt_kind(n->consts[i].type) == LNR_VK_STR)
			len += n->consts[i].str.len + 1;
	}
	bytes = lnr_arena_alloc(c->o->arena, len + 1);
	if (own)
		texts = lnr_arena_calloc(c->o->arena, n->n_consts + 1, sizeof(*texts));
	if (!vals || !bytes || (own && !texts))
		return no_memory(c);
	for (uint32_t i = 0; i < n->n_consts; i++) {
		vals[i] = n->consts[i];
		if (lnr_pt_kind(vals[i].type) == LNR_VK_STR) {
			memcpy(bytes, vals[i].str.ptr, vals[i].str.len);
			bytes[vals[i].str.len] = '\0';
			vals[i].str.ptr = bytes;
			bytes += vals[i].str.len + 1;
		}
		if (own) {
			texts[i] = (list ? operand->kids[i] : operand)->value;
			if (!keep(c, &texts[i]))
				return no_memory(c);
		}
	}
	n->consts = vals;
	n->texts = texts;
	return 0;
}

/* --- checks -------------------------------------------------------------------------------- */

static int prepare(struct compiler *c, struct lnr_node *n)
{
	const struct lnr_op_env env = {.type = n->lhs->type,
		.arena = c->o->arena,
		.interner = c->o->interner,
		.err = &c->why};
	const void **preps;

	if (!n->op->prepare || n->rhs)
		return 0;
	if (n->op->form == LNR_OPF_LIST)
		return n->op->prepare(&env, n->consts, n->n_consts, &n->prep);
	preps = lnr_arena_calloc(c->o->arena, n->n_consts ? n->n_consts : 1, sizeof(*preps));
	if (!preps)
		return no_memory(c);
	n->prep = preps;
	for (uint32_t i = 0; i < n->n_consts; i++) {
		int r = n->op->prepare(&env, &n->consts[i], 1, &preps[i]);

		if (r)
			return r;
	}
	return 0;
}

/* The check equal to *n, or a new one. *n has constants on the heap. */
static int finish_check(struct compiler *c, const struct lnr_ast *ast, const struct lnr_node *n,
	const struct lnr_node **ret)
{
	struct lnr_interner *in = c->o->interner;
	struct lnr_node *copy;
	uint64_t hash = 0;
	int r;

	if (in) {
		const struct lnr_node *same = lnr_interner_find_check(in, n, &hash);

		if (same) {
			*ret = same;
			return 0;
		}
	}
	copy = lnr_arena_new(c->o->arena, struct lnr_node);
	if (!copy)
		return no_memory(c);
	*copy = *n;
	copy->id = UINT32_MAX;
	if (n->consts) {
		r = keep_consts(c, ast->kids[1], copy);
		if (r)
			return r;
	}
	r = prepare(c, copy);
	if (r)
		return r;
	if (in && lnr_interner_add_check(in, copy, hash))
		return no_memory(c);
	*ret = copy;
	return 0;
}

static int check_op(struct compiler *c, const struct lnr_ast *ast, struct lnr_node *n)
{
	static const struct {
		const char *name;
		enum lnr_mod mod;
	} mods[] = {{"oneof", LNR_MOD_ONEOF}, {"anyof", LNR_MOD_ANYOF}, {"allof", LNR_MOD_ALLOF}};
	unsigned cls = lnr_type_class(n->lhs->type, n->lhs->is_list);

	n->op = lnr_op_find(ast->op);
	if (!n->op)
		return lnr_fail(
			&c->why, -EINVAL, "no operator is named '%.*s'", LNR_STR_ARG(ast->op));
	for (size_t i = 0; i < LNR_ARRAY_SIZE(mods); i++) {
		if (lnr_str_eq(ast->mod, lnr_str_c(mods[i].name)))
			n->mod = (uint8_t)mods[i].mod;
	}
	if (n->op->form != LNR_OPF_ALONE && !(n->op->classes & cls))
		return lnr_fail(&c->why, -EINVAL, "'%s' cannot compare %.*s, which is %s (%s)",
			n->op->name, LNR_STR_ARG(n->lhs->text),
			lnr_type_words(n->lhs->type, n->lhs->is_list), lnr_pt_name(n->lhs->type));
	return 0;
}

static int compile_check(struct compiler *c, const struct lnr_ast *ast, const struct lnr_node **ret)
{
	static const struct lnr_str no_text = {"", 0};
	struct lnr_node n = {.kind = LNR_NODE_CHECK};
	const struct lnr_val *heap;
	int r = compile_expr(c, ast->kids[0], false, &n.lhs);

	if (!r)
		r = check_op(c, ast, &n);
	if (!r && ast->n_kids > 1) {
		const struct lnr_ast *operand = ast->kids[1];

		if (operand->kind == LNR_AST_TRANSFORMER)
			r = compile_rhs(c, operand, &n, &n.rhs);
		else
			r = convert_all(c, operand, &n);
	}
	if (!r && n.op->form == LNR_OPF_ALONE && compares_itself(n.lhs))
		n.texts = &no_text;
	heap = n.consts;
	n.retypes = !r && n.lhs->kind == LNR_EXPR_FIELD &&
		    lnr_str_eq(lnr_str_c(n.lhs->field.def->name), LNR_STR("evt.rawarg"));
	if (!r)
		r = finish_check(c, ast, &n, ret);
	free((void *)heap);
	return r ? refuse(c, ast, r) : 0;
}

/* --- and, or, not -------------------------------------------------------------------------- */

static int compile_node(struct compiler *c, const struct lnr_ast *ast, const struct lnr_node **ret)
{
	struct lnr_node *n;

	if (ast->kind == LNR_AST_CHECK)
		return compile_check(c, ast, ret);
	if (ast->kind != LNR_AST_AND && ast->kind != LNR_AST_OR && ast->kind != LNR_AST_NOT)
		return refuse(c, ast,
			lnr_fail(&c->why, -EINVAL, "no macro is named '%.*s'",
				LNR_STR_ARG(ast->text)));
	n = lnr_arena_new(c->o->arena, struct lnr_node);
	if (n)
		n->kids = lnr_arena_calloc(c->o->arena, ast->n_kids, sizeof(*n->kids));
	if (!n || !n->kids)
		return refuse(c, ast, no_memory(c));
	n->kind = ast->kind == LNR_AST_AND  ? LNR_NODE_AND
		  : ast->kind == LNR_AST_OR ? LNR_NODE_OR
					    : LNR_NODE_NOT;
	n->id = UINT32_MAX;
	n->n_kids = ast->n_kids;
	for (uint32_t i = 0; i < ast->n_kids; i++) {
		int r = compile_node(c, ast->kids[i], &n->kids[i]);

		if (r)
			return r;
	}
	*ret = n;
	return 0;
}

static void compiler_init(
	struct compiler *c, const struct lnr_cond_opts *o, struct lnr_cond_err *err)
{
	*c = (struct compiler){.o = o, .err = err};
	c->last = &c->warnings;
	lnr_arena_init(&c->work, 0);
	if (err)
		*err = (struct lnr_cond_err){.line = 1, .column = 1};
}

int lnr_cond_compile(const struct lnr_cond_opts *opts, const struct lnr_ast *ast,
	const struct lnr_node **ret, struct lnr_cond_err *err)
{
	struct compiler c;
	int r;

	compiler_init(&c, opts, err);
	r = compile_node(&c, ast, ret);
	for (const struct warning *w = r ? NULL : c.warnings; w; w = w->next)
		opts->warn(opts->user, w->node, w->msg);
	lnr_arena_done(&c.work);
	return r;
}

/* --- an expression at the beginning of a text ---------------------------------------------- */

/* The first `len` bytes are a field or transformer as a whole. */
static int try_prefix(
	struct compiler *c, struct lnr_str text, const struct lnr_expr **ret, size_t *ret_len)
{
	const struct lnr_ast *ast;
	int r = lnr_cond_parse_expr(c->o->arena, text, LNR_FIELD_NAME_BYTES, &ast, ret_len, NULL);

	return r ? r : compile_expr(c, ast, false, ret);
}

static bool is_name_byte(unsigned char ch)
{
	return lnr_is_alpha(ch) || lnr_is_digit(ch) || ch == '_' || ch == '.';
}

/* Name without [argument], then shorter and shorter. */
static int try_shorter_fields(
	struct compiler *c, struct lnr_str text, const struct lnr_expr **ret, size_t *ret_len)
{
	size_t n = 0;
	int r = -ENOENT;

	while (n < text.len && n < LNR_FIELD_NAME_BYTES && is_name_byte((unsigned char)text.ptr[n]))
		n++;
	for (; r && r != -ENOMEM && n > 0; n--) {
		r = try_prefix(c, lnr_str_sub(text, 0, n), ret, ret_len);
		if (!r && *ret_len != n)
			r = -ENOENT; /* it is tried again as the whole of a shorter text */
	}
	return r;
}

/* A call without the bracket behind it. */
static int try_bare_call(
	struct compiler *c, struct lnr_str text, const struct lnr_expr **ret, size_t *ret_len)
{
	struct lnr_str rest = text;
	ptrdiff_t at;
	int r = -ENOENT;

	/* Nested calls end in one ")[" at most; what comes later is other text. */
	for (unsigned i = 0; i < 4 && r && r != -ENOMEM; i++) {
		at = lnr_str_find(rest, LNR_STR(")["));
		if (at < 0)
			break;
		rest = lnr_str_sub(rest, (size_t)at + 1, rest.len);
		r = try_prefix(
			c, lnr_str_sub(text, 0, (size_t)(rest.ptr - text.ptr)), ret, ret_len);
	}
	return r;
}

int lnr_expr_compile_prefix(const struct lnr_cond_opts *opts, struct lnr_str text,
	const struct lnr_expr **ret, size_t *ret_len, struct lnr_cond_err *err)
{
	static const struct lnr_ast start = {.line = 1, .column = 1};
	struct compiler c;
	struct lnr_err first;
	int r;

	compiler_init(&c, opts, err);
	lnr_err_clear(&c.why);
	r = try_prefix(&c, text, ret, ret_len);
	first = c.why;
	if (r && r != -ENOMEM && r != -ENXIO)
		r = try_shorter_fields(&c, text, ret, ret_len);
	if (r && r != -ENOMEM && r != -ENXIO)
		r = try_bare_call(&c, text, ret, ret_len);
	if (r) {
		c.why = first;
		if (!c.why.msg[0])
			lnr_fail(&c.why, -ENOENT, "no field or transformer begins here");
		refuse(&c, &start, r);
		if (err)
			err->node = NULL;
		r = r == -ENOMEM ? r : r == -ENXIO ? -EINVAL : -ENOENT;
	}
	lnr_arena_done(&c.work);
	return r;
}
