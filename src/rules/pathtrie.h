/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths of pmatch as a tree of components (spec rules-language.md 8.2). Of three paths, "etc",
 * "usr/?/bin" and "usr/lib", the tree is
 *
 *	root -- etc (0)
 *	     \- usr -- ? -- bin (1)
 *		    \- lib (2)
 *
 * A value matches a path when it is at or below it; empty components do not count, a component with
 * ? * [ is a pattern. Each node of the tree is visited at most once per value. Immutable; lives in
 * its arena.
 */
#ifndef LNR_RULES_PATHTRIE_H
#define LNR_RULES_PATHTRIE_H

#include "base/arena.h"

struct lnr_pathtrie;

/* Path i counts as number i. 0 or -ENOMEM. */
int lnr_pathtrie_new(struct lnr_arena *arena, const struct lnr_str *paths, uint32_t n,
	const struct lnr_pathtrie **ret);
/*
 * Call `hit` with the number of each path that `value` is at or below, until it returns true; true
 * if it did. With hit NULL: whether there is one.
 */
bool lnr_pathtrie_match(const struct lnr_pathtrie *t, struct lnr_arena *scratch,
	struct lnr_str value, bool (*hit)(void *user, uint32_t number), void *user);

#endif
