/* SPDX-License-Identifier: Apache-2.0 */
#include "base/redact.h"

/* A user name in a URL that is as long as this is a token (hosts of repositories have that). */
#define TOKEN_MIN 20
/* "Bearer of", "basic idea": what follows is no credential unless it is long. */
#define CREDENTIAL_MIN 8

static const struct lnr_str stars = {"***", 3};

bool lnr_redact_name(struct lnr_str name)
{
	static const char *const words[] = {"password", "passwd", "secret", "token", "api_key",
		"api-key", "apikey", "access_key", "access-key", "private_key", "authorization",
		"credential"};
	/* Where it is kept is no secret. */
	if (lnr_str_ends(name, LNR_STR("file")) || lnr_str_ends(name, LNR_STR("path")))
		return false;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(words); i++) {
		if (lnr_str_ifind(name, lnr_str_c(words[i])) >= 0)
			return true;
	}
	return false;
}

static bool one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

/* How far a text goes without any of these characters. */
static size_t until(struct lnr_str s, size_t at, const char *end)
{
	while (at < s.len && !one_of(s.ptr[at], end) && s.ptr[at])
		at++;
	return at;
}

/* At "://": the place behind what was written, or `at` when there is nothing to hide. */
static size_t url(struct lnr_buf *out, struct lnr_str s, size_t at)
{
	size_t from = at + 3, end = until(s, from, "/?# \t\r\n\"'<>()");
	struct lnr_str who = lnr_str_sub(s, from, end);
	ptrdiff_t host = lnr_str_rchr(who, '@');
	if (host < 0)
		return at;
	ptrdiff_t colon = lnr_str_chr(lnr_str_sub(who, 0, (size_t)host), ':');
	if (colon < 0 && host < TOKEN_MIN)
		return at;
	lnr_buf_str(out, lnr_str_sub(s, at, from + (colon < 0 ? 0 : (size_t)colon + 1)));
	lnr_buf_str(out, stars);
	return from + (size_t)host;
}

/* The name that ends at `end`, without blanks and the quote behind it. */
static struct lnr_str name_before(struct lnr_str s, size_t end, bool *ret_quoted)
{
	while (end > 0 && one_of(s.ptr[end - 1], " \t"))
		end--;
	*ret_quoted = end > 0 && one_of(s.ptr[end - 1], "\"'");
	size_t to = end - *ret_quoted, from = to;
	while (from > 0 && in_name(s.ptr[from - 1]))
		from--;
	return lnr_str_sub(s, from, to);
}

/*
 * At '=' or ':'. A colon is part of any sentence, so behind it only values of quoted names and of
 * headers are hidden.
 */
static size_t assignment(struct lnr_buf *out, struct lnr_str s, size_t at)
{
	bool quoted;
	struct lnr_str name = name_before(s, at, &quoted);
	bool header = lnr_str_ieq(name, LNR_STR("authorization")) || lnr_str_chr(name, '-') > 0;
	if (!name.len || !lnr_redact_name(name) || (s.ptr[at] == ':' && !quoted && !header))
		return at;
	size_t from = at + 1;
	while (from < s.len && one_of(s.ptr[from], " \t"))
		from++;
	bool open = from < s.len && one_of(s.ptr[from], "\"'");
	const char mark[2] = {open ? s.ptr[from] : 0, 0};
	from += open;
	size_t end = until(s, from,
		open		   ? mark
		: s.ptr[at] == ':' ? "\r\n\"'"
				   : " \t\r\n&;,\"'})]");
	if (end == from)
		return at;
	lnr_buf_str(out, lnr_str_sub(s, at, from));
	lnr_buf_str(out, stars);
	return end;
}

/* "Bearer x", at a place where a word begins. */
static size_t scheme(struct lnr_buf *out, struct lnr_str s, size_t at)
{
	static const char *const words[] = {"bearer ", "basic "};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(words); i++) {
		struct lnr_str w = lnr_str_c(words[i]);
		if (!lnr_str_ieq(lnr_str_sub(s, at, at + w.len), w))
			continue;
		size_t end = until(s, at + w.len, " \t\r\n\"',;");
		if (end - at - w.len < CREDENTIAL_MIN)
			return at;
		lnr_buf_str(out, lnr_str_sub(s, at, at + w.len));
		lnr_buf_str(out, stars);
		return end;
	}
	return at;
}

void lnr_redact(struct lnr_buf *out, struct lnr_str text)
{
	for (size_t i = 0; i < text.len;) {
		size_t next = i;
		char c = text.ptr[i];
		if (c == ':' && lnr_str_starts(lnr_str_sub(text, i, text.len), LNR_STR("://")))
			next = url(out, text, i);
		else if (c == '=' || c == ':')
			next = assignment(out, text, i);
		else if (one_of(c, "bB") && (!i || !in_name(text.ptr[i - 1])))
			next = scheme(out, text, i);
		if (next == i)
			lnr_buf_chr(out, text.ptr[next++]);
		i = next;
	}
}
