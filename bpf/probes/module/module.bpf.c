/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* init_module, finit_module, delete_module, bpf. The image is kept as far as a record allows. */
LNR_CALL(init_module)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_INIT_MODULE_X(&e);
	lnr_put_SYSCALL_INIT_MODULE_X_res(&e, ret);
	lnr_begin_param_SYSCALL_INIT_MODULE_X_img(&e);
	lnr_emit_user_bytes(&e, lnr_arg_ptr(regs, 0), lnr_min(lnr_arg(regs, 1), LNR_MODULE_IMAGE));
	lnr_put_SYSCALL_INIT_MODULE_X_length(&e, lnr_arg(regs, 1));
	lnr_begin_param_SYSCALL_INIT_MODULE_X_uargs(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 2), LNR_PATH_BYTES_MAX);
	lnr_end_SYSCALL_INIT_MODULE_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(finit_module)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_FINIT_MODULE_X(&e);
	lnr_put_SYSCALL_FINIT_MODULE_X_res(&e, ret);
	lnr_put_SYSCALL_FINIT_MODULE_X_fd(&e, lnr_arg_fd(regs, 0));
	lnr_begin_param_SYSCALL_FINIT_MODULE_X_uargs(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_FINIT_MODULE_X_flags(&e, lnr_finit_flags(lnr_arg(regs, 2)));
	lnr_end_SYSCALL_FINIT_MODULE_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(delete_module)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_DELETE_MODULE_X(&e);
	lnr_put_SYSCALL_DELETE_MODULE_X_res(&e, ret);
	lnr_begin_param_SYSCALL_DELETE_MODULE_X_name(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_DELETE_MODULE_X_flags(&e, lnr_delete_flags(lnr_arg(regs, 1)));
	lnr_end_SYSCALL_DELETE_MODULE_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_REST);
	return 0;
}

LNR_CALL(bpf)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(2, 12), LNR_COUNT_DROP_OTHER_INTEREST))
		return 0;
	lnr_begin_SYSCALL_BPF_2_X(&e);
	lnr_put_SYSCALL_BPF_2_X_fd(&e, ret);
	lnr_put_SYSCALL_BPF_2_X_cmd(&e, lnr_arg(regs, 0));
	lnr_end_SYSCALL_BPF_2_X(&e);
	lnr_submit(&e);
	return 0;
}
