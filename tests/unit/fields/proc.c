/* SPDX-License-Identifier: Apache-2.0 */
/* proc.*, thread.*: values of the process, its parent, ancestors and leaders. */
#include "fixture.h"

static void test_own_texts(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"proc.exe", "./app"}, {"proc.exepath", "/usr/bin/app"}, {"proc.name", "app"},
		{"proc.args", "--flag two words  last"},
		{"proc.cmdline", "app --flag two words  last"},
		{"proc.exeline", "./app --flag two words  last"}, {"proc.cmdnargs", "4"},
		{"proc.cmdlenargs", "19"}, {"proc.cwd", "/srv/dir/"});
	want_rows(f, {"proc.pexe", "sh"}, {"proc.pexepath", "/usr/bin/sh"}, {"proc.pname", "sh"},
		{"proc.pcmdline", "sh run.sh now"});
}

static void test_threads_show_their_own(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 401, 0);
	want_rows(f, {"proc.name", "worker"}, {"proc.cmdline", "worker --flag"},
		{"proc.pid", "400"}, {"thread.tid", "401"}, {"thread.ismain", "false"},
		{"proc.cwd", "/srv/dir/"}, {"proc.env[HOME]", "/home/alice"},
		{"proc.apid[0]", "400"}, {"proc.aname[0]", "app"}, {"proc.fdlimit", "1024"});
}

static void test_single_arguments(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"proc.args[0]", "--flag"}, {"proc.args[1]", "two words"},
		{"proc.args[2]", ""}, {"proc.args[3]", "last"}, {"proc.args[4]", ""},
		{"proc.args[-1]", "--flag two words  last"}, {"proc.args[01]", "two words"},
		{"proc.args[' 1']", "two words"});
}

static void test_no_arguments(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 200, 0);
	want_rows(f, {"proc.args", ""}, {"proc.cmdline", "bash"}, {"proc.exeline", "-bash "},
		{"proc.cmdnargs", "0"}, {"proc.cmdlenargs", "0"}, {"proc.args[0]", ""});
	/* Without a name there is no command line, whatever the arguments are. */
	lnr_blob_set(&f->ev.thread->comm, LNR_STR(""));
	lnr_blob_set(&f->ev.thread->args, FX_ITEMS("x\0"));
	want(f, "proc.cmdline", "");
}

static void test_environment(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"proc.env", "HOME=/home/alice EMPTY= SPACED=  v a l   PATHX=/x"},
		{"proc.env[HOME]", "/home/alice"}, {"proc.env[EMPTY]", ""},
		{"proc.env[SPACED]", "v a l"}, {"proc.env[PATH]", ""}, {"proc.env[NONE]", ""},
		{"proc.env[0]", "HOME=/home/alice EMPTY= SPACED=  v a l   PATHX=/x"},
		{"proc.env['HOME']", "/home/alice"},
		{"proc.env['']", "HOME=/home/alice EMPTY= SPACED=  v a l   PATHX=/x"});
}

static void test_ancestors_by_index(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"proc.aname[0]", "app"}, {"proc.aname[1]", "sh"}, {"proc.aname[2]", "bash"},
		{"proc.aname[3]", "sshd"}, {"proc.aname[4]", "systemd"}, {"proc.aname[-2]", "app"},
		{"proc.aexe[2]", "-bash"}, {"proc.aexepath[3]", "/usr/bin/sshd"},
		{"proc.acmdline[1]", "sh run.sh now"}, {"proc.aargs[1]", "run.sh now"},
		{"proc.apid[2]", "200"});
	want_value(f, "proc.aname[1]", "sh");
	absent(f, "proc.aname[5]");
	absent(f, "proc.apid[5]");
	absent(f, "proc.acmdline[99999999999]");
}

static void test_all_ancestors(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"proc.aname", "sh bash sshd systemd"},
		{"proc.aexe", "sh -bash sshd: /sbin/init"},
		{"proc.acmdline", "sh run.sh now bash sshd alice systemd splash"},
		{"proc.aargs", "run.sh now  alice splash"}, {"proc.apid", "400"},
		{"proc.aname[-1]", "sh bash sshd systemd"});
	/* A rule compares each of them. */
	want_value(f, "proc.aname", "(sh,bash,sshd,systemd)");
	want_value(f, "proc.apid", "(300,200,100,1)");
	want_value(f, "proc.aargs", "run.sh now  alice splash");
}

static void test_without_ancestors(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 1, 0);
	absent(f, "proc.aname");
	absent(f, "proc.aargs");
	absent(f, "proc.pname");
	absent(f, "proc.ppid");
	absent(f, "proc.ppid.duration");
	absent(f, "proc.ppid.ts");
	absent(f, "proc.pvpid");
	want(f, "proc.apid", "1");
	want_value(f, "proc.apid", "(absent)");
}

static void test_ancestor_loop_ends(void **state)
{
	struct fx *f = *state;

	fx_thread(f, 1)->ptid = 300;
	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	/* Each one once; where exactly the walk notices is not promised. */
	struct lnr_str s = fx_text(f, "proc.aname");
	assert_true(lnr_str_starts(s, LNR_STR("sh bash sshd systemd")));
	assert_true(s.len < 100);
	want(f, "proc.loginshellid", "200");
}

static void test_ancestor_environment(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"proc.aenv[SHELLVAR]", "deep"}, {"proc.aenv[HOME]", "/home/bash"},
		{"proc.aenv[NONE]", ""}, {"proc.aenv[2]", "SHELLVAR=deep HOME=/home/bash"},
		{"proc.aenv[0]", "HOME=/home/alice EMPTY= SPACED=  v a l   PATHX=/x"},
		{"proc.aenv", "HOME=/home/alice EMPTY= SPACED=  v a l   PATHX=/x"});
	want_value(f, "proc.aenv", "(,SHELLVAR=deep HOME=/home/bash,,)");
	want_value(f, "proc.aenv[2]", "SHELLVAR=deep HOME=/home/bash");
	absent(f, "proc.aenv[9]");
}

static void test_login_shell(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want(f, "proc.loginshellid", "200");
	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 200, 0);
	want(f, "proc.loginshellid", "200");
	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 100, 0);
	absent(f, "proc.loginshellid");
}

static void test_ids(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"proc.tty", "34816"}, {"proc.pid", "400"}, {"proc.ppid", "300"},
		{"proc.vpid", "400"}, {"proc.pvpid", "300"}, {"proc.sid", "200"},
		{"proc.vpgid", "300"}, {"proc.pgid", "300"}, {"thread.tid", "400"},
		{"thread.vtid", "400"}, {"thread.ismain", "true"}, {"thread.nametid", "app400"},
		{"proc.is_sid_leader", "false"}, {"proc.is_vpgid_leader", "false"},
		{"proc.is_pgid_leader", "false"});
	want_json(f, "proc.pid", "400");
	f->ev.thread->vpid = f->ev.thread->vtid = -1;
	absent(f, "proc.vpid");
	absent(f, "thread.vtid");
	f->ev.thread->pid = INT64_C(1) << 40;
	absent(f, "proc.pid");
	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 200, 0);
	want_rows(f, {"proc.is_sid_leader", "true"}, {"proc.is_vpgid_leader", "true"},
		{"proc.is_pgid_leader", "true"});
}

static void test_leaders(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"proc.sname", "bash"}, {"proc.sid.exe", "-bash"},
		{"proc.sid.exepath", "/usr/bin/bash"}, {"proc.pgid.name", "sh"},
		{"proc.pgid.exe", "sh"}, {"proc.pgid.exepath", "/usr/bin/sh"},
		{"proc.vpgid.name", "sh"}, {"proc.vpgid.exe", "sh"},
		{"proc.vpgid.exepath", "/usr/bin/sh"});
	/* In a pid namespace a virtual id says nothing about the table: ancestors are asked. */
	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 510, 0);
	want_rows(f, {"proc.vpgid.name", "nginx"}, {"proc.pgid.name", "nginx"});
	f->ev.thread->sid = f->ev.thread->pgid = -1;
	want_rows(f, {"proc.sname", ""}, {"proc.pgid.name", ""}, {"proc.sid.exe", ""});
}

static void test_ages(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"proc.duration", "8000"}, {"proc.pid.ts", "1700000000123448789"},
		{"proc.ppid.ts", "0"});
	want_json(f, "proc.duration", "8000");
	absent(f, "proc.ppid.duration");
	fx_thread(f, 300)->clone_ts = FX_TS - 20000;
	want_rows(f, {"proc.ppid.duration", "20000"}, {"proc.ppid.ts", "1700000000123436789"});
	f->ev.thread->clone_ts = 0;
	absent(f, "proc.duration");
	absent(f, "proc.pid.ts");
}

static void test_executable(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"proc.is_exe_writable", "true"}, {"proc.is_exe_upper_layer", "true"},
		{"proc.is_exe_lower_layer", "false"}, {"proc.is_exe_from_memfd", "false"},
		{"proc.exe_ino", "4711"}, {"proc.exe_ino.ctime", "1700000000123447789"},
		{"proc.exe_ino.mtime", "1700000000123447289"},
		{"proc.exe_ino.ctime_duration_proc_start", "1000"},
		{"proc.exe_ino.ctime_duration_pidns_start", "500"},
		{"proc.pidns_init_start_ts", "1699990000000000000"},
		{"thread.cap_permitted", "CAP_CHOWN CAP_NET_ADMIN"},
		{"thread.cap_effective", "CAP_CHOWN"}, {"thread.cap_inheritable", ""});
	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 300, 0);
	absent(f, "proc.exe_ino");
	absent(f, "proc.exe_ino.ctime");
	absent(f, "proc.exe_ino.mtime");
	absent(f, "proc.exe_ino.ctime_duration_proc_start");
	absent(f, "proc.exe_ino.ctime_duration_pidns_start");
	want(f, "proc.is_exe_writable", "false");
}

static void test_resources(void **state)
{
	struct fx *f = *state;

	fx_fd(f, 400, 0, LNR_FD_FILE_V2, "/dev/null");
	fx_fd(f, 400, 1, LNR_FD_FIFO, NULL);
	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"proc.fdopencount", "2"}, {"proc.fdlimit", "1024"}, {"proc.fdusage", "0.2"},
		{"proc.vmsize", "4000"}, {"proc.vmrss", "300"}, {"proc.vmswap", "20"},
		{"thread.pfmajor", "7"}, {"thread.pfminor", "70"}, {"thread.vmsize", "4000"},
		{"thread.vmrss", "300"}, {"thread.vmsize.b", "4096000"},
		{"thread.vmrss.b", "307200"}, {"proc.nthreads", "2"}, {"proc.nchilds", "1"},
		{"proc.stdin.type", "file"}, {"proc.stdin.name", "/dev/null"},
		{"proc.stdout.type", "pipe"}, {"proc.stdout.name", ""});
	want_json(f, "proc.fdusage", "0.1953125");
	absent(f, "proc.stderr.type");
	absent(f, "proc.stderr.name");
	fx_thread(f, 400)->fdlimit = 1;
	want(f, "proc.fdusage", "100.0");
	fx_thread(f, 400)->fdlimit = 0;
	want(f, "proc.fdusage", "0.0");
	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 401, 0);
	want_rows(f, {"thread.vmsize", "0"}, {"thread.vmrss", "0"}, {"proc.nthreads", "2"},
		{"proc.fdopencount", "2"}, {"proc.stdin.type", "file"});
}

static void test_cgroups(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"thread.cgroups", "cpu=/a memory=/b c"}, {"thread.cgroup.cpu", "/a"},
		{"thread.cgroup.memory", "/b c"});
	absent(f, "thread.cgroup.io");
	absent(f, "thread.cgroup.cp");
	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 300, 0);
	absent(f, "thread.cgroups");
	absent(f, "thread.cgroup.cpu");
}

static void test_cpu(void **state)
{
	struct fx *f = *state;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 400, 0);
	want_rows(f, {"thread.exectime", "0"}, {"thread.totexectime", "0"});
	f->ctx.live = true;
	want_rows(f, {"thread.exectime", "0"}, {"thread.totexectime", "12345"});
	absent(f, "thread.cpu");

	fx_event(f, LNR_EV_SCHEDSWITCH_6_E, 400);
	f->ev.exectime_ns = 77;
	want(f, "thread.exectime", "77");

	for (int round = 0; round < 2; round++) {
		fx_begin(f, LNR_EV_PROCINFO_E, 400);
		lnr_record_u64(&f->b, 30 + round * 20);
		lnr_record_u64(&f->b, 10 + round * 500);
		fx_end(f);
		if (round == 0) {
			want_rows(f, {"thread.cpu", "0.0"}, {"thread.cpu.user", "0.0"});
			f->ev.thread->cpu_usr = 30;
			f->ev.thread->cpu_sys = 10;
		}
	}
	want_rows(f, {"thread.cpu", "100.0"}, {"thread.cpu.user", "20.0"},
		{"thread.cpu.system", "100.0"});
}

/* Everything about the process is absent without a thread, apart from what the header tells. */
static void test_without_thread(void **state)
{
	struct fx *f = *state;
	const struct lnr_field_class *cls;
	size_t pos = 0;

	fx_event_res(f, LNR_EV_SYSCALL_GETCWD_X, 4000, 0);
	assert_null(f->ev.thread);
	while ((cls = lnr_fieldset_next(f->set, &pos))) {
		if (strcmp(cls->name, "process") != 0 && strcmp(cls->name, "user") != 0 &&
			strcmp(cls->name, "group") != 0 && strcmp(cls->name, "fd") != 0)
			continue;
		for (const struct lnr_field *row = cls->fields; row->name; row++) {
			if (strcmp(row->name, "thread.tid") == 0 ||
				strcmp(row->name, "thread.exectime") == 0 ||
				(row->flags & LNR_FIELD_ARG_REQUIRED))
				continue;
			lnr_test_assert_bytes(fx_value(f, row->name), LNR_STR("(absent)"),
				row->name, __FILE__, __LINE__);
		}
	}
	want_rows(f, {"thread.tid", "4000"}, {"thread.exectime", "0"});
	absent(f, "thread.cgroup.cpu");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FX_TEST(test_own_texts),
		FX_TEST(test_threads_show_their_own),
		FX_TEST(test_single_arguments),
		FX_TEST(test_no_arguments),
		FX_TEST(test_environment),
		FX_TEST(test_ancestors_by_index),
		FX_TEST(test_all_ancestors),
		FX_TEST(test_without_ancestors),
		FX_TEST(test_ancestor_loop_ends),
		FX_TEST(test_ancestor_environment),
		FX_TEST(test_login_shell),
		FX_TEST(test_ids),
		FX_TEST(test_leaders),
		FX_TEST(test_ages),
		FX_TEST(test_executable),
		FX_TEST(test_resources),
		FX_TEST(test_cgroups),
		FX_TEST(test_cpu),
		FX_TEST(test_without_thread),
	};

	return cmocka_run_group_tests_name("fields/proc", tests, NULL, NULL);
}
