/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The current task. */
#ifndef LNR_BPF_BASE_TASK_H
#define LNR_BPF_BASE_TASK_H

#include "base/maps.h"

static __always_inline struct task_struct *lnr_task(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

#define LNR_HAS_TASK_BTF bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)

/*
 * The current task with its type, which a program may read directly and give to helpers; only with
 * LNR_HAS_TASK_BTF. It stays the same as long as a program runs: told so, the compiler asks once
 * where it would ask a dozen times, if it asks where all others come by (LNR_ASK_TASK) and without
 * a condition; hence a function.
 */
static __noinline __attribute__((const)) struct task_struct *lnr_task_btf(void)
{
	return LNR_HAS_TASK_BTF ? bpf_get_current_task_btf() : NULL;
}

#define LNR_ASK_TASK() asm volatile("" ::"r"(lnr_task_btf()))

#endif
