/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.*: ancestors (spec fields.md 4.1).
 *
 * With an index a field is about one ancestor: 0 is the process itself, 1 its parent. Without one
 * it is compared with every ancestor, so the getter gives them all as candidates, and shows them
 * joined by blanks.
 */
#include "fields/core/proc_text.h"
#include "fields/core/set.h"
#include "schema/limits.h"

static int resolve_ancestor(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	int32_t n;

	(void)arena;
	if (!ref->has_arg)
		return 0;
	if (lnr_arg_s32(ref->arg, &n) < 0)
		return lnr_fail(err, -ENOENT, "'%s' takes the number of an ancestor, not '%.*s'",
			ref->def->name, LNR_STR_ARG(ref->arg));
	/* The reference marks "no index" with -1 and takes other negative numbers for 0. */
	ref->has_index = n != -1;
	ref->index = n < 0 ? 0 : (uint64_t)n;
	return 0;
}

/* The limit is that of the walk: what no listing shows no index reaches. */
static struct lnr_thread *ancestor(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref)
{
	struct lnr_thread *t = ctx->ev->thread;

	if (!t || ref->index > LNR_ANCESTORS_MAX)
		return NULL;
	return lnr_state_ancestor(ctx->state, t, (unsigned)ref->index);
}

/* --- texts; def->user is enum lnr_proc_text --- */

static bool give_one_text(
	struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret)
{
	struct lnr_thread *t = ancestor(ctx, ref);
	struct lnr_str s;

	return t && lnr_proc_text(ctx, t, (enum lnr_proc_text)ref->def->user, &s) &&
	       lnr_give_str(ret, ref, s);
}

/*
 * Candidates are collected on the stack first: most chains are short, and scratch memory is kept
 * small.
 */
LNR_GETTER(get_ancestor_text)
{
	struct lnr_val items[LNR_ANCESTORS_MAX];
	struct lnr_thread *t;
	struct lnr_up up;
	struct lnr_str s;
	size_t n = 0;

	if (ref->has_index)
		return give_one_text(ctx, ref, ret);
	if (!lnr_up_begin(&up, ctx))
		return false;
	while ((t = lnr_up_next(&up)) && n < LNR_ANCESTORS_MAX) {
		if (!lnr_proc_text(ctx, t, (enum lnr_proc_text)ref->def->user, &s))
			return false;
		lnr_give_str(&items[n++], ref, s);
	}
	if (n == 0)
		return false;
	struct lnr_val *kept = lnr_arena_alloc(ctx->ev->scratch, n * sizeof(*kept));
	if (!kept)
		return lnr_give_nomem(ctx);
	memcpy(kept, items, n * sizeof(*kept));
	return lnr_give_list(ret, ref, kept, n);
}

/* All ancestors' texts joined by blanks; nothing at all is absent. */
LNR_GETTER(join_ancestors)
{
	struct lnr_str items[LNR_ANCESTORS_MAX];
	struct lnr_thread *a;
	struct lnr_text t;
	struct lnr_up up;
	size_t n = 0, max = 0;

	if (ref->has_index)
		return give_one_text(ctx, ref, ret);
	if (!lnr_up_begin(&up, ctx))
		return false;
	while ((a = lnr_up_next(&up)) && n < LNR_ANCESTORS_MAX) {
		if (!lnr_proc_text(ctx, a, (enum lnr_proc_text)ref->def->user, &items[n]))
			return false;
		max += items[n++].len + 1;
	}
	if (!lnr_text_begin(&t, ctx->ev->scratch, max))
		return lnr_give_nomem(ctx);
	for (size_t i = 0; i < n; i++) {
		if (t.len)
			lnr_text_chr(&t, ' ');
		lnr_text_add(&t, items[i]);
	}
	return t.len && lnr_give_str(ret, ref, lnr_text_end(&t));
}

/* --- proc.apid --- */

/* Ids beyond 32 bits are made up by sources that know none. */
static bool is_real_id(int64_t id)
{
	return id >= -1 && id <= UINT32_MAX;
}

static bool give_one_pid(
	struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret)
{
	struct lnr_thread *t = ancestor(ctx, ref);

	return t && is_real_id(t->pid) && lnr_give_s64(ret, ref, t->pid);
}

LNR_GETTER(get_apid)
{
	struct lnr_val *items;
	struct lnr_thread *t;
	struct lnr_up up;
	size_t n = 0;

	if (ref->has_index)
		return give_one_pid(ctx, ref, ret);
	if (!lnr_up_begin(&up, ctx))
		return false;
	int64_t pids[LNR_ANCESTORS_MAX];
	/* Candidates for a comparison: -1 and made-up ids are no harm there. */
	while ((t = lnr_up_next(&up)) && n < LNR_ANCESTORS_MAX)
		pids[n++] = t->pid;
	if (n == 0)
		return false;
	items = lnr_arena_alloc(ctx->ev->scratch, n * sizeof(*items));
	if (!items)
		return lnr_give_nomem(ctx);
	for (size_t i = 0; i < n; i++)
		lnr_give_s64(&items[i], ref, pids[i]);
	return lnr_give_list(ret, ref, items, n);
}

/* Without an index outputs show the process's own id: ref->index is 0 then. */
LNR_GETTER(output_apid)
{
	return give_one_pid(ctx, ref, ret);
}

/* --- proc.aenv --- */

/* A number chooses an ancestor, anything else a variable. */
static int resolve_aenv(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	(void)arena;
	(void)err;
	uint64_t n;

	if (ref->has_arg && lnr_str_u64(ref->arg, &n) == 0) {
		ref->has_index = true;
		ref->index = n;
	}
	return 0;
}

static bool has_name(const struct lnr_field_ref *ref)
{
	return ref->has_arg && !ref->has_index && ref->arg.len;
}

/* [NAME]: the first value that is not empty among the ancestors. */
static bool give_variable(
	struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_val *ret)
{
	struct lnr_str value = {"", 0};
	struct lnr_thread *t;
	struct lnr_up up;

	if (!ctx->ev->thread)
		return false;
	if (lnr_up_begin(&up, ctx))
		for (int i = 0; !value.len && i < LNR_ANCESTORS_ENV_MAX && (t = lnr_up_next(&up));
			i++)
			value = lnr_proc_env(ctx, t, ref->arg);
	return lnr_give_str(ret, ref, value);
}

LNR_GETTER(get_aenv)
{
	return has_name(ref) ? give_variable(ctx, ref, ret) : get_ancestor_text(ctx, ref, ret);
}

/*
 * Without an argument outputs show the process's own environment, also where the process of a
 * thread is not known.
 */
LNR_GETTER(output_aenv)
{
	struct lnr_thread *t = ctx->ev->thread;
	struct lnr_str s;

	if (has_name(ref))
		return give_variable(ctx, ref, ret);
	if (ref->index)
		return give_one_text(ctx, ref, ret);
	return t && lnr_proc_text(ctx, t, LNR_PROC_ENV, &s) && lnr_give_str(ret, ref, s);
}

/* --- proc.loginshellid --- */

/* The highest shell of the chain, the process itself included, that is still in the table. */
LNR_GETTER(get_loginshellid)
{
	struct lnr_thread *top = NULL, *t;
	struct lnr_up up;

	if (!lnr_up_begin(&up, ctx))
		return false;
	for (t = up.at; t; t = lnr_up_next(&up))
		if (lnr_str_ends(lnr_blob_str(t->comm), LNR_STR("sh")))
			top = t;
	return top && lnr_give_s64(ret, ref, top->pid);
}

/* --- rows --- */

#define ANCESTOR (LNR_FIELD_ARG_ALLOWED | LNR_FIELD_NO_RHS | LNR_FIELD_NO_TRANSFORM | LNR_FIELD_ANY)

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("proc.aexe", CHARBUF, NA, ANCESTOR, get_ancestor_text,
		"proc.exe of an ancestor: [1] is the parent. Without index a rule compares all "
		"ancestors, an output shows them all.",
		.get_output = join_ancestors, .resolve = resolve_ancestor, .user = LNR_PROC_EXE),
	LNR_FIELD_ROW("proc.aexepath", CHARBUF, NA, ANCESTOR, get_ancestor_text,
		"proc.exepath of an ancestor, index as proc.aexe.", .get_output = join_ancestors,
		.resolve = resolve_ancestor, .user = LNR_PROC_EXEPATH),
	LNR_FIELD_ROW("proc.aname", CHARBUF, NA, ANCESTOR, get_ancestor_text,
		"proc.name of an ancestor, index as proc.aexe.", .get_output = join_ancestors,
		.resolve = resolve_ancestor, .user = LNR_PROC_NAME),
	LNR_FIELD_ROW("proc.aargs", CHARBUF, NA, LNR_FIELD_ARG_ALLOWED, join_ancestors,
		"proc.args of an ancestor, index as proc.aexe. Without index it is the text of all "
		"of "
		"them, in rules too.",
		.resolve = resolve_ancestor, .user = LNR_PROC_ARGS),
	LNR_FIELD_ROW("proc.acmdline", CHARBUF, NA, ANCESTOR, get_ancestor_text,
		"proc.cmdline of an ancestor, index as proc.aexe.", .get_output = join_ancestors,
		.resolve = resolve_ancestor, .user = LNR_PROC_CMDLINE),
	LNR_FIELD_ROW("proc.aenv", CHARBUF, NA, ANCESTOR, get_aenv,
		"Environment of an ancestor, index as proc.aexe; with a name in brackets the first "
		"value that is not empty among the ancestors.",
		.get_output = output_aenv, .resolve = resolve_aenv, .user = LNR_PROC_ENV),
	LNR_FIELD_ROW("proc.loginshellid", INT64, DEC, 0, get_loginshellid,
		"Id of the topmost shell among the process and its ancestors: the first one whose "
		"name "
		"ends in sh, seen from init."),
	LNR_FIELD_ROW("proc.apid", INT64, ID, ANCESTOR, get_apid,
		"proc.pid of an ancestor, index as proc.aexe.", .get_output = output_apid,
		.resolve = resolve_ancestor),
	{},
};

const struct lnr_field_class lnr_field_class_proc_ancestors = {
	.name = "process",
	.short_desc = "",
	.desc = "",
	.source = "syscall",
	.order = 31,
	.fields = fields,
};
