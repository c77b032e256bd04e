/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions: what is refused, and the text they become. */
#include "load_test.h"
#include "schema/limits.h"

#define EX(entries) RULE("R", "evt.type = open") "  exceptions:\n    - name: e\n" entries

static const struct {
	const char *text, *want; /* the condition before lists are put in */
} texts[] = {
	{RULE("R", "evt.type = open"), "evt.type = open"},
	{RULE("R", "evt.type = open") "  exceptions: []\n", "evt.type = open"},
	{RULE("R", "evt.type = open") "  exceptions:\n", "evt.type = open"},
	{EX("      fields: proc.name\n"), "(evt.type = open)"},
	{EX("      fields: proc.name\n      values: []\n"), "(evt.type = open)"},
	{EX("      fields: proc.name\n      values: [a, b c, \"'d e'\", '\"\"']\n"),
		"(evt.type = open) and not (proc.name in (a, \"b c\", 'd e', \"\"))"},
	{EX("      fields: fd.name\n      comps: ' pmatch '\n      values: [/a]\n"),
		"(evt.type = open) and not (fd.name pmatch (/a))"},
	{EX("      fields: fd.name\n      comps: startswith anyof\n      values: [/a, /b]\n"),
		"(evt.type = open) and not (fd.name startswith anyof (/a, /b))"},
	{EX("      fields: [proc.name, fd.name]\n      values: [[a, /b c], [d, e]]\n"),
		"(evt.type = open) and not (( proc.name = a and  fd.name = \"/b c\") or "
		"( proc.name = d and  fd.name = e))"},
	{EX("      fields: [proc.name, fd.name]\n      comps: [in, startswith anyof]\n"
	    "      values: [[a, (b)], [[c, d e], [f]]]\n"),
		"(evt.type = open) and not (( proc.name in (a) and  fd.name startswith anyof (b)) "
		"or "
		"( proc.name in (c, \"d e\") and  fd.name startswith anyof (f)))"},
	{EX("      fields: [proc.name]\n      comps: [in]\n      values: [[[]]]\n"),
		"(evt.type = open) and not (( proc.name in ()))"},
	{EX("      fields: proc.name\n      values: [a]\n"
	    "    - name: f\n      fields: fd.num\n    - name: g\n      fields: fd.num\n"
	    "      values: [1]\n"),
		"(evt.type = open) and not (proc.name in (a)) and not (fd.num in (1))"},
};

static void become_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(texts); i++) {
		struct lt t;

		lt_init(&t, NULL);
		assert_ok(lt_add(&t, "f", lnr_str_c(texts[i].text)), NULL);
		lnr_buf_clear(&t.buf);
		assert_ok(lnr_exceptions_text(
				  t.l, lnr_item_find(&t.l->rules, LNR_STR("R")), &t.buf, NULL),
			NULL);
		assert_str(lnr_buf_view(&t.buf), texts[i].want);
		lt_done(&t);
	}
}

#define AT_E "rule R, exception e 6:6\n"

static const struct {
	const char *text, *want;
} checks[] = {
	{RULE("R", "evt.type = open") "  exceptions: all\n",
		"ERR_YAML_VALIDATE rule R, exceptions 5:14\n"},
	{RULE("R", "evt.type = open") "  exceptions: [x]\n",
		"ERR_YAML_VALIDATE rule R, exception 5:15\n"},
	{RULE("R", "evt.type = open") "  exceptions: [{fields: proc.name}]\n",
		"ERR_YAML_VALIDATE rule R, exception 5:15\n"},
	{EX("      values: [a]\n"), "ERR_YAML_VALIDATE " AT_E},
	{EX("      fields:\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: []\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: {a: b}\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: proc.colour\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: tolower(proc.pid)\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: tolower(proc.name)\n"), ""},
	/* A known field with a wrong argument has no better place. */
	{EX("      fields: evt.arg\n"), "ERR_VALIDATE rules content 0:0\n"},
	{EX("      fields: proc.name\n      comps: '='\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: proc.name\n      comps: startswith  anyof\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: proc.name\n      comps: in oneof\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: proc.name\n      comps: [in]\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: proc.name\n      comps: {}\n"), ""},
	{EX("      fields: proc.name\n      comps: ''\n"),
		"ERR_YAML_VALIDATE rule R, value for comps 8:13\n"},
	{EX("      fields: [proc.name]\n      comps: in\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: [proc.name]\n      comps: [like]\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: [proc.name]\n      comps: [exists anyof]\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: [proc.name]\n      values: a\n"),
		"ERR_YAML_VALIDATE rule R, exception values 8:14\n"},
	{EX("      fields: [proc.name]\n      values: [a]\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: [proc.name]\n      values: [[a, b]]\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: proc.name\n      values: [[a]]\n"), "ERR_VALIDATE " AT_E},
	{EX("      fields: proc.name\n      values: ['']\n"),
		"ERR_YAML_VALIDATE rule R, value for 8:15\n"},
	{EX("      fields: [proc.name]\n      values: [['']]\n"),
		"ERR_YAML_VALIDATE rule R, value for 8:16\n"},
	/* Names may repeat; each later one warns about each earlier one. */
	{EX("      fields: proc.name\n    - name: e\n      fields: fd.num\n    - name: e\n"
	    "      fields: fd.num\n"),
		"EXCEPTION_NAME_NOT_UNIQUE rule R, exception e 8:6\n"
		"EXCEPTION_NAME_NOT_UNIQUE rule R, exception e 10:6\n"
		"EXCEPTION_NAME_NOT_UNIQUE rule R, exception e 10:6\n"},
	/* Unknown source: operators are checked, fields are not. */
	{EX("      fields: proc.colour\n") "  source: cloud\n", "UNKNOWN_SOURCE rule R 0:2\n"},
	{EX("      fields: [x.y]\n      comps: [like]\n") "  source: cloud\n",
		"ERR_VALIDATE " AT_E "UNKNOWN_SOURCE rule R 0:2\n"},

	{EX("      fields: proc.name\n") "- rule: R\n  exceptions: [{name: e, values: [x]}]\n"
					 "  override: {exceptions: append}\n",
		""},
	{EX("      fields: proc.name\n") "- rule: R\n  exceptions: [{name: e, comps: in}]\n"
					 "  override: {exceptions: append}\n",
		"ERR_VALIDATE rule R, exception e 9:15\n"
		"APPEND_NO_VALUES rule R, exception e 9:15\n"},
	{EX("      fields: proc.name\n") "- rule: R\n  exceptions: [{name: f, fields: fd.num}]\n"
					 "  override: {exceptions: append}\n",
		"ERR_VALIDATE rule R, exception f 9:15\n"
		"APPEND_NO_VALUES rule R, exception f 9:15\n"},
	{EX("      fields: proc.name\n") "- rule: R\n  exceptions: [{name: f, values: [x]}]\n"
					 "  override: {exceptions: append}\n",
		"ERR_VALIDATE rule R, exception f 9:15\n"},
	/* Replaced exceptions are checked and get defaults as if they were defined. */
	{EX("      fields: proc.name\n") "- rule: R\n  exceptions: [{name: f, fields: fd.num, "
					 "values: [1]}]\n"
					 "  override: {exceptions: replace}\n",
		""},
	{EX("      fields: proc.name\n") "- rule: R\n  exceptions: [{name: f, fields: fd.nmu, "
					 "values: [1]}]\n"
					 "  override: {exceptions: replace}\n",
		"ERR_VALIDATE rule R, exception f 9:15\n"},
};

static void are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(checks); i++) {
		if (getenv("LNR_TEST_TRACE"))
			print_message("%s\n", checks[i].text);
		lt_check(checks[i].text, checks[i].want);
	}
}

static void are_bounded(void **state)
{
	struct lnr_buf b;
	struct lt t;

	(void)state;
	lnr_buf_init(&b, 0);
	lnr_buf_cstr(&b, RULE("R", "evt.type = open") "  exceptions:\n");
	for (unsigned i = 0; i <= LNR_RULES_EXCEPTIONS; i++)
		lnr_buf_printf(&b, "    - {name: e%u, fields: proc.name}\n", i);
	lt_init(&t, NULL);
	assert_code(lt_add(&t, "f", lnr_buf_view(&b)), -EINVAL);
	assert_str(lt_report(&t), "ERR_YAML_VALIDATE rule R, exceptions 6:4\n");
	lt_done(&t);
	/* One by one, too. */
	lnr_buf_clear(&b);
	lnr_buf_cstr(&b, RULE("R", "evt.type = open"));
	for (unsigned i = 0; i <= LNR_RULES_EXCEPTIONS; i++)
		lnr_buf_printf(&b,
			"- rule: R\n  exceptions: [{name: e%u, fields: fd.num, values: [1]}]\n"
			"  override: {exceptions: append}\n",
			i);
	lt_init(&t, NULL);
	assert_code(lt_add(&t, "f", lnr_buf_view(&b)), -EINVAL);
	assert_has(t.last->errors.first->msg.ptr, "more than");
	lt_done(&t);
	lnr_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(become_text),
		cmocka_unit_test(are_checked),
		cmocka_unit_test(are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
