/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an alert costs on its way out.
 *
 *	bench/outputs [DIR [SHORT]]
 *
 * An alert of ordinary size, a dozen fields: written in every form, as bytes and back; then sent to
 *a file, and to a server within this program that answers as quickly as it can, with and without a
 * spool in DIR (default /var/tmp). Alerts per second by the clock, microseconds of CPU per alert of
 * all threads together (for http the server's half included), and of the thread that sends.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "alert/codec.h"
#include "base/err.h"
#include "lanner/config.h"
#include "lanner/outputs.h"

static double now_s(clockid_t clock)
{
	struct timespec ts;
	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

__attribute__((noreturn)) static void die(const char *what, const struct lnr_err *err)
{
	fprintf(stderr, "%s: %s\n", what, err ? err->msg : "failed");
	exit(1);
}

static struct lnr_alert *make(void)
{
	static const char *const fields[] = {"container.id", "\"host\"", "evt.res", "\"SUCCESS\"",
		"evt.time", "1700000102123456789", "evt.type", "\"openat\"", "fd.name",
		"\"/etc/shadow\"", "fd.type", "\"file\"", "proc.cmdline", "\"cat /etc/shadow\"",
		"proc.exepath", "\"/usr/bin/cat\"", "proc.name", "\"cat\"", "proc.pcmdline",
		"\"bash -l\"", "proc.pid", "4711", "proc.pname", "\"bash\"", "user.name",
		"\"root\"", "user.uid", "0", NULL};
	struct lnr_alert *a;
	if (lnr_alert_internal("Password file read", 4, UINT64_C(1700000102123456789),
		    "Password file opened for reading (file=/etc/shadow process=cat command=cat "
		    "/etc/shadow parent=bash user=root container=host)",
		    fields, "node-1", &a))
		die("alert", NULL);
	a->internal = false;
	return a;
}

/* --- forms --- */

static void forms(unsigned n)
{
	static const struct {
		const char *name;
		struct lnr_alert_format f;
	} all[] = {{"text", {.json = false}},
		{"JSON", {.json = true, .output = true, .output_fields = true, .tags = true}},
		{"ECS", {.json = true, .shape = LNR_ALERT_ECS}},
		{"OCSF", {.json = true, .shape = LNR_ALERT_OCSF}}};
	struct lnr_alert *a = make(), *back;
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(all); i++) {
		double from = now_s(CLOCK_THREAD_CPUTIME_ID);
		for (unsigned k = 0; k < n; k++) {
			lnr_buf_clear(&b);
			lnr_alert_write(a, &all[i].f, &b);
		}
		printf("%-28s %8.2f us, %zu bytes\n", all[i].name,
			(now_s(CLOCK_THREAD_CPUTIME_ID) - from) * 1e6 / n, b.len);
	}
	double from = now_s(CLOCK_THREAD_CPUTIME_ID);
	for (unsigned k = 0; k < n; k++) {
		lnr_buf_clear(&b);
		lnr_alert_encode(a, &b);
	}
	printf("%-28s %8.2f us, %zu bytes\n", "to the spool's bytes",
		(now_s(CLOCK_THREAD_CPUTIME_ID) - from) * 1e6 / n, b.len);
	from = now_s(CLOCK_THREAD_CPUTIME_ID);
	for (unsigned k = 0; k < n; k++) {
		if (lnr_alert_decode(lnr_buf_view(&b), &back))
			die("decode", NULL);
		lnr_alert_unref(back);
	}
	printf("%-28s %8.2f us\n", "and back", (now_s(CLOCK_THREAD_CPUTIME_ID) - from) * 1e6 / n);
	lnr_buf_done(&b);
	lnr_alert_unref(a);
}

/* --- a server --- */

struct server {
	int fd;
	uint16_t port;
	pthread_t thread;
	unsigned requests; /* atomic */
};

/* One connection after the other; what is behind a request stays for the next. */
static void answer_all(struct server *s, int c)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	char buf[65536];
	size_t have = 0;
	ssize_t n;
	while ((n = read(c, buf + have, sizeof(buf) - 1 - have)) > 0) {
		have += (size_t)n;
		buf[have] = 0;
		const char *head = strstr(buf, "\r\n\r\n");
		const char *len = strcasestr(buf, "content-length:");
		size_t whole = head && len ? (size_t)(head + 4 - buf) + strtoul(len + 15, NULL, 10)
					   : SIZE_MAX;
		if (whole > have)
			continue;
		memmove(buf, buf + whole, have - whole);
		have -= whole;
		__atomic_add_fetch(&s->requests, 1, __ATOMIC_RELAXED);
		if (write(c, ok, sizeof(ok) - 1) < 0)
			break;
	}
	close(c);
}

static void *serve(void *arg)
{
	struct server *s = arg;
	int c;
	while ((c = accept(s->fd, NULL, NULL)) >= 0)
		answer_all(s, c);
	return NULL;
}

static void server_start(struct server *s)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->fd, (struct sockaddr *)&a, sizeof(a)) || listen(s->fd, 8))
		die("server", NULL);
	getsockname(s->fd, (struct sockaddr *)&a, &len);
	s->port = ntohs(a.sin_port);
	pthread_create(&s->thread, NULL, serve, s);
}

static void server_stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

/* --- deliveries --- */

static uint64_t delivered(struct lnr_outputs *o)
{
	struct lnr_output_stats st;
	return lnr_outputs_stats(o, 0, &st) ? st.delivered : 0;
}

static void deliver(const char *name, unsigned n, const char *const *options)
{
	struct lnr_config *c;
	struct lnr_outputs *o;
	struct lnr_err err = {0};
	if (lnr_config_new(&c, &err) || lnr_config_load(c, NULL, options, &err))
		die(name, &err);
	const struct lnr_outputs_opts oo = {.size = sizeof(oo), .config = c, .unbuffered = true};
	if (lnr_outputs_new(&oo, &o, &err))
		die(name, &err);
	struct lnr_alert *a = make();
	double wall = now_s(CLOCK_MONOTONIC), cpu = now_s(CLOCK_PROCESS_CPUTIME_ID), sending = 0;
	for (unsigned sent = 0; sent < n;) {
		double from = now_s(CLOCK_THREAD_CPUTIME_ID);
		unsigned some = n - sent < 256 ? n - sent : 256;
		for (unsigned k = 0; k < some; k++)
			lnr_outputs_send(o, a);
		sending += now_s(CLOCK_THREAD_CPUTIME_ID) - from;
		sent += some;
		/* As many as wait without anything being dropped. */
		while (sent - delivered(o) > 4096)
			usleep(200);
	}
	while (delivered(o) < n)
		usleep(200);
	wall = now_s(CLOCK_MONOTONIC) - wall;
	cpu = now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("%-28s %8.0f alerts/s, %6.1f us CPU, sender %5.2f us\n", name, n / wall,
		cpu * 1e6 / n, sending * 1e6 / n);
	fflush(stdout);
	lnr_outputs_free(o);
	lnr_alert_unref(a);
	lnr_config_free(c);
}

static void deliveries(const char *dir, unsigned n)
{
	char file[256], spool[256], url[64];
	struct server s = {0};
	server_start(&s);
	snprintf(file, sizeof(file), "file_output.filename=%s/alerts", dir);
	snprintf(spool, sizeof(spool), "outputs_queue.spool.directory=%s/spool", dir);
	snprintf(url, sizeof(url), "http_output.url=http://127.0.0.1:%u/", s.port);
#define TO_FILE	   "json_output=true", "file_output.enabled=true", "file_output.keep_alive=true", file
#define TO_HTTP	   "json_output=true", "http_output.enabled=true", url
#define SPOOL(how) spool, "outputs_queue.spool.fsync=" how
	deliver("file", n, (const char *const[]){TO_FILE, NULL});
	deliver("file, spool, fsync never", n,
		(const char *const[]){TO_FILE, SPOOL("never"), NULL});
	deliver("file, spool, interval", n,
		(const char *const[]){TO_FILE, SPOOL("interval"), NULL});
	deliver("file, spool, always", n / 20,
		(const char *const[]){TO_FILE, SPOOL("always"), NULL});
	deliver("http", n / 4, (const char *const[]){TO_HTTP, NULL});
	deliver("http, spool, interval", n / 4,
		(const char *const[]){TO_HTTP, SPOOL("interval"), NULL});
	deliver("http, spool, gzip", n / 4,
		(const char *const[]){
			TO_HTTP, SPOOL("interval"), "http_output.compression=gzip", NULL});
	server_stop(&s);
}

int main(int argc, char **argv)
{
	char dir[200], command[256];
	bool shorter = argc > 2;
	snprintf(dir, sizeof(dir), "%s/lanner-bench-XXXXXX", argc > 1 ? argv[1] : "/var/tmp");
	if (!mkdtemp(dir))
		die(dir, NULL);
	forms(shorter ? 20000 : 200000);
	deliveries(dir, shorter ? 20000 : 200000);
	snprintf(command, sizeof(command), "rm -r '%s'", dir);
	return system(command) ? 1 : 0;
}
