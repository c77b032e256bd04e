/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/condition.h"

#include "cli/cli.h"
#include "lanner/rules.h"

int lnr_cli_condition(const char *condition, struct lnr_rules **ret)
{
	struct lnr_err err = {0};
	struct lnr_buf y;
	if (lnr_rules_new(NULL, ret, &err))
		return lnr_die("%s", err.msg);
	lnr_buf_init(&y, 0);
	lnr_buf_cstr(&y, "- rule: match\n  desc: match\n  priority: DEBUG\n  output: \"%evt.num\"\n"
			 "  warn_evttypes: false\n  condition: |-\n    ");
	for (const char *p = condition; *p; p++) {
		lnr_buf_chr(&y, *p);
		if (*p == '\n')
			lnr_buf_cstr(&y, "    ");
	}
	lnr_buf_chr(&y, '\n');
	int r = lnr_rules_add_text(*ret, "condition", y.ptr, y.len, &err);
	lnr_buf_done(&y);
	if (!r)
		return 0;
	struct lnr_buf why;
	lnr_buf_init(&why, 0);
	lnr_rules_report_explain(*ret, 0, &why);
	fwrite(why.ptr ? why.ptr : "", 1, why.len, stderr);
	lnr_buf_done(&why);
	return lnr_die("the condition is invalid");
}
