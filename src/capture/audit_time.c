/* SPDX-License-Identifier: Apache-2.0 */
/* Time stamps of audit events: RFC 3339, capital letters, fractions of any length. */
#include "base/clock.h"
#include "capture/audit_priv.h"

/* Two digits at s[at], or more than any field admits. */
static unsigned two(struct lnr_str s, size_t at)
{
	if (at + 2 > s.len)
		return 1000;
	unsigned a = (unsigned)(s.ptr[at] - '0'), b = (unsigned)(s.ptr[at + 1] - '0');
	return a > 9 || b > 9 ? 1000 : 10 * a + b;
}

static bool is_leap(unsigned y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static unsigned days_of_month(unsigned y, unsigned m)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[m - 1] + (m == 2 && is_leap(y));
}

/* Days from 1970-01-01, negative before it. */
static int64_t days_before(unsigned y, unsigned m, unsigned d)
{
	static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	/* Leap years from year 1 up to the one before, 477 of which come before 1970. */
	int64_t n = (int64_t)y - 1, leaps = y ? n / 4 - n / 100 + n / 400 : -1;
	int64_t days = 365 * ((int64_t)y - 1970) + leaps - 477;
	return days + before[m - 1] + (m > 2 && is_leap(y)) + (int64_t)d - 1;
}

/* The fraction at *at, if there is one; false: a point without digits. */
static bool read_fraction(struct lnr_str s, size_t *at, uint64_t *ret_ns)
{
	uint64_t ns = 0, unit = LNR_NS_PER_SEC;
	*ret_ns = 0;
	if (*at >= s.len || (s.ptr[*at] != '.' && s.ptr[*at] != ','))
		return true;
	size_t from = ++*at;
	for (; *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9'; ++*at) {
		unit /= 10;
		ns += unit * (unsigned)(s.ptr[*at] - '0');
	}
	*ret_ns = ns;
	return *at > from;
}

/* Zone at s[at] up to the end, seconds east. */
static bool read_zone(struct lnr_str s, size_t at, int64_t *ret)
{
	*ret = 0;
	if (at + 1 == s.len)
		return s.ptr[at] == 'Z';
	if (at + 6 != s.len || (s.ptr[at] != '+' && s.ptr[at] != '-') || s.ptr[at + 3] != ':')
		return false;
	unsigned h = two(s, at + 1), m = two(s, at + 4);
	/* As far as the reference's library goes. */
	if (h > 24 || m > 60)
		return false;
	*ret = (s.ptr[at] == '-' ? -1 : 1) * (int64_t)(h * 3600 + m * 60);
	return true;
}

bool lnr_audit_time(struct lnr_str s, uint64_t *ret_ns)
{
	unsigned century = two(s, 0), year = two(s, 2), month = two(s, 5), day = two(s, 8);
	unsigned hour = two(s, 11), min = two(s, 14), sec = two(s, 17);
	size_t at = 19;
	uint64_t ns;
	int64_t east;
	if (s.len < 20 || s.ptr[4] != '-' || s.ptr[7] != '-' || s.ptr[10] != 'T' ||
		s.ptr[13] != ':' || s.ptr[16] != ':' || century > 99 || year > 99)
		return false;
	year += 100 * century;
	if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) || hour > 23 ||
		min > 59 || sec > 59)
		return false;
	if (!read_fraction(s, &at, &ns) || !read_zone(s, at, &east))
		return false;
	int64_t t = days_before(year, month, day) * 86400 + hour * 3600 + min * 60 + sec - east;
	/* What 64 bits cannot hold wraps, as there: an event with a strange time is an event. */
	*ret_ns = (uint64_t)t * LNR_NS_PER_SEC + ns;
	return true;
}
