/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/limit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct call {
	pthread_mutex_t lock;
	pthread_cond_t returned;
	void (*fn)(void *arg);
	void *arg;
	bool done, left; /* left: whoever comes last frees */
};

static void free_call(struct call *c)
{
	pthread_cond_destroy(&c->returned);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static void *run(void *arg)
{
	struct call *c = arg;
	c->fn(c->arg);
	pthread_mutex_lock(&c->lock);
	c->done = true;
	bool left = c->left;
	pthread_cond_signal(&c->returned);
	pthread_mutex_unlock(&c->lock);
	if (left)
		free_call(c);
	return NULL;
}

static struct call *new_call(void (*fn)(void *arg), void *arg)
{
	pthread_condattr_t attr;
	struct call *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->fn = fn;
	c->arg = arg;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->returned, &attr);
	pthread_condattr_destroy(&attr);
	return c;
}

int lnr_plugin_limited(void (*fn)(void *arg), void *arg, uint32_t ms)
{
	struct timespec until;
	sigset_t all, before;
	pthread_t t;
	struct call *c = new_call(fn, arg);
	/* Signals are for the threads that look for them. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = c && !pthread_create(&t, NULL, run, c);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!started) {
		if (c)
			free_call(c);
		fn(arg);
		return 0;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&c->lock);
	while (!c->done && pthread_cond_timedwait(&c->returned, &c->lock, &until) != ETIMEDOUT)
		;
	bool done = c->done;
	c->left = !done;
	pthread_mutex_unlock(&c->lock);
	if (!done) {
		pthread_detach(t);
		return -ETIMEDOUT;
	}
	pthread_join(t, NULL);
	free_call(c);
	return 0;
}
