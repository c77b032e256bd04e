/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* io_uring_setup, io_uring_enter, io_uring_register. */
struct lnr_io_uring_params { /* include/uapi/linux/io_uring.h, the part that is read */
	u32 sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features;
};

LNR_CALL(io_uring_setup)
{
	struct lnr_emit e;
	struct lnr_io_uring_params p = {0};
	bpf_probe_read_user(&p, sizeof(p), lnr_arg_ptr(regs, 1));
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(8, 36), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_IO_URING_SETUP_X(&e);
	lnr_put_SYSCALL_IO_URING_SETUP_X_res(&e, ret);
	lnr_put_SYSCALL_IO_URING_SETUP_X_entries(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_IO_URING_SETUP_X_sq_entries(&e, p.sq_entries);
	lnr_put_SYSCALL_IO_URING_SETUP_X_cq_entries(&e, p.cq_entries);
	lnr_put_SYSCALL_IO_URING_SETUP_X_flags(&e, lnr_iou_setup_flags(p.flags));
	lnr_put_SYSCALL_IO_URING_SETUP_X_sq_thread_cpu(&e, p.sq_thread_cpu);
	lnr_put_SYSCALL_IO_URING_SETUP_X_sq_thread_idle(&e, p.sq_thread_idle);
	lnr_put_SYSCALL_IO_URING_SETUP_X_features(&e, p.features & 0x7ff);
	lnr_end_SYSCALL_IO_URING_SETUP_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(io_uring_enter)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(6, 32), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_IO_URING_ENTER_X(&e);
	lnr_put_SYSCALL_IO_URING_ENTER_X_res(&e, ret);
	lnr_put_SYSCALL_IO_URING_ENTER_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_IO_URING_ENTER_X_to_submit(&e, lnr_arg(regs, 1));
	lnr_put_SYSCALL_IO_URING_ENTER_X_min_complete(&e, lnr_arg(regs, 2));
	lnr_put_SYSCALL_IO_URING_ENTER_X_flags(&e, lnr_arg(regs, 3) & 15);
	lnr_put_SYSCALL_IO_URING_ENTER_X_sig(&e, lnr_arg(regs, 4));
	lnr_end_SYSCALL_IO_URING_ENTER_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(io_uring_register)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(5, 30), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_IO_URING_REGISTER_X(&e);
	lnr_put_SYSCALL_IO_URING_REGISTER_X_res(&e, ret);
	lnr_put_SYSCALL_IO_URING_REGISTER_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_IO_URING_REGISTER_X_opcode(&e, lnr_arg(regs, 1));
	lnr_put_SYSCALL_IO_URING_REGISTER_X_arg(&e, lnr_arg(regs, 2));
	lnr_put_SYSCALL_IO_URING_REGISTER_X_nr_args(&e, lnr_arg(regs, 3));
	lnr_end_SYSCALL_IO_URING_REGISTER_X(&e);
	lnr_submit(&e);
	return 0;
}
