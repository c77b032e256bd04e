/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/condition.h"

#include "cli/cli.h"
#include "lanner/rules.h"

static void add_rule(struct lnr_buf *y, const char *condition, const char *source)
{
	lnr_buf_printf(y,
		"- rule: match %s\n  desc: match\n  priority: DEBUG\n  output: \"%%evt.num\"\n"
		"  source: %s\n  warn_evttypes: false\n  condition: |-\n    ",
		source, source);
	condition += strspn(condition, " \t\r\n"); /* YAML would take them for indentation */
	for (const char *p = condition; *p; p++) {
		lnr_buf_chr(y, *p);
		if (*p == '\n')
			lnr_buf_cstr(y, "    ");
	}
	lnr_buf_chr(y, '\n');
}

static int explain(struct lnr_rules *rules)
{
	struct lnr_buf why;
	lnr_buf_init(&why, 0);
	lnr_rules_report_explain(rules, 0, &why);
	fwrite(why.ptr ? why.ptr : "", 1, why.len, stderr);
	lnr_buf_done(&why);
	return lnr_die("the condition is invalid");
}

int lnr_cli_condition(const char *condition, const struct lnr_plugins *plugins,
	const char *const *sources, struct lnr_rules **ret)
{
	static const char *const usual[] = {"syscall", NULL};
	const struct lnr_rules_opts o = {.size = sizeof(o), .min_priority = 7, .plugins = plugins};
	struct lnr_err err = {0};
	struct lnr_buf y;
	if (lnr_rules_new(&o, ret, &err))
		return lnr_die("%s", err.msg);
	lnr_buf_init(&y, 0);
	for (const char *const *s = sources && *sources ? sources : usual; *s; s++)
		add_rule(&y, condition, *s);
	int r = lnr_rules_add_text(*ret, "condition", y.ptr, y.len, &err);
	lnr_buf_done(&y);
	return r ? explain(*ret) : 0;
}
