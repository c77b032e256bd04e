/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open-addressing hash tables of pointers.
 *
 * struct lnr_idmap maps u64 keys, struct lnr_strmap maps byte strings, to non-NULL pointers. Keys
 * of a strmap are borrowed: they must stay valid and unchanged while the entry exists (usually they
 * are part of the value). Linear probing, at most 3/4 full, backward-shift deletion (no
 * tombstones). A failed growth leaves the table as it was. Not thread-safe. Iteration order is
 * unspecified; removing the current entry while iterating is not allowed.
 *
 * A strmap draws its seed from the process's random bytes, so that whoever chooses the keys (names
 * of files, containers) cannot choose them to collide; the order of iteration therefore differs
 * from run to run. Keys of an idmap come from the kernel and are spread without a seed. A zeroed
 * table is an empty table.
 */
#ifndef LNR_BASE_HASH_H
#define LNR_BASE_HASH_H

#include "base/str.h"

struct lnr_idmap {
	struct lnr_idmap_slot {
		uint64_t key;
		void *val;
	} * slots;
	size_t cap, len;
};

void lnr_idmap_init(struct lnr_idmap *m);
void lnr_idmap_done(struct lnr_idmap *m); /* values are the caller's */
void lnr_idmap_clear(struct lnr_idmap *m);
void *lnr_idmap_get(const struct lnr_idmap *m, uint64_t key); /* NULL = absent */
/* Insert or replace; *ret_old (may be NULL) gets the value replaced. 0 or -ENOMEM. */
int lnr_idmap_set(struct lnr_idmap *m, uint64_t key, void *val, void **ret_old);
void *lnr_idmap_remove(struct lnr_idmap *m, uint64_t key); /* value removed, or NULL */
/* Start with *pos = 0; false at the end. */
bool lnr_idmap_next(const struct lnr_idmap *m, size_t *pos, uint64_t *ret_key, void **ret_val);

struct lnr_strmap {
	struct lnr_strmap_slot {
		struct lnr_str key;
		uint64_t hash;
		void *val;
	} * slots;
	size_t cap, len;
	uint64_t seed;
};

void lnr_strmap_init(struct lnr_strmap *m);
void lnr_strmap_done(struct lnr_strmap *m);
void lnr_strmap_clear(struct lnr_strmap *m);
void *lnr_strmap_get(const struct lnr_strmap *m, struct lnr_str key);
int lnr_strmap_set(struct lnr_strmap *m, struct lnr_str key, void *val, void **ret_old);
void *lnr_strmap_remove(struct lnr_strmap *m, struct lnr_str key);
bool lnr_strmap_next(
	const struct lnr_strmap *m, size_t *pos, struct lnr_str *ret_key, void **ret_val);

#endif
