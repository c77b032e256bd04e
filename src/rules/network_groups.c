/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rules of a class to try: shared tests first, then tables that name rules.
 *
 *	outermost group
 *	    tables: proc.name in (…)		rules 4, 9
 *	    always: 12
 *	    evt.is_open_write = true
 *	        tables: fd.name startswith …	rules 1, 2, 7
 *	        fd.typechar = f
 *	            …
 */
#include "rules/network_priv.h"

#include <stdlib.h>

/* Levels of shared tests; more rarely pay. */
#define DEPTH 4
/* Shared tests of one group, and what share of its rules one must have: each is asked every time.
 */
#define KIDS  16
#define SHARE 24
/* A shared test must be false often enough, and not be dear. */
#define SHARED_ODDS 0.85f
#define SHARED_COST 45.0f
/* A guard that is true more often than this is no use. */
#define GUARD_ODDS 0.6f
/* Predicates of one guard: beyond it the test of the rule itself is as good. */
#define GUARD_PREDS 4096

struct draft_group {
	struct lnr_net_group g;
	uint32_t *rules; /* those that stay in this group */
	uint32_t n_rules;
	struct draft_group *kids, *next; /* newest first */
};

struct grouper {
	struct lnr_net_builder *b;
	struct lnr_net_node **trees;
	uint32_t n_groups;
	uint32_t used[DEPTH]; /* predicate times two plus negation of the groups around */
	unsigned depth;
};

/* --- guards -------------------------------------------------------------------------------- */

struct guard {
	uint32_t *preds;
	uint32_t n;
	float odds;
};

/* Can the table's answer be had for a predicate? */
static bool is_table(const struct grouper *g, const struct lnr_net_node *n)
{
	return n->kind == LNR_NODE_CHECK && !n->negated &&
	       g->b->net->preds[n->pred].kind == LNR_NET_TABLE;
}

/* Odds that one of the guard's predicates is true; above 1 = there is no guard. */
static float guard_odds(const struct grouper *g, const struct lnr_net_node *n, uint32_t *ret_n)
{
	float best = 2, sum = 0;

	*ret_n = 0;
	if (n->kind == LNR_NODE_TRUE)
		return 2;
	if (n->kind == LNR_NODE_CHECK) {
		*ret_n = 1;
		/* Dear tables count as if they were true a little more often. */
		return is_table(g, n) ? n->odds + n->cost / 4000 : 2;
	}
	if (n->kind == LNR_NODE_AND) {
		for (uint32_t i = 0; i < n->n_kids; i++) {
			uint32_t count;
			float odds = guard_odds(g, n->kids[i], &count);

			if (odds < best) {
				best = odds;
				*ret_n = count;
			}
		}
		return best;
	}
	for (uint32_t i = 0; i < n->n_kids; i++) {
		uint32_t count;

		sum += guard_odds(g, n->kids[i], &count);
		*ret_n += count;
		if (sum > 1 || *ret_n > GUARD_PREDS)
			return 2;
	}
	return sum;
}

/* The predicates of the best guard, as chosen by guard_odds(). */
static void take_guard(const struct grouper *g, const struct lnr_net_node *n, struct guard *ret)
{
	const struct lnr_net_node *best = NULL;
	float odds = 2;
	uint32_t count;

	if (n->kind == LNR_NODE_CHECK) {
		ret->preds[ret->n++] = n->pred;
		return;
	}
	if (n->kind == LNR_NODE_OR) {
		for (uint32_t i = 0; i < n->n_kids; i++)
			take_guard(g, n->kids[i], ret);
		return;
	}
	for (uint32_t i = 0; i < n->n_kids; i++) {
		float o = guard_odds(g, n->kids[i], &count);

		if (o < odds) {
			odds = o;
			best = n->kids[i];
		}
	}
	if (best)
		take_guard(g, best, ret);
}

/* False: the rule has no guard worth having. */
static bool guard_of(struct grouper *g, const struct lnr_net_node *tree, struct guard *ret, int *rc)
{
	uint32_t n;

	ret->odds = guard_odds(g, tree, &n);
	ret->n = 0;
	if (ret->odds > GUARD_ODDS)
		return false;
	ret->preds = lnr_arena_calloc(&g->b->scratch, n + 1, sizeof(*ret->preds));
	if (!ret->preds) {
		*rc = -ENOMEM;
		return false;
	}
	take_guard(g, tree, ret);
	return true;
}

/* --- shared tests -------------------------------------------------------------------------- */

/* What every match of the rule needs, one after the other: its own conjuncts. */
static uint32_t conjuncts(const struct lnr_net_node *tree, struct lnr_net_node *const **ret)
{
	static struct lnr_net_node *const none[1];

	if (!tree || tree->kind != LNR_NODE_AND) {
		*ret = none;
		return 0;
	}
	*ret = tree->kids;
	return tree->n_kids;
}

static bool may_share(const struct grouper *g, const struct lnr_net_node *n)
{
	uint32_t key = n->pred * 2 + n->negated;

	if (n->kind != LNR_NODE_CHECK || n->odds > SHARED_ODDS || n->cost > SHARED_COST)
		return false;
	/* What is seldom true is better found by its table, for many rules at once. */
	if (is_table(g, n) && n->odds < 0.2f)
		return false;
	for (unsigned i = 0; i < g->depth; i++) {
		if (g->used[i] == key)
			return false;
	}
	return true;
}

static bool needs(const struct lnr_net_node *tree, uint32_t key)
{
	struct lnr_net_node *const *kids;
	uint32_t n = conjuncts(tree, &kids);

	for (uint32_t i = 0; i < n; i++) {
		if (kids[i]->kind == LNR_NODE_CHECK && kids[i]->pred * 2 + kids[i]->negated == key)
			return true;
	}
	return false;
}

/* The test that saves most: shared by many, seldom true, cheap. False = none is shared. */
static bool best_test(
	struct grouper *g, const uint32_t *rules, uint32_t n, uint32_t *counts, uint32_t *ret)
{
	float best = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct lnr_net_node *const *kids;
		uint32_t n_kids = conjuncts(g->trees[rules[i]], &kids);

		for (uint32_t k = 0; k < n_kids; k++) {
			if (may_share(g, kids[k]))
				counts[kids[k]->pred * 2 + kids[k]->negated]++;
		}
	}
	for (uint32_t i = 0; i < n; i++) {
		struct lnr_net_node *const *kids;
		uint32_t n_kids = conjuncts(g->trees[rules[i]], &kids);

		for (uint32_t k = 0; k < n_kids; k++) {
			uint32_t key = kids[k]->pred * 2 + kids[k]->negated, count = counts[key];
			float gain;

			counts[key] = 0;
			if (count < 2 || count < n / SHARE || !may_share(g, kids[k]))
				continue;
			gain = (float)count * (1 - kids[k]->odds) / (20 + kids[k]->cost);
			if (gain > best) {
				best = gain;
				*ret = key;
			}
		}
	}
	return best > 0;
}

/* --- groups -------------------------------------------------------------------------------- */

static struct draft_group *draft(struct grouper *g, uint32_t *rules, uint32_t n, uint32_t *counts)
{
	struct draft_group *d = lnr_arena_new(&g->b->scratch, struct draft_group);
	uint32_t key = 0;

	if (!d)
		return NULL;
	g->n_groups++;
	d->g.pred = LNR_NET_NONE;
	while (g->depth < DEPTH && d->g.n_kids < KIDS && n > 1 &&
		best_test(g, rules, n, counts, &key)) {
		uint32_t *in = lnr_arena_calloc(&g->b->scratch, n, sizeof(*in)), n_in = 0, left = 0;
		struct draft_group *kid;

		if (!in)
			return NULL;
		for (uint32_t i = 0; i < n; i++) {
			if (needs(g->trees[rules[i]], key))
				in[n_in++] = rules[i];
			else
				rules[left++] = rules[i];
		}
		n = left;
		g->used[g->depth++] = key;
		kid = draft(g, in, n_in, counts);
		g->depth--;
		if (!kid)
			return NULL;
		kid->g.pred = key / 2;
		kid->g.want = !(key & 1);
		kid->next = d->kids;
		d->kids = kid;
		d->g.n_kids++;
	}
	d->rules = rules;
	d->n_rules = n;
	return d;
}

struct naming { /* predicate names a rule */
	uint32_t table, pred, rule;
};

static int compare_namings(const void *a, const void *b)
{
	const struct naming *x = a, *y = b;

	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	if (x->pred != y->pred)
		return x->pred < y->pred ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* One lookup per table from sorted namings. */
static int make_lookups(
	struct grouper *g, const struct naming *names, uint32_t n, struct lnr_net_group *ret)
{
	struct lnr_arena *keep = &g->b->net->arena;
	struct lnr_net_lookup *lookups;
	uint32_t n_tables = 0, at = 0;

	for (uint32_t i = 0; i < n; i++)
		n_tables += i == 0 || names[i].table != names[i - 1].table;
	ret->lookups = lookups = lnr_arena_calloc(keep, n_tables + 1, sizeof(*lookups));
	if (!lookups)
		return -ENOMEM;
	for (uint32_t i = 0; i < n;) {
		const struct lnr_net_table *t = &g->b->net->tables[names[i].table];
		uint32_t *first = lnr_arena_calloc(keep, t->n_preds + 2, sizeof(*first));
		uint32_t *rules, begin = i;

		while (i < n && names[i].table == names[begin].table)
			i++;
		rules = lnr_arena_calloc(keep, i - begin + 1, sizeof(*rules));
		if (!first || !rules)
			return -ENOMEM;
		for (uint32_t k = begin; k < i; k++) {
			rules[k - begin] = names[k].rule;
			first[names[k].pred - t->first_pred + 1] = k - begin + 1;
		}
		/* Predicates without a rule end where the one before them ended. */
		for (uint32_t p = 1; p <= t->n_preds; p++) {
			if (first[p] < first[p - 1])
				first[p] = first[p - 1];
		}
		lookups[at++] = (struct lnr_net_lookup){names[begin].table, first, rules};
	}
	ret->n_lookups = n_tables;
	return 0;
}

static int fill_group(struct grouper *g, const struct draft_group *d, struct lnr_net_group *ret)
{
	struct lnr_arena *keep = &g->b->net->arena;
	uint32_t *direct = lnr_arena_calloc(keep, d->n_rules + 1, sizeof(*direct));
	struct naming *names = NULL;
	size_t n_names = 0, cap = 0;
	int rc = direct ? 0 : -ENOMEM;

	*ret = d->g;
	ret->direct = direct;
	for (uint32_t i = 0; !rc && i < d->n_rules; i++) {
		const struct lnr_net_node *tree = g->trees[d->rules[i]];
		struct guard guard;

		if (!tree || !guard_of(g, tree, &guard, &rc)) {
			direct[ret->n_direct++] = d->rules[i];
			continue;
		}
		if (n_names + guard.n > cap) {
			size_t more = (cap + guard.n) * 2;
			void *p = reallocarray(names, more, sizeof(*names));

			if (!p) {
				rc = -ENOMEM;
				break;
			}
			names = p;
			cap = more;
		}
		for (uint32_t k = 0; k < guard.n; k++)
			names[n_names++] = (struct naming){g->b->net->preds[guard.preds[k]].table,
				guard.preds[k], d->rules[i]};
	}
	if (!rc) {
		if (n_names)
			qsort(names, n_names, sizeof(*names), compare_namings);
		rc = make_lookups(g, names, (uint32_t)n_names, ret);
	}
	free(names);
	return rc;
}

/* Children of a group stand side by side; a group comes after its parent. */
static int place(
	struct grouper *g, const struct draft_group *d, struct lnr_net_class *c, uint32_t at)
{
	uint32_t kid = c->n_groups, i = 0;
	int rc = fill_group(g, d, &c->groups[at]);

	c->groups[at].first_kid = kid;
	c->n_groups += d->g.n_kids;
	for (const struct draft_group *k = d->kids; !rc && k; k = k->next)
		rc = place(g, k, c, kid + i++);
	return rc;
}

int lnr_net_group(struct lnr_net_builder *b, struct lnr_net_class *c, struct lnr_net_node **trees)
{
	struct grouper g = {.b = b, .trees = trees};
	uint32_t *rules = lnr_arena_calloc(&b->scratch, c->n_rules + 1, sizeof(*rules));
	uint32_t *counts = lnr_arena_calloc(
		&b->scratch, (size_t)b->net->n_preds * 2 + 2, sizeof(*counts));
	struct draft_group *root;

	if (!rules || !counts)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->n_rules; i++)
		rules[i] = i;
	root = draft(&g, rules, c->n_rules, counts);
	if (!root)
		return -ENOMEM;
	c->groups = lnr_arena_calloc(&b->net->arena, g.n_groups, sizeof(*c->groups));
	if (!c->groups)
		return -ENOMEM;
	c->n_groups = 1;
	return place(&g, root, c, 0);
}
