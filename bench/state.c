/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cost of keeping the state: enter and leave of one event, without and with indexing the record.
 *
 *	bench/state [rounds]
 *
 * Prints one line per mix: name, events, ns per event with and without decoding (best of five);
 * then what a machine of 2,000 threads takes, and how long this machine's /proc takes to read.
 * With few rounds it serves under callgrind, where instructions count instead of time.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "schema/params.h"
#include "state/state.h"

#define PROCESSES 200 /* that take turns */
#define FDS	  20  /* each */
#define FIRST_PID 1000

struct mix {
	const char *name;
	uint8_t *buf;
	size_t cap, at, *ends, n, cap_n;
	uint64_t ts;
};

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* --- records --- */

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench/state: %s\n", what);
	exit(1);
}

/* A parameter by its place; texts are given, all else is a number of its type's size. */
struct value {
	unsigned param;
	int64_t num;
	const char *text;
};

static void add(struct mix *m, unsigned type, int64_t tid, const struct value *v, unsigned nv)
{
	const struct lnr_event_info *info = lnr_event_info(type);
	struct lnr_record_builder b;

	if (m->cap - m->at < 4096) {
		m->cap = m->cap * 2 + 65536;
		m->buf = realloc(m->buf, m->cap);
	}
	if (m->n == m->cap_n) {
		m->cap_n = m->cap_n * 2 + 1024;
		m->ends = realloc(m->ends, m->cap_n * sizeof(*m->ends));
	}
	if (!m->buf || !m->ends)
		die("out of memory");
	m->ts += 1000;
	lnr_record_begin(&b, m->buf + m->at, m->cap - m->at, type, m->ts, tid, info->nparams);
	for (unsigned i = 0; i < info->nparams; i++) {
		const struct value *found = NULL;

		for (unsigned k = 0; k < nv && !found; k++)
			found = v[k].param == i ? &v[k] : NULL;
		if (!found)
			lnr_record_empty(&b);
		else if (found->text)
			lnr_record_str(&b, found->text);
		else
			lnr_record_bytes(&b, &found->num, lnr_pt_size(info->params[i].type));
	}
	size_t len = lnr_record_end(&b);
	if (!len)
		die("record does not fit");
	m->at += len;
	m->ends[m->n++] = m->at;
}

#define ADD(m, type, tid, ...)                                           \
	do {                                                             \
		const struct value v_[] = {__VA_ARGS__};                 \
		add((m), (type), (tid), v_, sizeof(v_) / sizeof(v_[0])); \
	} while (0)

static void add_open(struct mix *m, int64_t tid, int64_t fd, const char *name)
{
	ADD(m, LNR_EV_SYSCALL_OPENAT_2_X, tid, {LNR_P_SYSCALL_OPENAT_2_X_fd, fd, NULL},
		{LNR_P_SYSCALL_OPENAT_2_X_dirfd, LNR_AT_FDCWD, NULL},
		{LNR_P_SYSCALL_OPENAT_2_X_name, 0, name}, {LNR_P_SYSCALL_OPENAT_2_X_flags, 1, NULL},
		{LNR_P_SYSCALL_OPENAT_2_X_dev, 0x801, NULL},
		{LNR_P_SYSCALL_OPENAT_2_X_ino, 4711, NULL});
}

static void add_read(struct mix *m, int64_t tid, int64_t fd)
{
	ADD(m, LNR_EV_SYSCALL_READ_X, tid, {LNR_P_SYSCALL_READ_X_res, 100, NULL},
		{LNR_P_SYSCALL_READ_X_data, 0, "some eighty bytes of whatever was read"},
		{LNR_P_SYSCALL_READ_X_fd, fd, NULL}, {LNR_P_SYSCALL_READ_X_size, 100, NULL});
}

static void add_close(struct mix *m, int64_t tid, int64_t fd)
{
	ADD(m, LNR_EV_SYSCALL_CLOSE_X, tid, {LNR_P_SYSCALL_CLOSE_X_res, 0, NULL},
		{LNR_P_SYSCALL_CLOSE_X_fd, fd, NULL});
}

static void add_clone(struct mix *m, int64_t tid, int64_t res, int64_t ptid)
{
	ADD(m, LNR_EV_SYSCALL_CLONE_20_X, tid, {LNR_P_SYSCALL_CLONE_20_X_res, res, NULL},
		{LNR_P_SYSCALL_CLONE_20_X_exe, 0, "/usr/bin/sh"},
		{LNR_P_SYSCALL_CLONE_20_X_args, 0, "-c"}, {LNR_P_SYSCALL_CLONE_20_X_tid, tid, NULL},
		{LNR_P_SYSCALL_CLONE_20_X_pid, tid, NULL},
		{LNR_P_SYSCALL_CLONE_20_X_ptid, ptid, NULL},
		{LNR_P_SYSCALL_CLONE_20_X_comm, 0, "sh"},
		{LNR_P_SYSCALL_CLONE_20_X_cgroups, 0, "cpu=/system.slice/x.service"},
		{LNR_P_SYSCALL_CLONE_20_X_vtid, tid, NULL},
		{LNR_P_SYSCALL_CLONE_20_X_vpid, tid, NULL});
}

static void add_exec(struct mix *m, int64_t tid, int64_t ptid)
{
	ADD(m, LNR_EV_SYSCALL_EXECVE_19_X, tid, {LNR_P_SYSCALL_EXECVE_19_X_res, 0, NULL},
		{LNR_P_SYSCALL_EXECVE_19_X_exe, 0, "/usr/bin/ls"},
		{LNR_P_SYSCALL_EXECVE_19_X_args, 0, "-l"},
		{LNR_P_SYSCALL_EXECVE_19_X_tid, tid, NULL},
		{LNR_P_SYSCALL_EXECVE_19_X_pid, tid, NULL},
		{LNR_P_SYSCALL_EXECVE_19_X_ptid, ptid, NULL},
		{LNR_P_SYSCALL_EXECVE_19_X_comm, 0, "ls"},
		{LNR_P_SYSCALL_EXECVE_19_X_cgroups, 0, "cpu=/system.slice/x.service"},
		{LNR_P_SYSCALL_EXECVE_19_X_env, 0, "PATH=/usr/local/bin:/usr/bin:/bin"},
		{LNR_P_SYSCALL_EXECVE_19_X_trusted_exepath, 0, "/usr/bin/ls"});
}

/* --- mixes --- */

static int64_t pid_at(unsigned i)
{
	return FIRST_PID + i % PROCESSES;
}

/* What most programs do most of the time. */
static void mix_files(struct mix *m)
{
	for (unsigned i = 0; i < 4000; i++) {
		int64_t pid = pid_at(i / 7);

		add_open(m, pid, 30, i & 1 ? "/usr/lib/x86_64-linux-gnu/libc.so.6" : "src/main.c");
		ADD(m, LNR_EV_SYSCALL_FSTAT_X, pid, {LNR_P_SYSCALL_FSTAT_X_res, 0, NULL},
			{LNR_P_SYSCALL_FSTAT_X_fd, 30, NULL});
		add_read(m, pid, 30);
		ADD(m, LNR_EV_SYSCALL_STAT_X, pid, {LNR_P_SYSCALL_STAT_X_res, -2, NULL},
			{LNR_P_SYSCALL_STAT_X_path, 0, "/etc/ld.so.preload"});
		add_close(m, pid, 30);
	}
}

/* Nothing that changes: each event of another process, so that no cache is warm. */
static void mix_reads(struct mix *m)
{
	for (unsigned i = 0; i < 20000; i++)
		add_read(m, pid_at(i), 3 + i % (FDS - 3));
}

static void mix_reads_of_one(struct mix *m)
{
	for (unsigned i = 0; i < 20000; i++)
		add_read(m, FIRST_PID, 5);
}

/* A shell script: fork, exec, a few files, exit. */
static void mix_forks(struct mix *m)
{
	for (unsigned i = 0; i < 2000; i++) {
		int64_t parent = pid_at(i), child = 100000 + i;

		add_clone(m, parent, child, 1);
		add_clone(m, child, 0, parent);
		add_exec(m, child, parent);
		add_open(m, child, 30, "/etc/ld.so.cache");
		add_close(m, child, 30);
		ADD(m, LNR_EV_PROCEXIT_1_E, child, {LNR_P_PROCEXIT_1_E_status, 0, NULL});
	}
}

static void mix_sockets(struct mix *m)
{
	static const uint8_t tuple[] = {LNR_AF_INET, 10, 0, 0, 2, 0x10, 0x27, 10, 0, 0, 1, 0x50, 0};

	for (unsigned i = 0; i < 4000; i++) {
		int64_t pid = pid_at(i / 5);
		struct lnr_record_builder b;

		if (m->cap - m->at < 8192) {
			m->cap = m->cap * 2 + 65536;
			m->buf = realloc(m->buf, m->cap);
			if (!m->buf)
				die("out of memory");
		}
		lnr_record_begin(&b, m->buf + m->at, m->cap - m->at, LNR_EV_SOCKET_ACCEPT4_6_X,
			m->ts += 1000, pid, LNR_NPARAMS_SOCKET_ACCEPT4_6_X);
		lnr_record_u64(&b, 30);
		lnr_record_bytes(&b, tuple, sizeof(tuple));
		for (unsigned k = 2; k < LNR_NPARAMS_SOCKET_ACCEPT4_6_X; k++)
			lnr_record_empty(&b);
		m->at += lnr_record_end(&b);
		if (m->n == m->cap_n) {
			m->cap_n = m->cap_n * 2 + 1024;
			m->ends = realloc(m->ends, m->cap_n * sizeof(*m->ends));
			if (!m->ends)
				die("out of memory");
		}
		m->ends[m->n++] = m->at;
		add_read(m, pid, 30);
		add_read(m, pid, 30);
		add_close(m, pid, 30);
	}
}

/* --- the state they run on --- */

static void set(struct lnr_blob **slot, const char *text)
{
	if (lnr_blob_set(slot, lnr_str_c(text)))
		die("out of memory");
}

static void add_process(struct lnr_state *st, int64_t pid, unsigned threads)
{
	struct lnr_thread *t = lnr_state_add_thread(st, pid, pid);
	char name[64];

	if (!t)
		die("no room for a thread");
	t->ptid = pid == 1 ? 0 : 1;
	t->vtid = t->vpid = t->sid = pid;
	t->uid = t->gid = 1000;
	set(&t->comm, "some-daemon");
	set(&t->exe, "/usr/sbin/some-daemon");
	set(&t->exepath, "/usr/sbin/some-daemon");
	set(&t->cwd, "/var/lib/some-daemon");
	set(&t->cgroups, "cpu=/system.slice/some-daemon.service");
	if (lnr_blob_set(&t->env, LNR_STR("PATH=/usr/bin\0HOME=/root\0LANG=C.UTF-8\0")))
		die("out of memory");
	for (int i = 0; i < FDS; i++) {
		struct lnr_fd *fd = lnr_state_add_fd(st, t, i);

		if (!fd)
			die("no room for a descriptor");
		fd->type = LNR_FD_FILE_V2;
		snprintf(
			name, sizeof(name), "/var/lib/some-daemon/file-%lld-%d", (long long)pid, i);
		set(&fd->name, name);
	}
	for (unsigned i = 1; i < threads; i++) {
		struct lnr_thread *other = lnr_state_add_thread(st, pid + 100000 + i, pid);

		if (!other)
			die("no room for a thread");
		other->ptid = 1;
		set(&other->comm, "worker");
	}
}

static struct lnr_state *make_state(unsigned processes, unsigned threads_each)
{
	struct lnr_state_opts opts = {.size = sizeof(opts)};
	struct lnr_state *st;

	if (lnr_state_new(&opts, &st, NULL))
		die("cannot make a state");
	add_process(st, 1, 1);
	for (unsigned i = 0; i < processes; i++)
		add_process(
			st, FIRST_PID + (int64_t)i * (threads_each > 1 ? 100 : 1), threads_each);
	lnr_state_added(st);
	return st;
}

/* --- running --- */

static double run(struct lnr_state *st, const struct mix *m, struct lnr_event *ev, bool keep)
{
	double start = now_ns();
	size_t at = 0;

	for (size_t i = 0; i < m->n; i++) {
		if (lnr_event_parse(ev, m->buf + at, m->ends[i] - at, 0, NULL))
			die("a record does not parse");
		if (keep) {
			lnr_state_enter(st, ev);
			lnr_state_leave(st, ev);
			lnr_arena_reset(ev->scratch);
		}
		at = m->ends[i];
	}
	return (now_ns() - start) / (double)m->n;
}

static void bench_mix(const char *name, void (*fill)(struct mix *), unsigned rounds)
{
	struct mix m = {.name = name, .ts = UINT64_C(1700000000000000000)};
	struct lnr_arena scratch;
	struct lnr_event ev = {.scratch = &scratch};
	struct lnr_state *st = make_state(PROCESSES, 1);
	double both = 1e9, decode = 1e9;

	lnr_arena_init(&scratch, 1 << 20);
	fill(&m);
	run(st, &m, &ev, true);
	for (unsigned i = 0; i < rounds; i++) {
		double d = run(st, &m, &ev, false), b = run(st, &m, &ev, true);

		decode = d < decode ? d : decode;
		both = b < both ? b : both;
	}
	printf("state %-16s %7zu events  %6.1f ns with decoding, %6.1f ns without\n", name, m.n,
		both, both - decode);
	lnr_state_free(st);
	lnr_arena_done(&scratch);
	free(m.buf);
	free(m.ends);
}

static size_t heap_bytes(void)
{
	struct mallinfo2 mi = mallinfo2();

	return mi.uordblks + mi.hblkhd;
}

static void bench_memory(const char *name, unsigned processes, unsigned threads_each)
{
	size_t before = heap_bytes();
	struct lnr_state *st = make_state(processes, threads_each);

	printf("state memory: %u processes, %u threads, %u descriptors: %.2f MB\n", processes,
		processes * threads_each, processes * FDS,
		(double)(heap_bytes() - before) / (1 << 20));
	(void)name;
	lnr_state_free(st);
}

static void bench_scan(void)
{
	struct lnr_state_opts opts = {.size = sizeof(opts), .live = true, .import_users = true};
	double best = 1e12;
	uint64_t threads = 0, fds = 0;

	for (unsigned i = 0; i < 5; i++) {
		struct lnr_state *st;
		struct lnr_err err;
		const char *names[2];
		uint64_t values[2];
		double start = now_ns();

		if (lnr_state_new(&opts, &st, &err) || lnr_state_scan(st, &err)) {
			printf("state scan: %s\n", err.msg);
			return;
		}
		double took = now_ns() - start;
		best = took < best ? took : best;
		lnr_state_counters(st, names, values, 2);
		threads = values[0];
		fds = values[1];
		lnr_state_free(st);
	}
	printf("state scan: %llu threads, %llu descriptors in %.1f ms\n",
		(unsigned long long)threads, (unsigned long long)fds, best / 1e6);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 5;

	bench_mix("files", mix_files, rounds);
	bench_mix("reads", mix_reads, rounds);
	bench_mix("reads-of-one", mix_reads_of_one, rounds);
	bench_mix("sockets", mix_sockets, rounds);
	bench_mix("forks", mix_forks, rounds);
	bench_memory("processes", 200, 10);
	bench_memory("threads", 2000, 1);
	bench_scan();
	return 0;
}
