/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded queue of pointers between threads, any number of producers and consumers.
 *
 * A full queue refuses (-ENOSPC) and counts; what to do about it is the producer's decision. Close
 * wakes all waiters; what is queued can still be popped. The queue does not own its items.
 */
#ifndef LNR_BASE_QUEUE_H
#define LNR_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lnr_queue;

/* capacity >= 1; NULL when the heap is exhausted. */
struct lnr_queue *lnr_queue_new(size_t capacity);
struct lnr_queue *lnr_queue_free(struct lnr_queue *q); /* takes NULL; returns NULL */
/* 0, -ENOSPC (counted as refused), -EPIPE after close. Never blocks. */
int lnr_queue_push(struct lnr_queue *q, void *item);
/* Oldest item; waits up to timeout_ms (-1 = for ever, 0 = not). NULL on timeout or closed and
 * empty. */
void *lnr_queue_pop(struct lnr_queue *q, int timeout_ms);
void lnr_queue_close(struct lnr_queue *q);
bool lnr_queue_closed(struct lnr_queue *q);
size_t lnr_queue_len(struct lnr_queue *q);
uint64_t lnr_queue_refused(struct lnr_queue *q);

#endif
