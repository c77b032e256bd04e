/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of events against what the reference prints (reference/list-events.json).
 */
#include <stdlib.h>
#include "decode/list.h"
#include "decode/schema.h"
#include "lib/failalloc.h"
#include "lib/test.h"
#include "unit/decode/reference.h"

static const char *const categories[] = {
	"Syscall events", "Tracepoint events", "Plugin events", "Metaevents"};

static char *list_as(const char *format)
{
	struct lnr_buf out;

	lnr_buf_init(&out, 0);
	assert_int_equal(lnr_events_list(&out, format, NULL), 0);
	return lnr_buf_take(&out);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The entries as text, sorted: the reference has its generic calls in the order of a hash. */
static char **sorted_entries(json_t *array)
{
	char **texts = calloc(json_array_size(array), sizeof(*texts));
	json_t *entry;
	size_t i;

	assert_non_null(texts);
	json_array_foreach(array, i, entry)
		texts[i] = json_dumps(entry, JSON_SORT_KEYS | JSON_COMPACT);
	qsort(texts, json_array_size(array), sizeof(*texts), by_text);
	return texts;
}

static void test_json_equals_reference(void **state)
{
	json_t *ref = load_reference("reference/list-events.json"), *ours;
	char *text = list_as("json");

	(void)state;
	assert_non_null(ref);
	ours = json_loads(text, 0, NULL);
	assert_non_null(ours);
	assert_int_equal(json_object_size(ours), json_object_size(ref));
	assert_string_equal(json_string_value(json_object_get(ours, "schema_version")),
		LNR_EVENT_SCHEMA_VERSION);
	for (size_t c = 0; c < LNR_ARRAY_SIZE(categories); c++) {
		json_t *a = json_object_get(ours, categories[c]);
		json_t *b = json_object_get(ref, categories[c]);
		size_t n = json_array_size(b);
		char **x, **y;

		assert_true(n > 0);
		assert_int_equal(json_array_size(a), n);
		x = sorted_entries(a);
		y = sorted_entries(b);
		for (size_t i = 0; i < n; i++) {
			assert_string_equal(x[i], y[i]);
			free(x[i]);
			free(y[i]);
		}
		free(x);
		free(y);
	}
	json_decref(ours);
	json_decref(ref);
	free(text);
}

/* Events with parameters of their own stand in the order of the reference. */
static void test_order_of_events(void **state)
{
	json_t *ref = load_reference("reference/list-events.json"), *ours;
	char *text = list_as("json");
	json_t *a, *b, *entry;
	size_t i;

	(void)state;
	ours = json_loads(text, 0, NULL);
	a = json_object_get(ours, "Syscall events");
	b = json_object_get(ref, "Syscall events");
	json_array_foreach(b, i, entry)
	{
		const char *name = json_string_value(json_object_get(entry, "name"));

		if (lnr_event_find(lnr_str_c(name), 0) < 0)
			break;
		assert_true(json_equal(entry, json_array_get(a, i)));
	}
	assert_int_equal(i, 167);
	json_decref(ours);
	json_decref(ref);
	free(text);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void test_text_and_markdown(void **state)
{
	char *text = list_as("text"), *md = list_as("markdown");

	(void)state;
	for (size_t c = 0; c < LNR_ARRAY_SIZE(categories); c++) {
		char heading[64];

		snprintf(heading, sizeof(heading), "\n## %s\n\n", categories[c]);
		assert_int_equal(count(text, heading), 1);
		assert_int_equal(count(md, heading), 1);
	}
	assert_non_null(strstr(text, LNR_EVENT_SCHEMA_VERSION));
	assert_int_equal(count(text, "\n> ") + count(text, "\n< "), 711 + 4 + 1 + 13);
	assert_non_null(strstr(text, "\n< close(ERRNO **res**, FD **fd**)\n"));
	assert_non_null(strstr(text, "FLAGS32 **flags**: O_LARGEFILE, O_DIRECTORY, "));
	assert_non_null(strstr(text, "\n> swapon(SYSCALLID **ID**, UINT16 **nativeID**)\n"));
	assert_non_null(strstr(text, "DYNAMIC **val**"));
	assert_null(strstr(text, "task_file_pipe"));
	assert_int_equal(count(md, "\nYes | ") + count(md, "\nNo | "), 711 + 4 + 1 + 13);
	assert_int_equal(count(md, "\nNo | "), 11);
	assert_non_null(strstr(md, "\nYes | `<` | `close` | ERRNO **res**, FD **fd**\n"));
	assert_non_null(strstr(md, "\nNo | `<` | `read` | "));
	assert_non_null(strstr(md, "FLAGS32 **flags**: *O_LARGEFILE*, *O_DIRECTORY*, "));
	/* A mode is a number there, though values of it are shown by name. */
	assert_non_null(
		strstr(text, "\n< chmod(ERRNO **res**, FSPATH **filename**, MODE **mode**)\n"));
	free(text);
	free(md);
}

static void test_refusals(void **state)
{
	static const char *const formats[] = {"", "yaml", "JSON", "text "};
	struct lnr_err err = {0};
	struct lnr_buf out;

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(formats); i++) {
		lnr_buf_init(&out, 0);
		assert_int_equal(lnr_events_list(&out, formats[i], &err), -EINVAL);
		assert_non_null(strstr(err.msg, "markdown"));
		assert_int_equal(out.len, 0);
		lnr_buf_done(&out);
	}
	lnr_buf_init(&out, 1000);
	assert_int_equal(lnr_events_list(&out, "json", &err), -ENOMEM);
	assert_int_equal(err.code, -ENOMEM);
	lnr_buf_done(&out);
}

static int list_once(void *format)
{
	struct lnr_buf out;
	int r;

	lnr_buf_init(&out, 0);
	r = lnr_events_list(&out, format, NULL);
	lnr_buf_done(&out);
	return r;
}

static void test_allocation_failures(void **state)
{
	char text[] = "text", json[] = "json";

	(void)state;
	lnr_test_each_alloc_fails(list_once, text);
	lnr_test_each_alloc_fails(list_once, json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_equals_reference),
		cmocka_unit_test(test_order_of_events),
		cmocka_unit_test(test_text_and_markdown),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_allocation_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
