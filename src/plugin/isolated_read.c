/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the process of an isolated plugin sends, read with suspicion: the plugin may have written
 * over the memory of the code that sends it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/util.h"
#include "plugin/isolated_priv.h"
#include "schema/limits.h"

/* --- what it is --- */

int lnr_plugin_read_said(struct lnr_wire_in *body, struct lnr_arena *arena,
	struct lnr_plugin_said *ret, struct lnr_err *err)
{
	ret->id = lnr_wire_get_u32(body);
	ret->functions = lnr_wire_get_u64(body);
	for (size_t i = 0; i < LNR_SAID_COUNT; i++) {
		struct lnr_str t = lnr_wire_get_text(body);
		ret->text[i] = NULL;
		if (!t.ptr)
			continue;
		if (t.len > LNR_PLUGIN_TEXT_BYTES)
			return lnr_fail(
				err, -EFBIG, "its process gives a text of %zu bytes", t.len);
		ret->text[i] = lnr_arena_strdup(arena, t);
		if (!ret->text[i])
			return lnr_fail(err, -ENOMEM, "out of memory");
	}
	return body->bad ? lnr_fail(err, -EBADMSG, "its process answers nonsense") : 0;
}

int lnr_isolated_read_types(struct lnr_isolated *s, struct lnr_wire_in *in)
{
	struct lnr_plugin_types t;
	t.all = lnr_wire_get_u32(in);
	const void *bits = lnr_wire_get_bytes(in, sizeof(t.bits));
	if (!bits)
		return -EBADMSG;
	memcpy(t.bits, bits, sizeof(t.bits));
	s->n_types = 0;
	/* No list means all; a list of what plugins make is what the host would assume anyway. */
	for (uint16_t i = 0; !t.all && i < LNR_ARRAY_SIZE(s->types); i++) {
		if (lnr_plugin_types_has(&t, i))
			s->types[s->n_types++] = i;
	}
	return 0;
}

int lnr_isolated_read_metrics(struct lnr_isolated *s, struct lnr_wire_in *in)
{
	uint32_t n = lnr_wire_get_u32(in);
	if (in->bad || n > LNR_PLUGIN_VALUES_MAX)
		return -EBADMSG;
	struct lnr_plugin_metric *v = calloc((size_t)n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (uint32_t i = 0; i < s->n_metrics; i++)
		free((char *)(uintptr_t)s->metrics[i].name);
	free(s->metrics);
	s->metrics = v;
	for (s->n_metrics = 0; s->n_metrics < n; s->n_metrics++) {
		struct lnr_plugin_metric *m = &v[s->n_metrics];
		struct lnr_str name = lnr_wire_get_text(in);
		m->type = lnr_wire_get_u32(in);
		m->value_type = lnr_wire_get_u32(in);
		m->value.u64 = lnr_wire_get_u64(in);
		if (in->bad)
			return -EBADMSG;
		m->name = name.ptr ? strndup(name.ptr, name.len) : NULL;
	}
	return 0;
}

void lnr_isolated_shorten(struct lnr_isolated *s)
{
	static const char word[] = " cannot start: ";
	const char *p = strstr(s->why, word);
	if (strncmp(s->why, "plugin ", 7) == 0 && p) {
		p += sizeof(word) - 1;
		memmove(s->why, p, strlen(p) + 1);
	}
}

/* --- values --- */

static bool read_texts(struct lnr_wire_in *in, struct lnr_arena *arena, uint32_t n,
	struct lnr_plugin_extract_field *f)
{
	const char **v = lnr_arena_calloc(arena, n, sizeof(*v));
	for (uint32_t i = 0; v && i < n; i++)
		v[i] = lnr_wire_get_text(in).ptr;
	f->res.str = v;
	return v;
}

static bool read_numbers(struct lnr_wire_in *in, struct lnr_arena *arena, uint32_t n,
	struct lnr_plugin_extract_field *f)
{
	uint64_t *v = lnr_arena_calloc(arena, n, sizeof(*v));
	for (uint32_t i = 0; v && i < n; i++)
		v[i] = lnr_wire_get_u64(in);
	f->res.u64 = v;
	return v;
}

static bool read_truths(struct lnr_wire_in *in, struct lnr_arena *arena, uint32_t n,
	struct lnr_plugin_extract_field *f)
{
	uint32_t *v = lnr_arena_calloc(arena, n, sizeof(*v));
	for (uint32_t i = 0; v && i < n; i++)
		v[i] = lnr_wire_get_u32(in);
	f->res.boolean = v;
	return v;
}

static bool read_addresses(struct lnr_wire_in *in, struct lnr_arena *arena, uint32_t n,
	struct lnr_plugin_extract_field *f)
{
	struct lnr_plugin_bytes *v = lnr_arena_calloc(arena, n, sizeof(*v));
	for (uint32_t i = 0; v && i < n; i++) {
		v[i].len = lnr_wire_get_u32(in);
		v[i].ptr = lnr_wire_get_bytes(in, v[i].len);
	}
	f->res.buf = v;
	return v;
}

bool lnr_plugin_read_values(
	struct lnr_str blob, struct lnr_arena *arena, struct lnr_plugin_extract_field *f)
{
	struct lnr_wire_in in = {(const uint8_t *)blob.ptr, blob.len, false};
	uint32_t n = lnr_wire_get_u32(&in);
	bool ok;
	/* Each value takes four bytes at least. */
	if (!n || n > in.left / 4 || n > LNR_PLUGIN_VALUES_MAX)
		return false;
	switch (f->ftype) {
	case LNR_PLUGIN_FT_STRING:
		ok = read_texts(&in, arena, n, f);
		break;
	case LNR_PLUGIN_FT_BOOL:
		ok = read_truths(&in, arena, n, f);
		break;
	case LNR_PLUGIN_FT_IPADDR:
	case LNR_PLUGIN_FT_IPNET:
		ok = read_addresses(&in, arena, n, f);
		break;
	default:
		ok = read_numbers(&in, arena, n, f);
	}
	f->res_len = ok && !in.bad ? n : 0;
	return f->res_len;
}

/* --- events --- */

static int grow(struct lnr_plugin_batch *b, uint32_t n)
{
	if (n <= b->room)
		return 0;
	/* A buffer each, so that nothing moves what another one holds when one is lacking. */
	void *evts = realloc(b->evts, n * sizeof(*b->evts));
	if (evts)
		b->evts = evts;
	void *values = realloc(b->values, n * sizeof(*b->values));
	if (values)
		b->values = values;
	void *lens = realloc(b->values_len, n * sizeof(*b->values_len));
	if (lens)
		b->values_len = lens;
	if (!evts || !values || !lens)
		return -ENOMEM;
	b->room = n;
	return 0;
}

static int copy_body(struct lnr_plugin_batch *b, const struct lnr_wire_in *body)
{
	if (body->left > b->cap) {
		free(b->buf);
		b->cap = 0;
		b->buf = malloc(body->left);
		if (!b->buf)
			return -ENOMEM;
		b->cap = body->left;
	}
	if (body->left)
		memcpy(b->buf, body->p, body->left);
	return 0;
}

int lnr_plugin_read_batch(struct lnr_plugin_batch *b, const struct lnr_wire_in *body)
{
	b->n = 0;
	int r = copy_body(b, body);
	if (r)
		return r;
	struct lnr_wire_in in = {b->buf, body->left, false};
	b->rc = (int32_t)lnr_wire_get_u32(&in);
	b->first = lnr_wire_get_u32(&in);
	uint32_t n = lnr_wire_get_u32(&in);
	/* An event takes its length and that of its values at least. */
	if (in.bad || n > in.left / 8)
		return -EBADMSG;
	r = grow(b, n);
	for (uint32_t i = 0; !r && i < n; i++) {
		uint32_t len = lnr_wire_get_u32(&in);
		lnr_wire_get_align(&in, b->buf);
		const void *evt = lnr_wire_get_bytes(&in, len);
		b->evts[i] = len ? (struct lnr_plugin_event *)(uintptr_t)evt : NULL;
		b->values_len[i] = lnr_wire_get_u32(&in);
		b->values[i] = lnr_wire_get_bytes(&in, b->values_len[i]);
		/* Shorter ones are never looked at beyond their header. */
		if (in.bad || (len && len < sizeof(struct lnr_plugin_event)))
			return -EBADMSG;
		if (len && b->evts[i]->len != len) {
			/* Only of one with a wrong length comes less than it says. */
			bool wrong = b->evts[i]->len < sizeof(struct lnr_plugin_event) ||
				     b->evts[i]->len > LNR_SCAP_EVENT_BYTES;
			if (!wrong || len != sizeof(struct lnr_plugin_event))
				return -EBADMSG;
		}
		b->n = i + 1;
	}
	b->why = lnr_wire_get_text(&in);
	return r ? r : in.bad ? -EBADMSG : 0;
}

void lnr_plugin_batch_done(struct lnr_plugin_batch *b)
{
	free(b->buf);
	free(b->evts);
	free(b->values);
	free(b->values_len);
	*b = (struct lnr_plugin_batch){0};
}

bool lnr_plugin_batch_value(
	const struct lnr_plugin_batch *b, uint32_t event, uint32_t k, struct lnr_str *ret)
{
	if (event >= b->n)
		return false;
	struct lnr_wire_in in = {b->values[event], b->values_len[event], false};
	for (;;) {
		uint32_t len = lnr_wire_get_u32(&in);
		const void *p = lnr_wire_get_bytes(&in, len);
		if (!p)
			return false;
		if (!k--) {
			*ret = (struct lnr_str){p, len};
			return true;
		}
	}
}
