/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evt.arg and its kin: the parameters of an event (spec fields.md 2.2, 3). Names are turned into
 * parameter positions when a rule is compiled, so that an event costs one table look-up.
 */
#include "fields/core/get.h"
#include "schema/limits.h"
#include "fields/core/set.h"
#include "schema/params.h"

/* Position + 1 of a named parameter in each event; 0 = the event has none of that name. */
struct arg {
	uint8_t at[LNR_EVENT_COUNT];
};

static const struct arg *arg_table(
	struct lnr_arena *arena, struct lnr_str name, const struct lnr_param_info **ret_first)
{
	struct arg *a = lnr_arena_new(arena, struct arg);

	*ret_first = NULL;
	for (unsigned type = 0; a && type < LNR_EVENT_COUNT; type++) {
		const struct lnr_event_info *info = lnr_event_info(type);
		int i = info ? lnr_event_param(info, name) : -1;
		if (i < 0)
			continue;
		a->at[type] = (uint8_t)(i + 1);
		if (!*ret_first)
			*ret_first = &info->params[i];
	}
	return a;
}

/* Position of the reference's parameter in this event, or -1. */
static int arg_index(const struct lnr_event *ev, const struct lnr_field_ref *ref)
{
	const struct arg *a = ref->priv;
	int i = a->at[ev->type] - 1;

	return i < (int)ev->nparams ? i : -1;
}

/*
 * A name that no event has is an error of its own; one that merely begins with a parameter's name
 * (evt.arg.flagsx) is a field that does not exist (rules-language.md 9).
 */
static int unknown_arg(struct lnr_str name, struct lnr_err *err)
{
	struct lnr_nearest near;
	bool prefix = false;

	lnr_nearest_begin(&near, name);
	for (unsigned type = 0; type < LNR_EVENT_COUNT; type++) {
		const struct lnr_event_info *info = lnr_event_info(type);
		for (unsigned i = 0; info && i < info->nparams; i++) {
			prefix |= lnr_str_starts(name, lnr_str_c(info->params[i].name));
			if (err)
				lnr_nearest_try(&near, info->params[i].name);
		}
	}
	int code = prefix ? -ENOENT : -EINVAL;
	if (!near.best)
		return lnr_fail(err, code, "unknown event argument '%.*s'", LNR_STR_ARG(name));
	return lnr_fail(err, code, "unknown event argument '%.*s', did you mean '%s'?",
		LNR_STR_ARG(name), near.best);
}

/* The type of the first event that has the name is what the compiler checks against. */
static int resolve_name(struct lnr_field_ref *ref, struct lnr_arena *arena,
	const struct lnr_param_info **ret_first, struct lnr_err *err)
{
	ref->priv = arg_table(arena, ref->arg, ret_first);
	if (!ref->priv)
		return lnr_fail(err, -ENOMEM, "out of memory");
	return *ret_first ? 0 : unknown_arg(ref->arg, err);
}

/* --- evt.arg.NAME, evt.arg[N] --- */

static int resolve_arg(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	const struct lnr_param_info *first;
	int32_t n;

	if (!ref->has_arg)
		return lnr_fail(err, -EINVAL,
			"'evt.arg' needs a name or an index: evt.arg.NAME, "
			"evt.arg[N]");
	if (ref->arg_is_suffix)
		return resolve_name(ref, arena, &first, err);
	if (lnr_arg_s32(ref->arg, &n) < 0)
		return lnr_fail(err, -EINVAL, "'evt.arg' takes an index, not '%.*s'",
			LNR_STR_ARG(ref->arg));
	ref->has_index = true;
	/* A negative position is accepted and never there. */
	ref->index = n < 0 ? UINT64_MAX : (uint64_t)n;
	return 0;
}

/* Records of newer producers may have parameters that the table does not know: not shown. */
static unsigned param_count(const struct lnr_event *ev)
{
	return ev->nparams < ev->info->nparams ? ev->nparams : ev->info->nparams;
}

static bool give_arg(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref,
	unsigned buffer_format, struct lnr_val *ret)
{
	struct lnr_str plain, resolved;
	int64_t i = ref->has_index ? (int64_t)ref->index : arg_index(ctx->ev, ref);

	if (i < 0 || i >= param_count(ctx->ev))
		return false;
	lnr_param_render_as(ctx, (unsigned)i, buffer_format, &plain, &resolved);
	return lnr_give_str(ret, ref, resolved.len ? resolved : plain);
}

/* Rules compare byte buffers in their printable form whatever outputs show. */
LNR_GETTER(get_arg)
{
	return give_arg(ctx, ref, LNR_BUFFER_PRINTABLE, ret);
}

LNR_GETTER(output_arg)
{
	return give_arg(ctx, ref, ctx->buffer_format, ret);
}

/* --- evt.rawarg.NAME --- */

/* Narrows the reference to that type, so that conditions compare numbers as numbers. */
static int resolve_rawarg(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	const struct lnr_param_info *first;

	if (!ref->arg_is_suffix)
		return lnr_fail(err, -EINVAL, "'evt.rawarg' needs a name: evt.rawarg.NAME");
	int r = resolve_name(ref, arena, &first, err);
	if (r == 0)
		ref->type = first->type;
	return r;
}

/* The bytes as a value of their own type. False: they cannot be one. */
static bool typed_value(const struct lnr_param *p, uint8_t type, struct lnr_val *ret)
{
	const char *s = (const char *)p->ptr;

	ret->type = type;
	switch (lnr_pt_kind(type)) {
	case LNR_VK_S64:
		ret->s64 = lnr_param_signed(p);
		return true;
	case LNR_VK_U64:
		ret->u64 = lnr_param_bits(p);
		return true;
	case LNR_VK_IP:
		if (p->len != 4 && p->len != 16)
			return false;
		ret->ip.family = p->len == 4 ? LNR_AF_INET : LNR_AF_INET6;
		memcpy(ret->ip.addr, s, p->len);
		return true;
	case LNR_VK_STR:
		ret->str = (struct lnr_str){
			s, type == LNR_PT_BYTEBUF ? p->len : strnlen(s, p->len)};
		if (type != LNR_PT_BYTEBUF && lnr_str_eq(ret->str, LNR_STR("(NULL)")))
			ret->str = LNR_STR("<NA>"); /* as old captures wrote it */
		return true;
	default:
		ret->str = (struct lnr_str){s, p->len};
		return true;
	}
}

LNR_GETTER(get_rawarg)
{
	const struct lnr_event *ev = ctx->ev;
	int i = arg_index(ev, ref);

	if (i < 0)
		return false;
	const struct lnr_param_info *info = &ev->info->params[i];
	struct lnr_param p = ev->param[i];
	uint8_t type;
	*ret = (struct lnr_val){.type = info->type, .fmt = info->fmt};
	if (!lnr_param_present(ev, (unsigned)i)) {
		/* The reference's stand-in for texts that are not there. */
		ret->str = LNR_STR("<NA>");
		return lnr_pt_kind(info->type) == LNR_VK_STR && info->type != LNR_PT_BYTEBUF;
	}
	return lnr_param_undyn(info, &p, &type) && p.len && typed_value(&p, type, ret);
}

LNR_GETTER(output_rawarg)
{
	const struct lnr_event *ev = ctx->ev;
	struct lnr_str plain, resolved;
	int i = arg_index(ev, ref);

	if (i < 0)
		return false;
	/* Buffers that are not there are shown as empty, though no comparison finds them. */
	if (!lnr_param_present(ev, (unsigned)i) && ev->info->params[i].type == LNR_PT_BYTEBUF) {
		*ret = (struct lnr_val){.type = LNR_PT_BYTEBUF, .str = LNR_STR("")};
		return true;
	}
	if (!get_rawarg(ctx, ref, ret))
		return false;
	if (ret->type == LNR_PT_BYTEBUF && ret->str.len > LNR_RAWARG_BYTES_MAX)
		ret->str.len = LNR_RAWARG_BYTES_MAX;
	if (lnr_pt_kind(ret->type) != LNR_VK_NONE)
		return true;
	/* Addresses, tuples and lists have no scalar form: show what evt.arg shows. */
	lnr_param_render(ctx, (unsigned)i, &plain, &resolved);
	*ret = (struct lnr_val){.type = LNR_PT_CHARBUF, .str = plain};
	return true;
}

/* --- evt.args, evt.info --- */

/* "name=plain(resolved) …": two passes, because the text is made in one piece of scratch memory. */
LNR_GETTER(get_args)
{
	const struct lnr_event *ev = ctx->ev;
	unsigned n = param_count(ev);
	struct lnr_str plain[LNR_PARAMS_MAX], resolved[LNR_PARAMS_MAX];
	struct lnr_text t;
	size_t max = 0;

	if (ev->type == LNR_EV_GENERIC_X) /* its parameters are for internal use */
		n = 0;
	if (n > LNR_PARAMS_MAX)
		n = LNR_PARAMS_MAX;
	for (unsigned i = 0; i < n; i++) {
		lnr_param_render(ctx, i, &plain[i], &resolved[i]);
		max += strlen(ev->info->params[i].name) + plain[i].len + resolved[i].len + 4;
	}
	if (!lnr_text_begin(&t, ev->scratch, max))
		return lnr_give_nomem(ctx);
	for (unsigned i = 0; i < n; i++) {
		if (i)
			lnr_text_chr(&t, ' ');
		lnr_text_add(&t, lnr_str_c(ev->info->params[i].name));
		lnr_text_chr(&t, '=');
		lnr_text_add(&t, plain[i]);
		if (!resolved[i].len)
			continue;
		lnr_text_chr(&t, '(');
		lnr_text_add(&t, resolved[i]);
		lnr_text_chr(&t, ')');
	}
	return lnr_give_str(ret, ref, lnr_text_end(&t));
}

/* --- evt.buffer: the `data` parameter --- */

/* Calls have different positions for it, hence the same table as for named arguments. */
static int resolve_buffer(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	const struct lnr_param_info *first;

	if (ref->has_arg)
		return lnr_fail(err, -ENOENT, "'evt.buffer' takes no argument");
	ref->priv = arg_table(arena, LNR_STR("data"), &first);
	return ref->priv ? 0 : lnr_fail(err, -ENOMEM, "out of memory");
}

/*
 * A call that moved nothing has an empty buffer, not none. The reference shows the first letters of
 * "NULL" there, as many as the previous buffer had.
 */
LNR_GETTER(get_buffer)
{
	const struct lnr_event *ev = ctx->ev;
	int i = arg_index(ev, ref);

	if (i < 0 || ev->info->params[i].type != LNR_PT_BYTEBUF)
		return false;
	return lnr_give_str(ret, ref,
		lnr_param_present(ev, (unsigned)i) ? lnr_param_bytes(ev, (unsigned)i)
						   : LNR_STR(""));
}

/* --- evt.abspath --- */

/* Directory and path of the calls that have both; the second pair is the new side. */
static const struct at_call {
	uint16_t type;
	uint8_t dirfd, path, dirfd2, path2;
} at_calls[] = {
#define ONE(event, dir, path)                                                          \
	{                                                                              \
		LNR_EV_SYSCALL_##event, LNR_P_SYSCALL_##event##_##dir,                 \
			LNR_P_SYSCALL_##event##_##path, LNR_P_SYSCALL_##event##_##dir, \
			LNR_P_SYSCALL_##event##_##path                                 \
	}
#define TWO(event, dir, path, dir2, path2)                                              \
	{                                                                               \
		LNR_EV_SYSCALL_##event, LNR_P_SYSCALL_##event##_##dir,                  \
			LNR_P_SYSCALL_##event##_##path, LNR_P_SYSCALL_##event##_##dir2, \
			LNR_P_SYSCALL_##event##_##path2                                 \
	}
	ONE(OPENAT_2_X, dirfd, name),
	ONE(OPENAT2_X, dirfd, name),
	TWO(RENAMEAT_X, olddirfd, oldpath, newdirfd, newpath),
	TWO(RENAMEAT2_X, olddirfd, oldpath, newdirfd, newpath),
	ONE(SYMLINKAT_X, linkdirfd, linkpath),
	TWO(LINKAT_2_X, olddir, oldpath, newdir, newpath),
	ONE(UNLINKAT_2_X, dirfd, name),
	ONE(MKDIRAT_X, dirfd, path),
	ONE(FCHMODAT_X, dirfd, filename),
	ONE(FCHOWNAT_X, dirfd, pathname),
#undef ONE
#undef TWO
};

/* ref->index is 1 for the new side. */
static int resolve_abspath(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	(void)arena;
	if (!ref->has_arg)
		return 0;
	if (ref->arg_is_suffix && lnr_str_eq(ref->arg, LNR_STR("dst")))
		ref->index = 1;
	else if (!ref->arg_is_suffix || !lnr_str_eq(ref->arg, LNR_STR("src")))
		return lnr_fail(err, -ENOENT, "'evt.abspath' is followed by .src or .dst only");
	return 0;
}

/* A slash is added whatever the name ends in; joining removes it again. */
static struct lnr_str at_dir(struct lnr_field_ctx *ctx, int64_t dirfd)
{
	struct lnr_thread *thread = ctx->ev->thread;
	struct lnr_text t;

	if (dirfd == LNR_AT_FDCWD)
		return lnr_state_cwd(ctx->state, thread);
	const struct lnr_fd *fd = lnr_state_fd(ctx->state, thread, dirfd);
	if (!fd)
		return LNR_STR("<UNKNOWN>/");
	struct lnr_str name = lnr_blob_str(fd->name);
	if (!lnr_text_begin(&t, ctx->ev->scratch, name.len + 1))
		return (struct lnr_str){NULL, 0};
	lnr_text_add(&t, name);
	lnr_text_chr(&t, '/');
	return lnr_text_end(&t);
}

LNR_GETTER(get_abspath)
{
	const struct lnr_event *ev = ctx->ev;
	const struct at_call *call = NULL;

	if (!ev->thread)
		return false;
	/* The kernel has resolved the handle: the path is absolute already. */
	if (ev->type == LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X) {
		struct lnr_str path = lnr_param_str(ev, LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_path);
		return ev->has_res && ev->res > 0 && path.ptr &&
		       lnr_give_str(ret, ref, lnr_path_join(ev->scratch, LNR_STR(""), path));
	}
	for (size_t i = 0; i < LNR_ARRAY_SIZE(at_calls) && !call; i++)
		if (at_calls[i].type == ev->type)
			call = &at_calls[i];
	if (!call)
		return false;
	struct lnr_str path = lnr_param_str(ev, ref->index ? call->path2 : call->path), dir;
	int64_t dirfd;
	if (!path.ptr || !lnr_param_s64(ev, ref->index ? call->dirfd2 : call->dirfd, &dirfd))
		return false;
	dir = path.len && path.ptr[0] == '/' ? LNR_STR("") : at_dir(ctx, dirfd);
	if (!dir.ptr)
		return lnr_give_nomem(ctx);
	return lnr_give_str(ret, ref, lnr_path_join(ev->scratch, dir, path));
}

/* --- rows --- */

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("evt.args", CHARBUF, NA, 0, get_args,
		"All arguments of the call as name=value, with what a value means in parentheses."),
	LNR_FIELD_ROW("evt.arg", CHARBUF, NA, LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_SUFFIX,
		get_arg,
		"One argument as text, by name or position: evt.arg.flags, evt.arg[0]. Numbers "
		"with a "
		"meaning show it: names of flags and errors, paths of descriptors.",
		.get_output = output_arg, .resolve = resolve_arg),
	LNR_FIELD_ROW("evt.rawarg", DYN, NA,
		LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_SUFFIX | LNR_FIELD_NO_RHS |
			LNR_FIELD_NO_TRANSFORM | LNR_FIELD_EXACT_JSON,
		get_rawarg,
		"One argument by name with its own type, evt.rawarg.res: numbers compare as "
		"numbers.",
		.get_output = output_rawarg, .resolve = resolve_rawarg),
	LNR_FIELD_ROW("evt.info", CHARBUF, NA, 0, get_args, "The same as evt.args."),
	LNR_FIELD_ROW("evt.buffer", BYTEBUF, NA, 0, get_buffer,
		"First bytes of what a call read or wrote, as many as the snap length allows.",
		.resolve = resolve_buffer),
	LNR_FIELD_ROW("evt.abspath", CHARBUF, NA, LNR_FIELD_ARG_REQUIRED | LNR_FIELD_ARG_SUFFIX,
		get_abspath,
		"Absolute path that a call with a directory descriptor (openat, renameat, unlinkat "
		"…) "
		"means. .src and .dst choose the old or the new side.",
		.resolve = resolve_abspath),
	{},
};

const struct lnr_field_class lnr_field_class_evt_arg = {
	.name = "evt",
	.short_desc = "",
	.desc = "",
	.source = "syscall",
	.order = 21,
	.fields = fields,
};
