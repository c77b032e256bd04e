/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <time.h>
#include "lib/test.h"

static void system_time_moves(void **state)
{
	const struct lnr_clock *c = lnr_clock_system();
	uint64_t wall = lnr_wall_ns(c), mono = lnr_mono_ns(c);

	(void)state;
	c->sleep_ns(c, 5 * LNR_NS_PER_MS);
	assert_true(lnr_mono_ns(c) - mono >= 5 * LNR_NS_PER_MS);
	/* Seconds since 1970, give or take what the test took. */
	assert_true((uint64_t)time(NULL) - wall / LNR_NS_PER_SEC < 60);
}

static void fake_time_moves_when_told(void **state)
{
	struct lnr_clock_fake f;
	const struct lnr_clock *c = &f.clock;

	(void)state;
	lnr_clock_fake_init(&f, 1000, 50);
	assert_int_equal(lnr_wall_ns(c), 1000);
	assert_int_equal(lnr_mono_ns(c), 50);
	assert_int_equal(lnr_mono_ns(c), 50);
	lnr_clock_fake_advance(&f, 7);
	c->sleep_ns(c, 3 * LNR_NS_PER_SEC);
	assert_int_equal(lnr_wall_ns(c), 3000001007);
	assert_int_equal(lnr_mono_ns(c), 3000000057);
	/* Setting the wall clock leaves the other alone. */
	f.wall = 5;
	assert_int_equal(lnr_wall_ns(c), 5);
	assert_int_equal(lnr_mono_ns(c), 3000000057);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_time_moves),
		cmocka_unit_test(fake_time_moves_when_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
