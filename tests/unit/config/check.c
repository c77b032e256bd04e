/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "base/buf.h"
#include "lanner/config.h"
#include "lib/test.h"

struct loaded {
	struct lnr_test_dir dir;
	struct lnr_config *c;
	struct lnr_err err;
	int r;
};

static void load(struct loaded *l, const char *text)
{
	lnr_test_dir_init(&l->dir);
	char *path = lnr_test_file(&l->dir, "c.yaml", lnr_str_c(text));
	memset(&l->err, 0, sizeof(l->err));
	assert_ok(lnr_config_new(&l->c, &l->err), &l->err);
	l->r = lnr_config_load(l->c, path, NULL, &l->err);
	free(path);
}

static void done(struct loaded *l)
{
	lnr_config_free(l->c);
	lnr_test_dir_done(&l->dir);
}

/* --- values that end the start --- */

struct fatal_row {
	const char *text;
	const char *words[2]; /* what the message names */
	unsigned line;
};

static void ends_the_start(void **state)
{
	(void)state;
	static const struct fatal_row rows[] = {
		{"priority: loud\n", {"priority", "loud"}, 1},
		{"priority: ~\n", {"priority", "null"}, 1},
		{"a: 1\nrule_matching: some\n", {"rule_matching", "some"}, 2},
		{"engine: {kind: ebpf}\n", {"engine.kind", "ebpf"}, 1},
		{"engine: {kind: Replay}\n", {"engine.kind", "Replay"}, 1},
		{"engine: {kind: replay}\n", {"capture_file", "replay"}, 1},
		{"engine: {kind: modern_ebpf, modern_ebpf: {buf_size_preset: 0}}\n",
			{"preset", "10"}, 1},
		{"engine: {kind: kmod, kmod: {buf_size_preset: 11}}\n", {"preset", "10"}, 1},
		{"capture: {mode: sometimes}\n", {"capture.mode", "sometimes"}, 1},
		{"log_level: chatty\n", {"log_level", "chatty"}, 1},
		{"log_level: INFO\n", {"log_level", "INFO"}, 1},
		{"libs_logger: {severity: chatty}\n", {"libs_logger.severity", "chatty"}, 1},
		{"webserver: off\n", {"webserver", "map"}, 1},
		{"webserver: {listen_address: localhost}\n", {"listen_address", "localhost"}, 1},
		{"file_output: {enabled: true}\n", {"filename", "file_output"}, 1},
		{"program_output: {enabled: true}\n", {"program", "program_output"}, 1},
		{"http_output: {enabled: true}\n", {"url", "http_output"}, 1},
		{"syscall_event_drops: {threshold: 1.5}\n", {"threshold", "1.5"}, 1},
		{"syscall_event_drops: {threshold: -0.1}\n", {"threshold", "-0.1"}, 1},
		{"syscall_event_drops: {actions: [shout]}\n", {"actions", "shout"}, 1},
		{"syscall_event_drops: {actions: [ignore, log]}\n", {"ignore", "log"}, 1},
		{"syscall_event_drops: {actions: [alert, ignore]}\n", {"ignore", "alert"}, 1},
		{"syscall_event_timeouts: {max_consecutives: 0}\n", {"max_consecutives", "0"}, 1},
		{"rules_file: a\nrules_files: [b]\n", {"rules_file", "rules_files"}, 1},
		{"rules:\n  - x\n", {"rules", "enable"}, 2},
		{"rules: [{enable: {}}]\n", {"rules", "tag"}, 1},
		{"rules: [{disable: {rule: ''}}]\n", {"rules", "rule"}, 1},
		{"append_output: [x]\n", {"append_output", "map"}, 1},
		{"append_output: [{suggested_output: perhaps}]\n", {"suggested_output", "true"}, 1},
		{"append_output: [{extra_fields: {a: b}}]\n", {"extra_fields", "list"}, 1},
		{"append_output: [{extra_fields: [{a: b, c: d}]}]\n", {"extra_fields", "single"},
			1},
		{"append_output: [{extra_fields: [{a: b}, {a: c}]}]\n", {"extra_fields", "twice"},
			1},
		{"append_output: [{match: {tags: [[x]]}}]\n", {"tags", "list"}, 1},
		{"append_output: [{match: x}]\n", {"match", "map"}, 1},
		{"plugins: [{library_path: x}]\n", {"plugins", "name"}, 1},
		{"plugins: [{name: x, library_path: y, init_config: [1]}]\n",
			{"init_config", "map"}, 1},
		{"metrics: {enabled: true, output_rule: true}\n", {"metrics.interval", "unit"}, 0},
		{"metrics: {enabled: true, output_rule: true, interval: 50ms}\n",
			{"metrics.interval", "100ms"}, 1},
		{"metrics: {enabled: true, output_rule: true, interval: 1m1h}\n",
			{"metrics.interval", "duration"}, 1},
		{"metrics: {enabled: true, interval: 1h}\n", {"metrics", "output_file"}, 1},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct loaded l;
		load(&l, rows[i].text);
		if (l.r != -EINVAL)
			print_error("taken: %s", rows[i].text);
		assert_code(l.r, -EINVAL);
		assert_has(l.err.msg, rows[i].words[0]);
		assert_has(l.err.msg, rows[i].words[1]);
		assert_int_equal(l.err.line, rows[i].line);
		done(&l);
	}
}

static void goes_on(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"priority: INFO\n",
		"rule_matching: ALL\n",
		"libs_logger: {enabled: false, severity: chatty}\n",
		"engine: {kind: nodriver, modern_ebpf: {buf_size_preset: 99}}\n",
		"engine: {kind: modern_ebpf, modern_ebpf: {buf_size_preset: -1}}\n",
		"webserver: {listen_address: '::1'}\n",
		"syscall_event_drops: {actions: [log, alert, exit], threshold: 1}\n",
		"syscall_event_drops: {threshold: much}\n",
		"append_output: [{match: {}, extra_fields: [evt.num, {a: b}, evt.num]}]\n",
		"append_output: [{match: {tags: []}}]\n",
		"rules: [{enable: {rule: x}, disable: {tag: y}}]\n",
		"metrics: {enabled: false, interval: 5}\n",
		"metrics: {enabled: true, interval: ' 1h 30m ', output_rule: true}\n",
		"plugins: [{name: x, library_path: y, init_config: ~}]\n",
		"",
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct loaded l;
		load(&l, rows[i]);
		if (l.r)
			print_error("refused: %s", rows[i]);
		assert_ok(l.r, &l.err);
		done(&l);
	}
}

/* --- findings --- */

static unsigned findings(const struct loaded *l, struct lnr_buf *all)
{
	const char *f;
	bool warning;
	unsigned n = 0;
	for (size_t i = 0; (f = lnr_config_finding(l->c, i, &warning)); i++) {
		lnr_buf_printf(all, "%s\n", f);
		n += warning;
	}
	return n;
}

struct finding_row {
	const char *text;
	unsigned n;
	const char *words[2];
};

static void finds(void **state)
{
	(void)state;
	static const struct finding_row rows[] = {
		{"json_output: true\n", 0, {"schema validation: ok", ""}},
		{"json_ouput: true\n", 1, {"<root>[json_ouput]", "did you mean json_output?"}},
		{"webserver: {listen_prot: 5}\n", 1,
			{"<root>[webserver][listen_prot]", "did you mean listen_port?"}},
		{"nothing_like_it: 1\n", 1, {"<root>[nothing_like_it]", "unknown key"}},
		{"json_output: yes\n", 1, {"json_output", "true or false"}},
		{"json_output: 'true'\n", 0, {"ok", ""}},
		{"output_timeout: 0x10\n", 1, {"output_timeout", "whole number"}},
		{"output_timeout: 1.5\n", 1, {"output_timeout", "whole number"}},
		{"output_timeout: '12'\n", 0, {"ok", ""}},
		{"log_level: [info]\n", 1, {"log_level", "text"}},
		{"rules_files: x\n", 1, {"rules_files", "list"}},
		{"rules_files: [1]\n", 0, {"ok", ""}},
		{"rules: [{disable: {rule: x, glob: y}}]\n", 1,
			{"<root>[rules][0][disable][glob]", "unknown"}},
		{"base_syscalls: {}\n", 1, {"base_syscalls", "without any key"}},
		{"capture: {max_file_size_mb: 2000000}\n", 1, {"max_file_size_mb", "range"}},
		{"rules_file: x.yaml\n", 2, {"rules_file", "deprecated"}},
		{"plugins: [{name: p, library_path: x, init_config: {any: {thing: 1}}}]\n", 0,
			{"ok", ""}},
		{"", 1, {"<root>", "empty"}},
		{"x: 1\ny: 2\n", 2, {"<root>[x]", "line 2"}},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct loaded l;
		struct lnr_buf all;
		lnr_buf_init(&all, 0);
		load(&l, rows[i].text);
		assert_ok(l.r, &l.err);
		unsigned n = findings(&l, &all);
		assert_has(all.ptr, rows[i].words[0]);
		assert_has(all.ptr, rows[i].words[1]);
		if (n != rows[i].n)
			print_error("%s%s", rows[i].text, all.ptr);
		assert_int_equal(n, rows[i].n);
		lnr_buf_done(&all);
		done(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_the_start),
		cmocka_unit_test(goes_on),
		cmocka_unit_test(finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
