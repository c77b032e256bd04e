/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which events and system calls a condition can match (spec rules-language.md 11). Negation is
 * pushed to the leaves; a leaf that says nothing about the type of the event leaves all of them,
 * negated or not.
 */
#include "rules/cond.h"

#include <stdio.h>
#include <string.h>

/* Either kind of set, as words. */
#define WORDS 8
struct set {
	uint64_t w[WORDS];
};

_Static_assert(sizeof(struct set) >= sizeof(struct lnr_evset), "all event types fit");
_Static_assert(sizeof(struct set) >= sizeof(struct lnr_scset), "all system calls fit");

struct deriver {
	struct set all;
	/* Add what one name stands for. */
	void (*add)(const struct deriver *d, struct set *s, struct lnr_str name);
	const struct lnr_str *async_names;
	size_t n_async;
};

static void put(struct set *s, unsigned n)
{
	if (n < WORDS * 64)
		s->w[n / 64] |= UINT64_C(1) << n % 64;
}

/* --- names --------------------------------------------------------------------------------- */

/*
 * All entries of the event table with this name. The generic events are called "syscall" there, but
 * evt.type shows the name of the call instead.
 */
static bool add_events(struct set *s, struct lnr_str name)
{
	bool found = false;

	for (int ev = lnr_event_find(name, 0); ev >= 0;
		ev = lnr_event_find(name, (unsigned)ev + 1)) {
		if (ev != LNR_EV_GENERIC_E && ev != LNR_EV_GENERIC_X)
			put(s, (unsigned)ev);
		found = true;
	}
	return found;
}

static void name_events(const struct deriver *d, struct set *s, struct lnr_str name)
{
	bool found = add_events(s, name);

	for (size_t i = 0; i < d->n_async; i++) {
		if (lnr_str_eq(d->async_names[i], name)) {
			put(s, LNR_EV_ASYNCEVENT_E);
			found = true;
		}
	}
	/* The empty name is that of calls that nobody knows. */
	if (!found && (!name.len || lnr_syscall_by_name(name))) {
		put(s, LNR_EV_GENERIC_E);
		put(s, LNR_EV_GENERIC_X);
	}
}

/* System calls that make one of the events of this name, or that have the name themselves. */
static void name_syscalls(const struct deriver *d, struct set *s, struct lnr_str name)
{
	struct set events = {0};
	const struct lnr_syscall_info *call = lnr_syscall_by_name(name);

	(void)d;
	if (call && call->code)
		put(s, call->code);
	/* Always together, as in the reference: old events of the one stand for both. */
	if (lnr_str_eq(name, LNR_STR("accept")) || lnr_str_eq(name, LNR_STR("accept4"))) {
		put(s, LNR_SC_ACCEPT);
		put(s, LNR_SC_ACCEPT4);
	}
	if (!add_events(&events, name))
		return;
	for (unsigned code = 0; code < lnr_syscall_count(); code++) {
		call = lnr_syscall_info(code);
		if (!call || call->enter_event <= LNR_EV_GENERIC_X)
			continue;
		if ((events.w[call->enter_event / 64] >> call->enter_event % 64 & 1) ||
			(events.w[call->exit_event / 64] >> call->exit_event % 64 & 1))
			put(s, code);
	}
}

/* --- trees --------------------------------------------------------------------------------- */

static bool is_type_field(const struct lnr_ast *n)
{
	return n->kind == LNR_AST_FIELD && !n->has_arg &&
	       (lnr_str_eq(n->value, LNR_STR("evt.type")) ||
		       lnr_str_eq(n->value, LNR_STR("syscall.type")));
}

static void complement(const struct deriver *d, struct set *s)
{
	for (unsigned i = 0; i < WORDS; i++)
		s->w[i] = d->all.w[i] & ~s->w[i];
}

static void derive_check(
	const struct deriver *d, const struct lnr_ast *n, bool negated, struct set *ret)
{
	const struct lnr_ast *operand = n->n_kids > 1 ? n->kids[1] : NULL;
	bool ne = lnr_str_eq(n->op, LNR_STR("!="));

	*ret = d->all;
	if (!is_type_field(n->kids[0]) || n->mod.len)
		return;
	if (!operand) { /* exists */
		if (negated)
			*ret = (struct set){0};
		return;
	}
	if (!ne && !lnr_str_eq(n->op, LNR_STR("=")) && !lnr_str_eq(n->op, LNR_STR("==")) &&
		!lnr_str_eq(n->op, LNR_STR("in")))
		return;
	*ret = (struct set){0};
	if (operand->kind == LNR_AST_CONST)
		d->add(d, ret, operand->value);
	for (uint32_t i = 0; operand->kind == LNR_AST_LIST && i < operand->n_kids; i++)
		d->add(d, ret, operand->kids[i]->value);
	if (ne != negated)
		complement(d, ret);
}

static void derive(const struct deriver *d, const struct lnr_ast *n, bool negated, struct set *ret)
{
	bool both;

	if (n->kind == LNR_AST_CHECK) {
		derive_check(d, n, negated, ret);
		return;
	}
	if (n->kind == LNR_AST_NOT) {
		derive(d, n->kids[0], !negated, ret);
		return;
	}
	if (n->kind != LNR_AST_AND && n->kind != LNR_AST_OR) {
		*ret = d->all;
		return;
	}
	both = (n->kind == LNR_AST_AND) != negated;
	*ret = both ? d->all : (struct set){0};
	for (uint32_t i = 0; i < n->n_kids; i++) {
		struct set kid;

		derive(d, n->kids[i], negated, &kid);
		for (unsigned w = 0; w < WORDS; w++)
			ret->w[w] = both ? ret->w[w] & kid.w[w] : ret->w[w] | kid.w[w];
	}
}

/* --- refusals ------------------------------------------------------------------------------ */

static const struct lnr_ast *type_field_in(const struct lnr_ast *n)
{
	const struct lnr_ast *found = is_type_field(n) ? n : NULL;

	for (uint32_t i = 0; !found && i < n->n_kids; i++)
		found = type_field_in(n->kids[i]);
	return found;
}

/* Checks whose possible event types cannot be told; on the right side it does not matter. */
static int refuse_hidden(const struct lnr_ast *n, const struct lnr_ast *parent, void *user)
{
	struct lnr_cond_err *err = user;
	const struct lnr_ast *field;
	const char *why;

	(void)parent;
	if (n->kind != LNR_AST_CHECK)
		return 0;
	field = type_field_in(n->kids[0]);
	if (!field)
		return 0;
	if (n->kids[0] != field)
		why = "cannot be used inside a transformer";
	else if (n->n_kids > 1 && n->kids[1]->kind == LNR_AST_TRANSFORMER)
		why = "can only be compared with names, not with a field";
	else
		return 0;
	if (err) {
		*err = (struct lnr_cond_err){
			.offset = n->offset, .line = n->line, .column = n->column, .node = n};
		snprintf(err->msg, sizeof(err->msg), "%.*s %s", LNR_STR_ARG(field->value), why);
	}
	return -EINVAL;
}

/* --- entry --------------------------------------------------------------------------------- */

int lnr_ast_events(const struct lnr_ast *ast, const struct lnr_str *async_names, size_t n_async,
	struct lnr_evset *ret, struct lnr_cond_err *err)
{
	struct deriver d = {.add = name_events, .async_names = async_names, .n_async = n_async};
	struct set s;
	int r = lnr_ast_walk(ast, refuse_hidden, err);

	if (r)
		return r;
	for (unsigned n = 0; n < LNR_EVENT_COUNT; n++)
		put(&d.all, n);
	derive(&d, ast, false, &s);
	memset(ret, 0, sizeof(*ret));
	for (unsigned n = 0; n < LNR_EVENT_COUNT; n++) {
		if (s.w[n / 64] >> n % 64 & 1)
			ret->bits[n / 8] |= (uint8_t)(1u << n % 8);
	}
	return 0;
}

int lnr_ast_syscalls(const struct lnr_ast *ast, struct lnr_scset *ret)
{
	struct deriver d = {.add = name_syscalls};
	struct set s;

	/* Code 0 stands for calls without a code: nobody can ask the kernel for them. */
	for (unsigned n = 1; n < lnr_syscall_count(); n++) {
		if (lnr_syscall_info(n))
			put(&d.all, n);
	}
	derive(&d, ast, false, &s);
	memset(ret, 0, sizeof(*ret));
	for (unsigned n = 0; n < LNR_SCSET_BYTES * 8; n++) {
		if (s.w[n / 64] >> n % 64 & 1)
			ret->bits[n / 8] |= (uint8_t)(1u << n % 8);
	}
	return 0;
}

unsigned lnr_evset_count(const struct lnr_evset *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < LNR_EVSET_BYTES; i++)
		n += (unsigned)__builtin_popcount(s->bits[i]);
	return n;
}
