/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/format.h"

#include <stdarg.h>
#include <stdio.h>
#include "schema/limits.h"

/* Text, or a value. */
struct piece {
	struct lnr_str text;
	const struct lnr_expr *expr; /* NULL = text */
	uint32_t width;		     /* exact bytes, 0 = as they come */
	struct piece *next;
};

struct lnr_format {
	struct lnr_str source;
	struct piece *pieces;
	const struct lnr_expr **fields;
	size_t n_fields;
};

struct builder {
	const struct lnr_cond_opts *o;
	struct lnr_cond_err *err;
	struct lnr_format *f;
	struct piece **last;
};

/* Refuse at byte `at` of the source. */
static int refuse(struct builder *b, size_t at, int code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static int refuse(struct builder *b, size_t at, int code, const char *fmt, ...)
{
	struct lnr_str before = lnr_str_sub(b->f->source, 0, at);
	ptrdiff_t nl = lnr_str_rchr(before, '\n');
	va_list ap;

	if (!b->err)
		return code;
	*b->err = (struct lnr_cond_err){
		.offset = (uint32_t)at, .line = 1, .column = (uint32_t)(at - (size_t)(nl + 1)) + 1};
	for (size_t i = 0; i < before.len; i++)
		b->err->line += before.ptr[i] == '\n';
	va_start(ap, fmt);
	vsnprintf(b->err->msg, sizeof(b->err->msg), fmt, ap);
	va_end(ap);
	return code;
}

static int add(struct builder *b, const struct piece *what)
{
	struct piece *p = lnr_arena_new(b->o->arena, struct piece);

	if (!p)
		return -ENOMEM;
	*p = *what;
	p->next = NULL;
	*b->last = p;
	b->last = &p->next;
	return 0;
}

/* --- compilation --------------------------------------------------------------------------- */

/* What stands behind a '%' at `at`; *ret_end = behind it. */
static int token(struct builder *b, size_t at, size_t *ret_end)
{
	struct lnr_str s = b->f->source;
	struct piece p = {.width = 0};
	struct lnr_cond_err why;
	size_t i = at + 1, len;
	int r;

	if (i == s.len)
		return refuse(b, at, -EINVAL, "a format cannot end with '%%'");
	for (; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++) {
		p.width = p.width * 10 + (uint32_t)(s.ptr[i] - '0');
		if (p.width > LNR_FORMAT_WIDTH)
			p.width = LNR_FORMAT_WIDTH;
	}
	if (i == s.len)
		return refuse(b, at, -EINVAL, "a format cannot end with a width");
	r = lnr_expr_compile_prefix(
		b->o, lnr_str_sub(s, i, i + LNR_FORMAT_TOKEN_BYTES), &p.expr, &len, &why);
	if (r == -ENOMEM)
		return r;
	if (r)
		return refuse(
			b, at, r, "'%%' must be followed by a field or a transformer: %s", why.msg);
	*ret_end = i + len;
	return add(b, &p);
}

static size_t count_fields(const struct lnr_expr *e)
{
	size_t n = e->kind == LNR_EXPR_FIELD;

	for (uint32_t i = 0; i < e->n_args; i++)
		n += count_fields(e->args[i]);
	return n;
}

static void list_fields(const struct lnr_expr *e, struct lnr_format *f)
{
	if (e->kind == LNR_EXPR_FIELD)
		f->fields[f->n_fields++] = e;
	for (uint32_t i = 0; i < e->n_args; i++)
		list_fields(e->args[i], f);
}

static int index_fields(struct builder *b)
{
	size_t n = 1; /* the terminator */

	for (const struct piece *p = b->f->pieces; p; p = p->next)
		n += p->expr ? count_fields(p->expr) : 0;
	b->f->fields = lnr_arena_calloc(b->o->arena, n, sizeof(*b->f->fields));
	if (!b->f->fields)
		return -ENOMEM;
	for (const struct piece *p = b->f->pieces; p; p = p->next) {
		if (p->expr)
			list_fields(p->expr, b->f);
	}
	return 0;
}

static int build(struct builder *b)
{
	struct lnr_str s = b->f->source;
	size_t at = 0;
	int r = 0;

	if (!s.len)
		return refuse(b, 0, -EINVAL, "the format is empty");
	/* "Print even if a value is missing", which is what always happens here. */
	if (s.ptr[0] == '*')
		at = 1;
	while (!r && at < s.len) {
		ptrdiff_t percent = lnr_str_chr(lnr_str_sub(s, at, s.len), '%');
		size_t end = percent < 0 ? s.len : at + (size_t)percent;

		if (end > at)
			r = add(b, &(struct piece){.text = lnr_str_sub(s, at, end)});
		at = end;
		if (!r && at < s.len)
			r = token(b, at, &at);
	}
	return r ? r : index_fields(b);
}

int lnr_format_compile(const struct lnr_cond_opts *opts, struct lnr_str text,
	const struct lnr_format **ret, struct lnr_cond_err *err)
{
	struct lnr_format *f = lnr_arena_new(opts->arena, struct lnr_format);
	struct builder b = {.o = opts, .err = err, .f = f};
	int r;

	if (err)
		*err = (struct lnr_cond_err){.line = 1, .column = 1};
	if (!f)
		return -ENOMEM;
	b.last = &f->pieces;
	f->source = lnr_arena_str(opts->arena, text.ptr ? text : (struct lnr_str){"", 0});
	r = f->source.ptr ? build(&b) : -ENOMEM;
	if (!r)
		*ret = f;
	return r;
}

/* --- use ----------------------------------------------------------------------------------- */

static void value(const struct piece *p, struct lnr_field_ctx *ctx, struct lnr_buf *out)
{
	const struct lnr_expr *e = p->expr;
	struct lnr_val v;
	size_t from = out->len;
	bool field = e->kind == LNR_EXPR_FIELD;
	unsigned fmt = field ? e->field.def->fmt : LNR_PF_NA;

	if (field ? lnr_field_get_output(ctx, &e->field, &v) : lnr_expr_eval(e, ctx, &v))
		lnr_val_text(out, ctx, &v, fmt);
	else
		lnr_buf_cstr(out, "<NA>");
	if (!p->width)
		return;
	if (out->len - from > p->width)
		lnr_buf_cut(out, from + p->width);
	while (!out->failed && out->len - from < p->width)
		lnr_buf_chr(out, ' ');
}

void lnr_format_text(const struct lnr_format *f, struct lnr_field_ctx *ctx, struct lnr_buf *out)
{
	for (const struct piece *p = f->pieces; p; p = p->next) {
		if (p->expr)
			value(p, ctx, out);
		else
			lnr_buf_str(out, p->text);
	}
}

const struct lnr_expr *lnr_format_field(const struct lnr_format *f, size_t i)
{
	return i < f->n_fields ? f->fields[i] : NULL;
}

const struct lnr_expr *lnr_format_next(const struct lnr_format *f, const void **pos)
{
	const struct piece *p = *pos;

	p = p ? p->next : f->pieces;
	while (p && !p->expr)
		p = p->next;
	*pos = p;
	return p ? p->expr : NULL;
}

struct lnr_str lnr_format_source(const struct lnr_format *f)
{
	return f->source;
}
