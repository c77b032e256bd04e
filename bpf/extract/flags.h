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
	r |= LNR_MAP(f, NAT_O_LARGEFILE, LNR_O_LARGEFILE) | LNR_MAP(f, NAT_O_CLOEXEC, LNR_O_CLOEXEC);
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
	return LNR_MAP(f, NAT_O_CLOEXEC, LNR_O_CLOEXEC) | LNR_MAP(f, NAT_O_NONBLOCK, LNR_O_NONBLOCK);
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
	r |= LNR_MAP(f, 0x00000400, LNR_CL_CLONE_FILES) | LNR_MAP(f, 0x00000800, LNR_CL_CLONE_SIGHAND);
	r |= LNR_MAP(f, 0x00002000, LNR_CL_CLONE_PTRACE) | LNR_MAP(f, 0x00004000, LNR_CL_CLONE_VFORK);
	r |= LNR_MAP(f, 0x00008000, LNR_CL_CLONE_PARENT) | LNR_MAP(f, 0x00010000, LNR_CL_CLONE_THREAD);
	r |= LNR_MAP(f, 0x00020000, LNR_CL_CLONE_NEWNS) | LNR_MAP(f, 0x00040000, LNR_CL_CLONE_SYSVSEM);
	r |= LNR_MAP(f, 0x00080000, LNR_CL_CLONE_SETTLS);
	r |= LNR_MAP(f, 0x00100000, LNR_CL_CLONE_PARENT_SETTID);
	r |= LNR_MAP(f, 0x00200000, LNR_CL_CLONE_CHILD_CLEARTID);
	r |= LNR_MAP(f, 0x00800000, LNR_CL_CLONE_UNTRACED);
	r |= LNR_MAP(f, 0x01000000, LNR_CL_CLONE_CHILD_SETTID);
	r |= LNR_MAP(f, 0x02000000, LNR_CL_CLONE_NEWCGROUP);
	r |= LNR_MAP(f, 0x04000000, LNR_CL_CLONE_NEWUTS) | LNR_MAP(f, 0x08000000, LNR_CL_CLONE_NEWIPC);
	r |= LNR_MAP(f, 0x10000000, LNR_CL_CLONE_NEWUSER) | LNR_MAP(f, 0x20000000, LNR_CL_CLONE_NEWPID);
	r |= LNR_MAP(f, 0x40000000, LNR_CL_CLONE_NEWNET) | LNR_MAP(f, 0x80000000, LNR_CL_CLONE_IO);
	return r;
}

#endif
