/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run a piece of code with every allocation failing in turn.
 *
 * Tests are linked with malloc() and its kin wrapped (WRAP in the Makefile); what our objects
 * allocate passes through here, what shared libraries allocate does not. Outside the two functions
 * below nothing fails. Crashes show by themselves; leaks show with SAN=1.
 *
 *	static int body(void *arg)
 *	{
 *		struct thing *t = thing_new();
 *		int rc = t ? thing_fill(t) : -ENOMEM;
 *
 *		thing_free(t);
 *		return rc;
 *	}
 *	...
 *	lnr_test_each_alloc_fails(body, NULL);
 */
#ifndef LNR_TESTS_LIB_FAILALLOC_H
#define LNR_TESTS_LIB_FAILALLOC_H

/*
 * Run `body` with the first, second, ... allocation failing until a run makes no allocation fail;
 * each time once with only that one and once with all later ones failing too. `body` returns 0 or
 * a negative errno and frees what it made. It must return -ENOMEM when an allocation failed and 0
 * when none did; the test fails otherwise, or when `body` never allocates. May run threads.
 */
void lnr_test_each_alloc_fails(int (*body)(void *), void *arg);
/*
 * The same for code that makes do without the memory, or knows no reason for its failure: 0 and
 * any negative result are good when an allocation failed.
 */
void lnr_test_each_alloc_may_fail(int (*body)(void *), void *arg);

#endif
