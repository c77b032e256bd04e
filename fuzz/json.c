/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON writer: whatever is written is a document that jansson reads back, and every string
 * comes back as it went in, with U+FFFD for what is not UTF-8.
 *
 * The input is a program: one byte chooses the call, the next bytes are its argument.
 */
#include "base/json.h"

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

/* What a reader should see. Walks by lnr_utf8_next(), whose promises are checked on the way. */
static void replaced(struct lnr_buf *out, struct lnr_str s)
{
	for (size_t at = 0; at < s.len;) {
		unsigned bad = 0, len;
		uint32_t code = 0;

		len = lnr_utf8_next(s, at, &bad, &code);
		EXPECT(len <= 4 && bad <= 3 && (len > 0) != (bad > 0));
		EXPECT(at + len + bad <= s.len);
		if (len) {
			EXPECT(code <= 0x10ffff && (code < 0xd800 || code > 0xdfff));
			EXPECT(len == (code < 0x80	       ? 1u
					      : code < 0x800   ? 2u
					      : code < 0x10000 ? 3u
							       : 4u));
			lnr_buf_add(out, s.ptr + at, len);
		} else {
			lnr_buf_cstr(out, "\xef\xbf\xbd");
		}
		at += len + bad;
	}
}

static void check_string(struct lnr_str s)
{
	struct lnr_buf text = {0}, want = {0};
	struct lnr_json j;
	json_t *got;

	lnr_json_init(&j, &text);
	lnr_json_open(&j, '[');
	lnr_json_str(&j, s);
	lnr_json_close(&j, ']');
	replaced(&want, s);
	got = json_loadb(text.ptr, text.len, JSON_ALLOW_NUL, NULL);
	EXPECT(got && json_array_size(got) == 1);
	EXPECT(lnr_str_eq(
		lnr_buf_view(&want), (struct lnr_str){json_string_value(json_array_get(got, 0)),
					     json_string_length(json_array_get(got, 0))}));
	json_decref(got);
	lnr_buf_done(&text);
	lnr_buf_done(&want);
}

struct program {
	const uint8_t *at, *end;
	char stack[LNR_JSON_DEPTH]; /* closing brackets */
	unsigned depth;
};

/* Up to `n` bytes of argument; zeros where the input ends. */
static void argument(struct program *p, void *to, size_t n)
{
	size_t have = (size_t)(p->end - p->at);

	memset(to, 0, n);
	memcpy(to, p->at, have < n ? have : n);
	p->at += have < n ? have : n;
}

static void write_value(struct program *p, struct lnr_json *j, unsigned what)
{
	char text[16];
	uint64_t u;
	double d;

	switch (what % 7) {
	case 0:
		argument(p, &u, sizeof(u));
		lnr_json_u64(j, u);
		break;
	case 1:
		argument(p, &u, sizeof(u));
		lnr_json_s64(j, (int64_t)u);
		break;
	case 2:
		argument(p, &d, sizeof(d));
		lnr_json_double(j, d);
		break;
	case 3:
		lnr_json_bool(j, what & 8);
		break;
	case 4:
		lnr_json_null(j);
		break;
	case 5:
		argument(p, text, sizeof(text));
		lnr_json_str(j, (struct lnr_str){text, sizeof(text)});
		break;
	default:
		p->stack[p->depth] = what & 8 ? '}' : ']';
		lnr_json_open(j, what & 8 ? '{' : '[');
		p->depth++;
		break;
	}
}

/* A document in which every call is one that the header allows. */
static void check_document(const uint8_t *data, size_t size)
{
	struct program p = {.at = data, .end = data + size};
	struct lnr_buf text = {0};
	struct lnr_json j;
	json_error_t error;
	json_t *got;

	lnr_json_init(&j, &text);
	lnr_json_open(&j, '[');
	p.stack[p.depth++] = ']';
	while (p.at < p.end && p.depth > 0) {
		unsigned what = *p.at++;

		if (what >= 240 || p.depth == LNR_JSON_DEPTH) {
			lnr_json_close(&j, p.stack[--p.depth]);
			continue;
		}
		if (p.stack[p.depth - 1] == '}') {
			char key[4];

			argument(&p, key, sizeof(key));
			/* jansson has no keys with a NUL. */
			lnr_json_key(&j, (struct lnr_str){key, strnlen(key, sizeof(key))});
		}
		write_value(&p, &j, what);
	}
	while (p.depth > 0)
		lnr_json_close(&j, p.stack[--p.depth]);
	EXPECT(!text.failed);
	got = json_loadb(text.ptr, text.len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
	if (!got)
		fprintf(stderr, "%s at %d: %s\n", error.text, error.position, text.ptr);
	EXPECT(got);
	json_decref(got);
	lnr_buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_string((struct lnr_str){(const char *)data, size});
	check_document(data, size);
	return 0;
}
