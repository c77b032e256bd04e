/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time that tests can own. Whoever needs the time takes a const struct lnr_clock *; the program
 * passes lnr_clock_system(), tests pass a struct lnr_clock_fake whose time moves only when told.
 */
#ifndef LNR_BASE_CLOCK_H
#define LNR_BASE_CLOCK_H

#include <stdint.h>

#define LNR_NS_PER_SEC UINT64_C(1000000000)
#define LNR_NS_PER_MS  UINT64_C(1000000)

struct lnr_clock {
	uint64_t (*wall_ns)(const struct lnr_clock *c); /* since the Unix epoch */
	uint64_t (*mono_ns)(const struct lnr_clock *c); /* CLOCK_MONOTONIC */
	/* May return early when a signal arrives. */
	void (*sleep_ns)(const struct lnr_clock *c, uint64_t ns);
};

const struct lnr_clock *lnr_clock_system(void);

struct lnr_clock_fake {
	struct lnr_clock clock; /* first member: pass &fake.clock */
	uint64_t wall, mono;
};
/* Both times start at the given values; sleep moves them. */
void lnr_clock_fake_init(struct lnr_clock_fake *f, uint64_t wall_ns, uint64_t mono_ns);
void lnr_clock_fake_advance(struct lnr_clock_fake *f, uint64_t ns);

static inline uint64_t lnr_wall_ns(const struct lnr_clock *c)
{
	return c->wall_ns(c);
}

static inline uint64_t lnr_mono_ns(const struct lnr_clock *c)
{
	return c->mono_ns(c);
}

#endif
