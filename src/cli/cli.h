/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's frame. A subcommand is one file in cmd/ that defines
 *
 *	const struct lnr_cmd lnr_cmd_<file name>;
 *
 * with its options as rows; parsing, usage text and the check of the manual page read the rows. The
 * program sees the library through include/lanner/ and base/ only.
 */
#ifndef LNR_CLI_CLI_H
#define LNR_CLI_CLI_H

#include <signal.h>
#include <stdio.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"

enum lnr_opt_kind {
	LNR_OPT_END,
	LNR_OPT_FLAG,	  /* bool; "=true", "=false" allowed */
	LNR_OPT_STR,	  /* const char *; given twice: the last */
	LNR_OPT_LIST,	  /* struct lnr_opt_list; repeatable */
	LNR_OPT_UINT,	  /* uint64_t, decimal */
	LNR_OPT_OPTIONAL, /* struct lnr_opt_optional; value only after '=' */
};

struct lnr_opt {
	enum lnr_opt_kind kind;
	char shrt;	  /* 0 = none */
	const char *lng;  /* NULL = none */
	const char *arg;  /* name of the value in the usage text */
	size_t offset;	  /* of the member in the command's option struct */
	const char *help; /* one line; NULL = not shown (accepted for compatibility) */
};

/* NULL-terminated texts, borrowed from argv. */
struct lnr_opt_list {
	const char **v;
	size_t n;
};

struct lnr_opt_optional {
	bool given;
	const char *value; /* NULL = none */
};

struct lnr_cmd {
	const char *name;
	const char *summary; /* one line */
	const char *args;    /* usage of what follows the options, "[FILE...]" */
	const struct lnr_opt *opts;
	size_t opts_size; /* of the option struct, zeroed before parsing */
	/* rest: words that are no options, NULL-terminated. Returns the exit status. */
	int (*run)(void *opts, const char **rest);
	/* Stray words are ignored instead of refused (Falco's command line). */
	bool ignore_words;
	bool hidden;
};

/*
 * Parse argv[1…] by the rows. Falco's conventions: -oK=V, -o K=V, --option K=V, --option=K=V; flags
 * join (-Uv); long names cannot be shortened; "--" ends options. 0, or -EINVAL with a reason.
 */
int lnr_opts_parse(const struct lnr_opt *rows, void *opts, int argc, char **argv,
	const char ***ret_rest, struct lnr_err *err);
void lnr_opts_done(const struct lnr_opt *rows, void *opts);
/* The option part of a usage text. */
void lnr_opts_usage(const struct lnr_opt *rows, struct lnr_buf *out);

/* All commands in order of name; NULL past the end. */
const struct lnr_cmd *lnr_cmd_at(size_t i);
const struct lnr_cmd *lnr_cmd_find(const char *name);
void lnr_cmd_usage(const struct lnr_cmd *cmd, FILE *out);

/* Print "Error: …" to standard error and return 1. */
int lnr_die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Write all of it to standard output; returns the exit status 0, or 1 when that fails. */
int lnr_print(const struct lnr_buf *b);

/* --- the program's own log (log.c) --- */
struct lnr_config;
/* Set up from log_stderr, log_syslog, log_level …; the log lives as long as the program. */
struct lnr_log *lnr_cli_log(const struct lnr_config *config, struct lnr_err *err);
/*
 * A text for standard error whether or not the log goes there: as it is behind `prefix`, or as a
 * line of the log where that is JSON, so that a program can read all of it.
 */
void lnr_cli_say(enum lnr_log_level level, const char *prefix, struct lnr_str text);

/* --- signals (signal.c): set by handlers, read by loops --- */
struct lnr_signals {
	volatile sig_atomic_t stop;   /* SIGINT, SIGTERM */
	volatile sig_atomic_t reopen; /* SIGUSR1 */
	volatile sig_atomic_t reload; /* SIGHUP */
};
/* Install the handlers and return what they set. */
struct lnr_signals *lnr_cli_signals(void);

/* Tell the service manager: "READY=1", "STOPPING=1" (notify.c). */
void lnr_cli_notify(const char *text);
/* Called by a loop that is alive; returns when the service manager was told so last. */
uint64_t lnr_cli_watchdog(uint64_t last_ns);

/* Give up rights that the configured run does not need (privileges.c). After the probe is attached.
 */
int lnr_cli_drop_privileges(const struct lnr_config *config, struct lnr_err *err);

/* Where rules are when nothing says so: build tree, then the installed place. NULL = nowhere. */
const char *lnr_cli_default_rules(char *buf, size_t size);

/* Manual page of a command rendered as text; -ENOENT. */
int lnr_man_text(const char *name, struct lnr_buf *out);

#endif
