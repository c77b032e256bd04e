/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc tells: the start-up scan of this machine, single look-ups (spec 8.2, 8.3). */
#include <arpa/inet.h>
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state_test.h"
#include "state/proc_priv.h"

static void rig_live(struct rig *r, struct lnr_state_opts opts)
{
	opts.live = true;
	rig_init_opts(r, opts);
	r->ts = (uint64_t)time(NULL) * LNR_NS_PER_SEC;
}

static void rig_scan(struct rig *r)
{
	struct lnr_err err = {0};
	char why[256];
	assert_ok(lnr_state_scan(r->st, &err), &err);
	if (!lnr_state_check(r->st, why, sizeof(why)))
		fail_msg("%s", why);
}

/* --- lines of /proc/net --- */

static void inet_lines(void **state)
{
	static const struct {
		const char *line;
		bool v6, ok;
		int type;
		const char *sip, *dip;
		uint16_t sport, dport;
		uint64_t ino;
	} rows[] = {
		{"   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0  "
		 "      0 21462 1 0 10 0",
			false, true, LNR_FD_IPV4_SERVSOCK, "127.0.0.1", NULL, 22, 0, 21462},
		{" 123: 0500A8C0:ABCD 0100A8C0:0050 01 00000000:00000000 00:00000000 00000000  1000  "
		 "      0 7 1",
			false, true, LNR_FD_IPV4_SOCK, "192.168.0.5", "192.168.0.1", 0xabcd, 80, 7},
		{"   0: 00000000000000000000000001000000:0277 "
		 "00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 "
		 "0 9 1",
			true, true, LNR_FD_IPV6_SERVSOCK, "::1", NULL, 631, 0, 9},
		{"   1: B80D0120000000000000000001000000:0277 "
		 "B80D0120000000000000000002000000:01BB 01 00000000:00000000 00:00000000 00000000 0 "
		 "0 10 1",
			true, true, LNR_FD_IPV6_SOCK, "2001:db8::1", "2001:db8::2", 631, 443, 10},
		{"  sl  local_address rem_address   st tx_queue rx_queue", false, false, 0, NULL,
			NULL, 0, 0, 0},
		{"", false, false, 0, NULL, NULL, 0, 0, 0},
		{" 0: 0100007F:0016", false, false, 0, NULL, NULL, 0, 0, 0},
		{" 0: 0100007G:0016 00000000:0000 0A x x x x x 1", false, false, 0, NULL, NULL, 0,
			0, 0},
		{" 0: 0100007F:0016 00000000:0000 0A x x x x x notnum", false, false, 0, NULL, NULL,
			0, 0, 0},
		{" 0: 0100007F0016 00000000:0000 0A x x x x x 1", false, false, 0, NULL, NULL, 0, 0,
			0},
	};
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct lnr_fd fd;
		uint64_t ino = 0;
		char text[INET6_ADDRSTRLEN];
		int family = rows[i].v6 ? AF_INET6 : AF_INET;
		bool ok = lnr_proc_parse_inet(
			lnr_str_c(rows[i].line), rows[i].v6, LNR_L4_TCP, &ino, &fd);
		assert_int_equal(ok, rows[i].ok);
		if (!ok)
			continue;
		assert_int_equal(fd.type, rows[i].type);
		assert_int_equal(ino, rows[i].ino);
		assert_int_equal(fd.sport, rows[i].sport);
		assert_int_equal(fd.dport, rows[i].dport);
		assert_int_equal(fd.l4, LNR_L4_TCP);
		assert_string_equal(
			inet_ntop(family, fd.sip.addr, text, sizeof(text)), rows[i].sip);
		if (rows[i].dip)
			assert_string_equal(
				inet_ntop(family, fd.dip.addr, text, sizeof(text)), rows[i].dip);
		else
			assert_int_equal(fd.dip.family, 0);
	}
}

static void other_lines(void **state)
{
	uint64_t ino, addr;
	struct lnr_str path;
	(void)state;
	assert_true(lnr_proc_parse_unix(
		LNR_STR("ffff8881021cd000: 00000002 00000000 00010000 0001 01 18013 /run/a b"),
		&ino, &addr, &path));
	assert_int_equal(ino, 18013);
	assert_int_equal(addr, 0xffff8881021cd000);
	assert_str(path, "/run/a b");
	assert_true(lnr_proc_parse_unix(
		LNR_STR("0000000000000000: 00000002 00000000 00000000 0002 01 5"), &ino, &addr,
		&path));
	assert_int_equal(ino, 5);
	assert_int_equal(path.len, 0);
	assert_false(lnr_proc_parse_unix(LNR_STR("Num       RefCount Protocol Flags    Type St "
						 "Inode Path"),
		&ino, &addr, &path));
	assert_false(lnr_proc_parse_unix(LNR_STR(""), &ino, &addr, &path));
	assert_true(lnr_proc_parse_netlink(
		LNR_STR("ffff888100123000 0   1234   00000110 0        0        0     2        0    "
			"    77"),
		&ino));
	assert_int_equal(ino, 77);
	assert_false(lnr_proc_parse_netlink(
		LNR_STR("sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    "
			"Drops    Inode"),
		&ino));
	assert_false(lnr_proc_parse_netlink(LNR_STR(""), &ino));
}

static void words(void **state)
{
	struct lnr_str s = LNR_STR("  one\ttwo  three\n");
	uint64_t v;
	(void)state;
	assert_str(lnr_proc_word(&s), "one");
	assert_str(lnr_proc_word(&s), "two");
	assert_str(lnr_proc_word(&s), "three");
	assert_str(lnr_proc_word(&s), "");
	assert_true(lnr_proc_hex(LNR_STR("00Ff"), &v));
	assert_int_equal(v, 255);
	assert_false(lnr_proc_hex(LNR_STR(""), &v));
	assert_false(lnr_proc_hex(LNR_STR("0x1"), &v));
	assert_false(lnr_proc_hex(LNR_STR("11111111111111111"), &v));
}

/* --- ourselves --- */

static struct lnr_thread *self(struct rig *r)
{
	struct lnr_thread *t = lnr_state_thread(r->st, getpid(), false);
	assert_non_null(t);
	return t;
}

static struct lnr_fd *self_fd(struct rig *r, int num)
{
	struct lnr_fd *fd = lnr_state_fd(r->st, self(r), num);
	if (!fd)
		fail_msg("descriptor %d was not found", num);
	return fd;
}

static void finds_itself(void **state)
{
	struct rig r;
	char path[1024], link[64];
	struct rlimit limit;
	struct stat sb;
	(void)state;
	rig_live(&r, (struct lnr_state_opts){0});
	rig_scan(&r);
	struct lnr_thread *t = self(&r);
	assert_int_equal(t->pid, getpid());
	assert_int_equal(t->ptid, getppid());
	assert_int_equal(t->sid, getsid(0));
	assert_int_equal(t->pgid, getpgrp());
	assert_int_equal(t->uid, geteuid());
	assert_int_equal(t->gid, getegid());
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	path[n] = '\0';
	assert_blob(t->exepath, path);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(t->exe_ino, sb.st_ino);
	assert_non_null(getcwd(path, sizeof(path) - 1));
	strcat(path, "/");
	assert_str(lnr_state_cwd(r.st, t), path);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(t->fdlimit, limit.rlim_cur);
	FILE *f = fopen("/proc/self/comm", "r");
	assert_non_null(fgets(path, sizeof(path), f));
	fclose(f);
	path[strcspn(path, "\n")] = '\0';
	assert_blob(t->comm, path);
	f = fopen("/proc/self/cmdline", "r");
	size_t len = fread(path, 1, sizeof(path), f);
	fclose(f);
	assert_bytes(lnr_blob_str(t->exe), lnr_str_c(path));
	assert_bytes(lnr_blob_str(t->args),
		((struct lnr_str){path + t->exe->len + 1, len - t->exe->len - 1}));
	assert_true(t->env->len > 0);
	assert_true(t->vm_size > 0 && t->vm_rss > 0);
	/* Up to the first process, or to what this namespace shows of it. */
	unsigned depth = 0;
	for (struct lnr_thread *p = t; (p = lnr_state_parent(r.st, p)); depth++)
		assert_true(depth < 1000 && p->comm->len > 0);
	assert_true(depth >= 1 || getppid() == 0);
	snprintf(link, sizeof(link), "/proc/%d/exe", getppid());
	n = readlink(link, path, sizeof(path) - 1);
	if (n > 0) {
		path[n] = '\0';
		assert_blob(lnr_state_parent(r.st, t)->exepath, path);
	}
	/* No thread of the kernel. */
	size_t pos = 0;
	for (struct lnr_thread *k; (k = lnr_state_thread_next(r.st, &pos));)
		assert_false(lnr_str_eq(lnr_blob_str(k->comm), LNR_STR("kthreadd")));
	assert_non_null(lnr_users_get(lnr_state_users(r.st), LNR_STR(""), geteuid()));
	size_t n_ifaces;
	const struct lnr_iface *ifaces = lnr_state_ifaces(r.st, &n_ifaces);
	for (size_t i = 0; i < n_ifaces; i++)
		assert_true(ifaces[i].name[0] && ifaces[i].addr.family);
	rig_done(&r);
}

static uint16_t listener(int *ret)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	*ret = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*ret, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(*ret, 1), 0);
	assert_int_equal(getsockname(*ret, (struct sockaddr *)&a, &len), 0);
	return ntohs(a.sin_port);
}

static void finds_sockets(void **state)
{
	struct rig r;
	int listening, accepted, client, pair[2], udp, named;
	char want[64];
	(void)state;
	uint16_t port = listener(&listening), client_port;
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(port)};
	socklen_t len = sizeof(a);
	client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(client, (struct sockaddr *)&a, &len), 0);
	client_port = ntohs(a.sin_port);
	accepted = accept(listening, NULL, NULL);
	assert_true(accepted >= 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	a.sin_port = 0;
	assert_int_equal(bind(udp, (struct sockaddr *)&a, sizeof(a)), 0);
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	snprintf(un.sun_path + 1, sizeof(un.sun_path) - 1, "lanner-test-%d", getpid());
	named = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(named, (struct sockaddr *)&un,
				 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
					     strlen(un.sun_path + 1))),
		0);
	rig_live(&r, (struct lnr_state_opts){0});
	rig_scan(&r);
	struct lnr_fd *fd = self_fd(&r, listening);
	assert_int_equal(fd->type, LNR_FD_IPV4_SERVSOCK);
	assert_int_equal(fd->l4, LNR_L4_TCP);
	assert_int_equal(fd->sport, port);
	assert_true(fd->open_flags & LNR_O_CLOEXEC);
	snprintf(want, sizeof(want), "127.0.0.1:%u", port);
	assert_name(fd, want);
	fd = self_fd(&r, client);
	assert_int_equal(fd->type, LNR_FD_IPV4_SOCK);
	assert_true(fd->flags & LNR_FDF_ROLE_CLIENT);
	assert_true(fd->flags & LNR_FDF_CONNECTED);
	assert_false(fd->open_flags & LNR_O_CLOEXEC);
	snprintf(want, sizeof(want), "127.0.0.1:%u->127.0.0.1:%u", client_port, port);
	assert_name(fd, want);
	fd = self_fd(&r, accepted);
	assert_true(fd->flags & LNR_FDF_ROLE_SERVER);
	assert_name(fd, want);
	assert_int_equal(self_fd(&r, pair[0])->type, LNR_FD_UNIX_SOCK);
	assert_int_equal(self_fd(&r, pair[1])->type, LNR_FD_UNIX_SOCK);
	assert_int_equal(self_fd(&r, udp)->l4, LNR_L4_UDP);
	fd = self_fd(&r, named);
	assert_int_equal(fd->type, LNR_FD_UNIX_SOCK);
	snprintf(want, sizeof(want), "@lanner-test-%d", getpid());
	assert_name(fd, want);
	assert_true(fd->flags & LNR_FDF_ROLE_SERVER);
	rig_done(&r);
	close(listening);
	close(accepted);
	close(client);
	close(pair[0]);
	close(pair[1]);
	close(udp);
	close(named);
}

static void finds_files(void **state)
{
	struct lnr_test_dir d;
	struct rig r;
	int p[2];
	struct stat sb;
	(void)state;
	lnr_test_dir_init(&d);
	char *path = lnr_test_file(&d, "file", LNR_STR("x"));
	int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	int dir = open(d.path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(pipe(p), 0);
	int event = eventfd(0, 0), epoll = epoll_create1(EPOLL_CLOEXEC),
	    timer = timerfd_create(CLOCK_MONOTONIC, 0), mem = memfd_create("a memfd", 0);
	rig_live(&r, (struct lnr_state_opts){0});
	rig_scan(&r);
	struct lnr_fd *fd = self_fd(&r, file);
	assert_int_equal(fd->type, LNR_FD_FILE_V2);
	assert_name(fd, path);
	assert_int_equal(fd->open_flags & (LNR_O_WRONLY | LNR_O_RDONLY), LNR_O_WRONLY);
	assert_true(fd->open_flags & LNR_O_APPEND);
	assert_true(fd->open_flags & LNR_O_CLOEXEC);
	assert_int_equal(fstat(file, &sb), 0);
	assert_int_equal(fd->ino, sb.st_ino);
	assert_true(fd->dev != 0);
	assert_true(fd->flags & LNR_FDF_FROM_PROC);
	assert_int_equal(self_fd(&r, dir)->type, LNR_FD_DIRECTORY);
	assert_name(self_fd(&r, dir), d.path);
	assert_int_equal(self_fd(&r, p[0])->type, LNR_FD_FIFO);
	assert_int_equal(self_fd(&r, p[0])->ino, self_fd(&r, p[1])->ino);
	assert_int_equal(self_fd(&r, event)->type, LNR_FD_EVENT);
	assert_int_equal(self_fd(&r, epoll)->type, LNR_FD_EVENTPOLL);
	assert_int_equal(self_fd(&r, timer)->type, LNR_FD_TIMERFD);
	assert_int_equal(self_fd(&r, mem)->type, LNR_FD_MEMFD);
	assert_true(
		lnr_str_starts(lnr_blob_str(self_fd(&r, mem)->name), LNR_STR("/memfd:a memfd")));
	assert_null(lnr_state_fd(r.st, self(&r), 900));
	/* A close is seen with its name. */
	r.ev = (struct lnr_event){.scratch = &r.scratch};
	rig_close_enter(&r, getpid(), file, 0);
	assert_name(r.ev.fd, path);
	rig_leave(&r);
	rig_done(&r);
	int all[] = {file, dir, p[0], p[1], event, epoll, timer, mem};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(all); i++)
		close(all[i]);
	free(path);
	lnr_test_dir_done(&d);
}

/* --- threads, children --- */

static pthread_barrier_t barrier;
static pid_t thread_id;

static void *thread_main(void *arg)
{
	(void)arg;
	thread_id = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

/* A sanitizer may have a thread of its own. */
static int own_tasks(void)
{
	DIR *d = opendir("/proc/self/task");
	int n = 0;
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void threads(void **state)
{
	pthread_t thread;
	(void)state;
	assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
	assert_int_equal(pthread_create(&thread, NULL, thread_main, NULL), 0);
	pthread_barrier_wait(&barrier);
	for (int lazy = 0; lazy < 2; lazy++) {
		struct rig r;
		rig_live(&r, (struct lnr_state_opts){.max_proc_lookups = -1});
		if (!lazy)
			rig_scan(&r);
		struct lnr_thread *t = lnr_state_thread(r.st, thread_id, true);
		assert_non_null(t);
		assert_int_equal(t->pid, getpid());
		assert_int_equal(t->ptid, getppid());
		assert_ptr_equal(lnr_state_leader(r.st, t), self(&r));
		assert_bytes(lnr_blob_str(t->exepath), lnr_blob_str(self(&r)->exepath));
		assert_int_equal(lnr_state_nthreads(r.st, t), lazy ? 2 : own_tasks());
		/* Its descriptors are the process's. */
		assert_ptr_equal(lnr_state_fd(r.st, t, 0), lnr_state_fd(r.st, self(&r), 0));
		rig_done(&r);
	}
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&barrier);
}

/* A child that waits for its standard input to end. */
struct child {
	pid_t pid;
	int hold;
};

static struct child child_start(const char *const *env, bool own_mounts)
{
	int in[2], ready[2];
	struct child c;
	char byte = 'y';
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	c.pid = fork();
	assert_true(c.pid >= 0);
	if (!c.pid) {
		dup2(in[0], 0);
		if (own_mounts && unshare(CLONE_NEWNS))
			byte = 'n';
		if (own_mounts && write(ready[1], &byte, 1) != 1)
			_exit(1);
		/* The pipe to us closes with the exec, which tells that it is done. */
		execve("/bin/cat", (char *const[]){(char *)"cat", (char *)"-", NULL},
			env ? (char *const *)env : (char *const[]){(char *)"A=1", NULL});
		_exit(1);
	}
	close(in[0]);
	close(ready[1]);
	c.hold = in[1];
	ssize_t n;
	while ((n = read(ready[0], &byte, 1)) == 1)
		;
	close(ready[0]);
	if (byte == 'n') { /* not allowed here */
		close(c.hold);
		waitpid(c.pid, NULL, 0);
		c.pid = 0;
	}
	return c;
}

static void child_end(const struct child *c)
{
	close(c->hold);
	waitpid(c->pid, NULL, 0);
}

static void children(void **state)
{
	struct rig r;
	(void)state;
	rig_live(&r, (struct lnr_state_opts){.max_proc_lookups = -1});
	rig_scan(&r);
	struct child c = child_start(NULL, false);
	assert_null(lnr_state_thread(r.st, c.pid, false));
	/* Its first event brings it in. */
	rig_openat_enter(&r, c.pid, 5, "x");
	struct lnr_thread *t = r.ev.thread;
	assert_non_null(t);
	assert_blob(t->comm, "cat");
	assert_blob(t->exe, "cat");
	assert_bytes(lnr_blob_str(t->args), LNR_STR("-\0"));
	assert_bytes(lnr_blob_str(t->env), LNR_STR("A=1\0"));
	assert_ptr_equal(lnr_state_parent(r.st, t), self(&r));
	assert_int_equal(lnr_state_fd(r.st, t, 0)->type, LNR_FD_FIFO);
	rig_leave(&r);
	assert_int_equal(rig_counter(&r, "n_proc_lookups"), 1);
	child_end(&c);
	/* One that is gone leaves a placeholder, and is not looked for again. */
	struct child gone = child_start(NULL, false);
	child_end(&gone);
	rig_openat_enter(&r, gone.pid, 5, "x");
	assert_true(r.ev.thread->flags & LNR_TF_PLACEHOLDER);
	assert_blob(r.ev.thread->comm, "<NA>");
	rig_leave(&r);
	rig_openat(&r, gone.pid, 5, "x");
	assert_int_equal(rig_counter(&r, "n_proc_lookups"), 2);
	rig_done(&r);
}

/* Without a scan: all the way up is read along. */
static void ancestors(void **state)
{
	struct rig r;
	(void)state;
	struct child c = child_start(NULL, false);
	rig_live(&r, (struct lnr_state_opts){.max_proc_lookups = -1});
	rig_openat_enter(&r, c.pid, 5, "x");
	assert_ptr_equal(lnr_state_parent(r.st, r.ev.thread), self(&r));
	if (getppid())
		assert_int_equal(lnr_state_parent(r.st, self(&r))->tid, getppid());
	rig_leave(&r);
	rig_done(&r);
	child_end(&c);
}

/* More unknown threads than may be asked for in a second. */
static void budget(void **state)
{
	struct rig r;
	struct lnr_clock_fake clock;
	(void)state;
	struct child a = child_start(NULL, false), b = child_start(NULL, false);
	lnr_clock_fake_init(&clock, 0, 10 * LNR_NS_PER_SEC);
	rig_live(&r, (struct lnr_state_opts){.max_proc_lookups = 1, .clock = &clock.clock});
	rig_openat(&r, a.pid, 5, "x");
	assert_false(rig_thread(&r, a.pid)->flags & LNR_TF_PLACEHOLDER);
	rig_openat(&r, b.pid, 5, "x");
	assert_true(rig_thread(&r, b.pid)->flags & LNR_TF_PLACEHOLDER);
	assert_int_equal(rig_counter(&r, "n_proc_lookups"), 1);
	assert_int_equal(
		rig_counter(&r, "n_proc_lookups_refused"), 2); /* the first's parent, too */
	/* Another second, another look-up. */
	lnr_clock_fake_advance(&clock, LNR_NS_PER_SEC);
	assert_int_equal(lnr_state_thread(r.st, getpid(), true)->pid, getpid());
	rig_done(&r);
	child_end(&a);
	child_end(&b);
}

static void never_when_not_live(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_openat(&r, getpid(), 5, "x");
	assert_true(rig_thread(&r, getpid())->flags & LNR_TF_PLACEHOLDER);
	assert_null(lnr_state_thread(r.st, getppid(), true));
	assert_int_equal(rig_counter(&r, "n_proc_lookups"), 0);
	assert_null(lnr_users_get(lnr_state_users(r.st), LNR_STR(""), 1));
	size_t n;
	lnr_state_ifaces(r.st, &n);
	assert_int_equal(n, 0);
	rig_done(&r);
}

/* --- the rest of an environment --- */

static void large_environment(void **state)
{
	static char big[6000] = "BIG=";
	const char *env[] = {"A=1", big, "Z=26", NULL};
	(void)state;
	memset(big + 4, 'x', sizeof(big) - 5);
	struct child c = child_start(env, false);
	for (int large = 0; large < 2; large++) {
		struct rig r;
		rig_live(&r, (struct lnr_state_opts){.large_envs = large});
		rig_process(&r, c.pid, getpid(), "cat");
		lnr_state_added(r.st);
		rig_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, c.pid);
		rig_num(&r, LNR_P_SYSCALL_EXECVE_19_X_res, 0);
		rig_num(&r, LNR_P_SYSCALL_EXECVE_19_X_pid, c.pid);
		char cut[4096] = "A=1";
		memcpy(cut + 4, big, sizeof(cut) - 5);
		rig_bytes(&r, LNR_P_SYSCALL_EXECVE_19_X_env, cut, sizeof(cut));
		rig_step(&r);
		struct lnr_thread *t = rig_thread(&r, c.pid);
		assert_int_equal(t->env->len, large ? 4 + sizeof(big) + 5 : 4096);
		rig_done(&r);
	}
	child_end(&c);
}

/* --- descriptors in a message --- */

static void rights(void **state)
{
	struct rig r;
	struct lnr_test_dir d;
	int file, pair[2];
	(void)state;
	lnr_test_dir_init(&d);
	char *path = lnr_test_file(&d, "sent", LNR_STR(""));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	rig_live(&r, (struct lnr_state_opts){.max_proc_lookups = -1});
	rig_scan(&r);
	/* As if it had come, and at a number that was not used while the scan ran. */
	int opened = open(path, O_RDONLY);
	file = fcntl(opened, F_DUPFD, 500);
	close(opened);
	assert_null(lnr_state_fd(r.st, self(&r), file));
	union {
		struct cmsghdr h;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} ctl = {.h = {.cmsg_level = SOL_SOCKET,
			 .cmsg_type = SCM_RIGHTS,
			 .cmsg_len = CMSG_LEN(2 * sizeof(int))}};
	int nums[2] = {file, 9999}; /* one that was closed meanwhile */
	memcpy(CMSG_DATA(&ctl.h), nums, sizeof(nums));
	rig_begin(&r, LNR_EV_SOCKET_RECVMSG_X, getpid());
	rig_num(&r, LNR_P_SOCKET_RECVMSG_X_res, 1);
	rig_num(&r, LNR_P_SOCKET_RECVMSG_X_fd, pair[0]);
	rig_bytes(&r, LNR_P_SOCKET_RECVMSG_X_msgcontrol, &ctl, sizeof(ctl));
	rig_enter(&r);
	assert_int_equal(r.ev.fdnum, pair[0]);
	rig_leave(&r);
	assert_name(lnr_state_fd(r.st, self(&r), file), path);
	assert_null(lnr_state_fd(r.st, self(&r), 9999));
	rig_done(&r);
	close(file);
	close(pair[0]);
	close(pair[1]);
	free(path);
	lnr_test_dir_done(&d);
}

/* --- threads whose exit was lost --- */

static void purge(void **state)
{
	struct rig r;
	(void)state;
	struct child c = child_start(NULL, false), gone = child_start(NULL, false);
	rig_live(&r,
		(struct lnr_state_opts){
			.purge_interval_s = 10, .thread_timeout_s = 20, .max_proc_lookups = -1});
	rig_scan(&r);
	child_end(&gone);
	assert_non_null(rig_thread(&r, gone.pid));
	rig_process(&r, gone.pid + 100000000, 1, "nobody");
	lnr_state_added(r.st);
	for (int i = 0; i < 100; i++) {
		r.ts += LNR_NS_PER_SEC;
		rig_openat(&r, getpid(), 900, "x");
	}
	assert_null(rig_thread(&r, gone.pid));
	assert_null(rig_thread(&r, gone.pid + 100000000));
	assert_non_null(rig_thread(&r, c.pid));
	assert_non_null(rig_thread(&r, getpid()));
	rig_done(&r);
	child_end(&c);
}

/* --- other roots --- */

static void container_files(void **state)
{
	struct rig r;
	char *text = NULL;
	(void)state;
	rig_live(&r, (struct lnr_state_opts){0});
	/* Nobody may tell us: nothing is read then. */
	r.st->proc->init_mnt[0] = '\0';
	assert_code(lnr_proc_container_file(r.st, getpid(), "passwd", &text), -EAGAIN);
	/* The host's own mounts: nothing of a container's. */
	ssize_t n = readlink(
		"/proc/self/ns/mnt", r.st->proc->init_mnt, sizeof(r.st->proc->init_mnt) - 1);
	assert_true(n > 0);
	r.st->proc->init_mnt[n] = '\0';
	assert_code(lnr_proc_container_file(r.st, getpid(), "passwd", &text), -EAGAIN);
	assert_code(lnr_proc_container_file(r.st, 4000000, "passwd", &text), -EAGAIN);
	struct child c = child_start(NULL, true);
	if (c.pid) {
		/* Mounts of its own, but the host's root: a container that is being started. */
		struct stat root;
		assert_int_equal(stat("/", &root), 0);
		r.st->proc->root_dev = root.st_dev;
		r.st->proc->root_ino = root.st_ino;
		assert_code(lnr_proc_container_file(r.st, c.pid, "passwd", &text), -EAGAIN);
		r.st->proc->root_ino++;
		assert_code(lnr_proc_container_file(r.st, c.pid, "passwd", &text), 0);
		assert_non_null(strstr(text, "root:"));
		free(text);
		assert_code(lnr_proc_container_file(r.st, c.pid, "no-such-file", &text), -ENOENT);
		child_end(&c);
	}
	rig_done(&r);
}

static void no_proc(void **state)
{
	struct lnr_test_dir d;
	struct lnr_err err = {0};
	struct rig r;
	(void)state;
	lnr_test_dir_init(&d);
	rig_live(&r, (struct lnr_state_opts){.host_root = d.path});
	assert_code(lnr_state_scan(r.st, &err), -ENOENT);
	assert_has(err.msg, d.path);
	rig_openat(&r, getpid(), 5, "x");
	assert_true(rig_thread(&r, getpid())->flags & LNR_TF_PLACEHOLDER);
	rig_done(&r);
	lnr_test_dir_done(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inet_lines),
		cmocka_unit_test(other_lines),
		cmocka_unit_test(words),
		cmocka_unit_test(finds_itself),
		cmocka_unit_test(finds_sockets),
		cmocka_unit_test(finds_files),
		cmocka_unit_test(threads),
		cmocka_unit_test(children),
		cmocka_unit_test(ancestors),
		cmocka_unit_test(budget),
		cmocka_unit_test(never_when_not_live),
		cmocka_unit_test(large_environment),
		cmocka_unit_test(rights),
		cmocka_unit_test(purge),
		cmocka_unit_test(container_files),
		cmocka_unit_test(no_proc),
	};
	return cmocka_run_group_tests_name("state/proc", tests, NULL, NULL);
}
