/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/pathtrie.h"

#include <errno.h>
#include "rules/glob.h"

#define NONE UINT32_MAX

struct node {
	uint32_t parent;
	struct lnr_str name;
	const struct lnr_glob *glob; /* or NULL: name stands for itself */
	uint32_t first_glob;	     /* of the children that are patterns */
	uint32_t next_glob;	     /* of the same parent */
	uint32_t first_path;	     /* paths that end here, chained through `next` */
};

struct lnr_pathtrie {
	struct node *nodes; /* [0] is the root */
	uint32_t n_nodes;
	uint32_t *next; /* of a path, the next one with the same end */
	/* Children that are not patterns: parent and name to node + 1. */
	uint32_t *at;
	uint32_t mask;
};

/* The next component of *rest, without slashes; false at the end. */
static bool next_component(struct lnr_str *rest, struct lnr_str *ret)
{
	size_t i = 0, end;

	while (i < rest->len && rest->ptr[i] == '/')
		i++;
	end = i;
	while (end < rest->len && rest->ptr[end] != '/')
		end++;
	*ret = lnr_str_sub(*rest, i, end);
	*rest = lnr_str_sub(*rest, end, rest->len);
	return ret->len > 0;
}

static uint32_t *child_slot(const struct lnr_pathtrie *t, uint32_t parent, struct lnr_str name)
{
	uint32_t slot = (uint32_t)lnr_str_hash(name, parent) & t->mask;

	while (t->at[slot]) {
		const struct node *n = &t->nodes[t->at[slot] - 1];

		if (n->parent == parent && lnr_str_eq(n->name, name))
			break;
		slot = (slot + 1) & t->mask;
	}
	return &t->at[slot];
}

static int child(struct lnr_pathtrie *t, struct lnr_arena *arena, uint32_t parent,
	struct lnr_str name, uint32_t *ret)
{
	struct node *n = &t->nodes[t->n_nodes];
	bool pattern = lnr_glob_is_pattern(name);
	uint32_t *slot = NULL;

	if (pattern) {
		for (uint32_t g = t->nodes[parent].first_glob; g != NONE;
			g = t->nodes[g].next_glob) {
			if (lnr_str_eq(t->nodes[g].name, name)) {
				*ret = g;
				return 0;
			}
		}
	} else {
		slot = child_slot(t, parent, name);
		if (*slot) {
			*ret = *slot - 1;
			return 0;
		}
	}

	*n = (struct node){.parent = parent,
		.name = name,
		.first_glob = NONE,
		.next_glob = NONE,
		.first_path = NONE};
	if (pattern) {
		if (lnr_glob_new(arena, name, false, &n->glob))
			return -ENOMEM;
		n->next_glob = t->nodes[parent].first_glob;
		t->nodes[parent].first_glob = t->n_nodes;
	} else {
		*slot = t->n_nodes + 1;
	}
	*ret = t->n_nodes++;
	return 0;
}

int lnr_pathtrie_new(struct lnr_arena *arena, const struct lnr_str *paths, uint32_t n,
	const struct lnr_pathtrie **ret)
{
	struct lnr_pathtrie *t = lnr_arena_new(arena, struct lnr_pathtrie);
	struct lnr_str rest, name;
	size_t components = 0, slots = 8;

	if (!t)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		rest = paths[i];
		while (next_component(&rest, &name))
			components++;
	}
	while (slots < components * 2)
		slots *= 2;
	t->nodes = lnr_arena_calloc(arena, components + 1, sizeof(*t->nodes));
	t->next = lnr_arena_calloc(arena, n + 1, sizeof(*t->next));
	t->at = lnr_arena_calloc(arena, slots, sizeof(*t->at));
	if (!t->nodes || !t->next || !t->at)
		return -ENOMEM;
	t->mask = (uint32_t)slots - 1;
	t->n_nodes = 1;
	t->nodes[0] = (struct node){.first_glob = NONE, .next_glob = NONE, .first_path = NONE};
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = 0;

		rest = paths[i];
		while (next_component(&rest, &name)) {
			if (child(t, arena, at, name, &at))
				return -ENOMEM;
		}
		t->next[i] = t->nodes[at].first_path;
		t->nodes[at].first_path = i;
	}
	*ret = t;
	return 0;
}

struct matcher {
	const struct lnr_pathtrie *t;
	struct lnr_arena *scratch;
	bool (*hit)(void *user, uint32_t number);
	void *user;
};

/* As deep as the longest path, whatever the value. */
static bool visit(const struct matcher *m, uint32_t at, struct lnr_str rest)
{
	const struct node *n = &m->t->nodes[at];
	struct lnr_str name;

	for (uint32_t p = n->first_path; p != NONE; p = m->t->next[p]) {
		if (!m->hit || m->hit(m->user, p))
			return true;
	}
	if (!next_component(&rest, &name))
		return false;

	uint32_t c = *child_slot(m->t, at, name);
	if (c && visit(m, c - 1, rest))
		return true;
	for (uint32_t g = n->first_glob; g != NONE; g = m->t->nodes[g].next_glob) {
		if (lnr_glob_match(m->t->nodes[g].glob, m->scratch, name) && visit(m, g, rest))
			return true;
	}
	return false;
}

bool lnr_pathtrie_match(const struct lnr_pathtrie *t, struct lnr_arena *scratch,
	struct lnr_str value, bool (*hit)(void *user, uint32_t number), void *user)
{
	const struct matcher m = {t, scratch, hit, user};

	return visit(&m, 0, value);
}
