/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time zones, as TZif file or as the text of TZ: what is accepted answers for every time with an
 * offset of about a day at most and a calendar that holds together.
 */
#include "base/zone.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void ask(const struct lnr_zone *z)
{
	static const int64_t times[] = {-100000000000, -1, 0, 1, 951782399, 1700000000, 1774745999,
		1774746000, 2147483647, 18446744073, 100000000000};
	struct lnr_wall_time w;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(times); i++) {
		int32_t offset = lnr_zone_offset(z, times[i]);
		must(offset > -26 * 3600 && offset < 26 * 3600);
		lnr_zone_wall_time(z, times[i], &w);
		must(w.month >= 1 && w.month <= 12 && w.day >= 1 && w.day <= 31);
		must(w.hour < 24 && w.minute < 60 && w.second < 60);
		must(w.weekday >= 1 && w.weekday <= 7);
		must(w.year > -1300 && w.year < 5200);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lnr_str in = {(const char *)data, size};
	const struct lnr_zone *z;
	struct lnr_arena arena;
	struct lnr_err err = {0};

	lnr_arena_init(&arena, 0);
	int r = lnr_zone_parse_file(in, &arena, &z, &err);
	must(r == 0 || (r == -EINVAL && err.msg[0]));
	if (r == 0)
		ask(z);
	r = lnr_zone_parse_text(in, &arena, &z, &err);
	must(r == 0 || r == -EINVAL);
	if (r == 0)
		ask(z);
	lnr_arena_done(&arena);
	return 0;
}
