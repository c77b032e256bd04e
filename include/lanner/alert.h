/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts: what a rule said about an event. Immutable and counted atomically; share by reference.
 */
#ifndef LANNER_ALERT_H
#define LANNER_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lnr_alert;
struct lnr_buf;

struct lnr_alert *lnr_alert_ref(struct lnr_alert *a);
struct lnr_alert *lnr_alert_unref(struct lnr_alert *a); /* takes NULL; returns NULL */

const char *lnr_alert_rule(const struct lnr_alert *a);
const char *lnr_alert_source(const struct lnr_alert *a);
const char *lnr_alert_message(const struct lnr_alert *a); /* the rule's output with values */
int lnr_alert_priority(const struct lnr_alert *a);	  /* 0 emergency … 7 debug */
uint64_t lnr_alert_time_ns(const struct lnr_alert *a);	  /* of the event, epoch */
uint64_t lnr_alert_event_num(const struct lnr_alert *a);  /* 0 for internal messages */
/* A UUID of version 7: unique over machines and restarts, ascending in time on one machine. */
const char *lnr_alert_id(const struct lnr_alert *a);

/* Shapes of JSON alerts; schemas of all of them are in schema/json/. */
enum lnr_alert_shape {
	LNR_ALERT_FALCO, /* the reference's */
	LNR_ALERT_ECS,	 /* Elastic Common Schema 8 */
	LNR_ALERT_OCSF,	 /* Open Cybersecurity Schema Framework 1.3, detection finding */
};

/* Which parts a line has (engine-config-cli 2.4, 5). */
struct lnr_alert_format {
	bool json;
	bool iso8601;				   /* time_format_iso_8601 */
	bool output, output_fields, tags, message; /* json_include_*_property */
	bool id;				   /* add our key "id", which Falco's form lacks */
	enum lnr_alert_shape shape;		   /* the parts above are of Falco's */
};

/* One line without newline, text or JSON. */
void lnr_alert_write(
	const struct lnr_alert *a, const struct lnr_alert_format *f, struct lnr_buf *out);

/*
 * Field i that a shape wants to know of each system call event, whether or not the rule's output
 * names it; some come twice. NULL past the end, and for Falco's shape.
 */
const char *lnr_alert_shape_field(enum lnr_alert_shape shape, size_t i);

/*
 * An internal message (drops, metrics, reload failure; engine-config-cli 5.4). `fields` are key and
 * JSON value in turn, NULL at the end, keys ascending.
 */
int lnr_alert_internal(const char *rule, int priority, uint64_t time_ns, const char *message,
	const char *const *fields, const char *hostname, struct lnr_alert **ret);

#ifdef __cplusplus
}
#endif

#endif
