/* SPDX-License-Identifier: Apache-2.0 */
/* From configuration to the last alert, in the reference's order of steps (spec 3). */
#include <errno.h>
#include <stdlib.h>
#include "base/clock.h"
#include "cli/session_priv.h"
#include "lanner/config.h"
#include "lanner/lanner.h"
#include "lanner/rules.h"

static void report_findings(struct lnr_session *s)
{
	bool warning;
	const char *f;
	for (size_t i = 0; (f = lnr_config_finding(s->now.config, i, &warning)); i++)
		lnr_log(s->log, warning ? LNR_LOG_WARNING : LNR_LOG_INFO, "%s", f);
}

static int load_config(struct lnr_session *s)
{
	struct lnr_err err = {0};
	char text[1400];
	const char *path = NULL;
	if (lnr_setup_config(&s->now, s->o, &path, &err))
		return lnr_die("%s", lnr_err_text(&err, text, sizeof(text)));
	s->log = lnr_cli_log(s->now.config, &err);
	if (!s->log)
		return lnr_die("%s", err.msg);
	/* Lists and versions are for eyes and pipes: no greeting around them. */
	if (path)
		lnr_log(s->log, LNR_LOG_INFO,
			"Lanner %s (compatible with Falco %s), configuration %s", lnr_version(),
			LNR_FALCO_VERSION, path);
	report_findings(s);
	return 0;
}

static int load_rules(struct lnr_session *s)
{
	struct lnr_err err = {0};
	struct lnr_buf why;
	char text[1400];
	lnr_buf_init(&why, 0);
	int r = lnr_setup_rules(&s->now, s->o, s->log, &why, &err);
	if (why.len)
		lnr_cli_say(LNR_LOG_ERROR, "", lnr_buf_view(&why));
	lnr_buf_done(&why);
	return r ? lnr_die("%s", lnr_err_text(&err, text, sizeof(text))) : 0;
}

/* Rules that can hardly match because their system calls are left out. */
static void notice_ignored(struct lnr_session *s)
{
	struct lnr_buf names;
	if (s->o->all || lnr_config_bool(s->now.config, "base_syscalls.all"))
		return;
	lnr_buf_init(&names, 0);
	lnr_rules_ignored(s->now.rules, &names);
	if (names.len)
		lnr_cli_say(LNR_LOG_WARNING,
			"Rules name system calls that are not armed without base_syscalls.all "
			"(unsupported-evttype): ",
			lnr_buf_view(&names));
	lnr_buf_done(&names);
}

static int after_config(struct lnr_session *s)
{
	struct lnr_err err = {0};
	struct lnr_run_opts *o = s->o;
	int status = lnr_session_info(s);
	if (status >= 0)
		return status;
	if (lnr_setup_sources(&s->now, o, NULL, s->log, &err))
		return lnr_die("%s", err.msg);
	status = load_rules(s);
	if (status)
		return status;
	if (o->describe_all || o->describe_one)
		return lnr_session_describe(s);
	if (o->support)
		return lnr_session_support(s);
	notice_ignored(s);
	return o->dry_run ? 0 : lnr_session_run(s);
}

int lnr_session_main(struct lnr_run_opts *o)
{
	struct lnr_session s = {.o = o, .start_wall_ns = lnr_wall_ns(lnr_clock_system())};
	int status = lnr_session_before_config(o);
	if (status >= 0)
		return status;
	s.signals = lnr_cli_signals();
	status = load_config(&s);
	if (!status)
		status = after_config(&s);
	lnr_setup_done(&s.now);
	return status;
}
