/* SPDX-License-Identifier: Apache-2.0 */
/* Beginning and end of the outputs: what the configuration enables, threads, the last alerts. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "base/clock.h"
#include "base/json.h"
#include "outputs/outputs_priv.h"
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
_Static_assert(N_DRIVERS <= LNR_OUTPUTS_MAX, "one slot for each driver");

/* --- beginning --- */

static int by_order(const void *a, const void *b)
{
	const struct lnr_output *x = a, *y = b;
	return (x->driver->order > y->driver->order) - (x->driver->order < y->driver->order);
}

static enum lnr_spool_sync sync_of(const struct lnr_config *c)
{
	const char *word = lnr_config_str(c, "outputs_queue.spool.fsync");
	return strcmp(word, "always") == 0  ? LNR_SPOOL_SYNC_ALWAYS
	       : strcmp(word, "never") == 0 ? LNR_SPOOL_SYNC_NEVER
					    : LNR_SPOOL_SYNC_INTERVAL;
}

static bool has_spool(const struct lnr_config *c)
{
	return *lnr_config_str(c, "outputs_queue.spool.directory");
}

static int open_drivers(struct lnr_outputs *o, const struct lnr_outputs_opts *opts)
{
	const struct lnr_config *c = opts->config;
	const struct lnr_output_ctx ctx = {.config = c,
		.unbuffered = opts->unbuffered || !lnr_config_bool(c, "buffered_outputs"),
		.json = o->format.json,
		.reliable = has_spool(c),
		.sync = has_spool(c) && sync_of(c) == LNR_SPOOL_SYNC_ALWAYS,
		.log = opts->log};
	int enabled = 0;
	for (size_t i = 0; i < N_DRIVERS; i++) {
		char key[64];
		struct lnr_err err = {0};
		struct lnr_output *out = &o->out[o->n_out];
		snprintf(key, sizeof(key), "%s_output.enabled", drivers[i]->name);
		if (!lnr_config_bool(c, key))
			continue;
		enabled++;
		out->all = o;
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

/*
 * The spool of those that are to be replaced is shared with them: they go on with it until they are
 * freed, and then these begin where they stopped.
 */
static int open_spool(
	struct lnr_outputs *o, const struct lnr_outputs_opts *opts, struct lnr_err *err)
{
	const struct lnr_config *c = opts->config;
	const struct lnr_spool_opts so = {.dir = lnr_config_str(c, "outputs_queue.spool.directory"),
		.max_bytes = (uint64_t)lnr_config_int(c, "outputs_queue.spool.max_bytes"),
		.sync = sync_of(c),
		.log = opts->log};
	struct lnr_spool *before = opts->previous ? opts->previous->spool : NULL;
	int r = 0;
	if (!*so.dir)
		return 0;
	if (before && lnr_spool_adopt(before, &so))
		o->spool = lnr_spool_ref(before);
	else
		r = lnr_spool_open(&so, &o->spool, err);
	for (size_t i = 0; !r && i < o->n_out; i++) {
		r = lnr_spool_expect(o->spool, o->out[i].driver->name, err);
		o->out[i].expected = !r;
		o->out[i].chance = lnr_wall_ns(lnr_clock_system()) + i;
	}
	if (!r && o->spool != before)
		lnr_spool_prune(o->spool);
	/* Memory is what is filled while the disk stands still. */
	if (!o->capacity)
		o->capacity = LNR_SPOOL_QUEUE_MAX;
	return r ? lnr_wrap(err, r, "outputs_queue.spool") : 0;
}

static int open_aggregate(struct lnr_outputs *o, const struct lnr_config *c, struct lnr_err *err)
{
	const char *window = lnr_config_str(c, "alert_aggregation.window");
	uint64_t ms = lnr_config_duration_ms(window);
	size_t n = lnr_config_count(c, "alert_aggregation.fields");
	if (!*window)
		return 0;
	if (!ms)
		return lnr_fail(err, -EINVAL,
			"alert_aggregation.window: \"%s\" is no length of time; write 30s or 5m",
			window);
	struct lnr_str *fields = calloc(n + 1, sizeof(*fields));
	for (size_t i = 0; fields && i < n; i++)
		fields[i] = lnr_str_c(lnr_config_item(c, "alert_aggregation.fields", i));
	if (fields)
		o->aggregate = lnr_aggregate_new(ms * LNR_NS_PER_MS, fields, n);
	free(fields);
	return o->aggregate ? 0 : lnr_fail(err, -ENOMEM, "out of memory");
}

static void init_locks(struct lnr_outputs *o)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->wake, &attr);
	pthread_cond_init(&o->moved, &attr);
	pthread_condattr_destroy(&attr);
}

static int start_threads(struct lnr_outputs *o)
{
	/* Signals are for the thread that steps the engine. */
	sigset_t all, before;
	bool good = true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; good && o->spool && i < o->n_out; i++) {
		struct lnr_output *out = &o->out[i];
		good = pthread_create(&out->thread, NULL, lnr_output_serve, out) == 0;
		/* Nobody else looks at it before the threads below are there. */
		out->has_thread = good;
	}
	if (good)
		o->has_worker = pthread_create(&o->worker, NULL, lnr_outputs_work, o) == 0;
	o->has_watchdog = o->has_worker &&
			  pthread_create(&o->watchdog, NULL, lnr_outputs_watch, o) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return o->has_worker ? 0 : -EAGAIN;
}

static struct lnr_alert_format format_of(const struct lnr_config *c)
{
	const char *shape = lnr_config_str(c, "json_format");
	return (struct lnr_alert_format){.json = lnr_config_bool(c, "json_output"),
		.iso8601 = lnr_config_bool(c, "time_format_iso_8601"),
		.output = lnr_config_bool(c, "json_include_output_property"),
		.output_fields = lnr_config_bool(c, "json_include_output_fields_property"),
		.tags = lnr_config_bool(c, "json_include_tags_property"),
		.message = lnr_config_bool(c, "json_include_message_property"),
		.id = lnr_config_bool(c, "json_include_id_property"),
		.shape = strcmp(shape, "ecs") == 0    ? LNR_ALERT_ECS
			 : strcmp(shape, "ocsf") == 0 ? LNR_ALERT_OCSF
						      : LNR_ALERT_FALCO};
}

int lnr_outputs_new(
	const struct lnr_outputs_opts *opts, struct lnr_outputs **ret, struct lnr_err *err)
{
	const struct lnr_config *c = opts->config;
	struct lnr_outputs *o = calloc(1, sizeof(*o));
	if (!o)
		return lnr_fail(err, -ENOMEM, "out of memory");
	init_locks(o);
	o->log = opts->log;
	o->capacity = (size_t)lnr_config_int(c, "outputs_queue.capacity");
	int64_t timeout = lnr_config_int(c, "output_timeout");
	o->timeout_ms = timeout > 0 ? (uint64_t)timeout : 1;
	o->sandbox = lnr_config_bool(c, "outputs_sandbox");
	o->format = format_of(c);
	int r = open_drivers(o, opts)
			? 0
			: lnr_fail(err, -ENODEV, "no output is enabled: alerts would go nowhere");
	if (!r)
		r = open_aggregate(o, c, err);
	if (!r)
		r = open_spool(o, opts, err);
	if (!r && start_threads(o))
		r = lnr_fail(err, -EAGAIN, "cannot start the delivery threads");
	if (r) {
		lnr_outputs_free(o);
		return r;
	}
	*ret = o;
	return 0;
}

/* --- end --- */

static struct timespec in_ms(uint64_t ms)
{
	uint64_t ns = lnr_mono_ns(lnr_clock_system()) + ms * LNR_NS_PER_MS;
	return (struct timespec){
		.tv_sec = (time_t)(ns / LNR_NS_PER_SEC), .tv_nsec = (long)(ns % LNR_NS_PER_SEC)};
}

/*
 * Wait until the worker is through. A delivery that is stuck for too long costs what waits behind
 * it; the delivery itself gets a last time to finish. False: it did not.
 */
static bool drain(struct lnr_outputs *o)
{
	pthread_mutex_lock(&o->lock);
	o->stop = true;
	__atomic_store_n(&o->hurry, true, __ATOMIC_RELAXED);
	pthread_cond_signal(&o->wake);
	while (!o->worker_done) {
		struct timespec until = in_ms(o->abandon ? LNR_OUTPUT_LAST_MS : o->timeout_ms);
		struct lnr_output *before = lnr_outputs_oldest(o);
		uint64_t since = before ? before->busy_since_ns : 0;
		int r = pthread_cond_timedwait(&o->moved, &o->lock, &until);
		struct lnr_output *busy = lnr_outputs_oldest(o);
		/* With a spool the worker itself may hang, on a disk. */
		bool stuck = o->spool || (busy && busy == before && busy->busy_since_ns == since);
		if (!r || !stuck || o->worker_done)
			continue;
		if (o->abandon)
			break;
		if (o->spool)
			lnr_log(o->log, LNR_LOG_NOTICE,
				"outputs and spool are slow: %zu alerts go to the spool as they are",
				o->len);
		else
			lnr_log(o->log, LNR_LOG_NOTICE,
				"%s output still blocks: %zu alerts are given up",
				busy->driver->name, o->len);
		__atomic_store_n(&o->abandon, true, __ATOMIC_RELAXED);
	}
	bool done = o->worker_done;
	pthread_mutex_unlock(&o->lock);
	return done;
}

/*
 * Outputs of a spool take what they can in the time of one delivery, and then what they have in
 * hand; the rest stays in the spool. After a reload others go on at once. False: one is stuck.
 */
static bool finish(struct lnr_outputs *o)
{
	struct timespec until = in_ms(o->timeout_ms + LNR_OUTPUT_LAST_MS);
	uint64_t more_ms = o->spool && lnr_spool_shared(o->spool) ? 0 : o->timeout_ms;
	bool all = true;
	int r = 0;
	__atomic_store_n(&o->finish_by_ns,
		lnr_mono_ns(lnr_clock_system()) + more_ms * LNR_NS_PER_MS, __ATOMIC_RELAXED);
	__atomic_store_n(&o->finish, true, __ATOMIC_RELEASE);
	if (o->spool)
		lnr_spool_wake(o->spool);
	for (size_t i = 0; i < o->n_out; i++) {
		struct lnr_output *out = &o->out[i];
		if (!out->has_thread)
			continue;
		pthread_mutex_lock(&o->lock);
		while (!out->done && !r)
			r = pthread_cond_timedwait(&o->moved, &o->lock, &until);
		bool done = out->done;
		if (!done && out->reader)
			lnr_spool_reader_cut(out->reader);
		pthread_mutex_unlock(&o->lock);
		all &= done;
		if (done)
			pthread_join(out->thread, NULL);
		else
			lnr_log(o->log, LNR_LOG_NOTICE,
				"%s output still blocks: its alerts stay in the spool",
				out->driver->name);
	}
	return all;
}

static void tell_left(struct lnr_outputs *o)
{
	struct lnr_output_stats st;
	if (!o->spool || lnr_spool_shared(o->spool))
		return;
	for (size_t i = 0; lnr_outputs_stats(o, i, &st); i++) {
		if (o->out[i].expected && st.waiting)
			lnr_log(o->log, LNR_LOG_NOTICE,
				"up to %llu alerts for the %s output stay in the spool",
				(unsigned long long)st.waiting, st.name);
	}
}

struct lnr_outputs *lnr_outputs_free(struct lnr_outputs *o)
{
	if (!o)
		return NULL;
	bool through = !o->has_worker || drain(o);
	through &= finish(o);
	if (o->has_worker)
		tell_left(o);
	for (size_t i = 0; i < o->n_out; i++) {
		if (o->out[i].expected)
			lnr_spool_forget(o->spool, o->out[i].driver->name);
	}
	/* A stuck thread keeps its memory: the process is about to end. */
	if (!through)
		return NULL;
	if (o->has_worker)
		pthread_join(o->worker, NULL);
	if (o->has_watchdog)
		pthread_join(o->watchdog, NULL);
	for (size_t i = 0; i < o->n_out; i++)
		o->out[i].driver->close(o->out[i].self);
	for (size_t i = 0; i < o->len; i++)
		lnr_alert_unref(*lnr_outputs_slot(o, i));
	lnr_aggregate_free(o->aggregate);
	lnr_spool_unref(o->spool);
	pthread_cond_destroy(&o->wake);
	pthread_cond_destroy(&o->moved);
	pthread_mutex_destroy(&o->lock);
	free(o->ring);
	free(o);
	return NULL;
}

/* --- list --- */

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
