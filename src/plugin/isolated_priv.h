/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the agent's side of isolated plugins share. */
#ifndef LNR_PLUGIN_ISOLATED_PRIV_H
#define LNR_PLUGIN_ISOLATED_PRIV_H

#include <sys/types.h>
#include "plugin/isolated.h"
#include "plugin/wire.h"

/* A field with its argument that was asked for; its place is its number to the process. */
struct lnr_isolated_ask {
	uint32_t id, present;
	uint64_t index;
	char *key;	  /* NULL = none */
	uint32_t asked;	  /* for events of this window */
	uint64_t counted; /* event that was counted last */
	bool often;	  /* for many events: comes along when another one is asked for */
	int32_t wanted;	  /* place among the values that come with events; -1 = none */
	uint64_t stamp;	  /* event that `value` is of */
	struct lnr_str value;
};

struct lnr_isolated {
	const struct lnr_plugin *plugin;
	struct lnr_log *log;
	char *config, *params; /* params NULL = no source is open */
	/* the process */
	enum {
		LNR_ISOLATED_DOWN,
		LNR_ISOLATED_LOADS, /* was asked to; the answer is missing */
		LNR_ISOLATED_STARTS,
		LNR_ISOLATED_OPENS,
		LNR_ISOLATED_UP,
	} stage;
	pid_t pid; /* 0 = none */
	struct lnr_wire wire;
	bool pending; /* the next batch was asked for */
	uint64_t start_by_ns, up_since_ns, next_try_ns;
	uint32_t wait_ms;
	uint64_t n_ended, n_lost;
	char why[512]; /* what get_last_error() tells */
	/* event types, as a list */
	uint16_t types[512];
	uint32_t n_types;
	/* events */
	struct lnr_plugin_batch batch;
	bool has_batch;	 /* it was not given out yet */
	bool own_batch;	 /* the process that made it is the one at work */
	uint32_t event;	 /* in the batch, where the engine is */
	uint64_t evtnum; /* of the event that is asked about */
	const void *evt;
	uint64_t stamp;	  /* counts them */
	bool sent;	  /* the process knows this event */
	int64_t in_batch; /* place of this event, -1 = somebody else's */
	/* fields */
	struct lnr_isolated_ask *asks;
	uint32_t n_asks, n_told; /* told to the process */
	uint32_t window, seen;	 /* events after which is decided what is asked often; so far */
	bool want_changed;
	uint32_t n_wanted;   /* come with each event, as the process was told */
	uint32_t *asked_now; /* numbers in the question under way */
	uint32_t n_asked_now;
	struct lnr_arena kept;	 /* answers about this event */
	struct lnr_arena values; /* of the last field */
	/* answers that are lent */
	char *text;
	struct lnr_plugin_metric *metrics;
	uint32_t n_metrics;
};

/* --- isolated_ask.c --- */

/* A new process knows nothing. */
void lnr_isolated_forget(struct lnr_isolated *s);
void lnr_isolated_done(struct lnr_isolated *s);
/*
 * The value of a field is there already. False = it has to be asked for; then the event and the
 * field are those of the next lnr_isolated_write_question().
 */
bool lnr_isolated_known(struct lnr_isolated *s, const struct lnr_plugin_event_input *evt,
	const struct lnr_plugin_extract_field *f, struct lnr_str *ret);
/* This field, and others that are asked often. What has to be told before is sent. */
int lnr_isolated_write_question(struct lnr_isolated *s, const struct lnr_plugin_event_input *evt,
	const struct lnr_plugin_extract_field *f);
int lnr_isolated_read_answer(struct lnr_isolated *s, struct lnr_wire_in *in, struct lnr_str *ret);
/* Into a question. */
void lnr_isolated_write_event(struct lnr_isolated *s, const struct lnr_plugin_event_input *evt);
/* Tell which values shall come with events, when that has changed. */
int lnr_isolated_want(struct lnr_isolated *s);
int lnr_isolated_take_batch(struct lnr_isolated *s, struct lnr_wire_in *in);

/* --- isolated_read.c --- */

int lnr_isolated_read_types(struct lnr_isolated *s, struct lnr_wire_in *in);
int lnr_isolated_read_metrics(struct lnr_isolated *s, struct lnr_wire_in *in);
/* "plugin X cannot start: why" in `why` to "why". */
void lnr_isolated_shorten(struct lnr_isolated *s);

#endif
