/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user.*: who the thread acts as, and who logged in (spec fields.md 5). Names come from the table
 * of the thread's container; there is no way back to the host's.
 */
#include "fields/core/get.h"
#include "schema/params.h"

/* -1 means "no such id" (loginuid before login) and is never looked up. */
static const struct lnr_user *user_of(
	struct lnr_field_ctx *ctx, const struct lnr_thread *t, uint32_t uid)
{
	if (uid == UINT32_MAX)
		return NULL;
	return lnr_users_get(lnr_state_users(ctx->state), lnr_thread_container_id(t), uid);
}

LNR_GETTER(get_uid)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, t->uid);
}

LNR_GETTER(get_uid_before)
{
	const struct lnr_event *ev = ctx->ev;

	if (!ev->thread)
		return false;
	return lnr_give_u64(
		ret, ref, ev->uid_before != UINT32_MAX ? ev->uid_before : ev->thread->uid);
}

/* Signed, so that rules can say -1 for "nobody logged in". */
LNR_GETTER(get_loginuid)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_s64(ret, ref, t->loginuid == UINT32_MAX ? -1 : (int64_t)t->loginuid);
}

/* The image's user, on an event that brings a container's metadata. */
static struct lnr_str container_user(const struct lnr_event *ev)
{
	bool is = ev->type == LNR_EV_CONTAINER_JSON_2_E ||
		  (ev->type == LNR_EV_ASYNCEVENT_E &&
			  lnr_str_eq(lnr_param_str(ev, LNR_P_ASYNCEVENT_E_name),
				  LNR_STR("container")));
	const json_t *meta = is && ev->container ? ev->container->meta : NULL;

	return lnr_str_c(json_string_value(json_object_get(meta, "User")));
}

/* Root is called root even where no table is known, as in the first moments of a container. */
static bool give_name(struct lnr_val *ret, const struct lnr_field_ref *ref,
	const struct lnr_user *user, uint32_t uid)
{
	if (user)
		return lnr_give_str(ret, ref, user->name);
	return lnr_give_str(ret, ref, uid == 0 ? LNR_STR("root") : LNR_STR("<NA>"));
}

LNR_GETTER(get_name)
{
	const struct lnr_thread *t = ctx->ev->thread;
	struct lnr_str name;

	if (!t)
		return false;
	/* Such an event has no process of the container yet, whose user could be told. */
	name = container_user(ctx->ev);
	if (name.len)
		return lnr_give_str(ret, ref, name);
	return give_name(ret, ref, user_of(ctx, t, t->uid), t->uid);
}

LNR_GETTER(get_loginname)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && give_name(ret, ref, user_of(ctx, t, t->loginuid), t->loginuid);
}

LNR_GETTER(get_homedir)
{
	const struct lnr_thread *t = ctx->ev->thread;
	const struct lnr_user *user = t ? user_of(ctx, t, t->uid) : NULL;

	if (!t)
		return false;
	if (user)
		return lnr_give_str(ret, ref, user->home);
	return lnr_give_str(ret, ref, t->uid == 0 ? LNR_STR("/root") : LNR_STR("<NA>"));
}

LNR_GETTER(get_shell)
{
	const struct lnr_thread *t = ctx->ev->thread;
	const struct lnr_user *user = t ? user_of(ctx, t, t->uid) : NULL;

	return t && lnr_give_str(ret, ref, user ? user->shell : LNR_STR("<NA>"));
}

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("user.uid", UINT32, ID, 0, get_uid, "User id that the thread acts as."),
	LNR_FIELD_ROW("user.uid_before", UINT32, ID, 0, get_uid_before,
		"User id before this event changed it; the same as user.uid for all other events. "
		"Lanner's own."),
	LNR_FIELD_ROW("user.name", CHARBUF, NA, 0, get_name,
		"Name of that user, in the container's own user table for a thread in a container; "
		"<NA> "
		"when it is not known. On an event with a container's metadata, the image's user."),
	LNR_FIELD_ROW("user.homedir", CHARBUF, NA, 0, get_homedir, "Home directory of that user."),
	LNR_FIELD_ROW("user.shell", CHARBUF, NA, 0, get_shell, "Login shell of that user."),
	LNR_FIELD_ROW("user.loginuid", INT64, DEC, 0, get_loginuid,
		"User id that logged in, unchanged by su and sudo; -1 for services."),
	LNR_FIELD_ROW(
		"user.loginname", CHARBUF, NA, 0, get_loginname, "Name of the user who logged in."),
	{},
};

const struct lnr_field_class lnr_field_class_user = {
	.name = "user",
	.short_desc = "",
	.desc = "The user behind the event.",
	.source = "syscall",
	.order = 40,
	.fields = fields,
};
