/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include "lib/test.h"
#include "schema/limits.h"

struct heard {
	int count;
	enum lnr_log_level level;
	char msg[LNR_LOG_BYTES_MAX + 1];
};

static void listen(struct lnr_log *log, enum lnr_log_level level, const char *msg)
{
	struct heard *h = log->user;

	h->count++;
	h->level = level;
	snprintf(h->msg, sizeof(h->msg), "%s", msg);
	errno = EIO;
}

static void reaches_the_sink(void **state)
{
	struct heard h = {0};
	struct lnr_log log = {.max = LNR_LOG_NOTICE, .sink = listen, .user = &h};

	(void)state;
	errno = ENOENT;
	lnr_log(&log, LNR_LOG_NOTICE, "%s %d", "dropped", 3);
	assert_int_equal(h.count, 1);
	assert_int_equal(h.level, LNR_LOG_NOTICE);
	assert_string_equal(h.msg, "dropped 3");
	/* Logging does not disturb the error being handled. */
	assert_int_equal(errno, ENOENT);
	lnr_log(&log, LNR_LOG_INFO, "not wanted");
	assert_int_equal(h.count, 1);
	lnr_log(&log, LNR_LOG_EMERGENCY, "wanted");
	assert_int_equal(h.count, 2);
}

static void is_silent_without_a_sink(void **state)
{
	struct lnr_log log = {.max = LNR_LOG_DEBUG};

	(void)state;
	errno = 0;
	lnr_log(NULL, LNR_LOG_ERROR, "x");
	lnr_log(&log, LNR_LOG_ERROR, "x");
	assert_int_equal(errno, 0);
}

static void cuts(void **state)
{
	char longer[2 * LNR_LOG_BYTES_MAX];
	struct heard h = {0};
	struct lnr_log log = {.max = LNR_LOG_DEBUG, .sink = listen, .user = &h};

	(void)state;
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	lnr_log(&log, LNR_LOG_DEBUG, "%s", longer);
	assert_int_equal(strlen(h.msg), LNR_LOG_BYTES_MAX - 1);
}

static void names_levels(void **state)
{
	enum lnr_log_level level;

	(void)state;
	for (int i = LNR_LOG_EMERGENCY; i <= LNR_LOG_DEBUG; i++) {
		level = LNR_LOG_DEBUG;
		assert_code(
			lnr_log_level_parse(lnr_log_level_name((enum lnr_log_level)i), &level), 0);
		assert_int_equal(level, i);
	}
	assert_string_equal(lnr_log_level_name(LNR_LOG_ERROR), "error");
	assert_null(lnr_log_level_name((enum lnr_log_level)8));
	assert_null(lnr_log_level_name((enum lnr_log_level) - 1));
	assert_code(lnr_log_level_parse("informational", &level), 0);
	assert_int_equal(level, LNR_LOG_INFO);
	assert_code(lnr_log_level_parse("Error", &level), -EINVAL);
	assert_code(lnr_log_level_parse("", &level), -EINVAL);
	assert_int_equal(level, LNR_LOG_INFO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reaches_the_sink),
		cmocka_unit_test(is_silent_without_a_sink),
		cmocka_unit_test(cuts),
		cmocka_unit_test(names_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
