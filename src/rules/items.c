/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From YAML to items: kinds, keys and values (spec rules-language.md 3). Rules are in items_rule.c.
 */
#include "rules/load_priv.h"

#include "schema/limits.h"

/* --- values of keys -------------------------------------------------------------------------- */

int lnr_item_scalar(struct lnr_loader *l, const struct lnr_yaml *item, const char *key,
	enum lnr_need need, const struct lnr_ctx *ctx, const struct lnr_yaml **ret_node)
{
	const struct lnr_yaml *v = lnr_yaml_get(item, key);
	*ret_node = NULL;
	if (!v && need != LNR_REQUIRED)
		return 0;
	if (!v)
		return lnr_load_error(
			l, LNR_LOAD_ERR_YAML_VALIDATE, ctx, "the key '%s' is missing", key);
	if (v->kind == LNR_YAML_NULL) {
		if (need == LNR_OPTIONAL_EMPTY)
			return 0;
		int rc = lnr_load_error(
			l, LNR_LOAD_ERR_YAML_VALIDATE, ctx, "the key '%s' has no value", key);
		lnr_load_spot(l, true, (struct lnr_spot){ctx->file, v->offset, 0, false});
		return rc;
	}
	if (v->kind == LNR_YAML_SCALAR && (v->text.len || need == LNR_OPTIONAL_EMPTY)) {
		*ret_node = v->text.len ? v : NULL;
		return 0;
	}
	const struct lnr_ctx *vctx = lnr_ctx_node(l, ctx, LNR_CTX_VALUE, lnr_str_c(key), v);
	return lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, vctx,
		v->kind == LNR_YAML_SCALAR ? "the value of '%s' is empty"
					   : "the value of '%s' must be a single value, not a list "
					     "or map",
		key);
}

int lnr_item_str(struct lnr_loader *l, const struct lnr_yaml *item, const char *key,
	enum lnr_need need, const struct lnr_ctx *ctx, struct lnr_str *ret)
{
	const struct lnr_yaml *v;
	int rc = lnr_item_scalar(l, item, key, need, ctx, &v);
	if (rc || !v)
		return rc;
	*ret = lnr_arena_str(&l->arena, v->text);
	return ret->ptr ? 0 : -ENOMEM;
}

static int not_a(struct lnr_loader *l, const char *key, const struct lnr_ctx *ctx,
	const struct lnr_yaml *v, const char *what)
{
	const struct lnr_ctx *vctx = lnr_ctx_node(l, ctx, LNR_CTX_VALUE, lnr_str_c(key), v);
	int rc = lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, vctx, "'%.*s' is no value for '%s'",
		LNR_STR_ARG(v->text), key);
	lnr_load_hint(l, true, "expected %s", what);
	return rc;
}

int lnr_item_bool(struct lnr_loader *l, const struct lnr_yaml *item, const char *key,
	enum lnr_need need, const struct lnr_ctx *ctx, bool *ret)
{
	const struct lnr_yaml *v;
	int rc = lnr_item_scalar(l, item, key, need, ctx, &v);
	if (!rc && v && !lnr_yaml_bool(v, ret))
		rc = not_a(l, key, ctx, v, "true or false");
	return rc;
}

int lnr_item_u32(struct lnr_loader *l, const struct lnr_yaml *item, const char *key,
	enum lnr_need need, const struct lnr_ctx *ctx, uint32_t *ret)
{
	const struct lnr_yaml *v;
	uint64_t n = 0;
	int rc = lnr_item_scalar(l, item, key, need, ctx, &v);
	if (!rc && v && (!lnr_yaml_u64(v, &n) || n > UINT32_MAX))
		return not_a(l, key, ctx, v, "a number from 0 to 4294967295");
	if (!rc && v)
		*ret = (uint32_t)n;
	return rc;
}

int lnr_item_seq(struct lnr_loader *l, const struct lnr_yaml *item, const char *key,
	enum lnr_need need, const struct lnr_ctx *ctx, struct lnr_str **ret, size_t *ret_n)
{
	const struct lnr_yaml *v = lnr_yaml_get(item, key);
	*ret = NULL;
	*ret_n = 0;
	if (!v)
		return need == LNR_REQUIRED ? lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, ctx,
						      "the key '%s' is missing", key)
					    : 0;
	const struct lnr_ctx *vctx = NULL;
	if (v->kind != LNR_YAML_SEQ) {
		vctx = lnr_ctx_node(l, ctx, LNR_CTX_VALUE, lnr_str_c(key), v);
		return lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, vctx,
			"the value of '%s' must be a list", key);
	}
	struct lnr_str *out = lnr_arena_calloc(&l->arena, v->n ? v->n : 1, sizeof(*out));
	if (!out)
		return -ENOMEM;
	for (uint32_t i = 0; i < v->n; i++) {
		const struct lnr_yaml *e = v->kids[i];
		if (e->kind != LNR_YAML_SCALAR) {
			vctx = lnr_ctx_node(l, ctx, LNR_CTX_VALUE, lnr_str_c(key), v);
			if (vctx)
				vctx = lnr_ctx_node(l, vctx, LNR_CTX_LIST_ITEM, LNR_STR(""), e);
			return lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, vctx,
				"each entry of '%s' must be a single value", key);
		}
		out[i] = lnr_arena_str(&l->arena, e->text);
		if (!out[i].ptr)
			return -ENOMEM;
	}
	*ret = out;
	*ret_n = v->n;
	return 0;
}

/* --- versions -------------------------------------------------------------------------------- */

/*
 * Three numbers with dots between, as scanf("%u.%u.%u") reads them: blanks and a sign before each
 * are taken, numbers wrap, and what follows the third is ignored.
 */
bool lnr_version_parse(struct lnr_str s, struct lnr_version *ret)
{
	size_t i = 0;
	for (int k = 0; k < 3; k++) {
		if (k && (i >= s.len || s.ptr[i++] != '.'))
			return false;
		while (i < s.len && (s.ptr[i] == ' ' || (s.ptr[i] >= '\t' && s.ptr[i] <= '\r')))
			i++;
		bool negative = i < s.len && s.ptr[i] == '-';
		if (negative || (i < s.len && s.ptr[i] == '+'))
			i++;
		size_t first = i;
		uint32_t v = 0;
		for (; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
			v = v * 10 + (uint32_t)(s.ptr[i] - '0');
		if (i == first)
			return false;
		ret->v[k] = negative ? 0 - v : v;
	}
	return true;
}

static int version_cmp(const struct lnr_version *a, const struct lnr_version *b)
{
	for (int k = 0; k < 3; k++) {
		if (a->v[k] != b->v[k])
			return a->v[k] < b->v[k] ? -1 : 1;
	}
	return 0;
}

bool lnr_version_fits(const struct lnr_version *have, const struct lnr_version *want)
{
	return have->v[0] == want->v[0] && version_cmp(have, want) >= 0;
}

/* The engine whose rules are understood (spec 0). */
static const struct lnr_version engine = {{0, 62, 0}};

static int read_engine_version(struct lnr_loader *l, const struct lnr_yaml *item,
	const struct lnr_ctx *up, const struct lnr_ctx **ret_ctx)
{
	const struct lnr_ctx *ctx = lnr_ctx_node(l, up, LNR_CTX_ENGINE_VERSION, LNR_STR(""), item);
	const struct lnr_yaml *v;
	*ret_ctx = ctx;
	int rc = ctx ? lnr_item_scalar(l, item, "required_engine_version", LNR_REQUIRED, ctx, &v)
		     : -ENOMEM;
	if (rc)
		return rc;
	uint64_t minor;
	struct lnr_version want = {{0}};
	if (lnr_yaml_u64(v, &minor) && minor <= UINT32_MAX)
		want.v[1] = (uint32_t)minor;
	else if (!lnr_version_parse(v->text, &want)) {
		rc = lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, ctx,
			"'%.*s' is no engine version", LNR_STR_ARG(v->text));
		lnr_load_hint(l, true, "expected x.y.z, or a number n for 0.n.0");
		lnr_load_spot(l, true,
			(struct lnr_spot){ctx->file, v->offset, (uint32_t)v->text.len, false});
		return rc;
	}
	if (!lnr_version_fits(&engine, &want)) {
		rc = lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ctx,
			"the rules need engine version %u.%u.%u, this one understands %u.%u.%u",
			want.v[0], want.v[1], want.v[2], engine.v[0], engine.v[1], engine.v[2]);
		lnr_load_spot(l, true,
			(struct lnr_spot){ctx->file, v->offset, (uint32_t)v->text.len, false});
		return rc;
	}
	if (version_cmp(&l->engine_version, &want) < 0)
		l->engine_version = want;
	return 0;
}

/* --- required_plugin_versions ---------------------------------------------------------------- */

/* One {name, version}; the place is renamed once the name is known. */
static int read_requirement(struct lnr_loader *l, const struct lnr_yaml *v, enum lnr_ctx_type type,
	const struct lnr_ctx *up, struct lnr_plugin_req *ret, const struct lnr_ctx **ret_ctx)
{
	const struct lnr_ctx *ctx = lnr_ctx_node(l, up, type, LNR_STR(""), v);
	if (!ctx)
		return -ENOMEM;
	if (v->kind != LNR_YAML_MAP)
		return lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, ctx,
			"a plugin requirement must be a map with name and version");
	int rc = lnr_item_str(l, v, "name", LNR_REQUIRED, ctx, &ret->name);
	if (rc)
		return rc;
	*ret_ctx = ctx = lnr_ctx_node(l, up, type, ret->name, v);
	return ctx ? lnr_item_str(l, v, "version", LNR_REQUIRED, ctx, &ret->version) : -ENOMEM;
}

static int check_requirements(
	struct lnr_loader *l, const struct lnr_plugin_reqs *r, const struct lnr_ctx *ctx)
{
	struct lnr_strmap seen;
	int rc = 0;
	lnr_strmap_init(&seen);
	for (size_t i = 0; !rc && i < r->n; i++) {
		struct lnr_version v;
		if (!lnr_version_parse(r->v[i].version, &v)) {
			rc = lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ctx,
				"'%.*s' is no version for plugin '%.*s'",
				LNR_STR_ARG(r->v[i].version), LNR_STR_ARG(r->v[i].name));
			lnr_load_hint(l, true, "expected x.y.z");
		} else if (lnr_strmap_get(&seen, r->v[i].name)) {
			rc = lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ctx,
				"plugin '%.*s' is named twice in one requirement",
				LNR_STR_ARG(r->v[i].name));
		} else {
			rc = lnr_strmap_set(&seen, r->v[i].name, &r->v[i], NULL);
		}
	}
	lnr_strmap_done(&seen);
	return rc;
}

static int keep_requirements(struct lnr_loader *l, const struct lnr_plugin_reqs *r)
{
	if (l->n_plugin_reqs == l->cap_plugin_reqs) {
		size_t cap = l->cap_plugin_reqs ? l->cap_plugin_reqs * 2 : 8;
		void *p = reallocarray(l->plugin_reqs, cap, sizeof(*l->plugin_reqs));
		if (!p)
			return -ENOMEM;
		l->plugin_reqs = p;
		l->cap_plugin_reqs = cap;
	}
	l->plugin_reqs[l->n_plugin_reqs++] = *r;
	return 0;
}

static int read_plugin_entry(
	struct lnr_loader *l, const struct lnr_yaml *v, const struct lnr_ctx *up)
{
	struct lnr_plugin_req first;
	const struct lnr_ctx *ctx, *actx;
	int rc = read_requirement(l, v, LNR_CTX_PLUGINS_ENTRY, up, &first, &ctx);
	if (rc)
		return rc;
	const struct lnr_yaml *alt = lnr_yaml_get(v, "alternatives");
	if (alt && alt->kind != LNR_YAML_SEQ)
		return lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, ctx,
			"the alternatives of a plugin requirement must be a list");
	struct lnr_plugin_reqs r = {.n = 1 + (alt ? alt->n : 0)};
	r.v = lnr_arena_calloc(&l->arena, r.n, sizeof(*r.v));
	if (!r.v)
		return -ENOMEM;
	r.v[0] = first;
	for (uint32_t i = 0; !rc && i + 1 < r.n; i++)
		rc = read_requirement(
			l, alt->kids[i], LNR_CTX_PLUGINS_ALTERNATIVE, ctx, &r.v[i + 1], &actx);
	if (!rc)
		rc = check_requirements(l, &r, ctx);
	return rc ? rc : keep_requirements(l, &r);
}

static int read_plugin_versions(struct lnr_loader *l, const struct lnr_yaml *item,
	const struct lnr_ctx *up, const struct lnr_ctx **ret_ctx)
{
	const struct lnr_yaml *v = lnr_yaml_get(item, "required_plugin_versions");
	const struct lnr_ctx *ctx = lnr_ctx_node(l, up, LNR_CTX_PLUGINS, LNR_STR(""), v);
	if (!ctx)
		return -ENOMEM;
	if (v->kind != LNR_YAML_SEQ)
		return lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, ctx,
			"the value of required_plugin_versions must be a list");
	int rc = 0;
	for (uint32_t i = 0; !rc && i < v->n; i++)
		rc = read_plugin_entry(l, v->kids[i], ctx);
	*ret_ctx = lnr_ctx_node(l, up, LNR_CTX_PLUGINS, LNR_STR(""), item);
	return rc ? rc : *ret_ctx ? 0 : -ENOMEM;
}

/* --- list and macro -------------------------------------------------------------------------- */

/* Name of the item and its place under that name. */
static int read_name(struct lnr_loader *l, const struct lnr_yaml *item, const char *key,
	enum lnr_ctx_type type, const struct lnr_ctx *up, struct lnr_str *ret_name,
	const struct lnr_ctx **ret_ctx)
{
	const struct lnr_ctx *ctx = lnr_ctx_node(l, up, type, LNR_STR(""), item);
	int rc = ctx ? lnr_item_str(l, item, key, LNR_REQUIRED, ctx, ret_name) : -ENOMEM;
	if (rc)
		return rc;
	*ret_ctx = lnr_ctx_node(l, up, type, *ret_name, item);
	return *ret_ctx ? 0 : -ENOMEM;
}

static bool space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool list_name_ok(struct lnr_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (space(s.ptr[i]) || (s.ptr[i] && strchr("()\"'=,", s.ptr[i])))
			return false;
	}
	return s.len > 0;
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool macro_name_ok(struct lnr_str s)
{
	if (!s.len || !letter(s.ptr[0]))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!letter(c) && c != '_' && !(c >= '0' && c <= '9'))
			return false;
	}
	return true;
}

/* The flag `append` and the map `override` of an item with one property (spec 3.3, 3.4). */
static int read_append(struct lnr_loader *l, const struct lnr_yaml *item, enum lnr_override_key key,
	const struct lnr_ctx *ctx, bool *ret)
{
	bool flag = false;
	struct lnr_overrides o;
	int rc = lnr_item_bool(l, item, "append", LNR_OPTIONAL, ctx, &flag);
	if (!rc && flag) {
		rc = lnr_load_warn(
			l, LNR_LOAD_DEPRECATED_ITEM, ctx, "the key 'append' is deprecated");
		lnr_load_hint(
			l, false, "write 'override: {%s: append}' instead", lnr_override_keys[key]);
	}
	if (!rc)
		rc = lnr_item_overrides(l, item, 1u << key, 1u << key, ctx, &o);
	if (!rc && flag && (o.append || o.replace))
		rc = lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, ctx,
			"'append: true' and 'override' exclude each other");
	*ret = flag || (!rc && o.append);
	return rc;
}

static int read_list(struct lnr_loader *l, const struct lnr_yaml *item, const struct lnr_ctx *up,
	const struct lnr_ctx **ret_ctx)
{
	struct lnr_str name, *items;
	size_t n;
	bool append;
	int rc = read_name(l, item, "list", LNR_CTX_LIST, up, &name, ret_ctx);
	if (!rc && !list_name_ok(name))
		rc = lnr_load_warn(l, LNR_LOAD_INVALID_LIST_NAME, *ret_ctx,
			"'%.*s' is an unusual list name: blanks, quotes, parentheses, commas and = "
			"are better left out",
			LNR_STR_ARG(name));
	if (!rc)
		rc = lnr_item_seq(l, item, "items", LNR_REQUIRED, *ret_ctx, &items, &n);
	if (!rc)
		rc = read_append(l, item, LNR_OV_ITEMS, *ret_ctx, &append);
	return rc ? rc : lnr_collect_list(l, name, *ret_ctx, items, n, append);
}

static int read_macro(struct lnr_loader *l, const struct lnr_yaml *item, const struct lnr_ctx *up,
	const struct lnr_ctx **ret_ctx)
{
	struct lnr_str name;
	const struct lnr_yaml *cond;
	bool append;
	int rc = read_name(l, item, "macro", LNR_CTX_MACRO, up, &name, ret_ctx);
	if (!rc && !macro_name_ok(name))
		rc = lnr_load_warn(l, LNR_LOAD_INVALID_MACRO_NAME, *ret_ctx,
			"'%.*s' is no name that a condition can refer to: letters first, then "
			"letters, digits and _",
			LNR_STR_ARG(name));
	if (!rc)
		rc = lnr_item_scalar(l, item, "condition", LNR_REQUIRED, *ret_ctx, &cond);
	if (!rc)
		rc = read_append(l, item, LNR_OV_CONDITION, *ret_ctx, &append);
	if (rc)
		return rc;
	const struct lnr_ctx *cctx = lnr_ctx_node(
		l, *ret_ctx, LNR_CTX_MACRO_CONDITION, LNR_STR(""), cond);
	return cctx ? lnr_collect_macro(l, name, *ret_ctx, cctx, cond, append) : -ENOMEM;
}

/* --- one item -------------------------------------------------------------------------------- */

/* Kinds in the order in which their key decides (spec 3), and the keys each knows. */
static const struct kind {
	const char *key;
	int (*read)(struct lnr_loader *l, const struct lnr_yaml *item, const struct lnr_ctx *up,
		const struct lnr_ctx **ret_ctx);
	const char *const *keys;
} kinds[] = {
	{"required_engine_version", read_engine_version,
		(const char *const[]){"required_engine_version", NULL}},
	{"required_plugin_versions", read_plugin_versions,
		(const char *const[]){"required_plugin_versions", NULL}},
	{"list", read_list, (const char *const[]){"list", "items", "append", "override", NULL}},
	{"macro", read_macro,
		(const char *const[]){"macro", "condition", "append", "override", NULL}},
	{"rule", lnr_items_rule,
		(const char *const[]){"rule", "condition", "output", "desc", "priority", "source",
			"enabled", "capture", "capture_duration", "warn_evttypes",
			"skip-if-unknown-filter", "tags", "exceptions", "override", "append",
			NULL}},
};

static bool known_key(const struct kind *k, struct lnr_str key)
{
	for (const char *const *s = k->keys; *s; s++) {
		if (lnr_str_eq(key, lnr_str_c(*s)))
			return true;
	}
	return false;
}

static void suggest_key(struct lnr_loader *l, const struct kind *k, struct lnr_str key)
{
	struct lnr_suggest s;
	struct lnr_str best;
	lnr_suggest_init(l, &s, key);
	for (const char *const *w = k->keys; *w; w++)
		lnr_suggest_offer(&s, lnr_str_c(*w));
	if (lnr_suggest_best(&s, &best))
		lnr_load_hint(l, false, "did you mean '%.*s'?", LNR_STR_ARG(best));
}

static int check_keys(struct lnr_loader *l, const struct kind *k, const struct lnr_yaml *item,
	const struct lnr_ctx *ctx, const struct lnr_ctx *file)
{
	for (uint32_t i = 0; i < item->n; i++) {
		const struct lnr_yaml *key = item->kids[2 * i];
		if (key->kind == LNR_YAML_SEQ || key->kind == LNR_YAML_MAP) {
			int rc = lnr_load_error(l, LNR_LOAD_ERR_YAML_PARSE, file,
				"a list or map cannot be a key of an item");
			lnr_load_spot(l, true, (struct lnr_spot){ctx->file, key->offset, 0, false});
			return rc;
		}
		if (known_key(k, key->text))
			continue;
		if (lnr_load_warn(l, LNR_LOAD_UNKNOWN_KEY, ctx, "unknown key '%.*s', it is ignored",
			    LNR_STR_ARG(key->text)))
			return -ENOMEM;
		lnr_load_spot(l, false,
			(struct lnr_spot){ctx->file, key->offset, (uint32_t)key->text.len, false});
		suggest_key(l, k, key->text);
	}
	return 0;
}

static int unknown_item(
	struct lnr_loader *l, const struct lnr_yaml *item, const struct lnr_ctx *file)
{
	const struct lnr_ctx *ctx = lnr_ctx_node(l, file, LNR_CTX_ITEM, LNR_STR(""), item);
	int rc = ctx ? lnr_load_warn(l, LNR_LOAD_UNKNOWN_ITEM, ctx,
			       "this is no rule, macro, list or requirement; it is ignored")
		     : -ENOMEM;
	struct lnr_suggest s;
	struct lnr_str best;
	for (uint32_t i = 0; !rc && i < item->n && i < 16; i++) {
		const struct lnr_yaml *key = item->kids[2 * i];
		if (key->kind != LNR_YAML_SCALAR)
			continue;
		lnr_suggest_init(l, &s, key->text);
		for (size_t k = 0; k < LNR_ARRAY_SIZE(kinds); k++)
			lnr_suggest_offer(&s, lnr_str_c(kinds[k].key));
		if (lnr_suggest_best(&s, &best)) {
			lnr_load_hint(l, false, "did you mean '%.*s'?", LNR_STR_ARG(best));
			break;
		}
	}
	return rc;
}

static int read_item(struct lnr_loader *l, const struct lnr_yaml *item, const struct lnr_ctx *file)
{
	if (item->kind != LNR_YAML_MAP) {
		const struct lnr_ctx *ctx = lnr_ctx_node(l, file, LNR_CTX_ITEM, LNR_STR(""), item);
		return lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, ctx,
			"an item must be a map of keys and values");
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(kinds); i++) {
		const struct kind *k = &kinds[i];
		if (!lnr_yaml_get(item, k->key))
			continue;
		const struct lnr_ctx *ctx = NULL;
		int rc = k->read(l, item, file, &ctx);
		/* A misspelt key explains a missing one: worth saying when all is looked at. */
		if (rc == -EINVAL && ctx && l->opts.all_errors)
			return check_keys(l, k, item, ctx, file) == -ENOMEM ? -ENOMEM : rc;
		return rc ? rc : check_keys(l, k, item, ctx, file);
	}
	return unknown_item(l, item, file);
}

int lnr_items_read(struct lnr_loader *l, const struct lnr_yaml *const *docs, size_t n,
	const struct lnr_ctx *file)
{
	for (size_t d = 0; d < n; d++) {
		const struct lnr_yaml *doc = docs[d];
		int rc = 0;
		if (doc->kind == LNR_YAML_NULL)
			continue;
		if (doc->kind != LNR_YAML_SEQ) {
			rc = lnr_load_error(l, LNR_LOAD_ERR_YAML_VALIDATE, file,
				"a rules file is a list of items, this is %s",
				doc->kind == LNR_YAML_MAP ? "a map" : "a single value");
			lnr_load_spot(
				l, true, (struct lnr_spot){file->file, doc->offset, 0, false});
			if (!lnr_load_go_on(l, rc))
				return rc;
			continue;
		}
		for (uint32_t i = 0; i < doc->n; i++) {
			if (doc->kids[i]->kind == LNR_YAML_NULL)
				continue;
			rc = read_item(l, doc->kids[i], file);
			if (!lnr_load_go_on(l, rc))
				return rc;
		}
	}
	return l->failed ? -EINVAL : 0;
}
