/* SPDX-License-Identifier: Apache-2.0 */
/* lanner rules: what the rules say, what they cost, what of them the kernel could decide. */
#include <errno.h>
#include "base/clock.h"
#include "cli/session_priv.h"
#include "lanner/lanner.h"
#include "lanner/rules.h"

struct opts {
	struct lnr_opt_list files;
	const char *rule, *profile;
	uint64_t live; /* seconds */
	bool json, kernel;
};

static const struct lnr_opt rows[] = {
	{LNR_OPT_LIST, 'r', "rules", "FILE", offsetof(struct opts, files),
		"rules file; default: the starter rules"},
	{LNR_OPT_STR, 'l', "rule", "NAME", offsetof(struct opts, rule), "only this rule"},
	{LNR_OPT_FLAG, 'j', "json", NULL, offsetof(struct opts, json), "as JSON"},
	{LNR_OPT_FLAG, 'k', "kernel", NULL, offsetof(struct opts, kernel),
		"what a probe could test, and what not and why"},
	{LNR_OPT_STR, 'p', "profile", "CAPTURE", offsetof(struct opts, profile),
		"what each rule and check costs on the events of a capture"},
	{LNR_OPT_UINT, 's', "live", "SECONDS", offsetof(struct opts, live),
		"the same on this machine's events, for so long"},
	{0},
};

static int load(struct lnr_rules *rules, const struct opts *o)
{
	struct lnr_err err = {0};
	char def[4096];
	const char *one[2] = {NULL, NULL};
	const char *const *files = o->files.v;
	if (!o->files.n) {
		one[0] = lnr_cli_default_rules(def, sizeof(def));
		files = one;
		if (!one[0])
			return lnr_die("no rules file is given and none is installed");
	}
	for (; *files; files++) {
		if (lnr_rules_add_file(rules, *files, &err))
			return lnr_die("%s", err.msg);
	}
	return 0;
}

/* What the engine counts anyway, after a capture or after some seconds of this machine. */
static int profile(struct lnr_rules *rules, const struct opts *o, struct lnr_plugins *plugins,
	struct lnr_buf *out)
{
	struct lnr_err err = {0};
	struct lnr_engine *e = NULL;
	struct lnr_signals *signals = lnr_cli_signals();
	const struct lnr_clock *clock = lnr_clock_system();
	const struct lnr_engine_opts eo = {.size = sizeof(eo),
		.kind = o->profile ? LNR_ENGINE_REPLAY : LNR_ENGINE_LIVE,
		.capture_file = o->profile,
		.rules = rules,
		.match_all = true,
		.plugins = plugins};
	int r = lnr_engine_new(&eo, &e, &err);
	uint64_t end = lnr_mono_ns(clock) + o->live * LNR_NS_PER_SEC;
	while (r >= 0 && !signals->stop && (o->profile || lnr_mono_ns(clock) < end))
		r = lnr_engine_run(e, 256, &err);
	int status = r < 0 && r != -ENODATA ? lnr_die("%s", err.msg) : 0;
	if (!status && lnr_engine_profile(e, 0, out))
		status = lnr_die("there is no rule to profile");
	lnr_engine_free(e);
	return status;
}

static int show(const struct opts *o, struct lnr_plugins *plugins)
{
	const struct lnr_rules_opts ro = {
		.size = sizeof(ro), .min_priority = 7, .plugins = plugins};
	struct lnr_err err = {0};
	struct lnr_rules *rules;
	if (lnr_rules_new(&ro, &rules, &err))
		return lnr_die("%s", err.msg);
	struct lnr_buf out;
	lnr_buf_init(&out, 0);
	int status = o->profile && o->live ? lnr_die("--profile and --live exclude each other")
					   : load(rules, o);
	if (!status && o->kernel && lnr_rules_kernel(rules, &out, &err))
		status = lnr_die("%s", err.msg);
	else if (!status && (o->profile || o->live))
		status = profile(rules, o, plugins, &out);
	else if (!status && !o->kernel && lnr_rules_describe(rules, o->rule, o->json, &out))
		status = lnr_die("there is no rule \"%s\"", o->rule);
	if (!status) {
		if (out.len && out.ptr[out.len - 1] != '\n')
			lnr_buf_chr(&out, '\n');
		status = lnr_print(&out);
	}
	lnr_buf_done(&out);
	lnr_rules_free(rules);
	return status;
}

static int run(void *opts, const char **rest)
{
	struct lnr_setup setup;
	(void)rest;
	int status = lnr_cli_plugins(NULL, &setup);
	if (!status)
		status = show(opts, setup.plugins);
	lnr_setup_done(&setup);
	return status;
}

const struct lnr_cmd lnr_cmd_rules = {
	.name = "rules",
	.summary = "describe rules, what they cost, what of them the kernel could decide",
	.opts = rows,
	.opts_size = sizeof(struct opts),
	.run = run,
};
