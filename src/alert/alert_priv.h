/* SPDX-License-Identifier: Apache-2.0 */
/* What an alert is put together from; shared by the files that make alerts. */
#ifndef LNR_ALERT_ALERT_PRIV_H
#define LNR_ALERT_ALERT_PRIV_H

#include "alert/alert.h"

/* Fields of a summary (aggregate.h): alerts held back, times of the first and the last, in ns. */
#define LNR_ALERT_COUNT "alert.count"
#define LNR_ALERT_FIRST "alert.first_time"
#define LNR_ALERT_LAST	"alert.last_time"

/*
 * Values are collected while the text of all of them grows in one buffer, whose address may change;
 * so they are kept as offsets until the alert's own memory exists.
 */
struct lnr_alert_pending {
	struct lnr_str key; /* in somebody else's memory, often the rule set's */
	size_t at, len;	    /* of the JSON text in the work buffer */
};

/* All of it borrowed. */
struct lnr_alert_parts {
	struct lnr_str rule, source, message, hostname;
	const struct lnr_str *tags;
	uint32_t n_tags;
	const struct lnr_alert_pending *values;
	size_t n_values;
	const char *json; /* what values[].at counts from */
};

/* New alert with one reference; numbers and id are zero. NULL when memory lacks. */
struct lnr_alert *lnr_alert_assemble(const struct lnr_alert_parts *p);
/* The id of an alert about this time. */
void lnr_alert_id_next(struct lnr_alert_ids *ids, uint64_t ts_ns, char out[LNR_ALERT_ID_SIZE]);
/* 128 bits as the text of a UUID. */
void lnr_alert_id_text(uint64_t high, uint64_t low, char out[LNR_ALERT_ID_SIZE]);

#endif
