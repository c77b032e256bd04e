/* SPDX-License-Identifier: Apache-2.0 */
/* Many keys at once against one at a time. */
#include "lib/test.h"

#include "lib/failalloc.h"
#include "rules/automaton.h"
#include "rules/radix.h"

#define MAX 24

struct hits {
	bool seen[MAX];
	size_t last_len;
	const struct lnr_str *keys;
};

static void hit(void *user, uint32_t i)
{
	struct hits *h = user;

	assert_in_range(i, 0, MAX - 1);
	h->seen[i] = true;
}

/* Of the beginnings of one text none comes twice, and they get longer. */
static void hit_once(void *user, uint32_t i)
{
	struct hits *h = user;

	assert_false(h->seen[i]);
	assert_true(h->keys[i].len >= h->last_len);
	h->last_len = h->keys[i].len;
	h->seen[i] = true;
}

static void random_text(
	struct lnr_test_random *r, const char *letters, char *out, size_t min, size_t max)
{
	size_t n = min + lnr_test_random_below(r, max - min), letters_n = strlen(letters);

	for (size_t i = 0; i < n; i++)
		out[i] = letters[lnr_test_random_below(r, letters_n)];
	out[n] = '\0';
}

/* Different keys of at least `min` bytes. */
static uint32_t random_keys(struct lnr_test_random *r, const char *letters, size_t min,
	char texts[MAX][16], struct lnr_str *keys)
{
	uint32_t n = 0, want = (uint32_t)lnr_test_random_below(r, MAX);

	while (want--) {
		bool again = false;

		random_text(r, letters, texts[n], min, 9);
		keys[n] = lnr_str_c(texts[n]);
		for (uint32_t i = 0; i < n; i++)
			again |= lnr_str_eq(keys[i], keys[n]);
		n += !again;
	}
	return n;
}

static void beginnings_and_ends(void **state)
{
	struct lnr_test_random r;
	struct lnr_arena arena;

	(void)state;
	lnr_test_random_init(&r);
	lnr_arena_init(&arena, 0);
	for (unsigned round = 0; round < 30000; round++) {
		char texts[MAX][16], text[32];
		struct lnr_str keys[MAX], t;
		bool reversed = round & 1;
		uint32_t n = random_keys(&r, "ab/", 0, texts, keys);
		struct hits h = {.keys = keys};
		const struct lnr_radix *x;

		random_text(&r, "ab/", text, 0, 20);
		t = lnr_str_c(text);
		assert_code(lnr_radix_new(&arena, keys, n, reversed, &x), 0);
		lnr_radix_find(x, t, hit_once, &h);
		for (uint32_t i = 0; i < n; i++) {
			bool want = reversed ? lnr_str_ends(t, keys[i])
					     : lnr_str_starts(t, keys[i]);
			if (h.seen[i] != want)
				fail_msg("'%s' in '%s' (reversed %d)", texts[i], text, reversed);
		}
		lnr_arena_reset(&arena);
	}
	lnr_arena_done(&arena);
}

static void substrings(void **state)
{
	struct lnr_test_random r;
	struct lnr_arena arena;

	(void)state;
	lnr_test_random_init(&r);
	lnr_arena_init(&arena, 0);
	for (unsigned round = 0; round < 30000; round++) {
		char texts[MAX][16], text[64];
		struct lnr_str needles[MAX], t;
		bool fold = round & 1;
		uint32_t n = random_keys(&r, "abc\xc3", 1, texts, needles);
		struct hits h = {0};
		const struct lnr_automaton *a;

		random_text(&r, fold ? "aBbcCx\xc3" : "abcx\xc3", text, 0, 60);
		t = lnr_str_c(text);
		assert_code(lnr_automaton_new(&arena, needles, n, fold, 1 << 20, &a), 0);
		lnr_automaton_run(a, t, hit, &h);
		for (uint32_t i = 0; i < n; i++) {
			bool want = (fold ? lnr_str_ifind(t, needles[i])
					  : lnr_str_find(t, needles[i])) >= 0;
			if (h.seen[i] != want)
				fail_msg("'%s' in '%s' (fold %d)", texts[i], text, fold);
		}
		lnr_arena_reset(&arena);
	}
	lnr_arena_done(&arena);
}

static void size_limit(void **state)
{
	struct lnr_arena arena;
	struct lnr_str needle = LNR_STR("abcdef");
	const struct lnr_automaton *a;

	(void)state;
	lnr_arena_init(&arena, 0);
	assert_code(lnr_automaton_new(&arena, &needle, 1, false, 48, &a), -E2BIG);
	assert_code(lnr_automaton_new(&arena, &needle, 1, false, 49, &a), 0);
	lnr_arena_done(&arena);
}

static int build(void *arg)
{
	static const struct lnr_str keys[] = {{"abc", 3}, {"abd", 3}, {"b", 1}};
	struct lnr_arena arena;
	const struct lnr_radix *x;
	const struct lnr_automaton *a;
	int rc;

	(void)arg;
	lnr_arena_init(&arena, 0);
	rc = lnr_radix_new(&arena, keys, 3, true, &x);
	if (!rc)
		rc = lnr_automaton_new(&arena, keys, 3, false, 1000, &a);
	lnr_arena_done(&arena);
	return rc;
}

static void failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(build, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beginnings_and_ends),
		cmocka_unit_test(substrings),
		cmocka_unit_test(size_limit),
		cmocka_unit_test(failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
