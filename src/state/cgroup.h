/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Container ids seen before, by cgroup path: a path is looked at once, not for each of its threads.
 * Forgets all when full.
 */
#ifndef LNR_STATE_CGROUP_H
#define LNR_STATE_CGROUP_H

#include "base/arena.h"
#include "base/hash.h"

struct lnr_cgroup_cache {
	struct lnr_strmap map;
	struct lnr_arena arena; /* keys and values */
};

void lnr_cgroup_cache_init(struct lnr_cgroup_cache *c);
void lnr_cgroup_cache_done(struct lnr_cgroup_cache *c);
/* As lnr_cgroup_container() without the engines in `engines_off`; valid until the next call. */
struct lnr_str lnr_cgroup_lookup(
	struct lnr_cgroup_cache *c, uint32_t engines_off, struct lnr_str path, int *ret_type);

#endif
