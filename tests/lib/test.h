/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every unit test starts from: cmocka with the headers it wants, assertions about our own
 * types, a directory that goes away again, and repeatable randomness.
 *
 * Run a test by hand for readable output; tools/test asks for TAP by CMOCKA_MESSAGE_OUTPUT.
 */
#ifndef LNR_TESTS_LIB_TEST_H
#define LNR_TESTS_LIB_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/err.h"
#include "base/str.h"

/* Both show the whole text of a mismatch; bytes that do not print come as \xNN. */
#define assert_str(view, want) \
	lnr_test_assert_bytes((view), lnr_str_c(want), #view, __FILE__, __LINE__)
#define assert_bytes(view, want) lnr_test_assert_bytes((view), (want), #view, __FILE__, __LINE__)
/* A result code; a mismatch shows both names and, for assert_ok(), what `err` (may be NULL) says.
 */
#define assert_code(call, want) \
	lnr_test_assert_code((call), (want), NULL, #call, __FILE__, __LINE__)
#define assert_ok(call, err) lnr_test_assert_code((call), 0, (err), #call, __FILE__, __LINE__)
/* A substring, for messages whose exact words may change. */
#define assert_has(text, want) lnr_test_assert_has((text), (want), #text, __FILE__, __LINE__)

void lnr_test_assert_bytes(
	struct lnr_str got, struct lnr_str want, const char *what, const char *file, int line);
void lnr_test_assert_code(
	int got, int want, const struct lnr_err *err, const char *what, const char *file, int line);
void lnr_test_assert_has(
	const char *got, const char *want, const char *what, const char *file, int line);

/* --- files ------------------------------------------------------------------------------------*/

struct lnr_test_dir {
	char path[64];
};

/* A new directory that only we may enter, below TMPDIR or /tmp. */
void lnr_test_dir_init(struct lnr_test_dir *d);
/* Remove it with all it holds. */
void lnr_test_dir_done(struct lnr_test_dir *d);
/* "dir/name" in a heap string owned by the caller. */
char *lnr_test_path(const struct lnr_test_dir *d, const char *name);
/* The same for a new file with this content and mode 0600. */
char *lnr_test_file(const struct lnr_test_dir *d, const char *name, struct lnr_str content);

/* --- randomness -------------------------------------------------------------------------------*/

/*
 * The same numbers every time, so that a failure can be repeated. LNR_TEST_SEED in the environment
 * gives others.
 */
struct lnr_test_random {
	uint64_t state;
};

void lnr_test_random_init(struct lnr_test_random *r);
uint64_t lnr_test_random_u64(struct lnr_test_random *r);
/* Below `n`, which is not 0. */
uint64_t lnr_test_random_below(struct lnr_test_random *r, uint64_t n);

#endif
