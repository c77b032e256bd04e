/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loops of system calls, for the cost of being watched: loops NAME SECONDS prints ns per round,
 * first over all of the time, then of the quickest quarter of its batches, which a busy machine
 * disturbs least. And a flood with markers: loops flood SECONDS RATE DIR opens files in DIR at RATE
 * per second, every 1,000th named marker-N, until time is up or SIGTERM comes; prints how many of
 * both.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A second of the shortest loop is 400,000. */
#define MAX_BATCHES (4u << 20)

static struct sockaddr_in tcp_at;
static struct sockaddr_un unix_at;
static int zero_fd;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void do_getppid(void)
{
	syscall(SYS_getppid);
}

static void do_open_close(void)
{
	close(open("/etc/hostname", O_RDONLY));
}

static void do_open_missing(void)
{
	open("/etc/no-such-file", O_RDONLY);
}

static void do_dup_close(void)
{
	close(dup(zero_fd));
}

static void do_mixed(void)
{
	char b[64];
	int fd = open("/etc/hostname", O_RDONLY);
	syscall(SYS_getppid);
	if (read(fd, b, sizeof(b)) < 0)
		exit(1);
	lseek(fd, 0, SEEK_SET);
	close(dup(fd));
	close(fd);
}

static void connect_to(const struct sockaddr *sa, socklen_t len)
{
	int s = socket(sa->sa_family, SOCK_STREAM, 0);
	if (connect(s, sa, len) && errno != EADDRNOTAVAIL)
		exit(1);
	/* Without TIME_WAIT the loop does not run out of ports. */
	struct linger l = {1, 0};
	setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(s);
}

static void do_tcp(void)
{
	connect_to((const struct sockaddr *)&tcp_at, sizeof(tcp_at));
}

static void do_unix(void)
{
	connect_to((const struct sockaddr *)&unix_at, sizeof(unix_at));
}

static void do_exec(void)
{
	pid_t p = vfork();
	if (p == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	if (p > 0)
		waitpid(p, NULL, 0);
}

static void *accept_all(void *arg)
{
	for (;;)
		close(accept(*(int *)arg, NULL, NULL));
	return NULL;
}

static void serve(int *s, int family, struct sockaddr *sa, socklen_t len)
{
	pthread_t t;
	*s = socket(family, SOCK_STREAM, 0);
	if (bind(*s, sa, len) || listen(*s, 1024) || getsockname(*s, sa, &len))
		exit(1);
	pthread_create(&t, NULL, accept_all, s);
}

static const struct {
	const char *name;
	void (*round)(void);
	unsigned batch; /* rounds between two looks at the clock */
} loops[] = {
	{"getppid", do_getppid, 16},
	{"open+close", do_open_close, 16},
	{"open missing", do_open_missing, 16},
	{"dup+close", do_dup_close, 16},
	{"mixed", do_mixed, 16},
	{"tcp connect+close", do_tcp, 16},
	{"unix connect+close", do_unix, 16},
	{"fork+exec", do_exec, 1},
};

static volatile sig_atomic_t stopped;

static void on_term(int sig)
{
	(void)sig;
	stopped = 1;
}

static int flood(double seconds, double rate, const char *dir)
{
	unsigned long n = 0, markers = 0;
	double from = now(), until = from + seconds, t;
	signal(SIGTERM, on_term);
	while (!stopped && (t = now()) < until) {
		while (!stopped && (double)n < (t - from) * rate) {
			char path[256];
			if (++n % 1000 == 0)
				snprintf(path, sizeof(path), "%s/marker-%lu", dir, ++markers);
			else
				snprintf(path, sizeof(path), "%s/noise", dir);
			int fd = open(path, O_RDONLY);
			if (fd >= 0)
				close(fd);
		}
	}
	printf("%lu %lu\n", n, markers);
	return 0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static void run(void (*round)(void), unsigned batch, double seconds)
{
	static double took[MAX_BATCHES];
	size_t n = 0;
	double from = now(), last = from, t;
	do {
		for (unsigned k = 0; k < batch; k++)
			round();
		t = now();
		took[n++] = (t - last) * 1e9 / batch;
		last = t;
	} while (t - from < seconds && n < MAX_BATCHES);
	qsort(took, n, sizeof(*took), by_value);
	printf("%.1f %.1f\n", (t - from) * 1e9 / (double)(n * batch), took[n / 4]);
}

int main(int argc, char **argv)
{
	static int tcp, un;
	if (argc < 3)
		return 2;
	double seconds = atof(argv[2]);
	if (strcmp(argv[1], "flood") == 0)
		return argc < 5 ? 2 : flood(seconds, atof(argv[3]), argv[4]);
	zero_fd = open("/dev/null", O_RDONLY);
	if (strncmp(argv[1], "tcp", 3) == 0) {
		tcp_at.sin_family = AF_INET;
		tcp_at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		serve(&tcp, AF_INET, (struct sockaddr *)&tcp_at, sizeof(tcp_at));
	}
	if (strncmp(argv[1], "unix", 4) == 0) {
		unix_at.sun_family = AF_UNIX;
		snprintf(unix_at.sun_path, sizeof(unix_at.sun_path), "/tmp/lanner-bench-%d",
			getpid());
		serve(&un, AF_UNIX, (struct sockaddr *)&unix_at, sizeof(unix_at));
	}
	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
		if (strcmp(loops[i].name, argv[1]) != 0)
			continue;
		run(loops[i].round, loops[i].batch, seconds);
		if (un)
			unlink(unix_at.sun_path);
		return 0;
	}
	return 2;
}
