/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as text and as JSON (spec rules-language.md 13.1).
 */
#include <stdio.h>
#include "fields/core/get.h"
#include "schema/limits.h"

enum lnr_val_kind lnr_pt_kind(unsigned pt)
{
	switch (pt) {
	case LNR_PT_INT8:
	case LNR_PT_INT16:
	case LNR_PT_INT32:
	case LNR_PT_INT64:
	case LNR_PT_ERRNO:
	case LNR_PT_FD:
	case LNR_PT_FD32:
	case LNR_PT_PID:
	case LNR_PT_PID32:
		return LNR_VK_S64;
	case LNR_PT_UINT8:
	case LNR_PT_UINT16:
	case LNR_PT_UINT32:
	case LNR_PT_UINT64:
	case LNR_PT_SYSCALLID:
	case LNR_PT_SIGTYPE:
	case LNR_PT_SIGSET:
	case LNR_PT_RELTIME:
	case LNR_PT_ABSTIME:
	case LNR_PT_PORT:
	case LNR_PT_L4PROTO:
	case LNR_PT_SOCKFAMILY:
	case LNR_PT_BOOL:
	case LNR_PT_FLAGS8:
	case LNR_PT_FLAGS16:
	case LNR_PT_FLAGS32:
	case LNR_PT_ENUMFLAGS8:
	case LNR_PT_ENUMFLAGS16:
	case LNR_PT_ENUMFLAGS32:
	case LNR_PT_MODE:
	case LNR_PT_UID:
	case LNR_PT_GID:
		return LNR_VK_U64;
	case LNR_PT_DOUBLE:
		return LNR_VK_DOUBLE;
	case LNR_PT_CHARBUF:
	case LNR_PT_BYTEBUF:
	case LNR_PT_FSPATH:
	case LNR_PT_FSRELPATH:
		return LNR_VK_STR;
	case LNR_PT_IPADDR:
	case LNR_PT_IPNET:
	case LNR_PT_IPV4ADDR:
	case LNR_PT_IPV6ADDR:
		return LNR_VK_IP;
	default:
		return LNR_VK_NONE;
	}
}

/* A whole number in other forms than plain decimal. `bits` are those of the type's own size. */
static void number_text(struct lnr_buf *out, uint64_t v, unsigned type, unsigned fmt)
{
	unsigned size = lnr_pt_size(type);
	uint64_t bits = size && size < 8 ? v & ((UINT64_C(1) << size * 8) - 1) : v;
	char buf[32];

	switch (fmt) {
	case LNR_PF_HEX:
		snprintf(buf, sizeof(buf), "%llX", (unsigned long long)bits);
		break;
	case LNR_PF_OCT:
		snprintf(buf, sizeof(buf), "%llo", (unsigned long long)bits);
		break;
	case LNR_PF_10_PADDED_DEC: /* nine digits in spite of its name */
		snprintf(buf, sizeof(buf), "%09llu", (unsigned long long)v);
		break;
	default:
		if (lnr_pt_kind(type) == LNR_VK_S64)
			lnr_buf_s64(out, (int64_t)v);
		else
			lnr_buf_u64(out, v);
		return;
	}
	lnr_buf_cstr(out, buf);
}

static void scalar_text(
	struct lnr_buf *out, const struct lnr_field_ctx *ctx, const struct lnr_val *v, unsigned fmt)
{
	switch (lnr_pt_kind(v->type)) {
	case LNR_VK_S64:
	case LNR_VK_U64:
		if (v->type == LNR_PT_BOOL)
			lnr_buf_cstr(out, v->u64 ? "true" : "false");
		else
			number_text(out, v->u64, v->type, fmt);
		break;
	case LNR_VK_DOUBLE:
		lnr_buf_printf(out, "%.1f", v->d);
		break;
	case LNR_VK_STR:
		if (v->type == LNR_PT_BYTEBUF)
			lnr_bytes_text(
				out, v->str, ctx ? ctx->buffer_format : LNR_BUFFER_PRINTABLE);
		else if (v->raw)
			lnr_buf_str(out, v->str);
		else
			lnr_text_clean(out, v->str);
		break;
	case LNR_VK_IP:
		if (v->type == LNR_PT_IPNET)
			lnr_buf_cstr(out, "<IPNET>");
		else
			lnr_ip_text(out, &v->ip);
		break;
	case LNR_VK_NONE:
		break;
	}
}

/* Shorten the text written since `from` to the limit of lists, without splitting a character. */
static void cut_list(struct lnr_buf *out, size_t from)
{
	size_t end = from + LNR_LIST_TEXT_MAX;

	if (out->len <= end)
		return;
	while (end > from && ((uint8_t)out->ptr[end] & 0xc0) == 0x80)
		end--;
	lnr_buf_cut(out, end);
}

void lnr_val_text(
	struct lnr_buf *out, const struct lnr_field_ctx *ctx, const struct lnr_val *v, unsigned fmt)
{
	/* evt.rawarg: the parameter's own format, which the row cannot know. */
	if (v->fmt)
		fmt = v->fmt;
	if (!v->is_list) {
		scalar_text(out, ctx, v, fmt);
		return;
	}
	size_t from = out->len;

	lnr_buf_chr(out, '(');
	for (size_t i = 0; i < v->list.n && out->len - from <= LNR_LIST_TEXT_MAX; i++) {
		if (i)
			lnr_buf_chr(out, ',');
		scalar_text(out, ctx, &v->list.items[i], fmt);
	}
	lnr_buf_chr(out, ')');
	cut_list(out, from);
}

/* A string that JSON may hold as it is; everything else goes through a buffer. */
static void json_text(
	struct lnr_json *j, const struct lnr_field_ctx *ctx, const struct lnr_val *v, unsigned fmt)
{
	struct lnr_buf tmp;

	lnr_buf_init(&tmp, 0);
	scalar_text(&tmp, ctx, v, fmt);
	if (tmp.failed)
		j->out->failed = true;
	lnr_json_str(j, lnr_buf_view(&tmp));
	lnr_buf_done(&tmp);
}

static bool is_plain_text(struct lnr_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((uint8_t)s.ptr[i] < 0x20 || (uint8_t)s.ptr[i] >= 0x7f)
			return false;
	return true;
}

static void scalar_json(struct lnr_json *j, const struct lnr_field_ctx *ctx,
	const struct lnr_val *v, unsigned fmt, unsigned flags)
{
	enum lnr_val_kind kind = lnr_pt_kind(v->type);
	/* Numbers that are not shown in decimal are strings, as in the reference (fields.md 1). */
	bool number = flags & LNR_FIELD_EPOCH_JSON || fmt == LNR_PF_DEC || fmt == LNR_PF_ID;
	bool exact = flags & LNR_FIELD_EXACT_JSON;

	if (v->type == LNR_PT_BOOL)
		lnr_json_bool(j, v->u64);
	else if (kind == LNR_VK_S64 && number)
		lnr_json_s64(j, v->s64);
	else if (kind == LNR_VK_U64 && number)
		lnr_json_u64(j, v->u64);
	else if (kind == LNR_VK_DOUBLE)
		lnr_json_double(j, v->d);
	else if (kind == LNR_VK_STR && v->type != LNR_PT_BYTEBUF &&
		 (exact || v->raw || is_plain_text(v->str)))
		lnr_json_str(j, v->str);
	else
		json_text(j, ctx, v, fmt);
}

void lnr_val_json(struct lnr_json *j, const struct lnr_field_ctx *ctx,
	const struct lnr_field_ref *ref, const struct lnr_val *v, unsigned fmt)
{
	unsigned flags = ref ? ref->def->flags : 0;
	bool epoch = flags & LNR_FIELD_EPOCH_JSON;

	if (v->fmt)
		fmt = v->fmt;
	if (v->is_list) {
		lnr_json_open(j, '[');
		for (size_t i = 0; i < v->list.n; i++)
			scalar_json(j, ctx, &v->list.items[i], fmt, flags);
		lnr_json_close(j, ']');
	} else if (epoch && ctx && lnr_pt_kind(v->type) == LNR_VK_STR) {
		lnr_json_u64(j, ctx->ev->ts);
	} else {
		scalar_json(j, ctx, v, fmt, flags);
	}
}

bool lnr_field_get_output(
	struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret)
{
	const struct lnr_field *def = ref->def;

	if (def->flags & LNR_FIELD_FILTER_ONLY)
		return false;
	return def->get_output ? def->get_output(ctx, ref, ret) : def->get(ctx, ref, ret);
}
