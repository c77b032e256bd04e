/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Paths from kernel objects. bpf_d_path() is refused on these hooks, so dentries are walked upwards
 * and the text is built backwards in the work area behind the record:
 *
 *	work: [ … free … | /usr/bin/cat\0 ]
 *	                   ^ pos          ^ LNR_PATH_WORK
 *
 * Walks are global functions, verified once and not at every caller; they take addresses as numbers
 * because a global function can take no kernel pointer on older kernels.
 */
#ifndef LNR_BPF_EXTRACT_PATH_H
#define LNR_BPF_EXTRACT_PATH_H

#include "emit/emit.h"
#include "extract/file.h"

#define LNR_PATH_WORK	 4096
#define LNR_PATH_PARTS	 96 /* dentries at most (spec events-and-state 4) */
#define LNR_CGROUP_PARTS 6
#define LNR_NAME_MASK	 255

static __always_inline struct mount *lnr_real_mount(struct vfsmount *m)
{
	return (void *)m - bpf_core_field_offset(struct mount, mnt);
}

/* Put `len` bytes of a kernel string in front of `pos`; the new pos, or 0 when there is no room. */
static __always_inline u32 lnr_work_prepend(u8 *work, u32 pos, const void *name, u32 len)
{
	len &= LNR_NAME_MASK;
	if (!len || pos < len + 1 || pos > LNR_PATH_WORK)
		return 0;
	pos -= len;
	asm volatile("%0 &= 4095" : "+r"(pos));
	bpf_probe_read_kernel(work + pos, len, name);
	if (!pos)
		return 0;
	pos -= 1;
	asm volatile("%0 &= 4095" : "+r"(pos));
	work[pos] = '/';
	return pos;
}

/*
 * Build the path of a file in the work area; returns where it begins, with the NUL at
 * LNR_PATH_WORK - 1, or LNR_PATH_WORK when there is none.
 */
__noinline int lnr_walk_path(u64 path_addr)
{
	struct lnr_scratch *s = lnr_scratch_get();
	struct path *p = (void *)path_addr;
	if (!s)
		return LNR_PATH_WORK;
	u8 *work = s->b + LNR_SCRATCH_WORK;
	struct dentry *d = BPF_CORE_READ(p, dentry);
	struct vfsmount *v = BPF_CORE_READ(p, mnt);
	struct mount *m = lnr_real_mount(v);
	u32 pos = LNR_PATH_WORK - 1;
	work[pos] = 0;
	for (int i = 0; i < LNR_PATH_PARTS; i++) {
		struct dentry *root = BPF_CORE_READ(m, mnt.mnt_root);
		struct dentry *up = BPF_CORE_READ(d, d_parent);
		if (d == root || d == up) {
			struct mount *mp = BPF_CORE_READ(m, mnt_parent);
			if (d != root || mp == m)
				break; /* global root, or an unmounted dentry */
			d = BPF_CORE_READ(m, mnt_mountpoint);
			m = mp;
			continue;
		}
		u32 next = lnr_work_prepend(
			work, pos, BPF_CORE_READ(d, d_name.name), BPF_CORE_READ(d, d_name.len));
		if (!next)
			break;
		pos = next;
		d = up;
	}
	if (pos == LNR_PATH_WORK - 1) { /* the root itself */
		pos = LNR_PATH_WORK - 2;
		work[pos] = '/';
	}
	return pos;
}

static __always_inline u64 lnr_kernfs_parent(u64 kn)
{
	struct kernfs_node___v6_15 *n = (void *)kn;
	struct kernfs_node___old *o = (void *)kn;
	if (bpf_core_field_exists(n->__parent))
		return (u64)BPF_CORE_READ(n, __parent);
	return (u64)BPF_CORE_READ(o, parent);
}

/* The same for the cgroup of the current task in one subsystem. */
__noinline int lnr_walk_cgroup(u64 task, u32 subsys)
{
	struct lnr_scratch *s = lnr_scratch_get();
	struct task_struct *t = (void *)task;
	struct cgroup_subsys_state *css = NULL;
	if (!s)
		return LNR_PATH_WORK;
	u8 *work = s->b + LNR_SCRATCH_WORK;
	struct css_set *set = BPF_CORE_READ(t, cgroups);
	bpf_core_read(&css, sizeof(css), &set->subsys[subsys & 15]);
	u64 kn = (u64)BPF_CORE_READ(css, cgroup, kn);
	u32 pos = LNR_PATH_WORK - 1;
	work[pos] = 0;
	for (int i = 0; i < LNR_CGROUP_PARTS; i++) {
		u64 up = lnr_kernfs_parent(kn);
		if (!kn || !up)
			break;
		/* The name goes behind the text first: its length is not kept anywhere. */
		long n = bpf_probe_read_kernel_str(work + LNR_PATH_WORK, LNR_NAME_MASK + 1,
			BPF_CORE_READ((struct kernfs_node *)kn, name));
		u32 next = n > 1 ? lnr_work_prepend(work, pos, work + LNR_PATH_WORK, n - 1) : 0;
		if (!next)
			break;
		pos = next;
		kn = up;
	}
	if (pos == LNR_PATH_WORK - 1) {
		pos = LNR_PATH_WORK - 2;
		work[pos] = '/';
	}
	return pos;
}

/* Copy the work area's text into the record at `at`; how many bytes, the NUL included. */
static __always_inline u32 lnr_emit_work(struct lnr_emit *e, u32 pos)
{
	u8 *work = e->buf + LNR_SCRATCH_WORK;
	if (pos >= LNR_PATH_WORK)
		return 0;
	u32 len = LNR_PATH_WORK - pos;
	asm volatile("%0 &= 4095" : "+r"(pos));
	asm volatile("%0 &= 4095" : "+r"(len));
	bpf_probe_read_kernel(lnr_emit_here(e), len, work + pos);
	return len;
}

/* Path of an open file, absolute. */
static __always_inline void lnr_emit_file_path(struct lnr_emit *e, struct file *f)
{
	u32 len = 0;
	if (f)
		len = lnr_emit_work(
			e, lnr_walk_path((u64)__builtin_preserve_access_index(&f->f_path)));
	lnr_emit_done(e, len);
}

#define LNR_EMIT_CGROUP(e, total, t, subsys, text)                                             \
	do {                                                                                   \
		if (bpf_core_enum_value_exists(enum cgroup_subsys_id, subsys##_cgrp_id)) {     \
			u32 pos_ = lnr_walk_cgroup((u64)(t),                                   \
				bpf_core_enum_value(enum cgroup_subsys_id, subsys##_cgrp_id)); \
			__builtin_memcpy(lnr_emit_here(e), text "=", sizeof(text));            \
			(e)->at += sizeof(text);                                               \
			u32 len_ = lnr_emit_work((e), pos_);                                   \
			(e)->at += len_;                                                       \
			(total) += sizeof(text) + len_;                                        \
		}                                                                              \
	} while (0)

/* "cpuset=/a\0cpu=/b\0…", the subsystems of the spec in its order. */
static __always_inline void lnr_emit_cgroups(struct lnr_emit *e, struct task_struct *t)
{
	u32 total = 0, index = e->next - 1;
	LNR_EMIT_CGROUP(e, total, t, cpuset, "cpuset");
	LNR_EMIT_CGROUP(e, total, t, cpu, "cpu");
	LNR_EMIT_CGROUP(e, total, t, cpuacct, "cpuacct");
	LNR_EMIT_CGROUP(e, total, t, io, "io");
	LNR_EMIT_CGROUP(e, total, t, memory, "memory");
	lnr_emit_len(e, index, total);
}

#endif
