/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Page faults, where, by which instruction and why. The reference shows what lies at the
 * instruction, which for a program's own faults it cannot read; here it is its address.
 */
#ifdef __TARGET_ARCH_x86
/* Bits of the processor's error code (arch/x86/include/asm/trap_pf.h); each has two names here. */
static __always_inline u32 lnr_fault_flags(u64 code)
{
	u32 f = code & 1 ? LNR_PF_PROTECTION_VIOLATION : LNR_PF_PAGE_NOT_PRESENT;
	f |= code & 2 ? LNR_PF_WRITE_ACCESS : LNR_PF_READ_ACCESS;
	f |= code & 4 ? LNR_PF_USER_FAULT : LNR_PF_SUPERVISOR_FAULT;
	f |= LNR_MAP(code, 8, LNR_PF_RESERVED_PAGE);
	return f | LNR_MAP(code, 16, LNR_PF_INSTRUCTION_FETCH);
}

static __always_inline int lnr_page_fault(u64 address, struct pt_regs *regs, u64 code)
{
	struct lnr_emit e;
	if (!lnr_in_family() || !lnr_reserve(&e, LNR_RECORD_SIZE(3, 20), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_PAGE_FAULT_E(&e);
	lnr_put_PAGE_FAULT_E_addr(&e, address);
	lnr_put_PAGE_FAULT_E_ip(&e, regs->ip);
	lnr_put_PAGE_FAULT_E_error(&e, lnr_fault_flags(code));
	lnr_end_PAGE_FAULT_E(&e);
	lnr_submit(&e);
	return 0;
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(hook_fault_user, unsigned long address, struct pt_regs *regs, unsigned long code)
{
	return lnr_page_fault(address, regs, code);
}

SEC("tp_btf/page_fault_kernel")
int BPF_PROG(hook_fault_kernel, unsigned long address, struct pt_regs *regs, unsigned long code)
{
	return lnr_page_fault(address, regs, code);
}
#endif
