/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execve, execveat. What is executed is this program itself, which ends at once when its first
 * argument says so.
 */
#include "task.h"

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define END "--end-at-once"
#define NS  INT64_C(1000000000)

struct executed {
	struct task_facts f;
	char file[256]; /* what the kernel was given, and where it lies */
	char path[256];
	uint64_t ino, ctime, mtime;
	int unsupported;
};

static char self[256]; /* path of this program */

static void examine(struct executed *x, int fd, const char *file, const char *path)
{
	struct stat st;
	lnr_kt_check(fstat(fd, &st) == 0);
	x->ino = st.st_ino;
	x->ctime = (uint64_t)(st.st_ctim.tv_sec * NS + st.st_ctim.tv_nsec);
	x->mtime = (uint64_t)(st.st_mtim.tv_sec * NS + st.st_mtim.tv_nsec);
	snprintf(x->file, sizeof(x->file), "%s", file);
	snprintf(x->path, sizeof(x->path), "%s", path);
	task_facts(&x->f);
}

static int copy_to(int to)
{
	char b[65536];
	ssize_t n;
	int from = open(self, O_RDONLY | O_CLOEXEC);
	lnr_kt_check(from >= 0 && to >= 0);
	while ((n = read(from, b, sizeof(b))) > 0)
		lnr_kt_check(write(to, b, (size_t)n) == n);
	lnr_kt_check(n == 0);
	close(from);
	return to;
}

/* This program under another name; its path is put into `x`. */
static void copy_self(struct executed *x, const char *name, mode_t mode)
{
	char cwd[128], path[256];
	int fd = copy_to(open(name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0700));
	lnr_kt_check(fchmod(fd, mode) == 0 && getcwd(cwd, sizeof(cwd)) != NULL);
	snprintf(path, sizeof(path), "%s/%s", strcmp(cwd, "/") ? cwd : "", name);
	examine(x, fd, path, path);
	close(fd);
}

static void run(const struct executed *x)
{
	const char *argv[] = {"zero", END, "two", NULL}, *envp[] = {"A=1", "B=2", NULL};
	syscall(SYS_execve, x->file, argv, envp);
	lnr_kt_check(false);
}

static void assert_exec(struct lnr_kt_event *e, const struct executed *x, const char *exe,
	const char *comm, uint32_t flags)
{
	assert_task(e, &x->f, exe, comm);
	assert_param_u64(e, "tty", x->f.tty);
	assert_param_s64(e, "vpgid", x->f.pgid);
	assert_param_s64(e, "pgid", x->f.pgid);
	assert_param_u64(e, "loginuid", x->f.loginuid);
	assert_param_u64(e, "flags", flags);
	assert_param_u64(e, "cap_inheritable", x->f.inheritable);
	assert_param_u64(e, "cap_permitted", x->f.permitted);
	assert_param_u64(e, "cap_effective", x->f.effective);
	assert_param_u64(e, "exe_ino", x->ino);
	assert_param_u64(e, "exe_ino_ctime", x->ctime);
	assert_param_u64(e, "exe_ino_mtime", x->mtime);
	assert_param_str(e, "trusted_exepath", x->path);
}

/* --- success --- */

static void plain(void *out)
{
	copy_self(out, "plain-with-a-long-name", 0700);
	run(out);
}

static void success(void **state)
{
	struct lnr_kt *k = *state;
	const struct executed *x = lnr_kt_act(k, plain);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_bytes(e, "args", END "\0two", sizeof(END "\0two"));
	assert_param_bytes(e, "env", "A=1\0B=2", sizeof("A=1\0B=2"));
	assert_exec(e, x, "zero", "plain-with-a-lo", LNR_EXE_WRITABLE);
	assert_param_str(e, "filename", x->file);
	assert_all_params(e);
	assert_int_equal(lnr_kt_count(k, LNR_EV_SYSCALL_EXECVE_19_X), 1);
}

static void by_descriptor(void *out)
{
	struct executed *x = out;
	const char *argv[] = {"by-fd", END, NULL}, *envp[] = {NULL};
	copy_self(x, "file", 0700);
	int fd = open("file", O_RDONLY);
	/* Not by the last name: that it is gone must not be seen in the path. */
	lnr_kt_check(fd >= 0 && unlink("file") == 0);
	snprintf(x->file, sizeof(x->file), "/dev/fd/%d", fd);
	struct stat st;
	lnr_kt_check(fstat(fd, &st) == 0);
	x->ctime = (uint64_t)(st.st_ctim.tv_sec * NS + st.st_ctim.tv_nsec);
	syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
	lnr_kt_check(false);
}

/* execveat is reported as execve when it succeeds. */
static void success_at(void **state)
{
	struct lnr_kt *k = *state;
	char comm[16];
	const struct executed *x = lnr_kt_act(k, by_descriptor);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 0);
	/* The command is the descriptor's number, since 6.14 the file's name. */
	snprintf(comm, sizeof(comm), "%s", strrchr(x->file, '/') + 1);
	struct lnr_str got = lnr_param_str(&e->ev, lnr_kt_param(e, "comm", __FILE__, __LINE__));
	if (got.len == 4 && memcmp(got.ptr, "file", 4) == 0)
		strcpy(comm, "file");
	assert_param_s64(e, "res", 0);
	assert_param_bytes(e, "args", END, sizeof(END));
	assert_param_absent(e, "env");
	assert_exec(e, x, "by-fd", comm, LNR_EXE_WRITABLE);
	assert_param_str(e, "filename", x->file);
	assert_all_params(e);
	assert_int_equal(lnr_kt_count(k, LNR_EV_SYSCALL_EXECVEAT_X), 0);
}

static void much(void *out)
{
	static char arg[3000], var[5000];
	const char *argv[] = {"exe", END, arg, arg, NULL}, *envp[] = {"A=1", var, "Z=1", NULL};
	memset(arg, 'x', sizeof(arg) - 1);
	memset(var, 'v', sizeof(var) - 1);
	copy_self(out, "file", 0700);
	syscall(SYS_execve, "file", argv, envp);
	lnr_kt_check(false);
}

/* Together exe and arguments have 4096 bytes, the environment has so many of its own. */
static void long_arguments(void **state)
{
	struct lnr_kt *k = *state;
	char want[4096];
	lnr_kt_act(k, much);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 0);
	const size_t first = sizeof(END) + 3000, len = 4096 - sizeof("exe");
	memcpy(want, END, sizeof(END));
	memset(want + sizeof(END), 'x', len - sizeof(END));
	want[first - 1] = want[len - 1] = '\0';
	assert_param_str(e, "exe", "exe");
	assert_param_bytes(e, "args", want, len);
	memcpy(want, "A=1", 4);
	memset(want + 4, 'v', sizeof(want) - 4);
	want[sizeof(want) - 1] = '\0';
	assert_param_bytes(e, "env", want, sizeof(want));
	assert_param_str(e, "filename", "file");
}

static void *run_in_thread(void *arg)
{
	run(arg);
	return NULL;
}

static void from_thread(void *out)
{
	pthread_t t;
	copy_self(out, "threaded", 0700);
	lnr_kt_check(pthread_create(&t, NULL, run_in_thread, out) == 0);
	pthread_join(t, NULL);
	lnr_kt_check(false);
}

/* The thread that called becomes the group's first one, whose id it has in its own record. */
static void thread(void **state)
{
	struct lnr_kt *k = *state;
	const struct executed *x = lnr_kt_act(k, from_thread);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_bytes(e, "args", END "\0two", sizeof(END "\0two"));
	assert_param_bytes(e, "env", "A=1\0B=2", sizeof("A=1\0B=2"));
	assert_exec(e, x, "zero", "threaded", LNR_EXE_WRITABLE);
	assert_param_str(e, "filename", x->file);
	assert_all_params(e);
}

/* --- what the image is --- */

static void in_memory(void *out)
{
	struct executed *x = out;
	char name[32];
	int fd = copy_to(memfd_create("hidden", 0));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	examine(x, fd, name, "memfd:hidden");
	/* A file open for writing cannot be executed. */
	int again = open(name, O_RDONLY | O_CLOEXEC);
	lnr_kt_check(again >= 0 && close(fd) == 0);
	snprintf(x->file, sizeof(x->file), "/proc/self/fd/%d", again);
	run(x);
}

static void memfd(void **state)
{
	struct lnr_kt *k = *state;
	const struct executed *x = lnr_kt_act(k, in_memory);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 0);
	assert_param_u64(e, "flags", LNR_EXE_WRITABLE | LNR_EXE_FROM_MEMFD);
	assert_param_str(e, "trusted_exepath", "memfd:hidden");
	assert_param_u64(e, "exe_ino", x->ino);
}

/* A file system of its own, gone with the act. */
static void own_mount(const char *type, const char *options)
{
	lnr_kt_check(unshare(CLONE_NEWNS) == 0);
	lnr_kt_check(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	mkdir("m", 0755);
	lnr_kt_check(mount("none", "m", type, 0, options) == 0 && chdir("m") == 0);
}

static void from_read_only(void *out)
{
	own_mount("tmpfs", NULL);
	copy_self(out, "file", 0777);
	lnr_kt_check(mount("none", ".", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	run(out);
}

static void read_only(void **state)
{
	struct lnr_kt *k = *state;
	const struct executed *x = lnr_kt_act(k, from_read_only);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 0);
	assert_exec(e, x, "zero", "file", 0);
}

static void on_overlay(struct executed *x, const char *where)
{
	char name[32], path[300], cwd[128];
	own_mount("tmpfs", NULL);
	mkdir("lower", 0755);
	mkdir("upper", 0755);
	mkdir("work", 0755);
	mkdir("all", 0755);
	snprintf(name, sizeof(name), "%s/file", where);
	copy_self(x, name, 0700);
	x->unsupported = mount("overlay", "all", "overlay", 0,
				 "lowerdir=lower,upperdir=upper,workdir=work") != 0;
	if (x->unsupported)
		return;
	int fd = open("all/file", O_RDONLY | O_CLOEXEC);
	lnr_kt_check(getcwd(cwd, sizeof(cwd)) != NULL);
	snprintf(path, sizeof(path), "%s/all/file", cwd);
	examine(x, fd, path, path);
	run(x);
}

static void on_lower(void *out)
{
	on_overlay(out, "lower");
}

static void on_upper(void *out)
{
	on_overlay(out, "upper");
}

static void overlay(void **state)
{
	struct lnr_kt *k = *state;
	const struct executed *x = lnr_kt_act(k, on_lower);
	if (x->unsupported) {
		print_message("no overlay file system here\n");
		skip();
	}
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 0);
	assert_param_u64(e, "flags", LNR_EXE_WRITABLE | LNR_EXE_LOWER_LAYER);
	assert_param_str(e, "trusted_exepath", x->path);
	x = lnr_kt_act(k, on_upper);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 0);
	assert_param_u64(e, "flags", LNR_EXE_WRITABLE | LNR_EXE_UPPER_LAYER);
	assert_param_str(e, "trusted_exepath", x->path);
}

/* --- who could have written it --- */

/* Run a file of that mode, owned by 2000:3000, as somebody without privileges. */
static void as(struct executed *x, mode_t mode, uid_t uid, gid_t gid, gid_t other)
{
	lnr_kt_check(chmod(".", 0755) == 0);
	copy_self(x, "file", mode);
	lnr_kt_check(chown("file", 2000, 3000) == 0 && chmod("file", mode) == 0);
	lnr_kt_check(setgroups(1, &other) == 0 && setresgid(gid, gid, gid) == 0);
	lnr_kt_check(setresuid(uid, uid, uid) == 0);
	run(x);
}

static void as_owner(void *out)
{
	as(out, 0555, 2000, 1, 1);
}

static void as_group(void *out)
{
	as(out, 0575, 1, 3000, 1);
}

static void as_supplementary(void *out)
{
	as(out, 0575, 1, 1, 3000);
}

static void as_group_without_right(void *out)
{
	as(out, 0557, 1, 3000, 1);
}

static void as_other(void *out)
{
	as(out, 0557, 1, 1, 1);
}

static void as_other_without_right(void *out)
{
	as(out, 0775, 1, 1, 1);
}

static void in_user_namespace(void *out)
{
	copy_self(out, "file", 0755);
	if (unshare(CLONE_NEWUSER))
		((struct executed *)out)->unsupported = 1;
	else
		run(out);
}

static void writable(void **state)
{
	struct lnr_kt *k = *state;
	static const struct {
		void (*act)(void *out);
		uint32_t flags;
	} rows[] = {
		{as_owner, LNR_EXE_WRITABLE},
		{as_group, LNR_EXE_WRITABLE},
		{as_supplementary, LNR_EXE_WRITABLE},
		{as_group_without_right, 0},
		{as_other, LNR_EXE_WRITABLE},
		{as_other_without_right, 0},
		/* No id is mapped there, so that no capability reaches the file. */
		{in_user_namespace, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct executed *x = lnr_kt_act(k, rows[i].act);
		if (x->unsupported)
			continue;
		struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 0);
		print_message("case %zu\n", i);
		assert_param_u64(e, "flags", rows[i].flags);
	}
}

/* --- failure --- */

#define MANY 20

static void fail_to_run(void *out)
{
	struct executed *x = out;
	/* On the stack: the kernel does not always get as far as to read them, and we do not fault.
	 */
	char arg[][6] = {"zero", "one", "", "three"}, env[][4] = {"A=1", "B="}, a[] = "a";
	const char *argv[] = {arg[0], arg[1], arg[2], arg[3], NULL};
	const char *envp[] = {env[0], env[1], NULL};
	const char *many[MANY + 1] = {0};
	for (int i = 0; i < MANY; i++)
		many[i] = a;
	int fd = open(self, O_RDONLY | O_CLOEXEC);
	examine(x, fd, "missing", self);
	syscall(SYS_execve, "missing", argv, envp);
	syscall(SYS_execve, "/missing", NULL, NULL);
	syscall(SYS_execve, "missing", many, many);
	syscall(SYS_execve, (char *)8, (char **)8, (char **)8);
	syscall(SYS_execveat, -1, "missing", argv, envp, 0);
	syscall(SYS_execveat, AT_FDCWD, "missing", NULL, NULL, 0);
}

static void assert_failure(struct lnr_kt_event *e, const struct executed *x, const char *exe)
{
	char comm[16];
	/* Of the image that goes on running: this program. */
	snprintf(comm, sizeof(comm), "%s", strrchr(self, '/') + 1);
	/* Whether it could be written depends on where it was built. */
	uint64_t flags = param_u64(e, "flags");
	assert_exec(e, x, exe, comm, (uint32_t)flags);
}

static void failure(void **state)
{
	struct lnr_kt *k = *state;
	const struct executed *x = lnr_kt_act(k, fail_to_run);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 0);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_bytes(e, "args", "one\0\0three", sizeof("one\0\0three"));
	assert_param_bytes(e, "env", "A=1\0B=", sizeof("A=1\0B="));
	assert_failure(e, x, "zero");
	assert_param_str(e, "filename", "missing");
	assert_all_params(e);

	e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_absent(e, "args");
	assert_param_absent(e, "env");
	assert_failure(e, x, "");
	assert_param_str(e, "filename", "/missing");
	assert_all_params(e);

	char want[2 * MANY];
	for (int i = 0; i < MANY; i++)
		memcpy(want + 2 * i, "a", 2);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 2);
	assert_param_str(e, "exe", "a");
	assert_param_bytes(e, "args", want, 2 * (16 - 1));
	assert_param_bytes(e, "env", want, 2 * 16);

	e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVE_19_X, 3);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_absent(e, "args");
	assert_param_absent(e, "env");
	assert_failure(e, x, "");
	assert_param_absent(e, "filename");
	assert_all_params(e);
}

static void failure_at(void **state)
{
	struct lnr_kt *k = *state;
	const struct executed *x = lnr_kt_act(k, fail_to_run);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVEAT_X, 0);
	assert_param_s64(e, "res", -EBADF);
	assert_param_bytes(e, "args", "one\0\0three", sizeof("one\0\0three"));
	assert_param_bytes(e, "env", "A=1\0B=", sizeof("A=1\0B="));
	assert_failure(e, x, "zero");
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_EXECVEAT_X, 1);
	assert_param_s64(e, "res", -ENOENT);
	assert_param_absent(e, "args");
	assert_param_absent(e, "env");
	assert_failure(e, x, "");
	assert_all_params(e);
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "execve execveat", .dir = true});
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], END) == 0)
		return 0;
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(success),
		cmocka_unit_test(success_at),
		cmocka_unit_test(long_arguments),
		cmocka_unit_test(thread),
		cmocka_unit_test(memfd),
		cmocka_unit_test(read_only),
		cmocka_unit_test(overlay),
		cmocka_unit_test(writable),
		cmocka_unit_test(failure),
		cmocka_unit_test(failure_at),
	};
	return cmocka_run_group_tests_name("exec", tests, setup, lnr_kt_teardown);
}
