/* SPDX-License-Identifier: Apache-2.0 */
/* A probe at work is asked for more system calls, and for fewer, without being opened again. */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "capture/capture.h"
#include "decode/event.h"
#include "lib/test.h"

struct set {
	uint8_t bits[64];
};

static void add(struct set *s, const char *name)
{
	const struct lnr_syscall_info *i = lnr_syscall_by_name(lnr_str_c(name));
	assert_non_null(i);
	s->bits[i->code / 8] |= (uint8_t)(1u << (i->code % 8));
}

/* Events of this thread and type that arrive within a moment. */
static int select_calls(struct lnr_capture *c, const uint8_t *syscalls, const uint8_t *state_only,
	size_t len, struct lnr_err *err)
{
	int r = lnr_ring_extend(c, syscalls, len, err);
	if (!r)
		lnr_ring_choose(c, syscalls, state_only, NULL, len);
	return r;
}

static unsigned count(struct lnr_capture *c, unsigned type)
{
	struct lnr_capture_item it;
	struct lnr_event ev;
	struct timespec from, now;
	unsigned n = 0;
	clock_gettime(CLOCK_MONOTONIC, &from);
	do {
		if (lnr_capture_next(c, &it, NULL) == 0 &&
			lnr_event_parse(&ev, it.record, it.len, it.cpu, NULL) == 0)
			n += ev.type == type && ev.tid == getpid();
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 < 200);
	return n;
}

static uint64_t stat_of(struct lnr_capture *c, const char *name)
{
	struct lnr_stat s[64];
	unsigned n = c->ops->stats(c, s, LNR_ARRAY_SIZE(s));
	for (unsigned i = 0; i < n && i < LNR_ARRAY_SIZE(s); i++) {
		if (strcmp(s[i].name, name) == 0)
			return s[i].value;
	}
	fail_msg("no counter %s", name);
	return 0;
}

static void act(void)
{
	mkdir("/no/such/directory", 0700);
	access("/no/such/file", F_OK);
	chdir("/no/such/directory");
}

static void test_select(void **state)
{
	struct set first = {0}, more = {0}, fewer = {0};
	struct lnr_err err = {0};
	struct lnr_capture *c;
	(void)state;
	add(&first, "mkdir");
	add(&more, "mkdir");
	add(&more, "chdir");
	add(&more, "getpid"); /* without a program of its own */
	add(&fewer, "chdir");
	const struct lnr_ring_opts o = {.size = sizeof(o),
		.syscalls = first.bits,
		.syscalls_len = sizeof(first.bits),
		.only_tgid = (uint32_t)getpid(),
		.buffer_bytes = 1 << 20};
	assert_ok(lnr_ring_open(&o, &c, &err), &err);
	act();
	assert_int_equal(count(c, LNR_EV_SYSCALL_MKDIR_2_X), 1);
	act();
	assert_int_equal(count(c, LNR_EV_SYSCALL_CHDIR_X), 0);
	assert_ok(select_calls(c, more.bits, NULL, sizeof(more.bits), &err), &err);
	act();
	assert_int_equal(count(c, LNR_EV_SYSCALL_CHDIR_X), 1);
	act();
	assert_int_equal(count(c, LNR_EV_SYSCALL_MKDIR_2_X), 1);
	assert_ok(select_calls(c, fewer.bits, NULL, sizeof(fewer.bits), &err), &err);
	act();
	assert_int_equal(count(c, LNR_EV_SYSCALL_MKDIR_2_X), 0);
	act();
	assert_int_equal(count(c, LNR_EV_SYSCALL_CHDIR_X), 1);
	/* Without what failed; an ABI that has no result below zero for it is not asked. */
	lnr_ring_choose(c, more.bits, NULL, fewer.bits, sizeof(more.bits));
	act();
	assert_int_equal(count(c, LNR_EV_SYSCALL_CHDIR_X), 0);
	assert_true(stat_of(c, "n_unwanted") > 0);
	assert_int_equal(chdir("/"), 0);
	act();
	assert_int_equal(count(c, LNR_EV_SYSCALL_CHDIR_X), 1);
	lnr_ring_choose(c, more.bits, NULL, NULL, sizeof(more.bits));
	act();
	assert_int_equal(count(c, LNR_EV_SYSCALL_CHDIR_X), 1);
	/* Back and forth costs nothing more: the programs are there. */
	for (int i = 0; i < 100; i++) {
		assert_ok(select_calls(c, first.bits, NULL, sizeof(first.bits), &err), &err);
		assert_ok(select_calls(c, more.bits, NULL, sizeof(more.bits), &err), &err);
	}
	act();
	assert_int_equal(count(c, LNR_EV_SYSCALL_CHDIR_X), 1);
	lnr_capture_close(c);
}

static void *nothing(void *arg)
{
	return arg;
}

/* What is no system call has a hook of its own; to select it again attaches it no second time. */
static void test_hook_once(void **state)
{
	struct set set = {0}, more = {0};
	struct lnr_err err = {0};
	struct lnr_capture_item it;
	struct lnr_event ev;
	struct lnr_capture *c;
	pthread_t t;
	unsigned n = 0;
	(void)state;
	add(&set, "sched_process_exit");
	add(&more, "sched_process_exit");
	add(&more, "mkdir");
	const struct lnr_ring_opts o = {.size = sizeof(o),
		.syscalls = set.bits,
		.syscalls_len = sizeof(set.bits),
		.only_tgid = (uint32_t)getpid(),
		.buffer_bytes = 1 << 20};
	assert_ok(lnr_ring_open(&o, &c, &err), &err);
	for (int i = 0; i < 3; i++) {
		assert_ok(select_calls(c, more.bits, NULL, sizeof(more.bits), &err), &err);
		assert_ok(select_calls(c, set.bits, NULL, sizeof(set.bits), &err), &err);
	}
	assert_int_equal(pthread_create(&t, NULL, nothing, NULL), 0);
	pthread_join(t, NULL);
	usleep(10000); /* joined is not yet gone */
	for (int quiet = 0; quiet < 5;) {
		if (lnr_capture_next(c, &it, NULL)) {
			quiet++;
			continue;
		}
		assert_ok(lnr_event_parse(&ev, it.record, it.len, it.cpu, NULL), NULL);
		n += ev.type == LNR_EV_PROCEXIT_1_E;
	}
	assert_int_equal(n, 1);
	lnr_capture_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_select), cmocka_unit_test(test_hook_once)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
