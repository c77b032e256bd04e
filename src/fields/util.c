/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util.*: helpers without a listing (spec fields.md 9).
 */
#include "fields/core/get.h"

/* The slot is the counter; outside of a rule set there is none, and each look is the first. */
LNR_GETTER(get_cnt)
{
	uint64_t *slot = lnr_field_slot(ctx, ref);

	return lnr_give_u64(ret, ref, slot ? ++*slot : 1);
}

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("util.cnt", UINT64, DEC, LNR_FIELD_VOLATILE | LNR_FIELD_SLOT, get_cnt,
		"Counter that grows each time this place of a rule is evaluated."),
	{},
};

const struct lnr_field_class lnr_field_class_util = {
	.name = "util",
	.short_desc = "",
	.desc = "Helpers.",
	.source = "syscall",
	.hidden = true,
	.order = 80,
	.fields = fields,
};
