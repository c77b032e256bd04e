/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model of the machine that events are judged against: threads, descriptors, users, interfaces,
 * containers. Filled by a start-up scan of /proc or by a capture file, kept true by events, bounded
 * by budgets, driven by one thread.
 *
 *	lnr_state_enter(st, ev);	resolves thread and descriptor, applies the event's effect
 *	… rules are evaluated …
 *	lnr_state_leave(st, ev);	remembers, and does the removals that were put off
 *
 * Removals are put off so that rules on close and procexit still see what went away.
 */
#ifndef LNR_STATE_STATE_H
#define LNR_STATE_STATE_H

#include "base/clock.h"
#include "base/log.h"
#include "state/container.h"
#include "state/thread.h"
#include "state/users.h"

struct lnr_state;

struct lnr_state_opts {
	size_t size; /* sizeof(struct lnr_state_opts) */
	bool live;   /* may ask /proc and NSS; false for files */
	const char
		*host_root; /* prefix for /proc, /etc; NULL = HOST_ROOT of the environment or "" */
	uint32_t max_threads;	      /* 0 = 262144 */
	uint32_t max_fds_per_process; /* 0 = 4096 */
	uint32_t purge_interval_s;    /* 0 = 300 */
	uint32_t thread_timeout_s;    /* 0 = 300 */
	int64_t max_proc_lookups;     /* per second; -1 = unlimited */
	bool track_connections;	      /* connection status (getsockopt SO_ERROR) */
	bool import_users;
	struct lnr_log *log;
	const struct lnr_clock *clock;
	bool large_envs;		 /* read environments beyond 4096 bytes from /proc */
	int64_t max_proc_socket_lookups; /* of those, with socket tables; 0 = all, -1 = unlimited */
	uint32_t engines_off;		 /* LNR_ENGINE_BIT_: cgroup layouts not looked for */
	const char *static_container;	 /* every process is in it; NULL = none; borrowed */
	const char *static_name, *static_image;
	/*
	 * Called when a thread gets a container id whose metadata is not known (gone = false), and
	 * when the init process of a container exits (gone = true). `t` is borrowed. May be NULL.
	 */
	void (*on_container)(
		void *user, const struct lnr_thread *t, struct lnr_str id, int type, bool gone);
	void *user;
	/*
	 * Called when live and a user or group becomes known, changes or goes (spec 9), so that a
	 * recording can tell of it. One of `u` and `g` is NULL; both are borrowed. May be NULL.
	 */
	void (*on_user)(void *user, struct lnr_str container, const struct lnr_user *u,
		const struct lnr_group *g, bool gone);
};

/* Cgroup layouts, in the order they are tried (spec 10.1). */
enum {
	LNR_ENGINE_BIT_PODMAN = 1 << 0,
	LNR_ENGINE_BIT_DOCKER = 1 << 1,
	LNR_ENGINE_BIT_CRI = 1 << 2,
	LNR_ENGINE_BIT_CONTAINERD = 1 << 3,
	LNR_ENGINE_BIT_LXC = 1 << 4,
	LNR_ENGINE_BIT_LIBVIRT_LXC = 1 << 5,
	LNR_ENGINE_BIT_BPM = 1 << 6,
	/* containerd's namespaces that none of its usual clients has; a live state sets it itself
	 */
	LNR_ENGINE_BIT_ANY_NAMESPACE = 1 << 7,
};

int lnr_state_new(const struct lnr_state_opts *opts, struct lnr_state **ret, struct lnr_err *err);
struct lnr_state *lnr_state_free(struct lnr_state *st); /* takes NULL */
/* Read /proc, interfaces and users now (spec 8.3). Vanished processes are skipped. */
int lnr_state_scan(struct lnr_state *st, struct lnr_err *err);

/*
 * Never evaluate events of processes with this name, or of this thread, and of their descendants
 * (spec 8.6). State is kept all the same. 0 or -ENOMEM.
 */
int lnr_state_suppress_comm(struct lnr_state *st, struct lnr_str comm);
int lnr_state_suppress_tid(struct lnr_state *st, int64_t tid);

/* False: the event is suppressed or only keeps state; do not evaluate it. */
bool lnr_state_enter(struct lnr_state *st, struct lnr_event *ev);
void lnr_state_leave(struct lnr_state *st, struct lnr_event *ev);
/* Do events of that type change what is known when their call failed, too? */
bool lnr_state_needs_failed(unsigned event_type);

/* --- reading, valid during one event --- */
/* By tid; asks /proc when `query` and live. NULL = unknown. */
struct lnr_thread *lnr_state_thread(struct lnr_state *st, int64_t tid, bool query);
/* Leader of t's process; t itself when it is one; NULL when unknown. */
struct lnr_thread *lnr_state_leader(struct lnr_state *st, struct lnr_thread *t);
/* Parent process (leader of ptid's group) without OS query. NULL at the end. */
struct lnr_thread *lnr_state_parent(struct lnr_state *st, struct lnr_thread *t);
/* The thread ptid itself, which need not be a main thread: listings of ancestors go this way. */
struct lnr_thread *lnr_state_parent_thread(struct lnr_state *st, struct lnr_thread *t);
/* Ancestor n: 0 = the main thread of t, 1 = parent process, …; NULL when the chain ends or loops.
 */
struct lnr_thread *lnr_state_ancestor(struct lnr_state *st, struct lnr_thread *t, unsigned n);
/* Session, process-group leaders (fields.md 4.2); NULL when not found. */
struct lnr_thread *lnr_state_sid_leader(struct lnr_state *st, struct lnr_thread *t);
struct lnr_thread *lnr_state_vpgid_leader(struct lnr_state *st, struct lnr_thread *t);
struct lnr_thread *lnr_state_pgid_leader(struct lnr_state *st, struct lnr_thread *t);
/* Descriptor of t's process, or NULL. */
struct lnr_fd *lnr_state_fd(struct lnr_state *st, struct lnr_thread *t, int64_t num);
/* Walk the descriptors of t's process: start with *pos = 0; NULL at the end. */
struct lnr_fd *lnr_state_fd_next(struct lnr_state *st, struct lnr_thread *t, size_t *pos);
uint32_t lnr_state_fd_count(struct lnr_state *st, struct lnr_thread *t);
/* Walk all threads: start with *pos = 0; NULL at the end. */
struct lnr_thread *lnr_state_thread_next(struct lnr_state *st, size_t *pos);
/* cwd of t's process with trailing '/', "./" without a main thread. */
struct lnr_str lnr_state_cwd(struct lnr_state *st, struct lnr_thread *t);
struct lnr_users *lnr_state_users(struct lnr_state *st);
struct lnr_containers *lnr_state_containers(struct lnr_state *st);
/* Address of this machine (fields.md 6.3), seen from thread t (may be NULL). */
bool lnr_state_is_local_ip(
	struct lnr_state *st, const struct lnr_thread *t, const struct lnr_ip *ip);
/* Live threads of t's process, its leader included; 0 for a placeholder. */
uint32_t lnr_state_nthreads(struct lnr_state *st, struct lnr_thread *t);
/* A CPU came or went while live: buffers no longer fit, the capture must be opened again. */
bool lnr_state_cpus_changed(const struct lnr_state *st);
uint64_t lnr_state_boot_ts(const struct lnr_state *st);	     /* epoch ns */
const char *lnr_state_host_root(const struct lnr_state *st); /* "" when none */

/* --- filling from a capture file or an iterator; strings are copied --- */
/* A thread to be described by the caller (all unset values), replacing any of that tid. NULL =
 * full. */
struct lnr_thread *lnr_state_add_thread(struct lnr_state *st, int64_t tid, int64_t pid);
/* Flags of an added thread from its PPM_CL_ bits, as capture files keep them. */
void lnr_thread_clone_flags(struct lnr_thread *t, uint32_t clone_flags);
/* The other way. */
uint32_t lnr_thread_flags_as_clone(const struct lnr_thread *t);
/* A descriptor in t's process, replacing any of that number; NULL = full. Caller sets the members.
 */
struct lnr_fd *lnr_state_add_fd(struct lnr_state *st, struct lnr_thread *t, int64_t num);
/* All threads and descriptors added: link groups, roles, containers. */
void lnr_state_added(struct lnr_state *st);
struct lnr_iface {
	struct lnr_ip addr, mask, broadcast;
	char name[64];
	uint64_t link_speed;
};
int lnr_state_add_iface(struct lnr_state *st, const struct lnr_iface *iface);
const struct lnr_iface *lnr_state_ifaces(struct lnr_state *st, size_t *ret_n);
void lnr_state_set_boot_ts(struct lnr_state *st, uint64_t boot_ts);

/* join() of spec 7.6: `path` relative to `base` (which ends in '/'), cleaned, in `scratch`. */
struct lnr_str lnr_path_join(struct lnr_arena *scratch, struct lnr_str base, struct lnr_str path);
/* Container id in a cgroup path (spec 10.1); ret.len 0 = host. *ret_type = LNR_CT_. */
struct lnr_str lnr_cgroup_container(struct lnr_str cgroup_path, int *ret_type);
/* The same on a machine at work, where the reference's reading of containerd's paths takes too
 * much. */
struct lnr_str lnr_cgroup_container_live(struct lnr_str cgroup_path, int *ret_type);
/* fd.name of an INET or unix descriptor from its tuple (fields.md 6.2), in `scratch`. */
struct lnr_str lnr_fd_render_name(struct lnr_arena *scratch, const struct lnr_fd *fd);

/* Counters of spec 8.7, in order of lnr_state_counter_names; returns how many exist. */
unsigned lnr_state_counters(
	const struct lnr_state *st, const char **names, uint64_t *values, unsigned max);

#endif
