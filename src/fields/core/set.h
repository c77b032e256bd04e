/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a field set, and what rows with their own resolve() need. Private to fields/.
 */
#ifndef LNR_FIELDS_SET_H
#define LNR_FIELDS_SET_H

#include "fields/core/field.h"

/* Row of that whole name, or NULL; *ret_cls is its class. The first class that has it wins. */
const struct lnr_field *lnr_fieldset_find(const struct lnr_fieldset *set, struct lnr_str name,
	const struct lnr_field_class **ret_cls);

/* What lnr_fieldset_new() was asked for; NULL = all. Valid as long as the set. */
const char *lnr_fieldset_source(const struct lnr_fieldset *set);

/* Both belong to one listed class: name and source are equal. */
bool lnr_field_class_same(const struct lnr_field_class *a, const struct lnr_field_class *b);

/* Nearest of the names seen so far to what was written, for "did you mean". */
struct lnr_nearest {
	struct lnr_str text;
	const char *best; /* NULL = nothing near enough */
	unsigned distance;
};
void lnr_nearest_begin(struct lnr_nearest *n, struct lnr_str text);
void lnr_nearest_try(struct lnr_nearest *n, const char *name);

/*
 * An index as the reference's built-in fields read it, with scanf: leading blanks, a sign and
 * leading zeros are fine, what does not fit wraps, trailing text is not (rules-language.md 9).
 */
int lnr_arg_s32(struct lnr_str arg, int32_t *ret);
int lnr_arg_s64(struct lnr_str arg, int64_t *ret);
int lnr_arg_u64(struct lnr_str arg, uint64_t *ret); /* a negative number wraps */

#endif
