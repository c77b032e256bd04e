/* SPDX-License-Identifier: Apache-2.0 */
/* Transformers (spec rules-language.md 10). */
#include "lib/fields.h"

#include <stdio.h>
#include "rules/transform.h"

static int setup(void **state)
{
	static struct lnr_test_fields f;

	lnr_test_fields_init(&f);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	lnr_test_fields_done(*state);
	return 0;
}

/* The value of an expression as text: "absent", a text in quotes, a number, or (a,b). */
static const char *value(struct lnr_test_fields *f, const char *expr)
{
	static char out[512];
	struct lnr_cond_opts o = lnr_test_opts(f);
	const struct lnr_expr *e;
	size_t len, n;
	struct lnr_val v;
	struct lnr_cond_err err;

	if (lnr_expr_compile_prefix(&o, lnr_str_c(expr), &e, &len, &err))
		fail_msg("%s: %s", expr, err.msg);
	assert_int_equal(len, strlen(expr));
	if (!lnr_expr_eval(e, &f->ctx, &v)) {
		strcpy(out, "absent");
	} else if (v.is_list) {
		n = (size_t)snprintf(out, sizeof(out), "(");
		for (size_t i = 0; i < v.list.n; i++)
			n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s", i ? "," : "",
				LNR_STR_ARG(v.list.items[i].str));
		snprintf(out + n, sizeof(out) - n, ")");
	} else if (lnr_pt_kind(v.type) == LNR_VK_STR) {
		snprintf(out, sizeof(out), "'%.*s'", LNR_STR_ARG(v.str));
	} else {
		snprintf(out, sizeof(out), "%llu", (unsigned long long)v.u64);
	}
	if (strcmp(out, "absent") != 0)
		assert_int_equal(v.is_list, e->is_list);
	lnr_arena_reset(&f->scratch);
	return out;
}

static void gives(struct lnr_test_fields *f, const char *expr, const char *want)
{
	const char *got = value(f, expr);

	if (strcmp(got, want) != 0)
		fail_msg("%s is %s, not %s", expr, got, want);
}

static void refused(struct lnr_test_fields *f, const char *cond, const char *why)
{
	const struct lnr_node *n;
	struct lnr_cond_err err;

	if (lnr_test_compile(f, cond, &n, &err) != -EINVAL)
		fail_msg("accepted: %s", cond);
	assert_has(err.msg, why);
}

static void texts(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.one", LNR_STR("/Usr/bin/BASH\xc3\x84"));
	lnr_test_set_list(f, "l.charbuf", "Aa|/b/C|");
	gives(f, "tolower(x.one)", "'/usr/bin/bash\xc3\x84'");
	gives(f, "toupper(x.one)", "'/USR/BIN/BASH\xc3\x84'");
	gives(f, "basename(x.one)", "'BASH\xc3\x84'");
	gives(f, "tolower(basename(x.one))", "'bash\xc3\x84'");
	gives(f, "basename('a/b/')", "''");
	gives(f, "basename('a')", "'a'");
	gives(f, "basename('/')", "''");
	gives(f, "basename('')", "''");
	gives(f, "tolower('AbC')", "'abc'");
	gives(f, "tolower(5)", "'5'");
	gives(f, "tolower(l.charbuf)", "(aa,/b/c,)");
	gives(f, "basename(l.charbuf)", "(Aa,C,)");
	gives(f, "toupper(('a', x.one))", "(A,/USR/BIN/BASH\xc3\x84)");
	gives(f, "tolower(())", "()");
	gives(f, "tolower(x.two)", "absent");
	gives(f, "tolower(('a', x.two))", "absent");
}

static void base64(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	gives(f, "b64('')", "''");
	gives(f, "b64('YQ==')", "'a'");
	gives(f, "b64('YQ=')", "'a'");
	gives(f, "b64('YQ')", "'a'");
	gives(f, "b64('YWI=')", "'ab'");
	gives(f, "b64('YWJj')", "'abc'");
	gives(f, "b64('YWJjZA')", "'abcd'");
	gives(f, "b64('//8+')", "'\xff\xff>'");
	gives(f, "b64('ff')", "absent"); /* bits are left over */
	gives(f, "b64('YWJ')", "absent");
	gives(f, "b64('Y')", "absent");
	gives(f, "b64('YWJjZ')", "absent");
	gives(f, "b64('Y===')", "absent");
	gives(f, "b64('YQ ==')", "absent");
	gives(f, "b64('Y-Jj')", "absent");
	gives(f, "b64('=')", "''");
	gives(f, "b64(b64('WVE9PQ=='))", "'a'");
	lnr_test_set_str(f, "x.bytebuf", LNR_STR("AAEC"));
	assert_true(lnr_test_cond(f, "b64(x.bytebuf) bcontains 000102"));
	lnr_test_set_list(f, "l.charbuf", "YQ|Yg");
	gives(f, "b64(l.charbuf)", "(a,b)");
	lnr_test_set_list(f, "l.charbuf", "YQ|!");
	gives(f, "b64(l.charbuf)", "absent");
}

static void length(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.one", LNR_STR("\xc3\xa4"));
	lnr_test_set_list(f, "l.uint64", "1|2|3");
	gives(f, "len(x.one)", "2"); /* bytes */
	gives(f, "len('')", "0");
	gives(f, "len(l.uint64)", "3");
	gives(f, "len(())", "0");
	gives(f, "len((x.one, 'a', 5))", "3");
	gives(f, "len((l.uint64, 'a'))", "4");
	gives(f, "len(x.two)", "absent");
	gives(f, "len(getopt(('-a', '-b'), 'ab'))", "2");
}

static void joining(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.one", LNR_STR("a"));
	lnr_test_set_s64(f, "x.int64", -7);
	lnr_test_set_u64(f, "x.uint64", UINT64_MAX);
	lnr_test_set_u64(f, "x.bool", 1);
	lnr_test_set_ip(f, "x.ipaddr", "10.0.0.1");
	lnr_test_set_list(f, "l.charbuf", "x|y");
	gives(f, "join('-', (x.one, 'b', 5))", "'a-b-5'");
	gives(f, "join('', (x.one, 'b'))", "'ab'");
	gives(f, "join(', ', l.charbuf)", "'x, y'");
	gives(f, "join('-', ())", "''");
	gives(f, "join('-', (x.int64, x.uint64))", "'-7-18446744073709551615'");
	gives(f, "join('-', (x.bool, x.ipaddr))", "'true-10.0.0.1'");
	gives(f, "join(5, (x.one, x.one))", "'a5a'");
	gives(f, "join(x.int64, (x.one, x.one))", "'a-7a'");
	gives(f, "join('-', (x.one, x.two))", "absent");
	gives(f, "join(x.two, (x.one))", "absent");
	gives(f, "join('-', (tolower('A'), toupper(x.one)))", "'a-A'");
	gives(f, "concat(x.one, 1.5, 0x1f)", "'a1.50x1f'");
	gives(f, "concat(x.one, x.two)", "absent");
	gives(f, "concat('a', '', \"b\")", "'ab'");
	gives(f, "tolower(concat(toupper(x.one), 'B'))", "'ab'");
}

static void options(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	gives(f, "getopt(('-a', '-b', 'x'), 'ab')", "(a,b)");
	gives(f, "getopt(('-ab', 'x', '-c'), 'abc')", "(a,b)");
	gives(f, "getopt(('-b', 'val', '-a'), 'ab:')", "(b,val,a)");
	gives(f, "getopt(('-bval', '-a'), 'ab:')", "(b,val,a)");
	gives(f, "getopt(('-abval'), 'ab:')", "(a,b,val)");
	gives(f, "getopt(('-b'), 'b:')", "()"); /* an empty text alone */
	gives(f, "len(getopt(('-b'), 'b:'))", "1");
	gives(f, "getopt(('-x', '-a'), 'a')", "(?,a)");
	gives(f, "getopt(('-:'), 'a:')", "(?)");
	gives(f, "getopt(('-a', '--', '-b'), 'ab')", "(a)");
	gives(f, "getopt(('--long', '-a'), 'a')", "(a)");
	gives(f, "getopt(('-', '-a'), 'a')", "()");
	gives(f, "getopt(('', '-a'), 'a')", "()");
	gives(f, "getopt(('-a'), ':a')", "(a)");
	gives(f, "getopt(('-b', '-a'), 'b:a')", "(b,-a)");
	gives(f, "getopt(('-bx', '-by'), 'b:')[b]", "'y'");
	gives(f, "getopt(('-a', '-b', 'x'), 'ab:')[a]", "'a'");
	gives(f, "getopt(('-b', 'x'), 'ab:')['b']", "'x'");
	gives(f, "getopt(('-b', 'x'), 'ab:')[a]", "absent");
	gives(f, "getopt(('-b', 'x'), 'ab:')[:]", "absent");
	gives(f, "getopt((x.two), 'a')", "absent");
	gives(f, "join('+', getopt(('-ab'), 'ab'))", "'a+b'");
	assert_true(lnr_test_cond(f, "getopt(('-ab', 'x'), 'ab:') in (a, b, x)"));
	assert_true(lnr_test_cond(f, "getopt(('-ab', 'x'), 'ab:') intersects (x)"));
	assert_true(lnr_test_cond(f, "getopt(('-ab', 'x'), 'ab:')[b] = x"));
}

static void refusals(void **state)
{
	struct lnr_test_fields *f = *state;

	refused(f, "tolower(x.int64) = a", "cannot take x.int64, which is a number");
	refused(f, "tolower(x.bytebuf) = a", "bytes");
	refused(f, "tolower(x.one, x.two) = a", "takes 1 argument, not 2");
	refused(f, "tolower(x.one)[1] = a", "takes no [argument]");
	refused(f, "tolower(len(x.one)) = a", "cannot take len(x.one)");
	refused(f, "tolower((x.int64)) in (a)", "cannot take (x.int64)");
	refused(f, "tolower(x.notrans) = a", "does not work inside a transformer");
	refused(f, "len(x.notrans) = 1", "does not work inside a transformer");
	refused(f, "b64(x.ipaddr) = a", "an IP address");
	refused(f, "basename(l.uint64) in (a)", "a list of numbers");
	refused(f, "len(x.int64) = 1", "cannot take");
	refused(f, "len(x.one) contains 1", "'contains' cannot compare");
	refused(f, "len(x.one) = a", "not a whole decimal number");
	refused(f, "join('-') = a", "takes 2 arguments, not 1");
	refused(f, "join('-', x.one) = a", "must be a list");
	refused(f, "join((x.one), '-') = a", "the text between");
	refused(f, "join('-', (x.one), (x.two)) = a", "takes 2 arguments, not 3");
	refused(f, "join('-', (x.one))[0] = a", "takes no [argument]");
	refused(f, "concat(x.one) = a", "takes 2 arguments or more, not 1");
	refused(f, "concat(x.one, x.int64) = a", "cannot take x.int64");
	refused(f, "concat(x.one, ('a')) = a", "a list of texts");
	refused(f, "getopt(l.charbuf) in (a)", "takes 2 arguments");
	refused(f, "getopt(x.one, 'a') in (a)", "must be a list of texts");
	refused(f, "getopt(l.uint64, 'a') in (a)", "must be a list of texts");
	refused(f, "getopt(l.charbuf, ('a')) in (a)", "option letters");
	refused(f, "getopt(l.charbuf, 'a')[ab] = x", "a single option letter");
	refused(f, "getopt(l.charbuf, 'a')[''] = x", "a single option letter");
	refused(f, "getopt(l.charbuf, 'a') = x", "cannot compare");
	refused(f, "tolower(l.charbuf) = x", "cannot compare");
}

static void rows(void **state)
{
	const struct lnr_transformer *fn;
	size_t n = 0;

	(void)state;
	for (; (fn = lnr_transformer_row(n)); n++) {
		assert_ptr_equal(lnr_transformer_find(lnr_str_c(fn->name)), fn);
		assert_true(
			fn->check && fn->eval && fn->min_args > 0 && fn->min_args <= fn->max_args);
	}
	assert_int_equal(n, 8);
	assert_null(lnr_transformer_find(LNR_STR("val")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(texts),
		cmocka_unit_test(base64),
		cmocka_unit_test(length),
		cmocka_unit_test(joining),
		cmocka_unit_test(options),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
