/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema status of a rules file (spec rules-language.md 15.5): do its items have the shape that
 * the published schema describes? It is stricter and more naive than loading (priorities in upper
 * case only, no relation between keys) and never decides anything.
 *
 * Types are weak, as in the reference: text that reads as a number or a boolean is one.
 */
#include "rules/load_priv.h"

/* Findings of one file that are kept; the first few say what is wrong. */
#define FINDINGS_MAX 20

enum shape {
	TEXT,	 /* any scalar */
	BOOLEAN, /* true, false */
	INTEGER,
	ANYTHING,
	PRIORITY,
	TEXTS, /* sequence of TEXT */
	EXCEPTIONS,
	OVERRIDE,
	PLUGINS,
};

struct member {
	const char *key;
	enum shape shape;
};

static const struct member item_members[] = {
	{"required_engine_version", TEXT},
	{"required_plugin_versions", PLUGINS},
	{"list", TEXT},
	{"items", TEXTS},
	{"macro", TEXT},
	{"rule", TEXT},
	{"condition", TEXT},
	{"output", TEXT},
	{"desc", TEXT},
	{"priority", PRIORITY},
	{"source", TEXT},
	{"enabled", BOOLEAN},
	{"capture", BOOLEAN},
	{"capture_duration", INTEGER},
	{"warn_evttypes", BOOLEAN},
	{"skip-if-unknown-filter", BOOLEAN},
	{"append", BOOLEAN},
	{"tags", TEXTS},
	{"exceptions", EXCEPTIONS},
	{"override", OVERRIDE},
	{NULL, TEXT},
};

static const struct member exception_members[] = {
	{"name", TEXT},
	{"fields", ANYTHING},
	{"comps", ANYTHING},
	{"values", ANYTHING},
	{NULL, TEXT},
};

static const struct member plugin_members[] = {
	{"name", TEXT},
	{"version", TEXT},
	{"alternatives", PLUGINS},
	{NULL, TEXT},
};

struct check {
	struct lnr_loader *l;
	struct lnr_str findings[FINDINGS_MAX];
	unsigned n;
	bool no_memory;
};

static bool finding(struct check *c, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static bool finding(struct check *c, const char *path, const char *fmt, ...)
{
	char msg[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	if (c->n == FINDINGS_MAX)
		return false;
	char *s = lnr_arena_printf(&c->l->arena, "failed for <root>%s: %s", path, msg);
	c->no_memory = c->no_memory || !s;
	if (s)
		c->findings[c->n++] = lnr_str_c(s);
	return false;
}

static bool check_shape(
	struct check *c, const char *path, const struct lnr_yaml *v, enum shape shape);

static bool is_integer(struct lnr_str s)
{
	int64_t n;
	return lnr_str_s64(s, &n) == 0;
}

static bool is_priority(struct lnr_str s)
{
	static const char *const names[] = {"EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING",
		"NOTICE", "INFO", "INFORMATIONAL", "DEBUG"};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(names); i++) {
		if (lnr_str_eq(s, lnr_str_c(names[i])))
			return true;
	}
	return false;
}

static const struct member *find_member(const struct member *m, struct lnr_str key)
{
	while (m->key && !lnr_str_eq(key, lnr_str_c(m->key)))
		m++;
	return m->key ? m : NULL;
}

static bool check_object(
	struct check *c, const char *path, const struct lnr_yaml *v, const struct member *members)
{
	char sub[256];
	bool ok = true;
	if (v->kind != LNR_YAML_MAP)
		return finding(c, path, "expected a map");
	for (uint32_t i = 0; i < v->n && c->n < FINDINGS_MAX; i++) {
		struct lnr_str key = v->kids[2 * i]->text;
		const struct member *m = find_member(members, key);
		if (!m) {
			ok = finding(c, path, "the key '%.*s' is not part of the schema",
				LNR_STR_ARG(key));
			continue;
		}
		snprintf(sub, sizeof(sub), "%s[%s]", path, m->key);
		ok = check_shape(c, sub, v->kids[2 * i + 1], m->shape) && ok;
	}
	return ok;
}

static bool check_sequence(struct check *c, const char *path, const struct lnr_yaml *v,
	bool (*each)(struct check *c, const char *path, const struct lnr_yaml *v))
{
	char sub[256];
	bool ok = true;
	if (v->kind != LNR_YAML_SEQ)
		return finding(c, path, "expected a list");
	for (uint32_t i = 0; i < v->n && c->n < FINDINGS_MAX; i++) {
		snprintf(sub, sizeof(sub), "%s[%u]", path, i);
		ok = each(c, sub, v->kids[i]) && ok;
	}
	return ok;
}

static bool check_text(struct check *c, const char *path, const struct lnr_yaml *v)
{
	return v->kind == LNR_YAML_SCALAR || finding(c, path, "expected text");
}

static bool check_exception(struct check *c, const char *path, const struct lnr_yaml *v)
{
	bool ok = check_object(c, path, v, exception_members);
	if (v->kind == LNR_YAML_MAP && !lnr_yaml_get(v, "name"))
		ok = finding(c, path, "the key 'name' is missing");
	return ok;
}

static bool check_plugin(struct check *c, const char *path, const struct lnr_yaml *v)
{
	bool ok = check_object(c, path, v, plugin_members);
	if (v->kind == LNR_YAML_MAP && !(lnr_yaml_get(v, "name") && lnr_yaml_get(v, "version")))
		ok = finding(c, path, "the keys 'name' and 'version' are needed");
	return ok;
}

static bool check_override(struct check *c, const char *path, const struct lnr_yaml *v)
{
	bool ok = true;
	if (v->kind != LNR_YAML_MAP || !v->n)
		return finding(c, path, "expected a map with at least one key");
	for (uint32_t i = 0; i < v->n && c->n < FINDINGS_MAX; i++) {
		struct lnr_str key = v->kids[2 * i]->text, op = v->kids[2 * i + 1]->text;
		bool known = false;
		for (unsigned k = 0; k < LNR_OV_COUNT; k++)
			known = known || lnr_str_eq(key, lnr_str_c(lnr_override_keys[k]));
		if (!known ||
			(!lnr_str_eq(op, LNR_STR("append")) && !lnr_str_eq(op, LNR_STR("replace"))))
			ok = finding(c, path, "'%.*s: %.*s' is no override", LNR_STR_ARG(key),
				LNR_STR_ARG(op));
	}
	return ok;
}

static bool check_item(struct check *c, const char *path, const struct lnr_yaml *v)
{
	return check_object(c, path, v, item_members);
}

static bool check_shape(
	struct check *c, const char *path, const struct lnr_yaml *v, enum shape shape)
{
	switch (shape) {
	case TEXT:
		return check_text(c, path, v);
	case BOOLEAN:
		return (v->kind == LNR_YAML_SCALAR &&
			       (lnr_str_eq(v->text, LNR_STR("true")) ||
				       lnr_str_eq(v->text, LNR_STR("false")))) ||
		       finding(c, path, "expected true or false");
	case INTEGER:
		return (v->kind == LNR_YAML_SCALAR && is_integer(v->text)) ||
		       finding(c, path, "expected a number");
	case PRIORITY:
		return (v->kind == LNR_YAML_SCALAR && is_priority(v->text)) ||
		       finding(c, path, "expected a priority in upper case");
	case TEXTS:
		return check_sequence(c, path, v, check_text);
	case EXCEPTIONS:
		return check_sequence(c, path, v, check_exception);
	case PLUGINS:
		return check_sequence(c, path, v, check_plugin);
	case OVERRIDE:
		return check_override(c, path, v);
	case ANYTHING:
		break;
	}
	return true;
}

int lnr_load_schema(struct lnr_loader *l, const struct lnr_yaml *const *docs, size_t n,
	struct lnr_load_result *r)
{
	struct check c = {.l = l};
	for (size_t i = 0; i < n && c.n < FINDINGS_MAX; i++) {
		bool ok = check_sequence(&c, "", docs[i], check_item);
		/* The first document decides about the file. */
		if (i == 0)
			r->schema = ok ? LNR_SCHEMA_OK : LNR_SCHEMA_FAILED;
	}
	if (c.no_memory)
		return -ENOMEM;
	if (!c.n)
		return 0;
	r->findings = lnr_arena_calloc(&l->arena, c.n, sizeof(*r->findings));
	if (!r->findings)
		return -ENOMEM;
	memcpy(r->findings, c.findings, c.n * sizeof(*r->findings));
	r->n_findings = c.n;
	return 0;
}
