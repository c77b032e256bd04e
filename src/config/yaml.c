/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two things stand between libyaml and the reference's reader.
 *
 * libyaml refuses control bytes and broken UTF-8 and takes CR, NEL, LS and PS for line breaks; the
 * reference takes every byte and knows only LF. So text that has such bytes is fed to libyaml with
 * each of them written as a private-use character (U+10FF00 + byte), which libyaml treats like a
 * letter, and scalars are translated back. Most files have none and are fed as they are.
 *
 * libyaml counts characters, the reference bytes. Positions are translated by a cursor that walks
 * the text once, because marks nearly always move forward.
 */
#include "config/yaml.h"

#include <stdlib.h>
#include <yaml.h>
#include "base/hash.h"
#include "base/json.h"
#include "schema/limits.h"

/* U+10FF00 … U+10FFFF in UTF-8: F4 8F BC 80 … F4 8F BF BF. */
#define ESCAPE_LEN 4

struct cursor {
	size_t at, index;	 /* byte, libyaml's character number */
	size_t line, line_start; /* lines before `at`; byte where the line of `at` begins */
};

/* An open sequence or map. */
struct frame {
	struct lnr_yaml *node;
	size_t first_kid; /* in reader.kids */
	uint64_t weight;  /* of the kids so far */
};

struct reader {
	struct lnr_arena *arena;
	const char *file;
	struct lnr_str text; /* without byte order mark */
	bool odd;	     /* has bytes that need escaping, or directives to hide */
	bool ascii;	     /* positions need no translation */
	size_t fed;	     /* how much of text libyaml has taken */
	size_t prefix_end;   /* end of the directives before the first document */
	yaml_parser_t parser;
	struct cursor cur;
	struct frame frames[LNR_YAML_DEPTH];
	unsigned depth;
	const struct lnr_yaml **kids; /* of all open collections, one after the other */
	size_t n_kids, cap_kids;
	const struct lnr_yaml **docs;
	size_t n_docs, cap_docs;
	struct lnr_strmap anchors; /* of this document: struct lnr_yaml */
	uint64_t total;		   /* weight of everything */
	struct lnr_err *err;
};

/*
 * Bytes of the character at text[at] that goes to libyaml as it is; 0 = the byte there is escaped.
 */
static unsigned plain_char(struct lnr_str text, size_t at)
{
	unsigned char c = (unsigned char)text.ptr[at];
	if (c >= 0x20 && c < 0x7f)
		return 1;
	if (c == '\n' || c == '\t')
		return 1;
	if (c == '\r')
		return at + 1 < text.len && text.ptr[at + 1] == '\n';
	if (c < 0x80)
		return 0;
	unsigned bad;
	uint32_t code;
	unsigned n = lnr_utf8_next(text, at, &bad, &code);
	/* C1 controls, line separators, byte order mark, non-characters, and our own escapes. */
	if (!n || code < 0xa0 || code == 0x2028 || code == 0x2029 || code == 0xfeff ||
		code == 0xfffe || code == 0xffff || code >= 0x10ff00)
		return 0;
	return n;
}

/* --- feeding libyaml ------------------------------------------------------------------------- */

/* Directives of the first document: libyaml knows two and refuses others, the reference ignores. */
static size_t prefix_end(struct lnr_str text, bool *ret_odd)
{
	size_t at = 0, end = 0;
	while (at < text.len && (text.ptr[at] == '%' || text.ptr[at] == '#')) {
		struct lnr_str rest = lnr_str_sub(text, at, text.len);
		ptrdiff_t nl = lnr_str_chr(rest, '\n');
		if (text.ptr[at] == '%') {
			*ret_odd = *ret_odd || !lnr_str_starts(rest, LNR_STR("%TAG "));
			end = at + 1;
		}
		at = nl < 0 ? text.len : at + (size_t)nl + 1;
	}
	return end;
}

static bool hidden_directive(const struct reader *r, size_t at)
{
	return at < r->prefix_end && r->text.ptr[at] == '%' &&
	       (at == 0 || r->text.ptr[at - 1] == '\n') &&
	       !lnr_str_starts(lnr_str_sub(r->text, at, at + 5), LNR_STR("%TAG "));
}

static int feed(void *data, unsigned char *buffer, size_t size, size_t *ret_size)
{
	struct reader *r = data;
	size_t n = 0;
	while (r->fed < r->text.len) {
		unsigned len = plain_char(r->text, r->fed);
		if (n + (len ? len : ESCAPE_LEN) > size)
			break;
		if (hidden_directive(r, r->fed)) {
			buffer[n++] = '#';
			r->fed++;
			continue;
		}
		if (len) {
			memcpy(buffer + n, r->text.ptr + r->fed, len);
			n += len;
			r->fed += len;
			continue;
		}
		unsigned char c = (unsigned char)r->text.ptr[r->fed++];
		buffer[n++] = 0xf4;
		buffer[n++] = 0x8f;
		buffer[n++] = 0xbc | c >> 6;
		buffer[n++] = 0x80 | (c & 0x3f);
	}
	*ret_size = n;
	return 1;
}

/* The reverse of feed(), in place. */
static size_t unescape(char *s, size_t len)
{
	size_t out = 0;
	for (size_t i = 0; i < len; i++) {
		const unsigned char *p = (const unsigned char *)s + i;
		if (len - i >= ESCAPE_LEN && p[0] == 0xf4 && p[1] == 0x8f && p[2] >= 0xbc) {
			s[out++] = (char)((p[2] & 3) << 6 | (p[3] & 0x3f));
			i += ESCAPE_LEN - 1;
		} else {
			s[out++] = s[i];
		}
	}
	return out;
}

/* Look at every byte once: can the text be fed as it is, and do characters differ from bytes? */
static void survey(struct reader *r)
{
	r->ascii = true;
	for (size_t i = 0; i < r->text.len;) {
		unsigned len = plain_char(r->text, i);
		r->ascii = r->ascii && len == 1;
		r->odd = r->odd || !len;
		i += len ? len : 1;
	}
	r->prefix_end = prefix_end(r->text, &r->odd);
}

static int utf16_to_utf8(struct lnr_arena *arena, struct lnr_str *text, bool big)
{
	const unsigned char *p = (const unsigned char *)text->ptr;
	size_t units = text->len / 2, n = 0;
	char *out = lnr_arena_alloc(arena, units * 3 + 1); /* four bytes only for two units */
	if (!out)
		return -ENOMEM;
	for (size_t i = 1; i < units; i++) {
		uint32_t c = p[2 * i + !big] << 8 | p[2 * i + big];
		if (c >= 0xd800 && c < 0xdc00 && i + 1 < units) {
			uint32_t low = p[2 * i + 2 + !big] << 8 | p[2 * i + 2 + big];
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				i++;
			}
		}
		if (c < 0x80) {
			out[n++] = (char)c;
			continue;
		}
		if (c >= 0x10000) {
			out[n++] = (char)(0xf0 | c >> 18);
			out[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		} else if (c >= 0x800) {
			out[n++] = (char)(0xe0 | c >> 12);
		} else {
			out[n++] = (char)(0xc0 | c >> 6);
		}
		if (c >= 0x800)
			out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		out[n++] = (char)(0x80 | (c & 0x3f));
	}
	*text = (struct lnr_str){out, n};
	return 0;
}

int lnr_yaml_utf8(struct lnr_arena *arena, struct lnr_str *text)
{
	if (lnr_str_starts(*text, LNR_STR("\xef\xbb\xbf")))
		*text = lnr_str_sub(*text, 3, text->len);
	else if (lnr_str_starts(*text, LNR_STR("\xff\xfe")))
		return utf16_to_utf8(arena, text, false);
	else if (lnr_str_starts(*text, LNR_STR("\xfe\xff")))
		return utf16_to_utf8(arena, text, true);
	return 0;
}

/* --- positions ------------------------------------------------------------------------------- */

/* Move to libyaml's character `index`. Marks of events move forward; only an error may go back. */
static void seek_char(struct reader *r, size_t index)
{
	struct cursor *c = &r->cur;
	if (index < c->index)
		*c = (struct cursor){0};
	while (c->index < index && c->at < r->text.len) {
		unsigned len = r->ascii ? 1 : plain_char(r->text, c->at);
		if (r->text.ptr[c->at] == '\n') {
			c->line++;
			c->line_start = c->at + 1;
		}
		c->at += len ? len : 1;
		c->index++;
	}
}

/*
 * An empty value has no place of its own: the reference reports where the next token is, which is
 * after blanks, line ends and comments.
 */
static void seek_token(struct reader *r)
{
	struct cursor *c = &r->cur;
	while (c->at < r->text.len) {
		char ch = r->text.ptr[c->at];
		bool after_blank = c->at == c->line_start || r->text.ptr[c->at - 1] == ' ' ||
				   r->text.ptr[c->at - 1] == '\t';
		size_t n = 1;
		if (ch == '#' && after_blank) {
			ptrdiff_t nl = lnr_str_chr(lnr_str_sub(r->text, c->at, r->text.len), '\n');
			n = nl < 0 ? r->text.len - c->at : (size_t)nl;
		} else if (ch != ' ' && ch != '\t' && ch != '\n' && ch != '\r') {
			return;
		}
		for (; n; n--)
			seek_char(r, c->index + 1);
	}
}

static void place(struct reader *r, struct lnr_yaml *n, const yaml_event_t *e, bool absent)
{
	seek_char(r, e->start_mark.index);
	struct cursor keep = r->cur;
	if (absent)
		seek_token(r);
	n->line = (uint32_t)r->cur.line;
	n->column = (uint32_t)(r->cur.at - r->cur.line_start);
	n->offset = (uint32_t)r->cur.at;
	r->cur = keep; /* the next mark may be before the next token */
}

/* --- building -------------------------------------------------------------------------------- */

static int fail_here(struct reader *r, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int fail_here(struct reader *r, int code, const char *fmt, ...)
{
	char msg[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	return lnr_fail_at(r->err, code, r->file, (unsigned)r->cur.line + 1,
		(unsigned)(r->cur.at - r->cur.line_start) + 1, "%s", msg);
}

static int out_of_memory(struct reader *r)
{
	return lnr_fail(r->err, -ENOMEM, "out of memory while reading YAML");
}

static int push_ptr(const struct lnr_yaml ***v, size_t *n, size_t *cap, const struct lnr_yaml *p)
{
	if (*n == *cap) {
		size_t want = *cap ? *cap * 2 : 64;
		void *q = reallocarray(*v, want, sizeof(**v));
		if (!q)
			return -ENOMEM;
		*v = q;
		*cap = want;
	}
	(*v)[(*n)++] = p;
	return 0;
}

/* Put a finished or just opened node where it belongs; `weight` is added to all that hold it. */
static int attach(struct reader *r, const struct lnr_yaml *n, uint32_t weight)
{
	r->total += weight;
	if (r->total > LNR_YAML_NODES)
		return fail_here(r, -EFBIG,
			"more than %u values, every alias followed: too large, or built to be",
			LNR_YAML_NODES);
	int rc = r->depth ? push_ptr(&r->kids, &r->n_kids, &r->cap_kids, n)
			  : push_ptr(&r->docs, &r->n_docs, &r->cap_docs, n);
	if (rc)
		return out_of_memory(r);
	if (r->depth)
		r->frames[r->depth - 1].weight += weight;
	return 0;
}

static int remember(struct reader *r, const yaml_char_t *anchor, struct lnr_yaml *n)
{
	if (!anchor)
		return 0;
	struct lnr_str name = lnr_arena_str(r->arena, lnr_str_c((const char *)anchor));
	if (!name.ptr)
		return out_of_memory(r);
	/* A name may be given again: from here on it means the new node. */
	lnr_strmap_remove(&r->anchors, name);
	return lnr_strmap_set(&r->anchors, name, n, NULL) ? out_of_memory(r) : 0;
}

static struct lnr_yaml *new_node(
	struct reader *r, enum lnr_yaml_kind kind, const yaml_event_t *e, bool absent)
{
	struct lnr_yaml *n = lnr_arena_new(r->arena, struct lnr_yaml);
	if (!n)
		return NULL;
	n->kind = kind;
	place(r, n, e, absent);
	return n;
}

static bool null_word(struct lnr_str s)
{
	return s.len == 0 || lnr_str_eq(s, LNR_STR("~")) || lnr_str_eq(s, LNR_STR("null")) ||
	       lnr_str_eq(s, LNR_STR("Null")) || lnr_str_eq(s, LNR_STR("NULL"));
}

static int on_scalar(struct reader *r, yaml_event_t *e)
{
	char *value = (char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;
	if (r->odd)
		len = unescape(value, len);
	bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	bool null = plain && !e->data.scalar.tag && null_word((struct lnr_str){value, len});
	bool absent = null && !len && !e->data.scalar.anchor;
	struct lnr_yaml *n = new_node(r, null ? LNR_YAML_NULL : LNR_YAML_SCALAR, e, absent);
	if (!n)
		return out_of_memory(r);
	n->plain = plain;
	n->weight = 1;
	n->text = null ? LNR_STR("null") : lnr_arena_str(r->arena, (struct lnr_str){value, len});
	if (!n->text.ptr)
		return out_of_memory(r);
	int rc = remember(r, e->data.scalar.anchor, n);
	return rc ? rc : attach(r, n, 1);
}

static int on_open(
	struct reader *r, const yaml_event_t *e, enum lnr_yaml_kind kind, const yaml_char_t *anchor)
{
	struct lnr_yaml *n = new_node(r, kind, e, false);
	if (!n)
		return out_of_memory(r);
	if (r->depth == LNR_YAML_DEPTH)
		return fail_here(r, -EFBIG, "nested deeper than %u levels", LNR_YAML_DEPTH);
	int rc = remember(r, anchor, n); /* weight 0: not finished */
	if (!rc)
		rc = attach(r, n, 1);
	if (rc)
		return rc;
	r->frames[r->depth++] = (struct frame){.node = n, .first_kid = r->n_kids, .weight = 1};
	return 0;
}

static int on_close(struct reader *r)
{
	struct frame *f = &r->frames[--r->depth];
	struct lnr_yaml *n = f->node;
	size_t n_kids = r->n_kids - f->first_kid;
	if (n_kids) {
		n->kids = lnr_arena_calloc(r->arena, n_kids, sizeof(*n->kids));
		if (!n->kids)
			return out_of_memory(r);
		memcpy(n->kids, r->kids + f->first_kid, n_kids * sizeof(*n->kids));
	}
	n->n = (uint32_t)(n->kind == LNR_YAML_MAP ? n_kids / 2 : n_kids);
	n->weight = (uint32_t)f->weight;
	r->n_kids = f->first_kid;
	if (r->depth) /* its own node was counted when it was attached */
		r->frames[r->depth - 1].weight += f->weight - 1;
	return 0;
}

static int on_alias(struct reader *r, const yaml_event_t *e)
{
	seek_char(r, e->start_mark.index);
	const char *name = (const char *)e->data.alias.anchor;
	const struct lnr_yaml *n = lnr_strmap_get(&r->anchors, lnr_str_c(name));
	if (!n)
		return fail_here(r, -EINVAL,
			"no anchor &%s comes before this alias; a value that begins with * needs "
			"quotes",
			name);
	if (!n->weight)
		return fail_here(r, -EINVAL, "alias *%s is inside what it stands for", name);
	return attach(r, n, n->weight);
}

/* What libyaml's terse reasons usually mean in a rules or configuration file. */
static const char *advice(const struct reader *r)
{
	char c = r->cur.at < r->text.len ? r->text.ptr[r->cur.at] : '\0';
	const char *problem = r->parser.problem ? r->parser.problem : "";
	if (c == '\t')
		return "; indent with blanks, not tabs";
	if (r->parser.context && strstr(r->parser.context, "alias"))
		return "; a value that begins with * needs quotes";
	if (strstr(problem, "cannot start any token"))
		return "; put the value in quotes";
	if (strstr(problem, "mapping values are not allowed"))
		return "; a value that has \": \" in it needs quotes, and keys of one map start in "
		       "one column";
	return "";
}

static int parser_failed(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	if (p->error == YAML_MEMORY_ERROR)
		return out_of_memory(r);
	const char *problem = p->problem ? p->problem : "not understood";
	if (p->context && strstr(p->context, "quoted scalar") && strstr(problem, "unexpected")) {
		seek_char(r, p->context_mark.index);
		return fail_here(r, -EINVAL, "this quote is never closed");
	}
	if (!p->context) {
		seek_char(r, p->problem_mark.index);
		return fail_here(r, -EINVAL, "%s%s", problem, advice(r));
	}
	seek_char(r, p->context_mark.index);
	size_t from = r->cur.line + 1;
	seek_char(r, p->problem_mark.index);
	return fail_here(r, -EINVAL, "%s (%s that began in line %zu)%s", problem, p->context, from,
		advice(r));
}

static int on_event(struct reader *r, yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(r, e);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(r, e, LNR_YAML_SEQ, e->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return on_open(r, e, LNR_YAML_MAP, e->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_close(r);
	case YAML_ALIAS_EVENT:
		return on_alias(r, e);
	case YAML_DOCUMENT_END_EVENT:
		lnr_strmap_clear(&r->anchors);
		return 0;
	default:
		return 0;
	}
}

static int run(struct reader *r)
{
	for (;;) {
		yaml_event_t e;
		if (!yaml_parser_parse(&r->parser, &e))
			return parser_failed(r);
		bool end = e.type == YAML_STREAM_END_EVENT;
		int rc = on_event(r, &e);
		yaml_event_delete(&e);
		if (rc || end)
			return rc;
	}
}

static int start(struct reader *r)
{
	int rc = lnr_yaml_utf8(r->arena, &r->text);
	if (rc || !yaml_parser_initialize(&r->parser))
		return out_of_memory(r);
	survey(r);
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	if (r->odd)
		yaml_parser_set_input(&r->parser, feed, r);
	else
		yaml_parser_set_input_string(
			&r->parser, (const unsigned char *)r->text.ptr, r->text.len);
	return 0;
}

int lnr_yaml_parse(struct lnr_arena *arena, const char *file, struct lnr_str text,
	const struct lnr_yaml ***ret, size_t *ret_n, struct lnr_err *err)
{
	if (text.len > LNR_YAML_BYTES)
		return lnr_fail_at(
			err, -EFBIG, file, 0, 0, "larger than %u MiB", LNR_YAML_BYTES >> 20);
	struct reader *r = calloc(1, sizeof(*r)); /* too large for the stack */
	if (!r)
		return lnr_fail(err, -ENOMEM, "out of memory while reading YAML");
	r->arena = arena;
	r->file = file;
	r->text = text.len ? text : LNR_STR("");
	r->err = err;
	lnr_strmap_init(&r->anchors);
	int rc = start(r);
	if (!rc)
		rc = run(r);
	if (!rc) {
		*ret = lnr_arena_calloc(arena, r->n_docs ? r->n_docs : 1, sizeof(**ret));
		*ret_n = r->n_docs;
		if (!*ret)
			rc = out_of_memory(r);
		else if (r->n_docs)
			memcpy(*ret, r->docs, r->n_docs * sizeof(**ret));
	}
	yaml_parser_delete(&r->parser);
	lnr_strmap_done(&r->anchors);
	free(r->kids);
	free(r->docs);
	free(r);
	return rc;
}

/* --- reading --------------------------------------------------------------------------------- */

const struct lnr_yaml *lnr_yaml_get(const struct lnr_yaml *map, const char *key)
{
	if (!map || map->kind != LNR_YAML_MAP)
		return NULL;
	struct lnr_str want = lnr_str_c(key);
	for (uint32_t i = 0; i < map->n; i++) {
		const struct lnr_yaml *k = map->kids[2 * i];
		if ((k->kind == LNR_YAML_SCALAR || k->kind == LNR_YAML_NULL) &&
			lnr_str_eq(k->text, want))
			return map->kids[2 * i + 1];
	}
	return NULL;
}

/* One of the words in lower case, Capitalised or in UPPER case, nothing in between. */
static bool word_in(struct lnr_str s, const char *const *words)
{
	for (; *words; words++) {
		struct lnr_str w = lnr_str_c(*words);
		if (!lnr_str_ieq(s, w))
			continue;
		if (lnr_str_eq(lnr_str_sub(s, 1, s.len), lnr_str_sub(w, 1, w.len)))
			return true;
		for (size_t i = 0; i < s.len; i++) {
			if (s.ptr[i] >= 'a' && s.ptr[i] <= 'z')
				return false;
		}
		return true;
	}
	return false;
}

bool lnr_yaml_bool(const struct lnr_yaml *n, bool *ret)
{
	static const char *const yes[] = {"y", "yes", "true", "on", NULL};
	static const char *const no[] = {"n", "no", "false", "off", NULL};
	if (!n || n->kind != LNR_YAML_SCALAR)
		return false;
	*ret = word_in(n->text, yes);
	return *ret || word_in(n->text, no);
}

static bool only_blanks(struct lnr_str s)
{
	return lnr_str_trim(s).len == 0;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Digits with base detection (0x, 0, else decimal), trailing blanks allowed. */
static bool magnitude(struct lnr_str s, uint64_t *ret)
{
	unsigned base = 10;
	size_t i = 0;
	if (s.len > 1 && s.ptr[0] == '0' && (s.ptr[1] | 0x20) == 'x') {
		base = 16;
		i = 2;
	} else if (s.len && s.ptr[0] == '0') {
		base = 8; /* the leading 0 itself is a digit */
	}
	uint64_t v = 0;
	size_t first = i;
	for (; i < s.len && (unsigned)digit(s.ptr[i]) < base; i++) {
		if (__builtin_mul_overflow(v, base, &v) ||
			__builtin_add_overflow(v, (uint64_t)digit(s.ptr[i]), &v))
			return false;
	}
	*ret = v;
	return i > first && only_blanks(lnr_str_sub(s, i, s.len));
}

bool lnr_yaml_u64(const struct lnr_yaml *n, uint64_t *ret)
{
	if (!n || n->kind != LNR_YAML_SCALAR)
		return false;
	struct lnr_str s = n->text;
	if (s.len && s.ptr[0] == '+')
		s = lnr_str_sub(s, 1, s.len);
	return magnitude(s, ret);
}

bool lnr_yaml_s64(const struct lnr_yaml *n, int64_t *ret)
{
	if (!n || n->kind != LNR_YAML_SCALAR)
		return false;
	struct lnr_str s = n->text;
	bool negative = s.len && s.ptr[0] == '-';
	if (s.len && (negative || s.ptr[0] == '+'))
		s = lnr_str_sub(s, 1, s.len);
	uint64_t v;
	if (!magnitude(s, &v) || v > (uint64_t)INT64_MAX + negative)
		return false;
	*ret = negative ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

static bool special_double(struct lnr_str s, double *ret)
{
	static const char *const inf[] = {"inf", NULL};
	bool negative = s.len && s.ptr[0] == '-';
	if (s.len && (negative || s.ptr[0] == '+'))
		s = lnr_str_sub(s, 1, s.len);
	if (s.len != 4 || s.ptr[0] != '.')
		return false;
	s = lnr_str_sub(s, 1, s.len);
	if (word_in(s, inf)) {
		*ret = negative ? -__builtin_inf() : __builtin_inf();
		return true;
	}
	*ret = __builtin_nan("");
	return lnr_str_eq(s, LNR_STR("nan")) || lnr_str_eq(s, LNR_STR("NaN")) ||
	       lnr_str_eq(s, LNR_STR("NAN"));
}

bool lnr_yaml_double(const struct lnr_yaml *n, double *ret)
{
	if (!n || n->kind != LNR_YAML_SCALAR)
		return false;
	if (special_double(n->text, ret))
		return true;
	/* Decimal only: what strtod() takes beyond that (hex, "inf") is refused up front. */
	size_t i = 0;
	while (i < n->text.len && strchr("+-.0123456789eE", n->text.ptr[i]) && n->text.ptr[i])
		i++;
	char buf[400]; /* longer than any decimal that still says something about a double */
	if (!i || i >= sizeof(buf) || !only_blanks(lnr_str_sub(n->text, i, n->text.len)))
		return false;
	memcpy(buf, n->text.ptr, i);
	buf[i] = '\0';
	char *end;
	errno = 0;
	*ret = strtod(buf, &end);
	return end == buf + i && !(errno == ERANGE && (*ret > 1 || *ret < -1));
}
