/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts to bytes and back (alert/codec.h). */
#include "alert/codec.h"

#include <stdlib.h>
#include "lib/failalloc.h"
#include "lib/test.h"

#define TS UINT64_C(1700000102123456789)

static struct lnr_alert *make(void)
{
	struct lnr_alert *a;
	const char *const fields[] = {"a", "\"x\\n\"", "b", "[1,2]", "c", "null", NULL};
	assert_code(lnr_alert_internal("rule", 3, TS, "some words", fields, "n1", &a), 0);
	return a;
}

static void encode(const struct lnr_alert *a, struct lnr_buf *b)
{
	lnr_buf_init(b, 0);
	lnr_alert_encode(a, b);
	assert_false(b->failed);
}

static void same(const struct lnr_alert *x, const struct lnr_alert *y)
{
	assert_string_equal(x->id, y->id);
	assert_int_equal(x->priority, y->priority);
	assert_int_equal(x->internal, y->internal);
	assert_int_equal(x->time_ns, y->time_ns);
	assert_int_equal(x->event_num, y->event_num);
	assert_bytes(x->rule, y->rule);
	assert_bytes(x->source, y->source);
	assert_bytes(x->message, y->message);
	assert_bytes(x->hostname, y->hostname);
	assert_int_equal(x->n_tags, y->n_tags);
	for (uint32_t i = 0; i < x->n_tags; i++)
		assert_bytes(x->tags[i], y->tags[i]);
	assert_int_equal(x->n_values, y->n_values);
	for (uint32_t i = 0; i < x->n_values; i++) {
		assert_bytes(x->values[i].key, y->values[i].key);
		assert_bytes(x->values[i].json, y->values[i].json);
	}
}

static void reads_what_it_wrote(void **state)
{
	(void)state;
	struct lnr_alert *a = make(), *back;
	struct lnr_str tags[] = {LNR_STR("T1059"), LNR_STR(""), LNR_STR("b\0c")};
	struct lnr_buf b;
	const struct lnr_str *none = a->tags;
	a->tags = tags;
	a->n_tags = 3;
	a->event_num = UINT64_MAX;
	encode(a, &b);
	assert_code(lnr_alert_decode(lnr_buf_view(&b), &back), 0);
	same(a, back);
	a->tags = none;
	lnr_alert_unref(a);
	lnr_alert_unref(back);
	lnr_buf_done(&b);
}

/* Every beginning of it, and everything with more behind it. */
static void refuses_other_lengths(void **state)
{
	(void)state;
	struct lnr_alert *a = make(), *back;
	struct lnr_buf b;
	encode(a, &b);
	for (size_t n = 0; n < b.len; n++) {
		char *exact = malloc(n + 1); /* so that a sanitizer sees the end */
		assert_non_null(exact);
		memcpy(exact, b.ptr, n);
		char *tight = realloc(exact, n ? n : 1);
		assert_code(lnr_alert_decode((struct lnr_str){tight, n}, &back), -EBADMSG);
		free(tight);
	}
	lnr_buf_chr(&b, 'x');
	assert_code(lnr_alert_decode(lnr_buf_view(&b), &back), -EBADMSG);
	lnr_alert_unref(a);
	lnr_buf_done(&b);
}

/* Any one byte changed: read or refused, never more. */
static void survives_changed_bytes(void **state)
{
	(void)state;
	struct lnr_alert *a = make(), *back;
	struct lnr_buf b;
	encode(a, &b);
	for (size_t i = 0; i < b.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			b.ptr[i] ^= (char)(1 << bit);
			if (!lnr_alert_decode(lnr_buf_view(&b), &back))
				lnr_alert_unref(back);
			b.ptr[i] ^= (char)(1 << bit);
		}
	}
	lnr_alert_unref(a);
	lnr_buf_done(&b);
}

/* A value goes into lines as it is: it must be one JSON value, on one line. */
static void refuses_values_that_are_not_json(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"1,\"k\":2", "", "1\n", "\"a", "{\"a\":1}}", "nul", "\"\x01\"", "1 2"};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++) {
		struct lnr_alert *a, *back;
		struct lnr_buf b;
		const char *const fields[] = {"k", bad[i], NULL};
		assert_code(lnr_alert_internal("r", 3, TS, "m", fields, "n1", &a), 0);
		encode(a, &b);
		assert_code(lnr_alert_decode(lnr_buf_view(&b), &back), -EBADMSG);
		lnr_alert_unref(a);
		lnr_buf_done(&b);
	}
}

/* Counts far beyond what follows, priorities and versions that do not exist. */
static void refuses_wrong_heads(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = {{0, 0}, {0, 2}, {1, 2}, {2, 8}, {7, 0x80}, {11, 0xff}, {8, 200}};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(wrong); i++) {
		struct lnr_alert *a = make(), *back;
		struct lnr_buf b;
		encode(a, &b);
		b.ptr[wrong[i].at] = (char)wrong[i].value;
		assert_code(lnr_alert_decode(lnr_buf_view(&b), &back), -EBADMSG);
		lnr_alert_unref(a);
		lnr_buf_done(&b);
	}
}

static int decode(void *arg)
{
	struct lnr_alert *a;
	int r = lnr_alert_decode(lnr_buf_view(arg), &a);
	if (!r)
		lnr_alert_unref(a);
	return r;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	struct lnr_alert *a = make();
	struct lnr_buf b;
	encode(a, &b);
	lnr_test_each_alloc_fails(decode, &b);
	lnr_alert_unref(a);
	lnr_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_wrote),
		cmocka_unit_test(refuses_other_lengths),
		cmocka_unit_test(survives_changed_bytes),
		cmocka_unit_test(refuses_values_that_are_not_json),
		cmocka_unit_test(refuses_wrong_heads),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
