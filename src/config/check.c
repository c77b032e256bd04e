/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a configuration: findings (unknown keys, unlikely values) that never stop a
 * start, and values that do because the reference stops there (spec engine-config-cli 1.1, 2).
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>
#include "config/config_priv.h"
#include "schema/limits.h"

/* The last part of the nearest known key at the same level, for "did you mean". */
static const char *near_key(const char *parent, const char *key)
{
	size_t plen = strlen(parent);
	const char *best = NULL;
	unsigned limit = 3;
	for (const struct lnr_option *o = lnr_options; o->path; o++) {
		if (strncmp(o->path, parent, plen) != 0)
			continue;
		const char *rest = o->path + plen;
		if (plen && *rest++ != '.')
			continue;
		if (!*rest || strpbrk(rest, ".[*"))
			continue;
		unsigned d = lnr_str_distance(lnr_str_c(rest), lnr_str_c(key), limit);
		if (d < limit) {
			limit = d;
			best = rest;
		}
	}
	return best;
}

static bool one_of(const char *choices, const char *word, bool any_case)
{
	struct lnr_str rest = lnr_str_c(choices), w, have = lnr_str_c(word);
	while (lnr_str_split(&rest, ' ', &w)) {
		if (any_case ? lnr_str_ieq(w, have) : lnr_str_eq(w, have))
			return true;
	}
	return false;
}

/* ", did you mean debug?" for "debgu", or "". */
static const char *meant(const char *choices, const char *word, char *buf, size_t size)
{
	struct lnr_str rest = lnr_str_c(choices), w, best = {NULL, 0};
	unsigned limit = 3;
	buf[0] = 0;
	while (lnr_str_split(&rest, ' ', &w)) {
		unsigned d = lnr_str_distance(w, lnr_str_c(word), limit);
		if (d < limit) {
			limit = d;
			best = w;
		}
	}
	if (best.ptr)
		snprintf(buf, size, ", did you mean %.*s?", LNR_STR_ARG(best));
	return buf;
}

static bool is_decimal(const char *s)
{
	int64_t v;
	return lnr_str_s64(lnr_str_c(s), &v) == 0;
}

/* Weak typing of the reference's check: quoted numbers and booleans pass. NULL = fine. */
static const char *type_problem(const struct lnr_option *o, const struct lnr_cnode *n)
{
	bool scalar = n->kind == LNR_YAML_SCALAR;
	struct lnr_yaml y = {.kind = LNR_YAML_SCALAR, .plain = true};
	double d;
	y.text = lnr_str_c(scalar ? n->text : "");
	switch (o->type) {
	case LNR_OPTION_BOOL:
		return scalar && (strcmp(n->text, "true") == 0 || strcmp(n->text, "false") == 0)
			       ? NULL
			       : "expected true or false";
	case LNR_OPTION_INT:
		return scalar && is_decimal(n->text) ? NULL : "expected a whole number";
	case LNR_OPTION_DOUBLE:
		return scalar && lnr_yaml_double(&y, &d) ? NULL : "expected a number";
	case LNR_OPTION_STR:
		return scalar || n->kind == LNR_YAML_NULL ? NULL : "expected a text";
	case LNR_OPTION_LIST:
		return n->kind == LNR_YAML_SEQ ? NULL : "expected a list";
	case LNR_OPTION_MAP:
		return n->kind == LNR_YAML_MAP ? NULL : "expected a map";
	case LNR_OPTION_ANY:
		break;
	}
	return NULL;
}

static bool out_of_range(const struct lnr_option *o, const struct lnr_cnode *n)
{
	struct lnr_yaml y = {.kind = LNR_YAML_SCALAR, .plain = true};
	double d;
	if ((o->min == 0 && o->max == 0) || n->kind != LNR_YAML_SCALAR)
		return false;
	y.text = lnr_str_c(n->text);
	return lnr_yaml_double(&y, &d) && (d < o->min || d > o->max);
}

/* "<root>[webserver][enabled]" from "webserver.enabled". */
static void shown_path(const char *path, char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "<root>[");
	for (; *path && n + 3 < size; path++) {
		if (*path == '.') {
			out[n++] = ']';
			out[n++] = '[';
		} else if (*path == '[') {
			out[n++] = ']';
			out[n++] = '[';
		} else if (*path != ']') {
			out[n++] = *path;
		}
	}
	out[n++] = ']';
	out[n] = 0;
}

struct checker {
	struct lnr_config *c;
	const char *file;
	bool cli_only; /* what came by -o, and nothing else */
	unsigned found;
	int failed;
};

static void finding(
	struct checker *k, const char *path, const struct lnr_cnode *n, const char *what)
{
	char shown[LNR_CONFIG_NAME_BYTES], line[32] = "";
	if (k->cli_only && !n->from_cli)
		return;
	shown_path(path, shown, sizeof(shown));
	if (!k->cli_only)
		snprintf(line, sizeof(line), " (line %u)", n->line);
	k->found++;
	if (lnr_config_add_finding(k->c, true, "   %s | schema validation: failed for %s: %s%s",
		    k->file, shown, what, line))
		k->failed = -ENOMEM;
}

static void check_node(
	struct checker *k, const char *path, const struct lnr_cnode *n, unsigned depth);

static void check_map(
	struct checker *k, const char *path, const struct lnr_cnode *n, unsigned depth)
{
	for (uint32_t i = 0; i < n->n; i++) {
		char sub[LNR_CONFIG_NAME_BYTES], what[256];
		snprintf(sub, sizeof(sub), "%s%s%s", path, *path ? "." : "", n->keys[i]);
		const struct lnr_option *o = lnr_option_find(sub);
		if (o) {
			check_node(k, sub, n->kids[i], depth + 1);
			continue;
		}
		const char *near = near_key(path, n->keys[i]);
		snprintf(what, sizeof(what), "unknown key%s%s%s", near ? ", did you mean " : "",
			near ? near : "", near ? "?" : "");
		finding(k, sub, n->kids[i], what);
	}
}

static void check_node(
	struct checker *k, const char *path, const struct lnr_cnode *n, unsigned depth)
{
	const struct lnr_option *o = lnr_option_find(path);
	if (depth > LNR_YAML_DEPTH || !o)
		return;
	if (o->flags & LNR_OPTION_DEPRECATED)
		finding(k, path, n, "deprecated, see the manual");
	const char *problem = type_problem(o, n);
	if (problem) {
		finding(k, path, n, problem);
		return;
	}
	if (out_of_range(o, n))
		finding(k, path, n, "out of range");
	if (o->choices && n->kind == LNR_YAML_SCALAR && !one_of(o->choices, n->text, true)) {
		char what[256], near[64];
		snprintf(what, sizeof(what), "not one of: %s%s", o->choices,
			meant(o->choices, n->text, near, sizeof(near)));
		finding(k, path, n, what);
	}
	if (n->kind == LNR_YAML_MAP && o->type == LNR_OPTION_ANY && !strstr(path, "config_files") &&
		!strstr(path, "extra_fields"))
		return; /* of a plugin: its own business */
	if (n->kind == LNR_YAML_MAP && !n->n && strcmp(path, "base_syscalls") == 0)
		finding(k, path, n, "a map without any key");
	if (n->kind == LNR_YAML_MAP)
		check_map(k, path, n, depth);
	for (uint32_t i = 0; n->kind == LNR_YAML_SEQ && i < n->n; i++) {
		char sub[LNR_CONFIG_NAME_BYTES];
		snprintf(sub, sizeof(sub), "%s[%u]", path, i);
		check_node(k, sub, n->kids[i], depth + 1);
	}
}

int lnr_config_check_file(struct lnr_config *c, const char *file, const struct lnr_cnode *root)
{
	struct checker k = {.c = c, .file = file};
	if (root->kind == LNR_YAML_MAP)
		check_map(&k, "", root, 0);
	else if (lnr_config_add_finding(c, true,
			 "   %s | schema validation: failed for <root>: the file is empty", file))
		k.failed = -ENOMEM;
	if (!k.found && root->kind == LNR_YAML_MAP &&
		lnr_config_add_finding(c, false, "   %s | schema validation: ok", file))
		k.failed = -ENOMEM;
	return k.failed;
}

/* -o by itself is enough, so what is around it is looked through and not remarked upon. */
int lnr_config_check_options(struct lnr_config *c)
{
	struct checker k = {.c = c, .file = "command line", .cli_only = true};
	check_map(&k, "", c->root, 0);
	return k.failed;
}

/* --- values that end the start --- */

static int bad(const struct lnr_cnode *n, struct lnr_err *err, const char *key, const char *what)
{
	return lnr_fail_at(
		err, -EINVAL, n ? n->file : NULL, n ? n->line : 0, 0, "%s: %s", key, what);
}

/* Rows marked strict: a word outside the choices. */
static int check_choices(const struct lnr_config *c, struct lnr_err *err)
{
	for (const struct lnr_option *o = lnr_options; o->path; o++) {
		if (!(o->flags & LNR_OPTION_STRICT) || strstr(o->path, "[]"))
			continue;
		const struct lnr_cnode *n = lnr_cnode_get(c->root, o->path);
		if (!n || (n->kind != LNR_YAML_SCALAR && n->kind != LNR_YAML_NULL))
			continue;
		char near[64];
		if (o->choices && !one_of(o->choices, n->text, o->flags & LNR_OPTION_ANY_CASE))
			return lnr_fail_at(err, -EINVAL, n->file, n->line, 0,
				"%s: \"%s\" is not one of: %s%s", o->path, n->text, o->choices,
				meant(o->choices, n->text, near, sizeof(near)));
		if (out_of_range(o, n))
			return lnr_fail_at(err, -EINVAL, n->file, n->line, 0,
				"%s: %s is not between %g and %g", o->path, n->text, o->min,
				o->max);
	}
	return 0;
}

/* A key whose members are read must not hold a scalar. */
static int check_maps(const struct lnr_config *c, struct lnr_err *err)
{
	for (const struct lnr_option *o = lnr_options; o->path; o++) {
		if (o->type != LNR_OPTION_MAP || strpbrk(o->path, "[*") ||
			strncmp(o->path, "container_engines", 17) == 0)
			continue;
		const struct lnr_cnode *n = lnr_cnode_get(c->root, o->path);
		if (n && n->kind == LNR_YAML_SCALAR && strcmp(o->path, "static_fields") != 0)
			return bad(n, err, o->path, "expected a map of keys, not a single value");
	}
	return 0;
}

static int check_drops(const struct lnr_config *c, struct lnr_err *err)
{
	const char *key = "syscall_event_drops.actions", *a;
	const struct lnr_cnode *n = lnr_cnode_get(c->root, key);
	bool ignore = false, other = false;
	for (size_t i = 0; (a = lnr_config_item(c, key, i)); i++) {
		if (!one_of("ignore log alert exit", a, false))
			return lnr_fail_at(err, -EINVAL, n->file, n->line, 0,
				"%s: \"%s\" is not one of: ignore log alert exit", key, a);
		ignore |= strcmp(a, "ignore") == 0;
		other |= strcmp(a, "log") == 0 || strcmp(a, "alert") == 0;
		if (ignore && other)
			return lnr_fail_at(err, -EINVAL, n->file, n->line, 0,
				"%s: \"%s\" contradicts \"ignore\"", key,
				strcmp(a, "ignore") == 0 ? "log or alert" : a);
	}
	return 0;
}

static int check_rings(const struct lnr_config *c, struct lnr_err *err)
{
	static const char *const kinds[] = {"kmod", "modern_ebpf"};
	const char *kind = lnr_config_str(c, "engine.kind");
	for (size_t i = 0; i < LNR_ARRAY_SIZE(kinds); i++) {
		char key[64];
		struct lnr_yaml y = {.kind = LNR_YAML_SCALAR, .plain = true};
		int64_t v;
		snprintf(key, sizeof(key), "engine.%s.buf_size_preset", kinds[i]);
		const struct lnr_cnode *n = lnr_cnode_get(c->root, key);
		if (strcmp(kind, kinds[i]) != 0 || !n || n->kind != LNR_YAML_SCALAR)
			continue;
		y.text = lnr_str_c(n->text);
		if (lnr_yaml_s64(&y, &v) && v != -1 && (v < 1 || v > 10))
			return bad(n, err, key, "the preset must be between 1 and 10");
	}
	return 0;
}

static int check_outputs(const struct lnr_config *c, struct lnr_err *err)
{
	static const char *const needs[][2] = {
		{"file_output", "filename"}, {"program_output", "program"}, {"http_output", "url"}};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(needs); i++) {
		char on[64], key[64];
		snprintf(on, sizeof(on), "%s.enabled", needs[i][0]);
		snprintf(key, sizeof(key), "%s.%s", needs[i][0], needs[i][1]);
		if (lnr_config_bool(c, on) && !*lnr_config_str(c, key))
			return bad(lnr_cnode_get(c->root, on), err, key,
				"must be given when the output is enabled");
	}
	return 0;
}

static int check_misc(const struct lnr_config *c, struct lnr_err *err)
{
	unsigned char addr[16];
	const char *kind = lnr_config_str(c, "engine.kind");
	const char *listen = lnr_config_str(c, "webserver.listen_address");
	const struct lnr_cnode *at = lnr_cnode_get(c->root, "webserver.listen_address");
	if (strcmp(kind, "replay") == 0 && !*lnr_config_str(c, "engine.replay.capture_file"))
		return bad(lnr_cnode_get(c->root, "engine.kind"), err, "engine.replay.capture_file",
			"must be given for replay");
	if (inet_pton(AF_INET, listen, addr) != 1 && inet_pton(AF_INET6, listen, addr) != 1)
		return lnr_fail_at(err, -EINVAL, at ? at->file : NULL, at ? at->line : 0, 0,
			"webserver.listen_address: \"%s\" is no IPv4 or IPv6 address", listen);
	if (lnr_config_int(c, "syscall_event_timeouts.max_consecutives") == 0)
		return bad(lnr_cnode_get(c->root, "syscall_event_timeouts.max_consecutives"), err,
			"syscall_event_timeouts.max_consecutives", "must be above 0");
	const char *severity = lnr_config_str(c, "libs_logger.severity");
	const struct lnr_cnode *said = lnr_cnode_get(c->root, "libs_logger.severity");
	char near[64];
	const char *levels = lnr_option_find("libs_logger.severity")->choices;
	if (lnr_config_bool(c, "libs_logger.enabled") && !one_of(levels, severity, false))
		return lnr_fail_at(err, -EINVAL, said ? said->file : NULL, said ? said->line : 0, 0,
			"libs_logger.severity: \"%s\" is not one of: %s%s", severity, levels,
			meant(levels, severity, near, sizeof(near)));
	if (lnr_config_has(c, "rules_file") && lnr_config_has(c, "rules_files"))
		return bad(lnr_cnode_get(c->root, "rules_file"), err, "rules_file",
			"and rules_files are both given");
	return 0;
}

static int check_rule_entries(const struct lnr_config *c, struct lnr_err *err)
{
	const struct lnr_cnode *l = lnr_cnode_get(c->root, "rules");
	for (uint32_t i = 0; l && l->kind == LNR_YAML_SEQ && i < l->n; i++) {
		const struct lnr_cnode *on = lnr_cnode_key(l->kids[i], "enable");
		const struct lnr_cnode *op = on ? on : lnr_cnode_key(l->kids[i], "disable");
		const struct lnr_cnode *rule = lnr_cnode_key(op, "rule");
		const struct lnr_cnode *tag = lnr_cnode_key(op, "tag");
		if (!op || op->kind != LNR_YAML_MAP ||
			!((rule && rule->text && *rule->text) || (tag && tag->text && *tag->text)))
			return bad(l->kids[i], err, "rules",
				"expected enable or disable with a rule or a tag");
	}
	return 0;
}

/* Every member is a scalar, or a map of one key where that is allowed. */
static bool all_scalars(const struct lnr_cnode *list, bool maps)
{
	for (uint32_t i = 0; list && list->kind == LNR_YAML_SEQ && i < list->n; i++) {
		const struct lnr_cnode *n = list->kids[i];
		bool pair = maps && n->kind == LNR_YAML_MAP && n->n == 1 &&
			    n->kids[0]->kind == LNR_YAML_SCALAR;
		if (n->kind != LNR_YAML_SCALAR && !pair)
			return false;
	}
	return true;
}

/* A key with a format twice in one entry says two things at once. */
static bool has_twin(const struct lnr_cnode *list)
{
	for (uint32_t i = 0; list && list->kind == LNR_YAML_SEQ && i < list->n; i++) {
		const struct lnr_cnode *a = list->kids[i];
		for (uint32_t k = 0; a->kind == LNR_YAML_MAP && a->n && k < i; k++) {
			const struct lnr_cnode *b = list->kids[k];
			if (b->kind == LNR_YAML_MAP && b->n && strcmp(a->keys[0], b->keys[0]) == 0)
				return true;
		}
	}
	return false;
}

static int check_append(const struct lnr_config *c, struct lnr_err *err)
{
	const struct lnr_cnode *l = lnr_cnode_get(c->root, "append_output");
	for (uint32_t i = 0; l && l->kind == LNR_YAML_SEQ && i < l->n; i++) {
		const struct lnr_cnode *e = l->kids[i];
		const struct lnr_cnode *s = lnr_cnode_key(e, "suggested_output");
		const struct lnr_cnode *fields = lnr_cnode_key(e, "extra_fields");
		const struct lnr_cnode *match = lnr_cnode_key(e, "match");
		const struct lnr_cnode *tags = lnr_cnode_key(match, "tags");
		struct lnr_yaml y = {.kind = LNR_YAML_SCALAR, .plain = true};
		bool v;
		if (e->kind != LNR_YAML_MAP)
			return bad(e, err, "append_output", "expected a map");
		if (match && match->kind != LNR_YAML_MAP && match->kind != LNR_YAML_NULL)
			return bad(match, err, "append_output.match", "expected a map");
		if (tags && (tags->kind == LNR_YAML_MAP || !all_scalars(tags, false)))
			return bad(
				tags, err, "append_output.match.tags", "expected a list of texts");
		if (fields && (fields->kind != LNR_YAML_SEQ || !all_scalars(fields, true)))
			return bad(fields, err, "append_output.extra_fields",
				"expected a list of field names and of single keys with a format");
		if (has_twin(fields))
			return bad(
				fields, err, "append_output.extra_fields", "a key is there twice");
		y.text = lnr_str_c(s && s->text ? s->text : "true");
		if (!lnr_yaml_bool(&y, &v))
			return bad(
				s, err, "append_output.suggested_output", "expected true or false");
	}
	return 0;
}

static int check_plugins(const struct lnr_config *c, struct lnr_err *err)
{
	const struct lnr_cnode *l = lnr_cnode_get(c->root, "plugins");
	for (uint32_t i = 0; l && l->kind == LNR_YAML_SEQ && i < l->n; i++) {
		const struct lnr_cnode *p = l->kids[i], *init = lnr_cnode_key(p, "init_config");
		if (!lnr_cnode_key(p, "name"))
			return bad(p, err, "plugins", "every entry needs a name");
		if (init && init->kind == LNR_YAML_SEQ)
			return bad(init, err, "plugins", "init_config must be a text or a map");
		const struct lnr_cnode *limit = lnr_cnode_key(p, "start_timeout");
		char path[64];
		snprintf(path, sizeof(path), "plugins[%u].start_timeout", i);
		int64_t s = limit ? lnr_config_int(c, path) : 1;
		if (s < 1 || s > 3600)
			return bad(limit, err, "plugins",
				"start_timeout must be from 1 to 3600 seconds");
	}
	return 0;
}

/* Spec 2.9: a Prometheus duration of at least 100 ms, and somewhere to put the numbers. */
static int check_metrics(const struct lnr_config *c, struct lnr_err *err)
{
	const struct lnr_cnode *n = lnr_cnode_get(c->root, "metrics.interval");
	const char *text = lnr_config_str(c, "metrics.interval");
	if (!lnr_config_bool(c, "metrics.enabled"))
		return 0;
	if (text[strspn(text, "0123456789")] == 0)
		return bad(n, err, "metrics.interval", "needs a unit, as in 1h, 30s or 500ms");
	if (lnr_config_duration_ms(text) < LNR_METRICS_MIN_MS)
		return bad(n, err, "metrics.interval",
			"must be a duration of at least 100ms, as in 1h30m");
	bool web = lnr_config_bool(c, "webserver.enabled") &&
		   lnr_config_bool(c, "webserver.prometheus_metrics_enabled");
	if (!web && !lnr_config_bool(c, "metrics.output_rule") &&
		!*lnr_config_str(c, "metrics.output_file"))
		return bad(lnr_cnode_get(c->root, "metrics.enabled"), err, "metrics",
			"enabled, but neither output_rule, output_file nor Prometheus is");
	return 0;
}

int lnr_config_check_values(struct lnr_config *c, struct lnr_err *err)
{
	int r = check_maps(c, err);
	if (!r)
		r = check_choices(c, err);
	if (!r)
		r = check_drops(c, err);
	if (!r)
		r = check_rings(c, err);
	if (!r)
		r = check_outputs(c, err);
	if (!r)
		r = check_rule_entries(c, err);
	if (!r)
		r = check_append(c, err);
	if (!r)
		r = check_metrics(c, err);
	if (!r)
		r = check_plugins(c, err);
	return r ? r : check_misc(c, err);
}
