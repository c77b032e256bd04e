/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/radix.h"

#include <errno.h>
#include <stdlib.h>

#define NONE UINT32_MAX

struct node {
	uint32_t edge_at, edge_len; /* bytes that lead here, in walking order */
	uint32_t first_kid, n_kids;
	uint32_t key; /* that ends here, or NONE */
};

struct lnr_radix {
	struct node *nodes; /* [0] is the root; children of a node stand side by side */
	uint8_t *first;	    /* first byte of each node's edge, for a quick choice */
	char *edges;
	uint32_t n_nodes;
	uint32_t edge_len;
	bool reversed;
};

/* Keys in walking order, sorted. */
struct sorted {
	struct lnr_str text;
	uint32_t number;
};

static int compare(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;

	return lnr_str_cmp(x->text, y->text);
}

/* What all keys of a sorted range have in common from `from` on. */
static size_t common(const struct sorted *keys, uint32_t lo, uint32_t hi, size_t from)
{
	struct lnr_str a = keys[lo].text, b = keys[hi - 1].text;
	size_t n = from;

	while (n < a.len && n < b.len && a.ptr[n] == b.ptr[n])
		n++;
	return n - from;
}

/* Children of node `at`: the keys [lo, hi) that go on after `depth` bytes. */
static void grow(struct lnr_radix *r, const struct sorted *keys, uint32_t at, uint32_t lo,
	uint32_t hi, size_t depth)
{
	uint32_t kids = 0, first = r->n_nodes, kid;

	if (lo < hi && keys[lo].text.len == depth)
		r->nodes[at].key = keys[lo++].number;
	for (uint32_t i = lo; i < hi; i++)
		kids += i == lo || keys[i].text.ptr[depth] != keys[i - 1].text.ptr[depth];
	r->nodes[at].first_kid = first;
	r->nodes[at].n_kids = kids;
	r->n_nodes += kids;
	kid = first;
	for (uint32_t i = lo; i < hi; kid++) {
		uint32_t end = i + 1;
		size_t len;

		while (end < hi && keys[end].text.ptr[depth] == keys[i].text.ptr[depth])
			end++;
		len = common(keys, i, end, depth);
		r->nodes[kid] = (struct node){
			.edge_at = r->edge_len, .edge_len = (uint32_t)len, .key = NONE};
		memcpy(r->edges + r->edge_len, keys[i].text.ptr + depth, len);
		r->first[kid] = (uint8_t)keys[i].text.ptr[depth];
		r->edge_len += (uint32_t)len;
		grow(r, keys, kid, i, end, depth + len);
		i = end;
	}
}

/* Keys sorted in walking order; the texts of reversed ones are new. */
static int sort_keys(struct lnr_arena *arena, const struct lnr_str *keys, uint32_t n, bool reversed,
	struct sorted *out)
{
	for (uint32_t i = 0; i < n; i++) {
		out[i] = (struct sorted){keys[i], i};
		if (reversed) {
			char *text = lnr_arena_alloc(arena, keys[i].len + 1);

			if (!text)
				return -ENOMEM;
			for (size_t k = 0; k < keys[i].len; k++)
				text[k] = keys[i].ptr[keys[i].len - 1 - k];
			out[i].text.ptr = text;
		}
	}
	qsort(out, n, sizeof(*out), compare);
	return 0;
}

int lnr_radix_new(struct lnr_arena *arena, const struct lnr_str *keys, uint32_t n, bool reversed,
	const struct lnr_radix **ret)
{
	struct lnr_radix *r = lnr_arena_new(arena, struct lnr_radix);
	struct sorted *sorted = calloc(n ? n : 1, sizeof(*sorted));
	size_t bytes = 0;
	int rc = -ENOMEM;

	for (uint32_t i = 0; i < n; i++)
		bytes += keys[i].len;
	if (r && sorted) {
		/* Every key adds a leaf and at most one fork. */
		r->nodes = lnr_arena_calloc(arena, 2 * (size_t)n + 1, sizeof(*r->nodes));
		r->first = lnr_arena_calloc(arena, 2 * (size_t)n + 1, 1);
		r->edges = lnr_arena_alloc(arena, bytes + 1);
		r->reversed = reversed;
		if (r->nodes && r->first && r->edges)
			rc = sort_keys(arena, keys, n, reversed, sorted);
	}
	if (!rc) {
		r->n_nodes = 1;
		r->nodes[0].key = NONE;
		grow(r, sorted, 0, 0, n, 0);
		*ret = r;
	}
	free(sorted);
	return rc;
}

static bool edge_fits(
	const struct lnr_radix *r, const struct node *n, struct lnr_str text, size_t at)
{
	const char *edge = r->edges + n->edge_at;

	if (n->edge_len > text.len - at)
		return false;
	if (!r->reversed)
		return memcmp(edge + 1, text.ptr + at + 1, n->edge_len - 1) == 0;
	for (uint32_t i = 1; i < n->edge_len; i++) {
		if (edge[i] != text.ptr[text.len - 1 - at - i])
			return false;
	}
	return true;
}

void lnr_radix_find(const struct lnr_radix *r, struct lnr_str text,
	void (*hit)(void *user, uint32_t key), void *user)
{
	const struct node *n = &r->nodes[0];
	size_t at = 0;

	for (;;) {
		const uint8_t *firsts = r->first + n->first_kid, *found;

		if (n->key != NONE)
			hit(user, n->key);
		if (at == text.len || !n->n_kids)
			return;
		found = memchr(firsts, r->reversed ? text.ptr[text.len - 1 - at] : text.ptr[at],
			n->n_kids);
		if (!found)
			return;
		n = &r->nodes[n->first_kid + (uint32_t)(found - firsts)];
		if (!edge_fits(r, n, text, at))
			return;
		at += n->edge_len;
	}
}
