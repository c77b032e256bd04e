/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/routines.h"

#include <pthread.h>
#include "base/clock.h"
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

/* How often a routine may run, and how often it did; atomic. */
struct job {
	unsigned runs, max;
	bool gate; /* runs until it is opened */
	struct lnr_plugin_instance *inst;
	void *routine;
};

static struct lnr_plugin_instance *instance(struct lnr_routines *r)
{
	static struct lnr_plugin_instance i;
	i = (struct lnr_plugin_instance){.routines = r, .state = &i};
	return &i;
}

static void *subscribe(struct lnr_plugin_instance *i, uint32_t (*fn)(void *, void *), void *arg)
{
	return lnr_routines_functions()->subscribe(i, fn, arg);
}

static int32_t unsubscribe(struct lnr_plugin_instance *i, void *routine)
{
	return lnr_routines_functions()->unsubscribe(i, routine);
}

static unsigned runs_of(const struct job *j)
{
	return __atomic_load_n(&j->runs, __ATOMIC_ACQUIRE);
}

static void nap(void)
{
	const struct lnr_clock *c = lnr_clock_system();
	c->sleep_ns(c, LNR_NS_PER_MS / 2);
}

/* Time is no measure on a busy machine; what never comes ends the test by its time limit. */
static void wait_for(const struct job *j, unsigned runs)
{
	while (runs_of(j) < runs)
		nap();
}

static uint32_t work(void *plugin, void *state)
{
	struct job *j = state;
	assert_non_null(plugin);
	return __atomic_add_fetch(&j->runs, 1, __ATOMIC_ACQ_REL) < j->max;
}

static void until_it_says_so(void **state)
{
	struct lnr_routines *r = lnr_routines_new();
	struct lnr_plugin_instance *i = instance(r);
	struct job once = {.max = 1}, thrice = {.max = 3};

	(void)state;
	assert_non_null(r);
	assert_non_null(subscribe(i, work, &once));
	assert_non_null(subscribe(i, work, &thrice));
	wait_for(&once, 1);
	wait_for(&thrice, 3);
	while (lnr_routines_count(r))
		nap();
	assert_int_equal(runs_of(&once), 1);
	assert_int_equal(runs_of(&thrice), 3);
	/* The pool takes more afterwards. */
	once = (struct job){.max = 2};
	assert_non_null(subscribe(i, work, &once));
	wait_for(&once, 2);
	assert_null(lnr_routines_free(r));
}

static void until_it_is_unsubscribed(void **state)
{
	struct lnr_routines *r = lnr_routines_new();
	struct lnr_plugin_instance *i = instance(r), other = *i;
	struct job j = {.max = UINT32_MAX};
	void *h = subscribe(i, work, &j);

	(void)state;
	wait_for(&j, 2);
	assert_int_equal(unsubscribe(&other, h), LNR_PLUGIN_FAILURE);
	assert_int_equal(unsubscribe(i, NULL), LNR_PLUGIN_FAILURE);
	assert_int_equal(unsubscribe(i, &j), LNR_PLUGIN_FAILURE);
	assert_int_equal(unsubscribe(i, h), LNR_PLUGIN_SUCCESS);
	while (lnr_routines_count(r))
		nap();
	unsigned n = runs_of(&j);
	assert_int_equal(unsubscribe(i, h), LNR_PLUGIN_FAILURE);
	nap();
	assert_int_equal(runs_of(&j), n);
	lnr_routines_free(r);
}

/* A routine may take itself out. */
static uint32_t leave(void *plugin, void *state)
{
	struct job *j = state;
	(void)plugin;
	void *h = __atomic_load_n(&j->routine, __ATOMIC_ACQUIRE);
	if (!h)
		return 1;
	assert_int_equal(unsubscribe(j->inst, h), LNR_PLUGIN_SUCCESS);
	__atomic_add_fetch(&j->runs, 1, __ATOMIC_ACQ_REL);
	return 1;
}

static void by_itself(void **state)
{
	struct lnr_routines *r = lnr_routines_new();
	struct job j = {.inst = instance(r)};

	(void)state;
	__atomic_store_n(&j.routine, subscribe(j.inst, leave, &j), __ATOMIC_RELEASE);
	wait_for(&j, 1);
	while (lnr_routines_count(r))
		nap();
	assert_int_equal(runs_of(&j), 1);
	lnr_routines_free(r);
}

/* Waits inside, as plugins that listen to a socket do. */
static uint32_t hang(void *plugin, void *state)
{
	struct job *j = state;
	(void)plugin;
	__atomic_add_fetch(&j->runs, 1, __ATOMIC_ACQ_REL);
	while (!__atomic_load_n(&j->gate, __ATOMIC_ACQUIRE))
		nap();
	return 0;
}

static void *open_gate(void *arg)
{
	struct job *j = arg;
	wait_for(j, 1);
	for (int i = 0; i < 5; i++)
		nap();
	__atomic_store_n(&j->gate, true, __ATOMIC_RELEASE);
	return NULL;
}

static void the_end_waits(void **state)
{
	struct lnr_routines *r = lnr_routines_new();
	struct lnr_plugin_instance *i = instance(r);
	struct job slow = {0}, quick = {.max = 2};
	pthread_t id;

	(void)state;
	assert_non_null(subscribe(i, hang, &slow));
	wait_for(&slow, 1);
	/* One that waits keeps others from nothing. */
	assert_non_null(subscribe(i, work, &quick));
	wait_for(&quick, 2);
	assert_int_equal(pthread_create(&id, NULL, open_gate, &slow), 0);
	lnr_routines_free(r);
	assert_true(slow.gate);
	pthread_join(id, NULL);
}

static void limits(void **state)
{
	struct lnr_routines *r = lnr_routines_new();
	struct lnr_plugin_instance *i = instance(r);
	struct job j = {.max = UINT32_MAX};

	(void)state;
	assert_null(subscribe(i, NULL, &j));
	assert_null(subscribe(NULL, work, &j));
	for (int n = 0; n < LNR_PLUGIN_ROUTINES_MAX; n++)
		assert_non_null(subscribe(i, work, &j));
	assert_null(subscribe(i, work, &j));
	wait_for(&j, 3 * LNR_PLUGIN_ROUTINES_MAX);
	i->routines = NULL;
	assert_null(subscribe(i, work, &j));
	assert_int_equal(unsubscribe(i, r), LNR_PLUGIN_FAILURE);
	lnr_routines_free(r);
	assert_null(lnr_routines_free(NULL));
}

static int life(void *arg)
{
	struct lnr_routines *r = lnr_routines_new();
	struct job j = {.max = 2};
	int rc = -ENOMEM;

	(void)arg;
	if (r && subscribe(instance(r), work, &j)) {
		wait_for(&j, 2);
		rc = 0;
	}
	lnr_routines_free(r);
	return rc;
}

static void no_memory(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(life, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(until_it_says_so),
		cmocka_unit_test(until_it_is_unsubscribed),
		cmocka_unit_test(by_itself),
		cmocka_unit_test(the_end_waits),
		cmocka_unit_test(limits),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
