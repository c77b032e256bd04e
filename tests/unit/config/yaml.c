/* SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/buf.h"
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

/* "{a@0:0: [b@0:3, ~@0:6]@0:2}@0:0": every node with its line and column. */
static void show(struct lnr_buf *out, const struct lnr_yaml *n, bool places)
{
	bool map = n->kind == LNR_YAML_MAP;
	switch (n->kind) {
	case LNR_YAML_NULL:
		lnr_buf_chr(out, '~');
		break;
	case LNR_YAML_SCALAR:
		lnr_buf_cstr(out, n->plain ? "" : "'");
		lnr_buf_str(out, n->text);
		lnr_buf_cstr(out, n->plain ? "" : "'");
		break;
	default:
		lnr_buf_chr(out, map ? '{' : '[');
		for (uint32_t i = 0; i < n->n * (map ? 2 : 1); i++) {
			lnr_buf_cstr(out, !i ? "" : map && i % 2 ? ": " : ", ");
			show(out, n->kids[i], places);
		}
		lnr_buf_chr(out, map ? '}' : ']');
	}
	if (places)
		lnr_buf_printf(out, "@%u:%u", n->line, n->column);
}

static void check_bytes(struct lnr_str text, bool places, struct lnr_str want)
{
	struct lnr_arena a = {0};
	struct lnr_err err = {0};
	struct lnr_buf out;
	const struct lnr_yaml **docs;
	size_t n;

	lnr_buf_init(&out, 0);
	assert_ok(lnr_yaml_parse(&a, "f", text, &docs, &n, &err), &err);
	for (size_t i = 0; i < n; i++) {
		lnr_buf_cstr(&out, i ? " | " : "");
		show(&out, docs[i], places);
	}
	assert_bytes(lnr_buf_view(&out), want);
	lnr_buf_done(&out);
	lnr_arena_done(&a);
}

static void check(struct lnr_str text, bool places, const char *want)
{
	check_bytes(text, places, lnr_str_c(want));
}

#define reads(text, want)  check(LNR_STR(text), false, want)
#define places(text, want) check(LNR_STR(text), true, want)

static void refuses_at(
	struct lnr_str text, int code, unsigned line, unsigned column, const char *part)
{
	struct lnr_arena a = {0};
	struct lnr_err err = {0};
	const struct lnr_yaml **docs;
	size_t n;

	assert_code(lnr_yaml_parse(&a, "f", text, &docs, &n, &err), code);
	assert_has(err.msg, part);
	assert_string_equal(err.file, "f");
	assert_int_equal(err.line, line);
	assert_int_equal(err.column, column);
	lnr_arena_done(&a);
}

#define refuses(text, line, column, part) refuses_at(LNR_STR(text), -EINVAL, line, column, part)

static void reads_documents(void **state)
{
	(void)state;
	reads("", "");
	reads("# nothing\n", "");
	reads("---\n", "~");
	reads("---\n---\n", "~ | ~");
	reads("a\n---\n- b\n...\n---\nc: d\n", "a | [b] | {c: d}");
	reads("\xef\xbb\xbf- a\n", "[a]");
	reads("%YAML 1.9\n%WHAT ever\n# c\n---\n- a\n", "[a]");
	reads("%TAG !e! tag:e.org,2000:\n---\n- !e!x a\n", "[a]");
}

static void reads_scalars(void **state)
{
	(void)state;
	reads("[a, 'b', \"c\", '', ~, null, Null, NULL, nULL, '~']",
		"[a, 'b', 'c', '', ~, ~, ~, ~, nULL, '~']");
	reads("- |\n  a\n   b\n- >\n  c\n  d\n", "['a\n b\n', 'c d\n']");
	reads("[\"\\x41\\u0042\\U00000043\\t\\\\\\/\\e\"]", "['ABC\t\\/\x1b']");
	reads("- 'it''s'\n- a#b\n- a # b\n", "['it's', a#b, a]");
	/* A tag makes a null word a text. */
	reads("- !x null\n- !x\n- !!str\n", "[null, , ]");
	reads("a: b\r\nc: d\r\n", "{a: b, c: d}");
}

static void keeps_duplicate_and_odd_keys(void **state)
{
	(void)state;
	reads("a: 1\na: 2\n~: 3\n? [x]\n: 4\n<<: {a: 5}\n",
		"{a: 1, a: 2, ~: 3, [x]: 4, <<: {a: 5}}");
}

static void takes_any_byte(void **state)
{
	(void)state;
	check(LNR_STR("a: \x01\x7f\xff\n"), true, "{a@0:0: \x01\x7f\xff@0:3}@0:0");
	check_bytes(LNR_STR("a: x\0y"), false, LNR_STR("{a: x\0y}"));
	/* Only a line feed ends a line. */
	places("a: x\ry\xc2\x85z\xe2\x80\xa8w\nb: c\n",
		"{a@0:0: x\ry\xc2\x85z\xe2\x80\xa8w@0:3, b@1:0: c@1:3}@0:0");
	places("a: \"\xff q\"\nb: '\x02'\n", "{a@0:0: '\xff q'@0:3, b@1:0: '\x02'@1:3}@0:0");
	/* Characters that stand for escaped bytes inside stand for themselves outside. */
	reads("- \xf4\x8f\xbc\x80\n- \xf4\x8f\xbf\xbf\n", "[\xf4\x8f\xbc\x80, \xf4\x8f\xbf\xbf]");
}

static void reads_utf16(void **state)
{
	static const char little[] = "\xff\xfe-\0 \0\xe4\0\xac\x20\x3d\xd8\x11\xdd\n\0";
	static const char big[] = "\xfe\xff\0-\0 \0\xe4\x20\xac\xd8\x3d\xdd\x11\0\n";

	(void)state;
	check((struct lnr_str){little, sizeof(little) - 1}, false,
		"[\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91]");
	check((struct lnr_str){big, sizeof(big) - 1}, false,
		"[\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91]");
	check(LNR_STR("\xff\xfe"), false, "");
	check(LNR_STR("\xff\xfe-"), false, "");
}

static void counts_bytes(void **state)
{
	(void)state;
	places("- list: l\n  items:\n    - a\n",
		"[{list@0:2: l@0:8, items@1:2: [a@2:6]@2:4}@0:2]@0:0");
	places("- \xc3\xa4\xc3\xb6: [\xe6\xbc\xa2, \"x\"]\n",
		"[{\xc3\xa4\xc3\xb6@0:2: [\xe6\xbc\xa2@0:9, 'x'@0:14]@0:8}@0:2]@0:0");
	/* Anchors and tags belong to the node. */
	places("- &n ~\n- !t x\n- &m\n  k: v\n", "[~@0:2, x@1:2, {k@3:2: v@3:5}@2:2]@0:0");
	places("- |\n  text\n", "['text\n'@0:2]@0:0");
	places("[a: b]", "[{a@0:1: b@0:4}@0:1]@0:0");
	/* A mark at the beginning does not count. */
	places("\xef\xbb\xbf- a\n", "[a@0:2]@0:0");
}

static void places_absent_values_at_the_next_token(void **state)
{
	(void)state;
	places("a:\nb: c\n", "{a@0:0: ~@1:0, b@1:0: c@1:3}@0:0");
	places("a:\n# c\n\n  # d\nb: c\n", "{a@0:0: ~@4:0, b@4:0: c@4:3}@0:0");
	places("- a:\n", "[{a@0:2: ~@1:0}@0:2]@0:0");
	places("- a:", "[{a@0:2: ~@0:4}@0:2]@0:0");
	places("-\n- \n", "[~@1:0, ~@2:0]@0:0");
	places("[a: , b]", "[{a@0:1: ~@0:4}@0:1, b@0:6]@0:0");
	places("{a: }", "{a@0:1: ~@0:4}@0:0");
	places("a: # c\n", "{a@0:0: ~@1:0}@0:0");
}

static void follows_aliases(void **state)
{
	struct lnr_arena a = {0};
	const struct lnr_yaml **docs;
	size_t n;

	(void)state;
	reads("- &x [a, b]\n- *x\n- &x c\n- *x\n", "[[a, b], [a, b], c, c]");
	assert_ok(lnr_yaml_parse(&a, "f", LNR_STR("- &x [a, b]\n- *x\n"), &docs, &n, NULL), NULL);
	assert_ptr_equal(docs[0]->kids[0], docs[0]->kids[1]);
	assert_int_equal(docs[0]->weight, 7);
	lnr_arena_done(&a);
	refuses("- *x\n", 1, 3, "&x");
	refuses("- &x a\n---\n- *x\n", 3, 3, "&x");
	refuses("- &x [a, *x]\n", 1, 10, "inside");
	refuses("output: *%proc.name\n", 1, 10, "begins with * needs quotes");
}

static void explains(void **state)
{
	(void)state;
	refuses("- list: 'l' x\n", 1, 13, "block mapping");
	refuses("- list: l\n\titems: [a]\n", 2, 1, "not tabs");
	refuses("- a: b: c\n", 1, 7, "needs quotes");
	refuses("a: %proc.name\n", 1, 4, "quotes");
	refuses("a: @b\n", 1, 4, "quotes");
	refuses("a: [b, c\n", 2, 1, "line 1");
	refuses("a: 'b\n", 1, 4, "never closed");
	refuses("\xc3\xa4: [b,\nx: y}\n", 2, 5, "");
	refuses("- list: \xff\n\titems: [a]\n", 2, 1, "not tabs");
}

static void add_n(struct lnr_buf *b, const char *s, size_t n)
{
	while (n--)
		lnr_buf_cstr(b, s);
}

static void bounds_depth_and_size(void **state)
{
	struct lnr_buf b;

	(void)state;
	lnr_buf_init(&b, 0);
	add_n(&b, "- ", LNR_YAML_DEPTH);
	lnr_buf_cstr(&b, "x\n");
	struct lnr_arena a = {0};
	const struct lnr_yaml **docs;
	size_t n;
	assert_ok(lnr_yaml_parse(&a, "f", lnr_buf_view(&b), &docs, &n, NULL), NULL);
	lnr_arena_done(&a);
	lnr_buf_clear(&b);
	add_n(&b, "- ", LNR_YAML_DEPTH + 1);
	refuses_at(lnr_buf_view(&b), -EFBIG, 1, 2 * LNR_YAML_DEPTH + 1, "deep");
	lnr_buf_clear(&b);
	add_n(&b, "[", 100000);
	refuses_at(lnr_buf_view(&b), -EFBIG, 1, LNR_YAML_DEPTH + 1, "deep");
	/* Nine levels of ten aliases each. */
	lnr_buf_clear(&b);
	lnr_buf_cstr(&b, "- &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 10; i++) {
		lnr_buf_printf(&b, "- &a%d [", i);
		for (int k = 0; k < 10; k++)
			lnr_buf_printf(&b, "%s*a%d", k ? ", " : "", i - 1);
		lnr_buf_cstr(&b, "]\n");
	}
	refuses_at(lnr_buf_view(&b), -EFBIG, 7, 18, "alias");
	lnr_buf_done(&b);
	static const char byte = ' ';
	refuses_at((struct lnr_str){&byte, (size_t)LNR_YAML_BYTES + 1}, -EFBIG, 0, 0, "larger");
}

static void reads_a_million_keys(void **state)
{
	struct lnr_buf b;
	struct lnr_arena a = {0};
	const struct lnr_yaml **docs;
	size_t n;

	(void)state;
	lnr_buf_init(&b, 0);
	add_n(&b, "key: v\n", 1000000);
	assert_ok(lnr_yaml_parse(&a, "f", lnr_buf_view(&b), &docs, &n, NULL), NULL);
	assert_int_equal(docs[0]->n, 1000000);
	assert_int_equal(docs[0]->kids[2 * 999999]->line, 999999);
	lnr_arena_done(&a);
	lnr_buf_done(&b);
}

static const struct lnr_yaml *one(struct lnr_arena *a, const char *text)
{
	const struct lnr_yaml **docs;
	size_t n;

	assert_ok(lnr_yaml_parse(a, "f", lnr_str_c(text), &docs, &n, NULL), NULL);
	assert_int_equal(n, 1);
	return docs[0];
}

static void gets_values(void **state)
{
	struct lnr_arena a = {0};
	const struct lnr_yaml *m = one(&a, "a: 1\n[x]: 2\na: 3\n~: 4\nnull: 5\n'b c': 6\n");

	(void)state;
	assert_str(lnr_yaml_get(m, "a")->text, "1");
	assert_str(lnr_yaml_get(m, "null")->text, "4");
	assert_str(lnr_yaml_get(m, "b c")->text, "6");
	assert_null(lnr_yaml_get(m, "x"));
	assert_null(lnr_yaml_get(NULL, "a"));
	assert_null(lnr_yaml_get(lnr_yaml_get(m, "a"), "a"));
	lnr_arena_done(&a);
}

static void converts_bools(void **state)
{
	static const char *const yes[] = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE",
		"on", "On", "ON", "'y'", "\"true\""};
	static const char *const no[] = {
		"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", "'n'"};
	static const char *const bad[] = {"yEs", "oN", "nO", "t", "1", "0", "truee", "'true '",
		"[y]", "{}", "~", "''", "TRue", "tRUE"};
	struct lnr_arena a = {0};
	bool b;

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(yes); i++) {
		assert_true(lnr_yaml_bool(one(&a, yes[i]), &b));
		assert_true(b);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(no); i++) {
		assert_true(lnr_yaml_bool(one(&a, no[i]), &b));
		assert_false(b);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++)
		assert_false(lnr_yaml_bool(one(&a, bad[i]), &b));
	assert_false(lnr_yaml_bool(NULL, &b));
	lnr_arena_done(&a);
}

static void converts_integers(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} u[] = {
		{"0", true, 0},
		{"5000", true, 5000},
		{"0x1f", true, 31},
		{"0X1F", true, 31},
		{"017", true, 15},
		{"+5", true, 5},
		{"'250'", true, 250},
		{"'7 \t'", true, 7},
		{"18446744073709551615", true, UINT64_MAX},
		{"18446744073709551616", false, 0},
		{"99999999999999999999", false, 0},
		{"089", false, 0},
		{"-5", false, 0},
		{"-0", false, 0},
		{"1.5", false, 0},
		{"1e3", false, 0},
		{"'  12'", false, 0},
		{"1_000", false, 0},
		{"0x", false, 0},
		{"0b11", false, 0},
		{"many", false, 0},
		{"''", false, 0},
		{"+", false, 0},
		{"+-5", false, 0},
		{"[1]", false, 0},
		{"~", false, 0},
	};
	static const struct {
		const char *text;
		bool ok;
		int64_t value;
	} s[] = {
		{"-5", true, -5},
		{"+5", true, 5},
		{"-0x10", true, -16},
		{"9223372036854775807", true, INT64_MAX},
		{"-9223372036854775808", true, INT64_MIN},
		{"9223372036854775808", false, 0},
		{"-9223372036854775809", false, 0},
		{"--5", false, 0},
		{"''", false, 0},
	};
	struct lnr_arena a = {0};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(u); i++) {
		uint64_t v = 0;
		assert_int_equal(lnr_yaml_u64(one(&a, u[i].text), &v), u[i].ok);
		if (u[i].ok)
			assert_int_equal(v, u[i].value);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(s); i++) {
		int64_t v = 0;
		assert_int_equal(lnr_yaml_s64(one(&a, s[i].text), &v), s[i].ok);
		if (s[i].ok)
			assert_int_equal(v, s[i].value);
	}
	assert_false(lnr_yaml_u64(NULL, &(uint64_t){0}));
	assert_false(lnr_yaml_s64(NULL, &(int64_t){0}));
	lnr_arena_done(&a);
}

static void converts_doubles(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		double value;
	} d[] = {
		{"0.1", true, 0.1},
		{"-2", true, -2},
		{"+1e3", true, 1000},
		{".5", true, 0.5},
		{"5.", true, 5},
		{"'0.03333 '", true, 0.03333},
		{"1e-400", true, 0},
		{".inf", true, __builtin_inf()},
		{"-.INF", true, -__builtin_inf()},
		{"1e999", false, 0},
		{"0x10", false, 0},
		{"inf", false, 0},
		{"' 1'", false, 0},
		{"1e", false, 0},
		{"1 2", false, 0},
		{"x", false, 0},
		{"''", false, 0},
		{"[1]", false, 0},
	};
	struct lnr_arena a = {0};
	double v;

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(d); i++) {
		assert_int_equal(lnr_yaml_double(one(&a, d[i].text), &v), d[i].ok);
		if (d[i].ok)
			assert_true(v == d[i].value);
	}
	assert_true(lnr_yaml_double(one(&a, ".NaN"), &v));
	assert_true(v != v);
	assert_false(lnr_yaml_double(one(&a, ".nAn"), &v));
	assert_false(lnr_yaml_double(NULL, &v));
	lnr_arena_done(&a);
}

static int parse_something(void *arg)
{
	struct lnr_arena a = {0};
	struct lnr_err err = {0};
	const struct lnr_yaml **docs;
	size_t n;
	int rc = lnr_yaml_parse(&a, "f", *(struct lnr_str *)arg, &docs, &n, &err);

	lnr_arena_done(&a);
	return rc;
}

static void survives_failing_allocations(void **state)
{
	struct lnr_str text = LNR_STR("- &a [x, {y: z}, ~, \x01]\n- *a\n---\n- \xff\n");
	struct lnr_str wide = LNR_STR("\xff\xfe-\0 \0x\0");

	(void)state;
	lnr_test_each_alloc_fails(parse_something, &text);
	lnr_test_each_alloc_fails(parse_something, &wide);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_documents),
		cmocka_unit_test(reads_scalars),
		cmocka_unit_test(keeps_duplicate_and_odd_keys),
		cmocka_unit_test(takes_any_byte),
		cmocka_unit_test(reads_utf16),
		cmocka_unit_test(counts_bytes),
		cmocka_unit_test(places_absent_values_at_the_next_token),
		cmocka_unit_test(follows_aliases),
		cmocka_unit_test(explains),
		cmocka_unit_test(bounds_depth_and_size),
		cmocka_unit_test(reads_a_million_keys),
		cmocka_unit_test(gets_values),
		cmocka_unit_test(converts_bools),
		cmocka_unit_test(converts_integers),
		cmocka_unit_test(converts_doubles),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
