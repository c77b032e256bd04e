/* SPDX-License-Identifier: Apache-2.0 */
/* lanner record FILE: write events of this machine, or of another capture, into a capture file. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/condition.h"
#include "lanner/lanner.h"
#include "lanner/rules.h"

struct opts {
	const char *filter, *from;
	uint64_t seconds, events, megabytes, rotate, files, tgid;
	bool plain, all;
};

#define ROW(kind, shrt, lng, arg, member, help)                           \
	{                                                                 \
		kind, shrt, lng, arg, offsetof(struct opts, member), help \
	}

static const struct lnr_opt rows[] = {
	ROW(LNR_OPT_STR, 'w', "filter", "CONDITION", filter, "only events that match"),
	ROW(LNR_OPT_STR, 'f', "from", "FILE", from, "read this capture instead of the machine"),
	ROW(LNR_OPT_UINT, 'd', "duration", "SECONDS", seconds, "stop after so long"),
	ROW(LNR_OPT_UINT, 'n', "events", "N", events, "stop after so many events"),
	ROW(LNR_OPT_UINT, 's', "size", "MB", megabytes, "stop at this size, all files together"),
	ROW(LNR_OPT_UINT, 'r', "rotate", "MB", rotate, "go on in another file at this size"),
	ROW(LNR_OPT_UINT, 'k', "files", "N", files, "with --rotate: keep so many files"),
	ROW(LNR_OPT_FLAG, 'p', "plain", NULL, plain, "not compressed"),
	ROW(LNR_OPT_FLAG, 'a', "all", NULL, all, "high-volume calls (read, write, …), too"),
	ROW(LNR_OPT_UINT, 't', "tgid", "PID", tgid, "live: only this process and its descendants"),
	{0},
};

static bool enough(struct lnr_engine *e, const struct opts *o, uint64_t began)
{
	uint64_t events, bytes;
	if (o->seconds && lnr_mono_ns(lnr_clock_system()) - began >= o->seconds * LNR_NS_PER_SEC)
		return true;
	if (!o->events && !o->megabytes)
		return false;
	lnr_engine_recorded(e, &events, &bytes);
	return (o->events && events >= o->events) || (o->megabytes && bytes >= o->megabytes << 20);
}

static int loop(struct lnr_engine *e, const struct opts *o)
{
	struct lnr_signals *signals = lnr_cli_signals();
	struct lnr_err err = {0};
	uint64_t began = lnr_mono_ns(lnr_clock_system()), events, bytes;
	int r = 0;
	while (r >= 0 && !signals->stop && !enough(e, o, began))
		r = lnr_engine_run(e, o->events ? 1 : 256, &err);
	int status = r < 0 && r != -ENODATA ? lnr_die("%s", err.msg) : 0;
	lnr_engine_recorded(e, &events, &bytes);
	if (lnr_engine_record_end(e, &err) && !status)
		status = lnr_die("%s", err.msg);
	fprintf(stderr, "%" PRIu64 " events, %" PRIu64 " bytes\n", events, bytes);
	return status;
}

static int run(void *opts, const char **rest)
{
	static const char *const everything[] = {"!no_such_call", NULL};
	struct opts *o = opts;
	struct lnr_err err = {0};
	struct lnr_rules *rules = NULL;
	struct lnr_engine *e = NULL;
	if (!rest[0] || rest[1])
		return lnr_die("record needs one file to write; see 'lanner help record'");
	int status = o->filter ? lnr_cli_condition(o->filter, &rules) : 0;
	if (status)
		return status;
	const struct lnr_engine_opts eo = {.size = sizeof(eo),
		.kind = o->from ? LNR_ENGINE_REPLAY : LNR_ENGINE_LIVE,
		.capture_file = o->from,
		.rules = rules,
		.match_all = true,
		.all_syscalls = o->all,
		/* The whole state set: whoever replays the file must be able to follow. */
		.custom_set = o->from ? NULL : everything,
		.only_tgid = (uint32_t)o->tgid};
	const struct lnr_record_opts ro = {.path = rest[0],
		.plain = o->plain,
		.matched_only = o->filter != NULL,
		.rotate_bytes = o->rotate << 20,
		.rotate_files = o->files};
	if (lnr_engine_new(&eo, &e, &err) || lnr_engine_record(e, &ro, &err))
		status = lnr_die("%s", err.msg);
	else
		status = loop(e, o);
	lnr_engine_free(e);
	lnr_rules_free(rules);
	return status;
}

const struct lnr_cmd lnr_cmd_record = {
	.name = "record",
	.summary = "write events of this machine, or of a capture, into a capture file",
	.args = "FILE",
	.opts = rows,
	.opts_size = sizeof(struct opts),
	.run = run,
};
