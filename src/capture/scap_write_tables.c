/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a capture begins with: section, machine, interfaces, users, threads, descriptors (spec
 * scap-format 3, 5), and the events that tell users, groups and containers again.
 *
 * Entries are gathered in a buffer; a list longer than LNR_SCAP_TABLE_BYTES becomes several blocks,
 * which readers add up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/util.h"
#include "capture/scap.h"
#include "capture/scap_format.h"
#include "capture/scap_write_priv.h"
#include "decode/event.h"
#include "schema/limits.h"
#include "state/state.h"

/* Longest strings that readers of the format take (spec scap-format 3). */
#define PATH_LEN_MAX 1024
#define LIST_LEN_MAX 4096
#define FD_NAME_MAX  1023
#define USER_STR_MAX 255

/* --- pieces of entries ------------------------------------------------------------------------ */

static void add8(struct lnr_buf *b, uint8_t v)
{
	lnr_buf_add(b, &v, sizeof(v));
}

static void add16(struct lnr_buf *b, uint16_t v)
{
	lnr_buf_add(b, &v, sizeof(v));
}

static void add32(struct lnr_buf *b, uint32_t v)
{
	lnr_buf_add(b, &v, sizeof(v));
}

static void add64(struct lnr_buf *b, uint64_t v)
{
	lnr_buf_add(b, &v, sizeof(v));
}

static void add_str(struct lnr_buf *b, struct lnr_str s, size_t max)
{
	size_t n = s.len < max ? s.len : max;
	add16(b, (uint16_t)n);
	if (n)
		lnr_buf_add(b, s.ptr, n);
}

/* The u32 length in front of an entry is known at its end. */
static void set_len(struct lnr_buf *b, size_t at, bool counts_itself)
{
	if (b->failed)
		return;
	uint32_t len = (uint32_t)(b->len - at) - (counts_itself ? 0 : 4);
	memcpy(b->ptr + at, &len, sizeof(len));
}

/* The entries so far as a block; `body` is empty afterwards. */
static int end_block(struct lnr_scap_writer *w, uint32_t type, struct lnr_buf *body)
{
	if (body->failed)
		return -ENOMEM;
	const struct lnr_piece piece = {body->ptr, body->len};
	int r = lnr_scap_write_block(w, type, &piece, 1);
	lnr_buf_clear(body);
	return r;
}

/* --- machine ---------------------------------------------------------------------------------- */

void lnr_scap_machine_here(struct lnr_scap_machine *ret)
{
	*ret = (struct lnr_scap_machine){.cpus = (uint32_t)get_nprocs()};
	struct sysinfo si;
	if (sysinfo(&si) == 0)
		ret->memory_bytes = (uint64_t)si.totalram * si.mem_unit;
	ret->max_pid = 32768; /* the kernel's default */
	FILE *f = fopen("/proc/sys/kernel/pid_max", "re");
	if (f) {
		unsigned long long max;
		if (fscanf(f, "%llu", &max) == 1)
			ret->max_pid = max;
		fclose(f);
	}
	gethostname(ret->hostname, sizeof(ret->hostname) - 1);
	struct timespec wall, up;
	if (clock_gettime(CLOCK_REALTIME, &wall) == 0 && clock_gettime(CLOCK_BOOTTIME, &up) == 0)
		ret->boot_ts = (uint64_t)(wall.tv_sec - up.tv_sec) * LNR_NS_PER_SEC +
			       (uint64_t)wall.tv_nsec - (uint64_t)up.tv_nsec;
}

static int write_section(struct lnr_scap_writer *w)
{
	uint8_t body[LNR_SCAP_SHB_LEN - LNR_SCAP_FRAME];
	const uint32_t magic = LNR_SCAP_MAGIC;
	const uint16_t version[2] = {LNR_SCAP_MAJOR, LNR_SCAP_MINOR};
	const uint64_t unknown_length = UINT64_MAX;
	memcpy(body, &magic, 4);
	memcpy(body + 4, version, 4);
	memcpy(body + 8, &unknown_length, 8);
	const struct lnr_piece piece = {body, sizeof(body)};
	return lnr_scap_write_block(w, LNR_SCAP_SHB, &piece, 1);
}

static int write_machine(struct lnr_scap_writer *w, const struct lnr_scap_machine *m)
{
	/* Offsets of spec scap-format 3.2; flags and the reserved rest are 0. */
	uint8_t body[LNR_SCAP_MI_BODY] = {0};
	memcpy(body, &m->cpus, 4);
	memcpy(body + 4, &m->memory_bytes, 8);
	memcpy(body + 12, &m->max_pid, 8);
	memcpy(body + 20, m->hostname, strnlen(m->hostname, LNR_SCAP_HOSTNAME_LEN - 1));
	memcpy(body + 148, &m->boot_ts, 8);
	const struct lnr_piece piece = {body, sizeof(body)};
	return lnr_scap_write_block(w, LNR_SCAP_MI, &piece, 1);
}

/* --- interfaces, users ------------------------------------------------------------------------ */

static int write_ifaces(struct lnr_scap_writer *w, struct lnr_state *st, struct lnr_buf *b)
{
	size_t n;
	const struct lnr_iface *list = lnr_state_ifaces(st, &n);
	for (size_t i = 0; i < n; i++) {
		const struct lnr_iface *f = &list[i];
		bool v6 = f->addr.family == LNR_AF_INET6;
		size_t name_len = strnlen(f->name, sizeof(f->name)), at = b->len;
		add32(b, 0);
		add16(b, v6 ? LNR_SCAP_IPV6 : LNR_SCAP_IPV4);
		add16(b, (uint16_t)name_len);
		lnr_buf_add(b, f->addr.addr, v6 ? 16 : 4);
		lnr_buf_add(b, f->mask.addr, v6 ? 16 : 4);
		lnr_buf_add(b, f->broadcast.addr, v6 ? 16 : 4);
		add64(b, f->link_speed);
		lnr_buf_add(b, f->name, name_len);
		set_len(b, at, false);
	}
	return end_block(w, LNR_SCAP_IL_V2, b);
}

/* The block has no place for containers: those are told by events. */
static int write_users(struct lnr_scap_writer *w, struct lnr_state *st, struct lnr_buf *b)
{
	struct lnr_users *users = lnr_state_users(st);
	struct lnr_str container;
	const struct lnr_user *u;
	for (size_t pos = 0; (u = lnr_users_next(users, &pos, &container));) {
		if (container.len)
			continue;
		size_t at = b->len;
		add32(b, 0);
		add8(b, LNR_SCAP_USER);
		add32(b, u->uid);
		add32(b, u->gid);
		add_str(b, u->name, USER_STR_MAX);
		add_str(b, u->home, USER_STR_MAX);
		add_str(b, u->shell, USER_STR_MAX);
		set_len(b, at, true);
	}
	const struct lnr_group *g;
	for (size_t pos = 0; (g = lnr_groups_next(users, &pos, &container));) {
		if (container.len)
			continue;
		size_t at = b->len;
		add32(b, 0);
		add8(b, LNR_SCAP_GROUP);
		add32(b, g->gid);
		add_str(b, g->name, USER_STR_MAX);
		set_len(b, at, true);
	}
	return end_block(w, LNR_SCAP_UL_V2, b);
}

/* --- threads ---------------------------------------------------------------------------------- */

static void add_thread(struct lnr_buf *b, struct lnr_state *st, struct lnr_thread *t)
{
	size_t at = b->len;
	add32(b, 0);
	add64(b, (uint64_t)t->tid);
	add64(b, (uint64_t)t->pid);
	add64(b, (uint64_t)t->ptid);
	add64(b, (uint64_t)t->sid);
	add64(b, (uint64_t)t->vpgid);
	add_str(b, lnr_blob_str(t->comm), PATH_LEN_MAX);
	add_str(b, lnr_blob_str(t->exe), PATH_LEN_MAX);
	add_str(b, lnr_blob_str(t->exepath), PATH_LEN_MAX);
	add_str(b, lnr_blob_str(t->args), LIST_LEN_MAX);
	struct lnr_str cwd = lnr_state_cwd(st, t);
	add_str(b, cwd.len ? cwd : LNR_STR("/"), PATH_LEN_MAX);
	add64(b, (uint64_t)t->fdlimit);
	add32(b, lnr_thread_flags_as_clone(t));
	add32(b, t->uid);
	add32(b, t->gid);
	add32(b, t->vm_size);
	add32(b, t->vm_rss);
	add32(b, t->vm_swap);
	add64(b, t->pf_major);
	add64(b, t->pf_minor);
	add_str(b, lnr_blob_str(t->env), LIST_LEN_MAX);
	add64(b, (uint64_t)t->vtid);
	add64(b, (uint64_t)t->vpid);
	add_str(b, lnr_blob_str(t->cgroups), LIST_LEN_MAX);
	add_str(b, lnr_blob_str(t->root), PATH_LEN_MAX);
	add64(b, t->pidns_init_start_ts);
	add32(b, t->tty);
	add32(b, t->loginuid);
	add8(b, !!(t->flags & LNR_TF_EXE_WRITABLE));
	add64(b, t->cap_inheritable);
	add64(b, t->cap_permitted);
	add64(b, t->cap_effective);
	add8(b, !!(t->flags & LNR_TF_EXE_UPPER));
	add64(b, t->exe_ino);
	add64(b, t->exe_ino_ctime);
	add64(b, t->exe_ino_mtime);
	add8(b, !!(t->flags & LNR_TF_EXE_MEMFD));
	add8(b, !!(t->flags & LNR_TF_EXE_LOWER));
	add64(b, (uint64_t)t->pgid);
	set_len(b, at, true);
}

/* Placeholders and the dead would only be in the way of a reader. */
static bool thread_wanted(const struct lnr_thread *t)
{
	return !(t->flags & (LNR_TF_DEAD | LNR_TF_PLACEHOLDER));
}

static int write_threads(struct lnr_scap_writer *w, struct lnr_state *st, struct lnr_buf *b)
{
	struct lnr_thread *t;
	for (size_t pos = 0; (t = lnr_state_thread_next(st, &pos));) {
		if (!thread_wanted(t))
			continue;
		add_thread(b, st, t);
		if (b->len >= LNR_SCAP_TABLE_BYTES) {
			int r = end_block(w, LNR_SCAP_PL_V9, b);
			if (r)
				return r;
		}
	}
	return b->len || b->failed ? end_block(w, LNR_SCAP_PL_V9, b) : 0;
}

/* --- descriptors ------------------------------------------------------------------------------ */

/* One bit per port that a server socket of any process is bound to. */
struct ports {
	uint8_t bits[65536 / 8];
};

static void note_ports(struct ports *p, struct lnr_state *st)
{
	struct lnr_thread *t;
	for (size_t pos = 0; (t = lnr_state_thread_next(st, &pos));) {
		struct lnr_fd *fd;
		for (size_t i = 0; lnr_thread_is_main(t) && (fd = lnr_state_fd_next(st, t, &i));)
			if (lnr_fd_is_server_sock(fd))
				p->bits[fd->sport / 8] |= (uint8_t)(1u << fd->sport % 8);
	}
}

/*
 * Files list a connection as this machine sees it, its own end first, and readers turn those of
 * servers round, whom they know by their listening port (spec events-and-state 8.3). The state has
 * them turned round already.
 */
static bool turned_round(const struct ports *p, const struct lnr_fd *fd)
{
	return fd->type == LNR_FD_IPV4_SOCK && fd->flags & LNR_FDF_ROLE_SERVER &&
	       p->bits[fd->dport / 8] & 1u << fd->dport % 8;
}

static void add_fd(struct lnr_buf *b, const struct lnr_fd *fd, bool turn)
{
	size_t at = b->len;
	struct lnr_str name = lnr_blob_str(fd->name);
	bool v6 = fd->type == LNR_FD_IPV6_SOCK || fd->type == LNR_FD_IPV6_SERVSOCK;
	add32(b, 0);
	add64(b, (uint64_t)(int64_t)fd->num);
	add64(b, fd->ino);
	add8(b, (uint8_t)fd->type);
	switch (fd->type) {
	case LNR_FD_IPV4_SOCK:
	case LNR_FD_IPV6_SOCK:
		lnr_buf_add(b, turn ? fd->dip.addr : fd->sip.addr, v6 ? 16 : 4);
		lnr_buf_add(b, turn ? fd->sip.addr : fd->dip.addr, v6 ? 16 : 4);
		add16(b, turn ? fd->dport : fd->sport);
		add16(b, turn ? fd->sport : fd->dport);
		add8(b, fd->l4);
		break;
	case LNR_FD_IPV4_SERVSOCK:
	case LNR_FD_IPV6_SERVSOCK:
		lnr_buf_add(b, fd->sip.addr, v6 ? 16 : 4);
		add16(b, fd->sport);
		add8(b, fd->l4);
		break;
	case LNR_FD_UNIX_SOCK:
		add64(b, fd->source);
		add64(b, fd->dest);
		add_str(b, name, FD_NAME_MAX);
		break;
	case LNR_FD_FILE_V2: {
		uint32_t flags = fd->open_flags;
		flags |= fd->flags & LNR_FDF_UPPER_LAYER ? LNR_FD_UPPER_LAYER : 0;
		flags |= fd->flags & LNR_FDF_LOWER_LAYER ? LNR_FD_LOWER_LAYER : 0;
		add32(b, flags);
		add_str(b, name, FD_NAME_MAX);
		add32(b, fd->dev);
		break;
	}
	default:
		add_str(b, name, FD_NAME_MAX);
	}
	set_len(b, at, true);
}

static int write_process_fds(struct lnr_scap_writer *w, struct lnr_state *st, struct lnr_thread *t,
	const struct ports *ports, struct lnr_buf *b)
{
	struct lnr_fd *fd;
	for (size_t pos = 0; (fd = lnr_state_fd_next(st, t, &pos));) {
		if (fd->type == LNR_FD_UNKNOWN || fd->type == LNR_FD_UNINITIALIZED)
			continue;
		if (!b->len)
			add64(b, (uint64_t)t->tid);
		add_fd(b, fd, turned_round(ports, fd));
		if (b->len >= LNR_SCAP_TABLE_BYTES) {
			int r = end_block(w, LNR_SCAP_FDL_V2, b);
			if (r)
				return r;
		}
	}
	return b->len || b->failed ? end_block(w, LNR_SCAP_FDL_V2, b) : 0;
}

static int write_fds(struct lnr_scap_writer *w, struct lnr_state *st, struct lnr_buf *b)
{
	struct ports *ports LNR_AUTO_FREE = calloc(1, sizeof(*ports));
	if (!ports)
		return -ENOMEM;
	note_ports(ports, st);
	struct lnr_thread *t;
	int r = 0;
	for (size_t pos = 0; !r && (t = lnr_state_thread_next(st, &pos));)
		if (thread_wanted(t) &&
			(lnr_thread_is_main(t) || !(t->flags & LNR_TF_SHARED_FILES)))
			r = write_process_fds(w, st, t, ports, b);
	return r;
}

static int failed(int r, struct lnr_err *err)
{
	return lnr_fail(err, r, "cannot write the capture: %s", strerror(-r));
}

int lnr_scap_write_tables(struct lnr_scap_writer *w, const struct lnr_scap_machine *machine,
	struct lnr_state *st, struct lnr_err *err)
{
	int r = write_section(w);
	if (!r && st) {
		struct lnr_scap_machine here;
		if (!machine) {
			lnr_scap_machine_here(&here);
			machine = &here;
		}
		struct lnr_buf b;
		lnr_buf_init(&b, 2 * LNR_SCAP_TABLE_BYTES);
		r = write_machine(w, machine);
		r = r ? r : write_ifaces(w, st, &b);
		r = r ? r : write_users(w, st, &b);
		r = r ? r : write_threads(w, st, &b);
		r = r ? r : write_fds(w, st, &b);
		lnr_buf_done(&b);
	}
	return r ? failed(r, err) : 0;
}

/* --- scene ------------------------------------------------------------------------------------ */

struct scene {
	struct lnr_scap_writer *w;
	uint64_t ts;
	uint8_t *buf; /* of the record being built */
	size_t cap;
	struct lnr_record_builder b;
};

static void scene_begin(struct scene *s, unsigned type, unsigned nparams)
{
	/* Events of no thread have thread id -1. */
	lnr_record_begin(&s->b, s->buf, s->cap, type, s->ts, -1, nparams);
}

static void scene_str(struct scene *s, struct lnr_str str)
{
	char text[LNR_STATE_PATH_BYTES_MAX];
	size_t n = str.len < sizeof(text) ? str.len : sizeof(text) - 1;
	if (n)
		memcpy(text, str.ptr, n);
	text[n] = '\0';
	lnr_record_bytes(&s->b, text, n + 1);
}

static int scene_end(struct scene *s)
{
	size_t len = lnr_record_end(&s->b);
	return len ? lnr_scap_write_event(s->w, s->buf, (uint32_t)len, 0, 0) : -EMSGSIZE;
}

/* A user, or a group when there is no user. */
static int tell_one(struct scene *s, struct lnr_str container, const struct lnr_user *u,
	const struct lnr_group *g, bool gone)
{
	if (u) {
		scene_begin(s, gone ? LNR_EV_USER_DELETED_E : LNR_EV_USER_ADDED_E, 6);
		lnr_record_u32(&s->b, u->uid);
		lnr_record_u32(&s->b, u->gid);
		scene_str(s, u->name);
		scene_str(s, u->home);
		scene_str(s, u->shell);
	} else {
		scene_begin(s, gone ? LNR_EV_GROUP_DELETED_E : LNR_EV_GROUP_ADDED_E, 3);
		lnr_record_u32(&s->b, g->gid);
		scene_str(s, g->name);
	}
	scene_str(s, container);
	return scene_end(s);
}

int lnr_scap_write_user(struct lnr_scap_writer *w, uint64_t ts, struct lnr_str container,
	const struct lnr_user *u, const struct lnr_group *g, bool gone)
{
	/* Four texts at most, each cut to the length of a path. */
	uint8_t buf[8 * LNR_STATE_PATH_BYTES_MAX];
	struct scene s = {.w = w, .ts = ts, .buf = buf, .cap = sizeof(buf)};
	return tell_one(&s, container, u, g, gone);
}

static int tell_users(struct scene *s, struct lnr_state *st)
{
	struct lnr_users *users = lnr_state_users(st);
	struct lnr_str container;
	const struct lnr_user *u;
	const struct lnr_group *g;
	int r = 0;
	for (size_t pos = 0; !r && (u = lnr_users_next(users, &pos, &container));)
		r = tell_one(s, container, u, NULL, false);
	for (size_t pos = 0; !r && (g = lnr_groups_next(users, &pos, &container));)
		r = tell_one(s, container, NULL, g, false);
	return r;
}

/* Metadata of a container as its event carries them: {"container": {…}}. */
static int tell_container(struct scene *s, json_t *meta)
{
	json_t *whole = json_pack("{s:O}", "container", meta);
	char *text = whole ? json_dumps(whole, JSON_COMPACT) : NULL;
	json_decref(whole);
	if (!text)
		return -ENOMEM;
	size_t len = strlen(text) + 1;
	/* Header, three lengths, the other two parameters. */
	size_t need = sizeof(struct lnr_record) + 3 * 4 + 4 + sizeof("container") + len;
	int r = 0;
	if (need > s->cap) {
		uint8_t *buf = realloc(s->buf, need);
		if (buf) {
			s->buf = buf;
			s->cap = need;
		} else {
			r = -ENOMEM;
		}
	}
	if (!r) {
		scene_begin(s, LNR_EV_ASYNCEVENT_E, 3);
		lnr_record_u32(&s->b, 0); /* of no plugin: the system call source */
		lnr_record_str(&s->b, "container");
		lnr_record_bytes(&s->b, text, len);
		r = scene_end(s);
	}
	free(text);
	return r;
}

int lnr_scap_write_scene(
	struct lnr_scap_writer *w, struct lnr_state *st, uint64_t ts, struct lnr_err *err)
{
	struct scene s = {.w = w, .ts = ts, .cap = 8 * LNR_STATE_PATH_BYTES_MAX};
	s.buf = malloc(s.cap);
	if (!s.buf)
		return lnr_fail(err, -ENOMEM, "out of memory");
	int r = tell_users(&s, st);
	struct lnr_container *c;
	struct lnr_containers *all = lnr_state_containers(st);
	for (size_t pos = 0; !r && (c = lnr_containers_next(all, &pos));)
		if (c->meta)
			r = tell_container(&s, c->meta);
	free(s.buf);
	return r ? failed(r, err) : 0;
}
