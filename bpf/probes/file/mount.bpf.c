/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* mount, umount2 (the kernel knows no other umount): the magic of old callers is cut from the
 * flags. */
LNR_CALL(mount)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_MOUNT_X(&e);
	lnr_put_SYSCALL_MOUNT_X_res(&e, ret);
	lnr_begin_param_SYSCALL_MOUNT_X_dev(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_begin_param_SYSCALL_MOUNT_X_dir(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 1), LNR_PATH_BYTES_MAX);
	lnr_begin_param_SYSCALL_MOUNT_X_type(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 2), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_MOUNT_X_flags(&e, lnr_mount_flags(lnr_arg(regs, 3)));
	lnr_end_SYSCALL_MOUNT_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}

LNR_CALL(umount2)
{
	struct lnr_emit e;
	if (!lnr_open(&e))
		return 0;
	lnr_begin_SYSCALL_UMOUNT2_X(&e);
	lnr_put_SYSCALL_UMOUNT2_X_res(&e, ret);
	lnr_begin_param_SYSCALL_UMOUNT2_X_name(&e);
	lnr_emit_user_str(&e, lnr_arg_ptr(regs, 0), LNR_PATH_BYTES_MAX);
	lnr_put_SYSCALL_UMOUNT2_X_flags(&e, lnr_umount2_flags(lnr_arg(regs, 1)));
	lnr_end_SYSCALL_UMOUNT2_X(&e);
	lnr_output(&e, LNR_COUNT_DROP_DIR_FILE);
	return 0;
}
