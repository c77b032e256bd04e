/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load and attach the probe. Only programs that something wanted needs are loaded: the name of a
 * program says what it is for, call_<system call> or hook_<what>, so a new probe is one new file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "base/util.h"
#include "capture/ring_priv.h"

#define DEFAULT_RING (8u << 20)

struct loader {
	struct lnr_ring *c;
	const struct lnr_ring_opts *o;
	struct lnr_err *err;
	size_t ring_size;
	bool family;
	struct lanner_bpf *skel; /* being loaded */
};

static bool wanted(const uint8_t *set, size_t len, unsigned code)
{
	return set && code / 8 < len && (set[code / 8] >> (code % 8) & 1);
}

static bool wanted_name(const struct loader *l, const char *name)
{
	const struct lnr_syscall_info *s = lnr_syscall_by_name(lnr_str_c(name));
	return s && wanted(l->o->syscalls, l->o->syscalls_len, s->code);
}

static int native_nr(const struct lnr_syscall_info *s)
{
#ifdef __aarch64__
	return s->nr_aarch64;
#else
	return s->nr_x86_64;
#endif
}

/* Some programs serve a call under another of its names (kernel versus event table). */
static const struct {
	const char *program, *call;
} aliases[] = {
	{"umount2", "umount2"},
};

static const char *call_of(const char *program)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(aliases); i++) {
		if (strcmp(aliases[i].program, program) == 0)
			return aliases[i].call;
	}
	return program;
}

/* Does anything wanted need this program? */
static bool needed(const struct loader *l, const char *name, bool generic)
{
	if (strcmp(name, "dispatch") == 0)
		return true;
	if (strncmp(name, "call_", 5) == 0)
		return strcmp(name, "call_generic") == 0 ? generic
							 : wanted_name(l, call_of(name + 5));
	if (strncmp(name, "enter_", 6) == 0)
		return wanted_name(l, name + 6);
	if (strcmp(name, "hook_exec") == 0)
		return wanted_name(l, "execve") || wanted_name(l, "execveat");
	if (strcmp(name, "hook_exit") == 0)
		return wanted_name(l, "sched_process_exit");
	if (strcmp(name, "hook_fork") == 0)
#ifdef __aarch64__
		return wanted_name(l, "clone") || wanted_name(l, "clone3");
#else
		return false; /* children return through sys_exit here */
#endif
	if (strcmp(name, "hook_family") == 0)
		return l->family;
	if (strcmp(name, "hook_switch") == 0)
		return wanted_name(l, "sched_switch");
	if (strcmp(name, "hook_signal") == 0)
		return wanted_name(l, "signal_deliver");
	if (strcmp(name, "hook_fault_user") == 0)
		return wanted_name(l, "page_fault_user");
	if (strcmp(name, "hook_fault_kernel") == 0)
		return wanted_name(l, "page_fault_kernel");
	return false;
}

static struct bpf_program *call_program(const struct loader *l, const char *call)
{
	char name[64];
	snprintf(name, sizeof(name), "call_%s", call);
	return bpf_object__find_program_by_name(l->skel->obj, name);
}

/* Is a wanted call without a program of its own there? */
static bool any_generic(const struct loader *l)
{
	for (unsigned code = 0; code < lnr_syscall_count(); code++) {
		const struct lnr_syscall_info *s = lnr_syscall_info(code);
		if (s && wanted(l->o->syscalls, l->o->syscalls_len, code) && native_nr(s) >= 0 &&
			!call_program(l, s->name))
			return true;
	}
	return false;
}

static void choose_programs(struct loader *l)
{
	struct bpf_program *p;
	bool generic = any_generic(l);
	bpf_object__for_each_program(p, l->skel->obj)
	{
		const char *name = bpf_program__name(p);
		bpf_program__set_autoload(p, needed(l, name, generic));
		/* Only the dispatcher and hooks are attached; the others are reached from it. */
		if (strncmp(name, "call_", 5) == 0)
			bpf_program__set_autoattach(p, false);
	}
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * LNR_NS_PER_SEC + (uint64_t)t.tv_nsec;
}

/* The map type is of 5.11, its use by programs of these kinds of 5.12. */
bool lnr_ring_keeps_passed(void)
{
	return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_TASK_STORAGE, NULL) == 1 &&
	       libbpf_probe_bpf_helper(BPF_PROG_TYPE_TRACEPOINT, BPF_FUNC_task_storage_get, NULL) ==
		       1;
}

static void set_config(struct loader *l)
{
	struct lanner_bpf *s = l->skel;
	s->rodata->lnr_boot_offset = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
	s->rodata->lnr_cpus_per_ring = l->o->cpus_per_buffer;
	s->rodata->lnr_snaplen = l->o->snaplen ? l->o->snaplen : 80;
	s->rodata->lnr_drop_failed = l->o->drop_failed;
	s->rodata->lnr_only_tgid = l->o->only_tgid;
	s->rodata->lnr_keeps_passed = lnr_ring_keeps_passed();
	bpf_map__set_autocreate(s->maps.lnr_passed, s->rodata->lnr_keeps_passed);
}

/* What is constant in the dispatcher's tables. */
static void set_numbers(struct lanner_bpf *s)
{
	memset(s->bss->lnr_ia32, 0xff, sizeof(s->bss->lnr_ia32));
	for (unsigned code = 0; code < lnr_syscall_count(); code++) {
		const struct lnr_syscall_info *info = lnr_syscall_info(code);
		int nr = info ? native_nr(info) : -1;
		if (nr >= 0 && nr < LNR_SYSCALLS_MAX)
			s->bss->lnr_codes[nr] = (uint16_t)code;
	}
#ifdef __x86_64__
	/* SYS_SOCKET … SYS_SENDMMSG of linux/net.h, behind the ia32 numbers. */
	static const char *const multiplexed[] = {NULL, "socket", "bind", "connect", "listen",
		"accept", "getsockname", "getpeername", "socketpair", NULL, NULL, "sendto",
		"recvfrom", "shutdown", "setsockopt", "getsockopt", "sendmsg", "recvmsg", "accept4",
		"recvmmsg", "sendmmsg"};
	for (int nr = 0; nr < LNR_IA32_MULTIPLEXED; nr++) {
		int to = lnr_syscall_ia32(nr);
		if (to >= 0 && to < LNR_SYSCALLS_MAX)
			s->bss->lnr_ia32[nr] = (uint16_t)to;
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(multiplexed); i++) {
		const struct lnr_syscall_info *m =
			multiplexed[i] ? lnr_syscall_by_name(lnr_str_c(multiplexed[i])) : NULL;
		if (m && m->nr_x86_64 >= 0)
			s->bss->lnr_ia32[LNR_IA32_MULTIPLEXED + i] = (uint16_t)m->nr_x86_64;
	}
#endif
}

static uint8_t want_of(const struct loader *l, const struct lnr_syscall_info *s)
{
	if (!s || !wanted(l->o->syscalls, l->o->syscalls_len, s->code))
		return 0;
	bool state = wanted(l->o->state_only, l->o->syscalls_len, s->code);
	bool success = wanted(l->o->success_only, l->o->syscalls_len, s->code);
	return (uint8_t)((state ? LNR_WANT_STATE : LNR_WANT_ALL) |
			 (success ? LNR_WANT_SUCCESS : 0));
}

/* What the dispatcher lets through. Each entry changes at once, so this may be done at work. */
static void set_wanted(struct loader *l)
{
	struct lanner_bpf *s = l->c->skel;
	uint8_t multiplexer = 0;
	for (int nr = 0; nr < LNR_SYSCALLS_MAX; nr++)
		s->bss->lnr_wanted[nr] = want_of(l, lnr_syscall_by_nr(nr));
	for (int nr = 0; nr < LNR_SYSCALLS_MAX; nr++) {
		uint16_t to = s->bss->lnr_ia32[nr];
		uint8_t want = to < LNR_SYSCALLS_MAX ? s->bss->lnr_wanted[to] : 0;
		if (nr >= LNR_IA32_MULTIPLEXED)
			multiplexer |= want;
		else
			s->bss->lnr_looked_at[nr] = want | s->bss->lnr_wanted[nr];
	}
	s->bss->lnr_looked_at[LNR_IA32_SOCKETCALL] |= multiplexer;
}

static int fill_calls(struct loader *l)
{
	int map = bpf_map__fd(l->c->skel->maps.lnr_calls);
	struct bpf_program *generic = call_program(l, "generic");
	for (unsigned code = 0; code < lnr_syscall_count(); code++) {
		const struct lnr_syscall_info *s = lnr_syscall_info(code);
		if (!s || !wanted(l->o->syscalls, l->o->syscalls_len, code))
			continue;
		/* Hooks that are no system call, too: attached twice they would tell twice. */
		l->c->loaded[code / 8] |= (uint8_t)(1u << (code % 8));
		if (native_nr(s) < 0)
			continue;
		struct bpf_program *p = call_program(l, s->name);
		/* Without a descriptor it is in the table from an earlier selection. */
		int fd = bpf_program__fd(p ? p : generic);
		uint32_t nr = (uint32_t)native_nr(s);
		if (fd < 0)
			continue;
		if (bpf_map_update_elem(map, &nr, &fd, BPF_ANY))
			return lnr_fail(l->err, -errno, "cannot enter the program for %s: %s",
				s->name, strerror(errno));
	}
	return 0;
}

/* --- rings --- */

/*
 * Is a CPU of [from, to) online? The file lists ranges, "0-3,8". Where it cannot be read all are
 * taken to be.
 */
static bool any_online(unsigned from, unsigned to)
{
	unsigned first, last;
	bool any = false;
	FILE *f = fopen("/sys/devices/system/cpu/online", "re");
	if (!f)
		return true;
	for (int c = ','; c == ',' && !any && fscanf(f, "%u", &first) == 1;) {
		last = first;
		c = fgetc(f);
		if (c == '-' && fscanf(f, "%u", &last) == 1)
			c = fgetc(f);
		any = first < to && last >= from;
	}
	fclose(f);
	return any;
}

static int make_rings(struct loader *l)
{
	struct lnr_ring *c = l->c;
	unsigned per = l->o->cpus_per_buffer;
	unsigned n = per ? (c->n_cpus + per - 1) / per : 1;
	if (n > LNR_RINGS_MAX)
		return lnr_fail(l->err, -EINVAL,
			"%u rings are more than %d: raise cpus_for_each_buffer", n, LNR_RINGS_MAX);
	c->rings = calloc(n, sizeof(*c->rings));
	if (!c->rings)
		return lnr_fail(l->err, -ENOMEM, "out of memory");
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	int outer = bpf_map__fd(c->skel->maps.lnr_rings);
	for (uint32_t i = 0; i < n; i++) {
		/* The first one always: it takes the news of processors without a ring. */
		if (i && l->o->online_only && !any_online(i * per, (i + 1) * per))
			continue;
		int fd = bpf_map_create(
			BPF_MAP_TYPE_RINGBUF, "lnr_ring", 0, 0, (uint32_t)l->ring_size, NULL);
		if (fd < 0)
			return lnr_fail(l->err, -errno, "cannot make a ring of %zu bytes: %s",
				l->ring_size, strerror(errno));
		int r = lnr_ring_map(&c->rings[c->n_rings++], fd, l->ring_size, i * per, l->err);
		if (r)
			return r;
		struct epoll_event ev = {.events = EPOLLIN, .data.u32 = i};
		if (bpf_map_update_elem(outer, &i, &fd, BPF_ANY) ||
			epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &ev))
			return lnr_fail(l->err, -errno, "cannot use a ring: %s", strerror(errno));
	}
	return 0;
}

/* --- explaining failures --- */

static int no_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

static int explain(struct loader *l, int code, const char *what)
{
	if (code == -EPERM)
		return lnr_fail(l->err, code,
			"%s: not permitted. Run as root or with CAP_BPF and CAP_PERFMON; in a "
			"container also share the host's pid namespace; see 'lanner doctor'",
			what);
	if (code == -EACCES)
		return lnr_fail(l->err, code,
			"%s: this kernel's verifier refuses it; LNR_BPF_LOG=1 shows its words",
			what);
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return lnr_fail(l->err, -ENOTSUP,
			"%s: this kernel has no type information (/sys/kernel/btf/vmlinux); it "
			"needs "
			"CONFIG_DEBUG_INFO_BTF",
			what);
	return lnr_fail(l->err, code, "%s: %s; see 'lanner doctor'", what, strerror(-code));
}

static int check_opts(struct loader *l)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	l->ring_size = l->o->buffer_bytes ? l->o->buffer_bytes : DEFAULT_RING;
	if (l->o->size != sizeof(*l->o))
		return lnr_fail(l->err, -EINVAL, "struct lnr_ring_opts of another version");
	if (l->ring_size & (l->ring_size - 1) || l->ring_size < 2 * page)
		return lnr_fail(l->err, -EINVAL,
			"a ring of %zu bytes: must be a power of two of at least two pages",
			l->ring_size);
	return 0;
}

static int load(struct loader *l)
{
	struct lnr_ring *c = l->c;
	c->n_cpus = (unsigned)libbpf_num_possible_cpus();
	l->skel = c->skel = lanner_bpf__open();
	if (!c->skel)
		return explain(l, -errno, "cannot open the probe");
	choose_programs(l);
	set_config(l);
	bpf_map__set_max_entries(c->skel->maps.lnr_scratch, c->n_cpus);
	int r = lanner_bpf__load(c->skel);
	if (r)
		return explain(l, r, "cannot load the probe");
	set_numbers(c->skel);
	set_wanted(l);
	r = fill_calls(l);
	if (!r)
		r = make_rings(l);
	if (r)
		return r;
	const char *hook = "";
	char what[96];
	r = lnr_ring_attach(c, c->skel, &hook);
	if (r) {
		snprintf(what, sizeof(what), "cannot attach the probe's %s", hook);
		return explain(l, r, what);
	}
	c->asleep = &c->skel->bss->lnr_consumer_asleep;
	return 0;
}

/* Without libbpf's own words on standard error, but for a developer who asks for them. */
static int quietly(struct loader *l, int (*step)(struct loader *l))
{
	if (getenv("LNR_BPF_LOG"))
		return step(l);
	libbpf_print_fn_t before = libbpf_set_print(no_print);
	int r = step(l);
	libbpf_set_print(before);
	return r;
}

int lnr_ring_open(const struct lnr_ring_opts *opts, struct lnr_capture **ret, struct lnr_err *err)
{
	struct loader l = {.o = opts, .err = err, .family = opts->only_tgid != 0};
	int r = check_opts(&l);
	if (r)
		return r;
	l.c = calloc(1, sizeof(*l.c));
	if (!l.c)
		return lnr_fail(err, -ENOMEM, "out of memory");
	l.c->base.ops = &lnr_ring_ops;
	l.c->log = opts->log;
	l.c->family = l.family;
	l.c->stats = opts->stats;
	r = quietly(&l, load);
	if (r) {
		lnr_ring_ops.close(&l.c->base);
		return r;
	}
	*ret = &l.c->base;
	return 0;
}

/* --- another selection for a probe at work --- */

/* The second object's maps are those of the first. */
static int share_maps(struct loader *l)
{
	struct bpf_map *m;
	bpf_object__for_each_map(m, l->skel->obj)
	{
		struct bpf_map *first = bpf_object__find_map_by_name(
			l->c->skel->obj, bpf_map__name(m));
		if (first && !bpf_map__autocreate(first)) {
			bpf_map__set_autocreate(m, false);
			continue;
		}
		int r = first ? bpf_map__reuse_fd(m, bpf_map__fd(first)) : -ENOENT;
		if (r)
			return r;
	}
	return 0;
}

/*
 * Programs that the new selection needs and nothing loaded so far has. True if there is any; with
 * `choose` they are the ones that will be loaded.
 */
static bool any_missing(struct loader *l, bool choose)
{
	const struct lnr_ring_opts before = {
		.syscalls = l->c->loaded, .syscalls_len = sizeof(l->c->loaded)};
	struct loader had = *l;
	struct bpf_program *p;
	bool any = false;
	had.o = &before;
	bool generic = any_generic(l), had_generic = any_generic(&had);
	bpf_object__for_each_program(p, l->skel->obj)
	{
		const char *name = bpf_program__name(p);
		bool missing = needed(l, name, generic) && !needed(&had, name, had_generic);
		any |= missing;
		if (!choose)
			continue;
		bpf_program__set_autoload(p, missing);
		if (strncmp(name, "call_", 5) == 0)
			bpf_program__set_autoattach(p, false);
	}
	return any;
}

static int load_more(struct loader *l)
{
	struct lnr_ring *c = l->c;
	const char *hook = "";
	l->skel = c->skel;
	if (!any_missing(l, false))
		return fill_calls(l);
	if (c->n_more == LNR_RING_SELECTIONS)
		return lnr_fail(l->err, -ENOSPC,
			"the probe was extended %d times: start again to watch other system calls",
			LNR_RING_SELECTIONS);
	l->skel = lanner_bpf__open();
	if (!l->skel)
		return explain(l, -errno, "cannot open the probe");
	any_missing(l, true);
	int r = share_maps(l);
	if (!r)
		r = lanner_bpf__load(l->skel);
	if (!r)
		r = fill_calls(l);
	if (!r)
		r = lnr_ring_attach(c, l->skel, &hook);
	if (r) {
		lanner_bpf__destroy(l->skel);
		return explain(l, r, "cannot extend the probe");
	}
	c->more[c->n_more++] = l->skel;
	return 0;
}

int lnr_ring_extend(
	struct lnr_capture *base, const uint8_t *syscalls, size_t len, struct lnr_err *err)
{
	const struct lnr_ring_opts o = {
		.size = sizeof(o), .syscalls = syscalls, .syscalls_len = len};
	struct lnr_ring *c = (struct lnr_ring *)base;
	struct loader l = {.c = c, .o = &o, .err = err, .family = c->family};
	if (base->ops != &lnr_ring_ops)
		return lnr_fail(err, -EINVAL, "this source is no kernel ring");
	return quietly(&l, load_more);
}

void lnr_ring_choose(struct lnr_capture *base, const uint8_t *syscalls, const uint8_t *state_only,
	const uint8_t *success_only, size_t len)
{
	const struct lnr_ring_opts o = {.size = sizeof(o),
		.syscalls = syscalls,
		.state_only = state_only,
		.success_only = success_only,
		.syscalls_len = len};
	struct loader l = {.c = (struct lnr_ring *)base, .o = &o};
	set_wanted(&l);
}
