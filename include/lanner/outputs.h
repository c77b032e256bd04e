/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivery: alerts to every configured destination, in order, by a worker thread of its own that
 * reads a bounded queue. A destination that fails or blocks is reported and does not hold up the
 * engine. Destinations are files in src/outputs/drivers/.
 *
 * With outputs_queue.spool the worker writes alerts to disk and each destination has a thread that
 * delivers them from there: again and again until they are taken, also after a restart, and without
 * holding up the others.
 */
#ifndef LANNER_OUTPUTS_H
#define LANNER_OUTPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lnr_err;
struct lnr_log;
struct lnr_buf;
struct lnr_clock;
struct lnr_config;
struct lnr_alert;
struct lnr_outputs;

struct lnr_outputs_opts {
	size_t size;
	const struct lnr_config *config; /* read during the call only */
	bool unbuffered;		 /* -U */
	struct lnr_log *log;
	const struct lnr_clock *clock; /* NULL = the system's */
	/* Outputs that these will replace (reload), NULL = none. They keep a spool in the same
	 * directory until they are freed; deliveries from it by these begin then. */
	struct lnr_outputs *previous;
};

/*
 * Start what the configuration enables. -ENODEV: no output is enabled. An output that cannot start
 * is logged and skipped, as the reference does.
 */
int lnr_outputs_new(
	const struct lnr_outputs_opts *opts, struct lnr_outputs **ret, struct lnr_err *err);
/*
 * Queue an alert; takes a reference of its own. Any thread. False: the queue was full and this
 * alert (or, where the configuration says so, a less urgent one) was dropped and counted.
 */
bool lnr_outputs_send(struct lnr_outputs *o, struct lnr_alert *a);
/* Ask the worker to close and open files and programs again (log rotation). Any thread. */
void lnr_outputs_reopen(struct lnr_outputs *o);
/* Deliver what is queued (bounded by output_timeout per delivery), stop, free. Takes NULL. */
struct lnr_outputs *lnr_outputs_free(struct lnr_outputs *o);
uint64_t lnr_outputs_dropped(struct lnr_outputs *o);
uint64_t lnr_outputs_delivered(struct lnr_outputs *o);

struct lnr_output_stats {
	const char *name;   /* "http" */
	uint64_t delivered; /* alerts it took */
	uint64_t failed;    /* attempts that it did not take */
	/* with a spool: */
	uint64_t refused; /* alerts it said it will never take */
	uint64_t waiting; /* alerts it has not taken yet, at most */
	uint64_t lost;	  /* alerts that had to go before it took them */
};
/* Output i; false past the last one. Any thread. */
bool lnr_outputs_stats(struct lnr_outputs *o, size_t i, struct lnr_output_stats *ret);
/* What the spool on disk is like; false: there is none. */
struct lnr_outputs_spool {
	uint64_t bytes;
	uint64_t unstored;	/* alerts that size or disk did not allow to keep there */
	uint64_t displaced;	/* alerts that gave way to more urgent ones, at most */
	uint64_t torn, damaged; /* ends of files cut off; places that could not be read back */
};
bool lnr_outputs_spool_stats(struct lnr_outputs *o, struct lnr_outputs_spool *ret);
/* Table of all destinations this build knows, for people; format "text" or "json". */
int lnr_outputs_list(struct lnr_buf *out, const char *format, struct lnr_err *err);

#ifdef __cplusplus
}
#endif

#endif
