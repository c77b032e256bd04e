/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evt.*: questions about opened files, and the infrastructure events of old captures (spec
 * fields.md 2.2).
 */
#include "fields/core/get.h"
#include "schema/params.h"

#define EXEC_BITS (LNR_S_IXUSR | LNR_S_IXGRP | LNR_S_IXOTH)

/* Flags and mode of the open family. */
struct opening {
	uint32_t flags, mode;
};

/* False: not an exit of open, openat, openat2 or open_by_handle_at. Creat has no flags. */
static bool opening_of(const struct lnr_event *ev, struct opening *ret)
{
	unsigned flags, mode;

	switch (ev->type) {
	case LNR_EV_SYSCALL_OPEN_X:
		flags = LNR_P_SYSCALL_OPEN_X_flags;
		mode = LNR_P_SYSCALL_OPEN_X_mode;
		break;
	case LNR_EV_SYSCALL_OPENAT_2_X:
		flags = LNR_P_SYSCALL_OPENAT_2_X_flags;
		mode = LNR_P_SYSCALL_OPENAT_2_X_mode;
		break;
	case LNR_EV_SYSCALL_OPENAT2_X:
		flags = LNR_P_SYSCALL_OPENAT2_X_flags;
		mode = LNR_P_SYSCALL_OPENAT2_X_mode;
		break;
	case LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X:
		flags = LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_flags;
		mode = LNR_PARAMS_MAX; /* it has none */
		break;
	default:
		return false;
	}
	ret->flags = (uint32_t)lnr_param_u64_or(ev, flags, 0);
	ret->mode = (uint32_t)lnr_param_u64_or(ev, mode, 0);
	return true;
}

/* RDONLY is 1, WRONLY 2 and RDWR 3 in the events' numbering, so one bit answers. */
LNR_GETTER(get_is_open_with)
{
	struct opening o;

	return lnr_give_u64(
		ret, ref, opening_of(ctx->ev, &o) && (o.flags & (uint32_t)ref->def->user) != 0);
}

/* Only a file that is made can become executable by opening it. */
LNR_GETTER(get_is_open_exec)
{
	const struct lnr_event *ev = ctx->ev;
	struct opening o;
	bool is = false;

	if (ev->type == LNR_EV_SYSCALL_CREAT_X)
		is = lnr_param_u64_or(ev, LNR_P_SYSCALL_CREAT_X_mode, 0) & EXEC_BITS;
	else if (opening_of(ev, &o) && (o.flags & (LNR_O_TMPFILE | LNR_O_CREAT)))
		is = o.mode & EXEC_BITS;
	return lnr_give_u64(ret, ref, is);
}

/* The kernel side sets F_CREATED when the file was not there before; O_TMPFILE always makes one. */
LNR_GETTER(get_is_open_create)
{
	const struct lnr_event *ev = ctx->ev;
	struct opening o;
	bool is = false;

	if (opening_of(ev, &o))
		is = (o.flags & LNR_O_F_CREATED) ||
		     ((o.flags & LNR_O_TMPFILE) && ev->has_res && ev->res >= 0);
	return lnr_give_u64(ret, ref, is);
}

/* --- evt.infra.docker.*: "Event: start; ID: 0123…; name: web; Image: nginx@sha256:…" --- */

enum { INFRA_EVENT, INFRA_ID, INFRA_NAME, INFRA_IMAGE };

/* What stands behind the first colon, up to the next one. */
static struct lnr_str infra_value(struct lnr_str item, int which)
{
	ptrdiff_t colon = lnr_str_chr(item, ':');
	struct lnr_str all = lnr_str_sub(item, colon < 0 ? item.len : (size_t)colon + 1, item.len);
	ptrdiff_t next = lnr_str_chr(all, ':'), digest = lnr_str_chr(all, '@');
	struct lnr_str value = next < 0 ? all : lnr_str_sub(all, 0, (size_t)next);

	if (which == INFRA_IMAGE && digest >= 0 && (size_t)digest < value.len)
		value = lnr_str_sub(value, 0, (size_t)digest);
	else if (which == INFRA_IMAGE && lnr_str_find(value, LNR_STR("sha256")) >= 0)
		value = all; /* an image without a name: the colon is part of its digest */
	value = lnr_str_trim(value);
	return which == INFRA_ID ? lnr_str_sub(value, 0, 12) : value;
}

LNR_GETTER(get_infra)
{
	static const struct lnr_str keys[] = {
		[INFRA_EVENT] = {"Event", 5},
		[INFRA_ID] = {"ID", 2},
		[INFRA_NAME] = {"name", 4},
		[INFRA_IMAGE] = {"Image", 5},
	};
	const struct lnr_event *ev = ctx->ev;
	struct lnr_str rest, item;

	if (ev->type != LNR_EV_INFRASTRUCTURE_EVENT_E)
		return false;
	rest = lnr_param_str(ev, LNR_P_INFRASTRUCTURE_EVENT_E_description);
	while (rest.ptr && lnr_str_split(&rest, ';', &item)) {
		item = lnr_str_trim(item);
		if (lnr_str_starts(item, keys[ref->def->user]))
			return lnr_give_str(ret, ref, infra_value(item, ref->def->user));
	}
	return false;
}

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("evt.is_open_read", BOOL, NA, 0, get_is_open_with,
		"True when a file is opened for reading, or for both, by open, openat, openat2 or "
		"open_by_handle_at, successfully or not.",
		.user = LNR_O_RDONLY),
	LNR_FIELD_ROW("evt.is_open_write", BOOL, NA, 0, get_is_open_with,
		"True when a file is opened for writing, or for both, by the same calls.",
		.user = LNR_O_WRONLY),
	LNR_FIELD_ROW("evt.is_open_exec", BOOL, NA, 0, get_is_open_exec,
		"True when a file may be created with an execute permission, by open, openat, "
		"openat2 "
		"or creat."),
	LNR_FIELD_ROW("evt.is_open_create", BOOL, NA, 0, get_is_open_create,
		"True when open, openat, openat2 or open_by_handle_at created a file."),
	LNR_FIELD_ROW("evt.infra.docker.name", CHARBUF, NA, LNR_FIELD_HIDDEN, get_infra,
		"Name of a Docker event in an old capture.", .user = INFRA_EVENT),
	LNR_FIELD_ROW("evt.infra.docker.container.id", CHARBUF, NA, LNR_FIELD_HIDDEN, get_infra,
		"Container of a Docker event in an old capture.", .user = INFRA_ID),
	LNR_FIELD_ROW("evt.infra.docker.container.name", CHARBUF, NA, LNR_FIELD_HIDDEN, get_infra,
		"Container's name in a Docker event of an old capture.", .user = INFRA_NAME),
	LNR_FIELD_ROW("evt.infra.docker.container.image", CHARBUF, NA, LNR_FIELD_HIDDEN, get_infra,
		"Image in a Docker event of an old capture.", .user = INFRA_IMAGE),
	{},
};

const struct lnr_field_class lnr_field_class_evt_open = {
	.name = "evt",
	.short_desc = "",
	.desc = "",
	.source = "syscall",
	.order = 23,
	.fields = fields,
};
