/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Condition texts to trees, and macros put in place (spec rules-language.md 5.3).
 *
 * Macros are parsed first, all of them; then each gets its turn in order of definition. A macro may
 * name one that has its turn later (it was defined before the first was touched again); loops are
 * looked for along such names only, because what had its turn is free of them.
 */
#include "rules/load_priv.h"

#include "schema/limits.h"

/* --- parsing --------------------------------------------------------------------------------- */

static int too_large(struct lnr_loader *l, const struct lnr_ctx *ctx)
{
	return lnr_load_error(l, LNR_LOAD_ERR_COMPILE_CONDITION, ctx,
		"the condition is too large once lists are put in (more than %u MiB, or too many "
		"lists in too much text)",
		LNR_COND_BYTES >> 20);
}

static int syntax_error(struct lnr_loader *l, const struct lnr_parsed *p,
	const struct lnr_ctx *cond_ctx, const struct lnr_rule_item *rule,
	const struct lnr_cond_err *cerr)
{
	const struct lnr_ctx *ctx = lnr_ctx_condition(
		l, cond_ctx, p->text, cerr->offset, cerr->line, cerr->column);
	int rc = lnr_load_error(l, LNR_LOAD_ERR_COMPILE_CONDITION, ctx, "%s", cerr->msg);
	struct lnr_spot spot = lnr_place_condition(l, rule, p->text.ptr + cerr->offset, 0);
	lnr_load_spot(l, true, spot);
	if (spot.inserted) {
		struct lnr_str name = lnr_str_sub(
			spot.file->text, spot.offset, spot.offset + spot.len);
		lnr_load_hint(l, true, "the entries of list '%.*s' stand here", LNR_STR_ARG(name));
	}
	return rc;
}

static int count_ref(const struct lnr_ast *n, const struct lnr_ast *parent, void *user)
{
	(void)parent;
	*(size_t *)user += n->kind == LNR_AST_MACRO;
	return 0;
}

static int store_ref(const struct lnr_ast *n, const struct lnr_ast *parent, void *user)
{
	struct lnr_parsed *p = user;
	(void)parent;
	if (n->kind == LNR_AST_MACRO)
		p->refs[p->n_refs++].node = n;
	return 0;
}

static int collect_refs(struct lnr_loader *l, struct lnr_parsed *p)
{
	size_t n = 0;
	p->n_refs = 0;
	p->refs = NULL;
	if (!p->ast->has_macro)
		return 0;
	lnr_ast_walk(p->ast, count_ref, &n);
	p->refs = lnr_arena_calloc(&l->arena, n, sizeof(*p->refs));
	if (!p->refs)
		return -ENOMEM;
	lnr_ast_walk(p->ast, store_ref, p);
	return 0;
}

int lnr_parse_condition(struct lnr_loader *l, struct lnr_str text, const struct lnr_ctx *cond_ctx,
	const struct lnr_rule_item *rule, struct lnr_parsed *p)
{
	struct lnr_str sub;
	int rc = lnr_lists_substitute(l, text, &sub, NULL);
	if (rc)
		return rc == -E2BIG ? too_large(l, cond_ctx) : rc;
	if (p->ast && lnr_str_eq(p->text, sub))
		return 0;
	struct lnr_cond_err cerr = {0};
	p->ast = p->expanded = NULL;
	p->text = lnr_arena_str(&l->mem->arena, sub);
	if (!p->text.ptr)
		return -ENOMEM;
	rc = lnr_cond_parse(&l->mem->arena, p->text, LNR_COND_DEPTH, &p->ast, &cerr);
	if (!rc)
		return collect_refs(l, p);
	p->ast = NULL;
	return rc == -ENOMEM ? rc : syntax_error(l, p, cond_ctx, rule, &cerr);
}

/* --- references that do not work ---------------------------------------------------------------
 */

static int bad_ref(struct lnr_loader *l, const struct lnr_parsed *p, const struct lnr_ctx *ctx,
	const struct lnr_rule_item *rule, const struct lnr_ast *node, const char *fmt,
	struct lnr_str name)
{
	const struct lnr_ctx *cctx = lnr_ctx_condition(
		l, ctx, p->text, node->offset, node->line, node->column);
	int rc = lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, cctx, fmt, LNR_STR_ARG(name));
	lnr_load_spot(l, true, lnr_place_condition(l, rule, node->text.ptr, node->text.len));
	return rc;
}

static int undefined(struct lnr_loader *l, const struct lnr_parsed *p, const struct lnr_ctx *ctx,
	const struct lnr_rule_item *rule, const struct lnr_ast *node)
{
	int rc = bad_ref(l, p, ctx, rule, node, "there is no macro '%.*s'", node->text);
	struct lnr_suggest s;
	struct lnr_str best, key;
	void *m;
	size_t pos = 0;
	if (lnr_item_find(&l->macros, node->text))
		lnr_load_hint(
			l, true, "a macro of that name comes later; move it before this macro");
	else if (lnr_item_find(&l->lists, node->text))
		lnr_load_hint(l, true, "'%.*s' is a list: write FIELD in (%.*s)",
			LNR_STR_ARG(node->text), LNR_STR_ARG(node->text));
	else {
		lnr_suggest_init(l, &s, node->text);
		while (lnr_strmap_next(&l->macros.by_name, &pos, &key, &m))
			lnr_suggest_offer(&s, key);
		if (lnr_suggest_best(&s, &best))
			lnr_load_hint(l, true, "did you mean '%.*s'?", LNR_STR_ARG(best));
	}
	return rc;
}

static int too_deep(struct lnr_loader *l, const struct lnr_parsed *p, const struct lnr_ctx *ctx,
	const struct lnr_rule_item *rule, const struct lnr_ast *node)
{
	return bad_ref(l, p, ctx, rule, node,
		"with its macros in place the condition of '%.*s' is too large or nested too deep",
		ctx->name);
}

/* --- expansion ------------------------------------------------------------------------------- */

static const struct lnr_ast *find_expanded(struct lnr_str name, void *user)
{
	const struct lnr_loader *l = user;
	const struct lnr_macro_item *m = lnr_item_find(&l->macros, name);
	return m ? m->parsed.expanded : NULL;
}

/* All its macros are expanded: put them in place unless that was done and nothing changed. */
static int expand(struct lnr_loader *l, struct lnr_parsed *p, const struct lnr_ast **ret_node)
{
	bool same = p->expanded != NULL;
	for (size_t i = 0; i < p->n_refs; i++) {
		struct lnr_macro_ref *ref = &p->refs[i];
		struct lnr_macro_item *m = lnr_item_find(&l->macros, ref->node->text);
		m->used = true;
		same = same && ref->macro == m && ref->version == m->parsed.version;
		ref->macro = m;
		ref->version = m->parsed.version;
	}
	if (same)
		return 0;
	p->expanded = NULL;
	int rc = lnr_ast_expand(&l->mem->arena, p->ast, find_expanded, l, &p->expanded, ret_node);
	if (rc)
		p->expanded = NULL;
	p->version++;
	return rc;
}

/* What a walk along the names of one macro found first. */
struct walk {
	const struct lnr_macro_item *start;
	const struct lnr_ast *loop, *unknown;
	struct lnr_str loop_name;
	bool broken; /* names one that was reported */
	struct step {
		struct lnr_macro_item *m;
		size_t next;
	} * steps;
	size_t n, cap;
};

static int enter(struct walk *w, struct lnr_macro_item *m)
{
	if (w->n == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 16;
		void *p = reallocarray(w->steps, cap, sizeof(*w->steps));
		if (!p)
			return -ENOMEM;
		w->steps = p;
		w->cap = cap;
	}
	w->steps[w->n++] = (struct step){m, 0};
	return 0;
}

/* Look at one name; enter the macro when it has not had its turn. */
static int follow(struct lnr_loader *l, struct walk *w, const struct lnr_ast *node)
{
	struct lnr_macro_item *m = lnr_item_find(&l->macros, node->text);
	if (!m || m->index >= w->start->visibility) {
		if (!w->unknown)
			w->unknown = node;
		return 0;
	}
	if (m->broken || !m->parsed.ast) {
		w->broken = true;
		return 0;
	}
	if (m->resolved)
		return 0;
	if (m->visiting) {
		if (!w->loop) {
			w->loop = node;
			w->loop_name = m->name;
		}
		return 0;
	}
	if (m->visited == w->start->seq + 1)
		return 0;
	m->visited = w->start->seq + 1;
	m->visiting = true;
	return enter(w, m);
}

static bool clean(const struct walk *w)
{
	return !w->loop && !w->unknown && !w->broken;
}

/* Depth first, without recursion: a chain may be as long as there are macros. */
static int walk_names(struct lnr_loader *l, struct walk *w, const struct lnr_ast **ret_node)
{
	int rc = enter(w, (struct lnr_macro_item *)w->start);
	while (!rc && w->n) {
		struct step *s = &w->steps[w->n - 1];
		struct lnr_macro_item *m = s->m;
		if (s->next < m->parsed.n_refs) {
			rc = follow(l, w, m->parsed.refs[s->next++].node);
			continue;
		}
		m->visiting = false;
		w->n--;
		if (clean(w) && !m->fresh) {
			rc = expand(l, &m->parsed, ret_node);
			m->fresh = !rc;
		}
	}
	while (w->n)
		w->steps[--w->n].m->visiting = false;
	return rc;
}

static int resolve(struct lnr_loader *l, struct lnr_macro_item *m)
{
	struct walk w = {.start = m};
	const struct lnr_ast *node = NULL;
	int rc = walk_names(l, &w, &node);
	free(w.steps);
	if (rc == -E2BIG)
		return too_deep(l, &m->parsed, m->ctx, NULL, node);
	if (rc)
		return rc;
	if (w.loop)
		return bad_ref(l, &m->parsed, m->ctx, NULL, w.loop,
			"macro '%.*s' refers to itself, directly or through others", w.loop_name);
	if (w.unknown)
		return undefined(l, &m->parsed, m->ctx, NULL, w.unknown);
	if (w.broken)
		return -ECANCELED;
	m->resolved = true;
	return 0;
}

int lnr_macros_compile(struct lnr_loader *l)
{
	for (size_t i = 0; i < l->macros.n; i++) {
		struct lnr_macro_item *m = l->macros.v[i];
		m->used = m->broken = m->fresh = m->resolved = m->visiting = false;
		m->visited = 0;
		int rc = lnr_parse_condition(
			l, lnr_buf_view(&m->cond.buf), m->cond_ctx, NULL, &m->parsed);
		m->broken = rc != 0;
		if (!lnr_load_go_on(l, rc))
			return rc;
	}
	for (size_t i = 0; i < l->macros.n; i++) {
		struct lnr_macro_item *m = l->macros.v[i];
		int rc = m->broken ? 0 : resolve(l, m);
		m->broken = m->broken || rc;
		if (rc != -ECANCELED && !lnr_load_go_on(l, rc))
			return rc;
	}
	return 0;
}

int lnr_macros_expand(struct lnr_loader *l, const struct lnr_rule_item *rule, struct lnr_parsed *p)
{
	const struct lnr_ast *node = NULL;
	bool broken = false;
	for (size_t i = 0; i < p->n_refs; i++) {
		const struct lnr_macro_item *m = lnr_item_find(&l->macros, p->refs[i].node->text);
		if (!m)
			return undefined(l, p, rule->ctx, rule, p->refs[i].node);
		broken = broken || m->broken;
	}
	if (broken)
		return -ECANCELED;
	int rc = expand(l, p, &node);
	return rc == -E2BIG ? too_deep(l, p, rule->ctx, rule, node) : rc;
}
