/* SPDX-License-Identifier: Apache-2.0 */
/* lanner events: the kinds of events, or with -p or -f those of this machine or a capture file. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "cli/condition.h"
#include "cli/progress.h"
#include "cli/session_priv.h"
#include "lanner/lanner.h"
#include "lanner/rules.h"

struct opts {
	const char *form, *format, *file, *filter, *config;
	struct lnr_opt_list sources;
	bool live;
	uint64_t count, tgid;
};

static const struct lnr_opt rows[] = {
	{LNR_OPT_STR, 'F', "form", "FORM", offsetof(struct opts, form),
		"of the list: text, markdown or json"},
	{LNR_OPT_FLAG, 'L', "live", NULL, offsetof(struct opts, live),
		"print this machine's events as they happen"},
	{LNR_OPT_STR, 'f', "file", "FILE", offsetof(struct opts, file),
		"print the events of a capture file"},
	{LNR_OPT_STR, 'c', "config", "FILE", offsetof(struct opts, config),
		"know the plugins of this configuration"},
	{LNR_OPT_LIST, 'S', "source", "NAME", offsetof(struct opts, sources),
		"event source that CONDITION is for, repeatable (syscall)"},
	{LNR_OPT_STR, 'p', "print", "FORMAT", offsetof(struct opts, format),
		"output format of an event"},
	{LNR_OPT_STR, 'w', "where", "CONDITION", offsetof(struct opts, filter),
		"only events that match"},
	{LNR_OPT_UINT, 'n', "count", "N", offsetof(struct opts, count),
		"stop after so many printed events"},
	{LNR_OPT_UINT, 't', "tgid", "PID", offsetof(struct opts, tgid),
		"live: only this process and its descendants"},
	{0},
};

static const char default_format[] =
	"%evt.num %evt.time %evt.cpu %proc.name (%thread.tid) %evt.type %evt.info";

struct dump {
	struct lnr_engine *engine;
	const char *format;
	struct lnr_buf line;
	struct lnr_progress progress;
	uint64_t printed, count;
	int status;
};

static void print_event(struct dump *d)
{
	struct lnr_err err = {0};
	if (d->status || (d->count && d->printed >= d->count))
		return;
	lnr_buf_clear(&d->line);
	if (lnr_engine_format(d->engine, d->format, &d->line, &err)) {
		d->status = lnr_die("format: %s", err.msg);
		return;
	}
	lnr_buf_chr(&d->line, '\n');
	lnr_progress_output(&d->progress);
	if (fwrite(d->line.ptr, 1, d->line.len, stdout) != d->line.len)
		d->status = lnr_die("cannot write: %s", strerror(errno));
	d->printed++;
}

static void on_event(void *user, const struct lnr_event *ev)
{
	(void)ev;
	print_event(user);
}

static void on_match(void *user, struct lnr_alert *a)
{
	(void)a;
	print_event(user);
}

static int dump(const struct opts *o, struct lnr_plugins *plugins)
{
	struct lnr_err err = {0};
	struct lnr_rules *rules = NULL;
	struct lnr_signals *signals = lnr_cli_signals();
	struct dump d = {.format = o->format ? o->format : default_format, .count = o->count};
	int status = o->filter ? lnr_cli_condition(o->filter, plugins, o->sources.v, &rules) : 0;
	struct lnr_engine_opts eo = {.size = sizeof(eo),
		.kind = o->file ? LNR_ENGINE_REPLAY : LNR_ENGINE_LIVE,
		.capture_file = o->file,
		.rules = rules,
		.on_event = o->filter ? NULL : on_event,
		.on_alert = o->filter ? on_match : NULL,
		.only_tgid = (uint32_t)o->tgid,
		.plugins = plugins,
		.user = &d};
	lnr_buf_init(&d.line, 0);
	if (!status && lnr_engine_new(&eo, &d.engine, &err))
		status = lnr_die("%s", err.msg);
	int r = 0;
	if (!status)
		lnr_progress_begin(&d.progress, d.engine);
	while (!status && !d.status && r >= 0 && !signals->stop &&
		(!d.count || d.printed < d.count)) {
		r = lnr_engine_step(d.engine, &err);
		if (r == 0)
			fflush(stdout);
		lnr_progress_step(&d.progress);
	}
	lnr_progress_clear(&d.progress);
	if (!status && r < 0 && r != -ENODATA)
		status = lnr_die("%s", err.msg);
	if (fflush(stdout) && !status)
		status = 1;
	lnr_engine_free(d.engine);
	lnr_rules_free(rules);
	lnr_buf_done(&d.line);
	return status ? status : d.status;
}

static int dump_with_plugins(const struct opts *o)
{
	struct lnr_setup setup;
	int status = lnr_cli_plugins(o->config, &setup);
	if (!status)
		status = dump(o, setup.plugins);
	lnr_setup_done(&setup);
	return status;
}

static int run(void *opts, const char **rest)
{
	struct opts *o = opts;
	struct lnr_err err = {0};
	(void)rest;
	if (o->live && o->file)
		return lnr_die("--live and --file exclude each other");
	if (o->live || o->file)
		return dump_with_plugins(o);
	if (o->format || o->filter || o->count)
		return lnr_die("printing events needs --live or --file; see 'lanner help events'");
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	int r = lnr_list_events(&b, o->form ? o->form : "text", &err);
	int status = r ? lnr_die("%s", err.msg) : lnr_print(&b);
	lnr_buf_done(&b);
	return status;
}

const struct lnr_cmd lnr_cmd_events = {
	.name = "events",
	.summary = "list the kinds of events, or print events of this machine or a file",
	.opts = rows,
	.opts_size = sizeof(struct opts),
	.run = run,
};
