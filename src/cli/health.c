/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health is true only if events flow. A machine may be quiet, so after a while without any event
 * the program makes one: a thread that does nothing ends, which is among the few events that are
 * watched whatever the rules say. If that does not come either, the probe is at work no more.
 */
#include <pthread.h>
#include <signal.h>
#include "base/clock.h"
#include "cli/session_priv.h"
#include "lanner/lanner.h"
#include "lanner/server.h"

/* So long without an event, then a thread ends each second until one comes. */
#define QUIET_NS (5 * LNR_NS_PER_SEC)
#define ASK_NS	 LNR_NS_PER_SEC

static void *canary(void *arg)
{
	return arg;
}

static void make_event(void)
{
	pthread_t t;
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&t, NULL, canary, NULL) == 0)
		pthread_join(t, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void lnr_health_poll(struct lnr_session *s, struct lnr_health *h)
{
	uint64_t now = lnr_mono_ns(lnr_clock_system());
	uint64_t events = lnr_engine_events(s->engine);
	/* Other sources may be silent for days; that they are asked is all that can be known. */
	bool live = lnr_session_is_live(s, &s->now) && !s->o->only_tgid;
	if (!live || !h->seen_ns || events != h->events) {
		h->events = events;
		h->seen_ns = now;
	} else if (now - h->seen_ns >= QUIET_NS && now - h->asked_ns >= ASK_NS) {
		h->asked_ns = now;
		make_event();
	}
	if (s->server)
		lnr_server_alive(s->server, h->seen_ns);
	if (now - h->seen_ns < LNR_HEALTH_S * LNR_NS_PER_SEC)
		h->told_ns = lnr_cli_watchdog(h->told_ns);
}
