/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of host names: one question per name and minute, bounded. */
#include <stdio.h>
#include "fields/core/names.h"
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

static int asked;
static struct lnr_ip answer;

static int look_up(void *user, const char *name, struct lnr_ip *ret, unsigned max)
{
	(void)user;
	(void)max;
	asked++;
	if (strcmp(name, "fails") == 0)
		return -EAGAIN;
	ret[0] = answer;
	return 1;
}

static struct lnr_ip ip(uint8_t last)
{
	return (struct lnr_ip){LNR_AF_INET, {10, 0, 0, last}};
}

static void test_answers_are_kept(void **state)
{
	struct lnr_clock_fake clock;
	struct lnr_ip one = ip(1), two = ip(2);

	(void)state;
	asked = 0;
	answer = one;
	lnr_clock_fake_init(&clock, 0, LNR_NS_PER_SEC);
	struct lnr_names *n = lnr_names_new(look_up, NULL, &clock.clock);
	assert_non_null(n);
	assert_str(lnr_names_of(n, &one), "");
	assert_true(lnr_names_match(n, LNR_STR("a"), &one));
	assert_false(lnr_names_match(n, LNR_STR("a"), &two));
	assert_int_equal(asked, 1);
	assert_str(lnr_names_of(n, &one), "a");
	assert_str(lnr_names_of(n, &two), "");

	/* The answer changes, we notice a minute later. */
	answer = two;
	lnr_clock_fake_advance(&clock, LNR_NAMES_KEEP_NS - 1);
	assert_true(lnr_names_match(n, LNR_STR("a"), &one));
	assert_int_equal(asked, 1);
	lnr_clock_fake_advance(&clock, 1);
	assert_false(lnr_names_match(n, LNR_STR("a"), &one));
	assert_true(lnr_names_match(n, LNR_STR("a"), &two));
	assert_int_equal(asked, 2);
	lnr_names_free(n);
}

static void test_failures_are_kept(void **state)
{
	struct lnr_clock_fake clock;
	struct lnr_ip one = ip(1), none = {0};

	(void)state;
	asked = 0;
	lnr_clock_fake_init(&clock, 0, LNR_NS_PER_SEC);
	struct lnr_names *n = lnr_names_new(look_up, NULL, &clock.clock);
	assert_non_null(n);
	for (int i = 0; i < 3; i++)
		assert_false(lnr_names_match(n, LNR_STR("fails"), &one));
	assert_false(lnr_names_match(n, LNR_STR("fails"), &none));
	assert_int_equal(asked, 1);
	/* What can be no name is not asked for. */
	assert_false(lnr_names_match(n, LNR_STR(""), &one));
	assert_false(lnr_names_match(n, LNR_STR("a\0b"), &one));
	assert_int_equal(asked, 1);
	lnr_names_free(n);
}

static void test_bound(void **state)
{
	struct lnr_clock_fake clock;
	struct lnr_ip one = ip(1);
	char name[32];

	(void)state;
	asked = 0;
	answer = one;
	lnr_clock_fake_init(&clock, 0, LNR_NS_PER_SEC);
	struct lnr_names *n = lnr_names_new(look_up, NULL, &clock.clock);
	assert_non_null(n);
	for (int i = 0; i < LNR_NAMES_MAX + 50; i++) {
		snprintf(name, sizeof(name), "host%d", i);
		assert_int_equal(lnr_names_match(n, lnr_str_c(name), &one), i < LNR_NAMES_MAX);
	}
	assert_int_equal(asked, LNR_NAMES_MAX);
	lnr_names_free(n);
}

static void test_nobody_to_ask(void **state)
{
	struct lnr_ip one = ip(1);

	(void)state;
	assert_false(lnr_names_match(NULL, LNR_STR("a"), &one));
	assert_str(lnr_names_of(NULL, &one), "");
	assert_null(lnr_names_free(NULL));
}

/* Numeric names need no network. */
static void test_system_resolver(void **state)
{
	struct lnr_ip got[4];

	(void)state;
	assert_int_equal(lnr_names_getaddrinfo(NULL, "127.0.0.1", got, 4), 1);
	assert_int_equal(got[0].family, LNR_AF_INET);
	assert_int_equal(got[0].addr[0], 127);
	assert_int_equal(lnr_names_getaddrinfo(NULL, "::1", got, 4), 1);
	assert_int_equal(got[0].family, LNR_AF_INET6);
	assert_int_equal(got[0].addr[15], 1);
}

static int fill(void *arg)
{
	struct lnr_clock_fake clock;
	struct lnr_ip one = ip(1);

	(void)arg;
	answer = one;
	lnr_clock_fake_init(&clock, 0, LNR_NS_PER_SEC);
	struct lnr_names *n = lnr_names_new(look_up, NULL, &clock.clock);
	bool ok = n && lnr_names_match(n, LNR_STR("a"), &one) &&
		  lnr_names_match(n, LNR_STR("b"), &one);
	lnr_names_free(n);
	return ok ? 0 : -ENOMEM;
}

static void test_out_of_memory(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(fill, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_are_kept),
		cmocka_unit_test(test_failures_are_kept),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_nobody_to_ask),
		cmocka_unit_test(test_system_resolver),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests_name("fields/names", tests, NULL, NULL);
}
