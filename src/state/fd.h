/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors of a process (spec events-and-state 8.4, fields.md 6). One table per process, shared
 * by its threads; at most LNR_FDS_PER_PROCESS entries. Plain values: fields read them directly,
 * only state/ writes them.
 */
#ifndef LNR_STATE_FD_H
#define LNR_STATE_FD_H

#include "decode/event.h"
#include "state/blob.h"

/* Numbers as in capture files (spec scap-format, descriptor types). */
enum lnr_fd_type {
	LNR_FD_UNINITIALIZED = -1,
	LNR_FD_UNKNOWN = 0,
	LNR_FD_FILE = 1,
	LNR_FD_DIRECTORY = 2,
	LNR_FD_IPV4_SOCK = 3,
	LNR_FD_IPV6_SOCK = 4,
	LNR_FD_IPV4_SERVSOCK = 5,
	LNR_FD_IPV6_SERVSOCK = 6,
	LNR_FD_FIFO = 7,
	LNR_FD_UNIX_SOCK = 8,
	LNR_FD_EVENT = 9,
	LNR_FD_UNSUPPORTED = 10,
	LNR_FD_SIGNALFD = 11,
	LNR_FD_EVENTPOLL = 12,
	LNR_FD_INOTIFY = 13,
	LNR_FD_TIMERFD = 14,
	LNR_FD_NETLINK = 15,
	LNR_FD_FILE_V2 = 16,
	LNR_FD_BPF = 17,
	LNR_FD_USERFAULTFD = 18,
	LNR_FD_IOURING = 19,
	LNR_FD_MEMFD = 20,
	LNR_FD_PIDFD = 21,
};

enum lnr_l4proto { LNR_L4_UNKNOWN, LNR_L4_NA, LNR_L4_TCP, LNR_L4_UDP, LNR_L4_ICMP, LNR_L4_RAW };

/* lnr_fd.flags */
enum {
	LNR_FDF_ROLE_CLIENT = 1 << 0,
	LNR_FDF_ROLE_SERVER = 1 << 1,
	LNR_FDF_CONNECTED = 1 << 2,
	LNR_FDF_CONN_PENDING = 1 << 3,
	LNR_FDF_CONN_FAILED = 1 << 4,
	LNR_FDF_CLOEXEC = 1 << 5,
	LNR_FDF_FROM_PROC = 1 << 6, /* found by the start-up scan */
	LNR_FDF_CLONED = 1 << 7,    /* inherited */
	LNR_FDF_UPPER_LAYER = 1 << 8,
	LNR_FDF_LOWER_LAYER = 1 << 9,
	LNR_FDF_FRESH = 1 << 11, /* filled by a caller who may still change it */
	LNR_FDF_MEM = 1 << 10,	 /* `mem` is the truth, the address members show it */
};

struct lnr_extra;

struct lnr_fd {
	int32_t num;
	int8_t type;	     /* enum lnr_fd_type */
	uint8_t l4;	     /* enum lnr_l4proto */
	uint16_t flags;	     /* LNR_FDF_ */
	uint32_t open_flags; /* LNR_O_ */
	uint32_t dev;
	uint32_t mount_id;
	uint64_t ino;
	struct lnr_ip sip,
		dip; /* source = client, dest = server; server sockets: sip/sport bound */
	uint16_t sport, dport;
	uint64_t source, dest;	 /* unix: kernel object addresses */
	int64_t pid;		 /* pidfd */
	struct lnr_blob *name;	 /* what fd.name shows; NULL = empty */
	struct lnr_blob *raw;	 /* as passed to the call; NULL = same as none */
	struct lnr_extra *extra; /* what plugins added; NULL = nothing */
	uint8_t mem[40];	 /* sockmem.c: addresses in the reference's layout */
};

static inline bool lnr_fd_is_inet(const struct lnr_fd *fd)
{
	return fd->type >= LNR_FD_IPV4_SOCK && fd->type <= LNR_FD_IPV6_SERVSOCK;
}

static inline bool lnr_fd_is_server_sock(const struct lnr_fd *fd)
{
	return fd->type == LNR_FD_IPV4_SERVSOCK || fd->type == LNR_FD_IPV6_SERVSOCK;
}

char lnr_fd_typechar(int type);		/* 'f', '4', … '?' */
const char *lnr_fd_type_name(int type); /* "file", "ipv4", … "<NA>" */
const char *lnr_l4_name(int l4);	/* "tcp" …, "<NA>" */

#endif
