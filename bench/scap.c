/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cost of reading and writing capture files, nothing behind it.
 *
 *	bench/scap FILE [ROUNDS] [KIND...]
 *
 * Prints one line per kind of work: events, ns per event (best of ROUNDS, default 5), million
 * events and megabytes of uncompressed capture per second. Kinds: plain (the file uncompressed, in
 * memory, through read), gzip, write, write-gzip; all without one. Tables are checked and skipped.
 * With one round and one kind it serves under callgrind.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "capture/scap.h"
#include "capture/scap_stream.h"
#include "capture/scap_write.h"

struct bench {
	char gzip[64], plain[64]; /* paths */
	uint64_t bytes;		  /* uncompressed */
	unsigned rounds;
};

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static _Noreturn void die(const struct lnr_err *err)
{
	fprintf(stderr, "bench/scap: %s\n", err->msg);
	exit(1);
}

/* A path to a file in memory. */
static int memory_file(const char *name, char path[64])
{
	int fd = memfd_create(name, 0);

	if (fd < 0) {
		perror("memfd_create");
		exit(1);
	}
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

/* Both forms of the capture, so that the disk has no part in it. */
static void prepare(struct bench *b, const char *file)
{
	int plain = memory_file("plain", b->plain), gzip = memory_file("gzip", b->gzip);
	struct lnr_scap_stream s;
	struct lnr_err err;
	gzFile z = gzdopen(dup(gzip), "wb6");
	int r = lnr_scap_stream_open(&s, file, &err);

	while (!r) {
		size_t n;

		r = lnr_scap_need(&s, 1, &err);
		if (r)
			break;
		n = lnr_scap_avail(&s);
		if (write(plain, lnr_scap_at(&s), n) != (ssize_t)n ||
			gzwrite(z, lnr_scap_at(&s), (unsigned)n) != (int)n)
			r = lnr_fail(&err, -EIO, "cannot keep the capture in memory");
		lnr_scap_take(&s, n);
	}
	b->bytes = s.offset;
	lnr_scap_stream_done(&s);
	gzclose(z);
	if (r != -ENODATA)
		die(&err);
}

/* Read `path`, give each record to `w` (NULL = none); returns the number of events. */
static unsigned long pass(const char *path, struct lnr_scap_writer *w)
{
	struct lnr_capture *c;
	struct lnr_capture_item item;
	struct lnr_err err;
	unsigned long n = 0;
	int r = lnr_scap_open(path, NULL, &c, &err);

	while (!r) {
		r = lnr_capture_next(c, &item, &err);
		if (r)
			break;
		n++;
		if (w)
			r = lnr_scap_write_event(w, item.record, item.len, item.cpu, item.flags);
	}
	if (r != -ENODATA)
		die(&err);
	lnr_capture_close(c);
	return n;
}

static unsigned long write_pass(const struct bench *b, bool gzip)
{
	const struct lnr_scap_writer_opts o = {.size = sizeof(o), .gzip = gzip};
	struct lnr_scap_writer *w;
	struct lnr_err err;
	unsigned long n;
	int fd = open("/dev/null", O_WRONLY);

	if (lnr_scap_writer_open_fd(fd, &o, &w, &err) || lnr_scap_write_tables(w, NULL, NULL, &err))
		die(&err);
	n = pass(b->plain, w);
	if (lnr_scap_writer_finish(w, &err))
		die(&err);
	lnr_scap_writer_close(w);
	return n;
}

static void run(const struct bench *b, unsigned kind, const char *name)
{
	double best = 0;
	unsigned long n = 0;

	for (unsigned i = 0; i < b->rounds; i++) {
		double t = now_ns();

		n = kind == 0	? pass(b->plain, NULL)
		    : kind == 1 ? pass(b->gzip, NULL)
				: write_pass(b, kind == 3);
		t = now_ns() - t;
		if (i == 0 || t < best)
			best = t;
	}
	printf("%-12s %lu events %8.1f ns/event %7.2f M events/s %8.0f MB/s\n", name, n,
		best / (double)n, (double)n / best * 1e3, (double)b->bytes / best * 1e3);
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = {"plain", "gzip", "write", "write-gzip"};
	struct bench b = {.rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 5};

	if (argc < 2 || !b.rounds) {
		fprintf(stderr, "usage: bench/scap FILE [ROUNDS] [KIND...]\n");
		return 2;
	}
	prepare(&b, argv[1]);
	for (unsigned k = 0; k < 4; k++) {
		bool wanted = argc <= 3;

		for (int i = 3; i < argc; i++)
			wanted = wanted || strcmp(argv[i], kinds[k]) == 0;
		if (wanted)
			run(&b, k, kinds[k]);
	}
	return 0;
}
