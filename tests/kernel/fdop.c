/* SPDX-License-Identifier: Apache-2.0 */
/* sendfile, splice, copy_file_range, ioctl, lseek, flock, getdents. */
#include "lib/ring.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

struct fds {
	int in, out;
	off_t offset;
	int64_t from, to;
};

static int make_file(size_t len)
{
	char zeros[64] = {0};
	int fd = (int)syscall(SYS_memfd_create, "lanner", 0);
	lnr_kt_check(fd >= 0 && write(fd, zeros, len) == (ssize_t)len);
	return fd;
}

static void send_file(void *out)
{
	struct fds *x = out;
	x->in = make_file(30);
	x->out = make_file(0);
	x->offset = 10;
	lnr_kt_check(sendfile(x->out, x->in, &x->offset, 5) == 5 && x->offset == 15);
	lnr_kt_check(lseek(x->in, 0, SEEK_SET) == 0);
	lnr_kt_check(sendfile(x->out, x->in, NULL, 5) == 5);
	lnr_kt_check(sendfile(-1, x->in, NULL, UINT64_C(1) << 33) < 0);
}

static void sendfiles(void **state)
{
	struct lnr_kt *k = *state;
	const struct fds *x = lnr_kt_act(k, send_file);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_SENDFILE_X, 0);
	assert_param_s64(e, "res", 5);
	assert_param_u64(e, "offset", 15);
	assert_param_s64(e, "out_fd", x->out);
	assert_param_s64(e, "in_fd", x->in);
	assert_param_u64(e, "size", 5);
	assert_all_params(e);
	assert_param_u64(lnr_kt_event(k, LNR_EV_SYSCALL_SENDFILE_X, 1), "offset", 0);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SENDFILE_X, 2);
	assert_param_s64(e, "res", -EBADF);
	assert_param_u64(e, "offset", 0);
	assert_param_s64(e, "out_fd", -1);
	assert_param_s64(e, "in_fd", x->in);
	assert_param_u64(e, "size", UINT64_C(1) << 33);
	assert_all_params(e);
}

static void splice_file(void *out)
{
	struct fds *x = out;
	int pipe[2];
	lnr_kt_check(pipe2(pipe, 0) == 0);
	x->in = make_file(30);
	x->out = pipe[1];
	lnr_kt_check(lseek(x->in, 0, SEEK_SET) == 0);
	lnr_kt_check(
		splice(x->in, NULL, x->out, NULL, 30, SPLICE_F_MOVE | SPLICE_F_NONBLOCK) == 30);
	lnr_kt_check(splice(-1, NULL, x->out, NULL, 7, 0x104) < 0);
}

static void splices(void **state)
{
	struct lnr_kt *k = *state;
	const struct fds *x = lnr_kt_act(k, splice_file);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_SPLICE_X, 0);
	assert_param_s64(e, "res", 30);
	assert_param_s64(e, "fd_in", x->in);
	assert_param_s64(e, "fd_out", x->out);
	assert_param_u64(e, "size", 30);
	assert_param_u64(e, "flags", LNR_SPLICE_F_MOVE | LNR_SPLICE_F_NONBLOCK);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_SPLICE_X, 1);
	assert_true((int64_t)param_u64(e, "res") < 0);
	assert_param_s64(e, "fd_in", -1);
	assert_param_s64(e, "fd_out", x->out);
	assert_param_u64(e, "size", 7);
	assert_param_u64(e, "flags", LNR_SPLICE_F_MORE);
	assert_all_params(e);
}

static void copy_file(void *out)
{
	struct fds *x = out;
	x->in = make_file(30);
	x->out = make_file(0);
	x->from = 4;
	lnr_kt_check(syscall(SYS_copy_file_range, x->in, &x->from, x->out, &x->to, 9, 0) == 9);
	lnr_kt_check(syscall(SYS_copy_file_range, -1, NULL, x->out, NULL, 9, 0) < 0);
}

static void copies(void **state)
{
	struct lnr_kt *k = *state;
	const struct fds *x = lnr_kt_act(k, copy_file);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_COPY_FILE_RANGE_X, 0);
	assert_param_s64(e, "res", 9);
	assert_param_s64(e, "fdout", x->out);
	assert_param_u64(e, "offout", (uintptr_t)&x->to);
	assert_param_s64(e, "fdin", x->in);
	assert_param_u64(e, "offin", (uintptr_t)&x->from);
	assert_param_u64(e, "len", 9);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_COPY_FILE_RANGE_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fdin", -1);
	assert_param_u64(e, "offin", 0);
	assert_param_u64(e, "offout", 0);
}

static void operate(void *out)
{
	struct fds *x = out;
	int n;
	x->in = make_file(30);
	x->offset = ioctl(x->in, FIONREAD, &n) < 0 ? -errno : 0;
	lnr_kt_check(ioctl(-1, 0xdeadbeef, 0x123456789) < 0 && errno == EBADF);
	lnr_kt_check(lseek(x->in, -10, SEEK_END) == 20);
	lnr_kt_check(lseek(x->in, 1, 99) < 0);
	lnr_kt_check(flock(x->in, LOCK_EX | LOCK_NB) == 0);
	lnr_kt_check(flock(x->in, LOCK_UN | 0x100) < 0);
}

static void operations(void **state)
{
	struct lnr_kt *k = *state;
	const struct fds *x = lnr_kt_act(k, operate);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_IOCTL_3_X, 0);
	assert_param_s64(e, "res", x->offset);
	assert_param_s64(e, "fd", x->in);
	assert_param_u64(e, "request", FIONREAD);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_IOCTL_3_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fd", -1);
	assert_param_u64(e, "request", 0xdeadbeef);
	assert_param_u64(e, "argument", 0x123456789);
	assert_all_params(e);
	unsigned n = lnr_kt_count(k, LNR_EV_SYSCALL_LSEEK_X);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_LSEEK_X, n - 2);
	assert_param_s64(e, "res", 20);
	assert_param_s64(e, "fd", x->in);
	assert_param_u64(e, "offset", (uint64_t)-10);
	assert_param_u64(e, "whence", LNR_SEEK_END);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_LSEEK_X, n - 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_u64(e, "whence", 0);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_FLOCK_X, 0);
	assert_param_s64(e, "res", 0);
	assert_param_s64(e, "fd", x->in);
	assert_param_u64(e, "operation", LNR_LOCK_EX | LNR_LOCK_NB);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_FLOCK_X, 1);
	assert_param_s64(e, "res", -EINVAL);
	assert_param_s64(e, "fd", x->in);
	assert_param_u64(e, "operation", LNR_LOCK_UN);
}

static void list_directory(void *out)
{
	struct fds *x = out;
	char buf[4096];
	x->in = open("/", O_RDONLY | O_DIRECTORY);
	lnr_kt_check(x->in >= 0);
	x->offset = syscall(SYS_getdents64, x->in, buf, sizeof(buf));
	lnr_kt_check(x->offset > 0);
	lnr_kt_check(syscall(SYS_getdents64, -1, buf, sizeof(buf)) < 0);
#ifdef SYS_getdents
	lnr_kt_check(syscall(SYS_getdents, -1, buf, sizeof(buf)) < 0);
#endif
}

static void listings(void **state)
{
	struct lnr_kt *k = *state;
	const struct fds *x = lnr_kt_act(k, list_directory);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_GETDENTS64_X, 0);
	assert_param_s64(e, "res", x->offset);
	assert_param_s64(e, "fd", x->in);
	assert_all_params(e);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_GETDENTS64_X, 1);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fd", -1);
#ifdef SYS_getdents
	e = lnr_kt_event(k, LNR_EV_SYSCALL_GETDENTS_X, 0);
	assert_param_s64(e, "res", -EBADF);
	assert_param_s64(e, "fd", -1);
	assert_all_params(e);
#endif
}

static int setup(void **state)
{
	return lnr_kt_setup(state, &(struct lnr_kt_opts){
					   .calls = "sendfile splice copy_file_range ioctl lseek "
						    "flock getdents getdents64",
				   });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sendfiles),
		cmocka_unit_test(splices),
		cmocka_unit_test(copies),
		cmocka_unit_test(operations),
		cmocka_unit_test(listings),
	};
	return cmocka_run_group_tests_name("fdop", tests, setup, lnr_kt_teardown);
}
