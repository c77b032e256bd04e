/* SPDX-License-Identifier: Apache-2.0 */
/* A /proc made up in a directory: broken files, cgroup trees, network tables. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/limits.h"
#include "state_test.h"

struct fake {
	struct lnr_test_dir d;
	struct rig r;
};

/* "proc/10/stat" with its directories. */
static void put_path(struct fake *f, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", f->d.path, name);
	for (char *s = path + strlen(f->d.path) + 1; (s = strchr(s, '/')); *s++ = '/') {
		*s = '\0';
		assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
	}
}

static void put_bytes(struct fake *f, const char *name, struct lnr_str s)
{
	char path[512];
	put_path(f, name, path, sizeof(path));
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(s.ptr, 1, s.len, out), s.len);
	assert_int_equal(fclose(out), 0);
}

static void put(struct fake *f, const char *name, const char *text)
{
	put_bytes(f, name, lnr_str_c(text));
}

static void put_link(struct fake *f, const char *name, const char *target)
{
	char path[512];
	put_path(f, name, path, sizeof(path));
	assert_int_equal(symlink(target, path), 0);
}

static void put_stat(struct fake *f, int64_t pid, const char *comm, unsigned flags)
{
	char name[64], text[256];
	snprintf(name, sizeof(name), "proc/%lld/stat", (long long)pid);
	snprintf(text, sizeof(text),
		"%lld (%s) S 1 %lld 7 34816 -1 %u 11 0 22 0 1 2 0 0 20 0 1 0 99 1000 10\n",
		(long long)pid, comm, (long long)pid, flags);
	put(f, name, text);
}

static void put_process(struct fake *f, int64_t pid)
{
	char name[64], text[256];
	put_stat(f, pid, "prog", 0x00400000);
	snprintf(name, sizeof(name), "proc/%lld/status", (long long)pid);
	snprintf(text, sizeof(text),
		"Name:\tprog\nTgid:\t%lld\nPid:\t%lld\nPPid:\t1\n"
		"Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nNSpid:\t%lld\t12\nNStgid:\t%lld\t12\n"
		"NSpgid:\t%lld\t13\nVmSize:\t  100 kB\nVmRSS:\t 50 kB\nVmSwap:\t 5 kB\n"
		"CapInh:\t01\nCapPrm:\tff\nCapEff:\t0f\n",
		(long long)pid, (long long)pid, (long long)pid, (long long)pid, (long long)pid);
	put(f, name, text);
	snprintf(name, sizeof(name), "proc/%lld/cmdline", (long long)pid);
	put_bytes(f, name, LNR_STR("prog\0-x\0"));
}

static void begin(struct fake *f)
{
	lnr_test_dir_init(&f->d);
	put_process(f, 1);
	put(f, "etc/passwd", "");
}

static void scan(struct fake *f)
{
	struct lnr_err err = {0};
	char why[256];
	rig_init_opts(&f->r, (struct lnr_state_opts){.live = true, .host_root = f->d.path});
	assert_ok(lnr_state_scan(f->r.st, &err), &err);
	if (!lnr_state_check(f->r.st, why, sizeof(why)))
		fail_msg("%s", why);
}

static void end(struct fake *f)
{
	rig_done(&f->r);
	lnr_test_dir_done(&f->d);
}

static struct lnr_thread *found(struct fake *f, int64_t tid)
{
	return lnr_state_thread(f->r.st, tid, false);
}

/* --- one process --- */

static void whole(void **state)
{
	struct fake f;
	(void)state;
	begin(&f);
	put_process(&f, 10);
	put_link(&f, "proc/10/exe", "/no/such/prog (deleted)");
	put_link(&f, "proc/10/cwd", "/var/lib");
	put_link(&f, "proc/10/root", "/");
	put_bytes(&f, "proc/10/environ", LNR_STR("A=1\0B=2"));
	put(&f, "proc/10/loginuid", "1000");
	put_stat(&f, 10, "a (b) c\\n\\\\d", 0);
	put_link(&f, "proc/10/fd/0", "/dev/null");
	put_link(&f, "proc/10/fd/1", "pipe:[123]");
	put_link(&f, "proc/10/fd/2", "anon_inode:[eventfd]");
	put_link(&f, "proc/10/fd/3", "anon_inode:bpf-map");
	put_link(&f, "proc/10/fd/4", "anon_inode:something");
	put_link(&f, "proc/10/fd/5", "/gone/file (deleted)");
	put_link(&f, "proc/10/fd/6", "pipe:[x]");
	put_link(&f, "proc/10/fd/7", "socket:[777]");
	put_link(&f, "proc/10/fd/99999999999", "/dev/null");
	put(&f, "proc/10/fd/x", "");
	put(&f, "proc/10/fdinfo/0", "pos:\t0\nflags:\t02102001\nmnt_id:\t25\nino:\t4\n");
	put(&f, "proc/10/fdinfo/1", "flags:\tzz\nmnt_id:\tyy\n");
	scan(&f);
	struct lnr_thread *t = found(&f, 10);
	assert_non_null(t);
	assert_blob(t->comm, "a (b) c\n\\d");
	assert_blob(t->exe, "prog");
	assert_bytes(lnr_blob_str(t->args), LNR_STR("-x\0"));
	assert_bytes(lnr_blob_str(t->env), LNR_STR("A=1\0B=2\0"));
	assert_blob(t->exepath, "/no/such/prog");
	assert_str(lnr_state_cwd(f.r.st, t), "/var/lib/");
	assert_blob(t->root, "/");
	assert_int_equal(t->ptid, 1);
	assert_int_equal(t->uid, 2);
	assert_int_equal(t->gid, 6);
	assert_int_equal(t->vtid, 12);
	assert_int_equal(t->vpid, 12);
	assert_int_equal(t->pgid, 10);
	assert_int_equal(t->vpgid, 13);
	assert_int_equal(t->sid, 7);
	assert_int_equal(t->tty, 34816);
	assert_int_equal(t->loginuid, 1000);
	assert_int_equal(t->vm_size, 100);
	assert_int_equal(t->vm_rss, 50);
	assert_int_equal(t->vm_swap, 5);
	assert_int_equal(t->pf_minor, 11);
	assert_int_equal(t->pf_major, 22);
	assert_int_equal(t->cap_inheritable, 1);
	assert_int_equal(t->cap_permitted, 255);
	assert_int_equal(t->cap_effective, 15);
	assert_true(t->clone_ts > 0);
	static const struct {
		int num, type;
		const char *name;
	} fds[] = {
		{0, LNR_FD_FILE_V2, "/dev/null"},
		{1, LNR_FD_FIFO, "pipe:[123]"},
		{2, LNR_FD_EVENT, ""},
		{3, LNR_FD_BPF, ""},
		{4, LNR_FD_UNSUPPORTED, ""},
		{5, LNR_FD_FILE_V2, "/gone/file (deleted)"},
		{6, LNR_FD_FILE_V2, "pipe:[x]"},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(fds); i++) {
		struct lnr_fd *fd = lnr_state_fd(f.r.st, t, fds[i].num);
		assert_name(fd, fds[i].name);
		assert_int_equal(fd->type, fds[i].type);
	}
	assert_int_equal(lnr_state_fd(f.r.st, t, 0)->mount_id, 25);
	assert_int_equal(lnr_state_fd(f.r.st, t, 0)->open_flags,
		LNR_O_WRONLY | LNR_O_APPEND | LNR_O_CLOEXEC | LNR_O_LARGEFILE);
	assert_int_equal(lnr_state_fd(f.r.st, t, 1)->ino, 123);
	assert_null(lnr_state_fd(f.r.st, t, 7)); /* in no table */
	end(&f);
}

/* Processes that are none, or no more. */
static void broken(void **state)
{
	struct fake f;
	char name[64], *longer;
	(void)state;
	begin(&f);
	put_process(&f, 10);
	put_process(&f, 20);
	put_stat(&f, 20, "kthreadd", 0x00200000);
	put_process(&f, 21);
	put(&f, "proc/21/cmdline", ""); /* a zombie: no exe either */
	put_stat(&f, 22, "no status", 0);
	put_process(&f, 23);
	put(&f, "proc/23/stat", "23 (unclosed S 1");
	put_process(&f, 24);
	put(&f, "proc/24/stat", "");
	put_process(&f, 25);
	put(&f, "proc/25/status", "");
	put_process(&f, 26);
	put(&f, "proc/26/status",
		":\n\n:::\nTgid\nTgid:\nUid:\tx\nNSpid:\nPPid:\t-3\nCapEff:\tzz\n");
	put_process(&f, 27);
	put(&f, "proc/27/stat", ") (");
	put_process(&f, 28);
	put(&f, "proc/28/stat", "28 () S 99999999999999999999 x\n");
	put(&f, "proc/29", ""); /* not even a directory */
	put(&f, "proc/0/stat", "");
	put(&f, "proc/99999999999999999999/stat", "");
	put(&f, "proc/loadavg", "");
	/* A command line longer than what is kept. */
	put_process(&f, 30);
	longer = malloc(100000);
	memset(longer, 'y', 100000);
	put_bytes(&f, "proc/30/cmdline", (struct lnr_str){longer, 100000});
	put_bytes(&f, "proc/30/environ", (struct lnr_str){longer, 100000});
	free(longer);
	/* A thread that is broken, one that is not. */
	put_stat(&f, 10, "prog", 0);
	put(&f, "proc/10/task/x", "");
	put(&f, "proc/10/task/11/stat", "11 (worker) S 1 10 7 0 -1 64 1 0 2\n");
	put(&f, "proc/10/task/11/status", "Tgid:\t10\nPPid:\t1\nUid:\t1\t2\t3\t4\n");
	put(&f, "proc/10/task/11/cmdline", "");
	put(&f, "proc/10/task/12/stat", "");
	scan(&f);
	for (int64_t pid = 20; pid < 28; pid++) {
		snprintf(name, sizeof(name), "%lld", (long long)pid);
		if (found(&f, pid))
			fail_msg("process %s was taken", name);
	}
	assert_non_null(found(&f, 28));
	assert_blob(found(&f, 28)->comm, "");
	assert_int_equal(found(&f, 30)->exe->len, LNR_ARGS_BYTES_MAX);
	assert_int_equal(found(&f, 30)->args->len, 0);
	assert_int_equal(found(&f, 11)->pid, 10);
	assert_blob(found(&f, 11)->comm, "worker");
	assert_ptr_equal(lnr_state_leader(f.r.st, found(&f, 11)), found(&f, 10));
	assert_null(found(&f, 12));
	assert_int_equal(rig_counter(&f.r, "n_threads"), 5);
	end(&f);
}

/* --- sockets --- */

static void sockets(void **state)
{
	struct fake f;
	(void)state;
	begin(&f);
	put_process(&f, 10);
	put_link(&f, "proc/10/fd/3", "socket:[100]");
	put_link(&f, "proc/10/fd/4", "socket:[101]");
	put_link(&f, "proc/10/fd/5", "socket:[102]");
	put_link(&f, "proc/10/fd/6", "socket:[103]");
	put_link(&f, "proc/10/fd/7", "socket:[104]");
	put_link(&f, "proc/10/fd/8", "socket:[105]");
	put(&f, "proc/10/net/tcp",
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n"
		"   0: 00000000:0050 00000000:0000 0A 0:0 00:0 0 0 0 100 1\n"
		"   1: 0500A8C0:0050 0900A8C0:ABCD 01 0:0 00:0 0 0 0 101 1\n"
		"   2: 0500A8C0:0050 0900A8C0:ABCE 06 0:0 00:0 0 0 0 0 1\n"
		"broken line\n");
	put(&f, "proc/10/net/udp6",
		"  sl  local_address rem_address\n"
		"   0: 00000000000000000000000001000000:0035 "
		"00000000000000000000000000000000:0000 07 0:0 00:0 0 0 0 102 1\n");
	put(&f, "proc/10/net/raw",
		"  sl  local_address rem_address\n"
		"   1: 00000000:0001 00000000:0000 07 0:0 00:0 0 0 0 105 1\n");
	put(&f, "proc/10/net/unix",
		"Num       RefCount Protocol Flags    Type St Inode Path\n"
		"00000000abcdef01: 00000002 00000000 00010000 0001 01 103 /run/a b\n");
	put(&f, "proc/10/net/netlink",
		"sk               Eth Pid\n"
		"0000000000000001 0 1 0 0 0 0 2 0 104\n");
	scan(&f);
	static const struct {
		int num, type, l4;
		const char *name;
	} fds[] = {
		{3, LNR_FD_IPV4_SERVSOCK, LNR_L4_TCP, "0.0.0.0:80"},
		{4, LNR_FD_IPV4_SOCK, LNR_L4_TCP, "192.168.0.9:43981->192.168.0.5:80"},
		{5, LNR_FD_IPV6_SERVSOCK, LNR_L4_UDP, "::1:53"},
		{6, LNR_FD_UNIX_SOCK, 0, "/run/a b"},
		{7, LNR_FD_NETLINK, 0, ""},
		{8, LNR_FD_IPV4_SERVSOCK, LNR_L4_RAW, "0.0.0.0:1"},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(fds); i++) {
		struct lnr_fd *fd = lnr_state_fd(f.r.st, found(&f, 10), fds[i].num);
		assert_name(fd, fds[i].name);
		assert_int_equal(fd->type, fds[i].type);
		if (fds[i].l4)
			assert_int_equal(fd->l4, fds[i].l4);
	}
	assert_true(lnr_state_fd(f.r.st, found(&f, 10), 4)->flags & LNR_FDF_ROLE_SERVER);
	assert_int_equal(lnr_state_fd(f.r.st, found(&f, 10), 6)->source, 0xabcdef01);
	end(&f);
}

/* --- cgroups --- */

#define TREE "proc/1/root/sys/fs/cgroup"

static void put_v2_tree(struct fake *f)
{
	put(f, "proc/1/mounts", "tmpfs / tmpfs rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n");
	put(f, TREE "/cgroup.controllers", "cpuset cpu io memory pids\n");
	put(f, TREE "/a/cgroup.controllers", "cpu memory\n");
	put(f, TREE "/a/b/cgroup.controllers", "memory\n");
}

static void cgroup_v2(void **state)
{
	struct fake f;
	(void)state;
	begin(&f);
	put_v2_tree(&f);
	put_process(&f, 10);
	put(&f, "proc/10/cgroup", "0::/a/b\n");
	put_process(&f, 11);
	put(&f, "proc/11/cgroup", "0::/\n");
	put_process(&f, 12);
	put(&f, "proc/12/cgroup", "0::/not/there\n");
	put_process(&f, 13);
	put(&f, "proc/13/cgroup", "nonsense\n::\n0:\n");
	put_process(&f, 14);
	put(&f, "proc/14/cgroup", "0::/a/b\n");
	scan(&f);
	assert_bytes(lnr_blob_str(found(&f, 10)->cgroups),
		LNR_STR("memory=/a/b\0cpu=/a\0cpuset=/\0blkio=/\0pids=/\0"));
	assert_bytes(lnr_blob_str(found(&f, 11)->cgroups),
		LNR_STR("cpuset=/\0cpu=/\0blkio=/\0memory=/\0pids=/\0"));
	assert_bytes(lnr_blob_str(found(&f, 12)->cgroups),
		LNR_STR("cpuset=/not/there\0cpu=/not/there\0cpuacct=/not/there\0"
			"blkio=/not/there\0memory=/not/there\0"));
	assert_int_equal(lnr_blob_str(found(&f, 13)->cgroups).len, 0);
	assert_bytes(lnr_blob_str(found(&f, 14)->cgroups), lnr_blob_str(found(&f, 10)->cgroups));
	end(&f);
}

static void cgroup_v1(void **state)
{
	struct fake f;
	(void)state;
	begin(&f);
	put(&f, "proc/1/mounts", "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n");
	put_process(&f, 10);
	put(&f, "proc/10/cgroup",
		"5:cpu,cpuacct:/docker/0123456789abcdef0123456789abcdef0123456789abcdef"
		"0123456789abcdef\n4:perf_event:/x\n1:name=systemd:/y:z\n0::/w\n");
	scan(&f);
	struct lnr_thread *t = found(&f, 10);
	assert_true(lnr_str_ends(
		lnr_blob_str(t->cgroups), LNR_STR("\0perf_event=/x\0name=systemd=/y:z\0")));
	assert_blob(t->container_id, "0123456789ab");
	end(&f);
}

/* We are in a cgroup namespace ourselves: paths start from our own place. */
static void cgroup_namespace(void **state)
{
	struct fake f;
	char pid[32];
	(void)state;
	begin(&f);
	put_v2_tree(&f);
	put_link(&f, "proc/self/ns/cgroup", "cgroup:[1]");
	put_link(&f, "proc/1/ns/cgroup", "cgroup:[2]");
	snprintf(pid, sizeof(pid), "%d\n", getpid());
	put(&f, TREE "/a/b/cgroup.procs", "1\n");
	put(&f, TREE "/a/c/d/cgroup.procs", pid);
	put(&f, TREE "/a/c/d/cgroup.controllers", "pids\n");
	put(&f, TREE "/a/c/cgroup.controllers", "");
	put_process(&f, 10);
	put(&f, "proc/10/cgroup", "0::/\n"); /* where we are */
	put_process(&f, 11);
	put(&f, "proc/11/cgroup", "0::/../../b\n");
	scan(&f);
	assert_bytes(lnr_blob_str(found(&f, 10)->cgroups),
		LNR_STR("pids=/a/c/d\0cpu=/a\0memory=/a\0cpuset=/\0blkio=/\0"));
	assert_bytes(lnr_blob_str(found(&f, 11)->cgroups),
		LNR_STR("memory=/a/b\0cpu=/a\0cpuset=/\0blkio=/\0pids=/\0"));
	end(&f);
}

static void cgroup_v1_namespace(void **state)
{
	struct fake f;
	char pid[32];
	(void)state;
	begin(&f);
	put(&f, "proc/1/mounts",
		"cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n"
		"cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n");
	put_link(&f, "proc/self/ns/cgroup", "cgroup:[1]");
	put_link(&f, "proc/1/ns/cgroup", "cgroup:[2]");
	put(&f, "proc/self/cgroup", "5:cpu,cpuacct:/\n4:memory:/\n0::/\n");
	snprintf(pid, sizeof(pid), "%d\n", getpid());
	put(&f, TREE "/cpu,cpuacct/docker/us/cgroup.procs", pid);
	put(&f, TREE "/memory/cgroup.procs", pid);
	put_process(&f, 10);
	put(&f, "proc/10/cgroup", "5:cpu,cpuacct:/../other\n4:memory:/x\n");
	scan(&f);
	assert_bytes(lnr_blob_str(found(&f, 10)->cgroups),
		LNR_STR("cpu=/docker/other\0cpuacct=/docker/other\0memory=/x\0"));
	end(&f);
}

/* More paths than are remembered. */
static void cgroup_cache(void **state)
{
	struct fake f;
	(void)state;
	begin(&f);
	put_v2_tree(&f);
	for (int i = 0; i < LNR_CGROUP_CACHE_MAX + 50; i++) {
		char name[64], text[64];
		put_process(&f, 10 + i);
		snprintf(name, sizeof(name), "proc/%d/cgroup", 10 + i);
		snprintf(text, sizeof(text), "0::/a/%d\n", i);
		put(&f, name, text);
	}
	scan(&f);
	assert_has(found(&f, 10)->cgroups->data, "cpuset=/a/0");
	assert_has(found(&f, 10 + LNR_CGROUP_CACHE_MAX + 49)->cgroups->data, "cpuset=/a/1073");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(broken),
		cmocka_unit_test(sockets),
		cmocka_unit_test(cgroup_v2),
		cmocka_unit_test(cgroup_v1),
		cmocka_unit_test(cgroup_namespace),
		cmocka_unit_test(cgroup_v1_namespace),
		cmocka_unit_test(cgroup_cache),
	};
	return cmocka_run_group_tests_name("state/fake_proc", tests, NULL, NULL);
}
