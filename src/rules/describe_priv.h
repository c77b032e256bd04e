/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about conditions, rules, macros and lists when they are described. */
#ifndef LNR_RULES_DESCRIBE_PRIV_H
#define LNR_RULES_DESCRIBE_PRIV_H

#include "rules/load_priv.h"

/* Texts without order, each once unless `multiple`. Lives in the description's arena. */
struct lnr_described {
	struct lnr_str *v;
	size_t n, cap;
	bool multiple;
};

/* Of one condition. */
struct lnr_cond_details {
	struct lnr_described macros, lists;	/* as written */
	struct lnr_described fields, operators; /* with lists and macros in place */
	struct lnr_described event_names;	/* constants of evt.type and evt.asynctype */
	struct lnr_described events;		/* what it can match */
};

struct lnr_describer {
	struct lnr_loader *l;
	struct lnr_arena arena;
	bool failed; /* out of memory */
};

void lnr_described_add(struct lnr_describer *d, struct lnr_described *s, struct lnr_str name);
/* Sort and drop what comes twice. */
void lnr_described_sort(struct lnr_described *s);
/*
 * `source` is the text as written, `expanded` the tree that was compiled. `src` NULL = of a macro:
 * events as for system calls. A text that parses only with its lists in place has no macros and
 * lists of its own to tell.
 */
void lnr_describe_condition(struct lnr_describer *d, struct lnr_str source,
	const struct lnr_ast *expanded, const struct lnr_loader_source *src,
	struct lnr_cond_details *ret);
/* Plugins that a rule needs: by its source, by a field, by the name of an asynchronous event. */
void lnr_describe_plugins(struct lnr_describer *d, const struct lnr_rule_item *r,
	const struct lnr_cond_details *c, const struct lnr_described *output_fields,
	struct lnr_described *ret);
/* The compiled rule of that name, NULL = there is none. */
const struct lnr_rule_item *lnr_describe_find(struct lnr_loader *l, const char *name);

#endif
