/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls by the 32-bit interface of x86_64: other numbers, narrower structures, socketcall. A 64-bit
 * program reaches it by int 0x80 as long as all its pointers fit into 32 bits.
 */
#include "net.h"

#ifdef __x86_64__
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* arch/x86/entry/syscalls/syscall_32.tbl */
enum {
	IA32_GETPID = 20,
	IA32_PIPE = 42,
	IA32_SOCKETCALL = 102,
	IA32_READV = 145,
	IA32_WRITEV = 146,
	IA32_PREAD64 = 180,
	IA32_SENDFILE = 187,
	IA32_SENDFILE64 = 239,
	IA32_PPOLL = 309,
	IA32_RECVMMSG = 337,
	IA32_SENDMMSG = 345,
	IA32_SENDMSG = 370,
	IA32_RECVMSG = 372,
};
/* linux/net.h */
enum { CALL_SOCKET = 1, CALL_SENDTO = 11, CALL_SETSOCKOPT = 14 };

static long ia32(long nr, long a, long b, long c, long d, long e)
{
	long r;
	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "r8", "r9", "r10", "r11", "memory");
	return (int)r;
}

struct iovec32 {
	uint32_t base, len;
};
struct msghdr32 {
	uint32_t name, namelen, iov, iovlen, control, controllen, flags;
};
struct mmsghdr32 {
	struct msghdr32 hdr;
	uint32_t len;
};

/* What must lie below 4 GiB. */
struct low {
	char text[32], buf[64];
	struct iovec32 v[2], in;
	struct mmsghdr32 m[2];
	struct msghdr32 from;
	int32_t timeval[2], fds[2], pollfd[2];
	uint32_t args[6];
	uint64_t offset;
};

static uint32_t at(const void *p)
{
	lnr_kt_check((uintptr_t)p <= UINT32_MAX);
	return (uint32_t)(uintptr_t)p;
}

static struct low *low(void)
{
	struct low *l = mmap(NULL, sizeof(*l), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	lnr_kt_check(l != MAP_FAILED);
	memcpy(l->text, "0123456789abcdefghij", 20);
	l->v[0] = (struct iovec32){at(l->text), 4};
	l->v[1] = (struct iovec32){at(l->text + 4), 6};
	l->in = (struct iovec32){at(l->buf), sizeof(l->buf)};
	return l;
}

/* One socketcall; its arguments are an array. */
static long socketcall(struct low *l, int which, uint32_t a, uint32_t b, uint32_t c, uint32_t d,
	uint32_t e, uint32_t f)
{
	const uint32_t args[] = {a, b, c, d, e, f};
	memcpy(l->args, args, sizeof(args));
	return ia32(IA32_SOCKETCALL, which, at(l->args), 0, 0, 0);
}

struct seen {
	int fd, pair[2], socket;
};

static void data(void *out)
{
	struct seen *x = out;
	struct low *l = low();
	x->fd = (int)syscall(SYS_memfd_create, "lanner", 0);
	lnr_kt_check(ia32(IA32_WRITEV, x->fd, at(l->v), 2, 0, 0) == 10);
	lnr_kt_check(ia32(IA32_PREAD64, x->fd, at(l->buf), 3, 2, 0) == 3);
	/* The position's upper half is an argument of its own. */
	lnr_kt_check(ia32(IA32_PREAD64, x->fd, at(l->buf), 3, 2, 1) == 0);
	lnr_kt_check(lseek(x->fd, 0, SEEK_SET) == 0);
	lnr_kt_check(ia32(IA32_READV, x->fd, at(&l->in), 1, 0, 0) == 10);
	l->offset = UINT64_C(0xffffffff00000004);
	lnr_kt_check(ia32(IA32_SENDFILE, -1, x->fd, at(&l->offset), 5, 0) < 0);
	lnr_kt_check(ia32(IA32_SENDFILE64, -1, x->fd, at(&l->offset), 5, 0) < 0);
	lnr_kt_check(ia32(IA32_PIPE, at(l->fds), 0, 0, 0, 0) == 0);
	memcpy(x->pair, l->fds, sizeof(l->fds));
	l->timeval[1] = 5;
	l->pollfd[0] = l->fds[1];
	l->pollfd[1] = 4;
	lnr_kt_check(ia32(IA32_PPOLL, at(l->pollfd), 1, at(l->timeval), 0, 8) == 1);
}

static void transfers(void **state)
{
	struct lnr_kt *k = *state;
	const struct seen *x = lnr_kt_act(k, data);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_WRITEV_X, 0);
	assert_param_s64(e, "res", 10);
	assert_param_bytes(e, "data", "0123456789", 10);
	assert_param_s64(e, "fd", x->fd);
	assert_param_u64(e, "size", 10);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PREAD_X, 0);
	assert_param_bytes(e, "data", "234", 3);
	assert_param_u64(e, "pos", 2);
	assert_param_u64(lnr_kt_event(k, LNR_EV_SYSCALL_PREAD_X, 1), "pos", UINT64_C(0x100000002));
	e = lnr_kt_event(k, LNR_EV_SYSCALL_READV_X, 0);
	assert_param_s64(e, "res", 10);
	assert_param_bytes(e, "data", "0123456789", 10);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SENDFILE_X, 0);
	assert_param_s64(e, "res", -EBADF);
	assert_param_u64(e, "offset", 4);
	assert_param_s64(e, "out_fd", -1);
	assert_param_s64(e, "in_fd", x->fd);
	assert_param_u64(e, "size", 5);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SENDFILE_X, 1);
	assert_param_u64(e, "offset", UINT64_C(0xffffffff00000004));
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PIPE_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd1", x->pair[0]);
	assert_param_s64(e, "fd2", x->pair[1]);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PPOLL_X, 0);
	assert_param_s64(e, "res", 1);
	assert_true(param_u64(e, "timeout") <= 5);
	assert_param_u64(e, "sigmask", 0);
}

/* By numbers of their own. */
static void messages(void *out)
{
	struct seen *x = out;
	struct low *l = low();
	lnr_kt_check(socketpair(AF_UNIX, SOCK_DGRAM, 0, x->pair) == 0);
	l->m[0].hdr = (struct msghdr32){.iov = at(l->v), .iovlen = 2};
	l->m[1].hdr = (struct msghdr32){.iov = at(&l->v[1]), .iovlen = 1};
	lnr_kt_check(ia32(IA32_SENDMSG, x->pair[0], at(&l->m[0].hdr), 0, 0, 0) == 10);
	lnr_kt_check(ia32(IA32_SENDMMSG, x->pair[0], at(l->m), 2, 0, 0) == 2);
	l->from = (struct msghdr32){.iov = at(&l->in), .iovlen = 1};
	lnr_kt_check(ia32(IA32_RECVMSG, x->pair[1], at(&l->from), 0, 0, 0) == 10);
	l->m[0].hdr = l->m[1].hdr = l->from;
	lnr_kt_check(ia32(IA32_RECVMMSG, x->pair[1], at(l->m), 2, 0, 0) == 2);
}

static void by_number(void **state)
{
	struct lnr_kt *k = *state;
	const struct seen *x = lnr_kt_act(k, messages);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SENDMSG_X, 0);
	assert_param_s64(e, "res", 10);
	assert_param_bytes(e, "data", "0123456789", 10);
	assert_param_s64(e, "fd", x->pair[0]);
	assert_param_u64(e, "size", 10);
	assert_param_tuple_unix(e, "tuple", "", NULL, NULL);
	assert_all_params(e);
	for (unsigned i = 0; i < 2; i++) {
		e = lnr_kt_event(k, LNR_EV_SOCKET_SENDMMSG_X, i);
		assert_param_s64(e, "res", i ? 6 : 10);
		assert_param_u64(e, "size", i ? 6 : 10);
		assert_param_bytes(e, "data", &"0123456789"[i ? 4 : 0], i ? 6 : 10);
		e = lnr_kt_event(k, LNR_EV_SOCKET_RECVMMSG_X, i);
		assert_param_s64(e, "res", i ? 6 : 10);
		/* Both were read into one buffer; the second is what is there. */
		assert_param_bytes(e, "data", &"4567896789"[0], i ? 6 : 10);
	}
	e = lnr_kt_event(k, LNR_EV_SOCKET_RECVMSG_X, 0);
	assert_param_s64(e, "res", 10);
	assert_param_bytes(e, "data", "0123456789", 10);
	assert_param_absent(e, "msgcontrol");
}

/* By way of the one call there was for all of them. */
static void multiplexed(void *out)
{
	struct seen *x = out;
	struct low *l = low();
	lnr_kt_check(socketpair(AF_UNIX, SOCK_DGRAM, 0, x->pair) == 0);
	x->socket = (int)socketcall(l, CALL_SOCKET, AF_INET, SOCK_DGRAM, 17, 0, 0, 0);
	lnr_kt_check(x->socket >= 0);
	l->timeval[0] = 2;
	l->timeval[1] = 3000;
	lnr_kt_check(socketcall(l, CALL_SETSOCKOPT, (uint32_t)x->socket, SOL_SOCKET, 20,
			     at(l->timeval), 8, 0) == 0);
	lnr_kt_check(
		socketcall(l, CALL_SENDTO, (uint32_t)x->pair[0], at(l->text), 5, 0, 0, 0) == 5);
	lnr_kt_check(socketcall(l, 77, 0, 0, 0, 0, 0, 0) < 0);
}

static void by_socketcall(void **state)
{
	struct lnr_kt *k = *state;
	const struct seen *x = lnr_kt_act(k, multiplexed);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SOCKET_SOCKET_X, 0);
	assert_param_s64(e, "fd", x->socket);
	assert_param_u64(e, "domain", LNR_AF_INET);
	assert_param_u64(e, "type", SOCK_DGRAM);
	assert_param_u64(e, "proto", 17);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SETSOCKOPT_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd", x->socket);
	assert_param_u64(e, "optname", LNR_SOCKOPT_SO_RCVTIMEO);
	assert_param_dyn(e, "val", LNR_SOCKOPT_IDX_TIMEVAL, 2003000000);
	assert_param_u64(e, "optlen", 8);
	e = lnr_kt_event(k, LNR_EV_SOCKET_SENDTO_X, 0);
	assert_param_s64(e, "res", 5);
	assert_param_bytes(e, "data", "01234", 5);
	assert_param_s64(e, "fd", x->pair[0]);
}

/* Kernels can be built or booted without the interface. */
static bool have_ia32(void)
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(ia32(IA32_GETPID, 0, 0, 0, 0, 0) == getpid() ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static int setup(void **state)
{
	return lnr_kt_setup(state,
		&(struct lnr_kt_opts){
			.calls =
				"readv writev pread64 sendfile pipe ppoll sendmsg sendmmsg recvmsg "
				"recvmmsg socket setsockopt sendto",
		});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transfers),
		cmocka_unit_test(by_number),
		cmocka_unit_test(by_socketcall),
	};
	if (!have_ia32()) {
		print_message("not here: the kernel has no 32-bit interface\n");
		return 0;
	}
	return cmocka_run_group_tests_name("compat", tests, setup, lnr_kt_teardown);
}
#else
int main(void)
{
	print_message("not here: 32-bit calls are watched on x86_64\n");
	return 0;
}
#endif
