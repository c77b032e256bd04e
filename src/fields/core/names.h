/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host names compared with addresses: fd.sip.name and its kin.
 *
 * There is no reverse look-up. A name that a rule mentions is resolved to addresses, those are
 * remembered for a while, and an address has a name when it is among them. So only names from rules
 * are ever asked for, and a value exists only for addresses of such names.
 *
 * The cache belongs to one engine and is used by the thread that steps it. How a name is resolved
 * is the owner's business: the program passes lnr_names_getaddrinfo() for live sources, tests a
 * table. A look-up blocks, at most once per name and LNR_NAMES_KEEP_NS; without a cache (ctx->names
 * NULL, as for files) nothing is asked and no name ever matches.
 */
#ifndef LNR_FIELDS_NAMES_H
#define LNR_FIELDS_NAMES_H

#include "base/clock.h"
#include "decode/event.h"

struct lnr_names;

/* Addresses of `name` into ret[max]; returns how many, or a negative errno. */
typedef int lnr_names_lookup_fn(void *user, const char *name, struct lnr_ip *ret, unsigned max);

/* Answers, failures too, are asked for again after this long. */
#define LNR_NAMES_KEEP_NS (60 * LNR_NS_PER_SEC)

/* NULL when the heap is exhausted. `clock` is borrowed. */
struct lnr_names *lnr_names_new(
	lnr_names_lookup_fn *lookup, void *user, const struct lnr_clock *clock);
struct lnr_names *lnr_names_free(struct lnr_names *names); /* takes NULL */
/* Does `name` have this address? Looks it up when needed; takes NULL (never). */
bool lnr_names_match(struct lnr_names *names, struct lnr_str name, const struct lnr_ip *ip);
/* A remembered name of the address; ret.len 0 = none. Valid until the next call. */
struct lnr_str lnr_names_of(const struct lnr_names *names, const struct lnr_ip *ip);
/* The system's resolver; `user` is ignored. */
int lnr_names_getaddrinfo(void *user, const char *name, struct lnr_ip *ret, unsigned max);

#endif
