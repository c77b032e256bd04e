/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.*: what a process is called and how it was started, of itself and of its parent (spec
 * fields.md 4). Ancestors are in proc_ancestors.c, ids in proc_ids.c, the executable file in
 * proc_exe.c, resources and threads in thread.c.
 */
#include "fields/core/proc_text.h"
#include "fields/core/set.h"

/* In most rules, so without detours. */
LNR_GETTER(get_name)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_str(ret, ref, lnr_blob_str(t->comm));
}

/* def->user is enum lnr_proc_text, here and below. */
static bool give_text(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref,
	struct lnr_thread *t, struct lnr_val *ret)
{
	struct lnr_str s;

	return t && lnr_proc_text(ctx, t, (enum lnr_proc_text)ref->def->user, &s) &&
	       lnr_give_str(ret, ref, s);
}

LNR_GETTER(get_text)
{
	return give_text(ctx, ref, ctx->ev->thread, ret);
}

/* Of the main thread of the parent; absent when it is not in the table. */
LNR_GETTER(get_parent_text)
{
	struct lnr_thread *t = ctx->ev->thread;

	return t && give_text(ctx, ref, lnr_state_parent(ctx->state, t), ret);
}

/* --- proc.args, proc.args[N] --- */

static int resolve_args(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	int32_t n;

	(void)arena;
	if (!ref->has_arg)
		return 0;
	if (lnr_arg_s32(ref->arg, &n) < 0)
		return lnr_fail(err, -ENOENT, "'proc.args' takes an index, not '%.*s'",
			LNR_STR_ARG(ref->arg));
	ref->has_index = n >= 0; /* a negative one means all arguments, as in the reference */
	ref->index = n < 0 ? 0 : (uint64_t)n;
	return 0;
}

/* An index beyond the last argument is an empty text, not an absent one. */
LNR_GETTER(get_args)
{
	const struct lnr_thread *t = ctx->ev->thread;
	struct lnr_str rest, item;

	if (!t || !ref->has_index)
		return get_text(ctx, ref, ret);
	rest = lnr_blob_str(t->args);
	for (uint64_t i = 0; lnr_items_next(&rest, &item); i++)
		if (i == ref->index)
			return lnr_give_str(ret, ref, item);
	return lnr_give_str(ret, ref, LNR_STR(""));
}

LNR_GETTER(get_cmdnargs)
{
	const struct lnr_thread *t = ctx->ev->thread;
	struct lnr_str rest, item;
	uint64_t n = 0;

	if (!t)
		return false;
	rest = lnr_blob_str(t->args);
	while (lnr_items_next(&rest, &item))
		n++;
	return lnr_give_u64(ret, ref, n);
}

/* Without the blanks between them. */
LNR_GETTER(get_cmdlenargs)
{
	const struct lnr_thread *t = ctx->ev->thread;
	struct lnr_str rest, item;
	uint64_t n = 0;

	if (!t)
		return false;
	rest = lnr_blob_str(t->args);
	while (lnr_items_next(&rest, &item))
		n += item.len;
	return lnr_give_u64(ret, ref, n);
}

/* --- proc.env, proc.env[NAME] --- */

static bool all_digits(struct lnr_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	return s.len > 0;
}

/* A number is read as an index and has no meaning then: the whole environment. */
static int resolve_env(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	(void)arena;
	(void)err;
	ref->has_index = ref->has_arg && all_digits(ref->arg);
	return 0;
}

LNR_GETTER(get_env)
{
	struct lnr_thread *t = ctx->ev->thread;

	if (!t || !ref->has_arg || ref->has_index || !ref->arg.len)
		return get_text(ctx, ref, ret);
	return lnr_give_str(ret, ref, lnr_proc_env(ctx, t, ref->arg));
}

LNR_GETTER(get_cwd)
{
	struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_str(ret, ref, lnr_state_cwd(ctx->state, t));
}

/* --- rows --- */

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("proc.exe", CHARBUF, NA, 0, get_text,
		"First argument of the process as it was given, often the path or name typed.",
		.user = LNR_PROC_EXE),
	LNR_FIELD_ROW("proc.pexe", CHARBUF, NA, 0, get_parent_text,
		"proc.exe of the parent process.", .user = LNR_PROC_EXE),
	LNR_FIELD_ROW("proc.exepath", CHARBUF, NA, 0, get_text,
		"Absolute path of the executable file, as the kernel knows it; memfd:NAME for one "
		"that "
		"lives in memory only.",
		.user = LNR_PROC_EXEPATH),
	LNR_FIELD_ROW("proc.pexepath", CHARBUF, NA, 0, get_parent_text,
		"proc.exepath of the parent process.", .user = LNR_PROC_EXEPATH),
	LNR_FIELD_ROW("proc.name", CHARBUF, NA, 0, get_name,
		"Name of the process, at most 15 characters: the last part of the executable's "
		"path at "
		"the time of exec."),
	LNR_FIELD_ROW("proc.pname", CHARBUF, NA, 0, get_parent_text,
		"proc.name of the parent process.", .user = LNR_PROC_NAME),
	LNR_FIELD_ROW("proc.args", CHARBUF, NA, LNR_FIELD_ARG_ALLOWED, get_args,
		"Arguments without the first, joined by blanks; with an index one of them, [0] "
		"being "
		"the first that counts.",
		.resolve = resolve_args, .user = LNR_PROC_ARGS),
	LNR_FIELD_ROW("proc.cmdline", CHARBUF, NA, 0, get_text,
		"proc.name and proc.args, joined by a blank.", .user = LNR_PROC_CMDLINE),
	LNR_FIELD_ROW("proc.pcmdline", CHARBUF, NA, 0, get_parent_text,
		"proc.cmdline of the parent process.", .user = LNR_PROC_CMDLINE),
	LNR_FIELD_ROW("proc.cmdnargs", UINT64, DEC, 0, get_cmdnargs,
		"How many arguments there are, the first left out."),
	LNR_FIELD_ROW("proc.cmdlenargs", UINT64, DEC, 0, get_cmdlenargs,
		"Length of all arguments together, without the first and without separators."),
	LNR_FIELD_ROW("proc.exeline", CHARBUF, NA, 0, get_text,
		"proc.exe and proc.args, joined by a blank.", .user = LNR_PROC_EXELINE),
	LNR_FIELD_ROW("proc.env", CHARBUF, NA, LNR_FIELD_ARG_ALLOWED, get_env,
		"Environment at the time of exec, NAME=VALUE joined by blanks; with a name in "
		"brackets "
		"that variable's value, empty when it is not set.",
		.resolve = resolve_env, .user = LNR_PROC_ENV),
	LNR_FIELD_ROW("proc.cwd", CHARBUF, NA, 0, get_cwd,
		"Working directory of the process, with a slash at the end."),
	{},
};

const struct lnr_field_class lnr_field_class_proc = {
	.name = "process",
	.short_desc = "",
	.desc = "The process and thread that caused the event, their ancestors and leaders.",
	.source = "syscall",
	.order = 30,
	.fields = fields,
};
