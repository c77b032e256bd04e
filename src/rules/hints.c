/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/hints.h"

#include <stdio.h>
#include "rules/lex_priv.h"
#include "rules/transform.h"
#include "schema/limits.h"

static bool is_quantifier(char c)
{
	return c == '+' || c == '*' || c == '?';
}

bool lnr_hint_plain_regex(struct lnr_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i], next = i + 1 < s.len ? s.ptr[i + 1] : 0;

		if (!memchr(".+*?^$()[]{}|\\", c, 14))
			continue;
		if ((c == '^' && i == 0) || (c == '$' && i + 1 == s.len))
			continue;
		if (c == '.' && is_quantifier(next) && (i == 0 || i + 2 == s.len)) {
			i++;
			continue;
		}
		return false;
	}
	return true;
}

/* Cheap test before the field set is asked: name.name…, perhaps with [argument]. */
static bool like_field(struct lnr_str s)
{
	size_t i = 0, dots = 0;

	if (!s.len || !lnr_is_alpha((unsigned char)s.ptr[0]))
		return false;
	for (; i < s.len && s.ptr[i] != '['; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		dots += c == '.';
		if (!lnr_is_alpha(c) && !lnr_is_digit(c) && c != '_' && c != '.')
			return false;
	}
	return dots && (i == s.len || s.ptr[s.len - 1] == ']');
}

/* name(…) */
static bool like_transformer(struct lnr_str s)
{
	ptrdiff_t open = lnr_str_chr(s, '(');
	struct lnr_str name;

	if (open <= 0 || s.ptr[s.len - 1] != ')')
		return false;
	name = lnr_str_sub(s, 0, (size_t)open);
	return lnr_str_eq(name, LNR_STR("val")) || lnr_transformer_find(name);
}

int lnr_hints(const struct lnr_op *op, struct lnr_str text, const struct lnr_fieldset *fields,
	struct lnr_arena *work, int (*say)(void *user, const char *msg), void *user)
{
	char s_buf[LNR_CONST_BYTES * 2 + 1], msg[LNR_CONST_BYTES * 2 + 160];
	struct lnr_str s = {s_buf, 0};
	struct lnr_field_ref ref;
	int r = 0;

	for (size_t i = 0; i < text.len && s.len + 1 < sizeof(s_buf); i++) {
		if (!lnr_is_space((unsigned char)text.ptr[i]))
			s_buf[s.len++] = text.ptr[i];
	}
	if (lnr_str_eq(lnr_str_c(op->name), LNR_STR("regex")) && lnr_hint_plain_regex(s)) {
		snprintf(msg, sizeof(msg),
			"regex '%.*s' has nothing that a faster operator cannot do: use '=', "
			"'contains', 'startswith' or 'endswith'",
			LNR_STR_ARG(text));
		r = say(user, msg);
	}
	if (!r && like_field(s)) {
		int found = lnr_field_resolve(fields, s, work, &ref, NULL);

		if (found == -ENOMEM) {
			r = found;
		} else if (found == 0) {
			snprintf(msg, sizeof(msg),
				"'%.*s' is compared as a text but names a field: write val(%.*s) "
				"to compare with the field",
				LNR_STR_ARG(text), LNR_STR_ARG(s));
			r = say(user, msg);
		}
		lnr_arena_reset(work);
	}
	if (!r && like_transformer(s)) {
		snprintf(msg, sizeof(msg),
			"'%.*s' is compared as a text but looks like a transformer: write it "
			"without quotes to compare with its result",
			LNR_STR_ARG(text));
		r = say(user, msg);
	}
	return r;
}
