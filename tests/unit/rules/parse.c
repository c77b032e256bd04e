/* SPDX-License-Identifier: Apache-2.0 */
/* Condition texts: what they mean when printed back, and where and why they are refused. */
#include "lib/test.h"

#include <stdlib.h>
#include "lib/failalloc.h"
#include "rules/ast.h"
#include "schema/limits.h"

static char *print_text(struct lnr_str text)
{
	struct lnr_arena arena;
	struct lnr_buf out;
	const struct lnr_ast *ast;
	struct lnr_cond_err err;

	lnr_arena_init(&arena, 0);
	lnr_buf_init(&out, 0);
	if (lnr_cond_parse(&arena, text, 0, &ast, &err))
		lnr_buf_printf(&out, "%u:%u: %s", err.line, err.column, err.msg);
	else
		lnr_ast_print(&out, ast);
	lnr_arena_done(&arena);

	char *ret = lnr_buf_take(&out);
	assert_non_null(ret);
	return ret;
}

static void prints_once(const char *text, const char *expected)
{
	char *got = print_text(lnr_str_c(text));

	if (strcmp(got, expected) != 0)
		fail_msg("%s\n   got: %s\nwanted: %s", text, got, expected);

	free(got);
}

/* The same, and what was printed is read as the same again. */
static void prints(const char *text, const char *expected)
{
	prints_once(text, expected);
	prints_once(expected, expected);
}

/* Refused at line:column with a message that has all of `words` (separated by '|'). */
static void refused(const char *text, unsigned line, unsigned column, const char *words)
{
	struct lnr_arena arena;
	const struct lnr_ast *ast;
	struct lnr_cond_err err;
	struct lnr_str all = lnr_str_c(words), word;

	lnr_arena_init(&arena, 0);
	if (lnr_cond_parse(&arena, lnr_str_c(text), 0, &ast, &err) != -EINVAL)
		fail_msg("accepted: %s", text);
	if (err.line != line || err.column != column)
		fail_msg("%s\nrefused at %u:%u, wanted %u:%u: %s", text, err.line, err.column, line,
			column, err.msg);
	while (lnr_str_split(&all, '|', &word)) {
		if (lnr_str_find(lnr_str_c(err.msg), word) < 0)
			fail_msg("%s\n%s\nlacks '%.*s'", text, err.msg, LNR_STR_ARG(word));
	}
	lnr_arena_done(&arena);
}

static void chains(void **state)
{
	(void)state;
	prints("proc.name=a", "proc.name = a");
	prints("  proc.name\n=\ta ", "proc.name = a");
	prints("proc.name\b=\ba", "proc.name = a");
	prints("a.b=c and d.e=f and g.h=i", "(a.b = c and d.e = f and g.h = i)");
	prints("a.b=c and (d.e=f and g.h=i)", "(a.b = c and (d.e = f and g.h = i))");
	prints("((a.b=c))", "a.b = c");
	prints("a.b=c or d.e=f and g.h=i", "(a.b = c or (d.e = f and g.h = i))");
	prints("(a.b=c or d.e=f) and g.h=i", "((a.b = c or d.e = f) and g.h = i)");
	prints("(a.b=c)and(d.e=f)or(g.h=i)", "((a.b = c and d.e = f) or g.h = i)");
	prints("a.b=c and(d.e=f)and g.h=i", "(a.b = c and d.e = f and g.h = i)");
	prints("a.b=c or(d.e=f)or g.h=i", "(a.b = c or d.e = f or g.h = i)");
	prints("a.b=c or (d.e=f) and g.h=i", "(a.b = c or (d.e = f and g.h = i))");
	refused("a.b=c or(d.e=f) and g.h=i", 1, 17, "expected 'and', 'or' or the end|'and'");
	prints("one and not two", "(one and not two)");
	prints("a.b exists", "a.b exists");
	prints("a.b existsand c.d=e", "(a.b exists and c.d = e)");
	prints("a.b='x'and c.d='y'or e.f in (z)or g", "((a.b = x and c.d = y) or e.f in (z) or g)");
	prints("a.b > 1and c.d = 1", "(a.b > 1 and c.d = 1)");
	prints("and", "and");
	prints("a.b = and", "a.b = and");
	refused("", 1, 1, "expected a field|end of the text");
	refused("   ", 1, 4, "expected a field");
}

static void negation(void **state)
{
	(void)state;
	prints("not a.b=c", "not a.b = c");
	prints("not(a.b=c)", "not a.b = c");
	prints("not (a.b=c)", "not a.b = c");
	prints("not not a.b=c", "a.b = c");
	prints("not not not a.b=c", "not a.b = c");
	prints("not not(a.b=c)", "a.b = c");
	prints_once("not (not a.b=c)", "not not a.b = c");
	prints("not a.b=c and d.e=f", "(not a.b = c and d.e = f)");
	prints("not (a.b=c and d.e=f)", "not (a.b = c and d.e = f)");
	prints("a.b=c and not\n d.e=f", "(a.b = c and not d.e = f)");
	prints("notproc.name = a", "notproc.name = a");
	prints("not", "not");
	refused("not and a.b=c", 1, 9, "a.b");
	refused("a.b not in (c)", 1, 5, "expected an operator|'not' goes before the field");
}

static void operators(void **state)
{
	static const char *const texts[] = {"a.b = c", "a.b == c", "a.b != c", "a.b < 1",
		"a.b <= 1", "a.b > 1", "a.b >= 1", "a.b glob c*", "a.b iglob c*", "a.b contains c",
		"a.b icontains c", "a.b bcontains cafe", "a.b startswith c", "a.b bstartswith cafe",
		"a.b endswith c", "a.b regex c.*", "a.b in (c, d)", "a.b intersects (c)",
		"a.b pmatch (/c)", "a.b exists", "a.b in c", "a.b in and"};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(texts); i++)
		prints(texts[i], texts[i]);
	prints("a.b in(c)", "a.b in (c)");
	prints("a.b inside", "a.b in side");
	prints("a.b in ( c,d ,e )", "a.b in (c, d, e)");
	prints("a.b in ()", "a.b in ()");
	prints("a.b in (  )", "a.b in ()");
	prints("a.b=!c", "a.b = !c");
	refused("a.b contains\"c\"", 1, 5, "'contains' must be followed by a blank");
	refused("a.b contains", 1, 5, "'contains' must be followed by a blank");
	refused("a.b constains c", 1, 5, "did you mean 'contains'");
	refused("a.b startwith c", 1, 5, "did you mean 'startswith'");
	refused("a.b CONTAINS c", 1, 5, "lower case|'contains'");
	refused("a.b like c", 1, 5, "expected an operator|'like'");
	refused("a.b", 1, 4, "expected an operator|end of the text");
	refused("a.b === c", 1, 7, "expected a text");
	refused("a.b <> 1", 1, 6, "expected a number");
	refused("a.b < = 1", 1, 7, "expected a number");
	refused("a.b =< 1", 1, 8, "1");
	refused("a.b = (c, d)", 1, 7, "a list needs 'in'");
	refused("a.b in (c, )", 1, 12, "expected a text after the ','");
	refused("a.b in (, c)", 1, 9, "expected a text or ')'");
	refused("a.b in (c d)", 1, 11, "expected ',' or ')'");
	refused("a.b in (c", 1, 10, "expected ',' or ')'");
	refused("a.b in [c]", 1, 8, "expected a list");
	refused("a.b in 3", 1, 8, "expected a list");
	refused("a.b in", 1, 7, "expected a list");
	refused("a.b exists c", 1, 12, "expected 'and', 'or'");
	refused("x = 1", 1, 3, "expected 'and', 'or'");
	refused("proc..name = a", 1, 5, "'..name'");
}

static void modifiers(void **state)
{
	(void)state;
	prints("a.b = oneof (c, d)", "a.b = oneof (c, d)");
	prints("a.b contains  anyof\n(c)", "a.b contains anyof (c)");
	prints("a.b != allof word", "a.b != allof word");
	prints("a.b = anyof", "a.b = anyof");
	prints("a.b = anyof and c.d = e", "(a.b = anyof and c.d = e)");
	prints("a.b = oneof or c.d = e", "(a.b = oneof or c.d = e)");
	prints("(a.b = allof)", "a.b = allof");
	prints("a.b = anyofx", "a.b = anyofx");
	prints("a.b = anyof android", "a.b = anyof android");
	prints("a.b = anyof ()", "a.b = anyof ()");
	refused("a.b =anyof (c)", 1, 12, "(");
	refused("a.b = anyof(c)", 1, 12, "(");
	refused("a.b = anyof not", 1, 13, "not");
	refused("a.b = anyof and_more", 1, 16, "expected a blank or '(' after 'and'");
	refused("a.b = anyof \"c\"", 1, 13, "expected 'and'");
	refused("a.b = anyof 5", 1, 13, "expected 'and'");
	refused("a.b < anyof (1)", 1, 7, "expected a number");
	refused("a.b = anyof allof (c)", 1, 19, "(");
}

static void constants(void **state)
{
	(void)state;
	prints("a.b = \"c d\"", "a.b = \"c d\"");
	prints("a.b = 'c'", "a.b = c");
	prints_once("a.b = ''", "a.b = ");
	prints("a.b = 'c=d'", "a.b = \"c=d\"");
	prints("a.b = 'say \"x\"'", "a.b = \"say \\\"x\\\"\"");
	prints("a.b = \"it's\"", "a.b = \"it's\"");
	prints("a.b = \"c\\b\\f\\n\\r\\t\\\\\\/\\\"\"", "a.b = \"c\\b\\f\\n\\r\\t\\\\/\\\"\"");
	prints("a.b = 'c\\'d'", "a.b = \"c'd\"");
	prints("a.b = \"c\\ d\"", "a.b = \"c\\\\d\"");
	prints("a.b = \"\\x41\\x7a\"", "a.b = Az");
	prints("a.b = \"c\nd\"", "a.b = \"c\\nd\"");
	prints("a.b = \\n", "a.b = \"\\\\n\"");
	prints("a.b = c;", "a.b = c;");
	prints("a.b = [c]{d}%e@f", "a.b = [c]{d}%e@f");
	prints("a.b = \xc3\xa4", "a.b = \xc3\xa4");
	prints_once("a.b in ('c d', e, '', \"f,g\")", "a.b in (\"c d\", e, , f,g)");
	prints("a.b > 0x1F", "a.b > 0x1F");
	prints("a.b > -1.5e+3", "a.b > -1.5e+3");
	prints("a.b = \"c\\\\\" and d.e = \"", "a.b = \"c\\\\\\\" and d.e = \"");
	refused("a.b = \"c\\qd\"", 1, 9, "'\\q' is no escape|double-quoted");
	refused("a.b = 'c\\\"d'", 1, 9, "'\\\"' is no escape|single-quoted");
	refused("a.b = \"c\\x4\"", 1, 9, "'\\x' is no escape");
	refused("a.b in (\"c\\q\")", 1, 11, "'\\q' is no escape");
	refused("a.b = \"c", 1, 7, "quote is not closed");
	refused("a.b = \"c\"d", 1, 10, "expected 'and'");
	refused("a.b = c\"d\"", 1, 8, "expected 'and'");
	refused("a.b = \fc", 1, 7, "expected a text");
	refused("a.b > 0xZZ", 1, 8, "xZZ");
	refused("a.b > .5", 1, 7, "expected a number");
	refused("a.b > 1e3", 1, 8, "e3");
	refused("a.b > \"5\"", 1, 7, "expected a number");
	refused("a.b = c # remark", 1, 9, "no comments");
	refused("a.b = c || d.e = f", 1, 9, "write 'or'");
	refused("a.b = c && d.e = f", 1, 9, "write 'and'");
	refused("a.b = c AND d.e = f", 1, 9, "lower case");
	refused("a.b = c)", 1, 8, "no '(' that it closes");
}

static void fields(void **state)
{
	(void)state;
	prints("proc.aname[2] = a", "proc.aname[2] = a");
	prints("proc.env['MY VAR'] = a", "proc.env[\"MY VAR\"] = a");
	prints("proc.env[\"A\"] = a", "proc.env[A] = a");
	prints("proc.env[''] = a", "proc.env[\"\"] = a");
	prints("proc.env[a(b)=,] = a", "proc.env[\"a(b)=,\"] = a");
	prints("evt.arg.a_b.c9 = a", "evt.arg.a_b.c9 = a");
	refused("proc.aname [1] = a", 1, 12, "expected an operator");
	refused("proc.aname[ 1] = a", 1, 12, "expected an argument");
	refused("proc.aname[1 ] = a", 1, 13, "expected ']'");
	refused("proc.aname[] = a", 1, 12, "expected an argument");
	refused("proc.aname[[1]] = a", 1, 12, "expected an argument");
	refused("proc.aname[\"1'] = a", 1, 12, "expected an argument");
	refused("proc.aname[1][2] = a", 1, 14, "expected an operator");
	refused("proc.9 = a", 1, 5, "expected 'and'");
	refused(".name = a", 1, 1, "expected a field");
}

static void transformers(void **state)
{
	(void)state;
	prints("tolower( proc.name ) = a", "tolower(proc.name) = a");
	prints("toupper(b64(proc.name)) = A", "toupper(b64(proc.name)) = A");
	prints_once(
		"join(',', (a.b, 'c', tolower(d.e), 5)) = x", "join(,,(a.b,c,tolower(d.e),5)) = x");
	prints_once("concat(a.b, \"c d\", 0x1f) = x", "concat(a.b,\"c d\",0x1f) = x");
	prints_once("getopt(a.b, 'x:')[x] in (y)", "getopt(a.b,x:)[x] in (y)");
	prints("len(()) = 0", "len(()) = 0");
	prints("a.b = val(c.d)", "a.b = val(c.d)");
	prints("a.b > val( c.d[1] )", "a.b > val(c.d[1])");
	prints("a.b = tolower(c.d)and e", "(a.b = tolower(c.d) and e)");
	prints("a.b in val(c.d)", "a.b in val(c.d)");
	prints("a.b = tolower", "a.b = tolower");
	prints("tolower", "tolower");
	refused("tolower (a.b) = c", 1, 9, "(");
	refused("tolower() = c", 1, 9, "expected a field, a transformer");
	refused("tolower(c) = c", 1, 9, "expected a field, a transformer");
	refused("tolower(a.b = c)", 1, 13, "expected ',' or ')'");
	refused("reverse(a.b) = c", 1, 8, "(");
	refused("join(',', ((a.b))) = c", 1, 12, "expected a field");
	refused("join(',', (a.b,)) = c", 1, 16, "expected a field");
	refused("val(a.b) = c", 1, 4, "(");
	refused("a.b = val(5)", 1, 11, "expected a field in 'val(");
	refused("a.b = val(val(c.d))", 1, 11, "expected a field in 'val(");
	refused("a.b = val(c.d, e.f)", 1, 14, "expected ')'");
	refused("a.b = val (c.d)", 1, 11, "(");
	refused("a.b in (val(c.d))", 1, 12, "expected ',' or ')'");
}

static void groups(void **state)
{
	(void)state;
	refused("()", 1, 2, "expected a field");
	refused("(a.b = c", 1, 9, "expected ')' for the '(' at line 1, column 1");
	refused("a.b = c and\n(d.e = f or (g.h = i)", 2, 22, "line 2, column 1");
	refused(")a.b = c(", 1, 1, "expected a field");
	refused("a.b = c (d.e = f)", 1, 9, "a group needs 'and' or 'or'");
}

static void positions(void **state)
{
	struct lnr_arena arena;
	const struct lnr_ast *ast;
	struct lnr_cond_err err;

	(void)state;
	lnr_arena_init(&arena, 0);
	assert_int_equal(lnr_cond_parse(&arena,
				 LNR_STR("m and\n  proc.name in (a,\n b) and not x.y = anyof z"), 0,
				 &ast, &err),
		0);
	assert_int_equal(ast->kind, LNR_AST_AND);
	assert_int_equal(ast->n_kids, 3);
	assert_true(ast->has_macro);
	assert_int_equal(ast->kids[0]->kind, LNR_AST_MACRO);

	const struct lnr_ast *in = ast->kids[1], *list = in->kids[1];
	assert_int_equal(in->kind, LNR_AST_CHECK);
	assert_false(in->has_macro);
	assert_int_equal(in->offset, 8);
	assert_int_equal(in->line, 2);
	assert_int_equal(in->column, 3);
	assert_int_equal(list->kind, LNR_AST_LIST);
	assert_int_equal(list->column, 16);
	assert_int_equal(list->kids[1]->line, 3);
	assert_int_equal(list->kids[1]->column, 2);
	assert_int_equal(list->nodes, 3);
	assert_int_equal(in->nodes, 5);

	const struct lnr_ast *not_ = ast->kids[2], *check = not_->kids[0];
	assert_int_equal(not_->kind, LNR_AST_NOT);
	assert_int_equal(not_->column, 9);
	assert_int_equal(check->column, 13);
	assert_true(lnr_str_eq(check->mod, LNR_STR("anyof")));
	assert_int_equal(check->kids[1]->kind, LNR_AST_CONST);
	assert_int_equal(ast->depth, 4);
	lnr_arena_done(&arena);
}

/* --- macros -------------------------------------------------------------------------------- */

struct macros {
	const char *name[4];
	const struct lnr_ast *tree[4];
	unsigned found;
};

static const struct lnr_ast *find(struct lnr_str name, void *user)
{
	struct macros *m = user;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(m->name); i++) {
		if (m->name[i] && lnr_str_eq(name, lnr_str_c(m->name[i]))) {
			m->found++;
			return m->tree[i];
		}
	}
	return NULL;
}

static const struct lnr_ast *parsed(struct lnr_arena *arena, const char *text)
{
	const struct lnr_ast *ast;

	assert_int_equal(lnr_cond_parse(arena, lnr_str_c(text), 0, &ast, NULL), 0);
	return ast;
}

static void expansion(void **state)
{
	struct lnr_arena arena;
	struct lnr_buf out;
	const struct lnr_ast *ret, *unknown = NULL;

	(void)state;
	lnr_arena_init(&arena, 0);
	lnr_buf_init(&out, 0);

	struct macros m = {{"one", "two"}, {parsed(&arena, "a.b = 1 or a.b = 2"), NULL}, 0};
	m.tree[1] = m.tree[0];
	const struct lnr_ast *plain = parsed(&arena, "a.b = c and d.e = f");
	assert_int_equal(lnr_ast_expand(&arena, plain, find, &m, &ret, &unknown), 0);
	assert_ptr_equal(ret, plain);

	const struct lnr_ast *text = parsed(&arena, "one and (x.y = z or not two)");
	assert_int_equal(lnr_ast_expand(&arena, text, find, &m, &ret, &unknown), 0);
	assert_int_equal(m.found, 2);
	assert_false(ret->has_macro);
	lnr_ast_print(&out, ret);
	assert_string_equal(
		out.ptr, "((a.b = 1 or a.b = 2) and (x.y = z or not (a.b = 1 or a.b = 2)))");
	/* The check that has no macro in it is not copied. */
	assert_ptr_equal(ret->kids[1]->kids[0], text->kids[1]->kids[0]);

	text = parsed(&arena, "one and three and four");
	assert_int_equal(lnr_ast_expand(&arena, text, find, &m, &ret, &unknown), -ENOENT);
	assert_true(lnr_str_eq(unknown->text, LNR_STR("three")));
	lnr_buf_done(&out);
	lnr_arena_done(&arena);
}

/* Each macro names the one before twice: 2^n nodes when written out. */
static void expansion_is_bounded(void **state)
{
	struct lnr_arena arena;
	const struct lnr_ast *ret, *unknown = NULL;
	struct macros m = {{"m"}, {NULL}, 0};
	int r = 0;
	unsigned n = 0;

	(void)state;
	lnr_arena_init(&arena, 0);
	m.tree[0] = parsed(&arena, "a.b = c");
	const struct lnr_ast *twice = parsed(&arena, "m and m");
	while (!r && n++ < 64) {
		r = lnr_ast_expand(&arena, twice, find, &m, &ret, &unknown);
		m.tree[0] = ret;
	}
	assert_int_equal(r, -E2BIG);
	assert_in_range(n, 10, 30);

	m.tree[0] = parsed(&arena, "a.b = c");
	const struct lnr_ast *deeper = parsed(&arena, "not m");
	for (r = 0, n = 0; !r && n < 10000; n++) {
		r = lnr_ast_expand(&arena, deeper, find, &m, &ret, &unknown);
		m.tree[0] = ret;
	}
	assert_int_equal(r, -E2BIG);
	assert_in_range(n, LNR_COND_TREE_DEPTH - 10, LNR_COND_TREE_DEPTH + 10);
	lnr_arena_done(&arena);
}

/* --- limits -------------------------------------------------------------------------------- */

static char *repeated(const char *before, const char *middle, const char *after, size_t n)
{
	struct lnr_buf b;

	lnr_buf_init(&b, 0);
	for (size_t i = 0; i < n; i++)
		lnr_buf_cstr(&b, before);
	lnr_buf_cstr(&b, middle);
	for (size_t i = 0; i < n; i++)
		lnr_buf_cstr(&b, after);

	char *ret = lnr_buf_take(&b);
	assert_non_null(ret);
	return ret;
}

static int parse_depth(const char *text, unsigned max_depth, struct lnr_cond_err *err)
{
	struct lnr_arena arena;
	const struct lnr_ast *ast;

	lnr_arena_init(&arena, 0);
	int r = lnr_cond_parse(&arena, lnr_str_c(text), max_depth, &ast, err);
	lnr_arena_done(&arena);
	return r;
}

static void depth(void **state)
{
	struct lnr_cond_err err;
	char *text;

	(void)state;
	text = repeated("(", "a.b = c", ")", 900);
	assert_int_equal(parse_depth(text, 0, &err), 0);
	assert_int_equal(parse_depth(text, 100, &err), -EINVAL);
	assert_int_equal(err.column, 21);
	free(text);

	text = repeated("not (", "a.b = c", ")", 900);
	assert_int_equal(parse_depth(text, 0, &err), 0);
	free(text);

	text = repeated("(", "a.b = c", ")", 10000);
	assert_int_equal(parse_depth(text, 0, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "nested too deeply"));
	free(text);

	text = repeated("a.b = c or (d.e = f and (", "a.b = c", "))", 10000);
	assert_int_equal(parse_depth(text, 0, &err), -EINVAL);
	free(text);

	text = repeated("tolower(", "a.b", ")", 10000);
	assert_int_equal(parse_depth(text, 0, &err), -EINVAL);
	free(text);

	/* Runs of "not" and chains are loops, not nesting. */
	text = repeated("not ", "a.b = c", "", 100000);
	assert_int_equal(parse_depth(text, 0, &err), 0);
	free(text);
	text = repeated("", "a.b = c", " and d.e = f", 100000);
	assert_int_equal(parse_depth(text, 0, &err), 0);
	free(text);
}

static void long_lists(void **state)
{
	struct lnr_arena arena;
	const struct lnr_ast *ast;
	struct lnr_cond_err err;
	struct lnr_buf b;

	(void)state;
	lnr_buf_init(&b, 0);
	lnr_buf_cstr(&b, "a.b in (x");
	for (unsigned i = 0; i < 999999; i++)
		lnr_buf_printf(&b, ",%u", i);
	lnr_buf_chr(&b, ')');
	lnr_arena_init(&arena, 0);
	assert_int_equal(lnr_cond_parse(&arena, lnr_buf_view(&b), 0, &ast, &err), 0);
	assert_int_equal(ast->kids[1]->n_kids, 1000000);
	lnr_arena_done(&arena);

	lnr_buf_clear(&b);
	lnr_buf_cstr(&b, "a.b in (x");
	for (unsigned i = 0; i < LNR_COND_NODES; i++)
		lnr_buf_cstr(&b, ",y");
	lnr_buf_chr(&b, ')');
	lnr_arena_init(&arena, 0);
	assert_int_equal(lnr_cond_parse(&arena, lnr_buf_view(&b), 0, &ast, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "too many elements"));
	lnr_arena_done(&arena);
	lnr_buf_done(&b);
}

static int no_memory(void *user)
{
	struct lnr_arena arena;
	const struct lnr_ast *ast;
	struct lnr_cond_err err;

	(void)user;
	lnr_arena_init(&arena, 0);
	int r = lnr_cond_parse(&arena,
		LNR_STR("m and not (tolower(a.b) in (c, \"d\\n\") or e.f = val(g.h[\"\\t\"]))"), 0,
		&ast, &err);
	if (r == 0) {
		struct macros m = {{"m"}, {ast->kids[1]}, 0};
		const struct lnr_ast *ret;

		r = lnr_ast_expand(&arena, ast, find, &m, &ret, NULL);
	}
	lnr_arena_done(&arena);
	return r;
}

static void failing_allocations(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(no_memory, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chains),
		cmocka_unit_test(negation),
		cmocka_unit_test(operators),
		cmocka_unit_test(modifiers),
		cmocka_unit_test(constants),
		cmocka_unit_test(fields),
		cmocka_unit_test(transformers),
		cmocka_unit_test(groups),
		cmocka_unit_test(positions),
		cmocka_unit_test(expansion),
		cmocka_unit_test(expansion_is_bounded),
		cmocka_unit_test(depth),
		cmocka_unit_test(long_lists),
		cmocka_unit_test(failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
