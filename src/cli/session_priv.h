/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a session share. */
#ifndef LNR_CLI_SESSION_PRIV_H
#define LNR_CLI_SESSION_PRIV_H

#include <pthread.h>
#include "cli/session.h"

struct lnr_alert;
struct lnr_config;
struct lnr_engine;
struct lnr_metrics;
struct lnr_outputs;
struct lnr_plugins;
struct lnr_rules;
struct lnr_server;
struct lnr_watch;

/* Paths, NULL-terminated when n > 0. */
struct lnr_paths {
	char **v;
	size_t n;
};
int lnr_paths_add(struct lnr_paths *l, const char *path);
void lnr_paths_done(struct lnr_paths *l);

/* Configuration and rules as they were read at one time; made beside the running ones on reload. */
struct lnr_setup {
	struct lnr_config *config;
	struct lnr_plugins *plugins;
	struct lnr_rules *rules;
	struct lnr_paths files; /* of rules, in order of loading */
	struct lnr_paths dirs;	/* that rules files were found in */
};

/* Event sources beside the first (more.c). A plain value; zeroed = none. */
struct lnr_more_source;
struct lnr_more {
	struct lnr_more_source *v;
	size_t n;
	bool stop;	  /* atomic: threads are to rest */
	const char *lost; /* why the source of an isolated plugin broke; NULL = none did */
};

struct lnr_session {
	struct lnr_run_opts *o;
	struct lnr_log *log;
	struct lnr_signals *signals;
	struct lnr_setup now;
	struct lnr_outputs *outputs;
	struct lnr_engine *engine; /* of the first source */
	bool idle;		   /* it had nothing to do when it was stepped last */
	struct lnr_more more;
	struct lnr_metrics *metrics;
	struct lnr_server *server;
	struct lnr_watch *watch; /* NULL = files are not watched */
	FILE *metrics_file;	 /* NULL = none */
	uint64_t started_ns;	 /* monotonic */
	uint64_t start_wall_ns;
};

/* --- setup.c: configuration and rules --- */

/* Read the configuration; defaults for who has none. Findings are not reported here. */
int lnr_setup_config(struct lnr_setup *s, const struct lnr_run_opts *o, const char **ret_path,
	struct lnr_err *err);
/*
 * Rules by configuration and -r, selections applied. When files are invalid `why` gets the
 * explanation for a person and err the summary. Warnings go to the log.
 */
int lnr_setup_rules(struct lnr_setup *s, const struct lnr_run_opts *o, struct lnr_log *log,
	struct lnr_buf *why, struct lnr_err *err);
/* -V: load results as the reference prints them; returns the exit status. */
int lnr_setup_validate(
	const struct lnr_setup *s, const struct lnr_run_opts *o, struct lnr_log *log);
void lnr_setup_done(struct lnr_setup *s);

/* --- plugins and sources (sources.c) --- */

/* Load the plugins of the configuration, without starting them. */
int lnr_setup_plugins(struct lnr_setup *s, const struct lnr_run_opts *o, struct lnr_err *err);
/*
 * For commands that take nothing else from a configuration: its plugins; when path is NULL
 * those that are built in.
 * lnr_setup_done() is due in any case; returns the exit status.
 */
int lnr_cli_plugins(const char *path, struct lnr_setup *ret);
/*
 * Plugins that cannot start with their configuration, sources that do not exist. `running` are
 * those at work, or NULL: their sources are not started beside themselves.
 */
int lnr_setup_sources(struct lnr_setup *s, const struct lnr_run_opts *o,
	const struct lnr_plugins *running, struct lnr_log *log, struct lnr_err *err);
/* The wanted event sources, "syscall" first when it is one; NULL past the end. */
const char *lnr_setup_source(const struct lnr_setup *s, const struct lnr_run_opts *o, size_t i);
/* Does the configuration have the reference's container plugin, which is built in here? */
bool lnr_session_has_container(const struct lnr_config *config);

/* --- info.c: options that print something and end; -1 = none of them was given --- */

int lnr_session_before_config(const struct lnr_run_opts *o);
int lnr_session_info(struct lnr_session *s);
int lnr_session_describe(struct lnr_session *s);
int lnr_session_support(struct lnr_session *s);

/* --- run.c --- */

/* From outputs to statistics; returns the exit status. */
int lnr_session_run(struct lnr_session *s);
int lnr_session_open_engine(struct lnr_session *s, const struct lnr_setup *setup,
	const char *source, struct lnr_engine **ret, struct lnr_err *err);
int lnr_session_open_outputs(struct lnr_session *s, const struct lnr_setup *setup,
	struct lnr_outputs **ret, struct lnr_err *err);
/* Metrics and web server, as the configuration says. */
int lnr_session_open_web(struct lnr_session *s, struct lnr_err *err);
void lnr_session_close_web(struct lnr_session *s);
/* Other metrics and versions for a web server that stays. */
int lnr_session_update_web(struct lnr_session *s, struct lnr_err *err);
/* Are system calls watched that happen now? */
bool lnr_session_is_live(const struct lnr_session *s, const struct lnr_setup *setup);
/* Metrics that are due, of an engine whose thread calls this. */
void lnr_session_snapshot(struct lnr_session *s, struct lnr_engine *engine);
/* The engines judge what their sources have accepted; the other threads rest. */
void lnr_session_finish(struct lnr_session *s);
int lnr_session_write_pidfile(const struct lnr_session *s);
void lnr_session_statistics(struct lnr_session *s);

/* --- more.c: sources beside the first --- */

int lnr_more_open(struct lnr_session *s, const struct lnr_setup *setup, struct lnr_more *ret,
	struct lnr_err *err);
void lnr_more_done(struct lnr_more *m);
/* Threads work from here on; the ones of a stop rest and can be started again. */
int lnr_more_start(struct lnr_more *m, struct lnr_err *err);
void lnr_more_stop(struct lnr_more *m);
/* Fails when a source broke; *ret_running: some have not come to their end. */
int lnr_more_poll(struct lnr_more *m, bool *ret_running, struct lnr_err *err);
struct lnr_engine *lnr_more_engine(const struct lnr_more *m, size_t i);
/* While they rest: matches of a rule. */
uint64_t lnr_more_matches(const struct lnr_more *m, uint32_t rule);

/* --- prepare.c: what a reload needs, made by a thread beside the running engines --- */

struct lnr_prepared {
	struct lnr_session *session;
	pthread_t thread;
	bool running; /* to be joined */
	bool done;    /* atomic; what follows is valid then */
	int r;	      /* 0, or why not: */
	char why[1400];
	struct lnr_setup setup;
	bool anew;		       /* engines are to be opened, not to go on with other rules */
	bool opening;		       /* lnr_prepare_open() was called */
	struct lnr_engine *engine;     /* anew: the first one, opened already; NULL = at the swap */
	struct lnr_engine *old;	       /* the one that was replaced */
	uint64_t opened_ns;	       /* when it was watching at the latest, epoch */
	struct lnr_engine_next **next; /* else: for each engine */
	size_t n_next;
};
int lnr_prepare(struct lnr_session *s, struct lnr_prepared **ret);
/*
 * Afterwards, right before it is used: open the engine that takes the place of the first. False
 * when there is nothing to open. Its ring fills from then on.
 */
bool lnr_prepare_open(struct lnr_prepared *p);
/* Does not wait. */
bool lnr_prepare_done(struct lnr_prepared *p);
struct lnr_prepared *lnr_prepared_free(struct lnr_prepared *p); /* takes NULL; waits */
/* A thread takes away what it holds; returns what is to be freed later, or NULL. */
struct lnr_prepared *lnr_prepared_retire(struct lnr_prepared *p);
/* Do any of these keys have other values? */
bool lnr_setup_differ(
	const struct lnr_config *a, const struct lnr_config *b, const char *const *keys);

/* --- reload.c --- */

/* Look whether a reload was asked for, and carry one on. Negative: cannot go on. */
struct lnr_reload {
	enum { LNR_RELOAD_IDLE, LNR_RELOAD_SETTLE, LNR_RELOAD_WORK, LNR_RELOAD_HOLD } stage;
	uint64_t due_ns;
	bool again; /* WORK: something changed meanwhile */
	struct lnr_prepared *prepared, *retired;
};
int lnr_reload_poll(struct lnr_session *s, struct lnr_reload *r, struct lnr_err *err);
void lnr_reload_done(struct lnr_reload *r);

/* --- health.c --- */

/* Seen by the thread that steps the first engine. */
struct lnr_health {
	uint64_t events;	    /* when last looked */
	uint64_t seen_ns, asked_ns; /* monotonic: an event came; one was made */
	uint64_t told_ns;	    /* lnr_cli_watchdog() */
};
/* Tell the web server and the service manager that events flow, and make one when none do. */
void lnr_health_poll(struct lnr_session *s, struct lnr_health *h);

/* --- watch.c: changes of files and directories, by inotify --- */

int lnr_watch_new(struct lnr_watch **ret, struct lnr_err *err);
struct lnr_watch *lnr_watch_free(struct lnr_watch *w);
/* A file by name: it may be written, replaced, moved, or be a link that points elsewhere. */
int lnr_watch_file(struct lnr_watch *w, const char *path);
/* Anything in a directory. */
int lnr_watch_dir(struct lnr_watch *w, const char *path);
/* Did something change since the last call? Does not wait. */
bool lnr_watch_changed(struct lnr_watch *w);

#endif
