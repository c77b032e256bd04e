/* SPDX-License-Identifier: Apache-2.0 */
/* One rule for one class of event types: constants put in, negations at the leaves, a program. */
#include "rules/network_priv.h"

#include <stdlib.h>
#include "rules/fold.h"
#include "schema/limits.h"

static struct lnr_net_node *node_new(struct lnr_net_builder *b, enum lnr_node_kind kind)
{
	struct lnr_net_node *n = lnr_arena_new(&b->scratch, struct lnr_net_node);

	if (n)
		n->kind = (uint8_t)kind;
	return n;
}

static struct lnr_net_node *constant(struct lnr_net_builder *b, bool value)
{
	return node_new(b, value ? LNR_NODE_TRUE : LNR_NODE_FALSE);
}

static struct lnr_net_node *literal(
	struct lnr_net_builder *b, const struct lnr_node *check, const uint8_t *folds, bool negated)
{
	uint32_t index = (uint32_t)(uintptr_t)lnr_idmap_get(
		&b->fold_index, (uint64_t)(uintptr_t)check);
	const struct lnr_net_pred *p;
	struct lnr_net_node *n;

	if (index && folds[index - 1] != LNR_FOLD_NO)
		return constant(b, (folds[index - 1] == LNR_FOLD_TRUE) != negated);
	n = node_new(b, LNR_NODE_CHECK);
	if (!n)
		return NULL;
	n->pred = lnr_net_pred_of(b, check);
	p = &b->net->preds[n->pred];
	n->negated = negated;
	n->cost = p->cost;
	n->odds = negated ? 1 - p->odds : p->odds;
	return n;
}

/* What it costs to find out, and how likely it is true, when kids are asked in their order. */
static void estimate(struct lnr_net_node *n)
{
	bool both = n->kind == LNR_NODE_AND;
	float reached = 1;

	n->cost = 0;
	for (uint32_t i = 0; i < n->n_kids; i++) {
		n->cost += reached * n->kids[i]->cost;
		reached *= both ? n->kids[i]->odds : 1 - n->kids[i]->odds;
	}
	n->odds = both ? reached : 1 - reached;
}

/* First what decides soonest for its cost. */
static float rank(const struct lnr_net_node *n, bool both)
{
	float decides = both ? 1 - n->odds : n->odds;

	return n->cost / (decides > 0.001f ? decides : 0.001f);
}

/* Insertion sort: stable, and kids are few. Long lists stay as they are. */
static void order_kids(struct lnr_net_node *n)
{
	bool both = n->kind == LNR_NODE_AND;

	if (n->n_kids > LNR_NETWORK_ORDERED)
		return;
	for (uint32_t i = 1; i < n->n_kids; i++) {
		struct lnr_net_node *kid = n->kids[i];
		float r = rank(kid, both);
		uint32_t k = i;

		for (; k > 0 && rank(n->kids[k - 1], both) > r; k--)
			n->kids[k] = n->kids[k - 1];
		n->kids[k] = kid;
	}
}

static struct lnr_net_node *simplify(
	struct lnr_net_builder *b, const struct lnr_node *cond, const uint8_t *folds, bool negated);

/* Kids of the same kind are taken in; constants vanish or decide. */
static struct lnr_net_node *simplify_group(
	struct lnr_net_builder *b, const struct lnr_node *cond, const uint8_t *folds, bool negated)
{
	bool both = (cond->kind == LNR_NODE_AND) != negated;
	struct lnr_net_node *n = node_new(b, both ? LNR_NODE_AND : LNR_NODE_OR);
	uint32_t room = cond->n_kids, at = 0;

	if (n)
		n->kids = lnr_arena_calloc(&b->scratch, room + 1, sizeof(struct lnr_net_node *));
	if (!n || !n->kids)
		return NULL;
	for (uint32_t i = 0; i < cond->n_kids; i++) {
		struct lnr_net_node *kid = simplify(b, cond->kids[i], folds, negated);

		if (!kid)
			return NULL;
		if (kid->kind == LNR_NODE_TRUE || kid->kind == LNR_NODE_FALSE) {
			if ((kid->kind == LNR_NODE_TRUE) != both)
				return kid;
			continue;
		}
		if (kid->kind == n->kind) {
			struct lnr_net_node **more;

			room += kid->n_kids;
			more = lnr_arena_calloc(&b->scratch, room + 1, sizeof(*more));
			if (!more)
				return NULL;
			memcpy(more, n->kids, at * sizeof(*more));
			memcpy(more + at, kid->kids, kid->n_kids * sizeof(*more));
			n->kids = more;
			at += kid->n_kids;
			continue;
		}
		n->kids[at++] = kid;
	}
	if (at < 2)
		return at ? n->kids[0] : constant(b, both);
	n->n_kids = at;
	order_kids(n);
	estimate(n);
	return n;
}

static struct lnr_net_node *simplify(
	struct lnr_net_builder *b, const struct lnr_node *cond, const uint8_t *folds, bool negated)
{
	switch ((enum lnr_node_kind)cond->kind) {
	case LNR_NODE_TRUE:
		return constant(b, !negated);
	case LNR_NODE_FALSE:
		return constant(b, negated);
	case LNR_NODE_NOT:
		return simplify(b, cond->kids[0], folds, !negated);
	case LNR_NODE_CHECK:
		return literal(b, cond, folds, negated);
	case LNR_NODE_AND:
	case LNR_NODE_OR:
		break;
	}
	return simplify_group(b, cond, folds, negated);
}

struct lnr_net_node *lnr_net_simplify(
	struct lnr_net_builder *b, const struct lnr_node *cond, const uint8_t *folds)
{
	return simplify(b, cond, folds, false);
}

/* --- programs ------------------------------------------------------------------------------ */

static int step(struct lnr_network *net, uint32_t pred, uint32_t yes, uint32_t no, uint32_t *ret)
{
	if (net->n_steps == net->cap_steps) {
		uint32_t cap = net->cap_steps ? net->cap_steps * 2 : 256;
		void *p = reallocarray(net->steps, cap, sizeof(*net->steps));

		if (!p)
			return -ENOMEM;
		net->steps = p;
		net->cap_steps = cap;
	}
	net->steps[net->n_steps] = (struct lnr_net_step){pred, yes, no};
	*ret = net->n_steps++;
	return 0;
}

/* From the end to the beginning, so that where to go next is known when a step is written. */
static int emit(struct lnr_network *net, const struct lnr_net_node *n, uint32_t yes, uint32_t no,
	uint32_t *ret)
{
	bool both = n->kind == LNR_NODE_AND;
	int r = 0;

	if (n->kind == LNR_NODE_TRUE || n->kind == LNR_NODE_FALSE) {
		*ret = n->kind == LNR_NODE_TRUE ? yes : no;
		return 0;
	}
	if (n->kind == LNR_NODE_CHECK)
		return n->negated ? step(net, n->pred, no, yes, ret)
				  : step(net, n->pred, yes, no, ret);
	*ret = both ? yes : no;
	for (uint32_t i = n->n_kids; !r && i-- > 0;)
		r = emit(net, n->kids[i], both ? *ret : yes, both ? no : *ret, ret);
	return r;
}

int lnr_net_program(struct lnr_network *net, const struct lnr_net_node *n, uint32_t *ret_entry)
{
	return emit(net, n, LNR_NET_YES, LNR_NET_NO, ret_entry);
}
