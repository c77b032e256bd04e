/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of one event source compiled together (architecture decision 5). For this folder;
 * engines use struct lnr_matcher.
 *
 *	check ──► predicate ──► table		all constants that one value is compared with in
 *				  │		one way: hash, tree of beginnings or ends, automaton
 *	rule  ──► program ◄───────┘
 *	event type ──► class ──► groups		which rules can match at all: a cheap test for many
 *						rules, or a table that names those worth trying
 *
 * Equal checks of all rules are one predicate, asked at most once per event. Most tables answer for
 * all their predicates in one look-up. Per event type what follows from the type is put into the
 * rules; event types for which that gives the same are one class. A rule is then a small branching
 * program over predicates, cheap and unlikely ones first.
 *
 * Which rules to try: each rule has a guard, a set of predicates one of which is true whenever the
 * rule is. Rules that share a test form a group behind it; inside, the guards' tables are asked and
 * only rules whose guard is true are run, in the order of evaluation. So the work per event grows
 * with the number of rules that nearly match, not with all of them.
 *
 * Rules with values that differ at each evaluation (LNR_FIELD_VOLATILE) are walked in the order
 * written, whenever their turn comes.
 *
 * What is not done: to keep answers on threads and descriptors between events. What is asked most
 * is the name of a file that was just opened, which is new each time; values of a process that
 * stay the same are asked for in less than one event of five (`lanner rules --profile` on the
 * captures), and their tables are a hash look-up each. Against that gain of a few per cent stands
 * that a process's name, arguments and ancestors change by exec, prctl, late enrichment and
 * look-ups in /proc, so a kept answer would need proof from each of those places that it holds.
 *
 * Immutable; shared by all matchers. Owns its memory, borrows rules and trees.
 */
#ifndef LNR_RULES_NETWORK_H
#define LNR_RULES_NETWORK_H

#include "rules/ruleset_priv.h"

struct lnr_network;
struct lnr_network_run;

/* The rules of `source`. 0 or -ENOMEM. */
int lnr_network_new(const struct lnr_ruleset *rs, const struct lnr_source_rules *source,
	struct lnr_network **ret);
struct lnr_network *lnr_network_free(struct lnr_network *net); /* takes NULL; returns NULL */

/* The network of `source`, made if it is not there yet. Any thread. 0 or -ENOMEM. */
int lnr_network_get(const struct lnr_ruleset *rs, const struct lnr_source_rules *source,
	const struct lnr_network **ret);

/* One matcher's memory for it. */
int lnr_network_run_new(const struct lnr_network *net, struct lnr_network_run **ret);
struct lnr_network_run *lnr_network_run_free(struct lnr_network_run *run);
/* Rules that match, in order of evaluation; not `all`: the first one. */
unsigned lnr_network_eval(struct lnr_network_run *run, struct lnr_field_ctx *ctx, bool all,
	const struct lnr_rule **ret, unsigned max);

/* The i-th of the different checks of the rules, or NULL past the end. */
const struct lnr_node *lnr_network_check(const struct lnr_network *net, uint32_t i);
/* Its counters since the run was made; what a table answers counts as asked whenever the table was.
 */
void lnr_network_check_counts(
	const struct lnr_network_run *run, uint32_t i, uint64_t *ret_asked, uint64_t *ret_true);
/* By rule id: how often it was not ruled out beforehand, and matched. */
void lnr_network_rule_counts(const struct lnr_network_run *run, uint32_t rule_id,
	uint64_t *ret_tried, uint64_t *ret_matched);

/* Sizes, for benchmarks and tests. */
struct lnr_network_stats {
	uint32_t classes, predicates, tables, steps, groups;
	size_t bytes;
};
void lnr_network_stats(const struct lnr_network *net, struct lnr_network_stats *ret);

#endif
