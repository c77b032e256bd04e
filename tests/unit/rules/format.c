/* SPDX-License-Identifier: Apache-2.0 */
/* Output formats (spec rules-language.md 13). */
#include "lib/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "rules/format.h"
#include "schema/limits.h"

static int setup(void **state)
{
	static struct lnr_test_fields f;

	lnr_test_fields_init(&f);
	lnr_test_set_str(&f, "x.one", LNR_STR("bash"));
	lnr_test_set_s64(&f, "x.int64", -5);
	lnr_test_set_list(&f, "l.charbuf", "a|b");
	lnr_test_set_ip(&f, "x.ipaddr", "10.0.0.1");
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	lnr_test_fields_done(*state);
	return 0;
}

static const struct lnr_format *compiled(struct lnr_test_fields *f, const char *text)
{
	struct lnr_cond_opts o = lnr_test_opts(f);
	const struct lnr_format *ret;
	struct lnr_cond_err err;

	if (lnr_format_compile(&o, lnr_str_c(text), &ret, &err))
		fail_msg("%s: %u:%u %s", text, err.line, err.column, err.msg);
	assert_str(lnr_format_source(ret), text);
	return ret;
}

static void shows(struct lnr_test_fields *f, const char *text, const char *want)
{
	struct lnr_buf out;

	lnr_buf_init(&out, 0);
	lnr_format_text(compiled(f, text), &f->ctx, &out);
	if (strcmp(out.ptr ? out.ptr : "", want) != 0)
		fail_msg("%s\n   got: %s\nwanted: %s", text, out.ptr, want);
	lnr_buf_done(&out);
	lnr_arena_reset(&f->scratch);
}

static void refused(struct lnr_test_fields *f, const char *text, int code, unsigned line,
	unsigned column, const char *why)
{
	struct lnr_cond_opts o = lnr_test_opts(f);
	const struct lnr_format *ret;
	struct lnr_cond_err err;
	int r = lnr_format_compile(&o, lnr_str_c(text), &ret, &err);

	if (r != code)
		fail_msg("%s: %d", text, r);
	assert_has(err.msg, why);
	assert_int_equal(err.line, line);
	assert_int_equal(err.column, column);
}

static void tokens(void **state)
{
	struct lnr_test_fields *f = *state;

	shows(f, "nothing special", "nothing special");
	shows(f, "%x.one", "bash");
	shows(f, "run by %x.one today", "run by bash today");
	shows(f, "%x.one%x.int64%x.one", "bash-5bash");
	shows(f, "see %x.one.", "see bash.");
	shows(f, "see %x.one.x", "see bash.x");
	shows(f, "%x.oneX", "bashX");
	shows(f, "%x.one9-(%x.one)", "bash9-(bash)");
	shows(f, "%x.one\xc3\xa4", "bash\xc3\xa4");
	shows(f, "{\"p\":\"%x.one\"}", "{\"p\":\"bash\"}");
	shows(f, "%x.two", "<NA>");
	shows(f, "%l.charbuf", "(a,b)");
	shows(f, "%x.ipaddr", "10.0.0.1");
	shows(f, "%x.key[k]", "k");
	shows(f, "%x.key[\"a b\"]]", "a b]");
	shows(f, "%x.index[12]th", "12th");
	shows(f, "%x.one[1]", "bash[1]"); /* takes no argument: the bracket is text */
	shows(f, "%x.one[a b]", "bash[a b]");
	shows(f, "%x.one[", "bash[");
	shows(f, "*%x.one", "bash");
	shows(f, "**%x.one", "*bash");
	shows(f, "a*%x.one", "a*bash");
	shows(f, "*", "");
	shows(f, "c:\\%x.one\\n", "c:\\bash\\n");
}

static void transformers(void **state)
{
	struct lnr_test_fields *f = *state;

	shows(f, "%toupper(x.one)", "BASH");
	shows(f, "%toupper( x.one )x", "BASHx");
	shows(f, "%len(x.one) chars", "4 chars");
	shows(f, "%join('+', l.charbuf)", "a+b");
	shows(f, "%toupper(x.two)", "<NA>");
	shows(f, "%toupper('abc')", "ABC");
	shows(f, "%toupper(x.one)[x]", "BASH[x]");
	shows(f, "%getopt(('-a'), 'a')[a] %getopt(('-a'), 'a')", "a (a)");
	refused(f, "%toupper(x.int64)", -ENOENT, 1, 1, "cannot take x.int64");
	refused(f, "%toupper(x.one, x.two)", -ENOENT, 1, 1, "takes 1 argument");
	refused(f, "%toupper (x.one)", -ENOENT, 1, 1, "must be followed by");
	refused(f, "%toupper()", -ENOENT, 1, 1, "must be followed by");
	refused(f, "%reverse(x.one)", -ENOENT, 1, 1, "must be followed by");
	refused(f, "%toupper(x.colour)", -ENOENT, 1, 1, "no field named 'x.colour'");
}

static void widths(void **state)
{
	struct lnr_test_fields *f = *state;

	shows(f, "[%8x.one]", "[bash    ]");
	shows(f, "[%2x.one]", "[ba]");
	shows(f, "[%4x.one]", "[bash]");
	shows(f, "[%0x.one]", "[bash]");
	shows(f, "[%6x.two]", "[<NA>  ]");
	shows(f, "[%6toupper(x.one)]", "[BASH  ]");
	shows(f, "[%5x.int64]", "[-5   ]");

	/* However wide it says, an alert stays bounded. */
	struct lnr_buf out;
	lnr_buf_init(&out, 0);
	lnr_format_text(compiled(f, "%99999999999999999999x.one"), &f->ctx, &out);
	assert_int_equal(out.len, LNR_FORMAT_WIDTH);
	lnr_buf_done(&out);
}

static void refusals(void **state)
{
	struct lnr_test_fields *f = *state;

	refused(f, "", -EINVAL, 1, 1, "empty");
	refused(f, "100%", -EINVAL, 1, 4, "cannot end with '%'");
	refused(f, "%", -EINVAL, 1, 1, "cannot end with '%'");
	refused(f, "x %12", -EINVAL, 1, 3, "cannot end with a width");
	refused(f, "100%% sure", -ENOENT, 1, 4, "must be followed by");
	refused(f, "%%x.one", -ENOENT, 1, 1, "must be followed by");
	refused(f, "%-5x.one", -ENOENT, 1, 1, "must be followed by");
	refused(f, "%5 x.one", -ENOENT, 1, 1, "must be followed by");
	refused(f, "% x.one", -ENOENT, 1, 1, "must be followed by");
	refused(f, "%5x", -ENOENT, 1, 1, "must be followed by");
	refused(f, "a\nb %x.colour", -ENOENT, 2, 3, "no field named 'x.colour'");
	refused(f, "%x.", -ENOENT, 1, 1, "must be followed by");
	refused(f, "%x", -ENOENT, 1, 1, "must be followed by");
	refused(f, "%x.key", -ENOENT, 1, 1, "argument");
	refused(f, "a%20b", -ENOENT, 1, 2, "must be followed by");
}

static void field_list(void **state)
{
	static const char *const want[] = {"x.one", "x.two", "x.three", "x.key[a]", "x.one"};
	struct lnr_test_fields *f = *state;
	const struct lnr_format *fmt = compiled(
		f, "%x.one (%concat(x.two, 'b', toupper(x.three))) %x.key[\"a\"] %len(x.one)");
	const struct lnr_expr *e;
	size_t n = 0;

	for (; (e = lnr_format_field(fmt, n)); n++) {
		assert_in_range(n, 0, LNR_ARRAY_SIZE(want) - 1);
		assert_str(e->text, want[n]);
		assert_int_equal(e->kind, LNR_EXPR_FIELD);
	}
	assert_int_equal(n, LNR_ARRAY_SIZE(want));
	assert_null(lnr_format_field(fmt, 1000));
}

static int compile(void *arg)
{
	struct lnr_test_fields *f = arg;
	struct lnr_arena arena;
	struct lnr_cond_opts o = lnr_test_opts(f);
	const struct lnr_format *fmt;

	lnr_arena_init(&arena, 0);
	o.arena = &arena;
	o.interner = lnr_interner_new(&arena);
	int r = !o.interner ? -ENOMEM
			    : lnr_format_compile(&o,
				      LNR_STR("a %x.one b %8toupper(x.two)[ %x.key[\"\\t\"]"), &fmt,
				      NULL);
	lnr_interner_free(o.interner);
	lnr_arena_done(&arena);
	return r;
}

static void failing_allocations(void **state)
{
	lnr_test_each_alloc_fails(compile, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens),
		cmocka_unit_test(transformers),
		cmocka_unit_test(widths),
		cmocka_unit_test(refusals),
		cmocka_unit_test(field_list),
		cmocka_unit_test(failing_allocations),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
