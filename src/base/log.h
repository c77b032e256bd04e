/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levelled log. The program owns the sink; the library receives a struct lnr_log * (NULL = silent)
 * and logs what an operator must act on or debug detail, never prints itself. Never log secrets.
 * The sink may be called from any thread and must serialise itself.
 */
#ifndef LNR_BASE_LOG_H
#define LNR_BASE_LOG_H

#include <stdarg.h>

/* Numbers as syslog(3). */
enum lnr_log_level {
	LNR_LOG_EMERGENCY,
	LNR_LOG_ALERT,
	LNR_LOG_CRITICAL,
	LNR_LOG_ERROR,
	LNR_LOG_WARNING,
	LNR_LOG_NOTICE,
	LNR_LOG_INFO,
	LNR_LOG_DEBUG,
};

struct lnr_log {
	enum lnr_log_level max; /* less urgent messages are not formatted */
	void (*sink)(struct lnr_log *log, enum lnr_log_level level, const char *msg);
	void *user;
};

/* Message without newline; cut at 4096 bytes. */
void lnr_log(struct lnr_log *log, enum lnr_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void lnr_logv(struct lnr_log *log, enum lnr_log_level level, const char *fmt, va_list ap);
/* "error" and so on; NULL for a number out of range. */
const char *lnr_log_level_name(enum lnr_log_level level);
/* Level of a lower-case name (emergency … debug); 0 or -EINVAL. */
int lnr_log_level_parse(const char *name, enum lnr_log_level *ret);

#endif
