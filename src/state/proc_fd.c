/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of a process, read from /proc/PID/fd and fdinfo (spec 8.3). */
#include "state/proc_priv.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/util.h"

/* Open flags from the kernel's numbering to that of records (spec 5.1). */
static uint32_t open_flags(uint64_t native)
{
	static const struct {
		uint32_t native, flag;
	} map[] = {
		{O_CREAT, LNR_O_CREAT},
		{O_APPEND, LNR_O_APPEND},
		{O_DSYNC, LNR_O_DSYNC},
		{O_EXCL, LNR_O_EXCL},
		{O_NONBLOCK, LNR_O_NONBLOCK},
		{O_SYNC, LNR_O_SYNC},
		{O_TRUNC, LNR_O_TRUNC},
		{O_DIRECT, LNR_O_DIRECT},
		{O_DIRECTORY, LNR_O_DIRECTORY},
		{0100000, LNR_O_LARGEFILE}, /* 0 to programs on 64 bits, but set by the kernel */
		{O_CLOEXEC, LNR_O_CLOEXEC},
		{O_TMPFILE, LNR_O_TMPFILE},
	};
	uint32_t r = (native & O_ACCMODE) == O_WRONLY ? LNR_O_WRONLY
		     : (native & O_ACCMODE) == O_RDWR ? LNR_O_RDWR
						      : LNR_O_RDONLY;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(map); i++)
		if (native & map[i].native)
			r |= (uint32_t)map[i].flag;
	return r;
}

/* "flags:" and "mnt_id:" stand in the first lines. */
static void read_fdinfo(struct lnr_proc *p, int dir, struct lnr_fd *fd)
{
	char name[40];
	snprintf(name, sizeof(name), "fdinfo/%d", fd->num);
	ssize_t n = lnr_proc_read(p, dir, name, 512, NULL);
	struct lnr_str text = {p->buf, n < 0 ? 0 : (size_t)n}, line;
	while (text.len && lnr_str_split(&text, '\n', &line)) {
		uint64_t v = 0;
		if (lnr_str_starts(line, LNR_STR("flags:"))) {
			struct lnr_str rest = lnr_str_sub(line, 6, line.len);
			struct lnr_str octal = lnr_proc_word(&rest);
			for (size_t i = 0; i < octal.len; i++)
				v = v << 3 | ((unsigned)octal.ptr[i] & 7);
			fd->open_flags = open_flags(v);
		} else if (lnr_str_starts(line, LNR_STR("mnt_id:"))) {
			struct lnr_str rest = lnr_str_sub(line, 7, line.len);
			if (!lnr_str_u64(lnr_proc_word(&rest), &v))
				fd->mount_id = (uint32_t)v;
			return;
		}
	}
}

/* Names that anon_inode_getfile() was called with in the kernel. */
static int anon_type(struct lnr_str name)
{
	static const struct {
		struct lnr_str name;
		int type;
	} map[] = {
		{LNR_STR("[eventfd]"), LNR_FD_EVENT},
		{LNR_STR("[eventpoll]"), LNR_FD_EVENTPOLL},
		{LNR_STR("inotify"), LNR_FD_INOTIFY},
		{LNR_STR("[signalfd]"), LNR_FD_SIGNALFD},
		{LNR_STR("[timerfd]"), LNR_FD_TIMERFD},
		{LNR_STR("[io_uring]"), LNR_FD_IOURING},
		{LNR_STR("[userfaultfd]"), LNR_FD_USERFAULTFD},
		{LNR_STR("[pidfd]"), LNR_FD_PIDFD},
		{LNR_STR("bpf-map"), LNR_FD_BPF},
		{LNR_STR("bpf-prog"), LNR_FD_BPF},
		{LNR_STR("bpf-link"), LNR_FD_BPF},
		{LNR_STR("bpf_iter"), LNR_FD_BPF},
	};
	for (size_t i = 0; i < LNR_ARRAY_SIZE(map); i++)
		if (lnr_str_eq(name, map[i].name))
			return map[i].type;
	return LNR_FD_UNSUPPORTED;
}

/* "pipe:[123]" → 123 */
static bool link_inode(struct lnr_str link, struct lnr_str kind, uint64_t *ret)
{
	if (!lnr_str_starts(link, kind) || !lnr_str_ends(link, LNR_STR("]")))
		return false;
	return !lnr_str_u64(lnr_str_sub(link, kind.len, link.len - 1), ret);
}

/* As the kernel packs numbers for records (new_encode_dev() in include/linux/kdev_t.h). */
static uint32_t encode_dev(dev_t dev)
{
	unsigned maj = major(dev), min = minor(dev);
	return (min & 0xff) | maj << 8 | (min & ~0xffu) << 12;
}

/* A name in the file system: what it is, the inode says. */
static void set_file(int fd_dir, const char *entry, struct lnr_fd *fd)
{
	struct stat sb;
	fd->type = LNR_FD_FILE_V2;
	if (fstatat(fd_dir, entry, &sb, 0))
		return;
	fd->ino = sb.st_ino;
	switch (sb.st_mode & S_IFMT) {
	case S_IFDIR:
		fd->type = LNR_FD_DIRECTORY;
		break;
	case S_IFIFO:
		fd->type = LNR_FD_FIFO;
		break;
	case S_IFREG:
	case S_IFBLK:
	case S_IFCHR:
	case S_IFLNK:
		fd->dev = encode_dev(sb.st_dev);
		break;
	default:
		fd->type = LNR_FD_UNSUPPORTED;
	}
}

/* What the link says, into `fd`; the name goes to *ret_name. False: a socket nobody lists. */
static bool describe(struct lnr_state *st, int dir, int fd_dir, const char *entry,
	struct lnr_str link, bool sockets, struct lnr_fd *fd, struct lnr_str *ret_name)
{
	static const struct lnr_str anon = LNR_STR("anon_inode:");
	uint64_t ino;
	*ret_name = link;
	if (link_inode(link, LNR_STR("pipe:["), &ino)) {
		fd->type = LNR_FD_FIFO;
		fd->ino = ino;
	} else if (link_inode(link, LNR_STR("socket:["), &ino)) {
		*ret_name = LNR_STR("");
		return sockets && lnr_proc_socket(st->proc, dir, ino, st, fd);
	} else if (lnr_str_starts(link, anon)) {
		fd->type = (int8_t)anon_type(lnr_str_sub(link, anon.len, link.len));
		*ret_name = LNR_STR("");
	} else if (lnr_str_starts(link, LNR_STR("/memfd:"))) {
		struct stat sb;
		fd->type = LNR_FD_MEMFD;
		if (!fstatat(fd_dir, entry, &sb, 0))
			fd->ino = sb.st_ino;
	} else {
		set_file(fd_dir, entry, fd);
	}
	return true;
}

static void add_entry(struct lnr_state *st, struct lnr_task *k, int dir, int fd_dir,
	const char *entry, int64_t num, bool sockets)
{
	/* The buffer behind the link is used again for the files below. */
	char path[LNR_STATE_PATH_BYTES_MAX];
	struct lnr_str link = lnr_proc_link(st->proc, fd_dir, entry), name;
	if (!link.len || num != (int32_t)num)
		return;
	memcpy(path, link.ptr, link.len);
	link.ptr = path;
	struct lnr_fd tmp = {.num = (int32_t)num, .type = LNR_FD_UNINITIALIZED};
	if (!describe(st, dir, fd_dir, entry, link, sockets, &tmp, &name))
		return;
	read_fdinfo(st->proc, dir, &tmp);
	/* Other kinds have flags of their own numbering, which their calls set. */
	if (tmp.type != LNR_FD_FILE_V2 && tmp.type != LNR_FD_DIRECTORY)
		tmp.open_flags &= LNR_O_CLOEXEC | LNR_O_NONBLOCK;
	struct lnr_fd *fd = lnr_state_add_fd(st, &k->t, num);
	if (fd) {
		tmp.flags |= LNR_FDF_FROM_PROC | LNR_FDF_FRESH;
		lnr_fd_copy(fd, &tmp);
		if (name.len)
			lnr_state_set_blob(st, &fd->name, name);
	}
	lnr_blob_unref(tmp.name);
}

/* What is opened or closed meanwhile may be missed or stay; its own events put that right. */
void lnr_proc_add_fds(struct lnr_state *st, struct lnr_task *k, int dir, bool sockets)
{
	int fd_dir = lnr_proc_dir(dir, "fd");
	DIR *list = fd_dir < 0 ? NULL : fdopendir(fd_dir);
	if (!list) {
		if (fd_dir >= 0)
			close(fd_dir);
		return;
	}
	struct dirent *d;
	uint64_t num;
	while ((d = readdir(list)))
		if (!lnr_str_u64(lnr_str_c(d->d_name), &num))
			add_entry(st, k, dir, fd_dir, d->d_name, (int64_t)num, sockets);
	closedir(list);
	k->t.last_fd = -1;
}

void lnr_proc_add_fd(struct lnr_state *st, struct lnr_task *k, int dir, int64_t num)
{
	char entry[24];
	LNR_AUTO_CLOSE int fd_dir = lnr_proc_dir(dir, "fd");
	snprintf(entry, sizeof(entry), "%lld", (long long)num);
	if (fd_dir >= 0)
		add_entry(st, k, dir, fd_dir, entry, num, true);
}
