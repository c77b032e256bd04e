/* SPDX-License-Identifier: Apache-2.0 */
#include "fields/core/audit.h"

const struct lnr_json_doc *lnr_get_audit(struct lnr_field_ctx *ctx)
{
	const struct lnr_json_doc *d = lnr_get_payload(ctx);
	return d && lnr_json_member(d, d->root, LNR_STR("auditID")) ? d : NULL;
}

uint32_t lnr_audit_at(const struct lnr_json_doc *d, uint32_t from, const struct lnr_str *path)
{
	for (; path->len; path++) {
		from = lnr_json_member(d, from, *path);
		if (!from)
			break;
	}
	return from;
}

bool lnr_audit_str(struct lnr_field_ctx *ctx, const struct lnr_json_doc *d,
	const struct lnr_str *path, struct lnr_str *ret)
{
	uint32_t i = lnr_audit_at(d, d->root, path);
	if (!i)
		return false;
	*ret = lnr_json_text(d, i, ctx->ev->scratch);
	ctx->n_nomem += !ret->ptr;
	return ret->ptr;
}

/* --- lists --- */

bool lnr_audit_list_begin(
	struct lnr_audit_list *l, struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref)
{
	*l = (struct lnr_audit_list){.ctx = ctx, .ref = ref, .doc = lnr_get_audit(ctx)};
	return l->doc;
}

static void no_memory(struct lnr_audit_list *l)
{
	l->failed = true;
	l->ctx->n_nomem++;
}

void lnr_audit_add(struct lnr_audit_list *l, struct lnr_str s)
{
	if (l->n == l->cap) {
		/* The old ones stay behind in scratch memory, together as much as the new one. */
		size_t cap = l->cap ? 2 * l->cap : 8;
		struct lnr_val *v = lnr_arena_alloc(l->ctx->ev->scratch, cap * sizeof(*v));
		if (!v) {
			no_memory(l);
			return;
		}
		if (l->n)
			memcpy(v, l->items, l->n * sizeof(*v));
		l->items = v;
		l->cap = cap;
	}
	lnr_give_raw(&l->items[l->n++], l->ref, s);
}

void lnr_audit_add_node(struct lnr_audit_list *l, uint32_t i)
{
	struct lnr_str s = lnr_json_text(l->doc, i, l->ctx->ev->scratch);
	if (s.ptr)
		lnr_audit_add(l, s);
	else
		no_memory(l);
}

bool lnr_audit_list_end(const struct lnr_audit_list *l, struct lnr_val *ret)
{
	return !l->failed && l->n && lnr_give_list(ret, l->ref, l->items, l->n);
}

/* --- paths --- */

void lnr_audit_each(struct lnr_audit_list *l, uint32_t i, lnr_audit_visit_fn *fn)
{
	const struct lnr_json_node *nodes = l->doc->nodes;
	uint64_t k = 0;
	if (nodes[i].type != LNR_JSON_ARRAY) {
		fn(l, i);
		return;
	}
	for (uint32_t e = i + 1; e < nodes[i].next; e = nodes[e].next, k++) {
		if (!l->ref->has_index || k == l->ref->index)
			fn(l, e);
	}
}

struct place {
	uint32_t at, end;	     /* elements that are left of an array */
	const struct lnr_str *parts; /* that follow */
};

/*
 * Arrays within arrays nest no deeper than the path has parts, but for arrays that directly hold
 * arrays: those have no member, which is a nil.
 */
void lnr_audit_walk(
	struct lnr_audit_list *l, uint32_t from, const struct lnr_str *path, lnr_audit_visit_fn *fn)
{
	const struct lnr_json_node *nodes = l->doc->nodes;
	struct place stack[LNR_AUDIT_PATH_MAX] = {{from, nodes[from].next, path}};
	size_t depth = 1;
	bool indexed = l->ref->has_index;
	while (depth && !l->failed) {
		struct place *top = &stack[depth - 1];
		if (top->at >= top->end) {
			depth--;
			continue;
		}
		const struct lnr_str *p = top->parts;
		uint32_t i = top->at;
		top->at = nodes[i].next;
		/* The document itself is 0, too. */
		bool there = true;
		while (there && p->len && nodes[i].type != LNR_JSON_ARRAY) {
			i = lnr_json_member(l->doc, i, *p++);
			there = i;
		}
		if (!there || !p->len) {
			fn(l, i);
			continue;
		}
		/* An array with some of the path to go; one that is an element of another is nil.
		 */
		if (p == top->parts && depth > 1) {
			fn(l, 0);
			continue;
		}
		struct place next = {i + 1, nodes[i].next, p};
		if (indexed) {
			next.at = lnr_json_element(l->doc, i, l->ref->index);
			next.end = next.at ? nodes[next.at].next : 0;
			indexed = false;
		}
		stack[depth++] = next;
	}
}
