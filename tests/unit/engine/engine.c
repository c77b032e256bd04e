/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a file of events to alerts, through the public interface only: order, counts, formats,
 * reload between two events, sources that end or are broken.
 */
#include <stdio.h>
#include <unistd.h>
#include "base/buf.h"
#include "capture/scap_write.h"
#include "decode/event.h"
#include "lanner/alert.h"
#include "lanner/lanner.h"
#include "lanner/rules.h"
#include "lib/test.h"

#define N_EVENTS 10

static const char rule_text[] = "- rule: Opened\n"
				"  desc: d\n"
				"  priority: WARNING\n"
				"  tags: [b, a]\n"
				"  condition: evt.type = openat and evt.arg.name startswith /etc/\n"
				"  output: \"opened %evt.arg.name\"\n";

/* A capture of N_EVENTS openat events of /etc/0 … without process list. */
static void write_capture(const char *path)
{
	struct lnr_err err = {0};
	struct lnr_scap_writer *w;
	const struct lnr_scap_writer_opts o = {.size = sizeof(o)};
	assert_ok(lnr_scap_writer_open(path, &o, &w, &err), &err);
	assert_ok(lnr_scap_write_tables(w, NULL, NULL, &err), &err);
	for (unsigned i = 0; i < N_EVENTS; i++) {
		uint8_t b[512];
		char name[32];
		struct lnr_record_builder r;
		snprintf(name, sizeof(name), i % 2 ? "/tmp/%u" : "/etc/%u", i);
		lnr_record_begin(&r, b, sizeof(b), LNR_EV_SYSCALL_OPENAT_2_X,
			UINT64_C(1700000000000000000) + i, 42, 7);
		lnr_record_u64(&r, 3);
		lnr_record_u64(&r, (uint64_t)-100);
		lnr_record_str(&r, name);
		lnr_record_u32(&r, LNR_O_RDONLY);
		lnr_record_u32(&r, 0);
		lnr_record_u32(&r, 0);
		lnr_record_u64(&r, 0);
		size_t len = lnr_record_end(&r);
		assert_true(len > 0);
		assert_ok(lnr_scap_write_event(w, b, (uint32_t)len, 0, 0), NULL);
	}
	assert_ok(lnr_scap_writer_finish(w, &err), &err);
	lnr_scap_writer_close(w);
}

struct seen {
	unsigned alerts, events;
	struct lnr_buf lines;
	struct lnr_engine *engine;
};

static void on_alert(void *user, struct lnr_alert *a)
{
	struct seen *s = user;
	const struct lnr_alert_format f = {.json = true, .output = true, .tags = true};
	s->alerts++;
	lnr_alert_write(a, &f, &s->lines);
	lnr_buf_chr(&s->lines, '\n');
}

static void on_event(void *user, const struct lnr_event *ev)
{
	struct seen *s = user;
	(void)ev;
	s->events++;
}

static struct lnr_rules *make_rules(const char *text)
{
	struct lnr_err err = {0};
	struct lnr_rules *rules;
	assert_ok(lnr_rules_new(NULL, &rules, &err), &err);
	assert_ok(lnr_rules_add_text(rules, "t.yaml", text, strlen(text), &err), &err);
	return rules;
}

static struct lnr_engine *make_engine(const char *path, struct lnr_rules *rules, struct seen *s)
{
	struct lnr_err err = {0};
	const struct lnr_engine_opts o = {.size = sizeof(o),
		.kind = LNR_ENGINE_REPLAY,
		.capture_file = path,
		.rules = rules,
		.on_alert = on_alert,
		.on_event = on_event,
		.user = s,
		.hostname = "node"};
	assert_ok(lnr_engine_new(&o, &s->engine, &err), &err);
	lnr_buf_init(&s->lines, 0);
	return s->engine;
}

static void path_of(char *path, size_t size)
{
	snprintf(path, size, "/tmp/lanner-engine-%d.scap", getpid());
	unlink(path);
	write_capture(path);
}

static void test_alerts(void **state)
{
	struct seen s = {0};
	struct lnr_err err = {0};
	struct lnr_engine_stats st;
	char path[64];
	(void)state;
	path_of(path, sizeof(path));
	struct lnr_rules *rules = make_rules(rule_text);
	struct lnr_engine *e = make_engine(path, rules, &s);
	lnr_rules_free(rules); /* the engine keeps what it needs */
	assert_int_equal(lnr_engine_run(e, 1000, &err), 1);
	assert_int_equal(lnr_engine_run(e, 1000, &err), -ENODATA);
	assert_int_equal(s.alerts, N_EVENTS / 2);
	assert_int_equal(s.events, N_EVENTS);
	assert_non_null(strstr(s.lines.ptr, "Warning opened /etc/0\""));
	assert_non_null(strstr(s.lines.ptr, "\"tags\":[\"a\",\"b\"]"));
	assert_non_null(strstr(s.lines.ptr, "\"hostname\":\"node\""));
	assert_true(strstr(s.lines.ptr, "/etc/0") < strstr(s.lines.ptr, "/etc/8"));
	lnr_engine_stats(e, &st);
	assert_int_equal(st.events, N_EVENTS);
	assert_int_equal(st.alerts, N_EVENTS / 2);
	assert_int_equal(st.bad_records + st.unknown_events, 0);
	const char *name;
	int priority;
	uint64_t n;
	assert_true(lnr_engine_rule_stats(e, 0, &name, &priority, &n));
	assert_string_equal(name, "Opened");
	assert_int_equal(priority, 4);
	assert_int_equal(n, N_EVENTS / 2);
	assert_false(lnr_engine_rule_stats(e, 1, &name, &priority, &n));
	lnr_engine_free(e);
	lnr_buf_done(&s.lines);
	unlink(path);
}

static void test_reload(void **state)
{
	struct seen s = {0};
	struct lnr_err err = {0};
	char path[64];
	(void)state;
	path_of(path, sizeof(path));
	struct lnr_rules *first = make_rules(rule_text);
	struct lnr_rules *second = make_rules("- rule: Other\n  desc: d\n  priority: INFO\n"
					      "  condition: evt.type = openat\n  output: \"x\"\n");
	struct lnr_engine *e = make_engine(path, first, &s);
	assert_int_equal(lnr_engine_run(e, 4, &err), 1);
	assert_int_equal(s.alerts, 2);
	assert_ok(lnr_engine_reload(e, second, &err), &err);
	lnr_rules_free(first);
	lnr_rules_free(second);
	assert_int_equal(lnr_engine_run(e, 1000, &err), 1);
	assert_int_equal(s.alerts, 2 + N_EVENTS - 4);
	assert_int_equal(s.events, N_EVENTS);
	lnr_engine_free(e);
	lnr_buf_done(&s.lines);
	unlink(path);
}

/* Made beside the engine at work; what was in use comes back for its owner to free. */
static void test_prepared(void **state)
{
	struct seen s = {0};
	struct lnr_err err = {0};
	struct lnr_engine_next *n;
	char path[64];
	(void)state;
	path_of(path, sizeof(path));
	struct lnr_rules *first = make_rules(rule_text);
	struct lnr_rules *second = make_rules("- rule: Other\n  desc: d\n  priority: INFO\n"
					      "  condition: evt.type = openat\n  output: \"x\"\n");
	struct lnr_engine *e = make_engine(path, first, &s);
	assert_ok(lnr_engine_prepare(e, second, &n, &err), &err);
	lnr_engine_next_free(n); /* thought better of it */
	assert_ok(lnr_engine_prepare(e, second, &n, &err), &err);
	assert_int_equal(lnr_engine_run(e, 4, &err), 1);
	assert_int_equal(s.alerts, 2);
	lnr_engine_swap(e, n);
	lnr_engine_next_free(n);
	lnr_rules_free(first);
	lnr_rules_free(second);
	assert_int_equal(lnr_engine_run(e, 1000, &err), 1);
	assert_int_equal(s.alerts, 2 + N_EVENTS - 4);
	lnr_engine_free(e);
	lnr_buf_done(&s.lines);
	unlink(path);
}

/* Two engines on one source: each event is judged by one of them. */
static void test_follows(void **state)
{
	struct seen s = {0};
	struct lnr_err err = {0};
	char path[64];
	(void)state;
	path_of(path, sizeof(path));
	struct lnr_rules *rules = make_rules(rule_text);
	struct lnr_engine *first = make_engine(path, rules, &s);
	struct lnr_engine *second = make_engine(path, rules, &s);
	assert_int_equal(lnr_engine_run(first, 3, &err), 1);
	assert_int_equal(lnr_engine_events(first), 3);
	assert_int_equal(s.events, 3);
	assert_int_equal(s.alerts, 2);
	lnr_engine_follow(second, lnr_engine_last_ts(first));
	lnr_engine_free(first);
	assert_int_equal(lnr_engine_run(second, 1000, &err), 1);
	assert_int_equal(lnr_engine_events(second), N_EVENTS);
	assert_int_equal(s.events, N_EVENTS);
	assert_int_equal(s.alerts, N_EVENTS / 2);
	lnr_engine_free(second);
	lnr_rules_free(rules);
	lnr_buf_done(&s.lines);
	unlink(path);
}

static void format_event(void *user, const struct lnr_event *ev)
{
	struct seen *s = user;
	struct lnr_err err = {0};
	(void)ev;
	lnr_buf_clear(&s->lines);
	assert_ok(
		lnr_engine_format(s->engine, "%evt.num %evt.type %evt.deltatime", &s->lines, &err),
		&err);
	if (s->events++)
		return;
	assert_code(lnr_engine_format(s->engine, "%no.such.field", &s->lines, &err), -ENOENT);
	assert_non_null(strstr(err.msg, "no.such"));
}

static void test_format(void **state)
{
	struct seen s = {0};
	struct lnr_err err = {0};
	char path[64];
	(void)state;
	path_of(path, sizeof(path));
	const struct lnr_engine_opts o = {.size = sizeof(o),
		.kind = LNR_ENGINE_REPLAY,
		.capture_file = path,
		.on_event = format_event,
		.user = &s};
	lnr_buf_init(&s.lines, 0);
	assert_ok(lnr_engine_new(&o, &s.engine, &err), &err);
	assert_int_equal(lnr_engine_step(s.engine, &err), 1);
	assert_string_equal(s.lines.ptr, "1 openat 0");
	/* What a field keeps between events is the format's own. */
	assert_int_equal(lnr_engine_step(s.engine, &err), 1);
	assert_string_equal(s.lines.ptr, "2 openat 1");
	lnr_engine_free(s.engine);
	lnr_buf_done(&s.lines);
	unlink(path);
}

static void test_bad_sources(void **state)
{
	struct lnr_engine *e;
	struct lnr_err err = {0};
	(void)state;
	struct lnr_engine_opts o = {
		.size = sizeof(o), .kind = LNR_ENGINE_REPLAY, .capture_file = "/nowhere/x.scap"};
	assert_true(lnr_engine_new(&o, &e, &err) < 0);
	assert_non_null(strstr(err.msg, "/nowhere/x.scap"));
	o.capture_file = "/etc/passwd";
	assert_true(lnr_engine_new(&o, &e, &err) < 0);
	o.capture_file = NULL;
	assert_code(lnr_engine_new(&o, &e, &err), -EINVAL);
	o.size = 1;
	assert_code(lnr_engine_new(&o, &e, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alerts),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_prepared),
		cmocka_unit_test(test_follows),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_bad_sources),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
