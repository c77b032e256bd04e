/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/fields.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include "rules/types.h"

static struct lnr_test_fields *owner(struct lnr_field_ctx *ctx)
{
	return ctx->plugin;
}

static bool get(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret)
{
	struct lnr_test_fields *f = owner(ctx);
	unsigned i = (unsigned)ref->def->user;

	f->reads[i]++;
	if (!f->present[i])
		return false;
	*ret = f->values[i];
	return true;
}

static bool get_cnt(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret)
{
	*ret = (struct lnr_val){.type = LNR_PT_UINT64};
	ret->u64 = ref->slot < ctx->n_slots ? ++ctx->slots[ref->slot] : 1;
	return true;
}

static bool get_key(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret)
{
	(void)ctx;
	*ret = (struct lnr_val){.type = LNR_PT_CHARBUF};
	ret->str = ref->arg;
	return ref->has_arg;
}

static bool get_index(
	struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret)
{
	(void)ctx;
	*ret = (struct lnr_val){.type = LNR_PT_UINT64};
	ret->u64 = ref->index;
	return ref->has_index;
}

static int compare_own(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, const char *op,
	struct lnr_str constant)
{
	(void)ctx;
	(void)ref;
	if (strcmp(op, "exists") == 0)
		return constant.len == 0;
	if (strcmp(op, "=") != 0 && strcmp(op, "in") != 0)
		return -1;
	return lnr_str_eq(constant, LNR_STR("magic"));
}

static struct lnr_field *row(struct lnr_test_fields *f, const char *prefix, const char *name,
	unsigned type, uint32_t flags)
{
	unsigned i = f->n_rows++;

	assert_true(i + 1 < LNR_TEST_FIELDS_MAX);
	snprintf(f->names[i], sizeof(f->names[i]), "%s.%s", prefix, name);
	for (char *c = f->names[i]; *c; c++)
		*c = (char)tolower(*c);
	f->rows[i] = (struct lnr_field){.name = f->names[i],
		.type = (uint8_t)type,
		.fmt = LNR_PF_DEC,
		.flags = flags,
		.get = get,
		.desc = "",
		.user = (int)i};
	return &f->rows[i];
}

static void make_rows(struct lnr_test_fields *f)
{
	static const unsigned special[] = {LNR_PT_CHARBUF, LNR_PT_INT64};
	static const unsigned ends[] = {LNR_PT_IPADDR, LNR_PT_IPNET, LNR_PT_PORT};
	uint32_t arg = LNR_FIELD_ARG_REQUIRED;

	for (unsigned pt = LNR_PT_NONE + 1; pt < LNR_PT_COUNT; pt++) {
		row(f, "x", lnr_pt_name(pt), pt, 0);
		row(f, "l", lnr_pt_name(pt), pt, LNR_FIELD_LIST);
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(special); i++)
		row(f, "any", lnr_pt_name(special[i]), special[i], LNR_FIELD_ANY);
	for (size_t i = 0; i < LNR_ARRAY_SIZE(ends); i++)
		row(f, "end", lnr_pt_name(ends[i]), ends[i], LNR_FIELD_ENDPOINTS);
	row(f, "x", "one", LNR_PT_CHARBUF, 0);
	row(f, "x", "two", LNR_PT_CHARBUF, 0);
	row(f, "x", "three", LNR_PT_CHARBUF, 0);
	row(f, "x", "cnt", LNR_PT_UINT64, LNR_FIELD_VOLATILE | LNR_FIELD_SLOT)->get = get_cnt;
	row(f, "x", "own", LNR_PT_CHARBUF, 0)->compare = compare_own;
	row(f, "x", "norhs", LNR_PT_CHARBUF, LNR_FIELD_NO_RHS);
	row(f, "x", "notrans", LNR_PT_CHARBUF, LNR_FIELD_NO_TRANSFORM);
	row(f, "x", "key", LNR_PT_CHARBUF, arg | LNR_FIELD_ARG_KEY)->get = get_key;
	row(f, "x", "index", LNR_PT_UINT64, arg | LNR_FIELD_ARG_INDEX)->get = get_index;
}

void lnr_test_fields_init(struct lnr_test_fields *f)
{
	memset(f, 0, sizeof(*f));
	lnr_arena_init(&f->arena, 0);
	lnr_arena_init(&f->scratch, 0);
	make_rows(f);
	f->cls = (struct lnr_field_class){.name = "x",
		.short_desc = "",
		.desc = "",
		.source = "syscall",
		.order = 5,
		.fields = f->rows};
	f->set = lnr_fieldset_new("syscall");
	assert_non_null(f->set);
	assert_code(lnr_fieldset_add(f->set, &f->cls), 0);
	f->interner = lnr_interner_new(&f->arena);
	assert_non_null(f->interner);
	f->ev.scratch = &f->scratch;
	f->ev.info = lnr_event_info(LNR_EV_SYSCALL_OPENAT_2_X);
	f->ev.type = LNR_EV_SYSCALL_OPENAT_2_X;
	f->ctx = (struct lnr_field_ctx){.ev = &f->ev,
		.source = LNR_STR("syscall"),
		.plugin = f,
		.slots = f->slots,
		.n_slots = LNR_ARRAY_SIZE(f->slots)};
}

void lnr_test_fields_done(struct lnr_test_fields *f)
{
	lnr_interner_free(f->interner);
	lnr_fieldset_unref(f->set);
	lnr_arena_done(&f->scratch);
	lnr_arena_done(&f->arena);
}

void lnr_test_fields_clear(struct lnr_test_fields *f)
{
	memset(f->present, 0, sizeof(f->present));
	memset(f->reads, 0, sizeof(f->reads));
	memset(f->slots, 0, sizeof(f->slots));
}

static unsigned find(const struct lnr_test_fields *f, const char *name)
{
	for (unsigned i = 0; i < f->n_rows; i++) {
		if (strcmp(f->names[i], name) == 0)
			return i;
	}
	fail_msg("no test field %s", name);
	return 0;
}

static struct lnr_val *set(struct lnr_test_fields *f, const char *name)
{
	unsigned i = find(f, name);

	f->present[i] = true;
	f->values[i] = (struct lnr_val){.type = f->rows[i].type};
	return &f->values[i];
}

void lnr_test_set_s64(struct lnr_test_fields *f, const char *name, int64_t v)
{
	set(f, name)->s64 = v;
}

void lnr_test_set_u64(struct lnr_test_fields *f, const char *name, uint64_t v)
{
	set(f, name)->u64 = v;
}

void lnr_test_set_double(struct lnr_test_fields *f, const char *name, double v)
{
	set(f, name)->d = v;
}

void lnr_test_set_str(struct lnr_test_fields *f, const char *name, struct lnr_str v)
{
	set(f, name)->str = lnr_arena_str(&f->arena, v);
}

void lnr_test_set_ip(struct lnr_test_fields *f, const char *name, const char *ip)
{
	assert_ok(lnr_ip_parse(lnr_str_c(ip), &set(f, name)->ip, NULL), NULL);
}

void lnr_test_set_list(struct lnr_test_fields *f, const char *name, const char *items)
{
	struct lnr_val *v = set(f, name), *list;
	struct lnr_str rest = lnr_str_c(items), item;
	size_t n = 0;
	unsigned type = v->type;

	list = lnr_arena_calloc(&f->arena, rest.len + 1, sizeof(*list));
	assert_non_null(list);
	while (*items && lnr_str_split(&rest, '|', &item)) {
		if (type == LNR_PT_IPNET) { /* a value of such a field is an address */
			list[n].type = LNR_PT_IPNET;
			assert_ok(lnr_ip_parse(item, &list[n].ip, NULL), NULL);
		} else {
			assert_ok(lnr_const_parse(type, item, &list[n], NULL), NULL);
		}
		n++;
	}
	v->is_list = true;
	v->list.items = list;
	v->list.n = n;
}

void lnr_test_unset(struct lnr_test_fields *f, const char *name)
{
	f->present[find(f, name)] = false;
}

unsigned lnr_test_reads(const struct lnr_test_fields *f, const char *name)
{
	return f->reads[find(f, name)];
}

static void keep_hint(void *user, const struct lnr_ast *node, const char *msg)
{
	struct lnr_test_fields *f = user;
	size_t n = strlen(f->hints);

	snprintf(f->hints + n, sizeof(f->hints) - n, "%u:%u %s\n", node->line, node->column, msg);
}

struct lnr_cond_opts lnr_test_opts(struct lnr_test_fields *f)
{
	return (struct lnr_cond_opts){.fields = f->set,
		.arena = &f->arena,
		.warn = keep_hint,
		.user = f,
		.interner = f->interner};
}

int lnr_test_compile(struct lnr_test_fields *f, const char *text, const struct lnr_node **ret,
	struct lnr_cond_err *err)
{
	struct lnr_cond_opts o = lnr_test_opts(f);
	const struct lnr_ast *ast;
	int r = lnr_cond_parse(&f->arena, lnr_str_c(text), 0, &ast, err);

	f->hints[0] = '\0';
	return r ? r : lnr_cond_compile(&o, ast, ret, err);
}

bool lnr_test_cond(struct lnr_test_fields *f, const char *text)
{
	const struct lnr_node *n = NULL;
	struct lnr_cond_err err;

	if (lnr_test_compile(f, text, &n, &err))
		fail_msg("%s\n%u:%u: %s", text, err.line, err.column, err.msg);

	bool ret = lnr_node_eval(n, &f->ctx);
	lnr_arena_reset(&f->scratch);
	return ret;
}
