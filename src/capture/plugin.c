/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches of a plugin, one event at a time. What comes together with "no more for now", "the end"
 * or a failure is delivered first; then the word counts.
 */
#include "capture/plugin.h"

#include <stdlib.h>
#include <string.h>
#include "plugin/isolated.h"
#include "schema/limits.h"

struct plugin_source {
	struct lnr_capture base;
	struct lnr_plugin_instance *inst;
	const struct lnr_clock *clock;
	void *handle;			/* the plugin's */
	int32_t opened;			/* what open() said */
	struct lnr_plugin_event **evts; /* the batch, the plugin's */
	uint32_t at, n;
	int32_t after; /* what next_batch() said; counts when the batch is used up */
	bool ended;
	uint64_t n_events, n_batches;
};

static struct plugin_source *source_of(struct lnr_capture *c)
{
	return (struct plugin_source *)c;
}

/* --- one event --- */

/* Spec 7.3; the plugin's memory may be written to. */
static int complete(struct plugin_source *s, struct lnr_plugin_event *e, struct lnr_err *err)
{
	const struct lnr_plugin *p = s->inst->plugin;
	uint8_t *raw = (uint8_t *)e;
	uint32_t lens[2], id;
	if (e->len < sizeof(*e) || e->len > LNR_SCAP_EVENT_BYTES)
		return lnr_fail(err, -EBADMSG, "plugin %s: event of %u bytes", p->name.ptr, e->len);
	if (e->ts == UINT64_MAX)
		e->ts = lnr_wall_ns(s->clock);
	if (!p->id && e->type != LNR_PLUGIN_EVENT)
		return 0; /* system calls of another origin */
	if (!p->id || e->type != LNR_PLUGIN_EVENT || e->nparams != 2)
		return lnr_fail(err, -EBADMSG, "plugin %s: event of type %u with %u parameters",
			p->name.ptr, e->type, e->nparams);
	if (e->len < LNR_PLUGIN_PAYLOAD_AT)
		return lnr_fail(err, -EBADMSG, "plugin %s: event of %u bytes", p->name.ptr, e->len);
	memcpy(lens, raw + sizeof(*e), sizeof(lens));
	if (lens[0] != sizeof(id) || lens[1] != e->len - LNR_PLUGIN_PAYLOAD_AT)
		return lnr_fail(err, -EBADMSG,
			"plugin %s: event of %u bytes with parameters of %u and %u", p->name.ptr,
			e->len, lens[0], lens[1]);
	memcpy(&id, raw + sizeof(*e) + sizeof(lens), sizeof(id));
	if (id && id != p->id)
		return lnr_fail(err, -EBADMSG, "plugin %s: event of plugin id %u, its own is %u",
			p->name.ptr, id, p->id);
	memcpy(raw + sizeof(*e) + sizeof(lens), &p->id, sizeof(p->id));
	e->tid = UINT64_MAX;
	return 0;
}

/* --- batches --- */

/* A plugin should wait a little before it says so; one that does not must not burn a core. */
#define IMPATIENT_NS (1 * LNR_NS_PER_MS)

static int fetch(struct plugin_source *s, struct lnr_err *err)
{
	const struct lnr_plugin *p = s->inst->plugin;
	uint64_t from = lnr_mono_ns(s->clock);
	s->evts = NULL;
	s->at = s->n = 0;
	s->after = p->api.next_batch(s->inst->state, s->handle, &s->n, &s->evts);
	s->n_batches++;
	if (s->n && !s->evts)
		return lnr_fail(err, -EBADMSG, "plugin %s: a batch without events", p->name.ptr);
	if (!s->n && s->after == LNR_PLUGIN_SUCCESS)
		return lnr_fail(err, -EBADMSG, "plugin %s: an empty batch", p->name.ptr);
	if (!s->n && s->after == LNR_PLUGIN_TIMEOUT && lnr_mono_ns(s->clock) - from < IMPATIENT_NS)
		s->clock->sleep_ns(s->clock, IMPATIENT_NS);
	return 0;
}

/* The batch is used up. */
static int finish(struct plugin_source *s, struct lnr_err *err)
{
	switch (s->after) {
	case LNR_PLUGIN_SUCCESS:
		return 0;
	case LNR_PLUGIN_TIMEOUT:
		s->after = LNR_PLUGIN_SUCCESS;
		return -EAGAIN;
	case LNR_PLUGIN_EOF:
		s->ended = true;
		return -ENODATA;
	default:
		s->ended = true;
		return lnr_fail(err, s->inst->plugin->isolated ? -ECHILD : -EIO, "plugin %s: %s",
			s->inst->plugin->name.ptr, lnr_plugin_last_error(s->inst));
	}
}

/* What no plugin may give. Of an isolated one it costs no more than its end. */
static int misbehaved(struct plugin_source *s, int r, struct lnr_err *err)
{
	struct lnr_err why = {0};
	const struct lnr_plugin *p = s->inst->plugin;
	if (!p->isolated)
		return r;
	s->at = s->n = 0;
	s->after = LNR_PLUGIN_SUCCESS;
	if (err)
		why = *err;
	/* Its name stands in front of the log line as well. */
	const char *text = strstr(why.msg, ": ");
	lnr_plugin_isolated_end(s->inst->state, text ? text + 2 : "it gave a wrong event");
	if (p->restart) {
		lnr_err_clear(err);
		return -EAGAIN;
	}
	s->ended = true;
	lnr_err_clear(err);
	return lnr_fail(err, -ECHILD, "%s", why.msg);
}

static int next_event(struct plugin_source *s, struct lnr_plugin_event **ret, struct lnr_err *err)
{
	while (s->at == s->n) {
		int r = s->ended ? -ENODATA : finish(s, err);
		if (!r)
			r = fetch(s, err);
		if (r)
			return r;
	}
	struct lnr_plugin_event *e = s->evts[s->at++];
	int r = e ? complete(s, e, err)
		  : lnr_fail(err, -EBADMSG, "plugin %s: no event", s->inst->plugin->name.ptr);
	*ret = e;
	return r;
}

static int source_next(struct lnr_capture *c, struct lnr_capture_item *ret, struct lnr_err *err)
{
	struct plugin_source *s = source_of(c);
	struct lnr_err why = {0};
	struct lnr_plugin_event *e = NULL;
	int r = next_event(s, &e, err ? err : &why);
	if (r == -EBADMSG)
		return misbehaved(s, r, err ? err : &why);
	if (r)
		return r;
	s->n_events++;
	*ret = (struct lnr_capture_item){.record = e, .len = e->len};
	return 0;
}

static unsigned source_stats(struct lnr_capture *c, struct lnr_stat *ret, unsigned max)
{
	const struct plugin_source *s = source_of(c);
	const struct lnr_stat all[] = {
		{"n_plugin_evts", s->n_events}, {"n_plugin_batches", s->n_batches}};
	unsigned n = 0;
	for (; n < LNR_ARRAY_SIZE(all) && n < max; n++)
		ret[n] = all[n];
	return n;
}

static void call_open(void *arg)
{
	struct plugin_source *s = arg;
	const struct lnr_plugin *p = s->inst->plugin;
	s->handle = p->api.open(s->inst->state, p->open_params, &s->opened);
}

static void call_close(void *arg)
{
	struct plugin_source *s = arg;
	s->inst->plugin->api.close(s->inst->state, s->handle);
}

static struct lnr_capture *source_close(struct lnr_capture *c)
{
	struct plugin_source *s = source_of(c);
	const struct lnr_plugin *p = s->inst->plugin;
	bool idle = s->inst->stuck || !s->handle;
	if (idle || !lnr_plugin_call(s->inst, call_close, s))
		free(s);
	else /* the plugin still has it */
		lnr_log(s->inst->log, LNR_LOG_ERROR,
			"plugin %s: close() did not return within %u ms and is left running",
			p->name.ptr, p->start_ms);
	return NULL;
}

static const struct lnr_capture_ops source_ops = {
	.name = "source_plugin",
	.next = source_next,
	.stats = source_stats,
	.close = source_close,
};

int lnr_plugin_capture_open(struct lnr_plugin_instance *inst, const struct lnr_clock *clock,
	struct lnr_capture **ret, struct lnr_err *err)
{
	const struct lnr_plugin *p = inst->plugin;
	struct plugin_source *s = calloc(1, sizeof(*s));
	if (!s)
		return lnr_fail(err, -ENOMEM, "out of memory");
	s->base.ops = &source_ops;
	s->inst = inst;
	s->clock = clock ? clock : lnr_clock_system();
	s->opened = LNR_PLUGIN_FAILURE; /* some leave it alone when they fail */
	if (lnr_plugin_call(inst, call_open, s))
		return lnr_fail(err, -ETIMEDOUT,
			"plugin %s cannot open its source: open() did not return within %u ms",
			p->name.ptr, p->start_ms);
	if (!s->handle || s->opened != LNR_PLUGIN_SUCCESS) {
		int r = lnr_fail(err, -EIO, "plugin %s cannot open its source: %s", p->name.ptr,
			lnr_plugin_last_error(inst));
		source_close(&s->base);
		return r;
	}
	*ret = &s->base;
	return 0;
}
