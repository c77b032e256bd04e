/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The delivery queue and its thread (spec engine-config-cli 5.3).
 *
 * One worker takes alerts in order and gives each to every output, or to the spool that the outputs
 * read. A second thread watches how long a delivery takes: it can only say so, since a blocked call
 * cannot be taken back. When the queue is full the least urgent alert goes, the youngest of equals,
 * and is counted.
 */
#include "lanner/outputs.h"

#include <stdlib.h>
#include <time.h>
#include "base/clock.h"
#include "outputs/outputs_priv.h"
#include "outputs/sandbox.h"
#include "schema/limits.h"

/* --- queue, all under lock --- */

struct lnr_alert **lnr_outputs_slot(struct lnr_outputs *o, size_t i)
{
	return &o->ring[(o->head + i) % o->cap];
}

static int ring_grow(struct lnr_outputs *o)
{
	size_t cap = o->cap ? o->cap * 2 : 64;
	struct lnr_alert **ring = malloc(cap * sizeof(*ring));
	if (!ring)
		return -ENOMEM;
	for (size_t i = 0; i < o->len; i++)
		ring[i] = *lnr_outputs_slot(o, i);
	free(o->ring);
	o->ring = ring;
	o->cap = cap;
	o->head = 0;
	return 0;
}

/* Make room by giving up the least urgent, youngest alert. False: that would be the new one. */
static bool make_room(struct lnr_outputs *o, const struct lnr_alert *fresh)
{
	size_t victim = o->len;
	int worst = lnr_alert_priority(fresh);
	for (size_t i = 0; i < o->len; i++) {
		int p = lnr_alert_priority(*lnr_outputs_slot(o, i));
		if (p > worst || (victim < o->len && p == worst)) {
			worst = p;
			victim = i;
		}
	}
	if (victim == o->len)
		return false;
	lnr_alert_unref(*lnr_outputs_slot(o, victim));
	for (size_t i = victim; i + 1 < o->len; i++)
		*lnr_outputs_slot(o, i) = *lnr_outputs_slot(o, i + 1);
	o->len--;
	return true;
}

static bool push(struct lnr_outputs *o, struct lnr_alert *a)
{
	bool full = o->capacity && o->len >= o->capacity;
	if (full)
		o->dropped++;
	if ((full && !make_room(o, a)) || (o->len == o->cap && ring_grow(o))) {
		o->dropped += !full;
		return false;
	}
	*lnr_outputs_slot(o, o->len++) = lnr_alert_ref(a);
	/* Before it is full rather the slow outputs lose something than all of them. */
	if (o->capacity && o->len > o->capacity / 2)
		__atomic_store_n(&o->hurry, true, __ATOMIC_RELAXED);
	return !full;
}

/* --- what both kinds of threads use --- */

void lnr_output_busy(struct lnr_output *out, bool busy)
{
	struct lnr_outputs *o = out->all;
	pthread_mutex_lock(&o->lock);
	out->busy_since_ns = busy ? lnr_mono_ns(lnr_clock_system()) : 0;
	if (busy && o->watch_rests)
		pthread_cond_broadcast(&o->moved);
	pthread_mutex_unlock(&o->lock);
}

void lnr_outputs_bind(struct lnr_outputs *o)
{
	struct lnr_err err = {0};
	if (!o->sandbox || !lnr_sandbox_enter(&err))
		return;
	pthread_mutex_lock(&o->lock);
	bool tell = !o->told_sandbox;
	o->told_sandbox = true;
	pthread_mutex_unlock(&o->lock);
	if (tell)
		lnr_log(o->log, LNR_LOG_WARNING, "%s", err.msg);
}

bool lnr_outputs_line(struct lnr_outputs *o, const struct lnr_alert *a, struct lnr_buf *line)
{
	lnr_buf_clear(line);
	lnr_alert_write(a, &o->format, line);
	if (!line->failed && line->ptr)
		return true;
	lnr_log(o->log, LNR_LOG_CRITICAL, "alert of rule \"%s\" lost: too large",
		lnr_alert_rule(a));
	return false;
}

/* --- worker --- */

static void deliver(struct lnr_outputs *o, const struct lnr_alert *a, struct lnr_buf *line)
{
	if (!lnr_outputs_line(o, a, line))
		return;
	for (size_t i = 0; i < o->n_out; i++) {
		struct lnr_output *out = &o->out[i];
		struct lnr_err err = {0};
		lnr_output_busy(out, true);
		int r = out->driver->send(out->self, a, lnr_buf_view(line), &err);
		lnr_output_busy(out, false);
		if (r)
			lnr_log(o->log, LNR_LOG_ERROR, "%s output: %s", out->driver->name, err.msg);
		pthread_mutex_lock(&o->lock);
		++*(r ? &out->failed : &out->delivered);
		pthread_mutex_unlock(&o->lock);
	}
}

static void reopen_all(struct lnr_outputs *o)
{
	for (size_t i = 0; i < o->n_out; i++) {
		const struct lnr_output_driver *d = o->out[i].driver;
		struct lnr_err err = {0};
		if (d->reopen && d->reopen(o->out[i].self, &err))
			lnr_log(o->log, LNR_LOG_ERROR, "%s output: %s", d->name, err.msg);
	}
}

static struct timespec at_ns(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / LNR_NS_PER_SEC), .tv_nsec = (long)(ns % LNR_NS_PER_SEC)};
}

static struct timespec in_ms(uint64_t ms)
{
	return at_ns(lnr_mono_ns(lnr_clock_system()) + ms * LNR_NS_PER_MS);
}

/* What the worker took from the queue, or made itself, and gives away in one go. */
struct batch {
	struct lnr_alert *v[LNR_SPOOL_BATCH];
	size_t n;
	size_t from_queue; /* so many of them count as delivered */
	struct lnr_buf line;
};

static void give_away(struct lnr_outputs *o, struct batch *b)
{
	const struct lnr_spool_haste haste = {&o->hurry, &o->abandon};
	if (o->spool && b->n)
		lnr_spool_append(o->spool, b->v, b->n, &haste);
	for (size_t i = 0; i < b->n; i++) {
		if (!o->spool)
			deliver(o, b->v[i], &b->line);
		lnr_alert_unref(b->v[i]);
	}
	b->n = 0;
}

static void tell_summaries(struct lnr_outputs *o, struct batch *b, uint64_t now_ns)
{
	struct lnr_alert *a;
	while (o->aggregate && (a = lnr_aggregate_next(o->aggregate, now_ns))) {
		b->v[b->n++] = a;
		if (!o->spool || b->n == LNR_SPOOL_BATCH)
			give_away(o, b);
	}
	give_away(o, b);
}

/* Repetitions stay behind and are counted. */
static void sift(struct lnr_outputs *o, struct batch *b)
{
	uint64_t now = lnr_mono_ns(lnr_clock_system());
	size_t kept = 0;
	for (size_t i = 0; o->aggregate && i < b->n; i++) {
		if (lnr_aggregate_add(o->aggregate, b->v[i], now))
			b->v[kept++] = b->v[i];
		else
			lnr_alert_unref(b->v[i]);
	}
	if (o->aggregate)
		b->n = kept;
}

/* Under lock. Without a spool one at a time, so that few are lost when a delivery never ends. */
static void take(struct lnr_outputs *o, struct batch *b)
{
	size_t most = o->spool ? LNR_SPOOL_BATCH : 1;
	b->n = 0;
	while (o->len && b->n < most) {
		b->v[b->n++] = *lnr_outputs_slot(o, 0);
		o->head = (o->head + 1) % o->cap;
		o->len--;
	}
	b->from_queue = b->n;
	if (!o->stop && o->len < o->capacity / 4)
		__atomic_store_n(&o->hurry, false, __ATOMIC_RELAXED);
}

/* When the worker has something to do even if nobody calls. */
static uint64_t due_ns(struct lnr_outputs *o, uint64_t flush_in_ns)
{
	uint64_t due = o->aggregate ? lnr_aggregate_due_ns(o->aggregate) : UINT64_MAX;
	uint64_t flush = flush_in_ns == UINT64_MAX ? UINT64_MAX
						   : lnr_mono_ns(lnr_clock_system()) + flush_in_ns;
	return due < flush ? due : flush;
}

/* Under lock: until there is work. */
static void wait_for_work(struct lnr_outputs *o, uint64_t due)
{
	struct timespec until = at_ns(due);
	int r = 0;
	while (!r && !o->len && !o->reopen && !o->stop) {
		if (due == UINT64_MAX)
			pthread_cond_wait(&o->wake, &o->lock);
		else
			r = pthread_cond_timedwait(&o->wake, &o->lock, &until);
	}
}

void *lnr_outputs_work(void *arg)
{
	struct lnr_outputs *o = arg;
	struct batch b = {0};
	lnr_buf_init(&b.line, LNR_ALERT_BYTES);
	lnr_outputs_bind(o);
	for (;;) {
		uint64_t due = due_ns(o, o->spool ? lnr_spool_flush(o->spool) : UINT64_MAX);
		pthread_mutex_lock(&o->lock);
		wait_for_work(o, due);
		bool reopen = o->reopen;
		o->reopen = false;
		/* What waits behind a block is given up; a spool takes it without waiting. */
		if (!reopen && (o->spool || !o->abandon))
			take(o, &b);
		bool last = !reopen && !b.n && o->stop;
		pthread_mutex_unlock(&o->lock);
		if (reopen) {
			reopen_all(o);
			continue;
		}
		sift(o, &b);
		give_away(o, &b);
		tell_summaries(
			o, &b, last && !o->abandon ? UINT64_MAX : lnr_mono_ns(lnr_clock_system()));
		pthread_mutex_lock(&o->lock);
		o->delivered += b.from_queue;
		b.from_queue = 0;
		pthread_mutex_unlock(&o->lock);
		if (last)
			break;
	}
	pthread_mutex_lock(&o->lock);
	o->worker_done = true;
	pthread_cond_broadcast(&o->moved);
	pthread_mutex_unlock(&o->lock);
	lnr_buf_done(&b.line);
	return NULL;
}

/* --- watchdog --- */

/* Under lock: the delivery that began first, NULL = there is none. */
struct lnr_output *lnr_outputs_oldest(struct lnr_outputs *o)
{
	struct lnr_output *oldest = NULL;
	for (size_t i = 0; i < o->n_out; i++) {
		uint64_t since = o->out[i].busy_since_ns;
		if (since && (!oldest || since < oldest->busy_since_ns))
			oldest = &o->out[i];
	}
	return oldest;
}

static void tell_blocked(struct lnr_outputs *o)
{
	uint64_t now = lnr_mono_ns(lnr_clock_system()), limit = o->timeout_ms * LNR_NS_PER_MS;
	for (size_t i = 0; i < o->n_out; i++) {
		struct lnr_output *out = &o->out[i];
		if (!out->busy_since_ns || now - out->busy_since_ns < limit ||
			out->told_ns == out->busy_since_ns)
			continue;
		out->told_ns = out->busy_since_ns;
		lnr_log(o->log, LNR_LOG_CRITICAL,
			"%s output blocks: a delivery takes longer than %llu ms", out->driver->name,
			(unsigned long long)o->timeout_ms);
	}
}

/* Under lock. */
static bool all_done(const struct lnr_outputs *o)
{
	bool done = o->worker_done;
	for (size_t i = 0; i < o->n_out; i++)
		done &= !o->out[i].has_thread || o->out[i].done;
	return done;
}

/* Says once per delivery that it takes too long. */
void *lnr_outputs_watch(void *arg)
{
	struct lnr_outputs *o = arg;
	pthread_mutex_lock(&o->lock);
	while (!all_done(o)) {
		struct timespec until = in_ms(o->timeout_ms);
		o->watch_rests = !lnr_outputs_oldest(o);
		if (o->watch_rests) {
			pthread_cond_wait(&o->moved, &o->lock);
			continue;
		}
		tell_blocked(o);
		pthread_cond_timedwait(&o->moved, &o->lock, &until);
	}
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

/* --- from outside --- */

bool lnr_outputs_send(struct lnr_outputs *o, struct lnr_alert *a)
{
	pthread_mutex_lock(&o->lock);
	bool ok = push(o, a);
	bool tell = !ok && !o->told_drop;
	o->told_drop |= tell;
	pthread_cond_signal(&o->wake);
	pthread_mutex_unlock(&o->lock);
	if (tell)
		lnr_log(o->log, LNR_LOG_ERROR,
			"the outputs queue is full: alerts are dropped, least urgent first");
	return ok;
}

void lnr_outputs_reopen(struct lnr_outputs *o)
{
	if (o->spool) {
		for (size_t i = 0; i < o->n_out; i++)
			__atomic_store_n(&o->out[i].reopen, true, __ATOMIC_RELEASE);
		lnr_spool_wake(o->spool);
		return;
	}
	pthread_mutex_lock(&o->lock);
	o->reopen = true;
	pthread_cond_signal(&o->wake);
	pthread_mutex_unlock(&o->lock);
}

bool lnr_outputs_stats(struct lnr_outputs *o, size_t i, struct lnr_output_stats *ret)
{
	if (i >= o->n_out)
		return false;
	const struct lnr_output *out = &o->out[i];
	*ret = (struct lnr_output_stats){.name = out->driver->name};
	pthread_mutex_lock(&o->lock);
	ret->delivered = out->delivered;
	ret->failed = out->failed;
	ret->refused = out->refused;
	pthread_mutex_unlock(&o->lock);
	if (o->spool)
		lnr_spool_reader_stats(o->spool, ret->name, &ret->waiting, &ret->lost);
	return true;
}

bool lnr_outputs_spool_stats(struct lnr_outputs *o, struct lnr_outputs_spool *ret)
{
	struct lnr_spool_stats st;
	if (!o->spool)
		return false;
	lnr_spool_stats(o->spool, &st);
	*ret = (struct lnr_outputs_spool){.bytes = st.bytes,
		.unstored = st.unstored,
		.displaced = st.displaced,
		.torn = st.torn,
		.damaged = st.damaged};
	return true;
}

uint64_t lnr_outputs_dropped(struct lnr_outputs *o)
{
	struct lnr_output_stats st;
	pthread_mutex_lock(&o->lock);
	uint64_t n = o->dropped;
	pthread_mutex_unlock(&o->lock);
	for (size_t i = 0; o->spool && lnr_outputs_stats(o, i, &st); i++)
		n += st.lost;
	return n;
}

uint64_t lnr_outputs_delivered(struct lnr_outputs *o)
{
	pthread_mutex_lock(&o->lock);
	uint64_t n = o->delivered;
	pthread_mutex_unlock(&o->lock);
	return n;
}
