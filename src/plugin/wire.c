/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/util.h"
#include "schema/limits.h"

#define HEAD 8 /* bytes: length, kind, reserved */

void lnr_wire_init(struct lnr_wire *w, int fd)
{
	*w = (struct lnr_wire){.fd = fd};
	lnr_buf_init(&w->out, LNR_PLUGIN_MESSAGE_BYTES);
}

void lnr_wire_done(struct lnr_wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	lnr_buf_done(&w->out);
	free(w->in);
	*w = (struct lnr_wire){.fd = -1};
}

/* --- writing --- */

void lnr_wire_begin(struct lnr_wire *w, enum lnr_wire_kind kind)
{
	uint16_t rest[2] = {(uint16_t)kind, 0};
	lnr_buf_clear(&w->out);
	lnr_wire_u32(w, 0);
	lnr_wire_bytes(w, rest, sizeof(rest));
}

void lnr_wire_u32(struct lnr_wire *w, uint32_t v)
{
	lnr_buf_add(&w->out, &v, sizeof(v));
}

void lnr_wire_u64(struct lnr_wire *w, uint64_t v)
{
	lnr_buf_add(&w->out, &v, sizeof(v));
}

void lnr_wire_bytes(struct lnr_wire *w, const void *p, size_t n)
{
	lnr_buf_add(&w->out, p, n);
}

void lnr_wire_text(struct lnr_wire *w, const char *text)
{
	size_t n = text ? strlen(text) : 0;
	if (!text || n >= UINT32_MAX) {
		lnr_wire_u32(w, UINT32_MAX);
		return;
	}
	lnr_wire_u32(w, (uint32_t)n);
	lnr_wire_bytes(w, text, n + 1);
}

void lnr_wire_align(struct lnr_wire *w)
{
	static const uint8_t zeros[8];
	lnr_wire_bytes(w, zeros, -w->out.len & 7); /* the head is 8 long */
}

size_t lnr_wire_hole(struct lnr_wire *w)
{
	size_t at = w->out.len;
	lnr_wire_u32(w, 0);
	return at;
}

void lnr_wire_fill(struct lnr_wire *w, size_t at, uint32_t v)
{
	if (!w->out.failed)
		memcpy(w->out.ptr + at, &v, sizeof(v));
}

/* 0 = ready, or the other end is gone, which the next call finds out; -EAGAIN = time is up. */
static int wait_for(int fd, short events, uint64_t deadline_ns)
{
	struct pollfd p = {.fd = fd, .events = events};
	for (;;) {
		int ms = -1;
		if (deadline_ns) {
			uint64_t now = lnr_mono_ns(lnr_clock_system());
			uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
			left = (left + LNR_NS_PER_MS - 1) / LNR_NS_PER_MS;
			ms = left > 60000 ? 60000 : (int)left;
		}
		int n = poll(&p, 1, ms);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (deadline_ns && lnr_mono_ns(lnr_clock_system()) >= deadline_ns)
			return -EAGAIN;
	}
}

int lnr_wire_send(struct lnr_wire *w, uint64_t deadline_ns)
{
	size_t at = 0;
	if (w->fd < 0)
		return -EPIPE;
	if (w->out.failed)
		return -ENOMEM;
	lnr_wire_fill(w, 0, (uint32_t)(w->out.len - HEAD));
	while (at < w->out.len) {
		ssize_t n = send(
			w->fd, w->out.ptr + at, w->out.len - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0) {
			at += (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -EPIPE;
		int r = wait_for(w->fd, POLLOUT, deadline_ns);
		if (r)
			return r;
	}
	return 0;
}

/* --- reading --- */

/* Room for `n` bytes from `at` on. */
static int make_room(struct lnr_wire *w, size_t n)
{
	if (w->at) {
		memmove(w->in, w->in + w->at, w->len - w->at);
		w->len -= w->at;
		w->at = 0;
	}
	if (n <= w->cap)
		return 0;
	size_t cap = w->cap ? w->cap : LNR_PLUGIN_BATCH_BYTES;
	while (cap < n)
		cap *= 2;
	uint8_t *p = realloc(w->in, cap);
	if (!p)
		return -ENOMEM;
	w->in = p;
	w->cap = cap;
	return 0;
}

/* Is a message there as a whole? Otherwise *ret_need is how many bytes from `at` on it takes. */
static int whole(const struct lnr_wire *w, size_t *ret_need)
{
	uint32_t size;
	*ret_need = HEAD;
	if (w->len - w->at < HEAD)
		return 0;
	memcpy(&size, w->in + w->at, sizeof(size));
	if (size > LNR_PLUGIN_MESSAGE_BYTES)
		return -EBADMSG;
	*ret_need = HEAD + (size_t)size;
	return w->len - w->at >= *ret_need;
}

int lnr_wire_recv(struct lnr_wire *w, uint64_t deadline_ns, struct lnr_wire_msg *ret)
{
	size_t need;
	int r;
	if (w->fd < 0)
		return -EPIPE;
	if (w->at == w->len)
		w->at = w->len = 0;
	while (!(r = whole(w, &need))) {
		/* A body begins at a multiple of 8, where the message before does not end there. */
		r = w->at || need > w->cap ? make_room(w, need) : 0;
		if (r)
			return r;
		ssize_t n = recv(w->fd, w->in + w->len, w->cap - w->len, MSG_DONTWAIT);
		if (n > 0) {
			w->len += (size_t)n;
			continue;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return -EPIPE;
		r = wait_for(w->fd, POLLIN, deadline_ns);
		if (r)
			return r;
	}
	if (r < 0)
		return r;
	if (w->at & 7 && (r = make_room(w, need)))
		return r;
	uint16_t kind;
	memcpy(&kind, w->in + w->at + 4, sizeof(kind));
	*ret = (struct lnr_wire_msg){.kind = (enum lnr_wire_kind)kind,
		.body = {w->in + w->at + HEAD, need - HEAD, false}};
	w->at += need;
	return 0;
}

const void *lnr_wire_get_bytes(struct lnr_wire_in *in, size_t n)
{
	if (in->bad || n > in->left) {
		in->bad = true;
		return NULL;
	}
	const uint8_t *p = in->p;
	in->p += n;
	in->left -= n;
	return p;
}

uint32_t lnr_wire_get_u32(struct lnr_wire_in *in)
{
	uint32_t v = 0;
	const void *p = lnr_wire_get_bytes(in, sizeof(v));
	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

uint64_t lnr_wire_get_u64(struct lnr_wire_in *in)
{
	uint64_t v = 0;
	const void *p = lnr_wire_get_bytes(in, sizeof(v));
	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

struct lnr_str lnr_wire_get_text(struct lnr_wire_in *in)
{
	static const struct lnr_str none = {NULL, 0};
	uint32_t n = lnr_wire_get_u32(in);
	if (in->bad || n == UINT32_MAX)
		return none;
	const char *p = lnr_wire_get_bytes(in, (size_t)n + 1);
	if (!p || p[n] || memchr(p, 0, n)) {
		in->bad = true;
		return none;
	}
	return (struct lnr_str){p, n};
}

void lnr_wire_get_align(struct lnr_wire_in *in, const uint8_t *body)
{
	lnr_wire_get_bytes(in, -(size_t)(in->p - body) & 7);
}
