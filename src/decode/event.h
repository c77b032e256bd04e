/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One decoded event: a scap record with its parameters indexed, and what later stages learn about
 * it.
 *
 * The engine owns one struct lnr_event and fills it again for every record: everything in it is
 * borrowed until the next call. decode sets the first block, state the second. Parameters are read
 * with the accessors below; a parameter that the record lacks or that has length 0 reads as absent.
 * All accessors check bounds: a record may come from a hostile file.
 */
#ifndef LNR_DECODE_EVENT_H
#define LNR_DECODE_EVENT_H

#include "base/arena.h"
#include "base/err.h"
#include "decode/schema.h"
#include "schema/record.h"

struct lnr_thread;
struct lnr_fd;
struct lnr_container;
struct lnr_json_doc;

struct lnr_param {
	const uint8_t *ptr;
	uint32_t len; /* 0 = absent */
};

struct lnr_event {
	/* decode */
	const uint8_t *record;
	uint32_t record_len;
	uint64_t ts; /* ns since the epoch */
	int64_t tid;
	uint64_t num; /* 1-based number in this stream; set by the engine */
	uint16_t type;
	uint16_t cpu;
	uint32_t nparams; /* of this record; may be less than info->nparams, or more */
	const struct lnr_event_info *info;
	struct lnr_param param[LNR_PARAMS_MAX];
	uint8_t truncated[LNR_PARAMS_MAX / 8]; /* bit n: the producer cut parameter n */

	/* state (spec events-and-state 7.2); NULL or 0 when there is none */
	struct lnr_thread *thread;
	struct lnr_fd *fd; /* the event's descriptor, when known */
	struct lnr_container *container;
	int64_t fdnum; /* descriptor number the event is about */
	int64_t res;   /* return value, valid when has_res (fields.md 2.3) */
	bool has_res;
	bool has_fdnum;
	bool name_changed;	    /* this event changed the descriptor's name */
	struct lnr_event *enter;    /* stored enter event that belongs to this exit, or NULL */
	struct lnr_str path, path2; /* resolved operands, ptr NULL when not resolved yet */
	uint32_t uid_before;	    /* uid of the thread before this event changed it */
	uint64_t exectime_ns;	    /* switch events */

	/* engine: scratch memory for this event, reset before the next */
	struct lnr_arena *scratch;
	/* The data of an event of a plugin as JSON: set by a source that has read it, else by the
	 * first field that asks (fields/core/payload.h); NULL = nobody has. */
	const struct lnr_json_doc *json;
};

/*
 * Index a record. `len` is what is readable at `record`. Fails with -EBADMSG and a reason when any
 * length does not fit; unknown event types are -ENOENT (the caller counts and skips). Sets only the
 * decode block and zeroes the state block; keeps num and scratch.
 */
int lnr_event_parse(
	struct lnr_event *ev, const void *record, size_t len, uint16_t cpu, struct lnr_err *err);

static inline bool lnr_event_is_exit(const struct lnr_event *ev)
{
	return ev->type & 1;
}

static inline bool lnr_param_present(const struct lnr_event *ev, unsigned i)
{
	return i < ev->nparams && i < LNR_PARAMS_MAX && ev->param[i].len > 0;
}

/* Integers of 1, 2, 4 or 8 bytes by the parameter's own length; false = absent. */
bool lnr_param_u64(const struct lnr_event *ev, unsigned i, uint64_t *ret);
bool lnr_param_s64(const struct lnr_event *ev, unsigned i, int64_t *ret);
/* With a default for absent ones. */
uint64_t lnr_param_u64_or(const struct lnr_event *ev, unsigned i, uint64_t def);
int64_t lnr_param_s64_or(const struct lnr_event *ev, unsigned i, int64_t def);
/* Text up to the first NUL; ret.ptr is NULL when absent. */
struct lnr_str lnr_param_str(const struct lnr_event *ev, unsigned i);
/* All bytes; ret.ptr is NULL when absent. */
struct lnr_str lnr_param_bytes(const struct lnr_event *ev, unsigned i);

/* SOCKADDR and SOCKTUPLE parameters, taken apart. */
struct lnr_ip {
	uint8_t family;	  /* LNR_AF_INET or LNR_AF_INET6; 0 = none */
	uint8_t addr[16]; /* network order; IPv4 in the first four */
};
struct lnr_sockaddr {
	uint8_t family; /* LNR_AF_ */
	struct lnr_ip ip;
	uint16_t port;	     /* host order */
	struct lnr_str path; /* unix */
};
struct lnr_tuple {
	uint8_t family;
	struct lnr_ip sip, dip;
	uint16_t sport, dport;
	uint64_t source, dest; /* unix: kernel object addresses */
	struct lnr_str path;
};
bool lnr_param_sockaddr(const struct lnr_event *ev, unsigned i, struct lnr_sockaddr *ret);
bool lnr_param_tuple(const struct lnr_event *ev, unsigned i, struct lnr_tuple *ret);

/*
 * Build a record, for tests, the capture converter and synthetic events. Appends in order; the
 * builder fails once and for all when the buffer is too small.
 */
struct lnr_record_builder {
	uint8_t *buf;
	size_t cap, lens_at, at;
	uint32_t n, nparams;
	bool large; /* 32-bit lengths (LNR_EF_LARGE_PAYLOAD) */
	bool failed;
};
void lnr_record_begin(struct lnr_record_builder *b, void *buf, size_t cap, unsigned type,
	uint64_t ts, int64_t tid, uint32_t nparams);
void lnr_record_bytes(struct lnr_record_builder *b, const void *ptr, size_t len);
void lnr_record_empty(struct lnr_record_builder *b);
void lnr_record_str(struct lnr_record_builder *b, const char *s); /* with its NUL; NULL = absent */
void lnr_record_u8(struct lnr_record_builder *b, uint8_t v);
void lnr_record_u16(struct lnr_record_builder *b, uint16_t v);
void lnr_record_u32(struct lnr_record_builder *b, uint32_t v);
void lnr_record_u64(struct lnr_record_builder *b, uint64_t v);
/* Length of the record, or 0 when it failed or parameters are missing. */
size_t lnr_record_end(struct lnr_record_builder *b);

#endif
