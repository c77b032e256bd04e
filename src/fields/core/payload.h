/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data of a plugin's event as JSON, for json.* and ka.*. Private to fields/.
 *
 * It is read at most once per event, into scratch memory; a source that has read it anyway hands it
 * over with the event.
 */
#ifndef LNR_FIELDS_PAYLOAD_H
#define LNR_FIELDS_PAYLOAD_H

#include "base/json_read.h"
#include "fields/core/get.h"

/* NULL: no event of a plugin, or its data is neither a JSON object nor an array. */
const struct lnr_json_doc *lnr_get_payload(struct lnr_field_ctx *ctx);
/* Text of a value: of a string what it means, of anything else its JSON. i 0 = absent. */
bool lnr_give_json(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref,
	const struct lnr_json_doc *d, uint32_t i, struct lnr_val *ret);

#endif
