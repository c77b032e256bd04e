/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Descriptors, files, inodes (spec events-and-state 5.2). */
#ifndef LNR_BPF_EXTRACT_FILE_H
#define LNR_BPF_EXTRACT_FILE_H

#include "extract/task.h"

#define LNR_FMODE_CREATED   0x100000   /* include/linux/fs.h */
#define LNR_OVERLAYFS_MAGIC 0x794c7630 /* include/uapi/linux/magic.h */
#define LNR_AT_FDCWD	    (-100)
/* include/linux/fs.h, since 6.13: not a part of the time, but whether somebody has asked for it. */
#define LNR_I_CTIME_QUERIED (1u << 31)

/* The file behind a descriptor of the current task, or NULL. */
static __always_inline struct file *lnr_file(s32 fd)
{
	struct file **array, *f = NULL;
	u32 max;
	/* Typed pointers are read directly, a copy each is what it costs before 5.11. */
	if (LNR_HAS_TASK_BTF) {
		struct fdtable *t = lnr_task_btf()->files->fdt;
		array = t->fd;
		max = t->max_fds;
	} else {
		struct fdtable *t = BPF_CORE_READ(lnr_task(), files, fdt);
		array = BPF_CORE_READ(t, fd);
		max = BPF_CORE_READ(t, max_fds);
	}
	if ((u32)fd >= max)
		return NULL;
	bpf_probe_read_kernel(&f, sizeof(f), array + fd);
	return f;
}

/*
 * The same with its type where the kernel gives one. The place in the array is looked at as a
 * structure that begins with a pointer, for there is no type of pointers to pointers.
 */
static __always_inline struct file *lnr_file_typed(s32 fd)
{
	if (!bpf_rdonly_cast || !LNR_HAS_TASK_BTF)
		return lnr_file(fd);
	struct fdtable *t = lnr_task_btf()->files->fdt;
	if ((u32)fd >= t->max_fds)
		return NULL;
	struct list_head *place = lnr_typed(struct list_head, t->fd + fd);
	return lnr_typed(struct file, place->next);
}

static __always_inline u32 lnr_sb_dev(struct super_block *sb)
{
	return lnr_encode_dev(LNR_LOAD(sb, s_dev));
}

/* Times in epoch ns. */
static __always_inline u64 lnr_ns(s64 sec, u32 nsec)
{
	return (u64)sec * 1000000000ULL + nsec;
}

static __always_inline u64 lnr_inode_ctime(struct inode *i)
{
	struct inode___v6_11 *d = (void *)i;
	struct inode___v6_6 *c = (void *)i;
	struct inode___old *a = (void *)i;
	if (bpf_core_field_exists(d->i_ctime_sec))
		return lnr_ns(
			LNR_READ(d, i_ctime_sec), LNR_READ(d, i_ctime_nsec) & ~LNR_I_CTIME_QUERIED);
	if (bpf_core_field_exists(c->__i_ctime))
		return lnr_ns(LNR_READ(c, __i_ctime.tv_sec), LNR_READ(c, __i_ctime.tv_nsec));
	return lnr_ns(LNR_READ(a, i_ctime.tv_sec), LNR_READ(a, i_ctime.tv_nsec));
}

static __always_inline u64 lnr_inode_mtime(struct inode *i)
{
	struct inode___v6_11 *d = (void *)i;
	struct inode___v6_7 *c = (void *)i;
	struct inode___old *a = (void *)i;
	if (bpf_core_field_exists(d->i_mtime_sec))
		return lnr_ns(LNR_READ(d, i_mtime_sec), LNR_READ(d, i_mtime_nsec));
	if (bpf_core_field_exists(c->__i_mtime))
		return lnr_ns(LNR_READ(c, __i_mtime.tv_sec), LNR_READ(c, __i_mtime.tv_nsec));
	return lnr_ns(LNR_READ(a, i_mtime.tv_sec), LNR_READ(a, i_mtime.tv_nsec));
}

/*
 * On which layer of an overlay an inode lies: enum of the overlay_layers table. The upper dentry is
 * the pointer behind the generic inode in the overlay's own (fs/overlayfs/ovl_entry.h).
 */
static __always_inline u32 lnr_overlay_layer(struct inode *i)
{
	struct dentry *upper = NULL;
	if (LNR_READ(i, i_sb, s_magic) != LNR_OVERLAYFS_MAGIC)
		return LNR_NOT_OVERLAY_FS;
	bpf_probe_read_kernel(&upper, sizeof(upper), (void *)i + bpf_core_type_size(struct inode));
	if (upper && LNR_READ(upper, d_inode, i_ino))
		return LNR_OVERLAY_UPPER;
	return LNR_OVERLAY_LOWER;
}

struct lnr_open_how { /* include/uapi/linux/openat2.h */
	u64 flags, mode, resolve;
};

/* What the open family reports of the descriptor it made. */
struct lnr_fd_info {
	u32 dev;
	u64 ino;
	u32 created; /* LNR_O_F_CREATED or 0 */
	u32 layer;   /* LNR_OVERLAY_ */
};

static __always_inline void lnr_fd_info(s64 fd, struct lnr_fd_info *ret)
{
	ret->dev = 0;
	ret->ino = 0;
	ret->created = 0;
	ret->layer = 0;
	if (fd <= 0)
		return;
	struct file *f = lnr_file_typed(fd);
	if (!f)
		return;
	struct inode *i = LNR_LOAD(f, f_inode);
	struct super_block *sb = LNR_LOAD(i, i_sb);
	ret->ino = LNR_LOAD(i, i_ino);
	ret->dev = lnr_sb_dev(sb);
	if (LNR_LOAD(f, f_mode) & LNR_FMODE_CREATED)
		ret->created = LNR_O_F_CREATED;
	if (LNR_LOAD(sb, s_magic) == LNR_OVERLAYFS_MAGIC)
		ret->layer = lnr_overlay_layer(i);
}

/* The layer as the bits that the open family puts into its flags. */
static __always_inline u32 lnr_layer_flags(u32 layer)
{
	if (layer == LNR_OVERLAY_UPPER)
		return LNR_FD_UPPER_LAYER;
	return layer == LNR_OVERLAY_LOWER ? LNR_FD_LOWER_LAYER : 0;
}

#endif
