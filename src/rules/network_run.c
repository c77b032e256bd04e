/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluation of one event by a network. */
#include <stdlib.h>
#include "rules/automaton.h"
#include "rules/network_priv.h"
#include "rules/pathtrie.h"
#include "rules/radix.h"

/*
 * Answer to a predicate, valid for the event whose number is in gen. Its counters stand beside it:
 * what is asked is in the cache already, so that counting costs an addition.
 */
struct answer {
	uint32_t gen;
	uint32_t value; /* not used for predicates of tables: valid means true */
	uint64_t n[2];	/* how often it was false, true; of tables only the latter */
};

struct table_run {
	uint32_t gen;	 /* asked for the event of that number */
	uint32_t n_hits; /* its true predicates are in hits, from its first_pred on */
	uint64_t asked;
};

struct rule_run {
	uint64_t n[2]; /* how often it was tried in vain, matched */
};

struct lnr_network_run {
	const struct lnr_network *net;
	uint32_t gen; /* number of the event, never 0 */
	struct lnr_expr_cache cache;
	struct answer *answers;	  /* by predicate */
	struct table_run *tables; /* by table */
	struct rule_run *rules;	  /* by id */
	uint32_t *hits;		  /* predicates of tables that are true */
	uint64_t *wanted; /* rules of the class to be tried, one bit each; all 0 in between */
};

/* --- tables -------------------------------------------------------------------------------- */

struct asking {
	struct lnr_network_run *run;
	const struct lnr_net_table *table;
	uint32_t number;
};

static void mark(const struct asking *a, uint32_t pred)
{
	struct answer *answer = &a->run->answers[a->table->first_pred + pred];

	if (answer->gen == a->run->gen)
		return;
	answer->gen = a->run->gen;
	answer->n[true]++;
	a->run->hits[a->table->first_pred + a->run->tables[a->number].n_hits++] = pred;
}

static void hit(void *user, uint32_t key)
{
	const struct asking *a = user;
	const struct lnr_net_table *t = a->table;

	for (uint32_t i = t->first[key]; i < t->first[key + 1]; i++)
		mark(a, t->preds[i]);
}

static bool hit_and_go_on(void *user, uint32_t key)
{
	hit(user, key);
	return false;
}

static void ask_one(struct asking *a, struct lnr_field_ctx *ctx, const struct lnr_val *v)
{
	const struct lnr_net_table *t = a->table;
	int64_t key;

	for (uint32_t i = 0; i < t->n_always; i++)
		mark(a, t->always[i]);
	switch ((enum lnr_net_table_kind)t->kind) {
	case LNR_NET_EQUAL:
		if (lnr_pt_kind(v->type) == LNR_VK_STR &&
			!(t->lengths >> (v->str.len < 63 ? v->str.len : 63) & 1))
			return;
		key = lnr_valset_find(&t->equal, v);
		if (key >= 0)
			hit(a, (uint32_t)key);
		return;
	case LNR_NET_NETWORK:
		lnr_netset_find(&t->nets, &v->ip, hit_and_go_on, a);
		return;
	case LNR_NET_PREFIX:
	case LNR_NET_SUFFIX:
		lnr_radix_find(t->radix, v->str, hit, a);
		return;
	case LNR_NET_CONTAINS:
	case LNR_NET_ICONTAINS:
		lnr_automaton_run(t->automaton, v->str, hit, a);
		return;
	case LNR_NET_PATH:
		lnr_pathtrie_match(t->paths, ctx->ev->scratch, v->str, hit_and_go_on, a);
		return;
	}
}

static void ask_table(struct lnr_network_run *run, struct lnr_field_ctx *ctx, uint32_t number)
{
	struct asking a = {run, &run->net->tables[number], number};
	struct lnr_val tmp;
	const struct lnr_val *v;

	run->tables[number].gen = run->gen;
	run->tables[number].n_hits = 0;
	run->tables[number].asked++;
	v = lnr_expr_get(a.table->expr, ctx, &run->cache, &tmp);
	if (!v)
		return;
	if (!v->is_list) {
		ask_one(&a, ctx, v);
		return;
	}
	for (size_t i = 0; i < v->list.n; i++)
		ask_one(&a, ctx, &v->list.items[i]);
}

/* --- predicates ---------------------------------------------------------------------------- */

static bool compare_number(const struct lnr_net_pred *p, const struct lnr_val *v)
{
	bool less = p->is_signed ? v->s64 < (int64_t)p->number : v->u64 < p->number;

	return p->order >> (v->u64 == p->number ? 1 : less ? 0 : 2) & 1;
}

static bool compute(struct lnr_network_run *run, struct lnr_field_ctx *ctx,
	const struct lnr_net_pred *p, uint32_t number)
{
	struct answer *a = &run->answers[number];
	const struct lnr_val *v;
	struct lnr_val tmp;

	switch ((enum lnr_net_pred_kind)p->kind) {
	case LNR_NET_TABLE:
		if (run->tables[p->table].gen != run->gen)
			ask_table(run, ctx, p->table);
		return a->gen == run->gen;
	case LNR_NET_NOT_TABLE:
		v = lnr_expr_get(p->expr, ctx, &run->cache, &tmp);
		return v && !compute(run, ctx, &run->net->preds[p->other], p->other);
	case LNR_NET_EXISTS:
		return lnr_expr_get(p->expr, ctx, &run->cache, &tmp);
	case LNR_NET_BOOL:
		v = lnr_expr_get(p->expr, ctx, &run->cache, &tmp);
		return v && (v->u64 != 0) == p->want;
	case LNR_NET_NUMBER:
		v = lnr_expr_get(p->expr, ctx, &run->cache, &tmp);
		return v && compare_number(p, v);
	case LNR_NET_CHECK:
		if (a->gen != run->gen) {
			a->value = lnr_check_eval(p->check, ctx, &run->cache);
			a->gen = run->gen;
		}
		return a->value;
	}
	return false;
}

static inline bool test(struct lnr_network_run *run, struct lnr_field_ctx *ctx, uint32_t number)
{
	const struct lnr_net_pred *p = &run->net->preds[number];
	bool yes = compute(run, ctx, p, number);

	if (p->kind != LNR_NET_TABLE)
		run->answers[number].n[yes]++;
	return yes;
}

/* --- rules --------------------------------------------------------------------------------- */

/* As written, left to right; answers that cannot differ are taken from the cache. */
static bool walk(struct lnr_network_run *run, struct lnr_field_ctx *ctx, const struct lnr_node *n)
{
	switch ((enum lnr_node_kind)n->kind) {
	case LNR_NODE_TRUE:
		return true;
	case LNR_NODE_FALSE:
		return false;
	case LNR_NODE_NOT:
		return !walk(run, ctx, n->kids[0]);
	case LNR_NODE_CHECK:
		return lnr_check_eval(n, ctx, &run->cache);
	case LNR_NODE_AND:
	case LNR_NODE_OR:
		break;
	}
	for (uint32_t i = 0; i < n->n_kids; i++) {
		if (walk(run, ctx, n->kids[i]) != (n->kind == LNR_NODE_AND))
			return n->kind == LNR_NODE_OR;
	}
	return n->kind == LNR_NODE_AND;
}

static bool try_rule(
	struct lnr_network_run *run, struct lnr_field_ctx *ctx, const struct lnr_net_rule *rule)
{
	const struct lnr_net_step *steps = run->net->steps;
	uint32_t at = rule->entry;

	if (rule->ordered)
		return walk(run, ctx, rule->rule->cond);
	while (at < LNR_NET_NO)
		at = test(run, ctx, steps[at].pred) ? steps[at].yes : steps[at].no;
	return at == LNR_NET_YES;
}

static void want(struct lnr_network_run *run, uint32_t rule)
{
	run->wanted[rule / 64] |= UINT64_C(1) << rule % 64;
}

/* Open the group: as deep as shared tests are nested, which is a handful. */
static void choose_rules(struct lnr_network_run *run, struct lnr_field_ctx *ctx,
	const struct lnr_net_class *c, const struct lnr_net_group *g)
{
	for (uint32_t i = 0; i < g->n_direct; i++)
		want(run, g->direct[i]);
	for (uint32_t i = 0; i < g->n_lookups; i++) {
		const struct lnr_net_lookup *l = &g->lookups[i];
		uint32_t base = run->net->tables[l->table].first_pred;

		if (run->tables[l->table].gen != run->gen)
			ask_table(run, ctx, l->table);
		for (uint32_t k = 0; k < run->tables[l->table].n_hits; k++) {
			uint32_t pred = run->hits[base + k];

			for (uint32_t r = l->first[pred]; r < l->first[pred + 1]; r++)
				want(run, l->rules[r]);
		}
	}
	for (uint32_t k = 0; k < g->n_kids; k++) {
		const struct lnr_net_group *kid = &c->groups[g->first_kid + k];

		if (test(run, ctx, kid->pred) == kid->want)
			choose_rules(run, ctx, c, kid);
	}
}

unsigned lnr_network_eval(struct lnr_network_run *run, struct lnr_field_ctx *ctx, bool all,
	const struct lnr_rule **ret, unsigned max)
{
	const struct lnr_network *net = run->net;
	unsigned type = ctx->ev->type, n = 0;
	const struct lnr_net_class *c;

	if (type >= LNR_EVENT_COUNT || !net->class_of[type] || !max)
		return 0;
	c = &net->classes[net->class_of[type] - 1];
	if (!c->n_rules)
		return 0;
	if (!++run->gen) { /* after 2^32 events every old answer looks new */
		for (uint32_t i = 0; i < net->n_preds; i++)
			run->answers[i].gen = 0;
		for (uint32_t i = 0; i < net->n_tables; i++)
			run->tables[i].gen = 0;
		memset(run->cache.slots, 0, net->n_exprs * sizeof(*run->cache.slots));
		run->gen = 1;
	}
	run->cache.gen = run->gen;
	choose_rules(run, ctx, c, &c->groups[0]);
	for (uint32_t w = 0; w < (c->n_rules + 63) / 64; w++) {
		uint64_t bits = run->wanted[w];

		run->wanted[w] = 0;
		for (; bits && n < max; bits &= bits - 1) {
			const struct lnr_net_rule *rule =
				&c->rules[w * 64 + (uint32_t)__builtin_ctzll(bits)];
			bool yes = try_rule(run, ctx, rule);

			run->rules[rule->rule->id].n[yes]++;
			if (!yes)
				continue;
			ret[n++] = rule->rule;
			if (!all)
				max = n;
		}
	}
	return n;
}

/* --- memory -------------------------------------------------------------------------------- */

static void *zeroed(size_t n, size_t size)
{
	return calloc(n ? n : 1, size);
}

int lnr_network_run_new(const struct lnr_network *net, struct lnr_network_run **ret)
{
	struct lnr_network_run *run = calloc(1, sizeof(*run));

	if (!run)
		return -ENOMEM;
	run->net = net;
	run->cache.slots = zeroed(net->n_exprs, sizeof(*run->cache.slots));
	run->answers = zeroed(net->n_preds, sizeof(*run->answers));
	run->tables = zeroed(net->n_tables, sizeof(*run->tables));
	run->rules = zeroed(net->rs->n_rules, sizeof(*run->rules));
	run->hits = zeroed(net->n_preds, sizeof(*run->hits));
	run->wanted = zeroed(net->max_rules / 64 + 1, sizeof(*run->wanted));
	if (!run->cache.slots || !run->answers || !run->tables || !run->rules || !run->hits ||
		!run->wanted) {
		lnr_network_run_free(run);
		return -ENOMEM;
	}
	*ret = run;
	return 0;
}

struct lnr_network_run *lnr_network_run_free(struct lnr_network_run *run)
{
	if (!run)
		return NULL;
	free(run->cache.slots);
	free(run->answers);
	free(run->tables);
	free(run->rules);
	free(run->hits);
	free(run->wanted);
	free(run);
	return NULL;
}

void lnr_network_check_counts(
	const struct lnr_network_run *run, uint32_t i, uint64_t *ret_asked, uint64_t *ret_true)
{
	uint32_t pred = run->net->checks[i];
	const struct lnr_net_pred *p = &run->net->preds[pred];
	const struct answer *a = &run->answers[pred];

	*ret_asked = p->kind == LNR_NET_TABLE ? run->tables[p->table].asked
					      : a->n[false] + a->n[true];
	*ret_true = a->n[true];
}

void lnr_network_rule_counts(const struct lnr_network_run *run, uint32_t rule_id,
	uint64_t *ret_tried, uint64_t *ret_matched)
{
	const struct rule_run *r = &run->rules[rule_id];

	*ret_tried = r->n[false] + r->n[true];
	*ret_matched = r->n[true];
}
