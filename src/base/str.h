/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Borrowed byte ranges.
 *
 * A struct lnr_str points at bytes that somebody else owns; it is not NUL-terminated and may hold
 * any byte. It lives as long as what it points at: say so wherever one is stored. The empty view
 * has len 0 and any pointer, NULL included.
 *
 *	struct lnr_str s = LNR_STR("/etc/shadow");
 *	if (lnr_str_starts(s, LNR_STR("/etc/")))
 *		...
 */
#ifndef LNR_BASE_STR_H
#define LNR_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct lnr_str {
	const char *ptr;
	size_t len;
};

/* A view of a string literal. */
#define LNR_STR(lit) ((struct lnr_str){"" lit, sizeof(lit) - 1})
/* printf: "%.*s", LNR_STR_ARG(s) */
#define LNR_STR_ARG(s) ((int)(s).len), ((s).ptr ? (s).ptr : "")

#define LNR_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline struct lnr_str lnr_str_c(const char *s)
{
	return (struct lnr_str){s, s ? strlen(s) : 0};
}

static inline bool lnr_str_eq(struct lnr_str a, struct lnr_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* ASCII, whatever the locale says. */
static inline bool lnr_str_is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static inline bool lnr_str_starts(struct lnr_str s, struct lnr_str prefix)
{
	return s.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool lnr_str_ends(struct lnr_str s, struct lnr_str suffix)
{
	return s.len >= suffix.len &&
	       (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

/* Bytes [from, to), clipped to the view. */
static inline struct lnr_str lnr_str_sub(struct lnr_str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	return (struct lnr_str){s.ptr ? s.ptr + from : s.ptr, to - from};
}

/* Byte order, shorter first on a tie: <0, 0, >0. */
int lnr_str_cmp(struct lnr_str a, struct lnr_str b);
/* Index of the first occurrence, or -1. An empty needle is found at 0. */
ptrdiff_t lnr_str_find(struct lnr_str s, struct lnr_str needle);
/* Index of the first or last occurrence of a byte, or -1. */
ptrdiff_t lnr_str_chr(struct lnr_str s, char c);
ptrdiff_t lnr_str_rchr(struct lnr_str s, char c);
/* ASCII case-insensitive equality and search. */
bool lnr_str_ieq(struct lnr_str a, struct lnr_str b);
ptrdiff_t lnr_str_ifind(struct lnr_str s, struct lnr_str needle);
/* Without leading and trailing blanks (space, tab, CR, LF, VT, FF). */
struct lnr_str lnr_str_trim(struct lnr_str s);
/*
 * Take the next piece up to `sep` off the front of *s into *ret; false when *s is exhausted.
 * "a,,b" gives "a", "", "b". Start with *s a view whose ptr is not NULL.
 */
bool lnr_str_split(struct lnr_str *s, char sep, struct lnr_str *ret);
/* Decimal digits only, no sign, no blanks. 0, or -EINVAL, or -ERANGE. */
int lnr_str_u64(struct lnr_str s, uint64_t *ret);
/* Optional sign, then decimal digits. */
int lnr_str_s64(struct lnr_str s, int64_t *ret);
/* 0 to 15, or -1 when it is no hexadecimal digit; takes end markers like -1. */
static inline int lnr_hex_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
/* Well-spread 64-bit hash, not for untrusted persistence; `seed` varies it. */
uint64_t lnr_str_hash(struct lnr_str s, uint64_t seed);
uint64_t lnr_u64_hash(uint64_t x);
/* A new NUL-terminated heap copy, owned by the caller, or NULL. */
char *lnr_str_dup(struct lnr_str s);
/*
 * Edit distance, at most `max` (returns max + 1 beyond it); for "did you mean". Where they differ
 * over more than LNR_DISTANCE_BYTES_MAX bytes they count as too far apart.
 */
unsigned lnr_str_distance(struct lnr_str a, struct lnr_str b, unsigned max);

#endif
