/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths into a Kubernetes audit event and what ka.* make of them (spec k8s-audit.md 4). Private to
 * fields/.
 *
 * A path is a row's constant: names, "" at the end. On its way through an object it takes the
 * member, through an array every element, or the one that the field's index names: the first array
 * decides. An element without the rest of the path is "nil": left out, or the end of the whole
 * value.
 */
#ifndef LNR_FIELDS_AUDIT_H
#define LNR_FIELDS_AUDIT_H

#include "fields/core/payload.h"

/* Longest path of the table, the "" at its end included. */
#define LNR_AUDIT_PATH_MAX 9

#define LNR_AUDIT_PART(lit)             \
	{                               \
		"" lit, sizeof(lit) - 1 \
	}
#define LNR_AUDIT_PATH(...) ((const struct lnr_str[LNR_AUDIT_PATH_MAX]){__VA_ARGS__})

/* The event when it is one: it has a member auditID. */
const struct lnr_json_doc *lnr_get_audit(struct lnr_field_ctx *ctx);
/* Through objects only; 0 = not there. `from` 0 gives 0. */
uint32_t lnr_audit_at(const struct lnr_json_doc *d, uint32_t from, const struct lnr_str *path);
/* A text of the event; false = not there. */
bool lnr_audit_str(struct lnr_field_ctx *ctx, const struct lnr_json_doc *d,
	const struct lnr_str *path, struct lnr_str *ret);

/* --- lists --- */

struct lnr_audit_list {
	struct lnr_field_ctx *ctx;
	const struct lnr_field_ref *ref;
	const struct lnr_json_doc *doc;
	struct lnr_val *items;
	size_t n, cap;
	bool failed; /* a nil that fails the value, or no memory */
};

/* False: not an audit event. */
bool lnr_audit_list_begin(
	struct lnr_audit_list *l, struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref);
void lnr_audit_add(struct lnr_audit_list *l, struct lnr_str s);
void lnr_audit_add_node(struct lnr_audit_list *l, uint32_t i);
/* False: nothing was added, or it failed. */
bool lnr_audit_list_end(const struct lnr_audit_list *l, struct lnr_val *ret);

/* What is done with each value that a path leads to; i 0 = nil. */
typedef void lnr_audit_visit_fn(struct lnr_audit_list *l, uint32_t i);
/* Elements of an array, as far as the index of the field admits; anything else counts as one. */
void lnr_audit_each(struct lnr_audit_list *l, uint32_t i, lnr_audit_visit_fn *fn);
void lnr_audit_walk(struct lnr_audit_list *l, uint32_t from, const struct lnr_str *path,
	lnr_audit_visit_fn *fn);

#endif
