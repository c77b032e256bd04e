/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* process_vm_readv, process_vm_writev: bytes of the local vector. */
LNR_CALL(process_vm_readv)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_PROCESS_VM_READV_X(&e);
	lnr_put_SYSCALL_PROCESS_VM_READV_X_res(&e, ret);
	lnr_put_SYSCALL_PROCESS_VM_READV_X_pid(&e, lnr_arg_fd(regs, 0));
	lnr_begin_param_SYSCALL_PROCESS_VM_READV_X_data(&e);
	lnr_emit_iov(&e, lnr_arg_ptr(regs, 1), lnr_arg(regs, 2),
		ret > 0 ? lnr_min(lnr_snaplen, ret) : 0);
	lnr_end_SYSCALL_PROCESS_VM_READV_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(process_vm_writev)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_PROCESS_VM_WRITEV_X(&e);
	lnr_put_SYSCALL_PROCESS_VM_WRITEV_X_res(&e, ret);
	lnr_put_SYSCALL_PROCESS_VM_WRITEV_X_pid(&e, lnr_arg_fd(regs, 0));
	lnr_begin_param_SYSCALL_PROCESS_VM_WRITEV_X_data(&e);
	lnr_emit_iov(&e, lnr_arg_ptr(regs, 1), lnr_arg(regs, 2),
		ret > 0 ? lnr_min(lnr_snaplen, ret) : 0);
	lnr_end_SYSCALL_PROCESS_VM_WRITEV_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}
