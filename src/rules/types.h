/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types as the rule language sees them: which operators they allow and how constants are written
 * (spec rules-language.md 7, 8.1).
 */
#ifndef LNR_RULES_TYPES_H
#define LNR_RULES_TYPES_H

#include "base/err.h"
#include "fields/core/field.h"

/* What kind of values an operator can compare; bits, because a row of the table allows several. */
enum {
	LNR_TC_NUMBER = 1 << 0,
	LNR_TC_BOOL = 1 << 1,
	LNR_TC_STRING = 1 << 2,
	LNR_TC_BYTES = 1 << 3,
	LNR_TC_ADDRESS = 1 << 4, /* addresses and networks */
	LNR_TC_LIST = 1 << 5,	 /* of a type that lists may have */
	LNR_TC_SCALAR = LNR_TC_NUMBER | LNR_TC_BOOL | LNR_TC_STRING | LNR_TC_BYTES | LNR_TC_ADDRESS,
	LNR_TC_ALL = LNR_TC_SCALAR | LNR_TC_LIST,
};

/* Class of values of a type; 0 when only `exists` can be asked. */
unsigned lnr_type_class(unsigned type, bool is_list);
/* "a number", "a list of texts" … for messages. */
const char *lnr_type_words(unsigned type, bool is_list);

/*
 * Text of a condition to a value of `type`. Strings are borrowed from `text`. -EINVAL with a
 * reason.
 */
int lnr_const_parse(unsigned type, struct lnr_str text, struct lnr_val *ret, struct lnr_err *err);

/* Address and network texts, as constants and nowhere else: 0 or -EINVAL with a reason. */
int lnr_ip_parse(struct lnr_str text, struct lnr_ip *ret, struct lnr_err *err);
int lnr_net_parse(struct lnr_str text, struct lnr_net *ret, struct lnr_err *err);
/* The address is in the network; families must agree. */
bool lnr_net_has(const struct lnr_net *net, const struct lnr_ip *ip);

static inline unsigned lnr_ip_len(const struct lnr_ip *ip)
{
	return ip->family == LNR_AF_INET ? 4 : ip->family == LNR_AF_INET6 ? 16 : 0;
}

static inline bool lnr_ip_eq(const struct lnr_ip *a, const struct lnr_ip *b)
{
	return a->family == b->family && memcmp(a->addr, b->addr, lnr_ip_len(a)) == 0;
}

#endif
