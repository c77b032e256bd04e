/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdlib.h>
#include "lib/test.h"

static void fails(void **state)
{
	struct lnr_err err = {.line = 3, .file = "x"};
	char text[2000];

	(void)state;
	assert_int_equal(lnr_fail(&err, -EINVAL, "bad %s", "thing"), -EINVAL);
	assert_int_equal(err.code, -EINVAL);
	assert_string_equal(err.msg, "bad thing");
	/* The place that an earlier call found stays. */
	assert_string_equal(lnr_err_text(&err, text, sizeof(text)), "x:3: bad thing");
	lnr_err_clear(&err);
	assert_int_equal(err.code, 0);
	assert_string_equal(lnr_err_text(&err, text, sizeof(text)), "");
}

static void nobody_listens(void **state)
{
	(void)state;
	assert_int_equal(lnr_fail(NULL, -EIO, "x"), -EIO);
	assert_int_equal(lnr_fail_at(NULL, -EIO, "f", 1, 1, "x"), -EIO);
	assert_int_equal(lnr_wrap(NULL, -EIO, "x"), -EIO);
	lnr_err_clear(NULL);
}

static void names_the_place(void **state)
{
	struct lnr_err err = {0};
	char text[2000];

	(void)state;
	lnr_fail_at(&err, -EINVAL, "rules.yaml", 12, 5, "unknown key");
	assert_string_equal(lnr_err_text(&err, text, sizeof(text)), "rules.yaml:12:5: unknown key");
	/* Its own file name may be passed back in. */
	lnr_fail_at(&err, -EINVAL, err.file, 13, 0, "again");
	assert_string_equal(lnr_err_text(&err, text, sizeof(text)), "rules.yaml:13: again");
	lnr_fail_at(&err, -EINVAL, "rules.yaml", 0, 0, "empty");
	assert_string_equal(lnr_err_text(&err, text, sizeof(text)), "rules.yaml: empty");
	lnr_fail_at(&err, -EINVAL, NULL, 2, 3, "text");
	assert_string_equal(lnr_err_text(&err, text, sizeof(text)), "2:3: text");
}

static void wraps(void **state)
{
	struct lnr_err err = {0};

	(void)state;
	assert_int_equal(lnr_wrap(&err, -ENOENT, "no reason given"), -ENOENT);
	assert_string_equal(err.msg, "no reason given");
	lnr_fail(&err, -ENOENT, "no such file");
	assert_int_equal(lnr_wrap(&err, -ENOENT, "cannot load %d", 7), -ENOENT);
	assert_string_equal(err.msg, "cannot load 7: no such file");
	/* Wrapping by hand reads the message while writing it. */
	lnr_fail(&err, -EIO, "outer: %s", err.msg);
	assert_string_equal(err.msg, "outer: cannot load 7: no such file");
}

static void cuts(void **state)
{
	struct lnr_err err = {0};
	char longer[3000], text[8];

	(void)state;
	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	lnr_fail_at(&err, -EINVAL, longer, 1, 1, "%s", longer);
	assert_int_equal(strlen(err.file), sizeof(err.file) - 1);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	lnr_wrap(&err, -EINVAL, "front");
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	assert_memory_equal(err.msg, "front: aaa", 10);
	lnr_wrap(&err, -EINVAL, "%s", longer);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	assert_int_equal(strlen(lnr_err_text(&err, text, sizeof(text))), sizeof(text) - 1);
	text[0] = 'z';
	lnr_err_text(&err, text, 0);
	assert_int_equal(text[0], 'z');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fails),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(names_the_place),
		cmocka_unit_test(wraps),
		cmocka_unit_test(cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
