/* SPDX-License-Identifier: Apache-2.0 */
/* From parse tree to typed tree: refusals, hints, sharing. */
#include "lib/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "rules/hints.h"
#include "rules/intern.h"

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

/* Refused with this code, at this column of line 1, with all of `words` (separated by '|'). */
static void refused(
	struct lnr_test_fields *f, const char *text, int code, unsigned column, const char *words)
{
	const struct lnr_node *n;
	struct lnr_cond_err err;
	struct lnr_str rest = lnr_str_c(words), word;
	int r = lnr_test_compile(f, text, &n, &err);

	if (r != code)
		fail_msg("%s: %d %s", text, r, r ? err.msg : "accepted");
	if (err.column != column || err.line != 1)
		fail_msg("%s: at %u:%u", text, err.line, err.column);
	assert_non_null(err.node);
	while (lnr_str_split(&rest, '|', &word)) {
		if (lnr_str_find(lnr_str_c(err.msg), word) < 0)
			fail_msg("%s\n%s\nlacks '%.*s'", text, err.msg, LNR_STR_ARG(word));
	}
	assert_string_equal(f->hints, "");
}

static void accepted(struct lnr_test_fields *f, const char *text)
{
	const struct lnr_node *n;
	struct lnr_cond_err err;

	if (lnr_test_compile(f, text, &n, &err))
		fail_msg("%s: %s", text, err.msg);
}

static void refusals(void **state)
{
	struct lnr_test_fields *f = *state;

	refused(f, "x.colour = red", -ENOENT, 1, "x.colour");
	refused(f, "x.onee = red", -ENOENT, 1, "did you mean 'x.one'");
	refused(f, "x.one = a and (x.two = b or not x.colour = red)", -ENOENT, 33, "x.colour");
	refused(f, "x.one[1] = a", -ENOENT, 1, "x.one[1]");
	refused(f, "x.key = a", -EINVAL, 1, "argument");
	refused(f, "x.index[a] = 1", -EINVAL, 1, "index");
	refused(f, "x.int64 contains 1", -EINVAL, 1,
		"'contains' cannot compare x.int64|a number|INT64");
	refused(f, "x.uid = 1", -EINVAL, 1, "only 'exists'");
	refused(f, "x.int64 = abc", -EINVAL, 1, "'abc' is not a whole decimal number");
	refused(f, "x.int64 in (1, b)", -EINVAL, 1, "'b'");
	refused(f, "x.int64 > 0x10", -EINVAL, 1, "'0x10'");
	refused(f, "x.bool = yes", -EINVAL, 1, "neither true nor false");
	refused(f, "x.ipaddr = ten", -EINVAL, 1, "IPv6 address");
	refused(f, "x.ipnet = 10.0.0.1", -EINVAL, 1, "is not a network");
	refused(f, "x.charbuf regex '(a'", -EINVAL, 1, "bad regular expression|missing )");
	refused(f, "x.bytebuf bcontains abc", -EINVAL, 1, "even number of hexadecimal digits");
	refused(f, "x.bytebuf bstartswith 'ab cd'", -EINVAL, 1, "hexadecimal");
	refused(f, "x.charbuf = \"a\\x00b\"", -EINVAL, 1, "NUL");
	refused(f, "x.charbuf in (a, \"a\\x00b\")", -EINVAL, 1, "NUL");
	accepted(f, "x.bytebuf = \"a\\x00b\"");
	refused(f, "evt.type = opne", -ENOENT, 1, "opne");
	refused(f, "evt.type in (open, opne)", -ENOENT, 1, "opne");
	refused(f, "evt.type startswith op", -ENOENT, 1, "op");
	accepted(f, "evt.type = open and syscall.type = opne and evt.type = ''");
	refused(f, "evt.rawarg.data = abcd", -EINVAL, 1, "only 'exists' works");
	accepted(f, "evt.rawarg.data exists");
	refused(f, "evt.rawarg.sig = 9", -EINVAL, 1, "only 'exists' works");
}

static void too_long(void **state)
{
	struct lnr_test_fields *f = *state;
	char text[700], digits[513];

	memset(digits, 'a', sizeof(digits));
	digits[256] = '\0';
	snprintf(text, sizeof(text), "x.one in (b, %s)", digits);
	refused(f, text, -EINVAL, 1, "more than 255");
	digits[255] = '\0';
	snprintf(text, sizeof(text), "x.one in (b, %s)", digits);
	accepted(f, text);
	/* Hexadecimal texts count by what they mean. */
	memset(digits, 'a', sizeof(digits));
	digits[510] = '\0';
	snprintf(text, sizeof(text), "x.bytebuf bcontains %s", digits);
	accepted(f, text);
	digits[510] = 'a';
	digits[512] = '\0';
	snprintf(text, sizeof(text), "x.bytebuf bcontains %s", digits);
	refused(f, text, -EINVAL, 1, "more than 255");
}

static void right_side(void **state)
{
	struct lnr_test_fields *f = *state;

	accepted(f, "x.one = val(x.two) and x.int64 < val(x.int64) and x.one in val(x.two)");
	accepted(f, "x.one = tolower(x.two) and len(x.one) = val(x.uint64)");
	accepted(f, "l.charbuf intersects getopt(l.charbuf, 'a') and l.charbuf in val(l.charbuf)");
	refused(f, "x.one = val(x.int64)", -EINVAL, 1, "type CHARBUF|type INT64");
	refused(f, "x.int32 = val(x.int64)", -EINVAL, 1, "INT32|INT64");
	refused(f, "x.one = val(x.colour)", -ENOENT, 1, "x.colour");
	refused(f, "x.one pmatch val(x.two)", -EINVAL, 1, "'pmatch' needs constants");
	refused(f, "x.one regex val(x.two)", -EINVAL, 1, "'regex' needs constants");
	refused(f, "x.ipnet = val(x.ipnet)", -EINVAL, 1, "only be compared with networks");
	refused(f, "x.norhs = val(x.two)", -EINVAL, 1, "'x.norhs' cannot be compared");
	refused(f, "x.one = val(x.norhs)", -EINVAL, 1, "'x.norhs' cannot stand on the right");
	refused(f, "x.one = tolower(x.norhs)", -EINVAL, 1, "'x.norhs' cannot stand on the right");
	refused(f, "tolower(x.norhs) = val(x.one)", -EINVAL, 1, "'x.norhs' cannot be compared");
	refused(f, "x.one = val(x.two)[0]", -EINVAL, 1, "takes no [argument]");
	refused(f, "x.int64 contains val(x.int64)", -EINVAL, 1, "cannot compare");
	refused(f, "l.charbuf in val(x.one)", -EINVAL, 1, "list of CHARBUF");
	refused(f, "l.charbuf = val(l.charbuf)", -EINVAL, 1, "cannot compare");
}

static void async_names(void **state)
{
	struct lnr_test_fields *f = *state;
	static const struct lnr_str names[] = {{"aux", 3}, {"note", 4}};
	struct lnr_cond_opts o = lnr_test_opts(f);
	const struct lnr_ast *ast;
	const struct lnr_node *n;
	struct lnr_cond_err err;

	o.async_names = names;
	o.n_async_names = 2;
	assert_code(
		lnr_cond_parse(&f->arena, LNR_STR("evt.type in (open, note)"), 0, &ast, &err), 0);
	assert_code(lnr_cond_compile(&o, ast, &n, &err), 0);
	o.n_async_names = 1;
	assert_code(lnr_cond_compile(&o, ast, &n, &err), -ENOENT);
}

/* --- hints --------------------------------------------------------------------------------- */

static void hinted(struct lnr_test_fields *f, const char *text, const char *want)
{
	struct lnr_str lines = {f->hints, 0}, wants = lnr_str_c(want), line, part;

	accepted(f, text);
	lines.len = strlen(f->hints);
	while (*want && lnr_str_split(&wants, '|', &part)) {
		if (!lnr_str_split(&lines, '\n', &line) || lnr_str_find(line, part) < 0)
			fail_msg("%s\n%s\nlacks '%.*s'", text, f->hints, LNR_STR_ARG(part));
	}
	if (lines.len)
		fail_msg("%s: more hints than '%s':\n%s", text, want, f->hints);
}

static void hints(void **state)
{
	struct lnr_test_fields *f = *state;

	hinted(f, "x.one = a", "");
	hinted(f, "x.one = x.two", "1:9 'x.two' is compared as a text");
	hinted(f, "x.one = ' x . two '", "1:9 ' x . two '");
	hinted(f, "x.one in (a, x.two, x.three)", "1:10 'x.two'|1:10 'x.three'");
	hinted(f, "x.one = anyof (x.two)", "1:15 'x.two'");
	hinted(f, "x.one = x.colour", "");
	hinted(f, "x.one = x.key", "");
	hinted(f, "x.one = 'x.key[a]'", "1:9 'x.key[a]'");
	hinted(f, "x.one = 'tolower(abc)'", "1:9 'tolower(abc)' is compared as a text but looks");
	hinted(f, "x.one = 'val(x.two)'", "looks like a transformer");
	hinted(f, "x.one = 'reverse(abc)'", "");
	hinted(f, "x.one = 'tolower(abc'", "");
	hinted(f, "x.one regex abc", "1:13 regex 'abc' has nothing");
	hinted(f, "x.one regex anyof (abc, 'a.*b')", "1:19 regex 'abc'");
	hinted(f, "x.one regex 'a.c'", "");
	hinted(f, "x.one regex x.two", "'x.two' is compared as a text");
	hinted(f, "x.one glob x.two and x.two = x.one", "1:12 'x.two'|1:30 'x.one'");
}

static void plain_regexes(void **state)
{
	static const char *const plain[] = {"", "abc", "^abc", "abc$", "^abc$", ".*abc.*",
		".+abc.?", ".*", ".+", ".?", ".*abc$",
		("gr\xc3\xb6\xc3\x9f"
		 "e.*"),
		"a/b-c_d"};
	static const char *const real[] = {".", "a.c", "^.*abc", "abc.*$", "^.*abc.*$", "a*", "a+b",
		"a\\.c", "(a)", "[a]", "a{2}", "a|b", "a^b", "a$b", "..*", "a.*b"};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(plain); i++) {
		if (!lnr_hint_plain_regex(lnr_str_c(plain[i])))
			fail_msg("no hint for '%s'", plain[i]);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(real); i++) {
		if (lnr_hint_plain_regex(lnr_str_c(real[i])))
			fail_msg("hint for '%s'", real[i]);
	}
}

/* --- sharing ------------------------------------------------------------------------------- */

static const struct lnr_node *tree(struct lnr_test_fields *f, const char *text)
{
	const struct lnr_node *n = NULL;
	struct lnr_cond_err err;

	assert_code(lnr_test_compile(f, text, &n, &err), 0);
	return n;
}

static void sharing(void **state)
{
	struct lnr_test_fields *f = *state;
	const struct lnr_node *a = tree(f, "x.one = a"), *b;

	assert_ptr_equal(tree(f, "x.one == \"a\""), a);
	assert_ptr_equal(tree(f, "not x.one = a")->kids[0], a);
	assert_ptr_not_equal(tree(f, "x.one = b"), a);
	assert_ptr_not_equal(tree(f, "x.one != a"), a);
	assert_ptr_not_equal(tree(f, "x.two = a"), a);
	assert_ptr_not_equal(tree(f, "x.one in (a)"), a);
	assert_ptr_not_equal(tree(f, "x.one = anyof (a)"), a);
	assert_ptr_equal(tree(f, "x.int64 = 7"), tree(f, "x.int64 = +007"));
	assert_ptr_equal(tree(f, "x.ipnet = 10.1.2.3/8"), tree(f, "x.ipnet = 10.0.0.0/8"));
	assert_ptr_not_equal(tree(f, "x.ipnet = 10.0.0.0/8"), tree(f, "x.ipnet = 10.0.0.0/9"));
	assert_ptr_equal(tree(f, "x.one in (a, b)"), tree(f, "x.one in ( a,'b' )"));
	assert_ptr_not_equal(tree(f, "x.one in (a, b)"), tree(f, "x.one in (b, a)"));
	assert_ptr_equal(tree(f, "x.one regex 'a.b'"), tree(f, "x.one regex 'a.b'"));
	assert_ptr_equal(tree(f, "x.one = val(x.two)"), tree(f, "x.one = val( x.two )"));
	assert_ptr_not_equal(tree(f, "x.one = val(x.two)"), tree(f, "x.one = x.two"));

	/* Expressions: equal ones have one id, whatever they are compared with. */
	a = tree(f, "tolower(concat(x.one, 'a')) = b");
	b = tree(f, "tolower( concat(x.one,\"a\") ) contains c");
	assert_ptr_equal(a->lhs, b->lhs);
	assert_ptr_equal(a->lhs->args[0]->args[0], tree(f, "x.one = zz")->lhs);
	assert_str(a->lhs->text, "tolower(concat(x.one,a))");
	assert_ptr_not_equal(tree(f, "x.key[a] = b")->lhs, tree(f, "x.key[b] = b")->lhs);
	assert_ptr_equal(tree(f, "x.key[a] = b")->lhs, tree(f, "x.key['a'] = c")->lhs);
	assert_true(a->lhs->id < lnr_interner_exprs(f->interner));
	assert_true(a->id < lnr_interner_checks(f->interner));
}

/* Each occurrence of a field with state is its own. */
static void slots(void **state)
{
	struct lnr_test_fields *f = *state;
	uint32_t before = lnr_interner_slots(f->interner);
	const struct lnr_node *n = tree(f, "x.cnt = 2 or x.cnt = 2");

	assert_int_equal(lnr_interner_slots(f->interner), before + 2);
	assert_ptr_not_equal(n->kids[0], n->kids[1]);
	assert_int_not_equal(n->kids[0]->lhs->field.slot, n->kids[1]->lhs->field.slot);
	assert_int_equal(n->kids[0]->lhs->id, UINT32_MAX);
	lnr_test_fields_clear(f);
	assert_false(lnr_node_eval(n, &f->ctx));
	assert_true(lnr_node_eval(n, &f->ctx)); /* the first one is at 2, the second not asked */
	assert_true(lnr_node_eval(n, &f->ctx)); /* now the second one is */
	assert_false(lnr_node_eval(n, &f->ctx));
}

/* Left to right, and no further than needed. */
static void short_circuit(void **state)
{
	struct lnr_test_fields *f = *state;

	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.one", LNR_STR("a"));
	assert_false(lnr_test_cond(f, "x.one = b and x.two = c"));
	assert_int_equal(lnr_test_reads(f, "x.two"), 0);
	assert_true(lnr_test_cond(f, "x.one = a or x.two = c"));
	assert_int_equal(lnr_test_reads(f, "x.two"), 0);
	assert_true(lnr_test_cond(f, "not (x.one = b and x.two = c)"));
	assert_int_equal(lnr_test_reads(f, "x.two"), 0);
	assert_false(lnr_test_cond(f, "x.two = c and x.one = a"));
	assert_int_equal(lnr_test_reads(f, "x.two"), 1);
}

static void without_interner(void **state)
{
	struct lnr_test_fields *f = *state;
	struct lnr_cond_opts o = lnr_test_opts(f);
	const struct lnr_ast *ast;
	const struct lnr_node *n;

	o.interner = NULL;
	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.one", LNR_STR("abc"));
	assert_code(
		lnr_cond_parse(&f->arena,
			LNR_STR("x.one regex 'a[b]c' and tolower(x.one) in (abc)"), 0, &ast, NULL),
		0);
	assert_code(lnr_cond_compile(&o, ast, &n, NULL), 0);
	assert_int_equal(n->kids[0]->id, UINT32_MAX);
	assert_int_equal(n->kids[1]->lhs->id, UINT32_MAX);
	assert_true(lnr_node_eval(n, &f->ctx));
	lnr_arena_reset(&f->scratch);
}

static void long_list(void **state)
{
	struct lnr_test_fields *f = *state;
	struct lnr_buf b;

	lnr_buf_init(&b, 0);
	lnr_buf_cstr(&b, "x.one in (x");
	for (unsigned i = 0; i < 999999; i++)
		lnr_buf_printf(&b, ",v%u", i);
	lnr_buf_chr(&b, ')');
	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.one", LNR_STR("v999998"));
	assert_true(lnr_test_cond(f, b.ptr));
	lnr_test_set_str(f, "x.one", LNR_STR("v999999"));
	assert_false(lnr_test_cond(f, b.ptr));
	lnr_buf_done(&b);
}

static void deep(void **state)
{
	struct lnr_test_fields *f = *state;
	struct lnr_buf b;

	lnr_buf_init(&b, 0);
	for (unsigned i = 0; i < 450; i++)
		lnr_buf_cstr(&b, "x.one = a or (x.one = b and (");
	lnr_buf_cstr(&b, "x.one = c");
	for (unsigned i = 0; i < 450; i++)
		lnr_buf_cstr(&b, "))");
	lnr_test_fields_clear(f);
	lnr_test_set_str(f, "x.one", LNR_STR("c"));
	assert_false(lnr_test_cond(f, b.ptr));
	lnr_buf_done(&b);
}

static int compile(void *arg)
{
	struct lnr_test_fields *f = arg;
	struct lnr_arena arena;
	struct lnr_cond_opts o = lnr_test_opts(f);
	const struct lnr_ast *ast;
	const struct lnr_node *n;
	int r;

	lnr_arena_init(&arena, 0);
	o.arena = &arena;
	o.interner = lnr_interner_new(&arena);
	r = o.interner ? lnr_cond_parse(&arena,
				 LNR_STR("x.one in (a, b, c, d, e, x.two) and not x.two pmatch "
					 "(/a, /b*/c) and tolower(join('-', (x.one, x.two))) = "
					 "val(x.key[\"\\t\"]) or x.own = magic or x.ipnet in "
					 "(10.0.0.0/8) or x.bytebuf bcontains cafe or x.one glob "
					 "anyof (a*, '[b]')"),
				 0, &ast, NULL)
		       : -ENOMEM;
	if (!r)
		r = lnr_cond_compile(&o, ast, &n, NULL);
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
		cmocka_unit_test(refusals),
		cmocka_unit_test(too_long),
		cmocka_unit_test(right_side),
		cmocka_unit_test(async_names),
		cmocka_unit_test(hints),
		cmocka_unit_test(plain_regexes),
		cmocka_unit_test(sharing),
		cmocka_unit_test(slots),
		cmocka_unit_test(short_circuit),
		cmocka_unit_test(without_interner),
		cmocka_unit_test(long_list),
		cmocka_unit_test(deep),
		cmocka_unit_test(failing_allocations),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
