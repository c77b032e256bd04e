/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.*: the group that the thread acts as (spec fields.md 5.1).
 */
#include "fields/core/get.h"

LNR_GETTER(get_gid)
{
	const struct lnr_thread *t = ctx->ev->thread;

	return t && lnr_give_u64(ret, ref, t->gid);
}

LNR_GETTER(get_name)
{
	const struct lnr_thread *t = ctx->ev->thread;
	const struct lnr_group *g = NULL;

	if (!t)
		return false;
	if (t->gid != UINT32_MAX)
		g = lnr_groups_get(lnr_state_users(ctx->state), lnr_thread_container_id(t), t->gid);
	if (g)
		return lnr_give_str(ret, ref, g->name);
	return lnr_give_str(ret, ref, t->gid == 0 ? LNR_STR("root") : LNR_STR("<NA>"));
}

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("group.gid", UINT32, ID, 0, get_gid, "Group id that the thread acts as."),
	LNR_FIELD_ROW("group.name", CHARBUF, NA, 0, get_name,
		"Name of that group, in the container's own table for a thread in a container; "
		"<NA> "
		"when it is not known."),
	{},
};

const struct lnr_field_class lnr_field_class_group = {
	.name = "group",
	.short_desc = "",
	.desc = "The group behind the event.",
	.source = "syscall",
	.order = 50,
	.fields = fields,
};
