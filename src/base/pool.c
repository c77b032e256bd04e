/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/asan.h"
#include "schema/limits.h"

struct chunk {
	_Alignas(16) struct chunk *older;
	size_t size; /* of data */
	_Alignas(16) char data[];
};

void lnr_pool_init(struct lnr_pool *p, size_t obj_size, size_t max)
{
	/* A released object holds the link of the free list in its first bytes. */
	if (obj_size < sizeof(void *))
		obj_size = sizeof(void *);
	*p = (struct lnr_pool){.obj_size = (obj_size + 15) & ~(size_t)15, .max = max};
}

void lnr_pool_done(struct lnr_pool *p)
{
	struct chunk *c, *older;

	for (c = p->chunks; c; c = older) {
		older = c->older;
		lnr_asan_show(c->data, c->size);
		free(c);
	}
	*p = (struct lnr_pool){.obj_size = p->obj_size, .max = p->max};
}

/*
 * As many objects again as were made so far, so that the number of chunks stays logarithmic, but
 * no more than the budget can still ask for.
 */
static int grow(struct lnr_pool *p)
{
	size_t want = p->made ? p->made : LNR_POOL_CHUNK_BYTES_MIN / p->obj_size;
	size_t most = LNR_POOL_CHUNK_BYTES_MAX / p->obj_size;
	struct chunk *c;

	if (want > most)
		want = most;
	if (want == 0)
		want = 1;
	if (p->max && want > p->max - p->made)
		want = p->max - p->made;
	if (p->obj_size > SIZE_MAX / 2 / want)
		return -1;
	c = malloc(sizeof(*c) + want * p->obj_size);
	if (!c)
		return -1;
	c->older = p->chunks;
	c->size = want * p->obj_size;
	p->chunks = c;
	p->made += want;
	/* Handed out from the front; memory that no object needed yet is not touched. */
	p->at = c->data;
	p->end = c->data + c->size;
	lnr_asan_hide(c->data, c->size);
	return 0;
}

void *lnr_pool_take(struct lnr_pool *p)
{
	void *obj = p->free_list;

	if (p->max && p->out >= p->max)
		return NULL;
	if (obj) {
		lnr_asan_show(obj, p->obj_size);
		memcpy(&p->free_list, obj, sizeof(p->free_list));
	} else {
		if (p->at == p->end && grow(p))
			return NULL;
		obj = p->at;
		p->at += p->obj_size;
		lnr_asan_show(obj, p->obj_size);
	}
	p->out++;
	return memset(obj, 0, p->obj_size);
}

void lnr_pool_put(struct lnr_pool *p, void *obj)
{
	if (!obj)
		return;
	/* The address sanitizer reports an object put twice here, where its link is written. */
	memcpy(obj, &p->free_list, sizeof(p->free_list));
	lnr_asan_hide(obj, p->obj_size);
	p->free_list = obj;
	p->out--;
}
