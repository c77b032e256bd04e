/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts to syslog(3): facility user, level by priority. */
#include <syslog.h>
#include "outputs/driver.h"

static int log_open(const struct lnr_output_ctx *ctx, void **ret, struct lnr_err *err)
{
	(void)ctx;
	(void)err;
	*ret = NULL;
	return 0;
}

static int log_send(void *self, const struct lnr_alert *a, struct lnr_str line, struct lnr_err *err)
{
	(void)self;
	(void)err;
	syslog(LOG_USER | lnr_alert_priority(a), "%s", line.ptr);
	return 0;
}

static void log_close(void *self)
{
	(void)self;
}

const struct lnr_output_driver lnr_output_driver_syslog = {
	.name = "syslog",
	.desc = "the system log, level by priority",
	.order = 30,
	.open = log_open,
	.send = log_send,
	.close = log_close,
};
