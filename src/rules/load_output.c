/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output texts of rules with what the configuration adds to them (spec rules-language.md 5.4 steps
 * 3 to 8, engine-config-cli.md 2.5).
 */
#include "rules/load_priv.h"

#include "schema/limits.h"

/* Fields without meaning since enter events are gone, in the order they are reported (15.4). */
const char *const lnr_deprecated_fields[] = {"evt.dir", "evt.latency", "evt.latency.s",
	"evt.latency.ns", "evt.latency.human", "evt.wait_latency", NULL};

static bool has_tag(const struct lnr_rule_item *r, struct lnr_str tag)
{
	for (size_t i = 0; i < r->n_tags; i++) {
		if (lnr_str_eq(r->tags[i], tag))
			return true;
	}
	return false;
}

static bool applies(const struct lnr_append_output *a, const struct lnr_rule_item *r)
{
	if ((a->source.len && !lnr_str_eq(a->source, r->source)) ||
		(a->rule.len && !lnr_str_eq(a->rule, r->name)))
		return false;
	for (size_t i = 0; i < a->n_tags; i++) {
		if (!has_tag(r, a->tags[i]))
			return false;
	}
	return true;
}

/* A plugin may bring fields that are built in as well; one of the two is enough. */
static bool suggested_before(
	const struct lnr_loader_source *src, const struct lnr_field_class *cls, const char *name)
{
	size_t pos = 0;
	for (const struct lnr_field_class *c; (c = lnr_fieldset_next(src->fields, &pos)) != cls;) {
		for (const struct lnr_field *f = c->fields; f->name; f++) {
			if ((f->flags & LNR_FIELD_SUGGESTED) && strcmp(f->name, name) == 0)
				return true;
		}
	}
	return false;
}

/* " container_id=%container.id" for each field that its class suggests. */
static void add_suggested(const struct lnr_loader_source *src, struct lnr_buf *out)
{
	size_t pos = 0;
	for (const struct lnr_field_class *c; (c = lnr_fieldset_next(src->fields, &pos));) {
		for (const struct lnr_field *f = c->fields; f->name; f++) {
			if (!(f->flags & LNR_FIELD_SUGGESTED) || suggested_before(src, c, f->name))
				continue;
			lnr_buf_chr(out, ' ');
			for (const char *p = f->name; *p; p++)
				lnr_buf_chr(out, *p == '.' ? '_' : *p);
			lnr_buf_printf(out, "=%%%s", f->name);
		}
	}
}

/* What used to stand for container data: kept in old rules, means nothing any more. */
static const char container_info[] = "%container.info";

static int drop_container_info(
	struct lnr_loader *l, const struct lnr_rule_item *r, struct lnr_buf *text)
{
	struct lnr_str want = lnr_str_c(container_info), in = lnr_buf_view(text);
	ptrdiff_t hit = lnr_str_find(in, want);
	if (hit < 0)
		return 0;
	if (lnr_load_warn(l, LNR_LOAD_DEPRECATED_ITEM, r->ctx,
		    "%s in an output means nothing any more and is left out", container_info))
		return -ENOMEM;
	lnr_load_hint(l, false, "container fields are appended by append_output");
	size_t out = 0;
	char *p = text->ptr;
	for (; hit >= 0; hit = lnr_str_find(in, want)) {
		memmove(p + out, in.ptr, (size_t)hit);
		out += (size_t)hit;
		in = lnr_str_sub(in, (size_t)hit + want.len, in.len);
	}
	memmove(p + out, in.ptr, in.len);
	lnr_buf_cut(text, out + in.len);
	return 0;
}

static int warn_deprecated(struct lnr_loader *l, const struct lnr_rule_item *r, struct lnr_str text)
{
	for (const char *const *f = lnr_deprecated_fields; *f; f++) {
		if (lnr_str_find(text, lnr_str_c(*f)) < 0)
			continue;
		if (lnr_load_warn(l, LNR_LOAD_DEPRECATED_ITEM, r->output_ctx,
			    "the output uses the field '%s', which has no value any more", *f))
			return -ENOMEM;
		struct lnr_load_entry *e = lnr_load_last(l, false);
		if (e)
			e->deprecated_field = *f;
	}
	return 0;
}

static struct lnr_cond_opts cond_opts(struct lnr_loader *l, const struct lnr_rule_item *r)
{
	return (struct lnr_cond_opts){.fields = r->src->fields,
		.arena = &l->mem->arena,
		.async_names = r->src->async_names,
		.n_async_names = r->src->n_async_names,
		.interner = l->mem->interner};
}

/* Where in the output a refused token stands, when it is in the rule's own text. */
static void output_spot(struct lnr_loader *l, bool error, const struct lnr_rule_item *r,
	const struct lnr_cond_err *cerr)
{
	if (cerr->offset < r->output.buf.len)
		lnr_load_spot(l, error, lnr_place_text(&r->output, cerr->offset));
}

static int output_refused(struct lnr_loader *l, const struct lnr_rule_item *r, int rc,
	const struct lnr_cond_err *cerr)
{
	if (rc == -ENOMEM)
		return rc;
	if (rc == -ENOENT && r->skip_unknown) {
		rc = lnr_load_warn(l, LNR_LOAD_UNKNOWN_FILTER, r->output_ctx,
			"%s; the rule is left out", cerr->msg);
		output_spot(l, false, r, cerr);
		return rc ? rc : -ENOENT;
	}
	rc = lnr_load_error(l, LNR_LOAD_ERR_COMPILE_OUTPUT, r->output_ctx, "%s", cerr->msg);
	output_spot(l, true, r, cerr);
	return rc;
}

/* --- extra fields ---------------------------------------------------------------------------- */

static size_t count_extra(const struct lnr_loader *l, const struct lnr_rule_item *r)
{
	size_t n = 0;
	for (size_t i = 0; i < l->opts.n_append; i++) {
		if (applies(&l->opts.append[i], r))
			n += l->opts.append[i].n_fields;
	}
	return n;
}

static int compile_extra(struct lnr_loader *l, const struct lnr_rule_item *r,
	const struct lnr_str *kv, struct lnr_extra_field *ret, struct lnr_str *ret_text)
{
	const struct lnr_cond_opts o = cond_opts(l, r);
	struct lnr_cond_err cerr = {0};
	bool raw = kv[1].ptr == NULL; /* an empty format is an error, not a raw field */
	struct lnr_str text = kv[1];
	if (raw) {
		char *s = lnr_arena_printf(&l->mem->arena, "%%%.*s", LNR_STR_ARG(kv[0]));
		text = lnr_str_c(s);
	}
	*ret = (struct lnr_extra_field){.key = kv[0]};
	*ret_text = text;
	size_t used = 0;
	int rc = text.ptr ? lnr_format_compile(&o, text, &ret->format, &cerr) : -ENOMEM;
	if (!rc && raw) {
		rc = lnr_expr_compile_prefix(&o, kv[0], &ret->raw, &used, &cerr);
		if (!rc && used == kv[0].len)
			ret->format = NULL;
		else
			ret->raw = NULL; /* more than one field: shown as text */
	}
	if (!rc || rc == -ENOMEM)
		return rc;
	rc = lnr_load_error(l, LNR_LOAD_ERR_COMPILE_OUTPUT, r->output_ctx,
		"extra field '%.*s' of append_output: %s", LNR_STR_ARG(kv[0]), cerr.msg);
	return rc;
}

/* Of two entries with one key the later wins, in the place of the first. */
static int add_extra(struct lnr_loader *l, const struct lnr_rule_item *r, const struct lnr_str *kv,
	struct lnr_extra_field *v, struct lnr_str *texts, uint32_t *n)
{
	uint32_t i = 0;
	while (i < *n && !lnr_str_eq(v[i].key, kv[0]))
		i++;
	if (i == *n)
		++*n;
	return compile_extra(l, r, kv, &v[i], &texts[i]);
}

static int extra_fields(
	struct lnr_loader *l, const struct lnr_rule_item *r, struct lnr_compiled_rule *ret)
{
	size_t max = count_extra(l, r);
	uint32_t n = 0;
	if (!max)
		return 0;
	struct lnr_extra_field *v = lnr_arena_calloc(&l->mem->arena, max, sizeof(*v));
	struct lnr_str *texts = lnr_arena_calloc(&l->mem->arena, max, sizeof(*texts));
	if (!v || !texts)
		return -ENOMEM;
	int rc = 0;
	for (size_t i = 0; i < l->opts.n_append; i++) {
		const struct lnr_append_output *a = &l->opts.append[i];
		for (size_t k = 0; !rc && applies(a, r) && k < a->n_fields; k++)
			rc = add_extra(l, r, a->fields[k], v, texts, &n);
	}
	for (uint32_t i = 0; !rc && i < n; i++)
		rc = warn_deprecated(l, r, texts[i]);
	ret->rule.extra = v;
	ret->rule.n_extra = n;
	ret->extra_texts = texts;
	return rc;
}

/* --- the whole ------------------------------------------------------------------------------- */

int lnr_rule_output(struct lnr_loader *l, struct lnr_rule_item *r, struct lnr_compiled_rule *ret)
{
	struct lnr_buf *text = &l->text2;
	struct lnr_cond_err cerr = {0};
	lnr_buf_clear(text);
	lnr_buf_str(text, lnr_buf_view(&r->output.buf));
	for (size_t i = 0; i < l->opts.n_append; i++) {
		const struct lnr_append_output *a = &l->opts.append[i];
		if (!applies(a, r))
			continue;
		if (a->extra_output.len) {
			lnr_buf_chr(text, ' ');
			lnr_buf_str(text, a->extra_output);
		}
		if (a->suggested)
			add_suggested(r->src, text);
	}
	if (text->failed)
		return -ENOMEM;
	int rc = drop_container_info(l, r, text);
	if (rc)
		return rc;
	ret->output_text = lnr_arena_str(&l->mem->arena, lnr_buf_view(text));
	if (!ret->output_text.ptr)
		return -ENOMEM;
	const struct lnr_cond_opts o = cond_opts(l, r);
	rc = lnr_format_compile(&o, ret->output_text, &ret->rule.output, &cerr);
	if (rc)
		return output_refused(l, r, rc, &cerr);
	rc = warn_deprecated(l, r, ret->output_text);
	return rc ? rc : extra_fields(l, r, ret);
}
