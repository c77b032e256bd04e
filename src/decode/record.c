/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building records.
 */
#include "decode/event.h"

void lnr_record_begin(struct lnr_record_builder *b, void *buf, size_t cap, unsigned type,
	uint64_t ts, int64_t tid, uint32_t nparams)
{
	const struct lnr_event_info *info = lnr_event_info(type);
	struct lnr_record h = {
		.ts = ts,
		.tid = (uint64_t)tid,
		.type = (uint16_t)type,
		.nparams = nparams,
	};

	*b = (struct lnr_record_builder){
		.buf = buf,
		.cap = cap < UINT32_MAX ? cap : UINT32_MAX,
		.lens_at = sizeof(h),
		.nparams = nparams,
		.large = info && (info->flags & LNR_EF_LARGE_PAYLOAD),
	};
	b->at = sizeof(h) + (size_t)nparams * (b->large ? 4 : 2);
	if (type > UINT16_MAX || nparams > LNR_PARAMS_MAX || b->at > b->cap) {
		b->failed = true;
		return;
	}
	memcpy(b->buf, &h, sizeof(h));
}

void lnr_record_bytes(struct lnr_record_builder *b, const void *ptr, size_t len)
{
	uint16_t len16 = (uint16_t)len;
	uint32_t len32 = (uint32_t)len;

	if (b->failed || b->n >= b->nparams || len > b->cap - b->at ||
		(!b->large && len > LNR_PARAM_MAX)) {
		b->failed = true;
		return;
	}
	if (b->large)
		memcpy(b->buf + b->lens_at + (size_t)b->n * 4, &len32, 4);
	else
		memcpy(b->buf + b->lens_at + (size_t)b->n * 2, &len16, 2);
	if (len > 0)
		memcpy(b->buf + b->at, ptr, len);
	b->at += len;
	b->n++;
}

void lnr_record_empty(struct lnr_record_builder *b)
{
	lnr_record_bytes(b, NULL, 0);
}

void lnr_record_str(struct lnr_record_builder *b, const char *s)
{
	lnr_record_bytes(b, s, s ? strlen(s) + 1 : 0);
}

void lnr_record_u8(struct lnr_record_builder *b, uint8_t v)
{
	lnr_record_bytes(b, &v, sizeof(v));
}

void lnr_record_u16(struct lnr_record_builder *b, uint16_t v)
{
	lnr_record_bytes(b, &v, sizeof(v));
}

void lnr_record_u32(struct lnr_record_builder *b, uint32_t v)
{
	lnr_record_bytes(b, &v, sizeof(v));
}

void lnr_record_u64(struct lnr_record_builder *b, uint64_t v)
{
	lnr_record_bytes(b, &v, sizeof(v));
}

size_t lnr_record_end(struct lnr_record_builder *b)
{
	uint32_t len = (uint32_t)b->at;

	if (b->failed || b->n != b->nparams)
		return 0;
	memcpy(b->buf + offsetof(struct lnr_record, len), &len, sizeof(len));
	return b->at;
}
