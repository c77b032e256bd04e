/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listings: equal to the reference's in names, types and arguments, in every format.
 *
 *	list --write FILE	writes the page docs/reference/fields.md (tools/gen-fields)
 */
#include <jansson.h>
#include "base/util.h"
#include "fields/core/list.h"
#include "fixture.h"
#include "lib/failalloc.h"

#define REFERENCE "tests/reference/reference/fields.json"
#define PAGE	  "docs/reference/fields.md"

static struct lnr_str list(struct fx *f, const struct lnr_fields_list_opts *opts)
{
	struct lnr_err err = {0};

	lnr_buf_clear(&f->out);
	assert_ok(lnr_fields_list(&f->out, f->set, opts, &err), &err);
	return lnr_buf_view(&f->out);
}

static json_t *list_json(struct fx *f, bool names_only)
{
	struct lnr_fields_list_opts opts = {.format = "json", .names_only = names_only};
	struct lnr_str s = list(f, &opts);
	json_t *j = json_loadb(s.ptr, s.len, 0, NULL);

	assert_non_null(j);
	return j;
}

static const json_t *by_name(const json_t *array, const char *name)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *v = json_array_get(array, i);
		if (strcmp(json_string_value(json_object_get(v, "name")), name) == 0)
			return v;
	}
	return NULL;
}

/* Fields that the reference does not have. */
static bool is_ours(const char *name)
{
	static const char *const ours[] = {"user.uid_before"};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(ours); i++) {
		if (strcmp(ours[i], name) == 0)
			return true;
	}
	return false;
}

static bool is_our_class(const json_t *class)
{
	return strcmp(json_string_value(json_object_get(class, "name")), "clock") == 0;
}

/* Class by class, field by field. */
static void test_equals_reference(void **state)
{
	static const char *const keys[] = {"type", "is_list", "argument"};
	struct fx *f = *state;
	json_t *want_ = json_load_file(REFERENCE, 0, NULL), *got = list_json(f, false);
	const json_t *want_classes = json_object_get(want_, "fieldclasses"),
		     *classes = json_object_get(got, "fieldclasses");

	assert_non_null(want_);
	for (size_t i = json_array_size(classes); i-- > 0;)
		if (is_our_class(json_array_get(classes, i)))
			json_array_remove(json_object_get(got, "fieldclasses"), i);
	assert_int_equal(json_array_size(classes), json_array_size(want_classes));
	for (size_t i = 0; i < json_array_size(classes); i++) {
		const json_t *wc = json_array_get(want_classes, i), *c = json_array_get(classes, i);
		const json_t *wf = json_object_get(wc, "fields"),
			     *cf = json_object_get(c, "fields");
		assert_string_equal(json_string_value(json_object_get(c, "name")),
			json_string_value(json_object_get(wc, "name")));
		assert_true(json_equal(
			json_object_get(c, "event_sources"), json_object_get(wc, "event_sources")));
		assert_true(json_string_length(json_object_get(c, "desc")) > 0);
		for (size_t n = 0; n < json_array_size(wf); n++) {
			const json_t *wrow = json_array_get(wf, n);
			const char *name = json_string_value(json_object_get(wrow, "name"));
			const json_t *row = by_name(cf, name);
			if (!row)
				fail_msg("%s is not listed", name);
			for (size_t k = 0; k < LNR_ARRAY_SIZE(keys); k++)
				if (!json_equal(json_object_get(row, keys[k]),
					    json_object_get(wrow, keys[k])))
					fail_msg("%s: %s differs", name, keys[k]);
		}
		for (size_t n = 0; n < json_array_size(cf); n++) {
			const char *name = json_string_value(
				json_object_get(json_array_get(cf, n), "name"));
			if (!by_name(wf, name) && !is_ours(name))
				fail_msg("%s is listed but the reference has no such field", name);
		}
	}
	json_decref(want_);
	json_decref(got);
}

static void test_names(void **state)
{
	struct fx *f = *state;
	struct lnr_fields_list_opts opts = {.names_only = true};
	json_t *j = list_json(f, true);
	const json_t *names = json_object_get(j, "fieldnames");
	struct lnr_str s, line;
	size_t n = 0;

	s = list(f, &opts);
	while (lnr_str_split(&s, '\n', &line) && line.len) {
		assert_str(line, json_string_value(json_array_get(names, n)));
		n++;
	}
	assert_int_equal(n, json_array_size(names));
	assert_true(n > 220);
	opts.format = "markdown";
	assert_true(lnr_str_starts(list(f, &opts), LNR_STR("- evt.num\n- evt.time\n")));
	json_decref(j);
}

/* Deprecated, hidden and print-only fields, and hidden classes, are left out. */
static void test_left_out(void **state)
{
	static const char *const names[] = {"evt.latency", "evt.dir", "evt.buflen.in",
		"evt.outputtime", "thread.nametid", "util.cnt"};
	struct fx *f = *state;
	struct lnr_fields_list_opts opts = {.names_only = true};
	struct lnr_str s = list(f, &opts);

	for (size_t i = 0; i < LNR_ARRAY_SIZE(names); i++) {
		char line[64];
		snprintf(line, sizeof(line), "\n%s\n", names[i]);
		assert_int_equal(lnr_str_find(s, lnr_str_c(line)), -1);
	}
}

static void test_text(void **state)
{
	struct fx *f = *state;
	struct lnr_fields_list_opts opts = {.format = "text"};
	struct lnr_str s = list(f, &opts), line;

	assert_true(lnr_str_starts(s,
		LNR_STR("-------------------------------\n"
			"Field Class:                  evt (All event types)\n"
			"Description:                  What every event has, whatever its source.\n"
			"Event Sources:                syscall \n"
			"\n"
			"evt.num                       Number of the event")));
	assert_true(
		lnr_str_find(s, LNR_STR("\nfd.ip                         (FILTER ONLY) Comp")) > 0);
	/* A name that fills the gutter has a line of its own. */
	assert_true(lnr_str_find(s, LNR_STR("\ncontainer.mount.propagation   Propagation of")) > 0);
	assert_true(lnr_str_find(s, LNR_STR("\nproc.is_container_readiness_probe\n"
					    "                              Has no value")) > 0);
	while (lnr_str_split(&s, '\n', &line))
		assert_in_range(line.len, 0, 120);
	opts.verbose = true;
	s = list(f, &opts);
	assert_true(lnr_str_find(s, LNR_STR("\nproc.pid                      (Type: INT64) ")) > 0);
	assert_true(lnr_str_find(s,
			    LNR_STR("\nfd.types                      (Type: LIST(CHARBUF)) ")) > 0);
}

static void test_sources(void **state)
{
	static const char *const all[] = {"syscall", "beat", NULL};
	struct fx *f = *state;
	struct lnr_fields_list_opts opts = {.names_only = true, .source = "syscall"};
	struct lnr_err err = {0};

	struct lnr_str s = list(f, &opts);
	assert_true(lnr_str_find(s, LNR_STR("proc.name")) > 0);
	lnr_buf_clear(&f->out);
	opts.source = "nowhere";
	assert_code(lnr_fields_list(&f->out, f->set, &opts, &err), -ENOENT);
	assert_has(err.msg, "nowhere");
	opts = (struct lnr_fields_list_opts){.format = "xml"};
	assert_code(lnr_fields_list(&f->out, f->set, &opts, &err), -EINVAL);
	assert_has(err.msg, "xml");
	opts = (struct lnr_fields_list_opts){.format = "text", .sources = all};
	s = list(f, &opts);
	assert_true(lnr_str_find(s, LNR_STR("Event Sources:                syscall beat \n")) > 0);

	/* A set of its own source. */
	struct lnr_fieldset *set = lnr_fieldset_new("k8s_audit");
	opts = (struct lnr_fields_list_opts){0};
	lnr_buf_clear(&f->out);
	assert_code(lnr_fields_list(&f->out, set, &opts, &err), -ENOENT);
	lnr_fieldset_unref(set);
}

/* --- the page --- */

static const char head[] =
	"<!-- Written by tools/gen-fields from the rows of src/fields/. Edit those. -->\n"
	"# Fields\n"
	"\n"
	"What conditions compare and outputs show. A field has no value on an event it does not "
	"fit; "
	"then every comparison\n"
	"is false, `!=` too, and outputs show `<NA>`.\n"
	"\n";

static void write_page(struct fx *f, struct lnr_buf *out)
{
	static const char *const sources[] = {"all", NULL};
	struct lnr_fields_list_opts opts = {.format = "markdown", .sources = sources};
	struct lnr_err err = {0};

	static const char *const plugins[] = {"k8saudit", "json"};
	const struct lnr_field_class *cls;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(plugins); i++) {
		assert_ok(lnr_field_builtin_class(&f->arena, plugins[i], &cls), NULL);
		assert_ok(lnr_fieldset_add(f->set, cls), NULL);
	}
	assert_code(lnr_field_builtin_class(&f->arena, "none", &cls), -ENOENT);
	lnr_buf_cstr(out, head);
	assert_ok(lnr_fields_list(out, f->set, &opts, &err), &err);
}

static void test_page_is_current(void **state)
{
	struct fx *f = *state;
	struct lnr_err err = {0};
	struct lnr_buf page;
	char *text;
	size_t len;

	lnr_buf_init(&page, 0);
	write_page(f, &page);
	assert_ok(lnr_read_file(PAGE, 1 << 20, &text, &len, &err), &err);
	assert_bytes(((struct lnr_str){text, len}), lnr_buf_view(&page));
	free(text);
	lnr_buf_done(&page);
}

static int write_to(const char *path)
{
	void *state;
	struct lnr_buf page;
	FILE *out = fopen(path, "w");

	if (!out)
		return 1;
	fx_setup(&state);
	lnr_buf_init(&page, 0);
	write_page(state, &page);
	size_t n = fwrite(page.ptr, 1, page.len, out);
	bool ok = fclose(out) == 0 && n == page.len;
	lnr_buf_done(&page);
	fx_teardown(&state);
	return ok ? 0 : 1;
}

static int list_all(void *arg)
{
	static const char *const formats[] = {"text", "markdown", "json"};
	struct lnr_fieldset *set = lnr_fieldset_new(NULL);
	struct lnr_buf out;
	int r = set ? 0 : -ENOMEM;

	(void)arg;
	lnr_buf_init(&out, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(formats) && r == 0; i++) {
		struct lnr_fields_list_opts opts = {.format = formats[i], .names_only = true};
		r = lnr_fields_list(&out, set, &opts, NULL);
	}
	lnr_buf_done(&out);
	lnr_fieldset_unref(set);
	return r;
}

static void test_out_of_memory(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(list_all, NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		FX_TEST(test_equals_reference),
		FX_TEST(test_names),
		FX_TEST(test_left_out),
		FX_TEST(test_text),
		FX_TEST(test_sources),
		FX_TEST(test_page_is_current),
		cmocka_unit_test(test_out_of_memory),
	};

	if (argc == 3 && strcmp(argv[1], "--write") == 0)
		return write_to(argv[2]);
	return cmocka_run_group_tests_name("fields/list", tests, NULL, NULL);
}
