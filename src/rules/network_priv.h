/* SPDX-License-Identifier: Apache-2.0 */
/* What a compiled network is made of. Shared by network*.c. */
#ifndef LNR_RULES_NETWORK_PRIV_H
#define LNR_RULES_NETWORK_PRIV_H

#include "base/hash.h"
#include "rules/eval.h"
#include "rules/network.h"
#include "rules/valset.h"

#define LNR_NET_NONE UINT32_MAX

/* --- tables -------------------------------------------------------------------------------- */

enum lnr_net_table_kind {
	LNR_NET_EQUAL,
	LNR_NET_NETWORK,
	LNR_NET_PREFIX,
	LNR_NET_SUFFIX,
	LNR_NET_CONTAINS,
	LNR_NET_ICONTAINS,
	LNR_NET_PATH,
};

/* All constants of one kind of comparison with one value. Its predicates have running numbers. */
struct lnr_net_table {
	uint8_t kind; /* enum lnr_net_table_kind */
	const struct lnr_expr *expr;
	uint32_t first_pred, n_preds;
	/* EQUAL: lengths of texts that occur; bit 63 stands for that and more. */
	uint64_t lengths;
	struct lnr_valset equal;
	struct lnr_netset nets;
	const struct lnr_radix *radix;
	const struct lnr_automaton *automaton;
	const struct lnr_pathtrie *paths;
	/* Key k makes preds[first[k]] … preds[first[k + 1] - 1] true; counted from first_pred. */
	const uint32_t *first, *preds;
	/* True for every value: they look for the empty text. */
	const uint32_t *always;
	uint32_t n_always;
};

/* --- predicates ---------------------------------------------------------------------------- */

enum lnr_net_pred_kind {
	LNR_NET_TABLE,	   /* the table says */
	LNR_NET_NOT_TABLE, /* there is a value, and predicate `other` is false: != */
	LNR_NET_EXISTS,
	LNR_NET_BOOL,	/* value = want */
	LNR_NET_NUMBER, /* value compared with one number */
	LNR_NET_CHECK,	/* as the tree says */
};

struct lnr_net_pred {
	uint8_t kind;  /* enum lnr_net_pred_kind */
	uint8_t order; /* NUMBER: bit 0 less, 1 equal, 2 greater are true */
	bool want;
	bool is_signed;
	bool is_part;	/* `other` of a NOT_TABLE: no check of its own */
	uint32_t table; /* TABLE */
	uint32_t other; /* NOT_TABLE */
	const struct lnr_expr *expr;
	const struct lnr_node *check;
	uint64_t number;
	float cost; /* rough nanoseconds, the value included */
	float odds; /* rough share of events for which it is true */
};

/* --- programs ------------------------------------------------------------------------------ */

#define LNR_NET_YES UINT32_MAX
#define LNR_NET_NO  (UINT32_MAX - 1)

struct lnr_net_step {
	uint32_t pred;
	uint32_t yes, no; /* next step, LNR_NET_YES or LNR_NET_NO */
};

struct lnr_net_rule {
	const struct lnr_rule *rule;
	uint32_t entry; /* first step; LNR_NET_YES: matches always */
	bool ordered;	/* walk the tree as written */
};

/* --- groups -------------------------------------------------------------------------------- */

/* Predicate p of `table` names rules[first[p]] … rules[first[p + 1] - 1]. */
struct lnr_net_lookup {
	uint32_t table;
	const uint32_t *first, *rules;
};

struct lnr_net_group {
	uint32_t pred; /* NONE for the outermost group */
	bool want;     /* go in when the predicate is this */
	uint32_t first_kid, n_kids;
	uint32_t n_lookups, n_direct;
	const struct lnr_net_lookup *lookups;
	const uint32_t *direct; /* rules that are always tried */
};

/* Event types that are the same to all rules. */
struct lnr_net_class {
	uint32_t n_rules;
	struct lnr_net_rule *rules; /* order of evaluation */
	struct lnr_net_group *groups;
	uint32_t n_groups;
};

struct lnr_network {
	struct lnr_arena arena;
	const struct lnr_ruleset *rs;	    /* borrowed */
	uint16_t class_of[LNR_EVENT_COUNT]; /* 0 = no rule; class n is classes[n - 1] */
	struct lnr_net_class *classes;
	uint32_t n_classes;
	struct lnr_net_pred *preds;
	uint32_t n_preds;
	uint32_t *checks; /* predicates that are checks of rules, n_checks of them */
	uint32_t n_checks;
	struct lnr_net_table *tables;
	uint32_t n_tables;
	struct lnr_net_step *steps; /* heap, grows while building */
	uint32_t n_steps, cap_steps;
	uint32_t n_exprs;   /* size of the value cache */
	uint32_t max_rules; /* of a class */
};

/* --- building (network_checks.c, network_tables.c, network_tree.c, network_groups.c) ------- */

/* A key of a table that is being collected. */
struct lnr_net_key {
	struct lnr_val val;
	uint32_t pred; /* provisional number */
	struct lnr_net_key *next;
};

struct lnr_net_draft_table {
	struct lnr_net_key *keys; /* newest first */
	uint32_t n_keys, n_preds;
};

struct lnr_net_builder {
	struct lnr_network *net;
	struct lnr_arena work;		    /* freed at the end */
	struct lnr_arena scratch;	    /* reset often */
	struct lnr_idmap by_check;	    /* check to predicate number + 1 */
	struct lnr_idmap by_key;	    /* kind and value to table number + 1 */
	struct lnr_net_draft_table *drafts; /* by table, in `work` */
	uint32_t cap_tables, cap_preds;
	/* Checks whose result may follow from the type of event. */
	const struct lnr_node **foldable;
	uint32_t n_foldable, cap_foldable;
	struct lnr_idmap fold_index; /* check to index + 1 */
};

/* Predicates of all checks of `cond`. */
int lnr_net_collect(struct lnr_net_builder *b, const struct lnr_node *cond);
/* Make the tables and give predicates their final numbers. */
int lnr_net_finish_tables(struct lnr_net_builder *b);
/* Cost and odds. */
void lnr_net_estimate(const struct lnr_network *net, struct lnr_net_pred *p);
uint32_t lnr_net_pred_of(const struct lnr_net_builder *b, const struct lnr_node *check);
/* A volatile value is in it. */
bool lnr_net_is_volatile(const struct lnr_node *cond);

/* A rule's condition for one class: only and, or and literals; constants are gone. */
struct lnr_net_node {
	uint8_t kind; /* enum lnr_node_kind: TRUE, FALSE, AND, OR, CHECK */
	bool negated; /* CHECK */
	uint32_t pred;
	uint32_t n_kids;
	struct lnr_net_node **kids;
	float cost, odds;
};

/* `folds`: per foldable check enum lnr_fold. In b->scratch. NULL = no memory. */
struct lnr_net_node *lnr_net_simplify(
	struct lnr_net_builder *b, const struct lnr_node *cond, const uint8_t *folds);
/* Append its steps; *ret_entry = where to begin. */
int lnr_net_program(struct lnr_network *net, const struct lnr_net_node *n, uint32_t *ret_entry);

/* Groups of one class; trees[i] is rule i's, NULL when it is walked as written. */
int lnr_net_group(struct lnr_net_builder *b, struct lnr_net_class *c, struct lnr_net_node **trees);

#endif
