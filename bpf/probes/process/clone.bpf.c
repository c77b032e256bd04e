/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * clone, clone3, fork, vfork: the caller's return and, where children come back through sys_exit
 * (x86_64), the child's, with result 0. Elsewhere hook_fork reports the child.
 */
#define LNR_CLONE_VM	  0x00000100 /* include/uapi/linux/sched.h */
#define LNR_CLONE_FILES	  0x00000400
#define LNR_CLONE_SIGHAND 0x00000800
#define LNR_CLONE_THREAD  0x00010000

/* CHILD_IN_PIDNS: the caller's own or its children's pid namespace is not the first one. */
static __always_inline u32 lnr_pidns_flag(struct task_struct *t)
{
	struct pid_namespace *own = lnr_task_pidns(t);
	struct pid_namespace *kids = LNR_READ(t, nsproxy, pid_ns_for_children);
	return LNR_READ(own, level) || own != kids ? LNR_CL_CHILD_IN_PIDNS : 0;
}

/* Flags of its birth that a task itself shows. */
static __always_inline u32 lnr_birth_flags(struct task_struct *t)
{
	struct task_struct *from = BPF_CORE_READ(t, group_leader);
	u32 flags = 0;
	if (from != t)
		flags = LNR_CLONE_THREAD | LNR_CLONE_SIGHAND | LNR_CLONE_VM;
	else
		from = BPF_CORE_READ(t, real_parent);
	if (LNR_READ(t, files) == LNR_READ(from, files))
		flags |= LNR_CLONE_FILES;
	return flags;
}

/*
 * Flags of clone3 lie in memory, which a new thread shares with its maker: that one may have left
 * its frame by now. What cannot be is replaced by what the task shows.
 */
static __always_inline u64 lnr_clone3_flags(const struct pt_regs *regs, long ret)
{
	struct task_struct *t = lnr_task();
	u64 flags = 0; /* first member of struct clone_args */
	bpf_probe_read_user(&flags, sizeof(flags), lnr_arg_ptr(regs, 0));
	if (ret == 0 && lnr_task_tid(t) != lnr_task_pid(t)) {
		u32 shown = lnr_birth_flags(t);
		if ((flags & shown) != shown)
			return shown;
	}
	return flags;
}

#define LNR_EMIT_CLONE(EV, e, t, ret, native_flags)                                         \
	do {                                                                                \
		struct mm_struct *mm = LNR_READ(t, mm);                                     \
		lnr_begin_##EV(e);                                                          \
		lnr_put_##EV##_res(e, ret);                                                 \
		lnr_begin_param_##EV##_exe(e);                                              \
		lnr_begin_param_##EV##_args(e);                                             \
		lnr_emit_exe_args(e, mm);                                                   \
		if (ret < 0) {                                                              \
			/* args are left out of a failure: they end the record so far */    \
			(e)->at -= *(u16 *)((e)->buf + sizeof(struct lnr_record) + 4);      \
			lnr_emit_len(e, 2, 0);                                              \
		}                                                                           \
		LNR_PUT_IDS(EV, e, t);                                                      \
		LNR_PUT_USAGE(EV, e, t, mm);                                                \
		lnr_begin_param_##EV##_cgroups(e);                                          \
		lnr_emit_cgroups(e, t);                                                     \
		lnr_put_##EV##_flags(e, lnr_clone_flags(native_flags) | lnr_pidns_flag(t)); \
		lnr_put_##EV##_uid(e, lnr_task_cred(t, euid.val));                          \
		lnr_put_##EV##_gid(e, lnr_task_cred(t, egid.val));                          \
		lnr_put_##EV##_vtid(e, lnr_task_vtid(t));                                   \
		lnr_put_##EV##_vpid(e, lnr_task_vpid(t));                                   \
		lnr_put_##EV##_pidns_init_start_ts(e, ret ? 0 : lnr_task_pidns_start(t));   \
		lnr_end_##EV(e);                                                            \
	} while (0)

LNR_CALL(clone)
{
	struct lnr_emit e;
	struct task_struct *t = lnr_task();
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_CLONE(SYSCALL_CLONE_20_X, &e, t, ret, (u32)lnr_arg(regs, 0));
	lnr_output(&e, LNR_COUNT_DROP_CLONE);
	return 0;
}

LNR_CALL(clone3)
{
	struct lnr_emit e;
	struct task_struct *t = lnr_task();
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_CLONE(SYSCALL_CLONE3_X, &e, t, ret, lnr_clone3_flags(regs, ret));
	lnr_output(&e, LNR_COUNT_DROP_CLONE);
	return 0;
}

#ifdef __TARGET_ARCH_x86
LNR_CALL(fork)
{
	struct lnr_emit e;
	struct task_struct *t = lnr_task();
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_CLONE(SYSCALL_FORK_20_X, &e, t, ret, 0);
	lnr_output(&e, LNR_COUNT_DROP_CLONE);
	return 0;
}

LNR_CALL(vfork)
{
	struct lnr_emit e;
	struct task_struct *t = lnr_task();
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_CLONE(SYSCALL_VFORK_20_X, &e, t, ret, 0);
	lnr_output(&e, LNR_COUNT_DROP_CLONE);
	return 0;
}
#endif

/*
 * The child where it does not return through sys_exit. It does not run yet: the record is about it
 * and not about the current task, whose memory the child's is still a copy of.
 */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(hook_fork, struct task_struct *parent, struct task_struct *child)
{
	struct lnr_emit e;
	struct task_struct *t = NULL;
	long ret = 0;
	/* Global functions take numbers; a copy of the typed pointer is one. */
	bpf_probe_read_kernel(&t, sizeof(t), &ctx[1]);
	if (!lnr_in_family() || BPF_CORE_READ(t, flags) & LNR_PF_KTHREAD || !lnr_open(&e))
		return 0;
	e.tid = lnr_task_tid(t);
	LNR_EMIT_CLONE(SYSCALL_CLONE_20_X, &e, t, ret, lnr_birth_flags(t));
	lnr_output(&e, LNR_COUNT_DROP_CLONE);
	return 0;
}
