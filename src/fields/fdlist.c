/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fdlist.*: the descriptors that poll and ppoll waited for (spec fields.md 7), items joined by
 * commas.
 */
#include "fields/core/endpoint.h"
#include "schema/params.h"

enum what { NUMS, NAMES, CLIENT_IPS, SERVER_IPS, CLIENT_PORTS, SERVER_PORTS };

static bool add_number(struct lnr_buf *out, uint64_t v)
{
	lnr_buf_u64(out, v);
	return true;
}

static bool add_ip(struct lnr_buf *out, const struct lnr_fd *fd, const struct lnr_ip *ip)
{
	struct lnr_ip shown = lnr_fd_ip(fd, ip);

	lnr_ip_text(out, &shown);
	return true;
}

/* False: the descriptor has nothing to show and takes no place in the list. */
static bool add_item(struct lnr_buf *out, enum what what, int64_t num, const struct lnr_fd *fd)
{
	bool conn = fd && lnr_fd_is_inet_conn(fd);

	switch (what) {
	case NUMS:
		lnr_buf_s64(out, num);
		return true;
	case NAMES:
		lnr_buf_str(out,
			fd && fd->name && fd->name->len ? lnr_blob_str(fd->name) : LNR_STR("<NA>"));
		return true;
	case CLIENT_IPS:
		return conn && add_ip(out, fd, &fd->sip);
	case SERVER_IPS:
		if (fd && lnr_fd_is_server_sock(fd))
			return add_ip(out, fd, &fd->sip);
		return conn && add_ip(out, fd, &fd->dip);
	case CLIENT_PORTS:
		return conn && add_number(out, fd->sport);
	case SERVER_PORTS:
		return conn && add_number(out, fd->dport);
	}
	return false;
}

static bool fds_param(const struct lnr_event *ev, unsigned *ret)
{
	if (ev->type == LNR_EV_SYSCALL_POLL_X)
		*ret = LNR_P_SYSCALL_POLL_X_fds;
	else if (ev->type == LNR_EV_SYSCALL_PPOLL_X)
		*ret = LNR_P_SYSCALL_PPOLL_X_fds;
	else
		return false;
	return lnr_param_present(ev, *ret);
}

/*
 * The text's length is not known before, and names can be long, so it grows on the heap and is
 * copied to scratch memory; these fields are for outputs.
 */
LNR_GETTER(get_list)
{
	struct lnr_thread *t = ctx->ev->thread;
	struct lnr_fdlist l;
	struct lnr_str kept;
	struct lnr_buf out;
	int16_t events;
	int64_t num;
	unsigned i;

	if (!t || !fds_param(ctx->ev, &i) || !lnr_fdlist_begin(&l, &ctx->ev->param[i]))
		return false;
	lnr_buf_init(&out, 0);
	while (lnr_fdlist_next(&l, &num, &events)) {
		const struct lnr_fd *fd = lnr_state_fd(ctx->state, t, num);
		size_t before = out.len;
		if (before)
			lnr_buf_chr(&out, ',');
		if (!add_item(&out, (enum what)ref->def->user, num, fd))
			lnr_buf_cut(&out, before);
	}
	bool failed = out.failed, empty = out.len == 0;
	kept = lnr_arena_str(ctx->ev->scratch, lnr_buf_view(&out));
	lnr_buf_done(&out);
	if (failed || !kept.ptr)
		return lnr_give_nomem(ctx);
	return !empty && lnr_give_str(ret, ref, kept);
}

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("fdlist.nums", CHARBUF, DEC, 0, get_list, "Numbers of the descriptors.",
		.user = NUMS),
	LNR_FIELD_ROW("fdlist.names", CHARBUF, NA, 0, get_list,
		"Names of the descriptors, <NA> for one without a name.", .user = NAMES),
	LNR_FIELD_ROW("fdlist.cips", CHARBUF, NA, 0, get_list,
		"Client addresses of the connections among them.", .user = CLIENT_IPS),
	LNR_FIELD_ROW("fdlist.sips", CHARBUF, NA, 0, get_list,
		"Server addresses of the connections, and bound addresses of the server sockets, "
		"among "
		"them.",
		.user = SERVER_IPS),
	LNR_FIELD_ROW("fdlist.cports", CHARBUF, DEC, 0, get_list,
		"Client ports of the connections among them.", .user = CLIENT_PORTS),
	LNR_FIELD_ROW("fdlist.sports", CHARBUF, DEC, 0, get_list,
		"Server ports of the connections among them.", .user = SERVER_PORTS),
	{},
};

const struct lnr_field_class lnr_field_class_fdlist = {
	.name = "fdlist",
	.short_desc = "",
	.desc = "The descriptors that poll and ppoll waited for, as texts joined by commas.",
	.source = "syscall",
	.order = 90,
	.fields = fields,
};
