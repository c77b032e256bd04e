/* SPDX-License-Identifier: Apache-2.0 */
/* lanner plugin-child: the process of an isolated plugin. Started by Lanner itself only. */
#include <sys/stat.h>
#include "cli/cli.h"
#include "lanner/plugins.h"

static int run(void *opts, const char **rest)
{
	(void)opts;
	(void)rest;
	struct stat st;
	/* The socket to the agent (plugin/isolated.h). */
	if (fstat(3, &st) || !S_ISSOCK(st.st_mode))
		return lnr_die("plugin-child is for Lanner itself: see plugins[].isolated");
	return lnr_plugins_child();
}

static const struct lnr_opt rows[] = {{0}};

const struct lnr_cmd lnr_cmd_plugin_child = {
	.name = "plugin-child",
	.summary = "the process of an isolated plugin; started by Lanner itself",
	.opts = rows,
	.run = run,
	.hidden = true,
};
