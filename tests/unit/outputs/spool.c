/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts on disk until they are taken (outputs/spool.h). */
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/failalloc.h"
#include "unit/outputs/spool_test.h"
#include "schema/limits.h"

/* --- order, restart --- */

static void keeps_the_order(void **state)
{
	(void)state;
	struct bench b;
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	append(&b, 7, "one", 0);
	append(&b, 0, "two", 0);
	append(&b, 7, "three", 0);
	append(&b, 4, "four", 0);
	takes(r, 9, "one two three four");
	takes(r, 9, "");
	lnr_spool_reader_close(r);
	/* All is taken: nothing is left on disk. */
	assert_null(segment_path(&b));
	assert_int_equal(stats(&b).bytes, 0);
	done(&b);
}

static void goes_on_after_a_restart(void **state)
{
	(void)state;
	struct bench b;
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	append(&b, 6, "one", 0);
	append(&b, 2, "two", 0);
	append(&b, 6, "three", 0);
	takes(r, 1, "one");
	lnr_spool_reader_close(r);
	again(&b);
	r = reader(&b, "x");
	append(&b, 1, "four", 0);
	/* What is fetched and not taken comes again. */
	struct lnr_alert *a;
	assert_code(lnr_spool_next(r, 0, &a), 0);
	lnr_alert_unref(a);
	lnr_spool_reader_close(r);
	again(&b);
	r = reader(&b, "x");
	takes(r, 9, "two three four");
	assert_int_equal(lost(&b, "x"), 0);
	lnr_spool_reader_close(r);
	/* Numbers go on though nothing is kept: a cursor is never ahead. */
	again(&b);
	r = reader(&b, "x");
	append(&b, 4, "five", 0);
	takes(r, 9, "five");
	lnr_spool_reader_close(r);
	done(&b);
}

static void readers_have_their_own_pace(void **state)
{
	(void)state;
	struct bench b;
	start(&b);
	struct lnr_spool_reader *quick = reader(&b, "quick"), *slow = reader(&b, "slow");
	append_numbered(&b, 0, 3000, 5, 100);
	takes_numbered(quick, 0, 3000);
	/* Only the newest are in memory; the rest comes from disk, over many segments. */
	assert_true(stats(&b).segments > 10);
	takes_numbered(slow, 0, 10);
	uint64_t before = stats(&b).bytes;
	append_numbered(&b, 3000, 3100, 5, 100);
	takes_numbered(slow, 10, 2000);
	assert_true(stats(&b).bytes < before);
	takes_numbered(slow, 2000, 3100);
	takes_numbered(quick, 3000, 3100);
	assert_int_equal(lost(&b, "slow"), 0);
	lnr_spool_reader_close(slow);
	lnr_spool_reader_close(quick);
	assert_int_equal(stats(&b).bytes, 0);
	done(&b);
}

static void a_new_reader_begins_with_the_next(void **state)
{
	(void)state;
	struct bench b;
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	append(&b, 4, "one", 0);
	struct lnr_spool_reader *fresh = reader(&b, "fresh");
	append(&b, 4, "two", 0);
	takes(fresh, 9, "two");
	takes(r, 9, "one two");
	lnr_spool_reader_close(r);
	lnr_spool_reader_close(fresh);
	done(&b);
}

/* Nothing is owed to an output that is no more. */
static void forgets_who_is_not_expected(void **state)
{
	(void)state;
	struct bench b;
	struct stat st;
	char path[128];
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x"), *gone = reader(&b, "gone");
	append(&b, 4, "one", 0);
	takes(r, 9, "one");
	lnr_spool_reader_close(gone);
	lnr_spool_reader_close(r);
	again(&b);
	snprintf(path, sizeof(path), "%s/gone.cursor", b.path);
	assert_int_equal(stat(path, &st), 0);
	r = reader(&b, "x");
	lnr_spool_prune(b.s);
	assert_int_not_equal(stat(path, &st), 0);
	append(&b, 4, "two", 0);
	takes(r, 9, "two");
	lnr_spool_reader_close(r);
	assert_null(segment_path(&b));
	done(&b);
}

/* A name that is expected twice stays until both forget it, and is read by one at a time. */
static void hands_a_name_over(void **state)
{
	(void)state;
	struct bench b;
	bool enough = true;
	struct lnr_spool_reader *second;
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	assert_code(lnr_spool_expect(b.s, "x", NULL), 0);
	append(&b, 4, "one", 0);
	append(&b, 4, "two", 0);
	takes(r, 1, "one");
	assert_code(lnr_spool_reader_open(b.s, "x", &enough, &second), -ECANCELED);
	lnr_spool_reader_close(r);
	lnr_spool_forget(b.s, "x");
	assert_code(lnr_spool_reader_open(b.s, "x", NULL, &second), 0);
	takes(second, 9, "two");
	/* Cut off, its calls come to nothing, and the name is free. */
	append(&b, 4, "three", 0);
	struct lnr_alert *a;
	assert_code(lnr_spool_next(second, 0, &a), 0);
	lnr_alert_unref(a);
	lnr_spool_reader_cut(second);
	lnr_spool_taken(second);
	assert_code(lnr_spool_next(second, 0, &a), -ECANCELED);
	assert_code(lnr_spool_reader_open(b.s, "x", NULL, &r), 0);
	takes(r, 9, "three");
	lnr_spool_reader_close(second);
	lnr_spool_reader_close(r);
	done(&b);
}

static void wakes(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_alert *a;
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	assert_code(lnr_spool_next(r, 1, &a), -EAGAIN);
	lnr_spool_wake(b.s);
	assert_code(lnr_spool_next(r, 60000, &a), -EINTR);
	assert_code(lnr_spool_next(r, 1, &a), -EAGAIN);
	lnr_spool_wake(b.s);
	assert_true(lnr_spool_pause(r, 60000));
	assert_false(lnr_spool_pause(r, 1));
	lnr_spool_reader_close(r);
	done(&b);
}

/* --- room --- */

static void the_least_urgent_goes_first(void **state)
{
	(void)state;
	struct bench b;
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	/* A quarter of a MiB each: the third kind does not fit any more. */
	append_numbered(&b, 0, 400, 6, 1000);
	append_numbered(&b, 400, 800, 4, 1000);
	assert_int_equal(stats(&b).displaced, 0);
	append_numbered(&b, 800, 1100, 2, 1000);
	struct lnr_spool_stats st = stats(&b);
	assert_true(st.bytes <= SMALLEST);
	assert_int_equal(st.unstored, 0);
	assert_true(st.displaced > 0 && st.displaced <= 400);
	/* The newest are in memory for all; look at the disk alone. */
	lnr_spool_reader_close(r);
	again(&b);
	r = reader(&b, "x");
	unsigned seen[8] = {0}, n = 0;
	struct lnr_alert *a;
	while (!lnr_spool_next(r, 0, &a)) {
		seen[lnr_alert_priority(a)]++;
		n++;
		lnr_alert_unref(a);
		lnr_spool_taken(r);
	}
	assert_int_equal(seen[2], 300);
	assert_int_equal(seen[4], 400);
	assert_int_equal(seen[6], 400 - st.displaced);
	assert_int_equal(lost(&b, "x"), st.displaced);
	assert_int_equal(n + lost(&b, "x"), 1100);
	lnr_spool_reader_close(r);
	done(&b);
}

static void equals_do_not_displace(void **state)
{
	(void)state;
	struct bench b;
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	lnr_spool_failing(r, true); /* else it would be waited for */
	append_numbered(&b, 0, 2000, 4, 1000);
	struct lnr_spool_stats st = stats(&b);
	assert_int_equal(st.displaced, 0);
	assert_true(st.unstored > 500);
	/* From the disk the oldest, from memory the newest; what is between is lost and counted. */
	unsigned stored = 2000 - (unsigned)st.unstored, n = 0;
	takes_numbered(r, 0, stored);
	struct lnr_alert *a;
	while (!lnr_spool_next(r, 0, &a)) {
		n++;
		lnr_alert_unref(a);
		lnr_spool_taken(r);
	}
	assert_int_equal(n, LNR_SPOOL_RECENT);
	assert_int_equal(lost(&b, "x"), 2000 - stored - n);
	lnr_spool_reader_close(r);
	done(&b);
}

/* Larger than everything: nothing else goes for it. */
static void the_too_large_displaces_nothing(void **state)
{
	(void)state;
	struct bench b;
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	append(&b, 7, "small", 0);
	append(&b, 0, "large", 2 << 20);
	assert_int_equal(stats(&b).unstored, 1);
	takes(r, 9, "small large"); /* memory still has it */
	lnr_spool_reader_close(r);
	done(&b);
}

/* A disk that takes nothing, here by a limit on the size of files. */
static void delivers_from_memory_without_a_disk(void **state)
{
	(void)state;
	struct bench b;
	struct rlimit before, none;
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "x");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = before;
	none.rlim_cur = 512;
	append(&b, 4, "one", 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	append_numbered(&b, 0, 50, 4, 300);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(stats(&b).unstored, 50);
	append(&b, 4, "two", 0);
	takes(r, 1, "one");
	takes_numbered(r, 0, 50);
	takes(r, 9, "two");
	lnr_spool_reader_close(r);
	/* What was begun of an alert did not stay in the file. */
	again(&b);
	assert_int_equal(stats(&b).torn, 0);
	assert_int_equal(stats(&b).damaged, 0);
	done(&b);
}

struct waiter {
	struct bench *b;
	struct lnr_spool_haste haste;
	bool hurry, stop;
};

static void *append_much(void *arg)
{
	struct waiter *w = arg;
	for (unsigned i = 0; i < 3 * LNR_SPOOL_RECENT; i++) {
		char word[16];
		snprintf(word, sizeof(word), "m%u", i);
		struct lnr_alert *a = make(4, word, 1000);
		lnr_spool_append(w->b->s, &a, 1, &w->haste);
		lnr_alert_unref(a);
	}
	return NULL;
}

/* Neither disk nor memory has room: who appends waits for a reader that gets on, not for one that
 * fails. */
static void waits_for_who_gets_on(void **state)
{
	(void)state;
	struct bench b;
	struct waiter w = {.b = &b};
	pthread_t t;
	start(&b);
	struct lnr_spool_reader *r = reader(&b, "good"), *bad = reader(&b, "bad");
	lnr_spool_failing(bad, true);
	assert_int_equal(pthread_create(&t, NULL, append_much, &w), 0);
	for (unsigned i = 0; i < 3 * LNR_SPOOL_RECENT; i++) {
		struct lnr_alert *a;
		assert_code(lnr_spool_next(r, 10000, &a), 0);
		char want[16];
		snprintf(want, sizeof(want), "m%u.", i);
		assert_true(strncmp(lnr_alert_message(a), want, strlen(want)) == 0);
		lnr_alert_unref(a);
		lnr_spool_taken(r);
	}
	pthread_join(t, NULL);
	assert_int_equal(lost(&b, "good"), 0);
	lnr_spool_reader_close(bad);
	lnr_spool_reader_close(r);
	done(&b);
}

/* --- who may --- */

static void refuses_directories_of_others(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_spool *first;
	start(&b);
	first = b.s;
	assert_code(try_open(&b, SMALLEST, LNR_SPOOL_SYNC_NEVER), -EBUSY);
	lnr_spool_unref(first);
	assert_int_equal(chmod(b.path, 0777), 0);
	assert_code(try_open(&b, SMALLEST, LNR_SPOOL_SYNC_NEVER), -EPERM);
	assert_int_equal(chmod(b.path, 0700), 0);
	char *file = lnr_test_file(&b.dir, "file", LNR_STR("x"));
	struct bench other = b;
	snprintf(other.path, sizeof(other.path), "%s/file", b.dir.path);
	assert_code(try_open(&other, SMALLEST, LNR_SPOOL_SYNC_NEVER), -ENOTDIR);
	snprintf(other.path, sizeof(other.path), "%s/no/spool", b.dir.path);
	assert_code(try_open(&other, SMALLEST, LNR_SPOOL_SYNC_NEVER), -ENOENT);
	/* A link in place of a segment is not followed, and what is no segment is left alone. */
	char link[160];
	snprintf(link, sizeof(link), "%s/p4-0000000000000001.seg", b.path);
	assert_int_equal(symlink(file, link), 0);
	assert_int_not_equal(try_open(&b, SMALLEST, LNR_SPOOL_SYNC_NEVER), 0);
	unlink(link);
	free(file);
	assert_code(try_open(&b, SMALLEST, LNR_SPOOL_SYNC_NEVER), 0);
	done(&b);
}

/* --- at the same time --- */

struct worker {
	struct bench *b;
	const char *name;
	unsigned n;
};

static void *read_all(void *arg)
{
	struct worker *w = arg;
	struct lnr_spool_reader *r;
	struct lnr_alert *a;
	unsigned last = 0;
	if (lnr_spool_reader_open(w->b->s, w->name, NULL, &r))
		return NULL;
	while (last < 2000 && !lnr_spool_next(r, 10000, &a)) {
		unsigned n = (unsigned)atoi(lnr_alert_message(a) + 1);
		w->n += n == last;
		last = n + 1;
		lnr_alert_unref(a);
		lnr_spool_taken(r);
	}
	lnr_spool_reader_close(r);
	return NULL;
}

static void works_at_the_same_time(void **state)
{
	(void)state;
	for (int sync = LNR_SPOOL_SYNC_NEVER; sync <= LNR_SPOOL_SYNC_ALWAYS; sync++) {
		struct bench b;
		struct worker w[3] = {{&b, "a", 0}, {&b, "b", 0}, {&b, "c", 0}};
		pthread_t t[3];
		start(&b);
		stop(&b);
		assert_code(try_open(&b, 16u << 20, (enum lnr_spool_sync)sync), 0);
		for (int i = 0; i < 3; i++) {
			assert_code(lnr_spool_expect(b.s, w[i].name, NULL), 0);
			assert_int_equal(pthread_create(&t[i], NULL, read_all, &w[i]), 0);
		}
		for (unsigned i = 0; i < 2000; i += 20) {
			struct lnr_alert *v[20];
			char word[16];
			for (unsigned k = 0; k < 20; k++) {
				snprintf(word, sizeof(word), "m%u", i + k);
				v[k] = make((int)(k % 8), word, 50);
			}
			lnr_spool_append(b.s, v, 20, NULL);
			for (unsigned k = 0; k < 20; k++)
				lnr_alert_unref(v[k]);
		}
		(void)lnr_spool_flush(b.s);
		for (int i = 0; i < 3; i++) {
			pthread_join(t[i], NULL);
			assert_int_equal(w[i].n, 2000);
		}
		assert_int_equal(stats(&b).bytes, 0);
		done(&b);
	}
}

static int live(void *arg)
{
	const char *path = arg;
	const struct lnr_spool_opts o = {
		.dir = path, .max_bytes = SMALLEST, .sync = LNR_SPOOL_SYNC_ALWAYS};
	struct lnr_spool *s;
	struct lnr_spool_reader *r;
	struct lnr_alert *a;
	int rc = lnr_spool_open(&o, &s, NULL);
	if (rc)
		return rc;
	rc = lnr_spool_expect(s, "x", NULL);
	if (!rc)
		rc = lnr_spool_reader_open(s, "x", NULL, &r);
	if (!rc) {
		for (int i = 0; i < 2; i++) {
			if (lnr_alert_internal("r", i, TS, "m", NULL, "n1", &a))
				continue;
			lnr_spool_append(s, &a, 1, NULL);
			lnr_alert_unref(a);
		}
		/* One stays for the next run, which reads it from disk. */
		for (int i = 0; i < 2 && !lnr_spool_next(r, 0, &a); i++) {
			lnr_alert_unref(a);
			if (i == 0)
				lnr_spool_taken(r);
		}
		lnr_spool_reader_close(r);
	}
	lnr_spool_unref(s);
	return rc;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	struct bench b;
	start(&b);
	stop(&b);
	lnr_test_each_alloc_may_fail(live, b.path);
	done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_order),
		cmocka_unit_test(goes_on_after_a_restart),
		cmocka_unit_test(readers_have_their_own_pace),
		cmocka_unit_test(a_new_reader_begins_with_the_next),
		cmocka_unit_test(forgets_who_is_not_expected),
		cmocka_unit_test(hands_a_name_over),
		cmocka_unit_test(wakes),
		cmocka_unit_test(the_least_urgent_goes_first),
		cmocka_unit_test(equals_do_not_displace),
		cmocka_unit_test(the_too_large_displaces_nothing),
		cmocka_unit_test(delivers_from_memory_without_a_disk),
		cmocka_unit_test(waits_for_who_gets_on),
		cmocka_unit_test(refuses_directories_of_others),
		cmocka_unit_test(works_at_the_same_time),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
