/* SPDX-License-Identifier: Apache-2.0 */
/* lanner record FILE: write events of this machine, or of another capture, into a capture file. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include "base/clock.h"
#include "cli/condition.h"
#include "cli/progress.h"
#include "cli/session_priv.h"
#include "lanner/lanner.h"
#include "lanner/rules.h"

struct opts {
	const char *filter, *from, *config;
	struct lnr_opt_list sources;
	uint64_t seconds, events, megabytes, rotate, files, tgid;
	bool plain, all;
};

#define ROW(kind, shrt, lng, arg, member, help)                           \
	{                                                                 \
		kind, shrt, lng, arg, offsetof(struct opts, member), help \
	}

static const struct lnr_opt rows[] = {
	ROW(LNR_OPT_STR, 'w', "filter", "CONDITION", filter, "only events that match"),
	ROW(LNR_OPT_STR, 'f', "from", "FILE", from, "read this capture instead of the machine"),
	ROW(LNR_OPT_STR, 'c', "config", "FILE", config, "take the plugins of this configuration"),
	ROW(LNR_OPT_LIST, 'S', "source", "NAME", sources, "event source, repeatable (syscall)"),
	ROW(LNR_OPT_UINT, 'd', "duration", "SECONDS", seconds, "stop after so long"),
	ROW(LNR_OPT_UINT, 'n', "events", "N", events, "stop after so many events"),
	ROW(LNR_OPT_UINT, 's', "size", "MB", megabytes, "stop at this size, all files together"),
	ROW(LNR_OPT_UINT, 'r', "rotate", "MB", rotate, "go on in another file at this size"),
	ROW(LNR_OPT_UINT, 'k', "files", "N", files, "with --rotate: keep so many files"),
	ROW(LNR_OPT_FLAG, 'p', "plain", NULL, plain, "not compressed"),
	ROW(LNR_OPT_FLAG, 'a', "all", NULL, all, "high-volume calls (read, write, …), too"),
	ROW(LNR_OPT_UINT, 't', "tgid", "PID", tgid, "live: only this process and its descendants"),
	{0},
};

static bool enough(struct lnr_engine *e, const struct opts *o, uint64_t began)
{
	uint64_t events, bytes;
	if (o->seconds && lnr_mono_ns(lnr_clock_system()) - began >= o->seconds * LNR_NS_PER_SEC)
		return true;
	if (!o->events && !o->megabytes)
		return false;
	lnr_engine_recorded(e, &events, &bytes);
	return (o->events && events >= o->events) || (o->megabytes && bytes >= o->megabytes << 20);
}

/* --- event sources: the first in this thread, each other one in its own, into one file --- */

struct source {
	struct lnr_engine *engine;
	pthread_t thread;
	bool running; /* the thread is to be joined */
	bool *stop;   /* atomic, of all */
	bool ended;   /* atomic */
	int r;	      /* how, valid when ended */
	struct lnr_err err;
};

struct sources {
	struct source *v; /* the first is the one of this thread */
	size_t n;
	bool stop;
};

static void *drive(void *arg)
{
	struct source *s = arg;
	int r = 0;
	while (r >= 0 && !__atomic_load_n(s->stop, __ATOMIC_ACQUIRE))
		r = lnr_engine_run(s->engine, 256, &s->err);
	s->r = r;
	__atomic_store_n(&s->ended, true, __ATOMIC_RELEASE);
	return NULL;
}

static int start_threads(struct sources *all)
{
	sigset_t every, before;
	int r = 0;
	sigfillset(&every); /* signals are for the thread that looks at them */
	pthread_sigmask(SIG_SETMASK, &every, &before);
	for (size_t i = 1; !r && i < all->n; i++) {
		all->v[i].stop = &all->stop;
		r = pthread_create(&all->v[i].thread, NULL, drive, &all->v[i]);
		all->v[i].running = !r;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r ? lnr_die("cannot start a thread: %s", strerror(r)) : 0;
}

/* Waits for them; the first that broke is reported. */
static int stop_threads(struct sources *all)
{
	int status = 0;
	__atomic_store_n(&all->stop, true, __ATOMIC_RELEASE);
	for (size_t i = 1; i < all->n; i++) {
		struct source *s = &all->v[i];
		if (s->running)
			pthread_join(s->thread, NULL);
		if (s->running && s->r < 0 && s->r != -ENODATA && !status)
			status = lnr_die("%s", s->err.msg);
		s->running = false;
	}
	return status;
}

static bool others_run(const struct sources *all)
{
	for (size_t i = 1; i < all->n; i++) {
		if (!__atomic_load_n(&all->v[i].ended, __ATOMIC_ACQUIRE))
			return true;
	}
	return false;
}

static int loop(struct sources *all, const struct opts *o)
{
	const struct lnr_clock *clock = lnr_clock_system();
	struct lnr_signals *signals = lnr_cli_signals();
	struct source *s = &all->v[0];
	struct lnr_err err = {0};
	uint64_t began = lnr_mono_ns(clock), events, bytes;
	int status = start_threads(all);
	struct lnr_progress progress;
	lnr_progress_begin(&progress, s->engine);
	while (!status && !signals->stop && !enough(s->engine, o, began)) {
		if (s->r >= 0)
			s->r = lnr_engine_run(s->engine, o->events ? 1 : 256, &s->err);
		if (s->r < 0 && (s->r != -ENODATA || !others_run(all)))
			break;
		if (s->r < 0)
			clock->sleep_ns(clock, 10 * LNR_NS_PER_MS);
		lnr_progress_step(&progress);
	}
	lnr_progress_clear(&progress);
	int more = stop_threads(all);
	if (s->r < 0 && s->r != -ENODATA && !status)
		status = lnr_die("%s", s->err.msg);
	lnr_engine_recorded(s->engine, &events, &bytes);
	for (size_t i = 0; i < all->n; i++) {
		if (lnr_engine_record_end(all->v[i].engine, &err) && !status)
			status = lnr_die("%s", err.msg);
	}
	fprintf(stderr, "%" PRIu64 " events, %" PRIu64 " bytes\n", events, bytes);
	return status ? status : more;
}

/* --- the command --- */

static int open_source(struct sources *all, const struct opts *o, struct lnr_plugins *plugins,
	struct lnr_rules *rules, const char *name, const char *file)
{
	static const char *const everything[] = {"!no_such_call", NULL};
	struct lnr_err err = {0};
	struct source *s = &all->v[all->n];
	bool calls = strcmp(name, "syscall") == 0;
	const struct lnr_engine_opts eo = {.size = sizeof(eo),
		.kind = o->from ? LNR_ENGINE_REPLAY
			: calls ? LNR_ENGINE_LIVE
				: LNR_ENGINE_PLUGIN,
		.capture_file = o->from,
		.rules = rules,
		.match_all = true,
		.all_syscalls = o->all,
		/* The whole state set: whoever replays the file must be able to follow. */
		.custom_set = o->from ? NULL : everything,
		.only_tgid = (uint32_t)o->tgid,
		.plugins = plugins,
		.source = name};
	const struct lnr_record_opts ro = {.path = file,
		.plain = o->plain,
		.matched_only = o->filter != NULL,
		.rotate_bytes = o->rotate << 20,
		.rotate_files = o->files,
		.with = all->n ? all->v[0].engine : NULL};
	if (lnr_engine_new(&eo, &s->engine, &err))
		return lnr_die("%s", err.msg);
	all->n++;
	return lnr_engine_record(s->engine, &ro, &err) ? lnr_die("%s", err.msg) : 0;
}

static int record(const struct opts *o, struct lnr_plugins *plugins, const char *file)
{
	static const char *usual[] = {"syscall", NULL};
	struct lnr_rules *rules = NULL;
	const char **names = o->sources.n ? o->sources.v : usual;
	struct sources all = {.v = calloc(o->sources.n + 1, sizeof(*all.v))};
	if (!all.v)
		return lnr_die("out of memory");
	int status = o->filter ? lnr_cli_condition(o->filter, plugins, names, &rules) : 0;
	for (size_t i = 0; !status && names[i] && (i == 0 || !o->from); i++)
		status = open_source(&all, o, plugins, rules, names[i], file);
	if (!status)
		status = loop(&all, o);
	for (size_t i = all.n; i-- > 0;)
		lnr_engine_free(all.v[i].engine);
	free(all.v);
	lnr_rules_free(rules);
	return status;
}

static int run(void *opts, const char **rest)
{
	struct opts *o = opts;
	struct lnr_setup setup;
	if (!rest[0] || rest[1])
		return lnr_die("record needs one file to write; see 'lanner help record'");
	int status = lnr_cli_plugins(o->config, &setup);
	if (!status)
		status = record(o, setup.plugins, rest[0]);
	lnr_setup_done(&setup);
	return status;
}

const struct lnr_cmd lnr_cmd_record = {
	.name = "record",
	.summary = "write events of this machine, or of a capture, into a capture file",
	.args = "FILE",
	.opts = rows,
	.opts_size = sizeof(struct opts),
	.run = run,
};
