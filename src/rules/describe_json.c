/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions as JSON (spec rules-language.md 14). Arrays from sets are sorted. */
#include "rules/describe_priv.h"

#include "schema/limits.h"

static void key_str(struct lnr_json *j, const char *key, struct lnr_str value)
{
	lnr_json_key(j, lnr_str_c(key));
	lnr_json_str(j, value);
}

static void key_strs(struct lnr_json *j, const char *key, const struct lnr_str *v, size_t n)
{
	lnr_json_key(j, lnr_str_c(key));
	lnr_json_open(j, '[');
	for (size_t i = 0; i < n; i++)
		lnr_json_str(j, v[i]);
	lnr_json_close(j, ']');
}

static void key_names(struct lnr_json *j, const char *key, const struct lnr_described *s)
{
	key_strs(j, key, s->v, s->n);
}

static void key_bool(struct lnr_json *j, const char *key, bool value)
{
	lnr_json_key(j, lnr_str_c(key));
	lnr_json_bool(j, value);
}

static void key_condition(struct lnr_describer *d, struct lnr_json *j, const struct lnr_ast *ast)
{
	struct lnr_buf b;
	lnr_buf_init(&b, LNR_COND_BYTES);
	lnr_ast_print(&b, ast);
	key_str(j, "condition_compiled", lnr_buf_view(&b));
	d->failed = d->failed || b.failed;
	lnr_buf_done(&b);
}

static void condition_details(struct lnr_json *j, const struct lnr_cond_details *c)
{
	key_names(j, "macros", &c->macros);
	key_names(j, "lists", &c->lists);
	key_names(j, "condition_operators", &c->operators);
	key_names(j, "condition_fields", &c->fields);
	key_names(j, "events", &c->events);
}

/* --- rules ----------------------------------------------------------------------------------- */

static void rule_info(struct lnr_json *j, const struct lnr_rule_item *r)
{
	lnr_json_key(j, LNR_STR("info"));
	lnr_json_open(j, '{');
	key_str(j, "name", r->name);
	key_str(j, "condition", lnr_buf_view(&r->cond.buf));
	key_str(j, "priority", lnr_str_c(lnr_priority_name(r->priority)));
	key_str(j, "output", lnr_buf_view(&r->output.buf));
	key_str(j, "description", lnr_buf_view(&r->desc.buf));
	key_bool(j, "enabled", r->enabled);
	key_str(j, "source", r->source);
	key_bool(j, "capture", r->capture);
	lnr_json_key(j, LNR_STR("capture_duration"));
	lnr_json_u64(j, r->capture_duration_ms);
	key_strs(j, "tags", r->tags, r->n_tags);
	lnr_json_close(j, '}');
}

static void fields_in(struct lnr_describer *d, const struct lnr_expr *e, struct lnr_described *ret)
{
	if (e->kind == LNR_EXPR_FIELD)
		lnr_described_add(d, ret, e->text);
	for (uint32_t i = 0; i < e->n_args; i++)
		fields_in(d, e->args[i], ret);
}

/* Each token, and for a transformer also the fields in it; as often as they occur. */
static void output_fields(
	struct lnr_describer *d, const struct lnr_rule_item *r, struct lnr_described *ret)
{
	const void *pos = NULL;
	const struct lnr_expr *e;
	ret->multiple = true;
	while ((e = lnr_format_next(r->done.rule.output, &pos))) {
		if (e->kind != LNR_EXPR_FIELD)
			lnr_described_add(d, ret, e->text);
		fields_in(d, e, ret);
	}
	lnr_described_sort(ret);
}

static void exception_details(
	struct lnr_describer *d, struct lnr_json *j, const struct lnr_rule_item *r)
{
	struct lnr_described names = {0}, fields = {0}, ops = {0};
	for (size_t i = 0; i < r->exceptions.n; i++) {
		const struct lnr_exception *ex = &r->exceptions.v[i];
		bool values = ex->n_values > 0; /* one without values adds nothing to the rule */
		lnr_described_add(d, &names, ex->name);
		if (!ex->comps.is_list)
			lnr_described_add(d, &ops, ex->comps.text);
		if (!ex->fields.is_list && values)
			lnr_described_add(d, &fields, ex->fields.text);
		for (size_t k = 0; k < ex->comps.n; k++)
			lnr_described_add(d, &ops, ex->comps.items[k].text);
		for (size_t k = 0; values && k < ex->fields.n; k++)
			lnr_described_add(d, &fields, ex->fields.items[k].text);
	}
	lnr_described_sort(&names);
	lnr_described_sort(&fields);
	lnr_described_sort(&ops);
	key_names(j, "exception_names", &names);
	key_names(j, "exception_fields", &fields);
	key_names(j, "exception_operators", &ops);
}

static void extra_details(struct lnr_json *j, const struct lnr_compiled_rule *done)
{
	if (!done->rule.n_extra)
		return;
	lnr_json_key(j, LNR_STR("extra_output_formatted_fields"));
	lnr_json_open(j, '{');
	for (uint32_t i = 0; i < done->rule.n_extra; i++) {
		lnr_json_key(j, done->rule.extra[i].key);
		lnr_json_str(j, done->extra_texts[i]);
	}
	lnr_json_close(j, '}');
}

static void describe_rule(
	struct lnr_describer *d, struct lnr_json *j, const struct lnr_rule_item *r)
{
	const struct lnr_compiled_rule *done = &r->done;
	struct lnr_cond_details c;
	struct lnr_described outputs = {0}, plugins = {0};
	lnr_describe_condition(d, lnr_buf_view(&r->cond.buf), done->parsed.expanded, r->src, &c);
	output_fields(d, r, &outputs);
	lnr_describe_plugins(d, r, &c, &outputs, &plugins);
	for (uint32_t i = 0; i < done->rule.n_extra; i++)
		lnr_described_add(d, &outputs, done->extra_texts[i]);
	lnr_described_sort(&outputs);
	lnr_json_open(j, '{');
	rule_info(j, r);
	lnr_json_key(j, LNR_STR("details"));
	lnr_json_open(j, '{');
	condition_details(j, &c);
	key_names(j, "output_fields", &outputs);
	exception_details(d, j, r);
	key_condition(d, j, done->parsed.expanded);
	key_str(j, "output_compiled", done->output_text);
	extra_details(j, done);
	key_names(j, "plugins", &plugins);
	lnr_json_close(j, '}');
	lnr_json_close(j, '}');
}

/* --- macros and lists ------------------------------------------------------------------------ */

static void describe_macro(
	struct lnr_describer *d, struct lnr_json *j, const struct lnr_macro_item *m)
{
	struct lnr_cond_details c;
	lnr_describe_condition(d, lnr_buf_view(&m->cond.buf), m->parsed.expanded, NULL, &c);
	lnr_json_open(j, '{');
	lnr_json_key(j, LNR_STR("info"));
	lnr_json_open(j, '{');
	key_str(j, "name", m->name);
	key_str(j, "condition", lnr_buf_view(&m->cond.buf));
	lnr_json_close(j, '}');
	lnr_json_key(j, LNR_STR("details"));
	lnr_json_open(j, '{');
	key_bool(j, "used", m->used);
	condition_details(j, &c);
	key_condition(d, j, m->parsed.expanded);
	/* Which plugin a macro's fields belong to depends on the source of the rule that uses it.
	 */
	key_strs(j, "plugins", NULL, 0);
	lnr_json_close(j, '}');
	lnr_json_close(j, '}');
}

/* An entry that is not among the compiled ones stood for a list. */
static bool is_reference(const struct lnr_strmap *compiled, struct lnr_str item)
{
	return !lnr_strmap_get(compiled, item);
}

static void describe_list(
	struct lnr_describer *d, struct lnr_json *j, const struct lnr_list_item *list)
{
	struct lnr_described refs = {0};
	struct lnr_strmap compiled;
	lnr_strmap_init(&compiled);
	for (size_t i = 0; i < list->n_compiled; i++) {
		if (lnr_strmap_set(&compiled, list->compiled[i], d, NULL))
			d->failed = true;
	}
	lnr_json_open(j, '{');
	lnr_json_key(j, LNR_STR("info"));
	lnr_json_open(j, '{');
	key_str(j, "name", list->name);
	lnr_json_key(j, LNR_STR("items"));
	lnr_json_open(j, '[');
	for (size_t i = 0; i < list->n_items; i++) {
		if (is_reference(&compiled, list->items[i]))
			lnr_described_add(d, &refs, list->items[i]);
		else
			lnr_json_str(j, list->items[i]);
	}
	lnr_json_close(j, ']');
	lnr_json_close(j, '}');
	lnr_described_sort(&refs);
	lnr_json_key(j, LNR_STR("details"));
	lnr_json_open(j, '{');
	key_bool(j, "used", list->used);
	key_names(j, "lists", &refs);
	key_strs(j, "items_compiled", list->compiled, list->n_compiled);
	key_strs(j, "plugins", NULL, 0);
	lnr_json_close(j, '}');
	lnr_json_close(j, '}');
	lnr_strmap_done(&compiled);
}

/* --- everything ------------------------------------------------------------------------------ */

static void describe_versions(struct lnr_loader *l, struct lnr_json *j)
{
	char buf[48];
	const uint32_t *v = l->engine_version.v;
	snprintf(buf, sizeof(buf), "%u.%u.%u", v[0], v[1], v[2]);
	key_str(j, "required_engine_version", lnr_str_c(buf));
	lnr_json_key(j, LNR_STR("required_plugin_versions"));
	lnr_json_open(j, '[');
	for (size_t i = 0; i < l->n_plugin_reqs; i++) {
		const struct lnr_plugin_reqs *r = &l->plugin_reqs[i];
		lnr_json_open(j, '{');
		key_str(j, "name", r->v[0].name);
		key_str(j, "version", r->v[0].version);
		lnr_json_key(j, LNR_STR("alternatives"));
		lnr_json_open(j, '[');
		for (size_t k = 1; k < r->n; k++) {
			lnr_json_open(j, '{');
			key_str(j, "name", r->v[k].name);
			key_str(j, "version", r->v[k].version);
			lnr_json_close(j, '}');
		}
		lnr_json_close(j, ']');
		lnr_json_close(j, '}');
	}
	lnr_json_close(j, ']');
}

/* Descriptions of one item after the other, their memory given back in between. */
static void each(struct lnr_describer *d, struct lnr_json *j, const struct lnr_item_table *t,
	void (*describe)(struct lnr_describer *d, struct lnr_json *j, const void *item))
{
	lnr_json_open(j, '[');
	for (size_t i = 0; i < t->n; i++) {
		describe(d, j, t->v[i]);
		lnr_arena_reset(&d->arena);
	}
	lnr_json_close(j, ']');
}

static void any_rule(struct lnr_describer *d, struct lnr_json *j, const void *item)
{
	const struct lnr_rule_item *r = item;
	if (r->compiled)
		describe_rule(d, j, r);
}

static void any_macro(struct lnr_describer *d, struct lnr_json *j, const void *item)
{
	const struct lnr_macro_item *m = item;
	if (m->parsed.expanded)
		describe_macro(d, j, m);
}

static void any_list(struct lnr_describer *d, struct lnr_json *j, const void *item)
{
	describe_list(d, j, item);
}

int lnr_loader_describe_json(struct lnr_loader *l, const char *rule, struct lnr_json *j)
{
	struct lnr_describer d = {.l = l};
	const struct lnr_rule_item *one = rule ? lnr_describe_find(l, rule) : NULL;
	if (rule && !one)
		return -ENOENT;
	lnr_arena_init(&d.arena, 0);
	lnr_json_open(j, '{');
	if (!rule)
		describe_versions(l, j);
	lnr_json_key(j, LNR_STR("rules"));
	if (rule) {
		lnr_json_open(j, '[');
		describe_rule(&d, j, one);
		lnr_json_close(j, ']');
	} else {
		each(&d, j, &l->rules, any_rule);
		lnr_json_key(j, LNR_STR("macros"));
		each(&d, j, &l->macros, any_macro);
		lnr_json_key(j, LNR_STR("lists"));
		each(&d, j, &l->lists, any_list);
	}
	lnr_json_close(j, '}');
	lnr_arena_done(&d.arena);
	return d.failed || j->out->failed ? -ENOMEM : 0;
}

int lnr_loader_validation_json(
	struct lnr_loader *l, bool describe, const char *rule, struct lnr_buf *out)
{
	struct lnr_json j;
	bool ok = true;
	int rc = 0;
	lnr_json_init(&j, out);
	lnr_json_open(&j, '{');
	lnr_json_key(&j, LNR_STR("falco_load_results"));
	lnr_json_open(&j, '[');
	for (const struct lnr_load_result *r = l->results; r; r = r->next) {
		lnr_load_result_json(r, &j);
		ok = ok && lnr_load_result_ok(r);
	}
	lnr_json_close(&j, ']');
	if (ok && describe) {
		lnr_json_key(&j, LNR_STR("falco_describe_results"));
		rc = lnr_loader_describe_json(l, rule, &j);
		if (rc == -ENOENT)
			lnr_json_null(&j);
	}
	lnr_json_close(&j, '}');
	return rc ? rc : out->failed ? -ENOMEM : 0;
}
