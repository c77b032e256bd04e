/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of constants against a plain loop. */
#include "lib/test.h"

#include <stdio.h>
#include "lib/failalloc.h"
#include "rules/valset.h"

static struct lnr_val number(unsigned type, int64_t v)
{
	struct lnr_val ret = {.type = (uint8_t)type};

	if (type == LNR_PT_DOUBLE)
		ret.d = (double)v;
	else
		ret.s64 = v;
	return ret;
}

static struct lnr_val text(struct lnr_arena *arena, uint64_t v)
{
	struct lnr_val ret = {.type = LNR_PT_CHARBUF};
	const char *s = lnr_arena_printf(arena, "t%llu", (unsigned long long)v);

	ret.str = lnr_str_c(s);
	return ret;
}

static struct lnr_val address(struct lnr_test_random *r)
{
	struct lnr_val ret = {.type = LNR_PT_IPADDR};
	bool v6 = lnr_test_random_below(r, 2);

	ret.ip.family = v6 ? LNR_AF_INET6 : LNR_AF_INET;
	ret.ip.addr[v6 ? 15 : 3] = (uint8_t)lnr_test_random_below(r, 4);
	ret.ip.addr[0] = (uint8_t)(lnr_test_random_below(r, 2) * 128);
	return ret;
}

static void values(void **state)
{
	static const unsigned types[] = {LNR_PT_INT64, LNR_PT_UINT64, LNR_PT_DOUBLE};
	struct lnr_test_random r;
	struct lnr_arena arena;

	(void)state;
	lnr_test_random_init(&r);
	lnr_arena_init(&arena, 0);
	for (unsigned round = 0; round < 3000; round++) {
		struct lnr_val vals[40], probe;
		struct lnr_valset set;
		uint32_t n = (uint32_t)lnr_test_random_below(&r, 41);
		unsigned kind = (unsigned)lnr_test_random_below(&r, 5);

		for (uint32_t i = 0; i <= n; i++) {
			uint64_t x = lnr_test_random_below(&r, 60);
			struct lnr_val v = kind == 3   ? text(&arena, x)
					   : kind == 4 ? address(&r)
						       : number(types[kind], (int64_t)x - 30);
			*(i < n ? &vals[i] : &probe) = v;
		}
		assert_code(lnr_valset_init(&set, &arena, vals, n), 0);

		int64_t want = -1;
		for (uint32_t i = n; i-- > 0;) {
			if (lnr_val_eq(&vals[i], &probe))
				want = i;
		}
		assert_int_equal(lnr_valset_find(&set, &probe), want);
		lnr_arena_reset(&arena);
	}
	lnr_arena_done(&arena);
}

/* evt.rawarg: the value's type may differ from the constants'. */
static void mixed_types(void **state)
{
	struct lnr_val s = number(LNR_PT_INT32, -1), u = number(LNR_PT_UINT64, -1);
	struct lnr_val five = number(LNR_PT_INT16, 5), ufive = number(LNR_PT_FLAGS8, 5);
	struct lnr_val str = {.type = LNR_PT_CHARBUF, .str = LNR_STR("5")};
	struct lnr_val dfive = number(LNR_PT_DOUBLE, 5), nan = {.type = LNR_PT_DOUBLE, .d = 0.0};
	bool ok;

	(void)state;
	nan.d /= 0.0;
	assert_false(lnr_val_eq(&s, &u));
	assert_true(lnr_val_cmp(&s, &u, &ok) < 0 && ok);
	assert_true(lnr_val_cmp(&u, &s, &ok) > 0 && ok);
	assert_true(lnr_val_eq(&five, &ufive));
	assert_true(lnr_val_eq(&five, &dfive));
	assert_int_equal(lnr_val_hash(&five), lnr_val_hash(&dfive));
	assert_false(lnr_val_eq(&five, &str));
	lnr_val_cmp(&five, &str, &ok);
	assert_false(ok);
	lnr_val_cmp(&nan, &five, &ok);
	assert_false(ok);
}

struct hits {
	bool seen[40];
	unsigned n;
};

static bool hit(void *user, uint32_t i)
{
	struct hits *h = user;

	assert_false(h->seen[i]);
	h->seen[i] = true;
	h->n++;
	return false;
}

static void networks(void **state)
{
	struct lnr_test_random r;
	struct lnr_arena arena;

	(void)state;
	lnr_test_random_init(&r);
	lnr_arena_init(&arena, 0);
	for (unsigned round = 0; round < 3000; round++) {
		struct lnr_val nets[40];
		struct lnr_netset set;
		struct hits h = {0};
		uint32_t n = (uint32_t)lnr_test_random_below(&r, 40);

		for (uint32_t i = 0; i < n; i++) {
			struct lnr_val ip = address(&r);
			bool v6 = ip.ip.family == LNR_AF_INET6;
			char buf[64];

			nets[i] = (struct lnr_val){.type = LNR_PT_IPNET};
			snprintf(buf, sizeof(buf), v6 ? "%x00::%x/%u" : "%u.0.0.%u/%u",
				ip.ip.addr[0], ip.ip.addr[v6 ? 15 : 3],
				(unsigned)lnr_test_random_below(&r, v6 ? 128 : 32) + 1);
			assert_ok(lnr_net_parse(lnr_str_c(buf), &nets[i].net, NULL), NULL);
		}
		assert_code(lnr_netset_init(&set, &arena, nets, n), 0);

		struct lnr_val ip = address(&r);
		unsigned want = 0;
		assert_false(lnr_netset_find(&set, &ip.ip, hit, &h));
		for (uint32_t i = 0; i < n; i++) {
			bool has = lnr_net_has(&nets[i].net, &ip.ip);

			assert_int_equal(h.seen[i], has);
			want += has;
		}
		assert_int_equal(h.n, want);
		assert_int_equal(lnr_netset_find(&set, &ip.ip, NULL, NULL), want > 0);
		lnr_arena_reset(&arena);
	}
	lnr_arena_done(&arena);
}

static int build(void *arg)
{
	struct lnr_arena arena;
	struct lnr_val vals[6], nets[2] = {{.type = LNR_PT_IPNET}, {.type = LNR_PT_IPNET}};
	struct lnr_valset set;
	struct lnr_netset netset;

	(void)arg;
	for (int i = 0; i < 6; i++)
		vals[i] = number(LNR_PT_INT64, i);
	lnr_net_parse(LNR_STR("10.0.0.0/8"), &nets[0].net, NULL);
	lnr_net_parse(LNR_STR("fe80::/10"), &nets[1].net, NULL);
	lnr_arena_init(&arena, 0);
	int r = lnr_valset_init(&set, &arena, vals, 6);
	if (!r)
		r = lnr_netset_init(&netset, &arena, nets, 2);
	lnr_arena_done(&arena);
	return r;
}

static void failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(build, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(mixed_types),
		cmocka_unit_test(networks),
		cmocka_unit_test(failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
