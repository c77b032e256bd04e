/* SPDX-License-Identifier: Apache-2.0 */
/* What rules and their checks cost, as a table for people. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "engine/engine_priv.h"
#include "rules/cond.h"

#define CONSTANTS_SHOWN 4

static int most_tried(const void *a, const void *b)
{
	const struct lnr_rule_profile *x = a, *y = b;
	return (x->tried < y->tried) - (x->tried > y->tried);
}

static int most_asked(const void *a, const void *b)
{
	const struct lnr_check_profile *x = a, *y = b;
	return (x->asked < y->asked) - (x->asked > y->asked);
}

static int write_rules(const struct lnr_matcher *m, unsigned max, struct lnr_buf *out)
{
	struct lnr_rule_profile one;
	uint32_t n = 0;
	while (lnr_matcher_rule_profile(m, n, &one))
		n++;
	struct lnr_rule_profile *rows = calloc(n + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		lnr_matcher_rule_profile(m, i, &rows[i]);
	qsort(rows, n, sizeof(*rows), most_tried);
	lnr_buf_printf(out, "%12s %12s  rule\n", "tried", "matched");
	for (uint32_t i = 0; i < n && (!max || i < max); i++)
		lnr_buf_printf(out, "%12" PRIu64 " %12" PRIu64 "  %.*s\n", rows[i].tried,
			rows[i].matched, (int)rows[i].rule->name.len, rows[i].rule->name.ptr);
	free(rows);
	return 0;
}

int lnr_profile_write(const struct lnr_matcher *m, unsigned max, struct lnr_buf *out)
{
	struct lnr_check_profile one;
	uint32_t n = 0;
	int r = write_rules(m, max, out);
	if (r)
		return r;
	while (lnr_matcher_check_profile(m, n, &one))
		n++;
	struct lnr_check_profile *rows = calloc(n + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		lnr_matcher_check_profile(m, i, &rows[i]);
	qsort(rows, n, sizeof(*rows), most_asked);
	lnr_buf_printf(out, "\n%12s %12s  check\n", "asked", "true");
	for (uint32_t i = 0; i < n && (!max || i < max); i++) {
		lnr_buf_printf(
			out, "%12" PRIu64 " %12" PRIu64 "  ", rows[i].asked, rows[i].was_true);
		lnr_check_print(out, rows[i].check, CONSTANTS_SHOWN);
		lnr_buf_chr(out, '\n');
	}
	free(rows);
	return 0;
}
