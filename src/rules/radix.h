/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All keys that a text begins with, or ends with, in one walk along the text.
 *
 *	keys /etc/ /etc/ssh/ /usr/bin	    "/" -- "etc/" (0) -- "ssh/" (1)
 *						\- "usr/bin" (2)
 *
 * A tree of the keys in which nodes with one child are folded into their edge. Immutable; lives in
 * its arena.
 */
#ifndef LNR_RULES_RADIX_H
#define LNR_RULES_RADIX_H

#include "base/arena.h"

struct lnr_radix;

/* The keys differ from each other. `reversed`: look at texts from their end. 0 or -ENOMEM. */
int lnr_radix_new(struct lnr_arena *arena, const struct lnr_str *keys, uint32_t n, bool reversed,
	const struct lnr_radix **ret);
/* Call `hit` with the number of each key, shortest first. */
void lnr_radix_find(const struct lnr_radix *r, struct lnr_str text,
	void (*hit)(void *user, uint32_t key), void *user);

#endif
