/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lex_priv.h"

#include <stdarg.h>
#include <stdio.h>

void lnr_lex_advance(struct lnr_lex *lx, size_t n)
{
	const char *from = lx->text.ptr + lx->at, *end = from + n, *nl;

	while (from < end && (nl = memchr(from, '\n', (size_t)(end - from)))) {
		lx->line++;
		lx->line_at = (size_t)(nl + 1 - lx->text.ptr);
		from = nl + 1;
	}
	lx->at += n;
}

void lnr_lex_blanks(struct lnr_lex *lx)
{
	size_t n = 0;

	while (lx->at + n < lx->text.len && lnr_is_blank((unsigned char)lx->text.ptr[lx->at + n]))
		n++;
	lnr_lex_advance(lx, n);
}

struct lnr_place lnr_lex_here(const struct lnr_lex *lx)
{
	return (struct lnr_place){(uint32_t)lx->at, lx->line, (uint32_t)(lx->at - lx->line_at) + 1};
}

void *lnr_lex_fail(struct lnr_lex *lx, struct lnr_place at, const char *fmt, ...)
{
	if (lx->rc)
		return NULL;
	lx->rc = -EINVAL;
	if (!lx->err)
		return NULL;

	va_list ap;
	va_start(ap, fmt);
	vsnprintf(lx->err->msg, sizeof(lx->err->msg), fmt, ap);
	va_end(ap);
	lx->err->offset = at.offset;
	lx->err->line = at.line;
	lx->err->column = at.column;
	lx->err->node = NULL;
	return NULL;
}

void *lnr_lex_no_memory(struct lnr_lex *lx)
{
	if (!lx->rc)
		lx->rc = -ENOMEM;
	return NULL;
}

const char *lnr_lex_found(const struct lnr_lex *lx, char *buf, size_t size)
{
	size_t n = 0;

	if (lx->at >= lx->text.len)
		return "the end of the text";
	while (n < 40 && lx->at + n < lx->text.len &&
		lnr_is_bare((unsigned char)lx->text.ptr[lx->at + n]))
		n++;
	if (n == 0)
		n = 1;
	snprintf(buf, size, "'%.*s'", (int)n, lx->text.ptr + lx->at);
	return buf;
}

const char *lnr_lex_slip(const struct lnr_lex *lx)
{
	static const struct {
		const char *word, *hint;
	} slips[] = {
		{"AND", "; keywords are lower case: write 'and'"},
		{"And", "; keywords are lower case: write 'and'"},
		{"OR", "; keywords are lower case: write 'or'"},
		{"Or", "; keywords are lower case: write 'or'"},
		{"&&", "; write 'and'"},
		{"||", "; write 'or'"},
		{"not ", "; 'not' goes before the field: 'not proc.name in (a, b)'"},
		{"#", "; conditions have no comments"},
		{"//", "; conditions have no comments"},
		{"/*", "; conditions have no comments"},
		{"(", "; a list needs 'in', a group needs 'and' or 'or' before it"},
		{")", "; there is no '(' that it closes"},
	};

	for (size_t i = 0; i < LNR_ARRAY_SIZE(slips); i++) {
		if (lnr_lex_at(lx, slips[i].word))
			return slips[i].hint;
	}
	return "";
}

const char *lnr_lex_nearest(const struct lnr_lex *lx, const char *const *words, size_t n)
{
	size_t len = 0;
	unsigned best = 3;
	const char *ret = NULL;

	while (len < 16 && lx->at + len < lx->text.len &&
		lnr_is_bare((unsigned char)lx->text.ptr[lx->at + len]))
		len++;

	struct lnr_str word = {lx->text.ptr + lx->at, len};
	for (size_t i = 0; len > 1 && i < n; i++) {
		unsigned d = lnr_str_distance(word, lnr_str_c(words[i]), 2);

		if (d < best && d < strlen(words[i])) {
			best = d;
			ret = words[i];
		}
	}
	return ret;
}

size_t lnr_lex_identifier(const struct lnr_lex *lx, size_t at)
{
	const unsigned char *s = (const unsigned char *)lx->text.ptr;
	size_t n = 0;

	while (at + n < lx->text.len && lnr_is_alpha(s[at + n]))
		n++;
	while (n && at + n < lx->text.len &&
		(lnr_is_alpha(s[at + n]) || lnr_is_digit(s[at + n]) || s[at + n] == '_'))
		n++;
	return n;
}

size_t lnr_lex_field(const struct lnr_lex *lx)
{
	size_t n = lnr_lex_identifier(lx, lx->at), dots = 0;

	while (n && lnr_lex_peek(lx, n) == '.') {
		size_t more = lnr_lex_identifier(lx, lx->at + n + 1);

		if (!more)
			break;
		n += 1 + more;
		dots++;
	}
	return dots ? n : 0;
}

/* 0x1f, or [+-]digits[.][digits][e(+|-)digits]; 0 = none. */
size_t lnr_lex_number(const struct lnr_lex *lx)
{
	size_t n = 0;

	if (lnr_lex_peek(lx, 0) == '0' && (lnr_lex_peek(lx, 1) | 0x20) == 'x' &&
		lnr_lex_peek(lx, 2) >= 0 && lnr_is_xdigit((unsigned char)lnr_lex_peek(lx, 2))) {
		n = 3;
		while (lnr_lex_peek(lx, n) >= 0 &&
			lnr_is_xdigit((unsigned char)lnr_lex_peek(lx, n)))
			n++;
		return n;
	}
	if (lnr_lex_peek(lx, 0) == '+' || lnr_lex_peek(lx, 0) == '-')
		n++;
	if (lnr_lex_peek(lx, n) < 0 || !lnr_is_digit((unsigned char)lnr_lex_peek(lx, n)))
		return 0;
	while (lnr_lex_peek(lx, n) >= 0 && lnr_is_digit((unsigned char)lnr_lex_peek(lx, n)))
		n++;
	if (lnr_lex_peek(lx, n) == '.')
		n++;
	while (lnr_lex_peek(lx, n) >= 0 && lnr_is_digit((unsigned char)lnr_lex_peek(lx, n)))
		n++;
	if ((lnr_lex_peek(lx, n) == 'e' || lnr_lex_peek(lx, n) == 'E') &&
		(lnr_lex_peek(lx, n + 1) == '+' || lnr_lex_peek(lx, n + 1) == '-') &&
		lnr_lex_peek(lx, n + 2) >= 0 &&
		lnr_is_digit((unsigned char)lnr_lex_peek(lx, n + 2))) {
		n += 3;
		while (lnr_lex_peek(lx, n) >= 0 && lnr_is_digit((unsigned char)lnr_lex_peek(lx, n)))
			n++;
	}
	return n;
}

size_t lnr_lex_quoted(const struct lnr_lex *lx)
{
	int quote = lnr_lex_peek(lx, 0);

	if (quote != '"' && quote != '\'')
		return 0;
	for (size_t i = lx->at + 1; i < lx->text.len; i++) {
		if (lx->text.ptr[i] == quote && lx->text.ptr[i - 1] != '\\')
			return i + 1 - lx->at;
	}
	return 0;
}

/* One escape at s[*i] (behind the backslash); moves *i past it. -1 = not one. */
static int unescape_one(struct lnr_str s, size_t *i, char quote)
{
	static const char from[] = "bfnrt\\/", to[] = "\b\f\n\r\t\\/";
	char c = s.ptr[(*i)++];
	const char *f = c ? strchr(from, c) : NULL;

	if (f)
		return to[f - from];
	if (c == ' ') /* as the reference: a backslash, and the blank is gone */
		return '\\';
	if (c == quote)
		return c;
	if (c == 'x' && *i + 1 < s.len && lnr_is_xdigit((unsigned char)s.ptr[*i]) &&
		lnr_is_xdigit((unsigned char)s.ptr[*i + 1])) {
		*i += 2;
		return lnr_hex_value((unsigned char)s.ptr[*i - 2]) * 16 +
		       lnr_hex_value((unsigned char)s.ptr[*i - 1]);
	}
	return -1;
}

static void bad_escape(struct lnr_lex *lx, char c, char quote)
{
	lnr_lex_fail(lx, lnr_lex_here(lx),
		"'\\%c' is no escape in a %s-quoted text; there are \\b \\f \\n \\r \\t \\\\ "
		"\\/ \\%c and \\xHH",
		c > ' ' && c < 0x7f ? c : '?', quote == '"' ? "double" : "single", quote);
}

bool lnr_lex_take_quoted(struct lnr_lex *lx, size_t len, struct lnr_str *ret)
{
	struct lnr_str in = {lx->text.ptr + lx->at + 1, len - 2};
	char quote = lx->text.ptr[lx->at];

	if (!memchr(in.ptr, '\\', in.len)) {
		lnr_lex_advance(lx, len);
		*ret = in;
		return true;
	}

	char *out = lnr_arena_alloc(lx->arena, in.len + 1);
	size_t n = 0;
	if (!out) {
		lnr_lex_no_memory(lx);
		return false;
	}
	for (size_t i = 0; i < in.len;) {
		if (in.ptr[i] != '\\') {
			out[n++] = in.ptr[i++];
			continue;
		}
		size_t start = i++;
		int c = i < in.len ? unescape_one(in, &i, quote) : -1;
		if (c < 0) {
			lnr_lex_advance(lx, 1 + start);
			bad_escape(lx, start + 1 < in.len ? in.ptr[start + 1] : 0, quote);
			return false;
		}
		out[n++] = (char)c;
	}
	out[n] = '\0';
	*ret = (struct lnr_str){out, n};
	lnr_lex_advance(lx, len);
	return true;
}

bool lnr_lex_take_argument(struct lnr_lex *lx, struct lnr_str *ret)
{
	lnr_lex_advance(lx, 1);

	size_t n = lnr_lex_quoted(lx);
	if (n) {
		if (!lnr_lex_take_quoted(lx, n, ret))
			return false;
	} else {
		int c;

		while ((c = lnr_lex_peek(lx, n)) >= 0 && !lnr_is_space((unsigned char)c) &&
			!strchr("[]\"'", c ? c : 1))
			n++;
		if (!n) {
			lnr_lex_fail(lx, lnr_lex_here(lx),
				"expected an argument: a quoted text, or one without "
				"blanks, quotes and brackets");
			return false;
		}
		*ret = (struct lnr_str){lx->text.ptr + lx->at, n};
		lnr_lex_advance(lx, n);
	}
	if (lnr_lex_peek(lx, 0) != ']') {
		lnr_lex_fail(lx, lnr_lex_here(lx), "expected ']' after the argument");
		return false;
	}
	lnr_lex_advance(lx, 1);
	return true;
}
