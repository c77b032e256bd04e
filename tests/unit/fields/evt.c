/* SPDX-License-Identifier: Apache-2.0 */
/* evt.*: what, when, how it went. */
#include "fixture.h"

static void test_generic(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"evt.num", "42"}, {"evt.source", "syscall"}, {"evt.is_async", "false"},
		{"evt.hostname", "node-1"}, {"evt.cpu", "3"}, {"evt.count", "1"}, {"evt.dir", "<"});
	absent(f, "evt.asynctype");
	absent(f, "evt.pluginname");
	absent(f, "evt.plugininfo");
	want_json(f, "evt.count", "1");
	want_json(f, "evt.num", "42");
	f->ctx.source = LNR_STR("");
	absent(f, "evt.source");
}

static bool info(struct lnr_field_ctx *ctx, struct lnr_str *ret)
{
	*ret = LNR_STR("one line");
	return ctx->ev->num == 42;
}

static void test_plugin(void **state)
{
	struct fx *f = *state;

	fx_event(f, LNR_EV_PLUGINEVENT_E, -1);
	f->ctx.plugin_name = LNR_STR("beat");
	f->ctx.plugin_info = info;
	want_rows(f, {"evt.pluginname", "beat"}, {"evt.plugininfo", "one line"},
		{"evt.type", "pluginevent"}, {"evt.dir", ">"});
	f->ev.num = 1;
	absent(f, "evt.plugininfo");
}

static void test_times(void **state)
{
	struct fx *f = *state;

	fx_event(f, LNR_EV_SYSCALL_GETCWD_X, 400);
	want_rows(f, {"evt.time", "22:13:20.123456789"}, {"evt.time.s", "22:13:20"},
		{"evt.time.iso8601", "2023-11-14T22:13:20.123456789+0000"},
		{"evt.datetime", "2023-11-14 22:13:20.123456789"},
		{"evt.datetime.s", "2023-11-14 22:13:20"}, {"evt.rawtime", "1700000000123456789"},
		{"evt.rawtime.s", "1700000000"}, {"evt.rawtime.ns", "123456789"},
		{"evt.reltime", "3000000500"}, {"evt.reltime.s", "3"},
		{"evt.reltime.ns", "000000500"});
	/* JSON has the time as a number, texts the whole one. */
	want_json(f, "evt.time", "1700000000123456789");
	want_json(f, "evt.datetime.s", "1700000000123456789");
	want_json(f, "evt.time.iso8601", "1700000000123456789");
	want_json(f, "evt.rawtime.ns", "123456789");
	want_json(f, "evt.reltime.ns", "500");
	setenv("TZ", "XYZ-2:30", 1);
	tzset();
	want_rows(f, {"evt.time.s", "00:43:20"}, {"evt.datetime.s", "2023-11-15 00:43:20"},
		{"evt.time.iso8601", "2023-11-14T22:13:20.123456789+0000"});
}

/* A time that no calendar has room for is still shown. */
static void test_extreme_times(void **state)
{
	struct fx *f = *state;

	fx_event(f, LNR_EV_SYSCALL_GETCWD_X, 400);
	f->ev.ts = 0;
	want_rows(f, {"evt.datetime", "1970-01-01 00:00:00.000000000"},
		{"evt.rawtime.ns", "000000000"});
	f->ev.ts = UINT64_MAX;
	want_rows(f, {"evt.datetime", "2554-07-21 23:34:33.709551615"});
}

static void test_output_time(void **state)
{
	static const struct {
		char mode;
		const char *text;
	} rows[] = {
		{'h', "22:13:20.123456789"},
		{'a', "1700000000.123456789"},
		{'r', "3.000000500"},
		{'d', "0.000000000"},
		{'D', "0.000000000"},
		{0, "22:13:20.123456789"},
	};
	struct fx *f = *state;

	fx_event(f, LNR_EV_SYSCALL_GETCWD_X, 400);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		f->ctx.time_mode = rows[i].mode;
		want(f, "evt.outputtime", rows[i].text);
	}
	want_json(f, "evt.outputtime", "1700000000123456789");
}

/* Each occurrence has a clock of its own. */
static void test_delta_time(void **state)
{
	struct fx *f = *state;
	struct lnr_field_ref whole = fx_ref(f, "evt.deltatime"), s = fx_ref(f, "evt.deltatime.s"),
			     ns = fx_ref(f, "evt.deltatime.ns");
	uint64_t slots[3] = {0};
	struct lnr_val v;

	f->ctx.slots = slots;
	f->ctx.n_slots = 3;
	whole.slot = 0;
	s.slot = 1;
	ns.slot = 2;
	assert_true(whole.def->flags & LNR_FIELD_SLOT);
	assert_true(whole.def->flags & LNR_FIELD_VOLATILE);
	for (int round = 0; round < 3; round++) {
		fx_event(f, LNR_EV_SYSCALL_GETCWD_X, 400);
		f->ev.ts += (uint64_t)round * UINT64_C(2000000007);
		uint64_t d = round ? UINT64_C(2000000007) : 0;
		assert_true(lnr_field_get(&f->ctx, &whole, &v) && v.u64 == d);
		assert_true(lnr_field_get(&f->ctx, &s, &v) && v.u64 == d / 1000000000);
		assert_true(lnr_field_get(&f->ctx, &ns, &v) && v.u64 == d % 1000000000);
	}
	/* Without a slot there is no clock. */
	want(f, "evt.deltatime", "0");
	f->ctx.time_mode = 'D';
	struct lnr_field_ref out = fx_ref(f, "evt.outputtime");
	out.slot = 0;
	f->ev.ts += 1500000000;
	assert_true(lnr_field_get(&f->ctx, &out, &v));
	assert_str(v.str, "1.500000000");
}

static void test_counter(void **state)
{
	struct fx *f = *state;
	struct lnr_field_ref a = fx_ref(f, "util.cnt"), b = a;
	uint64_t slots[2] = {0};
	struct lnr_val v;

	fx_event(f, LNR_EV_SYSCALL_GETCWD_X, 400);
	f->ctx.slots = slots;
	f->ctx.n_slots = 2;
	a.slot = 0;
	b.slot = 1;
	for (uint64_t i = 1; i <= 3; i++)
		assert_true(lnr_field_get(&f->ctx, &a, &v) && v.u64 == i);
	assert_true(lnr_field_get(&f->ctx, &b, &v) && v.u64 == 1);
	want(f, "util.cnt", "1");
}

static void test_old_latencies(void **state)
{
	struct fx *f = *state;

	fx_event(f, LNR_EV_SYSCALL_GETCWD_X, 400);
	want_rows(f, {"evt.latency", "0"}, {"evt.latency.s", "0"}, {"evt.latency.ns", "000000000"},
		{"evt.latency.quantized", "0"}, {"evt.latency.human", "0ns"},
		{"evt.wait_latency", "0"});
	want_json(f, "evt.latency.ns", "0");
}

static void test_types(void **state)
{
	struct fx *f = *state;

	fx_event(f, LNR_EV_SYSCALL_OPENAT_2_X, 400);
	want_rows(f, {"evt.type", "openat"}, {"syscall.type", "openat"});
	want_value(f, "evt.type.is.openat", "0"); /* means the first of several of that name */
	want_value(f, "evt.type.is.307", "1");
	want_value(f, "evt.type.is.306", "0");
	want(f, "evt.type.is.307", "(absent)"); /* outputs never show it */
	fx_event(f, LNR_EV_SYSCALL_OPEN_X, 400);
	want_value(f, "evt.type.is.open", "1");
	want_value(f, "evt.type.is.2", "0");
	fx_event(f, LNR_EV_SYSCALL_OPEN_E, 400);
	want_value(f, "evt.type.is.open", "1");
	want(f, "evt.dir", ">");
	absent(f, "evt.count.exit");
	fx_event(f, LNR_EV_PROCEXIT_1_E, 400);
	want_rows(f, {"evt.type", "procexit"}, {"evt.dir", ">"});
	absent(f, "syscall.type");
}

static void generic(struct fx *f, unsigned code, int native)
{
	fx_begin(f, LNR_EV_GENERIC_X, 400);
	lnr_record_u16(&f->b, (uint16_t)code);
	if (native >= 0)
		lnr_record_u16(&f->b, (uint16_t)native);
	fx_end(f);
}

static void test_generic_calls(void **state)
{
	struct fx *f = *state;
	const struct lnr_syscall_info *getpid = lnr_syscall_by_name(LNR_STR("getpid"));

	generic(f, LNR_SC_GETPID, -1);
	want_rows(f, {"evt.type", "getpid"}, {"syscall.type", "getpid"}, {"evt.args", ""},
		{"evt.info", ""}, {"evt.category", "other"}, {"evt.arg.ID", "getpid"});
	absent(f, "evt.res");
	absent(f, "evt.failed");
	/* A code we do not know is told by the native number, if that one we do. */
	int nr = getpid->nr_x86_64;
#ifdef __aarch64__
	nr = getpid->nr_aarch64;
#endif
	generic(f, LNR_SC_UNKNOWN, nr);
	want(f, "evt.type", "getpid");
	generic(f, 60000, nr);
	want_rows(f, {"evt.type", "getpid"}, {"evt.arg.ID", "<unknown syscall>"});
	generic(f, LNR_SC_UNKNOWN, 60000);
	want(f, "evt.type", "unknown");
	generic(f, 60000, -1);
	want(f, "evt.type", "unknown");
}

static void test_async(void **state)
{
	struct fx *f = *state;

	fx_begin(f, LNR_EV_ASYNCEVENT_E, -1);
	lnr_record_u32(&f->b, 0);
	lnr_record_str(&f->b, "container");
	lnr_record_bytes(&f->b, "{}\0", 3);
	fx_end(f);
	want_rows(f, {"evt.type", "container"}, {"evt.is_async", "true"},
		{"evt.asynctype", "container"}, {"evt.buffer", "{}."});
	absent(f, "syscall.type");
	fx_event(f, LNR_EV_USER_ADDED_E, -1);
	want_rows(f, {"evt.type", "useradded"}, {"evt.is_async", "true"},
		{"evt.asynctype", "useradded"});
	fx_event(f, LNR_EV_ASYNCEVENT_E, -1);
	absent(f, "evt.type");
}

static void test_categories(void **state)
{
	static const struct {
		unsigned type;
		const char *category;
	} rows[] = {
		{LNR_EV_GENERIC_X, "other"}, {LNR_EV_SYSCALL_OPEN_X, "file"},
		{LNR_EV_SOCKET_CONNECT_X, "net"}, {LNR_EV_SYSCALL_PIPE_X, "IPC"},
		{LNR_EV_SYSCALL_BRK_4_X, "memory"}, {LNR_EV_SYSCALL_EXECVE_19_X, "process"},
		{LNR_EV_SYSCALL_NANOSLEEP_X, "sleep"}, {LNR_EV_SYSCALL_MOUNT_X, "file"},
		{LNR_EV_SYSCALL_KILL_X, "signal"}, {LNR_EV_SYSCALL_SETUID_X, "user"},
		{LNR_EV_SYSCALL_POLL_X, "wait"}, {LNR_EV_SCHEDSWITCH_6_E, "scheduler"},
		{LNR_EV_DROP_E, "internal"},
		{LNR_EV_SYSCALL_READ_X, "unknown"}, /* descriptor not known */
	};
	static const struct {
		int type;
		const char *category;
	} fds[] = {
		{LNR_FD_FILE, "file"},
		{LNR_FD_FILE_V2, "file"},
		{LNR_FD_DIRECTORY, "file"},
		{LNR_FD_IPV4_SOCK, "net"},
		{LNR_FD_IPV6_SOCK, "net"},
		{LNR_FD_IPV4_SERVSOCK, "net"},
		{LNR_FD_IPV6_SERVSOCK, "net"},
		{LNR_FD_FIFO, "ipc"},
		{LNR_FD_UNIX_SOCK, "ipc"},
		{LNR_FD_EVENT, "ipc"},
		{LNR_FD_SIGNALFD, "ipc"},
		{LNR_FD_INOTIFY, "ipc"},
		{LNR_FD_USERFAULTFD, "ipc"},
		{LNR_FD_EVENTPOLL, "unknown"},
		{LNR_FD_TIMERFD, "unknown"},
		{LNR_FD_MEMFD, "unknown"},
		{LNR_FD_UNKNOWN, "unknown"},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		fx_event(f, rows[i].type, 400);
		want(f, "evt.category", rows[i].category);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(fds); i++) {
		fx_fd(f, 400, 5, fds[i].type, "x");
		fx_event(f, LNR_EV_SYSCALL_WRITE_X, 400);
		fx_use_fd(f, 5);
		want(f, "evt.category", fds[i].category);
	}
}

static void test_results(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_MKDIR_2_X, 400, 0);
	want_rows(f, {"evt.res", "SUCCESS"}, {"evt.rawres", "0"}, {"evt.failed", "false"},
		{"evt.count.error", "0"}, {"evt.count.exit", "1"});
	fx_event_res(f, LNR_EV_SYSCALL_MKDIR_2_X, 400, -13);
	want_rows(f, {"evt.res", "EACCES"}, {"evt.rawres", "-13"}, {"evt.failed", "true"},
		{"evt.count.error", "1"});
	want_json(f, "evt.rawres", "-13");
	want_json(f, "evt.failed", "true");
	fx_event_res(f, LNR_EV_SYSCALL_OPENAT_2_X, 400, -2);
	want(f, "evt.res", "ENOENT");
	fx_event_res(f, LNR_EV_SYSCALL_MKDIR_2_X, 400, -99999); /* no such error */
	want(f, "evt.res", "-99999");
	fx_event_res(f, LNR_EV_PROCEXIT_1_E, 400, -1);
	absent(f, "evt.res");
	absent(f, "evt.rawres");
	absent(f, "evt.failed");
	absent(f, "evt.count.error");
	absent(f, "evt.count.error.other");
}

static void test_error_counters(void **state)
{
	static const char *const names[] = {"evt.count.error.file", "evt.count.error.net",
		"evt.count.error.memory", "evt.count.error.other"};
	static const struct {
		unsigned type;
		int fd; /* type of the event's descriptor, -1 none */
		int counts;
		int also;
	} rows[] = {
		{LNR_EV_SYSCALL_OPEN_X, -1, 0, -1},
		{LNR_EV_SYSCALL_CREAT_X, -1, 0, -1},
		{LNR_EV_SYSCALL_OPENAT_2_X, -1, 0, -1},
		{LNR_EV_SYSCALL_OPENAT2_X, -1, 0, -1},
		{LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X, -1, 0, -1},
		{LNR_EV_SOCKET_CONNECT_X, -1, 1, -1},
		{LNR_EV_SOCKET_ACCEPT_5_X, -1, 1, -1},
		{LNR_EV_SOCKET_ACCEPT4_6_X, -1, 1, -1},
		{LNR_EV_SYSCALL_MUNMAP_X, -1, 2, -1},
		{LNR_EV_SYSCALL_KILL_X, -1, 3, -1},
		{LNR_EV_SYSCALL_READ_X, LNR_FD_FILE_V2, 0, -1},
		{LNR_EV_SYSCALL_READ_X, LNR_FD_DIRECTORY, 0, -1},
		{LNR_EV_SYSCALL_READ_X, LNR_FD_IPV6_SOCK, 1, -1},
		{LNR_EV_SYSCALL_READ_X, LNR_FD_UNIX_SOCK, 1, -1},
		{LNR_EV_SYSCALL_READ_X, LNR_FD_FIFO, 3, -1},
		{LNR_EV_SYSCALL_MMAP_X, LNR_FD_FILE_V2, 2, 0},
		{LNR_EV_SYSCALL_MMAP_X, LNR_FD_FIFO, 2, 3},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
		if (rows[i].fd >= 0)
			fx_fd(f, 400, 6, rows[i].fd, "x");
		fx_event_res(f, rows[i].type, 400, -1);
		if (rows[i].fd >= 0)
			fx_use_fd(f, 6);
		for (int n = 0; n < 4; n++)
			want(f, names[n],
				n == rows[i].counts || n == rows[i].also ? "1" : "(absent)");
	}
}

static void test_io(void **state)
{
	struct fx *f = *state;

	fx_fd(f, 400, 3, LNR_FD_FILE_V2, "/tmp/f");
	fx_fd(f, 400, 4, LNR_FD_IPV4_SOCK, "1->2");
	fx_fd(f, 400, 5, LNR_FD_UNIX_SOCK, "0->0 /dev/log");
	fx_event_res(f, LNR_EV_SYSCALL_READ_X, 400, 100);
	fx_use_fd(f, 3);
	want_rows(f, {"evt.is_io", "true"}, {"evt.is_io_read", "true"},
		{"evt.is_io_write", "false"}, {"evt.io_dir", "read"}, {"evt.is_wait", "false"},
		{"evt.buflen", "100"}, {"evt.buflen.in", "100"}, {"evt.buflen.file", "100"},
		{"evt.buflen.file.in", "100"}, {"evt.is_syslog", "false"});
	absent(f, "evt.buflen.out");
	absent(f, "evt.buflen.file.out");
	absent(f, "evt.buflen.net");
	fx_event_res(f, LNR_EV_SYSCALL_WRITE_X, 400, 7);
	fx_use_fd(f, 4);
	want_rows(f, {"evt.io_dir", "write"}, {"evt.is_io_write", "true"},
		{"evt.buflen.net.out", "7"}, {"evt.buflen.net", "7"}, {"evt.buflen.out", "7"});
	absent(f, "evt.buflen.net.in");
	absent(f, "evt.buflen.in");
	fx_use_fd(f, 5);
	want_rows(f, {"evt.is_syslog", "true"}, {"evt.buflen", "7"});
	fx_event_res(f, LNR_EV_SYSCALL_WRITE_X, 400, -11);
	fx_use_fd(f, 4);
	absent(f, "evt.buflen");
	fx_event_res(f, LNR_EV_SYSCALL_WRITE_X, 400, 7);
	absent(f, "evt.buflen"); /* descriptor not known */
	fx_event_res(f, LNR_EV_SYSCALL_MKDIR_2_X, 400, 0);
	want_rows(f, {"evt.is_io", "false"});
	absent(f, "evt.io_dir");
	fx_event_res(f, LNR_EV_SYSCALL_POLL_X, 400, 0);
	want(f, "evt.is_wait", "true");
}

static void opening(struct fx *f, unsigned type, int64_t fd, uint32_t flags, uint32_t mode)
{
	fx_begin(f, type, 400);
	lnr_record_u64(&f->b, (uint64_t)fd);
	if (type != LNR_EV_SYSCALL_OPEN_X)
		lnr_record_u64(&f->b, (uint64_t)LNR_AT_FDCWD);
	if (type != LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X)
		lnr_record_str(&f->b, "/x");
	lnr_record_u32(&f->b, flags);
	if (type != LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X)
		lnr_record_u32(&f->b, mode);
	fx_end(f);
}

static void test_opens(void **state)
{
	static const struct {
		uint32_t flags, mode;
		int64_t fd;
		const char *r, *w, *x, *c;
	} rows[] = {
		{LNR_O_RDONLY, 0, 3, "true", "false", "false", "false"},
		{LNR_O_WRONLY, 0, 3, "false", "true", "false", "false"},
		{LNR_O_RDWR, 0, -1, "true", "true", "false", "false"},
		{LNR_O_WRONLY | LNR_O_CREAT, LNR_S_IXUSR, 3, "false", "true", "true", "false"},
		{LNR_O_WRONLY | LNR_O_CREAT, LNR_S_IRUSR, 3, "false", "true", "false", "false"},
		{LNR_O_WRONLY | LNR_O_CREAT | LNR_O_F_CREATED, LNR_S_IXOTH, 3, "false", "true",
			"true", "true"},
		{LNR_O_RDWR | LNR_O_TMPFILE, LNR_S_IXGRP, 3, "true", "true", "true", "true"},
		{LNR_O_RDWR | LNR_O_TMPFILE, LNR_S_IXGRP, -2, "true", "true", "true", "false"},
		{LNR_O_RDONLY, LNR_S_IXUSR, 3, "true", "false", "false", "false"},
	};
	static const unsigned types[] = {LNR_EV_SYSCALL_OPEN_X, LNR_EV_SYSCALL_OPENAT_2_X,
		LNR_EV_SYSCALL_OPENAT2_X, LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X};
	struct fx *f = *state;

	for (size_t t = 0; t < LNR_ARRAY_SIZE(types); t++) {
		bool handle = types[t] == LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X;
		for (size_t i = 0; i < LNR_ARRAY_SIZE(rows); i++) {
			opening(f, types[t], rows[i].fd, rows[i].flags, rows[i].mode);
			want(f, "evt.is_open_read", rows[i].r);
			want(f, "evt.is_open_write", rows[i].w);
			want(f, "evt.is_open_exec", handle ? "false" : rows[i].x);
			want(f, "evt.is_open_create", rows[i].c);
		}
	}
	fx_begin(f, LNR_EV_SYSCALL_CREAT_X, 400);
	lnr_record_u64(&f->b, 3);
	lnr_record_str(&f->b, "/x");
	lnr_record_u32(&f->b, LNR_S_IXUSR);
	fx_end(f);
	want_rows(f, {"evt.is_open_exec", "true"}, {"evt.is_open_read", "false"},
		{"evt.is_open_write", "false"}, {"evt.is_open_create", "false"});
	fx_event_res(f, LNR_EV_SYSCALL_MKDIR_2_X, 400, 0);
	want_rows(f, {"evt.is_open_exec", "false"}, {"evt.is_open_read", "false"});
}

static void test_process_information(void **state)
{
	struct fx *f = *state;

	fx_event(f, LNR_EV_PROCINFO_E, 400);
	want_rows(f, {"evt.count.procinfo", "1"}, {"evt.count.threadinfo", "1"});
	fx_event(f, LNR_EV_PROCINFO_E, 401);
	want_rows(f, {"evt.count.procinfo", "0"}, {"evt.count.threadinfo", "1"});
	fx_event(f, LNR_EV_SYSCALL_READ_X, 400);
	want_rows(f, {"evt.count.procinfo", "0"}, {"evt.count.threadinfo", "0"});
}

static void infra(struct fx *f, const char *description)
{
	fx_begin(f, LNR_EV_INFRASTRUCTURE_EVENT_E, -1);
	lnr_record_str(&f->b, "docker");
	lnr_record_str(&f->b, "n");
	lnr_record_str(&f->b, description);
	lnr_record_str(&f->b, "s");
	fx_end(f);
}

static void test_infrastructure(void **state)
{
	struct fx *f = *state;

	infra(f, "Event: start; ID: 0123456789abcdef; name: web ; Image: nginx@sha256:0f");
	want_rows(f, {"evt.infra.docker.name", "start"},
		{"evt.infra.docker.container.id", "0123456789ab"},
		{"evt.infra.docker.container.name", "web"},
		{"evt.infra.docker.container.image", "nginx"});
	infra(f, "Image: sha256:0f12;ID");
	want_rows(f, {"evt.infra.docker.container.image", "sha256:0f12"},
		{"evt.infra.docker.container.id", ""});
	absent(f, "evt.infra.docker.name");
	fx_event(f, LNR_EV_SYSCALL_READ_X, 400);
	absent(f, "evt.infra.docker.container.image");
}

static int around(struct fx *f, const char *ref_text, const char *op, const char *ms)
{
	struct lnr_field_ref ref = fx_ref(f, ref_text);

	return ref.def->compare(&f->ctx, &ref, op, lnr_str_c(ms));
}

static void test_around(void **state)
{
	struct fx *f = *state;

	fx_event(f, LNR_EV_SYSCALL_READ_X, 400);
	assert_int_equal(around(f, "evt.around[1700000000123456789]", "=", "0"), 1);
	assert_int_equal(around(f, "evt.around[1700000000122456789]", "=", "1"), 1);
	assert_int_equal(around(f, "evt.around[1700000000122456788]", "=", "1"), 0);
	assert_int_equal(around(f, "evt.around[1700000000124456789]", "==", "1"), 1);
	assert_int_equal(around(f, "evt.around[1700000000124456790]", "=", "1"), 0);
	assert_int_equal(around(f, "evt.around[0]", "=", "18446744073709551615"), 1);
	assert_int_equal(around(f, "evt.around[0]", "!=", "1"), 0);
	assert_int_equal(around(f, "evt.around[0]", "=", "x"), 0);
	assert_int_equal(around(f, "evt.around[5]", "exists", ""), -1);
	want(f, "evt.around[5]", "(absent)"); /* filter only */
	want_value(f, "evt.around[-1]", "1700000000123456789");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FX_TEST(test_generic),
		FX_TEST(test_plugin),
		FX_TEST(test_times),
		FX_TEST(test_extreme_times),
		FX_TEST(test_output_time),
		FX_TEST(test_delta_time),
		FX_TEST(test_counter),
		FX_TEST(test_old_latencies),
		FX_TEST(test_types),
		FX_TEST(test_generic_calls),
		FX_TEST(test_async),
		FX_TEST(test_categories),
		FX_TEST(test_results),
		FX_TEST(test_error_counters),
		FX_TEST(test_io),
		FX_TEST(test_opens),
		FX_TEST(test_process_information),
		FX_TEST(test_infrastructure),
		FX_TEST(test_around),
	};

	return cmocka_run_group_tests_name("fields/evt", tests, NULL, NULL);
}
