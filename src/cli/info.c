/* SPDX-License-Identifier: Apache-2.0 */
/* Options that print something and end (spec engine-config-cli 4). */
#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/json.h"
#include "base/redact.h"
#include "base/util.h"
#include "cli/session_priv.h"
#include "lanner/config.h"
#include "lanner/lanner.h"
#include "lanner/plugins.h"
#include "lanner/rules.h"
#include "lanner/server.h"

/* A file that goes into a report. */
#define SUPPORT_FILE_BYTES (64 << 20)

int lnr_session_version(const struct lnr_config *config)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	if (config && lnr_config_bool(config, "json_output")) {
		lnr_versions_json(NULL, &b);
		lnr_buf_chr(&b, '\n');
	} else {
		lnr_buf_printf(&b,
			"Lanner version: %s\nFalco version:  %s (compatible)\n"
			"Libs version:   %s\nPlugin API:     %s\nEngine:         %s\n"
			"Driver:\n  API version:    %s\n  Schema version: %s\n"
			"  Default driver: built in\n",
			lnr_version(), LNR_FALCO_VERSION, LNR_LIBS_VERSION, LNR_PLUGIN_API,
			LNR_ENGINE_VERSION, LNR_DRIVER_API, LNR_DRIVER_SCHEMA);
	}
	int status = lnr_print(&b);
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

static int print_ignored(void)
{
	struct lnr_buf names, b;
	struct lnr_str rest, name;
	lnr_buf_init(&names, 0);
	lnr_buf_init(&b, 0);
	lnr_list_ignored(&names);
	lnr_buf_cstr(&b, "System calls that are not armed without base_syscalls.all:\n");
	rest = lnr_buf_view(&names);
	while (lnr_str_split(&rest, '\n', &name))
		lnr_buf_printf(&b, "- %.*s\n", LNR_STR_ARG(name));
	lnr_buf_chr(&b, '\n');
	int status = lnr_print(&b);
	lnr_buf_done(&names);
	lnr_buf_done(&b);
	return status;
}

/* s NULL: without configuration, for events. */
static int print_list(const struct lnr_run_opts *o, const struct lnr_setup *s)
{
	struct lnr_err err = {0};
	if (o->markdown && o->format)
		return lnr_die("--markdown and --format exclude each other");
	if (o->markdown)
		fprintf(stderr, "--markdown is the old way to say --format markdown\n");
	const char *format = o->format ? o->format : o->markdown ? "markdown" : "text";
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	int r;
	if (o->list_events) {
		r = lnr_list_events(&b, format, &err);
	} else {
		const struct lnr_rules_opts ro = {.size = sizeof(ro),
			.no_container_plugin = !lnr_session_has_container(s->config),
			.plugins = s->plugins};
		r = lnr_rules_list_fields(
			&ro, &b, format, o->list.value, o->names_only, o->verbose, &err);
	}
	int status = r ? lnr_die("%s", err.msg) : lnr_print(&b);
	lnr_buf_done(&b);
	return status;
}

int lnr_session_before_config(const struct lnr_run_opts *o)
{
	if (o->config_schema || o->rule_schema)
		return print_schema(o->rule_schema);
	if (o->ignored)
		return print_ignored();
	return o->list_events ? print_list(o, NULL) : -1;
}

static int print_plugins(const struct lnr_session *s)
{
	struct lnr_err err = {0};
	struct lnr_buf b;
	int r = 0;
	lnr_buf_init(&b, 0);
	if (s->o->plugin_info)
		r = lnr_plugins_info(s->now.plugins, s->o->plugin_info, s->log, &b, &err);
	else
		lnr_plugins_list(s->now.plugins, &b);
	int status = r ? lnr_die("%s", err.msg) : lnr_print(&b);
	lnr_buf_done(&b);
	return status;
}

int lnr_session_info(struct lnr_session *s)
{
	struct lnr_run_opts *o = s->o;
	struct lnr_err err = {0};
	if (o->version)
		return lnr_session_version(s->now.config);
	if (o->page_size) {
		lnr_log(s->log, LNR_LOG_INFO, "Your system page size is: %ld bytes",
			sysconf(_SC_PAGESIZE));
		return 0;
	}
	if (lnr_setup_plugins(&s->now, o, &err))
		return lnr_die("%s", err.msg);
	if (o->plugin_info || o->list_plugins)
		return print_plugins(s);
	if (o->list.given)
		return print_list(o, &s->now);
	if (!o->validate.n)
		return -1;
	if (lnr_plugins_try(s->now.plugins, NULL, s->log, &err))
		return lnr_die("%s", err.msg);
	return lnr_setup_validate(&s->now, o, s->log);
}

int lnr_session_describe(struct lnr_session *s)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	int r = lnr_rules_describe(s->now.rules, s->o->describe_one,
		lnr_config_bool(s->now.config, "json_output"), &b);
	lnr_buf_chr(&b, '\n');
	int status = r == -ENOENT ? lnr_die("there is no rule \"%s\"",
					    s->o->describe_one ? s->o->describe_one : "")
		     : r	  ? lnr_die("the rules cannot be described: %s", strerror(-r))
				  : lnr_print(&b);
	lnr_buf_done(&b);
	return status;
}

/* --- --support --- */

static void member(struct lnr_json *j, const char *key, const char *value)
{
	lnr_json_key(j, lnr_str_c(key));
	lnr_json_str(j, lnr_str_c(value));
}

static void put_system(struct lnr_json *j)
{
	struct utsname u;
	if (uname(&u))
		memset(&u, 0, sizeof(u));
	lnr_json_key(j, LNR_STR("system_info"));
	lnr_json_open(j, '{');
	member(j, "sysname", u.sysname);
	member(j, "nodename", u.nodename);
	member(j, "release", u.release);
	member(j, "version", u.version);
	member(j, "machine", u.machine);
	lnr_json_close(j, '}');
}

static void put_cmdline(struct lnr_json *j)
{
	LNR_AUTO_FREE char *text = NULL;
	size_t len = 0;
	lnr_read_file("/proc/self/cmdline", SUPPORT_FILE_BYTES, &text, &len, NULL);
	for (size_t i = 0; i + 1 < len; i++) {
		if (!text[i])
			text[i] = ' ';
	}
	struct lnr_buf clean;
	lnr_buf_init(&clean, 0);
	lnr_redact(&clean, lnr_str_c(text));
	member(j, "cmdline", clean.ptr ? clean.ptr : "");
	lnr_buf_done(&clean);
}

static void put_rules(struct lnr_json *j, const struct lnr_paths *files)
{
	lnr_json_key(j, LNR_STR("rules_files"));
	lnr_json_open(j, '[');
	for (size_t i = 0; i < files->n; i++) {
		LNR_AUTO_FREE char *text = NULL;
		size_t len = 0;
		lnr_read_file(files->v[i], SUPPORT_FILE_BYTES, &text, &len, NULL);
		lnr_json_open(j, '{');
		member(j, "name", files->v[i]);
		lnr_json_key(j, LNR_STR("variants"));
		lnr_json_open(j, '[');
		lnr_json_open(j, '{');
		lnr_json_key(j, LNR_STR("content"));
		lnr_json_str(j, (struct lnr_str){text ? text : "", len});
		lnr_json_close(j, '}');
		lnr_json_close(j, ']');
		lnr_json_close(j, '}');
	}
	lnr_json_close(j, ']');
}

int lnr_session_support(struct lnr_session *s)
{
	struct lnr_buf b, part;
	struct lnr_json j;
	lnr_buf_init(&b, 0);
	lnr_buf_init(&part, 0);
	lnr_json_init(&j, &b);
	lnr_json_open(&j, '{');
	member(&j, "version", LNR_FALCO_VERSION);
	put_system(&j);
	lnr_versions_json(s->now.plugins, &part);
	lnr_json_key(&j, LNR_STR("engine_info"));
	lnr_json_raw(&j, lnr_buf_view(&part));
	put_cmdline(&j);
	lnr_buf_clear(&part);
	lnr_config_yaml(s->now.config, &part);
	lnr_json_key(&j, LNR_STR("config"));
	lnr_json_str(&j, lnr_buf_view(&part));
	put_rules(&j, &s->now.files);
	lnr_json_close(&j, '}');
	lnr_buf_chr(&b, '\n');
	int status = lnr_print(&b);
	lnr_buf_done(&part);
	lnr_buf_done(&b);
	return status;
}
