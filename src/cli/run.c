/* SPDX-License-Identifier: Apache-2.0 */
/* The running part of a session: outputs, engine, web server, the loop, and what is said last. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/session_priv.h"
#include "lanner/alert.h"
#include "lanner/config.h"
#include "lanner/lanner.h"
#include "lanner/outputs.h"
#include "lanner/rules.h"
#include "lanner/server.h"

static void deliver(void *user, struct lnr_alert *a)
{
	struct lnr_session *s = user;
	lnr_outputs_send(s->outputs, a);
}

/* --- opening --- */

static unsigned drop_actions(const struct lnr_config *c)
{
	unsigned actions = 0;
	const char *a;
	for (size_t i = 0; (a = lnr_config_item(c, "syscall_event_drops.actions", i)); i++) {
		actions |= strcmp(a, "log") == 0     ? LNR_DROP_LOG
			   : strcmp(a, "alert") == 0 ? LNR_DROP_ALERT
			   : strcmp(a, "exit") == 0  ? LNR_DROP_EXIT
						     : 0;
	}
	return actions;
}

static void opts_live(struct lnr_engine_opts *eo, const struct lnr_config *c)
{
	int64_t preset = lnr_config_int(c, "engine.modern_ebpf.buf_size_preset");
	eo->drop_failed = lnr_config_bool(c, "engine.modern_ebpf.drop_failed_exit");
	eo->keep_unwanted = !lnr_config_bool(c, "kernel_filter.enabled");
	eo->cpus_per_buffer = (uint16_t)lnr_config_int(
		c, "engine.modern_ebpf.cpus_for_each_buffer");
	if (preset >= 1 && preset <= 10)
		eo->buffer_bytes = UINT32_C(1) << (19 + preset);
	eo->program_stats = lnr_config_bool(c, "metrics.libbpf_stats_enabled");
	eo->repair = lnr_config_bool(c, "base_syscalls.repair");
	eo->snaplen = (uint32_t)lnr_config_int(c, "falco_libs.snaplen");
	eo->max_threads = (uint32_t)lnr_config_int(c, "falco_libs.thread_table_size");
	eo->purge_interval_s = (uint32_t)lnr_config_int(
		c, "falco_libs.thread_table_auto_purging_interval_s");
	eo->thread_timeout_s = (uint32_t)lnr_config_int(
		c, "falco_libs.thread_table_auto_purging_thread_timeout_s");
}

static void opts_losses(struct lnr_engine_opts *eo, const struct lnr_config *c)
{
	eo->drop_actions = drop_actions(c);
	eo->drop_threshold = lnr_config_double(c, "syscall_event_drops.threshold");
	eo->drop_rate = lnr_config_double(c, "syscall_event_drops.rate");
	eo->drop_burst = lnr_config_double(c, "syscall_event_drops.max_burst");
	eo->simulate_drops = lnr_config_bool(c, "syscall_event_drops.simulate_drops");
	eo->max_timeouts = (uint32_t)lnr_config_int(c, "syscall_event_timeouts.max_consecutives");
}

static void opts_capture(struct lnr_engine_opts *eo, const struct lnr_config *c)
{
	if (!lnr_config_bool(c, "capture.enabled"))
		return;
	eo->capture_prefix = lnr_config_str(c, "capture.path_prefix");
	eo->capture_all = strcmp(lnr_config_str(c, "capture.mode"), "all_rules") == 0;
	eo->capture_before_ms = (uint32_t)lnr_config_int(c, "capture.before");
	eo->capture_ms = (uint32_t)lnr_config_int(c, "capture.default_duration");
	eo->capture_max_mb = (uint32_t)lnr_config_int(c, "capture.max_file_size_mb");
}

static enum lnr_engine_kind kind_of(const struct lnr_session *s, const struct lnr_config *c)
{
	const char *kind = lnr_config_str(c, "engine.kind");
	if (s->o->capture_file || strcmp(kind, "replay") == 0)
		return LNR_ENGINE_REPLAY;
	return strcmp(kind, "nodriver") == 0 ? LNR_ENGINE_NODRIVER : LNR_ENGINE_LIVE;
}

int lnr_session_open_engine(struct lnr_session *s, const struct lnr_setup *setup,
	const char *source, struct lnr_engine **ret, struct lnr_err *err)
{
	const struct lnr_config *c = setup->config;
	struct lnr_engine_opts eo = {.size = sizeof(eo),
		.kind = strcmp(source, "syscall") ? LNR_ENGINE_PLUGIN : kind_of(s, c),
		.rules = setup->rules,
		.match_all = strcasecmp(lnr_config_str(c, "rule_matching"), "all") == 0,
		.on_alert = deliver,
		.user = s,
		.log = s->log,
		.only_tgid = (uint32_t)s->o->only_tgid,
		.max_seconds = (uint32_t)s->o->seconds,
		.all_syscalls = s->o->all || lnr_config_bool(c, "base_syscalls.all"),
		.time_iso8601 = lnr_config_bool(c, "time_format_iso_8601"),
		.buffer_format = lnr_config_bool(c, "buffer_format_base64"),
		.plugins = setup->plugins,
		.source = source,
		.no_hostinfo = !lnr_config_bool(c, "plugins_hostinfo")};
	size_t n = lnr_config_count(c, "base_syscalls.custom_set");
	const char **set = calloc(n + 1, sizeof(*set));
	if (!set)
		return lnr_fail(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		set[i] = lnr_config_item(c, "base_syscalls.custom_set", i);
	eo.custom_set = n ? set : NULL;
	eo.capture_file = s->o->capture_file ? s->o->capture_file
					     : lnr_config_str(c, "engine.replay.capture_file");
	opts_live(&eo, c);
	opts_losses(&eo, c);
	opts_capture(&eo, c);
	int r = lnr_engine_new(&eo, ret, err);
	free(set);
	return r;
}

int lnr_session_open_outputs(struct lnr_session *s, const struct lnr_setup *setup,
	struct lnr_outputs **ret, struct lnr_err *err)
{
	const struct lnr_outputs_opts oo = {.size = sizeof(oo),
		.config = setup->config,
		.unbuffered = s->o->unbuffered,
		.log = s->log,
		.previous = s->outputs};
	return lnr_outputs_new(&oo, ret, err);
}

/* As the reference calls it; NULL = a replay, which has no name. */
static const char *engine_name(const struct lnr_session *s, const char *source)
{
	enum lnr_engine_kind kind = kind_of(s, s->now.config);
	return strcmp(source, "syscall")     ? "source_plugin"
	       : kind == LNR_ENGINE_LIVE     ? "modern_bpf"
	       : kind == LNR_ENGINE_NODRIVER ? "nodriver"
					     : NULL;
}

static int open_metrics(struct lnr_session *s, struct lnr_err *err)
{
	const struct lnr_config *c = s->now.config;
	const char *source = lnr_setup_source(&s->now, s->o, 0), *more;
	const char *path = lnr_config_str(c, "metrics.output_file");
	if (!lnr_config_bool(c, "metrics.enabled"))
		return 0;
	const struct lnr_metrics_opts mo = {.size = sizeof(mo),
		.config = c,
		.rules_files = (const char *const *)s->now.files.v,
		.engine_name = engine_name(s, source),
		.source = source,
		.start_ns = s->start_wall_ns,
		.reload_ns = lnr_wall_ns(lnr_clock_system())};
	if (*path) {
		s->metrics_file = fopen(path, "ae");
		if (!s->metrics_file)
			return lnr_fail(err, -errno, "metrics.output_file: cannot open %s: %s",
				path, strerror(errno));
	}
	int r = lnr_metrics_new(&mo, &s->metrics, err);
	for (size_t i = 1; !r && (more = lnr_setup_source(&s->now, s->o, i)); i++)
		r = lnr_metrics_add(s->metrics, lnr_more_engine(&s->more, i - 1),
			engine_name(s, more), more, err);
	return r;
}

int lnr_session_open_web(struct lnr_session *s, struct lnr_err *err)
{
	const struct lnr_config *c = s->now.config;
	int r = open_metrics(s, err);
	if (r || !lnr_config_bool(c, "webserver.enabled") || kind_of(s, c) == LNR_ENGINE_REPLAY)
		return r;
	bool shown = lnr_config_bool(c, "webserver.prometheus_metrics_enabled");
	const struct lnr_server_opts so = {.size = sizeof(so),
		.config = c,
		.plugins = s->now.plugins,
		.metrics = shown ? s->metrics : NULL,
		.log = s->log};
	return lnr_server_new(&so, &s->server, err);
}

static void close_metrics(struct lnr_session *s)
{
	lnr_metrics_retire(s->metrics);
	s->metrics = lnr_metrics_free(s->metrics);
	if (s->metrics_file)
		fclose(s->metrics_file);
	s->metrics_file = NULL;
}

void lnr_session_close_web(struct lnr_session *s)
{
	s->server = lnr_server_free(s->server);
	close_metrics(s);
}

bool lnr_session_is_live(const struct lnr_session *s, const struct lnr_setup *setup)
{
	const char *first = lnr_setup_source(setup, s->o, 0);
	return kind_of(s, setup->config) == LNR_ENGINE_LIVE && first &&
	       strcmp(first, "syscall") == 0;
}

int lnr_session_update_web(struct lnr_session *s, struct lnr_err *err)
{
	bool shown = lnr_config_bool(s->now.config, "webserver.prometheus_metrics_enabled");
	close_metrics(s);
	int r = open_metrics(s, err);
	if (!r)
		r = lnr_server_update(s->server, shown ? s->metrics : NULL, s->now.plugins);
	return r == -ENOMEM ? lnr_fail(err, r, "out of memory") : r;
}

int lnr_session_write_pidfile(const struct lnr_session *s)
{
	if (!s->o->pidfile)
		return 0;
	FILE *f = fopen(s->o->pidfile, "we");
	if (!f)
		return 255; /* as the reference: nothing printed */
	fprintf(f, "%d", getpid());
	return fclose(f) ? 255 : 0;
}

/* Per source; the largest queue takes about a second. */
#define FINISH_MS 5000

void lnr_session_finish(struct lnr_session *s)
{
	if (s->engine)
		lnr_engine_finish(s->engine, FINISH_MS);
	for (size_t i = 0; i < s->more.n; i++)
		lnr_engine_finish(lnr_more_engine(&s->more, i), FINISH_MS);
}

/* --- the loop --- */

void lnr_session_snapshot(struct lnr_session *s, struct lnr_engine *engine)
{
	struct lnr_alert *a = NULL;
	struct lnr_buf line;
	if (!s->metrics)
		return;
	lnr_metrics_poll(s->metrics, engine, s->outputs);
	lnr_buf_init(&line, 0);
	if (lnr_metrics_snapshot(
		    s->metrics, engine, s->outputs, lnr_mono_ns(lnr_clock_system()), &a, &line))
		lnr_log(s->log, LNR_LOG_ERROR, "metrics snapshot lost: out of memory");
	if (a && lnr_config_bool(s->now.config, "metrics.output_rule"))
		lnr_outputs_send(s->outputs, a);
	if (line.len && s->metrics_file) {
		fwrite(line.ptr, 1, line.len, s->metrics_file);
		if (fflush(s->metrics_file))
			lnr_log(s->log, LNR_LOG_ERROR, "cannot write the metrics file: %s",
				strerror(errno));
	}
	lnr_alert_unref(a);
	lnr_buf_done(&line);
}

static bool time_is_up(struct lnr_session *s)
{
	struct lnr_engine_stats st;
	if (!s->o->seconds)
		return false;
	lnr_engine_stats(s->engine, &st);
	uint64_t now = st.last_ts, from = st.first_ts;
	/* A quiet machine has no event time to go by, and a source may never have an event. */
	bool waits = !from && kind_of(s, s->now.config) != LNR_ENGINE_REPLAY;
	if (waits || lnr_engine_progress(s->engine) < 0) {
		now = lnr_mono_ns(lnr_clock_system());
		from = s->started_ns;
	}
	return from && now - from >= s->o->seconds * LNR_NS_PER_SEC;
}

/* -M in replay: the reference lasts as long as it was told, however short the file is. */
static void wait_out(struct lnr_session *s)
{
	const struct lnr_clock *clock = lnr_clock_system();
	uint64_t until = s->started_ns + s->o->seconds * LNR_NS_PER_SEC;
	while (s->o->seconds && !s->signals->stop && lnr_mono_ns(clock) < until)
		clock->sleep_ns(clock, 10 * LNR_NS_PER_MS);
}

/* Signals and changed files are looked for after each batch of events. */
#define BATCH_NS  (20 * LNR_NS_PER_MS)
#define BATCH_MAX 1024u

/* Plugins may wait at each event: so many events that they take about BATCH_NS. */
static unsigned next_batch(unsigned batch, uint64_t took_ns)
{
	if (took_ns > BATCH_NS)
		return batch > 1 ? batch / 2 : 1;
	return batch < BATCH_MAX ? batch * 2 : BATCH_MAX;
}

/* How often to look at the other sources when the first has come to its end. */
#define ENDED_WAIT_NS (10 * LNR_NS_PER_MS)

static int loop(struct lnr_session *s, struct lnr_reload *reload)
{
	struct lnr_err err = {0}, lost = {0};
	const struct lnr_clock *clock = lnr_clock_system();
	unsigned batch = 1;
	struct lnr_health health = {0};
	/* The first is of a time when nothing is counted yet, as the reference has it. */
	lnr_session_snapshot(s, s->engine);
	while (!s->signals->stop && !time_is_up(s)) {
		uint64_t from = lnr_mono_ns(clock);
		int r = lnr_engine_run(s->engine, batch, &err);
		s->idle = r == 0;
		batch = next_batch(batch, lnr_mono_ns(clock) - from);
		bool others = false, ended = r == -ENODATA || r == -ECHILD;
		if ((r < 0 && !ended) || lnr_more_poll(&s->more, &others, &err))
			return lnr_die("%s", err.msg);
		/* An isolated plugin that broke costs its source; with the last one all is lost. */
		if (r == -ECHILD)
			lost = err;
		if (ended && !others && (lost.code || s->more.lost))
			return lnr_die("%s", lost.code ? lost.msg : s->more.lost);
		lnr_session_snapshot(s, s->engine);
		lnr_health_poll(s, &health);
		if (s->signals->reopen) {
			s->signals->reopen = 0;
			lnr_outputs_reopen(s->outputs);
		}
		if (ended && !others)
			break;
		if (ended)
			clock->sleep_ns(clock, ENDED_WAIT_NS);
		if (lnr_reload_poll(s, reload, &err))
			return lnr_die("%s", err.msg);
	}
	if (lnr_engine_progress(s->engine) >= 0)
		wait_out(s);
	lnr_cli_notify("STOPPING=1");
	if (s->signals->stop)
		lnr_log(s->log, LNR_LOG_INFO, "Signal received, stopping");
	return 0;
}

/* --- statistics (4.4) --- */

static void put_verbose(
	struct lnr_session *s, const struct lnr_engine_stats *st, struct lnr_buf *out)
{
	double secs = (double)(lnr_mono_ns(lnr_clock_system()) - s->started_ns) / 1e9;
	const char *counter;
	uint64_t n;
	lnr_buf_printf(out, "Elapsed time: %.3f, Captured Events: %" PRIu64 ", %.2f eps\n", secs,
		st->events, secs > 0 ? (double)st->events / secs : 0.0);
	for (unsigned i = 0; lnr_engine_counter(s->engine, i, &counter, &n); i++)
		lnr_buf_printf(out, "%s: %" PRIu64 "\n", counter, n);
}

void lnr_session_statistics(struct lnr_session *s)
{
	static const char *const words[] = {
		"EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"};
	uint64_t by_priority[8] = {0}, total = 0, n;
	struct lnr_engine_stats st;
	const char *name;
	int priority;
	for (uint32_t i = 0; lnr_engine_rule_stats(s->engine, i, &name, &priority, &n); i++) {
		n += lnr_more_matches(&s->more, i);
		by_priority[priority & 7] += n;
		total += n;
	}
	flockfile(stdout); /* alerts may still be delivered */
	printf("Events detected: %" PRIu64 "\nRule counts by severity:\n", total);
	for (int p = 0; p < 8; p++) {
		if (by_priority[p])
			printf("   %s: %" PRIu64 "\n", words[p], by_priority[p]);
	}
	printf("Triggered rules by rule name:\n");
	for (uint32_t i = 0; lnr_engine_rule_stats(s->engine, i, &name, &priority, &n); i++) {
		n += lnr_more_matches(&s->more, i);
		if (n)
			printf("   %s: %" PRIu64 "\n", name, n);
	}
	fflush(stdout);
	funlockfile(stdout);
	lnr_engine_stats(s->engine, &st);
	struct lnr_buf text;
	lnr_buf_init(&text, 0);
	lnr_buf_printf(&text,
		"Syscall event drop monitoring:\n"
		"   - event drop detected: %" PRIu64 " occurrences\n"
		"   - num times actions taken: %" PRIu64 "\n",
		st.drop_events, st.drop_actions);
	if (s->o->verbose)
		put_verbose(s, &st, &text);
	lnr_cli_say(LNR_LOG_INFO, "", lnr_buf_view(&text));
	lnr_buf_done(&text);
}

/* --- all of it --- */

/* The engine first: rights are dropped per thread, and later threads inherit what is left. */
static int open_all(struct lnr_session *s)
{
	struct lnr_err err = {0};
	if (lnr_session_open_engine(
		    s, &s->now, lnr_setup_source(&s->now, s->o, 0), &s->engine, &err) ||
		lnr_more_open(s, &s->now, &s->more, &err))
		return lnr_die("%s", err.msg);
	/* Without system calls the first source is empty and at its end; others are live. */
	bool live = lnr_engine_progress(s->engine) < 0 ||
		    kind_of(s, s->now.config) == LNR_ENGINE_NODRIVER;
	if (live && lnr_cli_drop_privileges(s->now.config, &err))
		lnr_log(s->log, LNR_LOG_WARNING, "%s", err.msg);
	if (lnr_session_open_outputs(s, &s->now, &s->outputs, &err))
		return lnr_die("%s", err.msg);
	int status = lnr_session_write_pidfile(s);
	if (!status && lnr_session_open_web(s, &err))
		status = lnr_die("%s", err.msg);
	return status;
}

static void tell_start(struct lnr_session *s)
{
	struct lnr_buf names;
	lnr_buf_init(&names, 0);
	lnr_engine_syscalls(s->engine, &names);
	if (names.len)
		lnr_log(s->log, LNR_LOG_DEBUG, "system calls: %s", names.ptr);
	lnr_buf_done(&names);
	lnr_log(s->log, LNR_LOG_INFO, "Watching with %" PRIu32 " rules",
		lnr_rules_count(s->now.rules));
	lnr_cli_notify("READY=1");
}

int lnr_session_run(struct lnr_session *s)
{
	struct lnr_reload reload = {0};
	s->started_ns = lnr_mono_ns(lnr_clock_system());
	int status = open_all(s);
	if (!status) {
		struct lnr_err err = {0};
		tell_start(s);
		status = lnr_more_start(&s->more, &err) ? lnr_die("%s", err.msg) : loop(s, &reload);
	}
	lnr_more_stop(&s->more);
	if (!status)
		lnr_session_finish(s);
	lnr_session_close_web(s);
	/* Deliver first: the statistics come after the last alert, if outputs were there at all. */
	bool started = s->outputs && status != 255;
	s->outputs = lnr_outputs_free(s->outputs);
	if (started)
		lnr_session_statistics(s);
	lnr_reload_done(&reload);
	s->watch = lnr_watch_free(s->watch);
	lnr_more_done(&s->more);
	s->engine = lnr_engine_free(s->engine);
	return status;
}
