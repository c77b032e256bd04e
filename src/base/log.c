/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/str.h"
#include "schema/limits.h"

static const char *const names[] = {
	[LNR_LOG_EMERGENCY] = "emergency",
	[LNR_LOG_ALERT] = "alert",
	[LNR_LOG_CRITICAL] = "critical",
	[LNR_LOG_ERROR] = "error",
	[LNR_LOG_WARNING] = "warning",
	[LNR_LOG_NOTICE] = "notice",
	[LNR_LOG_INFO] = "info",
	[LNR_LOG_DEBUG] = "debug",
};

void lnr_log(struct lnr_log *log, enum lnr_log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	lnr_logv(log, level, fmt, ap);
	va_end(ap);
}

void lnr_logv(struct lnr_log *log, enum lnr_log_level level, const char *fmt, va_list ap)
{
	/* The caller may be about to return -errno. */
	int saved = errno;
	char msg[LNR_LOG_BYTES_MAX];

	if (!log || !log->sink || level > __atomic_load_n(&log->max, __ATOMIC_RELAXED))
		return;
	if (vsnprintf(msg, sizeof(msg), fmt, ap) >= 0)
		log->sink(log, level, msg);
	errno = saved;
}

const char *lnr_log_level_name(enum lnr_log_level level)
{
	return (size_t)level < LNR_ARRAY_SIZE(names) ? names[level] : NULL;
}

int lnr_log_level_parse(const char *name, enum lnr_log_level *ret)
{
	/* Rule priorities spell this level out; operators write either. */
	if (strcmp(name, "informational") == 0)
		name = names[LNR_LOG_INFO];
	for (size_t i = 0; i < LNR_ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret = (enum lnr_log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}
