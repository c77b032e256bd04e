/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* sendfile, splice, copy_file_range: data that stay in the kernel. */
#define LNR_IA32_SENDFILE 187 /* its offset has 32 bits, that of sendfile64 has 64 */

LNR_CALL(sendfile)
{
	struct lnr_emit e;
	u64 offset = 0;
	const void *user = lnr_arg_ptr(regs, 2);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(5, 40), LNR_COUNT_DROP_REST))
		return 0;
	if (lnr_is_compat() && lnr_call_nr(regs) == LNR_IA32_SENDFILE)
		bpf_probe_read_user(&offset, 4, user);
	else
		bpf_probe_read_user(&offset, 8, user);
	lnr_begin_SYSCALL_SENDFILE_X(&e);
	lnr_put_SYSCALL_SENDFILE_X_res(&e, ret);
	lnr_put_SYSCALL_SENDFILE_X_offset(&e, offset);
	lnr_put_SYSCALL_SENDFILE_X_out_fd(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_SENDFILE_X_in_fd(&e, lnr_arg_fd(regs, 1));
	lnr_put_SYSCALL_SENDFILE_X_size(&e, lnr_arg(regs, 3));
	lnr_end_SYSCALL_SENDFILE_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(splice)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(5, 36), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_SPLICE_X(&e);
	lnr_put_SYSCALL_SPLICE_X_res(&e, ret);
	lnr_put_SYSCALL_SPLICE_X_fd_in(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_SPLICE_X_fd_out(&e, lnr_arg_fd(regs, 2));
	lnr_put_SYSCALL_SPLICE_X_size(&e, lnr_arg(regs, 4));
	/* The four flags have their native values. */
	lnr_put_SYSCALL_SPLICE_X_flags(&e, lnr_arg(regs, 5) & 0xf);
	lnr_end_SYSCALL_SPLICE_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(copy_file_range)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(6, 48), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_COPY_FILE_RANGE_X(&e);
	lnr_put_SYSCALL_COPY_FILE_RANGE_X_res(&e, ret);
	lnr_put_SYSCALL_COPY_FILE_RANGE_X_fdout(&e, lnr_arg_fd(regs, 2));
	lnr_put_SYSCALL_COPY_FILE_RANGE_X_offout(&e, lnr_arg(regs, 3));
	lnr_put_SYSCALL_COPY_FILE_RANGE_X_fdin(&e, lnr_arg_fd(regs, 0));
	lnr_put_SYSCALL_COPY_FILE_RANGE_X_offin(&e, lnr_arg(regs, 1));
	lnr_put_SYSCALL_COPY_FILE_RANGE_X_len(&e, lnr_arg(regs, 4));
	lnr_end_SYSCALL_COPY_FILE_RANGE_X(&e);
	lnr_submit(&e);
	return 0;
}
