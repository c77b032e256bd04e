/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capture files (.scap) as a source of records: what only a file can tell.
 *
 * lnr_scap_open() (capture.h) reads a file, a pipe or "-", plain or gzip, in one pass through a
 * bounded window. It reads as far as the first block that needs a state (processes, descriptors,
 * users, interfaces) or the first event; populate() reads those blocks into a state, which the
 * capture then borrows until it is closed: such blocks may come again between events, and a file
 * may be several captures one after the other. Without populate() they are checked and skipped.
 *
 * Records of old versions arrive as of today (scap_convert.h). Flags of an item say what rules must
 * not see: enter events kept for their arguments, users, groups and containers listed before the
 * first event, and events that the producer marked so.
 *
 * A damaged or cut file delivers everything before the damage; then next() fails once and for all
 * with -EBADMSG and a message that names the byte of the uncompressed stream.
 */
#ifndef LNR_CAPTURE_SCAP_H
#define LNR_CAPTURE_SCAP_H

#include "capture/capture.h"

/* What the machine block says; see spec scap-format 3.2. */
struct lnr_scap_machine {
	uint32_t cpus;
	uint64_t memory_bytes;
	uint64_t max_pid;
	uint64_t boot_ts; /* epoch ns */
	char hostname[129];
};

/* NULL for other sources and for files without that block (captures of plugins). */
const struct lnr_scap_machine *lnr_scap_machine(const struct lnr_capture *c);
/* Its host name; NULL when there is none or it is empty. */
const char *lnr_scap_hostname(const struct lnr_capture *c);

/* A whole file in memory, borrowed until close. */
int lnr_scap_open_memory(const void *ptr, size_t len, struct lnr_log *log, struct lnr_capture **ret,
	struct lnr_err *err);

#endif
