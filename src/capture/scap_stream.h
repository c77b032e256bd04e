/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a capture file, uncompressed, through a bounded window.
 *
 * A stream reads a file, a pipe, standard input or memory; gzip (one or several members) is
 * recognised by its first two bytes and undone. The window slides forward only, so a file may be
 * larger than memory and a pipe is as good as a file. The reader asks for n bytes in a row, looks
 *at them in place, and takes them:
 *
 *	r = lnr_scap_need(s, 8, err);
 *	if (r)
 *		return r;
 *	const uint8_t *p = lnr_scap_at(s);
 *	…
 *	lnr_scap_take(s, 8);
 *
 * The window grows with the bytes that have really arrived, not with a length the file claims.
 * Bytes at lnr_scap_at() may be written to until they are taken and, after that, stay as they are
 * until the next lnr_scap_need() that returns -EAGAIN or has to read. Not thread-safe.
 */
#ifndef LNR_CAPTURE_SCAP_STREAM_H
#define LNR_CAPTURE_SCAP_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <zlib.h>
#include "base/err.h"

struct lnr_scap_stream {
	uint8_t *buf; /* window: unread bytes are buf[at..end) */
	size_t at, end, cap;
	uint64_t offset; /* of buf[at], counted in uncompressed bytes */

	/* source */
	int fd; /* -1 = memory */
	bool own_fd;
	bool regular;	    /* a read never waits */
	bool interruptible; /* need() may return -EAGAIN when nothing has come for a while */
	const uint8_t *mem; /* memory source, borrowed */
	size_t mem_len;
	uint64_t raw_total; /* bytes in the source, 0 = unknown */
	uint64_t raw_read;  /* bytes taken from it */

	/* decoder */
	enum { LNR_SCAP_UNKNOWN, LNR_SCAP_PLAIN, LNR_SCAP_GZIP } kind;
	bool member_open; /* inside a gzip member */
	bool z_ready;
	z_stream z;
	uint8_t *raw; /* compressed bytes: raw[raw_at..raw_end) */
	size_t raw_at, raw_end;

	int status; /* sticky: -ENODATA at the end, else what broke */
	struct lnr_err why;
};

/* "-" is standard input, which is not closed. The stream must be done() in either case. */
int lnr_scap_stream_open(struct lnr_scap_stream *s, const char *path, struct lnr_err *err);
/* `ptr` is borrowed until done. */
int lnr_scap_stream_memory(
	struct lnr_scap_stream *s, const void *ptr, size_t len, struct lnr_err *err);
void lnr_scap_stream_done(struct lnr_scap_stream *s);

/* Slow half of lnr_scap_need(). */
int lnr_scap_fill(struct lnr_scap_stream *s, size_t n, struct lnr_err *err);

static inline size_t lnr_scap_avail(const struct lnr_scap_stream *s)
{
	return s->end - s->at;
}

/*
 * Make n bytes readable at lnr_scap_at(). -ENODATA: the stream ends before (what is left, maybe
 * nothing, is readable); -EAGAIN: nothing came for a while, ask again; anything else: broken,
 * reason in err.
 */
static inline int lnr_scap_need(struct lnr_scap_stream *s, size_t n, struct lnr_err *err)
{
	return s->end - s->at >= n ? 0 : lnr_scap_fill(s, n, err);
}

static inline uint8_t *lnr_scap_at(const struct lnr_scap_stream *s)
{
	return s->buf + s->at;
}

/* n must be available. */
static inline void lnr_scap_take(struct lnr_scap_stream *s, size_t n)
{
	s->at += n;
	s->offset += n;
}

/* Take n bytes, however many. 0 or as lnr_scap_need(). */
int lnr_scap_skip(struct lnr_scap_stream *s, uint64_t n, struct lnr_err *err);

/* Share of the source consumed, 0..1; -1 when its size is not known. */
double lnr_scap_stream_progress(const struct lnr_scap_stream *s);

#endif
