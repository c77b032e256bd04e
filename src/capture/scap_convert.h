/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings records of older producers up to the event table of today (spec scap-format 7).
 *
 * Most records need nothing: lnr_scap_convertible() says so from one table look-up and they stay
 * where they lie. The others go through schema/conversions.def, row after row, in two buffers of
 * the converter. Enter events whose arguments belong to an exit event wait here, one per thread,
 * in a pool with a bound; the oldest is dropped first and counted.
 *
 * A record must have been checked (its lengths lie inside it) before it comes here. Results are
 * valid until the next call. One converter per capture, one thread.
 */
#ifndef LNR_CAPTURE_SCAP_CONVERT_H
#define LNR_CAPTURE_SCAP_CONVERT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "decode/schema.h"
#include "schema/record.h"

/* What fills parameters, see schema/conversions.def. */
enum lnr_conv_from {
	LNR_FROM_END = 0, /* no further source */
	LNR_FROM_OLD,
	LNR_FROM_ENTER,
	LNR_FROM_ENTER_OPT,
	LNR_FROM_DEFAULT,
	LNR_FROM_EMPTY,
	LNR_FROM_BUILT,
};

enum lnr_conv_action {
	LNR_CONV_PASS = 1,
	LNR_CONV_STORE,
	LNR_CONV_STORE_AND_PASS,
	LNR_CONV_ADD,
	LNR_CONV_CHANGE,
};

struct lnr_conv_source {
	uint8_t from;  /* enum lnr_conv_from */
	uint8_t first; /* parameter it starts at */
	uint8_t n;     /* how many in a row */
};

struct lnr_conversion {
	uint16_t event, to; /* to: the same unless action is CHANGE */
	uint8_t nparams;    /* parameters of the record in the file */
	uint8_t action;	    /* enum lnr_conv_action */
	struct lnr_conv_source source[4];
};

/* All rows in order; *ret_n says how many. */
const struct lnr_conversion *lnr_conversions(size_t *ret_n);

/* What to do with a record, by its event (spec scap-format 7, "decision"). */
enum lnr_conv_verdict {
	LNR_VERDICT_PASS,
	LNR_VERDICT_DROP,
	LNR_VERDICT_CONVERT,	 /* always */
	LNR_VERDICT_CONVERT_OLD, /* when it has fewer parameters than the table */
};

#define LNR_PENDING_CLASSES 11 /* 64 bytes to 64 KiB in powers of two */

struct lnr_pending;
struct lnr_scap_converter {
	struct {
		uint8_t verdict;  /* enum lnr_conv_verdict */
		uint8_t nparams;  /* of the table */
		uint8_t len_size; /* bytes of one parameter length: 2 or 4 */
		bool hidden;	  /* an enter event that is kept for its arguments only */
		uint16_t row;	  /* first row of the event; the count of rows when it has none */
	} event[LNR_EVENT_COUNT];
	uint8_t *out[2]; /* LNR_RECORD_MAX bytes each; made when first needed */
	unsigned turn;	 /* the one to write next */

	/* pending enter events */
	struct lnr_idmap pending; /* by tid */
	struct lnr_pending *newest, *oldest;
	struct lnr_pending *free_list[LNR_PENDING_CLASSES];
	size_t pending_bytes, pending_max_bytes, pending_max;
	struct lnr_buf text; /* of BUILT */

	uint64_t n_converted, n_stored, n_dropped, n_evicted;
};

void lnr_scap_converter_init(struct lnr_scap_converter *c);
void lnr_scap_converter_done(struct lnr_scap_converter *c);
/* Forget pending enter events: another section of the file begins. */
void lnr_scap_converter_clear(struct lnr_scap_converter *c);

/* False: pass the record as it is. Its event number must be below LNR_EVENT_COUNT. */
static inline bool lnr_scap_convertible(
	const struct lnr_scap_converter *c, const struct lnr_record *rec)
{
	unsigned v = c->event[rec->type].verdict;
	return v != LNR_VERDICT_PASS &&
	       (v != LNR_VERDICT_CONVERT_OLD || rec->nparams != c->event[rec->type].nparams);
}

/*
 * 1: deliver *ret; 0: nothing to deliver (dropped or stored); negative: it cannot be converted,
 * reason in err.
 */
int lnr_scap_convert(struct lnr_scap_converter *c, const struct lnr_record *rec,
	const struct lnr_record **ret, struct lnr_err *err);

#endif
