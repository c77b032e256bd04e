/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What exec and clone report about a task's image: arguments, environment, executable (spec
 * events-and-state 5.7, 5.8).
 */
#ifndef LNR_BPF_EXTRACT_EXEC_H
#define LNR_BPF_EXTRACT_EXEC_H

#include "extract/path.h"

#define LNR_ARGS_MAX	4096
#define LNR_ARGV_MAX	16 /* pointers read of a failed exec */
#define LNR_SB_RDONLY	1
#define LNR_S_IMMUTABLE (1 << 3)
#define LNR_S_IWOTH	0002
/* Extents of an id map that lie in it (include/linux/user_namespace.h), and steps that find one of
 * the 340 that there may be. */
#define LNR_EXTENTS_INLINE 5
#define LNR_EXTENTS_STEPS  9
/* Steps that find one of NGROUPS_MAX supplementary groups. */
#define LNR_GROUPS_STEPS 17

/*
 * exe and args: the argument area of the image, exe its first string, args the rest; together at
 * most 4096 bytes, the last one forced to NUL. Both positions are written; the caller begins them.
 */
static __always_inline void lnr_emit_exe_args(struct lnr_emit *e, struct mm_struct *mm)
{
	u64 from = LNR_READ(mm, arg_start), to = LNR_READ(mm, arg_end);
	u32 len = 0, exe = e->next - 2;
	long n = 0;
	if (mm && to > from)
		len = to - from > LNR_ARGS_MAX ? LNR_ARGS_MAX : to - from;
	u8 *at = lnr_emit_here(e);
	if (len) {
		/* Length of exe first: reading the whole area then lands on the same bytes. */
		n = lnr_read_user_str(at, LNR_ARGS_MAX, (void *)from);
		u32 size = len;
		asm volatile("%0 &= 0x1fff" : "+r"(size));
		if (n <= 0 || bpf_probe_read_user(at, size, (void *)from))
			len = 0;
	}
	if (!len) {
		*at = 0; /* "" and no arguments */
		lnr_emit_len(e, exe, 1);
		lnr_emit_len(e, exe + 1, 0);
		e->at += 1;
		return;
	}
	if (n > len)
		n = len;
	u32 last = e->at + len - 1;
	asm volatile("%0 &= 0xffff" : "+r"(last));
	e->buf[last] = 0;
	lnr_emit_len(e, exe, n);
	lnr_emit_len(e, exe + 1, len - n);
	e->at += len;
}

static __always_inline void lnr_emit_env(struct lnr_emit *e, struct mm_struct *mm)
{
	u64 from = LNR_READ(mm, env_start), to = LNR_READ(mm, env_end);
	u32 len = 0;
	if (mm && to > from)
		len = to - from > LNR_ARGS_MAX ? LNR_ARGS_MAX : to - from;
	u32 size = len;
	asm volatile("%0 &= 0x1fff" : "+r"(size));
	if (!size || bpf_probe_read_user(lnr_emit_here(e), size, (void *)from)) {
		lnr_emit_done(e, 0);
		return;
	}
	u32 last = e->at + size - 1;
	asm volatile("%0 &= 0xffff" : "+r"(last));
	e->buf[last] = 0;
	lnr_emit_done(e, size);
}

/*
 * Strings behind a NULL-terminated array of user pointers, from entry `first` on, into the record
 * at `at`; how many bytes. A global function with masked variables: to the verifier one round is
 * like the other.
 */
__noinline int lnr_gather_strings(u64 array, u32 first, u32 width, u32 at)
{
	struct lnr_scratch *s = lnr_scratch_get();
	u32 total = 0;
	if (!s)
		return 0;
	for (u32 i = 0; i < LNR_ARGV_MAX; i++) {
		u64 p = 0;
		asm volatile("%0 &= 0xffff" : "+r"(total));
		if (i < first)
			continue;
		if (width == 4)
			bpf_probe_read_user(&p, 4, (void *)(array + i * 4));
		else
			bpf_probe_read_user(&p, 8, (void *)(array + i * 8));
		if (!p || total > LNR_ARGS_MAX)
			break;
		u32 to = at + total;
		asm volatile("%0 &= 0xffff" : "+r"(to));
		long n = lnr_read_user_str(s->b + to, LNR_ARGS_MAX, (void *)p);
		if (n < 0)
			break;
		total += n;
	}
	return total & 0xffff;
}

static __always_inline void lnr_emit_user_strings(
	struct lnr_emit *e, const void *array, u32 first, u32 width)
{
	lnr_emit_done(e, array ? lnr_gather_strings((u64)array, first, width, e->at) : 0);
}

/*
 * Is a kernel id mapped in a user namespace? Its extents are sorted by that id when they are more
 * than fit into the map itself (kernel/user_namespace.c map_id_up).
 */
static __always_inline bool lnr_id_mapped(struct uid_gid_map *map, u32 id)
{
	u32 n = LNR_READ(map, nr_extents), low = 0;
	struct uid_gid_extent x, *in = (void *)__builtin_preserve_access_index(&map->extent);
	if (n > LNR_EXTENTS_INLINE)
		in = BPF_CORE_READ(map, reverse);
	for (int i = 0; i < LNR_EXTENTS_STEPS && low < n; i++) {
		/* Few ones are looked at in turn, many by halving. */
		u32 at = n > LNR_EXTENTS_INLINE ? low + (n - low) / 2 : low;
		if (bpf_probe_read_kernel(&x, sizeof(x), in + at))
			return false;
		if (id - x.lower_first < x.count)
			return true;
		if (n > LNR_EXTENTS_INLINE && id < x.lower_first)
			n = at;
		else
			low = at + 1;
	}
	return false;
}

/* Is a group among the supplementary ones? They are sorted (kernel/groups.c groups_search). */
static __always_inline bool lnr_has_group(const struct cred *c, u32 gid)
{
	struct group_info *g = BPF_CORE_READ(c, group_info);
	u32 n = BPF_CORE_READ(g, ngroups), low = 0, *in = (void *)&g->gid;
	for (int i = 0; i < LNR_GROUPS_STEPS && low < n; i++) {
		u32 at = low + (n - low) / 2, v = 0;
		bpf_probe_read_kernel(&v, sizeof(v), in + at);
		if (v == gid)
			return true;
		if (gid < v)
			n = at;
		else
			low = at + 1;
	}
	return false;
}

/*
 * Could the task have written the file that it runs (spec 5.7)? A global function: many branches,
 * of which a caller needs one bit.
 */
__noinline int lnr_exe_writable(u64 task, u64 inode)
{
	struct inode *i = (void *)inode;
	const struct cred *c = LNR_READ((struct task_struct *)task, cred);
	u32 mode = LNR_READ(i, i_mode), uid = LNR_READ(i, i_uid.val);
	u32 gid = LNR_READ(i, i_gid.val);
	if (LNR_READ(i, i_sb, s_flags) & LNR_SB_RDONLY || LNR_READ(i, i_flags) & LNR_S_IMMUTABLE)
		return false;
	struct user_namespace *ns = LNR_READ(c, user_ns);
	if (!lnr_id_mapped(&ns->uid_map, uid) || !lnr_id_mapped(&ns->gid_map, gid))
		return false;
	if (LNR_READ(c, fsuid.val) == uid)
		return true;
	if (LNR_READ(c, fsgid.val) == gid || lnr_has_group(c, gid))
		mode >>= 3; /* its own group's bits apply, and not those of all others */
	if (mode & LNR_S_IWOTH)
		return true;
	return (lnr_cred_caps(c, cap_effective) & (LNR_CAP_DAC_OVERRIDE | LNR_CAP_FOWNER)) != 0;
}

/* A memfd: its dentry is named "memfd:…" and hangs from nothing. */
static __always_inline bool lnr_is_memfd(struct file *f)
{
	struct dentry *d = LNR_READ(f, f_path.dentry);
	char name[6];
	if (LNR_READ(d, d_parent) != d)
		return false;
	bpf_probe_read_kernel(name, sizeof(name), LNR_READ(d, d_name.name));
	return name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' &&
	       name[4] == 'd' && name[5] == ':';
}

/* EXE_ flags, and the inode they are about. */
static __always_inline u32 lnr_exe_flags(struct task_struct *t, struct file *f, struct inode *i)
{
	u32 flags = 0, layer;
	if (!i)
		return 0;
	if (lnr_exe_writable((u64)t, (u64)i))
		flags |= LNR_EXE_WRITABLE;
	layer = lnr_overlay_layer(i);
	if (layer == LNR_OVERLAY_UPPER)
		flags |= LNR_EXE_UPPER_LAYER;
	else if (layer == LNR_OVERLAY_LOWER)
		flags |= LNR_EXE_LOWER_LAYER;
	if (lnr_is_memfd(f))
		flags |= LNR_EXE_FROM_MEMFD;
	return flags;
}

/* Path of the image: absolute, or "memfd:name" when it has no place in the file system. */
static __always_inline void lnr_emit_exe_path(struct lnr_emit *e, struct file *f)
{
	if (f && lnr_is_memfd(f)) {
		lnr_emit_kernel_str(e, LNR_READ(f, f_path.dentry, d_name.name), 256);
		return;
	}
	lnr_emit_file_path(e, f);
}

/* --- parameters that exec and clone have in common, by token pasting --- */

#define LNR_PUT_IDS(EV, e, t)                     \
	lnr_put_##EV##_tid(e, lnr_task_tid(t));   \
	lnr_put_##EV##_pid(e, lnr_task_pid(t));   \
	lnr_put_##EV##_ptid(e, lnr_task_ptid(t)); \
	lnr_begin_param_##EV##_cwd(e);            \
	lnr_emit_done(e, 0)

#define LNR_PUT_USAGE(EV, e, t, mm)                          \
	lnr_put_##EV##_fdlimit(e, lnr_task_fdlimit(t));      \
	lnr_put_##EV##_pgft_maj(e, LNR_READ(t, maj_flt));    \
	lnr_put_##EV##_pgft_min(e, LNR_READ(t, min_flt));    \
	lnr_put_##EV##_vm_size(e, mm ? lnr_mm_size(mm) : 0); \
	lnr_put_##EV##_vm_rss(e, mm ? lnr_mm_rss(mm) : 0);   \
	lnr_put_##EV##_vm_swap(e, mm ? lnr_mm_swap(mm) : 0); \
	lnr_begin_param_##EV##_comm(e);                      \
	lnr_emit_kernel_str(e, __builtin_preserve_access_index(&t->comm), 16)

/* argv of a call that failed: exe its first string ("" without one), args the others. */
#define LNR_PUT_ARGV(EV, e, argv, width)                                    \
	do {                                                                \
		u64 first_ = 0;                                             \
		if (argv)                                                   \
			bpf_probe_read_user(&first_, width, argv);          \
		lnr_begin_param_##EV##_exe(e);                              \
		if (first_)                                                 \
			lnr_emit_user_str(e, (void *)first_, LNR_ARGS_MAX); \
		else                                                        \
			lnr_emit_empty_str(e);                              \
		lnr_begin_param_##EV##_args(e);                             \
		lnr_emit_user_strings(e, first_ ? argv : NULL, 1, width);   \
	} while (0)

/* From tty to gid: who the process is and what it runs. */
#define LNR_PUT_IDENTITY(EV, e, t, exe, inode)                                    \
	const struct cred *cred_ = LNR_READ(t, cred);                             \
	lnr_put_##EV##_tty(e, lnr_task_tty(t));                                   \
	lnr_put_##EV##_vpgid(e, lnr_task_vpgid(t));                               \
	lnr_put_##EV##_loginuid(e, lnr_task_loginuid(t));                         \
	lnr_put_##EV##_flags(e, lnr_exe_flags(t, exe, inode));                    \
	lnr_put_##EV##_cap_inheritable(e, lnr_cred_caps(cred_, cap_inheritable)); \
	lnr_put_##EV##_cap_permitted(e, lnr_cred_caps(cred_, cap_permitted));     \
	lnr_put_##EV##_cap_effective(e, lnr_cred_caps(cred_, cap_effective));     \
	lnr_put_##EV##_exe_ino(e, LNR_READ(inode, i_ino));                        \
	lnr_put_##EV##_exe_ino_ctime(e, lnr_inode_ctime(inode));                  \
	lnr_put_##EV##_exe_ino_mtime(e, lnr_inode_mtime(inode));                  \
	lnr_put_##EV##_uid(e, LNR_READ(cred_, euid.val));                         \
	lnr_begin_param_##EV##_trusted_exepath(e);                                \
	lnr_emit_exe_path(e, exe);                                                \
	lnr_put_##EV##_pgid(e, lnr_task_pgid(t));                                 \
	lnr_put_##EV##_gid(e, LNR_READ(cred_, egid.val))

#endif
