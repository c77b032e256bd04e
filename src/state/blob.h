/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared immutable bytes: command lines, environments, paths. A fork shares its parent's blobs, so
 * a child costs a count and not a copy. Counts are plain integers: a blob belongs to one state and
 * is touched by the thread that steps its engine only. The bytes are followed by a NUL that is not
 * in len.
 */
#ifndef LNR_STATE_BLOB_H
#define LNR_STATE_BLOB_H

#include "base/str.h"

struct lnr_blob {
	uint32_t refs;
	uint32_t len;
	char data[];
};

/* New blob with one reference, or NULL. */
struct lnr_blob *lnr_blob_new(struct lnr_str s);
struct lnr_blob *lnr_blob_ref(struct lnr_blob *b);   /* takes NULL */
struct lnr_blob *lnr_blob_unref(struct lnr_blob *b); /* takes NULL; returns NULL */
/* Replace *slot by a blob with these bytes (shared if equal). -ENOMEM leaves it as it was. */
int lnr_blob_set(struct lnr_blob **slot, struct lnr_str s);

/* View; ptr NULL for NULL. */
static inline struct lnr_str lnr_blob_str(const struct lnr_blob *b)
{
	return b ? (struct lnr_str){b->data, b->len} : (struct lnr_str){NULL, 0};
}

#endif
