/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Descriptors of things that are no files: events, signals, timers, watches, memory, processes. The
 * older call of each pair has no flags; its event says 0.
 */
#ifdef __TARGET_ARCH_x86
LNR_CALL(eventfd)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 20), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_EVENTFD_X(&e);
	lnr_put_SYSCALL_EVENTFD_X_res(&e, ret);
	lnr_put_SYSCALL_EVENTFD_X_initval(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_EVENTFD_X_flags(&e, 0);
	lnr_end_SYSCALL_EVENTFD_X(&e);
	lnr_submit(&e);
	return 0;
}

/* The mask is not read (spec events-and-state 5.9). */
LNR_CALL(signalfd)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 21), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_SIGNALFD_X(&e);
	lnr_put_SYSCALL_SIGNALFD_X_res(&e, ret);
	lnr_put_SYSCALL_SIGNALFD_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_SIGNALFD_X_mask(&e, 0);
	lnr_put_SYSCALL_SIGNALFD_X_flags(&e, 0);
	lnr_end_SYSCALL_SIGNALFD_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(epoll_create)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 12), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_EPOLL_CREATE_X(&e);
	lnr_put_SYSCALL_EPOLL_CREATE_X_res(&e, ret);
	lnr_put_SYSCALL_EPOLL_CREATE_X_size(&e, lnr_arg(regs, 0));
	lnr_end_SYSCALL_EPOLL_CREATE_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(inotify_init)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 9), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_INOTIFY_INIT_X(&e);
	lnr_put_SYSCALL_INOTIFY_INIT_X_res(&e, ret);
	lnr_put_SYSCALL_INOTIFY_INIT_X_flags(&e, 0);
	lnr_end_SYSCALL_INOTIFY_INIT_X(&e);
	lnr_submit(&e);
	return 0;
}
#endif

LNR_CALL(eventfd2)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 18), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_EVENTFD2_X(&e);
	lnr_put_SYSCALL_EVENTFD2_X_res(&e, ret);
	lnr_put_SYSCALL_EVENTFD2_X_flags(&e, lnr_fd_flags(lnr_arg(regs, 1)));
	lnr_put_SYSCALL_EVENTFD2_X_initval(&e, (u32)lnr_arg(regs, 0));
	lnr_end_SYSCALL_EVENTFD2_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(signalfd4)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 22), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_SIGNALFD4_X(&e);
	lnr_put_SYSCALL_SIGNALFD4_X_res(&e, ret);
	lnr_put_SYSCALL_SIGNALFD4_X_flags(&e, lnr_fd_flags(lnr_arg(regs, 3)));
	lnr_put_SYSCALL_SIGNALFD4_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_SIGNALFD4_X_mask(&e, 0);
	lnr_end_SYSCALL_SIGNALFD4_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(timerfd_create)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 10), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_TIMERFD_CREATE_X(&e);
	lnr_put_SYSCALL_TIMERFD_CREATE_X_res(&e, ret);
	lnr_put_SYSCALL_TIMERFD_CREATE_X_clockid(&e, lnr_arg(regs, 0));
	/* O_CLOEXEC has no room in 8 bits. */
	lnr_put_SYSCALL_TIMERFD_CREATE_X_flags(&e, lnr_fd_flags(lnr_arg(regs, 1)));
	lnr_end_SYSCALL_TIMERFD_CREATE_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(epoll_create1)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 12), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_EPOLL_CREATE1_X(&e);
	lnr_put_SYSCALL_EPOLL_CREATE1_X_res(&e, ret);
	lnr_put_SYSCALL_EPOLL_CREATE1_X_flags(
		&e, LNR_MAP(lnr_arg(regs, 0), NAT_O_CLOEXEC, LNR_EPOLL_CLOEXEC));
	lnr_end_SYSCALL_EPOLL_CREATE1_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(inotify_init1)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 10), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_INOTIFY_INIT1_X(&e);
	lnr_put_SYSCALL_INOTIFY_INIT1_X_res(&e, ret);
	lnr_put_SYSCALL_INOTIFY_INIT1_X_flags(&e, lnr_fd_flags(lnr_arg(regs, 0)));
	lnr_end_SYSCALL_INOTIFY_INIT1_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(userfaultfd)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 12), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_USERFAULTFD_X(&e);
	lnr_put_SYSCALL_USERFAULTFD_X_res(&e, ret);
	lnr_put_SYSCALL_USERFAULTFD_X_flags(&e, lnr_arg(regs, 0));
	lnr_end_SYSCALL_USERFAULTFD_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(pidfd_open)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(3, 20), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_PIDFD_OPEN_X(&e);
	lnr_put_SYSCALL_PIDFD_OPEN_X_fd(&e, ret);
	lnr_put_SYSCALL_PIDFD_OPEN_X_pid(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_PIDFD_OPEN_X_flags(
		&e, LNR_MAP(lnr_arg(regs, 1), NAT_O_NONBLOCK, LNR_PIDFD_NONBLOCK));
	lnr_end_SYSCALL_PIDFD_OPEN_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(pidfd_getfd)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 28), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_PIDFD_GETFD_X(&e);
	lnr_put_SYSCALL_PIDFD_GETFD_X_fd(&e, ret);
	lnr_put_SYSCALL_PIDFD_GETFD_X_pid_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_PIDFD_GETFD_X_target_fd(&e, lnr_arg_fd(regs, 1));
	lnr_put_SYSCALL_PIDFD_GETFD_X_flags(&e, lnr_arg(regs, 2));
	lnr_end_SYSCALL_PIDFD_GETFD_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(memfd_create)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_MEMFD_CREATE_X(&e);
	lnr_put_SYSCALL_MEMFD_CREATE_X_fd(&e, ret);
	lnr_begin_param_SYSCALL_MEMFD_CREATE_X_name(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	/* The three known flags have their native values. */
	lnr_put_SYSCALL_MEMFD_CREATE_X_flags(
		&e, lnr_arg(regs, 1) & (LNR_MFD_CLOEXEC | LNR_MFD_ALLOW_SEALING | LNR_MFD_HUGETLB));
	lnr_end_SYSCALL_MEMFD_CREATE_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}
