/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event sources beside the first one: an engine and a thread each, alerts to the same outputs. The
 * main thread drives the first source; it looks at these between two batches and touches their
 * engines only while the threads rest.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include "cli/session_priv.h"
#include "lanner/lanner.h"

struct lnr_more_source {
	struct lnr_more *all;
	struct lnr_session *session;
	struct lnr_engine *engine;
	pthread_t thread;
	bool running; /* the thread is to be joined */
	bool ended;   /* atomic: the source gave its last event, or broke */
	int r;	      /* why, valid when ended */
	struct lnr_err err;
};

int lnr_more_open(struct lnr_session *s, const struct lnr_setup *setup, struct lnr_more *ret,
	struct lnr_err *err)
{
	const char *name;
	size_t n = 0;
	int r = 0;
	*ret = (struct lnr_more){0};
	while (lnr_setup_source(setup, s->o, n))
		n++;
	if (n < 2)
		return 0;
	ret->v = calloc(n - 1, sizeof(*ret->v));
	if (!ret->v)
		return lnr_fail(err, -ENOMEM, "out of memory");
	for (size_t i = 1; !r && (name = lnr_setup_source(setup, s->o, i)); i++) {
		struct lnr_more_source *m = &ret->v[ret->n++];
		m->session = s;
		r = lnr_session_open_engine(s, setup, name, &m->engine, err);
	}
	if (r)
		lnr_more_done(ret);
	return r;
}

/* Between two looks at whether it is time to stop; a plugin that waits ends it early. */
#define BATCH 256

static void *drive(void *arg)
{
	struct lnr_more_source *m = arg;
	int r = 0;
	while (r >= 0 && !__atomic_load_n(&m->all->stop, __ATOMIC_ACQUIRE)) {
		lnr_session_snapshot(m->session, m->engine);
		r = lnr_engine_run(m->engine, BATCH, &m->err);
	}
	if (r < 0) {
		m->r = r;
		__atomic_store_n(&m->ended, true, __ATOMIC_RELEASE);
	}
	return NULL;
}

int lnr_more_start(struct lnr_more *m, struct lnr_err *err)
{
	sigset_t all, before;
	int r = 0;
	m->stop = false;
	/* Signals are for the thread that steps the first engine. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; !r && i < m->n; i++) {
		struct lnr_more_source *src = &m->v[i];
		src->all = m;
		if (src->ended || src->running)
			continue;
		r = pthread_create(&src->thread, NULL, drive, src);
		src->running = !r;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r ? lnr_fail(err, -r, "cannot start a thread: %s", strerror(r)) : 0;
}

void lnr_more_stop(struct lnr_more *m)
{
	__atomic_store_n(&m->stop, true, __ATOMIC_RELEASE);
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].running)
			pthread_join(m->v[i].thread, NULL);
		m->v[i].running = false;
	}
}

int lnr_more_poll(struct lnr_more *m, bool *ret_running, struct lnr_err *err)
{
	*ret_running = false;
	for (size_t i = 0; i < m->n; i++) {
		const struct lnr_more_source *src = &m->v[i];
		if (!__atomic_load_n(&src->ended, __ATOMIC_ACQUIRE)) {
			*ret_running = true;
			continue;
		}
		if (src->r == -ECHILD)
			m->lost = src->err.msg; /* the rest goes on */
		else if (src->r != -ENODATA)
			return lnr_fail(err, src->r, "%s", src->err.msg);
		/* Its thread is gone; the numbers stay. */
		lnr_session_snapshot(src->session, src->engine);
	}
	return 0;
}

struct lnr_engine *lnr_more_engine(const struct lnr_more *m, size_t i)
{
	return m->v[i].engine;
}

uint64_t lnr_more_matches(const struct lnr_more *m, uint32_t rule)
{
	uint64_t sum = 0, n;
	const char *name;
	int priority;
	for (size_t i = 0; i < m->n; i++) {
		if (lnr_engine_rule_stats(m->v[i].engine, rule, &name, &priority, &n))
			sum += n;
	}
	return sum;
}

void lnr_more_done(struct lnr_more *m)
{
	lnr_more_stop(m);
	for (size_t i = 0; i < m->n; i++)
		lnr_engine_free(m->v[i].engine);
	free(m->v);
	*m = (struct lnr_more){0};
}
