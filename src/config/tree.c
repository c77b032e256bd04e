/* SPDX-License-Identifier: Apache-2.0 */
#include "config/tree.h"

#include <stdlib.h>
#include "base/buf.h"
#include "schema/limits.h"

char *lnr_config_expand_env(struct lnr_arena *a, struct lnr_str text)
{
	if (!memchr(text.ptr ? text.ptr : "", '$', text.len))
		return lnr_arena_strdup(a, text);
	/*
	 * A replacement is scanned again, so ${A} may stand for ${B}; a variable that names itself
	 * would never end, hence the bound.
	 */
	char *s = lnr_arena_strdup(a, text), *at = s;
	for (unsigned budget = LNR_CONFIG_EXPANSIONS; s && (at = strchr(at, '$')) && budget;
		budget--) {
		bool literal = at[1] == '$' && at[2] == '{';
		const char *open = literal ? at + 2 : at + 1;
		const char *close = *open == '{' ? strchr(open, '}') : NULL;
		if (!close)
			break; /* a lone dollar ends the scan */
		size_t head = (size_t)(at - s);
		if (literal) {
			char *t = lnr_arena_printf(a, "%.*s%s", (int)head, s, at + 1);
			at = t ? t + head + (size_t)(close - open) + 2 : NULL;
			s = t;
			if (!at)
				break;
			continue;
		}
		char *name = lnr_arena_strdup(
			a, (struct lnr_str){open + 1, (size_t)(close - open) - 1});
		const char *value = name ? getenv(name) : NULL;
		char *t = lnr_arena_printf(
			a, "%.*s%s%s", (int)head, s, value ? value : "", close + 1);
		s = t;
		at = t ? t + head : NULL;
		if (!at)
			break;
	}
	return s;
}

struct lnr_cnode *lnr_cnode_scalar(struct lnr_arena *a, const char *text)
{
	struct lnr_cnode *n = lnr_arena_new(a, struct lnr_cnode);
	if (!n)
		return NULL;
	n->kind = LNR_YAML_SCALAR;
	n->plain = n->from_cli = true;
	n->text = lnr_arena_strdup(a, lnr_str_c(text));
	return n->text ? n : NULL;
}

static int grow(struct lnr_arena *a, struct lnr_cnode *n, bool map)
{
	if (n->n < n->cap)
		return 0;
	uint32_t cap = n->cap ? n->cap * 2 : 4;
	struct lnr_cnode **kids = lnr_arena_calloc(a, cap, sizeof(*kids));
	char **keys = map ? lnr_arena_calloc(a, cap, sizeof(*keys)) : NULL;
	if (!kids || (map && !keys))
		return -ENOMEM;
	if (n->n) {
		memcpy(kids, n->kids, n->n * sizeof(*kids));
		if (map)
			memcpy(keys, n->keys, n->n * sizeof(*keys));
	}
	n->kids = kids;
	n->keys = keys;
	n->cap = cap;
	return 0;
}

int lnr_cnode_push(struct lnr_arena *a, struct lnr_cnode *seq, struct lnr_cnode *v)
{
	if (!v || grow(a, seq, false))
		return -ENOMEM;
	seq->kind = LNR_YAML_SEQ;
	seq->kids[seq->n++] = v;
	return 0;
}

int lnr_cnode_put(struct lnr_arena *a, struct lnr_cnode *map, const char *key, struct lnr_cnode *v)
{
	if (!v)
		return -ENOMEM;
	for (uint32_t i = 0; i < map->n; i++) {
		if (strcmp(map->keys[i], key) == 0) {
			map->kids[i] = v;
			return 0;
		}
	}
	char *k = lnr_arena_strdup(a, lnr_str_c(key));
	if (!k || grow(a, map, true))
		return -ENOMEM;
	map->kind = LNR_YAML_MAP;
	map->keys[map->n] = k;
	map->kids[map->n++] = v;
	return 0;
}

struct lnr_cnode *lnr_cnode_key(const struct lnr_cnode *map, const char *key)
{
	if (!map || map->kind != LNR_YAML_MAP)
		return NULL;
	for (uint32_t i = 0; i < map->n; i++) {
		if (strcmp(map->keys[i], key) == 0)
			return map->kids[i];
	}
	return NULL;
}

struct lnr_cnode *lnr_cnode_from_yaml(
	struct lnr_arena *a, const struct lnr_yaml *y, const char *file, bool env)
{
	struct lnr_cnode *n = lnr_arena_new(a, struct lnr_cnode);
	if (!n)
		return NULL;
	n->kind = y->kind;
	n->plain = y->plain;
	n->line = y->line + 1;
	n->file = file;
	n->from_cli = !file;
	if (y->kind == LNR_YAML_SCALAR) {
		n->text = env ? lnr_config_expand_env(a, y->text) : lnr_arena_strdup(a, y->text);
		return n->text ? n : NULL;
	}
	if (y->kind == LNR_YAML_NULL)
		return (n->text = lnr_arena_strdup(a, LNR_STR("null"))) ? n : NULL;
	for (uint32_t i = 0; i < y->n; i++) {
		bool map = y->kind == LNR_YAML_MAP;
		const struct lnr_yaml *kid = map ? y->kids[2 * i + 1] : y->kids[i];
		struct lnr_cnode *v = lnr_cnode_from_yaml(a, kid, file, env);
		if (!v || grow(a, n, map))
			return NULL;
		/* Duplicate keys are kept, so that the first counts and the check sees both. */
		if (map) {
			const struct lnr_yaml *k = y->kids[2 * i];
			n->keys[n->n] = lnr_arena_strdup(
				a, k->kind == LNR_YAML_NULL ? LNR_STR("null") : k->text);
			if (!n->keys[n->n])
				return NULL;
		}
		n->kids[n->n++] = v;
	}
	return n;
}

/* One step of a path. */
struct step {
	enum { STEP_NAME, STEP_INDEX, STEP_APPEND, STEP_END } kind;
	char name[LNR_CONFIG_NAME_BYTES];
	uint32_t index;
};

static int parse_name(const char **at, struct step *ret)
{
	const char *p = *at;
	size_t n = 0;
	for (; *p && *p != '.' && *p != '[' && *p != ']'; p++) {
		if (*p == '\\') {
			p++;
			if (!*p || !strchr(".[]\\", *p))
				return -EINVAL;
		}
		if (n + 1 >= sizeof(ret->name))
			return -ENAMETOOLONG;
		ret->name[n++] = *p;
	}
	ret->name[n] = 0;
	ret->kind = STEP_NAME;
	*at = p;
	return n && *p != ']' ? 0 : -EINVAL;
}

static int parse_index(const char **at, struct step *ret)
{
	const char *close = strchr(*at, ']');
	uint64_t v;
	if (!close)
		return -EINVAL;
	struct lnr_str digits = {*at + 1, (size_t)(close - *at) - 1};
	ret->kind = digits.len ? STEP_INDEX : STEP_APPEND;
	if (digits.len && (lnr_str_u64(digits, &v) || v > UINT32_MAX))
		return -EINVAL;
	ret->index = digits.len ? (uint32_t)v : 0;
	*at = close + 1;
	if (**at && **at != '.' && **at != '[')
		return -EINVAL;
	return 0;
}

/* Next step of the path at *at; the first is always a name. */
static int next_step(const char **at, bool first, struct step *ret)
{
	if (!first && **at == '[')
		return parse_index(at, ret);
	if (!first && **at == '.')
		++*at;
	if (!**at && !first) { /* the end, a trailing dot included */
		ret->kind = STEP_END;
		return 0;
	}
	return parse_name(at, ret);
}

struct lnr_cnode *lnr_cnode_get(const struct lnr_cnode *root, const char *path)
{
	const struct lnr_cnode *n = root;
	struct step s;
	for (bool first = true; n; first = false) {
		if (next_step(&path, first, &s))
			return NULL;
		if (s.kind == STEP_END)
			return (struct lnr_cnode *)n;
		if (s.kind == STEP_NAME)
			n = lnr_cnode_key(n, s.name);
		else
			n = s.kind == STEP_INDEX && n->kind == LNR_YAML_SEQ && s.index < n->n
				    ? n->kids[s.index]
				    : NULL;
	}
	return NULL;
}

/* The child that a step means, made when missing. */
static struct lnr_cnode *descend(struct lnr_arena *a, struct lnr_cnode *n, const struct step *s)
{
	struct lnr_cnode *fresh = lnr_arena_new(a, struct lnr_cnode);
	if (!fresh)
		return NULL;
	fresh->from_cli = true;
	if (s->kind == STEP_NAME) {
		struct lnr_cnode *kid = lnr_cnode_key(n, s->name);
		return kid ? kid : lnr_cnode_put(a, n, s->name, fresh) ? NULL : fresh;
	}
	if (s->kind == STEP_INDEX && n->kind == LNR_YAML_SEQ && s->index < n->n)
		return n->kids[s->index];
	/* One past the end is an append; further, the sequence counts as empty from then on. */
	if (s->kind == STEP_INDEX && s->index > n->n) {
		n->kind = LNR_YAML_MAP;
		n->n = n->cap = 0;
		return fresh;
	}
	return lnr_cnode_push(a, n, fresh) ? NULL : fresh;
}

int lnr_cnode_set(struct lnr_arena *a, struct lnr_cnode *root, const char *path,
	struct lnr_cnode *v, struct lnr_err *err)
{
	const char *at = path;
	struct lnr_cnode *n = root;
	struct step s;
	for (bool first = true;; first = false) {
		if (next_step(&at, first, &s))
			return lnr_fail(err, -EINVAL, "option key \"%s\" is malformed", path);
		if (s.kind == STEP_END)
			break;
		if (n->kind == LNR_YAML_SCALAR)
			return lnr_fail(err, -EINVAL,
				"option key \"%s\" goes below a value that is no map or list",
				path);
		if (s.kind != STEP_NAME && n->kind == LNR_YAML_MAP)
			return lnr_fail(err, -EINVAL, "option key \"%s\" indexes a map", path);
		if (s.kind == STEP_NAME && n->kind == LNR_YAML_SEQ)
			return lnr_fail(
				err, -EINVAL, "option key \"%s\" names an element of a list", path);
		n = descend(a, n, &s);
		if (!n)
			return lnr_fail(err, -ENOMEM, "out of memory");
	}
	*n = *v;
	return 0;
}
