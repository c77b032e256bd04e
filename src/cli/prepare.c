/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reload needs, made by a thread beside the running engines: configuration and rules read
 * and compiled, the probe extended, or another probe opened when settings of the engine changed.
 * The main thread only looks whether it is done.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include "base/clock.h"
#include "cli/session_priv.h"
#include "lanner/config.h"
#include "lanner/lanner.h"

/* Keys of what is opened with them; a difference in one opens it anew. */
static const char *const engine_keys[] = {"engine", "base_syscalls", "falco_libs", "rule_matching",
	"time_format_iso_8601", "buffer_format_base64", "capture", "syscall_event_drops",
	"syscall_event_timeouts", "plugins", "load_plugins", "k8s_audit", "kernel_filter",
	"metrics.libbpf_stats_enabled", NULL};

bool lnr_setup_differ(
	const struct lnr_config *a, const struct lnr_config *b, const char *const *keys)
{
	struct lnr_buf x, y;
	bool same = true;
	lnr_buf_init(&x, 0);
	lnr_buf_init(&y, 0);
	for (; *keys && same; keys++) {
		lnr_buf_clear(&x);
		lnr_buf_clear(&y);
		lnr_config_json(a, *keys, &x);
		lnr_config_json(b, *keys, &y);
		same = !x.failed && !y.failed && lnr_str_eq(lnr_buf_view(&x), lnr_buf_view(&y));
	}
	lnr_buf_done(&x);
	lnr_buf_done(&y);
	return !same;
}

static int read_anew(struct lnr_prepared *p, struct lnr_err *err)
{
	struct lnr_session *s = p->session;
	struct lnr_buf why;
	const char *path;
	lnr_buf_init(&why, 0);
	int r = lnr_setup_config(&p->setup, s->o, &path, err);
	if (!r)
		r = lnr_setup_plugins(&p->setup, s->o, err);
	if (!r)
		r = lnr_setup_sources(&p->setup, s->o, s->now.plugins, s->log, err);
	if (!r)
		r = lnr_setup_rules(&p->setup, s->o, s->log, &why, err);
	if (why.len)
		lnr_log(s->log, LNR_LOG_ERROR, "%s", why.ptr);
	lnr_buf_done(&why);
	return r;
}

/* The rules for the engines at work. */
static int prepare_rules(struct lnr_prepared *p, struct lnr_err *err)
{
	struct lnr_session *s = p->session;
	p->n_next = 1 + s->more.n;
	p->next = calloc(p->n_next, sizeof(*p->next));
	int r = p->next ? 0 : lnr_fail(err, -ENOMEM, "out of memory");
	for (size_t i = 0; !r && i < p->n_next; i++)
		r = lnr_engine_prepare(i ? lnr_more_engine(&s->more, i - 1) : s->engine,
			p->setup.rules, &p->next[i], err);
	return r;
}

static void *finish(struct lnr_prepared *p, int r, const struct lnr_err *err)
{
	if (r)
		lnr_err_text(err, p->why, sizeof(p->why));
	p->r = r;
	__atomic_store_n(&p->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void *work(void *arg)
{
	struct lnr_prepared *p = arg;
	struct lnr_err err = {0};
	int r = read_anew(p, &err);
	p->anew = !r && lnr_setup_differ(p->session->now.config, p->setup.config, engine_keys);
	if (!r && !p->anew)
		r = prepare_rules(p, &err);
	/* A probe can be extended so many times; another one then takes its place. */
	if (r == -ENOSPC) {
		p->anew = true;
		r = 0;
	}
	return finish(p, r, &err);
}

static void *open_first(void *arg)
{
	struct lnr_prepared *p = arg;
	struct lnr_session *s = p->session;
	struct lnr_err err = {0};
	int r = lnr_session_open_engine(
		s, &p->setup, lnr_setup_source(&p->setup, s->o, 0), &p->engine, &err);
	p->opened_ns = lnr_wall_ns(lnr_clock_system());
	return finish(p, r, &err);
}

static int start_thread(struct lnr_prepared *p, void *(*fn)(void *))
{
	sigset_t all, before;
	/* Signals are for the main thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int r = pthread_create(&p->thread, NULL, fn, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	p->running = !r;
	return -r;
}

int lnr_prepare(struct lnr_session *s, struct lnr_prepared **ret)
{
	struct lnr_prepared *p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->session = s;
	int r = start_thread(p, work);
	if (r)
		free(p);
	else
		*ret = p;
	return r;
}

static void join(struct lnr_prepared *p)
{
	if (p->running)
		pthread_join(p->thread, NULL);
	p->running = false;
}

/*
 * Two probes may watch at once, so the next one begins before the first ends. What a plugin opens
 * (a port, a file) may be there for one only: those sources wait for the swap.
 */
bool lnr_prepare_open(struct lnr_prepared *p)
{
	struct lnr_session *s = p->session;
	if (!p->anew || p->opening || !lnr_session_is_live(s, &p->setup))
		return false;
	p->opening = true;
	p->done = false;
	int r = start_thread(p, open_first);
	if (r) {
		struct lnr_err err = {0};
		lnr_fail(&err, r, "cannot start a thread: %s", strerror(-r));
		finish(p, r, &err);
	}
	return true;
}

bool lnr_prepare_done(struct lnr_prepared *p)
{
	if (!__atomic_load_n(&p->done, __ATOMIC_ACQUIRE))
		return false;
	join(p);
	return true;
}

static void *empty(void *arg)
{
	struct lnr_prepared *p = arg;
	for (size_t i = 0; i < p->n_next && p->next; i++)
		lnr_engine_next_free(p->next[i]);
	free(p->next);
	lnr_engine_free(p->engine);
	lnr_engine_free(p->old);
	lnr_setup_done(&p->setup);
	p->next = NULL;
	p->engine = p->old = NULL;
	return NULL;
}

struct lnr_prepared *lnr_prepared_retire(struct lnr_prepared *p)
{
	join(p);
	return start_thread(p, empty) ? lnr_prepared_free(p) : p;
}

struct lnr_prepared *lnr_prepared_free(struct lnr_prepared *p)
{
	if (!p)
		return NULL;
	join(p);
	empty(p);
	free(p);
	return NULL;
}
