/* SPDX-License-Identifier: Apache-2.0 */
/* Which events a condition can match (spec rules-language.md 11). */
#include "lib/test.h"

#include <stdio.h>
#include "rules/cond.h"

static const struct lnr_str async_names[] = {{"aux", 3}};

static void derive(const char *text, struct lnr_evset *events, struct lnr_scset *calls)
{
	struct lnr_arena arena;
	const struct lnr_ast *ast;
	struct lnr_cond_err err;

	lnr_arena_init(&arena, 0);
	assert_code(lnr_cond_parse(&arena, lnr_str_c(text), 0, &ast, &err), 0);
	if (lnr_ast_events(ast, async_names, 1, events, &err))
		fail_msg("%s: %s", text, err.msg);
	assert_code(lnr_ast_syscalls(ast, calls), 0);
	lnr_arena_done(&arena);
}

/* All event codes with one of these names ('|' between them); "ALL", "" or "!name|…". */
static void expect_events(const char *names, struct lnr_evset *ret)
{
	bool not_ = names[0] == '!';
	struct lnr_str rest = lnr_str_c(names + not_), name;

	memset(ret, 0, sizeof(*ret));
	for (unsigned n = 0; n < LNR_EVENT_COUNT; n++) {
		bool in = strcmp(names, "ALL") == 0;
		struct lnr_str left = rest;

		while (!in && left.len && lnr_str_split(&left, '|', &name))
			in = lnr_str_eq(name, lnr_str_c(lnr_event_info(n)->name)) ||
			     (lnr_str_eq(name, LNR_STR("GENERIC")) && n < 2);
		if (in != not_)
			ret->bits[n / 8] |= (uint8_t)(1u << n % 8);
	}
}

static void events(void **state)
{
	static const struct {
		const char *cond, *names;
	} cases[] = {
		{"evt.type = open", "open"},
		{"evt.type == open", "open"},
		{"evt.type in (open, close)", "open|close"},
		{"evt.type in ()", ""},
		{"not evt.type in ()", "ALL"},
		{"evt.type != open", "!open"},
		{"not evt.type = open", "!open"},
		{"not evt.type != open", "open"},
		{"not not evt.type = open", "open"},
		{"evt.type = open or evt.type = close", "open|close"},
		{"evt.type = open and evt.type = close", ""},
		{"evt.type = open and proc.name = a", "open"},
		{"evt.type = open or proc.name = a", "ALL"},
		{"not (evt.type = open or proc.name = a)", "!open"},
		{"not (evt.type = open and proc.name = a)", "ALL"},
		{"not (evt.type = open or evt.type = close)", "!open|close"},
		{"not (evt.type != open and evt.type != close)", "open|close"},
		{"evt.type in (open, close) and evt.type in (close, dup)", "close"},
		{"evt.type in (open, openat) and not evt.type = openat", "open"},
		{"(evt.type = open or proc.name = a) and (evt.type = close or proc.name = b)",
			"ALL"},
		{"proc.name = a", "ALL"},
		{"not proc.name = a", "ALL"},
		{"evt.type exists", "ALL"},
		{"not evt.type exists", ""},
		{"evt.type startswith open", "ALL"},
		{"not evt.type startswith open", "ALL"},
		{"evt.type = oneof (open, close)", "ALL"},
		{"evt.type intersects (open)", "ALL"},
		{"syscall.type = open", "open"},
		{"syscall.type = no_such_call", ""},
		{"evt.type = no_such_call", ""},
		{"evt.type = getpid", "GENERIC"},
		{"evt.type in (getpid, open)", "GENERIC|open"},
		{"evt.type != getpid", "!GENERIC"},
		{"evt.type = ''", "GENERIC"},
		{"evt.type = syscall", ""},
		{"evt.type = aux", "asyncevent"},
		{"evt.type = NA", "NA"},
		{"evt.type = in_word and evt.type in open", ""},
		{"evt.type in open", "open"},
		{"proc.name = val(evt.type)", "ALL"},
		{"evt.num = 0", "ALL"},
		{"evt.dir = <", "ALL"},
		{"some_macro and evt.type = open", "open"},
	};

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		struct lnr_evset got, want;
		struct lnr_scset calls;

		derive(cases[i].cond, &got, &calls);
		expect_events(cases[i].names, &want);
		if (memcmp(&got, &want, sizeof(got)) != 0)
			fail_msg("%s: %u events, wanted %u", cases[i].cond, lnr_evset_count(&got),
				lnr_evset_count(&want));
	}
}

static void counts(void **state)
{
	static const struct {
		const char *name;
		unsigned n;
	} cases[] = {{"procinfo", 1}, {"open", 2}, {"container", 3}, {"bpf", 4}, {"fork", 6},
		{"clone", 8}, {"accept", 8}, {"execve", 16}, {"NA", 35}, {"openat", 4},
		{"getpid", 2}, {"unlinkat", 4}};
	struct lnr_evset got;
	struct lnr_scset calls;

	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		char text[64];

		snprintf(text, sizeof(text), "evt.type = %s", cases[i].name);
		derive(text, &got, &calls);
		assert_int_equal(lnr_evset_count(&got), cases[i].n);
	}
	derive("proc.name = a", &got, &calls);
	assert_int_equal(lnr_evset_count(&got), LNR_EVENT_COUNT);
}

static bool has_call(const struct lnr_scset *s, unsigned code)
{
	return s->bits[code / 8] >> code % 8 & 1;
}

static unsigned count_calls(const struct lnr_scset *s)
{
	unsigned n = 0;

	for (unsigned c = 0; c < LNR_SCSET_BYTES * 8; c++)
		n += has_call(s, c);
	return n;
}

static void syscalls(void **state)
{
	struct lnr_evset ev;
	struct lnr_scset s;
	unsigned all;

	(void)state;
	derive("proc.name = a", &ev, &s);
	all = count_calls(&s);
	assert_false(has_call(&s, LNR_SC_UNKNOWN));
	assert_in_range(all, 400, LNR_SC_COUNT);
	derive("evt.type = open", &ev, &s);
	assert_true(has_call(&s, LNR_SC_OPEN));
	assert_int_equal(count_calls(&s), 1);
	derive("evt.type != open", &ev, &s);
	assert_int_equal(count_calls(&s), all - 1);
	derive("evt.type in (getpid, open)", &ev, &s);
	assert_true(has_call(&s, LNR_SC_GETPID));
	assert_int_equal(count_calls(&s), 2);
	derive("evt.type != getpid", &ev, &s);
	assert_false(has_call(&s, LNR_SC_GETPID));
	assert_int_equal(count_calls(&s), all - 1);
	derive("evt.type = accept", &ev, &s);
	assert_true(has_call(&s, LNR_SC_ACCEPT) && has_call(&s, LNR_SC_ACCEPT4));
	assert_int_equal(count_calls(&s), 2);
	derive("evt.type = procexit", &ev, &s);
	assert_true(count_calls(&s) <= 1);
	derive("evt.type = open and evt.type = close", &ev, &s);
	assert_int_equal(count_calls(&s), 0);
}

static void refusals(void **state)
{
	static const struct {
		const char *cond;
		unsigned column;
	} cases[] = {{"tolower(evt.type) = open", 1}, {"evt.type = tolower(proc.name)", 1},
		{"evt.type = val(proc.name)", 1}, {"concat(evt.type, proc.name) = x", 1},
		{"proc.name = a and len(syscall.type) = 1", 19},
		{"join('-', (proc.name, evt.type)) = x", 1}, {"evt.type in val(proc.name)", 1}};
	struct lnr_arena arena;

	(void)state;
	lnr_arena_init(&arena, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		const struct lnr_ast *ast;
		struct lnr_evset s;
		struct lnr_cond_err err = {0};

		assert_code(lnr_cond_parse(&arena, lnr_str_c(cases[i].cond), 0, &ast, NULL), 0);
		assert_code(lnr_ast_events(ast, NULL, 0, &s, &err), -EINVAL);
		assert_int_equal(err.column, cases[i].column);
		assert_has(err.msg, ".type");
	}
	lnr_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events),
		cmocka_unit_test(counts),
		cmocka_unit_test(syscalls),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
