/* SPDX-License-Identifier: Apache-2.0 */
/* Lists: references, and substitution to the byte. */
#include "load_test.h"
#include "lib/failalloc.h"
#include "schema/limits.h"

/* Substitute in `text` and compare; the loader has its lists already. */
static void check_text(struct lt *t, struct lnr_str text, const char *want)
{
	struct lnr_str got;
	uint32_t *map = NULL;

	assert_ok(lnr_lists_compile(t->l), NULL);
	assert_ok(lnr_lists_substitute(t->l, text, &got, NULL), NULL);
	assert_str(got, want);
	/* Asking where bytes came from changes nothing. */
	assert_ok(lnr_lists_substitute(t->l, text, &got, &map), NULL);
	assert_str(got, want);
	for (size_t i = 0; i < got.len; i++) {
		assert_in_range(map[i], 0, text.len);
		assert_true(i == 0 || map[i - 1] <= map[i]);
	}
	assert_int_equal(map[got.len], text.len);
	free(map);
}

static void check(const char *lists, const char *text, const char *want)
{
	struct lt t;

	lt_init(&t, NULL);
	lt_add(&t, "f", lnr_str_c(lists));
	check_text(&t, lnr_str_c(text), want);
	lt_done(&t);
}

static void replaces_names(void **state)
{
	static const char a[] = "- list: a\n  items: [x, y]\n";
	static const char e[] = "- list: e\n  items: []\n- list: a\n  items: [x]\n";

	(void)state;
	check(a, "b in (a)", "b in ( x, y )");
	check(a, "a", "x, y ");
	check(a, "  a  ", "x, y ");
	check(a, "in (z, a,w)", "in (z, x, y ,w)");
	check(a, "p=a and q", "p= x, y and q");
	check(a, "\n\ta\r\n)", "x, y )");
	/* Quotes and other characters do not delimit. */
	check(a, "in (\"a\", 'a', a.b, a[0], <a)", "in (\"a\", 'a', a.b, a[0], <a)");
	check(a, "\"one a two\"", "\"one x, y two\"");
	check(a, "aa a aa", "aa x, y aa");
	/* After a name that begins the text one character is passed over. */
	check(a, "a a a", "x, y a x, y ");
	check(a, "(a a a)", "( x, y x, y x, y )");
	check(e, "(e)", "(  )");
	check(e, "(x, e, y)", "(x  , y)");
	check(e, "(e, y)", "(   y)");
	check(e, "(x, e)", "(x  )");
	check(e, "(e,e)", "(  )");
	check(e, "e", " ");
	check(e, "e,b", " b");
	check(e, "(e, a)", "( x )");
	check("- list: a\n  items: ['']\n", "(b, a)", "(b  )");
	check("- list: a\n  items: ['', x, '', y]\n", "(a)", "( x, , y )");
}

static void quotes_items_with_blanks(void **state)
{
	(void)state;
	check("- list: a\n  items: [two words, '\"q w\"', \"'s w'\", \"t\\tw\", 'f(x)', 'q\"w "
	      "e']\n",
		"(a)", "( \"two words\", \"q w\", 's w', t\tw, f(x), \"q\"w e\" )");
}

static void resolves_references(void **state)
{
	static const char chain[] = "- list: c1\n  items: [x]\n- list: c2\n  items: [c1, y]\n"
				    "- list: c3\n  items: [c2]\n";
	static const char back[] = "- list: b\n  items: [a, y]\n- list: a\n  items: [x]\n";
	static const char again[] = "- list: b\n  items: [a]\n- list: a\n  items: [x]\n"
				    "- list: b\n  items: [b]\n  append: true\n";

	(void)state;
	/* One level of references that come before … */
	check(chain, "(c2)", "( x, y )");
	/* … so that the third level keeps a name, which is replaced only if its pass is later. */
	check(chain, "(c3)", "( c1, y )");
	check(back, "(b)", "( x , y )");
	/* A list that was touched again may name itself as it was written, and later ones. */
	check(again, "(b)", "( x, x , b )");
	/* No list replaces its own name. */
	check("- list: a\n  items: [a, b]\n", "(a)", "( a, b )");
	check("- list: a\n  items: [b]\n- list: b\n  items: [a]\n", "(a, b)", "( b , b )");
}

static void takes_odd_names(void **state)
{
	(void)state;
	check("- list: web ports\n  items: [80]\n", "(web ports)", "( 80 )");
	check("- list: a=b\n  items: [x]\n", "(a=b, a)", "( x , a)");
	check("- list: '(a)'\n  items: [x]\n", "in ((a))", "in ( x )");
	check("- list: or\n  items: [x]\n", "a or b", "a x b");
	/* Nothing but delimiters cannot be told from the text around it. */
	check("- list: ','\n  items: [x]\n", "a , b", "a , b");
}

static void counts_use(void **state)
{
	(void)state;
	lt_check("- list: a\n  items: [x]\n- list: b\n  items: [a]\n- list: c\n  items: [x]\n"
		 "- list: d\n  items: [e]\n- list: e\n  items: [x]\n" RULE(
			 "R", "evt.type = open and proc.name in (c)"),
		"UNUSED_LIST list b 2:2\nUNUSED_LIST list d 6:2\nUNUSED_LIST list e 8:2\n");
}

static void maps_back(void **state)
{
	struct lt t;
	struct lnr_str got, text = LNR_STR("p in (w, a) or q");
	uint32_t *map;

	(void)state;
	lt_init(&t, NULL);
	lt_add(&t, "f", LNR_STR("- list: a\n  items: [xx, yy]\n"));
	assert_ok(lnr_lists_substitute(t.l, text, &got, &map), NULL);
	assert_str(got, "p in (w, xx, yy ) or q");
	assert_int_equal(map[0], 0);
	assert_int_equal(map[6], 6); /* w */
	assert_int_equal(map[9], 9); /* what stands for a */
	assert_int_equal(map[13], 9);
	assert_int_equal(map[21], 15); /* q */
	free(map);
	lt_done(&t);
}

/* --- against the steps of the spec, one list after the other -----------------------------------
 */

static bool is_delim(char c)
{
	return c && strchr(" \t\n\r(),=", c);
}

static bool is_blank(char c)
{
	return c && strchr(" \t\n\r", c);
}

/* In place, in a buffer that is large enough. */
static void naive_pass(char *text, const char *name, const char *sub)
{
	size_t n = strlen(name);
	char *from = strstr(text, name);
	char rest[4096];

	while (from) {
		char *to = from + n, *start = from;
		if ((from == text || is_delim(from[-1])) && (!*to || is_delim(*to))) {
			while (start > text && is_blank(start[-1]))
				start--;
			while (is_blank(*to))
				to++;
			if (!*sub && start > text && start[-1] == ',')
				start--;
			else if (!*sub && *to == ',')
				to++;
			snprintf(rest, sizeof(rest), "%s", to);
			size_t at = (size_t)(start - text);
			sprintf(start, "%s%s %s", at ? " " : "", sub, rest);
			from = start + strlen(sub) + 1;
		}
		from = strlen(from) > 1 ? strstr(from + 1, name) : NULL;
	}
}

static void agrees_with_one_pass_per_list(void **state)
{
	static const char *const words[] = {"a", "b", "c", "d", "e", "aa", "a b", "b=c", "x", ",",
		"(", ")", " ", "  ", "=", "\"a\"", "\n"};
	static const char *const names[] = {"a", "b", "c", "d", "e", "a b", "b=c"};
	struct lnr_test_random r;

	(void)state;
	lnr_test_random_init(&r);
	for (int round = 0; round < 3000; round++) {
		struct lt t;
		char yaml[4096] = "", text[4096] = "", subs[LNR_ARRAY_SIZE(names)][256];
		size_t n_lists = 1 + lnr_test_random_below(&r, LNR_ARRAY_SIZE(names));

		for (size_t i = 0; i < n_lists; i++) {
			sprintf(yaml + strlen(yaml), "- list: %s\n  items: [", names[i]);
			size_t n = lnr_test_random_below(&r, 3);
			for (size_t k = 0; k < n; k++)
				sprintf(yaml + strlen(yaml), "%s%s", k ? ", " : "",
					words[lnr_test_random_below(&r, 6)]);
			strcat(yaml, "]\n");
		}
		size_t n = 1 + lnr_test_random_below(&r, 12);
		for (size_t k = 0; k < n; k++)
			strcat(text, words[lnr_test_random_below(&r, LNR_ARRAY_SIZE(words))]);
		lt_init(&t, NULL);
		lt_add(&t, "f", lnr_str_c(yaml));
		assert_ok(lnr_lists_compile(t.l), NULL);
		char before[4096];
		strcpy(before, text);
		for (size_t i = 0; i < n_lists; i++) {
			const struct lnr_list_item *list = lnr_item_find(
				&t.l->lists, lnr_str_c(names[i]));
			subs[i][0] = '\0';
			for (size_t k = 0; k < list->n_compiled; k++)
				sprintf(subs[i] + strlen(subs[i]), "%s%.*s", *subs[i] ? ", " : "",
					LNR_STR_ARG(list->compiled[k]));
			naive_pass(text, names[i], subs[i]);
		}
		check_text(&t, lnr_str_c(before), text);
		lt_done(&t);
	}
}

/* --- limits ------------------------------------------------------------------------------------
 */

static void bounds_what_lists_grow_to(void **state)
{
	struct lnr_buf b;
	struct lt t;

	(void)state;
	lnr_buf_init(&b, 0);
	lnr_buf_cstr(&b, "- list: l0\n  items: [x");
	for (int i = 0; i < 3000; i++)
		lnr_buf_cstr(&b, ", x");
	lnr_buf_cstr(&b, "]\n- list: l1\n  items: [l0");
	for (int i = 0; i < 3000; i++)
		lnr_buf_cstr(&b, ", l0");
	lnr_buf_cstr(&b, "]\n" RULE("R", "proc.name in (l1)"));
	lt_init(&t, NULL);
	assert_code(lt_add(&t, "f", lnr_buf_view(&b)), -EINVAL);
	assert_str(lt_report(&t), "ERR_VALIDATE list l1 2:2\n");
	lt_done(&t);

	/* Many lists in one long text: passes times length is bounded, too. */
	lnr_buf_clear(&b);
	for (int i = 0; i < 50000; i++)
		lnr_buf_printf(&b, "- list: l%d\n  items: [l%d, x]\n", i, i + 1);
	lnr_buf_cstr(&b, RULE("R", "proc.name in (l0)"));
	lt_init(&t, NULL);
	assert_code(lt_add(&t, "f", lnr_buf_view(&b)), -EINVAL);
	assert_has(t.last->errors.first->msg.ptr, "too large");
	lt_done(&t);
	lnr_buf_done(&b);
}

static void takes_a_million_entries(void **state)
{
	struct lnr_buf b;
	struct lt t;

	(void)state;
	lnr_buf_init(&b, 0);
	lnr_buf_cstr(&b, "- list: l\n  items:\n");
	for (int i = 0; i < 1000000; i++)
		lnr_buf_cstr(&b, "    - x\n");
	lnr_buf_cstr(&b, RULE("R", "evt.type = open and proc.name in (l)"));
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "f", lnr_buf_view(&b)), NULL);
	assert_str(lt_report(&t), "");
	lt_done(&t);
	lnr_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces_names),
		cmocka_unit_test(quotes_items_with_blanks),
		cmocka_unit_test(resolves_references),
		cmocka_unit_test(takes_odd_names),
		cmocka_unit_test(counts_use),
		cmocka_unit_test(maps_back),
		cmocka_unit_test(agrees_with_one_pass_per_list),
		cmocka_unit_test(bounds_what_lists_grow_to),
		cmocka_unit_test(takes_a_million_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
