/* SPDX-License-Identifier: Apache-2.0 */
/* Documents between an input's threads and next(): the common queue, with a bound on bytes. */
#include <errno.h>
#include <stdlib.h>
#include "base/queue.h"
#include "capture/audit.h"

struct doc {
	char *text;
	size_t len;
};

struct lnr_audit_queue {
	struct lnr_queue *q;
	size_t max_bytes;
	size_t bytes; /* atomic: of documents that wait or are being put in */
};

struct lnr_audit_queue *lnr_audit_queue_new(size_t docs, size_t bytes)
{
	struct lnr_audit_queue *q = calloc(1, sizeof(*q));
	if (!q)
		return NULL;
	q->max_bytes = bytes;
	q->q = lnr_queue_new(docs);
	if (!q->q) {
		free(q);
		return NULL;
	}
	return q;
}

struct lnr_audit_queue *lnr_audit_queue_free(struct lnr_audit_queue *q)
{
	size_t len;
	char *text;
	if (!q)
		return NULL;
	while ((text = lnr_audit_queue_take(q, 0, &len)))
		free(text);
	lnr_queue_free(q->q);
	free(q);
	return NULL;
}

/* Room is taken before the document goes in, so that the sum never exceeds the bound. */
static bool reserve(struct lnr_audit_queue *q, size_t len)
{
	size_t old = __atomic_load_n(&q->bytes, __ATOMIC_RELAXED);
	do {
		if (len > q->max_bytes - old)
			return false;
	} while (!__atomic_compare_exchange_n(
		&q->bytes, &old, old + len, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return true;
}

int lnr_audit_queue_put(struct lnr_audit_queue *q, char *doc, size_t len)
{
	if (lnr_queue_closed(q->q))
		return -EPIPE;
	if (!reserve(q, len))
		return -EAGAIN;
	struct doc *d = malloc(sizeof(*d));
	int r = d ? 0 : -EAGAIN; /* memory is room as well */
	if (d) {
		*d = (struct doc){doc, len};
		r = lnr_queue_push(q->q, d);
	}
	if (!r)
		return 0;
	free(d);
	__atomic_sub_fetch(&q->bytes, len, __ATOMIC_RELAXED);
	return r == -ENOSPC ? -EAGAIN : r;
}

char *lnr_audit_queue_take(struct lnr_audit_queue *q, int timeout_ms, size_t *ret_len)
{
	struct doc *d = lnr_queue_pop(q->q, timeout_ms);
	if (!d)
		return NULL;
	char *text = d->text;
	*ret_len = d->len;
	__atomic_sub_fetch(&q->bytes, d->len, __ATOMIC_RELAXED);
	free(d);
	return text;
}

void lnr_audit_queue_close(struct lnr_audit_queue *q)
{
	lnr_queue_close(q->q);
}
