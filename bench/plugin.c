/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plugin costs, inside the agent and in a process of its own.
 *
 *	bench/plugin [-n EVENTS] [LIBRARY]
 *
 * The plugin is tests/plugins/crash.c, which gives numbered events of 54 bytes as fast as it is
 * asked. First the way of its events through an engine, in batches of 128 and one by one, without
 * rules and with rules that ask for one and four fields of each event; then what one field costs:
 * its value inside; in a process of its own when it came with the event, and when it has to be
 * asked for. Columns: where, what, events or fields per second, nanoseconds of time, of processor
 * time of the agent, and of the plugin's process. The best of three rounds. A field costs what a
 *run takes longer in which it is asked for: on a busy machine only processor times say something.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/err.h"
#include "capture/plugin.h"
#include "lanner/lanner.h"
#include "lanner/plugins.h"
#include "lanner/rules.h"
#include "plugin/isolated.h"

#define ROUNDS 3

static char library[4200];

__attribute__((noreturn)) static void die(const struct lnr_err *err)
{
	fprintf(stderr, "%s\n", err->msg);
	exit(1);
}

/* Time, and processor time of this process and of its children that have ended, in seconds. */
struct cost {
	double time, agent, plugin;
};

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static struct cost cost_now(void)
{
	struct timespec ts;
	struct rusage u;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	getrusage(RUSAGE_CHILDREN, &u);
	return (struct cost){.time = (double)lnr_mono_ns(lnr_clock_system()) / 1e9,
		.agent = (double)ts.tv_sec + (double)ts.tv_nsec / 1e9,
		.plugin = seconds(u.ru_utime) + seconds(u.ru_stime)};
}

static struct cost cost_since(struct cost from)
{
	struct cost c = cost_now();
	return (struct cost){c.time - from.time, c.agent - from.agent, c.plugin - from.plugin};
}

static void print(bool isolated, const char *what, uint64_t n, const struct cost *c)
{
	double per = 1e9 / (double)n;
	printf("%-9s %-34s %10.0f/s %9.1f %9.1f %9.1f\n", isolated ? "isolated" : "inside", what,
		(double)n / c->time, c->time * per, c->agent * per, c->plugin * per);
	fflush(stdout);
}

static double less(double a, double b)
{
	return !a || b < a ? b : a;
}

static void keep(struct cost *best, struct cost c)
{
	*best = (struct cost){
		less(best->time, c.time), less(best->agent, c.agent), less(best->plugin, c.plugin)};
}

/* --- events through an engine --- */

static struct lnr_rules *make_rules(const struct lnr_plugins *p, const char *condition)
{
	const struct lnr_rules_opts o = {.size = sizeof(o), .min_priority = 7, .plugins = p};
	struct lnr_rules *rules;
	struct lnr_err err = {0};
	char text[512];
	snprintf(text, sizeof(text),
		"- rule: R\n  desc: d\n  source: crash\n  priority: INFO\n  output: o\n"
		"  condition: %s\n",
		condition);
	if (lnr_rules_new(&o, &rules, &err) ||
		lnr_rules_add_text(rules, "bench", text, strlen(text), &err))
		die(&err);
	return rules;
}

static void run_engine(
	const char *config, bool isolated, const char *condition, uint64_t n, struct cost *best)
{
	const struct lnr_plugin_entry e = {.name = "crash",
		.library_path = library,
		.init_config = config,
		.isolated = isolated};
	const struct lnr_plugins_opts po = {.size = sizeof(po), .entries = &e, .n_entries = 1};
	struct lnr_plugins *p;
	struct lnr_engine *engine;
	struct lnr_engine_stats st = {0};
	struct lnr_err err = {0};
	if (lnr_plugins_new(&po, &p, &err))
		die(&err);
	struct lnr_rules *rules = condition ? make_rules(p, condition) : NULL;
	const struct lnr_engine_opts eo = {.size = sizeof(eo),
		.kind = LNR_ENGINE_PLUGIN,
		.rules = rules,
		.plugins = p,
		.source = "crash"};
	if (lnr_engine_new(&eo, &engine, &err))
		die(&err);
	lnr_engine_run(engine, 1000, &err); /* the first events decide which fields are wanted */
	struct cost from = cost_now();
	while (st.events < n) {
		if (lnr_engine_run(engine, 4096, &err) < 0)
			die(&err);
		lnr_engine_stats(engine, &st);
	}
	struct cost c = cost_since(from);
	lnr_engine_free(engine);
	c.plugin = cost_since(from).plugin; /* it has to end to be counted */
	double share = (double)n / (double)st.events;
	keep(best, (struct cost){c.time * share, c.agent * share, c.plugin * share});
	lnr_rules_free(rules);
	lnr_plugins_unref(p);
}

static void engines(uint64_t n, bool isolated)
{
	static const struct {
		const char *what, *config, *condition;
		unsigned share; /* of n */
	} rows[] = {
		{"events, batches of 128", "batch=128", NULL, 1},
		{"a rule asks for one field", "batch=128", "crash.num < 0 or crash.num = 0", 2},
		{"a rule asks for four fields", "batch=128",
			"crash.num > 0 and crash.flag exists and crash.list exists and "
			"crash.ip = 10.9.9.9",
			4},
		{"events, one by one", "batch=1", NULL, 4},
		{"one by one, one field", "batch=1", "crash.num < 0 or crash.num = 0", 4},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cost best = {0};
		uint64_t some = n / rows[i].share / (isolated ? 4 : 1) + 1;
		for (int r = 0; r < ROUNDS; r++)
			run_engine(rows[i].config, isolated, rows[i].condition, some, &best);
		print(isolated, rows[i].what, some, &best);
	}
}

/* --- one field --- */

static struct lnr_plugin_instance *inst;
static struct lnr_capture *capture;

static void open_plugin(bool isolated)
{
	const struct lnr_plugin_load_opts o = {.path = library, .isolated = isolated};
	struct lnr_plugin *p;
	struct lnr_err err = {0};
	if (lnr_plugin_load_with(&o, &p, &err))
		die(&err);
	p->config = "batch=128";
	if (lnr_plugin_start(p, NULL, &inst, &err) ||
		lnr_plugin_capture_open(inst, NULL, &capture, &err))
		die(&err);
}

static void close_plugin(void)
{
	struct lnr_plugin *p = (struct lnr_plugin *)(uintptr_t)inst->plugin;
	lnr_capture_close(capture);
	lnr_plugin_stop(inst);
	lnr_plugin_free(p);
}

/* A field of each event, of every tenth, or of none. */
static struct cost run_field(bool isolated, unsigned every, uint64_t n)
{
	struct lnr_err err = {0};
	struct cost from = cost_now();
	open_plugin(isolated);
	for (uint64_t i = 1; i <= n; i++) {
		struct lnr_capture_item item;
		int r;
		while ((r = lnr_capture_next(capture, &item, &err)) == -EAGAIN)
			;
		if (r)
			die(&err);
		if (!every || i % every)
			continue;
		const struct lnr_plugin_event_input evt = {
			.evt = item.record, .evtnum = i, .evtsrc = "crash"};
		struct lnr_plugin_extract_field f = {.field = "crash.num",
			.arg_index = UINT64_MAX,
			.ftype = LNR_PLUGIN_FT_UINT64};
		if (!lnr_plugin_extract(inst, &evt, &f))
			die(&err);
	}
	close_plugin();
	return cost_since(from);
}

static void fields(uint64_t n)
{
	static const struct {
		bool isolated;
		const char *what;
		unsigned every;
	} rows[] = {
		{false, "a field", 1},
		{true, "a field that came with its event", 1},
		/* Seldom enough that it does not come along. */
		{true, "a field that has to be asked for", 10},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cost with = {0}, without = {0};
		uint64_t some = rows[i].every == 1 ? n : n / 10 + 1;
		for (int r = 0; r < ROUNDS; r++) {
			keep(&without, run_field(rows[i].isolated, 0, some));
			keep(&with, run_field(rows[i].isolated, rows[i].every, some));
		}
		const struct cost c = {with.time - without.time, with.agent - without.agent,
			with.plugin - without.plugin};
		print(rows[i].isolated, rows[i].what, some / rows[i].every, &c);
	}
}

int main(int argc, char **argv)
{
	uint64_t n = 4000000;
	/* The process of an isolated plugin is this program. */
	if (argc > 1 && strcmp(argv[1], "plugin-child") == 0)
		return lnr_plugins_child();
	for (int c; (c = getopt(argc, argv, "n:")) != -1;) {
		if (c != 'n')
			return 2;
		n = strtoull(optarg, NULL, 10);
	}
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[len > 0 ? len : 0] = 0;
	if (strrchr(self, '/'))
		*strrchr(self, '/') = 0;
	if (argv[optind])
		snprintf(library, sizeof(library), "%s", argv[optind]);
	else
		snprintf(library, sizeof(library), "%s/../tests/plugins/crash.so", self);
	engines(n, false);
	engines(n, true);
	fields(n);
	return 0;
}
