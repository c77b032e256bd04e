/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All needles that a text contains, in one pass over the text (Aho and Corasick, CACM 18, 1975), as
 * a table of states with all transitions filled in. Bytes that no needle has share a column.
 * Immutable; lives in its arena.
 */
#ifndef LNR_RULES_AUTOMATON_H
#define LNR_RULES_AUTOMATON_H

#include "base/arena.h"

struct lnr_automaton;

/*
 * Needles are not empty and differ from each other; with `fold` they are in lower case and texts
 * are compared without case. At most `max_cells` of 4 bytes: -E2BIG beyond; -ENOMEM.
 */
int lnr_automaton_new(struct lnr_arena *arena, const struct lnr_str *needles, uint32_t n, bool fold,
	size_t max_cells, const struct lnr_automaton **ret);
/* Call `hit` with the number of each needle, as often as it occurs. */
void lnr_automaton_run(const struct lnr_automaton *a, struct lnr_str text,
	void (*hit)(void *user, uint32_t needle), void *user);

#endif
