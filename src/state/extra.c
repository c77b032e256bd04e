/* SPDX-License-Identifier: Apache-2.0 */
#include "state/extra.h"

#include <errno.h>
#include <string.h>
#include "state/blob_priv.h"

struct value {
	uint64_t bits;	       /* union lnr_plugin_state_data without its pointers */
	struct lnr_blob *text; /* NULL = none */
};

struct lnr_extra {
	struct lnr_extra_budget *budget;
	uint32_t refs, n;
	struct value v[];
};

static size_t size_of(uint32_t n)
{
	return offsetof(struct lnr_extra, v) + n * sizeof(struct value);
}

struct lnr_extra *lnr_extra_ref(struct lnr_extra *e)
{
	if (e)
		e->refs++;
	return e;
}

/* A text that two entries share is counted for both: the budget bounds, it does not measure. */
static size_t text_size(const struct lnr_blob *b)
{
	return b ? sizeof(*b) + b->len + 1 : 0;
}

struct lnr_extra *lnr_extra_unref(struct lnr_extra *e)
{
	if (!e || --e->refs)
		return NULL;
	for (uint32_t i = 0; i < e->n; i++) {
		e->budget->used_bytes -= text_size(e->v[i].text);
		lnr_blob_unref(e->v[i].text);
	}
	e->budget->used_bytes -= size_of(e->n);
	lnr_slab_put(e->budget->slab, e, size_of(e->n));
	return NULL;
}

void lnr_extra_get(
	const struct lnr_extra *e, unsigned i, uint32_t type, union lnr_plugin_state_data *ret)
{
	bool there = e && i < e->n;
	ret->u64 = there ? e->v[i].bits : 0;
	if (type == LNR_PLUGIN_ST_STRING)
		ret->str = there && e->v[i].text ? e->v[i].text->data : "";
}

static int charge(struct lnr_extra_budget *b, size_t bytes)
{
	if (bytes > LNR_PLUGIN_VALUES_BYTES - b->used_bytes)
		return -ENOSPC;
	b->used_bytes += bytes;
	return 0;
}

/* One of our own with room for n values, those of *slot in it. */
static int make_room(struct lnr_extra_budget *b, struct lnr_extra **slot, uint32_t n)
{
	const struct lnr_extra *old = *slot;
	size_t bytes = size_of(n);
	for (uint32_t i = 0; old && i < old->n; i++)
		bytes += text_size(old->v[i].text);
	int r = charge(b, bytes);
	if (r)
		return r;
	struct lnr_extra *e = lnr_slab_take(b->slab, size_of(n));
	if (!e) {
		b->used_bytes -= bytes;
		return -ENOMEM;
	}
	memset(e, 0, size_of(n));
	e->budget = b;
	e->refs = 1;
	e->n = n;
	for (uint32_t i = 0; old && i < old->n; i++) {
		e->v[i] = old->v[i];
		lnr_blob_ref(e->v[i].text);
	}
	lnr_extra_unref(*slot);
	*slot = e;
	return 0;
}

static int set_text(struct lnr_extra_budget *b, struct value *v, const char *text)
{
	struct lnr_str s = lnr_str_c(text ? text : "");
	struct lnr_blob *new = NULL;
	if (s.len) {
		int r = charge(b, sizeof(*new) + s.len + 1);
		if (r)
			return r;
		new = lnr_blob_new_in(b->slab, s);
		if (!new) {
			b->used_bytes -= sizeof(*new) + s.len + 1;
			return -ENOMEM;
		}
	}
	b->used_bytes -= text_size(v->text);
	lnr_blob_unref(v->text);
	v->text = new;
	return 0;
}

/* Mostly a plugin adds one field and then another: room comes two values at a time. */
int lnr_extra_set(struct lnr_extra_budget *b, struct lnr_extra **slot, unsigned i, uint32_t type,
	const union lnr_plugin_state_data *in)
{
	struct lnr_extra *e = *slot;
	uint32_t n = e && e->n > i ? e->n : i + 1 + (i + 1) % 2;
	int r = !e || e->refs > 1 || e->n < n ? make_room(b, slot, n) : 0;
	if (r)
		return r;
	e = *slot;
	if (type == LNR_PLUGIN_ST_STRING)
		return set_text(b, &e->v[i], in->str);
	/* Only as much as the type has: the rest of the caller's union may be anything. */
	union lnr_plugin_state_data out = {0};
	switch (type) {
	case LNR_PLUGIN_ST_INT8:
	case LNR_PLUGIN_ST_UINT8:
		out.u8 = in->u8;
		break;
	case LNR_PLUGIN_ST_INT16:
	case LNR_PLUGIN_ST_UINT16:
		out.u16 = in->u16;
		break;
	case LNR_PLUGIN_ST_INT32:
	case LNR_PLUGIN_ST_UINT32:
		out.u32 = in->u32;
		break;
	case LNR_PLUGIN_ST_BOOL:
		out.b = in->b != 0;
		break;
	default:
		out.u64 = in->u64;
	}
	e->v[i].bits = out.u64;
	return 0;
}
