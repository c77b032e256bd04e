/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rendering of parameters, the parts. Private to fields/core/.
 */
#ifndef LNR_FIELDS_PARAM_PRIV_H
#define LNR_FIELDS_PARAM_PRIV_H

#include "fields/core/get.h"
#include "schema/limits.h"

/* One parameter on its way to text. */
struct lnr_render {
	struct lnr_field_ctx *ctx;
	unsigned index;
	unsigned buffer_format;
	const struct lnr_param_info *info;
	struct lnr_param p; /* its bytes; of a DYN parameter those of the value inside; len > 0 */
	uint8_t type;	    /* enum lnr_pt; of a DYN parameter that of the value inside */
	uint8_t fmt;	    /* of the parameter in either case, as the reference does */
	struct lnr_str plain, resolved;
};

/* param_net.c */
void lnr_render_sockaddr(struct lnr_render *r);
void lnr_render_tuple(struct lnr_render *r);
void lnr_render_fdlist(struct lnr_render *r);
/* param_flags.c: names of the bits or of the value, joined by '|'; "" when there are none. */
struct lnr_str lnr_flags_text(struct lnr_render *r, uint32_t value);
/* Target of <root><path>, into buf; len 0 when it cannot be read. */
struct lnr_str lnr_read_link(const char *root, const char *path, char *buf, size_t size);

#endif
