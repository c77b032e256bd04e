/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors as seen from a thread: the table is the main thread's (spec 8.4), shared with the
 * parent until one of the two changes it. A thread that is not known to share it, as one of which
 * only events were seen, has its own.
 */
#include "state/state_priv.h"

struct lnr_task *lnr_task_fds_owner(struct lnr_task *k)
{
	return k && k->t.flags & LNR_TF_SHARED_FILES ? lnr_task_main(k) : k;
}

/* Negative numbers are results of failed calls, not descriptors. */
struct lnr_fd *lnr_task_fd(struct lnr_state *st, struct lnr_task *k, int64_t num)
{
	struct lnr_task *owner = num < 0 ? NULL : lnr_task_fds_owner(k);
	struct lnr_fdtable *t = owner ? owner->t.fds : NULL;
	if (!t)
		return NULL;
	bool cached = t->last && t->last->fd.num == num;
	struct lnr_fd *fd = lnr_fds_get(t, num);
	st->counters[!fd ? LNR_CNT_FAILED_FD : cached ? LNR_CNT_CACHED_FD : LNR_CNT_NONCACHED_FD]++;
	return fd;
}

/*
 * Every change goes through here: it makes the table the process's own, in the order that the
 * copies since its forks would have given it.
 */
struct lnr_fdtable *lnr_task_fds_own(struct lnr_state *st, struct lnr_task *k)
{
	struct lnr_task *owner = lnr_task_fds_owner(k);
	if (!owner)
		return NULL;
	if (!owner->t.fds)
		owner->t.fds = lnr_fds_new(&st->slab);
	struct lnr_fdtable *t = owner->t.fds;
	if (t && (t->refs > 1 || owner->fd_rounds))
		t = lnr_fds_own(&st->slab, &owner->t.fds, &owner->fd_rounds);
	if (!t)
		st->counters[LNR_CNT_NO_MEMORY]++;
	return t;
}

struct lnr_fd *lnr_task_fd_add(struct lnr_state *st, struct lnr_task *k, int64_t num)
{
	bool is_new;
	struct lnr_fdtable *t = lnr_task_fds_own(st, k);
	if (!t)
		return NULL;
	/* An entry of the same number whose close was missed is emptied and used again. */
	struct lnr_fd *fd = lnr_fds_add(&st->slab, t, num, st->opts.max_fds_per_process, &is_new);
	k->t.last_fd = num;
	if (!fd)
		st->counters[t->count >= st->opts.max_fds_per_process ? LNR_CNT_FULL_FDTABLE
								      : LNR_CNT_NO_MEMORY]++;
	else if (is_new)
		st->counters[LNR_CNT_ADDED_FDS]++;
	return fd;
}

struct lnr_fd *lnr_event_fd_add(struct lnr_state *st, struct lnr_event *ev, int64_t num)
{
	ev->fd = ev->thread ? lnr_task_fd_add(st, lnr_task_of(ev->thread), num) : NULL;
	return ev->fd;
}

struct lnr_fd *lnr_event_fd_dup(
	struct lnr_state *st, struct lnr_event *ev, const struct lnr_fd *src, int64_t num)
{
	/* The source may be the entry that is replaced, or move to a table of its own. */
	struct lnr_fd tmp = {.num = (int32_t)num};
	lnr_fd_copy(&tmp, src);
	/* The three bits that close at exec, depending on the kind of descriptor. */
	tmp.open_flags &= ~(uint32_t)(LNR_O_CLOEXEC | LNR_EPOLL_CLOEXEC | LNR_MFD_CLOEXEC);
	struct lnr_fd *fd = lnr_event_fd_add(st, ev, num);
	if (fd)
		lnr_fd_copy(fd, &tmp);
	lnr_blob_unref(tmp.name);
	lnr_blob_unref(tmp.raw);
	lnr_extra_unref(tmp.extra);
	return fd;
}

/* The event's entry may move to a table of its own, so it is found again. */
struct lnr_fd *lnr_event_fd_edit(struct lnr_state *st, struct lnr_event *ev)
{
	int64_t num = ev->fd->num;
	struct lnr_fdtable *t = lnr_task_fds_own(st, lnr_task_of(ev->thread));
	ev->fd = t ? lnr_fds_get(t, num) : NULL;
	return ev->fd;
}

void lnr_task_fd_remove(struct lnr_state *st, struct lnr_task *k, int64_t num)
{
	struct lnr_fdtable *t = lnr_task_fds_own(st, k);
	if (t && lnr_fds_remove(&st->slab, t, num)) {
		st->counters[LNR_CNT_NONCACHED_FD]++;
		st->counters[LNR_CNT_REMOVED_FDS]++;
	} else {
		st->counters[LNR_CNT_FAILED_FD]++;
	}
}

/* An empty name takes no memory. Rules ask whether this event gave the name (fd.name_changed). */
void lnr_event_fd_name(
	struct lnr_state *st, struct lnr_event *ev, struct lnr_fd *fd, struct lnr_str name)
{
	if (fd == ev->fd && !lnr_str_eq(lnr_blob_str(fd->name), name))
		ev->name_changed = true;
	if (!name.len)
		fd->name = lnr_blob_unref(fd->name);
	else
		lnr_state_set_blob(st, &fd->name, name);
}

void lnr_task_fds_inherit(struct lnr_state *st, struct lnr_task *k, struct lnr_task *from)
{
	struct lnr_task *owner = lnr_task_fds_owner(from);
	if (!owner || !owner->t.fds)
		return;
	lnr_fds_unref(&st->slab, k->t.fds);
	/* A chain of forks that never touches a descriptor owes a copy for each link. */
	if (owner->fd_rounds == UINT8_MAX && !lnr_task_fds_own(st, owner)) {
		k->t.fds = NULL;
		return;
	}
	k->t.fds = lnr_fds_ref(owner->t.fds);
	k->fd_rounds = owner->fd_rounds + 1;
}

/* --- for readers --- */

struct lnr_fd *lnr_state_fd(struct lnr_state *st, struct lnr_thread *t, int64_t num)
{
	return t ? lnr_task_fd(st, lnr_task_of(t), num) : NULL;
}

struct lnr_fd *lnr_state_fd_next(struct lnr_state *st, struct lnr_thread *t, size_t *pos)
{
	struct lnr_task *owner = lnr_task_fds_owner(t ? lnr_task_of(t) : NULL);
	if (!owner || !owner->t.fds)
		return NULL;
	struct lnr_fd_node *n;
	if (*pos) {
		n = lnr_fds_next((struct lnr_fd_node *)*pos);
	} else {
		/* The order is visible, so copies that are owed must be made. */
		if (owner->fd_rounds)
			lnr_task_fds_own(st, owner);
		n = lnr_fds_first(owner->t.fds);
	}
	*pos = (size_t)n;
	return n ? &n->fd : NULL;
}

uint32_t lnr_state_fd_count(struct lnr_state *st, struct lnr_thread *t)
{
	(void)st;
	struct lnr_task *owner = lnr_task_fds_owner(t ? lnr_task_of(t) : NULL);
	return owner && owner->t.fds ? owner->t.fds->count : 0;
}

/* --- what the kinds are called (fields 6.1) --- */

static const struct {
	char c;
	const char *name;
} kinds[] = {
	[LNR_FD_UNKNOWN] = {'o', "<NA>"},
	[LNR_FD_FILE] = {'f', "file"},
	[LNR_FD_DIRECTORY] = {'d', "directory"},
	[LNR_FD_IPV4_SOCK] = {'4', "ipv4"},
	[LNR_FD_IPV6_SOCK] = {'6', "ipv6"},
	[LNR_FD_IPV4_SERVSOCK] = {'4', "ipv4"},
	[LNR_FD_IPV6_SERVSOCK] = {'6', "ipv6"},
	[LNR_FD_FIFO] = {'p', "pipe"},
	[LNR_FD_UNIX_SOCK] = {'u', "unix"},
	[LNR_FD_EVENT] = {'e', "event"},
	[LNR_FD_UNSUPPORTED] = {'X', "<NA>"},
	[LNR_FD_SIGNALFD] = {'s', "signalfd"},
	[LNR_FD_EVENTPOLL] = {'l', "eventpoll"},
	[LNR_FD_INOTIFY] = {'i', "inotify"},
	[LNR_FD_TIMERFD] = {'t', "timerfd"},
	[LNR_FD_NETLINK] = {'n', "netlink"},
	[LNR_FD_FILE_V2] = {'f', "file"},
	[LNR_FD_BPF] = {'b', "bpf"},
	[LNR_FD_USERFAULTFD] = {'u', "userfaultfd"},
	[LNR_FD_IOURING] = {'r', "io_uring"},
	[LNR_FD_MEMFD] = {'m', "memfd"},
	[LNR_FD_PIDFD] = {'P', "pidfd"},
};

char lnr_fd_typechar(int type)
{
	return type >= 0 && (size_t)type < LNR_ARRAY_SIZE(kinds) ? kinds[type].c : '?';
}

const char *lnr_fd_type_name(int type)
{
	return type >= 0 && (size_t)type < LNR_ARRAY_SIZE(kinds) ? kinds[type].name : "<NA>";
}

const char *lnr_l4_name(int l4)
{
	switch (l4) {
	case LNR_L4_TCP:
		return "tcp";
	case LNR_L4_UDP:
		return "udp";
	case LNR_L4_ICMP:
		return "icmp";
	case LNR_L4_RAW:
		return "raw";
	}
	return "<NA>";
}
