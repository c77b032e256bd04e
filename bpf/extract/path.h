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
 * Where a walk stands; kept behind the text. Steps are functions of their own that find everything
 * here: the verifier checks a step once instead of once per round with all that led to it.
 */
struct lnr_walk {
	u64 dentry, mount, kn;
	u64 cgroup; /* whose path the text is; 0 = of none */
	u32 pos;
};
#define LNR_WALK_AT (LNR_SCRATCH_WORK + LNR_PATH_WORK + 1024)

static __always_inline struct lnr_walk *lnr_walk_of(struct lnr_scratch *s)
{
	return (struct lnr_walk *)(s->b + LNR_WALK_AT);
}

static __always_inline void lnr_walk_begin(struct lnr_scratch *s)
{
	s->b[LNR_SCRATCH_WORK + LNR_PATH_WORK - 1] = 0;
	lnr_walk_of(s)->pos = LNR_PATH_WORK - 1;
}

/* Where the text begins; "/" when nothing was put. */
static __always_inline int lnr_walk_end(struct lnr_scratch *s)
{
	u32 pos = lnr_walk_of(s)->pos;
	if (pos < LNR_PATH_WORK - 1)
		return pos;
	s->b[LNR_SCRATCH_WORK + LNR_PATH_WORK - 2] = '/';
	return LNR_PATH_WORK - 2;
}

/* One dentry up. 0 = go on. */
__noinline int lnr_path_step(u32 round)
{
	asm volatile("" ::"r"(round)); /* else the caller would not pass it */
	struct lnr_scratch *s = lnr_scratch_get();
	if (!s)
		return 1;
	struct lnr_walk *w = lnr_walk_of(s);
	struct dentry *d = (void *)w->dentry;
	struct mount *m = (void *)w->mount;
	struct dentry *root = LNR_READ(m, mnt.mnt_root);
	struct dentry *up = LNR_READ(d, d_parent);
	if (d == root || d == up) {
		struct mount *mp = LNR_READ(m, mnt_parent);
		if (d != root || mp == m)
			return 1; /* global root, or an unmounted dentry */
		w->dentry = (u64)LNR_READ(m, mnt_mountpoint);
		w->mount = (u64)mp;
		return 0;
	}
	u32 pos = lnr_work_prepend(
		s->b + LNR_SCRATCH_WORK, w->pos, LNR_READ(d, d_name.name), LNR_READ(d, d_name.len));
	if (!pos)
		return 1;
	w->pos = pos;
	w->dentry = (u64)up;
	return 0;
}

/*
 * Build the path of a file in the work area; returns where it begins, with the NUL at
 * LNR_PATH_WORK - 1.
 */
__noinline int lnr_walk_path(u64 path_addr)
{
	struct lnr_scratch *s = lnr_scratch_get();
	struct path *p = (void *)path_addr;
	if (!s)
		return LNR_PATH_WORK;
	lnr_walk_begin(s);
	lnr_walk_of(s)->dentry = (u64)LNR_READ(p, dentry);
	lnr_walk_of(s)->mount = (u64)lnr_real_mount(LNR_READ(p, mnt));
	for (int i = 0; i < LNR_PATH_PARTS; i++) {
		if (lnr_path_step(i))
			break;
	}
	return lnr_walk_end(s);
}

static __always_inline u64 lnr_kernfs_parent(u64 kn)
{
	struct kernfs_node___v6_15 *n = (void *)kn;
	struct kernfs_node___old *o = (void *)kn;
	if (bpf_core_field_exists(n->__parent))
		return (u64)LNR_READ(n, __parent);
	return (u64)LNR_READ(o, parent);
}

/* One directory up. 0 = go on. */
__noinline int lnr_cgroup_step(u32 round)
{
	asm volatile("" ::"r"(round));
	struct lnr_scratch *s = lnr_scratch_get();
	if (!s)
		return 1;
	struct lnr_walk *w = lnr_walk_of(s);
	u8 *work = s->b + LNR_SCRATCH_WORK;
	/* Copies: inside BPF_CORE_READ() even our own structure would be relocated. */
	struct kernfs_node *kn = (void *)w->kn;
	u64 up = kn ? lnr_kernfs_parent((u64)kn) : 0;
	if (!up)
		return 1;
	/* The name goes behind the text first: its length is not kept anywhere. */
	long n = bpf_probe_read_kernel_str(
		work + LNR_PATH_WORK, LNR_NAME_MASK + 1, LNR_READ(kn, name));
	u32 pos = n > 1 ? lnr_work_prepend(work, w->pos, work + LNR_PATH_WORK, n - 1) : 0;
	if (!pos)
		return 1;
	w->pos = pos;
	w->kn = up;
	return 0;
}

/* The same for the cgroup of a task in one subsystem. */
__noinline int lnr_walk_cgroup(u64 task, u32 subsys)
{
	struct lnr_scratch *s = lnr_scratch_get();
	struct task_struct *t = (void *)task;
	struct cgroup_subsys_state *css = NULL;
	if (!s)
		return LNR_PATH_WORK;
	struct css_set *set = LNR_READ(t, cgroups);
	bpf_core_read(&css, sizeof(css), &set->subsys[subsys & 15]);
	/* In version 2 the controllers of a task have one cgroup, or few. */
	struct lnr_walk *w = lnr_walk_of(s);
	u64 kn = (u64)LNR_READ(css, cgroup, kn);
	if (kn && kn == w->cgroup)
		return lnr_walk_end(s);
	lnr_walk_begin(s);
	w->cgroup = w->kn = kn;
	for (int i = 0; i < LNR_CGROUP_PARTS; i++) {
		if (lnr_cgroup_step(i))
			break;
	}
	return lnr_walk_end(s);
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
	lnr_walk_of((struct lnr_scratch *)e->buf)->cgroup = 0;
	LNR_EMIT_CGROUP(e, total, t, cpuset, "cpuset");
	LNR_EMIT_CGROUP(e, total, t, cpu, "cpu");
	LNR_EMIT_CGROUP(e, total, t, cpuacct, "cpuacct");
	LNR_EMIT_CGROUP(e, total, t, io, "io");
	LNR_EMIT_CGROUP(e, total, t, memory, "memory");
	lnr_emit_len(e, index, total);
}

#endif
