/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.*, thread.*: descriptors, memory, CPU, threads and cgroups (spec fields.md 4).
 */
#include "fields/core/get.h"
#include "schema/params.h"

static struct lnr_thread *leader_of(struct lnr_field_ctx *ctx)
{
	struct lnr_thread *t = ctx->ev->thread;

	return t ? lnr_state_leader(ctx->state, t) : NULL;
}

/* --- descriptors: the process's, 0 while its leader is not known --- */

static uint64_t fd_count(struct lnr_field_ctx *ctx)
{
	struct lnr_thread *leader = leader_of(ctx);

	return leader ? lnr_state_fd_count(ctx->state, leader) : 0;
}

static int64_t fd_limit(struct lnr_field_ctx *ctx)
{
	const struct lnr_thread *leader = leader_of(ctx);

	return leader ? leader->fdlimit : 0;
}

LNR_GETTER(get_fdopencount)
{
	return ctx->ev->thread && lnr_give_u64(ret, ref, fd_count(ctx));
}

LNR_GETTER(get_fdlimit)
{
	return ctx->ev->thread && lnr_give_s64(ret, ref, fd_limit(ctx));
}

/* Percent; more open than allowed is possible after the limit was lowered. */
LNR_GETTER(get_fdusage)
{
	double usage = 0;

	if (!ctx->ev->thread)
		return false;
	int64_t limit = fd_limit(ctx);
	if (limit > 0) {
		usage = (double)fd_count(ctx) * 100 / (double)limit;
		if (usage > 100)
			usage = 100;
	}
	return lnr_give_double(ret, ref, usage);
}

/* def->user: descriptor 0, 1 or 2. */
static const struct lnr_fd *standard_fd(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref)
{
	struct lnr_thread *t = ctx->ev->thread;

	return t ? lnr_state_fd(ctx->state, t, ref->def->user) : NULL;
}

/* Absent when the descriptor is closed, like the name below. */
LNR_GETTER(get_standard_type)
{
	const struct lnr_fd *fd = standard_fd(ctx, ref);

	return fd && lnr_give_cstr(ret, ref, lnr_fd_type_name(fd->type));
}

LNR_GETTER(get_standard_name)
{
	const struct lnr_fd *fd = standard_fd(ctx, ref);

	return fd && lnr_give_str(ret, ref, lnr_blob_str(fd->name));
}

/* --- memory --- */

enum mem { VM_SIZE, VM_RSS, VM_SWAP };
#define IN_BYTES 16 /* or'ed to def->user */

/* As counted by the kernel at the last event that reports memory: clone, exec, mmap, brk. */
static uint64_t memory_kb(const struct lnr_thread *t, int which)
{
	return which == VM_SIZE ? t->vm_size : which == VM_RSS ? t->vm_rss : t->vm_swap;
}

LNR_GETTER(get_memory)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, memory_kb(t, ref->def->user));
}

/* Counted once per process: threads other than the leader show 0. */
LNR_GETTER(get_thread_memory)
{
	const struct lnr_thread *t = ctx->ev->thread;
	int user = ref->def->user;

	if (!t)
		return false;
	uint64_t kb = lnr_thread_is_main(t) ? memory_kb(t, user & ~IN_BYTES) : 0;
	return lnr_give_u64(ret, ref, user & IN_BYTES ? kb * 1024 : kb);
}

LNR_GETTER(get_pfmajor)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, t->pf_major);
}

LNR_GETTER(get_pfminor)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, t->pf_minor);
}

/* --- ids --- */

/* The only one here that needs no thread entry. */
LNR_GETTER(get_tid)
{
	int64_t tid = ctx->ev->tid;

	return tid >= -1 && tid <= UINT32_MAX && lnr_give_s64(ret, ref, tid);
}

LNR_GETTER(get_ismain)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, lnr_thread_is_main(t));
}

/* -1 comes from producers that did not know ids inside of namespaces. */
LNR_GETTER(get_vtid)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && t->vtid != -1 && lnr_give_s64(ret, ref, t->vtid);
}

LNR_GETTER(get_nametid)
{
	const struct lnr_thread *t = ctx->ev->thread;
	struct lnr_text text;

	if (!t)
		return false;
	struct lnr_str comm = lnr_blob_str(t->comm);
	if (!lnr_text_begin(&text, ctx->ev->scratch, comm.len + LNR_DEC_MAX))
		return lnr_give_nomem(ctx);
	lnr_text_add(&text, comm);
	lnr_text_s64(&text, ctx->ev->tid);
	return lnr_give_str(ret, ref, lnr_text_end(&text));
}

LNR_GETTER(get_nthreads)
{
	struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, lnr_state_nthreads(ctx->state, t));
}

/* Threads besides the main one, which stays in the count of threads until it is gone. */
LNR_GETTER(get_nchilds)
{
	const struct lnr_thread *leader = leader_of(ctx);
	struct lnr_thread *t = ctx->ev->thread;
	uint32_t n = lnr_state_nthreads(ctx->state, t);

	if (n && leader && !(leader->flags & LNR_TF_DEAD))
		n--;
	return t && lnr_give_u64(ret, ref, n);
}

/* --- CPU --- */

/* Replays of the reference say 0 for both: it keeps no times of switches for a capture's CPUs. */
LNR_GETTER(get_exectime)
{
	bool known = ctx->live && ctx->ev->type == LNR_EV_SCHEDSWITCH_6_E;

	return lnr_give_u64(ret, ref, known ? ctx->ev->exectime_ns : 0);
}

/* Grows over the life of the thread; kept by the state. */
LNR_GETTER(get_totexectime)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, ctx->live ? t->totexectime_ns : 0);
}

#define CPU_USER   1
#define CPU_SYSTEM 2

/* Percent of a CPU since the previous report about the thread; 0 for the first one. */
LNR_GETTER(get_cpu)
{
	const struct lnr_event *ev = ctx->ev;
	const struct lnr_thread *t = ev->thread;
	uint64_t now = 0, before = 0;

	if (!t || ev->type != LNR_EV_PROCINFO_E)
		return false;
	if (ref->def->user & CPU_USER) {
		now += lnr_param_u64_or(ev, LNR_P_PROCINFO_E_cpu_usr, 0);
		before += t->cpu_usr;
	}
	if (ref->def->user & CPU_SYSTEM) {
		now += lnr_param_u64_or(ev, LNR_P_PROCINFO_E_cpu_sys, 0);
		before += t->cpu_sys;
	}
	/*
	 * The difference is taken for percent, as the reference does: right for hundredths of a
	 * second reported once a second.
	 */
	double percent = before ? (double)(now - before) : 0;
	return lnr_give_double(ret, ref, percent > 100 ? 100 : percent);
}

/* --- cgroups --- */

/* "cpuset=/a cpu=/b …", in the order of the record. */
LNR_GETTER(get_cgroups)
{
	const struct lnr_thread *t = ctx->ev->thread;
	struct lnr_text text;

	if (!t || !t->cgroups || !t->cgroups->len)
		return false;
	if (!lnr_text_begin(&text, ctx->ev->scratch, t->cgroups->len))
		return lnr_give_nomem(ctx);
	lnr_text_items(&text, lnr_blob_str(t->cgroups));
	return lnr_give_str(ret, ref, lnr_text_end(&text));
}

static int resolve_cgroup(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	(void)arena;
	if (!ref->arg_is_suffix)
		return lnr_fail(err, -EINVAL,
			"'thread.cgroup' needs the name of a subsystem: "
			"thread.cgroup.cpu");
	/* What the reference takes for the name of a subsystem: letters and underscores. */
	for (size_t i = 0; i < ref->arg.len; i++) {
		char c = ref->arg.ptr[i] | 0x20;
		if ((c < 'a' || c > 'z') && ref->arg.ptr[i] != '_')
			return lnr_fail(err, -ENOENT, "no cgroup subsystem is called '%.*s'",
				LNR_STR_ARG(ref->arg));
	}
	return ref->arg.len ? 0 : lnr_fail(err, -ENOENT, "name of a cgroup subsystem expected");
}

/* The first entry of that name; a subsystem that the record does not list has no value. */
LNR_GETTER(get_cgroup)
{
	const struct lnr_thread *t = ctx->ev->thread;
	struct lnr_str rest, item;

	if (!t)
		return false;
	rest = lnr_blob_str(t->cgroups);
	while (lnr_items_next(&rest, &item))
		if (item.len > ref->arg.len && item.ptr[ref->arg.len] == '=' &&
			lnr_str_starts(item, ref->arg))
			return lnr_give_str(
				ret, ref, lnr_str_sub(item, ref->arg.len + 1, item.len));
	return false;
}

/* --- rows --- */

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("proc.fdopencount", UINT64, DEC, 0, get_fdopencount,
		"How many descriptors the process has open."),
	LNR_FIELD_ROW("proc.fdlimit", INT64, DEC, 0, get_fdlimit,
		"How many descriptors the process may have open."),
	LNR_FIELD_ROW("proc.fdusage", DOUBLE, NA, 0, get_fdusage,
		"Open descriptors in percent of the limit."),
	LNR_FIELD_ROW("proc.vmsize", UINT64, DEC, 0, get_memory, "Virtual memory in KB.",
		.user = VM_SIZE),
	LNR_FIELD_ROW(
		"proc.vmrss", UINT64, DEC, 0, get_memory, "Resident memory in KB.", .user = VM_RSS),
	LNR_FIELD_ROW("proc.vmswap", UINT64, DEC, 0, get_memory, "Swapped memory in KB.",
		.user = VM_SWAP),
	LNR_FIELD_ROW("thread.pfmajor", UINT64, DEC, 0, get_pfmajor,
		"Page faults that had to read from a disk, since the thread started."),
	LNR_FIELD_ROW("thread.pfminor", UINT64, DEC, 0, get_pfminor,
		"Page faults without a disk, since the thread started."),
	LNR_FIELD_ROW("thread.tid", INT64, ID, 0, get_tid, "Thread id, as the host sees it."),
	LNR_FIELD_ROW("thread.ismain", BOOL, NA, 0, get_ismain,
		"True when the thread is the first one of its process."),
	LNR_FIELD_ROW("thread.vtid", INT64, ID, 0, get_vtid,
		"Thread id inside the thread's own pid namespace."),
	LNR_FIELD_ROW("thread.nametid", CHARBUF, NA, LNR_FIELD_HIDDEN, get_nametid,
		"proc.name directly followed by thread.tid."),
	LNR_FIELD_ROW("thread.exectime", RELTIME, DEC, 0, get_exectime,
		"On switch events, nanoseconds since the previous switch on that CPU; otherwise "
		"and in replays 0."),
	LNR_FIELD_ROW("thread.totexectime", RELTIME, DEC, 0, get_totexectime,
		"Sum of thread.exectime of the thread."),
	LNR_FIELD_ROW("thread.cgroups", CHARBUF, NA, 0, get_cgroups,
		"Control groups of the thread, SUBSYSTEM=PATH joined by blanks."),
	LNR_FIELD_ROW("thread.cgroup", CHARBUF, NA, LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_SUFFIX,
		get_cgroup,
		"Path of the thread's control group in the subsystem named behind it, "
		"thread.cgroup.cpu.",
		.resolve = resolve_cgroup),
	LNR_FIELD_ROW("proc.nthreads", UINT64, DEC, 0, get_nthreads,
		"How many threads of the process are alive."),
	LNR_FIELD_ROW("proc.nchilds", UINT64, DEC, 0, get_nchilds,
		"How many threads of the process are alive, the first one left out."),
	LNR_FIELD_ROW("thread.cpu", DOUBLE, NA, 0, get_cpu,
		"CPU use of the thread in percent, in periodic process information only.",
		.user = CPU_USER | CPU_SYSTEM),
	LNR_FIELD_ROW("thread.cpu.user", DOUBLE, NA, 0, get_cpu,
		"The part of thread.cpu outside of the kernel.", .user = CPU_USER),
	LNR_FIELD_ROW("thread.cpu.system", DOUBLE, NA, 0, get_cpu,
		"The part of thread.cpu inside the kernel.", .user = CPU_SYSTEM),
	LNR_FIELD_ROW("thread.vmsize", UINT64, DEC, 0, get_thread_memory,
		"proc.vmsize for the first thread of a process, 0 for the others.",
		.user = VM_SIZE),
	LNR_FIELD_ROW("thread.vmrss", UINT64, DEC, 0, get_thread_memory,
		"proc.vmrss for the first thread of a process, 0 for the others.", .user = VM_RSS),
	LNR_FIELD_ROW("thread.vmsize.b", UINT64, DEC, LNR_FIELD_HIDDEN, get_thread_memory,
		"thread.vmsize in bytes.", .user = VM_SIZE | IN_BYTES),
	LNR_FIELD_ROW("thread.vmrss.b", UINT64, DEC, LNR_FIELD_HIDDEN, get_thread_memory,
		"thread.vmrss in bytes.", .user = VM_RSS | IN_BYTES),
	LNR_FIELD_ROW("proc.stdin.type", CHARBUF, NA, 0, get_standard_type,
		"Type of descriptor 0 of the process, as fd.type.", .user = 0),
	LNR_FIELD_ROW("proc.stdout.type", CHARBUF, NA, 0, get_standard_type,
		"Type of descriptor 1 of the process, as fd.type.", .user = 1),
	LNR_FIELD_ROW("proc.stderr.type", CHARBUF, NA, 0, get_standard_type,
		"Type of descriptor 2 of the process, as fd.type.", .user = 2),
	LNR_FIELD_ROW("proc.stdin.name", CHARBUF, NA, 0, get_standard_name,
		"Name of descriptor 0 of the process, as fd.name.", .user = 0),
	LNR_FIELD_ROW("proc.stdout.name", CHARBUF, NA, 0, get_standard_name,
		"Name of descriptor 1 of the process, as fd.name.", .user = 1),
	LNR_FIELD_ROW("proc.stderr.name", CHARBUF, NA, 0, get_standard_name,
		"Name of descriptor 2 of the process, as fd.name.", .user = 2),
	{},
};

const struct lnr_field_class lnr_field_class_thread = {
	.name = "process",
	.short_desc = "",
	.desc = "",
	.source = "syscall",
	.order = 34,
	.fields = fields,
};
