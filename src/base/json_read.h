/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read JSON without building anything: one pass over the text writes a flat tape of offsets, and
 * members are found by walking it.
 *
 * Why not jansson, which reads our own files: events that other programs wrote have to be shown as
 * they are. Numbers keep their spelling (1.50E+02, -0, more digits than 64 bits hold), escapes
 * theirs, and of members with the same name all stay while the first counts; jansson keeps none of
 * these, and it allocates for each value, which the path of an event must not.
 *
 * Nodes stand in order of the text; an object holds name, value, name, value …; `next` leads behind
 * a value with all it holds, so that what is not wanted costs one step. Node 0 is the document, and
 * as an answer it means that there is no such value.
 * Strings may hold any byte but the quote: nothing here checks UTF-8, outputs do. Text and nodes
 *are the caller's and stay until the last use of the document; nothing is allocated but the texts
 *that differ from what is written, and those in the arena that is given. Safe from any thread.
 *
 *	size_t n = lnr_json_room(text);
 *	struct lnr_json_node *nodes = lnr_arena_alloc(arena, n * sizeof(*nodes));
 *	if (nodes && lnr_json_parse(text, nodes, n, &doc, NULL) == 0)
 *		i = lnr_json_member(&doc, 0, LNR_STR("kind"));
 */
#ifndef LNR_BASE_JSON_READ_H
#define LNR_BASE_JSON_READ_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum lnr_json_type {
	LNR_JSON_NONE, /* no value */
	LNR_JSON_NULL,
	LNR_JSON_FALSE,
	LNR_JSON_TRUE,
	LNR_JSON_NUMBER,
	LNR_JSON_STRING,
	LNR_JSON_ARRAY,
	LNR_JSON_OBJECT,
};

struct lnr_json_node {
	uint32_t at, end; /* bytes of the text, quotes and brackets included */
	uint32_t next;	  /* node behind this value and all it holds */
	uint8_t type;	  /* enum lnr_json_type */
	bool escaped;	  /* a string with a backslash in it */
};

struct lnr_json_doc {
	const char *text;
	const struct lnr_json_node *nodes;
	uint32_t n, root; /* a part of a document is the same with another root */
	bool spaced;	  /* there are blanks between tokens */
};

/* Nodes that a document of this text can need at most; no more than LNR_JSON_NODES_MAX. */
size_t lnr_json_room(struct lnr_str text);
/*
 * Read one document, blanks around it allowed. -EBADMSG: no JSON, or anything behind it; -E2BIG:
 * nested deeper than LNR_JSON_READ_DEPTH, more than `max` nodes, or a text of 4 GiB.
 */
int lnr_json_parse(struct lnr_str text, struct lnr_json_node *nodes, size_t max,
	struct lnr_json_doc *ret, struct lnr_err *err);

static inline enum lnr_json_type lnr_json_type(const struct lnr_json_doc *d, uint32_t i)
{
	return (enum lnr_json_type)d->nodes[i].type;
}

/* The children of an array, or names and values of an object, from first to end: i = next(i). */
static inline uint32_t lnr_json_first(uint32_t i)
{
	return i + 1;
}

static inline uint32_t lnr_json_next(const struct lnr_json_doc *d, uint32_t i)
{
	return d->nodes[i].next;
}

/* What is written, for a string without its quotes. */
static inline struct lnr_str lnr_json_raw_text(const struct lnr_json_doc *d, uint32_t i)
{
	const struct lnr_json_node *n = &d->nodes[i];
	uint32_t q = n->type == LNR_JSON_STRING;
	return (struct lnr_str){d->text + n->at + q, n->end - n->at - 2 * q};
}

/* Is node `i` a string that means `s`? */
bool lnr_json_is(const struct lnr_json_doc *d, uint32_t i, struct lnr_str s);
/* Value of the first member of that name; 0 = `object` is none, or has none. */
uint32_t lnr_json_member(const struct lnr_json_doc *d, uint32_t object, struct lnr_str name);
/* Element k; 0 = `array` is none, or has none. */
uint32_t lnr_json_element(const struct lnr_json_doc *d, uint32_t array, uint64_t k);
/* Elements of an array, values of an object; 0 for anything else. */
size_t lnr_json_count(const struct lnr_json_doc *d, uint32_t i);

/*
 * A value as text: what a string means, anything else as JSON without blanks. Borrows the document
 * where that is what is written, otherwise `arena`. ptr NULL: no memory.
 */
struct lnr_str lnr_json_text(const struct lnr_json_doc *d, uint32_t i, struct lnr_arena *arena);
/* JSON with two blanks per level and line ends, the way Go's encoder indents. */
void lnr_json_indent(const struct lnr_json_doc *d, uint32_t i, struct lnr_buf *out);
/* JSON without blanks. */
void lnr_json_compact(const struct lnr_json_doc *d, uint32_t i, struct lnr_buf *out);

/* --- JSON pointers (RFC 6901), ready for use --- */

struct lnr_json_token {
	struct lnr_str name;
	uint64_t index; /* UINT64_MAX = cannot be one of an array */
};
struct lnr_json_pointer {
	const struct lnr_json_token *tokens;
	size_t n;
};
/*
 * The slash in front may be missing. -EINVAL: empty, or longer than LNR_JSON_POINTER_TOKENS.
 * Memory from `arena`.
 */
int lnr_json_pointer_parse(struct lnr_str text, struct lnr_arena *arena,
	struct lnr_json_pointer *ret, struct lnr_err *err);
/* 0 = there is no such value. */
uint32_t lnr_json_pointer_get(
	const struct lnr_json_doc *d, uint32_t from, const struct lnr_json_pointer *p);

#endif
