/* SPDX-License-Identifier: Apache-2.0 */
#include "base/queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* One lock is enough: producers push alerts, not events. */
struct lnr_queue {
	pthread_mutex_t lock;
	pthread_cond_t filled; /* an item came, or the queue was closed */
	size_t cap, first, len;
	uint64_t refused;
	bool closed;
	void *items[]; /* ring: `len` items from `first` */
};

/* Waits count on CLOCK_MONOTONIC, so that setting the clock neither hurries nor hangs a worker. */
static int init_cond(pthread_cond_t *cond)
{
	pthread_condattr_t attr;
	int rc = pthread_condattr_init(&attr);

	if (rc)
		return -rc;
	rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (!rc)
		rc = pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
	return -rc;
}

struct lnr_queue *lnr_queue_new(size_t capacity)
{
	struct lnr_queue *q;

	if (capacity == 0)
		capacity = 1;
	if (capacity > (SIZE_MAX - sizeof(*q)) / sizeof(q->items[0]))
		return NULL;
	q = calloc(1, sizeof(*q) + capacity * sizeof(q->items[0]));
	if (!q)
		return NULL;
	q->cap = capacity;
	if (pthread_mutex_init(&q->lock, NULL))
		goto fail;
	if (init_cond(&q->filled)) {
		pthread_mutex_destroy(&q->lock);
		goto fail;
	}
	return q;
fail:
	free(q);
	return NULL;
}

struct lnr_queue *lnr_queue_free(struct lnr_queue *q)
{
	if (!q)
		return NULL;
	pthread_cond_destroy(&q->filled);
	pthread_mutex_destroy(&q->lock);
	free(q);
	return NULL;
}

int lnr_queue_push(struct lnr_queue *q, void *item)
{
	int rc = 0;

	pthread_mutex_lock(&q->lock);
	if (q->closed) {
		rc = -EPIPE;
	} else if (q->len == q->cap) {
		q->refused++;
		rc = -ENOSPC;
	} else {
		size_t at = q->first + q->len++;

		q->items[at < q->cap ? at : at - q->cap] = item;
		pthread_cond_signal(&q->filled);
	}
	pthread_mutex_unlock(&q->lock);
	return rc;
}

static struct timespec deadline(int timeout_ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += timeout_ms / 1000;
	t.tv_nsec += timeout_ms % 1000 * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_nsec -= 1000000000L;
		t.tv_sec++;
	}
	return t;
}

void *lnr_queue_pop(struct lnr_queue *q, int timeout_ms)
{
	struct timespec until = {0};
	void *item = NULL;
	int rc = timeout_ms == 0 ? ETIMEDOUT : 0;

	if (timeout_ms > 0)
		until = deadline(timeout_ms);
	pthread_mutex_lock(&q->lock);
	while (q->len == 0 && !q->closed && rc == 0) {
		if (timeout_ms < 0)
			rc = pthread_cond_wait(&q->filled, &q->lock);
		else
			rc = pthread_cond_timedwait(&q->filled, &q->lock, &until);
	}
	if (q->len) {
		item = q->items[q->first];
		q->first = q->first + 1 < q->cap ? q->first + 1 : 0;
		q->len--;
	}
	pthread_mutex_unlock(&q->lock);
	return item;
}

void lnr_queue_close(struct lnr_queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_broadcast(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

bool lnr_queue_closed(struct lnr_queue *q)
{
	bool closed;

	pthread_mutex_lock(&q->lock);
	closed = q->closed;
	pthread_mutex_unlock(&q->lock);
	return closed;
}

size_t lnr_queue_len(struct lnr_queue *q)
{
	size_t len;

	pthread_mutex_lock(&q->lock);
	len = q->len;
	pthread_mutex_unlock(&q->lock);
	return len;
}

uint64_t lnr_queue_refused(struct lnr_queue *q)
{
	uint64_t refused;

	pthread_mutex_lock(&q->lock);
	refused = q->refused;
	pthread_mutex_unlock(&q->lock);
	return refused;
}
