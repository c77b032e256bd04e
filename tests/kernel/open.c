/* SPDX-License-Identifier: Apache-2.0 */
/* open, openat, openat2, creat, open_by_handle_at: what was asked for and what was found there. */
#include "lib/ring.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Name, directory and overlay layer of a file, and the descriptor of the call in question. */
struct opened {
	long fd;
	int dir;
	uint64_t ino, dev;
};

/* The kernel's own form of a device number. */
static uint64_t encode_dev(dev_t d)
{
	unsigned a = major(d), i = minor(d);
	return (i & 0xff) | a << 8 | (i & ~0xffu) << 12;
}

static void examine(struct opened *o)
{
	struct stat st;
	lnr_kt_check(o->fd >= 0 && fstat((int)o->fd, &st) == 0);
	o->ino = st.st_ino;
	o->dev = encode_dev(st.st_dev);
}

static void make(const char *name)
{
	int fd = open(name, O_CREAT | O_WRONLY, 0600);
	lnr_kt_check(fd >= 0 && close(fd) == 0);
}

static void assert_found(struct lnr_kt_event *e, const struct opened *o)
{
	assert_param_s64(e, "fd", o->fd);
	assert_param_u64(e, "dev", o->dev);
	assert_param_u64(e, "ino", o->ino);
	assert_all_params(e);
}

static void assert_failed(struct lnr_kt_event *e, int64_t error)
{
	assert_param_s64(e, "fd", error);
	assert_param_u64(e, "dev", 0);
	assert_param_u64(e, "ino", 0);
	assert_all_params(e);
}

#ifdef SYS_open
static void do_open(void *out)
{
	struct opened *o = out;
	unlink("new");
	o->fd = syscall(SYS_open, "new", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 04640);
	examine(o);
	syscall(SYS_open, "new", O_WRONLY | O_CREAT | O_EXCL, 0);
	syscall(SYS_open, "missing", O_DIRECTORY, 0777);
	syscall(SYS_open, "missing", 3 | O_DSYNC | O_NONBLOCK | O_APPEND | O_TRUNC, 0);
}

static void test_open(void **state)
{
	struct lnr_kt *k = *state;
	const struct opened *o = lnr_kt_act(k, do_open);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_OPEN_X, 0);
	assert_param_str(e, "name", "new");
	assert_param_u64(e, "flags",
		LNR_O_RDWR | LNR_O_CREAT | LNR_O_EXCL | LNR_O_CLOEXEC | LNR_O_F_CREATED);
	assert_param_u64(e, "mode", 04640);
	assert_found(e, o);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPEN_X, 1);
	assert_param_str(e, "name", "new");
	assert_param_u64(e, "flags", LNR_O_WRONLY | LNR_O_CREAT | LNR_O_EXCL);
	assert_param_u64(e, "mode", 0);
	assert_failed(e, -EEXIST);
}

/* The reference looks for any bit of a flag that has several. */
static void shared_bits(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, do_open);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_OPEN_X, 2);
	assert_param_str(e, "name", "missing");
	assert_param_u64(e, "flags", LNR_O_RDONLY | LNR_O_DIRECTORY | LNR_O_TMPFILE);
	assert_param_u64(e, "mode", 0777); /* for O_TMPFILE's sake */
	assert_failed(e, -ENOENT);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPEN_X, 3);
	assert_param_str(e, "name", "missing");
	/* An access mode that does not exist counts as reading. */
	assert_param_u64(e, "flags",
		LNR_O_RDONLY | LNR_O_DSYNC | LNR_O_SYNC | LNR_O_NONBLOCK | LNR_O_APPEND |
			LNR_O_TRUNC);
	assert_param_u64(e, "mode", 0);
	assert_failed(e, -ENOENT);
}

static void do_creat(void *out)
{
	struct opened *o = out;
	unlink("made");
	o->fd = syscall(SYS_creat, "made", 0170640);
	examine(o);
	syscall(SYS_creat, "/", 01);
}

static void test_creat(void **state)
{
	struct lnr_kt *k = *state;
	const struct opened *o = lnr_kt_act(k, do_creat);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_CREAT_X, 0);
	assert_param_str(e, "name", "made");
	assert_param_u64(e, "mode", 0640);
	assert_param_u64(e, "creat_flags", 0);
	assert_found(e, o);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_CREAT_X, 1);
	assert_param_str(e, "name", "/");
	assert_param_u64(e, "mode", 01);
	assert_param_u64(e, "creat_flags", 0);
	assert_failed(e, -EISDIR);
}
#endif

static void do_openat(void *out)
{
	struct opened *o = out;
	make("there");
	o->dir = open(".", O_RDONLY | O_DIRECTORY);
	lnr_kt_check(o->dir >= 0);
	o->fd = syscall(SYS_openat, o->dir, "there", O_RDONLY, 0777);
	examine(o);
	syscall(SYS_openat, AT_FDCWD, "missing", O_RDWR);
	syscall(SYS_openat, -1, "there", O_WRONLY | O_CREAT, 0600);
	syscall(SYS_openat, AT_FDCWD, (char *)8, O_RDONLY);
}

static void test_openat(void **state)
{
	struct lnr_kt *k = *state;
	const struct opened *o = lnr_kt_act(k, do_openat);
	struct lnr_kt_event *e = NULL;
	/* The directory was opened before. */
	for (unsigned i = 0; !e || param_u64(e, "dirfd") != (uint64_t)o->dir; i++)
		e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, i);
	assert_param_s64(e, "dirfd", o->dir);
	assert_param_str(e, "name", "there");
	assert_param_u64(e, "flags", LNR_O_RDONLY);
	assert_param_u64(e, "mode", 0);
	assert_found(e, o);
	unsigned last = lnr_kt_count(k, LNR_EV_SYSCALL_OPENAT_2_X) - 1;
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, last - 2);
	assert_param_s64(e, "dirfd", AT_FDCWD);
	assert_param_str(e, "name", "missing");
	assert_param_u64(e, "flags", LNR_O_RDWR);
	assert_param_u64(e, "mode", 0);
	assert_failed(e, -ENOENT);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, last - 1);
	assert_param_s64(e, "dirfd", -1);
	assert_param_str(e, "name", "there");
	assert_param_u64(e, "flags", LNR_O_WRONLY | LNR_O_CREAT);
	assert_param_u64(e, "mode", 0600);
	assert_failed(e, -EBADF);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, last);
	assert_param_s64(e, "dirfd", AT_FDCWD);
	assert_param_absent(e, "name");
	assert_param_u64(e, "flags", LNR_O_RDONLY);
	assert_param_u64(e, "mode", 0);
	assert_failed(e, -EFAULT);
}

static void open_as_zero(void *out)
{
	struct opened *o = out;
	make("there");
	close(0);
	o->fd = syscall(SYS_openat, AT_FDCWD, "there", O_RDONLY);
	lnr_kt_check(o->fd == 0);
}

/* Descriptor 0 gives neither device nor inode: the reference asks for a result above 0. */
static void zero(void **state)
{
	struct lnr_kt *k = *state;
	lnr_kt_act(k, open_as_zero);
	unsigned last = lnr_kt_count(k, LNR_EV_SYSCALL_OPENAT_2_X) - 1;
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, last);
	assert_param_s64(e, "fd", 0);
	assert_param_u64(e, "dev", 0);
	assert_param_u64(e, "ino", 0);
}

static void do_openat2(void *out)
{
	struct opened *o = out;
	unlink("second");
	o->dir = open(".", O_RDONLY | O_DIRECTORY);
	struct open_how how = {.flags = O_RDWR | O_CREAT | O_CLOEXEC,
		.mode = 0601,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV};
	o->fd = syscall(SYS_openat2, o->dir, "second", &how, sizeof(how));
	examine(o);
	how = (struct open_how){
		.flags = O_WRONLY, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	syscall(SYS_openat2, AT_FDCWD, "missing", &how, sizeof(how));
	syscall(SYS_openat2, AT_FDCWD, "missing", NULL, sizeof(how));
}

static void test_openat2(void **state)
{
	struct lnr_kt *k = *state;
	const struct opened *o = lnr_kt_act(k, do_openat2);
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT2_X, 0);
	assert_param_s64(e, "dirfd", o->dir);
	assert_param_str(e, "name", "second");
	assert_param_u64(e, "flags", LNR_O_RDWR | LNR_O_CREAT | LNR_O_CLOEXEC | LNR_O_F_CREATED);
	assert_param_u64(e, "mode", 0601);
	assert_param_u64(
		e, "resolve", LNR_RESOLVE_BENEATH | LNR_RESOLVE_NO_SYMLINKS | LNR_RESOLVE_NO_XDEV);
	assert_found(e, o);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT2_X, 1);
	assert_param_s64(e, "dirfd", AT_FDCWD);
	assert_param_str(e, "name", "missing");
	assert_param_u64(e, "flags", LNR_O_WRONLY);
	assert_param_u64(e, "mode", 0);
	assert_param_u64(e, "resolve", LNR_RESOLVE_IN_ROOT | LNR_RESOLVE_NO_MAGICLINKS);
	assert_failed(e, -ENOENT);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT2_X, 2);
	assert_param_s64(e, "dirfd", AT_FDCWD);
	assert_param_str(e, "name", "missing");
	assert_param_u64(e, "flags", LNR_O_RDONLY); /* of what cannot be read */
	assert_param_u64(e, "mode", 0);
	assert_param_u64(e, "resolve", 0);
	assert_failed(e, -EFAULT);
}

/* --- by handle --- */

struct handled {
	struct opened o;
	char cwd[64];
	int supported;
};

static void do_by_handle(void *out)
{
	struct handled *h = out;
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u = {.h.handle_bytes = MAX_HANDLE_SZ};
	int mount_id;
	lnr_kt_check(getcwd(h->cwd, sizeof(h->cwd)) != NULL);
	mkdir("sub", 0700);
	make("sub/file");
	h->o.dir = open(".", O_RDONLY | O_DIRECTORY);
	h->supported = name_to_handle_at(AT_FDCWD, "sub/file", &u.h, &mount_id, 0) == 0;
	if (h->supported) {
		h->o.fd = syscall(SYS_open_by_handle_at, h->o.dir, &u.h, O_RDWR | O_NONBLOCK);
		examine(&h->o);
	}
	syscall(SYS_open_by_handle_at, AT_FDCWD, NULL, O_WRONLY);
}

static void test_by_handle(void **state)
{
	struct lnr_kt *k = *state;
	const struct handled *h = lnr_kt_act(k, do_by_handle);
	unsigned n = 0;
	if (h->supported) {
		char path[128];
		struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X, n++);
		snprintf(path, sizeof(path), "%s/sub/file", h->cwd);
		assert_param_s64(e, "mountfd", h->o.dir);
		assert_param_u64(e, "flags", LNR_O_RDWR | LNR_O_NONBLOCK);
		assert_param_str(e, "path", path);
		assert_found(e, &h->o);
	}
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X, n);
	assert_param_s64(e, "mountfd", AT_FDCWD);
	assert_param_u64(e, "flags", LNR_O_WRONLY);
	assert_param_absent(e, "path");
	assert_failed(e, -EFAULT);
}

/* --- layers of an overlay --- */

struct layers {
	int supported;
	long lower, upper, created;
};

static void on_overlay(void *out)
{
	struct layers *l = out;
	lnr_kt_check(unshare(CLONE_NEWNS) == 0);
	lnr_kt_check(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	mkdir("o", 0700);
	/* Layers of their own file system, for the one here may be an overlay itself. */
	lnr_kt_check(mount("none", "o", "tmpfs", 0, NULL) == 0);
	lnr_kt_check(chdir("o") == 0);
	mkdir("lower", 0700);
	mkdir("upper", 0700);
	mkdir("work", 0700);
	mkdir("all", 0700);
	make("lower/below");
	make("upper/above");
	l->supported = mount("overlay", "all", "overlay", 0,
			       "lowerdir=lower,upperdir=upper,workdir=work") == 0;
	if (!l->supported)
		return;
	l->lower = syscall(SYS_openat, AT_FDCWD, "all/below", O_RDONLY);
	l->upper = syscall(SYS_openat, AT_FDCWD, "all/above", O_RDONLY);
	l->created = syscall(SYS_openat, AT_FDCWD, "all/new", O_WRONLY | O_CREAT, 0600);
#ifdef SYS_creat
	syscall(SYS_creat, "all/newer", 0600);
#endif
}

static void overlay(void **state)
{
	struct lnr_kt *k = *state;
	const struct layers *l = lnr_kt_act(k, on_overlay);
	if (!l->supported) {
		print_message("no overlay file system here\n");
		skip();
	}
	unsigned last = lnr_kt_count(k, LNR_EV_SYSCALL_OPENAT_2_X) - 1;
	struct lnr_kt_event *e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, last - 2);
	assert_param_s64(e, "fd", l->lower);
	assert_param_u64(e, "flags", LNR_O_RDONLY | LNR_FD_LOWER_LAYER);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, last - 1);
	assert_param_s64(e, "fd", l->upper);
	assert_param_u64(e, "flags", LNR_O_RDONLY | LNR_FD_UPPER_LAYER);
	e = lnr_kt_event(k, LNR_EV_SYSCALL_OPENAT_2_X, last);
	assert_param_s64(e, "fd", l->created);
	assert_param_u64(
		e, "flags", LNR_O_WRONLY | LNR_O_CREAT | LNR_O_F_CREATED | LNR_FD_UPPER_LAYER);
#ifdef SYS_creat
	e = lnr_kt_event(k, LNR_EV_SYSCALL_CREAT_X, 0);
	assert_param_u64(e, "creat_flags", LNR_OVERLAY_UPPER);
#endif
}

static int setup(void **state)
{
	return lnr_kt_setup(
		state, &(struct lnr_kt_opts){.calls = "open openat openat2 creat open_by_handle_at",
			       .dir = true});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef SYS_open
		cmocka_unit_test(test_open),
		cmocka_unit_test(shared_bits),
		cmocka_unit_test(test_creat),
#endif
		cmocka_unit_test(test_openat),
		cmocka_unit_test(zero),
		cmocka_unit_test(test_openat2),
		cmocka_unit_test(test_by_handle),
		cmocka_unit_test(overlay),
	};
	return cmocka_run_group_tests_name("open", tests, setup, lnr_kt_teardown);
}
