/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/auxv.h>

/* A slot is free when its value is NULL, which is why NULL cannot be stored. */
#define CAP_MIN 8

/* Whether `len` + 1 entries are too many for `cap` slots. */
static inline bool full(size_t cap, size_t len)
{
	return len >= cap / 4 * 3;
}

/*
 * With backward-shift deletion an entry must never be found before its home slot: whether the
 * entry at `at`, whose home is `home`, may move into `hole`.
 */
static inline bool may_move(size_t home, size_t at, size_t hole, size_t mask)
{
	return ((at - home) & mask) >= ((at - hole) & mask);
}

/* --- u64 keys ---------------------------------------------------------------------------------*/

void lnr_idmap_init(struct lnr_idmap *m)
{
	*m = (struct lnr_idmap){0};
}

void lnr_idmap_done(struct lnr_idmap *m)
{
	free(m->slots);
	lnr_idmap_init(m);
}

void lnr_idmap_clear(struct lnr_idmap *m)
{
	if (m->len)
		memset(m->slots, 0, m->cap * sizeof(*m->slots));
	m->len = 0;
}

/* Slot of `key`, or the free one where it belongs. The table has at least one free slot. */
static inline struct lnr_idmap_slot *id_slot(const struct lnr_idmap *m, uint64_t key)
{
	size_t mask = m->cap - 1;
	size_t i = lnr_u64_hash(key) & mask;

	while (m->slots[i].val && m->slots[i].key != key)
		i = (i + 1) & mask;
	return &m->slots[i];
}

void *lnr_idmap_get(const struct lnr_idmap *m, uint64_t key)
{
	return m->len ? id_slot(m, key)->val : NULL;
}

static int id_grow(struct lnr_idmap *m)
{
	struct lnr_idmap bigger = {.cap = m->cap ? m->cap * 2 : CAP_MIN, .len = m->len};

	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < m->cap; i++) {
		if (m->slots[i].val)
			*id_slot(&bigger, m->slots[i].key) = m->slots[i];
	}
	free(m->slots);
	*m = bigger;
	return 0;
}

int lnr_idmap_set(struct lnr_idmap *m, uint64_t key, void *val, void **ret_old)
{
	struct lnr_idmap_slot *s = m->cap ? id_slot(m, key) : NULL;

	if (!val)
		return -EINVAL;
	if (!s || (!s->val && full(m->cap, m->len))) {
		int rc = id_grow(m);

		if (rc)
			return rc;
		s = id_slot(m, key);
	}
	if (ret_old)
		*ret_old = s->val;
	m->len += !s->val;
	s->key = key;
	s->val = val;
	return 0;
}

void *lnr_idmap_remove(struct lnr_idmap *m, uint64_t key)
{
	struct lnr_idmap_slot *s = m->len ? id_slot(m, key) : NULL;
	size_t mask = m->cap - 1, hole;
	void *val;

	if (!s || !s->val)
		return NULL;
	val = s->val;
	hole = (size_t)(s - m->slots);
	for (size_t i = (hole + 1) & mask; m->slots[i].val; i = (i + 1) & mask) {
		if (may_move(lnr_u64_hash(m->slots[i].key) & mask, i, hole, mask)) {
			m->slots[hole] = m->slots[i];
			hole = i;
		}
	}
	m->slots[hole].val = NULL;
	m->len--;
	return val;
}

bool lnr_idmap_next(const struct lnr_idmap *m, size_t *pos, uint64_t *ret_key, void **ret_val)
{
	while (*pos < m->cap) {
		const struct lnr_idmap_slot *s = &m->slots[(*pos)++];

		if (!s->val)
			continue;
		if (ret_key)
			*ret_key = s->key;
		if (ret_val)
			*ret_val = s->val;
		return true;
	}
	return false;
}

/* --- byte string keys -------------------------------------------------------------------------*/

/* The kernel gives every process sixteen random bytes (getauxval(3), AT_RANDOM). */
static uint64_t process_seed(void)
{
	const void *random = (const void *)getauxval(AT_RANDOM);
	uint64_t seed = 0;

	if (random)
		memcpy(&seed, random, sizeof(seed));
	/* The same bytes guard the stack: do not leave them lying about in tables. */
	return lnr_u64_hash(seed);
}

void lnr_strmap_init(struct lnr_strmap *m)
{
	*m = (struct lnr_strmap){.seed = process_seed()};
}

void lnr_strmap_done(struct lnr_strmap *m)
{
	free(m->slots);
	*m = (struct lnr_strmap){.seed = m->seed};
}

void lnr_strmap_clear(struct lnr_strmap *m)
{
	if (m->len)
		memset(m->slots, 0, m->cap * sizeof(*m->slots));
	m->len = 0;
}

static inline struct lnr_strmap_slot *str_slot(
	const struct lnr_strmap *m, struct lnr_str key, uint64_t hash)
{
	size_t mask = m->cap - 1;
	size_t i = hash & mask;

	while (m->slots[i].val && (m->slots[i].hash != hash || !lnr_str_eq(m->slots[i].key, key)))
		i = (i + 1) & mask;
	return &m->slots[i];
}

void *lnr_strmap_get(const struct lnr_strmap *m, struct lnr_str key)
{
	return m->len ? str_slot(m, key, lnr_str_hash(key, m->seed))->val : NULL;
}

static int str_grow(struct lnr_strmap *m)
{
	struct lnr_strmap bigger = {.cap = m->cap ? m->cap * 2 : CAP_MIN, .len = m->len};
	size_t mask = bigger.cap - 1;

	bigger.seed = m->seed;
	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < m->cap; i++) {
		size_t to = m->slots[i].hash & mask;

		if (!m->slots[i].val)
			continue;
		/* All keys differ, so that the first free slot is the right one. */
		while (bigger.slots[to].val)
			to = (to + 1) & mask;
		bigger.slots[to] = m->slots[i];
	}
	free(m->slots);
	*m = bigger;
	return 0;
}

int lnr_strmap_set(struct lnr_strmap *m, struct lnr_str key, void *val, void **ret_old)
{
	uint64_t hash = lnr_str_hash(key, m->seed);
	struct lnr_strmap_slot *s = m->cap ? str_slot(m, key, hash) : NULL;

	if (!val)
		return -EINVAL;
	if (!s || (!s->val && full(m->cap, m->len))) {
		int rc = str_grow(m);

		if (rc)
			return rc;
		s = str_slot(m, key, hash);
	}
	if (ret_old)
		*ret_old = s->val;
	m->len += !s->val;
	/* On replacement too: the old key may go with the old value. */
	s->key = key;
	s->hash = hash;
	s->val = val;
	return 0;
}

void *lnr_strmap_remove(struct lnr_strmap *m, struct lnr_str key)
{
	struct lnr_strmap_slot *s = m->len ? str_slot(m, key, lnr_str_hash(key, m->seed)) : NULL;
	size_t mask = m->cap - 1, hole;
	void *val;

	if (!s || !s->val)
		return NULL;
	val = s->val;
	hole = (size_t)(s - m->slots);
	for (size_t i = (hole + 1) & mask; m->slots[i].val; i = (i + 1) & mask) {
		if (may_move(m->slots[i].hash & mask, i, hole, mask)) {
			m->slots[hole] = m->slots[i];
			hole = i;
		}
	}
	m->slots[hole].val = NULL;
	m->len--;
	return val;
}

bool lnr_strmap_next(
	const struct lnr_strmap *m, size_t *pos, struct lnr_str *ret_key, void **ret_val)
{
	while (*pos < m->cap) {
		const struct lnr_strmap_slot *s = &m->slots[(*pos)++];

		if (!s->val)
			continue;
		if (ret_key)
			*ret_key = s->key;
		if (ret_val)
			*ret_val = s->val;
		return true;
	}
	return false;
}
