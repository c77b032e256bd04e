/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule sets that are nothing but conditions, and events in one line each, for tests of what works
 * on whole rule sets.
 */
#ifndef LNR_TESTS_LIB_CONDS_H
#define LNR_TESTS_LIB_CONDS_H

#include "rules/ruleset_priv.h"

struct lnr_test_rules {
	struct lnr_rules_mem *mem;
	struct lnr_ruleset *rs;
};

/*
 * Rules "r0", "r1" … of source syscall, tried in that order; one whose condition begins with '!' is
 * disabled. -EINVAL with the text in `why` when one does not compile, -ENOMEM.
 */
int lnr_test_rules_init(struct lnr_test_rules *r, struct lnr_fieldset *fields,
	const char *const *conds, uint32_t n, char *why, size_t why_size);
void lnr_test_rules_done(struct lnr_test_rules *r);

/*
 * A record of `type` into `buf`; its length. `params` is "name=value|name=value": numbers, texts
 * (';' stands for NUL in byte buffers), addresses "10.0.0.1:22" for a tuple whose other end is
 * 10.9.9.9:40000. Parameters not named are empty. Aborts when the text makes no sense.
 */
size_t lnr_test_record(void *buf, size_t cap, unsigned type, int64_t tid, const char *params);

#endif
