/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors that are copied, closed, or have no name (spec 7.4). */
#include "state/state_priv.h"

#include <fcntl.h>

#define CLOEXEC_BITS ((uint32_t)(LNR_O_CLOEXEC | LNR_EPOLL_CLOEXEC | LNR_MFD_CLOEXEC))

/* Removal waits until rules have seen the event. */
void lnr_parse_close(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->has_res)
		return;
	if (ev->res < 0) {
		/* A close that fails names no descriptor; not finding one is no failure here. */
		if (ev->thread && !ev->fd && st->counters[LNR_CNT_FAILED_FD])
			st->counters[LNR_CNT_FAILED_FD]--;
		return;
	}
	if (!ev->thread || !ev->fd)
		return;
	st->close_tid = ev->thread->tid;
	st->close_fd = ev->thread->last_fd;
}

struct range {
	uint64_t first, last;
};

static bool in_range(const struct lnr_fd *fd, const void *arg)
{
	const struct range *r = arg;
	return fd->num >= 0 && (uint64_t)fd->num >= r->first && (uint64_t)fd->num <= r->last;
}

/* Removed at once, unlike close: no field of this event names one of them. */
void lnr_parse_close_range(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->has_res || ev->res < 0)
		return;
	struct lnr_task *k = lnr_task_of(ev->thread);
	struct lnr_fdtable *t = lnr_task_fds_own(st, k);
	if (!t)
		return;
	const struct range r = {lnr_param_u64_or(ev, LNR_P_SYSCALL_CLOSE_RANGE_X_first, 0),
		lnr_param_u64_or(ev, LNR_P_SYSCALL_CLOSE_RANGE_X_last, 0)};
	if (!(lnr_param_u64_or(ev, LNR_P_SYSCALL_CLOSE_RANGE_X_flags, 0) &
		    LNR_CLOSE_RANGE_CLOEXEC)) {
		st->counters[LNR_CNT_REMOVED_FDS] += lnr_fds_filter(&st->slab, t, in_range, &r);
		return;
	}
	for (struct lnr_fd_node *n = lnr_fds_first(t); n; n = lnr_fds_next(n))
		if (in_range(&n->fd, &r))
			n->fd.open_flags |= LNR_O_CLOEXEC;
}

void lnr_parse_dup(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->fd || !ev->has_res || ev->res < 0)
		return;
	/* Standard input or output that is replaced: part of a pipe that a shell made. */
	if (ev->res == 0)
		ev->thread->flags |= LNR_TF_PIPE_DST;
	if (ev->res == 1)
		ev->thread->flags |= LNR_TF_PIPE_SRC;
	struct lnr_fd *fd = lnr_event_fd_dup(st, ev, ev->fd, ev->res);
	if (fd && ev->type == LNR_EV_SYSCALL_DUP3_X &&
		lnr_param_u64_or(ev, LNR_P_SYSCALL_DUP3_X_flags, 0) & LNR_O_CLOEXEC)
		fd->open_flags |= LNR_O_CLOEXEC;
}

/* Only what copies a descriptor or changes its close-on-exec bit is state. */
void lnr_parse_fcntl(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->fd || !ev->has_res || ev->res < 0)
		return;
	uint64_t cmd = lnr_param_u64_or(ev, LNR_P_SYSCALL_FCNTL_X_cmd, LNR_FCNTL_UNKNOWN);
	struct lnr_fd *fd = NULL;
	bool cloexec = false;
	switch (cmd) {
	case LNR_FCNTL_F_DUPFD:
	case LNR_FCNTL_F_DUPFD_CLOEXEC:
		fd = lnr_event_fd_dup(st, ev, ev->fd, ev->res);
		cloexec = cmd == LNR_FCNTL_F_DUPFD_CLOEXEC;
		break;
	case LNR_FCNTL_F_SETFD:
		fd = lnr_event_fd_edit(st, ev);
		cloexec = lnr_param_u64_or(ev, LNR_P_SYSCALL_FCNTL_X_arg, 0) & FD_CLOEXEC;
		if (fd)
			fd->open_flags &= ~CLOEXEC_BITS;
		break;
	}
	if (fd && cloexec)
		fd->open_flags |= LNR_O_CLOEXEC;
}

/* Both ends carry the pipe's inode, which is how fields tell that they belong together. */
static void add_pipe_end(
	struct lnr_state *st, struct lnr_event *ev, unsigned param, uint64_t ino, uint32_t flags)
{
	int64_t num;
	struct lnr_fd *fd = NULL;
	if (lnr_param_s64(ev, param, &num))
		fd = lnr_event_fd_add(st, ev, num);
	if (!fd)
		return;
	fd->type = LNR_FD_FIFO;
	fd->ino = ino;
	fd->open_flags = flags;
}

void lnr_parse_pipe(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->has_res || ev->res < 0)
		return;
	uint64_t ino = lnr_param_u64_or(ev, LNR_P_SYSCALL_PIPE_X_ino, 0);
	uint32_t flags = ev->type == LNR_EV_SYSCALL_PIPE2_X
				 ? (uint32_t)lnr_param_u64_or(ev, LNR_P_SYSCALL_PIPE2_X_flags, 0)
				 : 0;
	add_pipe_end(st, ev, LNR_P_SYSCALL_PIPE_X_fd1, ino, flags);
	add_pipe_end(st, ev, LNR_P_SYSCALL_PIPE_X_fd2, ino, flags);
}

/* Calls whose result is a descriptor without a name. `flags_at` -1: none are kept. */
static const struct anon_call {
	uint16_t event;
	int8_t type;
	int8_t flags_at;
} anon_calls[] = {
	{LNR_EV_SYSCALL_EVENTFD_X, LNR_FD_EVENT, -1},
	{LNR_EV_SYSCALL_EVENTFD2_X, LNR_FD_EVENT, LNR_P_SYSCALL_EVENTFD2_X_flags},
	{LNR_EV_SYSCALL_SIGNALFD_X, LNR_FD_SIGNALFD, -1},
	{LNR_EV_SYSCALL_SIGNALFD4_X, LNR_FD_SIGNALFD, LNR_P_SYSCALL_SIGNALFD4_X_flags},
	{LNR_EV_SYSCALL_TIMERFD_CREATE_X, LNR_FD_TIMERFD, LNR_P_SYSCALL_TIMERFD_CREATE_X_flags},
	{LNR_EV_SYSCALL_INOTIFY_INIT_X, LNR_FD_INOTIFY, -1},
	{LNR_EV_SYSCALL_INOTIFY_INIT1_X, LNR_FD_INOTIFY, LNR_P_SYSCALL_INOTIFY_INIT1_X_flags},
	{LNR_EV_SYSCALL_BPF_2_X, LNR_FD_BPF, -1}, /* whatever the command was */
	{LNR_EV_SYSCALL_USERFAULTFD_X, LNR_FD_USERFAULTFD, -1},
	{LNR_EV_SYSCALL_IO_URING_SETUP_X, LNR_FD_IOURING, -1},
	{LNR_EV_SYSCALL_EPOLL_CREATE_X, LNR_FD_EVENTPOLL, -1},
	{LNR_EV_SYSCALL_EPOLL_CREATE1_X, LNR_FD_EVENTPOLL, LNR_P_SYSCALL_EPOLL_CREATE1_X_flags},
};

void lnr_parse_anon_fd(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->has_res || ev->res < 0)
		return;
	const struct anon_call *c = anon_calls;
	while (c->event != ev->type)
		c++; /* every type that comes here has its row */
	struct lnr_fd *fd = lnr_event_fd_add(st, ev, ev->res);
	if (!fd)
		return;
	fd->type = c->type;
	uint32_t flags = c->flags_at < 0 ? 0
					 : (uint32_t)lnr_param_u64_or(ev, (unsigned)c->flags_at, 0);
	if (c->type == LNR_FD_EVENTPOLL)
		flags = flags & LNR_EPOLL_CLOEXEC ? LNR_O_CLOEXEC : 0;
	fd->open_flags = flags;
}

/*
 * A call that fails leaves an entry without a type under its negative result: the reference does,
 * and fields of later events count it.
 */
void lnr_parse_memfd(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_fd *fd;
	if (!ev->thread || !ev->has_res || !(fd = lnr_event_fd_add(st, ev, ev->res)) || ev->res < 0)
		return;
	fd->type = LNR_FD_MEMFD;
	fd->open_flags = (uint32_t)lnr_param_u64_or(ev, LNR_P_SYSCALL_MEMFD_CREATE_X_flags, 0);
	lnr_event_fd_name(st, ev, fd, lnr_state_text(ev, LNR_P_SYSCALL_MEMFD_CREATE_X_name));
}

/* Named like the directory of the process, with the prefix under which this program sees it. */
void lnr_parse_pidfd_open(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->has_res || ev->res < 0)
		return;
	struct lnr_fd *fd = lnr_event_fd_add(st, ev, ev->res);
	if (!fd)
		return;
	fd->type = LNR_FD_PIDFD;
	fd->pid = lnr_param_s64_or(ev, LNR_P_SYSCALL_PIDFD_OPEN_X_pid, 0);
	fd->open_flags = (uint32_t)lnr_param_u64_or(ev, LNR_P_SYSCALL_PIDFD_OPEN_X_flags, 0);
	char *name = lnr_arena_printf(
		lnr_state_scratch(st, ev), "%s/proc/%lld", st->host_root, (long long)fd->pid);
	if (name)
		lnr_event_fd_name(st, ev, fd, lnr_str_c(name));
}

/* What it was in the other process it is here; unknown there, unknown here. */
void lnr_parse_pidfd_getfd(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->has_res || ev->res < 0)
		return;
	struct lnr_fd *pidfd = lnr_task_fd(st, lnr_task_of(ev->thread),
		lnr_param_s64_or(ev, LNR_P_SYSCALL_PIDFD_GETFD_X_pid_fd, -1));
	if (!pidfd || pidfd->type != LNR_FD_PIDFD)
		return;
	struct lnr_task *target = lnr_task_find(st, pidfd->pid);
	struct lnr_fd *src = target ? lnr_task_fd(st, target,
					      lnr_param_s64_or(ev,
						      LNR_P_SYSCALL_PIDFD_GETFD_X_target_fd, -1))
				    : NULL;
	struct lnr_fd *fd = src ? lnr_event_fd_dup(st, ev, src, ev->res) : NULL;
	if (fd)
		fd->open_flags |= LNR_O_CLOEXEC;
}
