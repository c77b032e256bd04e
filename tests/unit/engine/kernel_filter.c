/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel leaves out must not be missed: whole captures are judged by random rules twice,
 * with every event, and without those that the selection leaves to the kernel to drop. Alerts are
 * the same, one by one, though the second state has not seen what was dropped.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "capture/capture.h"
#include "engine/engine_priv.h"
#include "lib/test.h"
#include "rules/ruleset.h"
#include "tests/lib/rulegen.h"

#define CAPTURES "tests/reference/captures"
#define RULES	 4
#define MAX_HITS 16

struct pass {
	struct lnr_capture *capture;
	struct lnr_state *state;
	struct lnr_matcher *matcher;
	struct lnr_arena scratch;
	struct lnr_event ev;
	struct lnr_field_ctx ctx;
};

static struct {
	uint64_t events, dropped, alerts;
} seen;

/* Conditions as JSON texts, which YAML reads. */
static struct lnr_ruleset *make_rules(
	struct lnr_gen *g, struct lnr_rules **ret, struct lnr_buf *ret_text)
{
	struct lnr_buf text, cond;
	struct lnr_ruleset *rs;
	struct lnr_err err = {0};
	lnr_buf_init(&text, 0);
	for (unsigned i = 0; i < RULES; i++) {
		lnr_buf_init(&cond, 0);
		lnr_gen_condition(g, &cond);
		lnr_buf_printf(&text,
			"- rule: r%u\n  desc: d\n  priority: INFO\n  output: x\n  condition: \"",
			i);
		for (size_t k = 0; k < cond.len; k++) {
			if (strchr("\"\\", cond.ptr[k]))
				lnr_buf_cstr(&text, "\\");
			lnr_buf_printf(&text, "%c", cond.ptr[k]);
		}
		/* Some say on which calls, as real rules do. */
		lnr_buf_cstr(&text,
			lnr_gen_below(g, 2)
				? " and evt.type in (open, openat, unlinkat, execve, dup)\"\n"
				: "\"\n");
		lnr_buf_done(&cond);
	}
	assert_ok(lnr_rules_new(NULL, ret, &err), &err);
	int r = lnr_rules_add_text(*ret, "r.yaml", text.ptr, text.len, &err);
	if (r)
		fail_msg("%s\n%s", err.msg, text.ptr);
	assert_ok(lnr_rules_compiled(*ret, &rs), NULL);
	*ret_text = text;
	return rs;
}

static void pass_init(struct pass *p, const char *file, struct lnr_ruleset *rs)
{
	const struct lnr_state_opts so = {.size = sizeof(so),
		.live = true,
		.host_root = "/nonexistent",
		.import_users = true};
	struct lnr_err err = {0};
	memset(p, 0, sizeof(*p));
	assert_ok(lnr_state_new(&so, &p->state, &err), &err);
	assert_ok(lnr_scap_open(file, NULL, &p->capture, &err), &err);
	assert_ok(p->capture->ops->populate(p->capture, p->state, &err), &err);
	assert_ok(lnr_matcher_new(rs, LNR_STR("syscall"), true, &p->matcher), NULL);
	lnr_arena_init(&p->scratch, 0);
	p->ev.scratch = &p->scratch;
	p->ctx = (struct lnr_field_ctx){
		.ev = &p->ev, .state = p->state, .source = LNR_STR("syscall"), .time_mode = 'h'};
}

static void pass_done(struct pass *p)
{
	lnr_matcher_free(p->matcher);
	lnr_capture_close(p->capture);
	lnr_state_free(p->state);
	lnr_arena_done(&p->scratch);
}

/* The next event, not yet seen by the state; false at the end. */
static bool pass_next(struct pass *p, bool *ret_state_only)
{
	struct lnr_capture_item item;
	struct lnr_err err = {0};
	int r = lnr_capture_next(p->capture, &item, &err);
	if (r == -ENODATA)
		return false;
	assert_ok(r, &err);
	lnr_arena_reset(&p->scratch);
	assert_ok(lnr_event_parse(&p->ev, item.record, item.len, item.cpu, NULL), NULL);
	p->ev.num++;
	*ret_state_only = item.flags & LNR_ITEM_STATE_ONLY;
	return true;
}

static unsigned pass_judge(struct pass *p, bool state_only, const struct lnr_rule **hits)
{
	unsigned n = 0;
	if (lnr_state_enter(p->state, &p->ev) && !state_only)
		n = lnr_matcher_eval(p->matcher, &p->ctx, hits, MAX_HITS);
	lnr_state_leave(p->state, &p->ev);
	return n;
}

/* What the dispatcher does with LNR_WANT_SUCCESS. */
static bool kernel_drops(const struct lnr_event *ev, const struct lnr_selection *s)
{
	int64_t res;
	if (!lnr_event_is_exit(ev) || !lnr_param_s64(ev, 0, &res) || res >= 0)
		return false;
	for (unsigned c = 0; c < lnr_syscall_count(); c++) {
		const struct lnr_syscall_info *info = lnr_syscall_info(c);
		if (info && info->exit_event == ev->type && lnr_scset_has(&s->success_only, c))
			return true;
	}
	return false;
}

static void compare(const char *file, struct lnr_gen *g)
{
	const struct lnr_select_opts none = {0};
	const struct lnr_rule *a[MAX_HITS], *b[MAX_HITS];
	struct lnr_selection selection;
	struct lnr_rules *rules;
	struct lnr_buf text;
	struct lnr_ruleset *rs = make_rules(g, &rules, &text);
	struct pass all, some;
	bool state_only, again;
	lnr_select_syscalls(rs, &none, &selection);
	pass_init(&all, file, rs);
	pass_init(&some, file, rs);
	while (pass_next(&all, &state_only)) {
		assert_true(pass_next(&some, &again) && again == state_only);
		bool drop = kernel_drops(&some.ev, &selection);
		unsigned n = pass_judge(&all, state_only, a);
		unsigned m = drop ? 0 : pass_judge(&some, state_only, b);
		if (n != m || memcmp(a, b, n * sizeof(*a)))
			fail_msg("%s: event %llu, %s%s: %u and %u alerts by\n%s", file,
				(unsigned long long)all.ev.num, all.ev.info->name,
				drop ? ", dropped" : "", n, m, text.ptr);
		seen.events++;
		seen.dropped += drop;
		seen.alerts += n;
	}
	pass_done(&all);
	pass_done(&some);
	lnr_buf_done(&text);
	lnr_ruleset_unref(rs);
	lnr_rules_free(rules);
}

static void same_alerts(void **state)
{
	struct lnr_test_random random;
	struct dirent *d;
	DIR *dir = opendir(CAPTURES);
	(void)state;
	assert_non_null(dir);
	lnr_test_random_init(&random);
	while ((d = readdir(dir))) {
		char file[512];
		snprintf(file, sizeof(file), "%s/%s/capture.scap", CAPTURES, d->d_name);
		if (access(file, R_OK))
			continue;
		for (unsigned i = 0; i < 8; i++) {
			struct lnr_gen g = {.seed = lnr_test_random_u64(&random), .visible = i % 4};
			compare(file, &g);
		}
	}
	closedir(dir);
	/* Neither rules that never match nor events that are never dropped would prove anything. */
	assert_true(seen.alerts > seen.events / 100);
	assert_true(seen.dropped > seen.events / 1000);
	print_message("%llu events, %llu dropped, %llu alerts\n", (unsigned long long)seen.events,
		(unsigned long long)seen.dropped, (unsigned long long)seen.alerts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(same_alerts)};
	return cmocka_run_group_tests_name("kernel_filter", tests, NULL, NULL);
}
