/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void lnr_err_clear(struct lnr_err *err)
{
	if (!err)
		return;
	err->code = 0;
	err->line = err->column = 0;
	err->file[0] = err->msg[0] = '\0';
}

/*
 * Arguments may point into err->msg, which lnr_wrap()-like callers do by hand, so the text is built
 * apart and moved in.
 */
static void set_msg(struct lnr_err *err, const char *fmt, va_list ap)
{
	char text[sizeof(err->msg)];

	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	memcpy(err->msg, text, strlen(text) + 1);
}

int lnr_fail(struct lnr_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	va_start(ap, fmt);
	set_msg(err, fmt, ap);
	va_end(ap);
	return code;
}

int lnr_fail_at(struct lnr_err *err, int code, const char *file, unsigned line, unsigned column,
	const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	err->line = line;
	err->column = column;
	if (file != err->file)
		snprintf(err->file, sizeof(err->file), "%s", file ? file : "");
	va_start(ap, fmt);
	set_msg(err, fmt, ap);
	va_end(ap);
	return code;
}

int lnr_wrap(struct lnr_err *err, int code, const char *fmt, ...)
{
	char text[sizeof(err->msg)];
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	if (err->msg[0]) {
		strncat(text, ": ", sizeof(text) - 1 - strlen(text));
		strncat(text, err->msg, sizeof(text) - 1 - strlen(text));
	}
	memcpy(err->msg, text, strlen(text) + 1);
	return code;
}

const char *lnr_err_text(const struct lnr_err *err, char *buf, size_t size)
{
	char place[32] = "";

	if (size == 0)
		return buf;
	if (err->line && err->column)
		snprintf(place, sizeof(place), "%u:%u", err->line, err->column);
	else if (err->line)
		snprintf(place, sizeof(place), "%u", err->line);
	/* Every part that is set is followed by its separator; only the last one by a blank. */
	snprintf(buf, size, "%s%s%s%s%s", err->file, err->file[0] && place[0] ? ":" : "", place,
		err->file[0] || place[0] ? ": " : "", err->msg);
	return buf;
}
