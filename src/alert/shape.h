/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the JSON shapes of other schemas share: a table from fields of the rule language to places
 * in a tree, with the type that the schema wants there. A new place is one row in ecs.c or ocsf.c.
 */
#ifndef LNR_ALERT_SHAPE_H
#define LNR_ALERT_SHAPE_H

#include "alert/alert.h"
#include "base/json.h"

enum lnr_shape_type {
	LNR_SHAPE_TEXT = 1, /* numbers become text */
	LNR_SHAPE_BASENAME, /* the last part of a path */
	LNR_SHAPE_WHOLE,    /* whole number */
	LNR_SHAPE_ADDRESS,  /* IPv4 or IPv6 */
	LNR_SHAPE_DATE,	    /* nanoseconds since 1970 to YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ */
	LNR_SHAPE_MS,	    /* nanoseconds since 1970 to milliseconds */
};

/* When a row holds. */
enum lnr_shape_when {
	LNR_SHAPE_ALWAYS,
	LNR_SHAPE_FILE,	     /* the descriptor is a file or a directory */
	LNR_SHAPE_FOLDER,    /* … a directory */
	LNR_SHAPE_NETWORK,   /* … an IP socket */
	LNR_SHAPE_CONTAINER, /* it happened in a container */
};

/*
 * Rows with a common beginning of their path stand together. Of rows with the same path the first
 * that has a value counts.
 */
struct lnr_shape_row {
	const char *path;  /* "process.parent.pid" */
	const char *field; /* "proc.ppid" */
	enum lnr_shape_type type;
	enum lnr_shape_when when;
	const char *fixed; /* JSON instead of the field's value, when that is there */
};

/* The i-th field that a shape reads: those of its rows, then further ones; NULL past the end. */
const char *lnr_shape_nth_field(size_t i, const struct lnr_shape_row *rows, size_t n_rows,
	const char *const *further, size_t n_further);

/* The rows that have a value, into the object that is open. */
void lnr_shape_put(
	struct lnr_json *j, const struct lnr_alert *a, const struct lnr_shape_row *rows, size_t n);
/* JSON that says nothing: null, "", "<NA>". */
bool lnr_shape_empty(struct lnr_str json);
/* JSON of a field, or "" when the alert lacks it or it says nothing. */
struct lnr_str lnr_shape_value(const struct lnr_alert *a, const char *field);
/* The inside of its JSON string; "" when it is something else. */
struct lnr_str lnr_shape_text(const struct lnr_alert *a, const char *field);
void lnr_shape_member(struct lnr_json *j, const char *key, const char *value);
void lnr_shape_member_str(struct lnr_json *j, const char *key, struct lnr_str value);
void lnr_shape_member_u64(struct lnr_json *j, const char *key, uint64_t value);
/* A date as for LNR_SHAPE_DATE, with quotes. */
void lnr_shape_date(struct lnr_json *j, uint64_t ns);
/* "T1059.004": a technique of MITRE ATT&CK as rules tag it. *ret_sub: it is a part of another. */
bool lnr_shape_technique(struct lnr_str tag, bool *ret_sub);
/* "mitre_credential_access": the name of a tactic behind the prefix, or "". */
struct lnr_str lnr_shape_tactic(struct lnr_str tag);
/* Row i of either table, for what has to be asked of an event; NULL past the end. */
const char *lnr_shape_ecs_field(size_t i);
const char *lnr_shape_ocsf_field(size_t i);

/* ecs.c, ocsf.c: one line. */
void lnr_alert_write_ecs(const struct lnr_alert *a, struct lnr_buf *out);
void lnr_alert_write_ocsf(const struct lnr_alert *a, struct lnr_buf *out);

#endif
