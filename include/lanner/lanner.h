/* SPDX-License-Identifier: Apache-2.0 */
/*
 * liblanner: watch one event source, decide with rules, hand out alerts.
 *
 * An engine is one source with its capture, its state and its rules. It starts no thread: the
 *caller drives it with lnr_engine_step() from one thread, and everything the engine calls back
 *happens inside that call. Rule sets and alerts are immutable and counted and may cross threads;
 *nothing else may. Functions return 0 or a negative errno; the reason for a person is in struct
 *lnr_err.
 *
 *	lnr_rules_new(NULL, &rules, &err);
 *	lnr_rules_add_file(rules, "rules.yaml", &err);
 *	struct lnr_engine_opts o = {.size = sizeof(o), .rules = rules, .on_alert = print_it};
 *	lnr_engine_new(&o, &engine, &err);
 *	while (lnr_engine_step(engine, &err) >= 0 && !stop)
 *		;
 *	lnr_engine_free(engine);
 */
#ifndef LANNER_LANNER_H
#define LANNER_LANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lnr_err;
struct lnr_log;
struct lnr_clock;
struct lnr_buf;
struct lnr_engine;
struct lnr_plugins;
struct lnr_rules;
struct lnr_alert;
struct lnr_event;

/* "0.1.0" */
const char *lnr_version(void);

/* Compatibility facts that rules, dashboards and plugins ask for (engine-config-cli 4.2). */
#define LNR_FALCO_VERSION  "0.44.1"
#define LNR_LIBS_VERSION   "0.25.4"
#define LNR_ENGINE_VERSION "0.62.0"
#define LNR_PLUGIN_API	   "3.12.0"
#define LNR_DRIVER_API	   "10.1.0"
#define LNR_DRIVER_SCHEMA  "4.5.1"

enum lnr_engine_kind {
	LNR_ENGINE_LIVE,     /* the kernel of this machine */
	LNR_ENGINE_REPLAY,   /* a capture file */
	LNR_ENGINE_NODRIVER, /* no system calls but those that a plugin provides */
	LNR_ENGINE_PLUGIN,   /* the source of a plugin, by its name */
};

/* What happens when too many events of a second were lost. */
enum {
	LNR_DROP_LOG = 1 << 0,	 /* a debug line of the log */
	LNR_DROP_ALERT = 1 << 1, /* an internal message */
	LNR_DROP_EXIT = 1 << 2,	 /* lnr_engine_step() fails with -EOVERFLOW */
};

/* A finished alert; borrowed during the call, keep it with lnr_alert_ref(). */
typedef void lnr_alert_fn(void *user, struct lnr_alert *alert);
/* Every event that reaches rules, before they are evaluated (for dumps); borrowed. */
typedef void lnr_event_fn(void *user, const struct lnr_event *ev);

struct lnr_engine_opts {
	size_t size; /* sizeof(struct lnr_engine_opts); bytes past what the library knows must be 0
		      */
	enum lnr_engine_kind kind;
	const char *capture_file; /* REPLAY: path, or "-" */
	struct lnr_rules *rules;  /* NULL = none; the engine takes what is compiled now */
	bool match_all;		  /* rule_matching: all */
	lnr_alert_fn *on_alert;	  /* or NULL */
	lnr_event_fn *on_event;	  /* or NULL */
	void *user;
	struct lnr_log *log;	       /* NULL = silent */
	const struct lnr_clock *clock; /* NULL = the system's */
	/* --- live --- */
	uint32_t buffer_bytes;	  /* per ring; 0 = 8 MiB */
	uint16_t cpus_per_buffer; /* 0 = one ring for all CPUs */
	bool drop_failed;
	uint32_t only_tgid;	       /* this process and its descendants only; 0 = all */
	bool all_syscalls;	       /* base_syscalls.all */
	bool repair;		       /* base_syscalls.repair */
	const char *const *custom_set; /* base_syscalls.custom_set, NULL-terminated, or NULL */
	/* --- both --- */
	uint32_t snaplen;			     /* bytes of I/O buffers; 0 = 80 */
	uint32_t max_threads;			     /* 0 = 262144 */
	uint32_t purge_interval_s, thread_timeout_s; /* 0 = 300 */
	/* --- what is done about lost events: syscall_event_drops (engine-config-cli 2.8) --- */
	unsigned drop_actions;	      /* LNR_DROP_ bits; 0 = nothing */
	double drop_threshold;	      /* share of a second's events above which it is done */
	double drop_rate, drop_burst; /* actions per second, and at once */
	bool simulate_drops;	      /* for tests: one loss per second */
	uint32_t max_seconds;  /* the source ends that much event time after its first; 0 = never */
	uint32_t max_timeouts; /* empty reads in a row that are reported; 0 = never */
	/* --- capture files: what happened after a match (engine-config-cli 2.3) --- */
	const char *capture_prefix; /* NULL = none are written */
	bool capture_all;	    /* every rule starts one, not only those with capture: true */
	uint32_t capture_ms;	    /* duration where the rule says none */
	uint32_t capture_max_mb;    /* 0 = no limit */
	uint32_t capture_before_ms; /* what came before the match is in the file, too */
	/* --- alerts --- */
	const char *hostname;  /* NULL = FALCO_HOSTNAME, else the machine's (file: the capture's) */
	bool time_iso8601;     /* alerts carry evt.time.iso8601 instead of evt.time */
	uint8_t buffer_format; /* 0 printable, 1 base64 */
	/* --- plugins: instances of its own of those with a part in the source --- */
	struct lnr_plugins *plugins; /* NULL = none; the engine is one more user */
	const char *source;	     /* PLUGIN: name of the event source */
	bool no_hostinfo;	     /* PLUGIN: its events know nothing of this machine */
	bool program_stats;	     /* live: counters hold run times of the probe's programs */
	bool keep_unwanted;	     /* live: also what no rule can match and nothing else needs */
};

int lnr_engine_new(
	const struct lnr_engine_opts *opts, struct lnr_engine **ret, struct lnr_err *err);
struct lnr_engine *lnr_engine_free(struct lnr_engine *e); /* takes NULL; returns NULL */

/*
 * Take one event through the engine. 1 = an event was processed, 0 = nothing to do for now (a live
 * source has already waited for up to about 30 ms), -ENODATA = end of the source, -ECHILD:
 * the process of an isolated plugin ended and with it the source, anything else: the source broke,
 * reason in err.
 */
int lnr_engine_step(struct lnr_engine *e, struct lnr_err *err);
/*
 * At most `max` events, and of a slow source as many as come in about 30 ms; returns like step, 1
 * if any event was processed.
 */
int lnr_engine_run(struct lnr_engine *e, unsigned max, struct lnr_err *err);
/*
 * The end: judge what the source has accepted and not yet given (request bodies that wait), for at
 * most `timeout_ms`; nothing new is accepted. Sources without such a store have nothing to do.
 */
void lnr_engine_finish(struct lnr_engine *e, uint32_t timeout_ms);
/* Swap the rules between two events. On failure the old ones stay. */
int lnr_engine_reload(struct lnr_engine *e, struct lnr_rules *rules, struct lnr_err *err);
/*
 * The two halves of it: what takes time (networks, programs of the probe) may be made by another
 * thread while the engine is stepped, one at a time; the swap is the stepping thread's, takes
 * microseconds and cannot fail. Afterwards `next` holds what was in use until then.
 */
struct lnr_engine_next;
int lnr_engine_prepare(struct lnr_engine *e, struct lnr_rules *rules, struct lnr_engine_next **ret,
	struct lnr_err *err);
void lnr_engine_swap(struct lnr_engine *e, struct lnr_engine_next *next);
struct lnr_engine_next *lnr_engine_next_free(struct lnr_engine_next *n); /* takes NULL */
/*
 * This engine goes on where another one, which watched the same source meanwhile, stops: events up
 * to and including time `ts` were judged there; here they keep the state right and match nothing.
 */
void lnr_engine_follow(struct lnr_engine *e, uint64_t ts);
/* As in lnr_engine_stats(), without its walk over all processes. */
uint64_t lnr_engine_events(const struct lnr_engine *e);
uint64_t lnr_engine_last_ts(const struct lnr_engine *e);

/*
 * What rules and their checks cost since the rules came: a table for people, most asked first, with
 * at most `max` rows of each kind (0 = all). -EINVAL without rules.
 */
struct lnr_buf;
int lnr_engine_profile(struct lnr_engine *e, unsigned max, struct lnr_buf *out);

/* --- recording --- */

struct lnr_record_opts {
	const char *path;
	bool plain;	       /* not compressed */
	bool matched_only;     /* only events that a rule of the engine matches */
	uint64_t rotate_bytes; /* go on in another file at this size; 0 = one file */
	uint64_t rotate_files; /* how many files, the oldest is written over; 0 = no limit */
	/*
	 * Write into the file of this engine, which records already and has not been stepped; path
	 * and form are its. Each is stepped by a thread of its own. NULL = a file of one's own.
	 */
	struct lnr_engine *with;
};

/* Write the events from now on into a capture file, begun with the next event. One at a time. */
int lnr_engine_record(
	struct lnr_engine *e, const struct lnr_record_opts *opts, struct lnr_err *err);
/* Finish the file. Does nothing when none is written. */
int lnr_engine_record_end(struct lnr_engine *e, struct lnr_err *err);
/* So far, all files together. */
void lnr_engine_recorded(struct lnr_engine *e, uint64_t *ret_events, uint64_t *ret_bytes);

struct lnr_engine_stats {
	uint64_t events; /* numbered so far (evt.num), state-only ones included */
	uint64_t alerts;
	uint64_t bad_records;		    /* undecodable, skipped */
	uint64_t unknown_events;	    /* of a type this version does not know, skipped */
	uint64_t drops;			    /* lost by the source, all reasons */
	uint64_t first_ts, last_ts;	    /* of events, epoch ns; 0 = none yet */
	uint32_t threads, fds;		    /* known now */
	uint64_t drop_events, drop_actions; /* seconds with too many losses; actions taken then */
};
void lnr_engine_stats(struct lnr_engine *e, struct lnr_engine_stats *ret);
/* Matches of rule `i` (order of definition): name, priority number, count. False past the end. */
bool lnr_engine_rule_stats(struct lnr_engine *e, uint32_t i, const char **ret_name,
	int *ret_priority, uint64_t *ret_n);
/* The rule's event source, and its tag `k`; NULL past the end. */
const char *lnr_engine_rule_source(struct lnr_engine *e, uint32_t i);
const char *lnr_engine_rule_tag(struct lnr_engine *e, uint32_t i, uint32_t k);
/* One named counter after the other ("n_drops_buffer_open_exit", "n_threads" …). False past the
 * end. */
bool lnr_engine_counter(
	struct lnr_engine *e, unsigned i, const char **ret_name, uint64_t *ret_value);
/* What the plugins of the engine count: grows = never goes down; value = a number as text. */
typedef void lnr_plugin_metric_fn(
	void *user, const char *plugin, const char *metric, bool grows, const char *value);
void lnr_engine_plugin_metrics(struct lnr_engine *e, lnr_plugin_metric_fn *fn, void *user);
/*
 * Another init_config for a plugin of the engine, between two events. -ENOENT: it has no part in
 * the source; -ENOTSUP: it takes none while it works; -EINVAL: it, or its schema, refuses.
 */
int lnr_engine_configure_plugin(
	struct lnr_engine *e, const char *name, const char *config, struct lnr_err *err);
/* Share of a file consumed, 0..1; -1 when the source has no end. */
double lnr_engine_progress(struct lnr_engine *e);
/* Names of the system calls asked from the kernel, separated by blanks. */
void lnr_engine_syscalls(struct lnr_engine *e, struct lnr_buf *out);

/*
 * Render an output format ("%proc.name %fd.name") for the event of the on_event or on_alert call in
 * progress. Compiled at its first use and kept by the engine.
 */
int lnr_engine_format(
	struct lnr_engine *e, const char *format, struct lnr_buf *out, struct lnr_err *err);

/* --- what the machine allows --- */

struct lnr_hook {
	const char *name, *purpose;
	bool required;
	int result;	  /* 0 = works; negative errno */
	char reason[256]; /* why not, for a person */
};
/* Try every kernel hook alone. Fills at most max rows, returns how many exist. Needs privileges. */
unsigned lnr_hooks_try(struct lnr_hook *ret, unsigned max);

/* --- listings: format is "text", "markdown" or "json" --- */
/* High-volume system calls that are not armed without base_syscalls.all, a name per line. */
int lnr_list_ignored(struct lnr_buf *out);
int lnr_list_events(struct lnr_buf *out, const char *format, struct lnr_err *err);
/* source NULL = all; names_only and verbose as Falco's -N and -v. */
int lnr_list_fields(struct lnr_buf *out, const char *format, const char *source, bool names_only,
	bool verbose, struct lnr_err *err);

#ifdef __cplusplus
}
#endif

#endif
