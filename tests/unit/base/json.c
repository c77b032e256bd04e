/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <float.h>
#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "lib/test.h"

static void nests(void **state)
{
	struct lnr_buf b = {0};
	struct lnr_json j;

	(void)state;
	lnr_json_init(&j, &b);
	lnr_json_open(&j, '{');
	lnr_json_key(&j, LNR_STR("a"));
	lnr_json_open(&j, '[');
	lnr_json_s64(&j, -1);
	lnr_json_open(&j, '{');
	lnr_json_close(&j, '}');
	lnr_json_u64(&j, UINT64_MAX);
	lnr_json_open(&j, '[');
	lnr_json_null(&j);
	lnr_json_close(&j, ']');
	lnr_json_close(&j, ']');
	lnr_json_key(&j, LNR_STR("b\n"));
	lnr_json_bool(&j, true);
	lnr_json_key(&j, LNR_STR("c"));
	lnr_json_raw(&j, LNR_STR("{\"x\":1}"));
	lnr_json_key(&j, LNR_STR(""));
	lnr_json_str(&j, (struct lnr_str){NULL, 0});
	lnr_json_key(&j, LNR_STR("d"));
	lnr_json_bool(&j, false);
	lnr_json_close(&j, '}');
	assert_str(lnr_buf_view(&b),
		"{\"a\":[-1,{},18446744073709551615,[null]],\"b\\n\":true,\"c\":{\"x\":1},"
		"\"\":\"\",\"d\":false}");
	lnr_buf_done(&b);
}

static void refuses_misuse(void **state)
{
	struct lnr_buf b = {0};
	struct lnr_json j;

	(void)state;
	lnr_json_init(&j, &b);
	for (int i = 0; i < LNR_JSON_DEPTH; i++)
		lnr_json_open(&j, '[');
	assert_false(b.failed);
	lnr_json_open(&j, '[');
	assert_true(b.failed);
	lnr_buf_clear(&b);

	lnr_json_init(&j, &b);
	lnr_json_close(&j, ']');
	assert_true(b.failed);
	lnr_buf_clear(&b);

	/* A key without its value. */
	lnr_json_init(&j, &b);
	lnr_json_open(&j, '{');
	lnr_json_key(&j, LNR_STR("a"));
	lnr_json_close(&j, '}');
	assert_true(b.failed);
	lnr_buf_done(&b);
}

static void assert_double(double v, const char *want)
{
	struct lnr_buf b = {0};
	struct lnr_json j;

	lnr_json_init(&j, &b);
	lnr_json_double(&j, v);
	assert_str(lnr_buf_view(&b), want);
	if (isfinite(v))
		assert_true(strtod(b.ptr, NULL) == v);
	lnr_buf_done(&b);
}

static void writes_doubles(void **state)
{
	struct lnr_test_random r;
	struct lnr_buf b = {0};
	struct lnr_json j;

	(void)state;
	assert_double(0, "0");
	assert_double(-0.0, "-0");
	assert_double(0.1, "0.1");
	assert_double(1.0 / 3, "0.3333333333333333");
	assert_double(100, "100");
	assert_double(1e300, "1e+300");
	assert_double(-2.5, "-2.5");
	assert_double(DBL_MAX, "1.7976931348623157e+308");
	assert_double(DBL_MIN, "2.2250738585072014e-308");
	assert_double(5e-324, "5e-324");
	assert_double(NAN, "null");
	assert_double(INFINITY, "null");
	assert_double(-INFINITY, "null");

	lnr_test_random_init(&r);
	for (int i = 0; i < 20000; i++) {
		uint64_t bits = lnr_test_random_u64(&r);
		double v;

		memcpy(&v, &bits, sizeof(v));
		if (!isfinite(v))
			continue;
		lnr_buf_clear(&b);
		lnr_json_init(&j, &b);
		lnr_json_double(&j, v);
		assert_true(strtod(b.ptr, NULL) == v);
	}
	lnr_buf_done(&b);
}

/*
 * A program that uses the library may have set a locale with another decimal point. Few machines
 * have such a locale installed, so these two stand in for the C library's: everything linked into
 * this test calls them instead.
 */
static const char *decimal_point = ".";

int snprintf(char *out, size_t size, const char *fmt, ...)
{
	char text[1024];
	const char *point;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	point = strchr(text, '.');
	if (!point)
		return (int)strlen(memcpy(out, text, strnlen(text, size - 1) + 1));
	assert_true(strlen(text) + strlen(decimal_point) < size);
	memcpy(out, text, (size_t)(point - text));
	strcpy(stpcpy(out + (point - text), decimal_point), point + 1);
	return (int)strlen(out);
}

double strtod(const char *text, char **ret_end)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	const char *point = strstr(text, decimal_point);
	char plain[64];
	double v;

	assert_null(ret_end);
	assert_true(strlen(text) < sizeof(plain));
	strcpy(plain, text);
	if (point)
		strcpy(stpcpy(plain + (point - text), "."), point + strlen(decimal_point));
	v = strtod_l(plain, NULL, c);
	freelocale(c);
	return v;
}

static void ignores_the_locale(void **state)
{
	static const char *const points[] = {",", "\xd9\xab", "."};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(points); i++) {
		struct lnr_buf b = {0};
		struct lnr_json j;

		lnr_json_init(&j, &b);
		decimal_point = points[i];
		lnr_json_double(&j, -0.5);
		lnr_json_double(&j, 1.5e-7);
		lnr_json_double(&j, 3);
		decimal_point = ".";
		assert_str(lnr_buf_view(&b), "-0.5,1.5e-07,3");
		lnr_buf_done(&b);
	}
}

/* --- UTF-8 ------------------------------------------------------------------------------------*/

/* What to do with the bytes at the start of `s`: the definition, from the code points. */
static unsigned naive_utf8(
	const unsigned char *p, size_t len, unsigned *ret_bad, uint32_t *ret_code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned want = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t code = want == 1 ? p[0] : p[0] & (0x7fu >> want);
	unsigned have = 1;

	*ret_bad = 1;
	if (want == 0 || p[0] > 0xf7)
		return 0;
	for (; have < want && have < len && (p[have] & 0xc0) == 0x80; have++) {
		uint32_t low = code << 6 | (p[have] & 0x3f), high = low;

		/* Whether any continuation leads to a character; if none does, stop before it. */
		for (unsigned rest = have + 1; rest < want; rest++) {
			low <<= 6;
			high = high << 6 | 0x3f;
		}
		if (high < least[want] || low > 0x10ffff || (low >= 0xd800 && high <= 0xdfff))
			return 0;
		code = code << 6 | (p[have] & 0x3f);
		*ret_bad = have + 1;
	}
	/* C0 and C1 have no continuation at all, and F5 to F7 neither. */
	if (have == 1 && want > 1) {
		*ret_bad = 1;
		return 0;
	}
	*ret_code = code;
	return have == want ? want : 0;
}

static void assert_same_utf8(const unsigned char *p, size_t len)
{
	unsigned bad = 0, want_bad = 0, got, want;
	uint32_t code = 0, want_code = 0;

	got = lnr_utf8_next((struct lnr_str){(const char *)p, len}, 0, &bad, &code);
	want = naive_utf8(p, len, &want_bad, &want_code);
	if (got != want || (got ? code != want_code : bad != want_bad))
		fail_msg("%02x %02x %02x %02x (%zu): %u/%u/%x, not %u/%u/%x", p[0], p[1], p[2],
			p[3], len, got, bad, code, want, want_bad, want_code);
}

/* Every combination of four bytes' classes, at every length: the borders of Unicode's table 3-7. */
static void decodes_table_3_7(void **state)
{
	static const unsigned char tail[] = {
		0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xf0, 0xff};
	unsigned char p[4];

	(void)state;
	for (unsigned lead = 0; lead < 256; lead++) {
		for (size_t i = 0; i < sizeof(tail) * sizeof(tail) * sizeof(tail); i++) {
			p[0] = (unsigned char)lead;
			p[1] = tail[i % sizeof(tail)];
			p[2] = tail[i / sizeof(tail) % sizeof(tail)];
			p[3] = tail[i / sizeof(tail) / sizeof(tail)];
			for (size_t len = 1; len <= 4; len++)
				assert_same_utf8(p, len);
		}
	}
}

static void decodes_every_character(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		unsigned char p[4] = {0};
		unsigned len, bad = 0;
		uint32_t code = 0;

		if (c < 0x80) {
			p[0] = (unsigned char)c;
			len = 1;
		} else if (c < 0x800) {
			p[0] = (unsigned char)(0xc0 | c >> 6);
			p[1] = (unsigned char)(0x80 | (c & 0x3f));
			len = 2;
		} else if (c < 0x10000) {
			p[0] = (unsigned char)(0xe0 | c >> 12);
			p[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
			p[2] = (unsigned char)(0x80 | (c & 0x3f));
			len = 3;
		} else {
			p[0] = (unsigned char)(0xf0 | c >> 18);
			p[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
			p[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
			p[3] = (unsigned char)(0x80 | (c & 0x3f));
			len = 4;
		}
		/* Surrogates are no characters: each byte stands alone. */
		if (c >= 0xd800 && c < 0xe000) {
			assert_int_equal(
				lnr_utf8_next((struct lnr_str){(char *)p, len}, 0, &bad, &code), 0);
			assert_int_equal(bad, 1);
			continue;
		}
		if (lnr_utf8_next((struct lnr_str){(char *)p, len}, 0, &bad, &code) != len ||
			code != c)
			fail_msg("U+%04X: %x, %u", c, code, bad);
		/* Cut short, what is there is one maximal subpart. */
		if (len > 1) {
			assert_int_equal(
				lnr_utf8_next((struct lnr_str){(char *)p, len - 1}, 0, &bad, NULL),
				0);
			assert_int_equal(bad, len - 1);
		}
	}
	assert_int_equal(lnr_utf8_next(LNR_STR("a\xff"), 1, NULL, NULL), 0);
}

/* --- escaping ---------------------------------------------------------------------------------*/

static void assert_escaped(struct lnr_str in, const char *want)
{
	struct lnr_buf b = {0};

	lnr_json_escape(&b, in);
	assert_str(lnr_buf_view(&b), want);
	lnr_buf_done(&b);
}

static void escapes(void **state)
{
	(void)state;
	assert_escaped((struct lnr_str){NULL, 0}, "");
	assert_escaped(LNR_STR("/plain path with 40 bytes and no surprise"),
		"/plain path with 40 bytes and no surprise");
	assert_escaped(LNR_STR("a\"b\\c/d"), "a\\\"b\\\\c/d");
	assert_escaped(LNR_STR("\b\t\n\f\r"), "\\b\\t\\n\\f\\r");
	assert_escaped(LNR_STR("\0\1\x1f\x7f"), "\\u0000\\u0001\\u001f\x7f");
	assert_escaped(LNR_STR("1234567\n90123456\n"), "1234567\\n90123456\\n");
	assert_escaped(LNR_STR("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7!"),
		"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7!");
	/* The example of Unicode 15, 3.9, table 3-8: one replacement per maximal subpart. */
	assert_escaped(LNR_STR("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41"),
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		"\xef\xbf\xbd\xef\xbf\xbd"
		"A");
	assert_escaped(LNR_STR("\xed\xa0\x80\xf4\x91\x92\x93"),
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		"\xef\xbf\xbd");
	assert_escaped(LNR_STR("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"),
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		"A");
}

/* Every byte at every place of the words that the fast path looks at. */
static void escapes_every_byte_everywhere(void **state)
{
	char text[24];

	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		struct lnr_buf alone = {0};
		char one = (char)c;

		lnr_json_escape(&alone, (struct lnr_str){&one, 1});
		for (size_t at = 0; at < sizeof(text); at++) {
			struct lnr_buf b = {0};

			memset(text, 'x', sizeof(text));
			text[at] = one;
			lnr_json_escape(&b, (struct lnr_str){text, sizeof(text)});
			assert_int_equal(b.len, sizeof(text) - 1 + alone.len);
			assert_memory_equal(b.ptr + at, alone.ptr, alone.len);
			lnr_buf_done(&b);
		}
		lnr_buf_done(&alone);
	}
}

/* Another reader takes random bytes for what they were, but for the invalid ones. */
static void another_reader_agrees(void **state)
{
	struct lnr_test_random r;

	(void)state;
	lnr_test_random_init(&r);
	for (int round = 0; round < 5000; round++) {
		char text[64];
		struct lnr_str in = {text, lnr_test_random_below(&r, sizeof(text))};
		struct lnr_buf b = {0}, want = {0};
		struct lnr_json j;
		json_t *got;

		for (size_t i = 0; i < in.len; i++) {
			uint64_t x = lnr_test_random_u64(&r);

			text[i] = x & 1 ? (char)(x >> 8) : "a\xc3\xa9\xe2\x82\xac\n\"\\"[x % 8];
		}
		lnr_json_init(&j, &b);
		lnr_json_open(&j, '[');
		lnr_json_str(&j, in);
		lnr_json_close(&j, ']');
		for (size_t at = 0; at < in.len;) {
			unsigned bad, len = lnr_utf8_next(in, at, &bad, NULL);

			if (len)
				lnr_buf_add(&want, text + at, len);
			else
				lnr_buf_cstr(&want, "\xef\xbf\xbd");
			at += len ? len : bad;
		}
		got = json_loadb(b.ptr, b.len, JSON_ALLOW_NUL, NULL);
		assert_non_null(got);
		assert_bytes(((struct lnr_str){json_string_value(json_array_get(got, 0)),
				     json_string_length(json_array_get(got, 0))}),
			lnr_buf_view(&want));
		json_decref(got);
		lnr_buf_done(&b);
		lnr_buf_done(&want);
	}
}

static int write_some(void *arg)
{
	struct lnr_buf b = {0};
	struct lnr_json j;
	int rc;

	(void)arg;
	lnr_json_init(&j, &b);
	lnr_json_open(&j, '[');
	for (int i = 0; i < 300; i++) {
		lnr_json_str(&j, LNR_STR("line\n\xff"));
		lnr_json_double(&j, i / 3.0);
	}
	lnr_json_close(&j, ']');
	rc = b.failed ? -ENOMEM : 0;
	lnr_buf_done(&b);
	return rc;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(write_some, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nests),
		cmocka_unit_test(refuses_misuse),
		cmocka_unit_test(writes_doubles),
		cmocka_unit_test(ignores_the_locale),
		cmocka_unit_test(decodes_table_3_7),
		cmocka_unit_test(decodes_every_character),
		cmocka_unit_test(escapes),
		cmocka_unit_test(escapes_every_byte_everywhere),
		cmocka_unit_test(another_reader_agrees),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
