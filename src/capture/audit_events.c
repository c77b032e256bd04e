/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents into events (spec k8s-audit.md 3): lists and arrays are walked along the tape of the
 * JSON reader, so that a batch is read once, and an event is handed out with its part of the tape.
 * The data of an event is its text without blanks between tokens.
 */
#include "capture/audit_priv.h"

#include <stdlib.h>
#include "lanner/plugin.h"
#include "schema/limits.h"

void lnr_audit_reader_init(struct lnr_audit_reader *r, size_t max_event)
{
	*r = (struct lnr_audit_reader){.max_event = max_event};
	/* What is larger fails there, before it is copied whole. */
	lnr_buf_init(&r->record, LNR_PLUGIN_PAYLOAD_AT + max_event);
}

void lnr_audit_reader_done(struct lnr_audit_reader *r)
{
	free(r->nodes);
	lnr_buf_done(&r->record);
}

int lnr_audit_reader_begin(struct lnr_audit_reader *r, struct lnr_str text, struct lnr_err *err)
{
	size_t room = lnr_json_room(text);
	r->at = r->items_end = r->doc.n = 0;
	/* Room for a single event is kept; what a large batch took goes away with it. */
	if (room > r->cap || r->cap > LNR_AUDIT_NODES_KEPT) {
		free(r->nodes);
		r->cap = room < LNR_AUDIT_NODES_KEPT ? LNR_AUDIT_NODES_KEPT : room;
		r->nodes = malloc(r->cap * sizeof(*r->nodes));
		r->cap = r->nodes ? r->cap : 0;
		if (!r->nodes)
			return lnr_fail(err, -ENOMEM, "out of memory");
	}
	int rc = lnr_json_parse(text, r->nodes, r->cap, &r->doc, err);
	if (rc)
		r->doc.n = 0;
	return rc;
}

/* --- an event that is too large (spec 10, number 12) --- */

enum trim { TRIM_FIELDS = 1, TRIM_RESPONSE, TRIM_REQUEST, TRIM_LEVELS };

/* The API server marks what it cut the same way. */
#define MARK "\"audit.k8s.io/truncated\":\"true\""

static void put_name(struct lnr_buf *out, const struct lnr_json_doc *d, uint32_t name, bool *first)
{
	if (!*first)
		lnr_buf_chr(out, ',');
	*first = false;
	lnr_json_compact(d, name, out);
	lnr_buf_chr(out, ':');
}

/* An object without one member. */
static void put_without(
	struct lnr_buf *out, const struct lnr_json_doc *d, uint32_t object, struct lnr_str member)
{
	bool first = true;
	lnr_buf_chr(out, '{');
	for (uint32_t k = object + 1; k < d->nodes[object].next; k = lnr_json_next(d, k + 1)) {
		if (lnr_json_is(d, k, member))
			continue;
		put_name(out, d, k, &first);
		lnr_json_compact(d, k + 1, out);
	}
	lnr_buf_chr(out, '}');
}

/* An object of the cluster without what says who set which of its fields. */
static void put_body(struct lnr_buf *out, const struct lnr_json_doc *d, uint32_t body)
{
	bool first = true;
	if (lnr_json_type(d, body) != LNR_JSON_OBJECT) {
		lnr_json_compact(d, body, out);
		return;
	}
	lnr_buf_chr(out, '{');
	for (uint32_t k = body + 1; k < d->nodes[body].next; k = lnr_json_next(d, k + 1)) {
		put_name(out, d, k, &first);
		if (lnr_json_is(d, k, LNR_STR("metadata")) &&
			lnr_json_type(d, k + 1) == LNR_JSON_OBJECT)
			put_without(out, d, k + 1, LNR_STR("managedFields"));
		else
			lnr_json_compact(d, k + 1, out);
	}
	lnr_buf_chr(out, '}');
}

static void put_annotations(struct lnr_buf *out, const struct lnr_json_doc *d, uint32_t notes)
{
	bool first = false;
	lnr_buf_cstr(out, "{" MARK);
	for (uint32_t k = notes + 1; k < d->nodes[notes].next; k = lnr_json_next(d, k + 1)) {
		put_name(out, d, k, &first);
		lnr_json_compact(d, k + 1, out);
	}
	lnr_buf_chr(out, '}');
}

static void put_trimmed(
	struct lnr_buf *out, const struct lnr_json_doc *d, uint32_t event, enum trim trim)
{
	bool first = true, marked = false;
	lnr_buf_chr(out, '{');
	for (uint32_t k = event + 1; k < d->nodes[event].next; k = lnr_json_next(d, k + 1)) {
		bool request = lnr_json_is(d, k, LNR_STR("requestObject"));
		bool response = lnr_json_is(d, k, LNR_STR("responseObject"));
		if ((request && trim >= TRIM_REQUEST) || (response && trim >= TRIM_RESPONSE))
			continue;
		put_name(out, d, k, &first);
		if (request || response) {
			put_body(out, d, k + 1);
		} else if (!marked && lnr_json_is(d, k, LNR_STR("annotations")) &&
			   lnr_json_type(d, k + 1) == LNR_JSON_OBJECT) {
			put_annotations(out, d, k + 1);
			marked = true;
		} else {
			lnr_json_compact(d, k + 1, out);
		}
	}
	if (!marked)
		lnr_buf_cstr(
			out, first ? "\"annotations\":{" MARK "}" : ",\"annotations\":{" MARK "}");
	lnr_buf_chr(out, '}');
}

/* --- one event --- */

static const char header[LNR_PLUGIN_PAYLOAD_AT];

/* Puts the data behind the header; false: it stays too large whatever is left out. */
static bool put_data(struct lnr_audit_reader *r, uint32_t event)
{
	for (int trim = 0; trim < TRIM_LEVELS; trim++) {
		lnr_buf_clear(&r->record);
		lnr_buf_add(&r->record, header, sizeof(header));
		if (trim)
			put_trimmed(&r->record, &r->doc, event, (enum trim)trim);
		else
			lnr_json_compact(&r->doc, event, &r->record);
		if (!r->record.failed) {
			r->trimmed += trim != 0;
			/* The tape is of the whole text. */
			r->view = r->doc;
			r->view.root = event;
			r->view.n = trim ? 0 : r->doc.n;
			return true;
		}
	}
	return false;
}

static bool read_time(const struct lnr_json_doc *d, uint32_t event, uint64_t *ret_ns)
{
	uint32_t i = lnr_json_member(d, event, LNR_STR("stageTimestamp"));
	/* Escapes are allowed in a string but no time has any. */
	return i && lnr_json_type(d, i) == LNR_JSON_STRING &&
	       lnr_audit_time(lnr_json_raw_text(d, i), ret_ns);
}

static bool give_event(struct lnr_audit_reader *r, uint32_t event, struct lnr_capture_item *ret)
{
	uint64_t ts;
	if (!read_time(&r->doc, event, &ts)) {
		r->bad_events++;
		return false;
	}
	if (!put_data(r, event)) {
		r->too_large++;
		return false;
	}
	uint32_t len = (uint32_t)r->record.len;
	struct lnr_plugin_event h = {
		.ts = ts, .tid = UINT64_MAX, .len = len, .type = LNR_PLUGIN_EVENT, .nparams = 2};
	const uint32_t id = LNR_AUDIT_PLUGIN_ID;
	const uint32_t lens[2] = {sizeof(id), len - LNR_PLUGIN_PAYLOAD_AT};
	memcpy(r->record.ptr, &h, sizeof(h));
	memcpy(r->record.ptr + sizeof(h), lens, sizeof(lens));
	memcpy(r->record.ptr + sizeof(h) + sizeof(lens), &id, sizeof(id));
	r->events++;
	*ret = (struct lnr_capture_item){
		.record = r->record.ptr, .len = len, .json = r->view.n ? &r->view : NULL};
	return true;
}

/* --- lists --- */

/* An object outside of a list's items: an event, a list, or neither. */
static bool enter_object(struct lnr_audit_reader *r, uint32_t i)
{
	const struct lnr_json_doc *d = &r->doc;
	uint32_t kind = lnr_json_member(d, i, LNR_STR("kind"));
	r->at = lnr_json_next(d, i);
	if (kind && lnr_json_is(d, kind, LNR_STR("Event")))
		return true;
	uint32_t items = lnr_json_member(d, i, LNR_STR("items"));
	if (kind && lnr_json_is(d, kind, LNR_STR("EventList")) && items &&
		lnr_json_type(d, items) == LNR_JSON_ARRAY) {
		r->after = r->at;
		r->at = lnr_json_first(items);
		r->items_end = lnr_json_next(d, items);
	} else {
		r->bad_events++;
	}
	return false;
}

int lnr_audit_reader_next(struct lnr_audit_reader *r, struct lnr_capture_item *ret)
{
	const struct lnr_json_doc *d = &r->doc;
	for (;;) {
		if (r->items_end && r->at >= r->items_end) {
			r->at = r->after;
			r->items_end = 0;
		}
		/* Elements of an array stand behind each other, and so does what follows it. */
		if (r->at >= d->n)
			return -ENODATA;
		uint32_t i = r->at;
		enum lnr_json_type type = lnr_json_type(d, i);
		if (!r->items_end && type == LNR_JSON_ARRAY) {
			r->at = lnr_json_first(i);
			continue;
		}
		if (!r->items_end && type == LNR_JSON_OBJECT) {
			if (enter_object(r, i) && give_event(r, i, ret))
				return 0;
			continue;
		}
		r->at = lnr_json_next(d, i);
		if (!r->items_end)
			r->bad_events++;
		else if (give_event(r, i, ret))
			return 0;
	}
}
