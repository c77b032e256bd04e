/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the collector to compiled rules (spec rules-language.md 5.4). */
#include "rules/load_priv.h"

#include <stdlib.h>
#include "schema/limits.h"

/* --- remarks about a condition ------------------------------------------------------------------
 */

/* A deprecated field, or an unsafe comparison, is said once for each rule. */
struct remarks {
	uint32_t deprecated; /* bits, indexes into lnr_deprecated_fields */
	bool unsafe_na;
};

static void look_at_field(struct remarks *r, struct lnr_str name)
{
	for (unsigned i = 0; lnr_deprecated_fields[i]; i++) {
		if (lnr_str_eq(name, lnr_str_c(lnr_deprecated_fields[i])))
			r->deprecated |= 1u << i;
	}
}

/* Left sides only, with the arguments of transformers, but not what is in list literals. */
static void look_at_left(struct remarks *r, const struct lnr_ast *n)
{
	if (n->kind == LNR_AST_FIELD)
		look_at_field(r, n->value);
	if (n->kind != LNR_AST_TRANSFORMER)
		return;
	for (uint32_t i = 0; i < n->n_kids; i++)
		look_at_left(r, n->kids[i]);
}

static bool is_na(const struct lnr_ast *n)
{
	if (n->kind == LNR_AST_CONST)
		return lnr_str_eq(n->value, LNR_STR("<NA>"));
	if (n->kind != LNR_AST_LIST)
		return false;
	for (uint32_t i = 0; i < n->n_kids; i++) {
		if (is_na(n->kids[i]))
			return true;
	}
	return false;
}

static bool compares_na(const struct lnr_ast *check)
{
	static const char *const ops[] = {"=", "==", "!=", "in", "intersects", "pmatch"};
	const struct lnr_ast *left = check->kids[0];
	if (check->n_kids < 2 || check->mod.len || left->kind != LNR_AST_FIELD ||
		!(lnr_str_starts(left->value, LNR_STR("ka.")) ||
			lnr_str_starts(left->value, LNR_STR("jevt."))))
		return false;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(ops); i++) {
		if (lnr_str_eq(check->op, lnr_str_c(ops[i])))
			return is_na(check->kids[1]);
	}
	return false;
}

static int look_at_check(const struct lnr_ast *n, const struct lnr_ast *parent, void *user)
{
	struct remarks *r = user;
	(void)parent;
	if (n->kind == LNR_AST_CHECK) {
		look_at_left(r, n->kids[0]);
		r->unsafe_na = r->unsafe_na || compares_na(n);
	}
	return 0;
}

static int remark(struct lnr_loader *l, const struct lnr_rule_item *r, const struct lnr_parsed *p)
{
	struct remarks found = {0};
	lnr_ast_walk(p->expanded, look_at_check, &found);
	if (!found.deprecated && !found.unsafe_na)
		return 0;
	const struct lnr_ctx *ctx = lnr_ctx_condition(l, r->cond_ctx, p->text, 0, 0, 0);
	if (found.unsafe_na) {
		if (lnr_load_warn(l, LNR_LOAD_UNSAFE_NA_CHECK, ctx,
			    "a field is compared with the text <NA>, which a missing value never "
			    "equals"))
			return -ENOMEM;
		lnr_load_hint(l, false, "test for a missing value with: not FIELD exists");
	}
	for (unsigned i = 0; lnr_deprecated_fields[i]; i++) {
		if (!(found.deprecated >> i & 1))
			continue;
		if (lnr_load_warn(l, LNR_LOAD_DEPRECATED_ITEM, ctx,
			    i == 0 ? "the condition tests '%s', but all events are exit events "
				     "now: "
				     "'=' with < is always true, with > always false"
				   : "the condition uses the field '%s', which has no value any "
				     "more",
			    lnr_deprecated_fields[i]))
			return -ENOMEM;
		struct lnr_load_entry *e = lnr_load_last(l, false);
		if (e)
			e->deprecated_field = lnr_deprecated_fields[i];
	}
	return 0;
}

/* --- hints of the compiler ---------------------------------------------------------------------
 */

/* They count only when the rule compiles: kept aside until then. */
struct hints {
	struct lnr_loader *l;
	const struct lnr_rule_item *rule;
	const struct lnr_parsed *p;
	struct lnr_load_list list;
	bool no_memory;
};

static struct lnr_load_entry *make_entry(struct lnr_loader *l, enum lnr_load_code code,
	const struct lnr_ctx *ctx, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static struct lnr_load_entry *make_entry(struct lnr_loader *l, enum lnr_load_code code,
	const struct lnr_ctx *ctx, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct lnr_load_entry *e = lnr_load_entry_new(l, code, ctx, fmt, ap);
	va_end(ap);
	return e;
}

static void on_hint(void *user, const struct lnr_ast *node, const char *msg)
{
	struct hints *h = user;
	if (h->list.n >= LNR_RULES_WARNINGS)
		return;
	const struct lnr_ctx *ctx = lnr_ctx_condition(
		h->l, h->rule->cond_ctx, h->p->text, node->offset, node->line, node->column);
	struct lnr_load_entry *e = make_entry(h->l, LNR_LOAD_COMPILE_CONDITION, ctx, "%s", msg);
	if (!e) {
		h->no_memory = true;
		return;
	}
	struct lnr_spot spot = lnr_place_node(h->l, h->rule, node, msg);
	if (spot.file)
		e->spot = spot;
	lnr_load_list_add(&h->list, e);
}

/* --- conditions --------------------------------------------------------------------------------
 */

static int condition_refused(struct lnr_loader *l, const struct lnr_rule_item *r,
	const struct lnr_parsed *p, int rc, const struct lnr_cond_err *cerr)
{
	if (rc == -ENOMEM)
		return rc;
	const struct lnr_ast *n = cerr->node;
	const struct lnr_ctx *ctx = lnr_ctx_condition(
		l, r->cond_ctx, p->text, cerr->offset, cerr->line, cerr->column);
	struct lnr_spot spot = n ? lnr_place_node(l, r, n, cerr->msg)
				 : lnr_place_condition(l, r, p->text.ptr + cerr->offset, 0);
	if (rc == -ENOENT && r->skip_unknown) {
		rc = lnr_load_warn(
			l, LNR_LOAD_UNKNOWN_FILTER, ctx, "%s; the rule is left out", cerr->msg);
		lnr_load_spot(l, false, spot);
		return rc ? rc : -ENOENT;
	}
	rc = lnr_load_error(l, LNR_LOAD_ERR_COMPILE_CONDITION, ctx, "%s", cerr->msg);
	lnr_load_spot(l, true, spot);
	return rc;
}

static int compile_condition(
	struct lnr_loader *l, struct lnr_rule_item *r, struct lnr_compiled_rule *done)
{
	struct lnr_parsed *p = &done->parsed;
	struct hints h = {.l = l, .rule = r, .p = p};
	struct lnr_cond_err cerr = {0};
	lnr_load_list_init(&h.list);
	int rc = remark(l, r, p);
	if (rc)
		return rc;
	const struct lnr_cond_opts o = {.fields = r->src->fields,
		.arena = &l->mem->arena,
		.async_names = r->src->async_names,
		.n_async_names = r->src->n_async_names,
		.warn = on_hint,
		.user = &h,
		.interner = l->mem->interner};
	rc = lnr_cond_compile(&o, p->expanded, &done->rule.cond, &cerr);
	if (rc)
		return condition_refused(l, r, p, rc, &cerr);
	return h.no_memory ? -ENOMEM : lnr_load_repeat(l, &h.list);
}

/* --- event types -------------------------------------------------------------------------------
 */

static void add_event(struct lnr_evset *s, unsigned type)
{
	s->bits[type / 8] |= (uint8_t)(1u << type % 8);
}

static int event_types(
	struct lnr_loader *l, const struct lnr_rule_item *r, struct lnr_compiled_rule *done)
{
	struct lnr_cond_err cerr = {0};
	struct lnr_rule *rule = &done->rule;
	const struct lnr_parsed *p = &done->parsed;
	add_event(&rule->events, LNR_EV_ASYNCEVENT_E);
	if (!lnr_str_eq(r->source, LNR_STR("syscall"))) {
		add_event(&rule->events, LNR_EV_PLUGINEVENT_E);
		return 0;
	}
	struct lnr_evset own;
	int rc = lnr_ast_events(
		p->expanded, r->src->async_names, r->src->n_async_names, &own, &cerr);
	if (!rc)
		rc = lnr_ast_syscalls(p->expanded, &rule->syscalls);
	if (rc)
		return condition_refused(l, r, p, rc == -ENOENT ? -EINVAL : rc, &cerr);
	unsigned n = lnr_evset_count(&own);
	for (size_t i = 0; i < sizeof(own.bits); i++)
		rule->events.bits[i] |= own.bits[i];
	if ((n && n <= 100) || !r->warn_evttypes)
		return 0;
	rc = lnr_load_warn(l, LNR_LOAD_NO_EVTTYPE, r->ctx,
		n ? "the condition of rule '%.*s' matches too many event types: it is evaluated "
		    "for nearly every event"
		  : "the condition of rule '%.*s' cannot match any event type",
		LNR_STR_ARG(r->name));
	lnr_load_hint(l, false,
		"begin the condition with evt.type, or set 'warn_evttypes: false' if this is "
		"meant");
	return rc;
}

/* --- one rule ----------------------------------------------------------------------------------
 */

static int copy_str(struct lnr_loader *l, struct lnr_str in, struct lnr_str *ret)
{
	*ret = lnr_arena_str(&l->mem->arena, in);
	return ret->ptr ? 0 : -ENOMEM;
}

/* What a rule is besides its condition. */
static int copy_facts(struct lnr_loader *l, const struct lnr_rule_item *r, struct lnr_rule *rule)
{
	int rc = copy_str(l, r->name, &rule->name);
	if (!rc)
		rc = copy_str(l, r->source, &rule->source);
	if (!rc)
		rc = copy_str(l, lnr_buf_view(&r->desc.buf), &rule->desc);
	rule->tags = lnr_arena_calloc(&l->mem->arena, r->n_tags + 1, sizeof(*rule->tags));
	if (!rule->tags)
		return -ENOMEM;
	for (size_t i = 0; !rc && i < r->n_tags; i++)
		rc = copy_str(l, r->tags[i], &rule->tags[i]);
	rule->n_tags = (uint32_t)r->n_tags;
	rule->priority = r->priority;
	rule->capture = r->capture;
	rule->capture_duration_ms = r->capture_duration_ms;
	return rc;
}

static int keep(struct lnr_loader *l, struct lnr_rule_item *r)
{
	if (l->n_built == l->cap_built) {
		uint32_t cap = l->cap_built ? l->cap_built * 2 : 128;
		void *p = reallocarray(l->built, cap, sizeof(*l->built));
		if (!p)
			return -ENOMEM;
		l->built = p;
		l->cap_built = cap;
	}
	r->compiled = true;
	r->id = l->n_built;
	r->done.rule.id = r->id;
	l->built[l->n_built++] = r->done.rule;
	return 0;
}

/* A fresh start for what compiling gives; the parsed condition stays. */
static int compile_output(struct lnr_loader *l, struct lnr_rule_item *r)
{
	r->done.valid = false;
	memset(&r->done.rule, 0, sizeof(r->done.rule));
	return lnr_rule_output(l, r, &r->done);
}

/*
 * The order of steps is visible: of an output and a condition that are both wrong the output is
 * reported. Nothing but macros, lists and this rule's own items can change what comes out, so an
 * unchanged parse means that the result of an earlier file still holds.
 */
static int compile_rule(struct lnr_loader *l, struct lnr_rule_item *r)
{
	struct lnr_compiled_rule *done = &r->done;
	struct lnr_load_entry **before = l->result->warnings.end;
	unsigned n_before = l->result->warnings.n;
	bool known = done->valid;
	lnr_buf_clear(&l->text);
	int rc = lnr_exceptions_text(l, r, &l->text, NULL);
	if (!rc && l->text.failed)
		rc = -ENOMEM;
	if (!rc && !known)
		rc = compile_output(l, r);
	if (!rc)
		rc = lnr_parse_condition(l, lnr_buf_view(&l->text), r->cond_ctx, r, &done->parsed);
	if (!rc)
		rc = lnr_macros_expand(l, r, &done->parsed);
	if (rc)
		return rc;
	if (known && done->version == done->parsed.version) {
		rc = lnr_load_repeat(l, &done->warnings);
		return rc ? rc : keep(l, r);
	}
	if (known)
		rc = compile_output(l, r);
	if (!rc)
		rc = compile_condition(l, r, done);
	if (!rc)
		rc = event_types(l, r, done);
	if (!rc)
		rc = copy_facts(l, r, &done->rule);
	if (rc)
		return rc;
	done->warnings.n = l->result->warnings.n - n_before;
	done->warnings.first = done->warnings.n ? *before : NULL;
	done->version = done->parsed.version;
	done->valid = true;
	return keep(l, r);
}

static int warn_unused(struct lnr_loader *l)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < l->macros.n; i++) {
		const struct lnr_macro_item *m = l->macros.v[i];
		if (!m->used)
			rc = lnr_load_warn(l, LNR_LOAD_UNUSED_MACRO, m->ctx,
				"nothing refers to macro '%.*s'", LNR_STR_ARG(m->name));
	}
	for (size_t i = 0; !rc && i < l->lists.n; i++) {
		const struct lnr_list_item *list = l->lists.v[i];
		if (!list->used)
			rc = lnr_load_warn(l, LNR_LOAD_UNUSED_LIST, list->ctx,
				"nothing refers to list '%.*s'", LNR_STR_ARG(list->name));
	}
	return rc;
}

int lnr_rules_compile(struct lnr_loader *l)
{
	lnr_arena_reset(&l->scratch);
	l->n_built = 0;
	int rc = lnr_lists_compile(l);
	if (!rc)
		rc = lnr_macros_compile(l);
	for (size_t i = 0; i < l->rules.n; i++)
		((struct lnr_rule_item *)l->rules.v[i])->compiled = false;
	for (size_t i = 0; !rc && i < l->rules.n; i++) {
		struct lnr_rule_item *r = l->rules.v[i];
		int one = r->src ? compile_rule(l, r) : 0;
		if (one != -ENOENT && one != -ECANCELED && !lnr_load_go_on(l, one))
			rc = one;
	}
	if (rc || l->failed)
		return rc ? rc : -EINVAL;
	return warn_unused(l);
}
