/* SPDX-License-Identifier: Apache-2.0 */
/* Which group of numbers a counter of the engine belongs to (spec engine-config-cli 7.1). */
#include <inttypes.h>
#include <stdio.h>
#include "server/metrics_priv.h"

static const char *const state_names[] = {"n_threads", "n_fds", "n_noncached_fd_lookups",
	"n_cached_fd_lookups", "n_failed_fd_lookups", "n_added_fds", "n_removed_fds",
	"n_stored_evts", "n_store_evts_drops", "n_retrieved_evts", "n_retrieve_evts_drops",
	"n_noncached_thread_lookups", "n_cached_thread_lookups", "n_failed_thread_lookups",
	"n_added_threads", "n_removed_threads", "n_drops_full_threadtable"};
static const char *const kernel_names[] = {
	"n_evts", "n_drops", "n_drops_scratch_map", "n_drops_page_faults", "n_drops_bug"};

static bool listed(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static bool starts(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

enum lnr_metric_group lnr_metric_group(const char *counter)
{
	if (listed(state_names, LNR_ARRAY_SIZE(state_names), counter))
		return LNR_METRIC_STATE;
	if (starts(counter, "n_evts_cpu_") || starts(counter, "n_drops_cpu_"))
		return LNR_METRIC_CPU;
	if (starts(counter, "n_evts_task") || starts(counter, "n_drops_task"))
		return LNR_METRIC_ITER;
	if (listed(kernel_names, LNR_ARRAY_SIZE(kernel_names), counter) ||
		starts(counter, "n_drops_buffer_"))
		return LNR_METRIC_KERNEL;
	if (starts(counter, "n_audit_"))
		return LNR_METRIC_AUDIT;
	return strchr(counter, '.') ? LNR_METRIC_LIBBPF : LNR_METRIC_OTHER;
}

bool lnr_metric_group_on(const struct lnr_metrics *m, enum lnr_metric_group group)
{
	switch (group) {
	case LNR_METRIC_STATE:
		return m->state;
	case LNR_METRIC_KERNEL:
		return m->kernel;
	case LNR_METRIC_CPU:
		return m->kernel && m->per_cpu;
	case LNR_METRIC_ITER:
		return m->iter;
	case LNR_METRIC_LIBBPF:
		return m->libbpf;
	case LNR_METRIC_AUDIT:
		return m->plugins;
	case LNR_METRIC_OTHER:
		break;
	}
	return false;
}
