/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container an event is about, and its metadata (spec fields.md 10, container-metadata.md 6,
 * 7). Private to fields/.
 *
 * Identity is known with the process; metadata may come later or never. The host is a container
 * too: its id, full id and name are "host", everything else is empty.
 */
#ifndef LNR_FIELDS_CONTAINER_H
#define LNR_FIELDS_CONTAINER_H

#include "fields/core/get.h"

/* The event's own (metadata events) or that of its thread; NULL = none known. */
const struct lnr_container *lnr_get_container(struct lnr_field_ctx *ctx);
/* The same when its metadata is known; the host's always is. */
const struct lnr_container *lnr_get_described(struct lnr_field_ctx *ctx);
/* A text of the metadata; "" when it is not there. */
struct lnr_str lnr_meta_str(const struct lnr_container *c, const char *key);
bool lnr_meta_bool(const struct lnr_container *c, const char *key);
/* Value of a label in one of the maps of the metadata ("labels", "pod_sandbox_labels"). */
bool lnr_meta_label(
	const struct lnr_container *c, const char *map, struct lnr_str name, struct lnr_str *ret);
/*
 * All labels of a map as "name:value, name:value", sorted, without Kubernetes' own and without
 * annotations. False only when scratch memory is exhausted.
 */
bool lnr_meta_labels(struct lnr_field_ctx *ctx, const struct lnr_container *c, const char *map,
	struct lnr_str *ret);

#endif
