/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a byte of a condition back to the file, so that a message can point at it.
 *
 * The reference reports sums of positions that lead somewhere near. For people the steps are undone
 * one by one: which item's text it was (macros are put in place as trees, so the address of a node
 * tells), what list substitution and exceptions made of it, which part of an appended text, and
 * how YAML wrote that part.
 */
#include "rules/load_priv.h"

#include <stdlib.h>
#include "schema/limits.h"

/* --- YAML scalars ---------------------------------------------------------------------------- */

static bool white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A place in the source and in the value, moving together. */
struct aligned {
	struct lnr_str src, val;
	size_t j, i;
	char style; /* first character: quote, block marker, or anything */
};

static void skip_properties(struct aligned *a)
{
	while (a->j < a->src.len && (a->src.ptr[a->j] == '&' || a->src.ptr[a->j] == '!')) {
		while (a->j < a->src.len && !white(a->src.ptr[a->j]))
			a->j++;
		while (a->j < a->src.len && white(a->src.ptr[a->j]))
			a->j++;
	}
}

static void begin(struct aligned *a)
{
	skip_properties(a);
	if (a->j >= a->src.len)
		return;
	a->style = a->src.ptr[a->j];
	if (a->style == '"' || a->style == '\'') {
		a->j++;
	} else if (a->style == '|' || a->style == '>') {
		while (a->j < a->src.len && a->src.ptr[a->j] != '\n')
			a->j++;
		a->j += a->j < a->src.len;
	}
}

static size_t white_run(struct lnr_str s, size_t at)
{
	size_t n = 0;
	while (at + n < s.len && white(s.ptr[at + n]))
		n++;
	return n;
}

/* Bytes that an escape of a double-quoted scalar takes in the source and gives in the value. */
static void escape(const struct aligned *a, size_t *ret_src, size_t *ret_val)
{
	char c = a->j + 1 < a->src.len ? a->src.ptr[a->j + 1] : ' ';
	*ret_src = c == 'x' ? 4 : c == 'u' ? 6 : c == 'U' ? 10 : 2;
	*ret_val = 1;
	unsigned char first = a->i < a->val.len ? (unsigned char)a->val.ptr[a->i] : 0;
	if (first >= 0xc0)
		*ret_val = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

/* One step; false when the two do not go together any more. */
static bool step(struct aligned *a)
{
	char s = a->src.ptr[a->j], v = a->val.ptr[a->i];
	size_t src = 1, val = 1;
	if (a->style == '"' && s == '\\') {
		if (a->j + 1 < a->src.len && a->src.ptr[a->j + 1] == '\n') {
			/* A line goes on: nothing in the value. */
			a->j += 2 + white_run(a->src, a->j + 2);
			return true;
		}
		escape(a, &src, &val);
	} else if (white(s)) {
		/* Folded lines: white space stands for white space, in whatever amount. */
		src = white_run(a->src, a->j);
		val = white_run(a->val, a->i);
	} else if (a->style == '\'' && s == '\'') {
		src = 2;
	} else if (s != v) {
		return false;
	}
	a->j += src;
	a->i += val;
	return true;
}

uint32_t lnr_place_scalar(
	const struct lnr_load_file *file, uint32_t node_offset, struct lnr_str text, uint32_t at)
{
	struct aligned a = {
		.src = lnr_str_sub(file->text, node_offset, file->text.len), .val = text};
	begin(&a);
	while (a.i < at && a.i < text.len && a.j < a.src.len) {
		if (!step(&a))
			break;
	}
	/* Indentation in front of what is meant. */
	if (a.i < text.len && !white(text.ptr[a.i]))
		a.j += white_run(a.src, a.j);
	return node_offset + (uint32_t)(a.j < a.src.len ? a.j : a.src.len);
}

struct lnr_spot lnr_place_text(const struct lnr_text *t, uint32_t at)
{
	const struct lnr_text_part *p = t->parts;
	if (!p)
		return (struct lnr_spot){0};
	while (p->next && p->next->at <= at)
		p = p->next;
	size_t end = p->next ? p->next->at - 1 : t->buf.len;
	struct lnr_str text = lnr_str_sub(lnr_buf_view(&t->buf), p->at, end);
	return (struct lnr_spot){
		p->file, lnr_place_scalar(p->file, p->offset, text, at - p->at), 0, false};
}

/* --- conditions ------------------------------------------------------------------------------ */

/* How far after an item's beginning something in it is looked for. */
#define TOKEN_REACH 16384

struct lnr_spot lnr_place_token(
	const struct lnr_load_file *file, uint32_t from, struct lnr_str token)
{
	struct lnr_spot spot = {file, from, 0, false};
	struct lnr_str near = lnr_str_sub(file->text, from, (size_t)from + TOKEN_REACH);
	ptrdiff_t hit = token.len ? lnr_str_find(near, token) : -1;
	if (hit >= 0) {
		spot.offset += (uint32_t)hit;
		spot.len = (uint32_t)token.len;
	}
	return spot;
}

static size_t word(struct lnr_str s, size_t at)
{
	size_t n = 0;
	while (at + n < s.len && !white(s.ptr[at + n]) && !strchr("(),=\"'", s.ptr[at + n]))
		n++;
	return n;
}

static struct lnr_spot place_rule(const struct lnr_rule_item *r, struct lnr_str whole,
	const size_t *ends, uint32_t at, size_t len)
{
	size_t shift = r->exceptions.n ? 1 : 0, cond_end = shift + r->cond.buf.len;
	struct lnr_spot spot;
	if (at <= cond_end) {
		spot = lnr_place_text(&r->cond, at > shift ? (uint32_t)(at - shift) : 0);
		spot.len = (uint32_t)len;
		return spot;
	}
	size_t i = 0;
	while (i + 1 < r->exceptions.n && ends[i] <= at)
		i++;
	/* Exceptions are text made here; a value is found again by looking for it. */
	const struct lnr_ctx *ctx = r->exceptions.v[i].ctx;
	return lnr_place_token(
		ctx->file, ctx->offset, lnr_str_sub(whole, at, at + (len ? len : word(whole, at))));
}

/* Undo list substitution: *at and *len become those in the text before it. */
static int unsubstitute(
	struct lnr_loader *l, struct lnr_str before, uint32_t *at, size_t *len, bool *ret_inserted)
{
	struct lnr_str after;
	uint32_t *map = NULL;
	int rc = lnr_lists_substitute(l, before, &after, &map);
	if (!rc && *at <= after.len) {
		uint32_t from = map[*at],
			 to = map[*at + *len <= after.len ? *at + *len : after.len];
		/* Inside what a list put in: the list's name. */
		*ret_inserted = *at < after.len && map[*at + 1] == from;
		*at = from;
		*len = *ret_inserted || to < from ? word(before, from) : to - from;
	}
	free(map);
	return rc;
}

static bool holds(struct lnr_str text, const char *at)
{
	return text.ptr && at >= text.ptr && at <= text.ptr + text.len;
}

static const struct lnr_macro_item *holder(const struct lnr_loader *l, const char *at)
{
	for (size_t i = 0; i < l->macros.n; i++) {
		const struct lnr_macro_item *m = l->macros.v[i];
		if (holds(m->parsed.text, at))
			return m;
	}
	return NULL;
}

/* `at` counts in the rule's condition with exceptions and lists in place. */
static struct lnr_spot place_in_rule(
	struct lnr_loader *l, const struct lnr_rule_item *rule, uint32_t at, size_t len)
{
	struct lnr_spot spot = {0};
	struct lnr_buf whole;
	bool inserted = false;
	size_t *ends = calloc(rule->exceptions.n + 1, sizeof(*ends));
	lnr_buf_init(&whole, LNR_COND_BYTES);
	int rc = ends ? lnr_exceptions_text(l, rule, &whole, ends) : -ENOMEM;
	if (!rc)
		rc = whole.failed ? -ENOMEM
				  : unsubstitute(l, lnr_buf_view(&whole), &at, &len, &inserted);
	if (!rc) {
		spot = place_rule(rule, lnr_buf_view(&whole), ends, at, len);
		spot.inserted = inserted;
	}
	l->no_memory = l->no_memory || rc == -ENOMEM;
	lnr_buf_done(&whole);
	free(ends);
	return spot;
}

struct lnr_spot lnr_place_condition(
	struct lnr_loader *l, const struct lnr_rule_item *rule, const char *at, size_t len)
{
	struct lnr_spot spot = {0};
	bool own = rule && holds(rule->done.parsed.text, at);
	const struct lnr_macro_item *m = own ? NULL : holder(l, at);
	struct lnr_str parsed = own ? rule->done.parsed.text : m ? m->parsed.text : LNR_STR("");
	if (!l->spots_left || !(own || m) || parsed.len > LNR_RULES_SPOT_BYTES)
		return spot;
	l->spots_left--;
	uint32_t offset = (uint32_t)(at - parsed.ptr);
	bool inserted = false;
	if (len > parsed.len - offset)
		len = parsed.len - offset;
	if (m) {
		int rc = unsubstitute(l, lnr_buf_view(&m->cond.buf), &offset, &len, &inserted);
		if (!rc) {
			spot = lnr_place_text(&m->cond, offset);
			spot.len = (uint32_t)len;
			spot.inserted = inserted;
		}
		l->no_memory = l->no_memory || rc == -ENOMEM;
		return spot;
	}
	return place_in_rule(l, rule, offset, len);
}

/* What a search for the quoted part of a node looks for, and what it found. */
struct quoted {
	const char *msg;
	const struct lnr_ast *constant, *field;
};

static bool quotes(const char *msg, struct lnr_str s)
{
	for (const char *q = s.len ? strchr(msg, '\'') : NULL; q; q = strchr(q + 1, '\'')) {
		if (strncmp(q + 1, s.ptr, s.len) == 0 && q[1 + s.len] == '\'')
			return true;
	}
	return false;
}

static int find_quoted(const struct lnr_ast *n, const struct lnr_ast *parent, void *user)
{
	struct quoted *q = user;
	(void)parent;
	if (n->kind == LNR_AST_CONST && quotes(q->msg, n->value))
		q->constant = n;
	if (n->kind == LNR_AST_FIELD && !q->field && quotes(q->msg, n->text))
		q->field = n;
	return q->constant != NULL;
}

struct lnr_spot lnr_place_node(struct lnr_loader *l, const struct lnr_rule_item *rule,
	const struct lnr_ast *node, const char *msg)
{
	struct quoted q = {.msg = msg};
	lnr_ast_walk(node, find_quoted, &q);
	const struct lnr_ast *n = q.constant ? q.constant : q.field ? q.field : node;
	while (!n->text.ptr && n->n_kids) /* a list begins with its first entry */
		n = n->kids[0];
	return lnr_place_condition(l, rule, n->text.ptr, n->text.len);
}
