/* SPDX-License-Identifier: Apache-2.0 */
/* The map `override`: which keys of an item are appended, which replaced (spec 3.8). */
#include "rules/load_priv.h"

const char *const lnr_override_keys[LNR_OV_COUNT] = {
	[LNR_OV_CONDITION] = "condition",
	[LNR_OV_EXCEPTIONS] = "exceptions",
	[LNR_OV_OUTPUT] = "output",
	[LNR_OV_DESC] = "desc",
	[LNR_OV_TAGS] = "tags",
	[LNR_OV_PRIORITY] = "priority",
	[LNR_OV_ENABLED] = "enabled",
	[LNR_OV_CAPTURE] = "capture",
	[LNR_OV_CAPTURE_DURATION] = "capture_duration",
	[LNR_OV_WARN_EVTTYPES] = "warn_evttypes",
	[LNR_OV_SKIP_UNKNOWN] = "skip-if-unknown-filter",
	[LNR_OV_ITEMS] = "items",
};

static uint32_t key_bit(struct lnr_str key)
{
	for (unsigned i = 0; i < LNR_OV_COUNT; i++) {
		if (lnr_str_eq(key, lnr_str_c(lnr_override_keys[i])))
			return 1u << i;
	}
	return 0;
}

static void expected_keys(struct lnr_loader *l, uint32_t allowed)
{
	char buf[256];
	int n = 0;
	for (unsigned i = 0; i < LNR_OV_COUNT && n < (int)sizeof(buf) - 32; i++) {
		if (allowed >> i & 1)
			n += snprintf(buf + n, sizeof(buf) - (size_t)n, "%s%s", n ? ", " : "",
				lnr_override_keys[i]);
	}
	lnr_load_hint(l, true, "expected %s", buf);
}

struct allowed {
	uint32_t append, replace;
};

static int bad_operation(struct lnr_loader *l, const struct lnr_yaml *key,
	const struct lnr_yaml *op, const struct allowed *a, const struct lnr_ctx *ctx)
{
	uint32_t bit = key_bit(key->text);
	struct lnr_str name = lnr_arena_str(&l->arena, key->text);
	const struct lnr_ctx *vctx = name.ptr ? lnr_ctx_node(l, ctx, LNR_CTX_VALUE, name, op)
					      : NULL;
	int rc = lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, vctx,
		"'%.*s' is no override operation for '%.*s'", LNR_STR_ARG(op->text),
		LNR_STR_ARG(key->text));
	if (a->append & a->replace & bit)
		lnr_load_hint(l, true, "expected append or replace");
	else if ((a->append | a->replace) & bit)
		lnr_load_hint(l, true, "expected %s", a->append & bit ? "append" : "replace");
	else
		lnr_load_hint(l, true, "'%.*s' cannot be overridden at all", LNR_STR_ARG(name));
	return rc;
}

static int read_pair(struct lnr_loader *l, const struct lnr_yaml *key, const struct lnr_yaml *op,
	const struct allowed *a, const struct lnr_ctx *ctx, struct lnr_overrides *ret)
{
	const struct lnr_ctx *file = ctx;
	while (file->up)
		file = file->up;
	/* The reference fails while converting these; it then knows no place but the file. */
	if (key->kind > LNR_YAML_SCALAR || op->kind > LNR_YAML_SCALAR) {
		int rc = lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, file,
			"under 'override', keys and operations must be single words");
		lnr_load_spot(l, true, (struct lnr_spot){ctx->file, op->offset, 0, false});
		return rc;
	}
	bool append = lnr_str_eq(op->text, LNR_STR("append"));
	if (!append && !lnr_str_eq(op->text, LNR_STR("replace")))
		return bad_operation(l, key, op, a, ctx);
	uint32_t bit = key_bit(key->text), allowed = append ? a->append : a->replace;
	if (bit & allowed) {
		*(append ? &ret->append : &ret->replace) |= bit;
		return 0;
	}
	struct lnr_str name = lnr_arena_str(&l->arena, key->text);
	const struct lnr_ctx *kctx = name.ptr ? lnr_ctx_node(l, ctx, LNR_CTX_OVERRIDE, name, key)
					      : NULL;
	int rc = lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, kctx, "'%.*s' cannot be %s",
		LNR_STR_ARG(key->text), append ? "appended to" : "replaced");
	if (bit & a->replace)
		lnr_load_hint(l, true, "it can be replaced");
	else
		expected_keys(l, allowed);
	return rc;
}

int lnr_item_overrides(struct lnr_loader *l, const struct lnr_yaml *item, uint32_t appendable,
	uint32_t replaceable, const struct lnr_ctx *ctx, struct lnr_overrides *ret)
{
	const struct lnr_yaml *v = lnr_yaml_get(item, "override");
	*ret = (struct lnr_overrides){0, 0};
	if (!v || v->kind == LNR_YAML_NULL || v->kind == LNR_YAML_SCALAR)
		return 0;
	const struct lnr_ctx *octx = lnr_ctx_node(l, ctx, LNR_CTX_OVERRIDE, LNR_STR(""), item);
	if (!octx)
		return -ENOMEM;
	if (v->kind == LNR_YAML_SEQ) {
		int rc = lnr_load_error(
			l, LNR_LOAD_ERR_VALIDATE, ctx->up, "the value of 'override' must be a map");
		lnr_load_spot(l, true, (struct lnr_spot){ctx->file, v->offset, 0, false});
		return rc;
	}
	const struct allowed a = {appendable, replaceable};
	int rc = 0;
	for (uint32_t i = 0; !rc && i < v->n; i++)
		rc = read_pair(l, v->kids[2 * i], v->kids[2 * i + 1], &a, octx, ret);
	uint32_t both = ret->append & ret->replace;
	if (!rc && both)
		rc = lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, ctx,
			"'override' both appends to and replaces '%s'",
			lnr_override_keys[__builtin_ctz(both)]);
	return rc;
}
