/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Native flag words to the numbering of events (spec events-and-state 5.1). Native values are those
 * of x86_64 and arm64, which agree in everything used here but O_DIRECT and O_DIRECTORY.
 */
#ifndef LNR_BPF_EXTRACT_FLAGS_H
#define LNR_BPF_EXTRACT_FLAGS_H

#include "kernel/types.h"
#include "schema/schema.h"

#define NAT_O_CREAT	00000100
#define NAT_O_EXCL	00000200
#define NAT_O_TRUNC	00001000
#define NAT_O_APPEND	00002000
#define NAT_O_NONBLOCK	00004000
#define NAT_O_DSYNC	00010000
#define NAT_O_LARGEFILE 00100000
#define NAT_O_CLOEXEC	02000000
#define NAT_O_SYNC	(04000000 | NAT_O_DSYNC)
#ifdef __TARGET_ARCH_x86
#define NAT_O_DIRECT	00040000
#define NAT_O_DIRECTORY 00200000
#else
#define NAT_O_DIRECT	00200000
#define NAT_O_DIRECTORY 00040000
#endif
#define NAT_O_TMPFILE (020000000 | NAT_O_DIRECTORY)

/* Any bit of a native mask sets the event's bit: the reference's quirk, kept (5.1). */
#define LNR_MAP(native, mask, bit) ((native) & (mask) ? (u32)(bit) : 0)

static __always_inline u32 lnr_open_flags(u64 f)
{
	u32 r = (f & 3) == 1 ? LNR_O_WRONLY : (f & 3) == 2 ? LNR_O_RDWR : LNR_O_RDONLY;
	r |= LNR_MAP(f, NAT_O_CREAT, LNR_O_CREAT) | LNR_MAP(f, NAT_O_TMPFILE, LNR_O_TMPFILE);
	r |= LNR_MAP(f, NAT_O_APPEND, LNR_O_APPEND) | LNR_MAP(f, NAT_O_DSYNC, LNR_O_DSYNC);
	r |= LNR_MAP(f, NAT_O_EXCL, LNR_O_EXCL) | LNR_MAP(f, NAT_O_NONBLOCK, LNR_O_NONBLOCK);
	r |= LNR_MAP(f, NAT_O_SYNC, LNR_O_SYNC) | LNR_MAP(f, NAT_O_TRUNC, LNR_O_TRUNC);
	r |= LNR_MAP(f, NAT_O_DIRECT, LNR_O_DIRECT) | LNR_MAP(f, NAT_O_DIRECTORY, LNR_O_DIRECTORY);
	r |= LNR_MAP(f, NAT_O_LARGEFILE, LNR_O_LARGEFILE) |
	     LNR_MAP(f, NAT_O_CLOEXEC, LNR_O_CLOEXEC);
	return r;
}

/* The twelve permission bits have native values; anything else is cut off. */
static __always_inline u32 lnr_mode(u64 m)
{
	return m & 07777;
}

static __always_inline u32 lnr_open_mode(u64 flags, u64 mode)
{
	return flags & (NAT_O_CREAT | NAT_O_TMPFILE) ? lnr_mode(mode) : 0;
}

/* O_CLOEXEC and O_NONBLOCK of calls that make a descriptor; negative input gives nothing. */
static __always_inline u32 lnr_fd_flags(s32 f)
{
	if (f < 0)
		return 0;
	return LNR_MAP(f, NAT_O_CLOEXEC, LNR_O_CLOEXEC) |
	       LNR_MAP(f, NAT_O_NONBLOCK, LNR_O_NONBLOCK);
}

static __always_inline u32 lnr_resolve_flags(u64 f)
{
	u32 r = LNR_MAP(f, 0x01, LNR_RESOLVE_NO_XDEV) | LNR_MAP(f, 0x02, LNR_RESOLVE_NO_MAGICLINKS);
	r |= LNR_MAP(f, 0x04, LNR_RESOLVE_NO_SYMLINKS) | LNR_MAP(f, 0x08, LNR_RESOLVE_BENEATH);
	r |= LNR_MAP(f, 0x10, LNR_RESOLVE_IN_ROOT) | LNR_MAP(f, 0x20, LNR_RESOLVE_CACHED);
	return r;
}

static __always_inline u32 lnr_clone_flags(u64 f)
{
	u32 r = 0;
	r |= LNR_MAP(f, 0x00000100, LNR_CL_CLONE_VM) | LNR_MAP(f, 0x00000200, LNR_CL_CLONE_FS);
	r |= LNR_MAP(f, 0x00000400, LNR_CL_CLONE_FILES) |
	     LNR_MAP(f, 0x00000800, LNR_CL_CLONE_SIGHAND);
	r |= LNR_MAP(f, 0x00002000, LNR_CL_CLONE_PTRACE) |
	     LNR_MAP(f, 0x00004000, LNR_CL_CLONE_VFORK);
	r |= LNR_MAP(f, 0x00008000, LNR_CL_CLONE_PARENT) |
	     LNR_MAP(f, 0x00010000, LNR_CL_CLONE_THREAD);
	r |= LNR_MAP(f, 0x00020000, LNR_CL_CLONE_NEWNS) |
	     LNR_MAP(f, 0x00040000, LNR_CL_CLONE_SYSVSEM);
	r |= LNR_MAP(f, 0x00080000, LNR_CL_CLONE_SETTLS);
	r |= LNR_MAP(f, 0x00100000, LNR_CL_CLONE_PARENT_SETTID);
	r |= LNR_MAP(f, 0x00200000, LNR_CL_CLONE_CHILD_CLEARTID);
	r |= LNR_MAP(f, 0x00800000, LNR_CL_CLONE_UNTRACED);
	r |= LNR_MAP(f, 0x01000000, LNR_CL_CLONE_CHILD_SETTID);
	r |= LNR_MAP(f, 0x02000000, LNR_CL_CLONE_NEWCGROUP);
	r |= LNR_MAP(f, 0x04000000, LNR_CL_CLONE_NEWUTS) |
	     LNR_MAP(f, 0x08000000, LNR_CL_CLONE_NEWIPC);
	r |= LNR_MAP(f, 0x10000000, LNR_CL_CLONE_NEWUSER) |
	     LNR_MAP(f, 0x20000000, LNR_CL_CLONE_NEWPID);
	r |= LNR_MAP(f, 0x40000000, LNR_CL_CLONE_NEWNET) | LNR_MAP(f, 0x80000000, LNR_CL_CLONE_IO);
	return r;
}

static __always_inline u64 lnr_min(u64 a, u64 b)
{
	return a < b ? a : b;
}

static __always_inline u32 lnr_unlinkat_flags(u64 f)
{
	return LNR_MAP(f, 0x200, LNR_AT_REMOVEDIR);
}

static __always_inline u32 lnr_linkat_flags(u64 f)
{
	return LNR_MAP(f, 0x400, LNR_AT_SYMLINK_FOLLOW) | LNR_MAP(f, 0x1000, LNR_AT_EMPTY_PATH);
}

/* As the reference: AT_SYMLINK_FOLLOW is tested although the call knows AT_SYMLINK_NOFOLLOW. */
static __always_inline u32 lnr_fchownat_flags(u64 f)
{
	return lnr_linkat_flags(f);
}

/* Permission bits and file type; none counts as a regular file. */
static __always_inline u32 lnr_mknod_mode(u64 m)
{
	u32 type = m & 0170000;
	return lnr_mode(m) | (type ? type : 0100000);
}

/* A dev_t as user space gives it (new_encode_dev form) is what events carry. */
static __always_inline u32 lnr_user_dev(u64 dev)
{
	return dev;
}

/* MS_MGC_VAL in the upper half is a relic of callers from before 2.4. */
static __always_inline u32 lnr_mount_flags(u64 f)
{
	return (f & 0xffff0000) == 0xC0ED0000 ? f & 0xffff : f;
}

static __always_inline u32 lnr_umount2_flags(u64 f)
{
	return f & 15; /* FORCE 1, DETACH 2, EXPIRE 4, NOFOLLOW 8: same numbers */
}

static __always_inline u32 lnr_finit_flags(u64 f)
{
	return f & 7;
}

static __always_inline u32 lnr_delete_flags(u64 f)
{
	return LNR_MAP(f, NAT_O_NONBLOCK, LNR_DELETE_MODULE_O_NONBLOCK) |
	       LNR_MAP(f, NAT_O_TRUNC, LNR_DELETE_MODULE_O_TRUNC);
}

static __always_inline u32 lnr_prot(u64 p)
{
	u32 r = p & 7;
	r |= LNR_MAP(p, 0x8, LNR_PROT_SEM) | LNR_MAP(p, 0x01000000, LNR_PROT_GROWSDOWN);
	return r | LNR_MAP(p, 0x02000000, LNR_PROT_GROWSUP);
}

static __always_inline u32 lnr_mmap_flags(u64 f)
{
	u32 r = LNR_MAP(f, 0x01, LNR_MAP_SHARED) | LNR_MAP(f, 0x02, LNR_MAP_PRIVATE);
	r |= LNR_MAP(f, 0x10, LNR_MAP_FIXED) | LNR_MAP(f, 0x20, LNR_MAP_ANONYMOUS);
#ifdef __TARGET_ARCH_x86
	r |= LNR_MAP(f, 0x40, LNR_MAP_32BIT);
#endif
	r |= LNR_MAP(f, 0x4000, LNR_MAP_NORESERVE) | LNR_MAP(f, 0x8000, LNR_MAP_POPULATE);
	r |= LNR_MAP(f, 0x10000, LNR_MAP_NONBLOCK) | LNR_MAP(f, 0x0100, LNR_MAP_GROWSDOWN);
	r |= LNR_MAP(f, 0x0800, LNR_MAP_DENYWRITE) | LNR_MAP(f, 0x1000, LNR_MAP_EXECUTABLE);
	return r | LNR_MAP(f, 0x2000, LNR_MAP_LOCKED);
}

/* Native bit 0 sets two bits: the reference's quirk, kept (5.1). */
static __always_inline u32 lnr_iou_setup_flags(u32 f)
{
	u32 r = LNR_MAP(f, 1, LNR_IORING_SETUP_IOPOLL | LNR_IORING_SQ_NEED_WAKEUP);
	r |= LNR_MAP(f, 2, LNR_IORING_SETUP_SQPOLL) | LNR_MAP(f, 4, LNR_IORING_SETUP_SQ_AFF);
	r |= LNR_MAP(f, 8, LNR_IORING_SETUP_CQSIZE) | LNR_MAP(f, 16, LNR_IORING_SETUP_CLAMP);
	return r | LNR_MAP(f, 32, LNR_IORING_SETUP_ATTACH_WQ) |
	       LNR_MAP(f, 64, LNR_IORING_SETUP_R_DISABLED);
}

/*
 * include/uapi/linux/ptrace.h and arch/x86/include/uapi/asm/ptrace-abi.h. reason: it is one
 * flat table, which the BPF target has no better place for.
 */
static __always_inline u8 lnr_ptrace_request(u64 r)
{
	switch (r) {
	case 0:
		return LNR_PTRACE_TRACEME;
	case 1:
		return LNR_PTRACE_PEEKTEXT;
	case 2:
		return LNR_PTRACE_PEEKDATA;
	case 3:
		return LNR_PTRACE_PEEKUSR;
	case 4:
		return LNR_PTRACE_POKETEXT;
	case 5:
		return LNR_PTRACE_POKEDATA;
	case 6:
		return LNR_PTRACE_POKEUSR;
	case 7:
		return LNR_PTRACE_CONT;
	case 8:
		return LNR_PTRACE_KILL;
	case 9:
		return LNR_PTRACE_SINGLESTEP;
	case 16:
		return LNR_PTRACE_ATTACH;
	case 17:
		return LNR_PTRACE_DETACH;
	case 24:
		return LNR_PTRACE_SYSCALL;
	case 31:
		return LNR_PTRACE_SYSEMU;
	case 32:
		return LNR_PTRACE_SYSEMU_SINGLESTEP;
#ifdef __TARGET_ARCH_x86
	case 12:
		return LNR_PTRACE_GETREGS;
	case 13:
		return LNR_PTRACE_SETREGS;
	case 14:
		return LNR_PTRACE_GETFPREGS;
	case 15:
		return LNR_PTRACE_SETFPREGS;
	case 18:
		return LNR_PTRACE_GETFPXREGS;
	case 19:
		return LNR_PTRACE_SETFPXREGS;
	case 21:
		return LNR_PTRACE_OLDSETOPTIONS;
	case 25:
		return LNR_PTRACE_GET_THREAD_AREA;
	case 26:
		return LNR_PTRACE_SET_THREAD_AREA;
	case 30:
		return LNR_PTRACE_ARCH_PRCTL;
	case 33:
		return LNR_PTRACE_SINGLEBLOCK;
#endif
	case 0x4200:
		return LNR_PTRACE_SETOPTIONS;
	case 0x4201:
		return LNR_PTRACE_GETEVENTMSG;
	case 0x4202:
		return LNR_PTRACE_GETSIGINFO;
	case 0x4203:
		return LNR_PTRACE_SETSIGINFO;
	case 0x4204:
		return LNR_PTRACE_GETREGSET;
	case 0x4205:
		return LNR_PTRACE_SETREGSET;
	case 0x4206:
		return LNR_PTRACE_SEIZE;
	case 0x4207:
		return LNR_PTRACE_INTERRUPT;
	case 0x4208:
		return LNR_PTRACE_LISTEN;
	case 0x4209:
		return LNR_PTRACE_PEEKSIGINFO;
	case 0x420a:
		return LNR_PTRACE_GETSIGMASK;
	case 0x420b:
		return LNR_PTRACE_SETSIGMASK;
	default:
		return LNR_PTRACE_UNKNOWN;
	}
}

/* Resources 0 … 15 keep their numbers; the table knows an unknown one. */
static __always_inline u8 lnr_rlimit(u64 r)
{
	return r < 16 ? r : LNR_RLIMIT_UNKNOWN;
}

#endif
