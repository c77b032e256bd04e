/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A zone is a list of changes, and a rule for the time after the last of them:
 *
 *	      first      offset[0]    offset[1]          rule
 *	 ───────────────┼────────────┼───────────┼──────────────────────►
 *	              at[0]        at[1]       at[n-1]
 */
#include "base/zone.h"

#include <string.h>
#include "base/util.h"
#include "schema/limits.h"

#define DAY_S INT64_C(86400)

/* When a rule changes over, in local time before the change. */
struct change {
	/* Jn: day 1 … 365, 29 February is not counted; n: day 0 … 365, it is; Mm.w.d. */
	enum { NTH_NO_LEAP, NTH, WEEK } form;
	uint16_t day;	/* for WEEK: 0 Sunday … 6 */
	uint8_t month;	/* from 1 */
	uint8_t week;	/* 1 … 5, 5 is the last */
	int32_t second; /* of the day; a week to either side is allowed (RFC 9636, 3.3.1) */
};

struct rule {
	int32_t std, dst; /* seconds east */
	bool has_dst;
	struct change start, end; /* of dst */
};

struct lnr_zone {
	size_t n;
	const int64_t *at; /* ascending */
	const int32_t *offset;
	int32_t first;
	bool has_rule;
	struct rule rule;
};

/* --- calendar: proleptic Gregorian, days since 1970 -------------------------------------------*/

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Years begin in March here, so that the leap day is their last. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = floor_div(y, 400), of_era = y - era * 400;
	unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, struct lnr_wall_time *ret)
{
	int64_t z = days + 719468, era = floor_div(z, 146097);
	unsigned of_era = (unsigned)(z - era * 146097);
	unsigned y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * y + y / 4 - y / 100);
	unsigned m = (5 * of_year + 2) / 153;

	ret->day = (uint8_t)(of_year - (153 * m + 2) / 5 + 1);
	ret->month = (uint8_t)(m < 10 ? m + 3 : m - 9);
	ret->year = y + era * 400 + (ret->month <= 2);
}

/* 0 Sunday; 1970 began on a Thursday. */
static unsigned weekday_of(int64_t days)
{
	return (unsigned)(days + 4 - floor_div(days + 4, 7) * 7);
}

/* --- rules ------------------------------------------------------------------------------------*/

static int64_t change_day(const struct change *c, int64_t year)
{
	int64_t first = days_of(year, c->form == WEEK ? c->month : 1, 1);

	if (c->form == NTH)
		return first + c->day;
	if (c->form == NTH_NO_LEAP)
		return first + c->day - 1 + (is_leap(year) && c->day >= 60);
	int64_t next = c->month == 12 ? days_of(year + 1, 1, 1) : days_of(year, c->month + 1u, 1);
	int64_t day = first + (c->day + 7 - weekday_of(first)) % 7 + (c->week - 1) * 7;
	return day < next ? day : day - 7;
}

/*
 * The latest change that has been decides. A change may stand up to a week outside of its year, so
 * those of the neighbours count too. Where an end and a start fall together, summer goes on: that
 * is how a rule says that it always is.
 */
static int32_t rule_offset(const struct rule *r, int64_t sec)
{
	struct lnr_wall_time now;
	int64_t best = INT64_MIN;
	int32_t offset = r->std;

	if (!r->has_dst)
		return r->std;
	date_of(floor_div(sec + r->std, DAY_S), &now);
	for (int64_t year = now.year - 1; year <= now.year + 1; year++) {
		int64_t start = change_day(&r->start, year) * DAY_S + r->start.second - r->std;
		int64_t end = change_day(&r->end, year) * DAY_S + r->end.second - r->dst;
		if (end <= sec && end > best) {
			best = end;
			offset = r->std;
		}
		if (start <= sec && start >= best) {
			best = start;
			offset = r->dst;
		}
	}
	return offset;
}

/* What is left of the text. */
struct text {
	const char *at, *end;
};

static bool take(struct text *t, char c)
{
	if (t->at == t->end || *t->at != c)
		return false;
	t->at++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool number(struct text *t, unsigned min, unsigned max, unsigned *ret)
{
	const char *from = t->at;
	unsigned v = 0;

	/* Three digits are as many as any of them has. */
	while (t->at < t->end && is_digit(*t->at) && t->at - from < 3)
		v = v * 10 + (unsigned)(*t->at++ - '0');
	*ret = v;
	return t->at > from && v >= min && v <= max && !(t->at < t->end && is_digit(*t->at));
}

/* [+-]hh[:mm[:ss]] */
static bool clock_time(struct text *t, unsigned hours_max, int32_t *ret)
{
	unsigned h, m = 0, s = 0;
	bool minus = take(t, '-');

	if (!minus)
		(void)take(t, '+');
	if (!number(t, 0, hours_max, &h))
		return false;
	if (take(t, ':')) {
		if (!number(t, 0, 59, &m) || (take(t, ':') && !number(t, 0, 59, &s)))
			return false;
	}
	int32_t v = (int32_t)(h * 3600 + m * 60 + s);
	*ret = minus ? -v : v;
	return true;
}

/* Its text is nobody's business here. */
static bool abbreviation(struct text *t)
{
	const char *from = t->at;

	if (take(t, '<')) {
		while (t->at < t->end &&
			(is_letter(*t->at) || is_digit(*t->at) || *t->at == '+' || *t->at == '-'))
			t->at++;
		return t->at - from >= 4 && take(t, '>');
	}
	while (t->at < t->end && is_letter(*t->at))
		t->at++;
	return t->at - from >= 3;
}

static bool change_rule(struct text *t, struct change *c)
{
	unsigned day, month, week;

	*c = (struct change){.second = 2 * 3600};
	if (take(t, 'J')) {
		c->form = NTH_NO_LEAP;
		if (!number(t, 1, 365, &day))
			return false;
	} else if (take(t, 'M')) {
		c->form = WEEK;
		if (!number(t, 1, 12, &month) || !take(t, '.') || !number(t, 1, 5, &week) ||
			!take(t, '.') || !number(t, 0, 6, &day))
			return false;
		c->month = (uint8_t)month;
		c->week = (uint8_t)week;
	} else {
		c->form = NTH;
		if (!number(t, 0, 365, &day))
			return false;
	}
	c->day = (uint16_t)day;
	return !take(t, '/') || clock_time(t, 167, &c->second);
}

/* std offset [dst [offset] [, start [/time] , end [/time]]]; offsets count west of UTC. */
static bool parse_rule(struct lnr_str s, struct rule *r)
{
	static const struct lnr_str usual = {",M3.2.0,M11.1.0", 15};
	struct text t = {s.ptr, s.ptr + s.len};

	*r = (struct rule){0};
	if (!abbreviation(&t) || !clock_time(&t, 24, &r->std))
		return false;
	r->std = -r->std;
	if (t.at == t.end)
		return true;
	r->has_dst = true;
	if (!abbreviation(&t))
		return false;
	r->dst = r->std + 3600;
	if (t.at < t.end && *t.at != ',') {
		if (!clock_time(&t, 24, &r->dst))
			return false;
		r->dst = -r->dst;
	}
	/* POSIX leaves the default open; this is what everybody takes. */
	if (t.at == t.end)
		t = (struct text){usual.ptr, usual.ptr + usual.len};
	return take(&t, ',') && change_rule(&t, &r->start) && take(&t, ',') &&
	       change_rule(&t, &r->end) && t.at == t.end;
}

int lnr_zone_parse_text(struct lnr_str text, struct lnr_arena *arena, const struct lnr_zone **ret,
	struct lnr_err *err)
{
	struct lnr_zone *z = lnr_arena_new(arena, struct lnr_zone);

	if (!z)
		return lnr_fail(err, -ENOMEM, "out of memory");
	z->has_rule = true;
	if (!parse_rule(text, &z->rule))
		return lnr_fail(err, -EINVAL, "'%.*s' is no time zone", LNR_STR_ARG(text));
	*ret = z;
	return 0;
}

/* --- TZif files -------------------------------------------------------------------------------*/

/*
 *	header  "TZif" version 15 bytes, six counts
 *	block   of 4-byte times, for old readers
 *	header  and block of 8-byte times, when the version is 2 or later
 *	footer  newline, rule as text, newline, with them
 *
 * A block has, in this order: times, an index of a type per time, types, abbreviations, leap
 * seconds, two arrays of flags. Numbers are big-endian.
 */
#define HEADER_BYTES 44
#define VERSION_AT   4 /* 0 for the first one, then a digit */
#define TYPE_BYTES   6

struct block {
	size_t n_times, n_types, time_bytes;
	const uint8_t *times, *indexes, *types;
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t read_time(const struct block *b, size_t i)
{
	const uint8_t *p = b->times + i * b->time_bytes;

	if (b->time_bytes == 4)
		return (int32_t)be32(p);
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* Header and block at the beginning of *in, which moves behind them. */
static const char *take_block(struct lnr_str *in, size_t time_bytes, struct block *ret)
{
	const uint8_t *p = (const uint8_t *)in->ptr;
	uint64_t n_utc, n_std, n_leap, n_chars;

	if (in->len < HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
		return "it is no TZif file";
	n_utc = be32(p + 20);
	n_std = be32(p + 24);
	n_leap = be32(p + 28);
	*ret = (struct block){.n_times = be32(p + 32),
		.n_types = be32(p + 36),
		.time_bytes = time_bytes,
		.times = p + HEADER_BYTES};
	n_chars = be32(p + 40);
	/* Each is below 2^32, so the sum cannot overflow. */
	uint64_t bytes = ret->n_times * (time_bytes + 1) + ret->n_types * TYPE_BYTES + n_chars +
			 n_leap * (time_bytes + 4) + n_std + n_utc;
	if (bytes > in->len - HEADER_BYTES)
		return "it ends early";
	if (n_leap)
		return "it counts leap seconds";
	ret->indexes = ret->times + ret->n_times * time_bytes;
	ret->types = ret->indexes + ret->n_times;
	*in = lnr_str_sub(*in, HEADER_BYTES + (size_t)bytes, in->len);
	return NULL;
}

/* More than a day from UTC is no offset, and sums with it stay small. */
static bool read_offset(const struct block *b, size_t type, int32_t *ret)
{
	if (type >= b->n_types)
		return false;
	*ret = (int32_t)be32(b->types + type * TYPE_BYTES);
	return *ret > -26 * 3600 && *ret < 26 * 3600;
}

static const char *read_changes(const struct block *b, struct lnr_arena *arena, struct lnr_zone *z)
{
	int64_t *at = lnr_arena_calloc(arena, b->n_times, sizeof(*at));
	int32_t *offset = lnr_arena_calloc(arena, b->n_times, sizeof(*offset));

	if (!at || !offset)
		return "";
	if (!read_offset(b, 0, &z->first))
		return "it has no sound first type";
	for (size_t i = 0; i < b->n_times; i++) {
		at[i] = read_time(b, i);
		if (i && at[i] <= at[i - 1])
			return "its times do not ascend";
		if (!read_offset(b, b->indexes[i], &offset[i]))
			return "a type is missing or unsound";
	}
	z->n = b->n_times;
	z->at = at;
	z->offset = offset;
	return NULL;
}

/* An empty rule says that nobody knows what comes after the last change. */
static const char *read_footer(struct lnr_str in, struct lnr_zone *z)
{
	struct lnr_str text;

	if (!in.len || in.ptr[0] != '\n')
		return "its footer is missing";
	in = lnr_str_sub(in, 1, in.len);
	ptrdiff_t end = lnr_str_chr(in, '\n');
	if (end < 0)
		return "its footer has no end";
	text = lnr_str_sub(in, 0, (size_t)end);
	if (!text.len)
		return NULL;
	z->has_rule = true;
	return parse_rule(text, &z->rule) ? NULL : "its footer is no rule";
}

static const char *read_file(struct lnr_str in, struct lnr_arena *arena, struct lnr_zone *z)
{
	bool wide = in.len > VERSION_AT && in.ptr[VERSION_AT] >= '2';
	struct block b;
	const char *why = take_block(&in, 4, &b);

	if (!why && wide)
		why = take_block(&in, 8, &b);
	if (!why)
		why = read_changes(&b, arena, z);
	return why || !wide ? why : read_footer(in, z);
}

int lnr_zone_parse_file(struct lnr_str content, struct lnr_arena *arena,
	const struct lnr_zone **ret, struct lnr_err *err)
{
	struct lnr_zone *z = lnr_arena_new(arena, struct lnr_zone);
	const char *why = z ? read_file(content, arena, z) : "";

	if (why && !*why)
		return lnr_fail(err, -ENOMEM, "out of memory");
	if (why)
		return lnr_fail(err, -EINVAL, "%s", why);
	*ret = z;
	return 0;
}

/* --- looking it up ----------------------------------------------------------------------------*/

/* Where the tz database may be (tzdata; NixOS), unless TZDIR says otherwise. */
static const char *const places[] = {"/usr/share/zoneinfo", "/etc/zoneinfo"};

static int load_path(
	const char *path, struct lnr_arena *arena, const struct lnr_zone **ret, struct lnr_err *err)
{
	LNR_AUTO_FREE char *content = NULL;
	size_t len;
	int r = lnr_read_file(path, LNR_ZONE_FILE_BYTES, &content, &len, err);

	if (r < 0)
		return r;
	r = lnr_zone_parse_file((struct lnr_str){content, len}, arena, ret, err);
	return r < 0 ? lnr_wrap(err, r, "%s", path) : 0;
}

/* Nothing that leaves the database's directory, and no dot: its lists and tables have one. */
static bool is_name(struct lnr_str name)
{
	if (!name.len || name.len > LNR_ZONE_NAME_MAX || name.ptr[0] == '/')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!is_letter(name.ptr[i]) && !is_digit(name.ptr[i]) &&
			!memchr("_-+/", name.ptr[i], 4))
			return false;
	return true;
}

static int load_named(struct lnr_str name, struct lnr_arena *arena, const struct lnr_zone **ret,
	struct lnr_err *err)
{
	const char *told = secure_getenv("TZDIR");
	bool anywhere = false;

	for (size_t i = 0; i < (told ? 1 : LNR_ARRAY_SIZE(places)); i++) {
		const char *dir = told ? told : places[i];
		char path[LNR_STATE_PATH_BYTES_MAX];
		int n = snprintf(path, sizeof(path), "%s/%.*s", dir, LNR_STR_ARG(name));
		if (n < 0 || (size_t)n >= sizeof(path))
			continue;
		if (access(path, F_OK) == 0)
			return load_path(path, arena, ret, err);
		anywhere |= access(dir, F_OK) == 0;
	}
	return lnr_fail(err, -ENOENT, "unknown time zone '%.*s'%s", LNR_STR_ARG(name),
		anywhere ? ", names are those of the tz database, Europe/Berlin for example"
			 : ": the tz database (package tzdata) is not installed");
}

int lnr_zone_load(struct lnr_str name, struct lnr_arena *arena, const struct lnr_zone **ret,
	struct lnr_err *err)
{
	if (lnr_str_eq(name, LNR_STR("UTC")))
		return lnr_zone_parse_text(LNR_STR("UTC0"), arena, ret, err);
	if (!is_name(name))
		return lnr_fail(
			err, -EINVAL, "'%.*s' is no name of a time zone", LNR_STR_ARG(name));
	int r = load_named(name, arena, ret, err);
	/* A directory of the database, Europe for example. */
	return r == -EISDIR ? lnr_fail(err, -EINVAL, "'%.*s' is no name of a time zone",
				      LNR_STR_ARG(name))
			    : r;
}

int lnr_zone_load_local(struct lnr_arena *arena, const struct lnr_zone **ret, struct lnr_err *err)
{
	const char *tz = secure_getenv("TZ");

	if (!tz && access("/etc/localtime", F_OK) == 0)
		return load_path("/etc/localtime", arena, ret, err);
	struct lnr_str s = lnr_str_c(tz ? tz : "");
	if (s.len && s.ptr[0] == ':')
		s = lnr_str_sub(s, 1, s.len);
	if (!s.len)
		s = LNR_STR("UTC");
	int r = s.ptr[0] == '/' ? load_path(s.ptr, arena, ret, err)
				: lnr_zone_load(s, arena, ret, err);
	if ((r == -ENOENT || r == -EINVAL) && lnr_zone_parse_text(s, arena, ret, NULL) == 0)
		r = 0;
	return r < 0 ? lnr_wrap(err, r, "the environment's TZ") : 0;
}

/* Index of the last change at or before `sec`; at[0] is. */
static size_t last_change(const struct lnr_zone *z, int64_t sec)
{
	size_t low = 0, high = z->n;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (z->at[mid] <= sec)
			low = mid;
		else
			high = mid;
	}
	return low;
}

int32_t lnr_zone_offset(const struct lnr_zone *z, int64_t sec)
{
	if (z->has_rule && (!z->n || sec >= z->at[z->n - 1]))
		return rule_offset(&z->rule, sec);
	if (!z->n || sec < z->at[0])
		return z->first;
	return z->offset[last_change(z, sec)];
}

void lnr_zone_wall_time(const struct lnr_zone *zone, int64_t sec, struct lnr_wall_time *ret)
{
	int64_t local = sec + lnr_zone_offset(zone, sec), days = floor_div(local, DAY_S);
	unsigned left = (unsigned)(local - days * DAY_S), weekday = weekday_of(days);

	date_of(days, ret);
	ret->hour = (uint8_t)(left / 3600);
	ret->minute = (uint8_t)(left / 60 % 60);
	ret->second = (uint8_t)(left % 60);
	ret->weekday = (uint8_t)(weekday ? weekday : 7);
}
