/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs that read a spool (outputs/serve.c, life.c), from the public interface. */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/log.h"
#include "base/util.h"
#include "lanner/alert.h"
#include "lanner/config.h"
#include "lanner/outputs.h"
#include "lib/failalloc.h"
#include "lib/test.h"

#define TS UINT64_C(1700000102123456789)

struct bench {
	struct lnr_test_dir dir;
	struct lnr_log log;
	pthread_mutex_t lock;
	char said[8192];
	struct lnr_config *config;
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

static bool has_said(struct bench *b, const char *what)
{
	pthread_mutex_lock(&b->lock);
	bool has = strstr(b->said, what);
	pthread_mutex_unlock(&b->lock);
	return has;
}

static void begin(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	lnr_test_dir_init(&b->dir);
	pthread_mutex_init(&b->lock, NULL);
	b->log = (struct lnr_log){.max = LNR_LOG_INFO, .sink = keep_log, .user = b};
}

static void done(struct bench *b)
{
	lnr_config_free(b->config);
	pthread_mutex_destroy(&b->lock);
	lnr_test_dir_done(&b->dir);
}

/* A spool and a file in the directory, and up to five more options. */
static int open_outputs(struct bench *b, const char *const *more, struct lnr_outputs *previous,
	struct lnr_outputs **ret)
{
	char spool[160], file[160];
	const char *list[10] = {spool, "file_output.enabled=true", file, NULL};
	struct lnr_err err = {0};
	snprintf(spool, sizeof(spool), "outputs_queue.spool.directory=%s/spool", b->dir.path);
	snprintf(file, sizeof(file), "file_output.filename=%s/out", b->dir.path);
	for (int i = 0; more && more[i]; i++)
		list[3 + i] = more[i];
	lnr_config_free(b->config);
	assert_ok(lnr_config_new(&b->config, &err), &err);
	assert_ok(lnr_config_load(b->config, NULL, list, &err), &err);
	const struct lnr_outputs_opts o = {.size = sizeof(o),
		.config = b->config,
		.log = &b->log,
		.unbuffered = true,
		.previous = previous};
	return lnr_outputs_new(&o, ret, &err);
}

static void send_word(struct lnr_outputs *o, const char *word)
{
	struct lnr_alert *a;
	assert_code(lnr_alert_internal("r", 4, TS, word, NULL, "n1", &a), 0);
	assert_true(lnr_outputs_send(o, a));
	lnr_alert_unref(a);
}

/* Last words of the lines, joined by blanks. */
static void holds(struct bench *b, const char *want)
{
	char *path = lnr_test_path(&b->dir, "out"), *text = NULL;
	struct lnr_buf got;
	size_t len;
	lnr_buf_init(&got, 0);
	lnr_buf_cstr(&got, "");
	if (!lnr_read_file(path, 1 << 20, &text, &len, NULL)) {
		for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
			*end = 0;
			const char *word = strrchr(line, ' ');
			lnr_buf_printf(&got, "%s%s", got.len ? " " : "", word ? word + 1 : line);
		}
	}
	assert_str(lnr_buf_view(&got), want);
	lnr_buf_done(&got);
	free(text);
	free(path);
}

static struct lnr_output_stats stats_of(struct lnr_outputs *o, const char *name)
{
	struct lnr_output_stats st;
	for (size_t i = 0; lnr_outputs_stats(o, i, &st); i++) {
		if (strcmp(st.name, name) == 0)
			return st;
	}
	fail_msg("no output %s", name);
	return st;
}

/* Up to ten seconds. */
static void wait_delivered(struct lnr_outputs *o, const char *name, uint64_t n)
{
	for (int i = 0; i < 1000 && stats_of(o, name).delivered < n; i++)
		usleep(10000);
	assert_int_equal(stats_of(o, name).delivered, n);
}

/* --- a server that answers with one status at a time --- */

struct web {
	int fd;
	uint16_t port;
	pthread_t thread;
	int status; /* atomic */
	unsigned taken;
	bool stop;
};

static void serve_one(struct web *w, int c)
{
	char buf[4096], answer[80];
	size_t n = 0;
	ssize_t got;
	while (n + 1 < sizeof(buf) && (got = read(c, buf + n, sizeof(buf) - n - 1)) > 0) {
		n += (size_t)got;
		buf[n] = 0;
		const char *head = strstr(buf, "\r\n\r\n");
		const char *len = strcasestr(buf, "content-length:");
		if (head && (!len || strlen(head + 4) >= strtoul(len + 15, NULL, 10)))
			break;
	}
	int status = __atomic_load_n(&w->status, __ATOMIC_RELAXED);
	snprintf(answer, sizeof(answer),
		"HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status);
	if (n && write(c, answer, strlen(answer)) > 0 && status == 200)
		__atomic_add_fetch(&w->taken, 1, __ATOMIC_RELAXED);
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

static void web_start(struct web *w, int status)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	*w = (struct web){.status = status};
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

/* --- tests --- */

static void each_output_has_its_own_pace(void **state)
{
	(void)state;
	struct bench b;
	struct web w;
	struct lnr_outputs *o;
	struct lnr_outputs_spool sp;
	char url[64];
	begin(&b);
	web_start(&w, 500);
	snprintf(url, sizeof(url), "http_output.url=http://127.0.0.1:%u/", w.port);
	const char *const more[] = {"http_output.enabled=true", url, NULL};
	assert_code(open_outputs(&b, more, NULL, &o), 0);
	send_word(o, "one");
	send_word(o, "two");
	wait_delivered(o, "file", 2);
	for (int i = 0; i < 1000 && !stats_of(o, "http").failed; i++)
		usleep(10000);
	struct lnr_output_stats st = stats_of(o, "http");
	assert_int_equal(st.delivered, 0);
	assert_int_equal(st.waiting, 2);
	assert_true(st.failed >= 1);
	assert_true(lnr_outputs_spool_stats(o, &sp));
	assert_true(sp.bytes > 0);
	lnr_outputs_free(o);
	assert_true(has_said(&b, "alerts for the http output stay in the spool"));
	/* After a restart, and when the server comes round. */
	assert_code(open_outputs(&b, more, NULL, &o), 0);
	send_word(o, "three");
	wait_delivered(o, "file", 1);
	for (int i = 0; i < 1000 && !stats_of(o, "http").failed; i++)
		usleep(10000);
	__atomic_store_n(&w.status, 200, __ATOMIC_RELAXED);
	wait_delivered(o, "http", 3);
	st = stats_of(o, "http");
	assert_int_equal(st.waiting, 0);
	assert_int_equal(st.lost, 0);
	assert_int_equal(lnr_outputs_dropped(o), 0);
	lnr_outputs_free(o);
	web_stop(&w);
	assert_int_equal(w.taken, 3);
	holds(&b, "one two three");
	assert_true(has_said(&b, "http output takes alerts again"));
	done(&b);
}

static void an_alert_can_be_refused(void **state)
{
	(void)state;
	struct bench b;
	struct web w;
	struct lnr_outputs *o;
	char url[64];
	begin(&b);
	web_start(&w, 422);
	snprintf(url, sizeof(url), "http_output.url=http://127.0.0.1:%u/", w.port);
	const char *const more[] = {"http_output.enabled=true", url, NULL};
	assert_code(open_outputs(&b, more, NULL, &o), 0);
	send_word(o, "one");
	for (int i = 0; i < 1000 && !stats_of(o, "http").refused; i++)
		usleep(10000);
	__atomic_store_n(&w.status, 200, __ATOMIC_RELAXED);
	send_word(o, "two");
	wait_delivered(o, "http", 1);
	assert_int_equal(stats_of(o, "http").refused, 1);
	lnr_outputs_free(o);
	web_stop(&w);
	assert_true(has_said(&b, "http output refuses alert"));
	done(&b);
}

/* Those that take the place of others go on where these stopped, and not before. */
static void hands_the_spool_over(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_outputs *old, *fresh, *other;
	begin(&b);
	assert_code(open_outputs(&b, NULL, NULL, &old), 0);
	send_word(old, "one");
	wait_delivered(old, "file", 1);
	assert_code(open_outputs(&b, NULL, old, &fresh), 0);
	/* Neither without being told of the first ones, nor twice. */
	assert_code(open_outputs(&b, NULL, NULL, &other), -EBUSY);
	send_word(old, "two");
	wait_delivered(old, "file", 2);
	/* One that comes to nothing leaves no trace. */
	assert_code(open_outputs(&b, NULL, old, &other), 0);
	lnr_outputs_free(other);
	send_word(old, "three");
	lnr_outputs_free(old);
	send_word(fresh, "four");
	for (int i = 0; i < 1000 && stats_of(fresh, "file").waiting; i++)
		usleep(10000);
	lnr_outputs_free(fresh);
	holds(&b, "one two three four");
	done(&b);
}

static void *sender(void *arg)
{
	for (int i = 0; i < 500; i++)
		send_word(arg, "x");
	return NULL;
}

static void many_threads_send(void **state)
{
	(void)state;
	static const char *const sync[] = {"always", "never"};
	for (size_t k = 0; k < LNR_ARRAY_SIZE(sync); k++) {
		struct bench b;
		struct lnr_outputs *o;
		pthread_t t[3];
		char option[64];
		begin(&b);
		snprintf(option, sizeof(option), "outputs_queue.spool.fsync=%s", sync[k]);
		const char *const more[] = {option, "file_output.keep_alive=true", NULL};
		assert_code(open_outputs(&b, more, NULL, &o), 0);
		for (int i = 0; i < 3; i++)
			assert_int_equal(pthread_create(&t[i], NULL, sender, o), 0);
		for (int i = 0; i < 3; i++)
			pthread_join(t[i], NULL);
		wait_delivered(o, "file", 1500);
		lnr_outputs_free(o);
		done(&b);
	}
}

/* Half a line that a killed process left is ended before the next begins. */
static void lines_of_a_file_stay_whole(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_outputs *o;
	begin(&b);
	free(lnr_test_file(&b.dir, "out", LNR_STR("whole\nhal")));
	assert_code(open_outputs(&b, NULL, NULL, &o), 0);
	send_word(o, "one");
	wait_delivered(o, "file", 1);
	lnr_outputs_free(o);
	holds(&b, "whole hal one");
	done(&b);
}

static void rotation_reaches_each_output(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_outputs *o;
	begin(&b);
	const char *const more[] = {"file_output.keep_alive=true", NULL};
	assert_code(open_outputs(&b, more, NULL, &o), 0);
	send_word(o, "one");
	wait_delivered(o, "file", 1);
	char *from = lnr_test_path(&b.dir, "out"), *to = lnr_test_path(&b.dir, "out.1");
	assert_int_equal(rename(from, to), 0);
	lnr_outputs_reopen(o);
	for (int i = 0; i < 1000 && access(from, F_OK); i++)
		usleep(10000);
	send_word(o, "two");
	wait_delivered(o, "file", 2);
	lnr_outputs_free(o);
	holds(&b, "two");
	free(from);
	free(to);
	done(&b);
}

/* Rules' alerts are counted; here are only messages of Lanner itself, which pass. */
static void aggregation_leaves_messages_alone(void **state)
{
	(void)state;
	struct bench b;
	struct lnr_outputs *o;
	begin(&b);
	const char *const more[] = {"alert_aggregation.window=1s", NULL};
	assert_code(open_outputs(&b, more, NULL, &o), 0);
	send_word(o, "same");
	send_word(o, "same");
	wait_delivered(o, "file", 2);
	lnr_outputs_free(o);
	const char *const bad[] = {"alert_aggregation.window=1 week", NULL};
	assert_code(open_outputs(&b, bad, NULL, &o), -EINVAL);
	done(&b);
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
	for (int i = 0; i < 3; i++)
		lnr_outputs_send(o, l->alert);
	lnr_outputs_free(o);
	return 0;
}

static void survives_failing_allocations(void **state)
{
	(void)state;
	struct bench b;
	struct life l;
	struct lnr_outputs *o;
	begin(&b);
	assert_code(open_outputs(&b, NULL, NULL, &o), 0);
	lnr_outputs_free(o);
	assert_code(lnr_alert_internal("r", 4, TS, "x", NULL, "n1", &l.alert), 0);
	l.config = b.config;
	lnr_test_each_alloc_may_fail(live, &l);
	lnr_alert_unref(l.alert);
	done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_output_has_its_own_pace),
		cmocka_unit_test(an_alert_can_be_refused),
		cmocka_unit_test(hands_the_spool_over),
		cmocka_unit_test(many_threads_send),
		cmocka_unit_test(lines_of_a_file_stay_whole),
		cmocka_unit_test(rotation_reaches_each_output),
		cmocka_unit_test(aggregation_leaves_messages_alone),
		cmocka_unit_test(survives_failing_allocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
