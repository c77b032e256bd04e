/* SPDX-License-Identifier: Apache-2.0 */
#include "config/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/buf.h"
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

/* --- ${NAME} (spec engine-config-cli 1.2) --- */

static void expands(const char *text, const char *want)
{
	struct lnr_arena a = {0};
	char *got = lnr_config_expand_env(&a, lnr_str_c(text));
	assert_non_null(got);
	assert_str(lnr_str_c(got), want);
	lnr_arena_done(&a);
}

static int set_environment(void **state)
{
	(void)state;
	setenv("LNR_A", "alpha", 1);
	setenv("LNR_NESTED", "<${LNR_A}>", 1);
	setenv("LNR_SELF", "x${LNR_SELF}", 1);
	setenv("LNR_DOLLAR", "$", 1);
	setenv("LNR X:-d", "odd", 1);
	unsetenv("LNR_NONE");
	return 0;
}

static void expands_environment(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"", ""},
		{"plain", "plain"},
		{"${LNR_A}", "alpha"},
		{"a${LNR_A}b${LNR_A}c", "aalphabalphac"},
		{"${LNR_NONE}", ""},
		{"[${LNR_NONE}]", "[]"},
		/* scanning resumes at the replacement */
		{"${LNR_NESTED}", "<alpha>"},
		/* doubled: literal */
		{"$${LNR_A}", "${LNR_A}"},
		{"$${LNR_A} ${LNR_A}", "${LNR_A} alpha"},
		/* a dollar that is neither ends the scan of that scalar */
		{"$LNR_A ${LNR_A}", "$LNR_A ${LNR_A}"},
		{"${LNR_A} $ ${LNR_A}", "alpha $ ${LNR_A}"},
		{"cost: 5$", "cost: 5$"},
		{"${LNR_DOLLAR}{LNR_A}", "alpha"},
		/* unclosed */
		{"x${LNR_A", "x${LNR_A"},
		/* names are verbatim */
		{"${LNR X:-d}", "odd"},
		{"${LNR_A:-d}", ""},
		{"${}", ""},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++)
		expands(rows[i][0], rows[i][1]);
}

static void ends_where_a_variable_names_itself(void **state)
{
	(void)state;
	struct lnr_arena a = {0};
	char *got = lnr_config_expand_env(&a, LNR_STR("${LNR_SELF}"));
	assert_non_null(got);
	assert_true(strlen(got) <= LNR_CONFIG_EXPANSIONS + sizeof("${LNR_SELF}"));
	lnr_arena_done(&a);
}

/* --- -o (1.4) --- */

static void show(struct lnr_buf *out, const struct lnr_cnode *n)
{
	bool map = n->kind == LNR_YAML_MAP;
	if (n->kind == LNR_YAML_SCALAR) {
		lnr_buf_cstr(out, n->text);
		return;
	}
	if (!map && n->kind != LNR_YAML_SEQ) {
		lnr_buf_cstr(out, n->kind == LNR_YAML_NULL ? "~" : "?");
		return;
	}
	lnr_buf_chr(out, map ? '{' : '[');
	for (uint32_t i = 0; i < n->n; i++) {
		lnr_buf_printf(out, "%s%s%s", i ? "," : "", map ? n->keys[i] : "", map ? ":" : "");
		show(out, n->kids[i]);
	}
	lnr_buf_chr(out, map ? '}' : ']');
}

static struct lnr_cnode *tree_of(struct lnr_arena *a, const char *yaml)
{
	const struct lnr_yaml **docs;
	size_t n;
	struct lnr_err err = {0};
	assert_ok(lnr_yaml_parse(a, "f", lnr_str_c(yaml), &docs, &n, &err), &err);
	struct lnr_cnode *root = lnr_cnode_from_yaml(a, docs[0], "f", false);
	assert_non_null(root);
	return root;
}

struct set_row {
	const char *before, *key, *after; /* after NULL = refused */
};

static void sets_by_path(void **state)
{
	(void)state;
	static const struct set_row rows[] = {
		{"{}", "a", "{a:V}"},
		{"{a: 1}", "a", "{a:V}"},
		{"{a: 1}", "b", "{a:1,b:V}"},
		{"{}", "a.b.c", "{a:{b:{c:V}}}"},
		{"{a: {x: 1}}", "a.b", "{a:{x:1,b:V}}"},
		{"{a: ~}", "a.b", "{a:{b:V}}"},
		{"{a: [1, 2]}", "a[0]", "{a:[V,2]}"},
		{"{a: [1, 2]}", "a[1]", "{a:[1,V]}"},
		{"{a: [1, 2]}", "a[2]", "{a:[1,2,V]}"},
		{"{a: [1]}", "a[]", "{a:[1,V]}"},
		{"{}", "a[]", "{a:[V]}"},
		{"{}", "a[0]", "{a:[V]}"},
		{"{}", "a[].b", "{a:[{b:V}]}"},
		{"{a: [{b: 1}]}", "a[0].c", "{a:[{b:1,c:V}]}"},
		{"{a: [[1]]}", "a[0][0]", "{a:[[V]]}"},
		/* an index far beyond: the list counts as empty from then on */
		{"{a: [1]}", "a[5]", "{a:{}}"},
		{"{}", "a.", "{a:V}"},
		{"{}", "a\\.b", "{a.b:V}"},
		{"{}", "a\\[0\\]", "{a[0]:V}"},
		{"{}", "a\\\\b", "{a\\b:V}"},
		{"{}", "", NULL},
		{"{}", ".a", NULL},
		{"{}", "a..b", NULL},
		{"{}", "a\\", NULL},
		{"{}", "a\\n", NULL},
		{"{}", "a[0", NULL},
		{"{}", "a[", NULL},
		{"{}", "a[x]", NULL},
		{"{}", "a[-1]", NULL},
		{"{}", "a[99999999999]", NULL},
		{"{}", "a[0]b", NULL},
		{"{}", "a]", NULL},
		{"{}", "[0]", NULL},
		{"{a: 1}", "a.b", NULL},
		{"{a: 1}", "a[0]", NULL},
		{"{a: {b: 1}}", "a[0]", NULL},
		{"{a: [1]}", "a.b", NULL},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct lnr_arena a = {0};
		struct lnr_err err = {0};
		struct lnr_cnode *root = tree_of(&a, rows[i].before);
		struct lnr_cnode *v = lnr_cnode_scalar(&a, "V");
		int r = lnr_cnode_set(&a, root, rows[i].key, v, &err);
		if (rows[i].after) {
			struct lnr_buf out;
			lnr_buf_init(&out, 0);
			assert_ok(r, &err);
			show(&out, root);
			assert_str(lnr_buf_view(&out), rows[i].after);
			lnr_buf_done(&out);
		} else {
			if (r != -EINVAL)
				print_error("key \"%s\" on %s\n", rows[i].key, rows[i].before);
			assert_code(r, -EINVAL);
			/* The message names the key, whatever else it says. */
			assert_has(err.msg, rows[i].key);
		}
		lnr_arena_done(&a);
	}
}

static void refuses_endless_names(void **state)
{
	(void)state;
	struct lnr_arena a = {0};
	struct lnr_err err = {0};
	char key[2 * LNR_CONFIG_NAME_BYTES];
	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = 0;
	struct lnr_cnode *root = tree_of(&a, "{}");
	assert_code(lnr_cnode_set(&a, root, key, lnr_cnode_scalar(&a, "V"), &err), -EINVAL);
	assert_null(lnr_cnode_get(root, key));
	lnr_arena_done(&a);
}

static void gets_by_path(void **state)
{
	(void)state;
	struct lnr_arena a = {0};
	const struct lnr_cnode *root = tree_of(
		&a, "{a: {b: [x, {c: y}]}, a: {b: late}, d.e: dot, n: ~}");
	static const char *const rows[][2] = {
		{"a.b[0]", "x"},
		{"a.b[1].c", "y"},
		{"d\\.e", "dot"},
		{"a.b[2]", NULL},
		{"a.b.c", NULL},
		{"a.c", NULL},
		{"d.e", NULL},
		{"", NULL},
		{"a[0]", NULL},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		const struct lnr_cnode *n = lnr_cnode_get(root, rows[i][0]);
		if (!rows[i][1]) {
			assert_null(n);
			continue;
		}
		assert_non_null(n);
		assert_str(lnr_str_c(n->text), rows[i][1]);
	}
	assert_int_equal(lnr_cnode_get(root, "n")->kind, LNR_YAML_NULL);
	lnr_arena_done(&a);
}

static void keeps_places(void **state)
{
	(void)state;
	struct lnr_arena a = {0};
	const struct lnr_cnode *root = tree_of(&a, "a: 1\nb:\n  c: 2\n");
	assert_int_equal(lnr_cnode_get(root, "a")->line, 1);
	assert_int_equal(lnr_cnode_get(root, "b.c")->line, 3);
	assert_string_equal(lnr_cnode_get(root, "b.c")->file, "f");
	assert_true(lnr_cnode_scalar(&a, "x")->from_cli);
	lnr_arena_done(&a);
}

static int build(void *arg)
{
	struct lnr_arena a = {0};
	struct lnr_cnode root = {.kind = LNR_YAML_MAP};
	int r = 0;
	(void)arg;
	for (int i = 0; !r && i < 40; i++) {
		char key[32];
		snprintf(key, sizeof(key), "k%d[].x", i % 7);
		struct lnr_cnode *v = lnr_cnode_scalar(&a, "a value of some length");
		r = v ? lnr_cnode_set(&a, &root, key, v, NULL) : -ENOMEM;
	}
	if (!r && !lnr_config_expand_env(&a, LNR_STR("${LNR_NESTED} and $${LNR_A}")))
		r = -ENOMEM;
	lnr_arena_done(&a);
	return r;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(build, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expands_environment),
		cmocka_unit_test(ends_where_a_variable_names_itself),
		cmocka_unit_test(sets_by_path),
		cmocka_unit_test(refuses_endless_names),
		cmocka_unit_test(gets_by_path),
		cmocka_unit_test(keeps_places),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, set_environment, NULL);
}
