/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/asan.h"
#include "base/util.h"
#include "capture/plugin.h"
#include "lib/test.h"

/* Built beside the tests: ../../plugins/NAME.so from this program. */
static const char *library(const char *name)
{
	static char path[4200];
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(n > 0);
	self[n] = 0;
	*strrchr(self, '/') = 0;
	snprintf(path, sizeof(path), "%s/../../plugins/%s.so", self, name);
	return path;
}

static struct lnr_plugin *load(const char *name)
{
	struct lnr_plugin *p = NULL;
	struct lnr_err err = {0};

	assert_ok(lnr_plugin_load(library(name), &p, &err), &err);
	return p;
}

static void refused(const char *name, const char *why)
{
	struct lnr_plugin *p = NULL;
	struct lnr_err err = {0};

	assert_true(lnr_plugin_load(library(name), &p, &err) < 0);
	assert_null(p);
	assert_has(err.msg, name); /* which one */
	assert_has(err.msg, why);
}

static struct lnr_plugin_instance *start(struct lnr_plugin *p)
{
	struct lnr_plugin_instance *i = NULL;
	struct lnr_err err = {0};

	assert_ok(lnr_plugin_start(p, NULL, &i, &err), &err);
	return i;
}

static void what_it_says(void **state)
{
	struct lnr_plugin *p = load("clock");

	(void)state;
	assert_str(p->name, "clock");
	assert_str(p->version, "0.1.0");
	assert_str(p->source, "clock");
	assert_int_equal(p->id, 999);
	assert_int_equal(p->caps, LNR_PLUGIN_CAN_SOURCE | LNR_PLUGIN_CAN_EXTRACT);
	assert_int_equal(p->n_fields, 3);
	assert_string_equal(p->fields[2].name, "clock.text");
	assert_true(p->fields[2].arg_key && p->fields[2].arg_required && !p->fields[2].arg_index);
	/* Its own source only. */
	assert_true(lnr_plugin_admits(&p->extract_sources, LNR_STR("clock")));
	assert_false(lnr_plugin_admits(&p->extract_sources, LNR_STR("syscall")));
	lnr_plugin_free(p);
	p = load("right");
	assert_true(lnr_plugin_admits(&p->extract_sources, LNR_STR("anything")));
	assert_null(lnr_plugin_free(p));
	assert_null(lnr_plugin_free(NULL));
}

static void what_is_refused(void **state)
{
	(void)state;
	refused("no_init", "plugin_init");
	refused("api_major", "4.0.0");
	refused("api_minor", "3.13.0");
	refused("null_name", "get_name");
	refused("null_fields", "fields");
	refused("bad_fields", "type");
	refused("bad_version", "version");
	refused("half_source", "together");
	refused("not_there", "No such file");
}

/* Whoever may write the library decides what we do. */
static void writable_by_all(void **state)
{
	LNR_AUTO_FREE char *text = NULL, *path = NULL;
	struct lnr_plugin *p = NULL;
	struct lnr_err err = {0};
	struct lnr_test_dir dir;
	size_t len;

	(void)state;
	lnr_test_dir_init(&dir);
	assert_ok(lnr_read_file(library("right"), 64 << 20, &text, &len, &err), &err);
	path = lnr_test_file(&dir, "copy.so", (struct lnr_str){text, len});
	assert_ok(lnr_plugin_load(path, &p, &err), &err);
	lnr_plugin_free(p);
	assert_int_equal(chmod(path, 0666), 0);
	assert_code(lnr_plugin_load(path, &p, &err), -EPERM);
	lnr_test_dir_done(&dir);
}

static void versions(void **state)
{
	static const struct {
		const char *text;
		int want;
	} rows[] = {{"2.9.9", -ENOTSUP}, {"3.0.0", 0}, {"3.11.7", 0}, {"3.12.0", 0},
		{"3.12.1", -ENOTSUP}, {"3.13.0", -ENOTSUP}, {"4.0.0", -ENOTSUP}, {"x", -EINVAL},
		{"", -EINVAL}, {"3.0", -EINVAL}, {"3.0.0.0", -EINVAL}, {" 3.0.0", -EINVAL},
		{"3.-1.0", -EINVAL}, {"3.99999999999.0", -EINVAL}};
	unsigned minor = 99;

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++)
		assert_code(lnr_plugin_api_check(rows[i].text, &minor, NULL), rows[i].want);
	assert_code(lnr_plugin_api_check(NULL, &minor, NULL), -EINVAL);
	assert_ok(lnr_plugin_api_check("3.7.2", &minor, NULL), NULL);
	assert_int_equal(minor, 7);
}

static void start_and_failure(void **state)
{
	struct lnr_plugin *p = load("init_fails");
	struct lnr_plugin_instance *i = NULL;
	struct lnr_err err = {0};

	(void)state;
	/* Its state is destroyed, which the leak checker sees. */
	assert_code(lnr_plugin_start(p, NULL, &i, &err), -EIO);
	assert_null(i);
	assert_has(err.msg, "the reason");
	lnr_plugin_free(p);
	p = load("init_null");
	assert_code(lnr_plugin_start(p, NULL, &i, &err), -EIO);
	assert_has(err.msg, "faulty");
	lnr_plugin_free(p);
	p = load("clock");
	p->config = "{\"tocks\": 1}";
	assert_code(lnr_plugin_start(p, NULL, &i, &err), -EINVAL);
	assert_has(err.msg, "tocks");
	lnr_plugin_free(p);
}

static void values(void **state)
{
	struct lnr_plugin *p = load("clock");
	struct lnr_plugin_instance *i = start(p);
	struct {
		struct lnr_plugin_event header;
		uint8_t rest[20];
	} __attribute__((packed)) tick = {{1, 2, 46, LNR_PLUGIN_EVENT, 2}, {[12] = 6}};
	const struct lnr_plugin_event_input evt = {&tick.header, 1, "clock"};
	struct lnr_plugin_extract_field f = {.field_id = 0, .ftype = LNR_PLUGIN_FT_UINT64};

	(void)state;
	assert_true(lnr_plugin_types_has(&i->extract_types, LNR_PLUGIN_EVENT));
	assert_false(lnr_plugin_types_has(&i->extract_types, 3));
	assert_true(lnr_plugin_extract(i, &evt, &f));
	assert_int_equal(f.res.u64[0], 6);
	f = (struct lnr_plugin_extract_field){.field_id = 2, .arg_key = "no.", .arg_present = 1};
	assert_true(lnr_plugin_extract(i, &evt, &f));
	assert_string_equal(f.res.str[0], "no. 6");
	f.field_id = 77;
	assert_false(lnr_plugin_extract(i, &evt, &f));
	assert_string_equal(lnr_plugin_event_text(i, &evt), "tick 6");
	lnr_plugin_stop(i);
	lnr_plugin_free(p);
}

static void source(void **state)
{
	struct lnr_plugin *p = load("clock");
	struct lnr_plugin_instance *i = start(p);
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	struct lnr_capture *c;

	(void)state;
	assert_ok(lnr_plugin_capture_open(i, NULL, &c, &err), &err);
	assert_string_equal(c->ops->name, "source_plugin");
	for (int n = 0; n < 3; n++) {
		uint32_t id;
		assert_ok(lnr_capture_next(c, &item, &err), &err);
		const struct lnr_plugin_event *e = item.record;
		assert_int_equal(item.len, 46);
		/* Time and id are filled in. */
		assert_true(e->ts > UINT64_C(1500000000000000000) && e->ts != UINT64_MAX);
		memcpy(&id, (const char *)e + 34, sizeof(id));
		assert_int_equal(id, 999);
	}
	assert_code(lnr_capture_next(c, &item, &err), -ENODATA);
	assert_code(lnr_capture_next(c, &item, &err), -ENODATA);
	lnr_capture_close(c);
	p->open_params = "left";
	assert_code(lnr_plugin_capture_open(i, NULL, &c, &err), -EIO);
	assert_has(err.msg, "unknown parameters 'left'");
	lnr_plugin_stop(i);
	lnr_plugin_free(p);
}

/* `good` events come first, then `want`. */
static void batches(const char *name, unsigned good, int want)
{
	struct lnr_plugin *p = load(name);
	struct lnr_plugin_instance *i = start(p);
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	struct lnr_capture *c;

	assert_ok(lnr_plugin_capture_open(i, NULL, &c, &err), &err);
	for (unsigned n = 0; n < good; n++)
		assert_ok(lnr_capture_next(c, &item, &err), &err);
	assert_code(lnr_capture_next(c, &item, &err), want);
	if (want != -ENODATA)
		assert_has(err.msg, "faulty");
	lnr_capture_close(c);
	lnr_plugin_stop(i);
	lnr_plugin_free(p);
}

static void broken_batches(void **state)
{
	(void)state;
	batches("batch_empty", 0, -EBADMSG);
	batches("batch_id", 0, -EBADMSG);
	batches("batch_type", 0, -EBADMSG);
	batches("batch_length", 0, -EBADMSG);
	batches("batch_short", 0, -EBADMSG);
	batches("batch_fails", 2, -EIO);
}

static void events_before_words(void **state)
{
	struct lnr_plugin *p = load("batch_words");
	struct lnr_plugin_instance *i = start(p);
	struct lnr_capture_item item;
	struct lnr_capture *c;

	(void)state;
	assert_ok(lnr_plugin_capture_open(i, NULL, &c, NULL), NULL);
	assert_ok(lnr_capture_next(c, &item, NULL), NULL);
	assert_ok(lnr_capture_next(c, &item, NULL), NULL);
	assert_code(lnr_capture_next(c, &item, NULL), -EAGAIN);
	assert_ok(lnr_capture_next(c, &item, NULL), NULL);
	assert_code(lnr_capture_next(c, &item, NULL), -ENODATA);
	lnr_capture_close(c);
	lnr_plugin_stop(i);
	lnr_plugin_free(p);
}

static void described(void **state)
{
	struct lnr_plugin *p = load("clock");
	struct lnr_plugin_instance *i = start(p);
	struct lnr_buf b;

	(void)state;
	lnr_buf_init(&b, 0);
	lnr_plugin_describe(p, &b);
	lnr_plugin_describe_more(p, i, &b);
	assert_has(b.ptr, "Name: clock");
	assert_has(b.ptr, "Event Sourcing (ID=999, source='clock')");
	assert_has(b.ptr, "Field Extraction");
	assert_has(b.ptr, "there is nothing to choose");
	lnr_buf_done(&b);
	lnr_plugin_stop(i);
	lnr_plugin_free(p);
}

/* What stays on purpose is no leak. */
#ifdef LNR_ASAN
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_disable()
#define __lsan_enable()
#endif

/* In this process there is no end to such a call: it is said, and left alone. */
static void calls_that_do_not_return(void **state)
{
	static const char *const configs[] = {"init=hang", "open=hang", "init=slow"};
	static const char *const why[] = {"plugin crash cannot start: init() did not return within",
		"cannot open its source: open() did not return within 150 ms",
		"cannot start: init() did not return within 150 ms"};

	(void)state;
	__lsan_disable();
	for (size_t i = 0; i < LNR_ARRAY_SIZE(configs); i++) {
		const struct lnr_plugin_load_opts o = {.path = library("crash"), .start_ms = 150};
		struct lnr_plugin_instance *inst = NULL;
		struct lnr_plugin *p = NULL;
		struct lnr_capture *c;
		struct lnr_err err = {0};

		assert_ok(lnr_plugin_load_with(&o, &p, &err), &err);
		p->config = configs[i];
		if (i != 1) {
			assert_code(lnr_plugin_start(p, NULL, &inst, &err), -ETIMEDOUT);
		} else {
			assert_ok(lnr_plugin_start(p, NULL, &inst, &err), &err);
			assert_code(lnr_plugin_capture_open(inst, NULL, &c, &err), -ETIMEDOUT);
			assert_null(lnr_plugin_stop(inst));
		}
		assert_has(err.msg, why[i]);
		lnr_plugin_free(p);
	}
	__lsan_enable();
	usleep(400000); /* the slow one returns, and finds everything as it was */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_says),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(writable_by_all),
		cmocka_unit_test(versions),
		cmocka_unit_test(start_and_failure),
		cmocka_unit_test(values),
		cmocka_unit_test(source),
		cmocka_unit_test(broken_batches),
		cmocka_unit_test(events_before_words),
		cmocka_unit_test(described),
		cmocka_unit_test(calls_that_do_not_return),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
