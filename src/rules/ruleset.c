/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled rules, counted and indexed by event type (spec rules-language.md 11, 12). */
#include "rules/ruleset_priv.h"

#include <stdlib.h>
#include "rules/network.h"

/* --- priorities ------------------------------------------------------------------------------ */

static const char *const priorities[] = {
	"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"};

const char *lnr_priority_name(enum lnr_priority p)
{
	return (unsigned)p < LNR_ARRAY_SIZE(priorities) ? priorities[p] : NULL;
}

int lnr_priority_parse(struct lnr_str s, enum lnr_priority *ret)
{
	for (unsigned i = 0; i < LNR_ARRAY_SIZE(priorities); i++) {
		if (lnr_str_ieq(s, lnr_str_c(priorities[i]))) {
			*ret = (enum lnr_priority)i;
			return 0;
		}
	}
	if (!lnr_str_ieq(s, LNR_STR("info")))
		return -EINVAL;
	*ret = LNR_PRIO_INFORMATIONAL;
	return 0;
}

/* --- memory ---------------------------------------------------------------------------------- */

int lnr_rules_mem_new(size_t max_bytes, struct lnr_rules_mem **ret)
{
	struct lnr_rules_mem *m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	atomic_init(&m->refs, 1);
	lnr_arena_init(&m->arena, max_bytes);
	m->interner = lnr_interner_new(&m->arena);
	if (!m->interner) {
		lnr_rules_mem_unref(m);
		return -ENOMEM;
	}
	*ret = m;
	return 0;
}

struct lnr_rules_mem *lnr_rules_mem_ref(struct lnr_rules_mem *m)
{
	atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
	return m;
}

struct lnr_rules_mem *lnr_rules_mem_unref(struct lnr_rules_mem *m)
{
	if (!m || atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) > 1)
		return NULL;
	lnr_interner_free(m->interner);
	for (size_t i = 0; i < m->n_fields; i++)
		lnr_fieldset_unref(m->fields[i]);
	free(m->fields);
	lnr_arena_done(&m->arena);
	free(m);
	return NULL;
}

int lnr_rules_mem_keep(struct lnr_rules_mem *m, struct lnr_fieldset *set)
{
	void *p = reallocarray(m->fields, m->n_fields + 1, sizeof(*m->fields));
	if (!p)
		return -ENOMEM;
	m->fields = p;
	m->fields[m->n_fields++] = lnr_fieldset_ref(set);
	return 0;
}

/* --- building -------------------------------------------------------------------------------- */

/* Candidates of each event type, in evaluation order: counted first, then filled in. */
static int index_source(const struct lnr_rule *rules, struct lnr_source_rules *s)
{
	size_t n = 0;
	for (unsigned t = 0; t < LNR_EVENT_COUNT; t++) {
		s->first[t] = (uint32_t)n;
		for (uint32_t i = 0; i < s->n_order; i++)
			n += lnr_evset_has(&rules[s->order[i]].events, t);
	}
	s->first[LNR_EVENT_COUNT] = (uint32_t)n;
	uint32_t *v = malloc((n ? n : 1) * sizeof(*v));
	s->by_event = v;
	if (!v)
		return -ENOMEM;
	for (unsigned t = 0; t < LNR_EVENT_COUNT; t++) {
		for (uint32_t i = 0; i < s->n_order; i++) {
			if (lnr_evset_has(&rules[s->order[i]].events, t))
				*v++ = s->order[i];
		}
	}
	return 0;
}

static int build_source(const struct lnr_ruleset *rs, const struct lnr_ruleset_source *src,
	const uint32_t *order, uint32_t n_order, struct lnr_source_rules *ret)
{
	uint32_t *own = malloc((n_order ? n_order : 1) * sizeof(*own));
	if (!own)
		return -ENOMEM;
	ret->name = src->name;
	ret->fields = src->fields;
	ret->order = own;
	for (uint32_t i = 0; i < n_order; i++) {
		if (lnr_str_eq(rs->rules[order[i]].source, src->name))
			own[ret->n_order++] = order[i];
	}
	return index_source(rs->rules, ret);
}

static int build(struct lnr_ruleset *rs, const struct lnr_ruleset_source *sources,
	uint32_t n_sources, const struct lnr_rule *rules, uint32_t n, const uint32_t *order,
	uint32_t n_order)
{
	rs->rules = calloc(n ? n : 1, sizeof(*rs->rules));
	rs->enabled = calloc(n / 8 + 1, 1);
	rs->sources = calloc(n_sources ? n_sources : 1, sizeof(*rs->sources));
	if (!rs->rules || !rs->enabled || !rs->sources)
		return -ENOMEM;
	if (n)
		memcpy(rs->rules, rules, n * sizeof(*rules));
	rs->n_rules = n;
	for (uint32_t i = 0; i < n_order; i++)
		rs->enabled[order[i] / 8] |= (uint8_t)(1u << order[i] % 8);
	for (; rs->n_sources < n_sources; rs->n_sources++) {
		int rc = build_source(
			rs, &sources[rs->n_sources], order, n_order, &rs->sources[rs->n_sources]);
		if (rc) {
			rs->n_sources++; /* half built, freed with the rest */
			return rc;
		}
	}
	return 0;
}

int lnr_ruleset_build(struct lnr_rules_mem *mem, const struct lnr_ruleset_source *sources,
	uint32_t n_sources, const struct lnr_rule *rules, uint32_t n, const uint32_t *order,
	uint32_t n_order, struct lnr_ruleset **ret)
{
	struct lnr_ruleset *rs = calloc(1, sizeof(*rs));
	if (!rs)
		return -ENOMEM;
	atomic_init(&rs->refs, 1);
	rs->mem = lnr_rules_mem_ref(mem);
	rs->n_exprs = lnr_interner_exprs(mem->interner);
	rs->n_checks = lnr_interner_checks(mem->interner);
	rs->n_slots = lnr_interner_slots(mem->interner);
	int rc = build(rs, sources, n_sources, rules, n, order, n_order);
	if (rc) {
		lnr_ruleset_unref(rs);
		return rc;
	}
	*ret = rs;
	return 0;
}

/* --- the public view ------------------------------------------------------------------------- */

struct lnr_ruleset *lnr_ruleset_ref(struct lnr_ruleset *rs)
{
	atomic_fetch_add_explicit(&rs->refs, 1, memory_order_relaxed);
	return rs;
}

struct lnr_ruleset *lnr_ruleset_unref(struct lnr_ruleset *rs)
{
	if (!rs || atomic_fetch_sub_explicit(&rs->refs, 1, memory_order_acq_rel) > 1)
		return NULL;
	for (uint32_t i = 0; i < rs->n_sources; i++) {
		lnr_network_free(rs->sources[i].network);
		free((void *)rs->sources[i].order);
		free((void *)rs->sources[i].by_event);
	}
	free(rs->sources);
	free(rs->enabled);
	free(rs->rules);
	lnr_rules_mem_unref(rs->mem);
	free(rs);
	return NULL;
}

const struct lnr_rule *lnr_ruleset_rule(const struct lnr_ruleset *rs, uint32_t i)
{
	return i < rs->n_rules ? &rs->rules[i] : NULL;
}

uint32_t lnr_ruleset_count(const struct lnr_ruleset *rs)
{
	return rs->n_rules;
}

bool lnr_ruleset_enabled(const struct lnr_ruleset *rs, uint32_t rule_id)
{
	return rule_id < rs->n_rules && (rs->enabled[rule_id / 8] >> rule_id % 8 & 1);
}

const struct lnr_source_rules *lnr_ruleset_source(
	const struct lnr_ruleset *rs, struct lnr_str source)
{
	for (uint32_t i = 0; i < rs->n_sources; i++) {
		if (lnr_str_eq(rs->sources[i].name, source))
			return &rs->sources[i];
	}
	return NULL;
}

void lnr_ruleset_events(const struct lnr_ruleset *rs, struct lnr_str source, struct lnr_evset *ret)
{
	const struct lnr_source_rules *s = lnr_ruleset_source(rs, source);
	memset(ret, 0, sizeof(*ret));
	for (uint32_t i = 0; s && i < s->n_order; i++) {
		const struct lnr_evset *one = &rs->rules[s->order[i]].events;
		for (size_t k = 0; k < sizeof(ret->bits); k++)
			ret->bits[k] |= one->bits[k];
	}
}

void lnr_ruleset_syscalls(const struct lnr_ruleset *rs, struct lnr_scset *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (uint32_t i = 0; i < rs->n_rules; i++) {
		if (!lnr_ruleset_enabled(rs, i))
			continue;
		for (size_t k = 0; k < sizeof(ret->bits); k++)
			ret->bits[k] |= rs->rules[i].syscalls.bits[k];
	}
}
