/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled rules: immutable, reference-counted (atomically: engines on several threads share one),
 * swapped whole on reload. Made by the loader (load.h), evaluated by engines. Per event source
 * there is one struct lnr_source_rules with an index from event type to the rules that may match.
 */
#ifndef LNR_RULES_RULESET_H
#define LNR_RULES_RULESET_H

#include "rules/cond.h"
#include "rules/format.h"

enum lnr_priority {
	LNR_PRIO_EMERGENCY,
	LNR_PRIO_ALERT,
	LNR_PRIO_CRITICAL,
	LNR_PRIO_ERROR,
	LNR_PRIO_WARNING,
	LNR_PRIO_NOTICE,
	LNR_PRIO_INFORMATIONAL,
	LNR_PRIO_DEBUG,
};
const char *lnr_priority_name(enum lnr_priority p); /* "Critical", "Informational" */
/* Case-insensitive, "info" too. 0 or -EINVAL. */
int lnr_priority_parse(struct lnr_str s, enum lnr_priority *ret);

/* An entry of append_output's extra_fields that applies to a rule. */
struct lnr_extra_field {
	struct lnr_str key;
	const struct lnr_format *format; /* text form; NULL when raw */
	const struct lnr_expr *raw;	 /* typed value; NULL when format */
};

struct lnr_rule {
	uint32_t id; /* position in definition order among compiled rules */
	struct lnr_str name, desc, source;
	enum lnr_priority priority;
	struct lnr_str *tags; /* sorted, unique */
	uint32_t n_tags;
	const struct lnr_node *cond;
	const struct lnr_format *output;
	const struct lnr_extra_field *extra;
	uint32_t n_extra;
	bool capture;
	uint32_t capture_duration_ms;
	struct lnr_evset events; /* codes it can match; async code added */
	struct lnr_scset syscalls;
};

struct lnr_ruleset;

struct lnr_ruleset *lnr_ruleset_ref(struct lnr_ruleset *rs);
struct lnr_ruleset *lnr_ruleset_unref(struct lnr_ruleset *rs); /* takes NULL, returns NULL */
/* All compiled rules in definition order, enabled or not. */
const struct lnr_rule *lnr_ruleset_rule(const struct lnr_ruleset *rs, uint32_t i);
uint32_t lnr_ruleset_count(const struct lnr_ruleset *rs);
bool lnr_ruleset_enabled(const struct lnr_ruleset *rs, uint32_t rule_id);
/* Union over the enabled rules of `source`. */
void lnr_ruleset_events(const struct lnr_ruleset *rs, struct lnr_str source, struct lnr_evset *ret);
void lnr_ruleset_syscalls(const struct lnr_ruleset *rs, struct lnr_scset *ret);

/*
 * One engine's working memory for one rule set: value caches, slots, counters. One per engine and
 * rule set; not shared between threads.
 */
struct lnr_matcher;
int lnr_matcher_new(
	struct lnr_ruleset *rs, struct lnr_str source, bool match_all, struct lnr_matcher **ret);
struct lnr_matcher *lnr_matcher_free(struct lnr_matcher *m);
/*
 * Evaluate the event in ctx->ev. Fills `ret` with the rules that match, in evaluation order (at
 * most one without match_all); returns how many (at most `max`). Sets ctx->slots.
 */
unsigned lnr_matcher_eval(struct lnr_matcher *m, struct lnr_field_ctx *ctx,
	const struct lnr_rule **ret, unsigned max);
/* The same with the plain tree walker, for tests; a matcher's counters and slots are one for both.
 */
unsigned lnr_matcher_eval_tree(struct lnr_matcher *m, struct lnr_field_ctx *ctx,
	const struct lnr_rule **ret, unsigned max);

/* --- what it costs (lanner rules --profile) --- */

/* Counted always, since the matcher was made. */
struct lnr_rule_profile {
	const struct lnr_rule *rule;
	uint64_t tried;	  /* events for which it was not ruled out beforehand */
	uint64_t matched; /* events that it matched, as far as asked */
};
struct lnr_check_profile {
	const struct lnr_node *check; /* print it with lnr_check_print() */
	uint64_t asked, was_true;
};
/* Enabled rules in evaluation order; false past the end. */
bool lnr_matcher_rule_profile(
	const struct lnr_matcher *m, uint32_t i, struct lnr_rule_profile *ret);
/*
 * Different checks of all rules, in no particular order; false past the end. Where a rule has a
 * value that differs at each evaluation (util.cnt) its checks are not counted.
 */
bool lnr_matcher_check_profile(
	const struct lnr_matcher *m, uint32_t i, struct lnr_check_profile *ret);
/* Matches that regular expressions gave up, of the whole rule set. */
uint64_t lnr_matcher_regex_limits(const struct lnr_matcher *m);

#endif
