/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/async.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "schema/limits.h"

struct waiting {
	struct waiting *next, *prev; /* older, younger ones: sorted by key */
	uint64_t key;		     /* time; 0 = at once */
	struct lnr_plugin_event evt; /* last: evt.len bytes */
};

struct lnr_async {
	struct lnr_str source;
	uint32_t id;
	const struct lnr_clock *clock;
	struct lnr_log *log;
	pthread_mutex_t lock;
	struct waiting *oldest, *youngest;
	size_t n, bytes;
	struct waiting *out; /* handed out, until the next call */
	struct lnr_async_stats stats;
	bool told_full;
};

/* Where a dump in progress goes. */
struct lnr_async_sink {
	const struct lnr_async *async;
	uint64_t ts;
	int (*fn)(void *user, const struct lnr_plugin_event *evt);
	void *user;
	int r; /* first error of fn */
};

struct lnr_async *lnr_async_new(
	struct lnr_str source, uint32_t id, const struct lnr_clock *clock, struct lnr_log *log)
{
	struct lnr_async *a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	a->source = source;
	a->id = id;
	a->clock = clock;
	a->log = log;
	pthread_mutex_init(&a->lock, NULL);
	return a;
}

struct lnr_async *lnr_async_free(struct lnr_async *a)
{
	if (!a)
		return NULL;
	for (struct waiting *w = a->oldest, *next; w; w = next) {
		next = w->next;
		free(w);
	}
	free(a->out);
	pthread_mutex_destroy(&a->lock);
	free(a);
	return NULL;
}

/* --- what plugins send --- */

static int32_t __attribute__((format(printf, 2, 3))) refuse(char *err, const char *fmt, ...)
{
	va_list ap;
	if (!err)
		return LNR_PLUGIN_FAILURE;
	va_start(ap, fmt);
	vsnprintf(err, LNR_PLUGIN_ERROR_BYTES, fmt, ap);
	va_end(ap);
	return LNR_PLUGIN_FAILURE;
}

/* Header, three lengths of four bytes, the id. */
#define LENGTHS_AT sizeof(struct lnr_plugin_event)
#define ID_AT	   (LENGTHS_AT + 3 * sizeof(uint32_t))
#define NAME_AT	   (ID_AT + sizeof(uint32_t))

static bool has_name(const struct lnr_plugin *p, struct lnr_str name)
{
	for (size_t i = 0; i < p->async_names.n; i++) {
		if (lnr_str_eq(p->async_names.v[i], name))
			return true;
	}
	return false;
}

/* Spec 10: type, parameters and name; lengths, which the reference trusts, as well. */
static int32_t check(const struct lnr_async *a, const struct lnr_plugin *p,
	const struct lnr_plugin_event *evt, char *err)
{
	const char *raw = (const char *)evt;
	uint32_t lens[3];
	if (!evt || evt->type != LNR_PLUGIN_ASYNC_EVENT || evt->nparams != 3)
		return refuse(err, "plugin %s: not an asynchronous event", p->name.ptr);
	if (evt->len < NAME_AT || evt->len > LNR_SCAP_EVENT_BYTES)
		return refuse(err, "plugin %s: event of %u bytes", p->name.ptr, evt->len);
	memcpy(lens, raw + LENGTHS_AT, sizeof(lens));
	uint64_t sum = NAME_AT - sizeof(uint32_t) + (uint64_t)lens[0] + lens[1] + lens[2];
	if (lens[0] != sizeof(uint32_t) || sum != evt->len || !lens[1] ||
		raw[NAME_AT + lens[1] - 1] != '\0')
		return refuse(err, "plugin %s: event of %u bytes with parameters of %u, %u and %u",
			p->name.ptr, evt->len, lens[0], lens[1], lens[2]);
	struct lnr_str name = lnr_str_c(raw + NAME_AT);
	if (!has_name(p, name))
		return refuse(err, "plugin %s does not declare the asynchronous event '%.64s'",
			p->name.ptr, name.ptr);
	if (!lnr_plugin_admits(&p->async_sources, a->source))
		return refuse(err, "plugin %s has no asynchronous events for the source '%s'",
			p->name.ptr, a->source.ptr);
	return LNR_PLUGIN_SUCCESS;
}

/* Whose source it is. Events of plugins are of no thread. */
static void complete(const struct lnr_async *a, struct lnr_plugin_event *evt)
{
	memcpy((char *)evt + ID_AT, &a->id, sizeof(a->id));
	if (a->id)
		evt->tid = UINT64_MAX;
}

/* Behind those of the same time. Mostly the newest is the youngest, so the way is short. */
static void queue_in(struct lnr_async *a, struct waiting *w)
{
	struct waiting *at = a->youngest;
	while (at && at->key > w->key)
		at = at->prev;
	w->prev = at;
	w->next = at ? at->next : a->oldest;
	*(at ? &at->next : &a->oldest) = w;
	*(w->next ? &w->next->prev : &a->youngest) = w;
	__atomic_store_n(&a->n, a->n + 1, __ATOMIC_RELAXED);
	a->bytes += w->evt.len;
}

static bool is_full(const struct lnr_async *a, uint32_t len)
{
	return a->n >= LNR_ASYNC_EVENTS_MAX || len > LNR_ASYNC_BYTES - a->bytes;
}

/* Logged once until there is room again, so that a flood of events is none of log lines. */
static int32_t push(struct lnr_async *a, const struct lnr_plugin *p,
	const struct lnr_plugin_event *evt, char *err)
{
	size_t head = offsetof(struct waiting, evt);
	struct waiting *w = malloc(head + evt->len);
	if (!w)
		return refuse(err, "out of memory");
	memcpy(&w->evt, evt, evt->len);
	w->key = evt->ts == UINT64_MAX ? 0 : evt->ts;
	complete(a, &w->evt);
	pthread_mutex_lock(&a->lock);
	bool full = is_full(a, evt->len), tell = full && !a->told_full;
	if (full) {
		a->stats.full++;
		a->told_full = true;
	} else {
		queue_in(a, w);
		a->stats.taken++;
		a->told_full = false;
	}
	pthread_mutex_unlock(&a->lock);
	if (!full)
		return LNR_PLUGIN_SUCCESS;
	free(w);
	if (tell)
		lnr_log(a->log, LNR_LOG_WARNING,
			"plugin %s: asynchronous events are lost, too many are waiting",
			p->name.ptr);
	return refuse(err, "plugin %s: too many events are waiting", p->name.ptr);
}

/* How far ahead of the clock a time may be; the reference's. */
#define FUTURE_NS (10 * LNR_NS_PER_SEC)

static void count(struct lnr_async *a, uint64_t *counter)
{
	pthread_mutex_lock(&a->lock);
	++*counter;
	pthread_mutex_unlock(&a->lock);
}

static int32_t take(struct lnr_plugin_instance *i, const struct lnr_plugin_event *evt, char *err)
{
	struct lnr_async *a = __atomic_load_n(&i->async, __ATOMIC_ACQUIRE);
	if (!a)
		return refuse(err, "plugin %s: asynchronous events are not taken now",
			i->plugin->name.ptr);
	int32_t rc = check(a, i->plugin, evt, err);
	if (rc) {
		count(a, &a->stats.invalid);
		return rc;
	}
	if (evt->ts != UINT64_MAX && evt->ts > lnr_wall_ns(a->clock) + FUTURE_NS) {
		count(a, &a->stats.future);
		return refuse(err, "plugin %s: the event is of the future", i->plugin->name.ptr);
	}
	return push(a, i->plugin, evt, err);
}

static int32_t handler(void *owner, const struct lnr_plugin_event *evt, char *err)
{
	struct lnr_plugin_instance *i = owner;
	int32_t rc = take(i, evt, err);
	__atomic_add_fetch(rc ? &i->n_async_refused : &i->n_async, 1, __ATOMIC_RELAXED);
	return rc;
}

/* --- begin and end --- */

/* Seen by the plugin's first thread before set_async_event_handler() returns. */
int lnr_async_begin(struct lnr_async *a, struct lnr_plugin_instance *i, struct lnr_err *err)
{
	const struct lnr_plugin *p = i->plugin;
	__atomic_store_n(&i->async, a, __ATOMIC_RELEASE);
	if (p->api.set_async_event_handler(i->state, i, handler) == LNR_PLUGIN_SUCCESS)
		return 0;
	__atomic_store_n(&i->async, NULL, __ATOMIC_RELEASE);
	return lnr_fail(err, -EIO, "plugin %s does not start its asynchronous events: %s",
		p->name.ptr, lnr_plugin_last_error(i));
}

/* Taken away afterwards: until the plugin has ended its threads they may have something to tell. */
int lnr_async_end(struct lnr_plugin_instance *i, struct lnr_err *err)
{
	const struct lnr_plugin *p = i->plugin;
	if (!__atomic_load_n(&i->async, __ATOMIC_ACQUIRE))
		return 0;
	int32_t rc = p->api.set_async_event_handler(i->state, i, NULL);
	__atomic_store_n(&i->async, NULL, __ATOMIC_RELEASE);
	return rc == LNR_PLUGIN_SUCCESS
		       ? 0
		       : lnr_fail(err, -EIO, "plugin %s does not end its asynchronous events: %s",
				 p->name.ptr, lnr_plugin_last_error(i));
}

/* --- what the engine takes --- */

bool lnr_async_pending(const struct lnr_async *a)
{
	return __atomic_load_n(&a->n, __ATOMIC_RELAXED);
}

const struct lnr_plugin_event *lnr_async_next(
	struct lnr_async *a, uint64_t until_ns, uint64_t now_ns)
{
	free(a->out);
	pthread_mutex_lock(&a->lock);
	struct waiting *w = a->out = a->oldest && a->oldest->key <= until_ns ? a->oldest : NULL;
	if (w) {
		a->oldest = w->next;
		*(w->next ? &w->next->prev : &a->youngest) = NULL;
		__atomic_store_n(&a->n, a->n - 1, __ATOMIC_RELAXED);
		a->bytes -= w->evt.len;
	}
	pthread_mutex_unlock(&a->lock);
	if (!w)
		return NULL;
	if (w->evt.ts == UINT64_MAX)
		w->evt.ts = now_ns;
	return &w->evt;
}

void lnr_async_stats(const struct lnr_async *a, struct lnr_async_stats *ret)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&a->lock;
	pthread_mutex_lock(lock);
	*ret = a->stats;
	pthread_mutex_unlock(lock);
}

/* --- the state of a plugin as events --- */

static int32_t dump_handler(void *owner, const struct lnr_plugin_event *evt, char *err)
{
	struct lnr_plugin_instance *i = owner;
	struct lnr_async_sink *s = i->sink;
	if (!s)
		return refuse(
			err, "plugin %s: its state is not asked for now", i->plugin->name.ptr);
	int32_t rc = check(s->async, i->plugin, evt, err);
	if (rc)
		return rc;
	struct lnr_plugin_event *copy = malloc(evt->len);
	if (!copy)
		return refuse(err, "out of memory");
	memcpy(copy, evt, evt->len);
	complete(s->async, copy);
	if (copy->ts == UINT64_MAX)
		copy->ts = s->ts;
	int r = s->fn(s->user, copy);
	free(copy);
	if (!r)
		return LNR_PLUGIN_SUCCESS;
	s->r = s->r ? s->r : r;
	return refuse(err, "the event cannot be written: %s", strerror(-r));
}

int lnr_async_dump(const struct lnr_async *a, struct lnr_plugin_instance *i, uint64_t ts,
	int (*fn)(void *user, const struct lnr_plugin_event *evt), void *user, struct lnr_err *err)
{
	const struct lnr_plugin *p = i->plugin;
	struct lnr_async_sink sink = {.async = a, .ts = ts, .fn = fn, .user = user};
	if (!(p->caps & LNR_PLUGIN_CAN_ASYNC) || !p->api.dump_state)
		return 0;
	i->sink = &sink;
	int32_t rc = p->api.dump_state(i->state, i, dump_handler);
	i->sink = NULL;
	if (sink.r)
		return lnr_fail(err, sink.r, "plugin %s: its state cannot be written: %s",
			p->name.ptr, strerror(-sink.r));
	return rc == LNR_PLUGIN_SUCCESS ? 0
					: lnr_fail(err, -EIO, "plugin %s cannot tell its state: %s",
						  p->name.ptr, lnr_plugin_last_error(i));
}
