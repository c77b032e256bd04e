/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns against fnmatch(3), and path tries against their definition. */
#include "lib/test.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <time.h>
#include "lib/failalloc.h"
#include "rules/glob.h"
#include "rules/pathtrie.h"

static bool matches(const char *pattern, const char *text, bool fold, enum lnr_glob_kind *ret_kind)
{
	struct lnr_arena arena, scratch;
	const struct lnr_glob *g;

	lnr_arena_init(&arena, 0);
	lnr_arena_init(&scratch, 0);
	assert_code(lnr_glob_new(&arena, lnr_str_c(pattern), fold, &g), 0);
	bool ret = lnr_glob_match(g, &scratch, lnr_str_c(text));
	if (ret_kind)
		*ret_kind = (enum lnr_glob_kind)g->kind;
	lnr_arena_done(&scratch);
	lnr_arena_done(&arena);
	return ret;
}

static void kinds(void **state)
{
	static const struct {
		const char *pattern;
		enum lnr_glob_kind kind;
	} cases[] = {{"", LNR_GLOB_EXACT}, {"abc", LNR_GLOB_EXACT}, {"a\\*b", LNR_GLOB_EXACT},
		{"*", LNR_GLOB_ANY}, {"***", LNR_GLOB_ANY}, {"abc*", LNR_GLOB_PREFIX},
		{"*abc", LNR_GLOB_SUFFIX}, {"**abc**", LNR_GLOB_CONTAINS}, {"a*b", LNR_GLOB_TOKENS},
		{"a?", LNR_GLOB_TOKENS}, {"?", LNR_GLOB_TOKENS}, {"*a*b", LNR_GLOB_TOKENS},
		{"[a]", LNR_GLOB_SYSTEM}, {"a\\", LNR_GLOB_NEVER}, {"*\\", LNR_GLOB_NEVER}};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		enum lnr_glob_kind kind;

		matches(cases[i].pattern, "", false, &kind);
		if (kind != cases[i].kind)
			fail_msg("'%s' is of kind %d", cases[i].pattern, (int)kind);
	}
}

static void examples(void **state)
{
	(void)state;
	assert_true(matches("/etc/*", "/etc/a/.b", false, NULL));
	assert_true(matches("*.conf", "/etc/x.conf", false, NULL));
	assert_true(matches("/home/*/.ssh/*", "/home/a/b/.ssh/c", false, NULL));
	assert_true(matches("a?c", "a/c", false, NULL));
	assert_true(matches("[!a]x", "bx", false, NULL));
	assert_true(matches("[^a]x", "bx", false, NULL));
	assert_true(matches("[a-c]x", "bx", false, NULL));
	assert_true(matches("[[:digit:]]*", "9a", false, NULL));
	assert_false(matches("[z-a]", "m", false, NULL));
	assert_true(matches("[a", "[a", false, NULL));
	assert_false(matches("ABC", "abc", false, NULL));
	assert_true(matches("ABC*", "abcd", true, NULL));
	assert_true(matches("*B?", "abc", true, NULL));
	assert_true(matches("[A]bc", "abc", true, NULL));
	assert_false(matches("a\\", "a\\", false, NULL));
	assert_true(matches("a\\\\", "a\\", false, NULL));
}

/* A text over few letters, so that patterns and texts meet often. */
static void random_text(struct lnr_test_random *r, const char *letters, char *out, size_t max)
{
	size_t n = lnr_test_random_below(r, max), letters_n = strlen(letters);

	for (size_t i = 0; i < n; i++)
		out[i] = letters[lnr_test_random_below(r, letters_n)];
	out[n] = '\0';
}

static void as_fnmatch(void **state)
{
	struct lnr_test_random r;
	unsigned hits = 0;
	char pattern[24], text[40];

	(void)state;
	lnr_test_random_init(&r);
	for (unsigned i = 0; i < 200000; i++) {
		bool fold = i & 1;

		random_text(
			&r, i % 4 < 2 ? "aB*?\\/." : "aB*?\\[]!^-:./", pattern, sizeof(pattern));
		random_text(&r, i % 3 ? "aAbB/." : "aB\\[]*", text, i % 7 ? 8 : sizeof(text));
		bool want = fnmatch(pattern, text, fold ? FNM_CASEFOLD : 0) == 0;
		if (matches(pattern, text, fold, NULL) != want)
			fail_msg("'%s' on '%s', fold %d: fnmatch says %d", pattern, text, fold,
				want);
		hits += want;
	}
	assert_in_range(hits, 2000, 198000);
}

/* Many stars and a long text that almost fits. */
static void no_explosion(void **state)
{
	char pattern[250], *text = malloc(65001);
	clock_t start = clock();

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i + 1 < sizeof(pattern); i++)
		pattern[i] = i & 1 ? '*' : 'a';
	pattern[sizeof(pattern) - 2] = 'b';
	pattern[sizeof(pattern) - 1] = '\0';
	memset(text, 'a', 65000);
	text[65000] = '\0';
	assert_false(matches(pattern, text, false, NULL));
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 2.0);
	free(text);
}

/* --- paths --------------------------------------------------------------------------------- */

struct hits {
	unsigned seen[16], n;
	unsigned stop_after;
};

static bool hit(void *user, uint32_t number)
{
	struct hits *h = user;

	h->seen[number]++;
	return ++h->n == h->stop_after;
}

static void path_examples(void **state)
{
	static const struct {
		const char *path, *value;
		bool match;
	} cases[] = {{"/etc", "/etc", true}, {"/etc", "/etc/", true}, {"/etc", "/etc/passwd", true},
		{"/etc", "/etcetera", false}, {"/etc", "/usr/etc", false}, {"/etc", "etc/x", true},
		{"etc/", "//etc//x", true}, {"/", "/a", true}, {"/", "", true}, {"", "/a", true},
		{"/a/b", "/a", false}, {"/a/b", "/a/b/c", true}, {"/home/*/x", "/home/u/x/y", true},
		{"/home/*/x", "/home/u/v/x", false}, {"/home/?", "/home/a", true},
		{"/home/[a-c]", "/home/b/z", true}, {"/home/[a", "/home/[a", true},
		{"/a*", "/abc/d", true}, {"/*", "/", false}, {"/a\\", "/a\\", true}};
	struct lnr_arena arena, scratch;

	(void)state;
	lnr_arena_init(&arena, 0);
	lnr_arena_init(&scratch, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		struct lnr_str path = lnr_str_c(cases[i].path);
		const struct lnr_pathtrie *t;

		assert_code(lnr_pathtrie_new(&arena, &path, 1, &t), 0);
		if (lnr_pathtrie_match(t, &scratch, lnr_str_c(cases[i].value), NULL, NULL) !=
			cases[i].match)
			fail_msg("'%s' of '%s'", cases[i].path, cases[i].value);
	}
	lnr_arena_done(&scratch);
	lnr_arena_done(&arena);
}

/* Several paths give what each gives alone, each once. */
static void path_sets(void **state)
{
	struct lnr_test_random r;
	struct lnr_arena arena, scratch;

	(void)state;
	lnr_test_random_init(&r);
	lnr_arena_init(&arena, 0);
	lnr_arena_init(&scratch, 0);
	for (unsigned round = 0; round < 20000; round++) {
		struct lnr_str paths[6];
		char texts[6][12], value[20];
		const struct lnr_pathtrie *all, *one;
		struct hits h = {0};
		uint32_t n = (uint32_t)lnr_test_random_below(&r, 7);
		bool any = false;

		for (uint32_t i = 0; i < n; i++) {
			random_text(&r, "ab//*?", texts[i], sizeof(texts[i]));
			paths[i] = lnr_str_c(texts[i]);
		}
		random_text(&r, "ab//*", value, sizeof(value));
		assert_code(lnr_pathtrie_new(&arena, paths, n, &all), 0);
		lnr_pathtrie_match(all, &scratch, lnr_str_c(value), hit, &h);
		for (uint32_t i = 0; i < n; i++) {
			assert_code(lnr_pathtrie_new(&arena, &paths[i], 1, &one), 0);
			bool want = lnr_pathtrie_match(one, &scratch, lnr_str_c(value), NULL, NULL);
			if (h.seen[i] != want)
				fail_msg("'%s' of '%s'", texts[i], value);
			any |= want;
		}
		assert_int_equal(
			lnr_pathtrie_match(all, &scratch, lnr_str_c(value), NULL, NULL), any);
		if (any) {
			h = (struct hits){.stop_after = 1};
			assert_true(lnr_pathtrie_match(all, &scratch, lnr_str_c(value), hit, &h));
			assert_int_equal(h.n, 1);
		}
		lnr_arena_reset(&arena);
	}
	lnr_arena_done(&scratch);
	lnr_arena_done(&arena);
}

static int build(void *arg)
{
	static const struct lnr_str paths[] = {{"/a/b*/c", 7}, {"/a/[x]", 6}, {"", 0}};
	struct lnr_arena arena;
	const struct lnr_pathtrie *t;

	(void)arg;
	lnr_arena_init(&arena, 0);
	int r = lnr_pathtrie_new(&arena, paths, 3, &t);
	lnr_arena_done(&arena);
	return r;
}

static void failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(build, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(examples),
		cmocka_unit_test(as_fnmatch),
		cmocka_unit_test(no_explosion),
		cmocka_unit_test(path_examples),
		cmocka_unit_test(path_sets),
		cmocka_unit_test(failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
