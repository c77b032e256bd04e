/* SPDX-License-Identifier: Apache-2.0 */
/* Which system calls are asked from the kernel, for rules of different kinds. */
#include "engine/engine_priv.h"
#include "lib/test.h"

static void select_for(const char *condition, const char *output, const struct lnr_select_opts *o,
	struct lnr_selection *ret)
{
	struct lnr_rules *rules;
	struct lnr_ruleset *rs;
	struct lnr_err err = {0};
	char text[1024];
	assert_ok(lnr_rules_new(NULL, &rules, &err), &err);
	snprintf(text, sizeof(text),
		"- rule: r\n  desc: d\n  priority: INFO\n  condition: %s\n  output: \"%s\"\n",
		condition, output);
	assert_ok(lnr_rules_add_text(rules, "r.yaml", text, strlen(text), &err), &err);
	assert_ok(lnr_rules_compiled(rules, &rs), NULL);
	lnr_select_syscalls(rs, o, ret);
	lnr_ruleset_unref(rs);
	lnr_rules_free(rules);
}

static bool has(const struct lnr_scset *s, const char *name)
{
	const struct lnr_syscall_info *i = lnr_syscall_by_name(lnr_str_c(name));
	assert_non_null(i);
	return lnr_scset_has(s, i->code);
}

static const struct lnr_select_opts none;

static void test_processes_only(void **state)
{
	struct lnr_selection s;
	(void)state;
	select_for("evt.type = execve and proc.name = cat", "%proc.name", &none, &s);
	assert_true(has(&s.wanted, "execve"));
	assert_true(has(&s.wanted, "clone"));
	assert_true(has(&s.wanted, "sched_process_exit"));
	assert_true(has(&s.wanted, "setuid"));
	assert_false(has(&s.wanted, "close"));
	assert_false(has(&s.wanted, "openat"));
	assert_false(has(&s.wanted, "recvmsg"));
	assert_false(has(&s.wanted, "read"));
}

/* A plugin that parses events, or has asked for a table, may look at anything. */
static void test_plugins(void **state)
{
	struct lnr_selection s;
	const struct lnr_select_opts o = {.whole_state = true};
	(void)state;
	select_for("evt.type = execve and fd.num > 0", "%proc.name", &o, &s);
	assert_true(has(&s.wanted, "openat") && has(&s.wanted, "recvmsg"));
	assert_true(has(&s.wanted, "close") && !has(&s.state_only, "close"));
	assert_false(has(&s.wanted, "read"));
}

static void test_failures(void **state)
{
	struct lnr_selection s;
	const struct lnr_select_opts keep = {.keep_unwanted = true}, all = {.all = true};
	const char *open_ok = "evt.type in (openat, unlink) and fd.num >= 0 and evt.failed = false";
	(void)state;
	select_for(open_ok, "%fd.name", &none, &s);
	assert_true(has(&s.success_only, "openat") && has(&s.success_only, "unlink"));
	/* Armed for the state: no rule looks at it at all. */
	assert_true(has(&s.success_only, "socket") && has(&s.success_only, "execve"));
	/* A connect that is under way has not succeeded. */
	assert_false(has(&s.success_only, "connect"));
	assert_false(has(&s.success_only, "read")); /* not armed */
	select_for(open_ok, "%fd.name", &keep, &s);
	assert_false(has(&s.success_only, "openat"));
	select_for(open_ok, "%fd.name", &all, &s);
	assert_false(has(&s.success_only, "openat"));
	select_for("evt.type = openat and evt.failed = true", "%evt.res", &none, &s);
	assert_false(has(&s.success_only, "openat"));
	select_for("evt.type = openat and proc.name = cat", "%evt.res", &none, &s);
	assert_false(has(&s.success_only, "openat"));
}

static void test_descriptors(void **state)
{
	struct lnr_selection s;
	(void)state;
	select_for("evt.type = openat and fd.name startswith /etc", "%fd.name", &none, &s);
	assert_true(has(&s.wanted, "openat"));
	assert_false(has(&s.state_only, "openat"));
	/* Frequent calls only as far as they change state. */
	assert_true(has(&s.wanted, "close") && has(&s.state_only, "close"));
	assert_true(has(&s.wanted, "fcntl") && has(&s.state_only, "fcntl"));
	assert_true(has(&s.wanted, "recvmsg") && has(&s.state_only, "recvmsg"));
	assert_false(has(&s.wanted, "sendto"));
	assert_true(has(&s.wanted, "dup2") && !has(&s.state_only, "dup2"));
}

static void test_a_rule_wants_it_whole(void **state)
{
	struct lnr_selection s;
	(void)state;
	select_for("evt.type = close and fd.name startswith /etc", "%fd.name", &none, &s);
	assert_true(has(&s.wanted, "close") && !has(&s.state_only, "close"));
	select_for("evt.type = openat and proc.fdopencount > 10", "%fd.name", &none, &s);
	assert_true(has(&s.wanted, "close") && !has(&s.state_only, "close"));
}

static void test_high_volume(void **state)
{
	struct lnr_selection s;
	const struct lnr_select_opts all = {.all = true};
	(void)state;
	select_for("evt.type = read and fd.name startswith /etc", "%fd.name", &none, &s);
	assert_false(has(&s.wanted, "read"));
	select_for("evt.type = read and fd.name startswith /etc", "%fd.name", &all, &s);
	assert_true(has(&s.wanted, "read"));
	assert_true(has(&s.wanted, "close") && !has(&s.state_only, "close"));
}

static void test_custom_set(void **state)
{
	struct lnr_selection s;
	static const char *const plus[] = {"mkdir", "read", NULL};
	static const char *const minus[] = {"!close", "!no_such_call", NULL};
	const struct lnr_select_opts only = {.custom_set = plus}, without = {.custom_set = minus};
	(void)state;
	select_for("evt.type = openat", "%evt.type", &only, &s);
	assert_true(has(&s.wanted, "openat") && has(&s.wanted, "mkdir"));
	assert_false(has(&s.wanted, "read")); /* high volume, all is off */
	assert_false(has(&s.wanted, "clone"));
	assert_true(has(&s.wanted, "sched_process_exit"));
	select_for("evt.type = openat", "%evt.type", &without, &s);
	assert_false(has(&s.wanted, "close"));
	assert_true(has(&s.wanted, "clone") && has(&s.wanted, "dup2"));
}

static void test_repair(void **state)
{
	struct lnr_selection s;
	const struct lnr_select_opts o = {.repair = true};
	(void)state;
	select_for("evt.type = connect", "%evt.type", &o, &s);
	assert_true(has(&s.wanted, "socket") && has(&s.wanted, "getsockopt"));
	assert_true(has(&s.wanted, "close") && has(&s.wanted, "execve"));
	assert_false(has(&s.wanted, "openat"));
	select_for("evt.type = accept", "%evt.type", &o, &s);
	assert_true(has(&s.wanted, "bind"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_processes_only),
		cmocka_unit_test(test_plugins),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_a_rule_wants_it_whole),
		cmocka_unit_test(test_high_volume),
		cmocka_unit_test(test_custom_set),
		cmocka_unit_test(test_repair),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
