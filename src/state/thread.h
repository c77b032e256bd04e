/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread as far as events have told (spec events-and-state 8). Plain values: fields read them
 * directly, only state/ writes them. A pointer is valid during one event; across events look up
 * again by tid.
 */
#ifndef LNR_STATE_THREAD_H
#define LNR_STATE_THREAD_H

#include "state/blob.h"
#include "state/fd.h"

/* lnr_thread.flags */
enum {
	LNR_TF_ACTIVE = 1 << 0,
	LNR_TF_DEAD = 1 << 1,		/* procexit seen */
	LNR_TF_MAIN = 1 << 2,		/* IS_MAIN_THREAD mark */
	LNR_TF_CLONE_INVERTED = 1 << 3, /* created by the child's own event */
	LNR_TF_IN_PIDNS = 1 << 4,	/* CHILD_IN_PIDNS */
	LNR_TF_NAME_CHANGED = 1 << 5,
	LNR_TF_PIPE_SRC = 1 << 6,
	LNR_TF_PIPE_DST = 1 << 7,
	LNR_TF_PLACEHOLDER = 1 << 8, /* looked up in vain; comm, exe <NA> */
	LNR_TF_SUPPRESSED = 1 << 9,
	LNR_TF_EXE_WRITABLE = 1 << 10,
	LNR_TF_EXE_UPPER = 1 << 11,
	LNR_TF_EXE_LOWER = 1 << 12,
	LNR_TF_EXE_MEMFD = 1 << 13,
	LNR_TF_REAPER = 1 << 14, /* child subreaper (of the group) */
	LNR_TF_SHARED_FILES = 1 << 15,
};

struct lnr_fdtable;
struct lnr_container;

struct lnr_thread {
	int64_t tid, pid, ptid; /* host ids; -1 unknown; ptid = thread that forked */
	int64_t vtid, vpid;	/* in the own pid namespace; -1 unknown */
	int64_t sid, vpgid, pgid;
	uint32_t flags;		     /* LNR_TF_ */
	uint32_t uid, gid, loginuid; /* 0xffffffff = unset */
	uint32_t tty;
	int64_t fdlimit;
	uint64_t cap_inheritable, cap_permitted, cap_effective;
	uint32_t vm_size, vm_rss, vm_swap; /* KB */
	uint64_t pf_major, pf_minor;
	uint64_t exe_ino, exe_ino_ctime, exe_ino_mtime; /* times in epoch ns */
	uint64_t ctime_duration_clone, ctime_duration_pidns;
	uint64_t clone_ts, lastexec_ts, pidns_init_start_ts, last_access_ts;
	uint64_t exectime_ns, totexectime_ns;
	uint64_t cpu_usr, cpu_sys; /* of the last PROCINFO event, kept when it is left; 0 = none */
	struct lnr_blob *comm, *exe, *exepath;
	struct lnr_blob *args, *env; /* NUL-terminated items back to back */
	struct lnr_blob *cgroups;    /* "subsys=path" items, NUL-terminated */
	struct lnr_blob *cwd;	     /* with trailing '/'; of the main thread */
	struct lnr_blob *root;
	struct lnr_blob *container_id; /* 12 characters; NULL = host */
	struct lnr_fdtable *fds;       /* its own; never NULL for a valid main thread */
	uint32_t nthreads;	       /* leader only: live threads of the group, itself included */
	int64_t last_fd;	       /* last descriptor an event of this thread used; -1 none */
	uint64_t last_event_ts;
	uint16_t last_event_type, last_event_cpu;
};

static inline bool lnr_thread_is_main(const struct lnr_thread *t)
{
	return t->tid == t->pid || (t->flags & LNR_TF_MAIN);
}

static inline bool lnr_thread_in_pidns(const struct lnr_thread *t)
{
	return (t->flags & LNR_TF_IN_PIDNS) || (t->vtid >= 0 && t->tid != t->vtid);
}

#endif
