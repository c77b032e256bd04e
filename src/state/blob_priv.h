/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LNR_STATE_BLOB_PRIV_H
#define LNR_STATE_BLOB_PRIV_H

#include "state/blob.h"
#include "state/slab.h"

/* As lnr_blob_new() and lnr_blob_set(), from a slab that outlives the blob. */
struct lnr_blob *lnr_blob_new_in(struct lnr_slab *slab, struct lnr_str s);
int lnr_blob_set_in(struct lnr_slab *slab, struct lnr_blob **slot, struct lnr_str s);
/* *slot = b with a reference of its own. */
void lnr_blob_share(struct lnr_blob **slot, struct lnr_blob *b);

#endif
