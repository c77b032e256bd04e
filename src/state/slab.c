/* SPDX-License-Identifier: Apache-2.0 */
#include "state/slab.h"

#include <stdlib.h>
#include <string.h>

/*
 * The address sanitizer sees single objects only when each has its own allocation, so such builds
 * go to the heap for all.
 */
#if defined(__SANITIZE_ADDRESS__)
#define ALL_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ALL_HEAP 1
#endif
#endif
#ifndef ALL_HEAP
#define ALL_HEAP 0
#endif

struct free_obj {
	struct free_obj *next;
};

struct chunk {
	struct chunk *next;
	size_t pad; /* keeps what follows aligned to 16 */
};

void lnr_slab_init(struct lnr_slab *s)
{
	memset(s, 0, sizeof(*s));
}

void lnr_slab_done(struct lnr_slab *s)
{
	for (struct chunk *c = s->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	memset(s, 0, sizeof(*s));
}

static unsigned class_of(size_t size)
{
	return size ? (unsigned)((size - 1) / LNR_SLAB_STEP) : 0;
}

/* The class's chunk is used up: cut from a new one. */
static void *take_fresh(struct lnr_slab *s, struct lnr_slab_class *c, size_t obj_size)
{
	if ((size_t)(c->end - c->at) < obj_size) {
		size_t n = LNR_SLAB_CHUNK_BYTES;
		struct chunk *k = malloc(n);
		if (!k)
			return NULL;
		k->next = s->chunks;
		s->chunks = k;
		s->chunk_bytes += n;
		c->at = (char *)(k + 1);
		c->end = (char *)k + n;
	}
	void *obj = c->at;
	c->at += obj_size;
	return obj;
}

/* Freed objects first, so that a steady state takes no new memory at all. */
void *lnr_slab_take(struct lnr_slab *s, size_t size)
{
	if (ALL_HEAP || size > LNR_SLAB_OBJECT_MAX)
		return malloc(size ? size : 1);
	unsigned i = class_of(size);
	struct lnr_slab_class *c = &s->cls[i];
	struct free_obj *o = c->free_list;
	if (!o)
		return take_fresh(s, c, (i + 1) * LNR_SLAB_STEP);
	c->free_list = o->next;
	return o;
}

void lnr_slab_put(struct lnr_slab *s, void *obj, size_t size)
{
	if (!obj)
		return;
	if (ALL_HEAP || size > LNR_SLAB_OBJECT_MAX) {
		free(obj);
		return;
	}
	struct lnr_slab_class *c = &s->cls[class_of(size)];
	struct free_obj *o = obj;
	o->next = c->free_list;
	c->free_list = o;
}
