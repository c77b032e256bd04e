/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel takes for its hooks, before anybody does anything in them: ns per getppid with
 * programs that return at once. Nothing that looks at every call's return can cost less.
 *
 * Variants take turns, since machines change their speed from second to second; shown is the lower
 * quartile of batches.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "capture/ring_priv.h"

#define ROUNDS	20
#define BATCHES 40
#define CALLS	1000

static const struct bpf_insn nothing[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
	{.code = BPF_JMP | BPF_EXIT},
};

/* A program at each of these, NULL = none: typed raw tracepoint, classic tracepoint. */
static const struct {
	const char *what, *raw, *classic;
} variants[] = {
	{"no hook", NULL, NULL},
	{"sys_exit", "sys_exit", NULL},
	{"sys_exit, and the entry of another call", "sys_exit", "syscalls/sys_enter_openat"},
	{"sys_exit, and the entry of this call", "sys_exit", "syscalls/sys_enter_getppid"},
	{"the return of another call alone", NULL, "syscalls/sys_exit_openat"},
	{"the return of this call alone", NULL, "syscalls/sys_exit_getppid"},
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static double took[VARIANTS][ROUNDS * BATCHES];

static void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int at_raw(const char *name)
{
	int id = libbpf_find_vmlinux_btf_id(name, BPF_TRACE_RAW_TP);
	LIBBPF_OPTS(bpf_prog_load_opts, o, .expected_attach_type = BPF_TRACE_RAW_TP,
		.attach_btf_id = (uint32_t)id);
	int prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "floor", "GPL", nothing, 2, &o);
	int link = prog < 0 ? prog : bpf_raw_tracepoint_open(NULL, prog);
	if (link < 0)
		die(name);
	close(prog);
	return link;
}

static int at_classic(const char *name)
{
	int id = lnr_tracepoint_id(name);
	struct perf_event_attr a = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(a), .config = (uint64_t)id};
	int perf = id < 0 ? -1 : (int)syscall(SYS_perf_event_open, &a, -1, 0, -1, 0);
	int prog = bpf_prog_load(BPF_PROG_TYPE_TRACEPOINT, "floor", "GPL", nothing, 2, NULL);
	if (perf < 0 || prog < 0 || ioctl(perf, PERF_EVENT_IOC_SET_BPF, prog) ||
		ioctl(perf, PERF_EVENT_IOC_ENABLE, 0))
		die(name);
	close(prog);
	return perf;
}

static double now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

int main(void)
{
	for (size_t r = 0; r < ROUNDS; r++) {
		for (size_t v = 0; v < VARIANTS; v++) {
			int raw = variants[v].raw ? at_raw(variants[v].raw) : -1;
			int classic = variants[v].classic ? at_classic(variants[v].classic) : -1;
			for (size_t b = 0; b < BATCHES; b++) {
				double from = now_ns();
				for (int i = 0; i < CALLS; i++)
					syscall(SYS_getppid);
				took[v][r * BATCHES + b] = (now_ns() - from) / CALLS;
			}
			if (raw >= 0)
				close(raw);
			if (classic >= 0)
				close(classic);
		}
	}
	for (size_t v = 0; v < VARIANTS; v++) {
		qsort(took[v], ROUNDS * BATCHES, sizeof(took[v][0]), by_value);
		double ns = took[v][ROUNDS * BATCHES / 4], bare = took[0][ROUNDS * BATCHES / 4];
		printf("getppid with %-42s %5.0f ns, ratio %.2f\n", variants[v].what, ns,
			bare / ns);
	}
	return 0;
}
