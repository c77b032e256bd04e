/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evt.*: what the event is and when it happened (spec fields.md 2.2). The arguments are in
 * evt_arg.c, the outcome in evt_result.c, the open family in evt_open.c.
 */
#include <stdio.h>
#include "base/clock.h"
#include "fields/core/get.h"
#include "fields/core/set.h"
#include "schema/params.h"

/* --- the deprecated latencies: enter events are gone, so there is nothing to measure --- */

LNR_GETTER(get_zero)
{
	(void)ctx;
	return lnr_give_u64(ret, ref, 0);
}

LNR_GETTER(get_latency_human)
{
	(void)ctx;
	return lnr_give_str(ret, ref, LNR_STR("0ns"));
}

/* --- time since the previous evaluation of the same occurrence; the slot is that time --- */

enum part { WHOLE, SECONDS, NANOSECONDS };

/* 0 the first time, and where the compiler of rules gave out no slot. */
static uint64_t since_last(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref)
{
	uint64_t *slot = lnr_field_slot(ctx, ref), delta = 0;

	if (!slot)
		return 0;
	if (*slot)
		delta = ctx->ev->ts - *slot;
	*slot = ctx->ev->ts;
	return delta;
}

LNR_GETTER(get_deltatime)
{
	uint64_t delta = since_last(ctx, ref);

	if (ref->def->user == SECONDS)
		delta /= LNR_NS_PER_SEC;
	else if (ref->def->user == NANOSECONDS)
		delta %= LNR_NS_PER_SEC;
	return lnr_give_u64(ret, ref, delta);
}

static struct lnr_str seconds_text(struct lnr_field_ctx *ctx, uint64_t ns)
{
	return lnr_scratch_printf(ctx, "%llu.%09llu", (unsigned long long)(ns / LNR_NS_PER_SEC),
		(unsigned long long)(ns % LNR_NS_PER_SEC));
}

/* The time format that the configuration chose for the engine's own prefix. */
LNR_GETTER(get_outputtime)
{
	uint64_t ts = ctx->ev->ts;
	char buf[LNR_TIME_TEXT_MAX];
	struct lnr_str s;

	switch (ctx->time_mode) {
	case 'a': /* not padded, as in the reference */
		s = lnr_scratch_printf(ctx, "%llu.%llu", (unsigned long long)(ts / LNR_NS_PER_SEC),
			(unsigned long long)(ts % LNR_NS_PER_SEC));
		break;
	case 'r':
		s = seconds_text(ctx, ts - ctx->first_ts);
		break;
	case 'd': /* was the latency of the call */
		s = LNR_STR("0.000000000");
		break;
	case 'D':
		s = seconds_text(ctx, since_last(ctx, ref));
		break;
	default:
		lnr_time_text(buf, ts, LNR_TIME_CLOCK_NS);
		s = lnr_scratch_printf(ctx, "%s", buf);
	}
	return s.ptr && lnr_give_str(ret, ref, s);
}

/* --- what kind of event --- */

/* Events without a counterpart, such as switches and signals, are entered and never left. */
LNR_GETTER(get_dir)
{
	return lnr_give_str(ret, ref, lnr_event_is_exit(ctx->ev) ? LNR_STR("<") : LNR_STR(">"));
}

/* Name of the call behind a generic event. */
static const char *generic_name(const struct lnr_event *ev)
{
	uint64_t code = lnr_param_u64_or(ev, LNR_P_GENERIC_X_ID, LNR_SC_UNKNOWN), nr;
	const struct lnr_syscall_info *sc = lnr_syscall_info((unsigned)code);

	/* A capture of a newer producer has codes we lack; the native number still tells. */
	if ((!sc || code == LNR_SC_UNKNOWN) && lnr_param_u64(ev, LNR_P_GENERIC_X_nativeID, &nr)) {
		const struct lnr_syscall_info *native = lnr_syscall_by_nr((int)nr);
		if (native)
			sc = native;
	}
	return sc ? sc->name : "unknown";
}

LNR_GETTER(get_type)
{
	const struct lnr_event *ev = ctx->ev;
	struct lnr_str s;

	switch (ev->type) {
	case LNR_EV_GENERIC_X:
		return lnr_give_cstr(ret, ref, generic_name(ev));
	case LNR_EV_ASYNCEVENT_E:
		s = lnr_param_str(ev, LNR_P_ASYNCEVENT_E_name);
		return s.ptr && lnr_give_str(ret, ref, s);
	default:
		return lnr_give_cstr(ret, ref, ev->info->name);
	}
}

/* Absent for what is no call: switches, signals, page faults, metadata. */
LNR_GETTER(get_syscall_type)
{
	const struct lnr_event *ev = ctx->ev;

	if (!(ev->info->source_class & LNR_EC_SYSCALL))
		return false;
	return lnr_give_cstr(
		ret, ref, ev->type == LNR_EV_GENERIC_X ? generic_name(ev) : ev->info->name);
}

/* Constants must be names that an event can have (rules-language.md B), or nothing at all. */
static int check_type(const struct lnr_field_ref *ref, struct lnr_str text, struct lnr_err *err)
{
	struct lnr_nearest near;

	(void)ref;
	/* The last one is an asynchronous event of ours without a row. */
	if (!text.len || lnr_event_find(text, 0) >= 0 || lnr_syscall_by_name(text) ||
		lnr_str_eq(text, LNR_STR("container_removed")))
		return 0;
	if (!err)
		return -ENOENT;
	lnr_nearest_begin(&near, text);
	for (unsigned i = 0; i < LNR_EVENT_COUNT; i++)
		if (lnr_event_info(i))
			lnr_nearest_try(&near, lnr_event_info(i)->name);
	for (unsigned i = 0; i < lnr_syscall_count(); i++)
		if (lnr_syscall_info(i))
			lnr_nearest_try(&near, lnr_syscall_info(i)->name);
	if (!near.best)
		return lnr_fail(err, -ENOENT, "unknown event type '%.*s'", LNR_STR_ARG(text));
	return lnr_fail(err, -ENOENT, "unknown event type '%.*s', did you mean '%s'?",
		LNR_STR_ARG(text), near.best);
}

/* The first table entry of a name and the number behind it, or one number. */
struct type_is {
	uint16_t first, last;
};

static int resolve_type_is(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	struct type_is *is;
	uint64_t number;

	if (!ref->arg_is_suffix)
		return lnr_fail(err, -EINVAL, "'%s' needs the name of an event: %s.execve",
			ref->def->name, ref->def->name);
	is = lnr_arena_new(arena, struct type_is);
	if (!is)
		return lnr_fail(err, -ENOMEM, "out of memory");
	if (lnr_str_u64(ref->arg, &number) == 0) {
		if (number >= LNR_EVENT_COUNT)
			return lnr_fail(err, -ENOENT, "no event has the number %.*s",
				LNR_STR_ARG(ref->arg));
		*is = (struct type_is){(uint16_t)number, (uint16_t)number};
	} else {
		int first = lnr_event_find(ref->arg, 0);
		if (first < 0)
			return lnr_fail(
				err, -ENOENT, "unknown event type '%.*s'", LNR_STR_ARG(ref->arg));
		*is = (struct type_is){(uint16_t)first, (uint16_t)(first + 1)};
	}
	ref->priv = is;
	return 0;
}

LNR_GETTER(get_type_is)
{
	const struct type_is *is = ref->priv;

	return lnr_give_u64(ret, ref, ctx->ev->type >= is->first && ctx->ev->type <= is->last);
}

/* Conditions compare the number, but outputs of the reference never show it (replays of 0.44). */
LNR_GETTER(output_type_is)
{
	(void)ctx, (void)ref, (void)ret;
	return false;
}

/* --- category (fields.md 3.4) --- */

/* I/O events are about what the descriptor is. */
static const char *io_category(const struct lnr_fd *fd)
{
	switch (fd ? fd->type : LNR_FD_UNKNOWN) {
	case LNR_FD_FILE:
	case LNR_FD_FILE_V2:
	case LNR_FD_DIRECTORY:
		return "file";
	case LNR_FD_IPV4_SOCK:
	case LNR_FD_IPV6_SOCK:
	case LNR_FD_IPV4_SERVSOCK:
	case LNR_FD_IPV6_SERVSOCK:
		return "net";
	case LNR_FD_FIFO:
	case LNR_FD_UNIX_SOCK:
	case LNR_FD_EVENT:
	case LNR_FD_SIGNALFD:
	case LNR_FD_INOTIFY:
	case LNR_FD_USERFAULTFD:
		return "ipc";
	default:
		return "unknown";
	}
}

LNR_GETTER(get_category)
{
	static const struct {
		uint16_t category;
		const char *name;
	} names[] = {
		{LNR_EC_OTHER, "other"},
		{LNR_EC_FILE, "file"},
		{LNR_EC_NET, "net"},
		{LNR_EC_IPC, "IPC"},
		{LNR_EC_MEMORY, "memory"},
		{LNR_EC_PROCESS, "process"},
		{LNR_EC_SLEEP, "sleep"},
		{LNR_EC_SYSTEM, "system"},
		{LNR_EC_SIGNAL, "signal"},
		{LNR_EC_USER, "user"},
		{LNR_EC_TIME, "time"},
		{LNR_EC_PROCESSING, "processing"},
		{LNR_EC_WAIT, "wait"},
		{LNR_EC_SCHEDULER, "scheduler"},
		{LNR_EC_INTERNAL, "internal"},
	};
	unsigned category = ctx->ev->info->category;

	if (ctx->ev->info->source_class & LNR_EC_INTERNAL)
		category = LNR_EC_INTERNAL;
	if (category & LNR_EC_IO_BASE)
		return lnr_give_cstr(ret, ref, io_category(ctx->ev->fd));
	for (size_t i = 0; i < LNR_ARRAY_SIZE(names); i++)
		if (names[i].category == category)
			return lnr_give_cstr(ret, ref, names[i].name);
	return lnr_give_str(ret, ref, LNR_STR("unknown"));
}

LNR_GETTER(get_cpu)
{
	return lnr_give_s64(ret, ref, (int16_t)ctx->ev->cpu);
}

LNR_GETTER(get_is_wait)
{
	return lnr_give_u64(ret, ref, (ctx->ev->info->flags & LNR_EF_WAITS) != 0);
}

/* --- evt.around[T] = D: within D milliseconds of T nanoseconds --- */

static int resolve_around(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	(void)arena;
	if (!ref->has_arg)
		return lnr_fail(err, -EINVAL, "'evt.around' needs a time: evt.around[NANOSECONDS]");
	if (ref->arg_is_suffix || lnr_arg_u64(ref->arg, &ref->index) < 0)
		return lnr_fail(
			err, -EINVAL, "'%.*s' is not a time in nanoseconds", LNR_STR_ARG(ref->arg));
	ref->has_index = true;
	return 0;
}

/* Only `exists` comes here; comparisons are made below. */
LNR_GETTER(get_around)
{
	return lnr_give_u64(ret, ref, ctx->ev->ts);
}

/* evt.around[T] = MS: at most so many milliseconds away from T. Saturates instead of wrapping. */
static int compare_around(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref,
	const char *op, struct lnr_str constant)
{
	uint64_t ts = ctx->ev->ts, t = ref->index, ms;

	if (strcmp(op, "exists") == 0)
		return -1;
	if ((strcmp(op, "=") != 0 && strcmp(op, "==") != 0) || lnr_arg_u64(constant, &ms) < 0)
		return 0;
	uint64_t distance = ts > t ? ts - t : t - ts;
	return ms > UINT64_MAX / LNR_NS_PER_MS || distance <= ms * LNR_NS_PER_MS;
}

/* --- rows --- */

#define OLD  LNR_FIELD_DEPRECATED
#define SLOT (LNR_FIELD_VOLATILE | LNR_FIELD_SLOT)
#define AROUND \
	(LNR_FIELD_ARG_REQUIRED | LNR_FIELD_NO_RHS | LNR_FIELD_NO_TRANSFORM | LNR_FIELD_FILTER_ONLY)

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("evt.latency", RELTIME, DEC, OLD | LNR_FIELD_EPOCH_JSON, get_zero,
		"Always 0: calls are seen when they return only."),
	LNR_FIELD_ROW("evt.latency.s", RELTIME, DEC, OLD | LNR_FIELD_EPOCH_JSON, get_zero,
		"Always 0, as evt.latency."),
	LNR_FIELD_ROW("evt.latency.ns", RELTIME, 10_PADDED_DEC, OLD | LNR_FIELD_EPOCH_JSON,
		get_zero, "Always 0, as evt.latency."),
	LNR_FIELD_ROW("evt.latency.quantized", UINT64, DEC, OLD | LNR_FIELD_HIDDEN, get_zero,
		"Always 0, as evt.latency."),
	LNR_FIELD_ROW("evt.latency.human", CHARBUF, NA, OLD, get_latency_human,
		"Always 0ns, as evt.latency."),
	LNR_FIELD_ROW("evt.deltatime", RELTIME, DEC, SLOT | LNR_FIELD_EPOCH_JSON, get_deltatime,
		"Nanoseconds since this very place of the rule or output was evaluated before; 0 "
		"the "
		"first time.",
		.user = WHOLE),
	LNR_FIELD_ROW("evt.deltatime.s", RELTIME, DEC, SLOT | LNR_FIELD_EPOCH_JSON, get_deltatime,
		"The same in whole seconds.", .user = SECONDS),
	LNR_FIELD_ROW("evt.deltatime.ns", RELTIME, 10_PADDED_DEC, SLOT | LNR_FIELD_EPOCH_JSON,
		get_deltatime, "Nanoseconds within the second of the same.", .user = NANOSECONDS),
	LNR_FIELD_ROW("evt.outputtime", CHARBUF, NA,
		SLOT | LNR_FIELD_PRINT_ONLY | LNR_FIELD_EPOCH_JSON, get_outputtime,
		"Time of the event in the form chosen on the command line."),
	LNR_FIELD_ROW("evt.dir", CHARBUF, NA, OLD | LNR_FIELD_BY_TYPE, get_dir,
		"> for enter and < for exit events. Practically always < now."),
	LNR_FIELD_ROW("evt.type", CHARBUF, NA, LNR_FIELD_BY_TYPE, get_type,
		"Name of the event, mostly that of the system call: execve, openat, connect. Rules "
		"can "
		"compare it with known names only.",
		.check_const = check_type),
	LNR_FIELD_ROW("evt.type.is", UINT32, NA,
		LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_SUFFIX | LNR_FIELD_BY_TYPE, get_type_is,
		"1 when the event has the type named behind it, evt.type.is.openat; for conditions "
		"only, outputs show no value.",
		.get_output = output_type_is, .resolve = resolve_type_is),
	LNR_FIELD_ROW("syscall.type", CHARBUF, NA, 0, get_syscall_type,
		"As evt.type, for system calls only. No value for other events."),
	LNR_FIELD_ROW("evt.category", CHARBUF, NA, 0, get_category,
		"What the event is about: file, net, process, memory, signal and so on. For reads "
		"and "
		"writes it depends on the descriptor."),
	LNR_FIELD_ROW("evt.cpu", INT16, DEC, 0, get_cpu, "Number of the CPU where it happened."),
	LNR_FIELD_ROW("evt.is_wait", BOOL, NA, LNR_FIELD_BY_TYPE, get_is_wait,
		"True for calls that may make the thread wait, such as poll, select or nanosleep."),
	LNR_FIELD_ROW("evt.wait_latency", RELTIME, DEC, OLD, get_zero, "Always 0, as evt.latency."),
	LNR_FIELD_ROW("evt.around", UINT64, DEC, AROUND, get_around,
		"evt.around[T] = D is true when the event is at most D milliseconds away from T, "
		"in "
		"nanoseconds since 1970.",
		.resolve = resolve_around, .compare = compare_around),
	{},
};

const struct lnr_field_class lnr_field_class_evt_syscall = {
	.name = "evt",
	.short_desc = "Syscall events only",
	.desc = "Fields of system call events. Each argument of a call is there by name, "
		"evt.arg.filename for example.",
	.source = "syscall",
	.order = 20,
	.fields = fields,
};
