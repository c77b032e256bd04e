/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread table: who is known, which threads form a process, who is whose parent (spec 8.1,
 * 8.2). A leader that exits before its other threads stays, dead, until they are gone, because
 * descriptors, directory and environment are its.
 */
#include "state/state_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define SAME_CLONE_NS (2 * LNR_NS_PER_SEC) /* a tid is not used again within this */

/* Most events are of the thread that the one before was of, so it is tried first. */
struct lnr_task *lnr_task_find(struct lnr_state *st, int64_t tid)
{
	struct lnr_task *k = st->last;
	if (k && k->t.tid == tid) {
		st->counters[LNR_CNT_CACHED_THREAD]++;
		return k;
	}
	k = lnr_idmap_get(&st->tasks, (uint64_t)tid);
	st->counters[k ? LNR_CNT_NONCACHED_THREAD : LNR_CNT_FAILED_THREAD]++;
	return k;
}

struct lnr_task *lnr_task_touch(struct lnr_state *st, int64_t tid)
{
	struct lnr_task *k = lnr_task_find(st, tid);
	if (k) {
		st->last = k;
		k->t.last_access_ts = st->now;
	}
	return k;
}

static bool table_full(const struct lnr_state *st, int64_t pid)
{
	/* Lanner itself is always known, so that rules can name it. */
	return st->tasks.len >= st->opts.max_threads && !(st->opts.live && pid == getpid());
}

struct lnr_task *lnr_task_fetch(struct lnr_state *st, int64_t tid)
{
	struct lnr_task *k = lnr_task_touch(st, tid);
	/* A full table is not asked to take in what it would have to refuse. */
	if (k || table_full(st, tid))
		return k;
	if (st->proc && lnr_proc_fetch(st, tid))
		return lnr_task_touch(st, tid);
	k = lnr_task_new(st, tid, -1);
	if (!k)
		return NULL;
	/*
	 * What could not be found is remembered as such, so that its next events do not ask again.
	 * Its parent is unknown, so it joins no group until a clone or an exec tells who it is.
	 */
	k->t.flags |= LNR_TF_PLACEHOLDER;
	lnr_blob_share(&k->t.comm, st->na);
	lnr_blob_share(&k->t.exe, st->na);
	if (!lnr_task_add(st, k, true))
		return NULL;
	return lnr_task_touch(st, tid);
}

struct lnr_task *lnr_task_new(struct lnr_state *st, int64_t tid, int64_t pid)
{
	struct lnr_task *k = lnr_slab_take(&st->slab, sizeof(*k));
	if (!k) {
		st->counters[LNR_CNT_NO_MEMORY]++;
		return NULL;
	}
	*k = (struct lnr_task){.t = {.tid = tid,
				       .pid = pid,
				       .ptid = -1,
				       .vtid = -1,
				       .vpid = -1,
				       .sid = -1,
				       .vpgid = -1,
				       .pgid = -1,
				       .uid = UINT32_MAX,
				       .gid = UINT32_MAX,
				       .loginuid = UINT32_MAX,
				       .fdlimit = -1,
				       .last_fd = -1,
				       .last_access_ts = st->now},
		.reaper_tid = -1,
		.enter_type = LNR_NO_EVENT};
	return k;
}

void lnr_task_free(struct lnr_state *st, struct lnr_task *k)
{
	if (!k)
		return;
	struct lnr_thread *t = &k->t;
	lnr_blob_unref(t->comm);
	lnr_blob_unref(t->exe);
	lnr_blob_unref(t->exepath);
	lnr_blob_unref(t->args);
	lnr_blob_unref(t->env);
	lnr_blob_unref(t->cgroups);
	lnr_blob_unref(t->cwd);
	lnr_blob_unref(t->root);
	lnr_blob_unref(t->container_id);
	lnr_fds_unref(&st->slab, t->fds);
	lnr_extra_unref(k->extra);
	lnr_state_drop_enter(st, k);
	lnr_slab_put(&st->slab, k, sizeof(*k));
}

/* --- groups --- */

struct lnr_task *lnr_task_main(struct lnr_task *k)
{
	if (!k || lnr_thread_is_main(&k->t))
		return k;
	struct lnr_task *first = k->group ? k->group->first : NULL;
	return first && lnr_thread_is_main(&first->t) ? first : NULL;
}

/* The leader's own entry shows the count, because fields read it there. */
static void group_alive(struct lnr_family *g, uint32_t alive)
{
	g->alive = alive;
	if (g->first && lnr_thread_is_main(&g->first->t))
		g->first->t.nthreads = alive;
}

void lnr_task_set_alive(struct lnr_task *k, uint32_t alive)
{
	group_alive(k->group, alive);
}

static bool group_join(struct lnr_state *st, struct lnr_task *k)
{
	struct lnr_family *g = lnr_idmap_get(&st->groups, (uint64_t)k->t.pid);
	if (!g) {
		g = lnr_slab_take(&st->slab, sizeof(*g));
		if (!g)
			return false;
		*g = (struct lnr_family){.pid = k->t.pid};
		/* The first process of a pid namespace adopts its orphans. */
		g->reaper = k->t.pid == 1 || k->t.vpid == 1;
		if (lnr_idmap_set(&st->groups, (uint64_t)g->pid, g, NULL)) {
			lnr_slab_put(&st->slab, g, sizeof(*g));
			return false;
		}
	}
	/* The leader is found as the first, also when it comes last. */
	k->group = g;
	if (!g->first) {
		g->first = g->last = k;
	} else if (lnr_thread_is_main(&k->t)) {
		k->group_next = g->first;
		g->first->group_prev = k;
		g->first = k;
	} else {
		k->group_prev = g->last;
		g->last->group_next = k;
		g->last = k;
	}
	g->members++;
	if (g->reaper)
		k->t.flags |= LNR_TF_REAPER;
	group_alive(g, g->alive + 1);
	return true;
}

/*
 * The last member takes the group along. A group that is gone is no longer found by its id, which
 * may be another process's by now.
 */
static void group_leave(struct lnr_state *st, struct lnr_task *k)
{
	struct lnr_family *g = k->group;
	if (!g)
		return;
	*(k->group_prev ? &k->group_prev->group_next : &g->first) = k->group_next;
	*(k->group_next ? &k->group_next->group_prev : &g->last) = k->group_prev;
	k->group = NULL;
	k->group_prev = k->group_next = NULL;
	if (!(k->t.flags & LNR_TF_DEAD) && g->alive)
		group_alive(g, g->alive - 1);
	if (--g->members)
		return;
	if (!g->gone)
		lnr_idmap_remove(&st->groups, (uint64_t)g->pid);
	lnr_slab_put(&st->slab, g, sizeof(*g));
}

void lnr_task_set_reaper(struct lnr_task *task, bool reaper)
{
	struct lnr_family *g = task->group;
	g->reaper = reaper;
	for (struct lnr_task *k = g->first; k; k = k->group_next)
		k->t.flags = reaper ? k->t.flags | LNR_TF_REAPER : k->t.flags & ~LNR_TF_REAPER;
}

/* --- parents --- */

static void child_out(struct lnr_task *c)
{
	if (!c->parent)
		return;
	*(c->sib_prev ? &c->sib_prev->sib_next : &c->parent->children) = c->sib_next;
	if (c->sib_next)
		c->sib_next->sib_prev = c->sib_prev;
	c->parent = c->sib_prev = c->sib_next = NULL;
}

static void child_in(struct lnr_task *parent, struct lnr_task *c)
{
	c->parent = parent;
	c->sib_prev = NULL;
	c->sib_next = parent->children;
	if (c->sib_next)
		c->sib_next->sib_prev = c;
	parent->children = c;
	c->t.ptid = parent->t.tid;
}

/* Children keep their place in the tree under `to`; without one they have no parent (ptid 0). */
static void move_children(struct lnr_task *from, struct lnr_task *to)
{
	for (struct lnr_task *c = from->children, *next; c; c = next) {
		next = c->sib_next;
		child_out(c);
		if (to && to != c)
			child_in(to, c);
		else
			c->t.ptid = 0;
	}
}

void lnr_task_set_parent(struct lnr_state *st, struct lnr_task *k, int64_t ptid)
{
	struct lnr_task *parent = lnr_idmap_get(&st->tasks, (uint64_t)ptid);
	child_out(k);
	k->t.ptid = ptid;
	if (k->group && parent && parent != k && !lnr_task_invalid(parent))
		child_in(parent, k);
	else if (!k->group)
		lnr_task_link(st, k);
}

/* Into the group of its pid, with a table of descriptors when it leads it. */
static bool join_process(struct lnr_state *st, struct lnr_task *k)
{
	if (!group_join(st, k)) {
		st->counters[LNR_CNT_NO_MEMORY]++;
		return false;
	}
	if (lnr_thread_is_main(&k->t) && !k->t.fds)
		k->t.fds = lnr_fds_new(&st->slab);
	return true;
}

void lnr_task_link(struct lnr_state *st, struct lnr_task *k)
{
	if (lnr_task_invalid(k) || k->group)
		return;
	k->t.flags &= ~LNR_TF_PLACEHOLDER;
	if (!join_process(st, k) || k->t.pid == 1)
		return;
	struct lnr_task *parent = lnr_task_find(st, k->t.ptid);
	if (!parent || parent == k || lnr_task_invalid(parent))
		k->t.ptid = 0;
	else
		child_in(parent, k);
}

void lnr_task_set_pid(struct lnr_state *st, struct lnr_task *k, int64_t pid)
{
	if (pid == k->t.pid)
		return;
	bool linked = k->group;
	group_leave(st, k);
	k->t.pid = pid;
	if (!linked)
		lnr_task_link(st, k);
	else if (!lnr_task_invalid(k))
		join_process(st, k);
}

/* --- adding, removing --- */

/*
 * A thread of the same id that is there is one whose exit was lost. Its children are told apart by
 * nothing but the id of their parent, so the new one takes them over, as in the reference.
 */
int lnr_task_put(struct lnr_state *st, struct lnr_task *k, bool link)
{
	struct lnr_task *old = lnr_idmap_get(&st->tasks, (uint64_t)k->t.tid);
	if (!old && table_full(st, k->t.pid)) {
		st->counters[LNR_CNT_FULL_THREADTABLE]++;
		return -ENOSPC;
	}
	if (lnr_idmap_set(&st->tasks, (uint64_t)k->t.tid, k, NULL)) {
		st->counters[LNR_CNT_NO_MEMORY]++;
		return -ENOMEM;
	}
	st->counters[LNR_CNT_ADDED_THREADS]++;
	if (old) {
		move_children(old, k); /* their ptid is this tid all the same */
		lnr_task_erase(st, old);
	}
	if (link)
		lnr_task_link(st, k);
	return 0;
}

struct lnr_task *lnr_task_add(struct lnr_state *st, struct lnr_task *k, bool link)
{
	if (!lnr_task_put(st, k, link))
		return k;
	lnr_task_free(st, k);
	return NULL;
}

/* For replacement and purging: children are left without a parent, no reaper is looked for. */
void lnr_task_erase(struct lnr_state *st, struct lnr_task *k)
{
	if (st->last == k)
		st->last = NULL;
	if (lnr_idmap_get(&st->tasks, (uint64_t)k->t.tid) == k)
		lnr_idmap_remove(&st->tasks, (uint64_t)k->t.tid);
	move_children(k, NULL);
	child_out(k);
	group_leave(st, k);
	lnr_task_free(st, k);
}

/* First member that lives, other than `but`; NULL when all are dead. */
static struct lnr_task *alive_in(struct lnr_family *g, const struct lnr_task *but)
{
	for (struct lnr_task *k = g->first; k; k = k->group_next)
		if (k != but && !(k->t.flags & LNR_TF_DEAD))
			return k;
	return NULL;
}

/*
 * Who adopts the children of k, as the kernel decides (find_new_reaper() in kernel/exit.c): a
 * thread of its own process, else the nearest ancestor that reaps, as long as both are, or are not,
 * in a pid namespace. Levels of namespaces are not known here, so this is a good guess only.
 */
static struct lnr_task *find_reaper(struct lnr_state *st, struct lnr_task *k)
{
	struct lnr_task *r = k->group->alive ? alive_in(k->group, k) : NULL;
	if (r)
		return r;
	struct lnr_task *p = lnr_task_find(st, k->t.ptid);
	for (size_t steps = 0; p && p != k && steps < st->tasks.len; steps++) {
		if (lnr_thread_in_pidns(&p->t) != lnr_thread_in_pidns(&k->t))
			return NULL;
		if (p->group && p->group->reaper && p->group->alive) {
			r = alive_in(p->group, NULL);
			if (r)
				return r;
		}
		p = lnr_task_find(st, p->t.ptid);
	}
	return NULL;
}

/* The exit event tells whom the kernel chose (spec 5.6); old producers do not. */
static void reparent(struct lnr_state *st, struct lnr_task *k)
{
	struct lnr_task *r = NULL;
	if (k->reaper_tid > 0)
		r = lnr_task_fetch(st, k->reaper_tid);
	if (!r || r == k || lnr_task_invalid(r))
		r = find_reaper(st, k);
	/* Whom the kernel chose once, it will choose again. */
	if (r && r->t.pid != k->t.pid && r->group)
		lnr_task_set_reaper(r, true);
	move_children(k, r);
}

/*
 * A leader with threads that live stays in the table as dead: descriptors and directory are its. It
 * goes with the last of them.
 */
void lnr_task_remove(struct lnr_state *st, int64_t tid)
{
	struct lnr_task *k = lnr_idmap_get(&st->tasks, (uint64_t)tid);
	if (!k) {
		st->counters[LNR_CNT_FAILED_THREAD]++;
		return;
	}
	struct lnr_family *g = k->group;
	if (lnr_task_invalid(k) || !g) {
		lnr_task_erase(st, k);
		return;
	}
	if (!(k->t.flags & LNR_TF_DEAD)) {
		group_alive(g, g->alive ? g->alive - 1 : 0);
		k->t.flags |= LNR_TF_DEAD;
	}
	if (k->children)
		reparent(st, k);
	st->counters[LNR_CNT_REMOVED_THREADS]++;
	if (g->alive) {
		if (!lnr_thread_is_main(&k->t))
			lnr_task_erase(st, k);
		return;
	}
	/* The last one alive: nobody will find the process by its pid any more. */
	lnr_idmap_remove(&st->groups, (uint64_t)g->pid);
	g->gone = true;
	struct lnr_task *leader = lnr_task_main(k);
	if (leader && leader != k)
		lnr_task_erase(st, leader);
	lnr_task_erase(st, k);
}

/* --- who exited just now --- */

static uint64_t exited_key(int64_t tid, int64_t ptid)
{
	return (uint64_t)(uint32_t)ptid << 32 | (uint32_t)tid;
}

static uint16_t *exited_head(struct lnr_exited_ring *r, uint64_t key)
{
	return &r->heads[lnr_u64_hash(key) % LNR_EXITED_RING];
}

void lnr_exited_note(struct lnr_state *st, int64_t tid, int64_t ptid, uint64_t ts)
{
	if (!st->exited)
		st->exited = calloc(1, sizeof(*st->exited));
	struct lnr_exited_ring *r = st->exited;
	if (!r) {
		st->counters[LNR_CNT_NO_MEMORY]++;
		return;
	}
	/* The place of the oldest: out of its chain first. */
	uint16_t n = r->at;
	struct lnr_exited *e = &r->list[n];
	r->at = (uint16_t)((n + 1) % LNR_EXITED_RING);
	if (e->ts) {
		uint16_t *link = exited_head(r, e->key);
		while (*link != n + 1)
			link = &r->list[*link - 1].next;
		*link = e->next;
	}
	uint64_t key = exited_key(tid, ptid);
	uint16_t *head = exited_head(r, key);
	*e = (struct lnr_exited){.key = key, .ts = ts ? ts : 1, .next = *head};
	*head = (uint16_t)(n + 1);
}

bool lnr_exited_recently(const struct lnr_state *st, int64_t tid, int64_t ptid, uint64_t ts)
{
	if (!st->exited)
		return false;
	uint64_t key = exited_key(tid, ptid);
	for (uint16_t n = *exited_head(st->exited, key); n; n = st->exited->list[n - 1].next) {
		const struct lnr_exited *e = &st->exited->list[n - 1];
		if (e->key == key && ts >= e->ts && ts - e->ts < SAME_CLONE_NS)
			return true;
	}
	return false;
}

/* --- for readers --- */

struct lnr_thread *lnr_state_thread(struct lnr_state *st, int64_t tid, bool query)
{
	struct lnr_task *k = query && st->proc ? lnr_task_fetch(st, tid) : lnr_task_find(st, tid);
	return k ? &k->t : NULL;
}

struct lnr_thread *lnr_state_leader(struct lnr_state *st, struct lnr_thread *t)
{
	(void)st;
	struct lnr_task *k = lnr_task_main(t ? lnr_task_of(t) : NULL);
	return k ? &k->t : NULL;
}

/* A parent is a thread; the process is found through its group. */
static struct lnr_task *parent_process(struct lnr_state *st, struct lnr_task *k)
{
	return lnr_task_main(lnr_task_find(st, k->t.ptid));
}

struct lnr_thread *lnr_state_parent(struct lnr_state *st, struct lnr_thread *t)
{
	return lnr_state_ancestor(st, t, 1);
}

struct lnr_thread *lnr_state_parent_thread(struct lnr_state *st, struct lnr_thread *t)
{
	struct lnr_task *k = t ? lnr_task_find(st, t->ptid) : NULL;
	return k ? &k->t : NULL;
}

struct lnr_thread *lnr_state_ancestor(struct lnr_state *st, struct lnr_thread *t, unsigned n)
{
	struct lnr_task *k = lnr_task_main(t ? lnr_task_of(t) : NULL);
	/*
	 * A chain that loops is found by a mark that stays behind and is set anew at each power of
	 * two steps (Brent).
	 */
	struct lnr_task *mark = k;
	unsigned power = 1, steps = 0;
	for (; k && n; n--) {
		k = parent_process(st, k);
		if (k && k == mark)
			return NULL;
		if (++steps == power) {
			mark = k;
			power *= 2;
			steps = 0;
		}
	}
	return k ? &k->t : NULL;
}

/* Last of the ancestors that carry the same id one after the other (spec 8.5, fields 4.2). */
static struct lnr_thread *oldest_with(
	struct lnr_state *st, struct lnr_thread *t, size_t id_at, bool is_virtual)
{
	int64_t id = *(const int64_t *)((const char *)t + id_at);
	if (id == -1)
		return NULL;
	if (!is_virtual || !lnr_thread_in_pidns(t)) {
		struct lnr_task *k = lnr_task_find(st, id);
		if (k)
			return &k->t;
	}
	struct lnr_thread *leader = NULL;
	struct lnr_task *k = lnr_task_find(st, t->ptid);
	for (size_t steps = 0; k && steps < st->tasks.len; steps++) {
		if (*(const int64_t *)((const char *)&k->t + id_at) != id)
			break;
		leader = &k->t;
		k = lnr_task_find(st, k->t.ptid);
	}
	return leader;
}

struct lnr_thread *lnr_state_sid_leader(struct lnr_state *st, struct lnr_thread *t)
{
	return oldest_with(st, t, offsetof(struct lnr_thread, sid), true);
}

struct lnr_thread *lnr_state_vpgid_leader(struct lnr_state *st, struct lnr_thread *t)
{
	return oldest_with(st, t, offsetof(struct lnr_thread, vpgid), true);
}

struct lnr_thread *lnr_state_pgid_leader(struct lnr_state *st, struct lnr_thread *t)
{
	return oldest_with(st, t, offsetof(struct lnr_thread, pgid), false);
}

struct lnr_thread *lnr_state_thread_next(struct lnr_state *st, size_t *pos)
{
	uint64_t tid;
	void *k;
	return lnr_idmap_next(&st->tasks, pos, &tid, &k) ? &((struct lnr_task *)k)->t : NULL;
}

uint32_t lnr_state_nthreads(struct lnr_state *st, struct lnr_thread *t)
{
	(void)st;
	struct lnr_family *g = t ? lnr_task_of(t)->group : NULL;
	return g ? g->alive : 0;
}
