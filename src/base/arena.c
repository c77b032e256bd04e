/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/asan.h"
#include "schema/limits.h"

/* Keeps `data` aligned to 16, as malloc() returns it. */
struct lnr_arena_block {
	_Alignas(16) struct lnr_arena_block *older;
	size_t size; /* of data */
	_Alignas(16) char data[];
};

static void block_free(struct lnr_arena_block *b)
{
	lnr_asan_show(b->data, b->size);
	free(b);
}

static void use_block(struct lnr_arena *a, struct lnr_arena_block *b)
{
	a->head = b;
	a->at = b->data;
	a->end = b->data + b->size;
	lnr_asan_hide(b->data, b->size);
}

void lnr_arena_init(struct lnr_arena *a, size_t max_bytes)
{
	*a = (struct lnr_arena){.max_bytes = max_bytes};
}

void lnr_arena_done(struct lnr_arena *a)
{
	struct lnr_arena_block *b, *older;

	for (b = a->head; b; b = older) {
		older = b->older;
		block_free(b);
	}
	lnr_arena_init(a, a->max_bytes);
}

void lnr_arena_reset(struct lnr_arena *a)
{
	struct lnr_arena_block *b, *older, *keep = a->head;

	if (!keep)
		return;
	for (b = keep->older; b; b = b->older) {
		if (b->size > keep->size)
			keep = b;
	}
	for (b = a->head; b; b = older) {
		older = b->older;
		if (b != keep)
			block_free(b);
	}
	keep->older = NULL;
	a->used_bytes = 0;
	a->total_bytes = sizeof(*keep) + keep->size;
	use_block(a, keep);
}

/*
 * Blocks double, so that an arena of n bytes costs log n calls of malloc(). Near the limit the
 * block shrinks to what is left rather than refuse a request that still fits.
 */
static int grow(struct lnr_arena *a, size_t need)
{
	size_t size = a->head ? a->head->size * 2 : LNR_ARENA_BLOCK_BYTES_MIN;
	struct lnr_arena_block *b;

	if (size > LNR_ARENA_BLOCK_BYTES_MAX)
		size = LNR_ARENA_BLOCK_BYTES_MAX;
	if (size < need)
		size = need;
	if (need > SIZE_MAX - sizeof(*b) || size > SIZE_MAX - sizeof(*b))
		return -1;
	if (a->max_bytes) {
		size_t left = a->max_bytes - a->total_bytes;

		if (a->total_bytes > a->max_bytes || left < sizeof(*b) || left - sizeof(*b) < need)
			return -1;
		if (size > left - sizeof(*b))
			size = left - sizeof(*b);
	}
	b = malloc(sizeof(*b) + size);
	if (!b)
		return -1;
	b->older = a->head;
	b->size = size;
	a->total_bytes += sizeof(*b) + size;
	use_block(a, b);
	return 0;
}

void *lnr_arena_alloc(struct lnr_arena *a, size_t size)
{
	size_t padded;
	void *p;

	if (size > SIZE_MAX - 15)
		return NULL;
	/* An empty object still has an address of its own. */
	padded = size ? (size + 15) & ~(size_t)15 : 16;
	if (padded > (size_t)(a->end - a->at) && grow(a, padded))
		return NULL;
	p = a->at;
	a->at += padded;
	a->used_bytes += padded;
	lnr_asan_show(p, size);
	return p;
}

void *lnr_arena_calloc(struct lnr_arena *a, size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	p = lnr_arena_alloc(a, bytes);
	return p ? memset(p, 0, bytes) : NULL;
}

char *lnr_arena_strdup(struct lnr_arena *a, struct lnr_str s)
{
	char *p = s.len < SIZE_MAX ? lnr_arena_alloc(a, s.len + 1) : NULL;

	if (!p)
		return NULL;
	if (s.len)
		memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	return p;
}

struct lnr_str lnr_arena_str(struct lnr_arena *a, struct lnr_str s)
{
	char *p = lnr_arena_strdup(a, s);

	return (struct lnr_str){p, p ? s.len : 0};
}

char *lnr_arena_printf(struct lnr_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	p = lnr_arena_alloc(a, (size_t)len + 1);
	if (!p)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return p;
}
