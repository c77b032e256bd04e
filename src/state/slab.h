/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small objects of any size for one state, without a trip to the heap for each: size classes of 32
 * bytes with a free list each, cut from chunks. Sizes beyond LNR_SLAB_OBJECT_MAX come from the
 * heap. The caller remembers the size. Chunks are given back all at once by done(); what a peak
 * took stays for the next peak, so the budgets of threads and descriptors bound it. Not
 * thread-safe.
 */
#ifndef LNR_STATE_SLAB_H
#define LNR_STATE_SLAB_H

#include <stddef.h>
#include "schema/limits.h"

#define LNR_SLAB_STEP	 32u
#define LNR_SLAB_CLASSES (LNR_SLAB_OBJECT_MAX / LNR_SLAB_STEP)

struct lnr_slab_class {
	void *free_list;
	char *at, *end; /* what is left of the newest chunk */
};

struct lnr_slab {
	struct lnr_slab_class cls[LNR_SLAB_CLASSES];
	void *chunks;
	size_t chunk_bytes; /* all chunks together */
};

void lnr_slab_init(struct lnr_slab *s);
/* Objects that were not put back are gone too, those from the heap excepted. */
void lnr_slab_done(struct lnr_slab *s);
/* Not zeroed; aligned to 16. NULL when the heap is exhausted. */
void *lnr_slab_take(struct lnr_slab *s, size_t size);
/* `size` as it was taken; NULL is allowed. */
void lnr_slab_put(struct lnr_slab *s, void *obj, size_t size);

#endif
