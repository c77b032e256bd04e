/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin's configuration against its JSON schema.
 *
 * Why our own: no library for it is at hand everywhere, and the schemas of plugins use few words
 * (spec plugin-abi.md 14.2): $ref within the document, type, properties, patternProperties,
 * required, additionalProperties, items, enum, const, oneOf, anyOf, allOf, not, bounds of numbers
 * and lengths, pattern. Others are ignored, as the drafts of JSON schema want it. Lengths of texts
 * count bytes.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <jansson.h>
#include <pcre2.h>
#include <string.h>
#include "plugin/host.h"
#include "schema/limits.h"

/* Where in the configuration a value stands, from the inside to the outside. */
struct place {
	const struct place *up;
	const char *key; /* NULL = element of a list */
	size_t index;
};

struct check {
	const json_t *root; /* of the schema */
	unsigned steps, depth;
	bool mute; /* alternatives are tried: no reason is wanted yet */
	struct lnr_err *err;
};

static bool valid(struct check *c, const json_t *schema, const json_t *v, const struct place *at);

static void write_place(struct lnr_buf *b, const struct place *at)
{
	if (!at)
		return;
	write_place(b, at->up);
	if (at->key)
		lnr_buf_printf(b, "%s%s", at->up ? "." : "", at->key);
	else
		lnr_buf_printf(b, "[%zu]", at->index);
}

/* The first reason counts; the outer ones only say that something inside is wrong. */
static bool wrong(struct check *c, const struct place *at, const char *what, const char *detail)
{
	struct lnr_buf b;
	if (c->mute || !c->err || c->err->code)
		return false;
	lnr_buf_init(&b, 512);
	write_place(&b, at);
	lnr_fail(c->err, -EINVAL, "%s%s%s%s%s", b.len ? b.ptr : "", b.len ? ": " : "", what,
		detail ? " " : "", detail ? detail : "");
	lnr_buf_done(&b);
	return false;
}

/* --- words about any value --- */

static bool is_type(const char *name, const json_t *v)
{
	if (!name)
		return false;
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return strcmp(name, "object") == 0;
	case JSON_ARRAY:
		return strcmp(name, "array") == 0;
	case JSON_STRING:
		return strcmp(name, "string") == 0;
	case JSON_INTEGER:
		return strcmp(name, "integer") == 0 || strcmp(name, "number") == 0;
	case JSON_REAL:
		/* 2.0 is an integer since draft 6. */
		return strcmp(name, "number") == 0 ||
		       (strcmp(name, "integer") == 0 &&
			       json_real_value(v) == (double)(int64_t)json_real_value(v));
	case JSON_TRUE:
	case JSON_FALSE:
		return strcmp(name, "boolean") == 0;
	case JSON_NULL:
		return strcmp(name, "null") == 0;
	}
	return false;
}

static bool check_type(
	struct check *c, const json_t *schema, const json_t *v, const struct place *at)
{
	const json_t *t = json_object_get(schema, "type");
	if (!t)
		return true;
	if (json_is_string(t))
		return is_type(json_string_value(t), v) ||
		       wrong(c, at, "expected", json_string_value(t));
	for (size_t i = 0; i < json_array_size(t); i++) {
		if (is_type(json_string_value(json_array_get(t, i)), v))
			return true;
	}
	return wrong(c, at, "has none of the expected types", NULL);
}

static bool check_values(
	struct check *c, const json_t *schema, const json_t *v, const struct place *at)
{
	const json_t *one = json_object_get(schema, "const");
	const json_t *some = json_object_get(schema, "enum");
	if (one && !json_equal(one, v))
		return wrong(c, at, "is not the one allowed value", NULL);
	if (!json_is_array(some))
		return true;
	for (size_t i = 0; i < json_array_size(some); i++) {
		if (json_equal(json_array_get(some, i), v))
			return true;
	}
	return wrong(c, at, "is none of the allowed values", NULL);
}

/* --- bounds --- */

/* schema[key], when it is a number. */
static bool bound(const json_t *schema, const char *key, double *ret)
{
	const json_t *b = json_object_get(schema, key);
	*ret = json_number_value(b);
	return json_is_number(b);
}

static bool check_number(
	struct check *c, const json_t *schema, const json_t *v, const struct place *at)
{
	double n = json_number_value(v), b;
	if (!json_is_number(v))
		return true;
	if ((bound(schema, "minimum", &b) && n < b) ||
		(bound(schema, "exclusiveMinimum", &b) && n <= b))
		return wrong(c, at, "is too small", NULL);
	if ((bound(schema, "maximum", &b) && n > b) ||
		(bound(schema, "exclusiveMaximum", &b) && n >= b))
		return wrong(c, at, "is too large", NULL);
	return true;
}

static bool check_length(
	struct check *c, const json_t *schema, const json_t *v, const struct place *at)
{
	double b;
	if (json_is_string(v)) {
		double n = (double)json_string_length(v);
		if ((bound(schema, "minLength", &b) && n < b) ||
			(bound(schema, "maxLength", &b) && n > b))
			return wrong(c, at, "has the wrong length", NULL);
	} else if (json_is_array(v)) {
		double n = (double)json_array_size(v);
		if ((bound(schema, "minItems", &b) && n < b) ||
			(bound(schema, "maxItems", &b) && n > b))
			return wrong(c, at, "has the wrong number of elements", NULL);
	}
	return true;
}

/* Does the pattern occur? One that does not compile is taken for a match, as unknown words are. */
static bool matches(const char *pattern, const char *text, size_t len)
{
	int code;
	PCRE2_SIZE where;
	pcre2_code *re = pcre2_compile(
		(PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &where, NULL);
	pcre2_match_data *md = re ? pcre2_match_data_create(1, NULL) : NULL;
	pcre2_match_context *mc = re ? pcre2_match_context_create(NULL) : NULL;
	bool found = true;
	if (md && mc) {
		pcre2_set_match_limit(mc, LNR_PLUGIN_SCHEMA_STEPS);
		found = pcre2_match(re, (PCRE2_SPTR)text, len, 0, 0, md, mc) != PCRE2_ERROR_NOMATCH;
	}
	pcre2_match_context_free(mc);
	pcre2_match_data_free(md);
	pcre2_code_free(re);
	return found;
}

static bool check_pattern(
	struct check *c, const json_t *schema, const json_t *v, const struct place *at)
{
	const char *p = json_string_value(json_object_get(schema, "pattern"));
	if (!p || !json_is_string(v) || matches(p, json_string_value(v), json_string_length(v)))
		return true;
	return wrong(c, at, "does not match", p);
}

/* --- objects and lists --- */

static bool check_member(struct check *c, const json_t *schema, const char *key, const json_t *v,
	const struct place *at)
{
	const json_t *own = json_object_get(json_object_get(schema, "properties"), key);
	const json_t *patterns = json_object_get(schema, "patternProperties");
	const json_t *rest = json_object_get(schema, "additionalProperties");
	const struct place in = {at, key, 0};
	bool known = own != NULL;
	if (own && !valid(c, own, v, &in))
		return false;
	const char *p;
	json_t *sub;
	json_object_foreach((json_t *)patterns, p, sub)
	{
		if (!matches(p, key, strlen(key)))
			continue;
		known = true;
		if (!valid(c, sub, v, &in))
			return false;
	}
	if (known || !rest)
		return true;
	if (json_is_false(rest))
		return wrong(c, at, "unknown key", key);
	return valid(c, rest, v, &in);
}

static bool check_object(
	struct check *c, const json_t *schema, const json_t *v, const struct place *at)
{
	const json_t *required = json_object_get(schema, "required");
	const char *key;
	json_t *member;
	if (!json_is_object(v))
		return true;
	for (size_t i = 0; i < json_array_size(required); i++) {
		key = json_string_value(json_array_get(required, i));
		if (key && !json_object_get(v, key))
			return wrong(c, at, "misses the key", key);
	}
	json_object_foreach((json_t *)v, key, member)
	{
		if (!check_member(c, schema, key, member, at))
			return false;
	}
	return true;
}

static bool check_items(
	struct check *c, const json_t *schema, const json_t *v, const struct place *at)
{
	const json_t *items = json_object_get(schema, "items");
	if (!items || json_is_array(items))
		return true;
	for (size_t i = 0; i < json_array_size(v); i++) {
		const struct place in = {at, NULL, i};
		if (!valid(c, items, json_array_get(v, i), &in))
			return false;
	}
	return true;
}

/* --- schemas of schemas --- */

/* How many of a list of schemas hold, without saying why the others do not. */
static size_t count_valid(
	struct check *c, const json_t *list, const json_t *v, const struct place *at)
{
	bool mute = c->mute;
	size_t n = 0;
	c->mute = true;
	for (size_t i = 0; i < json_array_size(list); i++)
		n += valid(c, json_array_get(list, i), v, at);
	c->mute = mute;
	return n;
}

static bool check_combined(
	struct check *c, const json_t *schema, const json_t *v, const struct place *at)
{
	const json_t *all = json_object_get(schema, "allOf"), *s;
	for (size_t i = 0; i < json_array_size(all); i++) {
		if (!valid(c, json_array_get(all, i), v, at))
			return false;
	}
	s = json_object_get(schema, "anyOf");
	if (json_is_array(s) && !count_valid(c, s, v, at))
		return wrong(c, at, "fits none of the allowed forms", NULL);
	s = json_object_get(schema, "oneOf");
	if (json_is_array(s) && count_valid(c, s, v, at) != 1)
		return wrong(c, at, "does not fit exactly one of the allowed forms", NULL);
	s = json_object_get(schema, "not");
	if (!s)
		return true;
	bool mute = c->mute;
	c->mute = true;
	bool no = !valid(c, s, v, at);
	c->mute = mute;
	return no || wrong(c, at, "has a form that is not allowed", NULL);
}

/* "#", "#/definitions/x", "#/$defs/x"; members only, as schemas use it. NULL = not there. */
static const json_t *resolve(const json_t *root, const char *ref)
{
	char name[256];
	if (*ref++ != '#')
		return NULL;
	while (root && *ref == '/') {
		size_t n = strcspn(++ref, "/");
		if (n >= sizeof(name))
			return NULL;
		memcpy(name, ref, n);
		name[n] = 0;
		root = json_object_get(root, name);
		ref += n;
	}
	return root;
}

static bool check_ref(
	struct check *c, const json_t *schema, const json_t *v, const struct place *at)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));
	const json_t *s = ref ? resolve(c->root, ref) : NULL;
	if (!ref)
		return true;
	return s ? valid(c, s, v, at) : wrong(c, at, "the schema refers to nothing with", ref);
}

static bool valid(struct check *c, const json_t *schema, const json_t *v, const struct place *at)
{
	if (json_is_false(schema))
		return wrong(c, at, "nothing is allowed here", NULL);
	if (!json_is_object(schema))
		return true;
	if (++c->steps > LNR_PLUGIN_SCHEMA_STEPS || c->depth >= LNR_PLUGIN_SCHEMA_DEPTH)
		return wrong(c, at, "the schema is too deep or too large to be checked", NULL);
	c->depth++;
	bool ok = check_ref(c, schema, v, at) && check_type(c, schema, v, at) &&
		  check_values(c, schema, v, at) && check_number(c, schema, v, at) &&
		  check_length(c, schema, v, at) && check_pattern(c, schema, v, at) &&
		  check_object(c, schema, v, at) && check_items(c, schema, v, at) &&
		  check_combined(c, schema, v, at);
	c->depth--;
	return ok;
}

int lnr_plugin_check_config(const char *schema, const char *config, struct lnr_err *err)
{
	json_error_t je;
	struct lnr_err own = {0};
	json_t *s = json_loads(schema, 0, &je);
	if (!json_is_object(s)) {
		json_decref(s);
		return lnr_fail(err, -EINVAL, "the plugin's schema is no JSON object: %s", je.text);
	}
	json_t *v = json_loads(config, JSON_DECODE_ANY, &je);
	int r = 0;
	if (!v) {
		r = lnr_fail(err, -EINVAL, "line %d: %s", je.line, je.text);
	} else {
		struct check c = {.root = s, .err = &own};
		if (!valid(&c, s, v, NULL))
			r = lnr_fail(err, -EINVAL, "%s", own.msg);
	}
	json_decref(v);
	json_decref(s);
	return r;
}
