/* SPDX-License-Identifier: Apache-2.0 */
/* What a bound thread can and cannot do (outputs/sandbox.h). */
#include "outputs/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/test.h"

static void *inner(void *arg)
{
	char *const argv[] = {(char *)"true", NULL};
	int *ret = arg;
	*ret = execv("/bin/true", argv) < 0 ? errno : 0;
	return NULL;
}

/* The errno of each attempt, 0 = it was let through. */
struct tried {
	int enter, exec, execat, fork, vfork, spawn, bpf, ptrace, mount, unshare, kexec, module,
		in_thread, thread, packet, type_in, terminal;
};

static int errno_of(long r)
{
	return r < 0 ? errno : 0;
}

static void *try_all(void *arg)
{
	struct tried *t = arg;
	char *const argv[] = {(char *)"true", NULL};
	union bpf_attr attr = {0};
	pthread_t inside;
	pid_t pid;
	t->enter = lnr_sandbox_enter(NULL);
	t->exec = errno_of(execv("/bin/true", argv));
	t->execat = errno_of(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, NULL, 0));
	t->fork = errno_of(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0));
	t->vfork = errno_of(
		syscall(SYS_clone, SIGCHLD | CLONE_VM | CLONE_VFORK, NULL, NULL, NULL, 0));
	t->spawn = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ);
	t->bpf = errno_of(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
	t->ptrace = errno_of(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	t->mount = errno_of(mount("none", "/nonexistent", "tmpfs", 0, NULL));
	t->unshare = errno_of(unshare(CLONE_NEWNS));
	t->kexec = errno_of(syscall(SYS_kexec_load, 0, 0, NULL, 0));
	t->module = errno_of(syscall(SYS_finit_module, -1, "", 0));
	t->packet = errno_of(socket(AF_PACKET, SOCK_RAW, 0));
	t->type_in = errno_of(ioctl(0, TIOCSTI, "x"));
	t->terminal = errno_of(ioctl(-1, TCGETS, &attr));
	/* Threads can be made, and are bound like the one that made them. */
	t->thread = pthread_create(&inside, NULL, inner, &t->in_thread);
	if (!t->thread)
		pthread_join(inside, NULL);
	return NULL;
}

static void starts_no_program_and_loads_nothing(void **state)
{
	(void)state;
	struct tried t = {0};
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, try_all, &t), 0);
	pthread_join(thread, NULL);
	assert_int_equal(t.enter, 0);
	assert_int_equal(t.exec, EPERM);
	assert_int_equal(t.execat, EPERM);
	assert_int_equal(t.fork, EPERM);
	assert_int_equal(t.vfork, EPERM);
	assert_int_not_equal(t.spawn, 0);
	assert_int_equal(t.bpf, ENOSYS);
	assert_int_equal(t.ptrace, ENOSYS);
	assert_int_equal(t.mount, ENOSYS);
	assert_int_equal(t.unshare, ENOSYS);
	assert_int_equal(t.kexec, ENOSYS);
	assert_int_equal(t.module, ENOSYS);
	assert_int_equal(t.packet, ENOSYS);
	assert_int_equal(t.type_in, ENOSYS);
	assert_int_equal(t.terminal, EBADF);
	assert_int_equal(t.thread, 0);
	assert_int_equal(t.in_thread, EPERM);
}

static void *deliver(void *arg)
{
	const struct lnr_test_dir *d = arg;
	struct addrinfo *all = NULL, hints = {.ai_socktype = SOCK_STREAM};
	bool good = !lnr_sandbox_enter(NULL);
	char *path = lnr_test_path(d, "f");
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), pipes[2];
	good &= fd >= 0 && write(fd, "x\n", 2) == 2 && fdatasync(fd) == 0 && ftruncate(fd, 1) == 0;
	good &= pwrite(fd, "y", 1, 0) == 1 && close(fd) == 0 && unlink(path) == 0;
	good &= pipe2(pipes, O_CLOEXEC) == 0 && close(pipes[0]) == 0 && close(pipes[1]) == 0;
	good &= getaddrinfo("localhost", "80", &hints, &all) == 0;
	if (all)
		freeaddrinfo(all);
	void *much = malloc(64 << 20); /* mmap */
	good &= much != NULL;
	free(much);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	/* Port 0 refuses; the call itself is let through. */
	good &= s >= 0 && connect(s, (struct sockaddr *)&a, sizeof(a)) < 0 && errno != ENOSYS &&
		errno != EPERM && close(s) == 0;
	free(path);
	return good ? arg : NULL;
}

static void delivers(void **state)
{
	(void)state;
	struct lnr_test_dir d;
	pthread_t thread;
	void *good;
	lnr_test_dir_init(&d);
	assert_int_equal(pthread_create(&thread, NULL, deliver, &d), 0);
	pthread_join(thread, &good);
	assert_non_null(good);
	lnr_test_dir_done(&d);
}

/* The thread that made them is not bound. */
static void binds_only_who_enters(void **state)
{
	(void)state;
	char *const argv[] = {(char *)"true", NULL};
	int status = -1;
	pid_t pid;
	assert_int_equal(posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_no_program_and_loads_nothing),
		cmocka_unit_test(delivers),
		cmocka_unit_test(binds_only_who_enters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
