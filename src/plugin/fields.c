/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin declares in JSON: its fields and lists of names (spec plugin-abi.md 8.1, 16). */
#include <jansson.h>
#include <string.h>
#include "plugin/host.h"
#include "schema/limits.h"

static const struct {
	const char *name;
	uint32_t type;
} types[] = {
	{"uint64", LNR_PLUGIN_FT_UINT64},
	{"string", LNR_PLUGIN_FT_STRING},
	{"reltime", LNR_PLUGIN_FT_RELTIME},
	{"abstime", LNR_PLUGIN_FT_ABSTIME},
	{"bool", LNR_PLUGIN_FT_BOOL},
	{"ipaddr", LNR_PLUGIN_FT_IPADDR},
	{"ipnet", LNR_PLUGIN_FT_IPNET},
};

/* A text of the plugin as JSON; nothing longer than the limit is looked at. */
static int parse(const char *text, const char *what, json_t **ret, struct lnr_err *err)
{
	json_error_t je;
	size_t len = strnlen(text, LNR_PLUGIN_TEXT_BYTES + 1);
	if (len > LNR_PLUGIN_TEXT_BYTES)
		return lnr_fail(
			err, -EFBIG, "%s: longer than %u bytes", what, LNR_PLUGIN_TEXT_BYTES);
	*ret = json_loadb(text, len, 0, &je);
	if (!*ret)
		return lnr_fail(err, -EINVAL, "%s: line %d: %s", what, je.line, je.text);
	if (!json_is_array(*ret)) {
		json_decref(*ret);
		return lnr_fail(err, -EINVAL, "%s: must be a JSON array", what);
	}
	return 0;
}

/* A boolean that may be missing; JSON null counts as missing. */
static int get_bool(const json_t *o, const char *key, bool *ret, struct lnr_err *err)
{
	const json_t *v = json_object_get(o, key);
	*ret = json_is_true(v);
	if (!v || json_is_null(v) || json_is_boolean(v))
		return 0;
	return lnr_fail(err, -EINVAL, "'%s' must be true or false", key);
}

static int get_text(struct lnr_arena *a, const json_t *o, const char *key, bool required,
	const char **ret, struct lnr_err *err)
{
	const json_t *v = json_object_get(o, key);
	*ret = "";
	if (json_is_string(v)) {
		*ret = lnr_arena_strdup(a, lnr_str_c(json_string_value(v)));
		if (!*ret)
			return lnr_fail(err, -ENOMEM, "out of memory");
	} else if (v && !json_is_null(v)) {
		return lnr_fail(err, -EINVAL, "'%s' must be a text", key);
	}
	return required && !**ret ? lnr_fail(err, -EINVAL, "'%s' is missing", key) : 0;
}

static int get_type(const json_t *o, uint32_t *ret, struct lnr_err *err)
{
	const char *name = json_string_value(json_object_get(o, "type"));
	for (size_t i = 0; name && i < LNR_ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].name, name) == 0) {
			*ret = types[i].type;
			return 0;
		}
	}
	return lnr_fail(err, -EINVAL, name ? "unknown type '%s'" : "'type' is missing", name);
}

static int get_arg(const json_t *field, struct lnr_plugin_field *f, struct lnr_err *err)
{
	const json_t *arg = json_object_get(field, "arg");
	if (!arg || json_is_null(arg))
		return 0;
	if (!json_is_object(arg))
		return lnr_fail(err, -EINVAL, "'arg' must be an object");
	int r = get_bool(arg, "isRequired", &f->arg_required, err);
	if (!r)
		r = get_bool(arg, "isIndex", &f->arg_index, err);
	if (!r)
		r = get_bool(arg, "isKey", &f->arg_key, err);
	if (!r && f->arg_required && !f->arg_index && !f->arg_key)
		r = lnr_fail(err, -EINVAL, "its argument is required but neither index nor key");
	return r;
}

static int get_properties(const json_t *field, struct lnr_plugin_field *f, struct lnr_err *err)
{
	const json_t *v = json_object_get(field, "properties");
	if (!v || json_is_null(v))
		return 0;
	if (!json_is_array(v))
		return lnr_fail(err, -EINVAL, "'properties' must be a list");
	for (size_t i = 0; i < json_array_size(v); i++) {
		const char *word = json_string_value(json_array_get(v, i));
		if (!word)
			return lnr_fail(err, -EINVAL, "'properties' must be a list of texts");
		f->hidden |= strcmp(word, "hidden") == 0;
	}
	return 0;
}

/* What the rule language could never name is a mistake of the plugin. */
static bool nameable(const char *name)
{
	for (const char *c = name; *c; c++) {
		if ((unsigned char)*c <= ' ' || *c == '[' || *c == ']' || *c == 127)
			return false;
	}
	return true;
}

static int read_field(
	struct lnr_arena *a, const json_t *o, struct lnr_plugin_field *f, struct lnr_err *err)
{
	if (!json_is_object(o))
		return lnr_fail(err, -EINVAL, "must be an object");
	int r = get_text(a, o, "name", true, &f->name, err);
	if (!r && !nameable(f->name))
		r = lnr_fail(err, -EINVAL, "'%s' cannot be the name of a field", f->name);
	if (!r)
		r = get_text(a, o, "desc", true, &f->desc, err);
	if (!r)
		r = get_text(a, o, "display", false, &f->display, err);
	if (!r)
		r = get_type(o, &f->type, err);
	if (!r)
		r = get_bool(o, "isList", &f->list, err);
	if (!r)
		r = get_bool(o, "addOutput", &f->suggested, err);
	if (!r)
		r = get_arg(o, f, err);
	return r ? r : get_properties(o, f, err);
}

int lnr_plugin_parse_fields(const char *json, struct lnr_arena *arena,
	const struct lnr_plugin_field **ret, size_t *ret_n, struct lnr_err *err)
{
	json_t *j;
	int r = parse(json, "fields", &j, err);
	if (r)
		return r;
	size_t n = json_array_size(j);
	struct lnr_plugin_field *v = NULL;
	if (!n || n > LNR_PLUGIN_FIELDS_MAX)
		r = lnr_fail(
			err, -EINVAL, "fields: %zu, expected 1 to %d", n, LNR_PLUGIN_FIELDS_MAX);
	else if (!(v = lnr_arena_calloc(arena, n, sizeof(*v))))
		r = lnr_fail(err, -ENOMEM, "out of memory");
	for (size_t i = 0; !r && i < n; i++) {
		r = read_field(arena, json_array_get(j, i), &v[i], err);
		if (r)
			lnr_wrap(err, r, "field %zu", i);
	}
	json_decref(j);
	if (r)
		return r;
	*ret = v;
	*ret_n = n;
	return 0;
}

int lnr_plugin_parse_names(const char *json, struct lnr_arena *arena, struct lnr_plugin_names *ret,
	struct lnr_err *err)
{
	json_t *j;
	*ret = (struct lnr_plugin_names){NULL, 0};
	if (!json || !*json)
		return 0;
	int r = parse(json, "names", &j, err);
	if (r)
		return r;
	size_t n = json_array_size(j);
	struct lnr_str *v = n <= LNR_PLUGIN_NAMES_MAX ? lnr_arena_calloc(arena, n + 1, sizeof(*v))
						      : NULL;
	if (n > LNR_PLUGIN_NAMES_MAX)
		r = lnr_fail(err, -EINVAL, "%zu names, at most %d", n, LNR_PLUGIN_NAMES_MAX);
	else if (!v)
		r = lnr_fail(err, -ENOMEM, "out of memory");
	for (size_t i = 0; !r && i < n; i++) {
		const char *s = json_string_value(json_array_get(j, i));
		v[i] = s ? lnr_arena_str(arena, lnr_str_c(s)) : (struct lnr_str){NULL, 0};
		if (!s || !*s)
			r = lnr_fail(err, -EINVAL, "name %zu is no text", i);
		else if (!v[i].ptr)
			r = lnr_fail(err, -ENOMEM, "out of memory");
	}
	json_decref(j);
	if (!r)
		*ret = (struct lnr_plugin_names){v, n};
	return r;
}
