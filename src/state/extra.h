/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that plugins add to a thread or a descriptor: one per field that they added, numbered in
 * the order of adding. An entry without any has a NULL pointer and costs nothing. Shared by
 * counting when a descriptor is duplicated; whoever changes a shared one gets a copy. All values of
 * one state come out of one budget.
 */
#ifndef LNR_STATE_EXTRA_H
#define LNR_STATE_EXTRA_H

#include "lanner/plugin.h"
#include "state/slab.h"

struct lnr_extra_budget {
	struct lnr_slab *slab;
	size_t used_bytes;
};

struct lnr_extra;

struct lnr_extra *lnr_extra_ref(struct lnr_extra *e);	/* takes NULL */
struct lnr_extra *lnr_extra_unref(struct lnr_extra *e); /* takes NULL; returns NULL */
/* Value `i`; zero, or the empty text, when it was never set. Texts live until it is set anew. */
void lnr_extra_get(
	const struct lnr_extra *e, unsigned i, uint32_t type, union lnr_plugin_state_data *ret);
/* Texts are copied. -ENOSPC: the budget is used up; -ENOMEM. *slot is then as it was. */
int lnr_extra_set(struct lnr_extra_budget *b, struct lnr_extra **slot, unsigned i, uint32_t type,
	const union lnr_plugin_state_data *in);

#endif
