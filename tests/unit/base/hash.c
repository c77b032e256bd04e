/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdio.h>
#include "lib/failalloc.h"
#include "lib/test.h"

/* Keys of the models: few enough to meet again, many enough to make the tables grow. */
#define KEYS 600

static void ids(void **state)
{
	struct lnr_idmap m;
	int a, b;
	void *old = &a;

	(void)state;
	lnr_idmap_init(&m);
	assert_null(lnr_idmap_get(&m, 0));
	assert_null(lnr_idmap_remove(&m, 0));
	lnr_idmap_clear(&m);
	assert_code(lnr_idmap_set(&m, 0, &a, &old), 0);
	assert_null(old);
	assert_code(lnr_idmap_set(&m, UINT64_MAX, &a, NULL), 0);
	assert_code(lnr_idmap_set(&m, 0, &b, &old), 0);
	assert_ptr_equal(old, &a);
	assert_code(lnr_idmap_set(&m, 1, NULL, NULL), -EINVAL);
	assert_int_equal(m.len, 2);
	assert_ptr_equal(lnr_idmap_get(&m, 0), &b);
	assert_ptr_equal(lnr_idmap_get(&m, UINT64_MAX), &a);
	assert_null(lnr_idmap_get(&m, 1));
	assert_ptr_equal(lnr_idmap_remove(&m, 0), &b);
	assert_null(lnr_idmap_remove(&m, 0));
	lnr_idmap_clear(&m);
	assert_int_equal(m.len, 0);
	assert_null(lnr_idmap_get(&m, UINT64_MAX));
	lnr_idmap_done(&m);
	lnr_idmap_done(&m);
}

static void strings(void **state)
{
	struct lnr_strmap m;
	char first[] = "key", second[] = "key";
	struct lnr_str key;
	void *old = NULL;
	size_t pos = 0;
	int a, b;

	(void)state;
	lnr_strmap_init(&m);
	assert_null(lnr_strmap_get(&m, LNR_STR("")));
	assert_null(lnr_strmap_remove(&m, LNR_STR("")));
	assert_code(lnr_strmap_set(&m, lnr_str_c(first), &a, NULL), 0);
	assert_code(lnr_strmap_set(&m, lnr_str_c(second), &b, &old), 0);
	assert_ptr_equal(old, &a);
	assert_int_equal(m.len, 1);
	/* The key is the new value's: the old one may be gone. */
	first[0] = 'X';
	assert_ptr_equal(lnr_strmap_get(&m, LNR_STR("key")), &b);
	assert_true(lnr_strmap_next(&m, &pos, &key, NULL));
	assert_ptr_equal(key.ptr, second);
	assert_code(lnr_strmap_set(&m, (struct lnr_str){NULL, 0}, &a, NULL), 0);
	assert_ptr_equal(lnr_strmap_get(&m, LNR_STR("")), &a);
	assert_code(lnr_strmap_set(&m, LNR_STR("k\0x"), &b, NULL), 0);
	assert_null(lnr_strmap_get(&m, LNR_STR("k\0y")));
	assert_code(lnr_strmap_set(&m, LNR_STR("k"), NULL, NULL), -EINVAL);
	assert_ptr_equal(lnr_strmap_remove(&m, LNR_STR("")), &a);
	lnr_strmap_clear(&m);
	assert_int_equal(m.len, 0);
	assert_null(lnr_strmap_get(&m, LNR_STR("key")));
	lnr_strmap_done(&m);
	lnr_strmap_done(&m);
}

/*
 * The naive model: an array indexed by the key's number, checked against the table after every
 * step. `spread` makes keys that share low bits, so that probing has something to do.
 */
static void id_model(struct lnr_test_random *r, uint64_t spread)
{
	char *model[KEYS] = {0};
	struct lnr_idmap m;
	char values[2];
	size_t len = 0;

	lnr_idmap_init(&m);
	for (int step = 0; step < 20000; step++) {
		size_t k = lnr_test_random_below(r, KEYS);
		bool grow = step / 2500 % 2 == 0;
		char *val = &values[step & 1];
		void *old = NULL;

		if (lnr_test_random_below(r, 10) < (grow ? 7u : 2u)) {
			assert_code(lnr_idmap_set(&m, k * spread, val, &old), 0);
			assert_ptr_equal(old, model[k]);
			len += !model[k];
			model[k] = val;
		} else {
			assert_ptr_equal(lnr_idmap_remove(&m, k * spread), model[k]);
			len -= model[k] != NULL;
			model[k] = NULL;
		}
		assert_int_equal(m.len, len);
		if (step % 97 == 0) {
			uint64_t key;
			void *got;
			size_t seen = 0;

			for (size_t i = 0; i < KEYS; i++)
				assert_ptr_equal(lnr_idmap_get(&m, i * spread), model[i]);
			for (size_t pos = 0; lnr_idmap_next(&m, &pos, &key, &got); seen++) {
				assert_true(key % spread == 0 && key / spread < KEYS);
				assert_ptr_equal(got, model[key / spread]);
			}
			assert_int_equal(seen, len);
		}
	}
	assert_true(m.cap <= 1024);
	lnr_idmap_done(&m);
}

static void ids_against_model(void **state)
{
	struct lnr_test_random r;

	(void)state;
	lnr_test_random_init(&r);
	id_model(&r, 1);
	id_model(&r, 4096);
	id_model(&r, UINT64_C(1) << 40);
}

static void strings_against_model(void **state)
{
	static char keys[KEYS][24];
	char *model[KEYS] = {0}, values[2];
	struct lnr_test_random r;
	struct lnr_strmap m;
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		snprintf(keys[i], sizeof(keys[i]), "%0*zu", 3 + (int)(i % 20), i);
	lnr_test_random_init(&r);
	lnr_strmap_init(&m);
	for (int step = 0; step < 20000; step++) {
		size_t k = lnr_test_random_below(&r, KEYS);
		bool grow = step / 2500 % 2 == 0;
		char *val = &values[step & 1];
		void *old = NULL;

		if (lnr_test_random_below(&r, 10) < (grow ? 7u : 2u)) {
			assert_code(lnr_strmap_set(&m, lnr_str_c(keys[k]), val, &old), 0);
			assert_ptr_equal(old, model[k]);
			len += !model[k];
			model[k] = val;
		} else {
			assert_ptr_equal(lnr_strmap_remove(&m, lnr_str_c(keys[k])), model[k]);
			len -= model[k] != NULL;
			model[k] = NULL;
		}
		assert_int_equal(m.len, len);
		if (step % 97 == 0) {
			struct lnr_str key;
			void *got;
			size_t seen = 0;

			for (size_t i = 0; i < KEYS; i++)
				assert_ptr_equal(lnr_strmap_get(&m, lnr_str_c(keys[i])), model[i]);
			for (size_t pos = 0; lnr_strmap_next(&m, &pos, &key, &got); seen++)
				assert_ptr_equal(lnr_strmap_get(&m, key), got);
			assert_int_equal(seen, len);
		}
	}
	lnr_strmap_done(&m);
}

static void works_zeroed(void **state)
{
	struct lnr_strmap s = {0};
	struct lnr_idmap m = {0};
	size_t pos = 0;

	(void)state;
	assert_false(lnr_idmap_next(&m, &pos, NULL, NULL));
	assert_false(lnr_strmap_next(&s, &pos, NULL, NULL));
	assert_code(lnr_idmap_set(&m, 5, &pos, NULL), 0);
	assert_code(lnr_strmap_set(&s, LNR_STR("a"), &pos, NULL), 0);
	assert_ptr_equal(lnr_idmap_get(&m, 5), &pos);
	assert_ptr_equal(lnr_strmap_get(&s, LNR_STR("a")), &pos);
	lnr_idmap_done(&m);
	lnr_strmap_done(&s);
}

static int fill(void *arg)
{
	static char keys[200][8];
	struct lnr_idmap m;
	struct lnr_strmap s;
	int rc = 0;

	lnr_idmap_init(&m);
	lnr_strmap_init(&s);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(keys) && !rc; i++) {
		size_t ids = m.len, strs = s.len;

		snprintf(keys[i], sizeof(keys[i]), "%zu", i);
		rc = lnr_idmap_set(&m, i, arg, NULL);
		if (!rc)
			rc = lnr_strmap_set(&s, lnr_str_c(keys[i]), arg, NULL);
		/* A failed growth has lost nothing: every earlier key is still found. */
		if (rc && (lnr_idmap_get(&m, i - 1) != (i ? arg : NULL) || m.len < ids ||
				  s.len != strs))
			rc = 1;
	}
	lnr_idmap_done(&m);
	lnr_strmap_done(&s);
	return rc;
}

static void survives_failing_allocations(void **state)
{
	int val;

	(void)state;
	lnr_test_each_alloc_fails(fill, &val);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),
		cmocka_unit_test(strings),
		cmocka_unit_test(ids_against_model),
		cmocka_unit_test(strings_against_model),
		cmocka_unit_test(works_zeroed),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
