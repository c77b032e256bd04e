/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RE2's POSIX syntax to PCRE2. What is an error, and how a text is read, follows RE2's published
 * syntax table and behaviour in POSIX mode: no \d \w \b, no (?…), no classes by Unicode property; a
 * quantifier may follow a quantifier and then repeats the whole; {n,m} up to 1000, also when
 * nested; anything that does not look like {n,m} is a literal brace.
 */
#include "rules/regex.h"

#include <stdio.h>
#include "base/json.h"
#include "schema/limits.h"

/* RE2's limit on a counted repetition, and on nested ones multiplied. */
#define REPEAT_MAX 1000

struct translator {
	struct lnr_str in;
	size_t at;
	struct lnr_buf *out;
	struct lnr_err *err;
	int rc;
};

/* One repeatable piece that was just written. */
struct piece {
	size_t at;	  /* where it begins in the output */
	unsigned repeats; /* nested counted repetitions, multiplied */
	char quantifier;  /* '*', '+', '?' when it ends in one, '{' for a counted one, else 0 */
};

static unsigned alternatives(struct translator *t, unsigned depth);

static void fail(struct translator *t, const char *what, struct lnr_str where)
{
	if (!t->rc)
		t->rc = lnr_fail(t->err, -EINVAL, "bad regular expression: %s: '%.*s'", what,
			LNR_STR_ARG(where));
}

static int peek(const struct translator *t)
{
	return t->at < t->in.len ? (unsigned char)t->in.ptr[t->at] : -1;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* --- characters ---------------------------------------------------------------------------- */

static void put_char(struct translator *t, uint32_t c)
{
	if (c < 0x80 && lnr_str_is_alnum((char)c))
		lnr_buf_chr(t->out, (char)c);
	else
		lnr_buf_printf(t->out, "\\x{%x}", c);
}

/* The next character of the pattern, which is valid UTF-8. */
static uint32_t take_char(struct translator *t)
{
	uint32_t code = 0;
	unsigned bad, n = lnr_utf8_next(t->in, t->at, &bad, &code);

	t->at += n ? n : 1;
	return code;
}

static uint32_t take_hex(struct translator *t)
{
	uint32_t v = 0;
	unsigned digits = 0;
	bool braces = peek(t) == '{';

	if (braces)
		t->at++;
	while (lnr_hex_value(peek(t)) >= 0 && (braces || digits < 2)) {
		v = v * 16 + (uint32_t)lnr_hex_value(peek(t));
		t->at++;
		if (++digits > 8 || v > 0x10ffff)
			break;
	}
	if (v > 0x10ffff || (braces ? digits == 0 || peek(t) != '}' : digits != 2))
		t->rc = -EINVAL; /* the caller says what */
	if (braces)
		t->at++;
	return v;
}

/* What follows a backslash, here on the backslash. */
static uint32_t take_escape(struct translator *t)
{
	static const char from[] = "afnrtv", to[] = "\a\f\n\r\t\v";
	size_t start = t->at++;
	int c = peek(t);
	const char *f;
	uint32_t v;

	if (c < 0) {
		fail(t, "backslash at the end", t->in);
		return 0;
	}
	t->at++;
	if (c < 0x80 && !lnr_str_is_alnum((char)c))
		return (uint32_t)c;
	if ((f = strchr(from, c)))
		return (uint32_t)to[f - from];
	if (c == '0' || (c >= '1' && c <= '7' && peek(t) >= '0' && peek(t) <= '7')) {
		v = (uint32_t)c - '0';
		for (unsigned i = 0; i < 2 && peek(t) >= '0' && peek(t) <= '7'; i++, t->at++)
			v = v * 8 + (uint32_t)peek(t) - '0';
		return v;
	}
	if (c == 'x') {
		v = take_hex(t);
		if (!t->rc)
			return v;
		t->rc = 0;
	}
	fail(t, "unknown escape", lnr_str_sub(t->in, start, t->at));
	return 0;
}

/* --- classes ------------------------------------------------------------------------------- */

/* [:name:] here; false = it is something else. */
static bool named_class(struct translator *t)
{
	static const char *const names[] = {"alnum", "alpha", "ascii", "blank", "cntrl", "digit",
		"graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"};
	struct lnr_str rest = lnr_str_sub(t->in, t->at, t->in.len);
	ptrdiff_t end = lnr_str_starts(rest, LNR_STR("[:"))
				? lnr_str_find(lnr_str_sub(rest, 2, rest.len), LNR_STR(":]"))
				: -1;

	if (end < 0)
		return false;
	struct lnr_str whole = lnr_str_sub(rest, 0, (size_t)end + 4);
	struct lnr_str name = lnr_str_sub(rest, 2, (size_t)end + 2);
	if (lnr_str_starts(name, LNR_STR("^")))
		name = lnr_str_sub(name, 1, name.len);
	t->at += whole.len;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(names); i++) {
		if (lnr_str_eq(name, lnr_str_c(names[i]))) {
			lnr_buf_str(t->out, whole);
			return true;
		}
	}
	fail(t, "no such character class", whole);
	return true;
}

static uint32_t class_char(struct translator *t)
{
	return peek(t) == '\\' ? take_escape(t) : take_char(t);
}

/* […], here on the '['. */
static void class(struct translator *t)
{
	size_t start = t->at++;
	bool first = true;

	lnr_buf_chr(t->out, '[');
	if (peek(t) == '^') {
		lnr_buf_chr(t->out, '^');
		t->at++;
	}
	while (!t->rc && peek(t) >= 0 && (peek(t) != ']' || first)) {
		/* A hyphen stands for itself only at the beginning or the end. */
		if (peek(t) == '-' && !first && t->at + 1 < t->in.len &&
			t->in.ptr[t->at + 1] != ']') {
			fail(t, "hyphen in a character class",
				lnr_str_sub(t->in, t->at, t->at + 2));
			return;
		}
		first = false;
		if (named_class(t))
			continue;

		size_t from = t->at;
		uint32_t lo = class_char(t), hi = lo;
		if (peek(t) == '-' && t->at + 1 < t->in.len && t->in.ptr[t->at + 1] != ']') {
			t->at++;
			hi = class_char(t);
		}
		if (hi < lo)
			fail(t, "range that ends before it begins",
				lnr_str_sub(t->in, from, t->at));
		lnr_buf_printf(t->out, "\\x{%x}", lo);
		if (hi != lo)
			lnr_buf_printf(t->out, "-\\x{%x}", hi);
	}
	if (!t->rc && peek(t) < 0)
		fail(t, "missing ]", lnr_str_sub(t->in, start, t->in.len));
	t->at++;
	lnr_buf_chr(t->out, ']');
}

/* --- repetition ---------------------------------------------------------------------------- */

static bool take_count(struct lnr_str s, size_t *at, int *ret)
{
	size_t n = 0;
	int v = 0;

	while (*at + n < s.len && is_digit((unsigned char)s.ptr[*at + n]) && n < 9)
		v = v * 10 + (s.ptr[*at + n++] - '0');
	if (n == 0 || n == 9 || (n > 1 && s.ptr[*at] == '0'))
		return false;
	*at += n;
	*ret = v;
	return true;
}

/* {n} {n,} {n,m} here; false = a literal brace. *ret_max -1 = open. */
static bool take_repeat(struct translator *t, int *ret_min, int *ret_max, struct lnr_str *ret_text)
{
	size_t at = t->at + 1;

	if (!take_count(t->in, &at, ret_min))
		return false;
	*ret_max = *ret_min;
	if (at < t->in.len && t->in.ptr[at] == ',') {
		at++;
		if (at < t->in.len && t->in.ptr[at] == '}')
			*ret_max = -1;
		else if (!take_count(t->in, &at, ret_max))
			return false;
	}
	if (at >= t->in.len || t->in.ptr[at] != '}')
		return false;
	*ret_text = lnr_str_sub(t->in, t->at, at + 1);
	t->at = at + 1;
	return true;
}

/* Put (?: … ) around the piece, so that a quantifier repeats all of it. */
static void wrap(struct translator *t, const struct piece *p)
{
	size_t len = t->out->len - p->at;

	lnr_buf_cstr(t->out, "(?:)");
	if (t->out->failed)
		return;
	memmove(t->out->ptr + p->at + 3, t->out->ptr + p->at, len);
	memcpy(t->out->ptr + p->at, "(?:", 3);
	t->out->ptr[t->out->len - 1] = ')';
}

/*
 * Quantifiers behind a piece. PCRE2 reads "a+?" as lazy and "a++" as possessive; here the second
 * one repeats the first, and any two different simple ones together mean "*".
 */
static void quantifiers(struct translator *t, struct piece *p)
{
	while (!t->rc) {
		int c = peek(t), min, max;
		struct lnr_str text;

		if (c == '*' || c == '+' || c == '?') {
			t->at++;
			if (p->quantifier && p->quantifier != '{') {
				if (p->quantifier != c && !t->out->failed)
					t->out->ptr[t->out->len - 1] = p->quantifier = '*';
				continue;
			}
			if (p->quantifier)
				wrap(t, p);
			lnr_buf_chr(t->out, (char)c);
			p->quantifier = (char)c;
			continue;
		}
		if (c != '{' || !take_repeat(t, &min, &max, &text))
			return;
		if ((max >= 0 && max < min) || min > REPEAT_MAX || max > REPEAT_MAX) {
			fail(t, "repetition count", text);
			return;
		}
		unsigned times = (unsigned)(max < 0 ? min : max);
		if (times > 1)
			p->repeats *= times;
		if (times > 1 && p->repeats > REPEAT_MAX) {
			fail(t, "repetitions in each other over 1000", text);
			return;
		}
		if (p->quantifier)
			wrap(t, p);
		if (max < 0)
			lnr_buf_printf(t->out, "{%d,}", min);
		else
			lnr_buf_printf(t->out, "{%d,%d}", min, max);
		p->quantifier = '{';
	}
}

/* --- structure ----------------------------------------------------------------------------- */

/* One piece without its quantifiers. */
static void piece(struct translator *t, unsigned depth, struct piece *p)
{
	int c = peek(t);

	switch (c) {
	case '(':
		t->at++;
		lnr_buf_cstr(t->out, "(?:");
		p->repeats = alternatives(t, depth + 1);
		if (!t->rc && peek(t) != ')')
			fail(t, "missing )", t->in);
		t->at++;
		lnr_buf_chr(t->out, ')');
		break;
	case ')':
		fail(t, "unexpected )", t->in);
		break;
	case '[':
		class(t);
		break;
	case '.':
		t->at++;
		lnr_buf_chr(t->out, '.');
		break;
	case '^':
	case '$':
		/* At every line, as RE2 in this mode; in a group, so that it can be repeated. */
		t->at++;
		lnr_buf_printf(t->out, "(?:%c)", c);
		break;
	case '*':
	case '+':
	case '?':
		fail(t, "nothing to repeat", lnr_str_sub(t->in, t->at, t->at + 1));
		break;
	case '\\':
		put_char(t, take_escape(t));
		break;
	default:
		put_char(t, take_char(t));
	}
}

/* Up to the ')' or the end; returns the largest product of nested repetitions. */
static unsigned alternatives(struct translator *t, unsigned depth)
{
	unsigned most = 1;
	bool start = true; /* of an alternative: there is nothing to repeat yet */
	struct lnr_str text;
	int min, max;

	while (!t->rc && peek(t) >= 0 && (peek(t) != ')' || depth == 0)) {
		if (peek(t) == '|') {
			t->at++;
			lnr_buf_chr(t->out, '|');
			start = true;
			continue;
		}
		if (start && peek(t) == '{' && take_repeat(t, &min, &max, &text)) {
			fail(t, "nothing to repeat", text);
			break;
		}
		start = false;

		struct piece p = {.at = t->out->len, .repeats = 1};
		piece(t, depth, &p);
		quantifiers(t, &p);
		if (p.repeats > most)
			most = p.repeats;
	}
	return most;
}

int lnr_regex_translate(struct lnr_str pattern, struct lnr_buf *out, struct lnr_err *err)
{
	struct translator t = {.in = pattern, .out = out, .err = err};
	unsigned bad;
	uint32_t code;

	/* A bound on the recursion; a constant of a condition is never longer. */
	if (pattern.len > LNR_CONST_BYTES)
		return lnr_fail(err, -EINVAL, "bad regular expression: longer than %d bytes",
			LNR_CONST_BYTES);
	for (size_t i = 0; i < pattern.len;) {
		unsigned n = lnr_utf8_next(pattern, i, &bad, &code);

		if (!n)
			return lnr_fail(err, -EINVAL, "bad regular expression: not valid UTF-8");
		i += n;
	}
	/* Beginning and end of the text, not of a line. */
	lnr_buf_cstr(out, "\\A(?:");
	alternatives(&t, 0);
	lnr_buf_cstr(out, ")\\z");
	if (!t.rc && out->failed)
		return lnr_fail(err, -ENOMEM, "out of memory");
	return t.rc;
}
