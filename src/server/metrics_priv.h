/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LNR_SERVER_METRICS_PRIV_H
#define LNR_SERVER_METRICS_PRIV_H

#include <pthread.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "lanner/lanner.h"
#include "lanner/outputs.h"
#include "lanner/server.h"

/* --- resources.c: what the machine says about itself and us --- */

struct lnr_resources {
	double cpu_perc, host_cpu_perc; /* mean since the start of the process, of the machine */
	uint64_t rss_kb, vsz_kb, pss_kb;
	uint64_t container_bytes, host_used_kb;
	uint64_t host_procs_running, host_open_fds;
};
void lnr_resources_read(struct lnr_resources *ret);
uint64_t lnr_resources_boot_ns(void); /* epoch */

struct lnr_digest {
	char *name; /* base name of the file */
	char sha256[65];
	bool config;
};

/* --- samples.c: numbers under Prometheus' names, of several engines together --- */

struct lnr_sample {
	const char *name, *type;
	const char *labels; /* "" or "{…}" */
	char value[40];
};

struct lnr_samples {
	struct lnr_arena arena;
	struct lnr_sample *v;
	size_t n, cap;
	bool failed; /* out of memory */
};

void lnr_samples_init(struct lnr_samples *s);
void lnr_samples_clear(struct lnr_samples *s);
void lnr_samples_done(struct lnr_samples *s);
/* Texts are copied, `type` is a literal. */
void lnr_samples_add(struct lnr_samples *s, const char *name, const char *type, const char *labels,
	const char *value);
void lnr_samples_append(struct lnr_samples *s, const struct lnr_samples *more);
/* Sorted by metric; equal ones, of several engines, added up. */
void lnr_samples_write(struct lnr_samples *s, struct lnr_buf *out);

/* --- delivery.c: what outputs took, and what waits for them --- */

void lnr_prometheus_outputs(struct lnr_outputs *outputs, struct lnr_samples *out);
/* The same for a snapshot: called with each key and number. Only with a spool. */
void lnr_delivery_each(struct lnr_outputs *outputs,
	void (*each)(void *user, const char *key, uint64_t v), void *user);

/* --- metrics.c --- */

/* What belongs to one engine. */
struct lnr_metrics_source {
	const struct lnr_engine *engine; /* NULL = any that is not one of the others */
	char *engine_name, *name;	 /* engine_name NULL = replay */
	/* of the engine's thread */
	uint64_t next_ns, taken, last_sample_ns, last_evts, last_kernel_evts, last_kernel_drops;
	/* shared; `wanted` is atomic, so that to see that nothing is wanted takes no lock */
	bool wanted;
	uint64_t answers;
	struct lnr_samples samples; /* what only the engine's thread can read */
};

struct lnr_metrics {
	/* constant */
	bool rules, resources, state, kernel, plugins, per_cpu, iter, libbpf, jemalloc;
	bool empty, mb, to_rule, enabled;
	uint64_t interval_ns;
	uint64_t start_ns, reload_ns, boot_ns;
	char hostname[256], release[128];
	long cpus;
	struct lnr_digest *digests;
	size_t n_digests;
	struct lnr_metrics_source *sources;
	size_t n_sources;
	/* shared */
	unsigned refs;		    /* atomic */
	bool retired;		    /* no engine comes by any more */
	uint64_t samples;	    /* atomic: snapshots of all sources */
	uint64_t dropped;	    /* by the queue of outputs, as of the last answer */
	struct lnr_samples outputs; /* of each of them, likewise */
	pthread_mutex_t lock;
	pthread_cond_t answered;
};

/* prometheus.c: what needs the engine. */
void lnr_prometheus_engine(
	const struct lnr_metrics *m, struct lnr_engine *engine, struct lnr_samples *out);
/* The rest. */
void lnr_prometheus_process(const struct lnr_metrics *m, struct lnr_buf *out);
/* Characters outside [A-Za-z0-9_:] become one '_' per run, none at the end. */
void lnr_metric_name(struct lnr_buf *out, const char *text);

/* --- groups.c --- */

enum lnr_metric_group {
	LNR_METRIC_OTHER, /* for -v only */
	LNR_METRIC_STATE,
	LNR_METRIC_KERNEL,
	LNR_METRIC_CPU,
	LNR_METRIC_ITER,   /* the scan at the start */
	LNR_METRIC_LIBBPF, /* run times of probe programs */
	LNR_METRIC_AUDIT,  /* of the source k8s_audit: with the numbers of plugins */
};
enum lnr_metric_group lnr_metric_group(const char *counter);
/* Is the group wanted? */
bool lnr_metric_group_on(const struct lnr_metrics *m, enum lnr_metric_group group);

/* --- jemalloc.c: nothing where the allocator is another --- */
void lnr_jemalloc_read(void (*fn)(void *user, const char *stat, uint64_t bytes), void *user);

#endif
