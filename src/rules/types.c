/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/types.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include "schema/limits.h"

unsigned lnr_type_class(unsigned type, bool is_list)
{
	unsigned cls = 0;
	bool listable = false;

	switch (type) {
	case LNR_PT_CHARBUF:
		listable = true;
		cls = LNR_TC_STRING;
		break;
	case LNR_PT_FSPATH:
	case LNR_PT_FSRELPATH:
		cls = LNR_TC_STRING;
		break;
	case LNR_PT_BYTEBUF:
		cls = LNR_TC_BYTES;
		break;
	case LNR_PT_BOOL:
		listable = true;
		cls = LNR_TC_BOOL;
		break;
	case LNR_PT_IPADDR:
	case LNR_PT_IPNET:
		listable = true;
		cls = LNR_TC_ADDRESS;
		break;
	case LNR_PT_IPV4ADDR:
	case LNR_PT_IPV6ADDR:
		cls = LNR_TC_ADDRESS;
		break;
	case LNR_PT_UINT64:
	case LNR_PT_RELTIME:
	case LNR_PT_ABSTIME:
		listable = true;
		cls = LNR_TC_NUMBER;
		break;
	case LNR_PT_INT8:
	case LNR_PT_INT16:
	case LNR_PT_INT32:
	case LNR_PT_INT64:
	case LNR_PT_UINT8:
	case LNR_PT_UINT16:
	case LNR_PT_UINT32:
	case LNR_PT_ERRNO:
	case LNR_PT_FD:
	case LNR_PT_PID:
	case LNR_PT_SYSCALLID:
	case LNR_PT_SIGTYPE:
	case LNR_PT_PORT:
	case LNR_PT_FLAGS8:
	case LNR_PT_FLAGS16:
	case LNR_PT_FLAGS32:
	case LNR_PT_ENUMFLAGS8:
	case LNR_PT_ENUMFLAGS16:
	case LNR_PT_ENUMFLAGS32:
	case LNR_PT_DOUBLE:
	case LNR_PT_MODE:
		cls = LNR_TC_NUMBER;
		break;
	default:
		break;
	}
	if (!is_list)
		return cls;
	return listable ? LNR_TC_LIST : 0;
}

const char *lnr_type_words(unsigned type, bool is_list)
{
	switch (lnr_type_class(type, false)) {
	case LNR_TC_NUMBER:
		return is_list ? "a list of numbers" : "a number";
	case LNR_TC_BOOL:
		return is_list ? "a list of true and false" : "true or false";
	case LNR_TC_STRING:
		return is_list ? "a list of texts" : "a text";
	case LNR_TC_BYTES:
		return is_list ? "a list of byte strings" : "bytes";
	case LNR_TC_ADDRESS:
		if (type == LNR_PT_IPNET)
			return is_list ? "a list of addresses tested against networks"
				       : "an address tested against networks";
		return is_list ? "a list of IP addresses" : "an IP address";
	default:
		return "a value that only 'exists' can ask about";
	}
}

/* --- numbers ------------------------------------------------------------------------------- */

/*
 * The reference converts with scanf, and that is what this does: leading whitespace and a sign are
 * fine, what does not fit in 64 bits saturates, a minus wraps an unsigned number around. Callers
 * cut to the width of the type. False when the text is not a number or more than one.
 */
static bool scan_number(struct lnr_str s, bool is_signed, uint64_t *ret)
{
	size_t i = 0;
	bool minus = false, over = false;
	uint64_t v = 0;

	while (i < s.len && (s.ptr[i] == ' ' || (s.ptr[i] >= '\t' && s.ptr[i] <= '\r')))
		i++;
	if (i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+'))
		minus = s.ptr[i++] == '-';
	if (i == s.len)
		return false;
	for (; i < s.len; i++) {
		unsigned digit = (unsigned)(unsigned char)s.ptr[i] - '0';

		if (digit > 9)
			return false;
		over |= __builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, digit, &v);
	}
	if (!is_signed)
		*ret = over ? UINT64_MAX : minus ? 0 - v : v;
	else if (minus)
		*ret = over || v > (uint64_t)INT64_MAX ? (uint64_t)INT64_MIN : 0 - v;
	else
		*ret = over || v > (uint64_t)INT64_MAX ? (uint64_t)INT64_MAX : v;
	return true;
}

static int parse_number(
	unsigned type, struct lnr_str text, struct lnr_val *ret, struct lnr_err *err)
{
	enum lnr_val_kind kind = lnr_pt_kind(type);
	unsigned bits = 8 * lnr_pt_size(type);
	uint64_t v;

	if (!scan_number(text, kind != LNR_VK_U64, &v))
		return lnr_fail(
			err, -EINVAL, "'%.*s' is not a whole decimal number", LNR_STR_ARG(text));
	if (kind == LNR_VK_DOUBLE) {
		ret->d = (int32_t)(uint32_t)v;
		return 0;
	}
	if (bits < 64)
		v = v << (64 - bits) >> (64 - bits);
	if (kind == LNR_VK_S64)
		ret->s64 = bits < 64 ? (int64_t)(v << (64 - bits)) >> (64 - bits) : (int64_t)v;
	else
		ret->u64 = v;
	return 0;
}

static int parse_port(struct lnr_str text, struct lnr_val *ret, struct lnr_err *err)
{
	char name[LNR_CONST_BYTES + 1], buf[1024];
	struct servent entry, *found = NULL;
	size_t digits = 0;
	uint64_t v = 0;

	while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
		digits++;
	if (digits == text.len) {
		if (text.len && (lnr_str_u64(text, &v) || v > INT32_MAX))
			return lnr_fail(
				err, -EINVAL, "%.*s is beyond any port number", LNR_STR_ARG(text));
		ret->u64 = v & 0xffff;
		return 0;
	}
	snprintf(name, sizeof(name), "%.*s", LNR_STR_ARG(text));
	if (getservbyname_r(name, NULL, &entry, buf, sizeof(buf), &found) || !found)
		return lnr_fail(
			err, -EINVAL, "'%s' is neither a port number nor a service name", name);
	ret->u64 = ntohs((uint16_t)found->s_port);
	return 0;
}

/* --- addresses ----------------------------------------------------------------------------- */

/* What the system's parser wants: a terminated string. False when it is too long for an address. */
static bool ip_text(struct lnr_str text, char *buf, size_t size)
{
	if (text.len >= size || memchr(text.ptr, 0, text.len))
		return false;
	memcpy(buf, text.ptr, text.len);
	buf[text.len] = '\0';
	return true;
}

int lnr_ip_parse(struct lnr_str text, struct lnr_ip *ret, struct lnr_err *err)
{
	bool v4 = lnr_str_chr(text, '.') >= 0; /* so "::ffff:1.2.3.4" is neither */
	char buf[INET6_ADDRSTRLEN];

	*ret = (struct lnr_ip){.family = v4 ? LNR_AF_INET : LNR_AF_INET6};
	if (!ip_text(text, buf, sizeof(buf)) ||
		inet_pton(v4 ? AF_INET : AF_INET6, buf, ret->addr) != 1)
		return lnr_fail(err, -EINVAL, "'%.*s' is not an %s address", LNR_STR_ARG(text),
			v4 ? "IPv4" : "IPv6");
	return 0;
}

int lnr_net_parse(struct lnr_str text, struct lnr_net *ret, struct lnr_err *err)
{
	ptrdiff_t slash = lnr_str_chr(text, '/');
	uint64_t bits;
	int r;

	if (slash < 0)
		return lnr_fail(err, -EINVAL,
			"'%.*s' is not a network: write address/bits, for example 10.0.0.0/8",
			LNR_STR_ARG(text));
	r = lnr_ip_parse(lnr_str_sub(text, 0, (size_t)slash), &ret->ip, err);
	if (r)
		return r;
	if (!scan_number(lnr_str_sub(text, (size_t)slash + 1, text.len), false, &bits))
		return lnr_fail(err, -EINVAL, "'%.*s' has no number of bits after the '/'",
			LNR_STR_ARG(text));
	ret->bits = (uint8_t)bits; /* read as an 8-bit number: /264 is /8 */

	unsigned max = lnr_ip_len(&ret->ip) * 8, min = max == 32 ? 0 : 1;
	if (ret->bits > max || ret->bits < min)
		return lnr_fail(err, -EINVAL, "'%.*s': an IPv%c network has %u to %u bits",
			LNR_STR_ARG(text), max == 32 ? '4' : '6', min, max);

	unsigned whole = ret->bits / 8, part = ret->bits % 8;
	if (part)
		ret->ip.addr[whole++] &= (uint8_t)(0xff << (8 - part));
	memset(ret->ip.addr + whole, 0, sizeof(ret->ip.addr) - whole);
	return 0;
}

bool lnr_net_has(const struct lnr_net *net, const struct lnr_ip *ip)
{
	unsigned whole = net->bits / 8, part = net->bits % 8;

	if (net->ip.family != ip->family || memcmp(net->ip.addr, ip->addr, whole) != 0)
		return false;
	return !part || ((net->ip.addr[whole] ^ ip->addr[whole]) >> (8 - part)) == 0;
}

/* --- all types ----------------------------------------------------------------------------- */

/*
 * A NUL cannot be part of a text that is compared up to its NUL. Written as \x00 it was meant and
 * is refused; a NUL byte in the file itself ends the constant, as in the reference.
 */
static int parse_string(struct lnr_str text, struct lnr_val *ret)
{
	ptrdiff_t nul = lnr_str_chr(text, '\0');

	ret->str = nul >= 0 ? lnr_str_sub(text, 0, (size_t)nul) : text;
	if (!ret->str.ptr)
		ret->str.ptr = "";
	return 0;
}

int lnr_const_parse(unsigned type, struct lnr_str text, struct lnr_val *ret, struct lnr_err *err)
{
	*ret = (struct lnr_val){.type = (uint8_t)type};
	if (text.len > LNR_CONST_BYTES)
		return lnr_fail(err, -EINVAL, "this constant has %zu bytes, more than %d", text.len,
			LNR_CONST_BYTES);

	switch (lnr_type_class(type, false)) {
	case LNR_TC_BOOL:
		if (lnr_str_eq(text, LNR_STR("true")))
			ret->u64 = 1;
		else if (!lnr_str_eq(text, LNR_STR("false")))
			return lnr_fail(err, -EINVAL, "'%.*s' is neither true nor false",
				LNR_STR_ARG(text));
		return 0;
	case LNR_TC_STRING:
		return parse_string(text, ret);
	case LNR_TC_BYTES:
		ret->str = (struct lnr_str){text.ptr ? text.ptr : "", text.len};
		return 0;
	case LNR_TC_ADDRESS:
		if (type == LNR_PT_IPNET)
			return lnr_net_parse(text, &ret->net, err);
		return lnr_ip_parse(text, &ret->ip, err);
	case LNR_TC_NUMBER:
		if (type == LNR_PT_PORT)
			return parse_port(text, ret, err);
		if (type == LNR_PT_SIGTYPE || type == LNR_PT_SYSCALLID)
			return lnr_fail(err, -EINVAL,
				"a value of type %s cannot be compared with "
				"a constant; only 'exists' works",
				lnr_pt_name(type));
		return parse_number(type, text, ret, err);
	default:
		return lnr_fail(
			err, -EINVAL, "a value of type %s cannot be compared", lnr_pt_name(type));
	}
}
