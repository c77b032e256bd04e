/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reason for a failure, for a person.
 *
 * A function that can fail for reasons a person will read takes a struct lnr_err * as its last
 * parameter. The caller owns it (usually on the stack), nothing in it is allocated, and NULL means
 * "not interested". Functions return 0 or a negative errno; lnr_fail() sets the reason and returns
 * the code, so that a failing line reads as one statement. lnr_wrap() puts context in front on the
 * way up.
 *
 *	if (fd < 0)
 *		return lnr_fail(err, -errno, "cannot open %s: %s", path, strerror(errno));
 */
#ifndef LNR_BASE_ERR_H
#define LNR_BASE_ERR_H

#include <errno.h>
#include <stddef.h>

struct lnr_err {
	int code;	 /* negative errno, 0 = no error */
	unsigned line;	 /* 1-based; 0 = not in a text */
	unsigned column; /* 1-based, in bytes */
	char file[256];	 /* "" = not in a file */
	char msg[1024];	 /* always NUL-terminated; cut when longer */
};

/* Forget what an earlier call said. */
void lnr_err_clear(struct lnr_err *err);
/* Set code and message (place is kept as it is) and return `code`. */
int lnr_fail(struct lnr_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same with a place. `file` may be NULL. */
int lnr_fail_at(struct lnr_err *err, int code, const char *file, unsigned line, unsigned column,
	const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* Put "text: " in front of the message and return the error's code. */
int lnr_wrap(struct lnr_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* "file:line:column: message" into buf, without the parts that are unset; returns buf. */
const char *lnr_err_text(const struct lnr_err *err, char *buf, size_t size);

#endif
