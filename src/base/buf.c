/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include "schema/limits.h"

void lnr_buf_init(struct lnr_buf *b, size_t max)
{
	*b = (struct lnr_buf){.max = max};
}

void lnr_buf_done(struct lnr_buf *b)
{
	free(b->ptr);
	lnr_buf_init(b, b->max);
}

void lnr_buf_clear(struct lnr_buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->ptr)
		b->ptr[0] = '\0';
}

char *lnr_buf_grow(struct lnr_buf *b, size_t len)
{
	size_t max = b->max ? b->max : LNR_BUF_BYTES_MAX;
	size_t cap = b->cap ? b->cap : LNR_BUF_BYTES_MIN;
	char *p;

	if (b->failed)
		return NULL;
	/* `max` and `len` count content; one byte more is for the NUL. */
	if (max == SIZE_MAX)
		max--;
	if (b->len > max || len > max - b->len)
		goto fail;
	while (cap < b->len + len + 1)
		cap = cap > max / 2 ? max + 1 : cap * 2;
	if (cap > max + 1)
		cap = max + 1;
	if (cap > b->cap) {
		p = realloc(b->ptr, cap);
		if (!p)
			goto fail;
		b->ptr = p;
		b->cap = cap;
		p[b->len] = '\0';
	}
	return b->ptr + b->len;
fail:
	b->failed = true;
	return NULL;
}

void lnr_buf_vprintf(struct lnr_buf *b, const char *fmt, va_list ap)
{
	size_t room = b->cap - b->len;
	va_list again;
	int len;

	if (b->failed)
		return;
	va_copy(again, ap);
	len = vsnprintf(b->ptr ? b->ptr + b->len : NULL, room, fmt, ap);
	if (len < 0) {
		b->failed = true;
		if (b->ptr)
			b->ptr[b->len] = '\0';
	} else if ((size_t)len < room) {
		b->len += (size_t)len;
	} else {
		char *to = lnr_buf_grow(b, (size_t)len);

		if (to) {
			vsnprintf(to, (size_t)len + 1, fmt, again);
			b->len += (size_t)len;
		} else if (b->ptr) {
			/* Take back the part that the first attempt wrote. */
			b->ptr[b->len] = '\0';
		}
	}
	va_end(again);
}

void lnr_buf_printf(struct lnr_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	lnr_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

/* "00" to "99": two digits for one division. */
static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

/* Digits of `v` so that the last one stands before `end`; returns the first one. */
static char *digits(char *end, uint64_t v)
{
	while (v >= 100) {
		end -= 2;
		memcpy(end, pairs + v % 100 * 2, 2);
		v /= 100;
	}
	if (v >= 10) {
		end -= 2;
		memcpy(end, pairs + v * 2, 2);
	} else {
		*--end = (char)('0' + v);
	}
	return end;
}

void lnr_buf_u64(struct lnr_buf *b, uint64_t v)
{
	char text[20];
	char *first = digits(text + sizeof(text), v);

	lnr_buf_add(b, first, (size_t)(text + sizeof(text) - first));
}

void lnr_buf_s64(struct lnr_buf *b, int64_t v)
{
	char text[21];
	char *first = digits(text + sizeof(text), v < 0 ? -(uint64_t)v : (uint64_t)v);

	if (v < 0)
		*--first = '-';
	lnr_buf_add(b, first, (size_t)(text + sizeof(text) - first));
}

void lnr_buf_cut(struct lnr_buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->ptr[len] = '\0';
}

char *lnr_buf_take(struct lnr_buf *b)
{
	char *p = NULL;

	/* An empty buffer may own no memory yet; its text is still a string. */
	if (lnr_buf_room(b, 0)) {
		p = b->ptr;
		b->ptr = NULL;
	}
	lnr_buf_done(b);
	return p;
}
