/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The descriptors of one process, or of several that have not changed theirs since a fork.
 *
 *	buckets   [0]     [1]     [2]          a bucket points at the link before its first entry
 *	           |       |       |
 *	  before --+-> 26 -+> 13 -> 0 -> ...   one chain of all entries, a bucket's side by side
 *
 * Entries do not move while the table changes. The order of the chain is part of what fields show
 * (fd.types lists kinds in it): a new entry goes in front of its bucket's others, a bucket's first
 * one in front of all, and the bucket counts are primes that roughly double. That is the order in
 * which the reference prints, so replays print alike.
 *
 * A fork shares the table and counts a reference. Whoever changes it first takes a copy with
 * lnr_fds_own(). The reference copies at the fork by adding the parent's entries one after the
 * other, which changes their order; `rounds` of the holder says how many such copies are owed.
 */
#ifndef LNR_STATE_FDTABLE_H
#define LNR_STATE_FDTABLE_H

#include "state/fd.h"
#include "state/slab.h"

struct lnr_fd_link {
	struct lnr_fd_link *next;
};

struct lnr_fd_node {
	struct lnr_fd_link link; /* first */
	struct lnr_fd fd;
};

struct lnr_fdtable {
	uint32_t refs, count, nbuckets;
	bool fresh; /* filled by a caller, not yet linked (lnr_state_added) */
	struct lnr_fd_link before;
	struct lnr_fd_link **buckets; /* &one while nbuckets is 1 */
	struct lnr_fd_link *one;
	struct lnr_fd_node *last; /* found last, or NULL */
};

struct lnr_fdtable *lnr_fds_new(struct lnr_slab *slab);
struct lnr_fdtable *lnr_fds_ref(struct lnr_fdtable *t);
struct lnr_fdtable *lnr_fds_unref(struct lnr_slab *slab, struct lnr_fdtable *t);
/*
 * The table behind *slot for one holder alone, with *rounds copies made good. NULL when the heap is
 * exhausted; nothing has changed then.
 */
struct lnr_fdtable *lnr_fds_own(struct lnr_slab *slab, struct lnr_fdtable **slot, uint8_t *rounds);
struct lnr_fd *lnr_fds_get(struct lnr_fdtable *t, int64_t num);
/*
 * The entry of that number, made when missing, emptied when not. NULL: at most `max` entries, not
 * an int, or the heap. *ret_new says whether it was made.
 */
struct lnr_fd *lnr_fds_add(
	struct lnr_slab *slab, struct lnr_fdtable *t, int64_t num, uint32_t max, bool *ret_new);
bool lnr_fds_remove(struct lnr_slab *slab, struct lnr_fdtable *t, int64_t num);
/* Remove what `drop` says; returns how many. */
uint32_t lnr_fds_filter(struct lnr_slab *slab, struct lnr_fdtable *t,
	bool (*drop)(const struct lnr_fd *fd, const void *arg), const void *arg);

static inline struct lnr_fd_node *lnr_fds_first(const struct lnr_fdtable *t)
{
	return (struct lnr_fd_node *)t->before.next;
}

static inline struct lnr_fd_node *lnr_fds_next(const struct lnr_fd_node *n)
{
	return (struct lnr_fd_node *)n->link.next;
}

/* Empty an entry: its number stays, names are released. */
void lnr_fd_reset(struct lnr_fd *fd);
/* dst = src but for the number, with references of its own. */
void lnr_fd_copy(struct lnr_fd *dst, const struct lnr_fd *src);

#endif
