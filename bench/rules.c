/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to evaluate rules on events that are decoded and have their state.
 *
 *	bench/rules [-q] [CAPTURE RULES...]
 *
 * Events come from a capture; reading, decoding and state are subtracted: the same pass without
 * rules is timed too, and the best of several rounds counts. Rules are the files given, then
 * generated ones in growing numbers. Columns: rules, event types that they want, then million
 * evaluations per second on one core and nanoseconds per event, by the network in both modes and
 * by the tree walker. -q: one round of the files only, for callgrind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "capture/capture.h"
#include "engine/engine_priv.h"
#include "rules/network.h"

#define CAPTURE "tests/reference/captures/build-c/capture.scap"

static const char *const starter[] = {"rules/lanner_rules.yaml"};

static unsigned rounds = 5;

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

__attribute__((noreturn)) static void die(const char *what, const struct lnr_err *err)
{
	char buf[1500];

	fprintf(stderr, "%s: %s\n", what, err ? lnr_err_text(err, buf, sizeof(buf)) : "failed");
	exit(1);
}

/* --- passes -------------------------------------------------------------------------------- */

enum how { NOTHING, NETWORK, TREE };

struct pass {
	const char *capture;
	struct lnr_ruleset *rs;
	enum how how;
	bool all;
	/* results */
	uint64_t events, matches;
	double ns;
};

static void run(struct pass *p)
{
	struct lnr_state_opts so = {.size = sizeof(so), .host_root = "/nonexistent"};
	struct lnr_capture *capture;
	struct lnr_capture_item item;
	struct lnr_state *state;
	struct lnr_matcher *m = NULL;
	struct lnr_arena scratch;
	struct lnr_event ev = {.scratch = &scratch};
	struct lnr_field_ctx ctx = {.ev = &ev, .source = LNR_STR("syscall"), .time_mode = 'h'};
	const struct lnr_rule *hits[64];
	struct lnr_err err = {0};
	double start;

	if (lnr_scap_open(p->capture, NULL, &capture, &err) || lnr_state_new(&so, &state, &err))
		die(p->capture, &err);
	if (capture->ops->populate(capture, state, &err))
		die(p->capture, &err);
	if (p->rs && lnr_matcher_new(p->rs, ctx.source, p->all, &m))
		die("matcher", NULL);
	lnr_arena_init(&scratch, 0);
	ctx.state = state;
	p->events = p->matches = 0;
	start = now_ns();
	while (lnr_capture_next(capture, &item, &err) == 0) {
		if (lnr_event_parse(&ev, item.record, item.len, item.cpu, NULL))
			continue;
		ev.num++;
		if (!p->events)
			ctx.first_ts = ev.ts;
		if (lnr_state_enter(state, &ev) && !(item.flags & LNR_ITEM_STATE_ONLY)) {
			p->events++;
			if (p->how == NETWORK)
				p->matches += lnr_matcher_eval(m, &ctx, hits, LNR_ARRAY_SIZE(hits));
			else if (p->how == TREE)
				p->matches += lnr_matcher_eval_tree(
					m, &ctx, hits, LNR_ARRAY_SIZE(hits));
		}
		lnr_state_leave(state, &ev);
		lnr_arena_reset(&scratch);
	}
	p->ns = now_ns() - start;
	lnr_arena_done(&scratch);
	lnr_matcher_free(m);
	lnr_state_free(state);
	lnr_capture_close(capture);
}

/* The best round of each way; passes alternate, so that all see the same machine. */
static void measure(const char *capture, struct lnr_ruleset *rs, bool trees)
{
	struct pass passes[] = {
		{.how = NOTHING}, {.how = NETWORK}, {.how = NETWORK, .all = true}, {.how = TREE}};
	size_t n = trees ? 4 : 3;
	double best[4] = {0};
	struct lnr_evset events;

	for (unsigned round = 0; round < rounds; round++) {
		for (size_t i = 0; i < n; i++) {
			passes[i].capture = capture;
			passes[i].rs = passes[i].how == NOTHING ? NULL : rs;
			run(&passes[i]);
			if (!round || passes[i].ns < best[i])
				best[i] = passes[i].ns;
		}
	}
	if (passes[1].matches > passes[2].matches ||
		(trees && passes[1].matches != passes[3].matches))
		die("the ways disagree", NULL);
	lnr_ruleset_events(rs, LNR_STR("syscall"), &events);
	printf("%6u %6u", lnr_ruleset_count(rs), lnr_evset_count(&events));
	for (size_t i = 1; i < n; i++) {
		double ns = (best[i] - best[0]) / (double)passes[i].events;

		printf("   %6.2f M/s %7.1f ns", 1e3 / ns, ns);
	}
	printf("   (%llu events, %llu matches)\n", (unsigned long long)passes[1].events,
		(unsigned long long)passes[1].matches);
	fflush(stdout);
}

/* --- rules --------------------------------------------------------------------------------- */

static struct lnr_ruleset *load(const char *const *files, size_t n, const char *text, size_t len)
{
	struct lnr_rules *rules;
	struct lnr_ruleset *rs;
	struct lnr_err err = {0};

	if (lnr_rules_new(NULL, &rules, &err))
		die("rules", &err);
	for (size_t i = 0; i < n; i++) {
		if (lnr_rules_add_file(rules, files[i], &err))
			die(files[i], &err);
	}
	if (text && lnr_rules_add_text(rules, "generated", text, len, &err))
		die("generated rules", &err);
	if (lnr_rules_compiled(rules, &rs))
		die("rules", NULL);
	lnr_rules_free(rules); /* the rule set keeps what it needs */
	return rs;
}

/* Forms that people write, with constants of their own. */
static void generate(struct lnr_buf *out, unsigned n)
{
	static const char *const forms[] = {
		"evt.type in (open, openat, openat2) and evt.is_open_write = true and fd.typechar "
		"= f "
		"and fd.num >= 0 and fd.name startswith /opt/app%u/ and not proc.name in (tool%u, "
		"dpkg, rpm)",
		"evt.type in (execve, execveat) and proc.name in (scan%u, probe%u) and not "
		"proc.pname "
		"in (cron, systemd)",
		"evt.type = connect and fd.sport = %u and fd.l4proto = tcp and not fd.snet in "
		"(10.%u.0.0/16, 127.0.0.0/8)",
		"evt.type in (execve, execveat) and proc.cmdline contains \"--key%u\" and not "
		"proc.aname in (ansible, puppet%u)",
		"evt.type in (unlink, unlinkat, rename, renameat) and proc.name != cleaner%u and "
		"(fs.path.name startswith /var/lib/db%u/ or fs.path.source startswith /var/lib/db)",
		"evt.type in (open, openat, openat2) and evt.is_open_read = true and (fd.name = "
		"/etc/secret%u or fd.name endswith .key%u) and user.uid != 0",
		"evt.type in (execve, execveat) and proc.exepath pmatch (/home/user%u, /tmp/w%u) "
		"and "
		"proc.tty != 0",
		"evt.type in (openat, open) and fd.directory in (/srv/data%u, /srv/log%u) and "
		"evt.is_open_write = true and proc.pname in (bash, sh) and container.id != host",
	};

	for (unsigned i = 0; i < n; i++) {
		char cond[512];

		snprintf(cond, sizeof(cond), forms[i % LNR_ARRAY_SIZE(forms)], 1000 + i, i % 256);
		lnr_buf_printf(out,
			"- rule: Generated %u\n  desc: d\n  condition: >\n    %s\n  output: o "
			"%%proc.name\n  priority: NOTICE\n",
			i, cond);
	}
}

static void bench_generated(const char *capture, unsigned n)
{
	struct lnr_buf text;
	struct lnr_ruleset *rs;

	lnr_buf_init(&text, 0);
	generate(&text, n);
	rs = load(NULL, 0, text.ptr, text.len);
	measure(capture, rs, n <= 1000);
	lnr_ruleset_unref(rs);
	lnr_buf_done(&text);
}

static void describe(const struct lnr_ruleset *rs)
{
	struct lnr_network_stats st;
	struct lnr_network *net;
	double start = now_ns();

	if (lnr_network_new(rs, lnr_ruleset_source(rs, LNR_STR("syscall")), &net))
		die("network", NULL);
	lnr_network_stats(net, &st);
	printf("network: %u classes of events, %u predicates, %u tables, %u groups, %u steps, %zu "
	       "KB, "
	       "made in %.1f ms\n",
		st.classes, st.predicates, st.tables, st.groups, st.steps, st.bytes / 1024,
		(now_ns() - start) / 1e6);
	lnr_network_free(net);
}

int main(int argc, char **argv)
{
	const char *capture = CAPTURE;
	const char *const *files = starter;
	size_t n = LNR_ARRAY_SIZE(starter);
	struct lnr_ruleset *rs;
	bool quick = argc > 1 && strcmp(argv[1], "-q") == 0;

	argv += quick;
	argc -= quick;
	if (quick)
		rounds = 1;
	if (argc > 1)
		capture = argv[1];
	if (argc > 2) {
		files = (const char *const *)argv + 2;
		n = (size_t)argc - 2;
	}
	printf(" rules  types   network, first           network, all             trees, first\n");
	rs = load(files, n, NULL, 0);
	measure(capture, rs, true);
	describe(rs);
	lnr_ruleset_unref(rs);
	if (quick)
		return 0;
	for (unsigned i = 100; i <= 10000; i *= 10)
		bench_generated(capture, i);
	return 0;
}
