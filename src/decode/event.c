/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Record to event: the parameter index, and typed access to it.
 */
#include "decode/event.h"
#include "decode/schema_priv.h"

/*
 * Parameters lie back to back, so that one pass over the lengths gives every position, and one
 * comparison at the end says whether all fit: the sum of 32 lengths cannot overflow 64 bits, and
 * positions are formed as integers because those of a hostile record may lie anywhere. `wide` is a
 * constant at both calls.
 */
static inline __attribute__((always_inline)) uint64_t index_params(
	struct lnr_param *param, const uint8_t *rec, uint32_t n, bool wide)
{
	const uint8_t *lens = rec + sizeof(struct lnr_record);
	uint64_t at = sizeof(struct lnr_record) + (uint64_t)n * (wide ? 4 : 2);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t len;

		if (wide) {
			memcpy(&len, lens + (size_t)i * 4, 4);
		} else {
			uint16_t len16;

			memcpy(&len16, lens + (size_t)i * 2, 2);
			len = len16;
		}
		param[i].ptr = (const uint8_t *)((uintptr_t)rec + at);
		param[i].len = len;
		at += len;
	}
	return at;
}

/* Off the hot path: which of the checks failed, for a person. */
static __attribute__((noinline, cold)) int bad_header(
	struct lnr_err *err, const struct lnr_record *h, size_t len)
{
	if (len < sizeof(*h))
		return lnr_fail(err, -EBADMSG, "event record of %zu bytes, its header has %zu", len,
			sizeof(*h));
	if (h->len < sizeof(*h) || h->len > len)
		return lnr_fail(
			err, -EBADMSG, "event record says %u bytes, %zu are there", h->len, len);
	if (h->type >= LNR_EVENT_COUNT)
		return lnr_fail(err, -ENOENT, "unknown event number %u", h->type);
	return lnr_fail(err, -EBADMSG, "event %s has %u parameters, at most %u are possible",
		lnr_event_table[h->type].enum_name, h->nparams, LNR_PARAMS_MAX);
}

static __attribute__((noinline, cold)) int bad_lengths(
	struct lnr_err *err, const struct lnr_record *h, uint64_t end)
{
	return lnr_fail(err, -EBADMSG, "parameters of event %s end at byte %llu of %u",
		lnr_event_table[h->type].enum_name, (unsigned long long)end, h->len);
}

/*
 * The state block, member by member: for a block of this size gcc turns memset into a string
 * instruction that costs as much as indexing ten parameters.
 */
static inline void zero_state(struct lnr_event *ev)
{
	_Static_assert(
		offsetof(struct lnr_event, scratch) - offsetof(struct lnr_event, thread) == 104,
		"a new member of the state block must be zeroed here");
	ev->thread = NULL;
	ev->fd = NULL;
	ev->container = NULL;
	ev->fdnum = 0;
	ev->res = 0;
	ev->has_res = false;
	ev->has_fdnum = false;
	ev->name_changed = false;
	ev->enter = NULL;
	ev->path = (struct lnr_str){NULL, 0};
	ev->path2 = (struct lnr_str){NULL, 0};
	ev->uid_before = UINT32_MAX;
	ev->exectime_ns = 0;
}

int lnr_event_parse(
	struct lnr_event *ev, const void *record, size_t len, uint16_t cpu, struct lnr_err *err)
{
	const struct lnr_event_info *info;
	const uint8_t *rec = record;
	const struct lnr_record *h = record; /* packed: any address will do */
	uint64_t end;

	ev->nparams = 0;
	if (len < sizeof(*h) || h->len < sizeof(*h) || h->len > len || h->type >= LNR_EVENT_COUNT ||
		h->nparams > LNR_PARAMS_MAX)
		return bad_header(err, h, len);

	/* The lengths themselves must be there before they are read. */
	info = &lnr_event_table[h->type];
	if (info->flags & LNR_EF_LARGE_PAYLOAD) {
		end = sizeof(*h) + h->nparams * 4;
		if (end <= h->len)
			end = index_params(ev->param, rec, h->nparams, true);
	} else {
		end = sizeof(*h) + h->nparams * 2;
		if (end <= h->len)
			end = index_params(ev->param, rec, h->nparams, false);
	}
	if (end > h->len)
		return bad_lengths(err, h, end);
	/* What an older producer did not write reads as absent even without the accessors. */
	for (uint32_t i = h->nparams; i < info->nparams; i++)
		ev->param[i] = (struct lnr_param){NULL, 0};

	ev->record = rec;
	ev->record_len = h->len;
	ev->ts = h->ts;
	ev->tid = (int64_t)h->tid;
	ev->type = h->type;
	ev->cpu = cpu;
	ev->nparams = h->nparams;
	ev->info = info;
	ev->json = NULL;
	memset(ev->truncated, 0, sizeof(ev->truncated));
	zero_state(ev);
	return 0;
}

/* --- values ----------------------------------------------------------------------------------*/

bool lnr_param_u64(const struct lnr_event *ev, unsigned i, uint64_t *ret)
{
	uint16_t v16;
	uint32_t v32;

	if (!lnr_param_present(ev, i))
		return false;
	switch (ev->param[i].len) {
	case 8:
		memcpy(ret, ev->param[i].ptr, 8);
		return true;
	case 4:
		memcpy(&v32, ev->param[i].ptr, 4);
		*ret = v32;
		return true;
	case 2:
		memcpy(&v16, ev->param[i].ptr, 2);
		*ret = v16;
		return true;
	case 1:
		*ret = *ev->param[i].ptr;
		return true;
	default:
		return false;
	}
}

bool lnr_param_s64(const struct lnr_event *ev, unsigned i, int64_t *ret)
{
	uint64_t v;

	if (!lnr_param_u64(ev, i, &v))
		return false;
	switch (ev->param[i].len) {
	case 4:
		*ret = (int32_t)v;
		return true;
	case 2:
		*ret = (int16_t)v;
		return true;
	case 1:
		*ret = (int8_t)v;
		return true;
	default:
		*ret = (int64_t)v;
		return true;
	}
}

uint64_t lnr_param_u64_or(const struct lnr_event *ev, unsigned i, uint64_t def)
{
	uint64_t v;

	return lnr_param_u64(ev, i, &v) ? v : def;
}

int64_t lnr_param_s64_or(const struct lnr_event *ev, unsigned i, int64_t def)
{
	int64_t v;

	return lnr_param_s64(ev, i, &v) ? v : def;
}

/* Text of at most `len` bytes up to its first NUL; a producer may have cut the NUL. */
static struct lnr_str text(const uint8_t *ptr, size_t len)
{
	return (struct lnr_str){(const char *)ptr, strnlen((const char *)ptr, len)};
}

struct lnr_str lnr_param_str(const struct lnr_event *ev, unsigned i)
{
	if (!lnr_param_present(ev, i))
		return (struct lnr_str){NULL, 0};
	return text(ev->param[i].ptr, ev->param[i].len);
}

struct lnr_str lnr_param_bytes(const struct lnr_event *ev, unsigned i)
{
	if (!lnr_param_present(ev, i))
		return (struct lnr_str){NULL, 0};
	return (struct lnr_str){(const char *)ev->param[i].ptr, ev->param[i].len};
}

/* Address of `size` bytes and a port in host order; returns what follows. */
static const uint8_t *take_endpoint(
	const uint8_t *p, uint8_t family, struct lnr_ip *ret_ip, uint16_t *ret_port)
{
	size_t size = family == LNR_AF_INET ? 4 : 16;

	ret_ip->family = family;
	memcpy(ret_ip->addr, p, size);
	memcpy(ret_port, p + size, 2);
	return p + size + 2;
}

/* Bytes of an address with its port, 0 for a family without. */
static size_t endpoint_size(uint8_t family)
{
	return family == LNR_AF_INET ? 6 : family == LNR_AF_INET6 ? 18 : 0;
}

bool lnr_param_sockaddr(const struct lnr_event *ev, unsigned i, struct lnr_sockaddr *ret)
{
	struct lnr_str b = lnr_param_bytes(ev, i);
	const uint8_t *p = (const uint8_t *)b.ptr;
	size_t size;

	memset(ret, 0, sizeof(*ret));
	if (!p)
		return false;
	size = endpoint_size(p[0]);
	if (b.len < 1 + size)
		return false;
	ret->family = p[0];
	if (size > 0)
		take_endpoint(p + 1, p[0], &ret->ip, &ret->port);
	else if (p[0] == LNR_AF_UNIX)
		ret->path = text(p + 1, b.len - 1);
	return true;
}

bool lnr_param_tuple(const struct lnr_event *ev, unsigned i, struct lnr_tuple *ret)
{
	struct lnr_str b = lnr_param_bytes(ev, i);
	const uint8_t *p = (const uint8_t *)b.ptr;
	size_t size;

	memset(ret, 0, sizeof(*ret));
	if (!p)
		return false;
	size = p[0] == LNR_AF_UNIX ? 8 : endpoint_size(p[0]);
	if (b.len < 1 + 2 * size)
		return false;
	ret->family = p[0];
	if (p[0] == LNR_AF_UNIX) {
		memcpy(&ret->source, p + 1, 8);
		memcpy(&ret->dest, p + 9, 8);
		ret->path = text(p + 17, b.len - 17);
	} else if (size > 0) {
		p = take_endpoint(p + 1, p[0], &ret->sip, &ret->sport);
		take_endpoint(p, ret->family, &ret->dip, &ret->dport);
	}
	return true;
}
