/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads whose exit was lost (spec 8.2): not heard of for a while, and gone from /proc. Only live;
 * in a file nobody can say.
 */
#include "state/state_priv.h"

#include <stdlib.h>

#define FIRST_PURGE_NS (30 * LNR_NS_PER_SEC)

static bool is_stale(struct lnr_state *st, const struct lnr_task *k)
{
	if (lnr_task_invalid(k))
		return true;
	uint64_t timeout = st->opts.thread_timeout_s * LNR_NS_PER_SEC;
	return st->now > k->t.last_access_ts + timeout && !lnr_proc_alive(st, &k->t);
}

static void purge(struct lnr_state *st)
{
	/* Ids first: removal changes the table that is walked. */
	/* Without memory the search is left for the next time. */
	int64_t *gone = malloc(st->tasks.len * sizeof(*gone));
	size_t n = 0, pos = 0;
	uint64_t tid;
	void *k;
	if (!gone)
		return;
	while (lnr_idmap_next(&st->tasks, &pos, &tid, &k))
		if (is_stale(st, k))
			gone[n++] = (int64_t)tid;
	for (size_t i = 0; i < n; i++)
		lnr_task_remove(st, gone[i]);
	free(gone);
}

void lnr_state_purge(struct lnr_state *st)
{
	uint64_t interval = st->opts.purge_interval_s * LNR_NS_PER_SEC;
	if (!st->purge_next) {
		st->purge_next = st->now + (interval < FIRST_PURGE_NS ? interval : FIRST_PURGE_NS);
		return;
	}
	if (st->now <= st->purge_next || !st->tasks.len)
		return;
	st->purge_next = st->now + interval;
	purge(st);
}
