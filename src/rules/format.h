/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output formats: "shell opened (user=%user.name args=%20proc.args)" (spec rules-language.md 13).
 */
#ifndef LNR_RULES_FORMAT_H
#define LNR_RULES_FORMAT_H

#include "rules/cond.h"

struct lnr_format;

/*
 * Compile in opts->arena. -ENOENT: a % that begins no known field (skippable by
 * skip-if-unknown-filter); -EINVAL: % or width at the end, empty format.
 */
int lnr_format_compile(const struct lnr_cond_opts *opts, struct lnr_str text,
	const struct lnr_format **ret, struct lnr_cond_err *err);
/* The text with values; missing ones show <NA>. */
void lnr_format_text(const struct lnr_format *f, struct lnr_field_ctx *ctx, struct lnr_buf *out);
/* Walk the plain fields it shows, in order, fields inside transformers too: NULL at the end. */
const struct lnr_expr *lnr_format_field(const struct lnr_format *f, size_t i);
/* Walk what it shows, fields and transformers as they stand: start with *pos NULL; NULL at the end.
 */
const struct lnr_expr *lnr_format_next(const struct lnr_format *f, const void **pos);
/* Canonical compiled text, as rule descriptions show it. */
struct lnr_str lnr_format_source(const struct lnr_format *f);

#endif
