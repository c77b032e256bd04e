/* SPDX-License-Identifier: Apache-2.0 */
#include "outputs/sandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include "base/err.h"
#include "base/str.h"

/* By name, so that the list holds for every architecture; what one lacks is passed over. */
static const char *const allowed[] = {
	/* files: outputs, the spool, certificates, resolver and time zone */
	"read", "readv", "pread64", "write", "writev", "pwrite64", "pwritev", "open", "openat",
	"openat2", "close", "close_range", "stat", "lstat", "fstat", "newfstatat", "fstatat64",
	"stat64", "lstat64", "fstat64", "statx", "statfs", "fstatfs", "lseek", "_llseek",
	"ftruncate", "ftruncate64", "fallocate", "fsync", "fdatasync", "sync_file_range", "unlink",
	"unlinkat", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents",
	"getdents64", "fcntl", "fcntl64", "flock", "dup", "dup2", "dup3", "getcwd", "fadvise64",
	/* waiting, pipes between threads */
	"poll", "ppoll", "select", "_newselect", "pselect6", "epoll_create", "epoll_create1",
	"epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "pipe",
	"pipe2",
	/* network */
	"socketpair", "socketcall", "connect", "bind", "send", "sendto", "sendmsg", "sendmmsg",
	"recv", "recvfrom", "recvmsg", "recvmmsg", "shutdown", "getsockname", "getpeername",
	"getsockopt", "setsockopt",
	/* memory */
	"mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "brk", "membarrier",
	/* threads and signals of our own */
	"futex", "futex_time64", "futex_waitv", "set_robust_list", "get_robust_list",
	"set_tid_address", "rseq", "sched_yield", "sched_getaffinity", "gettid", "getpid", "exit",
	"exit_group", "restart_syscall", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
	"rt_sigtimedwait", "rt_sigpending", "sigaltstack",
	/* time, chance, who and where we are */
	"clock_gettime", "clock_gettime64", "clock_getres", "clock_nanosleep",
	"clock_nanosleep_time64", "nanosleep", "gettimeofday", "time", "getrandom", "uname",
	"sysinfo", "getuid", "geteuid", "getgid", "getegid", "getuid32", "geteuid32", "getgid32",
	"getegid32", "getppid", "getrusage", "getrlimit", "ugetrlimit", "prlimit64"};

/* Refused in plain words: whoever tries is to see why. */
static const char *const refused[] = {"execve", "execveat", "fork", "vfork"};

static int add_names(scmp_filter_ctx f, const char *const *names, size_t n, uint32_t action)
{
	int r = 0;
	for (size_t i = 0; !r && i < n; i++) {
		int nr = seccomp_syscall_resolve_name(names[i]);
		if (nr != __NR_SCMP_ERROR)
			r = seccomp_rule_add(f, action, nr, 0);
	}
	return r;
}

/* Is it a terminal, how much waits, do not wait, which interface: no typing into the terminal of
 * somebody else. */
static const unsigned long requests[] = {
	TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, SIOCGIFINDEX};
/* Outputs, resolver, syslog; netlink is how the C library asks for addresses of this machine. */
static const unsigned families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

static int add_choices(scmp_filter_ctx f)
{
	int r = 0;
	for (size_t i = 0; !r && i < LNR_ARRAY_SIZE(requests); i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, requests[i]));
	for (size_t i = 0; !r && i < LNR_ARRAY_SIZE(families); i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, families[i]));
	return r;
}

static int fill(scmp_filter_ctx f)
{
	int r = add_names(f, allowed, LNR_ARRAY_SIZE(allowed), SCMP_ACT_ALLOW);
	if (!r)
		r = add_names(f, refused, LNR_ARRAY_SIZE(refused), SCMP_ACT_ERRNO(EPERM));
	if (!r)
		r = add_choices(f);
	/* Threads yes, processes no. clone3 keeps its flags in memory where no filter sees them;
	 * without it the C library uses clone. */
	if (!r)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	if (!r)
		r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	/* Names for threads. */
	if (!r)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
			SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
	if (!r)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
			SCMP_A0(SCMP_CMP_EQ, PR_GET_NAME, 0));
	return r;
}

int lnr_sandbox_enter(struct lnr_err *err)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (!f)
		return lnr_fail(err, -ENOMEM, "out of memory");
	/* A tree instead of a list; older libraries do without. */
	(void)seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	int r = fill(f);
	if (!r)
		r = seccomp_load(f);
	seccomp_release(f);
	return r ? lnr_fail(err, r, "cannot limit the system calls of a delivery thread: %s",
			   strerror(-r))
		 : 0;
}
