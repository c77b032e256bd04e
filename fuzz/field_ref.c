/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Field references: the text up to the first NUL is what a rule names, "proc.aname[2]"; the rest,
 * if any, is the record of an event that the field is asked about. A reference that resolves must
 * resolve the same from its own canonical text; values must be readable to their last byte, and
 * what outputs show must be clean.
 */
#include <stdlib.h>
#include <string.h>
#include "decode/event.h"
#include "fields/core/field.h"
#include "schema/limits.h"
#include "state/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TS  UINT64_C(1700000000123456789)
#define TID 400

static struct lnr_state *state;
static struct lnr_fieldset *set;
static struct lnr_clock_fake clock_;
static struct lnr_arena arena, scratch;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void add_process(int64_t pid, int64_t ptid, const char *comm)
{
	struct lnr_thread *t = lnr_state_add_thread(state, pid, pid);

	must(t);
	t->ptid = ptid;
	t->vtid = t->vpid = pid;
	must(lnr_blob_set(&t->comm, lnr_str_c(comm)) == 0);
	must(lnr_blob_set(&t->exe, lnr_str_c(comm)) == 0);
	must(lnr_blob_set(&t->args, (struct lnr_str){"-a\0b c\0", 7}) == 0);
	must(lnr_blob_set(&t->env, (struct lnr_str){"A=1\0HOME=/h\0", 12}) == 0);
	must(lnr_blob_set(&t->cwd, LNR_STR("/srv/")) == 0);
}

static void start(void)
{
	struct lnr_state_opts opts = {.size = sizeof(opts), .max_proc_lookups = -1};
	struct lnr_err err = {0};

	lnr_clock_fake_init(&clock_, TS, LNR_NS_PER_SEC);
	opts.clock = &clock_.clock;
	must(lnr_state_new(&opts, &state, &err) == 0);
	set = lnr_fieldset_new(NULL);
	must(set);
	lnr_arena_init(&arena, 0);
	lnr_arena_init(&scratch, 0);
	add_process(1, 0, "init");
	add_process(300, 1, "sh");
	add_process(TID, 300, "app");
	for (int num = 0; num < 12; num++) {
		struct lnr_fd *fd = lnr_state_add_fd(
			state, lnr_state_thread(state, TID, false), num);
		must(fd);
		fd->type = (int8_t)(num + 1);
		must(lnr_blob_set(&fd->name, LNR_STR("/dir/name")) == 0);
	}
}

static void touch(struct lnr_str s)
{
	static volatile uint8_t sink;

	for (size_t i = 0; i < s.len; i++)
		sink = (uint8_t)s.ptr[i];
	(void)sink;
}

static void touch_value(const struct lnr_val *v)
{
	if (v->is_list) {
		for (size_t i = 0; i < v->list.n; i++)
			touch_value(&v->list.items[i]);
	} else if (lnr_pt_kind(v->type) == LNR_VK_STR) {
		touch(v->str);
	}
}

static void ask(struct lnr_event *ev, const struct lnr_field_ref *ref)
{
	struct lnr_field_ctx ctx = {.ev = ev,
		.state = state,
		.first_ts = TS,
		.source = LNR_STR("syscall"),
		.time_mode = 'h'};
	struct lnr_buf out;
	struct lnr_json j;
	struct lnr_val v;

	if (lnr_field_get(&ctx, ref, &v))
		touch_value(&v);
	if (ref->def->compare)
		(void)ref->def->compare(&ctx, ref, "=", LNR_STR("localhost"));
	if (!lnr_field_get_output(&ctx, ref, &v))
		return;
	touch_value(&v);
	lnr_buf_init(&out, 0);
	lnr_val_text(&out, &ctx, &v, ref->def->fmt);
	for (size_t i = 0; i < out.len; i++)
		must((uint8_t)out.ptr[i] >= 0x20 && out.ptr[i] != 0x7f);
	lnr_buf_clear(&out);
	lnr_json_init(&j, &out);
	lnr_val_json(&j, &ctx, ref, &v, ref->def->fmt);
	must(!out.failed && out.len);
	lnr_buf_done(&out);
}

static void ask_about(const uint8_t *record, size_t len, const struct lnr_field_ref *ref)
{
	struct lnr_event ev = {.scratch = &scratch};

	/* Its own memory, so that reading behind it is seen. */
	uint8_t *copy = malloc(len);
	must(copy);
	memcpy(copy, record, len);
	if (lnr_event_parse(&ev, copy, len, 0, NULL) == 0) {
		ev.num = 1;
		ev.thread = lnr_state_thread(state, ev.tid, false);
		ev.fdnum = (int64_t)(len % 16);
		ev.has_fdnum = len % 3;
		ev.fd = ev.thread ? lnr_state_fd(state, ev.thread, ev.fdnum) : NULL;
		ev.has_res = lnr_param_s64(&ev, 0, &ev.res);
		ask(&ev, ref);
		lnr_arena_reset(&scratch);
	}
	free(copy);
}

static void check_ref(const struct lnr_field_ref *ref)
{
	struct lnr_field_ref again = {0};

	must(ref->def && ref->cls && ref->def->get);
	must(lnr_str_starts(ref->text, lnr_str_c(ref->def->name)));
	must(ref->has_arg || !ref->has_index);
	must(lnr_field_resolve(set, ref->text, &arena, &again, NULL) == 0);
	must(again.def == ref->def && lnr_str_eq(again.text, ref->text));
	must(lnr_str_eq(again.arg, ref->arg) && again.index == ref->index);
	must(again.type == ref->type && again.is_list == ref->is_list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lnr_field_ref ref = {0};
	struct lnr_err err = {0};

	if (!state)
		start();
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t n = nul ? (size_t)(nul - data) : size;
	struct lnr_str text = {(const char *)data, n};
	int r = lnr_field_resolve(set, text, &arena, &ref, &err);
	if (r == 0) {
		check_ref(&ref);
		if (nul)
			ask_about(nul + 1, size - n - 1, &ref);
	} else {
		must(r == -ENOENT || r == -EINVAL || r == -ENXIO);
		must(err.msg[0] && strlen(err.msg) < sizeof(err.msg));
	}
	lnr_arena_reset(&arena);
	return 0;
}
