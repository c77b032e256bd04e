/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes whose events nobody wants (spec 8.6): by name, by thread, and all that they start. The
 * set of threads is kept by id, because a thread may be in it before the table knows it.
 */
#include "state/state_priv.h"

#include <stdlib.h>

int lnr_state_suppress_comm(struct lnr_state *st, struct lnr_str comm)
{
	if (lnr_strmap_get(&st->suppress_comms, comm))
		return 0;
	/* Key and value in one: the value only says that it is there. */
	char *key = lnr_str_dup(comm);
	if (!key)
		return -ENOMEM;
	int r = lnr_strmap_set(&st->suppress_comms, (struct lnr_str){key, comm.len}, key, NULL);
	if (r)
		free(key);
	else
		st->suppressing = true;
	return r;
}

int lnr_state_suppress_tid(struct lnr_state *st, int64_t tid)
{
	int r = lnr_idmap_set(&st->suppress_tids, (uint64_t)tid, st, NULL);
	if (r)
		return r;
	st->suppressing = true;
	struct lnr_task *k = lnr_idmap_get(&st->tasks, (uint64_t)tid);
	if (k)
		k->t.flags |= LNR_TF_SUPPRESSED;
	lnr_suppress_scanned(st);
	return 0;
}

/* Thread 0 is the idle one of every CPU; it is nobody's child. */
static bool is_suppressed(const struct lnr_state *st, int64_t tid)
{
	return tid && lnr_idmap_get(&st->suppress_tids, (uint64_t)tid);
}

static void add(struct lnr_state *st, int64_t tid)
{
	if (lnr_idmap_set(&st->suppress_tids, (uint64_t)tid, st, NULL))
		st->counters[LNR_CNT_NO_MEMORY]++;
}

_Static_assert((int)LNR_P_SYSCALL_CLONE_20_X_comm == (int)LNR_P_SYSCALL_EXECVE_19_X_comm &&
		       (int)LNR_P_SYSCALL_CLONE_20_X_ptid == (int)LNR_P_SYSCALL_EXECVE_19_X_ptid,
	"clone and exec tell name and parent at the same place");

/* Whether a birth or an exec makes the thread one of them. */
static bool joins(const struct lnr_state *st, const struct lnr_event *ev)
{
	struct lnr_str comm = lnr_param_str(ev, LNR_P_SYSCALL_CLONE_20_X_comm);
	return is_suppressed(st, lnr_param_s64_or(ev, LNR_P_SYSCALL_CLONE_20_X_ptid, 0)) ||
	       (comm.len && lnr_strmap_get(&st->suppress_comms, comm));
}

bool lnr_suppress_event(struct lnr_state *st, const struct lnr_event *ev)
{
	switch (ev->type) {
	case LNR_EV_SYSCALL_CLONE_20_X:
	case LNR_EV_SYSCALL_FORK_20_X:
	case LNR_EV_SYSCALL_VFORK_20_X:
	case LNR_EV_SYSCALL_CLONE3_X:
	case LNR_EV_SYSCALL_EXECVE_19_X:
	case LNR_EV_SYSCALL_EXECVEAT_X:
		if (!is_suppressed(st, ev->tid) && !joins(st, ev))
			return false;
		add(st, ev->tid);
		return true;
	case LNR_EV_PROCEXIT_1_E:
		return false; /* the end of the thread is everybody's business */
	}
	return is_suppressed(st, ev->tid);
}

/* Threads found by a scan: names first, then descendants until no more are found. */
void lnr_suppress_scanned(struct lnr_state *st)
{
	if (!st->suppressing)
		return;
	bool more = true;
	while (more) {
		size_t pos = 0;
		uint64_t tid;
		void *v;
		more = false;
		while (lnr_idmap_next(&st->tasks, &pos, &tid, &v)) {
			struct lnr_thread *t = v;
			if (is_suppressed(st, t->tid) ||
				!(is_suppressed(st, t->ptid) ||
					lnr_strmap_get(&st->suppress_comms, lnr_blob_str(t->comm))))
				continue;
			add(st, t->tid);
			t->flags |= LNR_TF_SUPPRESSED;
			more = is_suppressed(st, t->tid);
		}
	}
}
