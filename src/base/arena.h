/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocate many, free once.
 *
 * Memory comes in growing blocks from the heap up to `max_bytes`; there is no single free. Reset
 * keeps the largest block, so that a scratch arena stops allocating after warm-up. Not thread-safe.
 * Pointers are valid until reset or done.
 */
#ifndef LNR_BASE_ARENA_H
#define LNR_BASE_ARENA_H

#include <stddef.h>
#include "base/str.h"

struct lnr_arena_block;
struct lnr_arena {
	struct lnr_arena_block *head; /* newest first */
	char *at, *end;		      /* free part of the newest block */
	size_t used_bytes;	      /* handed out since the last reset, padding included */
	size_t max_bytes;	      /* limit on blocks together; 0 = none */
	size_t total_bytes;	      /* blocks together */
};

void lnr_arena_init(struct lnr_arena *a, size_t max_bytes);
/* Free everything. Takes a zeroed arena too. */
void lnr_arena_done(struct lnr_arena *a);
/* Forget all allocations, keep one block. */
void lnr_arena_reset(struct lnr_arena *a);
/* `size` bytes aligned to 16, or NULL (heap exhausted or over max_bytes). */
void *lnr_arena_alloc(struct lnr_arena *a, size_t size);
/* Zeroed array; overflow of n * size gives NULL. */
void *lnr_arena_calloc(struct lnr_arena *a, size_t n, size_t size);
/* NUL-terminated copies. */
char *lnr_arena_strdup(struct lnr_arena *a, struct lnr_str s);
/* As a view; ret.ptr is NULL on failure. */
struct lnr_str lnr_arena_str(struct lnr_arena *a, struct lnr_str s);
char *lnr_arena_printf(struct lnr_arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define lnr_arena_new(a, type) ((type *)lnr_arena_calloc((a), 1, sizeof(type)))

#endif
