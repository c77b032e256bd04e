/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots, Prometheus text and the web server (spec engine-config-cli 2.7, 7). */
#include "lanner/server.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clock.h"
#include "lanner/alert.h"
#include "lanner/config.h"
#include "lanner/lanner.h"
#include "lanner/outputs.h"
#include "lanner/rules.h"
#include "lib/failalloc.h"
#include "lib/test.h"
#include "schema/limits.h"

#define CAPTURE "tests/reference/operation/input/creds.scap"
#define START	UINT64_C(1700000000000000000)

static const char rules_text[] =
	"- rule: Who \"is\" it?\n  desc: d\n  condition: evt.type = execve and proc.name = whoami\n"
	"  output: who\n  priority: WARNING\n  tags: [b-1, A]\n"
	"- rule: Never\n  desc: d\n  condition: evt.type = execve and proc.name = nobody\n"
	"  output: never\n  priority: DEBUG\n";

/* An engine that has replayed a capture, and what goes with it. */
struct bench {
	struct lnr_test_dir dir;
	struct lnr_config *config;
	struct lnr_rules *rules;
	struct lnr_engine *engine;
	struct lnr_outputs *outputs;
	struct lnr_metrics *metrics;
};

static void start(struct bench *b, const char *const *options, bool replay)
{
	struct lnr_err err = {0};
	char file[160];
	const char *all[16] = {"file_output.enabled=true", file, "metrics.enabled=true",
		"metrics.interval=1h", "metrics.output_rule=true"};
	size_t n = 5;
	lnr_test_dir_init(&b->dir);
	snprintf(file, sizeof(file), "file_output.filename=%s/o", b->dir.path);
	for (; options && *options; options++)
		all[n++] = *options;
	char *path = lnr_test_file(&b->dir, "my-rules.v2.yaml", lnr_str_c(rules_text));
	assert_ok(lnr_config_new(&b->config, &err), &err);
	assert_ok(lnr_config_load(b->config, NULL, all, &err), &err);
	assert_ok(lnr_rules_new(NULL, &b->rules, &err), &err);
	assert_ok(lnr_rules_add_file(b->rules, path, &err), &err);
	const struct lnr_engine_opts eo = {.size = sizeof(eo),
		.kind = replay ? LNR_ENGINE_REPLAY : LNR_ENGINE_NODRIVER,
		.capture_file = CAPTURE,
		.rules = b->rules};
	assert_ok(lnr_engine_new(&eo, &b->engine, &err), &err);
	while (replay && lnr_engine_run(b->engine, 1000, &err) >= 0)
		;
	const struct lnr_outputs_opts oo = {.size = sizeof(oo), .config = b->config};
	assert_ok(lnr_outputs_new(&oo, &b->outputs, &err), &err);
	const struct lnr_metrics_opts mo = {.size = sizeof(mo),
		.config = b->config,
		.rules_files = (const char *const[]){path, NULL},
		.engine_name = replay ? NULL : "nodriver",
		.source = "syscall",
		.start_ns = START,
		.reload_ns = START + 1};
	assert_ok(lnr_metrics_new(&mo, &b->metrics, &err), &err);
	free(path);
}

static void stop(struct bench *b)
{
	lnr_metrics_free(b->metrics);
	lnr_outputs_free(b->outputs);
	lnr_engine_free(b->engine);
	lnr_rules_free(b->rules);
	lnr_config_free(b->config);
	lnr_test_dir_done(&b->dir);
}

/* Takes a snapshot and parses its line; NULL when it is not yet time. */
static json_t *snapshot(struct bench *b, uint64_t now)
{
	struct lnr_alert *a;
	struct lnr_buf line;
	json_error_t err;
	json_t *j = NULL;
	lnr_buf_init(&line, 0);
	assert_code(lnr_metrics_snapshot(b->metrics, b->engine, b->outputs, now, &a, &line), 0);
	assert_int_equal(a != NULL, line.len > 0);
	if (a) {
		j = json_loadb(line.ptr, line.len, 0, &err);
		if (!j)
			fail_msg("%s: %s", line.ptr, err.text);
		assert_string_equal(lnr_alert_rule(a), "Falco internal: metrics snapshot");
		assert_int_equal(lnr_alert_priority(a), 6);
	}
	lnr_alert_unref(a);
	lnr_buf_done(&line);
	return j;
}

static json_int_t number(const json_t *snap, const char *key)
{
	const json_t *v = json_object_get(json_object_get(snap, "output_fields"), key);
	if (!json_is_number(v))
		fail_msg("%s is not there, or no number", key);
	return (json_int_t)json_number_value(v);
}

static const char *text(const json_t *snap, const char *key)
{
	return json_string_value(json_object_get(json_object_get(snap, "output_fields"), key));
}

static void takes_snapshots(void **state)
{
	(void)state;
	struct bench b;
	start(&b, NULL, true);
	json_t *j = snapshot(&b, 5 * LNR_NS_PER_SEC);
	assert_int_equal(json_integer_value(json_object_get(j, "sample")), 0);
	assert_int_equal(number(j, "falco.rules.Who_is_it"), 1);
	assert_int_equal(number(j, "falco.rules.matches_total"), 1);
	assert_int_equal(number(j, "falco.start_ts"), (json_int_t)START);
	assert_true(number(j, "falco.num_evts") > 1000);
	assert_int_equal(number(j, "falco.num_evts_prev"), 0);
	assert_true(number(j, "falco.n_threads") > 0);
	assert_true(number(j, "falco.memory_rss_mb") > 0);
	assert_int_equal(number(j, "scap.n_drops_perc"), 0);
	assert_string_equal(text(j, "evt.source"), "syscall");
	assert_string_equal(text(j, "evt.hostname"), "");
	assert_int_equal(strlen(text(j, "falco.sha256_rules_file.my_rules_v2_yaml")), 64);
	/* Zeros are left out, an engine name in replay too. */
	const json_t *fields = json_object_get(j, "output_fields");
	assert_null(json_object_get(fields, "falco.rules.Never"));
	assert_null(json_object_get(fields, "scap.engine_name"));
	assert_null(json_object_get(fields, "falco.evts_rate_sec"));
	json_decref(j);
	/* Not before its time; then with the numbers before. */
	assert_null(snapshot(&b, 6 * LNR_NS_PER_SEC));
	j = snapshot(&b, 3606 * LNR_NS_PER_SEC);
	assert_int_equal(json_integer_value(json_object_get(j, "sample")), 1);
	assert_int_equal(number(j, "falco.num_evts_prev"), number(j, "falco.num_evts"));
	assert_true(number(j, "falco.evts_rate_sec") >= 0);
	json_decref(j);
	/* Missed ticks are not made up for. */
	json_decref(snapshot(&b, 36005 * LNR_NS_PER_SEC));
	assert_null(snapshot(&b, 36006 * LNR_NS_PER_SEC));
	stop(&b);
}

static void leaves_groups_out(void **state)
{
	(void)state;
	struct bench b;
	start(&b,
		(const char *const[]){"metrics.rules_counters_enabled=false",
			"metrics.resource_utilization_enabled=false",
			"metrics.state_counters_enabled=false", "metrics.include_empty_values=true",
			NULL},
		true);
	json_t *j = snapshot(&b, 1);
	const char *key;
	json_t *v;
	json_object_foreach(json_object_get(j, "output_fields"), key, v)
	{
		if (strncmp(key, "falco.rules", 11) == 0 || strncmp(key, "falco.n_", 8) == 0 ||
			strncmp(key, "falco.memory", 12) == 0)
			fail_msg("%s is there", key);
	}
	json_decref(j);
	stop(&b);
}

static void shows_memory_in_its_unit(void **state)
{
	(void)state;
	struct bench b;
	start(&b, NULL, true);
	char *path = lnr_test_file(&b.dir, "mem", LNR_STR("123456789\n"));
	setenv("FALCO_CGROUP_MEM_PATH", path, 1);
	json_t *j = snapshot(&b, 1);
	const json_t *mb = json_object_get(
		json_object_get(j, "output_fields"), "falco.container_memory_used_mb");
	assert_true(json_real_value(mb) == 117.7);
	json_decref(j);
	unsetenv("FALCO_CGROUP_MEM_PATH");
	free(path);
	stop(&b);
}

/* --- Prometheus --- */

struct poller {
	struct bench *b;
	struct lnr_engine *more; /* NULL = the bench's only */
	bool stop;
};

static void *poll_metrics(void *arg)
{
	struct poller *p = arg;
	while (!__atomic_load_n(&p->stop, __ATOMIC_RELAXED)) {
		lnr_metrics_poll(p->b->metrics, p->b->engine, p->b->outputs);
		if (p->more)
			lnr_metrics_poll(p->b->metrics, p->more, p->b->outputs);
		usleep(1000);
	}
	return NULL;
}

static void writes_prometheus(void **state)
{
	(void)state;
	struct bench b;
	struct poller p = {.b = &b};
	struct lnr_buf out;
	pthread_t t;
	start(&b, NULL, true);
	assert_int_equal(pthread_create(&t, NULL, poll_metrics, &p), 0);
	lnr_buf_init(&out, 0);
	assert_code(lnr_metrics_prometheus(b.metrics, &out), 0);
	assert_has(out.ptr,
		"# HELP falcosecurity_falco_version_info https://falco.org/docs/metrics/\n"
		"# TYPE falcosecurity_falco_version_info gauge\n"
		"falcosecurity_falco_version_info{version=\"0.44.1\"} 1\n");
	/* Labels by key; quotes of a rule's name escaped; names of tags made fit. */
	assert_has(out.ptr,
		"falcosecurity_falco_rules_matches_total{priority=\"4\",rule_name=\"Who \\\"is\\\" "
		"it?\",source=\"syscall\",tag_A=\"true\",tag_b_1=\"true\"} 1\n");
	assert_null(strstr(out.ptr, "Never"));
	assert_has(out.ptr, "# TYPE falcosecurity_scap_n_threads_total gauge\n");
	assert_has(out.ptr, "# TYPE falcosecurity_scap_n_added_threads_total counter\n");
	assert_has(out.ptr,
		"falcosecurity_scap_n_drops_buffer_total{dir=\"enter\",drop=\"open\"} 0\n");
	assert_has(
		out.ptr, "falcosecurity_falco_start_timestamp_nanoseconds 1700000000000000000\n");
	/* Every sample has its own type line. */
	for (char *line = out.ptr, *end; (end = strchr(line, '\n')); line = end + 1) {
		size_t n = strcspn(line, "{ ");
		char type[256];
		if (*line == '#')
			continue;
		snprintf(type, sizeof(type), "# TYPE %.*s ", (int)n, line);
		assert_has(out.ptr, type);
	}
	__atomic_store_n(&p.stop, true, __ATOMIC_RELAXED);
	pthread_join(t, NULL);
	lnr_buf_done(&out);
	stop(&b);
}

static uint64_t sample(const char *text, const char *name)
{
	char line[96];
	snprintf(line, sizeof(line), "\n%s ", name);
	const char *p = strstr(text, line);
	if (!p)
		fail_msg("%s is not there", name);
	return strtoull(p + strlen(line), NULL, 10);
}

/* Prometheus' text while a thread polls for the engine, and for one more. */
static void show(struct bench *b, struct lnr_engine *more, struct lnr_buf *out)
{
	struct poller p = {.b = b, .more = more};
	pthread_t t;
	assert_int_equal(pthread_create(&t, NULL, poll_metrics, &p), 0);
	assert_code(lnr_metrics_prometheus(b->metrics, out), 0);
	__atomic_store_n(&p.stop, true, __ATOMIC_RELAXED);
	pthread_join(t, NULL);
}

/* Two engines that have replayed the same: what both count is added up, once per metric. */
static void adds_up_engines(void **state)
{
	(void)state;
	struct lnr_err err = {0};
	struct bench b;
	struct lnr_buf one, two;
	struct lnr_engine *more;
	start(&b, NULL, true);
	const struct lnr_engine_opts eo = {.size = sizeof(eo),
		.kind = LNR_ENGINE_REPLAY,
		.capture_file = CAPTURE,
		.rules = b.rules};
	assert_ok(lnr_engine_new(&eo, &more, &err), &err);
	while (lnr_engine_run(more, 1000, &err) >= 0)
		;
	lnr_buf_init(&one, 0);
	lnr_buf_init(&two, 0);
	show(&b, NULL, &one);
	assert_ok(lnr_metrics_add(b.metrics, more, "source_plugin", "beat", &err), &err);
	show(&b, more, &two);
	static const char threads[] = "falcosecurity_scap_n_added_threads_total";
	assert_int_equal(sample(two.ptr, threads), 2 * sample(one.ptr, threads));
	assert_has(two.ptr, "tag_A=\"true\",tag_b_1=\"true\"} 2\n");
	assert_has(two.ptr,
		"falcosecurity_scap_engine_name_info{engine_name=\"source_plugin\",evt_source="
		"\"beat\"} 1\n");
	const char *head = strstr(two.ptr, "# TYPE falcosecurity_scap_n_added_threads_total ");
	assert_non_null(head);
	assert_null(strstr(head + 1, "# TYPE falcosecurity_scap_n_added_threads_total "));
	/* Snapshots are of one engine, numbered together. */
	json_t *j = snapshot(&b, 1);
	assert_int_equal(json_integer_value(json_object_get(j, "sample")), 0);
	assert_string_equal(text(j, "evt.source"), "syscall");
	json_decref(j);
	struct lnr_engine *first = b.engine;
	b.engine = more;
	j = snapshot(&b, 1);
	assert_int_equal(json_integer_value(json_object_get(j, "sample")), 1);
	assert_string_equal(text(j, "evt.source"), "beat");
	assert_string_equal(text(j, "scap.engine_name"), "source_plugin");
	assert_int_equal(number(j, "falco.num_evts_prev"), 0);
	json_decref(j);
	b.engine = first;
	lnr_engine_free(more);
	lnr_buf_done(&one);
	lnr_buf_done(&two);
	stop(&b);
}

static void does_not_wait_for_ever(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_buf out;
	start(&b, NULL, true);
	lnr_buf_init(&out, 0);
	/* Nobody polls: what needs no engine is there all the same. */
	assert_code(lnr_metrics_prometheus(b.metrics, &out), 0);
	assert_has(out.ptr, "falcosecurity_falco_host_num_cpus_total ");
	assert_null(strstr(out.ptr, "n_threads"));
	lnr_buf_done(&out);
	stop(&b);
}

/* --- web server --- */

/* The whole answer to one request. */
static void ask(uint16_t port, const char *request, struct lnr_buf *ret)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char buf[4096];
	ssize_t n;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	snprintf(buf, sizeof(buf), "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", request);
	assert_int_equal(write(fd, buf, strlen(buf)), strlen(buf));
	lnr_buf_clear(ret);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		lnr_buf_add(ret, buf, (size_t)n);
	close(fd);
}

static uint16_t free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	getsockname(fd, (struct sockaddr *)&a, &len);
	close(fd);
	return ntohs(a.sin_port);
}

static void serves(void **state)
{
	(void)state;
	struct bench b;
	struct poller p = {.b = &b};
	struct lnr_server *s;
	struct lnr_err err = {0};
	struct lnr_buf out;
	uint16_t port = free_port();
	char text_port[48];
	pthread_t t;
	snprintf(text_port, sizeof(text_port), "webserver.listen_port=%u", port);
	start(&b,
		(const char *const[]){"webserver.enabled=true", text_port,
			"webserver.listen_address=127.0.0.1", "webserver.threadiness=2",
			"webserver.k8s_healthz_endpoint=/alive", NULL},
		false);
	const struct lnr_server_opts so = {
		.size = sizeof(so), .config = b.config, .metrics = b.metrics};
	assert_int_equal(pthread_create(&t, NULL, poll_metrics, &p), 0);
	assert_ok(lnr_server_new(&so, &s, &err), &err);
	lnr_buf_init(&out, 0);
	ask(port, "GET /alive", &out);
	assert_has(out.ptr, " 200 ");
	assert_has(out.ptr, "application/json");
	assert_has(out.ptr, "\r\n\r\n{\"status\": \"ok\"}");
	ask(port, "HEAD /alive", &out);
	assert_has(out.ptr, " 200 ");
	ask(port, "GET /versions", &out);
	assert_has(out.ptr, "\"engine_version_semver\":\"0.62.0\"");
	ask(port, "GET /metrics", &out);
	assert_has(out.ptr, "text/plain; version=0.0.4");
	assert_has(out.ptr, "evt_source=\"syscall\"} 1\n");
	assert_has(out.ptr, "falcosecurity_scap_n_threads_total");
	static const char *const nowhere[] = {"GET /healthz", "GET /alive/", "GET /", "POST /alive",
		"GET /../etc/passwd", "DELETE /metrics"};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(nowhere); i++) {
		ask(port, nowhere[i], &out);
		assert_has(out.ptr, " 404 ");
	}
	/* The same port twice. */
	struct lnr_server *second;
	assert_true(lnr_server_new(&so, &second, &err) < 0);
	assert_has(err.msg, "127.0.0.1");
	lnr_server_free(s);
	__atomic_store_n(&p.stop, true, __ATOMIC_RELAXED);
	pthread_join(t, NULL);
	lnr_buf_done(&out);
	stop(&b);
}

/* A server of its own, without an engine's thread. */
static struct lnr_server *serve(struct bench *b, uint16_t port, const char *option)
{
	struct lnr_server *s;
	struct lnr_err err = {0};
	char text_port[48];
	snprintf(text_port, sizeof(text_port), "webserver.listen_port=%u", port);
	start(b,
		(const char *const[]){"webserver.enabled=true", text_port,
			"webserver.listen_address=127.0.0.1", option, NULL},
		false);
	const struct lnr_server_opts so = {
		.size = sizeof(so), .config = b->config, .metrics = b->metrics};
	assert_ok(lnr_server_new(&so, &s, &err), &err);
	return s;
}

static void is_healthy_while_events_flow(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_buf out;
	uint16_t port = free_port();
	struct lnr_server *s = serve(&b, port, NULL);
	uint64_t now = lnr_mono_ns(lnr_clock_system());
	lnr_buf_init(&out, 0);
	ask(port, "GET /healthz", &out);
	assert_has(out.ptr, " 200 ");
	lnr_server_alive(s, now - (LNR_HEALTH_S + 2) * LNR_NS_PER_SEC);
	ask(port, "GET /healthz", &out);
	assert_has(out.ptr, " 503 ");
	assert_has(out.ptr, "\"no event for 1");
	lnr_server_alive(s, now);
	ask(port, "GET /healthz", &out);
	assert_has(out.ptr, " 200 ");
	lnr_server_free(s);
	lnr_buf_done(&out);
	stop(&b);
}

struct asking {
	uint16_t port;
	struct lnr_buf out;
};

static void *ask_for_reload(void *arg)
{
	struct asking *a = arg;
	ask(a->port, "POST /reload HTTP/1.1\r\nAuthorization: Bearer s3cret\r\nX:", &a->out);
	return NULL;
}

static void wait_until_asked(struct lnr_server *s)
{
	for (int i = 0; i < 5000 && !lnr_server_reload_asked(s); i++)
		usleep(1000);
}

static void reloads_by_request(void **state)
{
	(void)state;
	struct bench b;
	pthread_t t;
	uint16_t port = free_port();
	struct lnr_server *s = serve(&b, port, "webserver.reload_token=s3cret");
	struct asking a = {.port = port};
	static const char *const wrong[] = {"", "\r\nAuthorization: Bearer s3cre",
		"\r\nAuthorization: Bearer s3cret2", "\r\nAuthorization: Basic s3cret",
		"\r\nAuthorization: s3cret", "\r\nAuthorization: Bearer "};
	lnr_buf_init(&a.out, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(wrong); i++) {
		char request[128];
		snprintf(request, sizeof(request), "POST /reload HTTP/1.1%s\r\nX:", wrong[i]);
		ask(port, request, &a.out);
		assert_has(a.out.ptr, " 401 ");
	}
	ask(port, "GET /reload", &a.out);
	assert_has(a.out.ptr, " 404 ");
	assert_false(lnr_server_reload_asked(s));
	/* Waits for its answer. */
	assert_int_equal(pthread_create(&t, NULL, ask_for_reload, &a), 0);
	wait_until_asked(s);
	assert_false(lnr_server_reload_asked(s)); /* that one is taken */
	lnr_server_reload_answer(s, 12, NULL);
	pthread_join(t, NULL);
	assert_has(a.out.ptr, " 200 ");
	assert_has(a.out.ptr, "{\"status\": \"ok\", \"rules\": 12}");
	assert_int_equal(pthread_create(&t, NULL, ask_for_reload, &a), 0);
	wait_until_asked(s);
	lnr_server_reload_answer(s, 12, "line 3: \"odd\"");
	pthread_join(t, NULL);
	assert_has(a.out.ptr, " 422 ");
	assert_has(a.out.ptr, "\"reason\": \"line 3: \\\"odd\\\"\"");
	/* Who waits when the server ends is told so. */
	assert_int_equal(pthread_create(&t, NULL, ask_for_reload, &a), 0);
	wait_until_asked(s);
	lnr_server_free(s);
	pthread_join(t, NULL);
	assert_has(a.out.ptr, " 503 ");
	lnr_buf_done(&a.out);
	stop(&b);
}

/* Other metrics take the place of those that are shown, or none. */
static void shows_what_is_new(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_buf out;
	struct lnr_err err = {0};
	struct lnr_metrics *more;
	uint16_t port = free_port();
	struct lnr_server *s = serve(&b, port, NULL);
	const struct lnr_metrics_opts mo = {.size = sizeof(mo),
		.config = b.config,
		.engine_name = "later",
		.source = "syscall",
		.start_ns = START,
		.reload_ns = START + 7};
	lnr_buf_init(&out, 0);
	assert_ok(lnr_metrics_new(&mo, &more, &err), &err);
	assert_code(lnr_server_update(s, more, NULL), 0);
	/* Nobody will come by; who asks does not wait for that. */
	lnr_metrics_retire(more);
	uint64_t from = lnr_mono_ns(lnr_clock_system());
	ask(port, "GET /metrics", &out);
	assert_true(lnr_mono_ns(lnr_clock_system()) - from < LNR_METRICS_WAIT_S * LNR_NS_PER_SEC);
	assert_has(out.ptr, "engine_name=\"later\"");
	lnr_metrics_free(more);
	assert_code(lnr_server_update(s, NULL, NULL), 0);
	ask(port, "GET /metrics", &out);
	assert_has(out.ptr, " 404 ");
	lnr_server_free(s);
	lnr_buf_done(&out);
	stop(&b);
}

static void needs_a_whole_certificate(void **state)
{
	(void)state;
	static const char *const files[] = {"nowhere.pem",
		"tests/reference/operation/input/tls/ca.pem", "tests/unit/server/server.c"};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(files); i++) {
		struct bench b;
		struct lnr_server *s;
		struct lnr_err err = {0};
		char path[160], port[48];
		snprintf(path, sizeof(path), "webserver.ssl_certificate=%s", files[i]);
		snprintf(port, sizeof(port), "webserver.listen_port=%u", free_port());
		start(&b,
			(const char *const[]){"webserver.ssl_enabled=true", path, port,
				"webserver.listen_address=127.0.0.1", NULL},
			false);
		const struct lnr_server_opts so = {.size = sizeof(so), .config = b.config};
		assert_true(lnr_server_new(&so, &s, &err) < 0);
		assert_true(err.msg[0]);
		stop(&b);
	}
}

static int measure_once(void *arg)
{
	struct bench *b = arg;
	struct lnr_metrics *m;
	struct lnr_alert *a = NULL;
	struct lnr_buf line;
	const struct lnr_metrics_opts mo = {
		.size = sizeof(mo), .config = b->config, .source = "syscall"};
	int r = lnr_metrics_new(&mo, &m, NULL);
	if (r)
		return r;
	lnr_buf_init(&line, 0);
	r = lnr_metrics_snapshot(m, b->engine, b->outputs, 1, &a, &line);
	lnr_alert_unref(a);
	lnr_buf_done(&line);
	lnr_metrics_free(m);
	return r;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	struct bench b;
	start(&b, (const char *const[]){"metrics.resource_utilization_enabled=false", NULL}, true);
	lnr_test_each_alloc_may_fail(measure_once, &b);
	stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_snapshots),
		cmocka_unit_test(leaves_groups_out),
		cmocka_unit_test(shows_memory_in_its_unit),
		cmocka_unit_test(writes_prometheus),
		cmocka_unit_test(adds_up_engines),
		cmocka_unit_test(does_not_wait_for_ever),
		cmocka_unit_test(serves),
		cmocka_unit_test(is_healthy_while_events_flow),
		cmocka_unit_test(reloads_by_request),
		cmocka_unit_test(shows_what_is_new),
		cmocka_unit_test(needs_a_whole_certificate),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
