/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Write JSON into a buffer, one value after another; commas are put in by the writer.
 *
 * Why our own: alerts are written millions of times and need no tree. Reading is done by jansson,
 *or by json_read.h where a text has to stay as it is. Text is written as UTF-8; each maximal
 *invalid subpart becomes U+FFFD (Unicode 15, 3.9), control characters are escaped. Deeper nesting
 *than LNR_JSON_DEPTH and a bracket or key too many make the buffer `failed`.
 *
 *	struct lnr_json j;
 *	lnr_json_init(&j, &buf);
 *	lnr_json_open(&j, '{');
 *	lnr_json_key(&j, LNR_STR("rule"));
 *	lnr_json_str(&j, name);
 *	lnr_json_close(&j, '}');
 */
#ifndef LNR_BASE_JSON_H
#define LNR_BASE_JSON_H

#include "base/buf.h"

#define LNR_JSON_DEPTH 64

struct lnr_json {
	struct lnr_buf *out;
	unsigned depth;
	bool comma; /* a value was written at this level */
	bool keyed; /* a key waits for its value */
};

void lnr_json_init(struct lnr_json *j, struct lnr_buf *out);
void lnr_json_open(struct lnr_json *j, char bracket);  /* '{' or '[' */
void lnr_json_close(struct lnr_json *j, char bracket); /* '}' or ']' */
void lnr_json_key(struct lnr_json *j, struct lnr_str key);
void lnr_json_str(struct lnr_json *j, struct lnr_str s);
void lnr_json_s64(struct lnr_json *j, int64_t v);
void lnr_json_u64(struct lnr_json *j, uint64_t v);
/* Shortest form that reads back equal; not finite = null. */
void lnr_json_double(struct lnr_json *j, double v);
void lnr_json_bool(struct lnr_json *j, bool v);
void lnr_json_null(struct lnr_json *j);
/* Text that already is a JSON value. */
void lnr_json_raw(struct lnr_json *j, struct lnr_str value);

/* The inside of a JSON string (escapes, no quotes) appended to `out`. */
void lnr_json_escape(struct lnr_buf *out, struct lnr_str s);
/*
 * Length in bytes of the valid UTF-8 character at s[at], or 0 with *ret_bad = length of the maximal
 * invalid subpart there (>= 1). `at` < s.len.
 */
unsigned lnr_utf8_next(struct lnr_str s, size_t at, unsigned *ret_bad, uint32_t *ret_code);

#endif
