/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random rules over the real fields and random events that have something to do with them. For the
 * property test of the network and its fuzz target, so it reports by result and not by assertion.
 *
 * Choices come from bytes while there are any (a fuzzer's), then from a generator with a seed.
 */
#ifndef LNR_TESTS_LIB_RULEGEN_H
#define LNR_TESTS_LIB_RULEGEN_H

#include "rules/ruleset_priv.h"

struct lnr_gen {
	const uint8_t *bytes;
	size_t n_bytes;
	uint64_t seed;
	bool visible; /* only rules of which a probe can see something */
};

uint64_t lnr_gen_below(struct lnr_gen *g, uint64_t n); /* n > 0 */
/* A condition as text. */
void lnr_gen_condition(struct lnr_gen *g, struct lnr_buf *out);
/* A record with random parameters of a random type into `buf`; its length, 0 = no room. */
size_t lnr_gen_record(struct lnr_gen *g, void *buf, size_t cap, uint64_t ts);

/* What was seen, so that a test can tell whether it tested anything. */
struct lnr_gen_seen {
	uint64_t evals;	   /* evaluations of one event by network and tree walker */
	uint64_t matches;  /* rules that matched in them */
	uint64_t dropped;  /* events that the kernel predicate refuses */
	uint64_t failures; /* beside them, of failed calls where none of those is wanted */
};

/*
 * `n_rules` random rules against `n_events` random events: what the network, in both modes, and the
 * kernel predicate say is compared with the tree walker. Returns true when all agree; else `why`
 * has the condition and the event. Adds to *seen.
 */
bool lnr_gen_compare(struct lnr_gen *g, uint32_t n_rules, uint32_t n_events,
	struct lnr_gen_seen *seen, struct lnr_buf *why);

#endif
