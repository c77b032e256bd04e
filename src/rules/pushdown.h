/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel may drop (architecture decision 6). From the typed trees of the enabled rules
 * comes, per event type, a weaker predicate that is made only of what a probe can see in the event
 * itself. Whatever it cannot see, or not for sure, counts as true; so an event for which the
 * predicate is false matches no rule.
 *
 *	lnr_pushdown_new(rs, NULL, &pd);
 *	const struct lnr_probe_node *n = lnr_pushdown_tree(pd, LNR_EV_SYSCALL_OPENAT_2_X);
 *
 * A test of the trees gives yes, no or unknown; unknown counts as yes also below a `not`. The trees
 * borrow constants from the rule set, which they keep alive. Immutable; lnr_pushdown_wants() may be
 * called by any thread that owns its event.
 */
#ifndef LNR_RULES_PUSHDOWN_H
#define LNR_RULES_PUSHDOWN_H

#include "rules/ruleset.h"

enum lnr_probe_fact {
	LNR_PROBE_NONE,
	LNR_PROBE_PATH,	   /* operand path: absolute and without "//", "." and "..", else unknown */
	LNR_PROBE_RESULT,  /* the call's result */
	LNR_PROBE_OPEN,	   /* flags of the open family, LNR_O_RDONLY and LNR_O_WRONLY bits */
	LNR_PROBE_ADDRESS, /* server address of a connect */
	LNR_PROBE_PORT,	   /* and its port */
	LNR_PROBE_COMM,	   /* name of the new program of an exec */
	LNR_PROBE_UID,	   /* user of an exec */
	LNR_PROBE_HOST,	   /* the task is in no container, by its cgroup */
};

enum lnr_probe_how {
	LNR_PROBE_EQ, /* equal to one of the values; networks: in one of them */
	LNR_PROBE_NE, /* equal to none of them */
	LNR_PROBE_LT, /* < <= > >= the one value */
	LNR_PROBE_LE,
	LNR_PROBE_GT,
	LNR_PROBE_GE,
	LNR_PROBE_PREFIX,    /* begins with one of them */
	LNR_PROBE_SUFFIX,    /* ends with one of them */
	LNR_PROBE_BASENAME,  /* last component is one of them */
	LNR_PROBE_DIRECTORY, /* is one of them or directly in one of them */
	LNR_PROBE_BELOW,     /* is at or below one of them */
	LNR_PROBE_BITS,	     /* has one of the bits */
};

struct lnr_probe_node {
	uint8_t kind;	 /* enum lnr_node_kind; LNR_NODE_CHECK is a test, LNR_NODE_NOT not used */
	uint8_t fact;	 /* enum lnr_probe_fact */
	uint8_t how;	 /* enum lnr_probe_how */
	bool negated;	 /* the test must not be true; only for facts that are always there */
	uint32_t n_kids; /* AND, OR */
	const struct lnr_probe_node **kids;
	const struct lnr_val *vals;
	uint32_t n_vals;
	const struct lnr_node *check; /* what it came from */
};

struct lnr_pushdown;

/*
 * 0 or -ENOMEM. Rules of source syscall only. `state` as the state is made with: which containers
 * it looks for decides what is the host to rules; NULL = the defaults.
 */
int lnr_pushdown_new(
	struct lnr_ruleset *rs, const struct lnr_state_opts *state, struct lnr_pushdown **ret);
struct lnr_pushdown *lnr_pushdown_free(struct lnr_pushdown *pd); /* takes NULL; returns NULL */
/*
 * What must hold for an event of this type to be of interest to a rule: never NULL, kind
 * LNR_NODE_FALSE when no rule can match such an event, LNR_NODE_TRUE when nothing can be said.
 */
const struct lnr_probe_node *lnr_pushdown_tree(const struct lnr_pushdown *pd, unsigned event_type);
/* The predicate for a record as the probe would judge it: reads the decode block only. */
bool lnr_pushdown_wants(const struct lnr_pushdown *pd, const struct lnr_event *ev);

/* May it want one of a call that failed? True when in doubt, and where no result is told. */
bool lnr_pushdown_wants_failed(const struct lnr_pushdown *pd, unsigned event_type);

/*
 * For people: per event type the clause of each rule, and what could not be pushed and why. 0 or
 * -ENOMEM.
 */
int lnr_pushdown_print(struct lnr_ruleset *rs, struct lnr_buf *out);

#endif
