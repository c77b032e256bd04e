/* SPDX-License-Identifier: Apache-2.0 */
/* lanner version: what this is and what it is compatible with. */
#include "cli/session.h"

static const struct lnr_opt rows[] = {{0}};

static int run(void *opts, const char **rest)
{
	(void)opts;
	(void)rest;
	return lnr_session_version(NULL);
}

const struct lnr_cmd lnr_cmd_version = {
	.name = "version",
	.summary = "print versions",
	.opts = rows,
	.run = run,
};
