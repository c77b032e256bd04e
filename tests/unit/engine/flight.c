/* SPDX-License-Identifier: Apache-2.0 */
/* The flight recorder against a plain model: order, bounds in bytes and time, wrapping. */
#include <stdlib.h>
#include <string.h>
#include "engine/flight.h"
#include "lib/test.h"

struct want {
	uint32_t next; /* number of the record to come */
};

static int check(void *user, const struct lnr_capture_item *item)
{
	struct want *w = user;
	uint32_t n;
	assert_true(item->len >= sizeof(n));
	memcpy(&n, item->record, sizeof(n));
	assert_int_equal(n, w->next);
	assert_int_equal(item->cpu, n % 7);
	assert_int_equal((uintptr_t)item->record % 8, 0);
	for (uint32_t i = sizeof(n); i < item->len; i++)
		assert_int_equal(((const uint8_t *)item->record)[i], (uint8_t)n);
	w->next++;
	return 0;
}

static void put(struct lnr_flight *f, uint32_t n, uint32_t len, uint64_t ts)
{
	uint8_t b[4096];
	memset(b, (int)(n & 0xff), sizeof(b));
	memcpy(b, &n, sizeof(n));
	const struct lnr_capture_item item = {.record = b, .len = len, .cpu = (uint16_t)(n % 7)};
	lnr_flight_put(f, &item, ts);
}

static void test_window(void **state)
{
	struct lnr_flight *f;
	(void)state;
	assert_ok(lnr_flight_new(100, 1 << 16, &f), NULL);
	for (uint32_t n = 0; n < 50; n++)
		put(f, n, 40, 1000 + 10 * n);
	/* The last was at 1490: from 1390 on is kept. */
	struct want w = {.next = 39};
	assert_int_equal(lnr_flight_count(f), 11);
	assert_ok(lnr_flight_take(f, check, &w), NULL);
	assert_int_equal(w.next, 50);
	assert_int_equal(lnr_flight_count(f), 0);
	assert_ok(lnr_flight_take(f, check, &w), NULL);
	lnr_flight_free(f);
}

static void test_bytes(void **state)
{
	struct lnr_flight *f;
	(void)state;
	assert_ok(lnr_flight_new(UINT64_C(1) << 60, 1000, &f), NULL);
	for (uint32_t n = 0; n < 1000; n++) {
		put(f, n, 100, n);
		assert_true(lnr_flight_count(f) >= 1 && lnr_flight_count(f) <= 8);
	}
	put(f, 1000, 2000, 1000); /* larger than the ring: left out */
	struct want w = {.next = (uint32_t)(1000 - lnr_flight_count(f))};
	assert_ok(lnr_flight_take(f, check, &w), NULL);
	assert_int_equal(w.next, 1000);
	lnr_flight_free(f);
}

/* Any mixture of sizes: what is kept is the newest, without a hole. */
static void test_random(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed < 200; seed++) {
		struct lnr_flight *f;
		uint32_t n = 0;
		srandom(seed);
		size_t bytes = 1000 + (size_t)random() % 8000;
		assert_ok(lnr_flight_new(UINT64_C(1) << 60, bytes, &f), NULL);
		for (int round = 0; round < 300; round++) {
			put(f, n, 4 + (uint32_t)random() % 600, n);
			n++;
			assert_true(lnr_flight_count(f) > 0);
			if (random() % 40)
				continue;
			struct want w = {.next = (uint32_t)(n - lnr_flight_count(f))};
			assert_ok(lnr_flight_take(f, check, &w), NULL);
			assert_int_equal(w.next, n);
			assert_int_equal(lnr_flight_count(f), 0);
		}
		lnr_flight_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
