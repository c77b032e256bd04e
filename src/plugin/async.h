/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asynchronous events (spec plugin-abi.md 10): what plugins tell from threads of their own, put in
 * order of time and handed to the thread of the engine. One struct lnr_async per event source; it
 * outlives the plugin instances that use it.
 *
 * Threads: the handler that plugins get may be called from any thread, the rest is for the thread
 * of the engine. Events are checked and copied before the handler returns; what is refused is
 * counted, and the plugin learns why.
 */
#ifndef LNR_PLUGIN_ASYNC_H
#define LNR_PLUGIN_ASYNC_H

#include "base/clock.h"
#include "plugin/host.h"

struct lnr_async;

/* Events become those of `source` (borrowed); id: of the plugin that provides it, 0 = none. */
struct lnr_async *lnr_async_new(struct lnr_str source, uint32_t id, const struct lnr_clock *clock,
	struct lnr_log *log); /* NULL when only memory is lacking */
/* Takes NULL; returns NULL. */
struct lnr_async *lnr_async_free(struct lnr_async *a);

/* The plugin may begin: set_async_event_handler() with our handler. */
int lnr_async_begin(struct lnr_async *a, struct lnr_plugin_instance *i, struct lnr_err *err);
/* The plugin has ended its threads when this returns. Does nothing when it had not begun. */
int lnr_async_end(struct lnr_plugin_instance *i, struct lnr_err *err);

/* Is anything waiting? Cheap, for the path of each event. */
bool lnr_async_pending(const struct lnr_async *a);
/*
 * The oldest event, when it is not younger than `until`. One that came without a time gets `now`
 * and is the first. NULL = none; valid until the next call.
 */
const struct lnr_plugin_event *lnr_async_next(
	struct lnr_async *a, uint64_t until_ns, uint64_t now_ns);

struct lnr_async_stats {
	uint64_t taken;
	uint64_t full;	  /* refused: too many, or too large ones, were waiting */
	uint64_t invalid; /* refused: not what the interface says, or of another source */
	uint64_t future;  /* refused: time far ahead of the clock */
};
void lnr_async_stats(const struct lnr_async *a, struct lnr_async_stats *ret);

/*
 * The plugin tells its state as events that could stand at the head of a capture file: they are
 * checked like others, without a time get `ts`, and go to fn at once, whose error ends the call.
 * Plugins without dump_state() have nothing to tell. `a` gives source and id.
 */
int lnr_async_dump(const struct lnr_async *a, struct lnr_plugin_instance *i, uint64_t ts,
	int (*fn)(void *user, const struct lnr_plugin_event *evt), void *user, struct lnr_err *err);

#endif
