/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evt.*: what every event has, whatever its source (spec fields.md 2.1).
 */
#include "base/clock.h"
#include "fields/core/get.h"

/* Counts every event of the stream, also those that rules never see. */
LNR_GETTER(get_num)
{
	return lnr_give_u64(ret, ref, ctx->ev->num);
}

/* def->user is enum lnr_time_form. */
LNR_GETTER(get_time)
{
	char buf[LNR_TIME_TEXT_MAX];
	size_t n = lnr_time_text(buf, ctx->ev->ts, (enum lnr_time_form)ref->def->user);
	struct lnr_str s = lnr_arena_str(ctx->ev->scratch, (struct lnr_str){buf, n});

	return s.ptr ? lnr_give_str(ret, ref, s) : lnr_give_nomem(ctx);
}

/* Parts of a time in nanoseconds. */
enum part { WHOLE, SECONDS, NANOSECONDS };

static uint64_t part_of(uint64_t ns, int part)
{
	return part == WHOLE ? ns : part == SECONDS ? ns / LNR_NS_PER_SEC : ns % LNR_NS_PER_SEC;
}

LNR_GETTER(get_rawtime)
{
	return lnr_give_u64(ret, ref, part_of(ctx->ev->ts, ref->def->user));
}

/*
 * Records of several CPUs are not quite in order: one before the first wraps, as in the reference.
 */
LNR_GETTER(get_reltime)
{
	return lnr_give_u64(ret, ref, part_of(ctx->ev->ts - ctx->first_ts, ref->def->user));
}

/* System calls come from no plugin and have no name here. */
LNR_GETTER(get_pluginname)
{
	return ctx->plugin_name.len && lnr_give_str(ret, ref, ctx->plugin_name);
}

LNR_GETTER(get_plugininfo)
{
	struct lnr_str s;

	return ctx->plugin_info && ctx->plugin_info(ctx, &s) && lnr_give_str(ret, ref, s);
}

LNR_GETTER(get_source)
{
	return ctx->source.len && lnr_give_str(ret, ref, ctx->source);
}

/* Internal events (drop, procinfo, old container events) are meta events too. */
static bool is_meta(const struct lnr_event *ev)
{
	return ev->info->source_class & (LNR_EC_METAEVENT | LNR_EC_INTERNAL);
}

LNR_GETTER(get_is_async)
{
	return lnr_give_u64(ret, ref, is_meta(ctx->ev));
}

LNR_GETTER(get_asynctype)
{
	if (!is_meta(ctx->ev))
		return false;
	/* An asynchronous event carries its name; the older ones are their type. */
	if (ctx->ev->type == LNR_EV_ASYNCEVENT_E)
		return lnr_give_str(ret, ref, lnr_param_str(ctx->ev, 1));
	return lnr_give_cstr(ret, ref, ctx->ev->info->name);
}

LNR_GETTER(get_hostname)
{
	return ctx->hostname.len && lnr_give_str(ret, ref, ctx->hostname);
}

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("evt.num", UINT64, DEC, 0, get_num,
		"Number of the event in this run or capture, from 1. Events that no rule sees "
		"count too."),
	LNR_FIELD_ROW("evt.time", CHARBUF, NA, LNR_FIELD_EPOCH_JSON, get_time,
		"Local time of day of the event with nanoseconds.", .user = LNR_TIME_CLOCK_NS),
	LNR_FIELD_ROW("evt.time.s", CHARBUF, NA, LNR_FIELD_EPOCH_JSON, get_time,
		"Local time of day of the event in whole seconds.", .user = LNR_TIME_CLOCK),
	LNR_FIELD_ROW("evt.time.iso8601", CHARBUF, NA, LNR_FIELD_EPOCH_JSON, get_time,
		"Date and time of the event in UTC, ISO 8601 with nanoseconds and offset.",
		.user = LNR_TIME_ISO8601),
	LNR_FIELD_ROW("evt.datetime", CHARBUF, NA, LNR_FIELD_EPOCH_JSON, get_time,
		"Local date and time of the event with nanoseconds.", .user = LNR_TIME_DATE_NS),
	LNR_FIELD_ROW("evt.datetime.s", CHARBUF, NA, LNR_FIELD_EPOCH_JSON, get_time,
		"Local date and time of the event in whole seconds.", .user = LNR_TIME_DATE),
	LNR_FIELD_ROW("evt.rawtime", ABSTIME, DEC, LNR_FIELD_EPOCH_JSON, get_rawtime,
		"Time of the event in nanoseconds since 1970.", .user = WHOLE),
	LNR_FIELD_ROW("evt.rawtime.s", ABSTIME, DEC, LNR_FIELD_EPOCH_JSON, get_rawtime,
		"Time of the event in whole seconds since 1970.", .user = SECONDS),
	LNR_FIELD_ROW("evt.rawtime.ns", ABSTIME, 10_PADDED_DEC, LNR_FIELD_EPOCH_JSON, get_rawtime,
		"Nanoseconds of the event's time within its second.", .user = NANOSECONDS),
	LNR_FIELD_ROW("evt.reltime", RELTIME, 10_PADDED_DEC, LNR_FIELD_EPOCH_JSON, get_reltime,
		"Nanoseconds since the first event of this run or capture.", .user = WHOLE),
	LNR_FIELD_ROW("evt.reltime.s", RELTIME, DEC, LNR_FIELD_EPOCH_JSON, get_reltime,
		"Whole seconds since the first event of this run or capture.", .user = SECONDS),
	LNR_FIELD_ROW("evt.reltime.ns", RELTIME, 10_PADDED_DEC, LNR_FIELD_EPOCH_JSON, get_reltime,
		"Nanoseconds within the second of the time since the first event.",
		.user = NANOSECONDS),
	LNR_FIELD_ROW("evt.pluginname", CHARBUF, NA, 0, get_pluginname,
		"Name of the plugin that owns the event's source. No value for other events."),
	LNR_FIELD_ROW("evt.plugininfo", CHARBUF, NA, 0, get_plugininfo,
		"One line about the event, written by the plugin that owns its source."),
	LNR_FIELD_ROW("evt.source", CHARBUF, NA, 0, get_source,
		"Event source: syscall, or the source of a plugin."),
	LNR_FIELD_ROW("evt.is_async", BOOL, NA, LNR_FIELD_BY_TYPE, get_is_async,
		"True for events about the observed system that no system call caused: container "
		"metadata, changes of users and groups, notifications."),
	LNR_FIELD_ROW("evt.asynctype", CHARBUF, NA, LNR_FIELD_BY_TYPE, get_asynctype,
		"Kind of such an event, 'container' for example."),
	LNR_FIELD_ROW("evt.hostname", CHARBUF, NA, 0, get_hostname,
		"Name of the host. The environment (FALCO_HOSTNAME) may set another one; for a "
		"capture it is the host where it was made."),
	{},
};

const struct lnr_field_class lnr_field_class_evt = {
	.name = "evt",
	.short_desc = "All event types",
	.desc = "What every event has, whatever its source.",
	.source = "",
	.order = 10,
	.fields = fields,
};
