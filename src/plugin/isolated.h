/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin in a process of its own: what it does wrong costs its events and fields, not the agent.
 *
 *	agent                                     process of one instance (child.c)
 *	functions of lnr_plugin_isolated_api() ─► lnr_plugin_child(): loads the library, calls it
 *	                                       ◄─ events, values, log lines
 *
 * To everybody else an isolated plugin is a struct lnr_plugin whose functions happen to ask another
 * process. Only sources and fields work: state tables, asynchronous events and listening need the
 * memory of the agent. The process has no capabilities and cannot gain any; it ends with the agent.
 *
 * One call is one question and one answer, which costs two switches of processes. So that not every
 * field costs that, the first question about an event asks for all fields that are asked often; and
 * the values of those that nearly every event is asked for come with the event.
 *
 * A process that ends by itself, does not answer in time or answers nonsense is ended and said so,
 * with its reason. Then the source ends (-ECHILD), or with `restart` there
 * is nothing for a while and a new process takes over: fields have no value meanwhile.
 */
#ifndef LNR_PLUGIN_ISOLATED_H
#define LNR_PLUGIN_ISOLATED_H

#include "plugin/host.h"

/* The descriptor that the process finds its socket at. */
#define LNR_PLUGIN_CHILD_FD 3

/* Let a process load p->path and fill p->said. */
int lnr_plugin_isolated_load(struct lnr_plugin *p, struct lnr_err *err);
/* For instances of a plugin that was loaded so; the owner of init() is the instance. */
const struct lnr_plugin_api *lnr_plugin_isolated_api(void);

/* It gave something that no plugin may give: its process ends, and starts again if that is wanted.
 */
void lnr_plugin_isolated_end(void *state, const char *why);

/* How often its process ended unasked, and how many fields had no value because there was none. */
void lnr_plugin_isolated_counts(const void *state, uint64_t *ret_ended, uint64_t *ret_lost);

/*
 * The other side: serve until the agent has enough. Returns the exit status. Does not return when
 * the agent ends meanwhile.
 */
int lnr_plugin_child(void);

/* --- parts, for tests and fuzzing --- */

/*
 * What the process said about one field of one event, as child.c writes it, into res and res_len.
 * Texts are borrowed from `blob`, the rest is in `arena`. False = no value, or nonsense.
 */
bool lnr_plugin_read_values(
	struct lnr_str blob, struct lnr_arena *arena, struct lnr_plugin_extract_field *f);

/* Events as they arrived. */
struct lnr_plugin_batch {
	uint8_t *buf; /* the message, aligned to 8 */
	size_t cap;
	struct lnr_plugin_event **evts; /* into buf; NULL = the plugin gave none */
	const uint8_t **values;		/* of each: blobs of the wanted fields, NULL = none */
	size_t *values_len;
	uint32_t n, room, first; /* first: place in the plugin's own batch */
	int32_t rc;
	struct lnr_str why; /* of a failure; ptr NULL = none */
};
struct lnr_wire_in;
/* Copies the body. -EBADMSG, -ENOMEM. */
int lnr_plugin_read_batch(struct lnr_plugin_batch *b, const struct lnr_wire_in *body);
void lnr_plugin_batch_done(struct lnr_plugin_batch *b);
/* The blob at place `k`. False = there is none. */
bool lnr_plugin_batch_value(
	const struct lnr_plugin_batch *b, uint32_t event, uint32_t k, struct lnr_str *ret);
/* The body of LNR_WIRE_SAID. */
int lnr_plugin_read_said(struct lnr_wire_in *body, struct lnr_arena *arena,
	struct lnr_plugin_said *ret, struct lnr_err *err);

#endif
