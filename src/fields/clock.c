/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.*: what the clock and the calendar on the wall show when an event happens, in a named time
 * zone or in the process's own, so that rules can tell office hours from nights. Of no other
 * implementation: the reference has fields of this kind neither here nor elsewhere.
 *
 * The zone is read when a rule is compiled. A new release of the tz database, or another local
 * zone, counts from the next load of the rules on.
 */
#include "base/clock.h"
#include "base/zone.h"
#include "fields/core/get.h"
#include "fields/core/set.h"

static void look(
	const struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_wall_time *ret)
{
	lnr_zone_wall_time(ref->priv, (int64_t)(ctx->ev->ts / LNR_NS_PER_SEC), ret);
}

enum part { HOUR, HHMM, WEEKDAY_NUMBER };

LNR_GETTER(get_number)
{
	struct lnr_wall_time t;

	look(ctx, ref, &t);
	switch ((enum part)ref->def->user) {
	case HOUR:
		return lnr_give_u64(ret, ref, t.hour);
	case HHMM:
		return lnr_give_u64(ret, ref, t.hour * 100u + t.minute);
	case WEEKDAY_NUMBER:
		break;
	}
	return lnr_give_u64(ret, ref, t.weekday);
}

static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

LNR_GETTER(get_weekday)
{
	struct lnr_wall_time t;

	look(ctx, ref, &t);
	return lnr_give_cstr(ret, ref, weekdays[t.weekday - 1]);
}

/* A day that is misspelt would never come. */
static int check_weekday(const struct lnr_field_ref *ref, struct lnr_str text, struct lnr_err *err)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(weekdays); i++)
		if (lnr_str_eq(text, lnr_str_c(weekdays[i])))
			return 0;
	return lnr_fail(err, -EINVAL,
		"'%.*s' is no day of '%.*s', which are Mon, Tue, Wed, Thu, Fri, Sat and Sun",
		LNR_STR_ARG(text), LNR_STR_ARG(ref->text));
}

/* Years of events have four digits: their times end in 2554. */
LNR_GETTER(get_date)
{
	struct lnr_wall_time t;

	look(ctx, ref, &t);
	struct lnr_str s = lnr_scratch_printf(
		ctx, "%04d-%02u-%02u", (int)t.year, (unsigned)t.month, (unsigned)t.day);
	return s.ptr && lnr_give_str(ret, ref, s);
}

static int resolve(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	const struct lnr_zone *zone;
	int r = ref->has_arg ? lnr_zone_load(ref->arg, arena, &zone, err)
			     : lnr_zone_load_local(arena, &zone, err);

	if (r < 0)
		return r == -ENOMEM ? r : lnr_wrap(err, -ENXIO, "%s", ref->def->name);
	ref->priv = zone;
	return 0;
}

#define ARG LNR_FIELD_ARG_ALLOWED

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("clock.hour", UINT32, DEC, ARG, get_number,
		"Hour of the event's time of day, 0 to 23. The argument is a time zone of the tz "
		"database, clock.hour[Europe/Berlin]; without one it is the local zone of the "
		"process (TZ, /etc/localtime). So with all fields of this class.",
		.resolve = resolve, .user = HOUR),
	LNR_FIELD_ROW("clock.hhmm", UINT32, DEC, ARG, get_number,
		"Hour and minute as one number, 730 at 07:30 and 1815 at 18:15.",
		.resolve = resolve, .user = HHMM),
	LNR_FIELD_ROW("clock.weekday", CHARBUF, NA, ARG, get_weekday,
		"Day of the week: Mon, Tue, Wed, Thu, Fri, Sat, Sun. Conditions can compare it "
		"with these only.",
		.resolve = resolve, .check_const = check_weekday),
	LNR_FIELD_ROW("clock.weekday_number", UINT32, DEC, ARG, get_number,
		"Day of the week as a number, 1 for Monday to 7 for Sunday.", .resolve = resolve,
		.user = WEEKDAY_NUMBER),
	LNR_FIELD_ROW("clock.date", CHARBUF, NA, ARG, get_date,
		"Date as year, month and day, 2026-12-25.", .resolve = resolve),
	{},
};

const struct lnr_field_class lnr_field_class_clock = {
	.name = "clock",
	.short_desc = "Lanner's own",
	.desc = "Time of day, day of the week and date of an event, in any time zone.",
	.source = "",
	.order = 15,
	.fields = fields,
};
