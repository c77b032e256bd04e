/* SPDX-License-Identifier: Apache-2.0 */
/* The open capture file, shared by the reader of events (scap_read.c) and of tables (scap_meta.c).
 */
#ifndef LNR_CAPTURE_SCAP_PRIV_H
#define LNR_CAPTURE_SCAP_PRIV_H

#include "capture/scap.h"
#include "capture/scap_convert.h"
#include "capture/scap_stream.h"

struct lnr_scap {
	struct lnr_capture base;
	struct lnr_scap_stream in;
	struct lnr_scap_converter conv;
	struct lnr_state *state; /* borrowed; NULL = tables are checked, not kept */
	struct lnr_log *log;
	struct lnr_scap_machine machine;
	bool has_machine;
	bool leading;	/* nothing but users, groups and containers so far in this section */
	bool unlinked;	/* tables were read since the last lnr_state_added() */
	bool any_event; /* an event block was met */
	int broken;	/* sticky result of next(), 0 = none */
	struct lnr_err why;

	uint64_t n_events;  /* handed out */
	uint64_t n_unknown; /* events that the table lacks */
	uint64_t n_skipped; /* blocks of unknown type */
	uint64_t n_refused; /* entries of tables that the state had no room for */
};

/* Machine, threads, descriptors, interfaces, users: is this one of their block types? */
bool lnr_scap_is_table(uint32_t type);
/*
 * One block of tables whose body of `body` bytes starts at the stream's position; takes exactly
 * those bytes. 0; -ENODATA when the file ends inside; -ENOENT: not a block of tables; or a failure
 * with its reason.
 */
int lnr_scap_read_table(struct lnr_scap *f, uint32_t type, uint32_t body, struct lnr_err *err);

#endif
