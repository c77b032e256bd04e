/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where events come from: one table of functions that the kernel ring, a scap file, a plugin and
 * the audit webhook fill. Everything behind it is the same for all of them.
 *
 * The caller owns the capture and drives it from one thread. A record handed out by next() is
 * borrowed until the following next() or close(). close() takes NULL.
 */
#ifndef LNR_CAPTURE_CAPTURE_H
#define LNR_CAPTURE_CAPTURE_H

#include <stdbool.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"

struct lnr_capture;
struct lnr_json_doc;
struct lnr_state;

/* What next() hands out. */
struct lnr_capture_item {
	const void *record;
	uint32_t len;
	uint16_t cpu;
	uint32_t flags; /* LNR_ITEM_ */
	/* The record's data, where the source has read it; others need not set it. */
	const struct lnr_json_doc *json;
};
#define LNR_ITEM_STATE_ONLY \
	1u /* keeps state right; not for rules (evt.num counts it all the same) */

/* One named number of stats(); names as engine-config-cli 7.1 without prefix. */
struct lnr_stat {
	char name[64];
	uint64_t value;
};

struct lnr_capture_ops {
	const char *name; /* "modern_bpf", "scap_file", "source_plugin", "nodriver" */
	/*
	 * Next record in time order. 0 = *ret is valid; -EAGAIN = nothing for now (timeout);
	 * -ENODATA = end of stream; anything else = broken, reason in err.
	 */
	int (*next)(struct lnr_capture *c, struct lnr_capture_item *ret, struct lnr_err *err);
	/*
	 * Put into `state` what the source knows before its first event: a file's process,
	 * descriptor and user blocks; NULL for a live source, whose engine scans /proc. The
	 * source borrows `state` until it is closed: such blocks may come again between events.
	 */
	int (*populate)(struct lnr_capture *c, struct lnr_state *state, struct lnr_err *err);
	/* At most `max` numbers into `ret`; returns how many. */
	unsigned (*stats)(struct lnr_capture *c, struct lnr_stat *ret, unsigned max);
	/*
	 * Take nothing more from outside: next() gives what was accepted and then -ENODATA. NULL:
	 * nothing is ever accepted before it is given.
	 */
	void (*finish)(struct lnr_capture *c);
	/* Share of the input consumed, 0..1, or -1 when there is no end. */
	double (*progress)(struct lnr_capture *c);
	struct lnr_capture *(*close)(struct lnr_capture *c);
};

/* First member of each source's private struct. */
struct lnr_capture {
	const struct lnr_capture_ops *ops;
};

/* --- kernel ring (ring.c) --------------------------------------------------------------------- */

struct lnr_ring_opts {
	size_t size;		  /* sizeof(struct lnr_ring_opts) */
	uint32_t buffer_bytes;	  /* per ring; power of two, multiple of the page; 0 = 8 MiB */
	uint16_t cpus_per_buffer; /* 0 = one ring for all CPUs */
	bool online_only;
	uint32_t snaplen; /* 0 = 80 */
	bool drop_failed;
	bool stats;		 /* count run time per program (kernel.bpf_stats_enabled) */
	const uint8_t *syscalls; /* LNR_SC_ bitmap: bit n of byte n/8 = code n is wanted */
	size_t syscalls_len;	 /* bytes */
	/*
	 * Same length: code n is wanted only as far as it changes state, so the probe may drop the
	 * rest: close of descriptors above 2, fcntl other than F_DUPFD* and F_SETFD, recvmsg and
	 * recvmmsg without control data. NULL = none. Set bits are also set in `syscalls`.
	 */
	const uint8_t *state_only;
	/* Same length: code n is wanted only when the call did not fail. NULL = none. */
	const uint8_t *success_only;
	uint32_t only_tgid; /* test aid: 0 = all; else only this process and its descendants */
	struct lnr_log *log;
	const struct lnr_clock *clock;
};
int lnr_ring_open(const struct lnr_ring_opts *opts, struct lnr_capture **ret, struct lnr_err *err);

/*
 * Ask a ring that is open for other system calls: sets as in lnr_ring_opts. Extend loads programs
 * that are missing beside those at work; it takes its time and may be done by another thread than
 * the one that reads, one at a time; on failure the old selection stays. Choose is between two
 * events, takes microseconds, and cannot fail for calls that were loaded. Nothing is lost
 * meanwhile.
 */
int lnr_ring_extend(
	struct lnr_capture *c, const uint8_t *syscalls, size_t len, struct lnr_err *err);
void lnr_ring_choose(struct lnr_capture *c, const uint8_t *syscalls, const uint8_t *state_only,
	const uint8_t *success_only, size_t len);

/* One hook tried by lnr_ring_probe(): name, whether it works, and why not. */
struct lnr_hook_report {
	const char *name;    /* "tp_btf/sys_exit" */
	const char *purpose; /* one sentence */
	bool required;
	int result; /* 0 or negative errno */
	char reason[256];
};
/* Try every hook alone, load and attach, undo. Fills at most `max` rows; returns how many exist. */
unsigned lnr_ring_probe(struct lnr_hook_report *ret, unsigned max);

/* --- scap file (scap_read.c; more in scap.h) -------------------------------------------------- */

int lnr_scap_open(
	const char *path, struct lnr_log *log, struct lnr_capture **ret, struct lnr_err *err);

/* --- records from memory, for tests and fuzzing (memory.c) ------------------------------------ */

/* `records` back to back, each lnr_record.len long; borrowed until close. */
int lnr_capture_memory(
	const void *records, size_t len, struct lnr_capture **ret, struct lnr_err *err);

static inline int lnr_capture_next(
	struct lnr_capture *c, struct lnr_capture_item *ret, struct lnr_err *err)
{
	return c->ops->next(c, ret, err);
}

static inline struct lnr_capture *lnr_capture_close(struct lnr_capture *c)
{
	return c ? c->ops->close(c) : NULL;
}

#endif
