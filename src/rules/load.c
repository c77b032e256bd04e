/* SPDX-License-Identifier: Apache-2.0 */
/* The loader as its users see it: files in, results and a rule set out. */
#include "rules/load_priv.h"

#include <stdlib.h>
#include "schema/limits.h"

/* --- options --------------------------------------------------------------------------------- */

static int copy_str(struct lnr_arena *a, struct lnr_str *s)
{
	if (!s->ptr) /* not the same as empty: see struct lnr_append_output */
		return 0;
	*s = lnr_arena_str(a, *s);
	return s->ptr ? 0 : -ENOMEM;
}

static int copy_strs(struct lnr_arena *a, const struct lnr_str **v, size_t n)
{
	struct lnr_str *out = lnr_arena_calloc(a, n ? n : 1, sizeof(*out));
	int rc = out ? 0 : -ENOMEM;
	for (size_t i = 0; !rc && i < n; i++) {
		out[i] = (*v)[i];
		rc = copy_str(a, &out[i]);
	}
	*v = out;
	return rc;
}

static int copy_sources(struct lnr_loader *l, const struct lnr_loader_opts *in)
{
	/* Names are part of the rule set; they live with it. */
	struct lnr_arena *a = &l->mem->arena;
	struct lnr_loader_source *v = lnr_arena_calloc(a, in->n_sources + 1, sizeof(*v));
	int rc = v ? 0 : -ENOMEM;
	for (size_t i = 0; !rc && i < in->n_sources; i++) {
		v[i] = in->sources[i];
		rc = copy_str(a, &v[i].name);
		if (!rc)
			rc = copy_strs(a, &v[i].async_names, v[i].n_async_names);
		if (!rc)
			rc = lnr_rules_mem_keep(l->mem, v[i].fields);
	}
	l->opts.sources = v;
	return rc;
}

static int copy_plugins(struct lnr_loader *l, const struct lnr_loader_opts *in)
{
	struct lnr_arena *a = &l->arena;
	struct lnr_loader_plugin *v = lnr_arena_calloc(a, in->n_plugins + 1, sizeof(*v));
	int rc = v ? 0 : -ENOMEM;
	for (size_t i = 0; !rc && i < in->n_plugins; i++) {
		v[i] = in->plugins[i];
		rc = copy_str(a, &v[i].name);
		if (!rc)
			rc = copy_str(a, &v[i].version);
		if (!rc)
			rc = copy_str(a, &v[i].source);
		if (!rc)
			rc = copy_strs(a, &v[i].field_sources, v[i].n_field_sources);
		if (!rc)
			rc = copy_strs(a, &v[i].async_names, v[i].n_async_names);
		if (!rc)
			rc = copy_strs(a, &v[i].async_sources, v[i].n_async_sources);
	}
	l->opts.plugins = v;
	return rc;
}

static int copy_append(struct lnr_loader *l, const struct lnr_loader_opts *in)
{
	struct lnr_arena *a = &l->mem->arena;
	struct lnr_append_output *v = lnr_arena_calloc(a, in->n_append + 1, sizeof(*v));
	int rc = v ? 0 : -ENOMEM;
	for (size_t i = 0; !rc && i < in->n_append; i++) {
		v[i] = in->append[i];
		struct lnr_str(*kv)[2] = lnr_arena_calloc(a, v[i].n_fields + 1, sizeof(*kv));
		rc = kv ? copy_strs(a, &v[i].tags, v[i].n_tags) : -ENOMEM;
		for (size_t k = 0; !rc && k < v[i].n_fields; k++) {
			kv[k][0] = in->append[i].fields[k][0];
			kv[k][1] = in->append[i].fields[k][1];
			rc = copy_str(a, &kv[k][0]);
			if (!rc)
				rc = copy_str(a, &kv[k][1]);
		}
		v[i].fields = (const struct lnr_str(*)[2])kv;
		if (!rc)
			rc = copy_str(a, &v[i].source);
		if (!rc)
			rc = copy_str(a, &v[i].rule);
		if (!rc)
			rc = copy_str(a, &v[i].extra_output);
	}
	l->opts.append = v;
	return rc;
}

/* --- life ------------------------------------------------------------------------------------ */

static int init(struct lnr_loader *l, const struct lnr_loader_opts *opts)
{
	struct lnr_loader_opts in = {0};
	memcpy(&in, opts, opts->size < sizeof(in) ? opts->size : sizeof(in));
	l->opts = in;
	lnr_arena_init(&l->arena, LNR_RULES_MEM_BYTES);
	lnr_arena_init(&l->scratch, LNR_RULES_MEM_BYTES);
	lnr_buf_init(&l->text, LNR_COND_BYTES);
	lnr_buf_init(&l->text2, LNR_COND_BYTES);
	lnr_strmap_init(&l->lists.by_name);
	lnr_strmap_init(&l->macros.by_name);
	lnr_strmap_init(&l->rules.by_name);
	lnr_strmap_init(&l->list_tokens);
	l->results_end = &l->results;
	int rc = lnr_rules_mem_new(LNR_RULES_MEM_BYTES, &l->mem);
	if (!rc)
		rc = copy_sources(l, &in);
	if (!rc)
		rc = copy_plugins(l, &in);
	return rc ? rc : copy_append(l, &in);
}

int lnr_loader_new(const struct lnr_loader_opts *opts, struct lnr_loader **ret, struct lnr_err *err)
{
	struct lnr_loader *l = calloc(1, sizeof(*l));
	int rc = l ? init(l, opts) : -ENOMEM;
	if (rc) {
		lnr_loader_free(l);
		return lnr_fail(err, rc, "out of memory while preparing to load rules");
	}
	*ret = l;
	return 0;
}

struct lnr_loader *lnr_loader_free(struct lnr_loader *l)
{
	if (!l)
		return NULL;
	lnr_ruleset_unref(l->ruleset);
	free(l->active);
	free(l->order);
	free(l->on);
	free(l->built);
	free(l->plugin_reqs);
	lnr_collect_done(l);
	lnr_strmap_done(&l->list_tokens);
	lnr_buf_done(&l->text);
	lnr_buf_done(&l->text2);
	lnr_arena_done(&l->scratch);
	lnr_arena_done(&l->arena);
	lnr_rules_mem_unref(l->mem);
	free(l);
	return NULL;
}

/* --- a file ---------------------------------------------------------------------------------- */

static struct lnr_load_result *new_result(
	struct lnr_loader *l, const char *name, struct lnr_str content)
{
	struct lnr_load_result *r = lnr_arena_new(&l->arena, struct lnr_load_result);
	struct lnr_load_file *f = lnr_arena_new(&l->arena, struct lnr_load_file);
	struct lnr_ctx *ctx = lnr_arena_new(&l->arena, struct lnr_ctx);
	if (!r || !f || !ctx)
		return NULL;
	/* What is shown and what positions count in is the text without byte order mark. */
	if (lnr_yaml_utf8(&l->arena, &content))
		return NULL;
	f->name = lnr_arena_str(&l->arena, lnr_str_c(name));
	f->text = lnr_arena_str(&l->arena, content);
	if (!f->name.ptr || !f->text.ptr)
		return NULL;
	ctx->file = f;
	ctx->type = LNR_CTX_FILE;
	r->file = f;
	r->ctx = ctx;
	lnr_load_list_init(&r->errors);
	lnr_load_list_init(&r->warnings);
	return r;
}

/* A syntax error has no item; the chain says "value for" nothing, as in the reference. */
static int yaml_error(struct lnr_loader *l, const struct lnr_err *err)
{
	const struct lnr_load_file *f = l->result->file;
	struct lnr_yaml at = {
		.line = err->line ? err->line - 1 : 0, .column = err->column ? err->column - 1 : 0};
	size_t i = 0;
	for (uint32_t line = 0; line < at.line && i < f->text.len; i++)
		line += f->text.ptr[i] == '\n';
	at.offset = (uint32_t)i + at.column;
	const struct lnr_ctx *ctx = lnr_ctx_node(
		l, l->result->ctx, LNR_CTX_VALUE, LNR_STR(""), &at);
	return lnr_load_error(l, LNR_LOAD_ERR_YAML_PARSE, ctx, "%s", err->msg);
}

static int parse_content(struct lnr_loader *l)
{
	const struct lnr_load_file *f = l->result->file;
	const struct lnr_yaml **docs;
	size_t n;
	struct lnr_err err = {0};
	struct lnr_arena tree; /* items copy what they keep */
	lnr_arena_init(&tree, 0);
	int rc = lnr_yaml_parse(&tree, f->name.ptr, f->text, &docs, &n, &err);
	if (rc && rc != -ENOMEM)
		rc = yaml_error(l, &err);
	else if (!rc)
		rc = lnr_load_schema(l, docs, n, l->result);
	if (!rc)
		rc = lnr_items_read(l, docs, n, l->result->ctx);
	lnr_arena_done(&tree);
	return rc;
}

/* A single request may be large, so the bound is met well before it is used up. */
static bool near_bound(const struct lnr_arena *a)
{
	return a->total_bytes > LNR_RULES_MEM_BYTES / 4 * 3;
}

static int add(struct lnr_loader *l)
{
	int rc = parse_content(l);
	/* Looking for all errors, conditions are looked at even when items were refused. */
	if (!rc || (rc == -EINVAL && l->opts.all_errors && lnr_load_go_on(l, rc))) {
		rc = lnr_rules_compile(l);
		if (!rc)
			rc = lnr_load_activate(l);
	}
	if (l->no_memory)
		rc = -ENOMEM;
	if (rc == -ENOMEM &&
		(near_bound(&l->mem->arena) || near_bound(&l->arena) || near_bound(&l->scratch)))
		rc = lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, l->result->ctx,
			"what is loaded needs more than %u MiB", LNR_RULES_MEM_BYTES >> 20);
	return rc;
}

int lnr_loader_add(struct lnr_loader *l, const char *name, struct lnr_str content,
	const struct lnr_load_result **ret)
{
	l->result = new_result(l, name, content);
	if (!l->result)
		return -ENOMEM;
	*l->results_end = l->result;
	l->results_end = &l->result->next;
	l->n_results++;
	l->failed = l->no_memory = false;
	l->spots_left = LNR_RULES_SPOTS;
	l->hints_left = LNR_RULES_HINTS;
	*ret = l->result;
	int rc = add(l);
	return rc == -ENOMEM ? rc : l->result->errors.n ? -EINVAL : rc;
}

const struct lnr_load_result *lnr_loader_result(const struct lnr_loader *l, unsigned i)
{
	const struct lnr_load_result *r = l->results;
	while (r && i--)
		r = r->next;
	return r;
}

/* --- plugins --------------------------------------------------------------------------------- */

static const struct lnr_loader_plugin *find_plugin(const struct lnr_loader *l, struct lnr_str name)
{
	for (size_t i = 0; i < l->opts.n_plugins; i++) {
		if (lnr_str_eq(l->opts.plugins[i].name, name))
			return &l->opts.plugins[i];
	}
	return NULL;
}

static int missing_plugin(const struct lnr_plugin_reqs *r, struct lnr_err *err)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	for (size_t i = 0; i < r->n; i++) {
		lnr_buf_cstr(&b, i ? ", " : "");
		lnr_buf_str(&b, r->v[i].name);
		lnr_buf_cstr(&b, " (>= ");
		lnr_buf_str(&b, r->v[i].version);
		lnr_buf_chr(&b, ')');
	}
	int rc = lnr_fail(err, -EINVAL, "the rules need a plugin that is not loaded, one of: %.*s",
		LNR_STR_ARG(lnr_buf_view(&b)));
	lnr_buf_done(&b);
	return rc;
}

/* The first alternative whose plugin is loaded decides (spec 3.2). */
static int check_reqs(
	const struct lnr_loader *l, const struct lnr_plugin_reqs *r, struct lnr_err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct lnr_loader_plugin *p = find_plugin(l, r->v[i].name);
		struct lnr_version have, want;
		if (!p)
			continue;
		if (!lnr_version_parse(p->version, &have))
			return lnr_fail(err, -EINVAL, "plugin '%.*s' says its version is '%.*s'",
				LNR_STR_ARG(p->name), LNR_STR_ARG(p->version));
		lnr_version_parse(r->v[i].version, &want); /* checked when it was read */
		if (lnr_version_fits(&have, &want))
			return 0;
		return lnr_fail(err, -EINVAL,
			"the rules need version %.*s of plugin '%.*s', %.*s is loaded",
			LNR_STR_ARG(r->v[i].version), LNR_STR_ARG(p->name),
			LNR_STR_ARG(p->version));
	}
	return missing_plugin(r, err);
}

int lnr_loader_check_plugins(struct lnr_loader *l, struct lnr_err *err)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < l->n_plugin_reqs; i++)
		rc = check_reqs(l, &l->plugin_reqs[i], err);
	return rc;
}
