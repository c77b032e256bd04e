/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flight recorder: the last moments of a stream kept in memory, so that a capture file can begin
 * before the event that asked for it. A ring of records, bounded in bytes and in event time; the
 * oldest go first. One copy per event, nothing is allocated after the start.
 */
#ifndef LNR_ENGINE_FLIGHT_H
#define LNR_ENGINE_FLIGHT_H

#include "capture/capture.h"

struct lnr_flight;

/* `window_ns` of event time, in at most `bytes`. 0 or -ENOMEM. */
int lnr_flight_new(uint64_t window_ns, size_t bytes, struct lnr_flight **ret);
struct lnr_flight *lnr_flight_free(struct lnr_flight *f); /* takes NULL; returns NULL */
/* Keep a copy. A record that is larger than the whole ring is not kept. */
void lnr_flight_put(struct lnr_flight *f, const struct lnr_capture_item *item, uint64_t ts);
/*
 * Hand out what is kept, oldest first, and forget it. Stops at, and returns, the callback's first
 * non-zero result.
 */
int lnr_flight_take(struct lnr_flight *f,
	int (*each)(void *user, const struct lnr_capture_item *item), void *user);
size_t lnr_flight_count(const struct lnr_flight *f);

#endif
