/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

static const struct lnr_str nothing = {NULL, 0};

static void compares(void **state)
{
	(void)state;
	assert_true(lnr_str_eq(LNR_STR("ab"), LNR_STR("ab")));
	assert_false(lnr_str_eq(LNR_STR("ab"), LNR_STR("ac")));
	assert_false(lnr_str_eq(LNR_STR("ab"), LNR_STR("abc")));
	assert_true(lnr_str_eq(nothing, LNR_STR("")));
	assert_true(lnr_str_eq(LNR_STR("a\0b"), LNR_STR("a\0b")));
	assert_false(lnr_str_eq(LNR_STR("a\0b"), LNR_STR("a\0c")));

	assert_int_equal(lnr_str_cmp(LNR_STR("ab"), LNR_STR("ab")), 0);
	assert_int_equal(lnr_str_cmp(nothing, nothing), 0);
	assert_true(lnr_str_cmp(LNR_STR("ab"), LNR_STR("b")) < 0);
	assert_true(lnr_str_cmp(LNR_STR("b"), LNR_STR("ab")) > 0);
	assert_true(lnr_str_cmp(LNR_STR("ab"), LNR_STR("abc")) < 0);
	assert_true(lnr_str_cmp(LNR_STR("abc"), LNR_STR("ab")) > 0);
	assert_true(lnr_str_cmp(nothing, LNR_STR("a")) < 0);
	/* Bytes are unsigned. */
	assert_true(lnr_str_cmp(LNR_STR("\xff"), LNR_STR("a")) > 0);
}

static void compares_without_case(void **state)
{
	(void)state;
	assert_true(lnr_str_ieq(LNR_STR("AbZ@[`{"), LNR_STR("aBz@[`{")));
	/* Neighbours of the letters differ by the same bit but are no letters. */
	assert_false(lnr_str_ieq(LNR_STR("@"), LNR_STR("`")));
	assert_false(lnr_str_ieq(LNR_STR("["), LNR_STR("{")));
	assert_false(lnr_str_ieq(LNR_STR("\xc4"), LNR_STR("\xe4")));
	assert_false(lnr_str_ieq(LNR_STR("a"), LNR_STR("ab")));
	assert_true(lnr_str_ieq(nothing, LNR_STR("")));
}

static void starts_and_ends(void **state)
{
	struct lnr_str s = LNR_STR("/etc/shadow");

	(void)state;
	assert_true(lnr_str_starts(s, LNR_STR("/etc/")));
	assert_true(lnr_str_starts(s, nothing));
	assert_true(lnr_str_starts(s, s));
	assert_false(lnr_str_starts(s, LNR_STR("/etc/shadow-")));
	assert_false(lnr_str_starts(s, LNR_STR("etc")));
	assert_true(lnr_str_ends(s, LNR_STR("shadow")));
	assert_true(lnr_str_ends(nothing, nothing));
	assert_false(lnr_str_ends(s, LNR_STR("shado")));
	assert_false(lnr_str_ends(nothing, LNR_STR("x")));
}

static void takes_parts(void **state)
{
	struct lnr_str s = LNR_STR("abcdef");

	(void)state;
	assert_str(lnr_str_sub(s, 1, 3), "bc");
	assert_str(lnr_str_sub(s, 4, SIZE_MAX), "ef");
	assert_str(lnr_str_sub(s, 6, 9), "");
	assert_str(lnr_str_sub(s, 99, 100), "");
	assert_str(lnr_str_sub(s, 3, 1), "");
	assert_int_equal(lnr_str_sub(nothing, 1, 2).len, 0);

	assert_str(lnr_str_trim(LNR_STR(" \t\r\n\v\fa b \n")), "a b");
	assert_str(lnr_str_trim(LNR_STR(" \n ")), "");
	assert_str(lnr_str_trim(LNR_STR("\xa0")), "\xa0");
	assert_int_equal(lnr_str_trim(nothing).len, 0);
}

static void finds(void **state)
{
	struct lnr_str s = LNR_STR("one two one\0end");

	(void)state;
	assert_int_equal(lnr_str_find(s, LNR_STR("one")), 0);
	assert_int_equal(lnr_str_find(s, LNR_STR("two")), 4);
	assert_int_equal(lnr_str_find(s, LNR_STR("e\0e")), 10);
	assert_int_equal(lnr_str_find(s, LNR_STR("three")), -1);
	assert_int_equal(lnr_str_find(s, nothing), 0);
	assert_int_equal(lnr_str_find(nothing, nothing), 0);
	assert_int_equal(lnr_str_find(nothing, LNR_STR("a")), -1);
	assert_int_equal(lnr_str_chr(s, 'o'), 0);
	assert_int_equal(lnr_str_rchr(s, 'o'), 8);
	assert_int_equal(lnr_str_chr(s, 'z'), -1);
	assert_int_equal(lnr_str_rchr(s, 'z'), -1);
	assert_int_equal(lnr_str_chr(nothing, 'a'), -1);
	assert_int_equal(lnr_str_rchr(nothing, 'a'), -1);
	assert_int_equal(lnr_str_ifind(s, LNR_STR("TWO")), 4);
	assert_int_equal(lnr_str_ifind(LNR_STR("aAab"), LNR_STR("AB")), 2);
	assert_int_equal(lnr_str_ifind(LNR_STR("END"), LNR_STR("d")), 2);
	assert_int_equal(lnr_str_ifind(s, LNR_STR("oney")), -1);
	assert_int_equal(lnr_str_ifind(s, nothing), 0);
	assert_int_equal(lnr_str_ifind(LNR_STR("a"), LNR_STR("ab")), -1);
}

static void splits(void **state)
{
	struct lnr_str s = LNR_STR("a,,b,"), piece;

	(void)state;
	assert_true(lnr_str_split(&s, ',', &piece));
	assert_str(piece, "a");
	assert_true(lnr_str_split(&s, ',', &piece));
	assert_str(piece, "");
	assert_true(lnr_str_split(&s, ',', &piece));
	assert_str(piece, "b");
	assert_true(lnr_str_split(&s, ',', &piece));
	assert_str(piece, "");
	assert_false(lnr_str_split(&s, ',', &piece));

	s = LNR_STR("");
	assert_true(lnr_str_split(&s, ',', &piece));
	assert_str(piece, "");
	assert_false(lnr_str_split(&s, ',', &piece));
}

static void reads_numbers(void **state)
{
	uint64_t u = 7;
	int64_t s = 7;

	(void)state;
	assert_code(lnr_str_u64(LNR_STR("18446744073709551615"), &u), 0);
	assert_true(u == UINT64_MAX);
	assert_code(lnr_str_u64(LNR_STR("000"), &u), 0);
	assert_true(u == 0);
	assert_code(lnr_str_u64(LNR_STR("18446744073709551616"), &u), -ERANGE);
	assert_code(lnr_str_u64(LNR_STR("99999999999999999999999"), &u), -ERANGE);
	assert_code(lnr_str_u64(LNR_STR("99999999999999999999999x"), &u), -EINVAL);
	assert_code(lnr_str_u64(nothing, &u), -EINVAL);
	assert_code(lnr_str_u64(LNR_STR("-1"), &u), -EINVAL);
	assert_code(lnr_str_u64(LNR_STR("+1"), &u), -EINVAL);
	assert_code(lnr_str_u64(LNR_STR(" 1"), &u), -EINVAL);
	assert_code(lnr_str_u64(LNR_STR("1:"), &u), -EINVAL);
	assert_code(lnr_str_u64(LNR_STR("1/"), &u), -EINVAL);
	assert_true(u == 0);

	assert_code(lnr_str_s64(LNR_STR("-9223372036854775808"), &s), 0);
	assert_true(s == INT64_MIN);
	assert_code(lnr_str_s64(LNR_STR("+9223372036854775807"), &s), 0);
	assert_true(s == INT64_MAX);
	assert_code(lnr_str_s64(LNR_STR("-0"), &s), 0);
	assert_true(s == 0);
	assert_code(lnr_str_s64(LNR_STR("9223372036854775808"), &s), -ERANGE);
	assert_code(lnr_str_s64(LNR_STR("-9223372036854775809"), &s), -ERANGE);
	assert_code(lnr_str_s64(LNR_STR("-"), &s), -EINVAL);
	assert_code(lnr_str_s64(LNR_STR("--1"), &s), -EINVAL);
	assert_code(lnr_str_s64(nothing, &s), -EINVAL);
	assert_true(s == 0);
}

/* Flipping any one bit of input or seed should flip about half of the output. */
static void hexadecimal_digits(void **state)
{
	static const char digits[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
	int n = 0;
	(void)state;
	for (int i = 0; i < 16; i++) {
		assert_int_equal(lnr_hex_value(digits[i]), i);
		assert_int_equal(lnr_hex_value(upper[i]), i);
	}
	for (int c = -130; c < 300; c++)
		n += lnr_hex_value(c) >= 0;
	assert_int_equal(n, 22);
}

static void hash_spreads(void **state)
{
	char text[64] = {0};

	(void)state;
	for (size_t len = 1; len <= sizeof(text); len++) {
		uint64_t before = lnr_str_hash((struct lnr_str){text, len}, 3);
		unsigned flipped = 0;

		for (size_t bit = 0; bit < len * 8; bit++) {
			uint64_t after;

			text[bit / 8] ^= (char)(1 << bit % 8);
			after = lnr_str_hash((struct lnr_str){text, len}, 3);
			text[bit / 8] ^= (char)(1 << bit % 8);
			assert_true(after != before);
			flipped += (unsigned)__builtin_popcountll(after ^ before);
		}
		assert_in_range(flipped / (len * 8), 24, 40);
		assert_true(before != lnr_str_hash((struct lnr_str){text, len}, 4));
		/* The length counts, though all bytes are zero. */
		assert_true(before != lnr_str_hash((struct lnr_str){text, len - 1}, 3));
	}
	assert_true(lnr_str_hash(nothing, 9) == lnr_str_hash(LNR_STR(""), 9));
}

/* Neighbouring numbers, which is what thread ids are, fill a table's slots evenly. */
static void hash_of_numbers_spreads(void **state)
{
	unsigned slots[1024] = {0};

	(void)state;
	for (uint64_t i = 0; i < 16384; i++)
		slots[lnr_u64_hash(i) & 1023]++;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(slots); i++)
		assert_in_range(slots[i], 1, 48);
}

static int dup_once(void *arg)
{
	char *p = lnr_str_dup(LNR_STR("abc"));

	(void)arg;
	if (!p)
		return -ENOMEM;
	free(p);
	return 0;
}

static void duplicates(void **state)
{
	char *p = lnr_str_dup(LNR_STR("a\0b"));

	(void)state;
	assert_memory_equal(p, "a\0b", 4);
	free(p);
	p = lnr_str_dup(nothing);
	assert_string_equal(p, "");
	free(p);
	lnr_test_each_alloc_fails(dup_once, NULL);
}

/* The definition, without any of the short cuts. */
static unsigned naive_distance(struct lnr_str a, struct lnr_str b)
{
	struct lnr_str a1 = lnr_str_sub(a, 1, a.len), b1 = lnr_str_sub(b, 1, b.len);
	unsigned d, e;

	if (a.len == 0 || b.len == 0)
		return (unsigned)(a.len + b.len);
	if (a.ptr[0] == b.ptr[0])
		return naive_distance(a1, b1);
	d = naive_distance(a1, b1);
	e = naive_distance(a1, b);
	d = d < e ? d : e;
	e = naive_distance(a, b1);
	return 1 + (d < e ? d : e);
}

static void measures_distance(void **state)
{
	char longer[2 * LNR_DISTANCE_BYTES_MAX];
	struct lnr_test_random r;

	(void)state;
	assert_int_equal(lnr_str_distance(LNR_STR("proc.nmae"), LNR_STR("proc.name"), 3), 2);
	assert_int_equal(lnr_str_distance(LNR_STR("same"), LNR_STR("same"), 0), 0);
	assert_int_equal(lnr_str_distance(LNR_STR("abc"), LNR_STR("xyz"), 2), 3);
	assert_int_equal(lnr_str_distance(nothing, LNR_STR("abcd"), 9), 4);
	memset(longer, 'x', sizeof(longer));
	assert_int_equal(
		lnr_str_distance(nothing, (struct lnr_str){longer, sizeof(longer)}, 1000), 1001);
	/* What is equal at the ends does not count against the limit. */
	assert_int_equal(lnr_str_distance((struct lnr_str){longer, sizeof(longer)},
				 (struct lnr_str){longer, sizeof(longer) - 1}, 3),
		1);

	lnr_test_random_init(&r);
	for (int i = 0; i < 3000; i++) {
		char text[12];
		struct lnr_str a = {text, lnr_test_random_below(&r, 7)};
		struct lnr_str b = {text + 6, lnr_test_random_below(&r, 7)};
		unsigned max = (unsigned)lnr_test_random_below(&r, 7), want;

		for (size_t k = 0; k < sizeof(text); k++)
			text[k] = (char)('a' + lnr_test_random_below(&r, 3));
		want = naive_distance(a, b);
		assert_int_equal(lnr_str_distance(a, b, max), want <= max ? want : max + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares),
		cmocka_unit_test(compares_without_case),
		cmocka_unit_test(starts_and_ends),
		cmocka_unit_test(takes_parts),
		cmocka_unit_test(finds),
		cmocka_unit_test(splits),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(hexadecimal_digits),
		cmocka_unit_test(hash_spreads),
		cmocka_unit_test(hash_of_numbers_spreads),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(measures_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
