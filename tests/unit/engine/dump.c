/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files around matches, through the engine (spec engine-config-cli 2.3). */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "capture/scap_write.h"
#include "decode/event.h"
#include "lanner/alert.h"
#include "lanner/lanner.h"
#include "lanner/rules.h"
#include "lib/test.h"

#define CAPTURE "tests/reference/operation/input/creds.scap"

static const char who[] =
	"- rule: Who\n  desc: d\n  condition: evt.type = execve and proc.name = whoami\n"
	"  output: \"%evt.num\"\n  priority: WARNING\n";
static const char reads[] = "- rule: Any\n  desc: d\n  condition: evt.num >= 0\n"
			    "  output: \"%evt.type %proc.name %user.name\"\n  priority: DEBUG\n";

struct counted {
	unsigned alerts, internal;
	char first[256], last_internal[256], last_line[512];
};

static void count(void *user, struct lnr_alert *a)
{
	struct counted *c = user;
	if (strcmp(lnr_alert_source(a), "internal") == 0) {
		const struct lnr_alert_format f = {
			.json = true, .output = true, .output_fields = true};
		struct lnr_buf line;
		lnr_buf_init(&line, 0);
		lnr_alert_write(a, &f, &line);
		snprintf(c->last_line, sizeof(c->last_line), "%s", line.ptr);
		lnr_buf_done(&line);
		c->internal++;
		snprintf(c->last_internal, sizeof(c->last_internal), "%s", lnr_alert_rule(a));
	} else if (c->alerts++ == 0) {
		snprintf(c->first, sizeof(c->first), "%s", lnr_alert_message(a));
	}
}

/* Replays `file` by these rules; returns how the replay ended. */
static int replay(const char *file, const char *text, struct lnr_engine_opts o, struct counted *c,
	struct lnr_err *err)
{
	struct lnr_rules *rules;
	struct lnr_engine *e;
	int r = 0;
	memset(c, 0, sizeof(*c));
	assert_ok(lnr_rules_new(NULL, &rules, err), err);
	assert_ok(lnr_rules_add_text(rules, "t", text, strlen(text), err), err);
	o.size = sizeof(o);
	o.kind = LNR_ENGINE_REPLAY;
	o.capture_file = file;
	o.rules = rules;
	o.match_all = true;
	o.on_alert = count;
	o.user = c;
	assert_ok(lnr_engine_new(&o, &e, err), err);
	while (r >= 0)
		r = lnr_engine_run(e, 1000, err);
	lnr_engine_free(e);
	lnr_rules_free(rules);
	return r;
}

/* The only file with that beginning, or NULL; owned by the caller. */
static char *only_file(const struct lnr_test_dir *dir, unsigned *ret_n)
{
	DIR *d = opendir(dir->path);
	struct dirent *e;
	char *found = NULL;
	*ret_n = 0;
	while ((e = readdir(d))) {
		if (strncmp(e->d_name, "x_", 2) != 0)
			continue;
		free(found);
		found = lnr_test_path(dir, e->d_name);
		++*ret_n;
	}
	closedir(d);
	return found;
}

static void holds_what_followed(void **state)
{
	(void)state;
	struct lnr_test_dir dir;
	struct counted c, again;
	struct lnr_err err = {0};
	unsigned n, events[2];
	for (int longer = 0; longer < 2; longer++) {
		lnr_test_dir_init(&dir);
		char *prefix = lnr_test_path(&dir, "x");
		assert_code(replay(CAPTURE, who,
				    (struct lnr_engine_opts){.capture_prefix = prefix,
					    .capture_all = true,
					    .capture_ms = longer ? 10 : 2},
				    &c, &err),
			-ENODATA);
		assert_int_equal(c.alerts, 1);
		char *file = only_file(&dir, &n);
		assert_int_equal(n, 1);
		/* Named after the event; begins with it; knows process and user by name. */
		assert_has(file, c.first);
		assert_code(
			replay(file, reads, (struct lnr_engine_opts){0}, &again, &err), -ENODATA);
		assert_string_equal(again.first, "execve whoami root");
		events[longer] = again.alerts;
		free(file);
		free(prefix);
		lnr_test_dir_done(&dir);
	}
	assert_true(events[0] > 10 && events[0] < events[1]);
}

static void needs_the_rules_word(void **state)
{
	(void)state;
	for (int marked = 0; marked < 2; marked++) {
		struct lnr_test_dir dir;
		struct counted c;
		struct lnr_err err = {0};
		struct lnr_buf text;
		unsigned n;
		lnr_test_dir_init(&dir);
		lnr_buf_init(&text, 0);
		lnr_buf_printf(&text, "%s%s", who,
			marked ? "  capture: true\n  capture_duration: 5\n" : "");
		char *prefix = lnr_test_path(&dir, "x");
		assert_code(replay(CAPTURE, text.ptr,
				    (struct lnr_engine_opts){.capture_prefix = prefix}, &c, &err),
			-ENODATA);
		free(only_file(&dir, &n));
		assert_int_equal(n, marked);
		lnr_buf_done(&text);
		free(prefix);
		lnr_test_dir_done(&dir);
	}
}

static void is_not_full_before_its_size(void **state)
{
	(void)state;
	struct lnr_test_dir dir;
	struct counted c;
	struct lnr_err err = {0};
	unsigned n;
	lnr_test_dir_init(&dir);
	char *prefix = lnr_test_path(&dir, "x");
	/* The capture is smaller than a MiB: it must not be called full. */
	assert_code(replay(CAPTURE, who,
			    (struct lnr_engine_opts){.capture_prefix = prefix,
				    .capture_all = true,
				    .capture_ms = 1000000,
				    .capture_max_mb = 1},
			    &c, &err),
		-ENODATA);
	assert_int_equal(c.internal, 0);
	free(only_file(&dir, &n));
	assert_int_equal(n, 1);
	free(prefix);
	lnr_test_dir_done(&dir);
}

#define LARGE_EVENTS 4000

/* A capture whose events hold what cannot be compressed well: more than 2 MiB of it. */
static void write_large(const char *path)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-";
	struct lnr_test_random random;
	struct lnr_err err = {0};
	struct lnr_scap_writer *w;
	const struct lnr_scap_writer_opts o = {.size = sizeof(o)};
	lnr_test_random_init(&random);
	assert_ok(lnr_scap_writer_open(path, &o, &w, &err), &err);
	assert_ok(lnr_scap_write_tables(w, NULL, NULL, &err), &err);
	for (unsigned i = 0; i < LARGE_EVENTS; i++) {
		uint8_t b[2048];
		char name[800] = "/begin";
		struct lnr_record_builder r;
		for (size_t k = 6; i && k < sizeof(name) - 1; k++)
			name[k] = letters[lnr_test_random_below(&random, 64)];
		lnr_record_begin(&r, b, sizeof(b), LNR_EV_SYSCALL_OPENAT_2_X,
			UINT64_C(1700000000000000000) + i * UINT64_C(1000), 42, 7);
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

static void stops_at_its_size_and_says_so(void **state)
{
	(void)state;
	static const char begin[] =
		"- rule: Begin\n  desc: d\n  condition: evt.type = openat and evt.arg.name = /begin\n"
		"  output: \"%evt.num\"\n  priority: WARNING\n";
	struct lnr_test_dir dir;
	struct counted c, again;
	struct lnr_err err = {0};
	struct stat st;
	unsigned n;
	lnr_test_dir_init(&dir);
	char *prefix = lnr_test_path(&dir, "x"), *large = lnr_test_path(&dir, "large.scap");
	write_large(large);
	assert_int_equal(stat(large, &st), 0);
	assert_true(st.st_size > 2 << 20);
	assert_code(replay(large, begin,
			    (struct lnr_engine_opts){.capture_prefix = prefix,
				    .capture_all = true,
				    .capture_ms = 1000000,
				    .capture_max_mb = 1},
			    &c, &err),
		-ENODATA);
	assert_int_equal(c.alerts, 1);
	assert_int_equal(c.internal, 1);
	assert_string_equal(c.last_internal, "Falco internal: capture size limit reached");
	/* It tells the limit and what was written: not less, and what the compressor holds more. */
	json_t *line = json_loads(c.last_line, 0, NULL);
	const json_t *fields = json_object_get(line, "output_fields");
	json_int_t written = json_integer_value(json_object_get(fields, "written_bytes"));
	assert_int_equal(json_integer_value(json_object_get(fields, "max_file_size_mb")), 1);
	assert_int_equal(json_object_size(fields), 2);
	assert_true(written >= 1 << 20 && written < (1 << 20) + (1 << 18));
	json_decref(line);
	char *file = only_file(&dir, &n);
	assert_int_equal(n, 1);
	assert_int_equal(stat(file, &st), 0);
	assert_true(st.st_size >= 1 << 20 && st.st_size < (1 << 20) + (1 << 18));
	/* What is in it can be read to its end. */
	assert_code(replay(file,
			    "- rule: Any\n  desc: d\n  condition: evt.type = openat\n"
			    "  output: o\n  priority: DEBUG\n",
			    (struct lnr_engine_opts){0}, &again, &err),
		-ENODATA);
	assert_true(again.alerts > 500 && again.alerts < LARGE_EVENTS);
	free(file);
	free(large);
	free(prefix);
	lnr_test_dir_done(&dir);
}

static void fails_where_no_file_can_be(void **state)
{
	(void)state;
	struct counted c;
	struct lnr_err err = {0};
	int r = replay(CAPTURE, who,
		(struct lnr_engine_opts){
			.capture_prefix = "/nowhere/at/all/x", .capture_all = true},
		&c, &err);
	assert_true(r < 0 && r != -ENODATA);
	assert_has(err.msg, "/nowhere/at/all/x_");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_what_followed),
		cmocka_unit_test(needs_the_rules_word),
		cmocka_unit_test(is_not_full_before_its_size),
		cmocka_unit_test(stops_at_its_size_and_says_so),
		cmocka_unit_test(fails_where_no_file_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
