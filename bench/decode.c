/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cost of indexing a record: what every event pays before anything looks at it.
 *
 *	bench/decode [rounds]
 *
 * Prints one line per kind of record: name, parameters, ns per record (best of five). With few
 * rounds it serves under callgrind, where instructions count instead of time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "decode/event.h"

/* Records in a ring of buffers as a capture would hand them over, so that not one line is hot. */
#define RECORDS 64

struct bench {
	const char *name;
	unsigned type;
	uint8_t *buf;
	size_t at[RECORDS + 1];
};

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* Texts of 8 to 39 bytes, everything else of its size. */
static size_t build(void *buf, size_t cap, unsigned type, unsigned seq)
{
	static const char text[] = "/usr/lib/x86_64-linux-gnu/libc.so.6 -- and some more";
	const struct lnr_event_info *info = lnr_event_info(type);
	struct lnr_record_builder b;

	lnr_record_begin(&b, buf, cap, type, 1000 + seq, 1 + seq, info->nparams);
	for (unsigned i = 0; i < info->nparams; i++) {
		unsigned size = lnr_pt_size(info->params[i].type);

		lnr_record_bytes(&b, text, size ? size : 8 + (seq * 7 + i) % 32);
	}
	return lnr_record_end(&b);
}

static int fill(struct bench *b)
{
	size_t cap = (size_t)RECORDS * 2048;

	b->buf = malloc(cap);
	if (!b->buf)
		return -1;
	for (unsigned i = 0; i < RECORDS; i++) {
		size_t len = build(b->buf + b->at[i], cap - b->at[i], b->type, i);

		if (len == 0)
			return -1;
		b->at[i + 1] = b->at[i] + len;
	}
	return 0;
}

static uint64_t run(const struct bench *b, struct lnr_event *ev, unsigned long rounds)
{
	uint64_t sum = 0;

	for (unsigned long r = 0; r < rounds; r++)
		for (unsigned i = 0; i < RECORDS; i++) {
			if (lnr_event_parse(
				    ev, b->buf + b->at[i], b->at[i + 1] - b->at[i], 0, NULL) < 0)
				return 0;
			sum += ev->param[0].len + ev->nparams;
		}
	return sum;
}

int main(int argc, char **argv)
{
	static struct bench benches[] = {
		{"close", LNR_EV_SYSCALL_CLOSE_X, NULL, {0}},
		{"openat", LNR_EV_SYSCALL_OPENAT_2_X, NULL, {0}},
		{"execve", LNR_EV_SYSCALL_EXECVE_19_X, NULL, {0}},
	};
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	struct lnr_event *ev = calloc(1, sizeof(*ev));
	int status = 0;

	for (size_t i = 0; ev && i < LNR_ARRAY_SIZE(benches); i++) {
		struct bench *b = &benches[i];
		double best = 0;

		if (fill(b) < 0) {
			status = 1;
			break;
		}
		for (int k = 0; k < 5; k++) {
			double start = now_ns(), ns;

			if (run(b, ev, rounds) == 0)
				status = 1;
			ns = (now_ns() - start) / ((double)rounds * RECORDS);
			if (k == 0 || ns < best)
				best = ns;
		}
		printf("decode.%s %u params %.2f ns/record\n", b->name, ev->nparams, best);
		free(b->buf);
	}
	free(ev);
	return ev ? status : 1;
}
