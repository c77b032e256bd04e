/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* mmap, munmap, brk: memory use is that after the call. mprotect. */
LNR_CALL(mmap)
{
	struct lnr_emit e;
	struct mm_struct *mm = BPF_CORE_READ(lnr_task(), mm);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(10, 60), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_MMAP_X(&e);
	lnr_put_SYSCALL_MMAP_X_res(&e, ret);
	lnr_put_SYSCALL_MMAP_X_vm_size(&e, lnr_mm_size(mm));
	lnr_put_SYSCALL_MMAP_X_vm_rss(&e, lnr_mm_rss(mm));
	lnr_put_SYSCALL_MMAP_X_vm_swap(&e, lnr_mm_swap(mm));
	lnr_put_SYSCALL_MMAP_X_addr(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_MMAP_X_length(&e, lnr_arg(regs, 1));
	lnr_put_SYSCALL_MMAP_X_prot(&e, lnr_prot(lnr_arg(regs, 2)));
	lnr_put_SYSCALL_MMAP_X_flags(&e, lnr_mmap_flags(lnr_arg(regs, 3)));
	lnr_put_SYSCALL_MMAP_X_fd(&e, lnr_arg_fd(regs, 4));
	lnr_put_SYSCALL_MMAP_X_offset(&e, lnr_arg(regs, 5));
	lnr_end_SYSCALL_MMAP_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(munmap)
{
	struct lnr_emit e;
	struct mm_struct *mm = BPF_CORE_READ(lnr_task(), mm);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(6, 36), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_MUNMAP_X(&e);
	lnr_put_SYSCALL_MUNMAP_X_res(&e, ret);
	lnr_put_SYSCALL_MUNMAP_X_vm_size(&e, lnr_mm_size(mm));
	lnr_put_SYSCALL_MUNMAP_X_vm_rss(&e, lnr_mm_rss(mm));
	lnr_put_SYSCALL_MUNMAP_X_vm_swap(&e, lnr_mm_swap(mm));
	lnr_put_SYSCALL_MUNMAP_X_addr(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_MUNMAP_X_length(&e, lnr_arg(regs, 1));
	lnr_end_SYSCALL_MUNMAP_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(brk)
{
	struct lnr_emit e;
	struct mm_struct *mm = BPF_CORE_READ(lnr_task(), mm);
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(5, 28), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_BRK_4_X(&e);
	lnr_put_SYSCALL_BRK_4_X_res(&e, ret);
	lnr_put_SYSCALL_BRK_4_X_vm_size(&e, lnr_mm_size(mm));
	lnr_put_SYSCALL_BRK_4_X_vm_rss(&e, lnr_mm_rss(mm));
	lnr_put_SYSCALL_BRK_4_X_vm_swap(&e, lnr_mm_swap(mm));
	lnr_put_SYSCALL_BRK_4_X_addr(&e, lnr_arg(regs, 0));
	lnr_end_SYSCALL_BRK_4_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(mprotect)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(4, 28), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SYSCALL_MPROTECT_X(&e);
	lnr_put_SYSCALL_MPROTECT_X_res(&e, ret);
	lnr_put_SYSCALL_MPROTECT_X_addr(&e, lnr_arg(regs, 0));
	lnr_put_SYSCALL_MPROTECT_X_length(&e, lnr_arg(regs, 1));
	lnr_put_SYSCALL_MPROTECT_X_prot(&e, lnr_prot(lnr_arg(regs, 2)));
	lnr_end_SYSCALL_MPROTECT_X(&e);
	lnr_submit(&e);
	return 0;
}
