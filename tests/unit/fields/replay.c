/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Field values of whole captures against those of the reference
 * (tests/reference/captures/README.md): record, state and fields together, without rules.
 *
 *	replay [FOLDER...]	other captures; prints the first differences of each field
 */
#include <dirent.h>
#include <jansson.h>
#include <zlib.h>
#include "capture/scap.h"
#include "fixture.h"

#define CAPTURES "tests/reference/captures"

/* The fields asked about one kind of event. */
struct wanted {
	struct wanted *next;
	char *type; /* NULL = all */
	bool brief;
	size_t n;
	struct lnr_field_ref *refs;
};

struct replay {
	const char *folder;
	struct lnr_fieldset *set;
	struct lnr_arena arena, scratch;
	struct wanted *wanted;
	json_t *events; /* evt.num as text to values */
	struct lnr_state *state;
	struct lnr_capture *capture;
	struct lnr_event ev;
	struct lnr_field_ctx ctx;
	struct lnr_buf out;
	unsigned compared, wrong, seen;
	json_t *told; /* fields whose difference was printed */
};

/* --- what is expected --- */

static void add_wanted(struct replay *r, const json_t *query, const char *type)
{
	const json_t *fields = json_object_get(query, "fields");
	struct wanted *w = calloc(1, sizeof(*w));
	struct lnr_err err = {0};

	assert_non_null(w);
	w->type = type ? strdup(type) : NULL;
	w->brief = json_is_true(json_object_get(query, "brief"));
	w->n = json_array_size(fields);
	w->refs = calloc(w->n, sizeof(*w->refs));
	assert_non_null(w->refs);
	for (size_t i = 0; i < w->n; i++)
		assert_ok(lnr_field_resolve(r->set,
				  lnr_str_c(json_string_value(json_array_get(fields, i))),
				  &r->arena, &w->refs[i], &err),
			&err);
	w->next = r->wanted;
	r->wanted = w;
}

static void read_head(struct replay *r, const json_t *head)
{
	const json_t *queries = json_object_get(head, "queries");

	for (size_t q = 0; q < json_array_size(queries); q++) {
		const json_t *query = json_array_get(queries, q);
		const json_t *types = json_object_get(query, "types");
		if (!json_array_size(types))
			add_wanted(r, query, NULL);
		for (size_t i = 0; i < json_array_size(types); i++)
			add_wanted(r, query, json_string_value(json_array_get(types, i)));
	}
}

/* JSON whose numbers may be beyond INT64_MAX, which jansson reads as real ones only. */
static json_t *load(const char *text, size_t len)
{
	json_t *j = json_loadb(text, len, JSON_DECODE_ANY, NULL);

	if (!j)
		j = json_loadb(text, len, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
	assert_non_null(j);
	return j;
}

static void read_expected(struct replay *r)
{
	char path[512], key[32], *line = malloc(1 << 22);
	bool first = true;

	assert_non_null(line);
	snprintf(path, sizeof(path), "%s/fields.jsonl.gz", r->folder);
	gzFile in = gzopen(path, "r");
	assert_non_null(in);
	r->events = json_object();
	while (gzgets(in, line, 1 << 22)) {
		json_t *j = load(line, strlen(line));
		if (first) {
			read_head(r, j);
			json_decref(j);
		} else {
			assert_true(json_number_value(json_object_get(j, "evt.num")) > 0);
			snprintf(key, sizeof(key), "%lld",
				(long long)json_number_value(json_object_get(j, "evt.num")));
			json_object_set_new(r->events, key, j);
		}
		first = false;
	}
	gzclose(in);
	free(line);
}

/* --- comparing --- */

static bool skipped(const json_t *want_, const char *name)
{
	const json_t *skip = json_object_get(want_, "skip");

	for (size_t i = 0; i < json_array_size(skip); i++)
		if (strcmp(json_string_value(json_array_get(skip, i)), name) == 0)
			return true;
	return false;
}

static json_t *value_of(struct replay *r, const struct lnr_field_ref *ref)
{
	struct lnr_json j;
	struct lnr_val v;

	if (!lnr_field_get_output(&r->ctx, ref, &v))
		return json_null();
	lnr_buf_clear(&r->out);
	lnr_json_init(&j, &r->out);
	lnr_val_json(&j, &r->ctx, ref, &v, ref->def->fmt);
	return load(r->out.ptr, r->out.len);
}

static bool same(const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b))
		return json_is_integer(a) && json_is_integer(b)
			       ? json_integer_value(a) == json_integer_value(b)
			       : json_number_value(a) == json_number_value(b);
	return json_equal(a, b);
}

/*
 * What the reference prints from memory that is not the value: the first letters of "NULL" for a
 * buffer without data, and what lies behind a number that an older record does not have.
 */
static bool is_leftover(const char *name, const json_t *got, const json_t *want_)
{
	const char *text = json_string_value(want_);

	if (strcmp(name, "evt.buffer") == 0)
		return text && json_is_string(got) && json_string_length(got) == 0 &&
		       strncmp(text, "NULL", strlen(text)) == 0;
	return json_is_null(got) && strncmp(name, "evt.rawarg.", 11) == 0;
}

static void tell(struct replay *r, const char *name, const json_t *got, const json_t *want_)
{
	json_t *count = json_object_get(r->told, name);
	json_int_t n = json_integer_value(count);

	json_object_set_new(r->told, name, json_integer(n + 1));
	if (n >= 2)
		return;
	char *g = json_dumps(got, JSON_ENCODE_ANY), *w = json_dumps(want_, JSON_ENCODE_ANY);
	print_message("%s: event %llu (%s) %s is %s, not %s\n", r->folder,
		(unsigned long long)r->ev.num, r->ev.info->enum_name, name, g, w);
	free(g);
	free(w);
}

static void compare_event(struct replay *r, const json_t *want_)
{
	const char *type = json_string_value(json_object_get(want_, "evt.type"));
	bool brief = json_is_true(json_object_get(want_, "brief"));

	r->seen++;
	json_object_set_new((json_t *)want_, "seen", json_true());
	for (const struct wanted *w = r->wanted; w; w = w->next) {
		if (w->brief != brief || (w->type && (!type || strcmp(w->type, type) != 0)))
			continue;
		for (size_t i = 0; i < w->n; i++) {
			const char *name = w->refs[i].text.ptr;
			if (skipped(want_, name))
				continue;
			const json_t *expected = json_object_get(want_, name);
			json_t *got = value_of(r, &w->refs[i]);
			r->compared++;
			if (!expected)
				expected = json_null();
			if (!same(got, expected) && !is_leftover(name, got, expected)) {
				r->wrong++;
				tell(r, name, got, expected);
			}
			json_decref(got);
		}
	}
}

/* --- replaying --- */

static void open_capture(struct replay *r)
{
	struct lnr_state_opts so = {
		.size = sizeof(so), .max_proc_lookups = -1, .import_users = true};
	struct lnr_err err = {0};
	char path[512];

	so.clock = lnr_clock_system();
	snprintf(path, sizeof(path), "%s/capture.scap", r->folder);
	assert_ok(lnr_state_new(&so, &r->state, &err), &err);
	assert_ok(lnr_scap_open(path, NULL, &r->capture, &err), &err);
	assert_ok(r->capture->ops->populate(r->capture, r->state, &err), &err);
	r->ctx.state = r->state;
}

static void one_item(struct replay *r, const struct lnr_capture_item *item)
{
	char key[32];

	if (lnr_event_parse(&r->ev, item->record, item->len, item->cpu, NULL))
		return;
	r->ev.num++;
	if (!r->ctx.first_ts)
		r->ctx.first_ts = r->ev.ts;
	bool visible = lnr_state_enter(r->state, &r->ev) && !(item->flags & LNR_ITEM_STATE_ONLY);
	snprintf(key, sizeof(key), "%llu", (unsigned long long)r->ev.num);
	const json_t *want_ = visible ? json_object_get(r->events, key) : NULL;
	if (want_)
		compare_event(r, want_);
	lnr_state_leave(r->state, &r->ev);
	lnr_arena_reset(&r->scratch);
}

static void replay_done(struct replay *r)
{
	for (struct wanted *w = r->wanted, *next; w; w = next) {
		next = w->next;
		free(w->type);
		free(w->refs);
		free(w);
	}
	lnr_capture_close(r->capture);
	lnr_state_free(r->state);
	json_decref(r->events);
	json_decref(r->told);
	lnr_buf_done(&r->out);
	lnr_arena_done(&r->arena);
	lnr_arena_done(&r->scratch);
	lnr_fieldset_unref(r->set);
}

/* Differences of one capture; *ret_compared gets how many values were looked at. */
static unsigned replay(const char *folder, unsigned *ret_compared)
{
	struct replay r = {.folder = folder};
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	int rc;

	setenv("TZ", "UTC", 1);
	tzset();
	lnr_arena_init(&r.arena, 0);
	lnr_arena_init(&r.scratch, 0);
	lnr_buf_init(&r.out, 0);
	r.told = json_object();
	r.set = lnr_fieldset_new("syscall");
	r.ev.scratch = &r.scratch;
	r.ctx = (struct lnr_field_ctx){.ev = &r.ev, .source = LNR_STR("syscall"), .time_mode = 'h'};
	read_expected(&r);
	open_capture(&r);
	while ((rc = lnr_capture_next(r.capture, &item, &err)) == 0)
		one_item(&r, &item);
	assert_int_equal(rc, -ENODATA);
	const char *num;
	json_t *missed;
	json_object_foreach(r.events, num, missed) if (!json_object_get(missed, "seen"))
		print_message("%s: event %s was not seen\n", folder, num);
	unsigned wrong = r.wrong;
	*ret_compared = r.compared;
	print_message("%s: %u of %u values differ\n", folder, r.wrong, r.compared);
	const char *name;
	json_t *count;
	json_object_foreach(r.told, name, count)
		print_message("\t%lld %s\n", (long long)json_integer_value(count), name);
	replay_done(&r);
	return wrong;
}

static void test_captures(void **state)
{
	unsigned wrong = 0, compared, captures = 0;
	struct dirent *entry;
	DIR *dir = opendir(CAPTURES);
	char path[512];

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (strchr(entry->d_name, '.'))
			continue;
		snprintf(path, sizeof(path), CAPTURES "/%s", entry->d_name);
		wrong += replay(path, &compared);
		assert_true(compared > 1000);
		captures++;
	}
	closedir(dir);
	assert_true(captures >= 10); /* the folders are there */
	assert_int_equal(wrong, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_captures)};
	unsigned compared, wrong = 0;

	for (int i = 1; i < argc; i++)
		wrong += replay(argv[i], &compared);
	if (argc > 1)
		return wrong != 0;
	return cmocka_run_group_tests_name("fields/replay", tests, NULL, NULL);
}
