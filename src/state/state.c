/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open, close, and the way of one event: thread, descriptor, effect, and afterwards what was put
 * off (spec 7.1, 7.2).
 */
#include "state/state_priv.h"
#include "state/plugin_tables.h"

#include <stdlib.h>
#include <time.h>

/* How an event type is treated. */
struct parser {
	lnr_parse_fn *parse;
	uint8_t fd_at; /* 1 + parameter with the descriptor of an exit event that uses one */
	uint8_t how;
};

enum {
	NO_QUERY = 1 << 0, /* the thread is not looked for in /proc: it is new, or dying, or idle */
	NO_THREAD = 1 << 1, /* the record's tid means nothing */
	HIDDEN = 1 << 2,    /* keeps state only */
	NO_RESET = 1 << 3,  /* leaves the thread's descriptor memory alone */
	IF_DONE = 1 << 4,   /* a call that failed changes nothing */
};

#define FD(event, param) (1 + LNR_P_##event##_##param)

static const struct parser parsers[LNR_EV_COUNT] = {
	[LNR_EV_SYSCALL_OPEN_E] = {lnr_parse_store, 0, HIDDEN},
	[LNR_EV_SYSCALL_CREAT_E] = {lnr_parse_store, 0, HIDDEN},
	[LNR_EV_SYSCALL_OPENAT_2_E] = {lnr_parse_store, 0, HIDDEN},
	[LNR_EV_SYSCALL_OPENAT2_E] = {lnr_parse_store, 0, HIDDEN},
	[LNR_EV_SYSCALL_EXECVE_19_E] = {lnr_parse_store, 0, HIDDEN},
	[LNR_EV_SYSCALL_EXECVEAT_E] = {lnr_parse_store, 0, HIDDEN},
	[LNR_EV_SOCKET_CONNECT_E] = {lnr_parse_store, FD(SOCKET_CONNECT_E, fd), HIDDEN},

	[LNR_EV_SYSCALL_CLONE_20_X] = {lnr_parse_clone, 0, NO_QUERY | IF_DONE},
	[LNR_EV_SYSCALL_FORK_20_X] = {lnr_parse_clone, 0, NO_QUERY | IF_DONE},
	[LNR_EV_SYSCALL_VFORK_20_X] = {lnr_parse_clone, 0, NO_QUERY | IF_DONE},
	[LNR_EV_SYSCALL_CLONE3_X] = {lnr_parse_clone, 0, NO_QUERY | IF_DONE},
	[LNR_EV_SYSCALL_EXECVE_19_X] = {lnr_parse_exec, 0, IF_DONE},
	[LNR_EV_SYSCALL_EXECVEAT_X] = {lnr_parse_exec, 0, IF_DONE},
	[LNR_EV_PROCEXIT_1_E] = {lnr_parse_procexit, 0, NO_QUERY},
	[LNR_EV_SCHEDSWITCH_6_E] = {lnr_parse_switch, 0, NO_QUERY | NO_RESET},
	[LNR_EV_SYSCALL_BRK_4_X] = {lnr_parse_memory, 0, 0},
	[LNR_EV_SYSCALL_MMAP_X] = {lnr_parse_memory, FD(SYSCALL_MMAP_X, fd), 0},
	[LNR_EV_SYSCALL_MMAP2_X] = {lnr_parse_memory, FD(SYSCALL_MMAP2_X, fd), 0},
	[LNR_EV_SYSCALL_MUNMAP_X] = {lnr_parse_memory, 0, 0},
	[LNR_EV_SYSCALL_PRCTL_X] = {lnr_parse_prctl, 0, IF_DONE},
	[LNR_EV_CPU_HOTPLUG_E] = {lnr_parse_cpu_hotplug, 0, 0},

	[LNR_EV_SYSCALL_SETUID_X] = {lnr_parse_setuid, 0, 0},
	[LNR_EV_SYSCALL_SETGID_X] = {lnr_parse_setgid, 0, 0},
	[LNR_EV_SYSCALL_SETRESUID_X] = {lnr_parse_setresuid, 0, 0},
	[LNR_EV_SYSCALL_SETRESGID_X] = {lnr_parse_setresgid, 0, 0},
	[LNR_EV_SYSCALL_SETREUID_X] = {lnr_parse_setresuid, 0, 0},
	[LNR_EV_SYSCALL_SETREGID_X] = {lnr_parse_setresgid, 0, 0},
	[LNR_EV_SYSCALL_SETSID_X] = {lnr_parse_setsid, 0, IF_DONE},
	[LNR_EV_SYSCALL_CAPSET_X] = {lnr_parse_capset, 0, IF_DONE},
	[LNR_EV_SYSCALL_UNSHARE_X] = {lnr_parse_unshare, 0, 0},
	[LNR_EV_SYSCALL_SETNS_X] = {lnr_parse_setns, FD(SYSCALL_SETNS_X, fd), 0},
	[LNR_EV_SYSCALL_GETRLIMIT_X] = {lnr_parse_rlimit, 0, IF_DONE},
	[LNR_EV_SYSCALL_SETRLIMIT_X] = {lnr_parse_rlimit, 0, IF_DONE},
	[LNR_EV_SYSCALL_PRLIMIT_X] = {lnr_parse_prlimit, 0, IF_DONE},

	[LNR_EV_SYSCALL_OPEN_X] = {lnr_parse_open, 0, IF_DONE},
	[LNR_EV_SYSCALL_CREAT_X] = {lnr_parse_creat, 0, IF_DONE},
	[LNR_EV_SYSCALL_OPENAT_2_X] = {lnr_parse_openat, 0, IF_DONE},
	[LNR_EV_SYSCALL_OPENAT2_X] = {lnr_parse_openat2, 0, IF_DONE},
	[LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X] = {lnr_parse_open_by_handle, 0, IF_DONE},
	[LNR_EV_SYSCALL_CHDIR_X] = {lnr_parse_chdir, 0, IF_DONE},
	[LNR_EV_SYSCALL_GETCWD_X] = {lnr_parse_chdir, 0, IF_DONE},
	[LNR_EV_SYSCALL_FCHDIR_X] = {lnr_parse_fchdir, FD(SYSCALL_FCHDIR_X, fd), IF_DONE},
	[LNR_EV_SYSCALL_CHROOT_X] = {lnr_parse_chroot, 0, IF_DONE},

	[LNR_EV_SYSCALL_CLOSE_X] = {lnr_parse_close, FD(SYSCALL_CLOSE_X, fd), IF_DONE},
	[LNR_EV_SYSCALL_CLOSE_RANGE_X] = {lnr_parse_close_range, 0, IF_DONE},
	[LNR_EV_SYSCALL_DUP_1_X] = {lnr_parse_dup, FD(SYSCALL_DUP_1_X, oldfd), IF_DONE},
	[LNR_EV_SYSCALL_DUP2_X] = {lnr_parse_dup, FD(SYSCALL_DUP2_X, oldfd), IF_DONE},
	[LNR_EV_SYSCALL_DUP3_X] = {lnr_parse_dup, FD(SYSCALL_DUP3_X, oldfd), IF_DONE},
	[LNR_EV_SYSCALL_FCNTL_X] = {lnr_parse_fcntl, FD(SYSCALL_FCNTL_X, fd), IF_DONE},
	[LNR_EV_SYSCALL_PIPE_X] = {lnr_parse_pipe, 0, IF_DONE},
	[LNR_EV_SYSCALL_PIPE2_X] = {lnr_parse_pipe, 0, IF_DONE},
	[LNR_EV_SYSCALL_EVENTFD_X] = {lnr_parse_anon_fd, 0, IF_DONE},
	[LNR_EV_SYSCALL_EVENTFD2_X] = {lnr_parse_anon_fd, 0, IF_DONE},
	[LNR_EV_SYSCALL_SIGNALFD_X] = {lnr_parse_anon_fd, 0, IF_DONE},
	[LNR_EV_SYSCALL_SIGNALFD4_X] = {lnr_parse_anon_fd, 0, IF_DONE},
	[LNR_EV_SYSCALL_TIMERFD_CREATE_X] = {lnr_parse_anon_fd, 0, IF_DONE},
	[LNR_EV_SYSCALL_INOTIFY_INIT_X] = {lnr_parse_anon_fd, 0, IF_DONE},
	[LNR_EV_SYSCALL_INOTIFY_INIT1_X] = {lnr_parse_anon_fd, 0, IF_DONE},
	[LNR_EV_SYSCALL_BPF_2_X] = {lnr_parse_anon_fd, 0, IF_DONE},
	[LNR_EV_SYSCALL_USERFAULTFD_X] = {lnr_parse_anon_fd, 0, IF_DONE},
	[LNR_EV_SYSCALL_IO_URING_SETUP_X] = {lnr_parse_anon_fd, 0, IF_DONE},
	[LNR_EV_SYSCALL_EPOLL_CREATE_X] = {lnr_parse_anon_fd, 0, IF_DONE},
	[LNR_EV_SYSCALL_EPOLL_CREATE1_X] = {lnr_parse_anon_fd, 0, IF_DONE},
	[LNR_EV_SYSCALL_MEMFD_CREATE_X] = {lnr_parse_memfd, 0, 0},
	[LNR_EV_SYSCALL_PIDFD_OPEN_X] = {lnr_parse_pidfd_open, 0, IF_DONE},
	[LNR_EV_SYSCALL_PIDFD_GETFD_X] = {lnr_parse_pidfd_getfd, 0, IF_DONE},

	[LNR_EV_SOCKET_SOCKET_X] = {lnr_parse_socket, 0, IF_DONE},
	[LNR_EV_SOCKET_SOCKETPAIR_X] = {lnr_parse_socketpair, 0, IF_DONE},
	[LNR_EV_SOCKET_BIND_X] = {lnr_parse_bind, FD(SOCKET_BIND_X, fd), IF_DONE},
	[LNR_EV_SOCKET_CONNECT_X] = {lnr_parse_connect, FD(SOCKET_CONNECT_X, fd), 0},
	[LNR_EV_SOCKET_ACCEPT_5_X] = {lnr_parse_accept, 0, IF_DONE},
	[LNR_EV_SOCKET_ACCEPT4_6_X] = {lnr_parse_accept, 0, IF_DONE},
	[LNR_EV_SOCKET_LISTEN_X] = {NULL, FD(SOCKET_LISTEN_X, fd), 0},
	[LNR_EV_SOCKET_SHUTDOWN_X] = {NULL, FD(SOCKET_SHUTDOWN_X, fd), 0},
	[LNR_EV_SOCKET_GETSOCKOPT_X] = {lnr_parse_getsockopt, FD(SOCKET_GETSOCKOPT_X, fd), IF_DONE},
	[LNR_EV_SOCKET_SETSOCKOPT_X] = {NULL, FD(SOCKET_SETSOCKOPT_X, fd), 0},
	[LNR_EV_SYSCALL_READ_X] = {lnr_parse_read, FD(SYSCALL_READ_X, fd), 0},
	[LNR_EV_SYSCALL_READV_X] = {lnr_parse_read, FD(SYSCALL_READV_X, fd), 0},
	[LNR_EV_SYSCALL_PREAD_X] = {lnr_parse_read, FD(SYSCALL_PREAD_X, fd), 0},
	[LNR_EV_SYSCALL_PREADV_X] = {lnr_parse_read, FD(SYSCALL_PREADV_X, fd), 0},
	[LNR_EV_SOCKET_RECV_X] = {lnr_parse_read, FD(SOCKET_RECV_X, fd), 0},
	[LNR_EV_SOCKET_RECVFROM_X] = {lnr_parse_read, FD(SOCKET_RECVFROM_X, fd), 0},
	[LNR_EV_SOCKET_RECVMSG_X] = {lnr_parse_read, FD(SOCKET_RECVMSG_X, fd), 0},
	[LNR_EV_SOCKET_RECVMMSG_X] = {lnr_parse_read, FD(SOCKET_RECVMMSG_X, fd), 0},
	[LNR_EV_SYSCALL_WRITE_X] = {lnr_parse_write, FD(SYSCALL_WRITE_X, fd), 0},
	[LNR_EV_SYSCALL_WRITEV_X] = {lnr_parse_write, FD(SYSCALL_WRITEV_X, fd), 0},
	[LNR_EV_SYSCALL_PWRITE_X] = {lnr_parse_write, FD(SYSCALL_PWRITE_X, fd), 0},
	[LNR_EV_SYSCALL_PWRITEV_X] = {lnr_parse_write, FD(SYSCALL_PWRITEV_X, fd), 0},
	[LNR_EV_SOCKET_SEND_X] = {lnr_parse_write, FD(SOCKET_SEND_X, fd), 0},
	[LNR_EV_SOCKET_SENDTO_X] = {lnr_parse_write, FD(SOCKET_SENDTO_X, fd), 0},
	[LNR_EV_SOCKET_SENDMSG_X] = {lnr_parse_write, FD(SOCKET_SENDMSG_X, fd), 0},
	[LNR_EV_SOCKET_SENDMMSG_X] = {lnr_parse_write, FD(SOCKET_SENDMMSG_X, fd), 0},

	/* No effect, but a descriptor. */
	[LNR_EV_SYSCALL_SENDFILE_X] = {NULL, FD(SYSCALL_SENDFILE_X, out_fd), 0},
	[LNR_EV_SYSCALL_SPLICE_X] = {NULL, FD(SYSCALL_SPLICE_X, fd_out), 0},
	[LNR_EV_SYSCALL_COPY_FILE_RANGE_X] = {NULL, FD(SYSCALL_COPY_FILE_RANGE_X, fdout), 0},
	[LNR_EV_SYSCALL_FSTAT_X] = {NULL, FD(SYSCALL_FSTAT_X, fd), 0},
	[LNR_EV_SYSCALL_LSEEK_X] = {NULL, FD(SYSCALL_LSEEK_X, fd), 0},
	[LNR_EV_SYSCALL_LLSEEK_X] = {NULL, FD(SYSCALL_LLSEEK_X, fd), 0},
	[LNR_EV_SYSCALL_IOCTL_3_X] = {NULL, FD(SYSCALL_IOCTL_3_X, fd), 0},
	[LNR_EV_SYSCALL_GETDENTS_X] = {NULL, FD(SYSCALL_GETDENTS_X, fd), 0},
	[LNR_EV_SYSCALL_GETDENTS64_X] = {NULL, FD(SYSCALL_GETDENTS64_X, fd), 0},
	[LNR_EV_SYSCALL_FLOCK_X] = {NULL, FD(SYSCALL_FLOCK_X, fd), 0},
	[LNR_EV_SYSCALL_FCHMOD_X] = {NULL, FD(SYSCALL_FCHMOD_X, fd), 0},
	[LNR_EV_SYSCALL_FCHOWN_X] = {NULL, FD(SYSCALL_FCHOWN_X, fd), 0},
	[LNR_EV_SYSCALL_FSCONFIG_X] = {NULL, FD(SYSCALL_FSCONFIG_X, fd), 0},
	[LNR_EV_SYSCALL_FINIT_MODULE_X] = {NULL, FD(SYSCALL_FINIT_MODULE_X, fd), 0},
	[LNR_EV_SYSCALL_IO_URING_ENTER_X] = {NULL, FD(SYSCALL_IO_URING_ENTER_X, fd), 0},
	[LNR_EV_SYSCALL_IO_URING_REGISTER_X] = {NULL, FD(SYSCALL_IO_URING_REGISTER_X, fd), 0},
	[LNR_EV_SYSCALL_NEWFSTATAT_X] = {NULL, FD(SYSCALL_NEWFSTATAT_X, dirfd), 0},
	[LNR_EV_SYSCALL_FCHOWNAT_X] = {NULL, FD(SYSCALL_FCHOWNAT_X, dirfd), 0},
	[LNR_EV_SYSCALL_FCHMODAT_X] = {NULL, FD(SYSCALL_FCHMODAT_X, dirfd), 0},
	[LNR_EV_SYSCALL_MKDIRAT_X] = {NULL, FD(SYSCALL_MKDIRAT_X, dirfd), 0},
	[LNR_EV_SYSCALL_UNLINKAT_2_X] = {NULL, FD(SYSCALL_UNLINKAT_2_X, dirfd), 0},
	[LNR_EV_SYSCALL_MKNODAT_X] = {NULL, FD(SYSCALL_MKNODAT_X, dirfd), 0},
	[LNR_EV_SYSCALL_SYMLINKAT_X] = {NULL, FD(SYSCALL_SYMLINKAT_X, linkdirfd), 0},

	[LNR_EV_USER_ADDED_E] = {lnr_parse_user, 0, NO_THREAD},
	[LNR_EV_USER_DELETED_E] = {lnr_parse_user, 0, NO_THREAD},
	[LNR_EV_GROUP_ADDED_E] = {lnr_parse_group, 0, NO_THREAD},
	[LNR_EV_GROUP_DELETED_E] = {lnr_parse_group, 0, NO_THREAD},
	[LNR_EV_CONTAINER_E] = {lnr_parse_container, 0, NO_THREAD},
	[LNR_EV_CONTAINER_JSON_E] = {lnr_parse_container_json, 0, NO_THREAD},
	[LNR_EV_CONTAINER_JSON_2_E] = {lnr_parse_container_json, 0, NO_THREAD},
	[LNR_EV_ASYNCEVENT_E] = {lnr_parse_async, 0, NO_THREAD},
	[LNR_EV_PLUGINEVENT_E] = {NULL, 0, NO_THREAD},
};

bool lnr_state_needs_failed(unsigned event_type)
{
	const struct parser *p = event_type < LNR_EV_COUNT ? &parsers[event_type] : NULL;
	return p && p->parse && !(p->how & IF_DONE);
}

/* --- helpers shared by parsers --- */

/*
 * Texts that do not fit into memory leave the old ones: a stale name is better than none, and the
 * counter tells.
 */
void lnr_state_set_blob(struct lnr_state *st, struct lnr_blob **slot, struct lnr_str s)
{
	if (lnr_blob_set_in(&st->slab, slot, s))
		st->counters[LNR_CNT_NO_MEMORY]++;
}

void lnr_state_set_items(
	struct lnr_state *st, struct lnr_event *ev, struct lnr_blob **slot, struct lnr_str items)
{
	/* One empty item alone counts as none in the reference: `true ''` has no arguments. */
	if (items.len == 1 && items.ptr[0] == '\0')
		items.len = 0;
	/* Readers go from NUL to NUL, so the last item has one, too. */
	if (items.len && items.ptr[items.len - 1] != '\0') {
		char *s = lnr_arena_alloc(lnr_state_scratch(st, ev), items.len + 1);
		if (!s) {
			st->counters[LNR_CNT_NO_MEMORY]++;
			return;
		}
		memcpy(s, items.ptr, items.len);
		s[items.len] = '\0';
		items = (struct lnr_str){s, items.len + 1};
	}
	lnr_state_set_blob(st, slot, items);
}

struct lnr_str lnr_state_text(const struct lnr_event *ev, unsigned param)
{
	struct lnr_str s = lnr_param_str(ev, param);
	return s.ptr && !lnr_str_eq(s, LNR_STR("(NULL)")) ? s : LNR_STR("<NA>");
}

struct lnr_arena *lnr_state_scratch(struct lnr_state *st, struct lnr_event *ev)
{
	return ev && ev->scratch ? ev->scratch : &st->scratch;
}

/* Nothing is kept beyond the thread's next exit: records can be large, and are of no more use. */
void lnr_state_drop_enter(struct lnr_state *st, struct lnr_task *k)
{
	if (!k->stored)
		return;
	lnr_slab_put(&st->slab, k->stored, k->stored->size);
	k->stored = NULL;
}

void lnr_state_store_enter(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread) {
		st->counters[LNR_CNT_STORE_DROPS]++;
		return;
	}
	if (ev->record_len > LNR_STORED_RECORD_BYTES_MAX)
		return;
	struct lnr_task *k = lnr_task_of(ev->thread);
	lnr_state_drop_enter(st, k);
	size_t size = sizeof(*k->stored) + ev->record_len;
	struct lnr_stored *s = lnr_slab_take(&st->slab, size);
	if (!s) {
		st->counters[LNR_CNT_NO_MEMORY]++;
		return;
	}
	/* The bytes themselves: what they point at lies in a buffer that will be used again. */
	s->len = ev->record_len;
	s->size = (uint32_t)size;
	s->type = ev->type;
	s->cpu = ev->cpu;
	memcpy(s->record, ev->record, ev->record_len);
	k->stored = s;
	st->counters[LNR_CNT_STORED]++;
}

void lnr_parse_store(struct lnr_state *st, struct lnr_event *ev)
{
	/* A first parameter that is absent means that all are, and there is nothing to keep. */
	bool always = ev->type == LNR_EV_SYSCALL_EXECVEAT_E || ev->type == LNR_EV_SOCKET_CONNECT_E;
	if (always || lnr_param_present(ev, 0))
		lnr_state_store_enter(st, ev);
}

/* Exit events pair with the enter before them; a successful execveat exits as an execve. */
static bool is_exit_of(uint16_t exit, uint16_t enter)
{
	return enter + 1 == exit ||
	       (exit == LNR_EV_SYSCALL_EXECVE_19_X && enter == LNR_EV_SYSCALL_EXECVEAT_E);
}

/* The copy is indexed anew; st->enter is the one place for it, since one exit is at hand at a time.
 */
struct lnr_event *lnr_state_take_enter(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_task *k = ev->thread ? lnr_task_of(ev->thread) : NULL;
	/* None came: the probe keeps what was passed and puts it into the exit. Nothing is lost. */
	if (!k || (!k->stored && !is_exit_of(ev->type, k->t.last_event_type)))
		return NULL;
	if (!k->stored || !is_exit_of(ev->type, k->enter_type) ||
		!is_exit_of(ev->type, k->stored->type) ||
		lnr_event_parse(
			&st->enter, k->stored->record, k->stored->len, k->stored->cpu, NULL)) {
		st->counters[LNR_CNT_RETRIEVE_DROPS]++;
		return NULL;
	}
	st->counters[LNR_CNT_RETRIEVED]++;
	ev->enter = &st->enter;
	return ev->enter;
}

void lnr_state_rebind(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_task *k = lnr_task_touch(st, ev->tid);
	ev->thread = k ? &k->t : NULL;
	ev->fd = NULL;
}

/* --- the way of an event --- */

/*
 * The result is the first parameter of every exit of a system call (fields 2.3). GENERIC_X has the
 * call's number there. Results that are ids or masks are not errors when their top bit is set.
 */
static void read_result(struct lnr_event *ev)
{
	if (!(ev->info->source_class & LNR_EC_SYSCALL) || ev->type == LNR_EV_GENERIC_X ||
		!lnr_param_present(ev, 0))
		return;
	uint64_t u;
	switch (ev->info->params[0].type) {
	case LNR_PT_UID:
	case LNR_PT_GID:
	case LNR_PT_UINT32:
	case LNR_PT_UINT64:
		ev->has_res = lnr_param_u64(ev, 0, &u);
		ev->res = (int64_t)u;
		break;
	default:
		ev->has_res = lnr_param_s64(ev, 0, &ev->res);
	}
}

/* The descriptor number that an enter event told holds; else the exit's own parameter says it. */
static void bind_fd(struct lnr_state *st, struct lnr_event *ev, const struct parser *p)
{
	struct lnr_task *k = lnr_task_of(ev->thread);
	if (k->t.last_fd == -1 && p->fd_at)
		lnr_param_s64(ev, p->fd_at - 1u, &k->t.last_fd);
	ev->fd = lnr_task_fd(st, k, k->t.last_fd);
}

static void reset_enter(struct lnr_state *st, struct lnr_event *ev, const struct parser *p)
{
	struct lnr_task *k = lnr_task_of(ev->thread);
	k->t.last_fd = -1;
	k->enter_type = ev->type;
	if (ev->info->flags & LNR_EF_USES_FD)
		bind_fd(st, ev, p);
}

static void reset_exit(struct lnr_state *st, struct lnr_event *ev, const struct parser *p)
{
	struct lnr_task *k = lnr_task_of(ev->thread);
	/*
	 * What an enter event said about the descriptor holds for exits of its type, in captures
	 * also for later ones that come without an enter event of their own. Our probe sends enter
	 * events for few calls of a type: there the others would show a descriptor of the past.
	 */
	uint16_t enter = st->opts.live ? k->t.last_event_type : k->enter_type;
	if (!is_exit_of(ev->type, enter))
		k->t.last_fd = -1;
	if (ev->info->flags & LNR_EF_USES_FD)
		bind_fd(st, ev, p);
}

/* Rules may ask for the thread of such an event when it is known; it is nothing that thread did. */
static bool is_bystander(const struct lnr_event *ev, const struct parser *p)
{
	return ev->info->flags & LNR_EF_SKIPPARSERESET || p->how & NO_THREAD;
}

/* The event's thread and what it remembers. */
static void reset(struct lnr_state *st, struct lnr_event *ev, const struct parser *p)
{
	struct lnr_task *k;
	if (is_bystander(ev, p)) {
		k = lnr_task_find(st, ev->tid);
		ev->thread = k ? &k->t : NULL;
		return;
	}
	bool exit = lnr_event_is_exit(ev);
	if (exit)
		read_result(ev);
	k = p->how & NO_QUERY ? lnr_task_touch(st, ev->tid) : lnr_task_fetch(st, ev->tid);
	if (!k) {
		/* A child that its own event makes known is no failure. */
		if (p->parse == lnr_parse_clone)
			st->counters[LNR_CNT_FAILED_THREAD]--;
		return;
	}
	ev->thread = &k->t;
	if (p->how & NO_RESET)
		return;
	if (!(p->how & NO_QUERY))
		k->t.flags |= LNR_TF_ACTIVE;
	if (exit)
		reset_exit(st, ev, p);
	else
		reset_enter(st, ev, p);
}

/* What readers find in the event besides thread and descriptor. */
/*
 * The container of a thread is looked up again only when any container came or went: the generation
 * counts that.
 */
static void finish(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_thread *t = ev->thread;
	if (!t)
		return;
	if (ev->info->flags & (LNR_EF_CREATES_FD | LNR_EF_USES_FD | LNR_EF_DESTROYS_FD)) {
		ev->fdnum = t->last_fd;
		ev->has_fdnum = true;
	}
	struct lnr_task *k = lnr_task_of(t);
	uint32_t gen = lnr_containers_gen(st->containers);
	if (k->container_gen != gen) {
		k->container = lnr_containers_get(st->containers, lnr_blob_str(t->container_id));
		k->container_gen = gen;
	}
	ev->container = k->container;
}

void lnr_state_settle(struct lnr_state *st, struct lnr_event *ev)
{
	if (!st->changed)
		return;
	st->changed = false;
	struct lnr_task *k = lnr_idmap_get(&st->tasks, (uint64_t)ev->tid);
	bool had_fd = ev->fd;
	ev->thread = k ? &k->t : NULL;
	ev->fd = NULL;
	/* What is kept of an enter event may have gone with its thread. */
	ev->enter = k && k->stored ? ev->enter : NULL;
	finish(st, ev);
	if (had_fd && ev->has_fdnum && ev->thread)
		ev->fd = lnr_state_fd(st, ev->thread, ev->fdnum);
}

/*
 * The order of spec 7.1: suppression, thread and descriptor, effect. A suppressed event has its
 * effect all the same, for its process may be the parent of others.
 */
bool lnr_state_enter(struct lnr_state *st, struct lnr_event *ev)
{
	const struct parser *p = &parsers[ev->type];
	st->now = ev->ts;
	if (ev->info->source_class & LNR_EC_ITER)
		return false;
	bool hidden = p->how & HIDDEN;
	if (st->suppressing && lnr_suppress_event(st, ev)) {
		st->counters[LNR_CNT_SUPPRESSED]++;
		hidden = true;
	}
	reset(st, ev, p);
	if (p->parse)
		p->parse(st, ev);
	finish(st, ev);
	return !hidden;
}

/*
 * The order matters: a descriptor that closes may be of the thread that exits, and a thread's
 * container may be the one that is removed.
 */
void lnr_state_leave(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_task *k = ev->thread ? lnr_task_of(ev->thread) : NULL;
	if (k && (ev->type == LNR_EV_PROCINFO_E || !is_bystander(ev, &parsers[ev->type]))) {
		if (lnr_event_is_exit(ev))
			lnr_state_drop_enter(st, k);
		if (ev->type == LNR_EV_PROCINFO_E) {
			/* Fields show what was added since the report before. */
			k->t.cpu_usr = lnr_param_u64_or(ev, LNR_P_PROCINFO_E_cpu_usr, 0);
			k->t.cpu_sys = lnr_param_u64_or(ev, LNR_P_PROCINFO_E_cpu_sys, 0);
		}
		if (ev->type != LNR_EV_SCHEDSWITCH_6_E) {
			k->t.last_event_ts = ev->ts;
			k->t.last_event_type = ev->type;
			k->t.last_event_cpu = ev->cpu;
		}
	}
	if (st->close_tid != LNR_NO_TID) {
		k = lnr_idmap_get(&st->tasks, (uint64_t)st->close_tid);
		if (k)
			lnr_task_fd_remove(st, k, st->close_fd);
		st->close_tid = LNR_NO_TID;
	}
	if (st->exit_tid != LNR_NO_TID) {
		k = lnr_idmap_get(&st->tasks, (uint64_t)st->exit_tid);
		lnr_exited_note(st, st->exit_tid, k ? k->t.ptid : -1, ev->ts);
		lnr_task_remove(st, st->exit_tid);
		st->exit_tid = LNR_NO_TID;
	}
	if (st->remove_container[0]) {
		struct lnr_str id = lnr_str_c(st->remove_container);
		lnr_containers_remove(st->containers, id);
		lnr_users_drop(st->users, id);
		st->remove_container[0] = '\0';
	}
	ev->thread = NULL;
	ev->fd = NULL;
	ev->container = NULL;
	ev->enter = NULL;
	if (st->scratch.used_bytes)
		lnr_arena_reset(&st->scratch);
	if (st->proc)
		lnr_state_purge(st);
}

/* --- open, close --- */

/*
 * Wall clock at boot, ns: records of the kernel count from there (spec 3). Both clocks are read one
 * after the other, which is off by less than a microsecond.
 */
static uint64_t boot_time(void)
{
	struct timespec wall, boot;
	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (uint64_t)wall.tv_sec * LNR_NS_PER_SEC + (uint64_t)wall.tv_nsec -
	       ((uint64_t)boot.tv_sec * LNR_NS_PER_SEC + (uint64_t)boot.tv_nsec);
}

/* Zeroes of the caller mean the reference program's defaults. */
static void set_defaults(struct lnr_state_opts *o)
{
	if (!o->max_threads)
		o->max_threads = LNR_THREADS_MAX;
	if (!o->max_fds_per_process)
		o->max_fds_per_process = LNR_FDS_PER_PROCESS_MAX;
	if (!o->purge_interval_s)
		o->purge_interval_s = LNR_PURGE_INTERVAL_S;
	if (!o->thread_timeout_s)
		o->thread_timeout_s = LNR_THREAD_TIMEOUT_S;
	if (!o->max_proc_socket_lookups)
		o->max_proc_socket_lookups = -1;
	if (!o->clock)
		o->clock = lnr_clock_system();
}

int lnr_state_new(const struct lnr_state_opts *opts, struct lnr_state **ret, struct lnr_err *err)
{
	if (opts->size != sizeof(*opts))
		return lnr_fail(err, -EINVAL, "struct lnr_state_opts has size %zu, expected %zu",
			opts->size, sizeof(*opts));
	struct lnr_state *st = calloc(1, sizeof(*st));
	if (!st)
		return lnr_fail(err, -ENOMEM, "out of memory");
	st->opts = *opts;
	set_defaults(&st->opts);
	if (opts->live)
		st->opts.engines_off |= LNR_ENGINE_BIT_ANY_NAMESPACE;
	st->close_tid = st->exit_tid = LNR_NO_TID;
	lnr_slab_init(&st->slab);
	st->extras.slab = &st->slab;
	lnr_idmap_init(&st->tasks);
	lnr_idmap_init(&st->groups);
	lnr_idmap_init(&st->suppress_tids);
	lnr_strmap_init(&st->suppress_comms);
	lnr_arena_init(&st->scratch, LNR_STATE_SCRATCH_BYTES);
	lnr_cgroup_cache_init(&st->cgroups);
	const char *root = opts->host_root;
	if (!root && opts->live)
		root = getenv("HOST_ROOT");
	st->host_root = lnr_str_dup(lnr_str_c(root ? root : ""));
	st->na = lnr_blob_new_in(&st->slab, LNR_STR("<NA>"));
	st->users = lnr_users_new(opts->import_users);
	st->containers = lnr_containers_new(&st->slab);
	bool ok = st->host_root && st->na && st->users && st->containers;
	if (ok && opts->live) {
		lnr_users_tell(st->users, opts->on_user, opts->user);
		st->boot_ts = boot_time();
		st->proc = lnr_proc_new(st);
		ok = st->proc != NULL;
	}
	if (ok && st->opts.static_container)
		ok = lnr_containers_static(st->containers, st->opts.static_container,
			     st->opts.static_name, st->opts.static_image) == 0;
	if (!ok) {
		lnr_state_free(st);
		return lnr_fail(err, -ENOMEM, "out of memory");
	}
	*ret = st;
	return 0;
}

struct lnr_state *lnr_state_free(struct lnr_state *st)
{
	if (!st)
		return NULL;
	size_t pos = 0;
	uint64_t tid;
	void *k;
	/* All go, so neither lists nor families need to be kept right. */
	while (lnr_idmap_next(&st->tasks, &pos, &tid, &k)) {
		struct lnr_family *g = ((struct lnr_task *)k)->group;
		if (g && !--g->members)
			lnr_slab_put(&st->slab, g, sizeof(*g));
		lnr_task_free(st, k);
	}
	lnr_idmap_done(&st->tasks);
	lnr_idmap_done(&st->groups);
	lnr_idmap_done(&st->suppress_tids);
	struct lnr_str comm;
	pos = 0;
	while (lnr_strmap_next(&st->suppress_comms, &pos, &comm, &k))
		free(k);
	lnr_strmap_done(&st->suppress_comms);
	lnr_blob_unref(st->na);
	lnr_proc_free(st->proc);
	lnr_cgroup_cache_done(&st->cgroups);
	lnr_ifaces_done(&st->ifaces);
	lnr_users_free(st->users);
	lnr_containers_free(st->containers);
	lnr_arena_done(&st->scratch);
	free(st->exited);
	free(st->ports);
	free(st->switch_ts);
	free(st->host_root);
	lnr_slab_done(&st->slab);
	free(st);
	return NULL;
}

/* --- small questions --- */

struct lnr_users *lnr_state_users(struct lnr_state *st)
{
	return st->users;
}

struct lnr_containers *lnr_state_containers(struct lnr_state *st)
{
	return st->containers;
}

uint64_t lnr_state_boot_ts(const struct lnr_state *st)
{
	return st->boot_ts;
}

void lnr_state_set_boot_ts(struct lnr_state *st, uint64_t boot_ts)
{
	st->boot_ts = boot_ts;
}

const char *lnr_state_host_root(const struct lnr_state *st)
{
	return st->host_root;
}

bool lnr_state_cpus_changed(const struct lnr_state *st)
{
	return st->cpus_changed;
}
