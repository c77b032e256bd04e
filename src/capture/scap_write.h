/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Write capture files (.scap) that Lanner, the Falco libraries, sysdig and Stratoshark read (spec
 * scap-format 5).
 *
 *	struct lnr_scap_writer_opts o = {.size = sizeof(o), .gzip = true};
 *	struct lnr_scap_writer *w;
 *	r = lnr_scap_writer_open("/var/lib/lanner/x.scap", &o, &w, &err);
 *	r = lnr_scap_write_tables(w, NULL, state, &err);
 *	r = lnr_scap_write_scene(w, state, now, &err);
 *	… r = lnr_scap_write_event(w, record, len, cpu, 0);
 *	r = lnr_scap_writer_finish(w, &err);
 *	lnr_scap_writer_close(w);
 *
 * The file is made for its owner alone and never through a link. Only whole blocks go to the file,
 * so that whatever ends the program leaves a file that reads up to its last block; gzip files do so
 * up to the last flush. An error (a full disk) is returned and stays: every later call returns it
 * again, the caller goes on without its capture. No call allocates per event. Not thread-safe.
 */
#ifndef LNR_CAPTURE_SCAP_WRITE_H
#define LNR_CAPTURE_SCAP_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/str.h"

struct lnr_group;
struct lnr_scap_machine;
struct lnr_scap_writer;
struct lnr_state;
struct lnr_user;

struct lnr_scap_writer_opts {
	size_t size; /* sizeof(struct lnr_scap_writer_opts) */
	bool gzip;
	int level;	    /* of gzip, 1 fast to 9 small; 0 = 6 */
	uint64_t max_bytes; /* of the file; 0 = no limit. See lnr_scap_writer_full() */
};

/* An existing file of the caller's is emptied; one of somebody else, or a link, is refused. */
int lnr_scap_writer_open(const char *path, const struct lnr_scap_writer_opts *opts,
	struct lnr_scap_writer **ret, struct lnr_err *err);
/* Into an open descriptor (a pipe, say), which is taken and closed, also on failure. */
int lnr_scap_writer_open_fd(int fd, const struct lnr_scap_writer_opts *opts,
	struct lnr_scap_writer **ret, struct lnr_err *err);
/* Closes without finishing; takes NULL, returns NULL. */
struct lnr_scap_writer *lnr_scap_writer_close(struct lnr_scap_writer *w);

/*
 * What a file begins with: section, machine, interfaces, users, threads, descriptors. `machine`
 * NULL = this machine; `st` NULL = nothing but the section header (captures of plugins).
 */
int lnr_scap_write_tables(struct lnr_scap_writer *w, const struct lnr_scap_machine *machine,
	struct lnr_state *st, struct lnr_err *err);
/*
 * Events that tell users, groups and containers of `st` again, for readers that take them from
 * events; `ts` is when, epoch ns. Not for records copied from a file, which has its own.
 */
int lnr_scap_write_scene(
	struct lnr_scap_writer *w, struct lnr_state *st, uint64_t ts, struct lnr_err *err);

/*
 * One record as it is, `len` bytes. `flags` are LNR_ITEM_ of capture.h. 0; -EMSGSIZE for a record
 * that no reader would take (nothing is written, the writer stays usable); else what broke.
 */
int lnr_scap_write_event(
	struct lnr_scap_writer *w, const void *record, uint32_t len, uint16_t cpu, uint32_t flags);

/*
 * An event that tells of a user, or a group when `u` is NULL, that became known (or is gone) at
 * `ts`, epoch ns. Results as of lnr_scap_write_event().
 */
int lnr_scap_write_user(struct lnr_scap_writer *w, uint64_t ts, struct lnr_str container,
	const struct lnr_user *u, const struct lnr_group *g, bool gone);

/* Everything so far to the kernel; with `sync` to the disk too. Costs compression: not per event.
 */
int lnr_scap_writer_flush(struct lnr_scap_writer *w, bool sync, struct lnr_err *err);
/* Flush, end the compressed data, sync. The writer takes nothing more. */
int lnr_scap_writer_finish(struct lnr_scap_writer *w, struct lnr_err *err);
/*
 * Finish the file and go on in another with the same options, tables and scene included. 0; 1: goes
 * on in the other, but the end of the first could not be written (reason in err); negative: the
 * other could not be started, the current one goes on.
 */
int lnr_scap_writer_rotate(struct lnr_scap_writer *w, const char *path,
	const struct lnr_scap_machine *machine, struct lnr_state *st, uint64_t ts,
	struct lnr_err *err);
/*
 * Name of file `n` of a ring of `count` (0 = endless): base with the number in front of its
 * extension, as wide as the largest. 0 or -ENAMETOOLONG.
 */
int lnr_scap_rotated_name(char *buf, size_t size, const char *base, uint64_t n, uint64_t count);

/* Bytes of the file as it would be now, what waits in buffers included (compressed: about). */
uint64_t lnr_scap_writer_bytes(const struct lnr_scap_writer *w);
uint64_t lnr_scap_writer_events(const struct lnr_scap_writer *w);
/* Has the file reached max_bytes? */
bool lnr_scap_writer_full(const struct lnr_scap_writer *w);

/* Fill in this machine; boot time from the kernel. */
void lnr_scap_machine_here(struct lnr_scap_machine *ret);

#endif
