/* SPDX-License-Identifier: Apache-2.0 */
/* fs.path.*: the paths of file system calls, and fdlist.*. */
#include "fixture.h"

static const char *const names[] = {"fs.path.name", "fs.path.nameraw", "fs.path.source",
	"fs.path.sourceraw", "fs.path.target", "fs.path.targetraw"};

/* NULL = absent. */
static void want_paths(struct fx *f, const char *const want_[6], const char *what)
{
	for (int i = 0; i < 6; i++)
		lnr_test_assert_bytes(fx_text(f, names[i]),
			lnr_str_c(want_[i] ? want_[i] : "(absent)"), what, names[i], 0);
}

/* Parameters in order: 'r' the result, 'd' a directory descriptor, 'p' a path, 'u' 32 bits. */
struct call {
	unsigned type;
	const char *form;
	const char *path[2];
	int64_t dir[2];
	const char *want[6];
};

static void run(struct fx *f, const struct call *c, int64_t result, int64_t dir_fd)
{
	int path = 0, dir = 0;

	fx_begin(f, c->type, 400);
	for (const char *p = c->form; *p; p++) {
		if (*p == 'r')
			lnr_record_u64(&f->b, (uint64_t)result);
		else if (*p == 'd')
			lnr_record_u64(&f->b, (uint64_t)c->dir[dir++]);
		else if (*p == 'p')
			lnr_record_str(&f->b, c->path[path++]);
		else
			lnr_record_u32(&f->b, 0);
	}
	fx_end(f);
	if (dir_fd >= 0)
		fx_use_fd(f, dir_fd);
}

#define CWD LNR_AT_FDCWD

static void test_one_path(void **state)
{
	static const struct call calls[] = {
		{LNR_EV_SYSCALL_MKDIR_2_X, "rp", {"a/./b"}, {0}, {"/srv/dir/a/b", "a/./b"}},
		{LNR_EV_SYSCALL_RMDIR_2_X, "rp", {"/x//y/"}, {0}, {"/x/y", "/x//y/"}},
		{LNR_EV_SYSCALL_UNLINK_2_X, "rp", {"../u"}, {0}, {"/srv/u", "../u"}},
		{LNR_EV_SYSCALL_CHMOD_X, "rp", {"c"}, {0}, {"/srv/dir/c", "c"}},
		{LNR_EV_SYSCALL_CHOWN_X, "rp", {"c"}, {0}, {"/srv/dir/c", "c"}},
		{LNR_EV_SYSCALL_LCHOWN_X, "rp", {"c"}, {0}, {"/srv/dir/c", "c"}},
		{LNR_EV_SYSCALL_QUOTACTL_X, "rp", {"/dev/sda"}, {0}, {"/dev/sda", "/dev/sda"}},
		{LNR_EV_SYSCALL_QUOTACTL_X, "rp", {NULL}, {0}, {"/srv/dir/<NA>", "<NA>"}},
		{LNR_EV_SYSCALL_UMOUNT_1_X, "rp", {"m"}, {0}, {"/srv/dir/m", "m"}},
		{LNR_EV_SYSCALL_UMOUNT2_X, "rp", {"m"}, {0}, {"/srv/dir/m", "m"}},
	};
	static const char *const nothing[6] = {NULL};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(calls); i++) {
		const char *what = lnr_event_info(calls[i].type)->name;
		run(f, &calls[i], 0, -1);
		want_paths(f, calls[i].want, what);
		run(f, &calls[i], -2, -1);
		want_paths(f, nothing, what);
		run(f, &calls[i], 1, -1);
		want_paths(f, nothing, what);
	}
}

static void test_directory_descriptor(void **state)
{
	static const struct call calls[] = {
		{LNR_EV_SYSCALL_MKDIRAT_X, "rdp", {"n"}, {7}, {"/base/n", "n"}},
		{LNR_EV_SYSCALL_UNLINKAT_2_X, "rdp", {"n"}, {7}, {"/base/n", "n"}},
		{LNR_EV_SYSCALL_FCHMODAT_X, "rdp", {"n"}, {7}, {"/base/n", "n"}},
		{LNR_EV_SYSCALL_FCHOWNAT_X, "rdp", {"n"}, {7}, {"/base/n", "n"}},
		{LNR_EV_SYSCALL_FCHOWNAT_X, "rdp", {""}, {7}, {"", ""}},
		{LNR_EV_SYSCALL_FCHOWNAT_X, "rdp", {"/n"}, {7}, {"/n", "/n"}},
	};
	static const char *const unknown[6] = {"<UNKNOWN>n", "n"};
	struct fx *f = *state;

	fx_fd(f, 400, 7, LNR_FD_DIRECTORY, "/base");
	fx_fd(f, 400, 8, LNR_FD_FILE_V2, "/file");
	for (size_t i = 0; i < LNR_ARRAY_SIZE(calls); i++) {
		run(f, &calls[i], 0, 7);
		want_paths(f, calls[i].want, lnr_event_info(calls[i].type)->name);
	}
	for (size_t i = 0; i < 4; i++) {
		run(f, &calls[i], 0, 8); /* not a directory */
		want_paths(f, unknown, "file");
		run(f, &calls[i], 0, -1); /* the working directory is no descriptor */
		want_paths(f, unknown, "none");
	}
}

static void test_opens(void **state)
{
	struct fx *f = *state;
	struct call c = {LNR_EV_SYSCALL_OPEN_X, "rp", {"o"}, {0}, {NULL}};

	fx_fd(f, 400, 5, LNR_FD_FILE_V2, "/real/o");
	/* Only -1 counts as a failure. */
	run(f, &c, 5, 5);
	want_paths(f, (const char *[6]){"/srv/dir/o", "o"}, "open");
	run(f, &c, -2, -1);
	want_paths(f, (const char *[6]){"/srv/dir/o", "o"}, "open failed");
	run(f, &c, -1, -1);
	want_paths(f, (const char *[6]){NULL}, "open -1");

	static const unsigned at[] = {LNR_EV_SYSCALL_OPENAT_2_X, LNR_EV_SYSCALL_OPENAT2_X};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(at); i++) {
		c = (struct call){at[i], "rdp", {"o"}, {CWD}, {NULL}};
		run(f, &c, 5, 5);
		want_paths(f, (const char *[6]){"/real/o", "o"}, "openat");
		run(f, &c, -2, -1);
		want_paths(f, (const char *[6]){"<UNKNOWN>", "o"}, "openat failed");
		c.path[0] = "";
		run(f, &c, -2, -1);
		want_paths(f, (const char *[6]){"<UNKNOWN>", ""}, "openat of nothing failed");
		c.path[0] = "/a/../b";
		run(f, &c, -2, -1);
		want_paths(f, (const char *[6]){"/b", "/a/../b"}, "openat absolute");
		run(f, &c, -1, -1);
		want_paths(f, (const char *[6]){NULL}, "openat -1");
	}
}

static void test_by_descriptor(void **state)
{
	static const unsigned types[] = {LNR_EV_SYSCALL_FCHMOD_X, LNR_EV_SYSCALL_FCHOWN_X};
	struct fx *f = *state;

	fx_fd(f, 400, 5, LNR_FD_FILE_V2, "/real/o");
	fx_fd(f, 400, 6, LNR_FD_FIFO, NULL);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		struct call c = {types[i], "rd", {NULL}, {5}, {NULL}};
		run(f, &c, 0, 5);
		want_paths(f, (const char *[6]){"/real/o", "/real/o"}, "file");
		run(f, &c, 0, 6);
		want_paths(f, (const char *[6]){"", ""}, "pipe");
		run(f, &c, 0, 99);
		want_paths(f, (const char *[6]){"", ""}, "unknown");
		run(f, &c, -1, 5);
		want_paths(f, (const char *[6]){NULL}, "failed");
	}
}

static void test_two_paths(void **state)
{
	static const struct call calls[] = {
		{LNR_EV_SYSCALL_RENAME_X, "rpp", {"old", "/new"}, {0},
			{NULL, NULL, "/srv/dir/old", "old", "/new", "/new"}},
		/* The working directory stands in for either descriptor, as in the reference. */
		{LNR_EV_SYSCALL_RENAMEAT_X, "rdpdp", {"old", "new"}, {7, CWD},
			{NULL, NULL, "/srv/dir/old", "old", "/srv/dir/new", "new"}},
		{LNR_EV_SYSCALL_RENAMEAT2_X, "rdpdp", {"old", "new"}, {7, CWD},
			{NULL, NULL, "/base/old", "old", "/srv/dir/new", "new"}},
		{LNR_EV_SYSCALL_RENAMEAT2_X, "rdpdp", {"old", "new"}, {99, 7},
			{NULL, NULL, "<UNKNOWN>old", "old", "/base/new", "new"}},
		/* A link's source is the new name. */
		{LNR_EV_SYSCALL_LINK_2_X, "rpp", {"old", "new"}, {0},
			{NULL, NULL, "/srv/dir/new", "new", "/srv/dir/old", "old"}},
		{LNR_EV_SYSCALL_LINKAT_2_X, "rdpdp", {"", "new"}, {7, 7},
			{NULL, NULL, "/srv/dir/new", "new", "", ""}},
		{LNR_EV_SYSCALL_SYMLINK_X, "rpp", {"to", "link"}, {0},
			{NULL, NULL, "/srv/dir/link", "link", "/srv/dir/to", "to"}},
		{LNR_EV_SYSCALL_SYMLINKAT_X, "rpdp", {"to", "link"}, {7},
			{NULL, NULL, "/base/link", "link", "<UNKNOWN>to", "to"}},
		{LNR_EV_SYSCALL_MOUNT_X, "rpp", {"/dev/sdb", "mnt"}, {0},
			{NULL, NULL, "/dev/sdb", "/dev/sdb", "/srv/dir/mnt", "mnt"}},
	};
	struct fx *f = *state;

	fx_fd(f, 400, 7, LNR_FD_DIRECTORY, "/base");
	for (size_t i = 0; i < LNR_ARRAY_SIZE(calls); i++) {
		const char *what = lnr_event_info(calls[i].type)->name;
		run(f, &calls[i], 0, 7);
		want_paths(f, calls[i].want, what);
		run(f, &calls[i], -1, 7);
		want_paths(f, (const char *[6]){NULL}, what);
	}
	/* Without a thread there is nothing to resolve with. */
	run(f, &calls[0], 0, -1);
	f->ev.thread = NULL;
	want_paths(f, (const char *[6]){NULL, NULL, NULL, "old", NULL, "/new"}, "no thread");
}

static void test_other_calls(void **state)
{
	static const unsigned types[] = {LNR_EV_SYSCALL_CREAT_X, LNR_EV_SYSCALL_MKNOD_X,
		LNR_EV_SYSCALL_MKNODAT_X, LNR_EV_SYSCALL_STAT_X, LNR_EV_SYSCALL_CHDIR_X,
		LNR_EV_SYSCALL_EXECVE_19_X, LNR_EV_SYSCALL_OPENAT_2_E};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		fx_event_res(f, types[i], 400, 0);
		want_paths(f, (const char *[6]){NULL}, lnr_event_info(types[i])->name);
	}
	/* A record that ends before its result. */
	fx_begin_n(f, LNR_EV_SYSCALL_MKDIR_2_X, 400, 0);
	fx_end(f);
	want_paths(f, (const char *[6]){NULL}, "short");
}

/* --- fdlist.* --- */

static void poll_event(struct fx *f, unsigned type, const int64_t *fds, uint16_t n)
{
	uint8_t list[2 + 8 * 10];

	memcpy(list, &n, 2);
	for (int i = 0; i < n; i++) {
		memcpy(list + 2 + i * 10, &fds[i], 8);
		memset(list + 10 + i * 10, 0, 2);
	}
	fx_begin(f, type, 400);
	lnr_record_u64(&f->b, 1);
	lnr_record_bytes(&f->b, list, 2 + n * 10u);
	fx_end(f);
}

static void test_polled(void **state)
{
	static const int64_t fds[] = {3, 99, 4, 5, 6, -1};
	struct fx *f = *state;
	struct lnr_fd *fd;

	fx_fd(f, 400, 3, LNR_FD_FILE_V2, "/x");
	fd = fx_fd(f, 400, 4, LNR_FD_IPV4_SOCK, "a->b");
	fd->sip = fx_ip4(10, 0, 0, 1);
	fd->dip = fx_ip4(10, 0, 0, 2);
	fd->sport = 1000;
	fd->dport = 80;
	fd = fx_fd(f, 400, 5, LNR_FD_IPV6_SOCK, NULL);
	fd->sip = fd->dip = (struct lnr_ip){LNR_AF_INET6, {[15] = 1}};
	fd->sport = 7;
	fd = fx_fd(f, 400, 6, LNR_FD_IPV4_SERVSOCK, "0.0.0.0:22");
	fd->sip = fx_ip4(0, 0, 0, 0);
	fd->sport = 22;
	for (int i = 0; i < 2; i++) {
		poll_event(f, i ? LNR_EV_SYSCALL_PPOLL_X : LNR_EV_SYSCALL_POLL_X, fds, 6);
		want_rows(f, {"fdlist.nums", "3,99,4,5,6,-1"},
			{"fdlist.names", "/x,<NA>,a->b,<NA>,0.0.0.0:22,<NA>"},
			{"fdlist.cips", "10.0.0.1,::1"}, {"fdlist.sips", "10.0.0.2,::1,0.0.0.0"},
			{"fdlist.cports", "1000,7"}, {"fdlist.sports", "80,0"});
	}
	poll_event(f, LNR_EV_SYSCALL_POLL_X, fds, 2);
	absent(f, "fdlist.cips");
	absent(f, "fdlist.sports");
	poll_event(f, LNR_EV_SYSCALL_POLL_X, fds, 0);
	absent(f, "fdlist.nums");
	poll_event(f, LNR_EV_SYSCALL_POLL_X, fds, 1);
	f->ev.thread = NULL;
	absent(f, "fdlist.nums");
	fx_event_res(f, LNR_EV_SYSCALL_SELECT_X, 400, 1);
	absent(f, "fdlist.nums");
	fx_event_res(f, LNR_EV_SYSCALL_POLL_X, 400, 1);
	absent(f, "fdlist.names");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FX_TEST(test_one_path),
		FX_TEST(test_directory_descriptor),
		FX_TEST(test_opens),
		FX_TEST(test_by_descriptor),
		FX_TEST(test_two_paths),
		FX_TEST(test_other_calls),
		FX_TEST(test_polled),
	};

	return cmocka_run_group_tests_name("fields/fs_path", tests, NULL, NULL);
}
