/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has been defined so far, over all files (spec rules-language.md 3.3 to 3.9, 4).
 *
 * Steps take effect one by one, as in the reference: when an item fails half way, what it did
 * before stays.
 */
#include "rules/load_priv.h"

#include <stdlib.h>
#include "schema/limits.h"

/* --- joined texts ---------------------------------------------------------------------------- */

static void text_init(struct lnr_text *t)
{
	*t = (struct lnr_text){.end = &t->parts};
	lnr_buf_init(&t->buf, LNR_COND_BYTES);
}

static void text_done(struct lnr_text *t)
{
	lnr_buf_done(&t->buf);
}

/* Set or, with `append`, add after a blank. */
static int text_put(struct lnr_loader *l, struct lnr_text *t, bool append,
	const struct lnr_yaml *node, struct lnr_str text, const struct lnr_ctx *ctx)
{
	struct lnr_text_part *part = lnr_arena_new(&l->arena, struct lnr_text_part);
	if (!part)
		return -ENOMEM;
	if (!append) {
		lnr_buf_clear(&t->buf);
		t->parts = NULL;
		t->end = &t->parts;
	} else {
		lnr_buf_chr(&t->buf, ' ');
	}
	part->at = (uint32_t)t->buf.len;
	part->file = ctx->file;
	part->offset = node->offset;
	*t->end = part;
	t->end = &part->next;
	size_t want = t->buf.len + text.len;
	lnr_buf_str(&t->buf, text);
	if (!t->buf.failed)
		return 0;
	if (want <= LNR_COND_BYTES)
		return -ENOMEM;
	return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ctx,
		"with what is appended the text is longer than %u MiB", LNR_COND_BYTES >> 20);
}

/* --- tables ---------------------------------------------------------------------------------- */

static int table_add(struct lnr_item_table *t, struct lnr_str name, void *item)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		void *p = reallocarray(t->v, cap, sizeof(*t->v));
		if (!p)
			return -ENOMEM;
		t->v = p;
		t->cap = cap;
	}
	if (lnr_strmap_set(&t->by_name, name, item, NULL))
		return -ENOMEM;
	t->v[t->n++] = item;
	return 0;
}

/* --- lists ----------------------------------------------------------------------------------- */

static int list_add(struct lnr_list_item *list, const struct lnr_str *items, size_t n)
{
	if (list->n_items + n > list->cap_items) {
		size_t cap = list->n_items ? 2 * list->cap_items + n : n;
		void *p = reallocarray(list->items, cap, sizeof(*list->items));
		if (!p)
			return -ENOMEM;
		list->items = p;
		list->cap_items = cap;
	}
	if (n)
		memcpy(list->items + list->n_items, items, n * sizeof(*items));
	list->n_items += n;
	return 0;
}

static void suggest_item(struct lnr_loader *l, const struct lnr_item_table *t, struct lnr_str name)
{
	struct lnr_suggest s;
	struct lnr_str key, best;
	void *item;
	size_t pos = 0;
	lnr_suggest_init(l, &s, name);
	while (lnr_strmap_next(&t->by_name, &pos, &key, &item))
		lnr_suggest_offer(&s, key);
	if (lnr_suggest_best(&s, &best))
		lnr_load_hint(l, true, "did you mean '%.*s'?", LNR_STR_ARG(best));
}

static int no_previous(struct lnr_loader *l, const struct lnr_item_table *t, const char *what,
	const char *kind, struct lnr_str name, const struct lnr_ctx *ctx)
{
	int rc = lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ctx,
		"%s, but there is no %s '%.*s' before it", what, kind, LNR_STR_ARG(name));
	suggest_item(l, t, name);
	return rc;
}

int lnr_collect_list(struct lnr_loader *l, struct lnr_str name, const struct lnr_ctx *ctx,
	const struct lnr_str *items, size_t n, bool append)
{
	struct lnr_list_item *list = lnr_item_find(&l->lists, name);
	if (!list && append)
		return no_previous(l, &l->lists, "the item appends to a list", "list", name, ctx);
	if (!list) {
		list = lnr_arena_new(&l->arena, struct lnr_list_item);
		if (!list)
			return -ENOMEM;
		list->name = name;
		list->index = l->counter;
		list->seq = (uint32_t)l->lists.n;
		int rc = table_add(&l->lists, name, list);
		if (rc)
			return rc;
	}
	if (!append) {
		list->ctx = ctx;
		list->n_items = 0;
	}
	list->visibility = l->counter++;
	return list_add(list, items, n);
}

/* --- macros ---------------------------------------------------------------------------------- */

int lnr_collect_macro(struct lnr_loader *l, struct lnr_str name, const struct lnr_ctx *ctx,
	const struct lnr_ctx *cond_ctx, const struct lnr_yaml *cond, bool append)
{
	struct lnr_macro_item *m = lnr_item_find(&l->macros, name);
	if (!m && append)
		return no_previous(
			l, &l->macros, "the item appends to a macro", "macro", name, ctx);
	if (!m) {
		m = lnr_arena_new(&l->arena, struct lnr_macro_item);
		if (!m)
			return -ENOMEM;
		text_init(&m->cond);
		m->name = name;
		m->index = l->counter;
		m->seq = (uint32_t)l->macros.n;
		int rc = table_add(&l->macros, name, m);
		if (rc)
			return rc;
	}
	if (!append) {
		m->ctx = ctx;
		m->cond_ctx = cond_ctx;
	}
	m->visibility = l->counter++;
	return text_put(l, &m->cond, append, cond, cond->text, ctx);
}

/* --- rules ----------------------------------------------------------------------------------- */

static int cmp_str(const void *a, const void *b)
{
	return lnr_str_cmp(*(const struct lnr_str *)a, *(const struct lnr_str *)b);
}

/* Tags are a set: sorted, each once. */
static int put_tags(
	struct lnr_loader *l, struct lnr_rule_item *r, bool append, const struct lnr_rule_update *u)
{
	size_t had = append ? r->n_tags : 0, n = had + u->n_tags;
	if (n > LNR_RULES_TAGS)
		return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, u->ctx,
			"rule '%.*s' has more than %u tags", LNR_STR_ARG(u->name), LNR_RULES_TAGS);
	struct lnr_str *v = reallocarray(r->tags, n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	r->tags = v;
	if (u->n_tags)
		memcpy(v + had, u->tags, u->n_tags * sizeof(*v));
	qsort(v, n, sizeof(*v), cmp_str);
	size_t out = 0;
	for (size_t i = 0; i < n; i++) {
		if (!out || !lnr_str_eq(v[out - 1], v[i]))
			v[out++] = v[i];
	}
	r->n_tags = out;
	return 0;
}

static const struct lnr_loader_source *find_source(const struct lnr_loader *l, struct lnr_str name)
{
	for (size_t i = 0; i < l->opts.n_sources; i++) {
		if (lnr_str_eq(l->opts.sources[i].name, name))
			return &l->opts.sources[i];
	}
	return NULL;
}

static int unknown_source(struct lnr_loader *l, struct lnr_str source, const struct lnr_ctx *ctx)
{
	struct lnr_suggest s;
	struct lnr_str best;
	if (lnr_load_warn(l, LNR_LOAD_UNKNOWN_SOURCE, ctx,
		    "nothing provides the event source '%.*s'; the rule is left out",
		    LNR_STR_ARG(source)))
		return -ENOMEM;
	lnr_suggest_init(l, &s, source);
	for (size_t i = 0; i < l->opts.n_sources; i++)
		lnr_suggest_offer(&s, l->opts.sources[i].name);
	if (lnr_suggest_best(&s, &best))
		lnr_load_hint(l, false, "did you mean '%.*s'?", LNR_STR_ARG(best));
	return 0;
}

static int other_source(
	struct lnr_loader *l, const struct lnr_rule_update *u, const struct lnr_rule_item *prev)
{
	return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, u->ctx,
		"rule '%.*s' belongs to the event source '%.*s' already, not to '%.*s'",
		LNR_STR_ARG(u->name), LNR_STR_ARG(prev->source), LNR_STR_ARG(u->source));
}

static struct lnr_rule_item *new_rule(struct lnr_loader *l, struct lnr_str name)
{
	struct lnr_rule_item *r = lnr_arena_new(&l->arena, struct lnr_rule_item);
	if (!r)
		return NULL;
	text_init(&r->cond);
	text_init(&r->output);
	text_init(&r->desc);
	r->name = name;
	r->index = l->counter;
	return table_add(&l->rules, name, r) ? NULL : r;
}

static int put_texts(struct lnr_loader *l, struct lnr_rule_item *r, const struct lnr_rule_update *u)
{
	int rc = text_put(l, &r->cond, false, u->cond, u->cond->text, u->ctx);
	if (!rc)
		rc = text_put(
			l, &r->output, false, u->output, lnr_str_trim(u->output->text), u->ctx);
	return rc ? rc : text_put(l, &r->desc, false, u->desc, u->desc->text, u->ctx);
}

int lnr_collect_rule(struct lnr_loader *l, struct lnr_rule_update *u,
	const struct lnr_ctx *cond_ctx, const struct lnr_ctx *output_ctx)
{
	struct lnr_rule_item *r = lnr_item_find(&l->rules, u->name);
	if (r && !lnr_str_eq(r->source, u->source))
		return other_source(l, u, r);
	const struct lnr_loader_source *src = find_source(l, u->source);
	int rc = src ? 0 : unknown_source(l, u->source, u->ctx);
	for (size_t i = 0; !rc && i < u->exceptions.n; i++)
		rc = lnr_exception_check(l, src, &u->exceptions.v[i]);
	if (rc)
		return rc;
	if (!r && !(r = new_rule(l, u->name)))
		return -ENOMEM;
	r->source = u->source;
	r->src = src;
	r->ctx = u->ctx;
	r->cond_ctx = cond_ctx;
	r->output_ctx = output_ctx;
	r->priority = u->priority;
	r->enabled = u->enabled;
	r->capture = u->capture;
	r->capture_duration_ms = u->capture_duration_ms;
	r->warn_evttypes = u->warn_evttypes;
	r->skip_unknown = u->skip_unknown;
	r->done.valid = false;
	r->visibility = l->counter++;
	lnr_exceptions_done(&r->exceptions);
	r->exceptions = u->exceptions;
	u->exceptions = (struct lnr_exceptions){0};
	rc = put_tags(l, r, false, u);
	return rc ? rc : put_texts(l, r, u);
}

static int append_exception(struct lnr_loader *l, struct lnr_rule_item *r, struct lnr_exception *ex)
{
	struct lnr_exception *old = lnr_exceptions_find(&r->exceptions, ex->name);
	bool fields = ex->fields.is_list ? ex->fields.n > 0 : ex->fields.text.len > 0;
	bool comps = ex->comps.is_list ? ex->comps.n > 0 : ex->comps.text.len > 0;
	if (old && (fields || comps))
		return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ex->ctx,
			"the rule has an exception '%.*s' already; only its values can be appended "
			"to, not %s",
			LNR_STR_ARG(ex->name), fields ? "its fields" : "its comps");
	if (old)
		return lnr_exception_add_values(old, ex);
	if (!fields)
		return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ex->ctx,
			"exception '%.*s' is new and needs the key 'fields'",
			LNR_STR_ARG(ex->name));
	if (!ex->n_values)
		return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ex->ctx,
			"exception '%.*s' is new and needs values", LNR_STR_ARG(ex->name));
	int rc = lnr_exception_check(l, r->src, ex);
	if (rc)
		return rc;
	if (r->exceptions.n >= LNR_RULES_EXCEPTIONS)
		return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, ex->ctx,
			"more than %u exceptions in one rule", LNR_RULES_EXCEPTIONS);
	return lnr_exceptions_push(&r->exceptions, ex);
}

static bool sets(const struct lnr_rule_update *u, enum lnr_override_key key)
{
	return u->set >> key & 1;
}

/* The rule that an update is about; its condition fixes the source (spec 3.8). */
static int find_previous(struct lnr_loader *l, const struct lnr_rule_update *u, const char *what,
	struct lnr_rule_item **ret)
{
	struct lnr_rule_item *r = lnr_item_find(&l->rules, u->name);
	*ret = r;
	if (!r)
		return no_previous(l, &l->rules, what, "rule", u->name, u->ctx);
	if (sets(u, LNR_OV_CONDITION) && u->source.len && !lnr_str_eq(r->source, u->source))
		return other_source(l, u, r);
	return 0;
}

int lnr_collect_append(struct lnr_loader *l, struct lnr_rule_update *u)
{
	struct lnr_rule_item *r;
	int rc = find_previous(l, u, "the item appends to a rule", &r);
	if (!rc && !u->set)
		rc = lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, u->ctx,
			"the item appends to rule '%.*s', but has neither condition nor exceptions",
			LNR_STR_ARG(u->name));
	if (rc)
		return rc;
	r->done.valid = false;
	if (sets(u, LNR_OV_CONDITION))
		rc = text_put(l, &r->cond, true, u->cond, u->cond->text, u->ctx);
	if (!rc && sets(u, LNR_OV_OUTPUT))
		rc = text_put(l, &r->output, true, u->output, u->output->text, u->ctx);
	if (!rc && sets(u, LNR_OV_DESC))
		rc = text_put(l, &r->desc, true, u->desc, u->desc->text, u->ctx);
	if (!rc && sets(u, LNR_OV_TAGS))
		rc = put_tags(l, r, true, u);
	for (size_t i = 0; !rc && i < u->exceptions.n; i++)
		rc = append_exception(l, r, &u->exceptions.v[i]);
	if (!rc)
		r->visibility = l->counter++;
	return rc;
}

int lnr_collect_replace(struct lnr_loader *l, struct lnr_rule_update *u)
{
	struct lnr_rule_item *r;
	int rc = find_previous(l, u, "the item replaces parts of a rule", &r);
	/* The reference does not check exceptions here and then trips over them. */
	for (size_t i = 0; !rc && i < u->exceptions.n; i++)
		rc = lnr_exception_check(l, r->src, &u->exceptions.v[i]);
	if (rc)
		return rc;
	r->done.valid = false;
	if (sets(u, LNR_OV_CONDITION))
		rc = text_put(l, &r->cond, false, u->cond, u->cond->text, u->ctx);
	if (!rc && sets(u, LNR_OV_OUTPUT))
		rc = text_put(l, &r->output, false, u->output, u->output->text, u->ctx);
	if (!rc && sets(u, LNR_OV_DESC))
		rc = text_put(l, &r->desc, false, u->desc, u->desc->text, u->ctx);
	if (!rc && sets(u, LNR_OV_TAGS))
		rc = put_tags(l, r, false, u);
	if (rc)
		return rc;
	if (sets(u, LNR_OV_EXCEPTIONS)) {
		lnr_exceptions_done(&r->exceptions);
		r->exceptions = u->exceptions;
		u->exceptions = (struct lnr_exceptions){0};
	}
	if (sets(u, LNR_OV_PRIORITY))
		r->priority = u->priority;
	if (sets(u, LNR_OV_ENABLED))
		r->enabled = u->enabled;
	if (sets(u, LNR_OV_CAPTURE))
		r->capture = u->capture;
	if (sets(u, LNR_OV_CAPTURE_DURATION))
		r->capture_duration_ms = u->capture_duration_ms;
	if (sets(u, LNR_OV_WARN_EVTTYPES))
		r->warn_evttypes = u->warn_evttypes;
	if (sets(u, LNR_OV_SKIP_UNKNOWN))
		r->skip_unknown = u->skip_unknown;
	r->visibility = l->counter++;
	return 0;
}

int lnr_collect_enable(
	struct lnr_loader *l, struct lnr_str name, const struct lnr_ctx *ctx, bool enabled)
{
	struct lnr_rule_item *r = lnr_item_find(&l->rules, name);
	if (!r)
		return no_previous(l, &l->rules, "the item only says 'enabled'", "rule", name, ctx);
	r->enabled = enabled;
	return 0;
}

void lnr_collect_done(struct lnr_loader *l)
{
	for (size_t i = 0; i < l->lists.n; i++)
		free(((struct lnr_list_item *)l->lists.v[i])->items);
	for (size_t i = 0; i < l->macros.n; i++)
		text_done(&((struct lnr_macro_item *)l->macros.v[i])->cond);
	for (size_t i = 0; i < l->rules.n; i++) {
		struct lnr_rule_item *r = l->rules.v[i];
		text_done(&r->cond);
		text_done(&r->output);
		text_done(&r->desc);
		lnr_exceptions_done(&r->exceptions);
		free(r->tags);
	}
	free(l->lists.v);
	free(l->macros.v);
	free(l->rules.v);
	lnr_strmap_done(&l->lists.by_name);
	lnr_strmap_done(&l->macros.by_name);
	lnr_strmap_done(&l->rules.by_name);
}
