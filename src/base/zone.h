/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time zones: what a clock on the wall of some place shows at a given time.
 *
 * The C library knows one zone per process, named by the environment and kept behind a lock; rules
 * name several, and are read while another set of rules is in use. So the compiled files of the tz
 * database (TZif, RFC 9636) and the rules that they and TZ hold as text (POSIX.1-2017, 8.3) are
 * read here. A zone is read once, never changes, and may be used by any thread as long as its
 * arena lives; asking it neither allocates nor reads anything.
 *
 * Times are POSIX times, so files that count leap seconds ("right/…") are refused.
 */
#ifndef LNR_BASE_ZONE_H
#define LNR_BASE_ZONE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct lnr_zone;

/*
 * The zone of that name in the tz database, "Europe/Berlin"; "UTC" is there without a database.
 * -ENOENT: no such zone; -EINVAL: no name of a zone, or its file is damaged.
 */
int lnr_zone_load(struct lnr_str name, struct lnr_arena *arena, const struct lnr_zone **ret,
	struct lnr_err *err);
/*
 * The zone of this process: TZ, or /etc/localtime, or UTC when there is neither. Unlike the C
 * library, which then shows UTC, a TZ that means nothing is an error.
 */
int lnr_zone_load_local(struct lnr_arena *arena, const struct lnr_zone **ret, struct lnr_err *err);
/* The content of a TZif file. */
int lnr_zone_parse_file(struct lnr_str content, struct lnr_arena *arena,
	const struct lnr_zone **ret, struct lnr_err *err);
/* Text as in TZ: "CET-1CEST,M3.5.0,M10.5.0/3". */
int lnr_zone_parse_text(struct lnr_str text, struct lnr_arena *arena, const struct lnr_zone **ret,
	struct lnr_err *err);

/* Seconds east of UTC. `sec` is since 1970. */
int32_t lnr_zone_offset(const struct lnr_zone *zone, int64_t sec);

struct lnr_wall_time {
	int64_t year;
	uint8_t month, day; /* from 1 */
	uint8_t hour, minute, second;
	uint8_t weekday; /* 1 Monday … 7 Sunday (ISO 8601) */
};
/* Any time within ±10^11 seconds of 1970, which is what an event can carry and more. */
void lnr_zone_wall_time(const struct lnr_zone *zone, int64_t sec, struct lnr_wall_time *ret);

#endif
