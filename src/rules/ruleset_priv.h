/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a compiled rule set is made of. For this folder only: the loader builds it, the matcher
 * walks it.
 *
 * Everything here, but for the network, is constant once lnr_ruleset_build() has returned. Trees,
 * formats and texts live in a counted block of memory (struct lnr_rules_mem) that the loader and
 * all rule sets it handed out share; a rule set owns only its arrays. The loader may go on
 * allocating from that block while engines read from it: what has been handed out never changes or
 * moves.
 */
#ifndef LNR_RULES_RULESET_PRIV_H
#define LNR_RULES_RULESET_PRIV_H

#include <stdatomic.h>
#include "rules/ruleset.h"

struct lnr_network;

/* Counted memory of trees and texts. */
struct lnr_rules_mem {
	_Atomic uint32_t refs;
	struct lnr_arena arena;
	struct lnr_interner *interner; /* shares checks over all rules; freed with the block */
	struct lnr_fieldset **fields;  /* counted; references in the trees point into them */
	size_t n_fields;
};

int lnr_rules_mem_new(size_t max_bytes, struct lnr_rules_mem **ret);
struct lnr_rules_mem *lnr_rules_mem_ref(struct lnr_rules_mem *m);
struct lnr_rules_mem *lnr_rules_mem_unref(struct lnr_rules_mem *m); /* takes NULL, returns NULL */
/* Keep a field set alive as long as the memory. 0 or -ENOMEM. */
int lnr_rules_mem_keep(struct lnr_rules_mem *m, struct lnr_fieldset *set);

/* The enabled rules of one event source, in the order they are tried. */
struct lnr_source_rules {
	struct lnr_str name;
	struct lnr_fieldset *fields; /* kept by the memory block */
	const uint32_t *order;	     /* rule ids, evaluation order */
	uint32_t n_order;
	/*
	 * Candidates of event type t: by_event[first[t]] … by_event[first[t + 1] - 1], rule ids in
	 * evaluation order.
	 */
	const uint32_t *by_event;
	uint32_t first[LNR_EVENT_COUNT + 1];
	/* Made when a matcher first asks for it (network.h); NULL before. */
	struct lnr_network *_Atomic network;
};

struct lnr_ruleset {
	_Atomic uint32_t refs;
	struct lnr_rules_mem *mem;
	struct lnr_rule *rules; /* in order of definition; rules[i].id == i */
	uint32_t n_rules;
	uint8_t *enabled; /* bit i of byte i/8: rule i */
	struct lnr_source_rules *sources;
	uint32_t n_sources;
	/* How many ids the trees use: sizes of a matcher's caches. */
	uint32_t n_exprs, n_checks, n_slots;
};

struct lnr_ruleset_source {
	struct lnr_str name; /* borrowed: must live in `mem` */
	struct lnr_fieldset *fields;
};

/*
 * Index `n` rules (copied; what they point at lives in `mem`). `order` lists the enabled ones in
 * evaluation order. 0 or -ENOMEM.
 */
int lnr_ruleset_build(struct lnr_rules_mem *mem, const struct lnr_ruleset_source *sources,
	uint32_t n_sources, const struct lnr_rule *rules, uint32_t n, const uint32_t *order,
	uint32_t n_order, struct lnr_ruleset **ret);
/* NULL when no rule of that source is known. */
const struct lnr_source_rules *lnr_ruleset_source(
	const struct lnr_ruleset *rs, struct lnr_str source);

#endif
