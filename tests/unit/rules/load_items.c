/* SPDX-License-Identifier: Apache-2.0 */
/* Items, keys and values: what is accepted, what is refused, and where. */
#include "load_test.h"

static const struct {
	const char *name, *text, *want;
} cases[] = {
	{"nothing", "", ""},
	{"null documents and items", "---\n---\n-\n- ~\n", ""},
	{"a scalar", "hello\n", "ERR_YAML_VALIDATE rules content 0:0\n"},
	{"a map", "rule: x\n", "ERR_YAML_VALIDATE rules content 0:0\n"},
	{"syntax", "- list: [\n", "ERR_YAML_PARSE value for 1:0\n"},
	{"item of another kind", "- [a]\n", "ERR_YAML_VALIDATE rules content item 0:2\n"},
	{"empty sequence", "- []\n", "ERR_YAML_VALIDATE rules content item 0:2\n"},
	{"unknown item", "- rul: x\n", "UNKNOWN_ITEM rules content item 0:2\n"},
	{"map as key", "- list: l\n  items: []\n  ? {a: b}\n  : c\n",
		"ERR_YAML_PARSE rules content 0:0\n"},
	{"first kind decides", "- rule: r\n  list: l\n  items: []\n",
		"UNKNOWN_KEY list l 0:2\nUNUSED_LIST list l 0:2\n"},
	{"null decides too", "- list:\n  macro: m\n  condition: evt.num > 0\n",
		"ERR_YAML_VALIDATE list 0:2\n"},

	{"list without items", "- list: l\n", "ERR_YAML_VALIDATE list l 0:2\n"},
	{"items no sequence", "- list: l\n  items: a\n",
		"ERR_YAML_VALIDATE list l, value for items 1:9\n"},
	{"null item", "- list: l\n  items: [a, ~]\n", "ERR_YAML_VALIDATE list l, list item 1:13\n"},
	{"odd list name", "- list: 'a b'\n  items: []\n",
		"INVALID_LIST_NAME list a b 0:2\nUNUSED_LIST list a b 0:2\n"},
	{"odd macro name", "- macro: 2nd\n  condition: evt.num > 0\n",
		"INVALID_MACRO_NAME macro 2nd 0:2\nUNUSED_MACRO macro 2nd 0:2\n"},
	{"append without", "- list: l\n  items: []\n  append: yes\n",
		"ERR_VALIDATE list l 0:2\nDEPRECATED_ITEM list l 0:2\n"},
	{"append null", "- list: l\n  items: []\n  append:\n", "ERR_YAML_VALIDATE list l 0:2\n"},
	{"override of a list is fine without",
		"- list: l\n  items: []\n  override: {items: replace}\n",
		"UNUSED_LIST list l 0:2\n"},
	{"override and append",
		"- list: l\n  items: []\n- list: l\n  items: []\n  append: true\n"
		"  override: {items: append}\n",
		"ERR_YAML_VALIDATE list l 2:2\nDEPRECATED_ITEM list l 2:2\n"},
	{"override sequence", "- list: l\n  items: []\n  override: []\n",
		"ERR_VALIDATE rules content 0:0\n"},
	{"override key sequence", "- list: l\n  items: []\n  override: {[a]: append}\n",
		"ERR_VALIDATE rules content 0:0\n"},
	{"override scalar", "- list: l\n  items: []\n  override: append\n",
		"UNUSED_LIST list l 0:2\n"},
	{"override unknown", "- list: l\n  items: []\n  override: {list: append}\n",
		"ERR_YAML_VALIDATE list l, overrides list 2:13\n"},
	{"override operation", "- list: l\n  items: []\n  override: {items: add}\n",
		"ERR_YAML_VALIDATE list l, value for items 2:20\n"},
	{"override null operation", "- list: l\n  items: []\n  override: {items: }\n",
		"ERR_YAML_VALIDATE list l, value for items 2:20\n"},

	{"rule", RULE("R", "evt.type = open"), ""},
	{"rule name null", "- rule: ~\n", "ERR_YAML_VALIDATE rule 0:2\n"},
	{"rule name list", "- rule: [a]\n", "ERR_YAML_VALIDATE rule, value for rule 0:8\n"},
	{"missing output", "- rule: R\n  condition: evt.type = open\n",
		"ERR_YAML_VALIDATE rule R 0:2\n"},
	{"empty desc", "- rule: R\n  condition: evt.type = open\n  output: o\n  desc: ''\n",
		"ERR_YAML_VALIDATE rule R, value for desc 3:8\n"},
	{"bad priority", "- rule: R\n  condition: c\n  output: o\n  desc: d\n  priority: LOW\n",
		"ERR_YAML_VALIDATE rule R, rule priority 4:12\n"},
	{"bad source comes first",
		"- rule: R\n  condition: c\n  output: o\n  desc: d\n"
		"  priority: LOW\n  source: [x]\n",
		"ERR_YAML_VALIDATE rule R, value for source 5:10\n"},
	{"bad bool", RULE("R", "evt.type = open") "  enabled: 1\n",
		"ERR_YAML_VALIDATE rule R, value for enabled 5:11\n"},
	{"bad number", RULE("R", "evt.type = open") "  capture_duration: 4294967296\n",
		"ERR_YAML_VALIDATE rule R, value for capture_duration 5:20\n"},
	{"tags null", RULE("R", "evt.type = open") "  tags:\n",
		"ERR_YAML_VALIDATE rule R, value for tags 6:0\n"},
	{"unknown keys", RULE("R", "evt.type = open") "  Output: x\n  Output: y\n",
		"UNKNOWN_KEY rule R 0:2\nUNKNOWN_KEY rule R 0:2\n"},
	{"unknown source", RULE("R", "(((") "  source: cloud\n", "UNKNOWN_SOURCE rule R 0:2\n"},
	{"other source", RULE("R", "evt.type = open") RULE("R", "x") "  source: cloud\n",
		"ERR_VALIDATE rule R 5:2\n"},
	{"enabled alone", RULE("R", "evt.type = open") "- rule: R\n  enabled: no\n",
		"DEPRECATED_ITEM rule R 5:2\n"},
	{"enabled without rule", "- rule: R\n  enabled: no\n",
		"ERR_VALIDATE rule R 0:2\nDEPRECATED_ITEM rule R 0:2\n"},
	{"nothing at all", "- rule: R\n  tags: [a]\n", "ERR_YAML_VALIDATE rule R 0:2\n"},
	{"append nothing", RULE("R", "evt.type = open") "- rule: R\n  append: true\n  desc: x\n",
		"ERR_VALIDATE rule R 5:2\nDEPRECATED_ITEM rule R 5:2\n"},
	{"append to nothing", "- rule: R\n  append: true\n  condition: x\n",
		"ERR_VALIDATE rule R 0:2\nDEPRECATED_ITEM rule R 0:2\n"},
	{"replace nothing", "- rule: R\n  desc: x\n  override: {desc: replace}\n",
		"ERR_VALIDATE rule R 0:2\n"},
	{"override without value",
		RULE("R", "evt.type = open") "- rule: R\n  override: {desc: append}\n",
		"ERR_YAML_VALIDATE rule R 5:2\n"},
	{"override not appendable",
		RULE("R", "evt.type = open") "- rule: R\n  enabled: no\n  override: {enabled: "
					     "append}\n",
		"ERR_YAML_VALIDATE rule R, overrides enabled 7:13\n"},
	{"override twice",
		RULE("R", "evt.type = open") "- rule: R\n  desc: x\n  override: {desc: append, "
					     "desc: replace}\n",
		"ERR_YAML_VALIDATE rule R 5:2\n"},
	{"the first unlisted key by name",
		RULE("R", "evt.type = open") "- rule: R\n  output: x\n  desc: y\n  condition: and "
					     "evt.num > 0\n"
					     "  override: {condition: append}\n",
		"ERR_YAML_VALIDATE rule R, overrides desc 7:8\n"},

	{"engine version", "- required_engine_version: 62\n- required_engine_version: 0.31.0-rc1\n",
		""},
	{"engine version too new", "- required_engine_version: 63\n",
		"ERR_VALIDATE required_engine_version 0:2\n"},
	{"engine version of another major", "- required_engine_version: 1.0.0\n",
		"ERR_VALIDATE required_engine_version 0:2\n"},
	{"engine version no version", "- required_engine_version: 0.31\n",
		"ERR_YAML_VALIDATE required_engine_version 0:2\n"},
	{"plugins no list", "- required_plugin_versions: x\n",
		"ERR_YAML_VALIDATE required plugin versions 0:28\n"},
	{"plugin without name", "- required_plugin_versions: [{}]\n",
		"ERR_YAML_VALIDATE required plugin versions, required plugin versions entry "
		"0:29\n"},
	{"plugin version", "- required_plugin_versions: [{name: p, version: 1}]\n",
		"ERR_VALIDATE required plugin versions, required plugin versions entry p 0:29\n"},
	{"plugin named twice",
		"- required_plugin_versions:\n    - name: p\n      version: 1.0.0\n"
		"      alternatives: [{name: p, version: 2.0.0}]\n",
		"ERR_VALIDATE required plugin versions, required plugin versions entry p 1:6\n"},
	{"plugin alternative",
		"- required_plugin_versions:\n    - name: p\n      version: 1.0.0\n"
		"      alternatives: [{name: q}]\n",
		"ERR_YAML_VALIDATE required plugin versions, required plugin versions alternative "
		"q "
		"3:21\n"},
};

static void reads_items(void **state)
{
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		if (getenv("LNR_TEST_TRACE"))
			print_message("%s\n", cases[i].name);
		lt_check(cases[i].text, cases[i].want);
	}
}

static void scans_versions(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint32_t v[3];
	} v[] = {
		{"1.2.3", true, {1, 2, 3}},
		{" 1. 2.+3x", true, {1, 2, 3}},
		{"0.-1.0", true, {0, UINT32_MAX, 0}},
		{"01.002.3.4", true, {1, 2, 3}},
		{"1.2", false, {0}},
		{"1.2.", false, {0}},
		{"1 .2.3", false, {0}},
		{"", false, {0}},
		{"v1.2.3", false, {0}},
	};
	struct lnr_version r;

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(v); i++) {
		assert_int_equal(lnr_version_parse(lnr_str_c(v[i].text), &r), v[i].ok);
		if (v[i].ok)
			assert_memory_equal(r.v, v[i].v, sizeof(r.v));
	}
}

static void checks_plugins(void **state)
{
	static const struct lnr_loader_plugin plugins[] = {
		{.name = LNR_STR("p"), .version = LNR_STR("1.4.2")},
		{.name = LNR_STR("odd"), .version = LNR_STR("new")},
	};
	static const struct {
		const char *reqs, *want; /* want NULL = fine */
	} v[] = {
		{"{name: p, version: 1.4.2}", NULL},
		{"{name: p, version: 1.0.9}", NULL},
		{"{name: p, version: 1.4.3}", "1.4.2 is loaded"},
		{"{name: p, version: 0.1.0}", "1.4.2 is loaded"},
		{"{name: odd, version: 1.0.0}", "'new'"},
		{"{name: q, version: 1.0.0}", "q (>= 1.0.0)"},
		{"{name: q, version: 1.0.0, alternatives: [{name: p, version: 1.4.0}]}", NULL},
		/* The first one that is loaded decides, also when a later one would do. */
		{"{name: odd, version: 1.0.0, alternatives: [{name: p, version: 1.4.0}]}", "'new'"},
		{"{name: q, version: 1.0.0, alternatives: [{name: r, version: 1.0.0}]}",
			"q (>= 1.0.0), r (>= 1.0.0)"},
	};
	struct lnr_loader_opts o = {.plugins = plugins, .n_plugins = LNR_ARRAY_SIZE(plugins)};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(v); i++) {
		struct lt t;
		struct lnr_err err = {0};
		char text[256];

		lt_init(&t, &o);
		snprintf(text, sizeof(text), "- required_plugin_versions: [%s]\n", v[i].reqs);
		assert_ok(lt_add(&t, "f", lnr_str_c(text)), NULL);
		assert_code(lnr_loader_check_plugins(t.l, &err), v[i].want ? -EINVAL : 0);
		assert_has(err.msg, v[i].want ? v[i].want : "");
		lt_done(&t);
	}
}

static void replaces_properties(void **state)
{
	struct lt t;

	(void)state;
	lt_init(&t, NULL);
	assert_ok(
		lt_add(&t, "a", LNR_STR(RULE("R", "evt.type = open") "  tags: [b, a, b]\n")), NULL);
	const struct lnr_rule_item *r = lnr_item_find(&t.l->rules, LNR_STR("R"));
	assert_int_equal(r->n_tags, 2);
	assert_str(r->tags[0], "a");
	assert_ok(lt_add(&t, "b",
			  LNR_STR("- rule: R\n  condition: and evt.num > 1\n  output: '  p  '\n"
				  "  desc: e\n  tags: [c, a]\n  priority: error\n  enabled: no\n"
				  "  capture: yes\n  capture_duration: 7\n  warn_evttypes: no\n"
				  "  skip-if-unknown-filter: yes\n  override:\n"
				  "    condition: append\n    output: replace\n    desc: append\n"
				  "    tags: append\n    priority: replace\n    enabled: replace\n"
				  "    capture: replace\n    capture_duration: replace\n"
				  "    warn_evttypes: replace\n    skip-if-unknown-filter: "
				  "replace\n")),
		NULL);
	assert_str(lt_report(&t), "");
	assert_str(lnr_buf_view(&r->cond.buf), "evt.type = open and evt.num > 1");
	/* Only a definition trims the output. */
	assert_str(lnr_buf_view(&r->output.buf), "  p  ");
	assert_str(lnr_buf_view(&r->desc.buf), "d e");
	assert_int_equal(r->n_tags, 3);
	assert_int_equal(r->priority, LNR_PRIO_ERROR);
	assert_false(r->enabled);
	assert_true(r->capture);
	assert_int_equal(r->capture_duration_ms, 7);
	assert_false(r->warn_evttypes);
	assert_true(r->skip_unknown);
	lt_done(&t);
}

static void keeps_what_took_effect_before_an_error(void **state)
{
	struct lt t;

	(void)state;
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "a", LNR_STR(RULE("R", "evt.type = open"))), NULL);
	assert_code(lt_add(&t, "b",
			    LNR_STR("- rule: R\n  condition: and evt.num > 1\n  desc: x\n"
				    "  override: {condition: append}\n- macro: late\n"
				    "  condition: evt.num > 0\n")),
		-EINVAL);
	assert_ok(lt_add(&t, "c", LNR_STR("")), NULL);
	assert_str(lt_condition(&t, "R"), "(evt.type = open and evt.num > 1)");
	assert_null(lnr_item_find(&t.l->macros, LNR_STR("late")));
	lt_done(&t);
}

static void reports_all_errors_when_asked(void **state)
{
	struct lnr_loader_opts o = {.min_priority = LNR_PRIO_DEBUG, .all_errors = true};
	struct lt t;

	(void)state;
	lt_init(&t, &o);
	assert_code(
		lt_add(&t, "f",
			LNR_STR("- list: l\n- macro: m\n  condition: evt.type ==\n"
				"- macro: n\n  condition: m and evt.num > 0\n" RULE("A", "m and x")
					RULE("B", "n") "  priorty: X\n"
						       "- rule: C\n  desc: d\n  output: '%x'\n  "
						       "condition: proc.x = 1\n"
						       "  priority: LOW\n- hello\n---\nhello\n")),
		-EINVAL);
	/* B uses a macro that uses a broken one: nothing more to say about it. */
	assert_str(lt_report(&t), "ERR_YAML_VALIDATE list l 0:2\n"
				  "ERR_YAML_VALIDATE rule C, rule priority 20:12\n"
				  "ERR_YAML_VALIDATE rules content item 21:2\n"
				  "ERR_YAML_VALIDATE rules content 0:0\n"
				  "ERR_COMPILE_CONDITION macro m, condition expression 3:25\n"
				  "ERR_VALIDATE rule A, condition expression 6:9\n"
				  "ERR_COMPILE_OUTPUT rule C, rule output 18:10\n"
				  "UNKNOWN_KEY rule B 10:2\n");
	lt_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_items),
		cmocka_unit_test(scans_versions),
		cmocka_unit_test(checks_plugins),
		cmocka_unit_test(replaces_properties),
		cmocka_unit_test(keeps_what_took_effect_before_an_error),
		cmocka_unit_test(reports_all_errors_when_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
