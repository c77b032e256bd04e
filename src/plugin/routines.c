/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/routines.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include "base/clock.h"
#include "schema/limits.h"

/* Between two runs of one routine: one that only looks whether there is something to do costs less
 * than a per cent of a core, however often it is asked. */
#define PAUSE_NS (1 * LNR_NS_PER_MS)

struct routine {
	struct routine *next;
	struct lnr_plugin_instance *inst;
	uint32_t (*fn)(void *plugin, void *state);
	void *state;
	uint64_t due_ns; /* monotonic */
	bool running, removed;
};

struct lnr_routines {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct routine *list;
	unsigned n, n_threads, n_idle;
	pthread_t threads[LNR_PLUGIN_ROUTINE_THREADS];
	bool end;
};

struct lnr_routines *lnr_routines_new(void)
{
	struct lnr_routines *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;
	if (!r)
		return NULL;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->changed, &attr);
	pthread_condattr_destroy(&attr);
	return r;
}

/* --- the threads; the lock is held but while a routine runs --- */

static void take_out(struct lnr_routines *r, struct routine *gone)
{
	struct routine **at = &r->list;
	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	r->n--;
	free(gone);
}

/* The one that waits longest, or that comes next; NULL = all run, or there is none. */
static struct routine *choose(const struct lnr_routines *r)
{
	struct routine *best = NULL;
	for (struct routine *t = r->list; t; t = t->next) {
		if (!t->running && (!best || t->due_ns < best->due_ns))
			best = t;
	}
	return best;
}

static void wait_until(struct lnr_routines *r, const struct routine *t)
{
	r->n_idle++;
	if (t) {
		const struct timespec at = {
			(time_t)(t->due_ns / LNR_NS_PER_SEC), (long)(t->due_ns % LNR_NS_PER_SEC)};
		pthread_cond_timedwait(&r->changed, &r->lock, &at);
	} else {
		pthread_cond_wait(&r->changed, &r->lock);
	}
	r->n_idle--;
}

static void run(struct lnr_routines *r, struct routine *t)
{
	t->running = true;
	pthread_mutex_unlock(&r->lock);
	uint32_t again = t->fn(t->inst->state, t->state);
	pthread_mutex_lock(&r->lock);
	t->running = false;
	t->due_ns = lnr_mono_ns(lnr_clock_system()) + PAUSE_NS;
	if (!again || t->removed)
		take_out(r, t);
}

static void *worker(void *arg)
{
	struct lnr_routines *r = arg;
	pthread_mutex_lock(&r->lock);
	while (!r->end) {
		struct routine *t = choose(r);
		if (t && t->due_ns <= lnr_mono_ns(lnr_clock_system()))
			run(r, t);
		else
			wait_until(r, t);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Signals are for the threads of the program. */
static bool add_thread(struct lnr_routines *r)
{
	sigset_t all, old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	bool ok = pthread_create(&r->threads[r->n_threads], NULL, worker, r) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	r->n_threads += ok;
	return ok;
}

struct lnr_routines *lnr_routines_free(struct lnr_routines *r)
{
	if (!r)
		return NULL;
	pthread_mutex_lock(&r->lock);
	r->end = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	for (unsigned i = 0; i < r->n_threads; i++)
		pthread_join(r->threads[i], NULL);
	while (r->list)
		take_out(r, r->list);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return NULL;
}

unsigned lnr_routines_count(struct lnr_routines *r)
{
	pthread_mutex_lock(&r->lock);
	unsigned n = r->n;
	pthread_mutex_unlock(&r->lock);
	return n;
}

/* --- what plugins call --- */

static void *subscribe(void *owner, uint32_t (*fn)(void *plugin, void *state), void *state)
{
	struct lnr_plugin_instance *i = owner;
	struct lnr_routines *r = i ? __atomic_load_n(&i->routines, __ATOMIC_ACQUIRE) : NULL;
	struct routine *t = r && fn ? calloc(1, sizeof(*t)) : NULL;
	if (!t)
		return NULL;
	*t = (struct routine){.inst = i, .fn = fn, .state = state};
	pthread_mutex_lock(&r->lock);
	bool ok = !r->end && r->n < LNR_PLUGIN_ROUTINES_MAX;
	/* One thread is enough; more are for routines that wait inside. */
	if (ok && !r->n_idle && r->n_threads < LNR_PLUGIN_ROUTINE_THREADS)
		ok = add_thread(r) || r->n_threads;
	if (ok) {
		t->next = r->list;
		r->list = t;
		r->n++;
		pthread_cond_signal(&r->changed);
	}
	pthread_mutex_unlock(&r->lock);
	if (ok)
		return t;
	free(t);
	return NULL;
}

/* Does not wait for the run in progress, which may be the caller. */
static int32_t unsubscribe(void *owner, void *routine)
{
	struct lnr_plugin_instance *i = owner;
	struct lnr_routines *r = i ? __atomic_load_n(&i->routines, __ATOMIC_ACQUIRE) : NULL;
	int32_t rc = LNR_PLUGIN_FAILURE;
	if (!r || !routine)
		return rc;
	pthread_mutex_lock(&r->lock);
	struct routine *t = r->list;
	while (t && t != routine)
		t = t->next;
	if (t && t->inst == i && !t->removed) {
		t->removed = true;
		if (!t->running)
			take_out(r, t);
		rc = LNR_PLUGIN_SUCCESS;
	}
	pthread_mutex_unlock(&r->lock);
	return rc;
}

const struct lnr_plugin_routines *lnr_routines_functions(void)
{
	static const struct lnr_plugin_routines functions = {subscribe, unsubscribe};
	return &functions;
}
