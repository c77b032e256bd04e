/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_read.h"

#include <jansson.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

struct fixture {
	struct lnr_json_node *nodes;
	struct lnr_json_doc doc;
	struct lnr_arena arena;
};

/* The nodes are exactly as many as there is room for, so that sanitizers see one too many. */
static int read_json(struct fixture *f, struct lnr_str text, struct lnr_err *err)
{
	size_t n = lnr_json_room(text);
	memset(f, 0, sizeof(*f));
	lnr_arena_init(&f->arena, 0);
	f->nodes = malloc(n * sizeof(*f->nodes));
	return f->nodes ? lnr_json_parse(text, f->nodes, n, &f->doc, err) : -ENOMEM;
}

static void done(struct fixture *f)
{
	free(f->nodes);
	lnr_arena_done(&f->arena);
}

static struct lnr_str get(struct fixture *f, const char *pointer)
{
	struct lnr_json_pointer p;
	assert_ok(lnr_json_pointer_parse(lnr_str_c(pointer), &f->arena, &p, NULL), NULL);
	uint32_t i = lnr_json_pointer_get(&f->doc, 0, &p);
	return i ? lnr_json_text(&f->doc, i, &f->arena) : LNR_STR("<none>");
}

/* What a document gives at a pointer. */
static void expect(const char *text, const char *pointer, const char *want)
{
	struct fixture f;
	struct lnr_err err = {0};
	/* A copy without the NUL, for the sanitizers. */
	struct lnr_str s = {malloc(strlen(text) + 1), strlen(text)};
	char *own = realloc((char *)s.ptr, s.len ? s.len : 1);
	assert_non_null(own);
	memcpy(own, text, s.len);
	s.ptr = own;
	assert_ok(read_json(&f, s, &err), &err);
	assert_str(get(&f, pointer), want);
	done(&f);
	free(own);
}

static void refuse(const char *text, int code, const char *why)
{
	struct fixture f;
	struct lnr_err err = {0};
	char *own = malloc(strlen(text) + 1);
	assert_non_null(own);
	memcpy(own, text, strlen(text));
	assert_code(read_json(&f, (struct lnr_str){own, strlen(text)}, &err), code);
	assert_has(err.msg, why);
	done(&f);
	free(own);
}

static void keeps_what_is_written(void **state)
{
	(void)state;
	expect("{\"a\":1.50E+02}", "/a", "1.50E+02");
	expect("{\"a\":-0}", "/a", "-0");
	expect("[99999999999999999999]", "0", "99999999999999999999");
	expect("{\"a\":{\"b\":\"\\/\\u00e9\",\"b\":1}}", "/a", "{\"b\":\"\\/\\u00e9\",\"b\":1}");
	expect("{\"a\" : { \"b \" : [ 1 , true ,\tnull ] ,\"c\":\" \\\" \" } }", "/a",
		"{\"b \":[1,true,null],\"c\":\" \\\" \"}");
	expect("\t[ \"x y\" , {} ,[ ]]\r\n", "/2", "[]");
}

static void gives_the_first_of_equal_names(void **state)
{
	(void)state;
	expect("{\"a\":1,\"a\":2}", "/a", "1");
	expect("{\"\\u0061\":1,\"a\":2}", "/a", "1");
	expect("{\"ab\":0,\"a\":{\"x\":3},\"a\":2}", "a/x", "3");
	expect("{\"\\u00E9\":1}", "/\xc3\xa9", "1");
	expect("{\"\\ud83d\\ude00\":1}", "/\xf0\x9f\x98\x80", "1");
	expect("{\"\\u006\":1,\"x\\u0061\":2}", "/xa", "2");
	expect("{\"\\u0061b\":1}", "/a", "<none>");
	expect("{\"\\u0061\":1}", "/ab", "<none>");
}

static void says_what_strings_mean(void **state)
{
	(void)state;
	expect("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "/a", "\"\\/\b\f\n\r\t");
	expect("{\"a\":\"\\u00e9\\u4e2D\\ud83d\\ude00\"}", "/a",
		"\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80");
	/* Halves of pairs and unknown escapes stay, wrong pairs become a replacement character. */
	expect("{\"a\":\"\\ud83dx\\ude00\\q\\u12\"}", "/a", "\\ud83dx\\ude00\\q\\u12");
	expect("{\"a\":\"\\ud83d\\u0041\"}", "/a", "\xef\xbf\xbd");
	expect("{\"a\":\"\\ud83d\\u00zz\"}", "/a", "\\ud83d\\u00zz");
	expect("{\"a\":\"\xff\x01\"}", "/a", "\xff\x01");
	expect("{\"\":{\"\":5}}", "//", "5");
	expect("{\"a\":\"0123456\\\"89abcdefg\\\\\"}", "/a", "0123456\"89abcdefg\\");
}

static void follows_pointers(void **state)
{
	static const char text[] = "{\"a/b\":{\"~c\":[10,[20,21]]},\"\":7,\"d\":\"s\",\"0\":8}";
	(void)state;
	expect(text, "/a~1b/~0c/1/0", "20");
	expect(text, "a~1b/~0c/0", "10");
	expect(text, "/", "7");
	expect(text, "/0", "8");
	expect(text, "/d/", "<none>");
	expect(text, "/a~1b/~0c/2", "<none>");
	expect(text, "/a~1b/~0c/-1", "<none>");
	expect(text, "/a~1b/~0c/18446744073709551616", "<none>");
	expect(text, "/a~1b/~0c/x", "<none>");
	expect("[1]", "/00", "1");
	struct lnr_json_pointer p;
	struct lnr_arena a;
	lnr_arena_init(&a, 0);
	assert_code(lnr_json_pointer_parse(LNR_STR(""), &a, &p, NULL), -EINVAL);
	char many[LNR_JSON_POINTER_TOKENS + 2];
	memset(many, '/', sizeof(many));
	assert_code(lnr_json_pointer_parse(
			    (struct lnr_str){many, LNR_JSON_POINTER_TOKENS}, &a, &p, NULL),
		0);
	assert_code(lnr_json_pointer_parse(
			    (struct lnr_str){many, LNR_JSON_POINTER_TOKENS + 1}, &a, &p, NULL),
		-EINVAL);
	lnr_arena_done(&a);
}

static void refuses_what_is_no_json(void **state)
{
	static const char *const texts[] = {"", " ", "x", "tru", "nul", "falsy", "{", "[", "[1",
		"[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{\"a\"", "{\"a\":", "{\"a\":}",
		"{\"a\":1,}", "{a:1}", "{\"a\" 1}", "{1:1}", "{\"a\":1]", "\"", "\"\\", "\"\\\"",
		"\"abcdefgh", "\"abcdefg\\", "1.", "1.e1", "1e", "1e+", "-", "+1", ".5", "01",
		"-01", "1 2", "[] x", "{}]", "]", "}", ",", ":", "NaN", "'a'", "[1,,2]"};
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(texts); i++)
		refuse(texts[i], -EBADMSG, "no JSON: ");
}

static void stops_at_its_limits(void **state)
{
	size_t n = 1000000;
	char *deep = malloc(n);
	struct fixture f;
	(void)state;
	assert_non_null(deep);
	memset(deep, '[', n);
	assert_code(read_json(&f, (struct lnr_str){deep, n}, NULL), -E2BIG);
	done(&f);
	/* As deep as may be, and one more. */
	for (size_t over = 0; over < 2; over++) {
		size_t depth = LNR_JSON_READ_DEPTH + over;
		memset(deep, '[', depth);
		memset(deep + depth, ']', depth);
		assert_code(
			read_json(&f, (struct lnr_str){deep, 2 * depth}, NULL), over ? -E2BIG : 0);
		if (!over) {
			struct lnr_buf b = {0};
			lnr_json_indent(&f.doc, 0, &b);
			assert_true(lnr_str_starts(lnr_buf_view(&b), LNR_STR("[\n  [\n    [")));
			lnr_buf_done(&b);
		}
		done(&f);
	}
	/* Too few nodes. */
	struct lnr_json_node nodes[3];
	struct lnr_json_doc d;
	assert_code(lnr_json_parse(LNR_STR("[1,2]"), nodes, 3, &d, NULL), 0);
	assert_code(lnr_json_parse(LNR_STR("[1,2,3]"), nodes, 3, &d, NULL), -E2BIG);
	memset(deep, ',', n);
	assert_int_equal(lnr_json_room((struct lnr_str){deep, n}), n + 1);
	free(deep);
}

static void indents(void **state)
{
	static const char text[] = "{ \"a\":[1,{\"b\":\"x:{,\\\"\"},[ ],{}],\"c\" :null}";
	struct fixture f;
	struct lnr_buf b = {0};
	(void)state;
	assert_ok(read_json(&f, lnr_str_c(text), NULL), NULL);
	lnr_json_indent(&f.doc, 0, &b);
	assert_str(lnr_buf_view(&b),
		"{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x:{,\\\"\"\n    },\n    [],\n    {}\n"
		"  ],\n  \"c\": null\n}");
	lnr_buf_clear(&b);
	lnr_json_compact(&f.doc, 0, &b);
	assert_str(lnr_buf_view(&b), "{\"a\":[1,{\"b\":\"x:{,\\\"\"},[],{}],\"c\":null}");
	assert_int_equal(lnr_json_count(&f.doc, 0), 2);
	assert_int_equal(lnr_json_count(&f.doc, lnr_json_member(&f.doc, 0, LNR_STR("a"))), 4);
	assert_int_equal(lnr_json_count(&f.doc, lnr_json_member(&f.doc, 0, LNR_STR("c"))), 0);
	lnr_buf_done(&b);
	done(&f);
}

/* --- random documents, against jansson --- */

static json_t *random_value(struct lnr_test_random *r, unsigned depth)
{
	static const char *const texts[] = {"", "a", "\"", "\\", "\n", "\xc3\xa9",
		"\xf0\x9f\x98\x80", "abcdefghijklm\\\"", "/~"};
	json_t *v;
	switch (lnr_test_random_below(r, depth ? 7 : 5)) {
	case 0:
		return json_integer((json_int_t)lnr_test_random_u64(r));
	case 1:
		return json_string(texts[lnr_test_random_below(r, LNR_ARRAY_SIZE(texts))]);
	case 2:
		return json_true();
	case 3:
		return json_null();
	case 4:
		return json_real((double)lnr_test_random_below(r, 1000) / 8);
	case 5:
		v = json_array();
		for (uint64_t n = lnr_test_random_below(r, 5); n; n--)
			json_array_append_new(v, random_value(r, depth - 1));
		return v;
	default:
		v = json_object();
		for (uint64_t n = lnr_test_random_below(r, 5); n; n--)
			json_object_set_new(v,
				texts[lnr_test_random_below(r, LNR_ARRAY_SIZE(texts))],
				random_value(r, depth - 1));
		return v;
	}
}

static void compare(struct fixture *f, uint32_t i, const json_t *want)
{
	struct lnr_str text = lnr_json_text(&f->doc, i, &f->arena);
	const char *key;
	json_t *v;
	if (json_is_string(want)) {
		assert_bytes(text,
			((struct lnr_str){json_string_value(want), json_string_length(want)}));
	} else if (json_is_array(want)) {
		assert_int_equal(lnr_json_count(&f->doc, i), json_array_size(want));
		for (size_t k = 0; k < json_array_size(want); k++)
			compare(f, lnr_json_element(&f->doc, i, k), json_array_get(want, k));
	} else if (json_is_object(want)) {
		json_object_foreach((json_t *)want, key, v)
			compare(f, lnr_json_member(&f->doc, i, lnr_str_c(key)), v);
	} else {
		char *plain = json_dumps(want, JSON_ENCODE_ANY | JSON_COMPACT);
		assert_str(text, plain);
		free(plain);
	}
}

static void agrees_with_jansson(void **state)
{
	static const size_t flags[] = {JSON_COMPACT, JSON_INDENT(3), JSON_ENSURE_ASCII, 0};
	struct lnr_test_random r;
	(void)state;
	lnr_test_random_init(&r);
	for (int round = 0; round < 2000; round++) {
		json_t *v = random_value(&r, 4);
		struct lnr_buf b = {0};
		struct fixture f;
		char *text = json_dumps(v, flags[round % 4] | JSON_ENCODE_ANY);
		char *plain = json_dumps(
			v, JSON_COMPACT | JSON_ENCODE_ANY | (flags[round % 4] & JSON_ENSURE_ASCII));
		assert_ok(read_json(&f, lnr_str_c(text), NULL), NULL);
		compare(&f, 0, v);
		lnr_json_compact(&f.doc, 0, &b);
		assert_str(lnr_buf_view(&b), plain);
		lnr_buf_done(&b);
		done(&f);
		free(text);
		free(plain);
		json_decref(v);
	}
}

static int body(void *arg)
{
	struct lnr_json_pointer p;
	struct fixture f;
	(void)arg;
	int r = read_json(&f, LNR_STR("{\"a\":\"\\n\"}"), NULL);
	if (!r)
		r = lnr_json_pointer_parse(LNR_STR("/a"), &f.arena, &p, NULL);
	if (!r && !lnr_json_text(&f.doc, lnr_json_pointer_get(&f.doc, 0, &p), &f.arena).ptr)
		r = -ENOMEM;
	done(&f);
	return r;
}

static void survives_want_of_memory(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(body, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_is_written),
		cmocka_unit_test(gives_the_first_of_equal_names),
		cmocka_unit_test(says_what_strings_mean),
		cmocka_unit_test(follows_pointers),
		cmocka_unit_test(refuses_what_is_no_json),
		cmocka_unit_test(stops_at_its_limits),
		cmocka_unit_test(indents),
		cmocka_unit_test(agrees_with_jansson),
		cmocka_unit_test(survives_want_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
