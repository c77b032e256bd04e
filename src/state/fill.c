/* SPDX-License-Identifier: Apache-2.0 */
/* A state filled by a capture file, an iterator or a scan instead of by events (spec 8.3). */
#include "state/state_priv.h"

#include <stdlib.h>

/* Not linked yet: a list may name children before their parents. */
struct lnr_thread *lnr_state_add_thread(struct lnr_state *st, int64_t tid, int64_t pid)
{
	struct lnr_task *k = lnr_task_new(st, tid, pid);
	if (!k)
		return NULL;
	k->fresh = true;
	k = lnr_task_add(st, k, false);
	return k ? &k->t : NULL;
}

struct lnr_fd *lnr_state_add_fd(struct lnr_state *st, struct lnr_thread *t, int64_t num)
{
	struct lnr_task *owner = lnr_task_fds_owner(lnr_task_of(t));
	struct lnr_fd *fd = owner ? lnr_task_fd_add(st, owner, num) : NULL;
	if (fd) {
		owner->t.fds->fresh = true;
		fd->flags |= LNR_FDF_FROM_PROC | LNR_FDF_FRESH;
	}
	return fd;
}

/* What the members that a caller set mean. */
static void adopt_thread(struct lnr_state *st, struct lnr_task *k)
{
	static const struct lnr_str deleted = LNR_STR(" (deleted)");
	struct lnr_thread *t = &k->t;
	struct lnr_str exe = lnr_blob_str(t->exepath);
	if (exe.len > deleted.len && lnr_str_ends(exe, deleted))
		lnr_state_set_blob(st, &t->exepath, lnr_str_sub(exe, 0, exe.len - deleted.len));
	/* Directory and environment belong to the process; other threads have none of their own. */
	if (lnr_thread_is_main(t)) {
		/* A directory as it was read, without its slash. */
		struct lnr_blob *cwd = t->cwd;
		t->cwd = NULL;
		lnr_task_chdir(st, k, NULL, cwd ? lnr_blob_str(cwd) : LNR_STR(""));
		lnr_blob_unref(cwd);
	} else {
		t->env = lnr_blob_unref(t->env);
		t->cwd = lnr_blob_unref(t->cwd);
	}
	if (t->cgroups) {
		struct lnr_blob *raw = t->cgroups;
		t->cgroups = NULL;
		lnr_state_set_cgroups(st, k, lnr_blob_str(raw));
		lnr_blob_unref(raw);
	} else {
		lnr_state_bind_container(st, k);
	}
	t->flags |= LNR_TF_ACTIVE;
	lnr_state_need_user(st, k);
	lnr_state_need_group(st, k);
	lnr_arena_reset(&st->scratch);
}

/* The order of the table is no order: each step goes over all threads before the next begins. */
typedef void task_fn(struct lnr_state *st, struct lnr_task *k, void *arg);

static void each_task(struct lnr_state *st, task_fn *fn, void *arg)
{
	size_t pos = 0;
	uint64_t tid;
	void *k;
	while (lnr_idmap_next(&st->tasks, &pos, &tid, &k))
		fn(st, k, arg);
}

static void do_adopt(struct lnr_state *st, struct lnr_task *k, void *arg)
{
	(void)arg;
	if (k->fresh)
		adopt_thread(st, k);
}

static void do_link(struct lnr_state *st, struct lnr_task *k, void *arg)
{
	(void)arg;
	if (k->fresh)
		lnr_task_link(st, k);
	k->fresh = false;
}

/* Listening ports are noted while sockets are made complete, before any role is given. */
static void do_sockets(struct lnr_state *st, struct lnr_task *k, void *ports)
{
	if (!k->t.fds || !k->t.fds->fresh)
		return;
	for (struct lnr_fd_node *n = lnr_fds_first(k->t.fds); n; n = lnr_fds_next(n)) {
		if (!(n->fd.flags & LNR_FDF_FRESH))
			continue;
		lnr_sock_adopt(st, &n->fd);
		lnr_sock_note_port(&n->fd, ports);
	}
}

static void do_roles(struct lnr_state *st, struct lnr_task *k, void *ports)
{
	if (!k->t.fds || !k->t.fds->fresh)
		return;
	for (struct lnr_fd_node *n = lnr_fds_first(k->t.fds); n; n = lnr_fds_next(n)) {
		if (n->fd.flags & LNR_FDF_FRESH)
			lnr_sock_adopt_role(st, &n->fd, ports);
		n->fd.flags &= (uint16_t)~LNR_FDF_FRESH;
	}
	k->t.fds->fresh = false;
}

/* Ports that are listened on, one bit each; kept for what is found later. */
static uint8_t *ports_of(struct lnr_state *st)
{
	if (!st->ports)
		st->ports = calloc(1, 65536 / 8);
	if (!st->ports)
		st->counters[LNR_CNT_NO_MEMORY]++;
	return st->ports;
}

void lnr_state_added(struct lnr_state *st)
{
	uint8_t *ports = ports_of(st);
	each_task(st, do_adopt, NULL);
	each_task(st, do_link, NULL);
	/* They decide who is a server, so all are known before the first role is given. */
	if (ports) {
		each_task(st, do_sockets, ports);
		each_task(st, do_roles, ports);
	}
	lnr_suppress_scanned(st);
}

/* As lnr_state_added(), for one thread whose relatives are there already. */
void lnr_state_adopt(struct lnr_state *st, struct lnr_task *k)
{
	do_adopt(st, k, NULL);
	do_link(st, k, NULL);
	lnr_state_adopt_fds(st, k);
	if (st->suppressing)
		lnr_suppress_scanned(st);
}

void lnr_state_adopt_fds(struct lnr_state *st, struct lnr_task *k)
{
	uint8_t *ports = ports_of(st);
	if (!ports)
		return;
	do_sockets(st, k, ports);
	do_roles(st, k, ports);
}

/* The reference's kinds of files a task has (its iterator's, engine-config-cli 7.1). */
static enum lnr_counter scan_counter(const struct lnr_fd *fd)
{
	switch (fd->type) {
	case LNR_FD_FILE:
	case LNR_FD_FILE_V2:
		return LNR_CNT_SCAN_FILES;
	case LNR_FD_DIRECTORY:
		return LNR_CNT_SCAN_DIRECTORIES;
	case LNR_FD_IPV4_SOCK:
	case LNR_FD_IPV4_SERVSOCK:
		return LNR_CNT_SCAN_INET;
	case LNR_FD_IPV6_SOCK:
	case LNR_FD_IPV6_SERVSOCK:
		return LNR_CNT_SCAN_INET6;
	case LNR_FD_UNIX_SOCK:
		return LNR_CNT_SCAN_UNIX;
	case LNR_FD_NETLINK:
		return LNR_CNT_SCAN_NETLINK;
	case LNR_FD_FIFO:
		return LNR_CNT_SCAN_PIPES;
	case LNR_FD_MEMFD:
		return LNR_CNT_SCAN_MEMFDS;
	default:
		return LNR_CNT_SCAN_ANONYMOUS;
	}
}

static void count_scanned(struct lnr_state *st, struct lnr_task *k, void *arg)
{
	(void)arg;
	st->counters[LNR_CNT_SCAN_TASKS]++;
	if (!lnr_thread_is_main(&k->t) || !k->t.fds)
		return;
	for (struct lnr_fd_node *n = lnr_fds_first(k->t.fds); n; n = lnr_fds_next(n))
		st->counters[scan_counter(&n->fd)]++;
}

/* Users and interfaces first: threads ask for names, sockets for addresses. */
int lnr_state_scan(struct lnr_state *st, struct lnr_err *err)
{
	if (!st->proc)
		return lnr_fail(err, -EINVAL, "a state for files does not look at this machine");
	lnr_state_import_users(st);
	int r = lnr_proc_ifaces(st);
	if (!r)
		r = lnr_proc_scan(st, err);
	else
		lnr_fail(err, r, "cannot list network interfaces: %s", strerror(-r));
	if (r)
		return r;
	lnr_state_added(st);
	each_task(st, count_scanned, NULL);
	st->counters[LNR_CNT_SCAN_REFUSED] = st->counters[LNR_CNT_FULL_THREADTABLE];
	return 0;
}

/* --- counters --- */

static const char *const counter_names[LNR_CNT_COUNT] = {
	[LNR_CNT_N_THREADS] = "n_threads",
	[LNR_CNT_N_FDS] = "n_fds",
	[LNR_CNT_NONCACHED_FD] = "n_noncached_fd_lookups",
	[LNR_CNT_CACHED_FD] = "n_cached_fd_lookups",
	[LNR_CNT_FAILED_FD] = "n_failed_fd_lookups",
	[LNR_CNT_ADDED_FDS] = "n_added_fds",
	[LNR_CNT_REMOVED_FDS] = "n_removed_fds",
	[LNR_CNT_STORED] = "n_stored_evts",
	[LNR_CNT_STORE_DROPS] = "n_store_evts_drops",
	[LNR_CNT_RETRIEVED] = "n_retrieved_evts",
	[LNR_CNT_RETRIEVE_DROPS] = "n_retrieve_evts_drops",
	[LNR_CNT_NONCACHED_THREAD] = "n_noncached_thread_lookups",
	[LNR_CNT_CACHED_THREAD] = "n_cached_thread_lookups",
	[LNR_CNT_FAILED_THREAD] = "n_failed_thread_lookups",
	[LNR_CNT_ADDED_THREADS] = "n_added_threads",
	[LNR_CNT_REMOVED_THREADS] = "n_removed_threads",
	[LNR_CNT_FULL_THREADTABLE] = "n_drops_full_threadtable",
	[LNR_CNT_FULL_FDTABLE] = "n_drops_full_fdtable",
	[LNR_CNT_NO_MEMORY] = "n_drops_no_memory",
	[LNR_CNT_SUPPRESSED] = "n_suppressed_evts",
	[LNR_CNT_PROC_LOOKUPS] = "n_proc_lookups",
	[LNR_CNT_PROC_REFUSED] = "n_proc_lookups_refused",
	[LNR_CNT_N_CONTAINERS] = "n_containers",
	[LNR_CNT_MISSING_IMAGES] = "n_missing_container_images",
	[LNR_CNT_SCAN_TASKS] = "n_evts_task",
	[LNR_CNT_SCAN_REFUSED] = "n_drops_task",
	[LNR_CNT_SCAN_PIPES] = "n_evts_task_file_pipe",
	[LNR_CNT_SCAN_MEMFDS] = "n_evts_task_file_memfd",
	[LNR_CNT_SCAN_FILES] = "n_evts_task_file_regular",
	[LNR_CNT_SCAN_DIRECTORIES] = "n_evts_task_file_directory",
	[LNR_CNT_SCAN_INET] = "n_evts_task_file_socket_inet",
	[LNR_CNT_SCAN_INET6] = "n_evts_task_file_socket_inet6",
	[LNR_CNT_SCAN_UNIX] = "n_evts_task_file_socket_unix",
	[LNR_CNT_SCAN_NETLINK] = "n_evts_task_file_socket_netlink",
	[LNR_CNT_SCAN_ANONYMOUS] = "n_evts_task_file_anon_inode",
};

static void count_fds(struct lnr_state *st, struct lnr_task *k, void *sum)
{
	(void)st;
	if (k->t.fds)
		*(uint64_t *)sum += k->t.fds->count;
}

/*
 * Counters only grow; the gauges among them are counted on demand, which takes a walk over all
 * processes and is for statistics, not for events. What a scan found is there after one only.
 */
unsigned lnr_state_counters(
	const struct lnr_state *st, const char **names, uint64_t *values, unsigned max)
{
	uint64_t fds = 0;
	unsigned n = st->counters[LNR_CNT_SCAN_TASKS] ? LNR_CNT_COUNT : LNR_CNT_SCAN_TASKS;
	each_task((struct lnr_state *)st, count_fds, &fds);
	for (unsigned i = 0; i < n && i < max; i++) {
		names[i] = counter_names[i];
		values[i] = st->counters[i];
		if (i == LNR_CNT_N_THREADS)
			values[i] = st->tasks.len;
		else if (i == LNR_CNT_N_FDS)
			values[i] = fds;
		else if (i == LNR_CNT_N_CONTAINERS)
			values[i] = lnr_containers_count(st->containers);
		else if (i == LNR_CNT_MISSING_IMAGES)
			values[i] = lnr_containers_missing_images(st->containers);
	}
	return n;
}
