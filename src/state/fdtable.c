/* SPDX-License-Identifier: Apache-2.0 */
#include "state/fdtable.h"

#include <string.h>
#include "state/extra.h"

/*
 * Bucket counts in the order a growing table takes them: what the reference's hash table chooses
 * when it is filled one by one (C++ library of GCC, prime rehash policy).
 */
static const uint32_t bucket_counts[] = {
	1, 13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753, 42043, 85229, 172933};

/* Numbers are hashed as the reference's 64 bits; small ones take the quicker division. */
static uint32_t bucket_of(const struct lnr_fdtable *t, int64_t num)
{
	uint64_t u = (uint64_t)num;
	return u <= UINT32_MAX ? (uint32_t)u % t->nbuckets : (uint32_t)(u % t->nbuckets);
}

static struct lnr_fd_node *node_of(struct lnr_fd_link *l)
{
	return (struct lnr_fd_node *)l;
}

void lnr_fd_reset(struct lnr_fd *fd)
{
	int32_t num = fd->num;
	lnr_blob_unref(fd->name);
	lnr_blob_unref(fd->raw);
	lnr_extra_unref(fd->extra);
	memset(fd, 0, sizeof(*fd));
	fd->num = num;
	fd->type = LNR_FD_UNINITIALIZED;
}

void lnr_fd_copy(struct lnr_fd *dst, const struct lnr_fd *src)
{
	int32_t num = dst->num;
	struct lnr_blob *name = lnr_blob_ref(src->name), *raw = lnr_blob_ref(src->raw);
	struct lnr_extra *extra = lnr_extra_ref(src->extra);
	lnr_blob_unref(dst->name);
	lnr_blob_unref(dst->raw);
	lnr_extra_unref(dst->extra);
	*dst = *src;
	dst->num = num;
	dst->name = name;
	dst->raw = raw;
	dst->extra = extra;
}

/* Names are counted; the entry itself goes back to its size class. */
static void node_free(struct lnr_slab *slab, struct lnr_fd_node *n)
{
	lnr_blob_unref(n->fd.name);
	lnr_blob_unref(n->fd.raw);
	lnr_extra_unref(n->fd.extra);
	lnr_slab_put(slab, n, sizeof(*n));
}

static void table_init(struct lnr_fdtable *t)
{
	memset(t, 0, sizeof(*t));
	t->refs = 1;
	t->nbuckets = 1;
	t->buckets = &t->one;
}

static void buckets_free(struct lnr_slab *slab, struct lnr_fdtable *t)
{
	if (t->buckets != &t->one)
		lnr_slab_put(slab, t->buckets, t->nbuckets * sizeof(*t->buckets));
}

struct lnr_fdtable *lnr_fds_new(struct lnr_slab *slab)
{
	struct lnr_fdtable *t = lnr_slab_take(slab, sizeof(*t));
	if (t)
		table_init(t);
	return t;
}

struct lnr_fdtable *lnr_fds_ref(struct lnr_fdtable *t)
{
	if (t)
		t->refs++;
	return t;
}

struct lnr_fdtable *lnr_fds_unref(struct lnr_slab *slab, struct lnr_fdtable *t)
{
	if (!t || --t->refs)
		return NULL;
	for (struct lnr_fd_node *n = lnr_fds_first(t), *next; n; n = next) {
		next = lnr_fds_next(n);
		node_free(slab, n);
	}
	buckets_free(slab, t);
	lnr_slab_put(slab, t, sizeof(*t));
	return NULL;
}

/* Link before the entry, or NULL. */
static struct lnr_fd_link *find_before(const struct lnr_fdtable *t, int64_t num)
{
	uint32_t b = bucket_of(t, num);
	struct lnr_fd_link *prev = t->buckets[b];
	for (; prev && prev->next; prev = prev->next) {
		int64_t at = node_of(prev->next)->fd.num;
		if (at == num)
			return prev;
		if (bucket_of(t, at) != b)
			break;
	}
	return NULL;
}

/* Events of one descriptor come in rows, so the entry found last is tried first. */
struct lnr_fd *lnr_fds_get(struct lnr_fdtable *t, int64_t num)
{
	if (t->last && t->last->fd.num == num)
		return &t->last->fd;
	if (num != (int32_t)num)
		return NULL;
	struct lnr_fd_link *prev = find_before(t, num);
	if (!prev)
		return NULL;
	t->last = node_of(prev->next);
	return &t->last->fd;
}

/* In front of its bucket, or of all when the bucket was empty. */
static void chain_in(struct lnr_fdtable *t, struct lnr_fd_node *n)
{
	uint32_t b = bucket_of(t, n->fd.num);
	if (t->buckets[b]) {
		n->link.next = t->buckets[b]->next;
		t->buckets[b]->next = &n->link;
		return;
	}
	n->link.next = t->before.next;
	t->before.next = &n->link;
	if (n->link.next)
		t->buckets[bucket_of(t, node_of(n->link.next)->fd.num)] = &n->link;
	t->buckets[b] = &t->before;
}

/* At the end of the chain; `tail` is the last link. Keeps an order that already is one. */
static void chain_append(struct lnr_fdtable *t, struct lnr_fd_link *tail, struct lnr_fd_node *n)
{
	uint32_t b = bucket_of(t, n->fd.num);
	n->link.next = NULL;
	tail->next = &n->link;
	if (!t->buckets[b])
		t->buckets[b] = tail;
}

static struct lnr_fd_link **buckets_new(struct lnr_slab *slab, uint32_t n)
{
	struct lnr_fd_link **b = lnr_slab_take(slab, n * sizeof(*b));
	if (b)
		memset(b, 0, n * sizeof(*b));
	return b;
}

/*
 * More buckets before one more entry. The old chain is walked and each entry put in anew. Without
 * memory the table stays as it is: slower, not wrong.
 */
static void grow(struct lnr_slab *slab, struct lnr_fdtable *t)
{
	uint32_t want = 0;
	for (size_t i = 0; i + 1 < sizeof(bucket_counts) / sizeof(*bucket_counts); i++)
		if (bucket_counts[i] == t->nbuckets)
			want = bucket_counts[i + 1];
	struct lnr_fd_link **b = want ? buckets_new(slab, want) : NULL;
	if (!b)
		return;
	buckets_free(slab, t);
	t->buckets = b;
	t->nbuckets = want;
	struct lnr_fd_link *l = t->before.next;
	t->before.next = NULL;
	for (struct lnr_fd_link *next; l; l = next) {
		next = l->next;
		chain_in(t, node_of(l));
	}
}

static bool is_full(const struct lnr_fdtable *t)
{
	/* A table starts with one bucket that holds nothing. */
	return t->nbuckets == 1 || t->count >= t->nbuckets;
}

struct lnr_fd *lnr_fds_add(
	struct lnr_slab *slab, struct lnr_fdtable *t, int64_t num, uint32_t max, bool *ret_new)
{
	struct lnr_fd *old = lnr_fds_get(t, num);
	*ret_new = !old;
	if (old) {
		lnr_fd_reset(old);
		return old;
	}
	if (t->count >= max || num != (int32_t)num)
		return NULL;
	struct lnr_fd_node *n = lnr_slab_take(slab, sizeof(*n));
	if (!n)
		return NULL;
	memset(n, 0, sizeof(*n));
	n->fd.num = (int32_t)num;
	n->fd.type = LNR_FD_UNINITIALIZED;
	if (is_full(t))
		grow(slab, t);
	chain_in(t, n);
	t->count++;
	return &n->fd;
}

/* The first link of a bucket is what other buckets hang on: both must be put right. */
/* Take the entry after `prev` out of the chain. */
static void chain_out(struct lnr_fdtable *t, struct lnr_fd_link *prev)
{
	struct lnr_fd_node *n = node_of(prev->next);
	uint32_t b = bucket_of(t, n->fd.num);
	struct lnr_fd_link *next = n->link.next;
	uint32_t next_b = next ? bucket_of(t, node_of(next)->fd.num) : b;
	prev->next = next;
	if (next && next_b != b)
		t->buckets[next_b] = prev;
	if (t->buckets[b] == prev && (!next || next_b != b))
		t->buckets[b] = NULL;
	if (t->last == n)
		t->last = NULL;
	t->count--;
}

bool lnr_fds_remove(struct lnr_slab *slab, struct lnr_fdtable *t, int64_t num)
{
	struct lnr_fd_link *prev = num == (int32_t)num ? find_before(t, num) : NULL;
	if (!prev)
		return false;
	struct lnr_fd_node *n = node_of(prev->next);
	chain_out(t, prev);
	node_free(slab, n);
	return true;
}

/* Walks the chain with the link before each entry at hand, which removal needs. */
uint32_t lnr_fds_filter(struct lnr_slab *slab, struct lnr_fdtable *t,
	bool (*drop)(const struct lnr_fd *fd, const void *arg), const void *arg)
{
	uint32_t dropped = 0;
	for (struct lnr_fd_link *prev = &t->before; prev->next;) {
		struct lnr_fd_node *n = node_of(prev->next);
		if (!drop(&n->fd, arg)) {
			prev = prev->next;
			continue;
		}
		chain_out(t, prev);
		node_free(slab, n);
		dropped++;
	}
	return dropped;
}

/*
 * One copy made good in place: the entries in their present order, added one after the other to an
 * empty table.
 */
static void add_anew(struct lnr_slab *slab, struct lnr_fdtable *t)
{
	struct lnr_fd_link *l = t->before.next;
	buckets_free(slab, t);
	t->buckets = &t->one;
	t->one = NULL;
	t->nbuckets = 1;
	t->count = 0;
	t->before.next = NULL;
	for (struct lnr_fd_link *next; l; l = next) {
		next = l->next;
		if (is_full(t))
			grow(slab, t);
		node_of(l)->fd.flags |= LNR_FDF_CLONED;
		chain_in(t, node_of(l));
		t->count++;
	}
}

/* The same entries in the same order. */
static struct lnr_fdtable *copy(struct lnr_slab *slab, const struct lnr_fdtable *src)
{
	struct lnr_fdtable *t = lnr_fds_new(slab);
	if (!t)
		return NULL;
	if (src->nbuckets > 1) {
		struct lnr_fd_link **b = buckets_new(slab, src->nbuckets);
		if (!b)
			return lnr_fds_unref(slab, t);
		t->buckets = b;
		t->nbuckets = src->nbuckets;
	}
	struct lnr_fd_link *tail = &t->before;
	for (struct lnr_fd_node *n = lnr_fds_first(src); n; n = lnr_fds_next(n)) {
		struct lnr_fd_node *m = lnr_slab_take(slab, sizeof(*m));
		if (!m)
			return lnr_fds_unref(slab, t);
		m->fd = n->fd;
		lnr_blob_ref(m->fd.name);
		lnr_blob_ref(m->fd.raw);
		lnr_extra_ref(m->fd.extra);
		chain_append(t, tail, m);
		tail = &m->link;
		t->count++;
	}
	return t;
}

struct lnr_fdtable *lnr_fds_own(struct lnr_slab *slab, struct lnr_fdtable **slot, uint8_t *rounds)
{
	struct lnr_fdtable *t = *slot;
	if (t->refs > 1) {
		t = copy(slab, t);
		if (!t)
			return NULL;
		lnr_fds_unref(slab, *slot);
		*slot = t;
	}
	for (; *rounds; --*rounds)
		add_anew(slab, t);
	return t;
}
