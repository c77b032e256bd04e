/* SPDX-License-Identifier: Apache-2.0 */
/* A condition of the command line as the one rule of a rule set. */
#ifndef LNR_CLI_CONDITION_H
#define LNR_CLI_CONDITION_H

struct lnr_plugins;
struct lnr_rules;
/*
 * For each of the sources, NULL-terminated, "syscall" alone when there is none. plugins may be NULL
 * and outlives the rules. 0, or the exit status after what is wrong was printed with a caret.
 */
int lnr_cli_condition(const char *condition, const struct lnr_plugins *plugins,
	const char *const *sources, struct lnr_rules **ret);

#endif
