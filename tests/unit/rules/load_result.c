/* SPDX-License-Identifier: Apache-2.0 */
/* Results for programs: JSON, the text form, snippets; and what survives failing memory. */
#include <jansson.h>
#include "lib/failalloc.h"
#include "load_test.h"
#include "schema/limits.h"

static json_t *result_json(struct lt *t)
{
	struct lnr_json j;
	json_error_t err;

	lnr_buf_clear(&t->buf);
	lnr_json_init(&j, &t->buf);
	lnr_load_result_json(t->last, &j);
	json_t *o = json_loadb(t->buf.ptr, t->buf.len, 0, &err);
	assert_non_null(o);
	return o;
}

static const char *text_of(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void writes_json(void **state)
{
	struct lt t;

	(void)state;
	lt_init(&t, NULL);
	lt_add(&t, "a.yaml",
		LNR_STR("# c\n" RULE("R", "evt.type = open and evt.dir = <") "  colour: red\n" RULE(
			"S", "evt.type = open and proc.colour = x")));
	json_t *o = result_json(&t);
	assert_string_equal(text_of(o, "name"), "a.yaml");
	assert_true(json_is_false(json_object_get(o, "successful")));
	assert_true(json_is_false(json_object_get(o, "schema_valid")));
	assert_int_equal(json_array_size(json_object_get(o, "schema_warnings")), 1);
	assert_int_equal(json_array_size(json_object_get(o, "errors")), 1);
	assert_int_equal(json_array_size(json_object_get(o, "warnings")), 2);
	json_t *e = json_array_get(json_object_get(o, "errors"), 0);
	assert_string_equal(text_of(e, "code"), "LOAD_ERR_COMPILE_CONDITION");
	assert_string_equal(text_of(e, "codedesc"), "Invalid condition");
	json_t *ctx = json_object_get(e, "context");
	json_t *locations = json_object_get(ctx, "locations");
	static const struct {
		const char *type, *item, *file;
		int line, column, offset;
	} want[] = {
		{"rules content", "", "a.yaml", 0, 0, 0},
		{"rule", "S", "a.yaml", 7, 2, 114},
		{"rule condition", "", "a.yaml", 9, 13, 145},
		{"condition expression", "", "\"evt.type = open a...\"", 10, 34, 165},
	};
	assert_int_equal(json_array_size(locations), LNR_ARRAY_SIZE(want));
	for (size_t i = 0; i < LNR_ARRAY_SIZE(want); i++) {
		json_t *l = json_array_get(locations, i), *p = json_object_get(l, "position");
		assert_string_equal(text_of(l, "item_type"), want[i].type);
		assert_string_equal(text_of(l, "item_name"), want[i].item);
		assert_string_equal(text_of(p, "name"), want[i].file);
		assert_int_equal(json_integer_value(json_object_get(p, "line")), want[i].line);
		assert_int_equal(json_integer_value(json_object_get(p, "column")), want[i].column);
		assert_int_equal(json_integer_value(json_object_get(p, "offset")), want[i].offset);
	}
	assert_string_equal(text_of(ctx, "snippet"), "evt.type = open and proc.colour = x\n"
						     "                    ^\n");
	json_t *w = json_array_get(json_object_get(o, "warnings"), 1);
	assert_string_equal(text_of(w, "deprecated_field"), "evt.dir");
	json_decref(o);
	lt_done(&t);
}

static void tells_nothing_of_no_document(void **state)
{
	struct lt t;

	(void)state;
	lt_init(&t, NULL);
	lt_add(&t, "a", LNR_STR("# nothing\n"));
	json_t *o = result_json(&t);
	assert_null(json_object_get(o, "schema_valid"));
	assert_null(json_object_get(o, "schema_warnings"));
	assert_true(json_is_true(json_object_get(o, "successful")));
	json_decref(o);
	lt_add(&t, "b", LNR_STR("- list: [\n"));
	o = result_json(&t);
	assert_null(json_object_get(o, "schema_valid"));
	json_decref(o);
	lt_done(&t);
}

/* Snippets: at most 80 bytes on either side, the caret below the place. */
static void cuts_long_lines(void **state)
{
	struct lnr_buf b, out;
	struct lt t;

	(void)state;
	lnr_buf_init(&b, 0);
	lnr_buf_init(&out, 0);
	lnr_buf_cstr(&b, "- list: l\n  items: [");
	for (int i = 0; i < 100; i++)
		lnr_buf_printf(&b, "v%d, ", i);
	lnr_buf_cstr(&b, "~");
	for (int i = 0; i < 100; i++)
		lnr_buf_printf(&b, ", w%d", i);
	lnr_buf_cstr(&b, "]\n");
	lt_init(&t, NULL);
	lt_add(&t, "f", lnr_buf_view(&b));
	lnr_ctx_snippet(t.last->errors.first->ctx, &out);
	struct lnr_str s = lnr_buf_view(&out), line, caret;
	assert_true(lnr_str_split(&s, '\n', &line));
	assert_true(lnr_str_split(&s, '\n', &caret));
	assert_int_equal(line.len, 3 + 80 + 80 + 3);
	assert_true(lnr_str_starts(line, LNR_STR("...")));
	assert_true(lnr_str_ends(line, LNR_STR("...")));
	assert_int_equal(caret.len, 84);
	assert_int_equal(line.ptr[83], '~');
	lt_done(&t);
	lnr_buf_done(&b);
	lnr_buf_done(&out);
}

static void shows_something_at_any_place(void **state)
{
	static const struct {
		const char *text, *want;
		uint32_t at;
	} v[] = {
		{"", "<nothing to show>\n", 0},
		{"a", "a\n^\n", 0},
		{"a", "a\n^\n", 7},
		{"ab\n", "ab\n ^\n", 2},
		{"ab\r\ncd", "ab\n ^\n", 3},
		{"\n\n", "\n^\n", 1},
	};
	struct lnr_buf out;

	(void)state;
	lnr_buf_init(&out, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(v); i++) {
		struct lnr_load_file f = {LNR_STR("f"), lnr_str_c(v[i].text)};
		struct lnr_ctx c = {.file = &f, .offset = v[i].at};
		lnr_buf_clear(&out);
		lnr_ctx_snippet(&c, &out);
		assert_str(lnr_buf_view(&out), v[i].want);
	}
	lnr_buf_done(&out);
}

static void writes_text(void **state)
{
	struct lt t;

	(void)state;
	lt_init(&t, NULL);
	lt_add(&t, "a.yaml", LNR_STR(RULE("R", "evt.type = open")));
	lnr_load_result_text(t.last, true, &t.buf);
	assert_str(lnr_buf_view(&t.buf), "a.yaml: Ok\n");
	lnr_buf_clear(&t.buf);
	lt_add(&t, "b.yaml", LNR_STR("- list: l\n  items: []\n"));
	lnr_load_result_text(t.last, false, &t.buf);
	assert_str(lnr_buf_view(&t.buf),
		"b.yaml: Ok, with warnings\n 1 warnings: [LOAD_UNUSED_LIST (Unused list)]");
	lnr_buf_clear(&t.buf);
	lt_add(&t, "c.yaml", LNR_STR("- list: l\n"));
	lnr_load_result_text(t.last, true, &t.buf);
	assert_str(lnr_buf_view(&t.buf),
		"c.yaml: Invalid\n1 Errors:\nIn rules content: (c.yaml:0:0)\n"
		"    list 'l': (c.yaml:0:2)\n------\n- list: l\n  ^\n------\n"
		"LOAD_ERR_YAML_VALIDATE (Not valid as rules): the key 'items' is missing\n");
	lt_done(&t);
}

static void keeps_messages_bounded(void **state)
{
	struct lnr_buf b;
	struct lt t;

	(void)state;
	lnr_buf_init(&b, 0);
	lnr_buf_cstr(&b, "- list: l\n  items: []\n");
	for (unsigned i = 0; i < LNR_RULES_WARNINGS + 10; i++)
		lnr_buf_cstr(&b, "  k: v\n");
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "f", lnr_buf_view(&b)), NULL);
	assert_int_equal(t.last->warnings.n, LNR_RULES_WARNINGS);
	assert_int_equal(lnr_load_result_warnings(t.last), LNR_RULES_WARNINGS + 11);
	lt_done(&t);
	lnr_buf_done(&b);
}

static void names_every_code(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LNR_LOAD_CODE_COUNT; i++) {
		assert_non_null(lnr_load_code_name(i));
		assert_true(lnr_str_starts(lnr_str_c(lnr_load_code_name(i)), LNR_STR("LOAD_")));
		assert_non_null(lnr_load_code_short(i));
		assert_non_null(lnr_load_code_long(i));
	}
	for (unsigned i = 0; i < LNR_CTX_COUNT; i++)
		assert_non_null(lnr_ctx_names[i]);
	for (unsigned i = 0; i < LNR_OV_COUNT; i++)
		assert_non_null(lnr_override_keys[i]);
}

static void checks_the_schema(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		const char *finding;
	} v[] = {
		{RULE("R", "evt.type = open") "  enabled: 'true'\n  tags: [1, true]\n", true, ""},
		{"- rule: R\n  priority: Warning\n", false, "[0][priority]"},
		{RULE("R", "evt.type = open") "  enabled: yes\n", false, "[0][enabled]"},
		{RULE("R", "evt.type = open") "  exceptions:\n", false, "[0][exceptions]"},
		{RULE("R", "evt.type = open") "  capture_duration: 0x10\n", false,
			"[0][capture_duration]"},
		{RULE("R", "evt.type = open") "  exceptions: [{name: e, fields: x, why: y}]\n",
			false, "[0][exceptions][0]"},
		{RULE("R", "evt.type = open") "  exceptions: [{fields: x}]\n", false, "name"},
		{RULE("R", "evt.type = open") "  override: {}\n", false, "[0][override]"},
		{RULE("R", "evt.type = open") "  override: {desc: add}\n", false, "[0][override]"},
		{"- required_plugin_versions: [{name: p}]\n", false,
			"[0][required_plugin_versions][0]"},
		{"-\n", false, "[0]"},
		{"x\n", false, "<root>:"},
		{"---\n", false, "<root>:"},
		{"- list: l\n  items: [1, x, 2.5]\n---\n- colour: red\n", true, "colour"},
	};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(v); i++) {
		struct lt t;
		lt_init(&t, NULL);
		lt_add(&t, "f", lnr_str_c(v[i].text));
		assert_int_equal(t.last->schema, v[i].ok ? LNR_SCHEMA_OK : LNR_SCHEMA_FAILED);
		if (v[i].finding[0]) {
			assert_true(t.last->n_findings > 0);
			assert_has(t.last->findings[0].ptr, v[i].finding);
		}
		lt_done(&t);
	}
}

/* Everything that a loader does, in few bytes. */
static const char first[] =
	"- required_engine_version: 10\n"
	"- required_plugin_versions: [{name: p, version: 1.0.0, alternatives: [{name: q, version: "
	"1.0.0}]}]\n"
	"- list: a\n  items: [x, 'y z']\n- list: b\n  items: [a, w]\n- list: unused\n  items: []\n"
	"- macro: m\n  condition: evt.type in (open, close) and proc.name in (b)\n"
	"- macro: n\n  condition: m or not m\n"
	"- rule: R\n  desc: d\n  condition: n and proc.pname = x and evt.dir = < and "
	"fd.name "
	"glob '/a*' and fd.name regex 'a.b'\n"
	"  output: '%proc.name %toupper(fd.name) %container.info'\n  priority: INFO\n  tags: [t, "
	"s]\n"
	"  exceptions:\n    - {name: e, fields: [proc.name, fd.name], comps: [in, startswith], "
	"values: "
	"[[[b], /t]]}\n    - {name: e, fields: proc.name, values: [a]}\n";
static const char second[] =
	"- list: a\n  items: [v]\n  override: {items: append}\n"
	"- rule: R\n  condition: and evt.num > 0\n  tags: [u]\n  exceptions: [{name: e, values: "
	"[]}]\n"
	"  override: {condition: append, tags: append, exceptions: append}\n"
	"- rule: S\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: INFO\n"
	"- rule: S\n  enabled: false\n";

static int everything(void *arg)
{
	const char *third = arg;
	static const struct lnr_str kv[1][2] = {{LNR_STR("k"), LNR_STR("%proc.pid")}};
	static const struct lnr_append_output append[] = {
		{.extra_output = LNR_STR("by %user.name"), .fields = kv, .n_fields = 1}};
	struct lnr_loader_opts o = {
		.min_priority = LNR_PRIO_DEBUG, .append = append, .n_append = 1};
	struct lt t;
	struct lnr_ruleset *rs = NULL;
	int rc = lt_try(&t, &o);

	if (!rc)
		rc = lt_add(&t, "a", lnr_str_c(first));
	if (!rc)
		rc = lt_add(&t, "b", lnr_str_c(second));
	if (!rc && third) {
		rc = lt_add(&t, "c", lnr_str_c(third));
		rc = rc == -EINVAL ? 0 : rc ? rc : -EEXIST;
	}
	if (!rc) {
		lnr_loader_select(t.l, false, LNR_STR("*"), LNR_STR(""));
		lnr_loader_select(t.l, true, LNR_STR(""), LNR_STR("u"));
		rc = lnr_loader_ruleset(t.l, &rs);
	}
	lnr_ruleset_unref(rs);
	if (!rc && !third)
		rc = lnr_loader_validation_json(t.l, true, NULL, &t.buf);
	for (unsigned i = 0; t.l && lnr_loader_result(t.l, i); i++)
		lnr_load_result_explain(lnr_loader_result(t.l, i), &t.buf);
	if (!rc && t.buf.failed)
		rc = -ENOMEM;
	lt_done(&t);
	return rc;
}

static void survives_failing_allocations(void **state)
{
	static const char *const wrong[] = {"- list: [", "- list: l\n", RULE("X", "unknown_one"),
		RULE("X", "proc.nmae = x and proc.name in (b)"), RULE("X", "(proc.name in (a)"),
		"- rule: R\n  output: '%x'\n  override: {output: replace}\n",
		"- list: b\n  color: x\n  append: true\n" RULE(
			"X", "proc.name = proc.pname and evt.type = opne")};

	(void)state;
	assert_code(everything(NULL), 0);
	lnr_test_each_alloc_fails(everything, NULL);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(wrong); i++) {
		assert_code(everything((void *)wrong[i]), 0);
		lnr_test_each_alloc_fails(everything, (void *)wrong[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_json),
		cmocka_unit_test(tells_nothing_of_no_document),
		cmocka_unit_test(cuts_long_lines),
		cmocka_unit_test(shows_something_at_any_place),
		cmocka_unit_test(writes_text),
		cmocka_unit_test(keeps_messages_bounded),
		cmocka_unit_test(names_every_code),
		cmocka_unit_test(checks_the_schema),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
