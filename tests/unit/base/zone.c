/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zone.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

#define DATABASE "/usr/share/zoneinfo"

static int setup(void **state)
{
	struct lnr_arena *a = calloc(1, sizeof(*a));

	assert_non_null(a);
	lnr_arena_init(a, 0);
	*state = a;
	unsetenv("TZ");
	unsetenv("TZDIR");
	return 0;
}

static int teardown(void **state)
{
	lnr_arena_done(*state);
	free(*state);
	return 0;
}

static const struct lnr_zone *rule(struct lnr_arena *a, const char *text)
{
	const struct lnr_zone *z = NULL;
	struct lnr_err err = {0};

	assert_ok(lnr_zone_parse_text(lnr_str_c(text), a, &z, &err), &err);
	return z;
}

static int64_t utc(int year, int month, int day, int hour, int minute, int second)
{
	struct tm tm = {.tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute,
		.tm_sec = second};

	return timegm(&tm);
}

/* --- calendar ---------------------------------------------------------------------------------*/

static void equals_gmtime(void **state)
{
	const struct lnr_zone *z = rule(*state, "UTC0");
	struct lnr_test_random random;
	struct lnr_wall_time w;
	struct tm tm;

	lnr_test_random_init(&random);
	for (unsigned i = 0; i < 20000; i++) {
		/* Every day of a while, then any second of some thousand years. */
		int64_t sec = i < 3000 ? (int64_t)i * 86400 - 86400 * 1000
				       : (int64_t)lnr_test_random_below(&random, 200000000000) -
						 100000000000;
		time_t t = (time_t)sec;
		assert_non_null(gmtime_r(&t, &tm));
		lnr_zone_wall_time(z, sec, &w);
		assert_int_equal(w.year, tm.tm_year + 1900);
		assert_int_equal(w.month, tm.tm_mon + 1);
		assert_int_equal(w.day, tm.tm_mday);
		assert_int_equal(w.hour, tm.tm_hour);
		assert_int_equal(w.minute, tm.tm_min);
		assert_int_equal(w.second, tm.tm_sec);
		assert_int_equal(w.weekday, tm.tm_wday ? tm.tm_wday : 7);
	}
}

/* --- rules as text ----------------------------------------------------------------------------*/

static void changes_to_the_second(void **state)
{
	static const struct {
		const char *text;
		int month, day, hour;
		int32_t before, after; /* minutes */
	} rows[] = {
		{"CET-1CEST,M3.5.0,M10.5.0/3", 3, 29, 1, 60, 120},
		{"CET-1CEST,M3.5.0,M10.5.0/3", 10, 25, 1, 120, 60},
		{"EST5EDT,M3.2.0,M11.1.0", 3, 8, 7, -300, -240},
		{"EST5EDT", 11, 1, 6, -240, -300},
		/* Summer at the turn of the year. */
		{"AEST-10AEDT,M10.1.0,M4.1.0/3", 4, 4, 16, 660, 600},
		{"AEST-10AEDT,M10.1.0,M4.1.0/3", 10, 3, 16, 600, 660},
		/* Half an hour; winter time as the exception; hours of other days. */
		{"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 4, 4, 15, 660, 630},
		{"IST-1GMT0,M10.5.0,M3.5.0/1", 3, 29, 1, 0, 60},
		{"IST-1GMT0,M10.5.0,M3.5.0/1", 10, 25, 1, 60, 0},
		{"IST-2IDT,M3.4.4/26,M10.5.0", 3, 27, 0, 120, 180},
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 3, 29, 1, -120, -60},
		/* Days by their number, 2026 and 2028 (below) have different ones. */
		{"XXX0YYY,J60/0,J300/1", 3, 1, 0, 0, 60},
		{"XXX0YYY,59/0,J300/1", 3, 1, 0, 0, 60},
	};

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		const struct lnr_zone *z = rule(*state, rows[i].text);
		int64_t at = utc(2026, rows[i].month, rows[i].day, rows[i].hour, 0, 0);
		assert_int_equal(lnr_zone_offset(z, at - 1), rows[i].before * 60);
		assert_int_equal(lnr_zone_offset(z, at), rows[i].after * 60);
	}
	assert_int_equal(
		lnr_zone_offset(rule(*state, "XXX0YYY,J60/0,J300/1"), utc(2028, 3, 1, 0, 0, 0) - 1),
		0);
	assert_int_equal(
		lnr_zone_offset(rule(*state, "XXX0YYY,59/0,J300/1"), utc(2028, 2, 29, 0, 0, 0)),
		3600);
}

/* RFC 9636, 3.3.1: the end of one summer is the beginning of the next. */
static void summer_may_last_for_ever(void **state)
{
	const struct lnr_zone *z = rule(*state, "XXX3EDT4,0/0,J365/23");
	int64_t turn = utc(2027, 1, 1, 3, 0, 0);

	for (int64_t sec = turn - 86400 * 400; sec < turn + 86400; sec += 1800)
		assert_int_equal(lnr_zone_offset(z, sec), -4 * 3600);
}

static void refuses_what_is_no_rule(void **state)
{
	static const char *const texts[] = {"", "C", "CE-1", "CET", "CET-", "CET-1C", "CET25",
		"CET-1:60", "CET-1:00:60", "CET-1:", "CET-1000", "CET-1CEST,", "CET-1CEST,M3.5.0",
		"CET-1CEST,M3.5.0,", "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M0.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.0.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5,M10.5.0", "CET-1CEST,J0,J1",
		"CET-1CEST,J366,J1", "CET-1CEST,366,1", "CET-1CEST,M3.5.0/168,M10.5.0",
		"CET-1CEST,M3.5.0/,M10.5.0", "<+1>-1", "<+01-1", "<+0_1>-1", "CET -1", "-1",
		"1CET"};

	for (size_t i = 0; i < LNR_ARRAY_SIZE(texts); i++) {
		const struct lnr_zone *z;
		struct lnr_err err = {0};
		assert_code(lnr_zone_parse_text(lnr_str_c(texts[i]), *state, &z, &err), -EINVAL);
		assert_has(err.msg, "is no time zone");
	}
}

/* --- files ------------------------------------------------------------------------------------*/

struct file {
	char bytes[1024];
	size_t len;
};

static void put(struct file *f, const void *bytes, size_t n)
{
	assert_true(f->len + n <= sizeof(f->bytes));
	memcpy(f->bytes + f->len, bytes, n);
	f->len += n;
}

static void put_be(struct file *f, uint64_t v, unsigned bytes)
{
	while (bytes--) {
		uint8_t b = (uint8_t)(v >> bytes * 8);
		put(f, &b, 1);
	}
}

static void put_header(struct file *f, char version, const uint32_t counts[6])
{
	char head[20] = {'T', 'Z', 'i', 'f', version};

	put(f, head, sizeof(head));
	for (unsigned i = 0; i < 6; i++)
		put_be(f, counts[i], 4);
}

/* Two types, an hour apart, and changes between them at 1000, 2000, … */
static void put_block(struct file *f, char version, unsigned time_bytes, unsigned n)
{
	put_header(f, version, (uint32_t[6]){0, 0, 0, n, 2, 8});
	for (unsigned i = 0; i < n; i++)
		put_be(f, (i + 1) * 1000, time_bytes);
	for (unsigned i = 0; i < n; i++)
		put_be(f, (i + 1) % 2, 1);
	put_be(f, 3600, 4);
	put_be(f, 0, 2);
	put_be(f, 7200, 4);
	put_be(f, 0x0104, 2);
	put(f, "AAA\0BBB\0", 8);
}

static void put_whole(struct file *f, unsigned n, const char *footer)
{
	*f = (struct file){0};
	put_block(f, '2', 4, 0);
	put_block(f, '2', 8, n);
	put(f, footer, strlen(footer));
}

static int parse(
	struct lnr_arena *a, const struct file *f, const struct lnr_zone **ret, struct lnr_err *err)
{
	/* Of its own size, so that reading behind it is seen. */
	char *copy = malloc(f->len ? f->len : 1);

	assert_non_null(copy);
	memcpy(copy, f->bytes, f->len);
	int r = lnr_zone_parse_file((struct lnr_str){copy, f->len}, a, ret, err);
	free(copy);
	return r;
}

static const struct lnr_zone *sound(struct lnr_arena *a, const struct file *f)
{
	const struct lnr_zone *z = NULL;
	struct lnr_err err = {0};

	assert_ok(parse(a, f, &z, &err), &err);
	return z;
}

static void want_refused(struct lnr_arena *a, const struct file *f, const char *why)
{
	const struct lnr_zone *z;
	struct lnr_err err = {0};

	assert_code(parse(a, f, &z, &err), -EINVAL);
	assert_has(err.msg, why);
}

static void reads_files(void **state)
{
	struct file f;
	const struct lnr_zone *z;

	put_whole(&f, 3, "\nXXX3\n");
	z = sound(*state, &f);
	assert_int_equal(lnr_zone_offset(z, INT64_MIN), 3600);
	assert_int_equal(lnr_zone_offset(z, 999), 3600);
	assert_int_equal(lnr_zone_offset(z, 1000), 7200);
	assert_int_equal(lnr_zone_offset(z, 1999), 7200);
	assert_int_equal(lnr_zone_offset(z, 2000), 3600);
	assert_int_equal(lnr_zone_offset(z, 2999), 3600);
	assert_int_equal(lnr_zone_offset(z, 3000), -3 * 3600);
	/* Nobody knows what comes: it stays as it is. */
	put_whole(&f, 3, "\n\n");
	assert_int_equal(lnr_zone_offset(sound(*state, &f), 3000), 7200);
	/* No changes at all. */
	put_whole(&f, 0, "\nXXX3\n");
	assert_int_equal(lnr_zone_offset(sound(*state, &f), 0), -3 * 3600);
	put_whole(&f, 0, "\n\n");
	assert_int_equal(lnr_zone_offset(sound(*state, &f), 0), 3600);
	/* The first version ends after 4-byte times. */
	f = (struct file){0};
	put_block(&f, 0, 4, 2);
	assert_int_equal(lnr_zone_offset(sound(*state, &f), 1500), 7200);
	assert_int_equal(lnr_zone_offset(sound(*state, &f), 2500), 3600);
}

/* A type, one byte of abbreviations, a leap second. */
#define TYPE_AND_LEAP (6 + 1 + 8)

static void refuses_damage(void **state)
{
	struct file f, whole;

	put_whole(&whole, 3, "\nXXX3\n");
	for (size_t n = 0; n < whole.len; n++) {
		f = whole;
		f.len = n;
		const struct lnr_zone *z;
		assert_code(parse(*state, &f, &z, NULL), -EINVAL);
	}
	f = whole;
	f.bytes[0] = 'X';
	want_refused(*state, &f, "no TZif");
	put_whole(&f, 1, "\nXXX\n");
	want_refused(*state, &f, "no rule");
	put_whole(&f, 1, "XXX3\n");
	want_refused(*state, &f, "footer is missing");
	put_whole(&f, 1, "\nXXX3");
	want_refused(*state, &f, "no end");

	/* Second block: header at 64, times at 108, indexes at 132, types at 135 and 141. */
	f = whole;
	memset(f.bytes + 64 + 32, 0xff, 4);
	want_refused(*state, &f, "ends early");
	f = (struct file){0};
	put_header(&f, 0, (uint32_t[6]){0, 0, 1, 0, 1, 1});
	put(&f, "\0\0\0\0\0\0X\0\0\0\0\0\0\0\1", TYPE_AND_LEAP);
	want_refused(*state, &f, "leap seconds");
	f = whole;
	memcpy(f.bytes + 116, f.bytes + 108, 8);
	want_refused(*state, &f, "ascend");
	f = whole;
	f.bytes[133] = 2;
	want_refused(*state, &f, "missing or unsound");
	f = whole;
	f.bytes[135] = 1;
	want_refused(*state, &f, "first type");
	f = whole;
	f.bytes[141] = (char)0x80;
	want_refused(*state, &f, "missing or unsound");
	/* No type at all. */
	f = (struct file){0};
	put_header(&f, 0, (uint32_t[6]){0});
	want_refused(*state, &f, "first type");
}

/* --- the C library ----------------------------------------------------------------------------*/

static struct lnr_arena *libc_arena;
static unsigned n_compared, n_edges;

static int32_t libc_offset(int64_t sec)
{
	time_t t = (time_t)sec;
	struct tm tm;

	assert_non_null(localtime_r(&t, &tm));
	return (int32_t)tm.tm_gmtoff;
}

static void same(const struct lnr_zone *z, const char *name, int64_t sec)
{
	int32_t got = lnr_zone_offset(z, sec), want = libc_offset(sec);

	if (got != want)
		fail_msg("%s at %lld: %d, the C library has %d", name, (long long)sec, got, want);
}

/* At steps over the years, and to both sides of each change between two of them. */
static void compare(const struct lnr_zone *z, const char *name)
{
	const int64_t step = 86400 * 91;

	n_compared++;
	for (int64_t sec = utc(1905, 1, 1, 0, 0, 0); sec < utc(2120, 1, 1, 0, 0, 0); sec += step) {
		int64_t low = sec, high = sec + step;
		same(z, name, sec);
		if (libc_offset(low) == libc_offset(high))
			continue;
		while (high - low > 1) {
			int64_t mid = low + (high - low) / 2;
			if (libc_offset(mid) == libc_offset(low))
				low = mid;
			else
				high = mid;
		}
		n_edges++;
		same(z, name, low);
		same(z, name, high);
	}
}

static int compare_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const char *name = path + sizeof(DATABASE);
	const struct lnr_zone *z;
	struct lnr_err err = {0};
	struct stat target;

	(void)st;
	(void)type;
	/* The whole database may be there a second time, behind links. */
	if (stat(path, &target) < 0 || !S_ISREG(target.st_mode))
		return 0;
	if (at->level == 1 && strchr(path + at->base, '.'))
		return 0; /* lists and tables */
	lnr_arena_reset(libc_arena);
	int r = lnr_zone_load(lnr_str_c(name), libc_arena, &z, &err);
	if (strncmp(name, "right/", 6) == 0) {
		assert_code(r, -EINVAL);
		return 0;
	}
	if (r == -EINVAL && strstr(err.msg, "no TZif"))
		return 0; /* leapseconds and other texts */
	assert_ok(r, &err);
	assert_int_equal(setenv("TZ", name, 1), 0);
	tzset();
	compare(z, name);
	return 0;
}

static void equals_the_c_library(void **state)
{
	static const char *const texts[] = {"CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0",
		"AEST-10AEDT,M10.1.0,M4.1.0/3", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "<+0545>-5:45",
		"XXX0YYY,J60/0,J300/1", "IST-1GMT0,M10.5.0,M3.5.0/1"};

	libc_arena = *state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(texts); i++) {
		setenv("TZ", texts[i], 1);
		tzset();
		/* The C library has no rule for the years before 1970. */
		const struct lnr_zone *z = rule(*state, texts[i]);
		for (int64_t sec = 86400 * 400; sec < utc(2120, 1, 1, 0, 0, 0); sec += 86400 * 7)
			same(z, texts[i], sec);
	}
	if (access(DATABASE, F_OK) < 0)
		skip();
	n_compared = n_edges = 0;
	assert_int_equal(nftw(DATABASE, compare_file, 16, FTW_PHYS), 0);
	assert_true(n_compared > 300 && n_edges > 30000);
	unsetenv("TZ");
	tzset();
}

/* --- looking it up ----------------------------------------------------------------------------*/

static int32_t offset_of(struct lnr_arena *a, const char *name)
{
	const struct lnr_zone *z = NULL;
	struct lnr_err err = {0};

	assert_ok(lnr_zone_load(lnr_str_c(name), a, &z, &err), &err);
	return lnr_zone_offset(z, 0);
}

static void finds_zones_by_name(void **state)
{
	struct lnr_test_dir dir;
	struct file f;
	const struct lnr_zone *z;
	struct lnr_err err = {0};

	lnr_test_dir_init(&dir);
	setenv("TZDIR", dir.path, 1);
	put_whole(&f, 0, "\n<+02>-2\n");
	free(lnr_test_file(&dir, "Two", (struct lnr_str){f.bytes, f.len}));
	free(lnr_test_file(&dir, "broken", LNR_STR("TZif, but then?")));
	char *sub = lnr_test_path(&dir, "Area");
	assert_int_equal(mkdir(sub, 0700), 0);
	free(sub);
	char *huge = lnr_test_file(&dir, "huge", (struct lnr_str){f.bytes, f.len});
	assert_int_equal(truncate(huge, LNR_ZONE_FILE_BYTES + 1), 0);
	free(huge);

	assert_int_equal(offset_of(*state, "Two"), 7200);
	assert_int_equal(offset_of(*state, "UTC"), 0);
	assert_code(lnr_zone_load(LNR_STR("Three"), *state, &z, &err), -ENOENT);
	assert_has(err.msg, "'Three'");
	assert_has(err.msg, "Europe/Berlin");
	assert_code(lnr_zone_load(LNR_STR("broken"), *state, &z, &err), -EINVAL);
	assert_has(err.msg, "broken: ");
	assert_code(lnr_zone_load(LNR_STR("huge"), *state, &z, &err), -EFBIG);
	assert_code(lnr_zone_load(LNR_STR("Area"), *state, &z, &err), -EINVAL);
	lnr_test_dir_done(&dir);
	assert_code(lnr_zone_load(LNR_STR("Two"), *state, &z, &err), -ENOENT);
	assert_has(err.msg, "tzdata");
}

static void refuses_what_is_no_name(void **state)
{
	char longest[LNR_ZONE_NAME_MAX + 2];
	const char *names[] = {"", "/etc/passwd", "../passwd", "Europe/../../x", "a b", "Europe.x",
		"a\nb", longest};
	const struct lnr_zone *z;
	struct lnr_err err = {0};

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(names); i++) {
		assert_code(lnr_zone_load(lnr_str_c(names[i]), *state, &z, &err), -EINVAL);
		assert_has(err.msg, "no name of a time zone");
	}
	longest[LNR_ZONE_NAME_MAX] = 0;
	assert_code(lnr_zone_load(lnr_str_c(longest), *state, &z, &err), -ENOENT);
}

static void local_zone_is_that_of_tz(void **state)
{
	struct lnr_test_dir dir;
	struct file f;
	const struct lnr_zone *z = NULL;
	struct lnr_err err = {0};
	char colon[128];

	lnr_test_dir_init(&dir);
	setenv("TZDIR", dir.path, 1);
	put_whole(&f, 0, "\n<+02>-2\n");
	char *path = lnr_test_file(&dir, "Two", (struct lnr_str){f.bytes, f.len});
	snprintf(colon, sizeof(colon), ":%s", path);
	const struct {
		const char *tz;
		int32_t want;
	} rows[] = {{"Two", 7200}, {":Two", 7200}, {path, 7200}, {colon, 7200}, {"", 0}, {"UTC", 0},
		{"ABC-3", 3 * 3600}, {":<+04>-4", 4 * 3600}};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		setenv("TZ", rows[i].tz, 1);
		assert_ok(lnr_zone_load_local(*state, &z, &err), &err);
		assert_int_equal(lnr_zone_offset(z, 0), rows[i].want);
	}
	setenv("TZ", "Nowhere/Land", 1);
	assert_code(lnr_zone_load_local(*state, &z, &err), -ENOENT);
	assert_has(err.msg, "TZ: ");
	unsetenv("TZ");
	assert_ok(lnr_zone_load_local(*state, &z, &err), &err);
	free(path);
	lnr_test_dir_done(&dir);
}

/* --- memory -----------------------------------------------------------------------------------*/

static int load_body(void *arg)
{
	struct file *f = arg;
	const struct lnr_zone *z;
	struct lnr_arena a;

	lnr_arena_init(&a, 0);
	int r = lnr_zone_parse_file((struct lnr_str){f->bytes, f->len}, &a, &z, NULL);
	if (!r)
		r = lnr_zone_load(LNR_STR("Two"), &a, &z, NULL);
	if (!r)
		r = lnr_zone_load_local(&a, &z, NULL);
	lnr_arena_done(&a);
	return r;
}

static void survives_without_memory(void **state)
{
	struct lnr_test_dir dir;
	struct file f;

	(void)state;
	lnr_test_dir_init(&dir);
	setenv("TZDIR", dir.path, 1);
	setenv("TZ", "UTC", 1);
	put_whole(&f, 3, "\n<+02>-2\n");
	free(lnr_test_file(&dir, "Two", (struct lnr_str){f.bytes, f.len}));
	lnr_test_each_alloc_fails(load_body, &f);
	lnr_test_dir_done(&dir);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(equals_gmtime),
		TEST(changes_to_the_second),
		TEST(summer_may_last_for_ever),
		TEST(refuses_what_is_no_rule),
		TEST(reads_files),
		TEST(refuses_damage),
		TEST(equals_the_c_library),
		TEST(finds_zones_by_name),
		TEST(refuses_what_is_no_name),
		TEST(local_zone_is_that_of_tz),
		TEST(survives_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
