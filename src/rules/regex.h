/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions of conditions: the syntax that RE2 accepts in POSIX mode, matched against the
 * whole text (spec rules-language.md 8.2), run by PCRE2.
 *
 * The pattern is taken apart and checked here and written out again for PCRE2, because the two
 * disagree about what is an error and about quantifiers that follow each other. Only whether the
 * whole text matches is asked, so that the leftmost-longest rule makes no difference.
 *
 * Immutable after compilation and shared by engines, but for one counter. Memory comes from the
 * arena, except machine code: free the object before the arena.
 */
#ifndef LNR_RULES_REGEX_H
#define LNR_RULES_REGEX_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct lnr_regex;

/* `jit`: translate to machine code. 0, -EINVAL with a reason, -ENOMEM. */
int lnr_regex_new(struct lnr_arena *arena, struct lnr_str pattern, bool jit,
	const struct lnr_regex **ret, struct lnr_err *err);
/* Frees what is not in the arena. Takes NULL; returns NULL. */
struct lnr_regex *lnr_regex_free(const struct lnr_regex *re);

/*
 * Whether all of `s` matches. Working memory is taken from `scratch`. Text that is not UTF-8 does
 * not match. A match that takes too long is tried once more by a slower way that cannot explode;
 * if even that gives up, it is counted and the answer is no.
 */
bool lnr_regex_match(const struct lnr_regex *re, struct lnr_arena *scratch, struct lnr_str s);
/* How often matching was given up. */
uint64_t lnr_regex_gave_up(const struct lnr_regex *re);

/* The pattern as PCRE2 gets it, for tests. -EINVAL with a reason, -ENOMEM. */
int lnr_regex_translate(struct lnr_str pattern, struct lnr_buf *out, struct lnr_err *err);

#endif
