/* SPDX-License-Identifier: Apache-2.0 */
/* An engine as engine.c, which drives it, and read.c see it. */
#ifndef LNR_ENGINE_SELF_PRIV_H
#define LNR_ENGINE_SELF_PRIV_H

#include "base/hash.h"
#include "engine/engine_priv.h"
#include "engine/plugins_priv.h"
#include "fields/core/names.h"
#include "schema/limits.h"

struct lnr_engine {
	struct lnr_engine_opts opts;
	struct lnr_plugins *plugins; /* counted; NULL = none */
	struct lnr_plugin_set plugin_set;
	struct lnr_str source; /* name of the event source */
	struct lnr_capture *capture;
	struct lnr_capture_item held; /* of the capture; an asynchronous event goes before it */
	bool holds;
	struct lnr_state *state;
	struct lnr_ruleset *rules;
	struct lnr_matcher *matcher;	/* for `source` */
	struct lnr_matcher **by_plugin; /* replay: for events of each plugin; NULL = no plugins */
	bool foreign;			/* ctx is set for the event of a plugin in a file */
	bool told_unknown;
	struct lnr_event ev;
	struct lnr_arena scratch;
	struct lnr_field_ctx ctx;
	struct lnr_names *names; /* of hosts, for rules about them; NULL = not live */
	struct lnr_alert_ids ids;
	struct lnr_buf work;
	struct lnr_selection selection;
	char **custom_set;	       /* NULL-terminated copy, or NULL */
	struct lnr_dump *dump;	       /* NULL = no capture files */
	struct lnr_recorder *recorder; /* NULL = nothing is recorded */
	bool record_matched;
	char *capture_prefix;
	struct lnr_drops drops;
	uint64_t judged_until; /* events up to then keep the state right and no more */
	uint32_t idle;	       /* reads without an event in a row */
	struct lnr_engine_stats stats;
	uint64_t *matches; /* per rule of `rules` */
	const struct lnr_rule **hits;
	char hostname[256];	/* of alerts */
	char evt_hostname[256]; /* of the machine that produced the events */
	/* lnr_engine_format() */
	struct lnr_arena format_arena;
	struct lnr_fieldset *format_fields;
	struct lnr_interner *format_interner;
	uint64_t *format_slots; /* of fields that keep something between events */
	size_t n_format_slots;
	struct lnr_strmap formats;
	/* lnr_engine_counter() */
	struct lnr_stat counters[LNR_ENGINE_COUNTERS];
	unsigned n_counters;
};

#endif
