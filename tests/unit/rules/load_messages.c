/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people read about wrong rules: each tests/golden/rules/NAME.yaml is loaded with all errors
 * wanted and its explanation compared with NAME.txt. LNR_GOLDEN_UPDATE=1 writes the texts anew, for
 * `git diff` to judge.
 */
#include <dirent.h>
#include <stdio.h>
#include "base/util.h"
#include "load_test.h"

#define FOLDER "tests/golden/rules"

static void compare(const char *stem)
{
	struct lnr_loader_opts o = {.min_priority = LNR_PRIO_DEBUG, .all_errors = true};
	char path[256];
	char *yaml = NULL, *want = NULL;
	size_t yaml_len, want_len;
	struct lt t;

	lt_init(&t, &o);
	snprintf(path, sizeof(path), FOLDER "/%s.yaml", stem);
	assert_ok(lnr_read_file(path, 1 << 20, &yaml, &yaml_len, NULL), NULL);
	snprintf(path, sizeof(path), "%s.yaml", stem);
	lt_add(&t, path, (struct lnr_str){yaml, yaml_len});
	lnr_load_result_explain(t.last, &t.buf);
	assert_false(t.buf.failed);
	snprintf(path, sizeof(path), FOLDER "/%s.txt", stem);
	if (getenv("LNR_GOLDEN_UPDATE")) {
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		assert_int_equal(fwrite(t.buf.ptr, 1, t.buf.len, f), t.buf.len);
		assert_int_equal(fclose(f), 0);
	}
	assert_ok(lnr_read_file(path, 1 << 20, &want, &want_len, NULL), NULL);
	assert_bytes(lnr_buf_view(&t.buf), ((struct lnr_str){want, want_len}));
	free(yaml);
	free(want);
	lt_done(&t);
}

static void explain_what_is_wrong(void **state)
{
	DIR *d = opendir(FOLDER);
	struct dirent *e;
	unsigned n = 0;

	(void)state;
	assert_non_null(d);
	while ((e = readdir(d))) {
		struct lnr_str name = lnr_str_c(e->d_name);
		char stem[128];

		if (!lnr_str_ends(name, LNR_STR(".yaml")))
			continue;
		snprintf(stem, sizeof(stem), "%.*s", (int)name.len - 5, name.ptr);
		compare(stem);
		n++;
	}
	closedir(d);
	assert_true(n > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(explain_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
