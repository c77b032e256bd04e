/* SPDX-License-Identifier: Apache-2.0 */
/* Plugins beside the events, in an engine: asynchronous events, tables, listening, dumps. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clock.h"
#include "lanner/alert.h"
#include "lanner/lanner.h"
#include "lanner/plugins.h"
#include "lanner/rules.h"
#include "lib/test.h"

/* Built beside the tests: ../../plugins/NAME.so from this program. */
static char directory[4096];

static const char rule_text[] = "- rule: Told\n"
				"  desc: d\n"
				"  condition: evt.type = told and evt.asynctype = told\n"
				"  output: note=%teller.note name=%proc.name p=%evt.pluginname\n"
				"  priority: INFO\n"
				"- rule: Told to the clock\n"
				"  desc: d\n"
				"  source: clock\n"
				"  condition: evt.asynctype = told\n"
				"  output: note=%teller.note p=%evt.pluginname s=%evt.source\n"
				"  priority: INFO\n";

struct seen {
	unsigned alerts, told, refused, rounds, noted, taken, lost;
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

static void on_metric(
	void *user, const char *plugin, const char *metric, bool grows, const char *value)
{
	struct seen *s = user;
	unsigned n = (unsigned)strtoul(value, NULL, 10);

	assert_true(grows);
	assert_string_equal(plugin, "teller");
	if (strcmp(metric, "told") == 0)
		s->told = n;
	else if (strcmp(metric, "refused") == 0)
		s->refused = n;
	else if (strcmp(metric, "rounds") == 0)
		s->rounds = n;
	else if (strcmp(metric, "seen") == 0)
		s->noted = n;
	else if (strcmp(metric, "n_async_evts") == 0)
		s->taken = n;
	else if (strcmp(metric, "n_async_drops") == 0)
		s->lost = n;
}

static struct lnr_plugins *make(const char *todo, bool clock)
{
	const struct lnr_plugin_entry e[] = {
		{.name = "teller", .library_path = "teller.so", .init_config = todo},
		{.name = "clock", .library_path = "clock.so"}};
	const struct lnr_plugins_opts o = {.size = sizeof(o),
		.entries = e,
		.n_entries = clock ? 2 : 1,
		.directory = directory};
	struct lnr_plugins *p = NULL;
	struct lnr_err err = {0};

	assert_ok(lnr_plugins_new(&o, &p, &err), &err);
	assert_ok(lnr_plugins_try(p, NULL, NULL, &err), &err);
	return p;
}

static struct lnr_engine *engine_with(
	struct lnr_engine_opts *o, struct lnr_plugins *p, const char *text, struct seen *s)
{
	const struct lnr_rules_opts ro = {.size = sizeof(ro), .min_priority = 7, .plugins = p};
	struct lnr_rules *rules;
	struct lnr_engine *e = NULL;
	struct lnr_err err = {0};

	lnr_buf_init(&s->lines, 0);
	assert_ok(lnr_rules_new(&ro, &rules, &err), &err);
	assert_ok(lnr_rules_add_text(rules, "t.yaml", text, strlen(text), &err), &err);
	o->size = sizeof(*o);
	o->rules = rules;
	o->plugins = p;
	o->on_alert = on_alert;
	o->user = s;
	assert_ok(lnr_engine_new(o, &e, &err), &err);
	lnr_rules_free(rules);
	return e;
}

static struct lnr_engine *engine(struct lnr_engine_opts *o, struct lnr_plugins *p, struct seen *s)
{
	return engine_with(o, p, rule_text, s);
}

static uint64_t counter(struct lnr_engine *e, const char *want)
{
	const char *name;
	uint64_t v;

	for (unsigned i = 0; lnr_engine_counter(e, i, &name, &v); i++) {
		if (strcmp(name, want) == 0)
			return v;
	}
	fail_msg("no counter %s", want);
	return 0;
}

static void recorded_and_replayed(void **state)
{
	struct lnr_plugins *p = make("5", false);
	struct seen s = {0};
	struct lnr_engine_opts o = {.kind = LNR_ENGINE_NODRIVER};
	struct lnr_engine *e = engine(&o, p, &s);
	struct lnr_err err = {0};
	struct lnr_test_dir dir;
	char *path;

	(void)state;
	lnr_test_dir_init(&dir);
	path = lnr_test_path(&dir, "told.scap");
	const struct lnr_record_opts ro = {.path = path};
	assert_ok(lnr_engine_record(e, &ro, &err), &err);
	while (s.alerts < 5)
		assert_true(lnr_engine_step(e, &err) >= 0);
	assert_has(s.lines.ptr, "note=number 1 name=told p=<NA>");
	assert_has(s.lines.ptr, "note=number 5 name=told p=<NA>");
	do {
		assert_true(lnr_engine_step(e, &err) >= 0);
		lnr_engine_plugin_metrics(e, on_metric, &s);
	} while (!s.rounds);
	assert_int_equal(s.told, 5);
	assert_int_equal(s.refused, 0);
	assert_int_equal(s.noted, 5);
	assert_int_equal(s.taken, 5);
	assert_int_equal(s.lost, 0);
	assert_ok(lnr_engine_record_end(e, &err), &err);
	lnr_engine_free(e);
	lnr_buf_done(&s.lines);
	/* The state stands at the head of the file; the handler is not for files. */
	s = (struct seen){0};
	o = (struct lnr_engine_opts){.kind = LNR_ENGINE_REPLAY, .capture_file = path};
	e = engine(&o, p, &s);
	while (lnr_engine_run(e, 100, &err) >= 0)
		;
	/* What stands before any other event fills the state and is for no rule. */
	assert_int_equal(s.alerts, 0);
	lnr_engine_plugin_metrics(e, on_metric, &s);
	assert_int_equal(s.told, 0);
	assert_int_equal(s.noted, 6);
	lnr_engine_free(e);
	lnr_buf_done(&s.lines);
	lnr_plugins_unref(p);
	free(path);
	lnr_test_dir_done(&dir);
}

static void wait_told(struct lnr_engine *e, struct seen *s, unsigned n)
{
	while (s->told + s->refused < n) {
		lnr_engine_plugin_metrics(e, on_metric, s);
		lnr_clock_system()->sleep_ns(lnr_clock_system(), LNR_NS_PER_MS);
	}
}

/* Between the events of another plugin, whose id they carry; and from the file again. */
static void in_the_source_of_a_plugin(void **state)
{
	struct lnr_plugins *p = make("3 wait", true);
	struct seen s = {0};
	struct lnr_engine_opts o = {.kind = LNR_ENGINE_PLUGIN, .source = "clock"};
	struct lnr_engine *e = engine(&o, p, &s);
	struct lnr_err err = {0};
	struct lnr_test_dir dir;
	char *path;

	(void)state;
	lnr_test_dir_init(&dir);
	path = lnr_test_path(&dir, "told.scap");
	const struct lnr_record_opts ro = {.path = path};
	assert_ok(lnr_engine_record(e, &ro, &err), &err);
	assert_int_equal(lnr_engine_step(e, &err), 1);
	assert_int_equal(s.alerts, 0);
	assert_code(lnr_engine_configure_plugin(e, "toller", "go", &err), -ENOENT);
	assert_code(lnr_engine_configure_plugin(e, "clock", "{}", &err), -ENOTSUP);
	err = (struct lnr_err){0};
	assert_code(lnr_engine_configure_plugin(e, "teller", "stop", &err), -EINVAL);
	assert_has(err.msg, "stop");
	err = (struct lnr_err){0};
	assert_ok(lnr_engine_configure_plugin(e, "teller", "go", &err), &err);
	wait_told(e, &s, 3);
	while (lnr_engine_run(e, 100, &err) >= 0)
		;
	assert_int_equal(s.alerts, 3);
	assert_has(s.lines.ptr, "note=number 3 p=clock s=clock");
	assert_int_equal(counter(e, "n_plugin_evts"), 3);
	assert_ok(lnr_engine_record_end(e, &err), &err);
	lnr_engine_free(e);
	lnr_buf_done(&s.lines);
	s = (struct seen){0};
	o = (struct lnr_engine_opts){.kind = LNR_ENGINE_REPLAY, .capture_file = path};
	e = engine(&o, p, &s);
	while (lnr_engine_run(e, 100, &err) >= 0)
		;
	assert_int_equal(s.alerts, 3);
	assert_has(s.lines.ptr, "note=number 3 p=clock s=clock");
	lnr_engine_free(e);
	lnr_buf_done(&s.lines);
	lnr_plugins_unref(p);
	/* Without the clock its events are nobody's. */
	p = make("3", false);
	s = (struct seen){0};
	o = (struct lnr_engine_opts){.kind = LNR_ENGINE_REPLAY, .capture_file = path};
	e = engine(&o, p, &s);
	while (lnr_engine_run(e, 100, &err) >= 0)
		;
	lnr_engine_plugin_metrics(e, on_metric, &s);
	assert_int_equal(s.noted, 0);
	lnr_engine_free(e);
	lnr_buf_done(&s.lines);
	lnr_plugins_unref(p);
	free(path);
	lnr_test_dir_done(&dir);
}

/* Engine and plugin end while there is something to tell. */
static void an_early_end(void **state)
{
	struct lnr_plugins *p = make("9000", false);
	struct seen s = {0};
	struct lnr_engine_opts o = {.kind = LNR_ENGINE_NODRIVER};
	struct lnr_engine *e = engine(&o, p, &s);
	struct lnr_err err = {0};

	(void)state;
	while (!s.alerts)
		assert_true(lnr_engine_step(e, &err) >= 0);
	lnr_engine_free(e);
	lnr_buf_done(&s.lines);
	/* More than the queue takes: the rest is refused and counted. */
	s = (struct seen){0};
	e = engine(&o, p, &s);
	wait_told(e, &s, 9000);
	assert_int_equal(s.told, 4096);
	lnr_engine_plugin_metrics(e, on_metric, &s);
	assert_int_equal(s.lost, s.refused);
	assert_int_equal(s.taken, s.told);
	lnr_engine_free(e);
	lnr_buf_done(&s.lines);
	lnr_plugins_unref(p);
}

/* The example, over a capture: a file's threads are in the table before its events. */
static void fields_from_tables(void **state)
{
	static const char text[] =
		"- rule: Who\n"
		"  desc: d\n"
		"  condition: evt.type = execve and proc.name = whoami and "
		"descent.depth > 0\n"
		"  output: depth=%descent.depth root=%descent.root parent=%proc.pname\n"
		"  priority: INFO\n";
	const struct lnr_plugin_entry entry = {.name = "descent", .library_path = "descent.so"};
	const struct lnr_plugins_opts po = {
		.size = sizeof(po), .entries = &entry, .n_entries = 1, .directory = directory};
	struct lnr_plugins *p = NULL;
	struct lnr_err err = {0};
	struct seen s = {0};
	struct lnr_engine_opts o = {.kind = LNR_ENGINE_REPLAY,
		.capture_file = "tests/reference/operation/input/creds.scap"};

	(void)state;
	assert_ok(lnr_plugins_new(&po, &p, &err), &err);
	assert_true(lnr_plugins_used(p, 0));
	struct lnr_engine *e = engine_with(&o, p, text, &s);
	while (lnr_engine_run(e, 100, &err) >= 0)
		;
	assert_true(s.alerts > 0);
	assert_has(s.lines.ptr, "depth=");
	assert_null(strstr(s.lines.ptr, "<NA>"));
	lnr_engine_free(e);
	lnr_buf_done(&s.lines);
	lnr_plugins_unref(p);
}

/* Instances of one library know nothing of each other. */
static void two_engines(void **state)
{
	struct lnr_plugins *p = make("2", false);
	struct seen one = {0}, two = {0};
	struct lnr_engine_opts o = {.kind = LNR_ENGINE_NODRIVER}, q = o;
	struct lnr_engine *e = engine(&o, p, &one), *f = engine(&q, p, &two);
	struct lnr_err err = {0};

	(void)state;
	while (one.alerts < 2)
		assert_true(lnr_engine_step(e, &err) >= 0);
	assert_int_equal(two.alerts, 0);
	lnr_engine_free(e);
	while (two.alerts < 2)
		assert_true(lnr_engine_step(f, &err) >= 0);
	assert_has(two.lines.ptr, "note=number 1 name=told");
	lnr_engine_free(f);
	lnr_buf_done(&one.lines);
	lnr_buf_done(&two.lines);
	lnr_plugins_unref(p);
}

static void of_no_use(void **state)
{
	const struct lnr_plugin_entry entries[] = {
		{.name = "nowhere", .library_path = "nowhere.so"},
		{.name = "teller", .library_path = "teller.so"},
		{.name = "clock", .library_path = "clock.so"}};
	const struct lnr_plugins_opts po = {
		.size = sizeof(po), .entries = entries, .n_entries = 3, .directory = directory};
	struct lnr_plugins *p = NULL;
	struct lnr_err err = {0};

	(void)state;
	assert_ok(lnr_plugins_new(&po, &p, &err), &err);
	assert_false(lnr_plugins_used(p, 0));
	assert_true(lnr_plugins_used(p, 1));
	assert_true(lnr_plugins_used(p, 2));
	lnr_plugins_unref(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_and_replayed),
		cmocka_unit_test(in_the_source_of_a_plugin),
		cmocka_unit_test(an_early_end),
		cmocka_unit_test(fields_from_tables),
		cmocka_unit_test(two_engines),
		cmocka_unit_test(of_no_use),
	};
	ssize_t n = readlink("/proc/self/exe", directory, sizeof(directory) - 32);

	if (n <= 0)
		return 1;
	directory[n] = 0;
	snprintf(strrchr(directory, '/'), 32, "/../../plugins");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
