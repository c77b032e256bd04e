/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of a process. What the state keeps as one string is borrowed; only joined ones, arguments
 * and environment, are made in scratch memory.
 */
#include "fields/core/proc_text.h"

#include "schema/limits.h"

/* head, separator, items joined by blanks. */
static bool join(struct lnr_field_ctx *ctx, struct lnr_str head, struct lnr_str sep,
	struct lnr_str items, struct lnr_str *ret)
{
	struct lnr_text t;

	if (!lnr_text_begin(&t, ctx->ev->scratch, head.len + sep.len + items.len))
		return lnr_give_nomem(ctx);
	lnr_text_add(&t, head);
	lnr_text_add(&t, sep);
	lnr_text_items(&t, items);
	*ret = lnr_text_end(&t);
	return true;
}

/* Threads have no environment of their own. */
static struct lnr_str env_of(struct lnr_field_ctx *ctx, struct lnr_thread *t)
{
	struct lnr_thread *leader = lnr_state_leader(ctx->state, t);

	return lnr_blob_str(leader ? leader->env : t->env);
}

bool lnr_proc_text(struct lnr_field_ctx *ctx, struct lnr_thread *t, enum lnr_proc_text what,
	struct lnr_str *ret)
{
	struct lnr_str none = {"", 0}, args = lnr_blob_str(t->args);

	switch (what) {
	case LNR_PROC_NAME:
		*ret = lnr_blob_str(t->comm);
		return true;
	case LNR_PROC_EXE:
		*ret = lnr_blob_str(t->exe);
		return true;
	case LNR_PROC_EXEPATH:
		*ret = lnr_blob_str(t->exepath);
		return true;
	case LNR_PROC_ARGS:
		return join(ctx, none, none, args, ret);
	case LNR_PROC_CMDLINE:
		/*
		 * Without a name there is no command line; without arguments it is the name,
		 * borrowed.
		 */
		*ret = lnr_blob_str(t->comm);
		if (!ret->len || !args.len)
			return true;
		return join(ctx, *ret, LNR_STR(" "), args, ret);
	case LNR_PROC_EXELINE:
		return join(ctx, lnr_blob_str(t->exe), LNR_STR(" "), args, ret);
	case LNR_PROC_ENV:
		return join(ctx, none, none, env_of(ctx, t), ret);
	}
	*ret = none;
	return true;
}

/* The reference trims blanks, and only those: a tab is part of the value. */
static struct lnr_str without_blanks(struct lnr_str s)
{
	while (s.len && s.ptr[0] == ' ')
		s = lnr_str_sub(s, 1, s.len);
	while (s.len && s.ptr[s.len - 1] == ' ')
		s.len--;
	return s;
}

struct lnr_str lnr_proc_env(struct lnr_field_ctx *ctx, struct lnr_thread *t, struct lnr_str name)
{
	struct lnr_str rest = env_of(ctx, t), item;

	while (lnr_items_next(&rest, &item))
		/* A variable that is set to nothing counts as not set. */
		if (item.len > name.len + 1 && item.ptr[name.len] == '=' &&
			lnr_str_starts(item, name))
			return without_blanks(lnr_str_sub(item, name.len + 1, item.len));
	return (struct lnr_str){"", 0};
}

/* A thread whose leader is unknown has no ancestors either: parents hang on processes. */
bool lnr_up_begin(struct lnr_up *up, struct lnr_field_ctx *ctx)
{
	struct lnr_thread *t = ctx->ev->thread;

	*up = (struct lnr_up){.ctx = ctx, .mark_at = 1};
	if (t)
		up->at = up->mark = lnr_state_leader(ctx->state, t);
	return up->at;
}

struct lnr_thread *lnr_up_next(struct lnr_up *up)
{
	if (!up->at || up->steps >= LNR_ANCESTORS_MAX)
		return NULL;
	up->at = lnr_state_parent_thread(up->ctx->state, up->at);
	up->steps++;
	/* Pids that were used again can make a loop of the recorded parents. */
	if (up->at == up->mark)
		up->at = NULL;
	/* Brent: the mark moves to where we are at steps 1, 2, 4, 8, … */
	if (up->steps == up->mark_at) {
		up->mark = up->at;
		up->mark_at *= 2;
	}
	return up->at;
}
