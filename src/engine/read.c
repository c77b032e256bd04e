/* SPDX-License-Identifier: Apache-2.0 */
/* What else can be asked of an engine: its numbers, output formats for the event at hand. */
#include "engine/self_priv.h"

#include <stdlib.h>
#include "base/util.h"

static void refresh_counters(struct lnr_engine *e)
{
	unsigned n = 0;
	if (e->capture->ops->stats)
		n = e->capture->ops->stats(e->capture, e->counters, LNR_ENGINE_COUNTERS);
	const char *names[LNR_ENGINE_COUNTERS];
	uint64_t values[LNR_ENGINE_COUNTERS];
	unsigned m = lnr_state_counters(e->state, names, values, LNR_ENGINE_COUNTERS - n);
	for (unsigned i = 0; i < m && n < LNR_ENGINE_COUNTERS; i++, n++) {
		snprintf(e->counters[n].name, sizeof(e->counters[n].name), "%s", names[i]);
		e->counters[n].value = values[i];
	}
	e->n_counters = n;
}

void lnr_engine_stats(struct lnr_engine *e, struct lnr_engine_stats *ret)
{
	refresh_counters(e);
	for (unsigned i = 0; i < e->n_counters; i++) {
		const struct lnr_stat *s = &e->counters[i];
		if (strcmp(s->name, "n_drops") == 0)
			e->stats.drops = s->value;
		else if (strcmp(s->name, "n_threads") == 0)
			e->stats.threads = (uint32_t)s->value;
		else if (strcmp(s->name, "n_fds") == 0)
			e->stats.fds = (uint32_t)s->value;
	}
	e->stats.drop_events = e->drops.seen;
	e->stats.drop_actions = e->drops.acted;
	*ret = e->stats;
}

bool lnr_engine_rule_stats(
	struct lnr_engine *e, uint32_t i, const char **ret_name, int *ret_priority, uint64_t *ret_n)
{
	if (!e->rules || i >= lnr_ruleset_count(e->rules))
		return false;
	const struct lnr_rule *rule = lnr_ruleset_rule(e->rules, i);
	*ret_name = rule->name.ptr;
	*ret_priority = rule->priority;
	*ret_n = e->matches[rule->id];
	return true;
}

const char *lnr_engine_rule_source(struct lnr_engine *e, uint32_t i)
{
	bool there = e->rules && i < lnr_ruleset_count(e->rules);
	return there ? lnr_ruleset_rule(e->rules, i)->source.ptr : NULL;
}

const char *lnr_engine_rule_tag(struct lnr_engine *e, uint32_t i, uint32_t k)
{
	if (!e->rules || i >= lnr_ruleset_count(e->rules))
		return NULL;
	const struct lnr_rule *rule = lnr_ruleset_rule(e->rules, i);
	return k < rule->n_tags ? rule->tags[k].ptr : NULL;
}

bool lnr_engine_counter(
	struct lnr_engine *e, unsigned i, const char **ret_name, uint64_t *ret_value)
{
	if (i == 0)
		refresh_counters(e);
	if (i >= e->n_counters)
		return false;
	*ret_name = e->counters[i].name;
	*ret_value = e->counters[i].value;
	return true;
}

void lnr_engine_plugin_metrics(struct lnr_engine *e, lnr_plugin_metric_fn *fn, void *user)
{
	lnr_plugin_set_metrics(&e->plugin_set, fn, user);
}

int lnr_engine_configure_plugin(
	struct lnr_engine *e, const char *name, const char *config, struct lnr_err *err)
{
	return lnr_plugin_set_configure(&e->plugin_set, name, config, err);
}

double lnr_engine_progress(struct lnr_engine *e)
{
	return e->capture->ops->progress ? e->capture->ops->progress(e->capture) : -1;
}

void lnr_engine_syscalls(struct lnr_engine *e, struct lnr_buf *out)
{
	bool first = true;
	for (unsigned c = 0; c < lnr_syscall_count(); c++) {
		if (!lnr_scset_has(&e->selection.wanted, c))
			continue;
		lnr_buf_cstr(out, first ? "" : " ");
		lnr_buf_cstr(out, lnr_syscall_info(c)->name);
		if (lnr_scset_has(&e->selection.state_only, c))
			lnr_buf_cstr(out, "(partly)");
		else if (lnr_scset_has(&e->selection.success_only, c))
			lnr_buf_cstr(out, "(unless failed)");
		first = false;
	}
}

static int grow_format_slots(struct lnr_engine *e)
{
	size_t n = lnr_interner_slots(e->format_interner);
	if (n == e->n_format_slots)
		return 0;
	uint64_t *slots = reallocarray(e->format_slots, n, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	memset(slots + e->n_format_slots, 0, (n - e->n_format_slots) * sizeof(*slots));
	e->format_slots = slots;
	e->n_format_slots = n;
	return 0;
}

static int compile_format(struct lnr_engine *e, struct lnr_str text, const struct lnr_format **ret,
	struct lnr_err *err)
{
	const char *source = e->ctx.mixed && e->plugins ? NULL : e->source.ptr;
	if (!e->format_fields) {
		int rf = lnr_plugins_fieldset(e->plugins, source, &e->format_fields, err);
		if (rf) {
			lnr_fieldset_unref(e->format_fields);
			e->format_fields = NULL;
			return rf;
		}
	}
	if (!e->format_interner)
		e->format_interner = lnr_interner_new(&e->format_arena);
	char *own = lnr_arena_strdup(&e->format_arena, text);
	if (!e->format_interner || !own)
		return lnr_fail(err, -ENOMEM, "out of memory");
	const struct lnr_cond_opts o = {.fields = e->format_fields,
		.arena = &e->format_arena,
		.interner = e->format_interner};
	struct lnr_cond_err ce = {0};
	int r = lnr_format_compile(&o, (struct lnr_str){own, text.len}, ret, &ce);
	if (r)
		return lnr_fail(err, r, "%s (at offset %u)", ce.msg, ce.offset);
	r = grow_format_slots(e);
	if (!r)
		r = lnr_strmap_set(&e->formats, (struct lnr_str){own, text.len},
			(void *)(uintptr_t)*ret, NULL);
	return r ? lnr_fail(err, r, "out of memory") : 0;
}

int lnr_engine_format(
	struct lnr_engine *e, const char *format, struct lnr_buf *out, struct lnr_err *err)
{
	struct lnr_str text = lnr_str_c(format);
	const struct lnr_format *f = lnr_strmap_get(&e->formats, text);
	int r = f ? 0 : compile_format(e, text, &f, err);
	if (r)
		return r;
	/* Who evaluates lends the slots; the caller may stand between two rules of one event. */
	uint64_t *slots = e->ctx.slots;
	size_t n_slots = e->ctx.n_slots;
	e->ctx.slots = e->format_slots;
	e->ctx.n_slots = e->n_format_slots;
	lnr_format_text(f, &e->ctx, out);
	e->ctx.slots = slots;
	e->ctx.n_slots = n_slots;
	return 0;
}

int lnr_engine_profile(struct lnr_engine *e, unsigned max, struct lnr_buf *out)
{
	if (!e->matcher)
		return -EINVAL;
	int r = lnr_profile_write(e->matcher, max, out);
	/* A capture file has events of several sources. */
	for (size_t i = 0; !r && e->by_plugin && i < e->plugins->n; i++) {
		struct lnr_rule_profile any;
		if (!e->by_plugin[i] || !lnr_matcher_rule_profile(e->by_plugin[i], 0, &any))
			continue;
		lnr_buf_printf(out, "\nevent source %s\n\n", e->plugins->v[i]->source.ptr);
		r = lnr_profile_write(e->by_plugin[i], max, out);
	}
	return r;
}
