/* SPDX-License-Identifier: Apache-2.0 */
/* The program's log: lines on standard error, to syslog, or both (spec engine-config-cli 2.6). */
#include <pthread.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>
#include "cli/cli.h"
#include "lanner/config.h"

static struct {
	struct lnr_log log;
	pthread_mutex_t lock;
	bool to_stderr, to_syslog, iso8601;
} own = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void write_line(struct lnr_log *log, enum lnr_log_level level, const char *msg)
{
	char when[64];
	time_t now = time(NULL);
	struct tm tm;
	(void)log;
	if (own.iso8601)
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S+0000", gmtime_r(&now, &tm));
	else
		strftime(when, sizeof(when), "%a %b %e %H:%M:%S %Y", localtime_r(&now, &tm));
	pthread_mutex_lock(&own.lock);
	if (own.to_stderr)
		fprintf(stderr, "%s: %s\n", when, msg);
	if (own.to_syslog)
		syslog(LOG_USER | (int)level, "%s: %s", when, msg);
	pthread_mutex_unlock(&own.lock);
}

struct lnr_log *lnr_cli_log(const struct lnr_config *config, struct lnr_err *err)
{
	const char *level = lnr_config_str(config, "log_level");
	own.log.sink = write_line;
	if (lnr_log_level_parse(level, &own.log.max)) {
		lnr_fail(err, -EINVAL, "log_level: unknown level \"%s\"", level);
		return NULL;
	}
	own.to_stderr = lnr_config_bool(config, "log_stderr");
	own.to_syslog = lnr_config_bool(config, "log_syslog");
	own.iso8601 = lnr_config_bool(config, "time_format_iso_8601");
	if (own.to_syslog)
		openlog(NULL, 0, LOG_USER); /* tag: the name it was called by */
	return &own.log;
}
