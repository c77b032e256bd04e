/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines by table (spec engine-config-cli 4, last paragraph of the options). */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "lib/test.h"

struct opts {
	bool flag, other;
	const char *text;
	struct lnr_opt_list list;
	uint64_t number;
	struct lnr_opt_optional maybe;
};

static const struct lnr_opt rows[] = {
	{LNR_OPT_FLAG, 'U', "unbuffered", NULL, offsetof(struct opts, flag), "flush"},
	{LNR_OPT_FLAG, 'v', NULL, NULL, offsetof(struct opts, other), "more"},
	{LNR_OPT_STR, 'c', "config", "PATH", offsetof(struct opts, text), "file"},
	{LNR_OPT_LIST, 'o', "option", "KEY=VALUE", offsetof(struct opts, list), "set"},
	{LNR_OPT_UINT, 'M', NULL, "SECONDS", offsetof(struct opts, number), "stop"},
	{LNR_OPT_OPTIONAL, 0, "list", "SOURCE", offsetof(struct opts, maybe), "fields"},
	{LNR_OPT_FLAG, 0, "secret", NULL, offsetof(struct opts, other), NULL},
	{0},
};

/* Parses words separated by blanks; "rest" shows what was no option. */
static int parse(const char *line, struct opts *o, char *rest, size_t size, struct lnr_err *err)
{
	static char copy[512];
	char *argv[32] = {(char *)"lanner"};
	int argc = 1;
	const char **words;
	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	memset(o, 0, sizeof(*o));
	rest[0] = 0;
	int r = lnr_opts_parse(rows, o, argc, argv, &words, err);
	if (r)
		return r;
	for (int i = 0; words[i]; i++)
		snprintf(rest + strlen(rest), size - strlen(rest), "%s%s", i ? " " : "", words[i]);
	free(words);
	return 0;
}

struct good_row {
	const char *line;
	bool flag, other;
	const char *text;
	const char *list; /* joined by '|' */
	uint64_t number;
	const char *maybe; /* NULL = not given, "" = without value */
	const char *rest;
};

static void takes_all_spellings(void **state)
{
	(void)state;
	static const struct good_row good[] = {
		{"", false, false, NULL, "", 0, NULL, ""},
		{"-U", true, false, NULL, "", 0, NULL, ""},
		{"-Uv", true, true, NULL, "", 0, NULL, ""},
		{"--unbuffered", true, false, NULL, "", 0, NULL, ""},
		{"--unbuffered=true", true, false, NULL, "", 0, NULL, ""},
		{"--unbuffered=false", false, false, NULL, "", 0, NULL, ""},
		{"-U -U=false", false, false, NULL, "", 0, NULL, ""},
		{"-c a", false, false, "a", "", 0, NULL, ""},
		{"-ca", false, false, "a", "", 0, NULL, ""},
		{"--config a", false, false, "a", "", 0, NULL, ""},
		{"--config=a", false, false, "a", "", 0, NULL, ""},
		{"--config=", false, false, "", "", 0, NULL, ""},
		{"-c a -c b", false, false, "b", "", 0, NULL, ""},
		{"-Uc a", true, false, "a", "", 0, NULL, ""},
		{"-oK=V -o L=W --option M=X --option=N=Y", false, false, NULL, "K=V|L=W|M=X|N=Y", 0,
			NULL, ""},
		{"-c -U", false, false, "-U", "", 0, NULL, ""},
		{"-M 12", false, false, NULL, "", 12, NULL, ""},
		{"-M12", false, false, NULL, "", 12, NULL, ""},
		{"--list", false, false, NULL, "", 0, "", ""},
		{"--list syscall", false, false, NULL, "", 0, "", "syscall"},
		{"--list=syscall", false, false, NULL, "", 0, "syscall", ""},
		{"a -U b", true, false, NULL, "", 0, NULL, "a b"},
		{"-U -- -v a", true, false, NULL, "", 0, NULL, "-v a"},
		{"-", false, false, NULL, "", 0, NULL, "-"},
		{"--secret", false, true, NULL, "", 0, NULL, ""},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(good); i++) {
		const struct good_row *g = &good[i];
		struct opts o;
		struct lnr_err err = {0};
		char rest[128], list[128] = "";
		assert_ok(parse(g->line, &o, rest, sizeof(rest), &err), &err);
		for (size_t k = 0; k < o.list.n; k++)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
				k ? "|" : "", o.list.v[k]);
		if (o.list.n)
			assert_null(o.list.v[o.list.n]);
		assert_int_equal(o.flag, g->flag);
		assert_int_equal(o.other, g->other);
		if (g->text)
			assert_string_equal(o.text, g->text);
		else
			assert_null(o.text);
		assert_string_equal(list, g->list);
		assert_int_equal(o.number, g->number);
		assert_int_equal(o.maybe.given, g->maybe != NULL);
		assert_str(lnr_str_c(o.maybe.value ? o.maybe.value : ""), g->maybe ? g->maybe : "");
		assert_string_equal(rest, g->rest);
		lnr_opts_done(rows, &o);
	}
}

static void explains_wrong_ones(void **state)
{
	(void)state;
	static const char *const bad[][2] = {
		{"--nothing", "--nothing"},
		{"-x", "-x"},
		{"-Ux", "-x"},
		{"--conf=a", "--conf=a"}, /* names cannot be shortened */
		{"--config", "value"},
		{"-c", "value"},
		{"-M", "value"},
		{"-M long", "long"},
		{"-M -1", "-1"},
		{"--unbuffered=maybe", "maybe"},
		{"-U=x", "x"},
		{"--", NULL},
	};
	for (size_t i = 0; bad[i][1]; i++) {
		struct opts o;
		struct lnr_err err = {0};
		char rest[128];
		assert_code(parse(bad[i][0], &o, rest, sizeof(rest), &err), -EINVAL);
		assert_has(err.msg, bad[i][1]);
		lnr_opts_done(rows, &o);
	}
}

static void finds_what_was_meant(void **state)
{
	(void)state;
	struct opts o;
	struct lnr_err err = {0};
	char rest[128];
	assert_code(parse("--unbufered", &o, rest, sizeof(rest), &err), -EINVAL);
	assert_has(err.msg, "did you mean --unbuffered?");
	assert_code(parse("--optoin=K=V", &o, rest, sizeof(rest), &err), -EINVAL);
	assert_has(err.msg, "did you mean --option?");
	/* Not what is not shown. */
	assert_code(parse("--secrat", &o, rest, sizeof(rest), &err), -EINVAL);
	assert_null(strstr(err.msg, "secret"));
	assert_code(parse("--quite-another", &o, rest, sizeof(rest), &err), -EINVAL);
	assert_null(strstr(err.msg, "did you mean"));
}

static void shows_usage(void **state)
{
	(void)state;
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	lnr_opts_usage(rows, &b);
	assert_has(b.ptr, "  -U, --unbuffered              flush\n");
	assert_has(b.ptr, "  -v                            more\n");
	assert_has(b.ptr, "  -o, --option KEY=VALUE        set\n");
	assert_has(b.ptr, "  --list[=SOURCE]               fields\n");
	assert_null(strstr(b.ptr, "secret"));
	lnr_buf_done(&b);
}

static int parse_once(void *arg)
{
	struct opts o;
	struct lnr_err err = {0};
	char rest[128];
	(void)arg;
	int r = parse("-oa=b -oc=d word -c x", &o, rest, sizeof(rest), &err);
	lnr_opts_done(rows, &o);
	return r;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(parse_once, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_all_spellings),
		cmocka_unit_test(explains_wrong_ones),
		cmocka_unit_test(finds_what_was_meant),
		cmocka_unit_test(shows_usage),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
