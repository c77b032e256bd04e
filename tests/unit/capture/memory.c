/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/capture.h"

#include <stdlib.h>
#include "decode/event.h"
#include "lib/failalloc.h"
#include "lib/test.h"

static size_t make_records(uint8_t *buf, size_t cap, unsigned n)
{
	size_t at = 0;

	for (unsigned i = 0; i < n; i++) {
		struct lnr_record_builder b;

		lnr_record_begin(&b, buf + at, cap - at, LNR_EV_SYSCALL_CLOSE_X, i, 1, 2);
		lnr_record_u64(&b, 0);
		lnr_record_u64(&b, i);
		at += lnr_record_end(&b);
	}
	return at;
}

static void one_after_the_other(void **state)
{
	uint8_t buf[1024];
	size_t len = make_records(buf, sizeof(buf), 5);
	struct lnr_capture *c;
	struct lnr_capture_item item;
	struct lnr_stat stat;

	(void)state;
	assert_ok(lnr_capture_memory(buf, len, &c, NULL), NULL);
	assert_string_equal(c->ops->name, "nodriver");
	assert_null(c->ops->populate);
	assert_int_equal(c->ops->stats(c, &stat, 1), 0);
	assert_true(c->ops->progress(c) == 0);
	for (unsigned i = 0; i < 5; i++) {
		assert_ok(lnr_capture_next(c, &item, NULL), NULL);
		assert_int_equal(((const struct lnr_record *)item.record)->ts, i);
		assert_int_equal(item.len, len / 5);
		assert_int_equal(item.flags | item.cpu, 0);
	}
	assert_true(c->ops->progress(c) == 1);
	assert_code(lnr_capture_next(c, &item, NULL), -ENODATA);
	assert_code(lnr_capture_next(c, &item, NULL), -ENODATA);
	assert_null(lnr_capture_close(c));
	assert_null(lnr_capture_close(NULL));
}

static void nothing_at_all(void **state)
{
	struct lnr_capture *c;
	struct lnr_capture_item item;

	(void)state;
	assert_ok(lnr_capture_memory(NULL, 0, &c, NULL), NULL);
	assert_code(lnr_capture_next(c, &item, NULL), -ENODATA);
	assert_true(c->ops->progress(c) == 1);
	lnr_capture_close(c);
}

static void lengths_that_do_not_fit(void **state)
{
	static const uint32_t wrong[] = {0, 25, 200, UINT32_MAX};
	uint8_t buf[1024];
	size_t len = make_records(buf, sizeof(buf), 3);
	struct lnr_capture *c;
	struct lnr_capture_item item;

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		uint8_t *copy = malloc(cut ? cut : 1);
		unsigned n = 0;
		int r;

		memcpy(copy, buf, cut);
		assert_ok(lnr_capture_memory(copy, cut, &c, NULL), NULL);
		while (!(r = lnr_capture_next(c, &item, NULL)))
			n++;
		assert_int_equal(n, cut / (len / 3));
		assert_code(r, cut % (len / 3) ? -EBADMSG : -ENODATA);
		lnr_capture_close(c);
		free(copy);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(wrong); i++) {
		struct lnr_err err = {0};

		((struct lnr_record *)(buf + len / 3))->len = wrong[i];
		assert_ok(lnr_capture_memory(buf, len, &c, NULL), NULL);
		assert_ok(lnr_capture_next(c, &item, NULL), NULL);
		assert_code(lnr_capture_next(c, &item, &err), -EBADMSG);
		assert_has(err.msg, "does not fit");
		lnr_capture_close(c);
	}
}

static int open_once(void *arg)
{
	struct lnr_capture *c = NULL;
	int r = lnr_capture_memory(arg, 0, &c, NULL);

	lnr_capture_close(c);
	return r;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(open_once, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(nothing_at_all),
		cmocka_unit_test(lengths_that_do_not_fit),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
