/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hot reload (spec engine-config-cli 8). A change, SIGHUP or a request over HTTP waits until
 * nothing more changes for 100 ms; then a thread reads and compiles configuration and rules beside
 * the running ones (prepare.c); after another quiet 100 ms they take their place between two
 * events. What does not differ stays open: a new rule costs neither the process table nor an event.
 * What is wrong is reported by a critical internal message, and everything stays as it was.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/session_priv.h"
#include "lanner/alert.h"
#include "lanner/config.h"
#include "lanner/lanner.h"
#include "lanner/outputs.h"
#include "lanner/rules.h"
#include "lanner/server.h"

#define QUIET_NS (100 * LNR_NS_PER_MS)

/* Keys of what outputs are opened with; a difference in one opens them anew. */
static const char *const output_keys[] = {"json_output", "json_include_output_property",
	"json_include_message_property", "json_include_output_fields_property",
	"json_include_tags_property", "time_format_iso_8601", "buffered_outputs", "outputs_queue",
	"output_timeout", "stdout_output", "syslog_output", "file_output", "program_output",
	"http_output", "json_format", "json_include_id_property", "alert_aggregation",
	"outputs_sandbox", NULL};

/* Keys of the web server and of what it shows. */
static const char *const web_keys[] = {"webserver", "metrics", "engine.kind", NULL};

/* --- what is watched --- */

static int watch_config(struct lnr_watch *w, const struct lnr_config *c)
{
	const char *f;
	int r = 0;
	for (size_t i = 0; !r && (f = lnr_config_file(c, i)); i++)
		r = lnr_watch_file(w, f);
	for (size_t i = 0; !r && i < lnr_config_count(c, "config_files"); i++) {
		char key[48];
		snprintf(key, sizeof(key), "config_files[%zu].path", i);
		f = lnr_config_has(c, key) ? lnr_config_str(c, key)
					   : lnr_config_item(c, "config_files", i);
		/* A directory as a whole; a file that does not exist may come. */
		if (f && *f && lnr_watch_dir(w, f) == -ENOTDIR)
			r = lnr_watch_file(w, f);
	}
	return r;
}

static int watch_all(struct lnr_watch *w, const struct lnr_setup *s)
{
	int r = watch_config(w, s->config);
	for (size_t i = 0; !r && i < s->files.n; i++)
		r = lnr_watch_file(w, s->files.v[i]);
	for (size_t i = 0; !r && i < s->dirs.n; i++)
		r = lnr_watch_dir(w, s->dirs.v[i]);
	return r;
}

static void start_watching(struct lnr_session *s)
{
	struct lnr_err err = {0};
	if (!lnr_config_bool(s->now.config, "watch_config_files"))
		return;
	int r = lnr_watch_new(&s->watch, &err);
	if (!r) {
		r = watch_all(s->watch, &s->now);
		if (r)
			lnr_fail(&err, r, "cannot watch all files: %s", strerror(-r));
	}
	if (r)
		lnr_log(s->log, LNR_LOG_WARNING, "changes of files may go unnoticed: %s", err.msg);
}

/* --- what is wrong --- */

static void report(struct lnr_session *s, const char *why)
{
	static const char rule[] = "Falco internal: hot restart failure";
	struct lnr_alert *a;
	struct lnr_buf text;
	char host[256] = "";
	const char *told = getenv("FALCO_HOSTNAME");
	lnr_log(s->log, LNR_LOG_ERROR, "what is in use stays: %s", why);
	if (told)
		snprintf(host, sizeof(host), "%s", told);
	else if (gethostname(host, sizeof(host) - 1))
		host[0] = 0;
	lnr_buf_init(&text, 0);
	lnr_buf_printf(&text, "%s: %s", rule, why);
	/* Priority critical: 2. */
	if (!text.failed && !lnr_alert_internal(rule, 2, lnr_wall_ns(lnr_clock_system()), text.ptr,
				    NULL, host, &a)) {
		lnr_outputs_send(s->outputs, a);
		lnr_alert_unref(a);
	}
	lnr_buf_done(&text);
}

static void answer(struct lnr_session *s, const char *why)
{
	if (s->server)
		lnr_server_reload_answer(s->server, lnr_rules_count(s->now.rules), why);
}

static void refuse(struct lnr_session *s, const char *why)
{
	report(s, why);
	answer(s, why);
}

/* --- taking over --- */

/* How long an engine that is to be replaced may take to work off what came before its successor. */
#define CATCH_UP_NS (10 * LNR_NS_PER_SEC)

/*
 * The next probe watches since p->opened_ns at the latest. What came before then is only in the
 * ring of the old one, what comes now is in both: each event is judged by one of them, so the old
 * one has to have come as far before it goes.
 */
static bool caught_up(const struct lnr_session *s, const struct lnr_prepared *p)
{
	return s->idle || lnr_engine_last_ts(s->engine) >= p->opened_ns ||
	       lnr_wall_ns(lnr_clock_system()) - p->opened_ns > CATCH_UP_NS;
}

static void engines_done(struct lnr_session *s)
{
	lnr_more_done(&s->more);
	s->engine = lnr_engine_free(s->engine);
}

static int engines_open(struct lnr_session *s, const struct lnr_setup *setup, struct lnr_err *err)
{
	int r = s->engine ? 0
			  : lnr_session_open_engine(
				    s, setup, lnr_setup_source(setup, s->o, 0), &s->engine, err);
	return r ? r : lnr_more_open(s, setup, &s->more, err);
}

/* Negative: neither the new engines nor those that were there can be opened. */
static int next_engines(
	struct lnr_session *s, struct lnr_prepared *p, struct lnr_err *why, struct lnr_err *err)
{
	if (p->anew)
		lnr_session_finish(s);
	/* Statistics are of the rules in use until now. */
	lnr_session_statistics(s);
	if (!p->anew) {
		lnr_engine_swap(s->engine, p->next[0]);
		for (size_t i = 1; i < p->n_next; i++)
			lnr_engine_swap(lnr_more_engine(&s->more, i - 1), p->next[i]);
		return 0;
	}
	if (p->engine) {
		lnr_engine_follow(p->engine, lnr_engine_last_ts(s->engine));
		p->old = s->engine; /* to take a probe away takes longer than all the rest */
		s->engine = NULL;
	}
	engines_done(s);
	s->engine = p->engine;
	p->engine = NULL;
	if (!engines_open(s, &p->setup, why))
		return 0;
	engines_done(s);
	return engines_open(s, &s->now, err);
}

/* The web server stays when it can: who asks for health in this moment gets an answer. */
static int renew_web(struct lnr_session *s, bool same, struct lnr_err *err)
{
	if (same && s->server)
		return lnr_session_update_web(s, err);
	lnr_session_close_web(s);
	return lnr_session_open_web(s, err);
}

/* Everything is ready; what remains is done between two events. Negative: cannot go on. */
static int take_over(struct lnr_session *s, struct lnr_prepared *p, struct lnr_err *err)
{
	struct lnr_outputs *outputs = NULL;
	struct lnr_err why = {0};
	uint64_t from = lnr_mono_ns(lnr_clock_system());
	bool same_web = !lnr_setup_differ(s->now.config, p->setup.config, web_keys);
	int r = 0;
	if (lnr_setup_differ(s->now.config, p->setup.config, output_keys))
		r = lnr_session_open_outputs(s, &p->setup, &outputs, &why);
	if (r) {
		refuse(s, why.msg);
		return 0;
	}
	lnr_more_stop(&s->more);
	r = next_engines(s, p, &why, err);
	if (r)
		return r;
	if (why.msg[0]) {
		lnr_outputs_free(outputs);
		refuse(s, why.msg);
		/* Metrics are of engines that were opened anew. */
		r = renew_web(s, true, err);
		return r ? r : lnr_more_start(&s->more, err);
	}
	if (outputs) {
		lnr_outputs_free(s->outputs);
		s->outputs = outputs;
	}
	struct lnr_setup old = s->now;
	s->now = p->setup;
	p->setup = old;
	lnr_cli_log(s->now.config, err);
	answer(s, NULL); /* before the server may go */
	r = renew_web(s, same_web, err);
	if (!r)
		r = lnr_more_start(&s->more, err); /* its threads use the metrics */
	uint64_t took = lnr_mono_ns(lnr_clock_system()) - from;
	lnr_session_write_pidfile(s);
	s->watch = lnr_watch_free(s->watch);
	start_watching(s);
	lnr_log(s->log, LNR_LOG_INFO, "Reloaded: watching with %u rules (%.1f ms)",
		(unsigned)lnr_rules_count(s->now.rules), (double)took / 1e6);
	return r;
}

/* --- the procedure --- */

static bool changed(struct lnr_session *s)
{
	bool any = s->watch && lnr_watch_changed(s->watch);
	if (s->server && lnr_server_reload_asked(s->server)) {
		lnr_log(s->log, LNR_LOG_INFO, "Reload requested over HTTP");
		any = true;
	}
	if (s->signals->reload) {
		s->signals->reload = 0;
		lnr_log(s->log, LNR_LOG_INFO, "SIGHUP received");
		any = true;
	}
	return any;
}

static void settle(struct lnr_reload *r, uint64_t now)
{
	r->prepared = lnr_prepared_free(r->prepared);
	r->stage = LNR_RELOAD_SETTLE;
	r->due_ns = now + QUIET_NS;
}

static int use(struct lnr_session *s, struct lnr_reload *r, struct lnr_err *err)
{
	int code = take_over(s, r->prepared, err);
	/* What was in use until now. */
	r->retired = lnr_prepared_retire(r->prepared);
	r->prepared = NULL;
	r->stage = LNR_RELOAD_IDLE;
	return code;
}

/* The thread is done, or has yet to be waited for. */
static int prepared(struct lnr_session *s, struct lnr_reload *r, uint64_t now, struct lnr_err *err)
{
	if (!lnr_prepare_done(r->prepared))
		return 0;
	if (r->again) {
		settle(r, now);
	} else if (r->prepared->r) {
		refuse(s, r->prepared->why);
		r->prepared = lnr_prepared_free(r->prepared);
		r->stage = LNR_RELOAD_IDLE;
	} else if (r->prepared->opening) {
		return caught_up(s, r->prepared) ? use(s, r, err) : 0;
	} else {
		r->stage = LNR_RELOAD_HOLD;
		r->due_ns = now + QUIET_NS;
	}
	return 0;
}

static void begin(struct lnr_session *s, struct lnr_reload *r)
{
	r->retired = lnr_prepared_free(r->retired);
	r->again = false;
	int code = lnr_prepare(s, &r->prepared);
	r->stage = code ? LNR_RELOAD_IDLE : LNR_RELOAD_WORK;
	if (code)
		refuse(s, strerror(-code));
}

int lnr_reload_poll(struct lnr_session *s, struct lnr_reload *r, struct lnr_err *err)
{
	uint64_t now = lnr_mono_ns(lnr_clock_system());
	if (!s->watch && r->stage == LNR_RELOAD_IDLE && !r->due_ns) {
		r->due_ns = now; /* first call */
		start_watching(s);
	}
	if (changed(s)) {
		/* What is being read may be half of the change. */
		r->again = r->stage == LNR_RELOAD_WORK;
		if (!r->again)
			settle(r, now);
		return 0;
	}
	switch (r->stage) {
	case LNR_RELOAD_IDLE:
		break;
	case LNR_RELOAD_SETTLE:
		if (now >= r->due_ns)
			begin(s, r);
		break;
	case LNR_RELOAD_WORK:
		return prepared(s, r, now, err);
	case LNR_RELOAD_HOLD:
		if (now < r->due_ns)
			break;
		if (!lnr_prepare_open(r->prepared))
			return use(s, r, err);
		r->stage = LNR_RELOAD_WORK;
		break;
	}
	return 0;
}

void lnr_reload_done(struct lnr_reload *r)
{
	r->prepared = lnr_prepared_free(r->prepared);
	r->retired = lnr_prepared_free(r->retired);
}
