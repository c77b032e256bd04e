/* SPDX-License-Identifier: Apache-2.0 */
/* The webhook over plain HTTP (spec k8s-audit.md 2, 11.4 to 11.6): answers, limits, its end. */
#include <dirent.h>
#include <pthread.h>
#include "audit_web_test.h"
#include "lib/failalloc.h"

#define JSON "Content-Type: application/json\r\n"
#define END  "Host: x\r\nConnection: close\r\n\r\n"

static void answers_as_specified(void **state)
{
	(void)state;
	static const struct {
		const char *line, *head, *body;
		int status;
		const char *has;
	} cases[] = {
		{"POST /k8s-audit", JSON, "{}", 200, "Content-Length: 0\r\n"},
		{"POST /k8s-audit?timeout=30s", JSON, "{}", 200, ""},
		{"POST /k8s-audit", "Content-Type: application/json; charset=utf-8\r\n", "{}", 200,
			""},
		{"POST /k8s-audit", "content-type: Application/JSON\r\n", "{}", 200, ""},
		{"POST /k8s-audit", JSON "Content-Encoding: identity\r\n", "{}", 200, ""},
		{"POST /k8s-audit", JSON, "", 200, ""},
		{"POST /", JSON, "{}", 404, "not found"},
		{"POST /k8s-audit/", JSON, "{}", 404, ""},
		{"POST /k8s-audit2", JSON, "{}", 404, ""},
		{"POST /K8S-AUDIT", JSON, "{}", 404, ""},
		{"GET /other", "", "", 404, ""},
		{"GET /k8s-audit", "", "", 405, "Allow: POST\r\n"},
		{"HEAD /k8s-audit", "", "", 405, ""},
		{"PUT /k8s-audit", JSON, "{}", 405, ""},
		{"DELETE /k8s-audit", "", "", 405, ""},
		{"OPTIONS /k8s-audit", "", "", 405, ""},
		{"POST /k8s-audit", "", "{}", 400, "Content-Type"},
		{"POST /k8s-audit", "Content-Type: text/plain\r\n", "{}", 400, ""},
		{"POST /k8s-audit", "Content-Type: application/x-www-form-urlencoded\r\n", "a=b",
			400, ""},
		{"POST /k8s-audit", JSON "Content-Encoding: gzip\r\n", "{}", 415,
			"Content-Encoding"},
	};
	struct bench b;
	uint64_t taken = 0;
	bench_start(&b, &bench_opts, 100);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		char head[512];
		struct lnr_buf out;
		lnr_buf_init(&out, 0);
		snprintf(head, sizeof(head), "%s HTTP/1.1\r\n%sContent-Length: %zu\r\n" END,
			cases[i].line, cases[i].head, strlen(cases[i].body));
		int status = ask(&b, head, cases[i].body, strlen(cases[i].body), &out);
		if (status != cases[i].status)
			fail_msg("%s %s: %d", cases[i].line, cases[i].head, status);
		assert_has(out.ptr, cases[i].has);
		lnr_buf_done(&out);
		taken += status == 200;
		if (status == 200)
			assert_queued(&b, cases[i].body);
		assert_none_queued(&b);
		struct lnr_audit_web_stats s = stats(&b);
		assert_int_equal(s.requests, i + 1);
		assert_int_equal(s.taken, taken);
		assert_int_equal(s.refused_bad, i + 1 - taken);
		assert_int_equal(s.refused_auth + s.refused_full + s.refused_limit, 0);
	}
	/* One message stands for all of them. */
	assert_int_equal(b.messages, 1);
	bench_stop(&b);
}

static void matches_paths(void **state)
{
	(void)state;
	static const struct {
		const char *url, *path;
		int status;
	} cases[] = {
		{"http://127.0.0.1:0/a/", "/a/", 200},
		{"http://127.0.0.1:0/a/", "/a/b/c", 200},
		{"http://127.0.0.1:0/a/", "/a", 404},
		{"http://127.0.0.1:0/a/", "/ab/", 404},
		{"http://127.0.0.1:0/", "/", 200},
		{"http://127.0.0.1:0/", "/any/thing", 200},
		{"http://127.0.0.1:0/a%20b", "/a%20b", 200},
		{"http://127.0.0.1:0/a?x=y", "/a", 200},
		{"http://localhost:0/a", "/a", 200},
		{"http://:0/a", "/a", 200},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		struct bench b;
		struct lnr_audit_web_opts o = bench_opts;
		char head[256];
		o.url = cases[i].url;
		bench_start(&b, &o, 10);
		snprintf(head, sizeof(head),
			"POST %s HTTP/1.1\r\n" JSON "Content-Length: 2\r\n" END, cases[i].path);
		int status = ask(&b, head, "{}", 2, NULL);
		if (status != cases[i].status)
			fail_msg("%s at %s: %d", cases[i].path, cases[i].url, status);
		bench_stop(&b);
	}
}

static void refuses_what_it_cannot_do(void **state)
{
	(void)state;
	static const struct {
		struct lnr_audit_web_opts o;
		const char *why;
	} cases[] = {
		{{.url = "http://127.0.0.1:9765"}, "no path"},
		{{.url = "http://127.0.0.1/k8s-audit"}, "no port"},
		{{.url = "http://127.0.0.1:/k8s-audit"}, "no port"},
		{{.url = "http://127.0.0.1:65536/k8s-audit"}, "no port"},
		{{.url = "http://127.0.0.1:x/k8s-audit"}, "no port"},
		{{.url = "http://::1/k8s-audit"}, "no.such"},
		{{.url = "http://me@127.0.0.1:1/k8s-audit"}, "a user has no place"},
		{{.url = "http://127.0.0.1:0/%zz"}, "escape"},
		{{.url = "http://127.0.0.1:0/%00"}, "escape"},
		{{.url = "ftp://127.0.0.1:0/x"}, "http or https"},
		{{.url = "http://192.0.2.1:9765/x"}, "cannot listen on 192.0.2.1"},
		{{.url = "http://no.such.host.invalid:9765/x"}, "no.such.host.invalid"},
		{{.url = "https://127.0.0.1:0/x"}, "needs a certificate"},
		{{.url = "https://127.0.0.1:0/x", .certificate = "/no/such.pem"}, "/no/such.pem"},
		{{.url = "http://127.0.0.1:0/x", .client_ca = "/x"}, "need an https URL"},
		{{.url = "http://127.0.0.1:0/x", .token_file = "/no/such"}, "/no/such"},
		{{.url = "http://127.0.0.1:0/x", .token_file = "/dev/null"}, "first line is empty"},
		{{.url = "http://127.0.0.1:0/x", .clients = "host"}, "\"host\" is no address"},
		{{.url = "http://127.0.0.1:0/x", .max_body = SIZE_MAX}, "largest body"},
	};
	struct lnr_audit_queue *q = lnr_audit_queue_new(1, 1000);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		struct lnr_audit_web *w = NULL;
		struct lnr_err err = {0};
		struct lnr_audit_web_opts o = cases[i].o;
		o.size = sizeof(o);
		o.max_body = o.max_body ? o.max_body : 1000;
		if (lnr_audit_web_start(&o, q, &w, &err) >= 0)
			fail_msg("%s works", o.url);
		/* Two colons in a row are taken for a host and a port that is none. */
		if (strcmp(cases[i].why, "no.such") != 0)
			assert_has(err.msg, cases[i].why);
		assert_null(w);
	}
	struct lnr_err err = {0};
	struct lnr_audit_web *w;
	struct lnr_audit_web_opts o = bench_opts;
	o.size--;
	assert_code(lnr_audit_web_start(&o, q, &w, &err), -EINVAL);
	o.size++;
	o.max_body = 0;
	assert_code(lnr_audit_web_start(&o, q, &w, &err), -EINVAL);
	lnr_audit_queue_free(q);
}

/* --- bodies --- */

static void bounds_bodies(void **state)
{
	(void)state;
	struct bench b;
	char text[1002], chunked[1200];
	memset(text, 'x', sizeof(text) - 1);
	text[1001] = '\0';
	bench_start(&b, &bench_opts, 10);
	assert_int_equal(post(&b, "", text + 1), 200);
	assert_queued(&b, text + 1);
	assert_int_equal(post(&b, "", text), 400);
	assert_int_equal(stats(&b).refused_limit, 1);
	/* Where the length is only seen as it comes. */
	static const char head[] = "POST /k8s-audit HTTP/1.1\r\n" JSON
				   "Transfer-Encoding: chunked\r\n" END;
	snprintf(chunked, sizeof(chunked), "3e8\r\n%s\r\n0\r\n\r\n", text + 1);
	assert_int_equal(ask(&b, head, chunked, strlen(chunked), NULL), 200);
	assert_queued(&b, text + 1);
	snprintf(chunked, sizeof(chunked), "3e9\r\n%s\r\n0\r\n\r\n", text);
	assert_int_equal(ask(&b, head, chunked, strlen(chunked), NULL), 400);
	assert_int_equal(stats(&b).refused_limit, 2);
	assert_none_queued(&b);
	/* Without end: no answer, but the end of the connection. */
	int fd = dial(&b);
	say(fd, head);
	for (int i = 0; i < 10; i++)
		say_bytes(fd, chunked,
			(size_t)snprintf(chunked, sizeof(chunked), "3e8\r\n%s\r\n", text + 1));
	struct lnr_buf out;
	lnr_buf_init(&out, 0);
	hear_all(fd, &out);
	lnr_buf_done(&out);
	close(fd);
	assert_int_equal(stats(&b).refused_limit, 3);
	/* A length beyond all reason is not waited for. */
	assert_int_equal(
		ask(&b, "POST /k8s-audit HTTP/1.1\r\n" JSON "Content-Length: 999999999999\r\n" END,
			"", 0, NULL),
		400);
	assert_none_queued(&b);
	assert_int_equal(stats(&b).taken, 2);
	bench_stop(&b);
}

static void puts_pieces_together(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_audit_web_opts o = bench_opts;
	struct lnr_buf out, want;
	o.max_body = 1 << 20;
	bench_start(&b, &o, 10);
	lnr_buf_init(&out, 0);
	lnr_buf_init(&want, 0);
	int fd = dial(&b);
	say(fd, "POST /k8s-audit HTTP/1.1\r\n" JSON "Transfer-Encoding: chunked\r\n" END);
	for (int i = 0; i < 300; i++) {
		char chunk[1200], text[1000];
		int n = snprintf(text, sizeof(text), "%*d,", 1 + i * 3, i);
		lnr_buf_add(&want, text, (size_t)n);
		say_bytes(fd, chunk,
			(size_t)snprintf(
				chunk, sizeof(chunk), "%x;a=b\r\n%s\r\n", (unsigned)n, text));
	}
	say(fd, "0\r\nTrailer: x\r\n\r\n");
	hear_all(fd, &out);
	assert_has(out.ptr, "HTTP/1.1 200 ");
	close(fd);
	assert_queued(&b, want.ptr);
	lnr_buf_done(&want);
	lnr_buf_done(&out);
	bench_stop(&b);
}

static void answers_who_asks_before_sending(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_buf out;
	bench_start(&b, &bench_opts, 10);
	lnr_buf_init(&out, 0);
	int fd = dial(&b);
	say(fd, "POST /k8s-audit HTTP/1.1\r\n" JSON
		"Content-Length: 2\r\nExpect: 100-continue\r\n" END);
	hear(fd, &out);
	assert_str(lnr_buf_view(&out), "HTTP/1.1 100 Continue\r\n\r\n");
	say(fd, "{}");
	hear_all(fd, &out);
	assert_has(out.ptr, "HTTP/1.1 200 ");
	assert_queued(&b, "{}");
	close(fd);
	/* What would be refused is not asked for. */
	lnr_buf_clear(&out);
	assert_int_equal(ask(&b,
				 "POST /k8s-audit HTTP/1.1\r\n" JSON
				 "Content-Length: 1001\r\nExpect: 100-continue\r\n" END,
				 "", 0, &out),
		400);
	assert_null(strstr(out.ptr, "100 Continue"));
	lnr_buf_done(&out);
	bench_stop(&b);
}

static void says_when_it_is_full(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_buf out;
	bench_start(&b, &bench_opts, 1);
	lnr_buf_init(&out, 0);
	assert_int_equal(post(&b, "", "1"), 200);
	assert_int_equal(post(&b, "", "2"), 429);
	assert_int_equal(ask(&b, "POST /k8s-audit HTTP/1.1\r\n" JSON "Content-Length: 1\r\n" END,
				 "3", 1, &out),
		429);
	assert_has(out.ptr, "Retry-After: 1\r\n");
	assert_int_equal(stats(&b).refused_full, 2);
	assert_queued(&b, "1");
	assert_int_equal(post(&b, "", "4"), 200);
	assert_queued(&b, "4");
	lnr_audit_queue_close(b.queue);
	assert_int_equal(post(&b, "", "5"), 503);
	assert_int_equal(stats(&b).taken, 2);
	lnr_buf_done(&out);
	bench_stop(&b);
}

static void answers_in_order(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_buf out;
	bench_start(&b, &bench_opts, 10);
	lnr_buf_init(&out, 0);
	int fd = dial(&b);
	say(fd, "POST /k8s-audit HTTP/1.1\r\nHost: x\r\n" JSON "Content-Length: 1\r\n\r\n1"
		"POST /other HTTP/1.1\r\nHost: x\r\n" JSON "Content-Length: 1\r\n\r\n2"
		"POST /k8s-audit HTTP/1.1\r\n" JSON "Content-Length: 1\r\n" END "3");
	hear_all(fd, &out);
	close(fd);
	const char *one = strstr(out.ptr, "HTTP/1.1 200"), *two = strstr(out.ptr, "HTTP/1.1 404");
	assert_true(one && two && one < two && strstr(two, "HTTP/1.1 200"));
	assert_queued(&b, "1");
	assert_queued(&b, "3");
	lnr_buf_done(&out);
	bench_stop(&b);
}

static void counts_what_is_broken(void **state)
{
	(void)state;
	static const struct {
		const char *head, *body;
	} cases[] = {
		{JSON "Content-Length: x\r\n" END, "{}"},
		{JSON "Content-Length: -1\r\n" END, "{}"},
		{JSON "Content-Length: 99999999999999999999999\r\n" END, "{}"},
		{JSON "Transfer-Encoding: chunked\r\n" END, "zz\r\n{}"},
		{JSON "Transfer-Encoding: chunked\r\n" END, "2\r\n{}xx0\r\n\r\n"},
		/* Shorter than it says. */
		{JSON "Content-Length: 100\r\n" END, "{}"},
		{"no colon here\r\n\r\n", ""},
		/* What stands alone is no header of a request. */
		{NULL, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello\r\n\r\n"},
		{NULL, "what?\r\n\r\n"},
		{NULL, "POST /k8s-audit HTTP/3.7\r\n" END},
	};
	struct bench b;
	bench_start(&b, &bench_opts, 10);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		struct lnr_buf out;
		lnr_buf_init(&out, 0);
		int fd = dial(&b);
		if (cases[i].head)
			say(fd, "POST /k8s-audit HTTP/1.1\r\n");
		say(fd, cases[i].head ? cases[i].head : "");
		say(fd, cases[i].body);
		shutdown(fd, SHUT_WR);
		hear_all(fd, &out);
		close(fd);
		if (out.len && (out.len < 12 || (out.ptr[9] != '4' && out.ptr[9] != '5')))
			fail_msg("case %zu: %s", i, out.ptr);
		lnr_buf_done(&out);
		struct lnr_audit_web_stats s;
		wait_until((s = stats(&b)).refused_bad == i + 1);
		assert_none_queued(&b);
	}
	/* A header without end. */
	int fd = dial(&b);
	struct lnr_buf out;
	lnr_buf_init(&out, 0);
	say(fd, "POST /k8s-audit HTTP/1.1\r\nHost: x\r\n");
	for (int i = 0; i < 2000; i++)
		say(fd, "X-More: 0123456789012345678901234567890123456789\r\n");
	hear_all(fd, &out);
	wait_until(stats(&b).refused_bad == LNR_ARRAY_SIZE(cases) + 1);
	close(fd);
	lnr_buf_done(&out);
	/* Nobody has said anything: a look at the port. */
	close(dial(&b));
	wait_until(stats(&b).open == 0 && stats(&b).connections == LNR_ARRAY_SIZE(cases) + 2);
	assert_int_equal(stats(&b).refused_bad, LNR_ARRAY_SIZE(cases) + 1);
	assert_int_equal(post(&b, "", "{}"), 200);
	bench_stop(&b);
}

static void bounds_all_bodies(void **state)
{
	(void)state;
	enum { BODY = 16 << 20 };
	struct bench b;
	struct lnr_audit_web_opts o = bench_opts;
	struct lnr_buf out;
	int fds[4];
	char *body = calloc(1, BODY), head[256];
	assert_non_null(body);
	o.max_body = BODY;
	bench_start(&b, &o, 10);
	lnr_buf_init(&out, 0);
	snprintf(head, sizeof(head),
		"POST /k8s-audit HTTP/1.1\r\n" JSON "Content-Length: %d\r\n" END, BODY);
	/* Two of one address are half of all, and a third is too many; another address is not. */
	for (unsigned i = 0; i < 4; i++) {
		fds[i] = dial_from(&b, i < 3 ? 1 : 2);
		say(fds[i], head);
		say_bytes(fds[i], body, BODY - 1);
		if (i < 2)
			wait_until(stats(&b).requests == i + 1);
	}
	wait_until(stats(&b).refused_full == 1);
	for (unsigned i = 4; i--;) {
		say(fds[i], "x");
		lnr_buf_clear(&out);
		hear_all(fds[i], &out);
		assert_has(out.ptr, i == 2 ? "HTTP/1.1 429 " : "HTTP/1.1 200 ");
		close(fds[i]);
	}
	assert_int_equal(stats(&b).taken, 3);
	/* What they held is given back. */
	assert_int_equal(post(&b, "", "{}"), 200);
	lnr_buf_done(&out);
	free(body);
	bench_stop(&b);
}

/* --- connections --- */

static void bounds_connections(void **state)
{
	(void)state;
	enum { EACH = LNR_AUDIT_WEB_PER_ADDRESS_MAX, ALL = LNR_AUDIT_WEB_CONNECTIONS_MAX };
	struct bench b;
	int fds[ALL];
	bench_start(&b, &bench_opts, 10);
	for (unsigned i = 0; i < EACH; i++)
		fds[i] = dial(&b);
	wait_until(stats(&b).open == EACH);
	assert_closed(dial(&b));
	assert_int_equal(stats(&b).refused_limit, 1);
	/* Others are not shut out, until all together are too many. */
	for (unsigned i = EACH; i < ALL; i++)
		fds[i] = dial_from(&b, 1 + i / EACH);
	wait_until(stats(&b).open == ALL);
	assert_closed(dial_from(&b, 9));
	assert_int_equal(stats(&b).refused_limit, 2);
	/* Those that go on saying nothing make room for one that has something to say. */
	__atomic_add_fetch(&b.ahead_ns, 3 * LNR_NS_PER_SEC, __ATOMIC_RELAXED);
	assert_int_equal(post(&b, "", "{}"), 200);
	assert_queued(&b, "{}");
	int fd = dial_from(&b, 9);
	assert_int_equal(ask_on(fd, "POST /k8s-audit HTTP/1.1\r\n" JSON "Content-Length: 2\r\n" END,
				 "{}", 2, NULL),
		200);
	close(fd);
	assert_true(stats(&b).refused_limit >= 3);
	for (unsigned i = 0; i < ALL; i++)
		close(fds[i]);
	wait_until(stats(&b).open == 0);
	bench_stop(&b);
}

static void does_not_wait_for_ever(void **state)
{
	(void)state;
	static const char good[] = "POST /k8s-audit HTTP/1.1\r\nHost: x\r\n" JSON
				   "Content-Length: 1\r\n\r\n1";
	struct bench b;
	struct lnr_buf out;
	bench_start(&b, &bench_opts, 10);
	lnr_buf_init(&out, 0);
	int silent = dial(&b), header = dial(&b), body = dial(&b), used = dial(&b);
	say(header, "POST /k8s-audit HTTP/1.1\r\n");
	say(body, "POST /k8s-audit HTTP/1.1\r\n" JSON "Content-Length: 100\r\n" END);
	say(used, good);
	hear(used, &out);
	assert_has(out.ptr, " 200 ");
	wait_until(stats(&b).requests == 2);
	/* Each goes on as slowly as it can. */
	pass(&b, LNR_AUDIT_WEB_HEADER_S - 2);
	say(header, "X: y\r\n");
	say(body, "x");
	pass(&b, 3);
	assert_closed(silent);
	hear_all(header, &out);
	close(header);
	wait_until(stats(&b).refused_limit == 2);
	pass(&b, LNR_AUDIT_WEB_BODY_S - LNR_AUDIT_WEB_HEADER_S - 4);
	say(body, "x");
	wait_until(stats(&b).open == 2);
	pass(&b, 5);
	assert_closed(body);
	wait_until(stats(&b).refused_limit == 3);
	/* Who was of use may be silent for longer, and is no refusal in the end. */
	pass(&b, LNR_AUDIT_WEB_IDLE_S - LNR_AUDIT_WEB_BODY_S - 10);
	lnr_buf_clear(&out);
	say(used, good);
	hear(used, &out);
	assert_has(out.ptr, " 200 ");
	/* By the time this is answered, the thread has noticed that the one before is away. */
	assert_int_equal(post(&b, "", "{}"), 200);
	pass(&b, LNR_AUDIT_WEB_IDLE_S + 1);
	assert_closed(used);
	wait_until(stats(&b).open == 0);
	assert_int_equal(stats(&b).refused_limit, 3);
	assert_int_equal(stats(&b).refused_bad, 0);
	lnr_buf_done(&out);
	bench_stop(&b);
}

static void turns_strangers_away(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_audit_web_opts o = bench_opts;
	o.clients = "192.0.2.0/24, 127.0.0.1";
	bench_start(&b, &o, 10);
	assert_int_equal(post(&b, "", "{}"), 200);
	assert_closed(dial_from(&b, 2));
	assert_int_equal(stats(&b).refused_client, 1);
	assert_int_equal(stats(&b).requests, 1);
	bench_stop(&b);
	assert_has(b.last, "127.0.0.2: address not allowed");
}

static void needs_its_token(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_test_dir dir;
	struct lnr_buf out;
	struct lnr_audit_web_opts o = bench_opts;
	static const char *const wrong[] = {"", "Authorization: Bearer\r\n",
		"Authorization: Bearer \r\n", "Authorization: Bearer s3cre\r\n",
		"Authorization: Bearer s3crett\r\n", "Authorization: Basic s3cret\r\n",
		"Authorization: s3cret\r\n", "Authorization: Bearer S3CRET\r\n"};
	lnr_test_dir_init(&dir);
	char *path = lnr_test_file(&dir, "token", LNR_STR(" s3cret \r\nmore\n"));
	o.token_file = path;
	bench_start(&b, &o, 100);
	lnr_buf_init(&out, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(wrong); i++) {
		if (post(&b, wrong[i], "{}") != 401)
			fail_msg("\"%s\" is taken", wrong[i]);
		assert_int_equal(stats(&b).refused_auth, i + 1);
	}
	assert_int_equal(ask(&b, "POST /k8s-audit HTTP/1.1\r\n" JSON "Content-Length: 2\r\n" END,
				 "{}", 2, &out),
		401);
	assert_has(out.ptr, "WWW-Authenticate: Bearer\r\n");
	assert_none_queued(&b);
	assert_int_equal(post(&b, "Authorization: Bearer s3cret\r\n", "{}"), 200);
	assert_int_equal(post(&b, "authorization: bearer   s3cret\r\n", "{}"), 200);
	/* A new one holds from the next look at the file; an empty one never does. */
	free(lnr_test_file(&dir, "token", LNR_STR("other\n")));
	__atomic_add_fetch(&b.ahead_ns, 2 * LNR_NS_PER_SEC, __ATOMIC_RELAXED);
	assert_int_equal(post(&b, "Authorization: Bearer s3cret\r\n", "{}"), 401);
	assert_int_equal(post(&b, "Authorization: Bearer other\r\n", "{}"), 200);
	free(lnr_test_file(&dir, "token", LNR_STR("\n")));
	__atomic_add_fetch(&b.ahead_ns, 2 * LNR_NS_PER_SEC, __ATOMIC_RELAXED);
	assert_int_equal(post(&b, "Authorization: Bearer \r\n", "{}"), 401);
	assert_int_equal(post(&b, "Authorization: Bearer other\r\n", "{}"), 200);
	lnr_buf_done(&out);
	bench_stop(&b);
	lnr_test_dir_done(&dir);
	free(path);
}

/* --- the end --- */

static void *stop_it(void *arg)
{
	struct bench *b = arg;
	b->web = lnr_audit_web_stop(b->web);
	return NULL;
}

static void finishes_what_is_under_way(void **state)
{
	(void)state;
	static const char head[] = "POST /k8s-audit HTTP/1.1\r\n" JSON
				   "Host: x\r\nContent-Length: 100\r\n\r\n";
	struct bench b;
	struct lnr_buf out;
	pthread_t t;
	char rest[100];
	bench_start(&b, &bench_opts, 10);
	lnr_buf_init(&out, 0);
	memset(rest, 'x', sizeof(rest));
	int good = dial(&b), stuck = dial(&b), idle = dial(&b);
	say(good, head);
	say(stuck, head);
	wait_until(stats(&b).requests == 2 && stats(&b).open == 3);
	assert_int_equal(pthread_create(&t, NULL, stop_it, &b), 0);
	/* Nothing new, and nobody who has nothing to do. */
	assert_closed(idle);
	say_bytes(good, rest, sizeof(rest));
	hear_all(good, &out);
	assert_has(out.ptr, "HTTP/1.1 200 ");
	assert_has(out.ptr, "Connection: close\r\n");
	close(good);
	__atomic_add_fetch(&b.ahead_ns, 5 * LNR_NS_PER_SEC, __ATOMIC_RELAXED);
	pthread_join(t, NULL);
	assert_null(b.web);
	assert_closed(stuck);
	size_t len;
	char *doc = lnr_audit_queue_take(b.queue, 0, &len);
	assert_int_equal(len, 100);
	free(doc);
	lnr_audit_queue_free(b.queue);
	lnr_buf_done(&out);
}

static void ends_in_time(void **state)
{
	(void)state;
	struct bench b;
	bench_start(&b, &bench_opts, 10);
	int fd = dial(&b);
	say(fd, "POST /k8s-audit HTTP/1.1\r\n" JSON "Content-Length: 100\r\n" END);
	wait_until(stats(&b).requests == 1);
	uint64_t before = lnr_mono_ns(lnr_clock_system());
	bench_stop(&b);
	uint64_t took_ms = (lnr_mono_ns(lnr_clock_system()) - before) / LNR_NS_PER_MS;
	/* 5 s are the promise; a busy machine may be late by another. */
	assert_in_range(took_ms, LNR_AUDIT_WEB_STOP_MS - 100, 6000);
	assert_closed(fd);
}

/* Capabilities of the thread that serves; a sanitizer may have one of its own beside it. */
static void has_no_rights(void **state)
{
	(void)state;
	struct bench b;
	char path[64], line[128];
	unsigned long long rights, least = UINT64_MAX;
	bench_start(&b, &bench_opts, 10);
	assert_int_equal(post(&b, "", "{}"), 200);
	DIR *tasks = opendir("/proc/self/task");
	assert_non_null(tasks);
	for (struct dirent *d; (d = readdir(tasks));) {
		if (d->d_name[0] == '.' || atoi(d->d_name) == getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%.20s/status", d->d_name);
		FILE *f = fopen(path, "r");
		while (f && fgets(line, sizeof(line), f)) {
			if (sscanf(line, "CapPrm: %llx", &rights) == 1 && rights < least)
				least = rights;
		}
		if (f)
			fclose(f);
	}
	closedir(tasks);
	assert_int_equal(least, 0);
	bench_stop(&b);
}

static void port_is_free_afterwards(void **state)
{
	(void)state;
	struct bench b;
	char url[64];
	struct lnr_audit_web_opts o = bench_opts;
	bench_start(&b, &bench_opts, 10);
	assert_int_equal(post(&b, "", "{}"), 200);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/k8s-audit", b.port);
	bench_stop(&b);
	o.url = url;
	bench_start(&b, &o, 10);
	assert_int_equal(post(&b, "", "{}"), 200);
	bench_stop(&b);
}

static int serve_once(void *arg)
{
	struct bench *b = arg;
	struct lnr_audit_web_opts o = bench_opts;
	o.clients = "127.0.0.0/8";
	b->queue = lnr_audit_queue_new(2, 1000);
	if (!b->queue)
		return -ENOMEM;
	int r = lnr_audit_web_start(&o, b->queue, &b->web, NULL);
	if (!r) {
		b->port = lnr_audit_web_port(b->web);
		int fd = dial(b);
		int status = ask_on(fd,
			"POST /k8s-audit HTTP/1.1\r\n" JSON "Content-Length: 2\r\n" END, "{}", 2,
			NULL);
		close(fd);
		/* 0: there was no memory for the connection, or for its answer. */
		r = status == 200 ? 0 : status == 0 || status == 429 ? -ENOMEM : -EPROTO;
		b->web = lnr_audit_web_stop(b->web);
	}
	b->queue = lnr_audit_queue_free(b->queue);
	return r;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	struct bench b = {0};
	lnr_test_each_alloc_may_fail(serve_once, &b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_as_specified),
		cmocka_unit_test(matches_paths),
		cmocka_unit_test(refuses_what_it_cannot_do),
		cmocka_unit_test(bounds_bodies),
		cmocka_unit_test(puts_pieces_together),
		cmocka_unit_test(answers_who_asks_before_sending),
		cmocka_unit_test(says_when_it_is_full),
		cmocka_unit_test(answers_in_order),
		cmocka_unit_test(counts_what_is_broken),
		cmocka_unit_test(bounds_all_bodies),
		cmocka_unit_test(bounds_connections),
		cmocka_unit_test(does_not_wait_for_ever),
		cmocka_unit_test(turns_strangers_away),
		cmocka_unit_test(needs_its_token),
		cmocka_unit_test(finishes_what_is_under_way),
		cmocka_unit_test(ends_in_time),
		cmocka_unit_test(has_no_rights),
		cmocka_unit_test(port_is_free_afterwards),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
