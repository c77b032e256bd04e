/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A destination of alerts. One file in drivers/ defines
 *
 *	const struct lnr_output_driver lnr_output_driver_<file name>;
 *
 * and the build lists the folder. All functions but open are called by one delivery thread, which
 * may start no program (sandbox.h). The smallest example is drivers/stdout.c.
 */
#ifndef LNR_OUTPUTS_DRIVER_H
#define LNR_OUTPUTS_DRIVER_H

#include "alert/alert.h"
#include "base/log.h"
#include "lanner/config.h"

struct lnr_output_ctx {
	const struct lnr_config *config; /* during open only */
	bool unbuffered;		 /* flush after each alert */
	bool json;
	/* Alerts that are not taken come again (a spool is configured): send succeeds only when the
	 * destination has the alert, which it may then get twice. */
	bool reliable;
	bool sync; /* … and has it on disk */
	struct lnr_log *log;
};

struct lnr_output_driver {
	const char *name; /* "stdout"; enabled by <name>_output.enabled */
	const char *desc; /* one line */
	int order;	  /* deliveries of one alert, ascending */
	/* *ret is handed to the others. Fails with a reason when the output cannot be used at all.
	 */
	int (*open)(const struct lnr_output_ctx *ctx, void **ret, struct lnr_err *err);
	/* `line` has no newline and a NUL behind it. An error is logged and the next alert is
	 * tried. When it is reliable: the same alert is tried again later, except after -EBADMSG:
	 * the destination will never have this one. */
	int (*send)(
		void *self, const struct lnr_alert *a, struct lnr_str line, struct lnr_err *err);
	/* How long the destination wants to be left alone after the last error; NULL, 0 = it did
	 * not say. */
	uint64_t (*wait_ms)(void *self);
	/* Close and open again (log rotation); NULL = nothing to do. */
	int (*reopen)(void *self, struct lnr_err *err);
	/* Everything is delivered; NULL allowed. */
	void (*close)(void *self);
};

/*
 * `line` and a newline, whole: short writes are continued. 0 or -errno; *ret_written is how many
 * bytes went out, also then.
 */
int lnr_write_line(int fd, struct lnr_str line, size_t *ret_written);

#endif
