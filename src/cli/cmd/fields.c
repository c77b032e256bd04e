/* SPDX-License-Identifier: Apache-2.0 */
/* lanner fields: what conditions and outputs may say. */
#include "cli/cli.h"
#include "lanner/lanner.h"

struct opts {
	const char *format, *source;
	bool names, verbose;
};

static const struct lnr_opt rows[] = {
	{LNR_OPT_STR, 'f', "format", "FORM", offsetof(struct opts, format),
		"text, markdown or json"},
	{LNR_OPT_STR, 's', "source", "NAME", offsetof(struct opts, source),
		"only fields of this event source"},
	{LNR_OPT_FLAG, 'N', "names", NULL, offsetof(struct opts, names), "names only"},
	{LNR_OPT_FLAG, 'v', "verbose", NULL, offsetof(struct opts, verbose), "types as well"},
	{0},
};

static int run(void *opts, const char **rest)
{
	struct opts *o = opts;
	struct lnr_err err = {0};
	struct lnr_buf b;
	(void)rest;
	lnr_buf_init(&b, 0);
	int r = lnr_list_fields(
		&b, o->format ? o->format : "text", o->source, o->names, o->verbose, &err);
	int status = r ? lnr_die("%s", err.msg) : lnr_print(&b);
	lnr_buf_done(&b);
	return status;
}

const struct lnr_cmd lnr_cmd_fields = {
	.name = "fields",
	.summary = "list the fields of conditions and outputs",
	.opts = rows,
	.opts_size = sizeof(struct opts),
	.run = run,
};
