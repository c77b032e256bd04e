/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event storms: bytes become a sequence of records of few threads, descriptors and names, so that
 * they meet. A fuzzer gives the bytes, or a random number generator in the unit test.
 *
 *	struct storm s;
 *	storm_init(&s, bytes, size);
 *	while (storm_step(&s)) ;	aborts when an invariant of the state is broken
 *	storm_done(&s);
 *
 * Storms are of files: nothing is asked of the machine.
 */
#ifndef LNR_FUZZ_STATE_STORM_H
#define LNR_FUZZ_STATE_STORM_H

#include <stdio.h>
#include <stdlib.h>

#include "decode/event.h"
#include "schema/params.h"
#include "state/check.h"
#include "state/state.h"

struct storm {
	const uint8_t *at, *end;
	struct lnr_state *st;
	struct lnr_event ev;
	struct lnr_arena scratch;
	uint64_t ts;
	uint8_t record[65536];
	unsigned steps;
};

static const uint16_t storm_types[] = {LNR_EV_SYSCALL_CLONE_20_X, LNR_EV_SYSCALL_CLONE_20_X,
	LNR_EV_SYSCALL_CLONE_20_X, LNR_EV_SYSCALL_CLONE3_X, LNR_EV_SYSCALL_FORK_20_X,
	LNR_EV_SYSCALL_VFORK_20_X, LNR_EV_PROCEXIT_1_E, LNR_EV_PROCEXIT_1_E,
	LNR_EV_SYSCALL_EXECVE_19_E, LNR_EV_SYSCALL_EXECVE_19_X, LNR_EV_SYSCALL_EXECVE_19_X,
	LNR_EV_SYSCALL_EXECVEAT_E, LNR_EV_SYSCALL_EXECVEAT_X, LNR_EV_SCHEDSWITCH_6_E,
	LNR_EV_SYSCALL_BRK_4_X, LNR_EV_SYSCALL_MMAP_X, LNR_EV_SYSCALL_PRCTL_X,
	LNR_EV_SYSCALL_SETUID_X, LNR_EV_SYSCALL_SETREUID_X, LNR_EV_SYSCALL_SETRESGID_X,
	LNR_EV_SYSCALL_SETSID_X, LNR_EV_SYSCALL_CAPSET_X, LNR_EV_SYSCALL_UNSHARE_X,
	LNR_EV_SYSCALL_SETNS_X, LNR_EV_SYSCALL_SETRLIMIT_X, LNR_EV_SYSCALL_PRLIMIT_X,
	LNR_EV_SYSCALL_OPEN_E, LNR_EV_SYSCALL_OPEN_X, LNR_EV_SYSCALL_OPENAT_2_E,
	LNR_EV_SYSCALL_OPENAT_2_X, LNR_EV_SYSCALL_OPENAT_2_X, LNR_EV_SYSCALL_OPENAT2_E,
	LNR_EV_SYSCALL_OPENAT2_X, LNR_EV_SYSCALL_CREAT_E, LNR_EV_SYSCALL_CREAT_X,
	LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X, LNR_EV_SYSCALL_CHDIR_X, LNR_EV_SYSCALL_FCHDIR_X,
	LNR_EV_SYSCALL_GETCWD_X, LNR_EV_SYSCALL_CHROOT_X, LNR_EV_SYSCALL_CLOSE_X,
	LNR_EV_SYSCALL_CLOSE_X, LNR_EV_SYSCALL_CLOSE_RANGE_X, LNR_EV_SYSCALL_DUP_1_X,
	LNR_EV_SYSCALL_DUP2_X, LNR_EV_SYSCALL_DUP3_X, LNR_EV_SYSCALL_FCNTL_X, LNR_EV_SYSCALL_PIPE_X,
	LNR_EV_SYSCALL_PIPE2_X, LNR_EV_SYSCALL_EVENTFD2_X, LNR_EV_SYSCALL_TIMERFD_CREATE_X,
	LNR_EV_SYSCALL_INOTIFY_INIT_X, LNR_EV_SYSCALL_BPF_2_X, LNR_EV_SYSCALL_MEMFD_CREATE_X,
	LNR_EV_SYSCALL_PIDFD_OPEN_X, LNR_EV_SYSCALL_PIDFD_GETFD_X, LNR_EV_SOCKET_SOCKET_X,
	LNR_EV_SOCKET_SOCKETPAIR_X, LNR_EV_SOCKET_BIND_X, LNR_EV_SOCKET_CONNECT_E,
	LNR_EV_SOCKET_CONNECT_X, LNR_EV_SOCKET_ACCEPT_5_X, LNR_EV_SOCKET_ACCEPT4_6_X,
	LNR_EV_SOCKET_GETSOCKOPT_X, LNR_EV_SYSCALL_READ_X, LNR_EV_SYSCALL_WRITE_X,
	LNR_EV_SOCKET_SEND_X, LNR_EV_SOCKET_SENDTO_X, LNR_EV_SOCKET_SENDMMSG_X,
	LNR_EV_SOCKET_RECVFROM_X, LNR_EV_SOCKET_RECVMSG_X, LNR_EV_SOCKET_RECVMMSG_X,
	LNR_EV_USER_ADDED_E, LNR_EV_USER_DELETED_E, LNR_EV_GROUP_ADDED_E, LNR_EV_GROUP_DELETED_E,
	LNR_EV_CONTAINER_E, LNR_EV_CONTAINER_JSON_E, LNR_EV_CONTAINER_JSON_2_E, LNR_EV_ASYNCEVENT_E,
	LNR_EV_PROCINFO_E, LNR_EV_PAGE_FAULT_E, LNR_EV_CPU_HOTPLUG_E, LNR_EV_GENERIC_X,
	LNR_EV_SYSCALL_FSTAT_X, LNR_EV_SYSCALL_UNLINKAT_2_X};

static const char *const storm_texts[] = {"", "/", "..", "/a/../b", "a//b/./c", "../../x",
	"/etc/passwd", "sh", "<NA>", "(NULL)", "/memfd:x (deleted)", "noisy",
	"cpu=/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	"mem=/web/x", "container", "container_removed",
	"{\"container\":{\"id\":\"0123456789ab\",\"type\":0}}",
	"{\"container\":{\"id\":\"web\",\"image\":\"i\",\"ip\":\"10.0.0.1\"}}"};

static inline uint8_t storm_byte(struct storm *s)
{
	return s->at < s->end ? *s->at++ : 0;
}

static inline uint64_t storm_bytes(struct storm *s, unsigned n)
{
	uint64_t v = 0;
	while (n--)
		v = v << 8 | storm_byte(s);
	return v;
}

/* Few threads, so that they are each other's parents, and now and then a strange one. */
static inline int64_t storm_tid(struct storm *s)
{
	uint8_t b = storm_byte(s);
	if (b < 240)
		return 1 + b % 12;
	return b == 255 ? (int64_t)storm_bytes(s, 8) : (int64_t)(b - 242);
}

static inline int64_t storm_number(struct storm *s, unsigned type)
{
	uint8_t b = storm_byte(s);
	if (type == LNR_PT_PID)
		return storm_tid(s);
	if (b < 160)
		return b % 16; /* descriptors, success */
	if (b < 200)
		return -(b - 160);
	if (b < 240)
		return (int64_t)1 << (b - 200); /* flags */
	return (int64_t)storm_bytes(s, 8);
}

static inline size_t storm_address(struct storm *s, uint8_t *out, bool tuple)
{
	static const uint8_t families[] = {
		LNR_AF_UNIX, LNR_AF_INET, LNR_AF_INET6, 0, LNR_AF_NETLINK};
	uint8_t family = families[storm_byte(s) % sizeof(families)];
	size_t n = family == LNR_AF_INET ? 6 : family == LNR_AF_INET6 ? 18 : 8, at = 0;
	out[at++] = family;
	for (unsigned end = 0; end <= tuple; end++) {
		uint8_t how = storm_byte(s);
		memset(out + at, 0, n);
		if (family == LNR_AF_INET6 && how & 1)
			memset(out + at + 10, 0xff, 2); /* mapped */
		if (how & 2)
			out[at + n - 3] = storm_byte(s);
		if (how & 4)
			out[at + n - 2] = how;
		if (how & 8)
			out[at] = 0x20;
		at += n;
	}
	if (family == LNR_AF_UNIX) {
		memcpy(out + at, "/run/x", 7);
		at += 7;
	}
	return at - (storm_byte(s) > 250); /* cut short, rarely */
}

static inline void storm_param(
	struct storm *s, struct lnr_record_builder *b, const struct lnr_param_info *p)
{
	uint8_t raw[256];
	unsigned size = lnr_pt_size(p->type);
	uint8_t how = storm_byte(s);
	if (how < 16) {
		lnr_record_empty(b);
	} else if (size) {
		int64_t v = storm_number(s, p->type);
		lnr_record_bytes(b, &v, how > 252 ? size / 2 : size);
	} else if (p->type == LNR_PT_SOCKADDR || p->type == LNR_PT_SOCKTUPLE) {
		lnr_record_bytes(b, raw, storm_address(s, raw, p->type == LNR_PT_SOCKTUPLE));
	} else if (how < 224) {
		const char *text = storm_texts[how % LNR_ARRAY_SIZE(storm_texts)];
		lnr_record_bytes(b, text, strlen(text) + (how < 208));
	} else if (how < 254) {
		size_t n = storm_byte(s);
		for (size_t i = 0; i < n; i++)
			raw[i] = storm_byte(s);
		lnr_record_bytes(b, raw, n);
	} else {
		static char longer[3000];
		memset(longer, '/', sizeof(longer) - 1);
		memset(longer + 1, 'x', storm_byte(s) * 9);
		lnr_record_str(b, longer);
	}
}

/* What rules and fields ask of a state. */
static inline void storm_read(struct storm *s)
{
	struct lnr_thread *t = s->ev.thread;
	size_t pos = 0;
	struct lnr_fd *fd;
	if (s->ev.fd)
		lnr_fd_render_name(&s->scratch, s->ev.fd);
	if (!t)
		return;
	for (unsigned n = 0; n < 4; n++)
		lnr_state_ancestor(s->st, t, n);
	lnr_state_sid_leader(s->st, t);
	lnr_state_vpgid_leader(s->st, t);
	lnr_state_pgid_leader(s->st, t);
	lnr_state_parent_thread(s->st, t);
	lnr_state_cwd(s->st, t);
	lnr_state_nthreads(s->st, t);
	while ((fd = lnr_state_fd_next(s->st, t, &pos)))
		if (fd->name && fd->name->data[fd->name->len])
			abort();
}

static inline void storm_check(struct storm *s)
{
	char why[256];
	if (lnr_state_check(s->st, why, sizeof(why)))
		return;
	fprintf(stderr, "after %u steps: %s\n", s->steps, why);
	abort();
}

/* A process or descriptor as a list of them tells it. */
static inline void storm_fill(struct storm *s)
{
	uint8_t n = storm_byte(s) % 4;
	for (uint8_t i = 0; i < n; i++) {
		int64_t tid = storm_tid(s), pid = storm_byte(s) & 1 ? tid : storm_tid(s);
		struct lnr_thread *t = lnr_state_add_thread(s->st, tid, pid);
		if (!t)
			continue;
		t->ptid = storm_tid(s);
		t->vtid = tid;
		t->vpid = pid;
		lnr_blob_set(&t->comm, LNR_STR("noisy"));
		lnr_blob_set(&t->cwd, LNR_STR("/srv"));
		for (uint8_t k = storm_byte(s) % 4; k; k--) {
			struct lnr_fd *fd = lnr_state_add_fd(s->st, t, storm_number(s, LNR_PT_FD));
			if (!fd)
				continue;
			fd->type = (int8_t)(storm_byte(s) % 23 - 1);
			fd->l4 = storm_byte(s) % 6;
			fd->sport = storm_byte(s) & 3;
			fd->sip.addr[0] = storm_byte(s);
		}
	}
	lnr_state_added(s->st);
}

static inline void storm_init(struct storm *s, const uint8_t *bytes, size_t size)
{
	struct lnr_state_opts opts = {.size = sizeof(opts)};
	memset(s, 0, sizeof(*s));
	s->at = bytes;
	s->end = bytes + size;
	uint8_t flags = storm_byte(s);
	opts.import_users = flags & 1;
	opts.track_connections = flags & 2;
	opts.max_threads = flags & 4 ? 6 : 0;
	opts.max_fds_per_process = flags & 8 ? 4 : 0;
	opts.static_container = flags & 16 ? "fixed" : NULL;
	if (lnr_state_new(&opts, &s->st, NULL))
		abort();
	if (flags & 32 && lnr_state_suppress_comm(s->st, LNR_STR("noisy")))
		abort();
	const struct lnr_iface iface = {
		.addr = {LNR_AF_INET, {10, 0, 0, 1}}, .mask = {LNR_AF_INET, {255, 255, 255, 0}}};
	lnr_state_add_iface(s->st, &iface);
	lnr_arena_init(&s->scratch, 0);
	s->ev.scratch = &s->scratch;
	s->ts = UINT64_C(1700000000000000000);
}

static inline void storm_done(struct storm *s)
{
	lnr_state_free(s->st);
	lnr_arena_done(&s->scratch);
}

/* One event. False at the end of the bytes. */
static inline bool storm_step(struct storm *s)
{
	if (s->at >= s->end)
		return false;
	s->steps++;
	uint8_t op = storm_byte(s);
	if (op >= 250) {
		storm_fill(s);
		storm_check(s);
		return true;
	}
	uint16_t type = storm_types[op % LNR_ARRAY_SIZE(storm_types)];
	const struct lnr_event_info *info = lnr_event_info(type);
	uint8_t step = storm_byte(s);
	s->ts += step < 250 ? step * UINT64_C(1000) : UINT64_C(1) << (step - 216);
	struct lnr_record_builder b;
	uint32_t nparams = storm_byte(s) < 250 ? info->nparams
					       : storm_byte(s) % (info->nparams + 1);
	lnr_record_begin(&b, s->record, sizeof(s->record), type, s->ts, storm_tid(s), nparams);
	for (uint32_t i = 0; i < nparams; i++)
		storm_param(s, &b, &info->params[i]);
	size_t len = lnr_record_end(&b);
	if (!len || lnr_event_parse(&s->ev, s->record, len, storm_byte(s) & 3, NULL))
		return true;
	lnr_state_enter(s->st, &s->ev);
	storm_read(s);
	lnr_state_leave(s->st, &s->ev);
	lnr_arena_reset(&s->scratch);
	storm_check(s);
	return true;
}

#endif
