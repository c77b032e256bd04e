/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/async.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

#define NOW UINT64_C(1700000000000000000)

static uint64_t wall_now(const struct lnr_clock *c)
{
	(void)c;
	return NOW;
}

/* A plugin that lends its handler to the test. */
struct teller {
	struct lnr_plugin plugin;
	struct lnr_plugin_instance inst;
	struct lnr_str names[2], sources[1];
	struct lnr_clock clock;
	struct lnr_async *a;
	lnr_plugin_async_fn *fn;
	void *owner;
	int32_t rc; /* of set_async_event_handler() and dump_state() */
	void (*dump)(struct teller *t, lnr_plugin_async_fn *fn, void *owner);
};

static int32_t on_set(void *s, void *owner, lnr_plugin_async_fn *fn)
{
	struct teller *t = s;
	t->owner = owner;
	if (fn)
		t->fn = fn; /* kept beyond its time, as a thread that is late has it */
	return t->rc;
}

static int32_t on_dump(void *s, void *owner, lnr_plugin_async_fn *fn)
{
	struct teller *t = s;
	t->dump(t, fn, owner);
	return t->rc;
}

static const char *on_error(void *s)
{
	(void)s;
	return "the reason";
}

static void teller_init(struct teller *t, const char *source, uint32_t id)
{
	*t = (struct teller){
		.names = {LNR_STR("told"), LNR_STR("asked")}, .sources = {LNR_STR("syscall")}};
	t->plugin = (struct lnr_plugin){.name = LNR_STR("teller"),
		.caps = LNR_PLUGIN_CAN_ASYNC,
		.async_names = {t->names, 2}};
	t->plugin.api.set_async_event_handler = on_set;
	t->plugin.api.dump_state = on_dump;
	t->plugin.api.get_last_error = on_error;
	t->inst = (struct lnr_plugin_instance){.plugin = &t->plugin, .state = t};
	t->clock = *lnr_clock_system();
	t->clock.wall_ns = wall_now;
	t->a = lnr_async_new(lnr_str_c(source), id, &t->clock, NULL);
}

static void teller_done(struct teller *t)
{
	assert_ok(lnr_async_end(&t->inst, NULL), NULL);
	lnr_async_free(t->a);
}

/* An event in `buf`; data may be NULL. */
struct event {
	union {
		struct lnr_plugin_event e;
		char bytes[200];
	};
};

static struct event *make(struct event *ev, uint64_t ts, const char *name, uint32_t data)
{
	uint32_t lens[3] = {4, (uint32_t)strlen(name) + 1, data}, id = 77;
	memset(ev, 0, sizeof(*ev));
	ev->e = (struct lnr_plugin_event){.ts = ts,
		.tid = 5,
		.len = 26 + 12 + 4 + lens[1] + data,
		.type = LNR_PLUGIN_ASYNC_EVENT,
		.nparams = 3};
	memcpy(ev->bytes + 26, lens, sizeof(lens));
	memcpy(ev->bytes + 38, &id, sizeof(id));
	memcpy(ev->bytes + 42, name, lens[1]);
	return ev;
}

static int32_t send(struct teller *t, uint64_t ts)
{
	struct event ev;
	return t->fn(t->owner, &make(&ev, ts, "told", 3)->e, NULL);
}

static void what_is_refused(void **state)
{
	struct teller t;
	struct event ev;
	char err[LNR_PLUGIN_ERROR_BYTES];
	struct lnr_async_stats st;

	(void)state;
	teller_init(&t, "syscall", 0);
	assert_ok(lnr_async_begin(t.a, &t.inst, NULL), NULL);
#define REFUSED(why)                                                              \
	do {                                                                      \
		err[0] = 0;                                                       \
		assert_int_equal(t.fn(t.owner, &ev.e, err), LNR_PLUGIN_FAILURE);  \
		assert_has(err, why);                                             \
		assert_int_equal(t.fn(t.owner, &ev.e, NULL), LNR_PLUGIN_FAILURE); \
	} while (0)
	make(&ev, NOW, "unknown", 3);
	REFUSED("does not declare");
	make(&ev, NOW, "told", 3)->e.type = LNR_PLUGIN_EVENT;
	REFUSED("not an asynchronous event");
	make(&ev, NOW, "told", 3)->e.nparams = 2;
	REFUSED("not an asynchronous event");
	make(&ev, NOW, "told", 3)->e.len = 41;
	REFUSED("event of 41 bytes");
	make(&ev, NOW, "told", 3)->e.len = LNR_SCAP_EVENT_BYTES + 1;
	REFUSED("bytes");
	make(&ev, NOW, "told", 3)->e.len++;
	REFUSED("parameters of");
	make(&ev, NOW, "told", 3)->bytes[26] = 8;
	REFUSED("parameters of");
	make(&ev, NOW, "told", 3)->bytes[42 + 4] = 'x'; /* the name does not end */
	REFUSED("parameters of");
	memset(make(&ev, NOW, "told", 3)->bytes + 30, 0xff, 8);
	REFUSED("parameters of");
	make(&ev, NOW + 11 * LNR_NS_PER_SEC, "told", 3);
	REFUSED("future");
	assert_int_equal(t.fn(t.owner, NULL, NULL), LNR_PLUGIN_FAILURE);
	t.plugin.async_sources = (struct lnr_plugin_names){t.sources, 1};
	make(&ev, NOW, "told", 3);
	assert_int_equal(t.fn(t.owner, &ev.e, NULL), LNR_PLUGIN_SUCCESS);
	t.sources[0] = LNR_STR("elsewhere");
	REFUSED("for the source 'syscall'");
	lnr_async_stats(t.a, &st);
	assert_int_equal(st.taken, 1);
	assert_int_equal(st.future, 2);
	assert_int_equal(st.invalid, 21);
	assert_int_equal(st.full, 0);
	/* After its time. */
	assert_ok(lnr_async_end(&t.inst, NULL), NULL);
	REFUSED("not taken now");
	teller_done(&t);
}

static void takes(struct teller *t, uint64_t until, uint64_t want_ts)
{
	const struct lnr_plugin_event *e = lnr_async_next(t->a, until, 42);
	assert_non_null(e);
	assert_int_equal(e->ts, want_ts);
}

static void order_of_time(void **state)
{
	struct teller t;

	(void)state;
	teller_init(&t, "syscall", 0);
	assert_ok(lnr_async_begin(t.a, &t.inst, NULL), NULL);
	assert_false(lnr_async_pending(t.a));
	assert_null(lnr_async_next(t.a, UINT64_MAX, 42));
	assert_int_equal(send(&t, NOW + 3), 0);
	assert_int_equal(send(&t, NOW + 1), 0);
	assert_int_equal(send(&t, NOW + 2), 0);
	assert_int_equal(send(&t, UINT64_MAX), 0); /* now: before all */
	assert_true(lnr_async_pending(t.a));
	takes(&t, 0, 42);
	assert_null(lnr_async_next(t.a, NOW, 42));
	takes(&t, NOW + 2, NOW + 1);
	takes(&t, NOW + 2, NOW + 2);
	assert_null(lnr_async_next(t.a, NOW + 2, 42));
	takes(&t, NOW + 3, NOW + 3);
	assert_false(lnr_async_pending(t.a));
	/* Some are left for free(). */
	assert_int_equal(send(&t, NOW), 0);
	teller_done(&t);
}

/* Id, thread and bytes of what arrives. */
static void arrives_as(uint32_t id, const char *source, uint64_t tid)
{
	struct teller t;
	struct event ev;
	uint32_t got;

	teller_init(&t, source, id);
	assert_ok(lnr_async_begin(t.a, &t.inst, NULL), NULL);
	make(&ev, NOW, "asked", 7);
	assert_int_equal(t.fn(t.owner, &ev.e, NULL), 0);
	const struct lnr_plugin_event *e = lnr_async_next(t.a, NOW, 0);
	memcpy(&got, (const char *)e + 38, sizeof(got));
	assert_int_equal(got, id);
	assert_int_equal(e->tid, tid);
	assert_int_equal(e->len, ev.e.len);
	assert_memory_equal((const char *)e + 42, ev.bytes + 42, e->len - 42);
	assert_ptr_not_equal(e, &ev.e);
	teller_done(&t);
}

static void of_the_open_source(void **state)
{
	(void)state;
	arrives_as(0, "syscall", 5);
	arrives_as(999, "clock", UINT64_MAX);
}

static void a_full_queue(void **state)
{
	struct teller t;
	struct lnr_async_stats st;

	(void)state;
	teller_init(&t, "syscall", 0);
	assert_ok(lnr_async_begin(t.a, &t.inst, NULL), NULL);
	for (unsigned i = 0; i < LNR_ASYNC_EVENTS_MAX; i++)
		assert_int_equal(send(&t, NOW + i), 0);
	assert_int_equal(send(&t, NOW), LNR_PLUGIN_FAILURE);
	lnr_async_stats(t.a, &st);
	assert_int_equal(st.full, 1);
	assert_int_equal(st.taken, LNR_ASYNC_EVENTS_MAX);
	takes(&t, NOW, NOW);
	assert_int_equal(send(&t, NOW), 0);
	teller_done(&t);
	/* Large ones fill it sooner. */
	uint32_t len = LNR_SCAP_EVENT_BYTES, lens[3] = {4, 5, len - 47};
	char *big = calloc(1, len);
	struct event ev;
	unsigned n = 0;
	make(&ev, NOW, "told", 0)->e.len = len;
	memcpy(big, ev.bytes, 60);
	memcpy(big + 26, lens, sizeof(lens));
	teller_init(&t, "syscall", 0);
	assert_ok(lnr_async_begin(t.a, &t.inst, NULL), NULL);
	while (!t.fn(t.owner, (struct lnr_plugin_event *)(void *)big, NULL))
		n++;
	assert_true(n > 0);
	assert_int_equal(n, LNR_ASYNC_BYTES / len);
	free(big);
	teller_done(&t);
}

static void a_plugin_that_fails(void **state)
{
	struct teller t;
	struct lnr_err err = {0};

	(void)state;
	teller_init(&t, "syscall", 0);
	t.rc = LNR_PLUGIN_FAILURE;
	assert_code(lnr_async_begin(t.a, &t.inst, &err), -EIO);
	assert_has(err.msg, "the reason");
	assert_int_equal(send(&t, NOW), LNR_PLUGIN_FAILURE);
	assert_ok(lnr_async_end(&t.inst, NULL), NULL); /* it had not begun */
	t.rc = 0;
	assert_ok(lnr_async_begin(t.a, &t.inst, NULL), NULL);
	t.rc = LNR_PLUGIN_FAILURE;
	err = (struct lnr_err){0};
	assert_code(lnr_async_end(&t.inst, &err), -EIO);
	assert_has(err.msg, "the reason");
	assert_int_equal(send(&t, NOW), LNR_PLUGIN_FAILURE);
	t.rc = 0;
	teller_done(&t);
}

/* --- dumps --- */

static void dump_three(struct teller *t, lnr_plugin_async_fn *fn, void *owner)
{
	struct event ev;
	char err[LNR_PLUGIN_ERROR_BYTES];

	(void)t;
	assert_int_equal(fn(owner, &make(&ev, UINT64_MAX, "told", 1)->e, err), 0);
	assert_int_equal(fn(owner, &make(&ev, 7, "told", 1)->e, err), 0);
	assert_int_equal(fn(owner, &make(&ev, 8, "untold", 1)->e, err), LNR_PLUGIN_FAILURE);
	assert_has(err, "untold");
}

struct seen {
	unsigned n;
	uint64_t ts[4];
	int r;
};

static int see(void *user, const struct lnr_plugin_event *evt)
{
	struct seen *s = user;
	if (s->n < 4)
		s->ts[s->n] = evt->ts;
	s->n++;
	return s->r;
}

static void dump_one(struct teller *t, lnr_plugin_async_fn *fn, void *owner)
{
	struct event ev;
	(void)fn(owner, &make(&ev, UINT64_MAX, "told", 1)->e, NULL);
	t->fn = fn;
	t->owner = owner;
}

static void dumps(void **state)
{
	struct teller t;
	struct seen s = {0};
	struct lnr_err err = {0};

	(void)state;
	teller_init(&t, "syscall", 0);
	t.dump = dump_three;
	assert_ok(lnr_async_dump(t.a, &t.inst, 99, see, &s, &err), &err);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ts[0], 99);
	assert_int_equal(s.ts[1], 7);
	/* Nothing of it comes as an event. */
	assert_false(lnr_async_pending(t.a));
	t.rc = LNR_PLUGIN_FAILURE;
	assert_code(lnr_async_dump(t.a, &t.inst, 99, see, &s, &err), -EIO);
	assert_has(err.msg, "the reason");
	t.rc = 0;
	t.dump = dump_one;
	s = (struct seen){.r = -ENOSPC};
	err = (struct lnr_err){0};
	assert_code(lnr_async_dump(t.a, &t.inst, 99, see, &s, &err), -ENOSPC);
	assert_int_equal(s.n, 1);
	/* The handler ends with the call. */
	assert_int_equal(send(&t, NOW), LNR_PLUGIN_FAILURE);
	t.plugin.api.dump_state = NULL;
	assert_ok(lnr_async_dump(t.a, &t.inst, 99, see, &s, &err), NULL);
	teller_done(&t);
}

/* --- threads --- */

#define THREADS 4
#define EACH	2000

static void *tell(void *arg)
{
	struct teller *t = arg;
	for (int i = 0; i < EACH; i++) {
		if (send(t, i % 7 ? NOW - (uint64_t)i : UINT64_MAX))
			i--; /* full: again */
	}
	return NULL;
}

static void from_many_threads(void **state)
{
	struct teller t;
	pthread_t id[THREADS];
	struct lnr_async_stats st;
	unsigned n = 0;

	(void)state;
	teller_init(&t, "syscall", 0);
	assert_ok(lnr_async_begin(t.a, &t.inst, NULL), NULL);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&id[i], NULL, tell, &t), 0);
	while (n < THREADS * EACH) {
		if (lnr_async_pending(t.a) && lnr_async_next(t.a, UINT64_MAX, NOW))
			n++;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(id[i], NULL);
	assert_false(lnr_async_pending(t.a));
	lnr_async_stats(t.a, &st);
	assert_int_equal(st.taken, THREADS * EACH);
	teller_done(&t);
}

static int life(void *arg)
{
	struct teller t;
	struct seen s = {0};

	(void)arg;
	teller_init(&t, "syscall", 0);
	if (!t.a)
		return -ENOMEM;
	assert_ok(lnr_async_begin(t.a, &t.inst, NULL), NULL);
	int r = send(&t, NOW) ? -ENOMEM : 0;
	t.dump = dump_one;
	lnr_async_dump(t.a, &t.inst, 1, see, &s, NULL);
	teller_done(&t);
	return r || !s.n ? -ENOMEM : 0;
}

static void no_memory(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(life, NULL);
	assert_null(lnr_async_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(order_of_time),
		cmocka_unit_test(of_the_open_source),
		cmocka_unit_test(a_full_queue),
		cmocka_unit_test(a_plugin_that_fails),
		cmocka_unit_test(dumps),
		cmocka_unit_test(from_many_threads),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
