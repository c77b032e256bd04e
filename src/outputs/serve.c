/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One output that reads a spool: each alert until it is taken, with longer and longer pauses while
 * the destination does not take it.
 */
#include <stdlib.h>
#include "base/clock.h"
#include "outputs/outputs_priv.h"
#include "schema/limits.h"

/* How long to wait for alerts at a time; whoever wants something else wakes the spool. */
#define IDLE_MS 60000

static bool finishing(struct lnr_outputs *o)
{
	return __atomic_load_n(&o->finish, __ATOMIC_ACQUIRE);
}

/* The time that all outputs have at the end; what is left waits in the spool for the next start. */
static bool time_is_up(struct lnr_outputs *o)
{
	return finishing(o) && lnr_mono_ns(lnr_clock_system()) >=
				       __atomic_load_n(&o->finish_by_ns, __ATOMIC_RELAXED);
}

/* Repeatable chance is good enough: machines only must not march in step. */
static uint64_t chance_below(struct lnr_output *out, uint64_t n)
{
	out->chance = lnr_u64_hash(out->chance + 1);
	return out->chance % n;
}

static uint64_t pause_ms(struct lnr_output *out)
{
	uint64_t ms = LNR_RETRY_FIRST_MS, asked = 0;
	for (unsigned i = 1; i < out->failures && ms < LNR_RETRY_MAX_MS; i++)
		ms *= 2;
	if (ms > LNR_RETRY_MAX_MS)
		ms = LNR_RETRY_MAX_MS;
	ms -= chance_below(out, ms / 4 + 1);
	if (out->driver->wait_ms)
		asked = out->driver->wait_ms(out->self);
	if (asked > LNR_RETRY_ASKED_MS)
		asked = LNR_RETRY_ASKED_MS;
	return asked > ms ? asked : ms;
}

static void reopen_if_asked(struct lnr_output *out)
{
	struct lnr_err err = {0};
	if (!__atomic_exchange_n(&out->reopen, false, __ATOMIC_ACQ_REL))
		return;
	if (out->driver->reopen && out->driver->reopen(out->self, &err))
		lnr_log(out->all->log, LNR_LOG_ERROR, "%s output: %s", out->driver->name, err.msg);
}

static void count(struct lnr_output *out, uint64_t *counter)
{
	pthread_mutex_lock(&out->all->lock);
	++*counter;
	pthread_mutex_unlock(&out->all->lock);
}

static void taken(struct lnr_output *out, struct lnr_spool_reader *r)
{
	if (out->failures) {
		lnr_log(out->all->log, LNR_LOG_NOTICE, "%s output takes alerts again",
			out->driver->name);
		lnr_spool_failing(r, false);
	}
	out->failures = 0;
	lnr_spool_taken(r);
	count(out, &out->delivered);
}

/* Said when it begins: a destination that is down for hours is one message. */
static void not_taken(struct lnr_output *out, struct lnr_spool_reader *r, const char *why)
{
	count(out, &out->failed);
	lnr_log(out->all->log, out->failures ? LNR_LOG_DEBUG : LNR_LOG_ERROR,
		"%s output: %s; alerts wait in the spool", out->driver->name, why);
	out->failures++;
	lnr_spool_failing(r, true);
}

static void given_up(struct lnr_output *out, struct lnr_spool_reader *r, const struct lnr_alert *a,
	const char *why)
{
	lnr_log(out->all->log, LNR_LOG_ERROR, "%s output refuses alert %s of rule \"%s\": %s",
		out->driver->name, lnr_alert_id(a), lnr_alert_rule(a), why);
	lnr_spool_taken(r);
	count(out, &out->refused);
}

/* False: it was not taken, and it is time for a pause. */
static bool deliver(struct lnr_output *out, struct lnr_spool_reader *r, const struct lnr_alert *a,
	struct lnr_buf *line)
{
	struct lnr_err err = {0};
	if (!lnr_outputs_line(out->all, a, line)) {
		given_up(out, r, a, "too large");
		return true;
	}
	lnr_output_busy(out, true);
	int rc = out->driver->send(out->self, a, lnr_buf_view(line), &err);
	lnr_output_busy(out, false);
	if (rc && rc != -EBADMSG) {
		not_taken(out, r, err.msg);
		return false;
	}
	if (rc)
		given_up(out, r, a, err.msg);
	else
		taken(out, r);
	return true;
}

static void serve(struct lnr_output *out, struct lnr_spool_reader *r, struct lnr_buf *line)
{
	struct lnr_outputs *o = out->all;
	for (;;) {
		struct lnr_alert *a = NULL;
		reopen_if_asked(out);
		if (time_is_up(o))
			return;
		int rc = lnr_spool_next(r, finishing(o) ? 0 : IDLE_MS, &a);
		if (rc == -ECANCELED || ((rc == -EAGAIN || rc == -ENOMEM) && finishing(o)))
			return;
		if (rc == -ENOMEM)
			(void)lnr_spool_pause(r, LNR_RETRY_FIRST_MS);
		if (rc)
			continue;
		bool good = deliver(out, r, a, line);
		lnr_alert_unref(a);
		if (!good && finishing(o))
			return;
		/* Woken for a rotation or the end: then it is tried once more at once. */
		if (!good)
			(void)lnr_spool_pause(r, pause_ms(out));
	}
}

void *lnr_output_serve(void *arg)
{
	struct lnr_output *out = arg;
	struct lnr_outputs *o = out->all;
	struct lnr_spool_reader *r = NULL;
	struct lnr_buf line;
	lnr_buf_init(&line, LNR_ALERT_BYTES);
	lnr_outputs_bind(o);
	int rc = lnr_spool_reader_open(o->spool, out->driver->name, &o->finish, &r);
	if (!rc) {
		pthread_mutex_lock(&o->lock);
		out->reader = r;
		pthread_mutex_unlock(&o->lock);
		serve(out, r, &line);
		pthread_mutex_lock(&o->lock);
		out->reader = NULL;
		pthread_mutex_unlock(&o->lock);
		lnr_spool_reader_close(r);
	} else if (rc != -ECANCELED) {
		lnr_log(o->log, LNR_LOG_ERROR, "%s output cannot read the spool: %s",
			out->driver->name, strerror(-rc));
	}
	lnr_buf_done(&line);
	pthread_mutex_lock(&o->lock);
	out->done = true;
	pthread_cond_broadcast(&o->moved);
	pthread_mutex_unlock(&o->lock);
	return NULL;
}
