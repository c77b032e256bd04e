/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include "schema/limits.h"

/* Odd constants without structure: fractional digits of the roots of 2, 3 and 5. */
#define MIX_A UINT64_C(0x6a09e667f3bcc909)
#define MIX_B UINT64_C(0xbb67ae8584caa73b)
#define MIX_C UINT64_C(0x3c6ef372fe94f82b)

int lnr_str_cmp(struct lnr_str a, struct lnr_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.ptr, b.ptr, n) : 0;

	if (c)
		return c;
	return (a.len > b.len) - (a.len < b.len);
}

ptrdiff_t lnr_str_find(struct lnr_str s, struct lnr_str needle)
{
	const char *p;

	if (needle.len == 0)
		return 0;
	if (needle.len > s.len)
		return -1;
	p = memmem(s.ptr, s.len, needle.ptr, needle.len);
	return p ? p - s.ptr : -1;
}

ptrdiff_t lnr_str_chr(struct lnr_str s, char c)
{
	const char *p = s.len ? memchr(s.ptr, c, s.len) : NULL;

	return p ? p - s.ptr : -1;
}

ptrdiff_t lnr_str_rchr(struct lnr_str s, char c)
{
	const char *p = s.len ? memrchr(s.ptr, c, s.len) : NULL;

	return p ? p - s.ptr : -1;
}

/* ASCII only and whatever the locale says: rules mean the same on every machine. */
static inline unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool same_ignoring_case(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (lower(a[i]) != lower(b[i]))
			return false;
	}
	return true;
}

bool lnr_str_ieq(struct lnr_str a, struct lnr_str b)
{
	return a.len == b.len && same_ignoring_case(a.ptr, b.ptr, a.len);
}

ptrdiff_t lnr_str_ifind(struct lnr_str s, struct lnr_str needle)
{
	unsigned char first;

	if (needle.len == 0)
		return 0;
	if (needle.len > s.len)
		return -1;
	first = lower(needle.ptr[0]);
	for (size_t i = 0; i <= s.len - needle.len; i++) {
		if (lower(s.ptr[i]) == first &&
			same_ignoring_case(s.ptr + i + 1, needle.ptr + 1, needle.len - 1))
			return (ptrdiff_t)i;
	}
	return -1;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct lnr_str lnr_str_trim(struct lnr_str s)
{
	while (s.len && is_blank(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

bool lnr_str_split(struct lnr_str *s, char sep, struct lnr_str *ret)
{
	ptrdiff_t at;

	if (!s->ptr)
		return false;
	at = lnr_str_chr(*s, sep);
	if (at < 0) {
		*ret = *s;
		*s = (struct lnr_str){NULL, 0};
	} else {
		*ret = (struct lnr_str){s->ptr, (size_t)at};
		*s = (struct lnr_str){s->ptr + at + 1, s->len - (size_t)at - 1};
	}
	return true;
}

int lnr_str_u64(struct lnr_str s, uint64_t *ret)
{
	bool over = false;
	uint64_t v = 0;

	if (s.len == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned char)s.ptr[i] - (unsigned)'0';

		/* Keep reading after an overflow: text that is no number at all is -EINVAL. */
		if (digit > 9)
			return -EINVAL;
		over = over || __builtin_mul_overflow(v, UINT64_C(10), &v) ||
		       __builtin_add_overflow(v, (uint64_t)digit, &v);
	}
	if (over)
		return -ERANGE;
	*ret = v;
	return 0;
}

int lnr_str_s64(struct lnr_str s, int64_t *ret)
{
	bool minus = s.len && s.ptr[0] == '-';
	uint64_t v;
	int rc;

	if (s.len && (minus || s.ptr[0] == '+'))
		s = lnr_str_sub(s, 1, s.len);
	rc = lnr_str_u64(s, &v);
	if (rc)
		return rc;
	if (v > (uint64_t)INT64_MAX + minus)
		return -ERANGE;
	/* Negated while unsigned: INT64_MIN has no positive twin. */
	*ret = (int64_t)(minus ? -v : v);
	return 0;
}

static inline uint64_t load64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t load32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* One widening multiplication spreads every input bit over both halves; xor joins them. */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 p = (unsigned __int128)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

uint64_t lnr_u64_hash(uint64_t x)
{
	return fold(x ^ MIX_A, MIX_B);
}

/*
 * Both operands of every step depend on the seed, so that nobody who does not know it can choose
 * input that zeroes an operand and with it the history.
 */
uint64_t lnr_str_hash(struct lnr_str s, uint64_t seed)
{
	uint64_t h = fold(seed ^ MIX_A, s.len ^ MIX_B) ^ seed;
	uint64_t a = 0, b = 0;
	const char *p = s.ptr;
	size_t n = s.len;

	for (; n > 16; p += 16, n -= 16)
		h = fold(load64(p) ^ h, load64(p + 8) ^ (h << 32 | h >> 32) ^ MIX_C);
	if (n >= 8) {
		/* The two words overlap below 16 bytes; the length is in `h` already. */
		a = load64(p);
		b = load64(p + n - 8);
	} else if (n >= 4) {
		a = load32(p);
		b = load32(p + n - 4);
	} else if (n > 0) {
		a = (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[n / 2] << 8 |
		    (unsigned char)p[n - 1];
	}
	h = fold(a ^ h, b ^ (h << 32 | h >> 32) ^ MIX_C);
	return fold(h ^ MIX_B, MIX_A);
}

char *lnr_str_dup(struct lnr_str s)
{
	char *p = s.len < SIZE_MAX ? malloc(s.len + 1) : NULL;

	if (!p)
		return NULL;
	if (s.len)
		memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	return p;
}

/* Levenshtein, one row. What both have in common at either end cannot change the distance. */
unsigned lnr_str_distance(struct lnr_str a, struct lnr_str b, unsigned max)
{
	unsigned short row[LNR_DISTANCE_BYTES_MAX + 1];

	while (a.len && b.len && a.ptr[0] == b.ptr[0]) {
		a = lnr_str_sub(a, 1, a.len);
		b = lnr_str_sub(b, 1, b.len);
	}
	while (a.len && b.len && a.ptr[a.len - 1] == b.ptr[b.len - 1]) {
		a.len--;
		b.len--;
	}
	if (a.len > LNR_DISTANCE_BYTES_MAX || b.len > LNR_DISTANCE_BYTES_MAX)
		return max + 1;
	if ((a.len > b.len ? a.len - b.len : b.len - a.len) > max)
		return max + 1;

	for (size_t j = 0; j <= b.len; j++)
		row[j] = (unsigned short)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned short diagonal = row[0], least;

		row[0] = (unsigned short)i;
		least = row[0];
		for (size_t j = 1; j <= b.len; j++) {
			unsigned swap = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);
			unsigned edit = 1u + (row[j] < row[j - 1] ? row[j] : row[j - 1]);

			diagonal = row[j];
			row[j] = (unsigned short)(swap < edit ? swap : edit);
			if (row[j] < least)
				least = row[j];
		}
		if (least > max)
			return max + 1;
	}
	return row[b.len] <= max ? row[b.len] : max + 1;
}
