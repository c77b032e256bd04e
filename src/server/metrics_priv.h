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

/* --- metrics.c --- */

struct lnr_digest {
	char *name; /* base name of the file */
	char sha256[65];
	bool config;
};

struct lnr_metrics {
	/* constant */
	bool rules, resources, state, kernel, plugins, per_cpu, empty, mb, to_rule, enabled;
	uint64_t interval_ns;
	uint64_t start_ns, reload_ns, boot_ns;
	char *engine_name, *source; /* engine_name NULL = replay */
	char hostname[256], release[128];
	long cpus;
	struct lnr_digest *digests;
	size_t n_digests;
	/* of the engine's thread */
	uint64_t next_ns, samples, last_sample_ns, last_evts, last_kernel_evts, last_kernel_drops;
	/* shared */
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool wanted;
	uint64_t answers;
	struct lnr_buf engine_text; /* Prometheus lines that only the engine's thread can write */
};

/* prometheus.c: append what needs the engine. */
void lnr_prometheus_engine(struct lnr_metrics *m, struct lnr_engine *engine,
	struct lnr_outputs *outputs, struct lnr_buf *out);
/* The rest. */
void lnr_prometheus_process(struct lnr_metrics *m, struct lnr_buf *out);
/* Characters outside [A-Za-z0-9_:] become one '_' per run, none at the end. */
void lnr_metric_name(struct lnr_buf *out, const char *text);
/* Is it one of the state group's counters? */
bool lnr_metric_is_state(const char *counter);
bool lnr_metric_is_kernel(const char *counter);

#endif
