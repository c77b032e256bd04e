/* SPDX-License-Identifier: Apache-2.0 */
/*
 * static.*: fields with a fixed value from the configuration (static_fields).
 */
#include "fields/core/get.h"

/* The class has the values, def->user is the position of one. */
LNR_GETTER(get_fixed)
{
	const struct lnr_str *values = ref->cls->user;

	(void)ctx;
	return lnr_give_str(ret, ref, values[ref->def->user]);
}

int lnr_field_static_class(struct lnr_arena *arena, const struct lnr_str (*pairs)[2], size_t n,
	const struct lnr_field_class **ret)
{
	struct lnr_field_class *cls = lnr_arena_new(arena, struct lnr_field_class);
	struct lnr_field *fields = lnr_arena_calloc(arena, n + 1, sizeof(*fields));
	struct lnr_str *values = lnr_arena_calloc(arena, n + 1, sizeof(*values));

	if (!cls || !fields || !values || n > INT32_MAX)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct lnr_str key = pairs[i][0];
		if (!key.len || memchr(key.ptr, 0, key.len))
			return -EINVAL;
		char *name = lnr_arena_printf(arena, "static.%.*s", LNR_STR_ARG(key));
		values[i] = lnr_arena_str(arena, pairs[i][1]);
		if (!name || !values[i].ptr)
			return -ENOMEM;
		fields[i] = (struct lnr_field)LNR_FIELD_ROW(name, CHARBUF, NA, LNR_FIELD_SUGGESTED,
			get_fixed, "Fixed value from the configuration.", .user = (int)i);
	}
	*cls = (struct lnr_field_class){
		.name = "static",
		.short_desc = "",
		.desc = "Fixed values from the configuration key static_fields.",
		.source = "",
		.order = 1000,
		.fields = fields,
		.user = values,
	};
	*ret = cls;
	return 0;
}
