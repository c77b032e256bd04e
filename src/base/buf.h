/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer with a maximum size.
 *
 * Once an append fails (heap exhausted, over `max`) the buffer is `failed`, holds the appends that
 * fitted whole and ignores further ones, so that a formatter checks once at its end. The content is
 * always followed by a NUL that does not count. Not thread-safe.
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

/* max 0 = LNR_BUF_BYTES_MAX. A zeroed buffer is an empty one with that maximum. */
void lnr_buf_init(struct lnr_buf *b, size_t max);
void lnr_buf_done(struct lnr_buf *b);
/* Empty it, keep the memory, forget `failed`. */
void lnr_buf_clear(struct lnr_buf *b);
/*
 * Make room for `len` more bytes and return where they go, or NULL when failed. The caller writes
 * and then adds what it wrote to `len` and terminates it, or leaves the buffer as it is.
 */
static inline char *lnr_buf_room(struct lnr_buf *b, size_t len);
/* Slow path of lnr_buf_room(). */
char *lnr_buf_grow(struct lnr_buf *b, size_t len);
void lnr_buf_printf(struct lnr_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void lnr_buf_vprintf(struct lnr_buf *b, const char *fmt, va_list ap);
/* Decimal without the cost of printf. */
void lnr_buf_u64(struct lnr_buf *b, uint64_t v);
void lnr_buf_s64(struct lnr_buf *b, int64_t v);
/* Shorten to `len` bytes if longer. */
void lnr_buf_cut(struct lnr_buf *b, size_t len);
/* Heap string owned by the caller; the buffer is empty afterwards. NULL when failed. */
char *lnr_buf_take(struct lnr_buf *b);

/* Inline because formatters append a few bytes at a time; `cap` is 0 until the first append. */
static inline char *lnr_buf_room(struct lnr_buf *b, size_t len)
{
	if (!b->failed && len < b->cap - b->len)
		return b->ptr + b->len;
	return lnr_buf_grow(b, len);
}

static inline void lnr_buf_add(struct lnr_buf *b, const void *ptr, size_t len)
{
	char *to = lnr_buf_room(b, len);

	if (!to || len == 0)
		return;
	memcpy(to, ptr, len);
	to[len] = '\0';
	b->len += len;
}

static inline void lnr_buf_str(struct lnr_buf *b, struct lnr_str s)
{
	lnr_buf_add(b, s.ptr, s.len);
}

static inline void lnr_buf_cstr(struct lnr_buf *b, const char *s)
{
	lnr_buf_add(b, s, strlen(s));
}

static inline void lnr_buf_chr(struct lnr_buf *b, char c)
{
	lnr_buf_add(b, &c, 1);
}

static inline struct lnr_str lnr_buf_view(const struct lnr_buf *b)
{
	return (struct lnr_str){b->ptr ? b->ptr : "", b->len};
}

#endif
