/* SPDX-License-Identifier: Apache-2.0 */
/* What records of exec and clone say about a process, found out by the process itself. */
#ifndef LNR_TESTS_KERNEL_TASK_H
#define LNR_TESTS_KERNEL_TASK_H

#include "lib/ring.h"

#include <linux/capability.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

struct task_facts {
	pid_t tid, pid, parent, pgid;
	uint64_t fdlimit, tty;
	uint32_t loginuid, uid, gid;
	uint64_t inheritable, permitted, effective;
	char cgroups[2048]; /* lines of /proc/self/cgroup */
};

/* In an act. */
static inline void task_facts(struct task_facts *f)
{
	struct rlimit r;
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2];
	f->tid = (pid_t)syscall(SYS_gettid);
	f->pid = getpid();
	f->parent = getppid();
	f->pgid = getpgrp();
	f->uid = geteuid();
	f->gid = getegid();
	lnr_kt_check(getrlimit(RLIMIT_NOFILE, &r) == 0 && syscall(SYS_capget, &h, d) == 0);
	f->fdlimit = r.rlim_cur;
	const uint64_t known = (UINT64_C(1) << LNR_CAP_COUNT) - 1;
	f->inheritable = ((uint64_t)d[1].inheritable << 32 | d[0].inheritable) & known;
	f->permitted = ((uint64_t)d[1].permitted << 32 | d[0].permitted) & known;
	f->effective = ((uint64_t)d[1].effective << 32 | d[0].effective) & known;
	f->loginuid = UINT32_MAX;
	FILE *s = fopen("/proc/self/loginuid", "r");
	if (s) {
		lnr_kt_check(fscanf(s, "%u", &f->loginuid) == 1);
		fclose(s);
	}
	int tty = 0;
	s = fopen("/proc/self/stat", "r");
	lnr_kt_check(s && fscanf(s, "%*d (%*[^)]) %*c %*d %*d %*d %d", &tty) == 1);
	fclose(s);
	f->tty = (uint32_t)tty;
	s = fopen("/proc/self/cgroup", "r");
	lnr_kt_check(s && fread(f->cgroups, 1, sizeof(f->cgroups) - 1, s) > 0);
	fclose(s);
}

/* Path of the hierarchy that has a controller: its own one, or the unified one. */
static inline struct lnr_str task_cgroup(const struct task_facts *f, const char *controller)
{
	struct lnr_str unified = {0};
	for (const char *line = f->cgroups; *line; line = strchr(line, '\n') + 1) {
		const char *names = strchr(line, ':') + 1, *path = strchr(names, ':') + 1;
		struct lnr_str p = {.ptr = path, .len = (uint32_t)strcspn(path, "\n")};
		size_t len = strlen(controller);
		if (names[0] == ':')
			unified = p;
		for (const char *n = names; n < path; n += strcspn(n, ",:") + 1) {
			if (strncmp(n, controller, len) == 0 && strchr(",:", n[len]))
				return p;
		}
	}
	return unified;
}

/*
 * The list of cgroups has the subsystems that the kernel has, in the reference's order. A path of a
 * version 1 hierarchy is the one of /proc (whose view may begin further down); in version 2 it may
 * be that of an ancestor, where the controller is enabled.
 */
static inline void assert_cgroups(struct lnr_kt_event *e, const struct task_facts *f)
{
	static const char *const names[][2] = {{"cpuset=", "cpuset"}, {"cpu=", "cpu"},
		{"cpuacct=", "cpuacct"}, {"io=", "blkio"}, {"memory=", "memory"}};
	struct lnr_str s = lnr_param_bytes(&e->ev, lnr_kt_param(e, "cgroups", __FILE__, __LINE__));
	size_t n = 0, at = 0;
	for (; at < s.len; at += strlen(s.ptr + at) + 1) {
		size_t len = 0;
		while (n < 5 && (len = strlen(names[n][0])) &&
			strncmp(s.ptr + at, names[n][0], len))
			n++;
		assert_true(n < 5);
		struct lnr_str want = task_cgroup(f, names[n][1]);
		const char *got = s.ptr + at + len;
		assert_int_equal(got[0], '/');
		assert_true(strlen(got) <= want.len || want.len == 1 ||
			    memcmp(got + strlen(got) - want.len, want.ptr, want.len) == 0);
		n++;
	}
	assert_int_equal(at, s.len);
	assert_true(n > 0);
}

/* Parameters of both kinds that do not depend on the call. */
static inline void assert_task(
	struct lnr_kt_event *e, const struct task_facts *f, const char *exe, const char *comm)
{
	assert_param_str(e, "exe", exe);
	assert_param_s64(e, "tid", f->tid);
	assert_param_s64(e, "pid", f->pid);
	assert_param_s64(e, "ptid", f->parent);
	assert_param_absent(e, "cwd");
	assert_param_s64(e, "fdlimit", (int64_t)f->fdlimit);
	ignore_param(e, "pgft_maj");
	ignore_param(e, "pgft_min");
	assert_true(param_u64(e, "vm_size") > 0);
	/* Since 6.2 the kernel's counters are exact per CPU only: few pages may not show. */
	assert_true(param_u64(e, "vm_rss") <= param_u64(e, "vm_size"));
	ignore_param(e, "vm_swap");
	assert_param_str(e, "comm", comm);
	assert_cgroups(e, f);
	assert_param_u64(e, "uid", f->uid);
	assert_param_u64(e, "gid", f->gid);
}

#endif
