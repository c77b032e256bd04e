/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/codec.h"

#include <endian.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include "alert/alert_priv.h"

#define VERSION	      1
#define FLAG_INTERNAL 1u
#define HEAD_BYTES    (4 + 8 + 16 + 16)
/* Lengths that are always there: rule, source, message, host name. */
#define FIXED_TEXTS 4

/* --- to bytes --- */

static void put_u32(struct lnr_buf *out, uint64_t v)
{
	uint32_t le = htole32((uint32_t)v);
	lnr_buf_add(out, &le, sizeof(le));
}

static void put_u64(struct lnr_buf *out, uint64_t v)
{
	v = htole64(v);
	lnr_buf_add(out, &v, sizeof(v));
}

static void put_id(struct lnr_buf *out, const char *text)
{
	uint8_t id[16] = {0};
	unsigned n = 0;
	for (; *text && n < 32; text++) {
		int digit = lnr_hex_value(*text);
		if (digit < 0)
			continue;
		id[n / 2] = (uint8_t)(id[n / 2] << 4 | digit);
		n++;
	}
	lnr_buf_add(out, id, sizeof(id));
}

void lnr_alert_encode(const struct lnr_alert *a, struct lnr_buf *out)
{
	const struct lnr_str fixed[FIXED_TEXTS] = {a->rule, a->source, a->message, a->hostname};
	const uint8_t first[4] = {VERSION, a->internal ? FLAG_INTERNAL : 0, a->priority, 0};
	lnr_buf_add(out, first, sizeof(first));
	put_u32(out, a->n_tags);
	put_u32(out, a->n_values);
	put_u64(out, a->time_ns);
	put_u64(out, a->event_num);
	put_id(out, a->id);
	for (unsigned i = 0; i < FIXED_TEXTS; i++)
		put_u32(out, fixed[i].len);
	for (uint32_t i = 0; i < a->n_tags; i++)
		put_u32(out, a->tags[i].len);
	for (uint32_t i = 0; i < a->n_values; i++) {
		put_u32(out, a->values[i].key.len);
		put_u32(out, a->values[i].json.len);
	}
	for (unsigned i = 0; i < FIXED_TEXTS; i++)
		lnr_buf_str(out, fixed[i]);
	for (uint32_t i = 0; i < a->n_tags; i++)
		lnr_buf_str(out, a->tags[i]);
	for (uint32_t i = 0; i < a->n_values; i++) {
		lnr_buf_str(out, a->values[i].key);
		lnr_buf_str(out, a->values[i].json);
	}
}

/* --- and back --- */

/* Lengths are read at `len`, texts at `text`; both only within the bytes. */
struct reader {
	struct lnr_str in;
	size_t len, text;
	bool bad;
};

static uint32_t get_u32(struct lnr_str in, size_t at)
{
	uint32_t le;
	memcpy(&le, in.ptr + at, sizeof(le));
	return le32toh(le);
}

static uint64_t get_u64(struct lnr_str in, size_t at)
{
	uint64_t le;
	memcpy(&le, in.ptr + at, sizeof(le));
	return le64toh(le);
}

static uint64_t get_be64(struct lnr_str in, size_t at)
{
	uint64_t be;
	memcpy(&be, in.ptr + at, sizeof(be));
	return be64toh(be);
}

static struct lnr_str get_text(struct reader *r)
{
	uint32_t n = get_u32(r->in, r->len);
	r->len += 4;
	if (n > r->in.len - r->text) {
		r->bad = true;
		return LNR_STR("");
	}
	r->text += n;
	return (struct lnr_str){r->in.ptr + r->text - n, n};
}

/*
 * One JSON value, on one line: it is put into lines as it is. Whoever may write the spool could
 * otherwise add keys to an alert, or whole alerts.
 */
static bool is_json(struct lnr_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] < ' ')
			return false;
	}
	json_t *j = json_loadb(s.ptr, s.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	bool good = j;
	json_decref(j);
	return good;
}

static void get_all(struct reader *r, struct lnr_alert_parts *p, struct lnr_str *tags,
	struct lnr_alert_pending *values)
{
	p->rule = get_text(r);
	p->source = get_text(r);
	p->message = get_text(r);
	p->hostname = get_text(r);
	for (uint32_t i = 0; i < p->n_tags; i++)
		tags[i] = get_text(r);
	for (uint32_t i = 0; i < p->n_values && !r->bad; i++) {
		values[i].key = get_text(r);
		struct lnr_str json = get_text(r);
		if (r->bad)
			break;
		values[i].at = (size_t)(json.ptr - r->in.ptr);
		values[i].len = json.len;
		r->bad = !is_json(json);
	}
	r->bad |= r->text != r->in.len;
}

int lnr_alert_decode(struct lnr_str in, struct lnr_alert **ret)
{
	struct lnr_alert_parts p = {.json = in.ptr};
	if (in.len < HEAD_BYTES || in.ptr[0] != VERSION || (uint8_t)in.ptr[1] > FLAG_INTERNAL ||
		(uint8_t)in.ptr[2] > LNR_PRIO_DEBUG)
		return -EBADMSG;
	p.n_tags = get_u32(in, 4);
	p.n_values = get_u32(in, 8);
	/* Cannot overflow: both are 32 bits wide. */
	uint64_t lengths = (FIXED_TEXTS + (uint64_t)p.n_tags + 2 * (uint64_t)p.n_values) * 4;
	if (lengths > in.len - HEAD_BYTES)
		return -EBADMSG;
	struct reader r = {.in = in, .len = HEAD_BYTES, .text = HEAD_BYTES + (size_t)lengths};
	struct lnr_str *tags = calloc(p.n_tags + (size_t)1, sizeof(*tags));
	struct lnr_alert_pending *values = calloc(p.n_values + (size_t)1, sizeof(*values));
	struct lnr_alert *a = NULL;
	int rc = tags && values ? 0 : -ENOMEM;
	if (!rc) {
		p.tags = tags;
		p.values = values;
		get_all(&r, &p, tags, values);
		rc = r.bad ? -EBADMSG : 0;
	}
	if (!rc) {
		a = lnr_alert_assemble(&p);
		rc = a ? 0 : -ENOMEM;
	}
	free(tags);
	free(values);
	if (rc)
		return rc;
	a->internal = in.ptr[1] & FLAG_INTERNAL;
	a->priority = (uint8_t)in.ptr[2];
	a->time_ns = get_u64(in, 12);
	a->event_num = get_u64(in, 20);
	lnr_alert_id_text(get_be64(in, 28), get_be64(in, 36), a->id);
	*ret = a;
	return 0;
}
