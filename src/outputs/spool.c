/* SPDX-License-Identifier: Apache-2.0 */
#include "outputs/spool.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "alert/codec.h"
#include "base/clock.h"
#include "base/err.h"
#include "outputs/spool_priv.h"

/* How often who waits for room looks whether it is to stop. */
#define WAIT_MS 100

static bool is_set(const bool *flag)
{
	return flag && __atomic_load_n(flag, __ATOMIC_RELAXED);
}

static struct timespec in_ms(uint64_t ms)
{
	uint64_t ns = lnr_mono_ns(lnr_clock_system()) + ms * LNR_NS_PER_MS;
	return (struct timespec){
		.tv_sec = (time_t)(ns / LNR_NS_PER_SEC), .tv_nsec = (long)(ns % LNR_NS_PER_SEC)};
}

/* --- life --- */

static void set_options(struct lnr_spool *s, const struct lnr_spool_opts *o)
{
	uint64_t part = o->max_bytes / 64;
	s->max_bytes = o->max_bytes;
	s->segment_bytes = part < LNR_SPOOL_SEGMENT_BYTES_MIN	? LNR_SPOOL_SEGMENT_BYTES_MIN
			   : part > LNR_SPOOL_SEGMENT_BYTES_MAX ? LNR_SPOOL_SEGMENT_BYTES_MAX
								: part;
	s->sync = o->sync;
	s->log = o->log;
}

int lnr_spool_open(const struct lnr_spool_opts *o, struct lnr_spool **ret, struct lnr_err *err)
{
	struct lnr_spool *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;
	if (!s)
		return lnr_fail(err, -ENOMEM, "out of memory");
	s->refs = 1;
	s->dir = -1;
	for (size_t i = 0; i < LNR_SPOOL_READERS_MAX; i++)
		s->slot[i].fd = -1;
	lnr_buf_init(&s->frames, LNR_SPOOL_ALERT_BYTES);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->append, NULL);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->moved, &attr);
	pthread_condattr_destroy(&attr);
	set_options(s, o);
	s->path = strdup(o->dir);
	int r = s->path ? lnr_spool_load(s, err) : lnr_fail(err, -ENOMEM, "out of memory");
	if (r) {
		lnr_spool_unref(s);
		return r;
	}
	if (s->stats.torn || s->stats.damaged)
		lnr_log(s->log, LNR_LOG_NOTICE,
			"spool %s: cut the torn end of %llu files, left out %llu damaged places",
			s->path, (unsigned long long)s->stats.torn,
			(unsigned long long)s->stats.damaged);
	*ret = s;
	return 0;
}

struct lnr_spool *lnr_spool_ref(struct lnr_spool *s)
{
	pthread_mutex_lock(&s->lock);
	s->refs++;
	pthread_mutex_unlock(&s->lock);
	return s;
}

struct lnr_spool *lnr_spool_unref(struct lnr_spool *s)
{
	if (!s)
		return NULL;
	pthread_mutex_lock(&s->lock);
	bool last = --s->refs == 0;
	pthread_mutex_unlock(&s->lock);
	if (!last)
		return NULL;
	for (size_t i = 0; i < s->recent_len; i++)
		lnr_alert_unref(s->recent[(s->recent_at + i) % LNR_SPOOL_RECENT].alert);
	lnr_spool_close_files(s);
	pthread_cond_destroy(&s->moved);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->append);
	lnr_buf_done(&s->frames);
	free(s->path);
	free(s);
	return NULL;
}

bool lnr_spool_shared(struct lnr_spool *s)
{
	pthread_mutex_lock(&s->lock);
	bool shared = s->refs > 1;
	pthread_mutex_unlock(&s->lock);
	return shared;
}

bool lnr_spool_adopt(struct lnr_spool *s, const struct lnr_spool_opts *o)
{
	struct stat ours, theirs;
	if (fstat(s->dir, &ours) || stat(o->dir, &theirs) || ours.st_dev != theirs.st_dev ||
		ours.st_ino != theirs.st_ino)
		return false;
	pthread_mutex_lock(&s->append);
	pthread_mutex_lock(&s->lock);
	set_options(s, o);
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_unlock(&s->append);
	return true;
}

/* --- the newest, in memory; all under lock --- */

static uint64_t oldest_recent(const struct lnr_spool *s)
{
	return s->next - s->recent_len;
}

static void recent_drop(struct lnr_spool *s)
{
	struct lnr_spool_recent *e = &s->recent[s->recent_at];
	s->recent_bytes -= lnr_alert_bytes(e->alert);
	e->alert = lnr_alert_unref(e->alert);
	s->recent_at = (s->recent_at + 1) % LNR_SPOOL_RECENT;
	s->recent_len--;
}

static bool recent_full(const struct lnr_spool *s)
{
	return s->recent_len == LNR_SPOOL_RECENT || s->recent_bytes >= LNR_SPOOL_RECENT_BYTES;
}

/* Numbered `next`: the caller counts on. */
static void recent_add(struct lnr_spool *s, struct lnr_alert *a, bool stored)
{
	while (s->recent_len && recent_full(s))
		recent_drop(s);
	s->recent[(s->recent_at + s->recent_len++) % LNR_SPOOL_RECENT] = (struct lnr_spool_recent){
		lnr_alert_ref(a), stored};
	s->recent_bytes += lnr_alert_bytes(a);
}

/* --- appending --- */

static void show_all(struct lnr_spool *s)
{
	s->visible = s->next;
	pthread_cond_broadcast(&s->moved);
}

bool lnr_spool_awaited(const struct lnr_spool *s, uint64_t number)
{
	bool hurry = s->haste && is_set(s->haste->hurry), any = false;
	for (size_t i = 0; i < LNR_SPOOL_READERS_MAX; i++) {
		const struct lnr_spool_slot *slot = &s->slot[i];
		if (!slot->name[0] || !slot->reader || slot->failing)
			continue;
		if (slot->next <= number)
			any = true;
		else if (hurry)
			return false;
	}
	return any;
}

bool lnr_spool_wait(struct lnr_spool *s)
{
	struct timespec until = in_ms(WAIT_MS);
	if (!s->haste || is_set(s->haste->stop))
		return false;
	show_all(s);
	s->appender_waits = true;
	pthread_cond_timedwait(&s->moved, &s->lock, &until);
	s->appender_waits = false;
	return true;
}

/* Room in memory costs the oldest there, which may be nowhere else. */
static void wait_for_memory(struct lnr_spool *s)
{
	while (s->recent_len && recent_full(s) && !s->recent[s->recent_at].stored &&
		lnr_spool_awaited(s, oldest_recent(s)) && lnr_spool_wait(s))
		;
}

/* Said once for each time it begins. */
static void tell_unstored(struct lnr_spool *s, int r)
{
	if (r && !s->told_full)
		lnr_log(s->log, LNR_LOG_ERROR,
			r == -EDQUOT
				? "spool %s is full: alerts that are not more urgent than what it "
				  "holds are kept in memory only"
				: "spool %s: %s: alerts are kept in memory only",
			s->path, strerror(-r));
	s->told_full = r != 0;
}

/* Everything that was written; `lock` is not held meanwhile. */
static void flush_all(struct lnr_spool *s)
{
	for (;;) {
		int fd = -1;
		pthread_mutex_lock(&s->lock);
		for (unsigned p = 0; fd < 0 && p < LNR_SPOOL_PRIORITIES; p++) {
			for (size_t i = 0; fd < 0 && i < s->chain[p].n; i++) {
				if (!s->chain[p].v[i].dirty)
					continue;
				s->chain[p].v[i].dirty = false;
				fd = dup(s->chain[p].v[i].fd);
			}
		}
		bool names = s->names_dirty;
		s->names_dirty = false;
		pthread_mutex_unlock(&s->lock);
		if (names && fsync(s->dir))
			lnr_log(s->log, LNR_LOG_ERROR, "cannot flush spool %s: %s", s->path,
				strerror(errno));
		if (fd < 0)
			break;
		if (fdatasync(fd))
			lnr_log(s->log, LNR_LOG_ERROR, "cannot flush spool %s: %s", s->path,
				strerror(errno));
		close(fd);
	}
	s->flush_due_ns = 0;
}

void lnr_spool_append(struct lnr_spool *s, struct lnr_alert *const *v, size_t n,
	const struct lnr_spool_haste *haste)
{
	pthread_mutex_lock(&s->append);
	s->haste = haste;
	for (size_t i = 0; i < n; i++) {
		pthread_mutex_lock(&s->lock);
		wait_for_memory(s);
		int r = lnr_spool_store(s, (unsigned)lnr_alert_priority(v[i]) & 7, v[i]);
		s->stats.unstored += r != 0;
		recent_add(s, v[i], !r);
		s->next++;
		if (s->sync != LNR_SPOOL_SYNC_ALWAYS && i + 1 == n)
			show_all(s);
		pthread_mutex_unlock(&s->lock);
		tell_unstored(s, r);
	}
	if (s->sync == LNR_SPOOL_SYNC_ALWAYS) {
		flush_all(s);
		pthread_mutex_lock(&s->lock);
		show_all(s);
		pthread_mutex_unlock(&s->lock);
	} else if (s->sync == LNR_SPOOL_SYNC_INTERVAL && !s->flush_due_ns) {
		s->flush_due_ns = lnr_mono_ns(lnr_clock_system()) +
				  LNR_SPOOL_FLUSH_MS * LNR_NS_PER_MS;
	}
	s->haste = NULL;
	pthread_mutex_unlock(&s->append);
}

uint64_t lnr_spool_flush(struct lnr_spool *s)
{
	uint64_t left = UINT64_MAX;
	pthread_mutex_lock(&s->append);
	if (s->flush_due_ns) {
		uint64_t now = lnr_mono_ns(lnr_clock_system());
		if (now >= s->flush_due_ns)
			flush_all(s);
		else
			left = s->flush_due_ns - now;
	}
	pthread_mutex_unlock(&s->append);
	return left;
}

/* --- who reads --- */

static struct lnr_spool_slot *slot_of(struct lnr_spool *s, const char *name)
{
	for (size_t i = 0; i < LNR_SPOOL_READERS_MAX; i++) {
		if (strcmp(s->slot[i].name, name) == 0)
			return &s->slot[i];
	}
	return NULL;
}

int lnr_spool_expect(struct lnr_spool *s, const char *name, struct lnr_err *err)
{
	int r = 0;
	pthread_mutex_lock(&s->lock);
	struct lnr_spool_slot *slot = slot_of(s, name), *empty = slot_of(s, "");
	if (slot) {
		slot->expected++;
	} else if (!empty || strlen(name) >= sizeof(empty->name)) {
		r = lnr_fail(err, -ENOSPC, "no room for another output of the spool");
	} else {
		*empty = (struct lnr_spool_slot){.expected = 1, .fd = -1};
		strcpy(empty->name, name);
		r = lnr_spool_cursor_open(s, empty, err);
		if (r)
			*empty = (struct lnr_spool_slot){.fd = -1};
	}
	pthread_mutex_unlock(&s->lock);
	return r;
}

/* Frees nothing: at the end of the program the outputs go one after the other. */
void lnr_spool_forget(struct lnr_spool *s, const char *name)
{
	pthread_mutex_lock(&s->lock);
	struct lnr_spool_slot *slot = slot_of(s, name);
	if (slot && --slot->expected == 0) {
		close(slot->fd);
		*slot = (struct lnr_spool_slot){.fd = -1};
	}
	pthread_mutex_unlock(&s->lock);
}

void lnr_spool_prune(struct lnr_spool *s)
{
	pthread_mutex_lock(&s->lock);
	lnr_spool_cursors_prune(s);
	pthread_mutex_unlock(&s->lock);
}

int lnr_spool_reader_open(
	struct lnr_spool *s, const char *name, const bool *stop, struct lnr_spool_reader **ret)
{
	struct lnr_spool_reader *r = calloc(1, sizeof(*r));
	int rc = 0;
	if (!r)
		return -ENOMEM;
	r->spool = s;
	r->held_number = LNR_SPOOL_NUMBER_MAX;
	lnr_buf_init(&r->work, LNR_SPOOL_ALERT_BYTES + LNR_SPOOL_READ_BYTES);
	pthread_mutex_lock(&s->lock);
	struct lnr_spool_slot *slot = slot_of(s, name);
	while (slot && slot->reader && !is_set(stop)) {
		struct timespec until = in_ms(WAIT_MS);
		pthread_cond_timedwait(&s->moved, &s->lock, &until);
		slot = slot_of(s, name);
	}
	if (!slot)
		rc = -ENOENT;
	else if (slot->reader)
		rc = -ECANCELED;
	else {
		slot->reader = r;
		slot->failing = false;
		r->slot = slot;
		r->wakes = s->wakes;
	}
	pthread_mutex_unlock(&s->lock);
	if (rc) {
		free(r);
		return rc;
	}
	*ret = r;
	return 0;
}

struct lnr_spool_reader *lnr_spool_reader_close(struct lnr_spool_reader *r)
{
	if (!r)
		return NULL;
	struct lnr_spool *s = r->spool;
	/* Who appends may be waiting for this very reader. */
	lnr_spool_reader_cut(r);
	pthread_mutex_lock(&s->append);
	pthread_mutex_lock(&s->lock);
	lnr_spool_free_taken(s, true);
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_unlock(&s->append);
	lnr_alert_unref(r->current);
	lnr_buf_done(&r->work);
	free(r);
	return NULL;
}

void lnr_spool_reader_cut(struct lnr_spool_reader *r)
{
	struct lnr_spool *s = r->spool;
	pthread_mutex_lock(&s->lock);
	if (r->slot)
		r->slot->reader = NULL;
	r->slot = NULL;
	pthread_cond_broadcast(&s->moved);
	pthread_mutex_unlock(&s->lock);
}

/* --- reading; under lock --- */

/*
 * The chain's first frame of `number` or behind it; what cannot be read is passed over. 0,
 * -ENODATA, or -ENOMEM, which says nothing about the file.
 */
static int find_in_chain(struct lnr_spool_reader *r, unsigned p, uint64_t number)
{
	struct lnr_spool_place *place = &r->place[p];
	struct lnr_spool_segment *seg;
	while ((seg = lnr_spool_segment_of(&r->spool->chain[p], number))) {
		bool here = place->known && place->segment == seg->first;
		struct lnr_spool_frame f;
		uint64_t skipped = 0;
		int rc;
		if (here && place->number >= number)
			return 0;
		uint64_t at = here ? place->after : LNR_SPOOL_HEADER_BYTES;
		r->held_number = LNR_SPOOL_NUMBER_MAX;
		while (!(rc = lnr_spool_get_frame(
				 seg->fd, at, seg->size, seg->salt, &r->work, &f, &skipped))) {
			at = f.at + LNR_SPOOL_FRAME_BYTES + f.len;
			if (f.number < number)
				continue;
			*place = (struct lnr_spool_place){seg->first, f.at, at, f.number, true};
			r->held_number = f.number;
			r->held = f.body;
			return 0;
		}
		if (rc == -ENOMEM)
			return rc;
		/* Was there when it was written, or looked through at the start. */
		r->spool->stats.damaged++;
		number = seg->last + 1;
	}
	return -ENODATA;
}

/* With alerts of one priority the search itself has read it just now. */
static int load_found(struct lnr_spool_reader *r, unsigned p)
{
	struct lnr_spool_place *place = &r->place[p];
	if (r->held_number == place->number)
		return lnr_alert_decode(r->held, &r->current);
	r->held_number = LNR_SPOOL_NUMBER_MAX;
	struct lnr_spool_segment *seg = lnr_spool_segment_of(&r->spool->chain[p], place->number);
	struct lnr_spool_frame f;
	uint64_t skipped;
	int rc = lnr_spool_get_frame(
		seg->fd, place->at, seg->size, seg->salt, &r->work, &f, &skipped);
	if (!rc)
		rc = skipped ? -EBADMSG : lnr_alert_decode(f.body, &r->current);
	return rc;
}

static void move_to(struct lnr_spool_slot *slot, uint64_t number)
{
	slot->lost += number - slot->next;
	slot->next = number;
}

/* Set r->current, or move on to where there may be one. 0 or -ENOMEM. */
static int fetch(struct lnr_spool_reader *r)
{
	struct lnr_spool *s = r->spool;
	struct lnr_spool_slot *slot = r->slot;
	uint64_t oldest = oldest_recent(s), least = oldest;
	unsigned from = LNR_SPOOL_PRIORITIES;
	if (slot->next >= oldest) {
		size_t i = (s->recent_at + (size_t)(slot->next - oldest)) % LNR_SPOOL_RECENT;
		r->current = lnr_alert_ref(s->recent[i].alert);
		return 0;
	}
	for (unsigned p = 0; p < LNR_SPOOL_PRIORITIES; p++) {
		int rc = find_in_chain(r, p, slot->next);
		if (rc == -ENOMEM)
			return rc;
		if (!rc && r->place[p].number < least) {
			least = r->place[p].number;
			from = p;
		}
	}
	if (least != slot->next)
		move_to(slot, least);
	if (from == LNR_SPOOL_PRIORITIES)
		return 0;
	int rc = load_found(r, from);
	if (rc && rc != -ENOMEM) {
		s->stats.damaged++;
		move_to(slot, slot->next + 1);
	}
	return rc == -ENOMEM ? rc : 0;
}

int lnr_spool_next(struct lnr_spool_reader *r, uint64_t wait_ms, struct lnr_alert **ret)
{
	struct lnr_spool *s = r->spool;
	struct timespec until = in_ms(wait_ms);
	int rc = 0;
	pthread_mutex_lock(&s->lock);
	while (!rc && !r->current) {
		if (!r->slot)
			rc = -ECANCELED;
		else if (r->wakes != s->wakes)
			rc = -EINTR;
		else if (r->slot->next < s->visible)
			rc = fetch(r);
		else if (pthread_cond_timedwait(&s->moved, &s->lock, &until))
			rc = -EAGAIN;
	}
	r->wakes = s->wakes;
	if (!rc)
		*ret = lnr_alert_ref(r->current);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

void lnr_spool_taken(struct lnr_spool_reader *r)
{
	struct lnr_spool *s = r->spool;
	pthread_mutex_lock(&s->lock);
	r->current = lnr_alert_unref(r->current);
	if (r->slot) {
		r->slot->next++;
		lnr_spool_cursor_save(s, r->slot);
		uint64_t taken = lnr_spool_taken_by_all(s);
		while (s->recent_len && oldest_recent(s) < taken)
			recent_drop(s);
		lnr_spool_free_taken(s, false);
		if (s->appender_waits)
			pthread_cond_broadcast(&s->moved);
	}
	pthread_mutex_unlock(&s->lock);
}

void lnr_spool_failing(struct lnr_spool_reader *r, bool failing)
{
	pthread_mutex_lock(&r->spool->lock);
	if (r->slot)
		r->slot->failing = failing;
	pthread_mutex_unlock(&r->spool->lock);
}

bool lnr_spool_pause(struct lnr_spool_reader *r, uint64_t ms)
{
	struct lnr_spool *s = r->spool;
	struct timespec until = in_ms(ms);
	int rc = 0;
	pthread_mutex_lock(&s->lock);
	while (!rc && r->wakes == s->wakes)
		rc = pthread_cond_timedwait(&s->moved, &s->lock, &until);
	bool woken = r->wakes != s->wakes;
	r->wakes = s->wakes;
	pthread_mutex_unlock(&s->lock);
	return woken;
}

void lnr_spool_wake(struct lnr_spool *s)
{
	pthread_mutex_lock(&s->lock);
	s->wakes++;
	pthread_cond_broadcast(&s->moved);
	pthread_mutex_unlock(&s->lock);
}

/* --- numbers --- */

void lnr_spool_stats(struct lnr_spool *s, struct lnr_spool_stats *ret)
{
	pthread_mutex_lock(&s->lock);
	*ret = s->stats;
	ret->next = s->next;
	pthread_mutex_unlock(&s->lock);
}

void lnr_spool_reader_stats(
	struct lnr_spool *s, const char *name, uint64_t *ret_waiting, uint64_t *ret_lost)
{
	pthread_mutex_lock(&s->lock);
	const struct lnr_spool_slot *slot = slot_of(s, name);
	*ret_waiting = slot ? s->next - slot->next : 0;
	*ret_lost = slot ? slot->lost : 0;
	pthread_mutex_unlock(&s->lock);
}
