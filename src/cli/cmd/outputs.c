/* SPDX-License-Identifier: Apache-2.0 */
/* lanner outputs: the destinations that this program knows. */
#include "cli/cli.h"
#include "lanner/outputs.h"

struct opts {
	const char *format;
};

static const struct lnr_opt rows[] = {
	{LNR_OPT_STR, 'f', "format", "FORM", offsetof(struct opts, format), "text or json"},
	{0},
};

static int run(void *opts, const char **rest)
{
	struct opts *o = opts;
	struct lnr_err err = {0};
	struct lnr_buf b;
	(void)rest;
	lnr_buf_init(&b, 0);
	int r = lnr_outputs_list(&b, o->format ? o->format : "text", &err);
	int status = r ? lnr_die("%s", err.msg) : lnr_print(&b);
	lnr_buf_done(&b);
	return status;
}

const struct lnr_cmd lnr_cmd_outputs = {
	.name = "outputs",
	.summary = "list the destinations of alerts",
	.opts = rows,
	.opts_size = sizeof(struct opts),
	.run = run,
};
