/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.*: ids, leaders of session and process group, ages (spec fields.md 4, 4.2).
 */
#include "fields/core/proc_text.h"

/* Ids beyond 32 bits are made up by sources that know none. */
static bool is_real_id(int64_t id)
{
	return id >= -1 && id <= UINT32_MAX;
}

LNR_GETTER(get_tty)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, t->tty);
}

LNR_GETTER(get_pid)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && is_real_id(t->pid) && lnr_give_s64(ret, ref, t->pid);
}

LNR_GETTER(get_ppid)
{
	struct lnr_thread *t = ctx->ev->thread;
	const struct lnr_thread *parent = t ? lnr_state_parent(ctx->state, t) : NULL;

	return parent && is_real_id(parent->pid) && lnr_give_s64(ret, ref, parent->pid);
}

/* -1 comes from producers that did not know ids inside of namespaces. */
LNR_GETTER(get_vpid)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && t->vpid != -1 && lnr_give_s64(ret, ref, t->vpid);
}

/* The thread that forked, which need not be its process's leader. */
static const struct lnr_thread *forker(struct lnr_field_ctx *ctx)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t ? lnr_state_thread(ctx->state, t->ptid, false) : NULL;
}

LNR_GETTER(get_pvpid)
{
	const struct lnr_thread *parent = forker(ctx);

	return parent && lnr_give_s64(ret, ref, parent->vpid);
}

/* Of the session, as the thread's own pid namespace numbers it. */
LNR_GETTER(get_sid)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_s64(ret, ref, t->sid);
}

/* Of the process group, numbered inside of the pid namespace; pgid is the host's number. */
LNR_GETTER(get_vpgid)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_s64(ret, ref, t->vpgid);
}

LNR_GETTER(get_pgid)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_s64(ret, ref, t->pgid);
}

/* A leader's text; an unknown leader gives an empty one. def->user is enum lnr_proc_text. */
static bool give_leader_text(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref,
	struct lnr_thread *leader, struct lnr_val *ret)
{
	struct lnr_str s = {"", 0};

	if (leader && !lnr_proc_text(ctx, leader, (enum lnr_proc_text)ref->def->user, &s))
		return false;
	return lnr_give_str(ret, ref, s);
}

LNR_GETTER(get_sid_text)
{
	struct lnr_thread *t = ctx->ev->thread;

	return t && give_leader_text(ctx, ref, lnr_state_sid_leader(ctx->state, t), ret);
}

LNR_GETTER(get_vpgid_text)
{
	struct lnr_thread *t = ctx->ev->thread;

	return t && give_leader_text(ctx, ref, lnr_state_vpgid_leader(ctx->state, t), ret);
}

LNR_GETTER(get_pgid_text)
{
	struct lnr_thread *t = ctx->ev->thread;

	return t && give_leader_text(ctx, ref, lnr_state_pgid_leader(ctx->state, t), ret);
}

/* Both numbers must be of one namespace: sid and vpgid go with vpid, pgid with pid. */
LNR_GETTER(get_is_sid_leader)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, t->sid == t->vpid);
}

LNR_GETTER(get_is_vpgid_leader)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, t->vpgid == t->vpid);
}

LNR_GETTER(get_is_pgid_leader)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, t->pgid == t->pid);
}

/* --- ages; a start time of 0 is not known --- */

static bool give_age(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref,
	const struct lnr_thread *t, struct lnr_val *ret)
{
	return t && t->clone_ts && lnr_give_u64(ret, ref, ctx->ev->ts - t->clone_ts);
}

LNR_GETTER(get_duration)
{
	return give_age(ctx, ref, ctx->ev->thread, ret);
}

/* Of the process that is the parent, while ppid.ts below is of the thread that forked. */
LNR_GETTER(get_ppid_duration)
{
	struct lnr_thread *t = ctx->ev->thread;

	return t && give_age(ctx, ref, lnr_state_parent(ctx->state, t), ret);
}

LNR_GETTER(get_pid_ts)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && t->clone_ts && lnr_give_u64(ret, ref, t->clone_ts);
}

/* 0 for a parent whose start was not seen, unlike proc.pid.ts, which is absent then. */
LNR_GETTER(get_ppid_ts)
{
	const struct lnr_thread *parent = forker(ctx);

	return parent && lnr_give_u64(ret, ref, parent->clone_ts);
}

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("proc.tty", UINT32, DEC, 0, get_tty,
		"Device number of the controlling terminal, 0 without one."),
	LNR_FIELD_ROW("proc.pid", INT64, ID, 0, get_pid, "Process id, as the host sees it."),
	LNR_FIELD_ROW("proc.ppid", INT64, ID, 0, get_ppid,
		"Process id of the parent process, as the host sees it."),
	LNR_FIELD_ROW("proc.vpid", INT64, ID, 0, get_vpid,
		"Process id inside the process's own pid namespace."),
	LNR_FIELD_ROW("proc.pvpid", INT64, ID, 0, get_pvpid,
		"Id of the process that forked this one, inside that one's pid namespace."),
	LNR_FIELD_ROW("proc.sid", INT64, ID, 0, get_sid, "Session id, inside the pid namespace."),
	LNR_FIELD_ROW("proc.sname", CHARBUF, NA, 0, get_sid_text,
		"proc.name of the session leader, or of the oldest ancestor in the session when "
		"the "
		"leader is gone.",
		.user = LNR_PROC_NAME),
	LNR_FIELD_ROW("proc.sid.exe", CHARBUF, NA, 0, get_sid_text,
		"proc.exe of the session leader, found as for proc.sname.", .user = LNR_PROC_EXE),
	LNR_FIELD_ROW("proc.sid.exepath", CHARBUF, NA, 0, get_sid_text,
		"proc.exepath of the session leader, found as for proc.sname.",
		.user = LNR_PROC_EXEPATH),
	LNR_FIELD_ROW("proc.vpgid", INT64, ID, 0, get_vpgid,
		"Process group id, inside the pid namespace."),
	LNR_FIELD_ROW("proc.vpgid.name", CHARBUF, NA, 0, get_vpgid_text,
		"proc.name of the leader of the process group proc.vpgid, or of the oldest "
		"ancestor in "
		"the group when the leader is gone.",
		.user = LNR_PROC_NAME),
	LNR_FIELD_ROW("proc.vpgid.exe", CHARBUF, NA, 0, get_vpgid_text,
		"proc.exe of the leader found as for proc.vpgid.name.", .user = LNR_PROC_EXE),
	LNR_FIELD_ROW("proc.vpgid.exepath", CHARBUF, NA, 0, get_vpgid_text,
		"proc.exepath of the leader found as for proc.vpgid.name.",
		.user = LNR_PROC_EXEPATH),
	LNR_FIELD_ROW(
		"proc.pgid", INT64, ID, 0, get_pgid, "Process group id, as the host sees it."),
	LNR_FIELD_ROW("proc.pgid.name", CHARBUF, NA, 0, get_pgid_text,
		"proc.name of the leader of the process group proc.pgid, or of the oldest ancestor "
		"in "
		"the group when the leader is gone.",
		.user = LNR_PROC_NAME),
	LNR_FIELD_ROW("proc.pgid.exe", CHARBUF, NA, 0, get_pgid_text,
		"proc.exe of the leader found as for proc.pgid.name.", .user = LNR_PROC_EXE),
	LNR_FIELD_ROW("proc.pgid.exepath", CHARBUF, NA, 0, get_pgid_text,
		"proc.exepath of the leader found as for proc.pgid.name.",
		.user = LNR_PROC_EXEPATH),
	LNR_FIELD_ROW("proc.duration", RELTIME, DEC, 0, get_duration,
		"Nanoseconds since the process started."),
	LNR_FIELD_ROW("proc.ppid.duration", RELTIME, DEC, 0, get_ppid_duration,
		"Nanoseconds since the parent process started."),
	LNR_FIELD_ROW("proc.pid.ts", RELTIME, DEC, 0, get_pid_ts,
		"Start of the process in nanoseconds since 1970."),
	LNR_FIELD_ROW("proc.ppid.ts", RELTIME, DEC, 0, get_ppid_ts,
		"Start of the parent in nanoseconds since 1970."),
	LNR_FIELD_ROW("proc.is_sid_leader", BOOL, NA, 0, get_is_sid_leader,
		"True when the process leads its session."),
	LNR_FIELD_ROW("proc.is_vpgid_leader", BOOL, NA, 0, get_is_vpgid_leader,
		"True when the process leads its process group, judged by ids inside the pid "
		"namespace."),
	LNR_FIELD_ROW("proc.is_pgid_leader", BOOL, NA, 0, get_is_pgid_leader,
		"True when the process leads its process group, judged by the host's ids."),
	{},
};

const struct lnr_field_class lnr_field_class_proc_ids = {
	.name = "process",
	.short_desc = "",
	.desc = "",
	.source = "syscall",
	.order = 32,
	.fields = fields,
};
