/* SPDX-License-Identifier: Apache-2.0 */
/* The open writer, shared by blocks (scap_write.c) and tables (scap_write_tables.c). */
#ifndef LNR_CAPTURE_SCAP_WRITE_PRIV_H
#define LNR_CAPTURE_SCAP_WRITE_PRIV_H

#include "capture/scap_write.h"

/* Bytes of a block in pieces. */
struct lnr_piece {
	const void *ptr;
	size_t len;
};

/*
 * One block: type and lengths around the pieces, padded. All or nothing reaches the buffer. 0 or
 * the writer's error.
 */
int lnr_scap_write_block(
	struct lnr_scap_writer *w, uint32_t type, const struct lnr_piece *pieces, unsigned n);

#endif
