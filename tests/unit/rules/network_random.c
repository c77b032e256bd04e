/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network must say what the tree walker says, in the same order, for any rules and any events;
 * and the kernel predicate must not drop what a rule wants. LNR_TEST_SEED gives other rules,
 * LNR_TEST_EVALS another number of evaluations. fuzz/network.c does the same without end.
 */
#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include "tests/lib/rulegen.h"

static void random_rules(void **state)
{
	struct lnr_test_random random;
	struct lnr_buf why;
	const char *wanted = getenv("LNR_TEST_EVALS");
	struct lnr_gen_seen seen = {0};
	uint64_t rounds = 0, goal = wanted ? strtoull(wanted, NULL, 0) : 1000000;

	(void)state;
	lnr_test_random_init(&random);
	lnr_buf_init(&why, 0);
	while (seen.evals < goal) {
		uint64_t seed = lnr_test_random_u64(&random);
		struct lnr_gen g = {.seed = seed};
		/* Few rules leave something for the kernel to drop. */
		uint32_t n_rules = 1 + (uint32_t)(seed % (seed >> 32 & 1 ? 3 : 40));

		if (!lnr_gen_compare(&g, n_rules, 800, &seen, &why))
			fail_msg("seed of the round %llu, LNR_TEST_SEED %llu:\n%s",
				(unsigned long long)seed,
				(unsigned long long)random.state - rounds - 1, why.ptr);
		rounds++;
	}
	/* Rules that never match and events that are never dropped would prove nothing. */
	assert_true(seen.matches > seen.evals / 4);
	assert_true(goal < 100000 || seen.dropped > seen.evals / 1000);
	print_message("%llu evaluations of %llu rule sets agree, %llu matches, %llu dropped, "
		      "LNR_TEST_SEED %llu\n",
		(unsigned long long)seen.evals, (unsigned long long)rounds,
		(unsigned long long)seen.matches, (unsigned long long)seen.dropped,
		(unsigned long long)(random.state - rounds));
	lnr_buf_done(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
