/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* open, openat, openat2, creat, open_by_handle_at: which file, how, and what was found there. */
#ifdef __TARGET_ARCH_x86
LNR_CALL(open)
{
	struct lnr_emit e;
	struct lnr_fd_info i;
	u64 flags = lnr_arg(regs, 1);
	if (!lnr_open(&e))
		return 0;
	struct lnr_passed *p = lnr_passed_take(regs);
	lnr_fd_info(ret, &i);
	lnr_begin_SYSCALL_OPEN_X(&e);
	lnr_put_SYSCALL_OPEN_X_fd(&e, ret);
	lnr_begin_param_SYSCALL_OPEN_X_name(&e);
	lnr_emit_passed_str(&e, p, lnr_arg_ptr(regs, 0));
	lnr_put_SYSCALL_OPEN_X_flags(
		&e, lnr_open_flags(flags) | i.created | lnr_layer_flags(i.layer));
	lnr_put_SYSCALL_OPEN_X_mode(&e, lnr_open_mode(flags, lnr_arg(regs, 2)));
	lnr_put_SYSCALL_OPEN_X_dev(&e, i.dev);
	lnr_put_SYSCALL_OPEN_X_ino(&e, i.ino);
	lnr_end_SYSCALL_OPEN_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_OPEN);
	return 0;
}

LNR_CALL(creat)
{
	struct lnr_emit e;
	struct lnr_fd_info i;
	if (!lnr_open(&e))
		return 0;
	struct lnr_passed *p = lnr_passed_take(regs);
	lnr_fd_info(ret, &i);
	lnr_begin_SYSCALL_CREAT_X(&e);
	lnr_put_SYSCALL_CREAT_X_fd(&e, ret);
	lnr_begin_param_SYSCALL_CREAT_X_name(&e);
	lnr_emit_passed_str(&e, p, lnr_arg_ptr(regs, 0));
	lnr_put_SYSCALL_CREAT_X_mode(&e, lnr_open_mode(NAT_O_CREAT, lnr_arg(regs, 1)));
	lnr_put_SYSCALL_CREAT_X_dev(&e, i.dev);
	lnr_put_SYSCALL_CREAT_X_ino(&e, i.ino);
	lnr_put_SYSCALL_CREAT_X_creat_flags(&e, i.layer);
	lnr_end_SYSCALL_CREAT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_OPEN);
	return 0;
}
#endif

#define LNR_EMIT_OPENAT(e, regs, ret, p, i)                                                    \
	do {                                                                                   \
		u64 flags_ = lnr_arg(regs, 2);                                                 \
		lnr_begin_SYSCALL_OPENAT_2_X(e);                                               \
		lnr_put_SYSCALL_OPENAT_2_X_fd(e, ret);                                         \
		lnr_put_SYSCALL_OPENAT_2_X_dirfd(e, lnr_arg_fd(regs, 0));                      \
		lnr_begin_param_SYSCALL_OPENAT_2_X_name(e);                                    \
		lnr_emit_passed_str(e, p, lnr_arg_ptr(regs, 1));                               \
		lnr_put_SYSCALL_OPENAT_2_X_flags(                                              \
			e, lnr_open_flags(flags_) | (i).created | lnr_layer_flags((i).layer)); \
		lnr_put_SYSCALL_OPENAT_2_X_mode(e, lnr_open_mode(flags_, lnr_arg(regs, 3)));   \
		lnr_put_SYSCALL_OPENAT_2_X_dev(e, (i).dev);                                    \
		lnr_put_SYSCALL_OPENAT_2_X_ino(e, (i).ino);                                    \
		lnr_end_SYSCALL_OPENAT_2_X(e);                                                 \
	} while (0)

/* By far the most frequent event with a name: a short one is written where it stays. */
LNR_CALL(openat)
{
	struct lnr_emit e;
	struct lnr_fd_info i;
	struct lnr_passed *p = lnr_passed_take(regs);
	lnr_fd_info(ret, &i);
	if (lnr_passed_short(p)) {
		if (!lnr_reserve(
			    &e, LNR_RECORD_SIZE(7, 36 + LNR_PASSED_SHORT), LNR_COUNT_DROP_OPEN))
			return 0;
		LNR_EMIT_OPENAT(&e, regs, ret, p, i);
		lnr_submit(&e);
		return 0;
	}
	if (!lnr_open(&e))
		return 0;
	LNR_EMIT_OPENAT(&e, regs, ret, p, i);
	lnr_output(&e, LNR_COUNT_DROP_OPEN);
	return 0;
}

LNR_CALL(openat2)
{
	struct lnr_emit e;
	struct lnr_fd_info i;
	struct lnr_open_how how = {0};
	if (!lnr_open(&e))
		return 0;
	struct lnr_passed *p = lnr_passed_take(regs);
	if (p) {
		how.flags = p->how[0];
		how.mode = p->how[1];
		how.resolve = p->how[2];
	} else {
		bpf_probe_read_user(&how, sizeof(how), lnr_arg_ptr(regs, 2));
	}
	lnr_fd_info(ret, &i);
	lnr_begin_SYSCALL_OPENAT2_X(&e);
	lnr_put_SYSCALL_OPENAT2_X_fd(&e, ret);
	lnr_put_SYSCALL_OPENAT2_X_dirfd(&e, lnr_arg_fd(regs, 0));
	lnr_begin_param_SYSCALL_OPENAT2_X_name(&e);
	lnr_emit_passed_str(&e, p, lnr_arg_ptr(regs, 1));
	lnr_put_SYSCALL_OPENAT2_X_flags(
		&e, lnr_open_flags(how.flags) | i.created | lnr_layer_flags(i.layer));
	lnr_put_SYSCALL_OPENAT2_X_mode(&e, lnr_open_mode(how.flags, how.mode));
	lnr_put_SYSCALL_OPENAT2_X_resolve(&e, lnr_resolve_flags(how.resolve));
	lnr_put_SYSCALL_OPENAT2_X_dev(&e, i.dev);
	lnr_put_SYSCALL_OPENAT2_X_ino(&e, i.ino);
	lnr_end_SYSCALL_OPENAT2_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_OPEN);
	return 0;
}

LNR_CALL(open_by_handle_at)
{
	struct lnr_emit e;
	struct lnr_fd_info i;
	if (!lnr_open(&e))
		return 0;
	lnr_fd_info(ret, &i);
	lnr_begin_SYSCALL_OPEN_BY_HANDLE_AT_X(&e);
	lnr_put_SYSCALL_OPEN_BY_HANDLE_AT_X_fd(&e, ret);
	lnr_put_SYSCALL_OPEN_BY_HANDLE_AT_X_mountfd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_OPEN_BY_HANDLE_AT_X_flags(
		&e, lnr_open_flags(lnr_arg(regs, 2)) | i.created | lnr_layer_flags(i.layer));
	lnr_begin_param_SYSCALL_OPEN_BY_HANDLE_AT_X_path(&e);
	lnr_emit_file_path(&e, ret > 0 ? lnr_file(ret) : NULL);
	lnr_put_SYSCALL_OPEN_BY_HANDLE_AT_X_dev(&e, i.dev);
	lnr_put_SYSCALL_OPEN_BY_HANDLE_AT_X_ino(&e, i.ino);
	lnr_end_SYSCALL_OPEN_BY_HANDLE_AT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_OPEN);
	return 0;
}
