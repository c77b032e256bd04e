/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small helpers that every module may use: scope-bound cleanup, ownership transfer, reading files.
 */
#ifndef LNR_BASE_UTIL_H
#define LNR_BASE_UTIL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/err.h"

#define LNR_CLEANUP(fn) __attribute__((cleanup(fn)))
/* Move a pointer out of a scope-bound variable: the variable becomes NULL. */
#define lnr_take(p)                     \
	({                              \
		typeof(p) taken_ = (p); \
		(p) = NULL;             \
		taken_;                 \
	})

static inline void lnr_freep(void *p)
{
	free(*(void **)p);
}

static inline void lnr_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void lnr_fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define LNR_AUTO_FREE  LNR_CLEANUP(lnr_freep)
#define LNR_AUTO_CLOSE LNR_CLEANUP(lnr_closep)

/*
 * Whole file into a new NUL-terminated heap string owned by the caller. At most `max` bytes
 * (-EFBIG beyond). Works for /proc files, which have no size.
 */
int lnr_read_file(const char *path, size_t max, char **ret, size_t *ret_len, struct lnr_err *err);
/*
 * The same for a file that decides what Lanner does: refuses one (or a directory holding it,
 * unless sticky) that others than root and the caller may write, -EPERM.
 */
int lnr_read_trusted_file(
	const char *path, size_t max, char **ret, size_t *ret_len, struct lnr_err *err);
/* Only the refusals, for a file that something else will open. */
int lnr_check_trusted_file(const char *path, struct lnr_err *err);

#endif
