/* SPDX-License-Identifier: Apache-2.0 */
#include "outputs/spool_file.h"

#include <endian.h>
#include <errno.h>
#include <unistd.h>
#include <zlib.h>
#include "schema/limits.h"

#define VERSION 1
/* "AlLn" on disk: unlikely at random, and the search for it is quick. */
#define MARK 0x6e4c6c41u

static const char segment_magic[8] = {'L', 'N', 'R', 'S', 'P', 'O', 'O', 'L'};
static const char cursor_magic[8] = {'L', 'N', 'R', 'C', 'U', 'R', 'S', 'R'};

static void put_u32(struct lnr_buf *out, uint32_t v)
{
	v = htole32(v);
	lnr_buf_add(out, &v, sizeof(v));
}

static void put_u64(struct lnr_buf *out, uint64_t v)
{
	v = htole64(v);
	lnr_buf_add(out, &v, sizeof(v));
}

static uint32_t get_u32(const char *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static uint64_t get_u64(const char *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static uint32_t sum_more(uint32_t sum, const char *p, size_t len)
{
	return (uint32_t)crc32_z(sum, (const Bytef *)p, len);
}

static uint32_t sum_of(const char *p, size_t len)
{
	return sum_more((uint32_t)crc32_z(0, NULL, 0), p, len);
}

static uint32_t frame_sum(uint64_t salt, const char *head, struct lnr_str body)
{
	uint64_t le = htole64(salt);
	uint32_t sum = sum_of((const char *)&le, sizeof(le));
	sum = sum_more(sum, head, LNR_SPOOL_FRAME_BYTES - 4);
	return sum_more(sum, body.ptr, body.len);
}

void lnr_spool_put_header(struct lnr_buf *out, const struct lnr_spool_header *h)
{
	size_t from = out->len;
	lnr_buf_add(out, segment_magic, sizeof(segment_magic));
	put_u32(out, VERSION);
	put_u32(out, h->priority);
	put_u64(out, h->first);
	put_u64(out, h->salt);
	if (!out->failed)
		put_u32(out, sum_of(out->ptr + from, out->len - from));
}

int lnr_spool_get_header(struct lnr_str b, struct lnr_spool_header *ret)
{
	if (b.len < LNR_SPOOL_HEADER_BYTES || memcmp(b.ptr, segment_magic, sizeof(segment_magic)) ||
		get_u32(b.ptr + 8) != VERSION ||
		get_u32(b.ptr + 32) != sum_of(b.ptr, LNR_SPOOL_HEADER_BYTES - 4))
		return -EBADMSG;
	*ret = (struct lnr_spool_header){.priority = get_u32(b.ptr + 12),
		.first = get_u64(b.ptr + 16),
		.salt = get_u64(b.ptr + 24)};
	return ret->priority < 8 && ret->first < LNR_SPOOL_NUMBER_MAX ? 0 : -EBADMSG;
}

size_t lnr_spool_frame_begin(struct lnr_buf *out)
{
	static const char room[LNR_SPOOL_FRAME_BYTES];
	size_t begin = out->len;
	lnr_buf_add(out, room, sizeof(room));
	return begin;
}

void lnr_spool_frame_end(struct lnr_buf *out, size_t begin, uint64_t number, uint64_t salt)
{
	if (out->failed)
		return;
	char *head = out->ptr + begin;
	struct lnr_str body = {
		head + LNR_SPOOL_FRAME_BYTES, out->len - begin - LNR_SPOOL_FRAME_BYTES};
	uint32_t mark = htole32(MARK), len = htole32((uint32_t)body.len), sum;
	uint64_t le = htole64(number);
	memcpy(head, &mark, 4);
	memcpy(head + 4, &len, 4);
	memcpy(head + 8, &le, 8);
	sum = htole32(frame_sum(salt, head, body));
	memcpy(head + 16, &sum, 4);
}

/* Exactly `len` bytes at the end of `work`. */
static int read_at(int fd, uint64_t at, size_t len, struct lnr_buf *work)
{
	char *to = lnr_buf_room(work, len);
	size_t have = 0;
	if (!to)
		return -ENOMEM;
	while (have < len) {
		ssize_t n = pread(fd, to + have, len - have, (off_t)(at + have));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ENODATA; /* somebody cut the file */
		have += (size_t)n;
	}
	to[len] = 0;
	work->len += len;
	return 0;
}

/* -ENODATA: no frame stands here. */
static int frame_at(int fd, uint64_t at, uint64_t size, uint64_t salt, struct lnr_buf *work,
	struct lnr_spool_frame *ret)
{
	lnr_buf_clear(work);
	if (size - at < LNR_SPOOL_FRAME_BYTES)
		return -ENODATA;
	/* Most alerts fit into the first read. */
	uint64_t ahead = size - at < LNR_SPOOL_READ_BYTES ? size - at : LNR_SPOOL_READ_BYTES;
	int r = read_at(fd, at, (size_t)ahead, work);
	if (r)
		return r;
	uint32_t len = get_u32(work->ptr + 4);
	uint64_t number = get_u64(work->ptr + 8), whole = (uint64_t)len + LNR_SPOOL_FRAME_BYTES;
	if (get_u32(work->ptr) != MARK || whole > size - at || len > LNR_SPOOL_ALERT_BYTES ||
		number >= LNR_SPOOL_NUMBER_MAX)
		return -ENODATA;
	if (whole > work->len) {
		r = read_at(fd, at + work->len, (size_t)(whole - work->len), work);
		if (r)
			return r;
	}
	struct lnr_str body = {work->ptr + LNR_SPOOL_FRAME_BYTES, len};
	if (get_u32(work->ptr + 16) != frame_sum(salt, work->ptr, body))
		return -ENODATA;
	*ret = (struct lnr_spool_frame){at, number, len, body};
	return 0;
}

/* Offset of the next mark at or behind `from`, or `size`. */
static int find_mark(int fd, uint64_t from, uint64_t size, struct lnr_buf *work, uint64_t *ret)
{
	static const char mark[4] = {'A', 'l', 'L', 'n'};
	while (size - from >= LNR_SPOOL_FRAME_BYTES) {
		uint64_t n = size - from < LNR_SPOOL_READ_BYTES ? size - from
								: LNR_SPOOL_READ_BYTES;
		lnr_buf_clear(work);
		int r = read_at(fd, from, (size_t)n, work);
		if (r)
			return r;
		ptrdiff_t at = lnr_str_find(lnr_buf_view(work), (struct lnr_str){mark, 4});
		if (at >= 0) {
			*ret = from + (uint64_t)at;
			return 0;
		}
		/* A mark may lie across the border. */
		from += n - 3;
	}
	*ret = size;
	return 0;
}

int lnr_spool_get_frame(int fd, uint64_t from, uint64_t size, uint64_t salt, struct lnr_buf *work,
	struct lnr_spool_frame *ret, uint64_t *ret_skipped)
{
	/* A file of nothing but marks with large lengths must not cost its size squared. */
	uint64_t at = from, spent = 0, most = 4 * size + LNR_SPOOL_READ_BYTES;
	while (at < size && spent <= most) {
		int r = frame_at(fd, at, size, salt, work, ret);
		if (r != -ENODATA) {
			*ret_skipped = at - from;
			return r;
		}
		spent += work->len;
		r = find_mark(fd, at + 1, size, work, &at);
		if (r && r != -ENODATA)
			return r;
		if (r)
			break;
	}
	*ret_skipped = size > from ? size - from : 0;
	return -ENODATA;
}

void lnr_spool_put_cursor(struct lnr_buf *out, uint64_t generation, uint64_t number)
{
	size_t from = out->len;
	lnr_buf_add(out, cursor_magic, sizeof(cursor_magic));
	put_u64(out, generation);
	put_u64(out, number);
	if (!out->failed)
		put_u32(out, sum_of(out->ptr + from, out->len - from));
}

int lnr_spool_get_cursor(struct lnr_str b, uint64_t *ret_generation, uint64_t *ret_number)
{
	int r = -EBADMSG;
	for (size_t at = 0; at + LNR_SPOOL_CURSOR_BYTES <= b.len && at <= LNR_SPOOL_CURSOR_BYTES;
		at += LNR_SPOOL_CURSOR_BYTES) {
		const char *p = b.ptr + at;
		uint64_t generation = get_u64(p + 8), number = get_u64(p + 16);
		if (memcmp(p, cursor_magic, sizeof(cursor_magic)) ||
			number >= LNR_SPOOL_NUMBER_MAX ||
			get_u32(p + 24) != sum_of(p, LNR_SPOOL_CURSOR_BYTES - 4) ||
			(!r && generation <= *ret_generation))
			continue;
		*ret_generation = generation;
		*ret_number = number;
		r = 0;
	}
	return r;
}
