/* SPDX-License-Identifier: Apache-2.0 */
#include "state/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "state/state_priv.h"

struct check {
	struct lnr_state *st;
	char *why;
	size_t size;
};

static bool __attribute__((format(printf, 2, 3))) wrong(struct check *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(c->why, c->size, fmt, ap);
	va_end(ap);
	return false;
}

/* Every entry of the chain must be found by its number, and its names be alive. */
static bool check_table(struct check *c, const struct lnr_task *k)
{
	const struct lnr_fdtable *t = k->t.fds;
	uint32_t n = 0;
	if (!t->refs || !t->nbuckets)
		return wrong(c, "descriptor table of %lld is freed", (long long)k->t.tid);
	for (const struct lnr_fd_node *f = lnr_fds_first(t); f; f = lnr_fds_next(f)) {
		if (lnr_fds_get((struct lnr_fdtable *)t, f->fd.num) != &f->fd)
			return wrong(c, "descriptor %d of %lld is not found", f->fd.num,
				(long long)k->t.tid);
		if ((f->fd.name && !f->fd.name->refs) || (f->fd.raw && !f->fd.raw->refs))
			return wrong(c, "name of descriptor %d of %lld is freed", f->fd.num,
				(long long)k->t.tid);
		if (++n > t->count)
			break;
	}
	if (n != t->count)
		return wrong(c, "descriptor table of %lld says %u, holds %u", (long long)k->t.tid,
			t->count, n);
	if (t->count > c->st->opts.max_fds_per_process)
		return wrong(c, "descriptor table of %lld is over budget", (long long)k->t.tid);
	return true;
}

/* The list, its counts and what the leader shows must agree. */
static bool check_group(struct check *c, const struct lnr_task *k)
{
	const struct lnr_family *g = k->group;
	uint32_t members = 0, alive = 0;
	bool in_it = false;
	for (const struct lnr_task *m = g->first, *prev = NULL; m; prev = m, m = m->group_next) {
		if (m->group != g || m->group_prev != prev || ++members > g->members)
			return wrong(c, "group %lld is tangled", (long long)g->pid);
		alive += !(m->t.flags & LNR_TF_DEAD);
		in_it |= m == k;
	}
	if (!in_it || members != g->members || alive != g->alive)
		return wrong(c, "group %lld: %u members and %u alive, says %u and %u",
			(long long)g->pid, members, alive, g->members, g->alive);
	if (g->gone || lnr_idmap_get(&c->st->groups, (uint64_t)g->pid) != g)
		return wrong(c, "group %lld is not found", (long long)g->pid);
	if (lnr_thread_is_main(&g->first->t) && g->first->t.nthreads != g->alive)
		return wrong(c, "leader %lld says %u threads of %u", (long long)g->pid,
			g->first->t.nthreads, g->alive);
	return true;
}

/* Children and parents must know each other. */
static bool check_family(struct check *c, const struct lnr_task *k)
{
	size_t n = 0;
	if (k->parent && k->t.ptid != k->parent->t.tid)
		return wrong(c, "parent of %lld is %lld, not %lld", (long long)k->t.tid,
			(long long)k->parent->t.tid, (long long)k->t.ptid);
	for (const struct lnr_task *m = k->children, *prev = NULL; m; prev = m, m = m->sib_next)
		if (m->parent != k || m->sib_prev != prev || ++n > c->st->tasks.len)
			return wrong(c, "children of %lld are tangled", (long long)k->t.tid);
	return true;
}

static bool check_task(struct check *c, int64_t tid, const struct lnr_task *k)
{
	if (k->t.tid != tid)
		return wrong(
			c, "thread %lld stands under %lld", (long long)k->t.tid, (long long)tid);
	const struct lnr_blob *blobs[] = {k->t.comm, k->t.exe, k->t.exepath, k->t.args, k->t.env,
		k->t.cgroups, k->t.cwd, k->t.root, k->t.container_id};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(blobs); i++)
		if (blobs[i] && (!blobs[i]->refs || blobs[i]->data[blobs[i]->len]))
			return wrong(c, "text %zu of %lld is freed", i, (long long)tid);
	if (!k->group && !lnr_task_invalid(k) && !k->fresh && !c->st->counters[LNR_CNT_NO_MEMORY])
		return wrong(c, "thread %lld has no group", (long long)tid);
	if (k->t.args && k->t.args->len && k->t.args->data[k->t.args->len - 1])
		return wrong(c, "arguments of %lld do not end", (long long)tid);
	if (k->stored && k->stored->len > LNR_STORED_RECORD_BYTES_MAX)
		return wrong(c, "stored event of %lld is too long", (long long)tid);
	return check_family(c, k) && (!k->group || check_group(c, k)) &&
	       (!k->t.fds || check_table(c, k));
}

bool lnr_state_check(struct lnr_state *st, char *why, size_t size)
{
	struct check c = {st, why, size};
	size_t pos = 0, n = 0;
	uint64_t tid;
	void *k;
	while (lnr_idmap_next(&st->tasks, &pos, &tid, &k)) {
		n++;
		if (!check_task(&c, (int64_t)tid, k))
			return false;
	}
	if (n != st->tasks.len)
		return wrong(&c, "thread table says %zu, holds %zu", st->tasks.len, n);
	if (st->last && lnr_idmap_get(&st->tasks, (uint64_t)st->last->t.tid) != st->last)
		return wrong(&c, "the thread found last is gone");
	if (st->exit_tid != LNR_NO_TID || st->close_tid != LNR_NO_TID || st->remove_container[0])
		return wrong(&c, "something put off was not done");
	return true;
}
