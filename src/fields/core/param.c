/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of an event as text (spec fields.md 3): what evt.arg, evt.args and evt.res show.
 *
 * Each parameter has a plain text and perhaps a resolved one: a number and the name it stands for,
 * a path and where it leads. One function per family of types; text is borrowed from the record
 * where it exists there and made in scratch memory otherwise. Numbers follow printf of the
 * reference down to the sign: unsigned types of 32 and 64 bits are shown signed, so that -1 stays
 * -1.
 */
#include <stdio.h>
#include "fields/core/param_priv.h"

/* Up to eight bytes as a number: shorter parameters of old captures included. */
uint64_t lnr_param_bits(const struct lnr_param *p)
{
	uint64_t v = 0;

	memcpy(&v, p->ptr, p->len < sizeof(v) ? p->len : sizeof(v)); /* little-endian hosts */
	return v;
}

/* The same with the sign bit of the parameter's own length. */
int64_t lnr_param_signed(const struct lnr_param *p)
{
	unsigned shift = p->len < 8 ? 64 - 8 * p->len : 0;

	return (int64_t)(lnr_param_bits(p) << shift) >> shift;
}

/* A constant; `r` is there so that all setters look alike. */
static void say(struct lnr_render *r, struct lnr_str *at, const char *literal)
{
	(void)r;
	*at = lnr_str_c(literal);
}

/* A name that may be missing becomes the resolved text. */
static void resolve_name(struct lnr_render *r, const char *name)
{
	if (name)
		r->resolved = lnr_str_c(name);
}

/* Without scratch memory the text stays empty, and is counted as lost. */
static void plain_s64(struct lnr_render *r, int64_t v)
{
	struct lnr_text t;

	if (lnr_text_begin(&t, r->ctx->ev->scratch, LNR_DEC_MAX)) {
		lnr_text_s64(&t, v);
		r->plain = lnr_text_end(&t);
	} else {
		r->ctx->n_nomem++;
	}
}

static void plain_u64(struct lnr_render *r, uint64_t v)
{
	struct lnr_text t;

	if (lnr_text_begin(&t, r->ctx->ev->scratch, LNR_DEC_MAX)) {
		lnr_text_u64(&t, v);
		r->plain = lnr_text_end(&t);
	} else {
		r->ctx->n_nomem++;
	}
}

/* A whole number in the table's format. */
static void plain_number(struct lnr_render *r, bool is_signed)
{
	unsigned long long bits = lnr_param_bits(&r->p);

	switch (r->fmt) {
	case LNR_PF_HEX:
		r->plain = lnr_scratch_printf(r->ctx, "%llX", bits);
		break;
	case LNR_PF_OCT:
		r->plain = lnr_scratch_printf(r->ctx, "%#llo", bits);
		break;
	case LNR_PF_10_PADDED_DEC:
		r->plain = lnr_scratch_printf(r->ctx, "%09llu", bits);
		break;
	default:
		if (is_signed || r->p.len >= 4)
			plain_s64(r, lnr_param_signed(&r->p));
		else
			plain_u64(r, bits);
	}
}

/* Error codes are negative; the least number has no counterpart, hence the unsigned minus. */
static void render_errno(struct lnr_render *r)
{
	int64_t v = lnr_param_signed(&r->p);

	plain_s64(r, v);
	if (v < 0)
		resolve_name(r, lnr_errno_name((int64_t) - (uint64_t)v));
}

/* "<4t>127.0.0.1:80->…": type character, protocol of an INET socket, name. */
static void render_fd(struct lnr_render *r)
{
	/* Other protocols, and none, have no character. */
	static const char l4_chars[] = {
		[LNR_L4_TCP] = 't', [LNR_L4_UDP] = 'u', [LNR_L4_ICMP] = 'i', [LNR_L4_RAW] = 'r'};
	int64_t num = lnr_param_signed(&r->p);
	struct lnr_thread *thread = r->ctx->ev->thread;

	plain_s64(r, num);
	if (!thread)
		return;
	if (num == LNR_AT_FDCWD) {
		say(r, &r->resolved, "AT_FDCWD");
		return;
	}
	if (num < 0) {
		resolve_name(r, lnr_errno_name((int64_t) - (uint64_t)num));
		return;
	}
	const struct lnr_fd *fd = lnr_state_fd(r->ctx->state, thread, num);
	struct lnr_text t;
	if (!fd)
		return;
	struct lnr_str name = lnr_blob_str(fd->name);
	if (!lnr_text_begin(&t, r->ctx->ev->scratch, name.len + 4)) {
		r->ctx->n_nomem++;
		return;
	}
	lnr_text_chr(&t, '<');
	lnr_text_chr(&t, lnr_fd_typechar(fd->type));
	unsigned l4 = lnr_fd_is_inet(fd) ? lnr_fd_l4(fd) : LNR_L4_NA;
	if (l4 < sizeof(l4_chars) && l4_chars[l4])
		lnr_text_chr(&t, l4_chars[l4]);
	lnr_text_chr(&t, '>');
	lnr_text_add(&t, name);
	r->resolved = lnr_text_end(&t);
}

/* The name of the thread as it is now, which for a dead one is nothing. */
static void render_pid(struct lnr_render *r)
{
	int64_t tid = lnr_param_signed(&r->p);

	plain_s64(r, tid);
	const struct lnr_thread *t = r->ctx->state ? lnr_state_thread(r->ctx->state, tid, false)
						   : NULL;
	if (t)
		r->resolved = lnr_blob_str(t->comm);
}

/* Names come from the table of the thread's container, without a way back to the host's. */
static void render_id(struct lnr_render *r, bool group)
{
	uint32_t id = (uint32_t)lnr_param_bits(&r->p);
	struct lnr_thread *thread = r->ctx->ev->thread;
	struct lnr_str name = {NULL, 0};

	plain_s64(r, (int32_t)id);
	if (id == UINT32_MAX) {
		say(r, &r->resolved, "<NONE>");
		return;
	}
	if (thread) {
		struct lnr_users *users = lnr_state_users(r->ctx->state);
		struct lnr_str container = lnr_thread_container_id(thread);
		if (group) {
			const struct lnr_group *g = lnr_groups_get(users, container, id);
			if (g)
				name = g->name;
		} else {
			const struct lnr_user *u = lnr_users_get(users, container, id);
			if (u)
				name = u->name;
		}
	}
	r->resolved = name.len ? name : LNR_STR("<NA>");
}

static struct lnr_str text_of(const struct lnr_param *p)
{
	const char *s = (const char *)p->ptr;
	struct lnr_str text = {s, strnlen(s, p->len)};

	/* What old captures wrote for an unreadable string (fields.md 3.1). */
	return lnr_str_eq(text, LNR_STR("(NULL)")) ? LNR_STR("<NA>") : text;
}

/*
 * The directory as a base: with a slash at the end, or "" when unknown. Live, the kernel is asked
 * when the table does not know it.
 */
struct lnr_str lnr_dirfd_path(struct lnr_field_ctx *ctx, int64_t dirfd)
{
	const struct lnr_thread *thread = ctx->ev->thread;
	const struct lnr_fd *fd = lnr_state_fd(ctx->state, ctx->ev->thread, dirfd);
	struct lnr_str name = fd ? lnr_blob_str(fd->name) : (struct lnr_str){NULL, 0};
	char buf[LNR_PATH_BYTES_MAX], link[64];
	struct lnr_text t;

	if (!name.len && ctx->live && dirfd >= 0) {
		snprintf(link, sizeof(link), "/proc/%lld/fd/%lld", (long long)thread->pid,
			(long long)dirfd);
		name = lnr_read_link(lnr_state_host_root(ctx->state), link, buf, sizeof(buf));
	}
	if (!name.len)
		return (struct lnr_str){"", 0};
	if (!lnr_text_begin(&t, ctx->ev->scratch, name.len + 1)) {
		ctx->n_nomem++;
		return (struct lnr_str){"", 0};
	}
	lnr_text_add(&t, name);
	if (name.ptr[name.len - 1] != '/')
		lnr_text_chr(&t, '/');
	return lnr_text_end(&t);
}

/* As the *at calls see it: nothing for absolute paths, the marker for unknown descriptors. */
struct lnr_str lnr_at_base(struct lnr_field_ctx *ctx, int64_t dirfd, struct lnr_str path)
{
	struct lnr_thread *thread = ctx->ev->thread;
	struct lnr_text t;

	if (path.len && path.ptr[0] == '/')
		return (struct lnr_str){"", 0};
	if (dirfd == LNR_AT_FDCWD)
		return lnr_state_cwd(ctx->state, thread);
	const struct lnr_fd *fd = lnr_state_fd(ctx->state, thread, dirfd);
	if (!fd)
		return LNR_STR("<UNKNOWN>");
	struct lnr_str name = lnr_blob_str(fd->name);
	if (!name.len || name.ptr[name.len - 1] == '/')
		return name;
	if (!lnr_text_begin(&t, ctx->ev->scratch, name.len + 1)) {
		ctx->n_nomem++;
		return (struct lnr_str){"", 0};
	}
	lnr_text_add(&t, name);
	lnr_text_chr(&t, '/');
	return lnr_text_end(&t);
}

/* What a relative path of this parameter starts from. */
static struct lnr_str base_dir(struct lnr_render *r)
{
	struct lnr_event *ev = r->ctx->ev;
	int dir = r->info->type == LNR_PT_FSRELPATH ? r->info->dirfd_param : -1;
	int64_t dirfd;

	if (dir < 0 || !lnr_param_s64(ev, (unsigned)dir, &dirfd) || dirfd == LNR_AT_FDCWD)
		return lnr_state_cwd(r->ctx->state, ev->thread);
	return lnr_dirfd_path(r->ctx, dirfd);
}

/* Resolved only where that adds something: absolute paths are what they are. */
static void render_path(struct lnr_render *r)
{
	r->plain = text_of(&r->p);
	if (!r->ctx->ev->thread || !r->plain.len || r->plain.ptr[0] == '/' ||
		lnr_str_eq(r->plain, LNR_STR("<NA>")))
		return;
	r->resolved = lnr_path_join(r->ctx->ev->scratch, base_dir(r), r->plain);
}

/* All ones is how the calls say "no timeout". */
static void render_reltime(struct lnr_render *r)
{
	uint64_t v = lnr_param_bits(&r->p);

	if (v == UINT64_MAX) {
		say(r, &r->plain, "none");
		return;
	}
	plain_u64(r, v);
	r->resolved = lnr_scratch_printf(r->ctx, "%lgs", (double)v / 1e9);
}

/* In local time like all times of alerts, but without a zone (seen in the reference's output). */
static void render_abstime(struct lnr_render *r)
{
	char buf[LNR_TIME_TEXT_MAX];

	lnr_time_text(buf, lnr_param_bits(&r->p), LNR_TIME_DATE_NS);
	r->plain = lnr_scratch_printf(r->ctx, "%s", buf);
}

/* The code of the table, not of the machine; both are in the record of a generic event. */
static void render_syscall(struct lnr_render *r)
{
	const struct lnr_syscall_info *sc = lnr_syscall_info((unsigned)lnr_param_bits(&r->p));

	if (!sc) {
		say(r, &r->plain, "<unknown syscall>");
		return;
	}
	plain_u64(r, sc->code);
	resolve_name(r, sc->name);
}

static void render_signal(struct lnr_render *r)
{
	uint64_t v = lnr_param_bits(&r->p);

	plain_u64(r, v);
	resolve_name(r, lnr_signal_name((unsigned)v));
}

/* Names of the signals in a set, which has no number form: bit 0 is signal 1. */
static void render_sigset(struct lnr_render *r)
{
	uint32_t set = (uint32_t)lnr_param_bits(&r->p);
	struct lnr_text t;

	if (!lnr_text_begin(&t, r->ctx->ev->scratch, 32 * 16)) { /* "SIGSTKFLT " is the longest */
		r->ctx->n_nomem++;
		return;
	}
	for (unsigned bit = 0; bit < 32; bit++) {
		const char *name = set >> bit & 1 ? lnr_signal_name(bit + 1) : NULL;
		if (!name)
			continue;
		if (t.len)
			lnr_text_chr(&t, ' ');
		lnr_text_add(&t, lnr_str_c(name));
	}
	r->plain = lnr_text_end(&t);
}

static void render_ip(struct lnr_render *r)
{
	struct lnr_ip ip = {.family = r->p.len == 4 ? LNR_AF_INET : LNR_AF_INET6};
	char buf[LNR_IP_TEXT_MAX];

	if (r->p.len != 4 && r->p.len != 16) {
		say(r, &r->plain, "<NA>");
		return;
	}
	memcpy(ip.addr, r->p.ptr, r->p.len);
	lnr_ip_format(buf, &ip);
	r->plain = lnr_scratch_printf(r->ctx, "%s", buf);
}

static void render_bytes(struct lnr_render *r)
{
	struct lnr_str bytes = {(const char *)r->p.ptr, r->p.len};

	r->plain = lnr_bytes_scratch(r->ctx, bytes, r->buffer_format);
}

/* --- by type --- */

static void render_flags_or_mode(struct lnr_render *r)
{
	bool mode = r->type == LNR_PT_MODE;

	if (mode)
		plain_number(r, false);
	else
		plain_u64(r, (uint32_t)lnr_param_bits(&r->p));
	r->resolved = lnr_flags_text(r, (uint32_t)lnr_param_bits(&r->p));
}

/* Its length has a reason: one case per type, and no statement besides. */
static void render_typed(struct lnr_render *r)
{
	switch (r->type) {
	case LNR_PT_INT8:
	case LNR_PT_INT16:
	case LNR_PT_INT32:
	case LNR_PT_INT64:
		plain_number(r, true);
		break;
	case LNR_PT_UINT8:
	case LNR_PT_UINT16:
	case LNR_PT_UINT32:
	case LNR_PT_UINT64:
	case LNR_PT_PORT:
	case LNR_PT_BOOL:
	case LNR_PT_L4PROTO:
	case LNR_PT_SOCKFAMILY:
		plain_number(r, false);
		break;
	case LNR_PT_ERRNO:
		render_errno(r);
		break;
	case LNR_PT_FD:
	case LNR_PT_FD32:
		render_fd(r);
		break;
	case LNR_PT_PID:
	case LNR_PT_PID32:
		render_pid(r);
		break;
	case LNR_PT_UID:
	case LNR_PT_GID:
		render_id(r, r->type == LNR_PT_GID);
		break;
	case LNR_PT_CHARBUF:
		/* A text that keyctl did not get, as the reference prints it. */
		r->plain = r->p.len ? text_of(&r->p) : LNR_STR("(null)");
		break;
	case LNR_PT_FSPATH:
	case LNR_PT_FSRELPATH:
		render_path(r);
		break;
	case LNR_PT_SOCKADDR:
		lnr_render_sockaddr(r);
		break;
	case LNR_PT_SOCKTUPLE:
		lnr_render_tuple(r);
		break;
	case LNR_PT_FDLIST:
		lnr_render_fdlist(r);
		break;
	case LNR_PT_SYSCALLID:
		render_syscall(r);
		break;
	case LNR_PT_SIGTYPE:
		render_signal(r);
		break;
	case LNR_PT_SIGSET:
		render_sigset(r);
		break;
	case LNR_PT_RELTIME:
		render_reltime(r);
		break;
	case LNR_PT_ABSTIME:
		render_abstime(r);
		break;
	case LNR_PT_FLAGS8:
	case LNR_PT_FLAGS16:
	case LNR_PT_FLAGS32:
	case LNR_PT_ENUMFLAGS8:
	case LNR_PT_ENUMFLAGS16:
	case LNR_PT_ENUMFLAGS32:
	case LNR_PT_MODE:
		render_flags_or_mode(r);
		break;
	case LNR_PT_IPV4ADDR:
	case LNR_PT_IPV6ADDR:
		render_ip(r);
		break;
	case LNR_PT_BYTEBUF:
	case LNR_PT_CHARBUFARRAY:
	case LNR_PT_CHARBUF_PAIR_ARRAY:
		render_bytes(r);
		break;
	default:
		say(r, &r->plain, "<NA>");
	}
}

bool lnr_param_undyn(const struct lnr_param_info *info, struct lnr_param *p, uint8_t *ret_type)
{
	*ret_type = info->type;
	if (info->type != LNR_PT_DYN)
		return true;
	if (!info->dyn || !p->len)
		return false;
	for (unsigned i = 0; info->dyn->alts[i].type != LNR_PT_NONE; i++) {
		/*
		 * The first byte says which alternative follows; one that we do not know has no
		 * text.
		 */
		if (i != p->ptr[0])
			continue;
		*ret_type = info->dyn->alts[i].type;
		p->ptr++;
		p->len--;
		return true;
	}
	return false;
}

/* What the reference writes for absent bytes, against <NA> for absent scalars. */
static bool absent_is_null(unsigned type)
{
	return type == LNR_PT_BYTEBUF || type == LNR_PT_SOCKTUPLE || type == LNR_PT_FDLIST ||
	       type == LNR_PT_CHARBUFARRAY || type == LNR_PT_CHARBUF_PAIR_ARRAY ||
	       type == LNR_PT_DYN;
}

void lnr_param_render_as(struct lnr_field_ctx *ctx, unsigned i, unsigned buffer_format,
	struct lnr_str *ret_plain, struct lnr_str *ret_resolved)
{
	const struct lnr_event *ev = ctx->ev;
	struct lnr_render r = {.ctx = ctx, .index = i, .buffer_format = buffer_format};

	r.plain = r.resolved = (struct lnr_str){"", 0};
	if (i < ev->info->nparams) {
		r.info = &ev->info->params[i];
		r.fmt = r.info->fmt;
		if (!lnr_param_present(ev, i)) {
			say(&r, &r.plain, absent_is_null(r.info->type) ? "NULL" : "<NA>");
		} else {
			r.p = ev->param[i];
			if (!lnr_param_undyn(r.info, &r.p, &r.type))
				say(&r, &r.plain, "<NA>");
			else if (r.p.len || r.type == LNR_PT_CHARBUF)
				render_typed(&r);
		}
	}
	if (!r.plain.ptr)
		r.plain = (struct lnr_str){"", 0};
	*ret_plain = r.plain;
	*ret_resolved = r.resolved;
}

void lnr_param_render(struct lnr_field_ctx *ctx, unsigned i, struct lnr_str *ret_plain,
	struct lnr_str *ret_resolved)
{
	lnr_param_render_as(ctx, i, ctx->buffer_format, ret_plain, ret_resolved);
}
