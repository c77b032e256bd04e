/* SPDX-License-Identifier: Apache-2.0 */
/* lanner replay FILE: judge the events of a capture file. */
#include "cli/session.h"

#define ROW(kind, shrt, lng, arg, member, help)                                   \
	{                                                                         \
		kind, shrt, lng, arg, offsetof(struct lnr_run_opts, member), help \
	}

static const struct lnr_opt rows[] = {
	ROW(LNR_OPT_STR, 'c', "config", "PATH", config, "configuration file"),
	ROW(LNR_OPT_LIST, 'o', "option", "KEY=VALUE", overrides, "set a configuration key"),
	ROW(LNR_OPT_LIST, 'r', "rules", "PATH", rules,
		"rules file or directory, instead of rules_files"),
	ROW(LNR_OPT_UINT, 'M', NULL, "SECONDS", seconds,
		"stop after so many seconds of event time"),
	ROW(LNR_OPT_FLAG, 'v', "verbose", NULL, verbose, "statistics at the end"),
	{0},
};

static int run(void *opts, const char **rest)
{
	struct lnr_run_opts *o = opts;
	if (!rest[0] || rest[1])
		return lnr_die("replay needs one capture file; see 'lanner help replay'");
	o->capture_file = rest[0];
	return lnr_session_main(o);
}

const struct lnr_cmd lnr_cmd_replay = {
	.name = "replay",
	.summary = "judge the events of a capture file",
	.args = "FILE",
	.opts = rows,
	.opts_size = sizeof(struct lnr_run_opts),
	.run = run,
};
