/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Equal expressions and checks of a rule set exist once (architecture decision 5). For this folder;
 * what others may know is in cond.h.
 */
#ifndef LNR_RULES_INTERN_H
#define LNR_RULES_INTERN_H

#include "rules/cond.h"

struct lnr_regex;

/*
 * The expression equal to `e`, or NULL with *ret_hash, by which lnr_interner_add_expr() takes a new
 * one. Those that differ at each evaluation are never equal.
 */
const struct lnr_expr *lnr_interner_find_expr(
	const struct lnr_interner *in, const struct lnr_expr *e, uint64_t *ret_hash);
/* Give `e`, which lives in the arena, its id. 0 or -ENOMEM. */
int lnr_interner_add_expr(struct lnr_interner *in, struct lnr_expr *e, uint64_t hash);

/* The same for checks: compared are op, mod, both sides' ids and the constants. */
const struct lnr_node *lnr_interner_find_check(
	const struct lnr_interner *in, const struct lnr_node *n, uint64_t *ret_hash);
int lnr_interner_add_check(struct lnr_interner *in, struct lnr_node *n, uint64_t hash);

/* A slot for one more occurrence of a field that keeps state. */
uint32_t lnr_interner_slot(struct lnr_interner *in);
/* Free `re` together with the interner. 0 or -ENOMEM. */
int lnr_interner_own(struct lnr_interner *in, const struct lnr_regex *re);
/* Matches that regular expressions gave up, all together. */
uint64_t lnr_interner_gave_up(const struct lnr_interner *in);

#endif
