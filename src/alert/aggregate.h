/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repeated alerts become few: the first comes at once and opens a window; those like it that follow
 * are counted, and at the window's end one summary tells how many they were and when the first and
 * the last of them came. Then the next window begins; one without any ends the matter, so that the
 * next alert comes at once again.
 *
 * Alike are alerts of one rule whose given fields have the same values, or whose message is the
 * same when no fields are given. Alerts of Lanner itself are never held back, nor are those for
 * which there is no room (LNR_AGGREGATE_MAX). Belongs to one thread. Time is the caller's, in
 * nanoseconds that only grow.
 */
#ifndef LNR_ALERT_AGGREGATE_H
#define LNR_ALERT_AGGREGATE_H

#include "alert/alert.h"

struct lnr_aggregate;

/* `fields` are copied. NULL when memory lacks. */
struct lnr_aggregate *lnr_aggregate_new(
	uint64_t window_ns, const struct lnr_str *fields, size_t n_fields);
struct lnr_aggregate *lnr_aggregate_free(struct lnr_aggregate *g); /* takes NULL; returns NULL */
/* True: hand it on. False: it is counted and will be part of a summary. */
bool lnr_aggregate_add(struct lnr_aggregate *g, struct lnr_alert *a, uint64_t now_ns);
/* The next summary whose window has ended, a new reference, or NULL. UINT64_MAX ends all. */
struct lnr_alert *lnr_aggregate_next(struct lnr_aggregate *g, uint64_t now_ns);
/* When the first window ends; UINT64_MAX = there is none. */
uint64_t lnr_aggregate_due_ns(const struct lnr_aggregate *g);

#endif
