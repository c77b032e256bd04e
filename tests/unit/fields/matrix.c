/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every field on every event type, with parameters as they come, wrong or not at all: no getter may
 * rely on a thread, a descriptor or a parameter that is not there. The sanitizers are the judge;
 * what a value must look like is checked besides.
 */
#include <jansson.h>
#include "fixture.h"

/* Arguments for rows that need or allow one. */
static const char *const with_args[] = {"evt.arg[0]", "evt.arg[1]", "evt.arg[40]", "evt.arg.res",
	"evt.arg.fd", "evt.arg.name", "evt.arg.data", "evt.arg.flags", "evt.arg.tuple",
	"evt.arg.addr", "evt.arg.fds", "evt.arg.val", "evt.arg.uid", "evt.arg.mode",
	"evt.rawarg.res", "evt.rawarg.fd", "evt.rawarg.name", "evt.rawarg.data", "evt.rawarg.flags",
	"evt.rawarg.tuple", "evt.rawarg.addr", "evt.rawarg.val", "evt.rawarg.args",
	"evt.rawarg.local_ip", "evt.rawarg.cwd", "evt.type.is.open", "evt.abspath.src",
	"evt.abspath.dst", "evt.around[5]", "proc.args[0]", "proc.env[HOME]", "proc.aname[1]",
	"proc.aexe[2]", "proc.aexepath[0]", "proc.acmdline[3]", "proc.aargs[1]", "proc.apid[1]",
	"proc.aenv[HOME]", "proc.aenv[1]", "thread.cgroup.cpu", "fd.types[3]", "container.mount[0]",
	"container.mount[/x]", "container.mount.dest[/x]", "container.label[a]", "k8s.pod.label[a]",
	"k8s.rc.label[a]"};

#define REFS_MAX 400
struct refs {
	struct lnr_field_ref ref[REFS_MAX];
	size_t n;
	uint64_t slots[8];
};

static void collect(struct fx *f, struct refs *refs)
{
	const struct lnr_field_class *cls;
	struct lnr_field_ref ref;
	size_t pos = 0;
	uint32_t slot = 0;

	while ((cls = lnr_fieldset_next(f->set, &pos))) {
		for (const struct lnr_field *row = cls->fields; row->name; row++) {
			if (lnr_field_resolve(f->set, lnr_str_c(row->name), &f->arena, &ref, NULL))
				continue;
			if (row->flags & LNR_FIELD_SLOT)
				ref.slot = slot++ % 8;
			assert_true(refs->n < REFS_MAX);
			refs->ref[refs->n++] = ref;
		}
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(with_args); i++) {
		assert_true(refs->n < REFS_MAX);
		refs->ref[refs->n++] = fx_ref(f, with_args[i]);
	}
	f->ctx.slots = refs->slots;
	f->ctx.n_slots = LNR_ARRAY_SIZE(refs->slots);
}

static void check_scalar(const struct lnr_val *v)
{
	assert_true(v->type < LNR_PT_COUNT);
	if (lnr_pt_kind(v->type) == LNR_VK_STR) {
		assert_non_null(v->str.ptr);
		/* Read all of it. */
		volatile unsigned sum = 0; /* read every byte */
		for (size_t i = 0; i < v->str.len; i++)
			sum += (uint8_t)v->str.ptr[i];
		(void)sum;
	}
	if (lnr_pt_kind(v->type) == LNR_VK_IP)
		assert_true(v->ip.family == LNR_AF_INET || v->ip.family == LNR_AF_INET6);
}

static void check_value(const struct lnr_field_ref *ref, const struct lnr_val *v)
{
	bool many = ref->def->flags & (LNR_FIELD_LIST | LNR_FIELD_ANY | LNR_FIELD_ENDPOINTS);

	assert_true(!v->is_list || many);
	if (!v->is_list) {
		check_scalar(v);
		return;
	}
	for (size_t i = 0; i < v->list.n; i++) {
		assert_false(v->list.items[i].is_list);
		check_scalar(&v->list.items[i]);
	}
}

/* Sanitised text is valid UTF-8 without control characters; buffers may break lines. */
static void check_text(struct lnr_str s)
{
	for (size_t at = 0; at < s.len;) {
		unsigned bad;
		uint32_t code;
		unsigned n = lnr_utf8_next(s, at, &bad, &code);
		assert_true(n > 0);
		assert_true(code >= 0x20 && code != 0x7f);
		at += n;
	}
}

static void ask_all(struct fx *f, struct refs *refs, bool parse_json)
{
	struct lnr_json j;
	struct lnr_val v;

	for (size_t i = 0; i < refs->n; i++) {
		const struct lnr_field_ref *ref = &refs->ref[i];
		if (lnr_field_get(&f->ctx, ref, &v))
			check_value(ref, &v);
		lnr_buf_clear(&f->out);
		if (!lnr_field_get_output(&f->ctx, ref, &v))
			continue;
		check_value(ref, &v);
		lnr_val_text(&f->out, &f->ctx, &v, ref->def->fmt);
		check_text(lnr_buf_view(&f->out));
		lnr_buf_clear(&f->out);
		lnr_json_init(&j, &f->out);
		lnr_val_json(&j, &f->ctx, ref, &v, ref->def->fmt);
		assert_false(f->out.failed);
		if (parse_json) {
			json_t *parsed = json_loadb(f->out.ptr, f->out.len,
				JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
			assert_non_null(parsed);
			json_decref(parsed);
		}
		if (ref->def->compare)
			ref->def->compare(&f->ctx, ref, "=", LNR_STR("1"));
		lnr_buf_clear(&f->out);
	}
	assert_int_equal(f->ctx.n_nomem, 0);
}

/* --- records --- */

enum style { NO_PARAMS, ABSENT, RIGHT_SIZE, ANY_SIZE, STYLES };

static void random_param(struct fx *f, struct lnr_test_random *r, const struct lnr_param_info *info,
	enum style style)
{
	uint8_t bytes[96];
	size_t size = lnr_pt_size(info->type);

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)lnr_test_random_u64(r);
	if (!size || style == ANY_SIZE)
		size = lnr_test_random_below(r, sizeof(bytes) + 1);
	/* Small numbers find descriptors, threads and alternatives. */
	if (lnr_test_random_below(r, 2))
		memset(bytes, 0, sizeof(bytes));
	if (lnr_test_random_below(r, 2))
		bytes[0] = (uint8_t)lnr_test_random_below(r, 12);
	if (style == ABSENT)
		size = 0;
	lnr_record_bytes(&f->b, bytes, size);
}

static void random_event(
	struct fx *f, struct lnr_test_random *r, unsigned type, enum style style, int64_t tid)
{
	const struct lnr_event_info *info = lnr_event_info(type);
	uint32_t n = style == NO_PARAMS ? 0 : info->nparams;

	/* Now and then fewer or more than the table says. */
	if (style == ANY_SIZE && n)
		n = (uint32_t)lnr_test_random_below(r, n + 3);
	if (n > LNR_PARAMS_MAX)
		n = LNR_PARAMS_MAX;
	fx_begin_n(f, type, tid, n);
	for (uint32_t i = 0; i < n; i++)
		random_param(f, r, &info->params[i < info->nparams ? i : 0], style);
	fx_end(f);
}

static void test_all_fields_on_all_events(void **state)
{
	static const int64_t tids[] = {400, 401, 500, 1, 4000};
	struct fx *f = *state;
	struct refs *refs = calloc(1, sizeof(*refs));
	struct lnr_test_random r;
	unsigned events = 0;

	assert_non_null(refs);
	lnr_test_random_init(&r);
	collect(f, refs);
	assert_true(refs->n >= 250);
	for (int num = 0; num < 12; num++) {
		struct lnr_fd *fd = fx_fd(f, 400, num, num + 1, num % 3 ? "/dir/name" : NULL);
		fd->flags = num % 2 ? LNR_FDF_ROLE_CLIENT : 0;
	}
	for (unsigned type = 0; type < LNR_EVENT_COUNT; type++) {
		const struct lnr_event_info *info = lnr_event_info(type);
		/* Without parameters in the table a record has none either. */
		for (int style = NO_PARAMS; info && style < STYLES; style++) {
			if (style != NO_PARAMS && !info->nparams)
				continue;
			random_event(f, &r, type, (enum style)style,
				tids[lnr_test_random_below(&r, LNR_ARRAY_SIZE(tids))]);
			f->ctx.buffer_format = (uint8_t)(type % 2); /* printable, base64 */
			if (f->ev.thread && lnr_test_random_below(&r, 2))
				fx_use_fd(f, (int64_t)lnr_test_random_below(&r, 13));
			ask_all(f, refs, events % 16 == 0);
			events++;
		}
	}
	assert_true(events > LNR_EVENT_COUNT * 3);
	free(refs);
}

/* A class is complete: what listings, checks and documentation need is there. */
static void test_every_row(void **state)
{
	struct fx *f = *state;
	const struct lnr_field_class *cls;
	size_t pos = 0, n = 0;
	int last_order = 0;

	while ((cls = lnr_fieldset_next(f->set, &pos))) {
		assert_true(cls->order >= last_order);
		last_order = cls->order;
		assert_non_null(cls->short_desc);
		assert_non_null(cls->desc);
		assert_non_null(cls->source);
		for (const struct lnr_field *row = cls->fields; row->name; row++, n++) {
			assert_non_null(row->get);
			assert_non_null(row->desc);
			size_t len = strlen(row->desc);
			assert_in_range(len, 5, 400);
			assert_true(row->desc[len - 1] == '.');
			assert_true(row->type > LNR_PT_NONE && row->type < LNR_PT_COUNT);
			assert_true(row->fmt < LNR_PF_COUNT);
			assert_non_null(strchr(row->name, '.'));
			assert_null(strpbrk(row->name, " []\"'"));
			/* Numbers show as numbers in JSON unless they have a form of their own. */
			enum lnr_val_kind kind = lnr_pt_kind(row->type);
			if ((kind == LNR_VK_S64 || kind == LNR_VK_U64) &&
				row->type != LNR_PT_BOOL && strcmp(row->name, "evt.type.is") != 0 &&
				!(row->flags & LNR_FIELD_FILTER_ONLY))
				assert_int_not_equal(row->fmt, LNR_PF_NA);
			if (row->flags & (LNR_FIELD_ANY | LNR_FIELD_ENDPOINTS))
				assert_true(row->flags & LNR_FIELD_NO_RHS);
			if (row->flags & LNR_FIELD_ENDPOINTS)
				assert_true(row->flags & LNR_FIELD_FILTER_ONLY);
			if (row->flags & LNR_FIELD_SLOT)
				assert_true(row->flags & LNR_FIELD_VOLATILE);
			if (row->flags & LNR_FIELD_ARG_SUFFIX)
				assert_non_null(row->resolve);
		}
	}
	assert_true(n >= 233 + 61); /* built-in and container fields */
}

/* Scratch memory that is exhausted makes values absent and is counted; nothing else happens. */
static void test_no_scratch(void **state)
{
	struct fx *f = *state;
	struct refs *refs = calloc(1, sizeof(*refs));
	static const size_t limits[] = {1, 4096, 4200, 8192};
	struct lnr_test_random r;
	struct lnr_val v;

	assert_non_null(refs);
	lnr_test_random_init(&r);
	collect(f, refs);
	for (size_t l = 0; l < LNR_ARRAY_SIZE(limits); l++) {
		random_event(f, &r, LNR_EV_SYSCALL_EXECVE_19_X, RIGHT_SIZE, 400);
		lnr_arena_done(&f->scratch);
		lnr_arena_init(&f->scratch, limits[l]);
		for (size_t i = 0; i < refs->n; i++) {
			const struct lnr_field_ref *ref = &refs->ref[i];
			lnr_field_get(&f->ctx, ref, &v);
			lnr_field_get_output(&f->ctx, ref, &v);
			if (l == 0)
				assert_int_equal(f->scratch.used_bytes, 0);
		}
		assert_true(l > 0 || f->ctx.n_nomem > 0);
	}
	free(refs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FX_TEST(test_every_row),
		FX_TEST(test_all_fields_on_all_events),
		FX_TEST(test_no_scratch),
	};

	return cmocka_run_group_tests_name("fields/matrix", tests, NULL, NULL);
}
