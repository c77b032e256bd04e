/* SPDX-License-Identifier: Apache-2.0 */
#include "lanner/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "lib/failalloc.h"
#include "lib/test.h"

/* A configuration in a directory of its own, entered so that relative paths mean its files. */
struct place {
	struct lnr_test_dir dir;
	char before[4096];
};

static void enter(struct place *p)
{
	lnr_test_dir_init(&p->dir);
	assert_non_null(getcwd(p->before, sizeof(p->before)));
	assert_int_equal(chdir(p->dir.path), 0);
}

static void leave(struct place *p)
{
	assert_int_equal(chdir(p->before), 0);
	lnr_test_dir_done(&p->dir);
}

static void put(struct place *p, const char *name, const char *text)
{
	free(lnr_test_file(&p->dir, name, lnr_str_c(text)));
}

static struct lnr_config *load(const char *path, const char *const *overrides)
{
	struct lnr_config *c;
	struct lnr_err err = {0};
	assert_ok(lnr_config_new(&c, &err), &err);
	assert_ok(lnr_config_load(c, path, overrides, &err), &err);
	return c;
}

/* The error of a load that must fail. */
static void refuses(const char *path, const char *const *overrides, const char *word)
{
	struct lnr_config *c;
	struct lnr_err err = {0};
	assert_ok(lnr_config_new(&c, &err), &err);
	assert_true(lnr_config_load(c, path, overrides, &err) < 0);
	assert_has(err.msg, word);
	lnr_config_free(c);
}

static void json_is(const struct lnr_config *c, const char *key, const char *want)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	assert_code(lnr_config_json(c, key, &b), 0);
	assert_str(lnr_buf_view(&b), want);
	lnr_buf_done(&b);
}

/* --- defaults: the table of spec engine-config-cli 2 --- */

static const char *const bools_on[] = {"watch_config_files", "plugins_hostinfo",
	"json_include_output_property", "json_include_output_fields_property",
	"json_include_tags_property", "log_syslog", "libs_logger.enabled",
	"metrics.rules_counters_enabled", "metrics.resource_utilization_enabled",
	"metrics.state_counters_enabled", "metrics.kernel_event_counters_enabled",
	"metrics.libbpf_stats_enabled", "metrics.plugins_metrics_enabled",
	"metrics.kernel_iter_event_counters_enabled",
	"metrics.kernel_event_counters_per_cpu_enabled", "metrics.jemalloc_stats_enabled",
	"metrics.convert_memory_to_mb"};
static const char *const bools_off[] = {"time_format_iso_8601", "buffer_format_base64",
	"engine.kmod.drop_failed_exit", "engine.modern_ebpf.drop_failed_exit",
	"engine.modern_ebpf.disable_iterators", "base_syscalls.repair", "base_syscalls.all",
	"capture.enabled", "json_output", "json_include_message_property", "buffered_outputs",
	"stdout_output.enabled", "syslog_output.enabled", "file_output.enabled",
	"file_output.keep_alive", "program_output.enabled", "program_output.keep_alive",
	"http_output.enabled", "http_output.insecure", "http_output.mtls", "http_output.echo",
	"http_output.compress_uploads", "http_output.keep_alive", "log_stderr", "webserver.enabled",
	"webserver.prometheus_metrics_enabled", "webserver.ssl_enabled",
	"syscall_event_drops.simulate_drops", "metrics.enabled", "metrics.output_rule",
	"metrics.include_empty_values"};
static const struct {
	const char *key;
	int64_t value;
} numbers[] = {{"engine.kmod.buf_size_preset", 4}, {"engine.modern_ebpf.buf_size_preset", 4},
	{"engine.modern_ebpf.cpus_for_each_buffer", 2}, {"falco_libs.thread_table_size", 262144},
	{"falco_libs.thread_table_auto_purging_interval_s", 300},
	{"falco_libs.thread_table_auto_purging_thread_timeout_s", 300}, {"falco_libs.snaplen", 0},
	{"capture.default_duration", 5000}, {"capture.max_file_size_mb", 0},
	{"outputs_queue.capacity", 0}, {"output_timeout", 2000},
	{"http_output.max_consecutive_timeouts", 5}, {"webserver.threadiness", 0},
	{"webserver.listen_port", 8765}, {"syscall_event_timeouts.max_consecutives", 1000}};
static const struct {
	const char *key, *value;
} texts[] = {{"priority", "debug"}, {"rule_matching", "first"}, {"engine.replay.capture_file", ""},
	{"capture.path_prefix", "/tmp/falco"}, {"capture.mode", "rules"},
	{"file_output.filename", ""}, {"program_output.program", ""}, {"http_output.url", ""},
	{"http_output.user_agent", "falcosecurity/falco"}, {"http_output.ca_cert", ""},
	{"http_output.ca_bundle", ""}, {"http_output.ca_path", "/etc/ssl/certs"},
	{"http_output.client_cert", "/etc/ssl/certs/client.crt"},
	{"http_output.client_key", "/etc/ssl/certs/client.key"}, {"log_level", "info"},
	{"libs_logger.severity", "info"}, {"webserver.listen_address", "0.0.0.0"},
	{"webserver.k8s_healthz_endpoint", "/healthz"},
	{"webserver.ssl_certificate", "/etc/falco/falco.pem"}, {"metrics.interval", "5000"},
	{"metrics.output_file", ""}};

static void has_the_defaults(void **state)
{
	(void)state;
	struct lnr_config *c = load(NULL, NULL);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bools_on); i++) {
		if (!lnr_config_bool(c, bools_on[i]))
			fail_msg("%s is off", bools_on[i]);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(bools_off); i++) {
		if (lnr_config_bool(c, bools_off[i]))
			fail_msg("%s is on", bools_off[i]);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(numbers); i++) {
		if (lnr_config_int(c, numbers[i].key) != numbers[i].value)
			fail_msg("%s is %lld", numbers[i].key,
				(long long)lnr_config_int(c, numbers[i].key));
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(texts); i++)
		assert_str(lnr_str_c(lnr_config_str(c, texts[i].key)), texts[i].value);
	assert_true(lnr_config_double(c, "syscall_event_drops.threshold") == 0.1);
	assert_true(lnr_config_double(c, "syscall_event_drops.rate") == 0.03333);
	assert_true(lnr_config_double(c, "syscall_event_drops.max_burst") == 1);
	assert_int_equal(lnr_config_count(c, "append_output"), 0);
	assert_false(lnr_config_has(c, "load_plugins"));
	assert_null(lnr_config_file(c, 0));
	lnr_config_free(c);
}

/* --- values (1.1 step 6) --- */

static void converts(void **state)
{
	(void)state;
	struct place p;
	enter(&p);
	put(&p, "c.yaml",
		"json_output: YES\nlog_stderr: on\nbuffered_outputs: maybe\nwatch_config_files: ~\n"
		"output_timeout: 0x10\nwebserver: {listen_port: http, threadiness: [1]}\n"
		"rules_files: one.yaml\nload_plugins: {a: b}\nstatic_fields: {env: prod, n: 5}\n"
		"file_output: {filename: ~}\nengine: {kind: nodriver}\nlog_level: [info]\n"
		"syscall_event_drops: {threshold: much}\n");
	struct lnr_config *c = load("c.yaml", NULL);
	const char *key, *value;
	assert_true(lnr_config_bool(c, "json_output"));
	assert_true(lnr_config_bool(c, "log_stderr"));
	assert_false(lnr_config_bool(c, "buffered_outputs"));
	assert_true(lnr_config_bool(c, "watch_config_files")); /* null: default */
	assert_int_equal(lnr_config_int(c, "output_timeout"), 16);
	assert_int_equal(lnr_config_int(c, "webserver.listen_port"), 8765);
	assert_int_equal(lnr_config_int(c, "webserver.threadiness"), 0);
	assert_int_equal(lnr_config_count(c, "rules_files"), 1);
	assert_string_equal(lnr_config_item(c, "rules_files", 0), "one.yaml");
	assert_null(lnr_config_item(c, "rules_files", 1));
	assert_int_equal(lnr_config_count(c, "load_plugins"), 0);
	assert_string_equal(lnr_config_str(c, "file_output.filename"), "null");
	assert_string_equal(lnr_config_str(c, "log_level"), "info");
	assert_true(lnr_config_double(c, "syscall_event_drops.threshold") == 0.1);
	assert_true(lnr_config_pair(c, "static_fields", 1, &key, &value));
	assert_string_equal(key, "n");
	assert_string_equal(value, "5");
	assert_false(lnr_config_pair(c, "static_fields", 2, &key, &value));
	lnr_config_free(c);
	leave(&p);
}

static void writes_json(void **state)
{
	(void)state;
	struct place p;
	enter(&p);
	put(&p, "c.yaml",
		"plugins:\n  - {name: x, library_path: x.so, init_config: {n: '5', on: yes, f: "
		"1.5, "
		"e: {}, s: text}}\n"
		"append_output:\n  - {match: {tags: [yes, 5]}, extra_output: yes, "
		"suggested_output: "
		"on, extra_fields: [evt.num, {k: '7'}]}\n");
	struct lnr_config *c = load("c.yaml", NULL);
	/* Quoted numbers become numbers in what a plugin gets, as in the reference. */
	json_is(c, "plugins[0].init_config",
		"{\"n\":5,\"on\":true,\"f\":1.5,\"e\":{},\"s\":\"text\"}");
	/* A text stays one. */
	json_is(c, "append_output",
		"[{\"match\":{\"tags\":[\"yes\",\"5\"]},\"extra_output\":\"yes\","
		"\"suggested_output\":true,\"extra_fields\":[\"evt.num\",{\"k\":\"7\"}]}]");
	json_is(c, "nothing", "null");
	lnr_config_free(c);
	leave(&p);
}

/* --- config_files (1.3) --- */

static void merges(void **state)
{
	(void)state;
	struct place p;
	enter(&p);
	put(&p, "main.yaml",
		"config_files:\n  - app.yaml\n  - {path: over.yaml, strategy: override}\n"
		"  - {path: add.yaml, strategy: add-only}\n  - missing.yaml\n  - conf.d\n"
		"rules_files: [m.yaml]\njson_output: false\n"
		"webserver: {enabled: true, listen_port: 1}\n");
	put(&p, "app.yaml", "rules_files: [a.yaml]\nwebserver: {listen_port: 2}\n");
	put(&p, "over.yaml", "append_output: []\nplugins: [{name: o}]\n");
	put(&p, "add.yaml", "json_output: true\nlog_level: debug\n");
	assert_int_equal(mkdir("conf.d", 0700), 0);
	assert_int_equal(mkdir("conf.d/sub", 0700), 0);
	put(&p, "conf.d/20.conf", "rules_files: [second.yaml]\n");
	put(&p, "conf.d/10.yaml", "rules_files: [first.yaml]\n");
	put(&p, "conf.d/30", "");
	put(&p, "conf.d/sub/x.yaml", "priority: loud\n");
	assert_int_equal(symlink("nowhere", "conf.d/00"), 0);
	struct lnr_config *c = load("main.yaml", NULL);
	json_is(c, "rules_files", "[\"m.yaml\",\"a.yaml\",\"first.yaml\",\"second.yaml\"]");
	/* Per top-level key, not deep. */
	assert_false(lnr_config_bool(c, "webserver.enabled"));
	assert_int_equal(lnr_config_int(c, "webserver.listen_port"), 2);
	assert_false(lnr_config_bool(c, "json_output"));
	assert_string_equal(lnr_config_str(c, "log_level"), "debug");
	assert_string_equal(lnr_config_str(c, "plugins[0].name"), "o");
	assert_string_equal(lnr_config_file(c, 0), "main.yaml");
	assert_string_equal(lnr_config_file(c, 1), "app.yaml");
	assert_string_equal(lnr_config_file(c, 4), "conf.d/10.yaml");
	assert_null(lnr_config_file(c, 7));
	lnr_config_free(c);
	leave(&p);
}

static void refuses_bad_includes(void **state)
{
	(void)state;
	struct place p;
	enter(&p);
	static const struct {
		const char *main, *extra, *word;
	} rows[] = {
		{"config_files: [x.yaml]\nrules_files: [a]\nlog_level: info\n", "log_level: [a]\n",
			"non-sequence"},
		{"config_files: [x.yaml]\n", "config_files: []\n", "config_files"},
		{"config_files: [x.yaml]\n", "- a\n", "x.yaml"},
		{"config_files: [x.yaml]\n", "a: [1\n", "x.yaml"},
		{"config_files: [{strategy: append}]\n", "", "path"},
		{"config_files: [[x.yaml]]\n", "", "path"},
		{"config_files: [main.yaml]\n", "", "main"},
		{"config_files: [./main.yaml]\n", "", "config_files"},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		put(&p, "main.yaml", rows[i].main);
		put(&p, "x.yaml", rows[i].extra);
		refuses("main.yaml", NULL, rows[i].word);
	}
	refuses("nowhere.yaml", NULL, "nowhere.yaml");
	refuses(".", NULL, ".");
	put(&p, "main.yaml", "a: [1\nb: }\n");
	refuses("main.yaml", NULL, "main.yaml");
	put(&p, "main.yaml", "- a\n");
	refuses("main.yaml", NULL, "main.yaml");
	leave(&p);
}

/* --- -o (1.4) --- */

static void overrides_in_order(void **state)
{
	(void)state;
	struct place p;
	enter(&p);
	put(&p, "main.yaml", "json_output: false\nrules_files: [a, b]\n");
	put(&p, "x.yaml", "log_level: debug\n");
	setenv("LNR_V", "no", 1);
	const char *const o[] = {"config_files[]=x.yaml", "json_output=true", "rules_files[1]=c",
		"rules_files[]=d=e", "plugins[]={name: p, library_path: /p.so}",
		"http_output.user_agent=${LNR_V}", "metrics.interval= 1h ", "output_timeout=1",
		"output_timeout=2", "unknown.key=1", NULL};
	struct lnr_config *c = load("main.yaml", o);
	assert_true(lnr_config_bool(c, "json_output"));
	json_is(c, "rules_files", "[\"a\",\"c\",\"d=e\"]");
	assert_string_equal(lnr_config_str(c, "plugins[0].name"), "p");
	assert_string_equal(lnr_config_str(c, "http_output.user_agent"), "${LNR_V}");
	assert_string_equal(lnr_config_str(c, "metrics.interval"), " 1h ");
	assert_int_equal(lnr_config_int(c, "output_timeout"), 2);
	/* Included before the other options count. */
	assert_string_equal(lnr_config_str(c, "log_level"), "debug");
	lnr_config_free(c);
	refuses("main.yaml", (const char *const[]){"json_output", NULL}, "json_output");
	refuses("main.yaml", (const char *const[]){"a={x: }}", NULL}, "a");
	leave(&p);
}

static void expands_in_files_only(void **state)
{
	(void)state;
	struct place p;
	enter(&p);
	setenv("LNR_ON", "true", 1);
	setenv("LNR_KEY", "json_output", 1);
	put(&p, "main.yaml",
		"json_output: ${LNR_ON}\n\"${LNR_KEY}\": x\nlog_level: '${LNR_L}info'\n");
	struct lnr_config *c = load("main.yaml", NULL);
	assert_true(lnr_config_bool(c, "json_output"));
	assert_string_equal(lnr_config_str(c, "log_level"), "info");
	lnr_config_free(c);
	leave(&p);
}

static void measures_durations(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t ms;
	} rows[] = {{"1h", 3600000}, {"1h30m", 5400000}, {" 1h 30m ", 5400000}, {"100ms", 100},
		{"1y", UINT64_C(31536000000)}, {"2w3d", 2 * 604800000 + 3 * 86400000},
		{"1m1ms", 60001}, {"1s500ms", 1500}, {"", 0}, {"5", 0}, {"h", 0}, {"30m1h", 0},
		{"1h1h", 0}, {"1.5h", 0}, {"-1h", 0}, {"1x", 0}, {"1hour", 0},
		{"99999999999999999999h", 0}, {"9999999999999999y", 0}};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		if (lnr_config_duration_ms(rows[i].text) != rows[i].ms)
			fail_msg("\"%s\" is %llu ms", rows[i].text,
				(unsigned long long)lnr_config_duration_ms(rows[i].text));
	}
}

static void prints(void **state)
{
	(void)state;
	struct place p;
	struct lnr_buf b;
	enter(&p);
	put(&p, "main.yaml", "json_output: true\nengine:\n  kind: nodriver\n");
	struct lnr_config *c = load("main.yaml", (const char *const[]){"log_level=debug", NULL});
	lnr_buf_init(&b, 0);
	assert_code(lnr_config_print(c, true, &b), 0);
	assert_has(b.ptr, "json_output: true  # main.yaml:1\n");
	assert_has(b.ptr, "engine.kind: \"nodriver\"  # main.yaml:3\n");
	assert_has(b.ptr, "log_level: \"debug\"  # command line\n");
	assert_has(b.ptr, "output_timeout: 2000  # default\n");
	lnr_buf_clear(&b);
	assert_code(lnr_config_yaml(c, &b), 0);
	assert_str(lnr_buf_view(&b),
		"json_output: true\nengine:\n  kind: nodriver\nlog_level: debug\n");
	lnr_buf_clear(&b);
	assert_code(lnr_config_schema(&b), 0);
	assert_has(b.ptr, "\"cpus_for_each_buffer\"");
	lnr_buf_done(&b);
	lnr_config_free(c);
	leave(&p);
}

/* What is printed reads as what was printed. */
static void prints_yaml_that_reads(void **state)
{
	(void)state;
	struct place p;
	struct lnr_buf b, again;
	enter(&p);
	put(&p, "main.yaml",
		"append_output: [{extra_output: 'a: b # c', extra_fields: [x, {k: \"l\\n\"}]}]\n"
		"static_fields: {\"odd: key\": '- x', n: '5', e: '', t: yes}\nload_plugins: []\n"
		"plugins: [{name: p, library_path: x, init_config: {}}]\nrules_files: ~\n");
	struct lnr_config *c = load("main.yaml", NULL);
	lnr_buf_init(&b, 0);
	lnr_buf_init(&again, 0);
	assert_code(lnr_config_yaml(c, &b), 0);
	lnr_config_free(c);
	put(&p, "again.yaml", b.ptr);
	c = load("again.yaml", NULL);
	assert_string_equal(lnr_config_str(c, "append_output[0].extra_output"), "a: b # c");
	assert_string_equal(lnr_config_str(c, "append_output[0].extra_fields[1].k"), "l\n");
	assert_string_equal(lnr_config_str(c, "static_fields.odd: key"), "- x");
	assert_code(lnr_config_yaml(c, &again), 0);
	assert_str(lnr_buf_view(&again), b.ptr);
	lnr_config_free(c);
	lnr_buf_done(&b);
	lnr_buf_done(&again);
	leave(&p);
}

static int load_once(void *path)
{
	static const char *const o[] = {"json_output=true", "append_output[].extra_output=x",
		"plugins[]={name: a, library_path: b}", NULL};
	struct lnr_config *c = NULL;
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	int r = lnr_config_new(&c, NULL);
	if (!r)
		r = lnr_config_load(c, path, o, NULL);
	if (!r)
		r = lnr_config_print(c, true, &b);
	if (!r)
		r = lnr_config_yaml(c, &b);
	lnr_buf_done(&b);
	lnr_config_free(c);
	return r;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	struct place p;
	enter(&p);
	put(&p, "main.yaml", "config_files: [d]\njson_ouput: 1\nwebserver: {enabled: x}\n");
	assert_int_equal(mkdir("d", 0700), 0);
	put(&p, "d/a.yaml", "rules_files: [x]\nstatic_fields: {a: b}\n");
	char path[] = "main.yaml";
	lnr_test_each_alloc_may_fail(load_once, path);
	leave(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_defaults),
		cmocka_unit_test(converts),
		cmocka_unit_test(writes_json),
		cmocka_unit_test(merges),
		cmocka_unit_test(refuses_bad_includes),
		cmocka_unit_test(overrides_in_order),
		cmocka_unit_test(expands_in_files_only),
		cmocka_unit_test(measures_durations),
		cmocka_unit_test(prints),
		cmocka_unit_test(prints_yaml_that_reads),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
