/* SPDX-License-Identifier: Apache-2.0 */
/* A process becomes another program (spec 5.7, 7.5). */
#include "state/state_priv.h"

/* execveat has the same parameters but for the last. */
#define P(name) LNR_P_SYSCALL_EXECVE_19_X_##name

static const struct lnr_str na = LNR_STR("<NA>");

/* The kernel marks a file that was unlinked (d_path() in fs/d_path.c); rules know it by its name.
 */
static void set_exepath(struct lnr_state *st, struct lnr_thread *t, struct lnr_str path)
{
	static const struct lnr_str deleted = LNR_STR(" (deleted)");
	if (path.len > deleted.len && lnr_str_ends(path, deleted))
		path.len -= deleted.len;
	lnr_state_set_blob(st, &t->exepath, path);
}

/* Path of an execveat as captures without trusted_exepath allow to know it. */
static struct lnr_str path_at(struct lnr_state *st, struct lnr_event *ev, struct lnr_event *enter)
{
	int64_t dirfd = lnr_param_s64_or(enter, LNR_P_SYSCALL_EXECVEAT_E_dirfd, -1);
	uint64_t flags = lnr_param_u64_or(enter, LNR_P_SYSCALL_EXECVEAT_E_flags, 0);
	struct lnr_str name = lnr_state_text(enter, LNR_P_SYSCALL_EXECVEAT_E_pathname);
	struct lnr_str dir = lnr_path_base(st, ev, name, dirfd);
	bool unknown = lnr_str_eq(dir, LNR_STR("<UNKNOWN>"));
	if (!unknown && !lnr_str_eq(dir, LNR_STR(".")))
		ev->fd = lnr_task_fd(st, lnr_task_of(ev->thread), dirfd);
	if (unknown || (!(flags & LNR_EXVAT_AT_EMPTY_PATH) && lnr_str_eq(name, na)))
		return na;
	struct lnr_arena *scratch = lnr_state_scratch(st, ev);
	if (flags & LNR_EXVAT_AT_EMPTY_PATH)
		return lnr_path_join(scratch, LNR_STR(""), dir);
	return lnr_path_join(scratch, dir, name);
}

/* Old captures only: the enter event's file name, against the directory. */
static void guess_exepath(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_event *enter = lnr_state_take_enter(st, ev);
	if (!enter)
		return;
	struct lnr_str path = LNR_STR("");
	if (enter->type == LNR_EV_SYSCALL_EXECVE_19_E) {
		struct lnr_str name = lnr_state_text(enter, LNR_P_SYSCALL_EXECVE_19_E_filename);
		path = lnr_str_eq(name, na) ? na
					    : lnr_path_join(lnr_state_scratch(st, ev),
						      lnr_state_cwd(st, ev->thread), name);
	} else if (enter->type == LNR_EV_SYSCALL_EXECVEAT_E) {
		path = path_at(st, ev, enter);
	}
	set_exepath(st, ev->thread, path);
}

/* The event tells the process id, which is the thread's own after an exec. */
static void set_identity(struct lnr_state *st, struct lnr_task *k, struct lnr_event *ev)
{
	struct lnr_thread *t = &k->t;
	int64_t pid = lnr_param_s64_or(ev, P(pid), -1);
	if (pid >= 0)
		lnr_task_set_pid(st, k, pid);
	if (!lnr_task_invalid(k))
		return;
	/* A placeholder: the event tells who it is. */
	t->ptid = lnr_param_s64_or(ev, P(ptid), -1);
	if (!(t->flags & LNR_TF_IN_PIDNS)) {
		t->vtid = t->tid;
		t->vpid = t->pid;
	}
	lnr_task_link(st, k);
}

/* As in clone events, the last counter tells whether all are there. */
static void set_memory(struct lnr_thread *t, struct lnr_event *ev)
{
	if (!lnr_param_present(ev, P(vm_swap)))
		return;
	t->pf_major = lnr_param_u64_or(ev, P(pgft_maj), 0);
	t->pf_minor = lnr_param_u64_or(ev, P(pgft_min), 0);
	t->vm_size = (uint32_t)lnr_param_u64_or(ev, P(vm_size), 0);
	t->vm_rss = (uint32_t)lnr_param_u64_or(ev, P(vm_rss), 0);
	t->vm_swap = (uint32_t)lnr_param_u64_or(ev, P(vm_swap), 0);
}

static void set_exe_flags(struct lnr_thread *t, uint64_t flags)
{
	t->flags &= ~(uint32_t)(LNR_TF_EXE_WRITABLE | LNR_TF_EXE_UPPER | LNR_TF_EXE_LOWER |
				LNR_TF_EXE_MEMFD);
	t->flags |= (flags & LNR_EXE_WRITABLE ? LNR_TF_EXE_WRITABLE : 0) |
		    (flags & LNR_EXE_UPPER_LAYER ? LNR_TF_EXE_UPPER : 0) |
		    (flags & LNR_EXE_LOWER_LAYER ? LNR_TF_EXE_LOWER : 0) |
		    (flags & LNR_EXE_FROM_MEMFD ? LNR_TF_EXE_MEMFD : 0);
}

static void set_exe_inode(struct lnr_thread *t, struct lnr_event *ev)
{
	if (!lnr_param_present(ev, P(exe_ino_mtime)))
		return;
	t->exe_ino = lnr_param_u64_or(ev, P(exe_ino), 0);
	t->exe_ino_ctime = lnr_param_u64_or(ev, P(exe_ino_ctime), 0);
	t->exe_ino_mtime = lnr_param_u64_or(ev, P(exe_ino_mtime), 0);
	/* Wraps when the file is younger than the process; readers know. */
	if (t->clone_ts)
		t->ctime_duration_clone = t->clone_ts - t->exe_ino_ctime;
	if (t->pidns_init_start_ts && t->exe_ino_ctime > t->pidns_init_start_ts)
		t->ctime_duration_pidns = t->exe_ino_ctime - t->pidns_init_start_ts;
}

/* What the new image is; every parameter that an old producer lacks leaves what was. */
static void set_image(struct lnr_state *st, struct lnr_task *k, struct lnr_event *ev)
{
	struct lnr_thread *t = &k->t;
	t->fdlimit = lnr_param_s64_or(ev, P(fdlimit), t->fdlimit);
	set_memory(t, ev);
	if (lnr_param_present(ev, P(env))) {
		struct lnr_str env = lnr_param_bytes(ev, P(env));
		/* As long as the probe reads: there may be more. */
		bool cut = st->opts.large_envs && env.len == LNR_ARGS_BYTES_MAX;
		if (!cut || !st->proc || !lnr_proc_environ(st, k))
			lnr_state_set_items(st, ev, &t->env, env);
	}
	if (lnr_param_present(ev, P(cgroups)))
		lnr_state_set_cgroups(st, k, lnr_param_bytes(ev, P(cgroups)));
	t->tty = (uint32_t)lnr_param_u64_or(ev, P(tty), t->tty);
	if (lnr_param_present(ev, P(trusted_exepath)))
		set_exepath(st, t, lnr_state_text(ev, P(trusted_exepath)));
	else
		guess_exepath(st, ev);
	t->vpgid = lnr_param_s64_or(ev, P(vpgid), t->vpgid);
	t->loginuid = (uint32_t)lnr_param_u64_or(ev, P(loginuid), t->loginuid);
	if (lnr_param_present(ev, P(flags)))
		set_exe_flags(t, lnr_param_u64_or(ev, P(flags), 0));
	if (lnr_param_present(ev, P(cap_effective))) {
		t->cap_inheritable = lnr_param_u64_or(ev, P(cap_inheritable), 0);
		t->cap_permitted = lnr_param_u64_or(ev, P(cap_permitted), 0);
		t->cap_effective = lnr_param_u64_or(ev, P(cap_effective), 0);
	}
	set_exe_inode(t, ev);
	t->uid = (uint32_t)lnr_param_u64_or(ev, P(uid), t->uid);
	t->pgid = lnr_param_s64_or(ev, P(pgid), -1);
	t->gid = (uint32_t)lnr_param_u64_or(ev, P(gid), t->gid);
	lnr_state_need_user(st, k);
	lnr_state_need_group(st, k);
}

/* Each kind of call has its own bit for it in records (spec 7.5). */
static bool closes_at_exec(const struct lnr_fd *fd, const void *arg)
{
	(void)arg;
	return fd->open_flags & LNR_O_CLOEXEC ||
	       (fd->type == LNR_FD_EVENTPOLL && fd->open_flags & LNR_EPOLL_CLOEXEC) ||
	       (fd->type == LNR_FD_MEMFD && fd->open_flags & LNR_MFD_CLOEXEC);
}

/* A table shared with the parent stays shared when nothing in it closes. */
static void close_fds(struct lnr_state *st, struct lnr_task *k)
{
	struct lnr_task *owner = lnr_task_fds_owner(k);
	if (!owner || !owner->t.fds)
		return;
	struct lnr_fd_node *n = lnr_fds_first(owner->t.fds);
	while (n && !closes_at_exec(&n->fd, NULL))
		n = lnr_fds_next(n);
	struct lnr_fdtable *t = n ? lnr_task_fds_own(st, k) : NULL;
	if (t)
		st->counters[LNR_CNT_REMOVED_FDS] += lnr_fds_filter(
			&st->slab, t, closes_at_exec, NULL);
}

/* The kernel kills the other threads of a process that executes another program. */
static void end_other_threads(struct lnr_state *st, struct lnr_task *k)
{
	struct lnr_family *g = k->group;
	if (!g || g->alive <= 1)
		return;
	for (struct lnr_task *o = g->first, *next; o; o = next) {
		next = o->group_next;
		if (o != k && !lnr_thread_is_main(&o->t))
			lnr_task_remove(st, o->t.tid);
	}
}

/*
 * Everything about the program is new; ids, parent, pipes and subreaper mark are the process's and
 * stay. In a pid namespace the mark is dropped, for the event says nothing of it.
 */
void lnr_parse_exec(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->has_res || ev->res < 0)
		return;
	struct lnr_task *k = lnr_task_of(ev->thread);
	struct lnr_thread *t = &k->t;
	/* A thread that executes takes the leader's id, whose exit has been seen already. */
	if (t->flags & LNR_TF_DEAD) {
		t->flags &= ~(uint32_t)LNR_TF_DEAD;
		if (k->group)
			lnr_task_set_alive(k, k->group->alive + 1);
	}
	lnr_state_set_blob(st, &t->exe, lnr_state_text(ev, P(exe)));
	t->lastexec_ts = ev->ts;
	if (lnr_param_present(ev, P(comm)))
		lnr_state_set_blob(st, &t->comm, lnr_state_text(ev, P(comm)));
	else
		lnr_blob_share(&t->comm, t->exe);
	lnr_state_set_items(st, ev, &t->args, lnr_param_bytes(ev, P(args)));
	set_identity(st, k, ev);
	set_image(st, k, ev);
	close_fds(st, k);
	t->flags = (t->flags & (LNR_TF_PIPE_SRC | LNR_TF_PIPE_DST | LNR_TF_MAIN |
				       LNR_TF_CLONE_INVERTED | LNR_TF_EXE_WRITABLE |
				       LNR_TF_EXE_UPPER | LNR_TF_EXE_LOWER | LNR_TF_EXE_MEMFD |
				       LNR_TF_REAPER | LNR_TF_SUPPRESSED)) |
		   LNR_TF_ACTIVE | LNR_TF_NAME_CHANGED;
	end_other_threads(st, k);
}
