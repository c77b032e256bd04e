/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random storms of events (fuzz/state_storm.h), of which each must leave the state's invariants
 * whole, also with little room and with memory running out.
 */
#include "fuzz/state_storm.h"
#include "lib/failalloc.h"
#include "lib/test.h"

#define STORM_BYTES 6000

static void fill(uint8_t *bytes, size_t size, struct lnr_test_random *random)
{
	for (size_t i = 0; i < size; i += 8) {
		uint64_t v = lnr_test_random_u64(random);
		memcpy(bytes + i, &v, size - i < 8 ? size - i : 8);
	}
}

static void random_storms(void **state)
{
	static struct storm s;
	static uint8_t bytes[STORM_BYTES];
	struct lnr_test_random random;
	unsigned steps = 0;
	(void)state;
	lnr_test_random_init(&random);
	for (int i = 0; i < 300; i++) {
		fill(bytes, sizeof(bytes), &random);
		storm_init(&s, bytes, sizeof(bytes));
		while (storm_step(&s))
			;
		steps += s.steps;
		storm_done(&s);
	}
	assert_true(steps > 300 * 20);
}

static int one_storm(void *bytes)
{
	static struct storm s;
	struct lnr_state_opts opts = {.size = sizeof(opts), .import_users = true};
	memset(&s, 0, sizeof(s));
	s.at = bytes;
	s.end = s.at + 300;
	int r = lnr_state_new(&opts, &s.st, NULL);
	if (r)
		return r;
	lnr_arena_init(&s.scratch, 0);
	s.ev.scratch = &s.scratch;
	s.ts = UINT64_C(1700000000000000000);
	while (storm_step(&s))
		;
	storm_done(&s);
	return 0;
}

/* Whatever allocation fails, events go on and the tables stay whole. */
static void without_memory(void **state)
{
	static uint8_t bytes[304];
	struct lnr_test_random random;
	(void)state;
	lnr_test_random_init(&random);
	for (int i = 0; i < 25; i++) {
		fill(bytes, sizeof(bytes), &random);
		lnr_test_each_alloc_may_fail(one_storm, bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_storms),
		cmocka_unit_test(without_memory),
	};
	return cmocka_run_group_tests_name("state/storm", tests, NULL, NULL);
}
