/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/asan.h"
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

static void gives_aligned_memory(void **state)
{
	struct lnr_arena a;
	char *p, *q;

	(void)state;
	lnr_arena_init(&a, 0);
	for (size_t size = 0; size < 300; size++) {
		p = lnr_arena_alloc(&a, size);
		q = lnr_arena_alloc(&a, size);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		assert_ptr_not_equal(p, q);
		memset(p, 0xff, size);
	}
	p = lnr_arena_calloc(&a, 10, 10);
	for (int i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	assert_null(lnr_arena_alloc(&a, SIZE_MAX));
	assert_null(lnr_arena_alloc(&a, SIZE_MAX - 16));
	assert_null(lnr_arena_calloc(&a, SIZE_MAX / 2, 3));
	assert_null(lnr_arena_strdup(&a, (struct lnr_str){"", SIZE_MAX}));
	lnr_arena_done(&a);
	lnr_arena_done(&a);
	assert_null(a.head);
	assert_int_equal(a.total_bytes, 0);
}

static void copies_text(void **state)
{
	struct lnr_arena a = {0};
	struct lnr_str s;

	(void)state;
	assert_string_equal(lnr_arena_strdup(&a, LNR_STR("abc")), "abc");
	assert_string_equal(lnr_arena_strdup(&a, (struct lnr_str){NULL, 0}), "");
	s = lnr_arena_str(&a, LNR_STR("a\0b"));
	assert_bytes(s, LNR_STR("a\0b"));
	assert_int_equal(s.ptr[3], '\0');
	assert_string_equal(lnr_arena_printf(&a, "%d-%s", 7, "x"), "7-x");
	assert_string_equal(lnr_arena_printf(&a, "%s", ""), "");
	lnr_arena_done(&a);
}

static void stays_below_its_limit(void **state)
{
	struct lnr_arena a;
	size_t sum = 0;

	(void)state;
	lnr_arena_init(&a, 100000);
	while (lnr_arena_alloc(&a, 1000)) {
		sum += 1008;
		assert_true(a.total_bytes <= 100000);
	}
	/* Shrinking blocks use the limit up but for headers and one cut object per block. */
	assert_true(sum > 90000);
	assert_int_equal(a.used_bytes, sum);
	assert_null(lnr_arena_str(&a, (struct lnr_str){"", 90000}).ptr);
	assert_non_null(lnr_arena_alloc(&a, 16));
	lnr_arena_done(&a);

	lnr_arena_init(&a, 10);
	assert_null(lnr_arena_alloc(&a, 1));
	lnr_arena_done(&a);
}

static void reset_keeps_the_largest_block(void **state)
{
	struct lnr_arena a;
	void *first;

	(void)state;
	lnr_arena_init(&a, 0);
	lnr_arena_reset(&a);
	lnr_arena_alloc(&a, 10);
	lnr_arena_alloc(&a, 3 * LNR_ARENA_BLOCK_BYTES_MAX);
	lnr_arena_alloc(&a, 10);
	lnr_arena_reset(&a);
	assert_int_equal(a.used_bytes, 0);
	assert_true(a.total_bytes >= 3 * LNR_ARENA_BLOCK_BYTES_MAX);
	assert_true(a.total_bytes <= 3 * LNR_ARENA_BLOCK_BYTES_MAX + 64);
	first = lnr_arena_alloc(&a, 3 * LNR_ARENA_BLOCK_BYTES_MAX);
	lnr_arena_reset(&a);
	assert_ptr_equal(lnr_arena_alloc(&a, 20), first);
	lnr_arena_done(&a);
}

/* Each allocation has bytes of its own until the reset. */
static void model(void **state)
{
	struct {
		unsigned char *ptr;
		size_t len;
		unsigned char fill;
	} live[256];
	struct lnr_test_random r;
	struct lnr_arena a;

	(void)state;
	lnr_test_random_init(&r);
	lnr_arena_init(&a, 8 * LNR_ARENA_BLOCK_BYTES_MAX);
	for (int round = 0; round < 50; round++) {
		size_t n = lnr_test_random_below(&r, LNR_ARRAY_SIZE(live)) + 1;

		for (size_t i = 0; i < n; i++) {
			live[i].len = lnr_test_random_below(&r, round % 5 ? 200 : 20000);
			live[i].fill = (unsigned char)lnr_test_random_u64(&r);
			live[i].ptr = lnr_arena_alloc(&a, live[i].len);
			assert_non_null(live[i].ptr);
			memset(live[i].ptr, live[i].fill, live[i].len);
		}
		for (size_t i = 0; i < n; i++) {
			for (size_t k = 0; k < live[i].len; k++)
				assert_int_equal(live[i].ptr[k], live[i].fill);
		}
		lnr_arena_reset(&a);
	}
	lnr_arena_done(&a);
}

static void stale_memory_is_marked(void **state)
{
#ifdef LNR_ASAN
	struct lnr_arena a = {0};
	char *p = lnr_arena_alloc(&a, 5);

	assert_false(__asan_address_is_poisoned(p + 4));
	assert_true(__asan_address_is_poisoned(p + 5));
	lnr_arena_reset(&a);
	assert_true(__asan_address_is_poisoned(p));
	lnr_arena_done(&a);
#else
	struct lnr_arena a = {0};

	/* Without the sanitizer marking costs nothing, not even padding. */
	assert_non_null(lnr_arena_alloc(&a, 5));
	assert_int_equal(a.used_bytes, 16);
	lnr_arena_done(&a);
#endif
	(void)state;
}

static int fill(void *arg)
{
	struct lnr_arena a;
	int rc = 0;

	(void)arg;
	lnr_arena_init(&a, 0);
	for (int i = 0; i < 3000 && !rc; i++) {
		if (!lnr_arena_alloc(&a, 100) || !lnr_arena_printf(&a, "%d", i))
			rc = -ENOMEM;
	}
	/* What was there before the failure can still be used and freed. */
	lnr_arena_reset(&a);
	lnr_arena_done(&a);
	return rc;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(fill, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_aligned_memory),
		cmocka_unit_test(copies_text),
		cmocka_unit_test(stays_below_its_limit),
		cmocka_unit_test(reset_keeps_the_largest_block),
		cmocka_unit_test(model),
		cmocka_unit_test(stale_memory_is_marked),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
