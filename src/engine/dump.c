/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capture files: what happened after a rule matched (spec engine-config-cli 2.3). One at a time. A
 * match of any rule moves the end of the one that is open; the event that ends it is in it. With a
 * time before, the file begins with what a flight recorder kept; its process list is that of the
 * match all the same.
 */
#include "engine/engine_priv.h"
#include "engine/flight.h"
#include "schema/limits.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include "capture/scap.h"
#include "capture/scap_write.h"

struct lnr_dump {
	const struct lnr_engine_opts *opts;
	const struct lnr_capture *capture;
	struct lnr_state *state;
	struct lnr_plugin_set *plugins;
	struct lnr_scap_writer *writer; /* NULL = none is open */
	uint64_t deadline;		/* event time */
	uint64_t retry_ts;		/* none is begun before, after one that broke */
	struct lnr_flight *before;	/* NULL = files begin with the match */
	char path[PATH_MAX];
};

int lnr_dump_new(const struct lnr_engine_opts *opts, const struct lnr_capture *capture,
	struct lnr_state *state, struct lnr_plugin_set *plugins, struct lnr_dump **ret,
	struct lnr_err *err)
{
	struct lnr_dump *d = calloc(1, sizeof(*d));
	if (!d)
		return lnr_fail(err, -ENOMEM, "out of memory");
	d->opts = opts;
	d->capture = capture;
	d->state = state;
	d->plugins = plugins;
	int r = opts->capture_before_ms ? lnr_flight_new(opts->capture_before_ms * LNR_NS_PER_MS,
						  LNR_FLIGHT_BYTES, &d->before)
					: 0;
	if (r) {
		free(d);
		return lnr_fail(err, r, "out of memory");
	}
	*ret = d;
	return 0;
}

/* A disk that is full will be so at the next match as well; one line a minute is enough. */
#define RETRY_NS (60 * LNR_NS_PER_SEC)

static void finish(struct lnr_dump *d)
{
	struct lnr_err err = {0};
	if (!d->writer)
		return;
	if (lnr_scap_writer_finish(d->writer, &err)) {
		d->retry_ts = d->deadline + RETRY_NS;
		lnr_log(d->opts->log, LNR_LOG_ERROR, "capture file %s is incomplete: %s", d->path,
			err.msg);
	}
	d->writer = lnr_scap_writer_close(d->writer);
}

struct lnr_dump *lnr_dump_free(struct lnr_dump *d)
{
	if (!d)
		return NULL;
	finish(d);
	lnr_flight_free(d->before);
	free(d);
	return NULL;
}

static void give_up(struct lnr_dump *d, uint64_t ts, const char *why)
{
	lnr_log(d->opts->log, LNR_LOG_ERROR, "capture file %s ends early: %s", d->path, why);
	d->writer = lnr_scap_writer_close(d->writer);
	d->retry_ts = ts + RETRY_NS;
}

static int write_item(void *user, const struct lnr_capture_item *item)
{
	int r = lnr_scap_write_event(user, item->record, item->len, item->cpu, item->flags);
	return r == -EMSGSIZE ? 0 : r;
}

/* Everything a file begins with; what was written is closed when it does not go well. */
static int write_beginning(struct lnr_dump *d, uint64_t ts, struct lnr_err *err)
{
	int r = lnr_scap_write_tables(d->writer, lnr_scap_machine(d->capture), d->state, err);
	if (!r)
		r = lnr_scap_write_scene(d->writer, d->state, ts, err);
	if (!r)
		lnr_plugin_set_write(d->plugins, d->writer, ts, d->opts->log);
	if (!r && d->before) {
		r = lnr_flight_take(d->before, write_item, d->writer);
		if (r)
			lnr_fail(err, r, "%s", strerror(-r));
	}
	return r;
}

/*
 * A file that cannot be opened is an error, as in the reference; one that cannot be written ends
 * here, and the engine goes on.
 */
static int start(struct lnr_dump *d, const struct lnr_event *ev, struct lnr_err *err)
{
	const struct lnr_scap_writer_opts wo = {.size = sizeof(wo),
		.gzip = true,
		.max_bytes = (uint64_t)d->opts->capture_max_mb << 20};
	int n = snprintf(d->path, sizeof(d->path), "%s_%020" PRIu64 "_%020" PRIu64 ".scap",
		d->opts->capture_prefix, ev->ts, ev->num);
	if (n < 0 || (size_t)n >= sizeof(d->path))
		return lnr_fail(err, -ENAMETOOLONG, "capture.path_prefix is too long");
	int r = lnr_scap_writer_open(d->path, &wo, &d->writer, err);
	if (r)
		return lnr_wrap(err, r, "capture file %s", d->path);
	struct lnr_err why = {0};
	if (write_beginning(d, ev->ts, &why))
		give_up(d, ev->ts, why.msg);
	return 0;
}

/* A match of any rule keeps the file open at least as long as the rule says. */
static void extend(struct lnr_dump *d, const struct lnr_rule *rule, uint64_t ts)
{
	uint32_t ms = rule->capture_duration_ms ? rule->capture_duration_ms : d->opts->capture_ms;
	uint64_t until = ts + ms * LNR_NS_PER_MS;
	if (until > d->deadline)
		d->deadline = until;
}

int lnr_dump_event(struct lnr_dump *d, const struct lnr_event *ev,
	const struct lnr_capture_item *item, const struct lnr_rule *const *hits, unsigned n,
	uint64_t *ret_full, struct lnr_err *err)
{
	bool wanted = d->writer != NULL;
	for (unsigned i = 0; i < n; i++)
		wanted |= d->opts->capture_all || hits[i]->capture;
	if (!wanted) {
		if (d->before)
			lnr_flight_put(d->before, item, ev->ts);
		return 0;
	}
	if (!d->writer && ev->ts >= d->retry_ts) {
		int r = start(d, ev, err);
		if (r)
			return r;
		d->deadline = 0;
	}
	if (!d->writer)
		return 0;
	for (unsigned i = 0; i < n; i++)
		extend(d, hits[i], ev->ts);
	int r = lnr_scap_write_event(d->writer, item->record, item->len, item->cpu, item->flags);
	if (r && r != -EMSGSIZE) {
		give_up(d, ev->ts, strerror(-r));
		return 0;
	}
	bool full = lnr_scap_writer_full(d->writer);
	if (full)
		*ret_full = lnr_scap_writer_bytes(d->writer);
	if (full || ev->ts >= d->deadline)
		finish(d);
	return 0;
}

void lnr_dump_user(struct lnr_dump *d, uint64_t ts, struct lnr_str container,
	const struct lnr_user *u, const struct lnr_group *g, bool gone)
{
	/* An error comes back with the next event. */
	if (d->writer)
		(void)lnr_scap_write_user(d->writer, ts, container, u, g, gone);
}
