/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Our own declarations of kernel structures: only the members that we read, in any order. CO-RE
 * finds the real offsets by name when the program is loaded; a member that a kernel lacks is asked
 * for with bpf_core_field_exists() first. A name ending in ___something is another version of the
 * same structure (compat/).
 */
#ifndef LNR_BPF_KERNEL_STRUCTS_H
#define LNR_BPF_KERNEL_STRUCTS_H

#include "kernel/types.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* CO-RE matches structures with structures only, so these stay what they are in the kernel. */
typedef struct {
	u32 val;
} kuid_t;
typedef struct {
	u32 val;
} kgid_t;
/*
 * u64 val since 6.3 (commit f122a08b197d), u32 cap[2] before: the same bytes on little-endian
 * machines, so it is read as a whole and has no members here.
 */
typedef struct {
} kernel_cap_t;

#ifdef __TARGET_ARCH_x86
struct pt_regs {
	unsigned long bp, bx, r10, r9, r8, cx, dx, si, di, orig_ax, ip;
};
#else
struct user_pt_regs {
	u64 regs[31];
	u64 sp, pc, pstate;
};
struct pt_regs {
	u64 regs[31];
	u64 sp, pc, pstate;
	u64 orig_x0;
	s32 syscallno;
};
#endif

struct list_head {
	struct list_head *next, *prev;
};
struct qstr {
	u32 hash, len;
	const unsigned char *name;
};
struct super_block;
struct user_namespace;
struct inode {
	unsigned short i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	unsigned int i_flags;
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned int i_nlink;
};
struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};
struct super_block {
	u32 s_dev;
	unsigned long s_flags, s_magic;
	struct dentry *s_root;
	struct user_namespace *s_user_ns;
};
struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
	int mnt_flags;
};
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct file_operations;
struct file {
	unsigned int f_mode, f_flags;
	const struct file_operations *f_op;
	struct inode *f_inode;
	struct path f_path;
	void *private_data;
};
struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};
struct files_struct {
	struct fdtable *fdt;
};
struct rlimit {
	unsigned long rlim_cur, rlim_max;
};
struct cdev;
struct tty_driver {
	int major, minor_start;
};
struct tty_struct {
	struct tty_driver *driver;
	int index;
};
struct pid_namespace {
	unsigned int level;
	struct task_struct *child_reaper;
};
struct upid {
	int nr;
	struct pid_namespace *ns;
};
struct pid {
	unsigned int level;
	struct upid numbers[1];
};
struct nsproxy {
	struct pid_namespace *pid_ns_for_children;
};
struct signal_struct {
	struct rlimit rlim[16];
	struct tty_struct *tty;
	struct pid *pids[4];
	struct list_head thread_head;
	unsigned int is_child_subreaper : 1;
	unsigned int has_child_subreaper : 1;
	int nr_threads;
};
struct kernfs_node {
	const char *name;
};
struct kernfs_node___old { /* until 6.15: commit 741c10b096bc renamed the member */
	struct kernfs_node___old *parent;
};
struct kernfs_node___v6_15 {
	struct kernfs_node___v6_15 *__parent;
};
struct cgroup {
	struct kernfs_node *kn;
};
struct cgroup_subsys_state {
	struct cgroup *cgroup;
};
struct css_set {
	struct cgroup_subsys_state *subsys[16];
};
enum cgroup_subsys_id {
	cpuset_cgrp_id = 0,
	cpu_cgrp_id = 1,
	cpuacct_cgrp_id = 2,
	io_cgrp_id = 3,
	memory_cgrp_id = 4,
};
struct uid_gid_extent {
	u32 first, lower_first, count;
};
struct uid_gid_map { /* at most five extents lie in it, more behind the pointer */
	u32 nr_extents;
	struct uid_gid_extent extent[5];
	struct uid_gid_extent *reverse;
};
struct user_namespace {
	struct uid_gid_map uid_map, gid_map;
};
struct group_info {
	int ngroups;
	kgid_t gid[1];
};
struct cred {
	kuid_t uid, euid, fsuid;
	kgid_t gid, egid, fsgid;
	kernel_cap_t cap_inheritable, cap_permitted, cap_effective;
	struct user_namespace *user_ns;
	struct group_info *group_info;
};
struct mm_struct {
	unsigned long total_vm, arg_start, arg_end, env_start, env_end;
	struct file *exe_file;
};
struct percpu_counter {
	s64 count;
};
struct mm_struct___v6_2 { /* from 6.2: commit f1a7941243c1 */
	struct percpu_counter rss_stat[4];
};
typedef struct {
	s64 counter;
} atomic_long___old;
struct mm_rss_stat___old {
	atomic_long___old count[4];
};
struct mm_struct___old {
	struct mm_rss_stat___old rss_stat;
};
struct thread_info {
	u32 status;
};
struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	struct mm_struct *mm;
	int pid, tgid;
	int exit_code;
	struct task_struct *real_parent, *group_leader;
	struct list_head children, sibling, thread_node;
	struct pid *thread_pid;
	u64 start_time;
	unsigned long min_flt, maj_flt;
	const struct cred *cred;
	char comm[16];
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct css_set *cgroups;
};
struct task_struct___audit {
	kuid_t loginuid; /* only with CONFIG_AUDITSYSCALL */
};
union __sifields {
	struct {
		int _pid;
	} _kill, _rt, _sigchld;
};
struct kernel_siginfo {
	int si_signo, si_code;
	union __sifields _sifields;
};
struct linux_binprm {
	const char *filename;
};

struct in6_addr {
	u8 in6_u[16];
};
struct sock_common {
	u64 skc_addrpair; /* skc_daddr, skc_rcv_saddr */
	u32 skc_portpair; /* skc_dport in network order, skc_num */
	unsigned short skc_family;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};
struct sock {
	struct sock_common __sk_common;
	u32 sk_ack_backlog, sk_max_ack_backlog;
	u16 sk_type, sk_protocol;
};
struct socket {
	struct sock *sk;
};
struct sockaddr_un {
	u16 sun_family;
	char sun_path[108];
};
struct unix_address {
	int len;
	struct sockaddr_un name[1];
};
struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
};
struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
};
/* Inode times: i_ctime until 6.6, __i_ctime until 6.11, then seconds and nanoseconds apart. */
struct inode___v6_6 { /* commit 13bc24457850 */
	struct timespec64 i_mtime, __i_ctime;
};
struct inode___old {
	struct timespec64 i_mtime, i_ctime;
};
struct inode___v6_7 { /* commit 12cd44023651 */
	struct timespec64 __i_mtime, __i_ctime;
};
struct inode___v6_11 { /* commit 3aa63a569c64 */
	s64 i_mtime_sec, i_ctime_sec;
	u32 i_mtime_nsec, i_ctime_nsec;
};

#pragma clang attribute pop

#endif
