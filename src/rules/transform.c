/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/transform.h"

#include <stdio.h>
#include "rules/types.h"

#define CHECK(fn) static int fn(struct lnr_expr *e, struct lnr_err *err)
#define EVAL(fn)                                                            \
	static bool fn(struct lnr_field_ctx *ctx, const struct lnr_expr *e, \
		const struct lnr_val *args, struct lnr_val *ret)

static bool is_text(unsigned type)
{
	return lnr_type_class(type, false) == LNR_TC_STRING;
}

static bool is_bytes(unsigned type)
{
	return type == LNR_PT_BYTEBUF;
}

static bool give_text(struct lnr_val *ret, unsigned type, const char *ptr, size_t len)
{
	*ret = (struct lnr_val){.type = (uint8_t)type};
	ret->str = (struct lnr_str){ptr ? ptr : "", len};
	return true;
}

static int wrong_type(const struct lnr_expr *e, const struct lnr_expr *arg, struct lnr_err *err)
{
	return lnr_fail(err, -EINVAL, "'%s' cannot take %.*s, which is %s", e->fn->name,
		LNR_STR_ARG(arg->text), lnr_type_words(arg->type, arg->is_list));
}

/* --- one text after the other -------------------------------------------------------------- */

/*
 * A transformer of texts applied to a list is applied to each element. `one` returns false when
 * there is no result; then there is none for the list either.
 */
static bool each(struct lnr_field_ctx *ctx, const struct lnr_val *in, struct lnr_val *ret,
	bool (*one)(struct lnr_arena *scratch, const struct lnr_val *in, struct lnr_val *ret))
{
	struct lnr_val *items;

	if (!in->is_list)
		return one(ctx->ev->scratch, in, ret);
	items = lnr_arena_calloc(ctx->ev->scratch, in->list.n + 1, sizeof(*items));
	if (!items)
		return false;
	for (size_t i = 0; i < in->list.n; i++) {
		if (!one(ctx->ev->scratch, &in->list.items[i], &items[i]))
			return false;
	}

	size_t n = in->list.n;
	*ret = (struct lnr_val){.type = in->type, .is_list = true};
	ret->list.items = items;
	ret->list.n = n;
	return true;
}

CHECK(check_text)
{
	if (!is_text(e->args[0]->type))
		return wrong_type(e, e->args[0], err);
	e->type = e->args[0]->type;
	e->is_list = e->args[0]->is_list;
	return 0;
}

CHECK(check_text_or_bytes)
{
	if (!is_text(e->args[0]->type) && !is_bytes(e->args[0]->type))
		return wrong_type(e, e->args[0], err);
	e->type = e->args[0]->type;
	e->is_list = e->args[0]->is_list;
	return 0;
}

static bool change_case(
	struct lnr_arena *scratch, const struct lnr_val *in, struct lnr_val *ret, char from)
{
	char *out = lnr_arena_alloc(scratch, in->str.len + 1);

	if (!out)
		return false;
	for (size_t i = 0; i < in->str.len; i++) {
		char c = in->str.ptr[i];

		out[i] = c >= from && c <= from + ('z' - 'a') ? (char)(c ^ 0x20) : c;
	}
	return give_text(ret, in->type, out, in->str.len);
}

static bool lower_one(struct lnr_arena *scratch, const struct lnr_val *in, struct lnr_val *ret)
{
	return change_case(scratch, in, ret, 'A');
}

static bool upper_one(struct lnr_arena *scratch, const struct lnr_val *in, struct lnr_val *ret)
{
	return change_case(scratch, in, ret, 'a');
}

EVAL(eval_tolower)
{
	(void)e;
	return each(ctx, &args[0], ret, lower_one);
}

EVAL(eval_toupper)
{
	(void)e;
	return each(ctx, &args[0], ret, upper_one);
}

static bool basename_one(struct lnr_arena *scratch, const struct lnr_val *in, struct lnr_val *ret)
{
	ptrdiff_t slash = lnr_str_rchr(in->str, '/');
	size_t from = (size_t)(slash + 1);

	(void)scratch;
	return give_text(ret, in->type, in->str.ptr + from, in->str.len - from);
}

EVAL(eval_basename)
{
	(void)e;
	return each(ctx, &args[0], ret, basename_one);
}

static int b64_digit(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool b64_one(struct lnr_arena *scratch, const struct lnr_val *in, struct lnr_val *ret)
{
	struct lnr_str s = in->str;
	uint32_t bits = 0;
	size_t n = 0;
	unsigned left; /* bits of the last digit that belong to no byte */

	for (unsigned pad = 0; pad < 2 && s.len && s.ptr[s.len - 1] == '='; pad++)
		s.len--;
	if (s.len % 4 == 1)
		return false;
	char *out = lnr_arena_alloc(scratch, s.len / 4 * 3 + 4);
	if (!out)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int d = b64_digit((unsigned char)s.ptr[i]);

		if (d < 0)
			return false;
		bits = bits << 6 | (uint32_t)d;
		if (i % 4)
			out[n++] = (char)(bits >> (6 - i % 4 * 2));
	}
	/* As the reference, nothing may be in them. */
	left = s.len % 4 == 2 ? 4 : s.len % 4 == 3 ? 2 : 0;
	if (bits & ((1u << left) - 1))
		return false;
	return give_text(ret, in->type, out, n);
}

EVAL(eval_b64)
{
	(void)e;
	return each(ctx, &args[0], ret, b64_one);
}

/* --- len ----------------------------------------------------------------------------------- */

CHECK(check_len)
{
	const struct lnr_expr *arg = e->args[0];

	if (!arg->is_list && !is_text(arg->type) && !is_bytes(arg->type))
		return wrong_type(e, arg, err);
	e->type = LNR_PT_UINT64;
	return 0;
}

EVAL(eval_len)
{
	(void)ctx;
	(void)e;
	*ret = (struct lnr_val){.type = LNR_PT_UINT64};
	ret->u64 = args[0].is_list ? args[0].list.n : args[0].str.len;
	return true;
}

/* --- join and concat ----------------------------------------------------------------------- */

/* A value as text; without memory from the heap for texts and numbers. */
static bool text_of(struct lnr_field_ctx *ctx, const struct lnr_val *v, struct lnr_str *ret)
{
	enum lnr_val_kind kind = lnr_pt_kind(v->type);
	char *out;

	if (kind == LNR_VK_STR) {
		*ret = v->str;
		return true;
	}
	if ((kind == LNR_VK_S64 || kind == LNR_VK_U64) && v->type != LNR_PT_BOOL) {
		char digits[24];
		int n = kind == LNR_VK_S64
				? snprintf(digits, sizeof(digits), "%lld", (long long)v->s64)
				: snprintf(digits, sizeof(digits), "%llu",
					  (unsigned long long)v->u64);

		*ret = lnr_arena_str(
			ctx->ev->scratch, (struct lnr_str){digits, (size_t)(n > 0 ? n : 0)});
		return ret->ptr;
	}

	struct lnr_buf buf;
	lnr_buf_init(&buf, 0);
	lnr_val_text(&buf, ctx, v, LNR_PF_NA);
	out = buf.failed ? NULL : lnr_arena_strdup(ctx->ev->scratch, lnr_buf_view(&buf));
	*ret = (struct lnr_str){out, buf.len};
	lnr_buf_done(&buf);
	return out;
}

static bool joined(struct lnr_field_ctx *ctx, struct lnr_str between, const struct lnr_val *items,
	size_t n, struct lnr_val *ret)
{
	struct lnr_str *texts = lnr_arena_calloc(ctx->ev->scratch, n + 1, sizeof(*texts));
	size_t len = n > 1 ? (n - 1) * between.len : 0, at = 0;
	char *out;

	if (!texts)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!text_of(ctx, &items[i], &texts[i]))
			return false;
		len += texts[i].len;
	}
	out = lnr_arena_alloc(ctx->ev->scratch, len + 1);
	if (!out)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (i && between.len) {
			memcpy(out + at, between.ptr, between.len);
			at += between.len;
		}
		if (texts[i].len)
			memcpy(out + at, texts[i].ptr, texts[i].len);
		at += texts[i].len;
	}
	return give_text(ret, LNR_PT_CHARBUF, out, at);
}

CHECK(check_join)
{
	if (e->args[0]->is_list)
		return lnr_fail(err, -EINVAL,
			"the first argument of 'join' is the text between the elements, not a "
			"list");
	if (!e->args[1]->is_list)
		return lnr_fail(err, -EINVAL, "the second argument of 'join' must be a list");
	e->type = LNR_PT_CHARBUF;
	return 0;
}

EVAL(eval_join)
{
	struct lnr_str between;

	(void)e;
	return text_of(ctx, &args[0], &between) &&
	       joined(ctx, between, args[1].list.items, args[1].list.n, ret);
}

CHECK(check_concat)
{
	for (uint32_t i = 0; i < e->n_args; i++) {
		if (e->args[i]->is_list || !is_text(e->args[i]->type))
			return wrong_type(e, e->args[i], err);
	}
	e->type = LNR_PT_CHARBUF;
	return 0;
}

EVAL(eval_concat)
{
	return joined(ctx, (struct lnr_str){"", 0}, args, e->n_args, ret);
}

/* --- getopt -------------------------------------------------------------------------------- */

CHECK(check_getopt)
{
	const struct lnr_expr *list = e->args[0], *options = e->args[1];

	if (!list->is_list || !is_text(list->type))
		return lnr_fail(err, -EINVAL,
			"the first argument of 'getopt' must be a list of "
			"texts");
	if (options->is_list || !is_text(options->type))
		return lnr_fail(err, -EINVAL,
			"the second argument of 'getopt' is a text with the option letters");
	if (e->has_arg && e->fn_arg.len != 1)
		return lnr_fail(err, -EINVAL, "'getopt(…)[…]' takes a single option letter");
	e->type = LNR_PT_CHARBUF;
	e->is_list = !e->has_arg;
	return 0;
}

struct getopt {
	const struct lnr_val *words;
	size_t n, at;
	struct lnr_str options;
	struct lnr_val *out; /* room for every letter and every argument */
	size_t n_out;
	int wanted; /* only this letter's value; -1 = all */
};

static void getopt_give(struct getopt *g, const char *ptr, size_t len)
{
	give_text(&g->out[g->n_out++], LNR_PT_CHARBUF, ptr, len);
}

/* The letters behind one '-'. */
static void getopt_cluster(struct getopt *g, struct lnr_str word)
{
	for (size_t i = 1; i < word.len; i++) {
		const char *c = word.ptr + i;
		ptrdiff_t known = *c == ':' ? -1 : lnr_str_chr(g->options, *c);
		bool wanted = g->wanted < 0 || g->wanted == (unsigned char)*c;

		if (known < 0) {
			if (g->wanted < 0)
				getopt_give(g, "?", 1);
			continue;
		}
		if ((size_t)known + 1 >= g->options.len || g->options.ptr[known + 1] != ':') {
			if (wanted)
				getopt_give(g, c, 1);
			continue;
		}
		/* It takes an argument: the rest of the word, or the next word. */
		struct lnr_str value = lnr_str_sub(word, i + 1, word.len);
		if (!value.len && g->at < g->n) {
			value = g->words[g->at++].str;
		} else if (!value.len) {
			if (g->wanted < 0)
				getopt_give(g, "", 0);
			return;
		}
		if (g->wanted < 0)
			getopt_give(g, c, 1);
		if (wanted)
			getopt_give(g, value.ptr, value.len);
		return;
	}
}

EVAL(eval_getopt)
{
	struct getopt g = {.words = args[0].list.items,
		.n = args[0].list.n,
		.options = args[1].str,
		.wanted = e->has_arg ? (unsigned char)e->fn_arg.ptr[0] : -1};
	size_t room = 1;

	if (lnr_str_starts(g.options, LNR_STR(":")))
		g.options = lnr_str_sub(g.options, 1, g.options.len);
	for (size_t i = 0; i < g.n; i++)
		room += g.words[i].str.len + 1;
	g.out = lnr_arena_calloc(ctx->ev->scratch, room, sizeof(*g.out));
	if (!g.out)
		return false;
	while (g.at < g.n) {
		struct lnr_str word = g.words[g.at].str;

		if (word.len < 2 || word.ptr[0] != '-' || lnr_str_eq(word, LNR_STR("--")))
			break;
		g.at++;
		if (word.ptr[1] != '-')
			getopt_cluster(&g, word);
	}
	if (g.wanted >= 0) {
		if (!g.n_out)
			return false;
		*ret = g.out[g.n_out - 1];
		return true;
	}
	*ret = (struct lnr_val){.type = LNR_PT_CHARBUF, .is_list = true};
	ret->list.items = g.out;
	ret->list.n = g.n_out;
	return true;
}

/* --- the table ----------------------------------------------------------------------------- */

static const struct lnr_transformer rows[] = {
	{"tolower", 1, 1, false, check_text, eval_tolower},
	{"toupper", 1, 1, false, check_text, eval_toupper},
	{"b64", 1, 1, false, check_text_or_bytes, eval_b64},
	{"basename", 1, 1, false, check_text, eval_basename},
	{"len", 1, 1, false, check_len, eval_len},
	{"join", 2, 2, false, check_join, eval_join},
	{"concat", 2, UINT16_MAX, false, check_concat, eval_concat},
	{"getopt", 2, 2, true, check_getopt, eval_getopt},
};

const struct lnr_transformer *lnr_transformer_row(size_t i)
{
	return i < LNR_ARRAY_SIZE(rows) ? &rows[i] : NULL;
}

const struct lnr_transformer *lnr_transformer_find(struct lnr_str name)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		if (lnr_str_eq(name, lnr_str_c(rows[i].name)))
			return &rows[i];
	}
	return NULL;
}
