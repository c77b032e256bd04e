/* SPDX-License-Identifier: Apache-2.0 */
/* What plugins do beside the events: asynchronous events, listening, routines, dumps of state. */
#include "capture/scap_write.h"
#include "engine/engine_priv.h"
#include "engine/plugins_priv.h"
#include "plugin/async.h"
#include "plugin/routines.h"

static bool any_can(const struct lnr_plugin_set *set, unsigned cap)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->v[i] && set->v[i]->plugin->caps & cap)
			return true;
	}
	return false;
}

int lnr_plugin_set_check_schema(const struct lnr_plugin_set *set, struct lnr_err *err)
{
	int r = 0;
	for (size_t i = 0; !r && i < set->n; i++) {
		if (set->v[i])
			r = lnr_plugin_schema_check(set->v[i], LNR_DRIVER_SCHEMA, err);
	}
	return r;
}

/* In the order of the interface: all may send events before the first is told of the capture. */
int lnr_plugin_set_begin(
	struct lnr_plugin_set *set, const struct lnr_set_live_opts *o, struct lnr_err *err)
{
	int r = 0;
	if (any_can(set, LNR_PLUGIN_CAN_ASYNC)) {
		uint32_t id = set->source ? set->source->plugin->id : 0;
		set->async = lnr_async_new(o->source, id, o->clock, o->log);
		r = set->async ? 0 : -ENOMEM;
	}
	if (!r && any_can(set, LNR_PLUGIN_CAN_LISTEN)) {
		set->routines = lnr_routines_new();
		r = set->routines ? 0 : -ENOMEM;
	}
	if (r)
		return lnr_fail(err, r, "out of memory");
	for (size_t i = 0; !r && o->live && i < set->n; i++) {
		if (set->v[i] && set->v[i]->plugin->caps & LNR_PLUGIN_CAN_ASYNC)
			r = lnr_async_begin(set->async, set->v[i], err);
	}
	for (size_t i = 0; !r && i < set->n; i++) {
		if (set->v[i])
			r = lnr_plugin_capture_begin(set->v[i], set->routines, err);
	}
	return r;
}

int lnr_plugin_set_configure(
	struct lnr_plugin_set *set, const char *name, const char *config, struct lnr_err *err)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->v[i] && lnr_str_eq(set->v[i]->plugin->name, lnr_str_c(name)))
			return lnr_plugin_set_config(set->v[i], config, err);
	}
	return lnr_fail(err, -ENOENT, "no plugin '%s' is at work", name);
}

static void log_error(struct lnr_log *log, const struct lnr_err *err)
{
	if (err->code)
		lnr_log(log, LNR_LOG_ERROR, "%s", err->msg);
}

void lnr_plugin_set_end(struct lnr_plugin_set *set, struct lnr_log *log)
{
	for (size_t i = 0; set->v && i < set->n; i++) {
		struct lnr_err err = {0};
		if (set->v[i] && lnr_async_end(set->v[i], &err))
			log_error(log, &err);
	}
	for (size_t i = 0; set->v && i < set->n; i++) {
		struct lnr_err err = {0};
		if (set->v[i] && lnr_plugin_capture_end(set->v[i], &err))
			log_error(log, &err);
	}
	/* Nobody subscribes from here on; those that run come to their end. */
	for (size_t i = 0; set->v && i < set->n; i++) {
		if (set->v[i])
			__atomic_store_n(&set->v[i]->routines, NULL, __ATOMIC_RELEASE);
	}
	set->routines = lnr_routines_free(set->routines);
}

/* An event that is too long for a file is left out, as elsewhere. */
static int write_event(void *user, const struct lnr_plugin_event *evt)
{
	int r = lnr_scap_write_event(user, evt, evt->len, 0, 0);
	return r == -EMSGSIZE ? 0 : r;
}

void lnr_plugin_set_write(
	struct lnr_plugin_set *set, struct lnr_scap_writer *w, uint64_t ts, struct lnr_log *log)
{
	for (size_t i = 0; set->async && i < set->n; i++) {
		struct lnr_err err = {0};
		if (set->v[i] && lnr_async_dump(set->async, set->v[i], ts, write_event, w, &err))
			log_error(log, &err);
	}
}
