/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hot reload (spec engine-config-cli 8). A change, or SIGHUP, waits until nothing more changes for
 * 100 ms; then configuration and rules are read and compiled beside the running ones; after another
 * quiet 100 ms they take their place between two events. What does not differ stays open: a new
 * rule costs neither the process table nor an event. What is wrong is reported by a critical
 * internal message, and everything stays as it was.
 */
#include <errno.h>
#include <stdlib.h>
#include "base/clock.h"
#include "cli/session_priv.h"
#include "lanner/alert.h"
#include "lanner/config.h"
#include "lanner/lanner.h"
#include "lanner/outputs.h"
#include "lanner/rules.h"

#define QUIET_NS (100 * LNR_NS_PER_MS)

/* Keys of what is opened with them; a difference in one opens it anew. */
static const char *const engine_keys[] = {"engine", "base_syscalls", "falco_libs", "rule_matching",
	"time_format_iso_8601", "buffer_format_base64", "capture", "syscall_event_drops",
	"syscall_event_timeouts", "plugins", "load_plugins", "k8s_audit",
	"metrics.libbpf_stats_enabled", NULL};
static const char *const output_keys[] = {"json_output", "json_include_output_property",
	"json_include_message_property", "json_include_output_fields_property",
	"json_include_tags_property", "time_format_iso_8601", "buffered_outputs", "outputs_queue",
	"output_timeout", "stdout_output", "syslog_output", "file_output", "program_output",
	"http_output", NULL};

static bool differ(const struct lnr_config *a, const struct lnr_config *b, const char *const *keys)
{
	struct lnr_buf x, y;
	bool same = true;
	lnr_buf_init(&x, 0);
	lnr_buf_init(&y, 0);
	for (; *keys && same; keys++) {
		lnr_buf_clear(&x);
		lnr_buf_clear(&y);
		lnr_config_json(a, *keys, &x);
		lnr_config_json(b, *keys, &y);
		same = !x.failed && !y.failed && lnr_str_eq(lnr_buf_view(&x), lnr_buf_view(&y));
	}
	lnr_buf_done(&x);
	lnr_buf_done(&y);
	return !same;
}

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

/* --- reading anew --- */

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

static bool read_anew(struct lnr_session *s, struct lnr_setup *next)
{
	struct lnr_err err = {0};
	struct lnr_buf why;
	const char *path;
	char text[1400];
	lnr_buf_init(&why, 0);
	int r = lnr_setup_config(next, s->o, &path, &err);
	if (!r)
		r = lnr_setup_plugins(next, &err);
	if (!r)
		r = lnr_setup_sources(next, s->o, s->log, &err);
	if (!r)
		r = lnr_setup_rules(next, s->o, s->log, &why, &err);
	if (why.len)
		lnr_log(s->log, LNR_LOG_ERROR, "%s", why.ptr);
	lnr_buf_done(&why);
	if (!r)
		return true;
	report(s, lnr_err_text(&err, text, sizeof(text)));
	lnr_setup_done(next);
	return false;
}

/* --- taking over --- */

struct engines {
	struct lnr_engine *first;
	struct lnr_more more;
};

static void engines_done(struct engines *e)
{
	lnr_more_done(&e->more);
	e->first = lnr_engine_free(e->first);
}

static int engines_open(struct lnr_session *s, const struct lnr_setup *setup, struct engines *ret,
	struct lnr_err *err)
{
	*ret = (struct engines){0};
	int r = lnr_session_open_engine(
		s, setup, lnr_setup_source(setup, s->o, 0), &ret->first, err);
	if (!r)
		r = lnr_more_open(s, setup, &ret->more, err);
	if (r)
		engines_done(ret);
	return r;
}

/* The engines go on with the new rules, or new ones are opened beside them. */
static int next_engines(struct lnr_session *s, const struct lnr_setup *next, bool anew,
	struct engines *ret, struct lnr_err *err)
{
	if (anew)
		return engines_open(s, next, ret, err);
	/* Statistics are of the rules in use until now. */
	lnr_session_statistics(s);
	int r = lnr_engine_reload(s->engine, next->rules, err);
	if (!r)
		r = lnr_more_reload(&s->more, next->rules, err);
	/* All or none: the new rules go away with what they were read from. */
	if (r) {
		lnr_engine_reload(s->engine, s->now.rules, NULL);
		lnr_more_reload(&s->more, s->now.rules, NULL);
	}
	return r;
}

static int take_over(struct lnr_session *s, struct lnr_setup *next, struct lnr_err *err)
{
	struct engines engines = {0};
	struct lnr_outputs *outputs = NULL;
	bool new_outputs = differ(s->now.config, next->config, output_keys);
	bool new_engine = differ(s->now.config, next->config, engine_keys);
	struct lnr_err why = {0};
	lnr_more_stop(&s->more);
	int r = new_outputs ? lnr_session_open_outputs(s, next, &outputs, &why) : 0;
	if (!r)
		r = next_engines(s, next, new_engine, &engines, &why);
	if (r) {
		lnr_outputs_free(outputs);
		report(s, why.msg);
		lnr_setup_done(next);
		return lnr_more_start(&s->more, err);
	}
	lnr_session_close_web(s); /* its port is needed */
	if (new_engine) {
		lnr_session_statistics(s);
		lnr_more_done(&s->more);
		lnr_engine_free(s->engine);
		s->engine = engines.first;
		s->more = engines.more;
	}
	if (outputs) {
		lnr_outputs_free(s->outputs);
		s->outputs = outputs;
	}
	lnr_setup_done(&s->now);
	s->now = *next;
	*next = (struct lnr_setup){0};
	lnr_cli_log(s->now.config, err);
	lnr_session_write_pidfile(s);
	s->watch = lnr_watch_free(s->watch);
	start_watching(s);
	lnr_log(s->log, LNR_LOG_INFO, "Reloaded: watching with %u rules",
		(unsigned)lnr_rules_count(s->now.rules));
	r = lnr_session_open_web(s, err); /* its metrics are used by the threads */
	return r ? r : lnr_more_start(&s->more, err);
}

int lnr_reload_poll(struct lnr_session *s, struct lnr_reload *r, struct lnr_err *err)
{
	uint64_t now = lnr_mono_ns(lnr_clock_system());
	if (!s->watch && r->stage == LNR_RELOAD_IDLE && !r->due_ns) {
		r->due_ns = now; /* first call */
		start_watching(s);
	}
	bool changed = s->watch && lnr_watch_changed(s->watch);
	if (s->signals->reload) {
		s->signals->reload = 0;
		lnr_log(s->log, LNR_LOG_INFO, "SIGHUP received");
		changed = true;
	}
	if (changed) {
		lnr_setup_done(&r->next);
		r->stage = LNR_RELOAD_SETTLE;
		r->due_ns = now + QUIET_NS;
		return 0;
	}
	if (r->stage == LNR_RELOAD_IDLE || now < r->due_ns)
		return 0;
	if (r->stage == LNR_RELOAD_SETTLE) {
		r->stage = read_anew(s, &r->next) ? LNR_RELOAD_HOLD : LNR_RELOAD_IDLE;
		r->due_ns = now + QUIET_NS;
		return 0;
	}
	r->stage = LNR_RELOAD_IDLE;
	return take_over(s, &r->next, err);
}

void lnr_reload_done(struct lnr_reload *r)
{
	lnr_setup_done(&r->next);
}
