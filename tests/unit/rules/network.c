/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the network is made of and how a matcher uses it. That it agrees with the tree walker is
 * tested at random in network_random.c.
 */
#include "rules/network.h"
#include "lib/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "lib/fields.h"
#include "tests/lib/conds.h"
/* Whole, so that the number of the event can be set. */
#include "rules/network_run.c"

#define OPEN	LNR_EV_SYSCALL_OPEN_X
#define OPENAT	LNR_EV_SYSCALL_OPENAT_2_X
#define OPENAT2 LNR_EV_SYSCALL_OPENAT2_X
#define CLOSE	LNR_EV_SYSCALL_CLOSE_X

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

static void make(
	struct lnr_test_fields *f, struct lnr_test_rules *r, const char *const *conds, uint32_t n)
{
	char why[600] = "";
	int rc = lnr_test_rules_init(r, f->set, conds, n, why, sizeof(why));

	if (rc)
		fail_msg("%d %s", rc, why);
	lnr_test_fields_clear(f);
	f->ev.type = OPENAT;
	f->ev.info = lnr_event_info(OPENAT);
}

static struct lnr_matcher *matcher(const struct lnr_test_rules *r, bool all)
{
	struct lnr_matcher *m;

	assert_code(lnr_matcher_new(r->rs, LNR_STR("syscall"), all, &m), 0);
	return m;
}

static const struct lnr_network *network(const struct lnr_test_rules *r)
{
	const struct lnr_network *net;

	assert_code(lnr_network_get(r->rs, lnr_ruleset_source(r->rs, LNR_STR("syscall")), &net), 0);
	return net;
}

/* Ids of the rules that match, "0 2 5", from the network and, the same, from the tree walker. */
static void expect(struct lnr_test_fields *f, struct lnr_matcher *m, unsigned max, const char *want)
{
	const struct lnr_rule *net[64], *tree[64];
	unsigned n = lnr_matcher_eval(m, &f->ctx, net, max);
	char got[256] = "";

	lnr_arena_reset(&f->scratch);
	assert_int_equal(lnr_matcher_eval_tree(m, &f->ctx, tree, max), n);
	lnr_arena_reset(&f->scratch);
	for (unsigned i = 0; i < n; i++) {
		assert_ptr_equal(net[i], tree[i]);
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u", i ? " " : "",
			net[i]->id);
	}
	assert_string_equal(got, want);
}

/* --- what is shared ------------------------------------------------------------------------ */

static void one_predicate_each(void **state)
{
	static const char *const conds[] = {
		"evt.type = openat and x.one = a and x.two startswith b",
		"evt.type = openat and x.one = \"a\" and not x.two startswith b",
		"evt.type = openat and (x.one = b or x.one in (a, b, c) or x.one != a)",
		"evt.type = openat and x.two startswith c and x.three contains a",
		"!evt.type = openat and x.three endswith z",
	};
	struct lnr_test_fields *f = *state;
	struct lnr_network_stats s;
	struct lnr_test_rules r;

	make(f, &r, conds, 5);
	lnr_network_stats(network(&r), &s);
	/*
	 * x.one: = a, = b, in (…) and what != a is the opposite of in one table, != a beside it;
	 * x.two: two beginnings in one table; x.three contains; evt.type. The rule that is off adds
	 * nothing.
	 */
	assert_int_equal(s.predicates, 9);
	assert_int_equal(s.tables, 4);
	assert_int_equal(s.classes, 1);
	lnr_test_rules_done(&r);
}

static void classes(void **state)
{
	static const char *const conds[] = {"evt.type in (openat, openat2) and x.one = a",
		"evt.type = open and x.one = a", "evt.is_io = true and x.one = b",
		"evt.arg.dirfd = x"};
	struct lnr_test_fields *f = *state;
	const struct lnr_network *net;
	struct lnr_test_rules r;

	make(f, &r, conds, 4);
	net = network(&r);
	assert_int_equal(net->class_of[OPENAT], net->class_of[OPENAT2]);
	assert_int_not_equal(net->class_of[OPENAT], net->class_of[OPEN]);
	assert_int_not_equal(net->class_of[OPENAT], net->class_of[LNR_EV_SYSCALL_READ_X]);
	assert_int_equal(
		net->class_of[LNR_EV_SYSCALL_READ_X], net->class_of[LNR_EV_SYSCALL_WRITE_X]);
	/* Nothing can match a close: the class has no rules. */
	assert_int_equal(net->classes[net->class_of[CLOSE] - 1].n_rules, 0);
	assert_int_equal(net->classes[net->class_of[OPENAT] - 1].n_rules, 2);
	assert_int_equal(net->classes[net->class_of[OPEN] - 1].n_rules, 1);
	lnr_test_rules_done(&r);
}

/* A value is computed once per event, whatever asks for it and however often. */
static void values_once(void **state)
{
	static const char *const conds[] = {"x.one = a", "x.one startswith b", "x.one contains c",
		"tolower(x.one) = d", "x.one = val(x.two)", "x.two = val(x.one)",
		"x.two regex 'q.*'", "x.int64 > 3", "x.int64 < 3", "not x.int64 = 4",
		"x.two exists"};
	struct lnr_test_fields *f = *state;
	const struct lnr_rule *found[64];
	struct lnr_test_rules r;
	struct lnr_matcher *m;

	make(f, &r, conds, LNR_ARRAY_SIZE(conds));
	m = matcher(&r, true);
	lnr_test_set_str(f, "x.one", LNR_STR("b"));
	assert_int_equal(lnr_matcher_eval(m, &f->ctx, found, 64), 2);
	assert_int_equal(lnr_test_reads(f, "x.one"), 1);
	assert_int_equal(lnr_test_reads(f, "x.two"), 1); /* being absent is remembered too */
	assert_int_equal(lnr_test_reads(f, "x.int64"), 1);
	lnr_arena_reset(&f->scratch);
	assert_int_equal(lnr_matcher_eval(m, &f->ctx, found, 64), 2);
	assert_int_equal(lnr_test_reads(f, "x.one"), 2);
	lnr_test_set_str(f, "x.two", LNR_STR("b"));
	expect(f, m, 64, "1 4 5 9 10");
	lnr_matcher_free(m);
	lnr_test_rules_done(&r);
}

/* A test that many rules begin with decides for all of them; only rules that may match run. */
static void rules_not_tried(void **state)
{
	static const char *const conds[] = {"x.bool = true and x.one = a and x.two = b",
		"x.bool = true and x.one = c", "x.bool = true and x.one in (a, d)",
		"x.bool = true and x.three startswith /etc and not x.two = b"};
	struct lnr_test_fields *f = *state;
	struct lnr_rule_profile p;
	struct lnr_test_rules r;
	struct lnr_matcher *m;

	make(f, &r, conds, 4);
	m = matcher(&r, true);
	lnr_test_set_str(f, "x.one", LNR_STR("a"));
	lnr_test_set_str(f, "x.two", LNR_STR("b"));
	expect(f, m, 64, "");
	assert_int_equal(lnr_test_reads(f, "x.one"), 0);
	lnr_test_set_u64(f, "x.bool", 0);
	expect(f, m, 64, "");
	assert_int_equal(lnr_test_reads(f, "x.one"), 0);
	lnr_test_set_u64(f, "x.bool", 1);
	expect(f, m, 64, "0 2");
	for (uint32_t i = 0; lnr_matcher_rule_profile(m, i, &p); i++) {
		assert_int_equal(p.rule->id, i);
		assert_int_equal(p.tried, i == 0 || i == 2);
		assert_int_equal(p.matched, i == 0 || i == 2);
	}
	lnr_matcher_free(m);
	lnr_test_rules_done(&r);
}

/* --- order and number of results ----------------------------------------------------------- */

static void order(void **state)
{
	static const char *const conds[] = {"evt.type = openat and x.one = b",
		"evt.type = openat and x.one = a", "!x.one = a", "x.two exists or x.one = a",
		"evt.type in (openat, close)", "evt.type = close"};
	struct lnr_test_fields *f = *state;
	struct lnr_matcher *all, *first, *other;
	struct lnr_test_rules r;

	make(f, &r, conds, LNR_ARRAY_SIZE(conds));
	all = matcher(&r, true);
	first = matcher(&r, false);
	lnr_test_set_str(f, "x.one", LNR_STR("a"));
	expect(f, all, 64, "1 3 4");
	expect(f, all, 3, "1 3 4");
	expect(f, all, 2, "1 3");
	expect(f, all, 1, "1");
	expect(f, all, 0, "");
	expect(f, all, 64, "1 3 4"); /* nothing was left over */
	expect(f, first, 64, "1");
	lnr_test_set_str(f, "x.one", LNR_STR("z"));
	expect(f, all, 64, "4");
	expect(f, first, 64, "4");
	f->ev.type = CLOSE;
	f->ev.info = lnr_event_info(CLOSE);
	expect(f, all, 64, "4 5");
	expect(f, first, 64, "4");
	f->ev.type = LNR_EVENT_COUNT;
	expect(f, all, 64, "");
	assert_code(lnr_matcher_new(r.rs, LNR_STR("k8s_audit"), true, &other), 0);
	f->ev.type = OPENAT;
	expect(f, other, 64, "");
	assert_false(lnr_matcher_rule_profile(other, 0, &(struct lnr_rule_profile){0}));
	assert_false(lnr_matcher_check_profile(other, 0, &(struct lnr_check_profile){0}));
	f->ev.type = OPENAT;
	lnr_matcher_free(other);
	lnr_matcher_free(first);
	lnr_matcher_free(all);
	assert_null(lnr_matcher_free(NULL));
	lnr_test_rules_done(&r);
}

/* Many rules, so that more than one word of bits is needed; every third matches. */
static void many_rules(void **state)
{
	static char texts[300][64];
	static const char *conds[300];
	static const struct lnr_rule *found[300];
	struct lnr_test_fields *f = *state;
	struct lnr_test_rules r;
	struct lnr_matcher *m;

	for (unsigned i = 0; i < 300; i++) {
		snprintf(texts[i], sizeof(texts[i]), "x.one = v%u and x.bool = true", i % 3);
		conds[i] = texts[i];
	}
	make(f, &r, conds, 300);
	m = matcher(&r, true);
	lnr_test_set_u64(f, "x.bool", 1);
	lnr_test_set_str(f, "x.one", LNR_STR("v1"));
	assert_int_equal(lnr_matcher_eval(m, &f->ctx, found, 300), 100);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(found[i]->id, i * 3 + 1);
	assert_int_equal(lnr_matcher_eval(m, &f->ctx, found, 50), 50);
	assert_int_equal(found[49]->id, 148);
	lnr_test_set_str(f, "x.one", LNR_STR("v3"));
	assert_int_equal(lnr_matcher_eval(m, &f->ctx, found, 300), 0);
	lnr_matcher_free(m);
	lnr_test_rules_done(&r);
}

/* A value that counts its evaluations sees as many as with the tree walker. */
static void volatile_values(void **state)
{
	static const char *const conds[] = {"x.one = a and x.cnt > 2", "x.cnt > 4 and x.two = b",
		"evt.type = openat2 and x.cnt > 0", "x.two = b and x.one = a"};
	struct lnr_test_fields *f = *state;
	struct lnr_matcher *net, *tree;
	struct lnr_test_rules r;

	make(f, &r, conds, 4);
	net = matcher(&r, true);
	tree = matcher(&r, true);
	lnr_test_set_str(f, "x.two", LNR_STR("b"));
	for (unsigned i = 0; i < 12; i++) {
		const struct lnr_rule *a[4], *b[4];
		unsigned n;

		lnr_test_set_str(f, "x.one", i % 2 ? LNR_STR("a") : LNR_STR("c"));
		n = lnr_matcher_eval(net, &f->ctx, a, 4);
		assert_int_equal(lnr_matcher_eval_tree(tree, &f->ctx, b, 4), n);
		assert_memory_equal(a, b, n * sizeof(*a));
		assert_int_equal(n, (i % 2 && i >= 5) + (i >= 4) + i % 2);
	}
	lnr_matcher_free(net);
	lnr_matcher_free(tree);
	lnr_test_rules_done(&r);
}

/* Answers are known to be old by the number of the event, which starts again after 2^32. */
static void number_of_event(void **state)
{
	static const char *const conds[] = {"x.one = a", "x.two contains b", "not x.one = a",
		"x.one != a and x.two exists", "tolower(x.two) = b", "x.one regex 'a.*'"};
	struct lnr_test_fields *f = *state;
	struct lnr_network_run *run;
	struct lnr_test_rules r;

	make(f, &r, conds, LNR_ARRAY_SIZE(conds));
	assert_code(lnr_network_run_new(network(&r), &run), 0);
	for (unsigned i = 0; i < 2; i++) {
		const struct lnr_rule *found[8];
		bool first = i == 0;

		/* Number 1, and number 1 again for an event that is the other way round. */
		if (!first)
			run->gen = UINT32_MAX;
		lnr_test_fields_clear(f);
		if (first)
			lnr_test_set_str(f, "x.one", LNR_STR("a"));
		else
			lnr_test_set_str(f, "x.two", LNR_STR("b"));
		assert_int_equal(lnr_network_eval(run, &f->ctx, true, found, 8), first ? 2 : 3);
		assert_int_equal(found[0]->id, first ? 0 : 1);
		assert_int_equal(found[1]->id, first ? 5 : 2);
		lnr_arena_reset(&f->scratch);
	}
	assert_int_equal(run->gen, 1);
	lnr_network_run_free(run);
	lnr_test_rules_done(&r);
}

/* --- tables -------------------------------------------------------------------------------- */

static void every_table(void **state)
{
	static const char *const conds[] = {"x.one = abc", "x.one in (abc, x, y)",
		"x.one startswith ab", "x.one endswith bc", "x.one contains b",
		"x.one icontains AB", "x.one pmatch (abc)", "x.one glob 'a*'", "x.one iglob 'A*C'",
		"x.one regex 'a.c'", "x.one > 0", "x.one != abd", "x.one contains anyof (q, c)",
		"x.one startswith allof (a, ab)", "x.one = ''", "x.one contains ''",
		"x.one startswith ''", "x.one in ()", "x.one = oneof (abc, b)"};
	struct lnr_test_fields *f = *state;
	struct lnr_test_rules r;
	struct lnr_matcher *m;

	make(f, &r, conds, LNR_ARRAY_SIZE(conds));
	m = matcher(&r, true);
	expect(f, m, 64, "");
	lnr_test_set_str(f, "x.one", LNR_STR("abc"));
	expect(f, m, 64, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 15 16 18");
	lnr_test_set_str(f, "x.one", LNR_STR(""));
	expect(f, m, 64, "11 14 15 16");
	lnr_test_set_str(f, "x.one", LNR_STR("ABD"));
	expect(f, m, 64, "5 10 11 15 16");
	lnr_test_set_str(f, "x.one", LNR_STR("abd"));
	expect(f, m, 64, "2 4 5 7 10 13 15 16");
	lnr_matcher_free(m);
	lnr_test_rules_done(&r);
}

static void numbers_and_addresses(void **state)
{
	static const char *const conds[] = {"x.int64 = -5", "x.int64 in (-5, 7)", "x.int64 < 0",
		"x.int64 >= 7", "x.uint64 > 9223372036854775807", "x.uint64 = 7", "x.double > 1",
		"x.double = 2", "x.bool = true", "x.bool != true", "x.ipaddr = 10.0.0.1",
		"x.ipaddr != 10.0.0.1", "x.ipnet = 10.0.0.0/8", "x.ipnet in (10.0.0.0/8, ::/1)",
		"x.port = 22", "l.charbuf in (a, b)", "l.charbuf intersects (b, c)",
		"any.charbuf = a", "not any.charbuf = a", "end.port = 22", "end.port != 22"};
	struct lnr_test_fields *f = *state;
	struct lnr_test_rules r;
	struct lnr_matcher *m;

	make(f, &r, conds, LNR_ARRAY_SIZE(conds));
	m = matcher(&r, true);
	expect(f, m, 64, "18");
	lnr_test_set_s64(f, "x.int64", -5);
	lnr_test_set_u64(f, "x.uint64", UINT64_MAX);
	lnr_test_set_double(f, "x.double", 2);
	lnr_test_set_u64(f, "x.bool", 1);
	lnr_test_set_ip(f, "x.ipaddr", "10.0.0.1");
	lnr_test_set_ip(f, "x.ipnet", "10.9.9.9");
	lnr_test_set_u64(f, "x.port", 22);
	lnr_test_set_list(f, "l.charbuf", "a|b");
	lnr_test_set_list(f, "any.charbuf", "c|a");
	lnr_test_set_list(f, "end.port", "22|80");
	expect(f, m, 64, "0 1 2 4 6 7 8 10 12 13 14 15 16 17 19");
	lnr_test_set_s64(f, "x.int64", 7);
	lnr_test_set_u64(f, "x.uint64", 7);
	lnr_test_set_double(f, "x.double", 2.5);
	lnr_test_set_u64(f, "x.bool", 0);
	lnr_test_set_ip(f, "x.ipaddr", "10.0.0.2");
	lnr_test_set_ip(f, "x.ipnet", "1::1");
	lnr_test_set_u64(f, "x.port", 23);
	lnr_test_set_list(f, "l.charbuf", "a|c");
	lnr_test_set_list(f, "any.charbuf", "c|b");
	lnr_test_set_list(f, "end.port", "80|443");
	expect(f, m, 64, "1 3 5 6 9 11 13 16 18 20");
	lnr_matcher_free(m);
	lnr_test_rules_done(&r);
}

/* More to look for than a table of states may hold: each for itself then. */
static void too_much_to_contain(void **state)
{
	struct lnr_test_fields *f = *state;
	struct lnr_test_random random;
	char **texts = calloc(200, sizeof(*texts));
	struct lnr_test_rules r;
	struct lnr_matcher *m;
	char seen[300];

	assert_non_null(texts);
	lnr_test_random_init(&random);
	for (unsigned i = 0; i < 200; i++) {
		struct lnr_buf b;

		lnr_buf_init(&b, 0);
		lnr_buf_cstr(&b, "x.one contains '");
		for (unsigned k = 0; k < 250; k++) {
			/* Many different bytes, all of which may stand in quotes. */
			unsigned c = 0x80 + (unsigned)lnr_test_random_below(&random, 0x7f);

			lnr_buf_chr(&b, (char)c);
		}
		if (i == 123)
			snprintf(seen, sizeof(seen), "<%s>", b.ptr + strlen("x.one contains '"));
		lnr_buf_chr(&b, '\'');
		texts[i] = strdup(b.ptr);
		assert_non_null(texts[i]);
		lnr_buf_done(&b);
	}
	make(f, &r, (const char *const *)texts, 200);
	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(network(&r)->preds[i].kind, LNR_NET_CHECK);
	m = matcher(&r, true);
	lnr_test_set_str(f, "x.one", lnr_str_c(seen));
	expect(f, m, 64, "123");
	lnr_test_set_str(f, "x.one", lnr_str_sub(lnr_str_c(seen), 2, 300));
	expect(f, m, 64, "");
	lnr_matcher_free(m);
	lnr_test_rules_done(&r);
	for (unsigned i = 0; i < 200; i++)
		free(texts[i]);
	free(texts);
}

/* --- counters ------------------------------------------------------------------------------ */

static void counters(void **state)
{
	static const char *const conds[] = {
		"x.one = a", "x.one = b and x.int64 > 3", "x.two regex 'a.*'"};
	struct lnr_test_fields *f = *state;
	struct lnr_check_profile c;
	struct lnr_rule_profile p;
	struct lnr_test_rules r;
	struct lnr_matcher *m;
	unsigned seen = 0;

	make(f, &r, conds, 3);
	m = matcher(&r, true);
	lnr_test_set_str(f, "x.one", LNR_STR("b"));
	lnr_test_set_str(f, "x.two", LNR_STR("ab"));
	for (unsigned i = 0; i < 10; i++) {
		lnr_test_set_s64(f, "x.int64", i);
		expect(f, m, 64, i > 3 ? "1 2" : "2");
	}
	for (uint32_t i = 0; lnr_matcher_check_profile(m, i, &c); i++) {
		struct lnr_buf text;

		lnr_buf_init(&text, 0);
		lnr_check_print(&text, c.check, 0);
		if (strcmp(text.ptr, "x.one = a") == 0) {
			assert_int_equal(c.asked, 10);
			assert_int_equal(c.was_true, 0);
		} else if (strcmp(text.ptr, "x.one = b") == 0) {
			assert_int_equal(c.was_true, 10);
		} else if (strcmp(text.ptr, "x.int64 > 3") == 0) {
			assert_int_equal(c.asked, 10);
			assert_int_equal(c.was_true, 6);
		} else {
			assert_string_equal(text.ptr, "x.two regex a.*");
			assert_int_equal(c.asked, 10);
			assert_int_equal(c.was_true, 10);
		}
		seen++;
		lnr_buf_done(&text);
	}
	assert_int_equal(seen, 4);
	assert_true(lnr_matcher_rule_profile(m, 1, &p));
	assert_int_equal(p.tried, 10);
	assert_int_equal(p.matched, 6);
	assert_true(lnr_matcher_rule_profile(m, 2, &p));
	assert_int_equal(p.matched, 10);
	assert_false(lnr_matcher_rule_profile(m, 3, &p));
	lnr_matcher_free(m);
	lnr_test_rules_done(&r);
}

/* An expression that cannot be decided is false, and that is counted. */
static void regex_limits(void **state)
{
	static const char *const conds[] = {"x.one regex 'a.*'", "x.one startswith a"};
	struct lnr_test_fields *f = *state;
	struct lnr_arena none;
	struct lnr_test_rules r;
	struct lnr_matcher *m;

	make(f, &r, conds, 2);
	m = matcher(&r, true);
	lnr_test_set_str(f, "x.one", LNR_STR("ab"));
	expect(f, m, 64, "0 1");
	assert_int_equal(lnr_matcher_regex_limits(m), 0);
	lnr_arena_init(&none, 1);
	f->ev.scratch = &none;
	expect(f, m, 64, "1");
	f->ev.scratch = &f->scratch;
	assert_int_equal(lnr_matcher_regex_limits(m), 2); /* network and tree walker */
	lnr_arena_done(&none);
	lnr_matcher_free(m);
	lnr_test_rules_done(&r);
}

/* --- threads and memory -------------------------------------------------------------------- */

struct race {
	struct lnr_ruleset *rs;
	pthread_barrier_t start;
	const struct lnr_network *got[4];
};

static void *get_network(void *arg)
{
	struct race *race = arg;
	const struct lnr_network *net = NULL;
	struct lnr_matcher *m = NULL;

	pthread_barrier_wait(&race->start);
	if (!lnr_matcher_new(race->rs, LNR_STR("syscall"), true, &m) &&
		!lnr_network_get(race->rs, lnr_ruleset_source(race->rs, LNR_STR("syscall")), &net))
		lnr_matcher_free(m);
	return (void *)net;
}

/* Whoever asks first, all get the same network. */
static void made_once(void **state)
{
	static const char *const conds[] = {"x.one = a", "x.two = b or x.one contains c"};
	struct lnr_test_fields *f = *state;

	for (unsigned round = 0; round < 20; round++) {
		struct lnr_test_rules r;
		struct race race;
		pthread_t threads[4];

		make(f, &r, conds, 2);
		race.rs = r.rs;
		assert_int_equal(pthread_barrier_init(&race.start, NULL, 4), 0);
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, get_network, &race), 0);
		for (unsigned i = 0; i < 4; i++) {
			void *net;

			assert_int_equal(pthread_join(threads[i], &net), 0);
			race.got[i] = net;
		}
		for (unsigned i = 0; i < 4; i++) {
			assert_non_null(race.got[i]);
			assert_ptr_equal(race.got[i], race.got[0]);
		}
		pthread_barrier_destroy(&race.start);
		lnr_test_rules_done(&r);
	}
}

static int all_of_it(void *arg)
{
	static const char *const conds[] = {
		"evt.type in (openat, close) and x.one in (a, b, c, d, e, f) and x.bool = true",
		"evt.type = openat and (x.one startswith a or x.one endswith b or x.two contains c)",
		"evt.arg.fd = a or x.ipnet in (10.0.0.0/8) or x.one pmatch (/a, /b)",
		"x.two icontains x and not x.int64 > 3 and x.one regex a.b and x.cnt > 0"};
	struct lnr_test_fields *f = arg;
	struct lnr_matcher *m = NULL;
	struct lnr_test_rules r;
	char why[600];
	int rc = lnr_test_rules_init(&r, f->set, conds, 4, why, sizeof(why));

	if (rc)
		return rc;
	rc = lnr_matcher_new(r.rs, LNR_STR("syscall"), true, &m);
	lnr_matcher_free(m);
	lnr_test_rules_done(&r);
	return rc;
}

static void failing_allocations(void **state)
{
	lnr_test_each_alloc_fails(all_of_it, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_predicate_each),
		cmocka_unit_test(classes),
		cmocka_unit_test(values_once),
		cmocka_unit_test(rules_not_tried),
		cmocka_unit_test(order),
		cmocka_unit_test(many_rules),
		cmocka_unit_test(volatile_values),
		cmocka_unit_test(number_of_event),
		cmocka_unit_test(every_table),
		cmocka_unit_test(numbers_and_addresses),
		cmocka_unit_test(too_much_to_contain),
		cmocka_unit_test(counters),
		cmocka_unit_test(regex_limits),
		cmocka_unit_test(made_once),
		cmocka_unit_test(failing_allocations),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
