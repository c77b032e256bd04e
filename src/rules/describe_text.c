/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions as a table of two columns (spec rules-language.md 14). */
#include "rules/describe_priv.h"

#define COLUMN	   50 /* width of the first column */
#define LINE_WIDTH 110

static void row(struct lnr_buf *out, struct lnr_str name, struct lnr_str desc)
{
	lnr_buf_str(out, name);
	if (name.len >= COLUMN) { /* a name that leaves no room has a line of its own */
		lnr_buf_chr(out, '\n');
		name.len = 0;
	}
	size_t at = name.len;
	struct lnr_str rest = lnr_str_trim(desc);
	do {
		for (; at < COLUMN; at++)
			lnr_buf_chr(out, ' ');
		/* As many words as fit; a word that never fits goes whole. */
		while (rest.len) {
			size_t n = 0;
			while (n < rest.len && !strchr(" \t\r\n", rest.ptr[n]))
				n++;
			bool first = at == COLUMN;
			if (!first && at + 1 + n > LINE_WIDTH)
				break;
			if (!first)
				lnr_buf_chr(out, ' ');
			lnr_buf_str(out, lnr_str_sub(rest, 0, n));
			at += n + !first;
			rest = lnr_str_trim(lnr_str_sub(rest, n, rest.len));
		}
		lnr_buf_chr(out, '\n');
		at = 0;
	} while (rest.len);
}

int lnr_loader_describe_text(struct lnr_loader *l, const char *rule, struct lnr_buf *out)
{
	const struct lnr_rule_item *one = rule ? lnr_describe_find(l, rule) : NULL;
	if (rule && !one)
		return -ENOENT;
	row(out, LNR_STR("Rule"), LNR_STR("Description"));
	row(out, LNR_STR("----"), LNR_STR("-----------"));
	for (size_t i = 0; i < l->rules.n; i++) {
		const struct lnr_rule_item *r = l->rules.v[i];
		if (r->compiled && (!one || r == one))
			row(out, r->name, lnr_buf_view(&r->desc.buf));
	}
	return out->failed ? -ENOMEM : 0;
}
