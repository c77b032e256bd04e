/* SPDX-License-Identifier: Apache-2.0 */
/* Files by name (spec events-and-state 7.4). */
#include "state_test.h"

static void open_with(
	struct rig *r, int64_t res, const char *name, uint32_t flags, uint32_t dev, uint64_t ino)
{
	rig_begin(r, LNR_EV_SYSCALL_OPEN_X, 100);
	rig_num(r, LNR_P_SYSCALL_OPEN_X_fd, res);
	if (name)
		rig_str(r, LNR_P_SYSCALL_OPEN_X_name, name);
	rig_num(r, LNR_P_SYSCALL_OPEN_X_flags, flags);
	rig_num(r, LNR_P_SYSCALL_OPEN_X_dev, dev);
	rig_num(r, LNR_P_SYSCALL_OPEN_X_ino, (int64_t)ino);
	rig_enter(r);
}

static void open_call(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	open_with(&r, 5, "a//b", LNR_O_RDWR | LNR_O_CREAT | LNR_O_F_CREATED, 0x801, 42);
	assert_true(r.visible);
	assert_ptr_equal(r.ev.fd, rig_fd(&r, 100, 5));
	assert_int_equal(r.ev.fdnum, 5);
	assert_true(r.ev.has_fdnum);
	assert_true(r.ev.name_changed);
	assert_str(r.ev.path, "/srv/a/b");
	assert_int_equal(r.ev.fd->type, LNR_FD_FILE_V2);
	assert_int_equal(r.ev.fd->open_flags, LNR_O_RDWR | LNR_O_CREAT | LNR_O_F_CREATED);
	assert_int_equal(r.ev.fd->dev, 0x801);
	assert_int_equal(r.ev.fd->ino, 42);
	assert_int_equal(r.ev.fd->mount_id, 0);
	assert_name(r.ev.fd, "/srv/a/b");
	assert_blob(r.ev.fd->raw, "a//b");
	rig_leave(&r);
	/* In place of the old one, whose close was lost. */
	open_with(&r, 5, "/other", LNR_O_RDONLY | LNR_O_DIRECTORY | LNR_FD_UPPER_LAYER, 0, 0);
	assert_int_equal(r.ev.fd->type, LNR_FD_DIRECTORY);
	assert_int_equal(r.ev.fd->ino, 0);
	assert_true(r.ev.fd->flags & LNR_FDF_UPPER_LAYER);
	assert_false(r.ev.fd->flags & LNR_FDF_LOWER_LAYER);
	rig_leave(&r);
	open_with(&r, 6, "/lower", LNR_FD_LOWER_LAYER, 0, 0);
	assert_true(r.ev.fd->flags & LNR_FDF_LOWER_LAYER);
	rig_leave(&r);
	/* Failure. */
	open_with(&r, -2, "/none", LNR_O_RDONLY, 0, 0);
	assert_null(r.ev.fd);
	assert_int_equal(r.ev.fdnum, -1);
	assert_true(r.ev.has_fdnum);
	assert_null(r.ev.path.ptr);
	rig_leave(&r);
	assert_int_equal(lnr_state_fd_count(r.st, rig_thread(&r, 100)), 5);
	/* The name could not be read. */
	open_with(&r, 7, NULL, LNR_O_RDONLY, 0, 0);
	assert_name(r.ev.fd, "/srv/<NA>");
	assert_blob(r.ev.fd->raw, "<NA>");
	rig_leave(&r);
	rig_done(&r);
}

static void enter_open(struct rig *r, const char *name, uint32_t flags)
{
	rig_begin(r, LNR_EV_SYSCALL_OPEN_E, 100);
	if (name)
		rig_str(r, LNR_P_SYSCALL_OPEN_E_name, name);
	rig_num(r, LNR_P_SYSCALL_OPEN_E_flags, flags);
	assert_false(rig_enter(r)); /* not for rules */
	rig_leave(r);
}

/* The copy made before the call wins; flags of the exit survive only from F_CREATED up. */
static void open_prefers_enter(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	enter_open(&r, "/etc/shadow", LNR_O_RDONLY);
	open_with(
		&r, 5, "/tmp/harmless", LNR_O_WRONLY | LNR_O_F_CREATED | LNR_FD_LOWER_LAYER, 0, 0);
	assert_name(r.ev.fd, "/etc/shadow");
	assert_blob(r.ev.fd->raw, "/etc/shadow");
	assert_int_equal(r.ev.fd->open_flags, LNR_O_RDONLY | LNR_O_F_CREATED | LNR_FD_LOWER_LAYER);
	assert_non_null(r.ev.enter);
	assert_int_equal(r.ev.enter->type, LNR_EV_SYSCALL_OPEN_E);
	rig_leave(&r);
	/* Used once. */
	open_with(&r, 5, "/tmp/next", LNR_O_WRONLY, 0, 0);
	assert_null(r.ev.enter);
	assert_name(r.ev.fd, "/tmp/next");
	rig_leave(&r);
	/* Not read by the probe. */
	enter_open(&r, "<NA>", LNR_O_RDONLY);
	open_with(&r, 5, "/tmp/exit", LNR_O_WRONLY, 0, 0);
	assert_name(r.ev.fd, "/tmp/exit");
	assert_int_equal(r.ev.fd->open_flags, LNR_O_WRONLY);
	rig_leave(&r);
	enter_open(&r, NULL, LNR_O_RDONLY);
	open_with(&r, 5, "/tmp/exit2", LNR_O_WRONLY, 0, 0);
	assert_null(r.ev.enter);
	assert_name(r.ev.fd, "/tmp/exit2");
	rig_leave(&r);
	/* Another call in between: what was stored belongs to nobody. */
	enter_open(&r, "/stale", LNR_O_RDONLY);
	rig_close(&r, 100, 5);
	open_with(&r, 5, "/tmp/exit3", LNR_O_WRONLY, 0, 0);
	assert_name(r.ev.fd, "/tmp/exit3");
	rig_leave(&r);
	/* Another kind of enter event in between: the pair is broken too. */
	enter_open(&r, "/stale", LNR_O_RDONLY);
	rig_begin(&r, LNR_EV_SIGNALDELIVER_E, 100);
	rig_num(&r, LNR_P_SIGNALDELIVER_E_sig, 9);
	assert_true(rig_enter(&r));
	rig_leave(&r);
	open_with(&r, 5, "/tmp/exit4", LNR_O_WRONLY, 0, 0);
	assert_name(r.ev.fd, "/tmp/exit4");
	rig_leave(&r);
	assert_true(rig_counter(&r, "n_stored_evts") == 4);
	assert_true(rig_counter(&r, "n_retrieved_evts") == 2);
	uint64_t drops = rig_counter(&r, "n_retrieve_evts_drops");
	assert_true(drops > 0);
	/* Where no enter event came, none is missing: the exit says what was passed. */
	open_with(&r, 5, "/tmp/exit5", LNR_O_WRONLY, 0, 0);
	assert_name(r.ev.fd, "/tmp/exit5");
	rig_leave(&r);
	assert_true(rig_counter(&r, "n_retrieve_evts_drops") == drops);
	rig_done(&r);
}

/*
 * The probe sends enter events for long paths only. The descriptor of an open that had one is not
 * that of a later one that failed; in captures it is, as in the reference.
 */
static void failed_after_enter(void **state)
{
	struct rig r;
	(void)state;
	for (int live = 0; live < 2; live++) {
		rig_init_opts(&r, (struct lnr_state_opts){.live = live, .host_root = "/nowhere"});
		assert_non_null(lnr_state_add_thread(r.st, 100, 100));
		enter_open(&r, "/long", LNR_O_RDONLY);
		open_with(&r, 5, "/long", LNR_O_RDONLY, 0, 0);
		assert_int_equal(r.ev.fdnum, 5);
		rig_leave(&r);
		open_with(&r, -2, "/missing", LNR_O_RDONLY, 0, 0);
		assert_int_equal(r.ev.fdnum, live ? -1 : 5);
		rig_leave(&r);
		rig_done(&r);
	}
}

static void stored_limits(void **state)
{
	static char name[5000];
	struct rig r;
	(void)state;
	rig_init_opts(&r, (struct lnr_state_opts){.max_threads = 2});
	rig_populate(&r);
	memset(name, 'n', sizeof(name) - 1);
	name[0] = '/';
	enter_open(&r, name, LNR_O_RDONLY); /* over 4096 bytes: not kept */
	assert_int_equal(rig_counter(&r, "n_stored_evts"), 0);
	/* No thread to keep it with. */
	rig_begin(&r, LNR_EV_SYSCALL_OPEN_E, 999);
	rig_str(&r, LNR_P_SYSCALL_OPEN_E_name, "/x");
	assert_false(rig_enter(&r));
	rig_leave(&r);
	assert_int_equal(rig_counter(&r, "n_store_evts_drops"), 1);
	rig_done(&r);
}

static void creat_call(void **state)
{
	static const struct {
		int layer;
		uint32_t want;
	} layers[] = {
		{0, 0},
		{LNR_FD_UPPER_LAYER_CREAT, LNR_FD_UPPER_LAYER},
		{LNR_FD_LOWER_LAYER_CREAT, LNR_FD_LOWER_LAYER},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(layers); i++) {
		rig_begin(&r, LNR_EV_SYSCALL_CREAT_X, 100);
		rig_num(&r, LNR_P_SYSCALL_CREAT_X_fd, 5);
		rig_str(&r, LNR_P_SYSCALL_CREAT_X_name, "new");
		rig_num(&r, LNR_P_SYSCALL_CREAT_X_dev, 1);
		rig_num(&r, LNR_P_SYSCALL_CREAT_X_ino, 2);
		rig_num(&r, LNR_P_SYSCALL_CREAT_X_creat_flags, layers[i].layer);
		rig_enter(&r);
		assert_name(r.ev.fd, "/srv/new");
		assert_int_equal(r.ev.fd->open_flags, layers[i].want);
		assert_int_equal(r.ev.fd->type, LNR_FD_FILE_V2);
		assert_int_equal(r.ev.fd->ino, 2);
		rig_leave(&r);
	}
	/* Enter copy; failure. */
	rig_begin(&r, LNR_EV_SYSCALL_CREAT_E, 100);
	rig_str(&r, LNR_P_SYSCALL_CREAT_E_name, "/seen");
	assert_false(rig_enter(&r));
	rig_leave(&r);
	rig_begin(&r, LNR_EV_SYSCALL_CREAT_X, 100);
	rig_num(&r, LNR_P_SYSCALL_CREAT_X_fd, 6);
	rig_str(&r, LNR_P_SYSCALL_CREAT_X_name, "/rewritten");
	rig_step(&r);
	assert_name(rig_fd(&r, 100, 6), "/seen");
	rig_begin(&r, LNR_EV_SYSCALL_CREAT_X, 100);
	rig_num(&r, LNR_P_SYSCALL_CREAT_X_fd, -13);
	rig_str(&r, LNR_P_SYSCALL_CREAT_X_name, "/no");
	rig_enter(&r);
	assert_null(r.ev.fd);
	rig_leave(&r);
	rig_done(&r);
}

static void openat_with(
	struct rig *r, unsigned type, int64_t res, int64_t dirfd, const char *name, uint32_t flags)
{
	bool v2 = type == LNR_EV_SYSCALL_OPENAT2_X;
	rig_begin(r, type, 100);
	rig_num(r, LNR_P_SYSCALL_OPENAT_2_X_fd, res);
	if (dirfd != INT64_MIN)
		rig_num(r, LNR_P_SYSCALL_OPENAT_2_X_dirfd, dirfd);
	if (name)
		rig_str(r, LNR_P_SYSCALL_OPENAT_2_X_name, name);
	rig_num(r, LNR_P_SYSCALL_OPENAT_2_X_flags, flags);
	rig_num(r, v2 ? LNR_P_SYSCALL_OPENAT2_X_dev : LNR_P_SYSCALL_OPENAT_2_X_dev, 0x700);
	rig_num(r, v2 ? LNR_P_SYSCALL_OPENAT2_X_ino : LNR_P_SYSCALL_OPENAT_2_X_ino, 99);
	rig_enter(r);
}

static void openat_calls(void **state)
{
	static const unsigned types[] = {LNR_EV_SYSCALL_OPENAT_2_X, LNR_EV_SYSCALL_OPENAT2_X};
	static const struct {
		int64_t dirfd;
		const char *name, *want;
	} cases[] = {
		{LNR_AT_FDCWD, "f", "/srv/f"},
		{LNR_AT_FDCWD, "../f", "/f"},
		{7, "f", "/srv/dir/f"},
		{7, "../f", "/srv/f"},
		{7, "/abs", "/abs"},
		{8, "f", "/f"}, /* a directory whose name ends in '/' already */
		{99, "f", "<UNKNOWN>f"},
		{99, "/abs", "/abs"},
		{-1, "f", "<UNKNOWN>f"},
		{INT64_MIN, "f", "f"}, /* absent */
		{LNR_AT_FDCWD, NULL, "/srv/<NA>"},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_openat(&r, 100, 7, "/srv/dir");
	rig_openat(&r, 100, 8, "/");
	for (size_t k = 0; k < LNR_ARRAY_SIZE(types); k++) {
		for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
			openat_with(&r, types[k], 9, cases[i].dirfd, cases[i].name, LNR_O_RDONLY);
			assert_name(r.ev.fd, cases[i].want);
			assert_int_equal(r.ev.fd->dev, 0x700);
			assert_int_equal(r.ev.fd->ino, 99);
			rig_leave(&r);
		}
		openat_with(&r, types[k], -2, 7, "f", LNR_O_RDONLY);
		assert_null(r.ev.fd);
		assert_int_equal(r.ev.res, -2);
		rig_leave(&r);
		/* Enter copy: name, directory and flags come together. */
		unsigned enter = types[k] - 1;
		rig_begin(&r, enter, 100);
		rig_num(&r, LNR_P_SYSCALL_OPENAT_2_E_dirfd, 7);
		rig_str(&r, LNR_P_SYSCALL_OPENAT_2_E_name, "secret");
		rig_num(&r, LNR_P_SYSCALL_OPENAT_2_E_flags, LNR_O_RDWR | LNR_O_DIRECTORY);
		assert_false(rig_enter(&r));
		rig_leave(&r);
		openat_with(&r, types[k], 9, LNR_AT_FDCWD, "fake", LNR_O_WRONLY | LNR_O_F_CREATED);
		assert_name(r.ev.fd, "/srv/dir/secret");
		assert_int_equal(r.ev.fd->type, LNR_FD_DIRECTORY);
		assert_int_equal(
			r.ev.fd->open_flags, LNR_O_RDWR | LNR_O_DIRECTORY | LNR_O_F_CREATED);
		rig_leave(&r);
	}
	rig_done(&r);
}

/* A device without an inode, as producers once told. */
static void device_alone(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_begin(&r, LNR_EV_SYSCALL_OPENAT_2_X, 100);
	rig_num(&r, LNR_P_SYSCALL_OPENAT_2_X_fd, 5);
	rig_num(&r, LNR_P_SYSCALL_OPENAT_2_X_dirfd, LNR_AT_FDCWD);
	rig_str(&r, LNR_P_SYSCALL_OPENAT_2_X_name, "x");
	rig_num(&r, LNR_P_SYSCALL_OPENAT_2_X_dev, 0x801);
	rig_step(&r);
	assert_int_equal(rig_fd(&r, 100, 5)->dev, 0);
	rig_begin(&r, LNR_EV_SYSCALL_OPEN_X, 100);
	rig_num(&r, LNR_P_SYSCALL_OPEN_X_fd, 6);
	rig_str(&r, LNR_P_SYSCALL_OPEN_X_name, "x");
	rig_num(&r, LNR_P_SYSCALL_OPEN_X_dev, 0x801);
	rig_step(&r);
	assert_int_equal(rig_fd(&r, 100, 6)->dev, 0x801);
	rig_done(&r);
}

/* A call whose enter event is of an earlier one of the same kind keeps the descriptor it finds. */
static void stale_descriptor(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_openat(&r, 100, -2, "none");
	rig_close_enter(&r, 100, 2, 0);
	rig_leave(&r);
	/* No enter event at all: forgotten. */
	rig_openat_enter(&r, 100, -2, "none");
	assert_int_equal(r.ev.fdnum, -1);
	rig_leave(&r);
	rig_begin(&r, LNR_EV_SYSCALL_OPENAT_2_E, 100);
	rig_num(&r, LNR_P_SYSCALL_OPENAT_2_E_dirfd, LNR_AT_FDCWD);
	rig_str(&r, LNR_P_SYSCALL_OPENAT_2_E_name, "none");
	rig_step(&r);
	rig_openat(&r, 100, -2, "none");
	rig_close(&r, 100, 1);
	rig_openat_enter(&r, 100, -2, "none");
	assert_int_equal(r.ev.fdnum, 1);
	rig_leave(&r);
	/* Another kind of call comes between. */
	rig_begin(&r, LNR_EV_SYSCALL_CREAT_X, 100);
	rig_num(&r, LNR_P_SYSCALL_CREAT_X_fd, -13);
	rig_enter(&r);
	assert_int_equal(r.ev.fdnum, -1);
	rig_leave(&r);
	rig_done(&r);
}

static void open_by_handle(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (int ok = 1; ok >= 0; ok--) {
		rig_begin(&r, LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X, 100);
		rig_num(&r, LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_fd, ok ? 5 : -116);
		rig_num(&r, LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_mountfd, 3);
		rig_num(&r, LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_flags, LNR_O_RDONLY);
		if (ok)
			rig_str(&r, LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_path, "/mnt/x");
		rig_num(&r, LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_dev, 8);
		rig_num(&r, LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_ino, 9);
		rig_enter(&r);
		if (ok) {
			assert_name(r.ev.fd, "/mnt/x");
			assert_int_equal(r.ev.fd->ino, 9);
		} else {
			assert_null(r.ev.fd);
		}
		rig_leave(&r);
	}
	rig_done(&r);
}

/* Descriptors that events only use (spec 7.2). */
/* reason: one step after the other on one process */
static void used_descriptors(void **state)
{
	static const struct {
		unsigned type, param;
	} uses[] = {
		{LNR_EV_SYSCALL_READ_X, LNR_P_SYSCALL_READ_X_fd},
		{LNR_EV_SYSCALL_WRITE_X, LNR_P_SYSCALL_WRITE_X_fd},
		{LNR_EV_SYSCALL_READV_X, LNR_P_SYSCALL_READV_X_fd},
		{LNR_EV_SYSCALL_WRITEV_X, LNR_P_SYSCALL_WRITEV_X_fd},
		{LNR_EV_SYSCALL_PREAD_X, LNR_P_SYSCALL_PREAD_X_fd},
		{LNR_EV_SYSCALL_PWRITE_X, LNR_P_SYSCALL_PWRITE_X_fd},
		{LNR_EV_SYSCALL_PREADV_X, LNR_P_SYSCALL_PREADV_X_fd},
		{LNR_EV_SYSCALL_PWRITEV_X, LNR_P_SYSCALL_PWRITEV_X_fd},
		{LNR_EV_SYSCALL_FSTAT_X, LNR_P_SYSCALL_FSTAT_X_fd},
		{LNR_EV_SYSCALL_LSEEK_X, LNR_P_SYSCALL_LSEEK_X_fd},
		{LNR_EV_SYSCALL_LLSEEK_X, LNR_P_SYSCALL_LLSEEK_X_fd},
		{LNR_EV_SYSCALL_IOCTL_3_X, LNR_P_SYSCALL_IOCTL_3_X_fd},
		{LNR_EV_SYSCALL_MMAP_X, LNR_P_SYSCALL_MMAP_X_fd},
		{LNR_EV_SYSCALL_MMAP2_X, LNR_P_SYSCALL_MMAP2_X_fd},
		{LNR_EV_SYSCALL_GETDENTS_X, LNR_P_SYSCALL_GETDENTS_X_fd},
		{LNR_EV_SYSCALL_GETDENTS64_X, LNR_P_SYSCALL_GETDENTS64_X_fd},
		{LNR_EV_SYSCALL_FLOCK_X, LNR_P_SYSCALL_FLOCK_X_fd},
		{LNR_EV_SYSCALL_SETNS_X, LNR_P_SYSCALL_SETNS_X_fd},
		{LNR_EV_SYSCALL_FCHMOD_X, LNR_P_SYSCALL_FCHMOD_X_fd},
		{LNR_EV_SYSCALL_FCHOWN_X, LNR_P_SYSCALL_FCHOWN_X_fd},
		{LNR_EV_SYSCALL_SENDFILE_X, LNR_P_SYSCALL_SENDFILE_X_out_fd},
		{LNR_EV_SYSCALL_SPLICE_X, LNR_P_SYSCALL_SPLICE_X_fd_out},
		{LNR_EV_SYSCALL_COPY_FILE_RANGE_X, LNR_P_SYSCALL_COPY_FILE_RANGE_X_fdout},
		{LNR_EV_SYSCALL_NEWFSTATAT_X, LNR_P_SYSCALL_NEWFSTATAT_X_dirfd},
		{LNR_EV_SYSCALL_FCHOWNAT_X, LNR_P_SYSCALL_FCHOWNAT_X_dirfd},
		{LNR_EV_SYSCALL_FCHMODAT_X, LNR_P_SYSCALL_FCHMODAT_X_dirfd},
		{LNR_EV_SYSCALL_MKDIRAT_X, LNR_P_SYSCALL_MKDIRAT_X_dirfd},
		{LNR_EV_SYSCALL_UNLINKAT_2_X, LNR_P_SYSCALL_UNLINKAT_2_X_dirfd},
		{LNR_EV_SYSCALL_MKNODAT_X, LNR_P_SYSCALL_MKNODAT_X_dirfd},
		{LNR_EV_SYSCALL_SYMLINKAT_X, LNR_P_SYSCALL_SYMLINKAT_X_linkdirfd},
		{LNR_EV_SYSCALL_IO_URING_ENTER_X, LNR_P_SYSCALL_IO_URING_ENTER_X_fd},
		{LNR_EV_SYSCALL_IO_URING_REGISTER_X, LNR_P_SYSCALL_IO_URING_REGISTER_X_fd},
		{LNR_EV_SYSCALL_FSCONFIG_X, LNR_P_SYSCALL_FSCONFIG_X_fd},
		{LNR_EV_SYSCALL_FINIT_MODULE_X, LNR_P_SYSCALL_FINIT_MODULE_X_fd},
		{LNR_EV_SOCKET_LISTEN_X, LNR_P_SOCKET_LISTEN_X_fd},
		{LNR_EV_SOCKET_SHUTDOWN_X, LNR_P_SOCKET_SHUTDOWN_X_fd},
		{LNR_EV_SOCKET_SETSOCKOPT_X, LNR_P_SOCKET_SETSOCKOPT_X_fd},
		{LNR_EV_SOCKET_GETSOCKOPT_X, LNR_P_SOCKET_GETSOCKOPT_X_fd},
		{LNR_EV_SYSCALL_CLOSE_X, LNR_P_SYSCALL_CLOSE_X_fd},
		{LNR_EV_SYSCALL_FCHDIR_X, LNR_P_SYSCALL_FCHDIR_X_fd},
		{LNR_EV_SYSCALL_FCNTL_X, LNR_P_SYSCALL_FCNTL_X_fd},
		{LNR_EV_SYSCALL_DUP_1_X, LNR_P_SYSCALL_DUP_1_X_oldfd},
		{LNR_EV_SYSCALL_DUP2_X, LNR_P_SYSCALL_DUP2_X_oldfd},
		{LNR_EV_SYSCALL_DUP3_X, LNR_P_SYSCALL_DUP3_X_oldfd},
		{LNR_EV_SOCKET_BIND_X, LNR_P_SOCKET_BIND_X_fd},
		{LNR_EV_SOCKET_CONNECT_X, LNR_P_SOCKET_CONNECT_X_fd},
		{LNR_EV_SOCKET_SEND_X, LNR_P_SOCKET_SEND_X_fd},
		{LNR_EV_SOCKET_SENDTO_X, LNR_P_SOCKET_SENDTO_X_fd},
		{LNR_EV_SOCKET_SENDMSG_X, LNR_P_SOCKET_SENDMSG_X_fd},
		{LNR_EV_SOCKET_SENDMMSG_X, LNR_P_SOCKET_SENDMMSG_X_fd},
		{LNR_EV_SOCKET_RECV_X, LNR_P_SOCKET_RECV_X_fd},
		{LNR_EV_SOCKET_RECVFROM_X, LNR_P_SOCKET_RECVFROM_X_fd},
		{LNR_EV_SOCKET_RECVMSG_X, LNR_P_SOCKET_RECVMSG_X_fd},
		{LNR_EV_SOCKET_RECVMMSG_X, LNR_P_SOCKET_RECVMMSG_X_fd},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(uses); i++) {
		/* A failing call, so that nothing changes. */
		rig_begin(&r, uses[i].type, 100);
		rig_num(&r, 0, -1);
		rig_num(&r, uses[i].param, 2);
		assert_true(rig_enter(&r));
		assert_ptr_equal(r.ev.fd, rig_fd(&r, 100, 2));
		assert_int_equal(r.ev.fdnum, 2);
		assert_true(r.ev.has_fdnum);
		rig_leave(&r);
		/* An unknown descriptor: seen all the same. */
		rig_begin(&r, uses[i].type, 100);
		rig_num(&r, 0, -1);
		rig_num(&r, uses[i].param, 55);
		assert_true(rig_enter(&r));
		assert_null(r.ev.fd);
		assert_int_equal(r.ev.fdnum, 55);
		rig_leave(&r);
		/* Left out by an old producer. */
		rig_begin(&r, uses[i].type, 100);
		rig_num(&r, 0, -1);
		assert_true(rig_enter(&r));
		assert_null(r.ev.fd);
		assert_int_equal(r.ev.fdnum, -1);
		rig_leave(&r);
	}
	/* Every event that uses a descriptor stands above, or has none to name. */
	for (unsigned type = 0; type < LNR_EVENT_COUNT; type++) {
		const struct lnr_event_info *info = lnr_event_info(type);
		bool tested = !(type & 1) || info->flags & LNR_EF_OLD_VERSION ||
			      !(info->flags & LNR_EF_USES_FD);
		for (size_t i = 0; i < LNR_ARRAY_SIZE(uses) && !tested; i++)
			tested = uses[i].type == type;
		if (!tested)
			fail_msg("%s is not tested", info->enum_name);
	}
	rig_done(&r);
}

/* Events without a descriptor forget the one before; the leave remembers the event. */
static void last_event(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	r.cpu = 3;
	rig_openat(&r, 100, 5, "x");
	struct lnr_thread *t = rig_thread(&r, 100);
	assert_int_equal(t->last_fd, 5);
	assert_int_equal(t->last_event_type, LNR_EV_SYSCALL_OPENAT_2_X);
	assert_int_equal(t->last_event_cpu, 3);
	assert_int_equal(t->last_event_ts, r.ts - 1000);
	assert_true(t->flags & LNR_TF_ACTIVE);
	rig_begin(&r, LNR_EV_SYSCALL_MKDIR_2_X, 100);
	rig_num(&r, LNR_P_SYSCALL_MKDIR_2_X_res, 0);
	rig_enter(&r);
	assert_false(r.ev.has_fdnum);
	assert_int_equal(t->last_fd, -1);
	rig_leave(&r);
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_call),
		cmocka_unit_test(open_prefers_enter),
		cmocka_unit_test(failed_after_enter),
		cmocka_unit_test(stored_limits),
		cmocka_unit_test(creat_call),
		cmocka_unit_test(openat_calls),
		cmocka_unit_test(device_alone),
		cmocka_unit_test(stale_descriptor),
		cmocka_unit_test(open_by_handle),
		cmocka_unit_test(used_descriptors),
		cmocka_unit_test(last_event),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
