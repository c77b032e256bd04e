/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which compiled rules are enabled, in which order they are tried (spec rules-language.md 12,
 * engine-config-cli.md 6), and the rule set of that.
 */
#include "rules/load_priv.h"

#include <stdlib.h>

int lnr_load_activate(struct lnr_loader *l)
{
	uint32_t n = 0;
	/* Both have room for every rule, so that selecting cannot fail. */
	uint32_t *order = calloc(l->n_built + 1, sizeof(*order));
	bool *on = calloc(l->n_built + 1, sizeof(*on));
	if (!order || !on) {
		free(order);
		free(on);
		return -ENOMEM;
	}
	for (size_t i = 0; i < l->rules.n; i++) {
		const struct lnr_rule_item *r = l->rules.v[i];
		if (!r->compiled || !r->enabled || r->priority > l->opts.min_priority)
			continue;
		order[n++] = r->id;
		on[r->id] = true;
	}
	free(l->active);
	free(l->order);
	free(l->on);
	l->on = on;
	l->active = l->built;
	l->n_active = l->n_built;
	l->built = NULL;
	l->n_built = l->cap_built = 0;
	l->order = order;
	l->n_order = n;
	l->ruleset = lnr_ruleset_unref(l->ruleset);
	return 0;
}

/*
 * Pieces between the stars are looked for from left to right, each at its first occurrence; what
 * precedes the first and follows the last must be nothing unless a star stands there. No second
 * try: "*abc" does not match "xabcabc".
 */
static bool name_matches(struct lnr_str pattern, struct lnr_str name)
{
	if (lnr_str_chr(pattern, '*') < 0)
		return lnr_str_eq(pattern, name);
	bool anchored = true; /* the next piece must begin here */
	while (pattern.len) {
		if (pattern.ptr[0] == '*') {
			anchored = false;
			pattern = lnr_str_sub(pattern, 1, pattern.len);
			continue;
		}
		ptrdiff_t star = lnr_str_chr(pattern, '*');
		struct lnr_str piece = star < 0 ? pattern : lnr_str_sub(pattern, 0, (size_t)star);
		ptrdiff_t hit = lnr_str_find(name, piece);
		if (hit < 0 || (anchored && hit))
			return false;
		name = lnr_str_sub(name, (size_t)hit + piece.len, name.len);
		pattern = lnr_str_sub(pattern, piece.len, pattern.len);
		anchored = true;
	}
	return !anchored || !name.len;
}

static bool has_tag(const struct lnr_rule *r, struct lnr_str tag)
{
	for (uint32_t i = 0; i < r->n_tags; i++) {
		if (lnr_str_eq(r->tags[i], tag))
			return true;
	}
	return false;
}

static bool chosen(const struct lnr_loader *l, const struct lnr_rule *r, struct lnr_str pattern,
	struct lnr_str tag)
{
	/* Below the threshold a rule cannot be switched on. */
	if (r->priority > l->opts.min_priority)
		return false;
	return pattern.len ? name_matches(pattern, r->name) : has_tag(r, tag);
}

/* One selection. What becomes enabled is tried after what was; what becomes disabled leaves. */
static unsigned select_by(
	struct lnr_loader *l, bool enable, struct lnr_str pattern, struct lnr_str tag)
{
	unsigned changed = 0;
	for (uint32_t i = 0; i < l->n_active; i++) {
		if (l->on[i] == enable || !chosen(l, &l->active[i], pattern, tag))
			continue;
		l->on[i] = enable;
		changed++;
		if (enable)
			l->order[l->n_order++] = i;
	}
	if (!enable) {
		uint32_t n = 0;
		for (uint32_t i = 0; i < l->n_order; i++) {
			if (l->on[l->order[i]])
				l->order[n++] = l->order[i];
		}
		l->n_order = n;
	}
	return changed;
}

unsigned lnr_loader_select(
	struct lnr_loader *l, bool enable, struct lnr_str rule_pattern, struct lnr_str tag)
{
	unsigned changed = 0;
	if (rule_pattern.len)
		changed += select_by(l, enable, rule_pattern, LNR_STR(""));
	if (tag.len)
		changed += select_by(l, enable, LNR_STR(""), tag);
	if (changed)
		l->ruleset = lnr_ruleset_unref(l->ruleset);
	return changed;
}

int lnr_loader_ruleset(struct lnr_loader *l, struct lnr_ruleset **ret)
{
	if (!l->ruleset) {
		size_t n = l->opts.n_sources;
		struct lnr_ruleset_source *v = calloc(n + 1, sizeof(*v));
		if (!v)
			return -ENOMEM;
		for (size_t i = 0; i < n; i++)
			v[i] = (struct lnr_ruleset_source){
				l->opts.sources[i].name, l->opts.sources[i].fields};
		int rc = lnr_ruleset_build(l->mem, v, (uint32_t)n, l->active, l->n_active, l->order,
			l->n_order, &l->ruleset);
		free(v);
		if (rc)
			return rc;
	}
	*ret = lnr_ruleset_ref(l->ruleset);
	return 0;
}
