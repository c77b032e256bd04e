/* SPDX-License-Identifier: Apache-2.0 */
/* The collection of plugins, for rules and engines. */
#ifndef LNR_ENGINE_PLUGINS_PRIV_H
#define LNR_ENGINE_PLUGINS_PRIV_H

#include "fields/core/plugin.h"
#include "lanner/plugins.h"
#include "lanner/rules.h"
#include "rules/load.h"

struct lnr_plugins {
	unsigned refs; /* atomic */
	struct lnr_plugin **v;
	const struct lnr_field_class **classes; /* beside v; NULL = has no fields */
	size_t n;
	struct lnr_arena arena;
};

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

#endif
