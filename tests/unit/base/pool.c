/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include "base/asan.h"
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

static void reuses_the_last_one_first(void **state)
{
	struct lnr_pool p;
	char *a, *b;

	(void)state;
	lnr_pool_init(&p, 40, 0);
	a = lnr_pool_take(&p);
	b = lnr_pool_take(&p);
	assert_int_equal((uintptr_t)a % 16, 0);
	assert_int_equal((uintptr_t)b % 16, 0);
	memset(a, 1, 40);
	memset(b, 1, 40);
	lnr_pool_put(&p, a);
	lnr_pool_put(&p, b);
	lnr_pool_put(&p, NULL);
	assert_int_equal(p.out, 0);
	assert_ptr_equal(lnr_pool_take(&p), b);
	assert_ptr_equal(lnr_pool_take(&p), a);
	for (int i = 0; i < 40; i++)
		assert_int_equal(a[i] | b[i], 0);
	lnr_pool_done(&p);
	lnr_pool_done(&p);
	assert_int_equal(p.made, 0);
}

static void keeps_its_budget(void **state)
{
	struct lnr_pool p;
	void *obj = NULL;

	(void)state;
	lnr_pool_init(&p, 1, 1000);
	for (int i = 0; i < 1000; i++) {
		obj = lnr_pool_take(&p);
		assert_non_null(obj);
	}
	assert_null(lnr_pool_take(&p));
	/* The last chunk is no larger than the budget. */
	assert_int_equal(p.made, 1000);
	lnr_pool_put(&p, obj);
	assert_ptr_equal(lnr_pool_take(&p), obj);
	assert_null(lnr_pool_take(&p));
	lnr_pool_done(&p);
}

static void takes_large_objects(void **state)
{
	struct lnr_pool p;
	char *obj;

	(void)state;
	lnr_pool_init(&p, 2 * LNR_POOL_CHUNK_BYTES_MAX, 0);
	obj = lnr_pool_take(&p);
	assert_non_null(obj);
	memset(obj, 1, 2 * LNR_POOL_CHUNK_BYTES_MAX);
	assert_int_equal(p.made, 1);
	lnr_pool_done(&p);
	lnr_pool_init(&p, SIZE_MAX / 2, 0);
	assert_null(lnr_pool_take(&p));
	lnr_pool_done(&p);
}

/* Objects that are out never share bytes, and come back zeroed. */
static void model(void **state)
{
	enum { MOST = 700 };
	struct object {
		uint64_t tag[5];
	} * out[MOST];
	struct lnr_test_random r;
	struct lnr_pool p;
	size_t n = 0;

	(void)state;
	lnr_test_random_init(&r);
	lnr_pool_init(&p, sizeof(struct object), MOST);
	for (uint64_t step = 1; step < 30000; step++) {
		/* Mostly taking in one half of the steps, mostly putting in the other. */
		if (lnr_test_random_below(&r, 10) < (step / 3000 % 2 ? 3 : 7)) {
			struct object *o = lnr_pool_take(&p);

			assert_int_equal(!o, n == MOST);
			if (!o)
				continue;
			for (size_t i = 0; i < 5; i++) {
				assert_true(o->tag[i] == 0);
				o->tag[i] = step;
			}
			out[n++] = o;
		} else if (n) {
			size_t k = lnr_test_random_below(&r, n);

			for (size_t i = 1; i < 5; i++)
				assert_true(out[k]->tag[i] == out[k]->tag[0]);
			for (size_t i = 0; i < n; i++)
				assert_true(i == k || out[i]->tag[0] != out[k]->tag[0]);
			lnr_pool_put(&p, out[k]);
			out[k] = out[--n];
		}
		assert_int_equal(p.out, n);
	}
	lnr_pool_done(&p);
}

static void stale_memory_is_marked(void **state)
{
	struct lnr_pool p;
	char *obj;

	(void)state;
	lnr_pool_init(&p, 16, 0);
	obj = lnr_pool_take(&p);
	lnr_pool_put(&p, obj);
#ifdef LNR_ASAN
	assert_true(__asan_address_is_poisoned(obj));
	assert_true(__asan_address_is_poisoned(obj + 16));
#endif
	assert_ptr_equal(lnr_pool_take(&p), obj);
#ifdef LNR_ASAN
	assert_false(__asan_address_is_poisoned(obj + 15));
#endif
	lnr_pool_done(&p);
}

static int fill(void *arg)
{
	struct lnr_pool p;
	int rc = 0;

	(void)arg;
	lnr_pool_init(&p, 64, 0);
	for (int i = 0; i < 5000 && !rc; i++)
		rc = lnr_pool_take(&p) ? 0 : -ENOMEM;
	lnr_pool_done(&p);
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
		cmocka_unit_test(reuses_the_last_one_first),
		cmocka_unit_test(keeps_its_budget),
		cmocka_unit_test(takes_large_objects),
		cmocka_unit_test(model),
		cmocka_unit_test(stale_memory_is_marked),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
