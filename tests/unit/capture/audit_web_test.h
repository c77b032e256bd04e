/* SPDX-License-Identifier: Apache-2.0 */
/* A webhook on a port of its own, a clock that can be moved, and a client that writes what it
 * likes. */
#ifndef LNR_TESTS_UNIT_CAPTURE_AUDIT_WEB_TEST_H
#define LNR_TESTS_UNIT_CAPTURE_AUDIT_WEB_TEST_H

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/buf.h"
#include "capture/audit.h"
#include "lib/test.h"
#include "schema/limits.h"

struct bench {
	struct lnr_clock clock; /* first: this is also what the webhook gets */
	uint64_t ahead_ns;	/* atomic: of the system's clock */
	struct lnr_audit_queue *queue;
	struct lnr_audit_web *web;
	uint16_t port;
	struct lnr_log log;
	unsigned messages; /* atomic */
	char last[512];	   /* message; for after the webhook's end */
};

static inline uint64_t bench_mono(const struct lnr_clock *c)
{
	const struct bench *b = (const struct bench *)c;
	return lnr_mono_ns(lnr_clock_system()) + __atomic_load_n(&b->ahead_ns, __ATOMIC_RELAXED);
}

static inline void bench_log(struct lnr_log *log, enum lnr_log_level level, const char *msg)
{
	struct bench *b = log->user;
	if (level > LNR_LOG_NOTICE)
		return;
	__atomic_add_fetch(&b->messages, 1, __ATOMIC_RELAXED);
	snprintf(b->last, sizeof(b->last), "%s", msg);
}

static const struct lnr_audit_web_opts bench_opts = {
	.size = sizeof(bench_opts), .url = "http://127.0.0.1:0/k8s-audit", .max_body = 1000};

static inline void bench_start(struct bench *b, const struct lnr_audit_web_opts *opts, size_t docs)
{
	struct lnr_audit_web_opts o = *opts;
	struct lnr_err err = {0};
	*b = (struct bench){.clock = {.mono_ns = bench_mono}};
	b->log = (struct lnr_log){LNR_LOG_DEBUG, bench_log, b};
	o.clock = &b->clock;
	o.log = &b->log;
	b->queue = lnr_audit_queue_new(docs, 256u << 20);
	assert_non_null(b->queue);
	assert_ok(lnr_audit_web_start(&o, b->queue, &b->web, &err), &err);
	b->port = lnr_audit_web_port(b->web);
	assert_true(b->port != 0);
}

static inline void bench_stop(struct bench *b)
{
	b->web = lnr_audit_web_stop(b->web);
	b->queue = lnr_audit_queue_free(b->queue);
}

/* A connection from 127.0.0.`host`. */
static inline int dial_from(const struct bench *b, unsigned host)
{
	struct sockaddr_in from = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host)};
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(b->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static inline int dial(const struct bench *b)
{
	return dial_from(b, 1);
}

static inline void say_bytes(int fd, const void *data, size_t len)
{
	const char *p = data;
	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
		/* The other side may have had enough. */
		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

static inline void say(int fd, const char *text)
{
	say_bytes(fd, text, strlen(text));
}

/* Wait for something to read; fails the test after 10 s. */
static inline void wait_for(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	if (poll(&p, 1, 10000) <= 0)
		fail_msg("no answer");
}

/* Whatever comes next. False at the end of the connection. */
static inline bool hear(int fd, struct lnr_buf *to)
{
	char buf[4096];
	wait_for(fd);
	ssize_t n = recv(fd, buf, sizeof(buf), 0);
	if (n > 0)
		lnr_buf_add(to, buf, (size_t)n);
	return n > 0;
}

/* All of it until the other side closes. */
static inline void hear_all(int fd, struct lnr_buf *to)
{
	while (hear(fd, to))
		;
}

static inline void assert_closed(int fd)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	hear_all(fd, &b);
	assert_str(lnr_buf_view(&b), "");
	lnr_buf_done(&b);
	close(fd);
}

/* Status of the answer to a request on a connection of its own; its text goes into `ret` if any. */
static inline int ask_on(
	int fd, const char *head, const void *body, size_t len, struct lnr_buf *ret)
{
	struct lnr_buf b;
	int status = 0;
	lnr_buf_init(&b, 0);
	say(fd, head);
	say_bytes(fd, body, len);
	hear_all(fd, &b);
	if (b.len > 12 && memcmp(b.ptr, "HTTP/1.1 ", 9) == 0)
		status = atoi(b.ptr + 9);
	if (ret)
		lnr_buf_str(ret, lnr_buf_view(&b));
	lnr_buf_done(&b);
	return status;
}

static inline int ask(
	const struct bench *b, const char *head, const void *body, size_t len, struct lnr_buf *ret)
{
	int fd = dial(b);
	int status = ask_on(fd, head, body, len, ret);
	close(fd);
	return status;
}

/* A good request with this body, but for what `more` says. */
static inline int post(const struct bench *b, const char *more, const char *body)
{
	char head[512];
	snprintf(head, sizeof(head),
		"POST /k8s-audit HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n",
		strlen(body), more);
	return ask(b, head, body, strlen(body), NULL);
}

static inline struct lnr_audit_web_stats stats(const struct bench *b)
{
	struct lnr_audit_web_stats s;
	lnr_audit_web_stats(b->web, &s);
	return s;
}

/* The oldest document is this one. */
static inline void assert_queued(const struct bench *b, const char *want)
{
	size_t len;
	char *doc = lnr_audit_queue_take(b->queue, 2000, &len);
	assert_non_null(doc);
	assert_str(((struct lnr_str){doc, len}), want);
	free(doc);
}

static inline void assert_none_queued(const struct bench *b)
{
	size_t len;
	assert_null(lnr_audit_queue_take(b->queue, 0, &len));
}

/* Counters move when the webhook's thread comes by; 10 s at most. */
#define wait_until(condition)                                          \
	do {                                                           \
		int left_ = 2000;                                      \
		while (!(condition) && left_--)                        \
			usleep(5000);                                  \
		if (!(condition))                                      \
			fail_msg("%s does not come true", #condition); \
	} while (0)

/* Let time pass, and wake the thread by a connection that says nothing. */
static inline void pass(struct bench *b, unsigned seconds)
{
	__atomic_add_fetch(&b->ahead_ns, seconds * LNR_NS_PER_SEC, __ATOMIC_RELAXED);
	close(dial_from(b, 99));
}

#endif
