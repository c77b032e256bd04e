/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include "capture/audit.h"
#include "lib/failalloc.h"
#include "lib/test.h"

static char *text(const char *s)
{
	return lnr_str_dup(lnr_str_c(s));
}

static int put(struct lnr_audit_queue *q, const char *s)
{
	char *t = text(s);
	int r = lnr_audit_queue_put(q, t, strlen(s));
	if (r)
		free(t);
	return r;
}

static void takes_in_order(void **state)
{
	struct lnr_audit_queue *q = lnr_audit_queue_new(3, 100);
	size_t len;
	(void)state;
	assert_null(lnr_audit_queue_take(q, 0, &len));
	assert_code(put(q, "one"), 0);
	assert_code(put(q, "second"), 0);
	char *a = lnr_audit_queue_take(q, 0, &len);
	assert_bytes(((struct lnr_str){a, len}), LNR_STR("one"));
	free(a);
	a = lnr_audit_queue_take(q, -1, &len);
	assert_bytes(((struct lnr_str){a, len}), LNR_STR("second"));
	free(a);
	assert_null(lnr_audit_queue_take(q, 1, &len));
	assert_null(lnr_audit_queue_free(q));
	assert_null(lnr_audit_queue_free(NULL));
}

static void refuses_too_many_and_too_much(void **state)
{
	struct lnr_audit_queue *q = lnr_audit_queue_new(2, 10);
	size_t len;
	(void)state;
	assert_code(put(q, "12345678901"), -EAGAIN);
	assert_code(put(q, "1234567890"), 0);
	assert_code(put(q, "x"), -EAGAIN);
	assert_code(put(q, ""), 0);
	assert_code(put(q, ""), -EAGAIN);
	/* What was refused took no room away. */
	for (int i = 0; i < 2; i++)
		free(lnr_audit_queue_take(q, 0, &len));
	assert_code(put(q, "1234567890"), 0);
	lnr_audit_queue_free(q);
}

static void closes(void **state)
{
	struct lnr_audit_queue *q = lnr_audit_queue_new(2, 10);
	size_t len;
	(void)state;
	assert_code(put(q, "a"), 0);
	lnr_audit_queue_close(q);
	assert_code(put(q, "b"), -EPIPE);
	char *a = lnr_audit_queue_take(q, -1, &len);
	assert_bytes(((struct lnr_str){a, len}), LNR_STR("a"));
	free(a);
	assert_null(lnr_audit_queue_take(q, -1, &len));
	lnr_audit_queue_free(q);
}

#define THREADS 4
#define EACH	2000

static void *produce(void *arg)
{
	for (int i = 0; i < EACH; i++) {
		while (put(arg, "0123456789") == -EAGAIN)
			sched_yield();
	}
	return NULL;
}

static void loses_nothing_between_threads(void **state)
{
	struct lnr_audit_queue *q = lnr_audit_queue_new(8, 45);
	pthread_t t[THREADS];
	size_t len, sum = 0;
	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, produce, q), 0);
	for (int i = 0; i < THREADS * EACH; i++) {
		char *d = lnr_audit_queue_take(q, 10000, &len);
		assert_non_null(d);
		sum += len;
		free(d);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(sum, 10 * THREADS * EACH);
	assert_null(lnr_audit_queue_take(q, 0, &len));
	lnr_audit_queue_free(q);
}

static int body(void *arg)
{
	struct lnr_audit_queue *q = lnr_audit_queue_new(2, 10);
	(void)arg;
	if (!q)
		return -ENOMEM;
	char *t = text("a");
	int r = t ? lnr_audit_queue_put(q, t, 1) : -ENOMEM;
	if (r)
		free(t);
	lnr_audit_queue_free(q);
	return r == -EAGAIN ? -ENOMEM : r;
}

static void survives_want_of_memory(void **state)
{
	(void)state;
	lnr_test_each_alloc_fails(body, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_in_order),
		cmocka_unit_test(refuses_too_many_and_too_much),
		cmocka_unit_test(closes),
		cmocka_unit_test(loses_nothing_between_threads),
		cmocka_unit_test(survives_want_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
