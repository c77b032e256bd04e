/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivery: alerts to every configured destination, in order, by a worker thread of its own that
 * reads a bounded queue. A destination that fails or blocks is reported and does not hold up the
 * engine. Destinations are files in src/outputs/drivers/.
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
/* Table of all destinations this build knows, for people; format "text" or "json". */
int lnr_outputs_list(struct lnr_buf *out, const char *format, struct lnr_err *err);

#ifdef __cplusplus
}
#endif

#endif
