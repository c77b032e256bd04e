/* SPDX-License-Identifier: Apache-2.0 */
/* A condition of the command line as the one rule of a rule set. */
#ifndef LNR_CLI_CONDITION_H
#define LNR_CLI_CONDITION_H

struct lnr_rules;
/* 0, or the exit status after what is wrong was printed with a caret. */
int lnr_cli_condition(const char *condition, struct lnr_rules **ret);

#endif
