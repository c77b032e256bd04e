/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts to standard output, a line each. */
#include <stdio.h>
#include <stdlib.h>
#include "outputs/driver.h"

struct out {
	bool flush;
};

static int out_open(const struct lnr_output_ctx *ctx, void **ret, struct lnr_err *err)
{
	struct out *o = calloc(1, sizeof(*o));
	if (!o)
		return lnr_fail(err, -ENOMEM, "out of memory");
	o->flush = ctx->unbuffered || ctx->reliable;
	*ret = o;
	return 0;
}

static int out_send(void *self, const struct lnr_alert *a, struct lnr_str line, struct lnr_err *err)
{
	struct out *o = self;
	(void)a;
	/* Others print there, too: statistics at a reload. */
	flockfile(stdout);
	bool bad = fwrite(line.ptr, 1, line.len, stdout) != line.len || putchar('\n') == EOF ||
		   (o->flush && fflush(stdout));
	funlockfile(stdout);
	if (bad)
		return lnr_fail(err, -EIO, "cannot write to standard output: %s", strerror(errno));
	return 0;
}

static void out_close(void *self)
{
	fflush(stdout);
	free(self);
}

const struct lnr_output_driver lnr_output_driver_stdout = {
	.name = "stdout",
	.desc = "standard output, a line for each alert",
	.order = 20,
	.open = out_open,
	.send = out_send,
	.close = out_close,
};
