/* SPDX-License-Identifier: Apache-2.0 */
/* Compilation of a network: predicates, tables, classes of event types. */
#include "rules/network.h"

#include <stdlib.h>
#include "rules/fold.h"
#include "rules/network_priv.h"

/* --- classes ------------------------------------------------------------------------------- */

/* What the foldable checks are for one event type. */
static void fold_all(struct lnr_net_builder *b, unsigned type, uint8_t *folds)
{
	for (uint32_t i = 0; i < b->n_foldable; i++)
		folds[i] = (uint8_t)lnr_fold_check(b->foldable[i], type, &b->scratch);
	lnr_arena_reset(&b->scratch);
}

static bool same_rules(const struct lnr_source_rules *s, unsigned a, unsigned b)
{
	uint32_t n = s->first[a + 1] - s->first[a];

	return n == s->first[b + 1] - s->first[b] &&
	       memcmp(s->by_event + s->first[a], s->by_event + s->first[b],
		       n * sizeof(*s->by_event)) == 0;
}

/*
 * A rule's programs are the same for event types with the same folded checks in it; remembered by
 * rule and the hash of those.
 */
struct programs {
	struct lnr_idmap map; /* hash to struct program */
};

struct program {
	const struct lnr_rule *rule;
	const uint8_t *folds; /* of the whole class it was made for */
	uint32_t entry;
	struct program *next;
};

/* The checks of one rule that fold, as places in the list of all. */
struct rule_folds {
	uint32_t *at;
	uint32_t n;
};

static uint32_t count_folds(
	const struct lnr_net_builder *b, const struct lnr_node *n, uint32_t *out)
{
	uint32_t count = 0;

	if (n->kind == LNR_NODE_CHECK) {
		uintptr_t i = (uintptr_t)lnr_idmap_get(&b->fold_index, (uint64_t)(uintptr_t)n);

		if (i && out)
			out[0] = (uint32_t)i - 1;
		return i != 0;
	}
	for (uint32_t i = 0; i < n->n_kids; i++)
		count += count_folds(b, n->kids[i], out ? out + count : NULL);
	return count;
}

static int find_rule_folds(
	struct lnr_net_builder *b, const struct lnr_source_rules *s, struct rule_folds *folds)
{
	for (uint32_t i = 0; i < s->n_order; i++) {
		const struct lnr_rule *rule = &b->net->rs->rules[s->order[i]];
		struct rule_folds *f = &folds[rule->id];

		f->n = count_folds(b, rule->cond, NULL);
		f->at = lnr_arena_calloc(&b->work, f->n + 1, sizeof(*f->at));
		if (!f->at)
			return -ENOMEM;
		count_folds(b, rule->cond, f->at);
	}
	return 0;
}

static uint64_t hash_folds(const struct rule_folds *f, uint32_t rule, const uint8_t *folds)
{
	uint64_t h = lnr_u64_hash(rule + 1);

	for (uint32_t i = 0; i < f->n; i++)
		h = lnr_u64_hash(h ^ (folds[f->at[i]] + 1u));
	return h;
}

static bool same_folds(const struct rule_folds *f, const uint8_t *a, const uint8_t *b)
{
	for (uint32_t i = 0; i < f->n; i++) {
		if (a[f->at[i]] != b[f->at[i]])
			return false;
	}
	return true;
}

/* Steps for the tree, shared with classes that have the same. */
static int program_for(struct lnr_net_builder *b, struct programs *programs,
	const struct lnr_rule *rule, const struct rule_folds *f, const uint8_t *folds,
	const struct lnr_net_node *tree, uint32_t *ret)
{
	uint64_t hash = hash_folds(f, rule->id, folds);
	struct program *first = lnr_idmap_get(&programs->map, hash), *p;
	int r;

	for (p = first; p; p = p->next) {
		if (p->rule == rule && same_folds(f, p->folds, folds)) {
			*ret = p->entry;
			return 0;
		}
	}
	r = lnr_net_program(b->net, tree, ret);
	p = r ? NULL : lnr_arena_new(&b->work, struct program);
	if (!p)
		return r ? r : -ENOMEM;
	*p = (struct program){rule, folds, *ret, first};
	return lnr_idmap_set(&programs->map, hash, p, NULL);
}

static int build_class(struct lnr_net_builder *b, const struct lnr_source_rules *s, unsigned type,
	const uint8_t *folds, struct programs *programs, const struct rule_folds *rule_folds,
	struct lnr_net_class *c)
{
	uint32_t n = s->first[type + 1] - s->first[type];
	struct lnr_net_node **trees = lnr_arena_calloc(&b->scratch, n + 1, sizeof(*trees));
	int r = 0;

	c->rules = lnr_arena_calloc(&b->net->arena, n + 1, sizeof(*c->rules));
	if (!trees || !c->rules)
		return -ENOMEM;
	for (uint32_t i = 0; !r && i < n; i++) {
		const struct lnr_rule *rule = &b->net->rs->rules[s->by_event[s->first[type] + i]];
		struct lnr_net_rule *out = &c->rules[c->n_rules];
		struct lnr_net_node *tree = lnr_net_simplify(b, rule->cond, folds);

		if (!tree)
			return -ENOMEM;
		out->rule = rule;
		out->ordered = lnr_net_is_volatile(rule->cond);
		/* What is walked must be walked even in vain: it counts its evaluations. */
		if (tree->kind == LNR_NODE_FALSE && !out->ordered)
			continue;
		trees[c->n_rules++] = out->ordered ? NULL : tree;
		if (!out->ordered)
			r = program_for(
				b, programs, rule, &rule_folds[rule->id], folds, tree, &out->entry);
	}
	if (!r && c->n_rules)
		r = lnr_net_group(b, c, trees);
	lnr_arena_reset(&b->scratch);
	if (b->net->max_rules < c->n_rules)
		b->net->max_rules = c->n_rules;
	return r;
}

/* Event types with the same rules and the same folded checks share a class. */
static int build_classes(struct lnr_net_builder *b, const struct lnr_source_rules *s)
{
	struct lnr_network *net = b->net;
	const uint8_t *folds_of[LNR_EVENT_COUNT];
	unsigned type_of[LNR_EVENT_COUNT];
	struct programs programs;
	struct rule_folds *rule_folds = lnr_arena_calloc(
		&b->work, net->rs->n_rules + 1, sizeof(*rule_folds));
	int r = rule_folds ? find_rule_folds(b, s, rule_folds) : -ENOMEM;

	net->classes = lnr_arena_calloc(&net->arena, LNR_EVENT_COUNT, sizeof(*net->classes));
	if (!net->classes)
		return -ENOMEM;
	lnr_idmap_init(&programs.map);
	for (unsigned t = 0; !r && t < LNR_EVENT_COUNT; t++) {
		uint8_t *folds;
		uint32_t c = 0;

		if (s->first[t] == s->first[t + 1])
			continue;
		folds = lnr_arena_alloc(&b->work, b->n_foldable + 1);
		if (!folds) {
			r = -ENOMEM;
			break;
		}
		fold_all(b, t, folds);
		while (c < net->n_classes &&
			!(same_rules(s, t, type_of[c]) &&
				memcmp(folds, folds_of[c], b->n_foldable) == 0))
			c++;
		net->class_of[t] = (uint16_t)(c + 1);
		if (c < net->n_classes)
			continue;
		type_of[c] = t;
		folds_of[c] = folds;
		net->n_classes++;
		r = build_class(b, s, t, folds, &programs, rule_folds, &net->classes[c]);
	}
	lnr_idmap_done(&programs.map);
	return r;
}

static int list_checks(struct lnr_network *net)
{
	net->checks = lnr_arena_calloc(&net->arena, net->n_preds + 1, sizeof(*net->checks));
	if (!net->checks)
		return -ENOMEM;
	for (uint32_t i = 0; i < net->n_preds; i++) {
		if (!net->preds[i].is_part)
			net->checks[net->n_checks++] = i;
	}
	return 0;
}

/* --- all of it ----------------------------------------------------------------------------- */

static int build(struct lnr_net_builder *b, const struct lnr_source_rules *s)
{
	int r = 0;

	for (uint32_t i = 0; !r && i < s->n_order; i++)
		r = lnr_net_collect(b, b->net->rs->rules[s->order[i]].cond);
	if (!r)
		r = lnr_net_finish_tables(b);
	if (!r)
		r = list_checks(b->net);
	return r ? r : build_classes(b, s);
}

int lnr_network_new(const struct lnr_ruleset *rs, const struct lnr_source_rules *source,
	struct lnr_network **ret)
{
	struct lnr_network *net = calloc(1, sizeof(*net));
	struct lnr_net_builder b = {.net = net};
	int r;

	if (!net)
		return -ENOMEM;
	lnr_arena_init(&net->arena, 0);
	net->rs = rs;
	net->n_exprs = rs->n_exprs;
	lnr_arena_init(&b.work, 0);
	lnr_arena_init(&b.scratch, 0);
	lnr_idmap_init(&b.by_check);
	lnr_idmap_init(&b.by_key);
	lnr_idmap_init(&b.fold_index);
	r = build(&b, source);
	lnr_idmap_done(&b.fold_index);
	lnr_idmap_done(&b.by_key);
	lnr_idmap_done(&b.by_check);
	lnr_arena_done(&b.scratch);
	lnr_arena_done(&b.work);
	free(b.drafts);
	free(b.foldable);
	if (r) {
		lnr_network_free(net);
		return r;
	}
	*ret = net;
	return 0;
}

struct lnr_network *lnr_network_free(struct lnr_network *net)
{
	if (!net)
		return NULL;
	free(net->preds);
	free(net->tables);
	free(net->steps);
	lnr_arena_done(&net->arena);
	free(net);
	return NULL;
}

int lnr_network_get(const struct lnr_ruleset *rs, const struct lnr_source_rules *source,
	const struct lnr_network **ret)
{
	struct lnr_network *_Atomic *at = &((struct lnr_source_rules *)source)->network;
	struct lnr_network *net = atomic_load_explicit(at, memory_order_acquire), *other = NULL;
	int r;

	if (!net) {
		r = lnr_network_new(rs, source, &net);
		if (r)
			return r;
		/* Two threads may have made one at the same time: the first one is used. */
		if (!atomic_compare_exchange_strong_explicit(
			    at, &other, net, memory_order_acq_rel, memory_order_acquire)) {
			lnr_network_free(net);
			net = other;
		}
	}
	*ret = net;
	return 0;
}

const struct lnr_node *lnr_network_check(const struct lnr_network *net, uint32_t i)
{
	return i < net->n_checks ? net->preds[net->checks[i]].check : NULL;
}

void lnr_network_stats(const struct lnr_network *net, struct lnr_network_stats *ret)
{
	*ret = (struct lnr_network_stats){.classes = net->n_classes,
		.predicates = net->n_preds,
		.tables = net->n_tables,
		.steps = net->n_steps,
		.bytes = net->arena.used_bytes + net->n_preds * sizeof(*net->preds) +
			 net->n_tables * sizeof(*net->tables) + net->n_steps * sizeof(*net->steps)};
	for (uint32_t i = 0; i < net->n_classes; i++)
		ret->groups += net->classes[i].n_groups;
}
