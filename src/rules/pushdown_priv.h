/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the kernel predicate. */
#ifndef LNR_RULES_PUSHDOWN_PRIV_H
#define LNR_RULES_PUSHDOWN_PRIV_H

#include "rules/pushdown.h"

/* Where a record of one event type has what a probe can see; -1 = nowhere. */
struct lnr_probe_facts {
	int16_t result, fd_path, fs_path, open_flags, address, comm, uid, cgroups;
};
struct lnr_probe_facts lnr_probe_facts(unsigned event_type);

struct lnr_weakener {
	struct lnr_arena *arena; /* of the nodes */
	struct lnr_arena *scratch;
	unsigned type;
	struct lnr_probe_facts facts;
	/* Told about each check that counts as true, and why; or NULL. */
	void (*lost)(void *user, const struct lnr_node *check, const char *why);
	void *user;
};
/* 0 or -ENOMEM. */
int lnr_weaken(struct lnr_weakener *w, const struct lnr_node *cond, bool negated,
	const struct lnr_probe_node **ret);

#endif
