/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts as lines, golden (spec engine-config-cli 5.1, 5.2, 5.4). */
#include <jansson.h>
#include <stdlib.h>
#include <time.h>
#include "alert/alert.h"
#include "lib/test.h"

#define TS UINT64_C(1700000102123456789) /* 2023-11-14 22:15:02 UTC */

static int set_zone(void **state)
{
	(void)state;
	/* Two hours east: local times differ from UTC. */
	setenv("TZ", "XXX-2", 1);
	tzset();
	return 0;
}

/* An alert of a rule, filled in by hand. */
struct made {
	struct lnr_str tags[2];
	struct lnr_alert_value values[2];
	struct lnr_alert a; /* ends with room for text */
};

static void init(struct made *m, struct lnr_str message, struct lnr_str user_json)
{
	memset(m, 0, sizeof(*m));
	m->tags[0] = LNR_STR("T1059");
	m->tags[1] = LNR_STR("de\"mo");
	m->values[0] = (struct lnr_alert_value){
		LNR_STR("evt.time"), LNR_STR("1700000102123456789")};
	m->values[1] = (struct lnr_alert_value){LNR_STR("user.name"), user_json};
	m->a.priority = LNR_PRIO_INFORMATIONAL;
	m->a.time_ns = TS;
	strcpy(m->a.id, "0123456789abcdef0123456789abcdef");
	m->a.rule = LNR_STR("Shell opened");
	m->a.source = LNR_STR("syscall");
	m->a.hostname = LNR_STR("n1");
	m->a.message = message;
	m->a.tags = m->tags;
	m->a.n_tags = 2;
	m->a.values = m->values;
	m->a.n_values = 2;
}

static void writes(const struct lnr_alert *a, struct lnr_alert_format f, const char *want)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	lnr_alert_write(a, &f, &b);
	assert_str(lnr_buf_view(&b), want);
	lnr_buf_done(&b);
}

#define ALL .output = true, .output_fields = true, .tags = true

static void writes_text(void **state)
{
	(void)state;
	struct made m;
	init(&m, LNR_STR("shell opened (user=root)"), LNR_STR("\"root\""));
	writes(&m.a, (struct lnr_alert_format){ALL},
		"00:15:02.123456789: Informational shell opened (user=root)");
	writes(&m.a, (struct lnr_alert_format){.iso8601 = true},
		"2023-11-14T22:15:02.123456789+0000: Informational shell opened (user=root)");
	m.a.priority = LNR_PRIO_EMERGENCY;
	m.a.time_ns = 0;
	writes(&m.a, (struct lnr_alert_format){0},
		"02:00:00.000000000: Emergency shell opened (user=root)");
	/* 0.44 writes messages as they are. */
	m.a.message = LNR_STR("a \"b\" \\ \xff");
	writes(&m.a, (struct lnr_alert_format){0}, "02:00:00.000000000: Emergency a \"b\" \\ \xff");
}

static void writes_json(void **state)
{
	(void)state;
	struct made m;
	init(&m, LNR_STR("shell opened (user=root)"), LNR_STR("\"root\""));
	writes(&m.a, (struct lnr_alert_format){.json = true, ALL},
		"{\"hostname\":\"n1\",\"output\":\"00:15:02.123456789: Informational shell opened "
		"(user=root)\",\"output_fields\":{\"evt.time\":1700000102123456789,\"user.name\":"
		"\"root\"},\"priority\":\"Informational\",\"rule\":\"Shell opened\",\"source\":"
		"\"syscall\",\"tags\":[\"T1059\",\"de\\\"mo\"],"
		"\"time\":\"2023-11-14T22:15:02.123456789Z\"}");
	writes(&m.a,
		(struct lnr_alert_format){
			.json = true, ALL, .iso8601 = true, .message = true, .id = true},
		"{\"hostname\":\"n1\",\"id\":\"0123456789abcdef0123456789abcdef\","
		"\"message\":\"shell opened "
		"(user=root)\",\"output\":\"2023-11-14T22:15:02.123456789"
		"+0000: Informational shell opened (user=root)\",\"output_fields\":{\"evt.time\":"
		"1700000102123456789,\"user.name\":\"root\"},\"priority\":\"Informational\","
		"\"rule\":"
		"\"Shell opened\",\"source\":\"syscall\",\"tags\":[\"T1059\",\"de\\\"mo\"],"
		"\"time\":\"2023-11-14T22:15:02.123456789Z\"}");
	m.a.n_tags = 0;
	writes(&m.a, (struct lnr_alert_format){.json = true, .tags = true},
		"{\"hostname\":\"n1\",\"priority\":\"Informational\",\"rule\":\"Shell opened\","
		"\"source\":\"syscall\",\"tags\":[],\"time\":\"2023-11-14T22:15:02.123456789Z\"}");
}

/* Whatever processes are called: one line, valid JSON, valid UTF-8. */
static void escapes(void **state)
{
	(void)state;
	static const char *const messages[] = {"new\nline\ttab\rreturn", "quo\"te \\ back\\",
		"\x01\x1f\x7f control", "caf\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x90\xa6",
		"bad \xff\xc3 \xe6\xbc utf-8 \xed\xa0\x80", "</script>&'"};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(messages); i++) {
		struct made m;
		struct lnr_buf b;
		json_error_t err;
		const struct lnr_alert_format f = {.json = true, ALL, .message = true};
		init(&m, lnr_str_c(messages[i]), LNR_STR("null"));
		m.a.rule = m.a.hostname = lnr_str_c(messages[i]);
		lnr_buf_init(&b, 0);
		lnr_alert_write(&m.a, &f, &b);
		assert_null(memchr(b.ptr, '\n', b.len));
		json_t *j = json_loadb(b.ptr, b.len, 0, &err);
		if (!j)
			fail_msg("%s: %s", b.ptr, err.text);
		if (i < 4)
			assert_string_equal(
				json_string_value(json_object_get(j, "message")), messages[i]);
		json_decref(j);
		lnr_buf_done(&b);
	}
	struct made m;
	init(&m, LNR_STR("bad \xff\xc3 x"), LNR_STR("null"));
	m.a.n_values = m.a.n_tags = 0;
	writes(&m.a, (struct lnr_alert_format){.json = true, .message = true},
		"{\"hostname\":\"n1\",\"message\":\"bad \xef\xbf\xbd\xef\xbf\xbd x\",\"priority\":"
		"\"Informational\",\"rule\":\"Shell opened\",\"source\":\"syscall\","
		"\"time\":\"2023-11-14T22:15:02.123456789Z\"}");
}

static void writes_internal(void **state)
{
	(void)state;
	struct lnr_alert *a;
	const char *const fields[] = {"n_drops", "\"1\"", "n_evts", "0", NULL};
	assert_code(lnr_alert_internal("Falco internal: x", LNR_PRIO_DEBUG, TS,
			    "Falco internal: x. Words.", fields, "n1", &a),
		0);
	/* The short local time, whatever is configured; values as JSON. */
	writes(a, (struct lnr_alert_format){.iso8601 = true},
		"00:15:02.123456789: Debug Falco internal: x. Words. (n_drops=\"1\" n_evts=0)");
	/* All parts but tags, whatever is configured; output without prefix. */
	writes(a, (struct lnr_alert_format){.json = true, .tags = true, .message = true},
		"{\"hostname\":\"n1\",\"output\":\"Falco internal: x. Words.\",\"output_fields\":"
		"{\"n_drops\":\"1\",\"n_evts\":0},\"priority\":\"Debug\",\"rule\":"
		"\"Falco internal: x\",\"source\":\"internal\","
		"\"time\":\"2023-11-14T22:15:02.123456789Z\"}");
	lnr_alert_unref(a);
	assert_code(lnr_alert_internal("r", LNR_PRIO_CRITICAL, TS, "r: why", NULL, "n1", &a), 0);
	writes(a, (struct lnr_alert_format){0}, "00:15:02.123456789: Critical r: why");
	lnr_alert_unref(a);
}

static void fails_when_full(void **state)
{
	(void)state;
	struct made m;
	struct lnr_buf b;
	const struct lnr_alert_format f = {.json = true, ALL};
	init(&m, LNR_STR("shell opened (user=root)"), LNR_STR("\"root\""));
	lnr_buf_init(&b, 40);
	lnr_alert_write(&m.a, &f, &b);
	assert_true(b.failed);
	lnr_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_text),
		cmocka_unit_test(writes_json),
		cmocka_unit_test(escapes),
		cmocka_unit_test(writes_internal),
		cmocka_unit_test(fails_when_full),
	};

	return cmocka_run_group_tests(tests, set_zone, NULL);
}
