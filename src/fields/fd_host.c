/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fd.*ip.name: host names of addresses (spec fields.md 6). See names.h for where names come from: a
 * comparison looks its constant up, a value is one of the names looked up before.
 */
#include "fields/core/endpoint.h"
#include "fields/core/names.h"

/* def->user is enum lnr_end. */
LNR_GETTER(get_name)
{
	struct lnr_endpoint e;
	struct lnr_str name;
	struct lnr_fd *fd;

	if (!ctx->names || !lnr_get_fd(ctx, &fd) || !fd ||
		!lnr_fd_endpoint(ctx, fd, (enum lnr_end)ref->def->user, &e))
		return false;
	name = lnr_names_of(ctx->names, &e.ip);
	return name.len && lnr_give_str(ret, ref, name);
}

static bool is_op(const char *op, const char *name)
{
	return strcmp(op, name) == 0;
}

/* Other operators than these compare the name, if one is known. */
static int compare_name(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, const char *op,
	struct lnr_str constant)
{
	bool equal = is_op(op, "=") || is_op(op, "==") || is_op(op, "in") ||
		     is_op(op, "intersects");
	struct lnr_endpoint e;
	struct lnr_fd *fd;

	if (!lnr_get_fd(ctx, &fd) || !fd)
		return 0;
	if (is_op(op, "exists"))
		return 1;
	if (!equal && !is_op(op, "!="))
		return -1;
	if (!lnr_fd_is_inet_conn(fd) || !lnr_fd_endpoint(ctx, fd, (enum lnr_end)ref->def->user, &e))
		return 0;
	/* Nothing is looked up for a file: its addresses are those of another time. */
	return (ctx->names && lnr_names_match(ctx->names, constant, &e.ip)) == equal;
}

#define NAME (LNR_FIELD_NO_RHS | LNR_FIELD_NO_TRANSFORM)

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("fd.cip.name", CHARBUF, NA, NAME, get_name,
		"Host name of the client. A comparison with a name looks up its addresses; there "
		"is no "
		"reverse look-up, so outputs only show names that rules mention.",
		.compare = compare_name, .user = LNR_END_CLIENT),
	LNR_FIELD_ROW("fd.sip.name", CHARBUF, NA, NAME, get_name,
		"Host name of the server, as fd.cip.name.", .compare = compare_name,
		.user = LNR_END_SERVER),
	LNR_FIELD_ROW("fd.lip.name", CHARBUF, NA, NAME, get_name,
		"Host name of this machine's end, as fd.cip.name.", .compare = compare_name,
		.user = LNR_END_LOCAL),
	LNR_FIELD_ROW("fd.rip.name", CHARBUF, NA, NAME, get_name,
		"Host name of the other machine's end, as fd.cip.name.", .compare = compare_name,
		.user = LNR_END_REMOTE),
	{},
};

const struct lnr_field_class lnr_field_class_fd_host = {
	.name = "fd",
	.short_desc = "",
	.desc = "",
	.source = "syscall",
	.order = 62,
	.fields = fields,
};
