/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts to the standard input of a shell command: one run for each, or one for all with
 * keep_alive. The program ignores SIGPIPE, so a command that does not read is an error of that
 * delivery only.
 */
#include <stdio.h>
#include <stdlib.h>
#include "outputs/driver.h"

struct program {
	char *command;
	bool keep_alive;
	FILE *pipe;
};

static int program_start(struct program *p, struct lnr_err *err)
{
	if (!p->pipe)
		p->pipe = popen(p->command, "we");
	return p->pipe ? 0
		       : lnr_fail(err, -errno, "cannot run %s: %s", p->command, strerror(errno));
}

static void program_stop(struct program *p)
{
	if (p->pipe)
		pclose(p->pipe); /* its exit status is its own business */
	p->pipe = NULL;
}

static int program_open(const struct lnr_output_ctx *ctx, void **ret, struct lnr_err *err)
{
	struct program *p = calloc(1, sizeof(*p));
	if (!p)
		return lnr_fail(err, -ENOMEM, "out of memory");
	p->keep_alive = strcmp(lnr_config_str(ctx->config, "program_output.keep_alive"), "true") ==
			0;
	p->command = strdup(lnr_config_str(ctx->config, "program_output.program"));
	if (!p->command) {
		free(p);
		return lnr_fail(err, -ENOMEM, "out of memory");
	}
	*ret = p;
	return 0;
}

static int program_send(
	void *self, const struct lnr_alert *a, struct lnr_str line, struct lnr_err *err)
{
	struct program *p = self;
	(void)a;
	int r = program_start(p, err);
	if (r)
		return r;
	if (fprintf(p->pipe, "%s\n", line.ptr) < 0 || fflush(p->pipe))
		r = lnr_fail(
			err, -errno, "%s does not take the alert: %s", p->command, strerror(errno));
	if (!p->keep_alive || r)
		program_stop(p);
	return r;
}

static int program_reopen(void *self, struct lnr_err *err)
{
	program_stop(self);
	return program_start(self, err);
}

static void program_close(void *self)
{
	struct program *p = self;
	program_stop(p);
	free(p->command);
	free(p);
}

const struct lnr_output_driver lnr_output_driver_program = {
	.name = "program",
	.desc = "the standard input of a shell command",
	.order = 40,
	.open = program_open,
	.send = program_send,
	.reopen = program_reopen,
	.close = program_close,
};
