/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts in the shapes of other schemas (alert/shape.h); the schemas themselves: tests/e2e/alerts.
 */
#include "alert/shape.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include "lib/failalloc.h"
#include "lib/test.h"

#define TS UINT64_C(1700000102123456789) /* 2023-11-14 22:15:02 UTC */

/* Key and JSON value in turn. */
static struct lnr_alert *make(const char *const *fields)
{
	struct lnr_alert *a;
	assert_code(lnr_alert_internal("A \"rule\"", 2, TS, "words\n\"", fields, "n1", &a), 0);
	a->internal = false;
	return a;
}

static json_t *read_back(const struct lnr_alert *a, enum lnr_alert_shape shape)
{
	const struct lnr_alert_format f = {.json = true, .shape = shape};
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	lnr_alert_write(a, &f, &b);
	assert_false(b.failed);
	json_t *j = json_loadb(b.ptr, b.len, JSON_REJECT_DUPLICATES, NULL);
	if (!j)
		fail_msg("no JSON: %s", b.ptr);
	lnr_buf_done(&b);
	return j;
}

/* "a.b.0.c" as compact JSON, "" = not there. */
static void is(const json_t *j, const char *path, const char *want)
{
	struct lnr_str rest = lnr_str_c(path), part;
	const json_t *at = j;
	while (at && lnr_str_split(&rest, '.', &part)) {
		char key[64];
		snprintf(key, sizeof(key), "%.*s", LNR_STR_ARG(part));
		at = json_is_array(at) ? json_array_get(at, (size_t)atoi(key))
				       : json_object_get(at, key);
	}
	char *got = at ? json_dumps(at, JSON_COMPACT | JSON_ENCODE_ANY) : strdup("");
	if (strcmp(got, want) != 0)
		fail_msg("%s is %s, not %s", path, got, want);
	free(got);
}

static const char *const connection[] = {"alert.count", "7", "alert.first_time",
	"1700000000000000001", "container.id", "\"0123456789ab\"", "container.image.repository",
	"\"example/app\"", "evt.res", "\"EACCES\"", "evt.type", "\"connect\"", "fd.cip", "\"::1\"",
	"fd.cport", "40000", "fd.l4proto", "\"tcp\"", "fd.sip", "\"10.0.0.1\"", "fd.sport", "443",
	"fd.type", "\"ipv6\"", "k8s.pod.name", "\"pod-1\"", "proc.name", "\"a\\\"b\"", "proc.pid",
	"42", "proc.pid.ts", "1700000000000000001", "user.uid", "1000", NULL};

static void tells_a_connection_in_a_container(void **state)
{
	(void)state;
	struct lnr_alert *a = make(connection);
	struct lnr_str tags[] = {
		LNR_STR("T1059.004"), LNR_STR("mitre_execution"), LNR_STR("T10590"), LNR_STR("x")};
	const struct lnr_str *none = a->tags;
	a->tags = tags;
	a->n_tags = 4;
	json_t *j = read_back(a, LNR_ALERT_ECS);
	is(j, "@timestamp", "\"2023-11-14T22:15:02.123456789Z\"");
	is(j, "event.outcome", "\"failure\"");
	is(j, "event.severity", "5");
	is(j, "event.category", "[\"intrusion_detection\",\"network\"]");
	is(j, "event.start", "\"2023-11-14T22:13:20.000000001Z\"");
	is(j, "lanner.count", "7");
	is(j, "source", "{\"ip\":\"::1\",\"port\":40000}");
	is(j, "destination", "{\"ip\":\"10.0.0.1\",\"port\":443}");
	is(j, "container.image.name", "\"example/app\"");
	is(j, "orchestrator.resource", "{\"name\":\"pod-1\",\"type\":\"pod\"}");
	is(j, "process.name", "\"a\\\"b\"");
	is(j, "process.start", "\"2023-11-14T22:13:20.000000001Z\"");
	is(j, "user.id", "\"1000\"");
	is(j, "threat.technique", "{\"id\":[\"T1059\"],\"subtechnique\":{\"id\":[\"T1059.004\"]}}");
	is(j, "threat.tactic.name", "[\"execution\"]");
	is(j, "lanner.output_fields.proc_pid_ts", "1700000000000000001");
	is(j, "rule.name", "\"A \\\"rule\\\"\"");
	is(j, "message", "\"words\\n\\\"\"");
	is(j, "file", "");
	json_decref(j);
	j = read_back(a, LNR_ALERT_OCSF);
	is(j, "severity_id", "5");
	is(j, "time", "1700000102123");
	is(j, "count", "7");
	is(j, "start_time", "1700000000000");
	is(j, "evidences.0.connection_info", "{\"direction_id\":0,\"protocol_name\":\"tcp\"}");
	is(j, "evidences.0.src_endpoint", "{\"ip\":\"::1\",\"port\":40000}");
	is(j, "evidences.0.process.container.uid", "\"0123456789ab\"");
	is(j, "evidences.0.process.container.orchestrator", "\"kubernetes\"");
	is(j, "evidences.0.process.created_time", "1700000000000");
	is(j, "finding_info.attacks.0",
		"{\"technique\":{\"uid\":\"T1059\"},\"sub_technique\":{\"uid\":\"T1059.004\"}}");
	is(j, "finding_info.attacks.1", "{\"tactic\":{\"name\":\"execution\"}}");
	is(j, "finding_info.attacks.2", "");
	json_decref(j);
	a->tags = none;
	a->n_tags = 0;
	lnr_alert_unref(a);
}

/* What does not have the type of its place stays among the fields. */
static void leaves_out_what_has_another_type(void **state)
{
	(void)state;
	static const char *const odd[] = {"container.id", "\"host\"", "fd.cip", "\"no address\"",
		"fd.cport", "\"http\"", "fd.name", "\"/a/b\"", "fd.sip", "null", "fd.type",
		"\"ipv4\"", "proc.name", "[\"x\"]", "proc.pid", "4.5", "proc.pid.ts", "-1",
		"user.name", "\"<NA>\"", NULL};
	struct lnr_alert *a = make(odd);
	for (int shape = LNR_ALERT_ECS; shape <= LNR_ALERT_OCSF; shape++) {
		json_t *j = read_back(a, (enum lnr_alert_shape)shape);
		static const char *const absent[] = {"container", "source", "destination",
			"process", "user", "file", "evidences.0.process", "evidences.0.file",
			"evidences.0.src_endpoint"};
		for (size_t i = 0; i < LNR_ARRAY_SIZE(absent); i++)
			is(j, absent[i], "");
		is(j, shape == LNR_ALERT_ECS ? "lanner.output_fields.proc_name" : "unmapped.no",
			shape == LNR_ALERT_ECS ? "[\"x\"]" : "");
		json_decref(j);
	}
	lnr_alert_unref(a);
}

static void tells_files_and_folders(void **state)
{
	(void)state;
	static const char *const fields[] = {"evt.res", "\"SUCCESS\"", "evt.type", "\"openat\"",
		"fd.directory", "\"/\"", "fd.name", "\"/a\\\"b/\\u00e4\"", "fd.type", "\"file\"",
		"proc.exepath", "\"/\"", NULL};
	static const char *const folder[] = {
		"fd.name", "\"/etc\"", "fd.type", "\"directory\"", NULL};
	struct lnr_alert *a = make(fields);
	json_t *j = read_back(a, LNR_ALERT_OCSF);
	is(j, "evidences.0.file",
		"{\"name\":\"\xc3\xa4\",\"path\":\"/a\\\"b/\xc3\xa4\",\"type_id\":1}");
	is(j, "evidences.0.process.file", "{\"name\":\"/\",\"path\":\"/\",\"type_id\":1}");
	json_decref(j);
	j = read_back(a, LNR_ALERT_ECS);
	is(j, "file.path", "\"/a\\\"b/\xc3\xa4\"");
	is(j, "event.outcome", "\"success\"");
	is(j, "event.type", "[\"access\"]");
	json_decref(j);
	lnr_alert_unref(a);
	a = make(folder);
	j = read_back(a, LNR_ALERT_OCSF);
	is(j, "evidences.0.file.type_id", "2");
	json_decref(j);
	lnr_alert_unref(a);
}

/* A message of Lanner itself has no event behind it. */
static void tells_its_own_messages(void **state)
{
	(void)state;
	struct lnr_alert *a;
	assert_code(lnr_alert_internal("r", 7, TS, "m", NULL, "n1", &a), 0);
	json_t *j = read_back(a, LNR_ALERT_OCSF);
	is(j, "evidences", "");
	is(j, "severity", "\"Informational\"");
	is(j, "unmapped", "{}");
	json_decref(j);
	j = read_back(a, LNR_ALERT_ECS);
	is(j, "event.provider", "\"internal\"");
	is(j, "event.outcome", "\"unknown\"");
	is(j, "threat", "");
	json_decref(j);
	lnr_alert_unref(a);
}

static void asks_for_the_fields_it_shows(void **state)
{
	(void)state;
	const char *name;
	size_t n = 0;
	bool pid = false;
	for (; (name = lnr_alert_shape_field(LNR_ALERT_ECS, n)); n++) {
		pid |= strcmp(name, "proc.pid") == 0;
		assert_true(strncmp(name, "ka.", 3) != 0);
	}
	assert_true(pid && n > 30);
	assert_non_null(lnr_alert_shape_field(LNR_ALERT_OCSF, 0));
	assert_null(lnr_alert_shape_field(LNR_ALERT_FALCO, 0));
}

/* A line that failed is marked as such; any other is JSON, if with less in it. */
static int write_all(void *arg)
{
	struct lnr_buf b;
	bool failed = false;
	for (int shape = LNR_ALERT_ECS; shape <= LNR_ALERT_OCSF; shape++) {
		const struct lnr_alert_format f = {
			.json = true, .shape = (enum lnr_alert_shape)shape};
		lnr_buf_init(&b, 0);
		lnr_alert_write(arg, &f, &b);
		failed |= b.failed;
		json_t *j = b.failed ? NULL : json_loadb(b.ptr, b.len, 0, NULL);
		assert_true(b.failed || j);
		json_decref(j);
		lnr_buf_done(&b);
	}
	return failed ? -ENOMEM : 0;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	struct lnr_alert *a = make(connection);
	lnr_test_each_alloc_may_fail(write_all, a);
	lnr_alert_unref(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_a_connection_in_a_container),
		cmocka_unit_test(leaves_out_what_has_another_type),
		cmocka_unit_test(tells_files_and_folders),
		cmocka_unit_test(tells_its_own_messages),
		cmocka_unit_test(asks_for_the_fields_it_shows),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
