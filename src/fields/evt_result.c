/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evt.*: how a call went and how much it moved (spec fields.md 2.2, 2.3).
 */
#include "fields/core/get.h"

/* --- return value --- */

LNR_GETTER(get_res)
{
	struct lnr_str plain, resolved;

	if (!ctx->ev->has_res)
		return false;
	if (ctx->ev->res >= 0)
		return lnr_give_str(ret, ref, LNR_STR("SUCCESS"));
	/* The first parameter is the return value; its name is the errno's, if it has one. */
	lnr_param_render(ctx, 0, &plain, &resolved);
	return lnr_give_str(ret, ref, resolved.len ? resolved : plain);
}

/* The number that the call returned, for the types whose first parameter that is. */
LNR_GETTER(get_rawres)
{
	return ctx->ev->has_res && lnr_give_s64(ret, ref, ctx->ev->res);
}

/* Whether it failed: evt.failed as truth, evt.count.error as number. */
LNR_GETTER(get_failed)
{
	return ctx->ev->has_res && lnr_give_u64(ret, ref, ctx->ev->res < 0);
}

/* --- counters of failures, by what the event is about --- */

enum about { ABOUT_FILE, ABOUT_NET, ABOUT_OTHER };

/* Server sockets of UNIX domain have no type of their own; pipes and the rest are "other". */
static enum about about_fd(const struct lnr_fd *fd)
{
	switch (fd->type) {
	case LNR_FD_FILE:
	case LNR_FD_FILE_V2:
	case LNR_FD_DIRECTORY:
		return ABOUT_FILE;
	case LNR_FD_IPV4_SOCK:
	case LNR_FD_IPV6_SOCK:
	case LNR_FD_IPV4_SERVSOCK:
	case LNR_FD_IPV6_SERVSOCK:
	case LNR_FD_UNIX_SOCK:
		return ABOUT_NET;
	default:
		return ABOUT_OTHER;
	}
}

/* A call that failed to make a descriptor is told by what it would have made. */
static enum about about_event(const struct lnr_event *ev)
{
	if (ev->fd)
		return about_fd(ev->fd);
	switch (ev->type) {
	case LNR_EV_SYSCALL_OPEN_X:
	case LNR_EV_SYSCALL_CREAT_X:
	case LNR_EV_SYSCALL_OPENAT_2_X:
	case LNR_EV_SYSCALL_OPENAT2_X:
	case LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X:
		return ABOUT_FILE;
	case LNR_EV_SOCKET_ACCEPT_5_X:
	case LNR_EV_SOCKET_ACCEPT4_6_X:
	case LNR_EV_SOCKET_CONNECT_X:
		return ABOUT_NET;
	default:
		return ABOUT_OTHER;
	}
}

static bool is_memory(const struct lnr_event *ev)
{
	return ev->info->category == LNR_EC_MEMORY;
}

LNR_GETTER(get_error_about)
{
	if (about_event(ctx->ev) != (enum about)ref->def->user)
		return false;
	/* Memory calls have a counter of their own unless they are about a descriptor. */
	if (ref->def->user == ABOUT_OTHER && !ctx->ev->fd && is_memory(ctx->ev))
		return false;
	return get_failed(ctx, ref, ret);
}

/* By category, so mmap of a file counts here and, by its descriptor, as a file error too. */
LNR_GETTER(get_error_memory)
{
	return is_memory(ctx->ev) && get_failed(ctx, ref, ret);
}

/* Counters of the reference that are there to be summed up by its user interface. */
LNR_GETTER(get_one)
{
	(void)ctx;
	return lnr_give_u64(ret, ref, 1);
}

LNR_GETTER(get_count_exit)
{
	return lnr_event_is_exit(ctx->ev) && lnr_give_u64(ret, ref, 1);
}

LNR_GETTER(get_count_threadinfo)
{
	return lnr_give_u64(ret, ref, ctx->ev->type == LNR_EV_PROCINFO_E);
}

/* Reports come per thread; those of main threads count the processes. */
LNR_GETTER(get_count_procinfo)
{
	const struct lnr_event *ev = ctx->ev;

	return lnr_give_u64(ret, ref,
		ev->type == LNR_EV_PROCINFO_E && ev->thread && lnr_thread_is_main(ev->thread));
}

/* --- input and output --- */

/* def->user is an event flag of the schema. */
LNR_GETTER(get_has_flag)
{
	return lnr_give_u64(ret, ref, (ctx->ev->info->flags & (uint32_t)ref->def->user) != 0);
}

/* Calls that do neither have no value, not an empty one. */
LNR_GETTER(get_io_dir)
{
	uint32_t flags = ctx->ev->info->flags;

	if (flags & LNR_EF_WRITES_TO_FD)
		return lnr_give_str(ret, ref, LNR_STR("write"));
	return (flags & LNR_EF_READS_FROM_FD) && lnr_give_str(ret, ref, LNR_STR("read"));
}

/* The socket that the C library writes to; the name of a connected one contains its path. */
LNR_GETTER(get_is_syslog)
{
	const struct lnr_event *ev = ctx->ev;
	bool is = (ev->info->flags & LNR_EF_WRITES_TO_FD) && ev->fd &&
		  lnr_str_find(lnr_blob_str(ev->fd->name), LNR_STR("/dev/log")) >= 0;

	return lnr_give_u64(ret, ref, is);
}

/* def->user of evt.buflen*: what the descriptor must be, which way the bytes must go. */
enum {
	FD_ANY = 0,
	FD_FILE = 1,
	FD_INET = 2,
	DIR_ANY = 0,
	DIR_IN = 4,
	DIR_OUT = 8,
};

static bool buflen_wanted(const struct lnr_event *ev, int want)
{
	unsigned category = ev->info->category;

	if (!ev->fd || !(category & LNR_EC_IO_BASE))
		return false;
	if ((want & DIR_IN) && category != LNR_EC_IO_READ)
		return false;
	if ((want & DIR_OUT) && category != LNR_EC_IO_WRITE)
		return false;
	if ((want & FD_FILE) && ev->fd->type != LNR_FD_FILE && ev->fd->type != LNR_FD_FILE_V2)
		return false;
	return !(want & FD_INET) || lnr_fd_is_inet(ev->fd);
}

/* The return value is what moved, whatever the caller asked for. */
LNR_GETTER(get_buflen)
{
	const struct lnr_event *ev = ctx->ev;

	if (!buflen_wanted(ev, ref->def->user) || !ev->has_res || ev->res < 0)
		return false;
	return lnr_give_u64(ret, ref, (uint64_t)ev->res);
}

/* --- rows --- */

#define HIDDEN LNR_FIELD_HIDDEN

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("evt.buflen", UINT64, DEC, 0, get_buflen,
		"Bytes that a successful read or write moved."),
	LNR_FIELD_ROW("evt.res", CHARBUF, DEC, 0, get_res,
		"SUCCESS, or the name of the error: ENOENT, EACCES. Only calls that return "
		"something "
		"have a value."),
	LNR_FIELD_ROW("evt.rawres", INT64, DEC, 0, get_rawres,
		"Return value as a number; a failure is the negative error number."),
	LNR_FIELD_ROW("evt.failed", BOOL, NA, 0, get_failed,
		"True when the call failed. A connection in progress and 'try again' count as "
		"failed."),
	LNR_FIELD_ROW("evt.is_io", BOOL, NA, LNR_FIELD_BY_TYPE, get_has_flag,
		"True for reads and writes.", .user = LNR_EF_READS_FROM_FD | LNR_EF_WRITES_TO_FD),
	LNR_FIELD_ROW("evt.is_io_read", BOOL, NA, LNR_FIELD_BY_TYPE, get_has_flag,
		"True for read, recv and their kin.", .user = LNR_EF_READS_FROM_FD),
	LNR_FIELD_ROW("evt.is_io_write", BOOL, NA, LNR_FIELD_BY_TYPE, get_has_flag,
		"True for write, send and their kin.", .user = LNR_EF_WRITES_TO_FD),
	LNR_FIELD_ROW("evt.io_dir", CHARBUF, NA, LNR_FIELD_BY_TYPE, get_io_dir,
		"read or write. No value for events that move no data."),
	LNR_FIELD_ROW("evt.is_syslog", BOOL, NA, 0, get_is_syslog,
		"True for writes to the system log's socket /dev/log."),
	LNR_FIELD_ROW("evt.count", UINT32, DEC, 0, get_one, "Always 1, for sums."),
	LNR_FIELD_ROW("evt.count.error", UINT32, DEC, 0, get_failed,
		"1 when the call failed, otherwise 0."),
	LNR_FIELD_ROW("evt.count.error.file", UINT32, DEC, 0, get_error_about,
		"As evt.count.error, for calls about files and directories only.",
		.user = ABOUT_FILE),
	LNR_FIELD_ROW("evt.count.error.net", UINT32, DEC, 0, get_error_about,
		"As evt.count.error, for calls about sockets only.", .user = ABOUT_NET),
	LNR_FIELD_ROW("evt.count.error.memory", UINT32, DEC, 0, get_error_memory,
		"As evt.count.error, for memory calls such as mmap only."),
	LNR_FIELD_ROW("evt.count.error.other", UINT32, DEC, 0, get_error_about,
		"As evt.count.error, for all calls that none of the others counts.",
		.user = ABOUT_OTHER),
	LNR_FIELD_ROW("evt.count.exit", UINT32, DEC, LNR_FIELD_BY_TYPE, get_count_exit,
		"1 for the return of a call. No value for other events."),
	LNR_FIELD_ROW("evt.count.procinfo", UINT32, DEC, HIDDEN, get_count_procinfo,
		"1 for periodic information about a process, otherwise 0."),
	LNR_FIELD_ROW("evt.count.threadinfo", UINT32, DEC, HIDDEN, get_count_threadinfo,
		"1 for periodic information about a thread, otherwise 0."),
	LNR_FIELD_ROW("evt.buflen.in", UINT64, DEC, HIDDEN, get_buflen, "evt.buflen of reads.",
		.user = DIR_IN),
	LNR_FIELD_ROW("evt.buflen.out", UINT64, DEC, HIDDEN, get_buflen, "evt.buflen of writes.",
		.user = DIR_OUT),
	LNR_FIELD_ROW("evt.buflen.file", UINT64, DEC, HIDDEN, get_buflen, "evt.buflen on files.",
		.user = FD_FILE),
	LNR_FIELD_ROW("evt.buflen.file.in", UINT64, DEC, HIDDEN, get_buflen,
		"evt.buflen of reads from files.", .user = FD_FILE | DIR_IN),
	LNR_FIELD_ROW("evt.buflen.file.out", UINT64, DEC, HIDDEN, get_buflen,
		"evt.buflen of writes to files.", .user = FD_FILE | DIR_OUT),
	LNR_FIELD_ROW("evt.buflen.net", UINT64, DEC, HIDDEN, get_buflen,
		"evt.buflen on internet sockets.", .user = FD_INET),
	LNR_FIELD_ROW("evt.buflen.net.in", UINT64, DEC, HIDDEN, get_buflen,
		"evt.buflen of reads from internet sockets.", .user = FD_INET | DIR_IN),
	LNR_FIELD_ROW("evt.buflen.net.out", UINT64, DEC, HIDDEN, get_buflen,
		"evt.buflen of writes to internet sockets.", .user = FD_INET | DIR_OUT),
	{},
};

const struct lnr_field_class lnr_field_class_evt_result = {
	.name = "evt",
	.short_desc = "",
	.desc = "",
	.source = "syscall",
	.order = 22,
	.fields = fields,
};
