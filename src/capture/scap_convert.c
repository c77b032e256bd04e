/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/scap_convert.h"

#include <stdlib.h>
#include <string.h>
#include "base/json.h"
#include "schema/limits.h"

/* Spec scap-format 7: a chain of rows longer than this has no end. The longest is 16. */
#define ROUNDS_MAX 50

static const struct lnr_conversion table[] = {
#define OLD(a, b)                                \
	{                                        \
		LNR_FROM_OLD, (a), (b) - (a) + 1 \
	}
#define ENTER(a, b)                                \
	{                                          \
		LNR_FROM_ENTER, (a), (b) - (a) + 1 \
	}
#define ENTER_OPT(a, b)                                \
	{                                              \
		LNR_FROM_ENTER_OPT, (a), (b) - (a) + 1 \
	}
#define DEFAULT(n)                       \
	{                                \
		LNR_FROM_DEFAULT, 0, (n) \
	}
#define EMPTY(n)                       \
	{                              \
		LNR_FROM_EMPTY, 0, (n) \
	}
#define BUILT                        \
	{                            \
		LNR_FROM_BUILT, 0, 1 \
	}
#define LNR_KEEP(event, nparams, action) \
	{LNR_EV_##event, LNR_EV_##event, nparams, LNR_CONV_##action, {{0, 0, 0}}},
#define LNR_ADD(event, nparams, ...) \
	{LNR_EV_##event, LNR_EV_##event, nparams, LNR_CONV_ADD, {__VA_ARGS__}},
#define LNR_CHANGE(event, nparams, to, ...) \
	{LNR_EV_##event, LNR_EV_##to, nparams, LNR_CONV_CHANGE, {__VA_ARGS__}},
#include "schema/conversions.def"
#undef OLD
#undef ENTER
#undef ENTER_OPT
#undef DEFAULT
#undef EMPTY
#undef BUILT
};

const struct lnr_conversion *lnr_conversions(size_t *ret_n)
{
	*ret_n = LNR_ARRAY_SIZE(table);
	return table;
}

/* --- pending enter events ---------------------------------------------------------------------
 *
 * newest <-> … <-> oldest, found by tid through a hash table. Released entries wait in a list per
 * size, so that storing costs no allocation once the sizes in use have been seen.
 */

struct lnr_pending {
	struct lnr_pending *newer, *older; /* free list: older is the next */
	uint64_t tid;
	unsigned size_class; /* room for 64 << size_class bytes */
	uint8_t record[];
};

static size_t class_bytes(unsigned size_class)
{
	return sizeof(struct lnr_pending) + ((size_t)64 << size_class);
}

static void pending_unlink(struct lnr_scap_converter *c, struct lnr_pending *p)
{
	lnr_idmap_remove(&c->pending, p->tid);
	*(p->newer ? &p->newer->older : &c->newest) = p->older;
	*(p->older ? &p->older->newer : &c->oldest) = p->newer;
}

static void pending_release(struct lnr_scap_converter *c, struct lnr_pending *p)
{
	pending_unlink(c, p);
	p->older = c->free_list[p->size_class];
	c->free_list[p->size_class] = p;
}

static void pending_free(struct lnr_scap_converter *c, struct lnr_pending *p)
{
	c->pending_bytes -= class_bytes(p->size_class);
	free(p);
}

static void free_lists_drain(struct lnr_scap_converter *c)
{
	for (unsigned i = 0; i < LNR_PENDING_CLASSES; i++) {
		struct lnr_pending *p;
		while ((p = c->free_list[i])) {
			c->free_list[i] = p->older;
			pending_free(c, p);
		}
	}
}

static void evict_oldest(struct lnr_scap_converter *c)
{
	struct lnr_pending *p = c->oldest;
	pending_unlink(c, p);
	pending_free(c, p);
	c->n_evicted++;
}

/* An entry with room for `len` bytes, linked to nothing; NULL = out of memory. */
static struct lnr_pending *pending_new(struct lnr_scap_converter *c, size_t len)
{
	unsigned size_class = 0;
	while (((size_t)64 << size_class) < len)
		size_class++;
	while (c->pending.len >= c->pending_max)
		evict_oldest(c);
	struct lnr_pending *p = c->free_list[size_class];
	if (p) {
		c->free_list[size_class] = p->older;
		return p;
	}
	size_t bytes = class_bytes(size_class);
	if (c->pending_bytes + bytes > c->pending_max_bytes)
		free_lists_drain(c);
	while (c->oldest && c->pending_bytes + bytes > c->pending_max_bytes)
		evict_oldest(c);
	p = malloc(bytes);
	if (!p)
		return NULL;
	p->size_class = size_class;
	c->pending_bytes += bytes;
	return p;
}

/* Keep the record as its thread's pending enter event, instead of an earlier one. */
static int pending_store(
	struct lnr_scap_converter *c, const struct lnr_record *rec, struct lnr_err *err)
{
	struct lnr_pending *old = lnr_idmap_get(&c->pending, rec->tid);
	if (old)
		pending_release(c, old);
	struct lnr_pending *p = pending_new(c, rec->len);
	if (!p)
		return lnr_fail(err, -ENOMEM, "out of memory");
	memcpy(p->record, rec, rec->len);
	p->tid = rec->tid;
	if (lnr_idmap_set(&c->pending, p->tid, p, NULL)) {
		pending_free(c, p);
		return lnr_fail(err, -ENOMEM, "out of memory");
	}
	p->newer = NULL;
	p->older = c->newest;
	*(c->newest ? &c->newest->newer : &c->oldest) = p;
	c->newest = p;
	c->n_stored++;
	return 0;
}

/* --- reading and writing parameters ----------------------------------------------------------- */

/* Bytes of one parameter length of this event. */
static unsigned len_size_of(const struct lnr_event_info *info)
{
	return info->flags & LNR_EF_LARGE_PAYLOAD ? 4 : 2;
}

/* A checked record with the places of its parameters. */
struct source {
	const struct lnr_record *rec; /* NULL = missing: every parameter is */
	const uint8_t *at[LNR_PARAMS_MAX];
	uint32_t len[LNR_PARAMS_MAX];
	unsigned n;
	size_t total; /* bytes of all parameters; the record may have more behind them */
};

static void source_index(struct source *s, const struct lnr_record *rec)
{
	const struct lnr_event_info *info = lnr_event_info(rec->type);
	unsigned size = len_size_of(info);
	const uint8_t *lens = (const uint8_t *)rec + sizeof(*rec);
	const uint8_t *at = lens + (size_t)rec->nparams * size;
	s->rec = rec;
	s->total = 0;
	s->n = rec->nparams < LNR_PARAMS_MAX ? rec->nparams : LNR_PARAMS_MAX;
	for (unsigned i = 0; i < s->n; i++) {
		uint32_t len;
		if (size == 4) {
			memcpy(&len, lens + 4 * i, 4);
		} else {
			uint16_t len16;
			memcpy(&len16, lens + 2 * i, 2);
			len = len16;
		}
		s->at[i] = at;
		s->len[i] = len;
		at += len;
		s->total += len;
	}
}

/* The record being written. */
struct target {
	uint8_t *buf; /* LNR_RECORD_MAX bytes */
	const struct lnr_event_info *info;
	unsigned len_size;
	unsigned n;	/* parameters written so far */
	unsigned total; /* of all */
	size_t at;
};

/* Longest value of parameter i: its type's size, or what a length can say. */
static size_t param_max(const struct target *t, unsigned i)
{
	unsigned fixed = lnr_pt_size(t->info->params[i].type);
	if (fixed)
		return fixed;
	return t->len_size == 4 ? UINT32_MAX : UINT16_MAX;
}

static bool put(struct target *t, const void *ptr, size_t len)
{
	if (t->n >= t->total || t->n >= t->info->nparams)
		return false;
	size_t max = param_max(t, t->n);
	if (len > max)
		len = max;
	if (len > LNR_RECORD_MAX - t->at)
		return false;
	uint8_t *slot = t->buf + sizeof(struct lnr_record) + (size_t)t->n * t->len_size;
	if (t->len_size == 4) {
		uint32_t len32 = (uint32_t)len;
		memcpy(slot, &len32, 4);
	} else {
		uint16_t len16 = (uint16_t)len;
		memcpy(slot, &len16, 2);
	}
	if (len)
		memcpy(t->buf + t->at, ptr, len);
	t->at += len;
	t->n++;
	return true;
}

static bool put_default(struct target *t)
{
	static const uint8_t zero[16], ones[16] = {0xff, 0xff, 0xff, 0xff};
	if (t->n >= t->info->nparams)
		return false;
	uint8_t type = t->info->params[t->n].type;
	bool id = type == LNR_PT_UID || type == LNR_PT_GID;
	return put(t, id ? ones : zero, lnr_pt_size(type));
}

/* Bytes of a CHARBUF without its NUL. */
static struct lnr_str source_text(const struct source *s, unsigned i)
{
	if (i >= s->n || !s->len[i])
		return (struct lnr_str){NULL, 0};
	return (struct lnr_str){(const char *)s->at[i], strnlen((const char *)s->at[i], s->len[i])};
}

/* CONTAINER_E has id, type, name, image; its successors have one JSON text. */
static bool put_built(struct lnr_scap_converter *c, struct target *t, const struct source *old)
{
	struct lnr_str id = source_text(old, 0);
	if (!id.ptr)
		return put(t, NULL, 0);
	uint32_t type = 0;
	if (old->n > 1)
		memcpy(&type, old->at[1], old->len[1] < sizeof(type) ? old->len[1] : sizeof(type));
	lnr_buf_clear(&c->text);
	struct lnr_json j;
	lnr_json_init(&j, &c->text);
	lnr_json_open(&j, '{');
	lnr_json_key(&j, LNR_STR("id"));
	lnr_json_str(&j, id);
	lnr_json_key(&j, LNR_STR("type"));
	lnr_json_u64(&j, type);
	lnr_json_key(&j, LNR_STR("name"));
	lnr_json_str(&j, source_text(old, 2));
	lnr_json_key(&j, LNR_STR("image"));
	lnr_json_str(&j, source_text(old, 3));
	lnr_json_close(&j, '}');
	lnr_buf_chr(&c->text, '\0');
	return !c->text.failed && put(t, c->text.ptr, c->text.len);
}

/* Parameters written by one source of a row. */
static bool put_source(struct lnr_scap_converter *c, struct target *t,
	const struct lnr_conv_source *src, const struct source *old, const struct source *enter)
{
	for (unsigned i = 0; i < src->n; i++) {
		unsigned k = src->first + i;
		const struct source *from = src->from == LNR_FROM_OLD ? old : enter;
		bool ok;
		switch (src->from) {
		case LNR_FROM_BUILT:
			ok = put_built(c, t, old);
			break;
		case LNR_FROM_DEFAULT:
			ok = put_default(t);
			break;
		case LNR_FROM_EMPTY:
			ok = put(t, NULL, 0);
			break;
		default:
			if (k < from->n)
				ok = put(t, from->at[k], from->len[k]);
			else if (src->from == LNR_FROM_ENTER)
				ok = put_default(t);
			else
				ok = put(t, NULL, 0);
		}
		if (!ok)
			return false;
	}
	return true;
}

/* --- rows ------------------------------------------------------------------------------------- */

void lnr_scap_converter_init(struct lnr_scap_converter *c)
{
	*c = (struct lnr_scap_converter){
		.pending_max_bytes = LNR_SCAP_PENDING_BYTES, .pending_max = LNR_SCAP_PENDING_MAX};
	lnr_idmap_init(&c->pending);
	/* Escaping can make a text six times as long. */
	lnr_buf_init(&c->text, 8 * LNR_RECORD_MAX);
	for (unsigned i = 0; i < LNR_EVENT_COUNT; i++) {
		const struct lnr_event_info *info = lnr_event_info(i);
		c->event[i].nparams = info->nparams;
		c->event[i].row = LNR_ARRAY_SIZE(table);
		c->event[i].len_size = (uint8_t)len_size_of(info);
		bool enter = !(i & 1), old = info->flags & LNR_EF_OLD_VERSION;
		c->event[i].hidden = enter && info->flags & LNR_EF_CONVERTER_MANAGED;
		if (info->flags & LNR_EF_UNUSED)
			c->event[i].verdict = LNR_VERDICT_DROP;
		else if (!(info->flags & LNR_EF_CONVERTER_MANAGED))
			c->event[i].verdict = !old    ? LNR_VERDICT_PASS
					      : enter ? LNR_VERDICT_DROP
						      : LNR_VERDICT_CONVERT;
		else
			c->event[i].verdict = enter || old ? LNR_VERDICT_CONVERT
							   : LNR_VERDICT_CONVERT_OLD;
	}
	for (size_t i = LNR_ARRAY_SIZE(table); i--;)
		c->event[table[i].event].row = (uint16_t)i;
}

void lnr_scap_converter_clear(struct lnr_scap_converter *c)
{
	while (c->newest)
		pending_release(c, c->newest);
}

void lnr_scap_converter_done(struct lnr_scap_converter *c)
{
	lnr_scap_converter_clear(c);
	free_lists_drain(c);
	lnr_idmap_done(&c->pending);
	lnr_buf_done(&c->text);
	free(c->out[0]);
	free(c->out[1]);
	c->out[0] = c->out[1] = NULL;
}

static const struct lnr_conversion *find_row(
	const struct lnr_scap_converter *c, const struct lnr_record *rec)
{
	for (size_t i = c->event[rec->type].row;
		i < LNR_ARRAY_SIZE(table) && table[i].event == rec->type; i++)
		if (table[i].nparams == rec->nparams)
			return &table[i];
	return NULL;
}

/* The enter event waiting for this exit, or NULL. One of another call is as good as none. */
static struct lnr_pending *find_enter(
	const struct lnr_scap_converter *c, const struct lnr_record *exit)
{
	struct lnr_pending *p = lnr_idmap_get(&c->pending, exit->tid);
	if (!p || !(exit->type & 1))
		return NULL;
	const struct lnr_record *enter = (const struct lnr_record *)p->record;
	return enter->type == exit->type - 1 ? p : NULL;
}

static bool row_wants_enter(const struct lnr_conversion *row)
{
	for (unsigned i = 0; i < LNR_ARRAY_SIZE(row->source); i++)
		if (row->source[i].from == LNR_FROM_ENTER ||
			row->source[i].from == LNR_FROM_ENTER_OPT)
			return true;
	return false;
}

/* One ADD or CHANGE row: a new record in one of the two buffers. */
static int rewrite(struct lnr_scap_converter *c, const struct lnr_conversion *row,
	const struct lnr_record *rec, const struct lnr_record **ret, struct lnr_err *err)
{
	uint8_t **out = &c->out[c->turn];
	if (!*out && !(*out = malloc(LNR_RECORD_MAX)))
		return lnr_fail(err, -ENOMEM, "out of memory");
	c->turn ^= 1;
	struct source old, enter = {.rec = NULL};
	source_index(&old, rec);
	struct lnr_pending *pending = row_wants_enter(row) ? find_enter(c, rec) : NULL;
	if (pending)
		source_index(&enter, (const struct lnr_record *)pending->record);

	struct target t = {.buf = *out, .info = lnr_event_info(row->to)};
	t.len_size = len_size_of(t.info);
	bool add = row->action == LNR_CONV_ADD;
	t.total = add ? old.n : 0;
	for (unsigned i = 0; i < LNR_ARRAY_SIZE(row->source); i++)
		t.total += row->source[i].n;
	t.at = sizeof(*rec) + (size_t)t.total * t.len_size;
	bool ok = true;
	if (add) {
		/* The same event with the same kind of lengths: copied as a whole. */
		size_t lens = (size_t)old.n * t.len_size;
		ok = t.at + old.total <= LNR_RECORD_MAX;
		if (ok) {
			const uint8_t *from = (const uint8_t *)rec + sizeof(*rec);
			memcpy(t.buf + sizeof(*rec), from, lens);
			memcpy(t.buf + t.at, from + lens, old.total);
			t.at += old.total;
			t.n = old.n;
		}
	}
	for (unsigned i = 0; ok && i < LNR_ARRAY_SIZE(row->source); i++)
		ok = put_source(c, &t, &row->source[i], &old, &enter);
	if (pending)
		pending_release(c, pending);
	if (!ok)
		return lnr_fail(err, -EBADMSG,
			"event %s of %u bytes does not fit in %u bytes once it is brought up to "
			"date",
			t.info->enum_name, rec->len, LNR_RECORD_MAX);
	struct lnr_record head = *rec;
	head.type = row->to;
	head.nparams = t.total;
	head.len = (uint32_t)t.at;
	memcpy(t.buf, &head, sizeof(head));
	*ret = (const struct lnr_record *)t.buf;
	return 0;
}

int lnr_scap_convert(struct lnr_scap_converter *c, const struct lnr_record *rec,
	const struct lnr_record **ret, struct lnr_err *err)
{
	for (unsigned round = 0; lnr_scap_convertible(c, rec); round++) {
		const struct lnr_event_info *info = lnr_event_info(rec->type);
		if (c->event[rec->type].verdict == LNR_VERDICT_DROP) {
			c->n_dropped++;
			return 0;
		}
		if (rec->len > LNR_RECORD_MAX)
			return lnr_fail(err, -EBADMSG,
				"event %s of an older version has %u bytes, more than %u",
				info->enum_name, rec->len, LNR_RECORD_MAX);
		const struct lnr_conversion *row = find_row(c, rec);
		if (!row || round == ROUNDS_MAX)
			return lnr_fail(err, -EBADMSG,
				"event %s with %u parameters: no version of it is known",
				info->enum_name, rec->nparams);
		int r;
		switch (row->action) {
		case LNR_CONV_PASS:
			*ret = rec;
			return 1;
		case LNR_CONV_STORE:
			return pending_store(c, rec, err);
		case LNR_CONV_STORE_AND_PASS:
			*ret = rec;
			r = pending_store(c, rec, err);
			return r ? r : 1;
		default:
			r = rewrite(c, row, rec, &rec, err);
			if (r)
				return r;
			c->n_converted += round == 0;
		}
	}
	*ret = rec;
	return 1;
}
