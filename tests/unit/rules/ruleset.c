/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled rules: selection, order, index, counting. */
#include <pthread.h>
#include "lib/failalloc.h"
#include "load_test.h"
#include "rules/ruleset_priv.h"

static const char rules[] = RULE("A", "evt.type = open") "  tags: [t]\n" RULE(
	"B", "evt.type = close") "  tags: [t, u]\n" RULE("C",
	"evt.type in (open, close)") "  enabled: false\n"
				     "- rule: D\n  desc: d\n  condition: evt.type "
				     "= open\n  output: o\n  priority: "
				     "DEBUG\n" RULE("E",
					     "evt.type = open and proc.colour "
					     "= x") "  "
						    "skip-if-unknown-filter: "
						    "true\n" RULE("F", "evt.num > 0") "  "
										      "wa"
										      "rn"
										      "_e"
										      "vt"
										      "ty"
										      "pe"
										      "s:"
										      " f"
										      "al"
										      "se"
										      "\n";

/* Enabled rules in the order they are tried, for events of that type (or all). */
static void order(struct lt *t, int type, const char *want)
{
	struct lnr_ruleset *rs;

	lnr_buf_clear(&t->buf);
	assert_ok(lnr_loader_ruleset(t->l, &rs), NULL);
	const struct lnr_source_rules *s = lnr_ruleset_source(rs, LNR_STR("syscall"));
	assert_non_null(s);
	const uint32_t *v = type < 0 ? s->order : s->by_event + s->first[type];
	uint32_t n = type < 0 ? s->n_order : s->first[type + 1] - s->first[type];
	for (uint32_t i = 0; i < n; i++) {
		assert_true(lnr_ruleset_enabled(rs, v[i]));
		lnr_buf_str(&t->buf, lnr_ruleset_rule(rs, v[i])->name);
	}
	assert_str(lnr_buf_view(&t->buf), want);
	lnr_ruleset_unref(rs);
}

static unsigned choose(struct lt *t, bool enable, const char *pattern, const char *tag)
{
	return lnr_loader_select(t->l, enable, lnr_str_c(pattern), lnr_str_c(tag));
}

static void selects_in_order(void **state)
{
	struct lnr_loader_opts o = {.min_priority = LNR_PRIO_INFORMATIONAL};
	struct lt t;
	int open = lnr_event_by_enum(LNR_STR("SYSCALL_OPEN_X"));
	int close = lnr_event_by_enum(LNR_STR("SYSCALL_CLOSE_X"));

	(void)state;
	lt_init(&t, &o);
	assert_ok(lt_add(&t, "f", lnr_str_c(rules)), NULL);
	order(&t, -1, "ABF");
	order(&t, open, "AF");
	order(&t, close, "BF");
	order(&t, LNR_EV_ASYNCEVENT_E, "ABF");
	/* What was on already keeps its place. */
	assert_int_equal(choose(&t, true, "A", NULL), 0);
	/* What is switched on comes last; below the threshold nothing is. */
	assert_int_equal(choose(&t, true, "*", NULL), 1);
	order(&t, -1, "ABFC");
	assert_int_equal(choose(&t, false, "A", NULL), 1);
	order(&t, -1, "BFC");
	assert_int_equal(choose(&t, true, "A", NULL), 1);
	order(&t, -1, "BFCA");
	order(&t, open, "FCA");
	assert_int_equal(choose(&t, false, NULL, "t"), 2);
	order(&t, -1, "FC");
	/* Rule and tag of one entry: one after the other. Several at once: file order. */
	assert_int_equal(choose(&t, true, "B", "t"), 2);
	order(&t, -1, "FCBA");
	assert_int_equal(choose(&t, false, "*", NULL), 4);
	order(&t, -1, "");
	assert_int_equal(choose(&t, true, NULL, NULL), 0);
	/* Another file starts again from what the rules say. */
	assert_ok(lt_add(&t, "g", LNR_STR("")), NULL);
	order(&t, -1, "ABF");
	lt_done(&t);
}

static void matches_names(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool match;
	} v[] = {
		{"abc", "abc", true},
		{"abc", "abcd", false},
		{"abc", "ABC", false},
		{"*", "", true},
		{"*", "abc", true},
		{"a*", "abc", true},
		{"a*", "bac", false},
		{"*c", "abc", true},
		/* Each piece at its first occurrence, no second try. */
		{"*abc", "xabcabc", false},
		{"*abc*", "xabcabc", true},
		{"a*c", "abcc", false},
		{"a*b*c", "axbxc", true},
		{"a**c", "abc", true},
		{"**", "abc", true},
		{"a*", "a", true},
		{"*a", "a", true},
		{"a*a", "a", false},
	};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(v); i++) {
		struct lt t;
		char text[256];

		if (!v[i].name[0])
			continue;
		lt_init(&t, NULL);
		snprintf(text, sizeof(text),
			"- rule: %s\n  desc: d\n  condition: evt.type = open\n  output: o\n"
			"  priority: INFO\n",
			v[i].name);
		assert_ok(lt_add(&t, "f", lnr_str_c(text)), NULL);
		assert_int_equal(choose(&t, false, v[i].pattern, NULL), v[i].match);
		lt_done(&t);
	}
}

static void tells_what_rules_need(void **state)
{
	struct lt t;
	struct lnr_ruleset *rs;
	struct lnr_evset events;
	struct lnr_scset calls;
	const struct lnr_syscall_info *open = lnr_syscall_by_name(LNR_STR("open"));

	(void)state;
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "f", lnr_str_c(rules)), NULL);
	choose(&t, false, "F", NULL);
	assert_ok(lnr_loader_ruleset(t.l, &rs), NULL);
	lnr_ruleset_events(rs, LNR_STR("syscall"), &events);
	assert_true(lnr_evset_has(&events, lnr_event_by_enum(LNR_STR("SYSCALL_OPEN_X"))));
	assert_true(lnr_evset_has(&events, LNR_EV_ASYNCEVENT_E));
	assert_false(lnr_evset_has(&events, lnr_event_by_enum(LNR_STR("SYSCALL_EXECVE_19_X"))));
	lnr_ruleset_syscalls(rs, &calls);
	assert_true(calls.bits[open->code / 8] >> (open->code % 8) & 1);
	lnr_ruleset_events(rs, LNR_STR("nowhere"), &events);
	assert_int_equal(lnr_evset_count(&events), 0);
	assert_null(lnr_ruleset_source(rs, LNR_STR("nowhere")));
	/* A, B, C, D, F: what was left out has no number. */
	assert_int_equal(lnr_ruleset_count(rs), 5);
	assert_null(lnr_ruleset_rule(rs, 5));
	assert_false(lnr_ruleset_enabled(rs, 5));
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(lnr_ruleset_rule(rs, i)->id, i);
	assert_int_equal(lnr_ruleset_rule(rs, 1)->n_tags, 2);
	assert_string_equal(lnr_ruleset_rule(rs, 1)->name.ptr, "B");
	lnr_ruleset_unref(rs);
	lt_done(&t);
}

/* A rule set outlives its loader, and what the loader adds later does not touch it. */
static void lives_on_its_own(void **state)
{
	struct lt t;
	struct lnr_ruleset *old, *new;

	(void)state;
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "f", lnr_str_c(rules)), NULL);
	assert_ok(lnr_loader_ruleset(t.l, &old), NULL);
	assert_ok(lnr_loader_ruleset(t.l, &new), NULL);
	assert_ptr_equal(old, new);
	lnr_ruleset_unref(new);
	assert_ok(lt_add(&t, "g",
			  LNR_STR(RULE("A", "evt.type = close") RULE("Z", "evt.type = open"))),
		NULL);
	assert_ok(lnr_loader_ruleset(t.l, &new), NULL);
	assert_ptr_not_equal(old, new);
	lt_done(&t);
	assert_int_equal(lnr_ruleset_count(old), 5);
	assert_int_equal(lnr_ruleset_count(new), 6);
	assert_true(lnr_evset_has(
		&lnr_ruleset_rule(old, 0)->events, lnr_event_by_enum(LNR_STR("SYSCALL_OPEN_X"))));
	assert_false(lnr_evset_has(
		&lnr_ruleset_rule(new, 0)->events, lnr_event_by_enum(LNR_STR("SYSCALL_OPEN_X"))));
	assert_str(lnr_ruleset_rule(new, 5)->name, "Z");
	lnr_ruleset_unref(old);
	lnr_ruleset_unref(new);
}

static void *pass_around(void *arg)
{
	struct lnr_ruleset *rs = arg;

	for (int i = 0; i < 20000; i++)
		lnr_ruleset_unref(lnr_ruleset_ref(rs));
	return lnr_ruleset_unref(rs);
}

static void counts_atomically(void **state)
{
	struct lt t;
	struct lnr_ruleset *rs;
	pthread_t threads[4];

	(void)state;
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "f", lnr_str_c(rules)), NULL);
	assert_ok(lnr_loader_ruleset(t.l, &rs), NULL);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, pass_around, lnr_ruleset_ref(rs)), 0);
	lt_done(&t);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&rs->refs), 1);
	assert_null(lnr_ruleset_unref(rs));
	assert_null(lnr_ruleset_unref(NULL));
}

static void names_priorities(void **state)
{
	static const char *const names[] = {"Emergency", "Alert", "Critical", "Error", "Warning",
		"Notice", "Informational", "Debug"};
	static const char *const bad[] = {"", "WARN", "0", " info", "INFOS", "none"};
	enum lnr_priority p;

	(void)state;
	for (unsigned i = 0; i < LNR_ARRAY_SIZE(names); i++) {
		assert_string_equal(lnr_priority_name(i), names[i]);
		assert_ok(lnr_priority_parse(lnr_str_c(names[i]), &p), NULL);
		assert_int_equal(p, i);
	}
	assert_ok(lnr_priority_parse(LNR_STR("iNfO"), &p), NULL);
	assert_int_equal(p, LNR_PRIO_INFORMATIONAL);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++)
		assert_code(lnr_priority_parse(lnr_str_c(bad[i]), &p), -EINVAL);
	assert_null(lnr_priority_name((enum lnr_priority)8));
}

/* An index larger than the few rules of the other tests. */
static void indexes_many_rules(void **state)
{
	struct lnr_buf b;
	struct lt t;
	struct lnr_ruleset *rs;

	(void)state;
	lnr_buf_init(&b, 0);
	for (int i = 0; i < 2000; i++)
		lnr_buf_printf(&b,
			"- rule: r%d\n  desc: d\n  condition: evt.type = %s and proc.pid = %d\n"
			"  output: o\n  priority: INFO\n",
			i, i % 2 ? "open" : "close", i);
	lt_init(&t, NULL);
	assert_ok(lt_add(&t, "f", lnr_buf_view(&b)), NULL);
	assert_ok(lnr_loader_ruleset(t.l, &rs), NULL);
	const struct lnr_source_rules *s = lnr_ruleset_source(rs, LNR_STR("syscall"));
	unsigned open = (unsigned)lnr_event_by_enum(LNR_STR("SYSCALL_OPEN_X"));
	assert_int_equal(s->first[open + 1] - s->first[open], 1000);
	for (uint32_t i = s->first[open]; i < s->first[open + 1]; i++)
		assert_int_equal(s->by_event[i], 2 * (i - s->first[open]) + 1);
	lnr_ruleset_unref(rs);
	lt_done(&t);
	lnr_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selects_in_order),
		cmocka_unit_test(matches_names),
		cmocka_unit_test(tells_what_rules_need),
		cmocka_unit_test(lives_on_its_own),
		cmocka_unit_test(counts_atomically),
		cmocka_unit_test(names_priorities),
		cmocka_unit_test(indexes_many_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
