/* SPDX-License-Identifier: Apache-2.0 */
/* lanner config: the effective configuration and where each value comes from. */
#include "cli/cli.h"
#include "lanner/config.h"

struct opts {
	const char *config;
	struct lnr_opt_list overrides;
	bool plain, schema, template;
};

static const struct lnr_opt rows[] = {
	{LNR_OPT_STR, 'c', "config", "PATH", offsetof(struct opts, config), "configuration file"},
	{LNR_OPT_LIST, 'o', "option", "KEY=VALUE", offsetof(struct opts, overrides),
		"set a configuration key"},
	{LNR_OPT_FLAG, 0, "plain", NULL, offsetof(struct opts, plain),
		"without the origin of values"},
	{LNR_OPT_FLAG, 0, "schema", NULL, offsetof(struct opts, schema),
		"print the JSON schema instead"},
	{LNR_OPT_FLAG, 0, "template", NULL, offsetof(struct opts, template),
		"print a file to begin with, every key explained"},
	{0},
};

static int run(void *opts, const char **rest)
{
	struct opts *o = opts;
	struct lnr_err err = {0};
	struct lnr_config *c = NULL;
	struct lnr_buf b;
	char text[1400];
	(void)rest;
	lnr_buf_init(&b, 0);
	int r = lnr_config_new(&c, &err);
	if (!r && !o->schema && !o->template)
		r = lnr_config_load(c, o->config, o->overrides.v, &err);
	if (!r && lnr_config_check_options(c))
		r = lnr_fail(&err, -ENOMEM, "out of memory");
	if (!r)
		r = o->template ? lnr_config_template(&b)
		    : o->schema ? lnr_config_schema(&b)
				: lnr_config_print(c, !o->plain, &b);
	const char *f;
	bool warning;
	for (size_t i = 0; c && (f = lnr_config_finding(c, i, &warning)); i++) {
		if (warning)
			fprintf(stderr, "%s\n", f);
	}
	int status = r ? lnr_die("%s", lnr_err_text(&err, text, sizeof(text))) : lnr_print(&b);
	lnr_buf_done(&b);
	lnr_config_free(c);
	return status;
}

const struct lnr_cmd lnr_cmd_config = {
	.name = "config",
	.summary = "print the effective configuration and where each value comes from",
	.opts = rows,
	.opts_size = sizeof(struct opts),
	.run = run,
};
