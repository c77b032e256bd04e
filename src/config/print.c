/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration for people and programs: effective values, YAML, JSON, JSON schema. */
#include <stdio.h>
#include "base/json.h"
#include "base/redact.h"
#include "config/config_priv.h"
#include "schema/limits.h"

static void quoted(struct lnr_buf *out, const char *text)
{
	lnr_buf_chr(out, '"');
	lnr_json_escape(out, lnr_str_c(text));
	lnr_buf_chr(out, '"');
}

/* What a scalar is when nothing says: a text in quotes stays one only where a row says so. */
static void json_scalar(struct lnr_json *j, const char *text)
{
	struct lnr_yaml y = {.kind = LNR_YAML_SCALAR, .plain = true, .text = lnr_str_c(text)};
	bool b;
	int64_t v;
	double d;
	if (lnr_yaml_bool(&y, &b))
		lnr_json_bool(j, b);
	else if (lnr_yaml_s64(&y, &v))
		lnr_json_s64(j, v);
	else if (lnr_yaml_double(&y, &d))
		lnr_json_double(j, d);
	else
		lnr_json_str(j, y.text);
}

static bool is_secret(const char *path)
{
	const struct lnr_option *o = lnr_option_find(path);
	const char *last = strrchr(path, '.');
	return (o && o->flags & LNR_OPTION_SECRET) ||
	       lnr_redact_name(lnr_str_c(last ? last + 1 : path));
}

/* What people are shown of a text: they send it to others. Into `b`, which is to be done with. */
static const char *shown(const char *path, const char *text, struct lnr_buf *b)
{
	lnr_buf_init(b, 0);
	if (*text && is_secret(path))
		lnr_buf_cstr(b, "***");
	else
		lnr_redact(b, lnr_str_c(text));
	return b->failed || !b->ptr ? "" : b->ptr;
}

/*
 * `path` is the node's own; with `hide` secrets are left out. Where its row says text, "yes" and
 * "12" stay texts; elsewhere scalars that read as numbers or booleans become such, as in the
 * reference (plugins' init_config).
 */
static void json_node(
	struct lnr_json *j, const struct lnr_cnode *n, const char *path, bool hide, unsigned depth)
{
	char sub[LNR_CONFIG_NAME_BYTES];
	const struct lnr_option *o = lnr_option_find(path);
	bool map = n->kind == LNR_YAML_MAP;
	if (depth > LNR_YAML_DEPTH || n->kind == LNR_YAML_NULL || n->kind == LNR_YAML_NONE) {
		lnr_json_null(j);
		return;
	}
	if (n->kind == LNR_YAML_SCALAR) {
		struct lnr_buf b = {0};
		const char *text = hide ? shown(path, n->text, &b) : n->text;
		if (o && o->type == LNR_OPTION_STR)
			lnr_json_str(j, lnr_str_c(text));
		else
			json_scalar(j, text);
		lnr_buf_done(&b);
		return;
	}
	lnr_json_open(j, map ? '{' : '[');
	for (uint32_t i = 0; i < n->n; i++) {
		if (map) {
			snprintf(sub, sizeof(sub), "%s.%s", path, n->keys[i]);
			lnr_json_key(j, lnr_str_c(n->keys[i]));
		} else {
			snprintf(sub, sizeof(sub), "%s[%u]", path, i);
		}
		json_node(j, n->kids[i], sub, hide, depth + 1);
	}
	lnr_json_close(j, map ? '}' : ']');
}

int lnr_config_json(const struct lnr_config *c, const char *key, struct lnr_buf *out)
{
	struct lnr_json j;
	const struct lnr_cnode *n = lnr_cnode_get(c->root, key);
	lnr_json_init(&j, out);
	if (n)
		json_node(&j, n, key, false, 0);
	else
		lnr_json_null(&j);
	return out->failed ? -ENOMEM : 0;
}

/* Texts that cannot be mistaken for anything else go without quotes. */
static void yaml_text(struct lnr_buf *out, const char *text, bool plain)
{
	static const char safe[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
	if (plain && *text && *text != '-' && !text[strspn(text, safe)])
		lnr_buf_cstr(out, text);
	else
		quoted(out, text); /* JSON's escapes are YAML's, too */
}

static void yaml_node(
	struct lnr_buf *out, const struct lnr_cnode *n, const char *path, unsigned depth)
{
	bool map = n->kind == LNR_YAML_MAP;
	bool list = n->kind == LNR_YAML_SEQ;
	if ((map || list) && n->n && depth <= LNR_YAML_DEPTH) {
		for (uint32_t i = 0; i < n->n; i++) {
			char sub[LNR_CONFIG_NAME_BYTES];
			lnr_buf_printf(out, "%s%*s", depth || i ? "\n" : "", (int)(2 * depth), "");
			if (map)
				yaml_text(out, n->keys[i], true);
			lnr_buf_cstr(out, map ? ":" : "-");
			if (map)
				snprintf(sub, sizeof(sub), "%s%s%s", path, *path ? "." : "",
					n->keys[i]);
			else
				snprintf(sub, sizeof(sub), "%s[%u]", path, i);
			yaml_node(out, n->kids[i], sub, depth + 1);
		}
		return;
	}
	lnr_buf_chr(out, ' ');
	if (n->kind == LNR_YAML_SCALAR) {
		struct lnr_buf b;
		yaml_text(out, shown(path, n->text, &b), n->plain);
		lnr_buf_done(&b);
	} else {
		lnr_buf_cstr(out, map ? "{}" : list ? "[]" : "~");
	}
}

int lnr_config_yaml(const struct lnr_config *c, struct lnr_buf *out)
{
	yaml_node(out, c->root, "", 0);
	lnr_buf_chr(out, '\n');
	return out->failed ? -ENOMEM : 0;
}

static void print_origin(struct lnr_buf *out, const struct lnr_cnode *n)
{
	if (!n)
		lnr_buf_cstr(out, "  # default");
	else if (n->from_cli || !n->file)
		lnr_buf_cstr(out, "  # command line");
	else
		lnr_buf_printf(out, "  # %s:%u", n->file, n->line);
}

int lnr_config_print(const struct lnr_config *c, bool origins, struct lnr_buf *out)
{
	for (const struct lnr_option *o = lnr_options; o->path; o++) {
		if (o->type == LNR_OPTION_MAP || strpbrk(o->path, "[*"))
			continue;
		const struct lnr_cnode *n = lnr_cnode_get(c->root, o->path);
		lnr_buf_printf(out, "%s: ", o->path);
		if (n) {
			struct lnr_json j;
			lnr_json_init(&j, out);
			json_node(&j, n, o->path, true, 0);
		} else if (o->type == LNR_OPTION_LIST) {
			lnr_buf_cstr(out, "[]");
		} else if (o->type == LNR_OPTION_STR) {
			quoted(out, o->def);
		} else {
			lnr_buf_cstr(out, *o->def ? o->def : "\"\"");
		}
		if (origins)
			print_origin(out, n);
		lnr_buf_chr(out, '\n');
	}
	return out->failed ? -ENOMEM : 0;
}

/* --- JSON schema (draft-06) from the table --- */

static const char *const json_types[] = {
	[LNR_OPTION_BOOL] = "boolean",
	[LNR_OPTION_INT] = "integer",
	[LNR_OPTION_DOUBLE] = "number",
	[LNR_OPTION_STR] = "string",
	[LNR_OPTION_LIST] = "array",
	[LNR_OPTION_MAP] = "object",
};

static void member(struct lnr_json *j, const char *key, const char *value)
{
	lnr_json_key(j, lnr_str_c(key));
	lnr_json_str(j, lnr_str_c(value));
}

static void schema_row(struct lnr_json *j, const struct lnr_option *o, const char *path);

/* Rows directly below `path`: as properties of a map, or the one that describes a list's items. */
static void schema_below(struct lnr_json *j, const char *path)
{
	size_t n = strlen(path);
	bool opened = false;
	for (const struct lnr_option *o = lnr_options; o->path; o++) {
		if (strncmp(o->path, path, n) != 0 || (n && o->path[n] != '.'))
			continue;
		const char *rest = o->path + n + (n ? 1 : 0);
		if (!*rest || strpbrk(rest, ".["))
			continue;
		if (strcmp(rest, "*") == 0) {
			lnr_json_key(j, LNR_STR("additionalProperties"));
			schema_row(j, o, o->path);
			continue;
		}
		if (!opened) {
			lnr_json_key(j, LNR_STR("additionalProperties"));
			lnr_json_bool(j, false);
			lnr_json_key(j, LNR_STR("properties"));
			lnr_json_open(j, '{');
			opened = true;
		}
		lnr_json_key(j, lnr_str_c(rest));
		schema_row(j, o, o->path);
	}
	if (opened)
		lnr_json_close(j, '}');
}

static void schema_row(struct lnr_json *j, const struct lnr_option *o, const char *path)
{
	lnr_json_open(j, '{');
	if (o->type != LNR_OPTION_ANY)
		member(j, "type", json_types[o->type]);
	if (*o->help)
		member(j, "description", o->help);
	if (o->min != 0 || o->max != 0) {
		lnr_json_key(j, LNR_STR("minimum"));
		lnr_json_double(j, o->min);
		lnr_json_key(j, LNR_STR("maximum"));
		lnr_json_double(j, o->max);
	}
	if (o->choices && !(o->flags & LNR_OPTION_ANY_CASE)) {
		struct lnr_str rest = lnr_str_c(o->choices), w;
		lnr_json_key(j, LNR_STR("enum"));
		lnr_json_open(j, '[');
		while (lnr_str_split(&rest, ' ', &w))
			lnr_json_str(j, w);
		lnr_json_close(j, ']');
	}
	if (o->type == LNR_OPTION_MAP || o->type == LNR_OPTION_ANY)
		schema_below(j, path);
	if (o->type == LNR_OPTION_LIST) {
		char item[256];
		snprintf(item, sizeof(item), "%s[]", path);
		const struct lnr_option *i = lnr_option_find(item);
		if (i) {
			lnr_json_key(j, LNR_STR("items"));
			schema_row(j, i, i->path);
		}
	}
	lnr_json_close(j, '}');
}

int lnr_config_schema(struct lnr_buf *out)
{
	struct lnr_json j;
	lnr_json_init(&j, out);
	lnr_json_open(&j, '{');
	member(&j, "$schema", "http://json-schema.org/draft-06/schema#");
	member(&j, "title", "Configuration of Lanner");
	member(&j, "type", "object");
	schema_below(&j, "");
	lnr_json_close(&j, '}');
	lnr_buf_chr(out, '\n');
	return out->failed ? -ENOMEM : 0;
}
