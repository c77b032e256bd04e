/* SPDX-License-Identifier: Apache-2.0 */
/* Chains of locations and the source line under them (spec rules-language.md 15.6). */
#include "rules/load_priv.h"

#include "schema/limits.h"

const char *const lnr_ctx_names[LNR_CTX_COUNT] = {
	[LNR_CTX_FILE] = "rules content",
	[LNR_CTX_ITEM] = "rules content item",
	[LNR_CTX_ENGINE_VERSION] = "required_engine_version",
	[LNR_CTX_PLUGINS] = "required plugin versions",
	[LNR_CTX_PLUGINS_ENTRY] = "required plugin versions entry",
	[LNR_CTX_PLUGINS_ALTERNATIVE] = "required plugin versions alternative",
	[LNR_CTX_LIST] = "list",
	[LNR_CTX_LIST_ITEM] = "list item",
	[LNR_CTX_MACRO] = "macro",
	[LNR_CTX_MACRO_CONDITION] = "macro condition",
	[LNR_CTX_RULE] = "rule",
	[LNR_CTX_RULE_CONDITION] = "rule condition",
	[LNR_CTX_RULE_OUTPUT] = "rule output",
	[LNR_CTX_RULE_PRIORITY] = "rule priority",
	[LNR_CTX_CONDITION] = "condition expression",
	[LNR_CTX_EXCEPTIONS] = "exceptions",
	[LNR_CTX_EXCEPTION] = "exception",
	[LNR_CTX_EXCEPTION_VALUES] = "exception values",
	[LNR_CTX_EXCEPTION_VALUE] = "exception value",
	[LNR_CTX_OVERRIDE] = "overrides",
	[LNR_CTX_VALUE] = "value for",
};

const struct lnr_ctx *lnr_ctx_node(struct lnr_loader *l, const struct lnr_ctx *up,
	enum lnr_ctx_type type, struct lnr_str name, const struct lnr_yaml *node)
{
	struct lnr_ctx *c = lnr_arena_new(&l->arena, struct lnr_ctx);
	if (!c)
		return NULL;
	*c = (struct lnr_ctx){.up = up, .file = up->file, .type = type, .name = name};
	if (node) {
		c->line = node->line;
		c->column = node->column;
		c->offset = node->offset;
	}
	return c;
}

/* What stands for the file name in such a position: the beginning of the condition, quoted. */
static struct lnr_str label(struct lnr_loader *l, struct lnr_str text)
{
	char buf[32];
	size_t n = text.len > 20 ? 17 : text.len;
	/* Not in the middle of a character. */
	while (n && n < text.len && ((unsigned char)text.ptr[n] & 0xc0) == 0x80)
		n--;
	for (size_t i = 0; i < n; i++)
		buf[i] = text.ptr[i] == '\n' ? ' ' : text.ptr[i];
	char *s = lnr_arena_printf(&l->arena, "\"%.*s%s\"", (int)n, buf, n < text.len ? "..." : "");
	return lnr_str_c(s);
}

const struct lnr_ctx *lnr_ctx_condition(struct lnr_loader *l, const struct lnr_ctx *up,
	struct lnr_str text, uint32_t at, uint32_t line, uint32_t column)
{
	struct lnr_ctx *c = lnr_arena_new(&l->arena, struct lnr_ctx);
	if (!c)
		return NULL;
	*c = (struct lnr_ctx){.up = up,
		.file = up->file,
		.type = LNR_CTX_CONDITION,
		.name = label(l, text),
		.line = up->line + line,
		.column = up->column + column,
		.offset = up->offset + at};
	/* What a snippet may show is enough of a long text. */
	size_t from = at > LNR_RULES_SNIPPET ? at - LNR_RULES_SNIPPET : 0;
	c->text = lnr_arena_str(&l->arena, lnr_str_sub(text, from, (size_t)at + LNR_RULES_SNIPPET));
	c->text_at = at - (uint32_t)from;
	return c->text.ptr && c->name.ptr ? c : NULL;
}

/* How much of a line a snippet shows on either side of the position. */
#define SNIPPET_SIDE 80

void lnr_ctx_snippet(const struct lnr_ctx *ctx, struct lnr_buf *out)
{
	struct lnr_str text = ctx->type == LNR_CTX_CONDITION ? ctx->text : ctx->file->text;
	size_t at = ctx->type == LNR_CTX_CONDITION ? ctx->text_at : ctx->offset;
	if (!text.len) {
		lnr_buf_cstr(out, "<nothing to show>\n");
		return;
	}
	if (at >= text.len)
		at = text.len - 1;
	/* A line end belongs to the line before it. */
	while (at > 0 && (text.ptr[at] == '\n' || text.ptr[at] == '\r'))
		at--;
	size_t from = at, to = at;
	while (from > 0 && text.ptr[from - 1] != '\n' && at - from < SNIPPET_SIDE)
		from--;
	while (to < text.len && text.ptr[to] != '\n' && to - at < SNIPPET_SIDE)
		to++;
	bool cut_left = from > 0 && text.ptr[from - 1] != '\n';
	bool cut_right = to < text.len && text.ptr[to] != '\n';
	if (to > from && text.ptr[to - 1] == '\r')
		to--;
	lnr_buf_cstr(out, cut_left ? "..." : "");
	lnr_buf_str(out, lnr_str_sub(text, from, to));
	lnr_buf_cstr(out, cut_right ? "...\n" : "\n");
	for (size_t i = from; i < at + (cut_left ? 3 : 0); i++)
		lnr_buf_chr(out, ' ');
	lnr_buf_cstr(out, "^\n");
}
