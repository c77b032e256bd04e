/* SPDX-License-Identifier: Apache-2.0 */
/* One engine's working memory for one rule set. */
#include <stdlib.h>
#include "rules/ruleset_priv.h"

struct lnr_matcher {
	struct lnr_ruleset *rs;
	const struct lnr_source_rules *source; /* NULL: no rule is of this source */
	bool match_all;
	uint64_t *slots;
};

int lnr_matcher_new(
	struct lnr_ruleset *rs, struct lnr_str source, bool match_all, struct lnr_matcher **ret)
{
	struct lnr_matcher *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->slots = calloc(rs->n_slots ? rs->n_slots : 1, sizeof(*m->slots));
	if (!m->slots) {
		lnr_matcher_free(m);
		return -ENOMEM;
	}
	m->rs = lnr_ruleset_ref(rs);
	m->source = lnr_ruleset_source(rs, source);
	m->match_all = match_all;
	*ret = m;
	return 0;
}

struct lnr_matcher *lnr_matcher_free(struct lnr_matcher *m)
{
	if (!m)
		return NULL;
	lnr_ruleset_unref(m->rs);
	free(m->slots);
	free(m);
	return NULL;
}

unsigned lnr_matcher_eval_tree(
	struct lnr_matcher *m, struct lnr_field_ctx *ctx, const struct lnr_rule **ret, unsigned max)
{
	const struct lnr_source_rules *s = m->source;
	unsigned type = ctx->ev->type, n = 0;

	ctx->slots = m->slots;
	ctx->n_slots = m->rs->n_slots;
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

unsigned lnr_matcher_eval(
	struct lnr_matcher *m, struct lnr_field_ctx *ctx, const struct lnr_rule **ret, unsigned max)
{
	return lnr_matcher_eval_tree(m, ctx, ret, max);
}
