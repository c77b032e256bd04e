/* SPDX-License-Identifier: Apache-2.0 */
/* What reading (ring.c), loading (ring_load.c), attaching (ring_attach.c), trying (ring_probe.c)
 * share. */
#ifndef LNR_CAPTURE_RING_PRIV_H
#define LNR_CAPTURE_RING_PRIV_H

#include <stdbool.h>
#include "capture/capture.h"
#include "decode/schema.h"
#include "schema/record.h"
#include "bpf/base/shared.h"

/* The skeleton declares what the object's globals are, with the object's names. */
#include "lanner.skel.h"

struct lnr_kernel_ring {
	int fd;
	uint16_t cpu; /* first of its group */
	uint64_t mask;
	uint64_t *consumer, *producer; /* mapped positions */
	const char *data;
	uint64_t at;		       /* our position */
	uint64_t next_at;	       /* behind the record at the head */
	uint64_t produced;	       /* where the producer was when looked at last */
	uint64_t told;		       /* the last position the producer was told */
	const struct lnr_record *head; /* looked at and not taken yet */
};

/* Times that a running probe can be given more programs; each keeps an object of 1 MB. */
#define LNR_RING_SELECTIONS 32
#define LNR_RING_CODES	    512

struct lnr_ring {
	struct lnr_capture base;
	struct lanner_bpf *skel;
	struct lnr_kernel_ring *rings;
	unsigned n_rings, n_cpus;
	struct lnr_kernel_ring *lent; /* whose record the caller has */
	uint32_t *asleep;	      /* lnr_consumer_asleep of the probe */
	unsigned idle;		      /* empty looks in a row */
	int epoll;
	struct bpf_link *links[32]; /* one per attached hook */
	unsigned n_links;
	/* What lnr_ring_extend() loaded later; shares the maps of `skel`. */
	struct lanner_bpf *more[LNR_RING_SELECTIONS];
	unsigned n_more;
	bool stats;			    /* programs' run times are shown */
	bool family;			    /* opened with only_tgid */
	uint8_t loaded[LNR_RING_CODES / 8]; /* codes whose programs are there */
	struct lnr_log *log;
};

extern const struct lnr_capture_ops lnr_ring_ops;

/* ring_load.c. Does this kernel keep what callers pass until their calls return? */
bool lnr_ring_keeps_passed(void);

int lnr_ring_map(struct lnr_kernel_ring *r, int fd, size_t size, unsigned cpu, struct lnr_err *err);

/* ring_attach.c. Attach what was loaded; a hook that can be done without is only logged. */
int lnr_ring_attach(struct lnr_ring *c, struct lanner_bpf *skel, const char **ret_hook);
void lnr_ring_detach(struct lnr_ring *c);
/* Number of a tracepoint ("syscalls/sys_enter_openat"), or a negative errno. */
int lnr_tracepoint_id(const char *name);

#endif
