/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads of delivery.
 *
 * Without a spool one thread takes alerts from the queue and gives each to every output in turn
 * (the reference's way). With one it writes them to the spool, and each output has a thread that
 * reads there at its own pace (serve.c). A further thread watches how long deliveries take.
 */
#ifndef LNR_OUTPUTS_OUTPUTS_PRIV_H
#define LNR_OUTPUTS_OUTPUTS_PRIV_H

#include <pthread.h>
#include "alert/aggregate.h"
#include "lanner/outputs.h"
#include "outputs/driver.h"
#include "outputs/spool.h"

#define LNR_OUTPUTS_MAX 16

struct lnr_output {
	struct lnr_outputs *all;
	const struct lnr_output_driver *driver;
	void *self;
	/* under all->lock */
	uint64_t busy_since_ns; /* in a delivery, 0 = not */
	uint64_t told_ns;	/* the delivery that was called blocked */
	uint64_t delivered, failed, refused;
	/* with a spool */
	pthread_t thread;
	bool has_thread, expected;
	bool done;			 /* under all->lock: the thread is through */
	bool reopen;			 /* atomic */
	struct lnr_spool_reader *reader; /* under all->lock */
	unsigned failures;		 /* in a row; of its thread */
	uint64_t chance;
};

struct lnr_outputs {
	struct lnr_output out[LNR_OUTPUTS_MAX];
	size_t n_out;
	struct lnr_alert_format format;
	struct lnr_log *log;
	uint64_t timeout_ms;
	size_t capacity; /* 0 = no limit */
	bool sandbox;
	struct lnr_spool *spool;	 /* NULL = none */
	struct lnr_aggregate *aggregate; /* NULL = none; of the worker */
	pthread_t worker, watchdog;
	bool has_worker, has_watchdog;
	pthread_mutex_t lock;
	pthread_cond_t wake, moved; /* work for the worker; something for who watches or waits */
	/* under lock: a ring of alerts */
	struct lnr_alert **ring;
	size_t cap, head, len;
	bool stop, reopen, worker_done;
	bool abandon;	  /* atomic, too: nothing is waited for any more */
	bool hurry;	  /* atomic: the queue fills up, or the end has come */
	bool watch_rests; /* the watchdog waits until a delivery begins */
	uint64_t dropped, delivered;
	bool told_drop;
	bool told_sandbox;
	/* atomic: outputs of a spool are to finish, by when */
	bool finish;
	uint64_t finish_by_ns;
};

/* outputs.c: the threads; both take a struct lnr_outputs. */
void *lnr_outputs_work(void *arg);
void *lnr_outputs_watch(void *arg);
/* Alert i of the queue; under lock. */
struct lnr_alert **lnr_outputs_slot(struct lnr_outputs *o, size_t i);
/* The delivery that began first, NULL = there is none; under lock. */
struct lnr_output *lnr_outputs_oldest(struct lnr_outputs *o);
/* A delivery of `out` begins or ends. */
void lnr_output_busy(struct lnr_output *out, bool busy);
/* Bind the calling thread, if that is configured. */
void lnr_outputs_bind(struct lnr_outputs *o);
/* The line of `a`. False: too large, which was said. */
bool lnr_outputs_line(struct lnr_outputs *o, const struct lnr_alert *a, struct lnr_buf *line);
/* serve.c: the thread of one output with a spool; takes a struct lnr_output. */
void *lnr_output_serve(void *arg);

#endif
