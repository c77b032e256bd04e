/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capture files made by hand, block by block, and read back.
 */
#ifndef LNR_TESTS_UNIT_CAPTURE_BUILD_H
#define LNR_TESTS_UNIT_CAPTURE_BUILD_H

#include <stdlib.h>
#include <zlib.h>
#include "base/buf.h"
#include "capture/scap.h"
#include "capture/scap_format.h"
#include "decode/event.h"
#include "lib/test.h"

static inline void put16(struct lnr_buf *b, uint16_t v)
{
	lnr_buf_add(b, &v, sizeof(v));
}

static inline void put32(struct lnr_buf *b, uint32_t v)
{
	lnr_buf_add(b, &v, sizeof(v));
}

static inline void put64(struct lnr_buf *b, uint64_t v)
{
	lnr_buf_add(b, &v, sizeof(v));
}

static inline void put_text(struct lnr_buf *b, const char *s, size_t len)
{
	put16(b, (uint16_t)len);
	lnr_buf_add(b, s, len);
}

/* u16 length and the text without its NUL. */
static inline void put_str(struct lnr_buf *b, const char *s)
{
	put_text(b, s, strlen(s));
}

/* A whole block around `body`, padded. */
static inline void put_block(struct lnr_buf *b, uint32_t type, const void *body, size_t len)
{
	uint32_t total = (uint32_t)((len + LNR_SCAP_FRAME + 3) & ~(size_t)3);

	put32(b, type);
	put32(b, total);
	lnr_buf_add(b, body, len);
	lnr_buf_add(b, "\0\0\0", total - LNR_SCAP_FRAME - len);
	put32(b, total);
}

static inline void put_section(struct lnr_buf *b)
{
	struct lnr_buf body;

	lnr_buf_init(&body, 0);
	put32(&body, LNR_SCAP_MAGIC);
	put16(&body, LNR_SCAP_MAJOR);
	put16(&body, LNR_SCAP_MINOR);
	put64(&body, UINT64_MAX);
	put_block(b, LNR_SCAP_SHB, body.ptr, body.len);
	lnr_buf_done(&body);
}

/* An event block of any kind around a record of version 2 (written as such) or 1 (without the
 * number of parameters and 4 shorter). */
static inline void put_event(
	struct lnr_buf *b, uint32_t type, uint16_t cpu, uint32_t flags, const void *record)
{
	struct lnr_record head;
	struct lnr_buf body;
	bool v1 = type == LNR_SCAP_EV_V1 || type == LNR_SCAP_EV_V1_OLD || type == LNR_SCAP_EVF_V1;
	size_t rest;

	memcpy(&head, record, sizeof(head));
	rest = head.len - sizeof(head);
	lnr_buf_init(&body, 0);
	put16(&body, cpu);
	if (type == LNR_SCAP_EVF_V1 || type == LNR_SCAP_EVF_V2 || type == LNR_SCAP_EVF_V2_LARGE)
		put32(&body, flags);
	head.len -= v1 ? 4 : 0;
	lnr_buf_add(&body, &head, v1 ? LNR_SCAP_V1_HDR : sizeof(head));
	lnr_buf_add(&body, (const uint8_t *)record + sizeof(head), rest);
	put_block(b, type, body.ptr, body.len);
	lnr_buf_done(&body);
}

/* A close exit as of today; returns its length. */
static inline uint32_t make_close(uint8_t buf[64], uint64_t ts, int64_t tid, int64_t fd)
{
	struct lnr_record_builder b;

	lnr_record_begin(&b, buf, 64, LNR_EV_SYSCALL_CLOSE_X, ts, tid, 2);
	lnr_record_u64(&b, 0);
	lnr_record_u64(&b, (uint64_t)fd);
	return (uint32_t)lnr_record_end(&b);
}

static inline void put_close(struct lnr_buf *b, uint64_t ts)
{
	uint8_t rec[64];

	make_close(rec, ts, 100, 3);
	put_event(b, LNR_SCAP_EV_V2, 1, 0, rec);
}

/* One gzip member. */
static inline void put_gzip(struct lnr_buf *b, const void *ptr, size_t len)
{
	z_stream z = {.next_in = (Bytef *)ptr, .avail_in = (uInt)len};
	size_t max;
	uint8_t *out;

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	max = deflateBound(&z, (uLong)len);
	out = malloc(max);
	assert_non_null(out);
	z.next_out = out;
	z.avail_out = (uInt)max;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	lnr_buf_add(b, out, z.total_out);
	deflateEnd(&z);
	free(out);
}

/* Read to the end; *ret_n (may be NULL) = records delivered. The code that ended it. */
static inline int read_all(struct lnr_capture *c, unsigned *ret_n, struct lnr_err *err)
{
	struct lnr_capture_item item;
	unsigned n = 0;
	int r;

	while (!(r = lnr_capture_next(c, &item, err)))
		n++;
	if (ret_n)
		*ret_n = n;
	return r;
}

/* Open these bytes and read them; as read_all(), or what opening says. */
static inline int read_bytes(const void *ptr, size_t len, unsigned *ret_n, struct lnr_err *err)
{
	struct lnr_capture *c = NULL;
	int r = lnr_scap_open_memory(ptr, len, NULL, &c, err);

	if (ret_n)
		*ret_n = 0;
	if (!r)
		r = read_all(c, ret_n, err);
	lnr_capture_close(c);
	return r;
}

static inline struct lnr_capture *open_buf(const struct lnr_buf *b)
{
	struct lnr_capture *c = NULL;
	struct lnr_err err = {0};

	assert_ok(lnr_scap_open_memory(b->ptr, b->len, NULL, &c, &err), &err);
	return c;
}

static inline struct lnr_capture_item next_ok(struct lnr_capture *c)
{
	struct lnr_capture_item item = {0};
	struct lnr_err err = {0};

	assert_ok(lnr_capture_next(c, &item, &err), &err);
	return item;
}

/* Reading `b` ends with `want` and a message that has `text`, after `events` events. */
static inline void assert_ends(const struct lnr_buf *b, unsigned events, int want, const char *text)
{
	struct lnr_err err = {0};
	unsigned n;

	assert_code(read_bytes(b->ptr, b->len, &n, &err), want);
	assert_int_equal(n, events);
	if (text)
		assert_has(err.msg, text);
}

static inline void put_user(struct lnr_buf *b, uint64_t ts)
{
	uint8_t rec[128];
	struct lnr_record_builder rb;

	lnr_record_begin(&rb, rec, sizeof(rec), LNR_EV_USER_ADDED_E, ts, -1, 6);
	lnr_record_u32(&rb, 0);
	lnr_record_u32(&rb, 0);
	for (int i = 0; i < 4; i++)
		lnr_record_str(&rb, "root");
	assert_true(lnr_record_end(&rb) > 0);
	put_event(b, LNR_SCAP_EV_V2, 0, 0, rec);
}

static inline void put_close_enter(struct lnr_buf *b, uint64_t ts)
{
	uint8_t rec[64];
	struct lnr_record_builder rb;

	lnr_record_begin(&rb, rec, sizeof(rec), LNR_EV_SYSCALL_CLOSE_E, ts, 1, 1);
	lnr_record_u64(&rb, 1);
	assert_true(lnr_record_end(&rb) > 0);
	put_event(b, LNR_SCAP_EV_V2, 0, 0, rec);
}

#endif
