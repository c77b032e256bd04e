/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How getters hand out values. Private to fields/.
 *
 * The short forms below keep a getter to one line that says where the value comes from:
 *
 *	return lnr_give_u64(ret, ref, ctx->ev->num);
 *
 * Text is borrowed from the record, from a blob of the state or from a literal wherever it exists
 * there; only joined text goes through the event's scratch memory. When that is exhausted the value
 * counts as absent and ctx->n_nomem says so.
 */
#ifndef LNR_FIELDS_GET_H
#define LNR_FIELDS_GET_H

#include "fields/core/field.h"

/* Every getter has this form; the macro keeps the files free of repeated parameter lists. */
#define LNR_GETTER(fn)  \
	static bool fn( \
		struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret)

/*
 * A row of a class: name, type, print form, flags, getter, sentence, then any other member by name.
 * Type and form are written without their prefixes.
 */
#define LNR_FIELD_ROW(name_, type_, fmt_, flags_, get_, desc_, ...)                               \
	{                                                                                         \
		.name = (name_), .type = LNR_PT_##type_, .fmt = LNR_PF_##fmt_, .flags = (flags_), \
		.get = (get_), .desc = (desc_), ##__VA_ARGS__                                     \
	}

static inline bool lnr_give_u64(struct lnr_val *ret, const struct lnr_field_ref *ref, uint64_t v)
{
	*ret = (struct lnr_val){.type = ref->type, .u64 = v};
	return true;
}

static inline bool lnr_give_s64(struct lnr_val *ret, const struct lnr_field_ref *ref, int64_t v)
{
	*ret = (struct lnr_val){.type = ref->type, .s64 = v};
	return true;
}

static inline bool lnr_give_double(struct lnr_val *ret, const struct lnr_field_ref *ref, double v)
{
	*ret = (struct lnr_val){.type = ref->type, .d = v};
	return true;
}

static inline bool lnr_give_str(
	struct lnr_val *ret, const struct lnr_field_ref *ref, struct lnr_str s)
{
	if (!s.ptr)
		s.ptr = "";
	*ret = (struct lnr_val){.type = ref->type, .str = s};
	return true;
}

/* The same for text of a plugin. */
static inline bool lnr_give_raw(
	struct lnr_val *ret, const struct lnr_field_ref *ref, struct lnr_str s)
{
	lnr_give_str(ret, ref, s);
	ret->raw = true;
	return true;
}

static inline bool lnr_give_cstr(
	struct lnr_val *ret, const struct lnr_field_ref *ref, const char *s)
{
	return lnr_give_str(ret, ref, lnr_str_c(s));
}

static inline bool lnr_give_ip(
	struct lnr_val *ret, const struct lnr_field_ref *ref, const struct lnr_ip *ip)
{
	*ret = (struct lnr_val){.type = ref->type, .ip = *ip};
	return true;
}

static inline bool lnr_give_list(
	struct lnr_val *ret, const struct lnr_field_ref *ref, const struct lnr_val *items, size_t n)
{
	*ret = (struct lnr_val){.type = ref->type, .is_list = true};
	ret->list.items = items;
	ret->list.n = n;
	return true;
}

/* For a scratch allocation that failed. */
static inline bool lnr_give_nomem(struct lnr_field_ctx *ctx)
{
	ctx->n_nomem++;
	return false;
}

/*
 * A text put together in scratch memory. Its size is known before, so that one allocation does:
 * begin with the most bytes it can take, add pieces, and end. Pieces beyond that size are cut,
 * which a caller that adds up its pieces never sees.
 */
struct lnr_text {
	char *ptr; /* NULL when the allocation failed */
	size_t len, max;
};

static inline bool lnr_text_begin(struct lnr_text *t, struct lnr_arena *scratch, size_t max)
{
	t->ptr = lnr_arena_alloc(scratch, max ? max : 1);
	t->len = 0;
	t->max = t->ptr ? max : 0;
	return t->ptr;
}

static inline void lnr_text_add(struct lnr_text *t, struct lnr_str s)
{
	if (s.len > t->max - t->len)
		s.len = t->max - t->len;
	if (s.len)
		memcpy(t->ptr + t->len, s.ptr, s.len);
	t->len += s.len;
}

static inline void lnr_text_chr(struct lnr_text *t, char c)
{
	if (t->len < t->max)
		t->ptr[t->len++] = c;
}

static inline struct lnr_str lnr_text_end(const struct lnr_text *t)
{
	return (struct lnr_str){t->ptr, t->len};
}

/* Most bytes of a decimal 64-bit number with sign. */
#define LNR_DEC_MAX 20
void lnr_text_u64(struct lnr_text *t, uint64_t v);
void lnr_text_s64(struct lnr_text *t, int64_t v);
/* printf into scratch memory; ptr NULL when it is exhausted. */
struct lnr_str lnr_scratch_printf(struct lnr_field_ctx *ctx, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Items that are NUL-terminated and back to back (arguments, environment, cgroups). The last NUL
 * may be missing. Start with *rest = all bytes; false at the end.
 */
static inline bool lnr_items_next(struct lnr_str *rest, struct lnr_str *ret)
{
	if (rest->len == 0)
		return false;
	const char *nul = memchr(rest->ptr, 0, rest->len);
	size_t n = nul ? (size_t)(nul - rest->ptr) : rest->len;
	*ret = (struct lnr_str){rest->ptr, n};
	n += nul != NULL;
	rest->ptr += n;
	rest->len -= n;
	return true;
}

/* All bytes of `items` with each NUL but the last one replaced by a blank. */
void lnr_text_items(struct lnr_text *t, struct lnr_str items);

/*
 * Slot of this occurrence of a LNR_FIELD_SLOT field, or NULL when the caller gave none (a field
 * asked for outside a rule set).
 */
static inline uint64_t *lnr_field_slot(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref)
{
	return ref->slot < ctx->n_slots ? &ctx->slots[ref->slot] : NULL;
}

/* Time as text (text.c). Local time zone except for iso8601. Scratch memory. */
enum lnr_time_form {
	LNR_TIME_CLOCK_NS, /* HH:MM:SS.nnnnnnnnn */
	LNR_TIME_CLOCK,
	LNR_TIME_DATE_NS, /* YYYY-MM-DD HH:MM:SS.nnnnnnnnn */
	LNR_TIME_DATE,
	LNR_TIME_ISO8601, /* UTC, YYYY-MM-DDTHH:MM:SS.nnnnnnnnn+0000 */
};
/* Bytes that lnr_time_text() writes at most, NUL included. */
#define LNR_TIME_TEXT_MAX 64
/* Returns the length. A time that the calendar cannot show is written as its nanoseconds. */
size_t lnr_time_text(char buf[LNR_TIME_TEXT_MAX], uint64_t ts_ns, enum lnr_time_form form);

/* Address as text (RFC 5952), into `out`. Nothing for family 0. */
void lnr_ip_text(struct lnr_buf *out, const struct lnr_ip *ip);
#define LNR_IP_TEXT_MAX 46
/* The same into a buffer; returns the length. */
size_t lnr_ip_format(char buf[LNR_IP_TEXT_MAX], const struct lnr_ip *ip);

/* Bytes as the buffer format shows them (fields.md 1). `format` is enum lnr_buffer_format. */
void lnr_bytes_text(struct lnr_buf *out, struct lnr_str bytes, unsigned format);
/* The same in scratch memory; "" when it is exhausted. */
struct lnr_str lnr_bytes_scratch(struct lnr_field_ctx *ctx, struct lnr_str bytes, unsigned format);

/* lnr_param_render() with another form of byte buffers than the context's. */
void lnr_param_render_as(struct lnr_field_ctx *ctx, unsigned i, unsigned buffer_format,
	struct lnr_str *ret_plain, struct lnr_str *ret_resolved);
/*
 * Directory that a path parameter with a directory descriptor is relative to, with a trailing '/'
 * ("" when it cannot be found out): descriptor table, then /proc when live.
 */
struct lnr_str lnr_dirfd_path(struct lnr_field_ctx *ctx, int64_t dirfd);

/*
 * The same as state knows it, for texts that say when it does not: cwd, descriptor's name with '/',
 * "<UNKNOWN>"; "" before an absolute path.
 */
struct lnr_str lnr_at_base(struct lnr_field_ctx *ctx, int64_t dirfd, struct lnr_str path);

/* A FDLIST parameter, item by item; what does not fit into its bytes is not there. */
#define LNR_FDLIST_ITEM 10 /* s64 number, s16 events */
struct lnr_fdlist {
	const uint8_t *at, *end;
	unsigned left;
};
bool lnr_fdlist_begin(struct lnr_fdlist *l, const struct lnr_param *p);
bool lnr_fdlist_next(struct lnr_fdlist *l, int64_t *ret_fd, int16_t *ret_events);

/*
 * Type and bytes of the value inside a DYN parameter; other parameters stay as they are. False: the
 * index is not in the table.
 */
bool lnr_param_undyn(const struct lnr_param_info *info, struct lnr_param *p, uint8_t *ret_type);
/* Integer of any length up to eight bytes, zero- or sign-extended. */
uint64_t lnr_param_bits(const struct lnr_param *p);
int64_t lnr_param_signed(const struct lnr_param *p);

/* The thread's container id; "" on the host. */
static inline struct lnr_str lnr_thread_container_id(const struct lnr_thread *t)
{
	return t->container_id ? lnr_blob_str(t->container_id) : (struct lnr_str){"", 0};
}

/* Protocol as fd.l4proto means it: unknown as long as no role is, raw sockets excepted. */
static inline unsigned lnr_fd_l4(const struct lnr_fd *fd)
{
	if (!lnr_fd_is_inet(fd))
		return LNR_L4_NA;
	if (lnr_fd_is_server_sock(fd) || fd->l4 == LNR_L4_RAW)
		return fd->l4;
	return fd->flags & (LNR_FDF_ROLE_CLIENT | LNR_FDF_ROLE_SERVER) ? fd->l4 : LNR_L4_NA;
}

/*
 * Descriptor that fd.* speak of (fields.md 6). False: the event has nothing to do with descriptors,
 * or no thread. *ret is NULL when the descriptor is not known.
 */
static inline bool lnr_get_fd(struct lnr_field_ctx *ctx, struct lnr_fd **ret)
{
	struct lnr_event *ev = ctx->ev;

	if (!ev->thread ||
		!(ev->info->flags & (LNR_EF_CREATES_FD | LNR_EF_USES_FD | LNR_EF_DESTROYS_FD)))
		return false;
	*ret = ev->fd;
	if (!*ret && ev->thread->last_fd >= 0)
		*ret = lnr_state_fd(ctx->state, ev->thread, ev->thread->last_fd);
	return true;
}

#endif
