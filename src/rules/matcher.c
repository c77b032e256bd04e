/* SPDX-License-Identifier: Apache-2.0 */
/* One engine's working memory for one rule set. */
#include <stdlib.h>
#include "rules/intern.h"
#include "rules/network.h"
#include "rules/ruleset_priv.h"

struct lnr_matcher {
	struct lnr_ruleset *rs;
	const struct lnr_source_rules *source; /* NULL: no rule is of this source */
	const struct lnr_network *net;
	struct lnr_network_run *run;
	bool match_all;
	uint64_t *slots;
};

static int init(struct lnr_matcher *m)
{
	int r;

	m->slots = calloc(m->rs->n_slots ? m->rs->n_slots : 1, sizeof(*m->slots));
	if (!m->slots)
		return -ENOMEM;
	if (!m->source)
		return 0;
	r = lnr_network_get(m->rs, m->source, &m->net);
	return r ? r : lnr_network_run_new(m->net, &m->run);
}

int lnr_matcher_new(
	struct lnr_ruleset *rs, struct lnr_str source, bool match_all, struct lnr_matcher **ret)
{
	struct lnr_matcher *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	m->rs = lnr_ruleset_ref(rs);
	m->source = lnr_ruleset_source(rs, source);
	m->match_all = match_all;
	r = init(m);
	if (r) {
		lnr_matcher_free(m);
		return r;
	}
	*ret = m;
	return 0;
}

struct lnr_matcher *lnr_matcher_free(struct lnr_matcher *m)
{
	if (!m)
		return NULL;
	lnr_network_run_free(m->run);
	lnr_ruleset_unref(m->rs);
	free(m->slots);
	free(m);
	return NULL;
}

static void lend_slots(struct lnr_matcher *m, struct lnr_field_ctx *ctx)
{
	ctx->slots = m->slots;
	ctx->n_slots = m->rs->n_slots;
}

unsigned lnr_matcher_eval(
	struct lnr_matcher *m, struct lnr_field_ctx *ctx, const struct lnr_rule **ret, unsigned max)
{
	lend_slots(m, ctx);
	return m->run ? lnr_network_eval(m->run, ctx, m->match_all, ret, max) : 0;
}

unsigned lnr_matcher_eval_tree(
	struct lnr_matcher *m, struct lnr_field_ctx *ctx, const struct lnr_rule **ret, unsigned max)
{
	const struct lnr_source_rules *s = m->source;
	unsigned type = ctx->ev->type, n = 0;

	lend_slots(m, ctx);
	if (!s || type >= LNR_EVENT_COUNT)
		return 0;
	for (uint32_t i = s->first[type]; i < s->first[type + 1] && n < max; i++) {
		const struct lnr_rule *rule = &m->rs->rules[s->by_event[i]];

		if (!lnr_node_eval(rule->cond, ctx))
			continue;
		ret[n++] = rule;
		if (!m->match_all)
			break;
	}
	return n;
}

/* --- counters ------------------------------------------------------------------------------ */

bool lnr_matcher_rule_profile(const struct lnr_matcher *m, uint32_t i, struct lnr_rule_profile *ret)
{
	if (!m->source || i >= m->source->n_order)
		return false;
	ret->rule = &m->rs->rules[m->source->order[i]];
	lnr_network_rule_counts(m->run, ret->rule->id, &ret->tried, &ret->matched);
	return true;
}

bool lnr_matcher_check_profile(
	const struct lnr_matcher *m, uint32_t i, struct lnr_check_profile *ret)
{
	if (!m->net)
		return false;
	ret->check = lnr_network_check(m->net, i);
	if (!ret->check)
		return false;
	lnr_network_check_counts(m->run, i, &ret->asked, &ret->was_true);
	return true;
}

uint64_t lnr_matcher_regex_limits(const struct lnr_matcher *m)
{
	return lnr_interner_gave_up(m->rs->mem->interner);
}
