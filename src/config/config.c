/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, merging and overriding (spec engine-config-cli 1), and looking values up. */
#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "base/util.h"
#include "config/config_priv.h"
#include "schema/limits.h"

int lnr_config_new(struct lnr_config **ret, struct lnr_err *err)
{
	struct lnr_config *c = calloc(1, sizeof(*c));
	if (!c)
		return lnr_fail(err, -ENOMEM, "out of memory");
	lnr_arena_init(&c->arena, LNR_CONFIG_ARENA_BYTES);
	c->root = lnr_arena_new(&c->arena, struct lnr_cnode);
	if (!c->root) {
		lnr_config_free(c);
		return lnr_fail(err, -ENOMEM, "out of memory");
	}
	c->root->kind = LNR_YAML_MAP;
	*ret = c;
	return 0;
}

struct lnr_config *lnr_config_free(struct lnr_config *c)
{
	if (!c)
		return NULL;
	lnr_arena_done(&c->arena);
	free(c->files);
	free(c->findings);
	free(c);
	return NULL;
}

int lnr_config_add_finding(struct lnr_config *c, bool warning, const char *fmt, ...)
{
	if (c->n_findings == c->cap_findings) {
		size_t cap = c->cap_findings ? c->cap_findings * 2 : 16;
		struct lnr_finding *f = realloc(c->findings, cap * sizeof(*f));
		if (!f)
			return -ENOMEM;
		c->findings = f;
		c->cap_findings = cap;
	}
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	char *own = lnr_arena_strdup(&c->arena, lnr_str_c(text));
	if (!own)
		return -ENOMEM;
	c->findings[c->n_findings++] = (struct lnr_finding){own, warning};
	return 0;
}

/* First document of a file as a tree of our own; an empty document gives kind NULL. */
static int read_tree(
	struct lnr_config *c, const char *path, struct lnr_cnode **ret, struct lnr_err *err)
{
	LNR_AUTO_FREE char *text = NULL;
	size_t len, n;
	int r = lnr_read_trusted_file(path, LNR_CONFIG_FILE_BYTES, &text, &len, err);
	if (r)
		return r;
	struct lnr_str s = {text, len};
	if (lnr_str_starts(s, LNR_STR("\xef\xbb\xbf")))
		s = lnr_str_sub(s, 3, s.len);
	struct lnr_arena work;
	const struct lnr_yaml **docs;
	char *file = lnr_arena_strdup(&c->arena, lnr_str_c(path));
	lnr_arena_init(&work, LNR_CONFIG_ARENA_BYTES);
	r = file ? lnr_yaml_parse(&work, path, s, &docs, &n, err)
		 : lnr_fail(err, -ENOMEM, "out of memory");
	if (r) {
		lnr_wrap(err, r, "cannot read configuration file %s", path);
	} else if (n == 0) {
		*ret = lnr_arena_new(&c->arena, struct lnr_cnode);
		if (*ret)
			(*ret)->kind = LNR_YAML_NULL;
	} else {
		*ret = lnr_cnode_from_yaml(&c->arena, docs[0], file, true);
	}
	lnr_arena_done(&work);
	if (!r && !*ret)
		r = lnr_fail(err, -ENOMEM, "%s: out of memory", path);
	if (!r && (*ret)->kind != LNR_YAML_MAP && (*ret)->kind != LNR_YAML_NULL)
		r = lnr_fail(err, -EINVAL, "%s: a configuration file must be a map of keys", path);
	if (r)
		return r;
	const char **files = realloc(c->files, (c->n_files + 1) * sizeof(*files));
	if (!files)
		return lnr_fail(err, -ENOMEM, "out of memory");
	c->files = files;
	files[c->n_files++] = file;
	r = lnr_config_check_file(c, file, *ret);
	return r ? lnr_fail(err, r, "out of memory") : 0;
}

enum strategy { MERGE_APPEND, MERGE_OVERRIDE, MERGE_ADD_ONLY };

static int merge_key(struct lnr_config *c, const char *key, struct lnr_cnode *v, enum strategy how,
	struct lnr_err *err)
{
	struct lnr_cnode *old = lnr_cnode_key(c->root, key);
	if (how == MERGE_ADD_ONLY && old)
		return 0;
	if (how == MERGE_APPEND && old && v->kind == LNR_YAML_SEQ) {
		if (old->kind == LNR_YAML_SCALAR || old->kind == LNR_YAML_MAP)
			return lnr_fail_at(err, -EINVAL, v->file, v->line, 1,
				"appending to a non-sequence: %s", key);
		for (uint32_t i = 0; i < v->n; i++) {
			if (lnr_cnode_push(&c->arena, old, v->kids[i]))
				return -ENOMEM;
		}
		return 0;
	}
	return lnr_cnode_put(&c->arena, c->root, key, v);
}

static int include_file(
	struct lnr_config *c, const char *path, enum strategy how, struct lnr_err *err)
{
	struct lnr_cnode *n = NULL;
	int r = read_tree(c, path, &n, err);
	if (r || n->kind != LNR_YAML_MAP)
		return r;
	if (lnr_cnode_key(n, "config_files"))
		return lnr_fail_at(err, -EINVAL, path, 0, 0,
			"config_files is not allowed in an included file");
	for (uint32_t i = 0; !r && i < n->n; i++) {
		/* The first of equal keys counts. */
		if (lnr_cnode_key(n, n->keys[i]) == n->kids[i])
			r = merge_key(c, n->keys[i], n->kids[i], how, err);
	}
	return r;
}

static int include_path(struct lnr_config *c, const char *main_file, const char *path,
	enum strategy how, struct lnr_err *err)
{
	struct stat st;
	if (main_file && strcmp(main_file, path) == 0)
		return lnr_fail(err, -EINVAL, "config_files includes the main file %s", path);
	if (stat(path, &st))
		return 0; /* a missing file is no error */
	if (!S_ISDIR(st.st_mode))
		return include_file(c, path, how, err);
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort), r = 0;
	for (int i = 0; i < n; i++) {
		char full[PATH_MAX];
		snprintf(full, sizeof(full), "%s/%s", path, names[i]->d_name);
		if (!r && stat(full, &st) == 0 && S_ISREG(st.st_mode) && access(full, R_OK) == 0)
			r = include_file(c, full, how, err);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return r;
}

static enum strategy strategy_of(const struct lnr_cnode *item)
{
	const struct lnr_cnode *s = lnr_cnode_key(item, "strategy");
	if (s && s->text && strcmp(s->text, "override") == 0)
		return MERGE_OVERRIDE;
	if (s && s->text && strcmp(s->text, "add-only") == 0)
		return MERGE_ADD_ONLY;
	return MERGE_APPEND;
}

static int include_all(struct lnr_config *c, const char *main_file, struct lnr_err *err)
{
	const struct lnr_cnode *list = lnr_cnode_key(c->root, "config_files");
	if (!list || list->kind == LNR_YAML_NULL)
		return 0;
	if (list->kind == LNR_YAML_SCALAR)
		return include_path(c, main_file, list->text, MERGE_APPEND, err);
	for (uint32_t i = 0; list->kind == LNR_YAML_SEQ && i < list->n; i++) {
		const struct lnr_cnode *item = list->kids[i];
		const struct lnr_cnode *p = item->kind == LNR_YAML_MAP ? lnr_cnode_key(item, "path")
								       : item;
		if (!p || p->kind != LNR_YAML_SCALAR)
			return lnr_fail_at(err, -EINVAL, item->file, item->line, 1,
				"config_files[%u]: expected a path, or a map with path and "
				"strategy",
				i);
		int r = include_path(c, main_file, p->text, strategy_of(item), err);
		if (r)
			return r;
	}
	return 0;
}

/* One -o text. */
static int override(struct lnr_config *c, const char *text, struct lnr_err *err)
{
	const char *eq = strchr(text, '=');
	if (!eq)
		return lnr_fail(err, -EINVAL, "option \"%s\" has no '='; write KEY=VALUE", text);
	char *key = lnr_arena_strdup(&c->arena, (struct lnr_str){text, (size_t)(eq - text)});
	const char *value = eq + 1;
	size_t len = strlen(value);
	if (!key)
		return lnr_fail(err, -ENOMEM, "out of memory");
	struct lnr_cnode *n = NULL;
	if (len >= 2 && value[0] == '{' && value[len - 1] == '}') {
		const struct lnr_yaml **docs;
		size_t docs_n;
		int r = lnr_yaml_parse(&c->arena, NULL, lnr_str_c(value), &docs, &docs_n, err);
		if (r)
			return lnr_wrap(err, r, "option \"%s\"", key);
		n = docs_n ? lnr_cnode_from_yaml(&c->arena, docs[0], NULL, false) : NULL;
	} else {
		n = lnr_cnode_scalar(&c->arena, value);
	}
	return n ? lnr_cnode_set(&c->arena, c->root, key, n, err)
		 : lnr_fail(err, -ENOMEM, "out of memory");
}

int lnr_config_load(
	struct lnr_config *c, const char *path, const char *const *overrides, struct lnr_err *err)
{
	int r = 0;
	if (path) {
		struct lnr_cnode *n = NULL;
		r = read_tree(c, path, &n, err);
		if (r)
			return r;
		if (n->kind == LNR_YAML_MAP)
			c->root = n;
	}
	for (const char *const *o = overrides; !r && o && *o; o++) {
		if (strncmp(*o, "config_files", 12) == 0)
			r = override(c, *o, err);
	}
	if (!r)
		r = include_all(c, path, err);
	for (const char *const *o = overrides; !r && o && *o; o++)
		r = override(c, *o, err);
	if (!r)
		r = lnr_config_check_values(c, err);
	return r == -ENOMEM && err && !err->msg[0] ? lnr_fail(err, r, "out of memory") : r;
}

/* --- values --- */

static const char *default_of(const char *key)
{
	const struct lnr_option *o = lnr_option_find(key);
	return o ? o->def : "";
}

/* A scalar as a YAML node, for the shared conversions. */
static bool as_yaml(const struct lnr_cnode *n, const char *def, struct lnr_yaml *ret)
{
	*ret = (struct lnr_yaml){.kind = LNR_YAML_SCALAR, .plain = true};
	bool there = n && n->kind == LNR_YAML_SCALAR;
	ret->text = lnr_str_c(there ? n->text : def);
	return there;
}

bool lnr_config_bool(const struct lnr_config *c, const char *key)
{
	struct lnr_yaml y;
	bool v = false;
	if (as_yaml(lnr_cnode_get(c->root, key), default_of(key), &y) && lnr_yaml_bool(&y, &v))
		return v;
	as_yaml(NULL, default_of(key), &y);
	return lnr_yaml_bool(&y, &v) && v;
}

int64_t lnr_config_int(const struct lnr_config *c, const char *key)
{
	struct lnr_yaml y;
	const struct lnr_option *o = lnr_option_find(key);
	int64_t v = 0;
	bool ranged = o && (o->min != 0 || o->max != 0);
	if (as_yaml(lnr_cnode_get(c->root, key), default_of(key), &y) && lnr_yaml_s64(&y, &v) &&
		(!ranged || ((double)v >= o->min && (double)v <= o->max)))
		return v;
	as_yaml(NULL, default_of(key), &y);
	return lnr_yaml_s64(&y, &v) ? v : 0;
}

double lnr_config_double(const struct lnr_config *c, const char *key)
{
	struct lnr_yaml y;
	double v = 0;
	if (as_yaml(lnr_cnode_get(c->root, key), default_of(key), &y) && lnr_yaml_double(&y, &v))
		return v;
	as_yaml(NULL, default_of(key), &y);
	return lnr_yaml_double(&y, &v) ? v : 0;
}

const char *lnr_config_str(const struct lnr_config *c, const char *key)
{
	const struct lnr_cnode *n = lnr_cnode_get(c->root, key);
	/* A null reads as the word, as in the reference. */
	if (n && (n->kind == LNR_YAML_SCALAR || n->kind == LNR_YAML_NULL) && n->text)
		return n->text;
	return default_of(key);
}

bool lnr_config_has(const struct lnr_config *c, const char *key)
{
	const struct lnr_cnode *n = lnr_cnode_get(c->root, key);
	return n && n->kind != LNR_YAML_NONE;
}

size_t lnr_config_count(const struct lnr_config *c, const char *key)
{
	const struct lnr_cnode *n = lnr_cnode_get(c->root, key);
	if (!n)
		return 0;
	if (n->kind == LNR_YAML_SCALAR)
		return 1;
	return n->kind == LNR_YAML_SEQ ? n->n : 0;
}

const char *lnr_config_item(const struct lnr_config *c, const char *key, size_t i)
{
	const struct lnr_cnode *n = lnr_cnode_get(c->root, key);
	if (i >= lnr_config_count(c, key))
		return NULL;
	if (n->kind == LNR_YAML_SCALAR)
		return n->text;
	return n->kids[i]->text ? n->kids[i]->text : "";
}

bool lnr_config_pair(const struct lnr_config *c, const char *key, size_t i, const char **ret_key,
	const char **ret_value)
{
	const struct lnr_cnode *n = lnr_cnode_get(c->root, key);
	if (!n || n->kind != LNR_YAML_MAP || i >= n->n)
		return false;
	*ret_key = n->keys[i];
	*ret_value = n->kids[i]->text ? n->kids[i]->text : "";
	return true;
}

uint64_t lnr_config_duration_ms(const char *text)
{
	static const struct unit {
		const char *name;
		uint64_t ms;
	} units[] = {{"y", UINT64_C(31536000000)}, {"w", 604800000}, {"d", 86400000},
		{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
	char digits[21], word[3];
	uint64_t sum = 0, v;
	size_t from = 0, n;
	while (*(text += strspn(text, " \t\r\n\v\f"))) {
		for (n = 0; *text >= '0' && *text <= '9' && n + 1 < sizeof(digits);) {
			digits[n++] = *text++;
			text += strspn(text, " \t\r\n\v\f");
		}
		if (lnr_str_u64((struct lnr_str){digits, n}, &v))
			return 0;
		for (n = 0; *text >= 'a' && *text <= 'z' && n + 1 < sizeof(word);) {
			word[n++] = *text++;
			text += strspn(text, " \t\r\n\v\f");
		}
		word[n] = 0;
		while (from < LNR_ARRAY_SIZE(units) && strcmp(units[from].name, word) != 0)
			from++;
		if (from == LNR_ARRAY_SIZE(units) ||
			__builtin_mul_overflow(v, units[from++].ms, &v) ||
			__builtin_add_overflow(sum, v, &sum))
			return 0;
	}
	return sum;
}

const char *lnr_config_file(const struct lnr_config *c, size_t i)
{
	return i < c->n_files ? c->files[i] : NULL;
}

const char *lnr_config_finding(const struct lnr_config *c, size_t i, bool *ret_warning)
{
	if (i >= c->n_findings)
		return NULL;
	*ret_warning = c->findings[i].warning;
	return c->findings[i].text;
}
