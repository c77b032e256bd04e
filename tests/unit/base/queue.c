/* SPDX-License-Identifier: Apache-2.0 */
#include "base/queue.h"

#include <errno.h>
#include <pthread.h>
#include "base/clock.h"
#include "lib/failalloc.h"
#include "lib/test.h"

static void keeps_order_and_capacity(void **state)
{
	struct lnr_queue *q = lnr_queue_new(3);
	int items[5];

	(void)state;
	assert_null(lnr_queue_pop(q, 0));
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 3; i++)
			assert_code(lnr_queue_push(q, &items[i]), 0);
		assert_code(lnr_queue_push(q, &items[3]), -ENOSPC);
		assert_int_equal(lnr_queue_len(q), 3);
		assert_ptr_equal(lnr_queue_pop(q, 0), &items[0]);
		assert_code(lnr_queue_push(q, &items[4]), 0);
		assert_ptr_equal(lnr_queue_pop(q, -1), &items[1]);
		assert_ptr_equal(lnr_queue_pop(q, 1000), &items[2]);
		assert_ptr_equal(lnr_queue_pop(q, 0), &items[4]);
		assert_int_equal(lnr_queue_len(q), 0);
	}
	assert_int_equal(lnr_queue_refused(q), 5);
	assert_null(lnr_queue_free(q));
	assert_null(lnr_queue_free(NULL));
}

static void holds_at_least_one(void **state)
{
	struct lnr_queue *q = lnr_queue_new(0);
	int item;

	(void)state;
	assert_code(lnr_queue_push(q, &item), 0);
	assert_code(lnr_queue_push(q, &item), -ENOSPC);
	lnr_queue_free(q);
	assert_null(lnr_queue_new(SIZE_MAX / 2));
}

static void times_out(void **state)
{
	const struct lnr_clock *clock = lnr_clock_system();
	struct lnr_queue *q = lnr_queue_new(1);
	uint64_t start = lnr_mono_ns(clock), took;

	(void)state;
	assert_null(lnr_queue_pop(q, 30));
	took = lnr_mono_ns(clock) - start;
	assert_true(took >= 30 * LNR_NS_PER_MS);
	/* Generous, because the machine may be busy; a wait that never ends would fail. */
	assert_true(took < 10 * LNR_NS_PER_SEC);
	lnr_queue_free(q);
}

static void closes(void **state)
{
	struct lnr_queue *q = lnr_queue_new(2);
	int item;

	(void)state;
	assert_false(lnr_queue_closed(q));
	lnr_queue_push(q, &item);
	lnr_queue_close(q);
	lnr_queue_close(q);
	assert_true(lnr_queue_closed(q));
	assert_code(lnr_queue_push(q, &item), -EPIPE);
	assert_int_equal(lnr_queue_refused(q), 0);
	/* What is queued still comes out, then waiting ends at once. */
	assert_ptr_equal(lnr_queue_pop(q, -1), &item);
	assert_null(lnr_queue_pop(q, -1));
	lnr_queue_free(q);
}

static void *pop_for_ever(void *arg)
{
	return lnr_queue_pop(arg, -1);
}

static void close_wakes_all(void **state)
{
	struct lnr_queue *q = lnr_queue_new(1);
	pthread_t threads[3];
	void *got = q;

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, pop_for_ever, q), 0);
	/* Most likely they wait by now; if not, they must not begin to. */
	assert_null(lnr_queue_pop(q, 10));
	lnr_queue_close(q);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(threads); i++) {
		pthread_join(threads[i], &got);
		assert_null(got);
	}
	lnr_queue_free(q);
}

/* --- many threads -----------------------------------------------------------------------------*/

#define PRODUCERS 3
#define EACH	  20000

struct traffic {
	struct lnr_queue *q;
	unsigned char *items; /* one byte per item: how often it arrived */
	unsigned producer;
	uint64_t refused;
	size_t popped;
};

static void *produce(void *arg)
{
	struct traffic *t = arg;

	for (size_t i = 0; i < EACH; i++) {
		while (lnr_queue_push(t->q, t->items + t->producer * EACH + i) == -ENOSPC)
			t->refused++;
	}
	return NULL;
}

static void *consume(void *arg)
{
	struct traffic *t = arg;
	unsigned char *item;

	while ((item = lnr_queue_pop(t->q, -1))) {
		++*item;
		t->popped++;
	}
	return NULL;
}

static void many_threads_lose_nothing(void **state)
{
	static unsigned char items[PRODUCERS * EACH];
	struct traffic in[PRODUCERS], out[2];
	struct lnr_queue *q = lnr_queue_new(64);
	pthread_t producers[PRODUCERS], consumers[2];
	uint64_t refused = 0;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		out[i] = (struct traffic){.q = q};
		assert_int_equal(pthread_create(&consumers[i], NULL, consume, &out[i]), 0);
	}
	for (unsigned i = 0; i < PRODUCERS; i++) {
		in[i] = (struct traffic){.q = q, .items = items, .producer = i};
		assert_int_equal(pthread_create(&producers[i], NULL, produce, &in[i]), 0);
	}
	for (unsigned i = 0; i < PRODUCERS; i++) {
		pthread_join(producers[i], NULL);
		refused += in[i].refused;
	}
	lnr_queue_close(q);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(consumers[i], NULL);
	assert_int_equal(out[0].popped + out[1].popped, sizeof(items));
	for (size_t i = 0; i < sizeof(items); i++)
		assert_int_equal(items[i], 1);
	assert_int_equal(lnr_queue_refused(q), refused);
	lnr_queue_free(q);
}

static int make(void *arg)
{
	struct lnr_queue *q = lnr_queue_new(100);

	(void)arg;
	lnr_queue_free(q);
	return q ? 0 : -ENOMEM;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(make, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_order_and_capacity),
		cmocka_unit_test(holds_at_least_one),
		cmocka_unit_test(times_out),
		cmocka_unit_test(closes),
		cmocka_unit_test(close_wakes_all),
		cmocka_unit_test(many_threads_lose_nothing),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
