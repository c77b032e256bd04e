/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/isolated.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/util.h"
#include "capture/plugin.h"
#include "lib/failalloc.h"
#include "lib/test.h"
#include "plugin/wire.h"
#include "schema/limits.h"

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

/* What was logged. */
struct heard {
	struct lnr_log log;
	struct lnr_buf text;
};

static void hear(struct lnr_log *log, enum lnr_log_level level, const char *msg)
{
	struct heard *h = log->user;

	lnr_buf_printf(&h->text, "%d %s\n", (int)level, msg);
}

static void heard_init(struct heard *h)
{
	h->log = (struct lnr_log){.max = LNR_LOG_DEBUG, .sink = hear, .user = h};
	lnr_buf_init(&h->text, 0);
}

static struct lnr_plugin *load(const char *path, bool restart, uint32_t start_ms)
{
	const struct lnr_plugin_load_opts o = {
		.path = path, .isolated = true, .restart = restart, .start_ms = start_ms};
	struct lnr_plugin *p = NULL;
	struct lnr_err err = {0};

	assert_ok(lnr_plugin_load_with(&o, &p, &err), &err);
	return p;
}

/* --- what works --- */

static void says_the_same(void **state)
{
	struct lnr_plugin *in = NULL, *out = load(library("clock"), false, 0);
	struct lnr_err err = {0};

	(void)state;
	assert_ok(lnr_plugin_load(library("clock"), &in, &err), &err);
	assert_string_equal(out->name.ptr, in->name.ptr);
	assert_string_equal(out->version.ptr, in->version.ptr);
	assert_string_equal(out->schema, in->schema);
	assert_string_equal(out->source.ptr, "clock");
	assert_int_equal(out->id, in->id);
	assert_int_equal(out->caps, in->caps);
	assert_int_equal(out->api_minor, in->api_minor);
	assert_int_equal(out->n_fields, in->n_fields);
	assert_string_equal(out->fields[2].name, "clock.text");
	assert_true(lnr_plugin_admits(&out->extract_sources, LNR_STR("clock")));
	assert_false(lnr_plugin_admits(&out->extract_sources, LNR_STR("syscall")));
	lnr_plugin_free(in);
	lnr_plugin_free(out);
}

struct open {
	struct lnr_plugin *p;
	struct lnr_plugin_instance *inst;
	struct lnr_capture *c;
	struct heard heard;
	uint64_t evtnum;
};

static void open_it(struct open *o, const char *config, bool restart)
{
	struct lnr_err err = {0};

	*o = (struct open){.p = load(library("crash"), restart, 0)};
	heard_init(&o->heard);
	o->p->config = config;
	assert_ok(lnr_plugin_start(o->p, &o->heard.log, &o->inst, &err), &err);
	assert_ok(lnr_plugin_capture_open(o->inst, NULL, &o->c, &err), &err);
}

static void close_it(struct open *o)
{
	lnr_capture_close(o->c);
	lnr_plugin_stop(o->inst);
	lnr_plugin_free(o->p);
	lnr_buf_done(&o->heard.text);
}

/* The next event, whose number must be n. */
static struct lnr_plugin_event_input next(struct open *o, uint64_t n)
{
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	uint64_t number;
	int r;

	do
		r = lnr_capture_next(o->c, &item, &err);
	while (r == -EAGAIN);
	assert_ok(r, &err);
	memcpy(&number, (const char *)item.record + LNR_PLUGIN_PAYLOAD_AT, sizeof(number));
	assert_int_equal(number, n);
	return (struct lnr_plugin_event_input){
		.evt = item.record, .evtnum = ++o->evtnum, .evtsrc = "crash"};
}

/* Each field of the event with number n is what the plugin makes of it. */
static void check_field(struct open *o, const struct lnr_plugin_event_input *evt, uint32_t id,
	const char *key, uint64_t n)
{
	struct lnr_plugin_extract_field f = {.field_id = id,
		.field = o->p->fields[id].name,
		.arg_key = key,
		.arg_index = UINT64_MAX,
		.arg_present = key != NULL,
		.ftype = o->p->fields[id].type,
		.flist = o->p->fields[id].list};
	char text[64];
	bool there = lnr_plugin_extract(o->inst, evt, &f);

	snprintf(text, sizeof(text), "%s%llu", key ? key : "n", (unsigned long long)n);
	switch (id) {
	case 0:
		assert_true(there && f.res.u64[0] == n);
		break;
	case 1:
		assert_true(there);
		if (n % 4)
			assert_string_equal(f.res.str[0], text);
		else
			assert_null(f.res.str[0]);
		break;
	case 2:
		assert_int_equal(there, n % 3 != 0);
		assert_int_equal(f.res_len, n % 3 ? 3 : 0);
		if (there) {
			assert_string_equal(f.res.str[0], text);
			assert_string_equal(f.res.str[1], "");
			assert_string_equal(f.res.str[2], "last");
		}
		break;
	case 3:
		assert_true(there);
		assert_int_equal(f.res.buf[0].len, n % 2 ? 4 : 0);
		if (n % 2)
			assert_memory_equal(f.res.buf[0].ptr, "\x0a\x01\x02\x03", 4);
		break;
	case 4:
		assert_true(there && f.res.boolean[0] == (n % 2 == 0));
		break;
	default:
		assert_true(there);
		assert_string_equal(f.res.str[0], text);
	}
}

/* Some fields for every event, some for few: whatever way a value comes, it is the event's. */
static void gives_every_value(void **state)
{
	struct open o;

	(void)state;
	open_it(&o, "", false);
	for (uint64_t n = 1; n < 1500; n++) {
		const struct lnr_plugin_event_input evt = next(&o, n);

		check_field(&o, &evt, 0, NULL, n);
		check_field(&o, &evt, 5, n % 2 ? "odd" : "even", n);
		for (uint32_t id = 1; id < 5; id++) {
			if (n % (1 + id * id) == 0 || (n > 700 && n < 800))
				check_field(&o, &evt, id, NULL, n);
		}
		check_field(&o, &evt, 0, NULL, n);
		if (n % 100 == 0) {
			char line[32];
			snprintf(line, sizeof(line), "event %u", (unsigned)n);
			assert_string_equal(lnr_plugin_event_text(o.inst, &evt), line);
		}
	}
	close_it(&o);
}

/* Events that are not the plugin's own are sent to it, also between those of a batch. */
static void sees_events_of_others(void **state)
{
	struct open o;

	(void)state;
	open_it(&o, "", false);
	for (uint64_t n = 1; n < 200; n++) {
		const struct lnr_plugin_event_input evt = next(&o, n);
		uint8_t copy[128];
		uint64_t other = n + 1000;
		struct lnr_plugin_event_input foreign = {
			.evt = (struct lnr_plugin_event *)copy, .evtsrc = "clock"};

		check_field(&o, &evt, 0, NULL, n);
		assert_true(evt.evt->len <= sizeof(copy));
		memcpy(copy, evt.evt, evt.evt->len);
		memcpy(copy + LNR_PLUGIN_PAYLOAD_AT, &other, sizeof(other));
		foreign.evtnum = ++o.evtnum;
		check_field(&o, &foreign, 0, NULL, other);
		check_field(&o, &foreign, 2, NULL, other);
		check_field(&o, &foreign, 5, "k", other);
	}
	close_it(&o);
}

static void takes_large_batches(void **state)
{
	struct open o;

	(void)state;
	open_it(&o, "size=200000", false);
	for (uint64_t n = 1; n < 40; n++) {
		const struct lnr_plugin_event_input evt = next(&o, n);

		assert_int_equal(evt.evt->len, LNR_PLUGIN_PAYLOAD_AT + 200000);
		check_field(&o, &evt, 0, NULL, n);
		check_field(&o, &evt, 5, "k", n);
	}
	close_it(&o);
}

static void forgets_too_many_fields(void **state)
{
	struct open o;

	(void)state;
	open_it(&o, "", false);
	const struct lnr_plugin_event_input evt = next(&o, 1);
	for (unsigned i = 0; i < 2 * LNR_PLUGIN_ASKS_MAX + 10; i++) {
		char key[32];
		snprintf(key, sizeof(key), "k%u.", i % (LNR_PLUGIN_ASKS_MAX + 3));
		check_field(&o, &evt, 5, key, 1);
	}
	close_it(&o);
}

static void gives_metrics(void **state)
{
	struct open o;
	uint32_t n = 0;

	(void)state;
	open_it(&o, "", false);
	next(&o, 1);
	const struct lnr_plugin_metric *m = o.p->api.get_metrics(o.inst->state, &n);
	assert_int_equal(n, 1);
	assert_string_equal(m->name, "given");
	assert_int_equal(m->value.u64, 8);
	close_it(&o);
}

/* --- what does not --- */

static void ends_before_it_works(void **state)
{
	static const struct {
		const char *config, *why;
	} rows[] = {
		{"init=kill", "its process was ended by signal 9 (Killed) in init()"},
		{"init=exit", "its process ended with status 3 in init()"},
		{"init=hang", "() did not return within 500 ms"},
		{"init=fail", "cannot start: told to fail"},
		{"init=close", "its process was ended by signal 9"},
	};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct lnr_plugin *p = load(library("crash"), true, 0);
		struct lnr_plugin_instance *inst = NULL;
		struct lnr_err err = {0};

		p->config = rows[i].config;
		if (strstr(rows[i].config, "hang"))
			p->start_ms = 500;
		assert_code(lnr_plugin_start(p, NULL, &inst, &err), -EIO);
		assert_has(err.msg, "plugin crash cannot start: ");
		assert_has(err.msg, rows[i].why);
		lnr_plugin_free(p);
	}
}

static void a_source_cannot_open(void **state)
{
	static const char *const configs[] = {"open=kill", "open=hang", "open=fail"};
	static const char *const why[] = {
		"signal 9", "open() did not return within 300 ms", "told to fail"};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(configs); i++) {
		struct lnr_plugin *p = load(library("crash"), false, 0);
		struct lnr_plugin_instance *inst = NULL;
		struct lnr_capture *c;
		struct lnr_err err = {0};

		p->config = configs[i];
		assert_ok(lnr_plugin_start(p, NULL, &inst, &err), &err);
		if (strstr(configs[i], "hang"))
			p->start_ms = 300;
		assert_code(lnr_plugin_capture_open(inst, NULL, &c, &err), -EIO);
		assert_has(err.msg, why[i]);
		lnr_plugin_stop(inst);
		lnr_plugin_free(p);
	}
}

/* Without restart its source ends, with a code that nothing else has. */
static void ends_at_work(void **state)
{
	static const struct {
		const char *config, *why;
	} rows[] = {
		{"next=kill after=8", "signal 9 (Killed) in next_batch()"},
		{"next=exit after=8", "status 3 in next_batch()"},
		{"next=close after=8", "signal 9"},
		{"next=fork after=8", "signal 9"},
		{"next=fail after=8", "told to fail"},
		{"next=type after=8", "event of type 3"},
		{"next=long after=8", "event of 4294967295 bytes"},
		{"next=null after=8", "no event"},
		{"next=empty after=8", "an empty batch"},
	};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct lnr_capture_item item;
		struct lnr_err err = {0};
		struct open o;
		int r;

		open_it(&o, rows[i].config, false);
		for (uint64_t n = 1; n <= 8; n++)
			next(&o, n);
		do
			r = lnr_capture_next(o.c, &item, &err);
		while (!r || r == -EAGAIN);
		assert_code(r, -ECHILD);
		assert_has(err.msg, "plugin crash: ");
		assert_has(err.msg, rows[i].why);
		assert_code(lnr_capture_next(o.c, &item, &err), -ENODATA);
		close_it(&o);
	}
}

static void ends_in_a_field(void **state)
{
	static const char *const configs[] = {"extract=kill after=8", "extract=hang after=8"};
	static const char *const why[] = {"signal 9", "extract_fields() did not return within"};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(configs); i++) {
		struct lnr_plugin_extract_field f = {.ftype = LNR_PLUGIN_FT_UINT64};
		struct lnr_plugin_event_input evt = {0};
		uint64_t ended, lost;
		struct open o;

		open_it(&o, configs[i], false);
		for (uint64_t n = 1; n <= 9; n++)
			evt = next(&o, n);
		assert_false(lnr_plugin_extract(o.inst, &evt, &f));
		assert_false(lnr_plugin_extract(o.inst, &evt, &f));
		lnr_plugin_isolated_counts(o.inst->state, &ended, &lost);
		assert_int_equal(ended, 1);
		assert_int_equal(lost, 2);
		assert_has(o.heard.text.ptr, "2 plugin crash: "); /* critical */
		assert_has(o.heard.text.ptr, why[i]);
		close_it(&o);
	}
}

/* With restart there is nothing for a second, and then events again. */
static void starts_again(void **state)
{
	uint64_t from = lnr_mono_ns(lnr_clock_system()), ended, lost;
	struct lnr_plugin_event_input evt;
	struct open o;

	(void)state;
	open_it(&o, "next=kill after=16", true);
	for (uint64_t n = 1; n <= 16; n++)
		check_field(&o, (evt = next(&o, n), &evt), 0, NULL, n);
	/* A new process counts from the beginning. */
	for (uint64_t n = 1; n <= 16; n++)
		check_field(&o, (evt = next(&o, n), &evt), 0, NULL, n);
	assert_true(lnr_mono_ns(lnr_clock_system()) - from >= LNR_NS_PER_SEC);
	lnr_plugin_isolated_counts(o.inst->state, &ended, &lost);
	assert_int_equal(ended, 1);
	assert_has(o.heard.text.ptr, "it is started again in 1 s");
	assert_has(o.heard.text.ptr, "plugin crash works again");
	close_it(&o);
}

/* A wrong event costs the process, too. */
static void starts_again_after_nonsense(void **state)
{
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	uint64_t ended, lost;
	struct open o;

	(void)state;
	open_it(&o, "next=type after=8", true);
	for (uint64_t n = 1; n <= 15; n++)
		next(&o, n);
	assert_code(lnr_capture_next(o.c, &item, &err), -EAGAIN);
	assert_int_equal(err.code, 0);
	next(&o, 1);
	lnr_plugin_isolated_counts(o.inst->state, &ended, &lost);
	assert_int_equal(ended, 1);
	assert_has(o.heard.text.ptr, "plugin crash: event of type 3 with 2 parameters; it is");
	close_it(&o);
}

static void copy_file(const char *from, const char *to)
{
	char *data = NULL;
	size_t n;
	struct lnr_err err = {0};

	assert_ok(lnr_read_file(from, 64 << 20, &data, &n, &err), &err);
	unlink(to);
	FILE *f = fopen(to, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, n, f), n);
	fclose(f);
	free(data);
}

/* Another library at the same place would give other values under the old numbers. */
static void does_not_take_another_library(void **state)
{
	struct lnr_test_dir dir;
	struct heard h;
	struct lnr_plugin_instance *inst = NULL;
	struct lnr_capture *c;
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	char path[200];
	uint64_t until = lnr_mono_ns(lnr_clock_system()) + 20 * LNR_NS_PER_SEC;

	(void)state;
	lnr_test_dir_init(&dir);
	heard_init(&h);
	snprintf(path, sizeof(path), "%s/p.so", dir.path);
	copy_file(library("crash"), path);
	struct lnr_plugin *p = load(path, true, 0);
	p->config = "next=kill";
	assert_ok(lnr_plugin_start(p, &h.log, &inst, &err), &err);
	assert_ok(lnr_plugin_capture_open(inst, NULL, &c, &err), &err);
	copy_file(library("clock"), path);
	while (!strstr(h.text.ptr ? h.text.ptr : "", "the library was changed")) {
		assert_code(lnr_capture_next(c, &item, &err), -EAGAIN);
		assert_true(lnr_mono_ns(lnr_clock_system()) < until);
	}
	lnr_capture_close(c);
	lnr_plugin_stop(inst);
	lnr_plugin_free(p);
	lnr_buf_done(&h.text);
	lnr_test_dir_done(&dir);
}

/* One that waits for events keeps nobody from ending. */
static void ends_while_it_waits(void **state)
{
	uint64_t from = lnr_mono_ns(lnr_clock_system());
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	struct open o;

	(void)state;
	open_it(&o, "next=hang", false);
	assert_code(lnr_capture_next(o.c, &item, &err), -EAGAIN);
	close_it(&o);
	assert_true(lnr_mono_ns(lnr_clock_system()) - from < 10 * LNR_NS_PER_SEC);
}

static void refuses(void **state)
{
	static const char *const names[] = {"parses", "api_major", "null_fields"};
	static const char *const why[] = {
		"cannot be isolated: plugin_parse_event()", "version 4", "fields"};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(names); i++) {
		struct lnr_plugin *p = NULL;
		struct lnr_err err = {0};
		const struct lnr_plugin_load_opts o = {.path = library(names[i]), .isolated = true};

		assert_true(lnr_plugin_load_with(&o, &p, &err) < 0);
		assert_null(p);
		assert_has(err.msg, why[i]);
		assert_null(strstr(strstr(err.msg, names[i]) + 1, names[i]));
	}
	static const char *const nothing[] = {"/no/such/program", NULL};
	const struct lnr_plugin_load_opts o = {
		.path = library("clock"), .isolated = true, .child = nothing};
	struct lnr_plugin *p = NULL;
	struct lnr_err err = {0};
	assert_true(lnr_plugin_load_with(&o, &p, &err) < 0);
	assert_has(err.msg, "/no/such/program");
}

/* --- messages --- */

static void put_batch(struct lnr_wire *w)
{
	const struct lnr_plugin_event e = {.len = sizeof(e), .type = LNR_PLUGIN_EVENT};

	lnr_wire_begin(w, LNR_WIRE_BATCH);
	lnr_wire_u32(w, LNR_PLUGIN_SUCCESS);
	lnr_wire_u32(w, 0);
	lnr_wire_u32(w, 3);
	for (int i = 0; i < 3; i++) {
		uint32_t len = i == 1 ? 0 : sizeof(e);
		lnr_wire_u32(w, len);
		lnr_wire_align(w);
		lnr_wire_bytes(w, &e, len);
		lnr_wire_u32(w, 12);
		lnr_wire_u32(w, 8);
		lnr_wire_u32(w, 1);
		lnr_wire_u32(w, 77);
	}
	lnr_wire_text(w, "why");
}

static void reads_batches(void **state)
{
	struct lnr_plugin_batch b = {0};
	struct lnr_wire w;
	struct lnr_str blob;

	(void)state;
	lnr_wire_init(&w, -1);
	put_batch(&w);
	struct lnr_wire_in in = {(const uint8_t *)w.out.ptr + 8, w.out.len - 8, false};
	assert_code(lnr_plugin_read_batch(&b, &in), 0);
	assert_int_equal(b.n, 3);
	assert_null(b.evts[1]);
	assert_int_equal((uintptr_t)b.evts[2] % 8, 0);
	assert_str(b.why, "why");
	assert_true(lnr_plugin_batch_value(&b, 2, 0, &blob));
	assert_int_equal(blob.len, 8);
	assert_false(lnr_plugin_batch_value(&b, 2, 1, &blob));
	assert_false(lnr_plugin_batch_value(&b, 3, 0, &blob));
	/* Cut anywhere, it is refused; with any byte changed nothing beyond it is read. */
	for (size_t n = 0; n < w.out.len - 8; n++) {
		struct lnr_wire_in cut = {in.p, n, false};
		assert_code(lnr_plugin_read_batch(&b, &cut), -EBADMSG);
	}
	for (size_t i = 8; i < w.out.len; i++) {
		w.out.ptr[i] = (char)~w.out.ptr[i];
		if (!lnr_plugin_read_batch(&b, &in)) {
			for (uint32_t k = 0; k < b.n; k++)
				lnr_plugin_batch_value(&b, k, 0, &blob);
		}
		w.out.ptr[i] = (char)~w.out.ptr[i];
	}
	lnr_plugin_batch_done(&b);
	lnr_wire_done(&w);
}

static void carries_messages(void **state)
{
	struct lnr_wire a, b;
	struct lnr_wire_msg m;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	lnr_wire_init(&a, fds[0]);
	lnr_wire_init(&b, fds[1]);
	assert_code(lnr_wire_recv(&b, 1, &m), -EAGAIN);
	for (uint32_t i = 0; i < 3; i++) {
		lnr_wire_begin(&a, LNR_WIRE_LOG);
		lnr_wire_u32(&a, i);
		lnr_wire_text(&a, i ? "text" : NULL);
		assert_code(lnr_wire_send(&a, 0), 0);
	}
	for (uint32_t i = 0; i < 3; i++) {
		assert_code(lnr_wire_recv(&b, 0, &m), 0);
		assert_int_equal(m.kind, LNR_WIRE_LOG);
		assert_int_equal((uintptr_t)m.body.p % 8, 0);
		assert_int_equal(lnr_wire_get_u32(&m.body), i);
		struct lnr_str t = lnr_wire_get_text(&m.body);
		assert_int_equal(t.ptr != NULL, i > 0);
		assert_false(m.body.bad);
		lnr_wire_get_u32(&m.body);
		assert_true(m.body.bad);
	}
	/* A length that nobody may have. */
	const uint32_t huge[2] = {UINT32_MAX, 0};
	assert_int_equal(write(fds[0], huge, sizeof(huge)), sizeof(huge));
	assert_code(lnr_wire_recv(&b, 0, &m), -EBADMSG);
	lnr_wire_done(&b);
	lnr_wire_begin(&a, LNR_WIRE_NEXT);
	assert_code(lnr_wire_send(&a, 0), -EPIPE);
	assert_code(lnr_wire_recv(&a, 0, &m), -EPIPE);
	lnr_wire_done(&a);
}

static int start_and_ask(void *arg)
{
	struct lnr_plugin *p = NULL;
	struct lnr_plugin_instance *inst = NULL;
	struct lnr_capture *c = NULL;
	struct lnr_capture_item item;
	const struct lnr_plugin_load_opts o = {.path = arg, .isolated = true};
	int r = lnr_plugin_load_with(&o, &p, NULL);

	if (!r)
		r = lnr_plugin_start(p, NULL, &inst, NULL);
	if (!r)
		r = lnr_plugin_capture_open(inst, NULL, &c, NULL);
	for (int i = 0; !r && i < 40; i++) {
		do
			r = lnr_capture_next(c, &item, NULL);
		while (r == -EAGAIN);
		const struct lnr_plugin_event_input evt = {
			.evt = item.record, .evtnum = (uint64_t)i + 1, .evtsrc = "crash"};
		struct lnr_plugin_extract_field f = {
			.ftype = LNR_PLUGIN_FT_UINT64, .arg_index = UINT64_MAX};
		if (!r && !lnr_plugin_extract(inst, &evt, &f))
			r = -ENOMEM;
	}
	lnr_capture_close(c);
	lnr_plugin_stop(inst);
	lnr_plugin_free(p);
	return r;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_may_fail(start_and_ask, (void *)(uintptr_t)library("crash"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_the_same),
		cmocka_unit_test(gives_every_value),
		cmocka_unit_test(sees_events_of_others),
		cmocka_unit_test(takes_large_batches),
		cmocka_unit_test(forgets_too_many_fields),
		cmocka_unit_test(gives_metrics),
		cmocka_unit_test(ends_before_it_works),
		cmocka_unit_test(a_source_cannot_open),
		cmocka_unit_test(ends_at_work),
		cmocka_unit_test(ends_in_a_field),
		cmocka_unit_test(starts_again),
		cmocka_unit_test(starts_again_after_nonsense),
		cmocka_unit_test(does_not_take_another_library),
		cmocka_unit_test(ends_while_it_waits),
		cmocka_unit_test(refuses),
		cmocka_unit_test(reads_batches),
		cmocka_unit_test(carries_messages),
		cmocka_unit_test(survives_failing_allocations),
	};

	/* The process of an isolated plugin is this program. */
	if (argc > 1 && strcmp(argv[1], "plugin-child") == 0)
		return lnr_plugin_child();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
