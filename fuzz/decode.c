/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Record parser and accessors: the input is what a capture file or a plugin hands over as records,
 * one after another. What parses must read inside its bounds, and must come out the same when it is
 * built again from its parameters.
 */
#include <stdlib.h>
#include "decode/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read every byte that an accessor gives out. */
static void touch(struct lnr_str s)
{
	static volatile uint8_t sink;

	for (size_t i = 0; i < s.len; i++)
		sink = (uint8_t)s.ptr[i];
	(void)sink;
}

static void touch_params(const struct lnr_event *ev)
{
	for (unsigned i = 0; i <= LNR_PARAMS_MAX; i++) {
		struct lnr_sockaddr sa;
		struct lnr_tuple tuple;
		uint64_t u;
		int64_t s;

		touch(lnr_param_bytes(ev, i));
		touch(lnr_param_str(ev, i));
		if (lnr_param_u64(ev, i, &u) != lnr_param_s64(ev, i, &s))
			abort();
		if (lnr_param_sockaddr(ev, i, &sa))
			touch(sa.path);
		if (lnr_param_tuple(ev, i, &tuple))
			touch(tuple.path);
	}
}

/* The same parameters give the same bytes, but for what follows the last one. */
static void rebuild(const struct lnr_event *ev)
{
	struct lnr_record_builder b;
	uint8_t *copy = malloc(ev->record_len);
	size_t len;

	if (!copy)
		return;
	lnr_record_begin(&b, copy, ev->record_len, ev->type, ev->ts, ev->tid, ev->nparams);
	for (uint32_t i = 0; i < ev->nparams; i++)
		lnr_record_bytes(&b, ev->param[i].ptr, ev->param[i].len);
	len = lnr_record_end(&b);
	if (len == 0 || len > ev->record_len)
		abort();
	memcpy(copy + 16, ev->record + 16, 4);
	if (memcmp(copy, ev->record, len) != 0)
		abort();
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lnr_event ev = {0};
	struct lnr_err err;

	while (size > 0) {
		if (lnr_event_parse(&ev, data, size, 0, &err) < 0) {
			if (lnr_event_parse(&ev, data, size, 0, NULL) != err.code)
				abort();
			break;
		}
		touch_params(&ev);
		rebuild(&ev);
		data += ev.record_len;
		size -= ev.record_len;
	}
	return 0;
}
