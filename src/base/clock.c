/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stddef.h>
#include <time.h>

static uint64_t now_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * LNR_NS_PER_SEC + (uint64_t)t.tv_nsec;
}

static uint64_t system_wall_ns(const struct lnr_clock *c)
{
	(void)c;
	return now_ns(CLOCK_REALTIME);
}

static uint64_t system_mono_ns(const struct lnr_clock *c)
{
	(void)c;
	return now_ns(CLOCK_MONOTONIC);
}

static void system_sleep_ns(const struct lnr_clock *c, uint64_t ns)
{
	struct timespec t = {
		.tv_sec = (time_t)(ns / LNR_NS_PER_SEC), .tv_nsec = (long)(ns % LNR_NS_PER_SEC)};

	(void)c;
	/* Not resumed after a signal: whoever sleeps looks first at what the signal asked for. */
	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

const struct lnr_clock *lnr_clock_system(void)
{
	static const struct lnr_clock clock = {
		.wall_ns = system_wall_ns,
		.mono_ns = system_mono_ns,
		.sleep_ns = system_sleep_ns,
	};

	return &clock;
}

/* The clock is the first member; a fake is never defined const, so sleep may move it. */
static struct lnr_clock_fake *fake_of(const struct lnr_clock *c)
{
	return (struct lnr_clock_fake *)(uintptr_t)c;
}

static uint64_t fake_wall_ns(const struct lnr_clock *c)
{
	return fake_of(c)->wall;
}

static uint64_t fake_mono_ns(const struct lnr_clock *c)
{
	return fake_of(c)->mono;
}

static void fake_sleep_ns(const struct lnr_clock *c, uint64_t ns)
{
	lnr_clock_fake_advance(fake_of(c), ns);
}

void lnr_clock_fake_init(struct lnr_clock_fake *f, uint64_t wall_ns, uint64_t mono_ns)
{
	_Static_assert(offsetof(struct lnr_clock_fake, clock) == 0, "fake_of() relies on it");

	*f = (struct lnr_clock_fake){
		.clock = {.wall_ns = fake_wall_ns,
			.mono_ns = fake_mono_ns,
			.sleep_ns = fake_sleep_ns},
		.wall = wall_ns,
		.mono = mono_ns,
	};
}

void lnr_clock_fake_advance(struct lnr_clock_fake *f, uint64_t ns)
{
	f->wall += ns;
	f->mono += ns;
}
