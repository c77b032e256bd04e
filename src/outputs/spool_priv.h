/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of a spool. spool_store.c knows files and directories, spool.c who wants what and when.
 *
 * Two locks: `append` is held by who appends or flushes, so that these may take their time; `lock`
 * guards everything below it and is never held while something is flushed. `append` comes first.
 */
#ifndef LNR_OUTPUTS_SPOOL_PRIV_H
#define LNR_OUTPUTS_SPOOL_PRIV_H

#include <pthread.h>
#include "base/buf.h"
#include "outputs/spool.h"
#include "outputs/spool_file.h"
#include "schema/limits.h"

#define LNR_SPOOL_PRIORITIES 8

struct lnr_spool_segment {
	uint64_t first, last; /* numbers; last < first = holds none */
	uint64_t size;	      /* bytes that count */
	uint64_t salt;
	uint64_t count; /* alerts */
	int fd;
	bool dirty; /* written since it was flushed */
};

/* Segments of one priority, oldest first. */
struct lnr_spool_chain {
	struct lnr_spool_segment *v;
	size_t n, cap;
	bool open; /* the last one is being written */
};

/* A name that is expected to read; what it has not taken stays. */
struct lnr_spool_slot {
	char name[32]; /* "" = free */
	unsigned expected;
	bool failing;
	struct lnr_spool_reader *reader; /* who reads now, NULL = nobody */
	uint64_t next;			 /* number */
	uint64_t lost;
	uint64_t generation; /* of the cursor file */
	int fd;
};

/* Where a reader stands in each chain. */
struct lnr_spool_place {
	uint64_t segment; /* its first number */
	uint64_t at;	  /* offset of the frame `number` */
	uint64_t after;	  /* … and of what follows it */
	uint64_t number;
	bool known;
};

struct lnr_spool_reader {
	struct lnr_spool *spool;
	struct lnr_spool_slot *slot; /* NULL = cut off */
	struct lnr_spool_place place[LNR_SPOOL_PRIORITIES];
	struct lnr_buf work;	   /* what was read last: */
	uint64_t held_number;	   /* of which alert; LNR_SPOOL_NUMBER_MAX = of none */
	struct lnr_str held;	   /* its content */
	struct lnr_alert *current; /* of number slot->next, NULL = not fetched */
	uint64_t wakes;		   /* seen */
};

struct lnr_spool_recent {
	struct lnr_alert *alert;
	bool stored;
};

struct lnr_spool {
	/* constant, or changed by adopt under both locks */
	char *path;
	int dir;
	uint64_t max_bytes, segment_bytes;
	enum lnr_spool_sync sync;
	struct lnr_log *log;
	unsigned refs;

	pthread_mutex_t append;
	struct lnr_buf frames; /* under append */
	uint64_t flush_due_ns; /* 0 = nothing is dirty */
	bool told_full;
	const struct lnr_spool_haste *haste; /* of who appends now */

	pthread_mutex_t lock;
	pthread_cond_t moved; /* something new, something taken, wake */
	struct lnr_spool_chain chain[LNR_SPOOL_PRIORITIES];
	struct lnr_spool_slot slot[LNR_SPOOL_READERS_MAX];
	struct lnr_spool_recent recent[LNR_SPOOL_RECENT];
	size_t recent_at, recent_len; /* ring; its oldest is number next - recent_len */
	uint64_t recent_bytes;
	uint64_t next;	  /* number of the next alert */
	uint64_t visible; /* readers get what is below: it is flushed when it has to be */
	uint64_t wakes;
	bool appender_waits;
	bool names_dirty; /* files were made since the directory was flushed */
	struct lnr_spool_stats stats;
};

/* --- spool_store.c; all but load with `lock` held --- */

int lnr_spool_load(struct lnr_spool *s, struct lnr_err *err);
/* Store one frame of `priority`: 0, -ENOSPC by size or by the disk, other errors of the disk. */
int lnr_spool_store(struct lnr_spool *s, unsigned priority, const struct lnr_alert *a);
/* Remove what all have taken; `all`: even from the segments that are being written. */
void lnr_spool_free_taken(struct lnr_spool *s, bool all);
/*
 * Is this alert about to be lost to somebody for whom it is worth waiting: a reader that gets on
 * and has not taken it, or, in haste, to all of them?
 */
bool lnr_spool_awaited(const struct lnr_spool *s, uint64_t number);
/* Let readers get on, for a moment; false: it is time to stop waiting. */
bool lnr_spool_wait(struct lnr_spool *s);
/* Number below which everybody has taken all. */
uint64_t lnr_spool_taken_by_all(const struct lnr_spool *s);
/* The chain's segment that holds `number` or the first one behind it; NULL = none. */
struct lnr_spool_segment *lnr_spool_segment_of(struct lnr_spool_chain *c, uint64_t number);
void lnr_spool_close_files(struct lnr_spool *s);
int lnr_spool_cursor_open(struct lnr_spool *s, struct lnr_spool_slot *slot, struct lnr_err *err);
void lnr_spool_cursor_save(struct lnr_spool *s, struct lnr_spool_slot *slot);
void lnr_spool_cursors_prune(struct lnr_spool *s);

#endif
