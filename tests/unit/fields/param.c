/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters as text: evt.arg, evt.args, evt.rawarg, evt.buffer, evt.abspath. */
#include "fixture.h"
#include "schema/limits.h"

/* One parameter of the event at hand: plain text, and resolved text or NULL. */
#define want_param(f, i, plain, resolved) check_param((f), (i), (plain), (resolved), __LINE__)
static void check_param(struct fx *f, unsigned i, const char *plain, const char *resolved, int line)
{
	struct lnr_str p, r;

	lnr_param_render(&f->ctx, i, &p, &r);
	lnr_test_assert_bytes(p, lnr_str_c(plain), "plain", __FILE__, line);
	lnr_test_assert_bytes(r, lnr_str_c(resolved ? resolved : ""), "resolved", __FILE__, line);
}

static void test_execve(void **state)
{
	struct fx *f = *state;
	unsigned n = 0;

	fx_begin(f, LNR_EV_SYSCALL_EXECVE_19_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_str(&f->b, "./app");
	lnr_record_bytes(&f->b, "-x\0two words\0", 13);
	lnr_record_u64(&f->b, 400);
	lnr_record_u64(&f->b, 400);
	lnr_record_u64(&f->b, 300);
	lnr_record_empty(&f->b); /* cwd */
	for (int i = 0; i < 3; i++)
		lnr_record_u64(&f->b, 1024);
	for (int i = 0; i < 3; i++)
		lnr_record_u32(&f->b, 77);
	lnr_record_str(&f->b, "app");
	lnr_record_bytes(&f->b, "cpu=/a\0", 7);
	lnr_record_empty(&f->b); /* env */
	lnr_record_u32(&f->b, 0);
	lnr_record_u64(&f->b, 9999); /* no such process */
	lnr_record_u32(&f->b, UINT32_MAX);
	lnr_record_u32(&f->b, LNR_EXE_WRITABLE);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, 0x1ffffffffff);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, 22);
	lnr_record_u64(&f->b, FX_TS);
	lnr_record_u64(&f->b, FX_TS);
	lnr_record_u32(&f->b, 1000);
	lnr_record_str(&f->b, "/srv/dir/app");
	lnr_record_u64(&f->b, 300);
	lnr_record_u32(&f->b, 4242);
	lnr_record_str(&f->b, "app");
	fx_end(f);
	n = LNR_P_SYSCALL_EXECVE_19_X_res;
	want_param(f, n, "0", NULL);
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_exe, "./app", NULL);
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_args, "-x.two words.", NULL);
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_tid, "400", "app");
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_ptid, "300", "sh");
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_cwd, "<NA>", NULL);
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_fdlimit, "1024", NULL);
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_env, "NULL", NULL);
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_vpgid, "9999", NULL);
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_loginuid, "-1", "<NONE>");
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_flags, "1", "EXE_WRITABLE");
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_cap_permitted, "1FFFFFFFFFF", NULL);
	want_param(
		f, LNR_P_SYSCALL_EXECVE_19_X_exe_ino_ctime, "2023-11-14 22:13:20.123456789", NULL);
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_uid, "1000", "alice");
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_trusted_exepath, "/srv/dir/app", NULL);
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_pgid, "300", "sh");
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_gid, "4242", "<NA>");
	want_param(f, LNR_P_SYSCALL_EXECVE_19_X_filename, "app", "/srv/dir/app");
	want_rows(f, {"evt.arg.uid", "alice"}, {"evt.arg.loginuid", "<NONE>"},
		{"evt.arg.filename", "/srv/dir/app"}, {"evt.arg[0]", "0"}, {"evt.arg[3]", "app"},
		{"evt.arg.args", "-x.two words."}, {"evt.rawarg.uid", "1000"},
		{"evt.rawarg.pgid", "300"}, {"evt.rawarg.args", "-x.two words."},
		{"evt.rawarg.cwd", "<NA>"}, {"evt.rawarg.env", ""});
	want_json(f, "evt.rawarg.uid", "1000");
	want_json(f, "evt.rawarg.pgid", "\"300\"");
	want_json(f, "evt.rawarg.flags", "\"1\"");
	want_json(f, "evt.rawarg.env", "\"\"");
	want_value(f, "evt.rawarg.env", "(absent)");
	want_value(f, "evt.rawarg.cwd", "<NA>");
	absent(f, "evt.arg.fd");
	absent(f, "evt.rawarg.fd");
	absent(f, "evt.arg[31]");
	absent(f, "evt.arg[-1]");
	absent(f, "evt.arg[-2]");
	absent(f, "evt.buffer");
}

static void test_whole_line(void **state)
{
	struct fx *f = *state;

	fx_fd(f, 400, 3, LNR_FD_FILE_V2, "/etc/passwd");
	fx_begin(f, LNR_EV_SYSCALL_OPENAT_2_X, 400);
	lnr_record_u64(&f->b, 3);
	lnr_record_u64(&f->b, (uint64_t)LNR_AT_FDCWD);
	lnr_record_str(&f->b, "x/../y");
	lnr_record_u32(&f->b, LNR_O_RDONLY | LNR_O_CLOEXEC);
	lnr_record_u32(&f->b, 0644);
	lnr_record_u32(&f->b, 0xfe00);
	lnr_record_empty(&f->b);
	fx_end(f);
	const char *line = "fd=3(<f>/etc/passwd) dirfd=-100(AT_FDCWD) name=x/../y(/srv/dir/y) "
			   "flags=4097(O_RDONLY|O_CLOEXEC) mode=0644 dev=FE00 ino=<NA>";
	want(f, "evt.args", line);
	want(f, "evt.info", line);
	want_rows(f, {"evt.rawarg.flags", "1001"}, {"evt.rawarg.mode", "644"},
		{"evt.rawarg.dirfd", "-100"}, {"evt.rawarg.name", "x/../y"});
	absent(f, "evt.rawarg.ino");
	want_value(f, "evt.rawarg.flags", "1001");
	/* Raw texts keep their control characters in JSON, which escapes them, but not as text. */
	fx_begin(f, LNR_EV_SYSCALL_OPENAT_2_X, 400);
	lnr_record_u64(&f->b, 3);
	lnr_record_u64(&f->b, (uint64_t)LNR_AT_FDCWD);
	lnr_record_str(&f->b, "x\n\xff");
	fx_end(f);
	want(f, "evt.rawarg.name", "x\uFFFD\uFFFD");
	want_json(f, "evt.rawarg.name", "\"x\\n\uFFFD\"");
	want_json(f, "fd.nameraw", "\"x\uFFFD\uFFFD\"");
	/* A record of an older producer ends early. */
	fx_begin_n(f, LNR_EV_SYSCALL_OPENAT_2_X, 400, 2);
	lnr_record_u64(&f->b, (uint64_t)-2);
	lnr_record_u64(&f->b, 7);
	fx_end(f);
	want(f, "evt.args", "fd=-2(ENOENT) dirfd=7");
	absent(f, "evt.arg.name");
	absent(f, "evt.arg[2]");
}

static void fd_param(struct fx *f, int64_t num)
{
	fx_begin(f, LNR_EV_SYSCALL_CLOSE_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, (uint64_t)num);
	fx_end(f);
}

static void test_descriptors(void **state)
{
	static const struct {
		int type, l4, flags;
		const char *name, *text;
	} rows[] = {
		{LNR_FD_FILE_V2, 0, 0, "/a b", "<f>/a b"},
		{LNR_FD_DIRECTORY, 0, 0, "/d", "<d>/d"},
		{LNR_FD_FIFO, 0, 0, NULL, "<p>"},
		{LNR_FD_IPV4_SOCK, LNR_L4_TCP, LNR_FDF_ROLE_CLIENT, "1:2->3:4", "<4t>1:2->3:4"},
		{LNR_FD_IPV4_SOCK, LNR_L4_TCP, 0, NULL, "<4>"}, /* no role yet */
		{LNR_FD_IPV6_SOCK, LNR_L4_UDP, LNR_FDF_ROLE_SERVER, "n", "<6u>n"},
		{LNR_FD_IPV4_SOCK, LNR_L4_ICMP, LNR_FDF_ROLE_CLIENT, "n", "<4i>n"},
		{LNR_FD_IPV4_SOCK, LNR_L4_RAW, 0, "n", "<4r>n"},
		{LNR_FD_IPV4_SERVSOCK, LNR_L4_TCP, 0, "0.0.0.0:80", "<4t>0.0.0.0:80"},
		{LNR_FD_UNIX_SOCK, LNR_L4_TCP, LNR_FDF_ROLE_CLIENT, "u", "<u>u"},
		{LNR_FD_UNKNOWN, 0, 0, NULL, "<o>"},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		struct lnr_fd *fd = fx_fd(f, 400, 10 + (int)i, rows[i].type, rows[i].name);
		fd->l4 = (uint8_t)rows[i].l4;
		fd->flags = (uint16_t)rows[i].flags;
		fd_param(f, 10 + (int)i);
		want(f, "evt.arg.fd", rows[i].text);
	}
	fd_param(f, 999);
	want_param(f, 1, "999", NULL);
	fd_param(f, -9);
	want_param(f, 1, "-9", "EBADF");
	fd_param(f, -4000);
	want_param(f, 1, "-4000", NULL);
	fd_param(f, LNR_AT_FDCWD);
	want_param(f, 1, "-100", "AT_FDCWD");
	/* Without a thread there is nothing to look in. */
	fx_begin(f, LNR_EV_SYSCALL_CLOSE_X, 4000);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, 10);
	fx_end(f);
	want_param(f, 1, "10", NULL);
}

static void flags_param(struct fx *f, uint32_t flags)
{
	fx_begin(f, LNR_EV_SYSCALL_OPEN_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_str(&f->b, "/x");
	lnr_record_u32(&f->b, flags);
	fx_end(f);
}

static void test_flags(void **state)
{
	static const struct {
		uint32_t v;
		const char *plain, *names;
	} rows[] = {
		{0, "0", "O_NONE"},
		{1, "1", "O_RDONLY"},
		{2, "2", "O_WRONLY"},
		{3, "3", "O_RDWR"},
		{7, "7", "O_CREAT|O_RDWR"},
		{16646, "16646", "O_TRUNC|O_CREAT|O_WRONLY|O_F_CREATED"},
		{9217, "9217", "O_DIRECTORY|O_RDONLY|O_TMPFILE"},
		{0x80000000, "2147483648", ""},
		{0x80000001, "2147483649", "O_RDONLY"},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		flags_param(f, rows[i].v);
		want_param(f, 2, rows[i].plain, rows[i].names);
	}
}

static void test_enumerations(void **state)
{
	struct fx *f = *state;

	fx_begin(f, LNR_EV_SOCKET_SOCKET_X, 400);
	lnr_record_u64(&f->b, 3);
	lnr_record_u32(&f->b, LNR_AF_UNIX);
	lnr_record_u32(&f->b, 524289);
	lnr_record_u32(&f->b, 0);
	lnr_record_u32(&f->b, 0x1000);
	fx_end(f);
	want(f, "evt.args",
		"fd=3 domain=1(AF_LOCAL|AF_UNIX) type=524289 proto=0 flags=4096(O_CLOEXEC)");
	fx_begin(f, LNR_EV_SYSCALL_LSEEK_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, 99);
	lnr_record_u64(&f->b, (uint64_t)-5);
	lnr_record_u8(&f->b, 77);
	fx_end(f);
	want(f, "evt.args", "res=0 fd=99 offset=-5 whence=77");
}

static void test_modes(void **state)
{
	static const struct {
		uint32_t mode;
		const char *plain, *names;
	} rows[] = {
		{0644, "0644", "S_IROTH|S_IRGRP|S_IWUSR|S_IRUSR"},
		{01777, "01777",
			"S_IXOTH|S_IWOTH|S_IROTH|S_IXGRP|S_IWGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|"
			"S_ISVTX"},
		{06755, "06755",
			"S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISGID|S_ISUID"},
		{0400, "0400", "S_IRUSR"},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		fx_begin(f, LNR_EV_SYSCALL_CHMOD_X, 400);
		lnr_record_u64(&f->b, 0);
		lnr_record_str(&f->b, "f");
		lnr_record_u32(&f->b, rows[i].mode);
		fx_end(f);
		want_param(f, 2, rows[i].plain, rows[i].names);
	}
	want(f, "evt.rawarg.mode", "400");
}

/* Unsigned numbers of 32 and 64 bits are shown with a sign, as the reference does. */
static void test_number_signs(void **state)
{
	struct fx *f = *state;

	fx_begin(f, LNR_EV_SYSCALL_CHOWN_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_str(&f->b, "/x");
	lnr_record_u32(&f->b, UINT32_MAX);
	lnr_record_u32(&f->b, 33);
	fx_end(f);
	want(f, "evt.args", "res=0 path=/x uid=-1 gid=33");
	want(f, "evt.rawarg.uid", "4294967295");
	fx_begin(f, LNR_EV_SYSCALL_MLOCK_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, UINT64_MAX);
	lnr_record_u64(&f->b, UINT64_MAX);
	fx_end(f);
	want(f, "evt.args", "res=0 addr=FFFFFFFFFFFFFFFF len=-1");
	fx_begin(f, LNR_EV_SYSCALL_MKDIR_2_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_str(&f->b, "/x");
	lnr_record_u32(&f->b, 0777);
	fx_end(f);
	want(f, "evt.args", "res=0 path=/x mode=1FF");
	fx_begin(f, LNR_EV_SYSCALL_TIMERFD_CREATE_X, 400);
	lnr_record_u64(&f->b, 5);
	lnr_record_u8(&f->b, 255);
	lnr_record_u8(&f->b, 0x40);
	fx_end(f);
	want(f, "evt.args", "res=5 clockid=255 flags=40");
}

static void test_relative_paths(void **state)
{
	struct fx *f = *state;

	fx_fd(f, 400, 7, LNR_FD_DIRECTORY, "/base");
	fx_fd(f, 400, 8, LNR_FD_DIRECTORY, "/");
	fx_fd(f, 400, 9, LNR_FD_FIFO, NULL);
	static const struct {
		int64_t dirfd;
		const char *path, *resolved;
	} rows[] = {
		{LNR_AT_FDCWD, "a", "/srv/dir/a"},
		{7, "a/../b", "/base/b"},
		{8, "b", "/b"},
		{9, "c", "c"},	/* a descriptor without a name */
		{55, "c", "c"}, /* not known */
		{7, "/abs", NULL},
		{7, "", NULL},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		fx_begin(f, LNR_EV_SYSCALL_UNLINKAT_2_X, 400);
		lnr_record_u64(&f->b, 0);
		lnr_record_u64(&f->b, (uint64_t)rows[i].dirfd);
		lnr_record_str(&f->b, rows[i].path);
		fx_end(f);
		want_param(f, 2, rows[i].path, rows[i].resolved);
	}
	fx_begin(f, LNR_EV_SYSCALL_UNLINK_2_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_str(&f->b, "(NULL)"); /* of old captures */
	fx_end(f);
	want_param(f, 1, "<NA>", NULL);
	fx_begin(f, LNR_EV_SYSCALL_UNLINK_2_X, 4000);
	lnr_record_u64(&f->b, 0);
	lnr_record_str(&f->b, "x");
	fx_end(f);
	want_param(f, 1, "x", NULL);
}

/* A live machine is asked for a descriptor that nobody has told us about. */
static void test_directory_from_proc(void **state)
{
	struct fx *f = *state;
	struct lnr_thread *t = lnr_state_add_thread(f->st, getpid(), getpid());
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	assert_non_null(t);
	assert_true(fd >= 0);
	t->ptid = 1;
	lnr_state_added(f->st);
	for (int live = 0; live < 2; live++) {
		f->ctx.live = live;
		fx_begin(f, LNR_EV_SYSCALL_UNLINKAT_2_X, getpid());
		lnr_record_u64(&f->b, 0);
		lnr_record_u64(&f->b, (uint64_t)fd);
		lnr_record_str(&f->b, "x");
		fx_end(f);
		want_param(f, 2, "x", live ? "/x" : "x");
	}
	close(fd);
	fx_end(f);
	want_param(f, 2, "x", "x");
}

static void sockaddr_param(struct fx *f, const void *bytes, size_t len)
{
	fx_begin(f, LNR_EV_SOCKET_BIND_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_bytes(&f->b, bytes, len);
	fx_end(f);
}

static void tuple_param(struct fx *f, const void *bytes, size_t len)
{
	fx_begin(f, LNR_EV_SOCKET_ACCEPT_5_X, 400);
	lnr_record_u64(&f->b, 5);
	lnr_record_bytes(&f->b, bytes, len);
	fx_end(f);
}

static void test_addresses(void **state)
{
	struct fx *f = *state;

	sockaddr_param(f, "\2\x7f\0\0\1\x50\0", 7);
	want_param(f, 1, "127.0.0.1:80", NULL);
	want_rows(f, {"evt.arg.addr", "127.0.0.1:80"}, {"evt.rawarg.addr", "127.0.0.1:80"});
	sockaddr_param(f, "\xa\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\x77\xbb\1", 19);
	want_param(f, 1, "2001:db8::77:443", NULL);
	sockaddr_param(f, "\1/run/x.sock\0", 13);
	want_param(f, 1, "/run/x.sock", NULL);
	sockaddr_param(f, "\x10\0\0\0", 4);
	want_param(f, 1, "family 16", NULL);
	sockaddr_param(f, "\2\x7f", 2); /* cut off */
	want_param(f, 1, "<NA>", NULL);
	sockaddr_param(f, "", 0);
	want_param(f, 1, "<NA>", NULL);
	absent(f, "evt.rawarg.addr");
}

static void test_tuples(void **state)
{
	struct fx *f = *state;

	tuple_param(f, "\2\x0a\0\0\1\x39\x30\x0a\0\0\2\x50\0", 13);
	want_param(f, 1, "10.0.0.1:12345->10.0.0.2:80", NULL);
	tuple_param(f,
		"\xa\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\1\x01\0"
		"\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\2\x02\0",
		37);
	want_param(f, 1, "10.0.0.1:1->10.0.0.2:2", NULL);
	tuple_param(f,
		"\xa\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x01\0"
		"\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\2\x02\0",
		37);
	want_param(f, 1, "::1:1->::ffff:10.0.0.2:2", NULL);
	tuple_param(f, "\1\x80\xf1\xb4\x98\x83\x88\xff\xff\0\0\0\0\0\0\0\0/run/s\0", 24);
	want_param(f, 1, "ffff888398b4f180->0 /run/s", NULL);
	want(f, "evt.rawarg.tuple", "ffff888398b4f180->0 /run/s");
	want_value(f, "evt.rawarg.tuple", ""); /* no comparison but exists */
	tuple_param(f, "\x11zz", 3);
	want_param(f, 1, "family 17", NULL);
	tuple_param(f, "\2zz", 3);
	want_param(f, 1, "<NA>", NULL);
	tuple_param(f, "", 0);
	want_param(f, 1, "NULL", NULL);
	absent(f, "evt.rawarg.tuple");
}

static void test_poll(void **state)
{
	struct fx *f = *state;
	uint8_t list[2 + 3 * 10] = {3};
	int64_t fds[3] = {3, 4096, -1};
	int16_t events[3] = {5, 0x40, -1};

	for (int i = 0; i < 3; i++) {
		memcpy(list + 2 + i * 10, &fds[i], 8);
		memcpy(list + 10 + i * 10, &events[i], 2);
	}
	fx_fd(f, 400, 3, LNR_FD_EVENT, NULL);
	fx_begin(f, LNR_EV_SYSCALL_PPOLL_X, 400);
	lnr_record_u64(&f->b, 1);
	lnr_record_bytes(&f->b, list, sizeof(list));
	lnr_record_u64(&f->b, 996765);
	lnr_record_u32(&f->b, 1 << 9 | 1 << 14);
	fx_end(f);
	want(f, "evt.args",
		"res=1 fds=3:e5 4096:?40 18446744073709551615:?ffffffff "
		"timeout=996765(0.000996765s) sigmask=SIGUSR1 SIGTERM");
	/* More items promised than there are bytes. */
	fx_begin(f, LNR_EV_SYSCALL_POLL_X, 400);
	lnr_record_u64(&f->b, 1);
	lnr_record_bytes(&f->b, list, 2 + 10 + 5);
	fx_end(f);
	want_param(f, 1, "3:e5", NULL);
	fx_begin(f, LNR_EV_SYSCALL_POLL_X, 400);
	lnr_record_u64(&f->b, 1);
	lnr_record_bytes(&f->b, "\0\0", 2);
	fx_end(f);
	want_param(f, 1, "", NULL);
	fx_begin(f, LNR_EV_SYSCALL_POLL_X, 400);
	lnr_record_u64(&f->b, 1);
	lnr_record_bytes(&f->b, "\1", 1);
	fx_end(f);
	want_param(f, 1, "", NULL);
}

static void test_times(void **state)
{
	struct fx *f = *state;

	fx_begin(f, LNR_EV_SYSCALL_NANOSLEEP_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, 3000);
	fx_end(f);
	want_param(f, 1, "3000", "3e-06s");
	fx_begin(f, LNR_EV_SYSCALL_NANOSLEEP_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, UINT64_MAX);
	fx_end(f);
	want_param(f, 1, "none", NULL);
	fx_begin(f, LNR_EV_SYSCALL_NANOSLEEP_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, UINT64_C(90061500000000));
	fx_end(f);
	want_param(f, 1, "90061500000000", "90061.5s");
}

static void test_signals(void **state)
{
	struct fx *f = *state;

	fx_begin(f, LNR_EV_SYSCALL_KILL_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, 300);
	lnr_record_u8(&f->b, 15);
	fx_end(f);
	want(f, "evt.args", "res=0 pid=300(sh) sig=15(SIGTERM)");
	want(f, "evt.rawarg.sig", "15");
	fx_begin(f, LNR_EV_PROCEXIT_1_E, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, 0);
	lnr_record_u8(&f->b, 0);
	lnr_record_u8(&f->b, 1);
	lnr_record_u64(&f->b, 0);
	fx_end(f);
	want(f, "evt.args", "status=0 ret=0 sig=0 core=1 reaper_tid=0");
}

static void dyn_param(struct fx *f, const void *bytes, size_t len)
{
	fx_begin(f, LNR_EV_SOCKET_SETSOCKOPT_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, 3);
	lnr_record_u8(&f->b, 1);
	lnr_record_u8(&f->b, 2);
	lnr_record_bytes(&f->b, bytes, len);
	fx_end(f);
}

static void test_dynamic(void **state)
{
	struct fx *f = *state;

	dyn_param(f, "\0ab\1", 4);
	want_param(f, 4, "ab.", NULL);
	dyn_param(f, "\1\xfe\xff\xff\xff\xff\xff\xff\xff", 9);
	want_param(f, 4, "-2", "ENOENT");
	want_json(f, "evt.rawarg.val", "-2");
	dyn_param(f, "\2\1\0\0\0", 5);
	want_param(f, 4, "1", NULL);
	want(f, "evt.rawarg.val", "1");
	dyn_param(f, "\4\0\0\0\0\0\0\0\0", 9);
	want_param(f, 4, "0", "0s");
	dyn_param(f, "\x63zz", 3); /* no such alternative */
	want_param(f, 4, "<NA>", NULL);
	absent(f, "evt.rawarg.val");
	dyn_param(f, "\2", 1); /* nothing behind the index */
	want_param(f, 4, "", NULL);
	dyn_param(f, "", 0);
	want_param(f, 4, "NULL", NULL);
	/* A text alternative without its text. */
	fx_begin(f, LNR_EV_SYSCALL_KEYCTL_X, 400);
	lnr_record_u64(&f->b, 7);
	lnr_record_u32(&f->b, 1);
	lnr_record_bytes(&f->b, "\1", 1);
	fx_end(f);
	want_param(f, LNR_P_SYSCALL_KEYCTL_X_arg2, "(null)", NULL);
	absent(f, "evt.rawarg.arg2");
}

static void test_buffers(void **state)
{
	struct fx *f = *state;

	fx_begin(f, LNR_EV_SYSCALL_WRITE_X, 400);
	lnr_record_u64(&f->b, 4);
	lnr_record_bytes(&f->b, "ab\n\xff", 4);
	fx_end(f);
	want_rows(f, {"evt.buffer", "ab.."}, {"evt.arg.data", "ab.."}, {"evt.rawarg.data", "ab.."});
	f->ctx.buffer_format = LNR_BUFFER_BASE64;
	want_rows(f, {"evt.buffer", "YWIK/w=="}, {"evt.arg.data", "YWIK/w=="});
	/* Rules compare printable text, and evt.buffer its bytes. */
	want_value(f, "evt.arg.data", "ab..");
	struct lnr_field_ref ref = fx_ref(f, "evt.buffer");
	struct lnr_val v;
	assert_true(lnr_field_get(&f->ctx, &ref, &v));
	assert_bytes(v.str, LNR_STR("ab\n\xff"));
	struct lnr_str line = fx_text(f, "evt.args");
	assert_true(lnr_str_find(line, LNR_STR("data=YWIK/w==")) > 0);
	/* Outputs show the beginning of a long raw one; comparisons see all of it. */
	char long_data[LNR_RAWARG_BYTES_MAX + 10];
	memset(long_data, 'x', sizeof(long_data));
	f->ctx.buffer_format = LNR_BUFFER_PRINTABLE;
	fx_begin(f, LNR_EV_SYSCALL_WRITE_X, 400);
	lnr_record_u64(&f->b, 4);
	lnr_record_bytes(&f->b, long_data, sizeof(long_data));
	fx_end(f);
	assert_int_equal(fx_text(f, "evt.rawarg.data").len, LNR_RAWARG_BYTES_MAX);
	assert_int_equal(fx_value(f, "evt.rawarg.data").len, sizeof(long_data));
	assert_int_equal(fx_text(f, "evt.arg.data").len, sizeof(long_data));
	/* Nothing was moved: an empty buffer, which exists. */
	fx_event_res(f, LNR_EV_SYSCALL_WRITE_X, 400, -9);
	want(f, "evt.buffer", "");
	want_value(f, "evt.buffer", "");
	want(f, "evt.arg.data", "NULL");
	/* The data of ptrace is a number: no buffer. */
	fx_begin(f, LNR_EV_SYSCALL_PTRACE_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_empty(&f->b);
	lnr_record_bytes(&f->b, "\0\1\0\0\0\0\0\0\0", 9);
	fx_end(f);
	absent(f, "evt.buffer");
}

static void two_paths(struct fx *f, unsigned type, int64_t dir1, const char *path1, int64_t dir2,
	const char *path2)
{
	fx_begin(f, type, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, (uint64_t)dir1);
	lnr_record_str(&f->b, path1);
	lnr_record_u64(&f->b, (uint64_t)dir2);
	lnr_record_str(&f->b, path2);
	fx_end(f);
}

static void test_absolute_paths(void **state)
{
	struct fx *f = *state;

	fx_fd(f, 400, 7, LNR_FD_DIRECTORY, "/base");
	static const unsigned two[] = {
		LNR_EV_SYSCALL_RENAMEAT_X, LNR_EV_SYSCALL_RENAMEAT2_X, LNR_EV_SYSCALL_LINKAT_2_X};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(two); i++) {
		two_paths(f, two[i], LNR_AT_FDCWD, "a", 7, "b/../c");
		want_rows(f, {"evt.abspath", "/srv/dir/a"}, {"evt.abspath.src", "/srv/dir/a"},
			{"evt.abspath.dst", "/base/c"});
		two_paths(f, two[i], 99, "a", 7, "/x//y");
		want_rows(f, {"evt.abspath", "<UNKNOWN>/a"}, {"evt.abspath.dst", "/x/y"});
	}
	fx_begin(f, LNR_EV_SYSCALL_SYMLINKAT_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_str(&f->b, "target");
	lnr_record_u64(&f->b, 7);
	lnr_record_str(&f->b, "link");
	fx_end(f);
	want_rows(f, {"evt.abspath", "/base/link"}, {"evt.abspath.dst", "/base/link"});

	static const unsigned one[] = {LNR_EV_SYSCALL_OPENAT_2_X, LNR_EV_SYSCALL_OPENAT2_X,
		LNR_EV_SYSCALL_UNLINKAT_2_X, LNR_EV_SYSCALL_MKDIRAT_X, LNR_EV_SYSCALL_FCHMODAT_X,
		LNR_EV_SYSCALL_FCHOWNAT_X};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(one); i++) {
		fx_begin(f, one[i], 400);
		lnr_record_u64(&f->b, 0);
		lnr_record_u64(&f->b, 7);
		lnr_record_str(&f->b, "n");
		fx_end(f);
		want(f, "evt.abspath", "/base/n");
		fx_begin(f, one[i], 400);
		lnr_record_u64(&f->b, 0);
		lnr_record_u64(&f->b, 7);
		fx_end(f);
		absent(f, "evt.abspath");
	}
	fx_begin(f, LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X, 400);
	lnr_record_u64(&f->b, 5);
	lnr_record_u64(&f->b, 7);
	lnr_record_u32(&f->b, 1);
	lnr_record_str(&f->b, "/p/./q");
	fx_end(f);
	want(f, "evt.abspath", "/p/q");
	fx_event_res(f, LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X, 400, -1);
	absent(f, "evt.abspath");
	fx_event_res(f, LNR_EV_SYSCALL_MKDIR_2_X, 400, 0);
	absent(f, "evt.abspath");
	two_paths(f, two[0], LNR_AT_FDCWD, "a", 7, "b");
	f->ev.thread = NULL;
	absent(f, "evt.abspath");
}

/* Ids of users in a container are named by its own table only. */
static void test_ids_in_container(void **state)
{
	struct fx *f = *state;

	fx_begin(f, LNR_EV_SYSCALL_SETUID_X, 500);
	lnr_record_u64(&f->b, 0);
	lnr_record_u32(&f->b, 1000);
	fx_end(f);
	want(f, "evt.args", "res=0 uid=1000(boxed)");
	fx_begin(f, LNR_EV_SYSCALL_SETGID_X, 500);
	lnr_record_u64(&f->b, 0);
	lnr_record_u32(&f->b, 5);
	fx_end(f);
	want(f, "evt.args", "res=0 gid=5(<NA>)");
	fx_begin(f, LNR_EV_SYSCALL_SETGID_X, 400);
	lnr_record_u64(&f->b, 0);
	lnr_record_u32(&f->b, 1000);
	fx_end(f);
	want(f, "evt.args", "res=0 gid=1000(staff)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FX_TEST(test_execve),
		FX_TEST(test_whole_line),
		FX_TEST(test_descriptors),
		FX_TEST(test_flags),
		FX_TEST(test_enumerations),
		FX_TEST(test_modes),
		FX_TEST(test_number_signs),
		FX_TEST(test_relative_paths),
		FX_TEST(test_directory_from_proc),
		FX_TEST(test_addresses),
		FX_TEST(test_tuples),
		FX_TEST(test_poll),
		FX_TEST(test_times),
		FX_TEST(test_signals),
		FX_TEST(test_dynamic),
		FX_TEST(test_buffers),
		FX_TEST(test_absolute_paths),
		FX_TEST(test_ids_in_container),
	};

	return cmocka_run_group_tests_name("fields/param", tests, NULL, NULL);
}
