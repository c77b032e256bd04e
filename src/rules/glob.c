/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/glob.h"

#include <errno.h>
#include <fnmatch.h>

/* Tokens: a byte, or one of these. */
#define ANY_BYTE 0x100
#define STAR	 0x200

static unsigned char fold_byte(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

bool lnr_glob_is_pattern(struct lnr_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '*' || s.ptr[i] == '?' || s.ptr[i] == '[')
			return true;
	}
	return false;
}

/* Escapes resolved, runs of stars made one. False when a backslash ends the pattern. */
static bool tokenize(struct lnr_str pattern, bool fold, uint16_t *out, uint32_t *ret_n)
{
	uint32_t n = 0;

	for (size_t i = 0; i < pattern.len; i++) {
		unsigned char c = (unsigned char)pattern.ptr[i];

		if (c == '*') {
			if (n == 0 || out[n - 1] != STAR)
				out[n++] = STAR;
			continue;
		}
		if (c == '?') {
			out[n++] = ANY_BYTE;
			continue;
		}
		if (c == '\\') {
			if (++i == pattern.len)
				return false;
			c = (unsigned char)pattern.ptr[i];
		}
		out[n++] = fold ? fold_byte(c) : c;
	}
	*ret_n = n;
	return true;
}

/* How many tokens from `from` on are bytes. */
static uint32_t run_of_bytes(const uint16_t *tokens, uint32_t from, uint32_t n)
{
	uint32_t end = from;

	while (end < n && tokens[end] < ANY_BYTE)
		end++;
	return end - from;
}

static void classify(struct lnr_glob *g)
{
	const uint16_t *t = g->tokens;
	uint32_t n = g->n_tokens, first = n && t[0] == STAR, bytes = run_of_bytes(t, first, n);
	uint32_t left = n - first - bytes;

	if (n == 1 && first)
		g->kind = LNR_GLOB_ANY;
	else if (left == 0)
		g->kind = first ? LNR_GLOB_SUFFIX : LNR_GLOB_EXACT;
	else if (left == 1 && t[n - 1] == STAR)
		g->kind = first ? LNR_GLOB_CONTAINS : LNR_GLOB_PREFIX;
	else
		g->kind = LNR_GLOB_TOKENS;
}

static int keep_text(struct lnr_glob *g, struct lnr_arena *arena, uint32_t from, uint32_t n)
{
	char *text = lnr_arena_alloc(arena, n + 1);

	if (!text)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		text[i] = (char)g->tokens[from + i];
	text[n] = '\0';
	g->text = (struct lnr_str){text, n};
	return 0;
}

int lnr_glob_new(
	struct lnr_arena *arena, struct lnr_str pattern, bool fold, const struct lnr_glob **ret)
{
	struct lnr_glob *g = lnr_arena_new(arena, struct lnr_glob);
	uint16_t *tokens = g ? lnr_arena_calloc(arena, pattern.len + 1, sizeof(*tokens)) : NULL;

	if (!tokens)
		return -ENOMEM;
	*ret = g;
	g->fold = fold;
	g->tokens = tokens;
	if (lnr_str_chr(pattern, '[') >= 0) {
		struct lnr_str literal = {pattern.ptr, 0};

		while (!strchr("*?[\\", pattern.ptr[literal.len]))
			literal.len++;
		g->kind = LNR_GLOB_SYSTEM;
		g->pattern = lnr_arena_strdup(arena, pattern);
		g->text = fold ? (struct lnr_str){"", 0} : lnr_arena_str(arena, literal);
		return g->pattern && g->text.ptr ? 0 : -ENOMEM;
	}
	if (!tokenize(pattern, fold, tokens, &g->n_tokens)) {
		g->kind = LNR_GLOB_NEVER;
		g->text = (struct lnr_str){"", 0};
		return 0;
	}
	classify(g);

	uint32_t from = g->kind == LNR_GLOB_SUFFIX || g->kind == LNR_GLOB_CONTAINS;
	return keep_text(g, arena, from, run_of_bytes(tokens, from, g->n_tokens));
}

/*
 * A star first stands for nothing; when a later token fails, the last star takes one more byte.
 * Earlier stars never need to: what the last one can reach, they could only reach later.
 */
static bool match_tokens(const struct lnr_glob *g, struct lnr_str s)
{
	const uint16_t *t = g->tokens;
	size_t i = 0, k = 0, star_i = 0, star_k = SIZE_MAX;

	while (i < s.len) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (k < g->n_tokens && t[k] == STAR) {
			star_i = i;
			star_k = k++;
		} else if (k < g->n_tokens &&
			   (t[k] == ANY_BYTE || t[k] == (g->fold ? fold_byte(c) : c))) {
			i++;
			k++;
		} else if (star_k != SIZE_MAX) {
			i = ++star_i;
			k = star_k + 1;
		} else {
			return false;
		}
	}
	while (k < g->n_tokens && t[k] == STAR)
		k++;
	return k == g->n_tokens;
}

static bool match_system(const struct lnr_glob *g, struct lnr_arena *scratch, struct lnr_str s)
{
	char small[256], *text = small;

	if (s.len < sizeof(small)) {
		memcpy(small, s.ptr, s.len);
		small[s.len] = '\0';
	} else {
		text = lnr_arena_strdup(scratch, s);
	}
	return text && fnmatch(g->pattern, text, g->fold ? FNM_CASEFOLD : 0) == 0;
}

static bool equal(const struct lnr_glob *g, struct lnr_str part)
{
	return g->fold ? lnr_str_ieq(part, g->text) : lnr_str_eq(part, g->text);
}

bool lnr_glob_match(const struct lnr_glob *g, struct lnr_arena *scratch, struct lnr_str s)
{
	if (!s.len)
		s.ptr = "";
	s.len = strnlen(s.ptr, s.len);
	switch ((enum lnr_glob_kind)g->kind) {
	case LNR_GLOB_NEVER:
		return false;
	case LNR_GLOB_ANY:
		return true;
	case LNR_GLOB_EXACT:
		return equal(g, s);
	case LNR_GLOB_PREFIX:
		return equal(g, lnr_str_sub(s, 0, g->text.len));
	case LNR_GLOB_SUFFIX:
		return s.len >= g->text.len && equal(g, lnr_str_sub(s, s.len - g->text.len, s.len));
	case LNR_GLOB_CONTAINS:
		return (g->fold ? lnr_str_ifind(s, g->text) : lnr_str_find(s, g->text)) >= 0;
	case LNR_GLOB_TOKENS:
		return match_tokens(g, s);
	case LNR_GLOB_SYSTEM:
		return match_system(g, scratch, s);
	}
	return false;
}
