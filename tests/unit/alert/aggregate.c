/* SPDX-License-Identifier: Apache-2.0 */
/* Repeated alerts (alert/aggregate.h): first at once, then a count for each window. */
#include "alert/aggregate.h"

#include <stdio.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

#define TS     UINT64_C(1700000102123456789) /* 2023-11-14 22:15:02 UTC */
#define SECOND UINT64_C(1000000000)

/* Not of Lanner itself, which is never held back. */
static struct lnr_alert *make(const char *rule, const char *message, uint64_t ts, const char *user)
{
	struct lnr_alert *a;
	const char *const fields[] = {"evt.time", "1", "user.name", user, NULL};
	assert_code(lnr_alert_internal(rule, 4, ts, message, fields, "n1", &a), 0);
	a->internal = false;
	return a;
}

static bool add(struct lnr_aggregate *g, const char *message, uint64_t at)
{
	struct lnr_alert *a = make("r", message, TS + at, "\"root\"");
	bool on = lnr_aggregate_add(g, a, at);
	lnr_alert_unref(a);
	return on;
}

static const char *value(const struct lnr_alert *a, const char *key)
{
	for (uint32_t i = 0; i < a->n_values; i++) {
		if (lnr_str_eq(a->values[i].key, lnr_str_c(key)))
			return a->values[i].json.ptr;
	}
	return "";
}

static void tells_the_first_and_then_counts(void **state)
{
	(void)state;
	struct lnr_aggregate *g = lnr_aggregate_new(10 * SECOND, NULL, 0);
	assert_int_equal(lnr_aggregate_due_ns(g), UINT64_MAX);
	assert_true(add(g, "same", 1 * SECOND));
	assert_false(add(g, "same", 2 * SECOND));
	assert_false(add(g, "same", 3 * SECOND));
	assert_true(add(g, "other", 4 * SECOND));
	assert_int_equal(lnr_aggregate_due_ns(g), 11 * SECOND);
	assert_null(lnr_aggregate_next(g, 11 * SECOND - 1));
	struct lnr_alert *a = lnr_aggregate_next(g, 11 * SECOND);
	assert_non_null(a);
	assert_str(a->message,
		"same (2 more from 2023-11-14T22:15:04.123Z to 2023-11-14T22:15:05.123Z)");
	assert_string_equal(value(a, "alert.count"), "2");
	assert_string_equal(value(a, "alert.first_time"), "1700000104123456789");
	assert_string_equal(value(a, "alert.last_time"), "1700000105123456789");
	assert_string_equal(value(a, "user.name"), "\"root\"");
	for (uint32_t i = 1; i < a->n_values; i++)
		assert_true(lnr_str_cmp(a->values[i - 1].key, a->values[i].key) < 0);
	assert_int_equal(a->priority, 4);
	assert_int_equal(lnr_alert_time_ns(a), TS + 3 * SECOND);
	assert_int_equal(strlen(lnr_alert_id(a)), 36);
	lnr_alert_unref(a);
	assert_null(lnr_aggregate_next(g, 11 * SECOND));
	lnr_aggregate_free(g);
}

/* A steady stream: a summary per window, and nothing else until it has been quiet for one. */
static void goes_on_while_it_repeats(void **state)
{
	(void)state;
	struct lnr_aggregate *g = lnr_aggregate_new(10 * SECOND, NULL, 0);
	unsigned told = 0, sum = 0;
	for (uint64_t at = 0; at < 100 * SECOND; at += SECOND) {
		struct lnr_alert *a = lnr_aggregate_next(g, at);
		if (a) {
			told++;
			sum += (unsigned)atoi(value(a, "alert.count"));
		}
		lnr_alert_unref(a);
		told += add(g, "same", at);
	}
	struct lnr_alert *a = lnr_aggregate_next(g, UINT64_MAX);
	assert_non_null(a);
	sum += (unsigned)atoi(value(a, "alert.count"));
	lnr_alert_unref(a);
	/* The first, and one for each of the windows that ended; nothing is counted twice. */
	assert_int_equal(told, 10);
	assert_int_equal(sum, 99);
	lnr_aggregate_free(g);
	g = lnr_aggregate_new(10 * SECOND, NULL, 0);
	assert_true(add(g, "same", 0));
	assert_null(lnr_aggregate_next(g, 10 * SECOND));
	assert_int_equal(lnr_aggregate_due_ns(g), UINT64_MAX);
	assert_true(add(g, "same", 10 * SECOND));
	lnr_aggregate_free(g);
}

static void compares_the_fields_it_is_told(void **state)
{
	(void)state;
	const struct lnr_str fields[] = {LNR_STR("user.name"), LNR_STR("no.such")};
	struct lnr_aggregate *g = lnr_aggregate_new(SECOND, fields, 2);
	struct lnr_alert *a[] = {make("r", "one", TS, "\"root\""), make("r", "two", TS, "\"root\""),
		make("r", "two", TS, "\"bin\""), make("s", "one", TS, "\"root\"")};
	assert_true(lnr_aggregate_add(g, a[0], 0));
	assert_false(lnr_aggregate_add(g, a[1], 0)); /* another message, the same field */
	assert_true(lnr_aggregate_add(g, a[2], 0));
	assert_true(lnr_aggregate_add(g, a[3], 0)); /* another rule */
	for (size_t i = 0; i < LNR_ARRAY_SIZE(a); i++)
		lnr_alert_unref(a[i]);
	lnr_aggregate_free(g);
}

static void leaves_its_own_messages_alone(void **state)
{
	(void)state;
	struct lnr_aggregate *g = lnr_aggregate_new(SECOND, NULL, 0);
	struct lnr_alert *a = make("r", "m", TS, "1");
	a->internal = true;
	assert_true(lnr_aggregate_add(g, a, 0));
	assert_true(lnr_aggregate_add(g, a, 0));
	lnr_alert_unref(a);
	lnr_aggregate_free(g);
}

/* Beyond its room alerts pass as they come; room comes back when windows end. */
static void has_room_for_so_many(void **state)
{
	(void)state;
	struct lnr_aggregate *g = lnr_aggregate_new(SECOND, NULL, 0);
	char word[32];
	for (unsigned i = 0; i < LNR_AGGREGATE_MAX; i++) {
		snprintf(word, sizeof(word), "m%u", i);
		assert_true(add(g, word, i));
	}
	assert_true(add(g, "more", LNR_AGGREGATE_MAX));
	assert_true(add(g, "more", LNR_AGGREGATE_MAX));
	assert_false(add(g, "m0", LNR_AGGREGATE_MAX));
	struct lnr_alert *a = lnr_aggregate_next(g, 2 * SECOND);
	assert_non_null(a);
	lnr_alert_unref(a);
	assert_null(lnr_aggregate_next(g, 2 * SECOND));
	assert_true(add(g, "more", 2 * SECOND));
	assert_false(add(g, "more", 2 * SECOND));
	lnr_aggregate_free(g);
}

static int live(void *arg)
{
	struct lnr_alert *a = arg;
	struct lnr_str field = LNR_STR("user.name");
	struct lnr_aggregate *g = lnr_aggregate_new(SECOND, &field, 1);
	if (!g)
		return -ENOMEM;
	for (int i = 0; i < 3; i++)
		lnr_aggregate_add(g, a, 0);
	struct lnr_alert *s;
	while ((s = lnr_aggregate_next(g, UINT64_MAX)))
		lnr_alert_unref(s);
	lnr_aggregate_free(g);
	return 0;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	struct lnr_alert *a = make("r", "m", TS, "1");
	lnr_test_each_alloc_may_fail(live, a);
	lnr_alert_unref(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_first_and_then_counts),
		cmocka_unit_test(goes_on_while_it_repeats),
		cmocka_unit_test(compares_the_fields_it_is_told),
		cmocka_unit_test(leaves_its_own_messages_alone),
		cmocka_unit_test(has_room_for_so_many),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
