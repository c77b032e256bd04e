/* SPDX-License-Identifier: Apache-2.0 */
/* The delivery queue and the destinations (spec engine-config-cli 2.4, 5.3). */
#include "lanner/outputs.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/util.h"
#include "lanner/alert.h"
#include "lanner/config.h"
#include "lib/failalloc.h"
#include "lib/test.h"

#define TS UINT64_C(1700000102123456789)

/* --- what all tests use --- */

struct bench {
	struct lnr_test_dir dir;
	struct lnr_config *config;
	struct lnr_log log;
	pthread_mutex_t lock;
	char said[4096]; /* everything that was logged */
	struct lnr_outputs *out;
};

static void keep_log(struct lnr_log *log, enum lnr_log_level level, const char *msg)
{
	struct bench *b = log->user;
	(void)level;
	pthread_mutex_lock(&b->lock);
	size_t n = strlen(b->said);
	snprintf(b->said + n, sizeof(b->said) - n, "%s\n", msg);
	pthread_mutex_unlock(&b->lock);
}

/* "@" in an option becomes the directory. */
static int start(struct bench *b, const char *const *options)
{
	char texts[8][512];
	const char *list[9] = {0};
	struct lnr_err err = {0};
	memset(b, 0, sizeof(*b));
	lnr_test_dir_init(&b->dir);
	pthread_mutex_init(&b->lock, NULL);
	b->log = (struct lnr_log){.max = LNR_LOG_DEBUG, .sink = keep_log, .user = b};
	for (int i = 0; options[i]; i++) {
		const char *at = strchr(options[i], '@');
		assert_true(i < 8);
		snprintf(texts[i], sizeof(texts[i]), "%.*s%s%s",
			(int)(at ? at - options[i] : (ptrdiff_t)strlen(options[i])), options[i],
			at ? b->dir.path : "", at ? at + 1 : "");
		list[i] = texts[i];
	}
	assert_ok(lnr_config_new(&b->config, &err), &err);
	assert_ok(lnr_config_load(b->config, NULL, list, &err), &err);
	const struct lnr_outputs_opts o = {
		.size = sizeof(o), .config = b->config, .log = &b->log, .unbuffered = true};
	return lnr_outputs_new(&o, &b->out, &err);
}

static void stop(struct bench *b)
{
	b->out = lnr_outputs_free(b->out);
}

static void done(struct bench *b)
{
	stop(b);
	lnr_config_free(b->config);
	pthread_mutex_destroy(&b->lock);
	lnr_test_dir_done(&b->dir);
}

/* An internal message: it has no time in JSON's output and needs no rule set. */
static bool alert(struct bench *b, int priority, const char *words)
{
	struct lnr_alert *a;
	assert_code(lnr_alert_internal("r", priority, TS, words, NULL, "n1", &a), 0);
	bool ok = lnr_outputs_send(b->out, a);
	lnr_alert_unref(a);
	return ok;
}

static char *content(struct bench *b, const char *name)
{
	char *path = lnr_test_path(&b->dir, name), *text = NULL;
	size_t len;
	if (lnr_read_file(path, 1 << 20, &text, &len, NULL))
		text = strdup("");
	free(path);
	return text;
}

/* The message words of each line of a file, joined by blanks. */
static void holds(struct bench *b, const char *name, const char *want)
{
	LNR_AUTO_FREE char *text = content(b, name);
	struct lnr_buf got;
	lnr_buf_init(&got, 0);
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = 0;
		const char *word = strrchr(line, ' ');
		lnr_buf_printf(&got, "%s%s", got.len ? " " : "", word ? word + 1 : line);
	}
	assert_str(lnr_buf_view(&got), want);
	lnr_buf_done(&got);
}

/* Up to five seconds for another thread to do something. */
static void wait_for_line(struct bench *b, const char *name, const char *word)
{
	for (int i = 0; i < 500; i++) {
		LNR_AUTO_FREE char *text = content(b, name);
		if (strstr(text, word))
			return;
		usleep(10000);
	}
	fail_msg("\"%s\" did not come to %s", word, name);
}

/* --- the queue --- */

static void delivers_in_order(void **state)
{
	(void)state;
	struct bench b;
	char word[16];
	struct lnr_buf want;
	assert_code(start(&b, (const char *const[]){"file_output.enabled=true",
				      "file_output.filename=@/o", NULL}),
		0);
	lnr_buf_init(&want, 0);
	for (int i = 0; i < 200; i++) {
		snprintf(word, sizeof(word), "m%d", i);
		assert_true(alert(&b, i % 8, word));
		lnr_buf_printf(&want, "%s%s", i ? " " : "", word);
	}
	stop(&b);
	holds(&b, "o", want.ptr);
	lnr_buf_done(&want);
	done(&b);
}

static void counts_what_is_delivered(void **state)
{
	(void)state;
	struct bench b;
	assert_code(start(&b, (const char *const[]){"file_output.enabled=true",
				      "file_output.filename=@/o", NULL}),
		0);
	alert(&b, 4, "one");
	wait_for_line(&b, "o", "one");
	for (int i = 0; i < 500 && lnr_outputs_delivered(b.out) == 0; i++)
		usleep(10000);
	assert_int_equal(lnr_outputs_delivered(b.out), 1);
	assert_int_equal(lnr_outputs_dropped(b.out), 0);
	done(&b);
}

/*
 * A program that waits for a file to appear holds the worker; meanwhile the queue fills. The least
 * urgent goes, of equals the youngest.
 */
static void drops_the_least_urgent(void **state)
{
	(void)state;
	struct bench b;
	assert_code(start(&b, (const char *const[]){"program_output.enabled=true",
				      "program_output.program=cd @; touch begun; until [ -e go ]; "
				      "do sleep 0.01; done; cat >> got",
				      "outputs_queue.capacity=3", "output_timeout=20000", NULL}),
		0);
	alert(&b, 4, "first");
	char *begun = lnr_test_path(&b.dir, "begun");
	for (int i = 0; i < 500 && access(begun, F_OK); i++)
		usleep(10000);
	assert_true(alert(&b, 6, "info1"));
	assert_true(alert(&b, 6, "info2"));
	assert_true(alert(&b, 4, "warn"));
	assert_false(alert(&b, 7, "debug")); /* itself the least urgent */
	assert_false(alert(&b, 6, "info3")); /* as urgent as others, but younger */
	assert_false(alert(&b, 2, "crit"));  /* takes the place of info2 */
	assert_int_equal(lnr_outputs_dropped(b.out), 3);
	free(lnr_test_file(&b.dir, "go", LNR_STR("")));
	stop(&b);
	holds(&b, "got", "first info1 warn crit");
	assert_has(b.said, "queue is full");
	assert_null(strstr(strstr(b.said, "queue is full") + 1, "queue is full"));
	free(begun);
	done(&b);
}

static void needs_an_output(void **state)
{
	(void)state;
	struct bench b;
	assert_code(start(&b, (const char *const[]){"stdout_output.enabled=false", NULL}), -ENODEV);
	done(&b);
}

/* A delivery that is stuck: said, the rest given up, itself finished. */
static void gives_up_what_waits_behind_a_block(void **state)
{
	(void)state;
	struct bench b;
	assert_code(start(&b, (const char *const[]){"program_output.enabled=true",
				      "program_output.program=sleep 0.5; cat >> @/got",
				      "output_timeout=50", NULL}),
		0);
	alert(&b, 4, "one");
	alert(&b, 4, "two");
	alert(&b, 4, "three");
	usleep(20000);
	stop(&b);
	holds(&b, "got", "one");
	assert_has(b.said, "program output blocks");
	assert_has(b.said, "2 alerts are given up");
	done(&b);
}

static void *sender(void *arg)
{
	struct bench *b = arg;
	for (int i = 0; i < 250; i++)
		alert(b, 5, "x");
	return NULL;
}

static void many_threads_send(void **state)
{
	(void)state;
	struct bench b;
	pthread_t t[4];
	assert_code(
		start(&b, (const char *const[]){"file_output.enabled=true",
				  "file_output.filename=@/o", "file_output.keep_alive=true", NULL}),
		0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, sender, &b), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	stop(&b);
	LNR_AUTO_FREE char *text = content(&b, "o");
	size_t lines = 0;
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 1000);
	done(&b);
}

/* --- file --- */

static void file_is_made_at_the_first_alert(void **state)
{
	(void)state;
	struct bench b;
	assert_code(start(&b, (const char *const[]){"file_output.enabled=true",
				      "file_output.filename=@/o", NULL}),
		0);
	char *path = lnr_test_path(&b.dir, "o");
	assert_int_not_equal(access(path, F_OK), 0);
	lnr_outputs_reopen(b.out);
	for (int i = 0; i < 500 && access(path, F_OK); i++)
		usleep(10000);
	assert_int_equal(access(path, F_OK), 0);
	free(path);
	done(&b);
}

static void file_follows_a_rotation(void **state)
{
	(void)state;
	for (int keep = 0; keep < 2; keep++) {
		struct bench b;
		assert_code(start(&b, (const char *const[]){"file_output.enabled=true",
					      "file_output.filename=@/o",
					      keep ? "file_output.keep_alive=true"
						   : "file_output.keep_alive=yes",
					      NULL}),
			0);
		char *from = lnr_test_path(&b.dir, "o"), *to = lnr_test_path(&b.dir, "o.1");
		alert(&b, 4, "one");
		wait_for_line(&b, "o", "one");
		assert_int_equal(rename(from, to), 0);
		alert(&b, 4, "two");
		/* Kept open: goes to the old file until it is told. Only "true" keeps it open. */
		wait_for_line(&b, keep ? "o.1" : "o", "two");
		lnr_outputs_reopen(b.out);
		alert(&b, 4, "three");
		stop(&b);
		holds(&b, "o", keep ? "three" : "two three");
		free(from);
		free(to);
		done(&b);
	}
}

static void file_that_cannot_be_opened_is_an_error_each_time(void **state)
{
	(void)state;
	struct bench b;
	assert_code(
		start(&b, (const char *const[]){"file_output.enabled=true",
				  "file_output.filename=@/nowhere/o", "program_output.enabled=true",
				  "program_output.program=cat >> @/got", NULL}),
		0);
	alert(&b, 4, "one");
	alert(&b, 4, "two");
	stop(&b);
	holds(&b, "got", "one two");
	assert_has(b.said, "nowhere/o");
	assert_has(strstr(b.said, "nowhere/o") + 1, "nowhere/o");
	done(&b);
}

/* --- program --- */

static void program_runs_once_or_for_each(void **state)
{
	(void)state;
	for (int keep = 0; keep < 2; keep++) {
		struct bench b;
		assert_code(start(&b, (const char *const[]){"program_output.enabled=true",
					      "program_output.program=cd @; echo run >> runs; cat "
					      ">> got",
					      keep ? "program_output.keep_alive=true"
						   : "program_output.keep_alive=false",
					      NULL}),
			0);
		alert(&b, 4, "one");
		alert(&b, 4, "two");
		alert(&b, 4, "three");
		stop(&b);
		holds(&b, "got", "one two three");
		holds(&b, "runs", keep ? "run" : "run run run");
		done(&b);
	}
}

static void program_that_does_not_read_is_no_end(void **state)
{
	(void)state;
	struct bench b;
	signal(SIGPIPE, SIG_IGN); /* as the program does */
	assert_code(
		start(&b, (const char *const[]){"program_output.enabled=true",
				  "program_output.program=exit 3", "program_output.keep_alive=true",
				  "file_output.enabled=true", "file_output.filename=@/o", NULL}),
		0);
	for (int i = 0; i < 20; i++) {
		alert(&b, 4, "x");
		usleep(5000);
	}
	stop(&b);
	assert_has(b.said, "program output");
	LNR_AUTO_FREE char *text = content(&b, "o");
	assert_has(text, "x\n");
	done(&b);
}

/* --- http --- */

/* Answers requests on one port, each by `answer`; keeps what it was sent. */
struct web {
	int fd;
	uint16_t port;
	pthread_t thread;
	const char *answer;
	unsigned delay_first_ms;
	char seen[8192];
	unsigned requests;
	bool stop;
};

static void serve_one(struct web *w, int c)
{
	char buf[4096];
	size_t n = 0;
	ssize_t got;
	while (n + 1 < sizeof(buf) && (got = read(c, buf + n, sizeof(buf) - n - 1)) > 0) {
		n += (size_t)got;
		buf[n] = 0;
		const char *head = strstr(buf, "\r\n\r\n"),
			   *len = strcasestr(buf, "content-length:");
		if (head && (!len || strlen(head + 4) >= strtoul(len + 15, NULL, 10)))
			break;
	}
	buf[n] = 0;
	size_t have = strlen(w->seen);
	snprintf(w->seen + have, sizeof(w->seen) - have, "%s\n--\n", buf);
	if (w->requests++ == 0 && w->delay_first_ms)
		usleep(w->delay_first_ms * 1000);
	if (write(c, w->answer, strlen(w->answer)) < 0)
		n = 0;
	close(c);
}

static void *serve(void *arg)
{
	struct web *w = arg;
	struct pollfd p = {.fd = w->fd, .events = POLLIN};
	while (!__atomic_load_n(&w->stop, __ATOMIC_RELAXED)) {
		if (poll(&p, 1, 20) <= 0)
			continue;
		int c = accept(w->fd, NULL, NULL);
		if (c >= 0)
			serve_one(w, c);
	}
	return NULL;
}

static void web_start(struct web *w, const char *answer)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	w->answer = answer;
	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(w->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(w->fd, 8), 0);
	getsockname(w->fd, (struct sockaddr *)&a, &len);
	w->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&w->thread, NULL, serve, w), 0);
}

static void web_stop(struct web *w)
{
	__atomic_store_n(&w->stop, true, __ATOMIC_RELAXED);
	pthread_join(w->thread, NULL);
	close(w->fd);
}

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"

static void http_posts_each_alert(void **state)
{
	(void)state;
	for (int json = 0; json < 2; json++) {
		struct web w = {0};
		struct bench b;
		char url[64];
		web_start(&w, json ? OK : "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
		snprintf(url, sizeof(url), "http_output.url=\"127.0.0.1:%u/hook\"", w.port);
		assert_code(start(&b, (const char *const[]){"http_output.enabled=true", url,
					      json ? "json_output=true" : "json_output=false",
					      json ? "http_output.user_agent="
						   : "http_output.user_agent=me/1",
					      NULL}),
			0);
		alert(&b, 4, "one");
		alert(&b, 4, "two");
		stop(&b);
		web_stop(&w);
		/* Any answer counts as delivered: two alerts, two requests, no complaint. */
		assert_int_equal(w.requests, 2);
		assert_string_equal(b.said, "");
		assert_has(w.seen, "POST /hook HTTP/1.1");
		assert_has(w.seen,
			json ? "Content-Type: application/json" : "Content-Type: text/plain");
		if (json)
			assert_null(strcasestr(w.seen, "user-agent"));
		else
			assert_has(w.seen, "User-Agent: me/1");
		assert_has(w.seen, json ? "\"output\":\"two\"" : "Warning two\n--");
		done(&b);
	}
}

static void http_tries_again_after_a_timeout(void **state)
{
	(void)state;
	struct web w = {.delay_first_ms = 300};
	struct bench b;
	char url[64];
	web_start(&w, OK);
	snprintf(url, sizeof(url), "http_output.url=http://127.0.0.1:%u/", w.port);
	assert_code(start(&b, (const char *const[]){"http_output.enabled=true", url,
				      "output_timeout=150", NULL}),
		0);
	alert(&b, 4, "one");
	stop(&b);
	web_stop(&w);
	assert_true(w.requests >= 2);
	assert_null(strstr(b.said, "cannot post"));
	done(&b);
}

static void http_says_who_does_not_answer(void **state)
{
	(void)state;
	struct web w = {0};
	struct bench b;
	char url[64];
	web_start(&w, OK);
	web_stop(&w); /* the port is free again: refused */
	snprintf(url, sizeof(url), "http_output.url=http://127.0.0.1:%u/", w.port);
	assert_code(
		start(&b, (const char *const[]){"http_output.enabled=true", url,
				  "file_output.enabled=true", "file_output.filename=@/o", NULL}),
		0);
	alert(&b, 4, "one");
	stop(&b);
	assert_has(b.said, "http output: cannot post");
	holds(&b, "o", "one");
	done(&b);
}

/* --- lists, memory --- */

static void lists_destinations(void **state)
{
	(void)state;
	struct lnr_buf b;
	struct lnr_err err = {0};
	lnr_buf_init(&b, 0);
	assert_ok(lnr_outputs_list(&b, "text", &err), &err);
	assert_has(b.ptr, "stdout ");
	assert_has(b.ptr, "http ");
	lnr_buf_clear(&b);
	assert_ok(lnr_outputs_list(&b, "json", &err), &err);
	assert_has(b.ptr, "{\"name\":\"file\",\"description\":\"");
	assert_code(lnr_outputs_list(&b, "xml", &err), -EINVAL);
	lnr_buf_done(&b);
}

struct life {
	struct lnr_config *config;
	struct lnr_alert *alert;
};

static int live(void *arg)
{
	struct life *l = arg;
	struct lnr_outputs *o;
	const struct lnr_outputs_opts oo = {.size = sizeof(oo), .config = l->config};
	int r = lnr_outputs_new(&oo, &o, NULL);
	if (r)
		return r;
	for (int i = 0; i < 100; i++)
		lnr_outputs_send(o, l->alert);
	lnr_outputs_free(o);
	return 0;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	struct bench b;
	struct life l;
	assert_code(start(&b, (const char *const[]){"file_output.enabled=true",
				      "file_output.filename=@/o", NULL}),
		0);
	assert_code(lnr_alert_internal("r", 4, TS, "x", NULL, "n1", &l.alert), 0);
	l.config = b.config;
	lnr_test_each_alloc_may_fail(live, &l);
	lnr_alert_unref(l.alert);
	done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delivers_in_order),
		cmocka_unit_test(counts_what_is_delivered),
		cmocka_unit_test(drops_the_least_urgent),
		cmocka_unit_test(needs_an_output),
		cmocka_unit_test(gives_up_what_waits_behind_a_block),
		cmocka_unit_test(many_threads_send),
		cmocka_unit_test(file_is_made_at_the_first_alert),
		cmocka_unit_test(file_follows_a_rotation),
		cmocka_unit_test(file_that_cannot_be_opened_is_an_error_each_time),
		cmocka_unit_test(program_runs_once_or_for_each),
		cmocka_unit_test(program_that_does_not_read_is_no_end),
		cmocka_unit_test(http_posts_each_alert),
		cmocka_unit_test(http_tries_again_after_a_timeout),
		cmocka_unit_test(http_says_who_does_not_answer),
		cmocka_unit_test(lists_destinations),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
