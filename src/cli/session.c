/* SPDX-License-Identifier: Apache-2.0 */
/* From configuration to the last alert, in the reference's order of steps. */
#include "cli/session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/clock.h"
#include "lanner/alert.h"
#include "lanner/config.h"
#include "lanner/lanner.h"
#include "lanner/outputs.h"
#include "lanner/rules.h"

struct session {
	struct lnr_run_opts *o;
	struct lnr_config *config;
	struct lnr_log *log;
	struct lnr_rules *rules;
	struct lnr_outputs *outputs;
	struct lnr_engine *engine;
	struct lnr_signals *signals;
	uint64_t started_ns;
};

static const char *const priority_words[] = {
	"EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"};

/* --- configuration --- */

static int load_config(struct session *s)
{
	struct lnr_err err = {0};
	struct lnr_run_opts *o = s->o;
	char text[1200];
	const char *path = o->config;
	if (!path && access("/etc/falco/falco.yaml", R_OK) == 0)
		path = "/etc/falco/falco.yaml";
	if (!path && access("/etc/lanner/lanner.yaml", R_OK) == 0)
		path = "/etc/lanner/lanner.yaml";
	if (lnr_config_new(&s->config, &err) ||
		lnr_config_load(s->config, path, o->overrides.v, &err))
		return lnr_die("%s", lnr_err_text(&err, text, sizeof(text)));
	s->log = lnr_cli_log(s->config, &err);
	if (!s->log)
		return lnr_die("%s", err.msg);
	if (path)
		lnr_log(s->log, LNR_LOG_INFO, "Lanner %s, configuration %s", lnr_version(), path);
	bool warning;
	const char *f;
	for (size_t i = 0; (f = lnr_config_finding(s->config, i, &warning)); i++)
		lnr_log(s->log, warning ? LNR_LOG_WARNING : LNR_LOG_INFO, "%s", f);
	return 0;
}

int lnr_session_version(const struct lnr_config *config)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	if (config && lnr_config_bool(config, "json_output"))
		lnr_buf_printf(&b,
			"{\"default_driver_version\":\"%s\",\"driver_api_version\":\"%s\","
			"\"driver_schema_version\":\"%s\",\"engine_version\":\"62\","
			"\"engine_version_semver\":\"%s\",\"falco_version\":\"%s\","
			"\"lanner_version\":\"%s\",\"libs_version\":\"%s\","
			"\"plugin_api_version\":\"%s\"}\n",
			LNR_DRIVER_API, LNR_DRIVER_API, LNR_DRIVER_SCHEMA, LNR_ENGINE_VERSION,
			LNR_FALCO_VERSION, lnr_version(), LNR_LIBS_VERSION, LNR_PLUGIN_API);
	else
		lnr_buf_printf(&b,
			"Lanner version: %s\nFalco version:  %s (compatible)\n"
			"Libs version:   %s\nPlugin API:     %s\nEngine:         %s\n"
			"Driver:\n  API version:    %s\n  Schema version: %s\n"
			"  Default driver: built in\n",
			lnr_version(), LNR_FALCO_VERSION, LNR_LIBS_VERSION, LNR_PLUGIN_API,
			LNR_ENGINE_VERSION, LNR_DRIVER_API, LNR_DRIVER_SCHEMA);
	int status = lnr_print(&b);
	lnr_buf_done(&b);
	return status;
}

/* --- options that print something and end; -1 = none of them was given --- */

static int print_list(struct session *s)
{
	struct lnr_run_opts *o = s->o;
	struct lnr_err err = {0};
	if (o->markdown && o->format)
		return lnr_die("--markdown and --format exclude each other");
	const char *format = o->format ? o->format : o->markdown ? "markdown" : "text";
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	int r = o->list_events ? lnr_list_events(&b, format, &err)
			       : lnr_list_fields(&b, format, o->list.value, o->names_only,
					 o->verbose, &err);
	int status = r ? lnr_die("%s", err.msg) : lnr_print(&b);
	lnr_buf_done(&b);
	return status;
}

static int print_schema(bool of_rules)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	int r = of_rules ? lnr_rules_schema(&b) : lnr_config_schema(&b);
	int status = r ? lnr_die("cannot make the schema: %s", strerror(-r)) : lnr_print(&b);
	lnr_buf_done(&b);
	return status;
}

static int describe(struct session *s)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	int r = lnr_rules_describe(
		s->rules, s->o->describe_one, lnr_config_bool(s->config, "json_output"), &b);
	lnr_buf_chr(&b, '\n');
	int status = r ? lnr_die("there is no rule \"%s\"", s->o->describe_one) : lnr_print(&b);
	lnr_buf_done(&b);
	return status;
}

static int print_and_end(struct session *s)
{
	struct lnr_run_opts *o = s->o;
	if (o->version)
		return lnr_session_version(s->config);
	if (o->page_size) {
		lnr_log(s->log, LNR_LOG_INFO, "Your system page size is: %ld bytes",
			sysconf(_SC_PAGESIZE));
		return 0;
	}
	if (o->list.given || o->list_events)
		return print_list(s);
	if (o->validate.n)
		return lnr_session_validate(s->config, o, s->log);
	return -1;
}

/* --- running --- */

static void deliver(void *user, struct lnr_alert *a)
{
	struct session *s = user;
	lnr_outputs_send(s->outputs, a);
}

static int engine_opts(struct session *s, struct lnr_engine_opts *eo, const char ***ret_set)
{
	const struct lnr_config *c = s->config;
	const char *kind = lnr_config_str(c, "engine.kind");
	*eo = (struct lnr_engine_opts){.size = sizeof(*eo),
		.rules = s->rules,
		.match_all = strcasecmp(lnr_config_str(c, "rule_matching"), "all") == 0,
		.on_alert = deliver,
		.user = s,
		.log = s->log,
		.only_tgid = (uint32_t)s->o->only_tgid,
		.drop_failed = lnr_config_bool(c, "engine.modern_ebpf.drop_failed_exit"),
		.cpus_per_buffer = (uint16_t)lnr_config_int(
			c, "engine.modern_ebpf.cpus_for_each_buffer"),
		.all_syscalls = s->o->all || lnr_config_bool(c, "base_syscalls.all"),
		.repair = lnr_config_bool(c, "base_syscalls.repair"),
		.snaplen = (uint32_t)lnr_config_int(c, "falco_libs.snaplen"),
		.max_threads = (uint32_t)lnr_config_int(c, "falco_libs.thread_table_size"),
		.purge_interval_s = (uint32_t)lnr_config_int(
			c, "falco_libs.thread_table_auto_purging_interval_s"),
		.thread_timeout_s = (uint32_t)lnr_config_int(
			c, "falco_libs.thread_table_auto_purging_thread_timeout_s"),
		.time_iso8601 = lnr_config_bool(c, "time_format_iso_8601"),
		.buffer_format = lnr_config_bool(c, "buffer_format_base64")};
	int64_t preset = lnr_config_int(c, "engine.modern_ebpf.buf_size_preset");
	if (preset >= 1 && preset <= 10)
		eo->buffer_bytes = UINT32_C(1) << (19 + preset);
	size_t n = lnr_config_count(c, "base_syscalls.custom_set");
	*ret_set = calloc(n + 1, sizeof(**ret_set));
	if (!*ret_set)
		return lnr_die("out of memory");
	for (size_t i = 0; i < n; i++)
		(*ret_set)[i] = lnr_config_item(c, "base_syscalls.custom_set", i);
	eo->custom_set = n ? *ret_set : NULL;
	if (s->o->capture_file || strcmp(kind, "replay") == 0) {
		eo->kind = LNR_ENGINE_REPLAY;
		eo->capture_file = s->o->capture_file
					   ? s->o->capture_file
					   : lnr_config_str(c, "engine.replay.capture_file");
	} else {
		eo->kind = strcmp(kind, "nodriver") == 0 ? LNR_ENGINE_NODRIVER : LNR_ENGINE_LIVE;
	}
	return 0;
}

static int open_engine(struct session *s)
{
	struct lnr_err err = {0};
	struct lnr_engine_opts eo;
	const char **set = NULL;
	int status = engine_opts(s, &eo, &set);
	if (!status && lnr_engine_new(&eo, &s->engine, &err))
		status = lnr_die("%s", err.msg);
	free(set);
	return status;
}

static int open_outputs(struct session *s)
{
	struct lnr_err err = {0};
	const struct lnr_outputs_opts oo = {.size = sizeof(oo),
		.config = s->config,
		.unbuffered = s->o->unbuffered,
		.log = s->log};
	return lnr_outputs_new(&oo, &s->outputs, &err) ? lnr_die("%s", err.msg) : 0;
}

static int write_pidfile(const struct session *s)
{
	if (!s->o->pidfile)
		return 0;
	FILE *f = fopen(s->o->pidfile, "we");
	if (!f)
		return 255; /* as the reference: nothing printed */
	fprintf(f, "%d", getpid());
	return fclose(f) ? 255 : 0;
}

static int reload(struct session *s)
{
	struct lnr_err err = {0};
	struct lnr_rules *rules;
	s->signals->reload = 0;
	lnr_log(s->log, LNR_LOG_INFO, "SIGHUP received, loading the rules again");
	if (lnr_session_rules(s->config, s->o, s->log, &rules)) {
		lnr_log(s->log, LNR_LOG_ERROR, "the rules in use stay: the new ones are invalid");
		return 0;
	}
	if (lnr_engine_reload(s->engine, rules, &err)) {
		lnr_log(s->log, LNR_LOG_ERROR, "the rules in use stay: %s", err.msg);
		lnr_rules_free(rules);
		return 0;
	}
	lnr_rules_free(s->rules);
	s->rules = rules;
	return 0;
}

static bool time_is_up(struct session *s)
{
	struct lnr_engine_stats st;
	if (!s->o->seconds)
		return false;
	lnr_engine_stats(s->engine, &st);
	uint64_t now = st.last_ts, from = st.first_ts;
	/* A quiet machine has no event time to go by. */
	if (lnr_engine_progress(s->engine) < 0) {
		now = lnr_mono_ns(lnr_clock_system());
		from = s->started_ns;
	}
	return from && now - from >= s->o->seconds * LNR_NS_PER_SEC;
}

static int loop(struct session *s)
{
	struct lnr_err err = {0};
	s->started_ns = lnr_mono_ns(lnr_clock_system());
	while (!s->signals->stop && !time_is_up(s)) {
		int r = lnr_engine_run(s->engine, 1024, &err);
		if (s->signals->reopen) {
			s->signals->reopen = 0;
			lnr_outputs_reopen(s->outputs);
		}
		if (s->signals->reload)
			reload(s);
		if (r == -ENODATA)
			return 0;
		if (r < 0)
			return lnr_die("%s", err.msg);
	}
	if (s->signals->stop)
		lnr_log(s->log, LNR_LOG_INFO, "Signal received, stopping");
	return 0;
}

/* --- statistics at the end (engine-config-cli 4.4) --- */

static void print_statistics(struct session *s)
{
	uint64_t by_priority[8] = {0}, total = 0, n;
	const char *name;
	int priority;
	for (uint32_t i = 0; lnr_engine_rule_stats(s->engine, i, &name, &priority, &n); i++) {
		by_priority[priority & 7] += n;
		total += n;
	}
	printf("Events detected: %" PRIu64 "\nRule counts by severity:\n", total);
	for (int p = 0; p < 8; p++) {
		if (by_priority[p])
			printf("   %s: %" PRIu64 "\n", priority_words[p], by_priority[p]);
	}
	printf("Triggered rules by rule name:\n");
	for (uint32_t i = 0; lnr_engine_rule_stats(s->engine, i, &name, &priority, &n); i++) {
		if (n)
			printf("   %s: %" PRIu64 "\n", name, n);
	}
	fflush(stdout);
	fprintf(stderr, "Syscall event drop monitoring:\n"
			"   - event drop detected: 0 occurrences\n"
			"   - num times actions taken: 0\n");
	if (!s->o->verbose)
		return;
	struct lnr_engine_stats st;
	lnr_engine_stats(s->engine, &st);
	double secs = (double)(lnr_mono_ns(lnr_clock_system()) - s->started_ns) / 1e9;
	fprintf(stderr, "Elapsed time: %.3f, Captured Events: %" PRIu64 ", %.2f eps\n", secs,
		st.events, secs > 0 ? (double)st.events / secs : 0.0);
	const char *counter;
	for (unsigned i = 0; lnr_engine_counter(s->engine, i, &counter, &n); i++)
		fprintf(stderr, "%s: %" PRIu64 "\n", counter, n);
}

/* The engine first: rights are dropped per thread, and the delivery thread inherits what is left.
 */
static int open_all(struct session *s)
{
	struct lnr_err err = {0};
	int status = open_engine(s);
	if (!status && lnr_engine_progress(s->engine) < 0 &&
		lnr_cli_drop_privileges(s->config, &err))
		lnr_log(s->log, LNR_LOG_WARNING, "%s", err.msg);
	if (!status)
		status = open_outputs(s);
	return status ? status : write_pidfile(s);
}

static int watch(struct session *s)
{
	int status = open_all(s);
	if (status) {
		s->outputs = lnr_outputs_free(s->outputs);
		return status;
	}
	struct lnr_buf names;
	lnr_buf_init(&names, 0);
	lnr_engine_syscalls(s->engine, &names);
	if (names.len)
		lnr_log(s->log, LNR_LOG_DEBUG, "system calls: %s", names.ptr);
	lnr_buf_done(&names);
	lnr_log(s->log, LNR_LOG_INFO, "Watching with %" PRIu32 " rules", lnr_rules_count(s->rules));
	status = loop(s);
	/* Deliver first: the statistics come after the last alert. */
	s->outputs = lnr_outputs_free(s->outputs);
	print_statistics(s);
	return status;
}

int lnr_session_main(struct lnr_run_opts *o)
{
	struct session s = {.o = o};
	if (o->config_schema || o->rule_schema)
		return print_schema(o->rule_schema);
	s.signals = lnr_cli_signals();
	int status = load_config(&s);
	if (!status) {
		status = print_and_end(&s);
		if (status < 0) {
			status = lnr_session_rules(s.config, o, s.log, &s.rules);
			if (!status && (o->describe_all || o->describe_one))
				status = describe(&s);
			else if (!status && !o->dry_run)
				status = watch(&s);
		}
	}
	lnr_engine_free(s.engine);
	lnr_rules_free(s.rules);
	lnr_config_free(s.config);
	return status;
}
