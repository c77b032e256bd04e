/* SPDX-License-Identifier: Apache-2.0 */
/* What the state is made of: slabs, shared texts, descriptor tables. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"
#include "state/blob_priv.h"
#include "state/fdtable.h"

/* --- slab --- */

static void slab(void **state)
{
	static const size_t sizes[] = {
		0, 1, 31, 32, 33, 160, LNR_SLAB_OBJECT_MAX, LNR_SLAB_OBJECT_MAX + 1, 100000};
	struct lnr_slab s;
	void *obj[LNR_ARRAY_SIZE(sizes)][50];
	(void)state;
	lnr_slab_init(&s);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < LNR_ARRAY_SIZE(sizes); i++)
			for (size_t k = 0; k < 50; k++) {
				obj[i][k] = lnr_slab_take(&s, sizes[i]);
				assert_non_null(obj[i][k]);
				assert_int_equal((uintptr_t)obj[i][k] % 16, 0);
				memset(obj[i][k], (int)(i * 50 + k), sizes[i]);
			}
		for (size_t i = 0; i < LNR_ARRAY_SIZE(sizes); i++)
			for (size_t k = 0; k < 50; k++) {
				const unsigned char *b = obj[i][k];
				for (size_t n = 0; n < sizes[i]; n++)
					assert_int_equal(b[n], (unsigned char)(i * 50 + k));
				lnr_slab_put(&s, obj[i][k], sizes[i]);
			}
	}
	lnr_slab_put(&s, NULL, 7);
	/* What was given back is taken again before anything new. */
	lnr_slab_put(&s, lnr_slab_take(&s, 100), 100);
	size_t bytes = s.chunk_bytes;
	for (int i = 0; i < 10000; i++)
		lnr_slab_put(&s, lnr_slab_take(&s, 100), 100);
	assert_int_equal(s.chunk_bytes, bytes);
	lnr_slab_done(&s);
}

/* --- texts --- */

static void blobs(void **state)
{
	struct lnr_slab s;
	(void)state;
	lnr_slab_init(&s);
	for (int in_slab = 0; in_slab < 2; in_slab++) {
		struct lnr_slab *in = in_slab ? &s : NULL;
		struct lnr_blob *a = lnr_blob_new_in(in, LNR_STR("some text")), *b = NULL;
		assert_int_equal(a->refs, 1);
		assert_bytes(lnr_blob_str(a), LNR_STR("some text"));
		assert_int_equal(a->data[a->len], 0);
		lnr_blob_share(&b, a);
		assert_ptr_equal(a, b);
		assert_int_equal(a->refs, 2);
		lnr_blob_share(&b, a);
		assert_int_equal(a->refs, 2);
		/* Setting what is there already changes nothing, not even the sharing. */
		assert_int_equal(lnr_blob_set_in(in, &b, LNR_STR("some text")), 0);
		assert_ptr_equal(a, b);
		assert_int_equal(lnr_blob_set_in(in, &b, LNR_STR("other")), 0);
		assert_bytes(lnr_blob_str(b), LNR_STR("other"));
		assert_int_equal(a->refs, 1);
		assert_int_equal(lnr_blob_set_in(in, &b, (struct lnr_str){NULL, 0}), 0);
		assert_int_equal(b->len, 0);
		assert_int_equal(lnr_blob_set(&a, LNR_STR("third")), 0);
		assert_bytes(lnr_blob_str(a), LNR_STR("third"));
		assert_null(lnr_blob_unref(a));
		assert_null(lnr_blob_unref(b));
	}
	assert_null(lnr_blob_unref(NULL));
	assert_null(lnr_blob_ref(NULL));
	assert_null(lnr_blob_str(NULL).ptr);
	assert_null(lnr_blob_new((struct lnr_str){"", UINT32_MAX}));
	lnr_slab_done(&s);
}

/* --- descriptor tables --- */

static struct lnr_fd *add(struct lnr_slab *s, struct lnr_fdtable *t, int64_t num)
{
	bool is_new;
	return lnr_fds_add(s, t, num, 100000, &is_new);
}

static void assert_order(const struct lnr_fdtable *t, const int *want, size_t n)
{
	size_t i = 0;
	for (struct lnr_fd_node *d = lnr_fds_first(t); d; d = lnr_fds_next(d), i++) {
		assert_true(i < n);
		assert_int_equal(d->fd.num, want[i]);
	}
	assert_int_equal(i, n);
	assert_int_equal(t->count, n);
}

/* As a hash table of the C++ library of GCC walks the same numbers, also after its copy. */
static void order(void **state)
{
	static const int numbers[] = {0, 1, 2, 3, 13, 26, 14, -22, 5, 40};
	static const int before[] = {5, -22, 3, 2, 40, 14, 1, 13, 26, 0};
	static const int copied[] = {0, 26, 13, 1, 14, 40, 2, 3, -22, 5};
	struct lnr_slab s;
	(void)state;
	lnr_slab_init(&s);
	struct lnr_fdtable *t = lnr_fds_new(&s);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(numbers); i++)
		assert_non_null(add(&s, t, numbers[i]));
	assert_true(lnr_fds_remove(&s, t, 13));
	assert_false(lnr_fds_remove(&s, t, 13));
	assert_non_null(add(&s, t, 13));
	assert_order(t, before, LNR_ARRAY_SIZE(before));
	/* A fork's copy is made by adding one after the other. */
	struct lnr_fdtable *other = lnr_fds_ref(t);
	uint8_t rounds = 1;
	assert_non_null(lnr_fds_own(&s, &other, &rounds));
	assert_ptr_not_equal(other, t);
	assert_int_equal(rounds, 0);
	assert_order(other, copied, LNR_ARRAY_SIZE(copied));
	assert_order(t, before, LNR_ARRAY_SIZE(before));
	lnr_fds_unref(&s, other);
	lnr_fds_unref(&s, t);
	lnr_slab_done(&s);
}

static void growing(void **state)
{
	struct lnr_slab s;
	(void)state;
	lnr_slab_init(&s);
	struct lnr_fdtable *t = lnr_fds_new(&s);
	bool is_new;
	for (int64_t i = 0; i < 5000; i++) {
		struct lnr_fd *fd = lnr_fds_add(&s, t, i * 3, 5000, &is_new);
		assert_true(is_new);
		assert_int_equal(fd->num, i * 3);
		assert_int_equal(fd->type, LNR_FD_UNINITIALIZED);
		fd->ino = (uint64_t)i;
	}
	assert_null(lnr_fds_add(&s, t, 1, 5000, &is_new));
	for (int64_t i = 0; i < 5000; i++) {
		assert_int_equal(lnr_fds_get(t, i * 3)->ino, i);
		assert_null(lnr_fds_get(t, i * 3 + 1));
	}
	/* One that is there is emptied, also when there is room for none. */
	assert_int_equal(lnr_blob_set(&lnr_fds_get(t, 3)->name, LNR_STR("x")), 0);
	struct lnr_fd *again = lnr_fds_add(&s, t, 3, 5000, &is_new);
	assert_false(is_new);
	assert_null(again->name);
	assert_int_equal(again->ino, 0);
	/* Numbers that are none. */
	assert_null(lnr_fds_add(&s, t, (int64_t)INT_MAX + 1, 100000, &is_new));
	assert_null(lnr_fds_add(&s, t, (int64_t)INT_MIN - 1, 100000, &is_new));
	assert_null(lnr_fds_get(t, (int64_t)INT_MAX + 1));
	assert_null(lnr_fds_get(t, INT64_MIN));
	assert_false(lnr_fds_remove(&s, t, INT64_MAX));
	assert_non_null(lnr_fds_add(&s, t, INT_MIN, 100000, &is_new));
	assert_non_null(lnr_fds_add(&s, t, INT_MAX, 100000, &is_new));
	assert_int_equal(lnr_fds_get(t, INT_MIN)->num, INT_MIN);
	for (int64_t i = 4999; i >= 0; i--)
		assert_true(lnr_fds_remove(&s, t, i * 3));
	assert_int_equal(t->count, 2);
	lnr_fds_unref(&s, t);
	lnr_slab_done(&s);
}

static bool is_odd(const struct lnr_fd *fd, const void *arg)
{
	return fd->num % *(const int *)arg;
}

static void filter(void **state)
{
	const int two = 2;
	struct lnr_slab s;
	(void)state;
	lnr_slab_init(&s);
	struct lnr_fdtable *t = lnr_fds_new(&s);
	for (int64_t i = 0; i < 100; i++)
		assert_non_null(add(&s, t, i));
	assert_int_equal(lnr_fds_filter(&s, t, is_odd, &two), 50);
	assert_int_equal(lnr_fds_filter(&s, t, is_odd, &two), 0);
	assert_int_equal(t->count, 50);
	for (int64_t i = 0; i < 100; i++)
		assert_int_equal(lnr_fds_get(t, i) != NULL, i % 2 == 0);
	for (int64_t i = 0; i < 100; i++)
		assert_non_null(add(&s, t, i));
	assert_int_equal(t->count, 100);
	lnr_fds_unref(&s, t);
	lnr_slab_done(&s);
}

/* --- against a plain list --- */

static void random_changes(void **state)
{
	bool there[64] = {false};
	struct lnr_test_random random;
	struct lnr_slab s;
	(void)state;
	lnr_test_random_init(&random);
	lnr_slab_init(&s);
	struct lnr_fdtable *t = lnr_fds_new(&s), *shared = NULL;
	uint8_t rounds = 0;
	for (int i = 0; i < 20000; i++) {
		int64_t num = (int64_t)lnr_test_random_below(&random, 64);
		switch (lnr_test_random_below(&random, 8)) {
		case 0:
		case 1:
		case 2:
			assert_non_null(lnr_fds_own(&s, &t, &rounds));
			assert_non_null(add(&s, t, num));
			there[num] = true;
			break;
		case 3:
		case 4:
			assert_non_null(lnr_fds_own(&s, &t, &rounds));
			assert_int_equal(lnr_fds_remove(&s, t, num), there[num]);
			there[num] = false;
			break;
		case 5:
			assert_int_equal(lnr_fds_get(t, num) != NULL, there[num]);
			break;
		case 6:
			lnr_fds_unref(&s, shared);
			shared = lnr_fds_ref(t);
			rounds = (uint8_t)lnr_test_random_below(&random, 3);
			break;
		case 7:
			lnr_fds_unref(&s, shared);
			shared = NULL;
		}
		uint32_t n = 0;
		for (int k = 0; k < 64; k++)
			n += there[k];
		assert_int_equal(t->count, n);
	}
	lnr_fds_unref(&s, shared);
	lnr_fds_unref(&s, t);
	lnr_slab_done(&s);
}

static int each_alloc(void *arg)
{
	struct lnr_slab s;
	bool is_new;
	uint8_t rounds = 1;
	int r = -ENOMEM;
	(void)arg;
	lnr_slab_init(&s);
	struct lnr_fdtable *t = lnr_fds_new(&s), *other = NULL;
	for (int64_t i = 0; t && i < 300; i++) {
		struct lnr_fd *fd = lnr_fds_add(&s, t, i, 1000, &is_new);
		if (!fd || lnr_blob_set_in(&s, &fd->name, LNR_STR("name")))
			goto out;
	}
	if (!t)
		goto out;
	other = lnr_fds_ref(t);
	if (lnr_fds_own(&s, &other, &rounds) && other->count == 300)
		r = 0;
out:
	lnr_fds_unref(&s, other);
	lnr_fds_unref(&s, t);
	lnr_slab_done(&s);
	return r;
}

static void allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_may_fail(each_alloc, NULL); /* fewer buckets do too */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slab),
		cmocka_unit_test(blobs),
		cmocka_unit_test(order),
		cmocka_unit_test(growing),
		cmocka_unit_test(filter),
		cmocka_unit_test(random_changes),
		cmocka_unit_test(allocations),
	};
	return cmocka_run_group_tests_name("state/tables", tests, NULL, NULL);
}
