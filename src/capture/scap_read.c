/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The capture file as a source of records (spec scap-format 1 to 4, 6): blocks in, records out.
 *
 * A record that needs no conversion is handed out where it lies in the window. Nothing is allocated
 * per event.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "capture/scap_format.h"
#include "capture/scap_priv.h"
#include "schema/limits.h"
#include "state/state.h"

static struct lnr_scap *scap_of(struct lnr_capture *c)
{
	return (struct lnr_scap *)c;
}

/* The file ends inside something. */
static int cut_off(const struct lnr_scap *f, const char *what, size_t need, struct lnr_err *err)
{
	return lnr_fail(err, -EBADMSG,
		"capture is cut off at byte %llu: %s needs %zu bytes, %zu are there",
		(unsigned long long)f->in.offset, what, need, lnr_scap_avail(&f->in));
}

static int corrupt(uint64_t at, const char *what, uint64_t n, struct lnr_err *err)
{
	return lnr_fail(err, -EBADMSG, "capture is damaged at byte %llu: %s (%llu)",
		(unsigned long long)at, what, (unsigned long long)n);
}

static bool is_event_block(uint32_t type)
{
	switch (type) {
	case LNR_SCAP_EV_V1:
	case LNR_SCAP_EV_V1_OLD:
	case LNR_SCAP_EV_V2:
	case LNR_SCAP_EV_V2_LARGE:
	case LNR_SCAP_EVF_V1:
	case LNR_SCAP_EVF_V2:
	case LNR_SCAP_EVF_V2_LARGE:
		return true;
	default:
		return false;
	}
}

/* Type and length of the block at the stream's position, not taken. 0 or as lnr_scap_need(). */
static int peek_block(
	struct lnr_scap *f, uint32_t *ret_type, uint32_t *ret_len, struct lnr_err *err)
{
	int r = lnr_scap_need(&f->in, LNR_SCAP_HEAD, err);
	if (r == -ENODATA && lnr_scap_avail(&f->in))
		return cut_off(f, "the head of a block", LNR_SCAP_HEAD, err);
	if (r)
		return r;
	const uint8_t *p = lnr_scap_at(&f->in);
	*ret_type = lnr_le32(p);
	*ret_len = lnr_le32(p + 4);
	if (*ret_len < LNR_SCAP_FRAME || *ret_len % 4)
		return corrupt(f->in.offset, "impossible length of a block", *ret_len, err);
	return 0;
}

/* --- blocks that are not events --------------------------------------------------------------- */

/* Section header: `body` bytes are still to be read. */
static int read_section(struct lnr_scap *f, uint32_t body, struct lnr_err *err)
{
	uint64_t at = f->in.offset - LNR_SCAP_HEAD;
	if (body < LNR_SCAP_SHB_LEN - LNR_SCAP_FRAME)
		return corrupt(at, "section header too short", body, err);
	int r = lnr_scap_need(&f->in, LNR_SCAP_SHB_LEN - LNR_SCAP_FRAME, err);
	if (r)
		return r;
	const uint8_t *p = lnr_scap_at(&f->in);
	uint32_t magic = lnr_le32(p);
	if (magic == LNR_SCAP_MAGIC_SWAPPED)
		return lnr_fail(err, -ENOTSUP,
			"capture at byte %llu was written on a machine of the other byte order",
			(unsigned long long)at);
	if (magic != LNR_SCAP_MAGIC)
		return corrupt(at, "not a section header, magic number", magic, err);
	unsigned major = lnr_le16(p + 4);
	if (major > LNR_SCAP_MAJOR)
		return lnr_fail(err, -ENOTSUP,
			"capture at byte %llu has format version %u, newer than %u",
			(unsigned long long)at, major, LNR_SCAP_MAJOR);
	/* Descriptors and threads of an earlier section stay, its half-done calls do not. */
	lnr_scap_converter_clear(&f->conv);
	f->leading = true;
	/* The rest of the body are options of pcapng. */
	return lnr_scap_skip(&f->in, body, err);
}

static int read_trailer(struct lnr_scap *f, uint64_t at, uint32_t len, struct lnr_err *err)
{
	int r = lnr_scap_need(&f->in, 4, err);
	if (r)
		return r;
	uint32_t trailer = lnr_le32(lnr_scap_at(&f->in));
	if (trailer != len)
		return corrupt(at, "the two lengths of a block differ", trailer, err);
	lnr_scap_take(&f->in, 4);
	return 0;
}

/* The block at the position, whole, which is not an event. */
static int read_other_block(struct lnr_scap *f, uint32_t type, uint32_t len, struct lnr_err *err)
{
	uint64_t at = f->in.offset;
	bool interruptible = f->in.interruptible;
	f->in.interruptible = false; /* a table cannot be taken up again in its middle */
	lnr_scap_take(&f->in, LNR_SCAP_HEAD);
	uint32_t body = len - LNR_SCAP_FRAME;
	int r = type == LNR_SCAP_SHB ? read_section(f, body, err)
				     : lnr_scap_read_table(f, type, body, err);
	if (r == -ENOENT) {
		f->n_skipped++;
		r = lnr_scap_skip(&f->in, body, err);
	}
	if (!r)
		r = read_trailer(f, at, len, err);
	f->in.interruptible = interruptible;
	if (r == -ENODATA)
		return lnr_fail(err, -EBADMSG,
			"capture is cut off: the block of %u bytes at byte %llu is not complete",
			len, (unsigned long long)at);
	return r;
}

/* --- records ---------------------------------------------------------------------------------- */

/*
 * A record of version 1 lacks the number of parameters (spec scap-format 4). The header moves four
 * bytes to the front, over what has been read already, and the number is found by trying: from what
 * the table says down to the one whose lengths end where the record ends.
 */
static int widen_v1(
	struct lnr_scap *f, uint8_t **rec, size_t avail, uint64_t at, struct lnr_err *err)
{
	uint8_t *p = *rec - 4;
	memmove(p, *rec, LNR_SCAP_V1_HDR);
	*rec = p;
	struct lnr_record *r = (struct lnr_record *)p;
	if (f->conv.event[r->type].len_size != 2)
		return corrupt(at, "no such event in a block of version 1", r->type, err);
	if (r->len > UINT32_MAX - 4)
		return corrupt(at, "length of a record", r->len, err);
	r->len += 4;
	/* Producers of these two counted three bytes too many. */
	if (r->type == LNR_EV_NOTIFICATION_E || r->type == LNR_EV_INFRASTRUCTURE_EVENT_E)
		r->len -= 3;
	if (r->len < sizeof(*r) || r->len > avail + 4)
		return corrupt(at, "length of a record", r->len, err);
	size_t room = r->len - sizeof(*r);
	for (unsigned n = f->conv.event[r->type].nparams;; n--) {
		size_t used = 2 * (size_t)n;
		for (unsigned i = 0; i < n && used <= room; i++)
			used += lnr_le16(p + sizeof(*r) + 2 * i);
		if (used == room) {
			r->nparams = n;
			return 0;
		}
		if (used < room || n == 0)
			return corrupt(
				at, "parameters do not fill a record of version 1", room, err);
	}
}

/* Do the lengths of a record lie inside it, and it inside its block? */
static bool record_fits(const struct lnr_record *rec, size_t avail, unsigned len_size)
{
	if (rec->len < sizeof(*rec) || rec->len > avail)
		return false;
	uint64_t used = sizeof(*rec) + (uint64_t)rec->nparams * len_size;
	if (used > rec->len)
		return false;
	const uint8_t *lens = (const uint8_t *)rec + sizeof(*rec);
	if (len_size == 2)
		for (uint32_t i = 0; i < rec->nparams; i++)
			used += lnr_le16(lens + 2 * (size_t)i);
	else
		for (uint32_t i = 0; i < rec->nparams; i++)
			used += lnr_le32(lens + 4 * (size_t)i);
	return used <= rec->len;
}

/* Listed before the first other event of a section, these set the scene (spec scap-format 5). */
static bool sets_scene(unsigned type)
{
	switch (type) {
	case LNR_EV_CONTAINER_JSON_2_E:
	case LNR_EV_USER_ADDED_E:
	case LNR_EV_USER_DELETED_E:
	case LNR_EV_GROUP_ADDED_E:
	case LNR_EV_GROUP_DELETED_E:
	case LNR_EV_ASYNCEVENT_E:
		return true;
	default:
		return false;
	}
}

/*
 * The event block at the position. 1: *ret is filled; 0: nothing to hand out; negative as next().
 * The block is taken unless it has to be read again.
 */
static int read_event(struct lnr_scap *f, uint32_t type, uint32_t len, struct lnr_capture_item *ret,
	struct lnr_err *err)
{
	bool v1 = false, flagged = false, large = false;
	switch (type) {
	case LNR_SCAP_EVF_V1:
		flagged = true;
		/* fall through */
	case LNR_SCAP_EV_V1:
	case LNR_SCAP_EV_V1_OLD:
		v1 = true;
		break;
	case LNR_SCAP_EVF_V2_LARGE:
		flagged = true;
		/* fall through */
	case LNR_SCAP_EV_V2_LARGE:
		large = true;
		break;
	case LNR_SCAP_EVF_V2:
		flagged = true;
		break;
	}
	uint64_t at = f->in.offset;
	uint32_t before = LNR_SCAP_HEAD + 2 + (flagged ? 4 : 0);
	uint32_t header = v1 ? LNR_SCAP_V1_HDR : sizeof(struct lnr_record);
	if (len < before + header + 4)
		return corrupt(at, "event block too short", len, err);
	if (len - LNR_SCAP_HEAD > (large ? LNR_SCAP_EVENT_BYTES : LNR_RECORD_MAX))
		return corrupt(at, "event block too long", len, err);
	int r = lnr_scap_need(&f->in, len, err);
	if (r == -ENODATA)
		return cut_off(f, "an event block", len, err);
	if (r)
		return r;
	uint8_t *p = lnr_scap_at(&f->in);
	lnr_scap_take(&f->in, len);

	ret->cpu = lnr_le16(p + LNR_SCAP_HEAD);
	ret->flags = flagged && lnr_le32(p + LNR_SCAP_HEAD + 2) & LNR_SCAP_FLAG_STATE_ONLY
			     ? LNR_ITEM_STATE_ONLY
			     : 0;
	uint8_t *bytes = p + before;
	size_t avail = len - before - 4;
	/* The type has the same place in both headers. */
	if (((struct lnr_record *)bytes)->type >= LNR_EVENT_COUNT) {
		f->n_unknown++;
		return 0;
	}
	if (v1) {
		r = widen_v1(f, &bytes, avail, at, err);
		if (r)
			return r;
		avail += 4;
	}
	const struct lnr_record *rec = (const struct lnr_record *)bytes;
	if (!record_fits(rec, avail, f->conv.event[rec->type].len_size))
		return corrupt(at, "event does not fit in its block, event number", rec->type, err);
	if (lnr_scap_convertible(&f->conv, rec)) {
		r = lnr_scap_convert(&f->conv, rec, &rec, err);
		if (r < 0)
			return lnr_wrap(err, r, "capture at byte %llu", (unsigned long long)at);
		if (r == 0) {
			f->leading = false;
			return 0;
		}
	}
	if (f->leading && !sets_scene(rec->type))
		f->leading = false;
	if (f->leading || f->conv.event[rec->type].hidden)
		ret->flags |= LNR_ITEM_STATE_ONLY;
	ret->record = rec;
	ret->len = rec->len;
	f->n_events++;
	return 1;
}

static int next_block(struct lnr_scap *f, struct lnr_capture_item *ret, struct lnr_err *err)
{
	for (;;) {
		uint32_t type, len;
		int r = peek_block(f, &type, &len, err);
		if (r == -ENODATA && !f->any_event)
			return lnr_fail(err, -EBADMSG, "no events in the capture");
		if (r)
			return r;
		if (is_event_block(type)) {
			f->any_event = true;
			if (f->unlinked && f->state) {
				lnr_state_added(f->state);
				f->unlinked = false;
			}
			r = read_event(f, type, len, ret, err);
			if (r)
				return r < 0 ? r : 0;
		} else {
			r = read_other_block(f, type, len, err);
			if (r)
				return r;
		}
	}
}

static int scap_next(struct lnr_capture *c, struct lnr_capture_item *ret, struct lnr_err *err)
{
	struct lnr_scap *f = scap_of(c);
	if (f->broken)
		return f->broken == -ENODATA ? -ENODATA
					     : lnr_fail(err, f->broken, "%s", f->why.msg);
	f->in.interruptible = true;
	int r = next_block(f, ret, &f->why);
	if (r && r != -EAGAIN) {
		f->broken = r;
		if (r != -ENODATA)
			return lnr_fail(err, r, "%s", f->why.msg);
	}
	return r;
}

/* --- the rest of the interface ---------------------------------------------------------------- */

/*
 * Read blocks up to the first event. Without `tables` stop earlier, at the first block that a state
 * wants.
 */
static int read_head(struct lnr_scap *f, bool tables, struct lnr_err *err)
{
	f->in.interruptible = false;
	for (;;) {
		uint32_t type, len;
		int r = peek_block(f, &type, &len, err);
		if (r == -ENODATA)
			return lnr_fail(err, -EBADMSG, "no events in the capture");
		if (r)
			return r;
		if (is_event_block(type))
			return 0;
		bool machine = type == LNR_SCAP_MI || type == LNR_SCAP_MI_OLD;
		if (!tables && !machine && lnr_scap_is_table(type))
			return 0;
		r = read_other_block(f, type, len, err);
		if (r)
			return r;
	}
}

static int scap_populate(struct lnr_capture *c, struct lnr_state *state, struct lnr_err *err)
{
	struct lnr_scap *f = scap_of(c);
	f->state = state;
	int r = read_head(f, true, err);
	if (r)
		return r;
	lnr_state_added(state);
	f->unlinked = false;
	if (f->n_refused)
		lnr_log(f->log, LNR_LOG_WARNING,
			"%llu threads, descriptors or users of the capture exceed the budget",
			(unsigned long long)f->n_refused);
	return 0;
}

static unsigned scap_stats(struct lnr_capture *c, struct lnr_stat *ret, unsigned max)
{
	const struct lnr_scap *f = scap_of(c);
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{"file_bytes", f->in.offset},
		{"file_events", f->n_events},
		{"file_events_converted", f->conv.n_converted},
		{"file_events_stored", f->conv.n_stored},
		{"file_events_obsolete", f->conv.n_dropped},
		{"file_events_unknown", f->n_unknown},
		{"file_enter_events_lost", f->conv.n_evicted},
		{"file_blocks_skipped", f->n_skipped},
		{"file_entries_refused", f->n_refused},
	};
	unsigned n = 0;
	for (; n < LNR_ARRAY_SIZE(rows) && n < max; n++) {
		snprintf(ret[n].name, sizeof(ret[n].name), "%s", rows[n].name);
		ret[n].value = rows[n].value;
	}
	return n;
}

static double scap_progress(struct lnr_capture *c)
{
	return lnr_scap_stream_progress(&scap_of(c)->in);
}

static struct lnr_capture *scap_close(struct lnr_capture *c)
{
	struct lnr_scap *f = scap_of(c);
	lnr_scap_stream_done(&f->in);
	lnr_scap_converter_done(&f->conv);
	free(f);
	return NULL;
}

static const struct lnr_capture_ops scap_ops = {
	.name = "scap_file",
	.next = scap_next,
	.populate = scap_populate,
	.stats = scap_stats,
	.progress = scap_progress,
	.close = scap_close,
};

/* The stream is open: the section header and what follows it up to the tables. */
static int read_start(struct lnr_scap *f, struct lnr_err *err)
{
	uint32_t type = 0, len;
	f->in.interruptible = false;
	int r = lnr_scap_need(&f->in, 1, err);
	if (r == -ENODATA)
		return lnr_fail(err, -EBADMSG, "the capture is empty");
	if (!r)
		r = lnr_scap_need(&f->in, 4, err);
	if (!r && lnr_le32(lnr_scap_at(&f->in)) != LNR_SCAP_SHB)
		r = -ENODATA;
	if (r == -ENODATA)
		return lnr_fail(err, -EBADMSG,
			"not a capture: it does not begin with a section "
			"header block");
	if (!r)
		r = peek_block(f, &type, &len, err);
	if (!r)
		r = read_head(f, false, err);
	return r;
}

static struct lnr_scap *scap_new(struct lnr_log *log, struct lnr_err *err)
{
	struct lnr_scap *f = calloc(1, sizeof(*f));
	if (!f) {
		lnr_fail(err, -ENOMEM, "out of memory");
		return NULL;
	}
	f->base.ops = &scap_ops;
	f->log = log;
	f->in.fd = -1;
	lnr_scap_converter_init(&f->conv);
	return f;
}

int lnr_scap_open(
	const char *path, struct lnr_log *log, struct lnr_capture **ret, struct lnr_err *err)
{
	struct lnr_scap *f = scap_new(log, err);
	if (!f)
		return -ENOMEM;
	int r = lnr_scap_stream_open(&f->in, path, err);
	if (!r) {
		r = read_start(f, err);
		if (r)
			lnr_wrap(err, r, "%s", path);
	}
	if (r) {
		scap_close(&f->base);
		return r;
	}
	*ret = &f->base;
	return 0;
}

int lnr_scap_open_memory(const void *ptr, size_t len, struct lnr_log *log, struct lnr_capture **ret,
	struct lnr_err *err)
{
	struct lnr_scap *f = scap_new(log, err);
	if (!f)
		return -ENOMEM;
	int r = lnr_scap_stream_memory(&f->in, ptr, len, err);
	if (!r)
		r = read_start(f, err);
	if (r) {
		scap_close(&f->base);
		return r;
	}
	*ret = &f->base;
	return 0;
}

const struct lnr_scap_machine *lnr_scap_machine(const struct lnr_capture *c)
{
	const struct lnr_scap *f = (const struct lnr_scap *)c;
	return c && c->ops == &scap_ops && f->has_machine ? &f->machine : NULL;
}

const char *lnr_scap_hostname(const struct lnr_capture *c)
{
	const struct lnr_scap_machine *m = lnr_scap_machine(c);
	return m && m->hostname[0] ? m->hostname : NULL;
}
