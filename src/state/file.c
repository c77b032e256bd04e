/* SPDX-License-Identifier: Apache-2.0 */
/* Files by name: open and its kin, directories (spec 7.4). */
#include "state/state_priv.h"

static const struct lnr_str na = LNR_STR("<NA>");

/* Flags that the probe adds at exit, when the file is known; the call itself has none of them. */
#define EXIT_FLAGS (~(uint32_t)(LNR_O_F_CREATED - 1))

/* What one of the calls asked for, put together from exit and enter event. */
struct request {
	struct lnr_str name, base;
	uint32_t flags, dev;
	uint64_t ino;
};

/* Whether the enter event's copy of the arguments, made before the call ran, is there. */
static bool enter_name(struct lnr_event *enter, unsigned param, struct lnr_str *ret)
{
	if (!enter)
		return false;
	struct lnr_str name = lnr_state_text(enter, param);
	if (lnr_str_eq(name, na))
		return false;
	*ret = name;
	return true;
}

/* Only success makes an entry. The path is kept in the event for rules, which need not join it
 * again. */
static void opened(struct lnr_state *st, struct lnr_event *ev, const struct request *q)
{
	if (ev->res < 0)
		return;
	struct lnr_str path = lnr_path_join(lnr_state_scratch(st, ev), q->base, q->name);
	ev->path = path;
	struct lnr_fd *fd = lnr_event_fd_add(st, ev, ev->res);
	if (!fd)
		return;
	fd->type = q->flags & LNR_O_DIRECTORY ? LNR_FD_DIRECTORY : LNR_FD_FILE_V2;
	fd->open_flags = q->flags;
	fd->dev = q->dev;
	fd->ino = q->ino;
	if (q->flags & LNR_FD_UPPER_LAYER)
		fd->flags |= LNR_FDF_UPPER_LAYER;
	if (q->flags & LNR_FD_LOWER_LAYER)
		fd->flags |= LNR_FDF_LOWER_LAYER;
	if (q->name.len)
		lnr_state_set_blob(st, &fd->raw, q->name);
	lnr_event_fd_name(st, ev, fd, path);
}

/* Producers came to tell the device before they told the inode. */
static void set_inode(struct request *q, struct lnr_event *ev, unsigned dev, unsigned ino)
{
	q->dev = (uint32_t)lnr_param_u64_or(ev, dev, 0);
	q->ino = lnr_param_u64_or(ev, ino, 0);
}

void lnr_parse_open(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_event *enter = lnr_state_take_enter(st, ev);
	if (!ev->thread || !ev->has_res)
		return;
	struct request q = {.name = lnr_state_text(ev, LNR_P_SYSCALL_OPEN_X_name),
		.base = lnr_state_cwd(st, ev->thread),
		.flags = (uint32_t)lnr_param_u64_or(ev, LNR_P_SYSCALL_OPEN_X_flags, 0)};
	set_inode(&q, ev, LNR_P_SYSCALL_OPEN_X_dev, LNR_P_SYSCALL_OPEN_X_ino);
	if (enter_name(enter, LNR_P_SYSCALL_OPEN_E_name, &q.name))
		q.flags = (uint32_t)lnr_param_u64_or(enter, LNR_P_SYSCALL_OPEN_E_flags, 0) |
			  (q.flags & EXIT_FLAGS);
	opened(st, ev, &q);
}

void lnr_parse_creat(struct lnr_state *st, struct lnr_event *ev)
{
	struct lnr_event *enter = lnr_state_take_enter(st, ev);
	if (!ev->thread || !ev->has_res)
		return;
	struct request q = {.name = lnr_state_text(ev, LNR_P_SYSCALL_CREAT_X_name),
		.base = lnr_state_cwd(st, ev->thread)};
	set_inode(&q, ev, LNR_P_SYSCALL_CREAT_X_dev, LNR_P_SYSCALL_CREAT_X_ino);
	uint64_t layer = lnr_param_u64_or(ev, LNR_P_SYSCALL_CREAT_X_creat_flags, 0);
	if (layer & LNR_FD_UPPER_LAYER_CREAT)
		q.flags = LNR_FD_UPPER_LAYER;
	else if (layer & LNR_FD_LOWER_LAYER_CREAT)
		q.flags = LNR_FD_LOWER_LAYER;
	enter_name(enter, LNR_P_SYSCALL_CREAT_E_name, &q.name);
	opened(st, ev, &q);
}

/* openat and openat2 differ in where device and inode stand. */
/* The enter event's directory belongs to the enter event's name, so both are taken from it or
 * neither. */
static void parse_openat(struct lnr_state *st, struct lnr_event *ev, unsigned dev, unsigned ino)
{
	struct lnr_event *enter = lnr_state_take_enter(st, ev), *at = ev;
	unsigned dirfd_at = LNR_P_SYSCALL_OPENAT_2_X_dirfd;
	if (!ev->thread || !ev->has_res)
		return;
	struct request q = {.name = lnr_state_text(ev, LNR_P_SYSCALL_OPENAT_2_X_name),
		.base = LNR_STR(""),
		.flags = (uint32_t)lnr_param_u64_or(ev, LNR_P_SYSCALL_OPENAT_2_X_flags, 0)};
	if (lnr_param_present(ev, ino)) /* a device alone is not taken here: the reference's way */
		set_inode(&q, ev, dev, ino);
	if (enter_name(enter, LNR_P_SYSCALL_OPENAT_2_E_name, &q.name)) {
		q.flags = (uint32_t)lnr_param_u64_or(enter, LNR_P_SYSCALL_OPENAT_2_E_flags, 0) |
			  (q.flags & EXIT_FLAGS);
		at = enter;
		dirfd_at = LNR_P_SYSCALL_OPENAT_2_E_dirfd;
	}
	int64_t dirfd;
	if (ev->res >= 0 && lnr_param_s64(at, dirfd_at, &dirfd))
		q.base = lnr_path_base(st, ev, q.name, dirfd);
	opened(st, ev, &q);
}

_Static_assert((int)LNR_P_SYSCALL_OPENAT_2_X_flags == (int)LNR_P_SYSCALL_OPENAT2_X_flags &&
		       (int)LNR_P_SYSCALL_OPENAT_2_E_flags == (int)LNR_P_SYSCALL_OPENAT2_E_flags,
	"one parser for both calls");

void lnr_parse_openat(struct lnr_state *st, struct lnr_event *ev)
{
	parse_openat(st, ev, LNR_P_SYSCALL_OPENAT_2_X_dev, LNR_P_SYSCALL_OPENAT_2_X_ino);
}

void lnr_parse_openat2(struct lnr_state *st, struct lnr_event *ev)
{
	parse_openat(st, ev, LNR_P_SYSCALL_OPENAT2_X_dev, LNR_P_SYSCALL_OPENAT2_X_ino);
}

/* The probe walked the dentries, so the path is whole. */
void lnr_parse_open_by_handle(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->has_res)
		return;
	struct request q = {.name = lnr_state_text(ev, LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_path),
		.base = LNR_STR(""),
		.flags = (uint32_t)lnr_param_u64_or(
			ev, LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_flags, 0)};
	set_inode(&q, ev, LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_dev,
		LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_ino);
	opened(st, ev, &q);
}

/* --- directories --- */

/* Also getcwd, which tells what the kernel thinks. */
_Static_assert((int)LNR_P_SYSCALL_CHDIR_X_path == (int)LNR_P_SYSCALL_GETCWD_X_path,
	"one parser for both calls");

void lnr_parse_chdir(struct lnr_state *st, struct lnr_event *ev)
{
	if (ev->thread && ev->has_res && ev->res >= 0)
		lnr_task_chdir(st, lnr_task_of(ev->thread), ev,
			lnr_state_text(ev, LNR_P_SYSCALL_CHDIR_X_path));
}

/* A descriptor that is not known leaves the directory as it was. */
void lnr_parse_fchdir(struct lnr_state *st, struct lnr_event *ev)
{
	if (ev->thread && ev->fd && ev->has_res && ev->res >= 0)
		lnr_task_chdir(st, lnr_task_of(ev->thread), ev,
			ev->fd->name ? lnr_blob_str(ev->fd->name) : LNR_STR(""));
}

/* The root is told for output only; paths are not resolved against it (spec 7.6). */
void lnr_parse_chroot(struct lnr_state *st, struct lnr_event *ev)
{
	if (!ev->thread || !ev->has_res || ev->res)
		return;
	struct lnr_str path = lnr_state_text(ev, LNR_P_SYSCALL_CHROOT_X_path);
	if (!path.len || path.ptr[0] != '/')
		path = lnr_path_join(
			lnr_state_scratch(st, ev), lnr_state_cwd(st, ev->thread), path);
	lnr_state_set_blob(st, &ev->thread->root, path);
}
