/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer with a maximum size.
 *
 * Once an append fails (heap exhausted, over `max`) the buffer is `failed`, holds what fitted and
 * ignores further appends, so that a formatter checks once at its end. The content is always
 * followed by a NUL that does not count. Not thread-safe.
 */
#ifndef LNR_BASE_BUF_H
#define LNR_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/str.h"

struct lnr_buf {
	char *ptr; /* NULL until the first append */
	size_t len, cap, max;
	bool failed;
};

/* max 0 = 64 MiB. */
void lnr_buf_init(struct lnr_buf *b, size_t max);
void lnr_buf_done(struct lnr_buf *b);
/* Empty it, keep the memory, forget `failed`. */
void lnr_buf_clear(struct lnr_buf *b);
void lnr_buf_add(struct lnr_buf *b, const void *ptr, size_t len);
void lnr_buf_str(struct lnr_buf *b, struct lnr_str s);
void lnr_buf_cstr(struct lnr_buf *b, const char *s);
void lnr_buf_chr(struct lnr_buf *b, char c);
void lnr_buf_printf(struct lnr_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void lnr_buf_vprintf(struct lnr_buf *b, const char *fmt, va_list ap);
/* Decimal without the cost of printf. */
void lnr_buf_u64(struct lnr_buf *b, uint64_t v);
void lnr_buf_s64(struct lnr_buf *b, int64_t v);
/* Shorten to `len` bytes if longer. */
void lnr_buf_cut(struct lnr_buf *b, size_t len);
/* Heap string owned by the caller; the buffer is empty afterwards. NULL when failed. */
char *lnr_buf_take(struct lnr_buf *b);

static inline struct lnr_str lnr_buf_view(const struct lnr_buf *b)
{
	return (struct lnr_str){b->ptr ? b->ptr : "", b->len};
}

#endif
