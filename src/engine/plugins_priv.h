/* SPDX-License-Identifier: Apache-2.0 */
/* The collection of plugins, for rules and engines. */
#ifndef LNR_ENGINE_PLUGINS_PRIV_H
#define LNR_ENGINE_PLUGINS_PRIV_H

#include "capture/capture.h"
#include "fields/core/plugin.h"
#include "lanner/lanner.h"
#include "lanner/plugins.h"
#include "lanner/rules.h"
#include "rules/load.h"

struct lnr_state;

struct lnr_plugins {
	unsigned refs; /* atomic */
	struct lnr_plugin **v;
	const struct lnr_field_class **classes; /* beside v; NULL = has no fields */
	size_t n;
	struct lnr_arena arena;
};

/* The plugin of that name that is part of Lanner (plugins_builtin.c); NULL = there is none. */
const struct lnr_plugin_builtin *lnr_plugins_builtin(const char *name);
/* Add the fields of all of them that are for `source` (NULL = any), loaded or not. */
int lnr_plugins_builtin_fields(
	struct lnr_fieldset *set, const char *source, struct lnr_arena *arena);
/* Open the source of an instance: of a library, or built in. */
int lnr_plugins_open_source(struct lnr_plugin_instance *inst, const struct lnr_clock *clock,
	struct lnr_capture **ret, struct lnr_err *err);

/* The name of a source as the plugins have it, which lives as long as they; "" = none has it. */
struct lnr_str lnr_plugins_name(const struct lnr_plugins *p, const char *source);

/*
 * The event sources of rules, system calls first: each with its fields (`fixed` are the static
 * ones, or NULL) and asynchronous events. Arrays in `arena`; the caller gives up a reference of
 * each field set, also after a failure.
 */
int lnr_plugins_sources(const struct lnr_rules_opts *o, struct lnr_arena *arena,
	const struct lnr_field_class *fixed, struct lnr_loader_source **ret, size_t *ret_n,
	struct lnr_err *err);
/* What the loader wants to know of them, built-in ones included. */
int lnr_plugins_for_loader(const struct lnr_rules_opts *o, struct lnr_arena *arena,
	const struct lnr_loader_source *sources, size_t n_sources,
	const struct lnr_loader_plugin **ret, size_t *ret_n);

/* The fields of a source and of its plugins, NULL = of all; the caller gives up its reference. */
int lnr_plugins_fieldset(const struct lnr_plugins *p, const char *source, struct lnr_fieldset **ret,
	struct lnr_err *err);

/* --- plugins_run.c --- */

/*
 * Whose event is it, in a capture file: the index of the plugin that its id names, or one of these.
 * Two plugins of one configuration never have the same id.
 */
enum { LNR_OWNER_SYSCALL = -1, LNR_OWNER_UNKNOWN = -2 };
int lnr_plugins_owner(const struct lnr_plugins *p, const struct lnr_event *ev, uint32_t *ret_id);

/*
 * Start those that have a part in events of `source` (len 0 = of any); with_source: also the one
 * that provides it, if there is one. `state` is what they see as tables; it outlives the set. On
 * failure too, _done() is due.
 */
int lnr_plugin_set_open(struct lnr_plugin_set *set, const struct lnr_plugins *p,
	struct lnr_str source, bool with_source, struct lnr_state *state, struct lnr_log *log,
	struct lnr_err *err);
/*
 * Start all, whatever they are for, with an empty state of their own, and stop them. Of those whose
 * source `running` (or NULL) has at work only the configuration is checked.
 */
int lnr_plugin_set_try(const struct lnr_plugins *p, const struct lnr_plugins *running,
	struct lnr_log *log, struct lnr_err *err);
/* The same with one of them; fn sees it started, or NULL when it could not be. */
int lnr_plugin_try(const struct lnr_plugin *p, struct lnr_log *log,
	void (*fn)(void *user, const struct lnr_plugin *p, struct lnr_plugin_instance *inst),
	void *user, struct lnr_err *err);
void lnr_plugin_set_done(struct lnr_plugin_set *set);
void lnr_plugin_set_metrics(const struct lnr_plugin_set *set, lnr_plugin_metric_fn *fn, void *user);
/* Does one learn from events of that source? */
bool lnr_plugin_set_parses(const struct lnr_plugin_set *set, struct lnr_str source);
/* Does one look at the state beside what rules ask of it? */
bool lnr_plugin_set_looks(const struct lnr_plugin_set *set, struct lnr_str source);
/* Every plugin that wants to learn from the event sees it. */
void lnr_plugin_set_parse(struct lnr_plugin_set *set, const struct lnr_field_ctx *ctx);

/* --- plugins_live.c: what goes on beside the events --- */

struct lnr_set_live_opts {
	struct lnr_str source; /* that is open */
	bool live;	       /* not a capture file, which has its asynchronous events in it */
	const struct lnr_clock *clock;
	struct lnr_log *log;
};

/* Refuse those that do not understand the events of this kernel's probe. */
int lnr_plugin_set_check_schema(const struct lnr_plugin_set *set, struct lnr_err *err);
/*
 * The source is open and the state filled: asynchronous events may come, listeners are told. On
 * failure too, _end() is due.
 */
int lnr_plugin_set_begin(
	struct lnr_plugin_set *set, const struct lnr_set_live_opts *o, struct lnr_err *err);
int lnr_plugin_set_configure(
	struct lnr_plugin_set *set, const char *name, const char *config, struct lnr_err *err);
/* Before the source is closed. What goes wrong is logged. */
void lnr_plugin_set_end(struct lnr_plugin_set *set, struct lnr_log *log);
#endif
