/* SPDX-License-Identifier: Apache-2.0 */
/* What a condition, rule, macro or list consists of (spec rules-language.md 14). */
#include "rules/describe_priv.h"

#include <stdlib.h>
#include "schema/limits.h"

/* --- sets of names --------------------------------------------------------------------------- */

void lnr_described_add(struct lnr_describer *d, struct lnr_described *s, struct lnr_str name)
{
	if (s->n == s->cap) {
		/* The same names come again and again: sorting may make room. */
		lnr_described_sort(s);
		size_t cap = s->n * 2 >= s->cap ? 2 * s->cap + 16 : s->cap;
		if (cap > s->cap) {
			struct lnr_str *v = lnr_arena_calloc(&d->arena, cap, sizeof(*v));
			if (!v) {
				d->failed = true;
				return;
			}
			if (s->n)
				memcpy(v, s->v, s->n * sizeof(*v));
			s->v = v;
			s->cap = cap;
		}
	}
	s->v[s->n++] = name;
}

static int cmp(const void *a, const void *b)
{
	return lnr_str_cmp(*(const struct lnr_str *)a, *(const struct lnr_str *)b);
}

void lnr_described_sort(struct lnr_described *s)
{
	size_t n = 0;
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), cmp);
	for (size_t i = 0; i < s->n; i++) {
		if (!n || s->multiple || !lnr_str_eq(s->v[n - 1], s->v[i]))
			s->v[n++] = s->v[i];
	}
	s->n = n;
}

static bool names_has(const struct lnr_described *s, struct lnr_str name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (lnr_str_eq(s->v[i], name))
			return true;
	}
	return false;
}

/* --- trees ----------------------------------------------------------------------------------- */

struct look {
	struct lnr_describer *d;
	struct lnr_cond_details *c;
};

/* "proc.aname[2]"; an empty argument does not show. */
static struct lnr_str field_text(struct lnr_describer *d, const struct lnr_ast *n)
{
	if (!n->arg.len)
		return n->value;
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	lnr_buf_str(&b, n->value);
	lnr_buf_chr(&b, '[');
	lnr_buf_str(&b, n->arg);
	lnr_buf_chr(&b, ']');
	struct lnr_str s = b.failed ? (struct lnr_str){0}
				    : lnr_arena_str(&d->arena, lnr_buf_view(&b));
	lnr_buf_done(&b);
	d->failed = d->failed || !s.ptr;
	return s.ptr ? s : LNR_STR("");
}

static void add_constants(struct look *k, struct lnr_described *to, const struct lnr_ast *n)
{
	if (n->kind == LNR_AST_CONST)
		lnr_described_add(k->d, to, n->value);
	if (n->kind != LNR_AST_LIST)
		return;
	for (uint32_t i = 0; i < n->n_kids; i++)
		add_constants(k, to, n->kids[i]);
}

static bool is_name_field(const struct lnr_ast *n)
{
	return n->kind == LNR_AST_FIELD && (lnr_str_eq(n->value, LNR_STR("evt.type")) ||
						   lnr_str_eq(n->value, LNR_STR("evt.asynctype")));
}

/* Of the tree that was compiled: fields, operators, names of events. */
static int look_compiled(const struct lnr_ast *n, const struct lnr_ast *parent, void *user)
{
	struct look *k = user;
	(void)parent;
	if (n->kind == LNR_AST_FIELD)
		lnr_described_add(k->d, &k->c->fields, field_text(k->d, n));
	if (n->kind != LNR_AST_CHECK)
		return 0;
	struct lnr_str op = n->op;
	if (n->mod.len) {
		char *s = lnr_arena_printf(
			&k->d->arena, "%.*s %.*s", LNR_STR_ARG(n->op), LNR_STR_ARG(n->mod));
		k->d->failed = k->d->failed || !s;
		op = s ? lnr_str_c(s) : op;
	}
	lnr_described_add(k->d, &k->c->operators, op);
	if (n->n_kids > 1 && is_name_field(n->kids[0]))
		add_constants(k, &k->c->event_names, n->kids[1]);
	return 0;
}

/* Of the tree as written: macros, and lists named in parentheses on a right side. */
static int look_written(const struct lnr_ast *n, const struct lnr_ast *parent, void *user)
{
	struct look *k = user;
	(void)parent;
	if (n->kind == LNR_AST_MACRO && lnr_item_find(&k->d->l->macros, n->text))
		lnr_described_add(k->d, &k->c->macros, n->text);
	if (n->kind != LNR_AST_CHECK || n->n_kids < 2 || n->kids[1]->kind != LNR_AST_LIST)
		return 0;
	const struct lnr_ast *list = n->kids[1];
	for (uint32_t i = 0; i < list->n_kids; i++) {
		struct lnr_str name = list->kids[i]->value;
		if (list->kids[i]->kind == LNR_AST_CONST && lnr_item_find(&k->d->l->lists, name))
			lnr_described_add(k->d, &k->c->lists, name);
	}
	return 0;
}

/* --- events ---------------------------------------------------------------------------------- */

/* In old captures the two calls share an event, so that one never comes without the other. */
static void pair_accepts(struct lnr_describer *d, struct lnr_described *ret)
{
	if (names_has(ret, LNR_STR("accept")))
		lnr_described_add(d, ret, LNR_STR("accept4"));
	else if (names_has(ret, LNR_STR("accept4")))
		lnr_described_add(d, ret, LNR_STR("accept"));
}

static void add_event_names(struct lnr_describer *d, const struct lnr_evset *events,
	const struct lnr_scset *calls, struct lnr_described *ret)
{
	/* The two generic codes stand for calls without events of their own, which come by name. */
	for (unsigned t = LNR_EV_GENERIC_X + 1; t < LNR_EVENT_COUNT; t++) {
		if (lnr_evset_has(events, t))
			lnr_described_add(d, ret, lnr_str_c(lnr_event_info(t)->name));
	}
	for (unsigned code = 0; code < 8 * LNR_SCSET_BYTES; code++) {
		const struct lnr_syscall_info *sc = lnr_syscall_info(code);
		if (sc && sc->exit_event <= LNR_EV_GENERIC_X &&
			(calls->bits[code / 8] >> (code % 8) & 1))
			lnr_described_add(d, ret, lnr_str_c(sc->name));
	}
	lnr_described_sort(ret);
	pair_accepts(d, ret);
	lnr_described_sort(ret);
}

static void describe_events(struct lnr_describer *d, const struct lnr_ast *ast,
	const struct lnr_loader_source *src, struct lnr_described *ret)
{
	struct lnr_evset events = {{0}};
	struct lnr_scset calls = {{0}};
	struct lnr_cond_err cerr;
	const struct lnr_loader_source *s = src ? src : d->l->opts.sources;
	if (src && !lnr_str_eq(src->name, LNR_STR("syscall")))
		events.bits[LNR_EV_PLUGINEVENT_E / 8] |= 1u << LNR_EV_PLUGINEVENT_E % 8;
	else if (d->l->opts.n_sources &&
		 !lnr_ast_events(ast, s->async_names, s->n_async_names, &events, &cerr))
		d->failed = lnr_ast_syscalls(ast, &calls) == -ENOMEM || d->failed;
	events.bits[LNR_EV_ASYNCEVENT_E / 8] |= 1u << LNR_EV_ASYNCEVENT_E % 8;
	add_event_names(d, &events, &calls, ret);
}

void lnr_describe_condition(struct lnr_describer *d, struct lnr_str source,
	const struct lnr_ast *expanded, const struct lnr_loader_source *src,
	struct lnr_cond_details *ret)
{
	struct look k = {d, ret};
	const struct lnr_ast *written;
	struct lnr_cond_err cerr;
	*ret = (struct lnr_cond_details){0};
	int rc = lnr_cond_parse(&d->arena, source, LNR_COND_DEPTH, &written, &cerr);
	if (!rc)
		lnr_ast_walk(written, look_written, &k);
	d->failed = d->failed || rc == -ENOMEM;
	lnr_ast_walk(expanded, look_compiled, &k);
	lnr_described_sort(&ret->macros);
	lnr_described_sort(&ret->lists);
	lnr_described_sort(&ret->fields);
	lnr_described_sort(&ret->operators);
	lnr_described_sort(&ret->event_names);
	describe_events(d, expanded, src, &ret->events);
}

/* --- plugins --------------------------------------------------------------------------------- */

static bool str_in(const struct lnr_str *v, size_t n, struct lnr_str s)
{
	for (size_t i = 0; i < n; i++) {
		if (lnr_str_eq(v[i], s))
			return true;
	}
	return false;
}

static bool names_field(const struct lnr_described *fields, struct lnr_str name)
{
	for (size_t i = 0; i < fields->n; i++) {
		ptrdiff_t bracket = lnr_str_chr(fields->v[i], '[');
		struct lnr_str f = bracket < 0 ? fields->v[i]
					       : lnr_str_sub(fields->v[i], 0, (size_t)bracket);
		if (lnr_str_eq(f, name))
			return true;
	}
	return false;
}

static bool needs_plugin(const struct lnr_loader_plugin *p, const struct lnr_rule_item *r,
	const struct lnr_cond_details *c, const struct lnr_described *output_fields)
{
	if (p->source.len && lnr_str_eq(p->source, r->source))
		return true;
	if (p->fields && str_in(p->field_sources, p->n_field_sources, r->source)) {
		for (const struct lnr_field *f = p->fields->fields; f->name; f++) {
			struct lnr_str name = lnr_str_c(f->name);
			if (names_field(&c->fields, name) || names_field(output_fields, name))
				return true;
		}
	}
	if (!str_in(p->async_sources, p->n_async_sources, r->source))
		return false;
	for (size_t i = 0; i < p->n_async_names; i++) {
		if (names_has(&c->event_names, p->async_names[i]))
			return true;
	}
	return false;
}

void lnr_describe_plugins(struct lnr_describer *d, const struct lnr_rule_item *r,
	const struct lnr_cond_details *c, const struct lnr_described *output_fields,
	struct lnr_described *ret)
{
	const struct lnr_loader *l = d->l;
	for (size_t i = 0; i < l->opts.n_plugins; i++) {
		if (needs_plugin(&l->opts.plugins[i], r, c, output_fields))
			lnr_described_add(d, ret, l->opts.plugins[i].name);
	}
	lnr_described_sort(ret);
}

const struct lnr_rule_item *lnr_describe_find(struct lnr_loader *l, const char *name)
{
	const struct lnr_rule_item *r = lnr_item_find(&l->rules, lnr_str_c(name));
	return r && r->compiled ? r : NULL;
}
