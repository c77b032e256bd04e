/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: what is accepted, what matches, and that nothing explodes. */
#include "lib/test.h"

#include <stdlib.h>
#include <time.h>
#include "lib/failalloc.h"
#include "rules/regex.h"

static const char *const accepted[] = {"", "a", "a.*b", "a|b", "(a|b)c", "[a-z]+", "[^/]+",
	"[[:alpha:]]+", "[[:^alpha:]]", "a{5}", "a{2,}", "a{2,5}", "a{0}", "a{1000}", "a{,3}", "a{",
	"a{x}", "a{01}", "a{1,01}", "a?", "a+?", "a*?", "a??", "a++", "a**", "a+*", "()", "(|a)",
	"||", "a]", "[]a]", "[^]a]", "[a-]", "[-a]", "[a\\-z]", "\\.", "\\x41", "\\x{41}",
	"\\x{10ffff}", "\\n\\t\\r\\f\\v\\a", "\\-\\@\\_\\ \\/", "\\101", "\\0", "\\012", "a^b",
	"a$b", "^*", "$+", "^{2}",
	("gr\xc3\xb6\xc3\x9f"
	 "e.*"),
	"[\xc3\xa4-\xc3\xbc]+", "((((((((a))))))))", "a.{0,1000}", "(a{10}){100}", "[[.a]",
	"[a[:digit:]b]", "a}b", "#x y"};

static const char *const refused[] = {"[[:foo:]]", "a{5,2}", "a{1001}", "a{1,1001}", "+a", "?a",
	"*a", "{2}a", "a|*", "(+)", "(", ")", "(a", "a)", "[", "[]", "[^]", "[a", "[a-b-c]",
	"[z-a]", "\\d", "\\w", "\\s", "\\D", "\\b", "\\Bfoo", "a\\z", "\\Z", "\\A", "\\Qa\\E",
	"\\pL", "\\p{Greek}", "\\C", "\\1", "\\8", "\\x", "\\x4", "\\x{}", "\\x{110000}", "\\x{41",
	"\\", "[\\d]", "(?:a)", "(?i)a", "(?!a)", "(?P<n>a)", "(a{100}){100}", "((a{10}){10}){11}",
	"\xff", "a\xc3"};

static int compile(struct lnr_arena *arena, struct lnr_str pattern, const struct lnr_regex **ret,
	struct lnr_err *err)
{
	return lnr_regex_new(arena, pattern, true, ret, err);
}

static void syntax(void **state)
{
	struct lnr_arena arena;
	const struct lnr_regex *re;
	struct lnr_err err = {0};

	(void)state;
	lnr_arena_init(&arena, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(accepted); i++) {
		if (compile(&arena, lnr_str_c(accepted[i]), &re, &err))
			fail_msg("'%s' refused: %s", accepted[i], err.msg);
		lnr_regex_free(re);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(refused); i++) {
		err.msg[0] = '\0';
		if (compile(&arena, lnr_str_c(refused[i]), &re, &err) != -EINVAL)
			fail_msg("'%s' accepted", refused[i]);
		assert_has(err.msg, "bad regular expression");
	}
	lnr_arena_done(&arena);
}

/* reason: a flat list of patterns and texts */
static void matches(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool match;
	} cases[] = {
		{"abc", "abc", true},
		{"abc", "abcd", false},
		{"abc", "xabc", false},
		{"", "", true},
		{"", "a", false},
		{"a.*b", "a--b", true},
		{"a.*b", "a\nb", false},
		{"a[^x]b", "a\nb", true},
		{"a|ab", "ab", true},
		{"(a|ab)(c|bcd)", "abcd", true},
		{"[[:alpha:]]+", "abc", true},
		{"[[:alpha:]]+", "ab1", false},
		{"[[:^alpha:]]+", "123", true},
		{"[[:space:]]", "\v", true},
		{"[[:word:]]+", "a_9", true},
		{"a+?", "", true},
		{"a+?", "aaa", true},
		{"a?+", "aaa", true},
		{"a++", "aaa", true},
		{"a**", "", true},
		{"(ab)+", "ababab", true},
		{"(ab){2}", "abab", true},
		{"(ab){2}", "ab", false},
		{"a{2,3}?", "", true},
		{"a{2}{3}", "aaaaaa", true},
		{"a{2}{3}", "aaaaa", false},
		{"a{,3}", "a{,3}", true},
		{"a{x}", "a{x}", true},
		{"\\x41\\x{42}\\103", "ABC", true},
		{"a]", "a]", true},
		{"[]a]+", "]a", true},
		{"^abc$", "abc", true},
		{"a^b", "ab", false},
		{"a\\n^b", "a\nb", true},
		{"a$\\nb", "a\nb", true},
		{"a$", "a", true},
		{"a$\\n", "a\n", true},
		{"a\\n^", "a\n", true},
		{"a#b c", "a#b c", true},
		{".", "\xc3\xa4", true},
		{".", "\xff", false},
		{"[^a]", "\xff", false},
		{".*",
			"a\xff"
			"b",
			false},
		{"[\xc3\xa4-\xc3\xbc]", "\xc3\xb6", true},
		{"A", "a", false},
		{"()", "", true},
		{"(|a)b", "b", true},
		{"a||b", "", true},
		{"[a-]+", "a-", true},
		{"\\0?", "", true},
		{"/(usr|opt)/[^/]+/bin/(sh|bash)", "/usr/local/bin/bash", true},
		{"/(usr|opt)/[^/]+/bin/(sh|bash)", "/usr/a/b/bin/bash", false},
	};
	struct lnr_arena arena, scratch;
	const struct lnr_regex *re;

	(void)state;
	lnr_arena_init(&arena, 0);
	lnr_arena_init(&scratch, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		for (int jit = 0; jit < 2; jit++) {
			assert_ok(
				lnr_regex_new(&arena, lnr_str_c(cases[i].pattern), jit, &re, NULL),
				NULL);
			if (lnr_regex_match(re, &scratch, lnr_str_c(cases[i].text)) !=
				cases[i].match)
				fail_msg("'%s' on '%s'", cases[i].pattern, cases[i].text);
			assert_int_equal(lnr_regex_gave_up(re), 0);
			lnr_regex_free(re);
			lnr_arena_reset(&scratch);
		}
	}
	lnr_arena_done(&scratch);
	lnr_arena_done(&arena);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Patterns that take exponential time one possibility after the other. */
static void bombs(void **state)
{
	static const char *const bombs_[] = {"(a*)*b", "(a|a)*b", "(a|aa)+b", "((a*)*)*b",
		"(.*.*.*.*.*.*)*b", "(a?){200}a{200}b", "([a-z]+)*[0-9]", "(x+x+)+y"};
	struct lnr_arena arena, scratch;
	const struct lnr_regex *re;
	char text[2000];

	(void)state;
	lnr_arena_init(&arena, 0);
	lnr_arena_init(&scratch, 0);
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bombs_); i++) {
		for (int jit = 0; jit < 2; jit++) {
			double start = now();

			assert_ok(
				lnr_regex_new(&arena, lnr_str_c(bombs_[i]), jit, &re, NULL), NULL);
			assert_false(lnr_regex_match(
				re, &scratch, (struct lnr_str){text, sizeof(text)}));
			/* A second is far beyond what the limits allow, even with sanitizers. */
			if (now() - start > 1.0)
				fail_msg("'%s' took %f s", bombs_[i], now() - start);
			lnr_regex_free(re);
			lnr_arena_reset(&scratch);
		}
	}
	/* The slow way gives the right answer where the fast one gives up. */
	text[sizeof(text) - 1] = 'b';
	assert_ok(lnr_regex_new(&arena, LNR_STR("(a|aa)+b"), true, &re, NULL), NULL);
	assert_true(lnr_regex_match(re, &scratch, (struct lnr_str){text, sizeof(text)}));
	lnr_regex_free(re);
	lnr_arena_done(&scratch);
	lnr_arena_done(&arena);
}

/* No scratch memory: counted, and no match. */
static void gives_up(void **state)
{
	struct lnr_arena arena, scratch;
	const struct lnr_regex *re;

	(void)state;
	lnr_arena_init(&arena, 0);
	lnr_arena_init(&scratch, 1);
	assert_ok(lnr_regex_new(&arena, LNR_STR("a"), true, &re, NULL), NULL);
	assert_false(lnr_regex_match(re, &scratch, LNR_STR("a")));
	assert_false(lnr_regex_match(re, &scratch, LNR_STR("a")));
	assert_int_equal(lnr_regex_gave_up(re), 2);
	lnr_regex_free(re);
	lnr_arena_done(&scratch);
	lnr_arena_done(&arena);
}

static int translate_without_memory(void *arg)
{
	struct lnr_arena arena;
	const struct lnr_regex *re;
	(void)arg;
	lnr_arena_init(&arena, 0);
	int r = lnr_regex_new(&arena, LNR_STR("(a|b)+?[[:alpha:]x-y]{3}{2}"), false, &re, NULL);
	lnr_arena_done(&arena);
	return r;
}

static void failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(translate_without_memory, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syntax),
		cmocka_unit_test(matches),
		cmocka_unit_test(bombs),
		cmocka_unit_test(gives_up),
		cmocka_unit_test(failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
