/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/scap_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "schema/limits.h"

/* RFC 1952: every gzip member starts with these. */
#define GZIP_ID1 0x1f
#define GZIP_ID2 0x8b
/* windowBits of zlib: 15 is the largest window, 16 asks for the gzip wrapper. */
#define GZIP_WINDOW (15 + 16)
/* How long an interruptible stream waits for a pipe before it says "nothing for now". */
#define WAIT_MS 100

static int stream_init(struct lnr_scap_stream *s, struct lnr_err *err)
{
	*s = (struct lnr_scap_stream){.fd = -1};
	s->buf = malloc(LNR_SCAP_WINDOW_BYTES);
	if (!s->buf)
		return lnr_fail(err, -ENOMEM, "out of memory");
	s->cap = LNR_SCAP_WINDOW_BYTES;
	return 0;
}

int lnr_scap_stream_open(struct lnr_scap_stream *s, const char *path, struct lnr_err *err)
{
	int r = stream_init(s, err);
	if (r)
		return r;
	if (strcmp(path, "-") == 0) {
		s->fd = STDIN_FILENO;
	} else {
		s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (s->fd < 0)
			return lnr_fail(err, -errno, "cannot open %s: %s", path, strerror(errno));
		s->own_fd = true;
	}
	struct stat st;
	if (fstat(s->fd, &st))
		return lnr_fail(err, -errno, "cannot stat %s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return lnr_fail(err, -EISDIR, "cannot read %s: it is a directory", path);
	s->regular = S_ISREG(st.st_mode);
	if (s->regular) {
		off_t at = lseek(s->fd, 0, SEEK_CUR);
		if (at >= 0 && at < st.st_size)
			s->raw_total = (uint64_t)(st.st_size - at);
		posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	return 0;
}

int lnr_scap_stream_memory(
	struct lnr_scap_stream *s, const void *ptr, size_t len, struct lnr_err *err)
{
	int r = stream_init(s, err);
	if (r)
		return r;
	s->mem = ptr;
	s->mem_len = len;
	s->raw_total = len;
	s->regular = true;
	return 0;
}

void lnr_scap_stream_done(struct lnr_scap_stream *s)
{
	if (s->z_ready)
		inflateEnd(&s->z);
	if (s->own_fd && s->fd >= 0)
		close(s->fd);
	free(s->raw);
	free(s->buf);
	*s = (struct lnr_scap_stream){.fd = -1};
}

static uint64_t arrived(const struct lnr_scap_stream *s)
{
	return s->offset + lnr_scap_avail(s);
}

/* Remember what broke; need() reports it once the bytes before it are used up. */
static int broken(struct lnr_scap_stream *s, int code, const char *what)
{
	s->status = code;
	return lnr_fail(&s->why, code, "%s after %llu bytes of the capture", what,
		(unsigned long long)arrived(s));
}

/* Up to `size` bytes of the source. 0 = its end; -EAGAIN = nothing for now. */
static ssize_t read_source(struct lnr_scap_stream *s, void *ptr, size_t size)
{
	if (s->fd < 0) {
		size_t left = s->mem_len - (size_t)s->raw_read;
		if (size > left)
			size = left;
		if (size)
			memcpy(ptr, s->mem + s->raw_read, size);
		s->raw_read += size;
		return (ssize_t)size;
	}
	for (;;) {
		if (!s->regular) {
			struct pollfd p = {.fd = s->fd, .events = POLLIN};
			int n = poll(&p, 1, s->interruptible ? WAIT_MS : -1);
			if (n < 0 && errno != EINTR)
				return -errno;
			if (n <= 0) {
				if (s->interruptible)
					return -EAGAIN;
				continue;
			}
		}
		ssize_t n = read(s->fd, ptr, size);
		if (n >= 0) {
			s->raw_read += (uint64_t)n;
			return n;
		}
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
		if (s->interruptible)
			return -EAGAIN;
	}
}

/* Have at least two compressed bytes, or all there are. */
static int fill_raw(struct lnr_scap_stream *s, size_t want)
{
	while (s->raw_end - s->raw_at < want) {
		if (s->raw_at) {
			memmove(s->raw, s->raw + s->raw_at, s->raw_end - s->raw_at);
			s->raw_end -= s->raw_at;
			s->raw_at = 0;
		}
		ssize_t n = read_source(s, s->raw + s->raw_end, LNR_SCAP_RAW_BYTES - s->raw_end);
		if (n == -EAGAIN)
			return -EAGAIN;
		if (n < 0)
			return broken(s, (int)n, strerror((int)-n));
		if (n == 0)
			return -ENODATA;
		s->raw_end += (size_t)n;
	}
	return 0;
}

/* Between members: the next one starts here, or the stream ends here. */
static int open_member(struct lnr_scap_stream *s)
{
	int r = fill_raw(s, 2);
	if (r == -EAGAIN || s->status)
		return r;
	/* Tapes and some copy tools pad with zeros; nothing else may follow a member. */
	while (s->raw_at < s->raw_end && s->raw[s->raw_at] == 0)
		s->raw_at++;
	size_t left = s->raw_end - s->raw_at;
	if (!left) {
		if (r == -ENODATA)
			s->status = -ENODATA;
		return r;
	}
	if (left == 1 && !r)
		return 0; /* once more, with the byte after it */
	if (left < 2 || s->raw[s->raw_at] != GZIP_ID1 || s->raw[s->raw_at + 1] != GZIP_ID2)
		return broken(s, -EBADMSG, "garbage behind the compressed data");
	inflateReset(&s->z);
	s->member_open = true;
	return 0;
}

/* Uncompress into the free end of the window. */
static int produce_gzip(struct lnr_scap_stream *s)
{
	if (!s->member_open)
		return open_member(s);
	int r = fill_raw(s, 1);
	if (r == -ENODATA)
		return broken(s, -EBADMSG, "compressed data are cut off");
	if (r)
		return r;
	s->z.next_in = s->raw + s->raw_at;
	s->z.avail_in = (uInt)(s->raw_end - s->raw_at);
	s->z.next_out = s->buf + s->end;
	size_t room = s->cap - s->end;
	s->z.avail_out = room > UINT32_MAX ? UINT32_MAX : (uInt)room;
	uInt had = s->z.avail_out;
	int z = inflate(&s->z, Z_NO_FLUSH);
	s->raw_at = s->raw_end - s->z.avail_in;
	s->end += had - s->z.avail_out;
	switch (z) {
	case Z_OK:
	case Z_BUF_ERROR:
		return 0;
	case Z_STREAM_END:
		s->member_open = false;
		return 0;
	case Z_MEM_ERROR:
		return broken(s, -ENOMEM, "out of memory");
	default:
		return broken(s, -EBADMSG, s->z.msg ? s->z.msg : "compressed data are damaged");
	}
}

/* First bytes of the source: which kind is it? */
static int detect(struct lnr_scap_stream *s)
{
	if (!s->raw) {
		s->raw = malloc(LNR_SCAP_RAW_BYTES);
		if (!s->raw)
			return broken(s, -ENOMEM, "out of memory");
	}
	int r = fill_raw(s, 2);
	if (r == -EAGAIN || s->status)
		return r;
	if (s->raw_end >= 2 && s->raw[0] == GZIP_ID1 && s->raw[1] == GZIP_ID2) {
		if (inflateInit2(&s->z, GZIP_WINDOW) != Z_OK)
			return broken(s, -ENOMEM, "out of memory");
		s->z_ready = true;
		s->kind = LNR_SCAP_GZIP;
		return 0;
	}
	/* The window is empty here and larger than the raw buffer. */
	memcpy(s->buf, s->raw, s->raw_end);
	s->end = s->raw_end;
	free(s->raw);
	s->raw = NULL;
	s->raw_at = s->raw_end = 0;
	s->kind = LNR_SCAP_PLAIN;
	return 0;
}
_Static_assert(LNR_SCAP_RAW_BYTES <= LNR_SCAP_WINDOW_BYTES, "detect() copies one into the other");

static int produce_plain(struct lnr_scap_stream *s)
{
	ssize_t n = read_source(s, s->buf + s->end, s->cap - s->end);
	if (n == -EAGAIN)
		return -EAGAIN;
	if (n < 0)
		return broken(s, (int)n, strerror((int)-n));
	if (n == 0)
		return s->status = -ENODATA;
	s->end += (size_t)n;
	return 0;
}

/* Space behind the window, so that n bytes in a row fit in the end. */
static int make_room(struct lnr_scap_stream *s, size_t n)
{
	if (s->at && (s->end == s->cap || s->cap - s->at < n)) {
		memmove(s->buf, s->buf + s->at, lnr_scap_avail(s));
		s->end -= s->at;
		s->at = 0;
	}
	if (s->end < s->cap)
		return 0;
	size_t cap = s->cap * 2;
	uint8_t *buf = realloc(s->buf, cap);
	if (!buf)
		return -ENOMEM;
	s->buf = buf;
	s->cap = cap;
	return 0;
}

int lnr_scap_fill(struct lnr_scap_stream *s, size_t n, struct lnr_err *err)
{
	while (lnr_scap_avail(s) < n) {
		if (s->status == -ENODATA)
			return -ENODATA;
		if (s->status)
			return lnr_fail(err, s->status, "%s", s->why.msg);
		if (make_room(s, n))
			return lnr_fail(err, -ENOMEM, "out of memory for a block of %zu bytes", n);
		int r = s->kind == LNR_SCAP_GZIP    ? produce_gzip(s)
			: s->kind == LNR_SCAP_PLAIN ? produce_plain(s)
						    : detect(s);
		if (r == -EAGAIN)
			return -EAGAIN;
	}
	return 0;
}

int lnr_scap_skip(struct lnr_scap_stream *s, uint64_t n, struct lnr_err *err)
{
	while (n) {
		int r = lnr_scap_need(s, 1, err);
		if (r)
			return r;
		size_t some = lnr_scap_avail(s);
		if (some > n)
			some = (size_t)n;
		lnr_scap_take(s, some);
		n -= some;
	}
	return 0;
}

double lnr_scap_stream_progress(const struct lnr_scap_stream *s)
{
	if (!s->raw_total)
		return s->regular ? 1 : -1;
	uint64_t waiting = s->kind == LNR_SCAP_GZIP ? s->raw_end - s->raw_at : lnr_scap_avail(s);
	double share = (double)(s->raw_read - waiting) / (double)s->raw_total;
	/* A file may grow while it is read. */
	return share > 1 ? 1 : share;
}
