/* SPDX-License-Identifier: Apache-2.0 */
/* The plugins at work for one event source (spec plugin-abi.md 16). */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "capture/plugin.h"
#include "engine/plugins_priv.h"
#include "plugin/async.h"
#include "plugin/isolated.h"
#include "state/plugin_tables.h"

/* Has the plugin a part in events of `source`? len 0 = of any source, as in a capture file. */
static bool has_part(const struct lnr_plugin *p, struct lnr_str source)
{
	if (!source.len)
		return p->caps & (LNR_PLUGIN_CAN_EXTRACT | LNR_PLUGIN_CAN_PARSE |
					 LNR_PLUGIN_CAN_ASYNC) ||
		       p->api.event_to_string;
	return (p->caps & LNR_PLUGIN_CAN_EXTRACT &&
		       lnr_plugin_admits(&p->extract_sources, source)) ||
	       (p->caps & LNR_PLUGIN_CAN_PARSE && lnr_plugin_admits(&p->parse_sources, source)) ||
	       (p->caps & LNR_PLUGIN_CAN_ASYNC && lnr_plugin_admits(&p->async_sources, source));
}

/* Does it provide the events of `source`? Those of system calls come without an id. */
static bool provides(const struct lnr_plugin *p, struct lnr_str source)
{
	return p->caps & LNR_PLUGIN_CAN_SOURCE &&
	       (p->id ? lnr_str_eq(p->source, source) : lnr_str_eq(source, LNR_STR("syscall")));
}

bool lnr_plugins_used(const struct lnr_plugins *p, size_t i)
{
	const struct lnr_str calls = LNR_STR("syscall");
	bool used = provides(p->v[i], calls) || has_part(p->v[i], calls);
	for (size_t k = 0; !used && k < p->n; k++)
		used = p->v[k]->source.len &&
		       (provides(p->v[i], p->v[k]->source) || has_part(p->v[i], p->v[k]->source));
	return used;
}

int lnr_plugins_owner(const struct lnr_plugins *p, const struct lnr_event *ev, uint32_t *ret_id)
{
	if (ev->type != LNR_PLUGIN_EVENT && ev->type != LNR_PLUGIN_ASYNC_EVENT)
		return LNR_OWNER_SYSCALL;
	*ret_id = (uint32_t)lnr_param_u64_or(ev, 0, 0);
	if (!*ret_id)
		return LNR_OWNER_SYSCALL;
	for (size_t i = 0; p && i < p->n; i++) {
		if (p->v[i]->id == *ret_id)
			return (int)i;
	}
	return LNR_OWNER_UNKNOWN;
}

/* Room for all of them, and the tables that they see. */
static int set_init(struct lnr_plugin_set *set, const struct lnr_plugins *p,
	struct lnr_state *state, struct lnr_err *err)
{
	size_t n;
	const struct lnr_table_class *const *classes = lnr_state_table_classes(&n);
	*set = (struct lnr_plugin_set){.v = calloc(p->n + 1, sizeof(*set->v)), .n = p->n};
	/* Where nobody may ask for tables there are none. */
	int r = set->v ? 0 : -ENOMEM;
	if (!r && p->n)
		r = lnr_tables_new(classes, n, state, &set->tables);
	return r ? lnr_fail(err, r, "out of memory") : 0;
}

int lnr_plugin_set_open(struct lnr_plugin_set *set, const struct lnr_plugins *p,
	struct lnr_str source, bool with_source, struct lnr_state *state, struct lnr_log *log,
	struct lnr_err *err)
{
	int r = set_init(set, p, state, err);
	for (size_t i = 0; !r && i < p->n; i++) {
		/* Of several that provide a source the first is opened. */
		bool first = with_source && !set->source && provides(p->v[i], source);
		if (first || has_part(p->v[i], source))
			r = lnr_plugin_start_with(p->v[i], set->tables, log, &set->v[i], err);
		if (!r && first)
			set->source = set->v[i];
	}
	set->stuck = r == -ETIMEDOUT;
	return r;
}

/* A source at work may hold what another instance of it needs: a port, a file. */
static bool is_at_work(const struct lnr_plugins *running, const struct lnr_plugin *p)
{
	for (size_t i = 0; running && p->caps & LNR_PLUGIN_CAN_SOURCE && i < running->n; i++) {
		if (lnr_str_eq(running->v[i]->name, p->name))
			return true;
	}
	return false;
}

int lnr_plugin_set_try(const struct lnr_plugins *p, const struct lnr_plugins *running,
	struct lnr_log *log, struct lnr_err *err)
{
	const struct lnr_state_opts so = {.size = sizeof(so), .log = log};
	struct lnr_plugin_set set = {0};
	struct lnr_state *state = NULL;
	int r = lnr_state_new(&so, &state, err);
	if (!r)
		r = set_init(&set, p, state, err);
	for (size_t i = 0; !r && i < p->n; i++) {
		if (is_at_work(running, p->v[i]))
			r = lnr_plugin_check(p->v[i], err);
		else
			r = lnr_plugin_start_with(p->v[i], set.tables, log, &set.v[i], err);
	}
	set.stuck = r == -ETIMEDOUT;
	lnr_plugin_set_done(&set);
	lnr_state_free(state);
	return r;
}

int lnr_plugin_try(const struct lnr_plugin *p, struct lnr_log *log,
	void (*fn)(void *user, const struct lnr_plugin *p, struct lnr_plugin_instance *inst),
	void *user, struct lnr_err *err)
{
	const struct lnr_state_opts so = {.size = sizeof(so), .log = log};
	const struct lnr_plugins one = {.n = 1};
	struct lnr_plugin_set set = {0};
	struct lnr_state *state = NULL;
	int r = lnr_state_new(&so, &state, err);
	if (!r)
		r = set_init(&set, &one, state, err);
	if (!r)
		r = lnr_plugin_start_with(p, set.tables, log, &set.v[0], err);
	set.stuck = r == -ETIMEDOUT;
	fn(user, p, set.v ? set.v[0] : NULL);
	lnr_plugin_set_done(&set);
	lnr_state_free(state);
	return r;
}

void lnr_plugin_set_done(struct lnr_plugin_set *set)
{
	bool stuck = set->stuck;
	for (size_t i = 0; set->v && i < set->n; i++) {
		const struct lnr_plugin *p = set->v[i] ? set->v[i]->plugin : NULL;
		lnr_plugin_stop(set->v[i]);
		stuck |= p && p->stuck;
	}
	/* A plugin that hangs keeps what it may reach for when it goes on. */
	if (stuck) {
		lnr_tables_abandon(set->tables);
	} else {
		lnr_tables_free(set->tables);
		lnr_async_free(set->async);
	}
	free(set->v);
	*set = (struct lnr_plugin_set){0};
}

bool lnr_plugin_set_parses(const struct lnr_plugin_set *set, struct lnr_str source)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct lnr_plugin_instance *inst = set->v[i];
		if (inst && inst->plugin->caps & LNR_PLUGIN_CAN_PARSE &&
			lnr_plugin_admits(&inst->plugin->parse_sources, source))
			return true;
	}
	return false;
}

bool lnr_plugin_set_looks(const struct lnr_plugin_set *set, struct lnr_str source)
{
	bool looks = lnr_plugin_set_parses(set, source);
	for (size_t i = 0; !looks && i < set->n; i++)
		looks = set->v[i] && lnr_table_owner_looks(set->v[i]->tables);
	return looks;
}

/* Events of a plugin that is not loaded have no source and are nobody's. */
void lnr_plugin_set_parse(struct lnr_plugin_set *set, const struct lnr_field_ctx *ctx)
{
	for (size_t i = 0; ctx->source.len && i < set->n; i++) {
		struct lnr_plugin_instance *inst = set->v[i];
		if (!inst || !(inst->plugin->caps & LNR_PLUGIN_CAN_PARSE) ||
			!lnr_plugin_types_has(&inst->parse_types, ctx->ev->type) ||
			!ctx->source.len ||
			!lnr_plugin_admits(&inst->plugin->parse_sources, ctx->source))
			continue;
		const struct lnr_plugin_event_input evt = lnr_field_plugin_event(ctx);
		set->n_parse_failed += !lnr_plugin_parse(inst, &evt);
	}
}

static void metric_text(const struct lnr_plugin_metric *m, char *ret, size_t size)
{
	switch (m->value_type) {
	case LNR_PLUGIN_METRIC_U32:
		snprintf(ret, size, "%" PRIu32, m->value.u32);
		break;
	case LNR_PLUGIN_METRIC_S32:
		snprintf(ret, size, "%" PRId32, m->value.s32);
		break;
	case LNR_PLUGIN_METRIC_U64:
		snprintf(ret, size, "%" PRIu64, m->value.u64);
		break;
	case LNR_PLUGIN_METRIC_S64:
		snprintf(ret, size, "%" PRId64, m->value.s64);
		break;
	case LNR_PLUGIN_METRIC_DOUBLE:
		snprintf(ret, size, "%.17g", isfinite(m->value.d) ? m->value.d : 0);
		break;
	case LNR_PLUGIN_METRIC_FLOAT:
		snprintf(ret, size, "%.9g", isfinite(m->value.f) ? (double)m->value.f : 0);
		break;
	default:
		snprintf(ret, size, "%d", m->value.i);
	}
}

/* What the host counts about one that may end unasked. */
static void isolated_metrics(
	const struct lnr_plugin_instance *inst, lnr_plugin_metric_fn *fn, void *user)
{
	uint64_t ended, lost;
	char text[24];
	lnr_plugin_isolated_counts(inst->state, &ended, &lost);
	snprintf(text, sizeof(text), "%" PRIu64, ended);
	fn(user, inst->plugin->name.ptr, "process_ended", true, text);
	snprintf(text, sizeof(text), "%" PRIu64, lost);
	fn(user, inst->plugin->name.ptr, "fields_lost", true, text);
}

static void async_metrics(
	const struct lnr_plugin_instance *inst, lnr_plugin_metric_fn *fn, void *user)
{
	char text[24];
	const char *plugin = inst->plugin->name.ptr;
	snprintf(text, sizeof(text), "%" PRIu64, __atomic_load_n(&inst->n_async, __ATOMIC_RELAXED));
	fn(user, plugin, "n_async_evts", true, text);
	snprintf(text, sizeof(text), "%" PRIu64,
		__atomic_load_n(&inst->n_async_refused, __ATOMIC_RELAXED));
	fn(user, plugin, "n_async_drops", true, text);
}

void lnr_plugin_set_metrics(const struct lnr_plugin_set *set, lnr_plugin_metric_fn *fn, void *user)
{
	for (size_t i = 0; i < set->n; i++) {
		struct lnr_plugin_instance *inst = set->v[i];
		if (inst && inst->plugin->isolated)
			isolated_metrics(inst, fn, user);
		if (inst && inst->plugin->caps & LNR_PLUGIN_CAN_ASYNC)
			async_metrics(inst, fn, user);
		if (!inst || !inst->plugin->api.get_metrics)
			continue;
		uint32_t n = 0;
		const struct lnr_plugin_metric *m = inst->plugin->api.get_metrics(inst->state, &n);
		for (uint32_t k = 0; m && k < n; k++) {
			char text[40];
			metric_text(&m[k], text, sizeof(text));
			if (m[k].name)
				fn(user, inst->plugin->name.ptr, m[k].name, m[k].type == 0, text);
		}
	}
}
