/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The delivery queue and its thread (spec engine-config-cli 5.3).
 *
 * One worker takes alerts in order and gives each to every output. A second thread watches how long
 * a delivery takes: it can only say so, since a blocked call cannot be taken back. When the queue
 * is full the least urgent alert goes, the youngest of equals, and is counted.
 */
#include "lanner/outputs.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "base/clock.h"
#include "outputs/driver.h"
#include "schema/limits.h"

#define LNR_ROW(name) extern const struct lnr_output_driver lnr_output_driver_##name;
#include "drivers.inc"
#undef LNR_ROW

static const struct lnr_output_driver *const drivers[] = {
#define LNR_ROW(name) &lnr_output_driver_##name,
#include "drivers.inc"
#undef LNR_ROW
};

#define N_DRIVERS LNR_ARRAY_SIZE(drivers)

struct output {
	const struct lnr_output_driver *driver;
	void *self;
};

struct lnr_outputs {
	struct output out[N_DRIVERS];
	size_t n_out;
	struct lnr_alert_format format;
	struct lnr_log *log;
	uint64_t timeout_ms;
	size_t capacity; /* 0 = no limit */
	pthread_t worker, watchdog;
	bool has_worker, has_watchdog;
	pthread_mutex_t lock;
	pthread_cond_t wake, moved; /* work for the worker; a delivery began or ended */
	/* under lock: a ring of alerts */
	struct lnr_alert **ring;
	size_t cap, head, len;
	bool stop, reopen, abandon, worker_done;
	const char *busy; /* output in delivery, NULL = none */
	uint64_t busy_since_ns;
	uint64_t dropped, delivered;
	bool told_drop;
};

/* --- queue, all under lock --- */

static struct lnr_alert **slot(struct lnr_outputs *o, size_t i)
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
		ring[i] = *slot(o, i);
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
		int p = lnr_alert_priority(*slot(o, i));
		if (p > worst || (victim < o->len && p == worst)) {
			worst = p;
			victim = i;
		}
	}
	if (victim == o->len)
		return false;
	lnr_alert_unref(*slot(o, victim));
	for (size_t i = victim; i + 1 < o->len; i++)
		*slot(o, i) = *slot(o, i + 1);
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
	*slot(o, o->len++) = lnr_alert_ref(a);
	return !full;
}

/* --- worker --- */

static void set_busy(struct lnr_outputs *o, const char *name)
{
	pthread_mutex_lock(&o->lock);
	o->busy = name;
	o->busy_since_ns = lnr_mono_ns(lnr_clock_system());
	pthread_cond_broadcast(&o->moved);
	pthread_mutex_unlock(&o->lock);
}

static void deliver(struct lnr_outputs *o, const struct lnr_alert *a, struct lnr_buf *line)
{
	lnr_buf_clear(line);
	lnr_alert_write(a, &o->format, line);
	if (line->failed || !line->ptr) {
		lnr_log(o->log, LNR_LOG_CRITICAL, "alert of rule \"%s\" lost: too large",
			lnr_alert_rule(a));
		return;
	}
	for (size_t i = 0; i < o->n_out; i++) {
		struct output *out = &o->out[i];
		struct lnr_err err = {0};
		set_busy(o, out->driver->name);
		if (out->driver->send(out->self, a, lnr_buf_view(line), &err))
			lnr_log(o->log, LNR_LOG_ERROR, "%s output: %s", out->driver->name, err.msg);
	}
	set_busy(o, NULL);
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

static void *work(void *arg)
{
	struct lnr_outputs *o = arg;
	struct lnr_buf line;
	lnr_buf_init(&line, LNR_ALERT_BYTES);
	pthread_mutex_lock(&o->lock);
	for (;;) {
		while (!o->len && !o->reopen && !o->stop)
			pthread_cond_wait(&o->wake, &o->lock);
		if (o->reopen) {
			o->reopen = false;
			pthread_mutex_unlock(&o->lock);
			reopen_all(o);
			pthread_mutex_lock(&o->lock);
			continue;
		}
		if (!o->len || o->abandon)
			break;
		struct lnr_alert *a = *slot(o, 0);
		o->head = (o->head + 1) % o->cap;
		o->len--;
		pthread_mutex_unlock(&o->lock);
		deliver(o, a, &line);
		lnr_alert_unref(a);
		pthread_mutex_lock(&o->lock);
		o->delivered++;
	}
	o->worker_done = true;
	pthread_cond_broadcast(&o->moved);
	pthread_mutex_unlock(&o->lock);
	lnr_buf_done(&line);
	return NULL;
}

static struct timespec in_ms(uint64_t ms)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	uint64_t ns = (uint64_t)t.tv_nsec + ms % 1000 * LNR_NS_PER_MS;
	t.tv_sec += (time_t)(ms / 1000 + ns / LNR_NS_PER_SEC);
	t.tv_nsec = (long)(ns % LNR_NS_PER_SEC);
	return t;
}

/* Says once per delivery that it takes too long. */
static void *watch(void *arg)
{
	struct lnr_outputs *o = arg;
	uint64_t told = 0;
	pthread_mutex_lock(&o->lock);
	while (!o->worker_done) {
		struct timespec until = in_ms(o->timeout_ms);
		uint64_t limit = o->timeout_ms * LNR_NS_PER_MS;
		if (!o->busy) {
			pthread_cond_wait(&o->moved, &o->lock);
			continue;
		}
		uint64_t age = lnr_mono_ns(lnr_clock_system()) - o->busy_since_ns;
		if (age >= limit && told != o->busy_since_ns) {
			told = o->busy_since_ns;
			lnr_log(o->log, LNR_LOG_CRITICAL,
				"%s output blocks: a delivery takes longer than %llu ms", o->busy,
				(unsigned long long)o->timeout_ms);
		}
		pthread_cond_timedwait(&o->moved, &o->lock, &until);
	}
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

/* --- life --- */

static int by_order(const void *a, const void *b)
{
	const struct output *x = a, *y = b;
	return (x->driver->order > y->driver->order) - (x->driver->order < y->driver->order);
}

static int open_drivers(struct lnr_outputs *o, const struct lnr_outputs_opts *opts)
{
	const struct lnr_output_ctx ctx = {.config = opts->config,
		.unbuffered = opts->unbuffered ||
			      !lnr_config_bool(opts->config, "buffered_outputs"),
		.json = o->format.json,
		.log = opts->log};
	int enabled = 0;
	for (size_t i = 0; i < N_DRIVERS; i++) {
		char key[64];
		struct lnr_err err = {0};
		struct output *out = &o->out[o->n_out];
		snprintf(key, sizeof(key), "%s_output.enabled", drivers[i]->name);
		if (!lnr_config_bool(opts->config, key))
			continue;
		enabled++;
		out->driver = drivers[i];
		if (drivers[i]->open(&ctx, &out->self, &err))
			lnr_log(o->log, LNR_LOG_ERROR, "%s output left out: %s", drivers[i]->name,
				err.msg);
		else
			o->n_out++;
	}
	qsort(o->out, o->n_out, sizeof(o->out[0]), by_order);
	return enabled;
}

static int start_threads(struct lnr_outputs *o)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->wake, &attr);
	pthread_cond_init(&o->moved, &attr);
	pthread_condattr_destroy(&attr);
	/* Signals are for the thread that steps the engine. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	o->has_worker = pthread_create(&o->worker, NULL, work, o) == 0;
	o->has_watchdog = o->has_worker && pthread_create(&o->watchdog, NULL, watch, o) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return o->has_worker ? 0 : -EAGAIN;
}

int lnr_outputs_new(
	const struct lnr_outputs_opts *opts, struct lnr_outputs **ret, struct lnr_err *err)
{
	const struct lnr_config *c = opts->config;
	struct lnr_outputs *o = calloc(1, sizeof(*o));
	if (!o)
		return lnr_fail(err, -ENOMEM, "out of memory");
	o->log = opts->log;
	o->capacity = (size_t)lnr_config_int(c, "outputs_queue.capacity");
	int64_t timeout = lnr_config_int(c, "output_timeout");
	o->timeout_ms = timeout > 0 ? (uint64_t)timeout : 1;
	o->format = (struct lnr_alert_format){.json = lnr_config_bool(c, "json_output"),
		.iso8601 = lnr_config_bool(c, "time_format_iso_8601"),
		.output = lnr_config_bool(c, "json_include_output_property"),
		.output_fields = lnr_config_bool(c, "json_include_output_fields_property"),
		.tags = lnr_config_bool(c, "json_include_tags_property"),
		.message = lnr_config_bool(c, "json_include_message_property")};
	if (!open_drivers(o, opts)) {
		free(o);
		return lnr_fail(err, -ENODEV, "no output is enabled: alerts would go nowhere");
	}
	int r = start_threads(o);
	if (r) {
		lnr_outputs_free(o);
		return lnr_fail(err, r, "cannot start the delivery thread");
	}
	*ret = o;
	return 0;
}

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
	pthread_mutex_lock(&o->lock);
	o->reopen = true;
	pthread_cond_signal(&o->wake);
	pthread_mutex_unlock(&o->lock);
}

/*
 * Wait until the worker is through. A delivery that is stuck for too long costs what waits behind
 * it; the delivery itself gets a last time to finish. False: it did not.
 */
static bool drain(struct lnr_outputs *o)
{
	pthread_mutex_lock(&o->lock);
	o->stop = true;
	pthread_cond_signal(&o->wake);
	while (!o->worker_done) {
		struct timespec until = in_ms(o->abandon ? LNR_OUTPUT_LAST_MS : o->timeout_ms);
		uint64_t since = o->busy_since_ns;
		int r = pthread_cond_timedwait(&o->moved, &o->lock, &until);
		if (!r || !o->busy || o->busy_since_ns != since)
			continue;
		if (o->abandon)
			break;
		lnr_log(o->log, LNR_LOG_NOTICE, "%s output still blocks: %zu alerts are given up",
			o->busy, o->len);
		o->abandon = true;
	}
	bool done = o->worker_done;
	pthread_mutex_unlock(&o->lock);
	return done;
}

struct lnr_outputs *lnr_outputs_free(struct lnr_outputs *o)
{
	if (!o)
		return NULL;
	if (o->has_worker) {
		/* A stuck worker keeps its memory: the process is about to end. */
		if (!drain(o))
			return NULL;
		pthread_join(o->worker, NULL);
		if (o->has_watchdog)
			pthread_join(o->watchdog, NULL);
		pthread_cond_destroy(&o->wake);
		pthread_cond_destroy(&o->moved);
		pthread_mutex_destroy(&o->lock);
	}
	for (size_t i = 0; i < o->n_out; i++)
		o->out[i].driver->close(o->out[i].self);
	for (size_t i = 0; i < o->len; i++)
		lnr_alert_unref(*slot(o, i));
	free(o->ring);
	free(o);
	return NULL;
}

uint64_t lnr_outputs_dropped(struct lnr_outputs *o)
{
	pthread_mutex_lock(&o->lock);
	uint64_t n = o->dropped;
	pthread_mutex_unlock(&o->lock);
	return n;
}

uint64_t lnr_outputs_delivered(struct lnr_outputs *o)
{
	pthread_mutex_lock(&o->lock);
	uint64_t n = o->delivered;
	pthread_mutex_unlock(&o->lock);
	return n;
}

int lnr_outputs_list(struct lnr_buf *out, const char *format, struct lnr_err *err)
{
	bool json = strcmp(format, "json") == 0;
	if (!json && strcmp(format, "text") != 0)
		return lnr_fail(err, -EINVAL, "unknown format \"%s\"", format);
	struct lnr_json j;
	lnr_json_init(&j, out);
	if (json)
		lnr_json_open(&j, '[');
	for (size_t i = 0; i < N_DRIVERS; i++) {
		if (!json) {
			lnr_buf_printf(out, "%-10s %s\n", drivers[i]->name, drivers[i]->desc);
			continue;
		}
		lnr_json_open(&j, '{');
		lnr_json_key(&j, LNR_STR("name"));
		lnr_json_str(&j, lnr_str_c(drivers[i]->name));
		lnr_json_key(&j, LNR_STR("description"));
		lnr_json_str(&j, lnr_str_c(drivers[i]->desc));
		lnr_json_close(&j, '}');
	}
	if (json)
		lnr_json_close(&j, ']');
	return out->failed ? -ENOMEM : 0;
}
