/* SPDX-License-Identifier: Apache-2.0 */
/* From JSON text to a tape of offsets, and along it. RFC 8259, RFC 6901. */
#include "base/json_read.h"

#include <errno.h>
#include "schema/limits.h"

/* --- reading --- */

struct reader {
	const char *text, *p, *end;
	struct lnr_json_node *nodes;
	uint32_t n, max;
	uint32_t depth;
	bool spaced;
	const char *why;
	uint32_t open[LNR_JSON_READ_DEPTH]; /* brackets, outermost first */
};

size_t lnr_json_room(struct lnr_str text)
{
	/* Every value but the first follows one of these. Byte sums keep the loop in registers. */
	size_t n = 1, i = 0;
	while (i < text.len) {
		size_t end = text.len - i < 255 ? text.len : i + 255;
		uint8_t sum = 0;
		for (; i < end; i++) {
			char c = text.ptr[i];
			sum = (uint8_t)(sum + ((c == ',') | (c == ':') | (c == '[') | (c == '{')));
		}
		n += sum;
	}
	return n < LNR_JSON_NODES_MAX ? n : LNR_JSON_NODES_MAX;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void skip_spaces(struct reader *r)
{
	if (r->p == r->end || !is_space(*r->p))
		return;
	r->spaced = true;
	while (r->p < r->end && is_space(*r->p))
		r->p++;
}

static int bad(struct reader *r, const char *why)
{
	r->why = why;
	return -EBADMSG;
}

static uint32_t here(const struct reader *r)
{
	return (uint32_t)(r->p - r->text);
}

static int new_node(struct reader *r, enum lnr_json_type type, struct lnr_json_node **ret)
{
	if (r->n == r->max) {
		r->why = "too many values";
		return -E2BIG;
	}
	struct lnr_json_node *n = &r->nodes[r->n++];
	*n = (struct lnr_json_node){.at = here(r), .next = r->n, .type = (uint8_t)type};
	*ret = n;
	return 0;
}

#define EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/* High bit of each byte that is 0; a borrow may set further ones above it, never below. */
static uint64_t zero_bytes(uint64_t x)
{
	return (x - EACH_BYTE(1)) & ~x & EACH_BYTE(0x80);
}

/* First quote or backslash from p on, eight bytes at a time; `end` when there is none. */
static const char *find_special(const char *p, const char *end)
{
	while (end - p >= 8) {
		uint64_t v;
		memcpy(&v, p, sizeof(v));
		uint64_t hit = zero_bytes(v ^ EACH_BYTE('"')) | zero_bytes(v ^ EACH_BYTE('\\'));
		if (hit) {
			/* Little endian: the lowest set bit belongs to the first byte. */
			return p + __builtin_ctzll(hit) / 8;
		}
		p += 8;
	}
	while (p < end && *p != '"' && *p != '\\')
		p++;
	return p;
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "find_special() counts from the low end");

/* At the opening quote. Escapes are taken as they come: who reads the text judges them. */
static int read_string(struct reader *r)
{
	struct lnr_json_node *n;
	int rc = new_node(r, LNR_JSON_STRING, &n);
	if (rc)
		return rc;
	for (const char *p = r->p + 1;; p += 2) {
		p = find_special(p, r->end);
		if (p >= r->end - 1 && (p >= r->end || *p == '\\'))
			return bad(r, "a string without end");
		if (*p == '"') {
			r->p = p + 1;
			n->end = here(r);
			return 0;
		}
		n->escaped = true;
	}
}

static const char *digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

static int read_number(struct reader *r)
{
	struct lnr_json_node *n;
	const char *p = r->p + (*r->p == '-'), *from = p;
	int rc = new_node(r, LNR_JSON_NUMBER, &n);
	if (rc)
		return rc;
	p = digits(p, r->end);
	if (p == from || (*from == '0' && p - from > 1))
		return bad(r, "no value");
	if (p < r->end && *p == '.') {
		from = ++p;
		p = digits(p, r->end);
		if (p == from)
			return bad(r, "a number that ends in a point");
	}
	if (p < r->end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < r->end && (*p == '+' || *p == '-'))
			p++;
		from = p;
		p = digits(p, r->end);
		if (p == from)
			return bad(r, "a number without exponent");
	}
	r->p = p;
	n->end = here(r);
	return 0;
}

static int read_word(struct reader *r, struct lnr_str word, enum lnr_json_type type)
{
	struct lnr_json_node *n;
	int rc = new_node(r, type, &n);
	if (rc)
		return rc;
	if (!lnr_str_starts((struct lnr_str){r->p, (size_t)(r->end - r->p)}, word))
		return bad(r, "no value");
	r->p += word.len;
	n->end = here(r);
	return 0;
}

static int open_bracket(struct reader *r)
{
	struct lnr_json_node *n;
	if (r->depth == LNR_JSON_READ_DEPTH) {
		r->why = "nested too deeply";
		return -E2BIG;
	}
	r->open[r->depth++] = r->n;
	int rc = new_node(r, *r->p == '[' ? LNR_JSON_ARRAY : LNR_JSON_OBJECT, &n);
	r->p++;
	return rc;
}

/* A value that begins at r->p; of one with brackets only the opening one. */
static int read_value(struct reader *r)
{
	if (r->p == r->end)
		return bad(r, "a value is missing");
	switch (*r->p) {
	case '"':
		return read_string(r);
	case '{':
	case '[':
		return open_bracket(r);
	case 't':
		return read_word(r, LNR_STR("true"), LNR_JSON_TRUE);
	case 'f':
		return read_word(r, LNR_STR("false"), LNR_JSON_FALSE);
	case 'n':
		return read_word(r, LNR_STR("null"), LNR_JSON_NULL);
	default:
		return read_number(r);
	}
}

/* A name and its colon. */
static int read_name(struct reader *r)
{
	skip_spaces(r);
	if (r->p == r->end || *r->p != '"')
		return bad(r, "a name is missing");
	int rc = read_string(r);
	if (rc)
		return rc;
	skip_spaces(r);
	if (r->p == r->end || *r->p != ':')
		return bad(r, "a colon is missing");
	r->p++;
	skip_spaces(r);
	return 0;
}

/* Behind a value: comma or brackets. Stops where the next value begins, or at depth 0. */
static int read_between(struct reader *r)
{
	while (r->depth) {
		struct lnr_json_node *n = &r->nodes[r->open[r->depth - 1]];
		bool object = n->type == LNR_JSON_OBJECT;
		skip_spaces(r);
		if (r->p == r->end)
			return bad(r, "the end is missing");
		char c = *r->p++;
		if (c == ',') {
			if (object)
				return read_name(r);
			skip_spaces(r);
			return 0;
		}
		if (c != (object ? '}' : ']'))
			return bad(r, "a comma or bracket is missing");
		n->end = here(r);
		n->next = r->n;
		r->depth--;
	}
	return 0;
}

/* Behind an opening bracket; *ret_empty: it is closed at once. */
static int read_first(struct reader *r, bool *ret_empty)
{
	bool object = r->nodes[r->n - 1].type == LNR_JSON_OBJECT;
	skip_spaces(r);
	*ret_empty = r->p < r->end && *r->p == (object ? '}' : ']');
	return object && !*ret_empty ? read_name(r) : 0;
}

static int read_document(struct reader *r)
{
	int rc;
	skip_spaces(r);
	r->spaced = false;
	do {
		uint32_t depth = r->depth;
		bool empty = true;
		rc = read_value(r);
		if (!rc && r->depth > depth)
			rc = read_first(r, &empty);
		if (!rc && empty)
			rc = read_between(r);
	} while (!rc && r->depth);
	bool spaced = r->spaced;
	skip_spaces(r);
	r->spaced = spaced;
	return rc || r->p == r->end ? rc : bad(r, "something behind the document");
}

int lnr_json_parse(struct lnr_str text, struct lnr_json_node *nodes, size_t max,
	struct lnr_json_doc *ret, struct lnr_err *err)
{
	struct reader r;
	if (text.len >= UINT32_MAX)
		return lnr_fail(err, -E2BIG, "JSON of %zu bytes", text.len);
	/* Not the whole struct: 300 brackets would be cleared for each document. */
	r.text = r.p = text.ptr ? text.ptr : "";
	r.end = r.text + text.len;
	r.nodes = nodes;
	r.max = max < UINT32_MAX ? (uint32_t)max : UINT32_MAX;
	r.n = r.depth = 0;
	r.why = "";
	int rc = read_document(&r);
	if (rc)
		return lnr_fail(err, rc, "no JSON: %s (at byte %u)", r.why, here(&r));
	*ret = (struct lnr_json_doc){.text = r.text, .nodes = nodes, .n = r.n, .spaced = r.spaced};
	return 0;
}

/* --- what a string means --- */

static int hex4(const char *p, const char *end)
{
	int v = 0;
	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int d = lnr_hex_value((unsigned char)p[i]);
		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

static unsigned put_utf8(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* "\uXXXX" at p; half of a pair alone stays as it is written, as in the reference. */
static unsigned read_code(const char **p, const char *end, char *out)
{
	int c = hex4(*p + 2, end), low = -1;
	unsigned len = 6;
	if (c < 0) {
		memcpy(out, *p, 2);
		*p += 2;
		return 2;
	}
	bool half = c >= 0xd800 && c <= 0xdfff;
	if (half && end - *p >= 12 && (*p)[6] == '\\' && (*p)[7] == 'u')
		low = hex4(*p + 8, end);
	if (half && low < 0) {
		memcpy(out, *p, 6);
		*p += 6;
		return 6;
	}
	if (half) {
		len = 12;
		bool pair = c < 0xdc00 && low >= 0xdc00 && low <= 0xdfff;
		c = pair ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
	}
	*p += len;
	return put_utf8((uint32_t)c, out);
}

/*
 * One byte or escape at *p, which moves behind it: what it means goes to `out`, at most 6 bytes and
 * never more than were read.
 */
static unsigned read_char(const char **p, const char *end, char *out)
{
	static const char letters[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
	if (**p != '\\' || end - *p < 2) {
		*out = *(*p)++;
		return 1;
	}
	char c = (*p)[1];
	if (c == 'u')
		return read_code(p, end, out);
	const char *at = c ? strchr(letters, c) : NULL;
	*p += 2;
	if (at) {
		*out = meaning[at - letters];
		return 1;
	}
	out[0] = '\\';
	out[1] = c;
	return 2;
}

static size_t unescape(struct lnr_str s, char *out)
{
	const char *p = s.ptr, *end = s.ptr + s.len;
	size_t n = 0;
	while (p < end)
		n += read_char(&p, end, out + n);
	return n;
}

bool lnr_json_is(const struct lnr_json_doc *d, uint32_t i, struct lnr_str s)
{
	struct lnr_str raw = lnr_json_raw_text(d, i);
	if (d->nodes[i].type != LNR_JSON_STRING)
		return false;
	if (!d->nodes[i].escaped)
		return lnr_str_eq(raw, s);
	const char *p = raw.ptr, *end = raw.ptr + raw.len;
	while (p < end) {
		char c[8];
		unsigned n = read_char(&p, end, c);
		if (n > s.len || memcmp(c, s.ptr, n) != 0)
			return false;
		s = lnr_str_sub(s, n, s.len);
	}
	return s.len == 0;
}

/* --- along the tape --- */

uint32_t lnr_json_member(const struct lnr_json_doc *d, uint32_t object, struct lnr_str name)
{
	const struct lnr_json_node *nodes = d->nodes;
	if (nodes[object].type != LNR_JSON_OBJECT)
		return 0;
	uint32_t end = nodes[object].next, quoted = (uint32_t)name.len + 2;
	for (uint32_t i = object + 1; i < end; i = nodes[i + 1].next) {
		const struct lnr_json_node *n = &nodes[i];
		bool same = n->escaped
				    ? lnr_json_is(d, i, name)
				    : n->end - n->at == quoted &&
					      memcmp(d->text + n->at + 1, name.ptr, name.len) == 0;
		if (same)
			return i + 1;
	}
	return 0;
}

uint32_t lnr_json_element(const struct lnr_json_doc *d, uint32_t array, uint64_t k)
{
	const struct lnr_json_node *nodes = d->nodes;
	if (nodes[array].type != LNR_JSON_ARRAY)
		return 0;
	for (uint32_t i = array + 1; i < nodes[array].next; i = nodes[i].next) {
		if (k-- == 0)
			return i;
	}
	return 0;
}

size_t lnr_json_count(const struct lnr_json_doc *d, uint32_t i)
{
	size_t n = 0;
	bool object = d->nodes[i].type == LNR_JSON_OBJECT;
	if (!object && d->nodes[i].type != LNR_JSON_ARRAY)
		return 0;
	for (uint32_t k = i + 1; k < d->nodes[i].next; k = d->nodes[k + object].next)
		n++;
	return n;
}

/* --- values as text --- */

/*
 * The text of a value in pieces without blanks between tokens: false at the end. Strings come with
 * the tokens around them, so that compact text is a single piece.
 */
static bool next_piece(struct lnr_str *rest, struct lnr_str *ret)
{
	const char *p = rest->ptr, *end = p + rest->len;
	while (p < end && is_space(*p))
		p++;
	const char *from = p;
	while (p < end && !is_space(*p)) {
		if (*p++ != '"')
			continue;
		for (p = find_special(p, end); p < end && *p == '\\'; p = find_special(p, end))
			p += 2;
		p++;
	}
	*ret = (struct lnr_str){from, (size_t)(p - from)};
	*rest = (struct lnr_str){p, (size_t)(end - p)};
	return ret->len > 0;
}

void lnr_json_compact(const struct lnr_json_doc *d, uint32_t i, struct lnr_buf *out)
{
	const struct lnr_json_node *n = &d->nodes[i];
	struct lnr_str rest = {d->text + n->at, n->end - n->at}, piece;
	if (!d->spaced) {
		lnr_buf_str(out, rest);
		return;
	}
	while (next_piece(&rest, &piece))
		lnr_buf_str(out, piece);
}

struct lnr_str lnr_json_text(const struct lnr_json_doc *d, uint32_t i, struct lnr_arena *arena)
{
	struct lnr_str s = lnr_json_raw_text(d, i), piece;
	bool string = d->nodes[i].type == LNR_JSON_STRING;
	if (string ? !d->nodes[i].escaped : !d->spaced)
		return s;
	char *out = lnr_arena_alloc(arena, s.len + 1);
	size_t n = 0;
	if (!out)
		return (struct lnr_str){NULL, 0};
	if (string)
		return (struct lnr_str){out, unescape(s, out)};
	while (next_piece(&s, &piece)) {
		memcpy(out + n, piece.ptr, piece.len);
		n += piece.len;
	}
	return (struct lnr_str){out, n};
}

static void new_line(struct lnr_buf *out, unsigned depth)
{
	size_t n = 1 + 2 * (size_t)depth;
	char *to = lnr_buf_room(out, n);
	if (!to)
		return;
	memset(to, ' ', n);
	to[0] = '\n';
	to[n] = 0;
	out->len += n;
}

/* Works on the text: what is a token was settled when it was read. */
void lnr_json_indent(const struct lnr_json_doc *d, uint32_t i, struct lnr_buf *out)
{
	const char *p = d->text + d->nodes[i].at, *end = d->text + d->nodes[i].end;
	unsigned depth = 0;
	while (p < end) {
		const char *from = p;
		char c = *p++;
		if (is_space(c))
			continue;
		if (c == '"') {
			for (p = find_special(p, end); *p == '\\'; p = find_special(p, end))
				p += 2;
			p++;
		}
		if (c == '}' || c == ']')
			new_line(out, --depth);
		lnr_buf_add(out, from, (size_t)(p - from));
		if (c == ':')
			lnr_buf_chr(out, ' ');
		else if (c == ',')
			new_line(out, depth);
		if (c != '{' && c != '[')
			continue;
		while (is_space(*p))
			p++;
		if (*p == '}' || *p == ']')
			lnr_buf_add(out, p++, 1);
		else
			new_line(out, ++depth);
	}
}

/* --- pointers --- */

static void parse_token(struct lnr_str text, char *out, struct lnr_json_token *ret)
{
	size_t n = 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		char next = i + 1 < text.len ? text.ptr[i + 1] : 0;
		if (c == '~' && (next == '0' || next == '1')) {
			c = next == '0' ? '~' : '/';
			i++;
		}
		out[n++] = c;
	}
	*ret = (struct lnr_json_token){.name = {out, n}, .index = UINT64_MAX};
	uint64_t k;
	if (lnr_str_u64(ret->name, &k) == 0)
		ret->index = k;
}

int lnr_json_pointer_parse(struct lnr_str text, struct lnr_arena *arena,
	struct lnr_json_pointer *ret, struct lnr_err *err)
{
	struct lnr_str rest = text, part;
	size_t n = 1;
	if (!text.len)
		return lnr_fail(err, -EINVAL, "an empty JSON pointer");
	if (text.ptr[0] == '/')
		rest = lnr_str_sub(text, 1, text.len);
	for (size_t i = 0; i < rest.len; i++)
		n += rest.ptr[i] == '/';
	if (n > LNR_JSON_POINTER_TOKENS)
		return lnr_fail(err, -EINVAL, "a JSON pointer of %zu parts, at most %d", n,
			LNR_JSON_POINTER_TOKENS);
	struct lnr_json_token *tokens = lnr_arena_calloc(arena, n, sizeof(*tokens));
	char *names = lnr_arena_alloc(arena, rest.len + 1);
	if (!tokens || !names)
		return lnr_fail(err, -ENOMEM, "out of memory");
	size_t at = 0;
	/* A slash alone and one at the end lead to the empty name. */
	while (at < n) {
		ptrdiff_t slash = lnr_str_chr(rest, '/');
		part = slash < 0 ? rest : lnr_str_sub(rest, 0, (size_t)slash);
		parse_token(part, names, &tokens[at]);
		names += tokens[at++].name.len;
		rest = lnr_str_sub(rest, part.len + 1, rest.len);
	}
	*ret = (struct lnr_json_pointer){tokens, n};
	return 0;
}

uint32_t lnr_json_pointer_get(
	const struct lnr_json_doc *d, uint32_t from, const struct lnr_json_pointer *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct lnr_json_token *t = &p->tokens[i];
		uint32_t found = d->nodes[from].type == LNR_JSON_ARRAY
					 ? lnr_json_element(d, from, t->index)
					 : lnr_json_member(d, from, t->name);
		if (!found)
			return 0;
		from = found;
	}
	return from;
}
