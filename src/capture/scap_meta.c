/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks of tables: machine, threads, descriptors, interfaces, users and groups (spec scap-format
 * 3.2 to 3.6), put into a state.
 *
 * A block may be larger than memory, an entry may not: entries are read one at a time from a view
 * over the window that ends with the block, or with the entry where entries have a length.
 */
#include <stdio.h>
#include <string.h>
#include "capture/scap_format.h"
#include "capture/scap_priv.h"
#include "schema/limits.h"
#include "state/state.h"

/* Limits of the format itself: longer strings are damage. */
#define PATH_LEN_MAX 1024 /* also comm */
#define LIST_LEN_MAX 4096 /* arguments, environment, cgroups */
#define FD_NAME_MAX  1023
#define IF_NAME_MAX  1023
#define USER_STR_MAX 255
/* Longest entry without what newer versions may append: 28 strings and numbers of a thread. */
#define ENTRY_MAX (5 * PATH_LEN_MAX + 3 * LIST_LEN_MAX + 512)

/* Bytes still to be read; `bad` once something did not fit, from then on everything reads as 0. */
struct view {
	const uint8_t *at, *end;
	bool bad;
};

static size_t view_left(const struct view *v)
{
	return (size_t)(v->end - v->at);
}

static const uint8_t *view_bytes(struct view *v, size_t n)
{
	static const uint8_t none[16];
	if (v->bad || view_left(v) < n) {
		v->bad = true;
		v->at = v->end;
		return none;
	}
	const uint8_t *p = v->at;
	v->at += n;
	return p;
}

static uint8_t view_u8(struct view *v)
{
	return *view_bytes(v, 1);
}

static uint16_t view_u16(struct view *v)
{
	return lnr_le16(view_bytes(v, 2));
}

static uint32_t view_u32(struct view *v)
{
	return lnr_le32(view_bytes(v, 4));
}

static uint64_t view_u64(struct view *v)
{
	return lnr_le64(view_bytes(v, 8));
}

/* u16 length and bytes. */
static struct lnr_str view_str(struct view *v, size_t max)
{
	size_t n = view_u16(v);
	if (n > max)
		v->bad = true;
	if (n > view_left(v))
		v->bad = true;
	if (v->bad)
		n = 0;
	return (struct lnr_str){(const char *)view_bytes(v, n), n};
}

static int damaged(struct lnr_scap *f, const char *what, struct lnr_err *err)
{
	return lnr_fail(err, -EBADMSG, "damaged %s entry at byte %llu of the capture", what,
		(unsigned long long)f->in.offset);
}

/* --- threads ---------------------------------------------------------------------------------- */

struct thread_entry {
	uint64_t tid, pid, ptid;
	int64_t sid, vpgid, pgid, vtid, vpid;
	struct lnr_str comm, exe, exepath, args, cwd, env, cgroups, root;
	uint64_t fdlimit;
	uint32_t flags, uid, gid, vm_size, vm_rss, vm_swap;
	uint64_t pf_major, pf_minor;
	uint64_t pidns_init_start_ts;
	uint32_t tty, loginuid;
	uint8_t exe_writable, exe_upper, exe_lower, exe_memfd;
	uint64_t cap_inheritable, cap_permitted, cap_effective;
	uint64_t exe_ino, exe_ino_ctime, exe_ino_mtime;
};

/* Version 9 may append; producers before 0.10 wrote these 29 bytes without pidns start and tty. */
#define OLD_TAIL_BYTES 29

/* Appended fields, each only while the entry still covers it. */
static void parse_thread_tail(struct view *v, struct thread_entry *t)
{
	bool old = view_left(v) <= OLD_TAIL_BYTES;
#define FIELD(member, read)                             \
	do {                                            \
		if (view_left(v) < sizeof(t->member))   \
			return;                         \
		t->member = (typeof(t->member))read(v); \
	} while (0)
	if (!old) {
		FIELD(pidns_init_start_ts, view_u64);
		FIELD(tty, view_u32);
	}
	FIELD(loginuid, view_u32);
	FIELD(exe_writable, view_u8);
	FIELD(cap_inheritable, view_u64);
	FIELD(cap_permitted, view_u64);
	FIELD(cap_effective, view_u64);
	FIELD(exe_upper, view_u8);
	FIELD(exe_ino, view_u64);
	FIELD(exe_ino_ctime, view_u64);
	FIELD(exe_ino_mtime, view_u64);
	FIELD(exe_memfd, view_u8);
	FIELD(exe_lower, view_u8);
	FIELD(pgid, view_u64);
#undef FIELD
}

static void parse_thread(struct view *v, unsigned version, struct thread_entry *t)
{
	*t = (struct thread_entry){
		.sid = -1, .vpgid = -1, .pgid = -1, .vtid = -1, .vpid = -1, .loginuid = UINT32_MAX};
	t->tid = view_u64(v);
	t->pid = view_u64(v);
	t->ptid = view_u64(v);
	if (version >= 6)
		t->sid = (int64_t)view_u64(v);
	if (version >= 8)
		t->vpgid = (int64_t)view_u64(v);
	t->comm = view_str(v, PATH_LEN_MAX);
	t->exe = view_str(v, PATH_LEN_MAX);
	if (version >= 7)
		t->exepath = view_str(v, PATH_LEN_MAX);
	t->args = view_str(v, LIST_LEN_MAX);
	t->cwd = view_str(v, PATH_LEN_MAX);
	t->fdlimit = view_u64(v);
	t->flags = view_u32(v);
	t->uid = view_u32(v);
	t->gid = view_u32(v);
	if (version >= 2) {
		t->vm_size = view_u32(v);
		t->vm_rss = view_u32(v);
		t->vm_swap = view_u32(v);
		t->pf_major = view_u64(v);
		t->pf_minor = view_u64(v);
	}
	if (version >= 3)
		t->env = view_str(v, LIST_LEN_MAX);
	if (version >= 4) {
		t->vtid = (int64_t)view_u64(v);
		t->vpid = (int64_t)view_u64(v);
		t->cgroups = view_str(v, LIST_LEN_MAX);
	}
	if (version >= 5)
		t->root = view_str(v, PATH_LEN_MAX);
	if (version >= 9 && !v->bad)
		parse_thread_tail(v, t);
}

static uint32_t exe_flags(const struct thread_entry *e)
{
	return (e->exe_writable ? LNR_TF_EXE_WRITABLE : 0) | (e->exe_upper ? LNR_TF_EXE_UPPER : 0) |
	       (e->exe_lower ? LNR_TF_EXE_LOWER : 0) | (e->exe_memfd ? LNR_TF_EXE_MEMFD : 0);
}

/* Items of a list end in NUL; some producers left out the last. */
static int set_list(struct lnr_blob **slot, struct lnr_str s)
{
	char copy[LIST_LEN_MAX + 1];
	if (s.len && s.ptr[s.len - 1]) {
		memcpy(copy, s.ptr, s.len);
		copy[s.len] = '\0';
		s = (struct lnr_str){copy, s.len + 1};
	}
	return lnr_blob_set(slot, s);
}

static int keep_thread(struct lnr_scap *f, const struct thread_entry *e, struct lnr_err *err)
{
	struct lnr_thread *t = lnr_state_add_thread(f->state, (int64_t)e->tid, (int64_t)e->pid);
	if (!t) {
		f->n_refused++;
		return 0;
	}
	t->ptid = (int64_t)e->ptid;
	t->sid = e->sid;
	t->vpgid = e->vpgid;
	t->pgid = e->pgid;
	t->vtid = e->vtid;
	t->vpid = e->vpid;
	lnr_thread_clone_flags(t, e->flags);
	t->flags |= exe_flags(e);
	t->uid = e->uid;
	t->gid = e->gid;
	t->loginuid = e->loginuid;
	t->tty = e->tty;
	t->fdlimit = (int64_t)e->fdlimit;
	t->vm_size = e->vm_size;
	t->vm_rss = e->vm_rss;
	t->vm_swap = e->vm_swap;
	t->pf_major = e->pf_major;
	t->pf_minor = e->pf_minor;
	t->cap_inheritable = e->cap_inheritable;
	t->cap_permitted = e->cap_permitted;
	t->cap_effective = e->cap_effective;
	t->exe_ino = e->exe_ino;
	t->exe_ino_ctime = e->exe_ino_ctime;
	t->exe_ino_mtime = e->exe_ino_mtime;
	t->pidns_init_start_ts = e->pidns_init_start_ts;
	int r = lnr_blob_set(&t->comm, e->comm);
	r = r ? r : lnr_blob_set(&t->exe, e->exe);
	r = r ? r : lnr_blob_set(&t->exepath, e->exepath);
	r = r ? r : lnr_blob_set(&t->root, e->root);
	r = r ? r : set_list(&t->args, e->args);
	r = r ? r : set_list(&t->cgroups, e->cgroups);
	r = r ? r : set_list(&t->env, e->env);
	r = r ? r : lnr_blob_set(&t->cwd, e->cwd);
	return r ? lnr_fail(err, r, "out of memory") : 0;
}

/* --- walking a block ---------------------------------------------------------------------------
 */

/* How many bytes of the block's entry can be looked at, and where they end. */
static int entry_view(struct lnr_scap *f, uint32_t left, struct view *v, struct lnr_err *err)
{
	size_t n = left < ENTRY_MAX ? left : ENTRY_MAX;
	int r = lnr_scap_need(&f->in, n, err);
	if (r)
		return r;
	*v = (struct view){lnr_scap_at(&f->in), lnr_scap_at(&f->in) + n, false};
	return 0;
}

/*
 * Narrow a view to the entry at its start, whose u32 length counts itself when `counts_itself`.
 * Returns the bytes from the start of the view to the end of the entry, 0 when that is not inside
 * the block. What the window does not hold of an entry is beyond every field this version knows.
 */
static uint32_t entry_bounds(struct view *v, uint32_t left, bool counts_itself)
{
	const uint8_t *start = v->at;
	uint32_t len = view_u32(v);
	uint64_t whole = (uint64_t)len + (counts_itself ? 0 : 4);
	if (v->bad || whole < 4 || whole > left)
		return 0;
	if (whole < (uint64_t)(v->end - start))
		v->end = start + whole;
	return (uint32_t)whole;
}

/* Take what the view has read, or the whole entry when it has a length. */
static int entry_done(struct lnr_scap *f, const struct view *v, uint32_t whole, uint32_t *left,
	struct lnr_err *err)
{
	uint32_t used = whole ? whole : (uint32_t)(v->at - lnr_scap_at(&f->in));
	*left -= used;
	return lnr_scap_skip(&f->in, used, err);
}

static int read_threads(struct lnr_scap *f, unsigned version, uint32_t left, struct lnr_err *err)
{
	f->unlinked = true;
	while (left >= 4) {
		struct view v;
		int r = entry_view(f, left, &v, err);
		if (r)
			return r;
		uint32_t whole = 0;
		if (version >= 9) {
			whole = entry_bounds(&v, left, true);
			if (!whole)
				return damaged(f, "thread", err);
		}
		struct thread_entry e;
		parse_thread(&v, version, &e);
		if (v.bad)
			return damaged(f, "thread", err);
		if (f->state)
			r = keep_thread(f, &e, err);
		if (!r)
			r = entry_done(f, &v, whole, &left, err);
		if (r)
			return r;
	}
	return lnr_scap_skip(&f->in, left, err);
}

/* --- descriptors ------------------------------------------------------------------------------ */

/* FILE_V2 to be; also the place of the strings. */
struct fd_entry {
	struct lnr_fd fd;
	struct lnr_str name;
};

static void view_ip(struct view *v, struct lnr_ip *ip, bool v6)
{
	ip->family = v6 ? LNR_AF_INET6 : LNR_AF_INET;
	memcpy(ip->addr, view_bytes(v, v6 ? 16 : 4), v6 ? 16 : 4);
}

static void parse_sock(struct view *v, struct lnr_fd *fd, bool v6)
{
	view_ip(v, &fd->sip, v6);
	view_ip(v, &fd->dip, v6);
	fd->sport = view_u16(v);
	fd->dport = view_u16(v);
	fd->l4 = view_u8(v);
}

/* The payload by type; `unknown` is room for the name of a type that this version does not know. */
static void parse_fd(struct view *v, bool has_len, struct fd_entry *e, char unknown[32])
{
	struct lnr_fd *fd = &e->fd;
	*e = (struct fd_entry){.fd = {.flags = 0}};
	int64_t num = (int64_t)view_u64(v);
	/* Descriptors are ints in the kernel: no event can name any other. -1 is not kept. */
	fd->num = num >= 0 && num <= INT32_MAX ? (int32_t)num : -1;
	fd->ino = view_u64(v);
	uint8_t type = view_u8(v);
	fd->type = (int8_t)type;
	switch (type) {
	case LNR_FD_IPV4_SOCK:
	case LNR_FD_IPV6_SOCK:
		parse_sock(v, fd, type == LNR_FD_IPV6_SOCK);
		break;
	case LNR_FD_IPV4_SERVSOCK:
	case LNR_FD_IPV6_SERVSOCK:
		view_ip(v, &fd->sip, type == LNR_FD_IPV6_SERVSOCK);
		fd->sport = view_u16(v);
		fd->l4 = view_u8(v);
		break;
	case LNR_FD_UNIX_SOCK:
		fd->source = view_u64(v);
		fd->dest = view_u64(v);
		e->name = view_str(v, FD_NAME_MAX);
		break;
	case LNR_FD_FILE_V2:
		fd->open_flags = view_u32(v);
		e->name = view_str(v, FD_NAME_MAX);
		if (has_len && !v->bad && view_left(v) >= 4)
			fd->dev = view_u32(v);
		fd->flags |= fd->open_flags & LNR_FD_UPPER_LAYER ? LNR_FDF_UPPER_LAYER : 0;
		fd->flags |= fd->open_flags & LNR_FD_LOWER_LAYER ? LNR_FDF_LOWER_LAYER : 0;
		fd->flags |= fd->open_flags & LNR_O_CLOEXEC ? LNR_FDF_CLOEXEC : 0;
		break;
	case LNR_FD_UNKNOWN:
		break;
	default:
		if (type <= LNR_FD_PIDFD) {
			e->name = view_str(v, FD_NAME_MAX);
			break;
		}
		/* Without a length the next entry cannot be found. */
		if (!has_len)
			v->bad = true;
		fd->type = LNR_FD_UNSUPPORTED;
		snprintf(unknown, 32, "unknown-type:[%u]", type);
		e->name = lnr_str_c(unknown);
	}
}

static int keep_fd(
	struct lnr_scap *f, struct lnr_thread *t, const struct fd_entry *e, struct lnr_err *err)
{
	if (e->fd.num < 0 || e->fd.type == LNR_FD_UNKNOWN)
		return 0;
	struct lnr_fd *fd = lnr_state_add_fd(f->state, t, e->fd.num);
	if (!fd) {
		f->n_refused++;
		return 0;
	}
	/* Member by member: the state has marks of its own in it. */
	fd->type = e->fd.type;
	fd->l4 = e->fd.l4;
	fd->flags |= e->fd.flags;
	fd->open_flags = e->fd.open_flags;
	fd->dev = e->fd.dev;
	fd->ino = e->fd.ino;
	fd->sip = e->fd.sip;
	fd->dip = e->fd.dip;
	fd->sport = e->fd.sport;
	fd->dport = e->fd.dport;
	fd->source = e->fd.source;
	fd->dest = e->fd.dest;
	/* The state names sockets, and decides who is client and who is server, in added(). */
	if (lnr_blob_set(&fd->name, e->name))
		return lnr_fail(err, -ENOMEM, "out of memory");
	return 0;
}

static int read_fds(struct lnr_scap *f, unsigned version, uint32_t left, struct lnr_err *err)
{
	bool has_len = version >= 2;
	if (left < 8)
		return damaged(f, "descriptor", err);
	int r = lnr_scap_need(&f->in, 8, err);
	if (r)
		return r;
	int64_t tid = (int64_t)lnr_le64(lnr_scap_at(&f->in));
	lnr_scap_take(&f->in, 8);
	left -= 8;
	/* A list without its thread has nowhere to go. */
	struct lnr_thread *t = f->state ? lnr_state_thread(f->state, tid, false) : NULL;
	f->unlinked = true;
	while (!r && left >= 4) {
		struct view v;
		r = entry_view(f, left, &v, err);
		if (r)
			break;
		uint32_t whole = has_len ? entry_bounds(&v, left, true) : 0;
		struct fd_entry e;
		char unknown[32];
		parse_fd(&v, has_len, &e, unknown);
		if (v.bad || (has_len && !whole)) {
			r = damaged(f, "descriptor", err);
			break;
		}
		if (t)
			r = keep_fd(f, t, &e, err);
		if (!r)
			r = entry_done(f, &v, whole, &left, err);
	}
	return r ? r : lnr_scap_skip(&f->in, left, err);
}

/* --- interfaces ------------------------------------------------------------------------------- */

static void parse_iface(struct view *v, struct lnr_iface *iface)
{
	*iface = (struct lnr_iface){.link_speed = 0};
	uint16_t type = view_u16(v);
	uint16_t name_len = view_u16(v);
	if (type < LNR_SCAP_IPV4 || type > LNR_SCAP_IPV6_OLD || name_len > IF_NAME_MAX)
		v->bad = true;
	bool v6 = type == LNR_SCAP_IPV6 || type == LNR_SCAP_IPV6_OLD;
	view_ip(v, &iface->addr, v6);
	view_ip(v, &iface->mask, v6);
	view_ip(v, &iface->broadcast, v6);
	if (type == LNR_SCAP_IPV4 || type == LNR_SCAP_IPV6)
		iface->link_speed = view_u64(v);
	const uint8_t *name = view_bytes(v, v->bad ? 0 : name_len);
	size_t keep = name_len < sizeof(iface->name) ? name_len : sizeof(iface->name) - 1;
	if (!v->bad)
		memcpy(iface->name, name, strnlen((const char *)name, keep));
}

/* A later list replaces an earlier one; the state can only add, so what it has is not added. */
static bool iface_known(struct lnr_state *st, const struct lnr_iface *iface)
{
	size_t n;
	const struct lnr_iface *have = lnr_state_ifaces(st, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(have[i].name, iface->name) == 0 &&
			memcmp(&have[i].addr, &iface->addr, sizeof(iface->addr)) == 0)
			return true;
	return false;
}

static int read_ifaces(struct lnr_scap *f, unsigned version, uint32_t left, struct lnr_err *err)
{
	bool has_len = version >= 2;
	while (left >= 4) {
		struct view v;
		int r = entry_view(f, left, &v, err);
		if (r)
			return r;
		uint32_t whole = has_len ? entry_bounds(&v, left, false) : 0;
		struct lnr_iface iface;
		parse_iface(&v, &iface);
		if (v.bad || (has_len && !whole))
			return damaged(f, "interface", err);
		if (f->state && !iface_known(f->state, &iface)) {
			r = lnr_state_add_iface(f->state, &iface);
			if (r == -ENOMEM)
				return lnr_fail(err, r, "out of memory");
			f->n_refused += r != 0;
		}
		r = entry_done(f, &v, whole, &left, err);
		if (r)
			return r;
	}
	return lnr_scap_skip(&f->in, left, err);
}

/* --- users and groups ------------------------------------------------------------------------- */

struct user_entry {
	uint8_t kind;
	struct lnr_user user;
	struct lnr_group group;
};

static void parse_user(struct view *v, struct user_entry *e)
{
	*e = (struct user_entry){.kind = view_u8(v)};
	if (e->kind == LNR_SCAP_USER) {
		e->user.uid = view_u32(v);
		e->user.gid = view_u32(v);
		e->user.name = view_str(v, USER_STR_MAX);
		e->user.home = view_str(v, USER_STR_MAX);
		e->user.shell = view_str(v, USER_STR_MAX);
	} else if (e->kind == LNR_SCAP_GROUP) {
		e->group.gid = view_u32(v);
		e->group.name = view_str(v, USER_STR_MAX);
	} else {
		v->bad = true;
	}
}

static int read_users(struct lnr_scap *f, unsigned version, uint32_t left, struct lnr_err *err)
{
	bool has_len = version >= 2;
	const struct lnr_str host = LNR_STR("");
	struct lnr_users *users = f->state ? lnr_state_users(f->state) : NULL;
	if (users)
		lnr_users_drop(users, host); /* a later list replaces an earlier one */
	while (left >= 4) {
		struct view v;
		int r = entry_view(f, left, &v, err);
		if (r)
			return r;
		uint32_t whole = has_len ? entry_bounds(&v, left, true) : 0;
		struct user_entry e;
		parse_user(&v, &e);
		if (v.bad || (has_len && !whole))
			return damaged(f, "user or group", err);
		if (users) {
			r = e.kind == LNR_SCAP_USER ? lnr_users_add(users, host, &e.user)
						    : lnr_groups_add(users, host, &e.group);
			if (r == -ENOMEM)
				return lnr_fail(err, r, "out of memory");
			f->n_refused += r != 0;
		}
		r = entry_done(f, &v, whole, &left, err);
		if (r)
			return r;
	}
	return lnr_scap_skip(&f->in, left, err);
}

/* --- machine ---------------------------------------------------------------------------------- */

static int read_machine(struct lnr_scap *f, unsigned version, uint32_t left, struct lnr_err *err)
{
	(void)version; /* there is but one */
	if (left < LNR_SCAP_MI_BODY)
		return damaged(f, "machine", err);
	int r = lnr_scap_need(&f->in, LNR_SCAP_MI_BODY, err);
	if (r)
		return r;
	/* Offsets of spec scap-format 3.2. */
	const uint8_t *p = lnr_scap_at(&f->in);
	struct lnr_scap_machine *m = &f->machine;
	m->cpus = lnr_le32(p);
	m->memory_bytes = lnr_le64(p + 4);
	m->max_pid = lnr_le64(p + 12);
	memcpy(m->hostname, p + 20, LNR_SCAP_HOSTNAME_LEN);
	m->hostname[LNR_SCAP_HOSTNAME_LEN] = '\0';
	m->boot_ts = lnr_le64(p + 148);
	f->has_machine = true;
	/*
	 * The boot time is not handed to the state: the reference adds times since boot to 0 when
	 * it replays, so that proc.pidns_init_start_ts of a file is what its events say.
	 */
	return lnr_scap_skip(&f->in, left, err);
}

/* --- which is which --------------------------------------------------------------------------- */

static const struct table {
	uint32_t type;
	unsigned version;
	int (*read)(struct lnr_scap *f, unsigned version, uint32_t body, struct lnr_err *err);
} tables[] = {
	{LNR_SCAP_MI, 1, read_machine},
	{LNR_SCAP_MI_OLD, 1, read_machine},
	{LNR_SCAP_PL_V1, 1, read_threads},
	{LNR_SCAP_PL_V1_OLD, 1, read_threads},
	{LNR_SCAP_PL_V2, 2, read_threads},
	{LNR_SCAP_PL_V2_OLD, 2, read_threads},
	{LNR_SCAP_PL_V3, 3, read_threads},
	{LNR_SCAP_PL_V3_OLD, 3, read_threads},
	{LNR_SCAP_PL_V4, 4, read_threads},
	{LNR_SCAP_PL_V5, 5, read_threads},
	{LNR_SCAP_PL_V6, 6, read_threads},
	{LNR_SCAP_PL_V7, 7, read_threads},
	{LNR_SCAP_PL_V8, 8, read_threads},
	{LNR_SCAP_PL_V9, 9, read_threads},
	{LNR_SCAP_FDL_V1, 1, read_fds},
	{LNR_SCAP_FDL_V1_OLD, 1, read_fds},
	{LNR_SCAP_FDL_V2, 2, read_fds},
	{LNR_SCAP_IL_V1, 1, read_ifaces},
	{LNR_SCAP_IL_V1_OLD, 1, read_ifaces},
	{LNR_SCAP_IL_V2, 2, read_ifaces},
	{LNR_SCAP_UL_V1, 1, read_users},
	{LNR_SCAP_UL_V1_OLD, 1, read_users},
	{LNR_SCAP_UL_V2, 2, read_users},
};

static const struct table *find_table(uint32_t type)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(tables); i++)
		if (tables[i].type == type)
			return &tables[i];
	return NULL;
}

bool lnr_scap_is_table(uint32_t type)
{
	return find_table(type);
}

int lnr_scap_read_table(struct lnr_scap *f, uint32_t type, uint32_t body, struct lnr_err *err)
{
	const struct table *t = find_table(type);
	return t ? t->read(f, t->version, body, err) : -ENOENT;
}
