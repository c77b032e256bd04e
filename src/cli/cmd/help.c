/* SPDX-License-Identifier: Apache-2.0 */
/* lanner help [COMMAND]: the manual page, or the list of commands. */
#include "cli/cli.h"

static const struct lnr_opt rows[] = {{0}};

static int list(void)
{
	const struct lnr_cmd *c;
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	lnr_buf_cstr(&b, "Lanner watches a Linux kernel and reports what rules call suspicious.\n\n"
			 "  lanner COMMAND [OPTION...]\n\n");
	for (size_t i = 0; (c = lnr_cmd_at(i)); i++) {
		if (!c->hidden)
			lnr_buf_printf(&b, "  %-10s %s\n", c->name, c->summary);
	}
	lnr_buf_cstr(&b,
		"\n'lanner help COMMAND' shows a command's manual page. Falco's own command "
		"line\n(lanner -c falco.yaml -r rules.yaml …) works as it is.\n");
	int status = lnr_print(&b);
	lnr_buf_done(&b);
	return status;
}

static int run(void *opts, const char **rest)
{
	(void)opts;
	if (!rest[0])
		return list();
	const struct lnr_cmd *cmd = lnr_cmd_find(rest[0]);
	if (!cmd)
		return lnr_die("there is no command \"%s\"", rest[0]);
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	int status = 0;
	if (lnr_man_text(cmd->name, &b))
		lnr_cmd_usage(cmd, stdout);
	else
		status = lnr_print(&b);
	lnr_buf_done(&b);
	return status;
}

const struct lnr_cmd lnr_cmd_help = {
	.name = "help",
	.summary = "show a command's manual page",
	.args = "[COMMAND]",
	.opts = rows,
	.run = run,
};
