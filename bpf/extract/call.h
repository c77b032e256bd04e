/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The system call at hand: number, arguments, result, in one form for 64-bit and compat callers.
 */
#ifndef LNR_BPF_EXTRACT_CALL_H
#define LNR_BPF_EXTRACT_CALL_H

#include "base/maps.h"
#include "base/task.h"

/* arch/x86/include/asm/thread_info.h: the call came in through a 32-bit entry. */
#define LNR_TS_COMPAT 0x0002

/*
 * A pointer whose type the verifier knows is followed by plain loads, any other by calls that copy,
 * ten times the price. bpf_rdonly_cast() (6.2) gives it a type; LNR_LOAD() follows what lnr_typed()
 * returned, on older kernels by a copy. The condition is a constant to the verifier. What goes to a
 * global function as a number must not be typed.
 */
extern void *bpf_rdonly_cast(const void *ptr, __u32 type) __ksym __weak;
#define lnr_typed(type, ptr) \
	((type *)(bpf_rdonly_cast ? bpf_rdonly_cast((ptr), bpf_core_type_id_kernel(type)) : (ptr)))
#define LNR_LOAD(ptr, member) (bpf_rdonly_cast ? (ptr)->member : BPF_CORE_READ((ptr), member))
/* BPF_CORE_READ() in this way: LNR_READ(p, a, b) is p->a->b, for a p of any kind. */
#define LNR_READ(ptr, ...)                                                                    \
	(bpf_rdonly_cast ? ___arrow(((typeof(*(ptr)) *)bpf_rdonly_cast(                       \
					    (ptr), bpf_core_type_id_kernel(typeof(*(ptr))))), \
				   __VA_ARGS__)                                               \
			 : BPF_CORE_READ(ptr, __VA_ARGS__))

/* Of that task, which is NULL before 5.11: the helper is missing there and a copy does. */
static __always_inline bool lnr_compat_of(struct task_struct *t)
{
#ifdef __TARGET_ARCH_x86
	if (LNR_HAS_TASK_BTF)
		return t->thread_info.status & LNR_TS_COMPAT;
	return BPF_CORE_READ(lnr_task(), thread_info.status) & LNR_TS_COMPAT;
#else
	return false;
#endif
}

static __always_inline bool lnr_is_compat(void)
{
	return lnr_compat_of(lnr_task_btf());
}

static __always_inline u32 lnr_call_nr(const struct pt_regs *regs)
{
#ifdef __TARGET_ARCH_x86
	return (u32)regs->orig_ax;
#else
	return (u32)regs->syscallno;
#endif
}

/* Raw argument n (0 … 5). */
static __always_inline u64 lnr_arg_of(const struct pt_regs *regs, const int n, bool compat)
{
#ifdef __TARGET_ARCH_x86
	if (compat) {
		if (lnr_call_nr(regs) == LNR_IA32_SOCKETCALL) {
			u32 v = 0; /* the real arguments are an array in user memory */
			bpf_probe_read_user(&v, sizeof(v), (void *)((u64)(u32)regs->cx + 4 * n));
			return v;
		}
		switch (n) {
		case 0:
			return (u32)regs->bx;
		case 1:
			return (u32)regs->cx;
		case 2:
			return (u32)regs->dx;
		case 3:
			return (u32)regs->si;
		case 4:
			return (u32)regs->di;
		default:
			return (u32)regs->bp;
		}
	}
	switch (n) {
	case 0:
		return regs->di;
	case 1:
		return regs->si;
	case 2:
		return regs->dx;
	case 3:
		return regs->r10;
	case 4:
		return regs->r8;
	default:
		return regs->r9;
	}
#else
	return n == 0 ? regs->orig_x0 : regs->regs[n];
#endif
}

static __always_inline u64 lnr_arg(const struct pt_regs *regs, const int n)
{
	return lnr_arg_of(regs, n, lnr_is_compat());
}

/* fd(x) of the spec: the low 32 bits, sign-extended. */
static __always_inline s64 lnr_arg_fd(const struct pt_regs *regs, const int n)
{
	return (s32)lnr_arg(regs, n);
}

static __always_inline const void *lnr_arg_ptr(const struct pt_regs *regs, const int n)
{
	return (const void *)lnr_arg(regs, n);
}

static __always_inline u32 lnr_user_u32(const void *user)
{
	u32 v = 0;
	bpf_probe_read_user(&v, sizeof(v), user);
	return v;
}

/*
 * Number of the call in this architecture's own table, compat callers translated; none when there
 * is no such call. 59 and 322 are execve and execveat of x86_64: a task that has just executed a
 * 32-bit image looks compat already, while its number is still the old one.
 */
static __always_inline u32 lnr_native_nr_of(const struct pt_regs *regs, bool compat)
{
	u32 nr = lnr_call_nr(regs);
#ifdef __TARGET_ARCH_x86
	if (!compat || nr == 59 || nr == 322)
		return nr;
	if (nr == LNR_IA32_SOCKETCALL)
		nr = LNR_IA32_MULTIPLEXED + ((u32)regs->bx & 31);
	else if (nr >= LNR_IA32_MULTIPLEXED)
		return LNR_SYSCALLS_MAX;
	return lnr_ia32[nr & (LNR_SYSCALLS_MAX - 1)];
#else
	return nr;
#endif
}

static __always_inline u32 lnr_native_nr(const struct pt_regs *regs)
{
	return lnr_native_nr_of(regs, lnr_is_compat());
}

#endif
