/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/flight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 *	buf: [ … free … | entry | entry | entry | … free … ]
 *	                  ^ tail                  ^ head
 *
 * Entries do not wrap: when one does not fit behind the last, `end` marks where the data stops and
 * the head goes on at 0.
 */
struct entry {
	uint64_t ts;
	uint32_t len, flags;
	uint16_t cpu;
	uint16_t pad0[3]; /* records stay aligned to 8 */
};

struct lnr_flight {
	uint64_t window_ns;
	uint8_t *buf;
	size_t cap, head, tail, end; /* end: 0 = the data does not wrap */
	size_t count;
};

int lnr_flight_new(uint64_t window_ns, size_t bytes, struct lnr_flight **ret)
{
	struct lnr_flight *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->window_ns = window_ns;
	f->cap = bytes & ~(size_t)7;
	f->buf = malloc(f->cap ? f->cap : 8);
	if (!f->buf) {
		free(f);
		return -ENOMEM;
	}
	*ret = f;
	return 0;
}

struct lnr_flight *lnr_flight_free(struct lnr_flight *f)
{
	if (!f)
		return NULL;
	free(f->buf);
	free(f);
	return NULL;
}

static size_t room_of(const struct entry *e)
{
	return sizeof(*e) + ((e->len + 7) & ~(size_t)7);
}

static struct entry *oldest(const struct lnr_flight *f)
{
	return f->count ? (struct entry *)(f->buf + f->tail) : NULL;
}

static void drop_oldest(struct lnr_flight *f)
{
	f->tail += room_of(oldest(f));
	if (f->end && f->tail >= f->end)
		f->tail = f->end = 0;
	if (--f->count == 0)
		f->head = f->tail = f->end = 0;
}

/* Where `need` bytes are free behind the newest entry, or NULL. */
static uint8_t *place(struct lnr_flight *f, size_t need)
{
	if (f->end) /* wrapped: free is between head and tail */
		return f->tail - f->head >= need ? f->buf + f->head : NULL;
	if (f->cap - f->head >= need)
		return f->buf + f->head;
	/* The beginning is free up to the tail; an empty ring begins at 0 anyway. */
	if (f->tail < need)
		return NULL;
	f->end = f->head;
	f->head = 0;
	return f->buf;
}

void lnr_flight_put(struct lnr_flight *f, const struct lnr_capture_item *item, uint64_t ts)
{
	struct entry e = {.ts = ts, .len = item->len, .flags = item->flags, .cpu = item->cpu};
	size_t need = room_of(&e);
	if (need > f->cap)
		return;
	while (f->count && ts > f->window_ns && oldest(f)->ts < ts - f->window_ns)
		drop_oldest(f);
	uint8_t *at;
	while (!(at = place(f, need)))
		drop_oldest(f);
	memcpy(at, &e, sizeof(e));
	memcpy(at + sizeof(e), item->record, item->len);
	f->head = (size_t)(at - f->buf) + need;
	f->count++;
}

int lnr_flight_take(struct lnr_flight *f,
	int (*each)(void *user, const struct lnr_capture_item *item), void *user)
{
	int r = 0;
	while (f->count) {
		const struct entry *e = oldest(f);
		const struct lnr_capture_item item = {
			.record = e + 1, .len = e->len, .cpu = e->cpu, .flags = e->flags};
		if (!r)
			r = each(user, &item);
		drop_oldest(f);
	}
	return r;
}

size_t lnr_flight_count(const struct lnr_flight *f)
{
	return f->count;
}
