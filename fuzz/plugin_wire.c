/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the process of an isolated plugin sends: the first byte says what the rest is taken for, a
 * batch of events, the values of a field or what a plugin says about itself. Nothing beyond the
 * message may be read, and what is taken may be used.
 */
#include <stdlib.h>
#include <string.h>
#include "plugin/isolated.h"
#include "plugin/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t sink; /* so that reading is not optimised away */

static void touch(const void *p, size_t n)
{
	for (size_t i = 0; p && i < n; i++)
		sink += ((const uint8_t *)p)[i];
}

static void read_batch(const uint8_t *data, size_t size)
{
	struct lnr_plugin_batch b = {0};
	const struct lnr_wire_in in = {data, size, false};
	struct lnr_str blob;
	if (!lnr_plugin_read_batch(&b, &in)) {
		for (uint32_t i = 0; i < b.n; i++) {
			if (b.evts[i])
				touch(b.evts[i], sizeof(*b.evts[i]));
			for (uint32_t k = 0; lnr_plugin_batch_value(&b, i, k, &blob); k++)
				touch(blob.ptr, blob.len);
		}
		touch(b.why.ptr, b.why.ptr ? b.why.len + 1 : 0);
	}
	lnr_plugin_batch_done(&b);
}

static void read_values(uint32_t ftype, const uint8_t *data, size_t size)
{
	struct lnr_plugin_extract_field f = {.ftype = ftype};
	struct lnr_arena a;
	lnr_arena_init(&a, 1 << 20);
	bool there = lnr_plugin_read_values((struct lnr_str){(const char *)data, size}, &a, &f);
	for (uint64_t i = 0; there && i < f.res_len; i++) {
		switch (ftype) {
		case LNR_PLUGIN_FT_STRING:
			touch(f.res.str[i], f.res.str[i] ? strlen(f.res.str[i]) : 0);
			break;
		case LNR_PLUGIN_FT_BOOL:
			sink += f.res.boolean[i];
			break;
		case LNR_PLUGIN_FT_IPADDR:
			touch(f.res.buf[i].ptr, f.res.buf[i].len);
			break;
		default:
			sink += f.res.u64[i];
		}
	}
	lnr_arena_done(&a);
}

static void read_said(const uint8_t *data, size_t size)
{
	struct lnr_wire_in in = {data, size, false};
	struct lnr_plugin_said said;
	struct lnr_arena a;
	lnr_arena_init(&a, 1 << 20);
	if (!lnr_plugin_read_said(&in, &a, &said, NULL)) {
		for (size_t i = 0; i < LNR_SAID_COUNT; i++)
			touch(said.text[i], said.text[i] ? strlen(said.text[i]) : 0);
	}
	lnr_arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t types[] = {LNR_PLUGIN_FT_STRING, LNR_PLUGIN_FT_BOOL,
		LNR_PLUGIN_FT_IPADDR, LNR_PLUGIN_FT_UINT64};
	if (!size)
		return 0;
	/* A copy of its own size: the sanitizer sees what is read beyond. */
	uint8_t *copy = malloc(size);
	if (!copy)
		abort();
	memcpy(copy, data + 1, size - 1);
	if (data[0] % 6 == 0)
		read_batch(copy, size - 1);
	else if (data[0] % 6 == 1)
		read_said(copy, size - 1);
	else
		read_values(types[data[0] % 6 - 2], copy, size - 1);
	free(copy);
	return 0;
}
