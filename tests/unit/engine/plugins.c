/* SPDX-License-Identifier: Apache-2.0 */
/* Plugins from their configuration to alerts. */
#include <stdio.h>
#include <unistd.h>
#include "base/buf.h"
#include "lanner/alert.h"
#include "lanner/lanner.h"
#include "lanner/plugins.h"
#include "lanner/rules.h"
#include "lib/test.h"

/* Built beside the tests: ../../plugins/NAME.so from this program. */
static char directory[4096];

static const char rule_text[] =
	"- required_plugin_versions: [{name: clock, version: 0.1.0}]\n"
	"- rule: Even\n"
	"  desc: d\n"
	"  source: clock\n"
	"  condition: clock.even = true and clock.text[\"no.\"] startswith \"no.\"\n"
	"  output: n=%clock.number t=%clock.text[x] p=%evt.pluginname i=%evt.plugininfo "
	"s=%evt.source\n"
	"  priority: INFO\n";

struct seen {
	unsigned alerts;
	struct lnr_buf lines;
};

static void on_alert(void *user, struct lnr_alert *a)
{
	struct seen *s = user;
	const struct lnr_alert_format f = {.output = true};

	s->alerts++;
	lnr_alert_write(a, &f, &s->lines);
	lnr_buf_chr(&s->lines, '\n');
}

static int make(
	const struct lnr_plugin_entry *e, size_t n, struct lnr_plugins **ret, struct lnr_err *err)
{
	const struct lnr_plugins_opts o = {
		.size = sizeof(o), .entries = e, .n_entries = n, .directory = directory};

	return lnr_plugins_new(&o, ret, err);
}

static struct lnr_plugins *make_clock(const char *config)
{
	const struct lnr_plugin_entry e = {
		.name = "clock", .library_path = "clock.so", .init_config = config};
	struct lnr_plugins *p = NULL;
	struct lnr_err err = {0};

	assert_ok(make(&e, 1, &p, &err), &err);
	return p;
}

static struct lnr_rules *make_rules(const struct lnr_plugins *p, const char *text)
{
	const struct lnr_rules_opts o = {.size = sizeof(o), .min_priority = 7, .plugins = p};
	struct lnr_rules *rules;
	struct lnr_err err = {0};

	assert_ok(lnr_rules_new(&o, &rules, &err), &err);
	assert_ok(lnr_rules_add_text(rules, "t.yaml", text, strlen(text), &err), &err);
	return rules;
}

static void refused(const struct lnr_plugin_entry *e, size_t n, const char *why)
{
	struct lnr_plugins *p = NULL;
	struct lnr_err err = {0};

	assert_true(make(e, n, &p, &err) < 0);
	assert_null(p);
	assert_has(err.msg, why);
}

static void collections(void **state)
{
	const struct lnr_plugin_entry clock = {.name = "clock", .library_path = "clock.so"};
	const struct lnr_plugin_entry twice[] = {clock, clock};
	const struct lnr_plugin_entry escape = {.name = "x", .library_path = "../x.so"};
	const struct lnr_plugin_entry other = {.name = "watch", .library_path = "clock.so"};
	const struct lnr_plugin_entry none = {.name = "x"};
	const struct lnr_plugin_entry same_id[] = {
		clock, {.name = "faulty", .library_path = "batch_id.so"}};
	struct lnr_plugins *p = NULL;
	struct lnr_err err = {0};
	const char *name, *version;

	(void)state;
	refused(twice, 2, "twice");
	refused(&escape, 1, "leaves the plugin directory");
	refused(&other, 1, "holds plugin 'clock'");
	refused(&none, 1, "library_path");
	refused(same_id, 2, "same id");
	assert_ok(make(NULL, 0, &p, &err), &err);
	assert_int_equal(lnr_plugins_count(p), 0);
	assert_null(lnr_plugins_source(p, 0));
	assert_null(lnr_plugins_unref(p));
	assert_null(lnr_plugins_unref(NULL));
	p = make_clock("{}");
	assert_true(lnr_plugins_get(p, 0, &name, &version));
	assert_string_equal(name, "clock");
	assert_string_equal(version, "0.1.0");
	assert_false(lnr_plugins_get(p, 1, &name, &version));
	assert_string_equal(lnr_plugins_source(p, 0), "clock");
	assert_ok(lnr_plugins_try(p, NULL, NULL, &err), &err);
	lnr_plugins_unref(p);
	p = make_clock("{\"ticks\": \"many\"}");
	assert_code(lnr_plugins_try(p, NULL, NULL, &err), -EINVAL);
	assert_has(err.msg, "ticks");
	lnr_plugins_unref(p);
}

static void listings(void **state)
{
	struct lnr_plugins *p = make_clock("{}");
	const struct lnr_rules_opts ro = {.size = sizeof(ro), .plugins = p};
	struct lnr_err err = {0};
	struct lnr_buf b;

	(void)state;
	lnr_buf_init(&b, 0);
	lnr_plugins_list(p, &b);
	assert_has(b.ptr, "1 Plugins Loaded:");
	assert_ok(lnr_plugins_info(p, "clock", NULL, &b, &err), &err);
	assert_has(b.ptr, "additionalProperties");
	assert_code(lnr_plugins_info(p, "watch", NULL, &b, &err), -ENOENT);
	assert_has(err.msg, "watch");
	lnr_buf_clear(&b);
	assert_ok(lnr_rules_list_fields(&ro, &b, "text", "clock", true, false, &err), &err);
	assert_has(b.ptr, "clock.text");
	assert_null(strstr(b.ptr, "proc.name"));
	lnr_buf_clear(&b);
	assert_ok(lnr_rules_list_fields(&ro, &b, "text", NULL, true, false, &err), &err);
	assert_has(b.ptr, "clock.text");
	assert_has(b.ptr, "proc.name");
	lnr_buf_done(&b);
	lnr_plugins_unref(p);
}

static void alerts(void **state)
{
	struct lnr_plugins *p = make_clock("{\"ticks\": 5}");
	struct lnr_rules *rules = make_rules(p, rule_text);
	struct seen s = {0};
	struct lnr_err err = {0};
	struct lnr_engine *e = NULL;
	struct lnr_engine_opts o = {.size = sizeof(o),
		.kind = LNR_ENGINE_PLUGIN,
		.rules = rules,
		.on_alert = on_alert,
		.user = &s,
		.plugins = p,
		.source = "watch"};

	(void)state;
	assert_ok(lnr_rules_check_plugins(rules, &err), &err);
	assert_code(lnr_engine_new(&o, &e, &err), -ENOENT);
	assert_has(err.msg, "watch");
	o.source = "clock";
	assert_ok(lnr_engine_new(&o, &e, &err), &err);
	lnr_rules_free(rules);
	lnr_plugins_unref(p); /* the engine counts itself among its users */
	lnr_buf_init(&s.lines, 0);
	assert_int_equal(lnr_engine_run(e, 100, &err), 1);
	assert_int_equal(lnr_engine_run(e, 100, &err), -ENODATA);
	assert_int_equal(s.alerts, 2);
	assert_has(s.lines.ptr, "n=2 t=x 2 p=clock i=tick 2 s=clock");
	assert_has(s.lines.ptr, "n=4 t=x 4 p=clock i=tick 4 s=clock");
	lnr_buf_done(&s.lines);
	lnr_engine_free(e);
}

/* Events of `o` until the end, with the rules above; returns how many there were. */
static uint64_t run_all(struct lnr_engine_opts *o, struct lnr_plugins *p, const char *record,
	struct lnr_engine *with, struct seen *s)
{
	struct lnr_rules *rules = p ? make_rules(p, rule_text) : NULL;
	const struct lnr_record_opts ro = {.path = record, .with = with};
	struct lnr_err err = {0};
	struct lnr_engine *e = NULL;
	struct lnr_engine_stats st;

	o->size = sizeof(*o);
	o->rules = rules;
	o->on_alert = on_alert;
	o->user = s;
	o->plugins = p;
	lnr_buf_init(&s->lines, 0);
	assert_ok(lnr_engine_new(o, &e, &err), &err);
	if (record || with)
		assert_ok(lnr_engine_record(e, &ro, &err), &err);
	while (lnr_engine_run(e, 100, &err) > 0)
		;
	assert_ok(lnr_engine_record_end(e, &err), &err);
	lnr_engine_stats(e, &st);
	lnr_engine_free(e);
	lnr_rules_free(rules);
	return st.events;
}

static void records_and_replays(void **state)
{
	struct lnr_plugins *p = make_clock("{\"ticks\": 5}");
	struct lnr_test_dir dir;
	struct seen live = {0}, again = {0}, bare = {0};
	struct lnr_engine_opts o = {.kind = LNR_ENGINE_PLUGIN, .source = "clock"};
	char file[160];

	(void)state;
	lnr_test_dir_init(&dir);
	snprintf(file, sizeof(file), "%s/f.scap", dir.path);
	assert_int_equal(run_all(&o, p, file, NULL, &live), 5);
	assert_int_equal(live.alerts, 2);
	/* The plugin's fields, name and text are those of the time of recording. */
	o = (struct lnr_engine_opts){.kind = LNR_ENGINE_REPLAY, .capture_file = file};
	assert_int_equal(run_all(&o, p, NULL, NULL, &again), 5);
	assert_int_equal(again.alerts, 2);
	assert_has(again.lines.ptr, "n=4 t=x 4 p=clock i=tick 4 s=clock");
	assert_string_equal(again.lines.ptr, live.lines.ptr);
	lnr_plugins_unref(p);
	/* Without the plugin its events are there, and no rule sees them. */
	assert_int_equal(run_all(&o, NULL, NULL, NULL, &bare), 5);
	assert_int_equal(bare.alerts, 0);
	lnr_buf_done(&live.lines);
	lnr_buf_done(&again.lines);
	lnr_buf_done(&bare.lines);
	lnr_test_dir_done(&dir);
}

/* A plugin of another id: rules of system calls must not see these events either. */
static void other_ids_match_nothing(void **state)
{
	static const char text[] =
		"- rule: Any\n  desc: d\n  priority: INFO\n  condition: evt.num > 0\n"
		"  output: o %evt.source %evt.pluginname\n"
		"- rule: Faulty\n  desc: d\n  source: faulty\n  priority: INFO\n"
		"  condition: evt.num > 0\n  output: o\n";
	const struct lnr_plugin_entry other = {.name = "other", .library_path = "other_id.so"};
	struct lnr_plugins *clock = make_clock("{}"), *p = NULL;
	struct lnr_test_dir dir;
	struct lnr_err err = {0};
	struct seen s = {0};
	char file[160];

	(void)state;
	lnr_test_dir_init(&dir);
	snprintf(file, sizeof(file), "%s/f.scap", dir.path);
	struct lnr_engine_opts o = {.kind = LNR_ENGINE_PLUGIN, .source = "clock"};
	assert_int_equal(run_all(&o, clock, file, NULL, &s), 3);
	lnr_plugins_unref(clock);
	lnr_buf_done(&s.lines);
	assert_ok(make(&other, 1, &p, &err), &err);
	struct lnr_rules *rules = make_rules(p, text);
	struct lnr_engine *e = NULL;
	s = (struct seen){0};
	o = (struct lnr_engine_opts){.size = sizeof(o),
		.kind = LNR_ENGINE_REPLAY,
		.capture_file = file,
		.rules = rules,
		.on_alert = on_alert,
		.user = &s,
		.match_all = true,
		.plugins = p};
	assert_ok(lnr_engine_new(&o, &e, &err), &err);
	assert_int_equal(lnr_engine_run(e, 100, &err), 1);
	assert_int_equal(s.alerts, 0);
	lnr_engine_free(e);
	lnr_rules_free(rules);
	lnr_plugins_unref(p);
	lnr_test_dir_done(&dir);
}

/* Two engines write into one file; each tells its own alerts when it is replayed. */
static void records_two_sources(void **state)
{
	const struct lnr_plugin_entry both[] = {{.name = "clock", .library_path = "clock.so"},
		{.name = "other", .library_path = "other_id.so"}};
	struct lnr_plugins *p = NULL;
	struct lnr_engine *clock = NULL, *other = NULL;
	struct lnr_test_dir dir;
	struct lnr_err err = {0};
	struct seen s = {0};
	uint64_t events, bytes;
	char file[160];

	(void)state;
	lnr_test_dir_init(&dir);
	snprintf(file, sizeof(file), "%s/f.scap", dir.path);
	assert_ok(make(both, 2, &p, &err), &err);
	struct lnr_engine_opts o = {
		.size = sizeof(o), .kind = LNR_ENGINE_PLUGIN, .plugins = p, .source = "clock"};
	assert_ok(lnr_engine_new(&o, &clock, &err), &err);
	o.source = "other";
	assert_ok(lnr_engine_new(&o, &other, &err), &err);
	struct lnr_record_opts ro = {.path = file, .with = clock};
	assert_code(lnr_engine_record(other, &ro, &err), -EINVAL);
	err = (struct lnr_err){0};
	ro.with = NULL;
	assert_ok(lnr_engine_record(clock, &ro, &err), &err);
	ro.with = clock;
	assert_ok(lnr_engine_record(other, &ro, &err), &err);
	while (lnr_engine_run(other, 100, &err) > 0)
		;
	while (lnr_engine_run(clock, 100, &err) > 0)
		;
	lnr_engine_recorded(clock, &events, &bytes);
	assert_int_equal(events, 5);
	assert_ok(lnr_engine_record_end(clock, &err), &err);
	lnr_engine_free(clock);
	lnr_engine_free(other);
	o = (struct lnr_engine_opts){.kind = LNR_ENGINE_REPLAY, .capture_file = file};
	assert_int_equal(run_all(&o, p, NULL, NULL, &s), 5);
	assert_int_equal(s.alerts, 1);
	lnr_buf_done(&s.lines);
	lnr_plugins_unref(p);
	lnr_test_dir_done(&dir);
}

static void rules_about_plugins(void **state)
{
	static const char key[] = "- rule: R\n  desc: d\n  source: clock\n  priority: INFO\n"
				  "  condition: clock.text = x\n  output: o\n";
	struct lnr_plugins *p = make_clock("{}");
	const struct lnr_rules_opts o = {.size = sizeof(o), .min_priority = 7, .plugins = p};
	const struct lnr_rules_opts bare = {
		.size = sizeof(bare), .min_priority = 7, .no_container_plugin = true};
	static const char need[] =
		"- required_plugin_versions: [{name: container, version: 0.4.0}]\n";
	static const char newer[] = "- required_plugin_versions: [{name: clock, version: 0.2.0}]\n";
	struct lnr_rules *rules;
	struct lnr_err err = {0};

	(void)state;
	/* The key is required. */
	assert_ok(lnr_rules_new(&o, &rules, &err), &err);
	assert_code(lnr_rules_add_text(rules, "t.yaml", key, strlen(key), &err), -EINVAL);
	lnr_rules_free(rules);
	rules = make_rules(p, newer);
	assert_code(lnr_rules_check_plugins(rules, &err), -EINVAL);
	assert_has(err.msg, "0.2.0");
	lnr_rules_free(rules);
	/* What is built in answers, unless it is left out. */
	rules = make_rules(p, need);
	assert_ok(lnr_rules_check_plugins(rules, &err), &err);
	lnr_rules_free(rules);
	assert_ok(lnr_rules_new(&bare, &rules, &err), &err);
	assert_ok(lnr_rules_add_text(rules, "t.yaml", need, strlen(need), &err), &err);
	assert_code(lnr_rules_check_plugins(rules, &err), -EINVAL);
	lnr_rules_free(rules);
	lnr_plugins_unref(p);
}

static void broken_source(void **state)
{
	const struct lnr_plugin_entry entry = {.name = "faulty", .library_path = "batch_fails.so"};
	struct lnr_plugins *p = NULL;
	struct lnr_engine *e = NULL;
	struct lnr_err err = {0};

	(void)state;
	assert_ok(make(&entry, 1, &p, &err), &err);
	const struct lnr_engine_opts o = {
		.size = sizeof(o), .kind = LNR_ENGINE_PLUGIN, .plugins = p, .source = "faulty"};
	assert_ok(lnr_engine_new(&o, &e, &err), &err);
	assert_int_equal(lnr_engine_step(e, &err), 1);
	assert_int_equal(lnr_engine_step(e, &err), 1);
	assert_code(lnr_engine_step(e, &err), -EIO);
	assert_has(err.msg, "the reason");
	lnr_engine_free(e);
	lnr_plugins_unref(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(collections),
		cmocka_unit_test(listings),
		cmocka_unit_test(alerts),
		cmocka_unit_test(records_and_replays),
		cmocka_unit_test(other_ids_match_nothing),
		cmocka_unit_test(records_two_sources),
		cmocka_unit_test(rules_about_plugins),
		cmocka_unit_test(broken_source),
	};
	ssize_t n = readlink("/proc/self/exe", directory, sizeof(directory) - 32);

	if (n <= 0)
		return 1;
	directory[n] = 0;
	snprintf(strrchr(directory, '/'), 32, "/../../plugins");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
