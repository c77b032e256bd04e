/* SPDX-License-Identifier: Apache-2.0 */
/* From a match to an alert, and internal messages (spec engine-config-cli 5). */
#include "alert/alert.h"

#include <pthread.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "lib/fields.h"

#define TS UINT64_C(1700000102123456789) /* 2023-11-14 22:15:02 UTC */

struct made {
	struct lnr_test_fields f;
	struct lnr_rule rule;
	struct lnr_str tags[2];
	struct lnr_extra_field extra[4];
	struct lnr_alert_ids ids;
	struct lnr_buf work;
};

static const struct lnr_format *format(struct lnr_test_fields *f, const char *text)
{
	struct lnr_cond_opts o = lnr_test_opts(f);
	const struct lnr_format *ret;
	struct lnr_cond_err err = {0};
	if (lnr_format_compile(&o, lnr_str_c(text), &ret, &err))
		fail_msg("%s: %s", text, err.msg);
	return ret;
}

static void init(struct made *m, const char *output)
{
	lnr_test_fields_init(&m->f);
	m->f.ev.ts = TS;
	m->f.ev.num = 42;
	m->tags[0] = LNR_STR("alpha");
	m->tags[1] = LNR_STR("beta");
	m->rule = (struct lnr_rule){.name = LNR_STR("Shell opened"),
		.source = LNR_STR("syscall"),
		.priority = LNR_PRIO_NOTICE,
		.tags = m->tags,
		.n_tags = 2,
		.output = format(&m->f, output),
		.extra = m->extra};
	lnr_alert_ids_init(&m->ids);
	lnr_buf_init(&m->work, 0);
}

static void done(struct made *m)
{
	lnr_buf_done(&m->work);
	lnr_test_fields_done(&m->f);
}

static struct lnr_alert *make(struct made *m, bool iso8601)
{
	struct lnr_alert *a;
	assert_code(
		lnr_alert_new(&m->rule, &m->f.ctx, LNR_STR("n1"), iso8601, &m->ids, &m->work, &a),
		0);
	return a;
}

static const char *value(const struct lnr_alert *a, const char *key)
{
	for (uint32_t i = 0; i < a->n_values; i++) {
		if (lnr_str_eq(a->values[i].key, lnr_str_c(key)))
			return a->values[i].json.ptr;
	}
	return NULL;
}

static void carries_rule_and_event(void **state)
{
	(void)state;
	struct made m;
	init(&m, "shell (%x.one %x.int64 %x.two)");
	lnr_test_set_str(&m.f, "x.one", LNR_STR("ba\"sh"));
	lnr_test_set_s64(&m.f, "x.int64", -5);
	struct lnr_alert *a = make(&m, false);
	/* What it was made of may go. */
	lnr_test_set_str(&m.f, "x.one", LNR_STR("gone"));
	lnr_buf_clear(&m.work);
	assert_string_equal(lnr_alert_rule(a), "Shell opened");
	assert_string_equal(lnr_alert_source(a), "syscall");
	assert_string_equal(lnr_alert_message(a), "shell (ba\"sh -5 <NA>)");
	assert_int_equal(lnr_alert_priority(a), LNR_PRIO_NOTICE);
	assert_int_equal(lnr_alert_time_ns(a), TS);
	assert_int_equal(lnr_alert_event_num(a), 42);
	assert_int_equal(a->n_tags, 2);
	assert_str(a->tags[1], "beta");
	assert_int_equal(a->n_values, 4);
	assert_string_equal(value(a, "x.one"), "\"ba\\\"sh\"");
	assert_string_equal(value(a, "x.int64"), "-5");
	assert_string_equal(value(a, "x.two"), "null");
	assert_string_equal(value(a, "evt.time"), "1700000102123456789");
	for (uint32_t i = 1; i < a->n_values; i++)
		assert_true(lnr_str_cmp(a->values[i - 1].key, a->values[i].key) < 0);
	assert_null(lnr_alert_unref(a));
	done(&m);
}

static void names_the_time_by_its_form(void **state)
{
	(void)state;
	struct made m;
	init(&m, "x");
	struct lnr_alert *a = make(&m, true);
	assert_string_equal(value(a, "evt.time.iso8601"), "1700000102123456789");
	assert_null(value(a, "evt.time"));
	lnr_alert_unref(a);
	done(&m);
}

static void adds_extra_fields(void **state)
{
	(void)state;
	struct made m;
	init(&m, "%x.one %x.two");
	lnr_test_set_str(&m.f, "x.one", LNR_STR("1"));
	lnr_test_set_str(&m.f, "x.two", LNR_STR("2"));
	lnr_test_set_s64(&m.f, "x.int64", 7);
	const struct lnr_format *raw = format(&m.f, "%x.int64");
	/* A format under a key, a raw field, one that replaces a field of the output, a later one
	 * that replaces an earlier. */
	m.extra[0] = (struct lnr_extra_field){
		.key = LNR_STR("k"), .format = format(&m.f, "<%x.one>\n\"")};
	m.extra[1] = (struct lnr_extra_field){
		.key = LNR_STR("x.int64"), .raw = lnr_format_field(raw, 0)};
	m.extra[2] = (struct lnr_extra_field){
		.key = LNR_STR("x.two"), .format = format(&m.f, "replaced")};
	m.extra[3] = (struct lnr_extra_field){.key = LNR_STR("k"), .format = format(&m.f, "late")};
	m.rule.n_extra = 3;
	struct lnr_alert *a = make(&m, false);
	assert_string_equal(value(a, "k"), "\"<1>\\n\\\"\"");
	assert_string_equal(value(a, "x.int64"), "7");
	assert_string_equal(value(a, "x.two"), "\"replaced\"");
	assert_int_equal(a->n_values, 5);
	lnr_alert_unref(a);
	m.rule.n_extra = 4;
	a = make(&m, false);
	assert_string_equal(value(a, "k"), "\"late\"");
	assert_int_equal(a->n_values, 5);
	lnr_alert_unref(a);
	done(&m);
}

static void takes_many_fields(void **state)
{
	(void)state;
	struct made m;
	struct lnr_buf text;
	char name[32];
	lnr_buf_init(&text, 0);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%%x.key[%d] ", i);
		lnr_buf_cstr(&text, name);
	}
	init(&m, text.ptr);
	struct lnr_alert *a = make(&m, false);
	assert_int_equal(a->n_values, 101);
	lnr_alert_unref(a);
	lnr_buf_done(&text);
	done(&m);
}

static void has_ids_that_ascend(void **state)
{
	(void)state;
	struct made m;
	char before[LNR_ALERT_ID_SIZE] = "";
	init(&m, "x");
	for (int i = 0; i < 300; i++) {
		/* The counter crosses from its lower 20 bits into the upper 12. */
		if (i == 50)
			m.ids.seq = (1 << 20) - 10;
		m.f.ev.ts = TS + (uint64_t)(i / 100) * 1000000;
		struct lnr_alert *a = make(&m, false);
		const char *id = lnr_alert_id(a);
		assert_int_equal(strlen(id), 36);
		assert_int_equal(strspn(id, "0123456789abcdef-"), 36);
		/* Version and variant of RFC 9562, the time in front. */
		assert_int_equal(id[14], '7');
		assert_non_null(strchr("89ab", id[19]));
		assert_true(strncmp(id, "018bcfe6-", 9) == 0);
		assert_true(strcmp(before, id) < 0);
		memcpy(before, id, sizeof(before));
		lnr_alert_unref(a);
	}
	done(&m);
}

static void speaks_of_itself(void **state)
{
	(void)state;
	struct lnr_alert *a, *b;
	const char *const fields[] = {"a", "\"1\"", "b", "2", NULL};
	assert_code(lnr_alert_internal(
			    "Falco internal: x", LNR_PRIO_DEBUG, TS, "words", fields, "n1", &a),
		0);
	assert_code(lnr_alert_internal(
			    "Falco internal: x", LNR_PRIO_DEBUG, TS, "words", NULL, "n1", &b),
		0);
	assert_string_equal(lnr_alert_source(a), "internal");
	assert_int_equal(lnr_alert_event_num(a), 0);
	assert_int_equal(a->n_values, 2);
	assert_string_equal(value(a, "b"), "2");
	assert_int_equal(b->n_values, 0);
	assert_string_not_equal(lnr_alert_id(a), lnr_alert_id(b));
	lnr_alert_unref(a);
	lnr_alert_unref(b);
	assert_null(lnr_alert_unref(NULL));
}

/* A snapshot of metrics with a number per rule has thousands. */
static void speaks_at_length(void **state)
{
	(void)state;
	enum { N = 3000 };
	static char keys[N][16];
	static const char *fields[2 * N + 1];
	struct lnr_alert *a;
	for (int i = 0; i < N; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%05d", i);
		fields[2 * i] = keys[i];
		fields[2 * i + 1] = "1";
	}
	assert_code(lnr_alert_internal("r", LNR_PRIO_DEBUG, TS, "m", fields, "n1", &a), 0);
	assert_int_equal(a->n_values, N);
	assert_string_equal(value(a, "k02999"), "1");
	lnr_alert_unref(a);
}

static void *count(void *alert)
{
	for (int i = 0; i < 20000; i++)
		lnr_alert_unref(lnr_alert_ref(alert));
	lnr_alert_unref(alert);
	return NULL;
}

static void is_counted_by_threads(void **state)
{
	(void)state;
	struct lnr_alert *a;
	pthread_t t[4];
	assert_code(lnr_alert_internal("r", LNR_PRIO_DEBUG, TS, "m", NULL, "n1", &a), 0);
	for (int i = 0; i < 4; i++) {
		lnr_alert_ref(a);
		assert_int_equal(pthread_create(&t[i], NULL, count, a), 0);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(atomic_load(&a->refs), 1);
	lnr_alert_unref(a);
}

static int make_once(void *arg)
{
	struct made *m = arg;
	struct lnr_alert *a;
	struct lnr_buf work;
	lnr_buf_init(&work, 0);
	int r = lnr_alert_new(&m->rule, &m->f.ctx, LNR_STR("n1"), false, &m->ids, &work, &a);
	if (!r)
		lnr_alert_unref(a);
	lnr_buf_done(&work);
	if (!r)
		r = lnr_alert_internal("r", LNR_PRIO_DEBUG, TS, "m",
			(const char *const[]){"a", "1", NULL}, "n1", &a);
	if (!r)
		lnr_alert_unref(a);
	return r;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	struct made m;
	init(&m, "shell (%x.one)");
	lnr_test_set_str(&m.f, "x.one", LNR_STR("bash"));
	m.extra[0] = (struct lnr_extra_field){
		.key = LNR_STR("k"), .format = format(&m.f, "<%x.one>")};
	m.rule.n_extra = 1;
	lnr_test_each_alloc_fails(make_once, &m);
	done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carries_rule_and_event),
		cmocka_unit_test(names_the_time_by_its_form),
		cmocka_unit_test(adds_extra_fields),
		cmocka_unit_test(takes_many_fields),
		cmocka_unit_test(has_ids_that_ascend),
		cmocka_unit_test(speaks_of_itself),
		cmocka_unit_test(speaks_at_length),
		cmocka_unit_test(is_counted_by_threads),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
