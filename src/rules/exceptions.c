/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions of rules: read, check, and write as condition text (spec rules-language.md 3.7, 5.5).
 *
 * The reference turns them into text and parses the whole; so does this, because values are meant
 * to be more than values: list names, expressions, prepared lists.
 */
#include "rules/load_priv.h"

#include <stdlib.h>
#include "rules/cond.h"
#include "rules/ops.h"
#include "schema/limits.h"

/* --- operators as exceptions know them ------------------------------------------------------- */

/* "startswith anyof": one blank between. */
static bool has_modifier(struct lnr_str op, struct lnr_str *ret_base)
{
	static const char *const words[] = {" oneof", " anyof", " allof"};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(words); i++) {
		struct lnr_str w = lnr_str_c(words[i]);
		if (op.len > w.len && lnr_str_ends(op, w)) {
			*ret_base = lnr_str_sub(op, 0, op.len - w.len);
			return true;
		}
	}
	*ret_base = op;
	return false;
}

static bool known_operator(struct lnr_str op, bool *ret_list)
{
	struct lnr_str base;
	bool modifier = has_modifier(op, &base);
	const struct lnr_op *row = lnr_op_find(base);
	*ret_list = row && (modifier || row->form == LNR_OPF_LIST);
	return row && (!modifier || row->form == LNR_OPF_SYMBOL || row->form == LNR_OPF_WORD);
}

static void suggest_operator(
	struct lnr_loader *l, const struct lnr_exception *ex, struct lnr_str op)
{
	struct lnr_suggest s;
	struct lnr_str best;
	const struct lnr_op *row;
	lnr_load_spot(l, true, lnr_place_token(ex->ctx->file, ex->ctx->offset, op));
	lnr_suggest_init(l, &s, op);
	for (size_t i = 0; (row = lnr_op_row(i)); i++)
		lnr_suggest_offer(&s, lnr_str_c(row->name));
	if (lnr_suggest_best(&s, &best))
		lnr_load_hint(l, true, "did you mean '%.*s'?", LNR_STR_ARG(best));
	else
		lnr_load_hint(l, true,
			"expected an operator of conditions, or one with oneof, anyof or allof "
			"after it");
}

/* --- lists of exceptions --------------------------------------------------------------------- */

void lnr_exceptions_done(struct lnr_exceptions *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->v[i].values);
	free(v->v);
	*v = (struct lnr_exceptions){0};
}

int lnr_exceptions_push(struct lnr_exceptions *to, struct lnr_exception *ex)
{
	if (to->n == to->cap) {
		size_t cap = to->cap ? to->cap * 2 : 4;
		void *p = reallocarray(to->v, cap, sizeof(*to->v));
		if (!p)
			return -ENOMEM;
		to->v = p;
		to->cap = cap;
	}
	to->v[to->n++] = *ex;
	*ex = (struct lnr_exception){0};
	return 0;
}

static int add_values(struct lnr_exception *to, const struct lnr_ex_value *v, size_t n)
{
	if (to->n_values + n > to->cap_values) {
		size_t cap = 2 * to->cap_values + n;
		void *p = reallocarray(to->values, cap, sizeof(*to->values));
		if (!p)
			return -ENOMEM;
		to->values = p;
		to->cap_values = cap;
	}
	if (n)
		memcpy(to->values + to->n_values, v, n * sizeof(*v));
	to->n_values += n;
	return 0;
}

int lnr_exception_add_values(struct lnr_exception *to, const struct lnr_exception *from)
{
	return add_values(to, from->values, from->n_values);
}

struct lnr_exception *lnr_exceptions_find(const struct lnr_exceptions *v, struct lnr_str name)
{
	for (size_t i = 0; i < v->n; i++) {
		if (lnr_str_eq(v->v[i].name, name))
			return &v->v[i];
	}
	return NULL;
}

/* --- reading --------------------------------------------------------------------------------- */

static bool given(const struct lnr_ex_value *v)
{
	return v->is_list ? v->n > 0 : v->text.len > 0;
}

/* A scalar, or lists of lists of scalars; what is neither (null, map) reads as an empty scalar. */
static int read_value(struct lnr_loader *l, const struct lnr_yaml *node, const char *key,
	const struct lnr_ctx *ctx, struct lnr_ex_value *ret)
{
	*ret = (struct lnr_ex_value){.text = LNR_STR("")};
	if (node->kind == LNR_YAML_SCALAR && node->text.len) {
		ret->text = lnr_arena_str(&l->arena, node->text);
		return ret->text.ptr ? 0 : -ENOMEM;
	}
	if (node->kind != LNR_YAML_SCALAR && node->kind != LNR_YAML_SEQ)
		return 0;
	const struct lnr_ctx *vctx = lnr_ctx_node(l, ctx, LNR_CTX_VALUE, lnr_str_c(key), node);
	if (!vctx)
		return -ENOMEM;
	if (node->kind == LNR_YAML_SCALAR)
		return lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, vctx,
			"an empty value here compares with nothing; write '\"\"' for an empty "
			"text");
	ret->is_list = true;
	ret->items = lnr_arena_calloc(&l->arena, node->n ? node->n : 1, sizeof(*ret->items));
	if (!ret->items)
		return -ENOMEM;
	for (uint32_t i = 0; i < node->n; i++) {
		const struct lnr_ctx *ictx = lnr_ctx_node(
			l, vctx, LNR_CTX_EXCEPTION, LNR_STR(""), node->kids[i]);
		int rc = ictx ? read_value(l, node->kids[i], "", ictx, &ret->items[i]) : -ENOMEM;
		if (rc)
			return rc;
	}
	ret->n = node->n;
	return 0;
}

/* The values of most exceptions are scalars: make no place for them unless it is needed. */
static int read_values(struct lnr_loader *l, const struct lnr_yaml *node, struct lnr_exception *ex)
{
	const struct lnr_ctx *ctx = lnr_ctx_node(
		l, ex->ctx, LNR_CTX_EXCEPTION_VALUES, LNR_STR(""), node);
	if (!ctx)
		return -ENOMEM;
	if (node->kind != LNR_YAML_SEQ)
		return lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, ctx,
			"the values of an exception must be a list");
	for (uint32_t i = 0; i < node->n; i++) {
		struct lnr_ex_value v;
		const struct lnr_ctx *vctx = lnr_ctx_node(
			l, ctx, LNR_CTX_EXCEPTION_VALUE, LNR_STR(""), node->kids[i]);
		int rc = vctx ? read_value(l, node->kids[i], "", vctx, &v) : -ENOMEM;
		if (!rc)
			rc = add_values(ex, &v, 1);
		if (rc)
			return rc;
	}
	return 0;
}

static int warn_same_name(
	struct lnr_loader *l, const struct lnr_exceptions *v, const struct lnr_exception *ex)
{
	for (size_t i = 0; i < v->n; i++) {
		if (lnr_str_eq(v->v[i].name, ex->name) &&
			lnr_load_warn(l, LNR_LOAD_EXCEPTION_NAME_NOT_UNIQUE, ex->ctx,
				"the rule has another exception named '%.*s'",
				LNR_STR_ARG(ex->name)))
			return -ENOMEM;
	}
	return 0;
}

static int read_one(struct lnr_loader *l, const struct lnr_yaml *node, bool update,
	const struct lnr_ctx *ctx, const struct lnr_ctx *list_ctx,
	const struct lnr_exceptions *before, struct lnr_exception *ex)
{
	const struct lnr_ctx *tmp = lnr_ctx_node(l, list_ctx, LNR_CTX_EXCEPTION, LNR_STR(""), node);
	if (!tmp)
		return -ENOMEM;
	if (node->kind != LNR_YAML_MAP)
		return lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, tmp,
			"an exception must be a map with name, fields and values");
	int rc = lnr_item_str(l, node, "name", LNR_REQUIRED, tmp, &ex->name);
	if (rc)
		return rc;
	ex->ctx = lnr_ctx_node(l, ctx, LNR_CTX_EXCEPTION, ex->name, node);
	if (!ex->ctx)
		return -ENOMEM;
	const struct lnr_yaml *fields = lnr_yaml_get(node, "fields");
	const struct lnr_yaml *comps = lnr_yaml_get(node, "comps");
	const struct lnr_yaml *values = lnr_yaml_get(node, "values");
	rc = warn_same_name(l, before, ex);
	if (!rc && !fields && !update)
		rc = lnr_load_error(
			l, LNR_LOAD_ERR_YAML_VALIDATE, ex->ctx, "the key 'fields' is missing");
	if (!rc && fields)
		rc = read_value(l, fields, "fields", ex->ctx, &ex->fields);
	if (!rc && comps)
		rc = read_value(l, comps, "comps", ex->ctx, &ex->comps);
	if (!rc && values)
		rc = read_values(l, values, ex);
	else if (!rc && update)
		rc = lnr_load_warn(l, LNR_LOAD_APPEND_NO_VALUES, ex->ctx,
			"exception '%.*s' is appended without values", LNR_STR_ARG(ex->name));
	return rc;
}

int lnr_exceptions_read(struct lnr_loader *l, const struct lnr_yaml *item, bool update,
	const struct lnr_ctx *ctx, struct lnr_exceptions *ret)
{
	const struct lnr_yaml *v = lnr_yaml_get(item, "exceptions");
	if (!v || v->kind == LNR_YAML_NULL)
		return 0;
	const struct lnr_ctx *list_ctx = lnr_ctx_node(l, ctx, LNR_CTX_EXCEPTIONS, LNR_STR(""), v);
	if (!list_ctx)
		return -ENOMEM;
	if (v->kind != LNR_YAML_SEQ)
		return lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, list_ctx,
			"the exceptions of a rule must be a list");
	if (v->n > LNR_RULES_EXCEPTIONS)
		return lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, list_ctx,
			"more than %u exceptions in one rule", LNR_RULES_EXCEPTIONS);
	for (uint32_t i = 0; i < v->n; i++) {
		struct lnr_exception ex = {.fields.text = LNR_STR(""), .comps.text = LNR_STR("")};
		int rc = read_one(l, v->kids[i], update, ctx, list_ctx, ret, &ex);
		if (!rc)
			rc = lnr_exceptions_push(ret, &ex);
		free(ex.values);
		if (rc)
			return rc;
	}
	return 0;
}

/* --- checking -------------------------------------------------------------------------------- */

static void suggest_field(
	struct lnr_loader *l, const struct lnr_loader_source *src, struct lnr_str field)
{
	struct lnr_suggest s;
	struct lnr_str best;
	size_t pos = 0;
	lnr_suggest_init(l, &s, field);
	for (const struct lnr_field_class *c; (c = lnr_fieldset_next(src->fields, &pos));) {
		for (const struct lnr_field *f = c->fields; f->name; f++) {
			if (!(f->flags & LNR_FIELD_HIDDEN))
				lnr_suggest_offer(&s, lnr_str_c(f->name));
		}
	}
	if (lnr_suggest_best(&s, &best))
		lnr_load_hint(l, true, "did you mean '%.*s'?", LNR_STR_ARG(best));
}

/* An expression is checked by compiling "<text> exists". 0, -EINVAL, -ENOMEM. */
static int expression_ok(
	struct lnr_loader *l, const struct lnr_loader_source *src, struct lnr_str text)
{
	struct lnr_arena a;
	struct lnr_cond_err cerr;
	const struct lnr_ast *ast;
	const struct lnr_node *node;
	struct lnr_buf cond;
	lnr_arena_init(&a, 0);
	lnr_buf_init(&cond, 0);
	lnr_buf_str(&cond, text);
	lnr_buf_cstr(&cond, " exists");
	const struct lnr_cond_opts o = {.fields = src->fields,
		.arena = &a,
		.async_names = src->async_names,
		.n_async_names = src->n_async_names};
	int rc = cond.failed ? -ENOMEM : lnr_cond_parse(&a, lnr_buf_view(&cond), 0, &ast, &cerr);
	if (!rc)
		rc = lnr_cond_compile(&o, ast, &node, &cerr);
	lnr_buf_done(&cond);
	lnr_arena_done(&a);
	(void)l;
	return rc == 0 || rc == -ENOMEM ? rc : -EINVAL;
}

static int check_field(struct lnr_loader *l, const struct lnr_loader_source *src,
	const struct lnr_exception *ex, struct lnr_str field)
{
	struct lnr_field_ref ref;
	struct lnr_err err = {0};
	bool expression = lnr_str_chr(field, '(') >= 0;
	int rc = expression ? expression_ok(l, src, field)
			    : lnr_field_resolve(src->fields, field, &l->arena, &ref, &err);
	if (rc == 0 || rc == -ENOMEM)
		return rc;
	if (rc == -EINVAL && !expression) {
		/* A known field with a wrong argument: the reference knows no place for it. */
		const struct lnr_ctx *file = ex->ctx;
		while (file->up)
			file = file->up;
		rc = lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, file, "exception '%.*s': %s",
			LNR_STR_ARG(ex->name), err.msg);
		lnr_load_spot(l, true, lnr_place_token(ex->ctx->file, ex->ctx->offset, field));
		return rc;
	}
	rc = lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ex->ctx,
		"'%.*s' is no field of the event source '%.*s'", LNR_STR_ARG(field),
		LNR_STR_ARG(src->name));
	lnr_load_spot(l, true, lnr_place_token(ex->ctx->file, ex->ctx->offset, field));
	suggest_field(l, src, field);
	return rc;
}

static int check_list(
	struct lnr_loader *l, const struct lnr_loader_source *src, struct lnr_exception *ex)
{
	struct lnr_ex_value *f = &ex->fields, *c = &ex->comps;
	bool is_list;
	if (!given(c)) {
		*c = (struct lnr_ex_value){.is_list = true, .n = f->n};
		c->items = lnr_arena_calloc(&l->arena, f->n, sizeof(*c->items));
		if (!c->items)
			return -ENOMEM;
		for (size_t i = 0; i < f->n; i++)
			c->items[i].text = LNR_STR("=");
	}
	if (c->n != f->n)
		return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ex->ctx,
			"exception '%.*s' has %zu fields and %zu comps", LNR_STR_ARG(ex->name),
			f->n, c->n);
	for (size_t i = 0; i < c->n; i++) {
		c->items[i].text = lnr_str_trim(c->items[i].text);
		if (known_operator(c->items[i].text, &is_list))
			continue;
		int rc = lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ex->ctx,
			"'%.*s' is no comparison operator", LNR_STR_ARG(c->items[i].text));
		suggest_operator(l, ex, c->items[i].text);
		return rc;
	}
	int rc = 0;
	for (size_t i = 0; src && !rc && i < f->n; i++)
		rc = check_field(l, src, ex, f->items[i].text);
	return rc;
}

static int check_scalar(
	struct lnr_loader *l, const struct lnr_loader_source *src, struct lnr_exception *ex)
{
	struct lnr_ex_value *c = &ex->comps;
	bool is_list;
	if (!given(c))
		*c = (struct lnr_ex_value){.text = LNR_STR("in")};
	if (c->is_list)
		return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ex->ctx,
			"exception '%.*s' has a single field, but a list of comps",
			LNR_STR_ARG(ex->name));
	c->text = lnr_str_trim(c->text);
	if (!known_operator(c->text, &is_list) || !is_list) {
		int rc = lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ex->ctx,
			"'%.*s' cannot compare one field with a list", LNR_STR_ARG(c->text));
		lnr_load_spot(l, true, lnr_place_token(ex->ctx->file, ex->ctx->offset, c->text));
		lnr_load_hint(l, true,
			"expected in, pmatch, intersects, or an operator with oneof, anyof or "
			"allof after it; or make fields and comps lists");
		return rc;
	}
	return src ? check_field(l, src, ex, ex->fields.text) : 0;
}

int lnr_exception_check(
	struct lnr_loader *l, const struct lnr_loader_source *src, struct lnr_exception *ex)
{
	if (!given(&ex->fields))
		return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ex->ctx,
			"exception '%.*s' needs the key 'fields' with a field or a list of fields",
			LNR_STR_ARG(ex->name));
	return ex->fields.is_list ? check_list(l, src, ex) : check_scalar(l, src, ex);
}

/* --- text ------------------------------------------------------------------------------------ */

static int scalar_text(struct lnr_loader *l, const struct lnr_exception *ex, struct lnr_buf *out)
{
	for (size_t i = 0; i < ex->n_values; i++) {
		if (ex->values[i].is_list)
			return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ex->ctx,
				"exception '%.*s' has a single field; each value must be single "
				"too",
				LNR_STR_ARG(ex->name));
		if (i) {
			lnr_buf_cstr(out, ", ");
		} else {
			lnr_buf_cstr(out, " and not (");
			lnr_buf_str(out, ex->fields.text);
			lnr_buf_chr(out, ' ');
			lnr_buf_str(out, ex->comps.text);
			lnr_buf_cstr(out, " (");
		}
		lnr_quote_item(out, ex->values[i].text);
	}
	lnr_buf_cstr(out, ex->n_values ? "))" : "");
	return 0;
}

static void value_text(struct lnr_buf *out, struct lnr_str op, const struct lnr_ex_value *v)
{
	bool list;
	if (v->is_list) {
		lnr_buf_chr(out, '(');
		for (size_t i = 0; i < v->n; i++) {
			lnr_buf_cstr(out, i ? ", " : "");
			lnr_quote_item(out, v->items[i].text);
		}
		lnr_buf_chr(out, ')');
	} else if (known_operator(op, &list) && list) {
		bool ready = v->text.len && v->text.ptr[0] == '(';
		lnr_buf_cstr(out, ready ? "" : "(");
		lnr_buf_str(out, v->text);
		lnr_buf_cstr(out, ready ? "" : ")");
	} else {
		lnr_quote_item(out, v->text);
	}
}

static int list_text(struct lnr_loader *l, const struct lnr_exception *ex, struct lnr_buf *out)
{
	for (size_t i = 0; i < ex->n_values; i++) {
		const struct lnr_ex_value *v = &ex->values[i];
		if ((v->is_list ? v->n : 0) != ex->fields.n)
			return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ex->ctx,
				"exception '%.*s' has %zu fields, but values entry %zu has %zu",
				LNR_STR_ARG(ex->name), ex->fields.n, i + 1, v->is_list ? v->n : 1);
		lnr_buf_cstr(out, i ? " or (" : " and not ((");
		for (size_t k = 0; k < ex->fields.n; k++) {
			struct lnr_str op = ex->comps.items[k].text;
			lnr_buf_cstr(out, k ? " and  " : " ");
			lnr_buf_str(out, ex->fields.items[k].text);
			lnr_buf_chr(out, ' ');
			lnr_buf_str(out, op);
			lnr_buf_chr(out, ' ');
			value_text(out, op, &v->items[k]);
		}
		lnr_buf_chr(out, ')');
	}
	lnr_buf_cstr(out, ex->n_values ? ")" : "");
	return 0;
}

int lnr_exceptions_text(
	struct lnr_loader *l, const struct lnr_rule_item *r, struct lnr_buf *out, size_t *ret_ends)
{
	bool any = r->exceptions.n > 0;
	lnr_buf_cstr(out, any ? "(" : "");
	lnr_buf_str(out, lnr_buf_view(&r->cond.buf));
	lnr_buf_cstr(out, any ? ")" : "");
	for (size_t i = 0; i < r->exceptions.n; i++) {
		const struct lnr_exception *ex = &r->exceptions.v[i];
		int rc = ex->fields.is_list ? list_text(l, ex, out) : scalar_text(l, ex, out);
		if (rc)
			return rc;
		if (ret_ends)
			ret_ends[i] = out->len;
	}
	return 0;
}
