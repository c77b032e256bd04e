/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * clone, clone3, fork, vfork: the caller's return and, where children come back through sys_exit
 * (x86_64), the child's, with result 0. Elsewhere hook_fork reports the child (fork.bpf.c).
 */
#define LNR_CLONE_THREAD_NATIVE 0x00010000

/* CHILD_IN_PIDNS: the caller's own or its children's pid namespace is not the first one. */
static __always_inline u32 lnr_pidns_flag(struct task_struct *t)
{
	struct pid_namespace *own = lnr_task_pidns(t);
	struct pid_namespace *kids = BPF_CORE_READ(t, nsproxy, pid_ns_for_children);
	return BPF_CORE_READ(own, level) || own != kids ? LNR_CL_CHILD_IN_PIDNS : 0;
}

#define LNR_EMIT_CLONE(EV, e, ret, native_flags)                                            \
	do {                                                                                \
		struct task_struct *t = lnr_task();                                         \
		struct mm_struct *mm = BPF_CORE_READ(t, mm);                                \
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
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_CLONE(SYSCALL_CLONE_20_X, &e, ret, (u32)lnr_arg(regs, 0));
	lnr_output(&e, LNR_COUNT_DROP_CLONE);
	return 0;
}

LNR_CALL(clone3)
{
	struct lnr_emit e;
	u64 flags = 0; /* first member of struct clone_args */
	if (!lnr_open(&e))
		return 0;
	bpf_probe_read_user(&flags, sizeof(flags), lnr_arg_ptr(regs, 0));
	LNR_EMIT_CLONE(SYSCALL_CLONE3_X, &e, ret, flags);
	lnr_output(&e, LNR_COUNT_DROP_CLONE);
	return 0;
}

#ifdef __TARGET_ARCH_x86
LNR_CALL(fork)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_CLONE(SYSCALL_FORK_20_X, &e, ret, 0);
	lnr_output(&e, LNR_COUNT_DROP_CLONE);
	return 0;
}

LNR_CALL(vfork)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_CLONE(SYSCALL_VFORK_20_X, &e, ret, 0);
	lnr_output(&e, LNR_COUNT_DROP_CLONE);
	return 0;
}
#endif
