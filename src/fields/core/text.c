/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces of text: numbers, times, addresses, byte buffers, and the clean-up that every string goes
 * through on its way out.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include "base/clock.h"
#include "fields/core/get.h"

void lnr_text_u64(struct lnr_text *t, uint64_t v)
{
	char buf[LNR_DEC_MAX];
	size_t at = sizeof(buf);

	do
		buf[--at] = '0' + v % 10;
	while (v /= 10);
	lnr_text_add(t, (struct lnr_str){buf + at, sizeof(buf) - at});
}

void lnr_text_s64(struct lnr_text *t, int64_t v)
{
	if (v < 0)
		lnr_text_chr(t, '-');
	lnr_text_u64(t, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void lnr_text_items(struct lnr_text *t, struct lnr_str items)
{
	if (items.len && items.ptr[items.len - 1] == 0)
		items.len--;
	size_t from = t->len;

	lnr_text_add(t, items);
	for (size_t i = from; i < t->len; i++)
		if (!t->ptr[i])
			t->ptr[i] = ' ';
}

struct lnr_str lnr_scratch_printf(struct lnr_field_ctx *ctx, const char *fmt, ...)
{
	char buf[256]; /* enough for every caller: numbers and addresses */
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(buf))
		n = sizeof(buf) - 1;
	char *p = lnr_arena_alloc(ctx->ev->scratch, (size_t)n + 1);
	if (!p) {
		ctx->n_nomem++;
		return (struct lnr_str){NULL, 0};
	}
	memcpy(p, buf, (size_t)n + 1);
	return (struct lnr_str){p, (size_t)n};
}

/* --- clean-up (rules-language.md 0) --- */

static bool printable(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		return false; /* C0, DEL, C1 */
	/* Non-characters (Unicode 15, 23.7). */
	return (c & 0xfffe) != 0xfffe && !(c >= 0xfdd0 && c <= 0xfdef);
}

/* Length of the leading part that needs no change; most strings are plain ASCII. */
static size_t clean_prefix(struct lnr_str s)
{
	size_t i = 0;

	while (i < s.len && (uint8_t)s.ptr[i] >= 0x20 && (uint8_t)s.ptr[i] < 0x7f)
		i++;
	return i;
}

void lnr_text_clean(struct lnr_buf *out, struct lnr_str s)
{
	static const struct lnr_str replacement = {"\xef\xbf\xbd", 3};
	size_t at = 0;

	while (at < s.len) {
		size_t n = clean_prefix(lnr_str_sub(s, at, s.len));
		if (n) {
			lnr_buf_add(out, s.ptr + at, n);
			at += n;
			continue;
		}
		unsigned bad = 1;
		uint32_t code = 0;
		unsigned len = lnr_utf8_next(s, at, &bad, &code);
		if (len && printable(code))
			lnr_buf_add(out, s.ptr + at, len);
		else
			lnr_buf_str(out, replacement);
		at += len ? len : bad;
	}
}

/* --- time --- */

size_t lnr_time_text(char buf[LNR_TIME_TEXT_MAX], uint64_t ts_ns, enum lnr_time_form form)
{
	static const char *const formats[] = {
		[LNR_TIME_CLOCK_NS] = "%H:%M:%S",
		[LNR_TIME_CLOCK] = "%H:%M:%S",
		[LNR_TIME_DATE_NS] = "%Y-%m-%d %H:%M:%S",
		[LNR_TIME_DATE] = "%Y-%m-%d %H:%M:%S",
		[LNR_TIME_ISO8601] = "%Y-%m-%dT%H:%M:%S",
	};
	time_t sec = (time_t)(ts_ns / LNR_NS_PER_SEC);
	unsigned ns = (unsigned)(ts_ns % LNR_NS_PER_SEC);
	struct tm tm;
	bool utc = form == LNR_TIME_ISO8601;
	size_t n = 0;

	if (utc ? gmtime_r(&sec, &tm) : localtime_r(&sec, &tm))
		n = strftime(buf, LNR_TIME_TEXT_MAX, formats[form], &tm);
	if (n == 0 || n + sizeof(".nnnnnnnnn+0000") > LNR_TIME_TEXT_MAX)
		return (size_t)snprintf(buf, LNR_TIME_TEXT_MAX, "%llu", (unsigned long long)ts_ns);
	if (form == LNR_TIME_CLOCK || form == LNR_TIME_DATE)
		return n;
	return n +
	       (size_t)snprintf(buf + n, LNR_TIME_TEXT_MAX - n, ".%09u%s", ns, utc ? "+0000" : "");
}

/* --- addresses --- */

size_t lnr_ip_format(char buf[LNR_IP_TEXT_MAX], const struct lnr_ip *ip)
{
	int family = ip->family == LNR_AF_INET	  ? AF_INET
		     : ip->family == LNR_AF_INET6 ? AF_INET6
						  : AF_UNSPEC;

	buf[0] = 0;
	if (family != AF_UNSPEC && !inet_ntop(family, ip->addr, buf, LNR_IP_TEXT_MAX))
		buf[0] = 0;
	return strlen(buf);
}

void lnr_ip_text(struct lnr_buf *out, const struct lnr_ip *ip)
{
	char buf[LNR_IP_TEXT_MAX];

	lnr_buf_add(out, buf, lnr_ip_format(buf, ip));
}

/* --- byte buffers (fields.md 1) --- */

/*
 * One step of input and the most text it makes. 48 divides by 16 (a row of a dump) and by 3 (a
 * group of base64), so steps can be joined.
 */
#define STEP_IN	 48
#define STEP_OUT (3 * 96)

static char printable_or_dot(uint8_t c)
{
	return c >= 0x20 && c < 0x7f ? (char)c : '.';
}

/* A row "\n\t0x0010: 6161 6262 …", with the characters behind it if `ascii`. */
static size_t hex_row(char *out, const uint8_t *p, size_t n, size_t offset, bool ascii)
{
	size_t at = (size_t)sprintf(out, "\n\t0x%.4zx:", offset);
	size_t digits_end = at + 40;

	for (size_t i = 0; i < n; i++)
		at += (size_t)sprintf(out + at, i % 2 ? "%.2x" : " %.2x", p[i]);
	if (!ascii)
		return at;
	while (at < digits_end + 2)
		out[at++] = ' ';
	for (size_t i = 0; i < n; i++)
		out[at++] = printable_or_dot(p[i]);
	return at;
}

static size_t base64_step(char *out, const uint8_t *p, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t at = 0;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;
		if (i + 1 < n)
			v |= (uint32_t)p[i + 1] << 8;
		if (i + 2 < n)
			v |= p[i + 2];
		out[at++] = digits[v >> 18];
		out[at++] = digits[v >> 12 & 63];
		out[at++] = i + 1 < n ? digits[v >> 6 & 63] : '=';
		out[at++] = i + 2 < n ? digits[v & 63] : '=';
	}
	return at;
}

static size_t bytes_step(char *out, const uint8_t *p, size_t n, size_t offset, unsigned format)
{
	size_t at = 0;

	switch (format) {
	case LNR_BUFFER_BASE64:
		return base64_step(out, p, n);
	case LNR_BUFFER_HEX:
	case LNR_BUFFER_HEXASCII:
		for (size_t i = 0; i < n; i += 16)
			at += hex_row(out + at, p + i, n - i < 16 ? n - i : 16, offset + i,
				format == LNR_BUFFER_HEXASCII);
		return at;
	default:
		for (size_t i = 0; i < n; i++)
			out[i] = printable_or_dot(p[i]);
		return n;
	}
}

static bool is_dump(unsigned format)
{
	return format == LNR_BUFFER_HEX || format == LNR_BUFFER_HEXASCII;
}

void lnr_bytes_text(struct lnr_buf *out, struct lnr_str bytes, unsigned format)
{
	char step[STEP_OUT];

	for (size_t i = 0; i < bytes.len; i += STEP_IN) {
		size_t n = bytes.len - i < STEP_IN ? bytes.len - i : STEP_IN;
		lnr_buf_add(
			out, step, bytes_step(step, (const uint8_t *)bytes.ptr + i, n, i, format));
	}
	if (bytes.len && is_dump(format))
		lnr_buf_chr(out, '\n');
}

struct lnr_str lnr_bytes_scratch(struct lnr_field_ctx *ctx, struct lnr_str bytes, unsigned format)
{
	size_t steps = (bytes.len + STEP_IN - 1) / STEP_IN;
	size_t max = format == LNR_BUFFER_BASE64 ? (bytes.len + 2) / 3 * 4
		     : is_dump(format)		 ? steps * STEP_OUT + 1
						 : bytes.len;
	char step[STEP_OUT];
	struct lnr_text t;

	if (!lnr_text_begin(&t, ctx->ev->scratch, max)) {
		ctx->n_nomem++;
		return (struct lnr_str){"", 0};
	}
	for (size_t i = 0; i < bytes.len; i += STEP_IN) {
		size_t n = bytes.len - i < STEP_IN ? bytes.len - i : STEP_IN;
		size_t len = bytes_step(step, (const uint8_t *)bytes.ptr + i, n, i, format);
		lnr_text_add(&t, (struct lnr_str){step, len});
	}
	if (bytes.len && is_dump(format))
		lnr_text_chr(&t, '\n');
	return lnr_text_end(&t);
}
