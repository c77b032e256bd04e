/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this kernel lets us hook, found by trying: a program that does nothing is loaded, attached
 * and taken away again, one hook after the other. The rungs of the attach ladder, best first.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "base/util.h"
#include "capture/ring_priv.h"

enum rung {
	RUNG_LSM,
	RUNG_FENTRY,
	RUNG_FEXIT,
	RUNG_TP_BTF,
	RUNG_TRACEPOINT,
	RUNG_KPROBE,
	RUNG_RING
};

struct hook {
	enum rung rung;
	const char *at; /* function, tracepoint */
	const char *name, *purpose;
	bool required;
};

static const struct hook hooks[] = {
	{RUNG_LSM, "bpf_lsm_file_open", "lsm/file_open", "decisions below the system call table",
		false},
	{RUNG_FENTRY, "security_file_open", "fentry/security_file_open",
		"paths as the kernel resolved them", false},
	{RUNG_FEXIT, "do_sys_openat2", "fexit/do_sys_openat2",
		"single calls without cost for the others", false},
	{RUNG_TP_BTF, "sys_exit", "tp_btf/sys_exit", "every system call, at its return", true},
	{RUNG_TP_BTF, "sched_process_exec", "tp_btf/sched_process_exec", "programs started", true},
	{RUNG_TP_BTF, "sched_process_exit", "tp_btf/sched_process_exit", "threads ended", true},
	{RUNG_TP_BTF, "sched_process_fork", "tp_btf/sched_process_fork",
		"children, on machines where they do not return through sys_exit", false},
	{RUNG_TP_BTF, "signal_deliver", "tp_btf/signal_deliver", "signals delivered", false},
	{RUNG_TRACEPOINT, "syscalls/sys_enter_openat", "tracepoint/syscalls/sys_enter_openat",
		"paths copied before another thread can change them", false},
	{RUNG_KPROBE, "do_sys_openat2", "kprobe/do_sys_openat2",
		"calls of 32-bit programs at entry", false},
	{RUNG_RING, "", "map/ringbuf", "the way from the kernel to Lanner", true},
};

/* mov r0, 0; exit */
static const struct bpf_insn nothing[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
	{.code = BPF_JMP | BPF_EXIT},
};

static int load_nothing(enum bpf_prog_type type, enum bpf_attach_type attach, int btf_id)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach,
		.attach_btf_id = (__u32)btf_id);
	int fd = bpf_prog_load(
		type, "lnr_try", "GPL", nothing, LNR_ARRAY_SIZE(nothing), btf_id ? &opts : NULL);
	return fd < 0 ? -errno : fd;
}

/* Hooks named by a kernel type: tp_btf, fentry, fexit, LSM. */
static int try_btf(const struct hook *h, char *why, size_t size)
{
	static const struct {
		enum bpf_prog_type type;
		enum bpf_attach_type attach;
	} kinds[] = {
		[RUNG_LSM] = {BPF_PROG_TYPE_LSM, BPF_LSM_MAC},
		[RUNG_FENTRY] = {BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY},
		[RUNG_FEXIT] = {BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT},
		[RUNG_TP_BTF] = {BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP},
	};
	/* libbpf adds the prefix of LSM and raw tracepoint types itself. */
	const char *at = h->rung == RUNG_LSM ? h->at + strlen("bpf_lsm_") : h->at;
	int id = libbpf_find_vmlinux_btf_id(at, kinds[h->rung].attach);
	if (id <= 0) {
		snprintf(why, size, "this kernel has no such hook");
		return -ENOENT;
	}
	int prog = load_nothing(kinds[h->rung].type, kinds[h->rung].attach, id);
	if (prog < 0) {
		snprintf(why, size, "refused to load: %s", strerror(-prog));
		return prog;
	}
	int link = bpf_raw_tracepoint_open(NULL, prog), r = link < 0 ? -errno : 0;
	if (r)
		snprintf(why, size, "loaded, refused to attach: %s", strerror(-r));
	else
		close(link);
	close(prog);
	return r;
}

static int read_number(const char *path)
{
	LNR_AUTO_FREE char *text = NULL;
	size_t len;
	return lnr_read_file(path, 64, &text, &len, NULL) ? -1 : atoi(text);
}

static int perf_attach(
	struct perf_event_attr *attr, enum bpf_prog_type type, char *why, size_t size)
{
	int prog = load_nothing(type, 0, 0);
	if (prog < 0) {
		snprintf(why, size, "refused to load: %s", strerror(-prog));
		return prog;
	}
	attr->size = sizeof(*attr);
	int perf = (int)syscall(SYS_perf_event_open, attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	LIBBPF_OPTS(bpf_link_create_opts, opts);
	int link = perf < 0 ? -1 : bpf_link_create(prog, perf, BPF_PERF_EVENT, &opts);
	int r = link < 0 ? -errno : 0;
	if (r)
		snprintf(why, size, "loaded, refused to attach: %s", strerror(-r));
	if (link >= 0)
		close(link);
	if (perf >= 0)
		close(perf);
	close(prog);
	return r;
}

static int try_tracepoint(const struct hook *h, char *why, size_t size)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT};
	int id = lnr_tracepoint_id(h->at);
	if (id < 0) {
		snprintf(why, size, "tracefs is not there and cannot be opened: %s", strerror(-id));
		return id;
	}
	attr.config = (__u64)id;
	return perf_attach(&attr, BPF_PROG_TYPE_TRACEPOINT, why, size);
}

static int try_kprobe(const struct hook *h, char *why, size_t size)
{
	struct perf_event_attr attr = {0};
	int type = read_number("/sys/bus/event_source/devices/kprobe/type");
	if (type < 0) {
		snprintf(why, size, "this kernel is built without kprobes");
		return -ENOENT;
	}
	attr.type = (__u32)type;
	attr.kprobe_func = (__u64)(uintptr_t)h->at;
	return perf_attach(&attr, BPF_PROG_TYPE_KPROBE, why, size);
}

static int try_ring(char *why, size_t size)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "lnr_try", 0, 0, 1u << 16, NULL);
	if (fd < 0) {
		int r = -errno;
		snprintf(why, size, "refused: %s", strerror(errno));
		return r;
	}
	close(fd);
	return 0;
}

static int try_hook(const struct hook *h, char *why, size_t size)
{
	switch (h->rung) {
	case RUNG_TRACEPOINT:
		return try_tracepoint(h, why, size);
	case RUNG_KPROBE:
		return try_kprobe(h, why, size);
	case RUNG_RING:
		return try_ring(why, size);
	default:
		return try_btf(h, why, size);
	}
}

static int no_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

unsigned lnr_ring_probe(struct lnr_hook_report *ret, unsigned max)
{
	libbpf_print_fn_t before = libbpf_set_print(no_print);
	for (unsigned i = 0; i < LNR_ARRAY_SIZE(hooks) && i < max; i++) {
		memset(&ret[i], 0, sizeof(ret[i]));
		ret[i].name = hooks[i].name;
		ret[i].purpose = hooks[i].purpose;
		ret[i].required = hooks[i].required;
		ret[i].result = try_hook(&hooks[i], ret[i].reason, sizeof(ret[i].reason));
	}
	libbpf_set_print(before);
	return LNR_ARRAY_SIZE(hooks);
}
