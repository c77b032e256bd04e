/* SPDX-License-Identifier: Apache-2.0 */
/* The plugins k8saudit and json without a library. */
#include "engine/plugins_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/util.h"
#include "lib/failalloc.h"
#include "lib/test.h"

#define EVENT(verb)                                                              \
	"{\"kind\":\"Event\",\"auditID\":\"1\",\"verb\":\"" verb                 \
	"\",\"stageTimestamp\":\"2024-06-10T06:25:44Z\",\"objectRef\":{\"name\"" \
	":\"x\"}}\n"

static const char rules_text[] =
	"- rule: made\n"
	"  desc: d\n"
	"  condition: ka.verb = create and jevt.value[/objectRef/name] = x\n"
	"  output: made\n"
	"  priority: INFO\n"
	"  source: k8s_audit\n";

static int load(const char *library, const char *config, const char *params,
	struct lnr_plugins **ret, struct lnr_err *err)
{
	const struct lnr_plugin_entry entries[] = {{.name = "k8saudit",
							   .library_path = library,
							   .init_config = config,
							   .open_params = params},
		{.name = "json"}};
	const struct lnr_plugins_opts o = {.size = sizeof(o), .entries = entries, .n_entries = 2};
	return lnr_plugins_new(&o, ret, err);
}

static void told(struct lnr_log *log, enum lnr_log_level level, const char *msg)
{
	struct lnr_buf *b = log->user;
	assert_int_equal(level, LNR_LOG_INFO);
	lnr_buf_printf(b, "%s\n", msg);
}

static void needs_no_library(void **state)
{
	struct lnr_plugins *p;
	struct lnr_err err = {0};
	struct lnr_buf b = {0};
	struct lnr_log log = {.max = LNR_LOG_DEBUG, .sink = told, .user = &b};
	const char *name, *version;
	(void)state;
	assert_ok(load("/nowhere/libk8saudit.so", "", "/dev/null", &p, &err), &err);
	assert_int_equal(lnr_plugins_count(p), 2);
	assert_true(lnr_plugins_get(p, 0, &name, &version));
	assert_string_equal(name, "k8saudit");
	assert_string_equal(version, "0.18.0");
	assert_string_equal(lnr_plugins_source(p, 0), "k8s_audit");
	assert_null(lnr_plugins_source(p, 1));
	assert_ok(lnr_plugins_try(p, NULL, &log, &err), &err);
	assert_str(lnr_buf_view(&b),
		"plugin 'k8saudit' is built in, and there is no /nowhere/libk8saudit.so\n"
		"plugin 'json' is built in\n");
	lnr_buf_clear(&b);
	assert_ok(lnr_plugins_info(p, "k8saudit", NULL, &b, &err), &err);
	assert_has(b.ptr, "webhookMaxBatchSize");
	lnr_buf_done(&b);
	lnr_plugins_unref(p);
}

/* A library that is there goes before, whatever it is. */
static void gives_way_to_a_library(void **state)
{
	struct lnr_test_dir dir;
	struct lnr_plugins *p;
	struct lnr_err err = {0};
	(void)state;
	lnr_test_dir_init(&dir);
	char *path = lnr_test_file(&dir, "libk8saudit.so", LNR_STR("no library"));
	assert_true(load(path, "", "", &p, &err) < 0);
	assert_has(err.msg, path);
	free(path);
	lnr_test_dir_done(&dir);
}

static void refuses_bad_configurations(void **state)
{
	static const char *const bad[] = {"{\"maxEventSize\":\"x\"}", "{\"maxeventsize\":0}",
		"{\"allowFrom\":[1]}", "[]", "{"};
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bad); i++) {
		struct lnr_plugins *p;
		struct lnr_err err = {0};
		assert_ok(load("", bad[i], "", &p, &err), &err);
		assert_true(lnr_plugins_try(p, NULL, NULL, &err) < 0);
		assert_has(err.msg, "k8saudit: init_config");
		lnr_plugins_unref(p);
	}
}

/* From the file to the alert; *ret_alerts is of the engine. */
static int judge(const char *path, uint64_t *ret_alerts)
{
	struct lnr_rules_opts ro = {.size = sizeof(ro), .min_priority = 7};
	struct lnr_engine_opts eo = {
		.size = sizeof(eo), .kind = LNR_ENGINE_PLUGIN, .source = "k8s_audit"};
	struct lnr_engine *e = NULL;
	struct lnr_engine_stats st = {0};
	int r = load("", "", path, &eo.plugins, NULL);
	if (r)
		return r;
	ro.plugins = eo.plugins;
	r = lnr_rules_new(&ro, &eo.rules, NULL);
	if (!r)
		r = lnr_rules_add_text(
			eo.rules, "r.yaml", rules_text, sizeof(rules_text) - 1, NULL);
	if (!r)
		r = lnr_engine_new(&eo, &e, NULL);
	while (!r)
		r = lnr_engine_run(e, 100, NULL) < 0 ? -ENODATA : 0;
	if (e)
		lnr_engine_stats(e, &st);
	*ret_alerts = st.alerts;
	lnr_engine_free(e);
	lnr_rules_free(eo.rules);
	lnr_plugins_unref(eo.plugins);
	return r == -ENODATA ? 0 : r;
}

static int judge_once(void *arg)
{
	uint64_t alerts;
	return judge(arg, &alerts);
}

static void judges_events(void **state)
{
	struct lnr_test_dir dir;
	uint64_t alerts = 0;
	(void)state;
	lnr_test_dir_init(&dir);
	char *path = lnr_test_file(
		&dir, "audit.log", LNR_STR(EVENT("create") EVENT("get") EVENT("create")));
	assert_ok(judge(path, &alerts), NULL);
	assert_int_equal(alerts, 2);
	lnr_test_each_alloc_may_fail(judge_once, path);
	free(path);
	lnr_test_dir_done(&dir);
}

static int load_once(void *arg)
{
	struct lnr_plugins *p = NULL;
	int r = load("", arg, "x", &p, NULL);
	if (!r)
		r = lnr_plugins_try(p, NULL, NULL, NULL);
	lnr_plugins_unref(p);
	return r;
}

static void survives_want_of_memory(void **state)
{
	char config[] = "";
	(void)state;
	lnr_test_each_alloc_fails(load_once, config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_no_library),
		cmocka_unit_test(gives_way_to_a_library),
		cmocka_unit_test(refuses_bad_configurations),
		cmocka_unit_test(judges_events),
		cmocka_unit_test(survives_want_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
