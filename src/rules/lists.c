/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists: references between them, and their substitution in condition texts (spec
 * rules-language.md 5.1, 5.2).
 *
 * The reference goes through all lists in order of definition and replaces each list's name in the
 * text that the lists before it left behind. With hundreds of lists and conditions that is mostly
 * looking for names that are not there. Here a text is cut into tokens once, at the characters that
 * delimit names; a list can only occur where the first token of its name does. Those lists, and
 * the ones that the inserted items bring in, then get their passes in the same order, so that the
 * result is the same to the byte (positions of later errors depend on it).
 */
#include "rules/load_priv.h"

#include <stdlib.h>
#include "schema/limits.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool delimiter(char c)
{
	return blank(c) || c == '(' || c == ')' || c == ',' || c == '=';
}

/* The next token at or after *at; false at the end. */
static bool next_token(struct lnr_str s, size_t *at, struct lnr_str *ret)
{
	size_t i = *at;
	while (i < s.len && delimiter(s.ptr[i]))
		i++;
	size_t from = i;
	while (i < s.len && !delimiter(s.ptr[i]))
		i++;
	*at = i;
	*ret = lnr_str_sub(s, from, i);
	return i > from;
}

void lnr_quote_item(struct lnr_buf *out, struct lnr_str item)
{
	bool quote = lnr_str_chr(item, ' ') >= 0 && item.ptr[0] != '"' && item.ptr[0] != '\'';
	if (quote)
		lnr_buf_chr(out, '"');
	lnr_buf_str(out, item);
	if (quote)
		lnr_buf_chr(out, '"');
}

/* --- references between lists ---------------------------------------------------------------- */

/* A list that `list` may name: one defined before `list` was touched last. */
static struct lnr_list_item *visible(
	const struct lnr_loader *l, const struct lnr_list_item *list, struct lnr_str name)
{
	struct lnr_list_item *ref = lnr_item_find(&l->lists, name);
	return ref && ref->index < list->visibility ? ref : NULL;
}

static int too_many(struct lnr_loader *l, const struct lnr_list_item *list)
{
	return lnr_load_error(l, LNR_LOAD_ERR_VALIDATE, list->ctx,
		"with the lists it names, list '%.*s' has more than %u entries",
		LNR_STR_ARG(list->name), LNR_RULES_LIST_ITEMS);
}

/* One level only: the entries of a list that is named are taken as they were written. */
static int compile_list(struct lnr_loader *l, struct lnr_list_item *list, size_t *total)
{
	size_t n = 0, refs = 0;
	for (size_t i = 0; i < list->n_items; i++) {
		struct lnr_list_item *ref = visible(l, list, list->items[i]);
		n += ref ? ref->n_items : 1;
		refs += ref != NULL;
		if (n > LNR_RULES_LIST_ITEMS || *total + n > LNR_RULES_LIST_ITEMS)
			return too_many(l, list);
	}
	list->sub.ptr = NULL;
	list->compiled = list->items;
	list->n_compiled = n;
	if (!refs)
		return 0;
	*total += n;
	struct lnr_str *out = lnr_arena_calloc(&l->scratch, n ? n : 1, sizeof(*out));
	if (!out)
		return -ENOMEM;
	list->compiled = out;
	for (size_t i = 0; i < list->n_items; i++) {
		struct lnr_list_item *ref = visible(l, list, list->items[i]);
		if (!ref) {
			*out++ = list->items[i];
			continue;
		}
		ref->used = true;
		for (size_t k = 0; k < ref->n_items; k++)
			*out++ = ref->items[k];
	}
	return 0;
}

/* Register a list under the first token of its name. Names of delimiters only never match. */
static int index_list(struct lnr_loader *l, struct lnr_list_item *list)
{
	size_t at = 0;
	struct lnr_str token;
	void *old = NULL;
	list->same_token = NULL;
	if (!next_token(list->name, &at, &token))
		return 0;
	if (lnr_strmap_set(&l->list_tokens, token, list, &old))
		return -ENOMEM;
	list->same_token = old;
	return 0;
}

int lnr_lists_compile(struct lnr_loader *l)
{
	size_t total = 0;
	lnr_strmap_clear(&l->list_tokens);
	l->scanned = 0;
	for (size_t i = 0; i < l->lists.n; i++)
		((struct lnr_list_item *)l->lists.v[i])->used = false;
	for (size_t i = 0; i < l->lists.n; i++) {
		struct lnr_list_item *list = l->lists.v[i];
		int rc = compile_list(l, list, &total);
		if (!rc)
			rc = index_list(l, list);
		if (rc)
			return rc;
	}
	return 0;
}

/* --- substitution ---------------------------------------------------------------------------- */

/* Lists whose pass is still to come, lowest first (a binary heap of seq numbers). */
struct passes {
	uint32_t *v;
	size_t n, cap;
};

static int passes_add(struct passes *p, uint32_t seq)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 32;
		void *q = reallocarray(p->v, cap, sizeof(*p->v));
		if (!q)
			return -ENOMEM;
		p->v = q;
		p->cap = cap;
	}
	size_t i = p->n++;
	while (i && p->v[(i - 1) / 2] > seq) {
		p->v[i] = p->v[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	p->v[i] = seq;
	return 0;
}

static uint32_t passes_take(struct passes *p)
{
	uint32_t top = p->v[0], last = p->v[--p->n];
	size_t i = 0;
	for (;;) {
		size_t kid = 2 * i + 1;
		if (kid + 1 < p->n && p->v[kid + 1] < p->v[kid])
			kid++;
		if (kid >= p->n || p->v[kid] >= last)
			break;
		p->v[i] = p->v[kid];
		i = kid;
	}
	if (p->n)
		p->v[i] = last;
	return top;
}

/* Lists later than `after` that may occur in a text. The same one may come several times. */
static int add_passes(struct lnr_loader *l, struct lnr_str text, int64_t after, struct passes *p)
{
	size_t at = 0;
	struct lnr_str token;
	while (next_token(text, &at, &token)) {
		const struct lnr_list_item *list = lnr_strmap_get(&l->list_tokens, token);
		for (; list; list = list->same_token) {
			if ((int64_t)list->seq > after && passes_add(p, list->seq))
				return -ENOMEM;
		}
	}
	return 0;
}

/* Which lists an insertion of `list` brings in, found once: its text may be long. */
static int find_later(struct lnr_loader *l, struct lnr_list_item *list)
{
	struct passes p = {0};
	int rc = add_passes(l, list->sub, list->seq, &p);
	list->later = rc ? NULL : lnr_arena_calloc(&l->scratch, p.n + 1, sizeof(*list->later));
	list->n_later = 0;
	while (list->later && p.n) {
		uint32_t seq = passes_take(&p);
		if (!list->n_later || list->later[list->n_later - 1] != seq)
			list->later[list->n_later++] = seq;
	}
	free(p.v);
	return list->later ? 0 : -ENOMEM;
}

/* The entries of a list as one text, made when it is needed first. */
static int make_sub(struct lnr_loader *l, struct lnr_list_item *list)
{
	struct lnr_buf b;
	size_t offered = 0;
	lnr_buf_init(&b, LNR_COND_BYTES);
	for (size_t i = 0; i < list->n_compiled; i++) {
		offered += list->compiled[i].len + 2;
		if (b.len)
			lnr_buf_cstr(&b, ", ");
		lnr_quote_item(&b, list->compiled[i]);
	}
	int rc = !b.failed ? 0 : offered > LNR_COND_BYTES / 2 ? -E2BIG : -ENOMEM;
	list->sub = rc ? (struct lnr_str){0} : lnr_arena_str(&l->scratch, lnr_buf_view(&b));
	lnr_buf_done(&b);
	return rc ? rc : list->sub.ptr ? find_later(l, list) : -ENOMEM;
}

/* One pass: `in` with the name replaced, and where each byte came from. */
struct pass {
	struct lnr_buf *out;
	const uint32_t *in_map; /* NULL = not asked for */
	uint32_t *out_map;
	size_t map_cap;
	size_t offered; /* bytes put out so far, also when they did not fit */
	bool used, failed;
};

static void map_to(struct pass *p, size_t len, uint32_t origin, bool step)
{
	if (!p->in_map || p->failed)
		return;
	if (p->out->len + len > p->map_cap) {
		size_t cap = 2 * (p->out->len + len);
		void *q = reallocarray(p->out_map, cap, sizeof(*p->out_map));
		if (!q) {
			p->failed = true;
			return;
		}
		p->out_map = q;
		p->map_cap = cap;
	}
	for (size_t i = 0; i < len; i++)
		p->out_map[p->out->len + i] = step ? p->in_map[origin + i] : origin;
}

static void copy(struct pass *p, struct lnr_str in, size_t from, size_t to)
{
	map_to(p, to - from, (uint32_t)from, true);
	p->offered += to - from;
	lnr_buf_str(p->out, lnr_str_sub(in, from, to));
}

static void insert(struct pass *p, struct lnr_str text, size_t at)
{
	map_to(p, text.len, p->in_map ? p->in_map[at] : 0, false);
	p->offered += text.len;
	lnr_buf_str(p->out, text);
}

static bool bounded(struct lnr_str s, size_t from, size_t to)
{
	return (from == 0 || delimiter(s.ptr[from - 1])) && (to == s.len || delimiter(s.ptr[to]));
}

/*
 * Blanks around the name are swallowed, its entries come with one blank on either side, and when
 * there are none a comma goes too, the one before if possible. What was put in is not looked at
 * again; nor, when the name begins the text, is the character after it (a slip of the reference).
 */
static void run_pass(struct pass *p, struct lnr_str in, const struct lnr_list_item *list)
{
	size_t done = 0, at = 0;
	while (at < in.len) {
		ptrdiff_t hit = lnr_str_find(lnr_str_sub(in, at, in.len), list->name);
		if (hit < 0)
			break;
		size_t from = at + (size_t)hit, to = from + list->name.len;
		if (!bounded(in, from, to)) {
			at = from + 1;
			continue;
		}
		size_t name_at = from;
		while (from > done && blank(in.ptr[from - 1]))
			from--;
		while (to < in.len && blank(in.ptr[to]))
			to++;
		copy(p, in, done, from);
		/* Blanks and a comma that earlier replacements of this pass left behind count too.
		 */
		size_t keep = p->out->len;
		if (from == done) {
			while (keep && blank(p->out->ptr[keep - 1]))
				keep--;
		}
		if (!list->sub.len) {
			if (keep && p->out->ptr[keep - 1] == ',')
				keep--;
			else if (to < in.len && in.ptr[to] == ',')
				to++;
		}
		lnr_buf_cut(p->out, keep);
		bool first = p->out->len == 0;
		if (!first)
			insert(p, LNR_STR(" "), name_at);
		insert(p, list->sub, name_at);
		insert(p, LNR_STR(" "), name_at);
		p->used = true;
		done = to;
		at = first ? to + 1 : to;
	}
	copy(p, in, done, in.len);
}

static int identity_map(size_t n, uint32_t **ret)
{
	*ret = malloc((n + 1) * sizeof(**ret));
	for (size_t i = 0; *ret && i <= n; i++)
		(*ret)[i] = (uint32_t)i;
	return *ret ? 0 : -ENOMEM;
}

static int all_passes(struct lnr_loader *l, struct passes *todo, struct lnr_str *text,
	uint32_t **map, struct lnr_buf *spare)
{
	struct lnr_buf *out = spare;
	int64_t last = -1;
	while (todo->n) {
		uint32_t seq = passes_take(todo);
		if ((int64_t)seq == last)
			continue; /* named several times, one pass does all */
		last = seq;
		struct lnr_list_item *list = l->lists.v[seq];
		int rc = list->sub.ptr ? 0 : make_sub(l, list);
		l->scanned += text->len;
		if (!rc && l->scanned > LNR_RULES_SCAN_BYTES)
			rc = -E2BIG;
		if (rc)
			return rc;
		struct pass p = {.out = out, .in_map = map ? *map : NULL};
		lnr_buf_clear(out);
		run_pass(&p, *text, list);
		if (p.in_map) {
			map_to(&p, 1, (uint32_t)text->len, true); /* the end */
			free(*map);
			*map = p.out_map;
		}
		if (p.failed)
			return -ENOMEM;
		if (out->failed)
			return p.offered > LNR_COND_BYTES ? -E2BIG : -ENOMEM;
		if (!p.used)
			continue; /* the same text; the name had only its first token there */
		list->used = true;
		*text = lnr_buf_view(out);
		out = out == &l->text2 ? spare : &l->text2;
		for (size_t i = 0; i < list->n_later; i++) {
			if (passes_add(todo, list->later[i]))
				return -ENOMEM;
		}
	}
	return 0;
}

int lnr_lists_substitute(
	struct lnr_loader *l, struct lnr_str text, struct lnr_str *ret, uint32_t **ret_map)
{
	struct passes todo = {0};
	struct lnr_buf spare;
	*ret = text;
	if (ret_map && identity_map(text.len, ret_map))
		return -ENOMEM;
	lnr_buf_init(&spare, LNR_COND_BYTES);
	int rc = add_passes(l, text, -1, &todo);
	if (!rc)
		rc = all_passes(l, &todo, ret, ret_map, &spare);
	if (!rc && ret->ptr == spare.ptr) {
		/* Leave the result where the caller will find it. */
		struct lnr_buf t = l->text2;
		l->text2 = spare;
		spare = t;
	}
	free(todo.v);
	lnr_buf_done(&spare);
	return rc;
}
