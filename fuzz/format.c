/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output formats: the text up to the first NUL is compiled and shown for an event that the bytes
 * after it choose, see tests/lib/rulegen.h. What is shown as its compiled text must compile to the
 * same; every field that it names must be readable.
 */
#include "tests/lib/rulegen.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct lnr_fieldset *fields;
static struct lnr_state *state;
static struct lnr_arena scratch;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void start(void)
{
	static const struct lnr_state_opts opts = {
		.size = sizeof(opts), .max_threads = 64, .host_root = "/nonexistent"};

	fields = lnr_fieldset_new("syscall");
	must(fields && lnr_state_new(&opts, &state, NULL) == 0);
	lnr_arena_init(&scratch, 0);
}

static void show(const struct lnr_format *f, size_t n_slots, struct lnr_gen *g)
{
	struct lnr_event ev = {.scratch = &scratch, .num = 1};
	struct lnr_field_ctx ctx = {
		.ev = &ev, .state = state, .source = LNR_STR("syscall"), .time_mode = 'h'};
	uint8_t record[8192];
	size_t len = lnr_gen_record(g, record, sizeof(record), UINT64_C(1700000000000000000));
	struct lnr_buf out;

	ctx.slots = calloc(n_slots + 1, sizeof(*ctx.slots));
	ctx.n_slots = n_slots;
	must(ctx.slots);
	lnr_buf_init(&out, 0);
	if (len && lnr_event_parse(&ev, record, len, 0, NULL) == 0) {
		if (lnr_state_enter(state, &ev)) {
			lnr_format_text(f, &ctx, &out);
			must(!out.failed);
		}
		lnr_state_leave(state, &ev);
	}
	free(ctx.slots);
	lnr_buf_done(&out);
	lnr_arena_reset(&scratch);
}

static void check_format(const struct lnr_cond_opts *o, const struct lnr_format *f)
{
	struct lnr_str text = lnr_format_source(f);
	const struct lnr_expr *e;
	const void *pos = NULL;
	const struct lnr_format *again;
	struct lnr_cond_err err;

	for (size_t i = 0; (e = lnr_format_field(f, i)); i++)
		must(e->kind == LNR_EXPR_FIELD && e->field.def);
	while ((e = lnr_format_next(f, &pos)))
		must(e->kind == LNR_EXPR_FIELD || e->kind == LNR_EXPR_TRANSFORM);
	must(lnr_format_compile(o, text, &again, &err) == 0);
	must(lnr_str_eq(lnr_format_source(again), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t len = nul ? (size_t)(nul - data) : size;
	struct lnr_gen g = {.bytes = nul ? nul + 1 : NULL, .n_bytes = nul ? size - len - 1 : 0};
	struct lnr_cond_err err = {0};
	const struct lnr_format *f;
	struct lnr_rules_mem *mem;
	int rc;

	if (!fields)
		start();
	must(lnr_rules_mem_new(0, &mem) == 0);
	struct lnr_cond_opts o = {
		.fields = fields, .arena = &mem->arena, .interner = mem->interner};
	rc = lnr_format_compile(&o, (struct lnr_str){(const char *)data, len}, &f, &err);
	if (rc) {
		must(rc == -ENOENT || rc == -EINVAL);
		must(err.msg[0] && err.offset <= len);
	} else {
		check_format(&o, f);
		show(f, lnr_interner_slots(mem->interner), &g);
	}
	lnr_rules_mem_unref(mem);
	return 0;
}
