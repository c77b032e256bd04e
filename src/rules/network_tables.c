/* SPDX-License-Identifier: Apache-2.0 */
/* From collected keys to tables that answer in one look-up. */
#include "rules/network_priv.h"

#include <stdlib.h>
#include "rules/automaton.h"
#include "rules/pathtrie.h"
#include "rules/radix.h"
#include "schema/limits.h"

/* --- final numbers ------------------------------------------------------------------------- */

/* Predicates of one table get running numbers, in the order of the tables. */
static void order_preds(struct lnr_network *net, uint32_t *new_of)
{
	uint32_t next = 0;

	for (uint32_t t = 0; t < net->n_tables; t++)
		net->tables[t].n_preds = 0;
	for (uint32_t i = 0; i < net->n_preds; i++) {
		if (net->preds[i].kind == LNR_NET_TABLE)
			net->tables[net->preds[i].table].n_preds++;
	}
	for (uint32_t t = 0; t < net->n_tables; t++) {
		net->tables[t].first_pred = next;
		next += net->tables[t].n_preds;
		net->tables[t].n_preds = 0;
	}
	for (uint32_t i = 0; i < net->n_preds; i++) {
		struct lnr_net_table *t = net->preds[i].kind == LNR_NET_TABLE
						  ? &net->tables[net->preds[i].table]
						  : NULL;

		new_of[i] = t ? t->first_pred + t->n_preds++ : next++;
	}
}

static int renumber(struct lnr_net_builder *b, uint32_t *new_of)
{
	struct lnr_network *net = b->net;
	struct lnr_net_pred *preds = calloc(net->n_preds ? net->n_preds : 1, sizeof(*preds));
	uint64_t check;
	void *old;

	if (!preds)
		return -ENOMEM;
	for (uint32_t i = 0; i < net->n_preds; i++) {
		preds[new_of[i]] = net->preds[i];
		if (net->preds[i].other != LNR_NET_NONE)
			preds[new_of[i]].other = new_of[net->preds[i].other];
	}
	free(net->preds);
	net->preds = preds;
	for (uint32_t t = 0; t < net->n_tables; t++) {
		for (struct lnr_net_key *k = b->drafts[t].keys; k; k = k->next)
			k->pred = new_of[k->pred];
	}
	/* Values change in place, so that no memory is needed. */
	for (size_t pos = 0; lnr_idmap_next(&b->by_check, &pos, &check, &old);) {
		uint32_t now = new_of[(uint32_t)(uintptr_t)old - 1];
		int r = lnr_idmap_set(&b->by_check, check, (void *)((uintptr_t)now + 1), NULL);

		if (r)
			return r;
	}
	return 0;
}

/* --- one table ----------------------------------------------------------------------------- */

struct keys {
	struct lnr_val *vals; /* different ones */
	uint32_t n;
	uint32_t *key_of; /* of a draft key in order, its place in vals, or NONE: the empty text */
	struct lnr_net_key **drafts;
	uint32_t n_drafts;
};

/* Only a text that is searched for can be empty and still be found. */
static bool finds_empty(const struct lnr_net_table *t, const struct lnr_val *v)
{
	return (t->kind == LNR_NET_CONTAINS || t->kind == LNR_NET_ICONTAINS) && !v->str.len;
}

static int fold_text(struct lnr_arena *arena, struct lnr_str *s)
{
	char *out = lnr_arena_alloc(arena, s->len + 1);

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < s->len; i++) {
		char c = s->ptr[i];

		out[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	s->ptr = out;
	return 0;
}

/* Equal constants are one key. Networks and paths stay as they are: each is found by its number. */
static int make_keys(
	struct lnr_net_builder *b, const struct lnr_net_table *t, uint32_t n, struct keys *k)
{
	struct lnr_arena *keep = &b->net->arena;
	bool unique = t->kind != LNR_NET_NETWORK && t->kind != LNR_NET_PATH;
	struct lnr_val *all = lnr_arena_calloc(&b->scratch, n + 1, sizeof(*all));
	struct lnr_valset set;

	k->vals = lnr_arena_calloc(keep, n + 1, sizeof(*k->vals));
	k->key_of = lnr_arena_calloc(&b->scratch, n + 1, sizeof(*k->key_of));
	if (!all || !k->vals || !k->key_of)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		all[i] = k->drafts[i]->val;
		if (t->kind == LNR_NET_ICONTAINS && fold_text(keep, &all[i].str))
			return -ENOMEM;
	}
	if (unique && lnr_valset_init(&set, &b->scratch, all, n))
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		int64_t first = unique ? lnr_valset_find(&set, &all[i]) : i;

		if (finds_empty(t, &all[i])) {
			k->key_of[i] = LNR_NET_NONE;
		} else if (first == i) {
			k->key_of[i] = k->n;
			k->vals[k->n++] = all[i];
		} else {
			k->key_of[i] = k->key_of[first];
		}
	}
	return 0;
}

/* Which predicates a key makes true. */
static int make_lists(struct lnr_net_builder *b, struct lnr_net_table *t, const struct keys *k)
{
	struct lnr_arena *keep = &b->net->arena;
	uint32_t *first = lnr_arena_calloc(keep, (size_t)k->n + 2, sizeof(*first));
	uint32_t *preds = lnr_arena_calloc(keep, (size_t)k->n_drafts + 1, sizeof(*preds));
	uint32_t *always = lnr_arena_calloc(keep, (size_t)k->n_drafts + 1, sizeof(*always));

	if (!first || !preds || !always)
		return -ENOMEM;
	for (uint32_t i = 0; i < k->n_drafts; i++) {
		if (k->key_of[i] != LNR_NET_NONE)
			first[k->key_of[i] + 2]++;
	}
	for (uint32_t i = 2; i < k->n + 2; i++)
		first[i] += first[i - 1];
	/* first[key + 1] is where the key's next predicate goes, and in the end where it ends. */
	for (uint32_t i = 0; i < k->n_drafts; i++) {
		uint32_t pred = k->drafts[i]->pred - t->first_pred;

		if (k->key_of[i] == LNR_NET_NONE)
			always[t->n_always++] = pred;
		else
			preds[first[k->key_of[i] + 1]++] = pred;
	}
	t->first = first;
	t->preds = preds;
	t->always = always;
	return 0;
}

static int make_index(struct lnr_net_builder *b, struct lnr_net_table *t, const struct keys *k)
{
	struct lnr_arena *keep = &b->net->arena;
	struct lnr_str *texts = lnr_arena_calloc(&b->scratch, k->n + 1, sizeof(*texts));

	if (!texts)
		return -ENOMEM;
	for (uint32_t i = 0; i < k->n; i++) {
		if (lnr_pt_kind(k->vals[i].type) == LNR_VK_STR)
			texts[i] = k->vals[i].str;
	}
	switch ((enum lnr_net_table_kind)t->kind) {
	case LNR_NET_EQUAL:
		for (uint32_t i = 0; i < k->n; i++)
			t->lengths |= UINT64_C(1) << (texts[i].len < 63 ? texts[i].len : 63);
		return lnr_valset_init(&t->equal, keep, k->vals, k->n);
	case LNR_NET_NETWORK:
		return lnr_netset_init(&t->nets, keep, k->vals, k->n);
	case LNR_NET_PREFIX:
		return lnr_radix_new(keep, texts, k->n, false, &t->radix);
	case LNR_NET_SUFFIX:
		return lnr_radix_new(keep, texts, k->n, true, &t->radix);
	case LNR_NET_CONTAINS:
		return lnr_automaton_new(
			keep, texts, k->n, false, LNR_NETWORK_CELLS, &t->automaton);
	case LNR_NET_ICONTAINS:
		return lnr_automaton_new(keep, texts, k->n, true, LNR_NETWORK_CELLS, &t->automaton);
	case LNR_NET_PATH:
		return lnr_pathtrie_new(keep, texts, k->n, &t->paths);
	}
	return 0;
}

static int finish_table(struct lnr_net_builder *b, uint32_t number)
{
	struct lnr_net_table *t = &b->net->tables[number];
	struct lnr_net_draft_table *d = &b->drafts[number];
	struct keys k = {.n_drafts = d->n_keys};
	uint32_t i = d->n_keys;
	int r;

	lnr_arena_reset(&b->scratch);
	k.drafts = lnr_arena_calloc(&b->scratch, d->n_keys + 1, sizeof(struct lnr_net_key *));
	if (!k.drafts)
		return -ENOMEM;
	for (struct lnr_net_key *key = d->keys; key; key = key->next)
		k.drafts[--i] = key;
	r = make_keys(b, t, d->n_keys, &k);
	if (!r)
		r = make_lists(b, t, &k);
	if (!r)
		r = make_index(b, t, &k);
	if (r != -E2BIG)
		return r;
	/* Too much text to search for at once: each predicate searches for its own. */
	for (uint32_t p = 0; p < t->n_preds; p++)
		b->net->preds[t->first_pred + p].kind = LNR_NET_CHECK;
	return 0;
}

int lnr_net_finish_tables(struct lnr_net_builder *b)
{
	struct lnr_network *net = b->net;
	uint32_t *new_of = calloc(net->n_preds ? net->n_preds : 1, sizeof(*new_of));
	int r = new_of ? 0 : -ENOMEM;

	if (!r) {
		order_preds(net, new_of);
		r = renumber(b, new_of);
	}
	free(new_of);
	for (uint32_t t = 0; !r && t < net->n_tables; t++)
		r = finish_table(b, t);
	for (uint32_t p = 0; !r && p < net->n_preds; p++)
		lnr_net_estimate(net, &net->preds[p]);
	return r;
}
