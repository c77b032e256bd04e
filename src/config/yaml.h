/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML to a tree with positions, on libyaml's event parser; for rules files and configuration.
 *
 * Spec rules-language.md 2 says how the reference's reader behaves (duplicate keys kept, first
 * wins; several documents; anchors and aliases; plain nulls). Scalars keep their text; conversions
 * are the reader's business. An alias is the same node again, so a tree may share parts; its size
 * with every alias followed is bounded, so that walking it is too. Bounds: LNR_YAML_BYTES of text,
 * LNR_YAML_DEPTH, LNR_YAML_NODES. Everything lives in the caller's arena, nothing points into the
 * text. Not bound to a thread.
 */
#ifndef LNR_CONFIG_YAML_H
#define LNR_CONFIG_YAML_H

#include "base/arena.h"
#include "base/err.h"

enum lnr_yaml_kind { LNR_YAML_NONE, LNR_YAML_NULL, LNR_YAML_SCALAR, LNR_YAML_SEQ, LNR_YAML_MAP };

struct lnr_yaml {
	uint8_t kind;		       /* enum lnr_yaml_kind */
	bool plain;		       /* SCALAR: written without quotes or block marker */
	uint32_t n;		       /* SEQ: items; MAP: pairs */
	uint32_t line, column, offset; /* 0-based; columns and offsets in bytes */
	uint32_t weight;	       /* nodes in it, itself included, every alias followed */
	struct lnr_str text;	       /* SCALAR; NULL reads as the word "null" */
	const struct lnr_yaml **kids;  /* SEQ: items; MAP: key, value, key, value … */
};

/*
 * All documents of a text; *ret is an array of *ret_n roots (kind NULL for an empty document).
 * -EINVAL with place and reason, -EFBIG beyond a bound, -ENOMEM.
 */
int lnr_yaml_parse(struct lnr_arena *arena, const char *file, struct lnr_str text,
	const struct lnr_yaml ***ret, size_t *ret_n, struct lnr_err *err);
/*
 * Take a byte order mark off *text, and rewrite UTF-16 as UTF-8 in the arena: what all positions
 * count in. lnr_yaml_parse() does it too; for callers who show the text. 0 or -ENOMEM.
 */
int lnr_yaml_utf8(struct lnr_arena *arena, struct lnr_str *text);
/* Value of the first key with that text; NULL when absent or not a map. */
const struct lnr_yaml *lnr_yaml_get(const struct lnr_yaml *map, const char *key);
/* Conversions of spec rules-language.md 2; false = not convertible. */
bool lnr_yaml_bool(const struct lnr_yaml *n, bool *ret);
bool lnr_yaml_u64(const struct lnr_yaml *n, uint64_t *ret);
bool lnr_yaml_s64(const struct lnr_yaml *n, int64_t *ret);
bool lnr_yaml_double(const struct lnr_yaml *n, double *ret);

#endif
