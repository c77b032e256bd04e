/* SPDX-License-Identifier: Apache-2.0 */
/* fd.*: descriptors, sockets, host names. */
#include "fixture.h"

static void close_fd(struct fx *f, int64_t tid, int64_t num)
{
	fx_begin(f, LNR_EV_SYSCALL_CLOSE_X, tid);
	lnr_record_u64(&f->b, 0);
	lnr_record_u64(&f->b, (uint64_t)num);
	fx_end(f);
	fx_use_fd(f, num);
}

static void test_file(void **state)
{
	struct fx *f = *state;
	struct lnr_fd *fd = fx_fd(f, 400, 3, LNR_FD_FILE_V2, "/etc/ssl/key.pem");

	fd->dev = 0xfe01;
	fd->ino = 4242;
	fd->flags = LNR_FDF_UPPER_LAYER;
	lnr_blob_set(&fd->raw, LNR_STR("..//ssl///key.pem"));
	close_fd(f, 400, 3);
	want_rows(f, {"fd.num", "3"}, {"fd.type", "file"}, {"fd.typechar", "f"},
		{"fd.name", "/etc/ssl/key.pem"}, {"fd.directory", "/etc/ssl"},
		{"fd.filename", "key.pem"}, {"fd.nameraw", "../ssl/key.pem"},
		{"fd.containername", ":/etc/ssl/key.pem"}, {"fd.containerdirectory", ":/etc/ssl"},
		{"fd.uid", "4003"}, {"fd.dev", "FE01"}, {"fd.dev.major", "254"},
		{"fd.dev.minor", "1"}, {"fd.ino", "4242"}, {"fd.is_upper_layer", "true"},
		{"fd.is_lower_layer", "false"}, {"fd.connected", "false"},
		{"fd.name_changed", "false"}, {"fd.is_server", "false"}, {"fd.l4proto", "<NA>"});
	want_json(f, "fd.dev", "\"FE01\"");
	want_json(f, "fd.num", "3");
	absent(f, "fd.sockfamily");
	absent(f, "fd.cip");
	absent(f, "fd.sport");
	absent(f, "fd.cproto");
	fd->flags = LNR_FDF_LOWER_LAYER;
	fd->dev = 0x12345678;
	f->ev.name_changed = true;
	want_rows(f, {"fd.is_lower_layer", "true"}, {"fd.name_changed", "true"},
		{"fd.dev.major", "1110"}, {"fd.dev.minor", "74616"});
}

static void test_name_parts(void **state)
{
	static const struct {
		const char *name, *directory, *filename;
	} rows[] = {
		{"/a/b", "/a", "b"},
		{"/a", "/", "a"},
		{"a", "/", "/"},
		{"", "/", "/"},
		{"/a/b/", "/a/b/", "/a/b/"},
		{"/", "/", "/"},
		{"a/b", "a", "b"},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		fx_fd(f, 400, 3, LNR_FD_FILE, rows[i].name);
		close_fd(f, 400, 3);
		want(f, "fd.directory", rows[i].directory);
		want(f, "fd.filename", rows[i].filename);
	}
}

static void test_types(void **state)
{
	static const struct {
		int type;
		const char *name, *letter;
		bool directory;
	} rows[] = {
		{LNR_FD_FILE, "file", "f", true},
		{LNR_FD_FILE_V2, "file", "f", true},
		{LNR_FD_DIRECTORY, "directory", "d", true},
		{LNR_FD_IPV4_SOCK, "ipv4", "4", false},
		{LNR_FD_IPV4_SERVSOCK, "ipv4", "4", false},
		{LNR_FD_IPV6_SOCK, "ipv6", "6", false},
		{LNR_FD_IPV6_SERVSOCK, "ipv6", "6", false},
		{LNR_FD_UNIX_SOCK, "unix", "u", false},
		{LNR_FD_FIFO, "pipe", "p", false},
		{LNR_FD_EVENT, "event", "e", false},
		{LNR_FD_SIGNALFD, "signalfd", "s", false},
		{LNR_FD_EVENTPOLL, "eventpoll", "l", false},
		{LNR_FD_INOTIFY, "inotify", "i", false},
		{LNR_FD_TIMERFD, "timerfd", "t", false},
		{LNR_FD_NETLINK, "netlink", "n", false},
		{LNR_FD_BPF, "bpf", "b", false},
		{LNR_FD_USERFAULTFD, "userfaultfd", "u", false},
		{LNR_FD_IOURING, "io_uring", "r", false},
		{LNR_FD_MEMFD, "memfd", "m", false},
		{LNR_FD_PIDFD, "pidfd", "P", false},
		{LNR_FD_UNSUPPORTED, "<NA>", "X", false},
		{LNR_FD_UNKNOWN, "<NA>", "o", false},
		{LNR_FD_UNINITIALIZED, "<NA>", "?", false},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		fx_fd(f, 400, 3, rows[i].type, "/d/x");
		close_fd(f, 400, 3);
		want(f, "fd.type", rows[i].name);
		want(f, "fd.typechar", rows[i].letter);
		want(f, "fd.directory",
			!rows[i].directory		   ? "(absent)"
			: rows[i].type == LNR_FD_DIRECTORY ? "/d/x"
							   : "/d");
	}
}

/* The last descriptor of the thread stands in when the event has none of its own. */
static void test_last_descriptor(void **state)
{
	struct fx *f = *state;

	fx_fd(f, 400, 3, LNR_FD_FILE_V2, "/x");
	close_fd(f, 401, 3);
	f->ev.fd = NULL;
	want_rows(f, {"fd.name", "/x"}, {"fd.num", "3"}, {"fd.uid", "4013"});
	f->ev.thread->last_fd = 9; /* not known */
	want_rows(f, {"fd.num", "9"}, {"fd.name", ""}, {"fd.directory", "/"}, {"fd.nameraw", ""},
		{"fd.typechar", "o"}, {"fd.uid", "4019"});
	absent(f, "fd.type");
	absent(f, "fd.filename");
	absent(f, "fd.dev");
	absent(f, "fd.ino");
	absent(f, "fd.connected");
	absent(f, "fd.is_server");
	absent(f, "fd.l4proto");
}

/* An event that has nothing to do with descriptors has none, whatever came before. */
static void test_other_events(void **state)
{
	struct fx *f = *state;

	fx_fd(f, 400, 3, LNR_FD_FILE_V2, "/x");
	fx_event_res(f, LNR_EV_SYSCALL_MKDIR_2_X, 400, 0);
	f->ev.thread->last_fd = 3;
	absent(f, "fd.num");
	absent(f, "fd.name");
	absent(f, "fd.typechar");
	absent(f, "fd.types");
	absent(f, "fd.types[3]");
	absent(f, "fd.uid");
	absent(f, "fd.ip");
}

/* --- names of descriptors that a failed call did not make --- */

static void failed_open(struct fx *f, unsigned type, int64_t dirfd, const char *name)
{
	fx_begin(f, type, 400);
	lnr_record_u64(&f->b, (uint64_t)-2);
	if (type != LNR_EV_SYSCALL_OPEN_X && type != LNR_EV_SYSCALL_CREAT_X)
		lnr_record_u64(&f->b, (uint64_t)dirfd);
	lnr_record_str(&f->b, name);
	fx_end(f);
}

static void test_failed_opens(void **state)
{
	struct fx *f = *state;

	fx_fd(f, 400, 7, LNR_FD_DIRECTORY, "/base");
	fx_fd(f, 400, 8, LNR_FD_FIFO, NULL);
	static const unsigned plain[] = {LNR_EV_SYSCALL_OPEN_X, LNR_EV_SYSCALL_CREAT_X};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(plain); i++) {
		failed_open(f, plain[i], 0, "a//b");
		want_rows(f, {"fd.name", "/srv/dir/a/b"}, {"fd.nameraw", "/srv/dir/a/b"},
			{"fd.directory", "/srv/dir/a"}, {"fd.containername", ":/srv/dir/a/b"},
			{"fd.num", "-1"}, {"fd.uid", "400-1"});
		absent(f, "fd.filename");
		failed_open(f, plain[i], 0, NULL);
		want_rows(f, {"fd.name", "<NA>"}, {"fd.directory", "/"});
	}
	static const unsigned at[] = {LNR_EV_SYSCALL_OPENAT_2_X, LNR_EV_SYSCALL_OPENAT2_X};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(at); i++) {
		failed_open(f, at[i], LNR_AT_FDCWD, "./a//b");
		want_rows(f, {"fd.name", "/srv/dir/a/b"}, {"fd.nameraw", "./a/b"},
			{"fd.typechar", "f"});
		failed_open(f, at[i], 7, "c");
		want(f, "fd.name", "/base/c");
		failed_open(f, at[i], 8, "c");
		want(f, "fd.name", "c");
		failed_open(f, at[i], 99, "c");
		want(f, "fd.name", "<UNKNOWN>c");
		failed_open(f, at[i], 99, "/p/../q");
		want_rows(f, {"fd.name", "/q"}, {"fd.nameraw", "/p/../q"});
		failed_open(f, at[i], 7, NULL);
		absent(f, "fd.name");
		absent(f, "fd.nameraw");
		absent(f, "fd.directory");
	}
	fx_event_res(f, LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X, 400, -9);
	want_rows(f, {"fd.name", "<NA>"}, {"fd.directory", "/"}, {"fd.typechar", "o"});
	/* An enter event has no outcome yet. */
	fx_event(f, LNR_EV_SYSCALL_OPENAT_2_E, 400);
	absent(f, "fd.name");
	absent(f, "fd.directory");
	want(f, "fd.typechar", "f");
}

static void test_failed_sockets(void **state)
{
	static const unsigned types[] = {
		LNR_EV_SOCKET_ACCEPT_5_X, LNR_EV_SOCKET_ACCEPT4_6_X, LNR_EV_SOCKET_CONNECT_X};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		fx_event_res(f, types[i], 400, -9);
		want_rows(f, {"fd.name", "NULL"}, {"fd.directory", "/"});
		fx_begin(f, types[i], 400);
		lnr_record_u64(&f->b, (uint64_t)-115);
		lnr_record_bytes(&f->b, "\2\x0a\0\0\1\x39\x30\x0a\0\0\2\x50\0", 13);
		fx_end(f);
		want(f, "fd.name", "10.0.0.1:12345->10.0.0.2:80");
	}
	fx_event_res(f, LNR_EV_SOCKET_BIND_X, 400, -9);
	want(f, "fd.name", "");
}

static void test_letters_from_events(void **state)
{
	static const struct {
		unsigned type;
		const char *letter;
	} rows[] = {
		{LNR_EV_SYSCALL_OPENAT_2_X, "f"},
		{LNR_EV_SYSCALL_OPENAT2_X, "f"},
		{LNR_EV_SYSCALL_CREAT_X, "f"},
		{LNR_EV_SYSCALL_CREAT_E, "f"},
		{LNR_EV_SYSCALL_OPEN_X, "o"},
		{LNR_EV_SOCKET_SOCKET_X, "4"},
		{LNR_EV_SOCKET_ACCEPT_5_X, "4"},
		{LNR_EV_SOCKET_ACCEPT4_6_X, "4"},
		{LNR_EV_SYSCALL_PIPE_X, "p"},
		{LNR_EV_SYSCALL_PIPE2_X, "p"},
		{LNR_EV_SYSCALL_EVENTFD_X, "e"},
		{LNR_EV_SYSCALL_EVENTFD2_X, "e"},
		{LNR_EV_SYSCALL_SIGNALFD_X, "s"},
		{LNR_EV_SYSCALL_SIGNALFD4_X, "s"},
		{LNR_EV_SYSCALL_TIMERFD_CREATE_X, "t"},
		{LNR_EV_SYSCALL_INOTIFY_INIT_X, "i"},
		{LNR_EV_SYSCALL_INOTIFY_INIT1_X, "i"},
		{LNR_EV_SOCKET_CONNECT_X, "o"},
		{LNR_EV_SYSCALL_READ_X, "o"},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		fx_event_res(f, rows[i].type, 400, -1);
		want(f, "fd.typechar", rows[i].letter);
	}
}

/* Each type once, in the order of state. */
static void test_open_types(void **state)
{
	struct fx *f = *state;

	fx_fd(f, 400, 0, LNR_FD_FILE, "/a");
	fx_fd(f, 400, 1, LNR_FD_FILE_V2, "/b");
	fx_fd(f, 400, 2, LNR_FD_IPV4_SERVSOCK, "n");
	fx_fd(f, 400, 3, LNR_FD_IPV4_SOCK, "n");
	fx_fd(f, 400, 4, LNR_FD_UNKNOWN, NULL);
	close_fd(f, 401, 0);
	want_rows(f, {"fd.types", "(<NA>,ipv4,file)"}, {"fd.types[3]", "(ipv4)"},
		{"fd.types[-1]", "(<NA>,ipv4,file)"});
	want_json(f, "fd.types[1]", "[\"file\"]");
	absent(f, "fd.types[9]");
	absent(f, "fd.types[-7]");
	assert_true(fx_ref(f, "fd.types").is_list);
	/* No descriptors at all: the list exists and is empty. */
	fx_event_res(f, LNR_EV_SYSCALL_CLOSE_X, 300, 0);
	want(f, "fd.types", "()");
}

/* --- sockets --- */

static struct lnr_fd *socket4(struct fx *f, int64_t tid, int64_t num, unsigned flags)
{
	struct lnr_fd *fd = fx_fd(f, tid, num, LNR_FD_IPV4_SOCK, "conn");

	fd->sip = fx_ip4(10, 0, 0, 1);
	fd->dip = fx_ip4(192, 0, 2, 7);
	fd->sport = 54321;
	fd->dport = 443;
	fd->l4 = LNR_L4_TCP;
	fd->flags = (uint16_t)flags;
	return fd;
}

static void test_connection(void **state)
{
	struct fx *f = *state;

	socket4(f, 400, 5, LNR_FDF_ROLE_CLIENT | LNR_FDF_CONNECTED);
	close_fd(f, 400, 5);
	want_rows(f, {"fd.cip", "10.0.0.1"}, {"fd.sip", "192.0.2.7"}, {"fd.cport", "54321"},
		{"fd.sport", "443"}, {"fd.lip", "10.0.0.1"}, {"fd.rip", "192.0.2.7"},
		{"fd.lport", "54321"}, {"fd.rport", "443"}, {"fd.cproto", "54321"},
		{"fd.sproto", "443"}, {"fd.lproto", "54321"}, {"fd.rproto", "443"},
		{"fd.l4proto", "tcp"}, {"fd.sockfamily", "ip"}, {"fd.is_server", "false"},
		{"fd.connected", "true"});
	want_json(f, "fd.cip", "\"10.0.0.1\"");
	want_json(f, "fd.sport", "443");
	/* For comparisons only. */
	want(f, "fd.ip", "(absent)");
	want(f, "fd.port", "(absent)");
	want(f, "fd.cnet", "(absent)");
	want_value(f, "fd.ip", "(10.0.0.1,192.0.2.7)");
	want_value(f, "fd.port", "(54321,443)");
	want_value(f, "fd.proto", "(54321,443)");
	want_value(f, "fd.net", "(<IPNET>,<IPNET>)");
	struct lnr_field_ref ref = fx_ref(f, "fd.rnet");
	struct lnr_val v;
	assert_true(lnr_field_get(&f->ctx, &ref, &v));
	assert_int_equal(v.ip.addr[3], 7);
	assert_true(fx_ref(f, "fd.ip").def->flags & LNR_FIELD_ENDPOINTS);
}

static void test_connection_from_outside(void **state)
{
	struct fx *f = *state;
	struct lnr_fd *fd = socket4(f, 400, 5, LNR_FDF_ROLE_SERVER);

	fd->sip = fx_ip4(192, 0, 2, 7);
	fd->dip = fx_ip4(10, 0, 0, 1);
	close_fd(f, 400, 5);
	want_rows(f, {"fd.cip", "192.0.2.7"}, {"fd.sip", "10.0.0.1"}, {"fd.lip", "10.0.0.1"},
		{"fd.rip", "192.0.2.7"}, {"fd.lport", "443"}, {"fd.rport", "54321"},
		{"fd.lproto", "443"}, {"fd.is_server", "true"});
}

/* Nobody knows which end is which yet. */
static void test_without_role(void **state)
{
	static const char *const names[] = {"fd.cip", "fd.sip", "fd.lip", "fd.rip", "fd.cport",
		"fd.sport", "fd.lport", "fd.rport", "fd.cproto", "fd.sproto", "fd.lproto",
		"fd.rproto", "fd.cnet", "fd.snet", "fd.lnet", "fd.rnet"};
	struct fx *f = *state;
	struct lnr_fd *fd = socket4(f, 400, 5, 0);

	close_fd(f, 400, 5);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(names); i++)
		absent(f, names[i]);
	want_rows(f, {"fd.l4proto", "<NA>"}, {"fd.sockfamily", "ip"}, {"fd.is_server", "false"});
	want_value(f, "fd.ip", "(10.0.0.1,192.0.2.7)");
	fd->l4 = LNR_L4_RAW;
	want(f, "fd.l4proto", "raw");
	fd->l4 = LNR_L4_UDP;
	fd->flags = LNR_FDF_ROLE_CLIENT;
	want(f, "fd.l4proto", "udp");
	fd->l4 = LNR_L4_UNKNOWN;
	want(f, "fd.l4proto", "<NA>");
}

static void test_server_socket(void **state)
{
	struct fx *f = *state;
	struct lnr_fd *fd = fx_fd(f, 400, 6, LNR_FD_IPV6_SERVSOCK, ":::8080");

	fd->sip = (struct lnr_ip){.family = LNR_AF_INET6};
	fd->sport = 8080;
	fd->l4 = LNR_L4_TCP;
	close_fd(f, 400, 6);
	/* The port needs no role, the address does. */
	want_rows(f, {"fd.sport", "8080"}, {"fd.is_server", "true"}, {"fd.l4proto", "tcp"},
		{"fd.sproto", ""}, {"fd.sockfamily", "ip"});
	absent(f, "fd.sip");
	absent(f, "fd.cip");
	absent(f, "fd.cport");
	absent(f, "fd.lip");
	absent(f, "fd.lport");
	absent(f, "fd.cproto");
	fd->flags = LNR_FDF_ROLE_SERVER;
	want_rows(f, {"fd.sip", "::"}, {"fd.cproto", ""});
	absent(f, "fd.cip");
	absent(f, "fd.lproto");
	want_value(f, "fd.ip", "(::)");
	want_value(f, "fd.port", "(8080)");
}

static void test_unix_socket(void **state)
{
	struct fx *f = *state;
	struct lnr_fd *fd = fx_fd(f, 400, 6, LNR_FD_UNIX_SOCK, "a->b /run/s");

	fd->flags = LNR_FDF_ROLE_SERVER;
	close_fd(f, 400, 6);
	want_rows(f, {"fd.sockfamily", "unix"}, {"fd.l4proto", "<NA>"}, {"fd.is_server", "false"},
		{"fd.cproto", ""});
	absent(f, "fd.sproto");
	absent(f, "fd.lproto");
	absent(f, "fd.cip");
	/* A descriptor without addresses: `exists` holds, nothing else. */
	want_value(f, "fd.ip", "()");
	want_value(f, "fd.port", "()");
}

/* An address that is not known yet shows in the socket's own family. */
static void test_unset_addresses(void **state)
{
	struct fx *f = *state;
	struct lnr_fd *fd = fx_fd(f, 400, 6, LNR_FD_IPV6_SOCK, "x");

	fd->flags = LNR_FDF_ROLE_CLIENT;
	close_fd(f, 400, 6);
	want_rows(f, {"fd.cip", "::"}, {"fd.sip", "::"}, {"fd.cport", "0"});
	fd->type = LNR_FD_IPV4_SOCK;
	want_rows(f, {"fd.cip", "0.0.0.0"}, {"fd.sip", "0.0.0.0"});
}

static void test_in_container(void **state)
{
	struct fx *f = *state;

	fx_fd(f, 500, 3, LNR_FD_FILE_V2, "/srv/x");
	close_fd(f, 500, 3);
	want_rows(f, {"fd.containername", "0123456789ab:/srv/x"},
		{"fd.containerdirectory", "0123456789ab:/srv"});
}

/* --- host names --- */

struct zone {
	int asked;
	int result;
};

static int look_up(void *user, const char *name, struct lnr_ip *ret, unsigned max)
{
	struct zone *z = user;

	z->asked++;
	if (z->result < 0)
		return z->result;
	if (strcmp(name, "good.example") != 0 || max < 2)
		return 0;
	ret[0] = fx_ip4(203, 0, 113, 1);
	ret[1] = fx_ip4(192, 0, 2, 7);
	return 2;
}

static int compare(struct fx *f, const char *field, const char *op, const char *constant)
{
	struct lnr_field_ref ref = fx_ref(f, field);

	return ref.def->compare(&f->ctx, &ref, op, lnr_str_c(constant));
}

static void test_host_names(void **state)
{
	struct fx *f = *state;
	struct zone zone = {0};

	socket4(f, 400, 5, LNR_FDF_ROLE_CLIENT);
	close_fd(f, 400, 5);
	/* Nobody to ask. */
	absent(f, "fd.sip.name");
	assert_int_equal(compare(f, "fd.sip.name", "=", "good.example"), 0);
	assert_int_equal(compare(f, "fd.sip.name", "!=", "good.example"), 1);

	f->ctx.names = lnr_names_new(look_up, &zone, &f->clock.clock);
	assert_non_null(f->ctx.names);
	absent(f, "fd.sip.name");
	assert_int_equal(compare(f, "fd.sip.name", "=", "bad.example"), 0);
	assert_int_equal(compare(f, "fd.sip.name", "!=", "bad.example"), 1);
	assert_int_equal(compare(f, "fd.sip.name", "=", "good.example"), 1);
	assert_int_equal(compare(f, "fd.sip.name", "in", "good.example"), 1);
	assert_int_equal(compare(f, "fd.sip.name", "!=", "good.example"), 0);
	assert_int_equal(compare(f, "fd.cip.name", "=", "good.example"), 0);
	assert_int_equal(compare(f, "fd.rip.name", "==", "good.example"), 1);
	assert_int_equal(compare(f, "fd.lip.name", "=", "good.example"), 0);
	assert_int_equal(compare(f, "fd.sip.name", "exists", ""), 1);
	assert_int_equal(compare(f, "fd.sip.name", "contains", "good"), -1);
	assert_int_equal(zone.asked, 2); /* once per name */
	want_rows(f, {"fd.sip.name", "good.example"}, {"fd.rip.name", "good.example"});
	absent(f, "fd.cip.name");

	fx_event_res(f, LNR_EV_SYSCALL_MKDIR_2_X, 400, 0);
	assert_int_equal(compare(f, "fd.sip.name", "=", "good.example"), 0);
	assert_int_equal(compare(f, "fd.sip.name", "exists", ""), 0);
	f->ctx.names = lnr_names_free(f->ctx.names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FX_TEST(test_file),
		FX_TEST(test_name_parts),
		FX_TEST(test_types),
		FX_TEST(test_last_descriptor),
		FX_TEST(test_other_events),
		FX_TEST(test_failed_opens),
		FX_TEST(test_failed_sockets),
		FX_TEST(test_letters_from_events),
		FX_TEST(test_open_types),
		FX_TEST(test_connection),
		FX_TEST(test_connection_from_outside),
		FX_TEST(test_without_role),
		FX_TEST(test_server_socket),
		FX_TEST(test_unix_socket),
		FX_TEST(test_unset_addresses),
		FX_TEST(test_in_container),
		FX_TEST(test_host_names),
	};

	return cmocka_run_group_tests_name("fields/fd", tests, NULL, NULL);
}
