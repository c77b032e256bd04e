/* SPDX-License-Identifier: Apache-2.0 */
/* Load results as text: the form of spec 15.7, and the one that explains. */
#include "rules/load_priv.h"

#include "schema/limits.h"

/* --- as the reference prints ----------------------------------------------------------------- */

static void text_chain(struct lnr_buf *out, const struct lnr_ctx *ctx)
{
	const struct lnr_ctx *chain[2 * LNR_YAML_DEPTH + 8];
	size_t n = 0;
	for (; ctx && n < LNR_ARRAY_SIZE(chain); ctx = ctx->up)
		chain[n++] = ctx;
	for (size_t i = n; i-- > 0;) {
		const struct lnr_ctx *c = chain[i];
		bool condition = c->type == LNR_CTX_CONDITION;
		lnr_buf_cstr(out, i + 1 == n ? "In " : "    ");
		lnr_buf_cstr(out, lnr_ctx_names[c->type]);
		if (c->name.len && !condition)
			lnr_buf_printf(out, " '%.*s'", LNR_STR_ARG(c->name));
		struct lnr_str where = condition ? c->name : c->file->name;
		lnr_buf_printf(out, ": (%.*s:%u:%u)\n", LNR_STR_ARG(where), c->line, c->column);
	}
}

static void rule_off(struct lnr_buf *out)
{
	lnr_buf_cstr(out, "------\n");
}

static void text_entries(struct lnr_buf *out, const struct lnr_load_list *list, const char *what)
{
	if (!list->n)
		return;
	lnr_buf_printf(out, "%u %s:\n", list->n, what);
	for (const struct lnr_load_entry *e = list->first; e; e = e->next) {
		text_chain(out, e->ctx);
		rule_off(out);
		lnr_ctx_snippet(e->ctx, out);
		rule_off(out);
		lnr_buf_printf(out, "%s (%s): %.*s\n", lnr_load_code_name(e->code),
			lnr_load_code_short(e->code), LNR_STR_ARG(e->msg));
	}
}

static void text_codes(struct lnr_buf *out, const struct lnr_load_list *list, const char *what)
{
	if (!list->n)
		return;
	lnr_buf_printf(out, "\n %u %s: [", list->n, what);
	for (const struct lnr_load_entry *e = list->first; e; e = e->next)
		lnr_buf_printf(out, "%s%s (%s)", e == list->first ? "" : " ",
			lnr_load_code_name(e->code), lnr_load_code_short(e->code));
	lnr_buf_chr(out, ']');
}

void lnr_load_result_text(const struct lnr_load_result *r, bool verbose, struct lnr_buf *out)
{
	lnr_buf_str(out, r->file->name);
	lnr_buf_cstr(out, r->errors.n			? ": Invalid"
			  : lnr_load_result_warnings(r) ? ": Ok, with warnings"
							: ": Ok");
	if (!verbose) {
		text_codes(out, &r->errors, "errors");
		text_codes(out, &r->warnings, "warnings");
		return;
	}
	lnr_buf_chr(out, '\n');
	if (r->schema == LNR_SCHEMA_FAILED) {
		lnr_buf_printf(out, "%u schema findings:\n", r->n_findings);
		for (unsigned i = 0; i < r->n_findings; i++)
			lnr_buf_printf(out, "    %.*s\n", LNR_STR_ARG(r->findings[i]));
	}
	text_entries(out, &r->errors, "Errors");
	text_entries(out, &r->warnings, "Warnings");
}

/* --- for people ------------------------------------------------------------------------------ */

/* Bytes of context shown of a very long line, on either side of the place. */
#define EXPLAIN_SIDE 60

struct line_pos {
	const struct lnr_load_file *file;
	size_t at;
	size_t start, end; /* of the line in the file; the end is not looked for far */
	unsigned line, column;
};

/* Entries come mostly in file order, so counting goes on where it stopped. */
static void locate(struct line_pos *p, const struct lnr_spot *spot)
{
	struct lnr_str text = spot->file->text;
	size_t at = spot->offset < text.len ? spot->offset : text.len;
	if (p->file != spot->file || at < p->at)
		*p = (struct line_pos){.file = spot->file, .line = 1};
	for (; p->at < at; p->at++) {
		if (text.ptr[p->at] == '\n') {
			p->line++;
			p->start = p->at + 1;
		}
	}
	p->column = (unsigned)(at - p->start) + 1;
	/* One byte more than is shown tells whether something was cut. */
	p->end = at;
	while (p->end < text.len && p->end <= at + EXPLAIN_SIDE && text.ptr[p->end] != '\n' &&
		text.ptr[p->end] != '\r')
		p->end++;
}

static void explain_line(struct lnr_buf *out, const struct lnr_spot *spot, const struct line_pos *p)
{
	struct lnr_str text = spot->file->text;
	size_t at = p->start + p->column - 1;
	size_t from = at > p->start + EXPLAIN_SIDE ? at - EXPLAIN_SIDE : p->start;
	size_t to = at + EXPLAIN_SIDE < p->end ? at + EXPLAIN_SIDE : p->end;
	char margin[24];
	int width = snprintf(margin, sizeof(margin), "%5u", p->line);
	lnr_buf_printf(out, "%s | %s", margin, from > p->start ? "…" : "");
	lnr_buf_str(out, lnr_str_sub(text, from, to));
	lnr_buf_printf(
		out, "%s\n%*s | %s", to < p->end ? "…" : "", width, "", from > p->start ? " " : "");
	/* Tabs are kept and continuation bytes left out, so that the caret stands below. */
	for (size_t i = from; i < at; i++) {
		if (((unsigned char)text.ptr[i] & 0xc0) != 0x80)
			lnr_buf_chr(out, text.ptr[i] == '\t' ? '\t' : ' ');
	}
	lnr_buf_chr(out, '^');
	for (size_t i = 1; i < spot->len && at + i < to; i++) {
		if (((unsigned char)text.ptr[at + i] & 0xc0) != 0x80)
			lnr_buf_chr(out, '~');
	}
	lnr_buf_chr(out, '\n');
}

static void explain_entry(
	struct lnr_buf *out, const struct lnr_load_entry *e, bool error, struct line_pos *p)
{
	const struct lnr_spot *spot = &e->spot;
	locate(p, spot);
	lnr_buf_str(out, spot->file->name);
	lnr_buf_printf(out, ":%u:%u: %s: %.*s [%s]\n", p->line, p->column,
		error ? "error" : "warning", LNR_STR_ARG(e->msg), lnr_load_code_name(e->code));
	if (spot->file->text.len)
		explain_line(out, spot, p);
	if (e->hint.len)
		lnr_buf_printf(out, "      = %.*s\n", LNR_STR_ARG(e->hint));
}

static void explain_entries(struct lnr_buf *out, const struct lnr_load_list *list, bool error)
{
	struct line_pos p = {.line = 1};
	for (const struct lnr_load_entry *e = list->first; e; e = e->next)
		explain_entry(out, e, error, &p);
}

/* The schema's findings are left out: what matters of them was said, the rest changes nothing. */
void lnr_load_result_explain(const struct lnr_load_result *r, struct lnr_buf *out)
{
	explain_entries(out, &r->errors, true);
	explain_entries(out, &r->warnings, false);
	if (r->dropped_warnings)
		lnr_buf_printf(out, "%.*s: %u more warnings are not shown\n",
			LNR_STR_ARG(r->file->name), r->dropped_warnings);
	unsigned warnings = lnr_load_result_warnings(r);
	lnr_buf_printf(out, "%.*s: %s, %u error%s, %u warning%s\n", LNR_STR_ARG(r->file->name),
		r->errors.n ? "invalid" : "valid", r->errors.n, r->errors.n == 1 ? "" : "s",
		warnings, warnings == 1 ? "" : "s");
}
