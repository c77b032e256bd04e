/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fd.*: the descriptor that an event creates, uses or closes (spec fields.md 6). Addresses and
 * ports are in fd_net.c, host names in fd_host.c.
 *
 * A call that failed to make a descriptor has none, yet its arguments say what it was about: the
 * name then comes from the event.
 */
#include "fields/core/get.h"
#include "fields/core/set.h"
#include "schema/params.h"

/* --- names --- */

/* Text of a parameter as evt.arg shows it. */
static struct lnr_str arg_text(struct lnr_field_ctx *ctx, unsigned i)
{
	struct lnr_str plain, resolved;

	lnr_param_render_as(ctx, i, LNR_BUFFER_PRINTABLE, &plain, &resolved);
	return resolved.len ? resolved : plain;
}

/* Absent when the name could not be read; raw is what the caller passed. */
static bool openat_name(struct lnr_field_ctx *ctx, unsigned dirfd_param, unsigned name_param,
	bool raw, struct lnr_str *ret)
{
	struct lnr_str name = lnr_param_str(ctx->ev, name_param);
	int64_t dirfd;

	if (!name.ptr)
		return false;
	*ret = name;
	if (raw)
		return true;
	if (!lnr_param_s64(ctx->ev, dirfd_param, &dirfd))
		return false;
	*ret = lnr_path_join(ctx->ev->scratch, lnr_at_base(ctx, dirfd, name), name);
	return true;
}

/* An enter event has not failed yet. Calls that make a nameless descriptor have an empty name. */
static bool name_from_event(struct lnr_field_ctx *ctx, bool raw, struct lnr_str *ret)
{
	const struct lnr_event *ev = ctx->ev;

	if (!lnr_event_is_exit(ev))
		return false;
	switch (ev->type) {
	case LNR_EV_SYSCALL_OPEN_X:
		*ret = arg_text(ctx, LNR_P_SYSCALL_OPEN_X_name);
		return true;
	case LNR_EV_SYSCALL_CREAT_X:
		*ret = arg_text(ctx, LNR_P_SYSCALL_CREAT_X_name);
		return true;
	case LNR_EV_SOCKET_ACCEPT_5_X:
		*ret = arg_text(ctx, LNR_P_SOCKET_ACCEPT_5_X_tuple);
		return true;
	case LNR_EV_SOCKET_ACCEPT4_6_X:
		*ret = arg_text(ctx, LNR_P_SOCKET_ACCEPT4_6_X_tuple);
		return true;
	case LNR_EV_SOCKET_CONNECT_X:
		*ret = arg_text(ctx, LNR_P_SOCKET_CONNECT_X_tuple);
		return true;
	case LNR_EV_SYSCALL_OPEN_BY_HANDLE_AT_X:
		*ret = arg_text(ctx, LNR_P_SYSCALL_OPEN_BY_HANDLE_AT_X_path);
		return true;
	case LNR_EV_SYSCALL_OPENAT_2_X:
		return openat_name(ctx, LNR_P_SYSCALL_OPENAT_2_X_dirfd,
			LNR_P_SYSCALL_OPENAT_2_X_name, raw, ret);
	case LNR_EV_SYSCALL_OPENAT2_X:
		return openat_name(
			ctx, LNR_P_SYSCALL_OPENAT2_X_dirfd, LNR_P_SYSCALL_OPENAT2_X_name, raw, ret);
	default:
		*ret = (struct lnr_str){"", 0};
		return true;
	}
}

/* False: no descriptor here, or no name. *ret_fd is NULL when the name is the event's. */
static bool name_of(struct lnr_field_ctx *ctx, struct lnr_fd **ret_fd, struct lnr_str *ret)
{
	if (!lnr_get_fd(ctx, ret_fd))
		return false;
	if (!*ret_fd)
		return name_from_event(ctx, false, ret);
	*ret = lnr_blob_str((*ret_fd)->name);
	return true;
}

/* The text itself, or behind the container's id and a colon when def->user says so. */
#define WITH_CONTAINER 1
static bool give_name(struct lnr_field_ctx *ctx, const struct lnr_field_ref *ref, struct lnr_str s,
	struct lnr_val *ret)
{
	struct lnr_str id;
	struct lnr_text t;

	if (ref->def->user != WITH_CONTAINER)
		return lnr_give_str(ret, ref, s);
	id = lnr_thread_container_id(ctx->ev->thread);
	if (!lnr_text_begin(&t, ctx->ev->scratch, id.len + 1 + s.len))
		return lnr_give_nomem(ctx);
	lnr_text_add(&t, id);
	lnr_text_chr(&t, ':');
	lnr_text_add(&t, s);
	return lnr_give_str(ret, ref, lnr_text_end(&t));
}

LNR_GETTER(get_name)
{
	struct lnr_str s;
	struct lnr_fd *fd;

	return name_of(ctx, &fd, &s) && give_name(ctx, ref, s, ret);
}

static bool is_file(const struct lnr_fd *fd)
{
	return fd->type == LNR_FD_FILE || fd->type == LNR_FD_FILE_V2;
}

/* Up to the last slash; a name that ends in one stays whole. */
static struct lnr_str directory_part(struct lnr_str name)
{
	ptrdiff_t slash = lnr_str_rchr(name, '/');

	if (slash <= 0)
		return LNR_STR("/");
	return (size_t)slash == name.len - 1 ? name : lnr_str_sub(name, 0, (size_t)slash);
}

/* Of a directory it is the directory itself; other kinds of descriptors are in none. */
LNR_GETTER(get_directory)
{
	struct lnr_str s;
	struct lnr_fd *fd;

	if (!name_of(ctx, &fd, &s))
		return false;
	if (!fd || is_file(fd))
		s = directory_part(s);
	else if (fd->type != LNR_FD_DIRECTORY)
		return false;
	return give_name(ctx, ref, s, ret);
}

/*
 * A name without a slash shows "/", and one that ends in a slash the whole name: as the reference.
 */
LNR_GETTER(get_filename)
{
	struct lnr_fd *fd;

	if (!lnr_get_fd(ctx, &fd) || !fd || !is_file(fd))
		return false;
	struct lnr_str name = lnr_blob_str(fd->name);
	ptrdiff_t slash = lnr_str_rchr(name, '/');
	if (slash < 0)
		name = LNR_STR("/");
	else if ((size_t)slash < name.len - 1)
		name = lnr_str_sub(name, (size_t)slash + 1, name.len);
	return lnr_give_str(ret, ref, name);
}

/* Repeated slashes are one. */
static struct lnr_str without_double_slashes(struct lnr_field_ctx *ctx, struct lnr_str s)
{
	struct lnr_text t;

	if (lnr_str_find(s, LNR_STR("//")) < 0)
		return s;
	if (!lnr_text_begin(&t, ctx->ev->scratch, s.len))
		return (struct lnr_str){NULL, 0};
	for (size_t i = 0; i < s.len; i++)
		if (i == 0 || s.ptr[i] != '/' || s.ptr[i - 1] != '/')
			lnr_text_chr(&t, s.ptr[i]);
	return lnr_text_end(&t);
}

/* The path as the caller wrote it, relative or not. */
LNR_GETTER(get_nameraw)
{
	struct lnr_str s;
	struct lnr_fd *fd;

	if (!lnr_get_fd(ctx, &fd))
		return false;
	if (fd)
		s = fd->raw ? lnr_blob_str(fd->raw) : (struct lnr_str){"", 0};
	else if (!name_from_event(ctx, true, &s))
		return false;
	s = without_double_slashes(ctx, s);
	return s.ptr ? lnr_give_str(ret, ref, s) : lnr_give_nomem(ctx);
}

/* --- numbers and types --- */

/* The number the thread used last; there need be no descriptor behind it. */
LNR_GETTER(get_num)
{
	struct lnr_fd *fd;

	return lnr_get_fd(ctx, &fd) && lnr_give_s64(ret, ref, ctx->ev->thread->last_fd);
}

/* Thread id and descriptor number, digits behind digits. */
LNR_GETTER(get_uid)
{
	struct lnr_text t;
	struct lnr_fd *fd;

	if (!lnr_get_fd(ctx, &fd))
		return false;
	if (!lnr_text_begin(&t, ctx->ev->scratch, 2 * LNR_DEC_MAX))
		return lnr_give_nomem(ctx);
	lnr_text_s64(&t, ctx->ev->thread->tid);
	lnr_text_s64(&t, ctx->ev->thread->last_fd);
	return lnr_give_str(ret, ref, lnr_text_end(&t));
}

LNR_GETTER(get_type)
{
	struct lnr_fd *fd;

	return lnr_get_fd(ctx, &fd) && fd && lnr_give_cstr(ret, ref, lnr_fd_type_name(fd->type));
}

/* What the call would have made (fields.md 6, fd.typechar). */
static char typechar_of_event(unsigned type)
{
	switch (type | 1) { /* exit of the pair */
	case LNR_EV_SYSCALL_OPENAT_2_X:
	case LNR_EV_SYSCALL_OPENAT2_X:
	case LNR_EV_SYSCALL_CREAT_X:
		return 'f';
	case LNR_EV_SOCKET_SOCKET_X:
	case LNR_EV_SOCKET_ACCEPT_5_X:
	case LNR_EV_SOCKET_ACCEPT4_6_X:
		return '4';
	case LNR_EV_SYSCALL_PIPE_X:
	case LNR_EV_SYSCALL_PIPE2_X:
		return 'p';
	case LNR_EV_SYSCALL_EVENTFD_X:
	case LNR_EV_SYSCALL_EVENTFD2_X:
		return 'e';
	case LNR_EV_SYSCALL_SIGNALFD_X:
	case LNR_EV_SYSCALL_SIGNALFD4_X:
		return 's';
	case LNR_EV_SYSCALL_TIMERFD_CREATE_X:
		return 't';
	case LNR_EV_SYSCALL_INOTIFY_INIT_X:
	case LNR_EV_SYSCALL_INOTIFY_INIT1_X:
		return 'i';
	default:
		return 'o';
	}
}

LNR_GETTER(get_typechar)
{
	/* One-letter texts to borrow from; every type character is printable ASCII. */
	static const char letters[] = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNO"
				      "PQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
	struct lnr_fd *fd;

	if (!lnr_get_fd(ctx, &fd))
		return false;
	char c = fd ? lnr_fd_typechar(fd->type) : typechar_of_event(ctx->ev->type);
	return lnr_give_str(ret, ref, (struct lnr_str){&letters[c - '!'], 1});
}

/* --- fd.types, fd.types[N] --- */

static int resolve_types(struct lnr_field_ref *ref, struct lnr_arena *arena, struct lnr_err *err)
{
	int64_t n;

	(void)arena;
	if (!ref->has_arg)
		return 0;
	if (lnr_arg_s64(ref->arg, &n) < 0)
		return lnr_fail(err, -EINVAL, "'fd.types' takes a descriptor number, not '%.*s'",
			LNR_STR_ARG(ref->arg));
	ref->has_index = n != -1; /* as the reference marks "no index" */
	ref->index = (uint64_t)n;
	return 0;
}

/*
 * The kinds of all open descriptors of the process, each once, in the order of their numbers; with
 * an index the kind of that one.
 */
LNR_GETTER(get_types)
{
	struct lnr_thread *t = ctx->ev->thread;
	struct lnr_fd *fd;
	uint32_t seen = 0;
	size_t n = 0, pos = 0;

	if (!lnr_get_fd(ctx, &fd))
		return false;
	struct lnr_val *items = lnr_arena_alloc(ctx->ev->scratch, 32 * sizeof(*items));
	if (!items)
		return lnr_give_nomem(ctx);
	if (ref->has_index) {
		fd = lnr_state_fd(ctx->state, t, (int64_t)ref->index);
		if (!fd)
			return false;
		lnr_give_cstr(&items[n++], ref, lnr_fd_type_name(fd->type));
		return lnr_give_list(ret, ref, items, n);
	}
	while ((fd = lnr_state_fd_next(ctx->state, t, &pos)) && n < 32) {
		/* Several types share a name: FILE and FILE_V2, sockets and server sockets. */
		struct lnr_str name = lnr_str_c(lnr_fd_type_name(fd->type));
		uint32_t bit = UINT32_C(1) << (fd->type & 31);
		size_t i = 0;
		if (seen & bit)
			continue;
		seen |= bit;
		while (i < n && !lnr_str_eq(items[i].str, name))
			i++;
		if (i == n)
			lnr_give_str(&items[n++], ref, name);
	}
	return lnr_give_list(ret, ref, items, n);
}

/* --- file facts --- */

LNR_GETTER(get_dev)
{
	struct lnr_fd *fd;

	return lnr_get_fd(ctx, &fd) && fd && lnr_give_s64(ret, ref, fd->dev);
}

/* Linux device numbers as stat(2) has them: twelve bits of major, the rest split around it. */
LNR_GETTER(get_dev_major)
{
	struct lnr_fd *fd;

	return lnr_get_fd(ctx, &fd) && fd && lnr_give_s64(ret, ref, (fd->dev & 0xfff00) >> 8);
}

LNR_GETTER(get_dev_minor)
{
	struct lnr_fd *fd;

	return lnr_get_fd(ctx, &fd) && fd &&
	       lnr_give_s64(ret, ref, (fd->dev & 0xff) | ((fd->dev >> 12) & 0xfff00));
}

LNR_GETTER(get_ino)
{
	struct lnr_fd *fd;

	return lnr_get_fd(ctx, &fd) && fd && lnr_give_s64(ret, ref, (int64_t)fd->ino);
}

/* def->user is a bit of lnr_fd.flags. */
LNR_GETTER(get_flag)
{
	struct lnr_fd *fd;

	return lnr_get_fd(ctx, &fd) && fd &&
	       lnr_give_u64(ret, ref, (fd->flags & (uint32_t)ref->def->user) != 0);
}

/* Only on the event that changed it, a connect of a connected UDP socket for example. */
LNR_GETTER(get_name_changed)
{
	struct lnr_fd *fd;

	return lnr_get_fd(ctx, &fd) && fd && lnr_give_u64(ret, ref, ctx->ev->name_changed);
}

/* --- rows --- */

static const struct lnr_field fields[] = {
	LNR_FIELD_ROW("fd.num", INT64, ID, 0, get_num,
		"Number of the descriptor; -1 when the call failed to make one."),
	LNR_FIELD_ROW("fd.type", CHARBUF, DEC, 0, get_type,
		"Type of the descriptor: file, directory, ipv4, ipv6, unix, pipe, event, signalfd, "
		"eventpoll, inotify, timerfd, netlink, bpf, userfaultfd, io_uring, memfd, pidfd."),
	LNR_FIELD_ROW("fd.typechar", CHARBUF, DEC, 0, get_typechar,
		"Type as one character: f file, d directory, 4 and 6 IP sockets, u unix, p pipe, e "
		"event, s signalfd, l eventpoll, i inotify, t timerfd, n netlink, b bpf, r "
		"io_uring, "
		"m memfd, P pidfd, o unknown."),
	LNR_FIELD_ROW("fd.name", CHARBUF, NA, 0, get_name,
		"What the descriptor stands for: absolute path of a file, addresses and ports of a "
		"connection."),
	LNR_FIELD_ROW("fd.directory", CHARBUF, NA, 0, get_directory,
		"Directory part of a file's name; of a directory the name itself."),
	LNR_FIELD_ROW("fd.filename", CHARBUF, NA, 0, get_filename,
		"Last part of a file's name, without the directory."),
	LNR_FIELD_ROW("fd.uid", CHARBUF, NA, 0, get_uid,
		"Thread id directly followed by the descriptor's number: one text per descriptor."),
	LNR_FIELD_ROW("fd.containername", CHARBUF, NA, 0, get_name,
		"Container id, a colon and fd.name: tells files of containers apart.",
		.user = WITH_CONTAINER),
	LNR_FIELD_ROW("fd.containerdirectory", CHARBUF, NA, 0, get_directory,
		"Container id, a colon and fd.directory.", .user = WITH_CONTAINER),
	LNR_FIELD_ROW("fd.connected", BOOL, NA, 0, get_flag, "True for a connected socket.",
		.user = LNR_FDF_CONNECTED),
	LNR_FIELD_ROW("fd.name_changed", BOOL, NA, 0, get_name_changed,
		"True when this event changed fd.name, as the first datagram of a socket does."),
	LNR_FIELD_ROW("fd.dev", INT32, HEX, 0, get_dev,
		"Device number of the file system that has the file, in hexadecimal."),
	LNR_FIELD_ROW(
		"fd.dev.major", INT32, DEC, 0, get_dev_major, "Major part of that device number."),
	LNR_FIELD_ROW(
		"fd.dev.minor", INT32, DEC, 0, get_dev_minor, "Minor part of that device number."),
	LNR_FIELD_ROW("fd.ino", INT64, DEC, 0, get_ino, "Inode number of the file."),
	LNR_FIELD_ROW("fd.nameraw", CHARBUF, NA, 0, get_nameraw,
		"Path of the file as it was given to the call, only repeated slashes removed."),
	LNR_FIELD_ROW("fd.types", CHARBUF, DEC,
		LNR_FIELD_LIST | LNR_FIELD_NO_RHS | LNR_FIELD_ARG_ALLOWED, get_types,
		"Types of all descriptors that the process has open, each once; with a number in "
		"brackets the type of that one.",
		.resolve = resolve_types),
	LNR_FIELD_ROW("fd.is_upper_layer", BOOL, NA, 0, get_flag,
		"True for a file in the upper layer of an overlay file system: added or changed in "
		"the "
		"container.",
		.user = LNR_FDF_UPPER_LAYER),
	LNR_FIELD_ROW("fd.is_lower_layer", BOOL, NA, 0, get_flag,
		"True for a file in the lower layer of an overlay file system: it comes from the "
		"image.",
		.user = LNR_FDF_LOWER_LAYER),
	{},
};

const struct lnr_field_class lnr_field_class_fd = {
	.name = "fd",
	.short_desc = "",
	.desc = "The descriptor that a call creates, uses or closes, and what it stands for: a "
		"file, a connection, a pipe.",
	.source = "syscall",
	.order = 60,
	.fields = fields,
};
