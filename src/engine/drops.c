/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done about lost events (spec engine-config-cli 2.8): once per second of event time the
 * share of losses is compared with a threshold; actions are rationed by a token bucket, so that a
 * machine under load is not buried in messages about it.
 */
#include "engine/engine_priv.h"

#include <inttypes.h>
#include <stdio.h>

static bool take_token(struct lnr_drops *d, const struct lnr_engine_opts *opts, uint64_t ts)
{
	if (!d->refilled)
		d->tokens = opts->drop_burst;
	else if (ts > d->refilled)
		d->tokens += (double)(ts - d->refilled) / LNR_NS_PER_SEC * opts->drop_rate;
	if (d->tokens > opts->drop_burst)
		d->tokens = opts->drop_burst;
	d->refilled = ts;
	if (d->tokens < 1)
		return false;
	d->tokens -= 1;
	return true;
}

unsigned lnr_drops_check(struct lnr_drops *d, const struct lnr_engine_opts *opts, uint64_t ts,
	lnr_number_fn *number, void *user, uint64_t *ret_n)
{
	bool first = !d->next_check;
	if (!first && ts <= d->next_check)
		return 0;
	uint64_t evts = number(user, "n_evts"), drops = number(user, "n_drops");
	uint64_t lost = drops - d->last_drops, seen = evts - d->last_evts;
	d->next_check = ts + LNR_NS_PER_SEC;
	d->last_evts = evts;
	d->last_drops = drops;
	if (first)
		return 0;
	lost += opts->simulate_drops;
	double share = seen ? (double)lost / (double)seen : 1;
	if (!lost || (share <= opts->drop_threshold && !opts->simulate_drops))
		return 0;
	d->seen++;
	*ret_n = lost;
	if (!take_token(d, opts, ts)) {
		lnr_log(opts->log, LNR_LOG_DEBUG,
			"events were lost, but syscall_event_drops.rate leaves no action for it");
		return 0;
	}
	d->acted++;
	return opts->drop_actions;
}

int lnr_drops_alert(const struct lnr_drops *d, const struct lnr_engine_opts *opts, uint64_t ts,
	uint64_t n, const char *hostname, lnr_number_fn *number, void *user, struct lnr_alert **ret)
{
	/* In order of the keys, as lnr_alert_internal() wants them. */
	static const char *const names[] = {"ebpf_enabled", "n_drops",
		"n_drops_buffer_clone_fork_exit", "n_drops_buffer_close_exit",
		"n_drops_buffer_connect_exit", "n_drops_buffer_dir_file_exit",
		"n_drops_buffer_execve_exit", "n_drops_buffer_open_exit",
		"n_drops_buffer_other_interest_exit", "n_drops_buffer_proc_exit",
		"n_drops_buffer_total", "n_drops_bug", "n_drops_page_faults", "n_drops_scratch_map",
		"n_evts"};
	const char *fields[2 * LNR_ARRAY_SIZE(names) + 1] = {0};
	char values[LNR_ARRAY_SIZE(names)][24], text[128];
	for (size_t i = 0; i < LNR_ARRAY_SIZE(names); i++) {
		uint64_t v = i == 0   ? opts->kind == LNR_ENGINE_LIVE
			     : i == 1 ? n
				      : number(user, names[i]);
		snprintf(values[i], sizeof(values[i]), "\"%" PRIu64 "\"", v);
		fields[2 * i] = names[i];
		fields[2 * i + 1] = values[i];
	}
	(void)d;
	snprintf(text, sizeof(text),
		"Falco internal: syscall event drop. %" PRIu64
		" system calls dropped in last second.",
		n);
	return lnr_alert_internal("Falco internal: syscall event drop", LNR_PRIO_DEBUG, ts, text,
		fields, hostname, ret);
}
