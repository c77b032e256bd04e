/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/clock.h"
#include "lanner/lanner.h"

/* Shorter files are done before anybody wonders. */
#define FIRST_NS LNR_NS_PER_SEC
#define EVERY_NS (200 * LNR_NS_PER_MS)
/* A look at the clock costs about as much as a simple event, so only every so many events. */
#define STEPS 64
#define BAR   30

void lnr_progress_begin(struct lnr_progress *p, struct lnr_engine *engine)
{
	*p = (struct lnr_progress){.start_ns = lnr_mono_ns(lnr_clock_system())};
	p->due_ns = p->start_ns + FIRST_NS;
	/* Live streams and pipes have no end to come nearer to. */
	if (isatty(STDERR_FILENO) && lnr_engine_progress(engine) >= 0)
		p->engine = engine;
	p->shares = isatty(STDOUT_FILENO);
}

void lnr_progress_clear(struct lnr_progress *p)
{
	if (!p->shown)
		return;
	fputs("\r\033[K", stderr);
	p->shown = false;
}

void lnr_progress_output(struct lnr_progress *p)
{
	if (!p->engine || !p->shares)
		return;
	lnr_progress_clear(p);
	p->output = true;
}

/* One line, however narrow the terminal is: a line that wraps could not be cleared. */
static void draw(struct lnr_progress *p, uint64_t now)
{
	struct lnr_engine_stats st;
	struct winsize ws = {0};
	double done = lnr_engine_progress(p->engine);
	char bar[BAR + 1], line[128];
	int filled = (int)(done * BAR);
	lnr_engine_stats(p->engine, &st);
	for (int i = 0; i < BAR; i++)
		bar[i] = i < filled ? '=' : i == filled ? '>' : ' ';
	bar[BAR] = '\0';
	int n = snprintf(line, sizeof(line), "[%s] %3d %%  %" PRIu64 " events", bar,
		(int)(done * 100), st.events);
	double left = done > 0.01 ? (double)(now - p->start_ns) * (1 - done) / done : 0;
	if (left > 0 && n > 0 && (size_t)n < sizeof(line))
		snprintf(line + n, sizeof(line) - (size_t)n, "  %.0f s left",
			left / (double)LNR_NS_PER_SEC);
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) < 0 || !ws.ws_col)
		ws.ws_col = 80;
	fprintf(stderr, "\r%.*s\033[K", ws.ws_col - 1, line);
	p->shown = true;
}

void lnr_progress_step(struct lnr_progress *p)
{
	if (!p->engine || ++p->steps % STEPS != 0)
		return;
	uint64_t now = lnr_mono_ns(lnr_clock_system());
	if (now < p->due_ns)
		return;
	p->due_ns = now + EVERY_NS;
	if (!p->output)
		draw(p, now);
	p->output = false;
}
