/* SPDX-License-Identifier: Apache-2.0 */
/* Everything, or what a filter leaves, into a capture file: `lanner record`. */
#include "engine/engine_priv.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include "capture/scap.h"
#include "capture/scap_write.h"

/* Engines may share one, each from its thread; the state written at the beginning is the first's.
 */
struct lnr_recorder {
	unsigned users;
	pthread_mutex_t lock;
	struct lnr_record_opts opts;
	char path[PATH_MAX];
	const struct lnr_capture *capture;
	struct lnr_state *state;
	struct lnr_plugin_set *plugins;
	struct lnr_log *log;
	struct lnr_scap_writer *writer; /* NULL = not begun, or broken */
	uint64_t file, bytes_before, events_before;
	uint64_t flush_due; /* epoch ns */
	bool dirty;	    /* something was written since the last flush */
	bool broken;
};

/*
 * How much of a live recording may be lost when its process is killed. A flush costs a little of
 * the compression, so copies of files do without.
 */
#define FLUSH_NS LNR_NS_PER_SEC

int lnr_recorder_new(const struct lnr_record_opts *opts, const struct lnr_capture *capture,
	struct lnr_state *state, struct lnr_plugin_set *plugins, struct lnr_log *log,
	struct lnr_recorder **ret, struct lnr_err *err)
{
	if (strlen(opts->path) >= PATH_MAX)
		return lnr_fail(err, -ENAMETOOLONG, "the file name is too long");
	struct lnr_recorder *r = calloc(1, sizeof(*r));
	if (!r)
		return lnr_fail(err, -ENOMEM, "out of memory");
	r->users = 1;
	pthread_mutex_init(&r->lock, NULL);
	r->opts = *opts;
	snprintf(r->path, sizeof(r->path), "%s", opts->path);
	r->capture = capture;
	r->state = state;
	r->plugins = plugins;
	r->log = log;
	*ret = r;
	return 0;
}

static int begin(struct lnr_recorder *r, uint64_t ts, struct lnr_err *err)
{
	char name[PATH_MAX];
	const struct lnr_scap_writer_opts wo = {.size = sizeof(wo),
		.gzip = !r->opts.plain,
		.level = 1, /* a live stream must not wait for the compressor */
		.max_bytes = r->opts.rotate_bytes};
	int rc = 0;
	snprintf(name, sizeof(name), "%s", r->path);
	if (r->opts.rotate_bytes)
		rc = lnr_scap_rotated_name(name, sizeof(name), r->path, 0, r->opts.rotate_files);
	if (rc)
		return lnr_fail(err, rc, "the file name is too long");
	rc = lnr_scap_writer_open(name, &wo, &r->writer, err);
	if (!rc)
		rc = lnr_scap_write_tables(r->writer, lnr_scap_machine(r->capture), r->state, err);
	/* A file that is copied tells its users and containers itself. */
	if (!rc && !lnr_scap_machine(r->capture))
		rc = lnr_scap_write_scene(r->writer, r->state, ts, err);
	if (rc) {
		r->writer = lnr_scap_writer_close(r->writer);
		return lnr_wrap(err, rc, "%s", name);
	}
	if (!lnr_scap_machine(r->capture))
		lnr_plugin_set_write(r->plugins, r->writer, ts, r->log);
	return 0;
}

static void rotate(struct lnr_recorder *r, uint64_t ts)
{
	char name[PATH_MAX];
	struct lnr_err err = {0};
	uint64_t n = ++r->file;
	if (r->opts.rotate_files)
		n %= r->opts.rotate_files;
	uint64_t bytes = lnr_scap_writer_bytes(r->writer);
	uint64_t events = lnr_scap_writer_events(r->writer);
	int rc = lnr_scap_rotated_name(name, sizeof(name), r->path, n, r->opts.rotate_files);
	if (!rc)
		rc = lnr_scap_writer_rotate(
			r->writer, name, lnr_scap_machine(r->capture), r->state, ts, &err);
	if (rc)
		lnr_log(r->log, LNR_LOG_ERROR, "changing to %s: %s", name, err.msg);
	if (!rc && !lnr_scap_machine(r->capture))
		lnr_plugin_set_write(r->plugins, r->writer, ts, r->log);
	if (rc >= 0) {
		r->bytes_before += bytes;
		r->events_before += events;
	}
}

int lnr_recorder_share(
	struct lnr_recorder *r, struct lnr_plugin_set *plugins, uint64_t ts, struct lnr_err *err)
{
	int rc = 0;
	if (r->opts.rotate_bytes)
		return lnr_fail(err, -ENOTSUP,
			"a file for several event sources cannot go on in another one");
	pthread_mutex_lock(&r->lock);
	/* Now, while nothing runs: later it could be another thread than that of the state. */
	if (!r->writer && !r->broken)
		rc = begin(r, ts, err);
	if (!rc && r->writer)
		lnr_plugin_set_write(plugins, r->writer, ts, r->log);
	r->broken |= rc != 0;
	r->users += !rc;
	pthread_mutex_unlock(&r->lock);
	return rc;
}

/* An error comes back with the next event. */
static void flush_in_time(struct lnr_recorder *r, uint64_t now)
{
	if (!r->dirty || r->broken || now < r->flush_due || lnr_scap_machine(r->capture))
		return;
	if (r->flush_due)
		(void)lnr_scap_writer_flush(r->writer, false, NULL);
	r->dirty = !r->flush_due;
	r->flush_due = now + FLUSH_NS;
}

static int write_event(struct lnr_recorder *r, const struct lnr_capture_item *item, uint64_t ts,
	struct lnr_err *err)
{
	if (r->broken)
		return 0;
	int rc = r->writer ? 0 : begin(r, ts, err);
	if (rc) {
		r->broken = true;
		return rc;
	}
	rc = lnr_scap_write_event(r->writer, item->record, item->len, item->cpu, item->flags);
	if (rc && rc != -EMSGSIZE) {
		r->broken = true;
		return lnr_fail(err, rc, "%s ends early: %s", r->path, strerror(-rc));
	}
	if (r->opts.rotate_bytes && lnr_scap_writer_full(r->writer))
		rotate(r, ts);
	r->dirty = true;
	flush_in_time(r, ts);
	return 0;
}

int lnr_recorder_event(struct lnr_recorder *r, const struct lnr_capture_item *item, uint64_t ts,
	struct lnr_err *err)
{
	pthread_mutex_lock(&r->lock);
	int rc = write_event(r, item, ts, err);
	pthread_mutex_unlock(&r->lock);
	return rc;
}

void lnr_recorder_idle(struct lnr_recorder *r, uint64_t now)
{
	pthread_mutex_lock(&r->lock);
	flush_in_time(r, now);
	pthread_mutex_unlock(&r->lock);
}

void lnr_recorder_user(struct lnr_recorder *r, uint64_t ts, struct lnr_str container,
	const struct lnr_user *u, const struct lnr_group *g, bool gone)
{
	pthread_mutex_lock(&r->lock);
	/* What is known before the beginning is in the tables. An error comes back with the event.
	 */
	if (r->writer && !r->broken)
		(void)lnr_scap_write_user(r->writer, ts, container, u, g, gone);
	pthread_mutex_unlock(&r->lock);
}

void lnr_recorder_written(struct lnr_recorder *r, uint64_t *ret_events, uint64_t *ret_bytes)
{
	pthread_mutex_lock(&r->lock);
	*ret_events = r->events_before + (r->writer ? lnr_scap_writer_events(r->writer) : 0);
	*ret_bytes = r->bytes_before + (r->writer ? lnr_scap_writer_bytes(r->writer) : 0);
	pthread_mutex_unlock(&r->lock);
}

static int finish(struct lnr_recorder *r, struct lnr_err *err)
{
	int rc = r->writer && !r->broken ? lnr_scap_writer_finish(r->writer, err) : 0;
	r->writer = lnr_scap_writer_close(r->writer);
	return rc;
}

int lnr_recorder_end(struct lnr_recorder *r, struct lnr_err *err)
{
	if (!r)
		return 0;
	pthread_mutex_lock(&r->lock);
	unsigned left = --r->users;
	int rc = left ? 0 : finish(r, err);
	pthread_mutex_unlock(&r->lock);
	if (!left) {
		pthread_mutex_destroy(&r->lock);
		free(r);
	}
	return rc;
}
