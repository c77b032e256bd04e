/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ring.h"

#include <fcntl.h>
#include <unistd.h>

static void close_one(void *out)
{
	int *fd = out;
	*fd = open("/dev/null", O_RDONLY);
	lnr_kt_check(*fd >= 0);
	lnr_kt_check(close(*fd) == 0);
}

static void success(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, close_one);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_CLOSE_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd", *fd);
	assert_all_params(e);
}

static void close_nothing(void *out)
{
	(void)out;
	lnr_kt_check(close(-1) < 0 && errno == EBADF);
	lnr_kt_check(close(0x7fffffff) < 0 && errno == EBADF);
}

static void failure(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, close_nothing);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_CLOSE_X, 0);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fd", -1);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_CLOSE_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fd", 0x7fffffff);
	assert_all_params(e);
	assert_int_equal(lnr_kt_count(k, LNR_EV_SYSCALL_CLOSE_X), 2);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "close"});
}

static int setup_state_only(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.state_only = "close"});
}

static void close_standard(void *out)
{
	lnr_kt_check(close(STDIN_FILENO) == 0);
	close_one(out); /* gets 0 again */
	lnr_kt_check(close(1000) < 0);
}

/* For state alone, descriptors 0 to 2 matter only. */
static void for_state(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, close_standard);
	assert_int_equal(lnr_kt_count(k, LNR_EV_SYSCALL_CLOSE_X), 2);
	assert_param_s64(lnr_kt_event(k, LNR_EV_SYSCALL_CLOSE_X, 0), "fd", 0);
	assert_param_s64(lnr_kt_event(k, LNR_EV_SYSCALL_CLOSE_X, 1), "fd", 0);
}

static int setup_drop_failed(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "close", .drop_failed = true});
}

static void close_both(void *out)
{
	close_nothing(out);
	close_one(out);
}

/* Failures are not told when they are not wanted. */
static void without_failures(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, close_both);
	assert_int_equal(lnr_kt_count(k, LNR_EV_SYSCALL_CLOSE_X), 1);
	assert_param_s64(lnr_kt_event(k, LNR_EV_SYSCALL_CLOSE_X, 0), "res", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(success),
		cmocka_unit_test(failure),
	};
	const struct CMUnitTest state_tests[] = {
		cmocka_unit_test(for_state),
	};
	const struct CMUnitTest drop_tests[] = {
		cmocka_unit_test(without_failures),
	};
	int r = cmocka_run_group_tests_name("close", tests, setup, lnr_kt_teardown);
	r += cmocka_run_group_tests_name(
		"close, state only", state_tests, setup_state_only, lnr_kt_teardown);
	return r + cmocka_run_group_tests_name(
			   "close, no failures", drop_tests, setup_drop_failed, lnr_kt_teardown);
}
