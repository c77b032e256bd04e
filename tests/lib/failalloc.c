/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/failalloc.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "lib/test.h"

/* Above any body worth running; a body that allocates without end must not run without end. */
#define RUNS_MAX 100000

/* State of the process under test; this is no library code. */
static struct {
	atomic_ulong countdown; /* fails at 1; 0 = disarmed */
	atomic_bool all_later;
	atomic_bool failed;
} state;

static bool fails_now(void)
{
	unsigned long n = atomic_load(&state.countdown);

	while (n > 1) {
		if (atomic_compare_exchange_weak(&state.countdown, &n, n - 1))
			return false;
	}
	if (n == 0)
		return false;
	if (!atomic_load(&state.all_later))
		atomic_store(&state.countdown, 0);
	atomic_store(&state.failed, true);
	errno = ENOMEM;
	return true;
}

/* The linker makes the names (ld(1), --wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails_now() ? NULL : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails_now() ? NULL : __real_reallocarray(p, n, size);
}

char *__wrap_strdup(const char *s)
{
	return fails_now() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t n)
{
	return fails_now() ? NULL : __real_strndup(s, n);
}

static int run(int (*body)(void *), void *arg, unsigned long nth, bool all_later)
{
	int rc;

	atomic_store(&state.failed, false);
	atomic_store(&state.all_later, all_later);
	atomic_store(&state.countdown, nth);
	rc = body(arg);
	/* Before any assertion, which may allocate. */
	atomic_store(&state.countdown, 0);
	return rc;
}

static void each(int (*body)(void *), void *arg, bool strict)
{
	for (unsigned long nth = 1; nth <= RUNS_MAX; nth++) {
		for (int all_later = 0; all_later < 2; all_later++) {
			int rc = run(body, arg, nth, all_later);

			if (!atomic_load(&state.failed)) {
				if (rc != 0)
					fail_msg("no allocation failed, but the result is %d", rc);
				if (nth == 1)
					fail_msg("the body allocates nothing");
				return;
			}
			if (rc > 0 || (strict && rc != -ENOMEM))
				fail_msg("allocation %lu failed%s, but the result is %d", nth,
					all_later ? " and all later ones" : "", rc);
		}
	}
	fail_msg("still allocating after %d runs", RUNS_MAX);
}

void lnr_test_each_alloc_fails(int (*body)(void *), void *arg)
{
	each(body, arg, true);
}

void lnr_test_each_alloc_may_fail(int (*body)(void *), void *arg)
{
	each(body, arg, false);
}
