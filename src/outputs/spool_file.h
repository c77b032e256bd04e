/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of a spool's files. Numbers are little-endian.
 *
 *	segment: header, frames
 *	header   "LNRSPOOL", u32 version, u32 priority, u64 first number, u64 salt, u32 sum
 *	frame    u32 mark, u32 length, u64 number, u32 sum, `length` bytes (alert/codec.h)
 *	cursor   two slots of: "LNRCURSR", u64 generation, u64 number, u32 sum
 *
 * A sum is the CRC-32 of all that stands before it, and in a frame of the bytes behind it; sums of
 * frames begin with the salt, which is random for each segment: bytes inside of an alert, which its
 * maker may choose, can then not pass for a frame where a damaged one is skipped.
 */
#ifndef LNR_OUTPUTS_SPOOL_FILE_H
#define LNR_OUTPUTS_SPOOL_FILE_H

#include "base/buf.h"

#define LNR_SPOOL_HEADER_BYTES 36
#define LNR_SPOOL_FRAME_BYTES  20
#define LNR_SPOOL_CURSOR_BYTES 28 /* one slot */

struct lnr_spool_header {
	uint32_t priority;
	uint64_t first, salt;
};

struct lnr_spool_frame {
	uint64_t at; /* offset of the frame in its file */
	uint64_t number;
	uint32_t len;	     /* of the content */
	struct lnr_str body; /* content, in the buffer it was read into */
};

void lnr_spool_put_header(struct lnr_buf *out, const struct lnr_spool_header *h);
/* 0 or -EBADMSG. */
int lnr_spool_get_header(struct lnr_str bytes, struct lnr_spool_header *ret);
/* Begin a frame at the end of `out`; the content is appended by the caller; then end it. */
size_t lnr_spool_frame_begin(struct lnr_buf *out);
void lnr_spool_frame_end(struct lnr_buf *out, size_t begin, uint64_t number, uint64_t salt);
/*
 * The first whole frame at or behind `from` in a file whose first `size` bytes count. *ret_skipped
 * gets the bytes that are none. -ENODATA: there is no further one. -EIO and its kin: cannot be
 * read. `work` holds the content afterwards.
 */
int lnr_spool_get_frame(int fd, uint64_t from, uint64_t size, uint64_t salt, struct lnr_buf *work,
	struct lnr_spool_frame *ret, uint64_t *ret_skipped);
void lnr_spool_put_cursor(struct lnr_buf *out, uint64_t generation, uint64_t number);
/* The newer one of the slots that are sound, or -EBADMSG. */
int lnr_spool_get_cursor(struct lnr_str bytes, uint64_t *ret_generation, uint64_t *ret_number);

#endif
