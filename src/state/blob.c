/* SPDX-License-Identifier: Apache-2.0 */
#include "state/blob_priv.h"

#include <errno.h>
#include <stdlib.h>

/* Where a blob came from stands in front of it, so that its last user need not know. */
struct box {
	struct lnr_slab *slab; /* NULL = the heap */
	struct lnr_blob blob;
};

static struct box *box_of(struct lnr_blob *b)
{
	return (struct box *)((char *)b - offsetof(struct box, blob));
}

static size_t box_size(size_t len)
{
	return offsetof(struct box, blob.data) + len + 1;
}

/* Readers take texts for C strings now and then: there is a NUL behind the bytes. */
struct lnr_blob *lnr_blob_new_in(struct lnr_slab *slab, struct lnr_str s)
{
	if (s.len > UINT32_MAX - 64)
		return NULL;
	struct box *x = slab ? lnr_slab_take(slab, box_size(s.len)) : malloc(box_size(s.len));
	if (!x)
		return NULL;
	x->slab = slab;
	x->blob.refs = 1;
	x->blob.len = (uint32_t)s.len;
	if (s.len)
		memcpy(x->blob.data, s.ptr, s.len);
	x->blob.data[s.len] = '\0';
	return &x->blob;
}

struct lnr_blob *lnr_blob_new(struct lnr_str s)
{
	return lnr_blob_new_in(NULL, s);
}

struct lnr_blob *lnr_blob_ref(struct lnr_blob *b)
{
	if (b)
		b->refs++;
	return b;
}

struct lnr_blob *lnr_blob_unref(struct lnr_blob *b)
{
	if (!b || --b->refs)
		return NULL;
	struct box *x = box_of(b);
	if (x->slab)
		lnr_slab_put(x->slab, x, box_size(b->len));
	else
		free(x);
	return NULL;
}

/* Most of what is set is what was there; then neither memory nor sharing changes. */
int lnr_blob_set_in(struct lnr_slab *slab, struct lnr_blob **slot, struct lnr_str s)
{
	struct lnr_blob *old = *slot;
	if (old && old->len == s.len && (!s.len || !memcmp(old->data, s.ptr, s.len)))
		return 0;
	struct lnr_blob *b = lnr_blob_new_in(slab, s);
	if (!b)
		return -ENOMEM;
	*slot = b;
	lnr_blob_unref(old);
	return 0;
}

int lnr_blob_set(struct lnr_blob **slot, struct lnr_str s)
{
	return lnr_blob_set_in(*slot ? box_of(*slot)->slab : NULL, slot, s);
}

void lnr_blob_share(struct lnr_blob **slot, struct lnr_blob *b)
{
	if (*slot == b)
		return;
	lnr_blob_ref(b);
	lnr_blob_unref(*slot);
	*slot = b;
}
