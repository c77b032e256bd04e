/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/audit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/asan.h"
#include "base/util.h"
#include "capture/audit_priv.h"
#include "decode/event.h"
#include "lanner/plugin.h"
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

#define TIME	  "\"stageTimestamp\":\"2024-06-10T06:25:44.5Z\""
#define NS	  UINT64_C(1718000744500000000)
#define EVENT(id) "{\"kind\":\"Event\",\"auditID\":\"" id "\"," TIME "}"

/* --- times --- */

static void reads_times(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {{"1970-01-01T00:00:00Z", 0}, {"2024-06-10T06:25:44.5Z", NS},
		{"2024-06-10T06:25:44,5Z", NS}, {"2024-06-10T08:25:44.500+02:00", NS},
		{"2024-06-10T00:55:44.5000000009-05:30", NS},
		{"2024-02-29T00:00:00.000000001Z", UINT64_C(1709164800000000001)},
		{"2000-03-01T00:00:00Z", UINT64_C(951868800000000000)},
		{"2100-03-01T00:00:00Z", UINT64_C(4107542400000000000)},
		{"2500-12-31T23:59:59.999999999Z", UINT64_C(16756761599999999999)},
		{"2024-06-10T09:25:44.5+02:60", NS}, {"2024-06-11T06:25:44.5+24:00", NS},
		/* Before the epoch and beyond 64 bits: the remainder. */
		{"1969-12-31T23:59:59Z", UINT64_MAX - 999999999},
		{"1970-01-01T00:00:00+01:00", 0 - UINT64_C(3600000000000)},
		{"0001-01-01T00:00:00Z", (uint64_t)-62135596800 * 1000000000},
		{"0000-03-01T00:00:00Z", (uint64_t)-62162035200 * 1000000000},
		{"9999-12-31T23:59:59Z", UINT64_C(253402300799) * 1000000000}};
	static const char *const bad[] = {"", "2024-06-10", "2024-06-10T06:25:44",
		"2024-06-10 06:25:44Z", "2024-06-10t06:25:44Z", "2024-06-10T06:25:44z",
		"2024-06-10T24:00:00Z", "2024-06-10T06:60:00Z", "2024-06-10T06:25:60Z",
		"2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2023-02-29T00:00:00Z",
		"2024-04-31T00:00:00Z", "2024-06-00T00:00:00Z", "2024-06-10T06:25:44.Z",
		"2024-06-10T06:25:44.5", "2024-06-10T06:25:44+2:00", "2024-06-10T06:25:44+0200",
		"2024-06-10T06:25:44+02:61", "2024-06-10T06:25:44Zx", "2024-06-10T06:25:44+25:00",
		"24-06-10T06:25:44Z", "2024-06-1xT06:25:44Z", "12024-06-10T06:25:44Z"};
	uint64_t ns;
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(good); i++) {
		assert_true(lnr_audit_time(lnr_str_c(good[i].text), &ns));
		assert_int_equal(ns, good[i].ns);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++)
		assert_false(lnr_audit_time(lnr_str_c(bad[i]), &ns));
}

/* --- configuration --- */

static void reads_configurations(void **state)
{
	struct lnr_audit_config c;
	struct lnr_err err = {0};
	(void)state;
	assert_ok(lnr_audit_config_parse("", &c, &err), &err);
	assert_int_equal(c.max_event, LNR_AUDIT_EVENT_BYTES);
	assert_int_equal(c.max_batch, LNR_AUDIT_BATCH_BYTES);
	assert_string_equal(c.certificate, "/etc/falco/falco.pem");
	assert_null(c.clients);
	lnr_audit_config_done(&c);
	assert_ok(lnr_audit_config_parse(
			  "{\"SSLcertificate\":\"/c\",\"useAsync\":true,\"MAXEVENTSIZE\""
			  ":7,\"webhookMaxBatchSize\":8,\"other\":[],\"clientCA\":"
			  "\"/ca\",\"tokenFile\":\"/t\",\"allowFrom\":[\"::1\","
			  "\"10.0.0.0/8\"]}",
			  &c, &err),
		&err);
	assert_int_equal(c.max_event, 7);
	assert_int_equal(c.max_batch, 8);
	assert_string_equal(c.certificate, "/c");
	assert_string_equal(c.client_ca, "/ca");
	assert_string_equal(c.token_file, "/t");
	assert_string_equal(c.clients, "::1,10.0.0.0/8");
	lnr_audit_config_done(&c);
	static const char *const bad[] = {"[]", "{", "3", "{\"maxEventSize\":0}",
		"{\"maxEventSize\":\"5\"}", "{\"maxEventSize\":99999999999}",
		"{\"sslCertificate\":1}", "{\"useAsync\":1}", "{\"allowFrom\":\"x\"}",
		"{\"allowFrom\":[1]}"};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++) {
		assert_code(lnr_audit_config_parse(bad[i], &c, &err), -EINVAL);
		assert_has(err.msg, "init_config: ");
		lnr_audit_config_done(&c);
		assert_code(lnr_audit_check(bad[i], &err), -EINVAL);
	}
}

static int parse_config(void *arg)
{
	struct lnr_audit_config c;
	int r = lnr_audit_config_parse(arg, &c, NULL);
	lnr_audit_config_done(&c);
	return r;
}

/* --- documents --- */

/* What an event came to: its time, and its data. */
static void check_record(const struct lnr_capture_item *item, uint64_t ns, const char *data)
{
	struct lnr_event ev = {0};
	uint64_t id;
	assert_ok(lnr_event_parse(&ev, item->record, item->len, 0, NULL), NULL);
	assert_int_equal(ev.type, LNR_PLUGIN_EVENT);
	assert_int_equal(ev.ts, ns);
	assert_int_equal(ev.tid, -1);
	assert_true(lnr_param_u64(&ev, 0, &id));
	assert_int_equal(id, LNR_AUDIT_PLUGIN_ID);
	assert_str(lnr_param_bytes(&ev, 1), data);
}

/* A document gives these events, with this many bad ones. */
static void gives(const char *text, uint64_t n_bad, ...)
{
	struct lnr_audit_reader r;
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	const char *want;
	va_list ap;
	lnr_audit_reader_init(&r, LNR_AUDIT_EVENT_BYTES);
	assert_ok(lnr_audit_reader_begin(&r, lnr_str_c(text), &err), &err);
	va_start(ap, n_bad);
	while ((want = va_arg(ap, const char *))) {
		assert_code(lnr_audit_reader_next(&r, &item), 0);
		check_record(&item, NS, want);
		/* The tape is of the same event. */
		assert_non_null(item.json);
		uint32_t i = lnr_json_member(item.json, item.json->root, LNR_STR("stageTimestamp"));
		assert_true(i && lnr_json_is(item.json, i, LNR_STR("2024-06-10T06:25:44.5Z")));
	}
	va_end(ap);
	assert_code(lnr_audit_reader_next(&r, &item), -ENODATA);
	assert_code(lnr_audit_reader_next(&r, &item), -ENODATA);
	assert_int_equal(r.bad_events, n_bad);
	lnr_audit_reader_done(&r);
}

static void takes_documents_apart(void **state)
{
	(void)state;
	gives(EVENT("a"), 0, EVENT("a"), NULL);
	gives(" { \"kind\" :\t\"Event\" , \"x y\" : [ 1 , \" \" ] ," TIME " } ", 0,
		"{\"kind\":\"Event\",\"x y\":[1,\" \"]," TIME "}", NULL);
	gives("[" EVENT("a") ",[[" EVENT("b") "]],{\"kind\":\"EventList\",\"items\":[" EVENT(
		      "c") "," EVENT("d") "],\"metadata\":{}}," EVENT("e") "]",
		0, EVENT("a"), EVENT("b"), EVENT("c"), EVENT("d"), EVENT("e"), NULL);
	/* Items need no kind; one that is no event leaves the others alone. */
	gives("{\"items\":[{" TIME "},{\"kind\":\"Event\"},3,{\"kind\":\"Pod\"," TIME
	      "}],\"kind\":\"EventList\"}",
		2, "{" TIME "}", "{\"kind\":\"Pod\"," TIME "}", NULL);
	gives("[" EVENT("a") ",null,7,\"Event\",{},{\"kind\":\"Pod\"}," EVENT("b") "]", 5,
		EVENT("a"), EVENT("b"), NULL);
	gives("[]", 0, NULL);
	gives("{\"kind\":\"EventList\",\"items\":[]}", 0, NULL);
	gives("{\"kind\":\"EventList\",\"items\":{}}", 1, NULL);
	gives("{\"kind\":\"EventList\"}", 1, NULL);
	gives("{\"kind\":7}", 1, NULL);
	gives("true", 1, NULL);
	gives("{\"kind\":\"Event\",\"stageTimestamp\":1}", 1, NULL);
	gives("{\"k\\u0069nd\":\"Ev\\u0065nt\",\"kind\":\"x\"," TIME "}", 0,
		"{\"k\\u0069nd\":\"Ev\\u0065nt\",\"kind\":\"x\"," TIME "}", NULL);
	/* Nothing behind it and in it is looked for when it is not JSON. */
	struct lnr_audit_reader r;
	struct lnr_capture_item item;
	lnr_audit_reader_init(&r, 100);
	assert_code(lnr_audit_reader_begin(&r, LNR_STR(EVENT("a") "," EVENT("b")), NULL), -EBADMSG);
	assert_code(lnr_audit_reader_next(&r, &item), -ENODATA);
	lnr_audit_reader_done(&r);
}

/* --- size --- */

static char *repeat(char c, size_t n)
{
	char *s = malloc(n + 1);
	assert_non_null(s);
	memset(s, c, n);
	s[n] = 0;
	return s;
}

/* An event with that much in each of four places, and what is left of it at `max` bytes. */
static void trims(size_t fields, size_t response, size_t request, size_t max, const char *want)
{
	struct lnr_audit_reader r;
	struct lnr_capture_item item;
	struct lnr_buf b = {0};
	char *f = repeat('f', fields), *s = repeat('s', response), *q = repeat('q', request);
	lnr_buf_printf(&b,
		"{\"requestObject\":{\"metadata\":{\"managedFields\":\"%s\",\"n\":1},\"q\":\"%s\"},"
		"\"responseObject\":{\"metadata\":{\"managedFields\":[]},\"s\":\"%s\"},"
		"\"kind\":\"Event\"," TIME "}",
		f, q, s);
	lnr_audit_reader_init(&r, max);
	assert_ok(lnr_audit_reader_begin(&r, lnr_buf_view(&b), NULL), NULL);
	if (want) {
		assert_code(lnr_audit_reader_next(&r, &item), 0);
		check_record(&item, NS, want);
		assert_int_equal(r.trimmed, 1);
		/* The tape knows what was cut: fields must not see it. */
		assert_null(item.json);
	} else {
		assert_code(lnr_audit_reader_next(&r, &item), -ENODATA);
		assert_int_equal(r.too_large, 1);
	}
	lnr_audit_reader_done(&r);
	lnr_buf_done(&b);
	free(f);
	free(s);
	free(q);
}

#define MARKED "\"annotations\":{\"audit.k8s.io/truncated\":\"true\"}"

static void trims_what_is_too_large(void **state)
{
	struct lnr_audit_reader r;
	struct lnr_capture_item item;
	(void)state;
	trims(1000, 1, 1, 300,
		"{\"requestObject\":{\"metadata\":{\"n\":1},\"q\":\"q\"},\"responseObject\":{"
		"\"metadata\":{},\"s\":\"s\"},\"kind\":\"Event\"," TIME "," MARKED "}");
	trims(1000, 1000, 1, 300,
		"{\"requestObject\":{\"metadata\":{\"n\":1},\"q\":\"q\"},\"kind\":\"Event\"," TIME
		"," MARKED "}");
	trims(1, 1, 1000, 300, "{\"kind\":\"Event\"," TIME "," MARKED "}");
	trims(1, 1, 1000, 60, NULL);
	/* The limit itself, and one byte less; annotations that are there stay. */
	static const char text[] =
		"{\"kind\":\"Event\"," TIME
		",\"annotations\":{\"a\":\"b\"},\"responseObject\":{\"x\":\"yyyyyyyyyyyyyyyyyyyyyyyy"
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"}}";
	for (size_t less = 0; less < 2; less++) {
		lnr_audit_reader_init(&r, sizeof(text) - 1 - less);
		assert_ok(lnr_audit_reader_begin(&r, lnr_str_c(text), NULL), NULL);
		assert_code(lnr_audit_reader_next(&r, &item), 0);
		check_record(&item, NS,
			less ? "{\"kind\":\"Event\"," TIME
			       ",\"annotations\":{\"audit.k8s.io/truncated\":\"true\",\"a\":\"b\"}}"
			     : text);
		lnr_audit_reader_done(&r);
	}
}

/* --- hostile input --- */

/* Sanitizers keep what was freed. */
static long rss_kb(void)
{
	struct rusage u = {0};
#ifndef LNR_ASAN
	getrusage(RUSAGE_SELF, &u);
#endif
	return u.ru_maxrss;
}

/* A document of `n` bytes from what is repeated between two ends. */
static int feed(
	struct lnr_audit_reader *r, const char *head, const char *unit, const char *tail, size_t n)
{
	struct lnr_buf b = {0};
	struct lnr_capture_item item;
	lnr_buf_cstr(&b, head);
	while (b.len + strlen(tail) < n)
		lnr_buf_cstr(&b, unit);
	lnr_buf_cstr(&b, tail);
	int rc = lnr_audit_reader_begin(r, lnr_buf_view(&b), NULL);
	int events = 0;
	while (!rc && lnr_audit_reader_next(r, &item) == 0)
		events++;
	lnr_buf_done(&b);
	return rc ? rc : events;
}

static void withstands_hostile_documents(void **state)
{
	static const struct {
		const char *head, *unit, *tail;
		int want;
	} docs[] = {
		{"", "[", "", -E2BIG},
		{"", "{\"a\":", "", -E2BIG},
		{"[", "1,", "1]", 0},
		{"", "\xff\xfe{[\"", "", -EBADMSG},
		{"\"", "\\", "", -EBADMSG},
		{"[\"", "\\\"\x80", "\"]", 0},
		{"{\"kind\":\"Event\",\"a\":", "9", "," TIME "}", 0},
		{"{\"kind\":\"Event\",\"a\":1", ",\"kind\":\"x\"", "," TIME "}", 0},
		{"[", "{\"kind\":\"Event\"},", "1]", 0},
		{"", " ", "", -EBADMSG},
	};
	struct lnr_audit_reader r;
	(void)state;
	lnr_audit_reader_init(&r, LNR_AUDIT_EVENT_BYTES);
	long before = 0;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < LNR_ARRAY_SIZE(docs); i++)
			assert_int_equal(
				feed(&r, docs[i].head, docs[i].unit, docs[i].tail, 1 << 20),
				docs[i].want);
		/* A good one still goes through, and nothing grows from the second round on. */
		assert_int_equal(feed(&r, EVENT("a"), " ", "", 100), 1);
		assert_true(r.cap <= LNR_AUDIT_NODES_KEPT);
		if (round == 0)
			before = rss_kb();
		else
			assert_true(rss_kb() - before < 8 << 10);
	}
	/* Numbers, duplicate members: both events were too large, not wrong. */
	assert_int_equal(r.too_large, 6);
	/* More values than there is memory for in a body of the largest size. */
	assert_int_equal(feed(&r, "[", "1,", "1]", LNR_AUDIT_BATCH_BYTES), -E2BIG);
	assert_int_equal(feed(&r, "[", "{\"", "", LNR_AUDIT_BATCH_BYTES), -EBADMSG);
	lnr_audit_reader_done(&r);
}

/* --- files --- */

struct source {
	struct lnr_test_dir dir;
	struct lnr_clock_fake clock;
	struct lnr_capture *c;
	char *path;
};

static void write_to(const char *path, const char *mode, const char *text)
{
	FILE *f = fopen(path, mode);
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void open_source(struct source *s, const char *scheme, const char *name, const char *text)
{
	struct lnr_err err = {0};
	char params[256];
	lnr_test_dir_init(&s->dir);
	lnr_clock_fake_init(&s->clock, NS, NS);
	s->path = lnr_test_path(&s->dir, name);
	if (text)
		write_to(s->path, "w", text);
	snprintf(params, sizeof(params), "%s%s", scheme, s->path);
	const struct lnr_audit_opts o = {.size = sizeof(o),
		.open_params = params,
		.init_config = "{\"maxEventSize\":200,\"webhookMaxBatchSize\":400}",
		.clock = &s->clock.clock};
	assert_ok(lnr_audit_open(&o, &s->c, &err), &err);
}

static void close_source(struct source *s)
{
	lnr_capture_close(s->c);
	free(s->path);
	lnr_test_dir_done(&s->dir);
}

static void next_is(struct source *s, const char *want)
{
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	assert_ok(lnr_capture_next(s->c, &item, &err), &err);
	check_record(&item, NS, want);
}

static void next_code(struct source *s, int code)
{
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	uint64_t before = s->clock.mono;
	assert_code(lnr_capture_next(s->c, &item, &err), code);
	/* A source that has nothing for now has waited. */
	assert_true(code != -EAGAIN || s->clock.mono > before);
}

static uint64_t stat_of(struct source *s, const char *name)
{
	struct lnr_stat v[64];
	unsigned n = s->c->ops->stats(s->c, v, 64);
	for (unsigned i = 0; i < n; i++) {
		if (strcmp(v[i].name, name) == 0)
			return v[i].value;
	}
	fail_msg("no number %s", name);
	return 0;
}

static void reads_a_file_once(void **state)
{
	struct source s;
	struct lnr_buf b = {0};
	char *longer = repeat('x', 500);
	(void)state;
	/* The last line has no end; what is wrong or too long is passed over. */
	lnr_buf_printf(&b,
		"%s\n\n  \t\nnot json\r\n%s\n{\"kind\":\"Event\",\"a\":\"%s\"," TIME "}\n%s",
		EVENT("a"), longer, longer, " [" EVENT("b") "," EVENT("c") "]\r");
	open_source(&s, "", "audit.log", b.ptr);
	next_is(&s, EVENT("a"));
	next_is(&s, EVENT("b"));
	next_is(&s, EVENT("c"));
	next_code(&s, -ENODATA);
	next_code(&s, -ENODATA);
	assert_int_equal(stat_of(&s, "n_plugin_evts"), 3);
	assert_int_equal(stat_of(&s, "n_audit_documents"), 3);
	assert_int_equal(stat_of(&s, "n_audit_bad_documents"), 1);
	assert_int_equal(stat_of(&s, "n_audit_file_too_long_lines"), 2);
	close_source(&s);
	free(longer);
	lnr_buf_done(&b);
	open_source(&s, "", "empty.log", "");
	next_code(&s, -ENODATA);
	close_source(&s);
}

/* Lines longer than what is read at once. */
static void reads_large_lines(void **state)
{
	struct source s;
	struct lnr_buf b = {0};
	char *pad = repeat(' ', LNR_AUDIT_READ_BYTES * 5);
	(void)state;
	lnr_buf_printf(&b, "%s\n%s%s\n%s\n%s", EVENT("a"), pad, EVENT("x"), EVENT("b"), pad);
	open_source(&s, "", "audit.log", b.ptr);
	next_is(&s, EVENT("a"));
	next_is(&s, EVENT("b"));
	next_code(&s, -ENODATA);
	assert_int_equal(stat_of(&s, "n_audit_file_too_long_lines"), 2);
	lnr_capture_close(s.c);
	const struct lnr_audit_opts o = {.size = sizeof(o), .open_params = s.path, .clock = NULL};
	assert_ok(lnr_audit_open(&o, &s.c, NULL), NULL);
	next_is(&s, EVENT("a"));
	next_is(&s, EVENT("x"));
	next_is(&s, EVENT("b"));
	close_source(&s);
	free(pad);
	lnr_buf_done(&b);
}

static void reads_a_directory_by_age(void **state)
{
	struct source s;
	const struct timespec old[2] = {{1000, 0}, {1000, 0}}, older[2] = {{900, 5}, {900, 5}};
	(void)state;
	open_source(&s, "", "only.log", EVENT("c"));
	char *a = lnr_test_path(&s.dir, "z.log"), *b = lnr_test_path(&s.dir, "b.log");
	char *sub = lnr_test_path(&s.dir, "sub");
	/* No line end between the files. */
	write_to(a, "w", EVENT("a"));
	write_to(b, "w", EVENT("b"));
	assert_int_equal(mkdir(sub, 0700), 0);
	assert_int_equal(utimensat(AT_FDCWD, a, older, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, b, old, 0), 0);
	lnr_capture_close(s.c);
	const struct lnr_audit_opts o = {.size = sizeof(o), .open_params = s.dir.path};
	assert_ok(lnr_audit_open(&o, &s.c, NULL), NULL);
	next_is(&s, EVENT("a"));
	next_is(&s, EVENT("b"));
	next_is(&s, EVENT("c"));
	next_code(&s, -ENODATA);
	free(a);
	free(b);
	free(sub);
	close_source(&s);
}

static void follows_complete_lines(void **state)
{
	struct source s;
	(void)state;
	open_source(&s, "file://", "audit.log", EVENT("old") "\n");
	next_code(&s, -EAGAIN);
	write_to(s.path, "a", EVENT("a") "\n{\"kind\":\"Event\",");
	next_is(&s, EVENT("a"));
	next_code(&s, -EAGAIN);
	write_to(s.path, "a", TIME "}\n" EVENT("b") "\n");
	next_is(&s, "{\"kind\":\"Event\"," TIME "}");
	next_is(&s, EVENT("b"));
	next_code(&s, -EAGAIN);
	close_source(&s);
}

static void follows_rotated_and_cut_files(void **state)
{
	struct source s;
	char moved[300];
	(void)state;
	open_source(&s, "file://", "audit.log", EVENT("old") "\n");
	next_code(&s, -EAGAIN);
	snprintf(moved, sizeof(moved), "%s.1", s.path);
	/* Renamed: the writer goes on in the old file until the new one is there. */
	assert_int_equal(rename(s.path, moved), 0);
	write_to(moved, "a", EVENT("a") "\n");
	next_is(&s, EVENT("a"));
	next_code(&s, -EAGAIN);
	/* The last line of the old one has no end, and yet is whole. */
	write_to(moved, "a", EVENT("b"));
	next_code(&s, -EAGAIN);
	write_to(s.path, "w", EVENT("c") "\n" EVENT("d"));
	next_is(&s, EVENT("b"));
	next_is(&s, EVENT("c"));
	next_code(&s, -EAGAIN);
	assert_int_equal(stat_of(&s, "n_audit_file_rotations"), 1);
	/* Cut to nothing and written again. */
	write_to(s.path, "w", EVENT("e") "\n");
	next_is(&s, EVENT("e"));
	next_code(&s, -EAGAIN);
	assert_int_equal(stat_of(&s, "n_audit_file_truncations"), 1);
	/* Gone, and another one. */
	assert_int_equal(unlink(s.path), 0);
	next_code(&s, -EAGAIN);
	write_to(s.path, "w", EVENT("f") "\n");
	next_is(&s, EVENT("f"));
	assert_int_equal(stat_of(&s, "n_audit_bad_documents"), 0);
	close_source(&s);
}

/* Reading goes on, but not without a look at other things. */
static void comes_back_from_endless_lines(void **state)
{
	const struct lnr_audit_opts o = {.size = sizeof(o), .open_params = "/dev/zero"};
	struct lnr_capture_item item;
	struct lnr_capture *c;
	(void)state;
	assert_ok(lnr_audit_open(&o, &c, NULL), NULL);
	for (int i = 0; i < 3; i++)
		assert_code(lnr_capture_next(c, &item, NULL), -EAGAIN);
	lnr_capture_close(c);
}

/* What is no file at the place of one is waited away. */
static void waits_while_a_pipe_is_there(void **state)
{
	struct source s;
	(void)state;
	open_source(&s, "file://", "audit.log", EVENT("old") "\n");
	assert_int_equal(unlink(s.path), 0);
	assert_int_equal(mkfifo(s.path, 0600), 0);
	next_code(&s, -EAGAIN);
	next_code(&s, -EAGAIN);
	assert_int_equal(unlink(s.path), 0);
	write_to(s.path, "w", EVENT("a") "\n");
	next_is(&s, EVENT("a"));
	close_source(&s);
}

static void waits_for_a_file(void **state)
{
	struct source s;
	(void)state;
	open_source(&s, "file://", "audit.log", NULL);
	next_code(&s, -EAGAIN);
	next_code(&s, -EAGAIN);
	write_to(s.path, "w", EVENT("a") "\n");
	next_is(&s, EVENT("a"));
	close_source(&s);
}

static void refuses_what_it_cannot_open(void **state)
{
	static const struct {
		const char *params, *config, *why;
	} bad[] = {
		{"", "", "open_params is missing"},
		{"ftp://x/y", "", "none of http, https, file"},
		{"/nowhere/audit.log", "", "cannot read /nowhere/audit.log"},
		{"file:///nowhere/audit.log", "", "cannot follow /nowhere/audit.log: /nowhere"},
		{"file:///dev/null", "", "not a regular file"},
		{"file:///tmp", "", "not a regular file"},
		{"/dev/null", "[]", "init_config"},
		{"http://127.0.0.1:1", "", "http://127.0.0.1:1"},
	};
	struct lnr_capture *c;
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++) {
		struct lnr_err err = {0};
		const struct lnr_audit_opts o = {.size = sizeof(o),
			.open_params = bad[i].params,
			.init_config = bad[i].config};
		assert_true(lnr_audit_open(&o, &c, &err) < 0);
		assert_has(err.msg, bad[i].why);
	}
}

/* Garbage without end: next() comes back, and the log is told once. */
static void told(struct lnr_log *log, enum lnr_log_level level, const char *msg)
{
	(void)level;
	assert_has(msg, "dropped because they are none");
	++*(int *)log->user;
}

static void tells_of_garbage_in_measure(void **state)
{
	struct source s;
	struct lnr_buf b = {0};
	int n = 0;
	struct lnr_log log = {.max = LNR_LOG_DEBUG, .sink = told, .user = &n};
	(void)state;
	for (int i = 0; i < 1000; i++)
		lnr_buf_cstr(&b, "{\"kind\":\n");
	open_source(&s, "", "audit.log", b.ptr);
	lnr_capture_close(s.c);
	const struct lnr_audit_opts o = {
		.size = sizeof(o), .open_params = s.path, .log = &log, .clock = &s.clock.clock};
	assert_ok(lnr_audit_open(&o, &s.c, NULL), NULL);
	struct lnr_capture_item item;
	int rounds = 0;
	while (lnr_capture_next(s.c, &item, NULL) == -EAGAIN)
		rounds++;
	assert_true(rounds >= 1000 / (LNR_AUDIT_FRUITLESS + 1));
	assert_int_equal(stat_of(&s, "n_audit_bad_documents"), 1000);
	assert_int_equal(n, 1);
	close_source(&s);
	lnr_buf_done(&b);
}

/* --- memory --- */

static int read_all(void *arg)
{
	const struct lnr_audit_opts o = {.size = sizeof(o), .open_params = arg};
	struct lnr_capture_item item;
	struct lnr_capture *c = NULL;
	int r = lnr_audit_open(&o, &c, NULL);
	while (!r)
		r = lnr_capture_next(c, &item, NULL);
	lnr_capture_close(c);
	return r == -ENODATA ? 0 : r;
}

static void survives_want_of_memory(void **state)
{
	struct source s;
	(void)state;
	char config[] = "{\"sslCertificate\":\"/c\",\"clientCA\":\"/ca\",\"allowFrom\":[\"::1\"]}";
	lnr_test_each_alloc_fails(parse_config, config);
	open_source(&s, "", "audit.log", EVENT("a") "\n" EVENT("b"));
	/* A document without memory for it is a lost one, and counted. */
	lnr_test_each_alloc_may_fail(read_all, s.path);
	lnr_test_each_alloc_may_fail(read_all, s.dir.path);
	close_source(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_times),
		cmocka_unit_test(reads_configurations),
		cmocka_unit_test(takes_documents_apart),
		cmocka_unit_test(trims_what_is_too_large),
		cmocka_unit_test(withstands_hostile_documents),
		cmocka_unit_test(reads_a_file_once),
		cmocka_unit_test(reads_large_lines),
		cmocka_unit_test(reads_a_directory_by_age),
		cmocka_unit_test(follows_complete_lines),
		cmocka_unit_test(follows_rotated_and_cut_files),
		cmocka_unit_test(comes_back_from_endless_lines),
		cmocka_unit_test(waits_while_a_pipe_is_there),
		cmocka_unit_test(waits_for_a_file),
		cmocka_unit_test(refuses_what_it_cannot_open),
		cmocka_unit_test(tells_of_garbage_in_measure),
		cmocka_unit_test(survives_want_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
