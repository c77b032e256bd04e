/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the audit source: configuration, files, and documents into events. */
#ifndef LNR_CAPTURE_AUDIT_PRIV_H
#define LNR_CAPTURE_AUDIT_PRIV_H

#include "base/buf.h"
#include "base/json_read.h"
#include "capture/audit.h"

/* --- audit_config.c --- */

struct lnr_audit_config {
	char *certificate, *client_ca, *token_file, *clients; /* NULL = none */
	size_t max_event, max_batch;			      /* bytes */
};

/* *ret is to be done with after a failure, too. */
int lnr_audit_config_parse(const char *json, struct lnr_audit_config *ret, struct lnr_err *err);
void lnr_audit_config_done(struct lnr_audit_config *c);

/* --- audit_time.c --- */

/* RFC 3339 as the reference reads it (spec 3); ns since the epoch. */
bool lnr_audit_time(struct lnr_str s, uint64_t *ret_ns);

/* --- audit_events.c: a document into events (spec 3) --- */

struct lnr_audit_reader {
	size_t max_event;
	struct lnr_json_node *nodes; /* kept from document to document */
	size_t cap;
	struct lnr_json_doc doc; /* of the text that the caller keeps */
	uint32_t at;		 /* node that is looked at next */
	uint32_t items_end;	 /* behind the items of an EventList, 0 = in none */
	uint32_t after;		 /* behind that list */
	struct lnr_buf record;
	struct lnr_json_doc view; /* of the event that was handed out */
	uint64_t events, bad_events, trimmed, too_large;
};

void lnr_audit_reader_init(struct lnr_audit_reader *r, size_t max_event);
void lnr_audit_reader_done(struct lnr_audit_reader *r);
/* Begin with a document, borrowed until it is used up. -EBADMSG, -E2BIG, -ENOMEM: it is none. */
int lnr_audit_reader_begin(struct lnr_audit_reader *r, struct lnr_str text, struct lnr_err *err);
/* 0, or -ENODATA: it is used up. What is no event is counted and passed over. */
int lnr_audit_reader_next(struct lnr_audit_reader *r, struct lnr_capture_item *ret);

/* --- audit_file.c: lines of files (spec 2) --- */

struct lnr_audit_file;
/* Follow `path` from its end, or read it, or all files of a directory, once. */
int lnr_audit_file_open(const char *path, bool follow, size_t max_line,
	const struct lnr_clock *clock, struct lnr_audit_file **ret, struct lnr_err *err);
struct lnr_audit_file *lnr_audit_file_close(
	struct lnr_audit_file *f); /* takes NULL; returns NULL */
/*
 * Next line that is not blank, without its end, borrowed until the next call. -EAGAIN: none for
 * now, it has waited or read for long; -ENODATA: all read; else broken.
 */
int lnr_audit_file_next(struct lnr_audit_file *f, struct lnr_str *ret, struct lnr_err *err);
struct lnr_audit_file_stats {
	uint64_t too_long, rotations, truncations;
};
void lnr_audit_file_stats(const struct lnr_audit_file *f, struct lnr_audit_file_stats *ret);

#endif
