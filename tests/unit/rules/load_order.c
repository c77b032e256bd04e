/* SPDX-License-Identifier: Apache-2.0 */
/* Which definition counts where: order, visibility, files, macros, enabling. */
#include "load_test.h"
#include "schema/limits.h"

#define A    "- macro: a\n  condition: evt.type = open\n"
#define A2   "- macro: a\n  condition: evt.type = close\n"
#define B    "- macro: b\n  condition: a\n"
#define LATE "- macro: a\n  condition: or evt.num > 5\n  append: true\n"

static const struct {
	const char *name, *text, *want;
} visibility[] = {
	{"before", A B RULE("R", "b"), ""},
	{"after", B A RULE("R", "b"), "ERR_VALIDATE macro b, condition expression 1:3\n"},
	{"after, touched again", B A "- macro: b\n  condition: a and evt.num > 0\n" RULE("R", "b"),
		""},
	{"after, appended to",
		B A "- macro: b\n  condition: and evt.num > 0\n  override: "
		    "{condition: append}\n" RULE("R", "b"),
		""},
	/* A redefinition keeps its place in the order. */
	{"redefined later", A B A2 RULE("R", "b"), ""},
	{"rules see every macro", RULE("R", "b") A B, ""},
	{"rules see every list", RULE("R", "evt.type in (l)") "- list: l\n  items: [open]\n", ""},
	{"itself", "- macro: a\n  condition: a\n",
		"ERR_VALIDATE macro a, condition expression 1:3\n"},
	{"itself after redefinition", A "- macro: a\n  condition: a or evt.num > 0\n",
		"ERR_VALIDATE macro a, condition expression 3:3\n"},
	{"itself by append", A "- macro: a\n  condition: or a\n  append: true\n",
		"ERR_VALIDATE macro a, condition expression 1:22\nDEPRECATED_ITEM macro a 2:2\n"},
	{"loop of three", A B "- macro: c\n  condition: b\n- macro: a\n  condition: c\n",
		"ERR_VALIDATE macro a, condition expression 7:3\n"},
	{"two that cannot see each other",
		"- macro: a\n  condition: b\n- macro: b\n  condition: a\n",
		"ERR_VALIDATE macro a, condition expression 1:3\n"},
	{"the first unknown one", RULE("R", "evt.type = open and x and y"),
		"ERR_VALIDATE rule R, condition expression 1:23\n"},
	{"unused with an error", "- macro: a\n  condition: x\n",
		"ERR_VALIDATE macro a, condition expression 1:3\n"},
	{"unused with an unknown field", "- macro: a\n  condition: x.y = 1\n",
		"UNUSED_MACRO macro a 0:2\n"},
	{"used by a macro only", A B, "UNUSED_MACRO macro b 2:2\n"},
};

static void resolves_by_visibility(void **state)
{
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(visibility); i++) {
		if (getenv("LNR_TEST_TRACE"))
			print_message("%s\n", visibility[i].name);
		lt_check(visibility[i].text, visibility[i].want);
	}
}

static void uses_the_latest_content_everywhere(void **state)
{
	struct lt t;

	(void)state;
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "a", LNR_STR(A B RULE("R", "b and evt.num > 1"))), NULL);
	assert_str(lt_condition(&t, "R"), "(evt.type = open and evt.num > 1)");
	assert_ok(lt_add(&t, "b", LNR_STR(A2)), NULL);
	assert_str(lt_condition(&t, "R"), "(evt.type = close and evt.num > 1)");
	assert_ok(lt_add(&t, "c", LNR_STR(LATE)), NULL);
	assert_str(lt_condition(&t, "R"), "((evt.type = close or evt.num > 5) and evt.num > 1)");
	lt_done(&t);
}

/* What did not change is not made again: the same trees, the same rule. */
static void compiles_once(void **state)
{
	struct lt t;

	(void)state;
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "a",
			  LNR_STR(A "- list: l\n  items: [x]\n" RULE("R", "a and proc.name in (l)")
					  RULE("S", "evt.type = close"))),
		NULL);
	const struct lnr_rule_item *r = lnr_item_find(&t.l->rules, LNR_STR("R"));
	const struct lnr_rule_item *s = lnr_item_find(&t.l->rules, LNR_STR("S"));
	const struct lnr_node *rc = r->done.rule.cond, *sc = s->done.rule.cond;
	const struct lnr_format *so = s->done.rule.output;
	size_t used = t.l->mem->arena.used_bytes;

	assert_ok(lt_add(&t, "b", LNR_STR("")), NULL);
	assert_ok(lt_add(&t, "c", LNR_STR("- rule: S\n  enabled: false\n")), NULL);
	assert_int_equal(t.l->mem->arena.used_bytes, used);
	assert_ptr_equal(r->done.rule.cond, rc);
	/* A list, a macro, an own property. */
	assert_ok(lt_add(&t, "d", LNR_STR("- list: l\n  items: [y]\n")), NULL);
	assert_ptr_not_equal(r->done.rule.cond, rc);
	assert_str(lt_condition(&t, "R"), "(evt.type = open and proc.name in (y))");
	rc = r->done.rule.cond;
	assert_ok(lt_add(&t, "e", LNR_STR(A2)), NULL);
	assert_ptr_not_equal(r->done.rule.cond, rc);
	assert_ptr_equal(s->done.rule.cond, sc);
	assert_ptr_equal(s->done.rule.output, so);
	assert_ok(
		lt_add(&t, "f", LNR_STR("- rule: S\n  output: p\n  override: {output: replace}\n")),
		NULL);
	assert_str(s->done.output_text, "p");
	lt_done(&t);
}

static void repeats_warnings_for_later_files(void **state)
{
	struct lt t;

	(void)state;
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "a",
			  LNR_STR("- list: l\n  items: [a]\n" RULE(
				  "R", "evt.type = open and proc.name = proc.pname and evt.dir = <")
					  RULE("S", "proc.name = x") "  colour: red\n"
								     "- rule: T\n  desc: d\n  "
								     "condition: evt.type = open\n"
								     "  output: '%evt.dir'\n  "
								     "priority: INFO\n")),
		NULL);
	static const char again[] = "DEPRECATED_ITEM rule R, condition expression 4:13 (evt.dir)\n"
				    "COMPILE_CONDITION rule R, condition expression 5:46\n"
				    "NO_EVTTYPE rule S 7:2\n"
				    "DEPRECATED_ITEM rule T, rule output 16:10 (evt.dir)\n"
				    "UNUSED_LIST list l 0:2\n";
	struct lnr_buf first;
	lnr_buf_init(&first, 0);
	lnr_buf_cstr(&first, "UNKNOWN_KEY rule S 7:2\n");
	lnr_buf_cstr(&first, again);
	assert_bytes(lt_report(&t), lnr_buf_view(&first));
	assert_ok(lt_add(&t, "b", LNR_STR("")), NULL);
	assert_str(lt_report(&t), again);
	assert_ok(lt_add(&t, "c",
			  LNR_STR("- rule: S\n  warn_evttypes: no\n  override: "
				  "{warn_evttypes: replace}\n")),
		NULL);
	assert_ok(lt_add(&t, "d", LNR_STR("")), NULL);
	assert_null(strstr(lt_report(&t).ptr, "NO_EVTTYPE"));
	lnr_buf_done(&first);
	lt_done(&t);
}

static void keeps_the_last_valid_rules(void **state)
{
	struct lt t;
	struct lnr_ruleset *rs;

	(void)state;
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "a", LNR_STR(RULE("R", "evt.type = open"))), NULL);
	assert_code(lt_add(&t, "b", LNR_STR(RULE("S", "evt.type = opne"))), -EINVAL);
	assert_ok(lnr_loader_ruleset(t.l, &rs), NULL);
	assert_int_equal(lnr_ruleset_count(rs), 1);
	assert_str(lnr_ruleset_rule(rs, 0)->name, "R");
	lnr_ruleset_unref(rs);
	/* The error comes again, with the place of the first file, until it is mended. */
	assert_code(lt_add(&t, "c", LNR_STR("")), -EINVAL);
	assert_str(t.last->errors.first->ctx->file->name, "b");
	assert_ok(lt_add(&t, "d", LNR_STR(RULE("S", "evt.type = open"))), NULL);
	lt_done(&t);
}

static void skips_unknown_fields_when_asked(void **state)
{
	(void)state;
	lt_check(
		RULE("R",
			"evt.type = open and proc.colour = red") "  skip-if-unknown-filter: "
								 "true\n" RULE("S",
									 "evt.type = opne") "  "
											    "skip-"
											    "if-"
											    "unknow"
											    "n-"
											    "filter"
											    ": "
											    "true\n"
											    "- "
											    "rule: "
											    "T\n  "
											    "desc: "
											    "d\n  "
											    "condit"
											    "ion: "
											    "(((\n "
											    " outpu"
											    "t: "
											    "'%"
											    "proc."
											    "colour"
											    "'\n"
											    "  "
											    "priori"
											    "ty: "
											    "INFO\n"
											    "  "
											    "skip-"
											    "if-"
											    "unknow"
											    "n-"
											    "filter"
											    ": "
											    "true"
											    "\n",
		"UNKNOWN_FILTER rule R, condition expression 3:34\n"
		"UNKNOWN_FILTER rule S, condition expression 9:14\n"
		"UNKNOWN_FILTER rule T, rule output 15:10\n");
	/* Other mistakes are not covered. */
	lt_check(RULE("R", "evt.type = open and fd.sport contains x") "  skip-if-unknown-filter: "
								      "true\n",
		"ERR_COMPILE_CONDITION rule R, condition expression 3:34\n");
	lt_check(RULE("R", "evt.type = open and missing") "  skip-if-unknown-filter: true\n",
		"ERR_VALIDATE rule R, condition expression 1:23\n");
}

static void bounds_macros(void **state)
{
	struct lnr_buf b;
	struct lt t;

	(void)state;
	lnr_buf_init(&b, 0);
	/* 2^60 nodes if each were written out. */
	lnr_buf_cstr(&b, "- macro: m0\n  condition: evt.num = 1\n");
	for (int i = 1; i < 60; i++)
		lnr_buf_printf(&b, "- macro: m%d\n  condition: m%d and m%d\n", i, i - 1, i - 1);
	lt_init(&t, NULL);
	assert_code(lt_add(&t, "f", lnr_buf_view(&b)), -EINVAL);
	assert_has(t.last->errors.first->msg.ptr, "too large");
	lt_done(&t);
	/* A chain that is long but flat, in the wrong order, then made visible. */
	lnr_buf_clear(&b);
	for (int i = 0; i < 1500; i++)
		lnr_buf_printf(&b, "- macro: m%d\n  condition: m%d\n", i, i + 1);
	lnr_buf_cstr(&b, "- macro: m1500\n  condition: evt.type = open\n");
	for (int i = 0; i < 1500; i++)
		lnr_buf_printf(&b,
			"- macro: m%d\n  condition: and evt.num > 0\n  override: "
			"{condition: append}\n",
			i);
	lnr_buf_cstr(&b, RULE("R", "m0"));
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "f", lnr_buf_view(&b)), NULL);
	lt_done(&t);
	lnr_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves_by_visibility),
		cmocka_unit_test(uses_the_latest_content_everywhere),
		cmocka_unit_test(compiles_once),
		cmocka_unit_test(repeats_warnings_for_later_files),
		cmocka_unit_test(keeps_the_last_valid_rules),
		cmocka_unit_test(skips_unknown_fields_when_asked),
		cmocka_unit_test(bounds_macros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
