/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

static void appends(void **state)
{
	struct lnr_buf b;
	char *p;

	(void)state;
	lnr_buf_init(&b, 0);
	assert_str(lnr_buf_view(&b), "");
	lnr_buf_add(&b, NULL, 0);
	lnr_buf_cstr(&b, "abc");
	lnr_buf_chr(&b, '-');
	lnr_buf_str(&b, LNR_STR("d\0e"));
	lnr_buf_str(&b, (struct lnr_str){NULL, 0});
	lnr_buf_printf(&b, "%s:%d", "f", 9);
	assert_bytes(lnr_buf_view(&b), LNR_STR("abc-d\0ef:9"));
	assert_int_equal(b.ptr[b.len], '\0');
	lnr_buf_cut(&b, 100);
	lnr_buf_cut(&b, 3);
	assert_string_equal(b.ptr, "abc");
	p = b.ptr;
	lnr_buf_clear(&b);
	assert_string_equal(b.ptr, "");
	lnr_buf_cstr(&b, "x");
	assert_ptr_equal(b.ptr, p);
	p = lnr_buf_take(&b);
	assert_string_equal(p, "x");
	free(p);
	assert_null(b.ptr);
	assert_int_equal(b.len, 0);
	p = lnr_buf_take(&b);
	assert_string_equal(p, "");
	free(p);
	lnr_buf_done(&b);
	lnr_buf_done(&b);
}

static void prints_longer_than_its_memory(void **state)
{
	char text[3 * LNR_BUF_BYTES_MIN];
	struct lnr_buf b = {0};

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 5; i++)
		lnr_buf_printf(&b, "<%s>", text);
	assert_int_equal(b.len, 5 * (sizeof(text) + 1));
	assert_int_equal(b.ptr[b.len - 1], '>');
	assert_int_equal(b.ptr[b.len], '\0');
	lnr_buf_done(&b);
}

static void stops_at_its_maximum(void **state)
{
	/* Volatile, or the compiler complains about the length before it can be refused. */
	volatile size_t huge;
	struct lnr_buf b;

	(void)state;
	lnr_buf_init(&b, 10);
	lnr_buf_cstr(&b, "1234567890");
	assert_false(b.failed);
	lnr_buf_add(&b, "", 0);
	assert_false(b.failed);
	lnr_buf_chr(&b, 'x');
	assert_true(b.failed);
	assert_string_equal(b.ptr, "1234567890");
	/* Room again, but the text already has a hole. */
	lnr_buf_cut(&b, 5);
	lnr_buf_chr(&b, 'x');
	lnr_buf_printf(&b, "x");
	lnr_buf_u64(&b, 1);
	assert_string_equal(b.ptr, "12345");
	assert_null(lnr_buf_take(&b));
	assert_null(b.ptr);
	assert_false(b.failed);
	assert_int_equal(b.max, 10);

	lnr_buf_cstr(&b, "12345678");
	lnr_buf_printf(&b, "%d", 123);
	assert_true(b.failed);
	/* Nothing of the printed text is left behind. */
	assert_string_equal(b.ptr, "12345678");
	lnr_buf_clear(&b);
	assert_false(b.failed);
	lnr_buf_printf(&b, "%d", 1234567890);
	assert_false(b.failed);
	lnr_buf_done(&b);

	lnr_buf_init(&b, SIZE_MAX);
	lnr_buf_chr(&b, 'x');
	assert_false(b.failed);
	huge = SIZE_MAX - 1;
	lnr_buf_add(&b, "x", huge);
	assert_true(b.failed);
	lnr_buf_done(&b);
}

/* Every maximum is kept to the byte, whatever the pieces. */
static void model(void **state)
{
	struct lnr_test_random r;
	char want[5000];

	(void)state;
	lnr_test_random_init(&r);
	for (int round = 0; round < 300; round++) {
		size_t max = lnr_test_random_below(&r, sizeof(want) - 1) + 1, len = 0;
		bool failed = false;
		struct lnr_buf b;

		lnr_buf_init(&b, max);
		while (!failed) {
			char piece[200];
			size_t n = lnr_test_random_below(&r, sizeof(piece));

			memset(piece, 'a' + round % 26, n);
			piece[n] = '\0';
			if (lnr_test_random_u64(&r) & 1)
				lnr_buf_add(&b, piece, n);
			else
				lnr_buf_printf(&b, "%s", piece);
			failed = len + n > max;
			if (!failed) {
				memcpy(want + len, piece, n);
				len += n;
			}
			assert_int_equal(b.failed, failed);
			assert_bytes(lnr_buf_view(&b), ((struct lnr_str){want, len}));
			assert_true(!b.ptr || b.ptr[len] == '\0');
			assert_true(b.cap <= max + 1);
		}
		lnr_buf_done(&b);
	}
}

static void writes_numbers(void **state)
{
	struct lnr_buf b = {0};
	struct lnr_test_random r;
	char want[32];

	(void)state;
	lnr_test_random_init(&r);
	for (int i = 0; i < 20000; i++) {
		/* All lengths, and the neighbours of powers of ten. */
		uint64_t v = lnr_test_random_u64(&r) >> lnr_test_random_below(&r, 64);

		if (i < 60) {
			v = 1;
			for (int k = 0; k < i / 3; k++)
				v *= 10;
			v += (uint64_t)(i % 3) - 1;
		} else if (i < 66) {
			v = (uint64_t[]){
				0, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, 9, 99}[i - 60];
		}
		lnr_buf_clear(&b);
		lnr_buf_u64(&b, v);
		snprintf(want, sizeof(want), "%" PRIu64, v);
		assert_str(lnr_buf_view(&b), want);
		lnr_buf_clear(&b);
		lnr_buf_s64(&b, (int64_t)v);
		snprintf(want, sizeof(want), "%" PRId64, (int64_t)v);
		assert_str(lnr_buf_view(&b), want);
	}
	lnr_buf_done(&b);
}

static int fill(void *arg)
{
	struct lnr_buf b = {0};
	char *text;

	(void)arg;
	for (int i = 0; i < 300; i++) {
		lnr_buf_cstr(&b, "some text ");
		lnr_buf_printf(&b, "%0200d", i);
	}
	text = lnr_buf_take(&b);
	if (!text)
		return -ENOMEM;
	free(text);
	return 0;
}

static int take_empty(void *arg)
{
	struct lnr_buf b = {0};
	char *text = lnr_buf_take(&b);

	(void)arg;
	if (!text)
		return -ENOMEM;
	free(text);
	return 0;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(fill, NULL);
	lnr_test_each_alloc_fails(take_empty, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends),
		cmocka_unit_test(prints_longer_than_its_memory),
		cmocka_unit_test(stops_at_its_maximum),
		cmocka_unit_test(model),
		cmocka_unit_test(writes_numbers),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
