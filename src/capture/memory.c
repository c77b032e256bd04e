/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records from memory as a source: for tests, fuzzing and engines without a driver.
 */
#include <stdlib.h>
#include "capture/capture.h"
#include "schema/record.h"

struct memory {
	struct lnr_capture base;
	const uint8_t *at, *end, *start;
};

static struct memory *memory_of(struct lnr_capture *c)
{
	return (struct memory *)c;
}

static int memory_next(struct lnr_capture *c, struct lnr_capture_item *ret, struct lnr_err *err)
{
	struct memory *m = memory_of(c);
	size_t left = (size_t)(m->end - m->at);
	if (!left)
		return -ENODATA;
	const struct lnr_record *rec = (const struct lnr_record *)m->at;
	/* Not taken: what follows a record of unknown length cannot be found. */
	if (left < sizeof(*rec) || rec->len < sizeof(*rec) || rec->len > left)
		return lnr_fail(err, -EBADMSG, "record at byte %zu does not fit in its %zu bytes",
			(size_t)(m->at - m->start), left);
	*ret = (struct lnr_capture_item){.record = rec, .len = rec->len};
	m->at += rec->len;
	return 0;
}

static unsigned memory_stats(struct lnr_capture *c, struct lnr_stat *ret, unsigned max)
{
	(void)c;
	(void)ret;
	(void)max;
	return 0;
}

static double memory_progress(struct lnr_capture *c)
{
	const struct memory *m = memory_of(c);
	return m->end == m->start ? 1 : (double)(m->at - m->start) / (double)(m->end - m->start);
}

static struct lnr_capture *memory_close(struct lnr_capture *c)
{
	free(memory_of(c));
	return NULL;
}

static const struct lnr_capture_ops memory_ops = {
	.name = "nodriver",
	.next = memory_next,
	.stats = memory_stats,
	.progress = memory_progress,
	.close = memory_close,
};

int lnr_capture_memory(
	const void *records, size_t len, struct lnr_capture **ret, struct lnr_err *err)
{
	struct memory *m = calloc(1, sizeof(*m));
	if (!m)
		return lnr_fail(err, -ENOMEM, "out of memory");
	m->base.ops = &memory_ops;
	m->at = m->start = records ? records : (const void *)""; /* no arithmetic on NULL */
	m->end = m->start + len;
	*ret = &m->base;
	return 0;
}
