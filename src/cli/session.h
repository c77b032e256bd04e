/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run from configuration to the last alert, shared by `run`, `replay` and Falco's informational
 * options. The order of steps is the reference's (spec engine-config-cli 3).
 */
#ifndef LNR_CLI_SESSION_H
#define LNR_CLI_SESSION_H

#include "cli/cli.h"

struct lnr_run_opts {
	bool help, unbuffered, all, verbose, dry_run, describe_all, list_events, names_only,
		markdown;
	bool ignored, list_plugins, config_schema, rule_schema, support, version, page_size;
	const char *config, *print, *pidfile, *describe_one, *format, *plugin_info;
	struct lnr_opt_list overrides, rules, enable_source, disable_source, validate;
	struct lnr_opt_optional list;
	uint64_t seconds, only_tgid;
	const char *capture_file; /* replay: instead of engine.replay.capture_file */
};

/* Returns the exit status. */
int lnr_session_main(struct lnr_run_opts *o);

struct lnr_config;
/* Text or JSON of --version, by json_output. */
int lnr_session_version(const struct lnr_config *config);

#endif
