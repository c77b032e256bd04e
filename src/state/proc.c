/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the machine: all processes at start, single ones when an event names one that nobody
 * knows (spec 8.2, 8.3).
 *
 * The scan reads descriptors at once and not when they are first asked for: by then the process may
 * have closed them, and its close event would name nothing. What disappears meanwhile is skipped.
 */
#include "state/proc_priv.h"

#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"

/* --- files --- */

int lnr_proc_dir(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static uint64_t stat_ctime_ns(const struct stat *sb)
{
	return (uint64_t)sb->st_ctim.tv_sec * LNR_NS_PER_SEC + (uint64_t)sb->st_ctim.tv_nsec;
}

ssize_t lnr_proc_read(
	struct lnr_proc *p, int dir, const char *name, size_t max, uint64_t *ret_ctime_ns)
{
	LNR_AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	if (fd < 0)
		return -errno;
	if (max > LNR_PROC_FILE_BYTES_MAX - 1)
		max = LNR_PROC_FILE_BYTES_MAX - 1;
	/* Files made in one piece come in one piece (single_open() in fs/seq_file.c). */
	do
		n = read(fd, p->buf, max);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	p->buf[n] = '\0';
	struct stat sb;
	if (ret_ctime_ns)
		*ret_ctime_ns = fstat(fd, &sb) ? 0 : stat_ctime_ns(&sb);
	return n;
}

/* Longer targets are cut, as the reference cuts them. */
struct lnr_str lnr_proc_link(struct lnr_proc *p, int dir, const char *name)
{
	ssize_t n = readlinkat(dir, name, p->buf, LNR_STATE_PATH_BYTES_MAX - 1);
	if (n < 0)
		n = 0;
	p->buf[n] = '\0';
	return (struct lnr_str){p->buf, (size_t)n};
}

struct lnr_str lnr_proc_word(struct lnr_str *s)
{
	size_t from = 0;
	while (from < s->len && (s->ptr[from] == ' ' || s->ptr[from] == '\t'))
		from++;
	size_t to = from;
	while (to < s->len && s->ptr[to] != ' ' && s->ptr[to] != '\t' && s->ptr[to] != '\n')
		to++;
	struct lnr_str word = lnr_str_sub(*s, from, to);
	*s = lnr_str_sub(*s, to, s->len);
	return word;
}

bool lnr_proc_hex(struct lnr_str s, uint64_t *ret)
{
	uint64_t v = 0;
	if (!s.len || s.len > 16)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		unsigned d = c >= '0' && c <= '9'		  ? (unsigned)(c - '0')
			     : (c | 32) >= 'a' && (c | 32) <= 'f' ? (unsigned)((c | 32) - 'a') + 10
								  : 16;
		if (d > 15)
			return false;
		v = v << 4 | d;
	}
	*ret = v;
	return true;
}

/* --- open, close --- */

static bool read_host_view(struct lnr_proc *p, const char *pid)
{
	char path[16];
	struct stat root;
	snprintf(path, sizeof(path), "%s/ns/mnt", pid);
	ssize_t n = readlinkat(p->dir, path, p->init_mnt, sizeof(p->init_mnt) - 1);
	p->init_mnt[n < 0 ? 0 : n] = '\0';
	snprintf(path, sizeof(path), "%s/root", pid);
	if (fstatat(p->dir, path, &root, 0))
		return false;
	p->root_dev = root.st_dev;
	p->root_ino = root.st_ino;
	return n > 0;
}

/* The directory is opened once: look-ups go through it, also when /proc is mounted over later. */
struct lnr_proc *lnr_proc_new(struct lnr_state *st)
{
	struct lnr_proc *p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	lnr_idmap_init(&p->netns);
	char path[LNR_PATH_BYTES_MAX];
	snprintf(path, sizeof(path), "%s/proc", st->host_root);
	p->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->buf = malloc(LNR_PROC_FILE_BYTES_MAX);
	st->proc = p; /* what follows reads through it */
	p->cgroups = p->buf ? lnr_proc_cgroups_new(st) : NULL;
	st->proc = NULL;
	if (!p->cgroups)
		return lnr_proc_free(p);
	/* Where the first process may not be looked at, this one has the host's view as well,
	 * unless the host is somewhere else. */
	if (!read_host_view(p, "1") && !st->host_root[0])
		(void)read_host_view(p, "self");
	return p;
}

struct lnr_proc *lnr_proc_free(struct lnr_proc *p)
{
	if (!p)
		return NULL;
	lnr_proc_forget_sockets(p);
	lnr_idmap_done(&p->netns);
	lnr_proc_cgroups_free(p->cgroups);
	if (p->dir >= 0)
		close(p->dir);
	free(p->buf);
	free(p);
	return NULL;
}

/* --- all --- */

/* Numeric entry of a directory; -1 for others. */
static int64_t entry_id(const struct dirent *d)
{
	uint64_t id;
	return d->d_name[0] >= '0' && d->d_name[0] <= '9' && !lnr_str_u64(lnr_str_c(d->d_name), &id)
		       ? (int64_t)id
		       : -1;
}

static void add_threads(struct lnr_state *st, struct lnr_task *leader, int dir)
{
	int task = lnr_proc_dir(dir, "task");
	DIR *list = task < 0 ? NULL : fdopendir(task);
	if (!list) {
		if (task >= 0)
			close(task);
		return;
	}
	struct dirent *d;
	while ((d = readdir(list))) {
		int64_t tid = entry_id(d);
		if (tid < 0 || tid == leader->t.tid)
			continue;
		LNR_AUTO_CLOSE int own = lnr_proc_dir(task, d->d_name);
		if (own >= 0)
			lnr_proc_add_task(st, own, tid, leader, NULL);
	}
	closedir(list);
}

/* Descriptors at once (see above), threads last: they share what their leader has. */
static void add_process(struct lnr_state *st, const char *name, int64_t pid)
{
	LNR_AUTO_CLOSE int dir = lnr_proc_dir(st->proc->dir, name);
	if (dir < 0)
		return;
	struct lnr_task *k = lnr_proc_add_task(st, dir, pid, NULL, NULL);
	if (!k)
		return;
	lnr_proc_add_fds(st, k, dir, true);
	add_threads(st, k, dir);
}

int lnr_proc_scan(struct lnr_state *st, struct lnr_err *err)
{
	struct lnr_proc *p = st->proc;
	int copy = p->dir < 0 ? -1 : openat(p->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	if (!list) {
		int e = errno;
		if (copy >= 0)
			close(copy);
		return lnr_fail(err, -e, "cannot list %s/proc: %s", st->host_root, strerror(e));
	}
	/* Socket tables are kept while this is set: they are read once per network namespace. */
	p->scanning = true;
	struct dirent *d;
	while ((d = readdir(list))) {
		int64_t pid = entry_id(d);
		if (pid > 0)
			add_process(st, d->d_name, pid);
	}
	closedir(list);
	p->scanning = false;
	lnr_proc_forget_sockets(p);
	return 0;
}

/* --- one --- */

/* Take one look-up from the budget of this second. */
static bool may_look(struct lnr_state *st, bool *ret_sockets)
{
	struct lnr_proc *p = st->proc;
	uint64_t now = lnr_mono_ns(st->opts.clock);
	if (now - p->period_start >= LNR_NS_PER_SEC) {
		p->period_start = now;
		p->lookups = p->socket_lookups = 0;
	}
	if (st->opts.max_proc_lookups >= 0 && p->lookups >= st->opts.max_proc_lookups) {
		st->counters[LNR_CNT_PROC_REFUSED]++;
		return false;
	}
	*ret_sockets = st->opts.max_proc_socket_lookups < 0 ||
		       p->lookups < st->opts.max_proc_socket_lookups;
	p->lookups++;
	st->counters[LNR_CNT_PROC_LOOKUPS]++;
	return true;
}

static struct lnr_task *fetch_one(
	struct lnr_state *st, int64_t tid, struct lnr_task *leader, int64_t *ret_pid, bool sockets)
{
	char name[24];
	snprintf(name, sizeof(name), "%lld", (long long)tid);
	LNR_AUTO_CLOSE int dir = lnr_proc_dir(st->proc->dir, name);
	if (dir < 0)
		return NULL;
	struct lnr_task *k = lnr_proc_add_task(st, dir, tid, leader, ret_pid);
	if (k && k->t.tid == k->t.pid)
		lnr_proc_add_fds(st, k, dir, sockets);
	return k;
}

/* Ancestors nobody knows either, so that the chain does not end here. */
static void fetch_parents(struct lnr_state *st, int64_t ppid)
{
	struct lnr_task *chain[LNR_PROC_PARENTS_MAX];
	unsigned n = 0;
	bool sockets;
	while (n < LNR_PROC_PARENTS_MAX && ppid > 0 && !lnr_idmap_get(&st->tasks, (uint64_t)ppid) &&
		may_look(st, &sockets)) {
		struct lnr_task *k = fetch_one(st, ppid, NULL, NULL, sockets);
		if (!k)
			break;
		chain[n++] = k;
		ppid = k->t.ptid;
	}
	/* The eldest first: a child is linked to a parent that is there. */
	while (n)
		lnr_state_adopt(st, chain[--n]);
}

bool lnr_proc_fetch(struct lnr_state *st, int64_t tid)
{
	bool sockets;
	int64_t pid = -1;
	if (tid <= 0 || !may_look(st, &sockets))
		return false;
	struct lnr_task *k = fetch_one(st, tid, NULL, &pid, sockets);
	if (!k)
		return false;
	fetch_parents(st, k->t.ptid);
	if (pid != tid) {
		/* Descriptors, directory and environment are the leader's, so it is needed too. */
		struct lnr_task *leader = lnr_idmap_get(&st->tasks, (uint64_t)pid);
		if (!leader)
			leader = fetch_one(st, pid, NULL, NULL, sockets);
		if (leader && leader->fresh)
			lnr_state_adopt(st, leader);
	}
	lnr_proc_forget_sockets(st->proc);
	lnr_state_adopt(st, k);
	return true;
}

static int open_pid(struct lnr_state *st, int64_t pid)
{
	char name[24];
	snprintf(name, sizeof(name), "%lld", (long long)pid);
	return lnr_proc_dir(st->proc->dir, name);
}

void lnr_proc_fetch_fd(struct lnr_state *st, struct lnr_task *k, int64_t num)
{
	struct lnr_task *main = lnr_task_main(k);
	bool sockets;
	if (!main || num < 0 || !may_look(st, &sockets))
		return;
	LNR_AUTO_CLOSE int dir = open_pid(st, main->t.pid);
	if (dir < 0)
		return;
	int64_t last_fd = main->t.last_fd;
	lnr_proc_add_fd(st, main, dir, num);
	main->t.last_fd = last_fd;
	lnr_proc_forget_sockets(st->proc);
	lnr_state_adopt_fds(st, main);
}

bool lnr_proc_environ(struct lnr_state *st, struct lnr_task *k)
{
	LNR_AUTO_CLOSE int dir = open_pid(st, k->t.pid);
	if (dir < 0)
		return false;
	ssize_t n = lnr_proc_read(st->proc, dir, "environ", LNR_PROC_FILE_BYTES_MAX, NULL);
	if (n <= 0)
		return false;
	lnr_state_set_items(st, NULL, &k->t.env, (struct lnr_str){st->proc->buf, (size_t)n});
	return true;
}

/* Its directory answers for the process only, so the thread's own is asked. */
bool lnr_proc_alive(struct lnr_state *st, const struct lnr_thread *t)
{
	char name[64];
	snprintf(name, sizeof(name), "%lld/task/%lld/comm", (long long)t->pid, (long long)t->tid);
	ssize_t n = lnr_proc_read(st->proc, st->proc->dir, name, 64, NULL);
	if (n < 0)
		return false;
	struct lnr_str comm = {st->proc->buf, (size_t)n};
	if (comm.len && comm.ptr[comm.len - 1] == '\n')
		comm.len--;
	/* Another name: the id was given to somebody else. */
	return lnr_str_eq(comm, lnr_blob_str(t->comm));
}

/* --- a container's files --- */

/* Resolved inside the process's root, so that a link in it cannot lead to the host's files. */
static int open_in_root(int root, const char *path)
{
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/*
 * Root directory of a process that does not share the host's, or -1. What starts a container is in
 * its cgroup and in mounts of its own before it has changed its root.
 */
static int open_own_root(struct lnr_state *st, int64_t pid)
{
	const struct lnr_proc *p = st->proc;
	char mnt[64];
	struct stat sb;
	LNR_AUTO_CLOSE int dir = open_pid(st, pid);
	if (dir < 0)
		return -1;
	ssize_t n = readlinkat(dir, "ns/mnt", mnt, sizeof(mnt) - 1);
	mnt[n < 0 ? 0 : n] = '\0';
	if (n <= 0 || !p->init_mnt[0] || !strcmp(mnt, p->init_mnt))
		return -1;
	int root = openat(dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root >= 0 && !fstat(root, &sb) && sb.st_dev == p->root_dev &&
		sb.st_ino == p->root_ino) {
		close(root);
		return -1;
	}
	return root;
}

/* Bounded: a container can put there what it likes. */
int lnr_proc_container_file(struct lnr_state *st, int64_t pid, const char *file, char **ret)
{
	char path[64];
	/* The host's own files would be read under the container's name. */
	LNR_AUTO_CLOSE int root = open_own_root(st, pid);
	if (root < 0)
		return -EAGAIN;
	snprintf(path, sizeof(path), "etc/%s", file);
	LNR_AUTO_CLOSE int fd = open_in_root(root, path);
	struct stat sb;
	if (fd < 0 || fstat(fd, &sb) || !S_ISREG(sb.st_mode) || sb.st_size < 0 ||
		sb.st_size > (off_t)LNR_USER_DB_BYTES_MAX)
		return -ENOENT;
	size_t cap = (size_t)sb.st_size, len = 0;
	char *text = malloc(cap + 1);
	if (!text)
		return -ENOMEM;
	ssize_t n;
	while (len < cap && (n = read(fd, text + len, cap - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	*ret = text;
	return 0;
}

/* --- interfaces --- */

static void put_ip(struct lnr_ip *ip, const struct sockaddr *sa, int family)
{
	if (!sa || sa->sa_family != family)
		return;
	if (family == AF_INET) {
		ip->family = LNR_AF_INET;
		memcpy(ip->addr, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
	} else {
		ip->family = LNR_AF_INET6;
		memcpy(ip->addr, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
	}
}

int lnr_proc_ifaces(struct lnr_state *st)
{
	struct ifaddrs *list;
	int r = 0;
	if (getifaddrs(&list))
		return -errno;
	lnr_ifaces_clear(&st->ifaces);
	for (struct ifaddrs *a = list; a && !r; a = a->ifa_next) {
		int family = a->ifa_addr ? a->ifa_addr->sa_family : AF_UNSPEC;
		if (family != AF_INET && family != AF_INET6)
			continue;
		struct lnr_iface i = {.link_speed = 0};
		put_ip(&i.addr, a->ifa_addr, family);
		put_ip(&i.mask, a->ifa_netmask, family);
		if (a->ifa_flags & IFF_BROADCAST)
			put_ip(&i.broadcast, a->ifa_broadaddr, family);
		snprintf(i.name, sizeof(i.name), "%s", a->ifa_name);
		r = lnr_state_add_iface(st, &i);
	}
	freeifaddrs(list);
	return r == -ENOSPC ? 0 : r; /* more addresses than anyone has: the first ones do */
}
