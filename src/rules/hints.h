/* SPDX-License-Identifier: Apache-2.0 */
/* Constants that look like a mistake (spec rules-language.md 15.3). For this folder. */
#ifndef LNR_RULES_HINTS_H
#define LNR_RULES_HINTS_H

#include "fields/core/field.h"
#include "rules/ops.h"

/*
 * Call `say` for each hint about the constant `text` of operator `op`. `work` is used and reset.
 * Stops and returns the first non-zero result of `say`.
 */
int lnr_hints(const struct lnr_op *op, struct lnr_str text, const struct lnr_fieldset *fields,
	struct lnr_arena *work, int (*say)(void *user, const char *msg), void *user);
/* A regular expression that a plain operator could replace. */
bool lnr_hint_plain_regex(struct lnr_str s);

#endif
