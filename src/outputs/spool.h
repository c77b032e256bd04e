/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts on disk until each output has taken them, so that neither a destination that is down nor
 * the death of the process costs one.
 *
 * Alerts are numbered in the order of their coming. A reader, one per output, is a name and the
 * number it wants next; that number is kept in a file of its own and moves when the output has
 * taken the alert. What was taken by all is removed. After a kill an alert whose taking was not
 * yet written down comes again: at least once.
 *
 *	DIR/p4-0000000000000123.seg	alerts of priority 4 from number 0x123 on (spool_file.h)
 *	DIR/http.cursor			what the output "http" wants next
 *
 * There is a chain of segments per priority: when there is no more room the oldest segment of the
 * least urgent chain goes, as long as that is less urgent than what comes; else what comes is not
 * kept. A reader whose number falls into a gap counts what it lost.
 *
 * The newest alerts are in memory, too, and come from there; a disk that takes nothing costs only
 * who lags behind these. One thread at a time appends; readers are of one thread each; everything
 * may be called while the others work.
 */
#ifndef LNR_OUTPUTS_SPOOL_H
#define LNR_OUTPUTS_SPOOL_H

#include "alert/alert.h"
#include "base/log.h"

struct lnr_err;
struct lnr_spool;
struct lnr_spool_reader;

enum lnr_spool_sync {
	LNR_SPOOL_SYNC_NEVER = 1, /* survives the process */
	LNR_SPOOL_SYNC_INTERVAL,  /* … and, but for the last second, the machine */
	LNR_SPOOL_SYNC_ALWAYS,	  /* flushed before it is delivered */
};

struct lnr_spool_opts {
	const char *dir; /* made when it is not there */
	uint64_t max_bytes;
	enum lnr_spool_sync sync;
	struct lnr_log *log;
};

/*
 * Open the directory for this process alone and look through what it holds; a torn end of a file
 * is cut off. -EPERM: others may write there. -EBUSY: another process uses it.
 */
int lnr_spool_open(const struct lnr_spool_opts *opts, struct lnr_spool **ret, struct lnr_err *err);
struct lnr_spool *lnr_spool_ref(struct lnr_spool *s);
/* The last one closes it; what waits stays on disk. Takes NULL. */
struct lnr_spool *lnr_spool_unref(struct lnr_spool *s);
/* Does somebody else hold it, too, who will go on where we stop? */
bool lnr_spool_shared(struct lnr_spool *s);
/* Is this the directory it works in? Then take over the other options. */
bool lnr_spool_adopt(struct lnr_spool *s, const struct lnr_spool_opts *opts);

/* How patient an append is; both may change meanwhile (atomic), NULL = false. */
struct lnr_spool_haste {
	const bool *hurry; /* wait for the quickest reader only */
	const bool *stop;  /* for none */
};
/*
 * Append in order. An alert that the disk does not take is delivered to who is quick enough. When
 * neither disk nor memory has room this waits for readers that get on, before one of them loses an
 * alert; not for those that fail.
 */
void lnr_spool_append(struct lnr_spool *s, struct lnr_alert *const *v, size_t n,
	const struct lnr_spool_haste *haste);
/* Flush what the interval asks for. Returns ns until the next call is due, UINT64_MAX = none. */
uint64_t lnr_spool_flush(struct lnr_spool *s);

/*
 * From now on nothing is removed that the reader of this name, at most 31 letters, has not taken.
 * A reader that was never seen begins with the next alert. Undone by lnr_spool_forget(); the count
 * of both decides.
 */
int lnr_spool_expect(struct lnr_spool *s, const char *name, struct lnr_err *err);
void lnr_spool_forget(struct lnr_spool *s, const char *name);
/* Cursors of readers that nobody expects are removed: nothing is owed to them. */
void lnr_spool_prune(struct lnr_spool *s);

/* Waits while somebody else reads under this name. -ECANCELED: *stop became true. */
int lnr_spool_reader_open(
	struct lnr_spool *s, const char *name, const bool *stop, struct lnr_spool_reader **ret);
struct lnr_spool_reader *lnr_spool_reader_close(struct lnr_spool_reader *r); /* takes NULL */
/* Take the name away from a reader whose thread is stuck; its calls fail with -ECANCELED then. */
void lnr_spool_reader_cut(struct lnr_spool_reader *r);
/*
 * Borrow the next alert into *ret, a new reference; the same one again until it is taken. Waits for
 * one up to `wait_ms`: -EAGAIN when none came, -ENOMEM when there is no memory for it now, -EINTR
 * when lnr_spool_wake() was called since the last return.
 */
int lnr_spool_next(struct lnr_spool_reader *r, uint64_t wait_ms, struct lnr_alert **ret);
/* The alert of the last lnr_spool_next() need not come again. */
void lnr_spool_taken(struct lnr_spool_reader *r);
/* The destination does not take alerts at the moment: memory is not kept for it. */
void lnr_spool_failing(struct lnr_spool_reader *r, bool failing);
/* Sleep so long, or until lnr_spool_wake(): then true. */
bool lnr_spool_pause(struct lnr_spool_reader *r, uint64_t ms);
void lnr_spool_wake(struct lnr_spool *s);

struct lnr_spool_stats {
	uint64_t bytes, segments;
	uint64_t next;	    /* number of the next alert */
	uint64_t unstored;  /* alerts that the disk or the size did not take */
	uint64_t displaced; /* alerts that gave way to more urgent ones */
	uint64_t torn;	    /* files whose end was cut off when they were opened */
	uint64_t damaged;   /* alerts, or stretches of bytes, that could not be read back */
};
void lnr_spool_stats(struct lnr_spool *s, struct lnr_spool_stats *ret);
/* Of one reader: alerts that wait, and that it never got. */
void lnr_spool_reader_stats(
	struct lnr_spool *s, const char *name, uint64_t *ret_waiting, uint64_t *ret_lost);

#endif
