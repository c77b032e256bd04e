/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of glob, iglob and pmatch: what fnmatch(3) without flags does in the C locale, with
 * FNM_CASEFOLD for iglob. Patterns without brackets are matched here, in time that grows with
 * pattern times text; those with brackets by fnmatch itself. Immutable; lives in its arena.
 */
#ifndef LNR_RULES_GLOB_H
#define LNR_RULES_GLOB_H

#include "base/arena.h"

enum lnr_glob_kind {
	LNR_GLOB_NEVER,	   /* a backslash at the end matches nothing */
	LNR_GLOB_ANY,	   /* * */
	LNR_GLOB_EXACT,	   /* text */
	LNR_GLOB_PREFIX,   /* text* */
	LNR_GLOB_SUFFIX,   /* *text */
	LNR_GLOB_CONTAINS, /* *text* */
	LNR_GLOB_TOKENS,   /* anything else without brackets */
	LNR_GLOB_SYSTEM,   /* with brackets */
};

struct lnr_glob {
	uint8_t kind; /* enum lnr_glob_kind */
	bool fold;
	/* EXACT … CONTAINS: the text. Else the text that every match begins with. */
	struct lnr_str text;
	const uint16_t *tokens;
	uint32_t n_tokens;
	const char *pattern; /* SYSTEM */
};

/* 0 or -ENOMEM. */
int lnr_glob_new(
	struct lnr_arena *arena, struct lnr_str pattern, bool fold, const struct lnr_glob **ret);
/* `s` counts up to its first NUL. `scratch` is used for bracket patterns. */
bool lnr_glob_match(const struct lnr_glob *g, struct lnr_arena *scratch, struct lnr_str s);
/* Whether a text holds any of ? * [ and so is a pattern at all. */
bool lnr_glob_is_pattern(struct lnr_str s);

#endif
