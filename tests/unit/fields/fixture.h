/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small machine and one event, for tests of fields.
 *
 * fx_setup() makes the machine below; a test begins an event with fx_begin(), adds its parameters
 *to f->b in order, ends it with fx_end(), and asks for fields by name:
 *
 *	fx_begin(f, LNR_EV_SYSCALL_CHDIR_X, 400);
 *	lnr_record_u64(&f->b, 0);
 *	lnr_record_str(&f->b, "/tmp");
 *	fx_end(f);
 *	want(f, "evt.arg.path", "/tmp");
 *	absent(f, "fd.name");
 *
 * What state would tell about the event (thread, return value) is set by fx_end() from the tables;
 *a descriptor is set by the test, fx_use_fd(), so that fields are tested apart from state.
 *
 *	pid 1 systemd, 100 sshd, 200 bash (login shell), 300 sh, 400 app with thread 401
 *	pid 500 nginx, init of container 0123456789ab, with a child 510 sh
 */
#ifndef LNR_TESTS_FIELDS_FIXTURE_H
#define LNR_TESTS_FIELDS_FIXTURE_H

#include <stdio.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "fields/core/field.h"
#include "fields/core/names.h"
#include "lib/test.h"
#include "schema/params.h"

/* 2023-11-14 22:13:20.123456789 UTC */
#define FX_TS	 UINT64_C(1700000000123456789)
#define FX_FIRST (FX_TS - UINT64_C(3000000500))
#define FX_BOOT	 UINT64_C(1699990000000000000)

struct fx {
	struct lnr_state *st;
	struct lnr_fieldset *set;
	struct lnr_arena arena, scratch;
	struct lnr_event ev;
	struct lnr_field_ctx ctx;
	struct lnr_record_builder b;
	struct lnr_buf out;
	struct lnr_clock_fake clock;
	uint8_t record[LNR_RECORD_MAX];
};

static inline struct lnr_thread *fx_thread(struct fx *f, int64_t tid)
{
	struct lnr_thread *t = lnr_state_thread(f->st, tid, false);

	assert_non_null(t);
	return t;
}

/* Bytes of a literal with the NULs inside it: FX_ITEMS("a\0b\0"). */
#define FX_ITEMS(lit) ((struct lnr_str){lit, sizeof(lit) - 1})

static inline struct lnr_thread *fx_process(struct fx *f, int64_t tid, int64_t pid, int64_t ptid,
	const char *comm, const char *exe, struct lnr_str args)
{
	struct lnr_thread *t = lnr_state_add_thread(f->st, tid, pid);
	char path[64];

	assert_non_null(t);
	snprintf(path, sizeof(path), "/usr/bin/%s", comm);
	t->ptid = ptid;
	t->vtid = tid;
	t->vpid = pid;
	t->uid = t->gid = 0;
	t->flags |= LNR_TF_ACTIVE;
	assert_ok(lnr_blob_set(&t->comm, lnr_str_c(comm)), NULL);
	assert_ok(lnr_blob_set(&t->exe, lnr_str_c(exe)), NULL);
	assert_ok(lnr_blob_set(&t->exepath, lnr_str_c(path)), NULL);
	assert_ok(lnr_blob_set(&t->args, args), NULL);
	return t;
}

static inline void fx_ids(struct lnr_thread *t, int64_t sid, int64_t pgid)
{
	t->sid = sid;
	t->vpgid = t->pgid = pgid;
}

/* The process most tests look at. */
static inline void fx_describe_app(struct lnr_thread *t)
{
	t->uid = t->gid = t->loginuid = 1000;
	t->tty = 34816;
	t->fdlimit = 1024;
	t->cap_permitted = 1 << 0 | 1 << 12;
	t->cap_effective = 1 << 0;
	t->vm_size = 4000;
	t->vm_rss = 300;
	t->vm_swap = 20;
	t->pf_major = 7;
	t->pf_minor = 70;
	t->exe_ino = 4711;
	t->exe_ino_ctime = FX_TS - 9000;
	t->exe_ino_mtime = FX_TS - 9500;
	t->ctime_duration_clone = 1000;
	t->ctime_duration_pidns = 500;
	t->clone_ts = FX_TS - 8000;
	t->pidns_init_start_ts = FX_BOOT;
	t->totexectime_ns = 12345;
	t->flags |= LNR_TF_EXE_WRITABLE | LNR_TF_EXE_UPPER;
	lnr_blob_set(&t->env, FX_ITEMS("HOME=/home/alice\0EMPTY=\0SPACED=  v a l  \0PATHX=/x\0"));
	lnr_blob_set(&t->cgroups, FX_ITEMS("cpu=/a\0memory=/b c\0"));
	lnr_blob_set(&t->cwd, LNR_STR("/srv/dir/"));
}

static inline void fx_machine(struct fx *f)
{
	struct lnr_users *users = lnr_state_users(f->st);
	const struct lnr_str box = LNR_STR("0123456789ab"), host = LNR_STR("");
	struct lnr_user root = {0, 0, LNR_STR("root"), LNR_STR("/root"), LNR_STR("/bin/bash")},
			alice = {1000, 1000, LNR_STR("alice"), LNR_STR("/home/alice"),
				LNR_STR("/bin/zsh")},
			boxed = {1000, 1000, LNR_STR("boxed"), LNR_STR("/b"), LNR_STR("/bin/sh")};
	struct lnr_group staff = {1000, LNR_STR("staff")}, crew = {1000, LNR_STR("crew")};
	struct lnr_iface lo = {.name = "eth0"};
	struct lnr_thread *t;

	fx_ids(fx_process(f, 1, 1, 0, "systemd", "/sbin/init", FX_ITEMS("splash\0")), 1, 0);
	fx_ids(fx_process(f, 100, 100, 1, "sshd", "sshd:", FX_ITEMS("alice\0")), 100, 100);
	t = fx_process(f, 200, 200, 100, "bash", "-bash", FX_ITEMS(""));
	fx_ids(t, 200, 200);
	lnr_blob_set(&t->env, FX_ITEMS("SHELLVAR=deep\0HOME=/home/bash\0"));
	fx_ids(fx_process(f, 300, 300, 200, "sh", "sh", FX_ITEMS("run.sh\0now\0")), 200, 300);
	t = fx_process(f, 400, 400, 300, "app", "./app", FX_ITEMS("--flag\0two words\0\0last\0"));
	fx_ids(t, 200, 300);
	fx_describe_app(t);
	t = fx_process(f, 401, 400, 300, "worker", "./app", FX_ITEMS("--flag\0"));
	t->flags |= LNR_TF_SHARED_FILES;
	fx_ids(t, 200, 300);

	t = fx_process(f, 500, 500, 1, "nginx", "nginx", FX_ITEMS("-g\0daemon off;\0"));
	fx_ids(t, 1, 500);
	t->vtid = t->vpid = t->vpgid = 1;
	t->uid = t->gid = 1000;
	t->pidns_init_start_ts = FX_TS - 60 * LNR_NS_PER_SEC;
	t = fx_process(f, 510, 510, 500, "sh", "sh", FX_ITEMS("-c\0id\0"));
	fx_ids(t, 1, 500);
	t->vtid = t->vpid = 7;
	t->vpgid = 1;

	assert_ok(lnr_users_add(users, host, &root), NULL);
	assert_ok(lnr_users_add(users, host, &alice), NULL);
	assert_ok(lnr_users_add(users, box, &boxed), NULL);
	assert_ok(lnr_groups_add(users, host, &staff), NULL);
	assert_ok(lnr_groups_add(users, box, &crew), NULL);
	lo.addr = (struct lnr_ip){LNR_AF_INET, {10, 0, 0, 1}};
	lo.mask = (struct lnr_ip){LNR_AF_INET, {255, 0, 0, 0}};
	assert_ok(lnr_state_add_iface(f->st, &lo), NULL);
	lnr_state_added(f->st);
	/* Afterwards: state derives it from cgroups. */
	lnr_blob_set(&fx_thread(f, 500)->container_id, box);
	lnr_blob_set(&fx_thread(f, 510)->container_id, box);
}

static inline int fx_setup(void **state)
{
	struct fx *f = calloc(1, sizeof(*f));
	struct lnr_state_opts opts = {.size = sizeof(opts),
		.host_root = "",
		.max_proc_lookups = -1,
		.import_users = true};
	struct lnr_err err = {0};

	assert_non_null(f);
	setenv("TZ", "UTC", 1);
	tzset();
	lnr_clock_fake_init(&f->clock, FX_TS, LNR_NS_PER_SEC);
	opts.clock = &f->clock.clock;
	assert_ok(lnr_state_new(&opts, &f->st, &err), &err);
	f->set = lnr_fieldset_new(NULL);
	assert_non_null(f->set);
	lnr_arena_init(&f->arena, 0);
	lnr_arena_init(&f->scratch, 0);
	lnr_buf_init(&f->out, 0);
	f->ev.scratch = &f->scratch;
	f->ctx = (struct lnr_field_ctx){
		.ev = &f->ev,
		.state = f->st,
		.first_ts = FX_FIRST,
		.hostname = LNR_STR("node-1"),
		.source = LNR_STR("syscall"),
		.time_mode = 'h',
	};
	fx_machine(f);
	*state = f;
	return 0;
}

static inline int fx_teardown(void **state)
{
	struct fx *f = *state;

	lnr_fieldset_unref(f->set);
	lnr_state_free(f->st);
	lnr_arena_done(&f->arena);
	lnr_arena_done(&f->scratch);
	lnr_buf_done(&f->out);
	free(f);
	return 0;
}

/* --- the event --- */

static inline void fx_begin_n(struct fx *f, unsigned type, int64_t tid, uint32_t nparams)
{
	lnr_record_begin(&f->b, f->record, sizeof(f->record), type, FX_TS, tid, nparams);
}

/* With as many parameters as the table has. */
static inline void fx_begin(struct fx *f, unsigned type, int64_t tid)
{
	fx_begin_n(f, type, tid, lnr_event_info(type)->nparams);
}

/* fields.md 2.3 */
static inline void fx_set_result(struct lnr_event *ev)
{
	int64_t res;

	if (!(ev->info->source_class & LNR_EC_SYSCALL) || !lnr_event_is_exit(ev) ||
		ev->type == LNR_EV_GENERIC_X || !ev->info->nparams || !lnr_param_s64(ev, 0, &res))
		return;
	ev->res = res;
	ev->has_res = true;
}

static inline void fx_end(struct fx *f)
{
	struct lnr_err err = {0};

	/* Parameters that the test left out are absent. */
	while (f->b.n < f->b.nparams && !f->b.failed)
		lnr_record_empty(&f->b);
	size_t len = lnr_record_end(&f->b);
	assert_true(len > 0);
	lnr_arena_reset(&f->scratch);
	assert_ok(lnr_event_parse(&f->ev, f->record, len, 3, &err), &err);
	f->ev.num = 42;
	f->ev.thread = lnr_state_thread(f->st, f->ev.tid, false);
	if (f->ev.thread)
		f->ev.thread->last_fd = -1;
	fx_set_result(&f->ev);
}

/* A whole event without parameters of interest. */
static inline void fx_event(struct fx *f, unsigned type, int64_t tid)
{
	fx_begin(f, type, tid);
	fx_end(f);
}

/* The same with a first parameter, the return value. */
static inline void fx_event_res(struct fx *f, unsigned type, int64_t tid, int64_t res)
{
	fx_begin(f, type, tid);
	lnr_record_u64(&f->b, (uint64_t)res);
	fx_end(f);
}

/* A descriptor of the process, new or as it is. */
static inline struct lnr_fd *fx_fd(
	struct fx *f, int64_t tid, int64_t num, int type, const char *name)
{
	struct lnr_fd *fd = lnr_state_add_fd(f->st, fx_thread(f, tid), num);

	assert_non_null(fd);
	fd->type = (int8_t)type;
	if (name)
		assert_ok(lnr_blob_set(&fd->name, lnr_str_c(name)), NULL);
	return fd;
}

/* The event is about this descriptor. */
static inline void fx_use_fd(struct fx *f, int64_t num)
{
	f->ev.thread->last_fd = f->ev.fdnum = num;
	f->ev.has_fdnum = true;
	f->ev.fd = lnr_state_fd(f->st, f->ev.thread, num);
}

static inline struct lnr_ip fx_ip4(unsigned a, unsigned b, unsigned c, unsigned d)
{
	return (struct lnr_ip){LNR_AF_INET, {(uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d}};
}

/* --- asking --- */

static inline struct lnr_field_ref fx_ref(struct fx *f, const char *text)
{
	struct lnr_field_ref ref = {0};
	struct lnr_err err = {0};

	assert_ok(lnr_field_resolve(f->set, lnr_str_c(text), &f->arena, &ref, &err), &err);
	return ref;
}

/* What an output shows, or "(absent)". Valid until the next question. */
static inline struct lnr_str fx_text(struct fx *f, const char *field)
{
	struct lnr_field_ref ref = fx_ref(f, field);
	struct lnr_val v;

	lnr_buf_clear(&f->out);
	if (lnr_field_get_output(&f->ctx, &ref, &v))
		lnr_val_text(&f->out, &f->ctx, &v, ref.def->fmt);
	else
		lnr_buf_cstr(&f->out, "(absent)");
	return lnr_buf_view(&f->out);
}

/* What a rule compares, as text; candidates as a list. */
static inline struct lnr_str fx_value(struct fx *f, const char *field)
{
	struct lnr_field_ref ref = fx_ref(f, field);
	struct lnr_val v;

	lnr_buf_clear(&f->out);
	if (lnr_field_get(&f->ctx, &ref, &v))
		lnr_val_text(&f->out, &f->ctx, &v, ref.def->fmt);
	else
		lnr_buf_cstr(&f->out, "(absent)");
	return lnr_buf_view(&f->out);
}

static inline struct lnr_str fx_json(struct fx *f, const char *field)
{
	struct lnr_field_ref ref = fx_ref(f, field);
	struct lnr_json j;
	struct lnr_val v;

	lnr_buf_clear(&f->out);
	lnr_json_init(&j, &f->out);
	if (lnr_field_get_output(&f->ctx, &ref, &v))
		lnr_val_json(&j, &f->ctx, &ref, &v, ref.def->fmt);
	else
		lnr_json_null(&j);
	return lnr_buf_view(&f->out);
}

#define want(f, field, text) \
	lnr_test_assert_bytes(fx_text((f), (field)), lnr_str_c(text), field, __FILE__, __LINE__)
#define want_value(f, field, text) \
	lnr_test_assert_bytes(fx_value((f), (field)), lnr_str_c(text), field, __FILE__, __LINE__)
#define want_json(f, field, text) \
	lnr_test_assert_bytes(fx_json((f), (field)), lnr_str_c(text), field, __FILE__, __LINE__)
/* Neither in outputs nor in comparisons. */
#define absent(f, field)                              \
	do {                                          \
		want((f), (field), "(absent)");       \
		want_value((f), (field), "(absent)"); \
	} while (0)

/* Tables of field and text. */
struct fx_row {
	const char *field, *text;
};
static inline void fx_rows(struct fx *f, const struct fx_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		lnr_test_assert_bytes(fx_text(f, rows[i].field), lnr_str_c(rows[i].text),
			rows[i].field, __FILE__, __LINE__);
}
#define want_rows(f, ...)                                           \
	do {                                                        \
		static const struct fx_row rows_[] = {__VA_ARGS__}; \
		fx_rows((f), rows_, LNR_ARRAY_SIZE(rows_));         \
	} while (0)

#define FX_TEST(fn) cmocka_unit_test_setup_teardown(fn, fx_setup, fx_teardown)

#endif
