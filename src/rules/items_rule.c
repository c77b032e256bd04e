/* SPDX-License-Identifier: Apache-2.0 */
/* Items of kind rule: definition, append, override, enable (spec rules-language.md 3.5 to 3.9). */
#include "rules/load_priv.h"

#define BIT(key) (1u << (key))
#define APPENDABLE                                                                                \
	(BIT(LNR_OV_CONDITION) | BIT(LNR_OV_EXCEPTIONS) | BIT(LNR_OV_OUTPUT) | BIT(LNR_OV_DESC) | \
		BIT(LNR_OV_TAGS))
#define REPLACEABLE                                                                      \
	(APPENDABLE | BIT(LNR_OV_PRIORITY) | BIT(LNR_OV_ENABLED) | BIT(LNR_OV_CAPTURE) | \
		BIT(LNR_OV_CAPTURE_DURATION) | BIT(LNR_OV_WARN_EVTTYPES) |               \
		BIT(LNR_OV_SKIP_UNKNOWN))

/* A rule item while it is read. */
struct reading {
	struct lnr_loader *l;
	const struct lnr_yaml *item;
	const struct lnr_ctx *ctx;
	struct lnr_str source; /* empty when absent */
};

static int read_priority(const struct reading *r, enum lnr_priority *ret)
{
	const struct lnr_yaml *v;
	int rc = lnr_item_scalar(r->l, r->item, "priority", LNR_REQUIRED, r->ctx, &v);
	if (rc || lnr_priority_parse(v->text, ret) == 0)
		return rc;
	const struct lnr_ctx *pctx = lnr_ctx_node(
		r->l, r->ctx, LNR_CTX_RULE_PRIORITY, LNR_STR(""), v);
	rc = lnr_load_error(r->l, LNR_LOAD_ERR_YAML_VALIDATE, pctx, "'%.*s' is no priority",
		LNR_STR_ARG(v->text));
	lnr_load_hint(r->l, true,
		"expected EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO or DEBUG");
	return rc;
}

/* Read the value that belongs to a key into the update. */
static int read_key(const struct reading *r, enum lnr_override_key key, enum lnr_need need,
	bool update, struct lnr_rule_update *u)
{
	struct lnr_loader *l = r->l;
	const char *name = lnr_override_keys[key];
	switch (key) {
	case LNR_OV_CONDITION:
		return lnr_item_scalar(l, r->item, name, need, r->ctx, &u->cond);
	case LNR_OV_OUTPUT:
		return lnr_item_scalar(l, r->item, name, need, r->ctx, &u->output);
	case LNR_OV_DESC:
		return lnr_item_scalar(l, r->item, name, need, r->ctx, &u->desc);
	case LNR_OV_TAGS:
		return lnr_item_seq(l, r->item, name, need, r->ctx, &u->tags, &u->n_tags);
	case LNR_OV_EXCEPTIONS:
		return lnr_exceptions_read(l, r->item, update, r->ctx, &u->exceptions);
	case LNR_OV_PRIORITY:
		return read_priority(r, &u->priority);
	case LNR_OV_ENABLED:
		return lnr_item_bool(l, r->item, name, need, r->ctx, &u->enabled);
	case LNR_OV_CAPTURE:
		return lnr_item_bool(l, r->item, name, need, r->ctx, &u->capture);
	case LNR_OV_CAPTURE_DURATION:
		return lnr_item_u32(l, r->item, name, need, r->ctx, &u->capture_duration_ms);
	case LNR_OV_WARN_EVTTYPES:
		return lnr_item_bool(l, r->item, name, need, r->ctx, &u->warn_evttypes);
	case LNR_OV_SKIP_UNKNOWN:
		return lnr_item_bool(l, r->item, name, need, r->ctx, &u->skip_unknown);
	default:
		return 0;
	}
}

/* --- override -------------------------------------------------------------------------------- */

/* One group, append or replace: every key named must be there, then all take effect at once. */
static int apply_group(const struct reading *r, uint32_t group, bool append)
{
	struct lnr_rule_update u = {.name = r->ctx->name, .ctx = r->ctx, .source = r->source};
	int rc = 0;
	for (unsigned key = 0; !rc && key < LNR_OV_COUNT; key++) {
		if (!(group & BIT(key)))
			continue;
		/* Exceptions of a replacing group are definitions: fields are needed. */
		if (!lnr_yaml_get(r->item, lnr_override_keys[key]))
			rc = lnr_load_error(r->l, LNR_LOAD_ERR_YAML_VALIDATE, r->ctx,
				"'override' %s '%s', but the item has no key '%s'",
				append ? "appends to" : "replaces", lnr_override_keys[key],
				lnr_override_keys[key]);
		else
			rc = read_key(r, key, LNR_REQUIRED, append, &u);
		u.set |= BIT(key);
	}
	if (!rc)
		rc = append ? lnr_collect_append(r->l, &u) : lnr_collect_replace(r->l, &u);
	lnr_exceptions_done(&u.exceptions);
	return rc;
}

/* The first key by name that could be overridden, is there, and is not named under override. */
static int check_unlisted(const struct reading *r, uint32_t named)
{
	const char *first = NULL;
	for (unsigned key = 0; key < LNR_OV_COUNT; key++) {
		const char *name = lnr_override_keys[key];
		if ((REPLACEABLE & ~named & BIT(key)) && lnr_yaml_get(r->item, name) &&
			(!first || strcmp(name, first) < 0))
			first = name;
	}
	if (!first)
		return 0;
	const struct lnr_yaml *v = lnr_yaml_get(r->item, first);
	const struct lnr_ctx *kctx = lnr_ctx_node(
		r->l, r->ctx, LNR_CTX_OVERRIDE, lnr_str_c(first), v);
	int rc = lnr_load_error(r->l, LNR_LOAD_ERR_YAML_VALIDATE, kctx,
		"the key '%s' is not named under 'override'", first);
	lnr_load_hint(r->l, true, "add '%s: %s' there, or remove the key", first,
		strcmp(first, "desc") == 0 || strcmp(first, "condition") == 0 ? "append"
									      : "replace");
	return rc;
}

static int read_override(const struct reading *r, const struct lnr_overrides *o)
{
	int rc = 0;
	if (o->append)
		rc = apply_group(r, o->append, true);
	if (!rc && o->replace)
		rc = apply_group(r, o->replace, false);
	/* Said last: what was named has taken effect by now, as in the reference. */
	return rc ? rc : check_unlisted(r, o->append | o->replace);
}

/* --- append: true ---------------------------------------------------------------------------- */

static int read_append(const struct reading *r)
{
	struct lnr_rule_update u = {.name = r->ctx->name, .ctx = r->ctx, .source = r->source};
	int rc = 0;
	if (lnr_yaml_get(r->item, "condition")) {
		rc = read_key(r, LNR_OV_CONDITION, LNR_REQUIRED, true, &u);
		u.set |= BIT(LNR_OV_CONDITION);
	}
	if (!rc && lnr_yaml_get(r->item, "exceptions")) {
		rc = read_key(r, LNR_OV_EXCEPTIONS, LNR_OPTIONAL, true, &u);
		u.set |= BIT(LNR_OV_EXCEPTIONS);
	}
	if (!rc)
		rc = lnr_collect_append(r->l, &u);
	lnr_exceptions_done(&u.exceptions);
	return rc;
}

/* --- definition and enabling ----------------------------------------------------------------- */

static int read_enable(const struct reading *r)
{
	bool enabled = true;
	int rc = lnr_item_bool(r->l, r->item, "enabled", LNR_REQUIRED, r->ctx, &enabled);
	if (rc && rc != -ENOMEM && !lnr_yaml_get(r->item, "enabled"))
		lnr_load_hint(r->l, true,
			"a rule needs condition, output, desc and priority; 'enabled' alone "
			"switches an earlier rule");
	if (!rc)
		rc = lnr_load_warn(r->l, LNR_LOAD_DEPRECATED_ITEM, r->ctx,
			"a rule with nothing but 'enabled' is deprecated");
	lnr_load_hint(r->l, false, "add 'override: {enabled: replace}'");
	return rc ? rc : lnr_collect_enable(r->l, r->ctx->name, r->ctx, enabled);
}

static int read_definition(const struct reading *r)
{
	static const struct {
		enum lnr_override_key key;
		enum lnr_need need;
	} order[] = {
		{LNR_OV_CONDITION, LNR_REQUIRED},
		{LNR_OV_OUTPUT, LNR_REQUIRED},
		{LNR_OV_DESC, LNR_REQUIRED},
		{LNR_OV_PRIORITY, LNR_REQUIRED},
		{LNR_OV_ENABLED, LNR_OPTIONAL},
		{LNR_OV_CAPTURE, LNR_OPTIONAL},
		{LNR_OV_CAPTURE_DURATION, LNR_OPTIONAL},
		{LNR_OV_WARN_EVTTYPES, LNR_OPTIONAL},
		{LNR_OV_SKIP_UNKNOWN, LNR_OPTIONAL},
		{LNR_OV_TAGS, LNR_OPTIONAL},
		{LNR_OV_EXCEPTIONS, LNR_OPTIONAL},
	};
	struct lnr_rule_update u = {.name = r->ctx->name,
		.ctx = r->ctx,
		.source = LNR_STR("syscall"),
		.priority = LNR_PRIO_DEBUG,
		.enabled = true,
		.warn_evttypes = true};
	int rc = 0;
	for (size_t i = 0; lnr_load_go_on(r->l, rc) && i < LNR_ARRAY_SIZE(order); i++) {
		rc = read_key(r, order[i].key, order[i].need, false, &u);
		if (!rc && order[i].key == LNR_OV_PRIORITY)
			rc = lnr_item_str(r->l, r->item, "source", LNR_OPTIONAL, r->ctx, &u.source);
	}
	const struct lnr_ctx *cctx = NULL, *octx = NULL;
	/* Looking for all errors, a rule with its texts is worth compiling, whatever else is wrong.
	 */
	bool whole = u.cond && u.output && u.desc;
	if (rc == -EINVAL && whole && lnr_load_go_on(r->l, rc))
		rc = 0;
	if (!rc && !whole)
		rc = -EINVAL; /* recorded above */
	if (!rc) {
		cctx = lnr_ctx_node(r->l, r->ctx, LNR_CTX_RULE_CONDITION, LNR_STR(""), u.cond);
		octx = lnr_ctx_node(r->l, r->ctx, LNR_CTX_RULE_OUTPUT, LNR_STR(""), u.output);
		rc = cctx && octx ? lnr_collect_rule(r->l, &u, cctx, octx) : -ENOMEM;
	}
	lnr_exceptions_done(&u.exceptions);
	return rc;
}

static bool has_any(const struct lnr_yaml *item)
{
	return lnr_yaml_get(item, "condition") || lnr_yaml_get(item, "output") ||
	       lnr_yaml_get(item, "desc") || lnr_yaml_get(item, "priority");
}

int lnr_items_rule(struct lnr_loader *l, const struct lnr_yaml *item, const struct lnr_ctx *up,
	const struct lnr_ctx **ret_ctx)
{
	struct lnr_str name;
	const struct lnr_ctx *ctx = lnr_ctx_node(l, up, LNR_CTX_RULE, LNR_STR(""), item);
	int rc = ctx ? lnr_item_str(l, item, "rule", LNR_REQUIRED, ctx, &name) : -ENOMEM;
	if (rc)
		return rc;
	struct reading r = {.l = l, .item = item, .source = LNR_STR("")};
	r.ctx = *ret_ctx = lnr_ctx_node(l, up, LNR_CTX_RULE, name, item);
	if (!r.ctx)
		return -ENOMEM;
	bool append = false;
	struct lnr_overrides o = {0, 0};
	rc = lnr_item_bool(l, item, "append", LNR_OPTIONAL, r.ctx, &append);
	if (!rc && append) {
		rc = lnr_load_warn(
			l, LNR_LOAD_DEPRECATED_ITEM, r.ctx, "the key 'append' is deprecated");
		lnr_load_hint(l, false, "write 'override: {condition: append}' instead");
	}
	if (!rc)
		rc = lnr_item_overrides(l, item, APPENDABLE, REPLACEABLE, r.ctx, &o);
	if (!rc && append && (o.append || o.replace))
		rc = lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, r.ctx,
			"'append: true' and 'override' exclude each other");
	if (!rc)
		rc = lnr_item_str(l, item, "source", LNR_OPTIONAL_EMPTY, r.ctx, &r.source);
	if (rc)
		return rc;
	if (o.append || o.replace)
		return read_override(&r, &o);
	if (append)
		return read_append(&r);
	return has_any(item) ? read_definition(&r) : read_enable(&r);
}
