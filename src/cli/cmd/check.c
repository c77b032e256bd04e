/* SPDX-License-Identifier: Apache-2.0 */
/* lanner check FILE...: are these rules files right? For people: every error, with a caret. */
#include "cli/session_priv.h"
#include "lanner/plugins.h"
#include "lanner/rules.h"

struct opts {
	bool json, quiet;
	const char *config;
};

static const struct lnr_opt rows[] = {
	{LNR_OPT_FLAG, 'j', "json", NULL, offsetof(struct opts, json),
		"load results as Falco's JSON"},
	{LNR_OPT_FLAG, 'q', "quiet", NULL, offsetof(struct opts, quiet),
		"no word about files that are right"},
	{LNR_OPT_STR, 'c', "config", "FILE", offsetof(struct opts, config),
		"know the plugins of this configuration"},
	{0},
};

static void say(const struct lnr_rules *rules, unsigned i, const char *path, const struct opts *o,
	struct lnr_buf *out)
{
	unsigned warnings = lnr_rules_file_warnings(rules, i);
	if (o->json) {
		lnr_buf_cstr(out, i ? "," : "");
		lnr_rules_report_json(rules, i, out);
		return;
	}
	if (!lnr_rules_file_ok(rules, i) || warnings)
		lnr_rules_report_explain(rules, i, out);
	else if (!o->quiet)
		lnr_buf_printf(out, "%s: ok\n", path);
}

static int check(const struct opts *o, const struct lnr_plugins *plugins, const char **files)
{
	struct lnr_err err = {0};
	struct lnr_rules *rules;
	const struct lnr_rules_opts ro = {
		.size = sizeof(ro), .min_priority = 7, .all_errors = !o->json, .plugins = plugins};
	if (lnr_rules_new(&ro, &rules, &err))
		return lnr_die("%s", err.msg);
	struct lnr_buf out;
	lnr_buf_init(&out, 0);
	int status = 0;
	if (o->json)
		lnr_buf_cstr(&out, "{\"falco_load_results\":[");
	for (unsigned i = 0; files[i]; i++) {
		unsigned before = lnr_rules_files(rules);
		int r = lnr_rules_add_file(rules, files[i], &err);
		if (r && lnr_rules_files(rules) == before) {
			status = lnr_die("%s", err.msg);
			break;
		}
		say(rules, before, files[i], o, &out);
		status |= r != 0;
	}
	if (o->json)
		lnr_buf_cstr(&out, "]}\n");
	int printed = lnr_print(&out);
	lnr_buf_done(&out);
	lnr_rules_free(rules);
	return status ? status : printed;
}

static int run(void *opts, const char **rest)
{
	struct opts *o = opts;
	struct lnr_setup setup = {0};
	if (!rest[0])
		return lnr_die("check needs a rules file; see 'lanner help check'");
	int status = lnr_cli_plugins(o->config, &setup);
	if (!status)
		status = check(o, setup.plugins, rest);
	lnr_setup_done(&setup);
	return status;
}

const struct lnr_cmd lnr_cmd_check = {
	.name = "check",
	.summary = "check rules files and explain what is wrong",
	.args = "FILE...",
	.opts = rows,
	.opts_size = sizeof(struct opts),
	.run = run,
};
