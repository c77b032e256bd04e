/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What the probe and its loader agree on besides the record: settings, counters, flags. */
#ifndef LNR_BPF_BASE_SHARED_H
#define LNR_BPF_BASE_SHARED_H

#ifndef __LNR_BPF__
#include <linux/types.h>
#endif

/* System call numbers fit below this on every supported architecture. */
#define LNR_SYSCALLS_MAX 512
/* Where lnr_ia32 goes on with the calls behind socketcall, by their numbers in linux/net.h. */
#define LNR_IA32_MULTIPLEXED 480
/* ia32 number of the socketcall multiplexer. */
#define LNR_IA32_SOCKETCALL 102
/* CPUs counted apart; further ones share a slot, so counts may lose a race there. */
#define LNR_CPUS_MAX 1024
/* Rings; one per group of CPUs. */
#define LNR_RINGS_MAX 256

/* How much of a system call is wanted: nothing when no bit is set. */
enum lnr_want {
	LNR_WANT_ALL = 1 << 0,
	LNR_WANT_STATE = 1 << 1,   /* instead: only calls that change state, see capture.h */
	LNR_WANT_SUCCESS = 1 << 2, /* beside one of these: only calls that did not fail */
};

/* Why a record was lost, or that it was not (spec events-and-state 3). */
enum lnr_count {
	LNR_COUNT_EVENTS,
	LNR_COUNT_DROP_SCRATCH, /* would exceed the record size */
	LNR_COUNT_DROP_CLONE,	/* from here on: ring full, by what the event was */
	LNR_COUNT_DROP_EXEC,
	LNR_COUNT_DROP_CONNECT_ENTER,
	LNR_COUNT_DROP_CONNECT,
	LNR_COUNT_DROP_OPEN_ENTER,
	LNR_COUNT_DROP_OPEN,
	LNR_COUNT_DROP_DIR_FILE,
	LNR_COUNT_DROP_OTHER_INTEREST,
	LNR_COUNT_DROP_CLOSE,
	LNR_COUNT_DROP_PROC,
	LNR_COUNT_DROP_REST,
	LNR_COUNT_UNREADABLE, /* a user string that could not be read: absent in its record */
	LNR_COUNT_UNWANTED,   /* calls that failed where only others are wanted */
	LNR_COUNT_MAX = 16,
};

struct lnr_counters {
	__u64 n[LNR_COUNT_MAX];
};

#endif
