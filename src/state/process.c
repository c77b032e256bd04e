/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Birth and death of threads, and what the kernel counts of them (spec 8.1).
 *
 * A clone is reported twice: by the caller with the child's id as result, by the child with result
 * 0. Either may come first and either may be lost, so both can make the child, and the second finds
 * it made. In a pid namespace the caller's result means nothing here; then only the child's own
 * event counts.
 */
#include "state/state_priv.h"

#include <stdlib.h>

/* The four calls have the same parameters; any one names their positions. */
#define P(name) LNR_P_SYSCALL_CLONE_20_X_##name

#define CLONE_STALE_NS (2 * LNR_NS_PER_SEC)

static const struct {
	uint32_t clone, flag;
} clone_flags_map[] = {
	{LNR_CL_CLONE_FILES, LNR_TF_SHARED_FILES},
	{LNR_CL_CHILD_IN_PIDNS, LNR_TF_IN_PIDNS},
	{LNR_CL_CLONE_INVERTED, LNR_TF_CLONE_INVERTED},
	{LNR_CL_NAME_CHANGED, LNR_TF_NAME_CHANGED},
	{LNR_CL_ACTIVE, LNR_TF_ACTIVE},
	{LNR_CL_PIPE_SRC, LNR_TF_PIPE_SRC},
	{LNR_CL_PIPE_DST, LNR_TF_PIPE_DST},
	{LNR_CL_IS_MAIN_THREAD, LNR_TF_MAIN},
};

void lnr_thread_clone_flags(struct lnr_thread *t, uint32_t clone_flags)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(clone_flags_map); i++)
		if (clone_flags & clone_flags_map[i].clone)
			t->flags |= clone_flags_map[i].flag;
}

uint32_t lnr_thread_flags_as_clone(const struct lnr_thread *t)
{
	uint32_t flags = 0;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(clone_flags_map); i++)
		if (t->flags & clone_flags_map[i].flag)
			flags |= clone_flags_map[i].clone;
	return flags;
}

/* What a child is born with, of the thread it comes from. */
static void inherit(struct lnr_thread *t, const struct lnr_thread *from)
{
	lnr_blob_share(&t->exepath, from->exepath);
	lnr_blob_share(&t->root, from->root);
	/* The file that runs is the parent's until an exec, and so is what is known of it. */
	t->flags |= from->flags &
		    (LNR_TF_EXE_WRITABLE | LNR_TF_EXE_UPPER | LNR_TF_EXE_LOWER | LNR_TF_EXE_MEMFD);
	t->sid = from->sid;
	t->vpgid = from->vpgid;
	t->pgid = from->pgid;
	t->tty = from->tty;
	t->loginuid = from->loginuid;
	t->cap_permitted = from->cap_permitted;
	t->cap_inheritable = from->cap_inheritable;
	t->cap_effective = from->cap_effective;
	t->exe_ino = from->exe_ino;
	t->exe_ino_ctime = from->exe_ino_ctime;
	t->exe_ino_mtime = from->exe_ino_mtime;
	t->ctime_duration_clone = from->ctime_duration_clone;
}

/* A new process has its own descriptors, directory and environment; threads use their leader's. */
static void inherit_process(struct lnr_state *st, struct lnr_task *k, struct lnr_task *from)
{
	lnr_task_fds_inherit(st, k, from);
	struct lnr_task *main = lnr_task_main(from);
	if (main)
		lnr_blob_share(&k->t.cwd, main->t.cwd);
	else
		lnr_state_set_blob(st, &k->t.cwd, LNR_STR("./"));
	lnr_blob_share(&k->t.env, from->t.env);
}

static void set_args(struct lnr_state *st, struct lnr_thread *t, struct lnr_event *ev)
{
	lnr_state_set_items(st, ev, &t->args, lnr_param_bytes(ev, P(args)));
}

/* Names: shared with `from` when they are the same, as they are until an exec. */
static void set_names(struct lnr_state *st, struct lnr_thread *t, struct lnr_event *ev,
	const struct lnr_thread *from)
{
	if (from) {
		lnr_blob_share(&t->exe, from->exe);
		lnr_blob_share(&t->comm, from->comm);
		lnr_blob_share(&t->args, from->args);
	}
	lnr_state_set_blob(st, &t->exe, lnr_state_text(ev, P(exe)));
	if (lnr_param_present(ev, P(comm)))
		lnr_state_set_blob(st, &t->comm, lnr_state_text(ev, P(comm)));
	else
		lnr_blob_share(&t->comm, t->exe);
	set_args(st, t, ev);
}

/* For an entry that only looked like a thread: event and child lend it their names. */
static void copy_names(struct lnr_thread *to, const struct lnr_thread *from)
{
	lnr_blob_share(&to->exe, from->exe);
	lnr_blob_share(&to->comm, from->comm);
	lnr_blob_share(&to->args, from->args);
}

/* What the event itself says of the child. */
static void set_from_event(struct lnr_state *st, struct lnr_task *k, struct lnr_event *ev)
{
	struct lnr_thread *t = &k->t;
	t->fdlimit = lnr_param_s64_or(ev, P(fdlimit), -1);
	/* Counters came together, so the last one tells whether the producer knows them. */
	if (lnr_param_present(ev, P(vm_swap))) {
		t->pf_major = lnr_param_u64_or(ev, P(pgft_maj), 0);
		t->pf_minor = lnr_param_u64_or(ev, P(pgft_min), 0);
		t->vm_size = (uint32_t)lnr_param_u64_or(ev, P(vm_size), 0);
		t->vm_rss = (uint32_t)lnr_param_u64_or(ev, P(vm_rss), 0);
		t->vm_swap = (uint32_t)lnr_param_u64_or(ev, P(vm_swap), 0);
	}
	t->uid = (uint32_t)lnr_param_u64_or(ev, P(uid), UINT32_MAX);
	t->gid = (uint32_t)lnr_param_u64_or(ev, P(gid), UINT32_MAX);
	t->clone_ts = ev->ts;
	if (lnr_param_present(ev, P(cgroups))) {
		lnr_state_set_cgroups(st, k, lnr_param_bytes(ev, P(cgroups)));
	} else {
		/* Producers before them: not the caller's either, so that both events agree. */
		t->cgroups = lnr_blob_unref(t->cgroups);
		t->container_id = lnr_blob_unref(t->container_id);
	}
	lnr_state_need_user(st, k);
	lnr_state_need_group(st, k);
}

/* Ids in the own namespace; producers that do not know them leave them out. */
static void set_virtual_ids(struct lnr_thread *t, struct lnr_event *ev)
{
	if (lnr_param_present(ev, P(vpid))) {
		t->vtid = lnr_param_s64_or(ev, P(vtid), -1);
		t->vpid = lnr_param_s64_or(ev, P(vpid), -1);
	} else {
		t->vtid = t->tid;
		t->vpid = -1;
	}
}

/* --- the caller's event --- */

/* Whether the caller's event should make the child; its own event does otherwise. */
static bool caller_makes_child(
	struct lnr_state *st, struct lnr_event *ev, const struct lnr_thread *caller, uint32_t flags)
{
	if (flags & (LNR_CL_CHILD_IN_PIDNS | LNR_CL_CLONE_NEWPID | LNR_CL_CLONE_PARENT) ||
		caller->tid != caller->vtid)
		return false;
	/* The caller of vfork returns when the child has gone on, or gone. */
	if (flags & LNR_CL_CLONE_VFORK || ev->type == LNR_EV_SYSCALL_VFORK_20_X)
		return false;
	return !lnr_exited_recently(st, ev->res, ev->tid, ev->ts);
}

/* Of a caller that was unknown the child inherits nothing but what the event says of both. */
static struct lnr_task *child_of_caller(struct lnr_state *st, struct lnr_event *ev,
	struct lnr_task *caller, bool valid, uint32_t flags)
{
	struct lnr_task *k = lnr_task_new(st, ev->res, -1);
	if (!k)
		return NULL;
	struct lnr_thread *t = &k->t;
	lnr_thread_clone_flags(t, flags);
	if (flags & LNR_CL_CLONE_THREAD) {
		t->pid = caller->t.pid;
		t->ptid = caller->t.ptid;
		t->flags |= LNR_TF_SHARED_FILES;
		t->lastexec_ts = caller->t.lastexec_ts;
	} else {
		t->pid = t->tid;
		t->ptid = caller->t.tid;
		if (valid)
			inherit_process(st, k, caller);
	}
	t->vtid = t->tid;
	t->vpid = t->pid;
	set_names(st, t, ev, valid ? &caller->t : NULL);
	if (valid) {
		lnr_blob_share(&t->cgroups, caller->t.cgroups);
		lnr_blob_share(&t->container_id, caller->t.container_id);
		inherit(t, &caller->t);
	}
	set_from_event(st, k, ev);
	t->pidns_init_start_ts = st->boot_ts;
	if (!valid)
		copy_names(&caller->t, t);
	return k;
}

static void clone_caller(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_task *caller = lnr_task_fetch(st, ev->tid);
	ev->thread = caller ? &caller->t : NULL;
	if (!caller)
		return;
	bool valid = !lnr_task_invalid(caller);
	if (!valid) {
		caller->t.pid = lnr_param_s64_or(ev, P(pid), -1);
		caller->t.ptid = lnr_param_s64_or(ev, P(ptid), -1);
		set_virtual_ids(&caller->t, ev);
		lnr_task_link(st, caller);
	}
	uint32_t flags = (uint32_t)lnr_param_u64_or(ev, P(flags), 0);
	if (!caller_makes_child(st, ev, &caller->t, flags))
		return;
	/* The child made itself known first: its own event says more than this one. */
	struct lnr_task *old = lnr_task_find(st, ev->res);
	if (old && (old->t.flags & LNR_TF_CLONE_INVERTED))
		return;
	if (old == caller)
		return; /* a thread that is its own child: not from a kernel */
	if (old)
		lnr_task_remove(st, ev->res); /* its exit was lost */
	/* The removal may have taken the caller along: a leader, dead, of which old was the last.
	 */
	caller = lnr_task_touch(st, ev->tid);
	ev->thread = caller ? &caller->t : NULL;
	if (!caller)
		return;
	struct lnr_task *k = child_of_caller(st, ev, caller, valid, flags);
	if (k)
		lnr_task_add(st, k, true);
}

/* --- the child's event --- */

/* The thread a child resembles: its parent for a process, its leader for a thread. */
static struct lnr_task *model_of_child(
	struct lnr_state *st, const struct lnr_thread *t, bool is_thread, bool *ret_valid)
{
	struct lnr_task *model = lnr_task_fetch(st, is_thread ? t->pid : t->ptid);
	*ret_valid = model && !lnr_task_invalid(model);
	if (!model || *ret_valid || !is_thread)
		return model;
	/* A leader nobody knew: what is common to the process is known from the thread. */
	model->t.pid = t->pid;
	model->t.ptid = t->ptid;
	model->t.vpid = model->t.vtid = t->vpid;
	lnr_task_link(st, model);
	return model;
}

/* The child's own event knows the ids of its namespace and who its parent is, also after a
 * CLONE_PARENT. */
static struct lnr_task *child_of_itself(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_task *k = lnr_task_new(st, ev->tid, lnr_param_s64_or(ev, P(pid), -1));
	if (!k)
		return NULL;
	struct lnr_thread *t = &k->t;
	uint32_t flags = (uint32_t)lnr_param_u64_or(ev, P(flags), 0);
	bool is_thread = flags & LNR_CL_CLONE_THREAD, valid;
	t->ptid = lnr_param_s64_or(ev, P(ptid), -1);
	set_virtual_ids(t, ev);
	lnr_thread_clone_flags(t, flags);
	t->flags |= LNR_TF_CLONE_INVERTED | (is_thread ? LNR_TF_SHARED_FILES : 0);
	struct lnr_task *model = model_of_child(st, t, is_thread, &valid);
	if (!model) {
		lnr_task_free(st, k);
		return NULL;
	}
	set_names(st, t, ev, valid ? &model->t : NULL);
	if (valid) {
		lnr_blob_share(&t->cgroups, model->t.cgroups);
		lnr_blob_share(&t->container_id, model->t.container_id);
		inherit(t, &model->t);
		if (is_thread)
			t->lastexec_ts = model->t.lastexec_ts;
		else
			inherit_process(st, k, model);
	} else if (is_thread) {
		copy_names(&model->t, t);
	}
	set_from_event(st, k, ev);
	if (flags & (LNR_CL_CHILD_IN_PIDNS | LNR_CL_CLONE_NEWPID) || t->tid != t->vtid) {
		if (lnr_param_present(ev, P(pidns_init_start_ts)))
			t->pidns_init_start_ts = lnr_param_u64_or(ev, P(pidns_init_start_ts), 0) +
						 st->boot_ts;
	} else {
		t->pidns_init_start_ts = st->boot_ts;
	}
	return k;
}

/*
 * An entry of this id made within the last two seconds is this child, made by the caller's event;
 * ids are not used again so soon. An older one is somebody whose exit was lost.
 */
static void clone_child(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_thread *t = ev->thread;
	if (t && t->clone_ts) {
		if (ev->ts - t->clone_ts < CLONE_STALE_NS)
			return;		      /* made by the caller's event */
		lnr_task_remove(st, ev->tid); /* its exit was lost */
	}
	ev->thread = NULL;
	struct lnr_task *k = child_of_itself(st, ev);
	if (k && lnr_task_add(st, k, true))
		lnr_state_rebind(st, ev);
}

void lnr_parse_clone(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->has_res || ev->res < 0)
		return;
	if (ev->res == 0)
		clone_child(st, ev);
	else
		clone_caller(st, ev);
}

/* --- exit --- */

/*
 * The thread is removed in leave(), after rules have seen its last event. The process that is 1 in
 * its namespace takes the container with it (spec 10.2).
 */
void lnr_parse_procexit(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread)
		return;
	struct lnr_task *k = lnr_task_of(ev->thread);
	if (k->group && !(k->t.flags & LNR_TF_DEAD) && k->group->alive)
		lnr_task_set_alive(k, k->group->alive - 1);
	k->t.flags |= LNR_TF_DEAD;
	st->exit_tid = ev->tid;
	if (st->suppressing)
		lnr_idmap_remove(&st->suppress_tids, (uint64_t)ev->tid);
	if (k->t.vpid == 1 && k->t.vtid == 1 && k->t.container_id && st->opts.on_container) {
		int type = LNR_CT_UNKNOWN;
		struct lnr_str id = lnr_blob_str(k->t.container_id);
		struct lnr_container *c = lnr_containers_get(st->containers, id);
		st->opts.on_container(st->opts.user, &k->t, id, c ? c->type : type, true);
	}
	if (k->children)
		k->reaper_tid = lnr_param_s64_or(ev, LNR_P_PROCEXIT_1_E_reaper_tid, -1);
}

/* --- what the kernel counts --- */

/* Time of the last switch on a CPU; the table grows to the largest number seen, within reason. */
static uint64_t *switch_slot(struct lnr_state *st, unsigned cpu)
{
	if (cpu >= LNR_SWITCH_CPUS_MAX)
		return NULL;
	if (cpu >= st->n_switch_ts) {
		unsigned n = (cpu + 64) / 64 * 64;
		uint64_t *ts = realloc(st->switch_ts, n * sizeof(*ts));
		if (!ts)
			return NULL;
		memset(ts + st->n_switch_ts, 0, (n - st->n_switch_ts) * sizeof(*ts));
		st->switch_ts = ts;
		st->n_switch_ts = n;
	}
	return &st->switch_ts[cpu];
}

/* The event is of the thread that leaves the CPU: the time since the last switch there was its. */
void lnr_parse_switch(struct lnr_state *st, struct lnr_event *ev)
{
	uint64_t *last = switch_slot(st, ev->cpu);
	if (last) {
		ev->exectime_ns = *last ? ev->ts - *last : 0;
		*last = ev->ts;
	}
	struct lnr_thread *t = ev->thread;
	if (!t)
		return;
	t->exectime_ns = ev->exectime_ns;
	t->totexectime_ns += ev->exectime_ns;
	if (!lnr_param_present(ev, LNR_P_SCHEDSWITCH_6_E_vm_swap))
		return;
	t->pf_major = lnr_param_u64_or(ev, LNR_P_SCHEDSWITCH_6_E_pgft_maj, 0);
	t->pf_minor = lnr_param_u64_or(ev, LNR_P_SCHEDSWITCH_6_E_pgft_min, 0);
	struct lnr_task *main = lnr_task_main(lnr_task_of(t));
	if (!main)
		return;
	main->t.vm_size = (uint32_t)lnr_param_u64_or(ev, LNR_P_SCHEDSWITCH_6_E_vm_size, 0);
	main->t.vm_rss = (uint32_t)lnr_param_u64_or(ev, LNR_P_SCHEDSWITCH_6_E_vm_rss, 0);
	main->t.vm_swap = (uint32_t)lnr_param_u64_or(ev, LNR_P_SCHEDSWITCH_6_E_vm_swap, 0);
}

/* brk, mmap, mmap2, munmap: the counters stand at the same place in all of them. */
void lnr_parse_memory(struct lnr_state *st, struct lnr_event *ev)
{
	(void)st;
	struct lnr_thread *t = ev->thread;
	if (!t)
		return;
	if (lnr_param_present(ev, LNR_P_SYSCALL_MMAP_X_vm_size))
		t->vm_size = (uint32_t)lnr_param_u64_or(ev, LNR_P_SYSCALL_MMAP_X_vm_size, 0);
	if (lnr_param_present(ev, LNR_P_SYSCALL_MMAP_X_vm_swap)) {
		t->vm_rss = (uint32_t)lnr_param_u64_or(ev, LNR_P_SYSCALL_MMAP_X_vm_rss, 0);
		t->vm_swap = (uint32_t)lnr_param_u64_or(ev, LNR_P_SYSCALL_MMAP_X_vm_swap, 0);
	}
}

/* --- the rest --- */

/*
 * The mark of child subreapers. Also for the call that asks for it: the probe reports the answer as
 * the argument (spec 5.9).
 */
void lnr_parse_prctl(struct lnr_state *st, struct lnr_event *ev)
{
	(void)st;
	struct lnr_task *k = ev->thread ? lnr_task_of(ev->thread) : NULL;
	if (!k || !ev->has_res || ev->res < 0 || !k->group)
		return;
	uint64_t option = lnr_param_u64_or(ev, LNR_P_SYSCALL_PRCTL_X_option, 0);
	if (option != LNR_PR_SET_CHILD_SUBREAPER && option != LNR_PR_GET_CHILD_SUBREAPER)
		return;
	lnr_task_set_reaper(k, lnr_param_s64_or(ev, LNR_P_SYSCALL_PRCTL_X_arg2_int, 0) != 0);
}

/* The buffers of a live capture belong to CPUs, so its owner has to open them anew. */
void lnr_parse_cpu_hotplug(struct lnr_state *st, struct lnr_event *ev)
{
	(void)ev;
	if (st->opts.live)
		st->cpus_changed = true;
}
