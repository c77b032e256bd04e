/* SPDX-License-Identifier: Apache-2.0 */
/* clock.*: of every source, in any zone. */
#include "fixture.h"
#include "lib/failalloc.h"

#define DATABASE "/usr/share/zoneinfo"

static void at(struct fx *f, uint64_t sec)
{
	fx_event(f, LNR_EV_SYSCALL_GETUID_X, 400);
	f->ev.ts = sec * LNR_NS_PER_SEC + 999999999;
}

static void test_utc(void **state)
{
	struct fx *f = *state;

	at(f, 1700000000); /* Tuesday 22:13:20 */
	want_rows(f, {"clock.hour", "22"}, {"clock.hhmm", "2213"}, {"clock.weekday", "Tue"},
		{"clock.weekday_number", "2"}, {"clock.date", "2023-11-14"},
		{"clock.hhmm[UTC]", "2213"});
	want_json(f, "clock.hhmm", "2213");
	want_json(f, "clock.date", "\"2023-11-14\"");
	at(f, 1699833600); /* Monday 00:00, and the second before */
	want_rows(f, {"clock.hour", "0"}, {"clock.hhmm", "0"}, {"clock.weekday", "Mon"},
		{"clock.weekday_number", "1"});
	at(f, 1699833599);
	want_rows(f, {"clock.hhmm", "2359"}, {"clock.weekday", "Sun"},
		{"clock.weekday_number", "7"}, {"clock.date", "2023-11-12"});
	at(f, 0);
	want_rows(f, {"clock.hour", "0"}, {"clock.weekday", "Thu"}, {"clock.date", "1970-01-01"});
	at(f, UINT64_MAX / LNR_NS_PER_SEC - 1);
	want_rows(f, {"clock.date", "2554-07-21"}, {"clock.hhmm", "2334"});
}

/* The same moment is another day elsewhere; an hour that is skipped, one that comes twice. */
static void test_zones(void **state)
{
	struct fx *f = *state;

	if (access(DATABASE, F_OK) < 0)
		skip();
	at(f, 1700000000);
	want_rows(f, {"clock.hhmm[Europe/Berlin]", "2313"}, {"clock.hhmm[Asia/Kathmandu]", "358"},
		{"clock.weekday[Asia/Kathmandu]", "Wed"}, {"clock.date[Asia/Tokyo]", "2023-11-15"},
		{"clock.weekday_number[Asia/Tokyo]", "3"}, {"clock.hour[America/New_York]", "17"},
		{"clock.hhmm[\"Europe/Berlin\"]", "2313"});
	at(f, 1774745999); /* 2026-03-29, summer begins */
	want(f, "clock.hhmm[Europe/Berlin]", "159");
	at(f, 1774746000);
	want(f, "clock.hhmm[Europe/Berlin]", "300");
	at(f, 1792889999); /* 2026-10-25, it ends */
	want(f, "clock.hhmm[Europe/Berlin]", "259");
	at(f, 1792890000);
	want(f, "clock.hhmm[Europe/Berlin]", "200");
}

/* The zone is that of when the reference was resolved. */
static void test_local_zone(void **state)
{
	struct fx *f = *state;

	at(f, 1700000000);
	struct lnr_field_ref before = fx_ref(f, "clock.hour");
	struct lnr_val v;

	setenv("TZ", "ABC-3", 1);
	want(f, "clock.hour", "1");
	want(f, "clock.hour[UTC]", "22");
	assert_true(lnr_field_get(&f->ctx, &before, &v));
	assert_int_equal(v.u64, 22);
}

static void want_refused(struct fx *f, const char *field, const char *why)
{
	struct lnr_field_ref ref;
	struct lnr_err err = {0};

	assert_code(lnr_field_resolve(f->set, lnr_str_c(field), &f->arena, &ref, &err), -ENXIO);
	assert_has(err.msg, why);
	assert_has(err.msg, "clock.");
}

static void test_unknown_zones(void **state)
{
	struct fx *f = *state;

	want_refused(f, "clock.hour[Europe/Berln]", "Europe/Berln");
	want_refused(f, "clock.date[../../etc/passwd]", "no name of a time zone");
	want_refused(f, "clock.hhmm[0]", "'0'");
	setenv("TZ", "nonsense", 1);
	want_refused(f, "clock.weekday", "TZ: ");
}

static void test_days_must_exist(void **state)
{
	static const char *const bad[] = {"Monday", "mon", "", "1"};
	struct fx *f = *state;
	struct lnr_field_ref ref = fx_ref(f, "clock.weekday[UTC]");
	struct lnr_err err = {0};

	assert_ok(ref.def->check_const(&ref, LNR_STR("Mon"), &err), &err);
	assert_ok(ref.def->check_const(&ref, LNR_STR("Sun"), &err), &err);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++) {
		assert_code(ref.def->check_const(&ref, lnr_str_c(bad[i]), &err), -EINVAL);
		assert_has(err.msg, "clock.weekday[UTC]");
	}
}

static void test_every_source(void **state)
{
	static const char *const sources[] = {"syscall", "k8s_audit", "anything"};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(sources); i++) {
		struct lnr_fieldset *set = lnr_fieldset_new(sources[i]);
		struct lnr_field_ref ref;
		struct lnr_arena arena;
		struct lnr_err err = {0};

		assert_non_null(set);
		lnr_arena_init(&arena, 0);
		assert_ok(lnr_field_resolve(set, LNR_STR("clock.hour[UTC]"), &arena, &ref, &err),
			&err);
		lnr_arena_done(&arena);
		lnr_fieldset_unref(set);
	}
}

static int resolve_body(void *arg)
{
	struct fx *f = arg;
	struct lnr_field_ref ref;
	struct lnr_arena arena;

	lnr_arena_init(&arena, 0);
	int r = lnr_field_resolve(f->set, LNR_STR("clock.hour[UTC]"), &arena, &ref, NULL);
	lnr_arena_done(&arena);
	return r;
}

static void test_out_of_memory(void **state)
{
	lnr_test_each_alloc_fails(resolve_body, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FX_TEST(test_utc),
		FX_TEST(test_zones),
		FX_TEST(test_local_zone),
		FX_TEST(test_unknown_zones),
		FX_TEST(test_days_must_exist),
		FX_TEST(test_every_source),
		FX_TEST(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
