/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fs.path.*: the paths that file system calls work on, whatever the call names them (spec fields.md
 * 8). One path is the name; calls with two have a source and a target.
 */
#include "fields/core/get.h"
#include "schema/params.h"

#define NONE	0xff
#define FD_NAME 0xfe /* not a parameter: the name of the event's descriptor */

/* What a relative path starts from. */
enum base {
	CWD,
	OPENED,	     /* the descriptor that the call made has the whole path */
	EVENT_DIRFD, /* the event's descriptor, which must be a directory */
	OWN_DIRFD,   /* the directory parameter of either side */
	LINK_DIRFD,  /* EVENT_DIRFD for the source; the target has no directory */
};

static const struct fs_call {
	uint16_t type;
	uint8_t status;			    /* parameter that tells success */
	bool any_fd;			    /* success is anything but -1 there, otherwise 0 */
	uint8_t name, source, target;	    /* parameters */
	uint8_t base;			    /* enum base */
	uint8_t source_dirfd, target_dirfd; /* OWN_DIRFD */
} calls[] = {
#define P(event, param) LNR_P_SYSCALL_##event##_##param
#define ONE(event, name, base)                                                                  \
	{                                                                                       \
		LNR_EV_SYSCALL_##event, P(event, res), false, P(event, name), NONE, NONE, base, \
			NONE, NONE                                                              \
	}
#define FD(event)                                                                                  \
	{                                                                                          \
		LNR_EV_SYSCALL_##event, P(event, res), false, FD_NAME, NONE, NONE, CWD, NONE, NONE \
	}
#define OPEN(event, base)                                                                     \
	{                                                                                     \
		LNR_EV_SYSCALL_##event, P(event, fd), true, P(event, name), NONE, NONE, base, \
			NONE, NONE                                                            \
	}
#define TWO(event, source, target, base)                                              \
	{                                                                             \
		LNR_EV_SYSCALL_##event, P(event, res), false, NONE, P(event, source), \
			P(event, target), base, NONE, NONE                            \
	}
	OPEN(OPEN_X, CWD),
	OPEN(OPENAT_2_X, OPENED),
	OPEN(OPENAT2_X, OPENED),
	ONE(MKDIR_2_X, path, CWD),
	ONE(MKDIRAT_X, path, EVENT_DIRFD),
	ONE(RMDIR_2_X, path, CWD),
	ONE(UNLINK_2_X, path, CWD),
	ONE(UNLINKAT_2_X, name, EVENT_DIRFD),
	ONE(CHMOD_X, filename, CWD),
	ONE(FCHMODAT_X, filename, EVENT_DIRFD),
	FD(FCHMOD_X),
	ONE(CHOWN_X, path, CWD),
	ONE(LCHOWN_X, path, CWD),
	FD(FCHOWN_X),
	ONE(FCHOWNAT_X, pathname, EVENT_DIRFD),
	ONE(QUOTACTL_X, special, CWD),
	TWO(RENAME_X, oldpath, newpath, CWD),
	TWO(RENAMEAT_X, oldpath, newpath, CWD),
	{LNR_EV_SYSCALL_RENAMEAT2_X, P(RENAMEAT2_X, res), false, NONE, P(RENAMEAT2_X, oldpath),
		P(RENAMEAT2_X, newpath), OWN_DIRFD, P(RENAMEAT2_X, olddirfd),
		P(RENAMEAT2_X, newdirfd)},
	/* A link's source is the new name: what the reference calls it. */
	TWO(LINK_2_X, newpath, oldpath, CWD),
	TWO(LINKAT_2_X, newpath, oldpath, CWD),
	TWO(SYMLINK_X, linkpath, target, CWD),
	TWO(SYMLINKAT_X, linkpath, target, LINK_DIRFD),
	TWO(MOUNT_X, dev, dir, CWD),
	ONE(UMOUNT_1_X, name, CWD),
	ONE(UMOUNT2_X, name, CWD),
#undef P
#undef ONE
#undef FD
#undef OPEN
#undef TWO
};

enum which { NAME, SOURCE, TARGET };
#define RAW 4 /* or'ed to def->user */

static const struct fs_call *call_of(const struct lnr_event *ev)
{
	int64_t status;

	for (size_t i = 0; i < LNR_ARRAY_SIZE(calls); i++) {
		const struct fs_call *c = &calls[i];
		if (c->type != ev->type)
			continue;
		if (!lnr_param_s64(ev, c->status, &status))
			return NULL;
		return (c->any_fd ? status != -1 : status == 0) ? c : NULL;
	}
	return NULL;
}

/* The path as it was passed; what could not be read is <NA> in the reference. */
static struct lnr_str raw_path(struct lnr_field_ctx *ctx, uint8_t param)
{
	struct lnr_str s;
	struct lnr_fd *fd;

	if (param == FD_NAME) {
		bool known = lnr_get_fd(ctx, &fd) && fd && fd->name;
		return known ? lnr_blob_str(fd->name) : (struct lnr_str){"", 0};
	}
	s = lnr_param_str(ctx->ev, param);
	return s.ptr && !lnr_str_eq(s, LNR_STR("(NULL)")) ? s : LNR_STR("<NA>");
}

/* The event's directory descriptor with a slash, or that it is none we know. */
static struct lnr_str event_dir(struct lnr_field_ctx *ctx)
{
	const struct lnr_fd *fd = ctx->ev->fd;
	struct lnr_text t;

	if (!fd || fd->type != LNR_FD_DIRECTORY)
		return LNR_STR("<UNKNOWN>");
	struct lnr_str name = fd->name ? lnr_blob_str(fd->name) : (struct lnr_str){"", 0};
	if (!name.len || name.ptr[name.len - 1] == '/')
		return name;
	if (!lnr_text_begin(&t, ctx->ev->scratch, name.len + 1))
		return (struct lnr_str){NULL, 0};
	lnr_text_add(&t, name);
	lnr_text_chr(&t, '/');
	return lnr_text_end(&t);
}

static struct lnr_str base_of(
	struct lnr_field_ctx *ctx, const struct fs_call *c, int which, struct lnr_str path)
{
	int64_t dirfd;

	switch (c->base) {
	case EVENT_DIRFD:
		return event_dir(ctx);
	case LINK_DIRFD:
		return which == SOURCE ? event_dir(ctx) : LNR_STR("<UNKNOWN>");
	case OWN_DIRFD:
		dirfd = lnr_param_s64_or(
			ctx->ev, which == TARGET ? c->target_dirfd : c->source_dirfd, LNR_AT_FDCWD);
		return lnr_at_base(ctx, dirfd, path);
	default:
		return lnr_state_cwd(ctx->state, ctx->ev->thread);
	}
}

LNR_GETTER(get_path)
{
	const struct fs_call *c = call_of(ctx->ev);
	int which = ref->def->user & ~RAW;
	struct lnr_str path, base = {"", 0};

	if (!c)
		return false;
	uint8_t param = which == NAME ? c->name : which == SOURCE ? c->source : c->target;
	if (param == NONE)
		return false;
	path = raw_path(ctx, param);
	if (ref->def->user & RAW)
		return lnr_give_str(ret, ref, path);
	if (!ctx->ev->thread)
		return false;
	bool absolute = path.len && path.ptr[0] == '/';
	if (!absolute && c->base == OPENED) {
		const struct lnr_fd *fd = ctx->ev->fd;
		return lnr_give_str(ret, ref, fd ? lnr_blob_str(fd->name) : LNR_STR("<UNKNOWN>"));
	}
	if (!path.len)
		return lnr_give_str(ret, ref, path);
	if (!absolute)
		base = base_of(ctx, c, which, path);
	if (!base.ptr)
		return lnr_give_nomem(ctx);
	return lnr_give_str(ret, ref, lnr_path_join(ctx->ev->scratch, base, path));
}

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("fs.path.name", CHARBUF, NA, 0, get_path,
		"Path that a call with one path works on, absolute and cleaned: open, mkdir, "
		"unlink, "
		"chmod, chown, umount and their kin.",
		.user = NAME),
	LNR_FIELD_ROW("fs.path.nameraw", CHARBUF, NA, 0, get_path,
		"The same path as it was given to the call.", .user = NAME | RAW),
	LNR_FIELD_ROW("fs.path.source", CHARBUF, NA, 0, get_path,
		"Source of a call with two paths, absolute and cleaned: the old name for rename, "
		"the new "
		"name for link and symlink, the device for mount.",
		.user = SOURCE),
	LNR_FIELD_ROW("fs.path.sourceraw", CHARBUF, NA, 0, get_path,
		"The same source as it was given to the call.", .user = SOURCE | RAW),
	LNR_FIELD_ROW("fs.path.target", CHARBUF, NA, 0, get_path,
		"Target of a call with two paths, absolute and cleaned: the new name for rename, "
		"what a "
		"link points to, the directory for mount.",
		.user = TARGET),
	LNR_FIELD_ROW("fs.path.targetraw", CHARBUF, NA, 0, get_path,
		"The same target as it was given to the call.", .user = TARGET | RAW),
	{},
};

const struct lnr_field_class lnr_field_class_fs_path = {
	.name = "fs.path",
	.short_desc = "",
	.desc = "Paths of successful file system calls, under one name for all of them.",
	.source = "syscall",
	.order = 70,
	.fields = fields,
};
