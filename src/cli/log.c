/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's log: lines on standard error, to syslog, or both (spec engine-config-cli 2.6); text
 * as the reference writes it, or one JSON object a line (log_format). What looks like a secret is
 * taken out, whoever logs it.
 */
#include <pthread.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>
#include "base/json.h"
#include "base/redact.h"
#include "cli/cli.h"
#include "lanner/config.h"

static struct {
	struct lnr_log log;
	pthread_mutex_t lock;
	bool to_stderr, to_syslog, iso8601, json;
} own = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* "Wed Nov 25 10:15:02 2026", or UTC; JSON has nanoseconds, as alerts do. */
static void put_time(struct lnr_buf *out)
{
	char when[64];
	struct timespec now;
	struct tm tm;
	clock_gettime(CLOCK_REALTIME, &now);
	if (own.json || own.iso8601)
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &tm));
	else
		strftime(when, sizeof(when), "%a %b %e %H:%M:%S %Y", localtime_r(&now.tv_sec, &tm));
	lnr_buf_cstr(out, when);
	if (own.json)
		lnr_buf_printf(out, ".%09ldZ", now.tv_nsec);
	else
		lnr_buf_cstr(out, own.iso8601 ? "+0000" : "");
}

/* Under the lock. */
static void put_json(struct lnr_buf *out, enum lnr_log_level level, struct lnr_str msg)
{
	lnr_buf_cstr(out, "{\"time\":\"");
	put_time(out);
	lnr_buf_printf(out, "\",\"level\":\"%s\",\"message\":\"", lnr_log_level_name(level));
	lnr_json_escape(out, msg);
	lnr_buf_cstr(out, "\"}");
}

static void write_line(struct lnr_log *log, enum lnr_log_level level, const char *msg)
{
	struct lnr_buf clean, line;
	(void)log;
	lnr_buf_init(&clean, 0);
	lnr_buf_init(&line, 0);
	lnr_redact(&clean, lnr_str_c(msg));
	pthread_mutex_lock(&own.lock);
	if (own.json) {
		put_json(&line, level, lnr_buf_view(&clean));
	} else {
		put_time(&line);
		lnr_buf_printf(&line, ": %.*s", LNR_STR_ARG(lnr_buf_view(&clean)));
	}
	if (!clean.failed && !line.failed && own.to_stderr)
		fprintf(stderr, "%s\n", line.ptr);
	if (!clean.failed && !line.failed && own.to_syslog)
		syslog(LOG_USER | (int)level, "%s", line.ptr);
	pthread_mutex_unlock(&own.lock);
	lnr_buf_done(&clean);
	lnr_buf_done(&line);
}

void lnr_cli_say(enum lnr_log_level level, const char *prefix, struct lnr_str text)
{
	struct lnr_buf clean, line;
	lnr_buf_init(&clean, 0);
	lnr_buf_init(&line, 0);
	lnr_redact(&clean, text);
	pthread_mutex_lock(&own.lock);
	if (own.json) {
		put_json(&line, level, lnr_str_trim(lnr_buf_view(&clean)));
	} else {
		lnr_buf_cstr(&line, prefix);
		lnr_buf_str(&line, lnr_buf_view(&clean));
	}
	if (line.len && line.ptr[line.len - 1] != '\n')
		lnr_buf_chr(&line, '\n');
	if (!clean.failed && !line.failed)
		fwrite(line.ptr, 1, line.len, stderr);
	pthread_mutex_unlock(&own.lock);
	lnr_buf_done(&clean);
	lnr_buf_done(&line);
}

struct lnr_log *lnr_cli_log(const struct lnr_config *config, struct lnr_err *err)
{
	enum lnr_log_level max;
	const char *level = lnr_config_str(config, "log_level");
	if (lnr_log_level_parse(level, &max)) {
		lnr_fail(err, -EINVAL, "log_level: unknown level \"%s\"", level);
		return NULL;
	}
	/* At a reload other threads are logging. */
	pthread_mutex_lock(&own.lock);
	if (!own.log.sink) /* once, before there is a second thread */
		own.log.sink = write_line;
	__atomic_store_n(&own.log.max, max, __ATOMIC_RELAXED);
	own.to_stderr = lnr_config_bool(config, "log_stderr");
	own.to_syslog = lnr_config_bool(config, "log_syslog");
	own.iso8601 = lnr_config_bool(config, "time_format_iso_8601");
	own.json = strcmp(lnr_config_str(config, "log_format"), "json") == 0;
	if (own.to_syslog)
		openlog(NULL, 0, LOG_USER); /* tag: the name it was called by */
	pthread_mutex_unlock(&own.lock);
	return &own.log;
}
