/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields for a person or a program: what --list prints (spec engine-config-cli 4.1).
 * Deprecated, hidden and print-only fields are left out, and so are classes that have no others.
 */
#ifndef LNR_FIELDS_LIST_H
#define LNR_FIELDS_LIST_H

#include "fields/core/field.h"

struct lnr_fields_list_opts {
	const char *format; /* "text" (NULL too), "markdown", "json" */
	bool names_only;
	bool verbose;	    /* text: types as well */
	const char *source; /* only classes that this event source has; NULL = all */
	/* What classes for every source are said to be valid for, NULL at the end; NULL = the
	 * set's own source, or syscall. */
	const char *const *sources;
};

/*
 * Append the list. -EINVAL: unknown format; -ENOENT: no class is made for the source (opts->source,
 * or the set's own); -ENOMEM: the buffer is full or the heap exhausted.
 */
int lnr_fields_list(struct lnr_buf *out, const struct lnr_fieldset *set,
	const struct lnr_fields_list_opts *opts, struct lnr_err *err);

#endif
