/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A state fed with records made up parameter by parameter:
 *
 *	struct rig r;
 *	rig_init(&r);
 *	rig_begin(&r, LNR_EV_SYSCALL_CLOSE_X, 100);
 *	rig_num(&r, LNR_P_SYSCALL_CLOSE_X_res, 0);
 *	rig_num(&r, LNR_P_SYSCALL_CLOSE_X_fd, 3);
 *	rig_enter(&r);		r.ev is what rules would see
 *	rig_leave(&r);
 *	rig_done(&r);
 *
 * Every leave checks the invariants of the state.
 */
#ifndef LNR_TESTS_STATE_TEST_H
#define LNR_TESTS_STATE_TEST_H

#include "decode/event.h"
#include "lib/test.h"
#include "schema/params.h"
#include "state/check.h"
#include "state/state.h"

#define UNUSED __attribute__((unused))

#define BOOT_TS UINT64_C(1700000000000000000)

struct rig {
	struct lnr_state *st;
	struct lnr_event ev;
	struct lnr_arena scratch;
	uint64_t ts; /* of the next event; moves by a microsecond */
	uint16_t cpu;
	/* the record being made */
	unsigned type;
	int64_t tid;
	uint32_t nparams;
	struct {
		unsigned char bytes[5000];
		size_t len;
	} at[LNR_PARAMS_MAX];
	unsigned char record[70000];
	bool visible;
};

static UNUSED void rig_init_opts(struct rig *r, struct lnr_state_opts opts)
{
	struct lnr_err err = {0};
	memset(r, 0, sizeof(*r));
	opts.size = sizeof(opts);
	opts.import_users = true;
	assert_ok(lnr_state_new(&opts, &r->st, &err), &err);
	lnr_state_set_boot_ts(r->st, BOOT_TS);
	lnr_arena_init(&r->scratch, 0);
	r->ev.scratch = &r->scratch;
	r->ts = BOOT_TS + 1000 * LNR_NS_PER_SEC;
}

static UNUSED void rig_init(struct rig *r)
{
	rig_init_opts(r, (struct lnr_state_opts){0});
}

static UNUSED void rig_done(struct rig *r)
{
	r->st = lnr_state_free(r->st);
	lnr_arena_done(&r->scratch);
}

static UNUSED void rig_begin(struct rig *r, unsigned type, int64_t tid)
{
	const struct lnr_event_info *info = lnr_event_info(type);
	assert_non_null(info);
	r->type = type;
	r->tid = tid;
	r->nparams = info->nparams;
	for (unsigned i = 0; i < LNR_PARAMS_MAX; i++)
		r->at[i].len = 0;
}

static UNUSED void rig_bytes(struct rig *r, unsigned i, const void *ptr, size_t len)
{
	assert_true(len <= sizeof(r->at[i].bytes));
	memcpy(r->at[i].bytes, ptr, len);
	r->at[i].len = len;
}

static UNUSED void rig_str(struct rig *r, unsigned i, const char *s)
{
	rig_bytes(r, i, s, strlen(s) + 1);
}

/* A number in the size of the parameter's type. */
static UNUSED void rig_num(struct rig *r, unsigned i, int64_t v)
{
	unsigned size = lnr_pt_size(lnr_event_info(r->type)->params[i].type);
	assert_true(size >= 1 && size <= 8);
	rig_bytes(r, i, &v, size); /* records are little-endian, and so are we */
}

/* Items of a list, each with its NUL; ends with NULL. */
static UNUSED void rig_items(struct rig *r, unsigned i, const char *const *items)
{
	size_t n = 0;
	for (; *items; items++) {
		size_t len = strlen(*items) + 1;
		assert_true(n + len <= sizeof(r->at[i].bytes));
		memcpy(r->at[i].bytes + n, *items, len);
		n += len;
	}
	r->at[i].len = n;
}

static UNUSED void rig_parse(struct rig *r)
{
	struct lnr_record_builder b;
	struct lnr_err err = {0};
	lnr_record_begin(&b, r->record, sizeof(r->record), r->type, r->ts, r->tid, r->nparams);
	for (unsigned i = 0; i < r->nparams; i++)
		lnr_record_bytes(&b, r->at[i].bytes, r->at[i].len);
	size_t len = lnr_record_end(&b);
	assert_true(len > 0);
	assert_ok(lnr_event_parse(&r->ev, r->record, len, r->cpu, &err), &err);
	r->ts += 1000;
}

static UNUSED bool rig_enter(struct rig *r)
{
	rig_parse(r);
	r->visible = lnr_state_enter(r->st, &r->ev);
	return r->visible;
}

static UNUSED void rig_leave(struct rig *r)
{
	char why[256];
	lnr_state_leave(r->st, &r->ev);
	lnr_arena_reset(&r->scratch);
	if (!lnr_state_check(r->st, why, sizeof(why)))
		fail_msg("%s", why);
}

static UNUSED void rig_step(struct rig *r)
{
	rig_enter(r);
	rig_leave(r);
}

/* --- what most tests begin with --- */

/* A process of a capture file's list: command `comm`, parent `ppid`, in /srv. */
static UNUSED struct lnr_thread *rig_process(
	struct rig *r, int64_t pid, int64_t ppid, const char *comm)
{
	struct lnr_thread *t = lnr_state_add_thread(r->st, pid, pid);
	assert_non_null(t);
	t->ptid = ppid;
	t->vtid = t->vpid = pid;
	t->sid = t->pgid = t->vpgid = pid;
	t->uid = t->gid = 1000;
	assert_int_equal(lnr_blob_set(&t->comm, lnr_str_c(comm)), 0);
	assert_int_equal(lnr_blob_set(&t->exe, lnr_str_c(comm)), 0);
	assert_int_equal(lnr_blob_set(&t->cwd, LNR_STR("/srv")), 0);
	return t;
}

/* init (1) and a process 100 "sh" with descriptors 0, 1, 2. */
static UNUSED void rig_populate(struct rig *r)
{
	rig_process(r, 1, 0, "init");
	struct lnr_thread *t = rig_process(r, 100, 1, "sh");
	for (int i = 0; i < 3; i++) {
		struct lnr_fd *fd = lnr_state_add_fd(r->st, t, i);
		assert_non_null(fd);
		fd->type = LNR_FD_FILE_V2;
		assert_int_equal(lnr_blob_set(&fd->name, LNR_STR("/dev/tty1")), 0);
	}
	lnr_state_added(r->st);
}

static UNUSED struct lnr_thread *rig_thread(struct rig *r, int64_t tid)
{
	return lnr_state_thread(r->st, tid, false);
}

static UNUSED struct lnr_fd *rig_fd(struct rig *r, int64_t tid, int64_t num)
{
	return lnr_state_fd(r->st, rig_thread(r, tid), num);
}

static UNUSED uint64_t rig_counter(struct rig *r, const char *name)
{
	const char *names[64];
	uint64_t values[64];
	unsigned n = lnr_state_counters(r->st, names, values, 64);
	assert_true(n <= 64);
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return values[i];
	fail_msg("no counter %s", name);
	return 0;
}

#define assert_name(fd, want)                                                        \
	do {                                                                         \
		const struct lnr_fd *fd_ = (fd);                                     \
		assert_non_null(fd_);                                                \
		assert_str(fd_->name ? lnr_blob_str(fd_->name) : LNR_STR(""), want); \
	} while (0)
#define assert_blob(blob, want)                                                    \
	do {                                                                       \
		const struct lnr_blob *blob_ = (blob);                             \
		assert_str(blob_ ? lnr_blob_str(blob_) : LNR_STR("(none)"), want); \
	} while (0)

/* --- calls that many tests make --- */

/* One side of clone: res is the child for the caller, 0 for the child. */
struct clone_call {
	unsigned type; /* 0 = clone */
	int64_t tid, res, pid, ptid;
	uint32_t flags;
	int64_t vtid, vpid; /* 0 = as tid and pid; -2 = absent */
	const char *comm;   /* NULL = "sh" */
	uint64_t pidns_start;
	const char *cgroup; /* NULL = "/" */
};

static UNUSED void rig_clone_enter(struct rig *r, const struct clone_call *c)
{
	const char *comm = c->comm ? c->comm : "sh";
	char cgroup[300];
	rig_begin(r, c->type ? c->type : LNR_EV_SYSCALL_CLONE_20_X, c->tid);
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_res, c->res);
	rig_str(r, LNR_P_SYSCALL_CLONE_20_X_exe, comm);
	rig_items(r, LNR_P_SYSCALL_CLONE_20_X_args, (const char *const[]){"-c", "true", NULL});
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_tid, c->tid);
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_pid, c->pid);
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_ptid, c->ptid);
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_fdlimit, 1024);
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_pgft_maj, 3);
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_pgft_min, 4);
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_vm_size, 500);
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_vm_rss, 60);
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_vm_swap, 7);
	rig_str(r, LNR_P_SYSCALL_CLONE_20_X_comm, comm);
	snprintf(cgroup, sizeof(cgroup), "cpu=%s", c->cgroup ? c->cgroup : "/");
	rig_str(r, LNR_P_SYSCALL_CLONE_20_X_cgroups, cgroup);
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_flags, c->flags);
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_uid, 1000);
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_gid, 1000);
	if (c->vpid != -2) {
		rig_num(r, LNR_P_SYSCALL_CLONE_20_X_vtid, c->vtid ? c->vtid : c->tid);
		rig_num(r, LNR_P_SYSCALL_CLONE_20_X_vpid, c->vpid ? c->vpid : c->pid);
	}
	rig_num(r, LNR_P_SYSCALL_CLONE_20_X_pidns_init_start_ts, (int64_t)c->pidns_start);
	rig_enter(r);
}

static UNUSED void rig_clone(struct rig *r, struct clone_call c)
{
	rig_clone_enter(r, &c);
	rig_leave(r);
}

/* Both sides of a fork of process `parent`, the caller first. */
static UNUSED void rig_fork(struct rig *r, int64_t parent, int64_t child)
{
	rig_clone(r, (struct clone_call){.tid = parent, .res = child, .pid = parent, .ptid = 1});
	rig_clone(r, (struct clone_call){.tid = child, .res = 0, .pid = child, .ptid = parent});
}

static UNUSED void rig_exit_to(struct rig *r, int64_t tid, int64_t reaper)
{
	rig_begin(r, LNR_EV_PROCEXIT_1_E, tid);
	rig_num(r, LNR_P_PROCEXIT_1_E_status, 0);
	rig_num(r, LNR_P_PROCEXIT_1_E_reaper_tid, reaper);
	rig_step(r);
}

static UNUSED void rig_exit(struct rig *r, int64_t tid)
{
	rig_exit_to(r, tid, 0);
}

static UNUSED void rig_openat_enter(struct rig *r, int64_t tid, int64_t res, const char *name)
{
	rig_begin(r, LNR_EV_SYSCALL_OPENAT_2_X, tid);
	rig_num(r, LNR_P_SYSCALL_OPENAT_2_X_fd, res);
	rig_num(r, LNR_P_SYSCALL_OPENAT_2_X_dirfd, LNR_AT_FDCWD);
	rig_str(r, LNR_P_SYSCALL_OPENAT_2_X_name, name);
	rig_num(r, LNR_P_SYSCALL_OPENAT_2_X_flags, LNR_O_RDONLY);
	rig_num(r, LNR_P_SYSCALL_OPENAT_2_X_mode, 0);
	rig_num(r, LNR_P_SYSCALL_OPENAT_2_X_dev, 0x801);
	rig_num(r, LNR_P_SYSCALL_OPENAT_2_X_ino, 77);
	rig_enter(r);
}

static UNUSED void rig_openat(struct rig *r, int64_t tid, int64_t res, const char *name)
{
	rig_openat_enter(r, tid, res, name);
	rig_leave(r);
}

static UNUSED void rig_close_enter(struct rig *r, int64_t tid, int64_t fd, int64_t res)
{
	rig_begin(r, LNR_EV_SYSCALL_CLOSE_X, tid);
	rig_num(r, LNR_P_SYSCALL_CLOSE_X_res, res);
	rig_num(r, LNR_P_SYSCALL_CLOSE_X_fd, fd);
	rig_enter(r);
}

static UNUSED void rig_close(struct rig *r, int64_t tid, int64_t fd)
{
	rig_close_enter(r, tid, fd, 0);
	rig_leave(r);
}

#endif
