/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that become others (spec events-and-state 5.7, 7.5). */
#include "state_test.h"

#define X(name) LNR_P_SYSCALL_EXECVE_19_X_##name

static void exec_begin(struct rig *r, unsigned type, int64_t tid, int64_t res)
{
	rig_begin(r, type, tid);
	rig_num(r, X(res), res);
	rig_str(r, X(exe), "/bin/ls");
	rig_items(r, X(args), (const char *const[]){"-l", "/tmp", NULL});
	rig_num(r, X(tid), tid);
	rig_num(r, X(pid), tid);
	rig_num(r, X(ptid), 1);
	rig_num(r, X(fdlimit), 4096);
	rig_num(r, X(pgft_maj), 1);
	rig_num(r, X(pgft_min), 2);
	rig_num(r, X(vm_size), 3);
	rig_num(r, X(vm_rss), 4);
	rig_num(r, X(vm_swap), 5);
	rig_str(r, X(comm), "ls");
	rig_items(r, X(cgroups), (const char *const[]){"cpu=/a", "io=/b", NULL});
	rig_items(r, X(env), (const char *const[]){"A=1", "B=2", NULL});
	rig_num(r, X(tty), 34816);
	rig_num(r, X(vpgid), 61);
	rig_num(r, X(loginuid), 1001);
	rig_num(r, X(flags), LNR_EXE_WRITABLE | LNR_EXE_LOWER_LAYER);
	rig_num(r, X(cap_inheritable), 6);
	rig_num(r, X(cap_permitted), 7);
	rig_num(r, X(cap_effective), 8);
	rig_num(r, X(exe_ino), 9);
	rig_num(r, X(exe_ino_ctime), (int64_t)BOOT_TS + 10);
	rig_num(r, X(exe_ino_mtime), (int64_t)BOOT_TS + 11);
	rig_num(r, X(uid), 1002);
	rig_str(r, X(trusted_exepath), "/usr/bin/ls (deleted)");
	rig_num(r, X(pgid), 62);
	rig_num(r, X(gid), 1003);
}

static void assert_is_ls(struct rig *r, int64_t tid)
{
	struct lnr_thread *t = rig_thread(r, tid);
	assert_blob(t->exe, "/bin/ls");
	assert_blob(t->comm, "ls");
	assert_blob(t->exepath, "/usr/bin/ls");
	assert_bytes(lnr_blob_str(t->args), LNR_STR("-l\0/tmp\0"));
	assert_bytes(lnr_blob_str(t->env), LNR_STR("A=1\0B=2\0"));
	assert_bytes(lnr_blob_str(t->cgroups), LNR_STR("cpu=/a\0blkio=/b\0"));
	assert_int_equal(t->pid, tid);
	assert_int_equal(t->fdlimit, 4096);
	assert_int_equal(t->pf_major, 1);
	assert_int_equal(t->pf_minor, 2);
	assert_int_equal(t->vm_size, 3);
	assert_int_equal(t->vm_rss, 4);
	assert_int_equal(t->vm_swap, 5);
	assert_int_equal(t->tty, 34816);
	assert_int_equal(t->vpgid, 61);
	assert_int_equal(t->pgid, 62);
	assert_int_equal(t->loginuid, 1001);
	assert_int_equal(t->uid, 1002);
	assert_int_equal(t->gid, 1003);
	assert_true(t->flags & LNR_TF_EXE_WRITABLE);
	assert_true(t->flags & LNR_TF_EXE_LOWER);
	assert_false(t->flags & (LNR_TF_EXE_UPPER | LNR_TF_EXE_MEMFD));
	assert_int_equal(t->cap_inheritable, 6);
	assert_int_equal(t->cap_permitted, 7);
	assert_int_equal(t->cap_effective, 8);
	assert_int_equal(t->exe_ino, 9);
	assert_int_equal(t->exe_ino_ctime, BOOT_TS + 10);
	assert_int_equal(t->exe_ino_mtime, BOOT_TS + 11);
}

static void success(void **state)
{
	static const unsigned types[] = {LNR_EV_SYSCALL_EXECVE_19_X, LNR_EV_SYSCALL_EXECVEAT_X};
	(void)state;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		struct rig r;
		rig_init(&r);
		rig_populate(&r);
		rig_fork(&r, 100, 200);
		struct lnr_thread *t = rig_thread(&r, 200);
		uint64_t born = t->clone_ts;
		t->flags |= LNR_TF_PIPE_SRC | LNR_TF_PIPE_DST | LNR_TF_IN_PIDNS;
		exec_begin(&r, types[i], 200, 0);
		assert_true(rig_enter(&r));
		assert_ptr_equal(r.ev.thread, t);
		rig_leave(&r);
		assert_is_ls(&r, 200);
		assert_int_equal(t->lastexec_ts, r.ts - 1000);
		assert_int_equal(t->ctime_duration_clone, born - (BOOT_TS + 10));
		assert_int_equal(t->ctime_duration_pidns, 10); /* born on the host: boot time */
		assert_int_equal(t->flags & (LNR_TF_PIPE_SRC | LNR_TF_PIPE_DST),
			LNR_TF_PIPE_SRC | LNR_TF_PIPE_DST);
		assert_false(t->flags & LNR_TF_IN_PIDNS);
		assert_true(t->flags & LNR_TF_NAME_CHANGED);
		assert_int_equal(t->ptid, 100);
		/* The parent is untouched. */
		assert_blob(rig_thread(&r, 100)->comm, "sh");
		rig_done(&r);
	}
}

static void failure(void **state)
{
	static const unsigned types[] = {LNR_EV_SYSCALL_EXECVE_19_X, LNR_EV_SYSCALL_EXECVEAT_X};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(types); i++) {
		exec_begin(&r, types[i], 100, -2);
		assert_true(rig_enter(&r));
		rig_leave(&r);
		assert_blob(rig_thread(&r, 100)->comm, "sh");
		assert_int_equal(rig_thread(&r, 100)->lastexec_ts, 0);
	}
	rig_done(&r);
}

/* Old producers leave parameters out: what was known stays. */
static void fewer_parameters(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	exec_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 100, 0);
	rig_step(&r);
	rig_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 100);
	rig_num(&r, X(res), 0);
	rig_str(&r, X(exe), "cat");
	rig_num(&r, X(pid), 100);
	r.nparams = 8;
	rig_step(&r);
	struct lnr_thread *t = rig_thread(&r, 100);
	assert_blob(t->comm, "cat"); /* as the program, when it has no name */
	assert_int_equal(t->args->len, 0);
	assert_bytes(lnr_blob_str(t->env), LNR_STR("A=1\0B=2\0"));
	assert_blob(t->exepath, "/usr/bin/ls");
	assert_int_equal(t->uid, 1002);
	assert_int_equal(t->vm_rss, 4);
	assert_int_equal(t->cap_effective, 8);
	assert_int_equal(t->pgid, -1); /* but not this one */
	/* Arguments without their last NUL. */
	rig_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 100);
	rig_num(&r, X(res), 0);
	rig_str(&r, X(exe), "cat");
	rig_bytes(&r, X(args), "a\0b", 3);
	rig_step(&r);
	assert_bytes(lnr_blob_str(t->args), LNR_STR("a\0b\0"));
	/* A single one that is empty. */
	rig_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 100);
	rig_num(&r, X(res), 0);
	rig_str(&r, X(exe), "true");
	rig_bytes(&r, X(args), "\0", 1);
	rig_step(&r);
	assert_int_equal(lnr_blob_str(t->args).len, 0);
	rig_done(&r);
}

static void closing(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_openat(&r, 100, 5, "kept");
	rig_openat(&r, 100, 6, "closed");
	rig_begin(&r, LNR_EV_SYSCALL_FCNTL_X, 100);
	rig_num(&r, LNR_P_SYSCALL_FCNTL_X_res, 0);
	rig_num(&r, LNR_P_SYSCALL_FCNTL_X_fd, 6);
	rig_num(&r, LNR_P_SYSCALL_FCNTL_X_cmd, LNR_FCNTL_F_SETFD);
	rig_num(&r, LNR_P_SYSCALL_FCNTL_X_arg, 1);
	rig_step(&r);
	rig_begin(&r, LNR_EV_SYSCALL_EPOLL_CREATE1_X, 100);
	rig_num(&r, LNR_P_SYSCALL_EPOLL_CREATE1_X_res, 7);
	rig_num(&r, LNR_P_SYSCALL_EPOLL_CREATE1_X_flags, LNR_EPOLL_CLOEXEC);
	rig_step(&r);
	rig_begin(&r, LNR_EV_SYSCALL_MEMFD_CREATE_X, 100);
	rig_num(&r, LNR_P_SYSCALL_MEMFD_CREATE_X_fd, 8);
	rig_str(&r, LNR_P_SYSCALL_MEMFD_CREATE_X_name, "m");
	rig_num(&r, LNR_P_SYSCALL_MEMFD_CREATE_X_flags, LNR_MFD_CLOEXEC);
	rig_step(&r);
	rig_begin(&r, LNR_EV_SYSCALL_MEMFD_CREATE_X, 100);
	rig_num(&r, LNR_P_SYSCALL_MEMFD_CREATE_X_fd, 9);
	rig_str(&r, LNR_P_SYSCALL_MEMFD_CREATE_X_name, "n");
	rig_num(&r, LNR_P_SYSCALL_MEMFD_CREATE_X_flags, LNR_MFD_ALLOW_SEALING);
	rig_step(&r);
	rig_fork(&r, 100, 200);
	exec_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 200, 0);
	rig_step(&r);
	assert_name(rig_fd(&r, 200, 5), "/srv/kept");
	assert_null(rig_fd(&r, 200, 6));
	assert_null(rig_fd(&r, 200, 7));
	assert_null(rig_fd(&r, 200, 8));
	assert_name(rig_fd(&r, 200, 9), "n");
	/* The parent's are not. */
	assert_name(rig_fd(&r, 100, 6), "/srv/closed");
	assert_int_equal(rig_fd(&r, 100, 7)->type, LNR_FD_EVENTPOLL);
	rig_done(&r);
}

static void placeholder(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	exec_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 500, 0);
	rig_step(&r);
	assert_is_ls(&r, 500);
	struct lnr_thread *t = rig_thread(&r, 500);
	assert_false(t->flags & LNR_TF_PLACEHOLDER);
	assert_int_equal(t->ptid, 1);
	assert_int_equal(t->vtid, 500);
	assert_int_equal(t->vpid, 500);
	assert_int_equal(t->nthreads, 1);
	rig_openat(&r, 500, 3, "/x");
	assert_name(rig_fd(&r, 500, 3), "/x");
	rig_done(&r);
}

/* A thread executes: it takes the leader's id, the others are gone. */
static void from_a_thread(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_fork(&r, 100, 200);
	for (int64_t tid = 201; tid < 205; tid++)
		rig_clone(&r, (struct clone_call){.tid = 200,
				      .res = tid,
				      .pid = 200,
				      .ptid = 100,
				      .flags = LNR_CL_CLONE_THREAD});
	assert_int_equal(rig_thread(&r, 200)->nthreads, 5);
	/* The kernel ends the leader, then the thread goes on under its id. */
	rig_exit(&r, 200);
	assert_true(rig_thread(&r, 200)->flags & LNR_TF_DEAD);
	exec_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 200, 0);
	rig_step(&r);
	assert_false(rig_thread(&r, 200)->flags & LNR_TF_DEAD);
	assert_int_equal(rig_thread(&r, 200)->nthreads, 1);
	for (int64_t tid = 201; tid < 205; tid++)
		assert_null(rig_thread(&r, tid));
	assert_is_ls(&r, 200);
	/* Its next exit is the last. */
	rig_exit(&r, 200);
	assert_null(rig_thread(&r, 200));
	/* The event may keep the thread's own id: then that one stays too. */
	rig_fork(&r, 100, 300);
	rig_clone(&r, (struct clone_call){.tid = 300,
			      .res = 301,
			      .pid = 300,
			      .ptid = 100,
			      .flags = LNR_CL_CLONE_THREAD});
	exec_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 301, 0);
	rig_num(&r, X(pid), 300);
	rig_step(&r);
	assert_non_null(rig_thread(&r, 301));
	assert_non_null(rig_thread(&r, 300));
	rig_done(&r);
}

/* --- captures without trusted_exepath --- */

static void exec_old(struct rig *r, unsigned type)
{
	exec_begin(r, type, 100, 0);
	r->at[X(trusted_exepath)].len = 0;
	rig_enter(r);
}

/* The exit of a thread was missed, and its id is another process's now. */
static void reused_id(void **state)
{
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_clone(&r, (struct clone_call){.tid = 100,
			      .res = 101,
			      .pid = 100,
			      .ptid = 1,
			      .flags = LNR_CL_CLONE_THREAD | LNR_CL_CLONE_FILES | LNR_CL_CLONE_FS});
	struct lnr_thread *t = rig_thread(&r, 101);
	assert_ptr_equal(lnr_state_leader(r.st, t), rig_thread(&r, 100));
	exec_begin(&r, LNR_EV_SYSCALL_EXECVE_19_X, 101, 0);
	rig_enter(&r);
	rig_leave(&r);
	t = rig_thread(&r, 101);
	assert_int_equal(t->pid, 101);
	assert_ptr_equal(lnr_state_leader(r.st, t), t);
	assert_int_equal(lnr_state_nthreads(r.st, t), 1);
	assert_int_equal(lnr_state_nthreads(r.st, rig_thread(&r, 100)), 1);
	/* What it opens is its own. */
	rig_openat(&r, 101, 9, "/x");
	assert_non_null(rig_fd(&r, 101, 9));
	assert_null(rig_fd(&r, 100, 9));
	rig_done(&r);
}

static void guessed_path(void **state)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{"/bin/ls", "/bin/ls"},
		{"bin/../ls", "/srv/ls"},
		{"<NA>", "<NA>"},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	struct lnr_thread *t = rig_thread(&r, 100);
	/* No enter event either: nothing is known. */
	exec_old(&r, LNR_EV_SYSCALL_EXECVE_19_X);
	rig_leave(&r);
	assert_null(t->exepath);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		rig_begin(&r, LNR_EV_SYSCALL_EXECVE_19_E, 100);
		rig_str(&r, LNR_P_SYSCALL_EXECVE_19_E_filename, cases[i].name);
		assert_false(rig_enter(&r));
		rig_leave(&r);
		exec_old(&r, LNR_EV_SYSCALL_EXECVE_19_X);
		rig_leave(&r);
		assert_blob(t->exepath, cases[i].want);
	}
	rig_done(&r);
}

static void guessed_path_at(void **state)
{
	static const struct {
		int64_t dirfd;
		const char *name;
		uint32_t flags;
		const char *want;
	} cases[] = {
		{LNR_AT_FDCWD, "ls", 0, "/srv/ls"},
		{7, "ls", 0, "/opt/bin/ls"},
		{7, "/bin/ls", 0, "/bin/ls"},
		{99, "ls", 0, "<NA>"},
		{7, "<NA>", 0, "<NA>"},
		{7, "", LNR_EXVAT_AT_EMPTY_PATH, "/opt/bin"},
		{7, "<NA>", LNR_EXVAT_AT_EMPTY_PATH, "/opt/bin"},
	};
	struct rig r;
	(void)state;
	rig_init(&r);
	rig_populate(&r);
	rig_openat(&r, 100, 7, "/opt/bin");
	struct lnr_thread *t = rig_thread(&r, 100);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(cases); i++) {
		rig_begin(&r, LNR_EV_SYSCALL_EXECVEAT_E, 100);
		rig_num(&r, LNR_P_SYSCALL_EXECVEAT_E_dirfd, cases[i].dirfd);
		rig_str(&r, LNR_P_SYSCALL_EXECVEAT_E_pathname, cases[i].name);
		rig_num(&r, LNR_P_SYSCALL_EXECVEAT_E_flags, cases[i].flags);
		assert_false(rig_enter(&r));
		rig_leave(&r);
		/* A successful execveat is reported as an execve. */
		exec_old(&r, i % 2 ? LNR_EV_SYSCALL_EXECVE_19_X : LNR_EV_SYSCALL_EXECVEAT_X);
		if (cases[i].dirfd == 7 && cases[i].name[0] != '/')
			assert_ptr_equal(r.ev.fd, rig_fd(&r, 100, 7));
		else
			assert_null(r.ev.fd);
		rig_leave(&r);
		assert_blob(t->exepath, cases[i].want);
	}
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(success),
		cmocka_unit_test(failure),
		cmocka_unit_test(fewer_parameters),
		cmocka_unit_test(closing),
		cmocka_unit_test(placeholder),
		cmocka_unit_test(from_a_thread),
		cmocka_unit_test(reused_id),
		cmocka_unit_test(guessed_path),
		cmocka_unit_test(guessed_path_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
