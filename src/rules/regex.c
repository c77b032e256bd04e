/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/regex.h"

#include <stdatomic.h>
#include "schema/limits.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct lnr_regex {
	pcre2_code *code;
	pcre2_match_context *limits;
	bool jit; /* on the heap */
	struct lnr_str pattern;
	_Atomic uint64_t gave_up;
};

static void *arena_malloc(PCRE2_SIZE size, void *arena)
{
	return lnr_arena_alloc(arena, size);
}

static void arena_free(void *ptr, void *arena)
{
	(void)ptr;
	(void)arena;
}

static int compile(struct lnr_regex *re, struct lnr_arena *arena, struct lnr_str text, bool jit,
	struct lnr_err *err)
{
	/*
	 * Machine code needs to be freed, so the rest may be on the heap too: the translator leaves
	 * much behind. Without it everything goes with the arena.
	 */
	pcre2_general_context *memory = jit ? NULL
					    : pcre2_general_context_create(
						      arena_malloc, arena_free, arena);
	bool ready = jit || memory;
	pcre2_compile_context *how = ready ? pcre2_compile_context_create(memory) : NULL;
	int code = PCRE2_ERROR_HEAP_FAILED;
	PCRE2_SIZE at;
	PCRE2_UCHAR why[128];

	re->jit = jit;
	re->limits = ready ? pcre2_match_context_create(memory) : NULL;
	if (how && re->limits) {
		pcre2_set_newline(how, PCRE2_NEWLINE_LF);
		pcre2_set_match_limit(re->limits, LNR_REGEX_STEPS);
		pcre2_set_depth_limit(re->limits, LNR_REGEX_STEPS);
		pcre2_set_heap_limit(re->limits, LNR_REGEX_HEAP_KIB);
		re->code = pcre2_compile((PCRE2_SPTR)text.ptr, text.len,
			PCRE2_UTF | PCRE2_MULTILINE | PCRE2_ALT_CIRCUMFLEX, &code, &at, how);
	}
	if (jit)
		pcre2_compile_context_free(how);
	if (!re->code) {
		lnr_regex_free(re);
		if (code == PCRE2_ERROR_HEAP_FAILED)
			return lnr_fail(err, -ENOMEM, "out of memory");
		pcre2_get_error_message(code, why, sizeof(why));
		return lnr_fail(err, -EINVAL, "bad regular expression: %s: '%.*s'", (char *)why,
			LNR_STR_ARG(re->pattern));
	}
	/* Without machine code (not on this platform, or not allowed) it is slower, nothing else.
	 */
	if (jit)
		pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);
	return 0;
}

int lnr_regex_new(struct lnr_arena *arena, struct lnr_str pattern, bool jit,
	const struct lnr_regex **ret, struct lnr_err *err)
{
	struct lnr_regex *re = lnr_arena_new(arena, struct lnr_regex);
	struct lnr_buf text;
	int r;

	if (!re)
		return lnr_fail(err, -ENOMEM, "out of memory");
	re->pattern = pattern;
	lnr_buf_init(&text, 0);
	r = lnr_regex_translate(pattern, &text, err);
	if (!r)
		r = compile(re, arena, lnr_buf_view(&text), jit, err);
	lnr_buf_done(&text);
	if (!r)
		*ret = re;
	return r;
}

struct lnr_regex *lnr_regex_free(const struct lnr_regex *re)
{
	if (re && re->jit) {
		pcre2_code_free(re->code);
		pcre2_match_context_free(re->limits);
	}
	return NULL;
}

/*
 * Tries all possibilities at the same time instead of one after the other, so its time grows with
 * the length of pattern times text and not exponentially.
 */
static int match_slowly(const struct lnr_regex *re, pcre2_match_data *data, struct lnr_str s)
{
	int workspace[LNR_REGEX_WORKSPACE];

	return pcre2_dfa_match(re->code, (PCRE2_SPTR)s.ptr, s.len, 0,
		PCRE2_DFA_SHORTEST | PCRE2_NO_UTF_CHECK, data, re->limits, workspace,
		LNR_REGEX_WORKSPACE);
}

bool lnr_regex_match(const struct lnr_regex *re, struct lnr_arena *scratch, struct lnr_str s)
{
	pcre2_general_context *memory = pcre2_general_context_create(
		arena_malloc, arena_free, scratch);
	pcre2_match_data *data = memory ? pcre2_match_data_create(1, memory) : NULL;
	int r = PCRE2_ERROR_NOMEMORY;

	if (data) {
		r = pcre2_match(re->code, (PCRE2_SPTR)s.ptr, s.len, 0, 0, data, re->limits);
		if (r >= 0)
			return true;
		/* Bytes that are not UTF-8: nothing in a pattern can stand for them. */
		if (r == PCRE2_ERROR_NOMATCH ||
			(r <= PCRE2_ERROR_UTF8_ERR1 && r >= PCRE2_ERROR_UTF8_ERR21))
			return false;
		r = match_slowly(re, data, s);
	}
	if (r < 0 && r != PCRE2_ERROR_NOMATCH)
		atomic_fetch_add_explicit(
			(_Atomic uint64_t *)&re->gave_up, 1, memory_order_relaxed);
	return r >= 0;
}

uint64_t lnr_regex_gave_up(const struct lnr_regex *re)
{
	return atomic_load_explicit((_Atomic uint64_t *)&re->gave_up, memory_order_relaxed);
}
