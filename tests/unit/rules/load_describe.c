/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions of rules, macros and lists; outputs with what is appended to them. */
#include <jansson.h>
#include "load_test.h"

static json_t *describe(struct lt *t, const char *rule)
{
	struct lnr_json j;
	json_error_t err;

	lnr_buf_clear(&t->buf);
	lnr_json_init(&j, &t->buf);
	assert_ok(lnr_loader_describe_json(t->l, rule, &j), NULL);
	json_t *o = json_loadb(t->buf.ptr, t->buf.len, 0, &err);
	assert_non_null(o);
	return o;
}

/* A part of the description, found by keys and indexes ("rules.0.details.events"), as text. */
static void part(json_t *o, const char *path, const char *want)
{
	char buf[128], *save, *key;
	snprintf(buf, sizeof(buf), "%s", path);
	for (key = strtok_r(buf, ".", &save); key; key = strtok_r(NULL, ".", &save)) {
		o = key[0] >= '0' && key[0] <= '9' ? json_array_get(o, strtoul(key, NULL, 10))
						   : json_object_get(o, key);
	}
	char *got = o ? json_dumps(o, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	if (got && strcmp(got, want) != 0)
		print_error("%s\n", path);
	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static const char rules[] =
	"- required_engine_version: 0.31.0-rc1\n"
	"- required_engine_version: 5\n"
	"- required_plugin_versions:\n    - {name: p, version: 1.0.0}\n"
	"    - {name: q, version: 2.0.0, alternatives: [{name: r, version: 3.0.0}]}\n"
	"- list: a\n  items: [x, 'y z']\n- list: b\n  items: [a, w]\n"
	"- macro: m\n  condition: evt.type in (open, getpid)\n"
	"- macro: never\n  condition: evt.num > 5\n"
	"- rule: R\n  desc: two\n  condition: m and (proc.name in (b, v) or not proc.pname = "
	"val(proc.name))\n"
	"  output: '%proc.name %toupper(fd.name) %proc.name'\n  priority: info\n  tags: [t, s, t]\n"
	"  capture: yes\n  capture_duration: 9\n  enabled: no\n"
	"  exceptions:\n    - {name: e, fields: [proc.name, fd.name], comps: [in, startswith "
	"anyof], "
	"values: [[[k], [/t]]]}\n    - {name: f, fields: proc.pid}\n"
	"- rule: S\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: INFO\n"
	"- rule: T\n  desc: d\n  condition: proc.colour = x\n  output: o\n  priority: INFO\n"
	"  skip-if-unknown-filter: true\n";

static void describes_everything(void **state)
{
	struct lt t;

	(void)state;
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "f", lnr_str_c(rules)), NULL);
	json_t *o = describe(&t, NULL);
	part(o, "required_engine_version", "\"0.31.0\"");
	part(o, "required_plugin_versions",
		"[{\"name\":\"p\",\"version\":\"1.0.0\",\"alternatives\":[]},{\"name\":\"q\","
		"\"version\":"
		"\"2.0.0\",\"alternatives\":[{\"name\":\"r\",\"version\":\"3.0.0\"}]}]");
	assert_int_equal(json_array_size(json_object_get(o, "rules")), 2);
	part(o, "rules.0.info",
		"{\"name\":\"R\",\"condition\":\"m and (proc.name in (b, v) or not proc.pname = "
		"val(proc.name))\",\"priority\":\"Informational\",\"output\":\"%proc.name "
		"%toupper(fd.name) "
		"%proc.name\",\"description\":\"two\",\"enabled\":false,\"source\":"
		"\"syscall\",\"capture\":true,\"capture_duration\":9,\"tags\":[\"s\",\"t\"]}");
	part(o, "rules.0.details.macros", "[\"m\"]");
	part(o, "rules.0.details.lists", "[\"b\"]");
	part(o, "rules.0.details.condition_operators", "[\"=\",\"in\",\"startswith anyof\"]");
	part(o, "rules.0.details.condition_fields",
		"[\"evt.type\",\"fd.name\",\"proc.name\",\"proc.pname\"]");
	part(o, "rules.0.details.output_fields",
		"[\"fd.name\",\"proc.name\",\"proc.name\",\"toupper(fd.name)\"]");
	part(o, "rules.0.details.exception_names", "[\"e\",\"f\"]");
	part(o, "rules.0.details.exception_fields", "[\"fd.name\",\"proc.name\"]");
	part(o, "rules.0.details.exception_operators", "[\"in\",\"startswith anyof\"]");
	part(o, "rules.0.details.events", "[\"asyncevent\",\"getpid\",\"open\"]");
	part(o, "rules.0.details.condition_compiled",
		"\"((evt.type in (open, getpid) and (proc.name in (x, \\\"y z\\\", w, v) or not "
		"proc.pname = val(proc.name))) and not (proc.name in (k) and fd.name startswith "
		"anyof "
		"(/t)))\"");
	part(o, "rules.0.details.plugins", "[]");
	part(o, "macros.0.details.used", "true");
	part(o, "macros.1.details.used", "false");
	part(o, "macros.0.details.condition_compiled", "\"evt.type in (open, getpid)\"");
	part(o, "lists.1.info.items", "[\"w\"]");
	part(o, "lists.1.details.lists", "[\"a\"]");
	part(o, "lists.1.details.items_compiled", "[\"x\",\"y z\",\"w\"]");
	json_decref(o);
	lt_done(&t);
}

static void describes_one(void **state)
{
	struct lt t;
	struct lnr_json j;

	(void)state;
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "f", lnr_str_c(rules)), NULL);
	json_t *o = describe(&t, "S");
	part(o, "rules.0.info.name", "\"S\"");
	assert_int_equal(json_object_size(o), 1);
	json_decref(o);
	lnr_json_init(&j, &t.buf);
	assert_code(lnr_loader_describe_json(t.l, "unknown", &j), -ENOENT);
	/* Left out is as good as unknown. */
	assert_code(lnr_loader_describe_json(t.l, "T", &j), -ENOENT);
	assert_code(lnr_loader_describe_text(t.l, "unknown", &t.buf), -ENOENT);
	lt_done(&t);
}

static void writes_a_table(void **state)
{
	struct lt t;

	(void)state;
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "f",
			  LNR_STR("- rule: short\n  desc: one two three four five six seven eight "
				  "nine ten "
				  "eleven twelve thirteen\n  condition: evt.type = open\n  output: "
				  "o\n"
				  "  priority: INFO\n"
				  "- rule: a name that is longer than the column that names have "
				  "in this table\n"
				  "  desc: d\n  condition: evt.type = open\n  output: o\n  "
				  "priority: INFO\n")),
		NULL);
	assert_ok(lnr_loader_describe_text(t.l, NULL, &t.buf), NULL);
	struct lnr_str s = lnr_buf_view(&t.buf), line;
	static const char *const want[] = {
		"Rule                                              Description",
		"----                                              -----------",
		"short                                             one two three four five six "
		"seven eight nine ten "
		"eleven",
		"                                                  twelve thirteen",
		"a name that is longer than the column that names have in this table",
		"                                                  d",
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(want); i++) {
		assert_true(lnr_str_split(&s, '\n', &line));
		assert_str(line, want[i]);
	}
	lnr_buf_clear(&t.buf);
	assert_ok(lnr_loader_describe_text(t.l, "short", &t.buf), NULL);
	assert_true(lnr_str_find(lnr_buf_view(&t.buf), LNR_STR("longer")) < 0);
	lt_done(&t);
}

static void answers_validation(void **state)
{
	struct lt t;
	json_error_t err;

	(void)state;
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "a", LNR_STR(RULE("R", "evt.type = open"))), NULL);
	assert_ok(lnr_loader_validation_json(t.l, true, NULL, &t.buf), NULL);
	json_t *o = json_loadb(t.buf.ptr, t.buf.len, 0, &err);
	part(o, "falco_load_results.0.successful", "true");
	part(o, "falco_describe_results.rules.0.info.name", "\"R\"");
	json_decref(o);
	lnr_buf_clear(&t.buf);
	assert_code(lnr_loader_validation_json(t.l, true, "Q", &t.buf), -ENOENT);
	/* With an invalid file nothing is described. */
	assert_code(lt_add(&t, "b", LNR_STR("- list: l\n")), -EINVAL);
	lnr_buf_clear(&t.buf);
	assert_ok(lnr_loader_validation_json(t.l, true, NULL, &t.buf), NULL);
	o = json_loadb(t.buf.ptr, t.buf.len, 0, &err);
	part(o, "falco_load_results.1.successful", "false");
	assert_null(json_object_get(o, "falco_describe_results"));
	json_decref(o);
	assert_ptr_equal(lnr_loader_result(t.l, 1), t.last);
	assert_null(lnr_loader_result(t.l, 2));
	lt_done(&t);
}

/* --- appended outputs --------------------------------------------------------------------------
 */

static const struct lnr_str tag_a[] = {LNR_STR("a")}, tags_ab[] = {LNR_STR("a"), LNR_STR("b")};
static const struct lnr_str fields_a[][2] = {{LNR_STR("k"), LNR_STR("%proc.pid.")},
	{LNR_STR("proc.name"), {NULL, 0}}, {LNR_STR("x"), LNR_STR("first")}};
static const struct lnr_str fields_b[][2] = {{LNR_STR("x"), LNR_STR("second")}};

static void appends_to_outputs(void **state)
{
	static const struct lnr_append_output append[] = {
		{.extra_output = LNR_STR("all")},
		{.source = LNR_STR("syscall"), .extra_output = LNR_STR("src")},
		{.source = LNR_STR("other"), .extra_output = LNR_STR("other")},
		{.rule = LNR_STR("R"), .extra_output = LNR_STR("rule")},
		{.tags = tag_a,
			.n_tags = 1,
			.extra_output = LNR_STR("a"),
			.fields = fields_a,
			.n_fields = 3},
		{.tags = tags_ab,
			.n_tags = 2,
			.extra_output = LNR_STR("ab"),
			.fields = fields_b,
			.n_fields = 1},
	};
	struct lnr_loader_opts o = {.min_priority = LNR_PRIO_DEBUG,
		.append = append,
		.n_append = LNR_ARRAY_SIZE(append)};
	struct lt t;
	struct lnr_ruleset *rs;

	(void)state;
	lt_init(&t, &o);
	assert_ok(lt_add(&t, "f",
			  LNR_STR(RULE("R", "evt.type = open") "  tags: [b, a, c]\n" RULE("S",
				  "evt.type = open") "  tags: [a]\n" RULE("T", "evt.type = open"))),
		NULL);
	json_t *d = describe(&t, NULL);
	part(d, "rules.0.details.output_compiled", "\"o all src rule a ab\"");
	part(d, "rules.1.details.output_compiled", "\"o all src a\"");
	part(d, "rules.2.details.output_compiled", "\"o all src\"");
	part(d, "rules.0.details.extra_output_formatted_fields",
		"{\"k\":\"%proc.pid.\",\"proc.name\":\"%proc.name\",\"x\":\"second\"}");
	part(d, "rules.1.details.output_fields", "[\"%proc.name\",\"%proc.pid.\",\"first\"]");
	json_decref(d);
	assert_ok(lnr_loader_ruleset(t.l, &rs), NULL);
	const struct lnr_rule *r = lnr_ruleset_rule(rs, 0);
	assert_int_equal(r->n_extra, 3);
	assert_str(r->extra[0].key, "k");
	assert_non_null(r->extra[0].format);
	assert_null(r->extra[0].raw);
	assert_null(r->extra[1].format);
	assert_non_null(r->extra[1].raw);
	assert_int_equal(lnr_ruleset_rule(rs, 2)->n_extra, 0);
	lnr_ruleset_unref(rs);
	lt_done(&t);
}

static void checks_what_is_appended(void **state)
{
	static const struct lnr_str bad_raw[][2] = {{LNR_STR("proc.colour"), {NULL, 0}}};
	static const struct lnr_str empty[][2] = {{LNR_STR("k"), LNR_STR("")}};
	static const struct lnr_str old[][2] = {{LNR_STR("evt.dir"), {NULL, 0}}};
	static const struct {
		struct lnr_append_output append;
		const char *want;
	} v[] = {
		{{.extra_output = LNR_STR("%proc.colour")},
			"UNKNOWN_FILTER rule R, rule output 3:10\n"},
		{{.fields = bad_raw, .n_fields = 1},
			"ERR_COMPILE_OUTPUT rule R, rule output 3:10\n"},
		{{.fields = empty, .n_fields = 1}, "ERR_COMPILE_OUTPUT rule R, rule output 3:10\n"},
		{{.fields = old, .n_fields = 1},
			"DEPRECATED_ITEM rule R, rule output 3:10 (evt.dir)\n"},
		{{.extra_output = LNR_STR("%container.info%evt.latency.s")},
			"DEPRECATED_ITEM rule R 0:2\n"
			"DEPRECATED_ITEM rule R, rule output 3:10 (evt.latency)\n"
			"DEPRECATED_ITEM rule R, rule output 3:10 (evt.latency.s)\n"},
	};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(v); i++) {
		struct lnr_loader_opts o = {
			.min_priority = LNR_PRIO_DEBUG, .append = &v[i].append, .n_append = 1};
		struct lt t;
		lt_init(&t, &o);
		lt_add(&t, "f",
			LNR_STR(RULE("R", "evt.type = open") "  skip-if-unknown-filter: true\n"));
		assert_str(lt_report(&t), v[i].want);
		lt_done(&t);
	}
}

static void drops_container_info(void **state)
{
	struct lt t;

	(void)state;
	lt_init(&t, NULL);
	assert_ok(
		lt_add(&t, "f",
			LNR_STR("- rule: R\n  desc: d\n  condition: evt.type = open\n"
				"  output: '%container.infos (%container.info) x%container.info'\n"
				"  priority: INFO\n")),
		NULL);
	const struct lnr_rule_item *r = lnr_item_find(&t.l->rules, LNR_STR("R"));
	assert_str(r->done.output_text, "s () x");
	lt_done(&t);
	lt_check("- rule: R\n  desc: d\n  condition: evt.type = open\n  output: '%container.info'\n"
		 "  priority: INFO\n",
		"ERR_COMPILE_OUTPUT rule R, rule output 3:10\nDEPRECATED_ITEM rule R 0:2\n");
}

static bool absent(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret)
{
	(void)ctx;
	(void)ref;
	(void)ret;
	return false;
}

static const struct lnr_field plugin_fields[] = {
	{.name = "p.name",
		.type = LNR_PT_CHARBUF,
		.get = absent,
		.desc = "",
		.flags = LNR_FIELD_SUGGESTED},
	{.name = NULL},
};
static const struct lnr_field_class plugin_class = {.name = "p",
	.short_desc = "",
	.desc = "",
	.source = "p",
	.order = 1000,
	.fields = plugin_fields};
/* As when a plugin brings what is built in: suggested once. */
static const struct lnr_field_class same_again = {.name = "q",
	.short_desc = "",
	.desc = "",
	.source = "p",
	.order = 1001,
	.fields = plugin_fields};

static void knows_plugins(void **state)
{
	static const struct lnr_str own[] = {LNR_STR("p")}, calls[] = {LNR_STR("syscall")},
				    note[] = {LNR_STR("note")};
	static const struct lnr_loader_plugin plugins[] = {
		{.name = LNR_STR("p"),
			.version = LNR_STR("1.0.0"),
			.source = LNR_STR("p"),
			.fields = &plugin_class,
			.field_sources = own,
			.n_field_sources = 1},
		{.name = LNR_STR("n"),
			.version = LNR_STR("1.0.0"),
			.async_names = note,
			.n_async_names = 1,
			.async_sources = calls,
			.n_async_sources = 1},
	};
	static const struct lnr_append_output append[] = {{.suggested = true}};
	struct lnr_loader_source src[2] = {
		{.name = LNR_STR("syscall"), .async_names = note, .n_async_names = 1},
		{.name = LNR_STR("p")}};
	struct lnr_loader_opts o = {.size = sizeof(o),
		.sources = src,
		.n_sources = 2,
		.plugins = plugins,
		.n_plugins = 2,
		.append = append,
		.n_append = 1,
		.min_priority = LNR_PRIO_DEBUG};
	struct lt t = {0};

	(void)state;
	lnr_buf_init(&t.buf, 0);
	src[0].fields = lnr_fieldset_new("syscall");
	src[1].fields = lnr_fieldset_new("p");
	assert_ok(lnr_fieldset_add(src[1].fields, &plugin_class), NULL);
	assert_ok(lnr_fieldset_add(src[1].fields, &same_again), NULL);
	assert_ok(lnr_loader_new(&o, &t.l, NULL), NULL);
	assert_ok(lt_add(&t, "f",
			  LNR_STR(RULE("R", "p.name = x") "  source: p\n" RULE(
				  "S", "evt.type in (open, note)") RULE("T", "evt.type = open"))),
		NULL);
	assert_str(lt_report(&t), "");
	json_t *d = describe(&t, NULL);
	part(d, "rules.0.details.plugins", "[\"p\"]");
	part(d, "rules.0.details.events", "[\"asyncevent\",\"pluginevent\"]");
	part(d, "rules.0.details.output_compiled", "\"o p_name=%p.name\"");
	part(d, "rules.1.details.plugins", "[\"n\"]");
	part(d, "rules.1.details.events", "[\"asyncevent\",\"open\"]");
	part(d, "rules.2.details.plugins", "[]");
	json_decref(d);
	lnr_fieldset_unref(src[0].fields);
	lnr_fieldset_unref(src[1].fields);
	lt_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(describes_everything),
		cmocka_unit_test(describes_one),
		cmocka_unit_test(writes_a_table),
		cmocka_unit_test(answers_validation),
		cmocka_unit_test(appends_to_outputs),
		cmocka_unit_test(checks_what_is_appended),
		cmocka_unit_test(drops_container_info),
		cmocka_unit_test(knows_plugins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
