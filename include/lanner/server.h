/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers about the program (spec engine-config-cli 7), and the web server that shows them, health
 * and versions (2.7).
 *
 * A struct lnr_metrics shows one engine, and others that are added to it. lnr_metrics_poll() and
 * lnr_metrics_snapshot() are called by the thread that steps the engine; the web server's threads
 * ask for numbers and the first of these calls answers, so that no counter is read while it
 * changes. Everything else may be called from any thread.
 */
#ifndef LANNER_SERVER_H
#define LANNER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lnr_err;
struct lnr_log;
struct lnr_buf;
struct lnr_alert;
struct lnr_config;
struct lnr_engine;
struct lnr_outputs;
struct lnr_metrics;
struct lnr_plugins;
struct lnr_server;

struct lnr_metrics_opts {
	size_t size;
	const struct lnr_config *config; /* read during the call only */
	const char *const *rules_files;	 /* paths, NULL-terminated: their digests are shown */
	const char *engine_name;	 /* "modern_bpf", "nodriver"; NULL = not shown (replay) */
	const char *source;		 /* "syscall" */
	uint64_t start_ns, reload_ns;	 /* epoch: of the program, of this configuration */
};
int lnr_metrics_new(
	const struct lnr_metrics_opts *opts, struct lnr_metrics **ret, struct lnr_err *err);
/* Counts down; takes NULL; returns NULL. */
struct lnr_metrics *lnr_metrics_free(struct lnr_metrics *m);

/*
 * One more engine, before any thread uses `m`. An engine that was not added is taken for the one of
 * the options. Prometheus shows the sum of what several have in common; snapshots are of one.
 */
int lnr_metrics_add(struct lnr_metrics *m, const struct lnr_engine *engine, const char *engine_name,
	const char *source, struct lnr_err *err);

/* Answer what the web server waits for. Cheap when it waits for nothing. */
void lnr_metrics_poll(
	struct lnr_metrics *m, struct lnr_engine *engine, struct lnr_outputs *outputs);
/*
 * Take a snapshot: *ret is the internal alert that carries it, or NULL (and *line untouched) when
 * it is not yet time; line gets {"sample": N, "output_fields": {…}}, N counting those of all
 * engines. The first of an engine is taken at once, the next at each interval. 0 or -ENOMEM.
 */
int lnr_metrics_snapshot(struct lnr_metrics *m, struct lnr_engine *engine,
	struct lnr_outputs *outputs, uint64_t now_mono_ns, struct lnr_alert **ret,
	struct lnr_buf *line);
/* Prometheus text, waiting shortly for the engines' threads. 0 or -ENOMEM. */
int lnr_metrics_prometheus(struct lnr_metrics *m, struct lnr_buf *out);

/*
 * Counted: the web server may still be writing the answer of one that is replaced. An engine that
 * is gone does not come by any more; who waits for it is told with lnr_metrics_retire().
 */
struct lnr_metrics *lnr_metrics_ref(struct lnr_metrics *m);
void lnr_metrics_retire(struct lnr_metrics *m);

struct lnr_server_opts {
	size_t size;
	const struct lnr_config *config;   /* read during the call only */
	const struct lnr_plugins *plugins; /* their versions are shown; NULL = none */
	struct lnr_metrics *metrics;	   /* for /metrics; NULL = there is none */
	struct lnr_log *log;
};
/* Listen and serve by threads of its own, as the configuration says. */
int lnr_server_new(
	const struct lnr_server_opts *opts, struct lnr_server **ret, struct lnr_err *err);
struct lnr_server *lnr_server_free(struct lnr_server *s); /* takes NULL; returns NULL */
/* After a reload: other metrics and plugins, without closing the port. 0 or -ENOMEM. */
int lnr_server_update(
	struct lnr_server *s, struct lnr_metrics *metrics, const struct lnr_plugins *plugins);

/* Seconds without any event after which health is false: three times what a quiet machine takes. */
#define LNR_HEALTH_S 15
/*
 * Events were seen to flow at this time (monotonic). Health is true as long as that was less than
 * LNR_HEALTH_S ago; before the first call, since the start.
 */
void lnr_server_alive(struct lnr_server *s, uint64_t mono_ns);

/*
 * POST /reload with the header "Authorization: Bearer TOKEN", where webserver.reload_token is set.
 * Takes the requests that came since the last call; true if there were some. They wait until they
 * are answered: rules in use, or why they could not be loaded (NULL = they were).
 */
bool lnr_server_reload_asked(struct lnr_server *s);
void lnr_server_reload_answer(struct lnr_server *s, uint32_t rules, const char *why);

/* The versions of this program, and of the plugins when there are some, as a JSON object (4.2). */
void lnr_versions_json(const struct lnr_plugins *plugins, struct lnr_buf *out);

#ifdef __cplusplus
}
#endif

#endif
