/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of a field reference to a row and an argument (spec rules-language.md 9).
 *
 *	proc.name		whole name
 *	proc.aname[2]		name and bracket; quotes are allowed inside
 *	evt.arg.flags		name and suffix, for rows with LNR_FIELD_ARG_SUFFIX
 *
 * Two kinds of failure matter to rules: -ENOENT, which skip-if-unknown-filter covers, and -EINVAL,
 * which it does not. What is which follows the reference: built-in fields treat most bad arguments
 * as "no such field", plugin classes (strict_args) as an error of their own.
 */
#include "fields/core/get.h"
#include "fields/core/set.h"

/* --- did you mean --- */

void lnr_nearest_begin(struct lnr_nearest *n, struct lnr_str text)
{
	/* Two swapped letters count two; more wrong ones in a short name only find nonsense. */
	unsigned max = text.len < 4 ? 1 : text.len < 9 ? 2 : 3;

	*n = (struct lnr_nearest){.text = text, .distance = max + 1};
}

void lnr_nearest_try(struct lnr_nearest *n, const char *name)
{
	if (n->distance == 0)
		return;
	unsigned d = lnr_str_distance(n->text, lnr_str_c(name), n->distance - 1);
	if (d < n->distance) {
		n->distance = d;
		n->best = name;
	}
}

static int no_such_field(const struct lnr_fieldset *set, struct lnr_str text, struct lnr_err *err)
{
	const struct lnr_field_class *cls;
	struct lnr_nearest near;
	size_t pos = 0;

	if (!err)
		return -ENOENT;
	ptrdiff_t bracket = lnr_str_chr(text, '[');
	lnr_nearest_begin(&near, bracket > 0 ? lnr_str_sub(text, 0, (size_t)bracket) : text);
	while ((cls = lnr_fieldset_next(set, &pos)))
		for (const struct lnr_field *f = cls->fields; f->name; f++)
			if (!(f->flags & LNR_FIELD_HIDDEN))
				lnr_nearest_try(&near, f->name);
	if (!near.best)
		return lnr_fail(err, -ENOENT, "no field named '%.*s'", LNR_STR_ARG(text));
	return lnr_fail(err, -ENOENT, "no field named '%.*s', did you mean '%s'?",
		LNR_STR_ARG(text), near.best);
}

/* --- arguments --- */

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Blanks, sign, digits, the end. A value beyond `max` saturates as strtol does. */
static int scan_number(
	struct lnr_str arg, uint64_t max_plus, uint64_t max_minus, bool *ret_minus, uint64_t *ret)
{
	size_t i = 0;

	while (i < arg.len && is_blank(arg.ptr[i]))
		i++;
	bool minus = i < arg.len && arg.ptr[i] == '-';
	if (minus || (i < arg.len && arg.ptr[i] == '+'))
		i++;
	if (i == arg.len)
		return -EINVAL;

	uint64_t v = 0, max = minus ? max_minus : max_plus;
	for (; i < arg.len; i++) {
		unsigned d = (unsigned)(arg.ptr[i] - '0');
		if (d > 9)
			return -EINVAL;
		v = v > (max - d) / 10 ? max : v * 10 + d;
	}
	*ret_minus = minus;
	*ret = v;
	return 0;
}

int lnr_arg_s64(struct lnr_str arg, int64_t *ret)
{
	uint64_t v;
	bool minus;
	int r = scan_number(arg, INT64_MAX, (uint64_t)INT64_MAX + 1, &minus, &v);

	if (r == 0)
		*ret = (int64_t)(minus ? 0 - v : v);
	return r;
}

int lnr_arg_u64(struct lnr_str arg, uint64_t *ret)
{
	uint64_t v;
	bool minus;
	int r = scan_number(arg, UINT64_MAX, UINT64_MAX, &minus, &v);

	if (r == 0)
		*ret = minus ? 0 - v : v;
	return r;
}

int lnr_arg_s32(struct lnr_str arg, int32_t *ret)
{
	int64_t v;
	int r = lnr_arg_s64(arg, &v);

	if (r == 0)
		*ret = (int32_t)(uint32_t)(uint64_t)v;
	return r;
}

/* An index of a plugin field: decimal, no leading zero, at most 64 bits. */
static bool plugin_index(struct lnr_str arg, uint64_t *ret)
{
	if (arg.len > 1 && arg.ptr[0] == '0')
		return false;
	return lnr_str_u64(arg, ret) == 0;
}

/*
 * Undo the escapes of a quoted string (rules-language.md 6.1). `s` is what stands between the
 * quotes; the result is at most as long and goes to `out`. Returns the length or -1.
 */
static ptrdiff_t unescape(struct lnr_str s, char quote, char *out)
{
	static const char letters[] = "bfnrt\\/ ", meaning[] = "\b\f\n\r\t\\/\\";
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '\\') {
			out[n++] = s.ptr[i];
			continue;
		}
		if (++i == s.len)
			return -1;
		const char *at = memchr(letters, s.ptr[i], sizeof(letters) - 1);
		if (at) {
			out[n++] = meaning[at - letters];
		} else if (s.ptr[i] == quote) {
			out[n++] = quote;
		} else if (s.ptr[i] == 'x' && i + 2 < s.len && lnr_hex_value(s.ptr[i + 1]) >= 0 &&
			   lnr_hex_value(s.ptr[i + 2]) >= 0) {
			out[n++] = (char)(lnr_hex_value(s.ptr[i + 1]) << 4 |
					  lnr_hex_value(s.ptr[i + 2]));
			i += 2;
		} else {
			return -1;
		}
	}
	return (ptrdiff_t)n;
}

static bool bare_arg_char(char c)
{
	return !is_blank(c) && c != '[' && c != ']' && c != '"' && c != '\'';
}

/* `text` is "[…]" and the end of the reference. */
static int parse_bracket(
	struct lnr_str text, struct lnr_arena *arena, struct lnr_str *ret, struct lnr_err *err)
{
	struct lnr_str in = lnr_str_sub(text, 1, text.len - 1);

	if (text.len < 2 || text.ptr[text.len - 1] != ']')
		return lnr_fail(
			err, -EINVAL, "']' expected at the end of '%.*s'", LNR_STR_ARG(text));
	if (in.len && (in.ptr[0] == '"' || in.ptr[0] == '\'')) {
		char quote = in.ptr[0];
		char *out = lnr_arena_alloc(arena, in.len + 1);
		if (!out)
			return lnr_fail(err, -ENOMEM, "out of memory");
		ptrdiff_t n = -1;
		if (in.len >= 2 && in.ptr[in.len - 1] == quote)
			n = unescape(lnr_str_sub(in, 1, in.len - 1), quote, out);
		if (n < 0)
			return lnr_fail(
				err, -EINVAL, "bad quoted argument in '%.*s'", LNR_STR_ARG(text));
		out[n] = 0;
		*ret = (struct lnr_str){out, (size_t)n};
		return 0;
	}
	if (in.len == 0)
		return lnr_fail(err, -EINVAL, "empty argument");
	for (size_t i = 0; i < in.len; i++)
		if (!bare_arg_char(in.ptr[i]))
			return lnr_fail(
				err, -EINVAL, "argument '%.*s' needs quotes", LNR_STR_ARG(in));
	*ret = lnr_arena_str(arena, in);
	return ret->ptr ? 0 : lnr_fail(err, -ENOMEM, "out of memory");
}

/* The rules for rows without their own resolve(). */
static int check_arg(const struct lnr_fieldset *set, struct lnr_field_ref *ref, struct lnr_err *err)
{
	uint32_t flags = ref->def->flags;
	const char *name = ref->def->name;

	if (!ref->has_arg) {
		if (flags & LNR_FIELD_ARG_REQUIRED)
			return lnr_fail(err, -EINVAL, "field '%s' requires an argument", name);
		return 0;
	}
	if (!(flags & (LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_ALLOWED))) {
		if (ref->cls->strict_args)
			return lnr_fail(err, -EINVAL, "field '%s' takes no argument", name);
		return no_such_field(set, ref->text, err);
	}
	if ((flags & LNR_FIELD_ARG_INDEX) && plugin_index(ref->arg, &ref->index)) {
		ref->has_index = true;
		return 0;
	}
	/* The reference looks for the first ']' in the text without quotes (spec plugin-abi 8.2).
	 */
	if (ref->cls->strict_args && lnr_str_chr(ref->arg, ']') >= 0)
		return lnr_fail(err, -EINVAL, "a key of field '%s' cannot have a ']'", name);
	if (flags & LNR_FIELD_ARG_KEY)
		return 0;
	return lnr_fail(
		err, -EINVAL, "field '%s' takes an index, not '%.*s'", name, LNR_STR_ARG(ref->arg));
}

/* --- canonical text --- */

/* Escape letter of a byte that makes an argument need quotes, or 0 (rules-language.md 6.3). */
static char escape_of(char c)
{
	static const char bytes[] = "\b\f\n\r\t\\\"", letters[] = "bfnrt\\\"";
	const char *at = memchr(bytes, c, sizeof(bytes) - 1);

	return at ? letters[at - bytes] : 0;
}

static bool needs_quotes(struct lnr_str arg)
{
	for (size_t i = 0; i < arg.len; i++)
		if (!arg.ptr[i] || !bare_arg_char(arg.ptr[i]) || strchr("=\\\b", arg.ptr[i]))
			return true;
	return arg.len == 0;
}

static struct lnr_str canonical(struct lnr_arena *arena, const struct lnr_field_ref *ref)
{
	struct lnr_str name = lnr_str_c(ref->def->name);
	struct lnr_text t;

	if (!lnr_text_begin(&t, arena, name.len + 2 * ref->arg.len + 5))
		return (struct lnr_str){NULL, 0};
	lnr_text_add(&t, name);
	if (ref->has_arg && ref->arg_is_suffix) {
		lnr_text_chr(&t, '.');
		lnr_text_add(&t, ref->arg);
	} else if (ref->has_arg) {
		bool quoted = needs_quotes(ref->arg);
		lnr_text_add(&t, quoted ? LNR_STR("[\"") : LNR_STR("["));
		for (size_t i = 0; i < ref->arg.len; i++) {
			char e = quoted ? escape_of(ref->arg.ptr[i]) : 0;
			if (e)
				lnr_text_chr(&t, '\\');
			lnr_text_chr(&t, e ? e : ref->arg.ptr[i]);
		}
		lnr_text_add(&t, quoted ? LNR_STR("\"]") : LNR_STR("]"));
	}
	t.ptr[t.len] = 0; /* five bytes were kept for brackets, quotes and this */
	return lnr_text_end(&t);
}

/* --- look-up --- */

/* "evt.arg.flags": the longest name before a dot that takes a suffix. */
static const struct lnr_field *find_suffix(const struct lnr_fieldset *set, struct lnr_str text,
	const struct lnr_field_class **ret_cls, struct lnr_str *ret_suffix)
{
	struct lnr_str head = text;
	ptrdiff_t dot;

	while ((dot = lnr_str_rchr(head, '.')) > 0) {
		head = lnr_str_sub(head, 0, (size_t)dot);
		const struct lnr_field *f = lnr_fieldset_find(set, head, ret_cls);
		if (f && (f->flags & LNR_FIELD_ARG_SUFFIX)) {
			*ret_suffix = lnr_str_sub(text, (size_t)dot + 1, text.len);
			return f;
		}
	}
	return NULL;
}

int lnr_field_resolve(const struct lnr_fieldset *set, struct lnr_str text, struct lnr_arena *arena,
	struct lnr_field_ref *ret, struct lnr_err *err)
{
	struct lnr_field_ref ref = {.slot = UINT32_MAX, .text = text};
	ptrdiff_t bracket = lnr_str_chr(text, '[');
	struct lnr_str name = bracket < 0 ? text : lnr_str_sub(text, 0, (size_t)bracket);
	struct lnr_str suffix;

	ref.def = lnr_fieldset_find(set, name, &ref.cls);
	if (ref.def && bracket > 0) {
		int r = parse_bracket(
			lnr_str_sub(text, (size_t)bracket, text.len), arena, &ref.arg, err);
		if (r < 0)
			return r;
		ref.has_arg = true;
	} else if (!ref.def) {
		ref.def = find_suffix(set, text, &ref.cls, &suffix);
		if (!ref.def)
			return no_such_field(set, text, err);
		ref.arg = lnr_arena_str(arena, suffix);
		if (!ref.arg.ptr)
			return lnr_fail(err, -ENOMEM, "out of memory");
		ref.has_arg = ref.arg_is_suffix = true;
	}
	ref.type = ref.def->type;
	ref.is_list = ref.def->flags & LNR_FIELD_LIST;

	int r = ref.def->resolve ? ref.def->resolve(&ref, arena, err) : check_arg(set, &ref, err);
	if (r < 0)
		return r;
	ref.text = canonical(arena, &ref);
	if (!ref.text.ptr)
		return lnr_fail(err, -ENOMEM, "out of memory");
	*ret = ref;
	return 0;
}
