/* SPDX-License-Identifier: Apache-2.0 */
/* lanner run: watch this machine (or replay a file) and deliver alerts. Falco's own command line.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/session.h"
#include "lanner/config.h"
#include "lanner/lanner.h"
#include "lanner/rules.h"

#define ROW(kind, shrt, lng, arg, member, help)                                   \
	{                                                                         \
		kind, shrt, lng, arg, offsetof(struct lnr_run_opts, member), help \
	}

static const struct lnr_opt rows[] = {
	ROW(LNR_OPT_FLAG, 'h', "help", NULL, help, "print this and stop"),
	ROW(LNR_OPT_STR, 'c', "config", "PATH", config, "configuration file"),
	ROW(LNR_OPT_LIST, 'o', "option", "KEY=VALUE", overrides, "set a configuration key"),
	ROW(LNR_OPT_LIST, 'r', "rules", "PATH", rules,
		"rules file or directory, instead of rules_files"),
	ROW(LNR_OPT_UINT, 'M', NULL, "SECONDS", seconds,
		"stop after so many seconds of event time"),
	ROW(LNR_OPT_FLAG, 'U', "unbuffered", NULL, unbuffered, "flush each alert at once"),
	ROW(LNR_OPT_FLAG, 'A', NULL, NULL, all,
		"arm high-volume system calls that rules name, too"),
	ROW(LNR_OPT_FLAG, 'v', "verbose", NULL, verbose,
		"more detail: statistics at the end, types in lists"),
	ROW(LNR_OPT_FLAG, 0, "dry-run", NULL, dry_run, "check configuration and rules, then stop"),
	ROW(LNR_OPT_STR, 'p', "print", "FORMAT", print, "append a format to every output"),
	ROW(LNR_OPT_STR, 'P', "pidfile", "PATH", pidfile, "write the process id there"),
	ROW(LNR_OPT_LIST, 0, "enable-source", "NAME", enable_source, "use only this event source"),
	ROW(LNR_OPT_LIST, 0, "disable-source", "NAME", disable_source,
		"leave this event source out"),
	ROW(LNR_OPT_FLAG, 'L', NULL, NULL, describe_all, "describe all rules and stop"),
	ROW(LNR_OPT_STR, 'l', NULL, "RULE", describe_one, "describe one rule and stop"),
	ROW(LNR_OPT_LIST, 'V', "validate", "FILE", validate, "check rules files and stop"),
	ROW(LNR_OPT_OPTIONAL, 0, "list", "SOURCE", list, "list fields and stop"),
	ROW(LNR_OPT_FLAG, 0, "list-events", NULL, list_events, "list events and stop"),
	ROW(LNR_OPT_FLAG, 'N', NULL, NULL, names_only, "with --list: names only"),
	ROW(LNR_OPT_STR, 0, "format", "FORM", format, "of lists: text, markdown or json"),
	ROW(LNR_OPT_FLAG, 0, "markdown", NULL, markdown, "the same as --format markdown"),
	ROW(LNR_OPT_FLAG, 'i', NULL, NULL, ignored,
		"list system calls that are ignored without -A"),
	ROW(LNR_OPT_FLAG, 0, "list-plugins", NULL, list_plugins,
		"list the plugins that are loaded"),
	ROW(LNR_OPT_STR, 0, "plugin-info", "PLUGIN", plugin_info, "describe a plugin and stop"),
	ROW(LNR_OPT_FLAG, 0, "config-schema", NULL, config_schema,
		"print the configuration's JSON schema"),
	ROW(LNR_OPT_FLAG, 0, "rule-schema", NULL, rule_schema,
		"print the JSON schema of rules files"),
	ROW(LNR_OPT_FLAG, 0, "support", NULL, support, "print what a report of a problem needs"),
	ROW(LNR_OPT_FLAG, 0, "version", NULL, version, "print versions and stop"),
	ROW(LNR_OPT_FLAG, 0, "page-size", NULL, page_size, "print the size of a memory page"),
	/* Test aid: a scenario watches its own processes and nothing else. */
	ROW(LNR_OPT_UINT, 0, "only-tgid", "PID", only_tgid, NULL),
	{0},
};

static int run(void *opts, const char **rest)
{
	(void)rest;
	struct lnr_run_opts *o = opts;
	/* As the reference: a configuration that is asked for must be there, even for this. */
	if (o->help && o->config && access(o->config, R_OK))
		return lnr_die("cannot read %s: %s", o->config, strerror(errno));
	if (o->help) {
		lnr_cmd_usage(lnr_cmd_find("run"), stdout);
		return 0;
	}
	return lnr_session_main(o);
}

const struct lnr_cmd lnr_cmd_run = {
	.name = "run",
	.summary = "watch this machine, or a capture file, and deliver alerts",
	.opts = rows,
	.opts_size = sizeof(struct lnr_run_opts),
	.run = run,
	.ignore_words = true,
};
