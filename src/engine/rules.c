/* SPDX-License-Identifier: Apache-2.0 */
/* The public rule collection: a loader with the field sets, static fields and appended outputs. */
#include "engine/engine_priv.h"

#include <jansson.h>
#include "base/util.h"
#include "engine/plugins_priv.h"
#include "fields/core/list.h"
#include "rules/pushdown.h"
#include "schema/limits.h"

static struct lnr_str json_text(struct lnr_arena *a, const json_t *j)
{
	const char *s = json_string_value(j);
	return s ? lnr_arena_str(a, (struct lnr_str){s, json_string_length(j)})
		 : (struct lnr_str){NULL, 0};
}

static int parse_append_fields(struct lnr_arena *a, const json_t *fields,
	struct lnr_append_output *ret, struct lnr_err *err)
{
	size_t n = json_array_size(fields), at = 0;
	struct lnr_str(*kv)[2] = lnr_arena_calloc(a, n ? n : 1, sizeof(*kv));
	if (!kv)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const json_t *f = json_array_get(fields, i);
		if (json_is_string(f)) {
			kv[at++][0] = json_text(a, f);
			continue;
		}
		if (!json_is_object(f) || json_object_size(f) != 1)
			return lnr_fail(err, -EINVAL,
				"append_output.extra_fields[%zu]: expected a field name or one key "
				"with a format",
				i);
		void *it = json_object_iter((json_t *)f);
		kv[at][0] = lnr_arena_str(a, lnr_str_c(json_object_iter_key(it)));
		kv[at++][1] = json_text(a, json_object_iter_value(it));
	}
	ret->fields = (const struct lnr_str(*)[2])kv;
	ret->n_fields = at;
	return 0;
}

static int parse_append_entry(
	struct lnr_arena *a, const json_t *e, struct lnr_append_output *ret, struct lnr_err *err)
{
	const json_t *match = json_object_get(e, "match");
	const json_t *tags = json_object_get(match, "tags");
	size_t n = json_array_size(tags);
	struct lnr_str *t = lnr_arena_calloc(a, n ? n : 1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		t[i] = json_text(a, json_array_get(tags, i));
	ret->tags = t;
	ret->n_tags = n;
	ret->source = json_text(a, json_object_get(match, "source"));
	ret->rule = json_text(a, json_object_get(match, "rule"));
	ret->extra_output = json_text(a, json_object_get(e, "extra_output"));
	ret->suggested = json_is_true(json_object_get(e, "suggested_output"));
	return parse_append_fields(a, json_object_get(e, "extra_fields"), ret, err);
}

static int parse_append(struct lnr_arena *a, const char *text, struct lnr_append_output **ret,
	size_t *ret_n, struct lnr_err *err)
{
	json_error_t je;
	json_t *j = json_loads(text, 0, &je);
	if (!j)
		return lnr_fail(err, -EINVAL, "append_output: %s", je.text);
	size_t n = json_array_size(j);
	*ret = lnr_arena_calloc(a, n ? n : 1, sizeof(**ret));
	*ret_n = n;
	int r = *ret ? 0 : -ENOMEM;
	for (size_t i = 0; !r && i < n; i++)
		r = parse_append_entry(a, json_array_get(j, i), &(*ret)[i], err);
	json_decref(j);
	return r;
}

static int static_class(
	struct lnr_arena *a, const char *const *kv, const struct lnr_field_class **ret)
{
	size_t n = 0;
	while (kv && kv[2 * n])
		n++;
	*ret = NULL;
	if (!n)
		return 0;
	struct lnr_str(*pairs)[2] = lnr_arena_calloc(a, n, sizeof(*pairs));
	if (!pairs)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		pairs[i][0] = lnr_arena_str(a, lnr_str_c(kv[2 * i]));
		pairs[i][1] = lnr_arena_str(a, lnr_str_c(kv[2 * i + 1]));
	}
	return lnr_field_static_class(a, (const struct lnr_str(*)[2])pairs, n, ret);
}

int lnr_rules_new(const struct lnr_rules_opts *opts, struct lnr_rules **ret, struct lnr_err *err)
{
	const struct lnr_rules_opts def = {.size = sizeof(def), .min_priority = LNR_PRIO_DEBUG};
	const struct lnr_rules_opts *o = opts ? opts : &def;
	struct lnr_rules *r = calloc(1, sizeof(*r));
	if (!r)
		return lnr_fail(err, -ENOMEM, "out of memory");
	lnr_arena_init(&r->arena, LNR_RULES_ARENA_BYTES);
	const struct lnr_field_class *fixed = NULL;
	struct lnr_loader_opts lo = {.size = sizeof(lo),
		.min_priority = (enum lnr_priority)o->min_priority,
		.all_errors = o->all_errors};
	struct lnr_loader_source *sources = NULL;
	struct lnr_append_output *append = NULL;
	int rc = static_class(&r->arena, o->static_fields, &fixed);
	if (!rc)
		rc = lnr_plugins_sources(o, &r->arena, fixed, &sources, &lo.n_sources, err);
	if (!rc)
		rc = lnr_plugins_for_loader(
			o, &r->arena, sources, lo.n_sources, &lo.plugins, &lo.n_plugins);
	if (!rc && o->append_output_json)
		rc = parse_append(&r->arena, o->append_output_json, &append, &lo.n_append, err);
	lo.sources = sources;
	lo.append = append;
	if (!rc)
		rc = lnr_loader_new(&lo, &r->loader, err);
	for (size_t i = 0; sources && i < lo.n_sources; i++)
		lnr_fieldset_unref(sources[i].fields);
	if (rc) {
		lnr_rules_free(r);
		return rc == -ENOMEM ? lnr_fail(err, rc, "out of memory") : rc;
	}
	*ret = r;
	return 0;
}

struct lnr_rules *lnr_rules_free(struct lnr_rules *r)
{
	if (!r)
		return NULL;
	lnr_ruleset_unref(r->compiled);
	lnr_loader_free(r->loader);
	for (unsigned i = 0; i < r->n_files; i++)
		free(r->files[i].name);
	free(r->files);
	lnr_arena_done(&r->arena);
	free(r);
	return NULL;
}

int lnr_rules_add_text(
	struct lnr_rules *r, const char *name, const char *text, size_t len, struct lnr_err *err)
{
	struct lnr_rules_file *files = realloc(r->files, (r->n_files + 1) * sizeof(*files));
	if (!files)
		return lnr_fail(err, -ENOMEM, "out of memory");
	r->files = files;
	struct lnr_rules_file *f = &files[r->n_files];
	memset(f, 0, sizeof(*f));
	f->name = strdup(name);
	if (!f->name)
		return lnr_fail(err, -ENOMEM, "out of memory");
	int rc = lnr_loader_add(r->loader, f->name, (struct lnr_str){text, len}, &f->result);
	if (rc == -ENOMEM || !f->result) {
		free(f->name);
		return lnr_fail(err, -ENOMEM, "out of memory while loading %s", name);
	}
	r->n_files++;
	r->compiled = lnr_ruleset_unref(r->compiled);
	return rc ? lnr_fail(err, rc, "%s: invalid rules", name) : 0;
}

int lnr_rules_add_file(struct lnr_rules *r, const char *path, struct lnr_err *err)
{
	LNR_AUTO_FREE char *text = NULL;
	size_t len;
	int rc = lnr_read_trusted_file(path, LNR_RULES_FILE_BYTES, &text, &len, err);
	return rc ? rc : lnr_rules_add_text(r, path, text, len, err);
}

int lnr_rules_check_plugins(struct lnr_rules *r, struct lnr_err *err)
{
	return lnr_loader_check_plugins(r->loader, err);
}

unsigned lnr_rules_select(struct lnr_rules *r, bool enable, const char *pattern, const char *tag)
{
	r->compiled = lnr_ruleset_unref(r->compiled);
	return lnr_loader_select(r->loader, enable, lnr_str_c(pattern), lnr_str_c(tag));
}

unsigned lnr_rules_files(const struct lnr_rules *r)
{
	return r->n_files;
}

bool lnr_rules_file_ok(const struct lnr_rules *r, unsigned i)
{
	return i < r->n_files && lnr_load_result_ok(r->files[i].result);
}

unsigned lnr_rules_file_errors(const struct lnr_rules *r, unsigned i)
{
	return i < r->n_files ? lnr_load_result_errors(r->files[i].result) : 0;
}

unsigned lnr_rules_file_warnings(const struct lnr_rules *r, unsigned i)
{
	return i < r->n_files ? lnr_load_result_warnings(r->files[i].result) : 0;
}

void lnr_rules_report_json(const struct lnr_rules *r, unsigned i, struct lnr_buf *out)
{
	struct lnr_json j;
	lnr_json_init(&j, out);
	if (i < r->n_files)
		lnr_load_result_json(r->files[i].result, &j);
}

void lnr_rules_report_text(const struct lnr_rules *r, unsigned i, bool verbose, struct lnr_buf *out)
{
	if (i < r->n_files)
		lnr_load_result_text(r->files[i].result, verbose, out);
}

void lnr_rules_report_explain(const struct lnr_rules *r, unsigned i, struct lnr_buf *out)
{
	if (i < r->n_files)
		lnr_load_result_explain(r->files[i].result, out);
}

int lnr_rules_describe(struct lnr_rules *r, const char *name, bool json, struct lnr_buf *out)
{
	if (!json)
		return lnr_loader_describe_text(r->loader, name, out);
	struct lnr_json j;
	lnr_json_init(&j, out);
	return lnr_loader_describe_json(r->loader, name, &j);
}

int lnr_rules_compiled(struct lnr_rules *r, struct lnr_ruleset **ret)
{
	if (!r->compiled) {
		int rc = lnr_loader_ruleset(r->loader, &r->compiled);
		if (rc)
			return rc;
	}
	*ret = lnr_ruleset_ref(r->compiled);
	return 0;
}

int lnr_rules_kernel(struct lnr_rules *r, struct lnr_buf *out, struct lnr_err *err)
{
	struct lnr_ruleset *rs;
	int rc = lnr_rules_compiled(r, &rs);
	if (!rc) {
		rc = lnr_pushdown_print(rs, out);
		lnr_ruleset_unref(rs);
	}
	return rc ? lnr_fail(err, rc, "cannot compile the rules: %s", strerror(-rc)) : 0;
}

int lnr_rules_ignored(struct lnr_rules *r, struct lnr_buf *out)
{
	struct lnr_ruleset *rs;
	struct lnr_scset named = {0}, ignored;
	int rc = lnr_rules_compiled(r, &rs);
	if (rc)
		return rc;
	lnr_ruleset_syscalls(rs, &named);
	lnr_ignored_syscalls(&ignored);
	for (size_t i = 0; i < LNR_SCSET_BYTES; i++)
		named.bits[i] &= ignored.bits[i];
	lnr_scset_names(&named, " ", out);
	lnr_ruleset_unref(rs);
	return out->failed ? -ENOMEM : 0;
}

uint32_t lnr_rules_count(const struct lnr_rules *r)
{
	struct lnr_ruleset *rs;
	if (lnr_rules_compiled((struct lnr_rules *)r, &rs))
		return 0;
	uint32_t n = lnr_ruleset_count(rs);
	lnr_ruleset_unref(rs);
	return n;
}

const char *lnr_rules_name(const struct lnr_rules *r, uint32_t i, bool *ret_enabled)
{
	struct lnr_ruleset *rs;
	if (lnr_rules_compiled((struct lnr_rules *)r, &rs))
		return NULL;
	const char *name = NULL;
	if (i < lnr_ruleset_count(rs)) {
		name = lnr_ruleset_rule(rs, i)->name.ptr;
		*ret_enabled = lnr_ruleset_enabled(rs, i);
	}
	lnr_ruleset_unref(rs); /* r->compiled keeps the text */
	return name;
}
