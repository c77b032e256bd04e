/* SPDX-License-Identifier: Apache-2.0 */
/* What is done about lost events (spec engine-config-cli 2.8). */
#include "engine/engine_priv.h"

#include "lib/test.h"

#define SEC LNR_NS_PER_SEC
#define T0  (UINT64_C(1700000000) * SEC)

/* Numbers of a source, set by the test. */
struct numbers {
	uint64_t evts, drops;
};

static uint64_t number(void *user, const char *name)
{
	const struct numbers *n = user;
	return strcmp(name, "n_evts") == 0		       ? n->evts
	       : strcmp(name, "n_drops") == 0		       ? n->drops
	       : strcmp(name, "n_drops_buffer_open_exit") == 0 ? 7
							       : 0;
}

static struct lnr_engine_opts options(void)
{
	return (struct lnr_engine_opts){.drop_actions = LNR_DROP_ALERT | LNR_DROP_LOG,
		.drop_threshold = 0.1,
		.drop_rate = 1,
		.drop_burst = 100};
}

struct step {
	uint64_t at_ms, evts, drops; /* since the first event; sums */
	unsigned due;
	uint64_t lost;
};

static void runs(const struct lnr_engine_opts *o, const struct step *s, size_t n)
{
	struct lnr_drops d = {0};
	for (size_t i = 0; i < n; i++) {
		struct numbers v = {s[i].evts, s[i].drops};
		uint64_t lost = 0;
		unsigned due = lnr_drops_check(
			&d, o, T0 + s[i].at_ms * LNR_NS_PER_MS, number, &v, &lost);
		if (due != s[i].due || lost != s[i].lost)
			fail_msg("step %zu: actions %u, lost %llu", i, due,
				(unsigned long long)lost);
	}
}

static void compares_the_share_of_each_second(void **state)
{
	(void)state;
	struct lnr_engine_opts o = options();
	const unsigned all = o.drop_actions;
	const struct step steps[] = {
		{0, 0, 50, 0, 0},	     /* what was lost before the first event is past */
		{500, 1000, 900, 0, 0},	     /* within the second: not looked at */
		{1001, 1000, 151, all, 101}, /* over a tenth */
		{2002, 2000, 251, 0, 0},     /* exactly a tenth: not above it */
		{3003, 3000, 251, 0, 0},     /* nothing lost */
		{9000, 3000, 252, all, 1},   /* nothing came, yet something was lost */
	};
	runs(&o, steps, LNR_ARRAY_SIZE(steps));
}

static void rations_actions(void **state)
{
	(void)state;
	struct lnr_engine_opts o = options();
	o.drop_rate = 0.25;
	o.drop_burst = 2;
	struct lnr_drops d = {0};
	struct numbers v = {0};
	unsigned acted = 0;
	for (uint64_t t = 0; t <= 12; t++) {
		uint64_t lost;
		v.drops += 10;
		v.evts += 10;
		acted += lnr_drops_check(
				 &d, &o, T0 + t * (SEC + LNR_NS_PER_MS), number, &v, &lost) != 0;
	}
	/* Two at once, then one in four seconds. */
	assert_int_equal(d.seen, 12);
	assert_int_equal(acted, 4);
	assert_int_equal(d.acted, acted);
}

static void pretends(void **state)
{
	(void)state;
	struct lnr_engine_opts o = options();
	o.simulate_drops = true;
	o.drop_threshold = 1;
	const struct step steps[] = {{0, 0, 0, 0, 0}, {1001, 100, 0, o.drop_actions, 1},
		{2002, 100, 0, o.drop_actions, 1}};
	runs(&o, steps, LNR_ARRAY_SIZE(steps));
}

static void tells(void **state)
{
	(void)state;
	struct lnr_engine_opts o = options();
	struct lnr_drops d = {0};
	struct numbers v = {100, 40};
	struct lnr_alert *a;
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	assert_code(lnr_drops_alert(&d, &o, T0, 40, "n1", number, &v, &a), 0);
	const struct lnr_alert_format f = {.json = true};
	lnr_alert_write(a, &f, &b);
	assert_has(b.ptr,
		"\"output\":\"Falco internal: syscall event drop. 40 system calls dropped in last "
		"second.\"");
	assert_has(b.ptr, "\"ebpf_enabled\":\"1\",\"n_drops\":\"40\"");
	assert_has(b.ptr, "\"n_drops_buffer_open_exit\":\"7\"");
	assert_has(b.ptr, "\"n_evts\":\"100\"");
	for (uint32_t i = 1; i < a->n_values; i++)
		assert_true(lnr_str_cmp(a->values[i - 1].key, a->values[i].key) < 0);
	lnr_alert_unref(a);
	lnr_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_the_share_of_each_second),
		cmocka_unit_test(rations_actions),
		cmocka_unit_test(pretends),
		cmocka_unit_test(tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
