/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which fields an isolated plugin is asked for, and when. A question costs two switches of
 * processes however many fields it has, and a value that comes with its event costs none. So it is
 * counted for how many events each field is asked for: after a window of events those of half of
 * them come with the events, and those of an eighth come along with any question.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "plugin/isolated_priv.h"
#include "schema/limits.h"

/* Events until the first decision, and until each later one. */
#define FIRST_WINDOW 16
#define WINDOW	     256

static void drop_asks(struct lnr_isolated *s)
{
	for (uint32_t i = 0; i < s->n_asks; i++)
		free(s->asks[i].key);
	s->n_asks = s->n_told = s->seen = 0;
	s->window = FIRST_WINDOW;
	s->n_wanted = 0;
	s->want_changed = false;
}

void lnr_isolated_forget(struct lnr_isolated *s)
{
	drop_asks(s);
	s->sent = s->own_batch = false;
	s->evt = NULL;
	s->in_batch = -1;
}

void lnr_isolated_done(struct lnr_isolated *s)
{
	drop_asks(s);
	free(s->asks);
	free(s->asked_now);
	lnr_plugin_batch_done(&s->batch);
	lnr_arena_done(&s->kept);
	lnr_arena_done(&s->values);
	for (uint32_t i = 0; i < s->n_metrics; i++)
		free((char *)(uintptr_t)s->metrics[i].name);
	free(s->metrics);
	free(s->text);
	free(s->config);
	free(s->params);
}

/* --- the event at hand --- */

static void decide(struct lnr_isolated *s)
{
	int32_t n = 0;
	for (uint32_t i = 0; i < s->n_asks; i++) {
		struct lnr_isolated_ask *a = &s->asks[i];
		int32_t wanted = a->asked * 2 >= s->seen ? n++ : -1;
		s->want_changed |= wanted != a->wanted;
		a->wanted = wanted;
		a->often = a->asked * 8 >= s->seen;
		a->asked = 0;
	}
	s->seen = 0;
	s->window = WINDOW;
}

/* Where the event is in the batch; events are asked about in their order. */
static int64_t place_in_batch(struct lnr_isolated *s, const void *evt)
{
	for (uint32_t i = s->event; s->own_batch && i < s->batch.n; i++) {
		if (s->batch.evts[i] == evt) {
			s->event = i;
			return i;
		}
	}
	return -1;
}

static void look_at(struct lnr_isolated *s, const struct lnr_plugin_event_input *evt)
{
	if (evt->evt == s->evt && evt->evtnum == s->evtnum)
		return;
	s->evt = evt->evt;
	s->evtnum = evt->evtnum;
	s->in_batch = place_in_batch(s, evt->evt);
	s->sent = false;
	s->stamp++;
	lnr_arena_reset(&s->kept);
	/* Events of its own are counted by batches, asked about or not. */
	if (s->in_batch < 0 && ++s->seen > s->window && !s->params)
		decide(s);
}

void lnr_isolated_write_event(struct lnr_isolated *s, const struct lnr_plugin_event_input *evt)
{
	struct lnr_wire *w = &s->wire;
	look_at(s, evt);
	if (s->in_batch >= 0) {
		lnr_wire_u32(w, LNR_WIRE_EVENT_OWN);
		lnr_wire_u32(w, s->batch.first + (uint32_t)s->in_batch);
		return;
	}
	lnr_wire_u32(w, s->sent ? LNR_WIRE_EVENT_SAME : LNR_WIRE_EVENT_OTHER);
	if (s->sent)
		return;
	lnr_wire_u64(w, evt->evtnum);
	lnr_wire_text(w, evt->evtsrc);
	lnr_wire_u32(w, evt->evt->len);
	lnr_wire_bytes(w, evt->evt, evt->evt->len);
	s->sent = true;
}

/* --- fields --- */

static bool is_ask(const struct lnr_isolated_ask *a, const struct lnr_plugin_extract_field *f)
{
	return a->id == f->field_id && a->present == f->arg_present && a->index == f->arg_index &&
	       (a->key ? f->arg_key && strcmp(a->key, f->arg_key) == 0 : !f->arg_key);
}

static struct lnr_isolated_ask *find_ask(
	const struct lnr_isolated *s, const struct lnr_plugin_extract_field *f)
{
	for (uint32_t i = 0; i < s->n_asks; i++) {
		if (is_ask(&s->asks[i], f))
			return &s->asks[i];
	}
	return NULL;
}

static struct lnr_isolated_ask *add_ask(
	struct lnr_isolated *s, const struct lnr_plugin_extract_field *f)
{
	if (!s->asks) {
		s->asks = calloc(LNR_PLUGIN_ASKS_MAX, sizeof(*s->asks));
		s->asked_now = calloc(LNR_PLUGIN_ASKS_MAX, sizeof(*s->asked_now));
	}
	if (!s->asks || !s->asked_now || s->n_asks == LNR_PLUGIN_ASKS_MAX)
		return NULL;
	char *key = f->arg_key ? strdup(f->arg_key) : NULL;
	if (f->arg_key && !key)
		return NULL;
	struct lnr_isolated_ask *a = &s->asks[s->n_asks++];
	*a = (struct lnr_isolated_ask){.id = f->field_id,
		.present = f->arg_present,
		.index = f->arg_index,
		.key = key,
		.wanted = -1};
	return a;
}

bool lnr_isolated_known(struct lnr_isolated *s, const struct lnr_plugin_event_input *evt,
	const struct lnr_plugin_extract_field *f, struct lnr_str *ret)
{
	look_at(s, evt);
	struct lnr_isolated_ask *a = find_ask(s, f);
	if (!a)
		return false;
	if (a->counted != s->stamp) {
		a->counted = s->stamp;
		a->asked++;
	}
	if (a->stamp == s->stamp) {
		*ret = a->value;
		return true;
	}
	return s->in_batch >= 0 && a->wanted >= 0 && !s->want_changed &&
	       lnr_plugin_batch_value(&s->batch, (uint32_t)s->in_batch, (uint32_t)a->wanted, ret);
}

/* Fields that the process has not heard of. */
static int tell_asks(struct lnr_isolated *s, uint64_t deadline)
{
	int r = 0;
	for (; !r && s->n_told < s->n_asks; s->n_told += !r) {
		const struct lnr_isolated_ask *a = &s->asks[s->n_told];
		lnr_wire_begin(&s->wire, LNR_WIRE_ASK);
		lnr_wire_u32(&s->wire, a->id);
		lnr_wire_u32(&s->wire, a->present);
		lnr_wire_u64(&s->wire, a->index);
		lnr_wire_text(&s->wire, a->key);
		r = lnr_wire_send(&s->wire, deadline);
	}
	return r;
}

static uint64_t soon(void)
{
	return lnr_mono_ns(lnr_clock_system()) + LNR_PLUGIN_FIELD_MS * LNR_NS_PER_MS;
}

int lnr_isolated_write_question(struct lnr_isolated *s, const struct lnr_plugin_event_input *evt,
	const struct lnr_plugin_extract_field *f)
{
	int r = 0;
	look_at(s, evt);
	if (s->n_asks == LNR_PLUGIN_ASKS_MAX && !find_ask(s, f)) {
		drop_asks(s);
		lnr_wire_begin(&s->wire, LNR_WIRE_FORGET);
		r = lnr_wire_send(&s->wire, soon());
	}
	struct lnr_isolated_ask *a = find_ask(s, f);
	if (!a)
		a = add_ask(s, f);
	if (!a)
		return -ENOMEM;
	r = r ? r : tell_asks(s, soon());
	s->n_asked_now = 0;
	s->asked_now[s->n_asked_now++] = (uint32_t)(a - s->asks);
	for (uint32_t i = 0; i < s->n_asks; i++) {
		const struct lnr_isolated_ask *more = &s->asks[i];
		if (more != a && more->often && more->stamp != s->stamp)
			s->asked_now[s->n_asked_now++] = i;
	}
	lnr_wire_begin(&s->wire, LNR_WIRE_EXTRACT);
	lnr_isolated_write_event(s, evt);
	lnr_wire_u32(&s->wire, s->n_asked_now);
	for (uint32_t i = 0; i < s->n_asked_now; i++)
		lnr_wire_u32(&s->wire, s->asked_now[i]);
	return r;
}

int lnr_isolated_read_answer(struct lnr_isolated *s, struct lnr_wire_in *in, struct lnr_str *ret)
{
	for (uint32_t i = 0; i < s->n_asked_now; i++) {
		struct lnr_isolated_ask *a = &s->asks[s->asked_now[i]];
		uint32_t len = lnr_wire_get_u32(in);
		const void *p = lnr_wire_get_bytes(in, len);
		char *own = p ? lnr_arena_alloc(&s->kept, len + 1) : NULL;
		if (!own)
			return p ? -ENOMEM : -EBADMSG;
		memcpy(own, p, len);
		a->value = (struct lnr_str){own, len};
		a->stamp = s->stamp;
	}
	*ret = s->asks[s->asked_now[0]].value;
	return 0;
}

/* --- events --- */

int lnr_isolated_want(struct lnr_isolated *s)
{
	/* Between two batches: values of a batch stand in the places that were wanted for it. */
	if (s->seen > s->window)
		decide(s);
	int r = tell_asks(s, soon());
	if (r || !s->want_changed)
		return r;
	lnr_wire_begin(&s->wire, LNR_WIRE_WANT);
	size_t count = lnr_wire_hole(&s->wire);
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->n_asks; i++) {
		if (s->asks[i].wanted < 0)
			continue;
		lnr_wire_u32(&s->wire, i);
		n++;
	}
	lnr_wire_fill(&s->wire, count, n);
	s->n_wanted = n;
	s->want_changed = false;
	return lnr_wire_send(&s->wire, soon());
}

int lnr_isolated_take_batch(struct lnr_isolated *s, struct lnr_wire_in *in)
{
	int r = lnr_plugin_read_batch(&s->batch, in);
	s->event = 0;
	s->evt = NULL;
	s->own_batch = !r;
	s->seen += r ? 0 : s->batch.n;
	if (!r && s->batch.why.ptr)
		snprintf(s->why, sizeof(s->why), "%.*s", LNR_STR_ARG(s->batch.why));
	return r;
}
