/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/scap_write.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "capture/scap.h"
#include "capture/scap_format.h"
#include "capture/scap_write_priv.h"
#include "decode/schema.h"
#include "schema/limits.h"
#include "schema/record.h"

/* windowBits of zlib: 15 is the largest window, 16 asks for the gzip wrapper. */
#define GZIP_WINDOW (15 + 16)
#define GZIP_MEM    8 /* zlib's default */

struct lnr_scap_writer {
	struct lnr_scap_writer_opts opts;
	int fd;
	bool regular; /* can be cut back and synced */
	bool finished;
	int status;   /* first error, sticky */
	uint8_t *buf; /* whole blocks, LNR_SCAP_WRITE_BYTES */
	size_t len;
	uint8_t *out; /* compressed, LNR_SCAP_WRITE_BYTES; NULL = plain */
	size_t out_len;
	z_stream *z;	  /* NULL = plain */
	uint64_t written; /* bytes in the file */
	uint64_t events;
};

/* --- file ------------------------------------------------------------------------------------- */

static int write_all(struct lnr_scap_writer *w, const uint8_t *ptr, size_t len)
{
	while (len) {
		ssize_t n = write(w->fd, ptr, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = {.fd = w->fd, .events = POLLOUT};
			poll(&p, 1, -1);
			continue;
		}
		if (n < 0)
			return w->status = -errno;
		ptr += n;
		len -= (size_t)n;
		w->written += (uint64_t)n;
	}
	return 0;
}

static int out_flush(struct lnr_scap_writer *w)
{
	int r = write_all(w, w->out, w->out_len);
	w->out_len = 0;
	return r;
}

/* Uncompressed bytes on their way to the file. `flush` is zlib's. */
static int emit(struct lnr_scap_writer *w, const uint8_t *ptr, size_t len, int flush)
{
	if (!w->z)
		return write_all(w, ptr, len);
	w->z->next_in = (Bytef *)ptr;
	w->z->avail_in = (uInt)len;
	for (;;) {
		w->z->next_out = w->out + w->out_len;
		w->z->avail_out = (uInt)(LNR_SCAP_WRITE_BYTES - w->out_len);
		int z = deflate(w->z, flush);
		w->out_len = LNR_SCAP_WRITE_BYTES - w->z->avail_out;
		/* Room left means that zlib has nothing more to say. */
		if (w->z->avail_out || z == Z_STREAM_END)
			return 0;
		int r = out_flush(w);
		if (r)
			return r;
	}
}

/* After an error: half a block at the end of a plain file would only be found damaged. */
static void cut_back(struct lnr_scap_writer *w, uint64_t size)
{
	if (w->regular && !w->z && ftruncate(w->fd, (off_t)size) == 0)
		w->written = size;
}

/* Bytes of the whole blocks in the first `len` bytes of the buffer. */
static size_t whole_blocks(const struct lnr_scap_writer *w, uint64_t len)
{
	size_t at = 0;
	for (;;) {
		size_t next = at + lnr_le32(w->buf + at + 4);
		if (next > len)
			return at;
		at = next;
	}
}

static int buf_flush(struct lnr_scap_writer *w, int flush)
{
	uint64_t start = w->written;
	int r = emit(w, w->buf, w->len, flush);
	if (r && !w->z)
		cut_back(w, start + (w->len ? whole_blocks(w, w->written - start) : 0));
	w->len = 0;
	return r;
}

static void put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

int lnr_scap_write_block(
	struct lnr_scap_writer *w, uint32_t type, const struct lnr_piece *pieces, unsigned n)
{
	static const uint8_t zero[3];
	if (w->status)
		return w->status;
	if (w->finished)
		return -EPIPE;
	size_t body = 0;
	for (unsigned i = 0; i < n; i++)
		body += pieces[i].len;
	size_t pad = -body & 3;
	size_t total = body + pad + LNR_SCAP_FRAME;
	uint8_t head[LNR_SCAP_HEAD], trailer[4];
	put32(head, type);
	put32(head + 4, (uint32_t)total);
	put32(trailer, (uint32_t)total);
	if (total > LNR_SCAP_WRITE_BYTES - w->len) {
		int r = buf_flush(w, Z_NO_FLUSH);
		if (r)
			return r;
	}
	if (total <= LNR_SCAP_WRITE_BYTES) {
		uint8_t *p = w->buf + w->len;
		p = mempcpy(p, head, sizeof(head));
		for (unsigned i = 0; i < n; i++)
			if (pieces[i].len)
				p = mempcpy(p, pieces[i].ptr, pieces[i].len);
		p = mempcpy(p, zero, pad);
		memcpy(p, trailer, sizeof(trailer));
		w->len += total;
		return 0;
	}
	uint64_t start = w->written;
	int r = emit(w, head, sizeof(head), Z_NO_FLUSH);
	for (unsigned i = 0; !r && i < n; i++)
		for (size_t at = 0; !r && at < pieces[i].len;) {
			/* zlib counts in 32 bits. */
			size_t some = pieces[i].len - at;
			some = some > UINT32_MAX / 2 ? UINT32_MAX / 2 : some;
			r = emit(w, (const uint8_t *)pieces[i].ptr + at, some, Z_NO_FLUSH);
			at += some;
		}
	r = r ? r : emit(w, zero, pad, Z_NO_FLUSH);
	r = r ? r : emit(w, trailer, sizeof(trailer), Z_NO_FLUSH);
	if (r)
		cut_back(w, start);
	return r;
}

/* --- opening ---------------------------------------------------------------------------------- */

/*
 * Capture names can be guessed and their folder may be /tmp: whoever put something there first must
 * not choose where the records go, nor read them.
 */
static int open_own_file(const char *path, struct lnr_err *err)
{
	/* Not O_TRUNC before it is known whose it is; O_NONBLOCK so that a pipe cannot hold us. */
	int fd = open(
		path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		return lnr_fail(err, -errno, "cannot create capture %s: %s", path,
			errno == ELOOP ? "it is a symbolic link" : strerror(errno));
	struct stat st;
	int r = 0;
	if (fstat(fd, &st))
		r = lnr_fail(err, -errno, "cannot stat %s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)
		r = lnr_fail(err, -EPERM,
			"will not write capture %s: it exists and is not a plain file of this user",
			path);
	else if (ftruncate(fd, 0) || fchmod(fd, 0600))
		r = lnr_fail(err, -errno, "cannot empty %s: %s", path, strerror(errno));
	if (r) {
		close(fd);
		return r;
	}
	return fd;
}

static bool gzip_init(struct lnr_scap_writer *w)
{
	w->out = malloc(LNR_SCAP_WRITE_BYTES);
	z_stream *z = calloc(1, sizeof(*z));
	if (!z || !w->out ||
		deflateInit2(z, w->opts.level ? w->opts.level : 6, Z_DEFLATED, GZIP_WINDOW,
			GZIP_MEM, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(z);
		return false;
	}
	w->z = z;
	return true;
}

int lnr_scap_writer_open_fd(int fd, const struct lnr_scap_writer_opts *opts,
	struct lnr_scap_writer **ret, struct lnr_err *err)
{
	struct lnr_scap_writer *w = calloc(1, sizeof(*w));
	if (!w) {
		close(fd);
		return lnr_fail(err, -ENOMEM, "out of memory");
	}
	w->fd = fd;
	if (opts->size != sizeof(*opts)) {
		lnr_scap_writer_close(w);
		return lnr_fail(err, -EINVAL,
			"struct lnr_scap_writer_opts has size %zu, expected %zu", opts->size,
			sizeof(*opts));
	}
	if (opts->level < 0 || opts->level > 9) {
		lnr_scap_writer_close(w);
		return lnr_fail(err, -EINVAL, "compression level %d is not 0 to 9", opts->level);
	}
	w->opts = *opts;
	struct stat st;
	w->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	w->buf = malloc(LNR_SCAP_WRITE_BYTES);
	bool ok = w->buf && (!opts->gzip || gzip_init(w));
	if (!ok) {
		lnr_scap_writer_close(w);
		return lnr_fail(err, -ENOMEM, "out of memory");
	}
	*ret = w;
	return 0;
}

int lnr_scap_writer_open(const char *path, const struct lnr_scap_writer_opts *opts,
	struct lnr_scap_writer **ret, struct lnr_err *err)
{
	int fd = open_own_file(path, err);
	return fd < 0 ? fd : lnr_scap_writer_open_fd(fd, opts, ret, err);
}

struct lnr_scap_writer *lnr_scap_writer_close(struct lnr_scap_writer *w)
{
	if (!w)
		return NULL;
	if (w->z) {
		deflateEnd(w->z);
		free(w->z);
	}
	free(w->buf);
	free(w->out);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
	return NULL;
}

/* --- events ----------------------------------------------------------------------------------- */

int lnr_scap_write_event(
	struct lnr_scap_writer *w, const void *record, uint32_t len, uint16_t cpu, uint32_t flags)
{
	const struct lnr_record *rec = record;
	if (len < sizeof(*rec) || rec->len != len)
		return -EMSGSIZE;
	const struct lnr_event_info *info = lnr_event_info(rec->type);
	bool state_only = flags & LNR_ITEM_STATE_ONLY;
	uint8_t before[6];
	memcpy(before, &cpu, 2);
	put32(before + 2, LNR_SCAP_FLAG_STATE_ONLY);
	const struct lnr_piece pieces[] = {{before, state_only ? 6 : 2}, {record, len}};
	/* Spec scap-format 4: body and trailer of an ordinary block, padding included. */
	size_t size = pieces[0].len + len;
	size += (-size & 3) + 4;
	bool large = size > LNR_RECORD_MAX || (info && info->flags & LNR_EF_LARGE_PAYLOAD);
	if (size > LNR_SCAP_EVENT_BYTES)
		return -EMSGSIZE;
	uint32_t type = large ? (state_only ? LNR_SCAP_EVF_V2_LARGE : LNR_SCAP_EV_V2_LARGE)
			      : (state_only ? LNR_SCAP_EVF_V2 : LNR_SCAP_EV_V2);
	int r = lnr_scap_write_block(w, type, pieces, 2);
	if (!r)
		w->events++;
	return r;
}

/* --- flushing, rotation, numbers ---------------------------------------------------------------
 */

static int failed(int r, struct lnr_err *err)
{
	return lnr_fail(err, r, "cannot write the capture: %s", strerror(-r));
}

static int flush(struct lnr_scap_writer *w, int how)
{
	if (w->status)
		return w->status;
	int r = buf_flush(w, how);
	if (!r && w->z)
		r = out_flush(w);
	return r;
}

int lnr_scap_writer_flush(struct lnr_scap_writer *w, bool sync, struct lnr_err *err)
{
	if (w->finished)
		return 0;
	int r = flush(w, Z_SYNC_FLUSH);
	if (!r && sync && w->regular && fdatasync(w->fd))
		r = w->status = -errno;
	return r ? failed(r, err) : 0;
}

int lnr_scap_writer_finish(struct lnr_scap_writer *w, struct lnr_err *err)
{
	if (w->finished)
		return w->status;
	int r = flush(w, Z_FINISH);
	w->finished = true;
	if (!r && w->regular && fsync(w->fd))
		r = w->status = -errno;
	return r ? failed(r, err) : 0;
}

int lnr_scap_writer_rotate(struct lnr_scap_writer *w, const char *path,
	const struct lnr_scap_machine *machine, struct lnr_state *st, uint64_t ts,
	struct lnr_err *err)
{
	struct lnr_scap_writer *next;
	int r = lnr_scap_writer_open(path, &w->opts, &next, err);
	if (r)
		return r;
	r = lnr_scap_write_tables(next, machine, st, err);
	if (!r && st)
		r = lnr_scap_write_scene(next, st, ts, err);
	if (r) {
		lnr_scap_writer_close(next);
		unlink(path);
		return r;
	}
	r = lnr_scap_writer_finish(w, err);
	/* The caller keeps its pointer: the two change places. */
	struct lnr_scap_writer old = *w;
	*w = *next;
	*next = old;
	lnr_scap_writer_close(next);
	return r ? 1 : 0;
}

int lnr_scap_rotated_name(char *buf, size_t size, const char *base, uint64_t n, uint64_t count)
{
	int width = count ? snprintf(NULL, 0, "%llu", (unsigned long long)(count - 1)) : 1;
	const char *slash = strrchr(base, '/'), *dot = strrchr(base, '.');
	const char *name = slash ? slash + 1 : base;
	/* A name that begins with its only dot has no extension. */
	if (!dot || dot <= name)
		dot = base + strlen(base);
	if (count)
		n %= count;
	int len = snprintf(buf, size, "%.*s.%0*llu%s", (int)(dot - base), base, width,
		(unsigned long long)n, dot);
	return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

uint64_t lnr_scap_writer_bytes(const struct lnr_scap_writer *w)
{
	if (!w->z)
		return w->written + w->len;
	/* What waits will be compressed about as well as what has been. */
	uint64_t in = w->z->total_in, out = w->written + w->out_len;
	return out + (in ? (uint64_t)((double)w->len * (double)out / (double)in) : w->len / 4);
}

uint64_t lnr_scap_writer_events(const struct lnr_scap_writer *w)
{
	return w->events;
}

bool lnr_scap_writer_full(const struct lnr_scap_writer *w)
{
	return w->opts.max_bytes && lnr_scap_writer_bytes(w) >= w->opts.max_bytes;
}
