/* SPDX-License-Identifier: Apache-2.0 */
/* A spool's files: what is there at the start, writing, making room, cursors. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "alert/codec.h"
#include "base/clock.h"
#include "base/util.h"
#include "outputs/spool_priv.h"

#define NAME_BYTES 64

static void segment_name(char out[NAME_BYTES], unsigned priority, uint64_t first)
{
	snprintf(out, NAME_BYTES, "p%u-%016llx.seg", priority, (unsigned long long)first);
}

/* --- chains --- */

static struct lnr_spool_segment *chain_add(struct lnr_spool_chain *c)
{
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 8;
		struct lnr_spool_segment *v = realloc(c->v, cap * sizeof(*v));
		if (!v)
			return NULL;
		c->v = v;
		c->cap = cap;
	}
	c->v[c->n] = (struct lnr_spool_segment){.fd = -1};
	return &c->v[c->n++];
}

/* Remove the oldest segment of a chain, file and all. */
static void chain_drop(struct lnr_spool *s, unsigned priority)
{
	struct lnr_spool_chain *c = &s->chain[priority];
	char name[NAME_BYTES];
	segment_name(name, priority, c->v[0].first);
	close(c->v[0].fd);
	/* A file that stays is found at the next start, and its alerts were taken. */
	(void)unlinkat(s->dir, name, 0);
	s->stats.bytes -= c->v[0].size;
	s->stats.segments--;
	c->n--;
	memmove(c->v, c->v + 1, c->n * sizeof(*c->v));
	if (!c->n)
		c->open = false;
}

struct lnr_spool_segment *lnr_spool_segment_of(struct lnr_spool_chain *c, uint64_t number)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->v[i].count && c->v[i].last >= number)
			return &c->v[i];
	}
	return NULL;
}

uint64_t lnr_spool_taken_by_all(const struct lnr_spool *s)
{
	uint64_t least = LNR_SPOOL_NUMBER_MAX;
	for (size_t i = 0; i < LNR_SPOOL_READERS_MAX; i++) {
		if (s->slot[i].name[0] && s->slot[i].next < least)
			least = s->slot[i].next;
	}
	return least == LNR_SPOOL_NUMBER_MAX ? 0 : least;
}

void lnr_spool_free_taken(struct lnr_spool *s, bool all)
{
	uint64_t taken = lnr_spool_taken_by_all(s);
	for (unsigned p = 0; p < LNR_SPOOL_PRIORITIES; p++) {
		struct lnr_spool_chain *c = &s->chain[p];
		while (c->n && c->v[0].last < taken && (all || c->n > 1 || !c->open))
			chain_drop(s, p);
	}
}

/* --- at the start --- */

/* What a file holds; its torn end is cut off. -ENODATA: nothing that counts. */
static int examine(struct lnr_spool *s, struct lnr_spool_segment *seg, struct lnr_buf *work)
{
	struct lnr_spool_frame f;
	uint64_t at = LNR_SPOOL_HEADER_BYTES, skipped = 0;
	int r;
	while ((r = lnr_spool_get_frame(seg->fd, at, seg->size, seg->salt, work, &f, &skipped)) ==
		0) {
		s->stats.damaged += skipped != 0;
		at = f.at + LNR_SPOOL_FRAME_BYTES + f.len;
		/* Numbers ascend; one that does not is of no use to a reader. */
		if (f.number < seg->first || (seg->count && f.number <= seg->last)) {
			s->stats.damaged++;
			continue;
		}
		seg->last = f.number;
		seg->count++;
	}
	if (r != -ENODATA)
		return r;
	if (skipped) {
		s->stats.torn++;
		if (ftruncate(seg->fd, (off_t)at))
			return -errno;
		seg->size = at;
	}
	return seg->count ? 0 : -ENODATA;
}

static int load_segment(
	struct lnr_spool *s, const char *name, unsigned priority, struct lnr_buf *work)
{
	struct lnr_spool_header h;
	struct lnr_spool_segment seg = {0};
	struct stat st;
	char head[LNR_SPOOL_HEADER_BYTES];
	seg.fd = openat(s->dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (seg.fd < 0)
		return -errno;
	int r = fstat(seg.fd, &st) ? -errno : S_ISREG(st.st_mode) ? 0 : -EBADMSG;
	ssize_t n = r ? 0 : pread(seg.fd, head, sizeof(head), 0);
	if (!r && n < (ssize_t)sizeof(head))
		r = n < 0 ? -errno : -ENODATA;
	if (!r)
		r = lnr_spool_get_header((struct lnr_str){head, n > 0 ? (size_t)n : 0}, &h);
	if (!r && h.priority != priority)
		r = -EBADMSG;
	if (!r) {
		seg.first = h.first;
		seg.salt = h.salt;
		seg.size = (uint64_t)st.st_size;
		r = examine(s, &seg, work);
	}
	if (!r) {
		struct lnr_spool_segment *to = chain_add(&s->chain[priority]);
		r = to ? 0 : -ENOMEM;
		if (to) {
			*to = seg;
			s->stats.bytes += seg.size;
			s->stats.segments++;
			if (seg.last >= s->next)
				s->next = seg.last + 1;
			return 0;
		}
	}
	close(seg.fd);
	return r;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_segment(const struct dirent *d)
{
	const char *n = d->d_name;
	return strlen(n) == 23 && n[0] == 'p' && n[1] >= '0' && n[1] <= '7' && n[2] == '-' &&
	       strspn(n + 3, "0123456789abcdef") == 16 && strcmp(n + 19, ".seg") == 0;
}

static int is_cursor(const struct dirent *d)
{
	size_t n = strlen(d->d_name);
	return n > 7 && n < NAME_BYTES && strcmp(d->d_name + n - 7, ".cursor") == 0;
}

/* Not in a form that we know, perhaps a newer one: for a person to look at. */
static void put_aside(struct lnr_spool *s, const char *name)
{
	char aside[300]; /* NAME_MAX and what is put behind it */
	snprintf(aside, sizeof(aside), "%s.damaged", name);
	lnr_log(s->log, LNR_LOG_ERROR, "%s/%s is damaged or of another version: now %s", s->path,
		name, aside);
	(void)renameat(s->dir, name, s->dir, aside);
}

/* By name is by priority, then by number. */
static int load_segments(struct lnr_spool *s, struct lnr_err *err)
{
	struct dirent **names = NULL;
	struct lnr_buf work;
	int n = scandirat(s->dir, ".", &names, is_segment, by_name), r = 0;
	if (n < 0)
		return lnr_fail(err, -errno, "cannot list %s: %s", s->path, strerror(errno));
	lnr_buf_init(&work, 0);
	for (int i = 0; i < n; i++) {
		if (!r && s->stats.segments < LNR_SPOOL_SEGMENTS_MAX) {
			unsigned priority = (unsigned)(names[i]->d_name[1] - '0');
			int rc = load_segment(s, names[i]->d_name, priority, &work);
			/* A killed writer leaves an empty or half begun file: it is in the way. */
			if (rc == -ENODATA) {
				(void)unlinkat(s->dir, names[i]->d_name, 0);
			} else if (rc == -EBADMSG) {
				s->stats.damaged++;
				put_aside(s, names[i]->d_name);
			} else if (rc == -EIO) {
				/* The rest of the disk may do; nobody shall be blind for it. */
				s->stats.damaged++;
				lnr_log(s->log, LNR_LOG_ERROR, "cannot read %s/%s: %s", s->path,
					names[i]->d_name, strerror(EIO));
			} else if (rc) {
				r = lnr_fail(err, rc, "cannot read %s/%s: %s", s->path,
					names[i]->d_name, strerror(-rc));
			}
		}
		free(names[i]);
	}
	free(names);
	lnr_buf_done(&work);
	return r;
}

static int read_cursor(
	struct lnr_spool *s, const char *file, uint64_t *ret_generation, uint64_t *ret_number)
{
	char both[2 * LNR_SPOOL_CURSOR_BYTES];
	LNR_AUTO_CLOSE int fd = openat(
		s->dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	ssize_t n = pread(fd, both, sizeof(both), 0);
	if (n < 0)
		return -errno;
	return lnr_spool_get_cursor((struct lnr_str){both, (size_t)n}, ret_generation, ret_number);
}

/* Numbers go on behind what any cursor has seen, though the alerts are gone. */
static int load_cursors(struct lnr_spool *s, struct lnr_err *err)
{
	struct dirent **names = NULL;
	uint64_t generation, number;
	int n = scandirat(s->dir, ".", &names, is_cursor, by_name);
	if (n < 0)
		return lnr_fail(err, -errno, "cannot list %s: %s", s->path, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (!read_cursor(s, names[i]->d_name, &generation, &number) && number > s->next)
			s->next = number;
		free(names[i]);
	}
	free(names);
	return 0;
}

/* Ours, and nobody else may write there. */
static int open_dir(struct lnr_spool *s, struct lnr_err *err)
{
	struct stat st;
	if (mkdir(s->path, 0700) && errno != EEXIST)
		return lnr_fail(err, -errno, "cannot make %s: %s", s->path, strerror(errno));
	s->dir = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0 || fstat(s->dir, &st))
		return lnr_fail(err, -errno, "cannot open %s: %s", s->path, strerror(errno));
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return lnr_fail(err, -EPERM, "refusing %s: it belongs to another user", s->path);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return lnr_fail(err, -EPERM, "refusing %s: others may write there", s->path);
	if (flock(s->dir, LOCK_EX | LOCK_NB))
		return lnr_fail(err, -EBUSY, "%s is in use by another process", s->path);
	return 0;
}

int lnr_spool_load(struct lnr_spool *s, struct lnr_err *err)
{
	s->next = 1;
	int r = open_dir(s, err);
	if (!r)
		r = load_segments(s, err);
	if (!r)
		r = load_cursors(s, err);
	s->visible = s->next;
	return r;
}

/* --- writing --- */

static int write_at(int fd, struct lnr_str bytes, uint64_t at)
{
	for (size_t done = 0; done < bytes.len;) {
		ssize_t n = pwrite(fd, bytes.ptr + done, bytes.len - done, (off_t)(at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

static int segment_begin(struct lnr_spool *s, unsigned priority)
{
	struct lnr_spool_chain *c = &s->chain[priority];
	struct lnr_spool_header h = {.priority = priority, .first = s->next};
	struct lnr_spool_segment *seg = NULL;
	struct lnr_buf head;
	char name[NAME_BYTES];
	int r = 0;
	if (s->stats.segments >= LNR_SPOOL_SEGMENTS_MAX)
		return -ENOSPC;
	/* Needs to be unknown to who made the alerts, not to withstand more. */
	if (getrandom(&h.salt, sizeof(h.salt), GRND_NONBLOCK) != (ssize_t)sizeof(h.salt))
		h.salt = lnr_wall_ns(lnr_clock_system()) * UINT64_C(0x9e3779b97f4a7c15);
	segment_name(name, priority, h.first);
	lnr_buf_init(&head, 0);
	lnr_spool_put_header(&head, &h);
	int fd = openat(s->dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	r = fd < 0 ? -errno : head.failed ? -ENOMEM : write_at(fd, lnr_buf_view(&head), 0);
	if (!r)
		seg = chain_add(c);
	if (!r && !seg)
		r = -ENOMEM;
	lnr_buf_done(&head);
	if (r) {
		if (fd >= 0) {
			close(fd);
			(void)unlinkat(s->dir, name, 0);
		}
		return r;
	}
	*seg = (struct lnr_spool_segment){
		.first = h.first, .size = LNR_SPOOL_HEADER_BYTES, .salt = h.salt, .fd = fd};
	c->open = true;
	s->stats.bytes += seg->size;
	s->stats.segments++;
	s->names_dirty = s->sync != LNR_SPOOL_SYNC_NEVER;
	return 0;
}

/* Alerts of a segment that somebody still waits for; what is counted when it is given up. */
static uint64_t untaken(const struct lnr_spool_segment *seg, uint64_t taken)
{
	if (!seg->count || seg->last < taken)
		return 0;
	/* Within a segment numbers have gaps; the share is exact when nothing of it was taken. */
	return seg->first >= taken
		       ? seg->count
		       : (seg->count < seg->last - taken + 1 ? seg->count : seg->last - taken + 1);
}

/* The least urgent chain that is less urgent than `priority` and holds something; -1 = none. */
static int least_urgent(const struct lnr_spool *s, unsigned priority)
{
	for (unsigned p = LNR_SPOOL_PRIORITIES - 1; p > priority; p--) {
		if (s->chain[p].n)
			return (int)p;
	}
	return -1;
}

/*
 * Give up the oldest segment of that chain, but not before those took it who are just about to;
 * `lock` is let go meanwhile.
 */
static bool displace(struct lnr_spool *s, unsigned priority)
{
	int p;
	while ((p = least_urgent(s, priority)) >= 0 &&
		lnr_spool_awaited(s, s->chain[p].v[0].last) && lnr_spool_wait(s))
		lnr_spool_free_taken(s, true);
	if (p < 0)
		return false;
	s->stats.displaced += untaken(&s->chain[p].v[0], lnr_spool_taken_by_all(s));
	chain_drop(s, (unsigned)p);
	return true;
}

static bool make_room(struct lnr_spool *s, unsigned priority, uint64_t bytes)
{
	uint64_t kept = 0;
	if (s->stats.bytes + bytes <= s->max_bytes)
		return true;
	lnr_spool_free_taken(s, true);
	/* Nothing goes in vain. */
	for (unsigned p = 0; p <= priority; p++) {
		for (size_t i = 0; i < s->chain[p].n; i++)
			kept += s->chain[p].v[i].size;
	}
	if (kept + bytes > s->max_bytes)
		return false;
	while (s->stats.bytes + bytes > s->max_bytes) {
		if (!displace(s, priority))
			return s->stats.bytes + bytes <= s->max_bytes;
	}
	return true;
}

/* Where the frame goes: the last segment of the chain, or a new one. */
static int segment_for(
	struct lnr_spool *s, unsigned priority, uint64_t bytes, struct lnr_spool_segment **ret)
{
	struct lnr_spool_chain *c = &s->chain[priority];
	struct lnr_spool_segment *last = c->n ? &c->v[c->n - 1] : NULL;
	bool full = last && last->count && last->size + bytes > s->segment_bytes;
	/* One whose alerts are all taken is not worth its bytes once it has a few. */
	bool old = last && last->size > LNR_SPOOL_SEGMENT_BYTES_MIN &&
		   last->last < lnr_spool_taken_by_all(s);
	if (!c->open || full || old) {
		c->open = false;
		if (old)
			lnr_spool_free_taken(s, false);
		int r = segment_begin(s, priority);
		if (r)
			return r;
	}
	*ret = &c->v[c->n - 1];
	return 0;
}

static int store_once(struct lnr_spool *s, unsigned priority, struct lnr_buf *frame)
{
	struct lnr_spool_segment *seg;
	int r = segment_for(s, priority, frame->len, &seg);
	if (r)
		return r;
	lnr_spool_frame_end(frame, 0, s->next, seg->salt);
	r = write_at(seg->fd, lnr_buf_view(frame), seg->size);
	if (r) {
		/* What was written of it would be taken for damage later. */
		(void)ftruncate(seg->fd, (off_t)seg->size);
		return r;
	}
	seg->size += frame->len;
	seg->last = s->next;
	seg->count++;
	seg->dirty = true;
	s->stats.bytes += frame->len;
	return 0;
}

int lnr_spool_store(struct lnr_spool *s, unsigned priority, const struct lnr_alert *a)
{
	struct lnr_buf *frame = &s->frames;
	lnr_buf_clear(frame);
	lnr_spool_frame_begin(frame);
	lnr_alert_encode(a, frame);
	if (frame->failed)
		return -ENOMEM;
	int r;
	do {
		r = make_room(s, priority, frame->len + LNR_SPOOL_HEADER_BYTES)
			    ? store_once(s, priority, frame)
			    : -EDQUOT;
		/* A full disk gets back what is less urgent. */
	} while (r == -ENOSPC && displace(s, priority));
	return r;
}

void lnr_spool_close_files(struct lnr_spool *s)
{
	for (unsigned p = 0; p < LNR_SPOOL_PRIORITIES; p++) {
		struct lnr_spool_chain *c = &s->chain[p];
		for (size_t i = 0; i < c->n; i++)
			close(c->v[i].fd);
		free(c->v);
		*c = (struct lnr_spool_chain){0};
	}
	for (size_t i = 0; i < LNR_SPOOL_READERS_MAX; i++) {
		if (s->slot[i].name[0] && s->slot[i].fd >= 0)
			close(s->slot[i].fd);
		s->slot[i] = (struct lnr_spool_slot){.fd = -1};
	}
	if (s->dir >= 0)
		close(s->dir);
	s->dir = -1;
}

/* --- cursors --- */

static uint64_t oldest_kept(const struct lnr_spool *s)
{
	uint64_t least = s->next;
	for (unsigned p = 0; p < LNR_SPOOL_PRIORITIES; p++) {
		if (s->chain[p].n && s->chain[p].v[0].first < least)
			least = s->chain[p].v[0].first;
	}
	return least;
}

int lnr_spool_cursor_open(struct lnr_spool *s, struct lnr_spool_slot *slot, struct lnr_err *err)
{
	char file[NAME_BYTES];
	snprintf(file, sizeof(file), "%s.cursor", slot->name);
	int r = read_cursor(s, file, &slot->generation, &slot->next);
	bool fresh = r == -ENOENT;
	if (fresh)
		slot->next = s->next;
	else if (r) {
		/* Rather everything again than something never. */
		slot->next = oldest_kept(s);
		s->stats.damaged++;
	}
	slot->fd = openat(
		s->dir, file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (slot->fd < 0)
		return lnr_fail(
			err, -errno, "cannot open %s/%s: %s", s->path, file, strerror(errno));
	if (fresh)
		lnr_spool_cursor_save(s, slot);
	return 0;
}

/*
 * In turn into the one and the other slot of the file, so that a sound one is always there. When it
 * cannot be written the alert comes again after a restart.
 */
void lnr_spool_cursor_save(struct lnr_spool *s, struct lnr_spool_slot *slot)
{
	struct lnr_buf b;
	char bytes[2 * LNR_SPOOL_CURSOR_BYTES];
	(void)s;
	slot->generation++;
	/* The buffer is on the stack: this happens for each alert. */
	b = (struct lnr_buf){.ptr = bytes, .cap = sizeof(bytes), .max = sizeof(bytes)};
	lnr_spool_put_cursor(&b, slot->generation, slot->next);
	(void)write_at(slot->fd, lnr_buf_view(&b),
		(slot->generation & 1) * (uint64_t)LNR_SPOOL_CURSOR_BYTES);
}

void lnr_spool_cursors_prune(struct lnr_spool *s)
{
	struct dirent **names = NULL;
	int n = scandirat(s->dir, ".", &names, is_cursor, by_name);
	for (int i = 0; i < n; i++) {
		bool wanted = false;
		size_t len = strlen(names[i]->d_name) - 7;
		for (size_t k = 0; k < LNR_SPOOL_READERS_MAX; k++)
			wanted |= s->slot[k].name[0] && strlen(s->slot[k].name) == len &&
				  strncmp(s->slot[k].name, names[i]->d_name, len) == 0;
		if (!wanted)
			(void)unlinkat(s->dir, names[i]->d_name, 0);
		free(names[i]);
	}
	free(names);
}
