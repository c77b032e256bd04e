/* SPDX-License-Identifier: Apache-2.0 */
/* read, write and their relatives. */
#include "lib/ring.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SNAPLEN 16
static const char text[] = "0123456789abcdefghij";

/* A file in memory that holds `text`. */
static int make_file(void)
{
	int fd = (int)syscall(SYS_memfd_create, "lanner", 0);
	lnr_kt_check(fd >= 0 && write(fd, text, 20) == 20 && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static struct iovec part(const char *p, size_t len)
{
	return (struct iovec){.iov_base = (void *)(uintptr_t)p, .iov_len = len};
}

static void read_file(void *out)
{
	char buf[64];
	int *fd = out;
	struct iovec v[2] = {part(buf, 4), part(buf + 32, 20)};
	*fd = make_file();
	lnr_kt_check(read(*fd, buf, 64) == 20);
	lnr_kt_check(read(*fd, buf, 64) == 0);
	lnr_kt_check(read(-1, buf, 5) < 0);
	lnr_kt_check(pread(*fd, buf, 3, 7) == 3);
	lnr_kt_check(pread(*fd, buf, 3, -1) < 0);
	lnr_kt_check(lseek(*fd, 0, SEEK_SET) == 0);
	lnr_kt_check(readv(*fd, v, 2) == 20);
	lnr_kt_check(syscall(SYS_readv, *fd, v, -1) < 0);
	lnr_kt_check(preadv(*fd, v, 2, 2) == 18);
	lnr_kt_check(preadv(*fd, v, 2, 20) == 0);
}

static void in(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, read_file);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_READ_X, 0);
	assert_param_s64(e, "res", 20);
	assert_param_bytes(e, "data", text, SNAPLEN);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "size", 64);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_READ_X, 1);
	assert_param_s64(e, "res", 0);
	assert_param_absent(e, "data");
	e = lnr_kt_event(k, LNR_EV_SYSCALL_READ_X, 2);
	assert_param_s64(e, "res", -EBADF);
	assert_param_absent(e, "data");
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "size", 5);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PREAD_X, 0);
	assert_param_s64(e, "res", 3);
	assert_param_bytes(e, "data", text + 7, 3);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "size", 3);
	assert_param_u64(e, "pos", 7);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PREAD_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_absent(e, "data");
	assert_param_u64(e, "pos", (uint64_t)-1);
}

static void in_vectors(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, read_file);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_READV_X, 0);
	assert_param_s64(e, "res", 20);
	assert_param_u64(e, "size", 20);
	assert_param_bytes(e, "data", text, SNAPLEN);
	assert_param_s64(e, "fd", *fd);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_READV_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "size", 0);
	assert_param_absent(e, "data");
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PREADV_X, 0);
	assert_param_s64(e, "res", 18);
	assert_param_u64(e, "size", 18);
	assert_param_bytes(e, "data", text + 2, SNAPLEN);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "pos", 2);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PREADV_X, 1);
	assert_param_s64(e, "res", 0);
	assert_param_u64(e, "size", 0);
	assert_param_absent(e, "data");
	assert_param_u64(e, "pos", 20);
}

static void write_file(void *out)
{
	int *fd = out;
	struct iovec v[3] = {part(text, 4), part(text + 4, 0), part(text + 4, 16)};
	*fd = (int)syscall(SYS_memfd_create, "lanner", 0);
	lnr_kt_check(*fd >= 0);
	lnr_kt_check(write(*fd, text, 20) == 20);
	lnr_kt_check(write(-1, text, 3) < 0);
	lnr_kt_check(syscall(SYS_write, *fd, NULL, 3) < 0 && errno == EFAULT);
	lnr_kt_check(pwrite(*fd, text, 5, 1) == 5);
	lnr_kt_check(pwrite(*fd, text, 5, -3) < 0);
	lnr_kt_check(writev(*fd, v, 3) == 20);
	lnr_kt_check(writev(-1, v, 1) < 0);
	lnr_kt_check(syscall(SYS_writev, *fd, NULL, 2) < 0);
	lnr_kt_check(pwritev(*fd, v, 1, 9) == 4);
	lnr_kt_check(pwritev(-1, v, 3, 9) < 0);
}

static void out_plain(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, write_file);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_WRITE_X, 0);
	assert_param_s64(e, "res", 20);
	assert_param_bytes(e, "data", text, SNAPLEN);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "size", 20);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_WRITE_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_bytes(e, "data", text, 3);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "size", 3);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_WRITE_X, 2);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_absent(e, "data");
	assert_param_u64(e, "size", 3);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PWRITE_X, 0);
	assert_param_s64(e, "res", 5);
	assert_param_bytes(e, "data", text, 5);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "size", 5);
	assert_param_u64(e, "pos", 1);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PWRITE_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_bytes(e, "data", text, 5);
	assert_param_u64(e, "pos", (uint64_t)-3);
}

static void out_vectors(void **state)
{
	struct lnr_kt *k = *state;
	const int *fd = lnr_kt_act(k, write_file);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_WRITEV_X, 0);
	assert_param_s64(e, "res", 20);
	assert_param_bytes(e, "data", text, SNAPLEN);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "size", 20);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_WRITEV_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_bytes(e, "data", text, 4);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "size", 4);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_WRITEV_X, 2);
	assert_param_s64(e, "res", -EFAULT);
	assert_param_absent(e, "data");
	assert_param_u64(e, "size", 0);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PWRITEV_X, 0);
	assert_param_s64(e, "res", 4);
	assert_param_bytes(e, "data", text, 4);
	assert_param_s64(e, "fd", *fd);
	assert_param_u64(e, "size", 4);
	assert_param_u64(e, "pos", 9);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_PWRITEV_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_bytes(e, "data", text, SNAPLEN);
	assert_param_u64(e, "size", 20);
}

static int setup(void **state)
{
	return lnr_kt_setup(
		state, &(struct lnr_kt_opts){
			       .calls = "read write readv writev pread64 pwrite64 preadv pwritev",
			       .snaplen = SNAPLEN,
		       });
}

/* As much as one parameter can hold; what is beyond the record is counted, not cut in the middle.
 */
static void write_much(void *out)
{
	static char much[70000];
	(void)out;
	memset(much, 'x', sizeof(much));
	int fd = (int)syscall(SYS_memfd_create, "lanner", 0);
	lnr_kt_check(write(fd, much, 60000) == 60000);
	lnr_kt_check(write(fd, much, sizeof(much)) == sizeof(much));
	lnr_kt_check(write(fd, much, 1) == 1);
}

static void much(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, write_much);
	assert_int_equal(lnr_kt_count(k, LNR_EV_SYSCALL_WRITE_X), 2);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_WRITE_X, 0);
	assert_int_equal(lnr_param_bytes(&e->ev, 1).len, 60000);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_WRITE_X, 1);
	assert_int_equal(lnr_param_bytes(&e->ev, 1).len, 1);
}

static int setup_much(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){.calls = "write", .snaplen = 65535});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in),
		cmocka_unit_test(in_vectors),
		cmocka_unit_test(out_plain),
		cmocka_unit_test(out_vectors),
	};
	const struct CMUnitTest much_tests[] = {
		cmocka_unit_test(much),
	};
	int r = cmocka_run_group_tests_name("rw", tests, setup, lnr_kt_teardown);
	return r + cmocka_run_group_tests_name(
			   "rw, longest data", much_tests, setup_much, lnr_kt_teardown);
}
