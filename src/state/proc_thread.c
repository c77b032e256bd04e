/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, read from its directory in /proc (spec 8.3). */
#include "state/proc_priv.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What has to be known before the thread is worth an entry. */
struct basics {
	int64_t tgid, ppid, vtid, vpid, pgid, vpgid, sid;
	uint32_t uid, gid, fsuid;
	uint64_t cap_inheritable, cap_permitted, cap_effective;
	uint64_t vm_size, vm_rss, vm_swap, pf_major, pf_minor;
	uint32_t tty;
	char comm[64];
	size_t comm_len;
};

/* --- status --- */

/*
 * Ids come once per level of pid namespaces, the outermost first. The second is the own one as long
 * as namespaces are not nested, which is what the reference takes.
 */
static void take_ns_ids(struct lnr_str rest, int64_t *ret_outer, int64_t *ret_own)
{
	uint64_t outer, own;
	if (lnr_str_u64(lnr_proc_word(&rest), &outer))
		return;
	if (ret_outer)
		*ret_outer = (int64_t)outer;
	*ret_own = lnr_str_u64(lnr_proc_word(&rest), &own) ? (int64_t)outer : (int64_t)own;
}

/* Sizes are in kB and the unit is left out. */
static void take_number(struct lnr_str rest, uint64_t *ret)
{
	lnr_str_u64(lnr_proc_word(&rest), ret);
}

/* Real, effective, saved, file system id. */
static void take_ids(struct lnr_str rest, uint32_t *ret_effective, uint32_t *ret_fs)
{
	uint64_t id[4] = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
	for (int i = 0; i < 4; i++)
		lnr_str_u64(lnr_proc_word(&rest), &id[i]);
	*ret_effective = (uint32_t)id[1];
	if (ret_fs)
		*ret_fs = (uint32_t)id[3];
}

static void take_hex(struct lnr_str rest, uint64_t *ret)
{
	lnr_proc_hex(lnr_proc_word(&rest), ret);
}

static void take_status_line(struct basics *b, struct lnr_str key, struct lnr_str rest)
{
	uint64_t n;
	switch (key.len ? key.ptr[0] : 0) {
	case 'T':
		if (lnr_str_eq(key, LNR_STR("Tgid")) && !lnr_str_u64(lnr_proc_word(&rest), &n))
			b->tgid = (int64_t)n;
		break;
	case 'P':
		if (lnr_str_eq(key, LNR_STR("PPid")) && !lnr_str_u64(lnr_proc_word(&rest), &n))
			b->ppid = (int64_t)n;
		break;
	case 'U':
		if (lnr_str_eq(key, LNR_STR("Uid")))
			take_ids(rest, &b->uid, &b->fsuid);
		break;
	case 'G':
		if (lnr_str_eq(key, LNR_STR("Gid")))
			take_ids(rest, &b->gid, NULL);
		break;
	case 'N':
		if (lnr_str_eq(key, LNR_STR("NSpid")))
			take_ns_ids(rest, NULL, &b->vtid);
		else if (lnr_str_eq(key, LNR_STR("NStgid")))
			take_ns_ids(rest, NULL, &b->vpid);
		else if (lnr_str_eq(key, LNR_STR("NSpgid")))
			take_ns_ids(rest, &b->pgid, &b->vpgid);
		break;
	case 'C':
		if (lnr_str_eq(key, LNR_STR("CapInh")))
			take_hex(rest, &b->cap_inheritable);
		else if (lnr_str_eq(key, LNR_STR("CapPrm")))
			take_hex(rest, &b->cap_permitted);
		else if (lnr_str_eq(key, LNR_STR("CapEff")))
			take_hex(rest, &b->cap_effective);
		break;
	case 'V':
		if (lnr_str_eq(key, LNR_STR("VmSize")))
			take_number(rest, &b->vm_size);
		else if (lnr_str_eq(key, LNR_STR("VmRSS")))
			take_number(rest, &b->vm_rss);
		else if (lnr_str_eq(key, LNR_STR("VmSwap")))
			take_number(rest, &b->vm_swap);
		break;
	}
}

/* Keys differ between kernels; those that are missing keep their defaults. */
static bool read_status(struct lnr_proc *p, int dir, struct basics *b)
{
	ssize_t n = lnr_proc_read(p, dir, "status", LNR_PROC_FILE_BYTES_MAX, NULL);
	if (n <= 0)
		return false;
	struct lnr_str text = {p->buf, (size_t)n}, line;
	while (lnr_str_split(&text, '\n', &line)) {
		ptrdiff_t colon = lnr_str_chr(line, ':');
		if (colon > 0)
			take_status_line(b, lnr_str_sub(line, 0, (size_t)colon),
				lnr_str_sub(line, (size_t)colon + 1, line.len));
	}
	return b->tgid > 0;
}

/* --- stat --- */

/* The name in stat: newline and backslash are escaped (proc_task_name() in fs/proc/array.c). */
static void take_comm(struct basics *b, struct lnr_str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len && n < sizeof(b->comm); i++) {
		char c = s.ptr[i];
		if (c == '\\' && i + 1 < s.len)
			c = s.ptr[++i] == 'n' ? '\n' : s.ptr[i];
		b->comm[n++] = c;
	}
	b->comm_len = n;
}

/* PF_KTHREAD of include/linux/sched.h, which stat shows among the flags (proc(5)). */
#define KERNEL_THREAD 0x00200000

/* False: gone, or a thread of the kernel. */
static bool read_stat(struct lnr_proc *p, int dir, struct basics *b)
{
	ssize_t n = lnr_proc_read(p, dir, "stat", LNR_PROC_FILE_BYTES_MAX, NULL);
	struct lnr_str text = {p->buf, n < 0 ? 0 : (size_t)n};
	ptrdiff_t from = lnr_str_chr(text, '('), to = lnr_str_rchr(text, ')');
	if (from < 0 || to < from)
		return false;
	take_comm(b, lnr_str_sub(text, (size_t)from + 1, (size_t)to));
	struct lnr_str rest = lnr_str_sub(text, (size_t)to + 1, text.len);
	/* state ppid pgrp session tty tpgid flags minflt cminflt majflt */
	int64_t v[10] = {0};
	lnr_proc_word(&rest);
	for (int i = 1; i < 10; i++)
		lnr_str_s64(lnr_proc_word(&rest), &v[i]);
	if (v[6] & KERNEL_THREAD)
		return false;
	b->pgid = v[2];
	b->sid = v[3];
	b->tty = (uint32_t)v[4];
	b->pf_minor = (uint64_t)v[7];
	b->pf_major = (uint64_t)v[9];
	return true;
}

/* --- the program --- */

static uint64_t ns(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * LNR_NS_PER_SEC + (uint64_t)t->tv_nsec;
}

/*
 * Whether the process could write the file it runs, by the rules of generic_permission() and of the
 * probe (spec 5.7): owner (who could give himself the bit), group, others, or capability.
 * Supplementary groups are left out.
 */
static bool is_writable(int dir, const struct stat *sb, const struct basics *b)
{
	struct statvfs fs;
	int exe = openat(dir, "exe", O_PATH | O_CLOEXEC);
	bool read_only = exe >= 0 && !fstatvfs(exe, &fs) && fs.f_flag & ST_RDONLY;
	if (exe >= 0)
		close(exe);
	if (read_only)
		return false;
	if (sb->st_uid == b->fsuid || b->cap_effective & LNR_CAP_DAC_OVERRIDE ||
		b->cap_effective & LNR_CAP_FOWNER)
		return true;
	return sb->st_gid == b->gid ? sb->st_mode & S_IWGRP : sb->st_mode & S_IWOTH;
}

static void read_exe(struct lnr_thread *t, int dir, const struct basics *b)
{
	struct stat sb;
	/* The link leads to the file itself, also when its name is gone or of another root. */
	if (fstatat(dir, "exe", &sb, 0))
		return;
	t->exe_ino = sb.st_ino;
	t->exe_ino_ctime = ns(&sb.st_ctim);
	t->exe_ino_mtime = ns(&sb.st_mtim);
	if (t->clone_ts)
		t->ctime_duration_clone = t->clone_ts - t->exe_ino_ctime;
	if (t->pidns_init_start_ts && t->exe_ino_ctime > t->pidns_init_start_ts)
		t->ctime_duration_pidns = t->exe_ino_ctime - t->pidns_init_start_ts;
	if (is_writable(dir, &sb, b))
		t->flags |= LNR_TF_EXE_WRITABLE;
}

/* --- a leader --- */

/* The first item is the name the program was called by, the rest its arguments. */
static void set_cmdline(struct lnr_state *st, struct lnr_thread *t, struct lnr_str cmdline)
{
	size_t exe = cmdline.len ? strnlen(cmdline.ptr, cmdline.len) : 0;
	lnr_state_set_blob(st, &t->exe, lnr_str_sub(cmdline, 0, exe));
	lnr_state_set_items(st, NULL, &t->args, lnr_str_sub(cmdline, exe + 1, cmdline.len));
}

static void read_process(struct lnr_state *st, struct lnr_task *k, int dir, const struct basics *b)
{
	struct lnr_proc *p = st->proc;
	struct lnr_thread *t = &k->t;
	struct stat sb;
	ssize_t n = lnr_proc_read(p, dir, "environ", LNR_ARGS_BYTES_MAX, NULL);
	if (n > 0)
		lnr_state_set_items(st, NULL, &t->env, (struct lnr_str){p->buf, (size_t)n});
	lnr_state_set_blob(st, &t->cwd, lnr_proc_link(p, dir, "cwd"));
	lnr_state_set_blob(st, &t->root, lnr_proc_link(p, dir, "root"));
	if (!fstatat(dir, "root/proc/1/cmdline", &sb, 0))
		t->pidns_init_start_ts = ns(&sb.st_ctim);
	n = lnr_proc_read(p, dir, "loginuid", 32, NULL);
	uint64_t loginuid;
	if (n > 0 && !lnr_str_u64(lnr_str_trim((struct lnr_str){p->buf, (size_t)n}), &loginuid))
		t->loginuid = (uint32_t)loginuid;
	/* Soft limit of open files, as in records (spec 5.7). */
	struct rlimit limit;
	if (!prlimit((pid_t)t->tid, RLIMIT_NOFILE, NULL, &limit))
		t->fdlimit = (int64_t)limit.rlim_cur;
	read_exe(t, dir, b);
	n = lnr_proc_read(p, dir, "cgroup", LNR_PROC_FILE_BYTES_MAX, NULL);
	if (n > 0)
		lnr_proc_set_cgroups(st, k, (struct lnr_str){p->buf, (size_t)n});
}

/* What threads have in common with their leader. */
static void share_process(struct lnr_thread *t, const struct lnr_thread *leader)
{
	lnr_blob_share(&t->exe, leader->exe);
	lnr_blob_share(&t->exepath, leader->exepath);
	lnr_blob_share(&t->args, leader->args);
	lnr_blob_share(&t->root, leader->root);
	lnr_blob_share(&t->cgroups, leader->cgroups);
	lnr_blob_share(&t->container_id, leader->container_id);
	t->loginuid = leader->loginuid;
	t->fdlimit = leader->fdlimit;
	t->pidns_init_start_ts = leader->pidns_init_start_ts;
	t->exe_ino = leader->exe_ino;
	t->exe_ino_ctime = leader->exe_ino_ctime;
	t->exe_ino_mtime = leader->exe_ino_mtime;
	t->flags |= leader->flags & (LNR_TF_EXE_WRITABLE | LNR_TF_EXE_MEMFD);
}

static void set_basics(struct lnr_state *st, struct lnr_thread *t, const struct basics *b)
{
	t->ptid = b->ppid;
	t->vtid = b->vtid;
	t->vpid = b->vpid;
	t->sid = b->sid;
	t->pgid = b->pgid;
	t->vpgid = b->vpgid;
	t->uid = b->uid;
	t->gid = b->gid;
	t->tty = b->tty;
	t->cap_inheritable = b->cap_inheritable;
	t->cap_permitted = b->cap_permitted;
	t->cap_effective = b->cap_effective;
	t->vm_size = (uint32_t)b->vm_size;
	t->vm_rss = (uint32_t)b->vm_rss;
	t->vm_swap = (uint32_t)b->vm_swap;
	t->pf_major = b->pf_major;
	t->pf_minor = b->pf_minor;
	lnr_state_set_blob(st, &t->comm, (struct lnr_str){b->comm, b->comm_len});
}

struct lnr_task *lnr_proc_add_task(
	struct lnr_state *st, int dir, int64_t tid, struct lnr_task *leader, int64_t *ret_pid)
{
	struct lnr_proc *p = st->proc;
	struct basics b = {.tgid = -1,
		.ppid = 0,
		.vtid = tid,
		.vpid = -1,
		.pgid = -1,
		.vpgid = -1,
		.uid = UINT32_MAX,
		.gid = UINT32_MAX,
		.fsuid = UINT32_MAX};
	/* Most of a machine's threads can be the kernel's, so what tells them comes first. */
	if (!read_stat(p, dir, &b) || !read_status(p, dir, &b))
		return NULL;
	if (ret_pid)
		*ret_pid = b.tgid;
	if (b.vpid < 0)
		b.vpid = b.tgid;
	if (b.vpgid < 0)
		b.vpgid = b.pgid;
	uint64_t start;
	struct lnr_str exe = leader ? LNR_STR("") : lnr_proc_link(p, dir, "exe");
	char exepath[LNR_STATE_PATH_BYTES_MAX];
	memcpy(exepath, exe.ptr, exe.len + 1);
	exe.ptr = exepath;
	ssize_t n = lnr_proc_read(p, dir, "cmdline", LNR_ARGS_BYTES_MAX, &start);
	if (n < 0 || (n == 0 && !exe.len && !leader))
		return NULL; /* zombies have neither */
	struct lnr_thread *t = lnr_state_add_thread(st, tid, b.tgid);
	if (!t)
		return NULL;
	struct lnr_task *k = lnr_task_of(t);
	t->clone_ts = start;
	if (t->tid != t->pid)
		t->flags |= LNR_TF_SHARED_FILES;
	if (leader) {
		set_basics(st, t, &b);
		share_process(t, &leader->t);
		return k;
	}
	set_cmdline(st, t, (struct lnr_str){p->buf, (size_t)n});
	set_basics(st, t, &b);
	lnr_state_set_blob(st, &t->exepath, exe);
	if (lnr_str_starts(exe, LNR_STR("/memfd:")))
		t->flags |= LNR_TF_EXE_MEMFD;
	read_process(st, k, dir, &b);
	return k;
}
