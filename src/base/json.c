/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* --- UTF-8 ------------------------------------------------------------------------------------*/

/*
 * Unicode 15, table 3-7: the lead byte decides how many bytes follow and narrows the range of the
 * second, which keeps out overlong forms, surrogates and what is above U+10FFFF.
 */
struct lead {
	unsigned char follow, low, high;
};

static struct lead utf8_lead(unsigned char c)
{
	if (c < 0xc2 || c > 0xf4)
		return (struct lead){0, 0, 0};
	if (c < 0xe0)
		return (struct lead){1, 0x80, 0xbf};
	if (c < 0xf0)
		return (struct lead){2, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf};
	return (struct lead){3, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf};
}

unsigned lnr_utf8_next(struct lnr_str s, size_t at, unsigned *ret_bad, uint32_t *ret_code)
{
	const unsigned char *p = (const unsigned char *)s.ptr + at;
	size_t left = s.len - at;
	struct lead lead;
	uint32_t code;
	unsigned len;

	if (p[0] < 0x80) {
		if (ret_code)
			*ret_code = p[0];
		return 1;
	}
	lead = utf8_lead(p[0]);
	/* A lead byte of n bytes carries 7 - n bits. */
	code = p[0] & (0x3fu >> lead.follow);
	for (len = 1; len <= lead.follow; len++) {
		if (len == left || p[len] < lead.low || p[len] > lead.high)
			break;
		code = code << 6 | (p[len] & 0x3fu);
		lead.low = 0x80;
		lead.high = 0xbf;
	}
	if (lead.follow == 0 || len <= lead.follow) {
		if (ret_bad)
			*ret_bad = len;
		return 0;
	}
	if (ret_code)
		*ret_code = code;
	return len;
}

/* --- strings ----------------------------------------------------------------------------------*/

#define EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))
/* Non-zero when a byte of `v` is below `n` (n <= 128); exact for that question. */
#define ANY_BELOW(v, n) (((v)-EACH_BYTE(n)) & ~(v)&EACH_BYTE(0x80))
#define ANY_EQUAL(v, b) ANY_BELOW((v) ^ EACH_BYTE(b), 1)

static inline bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Length of the run that can be copied as it is; nearly always the whole string. */
static size_t plain_run(const char *p, size_t len)
{
	size_t n = 0;

	for (; len - n >= 8; n += 8) {
		uint64_t v;

		memcpy(&v, p + n, sizeof(v));
		if ((v & EACH_BYTE(0x80)) | ANY_BELOW(v, 0x20) | ANY_EQUAL(v, '"') |
			ANY_EQUAL(v, '\\'))
			break;
	}
	while (n < len && is_plain((unsigned char)p[n]))
		n++;
	return n;
}

static void escape_ascii(struct lnr_buf *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char letter[0x20] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
	char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

	if (c == '"' || c == '\\')
		lnr_buf_add(out, (char[]){'\\', (char)c}, 2);
	else if (letter[c])
		lnr_buf_add(out, (char[]){'\\', letter[c]}, 2);
	else
		lnr_buf_add(out, text, sizeof(text));
}

void lnr_json_escape(struct lnr_buf *out, struct lnr_str s)
{
	size_t at = 0;

	while (at < s.len) {
		size_t run = plain_run(s.ptr + at, s.len - at);
		unsigned len, bad;

		lnr_buf_add(out, s.ptr + at, run);
		at += run;
		/* Valid characters beyond ASCII are copied, one run at a time as well. */
		for (run = at; run < s.len && (unsigned char)s.ptr[run] >= 0x80; run += len) {
			len = lnr_utf8_next(s, run, &bad, NULL);
			if (len == 0)
				break;
		}
		lnr_buf_add(out, s.ptr + at, run - at);
		at = run;
		if (at == s.len)
			break;
		if ((unsigned char)s.ptr[at] >= 0x80) {
			lnr_utf8_next(s, at, &bad, NULL);
			lnr_buf_add(out, "\xef\xbf\xbd", 3);
			at += bad;
		} else if (!is_plain((unsigned char)s.ptr[at])) {
			escape_ascii(out, (unsigned char)s.ptr[at++]);
		}
	}
}

/* --- values -----------------------------------------------------------------------------------*/

void lnr_json_init(struct lnr_json *j, struct lnr_buf *out)
{
	*j = (struct lnr_json){.out = out};
}

/* What stands before a value or key: nothing after a key, a comma after an earlier sibling. */
static void begin(struct lnr_json *j)
{
	if (!j->keyed && j->comma)
		lnr_buf_chr(j->out, ',');
	j->keyed = false;
	j->comma = true;
}

void lnr_json_open(struct lnr_json *j, char bracket)
{
	begin(j);
	/* Readers refuse deeper documents; losing one is better than writing it. */
	if (++j->depth > LNR_JSON_DEPTH)
		j->out->failed = true;
	lnr_buf_chr(j->out, bracket);
	j->comma = false;
}

void lnr_json_close(struct lnr_json *j, char bracket)
{
	if (j->depth == 0 || j->keyed) {
		j->out->failed = true;
		return;
	}
	j->depth--;
	lnr_buf_chr(j->out, bracket);
	j->comma = true;
}

void lnr_json_key(struct lnr_json *j, struct lnr_str key)
{
	lnr_json_str(j, key);
	lnr_buf_chr(j->out, ':');
	j->keyed = true;
}

void lnr_json_str(struct lnr_json *j, struct lnr_str s)
{
	begin(j);
	lnr_buf_chr(j->out, '"');
	lnr_json_escape(j->out, s);
	lnr_buf_chr(j->out, '"');
}

void lnr_json_s64(struct lnr_json *j, int64_t v)
{
	begin(j);
	lnr_buf_s64(j->out, v);
}

void lnr_json_u64(struct lnr_json *j, uint64_t v)
{
	begin(j);
	lnr_buf_u64(j->out, v);
}

/*
 * printf and strtod agree on the locale's decimal point, whatever that is and however many bytes
 * it has; JSON has only ".".
 */
static void add_number(struct lnr_buf *out, const char *text)
{
	static const char number[] = "0123456789+-e";

	while (*text) {
		size_t run = strspn(text, number);

		lnr_buf_add(out, text, run);
		text += run;
		if (*text)
			lnr_buf_chr(out, '.');
		text += strcspn(text, number);
	}
}

void lnr_json_double(struct lnr_json *j, double v)
{
	char text[40];
	/*
	 * A normal double keeps every decimal of DBL_DIG digits, and %g drops trailing zeros, so
	 * trying fewer can only help below DBL_MIN, where the mantissa is shorter.
	 */
	int digits = fabs(v) < DBL_MIN ? 1 : DBL_DIG;

	begin(j);
	if (!isfinite(v)) {
		lnr_buf_add(j->out, "null", 4);
		return;
	}
	do {
		snprintf(text, sizeof(text), "%.*g", digits, v);
	} while (strtod(text, NULL) != v && digits++ < DBL_DECIMAL_DIG);
	add_number(j->out, text);
}

void lnr_json_bool(struct lnr_json *j, bool v)
{
	lnr_json_raw(j, v ? LNR_STR("true") : LNR_STR("false"));
}

void lnr_json_null(struct lnr_json *j)
{
	lnr_json_raw(j, LNR_STR("null"));
}

void lnr_json_raw(struct lnr_json *j, struct lnr_str value)
{
	begin(j);
	lnr_buf_str(j->out, value);
}
