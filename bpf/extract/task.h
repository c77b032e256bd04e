/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Facts about a task (spec events-and-state 5.5 to 5.8). `t` is any task pointer; all reads are
 * copies. */
#ifndef LNR_BPF_EXTRACT_TASK_H
#define LNR_BPF_EXTRACT_TASK_H

#include "extract/call.h"

enum { LNR_PIDTYPE_PID, LNR_PIDTYPE_TGID, LNR_PIDTYPE_PGID, LNR_PIDTYPE_SID };
#define LNR_PAGE_KB_SHIFT 2	     /* 4 KiB pages */
#define LNR_PF_KTHREAD	  0x00200000 /* include/linux/sched.h */

static __always_inline s64 lnr_task_tid(struct task_struct *t)
{
	return LNR_READ(t, pid);
}

static __always_inline s64 lnr_task_pid(struct task_struct *t)
{
	return LNR_READ(t, tgid);
}

/* The thread that forked it, not its group leader. */
static __always_inline s64 lnr_task_ptid(struct task_struct *t)
{
	return LNR_READ(t, real_parent, pid);
}

/* Number of `p` at the level of its own namespace. */
static __always_inline s64 lnr_pid_own_nr(struct pid *p)
{
	unsigned level = LNR_READ(p, level);
	int nr = 0;
	/* The array grows behind the structure; its stride is the size of the kernel's type. */
	u64 at = (u64)p + bpf_core_field_offset(struct pid, numbers) +
		 level * bpf_core_type_size(struct upid) + bpf_core_field_offset(struct upid, nr);
	bpf_probe_read_kernel(&nr, sizeof(nr), (void *)at);
	return nr;
}

static __always_inline s64 lnr_pid_host_nr(struct pid *p)
{
	return BPF_CORE_READ(p, numbers[0].nr);
}

static __always_inline s64 lnr_task_vtid(struct task_struct *t)
{
	return lnr_pid_own_nr(LNR_READ(t, thread_pid));
}

static __always_inline s64 lnr_task_vpid(struct task_struct *t)
{
	return lnr_pid_own_nr(LNR_READ(t, group_leader, thread_pid));
}

static __always_inline s64 lnr_task_vpgid(struct task_struct *t)
{
	return lnr_pid_own_nr(LNR_READ(t, signal, pids[LNR_PIDTYPE_PGID]));
}

static __always_inline s64 lnr_task_pgid(struct task_struct *t)
{
	return lnr_pid_host_nr(LNR_READ(t, signal, pids[LNR_PIDTYPE_PGID]));
}

static __always_inline struct pid_namespace *lnr_task_pidns(struct task_struct *t)
{
	struct pid *p = LNR_READ(t, thread_pid);
	unsigned level = LNR_READ(p, level);
	struct pid_namespace *ns = NULL;
	u64 at = (u64)p + bpf_core_field_offset(struct pid, numbers) +
		 level * bpf_core_type_size(struct upid) + bpf_core_field_offset(struct upid, ns);
	bpf_probe_read_kernel(&ns, sizeof(ns), (void *)at);
	return ns;
}

/* When the first process of the task's pid namespace began, CLOCK_MONOTONIC, ns. */
static __always_inline u64 lnr_task_pidns_start(struct task_struct *t)
{
	return LNR_READ(lnr_task_pidns(t), child_reaper, start_time);
}

static __always_inline u64 lnr_task_fdlimit(struct task_struct *t)
{
	return LNR_READ(t, signal, rlim[7].rlim_cur); /* RLIMIT_NOFILE */
}

static __always_inline u32 lnr_task_loginuid(struct task_struct *t)
{
	struct task_struct___audit *a = (void *)t;
	if (bpf_core_field_exists(a->loginuid))
		return LNR_READ(a, loginuid.val);
	return (u32)-1;
}

/* new_encode_dev() of the kernel (include/linux/kdev_t.h); dev_t has 20 bits of minor. */
static __always_inline u32 lnr_encode_dev(u32 dev)
{
	u32 major = dev >> 20, minor = dev & 0xfffff;
	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

static __always_inline u32 lnr_task_tty(struct task_struct *t)
{
	struct tty_struct *tty = LNR_READ(t, signal, tty);
	if (!tty)
		return 0;
	u32 major = LNR_READ(tty, driver, major);
	u32 minor = LNR_READ(tty, driver, minor_start) + LNR_READ(tty, index);
	return lnr_encode_dev(major << 20 | minor);
}

/* Member of the current credentials, one u32 or u64. */
#define lnr_task_cred(t, member) LNR_READ(t, cred, member)

/* Capabilities 0 … 40 keep their numbers in events. */
#define LNR_CAPS_KNOWN ((1ULL << LNR_CAP_COUNT) - 1)

/* A set of capabilities of credentials. */
#define lnr_cred_caps(c, member)                                    \
	({                                                          \
		u64 caps_ = 0;                                      \
		bpf_core_read(&caps_, sizeof(caps_), &(c)->member); \
		caps_ &LNR_CAPS_KNOWN;                              \
	})

/* --- memory --- */

static __always_inline u32 lnr_mm_rss(struct mm_struct *mm)
{
	struct mm_struct___v6_2 *n = (void *)mm;
	struct mm_struct___old *o = (void *)mm;
	s64 pages = 0;
	/* file, anon and shmem pages: indexes 0, 1 and 3 (include/linux/mm_types_task.h) */
	if (bpf_core_field_exists(n->rss_stat[0].count))
		pages = LNR_READ(n, rss_stat[0].count) + LNR_READ(n, rss_stat[1].count) +
			LNR_READ(n, rss_stat[3].count);
	else
		pages = BPF_CORE_READ(o, rss_stat.count[0].counter) +
			BPF_CORE_READ(o, rss_stat.count[1].counter) +
			BPF_CORE_READ(o, rss_stat.count[3].counter);
	return pages < 0 ? 0 : pages << LNR_PAGE_KB_SHIFT;
}

static __always_inline u32 lnr_mm_swap(struct mm_struct *mm)
{
	struct mm_struct___v6_2 *n = (void *)mm;
	struct mm_struct___old *o = (void *)mm;
	s64 pages;
	if (bpf_core_field_exists(n->rss_stat[0].count))
		pages = LNR_READ(n, rss_stat[2].count);
	else
		pages = BPF_CORE_READ(o, rss_stat.count[2].counter);
	return pages < 0 ? 0 : pages << LNR_PAGE_KB_SHIFT;
}

static __always_inline u32 lnr_mm_size(struct mm_struct *mm)
{
	return LNR_READ(mm, total_vm) << LNR_PAGE_KB_SHIFT;
}

#endif
