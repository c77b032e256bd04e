/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many constants, one look-up. A value set finds a value equal to a given one, a network set the
 * networks that hold an address. Immutable; they live in their arena and borrow the values.
 */
#ifndef LNR_RULES_VALSET_H
#define LNR_RULES_VALSET_H

#include "rules/types.h"

/* --- equal values -------------------------------------------------------------------------- */

struct lnr_valset {
	const struct lnr_val *vals;
	uint32_t n;
	uint32_t mask;	    /* slots - 1; 0 = few values, compared one by one */
	const uint32_t *at; /* slot to index + 1; 0 = free */
	bool texts;	    /* nothing but texts */
};

/* 0 or -ENOMEM. Of equal values the first counts. */
int lnr_valset_init(
	struct lnr_valset *s, struct lnr_arena *arena, const struct lnr_val *vals, uint32_t n);
/* Index of the value equal to `v`, or -1. Values of kinds that differ are not equal. */
int64_t lnr_valset_find(const struct lnr_valset *s, const struct lnr_val *v);

/* Numbers and texts, addresses; the order is only meaningful for equality when kinds differ. */
bool lnr_val_eq(const struct lnr_val *a, const struct lnr_val *b);
/* <0, 0, >0; *ret_ok false when the two cannot be compared. */
int lnr_val_cmp(const struct lnr_val *a, const struct lnr_val *b, bool *ret_ok);
uint64_t lnr_val_hash(const struct lnr_val *v);

/* --- networks ------------------------------------------------------------------------------ */

struct lnr_netset {
	struct lnr_netset_group {
		uint8_t family, bits;
		uint32_t mask;	    /* slots - 1 */
		const uint32_t *at; /* slot to index + 1, linear probing */
	} * groups;
	uint32_t n_groups;
	const struct lnr_val *nets; /* .net */
	uint32_t n;
};

/* 0 or -ENOMEM. `nets` may hold equal networks; each is found. */
int lnr_netset_init(
	struct lnr_netset *s, struct lnr_arena *arena, const struct lnr_val *nets, uint32_t n);
/*
 * Call `hit` with the index of each network that holds `ip` until it returns true; true if it did.
 * With hit NULL: whether there is one.
 */
bool lnr_netset_find(const struct lnr_netset *s, const struct lnr_ip *ip,
	bool (*hit)(void *user, uint32_t index), void *user);

#endif
