/* SPDX-License-Identifier: Apache-2.0 */
/* lanner events: the kinds of events, or with -p or -f those of this machine or a capture file. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "cli/cli.h"
#include "lanner/lanner.h"
#include "lanner/rules.h"

struct opts {
	const char *form, *format, *file, *filter;
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

/* A condition of the command line becomes the one rule of a rule set. */
static int condition_rules(const char *condition, struct lnr_rules **ret)
{
	struct lnr_err err = {0};
	struct lnr_buf y;
	if (lnr_rules_new(NULL, ret, &err))
		return lnr_die("%s", err.msg);
	lnr_buf_init(&y, 0);
	lnr_buf_cstr(&y, "- rule: match\n  desc: match\n  priority: DEBUG\n  output: \"%evt.num\"\n"
			 "  warn_evttypes: false\n  condition: |-\n    ");
	for (const char *p = condition; *p; p++) {
		lnr_buf_chr(&y, *p);
		if (*p == '\n')
			lnr_buf_cstr(&y, "    ");
	}
	lnr_buf_chr(&y, '\n');
	int r = lnr_rules_add_text(*ret, "condition", y.ptr, y.len, &err);
	lnr_buf_done(&y);
	if (!r)
		return 0;
	struct lnr_buf why;
	lnr_buf_init(&why, 0);
	lnr_rules_report_explain(*ret, 0, &why);
	fwrite(why.ptr ? why.ptr : "", 1, why.len, stderr);
	lnr_buf_done(&why);
	return lnr_die("the condition is invalid");
}

static int dump(const struct opts *o)
{
	struct lnr_err err = {0};
	struct lnr_rules *rules = NULL;
	struct lnr_signals *signals = lnr_cli_signals();
	struct dump d = {.format = o->format ? o->format : default_format, .count = o->count};
	int status = o->filter ? condition_rules(o->filter, &rules) : 0;
	struct lnr_engine_opts eo = {.size = sizeof(eo),
		.kind = o->file ? LNR_ENGINE_REPLAY : LNR_ENGINE_LIVE,
		.capture_file = o->file,
		.rules = rules,
		.on_event = o->filter ? NULL : on_event,
		.on_alert = o->filter ? on_match : NULL,
		.only_tgid = (uint32_t)o->tgid,
		.user = &d};
	lnr_buf_init(&d.line, 0);
	if (!status && lnr_engine_new(&eo, &d.engine, &err))
		status = lnr_die("%s", err.msg);
	int r = 0;
	while (!status && !d.status && r >= 0 && !signals->stop &&
		(!d.count || d.printed < d.count)) {
		r = lnr_engine_step(d.engine, &err);
		if (r == 0)
			fflush(stdout);
	}
	if (!status && r < 0 && r != -ENODATA)
		status = lnr_die("%s", err.msg);
	if (fflush(stdout) && !status)
		status = 1;
	lnr_engine_free(d.engine);
	lnr_rules_free(rules);
	lnr_buf_done(&d.line);
	return status ? status : d.status;
}

static int run(void *opts, const char **rest)
{
	struct opts *o = opts;
	struct lnr_err err = {0};
	(void)rest;
	if (o->live && o->file)
		return lnr_die("--live and --file exclude each other");
	if (o->live || o->file)
		return dump(o);
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
