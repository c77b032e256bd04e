/* SPDX-License-Identifier: Apache-2.0 */
/* A loader for tests, and results as short texts. Included by the load_*.c tests of this folder. */
#ifndef LNR_TESTS_UNIT_RULES_LOAD_TEST_H
#define LNR_TESTS_UNIT_RULES_LOAD_TEST_H

#include <stdlib.h>
#include "lib/test.h"
#include "rules/load_priv.h"

/* A rule around a condition. */
#define RULE(name, condition)                                                                \
	"- rule: " name "\n  desc: d\n  condition: " condition "\n  output: o\n  priority: " \
	"INFO\n"

struct lt {
	struct lnr_loader *l;
	struct lnr_fieldset *fields;
	const struct lnr_load_result *last;
	struct lnr_buf buf;
};

static inline int lt_try(struct lt *t, const struct lnr_loader_opts *more)
{
	struct lnr_loader_opts o = more ? *more
					: (struct lnr_loader_opts){.min_priority = LNR_PRIO_DEBUG};
	struct lnr_loader_source src = {.name = LNR_STR("syscall")};

	memset(t, 0, sizeof(*t));
	lnr_buf_init(&t->buf, 0);
	src.fields = t->fields = lnr_fieldset_new("syscall");
	o.size = sizeof(o);
	o.sources = &src;
	o.n_sources = 1;
	return t->fields ? lnr_loader_new(&o, &t->l, NULL) : -ENOMEM;
}

static inline void lt_init(struct lt *t, const struct lnr_loader_opts *more)
{
	assert_ok(lt_try(t, more), NULL);
}

static inline void lt_done(struct lt *t)
{
	lnr_loader_free(t->l);
	lnr_fieldset_unref(t->fields);
	lnr_buf_done(&t->buf);
}

static inline int lt_add(struct lt *t, const char *name, struct lnr_str text)
{
	return lnr_loader_add(t->l, name, text, &t->last);
}

static inline void lt_entry(struct lnr_buf *out, const struct lnr_load_entry *e)
{
	const struct lnr_ctx *c = e->ctx, *item = c;

	while (item->up && item->up->up)
		item = item->up;
	lnr_buf_printf(out, "%s", strchr(lnr_load_code_name(e->code), '_') + 1);
	lnr_buf_printf(out, " %s", lnr_ctx_names[item->type]);
	if (item->name.len && item->type != LNR_CTX_CONDITION)
		lnr_buf_printf(out, " %.*s", LNR_STR_ARG(item->name));
	if (c != item)
		lnr_buf_printf(out, ", %s", lnr_ctx_names[c->type]);
	if (c != item && c->name.len && c->type != LNR_CTX_CONDITION)
		lnr_buf_printf(out, " %.*s", LNR_STR_ARG(c->name));
	lnr_buf_printf(out, " %u:%u", c->line, c->column);
	if (e->deprecated_field)
		lnr_buf_printf(out, " (%s)", e->deprecated_field);
	lnr_buf_chr(out, '\n');
}

/*
 * One line per entry, errors first: "ERR_VALIDATE rule R, condition expression 3:14". The item, the
 * innermost place when that is another, line and column.
 */
static inline struct lnr_str lt_report(struct lt *t)
{
	lnr_buf_clear(&t->buf);
	for (const struct lnr_load_entry *e = t->last->errors.first; e; e = e->next)
		lt_entry(&t->buf, e);
	for (const struct lnr_load_entry *e = t->last->warnings.first; e; e = e->next)
		lt_entry(&t->buf, e);
	return lnr_buf_view(&t->buf);
}

/* Load one text in a new loader and compare. */
static inline void lt_check(const char *text, const char *want)
{
	struct lt t;

	lt_init(&t, NULL);
	int rc = lt_add(&t, "f.yaml", lnr_str_c(text));
	assert_str(lt_report(&t), want);
	assert_code(rc, t.last->errors.n ? -EINVAL : 0);
	lt_done(&t);
}

/* The compiled condition of a rule of the last valid compilation, as text. */
static inline struct lnr_str lt_condition(struct lt *t, const char *rule)
{
	const struct lnr_rule_item *r = lnr_item_find(&t->l->rules, lnr_str_c(rule));

	assert_non_null(r);
	assert_non_null(r->done.parsed.expanded);
	lnr_buf_clear(&t->buf);
	lnr_ast_print(&t->buf, r->done.parsed.expanded);
	return lnr_buf_view(&t->buf);
}

#endif
