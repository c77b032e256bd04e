/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capture files: the input is a whole file, plain or gzip, read into a small state and to its end,
 * twice: as it is, and with its tables ignored. Every record delivered must be sound, and one that
 * is written must be read back as it was.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "capture/scap.h"
#include "capture/scap_write.h"
#include "decode/event.h"
#include "state/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What one file may cost: a compressed input can be a thousand times as large. */
#define EVENTS_MAX 100000u

struct copy {
	int fd;
	struct lnr_scap_writer *w;
	uint64_t sum; /* of what was written */
	uint64_t n;
};

/* Without flags: an event that is not delivered ends the scene of the original, not of the copy. */
static uint64_t add_item(uint64_t sum, const struct lnr_capture_item *item)
{
	struct lnr_str s = {item->record, item->len};

	return lnr_str_hash(s, sum + item->cpu);
}

static void check_item(const struct lnr_capture_item *item)
{
	struct lnr_event ev;
	const struct lnr_record *rec = item->record;

	if (item->len < sizeof(*rec) || rec->len != item->len || rec->type >= LNR_EVENT_COUNT)
		abort();
	/* The reader has looked at every length. */
	if (lnr_event_parse(&ev, item->record, item->len, item->cpu, NULL))
		abort();
	/* Nothing old is left, but events that were never in the conversion table. */
	if (ev.info->flags & LNR_EF_UNUSED)
		abort();
}

static void copy_open(struct copy *c, struct lnr_state *st)
{
	struct lnr_scap_writer_opts o = {.size = sizeof(o)};

	*c = (struct copy){.fd = memfd_create("copy", 0)};
	if (c->fd < 0 || lnr_scap_writer_open_fd(dup(c->fd), &o, &c->w, NULL) ||
		lnr_scap_write_tables(c->w, NULL, st, NULL))
		abort();
}

static void copy_add(struct copy *c, const struct lnr_capture_item *item)
{
	if (lnr_scap_write_event(c->w, item->record, item->len, item->cpu, item->flags))
		abort();
	c->sum = add_item(c->sum, item);
	c->n++;
}

/* Finish, read back, compare. */
static void copy_check(struct copy *c, const struct lnr_state_opts *o)
{
	uint64_t bytes, sum = 0, n = 0;
	struct lnr_capture *cap;
	struct lnr_capture_item item;
	struct lnr_state *st;
	void *p;

	if (lnr_scap_writer_finish(c->w, NULL))
		abort();
	bytes = lnr_scap_writer_bytes(c->w);
	lnr_scap_writer_close(c->w);
	p = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, c->fd, 0);
	if (p == MAP_FAILED || lnr_state_new(o, &st, NULL))
		abort();
	if (c->n) {
		if (lnr_scap_open_memory(p, bytes, NULL, &cap, NULL) ||
			cap->ops->populate(cap, st, NULL))
			abort();
		for (; !lnr_capture_next(cap, &item, NULL); n++)
			sum = add_item(sum, &item);
		if (n != c->n || sum != c->sum)
			abort();
		lnr_capture_close(cap);
	}
	lnr_state_free(st);
	munmap(p, bytes);
	close(c->fd);
}

static void read_once(const uint8_t *data, size_t size, bool with_state)
{
	const struct lnr_state_opts o = {.size = sizeof(o),
		.max_threads = 64,
		.max_fds_per_process = 64,
		.max_proc_lookups = -1,
		.import_users = true,
		.clock = lnr_clock_system()};
	struct lnr_state *st = NULL;
	struct lnr_capture *c = NULL;
	struct lnr_capture_item item;
	struct copy copy;
	unsigned n = 0;
	int r;

	if (lnr_scap_open_memory(data, size, NULL, &c, NULL))
		return;
	if (with_state) {
		if (lnr_state_new(&o, &st, NULL))
			abort();
		if (c->ops->populate(c, st, NULL))
			goto out;
		copy_open(&copy, st);
	}
	while (!(r = lnr_capture_next(c, &item, NULL)) && n < EVENTS_MAX) {
		n++;
		check_item(&item);
		if (with_state)
			copy_add(&copy, &item);
	}
	/* An end is final. */
	if (r && lnr_capture_next(c, &item, NULL) != r)
		abort();
	if (with_state)
		copy_check(&copy, &o);
out:
	lnr_capture_close(c);
	lnr_state_free(st);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_once(data, size, false);
	read_once(data, size, true);
	return 0;
}
