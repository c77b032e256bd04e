/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fixed-size objects with a budget.
 *
 * Objects come from chunks that grow geometrically and are kept until lnr_pool_done(); released
 * objects are reused last-in first-out. `max` bounds how many are out at once. Not thread-safe.
 */
#ifndef LNR_BASE_POOL_H
#define LNR_BASE_POOL_H

#include <stddef.h>

struct lnr_pool {
	size_t obj_size, max, out, made;
	void *free_list, *chunks;
	char *at, *end; /* objects of the newest chunk that were never out */
};

/* max 0 = no limit. */
void lnr_pool_init(struct lnr_pool *p, size_t obj_size, size_t max);
void lnr_pool_done(struct lnr_pool *p);
/* A zeroed object, or NULL (budget or heap exhausted). */
void *lnr_pool_take(struct lnr_pool *p);
/* NULL is allowed. */
void lnr_pool_put(struct lnr_pool *p, void *obj);

#endif
