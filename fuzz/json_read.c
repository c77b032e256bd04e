/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON reader. What jansson reads, it reads; what it reads, it writes without blanks and
 * indented, and both read back as the same document. Every value is asked for by pointer and as
 * text.
 */
#include "base/json_read.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EXPECT(cond)                                              \
	do {                                                      \
		if (!(cond)) {                                    \
			fprintf(stderr, "not true: %s\n", #cond); \
			abort();                                  \
		}                                                 \
	} while (0)

static int read_json(struct lnr_str text, struct lnr_json_doc *ret)
{
	size_t n = lnr_json_room(text);
	struct lnr_json_node *nodes = malloc(n * sizeof(*nodes));
	EXPECT(nodes);
	int r = lnr_json_parse(text, nodes, n, ret, NULL);
	if (r)
		free(nodes);
	return r;
}

static void same(const struct lnr_json_doc *d, const struct lnr_buf *written)
{
	struct lnr_json_doc again;
	EXPECT(read_json(lnr_buf_view(written), &again) == 0);
	EXPECT(again.n == d->n);
	for (uint32_t i = 0; i < d->n; i++) {
		EXPECT(again.nodes[i].type == d->nodes[i].type);
		EXPECT(again.nodes[i].next == d->nodes[i].next);
		if (d->nodes[i].type < LNR_JSON_ARRAY)
			EXPECT(lnr_str_eq(lnr_json_raw_text(&again, i), lnr_json_raw_text(d, i)));
	}
	free((void *)again.nodes);
}

static void walk(const struct lnr_json_doc *d, struct lnr_str pointer)
{
	struct lnr_arena arena;
	struct lnr_json_pointer p;
	lnr_arena_init(&arena, 0);
	for (uint32_t i = 0; i < d->n; i++) {
		const struct lnr_json_node *n = &d->nodes[i];
		EXPECT(n->at < n->end && n->next > i && n->next <= d->n);
		struct lnr_str s = lnr_json_text(d, i, &arena);
		EXPECT(s.ptr && s.len <= n->end - n->at);
		if (n->type == LNR_JSON_STRING)
			EXPECT(lnr_json_is(d, i, s));
		if (n->type == LNR_JSON_OBJECT && n->next > i + 1) {
			struct lnr_str name = lnr_json_text(d, i + 1, &arena);
			EXPECT(lnr_json_member(d, i, name) == i + 2);
		}
		if (n->type == LNR_JSON_ARRAY && n->next > i + 1)
			EXPECT(lnr_json_element(d, i, 0) == i + 1);
		if (lnr_json_pointer_parse(pointer, &arena, &p, NULL) == 0)
			EXPECT(lnr_json_pointer_get(d, i, &p) < d->n);
		lnr_arena_reset(&arena);
	}
	lnr_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lnr_str text = {(const char *)data, size}, pointer = {"", 0};
	struct lnr_json_doc d;
	/* A line end parts a pointer from the document. */
	ptrdiff_t nl = lnr_str_chr(text, '\n');
	if (nl >= 0) {
		pointer = lnr_str_sub(text, 0, (size_t)nl);
		text = lnr_str_sub(text, (size_t)nl + 1, size);
	}
	int r = read_json(text, &d);
	json_error_t why;
	/* It skips NUL bytes. Otherwise it reads nothing that is refused here, but deeper. */
	bool nul = lnr_str_chr(text, 0) >= 0;
	json_t *j = nul ? NULL
			: json_loadb(text.ptr, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	EXPECT(!j || r == 0 || r == -E2BIG);
	json_decref(j);
	if (r)
		return 0;
	struct lnr_buf b = {0};
	lnr_json_compact(&d, 0, &b);
	same(&d, &b);
	lnr_buf_clear(&b);
	lnr_json_indent(&d, 0, &b);
	same(&d, &b);
	lnr_buf_done(&b);
	walk(&d, pointer);
	free((void *)d.nodes);
	return 0;
}
