/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a match to an alert: the one deep copy between an event and the world. Everything an output
 * will need is rendered here, by the thread that steps the engine, into one block of memory; after
 * that the alert never changes and outputs share it by reference. Facts: spec engine-config-cli 5.
 */
#ifndef LNR_ALERT_ALERT_H
#define LNR_ALERT_ALERT_H

#include <stdatomic.h>
#include "lanner/alert.h"
#include "rules/ruleset.h"

/* A UUID as text, with its NUL. */
#define LNR_ALERT_ID_SIZE 37

/* One entry of output_fields. */
struct lnr_alert_value {
	struct lnr_str key;
	struct lnr_str json; /* its JSON value */
};

struct lnr_alert {
	atomic_uint refs;
	char id[LNR_ALERT_ID_SIZE];
	uint32_t bytes;	  /* of this block of memory */
	uint8_t priority; /* enum lnr_priority */
	bool internal;	  /* of Lanner itself: other line format, no tags */
	uint64_t time_ns, event_num;
	struct lnr_str rule, source, message, hostname; /* NUL-terminated */
	const struct lnr_str *tags;
	uint32_t n_tags;
	uint32_t n_values;
	const struct lnr_alert_value *values; /* keys ascending */
	char data[];			      /* what the views above point at */
};

/* Memory that it takes. */
static inline size_t lnr_alert_bytes(const struct lnr_alert *a)
{
	return a->bytes;
}

/* Gives alerts ids that ascend; one per engine. */
struct lnr_alert_ids {
	uint64_t node; /* random per start */
	uint32_t seq;
};
void lnr_alert_ids_init(struct lnr_alert_ids *ids);

/*
 * Make the alert for a rule that matched the event in ctx->ev, on `hostname`. With `iso8601` its
 * time field is evt.time.iso8601. `work` is a buffer kept by the caller to avoid allocation; its
 * content is lost. 0 or -ENOMEM.
 */
int lnr_alert_new(const struct lnr_rule *rule, struct lnr_field_ctx *ctx, struct lnr_str hostname,
	bool iso8601, struct lnr_alert_ids *ids, struct lnr_buf *work, struct lnr_alert **ret);

#endif
