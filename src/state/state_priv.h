/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a state. One file per subject works on it:
 *
 *	state.c		open, close, enter, leave; which parser an event type has
 *	thread_table.c	find, add, remove, groups, parents, reapers
 *	process.c exec.c ids.c file.c socket.c ...	one function per event type
 *	proc_*.c	what /proc tells
 *
 * A struct lnr_task is a thread with what only this folder may see; everyone else gets its first
 * member.
 */
#ifndef LNR_STATE_STATE_PRIV_H
#define LNR_STATE_STATE_PRIV_H

#include "base/arena.h"
#include "base/hash.h"
#include "decode/event.h"
#include "schema/limits.h"
#include "schema/params.h"
#include "state/blob_priv.h"
#include "state/cgroup.h"
#include "state/extra.h"
#include "state/fdtable.h"
#include "state/ifaces.h"
#include "state/state.h"

struct lnr_proc;

/* An enter event kept until its exit (spec 7.3). */
struct lnr_stored {
	uint32_t len, size; /* of the record, of this object */
	uint16_t type, cpu;
	unsigned char record[];
};

/* The threads of one process that are known. */
struct lnr_family {
	int64_t pid;
	uint32_t alive;		       /* not dead; the leader's nthreads shows it */
	uint32_t members;	       /* in the list, dead ones included */
	bool reaper;		       /* orphans below go to it: init, or marked by prctl */
	bool gone;		       /* no longer found by pid; freed with its last member */
	struct lnr_task *first, *last; /* the leader is always first */
};

struct lnr_task {
	struct lnr_thread t; /* first: struct lnr_thread * and struct lnr_task * convert */
	struct lnr_family *group;
	struct lnr_task *group_prev, *group_next;
	struct lnr_task *parent; /* whose list of children it is in; not always the thread ptid */
	struct lnr_task *children, *sib_prev, *sib_next;
	int64_t reaper_tid; /* of procexit; -1 unknown */
	struct lnr_stored *stored;
	struct lnr_extra *extra;	 /* what plugins added; NULL = nothing */
	uint16_t enter_type;		 /* of the last enter event, LNR_NO_EVENT when none */
	uint8_t fd_rounds;		 /* copies owed on t.fds, see fdtable.h */
	bool fresh;			 /* filled by a caller, not yet linked (lnr_state_added) */
	struct lnr_container *container; /* looked up in generation container_gen */
	uint32_t container_gen;
};

#define LNR_NO_EVENT UINT16_MAX
#define LNR_NO_TID   INT64_MIN

struct lnr_exited {
	uint64_t key;  /* parent and child id, 32 bits each */
	uint64_t ts;   /* 0 = not used yet */
	uint16_t next; /* of the same hash, 1 + its place; 0 = none */
};

/* Who exited just now: the newest LNR_EXITED_RING, found by key. */
struct lnr_exited_ring {
	struct lnr_exited list[LNR_EXITED_RING];
	uint16_t heads[LNR_EXITED_RING]; /* by hash, 1 + place of the newest */
	uint16_t at;			 /* of the next one */
};
_Static_assert(LNR_EXITED_RING < UINT16_MAX, "places have 16 bits");

enum lnr_counter {
	LNR_CNT_N_THREADS, /* gauges are computed when asked for */
	LNR_CNT_N_FDS,
	LNR_CNT_NONCACHED_FD,
	LNR_CNT_CACHED_FD,
	LNR_CNT_FAILED_FD,
	LNR_CNT_ADDED_FDS,
	LNR_CNT_REMOVED_FDS,
	LNR_CNT_STORED,
	LNR_CNT_STORE_DROPS,
	LNR_CNT_RETRIEVED,
	LNR_CNT_RETRIEVE_DROPS,
	LNR_CNT_NONCACHED_THREAD,
	LNR_CNT_CACHED_THREAD,
	LNR_CNT_FAILED_THREAD,
	LNR_CNT_ADDED_THREADS,
	LNR_CNT_REMOVED_THREADS,
	LNR_CNT_FULL_THREADTABLE,
	LNR_CNT_FULL_FDTABLE,
	LNR_CNT_NO_MEMORY,
	LNR_CNT_SUPPRESSED,
	LNR_CNT_PROC_LOOKUPS,
	LNR_CNT_PROC_REFUSED,
	LNR_CNT_N_CONTAINERS,
	LNR_CNT_MISSING_IMAGES,
	/* What the machine had when it was looked at first; see lnr_state_scan(). */
	LNR_CNT_SCAN_TASKS,
	LNR_CNT_SCAN_REFUSED,
	LNR_CNT_SCAN_PIPES,
	LNR_CNT_SCAN_MEMFDS,
	LNR_CNT_SCAN_FILES,
	LNR_CNT_SCAN_DIRECTORIES,
	LNR_CNT_SCAN_INET,
	LNR_CNT_SCAN_INET6,
	LNR_CNT_SCAN_UNIX,
	LNR_CNT_SCAN_NETLINK,
	LNR_CNT_SCAN_ANONYMOUS,
	LNR_CNT_COUNT,
};

struct lnr_state {
	struct lnr_state_opts opts;
	char *host_root; /* "" when none */
	uint64_t boot_ts;
	uint64_t now; /* ts of the event at hand */
	bool cpus_changed;

	struct lnr_slab slab;
	struct lnr_extra_budget extras; /* values that plugins add */
	bool changed;			/* by a plugin, see lnr_state_settle() */
	struct lnr_idmap tasks;		/* by tid */
	struct lnr_idmap groups;	/* by pid */
	struct lnr_task *last;		/* found last, or NULL */
	struct lnr_exited_ring *exited; /* made with the first exit */
	uint64_t purge_next;		/* event time; 0 = not yet set */

	/* put off until leave() */
	int64_t exit_tid, close_tid; /* LNR_NO_TID none */
	int64_t close_fd;
	char remove_container[LNR_CONTAINER_ID_BYTES_MAX];

	struct lnr_event enter;	  /* stored enter event of the exit at hand */
	struct lnr_arena scratch; /* for callers whose event has none */
	struct lnr_blob *na;	  /* "<NA>" of placeholders */

	struct lnr_users *users;
	struct lnr_containers *containers;
	struct lnr_cgroup_cache cgroups;
	struct lnr_ifaces ifaces;
	struct lnr_proc *proc; /* NULL when not live */
	uint8_t *ports;	       /* that servers listen on, one bit each; or NULL */

	bool suppressing; /* any of the two sets is not empty */
	struct lnr_idmap suppress_tids;
	struct lnr_strmap suppress_comms;

	uint64_t *switch_ts; /* last switch by CPU */
	unsigned n_switch_ts;

	uint64_t counters[LNR_CNT_COUNT];
};

static inline struct lnr_task *lnr_task_of(struct lnr_thread *t)
{
	return (struct lnr_task *)t;
}

/* --- thread_table.c --- */
/* Placeholder or nothing known (spec 8.1). */
static inline bool lnr_task_invalid(const struct lnr_task *k)
{
	return k->t.tid < 0 || k->t.pid < 0 || k->t.ptid < 0;
}
struct lnr_task *lnr_task_find(struct lnr_state *st, int64_t tid);
/* As find, and counted, and made the last found. */
struct lnr_task *lnr_task_touch(struct lnr_state *st, int64_t tid);
/* Touch; what is missing is read from /proc or becomes a placeholder. NULL = table full. */
struct lnr_task *lnr_task_fetch(struct lnr_state *st, int64_t tid);
/* Unlinked, all values unset. NULL = full (counted) or no memory. */
struct lnr_task *lnr_task_new(struct lnr_state *st, int64_t tid, int64_t pid);
void lnr_task_free(struct lnr_state *st, struct lnr_task *k);
/* Put into the table in place of any other of that tid; link group and parent when `link`. Takes k:
 * frees it on failure. */
struct lnr_task *lnr_task_add(struct lnr_state *st, struct lnr_task *k, bool link);
/* The same, 0 or -ENOSPC, -ENOMEM; after a failure k is the caller's. */
int lnr_task_put(struct lnr_state *st, struct lnr_task *k, bool link);
void lnr_task_link(struct lnr_state *st, struct lnr_task *k);
/* Another thread is its parent than was thought. */
void lnr_task_set_parent(struct lnr_state *st, struct lnr_task *k, int64_t ptid);
/* Of another process than was thought: an exit was missed, and the id used again. */
void lnr_task_set_pid(struct lnr_state *st, struct lnr_task *k, int64_t pid);
/* What happens when a thread is gone: children move, group and leader may go too. */
void lnr_task_remove(struct lnr_state *st, int64_t tid);
/* Without any of that, for the end and for replacement. */
void lnr_task_erase(struct lnr_state *st, struct lnr_task *k);
struct lnr_task *lnr_task_main(struct lnr_task *k);
void lnr_task_set_alive(struct lnr_task *k, uint32_t alive);
/* Mark the whole process. */
void lnr_task_set_reaper(struct lnr_task *task, bool reaper);
void lnr_exited_note(struct lnr_state *st, int64_t tid, int64_t ptid, uint64_t ts);
bool lnr_exited_recently(const struct lnr_state *st, int64_t tid, int64_t ptid, uint64_t ts);

/* --- task_fds.c: descriptors of a thread's process --- */

/* Whose table a thread uses: its main thread, or itself; NULL = that main thread is not known. */
struct lnr_task *lnr_task_fds_owner(struct lnr_task *k);
struct lnr_fd *lnr_task_fd(struct lnr_state *st, struct lnr_task *k, int64_t num);
/* An empty entry, old one replaced; last_fd of k = num. NULL when there is no table or no room. */
struct lnr_fd *lnr_task_fd_add(struct lnr_state *st, struct lnr_task *k, int64_t num);
/* Same, and it is the event's descriptor now. */
struct lnr_fd *lnr_event_fd_add(struct lnr_state *st, struct lnr_event *ev, int64_t num);
/* Copy of `src` (any process's) at `num`, as the event's descriptor. */
struct lnr_fd *lnr_event_fd_dup(
	struct lnr_state *st, struct lnr_event *ev, const struct lnr_fd *src, int64_t num);
/* The event's descriptor, ready to be changed: no fork sees the change. NULL = no memory. */
struct lnr_fd *lnr_event_fd_edit(struct lnr_state *st, struct lnr_event *ev);
/* Own table of the process, or NULL. */
struct lnr_fdtable *lnr_task_fds_own(struct lnr_state *st, struct lnr_task *k);
void lnr_task_fd_remove(struct lnr_state *st, struct lnr_task *k, int64_t num);
/* Set the name; ev->name_changed when it is the event's descriptor and the name is another. */
void lnr_event_fd_name(
	struct lnr_state *st, struct lnr_event *ev, struct lnr_fd *fd, struct lnr_str name);
/* Child process k begins with the table of `from`'s process. */
void lnr_task_fds_inherit(struct lnr_state *st, struct lnr_task *k, struct lnr_task *from);

/* --- helpers shared by parsers (state.c) --- */
/* Blob with these bytes in *slot; no memory is counted and leaves the old one. */
void lnr_state_set_blob(struct lnr_state *st, struct lnr_blob **slot, struct lnr_str s);
/* The same for items back to back; the last one gets its NUL when the producer left it out. */
void lnr_state_set_items(
	struct lnr_state *st, struct lnr_event *ev, struct lnr_blob **slot, struct lnr_str items);
struct lnr_arena *lnr_state_scratch(struct lnr_state *st, struct lnr_event *ev);
/* A text parameter; "<NA>" when it is absent or "(NULL)", as old producers wrote. */
struct lnr_str lnr_state_text(const struct lnr_event *ev, unsigned param);
/* The enter event stored for this exit; counts. NULL when missing or of another call. */
struct lnr_event *lnr_state_take_enter(struct lnr_state *st, struct lnr_event *ev);
void lnr_state_set_cgroups(struct lnr_state *st, struct lnr_task *k, struct lnr_str items);
/* Container of k from its cgroups, and the hook. */
void lnr_state_bind_container(struct lnr_state *st, struct lnr_task *k);
void lnr_state_need_user(struct lnr_state *st, struct lnr_task *k);
void lnr_state_need_group(struct lnr_state *st, struct lnr_task *k);
/* Store `ev` for its exit. */
void lnr_state_store_enter(struct lnr_state *st, struct lnr_event *ev);
void lnr_state_drop_enter(struct lnr_state *st, struct lnr_task *k);
/* Find the event's thread again after the table changed under it. */
void lnr_state_rebind(struct lnr_state *st, struct lnr_event *ev);

/* One thread, or the descriptors of one process, that were filled like by a caller. */
void lnr_state_adopt(struct lnr_state *st, struct lnr_task *k);
void lnr_state_adopt_fds(struct lnr_state *st, struct lnr_task *k);

/* --- suppress.c --- */
/* True: the event must not be shown. Before parsing; keeps the set of threads. */
bool lnr_suppress_event(struct lnr_state *st, const struct lnr_event *ev);
void lnr_suppress_scanned(struct lnr_state *st);

/* --- path.c --- */
/* Directory that `name` is relative to (spec 7.4 open): "." when absolute. */
struct lnr_str lnr_path_base(
	struct lnr_state *st, struct lnr_event *ev, struct lnr_str name, int64_t dirfd);
void lnr_task_chdir(
	struct lnr_state *st, struct lnr_task *k, struct lnr_event *ev, struct lnr_str to);

/* --- sockmem.c --- */
/* fds that a caller filled: sockets become what events would have made of them (spec 8.3). */
void lnr_sock_adopt(struct lnr_state *st, struct lnr_fd *fd);
/* Ports that servers listen on, one bit each (65536). */
void lnr_sock_note_port(const struct lnr_fd *fd, uint8_t *ports);
/* Role of a socket that nobody saw open. */
void lnr_sock_adopt_role(struct lnr_state *st, struct lnr_fd *fd, const uint8_t *ports);

/* --- purge.c --- */
void lnr_state_purge(struct lnr_state *st);

/* --- proc.c: what the machine tells; only when live --- */
struct lnr_proc *lnr_proc_new(struct lnr_state *st);
struct lnr_proc *lnr_proc_free(struct lnr_proc *p);
int lnr_proc_scan(struct lnr_state *st, struct lnr_err *err);
/* One thread with its leader and their descriptors, linked. False: none such, or over budget. */
bool lnr_proc_fetch(struct lnr_state *st, int64_t tid);
/* One descriptor of k's process. */
void lnr_proc_fetch_fd(struct lnr_state *st, struct lnr_task *k, int64_t num);
/* Whole environment of a process, or false. */
bool lnr_proc_environ(struct lnr_state *st, struct lnr_task *k);
bool lnr_proc_alive(struct lnr_state *st, const struct lnr_thread *t);
int lnr_proc_ifaces(struct lnr_state *st);
/*
 * Users and groups of a container from a process's root. 0; -EAGAIN: it shares the host's, maybe
 * only for now; -ENOENT: no such file there, or one that is not fit to be read; -ENOMEM.
 */
int lnr_proc_container_file(struct lnr_state *st, int64_t pid, const char *file, char **ret);

/* --- users.c --- */
struct lnr_users *lnr_users_new(bool import);
/* The function that is told of changes, and what is passed to it. */
typedef void lnr_users_fn(void *arg, struct lnr_str container, const struct lnr_user *u,
	const struct lnr_group *g, bool gone);
void lnr_users_tell(struct lnr_users *u, lnr_users_fn *fn, void *arg);
struct lnr_users *lnr_users_free(struct lnr_users *u);
/* A database in the form of passwd(5), group(5); malformed lines are skipped. */
void lnr_users_parse(struct lnr_users *u, struct lnr_str container, struct lnr_str text);
void lnr_groups_parse(struct lnr_users *u, struct lnr_str container, struct lnr_str text);
/* Look-ups in vain are remembered until `until`. */
bool lnr_users_missed(struct lnr_users *u, struct lnr_str container, uint32_t uid, uint64_t now);
bool lnr_groups_missed(struct lnr_users *u, struct lnr_str container, uint32_t gid, uint64_t now);
/* One that is remembered is forgotten at `when` already. */
void lnr_users_ask_again(
	struct lnr_users *u, struct lnr_str container, bool groups, uint32_t id, uint64_t when);
void lnr_state_import_users(struct lnr_state *st);

/* --- containers.c --- */
struct lnr_containers *lnr_containers_new(struct lnr_slab *slab);
struct lnr_containers *lnr_containers_free(struct lnr_containers *c);
void lnr_containers_now(struct lnr_containers *c, uint64_t now);
uint32_t lnr_containers_gen(const struct lnr_containers *c);
size_t lnr_containers_count(const struct lnr_containers *c); /* without the host */
uint64_t lnr_containers_missing_images(const struct lnr_containers *c);
/* Entry of the text's container as json() leaves it; NULL when the text is none. */
struct lnr_container *lnr_containers_take_json(struct lnr_containers *c, struct lnr_str json);
/* The one that every process is in, by configuration; name and image may be NULL. */
int lnr_containers_static(
	struct lnr_containers *c, const char *id, const char *name, const char *image);
/* True when any container's address is `text`. */
bool lnr_containers_has_ip(struct lnr_containers *c, const struct lnr_ip *ip);
/* 1 = its address is ip, 0 = it has another, -1 = it has none. */
int lnr_container_is_ip(const struct lnr_container *c, const struct lnr_ip *ip);

/* --- parsers: one per event type --- */
typedef void lnr_parse_fn(struct lnr_state *st, struct lnr_event *ev);
lnr_parse_fn lnr_parse_clone, lnr_parse_procexit, lnr_parse_switch, lnr_parse_memory,
	lnr_parse_prctl, lnr_parse_cpu_hotplug;
lnr_parse_fn lnr_parse_exec;
lnr_parse_fn lnr_parse_setuid, lnr_parse_setgid, lnr_parse_setresuid, lnr_parse_setresgid,
	lnr_parse_setsid, lnr_parse_capset, lnr_parse_unshare, lnr_parse_setns, lnr_parse_rlimit,
	lnr_parse_prlimit;
lnr_parse_fn lnr_parse_open, lnr_parse_creat, lnr_parse_openat, lnr_parse_openat2,
	lnr_parse_open_by_handle, lnr_parse_chdir, lnr_parse_fchdir, lnr_parse_chroot;
lnr_parse_fn lnr_parse_close, lnr_parse_close_range, lnr_parse_dup, lnr_parse_fcntl, lnr_parse_pipe,
	lnr_parse_anon_fd, lnr_parse_memfd, lnr_parse_pidfd_open, lnr_parse_pidfd_getfd;
lnr_parse_fn lnr_parse_socket, lnr_parse_socketpair, lnr_parse_bind, lnr_parse_connect,
	lnr_parse_accept, lnr_parse_read, lnr_parse_write, lnr_parse_getsockopt;
lnr_parse_fn lnr_parse_user, lnr_parse_group, lnr_parse_container_json, lnr_parse_container,
	lnr_parse_async;
lnr_parse_fn lnr_parse_store;

#endif
